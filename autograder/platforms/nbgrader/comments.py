"""What a student reads beside a mark in nbgrader's feedback: the feedback page's words as a few lines of Markdown.

Author's words keep their `code` in backticks; everything else is escaped, or stands in a code span that it cannot leave.
"""

from __future__ import annotations

import re

from autograder.model import Outcome, Report, Status
from autograder.report.feedback_questions import shown_questions
from autograder.report.printable import one_line
from autograder.wording import marked, unmarked

_MOST_TESTS = 12
_CODE = re.compile(r"`([^`\n]{1,200})`")
# An underscore inside a word is one in Markdown, too, and staff read this text as it is typed.
_SPECIAL = re.compile(r"([\\`*{}\[\]<>#|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_VALUE_CHARS = 200


def comments(report: Report) -> dict[str, str]:
    """Question id -> Markdown, for every question that there is something to say about."""
    if report.status is Status.UNREADABLE:
        return {}
    shown = shown_questions(report)
    found = {q.id: _comment(q.outcome, shown[q.id]) for q in report.questions}
    return {question: text for question, text in found.items() if text}


def escaped(text: object) -> str:
    """One line of plain text as Markdown that says just that."""
    plain = one_line(text, 600).replace("&", "&amp;")
    plain = _SPECIAL.sub(r"\\\1", plain)
    return re.sub(r"^([-+=]|\d+[.)])", lambda m: f"{m[1][:-1]}\\{m[1][-1]}", plain)


def code_span(text: object, limit: int = _VALUE_CHARS) -> str:
    """One line of text as a code span: its fence is longer than any run of backticks in it."""
    plain = one_line(text, limit)
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", plain)), default=0))
    pad = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{pad}{plain}{pad}{fence}" if plain else ""


def _prose(text: object) -> str:
    """One line of an author's words: `names in backticks` stay code."""
    plain = one_line(text, 1000)
    parts = _CODE.split(plain)
    return "".join(code_span(part) if i % 2 else _escaped_inner(part) for i, part in enumerate(parts))


def _authored(text: object) -> str:
    """One line of an author's own words: *emphasis* stays, too."""
    marks = {"": "", "em": "*", "strong": "**"}
    pieces = marked(one_line(text, 1000))
    return "".join(code_span(p) if kind == "code" else f"{marks[kind]}{_escaped_inner(p)}{marks[kind]}" for kind, p in pieces)


def _escaped_inner(text: str) -> str:
    """`escaped` for a piece in the middle of a line: its outer blanks stay."""
    return _SPECIAL.sub(r"\\\1", text.replace("&", "&amp;"))


def _comment(outcome: Outcome, question) -> str:
    if outcome is Outcome.MANUAL:
        return ""  # the words are for whoever marks it
    lines = [_prose(question.summary)] if question.summary else []
    if outcome is Outcome.PASSED and question.passed:
        count = len(question.passed)
        lines.append("The check is right." if count == 1 else f"All {count} checks are right.")
    lines += [_prose(note) for note in question.notes]
    head = "\n\n".join(lines)
    groups = (*question.failed, *question.set_back)
    items = [_item(group) for group in groups[:_MOST_TESTS]]
    if len(groups) > _MOST_TESTS:
        items.append(f"- and {len(groups) - _MOST_TESTS} more")
    return "\n\n".join(part for part in (head, "\n".join(items)) if part)


def _item(group) -> str:
    titles = "; ".join(_prose(unmarked(t.title.rstrip("."))) for t in group.tests[:4])  # set in bold as they are
    test = group.shown
    says = [f"**{titles}.**", *(_authored(hint) for hint in test.hints), _prose(test.message) if test.message else ""]
    lines = [" ".join(text for text in says if text), _call(test.call)]
    return "- " + "\n  ".join(line for line in lines if line)


def _call(call) -> str:
    """The call that went wrong, with what was given and what came back."""
    if call is None:
        return ""
    given = ", ".join(f"{code_span(name, 60)} = {code_span(value)}" for name, value in call.inputs[:4])
    came = f"raised {code_span(call.error)}" if call.error else f"gave {code_span(call.output)}" if call.output else ""
    return " ".join(part for part in (code_span(call.expression), f"with {given}" if given else "", came) if part) + "."
