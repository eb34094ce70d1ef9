"""Pads all layers to one width with zeros (for scan): units that are not there have the activity phi(0), and their
weights move.

question: coordinates
kind: subtle
fails: TestCoordinates::test_five_layers_and_several_outputs
"""

import jax
import jax.numpy as jnp


def _run(weights, x, phi):
    found, h = [], x
    for W in weights:
        found.append(h @ W.T)
        h = phi(found[-1])
    return found


def coordinate_check(weights, rates, x, y, phi):
    sizes = [x.shape[1]] + [len(W) for W in weights]
    n = max(sizes)
    pad = lambda M: jnp.pad(jnp.asarray(M), ((0, n - M.shape[0]), (0, n - M.shape[1])))
    W = [pad(M) for M in weights]
    x, y = (jnp.pad(jnp.asarray(v), ((0, 0), (0, n - v.shape[1]))) for v in (x, y))
    loss = lambda W: jnp.sum((_run(W, x, phi)[-1] - y) ** 2) / (2 * len(x))
    D = [-e * G for e, G in zip(rates, jax.grad(loss)(W))]
    before, after = _run(W, x, phi), _run([a + b for a, b in zip(W, D)], x, phi)
    inputs = [x] + [phi(z) for z in before[:-1]]
    rms = lambda z, k: jnp.sqrt(jnp.mean(z[:, :k] ** 2))
    own = [rms(h @ d.T, k) for h, d, k in zip(inputs, D, sizes[1:])]
    return jnp.stack(own), jnp.stack([rms(b - a, k) for a, b, k in zip(before, after, sizes[1:])])
