"""Marks of every answer of every notebook in tiers A, B and C, side by side: the same notebook gets the same mark everywhere.

    python tier_marks.py [--tiers ABC] [--only week08/lab ...] [--answers NAME ...] [--accepted] [--workers N] [--resume]

The solution, the stub and the answers that a suite must accept are graded whole; a wrong answer in the questions that it
answers. Tiers B and C are made as in security.py and need root; without it only the machine's own tier is tried. What was
found is kept in build/tiers/, so that `--resume` goes on where a run was interrupted. Ends with 1 where a mark differs between
tiers, or where a right answer has less than full marks.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE)]

from crew import Crew, answer_by_name, cores, feed  # noqa: E402
from security import WRAPPERS  # noqa: E402

KEPT = ROOT / "build" / "tiers"
SOLUTION, STUB = "solution", "stub"
# Inputs of the tests are drawn from it: the same in every tier. It guards nothing.
_SECRET = "7135" * 16


# ------------------------------------------------------------------------------------------- the worker, in one tier


class Grader:
    """Grades answers by name ("week08/lab wrong_stride") in the tier that this process has, on a copy of the course."""

    def __init__(self, top: Path, expected: str):
        from autograder.course import load_course
        from autograder.grading.engine import Engine

        secret = top / f"secret-{os.getpid()}"
        secret.write_text(_SECRET + "\n")
        secret.chmod(0o600)
        os.environ["AUTOGRADER_SECRET_FILE"] = str(secret)
        self._course = load_course(top / "course")
        self._build = top / f"build-{expected}"
        self._build.mkdir(exist_ok=True)
        self._engine = Engine()
        self._targets: dict = {}
        if self._engine.tier.name != expected:
            raise SystemExit(f"this is tier {self._engine.tier.name}, not {expected}: {self._engine.tier.why}")

    def grade(self, name: str) -> dict:
        """{"questions": {id: [score, points]}, "tests": {id: outcome}, "reason": text} of an answer."""
        from autograder.grading.one import grade_cells
        from autograder.model import Submission

        began = time.monotonic()
        assignment, _, which = name.partition(" ")
        source, target = self._target(assignment)
        notebook, asked = self._notebook(source, assignment, which)
        kept = [_as_if_right(q) for q in target.assignment.questions if asked and q.id not in asked and not q.written]
        report = grade_cells(self._engine, target, Submission("s", "s.ipynb"), notebook, kept)
        shown = [q for q in report.questions if q.outcome != "manual" and (not asked or q.id in asked)]
        return {
            "questions": {q.id: [q.score, q.points] for q in shown},
            "tests": {t.id: t.outcome.value for q in shown for t in q.tests},
            "messages": {t.id: t.message[:200] for q in shown for t in q.tests if t.outcome != "passed"},
            "reason": report.reason, "seconds": round(time.monotonic() - began, 2),
        }  # fmt: skip

    def _target(self, assignment: str):
        from autograder.grading.preparing import target_of
        from autograder.grading.warming import warm_cache
        from autograder.notebook.source import load_assignment
        from autograder.notebook.student import solved_notebook

        if assignment not in self._targets:
            source = load_assignment(self._course, assignment)
            target = replace(target_of(self._course, source), build=self._build)
            # Filled in the tier itself: a program that was compiled in another one would hide what this one compiles.
            warm_cache(target, [_submission(solved_notebook(source, checksums=False))])
            self._targets[assignment] = source, target
        return self._targets[assignment]

    def _notebook(self, source, assignment: str, which: str):
        """The answer as it would be handed in, and the questions to grade (all if empty)."""
        from autograder.notebook.answers import answered_notebook, read_answers
        from autograder.notebook.student import solved_notebook, student_notebook

        which, _, only = which.partition(":")
        if which == SOLUTION:
            return _submission(solved_notebook(source)), set(filter(None, only.split(",")))
        if which == STUB:
            return _submission(student_notebook(source)), set()
        answer = next(a for a in read_answers(self._course.assignment_paths(assignment).answers) if a.name == which)
        asked = set() if answer.accepted else {q.id for q in source.assignment.questions if set(q.names) & set(answer.names)}
        return answered_notebook(source, answer), asked | ({answer.question} if asked else set())


def _submission(notebook):
    from autograder.notebook.student import to_text
    from autograder.notebook.submission import parse_submission

    return parse_submission(to_text(notebook).encode(), "s.ipynb")


def _as_if_right(question):
    from autograder.model import Outcome, QuestionResult, TestResult

    test = TestResult("kept", question.id, "", Outcome.PASSED)
    return QuestionResult(question.id, question.title, question.points, question.points, Outcome.PASSED, (test,))


# ------------------------------------------------------------------------------------------------- every tier, compared


def every_answer(assignments: Sequence[str] = (), accepted_only: bool = False) -> list[str]:
    """Names of all answers of the course's notebooks, notebook by notebook."""
    from autograder.course import load_course
    from autograder.notebook.answers import read_answers

    course, names = load_course(ROOT), []
    for assignment in course.assignments():
        if assignments and assignment not in assignments:
            continue
        answers = read_answers(course.assignment_paths(assignment).answers)
        some = [a.name for a in answers if a.accepted or not accepted_only]
        names += [f"{assignment} {which}" for which in (SOLUTION, STUB, *some)]
    return names


def grade_in(tier: str, names: Sequence[str], workers: int = 1) -> Iterator[tuple[str, dict]]:
    """What each answer gets in `tier`, as it comes; {"lost": why} where the grader ended."""
    with tempfile.TemporaryDirectory(prefix="tier-marks-", ignore_cleanup_errors=True) as folder:
        top = Path(folder)
        top.chmod(0o777)
        _copy_course(top / "course")
        wrapper = [sys.executable, str(HERE / WRAPPERS[tier][0]), *WRAPPERS[tier][1:]] if WRAPPERS[tier] else []
        program = [*wrapper, sys.executable, str(Path(__file__).resolve()), "--feed", folder, "--tiers", tier]
        environment = {**os.environ, "TMPDIR": folder, "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
        yield from feed(names, Crew(program, environment, top), workers)


def _copy_course(to: Path) -> None:
    """What another user may read, and nothing that grading writes to."""
    for name in ("course.toml", "course_lib", "solutions"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        to.mkdir(exist_ok=True)
        copy(ROOT / name, to / name)
    for path in [to, *to.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def differences(results: dict[str, dict[str, dict]]) -> list[str]:
    """What is not as it should be in {name: {tier: result}}, a line each."""
    found = []
    for name, by_tier in results.items():
        lost = {t: r for t, r in by_tier.items() if "lost" in r or r["reason"]}
        found += [f"{name}: tier {t}: {r.get('lost') or r['reason']}" for t, r in lost.items()]
        told = {t: (r["questions"], r["tests"]) for t, r in by_tier.items() if t not in lost}
        if any(v != next(iter(told.values())) for v in told.values()):
            found.append(f"{name}: {'; '.join(f'{t} {_words(by_tier[t], by_tier)}' for t in told)}")
        if name.split(" ")[1].split(":")[0].split("_")[0] in (SOLUTION, "right", "blind"):
            found += [f"{name}: tier {t}: {_words(by_tier[t], {})}" for t, (qs, _) in told.items()
                      if any(score != points for score, points in qs.values())]  # fmt: skip
    return found


def _words(result: dict, others: dict[str, dict]) -> str:
    """What differs of a result from the others (what is not full, if there are none), with the grader's messages."""
    if not others:
        wrong = {q: s for q, s in result["questions"].items() if s[0] != s[1]}
        return f"{wrong} {list(result['messages'].values())[:2]}"
    apart = {t: o for t, o in result["tests"].items() if any(r.get("tests", {}).get(t) != o for r in others.values())}
    marks = {q: s[0] for q, s in result["questions"].items()}
    return f"{marks} {[(t, o, result['messages'].get(t, '')) for t, o in apart.items()]}"


def print_table(results: dict[str, dict[str, dict]], tiers: Sequence[str], brief: bool = False) -> None:
    """Marks by answer and tier; with `brief` by notebook only."""
    by_notebook: dict[str, list[str]] = defaultdict(list)
    for name in results:
        by_notebook[name.split(" ")[0]].append(name)
    if not brief:
        for name, by_tier in results.items():
            print(f"{name:70} " + "  ".join(f"{_marks(by_tier.get(t)):>15}" for t in tiers))
        print()
    print(f"{'notebook':20} {'answers':>7}  " + "  ".join(f"{'marks in ' + t:>12}" for t in tiers) + "  differing")
    for notebook, names in by_notebook.items():
        sums = [sum(s[0] or 0 for n in names for s in results[n].get(t, {}).get("questions", {}).values()) for t in tiers]
        apart = sum(bool(differences({n: results[n]})) for n in names)
        print(f"{notebook:20} {len(names):7}  " + "  ".join(f"{s:12.2f}" for s in sums) + f"  {apart}")


def _marks(result: dict | None) -> str:
    if result is None or "lost" in result:
        return "-" if result is None else "lost"
    scores = result["questions"].values()
    return f"{sum(s[0] or 0 for s in scores):g} of {sum(s[1] for s in scores):g}"


def main() -> int:
    options = _options()
    if options.feed:
        grader = Grader(Path(options.feed), options.tiers)
        answer_by_name(grader.grade)
        return 0
    tiers = list(options.tiers)
    if os.geteuid() != 0:
        from autograder.sandbox.jail import tiers as walls

        tiers = [t for t in tiers if t == walls.best().name]
        print(f"Tiers other than this machine's need root here: trying {''.join(tiers) or 'none'}.", file=sys.stderr)
    names = [n for n in every_answer(options.only, options.accepted)
             if not options.answers or n.split(" ")[1] in options.answers]  # fmt: skip
    if not options.resume:
        shutil.rmtree(options.kept, ignore_errors=True)
    options.kept.mkdir(parents=True, exist_ok=True)
    results: dict[str, dict[str, dict]] = {n: {} for n in names}
    for tier in tiers:
        _run(tier, names, results, options.workers, options.kept)
    print_table(results, tiers)
    wrong = differences(results)
    print("\n".join(["", *wrong, f"{len(names)} answers in {', '.join(tiers)}: {len(wrong)} differences"]))
    return 1 if wrong else 0


def _run(tier: str, names: Sequence[str], results: dict[str, dict[str, dict]], workers: int, kept: Path) -> None:
    file = kept / f"{tier}.jsonl"
    known = {r["name"]: r for r in map(json.loads, file.read_text().splitlines())} if file.exists() else {}
    for name in names:
        if name in known:
            results[name][tier] = known[name]
    waiting = [n for n in names if n not in known]
    began = time.monotonic()
    with open(file, "a") as out:
        for number, (name, result) in enumerate(grade_in(tier, waiting, workers), 1):
            results[name][tier] = result
            if "lost" not in result:
                out.write(json.dumps({"name": name, **result}) + "\n")
                out.flush()
            print(f"{tier} {number:4}/{len(waiting)} {time.monotonic() - began:6.0f} s  {name:70} {_marks(result)}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiers", default="ABC")
    parser.add_argument("--only", nargs="+", default=[], metavar="ASSIGNMENT", help="these notebooks")
    parser.add_argument("--answers", nargs="+", default=[], metavar="NAME", help="these answers of them")
    parser.add_argument("--accepted", action="store_true", help="solutions, stubs and the answers that must be accepted only")
    parser.add_argument("--workers", type=int, default=min(4, cores()))
    parser.add_argument("--resume", action="store_true", help="go on with what has no result yet")
    parser.add_argument("--kept", type=Path, default=KEPT, metavar="FOLDER", help="where results are kept instead of build/tiers")
    parser.add_argument("--feed", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
