"""Rows belong to the input, columns to the output.

question: basis
fails: TestBasis::test_sets
kind: usual
"""

import itertools

import numpy as np


def equivariant_basis(n, k, l):  # noqa: E741
    patterns = {}
    for place, e in enumerate(itertools.product(range(n), repeat=l + k)):
        patterns.setdefault(tuple(e.index(v) for v in e), []).append(place)
    return np.stack([np.isin(np.arange(n ** (l + k)), p) * 1.0 for p in patterns.values()]).reshape(-1, n**k, n**l)
