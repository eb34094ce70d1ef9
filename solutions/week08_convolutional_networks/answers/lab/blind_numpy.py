"""Plain NumPy style with beginner's loops; cnn_logits and train stay in JAX, because JAX differentiates through them.

Blind solve of the week-8 lab from the student notebook alone.
"""

import jax
import jax.numpy as jnp
import numpy as np

NO_PADDING = ((0, 0), (0, 0))


def correlate(x, kernel):
    x = np.asarray(x)
    kernel = np.asarray(kernel)
    h, w = x.shape
    kh, kw = kernel.shape
    y = np.zeros((h - kh + 1, w - kw + 1), np.float32)
    for i in range(h - kh + 1):
        for j in range(w - kw + 1):
            y[i, j] = np.sum(kernel * x[i : i + kh, j : j + kw])
    return y


def zero_pad(x, padding):
    (top, bottom), (left, right) = padding
    n, c, h, w = x.shape
    padded = np.zeros((n, c, h + top + bottom, w + left + right), np.float32)
    padded[:, :, top : top + h, left : left + w] = x
    return padded


def conv2d(x, kernel, stride=(1, 1), padding=NO_PADDING, dilation=(1, 1)):
    kernel = np.asarray(kernel)
    padded = zero_pad(np.asarray(x), padding)
    n, c_in, h, w = padded.shape
    c_out, _, kh, kw = kernel.shape
    h_out = (h - dilation[0] * (kh - 1) - 1) // stride[0] + 1
    w_out = (w - dilation[1] * (kw - 1) - 1) // stride[1] + 1
    y = np.zeros((n, c_out, h_out, w_out), np.float32)
    for o in range(c_out):
        for c in range(c_in):
            for a in range(kh):
                for b in range(kw):
                    u = a * dilation[0]
                    v = b * dilation[1]
                    seen = padded[:, c, u : u + (h_out - 1) * stride[0] + 1 : stride[0], v : v + (w_out - 1) * stride[1] + 1 : stride[1]]
                    y[:, o] += kernel[o, c, a, b] * seen
    return y


def pool_with(function, x, window, stride, padding):
    x = np.asarray(x)
    n, c, h, w = x.shape
    (top, bottom), (left, right) = padding
    h_out = (h + top + bottom - window[0]) // stride[0] + 1
    w_out = (w + left + right - window[1]) // stride[1] + 1
    y = np.zeros((n, c, h_out, w_out), np.float32)
    for i in range(h_out):
        for j in range(w_out):
            u = i * stride[0] - top
            v = j * stride[1] - left
            # only the pixels of the image: a negative start would count from the far end
            part = x[:, :, max(u, 0) : max(u + window[0], 0), max(v, 0) : max(v + window[1], 0)]
            y[:, :, i, j] = function(part, axis=(2, 3))
    return y


def max_pool(x, window, stride, padding=NO_PADDING):
    return pool_with(np.max, x, window, stride, padding)


def mean_pool(x, window, stride, padding=NO_PADDING):
    return pool_with(np.mean, x, window, stride, padding)


def conv_transpose2d(y, kernel, size, stride=(1, 1), padding=NO_PADDING, dilation=(1, 1)):
    y = np.asarray(y)
    kernel = np.asarray(kernel)
    n, c_out, h_out, w_out = y.shape
    _, c_in, kh, kw = kernel.shape
    (top, bottom), (left, right) = padding
    x = np.zeros((n, c_in, size[0] + top + bottom, size[1] + left + right), np.float32)
    for i in range(h_out):
        for j in range(w_out):
            for a in range(kh):
                for b in range(kw):
                    u = i * stride[0] + a * dilation[0]
                    v = j * stride[1] + b * dilation[1]
                    x[:, :, u, v] += y[:, :, i, j] @ kernel[:, :, a, b]
    return x[:, :, top : top + size[0], left : left + size[1]]


def kernel_gradient(x, cotangent, kernel_size, stride=(1, 1), padding=NO_PADDING, dilation=(1, 1)):
    padded = zero_pad(np.asarray(x), padding)
    g = np.asarray(cotangent)
    _, c_out, h_out, w_out = g.shape
    c_in = padded.shape[1]
    kh, kw = kernel_size
    gradient = np.zeros((c_out, c_in, kh, kw), np.float32)
    for a in range(kh):
        for b in range(kw):
            for i in range(h_out):
                for j in range(w_out):
                    seen = padded[:, :, i * stride[0] + a * dilation[0], j * stride[1] + b * dilation[1]]
                    gradient[:, :, a, b] += g[:, :, i, j].T @ seen
    return gradient


def cnn_logits(params, x, conv, pool):
    K1, b1 = params["conv1"]
    K2, b2 = params["conv2"]
    W, b3 = params["dense"]
    same = ((1, 1), (1, 1))
    h = conv(x, K1, padding=same) + b1.reshape(1, -1, 1, 1)
    h = jnp.maximum(h, 0)
    h = pool(h, (2, 2), (2, 2))
    h = conv(h, K2, padding=same) + b2.reshape(1, -1, 1, 1)
    h = jnp.maximum(h, 0)
    return jnp.mean(h, axis=(2, 3)) @ W + b3


def train(key, params, x, labels, loss_fn, rate, momentum, batch_size, epochs):
    x = jnp.asarray(x)
    labels = jnp.asarray(labels)

    @jax.jit
    def update(params, velocity, x_batch, labels_batch):
        gradient = jax.grad(loss_fn)(params, x_batch, labels_batch)
        velocity = jax.tree.map(lambda v, g: momentum * v + g, velocity, gradient)
        params = jax.tree.map(lambda p, v: p - rate * v, params, velocity)
        return params, velocity

    velocity = jax.tree.map(jnp.zeros_like, params)
    for _ in range(epochs):
        key, subkey = jax.random.split(key)
        order = jax.random.permutation(subkey, len(x))
        for start in range(0, len(x), batch_size):
            chosen = order[start : start + batch_size]
            params, velocity = update(params, velocity, x[chosen], labels[chosen])
    return params
