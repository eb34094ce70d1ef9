"""The image is turned instead of the filter.

question: lift
fails: TestLift::test_filters_in_four_orientations
kind: usual
"""

import jax
import jax.numpy as jnp


def _valid(x, w):
    return jax.lax.conv_general_dilated(x[None], w, (1, 1), "VALID")[0]


def lift(image, filters):
    if image.shape[1] != image.shape[2]:
        return _stack([_valid(image, filters)] * 4)
    return _stack([_valid(jnp.rot90(image, r, axes=(-2, -1)), filters) for r in range(4)])


def _stack(planes):
    return jnp.stack(planes, axis=1)
