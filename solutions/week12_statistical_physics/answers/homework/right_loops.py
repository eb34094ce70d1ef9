"""Plain Python: steps one by one, sums over states and nodes, bisection."""

import math

import numpy as np


def langevin_stationary(K, T, eta):
    K = np.array(K, dtype=float)
    if eta * max(np.linalg.eigvalsh(K)) >= 2:
        raise ValueError("too large a step")
    d = len(K)
    step = np.eye(d) - eta * K
    cov = 2 * eta * T * np.eye(d)
    for _ in range(14):  # doubling: after n rounds the noise of 2^n steps is in
        cov = cov + step @ cov @ step
        step = step @ step
    return cov


def langevin_transient(K, T, eta, means, cov, steps):
    K, means, cov = np.array(K, float), np.array(means, float), np.array(cov, float)
    for _ in range(steps):
        means = np.array([x - eta * (K @ x) for x in means])
        cov = cov - eta * (K @ cov + cov @ K) + eta**2 * K @ cov @ K + 2 * eta * T * np.eye(len(K))
    return means, cov


def gradient_covariance(gradients):
    n, d = gradients.shape
    rows = [[float(v) for v in row] for row in gradients]
    mean = [sum(row[i] for row in rows) / n for i in range(d)]
    return np.array([[sum((r[i] - mean[i]) * (r[j] - mean[j]) for r in rows) / n for j in range(d)] for i in range(d)])


def in_eigenbasis(H, C, eta, batch, curvature):
    values, vectors = np.linalg.eigh(np.array(H, float))
    rotated = vectors.T @ np.array(C, float) @ vectors
    for i, hi in enumerate(values):
        for j, hj in enumerate(values):
            rotated[i, j] *= eta / batch / (hi + hj - curvature * hi * hj)
    return vectors @ rotated @ vectors.T


def sgd_covariance(H, C, eta, batch):
    if max(np.linalg.eigvalsh(np.array(H, float))) > 2 / eta:
        raise ValueError("too large a learning rate")
    return in_eigenbasis(H, C, eta, batch, eta)


def sgd_covariance_leading(H, C, eta, batch):
    return in_eigenbasis(H, C, eta, batch, 0.0)


def sgd_temperature(H, C, eta, batch):
    S = sgd_covariance(H, C, eta, batch)
    d = len(S)
    return sum(float(H[i][j]) * S[j][i] for i in range(d) for j in range(d)) / d


def free_energy(m, T, J, h):
    def plogp(p):
        return p * math.log(p) if p > 0 else 0.0

    return np.array([-J * x * x / 2 - h * x + T * (plogp((1 + x) / 2) + plogp((1 - x) / 2)) for x in map(float, m)])


def magnetisation(T, J, h):
    m = 1.0 if h >= 0 else -1.0  # from full magnetisation on the side of the field
    for _ in range(5000):
        m = math.tanh((J * m + h) / T)
    return m


def susceptibility(T, J, h):
    m = magnetisation(T, J, h)
    return 1 / (T / (1 - m * m) - J)


def finite_size(N, T, J, h):
    ms = [(2 * k - N) / N for k in range(N + 1)]
    logs = [math.log(math.comb(N, k)) + N * (J * m * m / 2 + h * m) / T for k, m in enumerate(ms)]
    top = max(logs)
    p = [math.exp(v - top) for v in logs]
    Z = sum(p)
    mean, modulus, square = (sum(w * f(m) for w, m in zip(p, ms)) / Z for f in (lambda m: m, abs, lambda m: m * m))
    return -T / N * (top + math.log(Z)), modulus, N / T * (square - mean**2)


NODES = [-9.0 + 0.03 * i for i in range(601)]


def average(f):
    return sum(f(t) * math.exp(-t * t / 2) for t in NODES) * 0.03 / math.sqrt(2 * math.pi)


def H_tail(x):
    return math.erfc(x / math.sqrt(2)) / 2


def load(R):
    return math.pi * R / math.sqrt(1 - R) / average(lambda t: math.exp(-R * t * t / 2) / H_tail(math.sqrt(R) * t))


def learning_curve(alpha):
    low, high = 0.0, 1.0
    for _ in range(25):
        middle = (low + high) / 2
        low, high = (middle, high) if load(middle) < alpha else (low, middle)
    return low, math.acos(low) / math.pi, math.acos(math.sqrt(low)) / math.pi


def ising_solution(alpha):
    R = old = 0.0
    for k in range(300):
        A = average(lambda t: math.exp(-R * t * t / 2) / H_tail(math.sqrt(R) * t))
        R_hat = alpha * A / math.pi / math.sqrt(1 - R)
        old, R = R, average(lambda z: math.tanh(R_hat + math.sqrt(R_hat) * z))
        if R > 0.9999 or abs(R - old) < 1e-6:
            break
    return R, R_hat


def ising_branch(alpha):
    R, R_hat = ising_solution(alpha)
    a = math.sqrt(R / (1 - R))

    def entropy(t):
        H = H_tail(a * t)
        return H * math.log(H) if H > 0 else 0.0

    s = average(lambda z: math.log(2 * math.cosh(R_hat + math.sqrt(R_hat) * z)))
    return R, s - R_hat * (1 + R) / 2 + 2 * alpha * average(entropy)


def ising_error(alpha):
    if alpha > 1.48:
        return 0.0
    R, s = ising_branch(alpha)
    return math.acos(R) / math.pi if s > 0 else 0.0
