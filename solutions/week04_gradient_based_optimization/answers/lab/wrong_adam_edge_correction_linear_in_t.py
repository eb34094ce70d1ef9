"""The correction is 1 - t b2.

question: adam_edge
fails: TestAdamEdge::test_symmetric_with_the_right_eigenvalues
kind: subtle
"""

import jax.numpy as jnp


def preconditioned(matvec, second_moment, count, b2, eps):
    P = jnp.sqrt(second_moment / jnp.abs(1 - b2 * count)) + eps
    return lambda u: matvec(u / jnp.sqrt(P)) / jnp.sqrt(P)
