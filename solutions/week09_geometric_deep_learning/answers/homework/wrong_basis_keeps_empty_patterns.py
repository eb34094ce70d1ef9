"""All Bell-many patterns, the empty ones as zeros.

question: basis
fails: TestBasis::test_few_nodes
kind: usual
"""

import itertools

import numpy as np


def equivariant_basis(n, k, l):  # noqa: E741
    strings = [()]
    for _ in range(k + l):
        strings = [(*s, b) for s in strings for b in range(max(s, default=-1) + 2)]
    index, found = np.indices((n,) * (k + l)), []
    for s in strings:
        tensor = np.ones((n,) * (k + l))
        for i, j in itertools.combinations(range(k + l), 2):
            same = index[i] == index[j]
            tensor = tensor * (same if s[i] == s[j] else ~same)
        found.append(tensor.reshape(n**l, n**k))
    return np.stack(found)
