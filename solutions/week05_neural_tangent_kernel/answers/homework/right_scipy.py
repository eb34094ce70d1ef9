"""Arc sines and the modulus in place of the ReLU; sums over layers; SciPy's exponential and linear solvers."""

import math

import numpy as np
import scipy.fft
import scipy.linalg


def leaky_expectations(S11, S12, S22, leak):
    """phi(z) = (1 + a)/2 z + (1 - a)/2 |z|."""
    S11, S12, S22 = (np.asarray(S, np.float64) for S in (S11, S12, S22))
    size = np.sqrt(S11 * S22)
    c = np.clip(S12 / size, -1, 1)
    line, bend = ((1 + leak) / 2) ** 2, ((1 - leak) / 2) ** 2
    moduli = 2 / np.pi * size * (np.sqrt(1 - c * c) + c * np.arcsin(c))
    return line * S12 + bend * moduli, line + bend * 2 / np.pi * np.arcsin(c)


def deep_kernels(x1, x2, depth, weight_variance, bias_variance):
    """All inputs together: one symmetric matrix, whose diagonal has the variances."""
    both = np.concatenate([x1, x2]).astype(np.float64)
    n1 = len(x1)
    K = weight_variance * (both @ both.T) / both.shape[1] + bias_variance
    Theta = K.copy()
    for _ in range(depth):
        q = np.sqrt(np.diag(K))
        c = np.clip(K / q[:, None] / q[None, :], -1, 1)
        share = 0.5 + np.arcsin(c) / np.pi
        Theta = Theta * weight_variance * share / 2
        K = weight_variance / 2 * q[:, None] * q[None, :] * (np.sqrt(1 - c * c) / np.pi + c * share) + bias_variance
        Theta = Theta + K
    return Theta[:n1, n1:], K[:n1, n1:]


def circle_eigenvalues(k):
    k = np.asarray(k, np.int64)
    found = np.zeros(len(k))
    found[k == 1] = 0.5
    even = k[k % 2 == 0].astype(float)
    found[k % 2 == 0] = ((even + 1.0) ** -2 + (even - 1.0) ** -2 - 1 / (even**2 - 1)) * 2 / np.pi**2
    return found


def circle_flow(values, y, t):
    rates = scipy.fft.fft(np.asarray(values, np.float64)) / len(values)
    error = scipy.fft.ifft(np.exp(-rates * t) * scipy.fft.fft(np.asarray(y, np.float64)))
    return np.asarray(y, np.float64) - error.real


def trained_limit(T, T_new, y, f0, f0_new):
    factor = scipy.linalg.cho_factor(np.asarray(T, np.float64))
    return np.asarray(f0_new) - np.asarray(T_new) @ scipy.linalg.cho_solve(factor, np.asarray(f0, np.float64) - np.asarray(y))


def ensemble_moments(T, T_new, K, K_cross, K_new, y, t):
    T, T_new, K, K_cross, K_new, y = (np.asarray(a, np.float64) for a in (T, T_new, K, K_cross, K_new, y))
    n, m = len(y), len(T_new)
    left = np.zeros((n, n)) if math.isinf(t) else scipy.linalg.expm(-T * t / n)
    P = scipy.linalg.solve(T, (T_new @ (np.eye(n) - left)).T, assume_a="sym").T  # T commutes with its exponential
    prior = np.block([[K, K_cross.T], [K_cross, K_new]])
    map_to_new = np.hstack([-P, np.eye(m)])
    return P @ y, map_to_new @ prior @ map_to_new.T


def kernel_change(v, W, X, y, A, B, eta):
    """With the network's output as a linear function of its input, beta = W^T v / sqrt m."""
    v, W, X, y, A, B = (np.asarray(a, np.float64) for a in (v, W, X, y, A, B))
    s = eta / len(v)
    beta = W.T @ v / np.sqrt(len(v))
    g = np.mean((X @ beta - y)[:, None] * X, axis=0)
    outer = np.outer(beta, g)
    form = s * (s * (v @ v) * np.outer(g, g) - outer - outer.T) + s * (s * g @ W.T @ W @ g - 2 * g @ beta) * np.eye(len(g))
    return A @ form @ B.T


def catapult(f, lam, y, eta, m, steps):
    """Half sum and half difference of the layers: u = (lam + 2 f / sqrt m)/4 and w = (lam - 2 f / sqrt m)/4 are squared norms."""
    root = np.sqrt(m)
    u, w = (lam + 2 * f / root) / 4, (lam - 2 * f / root) / 4
    rows = [(f, lam)]
    for _ in range(steps):
        pull = eta * (root * (u - w) - y) / root
        u, w = u * (1 - pull) ** 2, w * (1 + pull) ** 2
        rows.append((root * (u - w), 2 * (u + w)))
    return tuple(np.array(rows).T)
