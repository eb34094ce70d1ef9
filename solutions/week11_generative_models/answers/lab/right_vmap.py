"""One example at a time, then vmap; scan over critic batches; vjp in place of grad."""

import jax
import jax.numpy as jnp


def reparametrise(mean, log_var, eps):
    return jax.vmap(lambda m, s, e: m + jnp.diag(jnp.exp(s / 2)) @ e)(mean, log_var, eps)


def kl_to_prior(mean, log_var):
    one = lambda m, s: 0.5 * (jnp.dot(m, m) + jnp.expm1(s).sum() - s.sum())
    return jax.vmap(one)(mean, log_var)


def bernoulli_log_likelihood(logits, x):
    pixel = lambda t, v: v * jax.nn.log_sigmoid(t) + (1 - v) * jax.nn.log_sigmoid(-t)
    return jax.vmap(lambda row, pixels: jax.vmap(pixel)(row, pixels).sum())(logits, x)


def sample_model(key, decode, count, latents):
    def one(row_key):
        latent_key, pixel_key = jax.random.split(row_key)
        z = jax.random.normal(latent_key, (latents,))
        logits = decode(z[None])[0]
        # A logistic variable added to the logit is positive with probability sigma(logit).
        return z, (logits + jax.random.logistic(pixel_key, logits.shape) > 0).astype(jnp.int32)

    return jax.vmap(one)(jax.random.split(key, count))


def elbo(params, x, eps, encode, log_likelihood):
    def one(row, noise):
        mean, log_var = encode(params, row[None])
        z = mean + jnp.exp(log_var / 2) * noise
        variance = jnp.exp(log_var)
        price = -0.5 * jnp.sum(1 + log_var - mean**2 - variance)
        return log_likelihood(params, row[None], z)[0] - price

    return jax.vmap(one)(x, eps)


def vae_step(params, opt_state, x, eps, encode, log_likelihood, optimizer):
    loss, pull = jax.vjp(lambda p: jnp.mean(-elbo(p, x, eps, encode, log_likelihood)), params)
    (gradient,) = pull(jnp.ones_like(loss))
    updates, opt_state = optimizer.update(gradient, opt_state, params)
    return jax.tree.map(lambda p, u: p + u, params, updates), opt_state, loss


def iwae_bound(params, x, eps, encode, log_likelihood):
    def one(row, noises):
        mean, log_var = encode(params, row[None])

        def log_weight(noise):
            z = mean + jnp.exp(log_var / 2) * noise
            log_p = jax.scipy.stats.norm.logpdf(z).sum()
            log_q = jax.scipy.stats.norm.logpdf(z, mean, jnp.exp(log_var / 2)).sum()
            return log_likelihood(params, row[None], z)[0] + log_p - log_q

        logs = jax.vmap(log_weight)(noises)
        return logs.max() + jnp.log(jnp.exp(logs - logs.max()).mean())

    return jax.vmap(one, in_axes=(0, 1))(x, eps)


def discriminator_loss(real_logits, fake_logits):
    return -jnp.mean(jax.nn.log_sigmoid(real_logits)) - jnp.mean(jax.nn.log_sigmoid(-fake_logits))


def saturating_loss(fake_logits):
    return jax.nn.log_sigmoid(-fake_logits).mean()


def nonsaturating_loss(fake_logits):
    return -jax.nn.log_sigmoid(fake_logits).mean()


def gradient_penalty(critic, real, fake, mix):
    def one(x_real, x_fake, m):
        slope = jax.grad(lambda x: critic(x[None, :]).squeeze())(m * x_real + (1 - m) * x_fake)
        return jnp.square(jnp.linalg.norm(slope) - 1)

    return jax.vmap(one)(real, fake, mix).mean()


def critic_loss(params, critic, real, fake, mix, strength):
    scores = critic(params, jnp.concatenate([fake, real]))
    signs = jnp.concatenate([jnp.ones(len(fake)), -jnp.ones(len(real))])
    penalty = gradient_penalty(lambda x: critic(params, x), real, fake, mix)
    return (signs * scores).sum() / len(real) + strength * penalty


def adversarial_round(
    generator_params, critic_params, states, critic_loss, generator_loss, critic_batches, generator_batch, optimizers
):
    add = lambda params, updates: jax.tree.map(lambda p, u: p + u, params, updates)

    def critic_turn(carry, batch):
        psi, state = carry
        updates, state = optimizers[1].update(jax.grad(critic_loss)(psi, generator_params, batch), state, psi)
        return (add(psi, updates), state), None

    stacked = jax.tree.map(lambda *leaves: jnp.stack([jnp.asarray(leaf) for leaf in leaves]), *critic_batches)
    (critic_params, critic_state), _ = jax.lax.scan(critic_turn, (critic_params, states[1]), stacked)
    slope = jax.grad(generator_loss)(generator_params, critic_params, generator_batch)
    updates, generator_state = optimizers[0].update(slope, states[0], generator_params)
    return add(generator_params, updates), critic_params, (generator_state, critic_state)
