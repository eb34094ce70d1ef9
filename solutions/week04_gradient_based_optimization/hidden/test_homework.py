"""Hidden suite of week04/homework. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

What each input makes visible:

    quadratic  1, 2 and 4 starts in 2 and 3 dimensions; H not diagonal; flat directions with b along them, exact in float32
               and flat up to rounding; no curvature at all; curvatures far below 1; no step, 1, 7 and a million; unstable eta,
               eta lam = 1; rates with eta lam near 1e-6 and near 1
    noisy      schedules that change in every step (order, index) and jump over the minimum (eta lam > 1); 1/(lam (k+1)), where
               the answer is sigma^2/(lam^2 n) exactly; n = 1 and 5000; sigma = 0 and w0 = 0 (mean and variance alone)
    ode        r = 1, 3 and not a whole number; t = 0, not sorted, up to z = 100; 0 and 20 000 iterates (the momentum at large k)
    saxe       s = 0, a0 above s and down to 1e-6, s t = 10 000, modes of very different size; wide, tall and square Y, of full
               and of lower rank; depths 2 to 10; six decades of a
    balance    2 to 4 layers of different and of equal sizes, several examples, n_in not n_out, eta from 1e-8 to 1, a network
               that has nearly learned its task
"""

import itertools

import numpy as np
import scipy.integrate
import scipy.special

from autograder.testing import as_array, assert_close, gated, question, require, weight

DIGITS = "the text asks for three digits"


def close(got, expected, atol=1e-6):
    assert_close(got, expected, rtol=1e-3, atol=atol, why=DIGITS)


def parts_of(result, count, what):
    """The parts of a result as a list, after checking how many there are."""
    listed = isinstance(result, (list, tuple)) or (isinstance(result, np.ndarray) and result.ndim > 0)
    require(listed and len(result) == count, f"return {what}")
    return list(result)


def eighths(rng, *shape):
    """Random multiples of 1/8: sums and products of a few are exact in float32."""
    return rng.integers(-12, 13, size=shape) / 8


# --- 4.1 ------------------------------------------------------------------------------------------------------------


def positive(rng, d):
    A = 2 * rng.normal(size=(d, d))
    return np.asarray(A @ A.T / 4 + np.eye(d) / 4, np.float32).astype(float)


def stepped(H, b, w, eta, steps):
    for _ in range(steps):
        w = w - eta * (w @ H - b)
    return w


@question("quadratic", reference="gradient descent step by step in float64; two-point differences; a scan over curvatures")
class TestQuadratic:
    def test_some_steps(self, student, rng):
        """The closed form agrees with the loop: none, one, and seven steps, with and without b."""
        H, w0 = positive(rng, 3), rng.normal(size=(2, 3)) + 2
        eta = float(rng.uniform(0.3, 0.9)) / np.linalg.eigvalsh(H)[-1]
        for steps, b in ((7, np.zeros(3)), (0, rng.normal(size=3)), (1, rng.normal(size=3)), (7, rng.normal(size=3))):
            close(student.gd_iterate(H, b, w0, eta, steps), stepped(H, b, w0, eta, steps))

    def test_backward_rates(self, student, rng):
        """A flow with the exact rate shrinks by 1 - eta lam in the time eta; the expansion adds eta^(n-1) lam^n / n.

        log(1 - x) = -x - x^2/2 - x^3/3 - ...
        """
        for x in (float(rng.uniform(0.2, 0.5)), float(rng.uniform(0.6, 0.9))):
            lam = float(rng.uniform(0.5, 3.0))
            got = student.backward_rate(lam, x / lam, None)
            assert_close(got, -np.log(1 - x) * lam / x, rtol=1e-3, why=DIGITS)
            for order in (1, 2, 3, 6):
                expected = lam * sum(x ** (j - 1) / j for j in range(1, order + 1))
                assert_close(student.backward_rate(lam, x / lam, order), expected, rtol=1e-3, why=DIGITS)

    def test_best_heavy_ball(self, student, rng):
        """eta, beta, and the factor: the largest modulus over all curvatures between low and high.

        For a complex pair the modulus is the root of the determinant.
        """
        low = float(rng.uniform(0.5, 2.0))
        high = low * float(rng.uniform(4, 30))
        eta, beta, factor = parts_of(student.best_heavy_ball(low, high), 3, "(eta, beta, factor)")
        roots = np.sqrt([low, high])
        assert_close(eta, 4 / roots.sum() ** 2, rtol=1e-3, atol=0, why=DIGITS)
        assert_close(beta, ((roots[1] - roots[0]) / roots.sum()) ** 2, rtol=0, atol=2e-4, why="1e-4 promised")
        step, memory = 4 / roots.sum() ** 2, ((roots[1] - roots[0]) / roots.sum()) ** 2
        scan = [np.abs(np.roots([1, -(1 + memory - step * lam), memory])).max() for lam in np.linspace(low, high, 33)[1:-1]]
        assert_close(factor, max(scan), rtol=0, atol=2e-4, why="1e-4 promised")

    @gated
    @weight(3)
    def test_the_whole_range(self, student, rng):
        """Flat directions drift by eta b a step; a million steps take no longer than one; beyond the edge iterates grow.

        The geometric series has no closed form where the curvature is 0. The expansion of the rate exists for every eta, an
        exact flow only below eta lam = 1.
        """
        # What is 0 or rounded to float32 without curvature counts as 0; all else is above 1e-5 of the largest eigenvalue.
        u, v = np.array([2.0, 1.0, 2.0]), np.array([1.0, 2.0, -2.0])  # orthogonal; v is a direction without curvature
        c = float(rng.integers(1, 5)) / 8
        H = c * np.outer(u, u)
        b, w0 = eighths(rng, 3) + u / 8 + v, eighths(rng, 4, 3)
        eta = 0.25
        for steps in (3, 1000):
            along = u @ u
            decay = (1 - eta * c * along) ** steps
            onto = np.outer(u, u) / along
            expected = (decay * w0 + (1 - decay) / (c * along) * b) @ onto + (w0 + eta * steps * b) @ (np.eye(3) - onto)
            close(student.gd_iterate(H, b, w0, eta, steps), expected)
        # All curvatures are small, and one is a few 1e-5 of the largest: neither counts as 0.
        scale, million, step = 2.0**-8, 1_000_000, 64.0
        c = (int(rng.integers(16, 26)) + 0.5) * 2.0**-22  # 1 - eta lam lies half way between two numbers of float32
        decay = np.exp(million * np.log1p(-step * scale * c))
        ends = [4 * b[0] / scale, w0[0, 1] + step * million * b[1], decay * w0[0, 2] + (1 - decay) / (scale * c) * b[2]]
        for axis in range(3):  # the drift hides what the others do: one axis after the other
            e = np.eye(3)[axis]
            close(student.gd_iterate(scale * np.diag([0.25, 0.0, c]), e * b, w0[:1] * e, step, million), ends[axis] * e[None])
        for steps, expected in ((0, w0), (1, np.column_stack([2 * b[0] + 0 * w0[:, 0], w0[:, 1:] / 2 + 2 * b[1:]]))):
            close(student.gd_iterate(np.diag([0.5, 0.25, 0.25]), b, w0, 2.0, steps), expected)
        step, angle = 0.25, float(rng.uniform(0.2, 1.3))
        u, v = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        for curvature, steps in ((1.0, 1000), (0.0, million)):
            close(student.gd_iterate(curvature * np.outer(u, u), v, np.zeros((1, 2)), step, steps), step * steps * v[None])
        H, w0, b = positive(rng, 2), eighths(rng, 1, 2) + 2, eighths(rng, 2)
        eta = 2.5 / np.linalg.eigvalsh(H)[-1]
        close(student.gd_iterate(H, b, w0, eta, 9), stepped(H, b, w0, eta, 9))
        lam = float(rng.uniform(0.5, 2))
        assert_close(student.backward_rate(lam, 1.5 / lam, 3), lam * (1 + 0.75 + 0.75), rtol=1e-3, why=DIGITS)
        assert_close(student.backward_rate(lam, 0.5 / lam, 50), 2 * lam * np.log(2), rtol=1e-3, why=DIGITS)
        tiny, near = (int(rng.integers(17, 50)) + 0.5) * 2.0**-24, 1 - 2.0**-10  # 1 - tiny is half way between two float32
        assert_close(student.backward_rate(lam, tiny / lam, None), lam * (1 + tiny / 2), rtol=1e-3, why=DIGITS)
        assert_close(student.backward_rate(lam, near / lam, None), 10 * np.log(2) * lam / near, rtol=1e-3, why=DIGITS)
        for x in (1.25, 1.0):
            with student.raises("ValueError"):
                student.backward_rate(2.0, x / 2, None)
        _, beta, factor = parts_of(student.best_heavy_ball(lam, lam), 3, "(eta, beta, factor)")
        assert_close([beta, factor], [0.0, 0.0], atol=2e-4, why="equal curvatures: one step is enough")


# --- 4.2 ------------------------------------------------------------------------------------------------------------


def mean_squares_reference(lam, sigma, etas, w0):
    """Each w_k written out in w0 and all the noises, by the product form, float64."""
    n = len(etas)
    coefficients, start = np.zeros((n, n)), np.zeros(n)
    row, first = np.zeros(n), w0
    for k, eta in enumerate(etas):
        row, first = (1 - eta * lam) * row, (1 - eta * lam) * first
        row[k] = -eta * sigma
        coefficients[k], start[k] = row, first
    average = coefficients.mean(axis=0)
    return start[-1] ** 2 + row @ row, start.mean() ** 2 + average @ average


@question(
    "noisy", reference="every iterate written out in all the noises, float64; sigma^2 / (lam^2 n) for the rate 1/(lam (k+1))"
)
class TestNoisy:
    def test_mean_squares(self, student, rng):
        """Mean squares of the last iterate and of the average for a schedule that changes in every step."""
        for n in (1, 2, 9):
            lam, sigma, w0 = (float(v) for v in rng.uniform(0.5, 2.0, size=3))
            etas = rng.uniform(0.1, 0.9, size=n) / lam
            etas[n // 2] = float(rng.uniform(1.2, 1.8)) / lam  # jumps over the minimum
            expected = mean_squares_reference(lam, sigma, etas, w0)
            last, averaged = parts_of(student.sgd_mean_squares(lam, sigma, etas, w0), 2, "(last, average)")
            close(last, expected[0])
            close(averaged, expected[1])

    def test_the_start_alone_and_the_noise_alone(self, student, rng):
        """Without noise the squares of the means; from w0 = 0 the variances.

        The iterates of one run share their noises: variances of a sum do not simply add up.
        """
        etas, lam = rng.uniform(0.1, 0.9, size=6), float(rng.uniform(0.5, 1.5))
        for sigma, w0 in ((0.0, float(rng.uniform(1, 3))), (float(rng.uniform(1, 2)), 0.0)):
            expected = mean_squares_reference(lam, sigma, etas, w0)
            got = parts_of(student.sgd_mean_squares(lam, sigma, etas, w0), 2, "(last, average)")
            close(got, list(expected))

    @weight(2)
    def test_the_last_iterate_alone(self, student, rng):
        """The mean square of the last iterate, whatever that of the average is: squared mean plus variance."""
        for n in (1, 2, 9):
            lam, sigma, w0 = (float(v) for v in rng.uniform(0.5, 2.0, size=3))
            etas = rng.uniform(0.1, 1.8, size=n) / lam
            last, _ = parts_of(student.sgd_mean_squares(lam, sigma, etas, w0), 2, "(last, average)")
            close(last, mean_squares_reference(lam, sigma, etas, w0)[0])

    @gated
    @weight(4)
    def test_five_thousand_steps(self, student, rng):
        """With eta_k = 1/(lam (k + 1)) the last iterate has exactly sigma^2 / (lam^2 n); a constant rate has its floor."""
        lam, sigma = 2.0 ** int(rng.integers(-1, 2)), float(rng.uniform(0.5, 2))
        n = 5000
        last, _ = parts_of(student.sgd_mean_squares(lam, sigma, 1 / (lam * np.arange(1, n + 1)), 3.0), 2, "(last, average)")
        close(last, sigma**2 / lam**2 / n, atol=0)
        eta = 0.25 / lam
        last, averaged = parts_of(student.sgd_mean_squares(lam, sigma, np.full(n, eta), 3.0), 2, "(last, average)")
        keep = 1 - eta * lam
        gain = (1 - keep ** np.arange(n, 0, -1)) / lam  # what the noise of step k adds to the sum, divided by sigma
        close(last, eta * sigma**2 / (lam * (2 - eta * lam)), atol=0)
        close(averaged, (3 * keep * (1 - keep**n) / (eta * lam) / n) ** 2 + sigma**2 * np.sum(gain**2) / n**2, atol=0)


# --- 4.3 ------------------------------------------------------------------------------------------------------------


def nesterov_reference(lam, s, steps, r):
    """The x's as one recursion of two steps, float64: y_{k-1} put into x_k."""
    path = [1.0, 1 - s * lam]
    for k in range(1, steps):
        path.append((1 - s * lam) * (path[k] + (k - 1) / (k + r - 1) * (path[k] - path[k - 1])))
    return np.array(path[: steps + 1])


@question("ode", reference="the iteration in float64; hypergeometric 0F1; scipy's integrator")
class TestOde:
    def test_iterates(self, student, rng):
        """The first iterates for several frictions: gradient at y, momentum (k - 1)/(k + r - 1)."""
        for r in (3.0, 1.0, float(rng.uniform(4, 8))):
            lam, s = float(rng.uniform(0.5, 2)), float(rng.uniform(0.1, 0.6))
            got = student.nesterov_iterates(lam, s, 8, r)
            assert_close(got, nesterov_reference(lam, s, 8, r), rtol=0, atol=2e-4, why="1e-4 promised")

    def test_nesterovs_friction(self, student, rng):
        """r = 3: the solution is 2 J_1(z)/z with z = sqrt(lam) t."""
        lam, t = float(rng.uniform(0.5, 4)), rng.uniform(0.3, 8.0, size=5)
        z = np.sqrt(lam) * t
        assert_close(student.friction_flow(lam, 3.0, t), 2 * scipy.special.j1(z) / z, rtol=0, atol=3e-4, why="1e-4 promised")

    def test_other_frictions(self, student, rng):
        """Any r: the order of the Bessel function is (r - 1)/2, and X(0) = 1 fixes the constant."""
        for r in (1.0, 2.0, float(rng.uniform(3.5, 7))):
            lam = float(rng.uniform(0.5, 3))
            t = np.sort(rng.uniform(0.3, 6.0, size=4))
            begin = 1e-3
            near = [1 - lam * begin**2 / (2 * (r + 1)), -lam * begin / (r + 1)]
            path = scipy.integrate.solve_ivp(
                lambda t, v, r=r, lam=lam: [v[1], -r / t * v[1] - lam * v[0]], (begin, 6.1), near, t_eval=t, rtol=1e-9, atol=1e-11
            )
            assert_close(student.friction_flow(lam, r, t), path.y[0], rtol=0, atol=3e-4, why="1e-4 promised")

    @gated
    @weight(3)
    def test_the_whole_range(self, student, rng):
        """t = 0 and close to it, times in any order, up to sqrt(lam) t = 100; r from 1 to 10; no step, and 20 000 steps.

        At t = 0 the formula reads 0/0 or worse; the limit is 1.
        """
        late = [float(v) for v in rng.uniform(10, 20, size=4)]
        t = np.array([float(rng.uniform(20, 50)), 0.0, float(rng.uniform(1, 2)), 2.0**-12, 50.0, *late])
        for r in (1.0, 3.0, 10.0, float(rng.uniform(2, 9))):
            expected = scipy.special.hyp0f1((r + 1) / 2, -((2 * t) ** 2) / 4)
            assert_close(student.friction_flow(4.0, r, t), expected, rtol=0, atol=3e-4, why="1e-4 promised")
        close(student.friction_flow(1.0, 3.0, np.array([0.0])), np.ones(1))
        close(student.nesterov_iterates(2.0, 0.1, 0, 3.0), np.ones(1))
        s = 2.0**-16
        path = as_array(student.nesterov_iterates(1.0, s, 20_000, 3.0))
        require(np.shape(path) == (20_001,), "return steps + 1 iterates")
        at = np.array([500, 1000, 2560, 10_000])
        z = at * 2.0**-8
        assert_close(path[at], 2 * scipy.special.j1(z) / z, rtol=0, atol=0.01, why="a step of 1/256 in time")
        assert_close(path, nesterov_reference(1.0, s, 20_000, 3.0), rtol=0, atol=2e-4, why="1e-4 promised")


# --- 4.4 ------------------------------------------------------------------------------------------------------------


def logistic_reference(s, a0, t):
    """a(t) through 1/a, which obeys a linear equation: (1/a)' = 2 - 2 s / a."""
    u0 = 1 / a0
    return np.array([1 / ((u0 - 1 / v) * np.exp(-2 * v * t) + 1 / v) if v > 0 else 1 / (u0 + 2 * t) for v in np.atleast_1d(s)])


def time_reference(s, a0, a, depth):
    """Gauss-Legendre on 199 equal pieces of log a, in which the integrand is smooth."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    pieces = np.linspace(np.log(a0), np.log(a), 200)
    y = (pieces[:-1, None] + pieces[1:, None]) / 2 + np.diff(pieces)[:, None] / 2 * nodes
    values = np.exp(-(1 - 2 / depth) * y) / (depth * (s - np.exp(y)))
    return float((values @ weights * np.diff(pieces) / 2).sum())


def strengths_close(got, expected):
    """Each mode is compared with itself."""
    got = as_array(got, expected.shape, "The strengths")
    assert_close(np.asarray(got, np.float64) / expected, np.ones(len(expected)), rtol=1e-3, why=DIGITS)


@question("saxe", reference="the linear equation of 1/a; scipy's integrator for the matrices and for any depth")
class TestSaxe:
    def test_strengths(self, student, rng):
        """The logistic curve of each mode, from below and from above s."""
        s, a0 = rng.uniform(0.5, 3.0, size=4), float(rng.uniform(0.05, 0.2))
        for t in (float(rng.uniform(0.3, 0.8)), float(rng.uniform(1, 2))):
            strengths_close(student.mode_strength(s, a0, t), logistic_reference(s, a0, t))
        strengths_close(student.mode_strength(s, 5.0, 0.125), logistic_reference(s, 5.0, 0.125))

    def test_a_network_with_two_layers(self, student, rng):
        """W_2 W_1 of gradient flow from an aligned, balanced start, integrated numerically; Y wide, tall and square."""
        for shape in ((2, 4), (4, 3), (3, 3)):
            Y, a0, t = rng.normal(size=shape) + np.eye(*shape) * 2, 0.0625, float(rng.uniform(0.3, 0.6))
            U, _, V = np.linalg.svd(Y, full_matrices=False)
            k = len(V)
            start = np.concatenate([(np.sqrt(a0) * V).ravel(), (np.sqrt(a0) * U).ravel()])

            def flow(_, weights, Y=Y, k=k):
                W1, W2 = weights[: k * Y.shape[1]].reshape(k, -1), weights[k * Y.shape[1] :].reshape(-1, k)
                rest = Y - W2 @ W1
                return np.concatenate([(W2.T @ rest).ravel(), (rest @ W1.T).ravel()])

            end = scipy.integrate.solve_ivp(flow, (0, t), start, rtol=1e-8, atol=1e-10).y[:, -1]
            W1, W2 = end[: k * shape[1]].reshape(k, -1), end[k * shape[1] :].reshape(-1, k)
            close(student.learned_map(Y, a0, t), W2 @ W1)

    def test_times(self, student, rng):
        """The time from a0 to a for two, three and five layers: the integral of da / (N a^(2 - 2/N) (s - a))."""
        for depth in (2, 3, 5):
            s = float(rng.uniform(0.5, 3))
            a0, a = 0.05 * s, float(rng.uniform(0.5, 0.9)) * s
            rate = lambda a, depth=depth, s=s: depth * a ** (2 - 2 / depth) * (s - a)
            expected = scipy.integrate.quad(lambda a, rate=rate: 1 / rate(a), a0, a)[0]
            close(student.learning_time(s, a0, a, depth), expected)

    @gated
    @weight(3)
    def test_the_whole_range(self, student, rng):
        """A mode with s = 0 decays; s t = 10 000 does not overflow; a Y of lower rank; t = 0; times over six decades of a.

        e^(-2st) is harmless where e^(2st) is not. Near a0 = 1e-6 s the integrand is a needle: integrate over log a.
        """
        s = np.array([0.0, float(rng.uniform(0.1, 0.4)), 50.0, 0.0, 2.0**-9])
        for a0, t in itertools.product((float(rng.uniform(0.1, 0.5)), 2.0**-19), (0.0, 1.0, 200.0)):
            strengths_close(student.mode_strength(s, a0, t), logistic_reference(s, a0, t))
        u, v = eighths(rng, 3) + 2, eighths(rng, 4) - 2
        size, tiny = np.linalg.norm(u) * np.linalg.norm(v), 2.0**-13
        for t in (0.0, float(rng.uniform(0.1, 0.3)), 100.0):
            expected = logistic_reference(size, tiny, t)[0] * np.outer(u, v) / size
            got = student.learned_map(np.outer(u, v), tiny, t)
            assert_close(got, expected, rtol=2e-3, atol=2.5 * tiny, why="vectors of singular value 0 are free: 2 a0")
        for _ in range(4):  # small numbers: their computed zeros are below the rounding of 1
            u, v = rng.normal(size=3) / 64, rng.normal(size=4)
            size = np.linalg.norm(u) * np.linalg.norm(v)
            expected = logistic_reference(size, 0.5, 1.0)[0] * np.outer(u, v) / size
            got = student.learned_map(np.outer(u, v), 0.5, 1.0)
            assert_close(got, expected, rtol=0, atol=1.25, why="vectors of singular value 0 are free: 2 a0")
        for depth, part in ((2, 0.999), (4, 0.9), (6, 0.99), (10, 0.7), (10, 0.999)):
            s = float(rng.uniform(0.5, 3))
            close(student.learning_time(s, 1e-6 * s, part * s, depth), time_reference(s, 1e-6 * s, part * s, depth))


# --- 4.5 ------------------------------------------------------------------------------------------------------------


def network(rng, sizes):
    return [rng.normal(size=(b, a)) for a, b in itertools.pairwise(sizes)]


def stepped_layers(weights, x, y, eta):
    """One step of gradient descent; each gradient by the product of everything before and after its layer."""
    product = lambda matrices, size: (
        np.linalg.multi_dot([*matrices[::-1], np.eye(size), np.eye(size)]) if matrices else np.eye(size)
    )
    rest = product(weights, weights[0].shape[1]) @ x.T - y.T
    new = []
    for index, W in enumerate(weights):
        before = product(weights[:index], weights[0].shape[1])
        after = product(weights[index + 1 :], W.shape[0])
        new.append(W - eta * after.T @ rest @ x @ before.T / len(x))
    return new


def imbalance_reference(weights):
    return [b.T @ b - a @ a.T for a, b in itertools.pairwise(weights)]


@question("balance", reference="a step of gradient descent taken and subtracted at a large rate; scaling with eta squared")
class TestBalance:
    def test_imbalances(self, student, rng):
        """W_{l+1}^T W_{l+1} - W_l W_l^T for each pair of neighbours, first pair first."""
        for sizes in ((3, 2, 4), (2, 3, 3, 1)):
            weights = network(rng, sizes)
            got = parts_of(student.imbalances(weights), len(sizes) - 2, "a list of one matrix per pair of layers")
            close(got, imbalance_reference(weights))

    @weight(2)
    def test_change_of_one_step(self, student, rng):
        """At a large rate: take the step, compute both imbalances, subtract. The loss is a mean over the examples, times 1/2."""
        for sizes in ((3, 2, 4), (3, 4, 2, 2)):
            weights, x = network(rng, sizes), rng.normal(size=(5, sizes[0]))
            y = rng.normal(size=(5, sizes[-1])) + 1
            before, after = imbalance_reference(weights), imbalance_reference(stepped_layers(weights, x, y, 0.75))
            got = parts_of(student.imbalance_change(weights, x, y, 0.75), len(before), "a list of one matrix per pair of layers")
            close(got, [b - a for a, b in zip(before, after, strict=True)])

    @gated
    @weight(4)
    def test_tiny_learning_rates(self, student, rng):
        """The change is proportional to eta^2 down to eta = 1e-8; four layers of equal size, a single example; small residuals.

        A difference of nearly equal numbers keeps none of its digits: cancel the terms linear in eta by hand.
        """
        # Halved: gradients of a thousand would lift the change above the rounding of the weights.
        weights, x, y = [W / 2 for W in network(rng, (3, 3, 3, 3, 3))], rng.normal(size=(1, 3)), rng.normal(size=(1, 3)) + 1
        before, after = imbalance_reference(weights), imbalance_reference(stepped_layers(weights, x, y, 1.0))
        whole = [b - a for a, b in zip(before, after, strict=True)]
        for eta in (1e-3, 1e-8):
            got = parts_of(student.imbalance_change(weights, x, y, eta), 3, "a list of one matrix per pair of layers")
            close([np.asarray(part, np.float64) / eta**2 for part in got], whole)
        weights, x = network(rng, (3, 4, 2)), rng.normal(size=(5, 3))
        y = np.asarray(x @ weights[0].T @ weights[1].T + rng.normal(size=(5, 2)) / 256, np.float32).astype(float)
        before, after = imbalance_reference(weights), imbalance_reference(stepped_layers(weights, x, y, 1.0))
        got = parts_of(student.imbalance_change(weights, x, y, 1.0), 1, "a list of one matrix per pair of layers")
        change = 256**2 * as_array(got[0], before[0].shape, "The change")
        assert_close(change, 256**2 * (after[0] - before[0]), rtol=3e-3, why="residuals of 1/256 keep four digits in float32")
