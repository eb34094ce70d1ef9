"""rho_in in place of its transposed inverse.

question: projector
fails: TestProjector::test_maps_between_different_representations
kind: usual
"""

import numpy as np


def _group(generators):
    generators = np.asarray(generators, np.float64)
    found = [np.eye(generators.shape[1])]
    for element in found:
        for candidate in generators @ element:
            if all(np.abs(candidate - other).max() > 1e-3 for other in found):
                found.append(candidate)
    return np.array(found)


def invariant_projector(generators):
    return _group(generators).mean(axis=0)


def equivariant_part(A, generators_in, generators_out):
    maps = [np.kron(b, a.T) for a, b in zip(np.asarray(generators_in), np.asarray(generators_out), strict=True)]
    return (invariant_projector(np.stack(maps)) @ np.ravel(A)).reshape(A.shape)
