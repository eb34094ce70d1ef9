"""Epsilon is forgotten.

question: adam_edge
fails: TestAdamEdge::test_eps_guards_entries_that_never_moved
kind: subtle
"""

import jax.numpy as jnp


def preconditioned(matvec, second_moment, count, b2, eps):
    P = jnp.sqrt(second_moment / (1 - b2**count))
    return lambda u: matvec(u / jnp.sqrt(P)) / jnp.sqrt(P)
