"""Week 11 homework as a stranger solved it: NumPy in double precision, loops and dictionaries."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special
from jax.scipy.special import rel_entr, xlogy
from jaxtyping import Array, Float


def _double(*arrays):
    return [np.asarray(a, np.float64) for a in arrays]


def optimal_discriminator(p, q):
    p, q = _double(p, q)
    out = np.full(p.shape, 0.5)
    np.divide(p, p + q, out=out, where=(p + q) > 0)
    return out


def gan_value(D, p, q):
    D, p, q = _double(D, p, q)
    score = 0.0
    for d, a, b in zip(D, p, q, strict=True):
        if a > 0:
            score += a * np.log(d)
        if b > 0:
            score += b * np.log1p(-d)
    return float(score)


def jensen_shannon(p, q):
    p, q = _double(p, q)
    entropy = lambda r: scipy.special.entr(r).sum()
    return float(entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2)


def generator_gradients(p, logits):
    p, a = _double(p, logits)
    q = scipy.special.softmax(a)
    jacobian = np.diag(q) - np.outer(q, q)
    return jacobian @ -np.log1p(p / q), jacobian @ np.log1p(q / p)


def common_support(x, p, y, q):
    masses = {}
    for which, (places, weights) in enumerate(((x, p), (y, q))):
        for place, weight in zip(np.asarray(places).tolist(), np.asarray(weights).tolist(), strict=True):
            masses.setdefault(place, [0.0, 0.0])[which] += weight
    t = sorted(masses)
    P, Q = np.array([masses[place] for place in t]).T
    return np.array(t), P, Q


def wasserstein(x, p, y, q):
    # quantile coupling: move the lowest mass first
    a = sorted(zip(np.asarray(x).tolist(), np.asarray(p).tolist(), strict=True))
    b = sorted(zip(np.asarray(y).tolist(), np.asarray(q).tolist(), strict=True))
    cost, i, j = 0.0, 0, 0
    left, right = a[0][1], b[0][1]
    while True:
        moved = min(left, right)
        cost += moved * abs(a[i][0] - b[j][0])
        left, right = left - moved, right - moved
        if left <= right:
            i += 1
            if i == len(a):
                break
            left = a[i][1]
        else:
            j += 1
            if j == len(b):
                break
            right = b[j][1]
    return cost


def critic(x, p, y, q):
    t, P, Q = common_support(x, p, y, q)
    height, ahead = {t[0]: 0.0}, 0.0
    for i in range(len(t) - 1):
        ahead += Q[i] - P[i]
        height[t[i + 1]] = height[t[i]] + (1.0 if ahead > 0 else -1.0) * (t[i + 1] - t[i])
    return np.array([height[u] for u in np.asarray(x).tolist()]), np.array([height[u] for u in np.asarray(y).tolist()])


def ppca_fit(X, k):
    (X,) = _double(X)
    mean = X.mean(axis=0)
    _, singular, directions = np.linalg.svd(X - mean, full_matrices=False)
    values = singular**2 / len(X)
    sigma2 = values[k:].sum() / (X.shape[1] - k)
    return mean, directions[:k].T @ np.diag(np.sqrt(values[:k] - sigma2)), float(sigma2)


def log_likelihood(X, mean, W, sigma2):
    X, mean, W = _double(X, mean, W)
    sigma2 = float(sigma2)
    d, k = W.shape
    M = W.T @ W + sigma2 * np.eye(k)  # Woodbury: only k x k matrices
    given = X - mean
    projected = given @ W
    square = ((given**2).sum(axis=1) - np.einsum("nk,kn->n", projected, np.linalg.solve(M, projected.T))) / sigma2
    log_det = np.linalg.slogdet(M)[1] + (d - k) * np.log(sigma2)
    return float(-0.5 * (square.mean() + log_det + d * np.log(2 * np.pi)))


def posterior(X, mean, W, sigma2):
    X, mean, W = _double(X, mean, W)
    sigma2 = float(sigma2)
    # condition the joint Gaussian of (z, x) on x
    gain = W.T @ np.linalg.inv(W @ W.T + sigma2 * np.eye(len(W)))
    return (X - mean) @ gain.T, np.eye(W.shape[1]) - gain @ W


def elbo(X, mean, W, sigma2, V, cov):
    X, mean, W, V, cov = _double(X, mean, W, V, cov)
    sigma2 = float(sigma2)
    # log p(x) - KL(q || posterior), by the second form of the bound
    k = W.shape[1]
    precision = (W.T @ W) / sigma2 + np.eye(k)
    means, _ = posterior(X, mean, W, sigma2)
    off = (X - mean) @ V.T - means
    kl = 0.5 * (
        np.trace(precision @ cov)
        + np.einsum("ni,ij,nj->n", off, precision, off)
        - k
        - np.linalg.slogdet(precision)[1]
        - np.linalg.slogdet(cov)[1]
    )
    return float(log_likelihood(X, mean, W, sigma2) - kl.mean())


def best_diagonal_encoder(W, sigma2):
    (W,) = _double(W)
    sigma2 = float(sigma2)
    V = W.T @ np.linalg.inv(W @ W.T + sigma2 * np.eye(len(W)))
    return V, np.array([1 / (1 + w @ w / sigma2) for w in W.T])


def diagonal_gap(W, sigma2):
    (W,) = _double(W)
    sigma2 = float(sigma2)
    _, variances = best_diagonal_encoder(W, sigma2)
    x = np.zeros((1, len(W)))
    V, _ = best_diagonal_encoder(W, sigma2)
    return log_likelihood(x, x[0], W, sigma2) - elbo(x, x[0], W, sigma2, V, np.diag(variances))
