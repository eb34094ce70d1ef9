"""Week 5 homework, solved by a stranger from the notebook alone: NumPy and loops."""

import numpy as np


def _relu_averages(S11, S12, S22):
    """E u_+ v_+ and E 1_{u>0} 1_{v>0} in float64, safe at |c| = 1."""
    root = np.sqrt(np.maximum(S11 * S22 - S12 * S12, 0.0))  # sqrt(S11 S22) sqrt(1 - c^2)
    angle = np.arctan2(root, S12)  # arccos c, without NaN
    products = (root + S12 * (np.pi - angle)) / (2 * np.pi)
    slopes = (np.pi - angle) / (2 * np.pi)
    return products, slopes


def leaky_expectations(S11, S12, S22, leak):
    S11, S12, S22 = (np.asarray(a, np.float64) for a in (S11, S12, S22))
    same, same_slope = _relu_averages(S11, S12, S22)
    opposite, opposite_slope = _relu_averages(S11, -S12, S22)
    # phi(z) = z_+ - a (-z)_+, phi'(z) = 1_{z>0} + a 1_{-z>0}
    products = (1 + leak**2) * same - 2 * leak * opposite
    slopes = (1 + leak**2) * same_slope + 2 * leak * opposite_slope
    return products, slopes


def deep_kernels(x1, x2, depth, weight_variance, bias_variance):
    x1, x2 = np.asarray(x1, np.float64), np.asarray(x2, np.float64)
    d = x1.shape[1]
    K = weight_variance * (x1 @ x2.T) / d + bias_variance
    own1 = (weight_variance * np.sum(x1**2, axis=1) / d + bias_variance)[:, None]
    own2 = (weight_variance * np.sum(x2**2, axis=1) / d + bias_variance)[None, :]
    Theta = K.copy()
    for _ in range(depth):
        products, slopes = _relu_averages(own1, K, own2)
        K = weight_variance * products + bias_variance
        Theta = K + weight_variance * Theta * slopes
        own1 = weight_variance * own1 / 2 + bias_variance  # E u_+^2 = S11 / 2
        own2 = weight_variance * own2 / 2 + bias_variance
    return Theta, K


def circle_eigenvalues(k):
    found = []
    for mode in np.asarray(k).ravel():
        number = int(mode)  # Python integers: no overflow of k^4
        if number == 1:
            found.append(0.5)
        elif number % 2 == 1:
            found.append(0.0)
        else:
            found.append(2 / np.pi**2 * (number**2 + 3) / (number**2 - 1) ** 2)
    return np.array(found).reshape(np.shape(k))


def circle_flow(values, y, t):
    values, y = np.asarray(values, np.float64), np.asarray(y, np.float64)
    n = len(values)
    rates = np.maximum(np.fft.rfft(values).real / n, 0.0)
    return np.fft.irfft(-np.expm1(-rates * t) * np.fft.rfft(y), n=n)


def trained_limit(T, T_new, y, f0, f0_new):
    T, T_new, y, f0, f0_new = (np.asarray(a, np.float64) for a in (T, T_new, y, f0, f0_new))
    return f0_new - T_new @ np.linalg.solve(T, f0 - y)


def ensemble_moments(T, T_new, K, K_cross, K_new, y, t):
    T, T_new, K, K_cross, K_new, y = (np.asarray(a, np.float64) for a in (T, T_new, K, K_cross, K_new, y))
    n = len(T)
    eigenvalues, V = np.linalg.eigh(T)
    learned = -np.expm1(-eigenvalues * t / n)  # all 1 at t = inf: the eigenvalues are positive
    P = ((T_new @ V) * (learned / eigenvalues)) @ V.T
    cross = P @ K_cross.T
    return P @ y, K_new - cross - cross.T + P @ K @ P.T


def kernel_change(v, W, X, y, A, B, eta):
    v, W, X, y, A, B = (np.asarray(a, np.float64) for a in (v, W, X, y, A, B))
    m, n = len(v), len(X)
    output = lambda inputs: inputs @ (W.T @ v) / np.sqrt(m)
    g = X.T @ (output(X) - y) / n
    Ag, Bg, dots, Wg = A @ g, B @ g, A @ B.T, W @ g
    first = np.outer(Ag, output(B)) + np.outer(output(A), Bg) + 2 * (v @ Wg) / np.sqrt(m) * dots
    second = (v @ v) * np.outer(Ag, Bg) + (Wg @ Wg) * dots
    return -eta / m * first + eta**2 / m**2 * second


def catapult(f, lam, y, eta, m, steps):
    f, lam, y, eta, m = (float(a) for a in (f, lam, y, eta, m))
    outputs, kernels = [f], [lam]
    for _ in range(int(steps)):
        r = f - y
        f, lam = (
            f - eta * r * lam + eta**2 * r**2 * f / m,
            lam - 4 * eta * r * f / m + eta**2 * r**2 * lam / m,
        )
        outputs.append(f)
        kernels.append(lam)
    return np.array(outputs), np.array(kernels)
