"""Own style: idiomatic JAX, patches by one gather, contractions by einsum, training by nested scans.

Blind solve of the week-8 lab from the student notebook alone.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import lax

NO_PADDING = ((0, 0), (0, 0))


def _places(out, taps, stride, dilation):
    """Index grids (rows, columns) of shape (h_out, w_out, kh, kw) after broadcasting."""
    rows, cols = (
        s * jnp.arange(n)[:, None] + d * jnp.arange(k) for n, k, s, d in zip(out, taps, stride, dilation, strict=True)
    )
    return rows[:, None, :, None], cols[None, :, None, :]


def _out_size(shape, taps, stride, dilation):
    return tuple((n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(shape, taps, stride, dilation, strict=True))


def _patches(x, taps, stride, padding, dilation, fill=0.0):
    """(batch, c, h_out, w_out, kh, kw): what each place sees."""
    x = jnp.pad(jnp.asarray(x), ((0, 0), (0, 0), *padding), constant_values=fill)
    out = _out_size(x.shape[2:], taps, stride, dilation)
    return x[(slice(None), slice(None), *_places(out, taps, stride, dilation))]


def correlate(x, kernel):
    return conv2d(jnp.asarray(x)[None, None], jnp.asarray(kernel)[None, None])[0, 0]


def conv2d(x, kernel, stride=(1, 1), padding=NO_PADDING, dilation=(1, 1)):
    kernel = jnp.asarray(kernel)
    return jnp.einsum("ncijab,ocab->noij", _patches(x, kernel.shape[2:], stride, padding, dilation), kernel)


def max_pool(x, window, stride, padding=NO_PADDING):
    return _patches(x, window, stride, padding, (1, 1), fill=-jnp.inf).max(axis=(-2, -1))


def mean_pool(x, window, stride, padding=NO_PADDING):
    x = jnp.asarray(x)
    total, count = (_patches(a, window, stride, padding, (1, 1)).sum(axis=(-2, -1)) for a in (x, jnp.ones_like(x)))
    return total / count


def conv_transpose2d(y, kernel, size, stride=(1, 1), padding=NO_PADDING, dilation=(1, 1)):
    y, kernel = jnp.asarray(y), jnp.asarray(kernel)
    (top, bottom), (left, right) = padding
    h, w = size
    canvas = jnp.zeros((y.shape[0], kernel.shape[1], h + top + bottom, w + left + right), y.dtype)
    rows, cols = _places(y.shape[2:], kernel.shape[2:], stride, dilation)
    canvas = canvas.at[:, :, rows, cols].add(jnp.einsum("noij,ocab->ncijab", y, kernel))
    return canvas[:, :, top : top + h, left : left + w]


def kernel_gradient(x, cotangent, kernel_size, stride=(1, 1), padding=NO_PADDING, dilation=(1, 1)):
    patches = _patches(x, kernel_size, stride, padding, dilation)
    return jnp.einsum("noij,ncijab->ocab", jnp.asarray(cotangent), patches)


def cnn_logits(params, x, conv, pool):
    def block(h, K, b):
        return jax.nn.relu(conv(h, K, (1, 1), ((1, 1), (1, 1))) + b[:, None, None])

    h = pool(block(x, *params["conv1"]), (2, 2), (2, 2))
    W, b = params["dense"]
    return block(h, *params["conv2"]).mean(axis=(2, 3)) @ W + b


def train(key, params, x, labels, loss_fn: Callable, rate, momentum, batch_size, epochs):
    x, labels = jnp.asarray(x), jnp.asarray(labels)
    params = jax.tree.map(jnp.asarray, params)

    def update(state, batch):
        theta, v = state
        grads = jax.grad(loss_fn)(theta, x[batch], labels[batch])
        v = jax.tree.map(lambda v, g: momentum * v + g, v, grads)
        return (jax.tree.map(lambda p, v: p - rate * v, theta, v), v), None

    def epoch(state, k):
        return lax.scan(update, state, jax.random.permutation(k, len(x)).reshape(-1, batch_size))

    start = (params, jax.tree.map(jnp.zeros_like, params))
    (params, _), _ = jax.jit(lambda state, keys: lax.scan(epoch, state, keys))(start, jax.random.split(key, epochs))
    return params
