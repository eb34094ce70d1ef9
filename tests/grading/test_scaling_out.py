"""The same command on the workers of a Dask cluster on loopback, one of them killed on the way."""

from __future__ import annotations

import os
import signal

import pytest
from grading_commands import autograder, week_of
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
