"""A dictionary or a list of arrays, nothing nested, no single array.

question: langevin_sgd
fails: TestLangevinSgd::test_any_pytree
kind: usual
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def langevin_sgd(key, params, x, y, batches, grad_prior, grad_loss, eta, temperature):
    names = list(params) if isinstance(params, dict) else list(range(len(params)))
    hist = {n: [] for n in names}
    N, B = x.shape[0], batches.shape[1]
    for t in range(len(batches)):
        gp, gl = grad_prior(params), grad_loss(params, x[batches[t]], y[batches[t]])
        new = {}
        for n in names:
            key, sub = jax.random.split(key)
            new[n] = params[n] - eta * (gp[n] + N / B * gl[n]) + jnp.sqrt(2 * eta * temperature) * jax.random.normal(sub, jnp.shape(params[n]))
            hist[n].append(new[n])
        params = new if isinstance(params, dict) else [new[n] for n in names]
    out = {n: jnp.stack(hist[n]) for n in names}
    return out if isinstance(params, dict) else [out[n] for n in names]
