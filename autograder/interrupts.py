"""Ctrl-C that falls into an import waits until the import is over.

An extension module that is interrupted while it loads (jaxlib's and pyzmq's do) crashes the process, or swallows the
interrupt and the run goes on. An import that does not end (of a suite, say) is interrupted all the same, after a while.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
import types
from collections.abc import Iterator

_AGAIN_AFTER, _LONGEST = 0.05, 10.0  # seconds; libraries load in a few, also on a busy machine
_IMPORTING = "<frozen importlib._bootstrap>"
_TEXT = "<string>"  # what exec() runs: after an interrupt there Python ends by the signal, whatever exit status we want


@contextlib.contextmanager
def not_in_imports() -> Iterator[None]:
    """Within it, Ctrl-C raises KeyboardInterrupt as ever, but never inside an import.

    Nothing changes in a thread other than the main one, or where somebody else handles SIGINT.
    """
    ours = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupt(number: int, frame: types.FrameType | None) -> None:
    _tried_again(number, frame, time.monotonic() + _LONGEST)


def _tried_again(number: int, frame: types.FrameType | None, end: float) -> None:
    if not _must_wait(frame) or time.monotonic() > end:
        raise KeyboardInterrupt
    # The same signal again, for which only this wait's end counts.
    signal.signal(number, lambda number, frame: _tried_again(number, frame, end))
    again = threading.Timer(_AGAIN_AFTER, os.kill, (os.getpid(), number))
    again.daemon = True  # a command that ends meanwhile is not held up
    again.start()


def _must_wait(frame: types.FrameType | None) -> bool:
    while frame is not None:
        text = frame.f_code.co_filename == _TEXT and frame.f_back is not None  # the outermost one is `python -c`
        if text or frame.f_code.co_filename == _IMPORTING:
            return True
        frame = frame.f_back
    return False
