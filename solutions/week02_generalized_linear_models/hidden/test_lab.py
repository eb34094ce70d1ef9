"""Hidden suite of week02/lab. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

Every expected value is computed here, in NumPy and SciPy float64, and never with the student's code. Gated tests carry about
half of each question's weight, so that a usual mistake keeps at most half of the points.

What the inputs make visible:

* logistic: moderate z with both labels (sign), +-900 and +-10^4 in all four combinations (overflow), right by 20 to 700 (tiny
  values that are lost), n = 1.
* softmax: n, p, K = 7, 3, 4 and 5, 2, 6 and 4, 4, 4 (axes, transposes), unequal weights with a zero among them (mean), logits
  of up to 900, of another size in each row (overflow, one maximum for all), a class without examples.
* early_stopping: 7 x 3, 3 x 7, 4 x 4 and a rank of 2 (division by n or p, 0/0); T = 0, 1, 2, 3, 40, 10^6, 10^9 (steps or flow,
  loops); eta s^2/n from 0.02 to 1.9 (both signs of the factor).
* max_margin: p = 1 to 5, n = 1 to 40; one to p support vectors, one class only, unbalanced classes, three scales (signs,
  equalities, soft margins, intercepts).
* glm: n, p = 7, 3 and 4, 4 and 1, 1; five log-partition functions, one of them for eta < 0 only, one for single
  numbers only (A' for A''), with and without
  offset.
* newton: p, n = 1, 2 and 3, 7 and 4, 4; rho = 0 and from 10^-16 to 10^6, also where t is neither 1 nor far from it; full
  Hessians, small ones, nearly singular ones; a start where full steps diverge.
"""

import jax.numpy as jnp
import numpy as np
import scipy.linalg
import scipy.optimize
import scipy.special

from autograder.testing import assert_close, gated, question, require, sendable, weight

DOUBLE = "float64 over a few dozen operations leaves ten digits; six are asked for"


def parts_of(result, shapes, wanted):
    """The arrays of a tuple, after checking that there are as many as asked for, of these shapes."""
    require(isinstance(result, (list, tuple)) and len(result) == len(shapes), wanted)
    for part, shape in zip(result, shapes, strict=True):
        array = numbers_of(part)
        require(array is not None, f"{wanted}: arrays of numbers")
        require(np.shape(array) == shape, f"{wanted}; one of them should have the shape {shape}, not {np.shape(array)}")
    return [numbers_of(part) for part in result]


def numbers_of(part):
    """A float64 array of what may be an array, a number or a nested list of numbers; None for anything else."""
    if not (type(part) in (int, float) or isinstance(part, (np.ndarray, list, tuple))):
        return None
    try:
        array = np.asarray(part)
        return array.astype(np.float64) if array.dtype.kind in "fiu" else None
    except (TypeError, ValueError):  # a ragged list, or objects
        return None


def require_close(part, expected, name, rtol=1e-6):
    """Six digits of the largest entry; says in which sense the result is off when that gives no value away."""
    expected = np.asarray(expected, np.float64)
    require(np.all(np.isfinite(part)), f"the {name} should be finite everywhere")
    allowed = 1e-12 + rtol * np.abs(expected).max()
    near = lambda other: bool(np.abs(other - expected).max() <= allowed)
    if not near(part):
        off = np.abs(part - expected) > allowed
        where = f" in {int(off.sum())} of {off.size} entries" if off.size > 1 else ""
        require(not near(-part), f"the {name} has the wrong sign")
        square = part.ndim == 2 and part.shape[0] == part.shape[1]
        require(not (square and near(part.T)), f"the {name} is transposed")
        factor = np.sum(part * expected) / max(np.sum(part * part), 1e-300)
        require(not (part.size > 1 and near(factor * part)), f"the {name} is off by a constant factor")
        require(False, f"the {name} has wrong values{where}")


# --- 1 --------------------------------------------------------------------------------------------------------------


def logistic_reference(z, y):
    """Loss and slope of each example in extended precision; both accurate relative to themselves."""
    z = np.asarray(z, np.longdouble)
    against = np.where(y == 1, -z, z)
    loss = np.maximum(against, 0) + np.log1p(np.exp(-np.abs(against)))
    wrong = np.where(against > 0, 1 / (1 + np.exp(-np.abs(against))), np.exp(-np.abs(against)) / (1 + np.exp(-np.abs(against))))
    return np.float64(loss), np.float64(np.where(y == 1, -wrong, wrong))


def logistic_parts(student, z, y):
    return parts_of(student.logistic_loss(z, y), [z.shape, z.shape], "return the losses and the slopes, one of each per example")


@question("logistic", reference="the branch-wise formula in extended precision (numpy.longdouble)")
class TestLogistic:
    def test_moderate_logits(self, student, rng):
        """The loss of each example is -log of the probability of its own class, and the slope is p - y.

        Neither summed nor averaged: the fifth number belongs to the fifth example.
        """
        z, y = 2 * rng.normal(size=9), np.array([0, 1, 1, 0, 1, 0, 0, 1, 1])[rng.permutation(9)]
        z[:4] = 0.0, 6.5, rng.uniform(10.2, 12.3), -rng.uniform(10.2, 12.3)
        for labels in (y, 1 - y):
            loss, slope = logistic_parts(student, z, labels)
            expected = logistic_reference(z, labels)
            assert_close(loss / expected[0], np.ones(9), rtol=1e-6, why=DOUBLE)
            assert_close(slope / expected[1], np.ones(9), rtol=1e-6, why=DOUBLE)

    @weight(2)
    def test_huge_logits(self, student, rng):
        """Logits of hundreds and thousands, both signs, both classes: the wrong side costs |z|, the right side nothing.

        e^900 is infinite in double precision. Arrange that exponentials are taken of negative numbers only.
        """
        z = np.round(rng.uniform(800, 1000, size=8)) * np.array([1, -1, 1, -1, 1, -1, 1, -1])
        z[4:] = np.round(rng.uniform(9000, 10_000, size=4)) * np.array([1, -1, 1, -1])
        y = np.array([0, 1, 1, 0, 0, 1, 1, 0])
        loss, slope = logistic_parts(student, z, y)
        expected = logistic_reference(z, y)
        assert_close(loss, expected[0], rtol=1e-6, why="six digits are asked for")
        assert_close(slope, expected[1], rtol=1e-6, why="six digits are asked for")

    @weight(2)
    def test_the_losses_alone(self, student, rng):
        """The losses, whatever the slopes are: -log of the probability of each example's own class."""
        z, y = 2 * rng.normal(size=9), np.array([0, 1, 1, 0, 1, 0, 0, 1, 1])[rng.permutation(9)]
        assert_close(logistic_parts(student, z, y)[0], logistic_reference(z, y)[0], rtol=1e-6, why=DOUBLE)

    @gated
    @weight(6)
    def test_tiny_losses_and_slopes(self, student, rng):
        """Examples that are right by a margin of 20 to 700: loss and slope are e^-margin in size, to six digits, and never 0.

        log(1 + e) of a tiny e loses e; there is a function for that. And p - 1 subtracts two numbers that are nearly
        equal: what is 1 - p?
        """
        margin = np.array([20.0, 37.0, 45.0, 120.0, 400.0, 690.0]) + rng.uniform(-2, 2, size=6)
        y = np.array([0, 1, 0, 1, 1, 0])
        loss, slope = logistic_parts(student, margin * (2 * y - 1), y)
        expected = logistic_reference(margin * (2 * y - 1), y)
        require(np.all(loss > 0), "a loss of an example that is right by a finite margin should be larger than 0")
        require(np.all(np.abs(loss / expected[0] - 1) <= 1e-6), "tiny losses should be accurate relative to themselves")
        require(np.all(slope != 0), "a slope of an example that is right by a finite margin should not be 0")
        require(np.all(np.abs(slope / expected[1] - 1) <= 1e-6), "tiny slopes should be accurate relative to themselves")

    @gated
    def test_a_single_example(self, student, rng):
        """One example is an array of one: the results are, too."""
        for label in (0, 1):
            z, y = rng.normal(size=1), np.array([label])
            loss, slope = logistic_parts(student, z, y)
            assert_close(loss, logistic_reference(z, y)[0], why=DOUBLE)
            assert_close(slope, logistic_reference(z, y)[1], why=DOUBLE)


# --- 2 --------------------------------------------------------------------------------------------------------------


def softmax_reference(W, b, X, labels, weights, l2):
    """One example at a time by scipy's log_softmax, float64."""
    loss, dW, db = l2 / 2 * np.sum(W * W), l2 * W, np.zeros(len(b))
    for x, label, v in zip(X, labels, weights / weights.sum(), strict=True):
        log_p = scipy.special.log_softmax(x @ W + b)
        error = np.exp(log_p) - np.eye(len(b))[label]
        loss, dW, db = loss - v * log_p[label], dW + v * np.outer(x, error), db + v * error
    return loss, dW, db


def check_softmax(student, W, b, X, labels, weights, l2, only=None):
    """The loss and both gradients, or only one of them, by its name."""
    wanted = "return the loss, the gradient for W and the gradient for b"
    got = parts_of(student.softmax_regression(W, b, X, labels, weights, l2), [(), W.shape, b.shape], wanted)
    names = ("loss", "gradient for W", "gradient for b")
    for part, expected, name in zip(got, softmax_reference(W, b, X, labels, weights, l2), names, strict=True):
        if only in (None, name):
            require_close(part, expected, name)


@question("softmax", reference="one example at a time with scipy.special.log_softmax in float64")
class TestSoftmax:
    @weight(2)
    def test_the_loss_alone(self, student, rng):
        """The loss, whatever its gradients are: without a penalty and with equal weights, the mean of -log p."""
        X, labels = rng.normal(size=(7, 3)), np.array([0, 1, 2, 3, 3, 1, 3])[rng.permutation(7)]
        check_softmax(student, rng.normal(size=(3, 4)), rng.normal(size=4), X, labels, np.ones(7), 0.0, "loss")

    def test_equal_weights(self, student, rng):
        """Without a penalty and with equal weights: the mean of -log p over the examples, and its gradient.

        Seven examples of four classes: the sums over classes run within a row.
        """
        X, labels = rng.normal(size=(7, 3)), np.array([0, 1, 2, 3, 3, 1, 3])[rng.permutation(7)]
        check_softmax(student, rng.normal(size=(3, 4)), rng.normal(size=4), X, labels, np.ones(7), 0.0)

    def test_unequal_weights(self, student, rng):
        """Weights are shares: divided by their sum, in the loss and in both gradients. An example of weight 0 is not there.

        One thousandth of all weights changes nothing.
        """
        X, labels = rng.normal(size=(7, 3)), np.array([0, 1, 2, 3, 3, 1, 3])[rng.permutation(7)]
        weights = np.array([0.0, 1, 2, 3, 4, 5, 6])[rng.permutation(7)]
        W, b = rng.normal(size=(3, 4)), rng.normal(size=4)
        check_softmax(student, W, b, X, labels, weights, 0.0)
        check_softmax(student, W, b, X, labels, weights / 1024, 0.0)

    @weight(2)
    def test_the_penalty(self, student, rng):
        """The penalty is l2/2 times the sum of the squares of W; b is free.

        Its gradient is l2 W, whatever the weights of the examples.
        """
        X, labels = rng.normal(size=(7, 3)), np.array([0, 1, 2, 3, 3, 1, 3])[rng.permutation(7)]
        weights = rng.uniform(0.5, 3.0, size=7)
        check_softmax(student, rng.normal(size=(3, 4)), 2 + rng.normal(size=4), X, labels, weights, float(rng.uniform(0.3, 2.0)))
        X, labels, l2 = rng.normal(size=(5, 2)), np.array([5, 0, 4, 5, 2])[rng.permutation(5)], float(rng.uniform(0.01, 0.2))
        check_softmax(student, rng.normal(size=(2, 6)), 2 + rng.normal(size=6), X, labels, np.ones(5), l2)

    @weight(2)
    def test_logits_in_the_hundreds(self, student, rng):
        """Logits of up to 900 in size, in every row another: losses of 0 and of hundreds, and gradients to match.

        Subtract the row's own maximum before you exponentiate; a log of a probability that has become 0 is infinite.
        """
        W = np.zeros((3, 4))
        W[0], W[1] = np.array([1.0, -1.0, 0.5, -0.25])[rng.permutation(4)], rng.normal(size=4)
        X = rng.normal(size=(7, 3))
        X[:, 0], X[:, 1] = np.array([880.0, -880.0, 500.0, -500.0, 30.0, -800.0, 800.0]), rng.uniform(-1, 1, size=7)
        labels = np.array([0, 1, 2, 3, 1, 0, 2])[rng.permutation(7)]
        check_softmax(student, W, rng.normal(size=4), X, labels, rng.uniform(0.5, 2.0, size=7), 0.0)
        X = np.array([[900.0], [-900.0], [-float(rng.uniform(100, 800))]])
        check_softmax(student, np.array([[1.0, -1.0]]), np.zeros(2), X, np.array([1, 1, 0]), np.ones(3), 0.0)

    @gated
    @weight(6)
    def test_everything_of_equal_size(self, student, rng):
        """Four examples, four features, four classes: no axis is told by its length. A class that no example has.

        Only the meaning of an axis tells examples, features and classes apart.
        """
        X, labels = rng.normal(size=(4, 4)), np.array([0, 2, 2, 3])[rng.permutation(4)]
        weights, l2 = rng.uniform(0.5, 3.0, size=4), float(rng.uniform(0.3, 2.0))
        check_softmax(student, rng.normal(size=(4, 4)), rng.normal(size=4), X, labels, weights, l2)


# --- 3 --------------------------------------------------------------------------------------------------------------


def with_singular_values(rng, n, p, s):
    """A matrix of these singular values with random singular vectors."""
    s = np.asarray(s, float)
    U, _ = np.linalg.qr(rng.normal(size=(n, n)))
    V, _ = np.linalg.qr(rng.normal(size=(p, p)))
    return U[:, : len(s)] * s @ V[:, : len(s)].T


def descend(X, y, eta, steps):
    """Gradient descent on the mean squared error, step by step."""
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w = w - eta / len(X) * X.T @ (X @ w - y)
    return w


def powered(X, y, eta, steps):
    """The same iterate by repeated squaring of one step, which is an affine map."""
    p = X.shape[1]
    step = np.eye(p + 1)
    step[:p, :p] -= eta / len(X) * X.T @ X
    step[:p, p] = eta / len(X) * X.T @ y
    return np.linalg.matrix_power(step, steps)[:p, p]


def stopped(student, X, y, eta, steps):
    """The student's answer after a look at its form."""
    return parts_of([student.early_stopped(X, y, eta, steps)], [(X.shape[1],)], "return one weight per column of X")[0]


@question("early_stopping", reference="the iteration itself, and numpy's least squares in the limit, in float64")
class TestEarlyStopping:
    def test_a_few_steps(self, student, rng):
        """After 1, 2, 3 and 40 steps: exactly the iterates of gradient descent on the mean squared error.

        The step is divided by the number of examples. One step keeps the share eta s^2 / n of a direction, not
        1 - e^(-eta s^2 / n).
        """
        X, y = with_singular_values(rng, 7, 3, [3.0, 2.0, 0.7]), rng.normal(size=7)
        eta = float(rng.uniform(0.3, 0.6))
        for steps in (1, 2, 3, 40):
            assert_close(stopped(student, X, y, eta, steps), descend(X, y, eta, steps), rtol=1e-6, why=DOUBLE)

    def test_more_features_than_examples(self, student, rng):
        """Three examples of seven features: what the data do not see stays 0.

        Division by the number of examples, 3 here, not of features.
        """
        X, y = with_singular_values(rng, 3, 7, [2.0, 1.3, 0.6]), rng.normal(size=3)
        eta = float(rng.uniform(0.2, 0.6))
        for steps in (1, 5):
            assert_close(stopped(student, X, y, eta, steps), descend(X, y, eta, steps), rtol=1e-6, why=DOUBLE)

    def test_large_steps_overshoot(self, student, rng):
        """eta s^2 / n between 1 and 2: the factor 1 - eta s^2 / n is negative, and odd numbers of steps overshoot.

        A power of a negative number: its logarithm does not exist.
        """
        X, y = with_singular_values(rng, 4, 4, [2.0, 1.7, 1.0, 0.4]), rng.normal(size=4)
        eta = float(rng.uniform(1.6, 1.9))
        for steps in (3, 4):
            assert_close(stopped(student, X, y, eta, steps), descend(X, y, eta, steps), rtol=1e-6, why=DOUBLE)

    @weight(2)
    def test_any_number_of_steps(self, student, rng):
        """Hundreds, thousands and millions of steps: a direction may be half learned after any number of them, in any unit of X.

        A factor close to -1 goes on swinging for long. A small singular value is not 0.
        """
        for steps, unit in (
            (0, 1.0),
            (20, 1.0),
            (21, 1.0),
            (150, 2.0**-20),
            (4000, 1.0),
            (10**6, 1.0),
            (10**7, 2.0**10),
            (10**9, 1.0),
        ):
            x = np.array([1.97, 0.9, max(1 / max(steps, 1), 2e-7)]) if steps < 10**8 else np.array([0.05, 0.02, 1 / steps])
            X, y = unit * with_singular_values(rng, 4, 3, np.sqrt(x / x[0])), rng.normal(size=4)  # x is eta s^2 / n
            eta, digits = x[0] * 4 / unit**2, 1e-6 if steps <= 10**5 else 1e-4
            expected = powered(X, y, eta, steps)
            assert_close(stopped(student, X, y, eta, steps) * unit, expected * unit, rtol=digits, why="the text asks for it")

    @gated
    @weight(3)
    def test_a_billion_steps(self, student, rng):
        """After 10^9 steps: the least-squares solution, the shortest one if there are several.

        No loop can be that long.
        """
        for n, p, s in ((7, 3, [3.0, 2.0, 0.02]), (3, 7, [2.0, 1.3, 0.02])):
            X, y = with_singular_values(rng, n, p, s), rng.normal(size=n)
            assert_close(stopped(student, X, y, 0.3, 10**9), np.linalg.lstsq(X, y)[0], rtol=1e-4, why="the text asks for it")
        X = (rng.integers(-8, 9, size=(7, 2)) / 4)[:, [0, 1, 0]]
        eta = 0.9 * len(X) / np.linalg.norm(X, 2) ** 2
        limit = np.linalg.lstsq(X, y := rng.normal(size=7), rcond=1e-10)[0]
        assert_close(stopped(student, X, y, eta, 10**9), limit, rtol=1e-4, why="rounding of s^2 to 1e-16, a billion times")

    @gated
    @weight(3)
    def test_columns_that_repeat(self, student, rng):
        """Columns that are equal share the work, a column of zeros has none: singular values of 0 must not be divided by.

        Directions that the data do not see are never touched.
        """
        X = (rng.integers(1, 9, size=(7, 2)) * rng.choice([-1.0, 1.0], size=(7, 2)) / np.array([4.0, 128.0]))[:, [0, 1, 0]]
        X = np.insert(X, int(rng.integers(0, 4)), 0.0, axis=1)
        y, eta = rng.normal(size=7), len(X) / np.linalg.norm(X, 2) ** 2
        assert_close(stopped(student, X, y, eta, 3), descend(X, y, eta, 3), rtol=1e-6, why=DOUBLE)
        got = stopped(student, X, y, eta, 10**5)
        assert_close(got, powered(X, y, eta, 10**5), rtol=1e-5, why="rounding of s^2 to 1e-16, a hundred thousand times")

    @gated
    def test_no_step_at_all(self, student, rng):
        """Without a step the weights are where they began, at 0."""
        X, y = with_singular_values(rng, 7, 3, [3.0, 2.0, 0.7]), rng.normal(size=7)
        assert_close(stopped(student, X, y, 0.3, 0), np.zeros(3), atol=1e-12)


# --- 4 --------------------------------------------------------------------------------------------------------------


def separable(rng, n, p, share=0.5, far=False):
    """n points in p dimensions that a random direction separates with some room, and their labels.

    With `far`, those near the separating plane are the farthest from 0, so that length does not tell which of them touch.
    """
    along = rng.normal(size=p)
    along /= np.linalg.norm(along)
    y = (np.arange(n) < share * n).astype(int)[rng.permutation(n)]
    across = rng.normal(size=(n, p))
    across -= np.outer(across @ along, along)
    room = rng.uniform(0.4, 3.0, size=n)
    if far:
        across *= (9 / (1 + room) ** 2)[:, None]
    return across + np.outer((2 * y - 1) * room, along), y


def margin_reference(X, y):
    """The quadratic programme through its dual, proved optimal: w is feasible and |w|^2 equals the sum of the multipliers."""
    Z = (2 * y - 1)[:, None] * X
    scale = np.abs(Z).max()  # the least-squares problem below is well scaled only if the margins are of order 1
    system = np.vstack([Z.T / scale, np.ones(len(Z))])
    u, _ = scipy.optimize.nnls(system, np.eye(len(system))[-1])
    alpha = u / (1 - u.sum()) / scale**2
    w = Z.T @ alpha
    assert np.min(Z @ w) > 1 - 1e-8 and abs(w @ w - alpha.sum()) < 1e-8 * (w @ w), "the reference is not optimal"
    return w


def max_margin_direction(X, y):
    w = margin_reference(X, y)
    return w / np.linalg.norm(w)


def check_margin(student, X, y):
    w = parts_of([student.max_margin(X, y)], [(X.shape[1],)], "return one weight per column of X")[0]
    expected = margin_reference(X, y)
    require(np.all(np.isfinite(w)), "the weights should be finite")
    smallest = np.min((2 * y - 1) * (X @ w))
    require(smallest > 0, "w does not separate the classes: class 1 should have positive products x . w, class 0 negative ones")
    require(abs(smallest - 1) <= 1e-3, "w separates, but the smallest margin (2 y - 1) x . w should be 1")
    require(np.linalg.norm(w) <= 1.001 * np.linalg.norm(expected), "all margins are at least 1, but a shorter w has that, too")
    scale = np.linalg.norm(expected)
    assert_close(w / scale, expected / scale, rtol=3e-4, why="1e-4 is asked for, of each margin")


@question("max_margin", reference="the dual quadratic programme, proved optimal by feasibility and a duality gap of 0")
class TestMaxMargin:
    def test_two_points(self, student, rng):
        """One example of each class in the plane: with two constraints and two unknowns, either both touch or only one does.

        The products are signed by the class.
        """
        scale = rng.uniform(0.5, 3.0, size=2)
        check_margin(student, np.array([[scale[0], 0.0], [0.0, -scale[1]]]), np.array([1, 0]))
        check_margin(student, np.array([[1.0, 0.0], [-5.0, float(rng.uniform(0.5, 2.0))]]) * scale[0], np.array([1, 0]))

    @weight(2)
    def test_a_cloud_in_the_plane(self, student, rng):
        """Twelve examples in two dimensions: a few of them carry the whole answer, the others could be left out.

        The shortest vector with all margins at least 1, not with all margins equal to 1, and through the origin.
        """
        for _ in range(3):  # on a single one, whoever stops early may be right by luck
            check_margin(student, *separable(rng, 12, 2))
        X, y = separable(rng, 12, 2)
        normal = max_margin_direction(X, y)
        X = X + np.outer((2 * y - 1) * 2.0, normal)
        X[0] = (2 * y[0] - 1) * normal * float(rng.uniform(0.5, 1.0))
        check_margin(student, X, y)  # one example touches alone: w points at it

    @gated
    @weight(5)
    def test_forty_points_in_five_dimensions(self, student, rng):
        """As large as was promised: forty examples in five dimensions, a quarter of them of class 1, in small units.

        How many examples a class has does not matter, only those that touch.
        """
        X, y = separable(rng, 40, 5, share=0.25)
        check_margin(student, X / 128, y)
        check_margin(student, *separable(rng, 40, 5, share=0.25, far=True))
        for size in (0.0015, 900.0):
            check_margin(student, X * size / np.linalg.norm(X, axis=1).max(), y)

    @gated
    def test_another_scale(self, student, rng):
        """Features a hundred times larger make the weights a hundred times smaller, and the other way round.

        A hard margin knows no unit: there is no constant that it is weighed against.
        """
        for size in (0.002, 0.05, 500.0):
            X, y = separable(rng, 12, 2)
            check_margin(student, X * size / np.linalg.norm(X, axis=1).max(), y)

    def test_one_class_only(self, student, rng):
        """All examples of one class, in three dimensions: the answer is the same kind of vector.

        One example alone gives x / |x|^2, with the sign of its class.
        """
        X, y = separable(rng, 12, 3)
        for label in (0, 1):
            check_margin(student, np.where(y[:, None] == label, X, -X) / 128, np.full(12, label))
        check_margin(student, rng.uniform(0.5, 3.0, size=(1, 1)), np.array([0]))


# --- 5 --------------------------------------------------------------------------------------------------------------


@sendable
def exponential(eta):
    return jnp.exp(eta)


@sendable
def softplus(eta):
    return jnp.logaddexp(0.0, eta)


@sendable
def half_square(eta):
    return eta**2 / 2


@sendable
def waiting_time(eta):
    """The exponential distribution, for eta < 0."""
    return -jnp.log(-eta)


@sendable
def up_to_three(eta):
    """0, 1, 2 or 3 with probabilities proportional to e^(eta y)."""
    return jnp.log(jnp.sum(jnp.exp(eta * jnp.arange(4.0))))


def moment(eta, power):
    p = scipy.special.softmax(np.outer(eta, np.arange(4.0)), axis=1)
    return p @ np.arange(4.0) ** power


FAMILIES = {  # A in JAX; A, A', A'' in NumPy
    "Poisson": (exponential, np.exp, np.exp, np.exp),
    "Bernoulli": (
        softplus, lambda e: np.logaddexp(0, e), scipy.special.expit, lambda e: scipy.special.expit(e) * scipy.special.expit(-e),
    ),
    "Gaussian": (half_square, lambda e: e**2 / 2, lambda e: e, np.ones_like),
    "up to three": (
        up_to_three, lambda e: scipy.special.logsumexp(np.outer(e, np.arange(4.0)), axis=1), lambda e: moment(e, 1),
        lambda e: moment(e, 2) - moment(e, 1) ** 2,
    ),
    "exponential": (waiting_time, lambda e: -np.log(-e), lambda e: -1 / e, lambda e: 1 / e**2),
}  # fmt: skip


def check_glm(student, family, theta, X, y, offset, only=None):
    """All three terms, or only one of them, by its name."""
    A, value, mean, variance = FAMILIES[family]
    eta = X @ theta + offset
    expected = [
        sum(value(eta) - y * eta),
        sum((m - t) * x for m, t, x in zip(mean(eta), y, X, strict=True)),
        sum(v * np.outer(x, x) for v, x in zip(variance(eta), X, strict=True)),
    ]
    result = student.run(lambda ns, *a: ns.glm_terms(A, *a), theta, X, y, offset)
    p = len(theta)
    got = parts_of(result, [(), (p,), (p, p)], "return the loss, its gradient and its Hessian")
    for part, reference, name in zip(got, expected, ("loss", "gradient", "Hessian"), strict=True):
        if only in (None, name):
            require_close(part, reference, name)


def check_one_term(student, rng, name):
    """One of the three terms alone, for counts, labels and real numbers without offsets."""
    X, theta = rng.normal(size=(7, 3)), rng.normal(size=3)
    check_glm(student, "Poisson", theta, X, rng.integers(0, 6, size=7).astype(float), np.zeros(7), name)
    check_glm(student, "Bernoulli", theta, X, np.array([0.0, 1, 1, 0, 1, 0, 1]), np.zeros(7), name)
    check_glm(student, "Gaussian", theta, X, 2 * rng.normal(size=7), np.zeros(7), name)


@question("glm", reference="closed-form A, A', A'' of each family, summed example by example in NumPy float64")
class TestGlm:
    @weight(2)
    def test_the_loss_alone(self, student, rng):
        """The loss, whatever the gradient and the Hessian are: a sum over examples, constants of A included."""
        check_one_term(student, rng, "loss")

    @weight(2)
    def test_the_gradient_alone(self, student, rng):
        """The gradient, whatever the loss and the Hessian are: it points to where the loss grows."""
        check_one_term(student, rng, "gradient")

    @weight(2)
    def test_the_hessian_alone(self, student, rng):
        """The Hessian, whatever the loss and the gradient are: a full matrix, with the variance of each example in it."""
        check_one_term(student, rng, "Hessian")

    def test_poisson(self, student, rng):
        """Counts without offset: the loss is the sum of e^eta - y eta, with the gradient and Hessian that follow from it.

        Mean and variance are both e^eta here.
        """
        X, theta, y = rng.normal(size=(7, 3)), rng.normal(size=3), rng.integers(0, 6, size=7).astype(float)
        check_glm(student, "Poisson", theta, X, y, np.zeros(7))

    def test_bernoulli_and_gaussian(self, student, rng):
        """Labels 0 and 1, then real numbers: the mean is A', the variance A''.

        The Hessian has A'' in it, not A' and not (y - mean)^2.
        """
        X, theta = rng.normal(size=(7, 3)), rng.normal(size=3)
        check_glm(student, "Bernoulli", theta, X, np.array([0.0, 1, 1, 0, 1, 0, 1]), np.zeros(7))
        check_glm(student, "Gaussian", theta, X, 2 * rng.normal(size=7), np.zeros(7))

    @weight(3)
    def test_offsets(self, student, rng):
        """Every example has a known number added to its natural parameter: it changes mean, variance and both terms of the loss.

        It has no coefficient, so there is no entry for it in the gradient.
        """
        X, theta, y = rng.normal(size=(7, 3)), rng.normal(size=3), rng.integers(0, 6, size=7).astype(float)
        check_glm(student, "Poisson", theta, X, y, np.log(rng.uniform(0.3, 8.0, size=7)))
        check_glm(student, "Gaussian", theta, X, 2 * rng.normal(size=7), 40 * rng.normal(size=7))
        check_glm(student, "up to three", theta, X, np.array([0.0, 1, 3, 2, 0, 1, 1]), rng.normal(size=7))

    @gated
    @weight(2)
    def test_a_family_that_is_not_in_the_table(self, student, rng):
        """Waiting times: A = -log(-eta) for eta < 0, with mean -1/eta and variance 1/eta^2.

        The function is given; differentiate it. It is not defined at 0 or at positive numbers, so do not try it there.
        """
        X, theta = rng.normal(size=(7, 3)), rng.normal(size=3)
        offset = -np.abs(X @ theta) - X @ theta - rng.uniform(0.5, 2.0, size=7)
        check_glm(student, "exponential", theta, X, rng.exponential(size=7), offset)

    @gated
    @weight(2)
    def test_as_many_examples_as_coefficients(self, student, rng):
        """Four examples, four coefficients, and columns of different size: rows of X are examples."""
        X, theta, y = rng.normal(size=(4, 4)) * np.array([0.5, 1.0, 0.25, 1.5]), rng.normal(size=4), np.array([1.0, 0, 1, 1])
        check_glm(student, "Bernoulli", theta, X, y, rng.normal(size=4))

    @gated
    def test_a_single_example(self, student, rng):
        """One example and one coefficient: a number, an array of one, and a matrix of one."""
        X, theta, y = rng.normal(size=(1, 1)), rng.normal(size=1), np.array([2.0])
        check_glm(student, "Poisson", theta, X, y, rng.normal(size=1))


# --- 6 --------------------------------------------------------------------------------------------------------------


def positive_definite(rng, p, lowest=0.3):
    """A symmetric matrix with eigenvalues from the lowest to 3 along no axis."""
    axes, _ = np.linalg.qr(rng.normal(size=(p, p)))
    H = axes * np.geomspace(lowest, 3.0, p) @ axes.T
    return (H + H.T) / 2


def damped_reference(gradient, hessian, X):
    """The step by minimising the bound numerically (Brent, on its derivative), and the decrement."""
    d = -scipy.linalg.cho_solve(scipy.linalg.cho_factor(hessian), gradient)
    rho = max(abs(float(x @ d)) for x in X)
    # phi'(t) / lambda^2 = -1 + (e^(rho t) - 1) / rho vanishes: in t for moderate rho, else by its own expansion
    t = scipy.optimize.brentq(lambda t: np.expm1(rho * t) / rho - 1, 0.0, 1.0, xtol=1e-15) if 1e-8 < rho < 500 else None
    if t is None:
        t = 1 - rho / 2 if rho <= 1e-8 else np.log(1 + rho) / rho
    return t * d, np.sqrt(-gradient @ d)


def check_step(student, gradient, hessian, X, decrement_too=True):
    step, decrement = damped_reference(gradient, hessian, X)
    got = parts_of(student.newton_step(gradient, hessian, X), [step.shape, ()], "return the step and the decrement")
    scale = np.abs(step).max()
    if decrement_too:
        require_close(got[1] / decrement, 1.0, "decrement")
    require_close(got[0] / scale, step / scale, "step")


@question("newton", reference="the bound's minimum by root finding, Cholesky in float64; descent on real losses")
class TestNewton:
    def test_one_coefficient(self, student, rng):
        """One coefficient, two examples: the step is -g/H times the t at which the bound is smallest.

        rho is the largest of |x d| over the examples, of the full step d.
        """
        for size in (0.5, -0.5, 4.0, -4.0):
            gradient, hessian = size * rng.uniform(0.5, 1.0, size=1), rng.uniform(0.5, 2.0, size=(1, 1))
            check_step(student, gradient, hessian, np.array([[0.7], [-1.5]]), decrement_too=False)

    @weight(2)
    def test_several_coefficients(self, student, rng):
        """Three coefficients, seven examples, a Hessian that is not diagonal: solve with it, and look at each example's change.

        The largest change may be negative; it is the change of x . theta, not the length of d that counts.
        """
        for size in (0.5, 3.0, 40.0):
            X = rng.normal(size=(7, 3)) * np.array([1, 1, 1, 2, 1, 0.5, 1])[rng.permutation(7), None]
            check_step(student, size * rng.normal(size=3), positive_definite(rng, 3), X, decrement_too=False)
        for unit, lowest in ((1e-6, 0.3), (1.0, 3e-5)):  # a small Hessian, and one that is nearly singular
            hessian, X = unit * positive_definite(rng, 3, lowest), rng.normal(size=(7, 3))
            check_step(student, hessian @ rng.normal(size=3), hessian, X, decrement_too=False)

    @weight(3)
    def test_the_decrement_alone(self, student, rng):
        """The decrement, whatever the step is: it measures the full step, before any damping.

        It is a length: three times the gradient makes it three times as large.
        """
        for size in (0.5, 3.0):
            gradient, hessian, X = size * rng.normal(size=3), positive_definite(rng, 3), rng.normal(size=(7, 3))
            got = parts_of(student.newton_step(gradient, hessian, X), [(3,), ()], "return the step and the decrement")
            require_close(got[1] / damped_reference(gradient, hessian, X)[1], 1.0, "decrement")

    @gated
    @weight(8)
    def test_near_the_minimum_at_it_and_far_away(self, student, rng):
        """rho of 0 and from 10^-16 to 10^6: six digits of the step everywhere. Near the minimum it is Newton's, far away short.

        Does your t lose its digits where rho is tiny? Where the gradient is exactly 0 there is nothing to do: zeros, not NaN.
        Where rho is 0 and the gradient is not, because no example notices the step, t has a limit.
        """
        for size in (1e-16, 1e-13, 2e-12, 1e-11, 1e-9, 8e-6, 1e-3, 8e-3, 0.05, 1e6):
            hessian, X, direction = positive_definite(rng, 3), rng.normal(size=(7, 3)), rng.normal(size=3)
            rho = np.abs(X @ np.linalg.solve(hessian, direction)).max()
            check_step(student, direction * size / rho, hessian, X)
        unseen = int(rng.integers(0, 3))
        X[:, unseen] = 0.0
        check_step(student, np.where(np.arange(3) == unseen, direction, 0.0), np.diag(rng.uniform(0.5, 2.0, size=3)), X)
        got = parts_of(student.newton_step(0 * direction, hessian, X), [(3,), ()], "return the step and the decrement")
        assert_close(got[0], np.zeros(3), atol=1e-12)
        assert_close(got[1], 0.0, atol=1e-12)

    @gated
    def test_from_a_start_where_full_steps_diverge(self, student, rng):
        """Logistic regression from a start at which full steps run away: yours lower the loss every time and find the minimum.

        Gradient and Hessian are given in each round; the ridge penalty is contained in them.
        """
        x = np.array([-2.0, -1.0, 1.0, 2.0, 0.5])[:, None] * float(rng.uniform(0.8, 1.2))
        y, w, losses = np.array([0.0, 0.0, 1.0, 1.0, 0.0]), np.array([float(rng.uniform(4.0, 5.0))]), []
        for _ in range(14):
            z = x @ w
            mu = scipy.special.expit(z)
            losses.append(np.sum(np.logaddexp(0, z) - y * z))
            gradient, hessian = x.T @ (mu - y), (x.T * (mu * (1 - mu))) @ x
            step = parts_of(student.newton_step(gradient, hessian, x), [(1,), ()], "return the step and the decrement")[0]
            require(np.isfinite(step[0]) and abs(step[0]) < 100, "a step of the damped method should be finite and moderate")
            w = w + step
        require(np.all(np.diff(losses) <= 1e-10), "each step should lower the loss")
        require(abs((x.T @ (scipy.special.expit(x @ w) - y))[0]) < 1e-8, "after 14 steps the gradient should have vanished")

    @gated
    def test_as_many_examples_as_coefficients(self, student, rng):
        """Four examples, four coefficients: rows of X are examples."""
        X = rng.normal(size=(4, 4)) * np.array([3.0, 1, 1, 0.2])
        check_step(student, 3 * rng.normal(size=4), positive_definite(rng, 4), X)
