"""Degrees are sums over columns: the same for undirected graphs only.

question: gcn_average
fails: TestGcnAverage::test_one_way_edges
kind: subtle
"""

import jax.numpy as jnp


def gcn_average(adjacency, x):
    loops = adjacency + jnp.eye(len(adjacency))
    root = jnp.sqrt(loops.sum(axis=0))
    return (loops / jnp.outer(root, root)) @ x
