"""The loss that is returned is that of the new parameters.

question: elbo
fails: TestElbo::test_step_goes_down_the_slope_of_the_mean
kind: usual
"""

import jax
import optax


def vae_step(params, opt_state, x, eps, encode, log_likelihood, optimizer):
    loss = lambda p: -elbo(p, x, eps, encode, log_likelihood).mean()
    updates, opt_state = optimizer.update(jax.grad(loss)(params), opt_state, params)
    params = optax.apply_updates(params, updates)
    return params, opt_state, loss(params)
