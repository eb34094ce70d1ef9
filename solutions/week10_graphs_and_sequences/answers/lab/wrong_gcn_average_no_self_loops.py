"""No self-loops at all; lonely nodes are saved by a small number.

question: gcn_average
fails: TestGcnAverage::test_a_weighted_graph
kind: usual
"""

import jax.numpy as jnp


def gcn_average(adjacency, x):
    root = jnp.sqrt(adjacency.sum(axis=1) + 1e-9)
    return (adjacency / jnp.outer(root, root)) @ x
