"""The same notebook, another tier, the same mark: what once differed on every commit, and (slow) every answer there is."""

from __future__ import annotations

import subprocess
import sys

import pytest
from machine import needs_root
from tier_marks import HERE, differences, every_answer, grade_in

# Both lost marks where a jail could not read /proc/cpuinfo: XLA's convolutions and products of batches failed.
SAMPLE = ("week08/lab solution:train", "week12/lab solution:langevin_sgd")


@needs_root
@pytest.mark.parametrize("tier", ["B", "C"])
def test_right_answers_that_ask_much_of_the_processor_get_everything(tier):
    results = {name: {tier: result} for name, result in grade_in(tier, SAMPLE)}
    assert set(results) == set(SAMPLE) and differences(results) == []


def test_a_difference_is_found_whatever_it_is():
    right = {"questions": {"q": [2.0, 2.0]}, "tests": {"t": "passed"}, "messages": {}, "reason": ""}
    less = {"questions": {"q": [1.0, 2.0]}, "tests": {"t": "failed"}, "messages": {"t": "Your code raised."}, "reason": ""}
    assert differences({"week08/lab wrong_stride": {"A": less, "B": less}}) == []
    assert "Your code raised" in differences({"week08/lab wrong_stride": {"A": right, "B": less}})[0]
    assert "tier A" in differences({"week08/lab right_own": {"A": less, "B": less}})[0], "right answers get everything"
    same_marks = {**right, "tests": {"t": "failed"}}
    assert differences({"week08/lab wrong_stride": {"A": right, "B": same_marks}}), "by another way to the same mark"
    assert differences({"week08/lab stub": {"A": right, "C": {"lost": "the worker ended"}}})


def test_every_notebook_of_the_course_is_compared():
    from autograder.course import load_course

    compared = {name.split(" ")[0] for name in every_answer(accepted_only=True)}
    assert compared == set(load_course(HERE.parents[1]).assignments())


@pytest.mark.slow
@needs_root
def test_every_answer_gets_the_same_marks_in_every_tier():
    done = subprocess.run([sys.executable, str(HERE / "tier_marks.py")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
