"""Products of widths in 32-bit integers.

question: scales
kind: subtle
fails: TestScales::test_the_whole_range
"""

import jax.numpy as jnp


def spectral_scales(widths, optimizer):
    n = jnp.asarray(widths, jnp.int32)
    a, b = n[1:], n[:-1]
    ratio = jnp.sqrt(a / b)
    update = jnp.sqrt(b / a) if optimizer == "sgd" else jnp.sqrt(a * b)
    return ratio / (jnp.sqrt(a) + jnp.sqrt(b)), ratio / update
