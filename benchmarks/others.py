"""The same lab as an nbgrader assignment and as an otter assignment, and what these tools make of submissions.

One nbgrader test cell, and one otter test case, per hidden test, with the test's share of its question's points.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat

from autograder.grading.cases import TestCase, seeds_for
from autograder.notebook.student import solved_notebook
from benchmarks.labs import Lab
from benchmarks.meters import Cost, measured
from benchmarks.programs import Handed, without_extras

_BIN = Path(sys.executable).parent
ASSIGNMENT, NOTEBOOK = "lab", "lab"

_NBGRADER_CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "bench"
c.ExecutePreprocessor.timeout = 120
"""


def environment() -> dict[str, str]:
    """Both tools start programs by name: kernels, alembic."""
    return {**os.environ, "PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}", "JAX_PLATFORMS": "cpu", "PYTHONWARNINGS": "ignore"}


def points_by_test(lab: Lab) -> dict[str, float]:
    """What each hidden test is worth."""
    total: dict[str, float] = {}
    for case in lab.cases:
        total[case.question] = total.get(case.question, 0.0) + case.mark.weight
    points = {q.id: q.points for q in lab.source.assignment.questions}
    return {c.id: points[c.question] * c.mark.weight / total[c.question] for c in lab.cases}


def lay_checks(lab: Lab, folder: Path) -> None:
    """The suite, its seeds, and what runs it beside the student's code."""
    folder.mkdir(parents=True, exist_ok=True)
    seed_of = seeds_for(lab.target.secret, lab.id, lab.target.epoch)
    (folder / "hidden_suite.py").write_bytes(lab.target.suite.text)
    (folder / "seeds.json").write_text(json.dumps({c.id: seed_of(c) for c in lab.cases}))
    shutil.copy(Path(__file__).parent / "beside.py", folder / "hidden_checks.py")


# ------------------------------------------------------------------------------------------------------------ nbgrader


class NbgraderCourse:
    """An nbgrader course with the lab released."""

    def __init__(self, lab: Lab, folder: Path):
        self._lab, self._folder = lab, folder
        shutil.rmtree(folder, ignore_errors=True)
        source = folder / "source" / ASSIGNMENT
        lay_checks(lab, source)
        (folder / "nbgrader_config.py").write_text(_NBGRADER_CONFIG)
        nbformat.write(self._with_tests(without_extras(solved_notebook(lab.source), lab)), source / f"{NOTEBOOK}.ipynb")
        measured([_BIN / "nbgrader", "generate_assignment", ASSIGNMENT, "--force"], folder, environment())

    def _with_tests(self, notebook):
        """Solution cells stay as they are; behind the last cell come the hidden tests, one locked cell each."""
        for cell in notebook.cells:
            cell.metadata.pop("nbgrader", None)
        points = points_by_test(self._lab)
        for number, case in enumerate(self._lab.cases):
            notebook.cells.append(_test_cell(f"hidden-{number}", case, points[case.id]))
        return notebook

    def hand_in(self, handed: Sequence[Handed]) -> None:
        """Submissions: the student's cells, and the locked cells as released (without the hidden tests)."""
        released = nbformat.read(self._folder / "release" / ASSIGNMENT / f"{NOTEBOOK}.ipynb", 4)
        tests = [c for c in released.cells if c.metadata.get("nbgrader", {}).get("grade")]
        shutil.rmtree(self._folder / "submitted", ignore_errors=True)
        for one in handed:
            notebook = one.notebook(self._lab)
            for cell in notebook.cells:
                cell.metadata.pop("nbgrader", None)
            notebook.cells += tests
            folder = self._folder / "submitted" / one.student / ASSIGNMENT
            folder.mkdir(parents=True)
            nbformat.write(notebook, folder / f"{NOTEBOOK}.ipynb")

    def grade(self, students: Sequence[str] = ()) -> Cost:
        """`nbgrader autograde`: one command for all that was handed in, or for these students."""
        only = [f"--student={s}" for s in students]
        return measured([_BIN / "nbgrader", "autograde", ASSIGNMENT, "--force", *only], self._folder, environment())

    def start(self) -> Cost:
        """What the command takes before it grades anything."""
        return measured([_BIN / "nbgrader", "autograde", ASSIGNMENT, "--student=nobody"], self._folder, environment(), ok=(0, 1))

    def scores(self) -> dict[str, float]:
        """Points by student."""
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{self._folder / 'gradebook.db'}", "bench") as book:
            return {s.student.id: s.score for s in book.assignment_submissions(ASSIGNMENT)}


def _test_cell(grade_id: str, case: TestCase, points: float):
    code = f"import hidden_checks\nhidden_checks.check({case.id!r}, globals())"
    cell = nbformat.v4.new_code_cell(f"### BEGIN HIDDEN TESTS\n{code}\n### END HIDDEN TESTS")
    cell.metadata["nbgrader"] = {
        "schema_version": 3, "grade": True, "solution": False, "locked": True, "task": False, "grade_id": grade_id,
        "points": points, "cell_type": "code",
    }  # fmt: skip
    return cell


# --------------------------------------------------------------------------------------------------------------- otter


class OtterAssignment:
    """An otter autograder zip of the lab."""

    def __init__(self, lab: Lab, folder: Path):
        self._lab, self._folder = lab, folder
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "tests").mkdir(parents=True)
        lay_checks(lab, folder)
        points = points_by_test(lab)
        for question in lab.source.assignment.questions:
            cases = [c for c in lab.cases if c.question == question.id]
            (folder / "tests" / f"{question.id}.py").write_text(_otter_test(question.id, cases, points))
        command = [_BIN / "otter", "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment", "--no-requirements"]
        measured([*command, "hidden_checks.py", "hidden_suite.py", "seeds.json"], folder, environment())

    def hand_in(self, handed: Sequence[Handed]) -> None:
        for one in handed:
            nbformat.write(one.notebook(self._lab), self._folder / f"{one.student}.ipynb")

    def grade(self, student: str) -> Cost:
        """`otter run`: one command for each submission."""
        out = self._folder / "results" / student
        out.mkdir(parents=True, exist_ok=True)
        command = [_BIN / "otter", "run", "-a", self._folder / "autograder.zip", "-o", out, "--no-logo"]
        return measured([*command, self._folder / f"{student}.ipynb"], self._folder, environment())

    def scores(self) -> dict[str, float]:
        """Points by student."""
        found = {}
        for path in (self._folder / "results").glob("*/results.json"):
            tests = json.loads(path.read_text())["tests"]
            found[path.parent.name] = sum(t.get("score") or 0.0 for t in tests)
        return found


def _otter_test(question: str, cases: Sequence[TestCase], points: dict[str, float]) -> str:
    parts = ["from otter.test_files import test_case", "OK_FORMAT = False", f"name = {question!r}", "points = None"]
    for number, case in enumerate(cases):
        parts.append(
            f"@test_case(points={points[case.id]!r}, hidden=True)\ndef test_{number}(env):\n"
            f"    import hidden_checks\n    hidden_checks.check({case.id!r}, env)\n"
        )
    return "\n".join(parts)
