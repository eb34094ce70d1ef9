"""Week 4 lab, blind solutions in idiomatic JAX (jnp, vmap, scan), as a student in a hurry writes them."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, PyTree


def momentum_step(params: PyTree, velocity: PyTree, grads: PyTree, eta: float, beta: float, kind: str) -> tuple[PyTree, PyTree]:
    """One step of gradient descent with momentum."""
    fresh = 1 - beta if kind == "ema" else 1.0
    new_v = jax.tree.map(lambda v, g: beta * v + fresh * g, velocity, grads)
    if kind == "nesterov":
        new_p = jax.tree.map(lambda p, v, g: p - eta * (g + beta * v), params, new_v, grads)
    else:
        new_p = jax.tree.map(lambda p, v: p - eta * v, params, new_v)
    return new_p, new_v


def adamw_step(
    params: PyTree,
    state: tuple[int, PyTree, PyTree],
    grads: PyTree,
    lr: float,
    b1: float,
    b2: float,
    eps: float,
    weight_decay: float,
) -> tuple[PyTree, tuple[int, PyTree, PyTree]]:
    """One step of AdamW."""
    count, m, n = state
    t = count + 1
    m = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, m, grads)
    n = jax.tree.map(lambda n, g: b2 * n + (1 - b2) * g**2, n, grads)
    c1, c2 = 1 - b1**t, 1 - b2**t
    params = jax.tree.map(
        lambda p, m, n: p - lr * (m / c1) / (jnp.sqrt(n / c2) + eps) - lr * weight_decay * p, params, m, n
    )
    return params, (t, m, n)


def step_radius(x: Float[Array, " n"], beta: float, kind: str) -> Float[Array, " n"]:
    """Spectral radius of one momentum step on a quadratic."""
    x = jnp.asarray(x)

    def matrix(x):
        f = (1 - beta) * x if kind == "ema" else x
        if kind == "nesterov":
            return jnp.array([[1 - x - beta * x, -(beta**2)], [x, beta]])
        return jnp.array([[1 - f, -beta], [f, beta]])

    return jnp.abs(jnp.linalg.eigvals(jax.vmap(matrix)(x))).max(axis=-1)


def stability_edge(beta: float, kind: str) -> Float[Array, ""]:
    """The largest product of learning rate and curvature up to which a momentum step is stable."""
    divisor = {"heavy_ball": 1.0, "nesterov": 1 + 2 * beta, "ema": 1 - beta}[kind]
    return jnp.asarray(2 * (1 + beta) / divisor)


def hessian_vector(loss: Callable, params: PyTree, vector: PyTree) -> PyTree:
    """Product of the Hessian of a loss with a vector, exactly and without forming the Hessian."""
    return jax.jvp(jax.grad(loss), (params,), (vector,))[1]


def ritz_extremes(matvec: Callable, start: Float[Array, " n"], steps: int) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Smallest and largest Rayleigh quotient of a symmetric operator in a Krylov space."""
    start = start / jnp.max(jnp.abs(start))
    q = start / jnp.linalg.norm(start)
    tiny = 1e-5  # the line that the text draws (it did not yet when this was written)

    def step(carry, j):
        Q, q, scale, alive = carry
        Q = Q.at[j].set(q)
        h = matvec(q)
        scale = jnp.maximum(scale, jnp.linalg.norm(h))
        w = h - Q.T @ (Q @ h)
        w = w - Q.T @ (Q @ w)
        left = jnp.linalg.norm(w)
        go_on = alive & (left > tiny * scale)
        q = jnp.where(go_on, w / jnp.where(go_on, left, 1.0), 0.0)
        return (Q, q, scale, go_on), (h, alive)

    carry = (jnp.zeros((steps, q.size), q.dtype), q, jnp.zeros((), q.dtype), jnp.array(True))
    (Q, *_), (HQ, alive) = lax.scan(step, carry, jnp.arange(steps))
    T = Q @ HQ.T
    T = jnp.where(alive[:, None] & alive[None, :], (T + T.T) / 2, 0.0)
    T = T + jnp.diag(jnp.where(alive, 0.0, T[0, 0]))  # unused dimensions: a value in the middle, never an extreme
    ends = jnp.linalg.eigvalsh(T)
    return ends[0], ends[-1]


def gradient_flow(gradient: Callable, w: Float[Array, "*n"], time: float, steps: int) -> Float[Array, "*n"]:
    """Gradient flow by the classical Runge-Kutta method."""
    h = time / steps
    f = lambda w: -gradient(w)

    def step(w, _):
        k1 = f(w)
        k2 = f(w + h / 2 * k1)
        k3 = f(w + h / 2 * k2)
        k4 = f(w + h * k3)
        return w + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), None

    return lax.scan(step, jnp.asarray(w), None, length=steps)[0]


def modified_gradient(loss: Callable, w: Float[Array, "*n"], eta: float) -> Float[Array, "*n"]:
    """Gradient of the modified loss L + (eta / 4) |grad L|^2, whose flow gradient descent follows."""
    return jax.grad(lambda w: loss(w) + eta / 4 * jnp.sum(jax.grad(loss)(w) ** 2))(w)


def preconditioned(
    matvec: Callable, second_moment: Float[Array, " n"], count: int, b2: float, eps: float
) -> Callable[[Float[Array, " n"]], Float[Array, " n"]]:
    """A symmetric operator with the eigenvalues of P^-1 H, for Adam's diagonal P."""
    root = (jnp.sqrt(second_moment / (1 - b2**count)) + eps) ** -0.5
    return lambda u: root * matvec(root * u)
