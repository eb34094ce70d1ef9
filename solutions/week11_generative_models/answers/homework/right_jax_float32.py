"""JAX in float32: automatic differentiation, masks by `where`, Cholesky factors."""

import jax
import jax.numpy as jnp
from jax.scipy.stats import multivariate_normal


def optimal_discriminator(p, q):
    return jnp.nan_to_num(p / (p + q), nan=0.5)


def _times_log(a, b):
    return jnp.where(a > 0, a * jnp.log(jnp.where(a > 0, b, 1.0)), 0.0)


def gan_value(D, p, q):
    return jnp.sum(_times_log(p, D)) + jnp.sum(_times_log(q, 1 - D))


def jensen_shannon(p, q):
    """Entropy of the mean less the mean entropy."""
    entropy = lambda r: -jnp.sum(_times_log(r, r))
    return entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2


def generator_gradients(p, logits):
    fixed = jax.nn.softmax(logits)
    log_one_minus_D = jnp.log(fixed) - jnp.log(p + fixed)
    log_D = jnp.log(p) - jnp.log(p + fixed)
    first = jax.grad(lambda a: jax.nn.softmax(a) @ log_one_minus_D)(logits)
    return first, jax.grad(lambda a: -jax.nn.softmax(a) @ log_D)(logits)


def common_support(x, p, y, q):
    t = jnp.unique(jnp.concatenate([x, y]))
    return t, jnp.zeros_like(t).at[jnp.searchsorted(t, x)].add(p), jnp.zeros_like(t).at[jnp.searchsorted(t, y)].add(q)


def wasserstein(x, p, y, q):
    """Distribution functions as masks, no common support."""
    t = jnp.sort(jnp.concatenate([x, y]))
    F_p, F_q = ((places <= t[:, None]) @ weights for places, weights in ((x, p), (y, q)))
    return jnp.sum(jnp.abs(F_p - F_q)[:-1] * jnp.diff(t))


def critic(x, p, y, q):
    """f(u) is an integral of its slope over all the intervals to the left of u."""
    t = jnp.sort(jnp.concatenate([x, y]))
    F_p, F_q = ((places <= t[:, None]) @ weights for places, weights in ((x, p), (y, q)))
    steps = (jnp.sign(F_q - F_p)[:-1] * jnp.diff(t))[None, :]
    return tuple(jnp.sum(jnp.where(u[:, None] > t[:-1], steps, 0.0), axis=1) for u in (x, y))


def ppca_fit(X, k):
    mean = jnp.mean(X, axis=0)
    _, singular, rows = jnp.linalg.svd(X - mean, full_matrices=False)
    values = singular**2 / X.shape[0]
    sigma2 = jnp.mean(values[k:])
    return mean, (rows[:k] * jnp.sqrt(values[:k] - sigma2)[:, None]).T, sigma2


def log_likelihood(X, mean, W, sigma2):
    return jnp.mean(multivariate_normal.logpdf(X, mean, W @ W.T + sigma2 * jnp.eye(W.shape[0])))


def posterior(X, mean, W, sigma2):
    """Conditioning of the joint law."""
    C = W @ W.T + sigma2 * jnp.eye(W.shape[0])
    gain = jnp.linalg.solve(C, W).T
    return jax.vmap(lambda x: gain @ (x - mean))(X), jnp.eye(W.shape[1]) - gain @ W


def elbo(X, mean, W, sigma2, V, cov):
    """log p(x) less the divergence from the posterior."""
    d, k = W.shape
    M = W.T @ W + sigma2 * jnp.eye(k)
    off = (X - mean) @ (V - jnp.linalg.solve(M, W.T)).T
    mismatch = jnp.mean(jnp.einsum("ni,ij,nj->n", off, M, off)) / sigma2
    ratio = M @ cov / sigma2
    kl = (jnp.trace(ratio) - k + mismatch - jnp.linalg.slogdet(ratio)[1]) / 2
    return log_likelihood(X, mean, W, sigma2) - kl


def best_diagonal_encoder(W, sigma2):
    gain = jnp.linalg.solve(W @ W.T + sigma2 * jnp.eye(W.shape[0]), W).T
    return gain, sigma2 / (jnp.sum(W**2, axis=0) + sigma2)


def diagonal_gap(W, sigma2):
    L = jnp.linalg.cholesky(W.T @ W + sigma2 * jnp.eye(W.shape[1]))
    return jnp.sum(jnp.log(jnp.sqrt(jnp.sum(L**2, axis=1)) / jnp.diag(L)))
