"""Where grading work runs: processes on this machine, or the workers of a Dask cluster, behind one interface.

A worker that is lost raises `Lost`, whatever the executor calls it.
"""

from __future__ import annotations

import concurrent.futures as futures
import contextlib
import ctypes
import multiprocessing
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.locks import here
from autograder.sandbox.jail import tiers, tree

_PR_SET_PDEATHSIG = 1
_RUN = re.compile(r"autograder-run-([0-9a-f]{8})-(\d+)-")


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


@contextlib.contextmanager
def local(workers: int, jobs: int) -> Iterator[Opened]:
    """Worker processes on this machine: spawned, not forked, so that they hold nothing of ours but what they import."""
    count = max(1, min(workers, jobs))
    context = multiprocessing.get_context("spawn")
    with _run_folder() as folder:
        pool = futures.ProcessPoolExecutor(count, context, initializer=_begin_worker, initargs=(os.getpid(), str(folder)))
        try:
            yield Opened(pool, count, (BrokenProcessPool,))
        except BaseException:  # Ctrl-C, a full disk: what is done is kept, what runs is not waited for
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.kill()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _begin_worker(parent: int, folder: str) -> None:
    """Belongs to the main process, and keeps temporary files in its folder."""
    tie_to(parent)
    tempfile.tempdir = folder


def tie_to(parent: int) -> None:
    """In a worker: end with the process that started it, even when that is killed, and leave Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.uname().sysname == "Linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


@contextlib.contextmanager
def _run_folder() -> Iterator[Path]:
    """A folder for all temporary files of a run, gone at its end; what killed runs left behind is removed first."""
    place = tree.temporary_for(tiers.best().name)
    _sweep(Path(place))
    folder = Path(tempfile.mkdtemp(prefix=f"autograder-run-{here()}-{os.getpid()}-", dir=place))
    folder.chmod(0o711)  # jails under another user id pass through to their own part
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(temporary: Path) -> None:
    for path in temporary.glob("autograder-run-*"):
        match = _RUN.match(path.name)
        with contextlib.suppress(OSError):
            # A folder for temporary files may be shared with other machines and containers, whose processes are not seen here.
            ours = match and match[1] == here() and path.stat().st_uid == os.geteuid()
            if ours and not Path(f"/proc/{match[2]}").exists():
                shutil.rmtree(path, ignore_errors=True)


# ----------------------------------------------------------------------------------------------------------- Dask


@contextlib.contextmanager
def dask(address: str, jobs: int) -> Iterator[Opened]:
    """The workers of a Dask cluster, which see the course's folder and the submissions at the same paths as we do.

    Args:
        address: of its scheduler, e.g. "tcp://10.0.0.5:8786".

    Raises:
        CourseError: `distributed` is not installed, nobody answers, there are no workers, or they run several threads.
    """
    try:
        from distributed import Client
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise CourseError(
            "--dask needs the package `distributed`, which this environment does not have. Run `make install` in the "
            "course's folder and grade with .venv/bin/autograder."
        ) from None
    try:
        client = Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as e:
        raise CourseError(f"No Dask scheduler answers at {address} ({e}). Start one: dask scheduler, dask worker.") from None
    with client:
        _check_workers(client, address)
        executor = client.get_executor(retries=2, pure=False)
        try:
            yield Opened(executor, len(client.nthreads()), (KilledWorker, futures.CancelledError))
        except BaseException:
            executor.shutdown(wait=False)
            raise


def _check_workers(client: Any, address: str) -> None:
    threads = client.nthreads()
    if not threads:
        raise CourseError(f"The Dask scheduler at {address} has no workers. Start some: dask worker {address} --nthreads 1.")
    if max(threads.values()) > 1:
        raise CourseError(
            f"A Dask worker at {address} runs {max(threads.values())} threads; hidden suites run one at a time in a process. "
            "Start the workers with --nthreads 1 and as many processes as cores (--nworkers)."
        )
