"""Domains of week 6's questions for `autograder verify`: what the text promises about the inputs."""

import numpy as np


def covariance(rng, low, high, zeros=0):
    """A covariance without preferred axes, eigenvalues from `low` to `high`, some of them 0."""
    axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    values = np.exp(rng.uniform(np.log(low), np.log(high), size=3)) * (np.arange(3) >= zeros)
    S = (axes * values) @ axes.T
    return (S + S.T) / 2


def homework_bures(rng, i):
    """S1 regular where a map is asked for; S2 of any rank."""
    S1, S2 = covariance(rng, 0.01, 100.0), covariance(rng, 0.01, 100.0, zeros=[0, 0, 1, 3][i % 4])
    yield "squared_distance", rng.normal(size=3), S2 if i % 3 else S1, rng.normal(size=3), S1 if i % 3 else S2
    yield "transport_matrix", S1, S2
    yield "geodesic_covariance", S1, S2, [0.0, 1.0, float(rng.uniform(0, 1))][i % 3]


homework_bures.rtol = 1e-4  # where S2 is singular no more is promised


def mixture(rng, k):
    """weights, means, variances of a mixture on a line."""
    mass = rng.uniform(0.1, 1.0, size=k)
    return mass / mass.sum(), rng.uniform(-5, 5, size=k), rng.uniform(0.25, 4, size=k)


def homework_heat(rng, i):
    """Points near and far; places within four deviations of a component, so that mass and density are as promised."""
    weights, means, variances = mixture(rng, 1 + i % 3)
    t = [0.0, float(rng.uniform(0, 2)), float(rng.uniform(0, 100)), 100.0][i % 4]
    place = means[rng.integers(0, len(means), size=4)] + np.sqrt(variances.min()) * rng.uniform(-4, 4, size=4)
    yield "heat_path", place, weights, means, variances, t
    centres = rng.uniform(-5, 5, size=(len(means), 2))
    yield "heat_velocity", [3.0, 100.0][i % 2] * rng.uniform(-1, 1, size=(4, 2)), weights, centres, variances, t


def homework_chaos(rng, i):
    """Symmetric A, also with rates that are 0; kappa 0 or from 0.01 on, t 0 or from 0.1 on."""
    kappa = [0.0, float(rng.uniform(0.01, 3))][i % 2]
    axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    alpha = rng.uniform(-3, 3, size=3)
    alpha[0] = [alpha[0], 0.0, -kappa][i % 3]
    A, S0 = (axes * alpha) @ axes.T, covariance(rng, 0.1, 4.0)
    A, T, t = (A + A.T) / 2, float(rng.uniform(0, 2)), [0.0, float(rng.uniform(0.1, 2))][i % 5 > 0]
    yield "mean_field_law", rng.normal(size=3), S0, A, kappa, T, t
    if kappa * t > 0:
        yield "twin_distance", 1 + i % 7, S0, A, kappa, T, t


def lab_flow(rng, i):
    """Plans with the same row sums, that of the cloud with itself symmetric."""
    n, m, d = int(rng.integers(2, 6)), int(rng.integers(1, 6)), 1 + i % 3
    mass = rng.uniform(0.1, 1.0, size=n)
    mass = mass / mass.sum()
    rows = rng.uniform(0.0, 1.0, size=(n, m))
    kernel = rng.uniform(0.1, 1.0, size=(n, n))
    kernel, scale = kernel + kernel.T, np.ones(n)
    for _ in range(500):  # symmetric scaling to the row sums
        scale = np.sqrt(scale * mass / (kernel @ scale))
    itself = scale[:, None] * kernel * scale
    rows = mass[:, None] * rows / rows.sum(axis=1, keepdims=True)
    yield "divergence_velocity", rng.normal(size=(n, d)), rng.normal(size=(m, d)), rows, itself
