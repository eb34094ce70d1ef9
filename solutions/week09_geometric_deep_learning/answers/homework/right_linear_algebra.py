"""Recursions and null spaces: set partitions grown slot by slot, left and right invariants, turned matrix units."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg


@functools.cache
def _ways(slots, used, n):
    """Ways to fill the remaining slots when `used` blocks exist: an old block, or a new one while nodes are left."""
    if slots == 0:
        return 1
    return used * _ways(slots - 1, used, n) + (_ways(slots - 1, used + 1, n) if used < n else 0)


def equivariant_dimension(n, k, l):  # noqa: E741
    return _ways(k + l, 0, n)


def layer_weights(n, k, l, c_in, c_out):  # noqa: E741
    return c_out * (c_in * _ways(k + l, 0, n) + _ways(l, 0, n))


def _partitions(slots, n):
    """Growth strings of the partitions of `slots` slots into at most n blocks."""
    strings = [()]
    for _ in range(slots):
        strings = [(*s, b) for s in strings for b in range(min(max(s, default=-1) + 2, n))]
    return strings


def equivariant_basis(n, k, l):  # noqa: E741
    slots = k + l
    index = np.indices((n,) * slots)
    basis = []
    for string in _partitions(slots, n):
        tensor = np.ones((n,) * slots)
        for i in range(slots):
            for j in range(i):
                same = index[i] == index[j]
                tensor = tensor * (same if string[i] == string[j] else ~same)
        basis.append(tensor.reshape(n**l, n**k))
    return jnp.array(basis)


def invariant_projector(generators):
    """P = V (W^T V)^-1 W^T with V the vectors and W the functionals that all generators leave alone."""
    generators = np.asarray(generators, dtype=np.float64)
    n = generators.shape[1]
    null = lambda stack: scipy.linalg.null_space(np.concatenate([g - np.eye(n) for g in stack]), rcond=1e-5)
    V, W = null(generators), null(generators.transpose(0, 2, 1))
    return V @ np.linalg.solve(W.T @ V, W.T) if V.shape[1] else np.zeros((n, n))


def equivariant_part(A, generators_in, generators_out):
    pairs = zip(np.asarray(generators_in, np.float64), np.asarray(generators_out), strict=True)
    actions = [np.kron(np.linalg.inv(b), a.T) for a, b in pairs]
    return jnp.reshape(invariant_projector(np.stack(actions)) @ np.asarray(A).ravel(), A.shape)


def steerable_basis(m, n, phi):
    def turn(frequency, angle):
        J = frequency * jnp.array([[0.0, -1.0], [1.0, 0.0]])
        return jax.scipy.linalg.expm(angle * J) if frequency else jnp.ones((1, 1))

    d_n, d_m = 2 if n else 1, 2 if m else 1
    rows = []
    for unit in np.eye(d_n * d_m).reshape(-1, d_n, d_m):
        rows.append(jnp.stack([turn(n, a) @ unit @ turn(m, -a) for a in phi]))
    return jnp.stack(rows)
