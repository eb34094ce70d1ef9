"""Every feature is turned once, whatever its frequency.

question: steerable
fails: TestSteerable::test_scalars_to_anything
kind: usual
"""

import jax.numpy as jnp


def _rho(frequency, phi):
    if frequency == 0:
        return jnp.ones((len(phi), 1, 1))
    c, s = jnp.cos(frequency * phi), jnp.sin(frequency * phi)
    return jnp.moveaxis(jnp.array([[c, -s], [s, c]]), -1, 0)


def steerable_basis(m, n, phi):
    d_n, d_m = min(n, 1) + 1, min(m, 1) + 1
    at_zero = jnp.eye(d_n * d_m).reshape(-1, d_n, d_m)
    return jnp.einsum("pij,bjk,plk->bpil", _rho(min(n, 1), phi), at_zero, _rho(min(m, 1), phi))
