"""The power cut between two writes: what a disk really holds then, seen on a small file system while a class is graded.

Results lie on an ext4 of 64 MB in a file. Copies of that file, taken while the writer is stopped at some moment, hold what had
reached the disk by then and nothing of what was only in memory: each is a machine after a power cut. On each, every report is
whole, and grading goes on to the grades of an undisturbed run.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from grading_commands import autograder, week_of
from test_faults import everything, handed_in

_CUTS = 25


def _tool(name: str) -> str:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or ""


def _mounts() -> bool:
    if os.geteuid() != 0 or not all(map(_tool, ("mkfs.ext4", "losetup", "mount"))):
        return False
    return subprocess.run([_tool("losetup"), "--find"], capture_output=True, check=False).returncode == 0


@contextlib.contextmanager
def mounted(image: Path, at: Path):
    """The file system in `image`, its journal replayed, at the folder `at`."""
    at.mkdir(exist_ok=True)
    # Nothing is written back in the background while the test runs but what is asked for: that is the worst case.
    subprocess.run([_tool("mount"), "-o", "loop,commit=3600,noauto_da_alloc", image, at], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run([_tool("umount"), at], check=True)


@pytest.mark.slow
@pytest.mark.skipif(not _mounts(), reason="mounting a file system needs root and a free loop device")
def test_after_a_power_cut_every_report_is_whole_and_grading_goes_on(small_course, tmp_path):
    week = week_of(small_course)
    folder = handed_in(week, tmp_path / "handed in", 12)
    calm = tmp_path / "calm"
    assert autograder(week, "grade", "week01/lab", "--from", folder, "--to", calm).returncode == 0
    wanted = everything(calm)
    image, disk = tmp_path / "disk.img", tmp_path / "disk"
    image.write_bytes(b"")
    os.truncate(image, 64 * 2**20)
    subprocess.run([_tool("mkfs.ext4"), "-q", "-F", image], check=True)
    cuts = _cut_while_grading(week, folder, image, disk, tmp_path)
    found = [_after(cut, disk, wanted) for cut in cuts]
    assert any(0 < n < 12 for n in found), f"no cut fell between two reports: {found}"
    for cut in [c for c, n in zip(cuts, found, strict=True) if 0 < n < 12][:3]:
        with mounted(cut, disk):
            done = autograder(week, "grade", "week01/lab", "--from", folder, "--to", disk / "results")
            assert done.returncode == 0, done.stderr
            assert everything(disk / "results") == wanted


def _cut_while_grading(week, folder: Path, image: Path, disk: Path, aside: Path) -> list[Path]:
    """Copies of the disk from random moments of a run."""
    cuts, dice = [], random.Random(3)
    with mounted(image, disk):
        program = [sys.executable, "-m", "autograder.cli", "grade", "week01/lab", "--from", folder, "--to", disk / "results"]
        running = subprocess.Popen(program, cwd=week.root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while running.poll() is None and len(cuts) < 200:
            before = len(list((disk / "results" / "reports").glob("*.json")))
            # Half of the cuts right behind a new report, when its renaming may be in memory only.
            while dice.random() < 0.97 and running.poll() is None:
                time.sleep(0.005)
                if len(list((disk / "results" / "reports").glob("*.json"))) > before:
                    break
            cuts.append(aside / f"cut{len(cuts)}.img")
            with _stopped(running):
                subprocess.run(["cp", "--sparse=always", image, cuts[-1]], check=True)
        assert running.wait() == 0, running.stderr.read()
        cuts.append(aside / "after the end.img")
        subprocess.run(["cp", "--sparse=always", image, cuts[-1]], check=True)
    chosen = cuts if len(cuts) <= _CUTS else [*dice.sample(cuts[:-1], _CUTS - 1), cuts[-1]]
    for cut in set(cuts) - set(chosen):
        cut.unlink()
    return chosen


@contextlib.contextmanager
def _stopped(process: subprocess.Popen):
    """The writer between two system calls, so that no write to the disk is under way."""
    process.send_signal(signal.SIGSTOP)
    stat = Path(f"/proc/{process.pid}/stat")
    while process.poll() is None and stat.read_text().rpartition(")")[2].split()[0] != "T":
        time.sleep(0.001)
    yield
    process.send_signal(signal.SIGCONT)


def _after(cut: Path, disk: Path, wanted: dict[str, str]) -> int:
    """How many reports are on the disk; each must be as it should be, and so must its page."""
    with mounted(cut, disk):
        if not (disk / "results").exists():
            return 0
        there = {name: text for name, text in everything(disk / "results").items() if ".draft-" not in name}
        for name, text in there.items():
            assert text == wanted[name], f"{cut.name}: {name} is not whole: {text[:200]!r}"
        for name in [n for n in there if n.startswith("reports/")]:
            page = name.replace("reports/", "feedback/").replace(".json", ".html")
            assert page in there, f"{cut.name}: {name} says that {page} is done"
        if cut.name.startswith("after"):
            assert there == wanted, "what was said to be done is on the disk"
        return sum(n.startswith("reports/") for n in there)
