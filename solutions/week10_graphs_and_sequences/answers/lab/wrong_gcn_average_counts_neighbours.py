"""The degree counts neighbours and forgets their weights.

question: gcn_average
fails: TestGcnAverage::test_a_weighted_graph
kind: usual
"""

import jax.numpy as jnp


def gcn_average(adjacency, x):
    loops = adjacency + jnp.eye(len(adjacency))
    root = jnp.sqrt((loops > 0).sum(axis=1))
    return (loops / jnp.outer(root, root)) @ x
