"""Divided by the product of the degrees, without the root.

question: gcn_average
fails: TestGcnAverage::test_a_weighted_graph
kind: usual
"""

import jax.numpy as jnp


def gcn_average(adjacency, x):
    loops = adjacency + jnp.eye(len(adjacency))
    degree = loops.sum(axis=1)
    return (loops / jnp.outer(degree, degree)) @ x
