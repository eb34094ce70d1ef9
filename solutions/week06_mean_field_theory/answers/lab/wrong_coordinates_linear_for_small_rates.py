"""Linearises where all rates are at most 0.1.

question: coordinates
kind: subtle
fails: TestCoordinates::test_the_whole_range
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
    weights = [jnp.asarray(W) for W in weights]
    loss = lambda weights: jnp.sum((_run(weights, x, phi)[-1] - y) ** 2) / (2 * len(x))
    G = jax.grad(loss)(weights)
    new = [W - e * D for W, e, D in zip(weights, rates, G)]
    before, after = _run(weights, x, phi), _run(new, x, phi)
    inputs = [x] + [phi(z) for z in before[:-1]]
    rms = lambda z: jnp.sqrt(jnp.mean(z**2))
    own = [rms(h @ (V - W).T) for h, V, W in zip(inputs, new, weights)]
    if max(rates) <= 0.1:
        tangent = [-e * D for e, D in zip(rates, G)]
        change = jax.jvp(lambda w: _run(w, x, phi), (weights,), (tangent,))[1]
        return jnp.stack(own), jnp.stack([rms(c) for c in change])
    total = [rms(b - a) for a, b in zip(before, after)]
    return jnp.stack(own), jnp.stack(total)
