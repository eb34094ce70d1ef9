"""Week 7 lab, solved by a stranger from the notebook alone: NumPy and plain loops."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

jax.config.update("jax_enable_x64", True)


def residual_network(v: Callable, weights: PyTree, h: Float[Array, "batch d"], time: float) -> Float[Array, "batch d"]:
    """Output of a residual network with layers h + (time / L) v(w, h)."""
    layers = len(jax.tree.leaves(weights)[0])
    h = np.asarray(h)
    for layer in range(layers):
        w = jax.tree.map(lambda a: a[layer], weights)
        h = h + time / layers * np.asarray(v(w, h))
    return h


def undo(
    v: Callable, weights: PyTree, h: Float[Array, "batch d"], time: float, iterations: int
) -> Float[Array, "batch d"]:
    """The input of a residual network, recomputed from its output."""
    layers = len(jax.tree.leaves(weights)[0])
    h = np.asarray(h)
    for layer in range(layers - 1, -1, -1):
        w = jax.tree.map(lambda a: a[layer], weights)
        output = h
        for _ in range(iterations):
            h = output - time / layers * np.asarray(v(w, h))
    return h


def iterate(
    f: Callable, z0: Float[Array, "*shape"], step: float, tol: float, max_steps: int
) -> tuple[Float[Array, "*shape"], Float[Array, " k"]]:
    """Damped fixed-point iteration."""
    z = np.asarray(z0)
    residuals = []
    for k in range(max_steps + 1):
        r = np.asarray(f(z)) - z
        residuals.append(np.sqrt(np.sum(r**2)))
        if residuals[-1] <= tol or k == max_steps:
            break
        z = z + step * r
    return z, np.array(residuals)


def largest_step(J: Float[Array, "d d"]) -> float:
    """The largest eta such that damped iteration converges near an equilibrium for every step in (0, eta)."""
    eta = np.inf
    for mu in np.linalg.eigvals(np.asarray(J)):
        rate = 1 - mu  # |1 - eta rate|^2 < 1
        if rate.real <= 0:
            return 0.0
        eta = min(eta, 2 * rate.real / abs(rate) ** 2)
    return float(eta)


def newton(
    f: Callable, z0: Float[Array, "batch d"], tol: float, max_steps: int
) -> tuple[Float[Array, "batch d"], Float[Array, " k"]]:
    """Newton's method for equilibria of a batch."""
    z = np.asarray(z0)
    batch, d = z.shape
    residuals = []
    for k in range(max_steps + 1):
        r = np.asarray(f(z)) - z
        residuals.append(np.sqrt(np.sum(r**2)))
        if residuals[-1] <= tol or k == max_steps:
            break
        J = np.zeros((batch, d, d))
        for j in range(d):
            direction = np.zeros((batch, d))
            direction[:, j] = 1.0
            J[:, :, j] = jax.jvp(f, (z,), (direction,))[1]
        new = np.zeros((batch, d))
        for i in range(batch):
            new[i] = z[i] + np.linalg.solve(np.eye(d) - J[i], r[i])
        z = new
    return z, np.array(residuals)


def anderson(
    f: Callable, z0: Float[Array, " d"], memory: int, tol: float, max_steps: int
) -> tuple[Float[Array, " d"], Float[Array, " k"]]:
    """Anderson acceleration of a fixed-point iteration."""
    z = np.asarray(z0)
    old_f, old_r, residuals = [], [], []
    for k in range(max_steps + 1):
        fz = np.asarray(f(z))
        r = fz - z
        residuals.append(np.sqrt(np.sum(r**2)))
        if residuals[-1] <= tol or k == max_steps:
            break
        if memory > 0 and k > 0:
            r_steps = np.stack([r - other for other in old_r[-memory:]], axis=1)
            f_steps = np.stack([fz - other for other in old_f[-memory:]], axis=1)
            combination = np.linalg.lstsq(r_steps, r, rcond=None)[0]
            z = fz - f_steps @ combination
        else:
            z = fz
        old_f.append(fz)
        old_r.append(r)
    return z, np.array(residuals)


def equilibrium(
    f: Callable, solve: Callable, params: PyTree, x: Float[Array, "*input"], z0: Float[Array, "*state"]
) -> Float[Array, "*state"]:
    """Equilibrium z = f(params, x, z), differentiable with respect to params and x."""

    @jax.custom_vjp
    def find(params, x, z0):
        return solve(lambda z: f(params, x, z), z0)

    def forward(params, x, z0):
        z = find(params, x, z0)
        return z, (params, x, z)

    def backward(kept, g):
        params, x, z = kept
        _, pull = jax.vjp(f, params, x, z)
        u = solve(lambda u: g + pull(u)[2], g)
        to_params, to_x, _ = pull(u)
        return to_params, to_x, jnp.zeros_like(z)

    find.defvjp(forward, backward)
    return find(params, x, z0)


def truncated_gradient(
    f: Callable,
    params: PyTree,
    x: Float[Array, "*input"],
    z: Float[Array, "*state"],
    cotangent: Float[Array, "*state"],
    terms: int,
) -> tuple[PyTree, Float[Array, "*input"]]:
    """Gradient of an equilibrium with the backward series cut off."""
    _, pull = jax.vjp(f, params, x, z)
    u = cotangent
    for _ in range(terms - 1):
        u = cotangent + pull(u)[2]
    to_params, to_x, _ = pull(u)
    return to_params, to_x


def monotone_weight(A: Float[Array, "k d"], B: Float[Array, "d d"], m: float) -> Float[Array, "d d"]:
    """A weight matrix with which a relu layer always has exactly one equilibrium."""
    return (1 - m) * jnp.eye(B.shape[0]) - A.T @ A + B - B.T


def safe_step(W: Float[Array, "d d"]) -> tuple[float, float]:
    """The forward-backward step with the best guarantee, and the guarantee."""
    W = np.asarray(W)
    M = np.eye(len(W)) - W
    mu = np.linalg.eigvalsh((M + M.T) / 2)[0]
    norm = np.linalg.norm(M, 2)
    return float(mu / norm**2), float(np.sqrt(max(0.0, 1 - mu**2 / norm**2)))


def forward_backward(W: Float[Array, "d d"], b: Float[Array, "batch d"], alpha: float, steps: int) -> Float[Array, "batch d"]:
    """Forward-backward iterates for z = relu(W z + b), from z = 0."""
    W, b = np.asarray(W), np.asarray(b)
    z = np.zeros(b.shape)
    for _ in range(steps):
        z = np.maximum(z + alpha * (z @ W.T + b - z), 0)
    return z


def peaceman_rachford(W: Float[Array, "d d"], b: Float[Array, "batch d"], alpha: float, steps: int) -> Float[Array, "batch d"]:
    """Peaceman-Rachford iterates for z = relu(W z + b), from u = 0."""
    W, b = np.asarray(W), np.asarray(b)
    d = len(W)
    system = np.eye(d) + alpha * (np.eye(d) - W)
    u = np.zeros(b.shape)
    for _ in range(steps):
        v = np.abs(u)
        z = np.linalg.solve(system, (v + alpha * b).T).T
        u = 2 * z - v
    return np.maximum(u, 0)
