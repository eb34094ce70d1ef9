"""Loops over outputs, leaves and layers; gradients of single numbers; lists as results; the matrix exponential of SciPy."""

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg


def empirical_ntk(f, params, x1, x2):
    def gradients(x):
        k = jax.eval_shape(f, params, x).shape[1]
        found = []
        for i in range(len(x)):
            for a in range(k):
                tree = jax.grad(lambda p, i=i, a=a: f(p, x[i : i + 1])[0, a])(params)
                found.append(np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(tree)]))
        return found, k

    first, k = gradients(x1)
    second, _ = gradients(x2)
    return [
        [[[first[i * k + a] @ second[j * k + b] for b in range(k)] for a in range(k)] for j in range(len(x2))]
        for i in range(len(x1))
    ]


def ntk_times(f, params, x, v):
    pulled = jax.grad(lambda p: jnp.sum(f(p, x) * v))(params)
    return jax.jvp(lambda s: f(jax.tree.map(lambda w, g: w + s * g, params, pulled), x), (0.0,), (1.0,))[1]


def layer_kernels(params, x1, x2, phi, slope):
    def forwards(x):
        kept = []
        for W, b in params:
            z = np.asarray(x, np.float32) @ np.asarray(W) / np.sqrt(np.shape(W)[0]) + np.asarray(b)
            kept.append((np.asarray(x), z))
            x = np.asarray(phi(jnp.asarray(z)))
        return kept

    first, second = forwards(x1), forwards(x2)
    d, e = np.ones((len(x1), 1)), np.ones((len(x2), 1))
    found = []
    for level in range(len(params) - 1, -1, -1):
        (h, _), (g, _) = first[level], second[level]
        found.append((d @ e.T) * (h @ g.T / h.shape[1] + 1))
        if level:
            W = np.asarray(params[level][0]) / np.sqrt(h.shape[1])
            d = d @ W.T * np.asarray(slope(jnp.asarray(first[level - 1][1])))
            e = e @ W.T * np.asarray(slope(jnp.asarray(second[level - 1][1])))
    found.reverse()
    return found


def linearise(f, params0):
    def straight(params, x):
        along = lambda s: f(jax.tree.map(lambda a, b: a + s * (b - a), params0, params), x)
        value, change = jax.jvp(along, (0.0,), (1.0,))
        return value + change

    return straight


def kernel_flow(K, K_new, y, f0, f0_new, t):
    n, m = len(y), len(f0_new)
    generator = np.zeros((n + m, n + m))
    for i in range(n):
        for j in range(n):
            generator[i, j] = -float(K[i, j]) / n
    for i in range(m):
        for j in range(n):
            generator[n + i, j] = -float(K_new[i, j]) / n
    y = np.asarray(y)
    moved = scipy.linalg.expm(t * generator) @ np.concatenate([np.asarray(f0) - y, np.asarray(f0_new)])
    return (y + moved[:n]).tolist(), moved[n:].tolist()


def scaled_step(f, params0, params, x, y, alpha, eta):
    def loss(p):
        total = 0.0
        now, start = f(p, x), f(params0, x)
        for i in range(len(x)):
            total = total + jnp.sum((now[i] - start[i] - y[i] / alpha) ** 2)
        return total / (2 * len(x))

    leaves, form = jax.tree.flatten(params)
    slopes = jax.tree.leaves(jax.grad(loss)(params))
    return jax.tree.unflatten(form, [w - eta * g for w, g in zip(leaves, slopes, strict=True)])


def alignment(K, y):
    K, y = np.asarray(K, np.float64), np.asarray(y, np.float64)
    n = len(K)
    L = [[float(y[i] @ y[j]) for j in range(n)] for i in range(n)]

    def centred(A):
        rows = [sum(A[i][j] for j in range(n)) / n for i in range(n)]
        whole = sum(rows) / n
        return [[A[i][j] - rows[i] - rows[j] + whole for j in range(n)] for i in range(n)]

    A, B = np.array(centred(K.tolist())), np.array(centred(L))
    return float((A * B).sum() / np.sqrt((A * A).sum() * (B * B).sum()))


def gradient_outer_product(f, params, x):
    k = jax.eval_shape(f, params, x).shape[1]
    total = 0.0
    for a in range(k):
        slopes = jax.grad(lambda x, a=a: jnp.sum(f(params, x)[:, a]))(x)
        total = total + slopes.T @ slopes
    return total / len(x)
