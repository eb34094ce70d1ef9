"""JAX in float64 inside the functions: jit, eigh and fft; kernels differentiated; the recursion as a matrix."""

import jax
import jax.numpy as jnp


def kappas(c):
    angle = jnp.arccos(jnp.clip(c, -1.0, 1.0))
    return 1 - angle / jnp.pi, (jnp.sin(angle) + (jnp.pi - angle) * jnp.cos(angle)) / jnp.pi


def leaky_expectations(S11, S12, S22, leak):
    with jax.enable_x64(True):
        S11, S12, S22 = (jnp.asarray(S, jnp.float64) for S in (S11, S12, S22))
        size = jnp.sqrt(S11) * jnp.sqrt(S22)
        (k0, k1), (o0, o1) = kappas(S12 / size), kappas(-S12 / size)
        return size * ((1 + leak**2) / 2 * k1 - leak * o1), (1 + leak**2) / 2 * k0 + leak * o0


def deep_kernels(x1, x2, depth, weight_variance, bias_variance):
    with jax.enable_x64(True):
        x1, x2 = jnp.asarray(x1, jnp.float64), jnp.asarray(x2, jnp.float64)
        first = lambda p: weight_variance * p / x1.shape[1] + bias_variance
        K, q1, q2 = first(x1 @ x2.T), first((x1**2).sum(1)), first((x2**2).sum(1))

        @jax.jit
        def layer(K, Theta, q1, q2, w, b):
            size = jnp.sqrt(q1)[:, None] * jnp.sqrt(q2)
            k0, k1 = kappas(K / size)
            K = w * size * k1 / 2 + b
            return K, K + w * Theta * k0 / 2, w * q1 / 2 + b, w * q2 / 2 + b

        Theta = K
        for _ in range(depth):
            K, Theta, q1, q2 = layer(K, Theta, q1, q2, weight_variance, bias_variance)
        return Theta, K


def circle_eigenvalues(k):
    with jax.enable_x64(True):
        k = jnp.asarray(k, jnp.float64)
        even = 2 * (k**2 + 3) / (jnp.pi * jnp.where(k == 1, 1.0, k**2 - 1)) ** 2
        return jnp.select([k == 1, k % 2 == 1], [0.5, 0.0], even)


def circle_flow(values, y, t):
    with jax.enable_x64(True):
        rates = jnp.fft.fft(jnp.asarray(values, jnp.float64)).real / len(values)
        return jnp.fft.ifft((1 - jnp.exp(-rates * t)) * jnp.fft.fft(jnp.asarray(y, jnp.float64))).real


def trained_limit(T, T_new, y, f0, f0_new):
    return f0_new + T_new @ jnp.linalg.solve(T, y - f0)


def ensemble_moments(T, T_new, K, K_cross, K_new, y, t):
    with jax.enable_x64(True):
        T, T_new, K, K_cross, K_new, y = (jnp.asarray(a, jnp.float64) for a in (T, T_new, K, K_cross, K_new, y))
        values, V = jnp.linalg.eigh(T)
        P = jnp.einsum("ma,a,na->mn", T_new @ V, (1 - jnp.exp(-values * t / len(y))) / values, V)
        return P @ y, K_new - K_cross @ P.T - P @ K_cross.T + jnp.einsum("ai,ij,bj->ab", P, K, P)


def kernel_change(v, W, X, y, A, B, eta):
    with jax.enable_x64(True):
        v, W, X, y, A, B = (jnp.asarray(a, jnp.float64) for a in (v, W, X, y, A, B))
        m = len(v)
        loss = lambda p: jnp.mean((X @ p[1].T @ p[0] / jnp.sqrt(m) - y) ** 2) / 2
        kernel = lambda p: (A @ p[1].T @ p[1] @ B.T + (p[0] @ p[0]) * (A @ B.T)) / m
        step = jax.tree.map(lambda g: -eta * g, jax.grad(loss)((v, W)))
        # K is quadratic in the parameters: derivative and half the second derivative are all there is.
        first = lambda p: jax.jvp(kernel, (p,), (step,))[1]
        slope, bend = jax.jvp(first, ((v, W),), (step,))
        return slope + bend / 2


def catapult(f, lam, y, eta, m, steps):
    with jax.enable_x64(True):
        matrix = lambda e: jnp.array([[1 + (eta * e) ** 2 / m, -eta * e], [-4 * eta * e / m, 1 + (eta * e) ** 2 / m]])
        states = [jnp.array([f, lam], jnp.float64)]
        for _ in range(steps):
            states.append(matrix(float(states[-1][0]) - y) @ states[-1])
        return jnp.array(states).T
