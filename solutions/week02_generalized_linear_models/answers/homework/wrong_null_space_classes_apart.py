"""Only the blocks of one class each.

question: null_space
fails: TestNullSpace::test_the_hessian
kind: usual
"""

import jax
import jax.numpy as jnp


def softmax_hessian(W, X):
    p = jax.nn.softmax(X @ W, axis=1)
    return jnp.einsum("ij,il,ik,km->jklm", X, X, p * (1 - p), jnp.eye(p.shape[1])).reshape(W.size, W.size)
