"""The remedy for a misspelt word: the nearest one that is known, else all of them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


def nearest(word: str, known: Sequence[str]) -> str:
    """The known word that is most like it; "" if none is."""
    return next(iter(difflib.get_close_matches(word, known, 1)), "")


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """One sentence."""
    near = nearest(word, known)
    return f"Did you mean {near!r}?" if near else f"Known ones: {', '.join(known)}."
