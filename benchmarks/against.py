"""This checkout's engine against another's, by turns in one run: is anything slower? `make bench AGAINST=FOLDER`.

Seconds of two runs on two days tell little: machines differ by more than five per cent, and one machine does from hour to hour.
Here both engines grade the same submissions in turn, and what is printed are ratios (this one over the other: below 1 is faster).
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.labs import ROOT, Lab, three_questions, week3
from benchmarks.measure import write_class
from benchmarks.meters import Cost, measured
from benchmarks.programs import class_of, programs_of

_ALLOWED = 1.05
_NOT_ALL_GRADED = 3
Say = Callable[[str], None]


@dataclass(frozen=True)
class Figure:
    """One thing that was measured of both: the medians of their turns.

    Attributes:
        what: in words, with the unit.
        ours, theirs: medians over the turns, each for the same work.
    """

    what: str
    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


@dataclass(frozen=True)
class Engine:
    """A checkout with its environment, and a course of three questions that it grades."""

    checkout: Path
    course: Path

    def run(self, *arguments: str | Path, ok: tuple[int, ...] = (0,)) -> Cost:
        """A command of its `autograder`."""
        command = [self.checkout / ".venv" / "bin" / "autograder", *arguments]
        return measured(command, self.course, ok=ok, log=self.course / "build" / "against.log")


def compare(other: Path, work: Path, say: Say, size: int = 100, rounds: int = 3) -> list[Figure]:
    """Every figure of docs/benchmark.md that two engines can be compared in.

    Args:
        other: a checkout of this project, installed.
        work: a folder of ours.
        size: submissions of a class.
        rounds: turns of each.
    """
    lab = three_questions(work / "ours")
    engines = {"ours": Engine(ROOT, lab.root), "theirs": Engine(other, _copy(lab, work / "theirs"))}
    handed = class_of(programs_of(lab), size, seed=3)
    small, large = write_class(lab, handed[:30], work / "class-30"), write_class(lab, handed, work / "class")
    found = _turns(engines, rounds * 5, {"`--help`": lambda e: e.run("--help")}, say)
    found += _turns(engines, rounds, {"`build`, one notebook": _build_one}, say)
    found += _turns(engines, 1, {"filling the cache": lambda e: e.run("warm", lab.id)}, say)
    found += _turns(engines, rounds, {
        "class of 30": lambda e: _grade(e, lab, small), f"class of {size}": lambda e: _grade(e, lab, large),
        f"{size} again, unchanged": lambda e: _grade(e, lab, large, anew=False),
    }, say)  # fmt: skip
    found += _turns(engines, 1, {"`verify --sample`": lambda e: e.run("verify", lab.id, "--sample", ok=(0, 1))}, say)
    return found + _week3(engines, work, max(1, rounds - 1), say)


def _copy(lab: Lab, work: Path) -> Path:
    root = work / lab.root.name
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(lab.root, root)
    return root


def _build_one(engine: Engine) -> Cost:
    shutil.rmtree(engine.course / "assignments", ignore_errors=True)
    return engine.run("build")


def _grade(engine: Engine, lab: Lab, folder: Path, anew: bool = True) -> Cost:
    results = engine.course / f"results-{folder.name}"
    if anew:
        shutil.rmtree(results, ignore_errors=True)
    return engine.run("grade", lab.id, "--from", folder, "--to", results, ok=(0, _NOT_ALL_GRADED))


def _week3(engines: dict[str, Engine], work: Path, rounds: int, say: Say) -> list[Figure]:
    """The same submissions of week 3, each engine with the course of its own checkout."""
    lab = week3()
    folder = write_class(lab, class_of(programs_of(lab, mutants=False), 16, seed=3), work / "week03")
    full = {name: Engine(e.checkout, e.checkout) for name, e in engines.items()}
    for engine in full.values():
        (engine.course / "build").mkdir(exist_ok=True)
        engine.run("warm", lab.id)
    found = _turns(full, rounds, {"week 3 lab, class of 16": lambda e: _grade(e, lab, folder)}, say)
    for engine in full.values():
        shutil.rmtree(engine.course / f"results-{folder.name}", ignore_errors=True)
    return found


def _turns(engines: dict[str, Engine], rounds: int, works: dict[str, Callable[[Engine], Cost]], say: Say) -> list[Figure]:
    """Each piece of work by both engines in turn; who begins changes from round to round."""
    costs: dict[tuple[str, str], list[Cost]] = {}
    for number in range(rounds):
        for what, work in works.items():
            for name in sorted(engines, reverse=bool(number % 2)):
                costs.setdefault((what, name), []).append(work(engines[name]))
    found = []
    for what in works:
        median = lambda name, take, what=what: statistics.median(take(c) for c in costs[what, name])
        takes = {"CPU s": lambda c: c.cpu, "wall s": lambda c: c.wall, "GiB": lambda c: c.peak_gib}
        for unit, take in takes.items():
            if min(median(name, take) for name in engines) > 0:  # memory is not sampled in half a second
                found.append(Figure(f"{what}, {unit}", median("ours", take), median("theirs", take)))
                say(line(found[-1]))
    return found


def line(figure: Figure) -> str:
    """A figure as a row of a table."""
    mark = "slower" if figure.ratio > _ALLOWED else ""
    return f"| {figure.what} | {figure.ours:.3f} | {figure.theirs:.3f} | {figure.ratio:.2f} | {mark} |"


def slower(figures: Sequence[Figure]) -> list[Figure]:
    """What is worse by more than 5 per cent."""
    return [f for f in figures if f.ratio > _ALLOWED]


_HEAD = "| what | this engine | the other | ratio | |\n|---|---|---|---|---|"


def page(figures: Sequence[Figure], names: tuple[str, str]) -> str:
    """What is written to docs/by-turns.md; `names` are the two commits."""
    rows = "\n".join(line(f) for f in figures)
    return f"""# Two engines by turns

Written by `make bench AGAINST=CHECKOUT`; edit benchmarks/against.py, not this file. This engine is {names[0]}, the other
{names[1]}. Both did the same work in turn on one machine, in one run; each figure is the median of its turns. A ratio below 1
means that this engine needs less; "slower" marks more than 5 per cent.

{_HEAD}
{rows}
"""


def main(other: Path, work: Path) -> int:
    """Prints the table and writes docs/by-turns.md; the exit status, 1 where something is slower."""
    print(_HEAD, flush=True)
    other = other.resolve()
    figures = compare(other, work, lambda words: print(words, flush=True))
    (ROOT / "docs" / "by-turns.md").write_text(page(figures, (_commit(ROOT), _commit(other))))
    return 1 if slower(figures) else 0


def _commit(checkout: Path) -> str:
    """The last one that touched the engine or the course's library."""
    git = ["git", "-C", str(checkout), "log", "-1", "--format=%h", "--", "autograder", "course_lib"]
    return subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or "a copy without git"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), ROOT / "build" / "against"))
