"""Softmax along the batch axis.

question: cross_entropy
fails: TestCrossEntropy::test_loss_is_the_mean_surprise
fails: TestCrossEntropy::test_slope_is_probability_minus_label
kind: usual
"""

import jax
import jax.numpy as jnp


def cross_entropy(logits, labels):
    log_p = jax.nn.log_softmax(logits, axis=0)
    return -log_p[jnp.arange(len(labels)), labels].mean()


def cross_entropy_slope(logits, labels):
    return (jax.nn.softmax(logits, axis=0) - jax.nn.one_hot(labels, logits.shape[1])) / len(labels)
