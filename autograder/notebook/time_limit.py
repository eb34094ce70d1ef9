"""A bound on the processor time that reading a stranger's file may take on the trusted side.

Every reader here is meant to take one pass. The libraries below (tarfile, json, ast) have had inputs on which they take the
square of it, and one such file must not hold a class up.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import threading
import time
from collections.abc import Iterator

_AGAIN = 2.0  # seconds of processor time
_LOOK = 0.25  # seconds between two looks of the thread that watches another
_PATIENCE = 2.0  # seconds until a thread that was told to stop watching is taken for stopped


class TookTooLong(TimeoutError):
    """The time is used up."""


@contextlib.contextmanager
def at_most(cpu_seconds: float) -> Iterator[None]:
    """Raises TookTooLong in the body when this process has spent so much processor time in it.

    In the main thread by a signal; in any other, as Dask's workers use it, and where there is no such signal (Windows), by a
    thread that watches. Not to be nested.
    """
    signalled = threading.current_thread() is threading.main_thread() and hasattr(signal, "SIGVTALRM")
    bound = _by_signal if signalled else _by_watching
    with bound(cpu_seconds):
        yield


def _words(cpu_seconds: float) -> str:
    return f"more than {cpu_seconds:g} seconds of processor time"


@contextlib.contextmanager
def _by_signal(cpu_seconds: float) -> Iterator[None]:
    def over(number, frame):
        raise TookTooLong(_words(cpu_seconds))

    before = signal.signal(signal.SIGVTALRM, over)
    # Again every few seconds: a library that swallows every exception would otherwise go on without a bound.
    signal.setitimer(signal.ITIMER_VIRTUAL, cpu_seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@contextlib.contextmanager
def _by_watching(cpu_seconds: float) -> Iterator[None]:
    watch = _Watch(threading.get_ident(), cpu_seconds)
    try:
        watch.begin()
        try:
            yield
        finally:
            watch.end()
    except TookTooLong as error:
        watch.end()  # it may have come while the first call of this was under way
        raise TookTooLong(*(error.args or (_words(cpu_seconds),))) from None


class _Watch:
    """Raises TookTooLong in another thread, as the signal does in the main one, when the process has used up the time.

    It may do so while that thread is in `end`: so there are only bare locks here, whose calls are whole or not made.
    """

    def __init__(self, thread: int, cpu_seconds: float):
        self._thread, self._until = thread, time.process_time() + cpu_seconds
        self._watching, self._raising, self._ended = threading.Lock(), threading.Lock(), False

    def begin(self) -> None:
        self._watching.acquire()
        self._raising.acquire()
        threading.Thread(target=self._look, daemon=True, name="time limit").start()

    def end(self) -> None:
        """After this nothing is raised any more."""
        if self._watching.locked():
            self._watching.release()
        if not self._ended:
            self._ended = self._raising.acquire(timeout=_PATIENCE)
        _raise_in(self._thread, None)

    def _look(self) -> None:
        try:
            while not self._watching.acquire(timeout=_LOOK):
                if time.process_time() >= self._until:
                    _raise_in(self._thread, TookTooLong)
                    self._until = time.process_time() + _AGAIN
        finally:
            self._raising.release()


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Raises `error` in a thread at its next step; None takes back what was not raised yet."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error) if error else None)
