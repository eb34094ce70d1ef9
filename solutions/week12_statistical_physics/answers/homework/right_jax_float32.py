"""JAX in float32: scans, automatic differentiation of the free energy, Gauss-Hermite quadrature."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import gammaln, log_ndtr, logsumexp, xlogy


def langevin_stationary(K, T, eta):
    if float(eta * jnp.linalg.norm(K, 2)) >= 2:
        raise ValueError("eta is too large")
    return T * jnp.linalg.inv(K @ (jnp.eye(len(K)) - eta * K / 2))


def langevin_transient(K, T, eta, means, cov, steps):
    M = jnp.eye(K.shape[0]) - eta * K

    def step(state, _):
        x, S = state
        return (x @ M, M @ S @ M + 2 * eta * T * jnp.eye(len(M))), None

    return jax.lax.scan(step, (means, cov), None, length=steps)[0]


def gradient_covariance(gradients):
    return jnp.atleast_2d(jnp.cov(gradients, rowvar=False, bias=True))


def kronecker(H, C, eta, batch, third):
    eye = jnp.eye(len(H))
    operator = jnp.kron(H, eye) + jnp.kron(eye, H) - third * jnp.kron(H, H)
    return jnp.linalg.solve(operator, eta / batch * C.reshape(-1)).reshape(C.shape)


def sgd_covariance(H, C, eta, batch):
    if eta * jnp.linalg.eigvalsh(H).max() >= 2:
        raise ValueError("eta is too large")
    return kronecker(H, C, eta, batch, eta)


def sgd_covariance_leading(H, C, eta, batch):
    return kronecker(H, C, eta, batch, 0.0)


def sgd_temperature(H, C, eta, batch):
    return jnp.trace(H @ sgd_covariance(H, C, eta, batch)) / H.shape[0]


def free_energy(m, T, J, h):
    p, q = (1 + m) / 2, (1 - m) / 2
    return -0.5 * J * m**2 - h * m + T * (xlogy(p, p) + xlogy(q, q))


def magnetisation(T, J, h):
    """Minimum of f on a grid, then Newton's iteration in x = artanh m."""
    m = jnp.linspace(-1, 1, 4001) if h else jnp.linspace(0, 1, 2001)
    x = jnp.arctanh(jnp.clip(m[jnp.argmin(free_energy(m, T, J, h))], -0.99999, 0.99999))
    for _ in range(8):
        g = T * x - J * jnp.tanh(x) - h
        x = x - g / (T - J * (1 - jnp.tanh(x) ** 2))
    return jnp.tanh(x)


def susceptibility(T, J, h):
    m = magnetisation(T, J, h)
    right_side = lambda m, h: jnp.tanh((J * m + h) / T)
    by_m, by_h = jax.grad(right_side, argnums=(0, 1))(m, h)
    return by_h / (1 - by_m)


def finite_size(N, T, J, h):
    k = jnp.arange(N + 1)
    m = 2.0 * k / N - 1.0
    states = gammaln(N + 1.0) - gammaln(k + 1.0) - gammaln(N - k + 1.0)
    logs = states + N / T * (0.5 * J * m**2 + h * m)
    p = jax.nn.softmax(logs)
    mean = jnp.sum(p * m)
    return jnp.stack([-T / N * logsumexp(logs), jnp.sum(p * jnp.abs(m)), N / T * jnp.sum(p * (m - mean) ** 2)])


t_nodes, t_weights = np.polynomial.hermite_e.hermegauss(80)
t_nodes, t_weights = jnp.array(t_nodes), jnp.array(t_weights / t_weights.sum())


@jax.jit
def A(R):
    return t_weights @ jnp.exp(-R * t_nodes**2 / 2 - log_ndtr(-jnp.sqrt(R) * t_nodes))


@jax.jit
def load(R):
    return jnp.pi * R / jnp.sqrt(1 - R) / A(R)


def learning_curve(alpha):
    """Interpolated in the inverse function, tabulated in u with 1 - R = e^-u."""
    u = jnp.linspace(0.0, 8.0, 4001)
    R = -jnp.expm1(-u)
    u = jnp.interp(alpha, jax.vmap(load)(R), u)
    angle = jnp.arcsin(jnp.sqrt(1 - (1 - jnp.exp(-u)) ** 2))
    return -jnp.expm1(-u), angle / jnp.pi, jnp.arcsin(jnp.exp(-u / 2)) / jnp.pi


@jax.jit
def solve_ising(alpha):
    def body(_, state):
        R, _ = state
        R = jnp.minimum(R, 0.99999)
        k = alpha / (jnp.pi * jnp.sqrt(1 - R)) * A(R)
        return t_weights @ jnp.tanh(k + jnp.sqrt(k) * t_nodes), k

    R, k = jax.lax.fori_loop(0, 500, body, (0.0, 0.0))
    a = jnp.sqrt(R / (1 - R))
    grid = jnp.linspace(-8, 8, 801)
    density = jax.scipy.stats.norm.pdf(grid) * 0.02
    log_H = log_ndtr(-a * grid)
    x = k + jnp.sqrt(k) * grid
    s = -k * (1 + R) / 2 + density @ jnp.logaddexp(x, -x) + 2 * alpha * density @ (jnp.exp(log_H) * log_H)
    return R, s


def ising_branch(alpha):
    return solve_ising(alpha)


def ising_error(alpha):
    R, s = solve_ising(alpha)
    return jnp.where((R < 0.99) & (s > 0), jnp.arccos(R) / jnp.pi, 0.0)
