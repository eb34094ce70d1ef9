"""What is published, what is held back, and marks that a person gives while a class is graded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_term import LAB

from autograder.grading.store import Store
from autograder.marks.by_people import MANUAL_FILE, HandMark, read_hand_marks, save_hand_mark
from autograder.model import Outcome, QuestionResult, Report, Status, Submission
from autograder.results.last_run import LastRun, class_of_last_run, write_last_run
from autograder.results.publishing import Publisher, final_of

QUESTIONS = {"double": 2.0, "why": 3.0}


def report(student: str, double: float = 2.0) -> Report:
    code = QuestionResult("double", "Double", 2.0, double, Outcome.PASSED)
    written = QuestionResult("why", "Why", 3.0, None, Outcome.MANUAL)
    return Report(LAB, "Week 1 lab", Submission(student, f"{student}.ipynb"), Status.GRADED, (code, written))


@pytest.fixture
def publisher(term) -> Publisher:
    store = Store(term.root / "grades" / LAB)
    final = final_of(term.load(), store, QUESTIONS)
    return Publisher(final, store, final.given.signature())


def scores(publisher: Publisher) -> dict[str, float]:
    return {r.submission.student: r.score for r in publisher.store.load()}


def test_a_mark_that_comes_while_a_class_is_graded_reaches_who_was_published_before(publisher):
    publisher.publish(report("ada"))
    assert not publisher.marked_meanwhile()
    for student in ("ada", "bob"):
        save_hand_mark(publisher.store.folder / MANUAL_FILE, student, "why", HandMark(1.5, "Half."), QUESTIONS)
    assert publisher.publish(report("bob")).score == 3.5
    assert publisher.marked_meanwhile() and scores(publisher) == {"ada": 2.0, "bob": 3.5}
    assert [r.submission.student for r in publisher.renewed()] == ["ada"]
    assert scores(publisher) == {"ada": 3.5, "bob": 3.5}
    assert "Half." in publisher.store.feedback_path(report("ada")).read_text()


def test_what_would_lower_a_mark_waits_and_what_was_released_is_published(publisher):
    publisher.publish(report("ada"))
    assert publisher.publish(report("ada", 1.0)).score == 2.0 and scores(publisher) == {"ada": 2.0}
    assert [c.student for c in publisher.comparison().students if c.lowers] == ["ada"]
    assert [r.score for r in publisher.release()] == [1.0] and scores(publisher) == {"ada": 1.0}
    assert list(publisher.waiting.load()) == []
    # A person's mark is what a regrade cannot lower.
    save_hand_mark(publisher.store.folder / MANUAL_FILE, "ada", "double", HandMark(2.0), QUESTIONS)
    publisher.publish(report("ada", 1.0))
    assert publisher.publish(report("ada", 0.0)).score == 2.0 and not publisher.held
    stored = publisher.store.load_one("ada").questions[0]
    assert (stored.score, stored.machine_score, stored.by_person) == (2.0, 0.0, True)


def test_whoever_is_not_of_the_class_is_moved_aside_once_and_comes_back(publisher):
    store = publisher.store
    for student in ("ada", "bob/..", "cy"):
        publisher.publish(report(student))
    (store.folder / "feedback/renamed-long-ago.html").write_text("stale")
    assert store.set_aside({"ada"}) == ("bob/..", "cy")
    assert {p.name for p in (store.folder / "feedback").iterdir()} == {"ada.html"}
    assert store.set_aside({"ada"}) == ()
    publisher.publish(report("cy"))
    assert [r.submission.student for r in store.aside().load()] == ["bob/.."]
    write_last_run(store.folder, LastRun(students=("cy", "dot")))
    assert [r.submission.student for r in class_of_last_run(store)] == ["cy"]


@pytest.mark.parametrize(
    "comment", ["=1+1", "'quoted'", "a;b,c\t|\n\n\"so\"", "é – 学", "  spaces  ", "-", "\r\nlines\r\n", "x" * 5000]
)
def test_whatever_is_typed_comes_back(tmp_path, comment):
    file = tmp_path / MANUAL_FILE
    save_hand_mark(file, "=odd, \"id\"", "why", HandMark(0.25, comment, "abc"), QUESTIONS)
    for n in range(3):
        save_hand_mark(file, f"s{n}", "why", HandMark(None, "only words"), QUESTIONS)
    marks, _ = read_hand_marks(file, QUESTIONS)
    found = marks['=odd, "id"']["why"]
    assert (found.points, found.answer) == (0.25, "abc")
    assert found.comment.split() == comment.split() and marks["s1"]["why"] == HandMark(None, "only words")
    save_hand_mark(file, "s1", "why", None, QUESTIONS)
    assert "s1" not in read_hand_marks(file, QUESTIONS)[0]
    assert replace(found, comment="") == HandMark(0.25, "", "abc")
