"""Normalised first, then the identity is added.

question: gcn_average
fails: TestGcnAverage::test_a_weighted_graph
kind: usual
"""

import jax.numpy as jnp


def gcn_average(adjacency, x):
    degree = adjacency.sum(axis=1)
    inverse = jnp.where(degree > 0, 1 / jnp.sqrt(jnp.maximum(degree, 1e-9)), 0.0)
    return (jnp.eye(len(adjacency)) + inverse[:, None] * adjacency * inverse) @ x
