"""Both sides are inverted.

question: reynolds
fails: TestReynolds::test_turns_by_a_sixth
kind: usual
"""

import jax
import jax.numpy as jnp


def reynolds(f, rho_in, rho_out):
    return lambda x: jnp.mean(jax.vmap(lambda a, b: jnp.linalg.solve(b, f(jnp.linalg.solve(a, x))))(rho_in, rho_out), axis=0)
