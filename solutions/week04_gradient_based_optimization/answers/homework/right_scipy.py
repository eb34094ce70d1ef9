"""SciPy where it has the function: matrix exponentials, hypergeometric functions, integrators; joint covariances as matrices."""

import jax.numpy as jnp
import numpy as np
import scipy.integrate
import scipy.linalg
import scipy.optimize
import scipy.special


def gd_iterate(H, b, w0, eta, steps):
    """The affine map as one bigger matrix."""
    d = len(b)
    M = np.eye(d + 1)
    M[:d, :d] -= eta * np.asarray(H, np.float64)
    M[:d, d] = eta * np.asarray(b, np.float64)
    return (np.column_stack([w0, np.ones(len(w0))]) @ np.linalg.matrix_power(M, steps).T)[:, :d]


def backward_rate(lam, eta, order):
    if order is None:
        if eta * lam >= 1:
            raise ValueError("eta lam is too large")
        return scipy.optimize.brentq(lambda rate: np.exp(-eta * rate) - (1 - eta * lam), 0.0, 60.0 / eta)
    return scipy.integrate.quad(lambda e: sum(lam ** (j + 1) * e**j for j in range(order)), 0, eta)[0] / eta


def best_heavy_ball(low, high):
    eta = 4 / (np.sqrt(high) + np.sqrt(low)) ** 2
    beta = max(abs(1 - np.sqrt(eta * low)), abs(1 - np.sqrt(eta * high))) ** 2
    return np.array([eta, beta, np.sqrt(beta)])


def sgd_mean_squares(lam, sigma, etas, w0):
    """Second moments of (w, S, 1) as a 3 x 3 matrix."""
    E = np.zeros((3, 3))
    state = np.array([w0, 0.0, 1.0])
    E = np.outer(state, state)
    for eta in np.asarray(etas, np.float64):
        keep = 1 - eta * lam
        A = np.array([[keep, 0, 0], [keep, 1, 0], [0, 0, 1]])
        noise = np.array([1.0, 1.0, 0.0]) * eta * sigma
        E = A @ E @ A.T + np.outer(noise, noise)
    return E[0, 0], E[1, 1] / len(etas) ** 2


def nesterov_iterates(lam, s, steps, r):
    path, before = np.ones(steps + 1), 1.0
    for k in range(1, steps + 1):
        y = path[k - 1] + max(k - 2, 0) / (k + r - 2) * (path[k - 1] - before) if k > 1 else 1.0
        before = path[k - 1]
        path[k] = y - s * lam * y
    return jnp.asarray(path)


def friction_flow(lam, r, t):
    return scipy.special.hyp0f1((r + 1) / 2, -lam * np.asarray(t, np.float64) ** 2 / 4)


def mode_strength(s, a0, t):
    """Through 1/a, and its series where s t is tiny."""
    s = np.asarray(s, np.float64)
    inverse = np.exp(-2 * s * t) / a0 + 2 * t * scipy.special.exprel(-2 * s * t)
    return 1 / inverse


def learned_map(Y, a0, t):
    """Polar form: a(s) as a function of the symmetric matrix Y^T Y."""
    U, s, V = scipy.linalg.svd(np.asarray(Y, np.float64), full_matrices=False)
    return np.einsum("pm,m,mi->pi", U, mode_strength(s, a0, t), V)


def learning_time(s, a0, a, depth):
    if depth == 2:
        return np.log(a * (s - a0) / (a0 * (s - a))) / (2 * s)
    flow = lambda _, y: depth * np.exp((1 - 2 / depth) * y) * (s - np.exp(y))
    reached = lambda _, y: y[0] - np.log(a)
    reached.terminal = True
    start = [np.log(a0)]
    solution = scipy.integrate.solve_ivp(flow, (0, 1e12), start, method="LSODA", events=reached, rtol=1e-9, atol=1e-11)
    return solution.t_events[0][0]


def imbalances(weights):
    grams = [(np.asarray(W, np.float64), np.asarray(W, np.float64).T) for W in weights]
    return tuple(grams[k + 1][1] @ grams[k + 1][0] - grams[k][0] @ grams[k][1] for k in range(len(weights) - 1))


def imbalance_change(weights, x, y, eta):
    """Each gradient from the covariances of the data alone."""
    weights = [np.asarray(W, np.float64) for W in weights]
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    product = lambda some, size: (
        np.linalg.multi_dot([np.eye(size), *some[::-1], np.eye(some[0].shape[1])]) if some else np.eye(size)
    )
    whole = product(weights, y.shape[1])
    rest = (whole @ (x.T @ x) - y.T @ x) / len(x)
    gradients = [
        product(weights[k + 1 :], y.shape[1]).T @ rest @ product(weights[:k], W.shape[1]).T for k, W in enumerate(weights)
    ]
    return tuple(eta * D * eta for D in imbalances(gradients))
