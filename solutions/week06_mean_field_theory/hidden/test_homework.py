"""Hidden suite of week06/homework. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

What each input makes visible:

    bures      covariances that do not commute, 1 to 4 dimensions, and 50; rank one and two, 0 on either side, the same twice,
               long and thin ones, the least that is allowed; means; t = 0, 1, between
    entropic   a below, above and near b, all small, all large; each power of ten of eps from 1e-6 to 1e9; eps above and below 2b
    heat       1 to 4 dimensions, unequal weights and variances and equal ones, 1 to 3 components; t = 0 and 100; points at 100,
               with one component that rules and with two that share; places in no order, between the heaps, in the tails
    jko        s not s^2, s = 0, T = 0, both, s = 0.003, lam positive, negative, 0, from 1e-14 to 2e-4; m of both signs, and 50;
               1 + tau lam near 0 and huge; t = 0, |lam| t = 20, t = 2e9; each result by itself
    chaos      S0 and A that do not commute, negative and zero eigenvalues of A and of A + kappa, exact, rounded and nearly so,
               the same ones on other axes; covariances of e^-24; kappa = 0, 0.01; n = 1, 10^6; t = 0, 2
"""

import numpy as np
import scipy.integrate
import scipy.linalg
import scipy.optimize
import scipy.special
import scipy.stats

from autograder.testing import as_array, assert_close, gated, question, require, weight

FLOAT64 = "the text promises 1e-6"


def close(got, expected, rtol=3e-6, atol=1e-9, why=FLOAT64):
    assert_close(got, expected, rtol=rtol, atol=atol, why=why)


def pair_of(result, what):
    """The two parts of a result, after checking that there are two."""
    listed = isinstance(result, (list, tuple)) or (isinstance(result, np.ndarray) and result.ndim > 0)
    require(listed and len(result) == 2, f"return the pair {what}")
    return result[0], result[1]


def covariance(rng, d, low=0.3):
    """A covariance without preferred axes."""
    G = rng.normal(size=(d, d))
    return G @ G.T / d + low * np.eye(d)


def masses_of(rng, k):
    mass = rng.uniform(0.5, 2.0, size=k) * np.linspace(1.0, 2.0, k)
    return mass / mass.sum()


# --- 6.1 ------------------------------------------------------------------------------------------------------------


def distance_reference(m1, S1, m2, S2):
    """tr (S1^(1/2) S2 S1^(1/2))^(1/2) is the sum of the roots of the eigenvalues of S1 S2."""
    overlap = np.sqrt(np.maximum(np.linalg.eigvals(S1 @ S2).real, 0)).sum()
    return np.sum((m1 - m2) ** 2) + np.trace(S1 + S2) - 2 * overlap


def map_reference(S1, S2):
    """(T S1)^2 = S2 S1, so T = (S2 S1)^(1/2) S1^-1, by the Schur method."""
    return np.real(scipy.linalg.sqrtm(S2 @ S1)) @ np.linalg.inv(S1)


def map_in_the_plane(S1, S2, det1, det2):
    """(M + sqrt(det M) I) / (tr M + 2 sqrt(det M))^(1/2) is the root of a 2 x 2 matrix M; here of S2 S1, times S1^-1."""
    root = np.sqrt(det1 * det2)
    inverse = np.array([[S1[1, 1], -S1[0, 1]], [-S1[1, 0], S1[0, 0]]]) / det1
    return (S2 + root * inverse) / np.sqrt(np.trace(S2 @ S1) + 2 * root)


@question("bures", reference="eigenvalues of S1 S2; scipy.linalg.sqrtm of S2 S1; closed forms for rank one and two dimensions")
class TestBures:
    def test_distance(self, student, rng):
        """W_2^2 for covariances that do not commute, and means that differ."""
        for d in (1, 2, 3):
            m1, m2, S1, S2 = rng.normal(size=d), rng.normal(size=d), covariance(rng, d), covariance(rng, d)
            close(student.squared_distance(m1, S1, m2, S2), distance_reference(m1, S1, m2, S2), atol=3e-6)

    def test_map(self, student, rng):
        """T is symmetric, positive and carries S1 to S2; there is only one such matrix.

        S1^(1/2) T S1^(1/2) is a root: of which matrix?
        """
        for d in (1, 2, 4):
            S1, S2 = covariance(rng, d), covariance(rng, d)
            close(student.transport_matrix(S1, S2), map_reference(S1, S2))

    def test_geodesic(self, student, rng):
        """At the time t the mass is at ((1 - t) + t T) x: the covariance of that."""
        for d in (1, 3):
            S1, S2, t = covariance(rng, d), covariance(rng, d), float(rng.uniform(0.2, 0.8))
            way = (1 - t) * np.eye(d) + t * map_reference(S1, S2)
            close(student.geodesic_covariance(S1, S2, t), way @ S1 @ way)

    @gated
    @weight(4)
    def test_singular_covariances(self, student, rng):
        """Laws on a line, a point, twice the same: singular covariances have a distance, too.

        Rounding makes eigenvalues of -1e-17, whose root is NaN. For rank one tr K is |u.v|.
        """
        for d in (2, 3):
            zero, u, v, S = np.zeros(d), rng.normal(size=d), rng.normal(size=d), covariance(rng, d)
            rank_one = u @ u + v @ v - 2 * abs(u @ v)
            close(student.squared_distance(zero, np.outer(u, u), zero, np.outer(v, v)), rank_one, atol=1e-5)
            close(student.squared_distance(u, np.outer(u, u), v, np.zeros((d, d))), np.sum((u - v) ** 2) + u @ u, atol=1e-5)
            close(
                student.squared_distance(zero, np.outer(u, u), zero, S), u @ u + np.trace(S) - 2 * np.sqrt(u @ S @ u), atol=1e-5
            )
            close(student.squared_distance(zero, S, zero, S), 0.0, atol=1e-5)
            T = np.outer(u, u) / np.sqrt(u @ S @ u)
            loose = "the text promises 1e-4 of the largest entry where S2 is singular"
            assert_close(student.transport_matrix(S, np.outer(u, u)), T, rtol=0, atol=2e-4 * np.abs(T).max(), why=loose)
            way = 0.25 * np.eye(d) + 0.75 * T
            assert_close(student.geodesic_covariance(S, np.outer(u, u), 0.75), way @ S @ way, rtol=2e-4, why=loose)
        G, nothing = rng.normal(size=(3, 2)), np.zeros((3, 3))
        T = G @ G.T  # rank two; the map to T S T is T
        assert_close(student.transport_matrix(S, T @ S @ T), T, rtol=2e-4, why=loose)
        close(student.squared_distance(u, nothing, v, S), np.sum((u - v) ** 2) + np.trace(S), atol=1e-5)
        close(student.squared_distance(u, nothing, v, nothing), np.sum((u - v) ** 2), atol=1e-5)
        assert_close(student.transport_matrix(S, nothing), nothing, atol=1e-5, why="the root of a rounding error is large")
        assert_close(student.geodesic_covariance(S, nothing, 0.25), 0.5625 * S, rtol=2e-4, why=loose)
        close(student.squared_distance(zero, 1e-4 * S, zero, 4e-4 * S), 1e-4 * np.trace(S), rtol=0, atol=3e-6)
        many = np.diag(rng.uniform(0.5, 1.5, size=50) / 50)
        close(student.squared_distance(np.zeros(50), many, np.zeros(50), 0 * many), np.trace(many), rtol=0, atol=4e-6)
        S1, S2 = symmetric(rng, [0.01, 0.015]), symmetric(rng, [1e-4, 1.2e-4])
        close(student.transport_matrix(S1, S2), map_in_the_plane(S1, S2, 1.5e-4, 1.2e-8))

    @gated
    def test_a_straight_line(self, student, rng):
        """W_2(S1, S_t) = t W_2(S1, S2) for your S_t, and the two ends are S1 and S2."""
        S1, S2, zero, t = covariance(rng, 3), covariance(rng, 3), np.zeros(3), float(rng.uniform(0.2, 0.8))
        whole = distance_reference(zero, S1, zero, S2)
        between = as_array(student.geodesic_covariance(S1, S2, t), (3, 3), "S_t")
        close(distance_reference(zero, S1, zero, between), t**2 * whole, atol=1e-6)
        close(distance_reference(zero, between, zero, S2), (1 - t) ** 2 * whole, atol=1e-6)
        close(student.geodesic_covariance(S1, S2, 0.0), S1)
        close(student.geodesic_covariance(S1, S2, 1.0), S2)
        wide, narrow = 100 * np.eye(2), 0.01 * np.eye(2)
        close(student.transport_matrix(wide, narrow), 0.01 * np.eye(2))
        close(student.transport_matrix(narrow, wide), 100 * np.eye(2))
        S1, S2 = symmetric(rng, [100.0, 0.01]), symmetric(rng, [1e-4, 100.0])
        close(student.transport_matrix(S1, S2), map_in_the_plane(S1, S2, 1.0, 0.01))


# --- 6.2 ------------------------------------------------------------------------------------------------------------


def cost_at(c, a, b, eps):
    return a + b - 2 * c - eps / 2 * np.log1p(-(c**2) / (a * b))


def stationary(a, b, eps):
    """The c at which the derivative of the cost, divided by eps or so, changes its sign."""
    slope = lambda c: eps * c / (a * b - c**2) - 2
    return scipy.optimize.brentq(slope, 0, np.sqrt(a * b) * (1 - 1e-12), xtol=1e-30)


def least_cost(a, b, eps):
    """The minimum over the correlation by golden section, float64."""
    root = np.sqrt(a * b)
    found = scipy.optimize.minimize_scalar(lambda r: cost_at(r * root, a, b, eps), bounds=(0, 1 - 1e-12), method="bounded",
                                           options={"xatol": 1e-12})  # fmt: skip
    return found.x * root, found.fun


def either_way(rng, eps):
    """Two different variances; the larger one is the first for eps from 1 to 5."""
    less, more = float(rng.uniform(0.5, 2)), float(rng.uniform(2.5, 6))
    return (more, less) if 1 <= eps <= 5 else (less, more)


@question(
    "entropic", reference="minimisation over the covariance in float64; series for small and large eps; a scan over variances"
)
class TestEntropic:
    def test_covariance(self, student, rng):
        """The stationary point: -2 + eps c / (ab - c^2) = 0."""
        for eps in (0.5, 2.0, 8.0):
            a, b = either_way(rng, eps)
            eps = eps * float(rng.uniform(0.8, 1.2))
            got = float(as_array(student.entropic_covariance(a, b, eps), (), "c"))
            close(got, stationary(a, b, eps), atol=0)

    def test_cost(self, student, rng):
        """The value at the minimum: transport and divergence, which is positive."""
        for eps in (0.3, 1.0, 10.0):
            a, b = either_way(rng, eps)
            eps = eps * float(rng.uniform(0.8, 1.2))
            close(student.entropic_cost(a, b, eps), least_cost(a, b, eps)[1], atol=5e-6)

    def test_the_cheapest_variance(self, student, rng):
        """For given b the cost is least at a variance below b."""
        for share in (0.3, 1.0, 1.6):
            b = float(rng.uniform(0.5, 4))
            eps = share * b * float(rng.uniform(0.9, 1.1))
            found = scipy.optimize.minimize_scalar(lambda a, b=b, eps=eps: least_cost(a, b, eps)[1], bounds=(1e-6, 2 * b),
                                                   method="bounded", options={"xatol": 1e-10})  # fmt: skip
            close(student.cheapest_variance(b, eps), found.x, rtol=0, atol=2e-5, why="the text promises 1e-5, the scan 1e-6")

    @gated
    @weight(3)
    def test_the_whole_range(self, student, rng):
        """eps from 1e-6 to 1e9, for two small variances and two large ones; and an eps for which the cheapest cloud is a point.

        For large eps c = 2ab/eps: no difference of large numbers. For small eps c = sqrt(ab) - eps/4.
        """
        a, b = float(rng.uniform(0.02, 0.1)), float(rng.uniform(20, 90))
        for eps in (1e5, 1e9):
            x = 16 * a * b / eps**2
            close(student.entropic_covariance(a, b, eps), eps / 4 * (x / 2 - x**2 / 8), atol=0)
            close(student.entropic_cost(a, b, eps), a + b - 2 * a * b / eps, rtol=0, atol=2e-6 * (a + b))
        for eps in (1e-6, 1e-4):
            root = np.sqrt(a * b)
            c = root - eps / 4 + eps**2 / (32 * root)
            close(student.entropic_covariance(b, a, eps), c, atol=0)
            close(student.entropic_cost(b, a, eps), cost_at(c, a, b, eps), rtol=0, atol=2e-6 * (a + b))
        for power in range(-6, 9):
            for a, b in (rng.uniform(0.01, 0.02, size=2), rng.uniform(60, 100, size=2)):
                a, b, eps = float(a), float(b), 10.0**power * float(rng.uniform(1, 9))
                c = stationary(a, b, eps)
                close(student.entropic_covariance(a, b, eps), c, atol=0)
                close(student.entropic_cost(a, b, eps), cost_at(c, a, b, eps), rtol=0, atol=2e-6 * (a + b))
        for eps in (1e-6, 1e-3):
            close(student.cheapest_variance(b, eps), b - eps / 2, rtol=0, atol=2e-5)
        for eps in (2.5 * b, 1e9):
            close(student.cheapest_variance(b, eps), 0.0, rtol=0, atol=2e-5)


# --- 6.3 ------------------------------------------------------------------------------------------------------------


def log_density(x, weights, means, variances, t):
    """ln rho_t by SciPy's densities, one point after the other."""
    d = means.shape[1]
    parts = [np.log(p) + scipy.stats.multivariate_normal(m, (s + 2 * t) * np.eye(d)).logpdf(x) for p, m, s in
             zip(weights, means, variances, strict=True)]  # fmt: skip
    return scipy.special.logsumexp(parts, axis=0)


def velocity_reference(x, weights, means, variances, t):
    """Minus the gradient of ln rho by central differences."""
    slope = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape[1])
        step[index[1]] = 1e-4
        up, down = (log_density(x[index[0]] + sign * step, weights, means, variances, t) for sign in (1, -1))
        slope[index] = (up - down) / 2e-4
    return -slope


def mixture(rng, k, d):
    """weights, means, variances."""
    return masses_of(rng, k), rng.normal(size=(k, d)) * 1.5, rng.uniform(0.3, 3.0, size=k)


def mass_below(x, weights, means, variances, t):
    return float(weights @ scipy.stats.norm.cdf(x, means, np.sqrt(variances + 2 * t)))


@question("heat", reference="differences of SciPy's log-densities; the mass on the left; scipy's integrator along the velocity")
class TestHeat:
    def test_velocity(self, student, rng):
        """v = -grad ln rho for mixtures in one, two and four dimensions, with unequal weights and variances.

        The variances have grown by 2t; a component counts with its density at the point.
        """
        for k, d in ((1, 1), (3, 1), (2, 2), (3, 4)):
            parts, x, t = mixture(rng, k, d), rng.normal(size=(4, d)), float(rng.uniform(0.1, 1.0))
            got = student.heat_velocity(x, *parts, t)
            assert_close(got, velocity_reference(x, *parts, t), rtol=1e-5, atol=1e-6, why="differences are good to 1e-7")

    def test_paths(self, student, rng):
        """A particle keeps the mass on its left: its level is the same at all times."""
        for k in (1, 3):
            weights, means, variances = mixture(rng, k, 1)
            means, t = np.clip(means[:, 0], -4, 4), float(rng.uniform(0.5, 2.0))
            x0 = means[np.arange(4) % k] + 0.5 * rng.normal(size=4)
            got = as_array(student.heat_path(x0, weights, means, variances, t), (4,), "The places")
            before = [mass_below(v, weights, means, variances, 0) for v in x0]
            expected = [scipy.optimize.brentq(lambda v, u=u: mass_below(v, weights, means, variances, t) - u, -60, 60, xtol=1e-13)
                        for u in before]  # fmt: skip
            assert_close(got, expected, rtol=0, atol=2e-5, why="the text promises 1e-5")

    @gated
    @weight(2)
    def test_the_whole_range(self, student, rng):
        """Velocities at 100, where all densities vanish; paths from the valley and the tails; the times 0 and 100.

        Keep to the logarithms of the densities: the quotient of two numbers that underflow is NaN. Your places are where the
        velocity carries a particle: the component of a particle is nothing that it keeps.
        """
        weights, centres, _ = mixture(rng, 2, 2)
        variances = np.array([0.25, float(rng.uniform(3, 4))])
        x = np.array([[100.0, -90.0], [-95.0, 80.0]]) + rng.normal(size=(2, 2))
        close(student.heat_velocity(x, weights, centres, variances, 0.0), (x - centres[1]) / variances[1])
        late = velocity_reference(x, weights, centres, variances, 100.0)
        assert_close(
            student.heat_velocity(x, weights, centres, variances, 100.0), late, rtol=1e-5, why="differences are good to 1e-7"
        )
        between = centres + 0.5 * rng.normal(size=(2, 2))
        early = velocity_reference(between, weights, centres, variances, 0.0)
        assert_close(
            student.heat_velocity(between, weights, centres, variances, 0.0), early, rtol=1e-5, why="differences are good to 1e-7"
        )
        close(student.heat_velocity(x, np.ones(1), centres[:1], np.array([4.0]), 2.5), (x - centres[0]) / 9)
        # Two equal heaps: the shares of a point are a logistic function of its first coordinate, near and far.
        side, width = 5.0, float(rng.uniform(0.25, 0.3))
        odds = np.log(weights[1] / weights[0]) / 2
        # Where the velocity is curved most, and where one heap has a share of 3e-6.
        near = np.array([[0.66 - odds, 0.0], [6.3 - odds, 0.0]]) * width / side
        # Far along the border between the heaps exponents of 2e4 differ by 0.1: single precision has no digits for that.
        border = np.stack([rng.uniform(0.01, 0.03, size=6), rng.uniform(80, 100, size=6)], axis=1)
        for x in (near, border, np.array([[60.0, -20.0]])):
            shares = np.tanh(side * x[:, 0] / width + odds)
            expected = np.stack([x[:, 0] - side * shares, x[:, 1]], axis=1) / width
            twins = np.array([[-side, 0.0], [side, 0.0]])
            close(student.heat_velocity(x, weights, twins, np.full(2, width), 0.0), expected)
        weights, means, variances = masses_of(rng, 2), np.array([-2.0, 1.5]) + 0.2 * rng.normal(size=2), np.array([0.5, 1.0])
        ends = [scipy.optimize.brentq(lambda v, u=u: mass_below(v, weights, means, variances, 0) - u, -20, 20, xtol=1e-13)
                for u in (2e-6, 1 - 2e-6)]  # fmt: skip
        x0 = np.array([0.2 * rng.normal(), ends[1], ends[0], 0.2 * rng.normal() - 1.0])

        def flow(t, x):
            away = x[:, None] - means
            parts = weights * np.exp(-(away**2) / (2 * (variances + 2 * t))) / np.sqrt(variances + 2 * t)
            return (parts * away / (variances + 2 * t)).sum(1) / parts.sum(1)

        spread = np.array([5 - 4.7, 5 + 4.7]) + 0.05 * rng.uniform(-1, 1, size=2)
        got = student.heat_path(spread, np.ones(1), np.array([5.0]), np.ones(1), 100.0)
        assert_close(got, 5 + (spread - 5) * np.sqrt(201), rtol=0, atol=2e-5, why="the text promises 1e-5")
        path = scipy.integrate.solve_ivp(flow, (0, 100), x0, t_eval=[0, 1.5, 100], rtol=1e-10, atol=1e-11)
        for t, expected in zip(path.t, path.y.T, strict=True):
            got = student.heat_path(x0, weights, means, variances, float(t))
            assert_close(got, expected, rtol=0, atol=3e-5, why="the text promises 1e-5, the integrator 1e-8")


# --- 6.4 ------------------------------------------------------------------------------------------------------------


def step_reference(m, s, tau, lam, temperature):
    """The minimum over m' and s' one after the other (the energy is a sum), by roots of the derivatives."""
    mean = m / (1 + tau * lam)
    slope = lambda log_s: np.exp(2 * log_s) * (1 + tau * lam) - np.exp(log_s) * s - tau * temperature
    return mean, np.exp(scipy.optimize.brentq(slope, -40, 10, xtol=1e-14))


def energy_reference(m, s, lam, temperature):
    """F by Gauss-Hermite quadrature of the density and its logarithm."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    x = m + s * nodes
    inside = lam / 2 * x**2 + temperature * scipy.stats.norm.logpdf(x, m, s)
    return weights @ inside / weights.sum()


def flow_reference(m, s, t, lam, temperature):
    """Mean and variance by scipy's integrator."""
    path = scipy.integrate.solve_ivp(lambda _, v: [-lam * v[0], -2 * lam * v[1] + 2 * temperature], (0, t), [m, s**2],
                                     rtol=1e-11, atol=1e-13)  # fmt: skip
    return path.y[0, -1], np.sqrt(path.y[1, -1])


def states(rng):
    """(m, s, lam, T) with s far from 1, m and lam of both signs."""
    for lam in (1.0, -0.4, 2.5):
        m, s, T = float(rng.uniform(1, 2)), float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.3, 1.5))
        yield m if lam > 0 else -m, s, lam * float(rng.uniform(0.8, 1.2)), T


@question("jko", reference="roots of the derivative; scipy's integrator of mean and variance; Gauss-Hermite quadrature")
class TestJko:
    def test_step(self, student, rng):
        """m' and s' minimise the free energy plus the squared distance over 2 tau.

        (s' - s)/tau + lam s' - T/s' = 0 is quadratic in s'.
        """
        for m, s, lam, T in states(rng):
            tau = float(rng.uniform(0.2, 0.8))
            mean, width = pair_of(student.jko_step(m, s, tau, lam, T), "(m', s')")
            expected = step_reference(m, s, tau, lam, T)
            close(mean, expected[0])
            close(width, expected[1])

    def test_exact_flow(self, student, rng):
        """Mean and standard deviation of the Fokker-Planck equation."""
        for m, s, lam, T in states(rng):
            t = float(rng.uniform(0.3, 1.2))
            mean, width = pair_of(student.exact_flow(m, s, t, lam, T), "(mean, standard deviation)")
            expected = flow_reference(m, s, t, lam, T)
            close(mean, expected[0])
            close(width, expected[1])

    def test_free_energy(self, student, rng):
        """The free energy of a normal law: potential energy of mean and width, minus temperature times entropy."""
        for m, s, lam, T in states(rng):
            close(student.free_energy(m, s, lam, T), energy_reference(m, s, lam, T))

    def test_dissipation(self, student, rng):
        """What the free energy loses per unit of time, along the exact flow."""
        for m, s, lam, T in states(rng):
            after, before = (energy_reference(*flow_of_sign(m, s, h, lam, T), lam, T) for h in (1e-4, -1e-4))
            close(student.dissipation(m, s, lam, T), (before - after) / 2e-4, rtol=1e-5, why="differences are good to 1e-7")

    @gated
    @weight(4)
    def test_the_whole_range(self, student, rng):
        """No potential, a tiny one, no temperature, a point at the start, huge steps; Gibbs' law is a fixed point of every step.

        (1 - e^(-2 lam t)) / lam tends to 2t as lam goes to 0.
        """
        m, s, T = float(rng.uniform(1, 2)), float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.5, 1.5))
        for lam in (0.0, 1e-14, -1e-14, 3e-13, 3e-12):
            mean, width = pair_of(student.exact_flow(m, s, 0.75, lam, T), "(mean, standard deviation)")
            close([mean, width], [m, np.sqrt(s**2 + 1.5 * T)])
            mean, width = pair_of(student.jko_step(m, s, 0.75, lam, T), "(m', s')")
            close([mean, width], [m, (s + np.sqrt(s**2 + 3 * T)) / 2])
        mean, width = pair_of(student.exact_flow(m, s, 0.75, -2e-4, T), "(mean, standard deviation)")
        close([mean, width], flow_reference(m, s, 0.75, -2e-4, T))
        mean, width = pair_of(student.exact_flow(m, s, 2e9, 1e-9, T), "(mean, standard deviation)")
        close(mean, m * np.exp(-2))
        close(width, np.sqrt(s**2 * np.exp(-4) - T * np.expm1(-4) / 1e-9))
        close(list(pair_of(student.jko_step(m, s, 1e6, 0.0, T), "(m', s')")), [m, (s + np.sqrt(s**2 + 4e6 * T)) / 2])
        lam = float(rng.uniform(0.5, 2))
        mean, width = pair_of(student.jko_step(m, 0.0, 0.5, lam, T), "(m', s')")
        close([mean, width], [m / (1 + lam / 2), np.sqrt(T / 2 / (1 + lam / 2))])
        mean, width = pair_of(student.exact_flow(m, 0.0, 20 / lam, lam, T), "(mean, standard deviation)")
        close(mean, m * np.exp(-20), atol=0)
        close(width, np.sqrt(T / lam))
        mean, width = pair_of(student.exact_flow(m, s, 20 / lam, -lam, T), "(mean, standard deviation)")
        close([mean, width], [m * np.exp(20), np.sqrt(s**2 * np.exp(40) + T * np.expm1(40) / lam)], rtol=1.5e-6, atol=0)
        close(list(pair_of(student.exact_flow(m, s, 0.0, lam, T), "(mean, standard deviation)")), [m, s])
        close(list(pair_of(student.exact_flow(m, 0.0, 0.5, 0.0, T), "(mean, standard deviation)")), [m, np.sqrt(T)])
        close(pair_of(student.exact_flow(m, 0.0, 0.5, lam, 0.0), "(mean, standard deviation)"), (m * np.exp(-lam / 2), 0.0))
        close(pair_of(student.jko_step(m, 0.0, 0.5, lam, 0.0), "(m', s')"), (m / (1 + lam / 2), 0.0))
        mean, width = pair_of(student.jko_step(m, s, 0.98 / lam, -lam, T), "(m', s')")
        expected = step_reference(m, s, 0.98 / lam, -lam, T)
        close(mean, expected[0])
        close(width, expected[1])
        close(list(pair_of(student.jko_step(m, s, 0.5, lam, 0.0), "(m', s')")), [m / (1 + lam / 2), s / (1 + lam / 2)])
        close(list(pair_of(student.exact_flow(m, s, 0.5, lam, 0.0), "two numbers")), [m * np.exp(-lam / 2), s * np.exp(-lam / 2)])
        gibbs = np.sqrt(T / lam)
        for tau in (0.25, 1000.0):
            close(list(pair_of(student.jko_step(0.0, gibbs, tau, lam, T), "(m', s')")), [0.0, gibbs])
        mean, width = pair_of(student.jko_step(m, s, 1e6, lam, T), "(m', s')")
        close(mean, m / (1 + 1e6 * lam), atol=0)
        close(width, step_reference(m, s, 1e6, lam, T)[1])
        close(student.dissipation(0.0, gibbs, lam, T), 0.0, atol=1e-8)
        close(student.dissipation(m, 0.003, 0.0, T), (T / 0.003) ** 2)
        close(student.free_energy(m, s, 0.0, T), energy_reference(m, s, 0.0, T))
        close(student.free_energy(50.0, 0.003, lam, T), energy_reference(50.0, 0.003, lam, T))


def flow_of_sign(m, s, t, lam, temperature):
    """The exact flow for a tiny time of either sign, by the series of mean and variance to the second order."""
    rate = -2 * lam * s**2 + 2 * temperature
    variance = s**2 + t * rate - lam * t**2 * rate
    return m * (1 - lam * t + lam**2 * t**2 / 2), np.sqrt(variance)


# --- 6.5 ------------------------------------------------------------------------------------------------------------


def law_reference(m0, S0, A, kappa, T, t):
    """The mean by the matrix exponential, the covariance by that of the linear equation for (S, 1)."""
    d = len(m0)
    B = A + kappa * np.eye(d)
    generator = np.zeros((d * d + 1, d * d + 1))
    generator[: d * d, : d * d] = -np.kron(B, np.eye(d)) - np.kron(np.eye(d), B)
    generator[: d * d, -1] = 2 * T * np.eye(d).ravel()
    S = (scipy.linalg.expm(t * generator) @ np.append(S0.ravel(), 1.0))[: d * d].reshape(d, d)
    return scipy.linalg.expm(-t * A) @ m0, S


def distance_by_moments(n, S0, A, kappa, T, t):
    """tr Cov(Y - U), from the linear equation for the joint covariance of (Y, U) with shared noise."""
    d = len(A)
    drift = np.block([[A, np.zeros((d, d))], [np.zeros((d, d)), A + kappa * np.eye(d)]])
    D, both = 2 * d, np.kron(np.ones((2, 2)), np.eye(d))
    generator = np.zeros((D * D + 1, D * D + 1))
    generator[: D * D, : D * D] = -np.kron(drift, np.eye(D)) - np.kron(np.eye(D), drift)
    generator[: D * D, -1] = 2 * T / n * both.ravel()
    start = np.kron(np.ones((2, 2)), S0) / n
    C = (scipy.linalg.expm(t * generator) @ np.append(start.ravel(), 1.0))[: D * D].reshape(D, D)
    return np.trace(C[:d, :d] + C[d:, d:] - C[:d, d:] - C[d:, :d])


def symmetric(rng, eigenvalues):
    """A symmetric matrix with these eigenvalues and no preferred axes."""
    axes, _ = np.linalg.qr(rng.normal(size=(len(eigenvalues), len(eigenvalues))))
    A = (axes * eigenvalues) @ axes.T
    return (A + A.T) / 2


@question("chaos", reference="matrix exponentials of the equations for the moments, those of particle and twin together")
class TestChaos:
    def test_the_law(self, student, rng):
        """Mean and covariance of the limit, for a start that does not commute with the force."""
        for eigenvalues in ([0.7], [1.5, -0.4], [2.0, 0.5, 1.0]):
            d = len(eigenvalues)
            A, S0, m0 = symmetric(rng, eigenvalues), covariance(rng, d), rng.normal(size=d) + 1.0
            kappa, T, t = (float(v) for v in rng.uniform(0.3, 1.2, size=3))
            m, S = pair_of(student.mean_field_law(m0, S0, A, kappa, T, t), "(m(t), S(t))")
            expected = law_reference(m0, S0, A, kappa, T, t)
            close(m, expected[0])
            close(S, expected[1])

    def test_distance_to_the_twin(self, student, rng):
        """The mean squared distance, exactly, for n particles.

        Y and U start together and feel the same noise, with variances over n; their rates are A and A + kappa.
        """
        for n, eigenvalues in ((1, [0.7]), (5, [1.5, -0.4]), (40, [2.0, 0.5, 1.0])):
            A, S0 = symmetric(rng, eigenvalues), covariance(rng, len(eigenvalues))
            kappa, T, t = (float(v) for v in rng.uniform(0.4, 1.2, size=3))
            close(student.twin_distance(n, S0, A, kappa, T, t), distance_by_moments(n, S0, A, kappa, T, t), atol=0)

    def test_start_alone_and_noise_alone(self, student, rng):
        """Without noise and from a point: each source of fluctuations by itself."""
        A = symmetric(rng, [1.2, 0.3])
        kappa, t = float(rng.uniform(0.5, 1.2)), float(rng.uniform(0.5, 1.5))
        for n, S0, T in ((1, covariance(rng, 2), 0.0), (3, np.zeros((2, 2)), float(rng.uniform(0.5, 1)))):
            m0 = rng.normal(size=2)
            close(student.twin_distance(n, S0, A, kappa, T, t), distance_by_moments(n, S0, A, kappa, T, t), atol=0)
            _, S = pair_of(student.mean_field_law(m0, S0, A, kappa, T, t), "(m(t), S(t))")
            close(S, law_reference(m0, S0, A, kappa, T, t)[1])

    @gated
    @weight(3)
    def test_the_whole_range(self, student, rng):
        """No force, a force that the attraction just balances, no attraction, a weak one, a million particles, times 0 and 2.

        (1 - e^(-rt)) / r tends to t as r goes to 0.
        """
        S0, T, kappa = covariance(rng, 2), float(rng.uniform(0.5, 1)), float(rng.integers(1, 4)) / 2
        turned = [symmetric(rng, [-kappa, 0.0]) for _ in range(3)]  # their eigenvalues are computed with rounding errors
        for A in (np.zeros((2, 2)), -kappa * np.eye(2), np.diag([-kappa / 2, 3.0]), np.diag([-kappa + 5e-4, 1.0]), *turned):
            m0 = rng.normal(size=2)
            m, S = pair_of(student.mean_field_law(m0, S0, A, kappa, T, 0.75), "(m(t), S(t))")
            expected = law_reference(m0, S0, A, kappa, T, 0.75)
            close(m, expected[0])
            close(S, expected[1])
            close(
                student.twin_distance(1_000_000, S0, A, kappa, T, 0.75),
                distance_by_moments(1_000_000, S0, A, kappa, T, 0.75),
                atol=0,
            )
        A, m0 = symmetric(rng, [2.5, -0.5]), rng.normal(size=2)
        m, S = pair_of(student.mean_field_law(m0, S0, A, 0.0, T, 1.0), "(m(t), S(t))")
        expected = law_reference(m0, S0, A, 0.0, T, 1.0)
        close(m, expected[0])
        close(S, expected[1])
        close(student.twin_distance(7, S0, A, 0.0, T, 2.0), 0.0, atol=1e-9)
        close(student.twin_distance(7, S0, A, 2.0, T, 0.0), 0.0, atol=1e-9)
        weak = distance_by_moments(7, S0, A, 0.01, T, 2.0)
        close(student.twin_distance(7, S0, A, 0.01, T, 2.0), weak, rtol=1e-5, atol=0, why="the reference is good to 1e-7 here")
        m, S = pair_of(student.mean_field_law(m0, S0, 3 * np.eye(2), 3.0, 0.0, 2.0), "(m(t), S(t))")
        close(m, np.exp(-6) * m0, atol=0)
        close(S, np.exp(-24) * S0, atol=0)
        for t in (0.0, 2.0):
            m, S = pair_of(student.mean_field_law(m0, S0, A, 2.0, T, t), "(m(t), S(t))")
            expected = law_reference(m0, S0, A, 2.0, T, t)
            close(m, expected[0])
            close(S, expected[1])
        close(student.twin_distance(2, S0, A, 2.0, T, 2.0), distance_by_moments(2, S0, A, 2.0, T, 2.0), rtol=1e-5, atol=0,
              why="the reference is good to 1e-7 here")  # fmt: skip
