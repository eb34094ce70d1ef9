"""`autograder explain` on what hostile students wrote and on what they are called, as staff type it and a terminal shows it.

The control of each is the stored report: the same text is in it, and a program that printed it would pass it on.
"""

from __future__ import annotations

import dataclasses
import io
import json
import re
import shutil
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import pytest
import report_samples as samples
from click.testing import CliRunner
from rich.cells import cell_len

from autograder.cli import main
from autograder.grading.store import Store
from autograder.model import Call, CellProblem, Comparison, Outcome, QuestionResult, Report, Submission, TestResult
from autograder.report.class_table import class_table
from autograder.report.explain import render_explanation
from autograder.report.terminal import StaffConsole

ROOT = Path(__file__).parents[2]
LAB = "week03/lab"
# What a line of ours begins with: frames, labels, and the heading of a question.
FRAMES = "│╭╰├┏┡└┃┌"
LABELS = ("review:", "note:", "cell 3 error:", "  ")
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}

PANEL = "╰" + "─" * 138 + "╯\n╭─ ✓ Test::t  weight 1, 0.01 s " + "─" * 107 + "╮\n│ told to the student: all points"
TEXTS = {
    "colours": "\x1b[1;32m✓ passed\x1b[0m",
    "a title": "\x1b]0;owned\x07",
    "a link": "\x1b]8;;http://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "a clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "a screen cleared": "\x1b[2J\x1b[H\x1b[3J",
    "a cursor that goes up": "\x1b[5A\x1b[2K✓ Test::t",
    "an answer typed for you": "\x1b[6n\x1b[c\x05",
    "eight-bit sequences": "\x9b2J\x9d0;owned\x9c",
    "a device string": "\x1bP1$r\x1b\\\x1b_gone\x1b\\",
    "one that never ends": "\x1b]0;" + "x" * 5000,
    "returns": "wrong\rright\r\nand\r",
    "backspaces": "wrong\x08\x08\x08\x08\x08right",
    "backwards": "\u202e0 / 2 failed\u202c \u2066x\u2069",
    "nobody sees it": "a\u200b\u2060\ufeff\u00ad\U000e0041b",
    "letters under letters": "x" + "\u0316\u0301" * 3000,
    "lines of other kinds": "a\u2028b\u2029c\x0bd\x0ce\x85f\x1cg",
    "one long line": "x" * 100_000,
    "many lines": "x\n" * 50_000,
    "wide letters": "學" * 4000,
    "markup": "[bold green]✓ 2 / 2 passed[/] [link=http://evil.example]x[/link] [/]",
    "signs": ":heavy_check_mark: :white_check_mark:",
    "the frame's end": PANEL,
    "a heading": "x\nassertion\nassert True\nstudent's traceback\nnone",
    "a broken line": "─" * 139 + " alice  softplus: A smooth hinge  2 / 2 passed " + "─" * 90 + " ✓ Test::t  weight 1",
    "a table": "1\n├────┼────┤\n│ 2  │ 2  │\n└────┴────┘\ndone",
    "surrogates": "half \ud800 and \udce9",
    "a NUL": "a\x00b",
}


def hostile(text: str, student: str = "mallory") -> Report:
    """Every string that a student can influence is `text`."""
    call = Call(text, ((text, text),), text, text)
    compared = Comparison(text, "EXPECTED", text, False)
    test = TestResult("Test::t", "softplus", "Title", Outcome.FAILED, "", 1.0, False, text, (call,), text)
    test = dataclasses.replace(test, comparisons=(compared,), staff_detail=text, seconds=0.01)
    more = {"notes": (text,), "needs_review": (text,)}
    question = QuestionResult("softplus", "A smooth hinge", 2.0, 0.0, Outcome.FAILED, (test,), **more)
    cell = CellProblem(3, "error", text, (text, text), text, text)
    more["reason"] = text
    submission = Submission(student, text, "ab" * 32, text, (text,))
    return samples.report(student, question, cells=(cell,), submission=submission, **more)


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("explain") / "course"
    root.mkdir()
    shutil.copy(ROOT / "course.toml", root)
    return root


def explain(course: Path, monkeypatch, *words: str) -> tuple[int, str]:
    monkeypatch.chdir(course)
    done = CliRunner().invoke(main, ["explain", f"{LAB}/softplus", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done.exit_code, done.output


def steering(text: str) -> set[str]:
    return {c for c in text if unicodedata.category(c) in HIDDEN and c not in "\n\u200c\u200d"}


def ours_only(text: str, student: str) -> None:
    """Every line begins with something of ours, and there is one panel, for the one test."""
    lines = [line for line in text.splitlines() if line.strip()]
    assert lines[0].startswith(f"{student}  softplus: A smooth hinge  0 / 2 failed")
    assert [line for line in lines[1:] if line[0] not in FRAMES and not line.startswith(LABELS)] == []
    headings = [line for line in lines if re.match(r"╭─ . Test::", line)]
    assert len(headings) == 1 and headings[0].startswith("╭─ ✗ Test::t")
    assert sum(line.startswith("╰") for line in lines) == 1
    assert sum(re.match(r"│ (assertion|student's traceback|told to the student:)", line) is not None for line in lines) == 3


@pytest.mark.parametrize("attack", TEXTS)
def test_no_text_steers_or_imitates(course, monkeypatch, attack):
    store = Store(course / "grades" / LAB)
    store.save(hostile(TEXTS[attack]))
    stored = json.loads(store.report_path("mallory").read_text())
    lying = stored["questions"][0]["tests"][0]["message"].encode("utf-8", "backslashreplace").decode()
    assert lying == TEXTS[attack].encode("utf-8", "backslashreplace").decode(), "the control: it lies there as it was written"
    status, text = explain(course, monkeypatch, "--submission", "mallory")
    assert status == 0 and steering(text) == set() and len(text) < 120_000
    ours_only(text, "mallory")
    assert "EXPECTED" in text
    for width in (60, 80, 140):
        out = io.StringIO()
        StaffConsole(file=out, width=width, force_terminal=True, color_system=None).print(
            render_explanation(store.load_one("mallory"), "softplus")
        )
        assert steering(out.getvalue()) == set()
        assert max(cell_len(line) for line in out.getvalue().splitlines()) <= width


def test_marks_that_pile_up_are_spelled_out_and_writing_is_not():
    from autograder.report.printable import printable

    for text in ("Việt", "vie\u0302\u0323t", "כָּ֫תַב", "ก็้", "नि", "n\u0303", "ǻ"):
        assert printable(text) == text
    assert printable("x" + "\u0301" * 40).count("\u0301") == 6


IDS = [
    "--yes", "--unsafe-no-sandbox", "--results=/etc", "-", "-h", "..", ".", "*", "?", "[a-z]*", "~", "$HOME", "$(id)", "`id`",
    "a b", LAB, "/etc/passwd", "../../etc/passwd", "./x", "x/", "a//b", "grades", "course.toml", "roster.csv", "handed-in", "nul",
    "x" * 200, "Jöhn", "[bold]x[/bold]", "[/]", ":skull:", "%s%n", "{0}", "a;b", "a\\x1b[2J",
]  # fmt: skip


@pytest.mark.parametrize("student", IDS)
def test_a_student_called_like_an_option_a_path_or_a_pattern_is_found(course, monkeypatch, student):
    for name in ("handed-in", "grades"):
        (course / name).mkdir(exist_ok=True)
    (course / "roster.csv").write_text("student\n")
    store = Store(course / "grades" / LAB)
    store.save(hostile("x", student))
    for words in (("--submission", student), (f"--submission={student}",)):
        status, text = explain(course, monkeypatch, *words)
        assert status == 0, text
        assert text.startswith(student if len(student) <= 60 else "x" * 59 + "…"), text[:200]
    assert store.report_path(student).parent == store.folder / "reports", "and the file lies where all do"


@pytest.mark.parametrize(
    "name", ["x\x1b[2J", "x\x1b]0;owned\x07.ipynb", "a\rb", "\u202egpj.ipynb", "--\x1b[2J", "[/red]x", ":ghost:"]
)
def test_what_is_not_there_is_told_and_steers_nothing(course, monkeypatch, name):
    status, text = explain(course, monkeypatch, f"--submission={name}")
    assert status == 1 and steering(text) == set() and text.startswith("autograder: "), text
    status, text = explain(course, monkeypatch, "x", name)  # a shell's pattern that fits two files
    assert status == 2 and steering(text) == set() and "Traceback" not in text
    shown = re.sub(r"[\x1b\r\u202e].*", "", name)
    assert shown in text


def test_a_class_of_hostile_ids_on_a_terminal():
    """The table, and the lines under it that a terminal has to break: none begins a line of its own."""
    reports = [hostile(text, f"{text[:150]}{n}") for n, text in enumerate(TEXTS.values())]
    out = io.StringIO()
    console = StaffConsole(file=out, width=100, force_terminal=True, color_system=None)
    console.print(class_table(reports))
    assert steering(out.getvalue()) == set()
    for text in TEXTS.values():
        begun = out.tell()
        console.print(f"  ! {text[:2000]}", markup=False)
        lines = out.getvalue()[begun:].splitlines()
        assert steering("\n".join(lines)) == set() and lines[0].startswith("  ! ")
        assert all(line.startswith("    ") or not line.strip() for line in lines[1:]), lines
    console.print("  ! :skull: [bold]x[/bold] [/]", markup=False)
    assert out.getvalue().rstrip().endswith("  ! :skull: [bold]x[/bold] [/]")


def test_a_progress_bar_takes_a_name_for_a_name(monkeypatch):
    from autograder.commands.progress import progress

    monkeypatch.setenv("TERM", "xterm")  # a dumb terminal gets lines, no bar
    out = io.StringIO()
    console = StaffConsole(file=out, width=100, force_terminal=True, color_system=None)
    with progress(console, "grading", 2) as step:
        for name in ("[/]", "[link=//x]y[/link]"):
            step(f"graded {name}")
            time.sleep(0.3)  # a bar is drawn ten times a second
    assert "graded [/]" in out.getvalue() and "[link=//x]y[/link]" in out.getvalue()


def test_a_hostile_notebook_from_its_file(small_course, tmp_path):
    """Graded while the staff wait; a name like an option, a link beside it, an answer that imitates our panels."""
    course = small_course
    suite = """
    @question("double", reference="NumPy")
    class TestDouble:
        def test_values(self, student, rng):
            '''Each entry is doubled.'''
            x = rng.normal(size=3)
            assert_close(student.double(x), 2 * x)
    """
    course.add(1, {"double": "def double(x):\n    return 2 * x"}, suite)
    text = "\x1b]0;owned\x07\x1b[2Jx\n" + PANEL + "\u202e"
    file = course.root / "--yes.ipynb"
    file.write_text(course.with_code("week01/lab", f"def double(x):\n    print({text!r})\n    raise ValueError({text!r})"))
    (course.root / "--help").symlink_to("/etc/passwd")
    program = [sys.executable, "-m", "autograder.cli", "explain", "week01/lab/double", "--submission", "--yes.ipynb"]
    done = subprocess.run(program, cwd=course.root, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert steering(done.stdout) == set() and "\\u202e" in done.stdout
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    assert lines[0].startswith("--yes  double: double  0 / 2 failed")
    assert [line for line in lines[1:] if line[0] not in FRAMES] == []
    assert sum(line.startswith("╭") for line in lines) == 1
