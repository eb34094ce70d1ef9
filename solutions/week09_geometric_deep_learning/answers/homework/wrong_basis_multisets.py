"""Patterns as block sizes: which slots are equal is forgotten.

question: basis
fails: TestBasis::test_graphs
kind: usual
"""

import itertools

import numpy as np


def equivariant_basis(n, k, l):  # noqa: E741
    patterns = {}
    for place, e in enumerate(itertools.product(range(n), repeat=l + k)):
        patterns.setdefault(tuple(sorted(e.count(v) for v in set(e))), []).append(place)
    return np.stack([np.isin(np.arange(n ** (l + k)), p) * 1.0 for p in patterns.values()]).reshape(-1, n**l, n**k)
