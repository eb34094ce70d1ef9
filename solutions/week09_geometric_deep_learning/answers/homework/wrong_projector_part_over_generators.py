"""A is averaged over the generators only.

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
    pairs = zip(np.asarray(generators_in), np.asarray(generators_out), strict=True)
    return np.mean([np.linalg.inv(b) @ np.asarray(A) @ a for a, b in pairs], axis=0)
