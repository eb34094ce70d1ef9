"""Divided by the size of the matrices, not by the number of group elements.

question: reynolds
fails: TestReynolds::test_turns_by_a_sixth
kind: usual
"""

import jax.numpy as jnp


def reynolds(f, rho_in, rho_out):
    return lambda x: sum(jnp.linalg.solve(b, f(a @ x)) for a, b in zip(rho_in, rho_out, strict=True)) / rho_in.shape[1]
