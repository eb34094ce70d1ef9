"""log(1 - D) is computed from D, which is 1 up to rounding.

question: generator
fails: TestGenerator::test_far_apart
kind: usual
"""

import numpy as np
import scipy.special


def generator_gradients(p, logits):
    p, q = np.asarray(p, np.float64), scipy.special.softmax(np.asarray(logits, np.float64))
    D = p / (p + q)
    gradient = lambda loss: q * (loss - q @ loss)
    with np.errstate(all="ignore"):
        return gradient(np.log(1 - D)), gradient(-np.log(D))
