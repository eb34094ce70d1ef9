"""Bans ("without jax.grad") on the trusted side: course_lib/bans.py reads, here with a bound on the time that it may take."""

from __future__ import annotations

import functools

from autograder.notebook.time_limit import at_most
from course_lib import bans
from course_lib.bans import FAMILIES, BanFindings, BanUse, is_known

__all__ = ["FAMILIES", "BanFindings", "BanUse", "find_banned", "is_known"]
_CPU_SECONDS = 20.0


def find_banned(cells: list[str], names: tuple[str, ...], banned: tuple[str, ...]) -> BanFindings:
    """As `course_lib.bans.find_banned`; what takes too long to read is for a person."""
    return bans.find_banned(cells, names, banned, functools.partial(at_most, _CPU_SECONDS))
