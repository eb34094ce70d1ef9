"""The mean of the score is not subtracted.

question: generator
fails: TestGenerator::test_saturating
fails: TestGenerator::test_non_saturating
kind: usual
"""

import numpy as np
import scipy.special


def generator_gradients(p, logits):
    p, q = np.asarray(p, np.float64), scipy.special.softmax(np.asarray(logits, np.float64))
    return q * np.log(q / (p + q)), -q * np.log(p / (p + q))
