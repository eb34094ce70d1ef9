"""Hidden suite of week03/lab. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

Every expected value is computed here, in NumPy float64, and never with the student's code. Each question ends with gated
tests of about half its weight, so that an answer with one of the usual mistakes keeps at most half of the points.
"""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special

from autograder.testing import as_array, asked, assert_close, gated, question, require, sendable, weight

FLOAT32 = "float32 rounding over a few dozen operations is below 1e-5 of the largest entry"


def random_params(rng, widths):
    """Random layers [(W, b), ...] with W of shape (fan_in, fan_out), float64, nonzero biases.

    Halving is exact in float32, and keeps activations in their curved range: where they are linear, wrong code is right.
    """
    return [
        (rng.normal(size=(n_in, n_out)) / 2, rng.normal(size=(n_out,)) / 2)
        for n_in, n_out in itertools.pairwise(widths)
    ]


def numpy_forward(params, x, phi):
    """Output of the perceptron in float64; shapes as in the notebook."""
    for W, b in params[:-1]:
        x = phi(x @ W + b)
    return x @ params[-1][0] + params[-1][1]


def central_differences(loss, params, step=1e-5):
    """Gradient of loss(params) by central differences in float64: error about step^2 = 1e-10, far below float32."""
    gradient = []
    for level, layer in enumerate(params):
        parts = []
        for part, array in enumerate(layer):
            slope = np.zeros_like(array)
            for index in np.ndindex(array.shape):
                moved = []
                for sign in (1, -1):
                    shifted = array.copy()
                    shifted[index] += sign * step
                    replaced = (shifted, layer[1]) if part == 0 else (layer[0], shifted)
                    moved.append(loss([*params[:level], replaced, *params[level + 1 :]]))
                slope[index] = (moved[0] - moved[1]) / (2 * step)
            parts.append(slope)
        gradient.append(tuple(parts))
    return gradient


def layers_of(result, like):
    """The (W, b) pairs of a result, after checking that there are as many as in `like`."""
    wanted = f"return a list of {len(like)} pairs (W, b), one per layer"
    require(isinstance(result, (list, tuple)) and len(result) == len(like), wanted)
    require(all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in result), wanted)
    return [(pair[0], pair[1]) for pair in result]


def assert_layers_close(result, expected, **tolerance):
    """Every W and b of `result` against `expected`, one array at a time: a wrong shape is named with its own layer."""
    for (W, b), (W_expected, b_expected) in zip(layers_of(result, expected), expected, strict=True):
        assert_close(W, W_expected, **tolerance)
        assert_close(b, b_expected, **tolerance)


# --- 1 --------------------------------------------------------------------------------------------------------------


def swish_reference(z, beta):
    return z * scipy.special.expit(beta * z)


@question("swish", reference="z * scipy.special.expit(beta z) in float64, and its central differences")
class TestSwish:
    def test_input_times_gate(self, student, rng):
        """swish is its input times sigma(beta z).

        The gate looks at beta times z, and what it multiplies is z itself.
        """
        z = rng.normal(size=7)
        for beta in (1.0, 0.5, float(rng.uniform(2.0, 3.0))):
            assert_close(student.swish(z, beta), swish_reference(z, beta), why=FLOAT32)

    @weight(2)
    def test_slope_is_the_derivative(self, student, rng):
        """swish_slope is the derivative of swish with respect to z, at every beta.

        Product rule, then chain rule: compare (swish(z + h) - swish(z - h)) / 2h with your slope at beta = 1 and beta = 3.
        """
        z, h = rng.normal(size=7), 1e-5
        for beta in (1.0, 0.5, float(rng.uniform(2.0, 3.0))):
            expected = (swish_reference(z + h, beta) - swish_reference(z - h, beta)) / (2 * h)
            assert_close(student.swish_slope(z, beta), expected, why=FLOAT32)

    def test_far_from_zero_the_gate_is_open_or_shut(self, student, rng):
        """For beta |z| >> 1 swish is z or 0 and its slope 1 or 0, and never NaN.

        In float32 e^89 is infinite, and inf/inf or 0*inf is NaN. Take exponentials of negative numbers only, or use a
        library's sigmoid.
        """
        z = rng.uniform(200.0, 900.0, size=6) * np.array([1, -1, 1, -1, -1, 1])
        assert_close(student.swish(z, 1.0), np.maximum(z, 0.0), why="the gate differs from 0 or 1 by e^-200")
        assert_close(student.swish_slope(z, 1.0), (z > 0) * 1.0, why="beta z sigma (1 - sigma) is below 900 e^-200")

    @gated
    @weight(4)
    def test_from_a_straight_line_to_the_relu(self, student, rng):
        """beta = 0 gives z/2 with slope 1/2, a large beta the ReLU; single numbers and matrices are welcome, too.

        Nothing in the formula needs beta > 0 or an array of a certain shape.
        """
        z = rng.uniform(0.5, 2.0, size=(2, 3)) * np.array([1, -1, -1])
        assert_close(student.swish(z, 0.0), z / 2, why=FLOAT32)
        assert_close(student.swish_slope(z, 0.0), np.full((2, 3), 0.5), why=FLOAT32)
        assert_close(student.swish(z, 400.0), np.maximum(z, 0.0), why="the gate differs from 0 or 1 by e^-200")
        one = float(rng.normal())
        assert_close(student.swish(np.array(one), 1.0), swish_reference(np.array(one), 1.0), why=FLOAT32)


# --- 2 --------------------------------------------------------------------------------------------------------------


@question("forward", reference="the same affine maps in NumPy float64")
class TestForward:
    def test_one_hidden_layer(self, student, rng):
        """One hidden layer: phi(x W_1 + b_1) W_2 + b_2.

        The bias is added before the activation, and the output has no activation.
        """
        params, x = random_params(rng, [3, 4, 2]), rng.normal(size=(5, 3))
        got = student.run(lambda ns, p, x: ns.forward(p, x, jnp.tanh), params, x)
        assert_close(got, numpy_forward(params, x, np.tanh), why=FLOAT32)

    def test_deep_and_square(self, student, rng):
        """Four layers of equal width, where a transposed weight goes unnoticed by shapes.

        Rows of W belong to inputs and columns to outputs: x @ W. The depth is the length of params.
        """
        params, x = random_params(rng, [3] * 5), rng.normal(size=(3, 3))
        got = student.run(lambda ns, p, x: ns.forward(p, x, jnp.cos), params, x)
        assert_close(got, numpy_forward(params, x, np.cos), why=FLOAT32)

    def test_a_single_layer_is_affine(self, student, rng):
        """With one layer there is nothing left but x W + b.

        The activation stands between layers; with a single layer there is no between.
        """
        params, x = random_params(rng, [3, 2]), rng.normal(size=(5, 3))
        got = student.run(lambda ns, p, x: ns.forward(p, x, jnp.tanh), params, x)
        assert_close(got, x @ params[0][0] + params[0][1], why=FLOAT32)

    @gated
    @weight(3)
    def test_the_given_activation_and_a_batch_of_one(self, student, rng):
        """Any elementwise phi, and a batch of one example, which stays a batch.

        Use the phi that you are handed; the result for one example has shape (1, n_out).
        """
        params, x = random_params(rng, [4, 4, 4, 4]), rng.normal(size=(1, 4))
        got = student.run(lambda ns, p, x: ns.forward(p, x, lambda z: 2.0 * z), params, x)
        assert_close(got, numpy_forward(params, x, lambda z: 2.0 * z), why=FLOAT32)


# --- 3 --------------------------------------------------------------------------------------------------------------


def cross_entropy_reference(logits, labels):
    """Mean loss and its gradient with respect to the logits, float64."""
    log_p = scipy.special.log_softmax(logits, axis=1)
    one_hot = np.eye(logits.shape[1])[labels]
    return -(log_p * one_hot).sum(axis=1).mean(), (np.exp(log_p) - one_hot) / len(labels)


@question("cross_entropy", reference="scipy.special.log_softmax in float64")
class TestCrossEntropy:
    @weight(2)
    def test_loss_is_the_mean_surprise(self, student, rng):
        """The loss is the mean over the batch of -log p_y, in nats.

        Each row is one example: normalise over classes, average over examples.
        """
        for batch, classes in ((1, 3), (4, 3), (3, 3)):
            logits, labels = 2 * rng.normal(size=(batch, classes)), rng.integers(0, classes, size=batch)
            expected, _ = cross_entropy_reference(logits, labels)
            assert_close(student.cross_entropy(logits, labels), expected, why=FLOAT32)

    @weight(2)
    def test_slope_is_probability_minus_label(self, student, rng):
        """The gradient is (p - one-hot label) / batch, row by row.

        It is the gradient of the mean: two equal examples give each half of what one alone gives.
        """
        for batch, classes in ((1, 3), (4, 3), (3, 3)):
            logits, labels = 2 * rng.normal(size=(batch, classes)), rng.integers(0, classes, size=batch)
            _, expected = cross_entropy_reference(logits, labels)
            assert_close(student.cross_entropy_slope(logits, labels), expected, why=FLOAT32)

    def test_logits_of_hundreds(self, student, rng):
        """Logits of +-900, with a different size in each row: loss and gradient stay finite and right.

        Subtract each row's own maximum before the exponential. A clipped logarithm cannot exceed about 16 or 20: here
        the loss is in the hundreds.
        """
        logits = rng.uniform(600.0, 900.0, size=(4, 3)) * np.array([[1, -1, 1], [-1, -1, -1], [1, 1, -1], [0, 0.01, 0]])
        logits = logits.astype(np.float32).astype(np.float64)
        labels = np.array([1, 0, 2, 1])
        loss, slope = cross_entropy_reference(logits, labels)
        assert_close(student.cross_entropy(logits, labels), loss, why="float32 spacing near 900 is 6e-5")
        assert_close(student.cross_entropy_slope(logits, labels), slope, atol=1e-4, why="float32 spacing near 900 is 6e-5")

    @gated
    @weight(3)
    def test_only_differences_of_logits_count(self, student, rng):
        """A constant added to one row changes neither loss nor gradient, be it +3000 or -3000.

        Softmax sees differences within a row only. A sum of exponentials that is 0 or infinite is a sign that something
        other than the row's own maximum was subtracted.
        """
        logits = rng.integers(-40, 40, size=(4, 3)) / 16  # sixteenths: exact in float32 after the shift, too
        labels = rng.integers(0, 3, size=4)
        shifted = logits + np.array([[3000.0], [-3000.0], [0.0], [500.0]])
        loss, slope = cross_entropy_reference(logits, labels)
        assert_close(student.cross_entropy(shifted, labels), loss, rtol=1e-3, why="float32 spacing near 3000 is 2e-4")
        assert_close(student.cross_entropy_slope(shifted, labels), slope, rtol=1e-3, why="spacing near 3000 is 2e-4")


# --- 4 --------------------------------------------------------------------------------------------------------------


def check_spread(W, variance):
    """Mean and variance of the entries of W within five standard errors (false alarms: about one in a million)."""
    W = np.asarray(W, dtype=np.float64)
    require(abs(W.mean()) <= 5 * np.sqrt(variance / W.size), "the mean of the weights should be 0")
    # A normal's sample variance has relative standard error sqrt(2/N); a truncated normal's is smaller.
    error = abs(W.var() / variance - 1)
    require(error <= 5 * np.sqrt(2 / W.size), "the variance of the weights should be scale / fan_in")


@question("init", reference="moments of the normal distribution, with bounds of five standard errors")
class TestInit:
    def test_shapes_and_zero_biases(self, student, rng, key):
        """One (W, b) for each pair of neighbouring widths; W is (fan_in, fan_out), b is zero, W is not.

        Three widths make two layers.
        """
        widths = [20, 30, 5]
        layers = layers_of(student.init_mlp(key, widths, 2.0), widths[1:])
        for (W, b), n_in, n_out in zip(layers, widths[:-1], widths[1:], strict=True):
            assert_close(b, np.zeros(n_out))
            require(np.shape(W) == (n_in, n_out), "W should have shape (fan_in, fan_out)")
            require(np.abs(np.asarray(W, dtype=np.float64)).min() > 0 and np.ptp(W) > 0, "the weights should be random")

    @weight(2)
    def test_variance_is_scale_over_fan_in(self, student, rng, key):
        """The variance of each layer's weights is scale / fan_in.

        Fan-in is the number of inputs of a unit, W.shape[0]. A normal variable is multiplied by the *standard deviation* that
        you want. Checked to five standard errors on layers that are anything but square.
        """
        widths = [400, 50, 300]
        # On both sides of 1 and well away from it: there scale, its square and its root are told apart.
        for scale in (float(rng.uniform(2.0, 3.5)), float(rng.uniform(0.3, 0.6))):
            layers = layers_of(student.init_mlp(key, widths, scale), widths[1:])
            for (W, _), n_in, n_out in zip(layers, widths[:-1], widths[1:], strict=True):
                require(np.shape(W) == (n_in, n_out), "W should have shape (fan_in, fan_out)")
                check_spread(W, scale / n_in)

    def test_every_weight_is_drawn_anew(self, student, key):
        """Layers of equal shape get different weights, and so does every unit.

        A JAX key used twice gives the same numbers twice: split it, one key for each layer.
        """
        layers = [np.asarray(W, dtype=np.float64) for W, _ in layers_of(student.init_mlp(key, [60] * 4, 2.0), [60] * 3)]
        require(all(W.shape == (60, 60) for W in layers), "W should have shape (fan_in, fan_out)")
        for a, b in ((0, 1), (1, 2), (0, 2)):
            with np.errstate(invalid="ignore"):  # zero weights make it NaN, which the next line refuses
                correlation = np.mean(layers[a] * layers[b]) / np.sqrt(np.mean(layers[a] ** 2) * np.mean(layers[b] ** 2))
            require(abs(correlation) <= 5 / 60, "weights of different layers should be uncorrelated")
        values = np.concatenate([W.ravel() for W in layers])
        # Some 10 800 normal float32 numbers share a value now and then: a few pairs, not a hundred.
        require(np.unique(values).size >= values.size - 100, "the same weights turn up again in another place")

    @gated
    @weight(4)
    def test_the_key_decides(self, student, rng, key):
        """The same key gives the same network, another key another one, and both have the right variance.

        All randomness comes from `key`: no seed of your own, no NumPy generator that remembers.
        """
        first, again = (np.asarray(student.init_mlp(key, [60, 60], 1.0)[0][0]) for _ in range(2))
        other = np.asarray(student.init_mlp(jax.random.fold_in(key, 1), [60, 60], 1.0)[0][0])
        for W in (first, other):
            check_spread(W, 1 / 60)
        assert_close(again, first, why="the same computation twice")
        require(np.mean((other - first) ** 2) > 1 / 60, "another key should give other weights")


# --- 5 --------------------------------------------------------------------------------------------------------------


def backprop_reference(params, x, phi, cotangent):
    """Gradient of sum(cotangent * f(x)) with respect to params: central differences in float64."""
    return central_differences(lambda p: np.sum(cotangent * numpy_forward(p, x, phi)), params)


@sendable
def tanh_gradient(ns, params, x, cotangent):
    return ns.backprop(params, x, jnp.tanh, lambda z: 1.0 - jnp.tanh(z) ** 2, cotangent)


@sendable
def sine_gradient(ns, params, x, cotangent):
    return ns.backprop(params, x, jnp.sin, jnp.cos, cotangent)


@question("backprop", reference="central differences of a NumPy forward pass in float64")
class TestBackprop:
    def test_one_hidden_layer(self, student, rng):
        """One hidden layer, a batch of five: both weights and both biases.

        The slope is taken at the pre-activation z, and each unit collects the errors of all units that it feeds.
        """
        params, x = random_params(rng, [3, 4, 2]), rng.normal(size=(5, 3))
        cotangent = rng.normal(size=(5, 2))
        got = student.run(tanh_gradient, params, x, cotangent)
        assert_layers_close(got, backprop_reference(params, x, np.tanh, cotangent), why=FLOAT32)

    @weight(2)
    def test_a_single_layer_has_no_activation(self, student, rng):
        """Without hidden layers dW = x^T cotangent, and db sums the cotangent over the batch.

        The 1/batch of a mean loss is in the cotangent already; and where there is no activation there is no slope.
        """
        params, x = random_params(rng, [3, 2]), rng.normal(size=(4, 3))
        cotangent = rng.normal(size=(4, 2))
        got = student.run(tanh_gradient, params, x, cotangent)
        assert_layers_close(got, [(x.T @ cotangent, cotangent.sum(axis=0))], why=FLOAT32)

    @weight(2)
    def test_square_layers_and_one_example(self, student, rng):
        """Four layers of equal width and a batch of one, where every wrong transpose has the right shape.

        Going back through x @ W multiplies by W^T from the same side.
        """
        params, x = random_params(rng, [3] * 5), rng.normal(size=(1, 3))
        cotangent = rng.normal(size=(1, 3))
        got = student.run(sine_gradient, params, x, cotangent)
        assert_layers_close(got, backprop_reference(params, x, np.sin, cotangent), why=FLOAT32)

    def test_square_batch(self, student, rng):
        """As many examples as units, three layers: nothing but the mathematics tells the axes apart.

        dW_l = h_(l-1)^T delta_l sums over examples; h_(l-1) is what went *into* the layer.
        """
        params, x = random_params(rng, [3] * 4), rng.normal(size=(3, 3))
        cotangent = rng.normal(size=(3, 3))
        got = student.run(sine_gradient, params, x, cotangent)
        assert_layers_close(got, backprop_reference(params, x, np.sin, cotangent), why=FLOAT32)

    @gated
    def test_examples_add_up(self, student, rng):
        """The gradient of a batch is the sum of the gradients of its examples.

        Call your function with one row at a time: the sum must be what the whole batch gives.
        """
        params, x = random_params(rng, [3, 4, 2]), rng.normal(size=(5, 3))
        cotangent = rng.normal(size=(5, 2))
        total = backprop_reference(params, x, np.sin, cotangent)
        rows = [student.run(sine_gradient, params, x[i : i + 1], cotangent[i : i + 1]) for i in range(5)]
        rows = [layers_of(row, params) for row in rows]
        for level, (dW, db) in enumerate(total):
            assert_close(sum(np.asarray(row[level][0], dtype=np.float64) for row in rows), dW, why=FLOAT32)
            assert_close(sum(np.asarray(row[level][1], dtype=np.float64) for row in rows), db, why=FLOAT32)

    @gated
    @weight(2)
    def test_the_given_activation_and_slope(self, student, rng):
        """phi and slope are used as given, whatever they are, and the result is linear in the cotangent.

        Here phi(z) = z^2 / 2, the slope is z, and the cotangent a thousand times larger than usual.
        """
        params, x = random_params(rng, [3, 4, 2]), rng.normal(size=(5, 3))
        cotangent = 1000 * rng.normal(size=(5, 2))
        got = student.run(
            lambda ns, p, x, c: ns.backprop(p, x, lambda z: z**2 / 2, lambda z: z, c), params, x, cotangent
        )
        assert_layers_close(got, backprop_reference(params, x, lambda z: z**2 / 2, cotangent), why=FLOAT32)


# --- 6 --------------------------------------------------------------------------------------------------------------


@sendable
def least_squares_gradient(params, x, labels):
    """Two layers that learn from the same batch: one predicts the labels, the other shrinks towards the batch's mean."""
    (W, b), (V, c) = params
    residual = x @ W + b - labels[:, None]
    return [(x.T @ residual / len(x), residual.mean(axis=0)), (V - x.mean(axis=0)[:, None], 0.5 * c + 1.0)]


@sendable
def diary_gradient(params, x, labels):
    """With rate 1, W <- W/2 + (the examples seen): the binary digits of W tell in which updates an example took part.

    The examples are the rows of an identity; one whose label is not its own number leaves no mark. b counts updates.
    """
    (W, b) = params[0]
    own = (x * (jnp.arange(x.shape[1]) == labels[:, None])).sum(axis=1, keepdims=True)
    return [(0.5 * W - (own * x).sum(axis=0, keepdims=True), -jnp.ones_like(b))]


@sendable
def softmax_gradient(params, x, labels):
    """Gradient of the mean cross-entropy of a linear classifier."""
    (W, b) = params[0]
    p = jax.nn.softmax(x @ W + b, axis=1) - (jnp.arange(b.shape[0]) == labels[:, None])
    return [(x.T @ p / len(x), p.mean(axis=0))]


def diary(student, rng, key, epochs=2, n=16, batch=4):
    """Which example took part in which update: bool, shape (epochs, n / batch, n), from a run of the student's `train`."""
    updates = epochs * n // batch
    first = float(rng.integers(1, 1000))  # another one for each call, so that the result of an earlier call is told apart
    params = [(np.zeros((1, n)), np.array([first]))]
    result = student.run(
        lambda ns, key, params, x, y: ns.train(key, params, x, y, diary_gradient, 1.0, batch, epochs),
        key, params, np.eye(n), np.arange(n),
    )  # fmt: skip
    (W, b), = layers_of(result, params)
    assert_close(b, [first + updates])
    require(np.shape(W) == (1, n), "the returned W should have the shape of the W that was given")
    code = np.asarray(W, dtype=np.float64).ravel() * 2 ** (updates - 1)  # exact: 8 binary digits
    whole = np.all(np.isfinite(code)) and np.all(code == np.round(code)) and np.all((code >= 0) & (code < 2**updates))
    require(bool(whole), "each update should use the parameters that the update before it has left")
    digits = (code.astype(np.int64)[None, :] >> np.arange(updates)[:, None]) & 1
    return digits.reshape(epochs, n // batch, n).astype(bool)


@question("train", reference="the same updates in NumPy float64; accuracy on fresh data")
class TestTrain:
    @weight(2)
    def test_full_batch_updates(self, student, rng, key):
        """With the whole data set as one batch, an epoch is one step theta - rate * gradient, for every W and b.

        Then the order of the examples does not matter, so one, two and three updates can be followed by hand.
        """
        x, labels = rng.normal(size=(6, 3)), rng.integers(0, 3, size=6)
        start = [(rng.normal(size=(3, 1)), rng.normal(size=1)), (rng.normal(size=(3, 1)), rng.normal(size=1))]
        rate, expected = float(rng.uniform(0.1, 0.3)), start
        for epochs in (1, 2, 3):
            gradient = numpy_least_squares_gradient(expected, x, labels)
            expected = [(W - rate * dW, b - rate * db) for (W, b), (dW, db) in zip(expected, gradient, strict=True)]
            got = student.run(
                lambda ns, key, params, x, y: ns.train(key, params, x, y, least_squares_gradient, rate, 6, epochs),
                key, start, x, labels,
            )  # fmt: skip
            assert_layers_close(got, expected, why=FLOAT32)

    @weight(2)
    def test_an_epoch_sees_every_example_once(self, student, rng, key):
        """In each epoch every example is used exactly once, with its own label, in batches of the size asked for.

        Cut one permutation of all indices into batches, and index x and labels with the same batch. Drawing each batch
        anew, with replacement, sees some examples twice and others never.
        """
        seen = diary(student, rng, key)
        require(bool(np.all(seen.sum(axis=1) == 1)), "in each epoch each example should be used once, with its own label")
        require(bool(np.all(seen.sum(axis=2) == 4)), "each update should use batch_size examples")

    def test_each_epoch_has_its_own_order(self, student, rng, key):
        """The order is shuffled, anew in every epoch, and another key gives another order.

        Split the key: one part for each epoch. (A false alarm has a probability below 1e-6: 16 examples in 4
        batches can be ordered in 63 million ways.)
        """
        seen, other = diary(student, rng, key), diary(student, rng, jax.random.fold_in(key, 7))
        require(bool(np.all(seen.sum(axis=(1, 2)) == 16)), "in each epoch each example should be used once")
        unshuffled = np.repeat(np.eye(4), 4, axis=1).astype(bool)
        require(not np.array_equal(seen[0], unshuffled), "the examples should not be in their original order")
        require(not np.array_equal(seen[0], seen[1]), "the second epoch should have an order of its own")
        require(not np.array_equal(seen[0], other[0]), "another key should give another order")

    def test_on_epoch_follows_the_training(self, student, rng, key):
        """on_epoch(epoch, params) is called once after each epoch, epoch counting from 0, with the parameters of then.

        After the epoch's last update, not before its first.
        """
        n, epochs, first = 16, 3, float(rng.integers(1, 1000))
        start, log = [(np.zeros((1, n)), np.array([first]))], []
        follow = asked(lambda epoch, params: log.append((epoch, params)))  # on this side, where nobody can edit the log
        end = student.train(key, start, np.eye(n), np.arange(n), diary_gradient, 1.0, 4, epochs, follow)
        require(len(log) == epochs, "on_epoch should be called once for each epoch")
        for epoch, (number, params) in enumerate(log):
            require(bool(np.all(as_array(number, (), what="The epoch") == epoch)), "epochs count from 0")
            assert_close(layers_of(params, start)[0][1], [first + 4 * (epoch + 1)])
        assert_close(layers_of(end, start)[0][1], [first + 4 * epochs])

    @gated
    @weight(4)
    def test_learns_what_it_is_shown(self, student, rng, key):
        """A linear classifier trained by your loop is right on data that it has never seen, and the start is left alone.

        Return the parameters after the last update, in a new list.
        """
        teacher = rng.normal(size=(4, 3))
        x, fresh = rng.normal(size=(160, 4)), rng.normal(size=(2000, 4))
        start = [(np.zeros((4, 3)), np.zeros(3))]

        def trained(ns, key, params, x, y):
            return ns.train(key, params, x, y, jax.jit(softmax_gradient), 0.5, 16, 8), params

        result, untouched = student.run(trained, key, start, x, (x @ teacher).argmax(axis=1))
        (W, b), = layers_of(result, start)
        require(np.shape(W) == (4, 3) and np.shape(b) == (3,), "the returned parameters should have the shapes of the given")
        W, b = np.asarray(W, dtype=np.float64), np.asarray(b, dtype=np.float64)
        require(bool(np.isfinite(W).all() and np.isfinite(b).all()), "the returned parameters should be finite")
        guess = (fresh @ W + b).argmax(axis=1)
        # Chance is about 0.4; over 2000 seeds a reference run in float64 never fell below 0.89.
        accuracy = np.mean(guess == (fresh @ teacher).argmax(axis=1))
        require(accuracy >= 0.75, "the trained classifier should be right on at least 75 % of fresh examples")
        assert_layers_close(untouched, start)


def numpy_least_squares_gradient(params, x, labels):
    """`least_squares_gradient` in NumPy float64."""
    (W, b), (V, c) = params
    residual = x @ W + b - labels[:, None]
    return [(x.T @ residual / len(x), residual.mean(axis=0)), (V - x.mean(axis=0)[:, None], 0.5 * c + 1.0)]


# --- 7 --------------------------------------------------------------------------------------------------------------


@sendable
def primitives():
    """Operations for the graphs below: {op: (value, derivative with respect to each argument)}."""
    return {
        "add": (lambda a, b: a + b, lambda a, b: (1.0, 1.0)),
        "mul": (lambda a, b: a * b, lambda a, b: (b, a)),
        "div": (lambda a, b: a / b, lambda a, b: (1.0 / b, -a / b**2)),
        "sin": (lambda a: float(np.sin(a)), lambda a: (float(np.cos(a)),)),
        "fma": (lambda a, b, c: a * b + c, lambda a, b, c: (b, a, 1.0)),
    }


@sendable
def reverse(ns, graph, leaves, output):
    return ns.reverse_mode(graph, leaves, output, primitives())


def evaluate(graph, leaves, output):
    """Value of `output` by recursion, float64."""
    values, table = dict(leaves), primitives()

    def value(name):
        if name not in values:
            op, *arguments = graph[name]
            values[name] = table[op][0](*[value(a) for a in arguments])
        return values[name]

    return value(output)


def check_gradient(student, graph, leaves, output, step=1e-5):
    """Value and all derivatives of one graph against central differences in float64."""
    result = student.run(reverse, graph, leaves, output)
    require(isinstance(result, (list, tuple)) and len(result) == 2, "return the pair (value, derivatives)")
    value, slopes = result
    require(isinstance(slopes, dict) and set(slopes) == set(leaves), "the derivatives: a dictionary with every leaf")
    assert_close(value, evaluate(graph, leaves, output), why="a few float32 operations at worst")
    expected = {}
    for leaf, at in leaves.items():
        up, down = (evaluate(graph, {**leaves, leaf: at + sign * step}, output) for sign in (1, -1))
        expected[leaf] = (up - down) / (2 * step)
    names = sorted(leaves)
    got = [np.asarray(slopes[n], dtype=np.float64) for n in names]
    require(all(g.shape == () for g in got), "each derivative should be a single number")
    assert_close(np.stack(got), np.array([expected[n] for n in names]), why="central differences are good to 1e-9")


def shuffled(rng, graph):
    """The same graph with its nodes in another order."""
    names = list(graph)
    return {names[i]: graph[names[i]] for i in rng.permutation(len(names))}


def random_graph(rng, leaves, size=10):
    """A random graph of `size` nodes; each takes recent nodes, so that paths of very different lengths meet.

    No value is above 4: products of products grow without bound, and float32 knows nothing of the sine of a large number.
    """
    while True:
        names, graph = list(leaves), {}
        for k in range(size):
            op, arity = (("add", 2), ("mul", 2), ("sin", 1), ("fma", 3))[int(rng.integers(0, 4))]
            recent = names[-4:]
            graph[f"n{k}"] = (op, *[recent[int(rng.integers(0, len(recent)))] for _ in range(arity)])
            names.append(f"n{k}")
        if max(abs(evaluate(graph, leaves, name)) for name in graph) <= 4:
            return graph


@question("reverse_mode", reference="central differences of a memoised recursion in float64")
class TestReverseMode:
    def test_each_argument_has_its_own_derivative(self, student, rng):
        """A chain of operations, each node used once: derivatives are multiplied along the way, at the right values.

        The derivatives of a / b with respect to a and to b differ, and depend on the values of a and b, not on that of a / b.
        """
        leaves = {"x": float(rng.uniform(0.5, 1.5)), "y": float(rng.uniform(1.5, 2.5)), "z": float(rng.uniform(0.5, 1.5))}
        graph = {"q": ("div", "x", "y"), "s": ("sin", "q"), "out": ("fma", "s", "z", "w"), "w": ("sin", "v")}
        check_gradient(student, graph, {**leaves, "v": float(rng.normal())}, "out")

    def test_contributions_add_up(self, student, rng):
        """A node that is used twice collects from both users, also when both uses are in one product.

        x * x has slope 2x. Add to the adjoint: an assignment overwrites what came before.
        """
        leaves = {"x": float(rng.uniform(0.5, 1.5)), "y": float(rng.uniform(0.5, 1.5))}
        check_gradient(student, {"out": ("mul", "x", "x")}, leaves, "out")
        graph = {"s": ("sin", "x"), "p": ("mul", "x", "y"), "out": ("fma", "s", "p", "x")}
        check_gradient(student, graph, leaves, "out")

    def test_short_and_long_way_to_the_same_node(self, student, rng):
        """A node that the output uses directly and also through others: it must wait for all of them.

        Its adjoint is complete only when every user has contributed. The order in which the dictionary
        lists the nodes means nothing, and neither does their distance from the output.
        """
        leaves = {"x": float(rng.uniform(0.5, 1.2)), "y": float(rng.uniform(0.5, 1.2))}
        graph = {
            "u": ("mul", "x", "y"), "v": ("sin", "u"), "w": ("mul", "u", "v"), "t": ("fma", "w", "v", "u"),
            "out": ("mul", "u", "t"),
        }  # fmt: skip
        forwards, backwards = list(graph.items()), list(graph.items())[::-1]
        for items in (forwards, backwards, list(shuffled(rng, graph).items())):
            check_gradient(student, dict(items), leaves, "out")

    def test_what_the_output_does_not_need(self, student, rng):
        """Nodes that do not lead to the output contribute nothing; a leaf that is not used has derivative 0.

        Begin at the output with adjoint 1. It may be any node of the graph, or even a leaf.
        """
        leaves = {"x": float(rng.uniform(0.5, 1.5)), "y": float(rng.uniform(0.5, 1.5)), "idle": float(rng.normal())}
        graph = {"p": ("mul", "x", "y"), "out": ("mul", "p", "y"), "after": ("mul", "out", "x"), "aside": ("sin", "p")}
        check_gradient(student, graph, leaves, "out")
        check_gradient(student, graph, leaves, "y")

    @gated
    def test_random_graphs(self, student, rng):
        """Random graphs of ten nodes with shared nodes, listed in random order.

        When the small cases are right and this one is not, compare with finite differences on the graph shown.
        """
        leaves = {"a": float(rng.uniform(0.2, 0.9)), "b": float(rng.uniform(0.2, 0.9)), "c": float(rng.normal() / 2)}
        for _ in range(4):
            graph = random_graph(rng, leaves)
            check_gradient(student, shuffled(rng, graph), leaves, "n9")

    @gated
    @weight(5)
    def test_every_node_is_visited_once(self, student, rng):
        """A chain of some thirty nodes, each using the one before it twice: thirty derivatives are evaluated, not 2^30.

        Propagate a node's adjoint once, when it is complete. A recursion that follows each path separately gives the
        right number at exponential cost.
        """
        length, asked_for = int(rng.integers(20, 31)), {"value": 0, "derivatives": 0}
        p, q, start = (float(v) for v in rng.uniform(0.4, 0.6, size=3))

        def counted(kind, function):
            def answer(a, b):
                asked_for[kind] += 1
                return function(float(a), float(b))

            return asked(answer)

        # The operation is known on this side only, so each of its values has to be asked for.
        blend = lambda a, b: np.sin(p * a + q * b).item()
        slopes = lambda a, b: (p * np.cos(p * a + q * b).item(), q * np.cos(p * a + q * b).item())
        table = {"blend": (counted("value", blend), counted("derivatives", slopes))}
        graph = {f"v{k + 1}": ("blend", f"v{k}", f"v{k}") for k in range(length)}
        result = student.reverse_mode(shuffled(rng, graph), {"v0": start}, f"v{length}", table)
        value, derivatives = start, 1.0
        for _ in range(length):
            value, derivatives = blend(value, value), derivatives * sum(slopes(value, value))
        require(isinstance(result, (list, tuple)) and len(result) == 2, "return the pair (value, derivatives)")
        require(isinstance(result[1], dict) and set(result[1]) == {"v0"}, "the derivatives: a dictionary with every leaf")
        assert_close(result[0], value, why=FLOAT32)
        assert_close(result[1]["v0"], derivatives, why=FLOAT32)
        require(asked_for["value"] <= length, "the value of each node should be computed once")
        require(asked_for["derivatives"] <= length, "the derivatives of each node should be computed once")
