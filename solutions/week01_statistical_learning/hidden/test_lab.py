"""Hidden suite of week01/lab. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

What each shape makes visible (n examples, p inputs, k outputs, m lambdas or members, t test points):

| shapes | shows |
|---|---|
| n > p, n < p | transposes, the wrong one of two forms, n for p; p x p and n x n matrices |
| n = p = k (= m, = t) | transposes and axes that shapes would betray otherwise |
| k = 1, m = 2, t = 1, n = 2 | squeezed axes, means over an axis of one |
| 4 x 200 000 and back | a matrix of the size of the long side, squared |
| inputs and targets of mean 5 | centring where there must be none, a penalised intercept |
| lambda from 1e-3 to 1e3, never n times another | n lambda for lambda |
| rank 1 and 2 in 4 columns; singular values of 1e-7; everything times 1e-12 | what counts as zero, and that it is relative |
"""

import itertools

import numpy as np

from autograder.testing import assert_close, question, require, weight

FLOAT64 = "float64 throughout; systems with condition numbers below 1e6"


def pair_of(result, what):
    """The two members of a tuple (or list, or NamedTuple) of two."""
    listed = hasattr(result, "__getitem__") and not isinstance(result, (str, bytes, dict))
    length = (result.shape or (0,))[0] if isinstance(result, np.ndarray) else len(result) if hasattr(result, "__len__") else 0
    require(listed and length == 2, f"return a pair: {what}")
    return tuple(np.asarray(member) if isinstance(result, np.ndarray) else member for member in (result[0], result[1]))


# --- 1 --------------------------------------------------------------------------------------------------------------


def augmented(X, Y, lam, intercept=False):
    """Ridge as a plain least-squares problem: sqrt(lam) I below X, zeros below Y; an intercept is not penalised."""
    p = X.shape[1]
    top = np.column_stack([np.ones(len(X)), X]) if intercept else X
    bottom = np.sqrt(lam) * np.eye(p)
    bottom = np.column_stack([np.zeros(p), bottom]) if intercept else bottom
    zeros = np.zeros((p, *Y.shape[1:]))
    return np.linalg.lstsq(np.concatenate([top, bottom]), np.concatenate([Y, zeros]), rcond=None)[0]


@question("ridge", reference="least squares of the augmented system [X; sqrt(lambda) I] by numpy.linalg.lstsq")
class TestRidge:
    def test_more_examples_than_weights(self, student, rng):
        """n > p and n = p: the minimiser of the sum of squared errors plus lambda times the sum of squared weights.

        lambda is not multiplied by n, and nothing is centred: inputs and targets with a mean of 5 keep it.
        """
        for k, lam in ((1, 1.5), (2, float(rng.uniform(0.5, 4.0)))):
            for shape in ((7, 3), (3, 3)):
                X, Y = rng.normal(size=shape) + 5.0, rng.normal(size=(shape[0], k)) + 5.0
                assert_close(student.ridge(X, Y, lam), augmented(X, Y, lam), why=FLOAT64)

    def test_more_weights_than_examples(self, student, rng):
        """n < p: the same minimiser; then a single example, and n = p.

        W is X^T times a matrix of shape (n, k).
        """
        for shape, k in (((3, 7), 2), ((1, 4), 1), ((3, 3), 2)):
            X, Y, lam = rng.normal(size=shape) + 1.0, rng.normal(size=(shape[0], k)), float(rng.uniform(0.5, 4.0))
            assert_close(student.ridge(X, Y, lam), augmented(X, Y, lam), why=FLOAT64)

    @weight(2)
    def test_square_for_weak_and_strong_ridge(self, student, rng):
        """n = p = k, for lambdas from 0.001 to 1000: shapes no longer tell X from its transpose.

        For a very strong ridge W is X^T Y / lambda.
        """
        X, Y = rng.normal(size=(4, 4)) + 3.0 * np.eye(4)[[1, 2, 3, 0]], rng.normal(size=(4, 4))
        for lam in (1e-3, float(rng.uniform(0.5, 2.0)), 1e3):
            assert_close(student.ridge(X, Y, lam), augmented(X, Y, lam), why=FLOAT64)
        U, V = np.linalg.qr(rng.normal(size=(4, 4)))[0], np.linalg.qr(rng.normal(size=(4, 4)))[0]
        weak = U * np.array([3.0, 0.5, 0.05, 0.002]) @ V.T  # weak inputs, but lambda is as weak
        assert_close(student.ridge(weak, Y, 1e-3), augmented(weak, Y, 1e-3), why=FLOAT64)

    @weight(4)
    def test_two_hundred_thousand_on_either_side(self, student, rng):
        """4 examples of 200 000 inputs, then 200 000 examples of 4 inputs: both fit into the memory.

        A matrix of 200 000 x 200 000 numbers does not. There are two forms of the solution; which matrix does each invert?
        """
        X = (rng.normal(size=(4, 200_000)) + 0.25) * np.array([[0.002], [1.0], [2.0], [3.0]])
        Y, lam = rng.normal(size=(4, 2)), float(rng.uniform(0.5, 2.0))  # as weak as the first example
        U, s, Vt = np.linalg.svd(X, full_matrices=False)
        wide = Vt.T @ ((s / (s**2 + lam))[:, None] * (U.T @ Y))
        assert_close(student.ridge(X, Y, lam), wide, atol=0, why=FLOAT64)
        X, Y = np.ascontiguousarray(X.T), rng.normal(size=(200_000, 2))
        tall = U @ ((s / (s**2 + lam))[:, None] * (Vt @ Y))
        assert_close(student.ridge(X, Y, lam), tall, atol=0, why=FLOAT64)


# --- 2 --------------------------------------------------------------------------------------------------------------


def path_reference(X, y, lams):
    """Row by row: numpy.linalg.pinv at lambda = 0, else the augmented least squares."""
    return np.stack([np.linalg.pinv(X, rcond=1e-9) @ y if lam == 0 else augmented(X, y, lam) for lam in lams])


def freedom_reference(X, lams, rank):
    """Trace of X (X^T X + lambda)^-1 X^T, and the rank at lambda = 0."""
    hat = lambda lam: X @ np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T)
    return np.array([rank if lam == 0 else np.trace(hat(lam)) for lam in lams])


def of_rank(rank, rng, n, p):
    """A matrix of this rank up to rounding."""
    return rng.normal(size=(n, rank)) @ rng.normal(size=(rank, p))


def steep(rng, n, p, values=(1.0, 1e-2, 1e-4, 1e-7)):
    """A matrix with these singular values; 1e-7 of the largest is small, but no zero."""
    U, V = np.linalg.qr(rng.normal(size=(n, 4)))[0], np.linalg.qr(rng.normal(size=(p, 4)))[0]
    return U * np.array(values) @ V.T


@question("ridge_path", reference="augmented least squares and numpy.linalg.pinv, one lambda at a time")
class TestRidgePath:
    @weight(2)
    def test_solutions_for_positive_lambdas(self, student, rng):
        """Each row is the ridge solution of its lambda, in the order given.

        The filter s / (s^2 + lambda) acts on u_j . y; n > p, n < p and n = p = m.
        """
        for n, p, m in ((6, 4, 3), (4, 6, 3), (4, 4, 4), (6, 4, 1)):
            X, y, lams = rng.normal(size=(n, p)) + 1.0, rng.normal(size=n), 10 ** rng.uniform(-2, 2, size=m)
            assert_close(student.ridge_path(X, y, lams), path_reference(X, y, lams), why=FLOAT64)

    def test_no_ridge_at_all(self, student, rng):
        """At lambda = 0 the solution is least squares for n > p, and the interpolator of smallest norm for n < p.

        It may stand anywhere among the lambdas.
        """
        for n, p in ((6, 4), (4, 6)):
            X, y, lams = rng.normal(size=(n, p)), rng.normal(size=n), np.array([float(rng.uniform(1, 3)), 0.0, 0.25])
            assert_close(student.ridge_path(X, y, lams), path_reference(X, y, lams), why=FLOAT64)

    def test_degrees_of_freedom(self, student, rng):
        """df is the trace of the matrix that makes fitted values of targets; at lambda = 0 it is the rank, min(n, p).

        Squares: s^2 / (s^2 + lambda).
        """
        for n, p in ((6, 4), (4, 6), (4, 4)):
            X, lams = rng.normal(size=(n, p)) + 1.0, np.append(10 ** rng.uniform(-2, 2, size=2), 0.0)
            assert_close(student.degrees_of_freedom(X, lams), freedom_reference(X, lams, min(n, p)), why=FLOAT64)

    @weight(4)
    def test_what_counts_as_zero(self, student, rng):
        """Rank 1 or 2 in a larger matrix; singular values of 1e-7 and of 1e-12 of the largest; data in units 1e12 times as large.

        A singular value is a zero if it is at most 1e-10 of the largest one, whatever the units. Zeros contribute nothing
        to the solution and to df, also at lambda = 0.
        """
        lams, none = np.array([0.0, float(rng.uniform(0.5, 2.0)), 0.0]), np.zeros(3)
        for n, p in ((6, 4), (4, 6)):
            X, y = of_rank(1, rng, n, p), rng.normal(size=n)
            assert_close(student.ridge_path(X, y, lams), path_reference(X, y, lams), why=FLOAT64)
            assert_close(student.degrees_of_freedom(X, lams), freedom_reference(X, lams, 1), why=FLOAT64)
            X = of_rank(2, rng, n, p)
            for unit in (1.0, 1e-12):
                assert_close(student.ridge_path(unit * X, y, unit**2 * lams), path_reference(X, y, lams) / unit, why=FLOAT64)
                assert_close(student.degrees_of_freedom(unit * X, unit**2 * lams), freedom_reference(X, lams, 2), why=FLOAT64)
            X = steep(rng, n, p)
            expected = np.linalg.pinv(X, rcond=1e-9) @ y
            assert_close(student.ridge_path(X, y, none), np.tile(expected, (3, 1)), why="rounding of 1e-16 times 1e7")
            assert_close(student.degrees_of_freedom(X, none), [4.0] * 3, why=FLOAT64)
            X = steep(rng, n, p, (1.0, 0.3, 1e-9, 1e-12))
            expected = np.linalg.pinv(X, rcond=1e-11) @ y
            assert_close(student.ridge_path(X, y, none), np.tile(expected, (3, 1)), why="rounding of 1e-16 times 1e9")
            assert_close(student.degrees_of_freedom(X, none), [3.0] * 3, why=FLOAT64)


# --- 3 --------------------------------------------------------------------------------------------------------------


def decomposition(predictions, truth):
    """Squared bias and variance of a population whose members are the rows, each equally likely."""
    mean = sum(predictions) / len(predictions)
    variance = sum((row - mean) ** 2 for row in predictions) / len(predictions)
    return float(((mean - truth) ** 2).mean()), float(variance.mean())


def plug_in_of(student, predictions, truth):
    return pair_of(student.bias_variance(predictions, truth), "(bias2, variance)")


def every_sample(student, population, truth, m):
    """The student's unbiased estimates for each of the equally likely samples of m members, as two arrays."""

    def probe(ns, samples, truth):
        return [list(ns.unbiased_bias_variance(sample, truth)) for sample in samples]

    samples = np.stack([population[list(chosen)] for chosen in itertools.product(range(len(population)), repeat=m)])
    found = student.run(probe, samples, truth)
    require(isinstance(found, (list, tuple)) and len(found) == len(samples), "return a pair (bias2, variance)")
    pairs = [pair_of(f, "(bias2, variance)") for f in found]
    require(all(np.shape(v) == () for p in pairs for v in p), "bias2 and variance are two scalars")
    return np.array([[float(v) for v in p] for p in pairs]).T


@question("bias_variance", reference="sums over members in NumPy; all samples of a population of three models, enumerated")
class TestBiasVariance:
    @weight(2)
    def test_plug_in(self, student, rng):
        """Squared deviation of the members' mean from the truth; mean squared deviation of the members from their mean.

        Both are averaged over the test points, after squaring. The variance has 1/m.
        """
        for m, t in ((2, 1), (5, 3), (3, 5)):
            predictions, truth = rng.normal(size=(m, t)) + 1.0, rng.normal(size=t)
            assert_close(list(plug_in_of(student, predictions, truth)), list(decomposition(predictions, truth)), why=FLOAT64)

    @weight(2)
    def test_plug_in_as_many_members_as_points(self, student, rng):
        """m = t: members are rows and test points columns. The two terms add up to the mean squared error."""
        for _ in range(2):
            predictions, truth = rng.normal(size=(4, 4)) + 2.0 * rng.normal(size=4), rng.normal(size=4)
            bias2, variance = plug_in_of(student, predictions, truth)
            assert_close(bias2, decomposition(predictions, truth)[0], why=FLOAT64)
            assert_close(variance, ((predictions - truth) ** 2).mean() - decomposition(predictions, truth)[0], why=FLOAT64)

    @weight(4)
    def test_right_on_average(self, student, rng):
        """Three possible models, two training sets, then three: over all nine (27) samples the estimates are right on average.

        Their mean is the population's bias^2 and variance, exactly. The plug-in variance is too small on average, and
        what it lacks was taken for bias. An estimate may be negative: clipped, the average is too large. In each sample the
        two add up to the mean squared error.
        """
        for m, points in ((2, 3), (3, 2)):
            population, truth = rng.normal(size=(3, points)), rng.normal(size=points) / 2
            for case in (truth, population.mean(axis=0)):
                bias2, variance = every_sample(student, population, case, m)
                expected = decomposition(population, case)
                assert_close(float(variance.mean()), expected[1], why=FLOAT64)
                assert_close(float(bias2.mean()), expected[0], atol=1e-9, why=FLOAT64)
                samples = (population[list(chosen)] for chosen in itertools.product(range(3), repeat=m))
                assert_close(bias2 + variance, [((s - case) ** 2).mean() for s in samples], why=FLOAT64)


# --- 4 --------------------------------------------------------------------------------------------------------------


def with_singular_values(rng, n, p):
    """Full rank, distinct singular values from 2 or so down to a thousandth of the largest."""
    r = min(n, p)
    U, V = np.linalg.qr(rng.normal(size=(n, r)))[0], np.linalg.qr(rng.normal(size=(p, r)))[0]
    s = np.geomspace(float(rng.uniform(1.5, 3.0)), 0.4, r) if r < 4 else np.array([2.0, 1.1, 0.5, 0.0021])
    return U * s @ V.T


def modes_reference(X, e, points):
    """Modes from the eigenvectors of X^T X: (x . v)(v . X^T e) / s^2, largest first."""
    squares, V = np.linalg.eigh(X.T @ X)
    strongest = np.argsort(-squares)[: min(X.shape)]
    V = V[:, strongest]
    return (points @ V) * (V.T @ (X.T @ e)) / squares[strongest]


def case_of(rng, n, p, t):
    return with_singular_values(rng, n, p), rng.normal(size=n), rng.normal(size=(t, p)) + 0.5, rng.normal(size=p) + 1.0


def modes_of(student, X, e, points, w):
    return pair_of(student.error_modes(X, e, points, w), "(blind, modes)")


PEAK_SHAPES = ((1, 2, 1), (3, 6, 4), (6, 3, 2), (4, 4, 4), (4, 5, 3))


@question("peak", reference="minimum-norm fits by numpy.linalg.pinv; modes from the eigenvectors of X^T X")
class TestPeak:
    @weight(2)
    def test_blind_term(self, student, rng):
        """What is left of the error if the residuals are 0: the fit knows nothing outside the span of the training inputs.

        It is prediction minus truth, and 0 where there are at least as many examples as weights.
        """
        for n, p, t in PEAK_SHAPES:
            X, e, points, w = case_of(rng, n, p, t)
            expected = points @ (np.linalg.pinv(X) @ (X @ w)) - points @ w if n < p else np.zeros(t)
            assert_close(modes_of(student, X, e, points, w)[0], expected, why="float64, times 1e3")

    @weight(3)
    def test_modes(self, student, rng):
        """One column for each singular value, the largest first: how the residuals along u_j reach the test point along v_j.

        A small singular value makes a large mode. The modes do not depend on w_star.
        """
        for n, p, t in PEAK_SHAPES:
            X, e, points, w = case_of(rng, n, p, t)
            assert_close(modes_of(student, X, e, points, w)[1], modes_reference(X, e, points), why="condition 1e3, squared")

    def test_they_add_up_to_the_error(self, student, rng):
        """blind + modes.sum(axis=1) is the prediction of the minimum-norm solution minus X_test @ w_star."""
        for n, p, t in PEAK_SHAPES:
            X, e, points, w = case_of(rng, n, p, t)
            blind, modes = modes_of(student, X, e, points, w)
            require(np.shape(blind) == (t,) and np.shape(modes) == (t, min(n, p)), "shapes: blind (t,), modes (t, min(n, p))")
            total = np.asarray(blind, dtype=np.float64) + np.asarray(modes, dtype=np.float64).sum(axis=1)
            assert_close(total, points @ (np.linalg.pinv(X) @ (X @ w + e) - w), why="float64, times 1e3")


# --- 5 --------------------------------------------------------------------------------------------------------------


LOO_SHAPES = ((2, 1), (6, 4), (4, 6))  # H is n x n in each: n = p would show nothing more


def with_near_twins(rng, n, p):
    """Inputs whose last column is almost the first: a direction that a weak ridge halves."""
    X = rng.normal(size=(n, p))
    X[:, -1] = X[:, 0] + 0.03 * X[:, -1]
    return X


def hat_reference(X, lam):
    """Column i: the fitted values if the targets are the i-th unit vector."""
    return np.column_stack([np.ones(len(X)), X]) @ augmented(X, np.eye(len(X)), lam, intercept=True)


def refitted(X, y, lam):
    """Leave-one-out residuals by n trainings of n - 1 examples each."""
    residuals = []
    for i in range(len(X)):
        rest = np.arange(len(X)) != i
        fitted = augmented(X[rest], y[rest], lam, intercept=True)
        residuals.append(y[i] - fitted[0] - X[i] @ fitted[1:])
    return np.array(residuals)


@question("loo", reference="n real trainings, and fits of unit vectors, by an augmented least squares with a free intercept")
class TestLoo:
    @weight(2)
    def test_hat_matrix(self, student, rng):
        """H y are the fitted values of the model with intercept, for every y; inputs have a mean of 5.

        The intercept is not penalised: minimised over b, the problem has centred inputs and centred targets. But H takes the
        targets as they are.
        """
        for n, p in LOO_SHAPES:
            X, lam = rng.normal(size=(n, p)) + 5.0, float(rng.uniform(0.5, 3.0))
            assert_close(student.hat_matrix(X, lam), hat_reference(X, lam), why=FLOAT64)
            assert_close(student.hat_matrix(X + 1000.0, lam), hat_reference(X, lam), why=FLOAT64)

    def test_hat_matrix_for_weak_and_strong_ridge(self, student, rng):
        """lambda = 0.001 and 1000: a very strong ridge leaves only the intercept, H = 1/n everywhere.

        lambda is not multiplied by n.
        """
        for n, p in ((6, 4), (4, 6)):
            X = with_near_twins(rng, n, p) + rng.normal(size=p)
            for lam in (1e-3, 1e3):
                assert_close(student.hat_matrix(X, lam), hat_reference(X, lam), why=FLOAT64)

    @weight(2)
    def test_residuals_of_real_refits(self, student, rng):
        """Each residual is y_i minus the prediction of a model that was trained on the others, with the same lambda.

        Its intercept is free, too: the leverage has a share of the intercept. Targets have a mean of 5.
        """
        for n, p in LOO_SHAPES:
            X, y, lam = rng.normal(size=(n, p)) + 1.0, rng.normal(size=n) + 5.0, float(rng.uniform(0.5, 3.0))
            assert_close(student.loo_residuals(X, y, lam), refitted(X, y, lam), why=FLOAT64)
        for n, p in ((4, 6), (6, 4)):
            X, y = with_near_twins(rng, n, p), rng.normal(size=n) + 5.0
            assert_close(student.loo_residuals(X, y, 1e-3), refitted(X, y, 1e-3), why="float64; 1 - H_ii may be 1e-3")

    def test_residuals_for_weak_and_strong_ridge(self, student, rng):
        """lambda = 0.001 and 1000. For a strong ridge the others' prediction is their mean."""
        for n, p in ((6, 4), (4, 6)):
            X, y = with_near_twins(rng, n, p) + 1.0, rng.normal(size=n) + 5.0
            for lam in (1e-3, 1e3):
                assert_close(student.loo_residuals(X, y, lam), refitted(X, y, lam), why="float64; 1 - H_ii may be 1e-3")


# --- 6 --------------------------------------------------------------------------------------------------------------


def kernel(rng, n, condition, weakest=1):
    """A positive definite matrix with an uneven diagonal and this condition number; the weakest eigenvalues may be alike."""
    axes = np.linalg.qr(rng.normal(size=(n, n)))[0]
    values = np.geomspace(1.0, 1.0 / condition, n)
    values[-weakest:] = np.linspace(weakest, 1.0, weakest) / condition
    K = axes * values @ axes.T
    return (K + K.T) / 2


def left_out(K, Y):
    """Residuals of n interpolators of n - 1 examples each."""
    residuals = []
    for i in range(len(K)):
        rest = np.arange(len(K)) != i
        residuals.append(Y[i] - K[i, rest] @ np.linalg.solve(K[np.ix_(rest, rest)], Y[rest]))
    return np.stack(residuals)


def gcv_reference(K, Y):
    """GCV in the eigenbasis at a lambda of 1e-7 of the smallest eigenvalue: the formula itself, where it is still accurate."""
    values, axes = np.linalg.eigh(K)
    lam = 1e-7 * values[0]
    kept = lam / (values + lam)  # of each component of y, the share that is not fitted
    return ((kept[:, None] * (axes.T @ Y)) ** 2).mean(axis=0) / kept.mean() ** 2


ILL = "a condition number of 1e8 leaves 8 digits; the reference's lambda costs 1e-7"


@question("interpolator", reference="n real interpolations without one example; GCV's definition in the eigenbasis of K")
class TestInterpolator:
    def test_left_out(self, student, rng):
        """Each row is the target minus the prediction by the interpolator of the other examples.

        y - H y = lambda (K + lambda)^-1 y: what cancels in the quotient? One output, several, and as many as examples.
        """
        for n, k in ((2, 1), (5, 3), (4, 4)):
            K, Y = kernel(rng, n, 30.0), rng.normal(size=(n, k)) + 1.0
            assert_close(student.interpolator_loo(K, Y), left_out(K, Y), why=FLOAT64)

    def test_left_out_of_an_ill_conditioned_kernel(self, student, rng):
        """Condition number 1e8, and kernels in other units: multiplied by 1e-9 or 1e6, K gives the same residuals.

        The limit itself, not the quotient at a small lambda: small compared to what?
        """
        for condition, unit, weakest in ((1e8, 1.0, 1), (1e4, 1e-9, 1), (1e8, 1e6, 3)):
            K, Y = kernel(rng, 5, condition, weakest), rng.normal(size=(5, 3))
            assert_close(student.interpolator_loo(unit * K, Y), left_out(K, Y), why=ILL)

    def test_generalized_cross_validation(self, student, rng):
        """One number for each column of Y: the limit of the quotient of two means.

        The mean over examples comes after squaring above, and before squaring below.
        """
        for n, k in ((2, 1), (5, 3), (4, 4)):
            K, Y = kernel(rng, n, 30.0), rng.normal(size=(n, k)) + 1.0
            assert_close(student.interpolator_gcv(K, Y), gcv_reference(K, Y), why=ILL)

    def test_generalized_cross_validation_of_an_ill_conditioned_kernel(self, student, rng):
        """Condition number 1e8, and kernels in other units: GCV stays the same if K is multiplied by a number."""
        for condition, unit, weakest in ((1e8, 1.0, 1), (1e4, 1e-9, 1), (1e8, 1e6, 3)):
            K, Y = kernel(rng, 5, condition, weakest), rng.normal(size=(5, 3))
            assert_close(student.interpolator_gcv(unit * K, Y), gcv_reference(K, Y), why=ILL)
