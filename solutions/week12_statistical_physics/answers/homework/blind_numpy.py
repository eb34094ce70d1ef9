"""Week 12 homework as a stranger solved it: NumPy, Kronecker products, grids and other quadratures."""

import itertools
import math

import jax.numpy as jnp
import numpy as np
import scipy.integrate
import scipy.optimize
import scipy.special
from jaxtyping import Array, Float


def _check(K, eta):
    if eta * np.linalg.norm(K, 2) > 2:
        raise ValueError("the step is too large for a stationary state")


def langevin_stationary(K, T, eta):
    K = np.asarray(K, np.float64)
    _check(K, eta)
    d = len(K)
    M = np.eye(d) - eta * K
    vec = np.linalg.solve(np.eye(d * d) - np.kron(M, M), 2 * eta * T * np.eye(d).ravel())
    return vec.reshape(d, d)


def langevin_transient(K, T, eta, means, cov, steps):
    K, means, cov = (np.asarray(a, np.float64) for a in (K, means, cov))
    kappa, U = np.linalg.eigh(K)
    r = 1 - eta * kappa
    heat = sum((r ** (2 * k) for k in range(steps)), np.zeros(len(r)))
    M = U @ np.diag(r**steps) @ U.T
    return means @ M, M @ cov @ M + 2 * eta * T * U @ np.diag(heat) @ U.T


def gradient_covariance(gradients):
    g = np.asarray(gradients, np.float64)
    mean = g.mean(axis=0)
    return sum(np.outer(row - mean, row - mean) for row in g) / len(g)


def sgd_covariance(H, C, eta, batch):
    H, C = np.asarray(H, np.float64), np.asarray(C, np.float64)
    _check(H, eta)
    eye = np.eye(len(H))
    operator = np.kron(H, eye) + np.kron(eye, H) - eta * np.kron(H, H)
    return np.linalg.solve(operator, eta / batch * C.ravel()).reshape(H.shape)


def sgd_covariance_leading(H, C, eta, batch):
    H, C = np.asarray(H, np.float64), np.asarray(C, np.float64)
    import scipy.linalg

    return scipy.linalg.solve_continuous_lyapunov(H, eta / batch * C)


def sgd_temperature(H, C, eta, batch):
    S = sgd_covariance(H, C, eta, batch)
    H = np.asarray(H, np.float64)
    energy = 0.5 * float(np.sum(H * S))
    return 2 * energy / len(H)


def free_energy(m, T, J, h):
    m = np.asarray(m, np.float64)
    entropy = scipy.special.entr((1 + m) / 2) + scipy.special.entr((1 - m) / 2)
    return -J * m**2 / 2 - h * m - T * entropy


def magnetisation(T, J, h):
    if h == 0 and T >= J:
        return 0.0
    grid = np.linspace(0 if h == 0 else -1, 1, 4001)
    m = grid[np.argmin(free_energy(grid, T, J, h))]
    for _ in range(200):  # Newton from the best grid point, in the variable u = atanh m
        slope = 1 - J / T * (1 - np.tanh((J * m + h) / T) ** 2)
        step = (m - np.tanh((J * m + h) / T)) / slope if abs(slope) > 1e-6 else 0.0
        m = float(np.clip(m - np.clip(step, -1e-3, 1e-3), -1, 1))
        if abs(step) < 1e-13:
            break
    return m


def susceptibility(T, J, h):
    m = magnetisation(T, J, h)
    return 1 / (T / (1 - m**2) - J) if abs(m) < 1 else 0.0


def finite_size(N, T, J, h):
    spins = [2 * k - N for k in range(N + 1)]
    logs = [math.log(math.comb(N, k)) + (J * M * M / (2 * N) + h * M) / T for k, M in enumerate(spins)]
    top = max(logs)
    weights = [math.exp(value - top) for value in logs]
    Z = math.fsum(weights)
    average = lambda f: math.fsum(w * f(M / N) for w, M in zip(weights, spins, strict=True)) / Z
    mean = average(lambda m: m)
    return -T / N * (top + math.log(Z)), average(abs), N / T * average(lambda m: (m - mean) ** 2)


_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(150)
_WEIGHTS = _WEIGHTS / np.sqrt(2 * np.pi)


def gaussian_mean(f) -> float:
    """The integral of f(t) Dt, exact to about 1e-12 for smooth f. Given; f takes an array of nodes t."""
    t = np.linspace(-10.0, 10.0, 1001)
    return float(np.sum(f(t) * np.exp(-(t**2) / 2)) / np.sqrt(2 * np.pi) * (t[1] - t[0]))


def load(R):
    def integrand(t):  # 1/H(x) = 2 e^(x^2/2) / erfcx(x / sqrt 2), up to the sign of x
        x = math.sqrt(R) * t
        over = 2 / scipy.special.erfcx(x / math.sqrt(2)) if x > -8 else math.exp(-x * x / 2)
        return over * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)

    integral = scipy.integrate.quad(integrand, -12, 12, limit=200)[0]
    return math.pi * R / (math.sqrt(1 - R) * integral)


def learning_curve(alpha):
    low, high = 0.0, 0.999
    for _ in range(50):
        R = (low + high) / 2
        low, high = (R, high) if load(R) < alpha else (low, R)
    # |w - w*|^2 = 2 (1 - R), and the angle by its half
    gibbs = 2 * math.asin(math.sqrt((1 - R) / 2)) / math.pi
    return R, gibbs, math.atan2(math.sqrt(1 - R), math.sqrt(R)) / math.pi


def _entropy(R, R_hat, alpha):
    a = np.sqrt(R / (1 - R))
    z = R_hat + np.sqrt(R_hat) * _NODES
    log_H = lambda t: scipy.special.log_ndtr(-a * t)
    return (
        -R_hat / 2 * (1 + R)
        + _WEIGHTS @ (np.abs(z) + np.log1p(np.exp(-2 * np.abs(z))))
        + 2 * alpha * gaussian_mean(lambda t: np.exp(log_H(t)) * log_H(t))
    )


def _residual(R, alpha):
    """tanh equation minus R, with the conjugate R_hat put in: load() gives the integral."""
    integral = math.pi * R / (math.sqrt(1 - R) * load(R)) if R > 0 else 2.0
    R_hat = alpha * integral / (math.pi * math.sqrt(1 - R))
    return _WEIGHTS @ np.tanh(R_hat + np.sqrt(R_hat) * _NODES) - R, R_hat


def ising_branch(alpha):
    low = 0.0  # the first zero from the left is where the iteration from R = 0 ends
    for high in np.linspace(0.01, 0.95, 95):
        if _residual(high, alpha)[0] < 0:
            R = scipy.optimize.brentq(lambda R: _residual(R, alpha)[0], low, high, xtol=1e-10)
            return float(R), float(_entropy(R, _residual(R, alpha)[1], alpha))
        low = high
    return 1.0, 0.0


def ising_error(alpha):
    R, s = ising_branch(alpha)
    return math.acos(R) / math.pi if s > 0 and R < 1 else 0.0
