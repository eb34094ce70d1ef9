"""Products of at most ten generators.

question: projector
fails: TestProjector::test_long_products_and_fractions
kind: subtle
"""

import numpy as np


def _close(gens, cap):
    start = np.eye(gens.shape[1])
    found, edge = ([start], [start])
    for _ in range(cap):
        new = []
        for e in edge:
            for g in gens:
                h = g @ e
                if not any((np.abs(h - f).max() < 0.1 for f in found)):
                    found.append(h)
                    new.append(h)
        edge = new
    return found


def invariant_projector(generators):
    return np.mean(_close(np.asarray(generators, np.float64), 10), axis=0)


def equivariant_part(A, generators_in, generators_out):
    a, b = (np.asarray(generators_in, np.float64), np.asarray(generators_out, np.float64))
    m, n = np.shape(A)
    both = np.zeros((len(a), m + n, m + n))
    both[:, :n, :n], both[:, n:, n:] = (a, b)
    return np.mean([np.linalg.inv(h[n:, n:]) @ np.asarray(A) @ h[:n, :n] for h in _close(both, 10)], axis=0)
