"""How a long command shows that it goes on, where nobody sits at a terminal."""

from __future__ import annotations

import io
import threading

from rich.console import Console

from autograder.commands.progress import progress


def written(lines: int, total: int, done: int) -> list[str]:
    """What a log holds once it has so many lines."""
    out = io.StringIO()
    console = Console(file=out, width=120, force_terminal=False)
    with progress(console, "grading", total, log_seconds=0.05) as step:
        for _ in range(done):
            step("one more")
        waiting = threading.Event()
        while out.getvalue().count("\n") < lines:
            waiting.wait(0.02)
    return out.getvalue().splitlines()


def test_a_log_gets_line_after_line_also_while_nothing_is_done():
    lines = written(3, total=40, done=0)
    assert len(lines) >= 3 and all(line.startswith("  grading: 0 of 40 after 0 s") for line in lines[:3])


def test_a_line_says_how_much_is_left():
    assert any("grading: 10 of 40 after" in line for line in written(1, total=40, done=10))


def test_a_short_command_writes_nothing():
    out = io.StringIO()
    with progress(Console(file=out, force_terminal=False), "grading", 2) as step:
        step("one")
        step("two")
    assert out.getvalue() == ""
