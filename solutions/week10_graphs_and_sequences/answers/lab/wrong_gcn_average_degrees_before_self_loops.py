"""The degrees are those of A, the self-loops come after.

question: gcn_average
fails: TestGcnAverage::test_a_weighted_graph
kind: usual
"""

import jax.numpy as jnp


def gcn_average(adjacency, x):
    root = jnp.sqrt(jnp.maximum(adjacency.sum(axis=1), 1.0))
    return ((adjacency + jnp.eye(len(adjacency))) / jnp.outer(root, root)) @ x
