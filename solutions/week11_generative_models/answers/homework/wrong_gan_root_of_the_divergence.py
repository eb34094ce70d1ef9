"""The Jensen-Shannon distance, a square root.

question: gan
fails: TestGan::test_divergence
kind: usual
"""

import numpy as np
import scipy.spatial.distance


def jensen_shannon(p, q):
    return float(scipy.spatial.distance.jensenshannon(np.asarray(p), np.asarray(q)))
