"""Whole arrays, einsum and library losses; NumPy float64 where nothing is differentiated; jacobians for slopes."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special


def reparametrise(mean, log_var, eps):
    return jnp.add(mean, jnp.multiply(jnp.sqrt(jnp.exp(log_var)), eps))


def kl_to_prior(mean, log_var):
    ones = jnp.ones(mean.shape[1])
    return (jnp.exp(log_var) @ ones + jnp.einsum("bj,bj->b", mean, mean) - log_var @ ones - mean.shape[1]) / 2


def bernoulli_log_likelihood(logits, x):
    return -optax.sigmoid_binary_cross_entropy(logits, x).sum(axis=-1)


def sample_model(key, decode, count, latents):
    generator = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    z = generator.normal(size=(count, latents)).astype(np.float32)
    probability = scipy.special.expit(np.asarray(decode(z), dtype=np.float64))
    return z, generator.binomial(1, probability)


def elbo(params, x, eps, encode, log_likelihood):
    mean, log_var = encode(params, x)
    z = reparametrise(mean, log_var, eps)
    return jnp.subtract(log_likelihood(params, x, z), kl_to_prior(mean, log_var))


def vae_step(params, opt_state, x, eps, encode, log_likelihood, optimizer):
    loss = lambda p: -elbo(p, x, eps, encode, log_likelihood).mean()
    updates, opt_state = optimizer.update(jax.jacrev(loss)(params), opt_state, params)
    return optax.apply_updates(params, updates), opt_state, loss(params)


def iwae_bound(params, x, eps, encode, log_likelihood):
    mean, log_var = encode(params, x)
    z = jnp.add(mean, jnp.multiply(jnp.exp(log_var / 2), eps))
    scores = jnp.array([log_likelihood(params, x, zk) for zk in z])
    log_w = scores + jnp.einsum("kbj->kb", eps**2 + log_var - z**2) / 2
    return jax.scipy.special.logsumexp(log_w, axis=0, b=1 / len(eps))


def discriminator_loss(real_logits, fake_logits):
    on_real = optax.sigmoid_binary_cross_entropy(real_logits, jnp.ones_like(real_logits))
    on_fake = optax.sigmoid_binary_cross_entropy(fake_logits, jnp.zeros_like(fake_logits))
    return on_real.mean() + on_fake.mean()


def saturating_loss(fake_logits):
    return -jnp.logaddexp(fake_logits, 0.0).mean()


def nonsaturating_loss(fake_logits):
    return jnp.logaddexp(-fake_logits, 0.0).mean()


def gradient_penalty(critic, real, fake, mix):
    between = jnp.einsum("b,bn->bn", mix, real) + jnp.einsum("b,bn->bn", 1 - mix, fake)
    # The full Jacobian (score b, example c, coordinate n); each score depends on its own example.
    slopes = jnp.einsum("bbn->bn", jax.jacrev(critic)(between))
    return ((jnp.sqrt(jnp.einsum("bn,bn->b", slopes, slopes)) - 1) ** 2).mean()


def critic_loss(params, critic, real, fake, mix, strength):
    return (
        jnp.mean(critic(params, fake))
        - jnp.mean(critic(params, real))
        + strength * gradient_penalty(lambda x: critic(params, x), real, fake, mix)
    )


def turn(params, state, loss, other, batch, optimizer):
    _, slope = jax.value_and_grad(loss)(params, other, batch)
    updates, state = optimizer.update(slope, state, params)
    return optax.apply_updates(params, updates), state


def adversarial_round(
    generator_params, critic_params, states, critic_loss, generator_loss, critic_batches, generator_batch, optimizers
):
    mine, theirs = states
    for batch in critic_batches:
        critic_params, theirs = turn(critic_params, theirs, critic_loss, generator_params, batch, optimizers[1])
    generator_params, mine = turn(generator_params, mine, generator_loss, critic_params, generator_batch, optimizers[0])
    return [generator_params, critic_params, [mine, theirs]]
