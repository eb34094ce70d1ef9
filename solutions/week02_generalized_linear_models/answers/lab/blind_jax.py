"""Week 2 lab, solved by a stranger from the notebook alone: idiomatic JAX."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import scipy.optimize
from jaxtyping import Array, Float, Int

jax.config.update("jax_enable_x64", True)


def logistic_loss(logits: Float[Array, " n"], y: Int[Array, " n"]) -> tuple[Float[Array, " n"], Float[Array, " n"]]:
    """Negative log likelihood of each example, and its derivative with respect to the logit."""
    sign = 1.0 - 2.0 * jnp.asarray(y, float)  # of the slope; the loss is log(1 + e^(sign z)) for both classes
    z = sign * jnp.asarray(logits, float)
    return jax.nn.softplus(z), sign * jnp.exp(-jax.nn.softplus(-z))


def softmax_regression(
    W: Float[Array, "p K"],
    b: Float[Array, " K"],
    X: Float[Array, "n p"],
    labels: Int[Array, " n"],
    weights: Float[Array, " n"],
    l2: float,
) -> tuple[Float[Array, ""], Float[Array, "p K"], Float[Array, " K"]]:
    """Penalised loss of softmax regression and its gradient."""
    W, b, X, v = (jnp.asarray(a, float) for a in (W, b, X, weights))
    labels, v = jnp.asarray(labels), v / v.sum()
    own = jax.nn.one_hot(labels, b.size, dtype=bool)
    logits = X @ W + b
    logits = logits - jnp.take_along_axis(logits, labels[:, None], axis=1)
    rivals = jax.nn.logsumexp(jnp.where(own, -jnp.inf, logits), axis=1)  # the own class is left out: no 1 - p
    R = jnp.where(own, -jnp.exp(-jax.nn.softplus(-rivals))[:, None], jax.nn.softmax(logits, axis=1))
    return v @ jax.nn.softplus(rivals) + l2 / 2 * jnp.sum(W**2), X.T @ (v[:, None] * R) + l2 * W, v @ R


def early_stopped(X: Float[Array, "n p"], y: Float[Array, " n"], eta: float, steps: int) -> Float[Array, " p"]:
    """Weights after some steps of gradient descent on the mean squared error, in closed form."""
    X, y = jnp.asarray(X, float), jnp.asarray(y, float)
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    a = eta * s**2 / len(y)
    left = jnp.abs(1 - a) ** float(steps) * jnp.where((a > 1) & (steps % 2 == 1), -1.0, 1.0)
    share = jnp.where(a < 0.5, -jnp.expm1(steps * jnp.log1p(-jnp.minimum(a, 0.5))), 1 - left)
    seen = s > 1e-10 * s[0]
    return Vt.T @ (jnp.where(seen, share / jnp.where(seen, s, 1.0), 0.0) * (U.T @ y))


def max_margin(X: Float[Array, "n p"], y: Int[Array, " n"]) -> Float[Array, " p"]:
    """The shortest vector with which every example has a margin of at least 1."""
    Z = (2.0 * jnp.asarray(y, float) - 1)[:, None] * jnp.asarray(X, float)
    scale = jnp.linalg.norm(Z, axis=1).max()  # makes the margin a number between 1/20 and 1
    Z = Z / scale
    # |Z'u|^2 + (sum u - 1)^2 with sum u = s: Z'u = s c for the hull's closest point c, s = 1 / (1 + |c|^2),
    # and c / |c|^2 = Z'u / (1 - s)
    A = jnp.vstack([Z.T, jnp.ones(len(Z))])
    u, _ = scipy.optimize.nnls(A, jnp.eye(len(A))[-1], maxiter=100 * len(Z))
    return Z.T @ u / (1 - u.sum()) / scale


def glm_terms(
    log_partition: Callable,
    theta: Float[Array, " p"],
    X: Float[Array, "n p"],
    y: Float[Array, " n"],
    offset: Float[Array, " n"],
) -> tuple[Float[Array, ""], Float[Array, " p"], Float[Array, "p p"]]:
    """Negative log likelihood of a generalized linear model with canonical link, its gradient and its Hessian."""
    theta, X, y, offset = (jnp.asarray(a, float) for a in (theta, X, y, offset))
    eta = X @ theta + offset
    mean = jax.grad(log_partition)
    A, mu, variance = (jax.vmap(f)(eta) for f in (log_partition, mean, jax.grad(mean)))
    return jnp.sum(A - y * eta), X.T @ (mu - y), (X.T * variance) @ X


def newton_step(
    gradient: Float[Array, " p"], hessian: Float[Array, "p p"], X: Float[Array, "n p"]
) -> tuple[Float[Array, " p"], Float[Array, ""]]:
    """Damped Newton step of a generalized linear model whose log-partition function has |A'''| <= A''."""
    gradient, hessian, X = (jnp.asarray(a, float) for a in (gradient, hessian, X))
    L = jnp.linalg.cholesky(hessian)
    half = jax.scipy.linalg.solve_triangular(L, gradient, lower=True)
    d = -jax.scipy.linalg.solve_triangular(L, half, lower=True, trans=1)
    rho = jnp.max(jnp.abs(X @ d), initial=0.0)
    some = rho > 1e-200
    t = jnp.where(some, jnp.log1p(rho) / jnp.where(some, rho, 1.0), 1.0)  # e^(rho t) = 1 + rho
    return t * d, jnp.linalg.norm(half)
