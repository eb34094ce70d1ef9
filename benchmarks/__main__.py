"""`make bench`: measures, prints, and writes build/bench.json, docs/benchmark.md and its plot. `--quick` tries the machinery."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

from benchmarks import measure, page
from benchmarks.labs import ROOT, Lab, three_questions, week3
from benchmarks.measure import FULL, QUICK, Sizes
from benchmarks.meters import CommandFailed, counts_all
from benchmarks.programs import Program, class_of, programs_of

Say = Callable[[str], None]


@click.command()
@click.option("--quick", is_flag=True, help="A few submissions only: are the machinery and the scores right? Writes no docs.")
@click.option("--lab", type=click.Choice(["three", "week3", "both"]), default="both", help="Which labs to compare.")
@click.option("--json", "file", type=click.Path(path_type=Path), default=ROOT / "build" / "bench.json", show_default=False)
def main(quick: bool, lab: str, file: Path) -> None:
    """Measures this grader, nbgrader and otter side by side, and writes build/bench.json and docs/benchmark.md."""
    began = time.monotonic()
    # Elsewhere than in /tmp and /usr, which student code may read.
    work = ROOT / "build" / "bench"
    work.mkdir(parents=True, exist_ok=True)

    def say(words: str) -> None:
        click.echo(f"[{time.monotonic() - began:5.0f} s] {words}")

    try:
        found = _measured(QUICK if quick else FULL, lab, work, say)
    except CommandFailed as e:
        click.echo(f"bench: {e}", err=True)
        sys.exit(1)
    found["quick"], found["seconds"] = quick, round(time.monotonic() - began)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(found, indent=1) + "\n")
    click.echo(page.table(found))
    whole = not quick and lab == "both" and counts_all()
    if whole:
        page.write(found, ROOT / "docs")
    if not counts_all():
        why = "this kernel counts all processes of a command for root only (kernel.perf_event_paranoid)"
        click.echo(f"bench: CPU seconds are too small and the page is not written: {why}. Run it as root.", err=True)
    wrong = [*found.get("disagreements", []), *found.get("disagreements_full", [])]
    for words in wrong:
        click.echo(f"bench: scores differ, so the speeds mean nothing: {words}", err=True)
    say(f"written: {file}" + (", docs/benchmark.md" if whole else ""))
    sys.exit(1 if wrong else 0)


def _measured(sizes: Sizes, which: str, work: Path, say: Say) -> dict:
    found: dict = {"machine": measure.machine()}
    found["help_s"] = round(measure.help_seconds(), 3)
    build = measure.build_all()
    found["build_all_s"], found["build_all_cpu_s"] = round(build.wall, 2), round(build.cpu, 2)
    say(f"--help {found['help_s']} s, build of every week {found['build_all_s']} s")
    if which != "week3":
        three = three_questions(work)
        programs = programs_of(three)
        say("programs per question: " + ", ".join(f"{q} {len(p)}" for q, p in programs.items()))
        found["programs_per_question"] = {q: len(p) for q, p in programs.items()}
        found |= _compared(three, programs, sizes, "", work, say)
        found |= _classes(three, programs, sizes, work, say)
        found["verify_sample_s"] = round(measure.verify(three).wall, 1)
    if which != "three":
        lab = week3()
        found |= _compared(lab, programs_of(lab), sizes, "_full", work, say)
    return found


def _compared(lab: Lab, programs: dict[str, tuple[Program, ...]], sizes: Sizes, suffix: str, work: Path, say: Say) -> dict:
    """Side by side on one lab; keys end in `suffix`."""
    warming = measure.warm(lab)
    say(f"{lab.name}: compiled once in {warming.wall:.0f} s")
    full = suffix == "_full"
    ours = sizes.ours_full if full else sizes.ours
    theirs = (sizes.nbgrader_full, sizes.otter_full) if full else (sizes.nbgrader, sizes.otter)
    rounds = sizes.rounds_full if full else sizes.rounds
    handed = class_of(programs, rounds * ours, seed=7)
    tools, disagreements = measure.side_by_side(lab, handed, rounds, ours, theirs, work, say)
    us, nbgrader, otter = tools
    return {
        f"disagreements{suffix}": disagreements,
        f"warm{suffix}_s": round(warming.wall, 1),
        f"tools{suffix}": {t.name: {"submissions": t.submissions, "wall_s": round(t.wall, 3), "cpu_s": round(t.cpu, 3),
                                    "peak_gib": round(t.peak_gib, 2)} for t in tools},
        f"ratio_nbgrader{suffix}": round(nbgrader.wall / us.wall, 1),
        f"ratio_otter{suffix}": round(otter.wall / us.wall, 1),
        f"ratio_nbgrader_cpu{suffix}": round(nbgrader.cpu / us.cpu, 1),
        f"ratio_otter_cpu{suffix}": round(otter.cpu / us.cpu, 1),
    }  # fmt: skip


def _classes(lab: Lab, programs: dict[str, tuple[Program, ...]], sizes: Sizes, work: Path, say: Say) -> dict:
    """Cost against class size, one run of the command for each; regrading the largest; the floor on a sample of it."""
    largest = class_of(programs, sizes.classes[-1])
    classes = []
    for size in sizes.classes:
        folder = measure.write_class(lab, largest[:size], work / "class")
        results = work / f"class-{size}"
        shutil.rmtree(results, ignore_errors=True)
        cost = measure.grade(lab, folder, results)
        memory = [(round(t), round(gib, 3)) for t, gib in cost.memory[:: max(1, len(cost.memory) // 200)]]
        classes.append(
            {
                "size": size,
                "wall_s": cost.wall / size,
                "cpu_s": cost.cpu / size,
                "peak_gib": cost.peak_gib,
                "memory": memory,
                "further_wall_s": _further(classes, size, cost.wall),
            }
        )
        say(f"class of {size}: {cost.wall / size:.3f} s wall, {cost.cpu / size:.3f} s CPU a submission, {cost.peak_gib:.2f} GiB")
    missing = measure.not_graded(work / f"class-{sizes.classes[-1]}")
    for words in missing:
        say(f"not graded: {words}")
    again = measure.grade(lab, work / "class", work / f"class-{sizes.classes[-1]}")
    say(f"the same {sizes.classes[-1]} again, unchanged: {again.wall:.1f} s")
    floor = measure.floor(lab, largest, sizes.floor, work)
    say(f"floor {floor.cpu:.3f} s CPU a submission, cache hit rate {floor.hit_rate:.1%} ({floor.submissions} submissions); "
        f"with our settings {floor.tuned_cpu:.3f} s, {floor.tuned_hit_rate:.1%}")  # fmt: skip
    by_size = {c["size"]: c for c in classes}
    last, before = by_size[sizes.classes[-1]], by_size.get(100, classes[0])
    return {
        "classes": classes,
        "not_graded": missing,
        "per_submission_1000_over_100": round(last["wall_s"] / before["wall_s"], 3),
        "peak_gib": round(max(c["peak_gib"] for c in classes), 2),
        "regrade_1000_s": round(again.wall, 1),
        "floor_cpu_s": round(floor.cpu, 3),
        "cpu_over_floor": round(last["cpu_s"] / floor.cpu, 2),
        "tuned_floor_cpu_s": round(floor.tuned_cpu, 3),
        "cpu_over_tuned_floor": round(last["cpu_s"] / floor.tuned_cpu, 2),
        "cache_hit_rate": round(floor.tuned_hit_rate, 3),
        "floor_submissions": floor.submissions,
    }


def _further(classes: list[dict], size: int, wall: float) -> float | None:
    """Seconds for each submission beyond the next smaller class: what is left when the start is the same."""
    if not classes:
        return None
    before = classes[-1]
    return (wall - before["wall_s"] * before["size"]) / (size - before["size"])


if __name__ == "__main__":
    main()
