"""Everything as an average: fixed points, power iteration of a random walk, kernels projected by turning."""

import itertools
import math

import jax.numpy as jnp
import numpy as np


def equivariant_dimension(n, k, l):  # noqa: E741
    """Burnside: the mean number of fixed tuples over S_n; p -> fixed points, sorted by how many points are fixed."""
    deranged = [1, 0]
    for i in range(2, n + 1):
        deranged.append((i - 1) * (deranged[-1] + deranged[-2]))
    return sum(math.comb(n, f) * deranged[n - f] * f ** (k + l) for f in range(n + 1)) // math.factorial(n)


def layer_weights(n, k, l, c_in, c_out):  # noqa: E741
    return c_out * (c_in * equivariant_dimension(n, k, l) + equivariant_dimension(n, 0, l))


def equivariant_basis(n, k, l):  # noqa: E741
    """Orbits of index tuples under all permutations."""
    left, basis = set(itertools.product(range(n), repeat=k + l)), []
    while left:
        seed = min(left)
        orbit = {tuple(p[e] for e in seed) for p in itertools.permutations(range(n))}
        left -= orbit
        tensor = np.zeros((n,) * (k + l))
        for member in orbit:
            tensor[member] = 1
        basis.append(tensor.reshape(n**l, n**k))
    return jnp.stack(basis[::-1])


def invariant_projector(generators):
    """A lazy walk on the group, squared twelve times: 4096 steps."""
    generators = np.asarray(generators, dtype=np.float64)
    walk = (np.eye(generators.shape[1]) + generators.mean(axis=0)) / 2
    for _ in range(12):
        walk = walk @ walk
    return jnp.array(walk)


def equivariant_part(A, generators_in, generators_out):
    """The mean over the group that both generate together, elements as blocks."""
    n = generators_in.shape[1]
    joint = []
    for a, b in zip(np.asarray(generators_in, np.float64), np.asarray(generators_out, np.float64), strict=True):
        block = np.zeros((n + len(b), n + len(b)))
        block[:n, :n], block[n:, n:] = a, b
        joint.append(block)
    elements = [np.eye(len(joint[0]))]
    for element in elements:
        for g in joint:
            new = element @ g
            if not any(np.allclose(new, old, atol=1e-3) for old in elements):
                elements.append(new)
    return sum(np.linalg.solve(e[n:, n:], np.asarray(A) @ e[:n, :n]) for e in elements) / len(elements)


def _fourier(m, n, phi):
    """Complex exponentials, taken apart into real matrices."""
    phi = np.asarray(phi, dtype=np.float64)
    z = lambda f: np.exp(1j * f * phi)
    plain = lambda w: np.stack([np.stack([w.real, -w.imag], -1), np.stack([w.imag, w.real], -1)], -2)
    d_n, d_m = 1 + (n > 0), 1 + (m > 0)
    if d_n == d_m == 1:
        return np.ones((1, len(phi), 1, 1))
    if d_m == 1:
        return np.stack([plain(z(n))[..., :1], plain(z(n))[..., 1:]])
    if d_n == 1:
        return np.stack([plain(z(-m))[:, :1], plain(z(-m))[:, 1:]])
    mirror = np.array([[1.0, 0.0], [0.0, -1.0]])
    return np.stack([plain(z(n - m)), plain(1j * z(n - m)), plain(z(n + m)) @ mirror, plain(1j * z(n + m)) @ mirror])


def steerable_basis(m, n, phi):
    """Combined so that K(0) has a single entry 1."""
    kernels = np.asarray(_fourier(m, n, np.append(0.0, np.asarray(phi, dtype=np.float64))))
    start = kernels[:, 0].reshape(len(kernels), -1)
    return np.linalg.solve(start, kernels[:, 1:].reshape(len(kernels), -1)).reshape(kernels[:, 1:].shape)
