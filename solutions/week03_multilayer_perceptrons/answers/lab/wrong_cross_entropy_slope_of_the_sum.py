"""The loss is a mean, its gradient that of the sum.

question: cross_entropy
fails: TestCrossEntropy::test_slope_is_probability_minus_label
kind: usual
"""

import jax


def cross_entropy_slope(logits, labels):
    return jax.nn.softmax(logits, axis=1) - jax.nn.one_hot(labels, logits.shape[1])
