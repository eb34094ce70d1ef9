"""Elements are told apart by their entries rounded to whole numbers.

question: projector
fails: TestProjector::test_long_products_and_fractions
kind: subtle
"""

import numpy as np


def _close(gens, key, cap=None):
    start = np.eye(gens.shape[1])
    found, edge, length = ({key(start): start}, [start], 0)
    while edge and (cap is None or length < cap):
        new = []
        for e in edge:
            for g in gens:
                h = g @ e
                if key(h) not in found:
                    found[key(h)] = h
                    new.append(h)
        edge, length = (new, length + 1)
    return list(found.values())


def invariant_projector(generators):
    gens = np.asarray(generators, np.float64)
    return np.mean(_close(gens, lambda h: tuple(np.round(h).astype(int).ravel())), axis=0)


def equivariant_part(A, generators_in, generators_out):
    a, b = (np.asarray(generators_in, np.float64), np.asarray(generators_out, np.float64))
    m, n = np.shape(A)
    both = np.zeros((len(a), m + n, m + n))
    both[:, :n, :n], both[:, n:, n:] = (a, b)
    group = _close(both, lambda h: tuple(np.round(h).astype(int).ravel()))
    return np.mean([np.linalg.inv(h[n:, n:]) @ np.asarray(A) @ h[:n, :n] for h in group], axis=0)
