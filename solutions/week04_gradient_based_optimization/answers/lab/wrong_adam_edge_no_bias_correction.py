"""The second moment is not corrected.

question: adam_edge
fails: TestAdamEdge::test_symmetric_with_the_right_eigenvalues
kind: usual
"""

import jax.numpy as jnp


def preconditioned(matvec, second_moment, count, b2, eps):
    P = jnp.sqrt(second_moment) + eps
    return lambda u: matvec(u / jnp.sqrt(P)) / jnp.sqrt(P)
