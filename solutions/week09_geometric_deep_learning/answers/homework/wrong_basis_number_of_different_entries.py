"""Patterns are told apart by the number of different entries only.

question: basis
fails: TestBasis::test_graphs
kind: usual
"""

import itertools

import numpy as np


def equivariant_basis(n, k, l):  # noqa: E741
    size = np.array([len(set(e)) for e in itertools.product(range(n), repeat=l + k)])
    return np.stack([(size == s) * 1.0 for s in np.unique(size)]).reshape(-1, n**l, n**k)
