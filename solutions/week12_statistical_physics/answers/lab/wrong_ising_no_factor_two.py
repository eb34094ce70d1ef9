"""dE without its factor 2: the temperature is doubled.

question: ising
fails: TestIsing::test_flip_probability
fails: TestIsing::test_sweep_tries_even_sites_then_odd
kind: usual
"""

import jax.numpy as jnp


def around(spins):
    return sum(jnp.roll(spins, shift, axis) for shift in (1, -1) for axis in (0, 1))


def flip_probability(spins, temperature):
    change = spins * around(spins)
    return jnp.minimum(1.0, jnp.exp(-change / temperature))


def metropolis_sweep(spins, temperature, uniforms):
    row, column = jnp.indices(spins.shape)
    for parity in (0, 1):
        flips = ((row + column) % 2 == parity) & (uniforms < flip_probability(spins, temperature))
        spins = jnp.where(flips, -spins, spins)
    return spins
