"""Statistical tests that luck does not fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax


def not_by_chance(check: Callable[[Any], None], key: Any) -> None:
    """Runs a statistical check; one that fails is run once more under an independent key, and only that failure counts.

    A wrong answer is wrong under every key. A right one exceeds five standard errors once in 1.7 million draws, and a term of
    many bounds, students and seeds makes as many; twice in a row it does not. The bound itself stays as sharp as it was.

    Args:
        check: does everything that depends on luck, from the student's call to the last bound; raises AssertionError where it
            fails. Anything else that it raises (the student's error, a timeout) is not tried again.
        key: a typed JAX key of shape (); the first run gets it as it is.

    Raises:
        AssertionError: of the second run.
    """
    try:
        check(key)
        return
    except AssertionError:
        pass
    check(jax.random.fold_in(key, 1))
