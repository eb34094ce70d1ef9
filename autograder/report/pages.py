"""What every HTML page shares: the Jinja2 environment, the style, and how numbers and outcomes are worded.

Everything put into a page goes through `printable` and then through autoescape, whether a template asks for it or not.
"""

from __future__ import annotations

import functools
import re
import urllib.parse
from dataclasses import dataclass
from datetime import datetime

import jinja2
from markupsafe import Markup, escape

from autograder.model import Outcome, QuestionResult, Report
from autograder.report.printable import printable
from autograder.wording import marked


@dataclass(frozen=True)
class State:
    """How an outcome looks: never by colour alone, always with a sign and a word too. `tone` is a CSS class."""

    label: str
    glyph: str
    tone: str


STATES = {
    Outcome.PASSED: State("Complete", "✓", "good"),
    Outcome.PARTIAL: State("Partly right", "◐", "part"),
    Outcome.FAILED: State("Not yet", "✗", "todo"),
    Outcome.BLOCKED: State("Waiting", "‖", "wait"),
    Outcome.NOT_RUN: State("Not run", "–", "calm"),
    Outcome.MANUAL: State("Waits for a person", "✎", "calm"),
    Outcome.GRADER_FAULT: State("Graded again soon", "!", "wait"),
}


MARKED = State("Marked by a person", "✎", "calm")
NOT_ANSWERED = State("Not answered", "✗", "todo")


def state_of(question: QuestionResult) -> State:
    """How a question looks, people's marks included."""
    if question.by_person:
        return MARKED
    if question.outcome is Outcome.MANUAL and question.score is not None:
        return NOT_ANSWERED
    return STATES[question.outcome]


def settled_points(report: Report) -> float:
    """Full marks of what has a score: written answers and what the grader failed on join once they have one."""
    return sum(q.points for q in report.questions if q.score is not None)


def number(value: float) -> str:
    """At most two decimals, none where there are none: 2, 2.5, 13.33."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def percent(part: float, whole: float) -> float:
    """0 to 100; 0 when there is no whole."""
    return round(min(100.0, max(0.0, 100.0 * part / whole)), 1) if whole > 0 else 0.0


def moment(iso: str, clock: str = "") -> str:
    """ISO 8601 with offset as a date a person reads; "" for "", and the text itself where it is no date.

    Args:
        clock: another such time, whose clock is shown: a hand-in time beside a due time. "" for its own.
    """
    if not iso:
        return ""
    try:
        when = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    if clock and when.tzinfo:
        when = when.astimezone(datetime.fromisoformat(clock).tzinfo)
    zone = when.strftime("%Z") if when.tzinfo else ""
    return f"{when.day} {when:%B %Y, %H:%M} {zone}".strip()


def prose(text: object) -> Markup:
    """One line or paragraph of plain text as HTML: escaped, `names in backticks` set as code."""
    parts = re.split(r"`([^`\n]{1,200})`", printable(text))
    return Markup("").join(Markup("<code>{}</code>").format(part) if i % 2 else escape(part) for i, part in enumerate(parts))


def authored(text: object) -> Markup:
    """The same of an author's own words, in which *emphasis* and **strong** are set, too."""
    forms = {"": "{}", "code": "<code>{}</code>", "em": "<em>{}</em>", "strong": "<strong>{}</strong>"}
    return Markup("").join(Markup(forms[kind]).format(piece) for kind, piece in marked(printable(text)))


def render(template: str, styles: tuple[str, ...], **context: object) -> str:
    """A page from one of our templates, the named style sheets put together into `style`."""
    return _environment().get_template(template).render(style=_style(styles), **context)


def source(template: str) -> str:
    """The text of one of our own files, as it is."""
    environment = _environment()
    return environment.loader.get_source(environment, template)[0]


def address(path: str) -> str:
    """A relative address as a link that stays one: quoted, and never a scheme such as `javascript:`."""
    quoted = urllib.parse.quote(path)
    return f"./{quoted}"


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("autograder.report"),
        autoescape=True,
        finalize=_clean,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"prose": prose, "authored": authored, "number": number, "address": address}
    return environment


@functools.cache
def _style(styles: tuple[str, ...]) -> Markup:
    return Markup("\n".join(source(name) for name in styles))


def _clean(value: object) -> object:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value
