"""Week 11 homework as a stranger solved it: plain JAX in single precision where it reads naturally."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special
from jax.scipy.special import rel_entr, xlogy
from jaxtyping import Array, Float


def optimal_discriminator(p, q):
    total = p + q
    return jnp.where(total > 0, p / jnp.where(total > 0, total, 1.0), 0.5)


def gan_value(D, p, q):
    return jnp.sum(xlogy(p, D) + xlogy(q, 1 - D))


def jensen_shannon(p, q):
    m = (p + q) / 2
    return 0.5 * jnp.sum(rel_entr(p, m)) + 0.5 * jnp.sum(rel_entr(q, m))


def generator_gradients(p, logits):
    log_q = jax.nn.log_softmax(logits)
    log_p = jnp.log(p)
    log_fake = -jax.nn.softplus(log_p - log_q)  # log(1 - D) = log q/(p+q)
    log_real = -jax.nn.softplus(log_q - log_p)  # log D = log p/(p+q)
    first = jax.grad(lambda a: jnp.sum(jax.nn.softmax(a) * log_fake))(logits)
    second = jax.grad(lambda a: -jnp.sum(jax.nn.softmax(a) * log_real))(logits)
    return first, second


def common_support(x, p, y, q):
    t = jnp.unique(jnp.concatenate([x, y]))
    P = jnp.zeros(len(t)).at[jnp.searchsorted(t, x)].add(p)
    Q = jnp.zeros(len(t)).at[jnp.searchsorted(t, y)].add(q)
    return t, P, Q


def wasserstein(x, p, y, q):
    t, P, Q = common_support(x, p, y, q)
    return jnp.sum(jnp.abs(jnp.cumsum(P - Q))[:-1] * jnp.diff(t))


def critic(x, p, y, q):
    t, P, Q = common_support(x, p, y, q)
    f = jnp.concatenate([jnp.zeros(1), jnp.cumsum(jnp.sign(jnp.cumsum(Q - P))[:-1] * jnp.diff(t))])
    return f[jnp.searchsorted(t, x)], f[jnp.searchsorted(t, y)]


def ppca_fit(X, k):
    mean = X.mean(axis=0)
    S = (X - mean).T @ (X - mean) / len(X)
    values, vectors = jnp.linalg.eigh(S)
    values, vectors = values[::-1], vectors[:, ::-1]
    sigma2 = values[k:].mean()
    return mean, vectors[:, :k] * jnp.sqrt(values[:k] - sigma2), sigma2


def log_likelihood(X, mean, W, sigma2):
    d = X.shape[1]
    C = W @ W.T + sigma2 * jnp.eye(d)
    return jax.scipy.stats.multivariate_normal.logpdf(X, mean, C).mean()


def posterior(X, mean, W, sigma2):
    M = W.T @ W + sigma2 * jnp.eye(W.shape[1])
    return jnp.linalg.solve(M, W.T @ (X - mean).T).T, sigma2 * jnp.linalg.inv(M)


def elbo(X, mean, W, sigma2, V, cov):
    d, k = W.shape
    given = X - mean
    means = given @ V.T
    misfit = jnp.sum((given - means @ W.T) ** 2, axis=1) + jnp.trace(W @ cov @ W.T)
    score = -0.5 * d * jnp.log(2 * jnp.pi * sigma2) - misfit / (2 * sigma2)
    kl = 0.5 * (jnp.trace(cov) + jnp.sum(means**2, axis=1) - k - jnp.linalg.slogdet(cov)[1])
    return jnp.mean(score - kl)


def best_diagonal_encoder(W, sigma2):
    M = W.T @ W + sigma2 * jnp.eye(W.shape[1])
    return jnp.linalg.solve(M, W.T), sigma2 / jnp.diag(M)


def diagonal_gap(W, sigma2):
    M = W.T @ W + sigma2 * jnp.eye(W.shape[1])
    return 0.5 * (jnp.sum(jnp.log(jnp.diag(M))) - jnp.linalg.slogdet(M)[1])
