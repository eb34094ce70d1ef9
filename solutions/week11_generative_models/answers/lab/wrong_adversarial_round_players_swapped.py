"""The critic is returned first.

question: adversarial_round
fails: TestAdversarialRound::test_critic_then_generator
kind: usual
"""

import jax
import optax


def adversarial_round(
    generator_params, critic_params, states, critic_loss, generator_loss, critic_batches, generator_batch, optimizers
):
    generator_state, critic_state = states
    for batch in critic_batches:
        gradient = jax.grad(critic_loss)(critic_params, generator_params, batch)
        updates, critic_state = optimizers[1].update(gradient, critic_state, critic_params)
        critic_params = optax.apply_updates(critic_params, updates)
    gradient = jax.grad(generator_loss)(generator_params, critic_params, generator_batch)
    updates, generator_state = optimizers[0].update(gradient, generator_state, generator_params)
    generator_params = optax.apply_updates(generator_params, updates)
    return critic_params, generator_params, (generator_state, critic_state)
