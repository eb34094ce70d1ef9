"""The mean bound is handed to an optimizer that minimises.

question: elbo
fails: TestElbo::test_step_goes_down_the_slope_of_the_mean
kind: usual
"""

import jax
import optax


def vae_step(params, opt_state, x, eps, encode, log_likelihood, optimizer):
    loss, gradient = jax.value_and_grad(lambda p: elbo(p, x, eps, encode, log_likelihood).mean())(params)
    updates, opt_state = optimizer.update(gradient, opt_state, params)
    return optax.apply_updates(params, updates), opt_state, loss
