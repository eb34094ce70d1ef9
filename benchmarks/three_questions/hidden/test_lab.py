"""Hidden suite of the lab that `make bench` grades by three tools."""

import jax.numpy as jnp
import numpy as np
import scipy.special

from autograder.testing import assert_close, gated, question, require, weight


@question("cross_entropy", reference="scipy.special.log_softmax in float64")
class TestCrossEntropy:
    def test_without_smoothing(self, student, rng):
        """With s = 0 it is the mean of -log p of the labels."""
        logits, labels = 2 * rng.normal(size=(5, 4)), rng.integers(0, 4, size=5)
        log_p = scipy.special.log_softmax(logits, axis=1)
        assert_close(student.cross_entropy(logits, labels, 0.0), -log_p[np.arange(5), labels].mean())

    def test_smoothed(self, student, rng):
        """The smoothed target puts s/K on every class, also on the label."""
        logits, labels, s = 2 * rng.normal(size=(5, 4)), rng.integers(0, 4, size=5), float(rng.uniform(0.1, 0.4))
        target = (1 - s) * np.eye(4)[labels] + s / 4
        assert_close(student.cross_entropy(logits, labels, s), -(target * scipy.special.log_softmax(logits, axis=1)).sum() / 5)

    @gated
    @weight(2)
    def test_large_logits(self, student, rng):
        """Logits of hundreds, another size in each row: no overflow."""
        logits = rng.uniform(300.0, 800.0, size=(4, 4)) * np.array([[1.0], [-1.0], [0.5], [0.01]])
        logits, labels = logits.astype(np.float32).astype(np.float64), rng.integers(0, 4, size=4)
        log_p = scipy.special.log_softmax(logits, axis=1)
        assert_close(student.cross_entropy(logits, labels, 0.0), -log_p[np.arange(4), labels].mean())


def reference_attention(queries, keys, values):
    scores = queries @ keys.T / np.sqrt(queries.shape[1])
    scores[np.triu_indices(len(scores), 1)] = -np.inf
    return scipy.special.softmax(scores, axis=1) @ values


@question("attention", reference="scipy.special.softmax in float64")
class TestAttention:
    def test_values(self, student, rng):
        """Each row is the weighted mean of the values that it sees."""
        q, k, v = rng.normal(size=(6, 3)), rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
        assert_close(student.attention(q, k, v), reference_attention(q, k, v))

    def test_the_first_position_sees_itself(self, student, rng):
        """Row 0 is the first value."""
        q, k, v = rng.normal(size=(6, 3)), rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
        result = student.attention(q, k, v)
        require(np.shape(result) == (6, 2), "one row per query")
        assert_close(result[0], v[0])

    @gated
    @weight(2)
    def test_large_scores(self, student, rng):
        """Scores of hundreds: no overflow."""
        q, k, v = 40 * rng.normal(size=(6, 3)), 40 * rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
        assert_close(student.attention(q, k, v), reference_attention(q, k, v), rtol=1e-3)


def reference_path(curvature, start, rate, memory, steps):
    x, velocity, visited = start, np.zeros_like(start), [start]
    for _ in range(steps):
        velocity = memory * velocity - rate * curvature * x
        x = x + velocity
        visited.append(x)
    return np.array(visited)


@question("momentum", reference="the same recursion in NumPy on a quadratic")
class TestMomentum:
    def test_on_a_quadratic(self, student, rng):
        """Every point of the path on sum c x^2 / 2."""
        c, start = rng.uniform(0.5, 2.0, size=3), rng.normal(size=3)
        rate, memory = float(rng.uniform(0.05, 0.2)), float(rng.uniform(0.3, 0.8))
        got = student.run(lambda ns, c, x: ns.momentum(lambda y: (c * y**2).sum() / 2, x, rate, memory, 6), c, start)
        assert_close(got, reference_path(c, start, rate, memory, 6))

    def test_without_memory(self, student, rng):
        """mu = 0 is gradient descent."""
        c, start = rng.uniform(0.5, 2.0, size=3), rng.normal(size=3)
        got = student.run(lambda ns, c, x: ns.momentum(lambda y: (c * y**2).sum() / 2, x, 0.1, 0.0, 3), c, start)
        assert_close(got, reference_path(c, start, 0.1, 0.0, 3))

    @gated
    def test_a_stationary_point_is_kept(self, student, rng):
        """Where the gradient vanishes nothing moves."""
        start = rng.normal(size=3)
        got = student.run(lambda ns, x: ns.momentum(lambda y: ((y - x) ** 2).sum() + jnp.cos(0.0), x, 0.1, 0.9, 3), start)
        assert_close(got, np.tile(start, (4, 1)))
