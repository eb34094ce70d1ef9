"""The square of A is added.

question: monotone
fails: TestMonotone::test_weight
kind: usual
"""

import jax.numpy as jnp


def monotone_weight(A, B, m):
    return (1.0 - m) * jnp.eye(len(B)) + A.T @ A + B - B.T
