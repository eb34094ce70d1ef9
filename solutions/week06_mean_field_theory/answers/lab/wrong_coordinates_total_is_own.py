"""The total change as the sum of own changes: the layers below are forgotten.

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
    z = forward(weights)
    rms = lambda v: jnp.sqrt(jnp.mean(v**2))
    own = jnp.stack([rms(r * h @ g.T) for r, h, g in zip(rates, [x] + [phi(v) for v in z], G)])
    return own, own
