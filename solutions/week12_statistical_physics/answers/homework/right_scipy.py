"""SciPy: Lyapunov solvers, scalar minimisation, derivatives of log Z by differences, parametric curves."""

import numpy as np
import scipy.integrate
import scipy.linalg
import scipy.optimize
import scipy.special
import scipy.stats


def langevin_stationary(K, T, eta):
    K = np.asarray(K, np.float64)
    M = np.eye(len(K)) - eta * K
    if np.abs(np.linalg.eigvals(M)).max() >= 1:
        raise ValueError(f"eta = {eta} is unstable")
    return scipy.linalg.solve_discrete_lyapunov(M, 2 * eta * T * np.eye(len(K)))


def langevin_transient(K, T, eta, means, cov, steps):
    K = np.asarray(K, np.float64)
    M = np.eye(len(K)) - eta * K
    powers = np.array([np.linalg.matrix_power(M, j) for j in range(steps + 1)])
    noise = 2 * eta * T * np.einsum("kij,kjl->il", powers[:-1], powers[:-1])
    return np.asarray(means) @ powers[-1].T, powers[-1] @ np.asarray(cov) @ powers[-1].T + noise


def gradient_covariance(gradients):
    g = np.asarray(gradients, np.float64)
    return g.T @ g / len(g) - np.outer(g.mean(0), g.mean(0))


def sgd_covariance(H, C, eta, batch):
    H, C = np.asarray(H, np.float64), np.asarray(C, np.float64)
    if scipy.linalg.eigh(H, eigvals_only=True)[-1] * eta >= 2:
        raise ValueError("SGD diverges")
    return scipy.linalg.solve_discrete_lyapunov(np.eye(len(H)) - eta * H, eta**2 / batch * C)


def sgd_covariance_leading(H, C, eta, batch):
    return scipy.linalg.solve_sylvester(np.asarray(H, float), np.asarray(H, float), eta / batch * np.asarray(C, float))


def sgd_temperature(H, C, eta, batch):
    d = len(H)
    root = scipy.linalg.cholesky(np.asarray(H, np.float64))
    return np.trace(root @ sgd_covariance(H, C, eta, batch) @ root.T) / d


def free_energy(m, T, J, h):
    m = np.asarray(m, np.float64)
    S = scipy.special.entr((1 + m) / 2) + scipy.special.entr((1 - m) / 2)
    return -0.5 * J * m * m - h * m - T * S


def magnetisation(T, J, h):
    f = lambda x: float(free_energy(np.tanh(np.atleast_1d(x)), T, J, h)[0])
    starts = float(scipy.optimize.brute(f, [(-8.0, 8.0)], Ns=801, finish=None))
    g = lambda x: T * x - J * np.tanh(x) - h
    x = scipy.optimize.brentq(g, starts - 0.05, starts + 0.05) if g(starts - 0.05) * g(starts + 0.05) < 0 else starts
    return np.tanh(abs(x) if h == 0 else x)


def susceptibility(T, J, h):
    m = magnetisation(T, J, h)
    return (1 - m**2) / T / (1 - J * (1 - m**2) / T)


def finite_size(N, T, J, h):
    k = np.arange(N + 1)
    m = 2 * k / N - 1
    free = scipy.stats.binom.logpmf(k, N, 0.5) + N * np.log(2)

    def log_Z(h):
        return scipy.special.logsumexp(free + N * (J * m**2 / 2 + h * m) / T)

    p = np.exp(free + N * (J * m**2 / 2 + h * m) / T - log_Z(h))
    mean = p @ m
    return np.array(-T * log_Z(h) / N), np.array(p @ np.abs(m)), np.array(p @ (m - mean) ** 2 * N / T)


def integral(R):
    f = lambda t: np.exp(-(t**2) / 2 - R * t**2 / 2 - scipy.special.log_ndtr(-np.sqrt(R) * t)) / np.sqrt(2 * np.pi)
    return scipy.integrate.quad(f, -12, 12, epsabs=1e-9)[0]


def load(R):
    return np.pi * R / np.sqrt(1 - R) / integral(R)


def learning_curve(alpha):
    def negative_entropy(R):
        a = np.sqrt(R / (1 - R))
        t = np.linspace(-9, 9, 1801)
        log_H = scipy.special.log_ndtr(-a * t)
        return -((np.log(1 - R) + R) / 2 + 2 * alpha * np.sum(scipy.stats.norm.pdf(t) * np.exp(log_H) * log_H) * 0.01)

    R = scipy.optimize.minimize_scalar(negative_entropy, bounds=(0, 0.9995), method="bounded", options={"xatol": 1e-9}).x
    return R, np.arccos(R) / np.pi, np.arccos(np.sqrt(R)) / np.pi


Z, W = np.polynomial.hermite_e.hermegauss(120)
W = W / W.sum()


def ising_branch(alpha):
    """The smallest R-hat whose alpha, an explicit function of it, is the given one."""

    def excess(k):
        R = W @ np.tanh(k + np.sqrt(k) * Z)
        return k * np.pi * np.sqrt(1 - R) / integral(R) - alpha

    grid = np.linspace(1e-4, 3.2, 80)
    first = next(i for i, k in enumerate(grid) if excess(k) > 0)
    k = scipy.optimize.brentq(excess, grid[first - 1], grid[first])
    R = W @ np.tanh(k + np.sqrt(k) * Z)
    t = np.linspace(-9, 9, 1801)
    log_H = scipy.special.log_ndtr(-np.sqrt(R / (1 - R)) * t)
    x = k + np.sqrt(k) * t
    pdf = scipy.stats.norm.pdf(t) * 0.01
    return R, pdf @ (np.logaddexp(x, -x) + 2 * alpha * np.exp(log_H) * log_H) - k / 2 * (1 + R)


def ising_error(alpha):
    try:
        R, s = ising_branch(alpha)
    except StopIteration:
        return 0
    return np.arccos(R) / np.pi if s >= 0 else 0
