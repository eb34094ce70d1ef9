"""NumPy in float64, a loop over places; the network one image at a time; training by plain Python on a flat vector."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree


def correlate(x, kernel):
    x, kernel = np.asarray(x, np.float64), np.asarray(kernel, np.float64)
    kh, kw = kernel.shape
    return np.array(
        [[np.sum(kernel * x[i : i + kh, j : j + kw]) for j in range(x.shape[1] - kw + 1)] for i in range(x.shape[0] - kh + 1)]
    )


def windows(x, span, stride, padding, dilation=(1, 1), fill=0.0):
    """Yields (i, j, window) for every place; raises nothing, leaves out what does not fit."""
    padded = np.pad(np.asarray(x, np.float64), ((0, 0), (0, 0), *padding), constant_values=fill)
    reach = [d * (k - 1) + 1 for k, d in zip(span, dilation, strict=True)]
    for i, u in enumerate(range(0, padded.shape[2] - reach[0] + 1, stride[0])):
        for j, v in enumerate(range(0, padded.shape[3] - reach[1] + 1, stride[1])):
            yield i, j, padded[:, :, u : u + reach[0] : dilation[0], v : v + reach[1] : dilation[1]]


def assemble(entries):
    height, width = 1 + max(i for i, _ in entries), 1 + max(j for _, j in entries)
    return np.stack([np.stack([entries[i, j] for j in range(width)], axis=-1) for i in range(height)], axis=-2)


def conv2d(x, kernel, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    flat = np.asarray(kernel, np.float64).reshape(len(kernel), -1)
    found = windows(x, kernel.shape[2:], stride, padding, dilation)
    return assemble({(i, j): patch.reshape(len(x), -1) @ flat.T for i, j, patch in found})


def max_pool(x, window, stride, padding=((0, 0), (0, 0))):
    return assemble({(i, j): p.max(axis=(2, 3)) for i, j, p in windows(x, window, stride, padding, fill=-np.inf)})


def mean_pool(x, window, stride, padding=((0, 0), (0, 0))):
    found = windows(x, window, stride, padding, fill=np.nan)
    return assemble({(i, j): np.nanmean(p, axis=(2, 3)) for i, j, p in found})


def conv_transpose2d(y, kernel, size, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    y, kernel = np.asarray(y, np.float64), np.asarray(kernel, np.float64)
    x = np.zeros((len(y), kernel.shape[1], *size))
    for i, j, a, b in np.ndindex(*y.shape[2:], *kernel.shape[2:]):
        u = i * stride[0] + a * dilation[0] - padding[0][0]
        v = j * stride[1] + b * dilation[1] - padding[1][0]
        if 0 <= u < size[0] and 0 <= v < size[1]:
            x[:, :, u, v] += y[:, :, i, j] @ kernel[:, :, a, b]
    return x


def kernel_gradient(x, cotangent, kernel_size, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    g = np.asarray(cotangent, np.float64)
    total = 0.0
    for i, j, patch in windows(x, kernel_size, stride, padding, dilation):
        total = total + np.einsum("no,ncab->ocab", g[:, :, i, j], patch)
    return total


def cnn_logits(params, x, conv, pool):
    (K1, b1), (K2, b2), (W, b3) = params["conv1"], params["conv2"], params["dense"]
    same, rows = ((1, 1), (1, 1)), []
    for image in x:
        h = conv(image[None], K1, padding=same)[0]
        h = jnp.stack([jnp.clip(m + b, 0) for m, b in zip(h, b1, strict=True)])
        h = conv(pool(h[None], (2, 2), (2, 2)), K2, padding=same)[0]
        features = jnp.stack([jnp.clip(m + b, 0).mean() for m, b in zip(h, b2, strict=True)])
        rows.append(features @ W + b3)
    return jnp.stack(rows)


def train(key, params, x, labels, loss_fn, rate, momentum, batch_size, epochs):
    theta, unravel = ravel_pytree(params)
    slope = jax.jit(jax.grad(lambda t, a, b: loss_fn(unravel(t), a, b)))
    generator = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    velocity = np.zeros(theta.shape)
    theta = np.asarray(theta, np.float64)
    for _ in range(epochs):
        order = generator.permutation(len(x))
        for start in range(0, len(x), batch_size):
            chosen = order[start : start + batch_size]
            velocity = momentum * velocity + np.asarray(slope(jnp.asarray(theta, jnp.float32), x[chosen], labels[chosen]))
            theta = theta - rate * velocity
    return unravel(jnp.asarray(theta, jnp.float32))
