"""NumPy in float64: characteristic polynomials, Arnoldi by Householder QR, reverse mode twice, the modified loss differentiated."""

import jax
import jax.numpy as jnp
import numpy as np


def momentum_step(params, velocity, grads, eta, beta, kind):
    def leaf(p, v, g):
        p, v, g = (np.asarray(a, np.float64) for a in (p, v, g))
        if kind == "ema":
            new = beta * v + (1 - beta) * g
            return p - eta * new, new
        new = beta * v + g
        return (p - eta * (1 + beta) * g - eta * beta**2 * v if kind == "nesterov" else p - eta * new), new

    leaves, form = jax.tree.flatten(params)
    both = [leaf(*three) for three in zip(leaves, jax.tree.leaves(velocity), jax.tree.leaves(grads), strict=True)]
    return jax.tree.unflatten(form, [p for p, _ in both]), jax.tree.unflatten(form, [v for _, v in both])


def adamw_step(params, state, grads, lr, b1, b2, eps, weight_decay):
    count, m, n = state
    t = int(count) + 1
    m = jax.tree.map(lambda m, g: b1 * np.asarray(m, np.float64) + (1 - b1) * np.asarray(g), m, grads)
    n = jax.tree.map(lambda n, g: b2 * np.asarray(n, np.float64) + (1 - b2) * np.asarray(g, np.float64) ** 2, n, grads)
    scale = lr / (1 - b1**t)
    shrink = 1 - lr * weight_decay
    params = jax.tree.map(
        lambda p, m, n: shrink * np.asarray(p, np.float64) - scale * m / (np.sqrt(n / (1 - b2**t)) + eps), params, m, n
    )
    return params, (t, m, n)


def trace_and_determinant(x, beta, kind):
    if kind == "nesterov":
        return 1 + beta - (1 + beta) * x, beta * (1 - x)
    return 1 + beta - (x if kind == "heavy_ball" else (1 - beta) * x), beta + 0 * x


def step_radius(x, beta, kind):
    trace, determinant = trace_and_determinant(np.asarray(x, np.float64), beta, kind)
    root = np.sqrt((trace**2 - 4 * determinant).astype(complex))
    return np.maximum(abs(trace + root), abs(trace - root)) / 2


def stability_edge(beta, kind):
    low, high = 0.0, 200.0
    for _ in range(80):
        middle = (low + high) / 2
        if step_radius(np.array([middle]), beta, kind)[0] <= 1 + 1e-12:
            low = middle
        else:
            high = middle
    return low


def hessian_vector(loss, params, vector):
    def slope_along(p):
        products = jax.tree.map(lambda g, v: jnp.sum(g * v), jax.grad(loss)(p), vector)
        return sum(jax.tree.leaves(products))

    return jax.grad(slope_along)(params)


def ritz_extremes(matvec, start, steps):
    n = len(start)
    Q = np.asarray(start, np.float64)[:, None]
    Q = Q / np.linalg.norm(Q)
    H = lambda q: np.asarray(matvec(jnp.asarray(q, jnp.float32)), np.float64)
    images = [H(Q[:, 0])]
    while Q.shape[1] < min(steps, n):
        bigger, R = np.linalg.qr(np.column_stack([Q, images[-1]]))
        if abs(R[-1, -1]) < 1e-5 * np.linalg.norm(images[-1]):
            break
        Q = np.column_stack([Q, bigger[:, -1]])
        images.append(H(Q[:, -1]))
    T = Q.T @ np.stack(images, axis=1)
    values = np.linalg.eigvalsh((T + T.T) / 2)
    return min(values), max(values)


def gradient_flow(gradient, w, time, steps):
    f = lambda w: -np.asarray(gradient(jnp.asarray(w, jnp.float32)), np.float64)
    h, w = time / steps, np.asarray(w, np.float64)
    for _ in range(steps):
        stages = [f(w)]
        for part in (h / 2, h / 2, h):
            stages.append(f(w + part * stages[-1]))
        w = w + h * np.tensordot([1 / 6, 1 / 3, 1 / 3, 1 / 6], stages, axes=1)
    return w


def modified_gradient(loss, w, eta):
    return jax.grad(lambda w: loss(w) + eta / 4 * jnp.sum(jax.grad(loss)(w) ** 2))(w)


def preconditioned(matvec, second_moment, count, b2, eps):
    power = (np.sqrt(np.asarray(second_moment, np.float64) / (1 - b2 ** int(count))) + eps) ** -0.5
    return lambda u: power * np.asarray(matvec(jnp.asarray(power * np.asarray(u), jnp.float32)))
