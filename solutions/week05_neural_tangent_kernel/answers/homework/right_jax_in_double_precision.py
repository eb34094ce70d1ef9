"""JAX in float64 inside the functions, each one program; kernels differentiated; the recursion as a matrix."""

import jax
import jax.numpy as jnp


def double(function):
    """Compiled, and called with all arrays in float64."""
    program = jax.jit(function)

    def wrapped(*arguments):
        with jax.enable_x64(True):
            return program(*(jnp.asarray(a, jnp.float64) for a in arguments))

    return wrapped


def kappas(c):
    angle = jnp.arccos(jnp.clip(c, -1.0, 1.0))
    return 1 - angle / jnp.pi, (jnp.sin(angle) + (jnp.pi - angle) * jnp.cos(angle)) / jnp.pi


@double
def leaky_expectations(S11, S12, S22, leak):
    size = jnp.sqrt(S11) * jnp.sqrt(S22)
    (k0, k1), (o0, o1) = kappas(S12 / size), kappas(-S12 / size)
    return size * ((1 + leak**2) / 2 * k1 - leak * o1), (1 + leak**2) / 2 * k0 + leak * o0


@double
def deep_kernels(x1, x2, depth, weight_variance, bias_variance):
    first = lambda p: weight_variance * p / x1.shape[1] + bias_variance
    K, q1, q2 = first(x1 @ x2.T), first((x1**2).sum(1)), first((x2**2).sum(1))

    def layer(_, carry):
        K, Theta, q1, q2 = carry
        size = jnp.sqrt(q1)[:, None] * jnp.sqrt(q2)
        k0, k1 = kappas(K / size)
        K = weight_variance * size * k1 / 2 + bias_variance
        grow = lambda q: weight_variance * q / 2 + bias_variance
        return K, K + weight_variance * Theta * k0 / 2, grow(q1), grow(q2)

    K, Theta, _, _ = jax.lax.fori_loop(0, depth.astype(int), layer, (K, K, q1, q2))
    return Theta, K


@double
def circle_eigenvalues(k):
    even = 2 * (k**2 + 3) / (jnp.pi * jnp.where(k == 1, 1.0, k**2 - 1)) ** 2
    return jnp.select([k == 1, k % 2 == 1], [0.5, 0.0], even)


@double
def circle_flow(values, y, t):
    rates = jnp.fft.fft(values).real / len(values)
    return jnp.fft.ifft((1 - jnp.exp(-rates * t)) * jnp.fft.fft(y)).real


@jax.jit
def trained_limit(T, T_new, y, f0, f0_new):
    return f0_new + T_new @ jnp.linalg.solve(T, y - f0)


@double
def ensemble_moments(T, T_new, K, K_cross, K_new, y, t):
    values, V = jnp.linalg.eigh(T)
    P = jnp.einsum("ma,a,na->mn", T_new @ V, (1 - jnp.exp(-values * t / len(y))) / values, V)
    return P @ y, K_new - K_cross @ P.T - P @ K_cross.T + jnp.einsum("ai,ij,bj->ab", P, K, P)


@double
def kernel_change(v, W, X, y, A, B, eta):
    m = len(v)
    loss = lambda p: jnp.mean((X @ p[1].T @ p[0] / jnp.sqrt(m) - y) ** 2) / 2
    kernel = lambda p: (A @ p[1].T @ p[1] @ B.T + (p[0] @ p[0]) * (A @ B.T)) / m
    step = jax.tree.map(lambda g: -eta * g, jax.grad(loss)((v, W)))
    # K is quadratic in the parameters: derivative and half the second derivative are all there is.
    slope, bend = jax.jvp(lambda p: jax.jvp(kernel, (p,), (step,))[1], ((v, W),), (step,))
    return slope + bend / 2


@double
def one_step(state, y, eta, m):
    e = eta * (state[0] - y)
    return jnp.array([[1 + e**2 / m, -e], [-4 * e / m, 1 + e**2 / m]]) @ state


def catapult(f, lam, y, eta, m, steps):
    states = [jnp.array([f, lam])]
    for _ in range(steps):
        states.append(one_step(states[-1], y, eta, m))
    return [s[0] for s in states], [s[1] for s in states]
