"""1e-8 is added to the product of the norms.

question: learned
fails: TestLearned::test_alignment
kind: subtle
"""

import jax.numpy as jnp


def alignment(K, y):
    center = lambda A: A - A.mean(axis=0)
    labels = center(y) @ center(y).T
    kernel = center(center(K).T)
    return jnp.sum(kernel * labels) / (jnp.linalg.norm(kernel) * jnp.linalg.norm(labels) + 1e-8)
