"""The same command on the workers of a Dask cluster on loopback, one of them killed on the way."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from grading_commands import autograder, reports, week_of
from machine import needs_root
from test_faults import done_so_far, everything, handed_in, start, until

STUDENTS = 10


@pytest.fixture
def cluster():
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as made:
        yield made


def worker_pids(cluster) -> list[int]:
    from distributed import Client

    with Client(cluster.scheduler_address, set_as_default=False) as client:
        return list(client.run(os.getpid).values())


@pytest.mark.slow
def test_a_dask_worker_killed_mid_run_changes_no_grade(small_course, tmp_path, cluster):
    week = week_of(small_course)
    folder, here, there = handed_in(week, tmp_path / "handed in", STUDENTS), tmp_path / "here", tmp_path / "there"
    assert autograder(week, "grade", "week01/lab", "--from", folder, "--to", here).returncode == 0
    running = start(week, folder, there, "--dask", cluster.scheduler_address)
    until(lambda: done_so_far(there) >= 2)
    os.kill(worker_pids(cluster)[0], signal.SIGKILL)
    said, _ = running.communicate(timeout=300)
    assert running.returncode == 0 and f"{STUDENTS} of {STUDENTS} graded" in said, said
    assert everything(there) == everything(here)


def test_a_cluster_that_is_not_there_or_not_fit_is_one_paragraph(small_course, tmp_path):
    from distributed import LocalCluster

    week = week_of(small_course)
    folder = handed_in(week, tmp_path / "handed in", 1)
    nobody = autograder(week, "grade", "week01/lab", "--from", folder, "--dask", "tcp://127.0.0.1:9")
    assert nobody.returncode == 1 and "No Dask scheduler answers at tcp://127.0.0.1:9" in nobody.stderr
    assert "Traceback" not in nobody.stderr
    with LocalCluster(n_workers=1, threads_per_worker=2, processes=True, dashboard_address=":0") as cluster:
        threads = autograder(week, "grade", "week01/lab", "--from", folder, "--dask", cluster.scheduler_address)
    assert threads.returncode == 1 and "--nthreads 1" in threads.stderr


# A worker in a mount namespace of its own sees an empty folder where the submissions are: a file system that is not shared.
ELSEWHERE = 'mount -t tmpfs none "$1" && shift && exec "$@"'


class OwnCluster:
    """A scheduler and a worker as processes of their own, started as docs/scaling.md says."""

    def __init__(self, logs: Path):
        self.logs, self.processes = logs, []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        port = self.address.rpartition(":")[2]
        self.scheduler = self._start("scheduler", ["--host", "127.0.0.1", "--port", port, "--no-dashboard"])
        until(lambda: "Scheduler at" in self.log("scheduler"), 60)

    def worker(self, hidden: Path | None = None) -> subprocess.Popen:
        words = [self.address, "--nthreads", "1", "--nworkers", "1", "--no-dashboard", "--local-directory", str(self.logs)]
        started = self._start("worker", words, ["unshare", "-m", "sh", "-c", ELSEWHERE, "sh", str(hidden)] if hidden else [])
        until(lambda: "Registered to" in self.log("worker"), 60)
        return started

    def log(self, name: str) -> str:
        return (self.logs / f"{name}.log").read_text()

    def _start(self, name: str, words: list[str], before: list[str] | None = None) -> subprocess.Popen:
        program = [*(before or []), str(Path(sys.executable).with_name("dask")), name, *words]
        with open(self.logs / f"{name}.log", "w") as log:
            process = subprocess.Popen(program, stdout=log, stderr=subprocess.STDOUT, cwd=self.logs, start_new_session=True)
        self.processes.append(process)
        return process

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def own_cluster(tmp_path):
    logs = tmp_path / "logs"
    logs.mkdir()
    cluster = OwnCluster(logs)
    yield cluster
    cluster.close()


@pytest.mark.slow
@needs_root
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare, to hide a folder from a worker")
def test_a_worker_that_cannot_see_the_submissions_is_named_before_anything_is_graded(small_course, tmp_path, own_cluster):
    week = week_of(small_course)
    folder = handed_in(week, tmp_path / "handed in", 3)
    own_cluster.worker(hidden=folder)
    blind = autograder(week, "grade", "week01/lab", "--from", folder, "--dask", own_cluster.address)
    said = " ".join(blind.stderr.split())
    assert blind.returncode == 1 and "Traceback" not in said, said
    host, place = re.escape(socket.gethostname()), re.escape(str(folder))
    assert re.search(rf"The Dask worker tcp://\S+ on {host} cannot read {place}", said)
    assert "No mark was touched" in said and "Upload" not in said
    assert reports(week) == {}


@pytest.mark.slow
def test_a_lost_scheduler_ends_without_tracebacks_and_says_what_is_saved(small_course, tmp_path, own_cluster):
    week = week_of(small_course)
    folder, to = handed_in(week, tmp_path / "handed in", STUDENTS), tmp_path / "there"
    own_cluster.worker()
    running = start(week, folder, to, "--dask", own_cluster.address)
    until(lambda: done_so_far(to) >= 2)
    os.killpg(own_cluster.scheduler.pid, signal.SIGKILL)
    said, _ = running.communicate(timeout=300)
    assert running.returncode == 1 and "Traceback" not in said and "distributed" not in said, said
    assert "does not answer any more" in said
    assert said.rstrip().endswith("What was graded is saved; the same command goes on from there.")
    saved = done_so_far(to)
    done = autograder(week, "grade", "week01/lab", "--from", folder, "--to", to, "--dask", "none")
    assert done.returncode == 0 and f"{saved} unchanged since the last run" in " ".join(done.stdout.split()), done.stdout


def test_a_file_that_vanishes_before_it_is_graded_is_the_graders_fault(small_course, tmp_path):
    """What the main process has read and a worker cannot: no student is told to upload a file again."""
    from autograder.grading.batch import Job, _grade
    from autograder.model import Status, Submission

    week = week_of(small_course)
    folder = handed_in(week, tmp_path / "handed in", 1)
    gone = folder / "gone.ipynb"
    report = _grade(week.target("week01/lab"), False, Job(Submission("gone", str(gone), "a" * 64), gone, folder))
    assert report.status is Status.INCOMPLETE and f"cannot read {gone} (No such file or directory)" in report.reason
    assert socket.gethostname() in report.reason
