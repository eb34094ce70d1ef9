"""The mean over batch and classes of -y log p: too small by the number of classes.

question: cross_entropy
fails: TestCrossEntropy::test_loss_is_the_mean_surprise
kind: usual
"""

import jax


def cross_entropy(logits, labels):
    return -(jax.nn.one_hot(labels, logits.shape[1]) * jax.nn.log_softmax(logits, axis=1)).mean()
