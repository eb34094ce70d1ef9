"""Loops over examples, latents, samples and parameters; every formula written out with elementary functions."""

import jax
import jax.numpy as jnp
import optax


def softplus(t):
    return jnp.maximum(t, 0.0) + jnp.log1p(jnp.exp(-jnp.abs(t)))


def reparametrise(mean, log_var, eps):
    rows = []
    for m, s, e in zip(mean, log_var, eps, strict=True):
        rows.append(jnp.stack([m[j] + jnp.sqrt(jnp.exp(s[j])) * e[j] for j in range(len(m))]))
    return jnp.stack(rows)


def kl_to_prior(mean, log_var):
    result = []
    for m, s in zip(mean, log_var, strict=True):
        total = 0.0
        for j in range(len(m)):
            total = total + (jnp.exp(s[j]) - s[j] - 1.0 + m[j] * m[j]) / 2
        result.append(total)
    return jnp.array(result)


def bernoulli_log_likelihood(logits, x):
    result = []
    for row, pixels in zip(logits, x, strict=True):
        on, off = -softplus(-row), -softplus(row)
        result.append(jnp.sum(pixels * on + (1.0 - pixels) * off))
    return jnp.stack(result)


def sample_model(key, decode, count, latents):
    first, second = jax.random.fold_in(key, 0), jax.random.fold_in(key, 1)
    z = jax.random.normal(first, (count, latents))
    logits = decode(z)
    columns = []
    for pixel in range(logits.shape[1]):
        own = jax.random.fold_in(second, pixel)
        columns.append(jax.random.bernoulli(own, 1.0 / (1.0 + jnp.exp(-logits[:, pixel]))))
    return z, jnp.stack(columns, axis=1)


def elbo(params, x, eps, encode, log_likelihood):
    mean, log_var = encode(params, x)
    reconstruction = log_likelihood(params, x, mean + jnp.exp(log_var / 2) * eps)
    price = 0.0
    for j in range(mean.shape[1]):
        price = price + (jnp.exp(log_var[:, j]) + mean[:, j] ** 2 - 1.0 - log_var[:, j]) / 2
    return reconstruction - price


def vae_step(params, opt_state, x, eps, encode, log_likelihood, optimizer):
    def loss(p):
        bounds = elbo(p, x, eps, encode, log_likelihood)
        return -sum(bounds[i] for i in range(len(x))) / len(x)

    gradient = jax.grad(loss)(params)
    updates, new_state = optimizer.update(gradient, opt_state, params)
    return optax.apply_updates(params, updates), new_state, loss(params)


def iwae_bound(params, x, eps, encode, log_likelihood):
    mean, log_var = encode(params, x)
    sigma = jnp.exp(log_var / 2)
    logs = []
    for noise in eps:
        z = mean + sigma * noise
        log_prior = -0.5 * (z**2 + jnp.log(2 * jnp.pi)).sum(axis=1)
        log_proposal = (-0.5 * ((z - mean) / sigma) ** 2 - jnp.log(sigma) - 0.5 * jnp.log(2 * jnp.pi)).sum(axis=1)
        logs.append(log_likelihood(params, x, z) + log_prior - log_proposal)
    largest = logs[0]
    for log_w in logs[1:]:
        largest = jnp.maximum(largest, log_w)
    total = sum(jnp.exp(log_w - largest) for log_w in logs)
    return largest + jnp.log(total / len(logs))


def discriminator_loss(real_logits, fake_logits):
    on_real = sum(softplus(-t) for t in real_logits) / len(real_logits)
    on_fake = sum(softplus(t) for t in fake_logits) / len(fake_logits)
    return on_real + on_fake


def saturating_loss(fake_logits):
    return -sum(softplus(t) for t in fake_logits) / len(fake_logits)


def nonsaturating_loss(fake_logits):
    return sum(softplus(-t) for t in fake_logits) / len(fake_logits)


def gradient_penalty(critic, real, fake, mix):
    total = 0.0
    for x_real, x_fake, m in zip(real, fake, mix, strict=True):
        point = x_fake + m * (x_real - x_fake)
        slope = jax.grad(lambda x: critic(x[None])[0])(point)
        total = total + (jnp.sqrt(jnp.sum(slope * slope)) - 1.0) ** 2
    return total / len(real)


def critic_loss(params, critic, real, fake, mix, strength):
    gap = jnp.mean(critic(params, real) - critic(params, fake))
    return strength * gradient_penalty(lambda x: critic(params, x), real, fake, mix) - gap


def adversarial_round(
    generator_params, critic_params, states, critic_loss, generator_loss, critic_batches, generator_batch, optimizers
):
    players = [generator_params, critic_params]
    states = list(states)
    turns = [(1, critic_loss, batch) for batch in critic_batches] + [(0, generator_loss, generator_batch)]
    for who, loss, batch in turns:
        gradient = jax.grad(loss)(players[who], players[1 - who], batch)
        updates, states[who] = optimizers[who].update(gradient, states[who], players[who])
        players[who] = optax.apply_updates(players[who], updates)
    return players[0], players[1], tuple(states)
