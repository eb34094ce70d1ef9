"""`grader.check("softplus")` in a student's notebook: runs the question's public checks and says what they found.

    from course_lib.checks import open_checks
    grader = open_checks("week03/lab")

The checks travel in the notebook itself (the setup cell hands them to `carry`; they are in its metadata, too), so no file is
needed beside it and the notebook may have any name. They run under otter-grader where it is installed, else by the few
lines below that read the same test text. A passed check is a good sign, not a mark: hidden tests follow when the notebook
is graded.
"""

from __future__ import annotations

import builtins
import functools
import glob
import html
import inspect
import json
import os
import sys
import types
from dataclasses import dataclass

from course_lib.failures import CHECK_FILE, OTTER_FILE, Failure, failure_of

GRADING_ENV = "AUTOGRADER_GRADING"
RERUN_ENV = "COURSE_LIB_RERUN"  # set in the fresh kernel in which `grader.submit()` runs the notebook
HANDED_IN = "handed_in"  # key in a copy's metadata.autograder: made to be handed in, not to be worked in
WRITTEN_WITH = "written_with"  # beside it: the versions that the notebook was handed in from, as it says itself
_MAX_NOTEBOOK_BYTES = 50_000_000
PASSED = "the public check passes"


class CheckFailed(Exception):
    """A public check did not pass. Shows its message only: the checks' own frames would not help anybody."""

    headline = "Not yet."

    def _render_traceback_(self) -> list[str]:
        # IPython asks an exception for this before it builds a traceback.
        head, *rest = str(self).split("\n")
        return [f"\x1b[1;31m{self.headline}\x1b[0m {head}", *rest]


class ChecksMissing(CheckFailed):
    """The notebook that carries the checks was not found or holds none for the question."""

    headline = "No check was run."


@dataclass(frozen=True)
class Carried:
    """What a notebook says about itself.

    Attributes:
        assignment: "week03/lab".
        questions: id -> title, points, written, names; in no particular order.
        tests: question id -> text of its public checks.
        graded_with: "python" and "jax" -> the version that submissions are graded with.
    """

    assignment: str
    questions: dict[str, dict]
    tests: dict[str, str]
    graded_with: dict[str, str]


_CARRIED: dict[str, Carried] = {}


def carry(notebook: dict) -> None:
    """Take over what the setup cell brings along: the notebook's `metadata.autograder` and its checks."""
    own = notebook["autograder"]
    _CARRIED[own["assignment"]] = Carried(own["assignment"], own["questions"], notebook["tests"], own.get("graded_with", {}))


class Grader:
    """The public checks of one notebook; made by `open_checks`."""

    def __init__(self, assignment: str, namespace: dict):
        self.assignment = assignment
        self._namespace = namespace
        self._read: Carried | None = None

    def check(self, question: str) -> None:
        """Run the public checks of one question.

        Raises:
            CheckFailed: one did not pass; the message says what it found.
            ChecksMissing: there are no checks of that name, or the notebook was not found.
        """
        tests = self.notebook().tests
        if question not in tests:
            raise ChecksMissing(f"There is no check {question!r} here. There are: {', '.join(tests) or 'none'}.")
        failures, message = _run(question, tests[question], self._namespace)
        failures = [*self._forbidden(question), *failures]
        if failures:
            raise CheckFailed(_failed_text(question, failures))
        show(_passed_html(question, message), f"{question}: {message}")

    def check_all(self) -> None:
        """Run the public checks of all questions, show one line each, then fail if any failed.

        Raises:
            CheckFailed: at least one question did not pass.
        """
        findings = self.findings()
        rows = [(question, not text, text or PASSED) for question, text in findings.items()]
        failed = [question for question, text in findings.items() if text]
        verb = "does not pass its check" if len(failed) == 1 else "do not pass their check"
        plain = "\n".join(f"{'passed ' if good else 'not yet'}  {q}: {first_line(m)}" for q, good, m in rows)
        show(_table_html(rows), plain)
        if failed:
            raise CheckFailed(f"{len(failed)} of {len(rows)} questions {verb}: {', '.join(failed)}.")

    def findings(self) -> dict[str, str]:
        """What the public checks of each question find, "" where they pass."""
        found = {}
        for question, text in self.notebook().tests.items():
            failures = self._forbidden(question) or _run(question, text, self._namespace)[0]
            found[question] = failures[0].message if failures else ""
        return found

    def _forbidden(self, question: str) -> list[Failure]:
        """What the question's code uses although its text forbids it, read from the cells that ran in this kernel."""
        about, cells = self.notebook().questions.get(question, {}), self._namespace.get("In")
        forbidden = [str(b) for b in about.get("bans", ())]
        if not forbidden or not isinstance(cells, list):  # no notebook: nothing to read
            return []
        from course_lib.bans import find_banned

        try:
            used = find_banned([str(c) for c in cells], tuple(about.get("names", ())), tuple(forbidden)).used
        except KeyError:  # a family that this state of the library does not know
            return []
        return [Failure(_forbidden_words(used[0], str(cells[used[0].cell])))] if used else []

    def submit(self, minutes: float = 10) -> None:
        """Save the notebook, run its answers in a fresh kernel, say what was found, write the file to hand in.

        Unsolved questions are named and may stay unsolved. Does nothing where a program runs the notebook.

        Args:
            minutes: how long the answers may take to run.
        """
        if os.environ.get(RERUN_ENV) == "1":
            return
        from course_lib import hand_in

        hand_in.submit(self.notebook(), self._namespace, minutes)

    def notebook(self) -> Carried:
        """The notebook's questions and checks: what the setup cell brought, else what the file's metadata says.

        Raises:
            ChecksMissing: neither is there.
        """
        if self.assignment in _CARRIED:
            return _CARRIED[self.assignment]
        # Read when a check is run, not when the notebook opens: the file may be saved or renamed in between.
        path = find_notebook(self.assignment, self._namespace)
        if path is not None:
            metadata = _metadata(path)
            own = metadata["autograder"]
            tests, graded_with = metadata["otter"]["tests"], own.get("graded_with", {})
            self._read = Carried(self.assignment, own.get("questions", {}), tests, graded_with)
        if self._read is None:
            raise ChecksMissing(
                f"No notebook of {self.assignment} was found in {os.getcwd()}. Run this notebook's first code cell: it brings "
                "the checks along. If it is lost, save the notebook in that folder (Ctrl+S) or take a fresh copy; your code is "
                "not affected."
            )
        return self._read


class _Silent:
    """Stands in for a `Grader` while a submission is graded: public checks have no part in the marks."""

    def __init__(self, assignment: str):
        self.assignment = assignment

    def check(self, *_args, **_kwargs) -> None:
        """Do nothing."""

    def check_all(self, *_args, **_kwargs) -> None:
        """Do nothing."""

    def submit(self, *_args, **_kwargs) -> None:
        """Do nothing."""


def open_checks(assignment: str) -> Grader | _Silent:
    """The checks of this notebook, e.g. `open_checks("week03/lab")`. Never fails and imports nothing slow.

    Args:
        assignment: the id in the notebook's metadata.
    """
    if os.environ.get(GRADING_ENV) == "1":
        return _Silent(assignment)
    frame = inspect.currentframe()
    namespace = frame.f_back.f_globals if frame and frame.f_back else {}
    grader = Grader(assignment, namespace)
    if os.environ.get(RERUN_ENV) != "1":
        from course_lib import unsolved

        unsolved.watch(lambda: grader.notebook().questions)
    return grader


def find_notebook(assignment: str, namespace: dict | None = None) -> str | None:
    """Path of the notebook that carries this assignment's checks, None where there is none.

    The notebook that the kernel was started for comes first (VS Code and Jupyter say which), then the newest one in the
    current folder whose metadata holds the assignment's id. File names are never asked.
    """
    told = [(namespace or {}).get("__vsc_ipynb_file__"), os.environ.get("JPY_SESSION_NAME")]
    beside = sorted(glob.glob("*.ipynb"), key=_modified, reverse=True)
    for path in [p for p in told if isinstance(p, str)] + beside:
        try:
            metadata = _metadata(path)
            own = metadata["autograder"]
            if own["assignment"] == assignment and isinstance(metadata["otter"]["tests"], dict) and HANDED_IN not in own:
                return path
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue  # another notebook, half written, or no notebook at all
    return None


def _modified(path: str) -> float:
    try:
        return os.path.getmtime(path)
    except OSError:
        return 0.0


def _metadata(path: str) -> dict:
    if os.path.getsize(path) > _MAX_NOTEBOOK_BYTES:
        raise ValueError(f"{path} is too large")
    with open(path, encoding="utf-8") as stream:
        return json.load(stream)["metadata"]


def found_without_otter(question: str, text: str, namespace: dict) -> str:
    """What a question's checks find, "" where they pass. Never imports otter, which takes seconds.

    Args:
        text: of the checks, as the notebook's metadata holds it.
    """
    failures, _ = _run(question, text, namespace, otter=False)
    return failures[0].message if failures else ""


def _forbidden_words(use, cell: str) -> str:
    lines = cell.split("\n")
    line = lines[use.line - 1].strip()[:80] if use.line <= len(lines) else use.written
    return f"this question is to be solved without {use.name}, which your code uses ({line}): graded like that, it earns nothing."


def _run(question: str, text: str, namespace: dict, *, otter: bool = True) -> tuple[list[Failure], str]:
    """Failures of a question's checks (empty: all passed) and the message of success."""
    cases = _test_cases(text)
    arguments = [n for case in cases for n in inspect.signature(case.function).parameters]
    # otter would pass None for a name that is not there, and "NoneType is not callable" helps nobody.
    missing = [n for n in dict.fromkeys(arguments) if n not in namespace]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        return [Failure(f"{' and '.join(missing)} {verb} not defined yet: run the cells above, from the top.")], ""
    try:
        errors = _errors_with_otter(question, text, namespace) if otter else _errors_alone(cases, namespace)
    except Exception:  # no otter, or one that this code does not know: what the student's code raises never comes here
        errors = _errors_alone(cases, namespace)
    message = " ".join(case.success_message for case in cases if case.success_message)
    return [failure_of(error, text) for error in errors], message


def _errors_with_otter(question: str, text: str, namespace: dict) -> list[Exception]:
    # Imported here: it takes seconds, and the notebook's first cell should not. Given the text, otter needs no file, so
    # a `tests/` folder beside the notebook (which it would prefer to the metadata) does no harm.
    from otter.nbmeta_config import NBMetadataConfig
    from otter.test_files import create_test_file

    test_file = create_test_file(OTTER_FILE, NBMetadataConfig({"OK_FORMAT": False, "tests": {question: text}}), question)
    errors: list[Exception] = []

    def remembering(function):
        # otter keeps an exception's text only; where it came from is what the student needs.
        @functools.wraps(function)
        def call(**arguments):
            try:
                function(**arguments)
            except Exception as error:
                errors.append(error)
                raise

        return call

    for case in test_file.test_cases:
        case.body.test_func = remembering(case.body.test_func)
    test_file.run(namespace)
    return errors


def _errors_alone(cases: list[_Case], namespace: dict) -> list[Exception]:
    errors = []
    for case in cases:
        try:
            case.function(**{n: namespace[n] for n in inspect.signature(case.function).parameters})
        except Exception as error:  # whatever the student's code raises is the finding
            errors.append(error)
    return errors


@dataclass(frozen=True)
class _Case:
    function: types.FunctionType
    success_message: str


def _test_cases(text: str) -> list[_Case]:
    """The decorated functions of a test file, without otter: its `test_case` is replaced while the text is executed."""
    cases: list[_Case] = []

    def test_case(name=None, points=None, hidden=False, success_message=None, failure_message=None):
        def keep(function):
            cases.append(_Case(function, success_message or ""))
            return function

        return keep

    def import_(name, *args, **kwargs):
        if name == "otter.test_files":
            return types.SimpleNamespace(test_case=test_case)
        return builtins.__import__(name, *args, **kwargs)

    exec(compile(text, CHECK_FILE, "exec"), {"__builtins__": {**vars(builtins), "__import__": import_}})
    return cases


def show(markup: str, plain: str) -> None:
    """HTML in a notebook, plain text elsewhere. Writes nothing to stderr: nbgrader takes that for a failure."""
    if "IPython" in sys.modules:
        from IPython import get_ipython
        from IPython.display import display

        if get_ipython() is not None:
            # Both forms in one message: a terminal or a screen reader's plain view takes the text.
            display({"text/html": markup, "text/plain": plain}, raw=True)
            return
    print(plain)


def first_line(text: str) -> str:
    return text.strip().split("\n")[0]


def _failed_text(question: str, failures: list[Failure]) -> str:
    lines = []
    for failure in failures:
        twice = failure.message.startswith(f"{question} ")  # "softplus is not written yet"
        lines.append(failure.message if twice else f"{question}: {failure.message}")
        lines += [f"    in {failure.where}"] if failure.where else []
        lines += [f"    the check was: {failure.condition}"] if failure.condition else []
        lines += [f"    it is about: {failure.about}"] if failure.about else []
    return "\n".join(lines)


_BOX = "border-left:4px solid {colour};padding:.4em .8em;margin:.2em 0;line-height:1.45"
_GOOD, _BAD = "#2e9d5b", "#d1495b"


def _passed_html(question: str, message: str) -> str:
    style = _BOX.format(colour=_GOOD)
    return f'<div style="{style}"><b>✓ {html.escape(question)}</b> {html.escape(message)}</div>'


def _table_html(rows: list[tuple[str, bool, str]]) -> str:
    cells = "".join(
        f'<tr><td style="color:{_GOOD if good else _BAD}">{"✓" if good else "✗"}</td>'
        f'<td style="text-align:left"><b>{html.escape(question)}</b></td>'
        f'<td style="text-align:left">{html.escape(first_line(message))}</td></tr>'
        for question, good, message in rows
    )
    note = "Hidden tests follow when your notebook is graded: they decide the marks."
    return f"<table>{cells}</table><div style='opacity:.75'>{note}</div>"
