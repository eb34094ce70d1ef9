"""Inputs on which mutants that survive are compared with the solution: see docs/verify.md."""

import numpy as np


def lab_loo(rng, i):
    """Inputs with means of a few units and lambdas of order 1; first examples that are all alike."""
    n, p = [(2, 1), (7, 3), (4, 6), (5, 5)][i % 4]
    X = np.ones((n, p)) if i < 4 else rng.normal(size=(n, p)) + rng.normal(size=p) * (i % 3)
    y, lam = rng.normal(size=n) + 5.0 * (i % 2), float(10 ** rng.uniform(-2, 2))
    yield "hat_matrix", X, lam
    yield "loo_residuals", X, y, lam


def lab_peak(rng, i):
    """Full rank, singular values of a prescribed spread."""
    n, p, t = [(1, 2, 1), (3, 6, 4), (6, 3, 2), (4, 4, 4), (3, 5, 3)][i % 5]
    r = min(n, p)
    U, V = np.linalg.qr(rng.normal(size=(n, r)))[0], np.linalg.qr(rng.normal(size=(p, r)))[0]
    X = (U * np.geomspace(2.0, [0.002, 0.3][i % 2], r)) @ V.T
    yield "error_modes", X, rng.normal(size=n), rng.normal(size=(t, p)), rng.normal(size=p)


def lab_interpolator(rng, i):
    """Symmetric, positive definite, with condition numbers up to 1e5 and in any unit; one target or several."""
    n, k = [(2, 1), (5, 3), (4, 4), (6, 2)][i % 4]
    axes = np.linalg.qr(rng.normal(size=(n, n)))[0]
    K = (axes * np.geomspace(1.0, float(10 ** -rng.uniform(0.3, 5)), n)) @ axes.T * [1.0, 1e-9, 1e6][i % 3]
    Y = rng.normal(size=(n, k))
    yield "interpolator_loo", (K + K.T) / 2, Y
    yield "interpolator_gcv", (K + K.T) / 2, Y


def homework_stieltjes(rng, i):
    """Both sides of gamma = 1, gamma = 1 itself for larger z only."""
    z = float(10 ** rng.uniform(-14, 6))
    gamma = 1.0 if i % 10 == 0 and z > 1e-6 else float(np.exp(rng.choice([-1.0, 1.0]) * rng.uniform(0.02, 4.6)))
    yield "stieltjes", z, gamma


def homework_ridgeless(rng, i):
    """All pairs of small sizes, p = n and its neighbours among them; teachers with and without hidden weights."""
    n, p = 1 + i % 12, 1 + (i // 12) % 12
    noise, signal = float(rng.uniform(0.1, 3.0)), float(rng.uniform(0.0, 3.0))
    yield "ridgeless_risk", n, p, noise, signal
    if abs(n - p) > 1:
        yield "weak_features_risk", n, p, rng.normal(size=p + i % 3), noise


def homework_high_dimension(rng, i):
    """t = 0, the ends, and everything between; from one point to 1e18."""
    t = [0.0, 1.0, -1.0][i % 3] if i < 60 else float(rng.uniform(-1, 1))
    yield "cap", 2 + int(10 ** rng.uniform(0, 2)), t
    yield "nearest", int(10 ** rng.uniform(0, 4)), float(np.floor(10 ** rng.uniform(0, 18)))
