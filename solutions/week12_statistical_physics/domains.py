"""Domains of week 12's questions for `autograder verify`: what the text promises about the inputs."""

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
