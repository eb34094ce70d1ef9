"""P is not allowed below 1e-4, "for safety".

question: adam_edge
fails: TestAdamEdge::test_first_and_late_steps
kind: subtle
"""

import jax.numpy as jnp


def preconditioned(matvec, second_moment, count, b2, eps):
    root = jnp.sqrt(jnp.maximum(jnp.sqrt(second_moment / (1 - b2**count)) + eps, 1e-4))
    return lambda u: matvec(u / root) / root
