"""The formula taken literally.

question: cross_entropy
fails: TestCrossEntropy::test_logits_of_hundreds
kind: usual
"""

import jax
import jax.numpy as jnp


def cross_entropy(logits, labels):
    e = jnp.exp(logits)
    p = e / e.sum(axis=1, keepdims=True)
    return -jnp.log(p[jnp.arange(len(labels)), labels]).mean()


def cross_entropy_slope(logits, labels):
    e = jnp.exp(logits)
    return (e / e.sum(axis=1, keepdims=True) - jax.nn.one_hot(labels, logits.shape[1])) / len(labels)
