"""The odd sites see the even ones as they were before the sweep.

question: ising
fails: TestIsing::test_sweep_tries_even_sites_then_odd
kind: usual
"""

import jax.numpy as jnp


def metropolis_sweep(spins, temperature, uniforms):
    row, column = jnp.indices(spins.shape)
    around = sum(jnp.roll(spins, shift, axis) for shift in (1, -1) for axis in (0, 1))
    p = jnp.exp(-2 * spins * around / temperature)
    for parity in (0, 1):
        spins = jnp.where(((row + column) % 2 == parity) & (uniforms < p), -spins, spins)
    return spins
