"""Statistical tests that luck does not fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from autograder.grading.assertions import require

Bound = Callable[..., None]


def not_by_chance(check: Callable[[Any, Bound], None], key: Any) -> None:
    """Runs a statistical check; where a bound is exceeded, once more under an independent key, and both runs are judged together.

    A right answer exceeds five standard errors once in 1.7 million draws, and a term of many bounds, students and seeds makes as
    many. Of two independent deviations z and z' the mean, (z + z') / sqrt(2) in its own standard errors, is again standard
    normal: after an unlucky z = -5.1 it is beyond -5 only if z' < -1.97, while a bias of b standard errors grows to sqrt(2) b.
    So the bound stays as sharp as it was, and luck fails nobody.

    Args:
        check: called with a key and `bound`; does everything that depends on luck, from the student's call on. It says
            `bound(deviation, words, most=5)` for each deviation, in standard errors (a number or an array, of the same shape
            in both runs), that a right answer leaves below `most`. What it raises itself (another form, the student's
            error) is final.
        key: a typed JAX key of shape (); the first run gets it as it is.

    Raises:
        Mismatch: with the words of the first bound that both runs together exceed.
    """
    judged = _deviations(check, key)
    if not all(_within(z, most) for z, _, most in judged):
        again = _deviations(check, jax.random.fold_in(key, 1))
        judged = [((z + more) / np.sqrt(2), words, most) for (z, words, most), (more, _, _) in zip(judged, again, strict=True)]
    for z, words, most in judged:
        require(_within(z, most), words)


def _deviations(check: Callable[[Any, Bound], None], key: Any) -> list[tuple[np.ndarray, str, float]]:
    found: list[tuple[np.ndarray, str, float]] = []
    check(key, lambda deviation, words, most=5.0: found.append((np.asarray(deviation, dtype=np.float64), words, most)))
    return found


def _within(deviation: np.ndarray, most: float) -> bool:
    return bool(np.all(np.abs(deviation) <= most))
