"""The mean over the examples.

question: null_space
fails: TestNullSpace::test_the_hessian
kind: usual
"""

import jax
import jax.numpy as jnp


def softmax_hessian(W, X):
    p = jax.nn.softmax(X @ W, axis=1)
    C = jnp.einsum("ik,km->ikm", p, jnp.eye(p.shape[1])) - jnp.einsum("ik,im->ikm", p, p)
    return jnp.einsum("ij,il,ikm->jklm", X, X, C).reshape(W.size, W.size) / len(X)
