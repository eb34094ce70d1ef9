"""Central differences in h, across the jump at h = 0.

question: curie_weiss
fails: TestCurieWeiss::test_susceptibility
kind: usual
"""

import numpy as np


def susceptibility(T, J, h):
    return (magnetisation(T, J, h + 1e-4) - magnetisation(T, J, h - 1e-4)) / 2e-4
