"""The orthogonal projector onto the invariant vectors: right only for orthogonal matrices.

question: projector
fails: TestProjector::test_one_generator
kind: usual
"""

import numpy as np


def invariant_projector(generators):
    g = np.asarray(generators, np.float64)
    _, s, rows = np.linalg.svd(np.concatenate(list(g - np.eye(g.shape[1]))))
    return rows[s < 1e-6].T @ rows[s < 1e-6]


def equivariant_part(A, generators_in, generators_out):
    maps = [np.kron(b, np.linalg.inv(a).T) for a, b in zip(np.asarray(generators_in), np.asarray(generators_out), strict=True)]
    return (invariant_projector(np.stack(maps)) @ np.ravel(A)).reshape(A.shape)
