"""NumPy and SciPy: unique rows, singular values, covariances, full-width attention matrices."""

import numpy as np
import scipy.linalg
import scipy.sparse.csgraph
import scipy.special


def wl_colors(adjacency, colors, rounds):
    adjacency = np.asarray(adjacency)
    _, now = np.unique(np.asarray(colors), return_inverse=True)
    for _ in range(rounds):
        counts = adjacency @ (now[:, None] == np.arange(now.max() + 1))
        _, now = np.unique(np.column_stack([now, counts]), axis=0, return_inverse=True)
        now = now.ravel()
    _, first = np.unique(now, return_index=True)
    return first[now]


def wl_round(first, second):
    both = scipy.linalg.block_diag(np.asarray(first), np.asarray(second))
    graph = np.arange(len(both)) >= len(first)
    for t in range(len(both) + 1):
        colors = wl_colors(both, np.zeros(len(both)), t)
        if any((colors[~graph] == c).sum() != (colors[graph] == c).sum() for c in set(colors.tolist())):
            return t
    return -1


def smoothing(adjacency, x):
    loops = np.asarray(adjacency, np.float64) + np.eye(len(adjacency))
    degree = loops.sum(axis=0)
    count, member = scipy.sparse.csgraph.connected_components(loops > 0)
    basis = np.sqrt(degree)[:, None] * (member[:, None] == np.arange(count))
    basis /= np.linalg.norm(basis, axis=0)
    values = np.sort(np.abs(scipy.linalg.eigh(loops, np.diag(degree), eigvals_only=True)))[::-1]
    return basis @ (basis.T @ np.asarray(x)), 0.0 if count == len(loops) else values[count]


def smoother_as_attention(queries, keys, bandwidth):
    queries, keys = np.asarray(queries, np.float64), np.asarray(keys, np.float64)
    lengths = np.einsum("jd,jd->j", keys, keys)
    q = np.column_stack([queries, np.full(len(queries), 0.5)]) / bandwidth**2
    return q, np.column_stack([keys, -lengths])


def smoother_slope(query, keys, values, bandwidth):
    query, keys, values = (np.asarray(a, np.float64) for a in (query, keys, values))
    w = scipy.special.softmax(keys @ query / bandwidth**2 - (keys**2).sum(1) / (2 * bandwidth**2))
    joint = np.cov(values.T, keys.T, aweights=w, ddof=0)
    return joint[: values.shape[1], values.shape[1] :] / bandwidth**2


def gd_attention(W0, rate, n):
    W0 = np.asarray(W0, np.float64)
    c, d = W0.shape
    only_x = np.diag(np.r_[np.ones(d), np.zeros(c)])
    values = np.block([[np.zeros((d, d)), W0.T], [np.zeros((c, d)), -np.eye(c)]])
    return only_x, only_x, values * rate / n


def best_step(spectrum, n, noise):
    Sigma = np.diag(np.asarray(spectrum, np.float64))
    square = (n + 1) / n * Sigma @ Sigma @ Sigma + np.trace(Sigma @ Sigma) / n * Sigma + noise**2 / n * Sigma @ Sigma
    eta = np.trace(Sigma @ Sigma) / np.trace(square)
    return eta, np.trace(Sigma) - eta * np.trace(Sigma @ Sigma)
