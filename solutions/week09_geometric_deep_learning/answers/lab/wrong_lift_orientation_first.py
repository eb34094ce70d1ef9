"""The orientation axis comes before the channel axis.

question: lift
fails: TestLift::test_channels_and_an_even_filter
kind: usual
"""

import jax
import jax.numpy as jnp


def _valid(x, w):
    return jax.lax.conv_general_dilated(x[None], w, (1, 1), "VALID")[0]


def lift(image, filters):
    return jnp.stack([_valid(image, jnp.rot90(filters, r, axes=(-2, -1))) for r in range(4)])
