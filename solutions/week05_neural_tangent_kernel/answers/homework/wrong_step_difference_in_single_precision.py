"""The step is taken, and two kernels are subtracted.

question: step
fails: TestStep::test_change_in_a_tiny_step
kind: usual
"""

import jax.numpy as jnp


def kernel_change(v, W, X, y, A, B, eta):
    m = len(v)
    error = (X @ W.T @ v / jnp.sqrt(m) - y) / len(y)
    kernel = lambda v, W: (A @ W.T @ W @ B.T + (v @ v) * (A @ B.T)) / m
    slope_v, slope_W = W @ X.T @ error / jnp.sqrt(m), jnp.outer(v, X.T @ error) / jnp.sqrt(m)
    return kernel(v - eta * slope_v, W - eta * slope_W) - kernel(v, W)
