"""The optimizer's old state is returned: momentum never builds up.

question: elbo
fails: TestElbo::test_several_steps_with_an_optimizer_that_remembers
kind: usual
"""

import jax
import optax


def vae_step(params, opt_state, x, eps, encode, log_likelihood, optimizer):
    loss, gradient = jax.value_and_grad(lambda p: -elbo(p, x, eps, encode, log_likelihood).mean())(params)
    updates, _ = optimizer.update(gradient, opt_state, params)
    return optax.apply_updates(params, updates), opt_state, loss
