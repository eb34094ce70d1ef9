"""One shifted copy of the image per tap of the kernel, sliced with a step and added up; training compiled as one scan."""

import jax
import jax.numpy as jnp


def correlate(x, kernel):
    h, w = x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1
    total = jnp.zeros((h, w))
    for a in range(kernel.shape[0]):
        for b in range(kernel.shape[1]):
            total = total + kernel[a, b] * x[a : a + h, b : b + w]
    return total


def out_size(n, pad, k, s, d):
    return (n + pad[0] + pad[1] - d * (k - 1) - 1) // s + 1


def shifted(padded, a, b, sizes, stride, dilation):
    top, left = a * dilation[0], b * dilation[1]
    bottom, right = top + (sizes[0] - 1) * stride[0] + 1, left + (sizes[1] - 1) * stride[1] + 1
    return padded[:, :, top : bottom : stride[0], left : right : stride[1]]


def conv2d(x, kernel, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    padded = jnp.pad(x, ((0, 0), (0, 0)) + tuple(padding))
    sizes = [out_size(*q) for q in zip(x.shape[2:], padding, kernel.shape[2:], stride, dilation, strict=True)]
    y = 0.0
    for a in range(kernel.shape[2]):
        for b in range(kernel.shape[3]):
            y = y + jnp.tensordot(kernel[:, :, a, b], shifted(padded, a, b, sizes, stride, dilation), ([1], [1]))
    return y.swapaxes(0, 1)


def max_pool(x, window, stride, padding=((0, 0), (0, 0))):
    padded = jnp.pad(x, ((0, 0), (0, 0)) + tuple(padding), constant_values=-jnp.inf)
    sizes = [out_size(*q, 1) for q in zip(x.shape[2:], padding, window, stride, strict=True)]
    best = shifted(padded, 0, 0, sizes, stride, (1, 1))
    for a in range(window[0]):
        for b in range(window[1]):
            best = jnp.maximum(best, shifted(padded, a, b, sizes, stride, (1, 1)))
    return best


def mean_pool(x, window, stride, padding=((0, 0), (0, 0))):
    def total(image):
        padded = jnp.pad(image, ((0, 0), (0, 0)) + tuple(padding))
        sizes = [out_size(*q, 1) for q in zip(x.shape[2:], padding, window, stride, strict=True)]
        return sum(
            shifted(padded, a, b, sizes, stride, (1, 1)) for a in range(window[0]) for b in range(window[1])
        )

    return total(x) / total(jnp.ones_like(x))


def conv_transpose2d(y, kernel, size, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    (top, bottom), (left, right) = padding
    canvas = jnp.zeros((y.shape[0], kernel.shape[1], size[0] + top + bottom, size[1] + left + right))
    for a in range(kernel.shape[2]):
        for b in range(kernel.shape[3]):
            u, v = a * dilation[0], b * dilation[1]
            rows = slice(u, u + (y.shape[2] - 1) * stride[0] + 1, stride[0])
            columns = slice(v, v + (y.shape[3] - 1) * stride[1] + 1, stride[1])
            copy = jnp.tensordot(kernel[:, :, a, b], y, ([0], [1])).swapaxes(0, 1)
            canvas = canvas.at[:, :, rows, columns].add(copy)
    return canvas[:, :, top : top + size[0], left : left + size[1]]


def kernel_gradient(x, cotangent, kernel_size, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    padded = jnp.pad(x, ((0, 0), (0, 0)) + tuple(padding))
    rows = []
    for a in range(kernel_size[0]):
        taps = [shifted(padded, a, b, cotangent.shape[2:], stride, dilation) for b in range(kernel_size[1])]
        rows.append(jnp.stack([jnp.tensordot(cotangent, t, ([0, 2, 3], [0, 2, 3])) for t in taps], axis=-1))
    return jnp.stack(rows, axis=2)


def cnn_logits(params, x, conv, pool):
    def layer(name, h):
        K, b = params[name]
        return jnp.maximum(conv(h, K, (1, 1), ((1, 1), (1, 1)), (1, 1)) + b.reshape(1, -1, 1, 1), 0.0)

    h = layer("conv2", pool(layer("conv1", x), (2, 2), (2, 2), ((0, 0), (0, 0))))
    return jnp.einsum("nchw,ck->nk", h, params["dense"][0]) / (h.shape[2] * h.shape[3]) + params["dense"][1]


def train(key, params, x, labels, loss_fn, rate, momentum, batch_size, epochs):
    orders = jnp.concatenate([jax.random.permutation(k, len(x)) for k in jax.random.split(key, epochs)])

    def step(state, batch):
        params, velocity = state
        slope = jax.grad(loss_fn)(params, x[batch], labels[batch])
        velocity = jax.tree.map(lambda v, g: momentum * v - rate * g, velocity, slope)
        return (jax.tree.map(jnp.add, params, velocity), velocity), None

    params = jax.tree.map(jnp.asarray, params)
    start = (params, jax.tree.map(jnp.zeros_like, params))
    return jax.lax.scan(step, start, orders.reshape(-1, batch_size))[0][0]
