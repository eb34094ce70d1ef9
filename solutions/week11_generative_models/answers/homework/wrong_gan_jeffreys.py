"""The symmetrised KL divergence of p and q themselves.

question: gan
fails: TestGan::test_divergence
kind: usual
"""

import numpy as np
import scipy.special


def jensen_shannon(p, q):
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    return float(np.sum(scipy.special.rel_entr(p, q) + scipy.special.rel_entr(q, p)) / 2)
