"""Week 12 homework as a stranger solved it: JAX for the linear algebra, SciPy for the roots and the integrals."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import scipy.optimize
import scipy.special
from jaxtyping import Array, Float


def langevin_stationary(K, T, eta):
    values, vectors = jnp.linalg.eigh(K)
    if eta * values[-1] > 2:
        raise ValueError("eta * lambda_max(K) > 2: take a smaller step")
    return (vectors * (T / (values * (1 - eta * values / 2)))) @ vectors.T


def langevin_transient(K, T, eta, means, cov, steps):
    M = jnp.eye(len(K)) - eta * K
    for _ in range(steps):
        means = means @ M
        cov = M @ cov @ M + 2 * eta * T * jnp.eye(len(K))
    return means, cov


def gradient_covariance(gradients):
    centred = gradients - gradients.mean(axis=0)
    return centred.T @ centred / len(gradients)


def sgd_covariance(H, C, eta, batch):
    h, U = jnp.linalg.eigh(H)
    if eta * h[-1] > 2:
        raise ValueError("eta * lambda_max(H) > 2: take a smaller step")
    S = eta / batch * (U.T @ C @ U) / (h[:, None] + h - eta * h[:, None] * h)
    return U @ S @ U.T


def sgd_covariance_leading(H, C, eta, batch):
    h, U = jnp.linalg.eigh(H)
    return U @ (eta / batch * (U.T @ C @ U) / (h[:, None] + h)) @ U.T


def sgd_temperature(H, C, eta, batch):
    return jnp.trace(H @ sgd_covariance(H, C, eta, batch)) / len(H)


def free_energy(m, T, J, h):
    up, down = (1 + m) / 2, (1 - m) / 2
    return -J / 2 * m**2 - h * m + T * (jax.scipy.special.xlogy(up, up) + jax.scipy.special.xlogy(down, down))


def magnetisation(T, J, h):
    if h < 0:
        return -magnetisation(T, J, -h)
    if h == 0 and T >= J:
        return 0.0
    equation = lambda m: m - np.tanh((J * m + h) / T)
    low = 0.0 if h > 0 else 1e-3  # at h = 0 stay away from the maximum at 0
    return float(scipy.optimize.brentq(equation, low, 1.0))


def susceptibility(T, J, h):
    m = magnetisation(T, J, h)
    return (1 - m**2) / (T - J * (1 - m**2))


def finite_size(N, T, J, h):
    k = np.arange(N + 1)
    m = (2 * k - N) / N
    log_states = scipy.special.gammaln(N + 1) - scipy.special.gammaln(k + 1) - scipy.special.gammaln(N - k + 1)
    log_weight = log_states + N * (J / 2 * m**2 + h * m) / T
    log_Z = scipy.special.logsumexp(log_weight)
    weight = np.exp(log_weight - log_Z)
    mean = weight @ m
    return float(-T / N * log_Z), float(weight @ np.abs(m)), float(N / T * (weight @ (m - mean) ** 2))


def gaussian_mean(f) -> float:
    """The integral of f(t) Dt, exact to about 1e-12 for smooth f. Given; f takes an array of nodes t."""
    t = np.linspace(-10.0, 10.0, 1001)
    return float(np.sum(f(t) * np.exp(-(t**2) / 2)) / np.sqrt(2 * np.pi) * (t[1] - t[0]))


def _pull(R):
    return gaussian_mean(lambda t: np.exp(-R * t**2 / 2 - scipy.special.log_ndtr(-np.sqrt(R) * t)))


def load(R):
    return float(np.pi * R / (np.sqrt(1 - R) * _pull(R)))


def learning_curve(alpha):
    R = scipy.optimize.brentq(lambda R: load(R) - alpha, 0.0, 0.999)
    return R, float(np.arccos(R) / np.pi), float(np.arccos(np.sqrt(R)) / np.pi)


def _next(R, alpha):
    R_hat = alpha / (np.pi * np.sqrt(1 - R)) * _pull(R)
    return R_hat, gaussian_mean(lambda z: np.tanh(R_hat + np.sqrt(R_hat) * z))


def ising_branch(alpha):
    R = 0.0
    for _ in range(5000):
        R_hat, new = _next(R, alpha)
        done = abs(new - R) < 1e-10
        R = min(new, 1 - 1e-12)
        if done or R > 0.99:
            break
    if R > 0.99:
        return 1.0, 0.0
    a = np.sqrt(R / (1 - R))
    log_cosh = gaussian_mean(lambda z: np.logaddexp(R_hat + np.sqrt(R_hat) * z, -R_hat - np.sqrt(R_hat) * z))
    log_H = lambda t: scipy.special.log_ndtr(-a * t)
    s = -R_hat / 2 * (1 + R) + log_cosh + 2 * alpha * gaussian_mean(lambda t: np.exp(log_H(t)) * log_H(t))
    return float(R), float(s)


def ising_error(alpha):
    R, s = ising_branch(alpha)
    return float(np.arccos(R) / np.pi) if s > 0 else 0.0
