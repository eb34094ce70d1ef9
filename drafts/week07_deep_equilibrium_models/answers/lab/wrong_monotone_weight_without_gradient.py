"""Traced, but the gradient is cut off.

question: monotone
fails: TestMonotone::test_the_equilibrium_and_the_ends_of_the_range
kind: subtle
"""

import jax
import jax.numpy as jnp


def monotone_weight(A, B, m):
    A, B = jax.lax.stop_gradient(A), jax.lax.stop_gradient(B)
    return (1 - m) * jnp.eye(len(B)) - A.T @ A + B - B.T
