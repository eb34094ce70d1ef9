"""Axes of length 1 are dropped from the result.

question: layer_kernels
fails: TestLayerKernels::test_one_layer_and_four
kind: usual
"""

import jax.numpy as jnp
import numpy as np


def layer_kernels(params, x1, x2, phi, slope):
    def sweep(x):
        inputs, pre = [], []
        h = x
        for W, b in params:
            inputs.append(h)
            pre.append(h @ W / np.sqrt(W.shape[0]) + b)
            h = phi(pre[-1])
        deltas = [jnp.ones_like(pre[-1])]
        for level in range(len(params) - 1, 0, -1):
            W = params[level][0]
            deltas.append((deltas[-1] @ W.T / np.sqrt(W.shape[0])) * slope(pre[level - 1]))
        return inputs, deltas[::-1]

    (h1, d1), (h2, d2) = sweep(x1), sweep(x2)
    return jnp.squeeze(jnp.stack([(d @ e.T) * (1.0 + h @ g.T / h.shape[1]) for h, d, g, e in zip(h1, d1, h2, d2, strict=True)]))
