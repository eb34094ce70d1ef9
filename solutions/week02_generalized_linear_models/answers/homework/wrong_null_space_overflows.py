"""A softmax that overflows.

question: null_space
fails: TestNullSpace::test_logits_of_a_thousand
kind: usual
"""

import jax.numpy as jnp


def softmax_hessian(W, X):
    e = jnp.exp(X @ W)
    p = e / e.sum(axis=1, keepdims=True)
    C = jnp.einsum("ik,km->ikm", p, jnp.eye(p.shape[1])) - jnp.einsum("ik,im->ikm", p, p)
    return jnp.einsum("ij,il,ikm->jklm", X, X, C).reshape(W.size, W.size)
