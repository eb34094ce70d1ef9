"""Backpropagation by hand with phi' as a central difference.

question: coordinates
kind: subtle
fails: TestCoordinates::test_the_whole_range
"""

import jax.numpy as jnp


def coordinate_check(weights, rates, x, y, phi):
    hs, zs = [x], []
    for W in weights:
        zs.append(hs[-1] @ W.T)
        hs.append(phi(zs[-1]))
    delta, moves = (zs[-1] - y) / len(x), []
    for l in reversed(range(len(weights))):
        moves.insert(0, -rates[l] * delta.T @ hs[l])
        if l:
            delta = (delta @ weights[l]) * (phi(zs[l - 1] + 0.01) - phi(zs[l - 1] - 0.01)) / 0.02
    h, own, total = x, [], []
    rms = lambda z: jnp.sqrt(jnp.mean(z**2))
    for W, D, old, z in zip(weights, moves, hs, zs):
        own.append(rms(old @ D.T))
        after = h @ (W + D).T
        total.append(rms(after - z))
        h = phi(after)
    return jnp.stack(own), jnp.stack(total)
