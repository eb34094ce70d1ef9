"""The public checks of a notebook: one question or all of them, what they find, and how it is shown."""

from __future__ import annotations

import html

from course_lib.bans import find_banned
from course_lib.check_text import run
from course_lib.failures import Failure
from course_lib.messages import CheckFailed, ChecksMissing, first_line, show
from course_lib.notebook_checks import Carried, read_checks

PASSED = "the public check passes"


class PublicChecks:
    """The public checks of one notebook, run in its namespace."""

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
        failures, message = run(question, tests[question], self._namespace)
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
            failures = self._forbidden(question) or run(question, text, self._namespace)[0]
            found[question] = failures[0].message if failures else ""
        return found

    def _forbidden(self, question: str) -> list[Failure]:
        """What the question's code uses although its text forbids it, read from the cells that ran in this kernel."""
        about, cells = self.notebook().questions.get(question, {}), self._namespace.get("In")
        forbidden = [str(b) for b in about.get("bans", ())]
        if not forbidden or not isinstance(cells, list):  # no notebook: nothing to read
            return []
        try:
            used = find_banned([str(c) for c in cells], tuple(about.get("names", ())), tuple(forbidden)).used
        except KeyError:  # a family that this state of the library does not know
            return []
        return [Failure(_forbidden_words(used[0], str(cells[used[0].cell])))] if used else []

    def notebook(self) -> Carried:
        """The notebook's questions and checks: what the setup cell brought, else what the file's metadata says.

        Raises:
            ChecksMissing: neither is there.
        """
        self._read = read_checks(self.assignment, self._namespace, self._read)
        return self._read


def _forbidden_words(use, cell: str) -> str:
    lines = cell.split("\n")
    line = lines[use.line - 1].strip()[:80] if use.line <= len(lines) else use.written
    return f"this question is to be solved without {use.name}, which your code uses ({line}): graded like that, it earns nothing."


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
