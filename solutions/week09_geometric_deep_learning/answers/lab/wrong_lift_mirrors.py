"""Transposes and flips in place of turns: two of the four are mirror images.

question: lift
fails: TestLift::test_filters_in_four_orientations
kind: usual
"""

import jax
import jax.numpy as jnp


def _valid(x, w):
    return jax.lax.conv_general_dilated(x[None], w, (1, 1), "VALID")[0]


def lift(image, filters):
    swapped = jnp.swapaxes(filters, -2, -1)
    bank = [filters, swapped, filters[..., ::-1, ::-1], swapped[..., ::-1, ::-1]]
    return jnp.stack([_valid(image, w) for w in bank], axis=1)
