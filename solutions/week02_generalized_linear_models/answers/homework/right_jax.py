"""JAX: the Hessian by automatic differentiation, vmap over penalties and left-out examples, a linear programme for the margin."""

import jax
import jax.numpy as jnp
import numpy as np
import scipy.optimize


def kl_divergence(log_partition, theta1, theta2):
    tangent = jax.linearize(log_partition, theta1)
    return log_partition(theta2) - tangent[0] - tangent[1](theta2 - theta1)


def natural_parameters(log_partition, mean, start):
    # follows the straight line of means from the start's to the wanted one, with Newton's method at each stage
    mean, theta = jnp.asarray(mean), jnp.asarray(start)
    slope, curvature = jax.jit(jax.grad(log_partition)), jax.jit(jax.hessian(log_partition))
    first = slope(theta)
    done, stride = 0.0, 0.5
    while done < 1.0:
        goal = min(1.0, done + stride)
        target, trial = first + goal * (mean - first), theta
        for _ in range(12):
            trial = trial - jnp.linalg.solve(curvature(trial), slope(trial) - target)
        size = 1 + float(jnp.max(jnp.abs(target)))
        if float(jnp.max(jnp.abs(slope(trial) - target))) < 1e-9 * size and bool(jnp.isfinite(log_partition(trial))):
            theta, done, stride = trial, goal, 2 * stride
        else:
            stride = stride / 4
        if stride < 1e-9:
            break
    return theta


def softmax_hessian(W, X):
    def loss(flat):
        return jnp.sum(jax.nn.logsumexp(X @ flat.reshape(W.shape), axis=1))  # the labels' part is linear

    return jax.jacfwd(jax.grad(loss))(jnp.ravel(W))


def null_dimension(X, K):
    _, R = np.linalg.qr(np.asarray(X) / np.abs(X).max())
    s = np.linalg.svd(R, compute_uv=False)
    return K * len(X[0]) - (K - 1) * len(s[s > 3e-6 * s.max()])


def ridge_scores(X, y, lambdas):
    U, s, _ = jnp.linalg.svd(X, full_matrices=False)

    def scores(lam):
        H = (U * (s**2 / (s**2 + lam))) @ U.T
        r = y - H @ y
        return jnp.mean((r / (1 - jnp.diag(H))) ** 2), jnp.mean((r / (1 - jnp.trace(H) / len(y))) ** 2)

    return jax.vmap(scores)(lambdas)


def separable_probability(n, p):
    # the recursion C(n + 1, p) = C(n, p) + C(n, p - 1), as probabilities: P(n + 1, p) = (P(n, p) + P(n, p - 1)) / 2
    if n <= p:
        return 1.0
    odds = np.full(p + 1, 1.0)
    odds[0] = 0.0
    for _ in range(n - 1):
        odds[1:] = (odds[1:] + odds[:-1]) / 2
    return float(odds[p])


def is_separable(X, y):
    # the largest margin within a box
    Z = np.asarray(X) * np.where(np.asarray(y) == 1, 1.0, -1.0)[:, None]
    Z = Z / max(np.abs(Z).max(), 1e-300)
    p = Z.shape[1]
    A = np.hstack([-Z, np.ones((len(Z), 1))])
    found = scipy.optimize.linprog(np.append(np.zeros(p), -1.0), A_ub=A, b_ub=np.zeros(len(Z)), bounds=[(-1, 1)] * (p + 1))
    return bool(found.x[-1] > 1e-6)


def approximate_loo(X, y, w, lam):
    def without(i):
        kept = jnp.arange(len(X)) != i
        mu = jax.nn.sigmoid(X @ w)
        gradient = X.T @ (kept * (mu - y)) + lam * w
        hessian = (X.T * (kept * mu * (1 - mu))) @ X + lam * jnp.eye(len(w))
        return X[i] @ (w - jnp.linalg.solve(hessian, gradient))

    return jax.lax.map(without, jnp.arange(len(X)))
