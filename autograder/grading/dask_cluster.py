"""The workers of a Dask cluster as an executor for grading (`executors.Opened`); what they must see is looked at first.

`distributed` writes tracebacks of its own when a scheduler is lost; people get one paragraph in their place.
"""

from __future__ import annotations

import concurrent.futures as futures
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.grading.executors import Opened

_CONNECT = "10s"  # to find the scheduler, and to find it again once it is lost
_CLOSE_SECONDS = 2
_SHARED = (
    "Workers need the course's folder and the submissions at the same paths as this machine, on a file system that they share: "
    "docs/scaling.md. No mark was touched"
)


class Cluster:
    """Opens executors on one cluster; call it with the number of jobs.

    Args:
        address: of its scheduler, e.g. "tcp://10.0.0.5:8786".
        needed: files and folders that every worker must be able to read.
    """

    def __init__(self, address: str, needed: Sequence[Path] = ()):
        self._address, self._needed = address, [os.path.abspath(path) for path in needed]
        self._answered = False

    @contextlib.contextmanager
    def __call__(self, jobs: int) -> Iterator[Opened]:
        """An executor on all workers.

        Raises:
            CourseError: `distributed` is not installed, nobody answers (any more), there are no workers, they run several
                threads, or one of them cannot read what is needed.
        """
        client = self._client()
        try:
            self._check_workers(client)
            from distributed.client import ClosedClientError
            from distributed.comm import CommClosedError
            from distributed.scheduler import KilledWorker

            executor = client.get_executor(retries=2, pure=False)
            losses = (KilledWorker, futures.CancelledError, ClosedClientError, CommClosedError)
            try:
                yield Opened(_InFolder(executor), max(1, len(client.nthreads())), losses)
            except BaseException:
                with contextlib.suppress(Exception):  # the scheduler may be what was lost
                    executor.shutdown(wait=False)
                raise
        finally:
            with contextlib.suppress(Exception):
                client.close(timeout=_CLOSE_SECONDS)

    def _client(self) -> Any:
        try:
            from distributed import Client
        except ImportError:
            raise CourseError(
                "--dask needs the package `distributed`, which this environment does not have. Run `make install` in the "
                "course's folder and grade with .venv/bin/autograder."
            ) from None
        _be_quiet()
        try:
            client = Client(self._address, timeout=_CONNECT, set_as_default=False)
        except (OSError, ValueError) as e:
            raise self._gone() if self._answered else self._silent(e) from None
        self._answered = True
        return client

    def _silent(self, e: Exception) -> CourseError:
        why = str(e).splitlines()[0] if str(e) else type(e).__name__
        return CourseError(f"No Dask scheduler answers at {self._address} ({why}). Start one: dask scheduler, dask worker.")

    def _gone(self) -> CourseError:
        return CourseError(
            f"The Dask scheduler at {self._address} does not answer any more. Start it and its workers again. "
            "What was graded is saved; the same command goes on from there."
        )

    def _check_workers(self, client: Any) -> None:
        try:
            threads = client.nthreads()
        except (OSError, TimeoutError, futures.CancelledError):
            raise self._gone() from None
        start = f"dask worker {self._address} --nthreads 1"
        if not threads:
            raise CourseError(f"The Dask scheduler at {self._address} has no workers. Start some: {start}.")
        if max(threads.values()) > 1:
            raise CourseError(
                f"A Dask worker at {self._address} runs {max(threads.values())} threads; hidden suites run one at a time in a "
                "process. Start the workers with --nthreads 1 and as many processes as cores (--nworkers)."
            )
        for worker, found in client.run(_unseen, self._needed, on_error="return").items():
            if isinstance(found, BaseException):
                raise CourseError(
                    f"The Dask worker {worker} cannot run our code ({type(found).__name__}: {found}). Start it in the "
                    "environment that grades: .venv/bin/dask worker ... in the course's folder."
                )
            host, path, why = found
            if path:
                problem = f"The Dask worker {worker} on {host} cannot read {path} ({why}), which this machine can"
                raise CourseError(f"{problem}. {_SHARED}.")


class _InFolder(futures.Executor):
    """Runs jobs in the folder that the command runs in: paths may be relative to it."""

    def __init__(self, inner: futures.Executor):
        self._inner = inner

    def submit(self, function: Callable, /, *arguments: Any, **more: Any) -> futures.Future:
        return self._inner.submit(_in_folder, os.getcwd(), function, *arguments)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._inner.shutdown(wait)


# ------------------------------------------------------------------------------------------------------- in a worker


def _unseen(paths: Sequence[str]) -> tuple[str, str, str]:
    """This host, and the first path that cannot be read here, with the reason; two empty texts if there is none."""
    for path in paths:
        try:
            os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        except OSError as e:
            return socket.gethostname(), path, e.strerror or type(e).__name__
    return socket.gethostname(), "", ""


def _in_folder(folder: str, function: Callable, *arguments: Any) -> Any:
    with contextlib.suppress(OSError):
        os.chdir(folder)
    return function(*arguments)


def _be_quiet() -> None:
    """`distributed` and what it stands on log every lost connection, most of them with a traceback."""
    for name in ("distributed", "tornado", "asyncio", *logging.root.manager.loggerDict):
        if name.split(".")[0] in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
