"""Equal where the pattern says equal, and no condition elsewhere: entries belong to several patterns.

question: basis
fails: TestBasis::test_sets
kind: usual
"""

import itertools

import numpy as np


def _strings(slots, n):
    strings = [()]
    for _ in range(slots):
        strings = [(*s, b) for s in strings for b in range(min(max(s, default=-1) + 2, n))]
    return strings


def equivariant_basis(n, k, l):  # noqa: E741
    index, found = np.indices((n,) * (k + l)), []
    for s in _strings(k + l, n):
        tensor = np.ones((n,) * (k + l))
        for i, j in itertools.combinations(range(k + l), 2):
            if s[i] == s[j]:
                tensor = tensor * (index[i] == index[j])
        found.append(tensor.reshape(n**l, n**k))
    return np.stack(found)
