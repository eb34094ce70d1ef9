"""The odd sites come first.

question: ising
fails: TestIsing::test_sweep_tries_even_sites_then_odd
kind: usual
"""

import jax.numpy as jnp


def around(spins):
    return sum(jnp.roll(spins, shift, axis) for shift in (1, -1) for axis in (0, 1))


def metropolis_sweep(spins, temperature, uniforms):
    row, column = jnp.indices(spins.shape)
    for parity in (1, 0):
        flips = ((row + column) % 2 == parity) & (uniforms < jnp.exp(-2 * spins * around(spins) / temperature))
        spins = jnp.where(flips, -spins, spins)
    return spins
