"""A sample of the corpus in the tier of this machine, and (slow) all of it in every tier: see `make security`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from controls import what_is_missing
from corpus import CORPUS, SAMPLE
from machine import needs_root
from needs import NEEDS, Need, missing
from records import Attack
from security import in_words, shortcomings, summarise

HERE = Path(__file__).parent
GROUPS = {"read", "forge", "exhaust", "outlive", "escape", "poison", "smuggle"}


def test_the_corpus_has_every_class_and_no_name_twice():
    counts = Counter(a.group for a in CORPUS)
    assert set(counts) == GROUPS and min(counts.values()) >= 10 and len(CORPUS) >= 80
    assert len({a.name for a in CORPUS}) == len(CORPUS)
    assert {a.group for a in SAMPLE} == GROUPS


def test_a_sample_gains_nothing_and_harms_nobody(tmp_path):
    """In a process of its own, as it counts the processes that are left."""
    out = tmp_path / "results.json"
    done = subprocess.run([sys.executable, HERE / "run_tier.py", out, "--sample"], capture_output=True, text=True, check=False)
    assert out.exists(), done.stderr[-2000:]
    results = json.loads(out.read_text())
    assert len(results) == len(SAMPLE)
    assert {r["name"]: r["problems"] for r in results if r["problems"]} == {}


def test_every_need_of_an_attack_can_be_asked_of_the_machine(monkeypatch):
    assert {need for attack in CORPUS for need in attack.needs} == set(NEEDS)
    monkeypatch.setitem(NEEDS, "wings", Need("a machine that flies", lambda: False))
    monkeypatch.setitem(NEEDS, "air", Need("air", lambda: os.listdir("/nowhere")))
    monkeypatch.setitem(NEEDS, "ground", Need("ground", lambda: True))
    assert missing(("ground",)) == "" and missing(("ground", "wings")) == "a machine that flies" and missing(("air",)) == "air"


@needs_root  # the naive grader's container
def test_what_this_machine_lacks_is_asked_as_an_ordinary_user(monkeypatch):
    monkeypatch.setitem(NEEDS, "root", Need("to be root", lambda: os.geteuid() == 0))
    asked = [what_is_missing(Attack("x", "escape", "score", needs=needs)) for needs in ((), ("system v",), ("system v", "root"))]
    assert asked == ["", "", "to be root"]


def result(name: str, tier: str, *problems: str, status: str = "graded") -> dict:
    harms = dict.fromkeys(("forged", "leaked", "neighbours_changed", "left_behind"), False)
    return {"name": name, "tier": tier, "problems": list(problems), "status": status, "seconds": 1, "memory": 1, **harms}


def test_the_end_of_the_run_says_in_words_what_fell_short():
    controls = {"one": True, "two": True, "three": False}
    tiers = {t: [result(name, t) for name in controls] for t in "AB"}

    def said(left_out=(), tried=controls, by_tier=tiers) -> tuple[list[str], str]:
        summary = summarise(controls, dict(left_out), by_tier)
        short = shortcomings(summary, controls, set(tried))
        return short, in_words(summary, short)

    short, words = said({"three": "a kernel with wings"})
    assert short == [] and "three needs a kernel with wings" in words and words.endswith("the status is 0.")
    short, words = said()
    assert len(short) == 1 and "1 attack won nothing on the naive grader" in short[0] and "three" in short[0]
    assert "6 of 6 results held" in words and words.endswith("So the status is 1.")
    short, _ = said(tried=["one", "three"])
    assert any("1 attack not tried on the naive grader: two" in line for line in short)
    bad = {"A": [result("one", "A", "score 3"), result("two", "A", "ended", status="lost"), result("three", "A")], "B": []}
    short, words = said({"three": "wings"}, by_tier=bad)
    assert "Tier A did not hold against 1 attack: one." in words and "did not start, or ended, at 1 attack: two." in words
    assert "Tier B has no result for 3 attacks: one, three, two." in words and len(short) == 3


@needs_root  # the naive grader's container
def test_the_naive_grader_falls_to_the_sample(tmp_path):
    """The positive controls: without these, a corpus of typing mistakes would pass."""
    out = tmp_path / "controls.json"
    environment = {**os.environ, "TOKEN": "environ-marker-0000dddd", "OPENBLAS_NUM_THREADS": "1"}
    names = [a.name for a in SAMPLE]
    done = subprocess.run([sys.executable, HERE / "controls.py", out, *names], env=environment, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert out.exists(), done.stderr[-2000:]
    assert json.loads(out.read_text()) == dict.fromkeys(names, True), done.stdout


@pytest.mark.slow
@needs_root
def test_the_whole_corpus_in_every_tier():
    done = subprocess.run([sys.executable, HERE / "security.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:]
    said = json.loads((HERE.parents[1] / "build" / "security.json").read_text())
    assert said["attacks"] == said["controls_succeeded"] >= 80 and said["tiers"] == ["A", "B", "C"]
    assert (said["forged"], said["leaked"], said["neighbours_changed"], said["left_behind"]) == (0, 0, 0, 0)
