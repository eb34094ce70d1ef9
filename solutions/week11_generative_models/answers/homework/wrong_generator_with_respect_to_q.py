"""The gradient with respect to the probabilities, not the logits.

question: generator
fails: TestGenerator::test_saturating
fails: TestGenerator::test_non_saturating
kind: usual
"""

import numpy as np
import scipy.special


def generator_gradients(p, logits):
    p, q = np.asarray(p, np.float64), scipy.special.softmax(np.asarray(logits, np.float64))
    return np.log(q / (p + q)), -np.log(p / (p + q))
