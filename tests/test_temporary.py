"""No private file stays in the folder for temporary files: not after a command, not after one that was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_course import SmallCourse

ROOT = Path(__file__).parents[1]
SECRET = "The sentence that only the suite has"
SUITE = f'''
@question("double", reference="2 x by NumPy")
class TestDouble:
    def test_values(self, student, rng):
        """{SECRET}."""
        x = rng.normal(size=3)
        assert_close(student.double(x), 2 * x)
'''
HELD = """
import sys
from pathlib import Path
from autograder.grading.suite import private_copy
from autograder.grading.suite_file import Suite
with private_copy(Suite.read(Path(sys.argv[1]))) as copy:
    print(copy, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def course(small_course) -> SmallCourse:
    small_course.add(32, {"double": "def double(x):\n    return 2 * x"}, SUITE)
    return small_course


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "for temporary files"
    folder.mkdir(mode=0o755)
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def run(course: SmallCourse, *words: str) -> subprocess.CompletedProcess:
    program = [sys.executable, "-m", "autograder.cli", *words]
    return subprocess.run(program, cwd=course.root, capture_output=True, text=True, check=False, timeout=600)


def left(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def test_commands_leave_nothing(course, temporary):
    (course.root / "in").mkdir()
    notebook = course.root / "in" / "ada.ipynb"
    notebook.write_text(course.with_code("week32/lab", "def double(x): return x"))
    for words in (
        ["build"],
        ["warm"],
        ["grade", "week32/lab", "--from", "in", "--workers", "1"],
        ["explain", "week32/lab/double", "--submission", str(notebook)],
    ):
        done = run(course, *words)
        assert done.returncode == 0, done.stdout + done.stderr
        assert left(temporary) == [], words


def test_what_a_killed_command_left_is_swept_by_the_next(course, temporary):
    suite = course.root / "solutions/week32_small/hidden/test_lab.py"
    program = [sys.executable, "-c", HELD, str(suite)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen(program, cwd=course.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
    copy = Path(running.stdout.readline().strip())
    assert SECRET in copy.read_text() and copy.is_relative_to(temporary)
    assert copy.parent.stat().st_mode & 0o777 == 0o700
    beside = subprocess.run(program, cwd=course.root, env=env, input="", capture_output=True, text=True, check=True)
    assert copy.exists(), "what a living process has is left alone"
    assert not Path(beside.stdout.strip()).exists()
    running.send_signal(signal.SIGKILL)
    running.wait()
    running.stdin.close()
    running.stdout.close()
    assert copy.exists()
    subprocess.run(program, cwd=course.root, env=env, input="", capture_output=True, text=True, check=True)
    assert left(temporary) == []


def test_a_grader_killed_in_the_middle_leaves_nothing_after_the_next_run(course, temporary):
    (course.root / "in").mkdir()
    for name in "abcdef":
        (course.root / "in" / f"{name}.ipynb").write_text(course.solved("week32/lab"))
    words = ["grade", "week32/lab", "--from", "in", "--workers", "1"]
    running = subprocess.Popen(
        [sys.executable, "-m", "autograder.cli", *words], cwd=course.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + 300
    while not list((course.root / "grades").rglob("reports/*.json")) and running.poll() is None:
        assert time.monotonic() < end, "nothing was graded"
        time.sleep(0.02)
    running.kill()
    running.wait()
    done = run(course, *words)
    assert done.returncode == 0 and left(temporary) == [], done.stdout + done.stderr
