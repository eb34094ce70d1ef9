"""Where grading work runs: processes on this machine; the workers of a Dask cluster (dask_cluster.py) have the same interface.

A worker that is lost raises `Lost`, whatever the executor calls it.
"""

from __future__ import annotations

import concurrent.futures as futures
import contextlib
import ctypes
import multiprocessing
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import temporary
from autograder.garbage import collect_rarely
from autograder.grading import worker_server
from autograder.sandbox.jail import tiers, tree

_PR_SET_PDEATHSIG = 1


class Lost(Exception):
    """The process that worked on a job is gone."""


@dataclass(frozen=True)
class Opened:
    """An executor that accepts work. `workers` is how many jobs it does at once."""

    executor: futures.Executor
    workers: int
    losses: tuple[type[BaseException], ...]

    def submit(self, function: Callable, *arguments: Any) -> futures.Future:
        """Begins a job.

        Raises:
            Lost: its workers are gone.
        """
        try:
            return self.executor.submit(function, *arguments)
        except self.losses as e:
            raise Lost(str(e)) from None

    def result(self, future: futures.Future) -> Any:
        """A job's result, waited for.

        Raises:
            Lost: its worker is gone.
        """
        try:
            return future.result()
        except self.losses as e:
            raise Lost(str(e)) from None


# --------------------------------------------------------------------------------------------------- this machine


def default_workers() -> int:
    """One per core that this process may use."""
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


@contextlib.contextmanager
def local(workers: int, jobs: int, libraries: Sequence[str] = ()) -> Iterator[Opened]:
    """Worker processes on this machine, which hold nothing of ours but what they import.

    Several are forks of one server process that has imported `libraries` and what every worker needs: that is done once. A
    single one is started by itself.
    """
    start = "forkserver" if expect(workers, jobs, libraries) else "spawn"
    with _run_folder() as folder, _processes(start, min(workers, jobs), folder) as opened:
        yield opened


def expect(workers: int, jobs: int, libraries: Sequence[str]) -> bool:
    """Has the server of `local` import what it needs while this process does something else; whether there will be one."""
    return min(workers, jobs) > 1 and worker_server.start(libraries)


@contextlib.contextmanager
def forked(workers: int, jobs: int) -> Iterator[Opened]:
    """The same for trusted code, on Linux: copies of this process, which need not import anything again."""
    with _processes("fork", min(workers, jobs), temporary.own_folder()) as opened:
        yield opened


@contextlib.contextmanager
def _processes(start: str, count: int, folder: Path) -> Iterator[Opened]:
    with pool_of(start, max(1, count), _begin_worker, (str(folder), tiers.best())) as pool:
        yield Opened(pool, max(1, count), (BrokenProcessPool,))


@contextlib.contextmanager
def pool_of(start: str, count: int, begin: Callable[..., None], arguments: tuple) -> Iterator[futures.ProcessPoolExecutor]:
    """A pool of processes that ends at once where what uses it fails or is interrupted.

    Args:
        start: "fork", "spawn" or "forkserver".
        begin: run first in each process, with `arguments`.
    """
    pool = futures.ProcessPoolExecutor(count, multiprocessing.get_context(start), initializer=begin, initargs=arguments)
    try:
        yield pool
    except BaseException:  # Ctrl-C, a full disk, an author's mistake: what is done is kept, what runs is not waited for
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.kill()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin_worker(folder: str, tier: tiers.Tier) -> None:
    """Belongs to the main process, keeps temporary files in its folder, and knows what walls there are."""
    collect_rarely()
    worker_server.let_go()
    tie_to_main()
    tempfile.tempdir = folder
    tiers.known(tier)


def tie_to_main() -> None:
    """In a worker: end with the main process, even when that is killed, and leave Ctrl-C to it.

    What the kernel watches is the process that forked this one: the main process, or its server, which ends with it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.uname().sysname == "Linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    main = multiprocessing.parent_process()
    if main is None or not main.is_alive():
        os._exit(1)


@contextlib.contextmanager
def _run_folder() -> Iterator[Path]:
    """A folder for all temporary files of a run, gone at its end; what killed runs left behind is removed first."""
    folder = temporary.new_folder(tree.temporary_for(tiers.best().name))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
