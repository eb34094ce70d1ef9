"""Maps that commute with the first generator only.

question: projector
fails: TestProjector::test_maps_between_different_representations
kind: subtle
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
    a, b = np.asarray(generators_in)[0], np.asarray(generators_out)[0]
    return (invariant_projector(np.kron(b, np.linalg.inv(a).T)[None]) @ np.ravel(A)).reshape(A.shape)
