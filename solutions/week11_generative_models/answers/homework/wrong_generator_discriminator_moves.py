"""The gradient flows through D*.

question: generator
fails: TestGenerator::test_non_saturating
kind: usual
"""

import jax
import jax.numpy as jnp


def generator_gradients(p, logits):
    def first(a):
        q = jax.nn.softmax(a)
        return q @ (jnp.log(q) - jnp.log(p + q))

    def second(a):
        q = jax.nn.softmax(a)
        return -q @ (jnp.log(p) - jnp.log(p + q))

    return jax.grad(first)(logits), jax.grad(second)(logits)
