"""Plain loops over group elements, examples, points and pixels; NumPy arrays where no gradient is asked for."""

import itertools

import jax.numpy as jnp
import numpy as np


def equivariance_error(f, rho_in, rho_out, x):
    gap, size = 0.0, 0.0
    for v in x:
        y = f(v)
        size += float(jnp.sum(y**2)) * len(rho_in)
        for a, b in zip(rho_in, rho_out, strict=True):
            gap += float(jnp.sum((f(a @ v) - b @ y) ** 2))
    return (gap / size) ** 0.5


def reynolds(f, rho_in, rho_out):
    def averaged(x):
        total = 0.0
        for a, b in zip(np.asarray(rho_in), np.asarray(rho_out), strict=True):
            total = total + np.linalg.solve(b, np.asarray(f(jnp.asarray(a) @ x)))
        return total / len(rho_in)

    return averaged


def lift(image, filters):
    image, filters = np.asarray(image), np.asarray(filters)
    k = filters.shape[-1]
    out = np.zeros((len(filters), 4, image.shape[1] - k + 1, image.shape[2] - k + 1), np.float32)
    for o, r in itertools.product(range(len(filters)), range(4)):
        turned = np.rot90(filters[o], r, axes=(1, 2))
        for i, j in itertools.product(range(out.shape[2]), range(out.shape[3])):
            out[o, r, i, j] = np.sum(image[:, i : i + k, j : j + k] * turned)
    return out


def group_conv(features, filters):
    features, filters = np.asarray(features), np.asarray(filters)
    k = filters.shape[-1]
    out = np.zeros((len(filters), 4, features.shape[2] - k + 1, features.shape[3] - k + 1), np.float32)
    for o, r, s in itertools.product(range(len(filters)), range(4), range(4)):
        turned = np.rot90(filters[o, :, (s - r) % 4], r, axes=(1, 2))
        for i, j in itertools.product(range(out.shape[2]), range(out.shape[3])):
            out[o, r, i, j] += np.sum(features[:, s, i : i + k, j : j + k] * turned)
    return out


def egnn_layer(x, h, phi_e, phi_x, phi_h):
    n = len(x)
    new_x, new_h = [], []
    for i in range(n):
        move, collected = 0.0, 0.0
        for j in range(n):
            if j == i:
                continue
            m = phi_e(h[i], h[j], ((x[i] - x[j]) ** 2).sum())
            move = move + (x[i] - x[j]) * phi_x(m)
            collected = collected + m
        new_x.append(x[i] + move / (n - 1))
        new_h.append(phi_h(h[i], collected))
    return jnp.stack(new_x), jnp.stack(new_h)


def frame_average(f, x):
    t = x.mean(axis=0)
    _, U = np.linalg.eigh(np.cov(np.asarray(x - t), rowvar=False))
    results = []
    for signs in itertools.product([-1.0, 1.0], repeat=x.shape[1]):
        R = jnp.asarray(U @ np.diag(signs), dtype=jnp.float32)
        results.append(f((x - t) @ R) @ R.T + t)
    return sum(results) / len(results)
