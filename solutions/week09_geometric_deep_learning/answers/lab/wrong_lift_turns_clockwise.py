"""The filter is turned clockwise.

question: lift
fails: TestLift::test_filters_in_four_orientations
kind: usual
"""

import jax
import jax.numpy as jnp


def _valid(x, w):
    return jax.lax.conv_general_dilated(x[None], w, (1, 1), "VALID")[0]


def lift(image, filters):
    return jnp.stack([_valid(image, jnp.rot90(filters, -r, axes=(-2, -1))) for r in range(4)], axis=1)
