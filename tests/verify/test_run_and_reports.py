"""The whole command on a small week: worker processes, exit status, terminal, JSON and page."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from small_course import ROOT, SmallCourse
from verify_samples import QUESTIONS, WEAK

from autograder.course import load_course
from autograder.errors import AuthoringError, CourseError
from autograder.grading.suite_file import Suite
from autograder.verify.checks_table import summary, write
from autograder.verify.page import render_week
from autograder.verify.records import AnswerResult, Fate, MutantResult, Problem, QuestionVerdict, SeedRun, Verdict
from autograder.verify.run import verify
from autograder.verify.session import with_suite
from autograder.verify.workshop import Options

GOOD = '''
@question("double", reference="NumPy")
class TestDouble:
    def test_values(self, student, rng):
        """Twice x, in any shape."""
        x = rng.normal(size=(2, 3))
        assert_close(student.double(x), 2 * x)
'''

WRONG = '''"""Half of it.

question: double
kind: usual
fails: TestDouble::test_values
"""


def double(x):
    return x / 2
'''


@pytest.fixture
def own_build(small_course):
    """The small course with a build folder of its own: only what is expensive to make is shared."""
    build = small_course.root / "build"
    build.unlink()
    build.mkdir()
    for name in ("stage", "fonts"):
        (ROOT / "build" / name).mkdir(parents=True, exist_ok=True)
        (build / name).symlink_to(ROOT / "build" / name)
    return small_course


def command(course: SmallCourse, *arguments: str) -> subprocess.CompletedProcess:
    run = [sys.executable, "-m", "autograder.cli", "verify", *arguments]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "COLUMNS": "150", "HOME": str(course.root)}
    return subprocess.run(run, cwd=course.root, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_the_command_on_a_good_and_a_weak_week(own_build):
    small_course = own_build
    small_course.add(47, {"double": "def double(x):\n    return 2.0 * x"}, GOOD)
    small_course.add(48, QUESTIONS, WEAK)
    small_course.write_answer(47, "right_sum", '"""A sum."""\n\n\ndef double(x):\n    return x + x\n')

    good = command(small_course, "week47", "--seeds", "3", "--json", "good.json", "--workers", "1")
    assert good.returncode == 0, good.stdout + good.stderr
    assert "nothing to mend" in good.stdout and "0 false fails: 2 right answers" in good.stdout
    data = json.loads((small_course.root / "good.json").read_text())["notebooks"][0]
    assert data["trusted"] and data["questions"][0]["score"] == 1.0 and data["seeds"] == 3
    assert data["false_fail_bound"] == pytest.approx(1 - 0.05 ** (1 / 3))
    page = (small_course.root / "build" / "verify" / "week47.html").read_text()
    assert "nothing to mend" in page

    small_course.write_answer(47, "wrong_half", WRONG)
    checks = command(small_course, "week47", "--checks", "docs/checks.md", "--workers", "1")
    assert checks.returncode == 1 and "wrong_half: is a usual slip" in checks.stdout, checks.stdout + checks.stderr
    assert "| double | half | usual | **passes** | 1 of 1 | 2 of 2 |" in (small_course.root / "docs/checks.md").read_text()

    weak = command(small_course, "48/lab", "--question", "step", "--seeds", "2")
    assert not (small_course.root / "build" / "verify" / "week48.html").exists()  # a part is no page
    assert weak.returncode == 1
    assert "theta + rate * slope" in weak.stdout and "earns 100% of the points" in weak.stdout
    lenient = command(small_course, "48/lab", "--question", "step", "--sample", "--fail-under", "0")
    assert lenient.returncode == 1  # the score is not all there is
    unknown = command(small_course, "48", "--question", "stap")
    assert unknown.returncode == 1 and "There is no question 'stap'" in unknown.stderr


def test_a_file_that_cannot_be_written_is_named_before_the_run(own_build):
    own_build.add(47, {"double": "def double(x):\n    return 2.0 * x"}, GOOD)
    for option in ("--json", "--checks"):
        done = command(own_build, "week47", option, "nowhere/found.json", "--workers", "1")
        assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
        assert "there is no folder" in done.stderr and "nowhere" in done.stderr and not done.stdout, done.stdout


def test_a_mistake_of_the_author_reaches_the_caller_from_a_worker(own_build):
    small_course = own_build
    small_course.add(49, {"double": "def double(x):\n    return 2.0 * x"}, GOOD)
    (small_course.root / "solutions" / "week49_small" / "equivalent.toml").write_text("[[mutant]]\nid = 'a'\n")
    with pytest.raises(AuthoringError, match="needs cell, id"):
        verify(load_course(small_course.root), ["week49/lab"], Options(seeds=1, mutants=2), workers=1)
    with pytest.raises(CourseError, match="There is no question 'other'"):
        verify(load_course(small_course.root), ["week49/lab"], Options(only=("other",)))


def test_an_error_in_the_driver_is_not_swallowed_by_pytest(small_course):
    small_course.add(50, {"double": "def double(x):\n    return 2.0 * x"}, GOOD)
    suite = Suite.read(small_course.root / "solutions" / "week50_small" / "hidden" / "test_lab.py")
    with pytest.raises(ZeroDivisionError):
        with_suite(suite, lambda opened: 1 / 0)
    assert with_suite(suite, lambda opened: [c.id for c in opened.of("double")]) == ["TestDouble::test_values"]
    assert with_suite(suite, lambda opened: opened.of("nothing")) == ()


def test_a_suite_that_cannot_be_imported_is_the_authors_mistake(small_course):
    small_course.add(50, {"double": "def double(x):\n    return 2.0 * x"}, "raise RuntimeError('no')\n" + GOOD)
    suite = Suite.read(small_course.root / "solutions" / "week50_small" / "hidden" / "test_lab.py")
    with pytest.raises(AuthoringError, match="cannot be imported"):
        with_suite(suite, lambda opened: None)


# ----------------------------------------------------------------------------------------------------- records and page


def mutants(killed: int, survived: int = 0, equivalent: int = 0, raised: int = 0) -> tuple[MutantResult, ...]:
    fates = [Fate.KILLED] * killed + [Fate.SURVIVED] * survived + [Fate.EQUIVALENT] * equivalent + [Fate.RAISED] * raised
    return tuple(MutantResult(f"sign@{i}:0.1", "sign", f"-a<{i}>\n+b", f, everywhere=i % 2 == 0) for i, f in enumerate(fates))


def verdict(*questions: QuestionVerdict, **more) -> Verdict:
    return Verdict("week01/lab", "A <b>title</b>", "0" * 64, 95.0, False, questions, more.pop("runs", ()), **more)


def test_only_live_mutants_count():
    question = QuestionVerdict("q", "Q", 2.0, mutants=mutants(19, 1, 5, 30))
    assert question.live == 20 and question.score == 0.95
    assert verdict(question).trusted
    worse = QuestionVerdict("q", "Q", 2.0, mutants=mutants(18, 1, 5, 30))
    assert not verdict(worse).trusted and "94.7 %" in verdict(worse).all_problems()[0].message
    assert QuestionVerdict("q", "Q", 2.0, mutants=mutants(0, raised=3)).score == 1.0


def test_notes_do_not_make_a_week_fail_but_public_checks_that_reject_do():
    assert verdict(QuestionVerdict("q", "Q", 1.0, problems=(Problem("t", "look", note=True),))).trusted
    assert not verdict(QuestionVerdict("q", "Q", 1.0), runs=(SeedRun("right_a", 3, (), ("q",)),)).trusted


def test_the_page_escapes_code_and_shows_every_survivor():
    page = render_week("Week 1", [verdict(QuestionVerdict("q", "<i>Q</i>", 2.0, ("TestQ::t",), mutants(3, 2, 1, 2)))])
    assert "<i>Q</i>" not in page and "&lt;i&gt;Q&lt;/i&gt;" in page and "A <b>title" not in page
    assert len(re.findall(r'class="mutant todo"', page)) == 2
    assert len(re.findall(r'class="square [a-z]+" title=', page)) == 8
    assert "http" not in re.sub(r"http-equiv|http://www.w3.org", "", page)  # nothing is fetched


def test_the_table_of_public_checks_replaces_what_was_tried_and_keeps_the_rest(tmp_path):
    def tried(assignment: str, *wrong: AnswerResult) -> Verdict:
        return Verdict(assignment, "T", "", 95.0, False, (QuestionVerdict("q", "Q", 3.0, ("t", "u"), wrong=wrong),), ())

    caught, passed = AnswerResult("wrong_a", 0.5, ("t",), True, "usual"), AnswerResult("wrong_b", 0.0, ("t", "u"))
    path = tmp_path / "checks.md"
    write(path, [tried("week02/lab", caught, passed), tried("week01/homework", caught)])
    write(path, [tried("week02/lab", passed), tried("week01/lab", passed)])
    lines = [line for line in path.read_text().splitlines() if line.startswith(("## ", "| q |"))]
    assert lines == [
        "## week01/lab: T", "| q | b | - | passes | 2 of 2 | 3 of 3 |",
        "## week01/homework: T", "| q | a | usual | catches | 1 of 2 | 1.5 of 3 |",
        "## week02/lab: T", "| q | b | - | passes | 2 of 2 | 3 of 3 |",
    ]  # fmt: skip
    again = path.read_bytes()
    write(path, [])
    assert path.read_bytes() == again
    assert "catches 1 of 2 wrong answers: a; it passes b." in str(summary(tried("week02/lab", caught, passed)))


def test_a_sample_is_not_condemned_by_one_survivor_but_by_many():
    def problems(sample: bool, killed: int, live: int) -> list[str]:
        mutants = tuple(
            MutantResult(f"m{i}", "sign", "", Fate.KILLED if i < killed else Fate.SURVIVED) for i in range(live)
        )
        question = QuestionVerdict("q", "", 2.0, mutants=mutants)
        return [p.where for p in Verdict("w/lab", "", "", 95.0, sample, (question,), ()).all_problems()]

    assert problems(sample=True, killed=4, live=5) == []
    assert problems(sample=True, killed=2, live=5) == ["q"]
    assert problems(sample=False, killed=4, live=5) == ["q"]
