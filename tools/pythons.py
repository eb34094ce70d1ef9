"""`make pythons`: the course on every Python that it supports and this machine has, each with the JAX that the lock gives it.

    python tools/pythons.py [--only 3.12 3.13] [--steps build demo] [--answers] [--week week03/lab]

For each, in an environment of its own (build/pythons/3.12): are the generated notebooks the same; a sample of `verify`; the demo
class; a student's set-up in a real kernel, and what is said of notebooks that are too new. The demo class must get the same marks
everywhere. With --answers also every right answer of every notebook, which must get all points (an hour per Python on two cores).
What a step printed lies in build/pythons/3.12-STEP.log. Ends with 1 where a step failed or marks differ, or where there is no
Python to try.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "build" / "pythons"
SERIES = ("3.11", "3.12", "3.13")
STEPS = ("build", "verify", "demo", "student")
STUDENT = ("tests/notebook/test_alone.py", "tests/notebook/test_hand_in.py", "tests/notebook/test_newer.py",
           "tests/grading/test_too_new.py")  # fmt: skip


@dataclass
class Tried:
    """What one Python made of it.

    Attributes:
        series: "3.12".
        versions: of Python and JAX, as its environment says.
        steps: name -> (passed, seconds).
        marks: student -> question -> score and outcome, of the demo class.
    """

    series: str
    versions: str = "not on this machine"
    steps: dict[str, tuple[bool, float]] = field(default_factory=dict)
    marks: dict[str, dict[str, tuple]] = field(default_factory=dict)

    @property
    def here(self) -> bool:
        return bool(self.steps)


def try_out(series: str, options: argparse.Namespace) -> Tried:
    """Runs the steps on one Python; later ones are left out where there is no environment."""
    tried = Tried(series)
    found = subprocess.run(["bash", "tools/find_python.sh", series], cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode:
        return tried
    own = PLACE / series
    where = {"PYTHON": found.stdout.strip(), "VENV": str(own.relative_to(ROOT))}
    if not _step(tried, "install", ["bash", "tools/install.sh"], where):
        return tried
    tried.versions = _versions(own)
    for name, command in _commands(own, series, options).items():
        if name in options.steps:
            _step(tried, name, command)
    if "demo" in tried.steps:
        tried.marks = _marks(PLACE / f"{series}-class")
    return tried


def _commands(own: Path, series: str, options: argparse.Namespace) -> dict[str, list[str]]:
    cli, python, workers = [str(own / "bin" / "autograder")], str(own / "bin" / "python"), ["--workers", str(options.workers)]
    return {
        "build": [*cli, "build", "--check"],
        "verify": [*cli, "verify", options.week, "--sample", *workers],
        "demo": [*cli, "demo", "--to", str(PLACE / f"{series}-class"), *workers],
        "student": [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not slow", *STUDENT],
        "answers": [python, "tests/hostile/tier_marks.py", "--tiers", "A", "--accepted", *workers,
                    "--kept", str(PLACE / f"{series}-answers")],
    }  # fmt: skip


def _step(tried: Tried, name: str, command: list[str], environment: dict[str, str] | None = None) -> bool:
    log = PLACE / f"{tried.series}-{name}.log"
    began = time.monotonic()
    # What runs this may have an environment of its own at the front of its path.
    path = os.pathsep.join([str(PLACE / tried.series / "bin"), os.environ.get("PATH", "")])
    with open(log, "w") as out:
        done = subprocess.run(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, check=False,
                              env={**os.environ, "PATH": path, **(environment or {})})  # fmt: skip
    seconds = time.monotonic() - began
    tried.steps[name] = done.returncode == 0, seconds
    verdict = "ok" if done.returncode == 0 else f"FAILED (see {log.relative_to(ROOT)})"
    print(f"{tried.series:5} {name:8} {seconds:5.0f} s  {verdict}", flush=True)
    return done.returncode == 0


def _versions(environment: Path) -> str:
    code = "import jax, jaxlib, platform; print(platform.python_version(), jax.__version__, jaxlib.__version__)"
    done = subprocess.run([environment / "bin" / "python", "-c", code], capture_output=True, text=True, check=False)
    words = done.stdout.split()
    return f"Python {words[0]}, JAX {words[1]}, jaxlib {words[2]}" if len(words) == 3 else "no JAX"


def _marks(folder: Path) -> dict[str, dict[str, tuple]]:
    reports = (json.loads(p.read_text()) for p in sorted((folder / "grades" / "reports").glob("*.json")))
    return {r["submission"]["student"]: {"status": (r["status"],)} | {q["id"]: (q["score"], q["outcome"]) for q in r["questions"]}
            for r in reports}  # fmt: skip


def differing(all_tried: list[Tried]) -> list[str]:
    """A line for each mark of the demo class that is not the same everywhere."""
    lines = []
    for student in sorted({s for t in all_tried for s in t.marks}):
        for question in dict.fromkeys(q for t in all_tried for q in t.marks.get(student, {})):
            got = {t.series: t.marks.get(student, {}).get(question) for t in all_tried}
            if len(set(got.values())) > 1:
                lines.append(f"{student}, {question}: " + "; ".join(f"{s} {m}" for s, m in got.items()))
    return lines


def table(all_tried: list[Tried], course_python: str) -> str:
    """One column per Python, one row per step."""
    names = list(dict.fromkeys(name for t in all_tried for name in t.steps))
    head = "".join(f"{t.series + (' (course)' if t.series == course_python else ''):>18}" for t in all_tried)
    rows = [f"{'':10}{head}"]
    for name in names:
        cells = [t.steps.get(name) for t in all_tried]
        shown = ["-" if c is None else f"{'ok' if c[0] else 'FAILED'} {c[1]:.0f} s" for c in cells]
        rows.append(f"{name:10}" + "".join(f"{s:>18}" for s in shown))
    points = [sum(m[0] or 0 for q in t.marks.values() for m in q.values() if len(m) == 2) for t in all_tried]
    marks = [f"{p:g} in {len(t.marks)} files" if t.marks else "-" for t, p in zip(all_tried, points, strict=True)]
    rows += [f"{'marks':10}" + "".join(f"{m:>18}" for m in marks)] if "demo" in names else []
    return "\n".join([*rows, "", *(f"{t.series}: {t.versions}" for t in all_tried)])


def main() -> int:
    options = _options()
    PLACE.mkdir(parents=True, exist_ok=True)
    with open(ROOT / "course.toml", "rb") as file:
        course_python = tomllib.load(file)["course"].get("python", SERIES[0])
    all_tried = [try_out(series, options) for series in options.only]
    here = [t for t in all_tried if t.here]
    apart = differing([t for t in here if t.marks])
    print(f"\n{table(all_tried, course_python)}\n")
    for line in apart:
        print(f"Not the same marks: {line}")
    bad = [f"{t.series} {name}" for t in here for name, (passed, _) in t.steps.items() if not passed]
    for line in bad:
        print(f"Failed: {line}")
    if not here:
        print("There is none of these Pythons here, so nothing was tried.")
    if bad or apart or not here:
        return 1
    print("Every step passed." + (" The demo class has the same marks everywhere." if "demo" in options.steps else ""))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=list(SERIES), choices=SERIES, metavar="SERIES")
    parser.add_argument("--steps", nargs="+", default=list(STEPS), choices=[*STEPS, "answers"], metavar="STEP")
    parser.add_argument("--answers", action="store_true", help="every right answer of every notebook, too")
    parser.add_argument("--week", default="week03/lab", help="what the sample of verify takes")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    options.steps += ["answers"] * options.answers
    return options


if __name__ == "__main__":
    sys.exit(main())
