"""rot90 without axes turns the first two axes: output and input channels.

question: lift
fails: TestLift::test_filters_in_four_orientations
kind: usual
"""

import jax
import jax.numpy as jnp


def _valid(x, w):
    return jax.lax.conv_general_dilated(x[None], w, (1, 1), "VALID")[0]


def lift(image, filters):
    if filters.shape[0] != filters.shape[1]:
        return jnp.stack([_valid(image, filters)] * 4, axis=1)
    return jnp.stack([_valid(image, jnp.rot90(filters, r)) for r in range(4)], axis=1)
