"""A sample of the corpus in the tier of this machine, and (slow) all of it in every tier: see `make security`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from corpus import CORPUS, SAMPLE
from machine import needs_root

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
