"""Hidden suite of week12/homework: expected values by vectorised linear equations, enumeration, quadrature, other routes."""

import functools
import itertools
import math

import numpy as np
import scipy.integrate
import scipy.linalg
import scipy.optimize
import scipy.special

from autograder.testing import as_array, assert_close, gated, question, require, weight

LOOSE = dict(rtol=1e-3, atol=1e-5, why="float32 answers are accepted; the text promises a relative 1e-3")
COARSE = dict(rtol=1e-3, atol=1e-3, why="the docstring asks for 1e-3")


def _number(value) -> float:
    """A single number, whatever its type; arrays of one entry are accepted for one."""
    good = isinstance(value, (int, float, np.number)) or (
        isinstance(value, np.ndarray) and value.size == 1 and value.dtype.kind in "fiu"
    )
    require(good and not isinstance(value, bool), "the result must be a single number")
    return float(np.asarray(value, dtype=np.float64).reshape(()))


def _parts(value, length: int, what: str) -> list:
    """The entries of a tuple or list of a given length, or the rows of an array."""
    good = hasattr(value, "__len__") and hasattr(value, "__getitem__") and not isinstance(value, (str, bytes, dict))
    if isinstance(value, np.ndarray):
        good = value.ndim > 0
    require(good and len(value) == length, f"the result must be a tuple of {length}: {what}")
    return [value[i] for i in range(length)]


def _single(a) -> np.ndarray:
    """Rounded to float32 and back, so that both sides compute with the same numbers."""
    return np.asarray(a, np.float32).astype(np.float64)


def _rotated(rng, eigenvalues) -> np.ndarray:
    """A symmetric matrix with about these eigenvalues, float32-exact, in a random basis."""
    eigenvalues = np.asarray(eigenvalues)
    Q = np.linalg.qr(rng.normal(size=(len(eigenvalues), len(eigenvalues))))[0]
    A = (Q * eigenvalues) @ Q.T
    return _single((A + A.T) / 2)


# --- 12.1 ----------------------------------------------------------------------------------------------------------


def _fixed_point(M: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """S = M S M^T + noise as one linear system for the d^2 entries of S."""
    d = len(M)
    return np.linalg.solve(np.eye(d * d) - np.kron(M, M), noise.reshape(-1)).reshape(d, d)


def _unrolled(K, T, eta, means, cov, steps) -> tuple[np.ndarray, np.ndarray]:
    """x_k as one linear map of (x_0, xi_0, ..., xi_{k-1}); its covariance from that of the independent inputs."""
    M, d = np.eye(len(K)) - eta * K, len(K)
    powers = [np.linalg.matrix_power(M, k) for k in range(steps + 1)]
    inputs = scipy.linalg.block_diag(cov, *[2 * eta * T * np.eye(d)] * steps)
    A = np.concatenate(powers[::-1], axis=1)
    return means @ powers[-1], A @ inputs @ A.T


def _check_transient(student, K, T, eta, means, cov, steps):
    got_means, got_cov = _parts(student.langevin_transient(K, T, eta, means, cov, steps), 2, "means and covariance")
    expected_means, expected_cov = _unrolled(K, T, eta, means, cov, steps)
    assert_close(as_array(got_means, means.shape), expected_means, **LOOSE)
    assert_close(as_array(got_cov, cov.shape), expected_cov, **LOOSE)


@question("langevin", reference="one linear system for all entries of the covariance; the chain as one linear map of its noise")
class TestLangevin:
    def test_one_mode(self, student, rng):
        """In one dimension the stationary variance is larger than T / K, by a factor that depends on eta K alone.

        Solve v = (1 - eta K)^2 v + 2 eta T for v.
        """
        for product in (0.2, 1.0, 1.8):
            K, T = float(rng.uniform(0.5, 3.0)), float(rng.uniform(0.2, 2.0))
            K = float(_single(K))
            eta = product / K
            v = 2 * eta * T / (1 - (1 - eta * K) ** 2)
            assert_close(as_array(student.langevin_stationary(np.array([[K]]), T, eta), (1, 1)), [[v]], **LOOSE)

    def test_anisotropic(self, student, rng):
        """An anisotropic K, not diagonal: the stationary covariance solves Sigma = M Sigma M + 2 eta T I.

        Each eigenvector of K has a temperature of its own. Inverses of matrices are not inverses of their entries.
        """
        for eta in (0.1, 0.45):
            K, T = _rotated(rng, [0.4, 1.5, 3.8]), float(rng.uniform(0.2, 2.0))
            expected = _fixed_point(np.eye(3) - eta * K, 2 * eta * T * np.eye(3))
            assert_close(as_array(student.langevin_stationary(K, T, eta), (3, 3)), expected, **LOOSE)

    def test_a_few_steps(self, student, rng):
        """Mean and covariance after 0, 1, 2 and 5 steps from a start that does not commute with K.

        Multiply covariances from both sides, and add the noise after the contraction, once per step. The start's covariance
        may be singular, or zero.
        """
        K, T = _rotated(rng, [0.4, 1.5, 3.8]), float(rng.uniform(0.2, 2.0))
        means, cov = rng.normal(size=(2, 3)), _rotated(rng, [0.1, 1.0, 4.0])
        for steps in (0, 1, 2, 5):
            _check_transient(student, K, T, 0.3, means, cov, steps)
        for start in (np.zeros((3, 3)), np.diag([0.0, 0.0, 1.5])):  # semidefinite: no Cholesky factor
            _check_transient(student, K, T, 0.3, means, start, 2)

    def test_beyond_the_limit(self, student, rng):
        """At and beyond eta * lambda_max = 2 the chain has no stationary state, but it can still make some steps.

        At eta * lambda = 2 the formula for a geometric series divides by zero.
        """
        T = float(rng.uniform(0.2, 2.0))
        means, cov = rng.normal(size=(2, 3)), _rotated(rng, [0.1, 1.0, 4.0])
        _check_transient(student, np.diag([4.0, 0.5, 2.0]), T, 0.5, means, cov, 6)
        _check_transient(student, _rotated(rng, [0.4, 1.5, 5.0]), T, 0.5, means, cov, 4)

    @gated
    @weight(2)
    def test_long_runs_become_stationary(self, student, rng):
        """After 200 steps mean and covariance are the stationary ones, wherever the chain began.

        And a chain that begins in the stationary state stays there.
        """
        K, T = _rotated(rng, [0.4, 1.5, 3.8]), float(rng.uniform(0.2, 2.0))
        stationary = _fixed_point(np.eye(3) - 0.4 * K, 2 * 0.4 * T * np.eye(3))
        for steps, means, cov in (
            (200, rng.normal(size=(2, 3)), _rotated(rng, [0.1, 1.0, 4.0])),
            (2, np.zeros((2, 3)), _single(stationary)),
        ):
            got = _parts(student.langevin_transient(K, T, 0.4, means, cov, steps), 2, "means and covariance")
            assert_close(as_array(got[0], (2, 3)), np.zeros((2, 3)), atol=1e-4, why="0.84^200 is zero to all digits")
            assert_close(as_array(got[1], (3, 3)), stationary, **LOOSE)

    def test_where_it_is_stable(self, student, rng):
        """ValueError if and only if eta times the *largest* eigenvalue of K is above 2.

        Not the trace, not the largest entry, not eta lambda above 1; and at T = 0, too: noiseless, the chain explodes as well.
        """
        T = float(rng.uniform(0.2, 2.0))
        for eigenvalues in ([0.5, 1.2, 3.9], [1.0, 3.5, 3.8]):
            K = _rotated(rng, eigenvalues)
            expected = _fixed_point(np.eye(3) - 0.5 * K, T * np.eye(3))
            assert_close(as_array(student.langevin_stationary(K, T, 0.5), (3, 3)), expected, rtol=2e-3, why="near the limit")
        K = _rotated(rng, [0.05, 0.1, 4.15])
        for heat in (T, 0.0):
            with student.raises("ValueError"):
                student.langevin_stationary(K, heat, 0.5)

    @gated
    def test_a_cold_bath(self, student, rng):
        """At T = 0 there is no noise: the stationary covariance is 0, and the chain is gradient descent."""
        K = _rotated(rng, [0.4, 1.5, 3.8])
        assert_close(as_array(student.langevin_stationary(K, 0.0, 0.3), (3, 3)), np.zeros((3, 3)))
        _check_transient(student, K, 0.0, 0.3, rng.normal(size=(2, 3)), _rotated(rng, [0.1, 1.0, 4.0]), 3)


# --- 12.2 ----------------------------------------------------------------------------------------------------------


def _sgd(H, C, eta, batch) -> np.ndarray:
    return _fixed_point(np.eye(len(H)) - eta * H, eta**2 / batch * C)


@question("sgd", reference="vectorised fixed-point equation; scipy.linalg.solve_continuous_lyapunov; trace identities")
class TestSgd:
    def test_gradient_covariance(self, student, rng):
        """The covariance of one example's gradient: rows are examples, the mean is subtracted, the divisor is n.

        At the minimum of the training loss the mean is zero; elsewhere it is not, and it is no noise.
        """
        for n, d in ((5, 3), (4, 2), (4, 1)):
            g = rng.normal(size=(n, d)) + 1.0
            expected = np.mean([np.outer(row, row) for row in g], axis=0) - np.outer(g.mean(axis=0), g.mean(axis=0))
            assert_close(as_array(student.gradient_covariance(g), (d, d)), expected, **LOOSE)

    def test_noise_that_commutes(self, student, rng):
        """Diagonal H and C: one number per direction, exact and to leading order.

        The exact equation reads (2 h - eta h^2) s = eta c / B; the leading one drops the square.
        """
        h, c = _single(rng.uniform(0.5, 3.0, size=3)), _single(rng.uniform(0.2, 2.0, size=3))
        for eta, batch in ((0.1, 1), (0.5, 8)):
            exact = np.diag(eta * c / batch / (2 * h - eta * h**2))
            assert_close(as_array(student.sgd_covariance(np.diag(h), np.diag(c), eta, batch), (3, 3)), exact, **LOOSE)
            leading = np.diag(eta * c / batch / (2 * h))
            assert_close(as_array(student.sgd_covariance_leading(np.diag(h), np.diag(c), eta, batch), (3, 3)), leading, **LOOSE)

    def test_exact_covariance(self, student, rng):
        """H and C that do not commute: S = (1 - eta H) S (1 - eta H) + eta^2 C / B.

        Check yours by inserting it. In the eigenbasis of H the equation is one for each entry of S.
        """
        for eta, batch in ((0.2, 4), (0.45, 1)):
            H, C = _rotated(rng, [0.5, 1.4, 3.8]), _rotated(rng, [0.1, 0.8, 3.0])
            assert_close(as_array(student.sgd_covariance(H, C, eta, batch), (3, 3)), _sgd(H, C, eta, batch), **LOOSE)

    def test_leading_order(self, student, rng):
        """H and C that do not commute: H S_1 + S_1 H = (eta / B) C, for any eta.

        C H^-1 / 2 is not even symmetric. The equation has no stability limit: nothing is to be raised.
        """
        for eta, batch in ((0.2, 4), (1.5, 2)):
            H, C = _rotated(rng, [0.5, 1.4, 3.8]), _rotated(rng, [0.1, 0.8, 3.0])
            expected = scipy.linalg.solve_continuous_lyapunov(H, eta / batch * C)
            assert_close(as_array(student.sgd_covariance_leading(H, C, eta, batch), (3, 3)), expected, **LOOSE)

    def test_temperature(self, student, rng):
        """The temperature is the mean of w H w, under the exact S, per dimension.

        Energy and temperature: w H w / 2 = d T / 2. It is the trace of a product, not a product of traces.
        """
        for d, eta, batch in ((3, 0.45, 4), (2, 0.2, 1)):
            H, C = _rotated(rng, [0.5, 3.8, 1.4][:d]), _rotated(rng, [0.1, 3.0, 0.8][:d])
            expected = np.sum(H * _sgd(H, C, eta, batch)) / d
            assert_close(_number(student.sgd_temperature(H, C, eta, batch)), expected, **LOOSE)

    @gated
    @weight(4)
    def test_noise_of_rank_one(self, student, rng):
        """Noise in one direction only is spread by H over all: C need not have an inverse, nor a root.

        Exact, leading order and temperature again.
        """
        v, H = _single(rng.normal(size=3)), _rotated(rng, [0.5, 1.4, 3.8])
        C = _single(np.outer(v, v))
        S = _sgd(H, C, 0.4, 2)
        assert_close(as_array(student.sgd_covariance(H, C, 0.4, 2), (3, 3)), S, **LOOSE)
        assert_close(_number(student.sgd_temperature(H, C, 0.4, 2)), np.sum(H * S) / 3, **LOOSE)
        expected = scipy.linalg.solve_continuous_lyapunov(H, 0.2 * C)
        assert_close(as_array(student.sgd_covariance_leading(H, C, 0.4, 2), (3, 3)), expected, **LOOSE)

    def test_where_it_is_stable(self, student, rng):
        """ValueError if and only if eta times the largest eigenvalue of H is above 2.

        Both the exact covariance and the temperature; eta lambda = 1.95 is still stable, whatever the trace of H.
        """
        C = _rotated(rng, [0.1, 0.8, 3.0])
        H = _rotated(rng, [2.0, 3.5, 3.9])
        expected = _sgd(H, C, 0.5, 4)
        assert_close(as_array(student.sgd_covariance(H, C, 0.5, 4), (3, 3)), expected, rtol=2e-3, why="float32 near the limit")
        H = _rotated(rng, [0.05, 0.1, 4.15])
        with student.raises("ValueError"):
            student.sgd_covariance(H, C, 0.5, 4)
        with student.raises("ValueError"):
            student.sgd_temperature(H, C, 0.5, 4)


# --- 12.3 ----------------------------------------------------------------------------------------------------------


def _legendre(m, T, J, h) -> np.ndarray:
    """f(m) with the entropy of a free spin as a Legendre transform, log 2cosh(x) - x m at m = tanh x; limits at |m| = 1."""
    with np.errstate(all="ignore"):
        x = np.arctanh(m)
        entropy = np.where(np.abs(m) == 1, 0.0, np.logaddexp(x, -x) - x * m)
    return -J * m**2 / 2 - h * m - T * entropy


_GRID = np.tanh(np.linspace(-8.0, 8.0, 4001))


def _minimiser(T, J, h) -> float:
    """The best point of a grid, then a bounded search around it in x = artanh m; at h = 0 the positive one."""
    grid = _GRID if h else _GRID[_GRID >= 0]
    x = np.arctanh(grid[np.argmin(_legendre(grid, T, J, h))])
    width = 0.01 if abs(x) > 0.01 else 0.1  # m near 0: above the transition, where the force is monotone
    return float(np.tanh(scipy.optimize.brentq(lambda x: T * x - J * np.tanh(x) - h, x - width, x + width, xtol=1e-13)))


def _slope(T, J, h) -> float:
    """dm/dh by differences of the minimiser, to the side of the given field; Richardson's second order."""
    side = 1e-4 if h >= 0 else -1e-4
    m = [_minimiser(T, J, h + k * side) if k or h else _minimiser(T, J, 0.0) for k in (0, 1, 2)]
    return (4 * m[1] - 3 * m[0] - m[2]) / (2 * side)


def _enumerated(N, T, J, h) -> tuple[float, float, float]:
    """All 2^N states."""
    m = np.array([sum(s) / N for s in itertools.product((-1, 1), repeat=N)])
    p = np.exp(N * (J * m**2 / 2 + h * m) / T)
    Z = p.sum()
    p = p / Z
    return -T / N * math.log(Z), float(p @ np.abs(m)), float(N / T * (p @ m**2 - (p @ m) ** 2))


def _hubbard_stratonovich(N, T, J, h) -> tuple[float, float]:
    """f_N and <m> for many spins: independent spins in a Gaussian random field, one integral."""
    x = np.linspace(-3.0, 3.0, 60_001)
    field = (J * x + h) / T
    log_p = -N * J * x**2 / (2 * T) + N * np.logaddexp(field, -field)
    top = log_p.max()
    p = np.exp(log_p - top)
    log_Z = 0.5 * math.log(N * J / (2 * math.pi * T)) + top + math.log(p.sum() * (x[1] - x[0]))
    return -T / N * log_Z, float(p @ np.tanh(field) / p.sum())


def _check_finite_size(student, N, T, J, h, expected):
    got = _parts(student.finite_size(N, T, J, h), 3, "f_N, <|m|>, chi_N")
    for name, value, right in zip(("f_N", "<|m|>", "chi_N"), got, expected, strict=True):
        assert_close(_number(value), right, rtol=2e-3, why=f"{name}: sums of rounded logarithms in float32")


@question("curie_weiss", reference="Legendre transform, minimum on a grid, differences, all states, Gaussian-field integral")
class TestCurieWeiss:
    def test_free_energy(self, student, rng):
        """f(m) inside (-1, 1): energy minus temperature times entropy.

        The entropy at m = 0 is log 2 and positive; the field enters linearly, the coupling with a half.
        """
        for _ in range(2):
            m = _single(rng.uniform(-0.98, 0.98, size=6))
            T, J, h = (float(v) for v in _single(rng.uniform([0.3, 0.5, -1.0], [2.0, 2.0, 1.0])))
            assert_close(as_array(student.free_energy(m, T, J, h), (6,)), _legendre(m, T, J, h), **LOOSE)

    def test_magnetisation(self, student, rng):
        """The magnetisation in a field, above, at and below the transition, and without one.

        Solutions of m = tanh((J m + h) / T), with J different from 1. Without a field: 0 above T_c, positive below.
        """
        J = float(rng.uniform(0.6, 1.8))
        for t, b in ((2.0, 0.4), (1.0, 0.1), (0.6, 0.2), (0.6, 0.0), (0.9, 0.0), (1.5, 0.0)):
            T, h = t * J * float(rng.uniform(0.98, 1.0)) if b == 0.0 else t * J, b * J
            assert_close(_number(student.magnetisation(T, J, h)), _minimiser(T, J, h), **COARSE)

    def test_near_the_transition(self, student, rng):
        """Without a field at T = 0.97 J and 1.03 J: an iteration creeps here, each turn leaves about 95 % of the error.

        Critical slowing down. Iterate until nothing moves, or solve in another way.
        """
        J = float(rng.uniform(0.6, 1.8))
        for t in (0.97, 1.03):
            assert_close(_number(student.magnetisation(t * J, J, 0.0)), _minimiser(t * J, J, 0.0), **COARSE)

    def test_small_fields_decide(self, student, rng):
        """Below the transition m has the sign of the field, however small; above, m is as small as the field.

        There are up to three solutions of the equation. The one that an iteration finds depends on its start, the right one
        has the lowest free energy.
        """
        J = float(rng.uniform(0.6, 1.8))
        for t, b in ((0.5, -0.02), (0.8, -0.001), (0.8, 0.001), (1.4, -0.05), (0.3, -0.1), (0.6, -1e-5)):
            T, h = t * J, b * J
            assert_close(_number(student.magnetisation(T, J, h)), _minimiser(T, J, h), **COARSE)

    def test_susceptibility(self, student, rng):
        """dm/dh in a field and without, on both sides of the transition.

        m appears on both sides of m = tanh((J m + h) / T): the response feeds back on itself.
        """
        J = float(rng.uniform(0.6, 1.8))
        for t, b in ((2.0, 0.0), (1.2, 0.0), (0.7, 0.0), (0.85, 0.0), (1.0, 0.2), (0.6, -0.1), (2.0, -0.5)):
            T, h = t * J, b * J
            assert_close(_number(student.susceptibility(T, J, h)), _slope(T, J, h), rtol=2e-3, atol=1e-3, why="1e-3 is asked for")

    def test_a_few_spins(self, student, rng):
        """One to six spins: the sum over all 2^N states, one by one.

        A magnetisation counts as often as there are states that have it. <|m|> is not |<m>|, and chi is a variance divided by T.
        """
        for N in (1, 2, 6, 6):
            T, J, h = (float(v) for v in rng.uniform([0.7, 0.5, -0.5], [2.0, 1.5, 0.5]))
            _check_finite_size(student, N, T, J, h, _enumerated(N, T, J, h))

    def test_many_spins(self, student, rng):
        """400 spins: 2^400 states, and no overflow.

        Without a field <m> = 0 by symmetry, at any temperature; with one, f_N is near the minimum of f.
        """
        J = float(rng.uniform(0.6, 1.8))
        for t, b in ((0.8, 0.0), (1.0, 0.0), (1.3, 0.1), (0.3, -0.2)):
            T, h = t * J, b * J
            f, _ = _hubbard_stratonovich(400, T, J, h)
            step = 1e-5 * J
            chi = (_hubbard_stratonovich(400, T, J, h + step)[1] - _hubbard_stratonovich(400, T, J, h - step)[1]) / (2 * step)
            m = np.arange(-400, 401, 2) / 400
            log_p = np.array([math.log(math.comb(400, k)) for k in range(401)]) + 400 * (J * m**2 / 2 + h * m) / T
            p = np.exp(log_p - log_p.max())
            got = _parts(student.finite_size(400, T, J, h), 3, "f_N, <|m|>, chi_N")
            accuracy = dict(rtol=5e-3, atol=1e-3, why="weights e^-300 from float32 logarithms near 1000 are good to 1e-3")
            for value, right in zip(got, (f, p @ np.abs(m) / p.sum(), chi), strict=True):
                assert_close(_number(value), right, **accuracy)

    def test_full_magnetisation(self, student, rng):
        """f is finite at m = -1 and m = 1, where one state is left: entropy 0."""
        T, J, h = (float(v) for v in _single(rng.uniform([0.3, 0.5, -1.0], [2.0, 2.0, 1.0])))
        m = np.array([-1.0, 0.0, 1.0, 1.0, 0.0, -1.0])
        expected = [-J / 2 + h, -T * math.log(2), -J / 2 - h]
        assert_close(as_array(student.free_energy(m, T, J, h), (6,)), expected + expected[::-1], **LOOSE)

    @gated
    @weight(5)
    def test_the_scale_is_free(self, student, rng):
        """Only ratios matter: m and <|m|> depend on T / J and h / J, susceptibilities on them and 1 / J.

        T_c is J, not 1.
        """
        J, b = float(rng.uniform(3.0, 5.0)), float(rng.uniform(0.05, 0.3))
        for t in (0.5, 0.9, 1.1):
            for field in (0.0, b):
                assert_close(_number(student.magnetisation(t * J, J, field * J)), _minimiser(t, 1.0, field), **COARSE)
            got = _number(student.susceptibility(t * J, J, b * J))
            assert_close(got, _slope(t, 1.0, b) / J, rtol=2e-3, atol=1e-3, why="1e-3 is asked for")
        f, m, chi = _enumerated(6, 0.9, 1.0, b)
        _check_finite_size(student, 6, 0.9 * J, J, b * J, (f * J, m, chi / J))

    @gated
    @weight(2)
    def test_the_field_reversed(self, student, rng):
        """With h reversed m changes its sign; f(-m), <|m|> and the susceptibilities stay."""
        J, b = float(rng.uniform(0.6, 1.8)), float(rng.uniform(0.05, 0.3))
        m = _single(rng.uniform(-0.98, 0.98, size=6))
        assert_close(as_array(student.free_energy(-m, 0.9 * J, J, -b), (6,)), _legendre(m, 0.9 * J, J, b), **LOOSE)
        for t in (0.5, 1.3):
            assert_close(_number(student.magnetisation(t * J, J, -b)), -_minimiser(t * J, J, b), **COARSE)
            got = _number(student.susceptibility(t * J, J, -b))
            assert_close(got, _slope(t * J, J, b), rtol=2e-3, atol=1e-3, why="1e-3 is asked for")
        _check_finite_size(student, 6, 0.9 * J, J, -b, _enumerated(6, 0.9 * J, J, b))


# --- 12.4 and 12.5 -------------------------------------------------------------------------------------------------

_NODES = np.linspace(-9.0, 9.0, 1801)
_DENSITY = np.exp(-(_NODES**2) / 2) / np.sqrt(2 * np.pi) * (_NODES[1] - _NODES[0])


def _constraint_entropy(R: float) -> float:
    """2 int Dt H(a t) log H(a t), the entropy that one example per weight takes away."""
    with np.errstate(all="ignore"):
        H = scipy.special.erfc(np.sqrt(R / (1 - R)) * _NODES / np.sqrt(2)) / 2
    return float(2 * _DENSITY @ scipy.special.xlogy(H, H))


def _constraint_slope(R: float) -> float:
    """Its derivative with respect to R, by differences of fourth order."""
    d = 1e-3 * min(R, 1 - R)
    g = [_constraint_entropy(R + k * d) for k in (-2, -1, 1, 2)]
    return (g[0] - 8 * g[1] + 8 * g[2] - g[3]) / (12 * d)


def _spherical_load(R: float) -> float:
    """alpha from the stationarity of the version space's entropy in R, without the fixed-point equation."""
    return R / (2 * (1 - R)) / _constraint_slope(R)


def _spherical_overlap(alpha: float) -> float:
    return scipy.optimize.brentq(lambda R: _spherical_load(R) - alpha, 1e-4, 0.9995, xtol=1e-12)


@question("gibbs", reference="stationarity of the version space's entropy, by differences; small and large alpha in closed form")
class TestGibbs:
    def test_load(self, student, rng):
        """alpha as a function of R, for overlaps in the middle.

        Mind the root of R inside H, the factor pi, and the root of 1 - R.
        """
        for R in (0.2, 0.5, 0.8):
            R = float(R + rng.uniform(-0.1, 0.1))
            assert_close(_number(student.load(R)), _spherical_load(R), rtol=2e-3, why="1e-3 is asked for, float32 accepted")

    def test_overlap(self, student, rng):
        """The overlap after alpha N examples: the R whose load is alpha.

        There is one for each alpha. It maximises the entropy of the version space.
        """
        for alpha in (0.4, 1.0, 3.0):
            alpha *= float(rng.uniform(0.8, 1.2))
            got = _parts(student.learning_curve(alpha), 3, "R and two errors")
            assert_close(_number(got[0]), _spherical_overlap(alpha), rtol=2e-3, why="1e-3 is asked for")

    def test_error_of_a_student(self, student, rng):
        """A random student errs where it and the teacher lie on different sides: with the probability angle / pi.

        The angle between them has the cosine R.
        """
        for alpha in (0.4, 1.0, 3.0):
            alpha *= float(rng.uniform(0.8, 1.2))
            got = _parts(student.learning_curve(alpha), 3, "R and two errors")
            expected = np.arccos(_spherical_overlap(alpha)) / np.pi
            assert_close(_number(got[1]), expected, rtol=2e-3, why="1e-3 is asked for")

    def test_error_of_the_vote(self, student, rng):
        """All students vote: the mean of their vectors is shorter than they are, and nearer to the teacher.

        Its overlap with the teacher is R, its squared length q N = R N. What is the cosine?
        """
        for alpha in (0.4, 1.0, 3.0):
            alpha *= float(rng.uniform(0.8, 1.2))
            got = _parts(student.learning_curve(alpha), 3, "R and two errors")
            R = _spherical_overlap(alpha)
            expected = np.arctan(np.sqrt((1 - R) / R)) / np.pi
            assert_close(_number(got[2]), expected, rtol=2e-3, why="1e-3 is asked for")

    @gated
    @weight(3)
    def test_few_examples(self, student, rng):
        """Few examples: R is 2 alpha / pi to first order, and no example gives no overlap.

        load(0) is 0 and not an error.
        """
        assert_close(_number(student.load(0.0)), 0.0, atol=1e-4)
        R = float(rng.uniform(0.002, 0.005))
        assert_close(_number(student.load(R)), np.pi * R / 2, rtol=5e-3, why="the next order is a relative R / 2")
        alpha = float(rng.uniform(0.05, 0.08))
        got = _parts(student.learning_curve(alpha), 3, "R and two errors")
        R = _spherical_overlap(alpha)
        expected = [R, np.arccos(R) / np.pi, np.arccos(np.sqrt(R)) / np.pi]
        assert_close([_number(v) for v in got], expected, rtol=2e-3, why="1e-3 is asked for")

    def test_many_examples(self, student, rng):
        """Many examples: the errors fall as 0.625 / alpha and 0.442 / alpha, and R comes near 1 without rounding trouble.

        H(x) for large x is tiny, not zero.
        """
        alpha = float(rng.uniform(15.0, 24.0))
        got = _parts(student.learning_curve(alpha), 3, "R and two errors")
        R = _spherical_overlap(alpha)
        expected = [np.arccos(R) / np.pi, np.arccos(np.sqrt(R)) / np.pi]
        assert_close([_number(v) for v in got[1:]], expected, rtol=3e-3, why="1 - R is 5e-3 here: float32 costs some digits")
        R = float(rng.uniform(0.99, 0.999))
        assert_close(_number(student.load(R)), _spherical_load(R), rtol=3e-3, why="1 - R is 1e-3 here: float32 costs some digits")


def _ising_overlap(conjugate: float) -> float:
    """R that belongs to R-hat, by the mean of tanh^2 instead of tanh: on this line they are equal (Nishimori)."""
    return float(_DENSITY @ np.tanh(conjugate + np.sqrt(conjugate) * _NODES) ** 2)


@functools.cache
def _ising_table() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(alpha, R, s) along the poor branch, up to where it ends.

    Parametrised by R-hat, alpha is explicit. The entropy is integrated from log 2 at alpha = 0: at a stationary point only the
    explicit dependence on alpha counts, ds/dalpha = 2 int Dt H log H.
    """
    conjugates = np.concatenate([[1e-3], np.linspace(0.02, 4.0, 200)])
    R = np.array([_ising_overlap(k) for k in conjugates])
    alpha = conjugates / 2 / np.array([_constraint_slope(r) for r in R])
    end = int(np.argmax(alpha))
    alpha, R = np.concatenate([[0.0], alpha[:end]]), np.concatenate([[0.0], R[:end]])
    losses = np.array([-math.log(2), *(_constraint_entropy(r) for r in R[1:])])
    s = math.log(2) + scipy.integrate.cumulative_trapezoid(losses, alpha, initial=0.0)
    return alpha, R, s


def _check_error(student, alpha: float):
    alphas, R, _ = _ising_table()
    expected = np.arccos(np.interp(alpha, alphas, R)) / np.pi
    assert_close(_number(student.ising_error(alpha)), expected, rtol=0, atol=1.5e-3, why="1e-3 is asked for")


@question("ising", reference="alpha as an explicit function of R-hat, tanh^2 for tanh; entropy integrated from log 2 along alpha")
class TestIsing:
    def test_overlap(self, student, rng):
        """The overlap of the poorly generalising solution.

        Start at R = 0 and iterate both equations until nothing changes. Is the noise's factor the root of R-hat?
        """
        alphas, R, _ = _ising_table()
        for alpha in (0.2, 0.7, 1.1, 1.36):
            alpha += float(rng.uniform(-0.04, 0.04))
            got = _parts(student.ising_branch(alpha), 2, "R and s")
            assert_close(_number(got[0]), np.interp(alpha, alphas, R), rtol=0, atol=2e-3, why="1e-3 is asked for")

    def test_entropy(self, student, rng):
        """The entropy per weight of that solution: log 2 without examples, falling, and negative in the end.

        Natural logarithms. All three terms, at the R and R-hat that solve the equations.
        """
        alphas, _, s = _ising_table()
        for alpha in (0.2, 0.7, 1.1, 1.36):
            alpha += float(rng.uniform(-0.04, 0.04))
            got = _parts(student.ising_branch(alpha), 2, "R and s")
            assert_close(_number(got[1]), np.interp(alpha, alphas, s), rtol=0, atol=2e-3, why="1e-3 is asked for")

    def test_before_the_transition(self, student, rng):
        """Up to alpha = 1.24 most consistent students are poor ones: error arccos(R) / pi.

        The poor solution wins as long as its entropy is above the teacher's, which is 0.
        """
        for alpha in (0.3, 0.8, 1.15, 1.2345):
            _check_error(student, alpha + float(rng.uniform(-0.005, 0.005)))

    def test_behind_the_transition(self, student, rng):
        """Behind the transition the teacher is the only student left: error 0, although the poor solution still exists.

        Up to 1.49 the equations have a solution with R < 1. Its entropy is negative.
        """
        _check_error(student, 1.23 + float(rng.uniform(-0.004, 0.004)))
        for alpha in (1.255, 1.35, 1.44):
            alpha += float(rng.uniform(-0.004, 0.004))
            require(_number(student.ising_error(alpha)) == 0.0, "exactly 0 is asked for beyond the transition")

    def test_without_a_poor_solution(self, student, rng):
        """For alpha above 1.5 only R = 1 is left: error 0, and not NaN."""
        _check_error(student, float(rng.uniform(0.4, 0.6)))
        for alpha in (1.6, 2.3, 2.9):
            alpha += float(rng.uniform(-0.05, 0.05))
            require(_number(student.ising_error(alpha)) == 0.0, "exactly 0 is asked for beyond the transition")

    @gated
    @weight(3)
    def test_few_examples(self, student, rng):
        """Few examples: R is 2 alpha / pi, and each example halves the number of students, s = (1 - alpha) log 2."""
        alpha = float(rng.uniform(0.01, 0.02))
        got = _parts(student.ising_branch(alpha), 2, "R and s")
        assert_close(_number(got[0]), 2 * alpha / np.pi, rtol=0, atol=1e-3, why="the next order is below alpha^2 = 4e-4")
        assert_close(_number(got[1]), (1 - alpha) * np.log(2), rtol=0, atol=1e-3, why="the next order is below alpha^2 = 4e-4")
        assert_close(_number(student.ising_error(alpha)), np.arccos(2 * alpha / np.pi) / np.pi, atol=1e-3, why="as above")
