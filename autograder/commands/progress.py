"""How far a long command is: a bar in a terminal, a line every ten seconds in a log."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from autograder.report.printable import one_line

LOG_SECONDS = 10.0
Step = Callable[[str], None]  # one more is done; the words are for the bar


@contextlib.contextmanager
def progress(console: Console, what: str, total: int, log_seconds: float = LOG_SECONDS) -> Iterator[Step]:
    """Shows how many of `total` are done; the value is called once for each.

    Args:
        what: "grading", say.
        log_seconds: how often a log gets a line; never before the first such interval is over.
    """
    if console.is_terminal and not console.is_dumb_terminal:  # a dumb one (Emacs, some cron) draws no bar
        words = TextColumn("{task.description}", markup=False)
        columns = (SpinnerColumn(), words, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(what, total=total)
            yield lambda words: bar.update(task, advance=1, description=f"{one_line(words, 32):32}")
        return
    log = _Log(console, what, total)
    stop = threading.Event()
    ticker = threading.Thread(target=log.run, args=(stop, log_seconds), daemon=True)
    ticker.start()
    try:
        yield log.step
    finally:
        stop.set()
        ticker.join()


class _Log:
    """Counts, and writes a line now and then, also while nothing gets done: whoever watches a log sees that it goes on."""

    def __init__(self, console: Console, what: str, total: int):
        self._console, self._what, self._total = console, what, total
        self._done, self._began = 0, time.monotonic()

    def step(self, words: str) -> None:
        self._done += 1

    def run(self, stop: threading.Event, seconds: float) -> None:
        while not stop.wait(seconds):
            spent = time.monotonic() - self._began
            left = spent / self._done * (self._total - self._done) if self._done else None
            more = f", about {_spoken(left)} to go" if left else ""
            line = f"  {self._what}: {self._done} of {self._total} after {_spoken(spent)}{more}"
            self._console.print(line, markup=False)


def _spoken(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole / 3600:.1f} h"
