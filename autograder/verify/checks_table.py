"""Which wrong answers a question's public check catches, and what they cost: for the terminal, and as docs/checks.md."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from autograder.files import write_whole
from autograder.verify.records import AnswerResult, QuestionVerdict, Verdict

_HEAD = """\
# What the public checks catch

Written by `autograder verify --checks docs/checks.md`; run it again after a change (with a week's name it replaces that week).
A *usual* slip is one that many students make: the question's public check must catch it, or `verify` fails. A *subtle* one is
left to the hidden tests; `-` is an answer whose author has not said. Hidden: how many of the question's hidden tests reject it.
"""
_SECTION = re.compile(r"^## (week\d\d/\w+)", re.MULTILINE)


def points_lost(question: QuestionVerdict, answer: AnswerResult) -> float:
    """What a wrong answer loses of its question's points."""
    return question.points * (1 - answer.share)


def hidden(question: QuestionVerdict, answer: AnswerResult) -> str:
    """How many of the question's tests reject it."""
    return f"{len(answer.failed)} of {len(question.tests)}"


def short(name: str) -> str:
    """An answer's name without what all of them begin with."""
    return name.removeprefix("wrong_")


def summary(verdict: Verdict) -> Text:
    """For each question, the wrong answers that its public check catches and those that it lets pass."""
    text = Text()
    for question in verdict.questions:
        if not question.wrong:
            continue
        caught = [short(a.name) for a in question.wrong if a.caught_publicly]
        missed = [f"{short(a.name)} ({a.slip})" if a.slip else short(a.name) for a in question.wrong if not a.caught_publicly]
        text.append(f"{question.id}", style="bold")
        text.append(f": the public check catches {len(caught)} of {len(question.wrong)} wrong answers")
        text.append(f": {', '.join(caught)}" if caught else "")
        text.append(f"; it passes {', '.join(missed)}" if missed else "")
        text.append(".\n")
    return text


def table(verdict: Verdict) -> Table:
    """All of it, one line for each wrong answer."""
    made = Table(title=escape(f"{verdict.assignment} · {verdict.title}"), title_justify="left", title_style="bold", box=None,
                 pad_edge=False, header_style="dim")  # fmt: skip
    for name, side in (("question", "left"), ("wrong answer", "left"), ("kind", "left"), ("public check", "left"),
                       ("hidden", "right"), ("points lost", "right")):  # fmt: skip
        made.add_column(name, justify=side)
    for question in verdict.questions:
        for answer in question.wrong:
            public = "catches it" if answer.caught_publicly else "[bold red]passes[/]" if answer.slip == "usual" else "passes"
            lost = f"{points_lost(question, answer):.3g} of {question.points:g}"
            name, tests = escape(short(answer.name)), hidden(question, answer)
            made.add_row(escape(question.id), name, answer.slip or "-", public, tests, lost)
    return made


def write(path: Path, verdicts: Sequence[Verdict]) -> None:
    """Writes the table of `verdicts` as Markdown; what the file says of other notebooks stays.

    Raises:
        CourseError: the file cannot be written.
    """
    sections = _sections(path.read_text(encoding="utf-8")) if path.is_file() else {}
    sections |= {v.assignment: _section(v) for v in verdicts}
    text = "\n".join([_HEAD, *(sections[a] for a in sorted(sections, key=_order))])
    write_whole(path, text.encode())


def _order(assignment: str) -> tuple[str, bool]:
    week, _, kind = assignment.partition("/")
    return week, kind != "lab"


def _sections(text: str) -> dict[str, str]:
    starts = list(_SECTION.finditer(text))
    ends = [m.start() for m in starts[1:]] + [len(text)]
    return {m[1]: text[m.start() : end].rstrip("\n") + "\n" for m, end in zip(starts, ends, strict=True)}


def _section(verdict: Verdict) -> str:
    lines = [f"## {verdict.assignment}: {verdict.title}", ""]
    caught, count = (sum(f(a) for q in verdict.questions for a in q.wrong) for f in (lambda a: a.caught_publicly, lambda a: 1))
    lines += [f"The public checks catch {caught} of {count} wrong answers.", ""]
    lines += ["| question | wrong answer | kind | public | hidden | points lost |", "|---|---|---|---|---|---|"]
    for question in verdict.questions:
        lines += [_line(question, answer) for answer in question.wrong]
    return "\n".join(lines) + "\n"


def _line(question: QuestionVerdict, answer: AnswerResult) -> str:
    public = "catches" if answer.caught_publicly else "**passes**" if answer.slip == "usual" else "passes"
    lost = f"{points_lost(question, answer):.3g} of {question.points:g}"
    return f"| {question.id} | {short(answer.name)} | {answer.slip or '-'} | {public} | {hidden(question, answer)} | {lost} |"
