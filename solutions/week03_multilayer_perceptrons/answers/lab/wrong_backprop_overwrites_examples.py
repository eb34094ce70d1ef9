"""Examples are looped over, and each overwrites the gradient of the one before.

question: backprop
fails: TestBackprop::test_one_hidden_layer
fails: TestBackprop::test_square_batch
kind: usual
"""

import jax.numpy as jnp


def backprop(params, x, phi, slope, cotangent):
    for row, error in zip(x, cotangent, strict=True):
        inputs, zs, h = [], [], row
        for W, b in params:
            inputs.append(h)
            zs.append(h @ W + b)
            h = phi(zs[-1])
        gradients, delta = [], error
        for level in reversed(range(len(params))):
            gradients.append((jnp.outer(inputs[level], delta), delta))
            if level > 0:
                delta = (params[level][0] @ delta) * slope(zs[level - 1])
    return gradients[::-1]
