"""All sites are tried at the same time.

question: ising
fails: TestIsing::test_sweep_tries_even_sites_then_odd
kind: usual
"""

import jax.numpy as jnp


def metropolis_sweep(spins, temperature, uniforms):
    around = sum(jnp.roll(spins, shift, axis) for shift in (1, -1) for axis in (0, 1))
    p = jnp.minimum(1.0, jnp.exp(-2 * spins * around / temperature))
    return jnp.where(uniforms < p, -spins, spins)
