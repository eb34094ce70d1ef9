"""A step of eta = 1 in float32, minus the start, times eta squared: the linear terms cancel only up to rounding.

question: balance
fails: TestBalance::test_tiny_learning_rates
kind: subtle
"""

import jax
import jax.numpy as jnp


def imbalance_change(weights, x, y, eta):
    def loss(ws):
        h = x
        for W in ws:
            h = h @ W.T
        return jnp.sum((h - y) ** 2) / (2 * len(x))
    ws = [jnp.asarray(W, jnp.float32) for W in weights]
    G = jax.grad(loss)(ws)
    D = lambda ws: [b.T @ b - a @ a.T for a, b in zip(ws, ws[1:])]
    return [eta**2 * (p - q) for p, q in zip(D([w - g for w, g in zip(ws, G)]), D(ws))]
