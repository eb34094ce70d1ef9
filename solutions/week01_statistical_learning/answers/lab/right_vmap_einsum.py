"""JAX: vmap over lambdas and left-out examples, einsum, Cholesky factors, derivatives of the fit for the hat matrix."""

import jax
import jax.numpy as jnp
import jax.scipy.linalg as jsl


def ridge(X, Y, lam):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    return jnp.einsum("jp,j,nj,nk->pk", Vt, s / (s**2 + lam), U, Y, optimize="optimal")


def ridge_path(X, y, lams):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    cut = s / s[0] <= 1e-10

    def one(lam):
        filters = jnp.where(cut, 0.0, 1.0 / jnp.where(cut, 1.0, s + lam / jnp.where(cut, 1.0, s)))
        return jnp.einsum("jp,j,nj,n->p", Vt, filters, U, y)

    return jax.vmap(one)(lams)


def degrees_of_freedom(X, lams):
    s = jnp.linalg.svd(X / jnp.abs(X).max(), compute_uv=False)
    relative = lams / jnp.abs(X).max() ** 2
    return jax.vmap(lambda lam: jnp.where(s > 1e-10 * s[0], s**2 / jnp.where(s > 0, s**2 + lam, 1.0), 0.0).sum())(relative)


def bias_variance(predictions, truth):
    def at_one_point(column, value):
        return (jnp.mean(column) - value) ** 2, jnp.mean(column**2) - jnp.mean(column) ** 2

    bias2, variance = jax.vmap(at_one_point, in_axes=(1, 0))(predictions, truth)
    return bias2.mean(), variance.mean()


def unbiased_bias_variance(predictions, truth):
    m = predictions.shape[0]
    misses = predictions - truth
    gram = misses @ misses.T / truth.shape[0]
    bias2 = (gram.sum() - jnp.trace(gram)) / (m * (m - 1))
    return bias2, jnp.trace(gram) / m - bias2


def error_modes(X, residuals, X_test, w_star):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    modes = jnp.einsum("tp,jp,nj,n,j->tj", X_test, Vt, U, residuals, 1 / s)
    outside = jnp.eye(X.shape[1]) - jnp.einsum("jp,jq->pq", Vt, Vt)
    return -jnp.einsum("tp,pq,q->t", X_test, outside, w_star), modes


def hat_matrix(X, lam):
    A = jnp.hstack([jnp.ones((X.shape[0], 1)), X])
    penalty = jnp.diag(jnp.full(A.shape[1], lam).at[0].set(0.0))
    fitted = lambda y: A @ jnp.linalg.solve(A.T @ A + penalty, A.T @ y)
    return jax.jacobian(fitted)(jnp.zeros(X.shape[0]))


def loo_residuals(X, y, lam):
    n, p = X.shape
    A = jnp.hstack([jnp.ones((n, 1)), X])
    penalty = jnp.diag(jnp.full(p + 1, lam).at[0].set(0.0))

    def left_out(i):
        keep = jnp.ones(n).at[i].set(0.0)
        w = jnp.linalg.solve((A * keep[:, None]).T @ A + penalty, A.T @ (keep * y))
        return y[i] - A[i] @ w

    return jax.vmap(left_out)(jnp.arange(n))


def interpolator_loo(K, Y):
    half = jsl.solve_triangular(jnp.linalg.cholesky(K), jnp.eye(K.shape[0]), lower=True)
    return jnp.einsum("ai,aj,jk->ik", half, half, Y) / jnp.einsum("ai,ai->i", half, half)[:, None]


def interpolator_gcv(K, Y):
    factor = jsl.cho_factor(K)
    one = lambda y: jnp.mean(jsl.cho_solve(factor, y) ** 2)
    return jax.vmap(one, in_axes=1)(Y) / jnp.mean(jnp.diag(jsl.cho_solve(factor, jnp.eye(K.shape[0])))) ** 2
