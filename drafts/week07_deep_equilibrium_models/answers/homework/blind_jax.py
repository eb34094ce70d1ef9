"""Week 7 homework, solved by a stranger from the notebook alone: idiomatic JAX."""

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float


_array = partial(jnp.asarray, dtype=float)


# 7.1 ----------------------------------------------------------------------------------------------------------------
def equilibrium_gradients(
    W: Float[Array, "d d"],
    U: Float[Array, "d p"],
    b: Float[Array, " d"],
    x: Float[Array, "batch p"],
    z: Float[Array, "batch d"],
    g: Float[Array, "batch d"],
) -> tuple[Float[Array, "d d"], Float[Array, "d p"], Float[Array, " d"], Float[Array, "batch p"]]:
    W, U, x, z, g = map(_array, (W, U, x, z, g))
    D = 1 - z**2
    # s = D u with u = g + (D W)^T u, for one example
    s = jax.vmap(lambda D, g: D * jnp.linalg.solve(jnp.eye(len(W)) - (D[:, None] * W).T, g))(D, g)
    return s.T @ z, s.T @ x, s.sum(axis=0), s @ U


def equilibrium_tangent(
    W: Float[Array, "d d"],
    U: Float[Array, "d p"],
    b: Float[Array, " d"],
    x: Float[Array, "batch p"],
    z: Float[Array, "batch d"],
    dW: Float[Array, "d d"],
    dU: Float[Array, "d p"],
    db: Float[Array, " d"],
    dx: Float[Array, "batch p"],
) -> Float[Array, "batch d"]:
    W, U, x, z, dW, dU, db, dx = map(_array, (W, U, x, z, dW, dU, db, dx))
    push = z @ dW.T + x @ dU.T + db + dx @ U.T
    return jax.vmap(lambda D, p: jnp.linalg.solve(jnp.eye(len(W)) - D[:, None] * W, D * p))(1 - z**2, push)


# 7.2 ----------------------------------------------------------------------------------------------------------------
def alternating_network(A: Float[Array, "d d"], B: Float[Array, "d d"], depth: int) -> Float[Array, "d d"]:
    A, B, left = _array(A), _array(B), int(depth)
    then = lambda X, Y: X + Y + X @ Y  # (I + X)(I + Y) - I: at depth 10^8 half the digits would go beside the identity
    X, P = then(B / depth, A / depth), jnp.zeros_like(A)
    while left:
        X, P, left = then(X, X), then(P, X) if left % 2 else P, left // 2
    return jnp.eye(len(A)) + P


def depth_correction(A: Float[Array, "d d"], B: Float[Array, "d d"]) -> tuple[Float[Array, "d d"], Float[Array, "d d"]]:
    A, B = _array(A), _array(B)
    S, d = A + B, len(A)
    E = B @ A - S @ S / 2
    both = jax.scipy.linalg.expm(jnp.block([[S, E], [jnp.zeros_like(S), S]]))  # the corner is the derivative along E
    return both[:d, :d], both[:d, d:]


# 7.3 ----------------------------------------------------------------------------------------------------------------
def euler_gradients(
    W: Float[Array, "d d"], b: Float[Array, " d"], h0: Float[Array, " d"], g: Float[Array, " d"], time: float, depth: int
) -> tuple[Float[Array, "d d"], Float[Array, " d"], Float[Array, " d"]]:
    W, b, h0, g = map(_array, (W, b, h0, g))
    dt = time / depth
    path = lax.scan(lambda h, _: (h + dt * jnp.tanh(W @ h + b), h), h0, length=int(depth))[1]

    def back(a, h):
        s = dt * (1 - jnp.tanh(W @ h + b) ** 2) * a
        return a + W.T @ s, s

    a, s = lax.scan(back, g, path, reverse=True)
    return s.T @ path, s.sum(axis=0), a


_STEPS = 4096  # of the adjoint; the forward path takes twice as many, so that the midpoints of those are on it


@jax.jit
def flow_gradients(
    W: Float[Array, "d d"], b: Float[Array, " d"], h0: Float[Array, " d"], g: Float[Array, " d"], time: float
) -> tuple[Float[Array, "d d"], Float[Array, " d"], Float[Array, " d"]]:
    W, b, h0, g = map(_array, (W, b, h0, g))

    def rk4(slope, y, dt, at):
        """One Runge-Kutta step; `at`: what the slope needs at the beginning, the middle and the end."""
        add = lambda y, k, dt: jax.tree.map(lambda a, b: a + dt * b, y, k)
        k1 = slope(y, at[0])
        k2 = slope(add(y, k1, dt / 2), at[1])
        k3 = slope(add(y, k2, dt / 2), at[1])
        k4 = slope(add(y, k3, dt), at[2])
        return jax.tree.map(lambda y, *k: y + dt / 6 * (k[0] + 2 * k[1] + 2 * k[2] + k[3]), y, k1, k2, k3, k4)

    half = time / _STEPS / 2
    forward = lambda h, _: (rk4(lambda h, _: jnp.tanh(W @ h + b), h, half, (None,) * 3), h)
    end, path = lax.scan(forward, h0, length=2 * _STEPS)
    path = jnp.concatenate([path, end[None]])

    def slope(y, h):  # in T - t: a' = W^T D a, and the integrals of D a h^T and D a
        s = (1 - jnp.tanh(W @ h + b) ** 2) * y[2]
        return jnp.outer(s, h), s, W.T @ s

    backward = lambda y, at: (rk4(slope, y, 2 * half, at), None)
    start = (jnp.zeros_like(W), jnp.zeros_like(b), g)
    return lax.scan(backward, start, (path[2::2], path[1::2], path[:-1:2]), reverse=True)[0]


# 7.4 ----------------------------------------------------------------------------------------------------------------
def pair_moments(h: Float[Array, " d"], k: Float[Array, " d"], s: float, depth: int) -> tuple[float, float, float]:
    h, k = _array(h), _array(k)
    d, t = len(h), 2 * s + s**2
    product = h @ k
    P, Q = (h @ h) * (k @ k), product**2
    # [[a, 2 kappa], [kappa, a + kappa]] has the eigenvalue a + 2 kappa for (1, 1), and a - kappa for (2, -1).
    big, small = depth * jnp.log1p(t * (1 + 2 / d)), depth * jnp.log1p(t * (1 - 1 / d))
    apart = jnp.exp(small) * jnp.expm1(big - small) / 3
    return (
        jnp.exp(depth * jnp.log1p(s)) * product,
        jnp.exp(small) * P + apart * (P + 2 * Q),
        jnp.exp(small) * Q + apart * (P + 2 * Q),
    )


def limit_moment(sigma2: float, width: int, power: float) -> float:
    return jnp.exp(sigma2 * power / 2 * (1 + (power - 2) / width))


# 7.5 ----------------------------------------------------------------------------------------------------------------
@jax.jit
def _layers(K, C, sw2, count):
    """`count` layers of the recursion for the covariances, from K."""

    def layer(_, K):
        r = jnp.sqrt(jnp.diag(K))
        scale = jnp.outer(r, r)
        rho = jnp.clip(K / scale, -1.0, 1.0)
        gamma = (jnp.sqrt(1 - rho**2) + rho * (jnp.pi - jnp.arccos(rho))) / jnp.pi
        return C + sw2 / 2 * scale * gamma

    return lax.fori_loop(0, count, layer, K)


def deq_kernel(C: Float[Array, "n n"], sw2: float, depth: int | None) -> Float[Array, "n n"]:
    C = _array(C)
    if depth is not None:
        return _layers(C, C, sw2, depth)
    if sw2 >= 2:
        raise ValueError(f"no equilibrium: the variance {sw2} of the weights is not below 2")
    # At rest the diagonal is C / (1 - sw2 / 2): it stays there, and the rest converges at least like 0.99^k.
    return _layers(C / (1 - sw2 / 2), C, sw2, 3500)
