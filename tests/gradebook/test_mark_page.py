"""`autograder mark` as a TA uses it: a real server, real requests, and what is on every page afterwards."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import nbformat
import pytest
from grading_commands import SUITE, autograder, reports
from marking_desk import desk, hand_in_and_grade
from small_term import LAB


@pytest.fixture
def graded(term, tmp_path):
    folder = tmp_path / "in"
    hand_in_and_grade(term, folder)
    return term, folder


def given(course) -> dict[str, tuple[str, str]]:
    with open(course.root / "grades/week01/lab/manual.csv", newline="", encoding="utf-8") as file:
        return {r["student"]: (r["points"], r["comment"]) for r in csv.DictReader(file)}


def column(course, name: str) -> dict[str, str]:
    with open(course.root / "grades/week01/lab/grades.csv", newline="", encoding="utf-8") as file:
        return {r["student"]: r[name] for r in csv.DictReader(file)}


def test_a_ta_marks_a_class_and_no_regrade_loses_a_mark(graded):
    course, folder = graded
    results = course.root / "grades/week01/lab"
    with desk(course) as ta:
        status, first, _ = ta.ask(ta.base)
        assert status == 303 and first.endswith("/why/ada"), "the first that waits"
        page = ta.open("ada")
        assert "<script>document" not in page and "x.example" not in page and "<em>Because</em>" in page
        assert "<strong>3 points</strong> for a reason" in page and "Because addition commutes." in page
        status, on, _ = ta.mark("ada", "2,5", 'Why "always"?\n\n=Say more.')
        assert status == 303 and "/why/bob" in on
        feedback = (results / "feedback/ada.html").read_text()
        assert "6.5<small> / 7" in feedback and "=Say more." in feedback, "at once"
        status, on, _ = ta.mark("bob", "0")
        assert "/why/cy" in on
        assert "dan" in ta.open("cy") and "nothing written: 0 points" in ta.open("dan")
        status, _, page = ta.mark("cy", "3.5", "Long words <b>kept</b>.")
        assert status == 422 and "is no number of points: write 0 to 3" in page and "Long words &lt;b&gt;kept" in page
        code, said = ta.stop()
    assert code == 3 and "why: 1 of 4 answers waits" in said and "eve" in said, said
    assert given(course) == {"ada": ("2.5", 'Why "always"?\n\n=Say more.'), "bob": ("0", "")}
    assert column(course, "why") == {"ada": "2.5", "bob": "0", "cy": "", "dan": "0", "eve": ""}
    assert "1 waits for a person" in (results / "class.html").read_text()

    # The suite is edited, everything is graded anew, and one of them hands in another answer.
    course.write_suite(1, SUITE.replace("Each entry is tripled.", "Every entry is tripled."))
    bob = nbformat.read(folder / "bob.ipynb", 4)
    next(c for c in bob.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "why").source = "bob thinks again."
    nbformat.write(bob, folder / "bob.ipynb")
    again = autograder(course, "grade", LAB, "--from", folder)
    assert "why: the answer is not the one any more that a person marked; the mark stays: bob" in " ".join(again.stdout.split())
    assert column(course, "why") == {"ada": "2.5", "bob": "0", "cy": "", "dan": "0", "eve": ""}
    with desk(course) as ta:
        assert "changed since it was marked" in ta.open("bob") and "bob thinks again." in ta.open("bob")
        assert "/why/cy" in ta.mark("bob", "3")[1]
        assert ta.mark("cy", "1")[0] == 303
        assert ta.mark("ada", "", "")[0] == 303, "taken back"
        assert ta.stop()[0] == 3
    assert column(course, "why") == {"ada": "", "bob": "3", "cy": "1", "dan": "0", "eve": ""}
    assert {s: r["mark"]["counted"] for s, r in reports(course).items() if s in ("bob", "cy")} == {"bob": 7.0, "cy": 5.0}


def test_only_whoever_has_the_address_reaches_it_and_two_people_do_not_overwrite_each_other(graded):
    course, _ = graded
    manual = course.root / "grades/week01/lab/manual.csv"
    manual.write_text("SID;why\ncy;1\n")
    with desk(course) as ta:
        for path in ("/", "/why/ada", f"{ta.base[:-2]}/why/ada", "/../etc/passwd", "//"):
            assert ta.ask(path)[0] == 403, path
        assert ta.ask(f"{ta.base}why/ada", Host="evil.example")[0] == 421
        assert ta.ask(f"{ta.base}why/nobody")[0] == 404 and ta.ask(f"{ta.base}double/ada")[0] == 404
        assert ta.ask("/why/ada", {"points": "3", "comment": "", "was": ""})[0] == 403
        assert ta.host.startswith("127.0.0.1:")
        old = re.search(r'name="was" value="(\w+)"', ta.open("ada"))[1]
        with desk(course) as other:
            assert other.mark("ada", "2", "Hm.")[0] == 303
        status, _, page = ta.ask(f"{ta.base}why/ada", {"points": "3", "comment": "", "was": old})
        assert status == 422 and "somebody gave 2, “Hm.”" in page
        assert ta.ask(f"{ta.base}why/ada", {"points": "3", "comment": "x" * 500_000, "was": old})[0] == 413
        assert ta.mark("ada", "3")[0] == 303
        ta.stop()
    assert given(course) == {"ada": ("3", ""), "cy": ("1", "")}
    assert Path(manual.parent / "manual-as-it-was-1.csv").read_text() == "SID;why\ncy;1\n"


def test_mistakes_are_one_paragraph(term):
    for words, says in (
        (("mark", LAB), "Grade first"),
        (("mark", "week09/lab"), "has no week 9"),
        (("mark", LAB, "--question", "none"), "it has double, triple, why"),
    ):
        done = autograder(term, *words)
        assert done.returncode == 1 and says in done.stderr and "Traceback" not in done.stderr, done.stderr
