"""Burnside's lemma and brute force: orbits by sorting, the group by breadth-first search, kernels by Fourier series."""

import math
from fractions import Fraction

import jax.numpy as jnp
import numpy as np


def equivariant_dimension(n, k, l):  # noqa: E741
    """sum_j S(p, j), each Stirling number by inclusion and exclusion."""
    p = k + l
    total = Fraction(0)
    for j in range(min(n, p) + 1):
        surjections = sum((-1) ** i * math.comb(j, i) * (j - i) ** p for i in range(j + 1))
        total += Fraction(surjections, math.factorial(j))
    return int(total)


def layer_weights(n, k, l, c_in, c_out):  # noqa: E741
    return c_in * c_out * equivariant_dimension(n, k, l) + c_out * equivariant_dimension(n, l, 0)


def equivariant_basis(n, k, l):  # noqa: E741
    """The table of equalities of all pairs of slots, as one number per entry."""
    slots = k + l
    index = np.indices((n,) * slots).reshape(slots, n**slots)
    code = np.zeros(n**slots, dtype=np.int64)
    for i in range(slots):
        for j in range(i):
            code = 2 * code + (index[i] == index[j])
    return np.stack([(code == c).astype(np.float32).reshape(n**l, n**k) for c in np.unique(code)])


def invariant_projector(generators):
    generators = [np.asarray(g, dtype=np.float64) for g in generators]
    name = lambda a: (np.round(a, 2) + 0.0).tobytes()
    start = np.eye(len(generators[0]))
    elements, edge = {name(start): start}, [start]
    while edge:
        fresh = {name(a @ g): a @ g for a in edge for g in generators}
        edge = [a for key, a in fresh.items() if key not in elements]
        elements.update(fresh)
    return sum(elements.values()) / len(elements)


def equivariant_part(A, generators_in, generators_out):
    """A lazy walk of the matrix itself: half stays, half moves by a random generator, until nothing changes."""
    pairs = list(zip(np.asarray(generators_in, np.float64), np.asarray(generators_out, np.float64), strict=True))
    A, old = np.asarray(A, np.float64), np.inf
    while np.abs(A - old).max() > 1e-9:
        old = A
        A = (A + sum(np.linalg.inv(b) @ A @ a for a, b in pairs) / len(pairs)) / 2
    return A


def _fourier(m, n, phi):
    phi = jnp.asarray(phi)
    c, s, one = jnp.cos, jnp.sin, jnp.ones_like(phi)
    if m == 0 and n == 0:
        return one.reshape(1, -1, 1, 1)
    if m == 0:
        return jnp.stack([jnp.stack([c(n * phi), s(n * phi)], -1), jnp.stack([-s(n * phi), c(n * phi)], -1)])[..., None]
    if n == 0:
        pair = [jnp.stack([c(m * phi), s(m * phi)], -1), jnp.stack([-s(m * phi), c(m * phi)], -1)]
        return jnp.stack(pair)[:, :, None, :]
    matrix = lambda a, b, d, e: jnp.stack([jnp.stack([a, b], -1), jnp.stack([d, e], -1)], -2)
    u, v = (n - m) * phi, (n + m) * phi
    return jnp.stack([
        matrix(c(u), -s(u), s(u), c(u)), matrix(-s(u), -c(u), c(u), -s(u)),
        matrix(c(v), s(v), s(v), -c(v)), matrix(-s(v), c(v), c(v), s(v)),
    ])  # fmt: skip


def steerable_basis(m, n, phi):
    """Combined so that K(0) has a single entry 1."""
    kernels = np.asarray(_fourier(m, n, np.append(0.0, np.asarray(phi, dtype=np.float64))))
    start = kernels[:, 0].reshape(len(kernels), -1)
    return np.linalg.solve(start, kernels[:, 1:].reshape(len(kernels), -1)).reshape(kernels[:, 1:].shape)
