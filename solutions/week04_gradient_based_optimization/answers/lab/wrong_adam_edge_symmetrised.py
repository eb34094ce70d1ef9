"""The symmetric part of P^-1 H.

question: adam_edge
fails: TestAdamEdge::test_symmetric_with_the_right_eigenvalues
kind: subtle
"""

import jax.numpy as jnp


def preconditioned(matvec, second_moment, count, b2, eps):
    P = jnp.sqrt(second_moment / (1 - b2**count)) + eps
    return lambda u: (matvec(u) / P + matvec(u / P)) / 2
