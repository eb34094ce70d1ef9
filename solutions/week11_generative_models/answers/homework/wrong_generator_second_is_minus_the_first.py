"""-log D is taken for minus log(1 - D).

question: generator
fails: TestGenerator::test_non_saturating
kind: usual
"""

import numpy as np
import scipy.special


def generator_gradients(p, logits):
    p, q = np.asarray(p, np.float64), scipy.special.softmax(np.asarray(logits, np.float64))
    loss = np.log(q / (p + q))
    first = q * (loss - q @ loss)
    return first, -first
