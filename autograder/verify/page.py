"""A week's verdicts as one HTML page for the staff: the matrix of questions and mutants, survivors, answers, seeds."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import jinja2
from markupsafe import Markup

from autograder.report import pages
from autograder.verify.checks_table import hidden, points_lost
from autograder.verify.operators import OPERATORS
from autograder.verify.records import NOT_LIVE, Fate, MutantResult, QuestionVerdict, Verdict
from autograder.verify.report import seeds_of, seeds_sentence


@dataclass(frozen=True)
class Look:
    """How a fate is drawn: a tone of the style sheet and a sign, so that it never hangs on colour alone."""

    tone: str
    sign: str
    words: str


LOOKS = {
    Fate.KILLED: Look("good", "", "killed by a test"),
    Fate.SURVIVED: Look("todo", "✗", "survived: no test notices"),
    Fate.EQUIVALENT: Look("wait", "=", "equivalent: declared, no difference found"),
    Fate.DUPLICATE: Look("faint", "", "the same as an earlier mutant (not counted)"),
    Fate.RAISED: Look("calm", "!", "not live: raises, hangs, another shape, not finite (not counted)"),
}


def render_week(title: str, verdicts: Sequence[Verdict]) -> str:
    """The page of one week.

    Args:
        title: heading of the page.
        verdicts: its notebooks.
    """
    return _template().render(
        title=title,
        style=Markup(pages.source("style.css") + "\n" + _source("verify.css")),
        notebooks=[_notebook(v) for v in verdicts],
        looks=list(LOOKS.values()),
    )


def _notebook(verdict: Verdict) -> dict:
    used = {m.operator for q in verdict.questions for m in q.mutants}
    operators = [name for name in OPERATORS if name in used]
    live = sum(q.live for q in verdict.questions)
    killed = sum(q.count(Fate.KILLED) for q in verdict.questions)
    return {
        "id": verdict.assignment,
        "anchor": verdict.assignment.replace("/", "-"),
        "title": verdict.title,
        "sample": verdict.sample,
        "trusted": verdict.trusted,
        "fail_under": verdict.fail_under,
        "score": f"{100 * killed / live:.1f} %" if live else "-",
        "live": live,
        "killed": killed,
        "seeds": seeds_of(verdict),
        "false_fails": len(verdict.false_fails),
        "seeds_sentence": seeds_sentence(verdict),
        "operators": operators,
        "questions": [_question(q, operators, verdict.fail_under) for q in verdict.questions],
        "runs": verdict.seed_runs,
        "problems": [p for p in verdict.all_problems() if not p.note],
        "notes": [p for p in verdict.all_problems() if p.note],
        "suite": verdict.suite_sha256[:12],
    }


def _question(q: QuestionVerdict, operators: Sequence[str], fail_under: float) -> dict:
    return {
        "id": q.id,
        "title": q.title,
        "score": f"{100 * q.score:.1f} %" if q.live else "-",
        "good": 100 * q.score >= fail_under,
        "live": q.live,
        "killed": q.count(Fate.KILLED),
        "not_live": q.count(*NOT_LIVE),
        "cells": [[_cell(m) for m in q.mutants if m.operator == operator] for operator in operators],
        "survivors": [_shown(m) for m in q.mutants if m.fate is Fate.SURVIVED],
        "equivalents": [_shown(m) for m in q.mutants if m.fate is Fate.EQUIVALENT],
        "tests": [{"id": t, "kills": sum(m.killer == t and m.fate is Fate.KILLED for m in q.mutants)} for t in q.tests],
        "wrong": [{"answer": a, "hidden": hidden(q, a), "lost": points_lost(q, a)} for a in q.wrong],
        "points": q.points,
        "caught": sum(a.caught_publicly for a in q.wrong),
        "degenerate": q.degenerate,
        "seconds": round(q.seconds),
    }


def _cell(mutant: MutantResult) -> dict:
    look = LOOKS.get(mutant.fate, LOOKS[Fate.RAISED])
    detail = mutant.killer.split("::")[-1] or mutant.note
    return {"look": look, "title": f"{mutant.id}: {mutant.fate}{', ' + detail if detail else ''}\n{mutant.diff}"}


def _shown(mutant: MutantResult) -> dict:
    lines = [{"tone": "minus" if line.startswith("-") else "plus", "text": line} for line in mutant.diff.split("\n")]
    return {"id": mutant.id, "operator": mutant.operator, "lines": lines, "note": mutant.note}


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("autograder.verify"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@functools.cache
def _template() -> jinja2.Template:
    return _environment().get_template("verify.html.j2")


def _source(name: str) -> str:
    environment = _environment()
    return environment.loader.get_source(environment, name)[0]  # type: ignore[union-attr]
