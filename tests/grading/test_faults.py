"""The grader killed, interrupted, out of disk: the next run ends in exactly the grades of an undisturbed one."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from grading_commands import DOUBLE, SUITE, TRIPLE, autograder, reports, week_of
from machine import needs_namespaces

from autograder.grading.executors import default_workers
from autograder.wording import counted

WRONG = {
    "right": "",
    "triple": "def triple(x): return 1 + 3 * x",
    "double": "def double(x): return x",
    "crash": "def double(x):\n    import os\n    os._exit(0)",
}
# Times and paths differ between runs that give the same grades.
TIMES = re.compile(r'"(cpu_)?seconds": [0-9.]+')


@pytest.fixture
def week(small_course):
    return week_of(small_course)


def handed_in(week, folder: Path, count: int) -> Path:
    folder.mkdir()
    texts = [week.with_code("week01/lab", code) if code else week.solved("week01/lab") for code in WRONG.values()]
    for i in range(count):
        (folder / f"s{i:02}.ipynb").write_text(texts[i % len(texts)])
    return folder


def everything(folder: Path) -> dict[str, str]:
    """All results in a folder, but for times."""
    kept = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.name not in (".lock", "class.html", "run.json")]
    return {str(p.relative_to(folder)): TIMES.sub("", p.read_text()) for p in kept}


def begin(course, *words: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "autograder.cli", *words], cwd=course.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell ignores Ctrl-C for what it runs behind
    )  # fmt: skip


def start(week, folder: Path, to: Path, *more: str) -> subprocess.Popen:
    return begin(week, "grade", "week01/lab", "--from", str(folder), "--to", str(to), *more)


def done_so_far(to: Path) -> int:
    return len(list((to / "reports").glob("*.json")))


def until(condition, seconds: float = 400) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come so far"
        time.sleep(0.02)


def processes_of(week) -> list[str]:
    """Command lines of living processes that work for this course, or descend from such."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            line = (path / "cmdline").read_text().replace("\0", " ")
            if os.readlink(path / "cwd") == str(week.root) and "autograder" in line + "spawn_main":
                found.append(line)
        except OSError:
            continue
    return found


def workers_of(parent: int) -> list[int]:
    """Grading processes that a run has started: forks of its server, or a single one of its own."""

    def is_server(pid: int | str) -> bool:
        return b"multiprocessing.forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes()

    def is_worker(pid: int) -> bool:
        above = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
        return (is_server(pid) and is_server(above)) or b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()

    return [pid for pid in family_of(parent) if is_worker(pid)]


def survive_kills(week, tmp_path, students: int, kills: int, seed: int) -> None:
    """Kills the grader again and again while it grades a class; compares what is there in the end with an undisturbed run."""
    folder = handed_in(week, tmp_path / "handed in", students)
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    assert autograder(week, "grade", "week01/lab", "--from", folder, "--to", calm).returncode == 0
    dice = random.Random(seed)
    for _ in range(kills):
        running = start(week, folder, rough)
        before = done_so_far(rough)
        # Half of the blows fall right after a report is written, the others anywhere from the first import on.
        if dice.random() < 0.5 and before < students:
            until(lambda before=before: done_so_far(rough) > before or running.poll() is not None)
            time.sleep(dice.uniform(0, 0.05))
        else:
            time.sleep(dice.uniform(0, 4))
        running.send_signal(signal.SIGKILL)
        running.communicate()
        for path in rough.rglob("*.json"):
            assert path.read_text().endswith("}"), f"{path} is half written"
        if before and dice.random() < 0.5:
            # What it had done is done anew, so that later kills find work to disturb.
            for path in list((rough / "reports").glob("*.json"))[::3]:
                path.unlink()
    assert autograder(week, "grade", "week01/lab", "--from", folder, "--to", rough).returncode == 0
    assert everything(rough) == everything(calm)
    until(lambda: processes_of(week) == [], 20)


def test_a_grader_killed_twice_ends_in_the_same_grades(week, tmp_path):
    survive_kills(week, tmp_path, students=6, kills=2, seed=5)


@pytest.mark.slow
def test_a_class_of_forty_and_a_hundred_kills(week, tmp_path):
    survive_kills(week, tmp_path, students=40, kills=100, seed=0)


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(week, tmp_path):
    folder, to = handed_in(week, tmp_path / "handed in", 8), tmp_path / "results"
    running = start(week, folder, to)
    until(lambda: done_so_far(to) >= 2)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does it: to the workers too
    said, _ = running.communicate(timeout=60)
    assert running.returncode == 130, said
    assert "Stopped. What was graded is saved" in said and "Traceback" not in said
    kept = done_so_far(to)
    again = autograder(week, "grade", "week01/lab", "--from", folder, "--to", to)
    assert again.returncode == 0 and f"{counted(8 - kept, 'submission')} to grade" in again.stdout.replace("\n", " ")
    assert done_so_far(to) == 8
    until(lambda: processes_of(week) == [], 20)


def descendants(pid: int) -> list[int]:
    try:
        children = [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return children + [n for child in children for n in descendants(child)]


def test_ctrl_c_ends_a_build_and_all_that_it_runs(small_course):
    """Both notebooks are built at once where there are two cores, and each runs its solution in a process of its own."""
    for week in (1, 2):
        small_course.add(week, {"double": DOUBLE, "triple": TRIPLE}, SUITE)
        source = next((small_course.root / "solutions").glob(f"week0{week}*/lab.py"))
        source.write_text(source.read_text() + "\n# %%\nimport time\n\ntime.sleep(300)\n")
    running = begin(small_course, "build")

    def at_work() -> list[int]:
        lines = {n: Path(f"/proc/{n}/cmdline") for n in descendants(running.pid)}
        return [n for n, line in lines.items() if line.exists() and "run_cells.py" in line.read_text()]

    at_once = min(2, default_workers())
    until(lambda: len(at_work()) == at_once or running.poll() is not None)
    begun = at_work()
    assert len(begun) == at_once, running.communicate()
    os.killpg(running.pid, signal.SIGINT)
    said, _ = running.communicate(timeout=30)
    assert running.returncode == 130 and "Stopped." in said and "Traceback" not in said, said
    until(lambda: not any(Path(f"/proc/{n}").exists() for n in begun), 10)


def test_ctrl_c_ends_verify_and_its_workers(small_course, tmp_path):
    """What runs is not waited for: a suite may take minutes."""
    runs = tmp_path / "runs"
    slow = f"x = __import__('pathlib').Path({str(runs)!r}).touch(); __import__('time').sleep(300); x = rng"
    small_course.add(1, {"double": DOUBLE, "triple": TRIPLE}, SUITE.replace("x = rng", slow))
    running = begin(small_course, "verify", "week01/lab", "--workers", "2")
    until(lambda: runs.exists() or running.poll() is not None)
    begun = descendants(running.pid)
    os.killpg(running.pid, signal.SIGINT)
    said, _ = running.communicate(timeout=30)
    assert running.returncode == 130 and "Stopped." in said and "Traceback" not in said, said
    until(lambda: not any(Path(f"/proc/{n}").exists() for n in begun), 10)


@pytest.mark.parametrize("library", ["libscipy_openblas64_", "_ml_dtypes_ext."])
def test_ctrl_c_while_a_library_loads_stops_the_run(week, tmp_path, library):
    running = start(week, handed_in(week, tmp_path / "handed in", 2), tmp_path / "results")
    loaded = Path(f"/proc/{running.pid}/maps")
    until(lambda: library in loaded.read_text() or running.poll() is not None)  # it has begun to load
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=60)
    assert running.returncode == 130 and "Stopped." in said and "Traceback" not in said, said


def test_ctrl_c_ends_an_import_that_does_not_end_and_a_command_run_from_a_text(week, tmp_path):
    suite = next((week.root / "solutions").glob("week01*/hidden/test_lab.py"))
    hangs = suite.read_text() + f"\nimport pathlib, time\npathlib.Path({str(tmp_path / 'loading')!r}).touch()\ntime.sleep(300)\n"
    folder = handed_in(week, tmp_path / "handed in", 2)
    suite.write_text(hangs)
    text = "from autograder.cli import main; main()"
    running = subprocess.Popen(
        [sys.executable, "-c", text, "grade", "week01/lab", "--from", str(folder)],
        cwd=week.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    until(lambda: (tmp_path / "loading").exists() or running.poll() is not None)
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=60)
    assert "Stopped." in said and "Traceback" not in said, said


def test_a_worker_that_is_killed_costs_no_submission(week, tmp_path):
    folder, to = handed_in(week, tmp_path / "handed in", 8), tmp_path / "results"
    running = start(week, folder, to)
    until(lambda: done_so_far(to) >= 2)
    os.kill(workers_of(running.pid)[0], signal.SIGKILL)
    said, _ = running.communicate(timeout=240)
    assert running.returncode == 0, said
    assert "8 of 8 graded" in said


def test_two_runs_into_one_folder_do_not_mix(week, tmp_path):
    folder, to = handed_in(week, tmp_path / "handed in", 4), tmp_path / "results"
    running = start(week, folder, to)
    until(lambda: (to / ".lock").exists())
    second = autograder(week, "grade", "week01/lab", "--from", folder, "--to", to)
    assert second.returncode == 1 and "Another run is writing to" in second.stderr
    assert "Traceback" not in second.stderr
    said, _ = running.communicate(timeout=240)
    assert running.returncode == 0 and done_so_far(to) == 4, said


@needs_namespaces  # to mount a small disk in
def test_a_full_disk_is_told_and_the_next_run_goes_on(week, tmp_path):
    folder, to = handed_in(week, tmp_path / "handed in", 4), tmp_path / "small disk"
    to.mkdir()
    inner = f"mount -t tmpfs -o size=60k none '{to}' && exec \"$@\""
    program = ["unshare", "--mount", "--map-root-user", "sh", "-c", inner, "sh", sys.executable, "-m", "autograder.cli"]
    command = [*program, "grade", "week01/lab", "--from", folder, "--to", to]
    full = subprocess.run(command, cwd=week.root, capture_output=True, text=True, timeout=240)
    said = full.stdout + full.stderr
    assert full.returncode == 1 and "Free some space" in said and "Traceback" not in said, said
    assert autograder(week, "grade", "week01/lab", "--from", folder, "--to", to).returncode == 0
    assert sorted(reports_in(to)) == ["s00", "s01", "s02", "s03"]


def reports_in(to: Path) -> dict:
    return reports(None, to)


def family_of(pid: int) -> list[int]:
    """A process and everything below it."""
    found = [pid]
    for one in found:
        with contextlib.suppress(OSError):
            tasks = Path(f"/proc/{one}/task").iterdir()
            found += [int(c) for t in tasks for c in (t / "children").read_text().split()]
    return found


@pytest.mark.slow
def test_a_machine_that_stands_still_takes_nobody_for_slow(week, tmp_path):
    """A virtual machine that is paused, Ctrl-Z and fg: the clock runs on, and nobody could work meanwhile."""
    folder, to = tmp_path / "handed in", tmp_path / "results"
    folder.mkdir()
    slow = "import time\ndef double(x):\n    time.sleep(1.5)\n    return 2 * x"
    (folder / "ada.ipynb").write_text(week.with_code("week01/lab", slow))
    running = start(week, folder, to, "--workers", "1")
    until(lambda: (to / ".lock").exists())
    family: list[int] = []

    def a_jail_sleeps() -> bool:
        family[:] = family_of(running.pid)
        return any(sleeping(p) for p in family)

    until(a_jail_sleeps)
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(11)  # more than threefold `call_seconds`, at which anybody's call ends
    for pid in reversed(family):
        os.kill(pid, signal.SIGCONT)
    said, _ = running.communicate(timeout=240)
    assert running.returncode == 0, said
    (report,) = reports_in(to).values()
    assert report["status"] == "graded" and [q["score"] for q in report["questions"]] == [2.0, 2.0], report


def sleeping(pid: int) -> bool:
    """Whether the student's process of a jail is in `time.sleep` (clock_nanosleep)."""
    with contextlib.suppress(OSError):
        return (Path(f"/proc/{pid}") / "wchan").read_text() in ("hrtimer_nanosleep", "common_nsleep")
    return False


def test_the_file_time_is_no_reason_to_grade_again(week, tmp_path):
    """A clock that jumped, or a copy that lost its times, changes no grade."""
    folder, to = handed_in(week, tmp_path / "handed in", 2), tmp_path / "results"
    assert autograder(week, "grade", "week01/lab", "--from", folder, "--to", to).returncode == 0
    os.utime(folder / "s00.ipynb", (4_000_000_000, 4_000_000_000))
    os.utime(folder / "s01.ipynb", (0, 0))
    again = autograder(week, "grade", "week01/lab", "--from", folder, "--to", to, "--yes")
    assert "0 submissions to grade, 2 unchanged" in again.stdout
    assert reports_in(to)["s00"]["submission"]["submitted_at"].startswith("2096")
