"""Written for at most four layers by hand: the rest do not move.

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
    weights = [jnp.asarray(W) for W in weights]
    rates = [e if i < 4 else 0.0 for i, e in enumerate(rates)]
    loss = lambda weights: jnp.sum((_run(weights, x, phi)[-1] - y) ** 2) / (2 * len(x))
    G = jax.grad(loss)(weights)
    new = [W - e * D for W, e, D in zip(weights, rates, G)]
    before, after = _run(weights, x, phi), _run(new, x, phi)
    inputs = [x] + [phi(z) for z in before[:-1]]
    rms = lambda z: jnp.sqrt(jnp.mean(z**2))
    own = [rms(h @ (V - W).T) for h, V, W in zip(inputs, new, weights)]
    total = [rms(b - a) for a, b in zip(before, after)]
    return jnp.stack(own), jnp.stack(total)
