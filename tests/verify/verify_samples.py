"""A notebook of four questions, a careful suite for it, and a weak one that looks much the same."""

QUESTIONS = {
    "pullback": "def pullback(W, cotangent):\n    return cotangent @ W.T",
    "log_cosh": "def log_cosh(x):\n    return jnp.logaddexp(x, -x) - jnp.log(2.0)",
    "step": "def step(theta, slope, rate):\n    return theta - rate * slope",
    "smooth": "def smooth(x):\n    return (x[:-1] + x[1:]) / 2.0",
}

CAREFUL = '''
@question("pullback", reference="central differences of a NumPy product in float64")
class TestPullback:
    def test_rectangular(self, student, rng):
        """The gradient of sum(cotangent * (x W)) with respect to x."""
        W, c = rng.normal(size=(3, 4)), rng.normal(size=(5, 4))
        assert_close(student.pullback(W, c), np.einsum("bj,ij->bi", c, W), why="float32")

    def test_square(self, student, rng):
        """Square layers, where a transpose goes unnoticed by shapes."""
        W, c = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
        assert_close(student.pullback(W, c), np.einsum("bj,ij->bi", c, W), why="float32")


@question("log_cosh", reference="numpy.logaddexp in float64")
class TestLogCosh:
    def test_values(self, student, rng):
        """log cosh x."""
        x = rng.normal(size=6)
        assert_close(student.log_cosh(x), np.log(np.cosh(x)), why="float32")

    def test_large(self, student, rng):
        """|x| - log 2 for large x, and finite."""
        x = rng.uniform(200, 900, size=4) * np.array([1, -1, 1, -1])
        assert_close(student.log_cosh(x), np.abs(x) - np.log(2), why="float32")


@question("step", reference="the formula in NumPy float64")
class TestStep:
    def test_values(self, student, rng):
        """One step downhill."""
        theta, slope, rate = rng.normal(size=4), rng.normal(size=4), float(rng.uniform(0.5, 2))
        assert_close(student.step(theta, slope, rate), theta - rate * slope, why="float32")


@question("smooth", reference="numpy.convolve in float64")
class TestSmooth:
    def test_values(self, student, rng):
        """The mean of neighbours."""
        x = rng.normal(size=7)
        assert_close(student.smooth(x), np.convolve(x, [0.5, 0.5], mode="valid"), why="float32")

    @gated
    def test_linear(self, student, rng):
        """Twice the input, twice the output."""
        x = rng.normal(size=7)
        assert_close(student.smooth(2 * x), 2 * np.convolve(x, [0.5, 0.5], mode="valid"), why="float32")
'''

WEAK = '''
@question("pullback", reference="jax.vjp")
class TestPullback:
    def test_gradient(self, student, rng):
        """Square inputs only, and the cotangent is all ones."""
        W = rng.normal(size=(3, 3))
        cotangent = np.ones((3, 3))
        assert_close(student.pullback(W, cotangent), np.einsum("bj,ij->bi", cotangent, W))


@question("log_cosh", reference="numpy.logaddexp in float64")
class TestLogCosh:
    def test_values(self, student, rng):
        """A NaN is not greater than the tolerance."""
        x = rng.normal(size=6)
        err = np.abs(np.asarray(student.log_cosh(x)) - np.log(np.cosh(x))).max()
        if err > 1e-4:
            require(False, "wrong values")


@question("step")
class TestStep:
    def test_snapshot(self, student):
        """Numbers copied from a run, with a tolerance that swallows the step."""
        assert_close(student.step(np.array([1.0, 2.0]), np.array([0.03, 0.02]), 0.1), [0.997, 1.998], atol=1e-2)


@question("smooth", reference="linearity")
class TestSmooth:
    def test_linear(self, student, rng):
        """The student's results compared with each other, inside the student's process."""
        x = rng.normal(size=7)
        gap = student.run(lambda ns, x: ns.smooth(2 * x) - 2 * ns.smooth(x), x)
        assert_close(gap, np.zeros(6))
'''
