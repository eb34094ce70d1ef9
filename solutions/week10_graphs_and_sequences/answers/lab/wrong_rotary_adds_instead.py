"""Sines and cosines are added to the features, as in the first transformer.

question: rotary
fails: TestRotary::test_the_first_few_positions
fails: TestRotary::test_positions_are_given
kind: usual
"""

import jax.numpy as jnp


def rotary(x, positions, base):
    d = x.shape[1]
    angle = positions[:, None] * base ** (-jnp.arange(0, d, 2) / d)
    even, odd = x[:, 0::2], x[:, 1::2]
    turned = [even + jnp.sin(angle), odd + jnp.cos(angle)]
    return jnp.stack(turned, axis=-1).reshape(x.shape)
