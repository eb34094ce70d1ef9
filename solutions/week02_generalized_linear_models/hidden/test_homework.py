"""Hidden suite of week02/homework. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

Every expected value is computed here, in NumPy and SciPy float64 or in whole numbers, and never with the student's code.

What the inputs make visible:

* divergence: Poisson, categorical with 4 outcomes, Gaussian with two parameters (d = 1, 3, 2: order, domain); theta a
  thousandth apart and equal (cancellation); starts from which full Newton steps overflow or leave the domain.
* null_space: n, p, K = 5, 3, 4 and 3, 3, 3 and 4, 2, 3 (order of the parameters, transposes), logits of a thousand; ranks
  full, wide, deficient, 0 columns, singular values down to 10^-4.
* loo_gcv: 9 x 4, 4 x 9, 5 x 5; seven penalties from 10^-3 to 10^3 in any order; rotated data (which of the two is invariant).
* existence: n = 1 to 5000, p <= n and p >= n, probabilities down to 10^-290; data by construction separable, not separable,
  with equal rows of two classes, rows of 0, one class, n up to 60 and p up to 8.
* approximate_loo: 9 x 3, 9 x 9, 4 x 7, 5 x 5; penalties 0.01 to 10, probabilities near 0 and 1; examples that repeat.
"""

import math
from fractions import Fraction

import jax.numpy as jnp
import numpy as np
import scipy.optimize
import scipy.special
import scipy.stats

from autograder.testing import assert_close, gated, question, require, sendable, weight

DOUBLE = "float64 over a few dozen operations leaves ten digits; six are asked for"


def numbers_of(part):
    """A float64 array of what may be an array, a number or a nested list of numbers; None for anything else."""
    if not (type(part) in (int, float) or isinstance(part, (np.ndarray, list, tuple))):
        return None
    try:
        array = np.asarray(part)
        return array.astype(np.float64) if array.dtype.kind in "fiu" else None
    except (TypeError, ValueError):  # a ragged list, or objects
        return None


def array_of(result, shape, what):
    """The result as an array, after a look at its form."""
    array = numbers_of(result)
    require(array is not None, f"the {what} should be numbers")
    require(array.shape == shape, f"the {what} should have the shape {shape}, not {array.shape}")
    require(np.all(np.isfinite(array)), f"the {what} should be finite everywhere")
    return array


# --- 2.1 ------------------------------------------------------------------------------------------------------------


@sendable
def poisson(theta):
    return jnp.exp(theta[0])


@sendable
def four_outcomes(theta):
    """Probabilities proportional to (e^theta_0, e^theta_1, e^theta_2, 1)."""
    top = jnp.maximum(jnp.max(theta), 0.0)
    return top + jnp.log(jnp.sum(jnp.exp(theta - top)) + jnp.exp(-top))


@sendable
def gaussian(theta):
    """Statistics y and y^2; finite for theta[1] < 0."""
    return -(theta[0] ** 2) / (4 * theta[1]) - jnp.log(-2 * theta[1]) / 2


def probabilities(theta):
    return scipy.special.softmax(np.append(theta, 0.0))


def divergence(student, A, theta1, theta2):
    result = student.run(lambda ns, one, two: ns.kl_divergence(A, one, two), theta1, theta2)
    array = numbers_of(result)
    require(array is not None and array.shape == (), "the divergence is a number")
    return array


def matched(student, A, mean, start):
    got = student.run(lambda ns, m, s: ns.natural_parameters(A, m, s), mean, start)
    return array_of(got, mean.shape, "natural parameters")


@question("divergence", reference="sums over outcomes and closed forms of Poisson, categorical and Gaussian families, float64")
class TestDivergence:
    def test_counts(self, student, rng):
        """Poisson: the expectation of log p1 - log p2 under the first distribution, summed over all counts.

        The first argument of KL is the distribution over which one averages.
        """
        theta1, theta2 = rng.uniform(-0.5, 1.5, size=1), rng.uniform(1.6, 2.4, size=1)
        y = np.arange(150)
        for one, two in ((theta1, theta2), (theta2, theta1)):
            log_p, log_q = (scipy.stats.poisson.logpmf(y, np.exp(t[0])) for t in (one, two))
            expected = np.sum(np.exp(log_p) * (log_p - log_q))
            assert_close(divergence(student, poisson, one, two), expected, rtol=1e-6, why=DOUBLE)

    @weight(3)
    def test_four_outcomes(self, student, rng):
        """A categorical distribution with three parameters: the sum of p1 log(p1 / p2) over four outcomes.

        All parameters take part, and they may move in opposite directions.
        """
        theta1, theta2 = rng.normal(size=3), rng.normal(size=3)
        p, q = probabilities(theta1), probabilities(theta2)
        assert_close(divergence(student, four_outcomes, theta1, theta2), np.sum(p * np.log(p / q)), rtol=1e-6, why=DOUBLE)
        for distance in (0.02, 0.006):
            theta2 = theta1 + distance * rng.choice([-1.0, 1.0], size=3) * np.array([1.0, 0.7, 0.4])
            expected = 1e4 * np.sum(p * (np.log(p) - np.log(probabilities(theta2))))
            got = 1e4 * float(divergence(student, four_outcomes, theta1, theta2))
            assert_close(got, expected, rtol=1e-5, why="10^-5 is left of a difference of numbers of order 1")

    @gated
    @weight(2)
    def test_two_that_are_nearly_or_quite_equal(self, student, rng):
        """A thousandth apart: half of the distance squared in the metric of the Fisher information. Equal: 0."""
        theta, move = rng.normal(size=3), rng.normal(size=3)
        p = probabilities(theta)
        expected = np.sum(p * (np.log(p) - np.log(probabilities(theta + 1e-3 * move))))
        got = divergence(student, four_outcomes, theta, theta + 1e-3 * move)
        assert_close(float(got) * 1e6, expected * 1e6, rtol=1e-4, why="10^-7 is left of a difference of numbers of order 1")
        assert_close(divergence(student, four_outcomes, theta, theta), 0.0, atol=1e-12)

    def test_matching_a_mean(self, student, rng):
        """Near the solution: the parameters whose mean statistic is the given one, for counts and for four outcomes.

        The probabilities of a categorical distribution give its parameters back as log(p_k / p_3).
        """
        mean = rng.uniform(0.5, 4.0, size=1)
        assert_close(matched(student, poisson, mean, np.zeros(1)), np.log(mean), rtol=1e-5, atol=1e-5, why="10^-5 is asked for")
        p = probabilities(rng.normal(size=3))
        for start in (np.zeros(3), np.log(p[:3] / p[3])):  # the solution itself is a start like any other
            got = matched(student, four_outcomes, p[:3], start)
            assert_close(got, np.log(p[:3] / p[3]), rtol=1e-5, atol=1e-5, why="10^-5 is asked for")

    @weight(3)
    def test_far_starts(self, student, rng):
        """From far away: full Newton steps overshoot, overflow or leave the set on which A is finite.

        Halve the step until A(theta) - theta . m is finite and no larger than it was.
        """
        mean = rng.uniform(15.0, 30.0, size=1)
        assert_close(
            matched(student, poisson, mean, np.array([-4.0])), np.log(mean), rtol=1e-5, atol=1e-5, why="10^-5 is asked for"
        )
        theta = rng.uniform(-4.9, -4.0, size=1)
        for start in (theta + 9, theta - 9):
            assert_close(matched(student, poisson, np.exp(theta), start), theta, rtol=0.0, atol=1e-5, why="10^-5 is asked for")
        # No outcome is nearly certain: halving would stop where the others' probabilities, and with them the Hessian, vanish.
        p = 0.8 * probabilities(rng.normal(size=3)) + 0.05
        start = np.array([4.0, -5.0, 3.0]) * rng.uniform(0.75, 1.0)
        assert_close(
            matched(student, four_outcomes, p[:3], start), np.log(p[:3] / p[3]), rtol=1e-5, atol=1e-5, why="10^-5 is asked for"
        )
        center, variance = float(rng.uniform(-2, 2)), float(rng.uniform(0.5, 3.0))
        mean = np.array([center, center**2 + variance])
        expected = np.array([center / variance, -1 / (2 * variance)])
        for start in (np.array([0.0, -9.0]), np.array([3.0, -0.05])):
            assert_close(matched(student, gaussian, mean, start), expected, rtol=1e-5, atol=1e-5, why="10^-5 is asked for")
        center, variance = float(rng.uniform(0.1, 0.4)), float(rng.uniform(0.1, 0.15))  # narrow, from a wide one: twenty rounds
        mean = np.array([center, center**2 + variance])
        expected = np.array([center / variance, -1 / (2 * variance)])
        got = matched(student, gaussian, mean, np.array([9.0, -0.02]))
        assert_close(got, expected, rtol=1e-5, atol=1e-5, why="10^-5 is asked for")


# --- 2.2 ------------------------------------------------------------------------------------------------------------


def hessian_reference(W, X):
    """The sum over examples of kron(x x^T, diag(p) - p p^T)."""
    total = 0.0
    for x in X:
        p = scipy.special.softmax(x @ W)
        total = total + np.kron(np.outer(x, x), np.diag(p) - np.outer(p, p))
    return total


def of_rank(rng, n, p, s):
    """An n x p matrix with these nonzero singular values."""
    U, _ = np.linalg.qr(rng.normal(size=(n, n)))
    V, _ = np.linalg.qr(rng.normal(size=(p, p)))
    return U[:, : len(s)] * np.asarray(s) @ V[:, : len(s)].T


@question("null_space", reference="the sum of Kronecker products in NumPy float64; p K - (K - 1) rank from the construction")
class TestNullSpace:
    @staticmethod
    def check(student, W, X):
        got = array_of(student.softmax_hessian(W, X), (W.size, W.size), "Hessian")
        expected = hessian_reference(W, X)
        p, K = W.shape
        if got.shape == expected.shape and np.abs(got - expected).max() > 1e-6 * np.abs(expected).max():
            other = expected.reshape(p, K, p, K).transpose(1, 0, 3, 2).reshape(p * K, p * K)
            require(np.abs(got - other).max() > 1e-6 * np.abs(expected).max(), "W[j, k] should be parameter number j K + k")
        assert_close(got, expected, rtol=1e-6, why=DOUBLE)

    def test_the_hessian(self, student, rng):
        """The sum over examples of x_j x_l times the covariance of the one-hot class, in the order of W.reshape(-1).

        Not a mean; and the classes of different k belong together, with a negative sign.
        """
        self.check(student, rng.normal(size=(3, 4)), rng.normal(size=(5, 3)))
        self.check(student, rng.normal(size=(2, 3)), rng.normal(size=(4, 2)))

    @weight(2)
    def test_logits_of_a_thousand(self, student, rng):
        """Logits of a thousand and more, of another size in each row: the softmax must not overflow."""
        X = rng.normal(size=(4, 2))
        X[0] *= 1000.0 / np.abs(X[0]).max()
        self.check(student, np.array([[1.0, -2.0, 0.5], [2.0, 1.0, -1.0]]) * rng.uniform(0.5, 1.5), X)
        self.check(student, np.array([[2.99, 2.9895, 0.0], [1.0, -2.0, 0.5]]), np.array([[1000.0, float(rng.normal())]]))
        W = np.array([[3.0, 2.5, 2.0], [0.0, 0.0, 0.0]]) * rng.uniform(0.75, 1.0)
        self.check(student, W, np.array([[600.0, 1.0], [1.0, 1.0], [-0.5, 2.0], [-600.0, 0.5]]))

    @gated
    @weight(3)
    def test_examples_features_and_classes_of_equal_number(self, student, rng):
        """Three examples, three features, three classes: no axis is told by its length."""
        self.check(student, rng.normal(size=(3, 3)), rng.normal(size=(3, 3)))

    @staticmethod
    def count(student, X, K):
        array = numbers_of(student.null_dimension(X, K))
        require(array is not None and array.shape == () and array == np.round(array), "the dimension is a whole number")
        return int(array)

    def test_independent_columns(self, student, rng):
        """With independent columns the only flat directions add the same vector to all columns of W."""
        for n, p, K in ((7, 3, 4), (4, 4, 2)):
            got = self.count(student, of_rank(rng, n, p, rng.uniform(0.5, 2.0, size=p)), K)
            require(got == p, "one flat direction per feature: the classes shift together")

    def test_dependent_columns(self, student, rng):
        """Columns that depend on each other, fewer examples than features, features that are always 0: more is flat.

        W may move by u v^T wherever X u = 0, whatever v. Count what is flat for both reasons only once.
        """
        for n, p, K, r in ((7, 4, 3, 2), (2, 5, 4, 2), (6, 3, 5, 1)):
            got = self.count(student, of_rank(rng, n, p, rng.uniform(0.5, 2.0, size=r)), K)
            require(got == p * K - (K - 1) * r, "with dependent columns the count is not right")
        X = rng.normal(size=(2, 4))
        X[:, 1] = X[:, 0]
        require(self.count(student, X, 3) == 8, "with dependent columns the count is not right")
        X = rng.normal(size=(6, 4))
        X[:, int(rng.integers(0, 4))] = 0.0
        require(self.count(student, X, 3) == 6, "a feature that is always 0 leaves all its weights free")

    @weight(2)
    def test_weak_columns_count(self, student, rng):
        """A singular value of a few ten-thousandths of the largest is weak, but not 0; one of 10^-10 is rounding."""
        X = of_rank(rng, 8, 4, [1.0, 0.5, 1.2e-4])
        require(self.count(student, X, 3) == 12 - 6, "a weak direction is not a flat one")
        for unit in (1e-9, 1e9):
            X = unit * of_rank(rng, 8, 4, [1.0, 0.5, 8e-10])
            require(self.count(student, X, 3) == 12 - 4, "what is small compared with the largest singular value is rounding")


# --- 2.3 ------------------------------------------------------------------------------------------------------------


def refitted(X, y, lambdas):
    """Leave-one-out by n refits for each penalty."""
    scores = []
    for lam in lambdas:
        errors = []
        for i in range(len(y)):
            rest = np.arange(len(y)) != i
            w = np.linalg.solve(X[rest].T @ X[rest] + lam * np.eye(X.shape[1]), X[rest].T @ y[rest])
            errors.append(y[i] - X[i] @ w)
        scores.append(np.mean(np.square(errors)))
    return np.array(scores)


def by_definition(X, y, lambdas):
    """GCV from the trace of the hat matrix."""
    scores = []
    for lam in lambdas:
        H = X @ np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T)
        scores.append(np.mean((y - H @ y) ** 2) / (1 - np.trace(H) / len(y)) ** 2)
    return np.array(scores)


@question("loo_gcv", reference="n refits per penalty, and the trace of the hat matrix, in float64")
class TestLooGcv:
    @staticmethod
    def scores(student, X, y, lambdas):
        result = student.ridge_scores(X, y, lambdas)
        require(isinstance(result, (list, tuple)) and len(result) == 2, "return two arrays, loo and gcv")
        names = ("leave-one-out score", "GCV score")
        return [array_of(part, lambdas.shape, name) for part, name in zip(result, names, strict=True)]

    def penalties(self, rng):
        lambdas = (np.array([0.0012, 0.05, 0.7, 8.0, 800.0]) * rng.uniform(0.85, 1.2, size=5))[[2, 0, 4, 1, 3]]
        return lambdas[:: int(rng.choice([-1, 1]))]  # sorted in neither direction

    @weight(2)
    def test_leave_one_out(self, student, rng):
        """The first score equals n refits, each without one example and with the same penalty.

        More examples than features, and targets with a mean that is not 0.
        """
        X, y, lambdas = rng.normal(size=(9, 4)), 2 + rng.normal(size=9), self.penalties(rng)
        assert_close(self.scores(student, X, y, lambdas)[0], refitted(X, y, lambdas), rtol=1e-6, why=DOUBLE)

    @weight(2)
    def test_generalized(self, student, rng):
        """The second score has the mean leverage in place of each.

        The trace of H is divided by n, the number of examples.
        """
        X, y, lambdas = rng.normal(size=(9, 4)), 2 + rng.normal(size=9), self.penalties(rng)
        assert_close(self.scores(student, X, y, lambdas)[1], by_definition(X, y, lambdas), rtol=1e-6, why=DOUBLE)

    @gated
    @weight(2)
    def test_more_features_than_examples(self, student, rng):
        """Four examples of nine features, and five of five: the same two scores."""
        for n, p in ((4, 9), (5, 5)):
            X, y, lambdas = rng.normal(size=(n, p)), rng.normal(size=n), self.penalties(rng)
            loo, gcv = self.scores(student, X, y, lambdas)
            assert_close(loo, refitted(X, y, lambdas), rtol=1e-6, why=DOUBLE)
            assert_close(gcv, by_definition(X, y, lambdas), rtol=1e-6, why=DOUBLE)

    @gated
    def test_rotated_data(self, student, rng):
        """Data that a rotation has mixed: GCV is what it was before, leave-one-out is not."""
        X, y, lambdas = rng.normal(size=(9, 4)), rng.normal(size=9), self.penalties(rng)
        X[:3] *= 4.0
        Q, _ = np.linalg.qr(rng.normal(size=(9, 9)))
        loo, gcv = self.scores(student, Q @ X, Q @ y, lambdas)
        assert_close(gcv, by_definition(X, y, lambdas), rtol=1e-6, why=DOUBLE)
        assert_close(loo, refitted(Q @ X, Q @ y, lambdas), rtol=1e-6, why=DOUBLE)

    @gated
    def test_one_penalty_weak_and_strong(self, student, rng):
        """A single penalty, very weak or very strong: arrays of one."""
        X, y = rng.normal(size=(9, 4)), rng.normal(size=9)
        for lam in (1e-3, 1e3):
            lambdas = np.array([lam]) * rng.uniform(0.9, 1.1, size=1)
            loo, gcv = self.scores(student, X, y, lambdas)
            assert_close(loo, refitted(X, y, lambdas), rtol=1e-6, why=DOUBLE)
            assert_close(gcv, by_definition(X, y, lambdas), rtol=1e-6, why=DOUBLE)


# --- 2.4 ------------------------------------------------------------------------------------------------------------


def cover(n, p):
    """Cover's probability in whole numbers, exact; 1 for n <= p."""
    term, total = 1, 0
    for k in range(min(p, n)):
        total += term
        term = term * (n - 1 - k) // (k + 1)
    return float(Fraction(total, 2 ** (n - 1)))


def overlapping(rng, n, p):
    """Data that no hyperplane through 0 separates: some positive combination of the signed rows is exactly 0."""
    Z = rng.integers(-8, 9, size=(n, p)) / 8 + rng.integers(1, 3, size=(n, 1)) / 4
    Z[-1] = -Z[:-1].sum(axis=0) / 16  # sixteenths of eighths: exact
    return Z


def signs_off(rng, Z):
    """Rows and labels of signed rows."""
    y = rng.integers(0, 2, size=len(Z))
    return (2 * y - 1)[:, None] * Z, y


def separated(rng, n, p, nearest=False):
    """Data with a separator w for which every |x . w| is at least a hundredth of |w| times the longest row."""
    w = rng.normal(size=p)
    w /= np.linalg.norm(w)
    across = rng.normal(size=(n, p))
    across -= np.outer(across @ w, w)
    near, far = rng.uniform(0.1, 0.2, size=n), rng.uniform(1.5, 2.5, size=n)
    if nearest:
        near = rng.uniform(0.012, 0.02, size=n) * np.linalg.norm(np.hypot(np.linalg.norm(across, axis=1), far), np.inf)
    return across + np.outer(np.where(np.arange(n) % 4 == 0, far, near), w)  # a few far ones pull least squares astray


@question("existence", reference="Cover's sum in whole numbers; data that are (in)separable by construction")
class TestExistence:
    @staticmethod
    def probability(student, n, p):
        array = numbers_of(student.separable_probability(n, p))
        require(array is not None and array.shape == () and np.isfinite(array), "the probability is a finite number")
        return array

    @staticmethod
    def verdict(student, X, y):
        result = student.is_separable(X, y)
        if isinstance(result, np.ndarray) and result.shape == () and result.dtype == bool:
            result = bool(result)
        require(type(result) is bool, "is_separable should return True or False")
        return result

    def test_small_numbers(self, student, rng):
        """A few points: Cover's sum, from k = 0 to p - 1; as many dimensions as points or more, 1."""
        for n, p in ((1, 1), (3, 2), (5, 5), (4, 9), (int(rng.integers(6, 12)), int(rng.integers(2, 6))), (20, 13)):
            assert_close(self.probability(student, n, p), cover(n, p), rtol=1e-6, why="six digits are asked for")

    def test_thousands_of_points(self, student, rng):
        """Up to 5000 points: 1/2 at n = 2p, and six digits of what is tiny.

        2^(1-n) is 0 in double precision from n = 1076 on, and the binomial coefficients are infinite.
        """
        p = int(rng.integers(800, 2500))
        assert_close(self.probability(student, 2 * p, p), 0.5, rtol=1e-6, why="six digits are asked for")
        tiny = int(rng.integers(8, 14))
        more = int(rng.integers(4000, 5000))
        late = [(1000, 900), (5000, 3500), (more, more // 2 + int(2.3 * more**0.5))]
        for points, dimension in ((5000, p), (int(rng.integers(1000, 2000)), 400), (950, tiny), (3000, 4999), *late):
            exact = cover(points, dimension)
            if exact > 1e-290:
                ratio = float(self.probability(student, points, dimension) / exact)
                assert_close(ratio, 1.0, rtol=1e-6, why="six digits are asked for")

    def test_separable_and_not(self, student, rng):
        """Data with a separator through the origin, and data without one.

        All examples must be strictly on their side. The weights may have any sign.
        """
        for n, p in ((1, 1), (12, 3), (60, 8)):
            X, y = signs_off(rng, separated(rng, n, p))
            require(self.verdict(student, X, y), "these data have a separator through the origin")
        for n, p, size in ((60, 8, 900.0), (40, 3, 0.002)):
            X, y = signs_off(rng, separated(rng, n, p, nearest=True))
            X = X * size / np.linalg.norm(X, axis=1).max()
            require(self.verdict(student, X, y), "the nearest points leave a hundredth: these data have a separator, too")
        for n, p in ((12, 3), (60, 8)):
            Z = overlapping(rng, n, p)
            for X, y in (signs_off(rng, Z), (Z, np.ones(n, int)), (-Z, np.zeros(n, int))):  # one class proves nothing
                require(not self.verdict(student, X, y), "these data have no separator")
        x = rng.integers(1, 9, size=3) / 4.0  # fewer points than dimensions, but on one line
        require(not self.verdict(student, np.stack([x, 2 * x]), np.array([1, 0])), "these data have no separator")

    @gated
    @weight(4)
    def test_on_the_edge(self, student, rng):
        """Equal rows of two classes, or a row of 0: on the boundary at best, so not separable. Equal rows of one class are.

        Strictly: 0 is on no side.
        """
        X, y = signs_off(rng, separated(rng, 12, 3))
        same = np.concatenate([X, X[:1]]), np.append(y, y[0])
        require(self.verdict(student, *same), "an example that comes twice, in the same class, changes nothing")
        both = np.concatenate([X, X[:1]]), np.append(y, 1 - y[0])
        require(not self.verdict(student, *both), "the same example in both classes: no w puts it on both sides")
        zero = np.concatenate([X, np.zeros((1, 3))]), np.append(y, 1)
        require(not self.verdict(student, *zero), "x = 0 is on no side")

    def test_no_threshold_is_added(self, student, rng):
        """Positive numbers, small ones of one class, large ones of the other: a threshold would separate them, no sign does."""
        x = np.sort(rng.uniform(0.5, 3.0, size=6))
        for y in (np.array([0, 0, 0, 1, 1, 1]), np.array([1, 1, 1, 0, 0, 0])):
            require(not self.verdict(student, x[:, None], y), "through the origin there is no separator")
        for label in (0, 1):
            require(self.verdict(student, x[:, None], np.full(6, label)), "one class only, all on one side: separable")


# --- 2.5 ------------------------------------------------------------------------------------------------------------


def logistic_fit(X, y, lam, start=None):
    """Minimiser of the penalised summed loss by damped Newton steps."""
    w = np.zeros(X.shape[1]) if start is None else start
    for _ in range(60):
        mu = scipy.special.expit(X @ w)
        gradient = X.T @ (mu - y) + lam * w
        d = -np.linalg.solve((X.T * (mu * (1 - mu))) @ X + lam * np.eye(len(w)), gradient)
        rho = np.abs(X @ d).max()
        w = w + (math.log1p(rho) / rho if rho > 0 else 1.0) * d
    return w


def one_step_each(X, y, w, lam):
    """For each example one full Newton step on the loss without it, written out."""
    logits = []
    for i in range(len(y)):
        rest = np.arange(len(y)) != i
        mu = scipy.special.expit(X[rest] @ w)
        gradient = X[rest].T @ (mu - y[rest]) + lam * w
        hessian = (X[rest].T * (mu * (1 - mu))) @ X[rest] + lam * np.eye(len(w))
        logits.append(X[i] @ (w - np.linalg.solve(hessian, gradient)))
    return np.array(logits)


@question("approximate_loo", reference="n separate Newton steps on the reduced data in float64")
class TestApproximateLoo:
    @staticmethod
    def check(student, X, y, lam):
        w = logistic_fit(X, y, lam)
        got = array_of(student.approximate_loo(X, y, w, lam), (len(y),), "left-out logits")
        expected, fitted = one_step_each(X, y, w, lam), X @ w
        wrong_way = np.all((got - fitted) * (expected - fitted) < 0)
        require(not wrong_way, "without its own vote an example should look worse: the correction has the wrong sign")
        assert_close(got, expected, rtol=1e-6, atol=1e-9, why=DOUBLE)

    def test_more_examples_than_features(self, student, rng):
        """Nine examples: each logit is that of the model after one full Newton step on the other eight.

        The Hessian of the step is that of the other eight, too.
        """
        X, y = rng.normal(size=(9, 3)), np.array([0, 1, 1, 0, 1, 0, 1, 1, 0])[rng.permutation(9)]
        self.check(student, X, y, float(rng.uniform(0.5, 2.0)))
        self.check(student, 0.3 * X, y, float(rng.uniform(5.0, 10.0)))

    def test_a_weak_penalty(self, student, rng):
        """A weak penalty: the model leans on single examples, and the correction is large.

        Fitted probabilities come close to 0 and 1. They are what they are: nothing needs to be clipped.
        """
        X, y = 2 * rng.normal(size=(9, 3)), np.array([0, 1, 1, 0, 1, 0, 1, 1, 0])[rng.permutation(9)]
        self.check(student, X, y, float(rng.uniform(0.1, 0.2)))
        X = rng.uniform(1.0, 6.0, size=(9, 3))  # separable: all probabilities go to 0 or 1
        self.check(student, (2 * y - 1)[:, None] * X, y, float(rng.uniform(0.01, 0.02)))
        X = rng.uniform(-6.0, 6.0, size=(9, 9))  # each example rests on its own vote
        self.check(student, X, y, float(rng.uniform(0.01, 0.02)))

    @gated
    @weight(3)
    def test_more_features_than_examples(self, student, rng):
        """Four examples of seven features, five of five: H is invertible because of the penalty."""
        for n, p in ((4, 7), (5, 5)):
            X, y = rng.normal(size=(n, p)), np.array([0, 1, 1, 0, 1])[rng.permutation(n)]
            self.check(student, X, y, float(rng.uniform(0.2, 2.0)))
            self.check(student, 2 * X, y, float(rng.uniform(0.01, 0.02)))

    @gated
    def test_an_example_alone_and_examples_that_repeat(self, student, rng):
        """An example with a feature of its own loses it: its logit becomes 0. Equal examples keep each other's support."""
        size = float(rng.uniform(1.0, 2.0))
        X = np.array([[size, 0.0], [0.0, 1.5], [0.0, 1.5], [0.0, -0.5]])
        self.check(student, X, np.array([1, 0, 0, 1]), float(rng.uniform(0.3, 3.0)))
        self.check(student, X[:1], np.array([0]), float(rng.uniform(5.0, 10.0)))
