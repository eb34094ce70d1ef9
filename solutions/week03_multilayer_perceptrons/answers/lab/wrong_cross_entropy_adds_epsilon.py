"""log(p + 1e-9): finite, but no loss can exceed 20.7.

question: cross_entropy
fails: TestCrossEntropy::test_logits_of_hundreds
kind: usual
"""

import jax
import jax.numpy as jnp


def cross_entropy(logits, labels):
    p = jax.nn.softmax(logits, axis=1)
    return -jnp.log(p[jnp.arange(len(labels)), labels] + 1e-9).mean()
