"""No periodic boundary: edge spins have fewer neighbours.

question: ising
fails: TestIsing::test_flip_probability
fails: TestIsing::test_sweep_tries_even_sites_then_odd
fails: TestIsing::test_energy_counts_every_bond_once
kind: usual
"""

import jax.numpy as jnp


def around(spins):
    return sum(jnp.pad(spins, 1)[1 + a : 1 + a + spins.shape[0], 1 + b : 1 + b + spins.shape[1]]
               for a, b in ((0, 1), (0, -1), (1, 0), (-1, 0)))


def ising_energy(spins):
    return -0.5 * jnp.sum(spins * around(spins))


def flip_probability(spins, temperature):
    change = 2 * spins * around(spins)
    return jnp.minimum(1.0, jnp.exp(-change / temperature))


def metropolis_sweep(spins, temperature, uniforms):
    row, column = jnp.indices(spins.shape)
    for parity in (0, 1):
        flips = ((row + column) % 2 == parity) & (uniforms < flip_probability(spins, temperature))
        spins = jnp.where(flips, -spins, spins)
    return spins
