"""Hidden suite of week08/lab. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

Every expected value is computed here, in NumPy float64 by loops over places and taps, straight from the formulas, and
never with the student's code. Each question ends with gated tests of about half its weight.
"""

import jax
import jax.numpy as jnp
import numpy as np
import scipy.signal

from autograder.testing import assert_close, gated, question, require, sendable, weight

FLOAT32 = "float32 sums over at most a few hundred terms: error below 1e-5 of the largest entry"
NO_PADDING = ((0, 0), (0, 0))


def places(size, pad, taps, step, gap):
    """Number of places at which a kernel fits into a padded line."""
    return len(range(0, size + sum(pad) - gap * (taps - 1), step))


def taps_of(x_shape, kernel_shape, stride, padding, dilation):
    """All (i, j, a, b, u, v): place, tap, and the pixel of the *unpadded* image they meet in; pixels outside are left out."""
    h, w = x_shape[2:]
    kh, kw = kernel_shape[2:]
    h_out = places(h, padding[0], kh, stride[0], dilation[0])
    w_out = places(w, padding[1], kw, stride[1], dilation[1])
    meetings = []
    for i, j, a, b in np.ndindex(h_out, w_out, kh, kw):
        u = i * stride[0] + a * dilation[0] - padding[0][0]
        v = j * stride[1] + b * dilation[1] - padding[1][0]
        if 0 <= u < h and 0 <= v < w:
            meetings.append((i, j, a, b, u, v))
    return meetings, (h_out, w_out)


def conv_reference(x, kernel, stride=(1, 1), padding=NO_PADDING, dilation=(1, 1)):
    """The layer in float64."""
    meetings, sizes = taps_of(x.shape, kernel.shape, stride, padding, dilation)
    y = np.zeros((len(x), len(kernel), *sizes))
    for i, j, a, b, u, v in meetings:
        y[:, :, i, j] += x[:, :, u, v] @ kernel[:, :, a, b].T
    return y


def transpose_reference(y, kernel, size, stride=(1, 1), padding=NO_PADDING, dilation=(1, 1)):
    """Its transpose: the same meetings, arrows reversed."""
    meetings, sizes = taps_of((1, 1, *size), kernel.shape, stride, padding, dilation)
    assert sizes == y.shape[2:]
    x = np.zeros((len(y), kernel.shape[1], *size))
    for i, j, a, b, u, v in meetings:
        x[:, :, u, v] += y[:, :, i, j] @ kernel[:, :, a, b]
    return x


def kernel_gradient_reference(x, cotangent, kernel_size, stride=(1, 1), padding=NO_PADDING, dilation=(1, 1)):
    """And with respect to the kernel."""
    shape = (cotangent.shape[1], x.shape[1], *kernel_size)
    meetings, _ = taps_of(x.shape, shape, stride, padding, dilation)
    gradient = np.zeros(shape)
    for i, j, a, b, u, v in meetings:
        gradient[:, :, a, b] += cotangent[:, :, i, j].T @ x[:, :, u, v]
    return gradient


# Settings of the layer: image (n, c, h, w), kernel (c_out, kh, kw), stride, padding, dilation. Nearly all sizes of a setting
# differ, so that no exchange of axes goes unnoticed; those of PADDED agree, so that none is saved by a shape error. Strides do
# not divide. There are few settings because each costs every submission a compilation.
PLAIN = dict(shape=(2, 3, 5, 6), c_out=4, taps=(2, 3))
STRIDED = dict(shape=(1, 2, 7, 8), c_out=3, taps=(2, 3), stride=(3, 2))
PADDED = dict(shape=(2, 2, 4, 4), c_out=2, taps=(2, 2), padding=((2, 0), (1, 3)))
DILATED = dict(shape=(1, 2, 8, 7), c_out=1, taps=(3, 2), dilation=(2, 3))
EVERYTHING = dict(shape=(2, 2, 9, 12), c_out=3, taps=(3, 2), stride=(2, 3), padding=((2, 1), (3, 0)), dilation=(3, 2))


def knobs(setting):
    """The keyword arguments that a setting turns."""
    return {name: setting[name] for name in ("stride", "padding", "dilation") if name in setting}


def draw(rng, setting):
    """Random image and kernel of a setting."""
    kernel_shape = (setting["c_out"], setting["shape"][1], *setting["taps"])
    return rng.normal(size=setting["shape"]), rng.normal(size=kernel_shape)


# --- 1 --------------------------------------------------------------------------------------------------------------


@question("correlate", reference="scipy.signal.correlate2d in float64")
class TestCorrelate:
    def test_sum_of_products_at_every_place(self, student, rng):
        """Each entry is the sum of kernel times the pixels under it, the kernel as it is.

        Wherever the kernel fits, and nowhere else; h - kh + 1 places by w - kw + 1. A kernel turned by 180 degrees gives
        another result as soon as the kernel is not symmetric.
        """
        for image, taps in (((5, 6), (2, 3)), ((4, 4), (2, 2))):
            x, kernel = rng.normal(size=image), rng.normal(size=taps)
            assert_close(student.correlate(x, kernel), scipy.signal.correlate2d(x, kernel, "valid"), why=FLOAT32)

    def test_an_impulse_shows_the_kernel_turned(self, student, rng):
        """A single bright pixel: the response is the kernel turned by 180 degrees around it.

        The place *before* the pixel sees it with its *last* tap.
        """
        kernel, bright = rng.normal(size=(2, 3)), float(rng.uniform(1.0, 2.0))
        x = np.zeros((5, 6))
        x[2, 3] = bright
        expected = np.zeros((4, 4))
        expected[1:3, 1:4] = bright * kernel[::-1, ::-1]
        assert_close(student.correlate(x, kernel), expected, why=FLOAT32)

    @gated
    @weight(2)
    def test_kernel_as_large_as_the_image(self, student, rng):
        """A kernel of the image's size has one place, so the result is a 1 x 1 image."""
        x, kernel = rng.normal(size=(4, 5)), rng.normal(size=(4, 5))
        assert_close(student.correlate(x, kernel), [[(x * kernel).sum()]], why=FLOAT32)


# --- 2 --------------------------------------------------------------------------------------------------------------


def check_conv(student, rng, setting):
    x, kernel = draw(rng, setting)
    assert_close(student.conv2d(x, kernel, **knobs(setting)), conv_reference(x, kernel, **knobs(setting)), why=FLOAT32)


@question("conv2d", reference="loops over places and taps in float64; shifted impulses in closed form")
class TestConv2d:
    def test_channels(self, student, rng):
        """Every output channel sums over all input channels, each with its own kernel.

        No knob is turned. K[o, c] is the kernel from input channel c to output channel o, and is not flipped.
        """
        check_conv(student, rng, PLAIN)

    def test_stride(self, student, rng):
        """Stride (3, 2): the kernel moves 3 pixels down and 2 to the right; what does not fit at the end is left out.

        Vertical comes first. The size is floor((h - kh) / s) + 1.
        """
        check_conv(student, rng, STRIDED)

    def test_padding(self, student, rng):
        """Four different paddings, ((top, bottom), (left, right)).

        Zeros are added before the kernel slides. Which pair belongs to the rows? And as many channels go out as come in: which
        axis of the kernel is which?
        """
        check_conv(student, rng, PADDED)

    def test_dilation(self, student, rng):
        """Dilation (2, 3): taps 2 rows and 3 columns apart.

        Dilation spreads the kernel, not its places: the kernel covers d (k - 1) + 1 pixels.
        """
        check_conv(student, rng, DILATED)

    @gated
    @weight(4)
    def test_all_knobs_at_once(self, student, rng):
        """Stride, padding and dilation together, all different in the two directions.

        Place i and tap a meet at pixel i * stride + a * dilation of the padded image.
        """
        check_conv(student, rng, EVERYTHING)


# --- 3 --------------------------------------------------------------------------------------------------------------


def pool_reference(summary, x, window, stride, padding=NO_PADDING):
    """`summary` (np.max or np.mean) over the real pixels of each window, float64."""
    h, w = x.shape[2:]
    h_out = places(h, padding[0], window[0], stride[0], 1)
    w_out = places(w, padding[1], window[1], stride[1], 1)
    y = np.zeros((*x.shape[:2], h_out, w_out))
    for i, j in np.ndindex(h_out, w_out):
        u, v = i * stride[0] - padding[0][0], j * stride[1] - padding[1][0]
        patch = x[:, :, max(u, 0) : u + window[0], max(v, 0) : v + window[1]]
        y[:, :, i, j] = summary(patch, axis=(2, 3))
    return y


# (shape, window, stride, padding). In TILES windows do not fit at the end of both directions.
TILES = ((1, 3, 7, 5), (3, 2), (3, 2))
OVERLAP_AND_GAP = ((2, 2, 6, 8), (3, 2), (2, 3))
FRAMED = ((2, 2, 5, 5), (3, 2), (2, 3), ((2, 1), (0, 1)))


@question("pool", reference="NumPy maxima and means of the slices of the unpadded image")
class TestPool:
    def test_largest_pixel(self, student, rng):
        """max_pool: the largest pixel of each window, in every channel for itself.

        Windows that do not fit entirely at the far end do not count. Vertical comes first.
        """
        shape, *how = TILES
        x = rng.normal(size=shape)
        assert_close(student.max_pool(x, *how), pool_reference(np.max, x, *how))

    def test_mean_of_the_pixels(self, student, rng):
        """mean_pool: the mean of each window, in every channel for itself."""
        shape, *how = TILES
        x = rng.normal(size=shape)
        assert_close(student.mean_pool(x, *how), pool_reference(np.mean, x, *how), why=FLOAT32)

    def test_padding_is_never_the_maximum(self, student, rng):
        """Padding never wins, though all pixels are negative; the four paddings differ.

        How small must a padding pixel be to lose against every finite number?
        """
        shape, *how = FRAMED
        x = -rng.uniform(1.0, 3.0, size=shape)
        assert_close(student.max_pool(x, *how), pool_reference(np.max, x, *how))
        assert_close(student.max_pool(2.0**100 * x, *how), 2.0**100 * pool_reference(np.max, x, *how))
        x[rng.uniform(size=shape) < 0.5] = 0.0
        assert_close(student.max_pool(x, *how), pool_reference(np.max, x, *how))

    def test_padding_is_not_counted(self, student, rng):
        """The mean divides by the number of real pixels in the window.

        Pool an image of ones: the result is ones, at the edge too.
        """
        shape, *how = FRAMED
        x = (2.0 + rng.normal(size=shape)) * (rng.uniform(size=shape) < 0.6)  # black pixels are data, too
        assert_close(student.mean_pool(x, *how), pool_reference(np.mean, x, *how), why=FLOAT32)

    @gated
    @weight(4)
    def test_window_is_not_stride(self, student, rng):
        """Windows may overlap (stride below window) or leave gaps (stride above it).

        The window says how large, the stride how far apart.
        """
        shape, *how = OVERLAP_AND_GAP
        x = rng.normal(size=shape)
        assert_close(student.max_pool(x, *how), pool_reference(np.max, x, *how))
        assert_close(student.mean_pool(x, *how), pool_reference(np.mean, x, *how), why=FLOAT32)


# --- 4 --------------------------------------------------------------------------------------------------------------


def draw_transpose(rng, setting):
    """(y, kernel, size): a random cotangent of the layer's output, its kernel, and the size of its images."""
    x, kernel = draw(rng, setting)
    h_out, w_out = taps_of(x.shape, kernel.shape, **full_knobs(setting))[1]
    return rng.normal(size=(len(x), len(kernel), h_out, w_out)), kernel, x.shape[2:]


def full_knobs(setting):
    return {"stride": (1, 1), "padding": NO_PADDING, "dilation": (1, 1)} | knobs(setting)


def check_transpose(student, rng, setting):
    y, kernel, size = draw_transpose(rng, setting)
    expected = transpose_reference(y, kernel, size, **knobs(setting))
    assert_close(student.conv_transpose2d(y, kernel, size, **knobs(setting)), expected, why=FLOAT32)


@question("conv_transpose", reference="the layer's loops with reversed arrows, float64; inner products with the layer itself")
class TestConvTranspose:
    def test_channels(self, student, rng):
        """Copies of the kernel, laid down at every place and added up; c_out channels come in, c_in go out.

        No knob is turned: the result is larger than y by k - 1.
        """
        check_transpose(student, rng, PLAIN)

    def test_stride(self, student, rng):
        """With a stride the copies lie further apart, and pixels that none of them reaches are 0.

        The result has the size that was asked for, also where the stride left pixels over.
        """
        check_transpose(student, rng, STRIDED)

    def test_padding(self, student, rng):
        """Padding is cut off: pixels that the layer only imagined.

        From the top and the left as much as was added there, the rest from the other side. There are as many channels of y as of
        x: which axis of the kernel is which?
        """
        check_transpose(student, rng, PADDED)

    @gated
    @weight(2)
    def test_all_knobs_at_once(self, student, rng):
        """Stride, padding and dilation together, all different in the two directions.

        With dilation the copies themselves are spread out. Write the layer as "place i, tap a, pixel i * stride + a * dilation -
        padding", and reverse the arrow.
        """
        check_transpose(student, rng, EVERYTHING)

    @gated
    def test_inner_products(self, student, rng):
        """<conv(x), y> = <x, transpose(y)> for random x and y, with knobs turned.

        It is the transpose, not the inverse: nothing is divided.
        """
        for setting in (EVERYTHING, STRIDED):
            y, kernel, size = draw_transpose(rng, setting)
            got = student.conv_transpose2d(y, kernel, size, **knobs(setting))
            require(np.shape(got) == setting["shape"], "the result should have the shape of the layer's input")
            for _ in range(3):
                x = rng.normal(size=setting["shape"])
                expected = (conv_reference(x, kernel, **knobs(setting)) * y).sum()
                product = float((x * np.asarray(got, np.float64)).sum())
                assert_close(product, expected, atol=1e-3, why="a few hundred terms of size 1")


# --- 5 --------------------------------------------------------------------------------------------------------------


def check_kernel_gradient(student, rng, setting):
    cotangent, _, _ = draw_transpose(rng, setting)
    x = rng.normal(size=setting["shape"])
    expected = kernel_gradient_reference(x, cotangent, setting["taps"], **knobs(setting))
    assert_close(student.kernel_gradient(x, cotangent, setting["taps"], **knobs(setting)), expected, why=FLOAT32)


@question("kernel_gradient", reference="loops over places and taps in float64; the directional derivative of the layer")
class TestKernelGradient:
    def test_channels_and_batch(self, student, rng):
        """Each tap collects cotangent times pixel over all places and all images.

        The result is (c_out, c_in, kh, kw). Sum over the batch: do not average.
        """
        check_kernel_gradient(student, rng, PLAIN)

    def test_stride(self, student, rng):
        """Places lie `stride` pixels apart, and the pixels that were left over contribute nothing.

        Stride and dilation change their parts: for this sum the *cotangent* is spread out.
        """
        check_kernel_gradient(student, rng, STRIDED)

    def test_padding(self, student, rng):
        """Taps that lay on padding collect nothing there."""
        check_kernel_gradient(student, rng, PADDED)

    @gated
    @weight(2)
    def test_all_knobs_at_once(self, student, rng):
        """Stride, padding and dilation together, all different in the two directions.

        Places lie `stride` pixels apart, taps `dilation` pixels.
        """
        check_kernel_gradient(student, rng, EVERYTHING)

    @gated
    def test_directional_derivative(self, student, rng):
        """The layer is linear in its kernel: <gradient, D> is the change of the loss if K changes by D."""
        cotangent, _, _ = draw_transpose(rng, EVERYTHING)
        x = rng.normal(size=EVERYTHING["shape"])
        got = student.kernel_gradient(x, cotangent, EVERYTHING["taps"], **knobs(EVERYTHING))
        for _ in range(3):
            _, direction = draw(rng, EVERYTHING)
            require(np.shape(got) == direction.shape, "the gradient should have the shape of the kernel")
            expected = (conv_reference(x, direction, **knobs(EVERYTHING)) * cotangent).sum()
            assert_close(float((np.asarray(got, np.float64) * direction).sum()), expected, atol=1e-3, why="a few hundred terms")


# --- 6 --------------------------------------------------------------------------------------------------------------


@sendable
def library_conv(x, kernel, stride=(1, 1), padding=((0, 0), (0, 0)), dilation=(1, 1)):
    """A layer with the signature of `conv2d`: strings such as "SAME" are no padding."""
    (top, bottom), (left, right) = padding
    padding = ((top, bottom), (left, right))
    return jax.lax.conv_general_dilated(
        x, kernel, stride, padding, rhs_dilation=dilation, dimension_numbers=("NCHW", "OIHW", "NCHW")
    )


@sendable
def library_pool(x, window, stride, padding=((0, 0), (0, 0))):
    """A pooling with the signature of `max_pool`."""
    return jax.lax.reduce_window(
        x, -jnp.inf, jax.lax.max, (1, 1, *window), (1, 1, *stride), ((0, 0), (0, 0), *padding)
    )


@sendable
def logits_with_library(ns, params, x):
    return ns.cnn_logits(params, x, library_conv, library_pool)


def random_cnn(rng, c_in, c1, c2, classes):
    """Random parameters with biases that matter."""
    return {
        "conv1": (rng.normal(size=(c1, c_in, 3, 3)) / 2, rng.normal(size=c1)),
        "conv2": (rng.normal(size=(c2, c1, 3, 3)) / 4, rng.normal(size=c2)),
        "dense": (rng.normal(size=(c2, classes)), rng.normal(size=classes)),
    }


def cnn_reference(params, x):
    """The same network in float64."""
    same = ((1, 1), (1, 1))
    (K1, b1), (K2, b2), (W, b3) = params["conv1"], params["conv2"], params["dense"]
    h = np.maximum(conv_reference(x, K1, padding=same) + b1[:, None, None], 0)
    h = pool_reference(np.max, h, (2, 2), (2, 2))
    h = np.maximum(conv_reference(h, K2, padding=same) + b2[:, None, None], 0)
    return h.mean(axis=(2, 3)) @ W + b3


@question("cnn", reference="the same layers in NumPy float64")
class TestCnn:
    def test_whole_network(self, student, rng):
        """Layer, bias, ReLU, pooling, layer, bias, ReLU, mean over pixels, linear map.

        In this order; no activation at the end. The image's sides are odd: the pooling leaves the last row and column out.
        """
        params, x = random_cnn(rng, 1, 3, 5, 4), rng.normal(size=(2, 1, 7, 5))
        assert_close(student.run(logits_with_library, params, x), cnn_reference(params, x), why=FLOAT32)

    def test_bias_belongs_to_the_channel_and_one_image_is_a_batch(self, student, rng):
        """As many channels as pixels in a row: the bias still belongs to the channel. A batch of one stays a batch.

        Broadcasting aligns the *last* axes. Where must the channel's axis stand?
        """
        params, x = random_cnn(rng, 2, 4, 2, 3), rng.normal(size=(1, 2, 4, 4))
        assert_close(student.run(logits_with_library, params, x), cnn_reference(params, x), why=FLOAT32)


# --- 7 --------------------------------------------------------------------------------------------------------------


@sendable
def springs(params, x, labels):
    """Quadratic loss on a nested pytree: every leaf is pulled towards a mean of the batch, with its own stiffness."""
    centre = x.mean(axis=0)
    pull = 0.5 * ((params["layer"][0] - centre) ** 2).sum() + 1.5 * ((params["layer"][1] - 2 * centre[0]) ** 2).sum()
    return pull + 0.25 * ((params["last"] - labels.mean()) ** 2).sum()


@sendable
def tickets(params, x, labels):
    """Linear loss: the gradient with respect to theta is the mean over the batch of label * x."""
    return (labels[:, None] * x).mean(axis=0) @ params["theta"]


def heavy_ball(theta, slope, rate, momentum, steps):
    """Polyak's iteration in float64."""
    velocity = np.zeros_like(theta)
    for _ in range(steps):
        velocity = momentum * velocity + slope(theta)
        theta = theta - rate * velocity
    return theta


def springs_after(start, x, labels, rate, momentum, steps):
    """Full-batch heavy ball on `springs`, leaf by leaf."""
    centre = x.mean(axis=0)
    W, b = start["layer"]
    run = lambda theta, slope: heavy_ball(theta, slope, rate, momentum, steps)
    return {
        "layer": (run(W, lambda t: t - centre), run(b, lambda t: 3 * (t - 2 * centre[0]))),
        "last": run(start["last"], lambda t: 0.5 * (t - labels.mean())),
    }


def springs_start(rng):
    start = {"layer": (rng.normal(size=3), rng.normal(size=2)), "last": rng.normal(size=1)}
    return start, rng.normal(size=(10, 3)), rng.integers(0, 5, size=10)


def check_tree(result, expected):
    require(isinstance(result, dict) and set(result) == set(expected), "return the parameters in the form of params")
    layer = result["layer"]
    require(isinstance(layer, (tuple, list)) and len(layer) == 2, "return the parameters in the form of params")
    for got, wanted in zip((*layer, result["last"]), (*expected["layer"], expected["last"]), strict=True):
        assert_close(got, wanted, why=FLOAT32)


def theta_of(result, size):
    """The only leaf of the answers to `tickets`, in float64."""
    require(isinstance(result, dict) and set(result) == {"theta"}, "return the parameters in the form of params")
    require(np.shape(result["theta"]) == (size,), "theta should keep its shape")
    return np.asarray(result["theta"], np.float64)


@question("train", reference="heavy ball on quadratics in NumPy float64; closed forms of a linear loss; fresh data")
class TestTrain:
    def test_plain_step(self, student, rng, key):
        """One full batch without momentum: theta - rate * gradient, for every leaf of a nested pytree."""
        start, x, labels = springs_start(rng)
        result = student.run(lambda ns, k, p, x, y: ns.train(k, p, x, y, springs, 0.3, 0.0, 10, 1), key, start, x, labels)
        check_tree(result, springs_after(start, x, labels, 0.3, 0.0, 1))

    def test_velocity_remembers(self, student, rng, key):
        """Full batches with momentum: the heavy ball, over several epochs.

        v <- mu v + gradient, theta <- theta - rate v. The gradient is not damped by 1 - mu, it is taken at theta itself, and the
        velocity is not reset between epochs.
        """
        start, x, labels = springs_start(rng)
        momentum = float(rng.integers(6, 14)) / 16
        got = student.run(lambda ns, k, p, x, y: ns.train(k, p, x, y, springs, 0.2, momentum, 10, 4), key, start, x, labels)
        check_tree(got, springs_after(start, x, labels, 0.2, momentum, 4))

    def test_every_example_once_with_its_label(self, student, rng, key):
        """Without momentum a linear loss adds up to the same whatever the order: every example once per epoch.

        Each image must keep its own label when the set is shuffled, and no batch may be left out.
        """
        x, labels, batch, epochs = rng.normal(size=(10, 3)), np.array([1, 2, 3, 5, 8, 1, 3, 9, 4, 7]), 2, 3
        result = student.run(
            lambda ns, k, x, y: ns.train(k, {"theta": jnp.zeros(3)}, x, y, tickets, 0.5, 0.0, batch, epochs), key, x, labels
        )
        expected = -0.5 * epochs / batch * (labels[:, None] * x).sum(axis=0)
        assert_close(theta_of(result, 3), expected, why=FLOAT32)

    def test_a_new_order_in_every_epoch(self, student, rng, key):
        """The order is random, decided by the key, and a new one in every epoch.

        With momentum 1/2 early examples count for more, so the result tells when each was used.
        """
        n, scale = 10, float(rng.choice([0.5, 1.0, 2.0]))

        def shuffled(ns, key):
            theta, x, y = {"theta": jnp.zeros(10)}, scale * jnp.eye(10), jnp.ones(10, jnp.int32)
            keys = jax.random.split(key, 2)
            return [ns.train(k, theta, x, y, tickets, 1.0, 0.5, 1, epochs) for k, epochs in zip(keys, (1, 2), strict=True)]

        results = student.run(shuffled, key)
        require(isinstance(results, list) and len(results) == 2, "return the parameters in the form of params")
        once, twice = (2.0 * epochs + theta_of(r, n) / scale for epochs, r in enumerate(results, start=1))
        # An example used at place p of n updates is left with 2 * 2^-(n - p) of its way.
        assert_close(np.sort(once), 2.0 ** np.arange(1 - n, 1), atol=1e-5, why="sums of powers of two: exact in float32")
        # After two epochs it is 2 * (2^-(2n - p) + 2^-(n - q)): two powers of two, read off one after the other.
        late = np.clip(np.floor(np.log2(np.maximum(twice, 1e-9) / 2)).astype(int), -n, -1)
        early = np.round(np.log2(np.maximum(twice / 2 - 2.0**late, 2.0**-40))).astype(int) + n
        both_epochs = sorted(late) == sorted(early) == list(range(-n, 0))
        require(both_epochs, "in every epoch each example is used once")
        # 10! orders: two agree by chance once in 3.6 million.
        first, second, third = (list(np.argsort(used)) for used in (once, early, late))
        require(first != sorted(first), "the examples should be shuffled")
        require(first != second, "another key should give another order")
        require(second != third, "every epoch should have an order of its own")

    def test_new_batches_in_every_epoch(self, student, rng, key):
        """Examples are shuffled, not whole batches: who shares a batch in one epoch need not do so in the next."""
        n, batch = 16, 4
        start = {"theta": np.zeros(n)}
        got = student.run(
            lambda ns, k, p: ns.train(k, p, jnp.eye(16), jnp.ones(16, jnp.int32), tickets, 4.0, 0.5, 4, 2), key, start
        )
        # Updates 1..8 leave 2^-(8 - p): the sum of two such numbers says in which batch of either epoch an example was.
        theta = theta_of(got, n)
        require(np.isfinite(theta).all(), "the parameters should be finite")
        groups = set(np.round(128 * (4.0 + theta)).tolist())
        # 16! / (4!^4 4!) ways to make batches: two agree by chance once in 2.6 million.
        require(len(groups) > n // batch, "every epoch should have batches of its own")

    @gated
    @weight(4)
    def test_learns_what_is_everywhere(self, student, rng, key):
        """A one-layer network trained by your loop on bars in the left half recognises them in the right half.

        Weight sharing does that, if the training is right: return the parameters after the last update.
        """
        x, labels = bars(rng, 64, right=False)
        fresh, truth = bars(rng, 400, right=True)
        start = {"conv": (rng.normal(size=(16, 1, 3, 3)) / 3, np.zeros(16)), "dense": (rng.normal(size=(16, 2)) / 3, np.zeros(2))}
        got = student.run(lambda ns, k, p, x, y: ns.train(k, p, x, y, bar_loss, 0.2, 0.8, 16, 20), key, start, x, labels)
        require(isinstance(got, dict) and set(got) == set(start), "return the parameters in the form of params")
        (K, b), (W, c) = ([np.asarray(a, np.float64) for a in got[name]] for name in ("conv", "dense"))
        h = np.maximum(conv_reference(fresh, K) + b[:, None, None], 0).mean(axis=(2, 3))
        require(bool(np.isfinite(h).all()), "the returned parameters should be finite")
        # Chance is 0.5; over 200 seeds a reference run never fell below 0.85.
        accuracy = np.mean((h @ W + c).argmax(axis=1) == truth)
        require(accuracy >= 0.7, "the trained network should be right on at least 70 % of images with bars in new places")


def bars(rng, count, right):
    """Images 6 x 12 with one bar of three pixels, horizontal (class 0) or vertical (1), in one half; a little noise."""
    x = rng.normal(size=(count, 1, 6, 12)) / 8
    labels = rng.integers(0, 2, size=count)
    rows, columns = rng.integers(0, 4, size=count), rng.integers(0, 4, size=count) + (6 if right else 0)
    for image, label, u, v in zip(x[:, 0], labels, rows, columns, strict=True):
        if label == 0:
            image[u + 1, v : v + 3] += 3.0
        else:
            image[u : u + 3, v + 1] += 3.0
    return x, labels


@sendable
def bar_loss(params, x, labels):
    """Cross-entropy of conv 3 x 3, ReLU, mean over pixels, linear."""
    (K, b), (W, c) = params["conv"], params["dense"]
    h = jax.lax.conv_general_dilated(x, K, (1, 1), "VALID", dimension_numbers=("NCHW", "OIHW", "NCHW"))
    logits = jnp.maximum(h + b[:, None, None], 0.0).mean(axis=(2, 3)) @ W + c
    log_p = logits - jax.scipy.special.logsumexp(logits, axis=1, keepdims=True)
    if not jnp.issubdtype(labels.dtype, jnp.integer):
        raise TypeError("labels arrive as whole numbers; hand them on as such")
    return -(log_p * (labels[:, None] == jnp.arange(2))).sum(axis=1).mean()
