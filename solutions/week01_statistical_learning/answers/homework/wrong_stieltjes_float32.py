"""Single precision throughout.

question: stieltjes
fails: TestStieltjes::test_stieltjes_transform_at_the_ends
kind: subtle
"""

import jax.numpy as jnp


def stieltjes(z, gamma):
    z, g = jnp.float32(z), jnp.float32(gamma)
    b = 1 - g + z
    root = jnp.sqrt(b * b + 4 * g * z)
    return jnp.where(b > 0, 2 / (b + root), (root - b) / (2 * g * z))
