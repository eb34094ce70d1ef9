"""The distance of the means is not squared.

question: bures
kind: usual
fails: TestBures::test_distance
"""

import jax.numpy as jnp


def squared_distance(m1, S1, m2, S2):
    overlap = jnp.sqrt(jnp.clip(jnp.linalg.eigvals(S1 @ S2).real, 0)).sum()
    return jnp.linalg.norm(m1 - m2) + jnp.trace(S1 + S2) - 2 * overlap
