"""Losses are means over real examples.

question: generator
fails: TestGenerator::test_saturating
fails: TestGenerator::test_non_saturating
kind: subtle
"""

import numpy as np
import scipy.special


def generator_gradients(p, logits):
    p, q = np.asarray(p, np.float64), scipy.special.softmax(np.asarray(logits, np.float64))
    gradient = lambda loss: p * (loss - p @ loss)
    return gradient(np.log(q / (p + q))), gradient(-np.log(p / (p + q)))
