"""JAX's transformations do the work: gradients, Jacobians, scans, Newton steps."""

import functools

import jax
import jax.numpy as jnp


@jax.jit
def ridge(X, Y, lam):
    n, p = X.shape
    if n < p:  # push-through identity by an augmented least-squares problem in the n dual unknowns
        Q, R = jnp.linalg.qr(jnp.concatenate([X.T, jnp.sqrt(lam) * jnp.eye(n)]))
        return X.T @ jax.scipy.linalg.solve_triangular(R, jax.scipy.linalg.solve_triangular(R, Y, trans=1))
    loss = lambda W: jnp.sum((Y - X @ W) ** 2) + lam * jnp.sum(W**2)
    zero = jnp.zeros((p, Y.shape[1]))
    hessian = 2 * (X.T @ X + lam * jnp.eye(p))
    return zero - jnp.linalg.solve(hessian, jax.grad(loss)(zero))


def ridge_path(X, y, lams):
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    keep = jnp.flatnonzero(s > s.max() * 1e-10)

    def step(_, lam):
        return None, jnp.einsum("j,ij,i,jk->k", s[keep] / (s[keep] ** 2 + lam), U[:, keep], y, Vt[keep])

    return jax.lax.scan(step, None, lams)[1]


def degrees_of_freedom(X, lams):
    fitted = lambda y: X @ ridge_path(X, y, lams).T
    return jnp.einsum("imi->m", jax.jacfwd(fitted)(jnp.zeros(X.shape[0])))


def bias_variance(predictions, truth):
    mse = ((predictions - truth[None]) ** 2).mean()
    m = predictions.shape[0]
    differences = predictions[:, None] - predictions[None]
    variance = (differences**2).mean() / 2
    return mse - variance, variance


def unbiased_bias_variance(predictions, truth):
    variance = jnp.var(predictions, axis=0, ddof=1).mean()
    return ((predictions - truth) ** 2).mean() - variance, variance


def error_modes(X, residuals, X_test, w_star):
    s = jnp.linalg.svd(X, compute_uv=False)
    U, _, Vt = jnp.linalg.svd(X)
    r = min(X.shape)
    modes = jnp.stack([jnp.outer(X_test @ Vt[j], U[:, j] / s[j]) @ residuals for j in range(r)], axis=-1)
    outside = Vt[r:]
    return -(X_test @ outside.T) @ (outside @ w_star), modes


@jax.jit
def _fit(X, y, lam):
    loss = lambda b, w: jnp.sum((y - b - X @ w) ** 2) + lam * w @ w
    flat = lambda v: loss(v[0], v[1:])
    start = jnp.zeros(X.shape[1] + 1)
    return -jnp.linalg.solve(jax.hessian(flat)(start), jax.grad(flat)(start))


def hat_matrix(X, lam):
    fitted = lambda y: (v := _fit(X, y, lam))[0] + X @ v[1:]
    return jax.jacobian(fitted)(jnp.zeros(len(X)))


def loo_residuals(X, y, lam):
    # One example less is one weight 0 less: y_i - yhat_i / (1 - dyhat_i/dy_i).
    fitted = lambda y: (v := _fit(X, y, lam))[0] + X @ v[1:]
    values, push = jax.linearize(fitted, y)
    leverages = jnp.array([push(row)[i] for i, row in enumerate(jnp.eye(len(y)))])
    return (y - values) / (1 - leverages)


def interpolator_loo(K, Y):
    n = len(K)

    def residual(i):
        order = jnp.roll(jnp.arange(n), -i)  # i first
        k = K[order][:, order]
        return Y[i] - k[0, 1:] @ jnp.linalg.solve(k[1:, 1:], Y[order[1:]])

    return jnp.stack([residual(i) for i in range(n)])


def interpolator_gcv(K, Y):
    inverse = jax.scipy.linalg.cho_solve(jax.scipy.linalg.cho_factor(K), jnp.eye(len(K)))
    left_out = interpolator_loo(K, Y)
    weights = jnp.diagonal(inverse) / jnp.trace(inverse) * len(K)
    return jnp.mean((left_out * weights[:, None]) ** 2, axis=0)
