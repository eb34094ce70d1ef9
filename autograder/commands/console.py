"""What every command prints to, and how it names a file."""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.report.terminal import StaffConsole

# Pipes and logs get lines as long as a path needs; a terminal its own width.
console = StaffConsole(width=None if sys.stdout.isatty() else 120)


def near(path: Path) -> str:
    """A path as one would type it from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
