"""Domains of week 12's questions for `autograder verify`: what the text promises about the inputs, and asks of accuracy."""

import numpy as np


def _signs(rng, *shape):
    return 2.0 * rng.integers(0, 2, size=shape) - 1.0


def lab_hopfield(rng, i):
    """States and patterns of +1 and -1; couplings in eighths, some of them rows of zeros, so that fields can vanish."""
    n, count = [1, 5, 8][i % 3], 1 + i % 4
    J = rng.integers(-8, 9, size=(n, n)) / 8 * (rng.uniform(size=(n, n)) < [1.0, 0.3][i % 2])
    J[range(n), range(n)] = 0.0
    patterns, state = _signs(rng, count, n), _signs(rng, n)
    yield "hebb", patterns
    yield "hopfield_energy", J, state
    yield "overlaps", patterns, state
    yield "recall", J, state, np.asarray(rng.integers(0, n, size=6))


def lab_ising(rng, i):
    """Spins of +1 and -1, uniform all up or random, from cold to hot."""
    shape = [(2, 2), (4, 4), (2, 6)][i % 3]
    spins = np.ones(shape) if i % 10 == 0 else _signs(rng, *shape)
    temperature = [0.05, 2.25, 1e4][i // 3 % 3] if i % 2 else float(rng.uniform(0.5, 6.0))
    yield "ising_energy", spins
    yield "flip_probability", spins, temperature
    yield "metropolis_sweep", spins, temperature, rng.uniform(0.0, 1.0, size=shape)


def _symmetric(rng, lowest: float, highest: float) -> np.ndarray:
    """A symmetric 3 x 3 matrix with eigenvalues in this range, float32-exact."""
    Q = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    A = (Q * rng.uniform(lowest, highest, size=3)) @ Q.T
    return np.asarray((A + A.T) / 2, np.float32).astype(np.float64)


def _step(rng, matrix: np.ndarray) -> float:
    """A step size that is not within 1 % of the limit of stability."""
    product = float(rng.uniform(0.05, 3.0))
    return (product if abs(product - 2) > 0.02 else 1.0) / float(np.linalg.eigvalsh(matrix)[-1])


def homework_langevin(rng, i):
    """Symmetric positive definite K, on both sides of the limit of stability; from no step to some."""
    K, T = _symmetric(rng, 0.3, 4.0), 0.0 if i % 9 == 0 else float(rng.uniform(0.1, 2.0))
    yield "langevin_stationary", K, T, _step(rng, K)
    yield "langevin_transient", K, T, _step(rng, K), rng.normal(size=(2, 3)), _symmetric(rng, 0.0, 4.0), i % 8


def homework_sgd(rng, i):
    """Symmetric positive definite H, on both sides of the limit of stability; semidefinite C."""
    H, C, batch = _symmetric(rng, 0.3, 4.0), _symmetric(rng, 0.0, 3.0), 1 + i % 5
    yield "gradient_covariance", rng.normal(size=[(5, 3), (1, 3), (4, 2)][i % 3]) + 1.0
    for name in ("sgd_covariance", "sgd_covariance_leading", "sgd_temperature"):
        yield name, H, C, _step(rng, H), batch


def homework_curie_weiss(rng, i):
    """Fields of either sign or none; without a field not within 2 % of the transition."""
    J, t = float(rng.uniform(0.5, 4.0)), float(rng.uniform(0.2, 5.0) if i % 2 else rng.uniform(0.7, 1.3))
    h = 0.0 if i % 3 == 0 else float(rng.choice([-1.0, 1.0]) * 10 ** rng.uniform(-3, 0)) * J
    if h == 0 and abs(t - 1) < 0.02:
        t = 1.02
    yield "free_energy", np.append(rng.uniform(-1.0, 1.0, size=4), [-1.0, 1.0]), t * J, J, h
    yield "magnetisation", t * J, J, h
    yield "susceptibility", t * J, J, h
    yield "finite_size", int([1, 2, 7, 60, 500][i % 5]), t * J, J, h


def homework_gibbs(rng, i):
    """Overlaps up to 0.999, loads from 0.05 to 25."""
    yield "load", 0.0 if i == 0 else float(rng.uniform(0.0, 0.999))
    yield "learning_curve", float(10 ** rng.uniform(np.log10(0.05), np.log10(25)))


def homework_ising(rng, i):
    """The branch up to 1.4; the error up to 3, not within 5e-3 of the transition."""
    alpha = float(rng.uniform(0.05, 3.0) if i % 2 else rng.uniform(1.1, 1.6))
    yield "ising_branch", float(rng.uniform(0.01, 1.4))
    yield "ising_error", alpha if abs(alpha - 1.2447) > 6e-3 else 1.3


# The text asks for three digits.
homework_curie_weiss.rtol = 1e-3
homework_gibbs.rtol = 1e-3
homework_ising.rtol = 1e-3
