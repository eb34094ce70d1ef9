"""Week 4 lab, solved by a stranger from the notebook alone: NumPy and SciPy in float64, plain loops."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np


def _f64(a):
    return np.asarray(a, np.float64)


# ---------------------------------------------------------------- 1
def momentum_step(params, velocity, grads, eta, beta, kind):
    if kind not in ("heavy_ball", "nesterov", "ema"):
        raise ValueError(f"unknown kind of momentum: {kind}")

    def new_velocity(v, g):
        share = 1 - beta if kind == "ema" else 1.0
        return beta * _f64(v) + share * _f64(g)

    def new_params(p, v, g):
        if kind == "nesterov":  # y' = x' - beta eta v' with x' = y - eta g
            return _f64(p) - eta * _f64(g) - beta * eta * v
        return _f64(p) - eta * v

    v_next = jax.tree.map(new_velocity, velocity, grads)
    return jax.tree.map(new_params, params, v_next, grads), v_next


# ---------------------------------------------------------------- 2
def adamw_step(params, state, grads, lr, b1, b2, eps, weight_decay):
    count, m, n = state
    t = int(count) + 1
    m = jax.tree.map(lambda m, g: b1 * _f64(m) + (1 - b1) * _f64(g), m, grads)
    n = jax.tree.map(lambda n, g: b2 * _f64(n) + (1 - b2) * _f64(g) ** 2, n, grads)

    def update(p, m, n):
        m_hat = m / (1 - b1**t)
        n_hat = n / (1 - b2**t)
        p = _f64(p)
        return p - lr * m_hat / (np.sqrt(n_hat) + eps) - lr * weight_decay * p

    return jax.tree.map(update, params, m, n), (t, m, n)


# ---------------------------------------------------------------- 3
def _step_matrix(x, beta, kind):
    """The step on (theta, eta v)."""
    if kind == "heavy_ball":
        return np.array([[1 - x, -beta], [x, beta]])
    if kind == "ema":
        c = (1 - beta) * x
        return np.array([[1 - c, -beta], [c, beta]])
    if kind == "nesterov":
        return np.array([[1 - x - beta * x, -(beta**2)], [x, beta]])
    raise ValueError(f"unknown kind of momentum: {kind}")


def step_radius(x, beta, kind):
    radii = []
    for value in _f64(x):
        radii.append(np.max(np.abs(np.linalg.eigvals(_step_matrix(value, beta, kind)))))
    return np.array(radii)


def stability_edge(beta, kind):
    # An eigenvalue is -1 where 1 + trace + det = 0.
    if kind == "heavy_ball":
        return 2 * (1 + beta)
    if kind == "ema":
        return 2 * (1 + beta) / (1 - beta)
    if kind == "nesterov":
        return 2 * (1 + beta) / (1 + 2 * beta)
    raise ValueError(f"unknown kind of momentum: {kind}")


# ---------------------------------------------------------------- 4
def hessian_vector(loss: Callable, params, vector):
    return jax.jvp(jax.grad(loss), (params,), (vector,))[1]


# ---------------------------------------------------------------- 5
def ritz_extremes(matvec: Callable, start, steps):
    q = _f64(start)
    q = q / np.linalg.norm(q)
    basis, products = [], []
    for _ in range(steps):
        basis.append(q)
        product = _f64(matvec(jnp.asarray(q, jnp.float32)))
        products.append(product)
        rest = product.copy()
        for _ in range(2):
            for earlier in basis:
                rest = rest - (earlier @ rest) * earlier
        size = np.linalg.norm(rest)
        if size <= 1e-5 * np.linalg.norm(product):
            break
        q = rest / size
    Q, HQ = np.array(basis).T, np.array(products).T
    T = Q.T @ HQ
    values = np.linalg.eigvalsh((T + T.T) / 2)
    return values[0], values[-1]


# ---------------------------------------------------------------- 6
def gradient_flow(gradient: Callable, w, time, steps):
    def f(w):
        return -_f64(gradient(jnp.asarray(w, jnp.float32)))

    w, h = _f64(w), time / steps
    for _ in range(steps):
        k1 = f(w)
        k2 = f(w + h / 2 * k1)
        k3 = f(w + h / 2 * k2)
        k4 = f(w + h * k3)
        w = w + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return w


def modified_gradient(loss: Callable, w, eta):
    g, hg = jax.jvp(jax.grad(loss), (w,), (jax.grad(loss)(w),))
    return g + eta / 2 * hg


# ---------------------------------------------------------------- 7
def preconditioned(matvec: Callable, second_moment, count, b2, eps):
    P = np.sqrt(_f64(second_moment) / (1 - float(b2) ** int(count))) + eps
    root = np.sqrt(P)

    def product(u):
        return _f64(matvec(jnp.asarray(_f64(u) / root, jnp.float32))) / root

    return product
