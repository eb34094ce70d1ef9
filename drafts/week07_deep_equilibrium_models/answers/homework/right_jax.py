"""JAX: vmap and einsum, matrix functions of block matrices, scans; a fixed number of Runge-Kutta steps compiled as one loop."""

import jax
import jax.numpy as jnp
import jax.scipy.linalg


def equilibrium_gradients(W, U, b, x, z, g):
    def one(z, g):
        D = 1 - jnp.square(z)
        # (D^-1 - W^T) v = g with v = D u
        return jnp.linalg.solve(jnp.diag(1 / D) - W.T, g)

    v = jax.vmap(one)(z, g)
    return jnp.einsum("ni,nj->ij", v, z), jnp.einsum("ni,nj->ij", v, x), jnp.einsum("ni->i", v), jnp.einsum("ni,ij->nj", v, U)


def equilibrium_tangent(W, U, b, x, z, dW, dU, db, dx):
    def one(x, z, dx):
        return jnp.linalg.solve(jnp.diag(1 / (1 - z**2)) - W, dW @ z + dU @ x + db + U @ dx)

    return jax.vmap(one)(x, z, dx)


def alternating_network(A, B, depth):
    return jnp.linalg.matrix_power(jnp.eye(len(A)) + (A + B) / depth + B @ A / depth**2, depth)


def depth_correction(A, B):
    """The corner of the exponential of a block matrix is the derivative of the exponential (Van Loan 1978)."""
    S = A + B
    E = 0.5 * (B @ A - A @ B) - 0.5 * (A @ A + B @ B)
    both = jax.scipy.linalg.expm(jnp.block([[S, E], [jnp.zeros_like(S), S]]))
    d = len(A)
    return both[:d, :d], both[:d, d:]


def euler_gradients(W, b, h0, g, time, depth):
    eta = time / depth

    def forwards(h, _):
        return h + eta * jnp.tanh(W @ h + b), h

    def backwards(carry, h):
        a, dW, db = carry
        v = eta * a / jnp.cosh(W @ h + b) ** 2
        return (a + v @ W, dW + v[:, None] * h, db + v), None

    _, path = jax.lax.scan(forwards, h0, None, length=depth)
    (a, dW, db), _ = jax.lax.scan(backwards, (g, jnp.zeros_like(W), jnp.zeros_like(b)), path, reverse=True)
    return dW, db, a


def flow_gradients(W, b, h0, g, time):
    """Two networks of Euler layers, one twice as deep, and twice more; the errors of orders 1 to 3 are extrapolated away."""
    rows = [euler_gradients(W, b, h0, g, time, depth) for depth in (4000, 8000, 16000, 32000)]
    for order in (1, 2, 3):
        rows = [jax.tree.map(lambda early, late: (2**order * late - early) / (2**order - 1), *pair)  # noqa: B023
                for pair in zip(rows[:-1], rows[1:], strict=True)]  # noqa: RUF007
    return rows[0]


def pair_moments(h, k, s, depth):
    c = (2 * s + s**2) / h.shape[0]
    layer = (1 + s) ** 2 * jnp.eye(2) + c * jnp.array([[0.0, 2.0], [1.0, 1.0]])
    start = jnp.stack([(h @ h) * (k @ k), (h @ k) ** 2])
    P, Q = jnp.linalg.matrix_power(layer, depth) @ start
    return (h @ k) * (1 + s) ** depth, P, Q


def limit_moment(sigma2, width, power):
    return jnp.exp(sigma2 * power * (width - 2 + power) / (2 * width))


def deq_kernel(C, sw2, depth):
    if depth is None and sw2 >= 2:
        raise ValueError("the variance grows without end")
    scale = jnp.sqrt(jnp.diag(C))
    R = C / jnp.outer(scale, scale)

    def once(_, carry):
        rho, q = carry  # correlations; the common factor of all variances
        rho = jnp.clip(rho, -1, 1)
        gamma = (jnp.sqrt(1 - rho**2) + rho * (jnp.pi - jnp.arccos(rho))) / jnp.pi
        return (R + sw2 / 2 * q * gamma) / (1 + sw2 / 2 * q), 1 + sw2 / 2 * q

    start = (R, jnp.asarray(1.0 if depth is not None else 1 / (1 - sw2 / 2)))
    rho, q = jax.lax.fori_loop(0, 4000 if depth is None else depth, once, start)
    return rho * q * jnp.outer(scale, scale)
