"""The total change to first order in the weights' changes.

question: coordinates
kind: subtle
fails: TestCoordinates::test_the_whole_range
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

    weights = list(weights)
    G = jax.grad(lambda w: jnp.sum((forward(w)[-1] - y) ** 2) / (2 * len(x)))(weights)
    D = [-r * g for r, g in zip(rates, G)]
    z, change = jax.jvp(forward, (weights,), (D,))
    rms = lambda v: jnp.sqrt(jnp.mean(v**2))
    own = [rms(h @ d.T) for h, d in zip([x] + [phi(v) for v in z], D)]
    return jnp.stack(own), jnp.stack([rms(v) for v in change])
