"""Week 11 lab as a stranger solved it: plain JAX, written as the text reads."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

Params = Any


def reparametrise(mean, log_var, eps):
    return mean + jnp.exp(log_var / 2) * eps


def kl_to_prior(mean, log_var):
    return 0.5 * jnp.sum(jnp.exp(log_var) + mean**2 - 1 - log_var, axis=-1)


def bernoulli_log_likelihood(logits, x):
    return jnp.sum(x * jax.nn.log_sigmoid(logits) + (1 - x) * jax.nn.log_sigmoid(-logits), axis=-1)


def sample_model(key, decode, count, latents):
    z_key, x_key = jax.random.split(key)
    z = jax.random.normal(z_key, (count, latents))
    x = jax.random.bernoulli(x_key, jax.nn.sigmoid(decode(z)))
    return z, x.astype(jnp.float32)


def elbo(params, x, eps, encode, log_likelihood):
    mean, log_var = encode(params, x)
    z = reparametrise(mean, log_var, eps)
    return log_likelihood(params, x, z) - kl_to_prior(mean, log_var)


def vae_step(params, opt_state, x, eps, encode, log_likelihood, optimizer):
    def loss_of(params):
        return -jnp.mean(elbo(params, x, eps, encode, log_likelihood))

    loss, slopes = jax.value_and_grad(loss_of)(params)
    updates, opt_state = optimizer.update(slopes, opt_state, params)
    return optax.apply_updates(params, updates), opt_state, loss


def iwae_bound(params, x, eps, encode, log_likelihood):
    mean, log_var = encode(params, x)

    def log_weight(one_eps):
        z = reparametrise(mean, log_var, one_eps)
        log_prior = jnp.sum(-0.5 * z**2, axis=-1)
        log_q = jnp.sum(-0.5 * one_eps**2 - 0.5 * log_var, axis=-1)  # the 2 pi's cancel
        return log_likelihood(params, x, z) + log_prior - log_q

    log_w = jax.vmap(log_weight)(eps)
    return jax.nn.logsumexp(log_w, axis=0) - jnp.log(len(eps))


def discriminator_loss(real_logits, fake_logits):
    return jnp.mean(jax.nn.softplus(-real_logits)) + jnp.mean(jax.nn.softplus(fake_logits))


def saturating_loss(fake_logits):
    return -jnp.mean(jax.nn.softplus(fake_logits))


def nonsaturating_loss(fake_logits):
    return jnp.mean(jax.nn.softplus(-fake_logits))


def gradient_penalty(critic, real, fake, mix):
    m = mix[:, None]
    points = m * real + (1 - m) * fake
    slopes = jax.grad(lambda x: jnp.sum(critic(x)))(points)
    return jnp.mean((jnp.linalg.norm(slopes, axis=-1) - 1) ** 2)


def critic_loss(params, critic, real, fake, mix, strength):
    penalty = gradient_penalty(lambda x: critic(params, x), real, fake, mix)
    return jnp.mean(critic(params, fake)) - jnp.mean(critic(params, real)) + strength * penalty


def adversarial_round(
    generator_params,
    critic_params,
    states,
    critic_loss,
    generator_loss,
    critic_batches,
    generator_batch,
    optimizers,
):
    generator_optimizer, critic_optimizer = optimizers
    generator_state, critic_state = states
    for batch in critic_batches:
        slopes = jax.grad(critic_loss)(critic_params, generator_params, batch)
        updates, critic_state = critic_optimizer.update(slopes, critic_state, critic_params)
        critic_params = optax.apply_updates(critic_params, updates)
    slopes = jax.grad(generator_loss)(generator_params, critic_params, generator_batch)
    updates, generator_state = generator_optimizer.update(slopes, generator_state, generator_params)
    generator_params = optax.apply_updates(generator_params, updates)
    return generator_params, critic_params, (generator_state, critic_state)
