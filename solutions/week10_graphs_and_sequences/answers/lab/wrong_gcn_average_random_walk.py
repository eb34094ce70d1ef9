"""Rows are normalised: D^-1 (A + I).

question: gcn_average
fails: TestGcnAverage::test_a_weighted_graph
kind: usual
"""

import jax.numpy as jnp


def gcn_average(adjacency, x):
    loops = adjacency + jnp.eye(len(adjacency))
    return (loops / loops.sum(axis=1, keepdims=True)) @ x
