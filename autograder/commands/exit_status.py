"""How a command ends, as the shell sees it."""

from __future__ import annotations

OK, PROBLEM, WRONG_USE, NOT_ALL = 0, 1, 2, 3
INTERRUPTED = 130
