"""The layers move one after the other, each with the gradient of the network as it is by then.

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

    loss = lambda w: jnp.sum((forward(w)[-1] - y) ** 2) / (2 * len(x))
    new = list(weights)
    for level, rate in enumerate(rates):
        new[level] = new[level] - rate * jax.grad(loss)(new)[level]
    z, after = forward(weights), forward(new)
    rms = lambda v: jnp.sqrt(jnp.mean(v**2))
    own = [rms(h @ (b - a).T) for h, a, b in zip([x] + [phi(v) for v in z], weights, new)]
    return jnp.stack(own), jnp.stack([rms(b - a) for a, b in zip(z, after)])
