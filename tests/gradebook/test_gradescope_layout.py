"""A package in Gradescope's layout, for real: its setup.sh, then right, wrong, hostile, hanging and messy submissions.

All of it as root, in /autograder, with namespaces refused and 768 MB of memory.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import nbformat
import pytest
from gradescope_container import Container
from machine import needs_root

from autograder.commands.demo import _EXIT, _FLOOD, _FORGER, _HANG, _MEMORY, _SEGFAULT, _XLA_HANG
from autograder.course import load_course
from autograder.notebook.answers import read_answers
from autograder.notebook.source import load_assignment
from autograder.notebook.student import solved_notebook, student_notebook, submission_notebook, to_text
from autograder.packaging.builder import MEMORY_MB, build_package

pytestmark = [pytest.mark.slow, needs_root]  # namespaces to make the container's layout in

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT)
WEEK = "week03/lab"
POINTS = 20.0
METADATA = {
    "id": 123456,
    "created_at": "2026-03-24T14:22:32.365935-07:00",
    "assignment": {"due_date": "2026-03-31T23:00:00.000000-07:00", "total_points": "20.0"},
    "users": [{"email": "student@example.com", "id": 1234, "name": "Student User"}],
    "previous_submissions": [],
}


@pytest.fixture(scope="module")
def source():
    return load_assignment(COURSE, WEEK)


@pytest.fixture(scope="module")
def container(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gradescope")
    package = build_package(COURSE, WEEK, folder / "package.zip")
    assert package.points == POINTS
    made = Container(package.path, folder, MEMORY_MB)
    said = made.setup()
    assert f"the solution, graded like a submission: {POINTS:g} of {POINTS:g} points" in said and "isolation B" in said, said
    assert not (made.top / "source" / "trusted").exists(), "the solution is gone once it has been used"
    return made


def spoiled(source, **code: str) -> str:
    """The solution with more cells at its end, which define functions anew: name -> code with {name} in it."""
    notebook = solved_notebook(source)
    for name, text in code.items():
        notebook.cells.append(nbformat.v4.new_code_cell(text.replace("{name}", name), id=f"mine-{name}"))
    return to_text(notebook)


def all_but_swish(run) -> bool:
    """Points were lost in that question, and in no other."""
    entry = run.entry("swish")
    return entry["score"] < entry["max_score"] and round(run.score - entry["score"] + entry["max_score"], 2) == POINTS


def no_leak(container, run) -> None:
    """No line of the suite that is worth knowing, and nothing of the package's, in anything that a student sees."""
    suite = (container.top / "source" / "suite" / "suite.py").read_text()
    lines = {line.strip() for line in suite.splitlines() if "assert_close(" in line or "def test_" in line}
    shown = json.dumps(run.results)
    assert not [line for line in lines if json.dumps(line)[1:-1] in shown]
    assert (container.top / "source" / "secret").read_text() not in shown + run.printed


def test_right_answers_get_every_point_within_the_memory(container, source):
    answers = [a for a in read_answers(COURSE.assignment_paths(WEEK).answers) if a.kind == "blind"]
    notebook = submission_notebook(source, {answers[0].path.name: answers[0].code})
    run = container.grade({"other name.ipynb": to_text(notebook)}, METADATA)
    assert run.score == POINTS, run.printed + run.text
    run = container.grade({"lab.ipynb": to_text(solved_notebook(source))}, METADATA)
    assert run.score == POINTS and run.results["extra_data"]["status"] == "graded", run.printed + run.text
    assert {t["status"] for t in run.results["tests"]} == {"passed"}
    assert run.peak_mb < MEMORY_MB and run.kills == 0
    assert run.results["extra_data"]["epoch"] == "gradescope-123456" and "B: a private user" in run.printed
    no_leak(container, run)
    # Whenever it was looked at, it was whole, and said how far it was.
    graded = [sum("score" in t for t in r["tests"]) for r in run.partial]
    assert graded == sorted(graded) and graded[0] == 0 and len(set(graded)) > 3, graded
    assert all("NOT FINAL" in r["output"] for r in run.partial[:-1]) and "NOT FINAL" not in run.partial[-1]["output"]


def test_a_wrong_answer_loses_its_question_and_is_told_why(container, source):
    wrong = next(a for a in read_answers(COURSE.assignment_paths(WEEK).answers) if a.name == "wrong_swish_overflows")
    run = container.grade({"lab.ipynb": to_text(submission_notebook(source, {wrong.path.name: wrong.code}))}, METADATA)
    entry = run.entry("swish")
    assert entry["score"] < entry["max_score"] and entry["status"] == "failed" and "NOT YET" in entry["output"]
    assert run.score == POINTS - entry["max_score"] + entry["score"]
    no_leak(container, run)
    stub = container.grade({"lab.ipynb": to_text(student_notebook(source))}, METADATA)
    assert stub.score == 0 and "Not solved yet" in stub.entry("swish")["output"]


@pytest.mark.parametrize(
    "attacks",
    [
        {"swish": (_HANG, "did not finish"), "forward": (_EXIT, "ended the Python process"), "cross_entropy": (_MEMORY, "memory"),
         "init_mlp": (_FLOOD, "prints")},
        {"swish": (_XLA_HANG, "did not finish"), "forward": (_SEGFAULT, "segmentation"), "reverse_mode": (_FORGER, "")},
    ],
    ids=["hang_exit_memory_flood", "xla_hang_segfault_forger"],
)  # fmt: skip
def test_a_hostile_answer_costs_its_own_question(container, source, attacks):
    run = container.grade({"lab.ipynb": spoiled(source, **{name: code for name, (code, _) in attacks.items()})}, METADATA)
    assert run.results["extra_data"]["status"] == "graded", run.printed
    of = {name: q.id for q in source.assignment.questions for name in q.names}
    for name, (_, told) in attacks.items():
        entry = run.entry(of[name])
        assert entry["score"] < entry["max_score"] and entry["status"] == "failed" and told in entry["output"], entry
    others = [t for t in run.results["tests"] if t["extra_data"]["autograder_question"] not in {of[n] for n in attacks}]
    assert len(others) == 7 - len(attacks) and all(t["score"] == t["max_score"] for t in others), run.text
    assert run.peak_mb < MEMORY_MB and run.seconds < 600
    no_leak(container, run)


def test_a_hungry_answer_is_ended_before_the_container_is(container, source):
    slowly = (
        "def {name}(*args, **kwargs):\n    import numpy, time\n    keep = []\n    while True:\n"
        "        keep.append(numpy.ones(2**20))\n        time.sleep(0.002)\n"
    )
    run = container.grade({"lab.ipynb": spoiled(source, swish=slowly)}, METADATA)
    assert run.results["extra_data"]["status"] == "graded" and "memory" in run.entry("swish")["output"], run.entry("swish")
    assert all_but_swish(run)
    assert run.peak_mb < MEMORY_MB and run.kills == 0


@pytest.mark.parametrize("refused", [(), ("--landlock",)], ids=["landlock", "old_kernel"])
def test_secrets_of_the_container_stay_there(container, source, refused):
    """What student code can read of /autograder and of the grader, told through an error message."""
    everywhere = "" if refused else ", '/proc', '/tmp'"
    folders = f"['/autograder/source', '/autograder/results', '/autograder/submission'{everywhere}]"
    spy = (
        "import glob, os\nloot = []\n"
        "for path in ['/autograder/source/suite/suite.py', '/autograder/source/secret', '/autograder/submission_metadata.json',\n"
        "             '/autograder/results/results.json', '/autograder/submission/lab.ipynb', f'/proc/{os.getppid()}/environ']:\n"
        "    try: loot.append(open(path).read()[:200])\n    except OSError: pass\n"
        f"for folder in {folders}:\n"
        "    try: loot.append(str(os.listdir(folder)))\n    except OSError: pass\n"
        "try: loot.append(open('/autograder/results/results.json', 'w').write('{\"score\": 100}'))\nexcept OSError: pass\n"
        "def {name}(*args, **kwargs): raise ValueError('loot: ' + repr(loot))\n"
    )
    run = container.grade({"lab.ipynb": spoiled(source, swish=spy)}, METADATA, *refused)
    assert "loot: []" in run.entry("swish")["output"] and all_but_swish(run)


@pytest.mark.parametrize("refused", [(), ("--landlock",)], ids=["landlock", "old_kernel"])
def test_files_that_are_handed_in_beside_the_notebook_can_be_imported(container, source, refused):
    notebook = solved_notebook(source)
    mine = "from helper import swish\nfrom tools.more import ONE\nimport torch\ntorch.manual_seed(0)"
    notebook.cells.append(nbformat.v4.new_code_cell(mine, id="mine"))
    helper = "import jax\ndef swish(z, beta):\n    return z * jax.nn.sigmoid(beta * z)\n"
    beside = {"work/helper.py": helper, "work/tools/more.py": "ONE = 1"}
    run = container.grade({"work/lab.ipynb": to_text(notebook), **beside}, METADATA, *refused)
    assert run.score == POINTS and "helper.py" in run.text
    without = container.grade({"work/lab.ipynb": to_text(notebook)}, METADATA, *refused)
    assert all_but_swish(without) and "`helper` is not installed" in without.text


def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def test_a_messy_upload_gets_one_clear_paragraph(container, source):
    right, stub = to_text(solved_notebook(source)), to_text(student_notebook(source))
    metadata = {"autograder": {"assignment": "week08/lab"}}
    other = json.dumps({"cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})
    refused = {
        "There is no file": {},
        "There is no notebook in what you handed in: main.py": {"main.py": "print(1)", "report.pdf": b"%PDF"},
        "this is the notebook of week08/lab, not of week03/lab": {"lab.ipynb": other},
        "breaks off": {"lab.ipynb": right[:5000]},
        "the file is empty": {"lab.ipynb": ""},
    }
    for words, files in refused.items():
        run = container.grade(files, METADATA)
        assert run.score == 0 and words in " ".join(run.results["output"].split()), (words, run.results["output"])
        assert "\n\n" not in run.results["output"] and run.results["extra_data"]["status"] == "unreadable"
    found = ({"work.zip": zipped(**{"deep/lab.ipynb": right})}, {"a/b/mine (1).ipynb": right, "lab.ipynb": other})
    for files, odd in zip(found, (None, {"id": "../../x", "users": "?", "previous_submissions": {}}), strict=True):
        run = container.grade(files, odd)
        assert run.score == POINTS, run.text
        assert run.results["extra_data"]["epoch"].startswith("gradescope-")
    both = container.grade({"lab.ipynb": right, "lab (1).ipynb": stub, "submission_metadata.yml": "x"}, "{")
    assert "You handed in 2 notebooks" in both.results["output"] and "not looked at: lab.ipynb" in " ".join(both.text.split())


def test_a_grader_that_cannot_run_says_that_it_is_its_fault(container, source):
    earlier = {"submission_time": "2026-03-20T10:00:00+00:00", "results": {"tests": [
        {"score": 2.0, "extra_data": {"autograder_question": "swish"}}]}}  # fmt: skip
    suite = container.top / "source" / "suite" / "suite.py"
    text = suite.read_text()
    try:
        suite.write_text(text + "\n")
        run = container.grade({"lab.ipynb": to_text(solved_notebook(source))}, {**METADATA, "previous_submissions": [earlier]})
    finally:
        suite.write_text(text)
    assert "NOT FINAL" in run.results["output"] and "no points are lost" in run.results["output"]
    assert run.entry("swish")["score"] == 2.0 and "score" not in run.entry("backprop")
    assert "For the staff" in run.printed and "Make it again" in run.printed
    python = container.top / "environment" / "venv" / "bin" / "python"
    python.rename(python.with_name("aside"))
    try:
        bare = container.grade({"lab.ipynb": to_text(solved_notebook(source))}, METADATA)
    finally:
        python.with_name("aside").rename(python)
    assert "NOT FINAL" in bare.results["output"] and not any("score" in t for t in bare.results["tests"])


def test_a_run_that_is_stopped_leaves_what_was_graded(container, source):
    """As Gradescope's time-out does it: the container is gone in the middle."""
    script = container.top / "run_autograder"
    text = script.read_text()
    hang = spoiled(source, backprop=_HANG)
    try:
        script.write_text(text.replace("timeout --kill-after=5 585", "timeout --kill-after=1 12"))
        assert script.read_text() != text
        run = container.grade({"lab.ipynb": hang.replace("while True", "while not None")}, METADATA)
    finally:
        script.write_text(text)
    # Imports and the deadline of the call that hangs take longer than this, everywhere.
    assert run.results["extra_data"]["status"] != "graded"
    assert "stopped before it had finished" in " ".join(run.results["output"].split())
    assert all("score" in t or "no points are lost" in t["output"] for t in run.results["tests"])
