"""Matrix form: each bias is a row of its weight matrix, and the input of a layer has a column of ones."""

import jax.numpy as jnp


def with_ones(h):
    return jnp.concatenate([h, jnp.ones((h.shape[0], 1), h.dtype)], axis=1)


def forward(params, x, phi):
    blocks = [jnp.concatenate([W, b[None]]) for W, b in params]
    for block in blocks[:-1]:
        x = phi(with_ones(x) @ block)
    return with_ones(x) @ blocks[-1]


def backprop(params, x, phi, slope, cotangent):
    blocks = [jnp.concatenate([W, b[None]]) for W, b in params]
    inputs, slopes = [with_ones(x)], []
    for block in blocks[:-1]:
        z = inputs[-1] @ block
        slopes.append(slope(z))
        inputs.append(with_ones(phi(z)))
    deltas = [cotangent]
    for block, factor in zip(blocks[:0:-1], slopes[::-1], strict=True):
        deltas.append(factor * (deltas[-1] @ block[:-1].T))
    joint = [h.T @ delta for h, delta in zip(inputs, deltas[::-1], strict=True)]
    return [(g[:-1], g[-1]) for g in joint]
