"""The divergence in bits.

question: gan
fails: TestGan::test_divergence
kind: usual
"""

import numpy as np
import scipy.special


def jensen_shannon(p, q):
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    m = (p + q) / 2
    return float(np.sum(scipy.special.rel_entr(p, m) + scipy.special.rel_entr(q, m)) / (2 * np.log(2)))
