"""Gradescope's layout on this machine: a package extracted below a folder that is /autograder for what runs in it, as root, with
namespaces refused and, where this machine lets us, with the memory limit of a container.

    container = Container(zip_file, folder);  container.setup();  run = container.grade({"lab.ipynb": text})
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

REFUSE = Path(__file__).parents[1] / "hostile" / "refuse.py"
MOUNT = Path("/autograder")
# A mount namespace of its own, the folder bound to /autograder there, this process in the control group, then the program.
_ENTER = """
mkdir -p /autograder
mount --bind "$1" /autograder
[ -z "$2" ] || echo $$ > "$2/cgroup.procs"
cd /autograder
shift 2
exec "$@"
"""
_GROUPS = Path("/sys/fs/cgroup/memory")

VISIBILITY = {"visible", "hidden", "after_due_date", "after_published"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
TOP = {
    "score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility",
    "stdout_visibility", "extra_data", "tests", "leaderboard",
}  # fmt: skip
ENTRY = {
    "score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags", "visibility",
    "extra_data",
}  # fmt: skip


@dataclass
class Run:
    """What one run left: results.json, what it printed (for instructors), how long it took and how much memory it had at most."""

    results: dict
    printed: str
    seconds: float
    peak_mb: float
    kills: int
    partial: list[dict] = field(default_factory=list)

    @property
    def score(self) -> float:
        return self.results["score"]

    def entry(self, question: str) -> dict:
        return next(t for t in self.results["tests"] if t["extra_data"]["autograder_question"] == question)

    @property
    def text(self) -> str:
        """All that a student can see."""
        shown = [self.results["output"], *(f"{t['name']}\n{t.get('output', '')}" for t in self.results["tests"])]
        return "\n".join(shown)


def check_fields(results: dict) -> None:
    """The documented fields and types, no others; a mark for the whole or for each entry."""
    assert set(results) <= TOP, set(results) - TOP
    assert results.get("output_format", "text") in FORMATS
    assert results.get("visibility", "visible") in VISIBILITY and results.get("stdout_visibility", "hidden") in VISIBILITY
    assert isinstance(results.get("output", ""), str) and isinstance(results.get("extra_data", {}), dict)
    assert isinstance(results.get("execution_time", 0), int | float)
    assert "score" in results or all("score" in t for t in results["tests"])
    for entry in results["tests"]:
        assert set(entry) <= ENTRY, set(entry) - ENTRY
        assert entry.get("status", "passed") in {"passed", "failed"}
        assert entry["output_format"] in FORMATS and entry["visibility"] == "visible", "one hidden entry hides the total"
        assert all(isinstance(entry.get(k, ""), str) for k in ("name", "number", "output"))
        assert 0 <= entry.get("score", 0) <= entry.get("max_score", entry.get("score", 0))
    if "score" in results:
        assert results["score"] == round(sum(t.get("score", 0) for t in results["tests"]), 2)


class Container:
    """One image of a package below `folder`.

    Args:
        package: the zip.
        memory_mb: of a run; held by the kernel where there is a control group to be had, else only measured.
    """

    def __init__(self, package: Path, folder: Path, memory_mb: int = 768):
        self.top, self.memory_mb = folder / "autograder", memory_mb
        source = self.top / "source"
        with zipfile.ZipFile(package) as archive:
            archive.extractall(source)  # which keeps no modes
        self.top.chmod(0o755)
        folder.chmod(0o755)
        for above in folder.parents:  # the bind hides it, but the students' user reaches Python's folders through it
            if above.is_relative_to("/tmp") and above != Path("/tmp"):
                above.chmod(above.stat().st_mode | 0o011)
        shutil.copy(source / "run_autograder", self.top / "run_autograder")
        for script in (self.top / "run_autograder", source / "setup.sh"):
            script.chmod(0o755)

    def setup(self, timeout: float = 900) -> str:
        """Runs setup.sh and returns what it said."""
        done = self._run(["/bin/bash", "/autograder/source/setup.sh"], "", timeout)
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout

    def grade(self, files: dict[str, str | bytes], metadata: object = None, *refused: str, timeout: float = 900) -> Run:
        """Hands in files (name -> contents) and runs run_autograder. `refused`: more options of refuse.py, e.g. "--landlock"."""
        for name in ("submission", "results"):
            shutil.rmtree(self.top / name, ignore_errors=True)
            (self.top / name).mkdir()
        for name, contents in files.items():
            path = self.top / "submission" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents if isinstance(contents, bytes) else contents.encode())
        told = self.top / "submission_metadata.json"
        told.unlink(missing_ok=True)
        if metadata is not None:
            told.write_text(metadata if isinstance(metadata, str) else json.dumps(metadata))
        with self._group() as group, Watch(group, self.top / "results" / "results.json") as watch:
            began = time.monotonic()
            done = self._run([*refused, "/autograder/run_autograder"], group, timeout)
            seconds = time.monotonic() - began
        results = json.loads((self.top / "results" / "results.json").read_text())
        check_fields(results)
        peak = watch.peak / 2**20
        cost = f"{seconds:.0f} s, {peak:.0f} MB of {self.memory_mb}, {watch.kills} killed"
        print(f"{sorted(files)}: {results['score']:g} points, {cost}")
        return Run(results, done.stdout, seconds, peak, watch.kills, watch.seen)

    def _run(self, program: list[str], group: str, timeout: float) -> subprocess.CompletedProcess:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL", "AUTOGRADER"))}
        try:
            return subprocess.run(
                ["unshare", "--mount", "--propagation", "private", "sh", "-ec", _ENTER, "sh", str(self.top), group,
                 sys.executable, str(REFUSE), *program],
                env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=timeout,
            )  # fmt: skip
        finally:
            with contextlib.suppress(OSError):
                MOUNT.rmdir()

    @contextlib.contextmanager
    def _group(self):
        """A control group with the memory limit; "" where we may make none."""
        try:
            own = next(x.split(":", 2)[2] for x in Path("/proc/self/cgroup").read_text().splitlines() if ":memory:" in x)
            group = Path(f"{_GROUPS}{own}") / f"gradescope-{os.getpid()}"
            group.mkdir()
        except (OSError, StopIteration):
            yield ""
            return
        try:
            (group / "memory.limit_in_bytes").write_text(str(self.memory_mb * 2**20))
            yield str(group)
        finally:
            for _ in range(50):
                with contextlib.suppress(OSError):
                    group.rmdir()
                    break
                time.sleep(0.1)


class Watch:
    """Memory of a group's processes (anonymous and shared, not what the kernel could drop), and results.json as it changes."""

    def __init__(self, group: str, results: Path):
        self._group, self._results, self._on = group, results, True
        self.peak, self.kills, self.seen = 0.0, 0, []
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._on = False
        self._thread.join()

    def _watch(self) -> None:
        last = ""
        while self._on:
            with contextlib.suppress(OSError, ValueError):
                self._measure()
            with contextlib.suppress(OSError):
                text = self._results.read_text()
                if text != last and text:
                    last = text
                    self.seen.append(json.loads(text))  # whenever it is looked at, it is whole
            time.sleep(0.05)

    def _measure(self) -> None:
        if not self._group:
            self.peak = max(self.peak, sum(map(_proportional, _below(os.getpid()))))
            return
        lines = (line.split() for line in Path(self._group, "memory.stat").read_text().splitlines())
        stat = {k: int(v) for k, v in lines}
        self.peak = max(self.peak, stat["total_rss"] + stat.get("total_shmem", 0))
        control = dict(x.split() for x in Path(self._group, "memory.oom_control").read_text().splitlines())
        self.kills = int(control.get("oom_kill", 0))


def _below(pid: int) -> list[int]:
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
        children = [int(c) for t in tasks for c in Path(f"/proc/{pid}/task/{t}/children").read_text().split()]
    except OSError:
        return []
    return children + [p for c in children for p in _below(c)]


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0
