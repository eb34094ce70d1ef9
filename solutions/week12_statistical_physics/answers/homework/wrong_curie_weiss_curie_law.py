"""The susceptibility of independent spins: no feedback.

question: curie_weiss
fails: TestCurieWeiss::test_susceptibility
kind: usual
"""

import numpy as np


def susceptibility(T, J, h):
    return (1 - magnetisation(T, J, h) ** 2) / T
