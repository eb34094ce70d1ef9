"""Updates added key by key, and the loss as a float: neither nested parameters nor jit.

question: elbo
fails: TestElbo::test_several_steps_with_an_optimizer_that_remembers
kind: subtle
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def vae_step(params, opt_state, x, eps, encode, log_likelihood, optimizer):
    loss, g = jax.value_and_grad(lambda p: -elbo(p, x, eps, encode, log_likelihood).mean())(params)
    updates, opt_state = optimizer.update(g, opt_state, params)
    return {k: params[k] + updates[k] for k in params}, opt_state, float(loss)
