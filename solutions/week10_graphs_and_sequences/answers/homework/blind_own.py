"""Style: own - JAX float32 with signature matrices and einsum; the spectrum in NumPy float64.

Blind solve of the week-10 homework from the student notebook alone.
"""

import jax
import jax.numpy as jnp
import jax.scipy.linalg
import numpy as np


def _first_equal(signature):
    """For each row the number of the first row that equals it."""
    same = (signature[:, None, :] == signature[None, :, :]).all(axis=2)
    return jnp.argmax(same, axis=1)


def _refine(adjacency, colors):
    n = adjacency.shape[0]
    counts = adjacency @ jax.nn.one_hot(colors, n, dtype=jnp.int32)
    return _first_equal(jnp.concatenate([colors[:, None], counts], axis=1))


def wl_colors(adjacency, colors, rounds):
    adjacency = jnp.asarray(adjacency, jnp.int32)
    colors = _first_equal(jnp.asarray(colors)[:, None])
    for _ in range(rounds):
        colors = _refine(adjacency, colors)
    return np.asarray(colors)


def wl_round(first, second):
    n, m = len(first), len(second)
    union = jax.scipy.linalg.block_diag(jnp.asarray(first, jnp.int32), jnp.asarray(second, jnp.int32))
    colors = jnp.zeros(n + m, jnp.int32)
    for t in range(n + m + 1):
        here = jnp.bincount(colors[:n], length=n + m)
        there = jnp.bincount(colors[n:], length=n + m)
        if bool((here != there).any()):
            return t
        finer = _refine(union, colors)
        if t > 0 and bool((finer == colors).all()):
            return -1
        colors = finer
    return -1


def smoothing(adjacency, x):
    loops = np.asarray(adjacency, np.float64) + np.eye(len(adjacency))
    root = np.sqrt(loops.sum(axis=1))
    values, vectors = np.linalg.eigh(loops / np.outer(root, root))
    stays = values > 0.9995
    kept = vectors[:, stays]
    rest = np.abs(values[~stays])
    return kept @ (kept.T @ np.asarray(x, np.float64)), float(rest.max(initial=0.0))


def smoother_as_attention(queries, keys, bandwidth):
    q = jnp.concatenate([queries / bandwidth, jnp.ones((queries.shape[0], 1))], axis=1)
    k = jnp.concatenate([keys / bandwidth, -0.5 * jnp.sum((keys / bandwidth) ** 2, axis=1, keepdims=True)], axis=1)
    return q, k


def smoother_slope(query, keys, values, bandwidth):
    w = jax.nn.softmax(-jnp.sum((keys - query) ** 2, axis=1) / (2 * bandwidth**2))
    return jnp.einsum("j,ja,jb->ab", w, values - w @ values, keys - w @ keys) / bandwidth**2


def gd_attention(W0, rate, n):
    c, d = W0.shape
    W_Q = jnp.eye(d + c, d)
    W_V = jnp.zeros((d + c, d + c)).at[:, d:].set(jnp.concatenate([W0.T, -jnp.eye(c)]) * rate / n)
    return W_Q, W_Q, W_V


def best_step(spectrum, n, noise):
    t1, t2, t3 = (jnp.sum(spectrum**p) for p in (1, 2, 3))
    curvature = ((n + 1) * t3 + t2 * (t1 + noise**2)) / n
    return t2 / curvature, t1 - t2**2 / curvature
