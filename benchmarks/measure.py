"""The measurements of `make bench`, one function each. All numbers are of one machine and one run."""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.engine import cache_folder
from autograder.grading.executors import default_workers
from autograder.notebook.answers import trusted_notebooks
from autograder.notebook.student import to_text
from autograder.sandbox import stage
from benchmarks import tapes
from benchmarks.labs import ROOT, Lab
from benchmarks.meters import Cost, measured
from benchmarks.others import NbgraderCourse, OtterAssignment
from benchmarks.programs import Handed

AUTOGRADER = Path(sys.executable).parent / "autograder"
_NOT_ALL_GRADED = 3
_LIMIT_WORDS = ("It did not finish", "It used more", "The process", "Not run")


@dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Attributes:
        classes: sizes of the classes of distinct submissions, ascending.
        rounds, rounds_full: how often each tool has its turn on the three-question lab, and on that of week 3.
        ours, nbgrader, otter: submissions of the three-question lab in a turn of each.
        ours_full, nbgrader_full, otter_full: the same for the lab of week 3.
        floor: submissions of the largest class that the floor repeats.
    """

    classes: tuple[int, ...]
    rounds: int
    rounds_full: int
    ours: int
    nbgrader: int
    otter: int
    ours_full: int
    nbgrader_full: int
    otter_full: int
    floor: int


FULL = Sizes((30, 100, 300, 1000), 3, 2, 200, 4, 2, 200, 3, 3, 40)
QUICK = Sizes((4, 8), 1, 1, 4, 1, 1, 2, 1, 1, 4)


@dataclass(frozen=True)
class Tool:
    """Median over the rounds, per submission: seconds of wall and CPU; and the peak memory of all of it in GiB."""

    name: str
    submissions: int
    wall: float
    cpu: float
    peak_gib: float


# ------------------------------------------------------------------------------------------------------------ this grader


def write_class(lab: Lab, handed: Sequence[Handed], folder: Path) -> Path:
    """The submissions as files."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for one in handed:
        (folder / f"{one.student}.ipynb").write_text(to_text(one.notebook(lab)), encoding="utf-8")
    return folder


def grade(lab: Lab, folder: Path, results: Path) -> Cost:
    """`autograder grade` on a folder, as a person types it."""
    command = [AUTOGRADER, "grade", lab.id, "--from", folder, "--to", results]
    return measured(command, lab.root, ok=(0, _NOT_ALL_GRADED), log=results.parent / f"{results.name}.log")


def _reports(results: Path) -> list[dict]:
    return [json.loads(p.read_text()) for p in sorted((results / "reports").glob("*.json"))]


def not_graded(results: Path) -> list[str]:
    """Students without a result, and why."""
    return [f"{r['submission']['student']}: {r['reason']}" for r in _reports(results) if r["status"] != "graded"]


def ended_by_themselves(results: Path) -> set[str]:
    """Students whose programs met no limit. In the other tools, which have one limit for a whole cell, a hang costs more."""
    graded = [r for r in _reports(results) if r["status"] == "graded"]
    tests = {r["submission"]["student"]: [t for q in r["questions"] for t in q["tests"]] for r in graded}
    return {s for s, found in tests.items() if not any(t["message"].startswith(_LIMIT_WORDS) for t in found)}


def scores(results: Path) -> dict[str, float]:
    """Points by student."""
    return {r["submission"]["student"]: sum(q["score"] or 0.0 for q in r["questions"]) for r in _reports(results)}


def warm(lab: Lab) -> Cost:
    """`autograder warm`, with nothing compiled yet."""
    shutil.rmtree(cache_folder(lab.target).parent, ignore_errors=True)
    return measured([AUTOGRADER, "warm", lab.id], lab.root, log=lab.root / "build" / "bench-warm.log")


# ---------------------------------------------------------------------------------------------------------- side by side


def side_by_side(lab: Lab, handed: Sequence[Handed], rounds: int, ours: int, theirs: tuple[int, int], work: Path,
                 say: Callable[[str], None]) -> tuple[list[Tool], list[str]]:  # fmt: skip
    """Ours, nbgrader and otter by turns on the same submissions, the scores compared.

    What nbgrader needs to start (it grades all that is handed in by one command) is measured beside each turn and taken off: per
    submission it gets the better figure. Ours and otter's include it.

    Args:
        ours: submissions in each turn of ours, a new batch each time; the other tools get the first of it that meet no limit.
        theirs: submissions in each turn of nbgrader and of otter.

    Returns:
        The tools, ours first; and on which submissions they do not agree: then their speeds mean nothing.
    """
    disagreements: list[str] = []
    nbgrader, otter = NbgraderCourse(lab, work / "nbgrader"), OtterAssignment(lab, work / "otter")
    turns: dict[str, list[tuple[float, float, float]]] = {"ours": [], "nbgrader": [], "otter": []}
    for number in range(rounds):
        batch = handed[number * ours : (number + 1) * ours]
        folder = write_class(lab, batch, work / "handed-in")
        results = work / f"round-{number}"
        shutil.rmtree(results, ignore_errors=True)
        cost = grade(lab, folder, results)
        turns["ours"].append((cost.wall / len(batch), cost.cpu / len(batch), cost.peak_gib))
        fit = [one for one in batch if one.student in ended_by_themselves(results)]
        nbgrader.hand_in(fit[: theirs[0]])
        start, cost = nbgrader.start(), nbgrader.grade()
        turns["nbgrader"].append(
            ((cost.wall - start.wall) / theirs[0], (cost.cpu - start.cpu) / theirs[0], cost.peak_gib)
        )
        otter.hand_in(fit[: theirs[1]])
        for one in fit[: theirs[1]]:
            cost = otter.grade(one.student)
            turns["otter"].append((cost.wall, cost.cpu, cost.peak_gib))
        right = scores(results)
        disagreements += differences("nbgrader", nbgrader.scores(), right, fit)
        disagreements += differences("otter", otter.scores(), right, fit)
        say(f"{lab.name}, round {number + 1} of {rounds}: " + ", ".join(f"{k} {v[-1][0]:.2f} s" for k, v in turns.items()))
    counts = {"ours": rounds * ours, "nbgrader": rounds * theirs[0], "otter": rounds * theirs[1]}
    return [_tool(name, counts[name], turns[name]) for name in turns], disagreements


def _tool(name: str, count: int, turns: Sequence[tuple[float, float, float]]) -> Tool:
    wall, cpu, peak = zip(*turns, strict=True)
    return Tool(name, count, statistics.median(wall), statistics.median(cpu), max(peak))


def differences(tool: str, theirs: dict[str, float], ours: dict[str, float], handed: Sequence[Handed]) -> list[str]:
    """The submissions that a tool gives other points than we, a sentence each."""
    found = []
    for one in handed:
        # Ours rounds each question to hundredths.
        if one.student in theirs and abs(theirs[one.student] - ours[one.student]) > 0.01 * len(one.programs):
            programs = ", ".join(f"{p.question}: {p.name}" for p in one.programs)
            found.append(f"{tool} gives {theirs[one.student]:g} points and we {ours[one.student]:g} to {programs}")
    return found


# ----------------------------------------------------------------------------------------------------------------- floor


@dataclass(frozen=True)
class Floor:
    """CPU seconds per submission at the floor, and how many of its compilations the cache answered (0 to 1).

    Attributes:
        cpu, hit_rate: JAX and Python as they come, with a cache filled by them.
        tuned_cpu, tuned_hit_rate: with XLA's flags and the garbage collection of our jails, and the jails' cache.
    """

    cpu: float
    hit_rate: float
    tuned_cpu: float
    tuned_hit_rate: float
    submissions: int


def floor(lab: Lab, handed: Sequence[Handed], count: int, work: Path) -> Floor:
    """The floor's cost of a random sample of the submissions."""
    sample = random.Random(1).sample(list(handed), min(count, len(handed)))
    trusted = trusted_notebooks(lab.source, lab.course.assignment_paths(lab.id).answers)
    tapes.record(lab, tapes.read(lab, sample), work / "tapes.pickle")
    tapes.record(lab, trusted, work / "trusted.pickle")
    cache = work / "floor-cache"
    shutil.rmtree(cache, ignore_errors=True)
    _floor(work / "trusted.pickle", cache, work, "python's-gc", fill=True)
    plain = _floor(work / "tapes.pickle", cache, work, "python's-gc")
    tuned = _floor(work / "tapes.pickle", cache_folder(lab.target), work, flags=stage.xla_flags(lab.target.build))
    if len(plain[0]) != len(sample) or len(tuned[0]) != len(sample):
        raise RuntimeError(f"the floor gave too few costs for {len(sample)} submissions; see {work / 'floor.log'}")
    means = (statistics.fmean(plain[0]), plain[1], statistics.fmean(tuned[0]), tuned[1])
    return Floor(*means, len(sample))


def _floor(file: Path, cache: Path, work: Path, *options: str, flags: str = "", fill: bool = False) -> tuple[list[float], float]:
    """CPU seconds of each tape, and the share of compilations that the cache answered; it takes none in but to `fill` it."""
    command = [sys.executable, "-m", "benchmarks.floor", file, cache, *options]
    least = "0" if fill else "1e9"
    env = {**os.environ, "XLA_FLAGS": flags, "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": least}
    said = measured(command, ROOT, env, log=work / "floor.log").said
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    hits = sum(line.get("cache_hits", 0) for line in lines)
    asked = sum(line.get("compile_requests_use_cache", 0) for line in lines)
    return [line["cpu"] for line in lines if "cpu" in line], hits / max(asked, 1)


# ---------------------------------------------------------------------------------------------------------- other commands


def build_all() -> Cost:
    """`autograder build`, every week that there is."""
    return measured([AUTOGRADER, "build"], ROOT, log=ROOT / "build" / "bench-build.log")


def help_seconds() -> float:
    """`autograder --help`, the median of five."""
    log = ROOT / "build" / "bench-help.log"
    return statistics.median(measured([AUTOGRADER, "--help"], ROOT, log=log).wall for _ in range(5))


def verify(lab: Lab) -> Cost:
    """`autograder verify --sample` of the lab: the look at a suite that every commit gets."""
    log = lab.root / "build" / "bench-verify.log"
    return measured([AUTOGRADER, "verify", lab.id, "--sample"], lab.root, ok=(0, 1), log=log)


def machine() -> dict[str, str | int]:
    """What the figures were measured on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "")
    return {"processor": model, "cores": default_workers(), "load_before": round(os.getloadavg()[0], 1)}
