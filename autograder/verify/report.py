"""A verdict for the terminal, and as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from autograder.verify.checks_table import points_lost, summary, table
from autograder.verify.records import NOT_LIVE, SCHEMA_VERSION, Fate, QuestionVerdict, Verdict
from autograder.verify.seeds import upper_bound


def as_json(verdicts: Sequence[Verdict]) -> str:
    """All verdicts, with the numbers that follow from them."""
    return json.dumps({"schema": SCHEMA_VERSION, "notebooks": [_plain(v) for v in verdicts]}, indent=1)


def _plain(verdict: Verdict) -> dict:
    data = dataclasses.asdict(verdict)
    for question, record in zip(data["questions"], verdict.questions, strict=True):
        question.update(
            score=record.score, live=record.live, strict_score=record.strict_score, live_everywhere=record.live_everywhere
        )
        for answer, made in zip(question["wrong"], record.wrong, strict=True):
            answer["points_lost"] = points_lost(record, made)
    data.update(
        trusted=verdict.trusted,
        seeds=seeds_of(verdict),
        false_fail_bound=upper_bound(bad_seeds(verdict), seeds_of(verdict)) if seeds_of(verdict) else None,
        all_problems=[dataclasses.asdict(p) for p in verdict.all_problems()],
    )
    return data


def seeds_of(verdict: Verdict) -> int:
    """Seeds that every right answer was given."""
    return min((run.seeds for run in verdict.seed_runs), default=0)


def bad_seeds(verdict: Verdict) -> int:
    """Seeds under which some right answer lost a test."""
    return len({f.epoch for f in verdict.false_fails})


def seeds_sentence(verdict: Verdict) -> str:
    """The false-fail rate and its bound, in words."""
    seeds, bad, answers = seeds_of(verdict), bad_seeds(verdict), len(verdict.seed_runs)
    if not seeds:
        return "No right answer was run under other seeds."
    bound = 100 * upper_bound(bad, seeds)
    return (
        f"{len(verdict.false_fails)} false fails: {answers} right answers, the solution among them, under {seeds} seeds. "
        f"The chance that a seed costs one of them a test is below {bound:.2g} % (95 % confidence)."
    )


def render(verdict: Verdict) -> RenderableType:
    """One notebook's table, its survivors as diffs, and what must be mended."""
    parts: list[RenderableType] = [Text(), _table(verdict), Text(seeds_sentence(verdict))]
    parts += [Text(), summary(verdict)]
    parts += [_survivors(q) for q in verdict.questions if q.count(Fate.SURVIVED)]
    parts += [_problems(verdict), _last_line(verdict)]
    return Group(*parts)


def _table(verdict: Verdict) -> Table:
    title = f"{verdict.assignment} · {verdict.title}" + (" (sample)" if verdict.sample else "")
    table = Table(title=escape(title), title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim")
    for name in (
        "question",
        "tests",
        "mutation score",
        "live",
        "killed",
        "equiv.",
        "not live",
        "wrong",
        "public",
        "degen.",
        "time",
    ):
        table.add_column(name, justify="left" if name == "question" else "right", no_wrap=name in ("question", "score", "killed"))
    for question in verdict.questions:
        table.add_row(*_row(question, verdict.fail_under))
    return table


def _row(q: QuestionVerdict, fail_under: float) -> list[str]:
    good = 100 * q.score >= fail_under
    score = f"[{'green' if good else 'bold red'}]{100 * q.score:.1f} %[/]" if q.live else "-"
    rejected = sum(a.share <= 0.5 for a in q.wrong)
    caught = sum(a.caught_publicly for a in q.wrong)
    empty = sum(a.share == 0 for a in q.degenerate)
    return [
        escape(q.id), str(len(q.tests)), score, f"{q.count(Fate.KILLED)}/{q.live}",
        f"{round(q.strict_score * q.live_everywhere)}/{q.live_everywhere}", str(q.count(Fate.EQUIVALENT) or ""),
        str(q.count(*NOT_LIVE)), f"{rejected}/{len(q.wrong)}", f"{caught}/{len(q.wrong)}", f"{empty}/{len(q.degenerate)}",
        f"{q.seconds:.0f} s",
    ]  # fmt: skip


def _survivors(question: QuestionVerdict) -> RenderableType:
    lines: list[RenderableType] = [Text(f"{question.id}: survivors", style="bold")]
    for mutant in question.mutants:
        if mutant.fate is Fate.SURVIVED:
            text = Text(f"{mutant.id}\n", style="yellow")
            text.append_text(_diff(mutant.diff))
            if mutant.note:
                text.append(f"\n{mutant.note}", style="default")
            lines.append(Padding(text, (0, 0, 1, 2)))
    return Group(*lines)


def _diff(diff: str) -> Text:
    text = Text()
    for i, line in enumerate(diff.split("\n")):
        text.append(("\n" if i else "") + line, style="red" if line.startswith("-") else "green")
    return text


def render_checks(verdict: Verdict) -> RenderableType:
    """One notebook's wrong answers, and what must be mended about them."""
    return Group(Text(), table(verdict), _problems(verdict))


def _problems(verdict: Verdict) -> RenderableType:
    text = Text()
    for problem in sorted(verdict.all_problems(), key=lambda p: p.note):
        text.append("  note  " if problem.note else "  ! ", style="dim" if problem.note else "bold red")
        text.append(f"{problem.where}: " if problem.where else "", style="bold")
        text.append(f"{problem.message}\n")
    return text


def _last_line(verdict: Verdict) -> Text:
    if verdict.trusted:
        return Text(f"{verdict.assignment}: nothing to mend.", style="green")
    count = sum(not p.note for p in verdict.all_problems())
    return Text(f"{verdict.assignment}: {count} thing{'s' if count > 1 else ''} to mend (marked !).", style="bold red")
