"""How often Python looks for cycles that nobody holds.

Its default, every 700 new objects, is a fifth of the time of a process that imports much or reads many notebooks: nearly all
that is new there stays.
"""

from __future__ import annotations

import gc

_NEW_OBJECTS = 50_000  # some 10 MB of small ones


def collect_rarely() -> None:
    """Has this process look for garbage less often; called at the start of a command and of a worker."""
    gc.set_threshold(_NEW_OBJECTS, 10, 10)
