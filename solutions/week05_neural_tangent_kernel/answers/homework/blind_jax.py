"""Week 5 homework, solved by a stranger from the notebook alone: idiomatic JAX."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int


def doubles(*arrays):
    """The arguments as float64 arrays; to be called where 64 bits are on."""
    return tuple(jnp.asarray(a, jnp.float64) for a in arrays)


def leaky_expectations(
    S11: Float[Array, "..."], S12: Float[Array, "..."], S22: Float[Array, "..."], leak: float
) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    """Averages of products of leaky ReLUs and of their slopes over Gaussian pairs.

    phi(z) = z_+ - a (-z)_+: the products of equal signs give (1 + a^2) times the ReLU's average at c, those of opposite signs
    -2a (slopes: 2a) times that at -c, whose arc cosine is pi - arccos(c).
    """
    with jax.enable_x64(True):
        S11, S12, S22 = doubles(S11, S12, S22)
        scale = jnp.sqrt(S11 * S22)
        c = jnp.clip(S12 / scale, -1.0, 1.0)
        angle = jnp.arccos(c)
        kappa1 = lambda c, angle: (jnp.sqrt(1 - c**2) + c * (jnp.pi - angle)) / jnp.pi
        values = scale / 2 * ((1 + leak**2) * kappa1(c, angle) - 2 * leak * kappa1(-c, jnp.pi - angle))
        slopes = ((1 + leak**2) * (jnp.pi - angle) + 2 * leak * angle) / (2 * jnp.pi)
        return values, slopes


@jax.jit
def limit_kernels(x1, x2, depth, weight_variance, bias_variance):
    """The recursion of 5.2; the depth is traced, so that one compilation serves all depths."""

    def layer(_, state):
        Theta, K, K11, K22 = state
        scale = jnp.sqrt(jnp.outer(K11, K22))
        c = jnp.clip(K / scale, -1.0, 1.0)
        overlap = (jnp.pi - jnp.arccos(c)) / jnp.pi
        K = weight_variance * scale / 2 * (jnp.sqrt(1 - c**2) / jnp.pi + c * overlap) + bias_variance
        Theta = K + weight_variance / 2 * Theta * overlap
        return Theta, K, *(weight_variance / 2 * S + bias_variance for S in (K11, K22))

    first = lambda products: weight_variance * products / x1.shape[1] + bias_variance
    K = first(x1 @ x2.T)
    return jax.lax.fori_loop(0, depth, layer, (K, K, first(jnp.sum(x1**2, axis=1)), first(jnp.sum(x2**2, axis=1))))[:2]


def deep_kernels(
    x1: Float[Array, "n1 d"], x2: Float[Array, "n2 d"], depth: int, weight_variance: float, bias_variance: float
) -> tuple[Float[Array, "n1 n2"], Float[Array, "n1 n2"]]:
    """Kernels of an infinitely wide ReLU network."""
    with jax.enable_x64(True):
        return limit_kernels(*doubles(x1, x2), depth, weight_variance, bias_variance)


def circle_eigenvalues(k: Int[Array, " modes"]) -> Float[Array, " modes"]:
    """Eigenvalues of the NTK of (a), for wave numbers k."""
    k = jnp.asarray(k)
    even = k % 2 == 0
    w = jnp.where(even, k, 0).astype(jnp.float32)
    return jnp.where(even, 2 / jnp.pi**2 * (w**2 + 3) / (w**2 - 1) ** 2, jnp.where(k == 1, 0.5, 0.0))


def circle_flow(values: Float[Array, " n"], y: Float[Array, " n"], t: float) -> Float[Array, " n"]:
    """Outputs at n equally spaced inputs on the circle after gradient flow from 0."""
    with jax.enable_x64(True):
        values, y = doubles(values, y)
        n = len(y)
        rates = jnp.maximum(jnp.fft.rfft(values).real / n, 0.0)
        return jnp.fft.irfft(-jnp.expm1(-rates * t) * jnp.fft.rfft(y), n)


def trained_limit(
    T: Float[Array, "n n"], T_new: Float[Array, "m n"], y: Float[Array, " n"], f0: Float[Array, " n"], f0_new: Float[Array, " m"]
) -> Float[Array, " m"]:
    """Outputs of one trained network at new inputs, at t = infinity."""
    with jax.enable_x64(True):
        T, T_new, y, f0, f0_new = doubles(T, T_new, y, f0, f0_new)
        return f0_new - T_new @ jnp.linalg.solve(T, f0 - y)


def ensemble_moments(
    T: Float[Array, "n n"],
    T_new: Float[Array, "m n"],
    K: Float[Array, "n n"],
    K_cross: Float[Array, "m n"],
    K_new: Float[Array, "m m"],
    y: Float[Array, " n"],
    t: float,
) -> tuple[Float[Array, " m"], Float[Array, "m m"]]:
    """Mean and covariance of the outputs of an ensemble of trained networks at new inputs."""
    with jax.enable_x64(True):
        T, T_new, K, K_cross, K_new, y = doubles(T, T_new, K, K_cross, K_new, y)
        eigenvalues, U = jnp.linalg.eigh(T)
        P = (T_new @ U) * (-jnp.expm1(-eigenvalues * t / len(y)) / eigenvalues) @ U.T
        mixed = P @ K_cross.T
        return P @ y, K_new - mixed - mixed.T + P @ K @ P.T


def kernel_change(
    v: Float[Array, " m"],
    W: Float[Array, "m d"],
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    A: Float[Array, "n1 d"],
    B: Float[Array, "n2 d"],
    eta: float,
) -> Float[Array, "n1 n2"]:
    """Change of the kernel of the two-layer linear network in one step of gradient descent.

    m (K_after - K_before) is -eta (f(a) g.b + g.a f(b) + 2 f(g) a.b) + eta^2 / m (|v|^2 g.a g.b + |Wg|^2 a.b).
    """
    with jax.enable_x64(True):
        v, W, X, y, A, B = doubles(v, W, X, y, A, B)
        m = len(v)
        f = lambda inputs: inputs @ (v @ W) / jnp.sqrt(m)
        g = (f(X) - y) @ X / len(y)
        gram, gA, gB, Wg = A @ B.T, A @ g, B @ g, W @ g
        linear = jnp.outer(f(A), gB) + jnp.outer(gA, f(B)) + 2 * f(g) * gram
        square = (v @ v * jnp.outer(gA, gB) + Wg @ Wg * gram) / m
        return eta * (eta * square - linear) / m


def catapult(f: float, lam: float, y: float, eta: float, m: float, steps: int) -> tuple[Float[Array, " t"], Float[Array, " t"]]:
    """Output and kernel of the network of (b) along gradient descent."""
    with jax.enable_x64(True):

        def step(state, _):
            f, lam = state
            move = eta * (f - y)
            after = f - move * lam + move**2 * f / m, lam - 4 * move * f / m + move**2 * lam / m
            return after, after

        start = doubles(f, lam)
        _, path = jax.lax.scan(step, start, length=steps)
        outputs, kernels = (jnp.concatenate([first[None], rest]) for first, rest in zip(start, path, strict=True))
        return outputs, kernels
