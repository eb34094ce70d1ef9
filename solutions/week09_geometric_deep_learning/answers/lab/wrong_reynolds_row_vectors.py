"""Row vectors: every input matrix is transposed.

question: reynolds
fails: TestReynolds::test_turns_by_a_sixth
kind: usual
"""

import jax.numpy as jnp


def reynolds(f, rho_in, rho_out):
    return lambda x: sum(jnp.linalg.solve(b, f(x @ a)) for a, b in zip(rho_in, rho_out, strict=True)) / len(rho_in)
