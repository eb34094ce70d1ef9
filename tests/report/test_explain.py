"""The staff's explanation of one question: both sides of every comparison, and no way for a student to steer it."""

from __future__ import annotations

import io

import pytest
import report_samples as samples
from rich.console import Console

from autograder.errors import CourseError
from autograder.report.explain import render_explanation


def printed(report, question: str, width: int = 140) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(render_explanation(report, question))
    return console.export_text()


def test_both_sides_and_the_assertion():
    text = printed(samples.everything(), "softplus")
    (line,) = [line for line in text.splitlines() if samples.SECRET in line]
    assert line.index("[inf 0.]") < line.index(samples.SECRET), "the student's on the left, the reference on the right"
    for expected in (
        samples.STAFF,
        "off by inf",
        "x = Array([ 800., -800.]",
        samples.REVIEW,
        "1 / 2 partial",
        "✓ Test::test_values",
    ):
        assert expected in text, expected


def test_a_whole_notebook_folds_what_passed():
    text = printed(samples.everything(), "")
    for question in samples.ASSIGNMENT.questions:
        assert f"{question.id}: " in text
    assert "off by inf" in text and samples.STAFF in text, "what failed is shown as ever"
    assert any(line.startswith("✓ Test::test_values") for line in text.splitlines()), "a line, no panel"
    unfolded = io.StringIO()
    Console(width=140, file=unfolded).print(render_explanation(samples.everything(), "", everything=True))
    assert unfolded.getvalue().count("╭") > text.count("╭")


@pytest.mark.parametrize("width", [60, 80])
def test_where_there_is_no_room_for_two_columns_values_stand_below_each_other(width):
    text = printed(samples.everything(), "softplus", width)
    assert max(map(len, text.splitlines())) <= width
    got, expected = text.index("[inf 0.]"), text.index(samples.SECRET)
    assert got < expected and "\n" in text[got:expected], "the student's first, the reference on a line of its own"


def test_only_the_question_asked_for():
    assert "initialise is not defined" not in printed(samples.everything(), "softplus")
    assert "blocked by forward" in printed(samples.everything(), "backprop")


def test_cells_that_stopped_are_named():
    assert "cell 21 deadline" in printed(samples.everything(), "train")


def test_what_a_student_wrote_is_text():
    text = printed(samples.hostile(), "softplus")
    assert "\x1b" not in text and "\u202e" not in text and "owned" not in text and "\\u202e" in text


def test_a_question_that_is_not_there():
    with pytest.raises(CourseError, match="Choose one of: softplus, forward"):
        render_explanation(samples.everything(), "softmax")
    with pytest.raises(CourseError, match="the file is empty"):
        render_explanation(samples.unreadable(), "softplus")
