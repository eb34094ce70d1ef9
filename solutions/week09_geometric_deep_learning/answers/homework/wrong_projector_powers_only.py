"""Powers of each generator, no mixed products.

question: projector
fails: TestProjector::test_two_generators
kind: usual
"""

import numpy as np


def invariant_projector(generators):
    found = [np.eye(generators.shape[1])]
    for g in np.asarray(generators, np.float64):
        power = g
        while np.abs(power - np.eye(len(g))).max() > 1e-3:
            found.append(power)
            power = power @ g
    return np.mean(found, axis=0)


def equivariant_part(A, generators_in, generators_out):
    maps = [np.kron(b, np.linalg.inv(a).T) for a, b in zip(np.asarray(generators_in), np.asarray(generators_out), strict=True)]
    return (invariant_projector(np.stack(maps)) @ np.ravel(A)).reshape(A.shape)
