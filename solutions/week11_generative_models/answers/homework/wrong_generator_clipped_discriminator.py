"""D is clipped to [1e-7, 1 - 1e-7], as many libraries do.

question: generator
fails: TestGenerator::test_far_apart
kind: usual
"""

import numpy as np
import scipy.special


def generator_gradients(p, logits):
    p, q = np.asarray(p, np.float64), scipy.special.softmax(np.asarray(logits, np.float64))
    D = np.clip(p / (p + q), 1e-7, 1 - 1e-7)
    gradient = lambda loss: q * (loss - q @ loss)
    return gradient(np.log(1 - D)), gradient(-np.log(D))
