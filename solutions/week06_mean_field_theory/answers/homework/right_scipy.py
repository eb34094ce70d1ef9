"""SciPy: sqrtm and expm, root finders and quadrature; singular values for the Bures distance."""

import numpy as np
import scipy.linalg
import scipy.optimize
import scipy.special
import scipy.stats


def factor(S):
    """L with L L^T = S, also where S is singular."""
    values, V = scipy.linalg.eigh(S)
    return V * np.sqrt(np.clip(values, 0, None))


def squared_distance(m1, S1, m2, S2):
    """tr K is a nuclear norm: of L1^T L2."""
    overlap = scipy.linalg.svdvals(factor(S1).T @ factor(S2)).sum()
    return float(np.linalg.norm(np.subtract(m1, m2)) ** 2 + np.trace(S1) + np.trace(S2) - 2 * overlap)


def transport_matrix(S1, S2):
    """The polar factor: with L1^T L2 = U s V^T, T = L2 (V U^T) L1^-1."""
    L1, L2 = factor(S1), factor(S2)
    U, _, Vt = scipy.linalg.svd(L1.T @ L2)
    return L2 @ Vt.T @ U.T @ np.linalg.inv(L1)


def geodesic_covariance(S1, S2, t):
    """Of ((1-t) L1 + t T L1) z with z standard normal."""
    L = (1 - t) * factor(S1) + t * transport_matrix(S1, S2) @ factor(S1)
    return L @ L.T


def entropic_covariance(a, b, eps):
    correlation = 4 * np.sqrt(a * b) / (eps + np.hypot(eps, 4 * np.sqrt(a * b)))
    return correlation * np.sqrt(a * b)


def entropic_cost(a, b, eps):
    """1 - c^2/ab = eps c / 2ab at the minimum; its logarithm is small where eps is large."""
    c = entropic_covariance(a, b, eps)
    rest = c * c / (a * b)
    logarithm = np.log(eps * c / (2 * a * b)) if rest > 0.5 else np.log1p(-rest)
    return a + b - 2 * c - eps / 2 * logarithm


def cheapest_variance(b, eps):
    return np.clip(b - eps / 2, 0, None)


def heat_velocity(x, weights, means, variances, t):
    x, means, width = np.asarray(x), np.asarray(means), np.asarray(variances) + 2 * t
    logs = np.stack(
        [np.log(p) + scipy.stats.norm.logpdf(x, m, np.sqrt(s)).sum(1) for p, m, s in zip(weights, means, width, strict=True)]
    )
    shares = np.exp(logs - scipy.special.logsumexp(logs, axis=0))
    return sum(share[:, None] * (x - m) / s for share, m, s in zip(shares, means, width, strict=True))


def heat_path(x0, weights, means, variances, t):
    def below(place, time):
        return np.dot(weights, scipy.stats.norm.cdf(place, means, np.sqrt(np.asarray(variances) + 2 * time)))

    return [scipy.optimize.brentq(lambda v: below(v, t) - below(start, 0.0), -500, 500, xtol=1e-12) for start in np.asarray(x0)]


def jko_step(m, s, tau, lam, temperature):
    roots = np.roots([1 + tau * lam, -s, -tau * temperature])
    return m / (1 + tau * lam), np.max(roots.real)


def exact_flow(m, s, t, lam, temperature):
    generator = np.array([[-2 * lam, 2 * temperature], [0.0, 0.0]])
    variance = (scipy.linalg.expm(t * generator) @ [s**2, 1.0])[0]
    return m * np.exp(-lam * t), np.sqrt(variance)


def free_energy(m, s, lam, temperature):
    return lam / 2 * (m**2 + s**2) - temperature * scipy.stats.norm(m, s).entropy()


def dissipation(m, s, lam, temperature):
    """The integral of rho v^2 by Gauss and Hermite: v is linear, two nodes would do."""
    z, weights = np.polynomial.hermite_e.hermegauss(4)
    v = -lam * (m + s * z) + temperature * z / s
    return weights @ v**2 / np.sqrt(2 * np.pi)


def mean_field_law(m0, S0, A, kappa, temperature, t):
    """Van Loan's block exponential for the covariance."""
    A = np.asarray(A)
    d = len(A)
    B = A + kappa * np.eye(d)
    block = scipy.linalg.expm(t * np.block([[B, 2 * temperature * np.eye(d)], [np.zeros((d, d)), -B]]))
    decay = block[d:, d:]
    return scipy.linalg.expm(-t * A) @ np.asarray(m0), decay @ np.asarray(S0) @ decay.T + decay @ block[:d, d:]


def twin_distance(n, S0, A, kappa, temperature, t):
    """The covariance of (Y - U, Y) as one linear system; it is 0 from the start for the first."""
    A = np.asarray(A)
    d, eye = len(A), np.eye(len(A))
    # D = Y - U: D' = -(A + kappa) D + kappa Y, driven by Y alone.
    alpha, V = np.linalg.eigh(A)
    total = 0.0
    for rate, start in zip(alpha, np.diag(V.T @ np.asarray(S0) @ V), strict=True):
        # unknowns E D^2, E D Y, E Y^2, 1
        M = np.array(
            [
                [-2 * (rate + kappa), 2 * kappa, 0, 0],
                [0, -(2 * rate + kappa), kappa, 0],
                [0, 0, -2 * rate, 2 * temperature],
                [0, 0, 0, 0],
            ]
        )
        total += (scipy.linalg.expm(t * M) @ [0, 0, start, 1])[0]
    return total / n
