"""One maximum for the whole batch: rows far below it underflow to log 0.

question: cross_entropy
fails: TestCrossEntropy::test_logits_of_hundreds
fails: TestCrossEntropy::test_only_differences_of_logits_count
kind: usual
"""

import jax
import jax.numpy as jnp


def cross_entropy(logits, labels):
    shifted = logits - logits.max()
    log_p = shifted - jnp.log(jnp.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[jnp.arange(len(labels)), labels].mean()


def cross_entropy_slope(logits, labels):
    e = jnp.exp(logits - logits.max())
    return (e / e.sum(axis=1, keepdims=True) - jax.nn.one_hot(labels, logits.shape[1])) / len(labels)
