"""The first rate for all layers.

question: coordinates
kind: usual
fails: TestCoordinates::test_two_layers
"""

import jax
import jax.numpy as jnp


def coordinate_check(weights, rates, x, y, phi):
    def forward(weights):
        h, z = x, []
        for W in weights:
            z.append(h @ W.T)
            h = phi(z[-1])
        return z

    G = jax.grad(lambda w: jnp.sum((forward(w)[-1] - y) ** 2) / (2 * len(x)))(list(weights))
    D = [-rates[0] * g for g in G]
    z, new = forward(weights), forward([W + d for W, d in zip(weights, D)])
    rms = lambda v: jnp.sqrt(jnp.mean(v**2))
    own = [rms(h @ d.T) for h, d in zip([x] + [phi(v) for v in z], D)]
    return jnp.stack(own), jnp.stack([rms(b - a) for a, b in zip(z, new)])
