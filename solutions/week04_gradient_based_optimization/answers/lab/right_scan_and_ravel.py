"""Flattened pytrees, scans, jitted programs; Lanczos' three-term recurrence without reorthogonalization; vjp of the gradient."""

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg
from jax.flatten_util import ravel_pytree


def momentum_step(params, velocity, grads, eta, beta, kind):
    w, form = ravel_pytree(params)
    v, g = ravel_pytree(velocity)[0], ravel_pytree(grads)[0]
    a, b, c = {"heavy_ball": (1.0, 1.0, 0.0), "ema": (1.0 - beta, 1.0, 0.0), "nesterov": (1.0, beta, 1.0)}[kind]
    v = beta * v + a * g
    return form(w - eta * (b * v + c * g)), form(v)


def adamw_step(params, state, grads, lr, b1, b2, eps, weight_decay):
    w, form = ravel_pytree(params)
    g, m, n = (ravel_pytree(tree)[0] for tree in (grads, state[1], state[2]))
    moments = jnp.array([[b1], [b2]]) * jnp.stack([m, n]) + jnp.array([[1 - b1], [1 - b2]]) * jnp.stack([g, g * g])
    t = state[0] + 1
    corrected = moments / (1.0 - jnp.array([[b1], [b2]]) ** t)
    step = corrected[0] / (jnp.sqrt(corrected[1]) + eps)
    return form((1.0 - lr * weight_decay) * w - lr * step), (t, form(moments[0]), form(moments[1]))


def step_radius(x, beta, kind):
    """The matrix of the step, column by column, by stepping the unit vectors."""

    def columns(x):
        def step(theta, u):
            g = x * theta
            if kind == "ema":
                u = beta * u + (1.0 - beta) * g
                return jnp.array([theta - u, u])
            u = beta * u + g
            return jnp.array([theta - (g + beta * u if kind == "nesterov" else u), u])

        return jnp.stack([step(1.0, 0.0), step(0.0, 1.0)], axis=1)

    return jnp.abs(jnp.linalg.eigvals(jax.vmap(columns)(jnp.asarray(x)))).max(axis=-1)


def stability_edge(beta, kind):
    """Where 1 + trace + determinant, which is linear in x, vanishes."""
    at_zero = 2.0 + 2.0 * beta
    slope = {"heavy_ball": 1.0, "ema": 1.0 - beta, "nesterov": 1.0 + 2.0 * beta}[kind]
    return jnp.array(at_zero / slope)


def hessian_vector(loss, params, vector):
    _, pull = jax.vjp(jax.grad(loss), params)
    return pull(vector)[0]


def ritz_extremes(matvec, start, steps):
    q = jnp.asarray(start) / jnp.linalg.norm(start)
    before, beta, diagonal, side = jnp.zeros_like(q), 0.0, [], []
    for _ in range(min(steps, len(start))):
        image = matvec(q)
        alpha = q @ image
        rest = image - alpha * q - beta * before
        rest = rest - (rest @ q) * q
        diagonal.append(float(alpha))
        beta = float(jnp.linalg.norm(rest))
        if beta < 1e-5 * float(jnp.linalg.norm(image)):
            break
        side.append(beta)
        before, q = q, rest / beta
    values = scipy.linalg.eigvalsh_tridiagonal(np.array(diagonal), np.array(side[: len(diagonal) - 1]))
    return jnp.array(values[0]), jnp.array(values[-1])


def gradient_flow(gradient, w, time, steps):
    h = time / steps

    def step(w, _):
        k1 = gradient(w)
        k2 = gradient(w - 0.5 * h * k1)
        k3 = gradient(w - 0.5 * h * k2)
        return w - h * (k1 + 2 * k2 + 2 * k3 + gradient(w - h * k3)) / 6, None

    return jax.lax.scan(step, jnp.asarray(w), None, length=steps)[0]


def modified_gradient(loss, w, eta):
    slope, pull = jax.vjp(jax.grad(loss), w)
    return slope + pull(eta / 2 * slope)[0]


def preconditioned(matvec, second_moment, count, b2, eps):
    P = jnp.sqrt(second_moment / -jnp.expm1(count * jnp.log(b2))) + eps if b2 else jnp.sqrt(second_moment) + eps
    return jax.jit(lambda u: jax.lax.rsqrt(P) * matvec(jax.lax.rsqrt(P) * u))
