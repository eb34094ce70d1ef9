"""f of the averaged input: averaging and f do not commute.

question: reynolds
fails: TestReynolds::test_turns_by_a_sixth
kind: usual
"""

import jax.numpy as jnp


def reynolds(f, rho_in, rho_out):
    return lambda x: jnp.linalg.solve(rho_out.mean(axis=0) + jnp.eye(rho_out.shape[1]), f((rho_in @ x).mean(axis=0)))
