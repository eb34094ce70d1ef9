"""Week 7 lab, solved by a stranger from the notebook alone: idiomatic JAX."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
from jax import lax
from jax.scipy.linalg import lu_factor, lu_solve
from jaxtyping import Array, Float, PyTree


_array = partial(jnp.asarray, dtype=float)


# 1 ------------------------------------------------------------------------------------------------------------------
def residual_network(v: Callable, weights: PyTree, h: Float[Array, "batch d"], time: float) -> Float[Array, "batch d"]:
    weights = jax.tree.map(jnp.asarray, weights)
    dt = time / len(jax.tree.leaves(weights)[0])
    return lax.scan(lambda h, w: (h + dt * v(w, h), None), _array(h), weights)[0]


def undo(
    v: Callable, weights: PyTree, h: Float[Array, "batch d"], time: float, iterations: int
) -> Float[Array, "batch d"]:
    weights = jax.tree.map(jnp.asarray, weights)
    dt = time / len(jax.tree.leaves(weights)[0])
    layer = lambda out, w: (lax.fori_loop(0, iterations, lambda _, h: out - dt * v(w, h), out), None)
    return lax.scan(layer, _array(h), weights, reverse=True)[0]


# 2 to 4: all solvers are the same loop, with another update -----------------------------------------------------------
def _run(f, z0, tol, max_steps, update, memory):
    """Loop z, memory = update(k, z, f(z), memory) until |f(z) - z| <= tol; (z, residuals of all iterates)."""
    z0, max_steps = _array(z0), int(max_steps)
    size = lambda z, fz: jnp.sqrt(jnp.sum((fz - z) ** 2))

    @jax.jit
    def loop(z0, memory):
        def further(carry):
            k, z, fz, found, memory = carry
            z, memory = update(k, z, fz, memory)
            fz = f(z)
            return k + 1, z, fz, found.at[k + 1].set(size(z, fz)), memory

        fz = f(z0)
        found = jnp.zeros(max_steps + 1, z0.dtype).at[0].set(size(z0, fz))
        going = lambda carry: (carry[0] < max_steps) & ~(carry[3][carry[0]] <= tol)
        return lax.while_loop(going, further, (0, z0, fz, found, memory))

    k, z, _, found, _ = loop(z0, memory)
    return z, found[: int(k) + 1]


def iterate(
    f: Callable, z0: Float[Array, "*shape"], step: float, tol: float, max_steps: int
) -> tuple[Float[Array, "*shape"], Float[Array, " k"]]:
    return _run(f, z0, tol, max_steps, lambda k, z, fz, _: (z + step * (fz - z), _), ())


def largest_step(J: Float[Array, "d d"]) -> float:
    gap = 1 - jnp.linalg.eigvals(_array(J))
    return jnp.maximum(jnp.min(2 * gap.real / jnp.abs(gap) ** 2), 0.0)


def newton(
    f: Callable, z0: Float[Array, "batch d"], tol: float, max_steps: int
) -> tuple[Float[Array, "batch d"], Float[Array, " k"]]:
    def update(k, z, fz, _):
        eye = jnp.eye(z.shape[1], dtype=z.dtype)
        push = jax.linearize(f, z)[1]
        blocks = jax.vmap(lambda e: push(jnp.broadcast_to(e, z.shape)), out_axes=-1)(eye)
        return z + jnp.linalg.solve(eye - blocks, (fz - z)[..., None])[..., 0], _

    return _run(f, z0, tol, max_steps, update, ())


def anderson(
    f: Callable, z0: Float[Array, " d"], memory: int, tol: float, max_steps: int
) -> tuple[Float[Array, " d"], Float[Array, " k"]]:
    slots = min(int(memory), int(max_steps)) + 1
    z0 = _array(z0)

    def update(k, z, fz, old):
        F, R = (buffer.at[k % slots].set(new) for buffer, new in zip(old, (fz, fz - z), strict=True))
        filled = (jnp.arange(slots) <= k)[:, None]  # a zero column takes no part in a least-squares problem
        dF, dR = (jnp.where(filled, buffer[k % slots] - buffer, 0.0).T for buffer in (F, R))
        return fz - dF @ jnp.linalg.lstsq(dR, fz - z)[0], (F, R)

    return _run(f, z0, tol, max_steps, update, (jnp.zeros((slots, *z0.shape)),) * 2)


# 5, 6 ---------------------------------------------------------------------------------------------------------------
def equilibrium(
    f: Callable, solve: Callable, params: PyTree, x: Float[Array, "*input"], z0: Float[Array, "*state"]
) -> Float[Array, "*state"]:
    @jax.custom_vjp
    def rest(params, x, z0):
        return solve(lambda z: f(params, x, z), z0)

    def forward(params, x, z0):
        z = rest(params, x, z0)
        return z, (params, x, z)

    def backward(kept, g):
        _, back = jax.vjp(f, *kept)
        u = solve(lambda u: g + back(u)[2], g)
        return *back(u)[:2], jnp.zeros_like(g)

    rest.defvjp(forward, backward)
    return rest(params, jnp.asarray(x), jnp.asarray(z0))


def truncated_gradient(
    f: Callable,
    params: PyTree,
    x: Float[Array, "*input"],
    z: Float[Array, "*state"],
    cotangent: Float[Array, "*state"],
    terms: int,
) -> tuple[PyTree, Float[Array, "*input"]]:
    g = jnp.asarray(cotangent)
    _, back = jax.vjp(f, params, jnp.asarray(x), jnp.asarray(z))
    return back(lax.fori_loop(1, terms, lambda _, u: g + back(u)[2], g))[:2]


# 7 ------------------------------------------------------------------------------------------------------------------
def monotone_weight(A: Float[Array, "k d"], B: Float[Array, "d d"], m: float) -> Float[Array, "d d"]:
    A, B = _array(A), _array(B)
    return (1 - m) * jnp.eye(len(B)) - A.T @ A + B - B.T


def safe_step(W: Float[Array, "d d"]) -> tuple[float, float]:
    M = jnp.eye(len(W)) - _array(W)
    mu, norm = jnp.linalg.eigvalsh((M + M.T) / 2)[0], jnp.linalg.norm(M, 2)
    return mu / norm**2, jnp.sqrt(jnp.maximum(1 - (mu / norm) ** 2, 0.0))


@jax.jit
def forward_backward(W: Float[Array, "d d"], b: Float[Array, "batch d"], alpha: float, steps: int) -> Float[Array, "batch d"]:
    W, b = _array(W), _array(b)
    return lax.fori_loop(0, steps, lambda _, z: jax.nn.relu(z + alpha * (z @ W.T + b - z)), jnp.zeros_like(b))


@jax.jit
def peaceman_rachford(W: Float[Array, "d d"], b: Float[Array, "batch d"], alpha: float, steps: int) -> Float[Array, "batch d"]:
    b, eye = _array(b), jnp.eye(len(W))
    factors = lu_factor(eye + alpha * (eye - _array(W)))
    resolvent = lambda v: lu_solve(factors, (v + alpha * b).T).T
    return jax.nn.relu(lax.fori_loop(0, steps, lambda _, u: 2 * resolvent(jnp.abs(u)) - jnp.abs(u), jnp.zeros_like(b)))
