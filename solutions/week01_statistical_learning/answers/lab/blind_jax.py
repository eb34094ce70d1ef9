"""Week 1 lab: ridge regression, its path, bias and variance, the peak, leave-one-out; in idiomatic JAX."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

jax.config.update("jax_enable_x64", True)


def ridge(X: Float[Array, "n p"], Y: Float[Array, "n k"], lam: float) -> Float[Array, "p k"]:
    n, p = X.shape
    if p <= n:
        return jnp.linalg.solve(X.T @ X + lam * jnp.eye(p), X.T @ Y)
    return X.T @ jnp.linalg.solve(X @ X.T + lam * jnp.eye(n), Y)


def ridge_path(X: Float[Array, "n p"], y: Float[Array, " n"], lams: Float[Array, " m"]) -> Float[Array, "m p"]:
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    keep = s > 1e-10 * s[0]
    s = jnp.where(keep, s, 1.0)
    filters = jax.vmap(lambda lam: jnp.where(keep, s / (s**2 + lam), 0.0))(lams)
    return jnp.einsum("mr,r,rp->mp", filters, U.T @ y, Vt)


def degrees_of_freedom(X: Float[Array, "n p"], lams: Float[Array, " m"]) -> Float[Array, " m"]:
    s = jnp.linalg.svd(X, compute_uv=False)
    keep = s > 1e-10 * s[0]
    s = jnp.where(keep, s, 1.0)
    return jax.vmap(lambda lam: jnp.where(keep, s**2 / (s**2 + lam), 0.0).sum())(lams)


def bias_variance(
    predictions: Float[Array, "m t"], truth: Float[Array, " t"]
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    bias2 = jnp.mean((predictions.mean(axis=0) - truth) ** 2)
    return bias2, jnp.mean(predictions.var(axis=0))


def unbiased_bias_variance(
    predictions: Float[Array, "m t"], truth: Float[Array, " t"]
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    m = predictions.shape[0]
    bias2, _ = bias_variance(predictions, truth)
    variance = jnp.mean(predictions.var(axis=0, ddof=1))
    return bias2 - variance / m, variance


def error_modes(
    X: Float[Array, "n p"], residuals: Float[Array, " n"], X_test: Float[Array, "t p"], w_star: Float[Array, " p"]
) -> tuple[Float[Array, " t"], Float[Array, "t r"]]:
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    blind = X_test @ (Vt.T @ (Vt @ w_star) - w_star)
    modes = jnp.einsum("tp,rp,r,nr,n->tr", X_test, Vt, 1 / s, U, residuals)
    return blind, modes


def hat_matrix(X: Float[Array, "n p"], lam: float) -> Float[Array, "n n"]:
    n = X.shape[0]
    U, s, _ = jnp.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    return jnp.ones((n, n)) / n + (U * (s**2 / (s**2 + lam))) @ U.T


def loo_residuals(X: Float[Array, "n p"], y: Float[Array, " n"], lam: float) -> Float[Array, " n"]:
    H = hat_matrix(X, lam)
    return (y - H @ y) / (1 - jnp.diag(H))


def interpolator_loo(K: Float[Array, "n n"], Y: Float[Array, "n k"]) -> Float[Array, "n k"]:
    K_inv = jnp.linalg.inv(K)
    return K_inv @ Y / jnp.diag(K_inv)[:, None]


def interpolator_gcv(K: Float[Array, "n n"], Y: Float[Array, "n k"]) -> Float[Array, " k"]:
    K_inv = jnp.linalg.inv(K)
    return jnp.mean((K_inv @ Y) ** 2, axis=0) / jnp.mean(jnp.diag(K_inv)) ** 2
