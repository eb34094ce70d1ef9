"""Every layer as a product with 0-1 matrices R[place, tap, pixel]: transposing it is exchanging indices. Training by optax."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax


def selection(n, pad, k, s, d):
    """R[i, a, u] = 1 where place i and tap a meet pixel u of the line without padding."""
    places = (n + pad[0] + pad[1] - d * (k - 1) - 1) // s + 1
    pixel = np.arange(places)[:, None] * s + np.arange(k) * d - pad[0]
    return jnp.asarray(pixel[:, :, None] == np.arange(n), jnp.float32)


def both(size, kernel_size, stride, padding, dilation):
    return [selection(*q) for q in zip(size, padding, kernel_size, stride, dilation, strict=True)]


def correlate(x, kernel):
    rows, columns = both(x.shape, kernel.shape, (1, 1), ((0, 0), (0, 0)), (1, 1))
    return jnp.einsum("ab,iau,jbv,uv->ij", kernel, rows, columns, x)


def conv2d(x, kernel, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    rows, columns = both(x.shape[2:], kernel.shape[2:], stride, padding, dilation)
    return jnp.einsum("ocab,iau,jbv,ncuv->noij", kernel, rows, columns, x)


def conv_transpose2d(y, kernel, size, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    rows, columns = both(size, kernel.shape[2:], stride, padding, dilation)
    return jnp.einsum("ocab,iau,jbv,noij->ncuv", kernel, rows, columns, y)


def kernel_gradient(x, cotangent, kernel_size, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    rows, columns = both(x.shape[2:], kernel_size, stride, padding, dilation)
    return jnp.einsum("ncuv,iau,jbv,noij->ocab", x, rows, columns, cotangent)


def members(x, window, stride, padding):
    """For each direction, M[place, pixel] = True where the window covers the pixel."""
    rows, columns = both(x.shape[2:], window, stride, padding, (1, 1))
    return rows.sum(axis=1), columns.sum(axis=1)


def max_pool(x, window, stride, padding=((0, 0), (0, 0))):
    rows, columns = members(x, window, stride, padding)
    tall = jnp.where(rows[:, :, None] > 0, x[:, :, None], -jnp.inf).max(axis=3)  # n c i w
    return jnp.where(columns > 0, tall[:, :, :, None], -jnp.inf).max(axis=-1)


def mean_pool(x, window, stride, padding=((0, 0), (0, 0))):
    rows, columns = (m / m.sum(axis=1, keepdims=True) for m in members(x, window, stride, padding))
    return jnp.einsum("iu,ncuv,jv->ncij", rows, x, columns)


def cnn_logits(params, x, conv, pool):
    def one(image):
        h = image[None]
        for name in ("conv1", "conv2"):
            kernel, bias = params[name]
            h = jax.nn.relu(conv(h, kernel, padding=((1, 1), (1, 1))) + jnp.expand_dims(bias, (0, 2, 3)))
            if name == "conv1":
                h = pool(h, window=(2, 2), stride=(2, 2))
        return h[0].reshape(h.shape[1], -1).mean(axis=1) @ params["dense"][0] + params["dense"][1]

    return jax.vmap(one)(x)


def train(key, params, x, labels, loss_fn, rate, momentum, batch_size, epochs):
    optimizer = optax.sgd(rate, momentum=momentum)
    state = optimizer.init(params)

    @functools.partial(jax.jit)
    def update(params, state, inputs, targets):
        _, slope = jax.value_and_grad(loss_fn)(params, inputs, targets)
        change, state = optimizer.update(slope, state, params)
        return optax.apply_updates(params, change), state

    for _ in range(epochs):
        key, now = jax.random.split(key)
        order = np.asarray(jax.random.permutation(now, x.shape[0]))
        for chosen in np.split(order, len(order) // batch_size):
            params, state = update(params, state, x[chosen], labels[chosen])
    return params
