"""A bound on the processor time that reading a stranger's file may take on the trusted side.

Every reader here is meant to take one pass. The libraries below (tarfile, json, ast) have had inputs on which they take the
square of it, and one such file must not hold a class up.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

_AGAIN = 2.0  # seconds of processor time


class TookTooLong(TimeoutError):
    """The time is used up."""


@contextlib.contextmanager
def at_most(cpu_seconds: float) -> Iterator[None]:
    """Raises TookTooLong in the body when this process has spent so much processor time in it.

    It needs a signal, so it does nothing in other threads than the main one and where there is no such signal (Windows).
    Not to be nested.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGVTALRM"):
        yield
        return

    def over(number, frame):
        raise TookTooLong(f"more than {cpu_seconds:g} seconds of processor time")

    before = signal.signal(signal.SIGVTALRM, over)
    # Again every few seconds: a library that swallows every exception would otherwise go on without a bound.
    signal.setitimer(signal.ITIMER_VIRTUAL, cpu_seconds, _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
