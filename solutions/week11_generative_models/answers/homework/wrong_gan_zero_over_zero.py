"""0/0 is left as it is.

question: gan
fails: TestGan::test_discriminator_with_zeros
kind: usual
"""

import numpy as np


def optimal_discriminator(p, q):
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    with np.errstate(all="ignore"):
        return p / (p + q)


def gan_value(D, p, q):
    D, p, q = (np.asarray(a, np.float64) for a in (D, p, q))
    with np.errstate(all="ignore"):
        return float(np.sum(p * np.log(D) + q * np.log(1 - D)))


def jensen_shannon(p, q):
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    m = (p + q) / 2
    with np.errstate(all="ignore"):
        return float(np.sum(p * np.log(p / m) + q * np.log(q / m)) / 2)
