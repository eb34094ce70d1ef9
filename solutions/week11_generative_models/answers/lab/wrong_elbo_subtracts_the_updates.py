"""optax's updates already point downhill; here they are subtracted.

question: elbo
fails: TestElbo::test_step_goes_down_the_slope_of_the_mean
kind: usual
"""

import jax


def vae_step(params, opt_state, x, eps, encode, log_likelihood, optimizer):
    loss, gradient = jax.value_and_grad(lambda p: -elbo(p, x, eps, encode, log_likelihood).mean())(params)
    updates, opt_state = optimizer.update(gradient, opt_state, params)
    return jax.tree.map(lambda p, u: p - u, params, updates), opt_state, loss
