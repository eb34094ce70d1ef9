"""Week 2 homework, solved by a stranger from the notebook alone: idiomatic JAX."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import scipy.optimize
from jax.scipy.special import gammaln
from jaxtyping import Array, Float, Int

jax.config.update("jax_enable_x64", True)


def kl_divergence(log_partition: Callable, theta1: Float[Array, " d"], theta2: Float[Array, " d"]) -> float:
    """Kullback-Leibler divergence KL(p_theta1 || p_theta2) of two members of an exponential family, in nats."""
    theta1, theta2 = jnp.asarray(theta1, float), jnp.asarray(theta2, float)
    value, mean = jax.value_and_grad(log_partition)(theta1)
    return float(log_partition(theta2) - value - (theta2 - theta1) @ mean)


def natural_parameters(log_partition: Callable, mean: Float[Array, " d"], start: Float[Array, " d"]) -> Float[Array, " d"]:
    """Natural parameters of the member whose mean statistic is given."""
    mean, theta = jnp.asarray(mean, float), jnp.asarray(start, float)
    F = lambda theta: log_partition(theta) - theta @ mean
    value_and_slope, curvature = jax.value_and_grad(F), jax.hessian(F)
    for _ in range(500):
        value, g = value_and_slope(theta)
        H = curvature(theta)
        scale = jnp.sqrt(jnp.diag(H))  # unit diagonal: entries of very different size do no harm
        e, V = jnp.linalg.eigh(H / jnp.outer(scale, scale))
        e = jnp.maximum(e, 1e-14)  # what rounding made negative: the direction still leads down
        d = -(V @ ((V.T @ (g / scale)) / e)) / scale
        # A short step alone does not mean arrival: close to the edge of the domain all steps are short.
        if jnp.linalg.norm(d) < 1e-6 and -(g @ d) < 1e-4:
            return theta + d
        noise = 4 * jnp.finfo(float).eps * (jnp.abs(value) + jnp.abs(theta @ mean))
        t = 1.0
        while not F(theta + t * d) <= value + noise and t > 1e-30:  # written so that NaN is refused, too
            t /= 2
        theta = theta + t * d
    return theta


def softmax_hessian(W: Float[Array, "p K"], X: Float[Array, "n p"]) -> Float[Array, "pK pK"]:
    """Hessian of the summed negative log likelihood of softmax regression."""
    W, X = jnp.asarray(W, float), jnp.asarray(X, float)
    p, K = W.shape
    P = jax.nn.softmax(X @ W, axis=1)
    pairs = P[:, :, None] * P[:, None, :] * (1 - jnp.eye(K))
    M = jax.vmap(jnp.diag)(pairs.sum(axis=2)) - pairs  # p (1 - p) as a sum over the other classes
    return jnp.einsum("ij,il,ikm->jklm", X, X, M, optimize="optimal").reshape(p * K, p * K)


def null_dimension(X: Float[Array, "n p"], K: int) -> int:
    """Number of linearly independent directions of W in which softmax regression is flat."""
    s = jnp.linalg.svd(jnp.asarray(X, float), compute_uv=False)
    return X.shape[1] * K - int(jnp.sum(s > 1e-6 * s[0])) * (K - 1)


def ridge_scores(
    X: Float[Array, "n p"], y: Float[Array, " n"], lambdas: Float[Array, " m"]
) -> tuple[Float[Array, " m"], Float[Array, " m"]]:
    """Leave-one-out and generalized cross-validation scores of ridge regression along a path of penalties."""
    X, y, lambdas = (jnp.asarray(a, float) for a in (X, y, lambdas))
    U, s, _ = jnp.linalg.svd(X, full_matrices=True)
    s2, Uy = jnp.zeros(len(y)).at[: len(s)].set(s**2), U.T @ y

    def scores(lam):
        kept = lam / (s2 + lam)  # eigenvalues of 1 - H
        r = U @ (kept * Uy)
        return jnp.mean((r / (U**2 @ kept)) ** 2), jnp.mean((r / kept.mean()) ** 2)

    return jax.vmap(scores)(lambdas)


def separable_probability(n: int, p: int) -> float:
    """Probability that n points in general position with random labels are separable by a hyperplane through the origin."""
    if n <= p:
        return 1.0
    k = jnp.arange(p, dtype=float)
    log_terms = gammaln(n + 0.0) - gammaln(k + 1) - gammaln(n - k) - (n - 1) * jnp.log(2.0)
    return min(float(jnp.exp(jax.nn.logsumexp(log_terms))), 1.0)


def is_separable(X: Float[Array, "n p"], y: Int[Array, " n"]) -> bool:
    """Whether some w has (2 y_i - 1) x_i . w > 0 for all i, strictly."""
    Z = np.asarray((2.0 * jnp.asarray(y, float) - 1)[:, None] * jnp.asarray(X, float))
    size = np.abs(Z).max()
    if size == 0:
        return False
    n, p = Z.shape  # the largest margin t of a w in the unit cube; without a separator it is 0
    found = scipy.optimize.linprog(
        np.r_[np.zeros(p), -1.0], np.c_[-Z / size, np.ones(n)], np.zeros(n), bounds=[(-1, 1)] * p + [(0, 1)]
    )
    return bool(found.x[-1] > 1e-6)


def approximate_loo(X: Float[Array, "n p"], y: Int[Array, " n"], w: Float[Array, " p"], lam: float) -> Float[Array, " n"]:
    """Logit of each example under the model that one Newton step gives when that example is left out."""
    X, y, w = (jnp.asarray(a, float) for a in (X, y, w))
    eta, sign = X @ w, 1 - 2 * y
    v = jax.nn.sigmoid(eta) * jax.nn.sigmoid(-eta)
    slope = sign * jax.nn.sigmoid(sign * eta)  # mu - y
    H = (X.T * v) @ X + lam * jnp.eye(len(w))
    a = jnp.sum(X.T * jax.scipy.linalg.cho_solve(jax.scipy.linalg.cho_factor(H), X.T), axis=0)
    return eta + a * slope / (1 - v * a)
