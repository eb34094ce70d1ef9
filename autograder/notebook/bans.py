"""What a notebook's code uses, on the trusted side: bans ("without jax.grad") and other questions' functions.

course_lib/bans.py reads; here with a bound on the time that it may take.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Mapping

from autograder.notebook import own_modules
from autograder.notebook.time_limit import TookTooLong, at_most
from autograder.sandbox.without import ROOTS
from course_lib import bans
from course_lib.bans import FAMILIES, BanFindings, BanUse, is_known
from course_lib.name_resolution import TooTangled

__all__ = ["FAMILIES", "BanFindings", "BanUse", "find_banned", "is_known", "machinery", "reached", "unread"]
_CPU_SECONDS = 20.0


def find_banned(cells: list[str], names: tuple[str, ...], banned: tuple[str, ...],
                modules: Mapping[str, str] | None = None) -> BanFindings:  # fmt: skip
    """As `course_lib.bans.find_banned`; what takes too long to read is for a person.

    Args:
        modules: the student's own modules, dotted name -> source, beside those that `%%writefile` cells write: read, too.
    """
    own = {**(modules or {}), **own_modules.written_modules(cells)}
    reach = functools.partial(own_modules.uses, modules=own)
    return bans.find_banned(cells, names, banned, functools.partial(at_most, _CPU_SECONDS), reach)


def unread(cells: list[str], names: tuple[str, ...]) -> tuple[str, ...]:
    """Names that no cell binds in a way that can be read (`%run helper.py`): bans were not looked for there."""
    with contextlib.suppress(TookTooLong, RecursionError), at_most(_CPU_SECONDS):
        program = bans.read(tuple(cells))
        return () if program.stars else tuple(name for name in names if not program.binds(name))
    return names


def reached(cells: list[str], names: tuple[str, ...], goals: Iterable[str]) -> frozenset[str] | None:
    """Those of `goals`, names of the notebook, that the code of `names` uses; None where reading cannot tell."""
    if own_modules.written_modules(cells):
        return None
    with contextlib.suppress(TookTooLong, TooTangled, RecursionError), at_most(_CPU_SECONDS):
        program = bans.read(tuple(cells))
        return None if program.stars else program.reached(names, goals)
    return None


def machinery(banned: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each ban the names by which it can be taken away; none for families whose roots sandbox/without.py knows.

    Raises:
        KeyError: an unknown ban.
    """
    return {ban: () if ban in ROOTS else tuple(p for p in bans.patterns_of(ban) if p not in bans.PRIVATE) for ban in banned}
