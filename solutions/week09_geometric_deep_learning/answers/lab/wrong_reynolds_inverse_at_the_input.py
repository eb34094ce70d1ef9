"""Inverse at the input in place of the output: the same for a whole group, not for a part of one.

question: reynolds
fails: TestReynolds::test_a_part_of_a_group
kind: usual
"""

import jax.numpy as jnp


def reynolds(f, rho_in, rho_out):
    back = jnp.linalg.inv(jnp.asarray(rho_in))
    return lambda x: sum((B @ f(A @ x) for A, B in zip(back, jnp.asarray(rho_out)))) / len(rho_in)
