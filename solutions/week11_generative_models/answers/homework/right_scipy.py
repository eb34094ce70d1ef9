"""SciPy's own distances, densities and optimisers; gradients of divergences; fitted critics."""

import numpy as np
import scipy.linalg
import scipy.optimize
import scipy.spatial.distance
import scipy.special
import scipy.stats


def optimal_discriminator(p, q):
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    return np.divide(p, p + q, out=np.full(len(p), 0.5), where=p + q > 0)


def gan_value(D, p, q):
    D, p, q = (np.asarray(a, np.float64) for a in (D, p, q))
    return p[p > 0] @ np.log(D[p > 0]) + q[q > 0] @ np.log1p(-D[q > 0])


def jensen_shannon(p, q):
    return np.float64(scipy.spatial.distance.jensenshannon(np.asarray(p, float), np.asarray(q, float)) ** 2)


def generator_gradients(p, logits):
    """Jacobian of the softmax as a matrix; log odds by log-sum-exp."""
    log_p, log_q = np.log(np.asarray(p, np.float64)), scipy.special.log_softmax(np.asarray(logits, np.float64))
    both, q = np.logaddexp(log_p, log_q), np.exp(log_q)
    jacobian = np.diag(q) - np.outer(q, q)
    return jacobian @ (log_q - both), jacobian @ (both - log_p)


def common_support(x, p, y, q):
    t, index = np.unique(np.r_[np.asarray(x), np.asarray(y)], return_inverse=True)
    n = len(x)
    count = lambda where, w: np.bincount(where.ravel(), np.asarray(w), minlength=len(t))
    return t, count(index[:n], p), count(index[n:], q)


def wasserstein(x, p, y, q):
    return np.array(scipy.stats.wasserstein_distance(*(np.asarray(a, np.float64) for a in (x, y, p, q))))


def critic(x, p, y, q):
    """The dual as a linear program in the increments of f."""
    t, P, Q = common_support(x, p, y, q)
    gaps = np.diff(t)
    gain = np.cumsum(P[::-1] - Q[::-1])[::-1][1:]  # what one unit of increment adds to the objective
    found = scipy.optimize.linprog(-gain, bounds=[(-g, g) for g in gaps]) if len(gaps) else None
    f = np.r_[0.0, np.cumsum(found.x)] if len(gaps) else np.zeros(1)
    return np.interp(np.asarray(x), t, f), np.interp(np.asarray(y), t, f)


def ppca_fit(X, k):
    X = np.asarray(X, np.float64)
    d = X.shape[1]
    S = np.cov(X, rowvar=False, ddof=0)
    top, vectors = scipy.linalg.eigh(S, subset_by_index=[d - k, d - 1])
    sigma2 = (np.trace(S) - top.sum()) / (d - k)
    turn = scipy.linalg.hadamard(2)[:k, :k] / np.sqrt(k) if k <= 2 else np.eye(k)  # some rotation R
    return X.mean(0), vectors @ np.diag(np.sqrt(top - sigma2)) @ turn, sigma2


def log_likelihood(X, mean, W, sigma2):
    W = np.asarray(W, np.float64)
    return scipy.stats.multivariate_normal(np.asarray(mean), W @ W.T + sigma2 * np.eye(len(W))).logpdf(np.asarray(X)).mean()


def posterior(X, mean, W, sigma2):
    """Ridge regression of x - mean on W, all examples at once."""
    W, centred = np.asarray(W, np.float64), np.asarray(X, np.float64) - np.asarray(mean)
    k = W.shape[1]
    stacked = np.r_[W, np.sqrt(sigma2) * np.eye(k)]
    means = np.linalg.lstsq(stacked, np.r_[centred.T, np.zeros((k, len(centred)))], rcond=None)[0].T
    inverse = np.linalg.pinv(stacked)
    return means, sigma2 * inverse @ inverse.T


def elbo(X, mean, W, sigma2, V, cov):
    """All as traces against the second moment of the data."""
    W, V, cov = (np.asarray(a, np.float64) for a in (W, V, cov))
    centred = np.asarray(X, np.float64) - np.asarray(mean)
    S = centred.T @ centred / len(centred)
    d, k = W.shape
    error = np.eye(d) - W @ V
    second = V @ S @ V.T + cov
    misfit = np.trace(error @ S @ error.T) + np.sum((W.T @ W) * cov)
    logdet = np.sum(np.log(np.linalg.eigvalsh(cov)))
    return -0.5 * (d * np.log(2 * np.pi * sigma2) + misfit / sigma2 + np.trace(second) - k - logdet)


def best_diagonal_encoder(W, sigma2):
    W = np.asarray(W, np.float64)
    k = W.shape[1]
    means, cov = posterior(np.eye(len(W)), np.zeros(len(W)), W, sigma2)
    return means.T, 1 / np.linalg.inv(cov)[np.arange(k), np.arange(k)]


def diagonal_gap(W, sigma2):
    """Through the ELBO of one example at the mean."""
    W = np.asarray(W, np.float64)
    d = len(W)
    V, variances = best_diagonal_encoder(W, sigma2)
    at = np.zeros((1, d))
    return log_likelihood(at, np.zeros(d), W, sigma2) - elbo(at, np.zeros(d), W, sigma2, V, np.diag(variances))
