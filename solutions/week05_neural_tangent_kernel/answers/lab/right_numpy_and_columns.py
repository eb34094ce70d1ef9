"""NumPy in float64 with JAX for derivatives only; columns of the kernel; J v as a gradient; float32 eigenvectors."""

import jax
import jax.numpy as jnp
import numpy as np


def empirical_ntk(f, params, x1, x2):
    other, pull = jax.vjp(lambda p: f(p, x2), params)
    n2, k = other.shape
    columns = []
    for j in range(n2):
        for b in range(k):
            unit = jnp.zeros((n2, k)).at[j, b].set(1.0)
            columns.append(np.asarray(jax.jvp(lambda p: f(p, x1), (params,), pull(unit))[1]))
    return np.stack(columns, axis=-1).reshape(len(x1), k, n2, k).transpose(0, 2, 1, 3)


def push_forward(outputs, params, tangent):
    """J times a tangent without forward mode: <J^T w, tangent> is linear in w, with gradient J tangent."""
    value, pull = jax.vjp(outputs, params)

    def product(w):
        return sum(jnp.sum(a * b) for a, b in zip(jax.tree.leaves(pull(w)[0]), jax.tree.leaves(tangent), strict=True))

    return value, jax.grad(product)(jnp.zeros_like(value))


def ntk_times(f, params, x, v):
    outputs = lambda p: f(p, x)
    return push_forward(outputs, params, jax.vjp(outputs, params)[1](v)[0])[1]


def layer_kernels(params, x1, x2, phi, slope):
    weights = [(np.asarray(W, np.float64) / np.sqrt(np.shape(W)[0]), np.asarray(b, np.float64)) for W, b in params]

    def descend(level, h, g):
        """Kernels of this layer and those above it, and the slopes of the output at its inputs."""
        W, b = weights[level]
        mixed = np.einsum("ip,jp->ij", h, g) / h.shape[1] + 1.0
        if level == len(weights) - 1:
            return [mixed], np.repeat(W.T, len(h), axis=0), np.repeat(W.T, len(g), axis=0)
        z, s = h @ W + b, g @ W + b
        apply = lambda function, a: np.asarray(function(jnp.asarray(a, jnp.float32)), np.float64)
        above, d, e = descend(level + 1, apply(phi, z), apply(phi, s))
        d, e = d * apply(slope, z), e * apply(slope, s)
        return [np.einsum("ip,jp->ij", d, e) * mixed, *above], d @ W.T, e @ W.T

    return np.array(descend(0, np.asarray(x1, np.float64), np.asarray(x2, np.float64))[0])


def linearise(f, params0):
    def straight(params, x):
        value, change = push_forward(lambda p: f(p, x), params0, jax.tree.map(jnp.subtract, params, params0))
        return value + change

    return straight


def kernel_flow(K, K_new, y, f0, f0_new, t):
    values, V = jnp.linalg.eigh(jnp.asarray(K))
    x = values * t / len(y)
    error = V.T @ (jnp.asarray(f0) - y)
    gain = jnp.where(jnp.abs(x) > 1e-5, -jnp.expm1(-x) / jnp.where(jnp.abs(x) > 1e-5, x, 1.0), 1 - x / 2) * t / len(y)
    return y + V @ (jnp.exp(-x)[:, None] * error), f0_new - jnp.asarray(K_new) @ V @ (gain[:, None] * error)


def scaled_step(f, params0, params, x, y, alpha, eta):
    scaled = lambda p: alpha * (f(p, x) - f(params0, x))
    loss = lambda p: 0.5 * jnp.mean(jnp.sum((scaled(p) - y) ** 2, axis=1))
    gradient = jax.value_and_grad(loss)(params)[1]
    rate = eta * alpha**-2
    return jax.tree.map(lambda w, g: np.asarray(w) - rate * np.asarray(g), params, gradient)


def alignment(K, y):
    K, y = np.asarray(K, np.float64), np.asarray(y, np.float64)
    centred = K - K.mean(axis=0) - K.mean(axis=1)[:, None] + K.mean()
    labels = y - y.mean(axis=0)
    return np.sum(labels * (centred @ labels)) / np.linalg.norm(centred) / np.linalg.norm(labels @ labels.T)


def gradient_outer_product(f, params, x):
    columns = []
    for p in range(x.shape[1]):
        unit = jnp.zeros_like(x).at[:, p].set(1.0)
        columns.append(np.asarray(jax.jvp(lambda x: f(params, x), (x,), (unit,))[1]).ravel())
    J = np.stack(columns, axis=1)
    return J.T @ J / len(x)
