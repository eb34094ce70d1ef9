"""A sum over the group: multiplies what is equivariant by the order of the group.

question: reynolds
fails: TestReynolds::test_turns_by_a_sixth
kind: usual
"""

import jax.numpy as jnp


def reynolds(f, rho_in, rho_out):
    return lambda x: sum(jnp.linalg.solve(b, f(a @ x)) for a, b in zip(rho_in, rho_out, strict=True))
