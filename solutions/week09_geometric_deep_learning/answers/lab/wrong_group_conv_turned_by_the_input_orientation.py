"""Each plane is turned by the orientation of the input.

question: group_conv
fails: TestGroupConv::test_turn_and_shift_together
kind: usual
"""

import jax
import jax.numpy as jnp


def _valid(x, w):
    return jax.lax.conv_general_dilated(x[None], w, (1, 1), "VALID")[0]


def group_conv(features, filters):
    planes = []
    for r in range(4):
        planes.append(sum(_valid(features[:, s], jnp.rot90(filters[:, :, (s - r) % 4], s, axes=(-2, -1))) for s in range(4)))
    return jnp.stack(planes, axis=1)
