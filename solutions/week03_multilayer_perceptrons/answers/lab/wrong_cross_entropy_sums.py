"""The sum over the batch in place of the mean.

question: cross_entropy
fails: TestCrossEntropy::test_loss_is_the_mean_surprise
fails: TestCrossEntropy::test_slope_is_probability_minus_label
kind: usual
"""

import jax
import jax.numpy as jnp


def cross_entropy(logits, labels):
    log_p = jax.nn.log_softmax(logits, axis=1)
    return -log_p[jnp.arange(len(labels)), labels].sum()


def cross_entropy_slope(logits, labels):
    return jax.nn.softmax(logits, axis=1) - jax.nn.one_hot(labels, logits.shape[1])
