"""Grades the corpus by the product, in whatever tier this machine (or the filter around this process) leaves, and measures.

    python run_tier.py OUT.json [--expect B] [--only NAME ...] [--sample]
    python run_tier.py --feed [--expect B]        names on standard input, results on standard output (see crew.py)

One course, one engine, one class: every attack is handed in as a file of its own, with a neighbour who has everything right.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import io
import json
import os
import resource
import shutil
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from corpus import CORPUS, SAMPLE, neighbour  # noqa: E402
from crew import answer_by_name  # noqa: E402
from records import Attack  # noqa: E402
from small_course import ROOT, SmallCourse  # noqa: E402

MARKERS = (
    "suite-marker-0000aaaa", "solution-marker-0000bbbb", "neighbour-marker-0000cccc", "environ-marker-0000dddd",
    "result-marker-0000eeee",
)  # fmt: skip
SECRET = "5ec7e75ec7e75ec7" * 4
# Short in processor time and long on the clock, so that a busy machine takes nobody for a loop.
LIMITS = {
    "cell_seconds": 12, "call_seconds": 10, "submission_seconds": 300, "cpu_seconds": 120, "call_cpu_seconds": 2,
    "cell_cpu_seconds": 4, "memory_mb": 1000, "output_mb": 1, "reply_mb": 8, "file_mb": 16, "rebuilds": 12,
}  # fmt: skip
# Bounds on what a run may cost, far above what it costs.
MOST_SECONDS, MOST_MEMORY, MOST_GROWTH, MOST_DISK, MOST_OUTPUT = 400, 1_700_000_000, 400_000_000, 500_000_000, 1_000_000
_QUESTIONS = {
    "double": "def double(x):\n    # solution-marker-0000bbbb\n    return 2 * np.asarray(x)",
    "triple": "def triple(x):\n    return 3 * np.asarray(x)",
    "refuse": "def refuse(x):\n    raise ValueError('no')",
    # What only forged evidence (attacks_forge.py) answers; all other notebooks do not define these.
    "once": "def once(f, n):\n    return sum(f(k) for k in range(n))",
    "bend": "def bend(x):\n    return x * x",
    "flat": "def flat(x):\n    return x.sum() * jnp.ones(3)",
}
_SUITE = '''
    # suite-marker-0000aaaa
    @question("double", reference="NumPy")
    class TestDouble:
        def test_values(self, student, rng):
            """Each entry is doubled."""
            secret = "suite-marker-0000aaaa"
            x = rng.normal(size=3)
            assert_close(student.double(x), 2 * x)

        def test_values_in_a_program(self, student, rng):
            """Each entry is doubled wherever it is called from."""
            x = rng.normal(size=3)
            assert_close(student.run(lambda ns: ns.double(x)), 2 * x)

    @question("triple", reference="NumPy")
    class TestTriple:
        def test_values(self, student, rng):
            """Each entry is tripled."""
            x = rng.normal(size=3)
            assert_close(student.triple(x), 3 * x)

    @question("refuse", reference="the docstring")
    class TestRefuse:
        def test_it(self, student):
            """Negative numbers are refused."""
            with student.raises("ValueError"):
                student.refuse(-1.0)

    @question("once", reference="a sum by NumPy; calls counted on this side")
    class TestOnce:
        def test_each_number_is_asked_for_once(self, student, rng):
            """The sum of f(0) ... f(n - 1), each of them asked for once."""
            table, calls = rng.normal(size=4), []

            def f(k):
                calls.append(int(k))
                return float(table[int(k)])

            assert_close(student.once(asked(f), 4), table.sum())
            require(sorted(calls) == [0, 1, 2, 3], "each number should be asked for once")

    @question("bend", reference="the chain rule by hand")
    class TestBend:
        def test_gradient(self, student, rng):
            """jax.grad has to get through."""
            x, slope = rng.normal(size=3), rng.uniform(2.0, 3.0, size=3)
            got = student.run(lambda ns, x, slope: jax.grad(lambda v: ns.bend(tilted(slope)(v)).sum())(x), x, slope)
            assert_close(got, 2 * slope * x)

    @question("flat", reference="NumPy")
    class TestFlat:
        def test_it_is_compiled(self, student, rng):
            """It can be compiled."""
            x, (before, after) = rng.normal(size=3), rng.uniform(1.0, 2.0, size=2)

            def probe(ns, x, before, after):
                level = [before]
                compiled = jax.jit(lambda v: ns.flat(v) + level[0])
                compiled(x)
                level[0] = after
                return compiled(x)

            assert_close(student.run(probe, x, before, after), np.full(3, x.sum() + before))
'''


@dataclass
class Result:
    """What became of one attack."""

    name: str
    group: str
    tier: str
    score: float | None
    expected: float | None
    status: str
    seconds: float = 0.0
    memory: int = 0
    disk: int = 0
    problems: list[str] = field(default_factory=list)
    forged: bool = False
    leaked: bool = False
    neighbours_changed: bool = False
    left_behind: bool = False


class Class:
    """The course, the neighbour's grade, and everything that is worth stealing, below one folder."""

    def __init__(self, top: Path):
        from autograder.grading.engine import Engine
        from autograder.grading.store import Store

        self.top = top
        self.course = SmallCourse(top / "course")
        self.id = self.course.add(1, _QUESTIONS, _SUITE)
        self._set_limits()
        self._own_build()
        self._plant()
        self.target = self.course.target(self.id)
        self.store = Store(self.course.root / "grades" / self.id)
        self._warm()
        self.engine = Engine()
        self.peak = Peak(self)
        zoe = self.grade_neighbour()
        if zoe["score"] != 6.0:
            raise SystemExit(f"the neighbour has {zoe}: the run proves nothing")
        self._solution_has_everything()
        self.zoe, self.treasure = zoe, self._fingerprint()
        self.known = set(descendants())

    def _set_limits(self) -> None:
        file = self.course.root / "course.toml"
        head, _, rest = file.read_text().partition("[limits]\n")
        tail = rest[rest.index("[[week]]") :]
        file.write_text(head + "[limits]\n" + "".join(f"{k} = {v}\n" for k, v in LIMITS.items()) + tail)

    def _own_build(self) -> None:
        build = self.course.root / "build"
        build.unlink()
        build.mkdir()
        for made in [*(ROOT / "build").glob("xla-flags-*"), *(ROOT / "build").glob("fonts")]:
            (shutil.copytree if made.is_dir() else shutil.copyfile)(made, build / made.name)

    def _plant(self) -> None:
        self.handed_in = self.top / "handed-in"
        self.neighbour = self.handed_in / "zoe.ipynb"
        (self.top / "home").mkdir()
        self.handed_in.mkdir()
        self.neighbour.write_text(neighbour())
        (self.top / "solved.ipynb").write_text(neighbour())
        secret = self.course.root / ".autograder" / "secret"
        secret.parent.mkdir()
        secret.write_text(SECRET + "\n")
        secret.chmod(0o600)
        results = self.course.root / "grades" / "results.json"
        results.parent.mkdir()
        results.write_text('{"zoe": "result-marker-0000eeee"}')
        os.environ["TOKEN"] = "environ-marker-0000dddd"

    def _warm(self) -> None:
        from autograder.grading.warming import warm_cache
        from autograder.notebook.submission import parse_submission

        warm_cache(self.target, [parse_submission(self.course.solved(self.id).encode(), "solution")])

    def _solution_has_everything(self) -> None:
        """A test that nobody passes would withstand everything."""
        from autograder.grading.one import grade_one
        from autograder.model import Submission

        file = self.top / "solution.ipynb"
        file.write_text(self.course.solved(self.id))
        report = grade_one(self.engine, self.target, Submission("solution", file.name), file)
        file.unlink()
        if report.score != report.points:
            raise SystemExit(f"the solution has {report.score} of {report.points} points: the run proves nothing")

    def paths(self, attack: Attack) -> dict:
        """The true places of everything, which the attacker knows."""
        from autograder.grading.engine import cache_folder

        folder = self.course.root / "solutions" / "week01_small"
        return {
            "suite": str(folder / "hidden/test_lab.py"), "solution": str(folder / "lab.py"),
            "secret": str(self.course.root / ".autograder/secret"), "solved": str(self.top / "solved.ipynb"),
            "neighbour": str(self.neighbour), "results": str(self.course.root / "grades/results.json"),
            "cache": str(cache_folder(self.target)), "home": str(self.top / "home"), "digits": SECRET[:16],
            "me": attack.name, "pid": os.getpid(),
        }  # fmt: skip

    def grade_neighbour(self) -> dict:
        """What the neighbour gets, without the times that it took."""
        from autograder.grading.one import grade_one
        from autograder.model import Submission

        report = asdict(grade_one(self.engine, self.target, Submission("zoe", "zoe.ipynb"), self.neighbour))
        for key in ("seconds", "cpu_seconds"):
            report.pop(key)
        for q in report["questions"]:
            for t in q["tests"]:
                t.pop("seconds")
        report["score"] = sum(q["score"] or 0 for q in report["questions"])
        return json.loads(json.dumps(report))

    def _fingerprint(self) -> str:
        """Everything that must stay as it is."""
        from autograder.grading.engine import cache_folder

        digest = hashlib.sha256()
        tops = [self.course.root / "solutions", self.course.root / ".autograder", self.top / "home", cache_folder(self.target)]
        files = [self.neighbour, self.top / "solved.ipynb", self.course.root / "grades/results.json"]
        for path in [*files, *sorted(p for top in tops for p in top.rglob("*"))]:
            status = path.lstat()
            digest.update(f"{path} {status.st_mode} {status.st_uid} {status.st_mtime_ns if path.is_file() else 0}".encode())
            if path.is_file():
                digest.update(path.read_bytes())
        return digest.hexdigest()

    def try_attack(self, attack: Attack, number: int) -> Result:
        from autograder.grading.one import grade_one
        from autograder.grading.target import SUBMISSION_MB
        from autograder.notebook.intake import collect

        folder = self.handed_in / f"{number:03}"
        folder.mkdir()
        name, data = attack.handed_in(self.paths(attack))
        _put(folder / name, data)
        self.peak.begin()
        began, reports = time.monotonic(), []
        intake = collect(folder, self.id, max_mb=SUBMISSION_MB)
        for submission, file in zip(intake.submissions, intake.files, strict=True):
            reports.append(grade_one(self.engine, self.target, submission, file, folder))
            self.store.save(reports[-1])
        seconds = time.monotonic() - began
        memory, disk = self.peak.end()
        first = reports[0] if reports else None
        unreadable = first is None or first.status.value == "unreadable"
        result = Result(
            attack.name, attack.group, self.engine.tier.name, None if unreadable else first.score, attack.expected,
            "nothing" if first is None else first.status.value, round(seconds, 2), memory, disk,
        )  # fmt: skip
        self._judge(result, attack, reports, intake)
        self._judge_neighbour(result)
        shutil.rmtree(folder)
        return result

    def _judge(self, result: Result, attack: Attack, reports: list, intake) -> None:
        problems = result.problems
        if result.score != result.expected:
            problems.append(f"score {result.score}, {result.expected} without the attack")
        result.forged = (result.score or 0) > (result.expected or 0) or len(reports) > 1
        if result.status == "incomplete":
            problems.append(f"incomplete: {reports[0].reason}")
        shown, staff = self._texts(reports, intake)
        stolen = [m for m in MARKERS if m in shown] + [m for m in (*MARKERS[1:], SECRET) if m in staff]
        result.leaked = bool(stolen)
        problems += [f"{m} was found" for m in stolen]
        # HTML is harmless in a table for spreadsheets or terminals; everything else is looked for everywhere.
        places = self._pages(reports) + ("" if attack.raw.startswith("<") else shown)
        if attack.raw and attack.raw in places:
            problems.append("its text stands in a page or table as it is")
        if len(shown) > MOST_OUTPUT or len(staff) > 2 * MOST_OUTPUT:
            problems.append(f"{len(shown)} characters of output")
        for what, value, most in (
            ("seconds", result.seconds, MOST_SECONDS), ("bytes of memory", result.memory, MOST_MEMORY),
            ("bytes of growth of the grader", self.peak.growth(), MOST_GROWTH), ("bytes of files", result.disk, MOST_DISK),
        ):  # fmt: skip
            if value > most:
                problems.append(f"{value} {what}")
        left = self._left()
        result.left_behind = bool(left)
        problems += left

    def _texts(self, reports: list, intake) -> tuple[str, str]:
        """(what students see, what staff see and must not hold secrets of others)."""
        from rich.console import Console

        from autograder.model import to_json
        from autograder.report.class_table import class_csv, class_table

        out = io.StringIO()
        console = Console(file=out, width=200)
        console.print(class_table(reports))
        for path, line in intake.problems:
            console.print(path, line, markup=False)
        pages = "\n".join(self.store.feedback_path(r).read_text() for r in reports)
        staff = "\n".join(to_json(r) for r in reports)
        table = "\n".join("| " + line for line in out.getvalue().split("\n"))
        return "\n".join((pages, "\n" + class_csv(reports), table)), staff

    def _pages(self, reports: list) -> str:
        """All pages, the students' and the staff's."""
        from autograder.report.class_report import render_class

        mine = "\n".join(self.store.feedback_path(r).read_text() for r in reports)
        return mine + (render_class(reports, self.target.assignment) if reports else "")

    def _left(self) -> list[str]:
        """Processes and files that should not be there any more."""
        found = []
        deadline = time.monotonic() + 5
        while (new := set(descendants()) - self.known) and time.monotonic() < deadline:
            time.sleep(0.05)
        found += [f"process {pid} is left" for pid in new]
        for top in (self.top, Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path.home(), Path.cwd()):
            found += [f"{p} is left" for p in top.glob("*hostile-*") if p != self.top and not p.name.startswith("hostile-run-")]
        found += [f"{p} is left" for p in self.top.rglob("*hostile-left*")]
        if self._fingerprint() != self.treasure:
            found.append("a file of ours has changed")
        return found

    def _judge_neighbour(self, result: Result) -> None:
        after = self.grade_neighbour()
        if after != self.zoe:
            result.neighbours_changed = True
            tests = [t["message"] or t["outcome"] for q in after["questions"] for t in q["tests"] if t["outcome"] != "passed"]
            result.problems.append(f"the neighbour's report has changed: {after['status']}, {after['score']}, {tests}")

    def close(self) -> None:
        self.peak.stop()
        self.engine.close()


class Peak:
    """The most memory that all processes below this one had at a time, and the most that lay in their scratch folder."""

    def __init__(self, owner: Class):
        self._owner, self._memory, self._disk, self._running = owner, 0, 0, True
        self._grader = _grader_memory()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while self._running:
            self._memory = max(self._memory, sum(_resident(p) for p in descendants()))
            for parent in list(self._owner.engine._parents.values()):
                if parent.tier.name != "A":
                    self._disk = max(self._disk, _size(Path(parent._scratch)))
            time.sleep(0.1)

    def begin(self) -> None:
        self._memory = self._disk = 0

    def end(self) -> tuple[int, int]:
        return self._memory, self._disk

    def growth(self) -> int:
        return _grader_memory() - self._grader

    def stop(self) -> None:
        self._running = False


def _grader_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def _size(folder: Path) -> int:
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(where, name)).st_blocks * 512
            except OSError:
                continue
    return total


def descendants() -> list[int]:
    """Living processes below this one."""
    found, waiting = [], [os.getpid()]
    while waiting:
        pid = waiting.pop()
        try:
            tasks = os.listdir(f"/proc/{pid}/task")
            children = [int(c) for t in tasks for c in Path(f"/proc/{pid}/task/{t}/children").read_text().split()]
        except OSError:
            continue
        for child in children:
            try:
                state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if state not in "ZX":
                found.append(child)
                waiting.append(child)
    return found


def _put(path: Path, data: bytes) -> None:
    if data.startswith(b"LINK "):
        path.symlink_to(data[5:].decode())
    else:
        path.write_bytes(data)


class Trial:
    """A class, and attacks tried on it one after the other; after each, the neighbour is graded again."""

    def __init__(self, top: Path):
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # orphans become ours, so that none is overlooked
        self._class, self._number = Class(top), 0

    def attempt(self, attack: Attack) -> Result:
        self._number += 1
        return self._class.try_attack(attack, self._number)

    def close(self) -> None:
        self._class.close()


def run(attacks: tuple[Attack, ...], top: Path) -> list[Result]:
    trial = Trial(top)
    try:
        results = []
        for attack in attacks:
            results.append(trial.attempt(attack))
            r = results[-1]
            print(f"{r.tier} {r.group:8} {r.name:48} {r.score} {r.seconds:6.2f} s  {'; '.join(r.problems)}", flush=True)
        return results
    finally:
        trial.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--expect", default="")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--feed", action="store_true")
    options = parser.parse_args()
    from autograder.sandbox.jail import tiers

    if options.expect and tiers.best().name != options.expect:
        print(f"tier {options.expect} was asked for; this is {tiers.best()}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="hostile-run-", ignore_cleanup_errors=True) as top:
        os.chmod(top, 0o755)
        if options.feed:
            return _serve(Path(top))
        attacks = SAMPLE if options.sample else CORPUS
        chosen = tuple(a for a in attacks if not options.only or a.name in options.only or a.group in options.only)
        results = run(chosen, Path(top))
    options.out.write_text(json.dumps([asdict(r) for r in results], indent=1))
    return 1 if any(r.problems for r in results) else 0


def _serve(top: Path) -> int:
    trial, attacks = Trial(top), {a.name: a for a in CORPUS}
    try:
        answer_by_name(lambda name: asdict(trial.attempt(attacks[name])))
    finally:
        trial.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
