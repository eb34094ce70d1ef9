"""Week 4 homework, solved by a stranger from the notebook alone: NumPy and SciPy in float64, plain loops."""

import numpy as np
import scipy.integrate
import scipy.special


def _f64(a):
    return np.asarray(a, np.float64)


# ---------------------------------------------------------------- 4.1
def gd_iterate(H, b, w0, eta, steps):
    H, b, w0 = _f64(H), _f64(b), _f64(w0)
    values, vectors = np.linalg.eigh(H)
    largest = values[-1]
    slopes = vectors.T @ b
    coordinates = w0 @ vectors
    for i, lam in enumerate(values):
        if lam <= 1e-6 * largest or largest <= 0:
            coordinates[:, i] += steps * eta * slopes[i]
            continue
        x = eta * lam
        if x < 0.5:
            exponent = steps * np.log1p(-x)
            power, one_minus_power = np.exp(exponent), -np.expm1(exponent)
        else:
            power = float(1 - x) ** int(steps)
            one_minus_power = 1 - power
        coordinates[:, i] = power * coordinates[:, i] + one_minus_power / lam * slopes[i]
    return coordinates @ vectors.T


def backward_rate(lam, eta, order):
    x = eta * lam
    if order is None:
        if x >= 1:
            raise ValueError("no flow follows gradient descent for eta * lam >= 1")
        return -np.log1p(-x) / eta
    total = 0.0
    for j in range(order):
        total += x**j / (j + 1)
    return lam * total


def best_heavy_ball(low, high):
    a, b = np.sqrt(low), np.sqrt(high)
    factor = (b - a) / (b + a)
    return 4 / (a + b) ** 2, factor**2, factor


# ---------------------------------------------------------------- 4.2
def sgd_mean_squares(lam, sigma, etas, w0):
    etas = _f64(etas)
    mean = np.array([w0, 0.0])  # of (w_k, S_k)
    covariance = np.zeros((2, 2))
    for eta in etas:
        r = 1 - eta * lam
        A = np.array([[r, 0.0], [r, 1.0]])
        mean = A @ mean
        covariance = A @ covariance @ A.T + (eta * sigma) ** 2
    n = len(etas)
    return mean[0] ** 2 + covariance[0, 0], (mean[1] ** 2 + covariance[1, 1]) / n**2


# ---------------------------------------------------------------- 4.3
def nesterov_iterates(lam, s, steps, r):
    xs, y = [1.0], 1.0
    for k in range(1, steps + 1):
        x = y - s * lam * y
        y = x + (k - 1) / (k + r - 1) * (x - xs[-1])
        xs.append(x)
    return np.array(xs)


def friction_flow(lam, r, t):
    nu = (r - 1) / 2
    z = np.sqrt(lam) * _f64(t)
    out = 1 - z**2 / (4 * (nu + 1))  # the start of the series, for small z
    large = z > 1e-3
    zl = z[large]
    out[large] = scipy.special.gamma(nu + 1) * (2 / zl) ** nu * scipy.special.jv(nu, zl)
    return out


# ---------------------------------------------------------------- 4.4
def mode_strength(s, a0, t):
    s = _f64(s)
    out = np.empty_like(s)
    for i, value in enumerate(s):
        if value == 0:
            out[i] = a0 / (1 + 2 * a0 * t)
        else:
            decay = np.exp(-2 * value * t)
            out[i] = value / (-np.expm1(-2 * value * t) + value / a0 * decay)
    return out


def learned_map(Y, a0, t):
    U, s, V = np.linalg.svd(_f64(Y), full_matrices=False)
    s = np.where(s < 1e-6 * s[0], 0.0, s)
    return (U * mode_strength(s, a0, t)) @ V


def learning_time(s, a0, a, depth):
    p = 2 - 2 / depth
    # a = s y, y = 1 / (1 + exp(-q)): dy / (y^p (1 - y)) = y^(1 - p) dq
    start, stop = np.log(a0 / (s - a0)), np.log(a / (s - a))
    integral, _ = scipy.integrate.quad(lambda q: (1 + np.exp(-q)) ** (p - 1), start, stop, epsabs=0, epsrel=1e-9, limit=200)
    return integral / (depth * s**p)


# ---------------------------------------------------------------- 4.5
def imbalances(weights):
    W = [_f64(w) for w in weights]
    return [upper.T @ upper - lower @ lower.T for lower, upper in zip(W, W[1:])]


def imbalance_change(weights, x, y, eta):
    W = [_f64(w) for w in weights]
    x, y = _f64(x), _f64(y)
    hidden = [x]
    for w in W:
        hidden.append(hidden[-1] @ w.T)
    back = (hidden[-1] - y) / len(x)  # derivative of L by the output of each example
    gradients = [None] * len(W)
    for layer in reversed(range(len(W))):
        gradients[layer] = back.T @ hidden[layer]
        back = back @ W[layer]
    # first order: W_{l+1}^T G_{l+1} = G_l W_l^T cancels
    return [eta**2 * (upper.T @ upper - lower @ lower.T) for lower, upper in zip(gradients, gradients[1:])]
