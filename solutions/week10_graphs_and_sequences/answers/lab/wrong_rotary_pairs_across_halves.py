"""Pair r is (r, r + d/2), as in GPT-NeoX: another convention than the one asked for.

question: rotary
fails: TestRotary::test_the_first_few_positions
fails: TestRotary::test_positions_are_given
kind: usual
"""

import jax.numpy as jnp


def rotary(x, positions, base):
    d = x.shape[1]
    angle = positions[:, None] * base ** (-jnp.arange(0, d, 2) / d)
    even, odd = x[:, : d // 2], x[:, d // 2 :]
    turned = [even * jnp.cos(angle) - odd * jnp.sin(angle), even * jnp.sin(angle) + odd * jnp.cos(angle)]
    return jnp.concatenate(turned, axis=1)
