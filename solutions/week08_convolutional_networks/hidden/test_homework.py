"""Hidden suite of week08/homework. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

References are exhaustive: index sets, dense matrices, sums over pixels; all in NumPy float64, never by the formulas asked for.
"""

import numpy as np
import scipy.signal

from autograder.testing import as_array, assert_close, gated, question, require, weight

FLOAT32 = "float32 transforms and sums of a few hundred terms: error below 1e-5 of the largest entry"


# --- 8.1 -----------------------------------------------------------------------------------------------------------


def draw_layers(rng, depth, strides=(1, 2, 3), paddings=(0, 1, 2), dilations=(1, 2, 3)):
    """Random (k, s, p, d) per layer."""
    pick = lambda options: int(rng.choice(np.array(options)))
    return [(pick((1, 2, 3, 4)), pick(strides), pick(paddings), pick(dilations)) for _ in range(depth)]


def units_read(unit, layers):
    """Input positions (padding included) that a unit of the last layer reads, by following every path."""
    positions = {unit}
    for taps, stride, padding, dilation in reversed(layers):
        positions = {i * stride - padding + a * dilation for i in positions for a in range(taps)}
    return positions


def geometry_reference(n, layers):
    for taps, stride, padding, dilation in layers:
        n = len(range(-padding, n + padding - dilation * (taps - 1), stride))
    first, second = units_read(0, layers), units_read(1, layers)
    return n, max(first) - min(first) + 1, min(second) - min(first), (max(first) + min(first)) / 2


def numbers(result, names):
    """The numbers of a tuple, list, NamedTuple or one-dimensional array, as named."""
    count = len(names.split(", "))
    row = isinstance(result, (tuple, list)) or (isinstance(result, np.ndarray) and result.ndim == 1)
    require(row and len(result) == count, f"return the {count} numbers ({names})")
    return [np.asarray(number) for number in result]


def check_geometry(student, n, layers, which):
    got, expected = numbers(student.geometry(n, layers), "size, field, jump, centre"), geometry_reference(n, layers)
    for index in which:
        assert_close(got[index], float(expected[index]))


@question("geometry", reference="index sets, followed from a unit down to the pixels")
class TestGeometry:
    def test_size(self, student, rng):
        """The number of units of the last layer.

        Padding on both sides, floor division: a place where the kernel does not fit does not count.
        """
        for depth in (1, 1, 1, 3, 3, 3):
            check_geometry(student, int(rng.integers(150, 400)), draw_layers(rng, depth), [0])

    def test_field_and_jump(self, student, rng):
        """Extent of one unit's field, and the distance of neighbouring ones.

        The taps of a layer are dilation times the jump of the layer *below* apart.
        """
        for depth in (1, 2, 2, 3, 3, 4):
            check_geometry(student, 1000, draw_layers(rng, depth), [1, 2])

    def test_centre(self, student, rng):
        """Centre of unit 0's field: each layer moves it by half its reach minus its padding, in pixels.

        It may be negative, and half an integer. A layer's padding is counted in units of the layer below.
        """
        for depth in (1, 1, 2, 2, 3, 3):
            check_geometry(student, 1000, draw_layers(rng, depth), [3])

    @gated
    @weight(3)
    def test_deep_towers(self, student, rng):
        """Eight layers at once, all four numbers; and no layer at all."""
        for _ in range(3):
            layers = draw_layers(rng, 8, strides=(1, 2), dilations=(1, 2))
            check_geometry(student, int(rng.integers(5000, 9000)), layers, range(4))
        check_geometry(student, int(rng.integers(5, 20)), [], range(4))
        check_geometry(student, int(rng.integers(4, 9)), [(3, 1, 2, 2)] * 4, range(4))  # the field is larger than the image


# --- 8.2 -----------------------------------------------------------------------------------------------------------


def influence_reference(kernels, strides, dilations):
    """First row of the product of the layers' dense matrices."""
    sizes = [1]
    for kernel, stride, dilation in list(zip(kernels, strides, dilations, strict=True))[::-1]:
        sizes.append((sizes[-1] - 1) * stride + (len(kernel) - 1) * dilation + 1)
    sizes = sizes[::-1]  # pixels first
    total = np.eye(sizes[0])
    for level, (kernel, stride, dilation) in enumerate(zip(kernels, strides, dilations, strict=True)):
        matrix = np.zeros((sizes[level + 1], sizes[level]))
        for i, a in np.ndindex(sizes[level + 1], len(kernel)):
            matrix[i, i * stride + a * dilation] = kernel[a]
        total = matrix @ total
    return total[0]


def moments_reference(g):
    """Sum, mean and variance of an influence."""
    p, u = g / g.sum(), np.arange(len(g))
    return g.sum(), p @ u, p @ (u - p @ u) ** 2


TOWERS = {  # lengths, strides, dilations
    "plain": ((3, 2, 4), (1, 1, 1), (1, 1, 1)),
    "strided": ((2, 3, 3), (3, 2, 2), (1, 1, 1)),
    "dilated": ((3, 2, 3), (1, 1, 1), (2, 3, 1)),
    "both": ((3, 1, 2, 4), (2, 3, 1, 2), (3, 2, 2, 1)),
}


def tower(rng, name, positive=False):
    lengths, strides, dilations = TOWERS[name]
    draw = (lambda k: rng.uniform(0.2, 1.5, size=k)) if positive else (lambda k: rng.normal(size=k))
    return [draw(k) for k in lengths], list(strides), list(dilations)


def check_influence(student, rng, name):
    described = tower(rng, name)
    assert_close(student.influence(*described), influence_reference(*described), why=FLOAT32)


def check_moments(student, described):
    result = numbers(student.influence_moments(*described), "sum, mean, variance")
    for got, expected in zip(result, moments_reference(influence_reference(*described)), strict=True):
        assert_close(got, expected, why=FLOAT32)


@question("effective", reference="dense matrices multiplied in float64, and sums over all pixels")
class TestEffective:
    @weight(2)
    def test_influence_of_each_pixel(self, student, rng):
        """Three layers of different kernels, stride and dilation 1: the sum over all paths.

        Kernels are not flipped: tap a of unit i reads i + a.
        """
        check_influence(student, rng, "plain")

    @weight(2)
    def test_influence_through_strides_and_dilations(self, student, rng):
        """Strides spread the kernels of all *later* layers, dilation its own.

        Start at the top with a single 1 and go down. Pixels that no path reaches have influence 0.
        """
        check_influence(student, rng, "strided")
        check_influence(student, rng, "dilated")

    @weight(2)
    def test_moments_of_plain_layers(self, student, rng):
        """Sum, mean and variance for stride and dilation 1; the kernels are positive but do not sum to 1.

        Sums multiply; means and variances of the *normalised* kernels add.
        """
        check_moments(student, tower(rng, "plain", positive=True))

    @weight(2)
    def test_moments_with_strides_and_dilations(self, student, rng):
        """A tap of layer l counts d_l times the product of the *earlier* strides; its variance that squared."""
        check_moments(student, tower(rng, "strided", positive=True))
        check_moments(student, tower(rng, "dilated", positive=True))

    @gated
    @weight(2)
    def test_everything_at_once(self, student, rng):
        """Four layers with strides and dilations, one of them with a single tap."""
        check_influence(student, rng, "both")
        check_moments(student, tower(rng, "both", positive=True))

    @gated
    @weight(2)
    def test_a_thousand_layers(self, student, rng):
        """The variance of a thousand equal layers is a thousand times that of one; no array of all pixels is needed."""
        kernel = rng.uniform(0.2, 1.5, size=3)
        kernel = np.float64(np.float32(kernel / kernel.sum()))
        result = numbers(student.influence_moments([kernel] * 1000, [1] * 1000, [1] * 1000), "sum, mean, variance")
        total, mean, variance = moments_reference(kernel)
        assert_close(result[0], total**1000, rtol=1e-3, why="a float32 product of a thousand numbers near 1")
        assert_close(result[1], 1000 * mean, rtol=1e-3, why="a float32 sum of a thousand terms")
        assert_close(result[2], 1000 * variance, rtol=1e-3, why="a float32 sum of a thousand terms")

    @gated
    def test_no_layers_and_one(self, student, rng):
        """Without a layer the unit is the pixel: influence [1]; with one layer it is the (dilated) kernel."""
        kernel = rng.normal(size=3)
        assert_close(student.influence([], [], []), [1.0])
        spread = np.zeros(7)
        spread[::3] = kernel
        assert_close(student.influence([kernel], [4], [3]), spread, why=FLOAT32)


# --- 8.3 -----------------------------------------------------------------------------------------------------------


def circular_sum(x, kernel, sign):
    """sum_ab kernel[a, b] x[i + sign a, j + sign b], indices modulo the image's size."""
    y = np.zeros_like(x)
    for a, b in np.ndindex(*kernel.shape):
        y += kernel[a, b] * np.roll(x, (-sign * a, -sign * b), axis=(0, 1))
    return y


PAIRS = (((4, 5), (2, 3)), ((3, 3), (3, 3)))


def check_real(got, total):
    require(not np.iscomplexobj(got), "the result should be real: take the real part of what comes back from Fourier space")
    assert_close(float(np.sum(as_array(got))), float(total), atol=1e-4, why="float32 sums over some thirty terms")


@question("fourier", reference="sums of shifted images, and scipy.signal.convolve2d in float64")
class TestFourier:
    def test_circular_convolution(self, student, rng):
        """The true convolution: pixels from *before* the place, indices modulo the size.

        Both directions are transformed, and the kernel is padded to the image's size at its far end.
        """
        for image, taps in PAIRS:
            x, kernel = rng.normal(size=image), rng.normal(size=taps)
            assert_close(student.convolve_circular(x, kernel), circular_sum(x, kernel, -1), why=FLOAT32)

    def test_circular_correlation(self, student, rng):
        """The cross-correlation: pixels from *after* the place.

        In Fourier space it differs from the convolution by a conjugate - of which factor?
        """
        for image, taps in PAIRS:
            x, kernel = rng.normal(size=image), rng.normal(size=taps)
            assert_close(student.correlate_circular(x, kernel), circular_sum(x, kernel, 1), why=FLOAT32)

    def test_full_convolution(self, student, rng):
        """Nothing wraps around, and the size is h + kh - 1.

        How large must the canvas be before you transform?
        """
        for image, taps in PAIRS:
            x, kernel = rng.normal(size=image), rng.normal(size=taps)
            assert_close(student.convolve_full(x, kernel), scipy.signal.convolve2d(x, kernel), why=FLOAT32)

    def test_the_results_are_real(self, student, rng):
        """All three are arrays of real numbers, and each sums to the product of the sums of image and kernel.

        What comes back from Fourier space is complex, with an imaginary part that is zero but for rounding.
        """
        for image, taps in PAIRS:
            x, kernel = rng.normal(size=image) + 0.5, rng.normal(size=taps) + 0.5
            check_real(student.convolve_circular(x, kernel), x.sum() * kernel.sum())
            check_real(student.correlate_circular(x, kernel), x.sum() * kernel.sum())
            check_real(student.convolve_full(x, kernel), x.sum() * kernel.sum())

    @gated
    @weight(2)
    def test_shifts(self, student, rng):
        """A kernel with a single tap at (1, 2) shifts the image: down and right, or back."""
        x, kernel = rng.normal(size=(4, 5)), np.zeros((2, 3))
        kernel[1, 2] = float(rng.uniform(1.0, 2.0))
        moved = kernel[1, 2] * x
        assert_close(student.convolve_circular(x, kernel), np.roll(moved, (1, 2), axis=(0, 1)), why=FLOAT32)
        assert_close(student.correlate_circular(x, kernel), np.roll(moved, (-1, -2), axis=(0, 1)), why=FLOAT32)
        assert_close(student.convolve_full(x, kernel), np.pad(moved, ((1, 0), (2, 0))), why=FLOAT32)

    @gated
    def test_a_kernel_larger_than_the_image(self, student, rng):
        """The full convolution does not mind which of the two is larger."""
        x, kernel = rng.normal(size=(2, 3)), rng.normal(size=(4, 5))
        assert_close(student.convolve_full(x, kernel), scipy.signal.convolve2d(x, kernel), why=FLOAT32)


# --- 8.4 -----------------------------------------------------------------------------------------------------------


def dense_layer(kernel, n):
    """The circular layer as a matrix, filled entry by entry."""
    c_out, c_in, kh, kw = kernel.shape
    matrix = np.zeros((c_out, n, n, c_in, n, n))
    for i, j, a, b in np.ndindex(n, n, kh, kw):
        matrix[:, i, j, :, (i + a) % n, (j + b) % n] += kernel[:, :, a, b]
    return matrix.reshape(c_out * n * n, c_in * n * n)


def check_singular(student, kernel, n, **tolerance):
    expected = np.linalg.svd(dense_layer(kernel, n), compute_uv=False)
    tolerance = tolerance or dict(atol=1e-4, why="float32 transforms and decompositions")
    assert_close(student.singular_values(kernel, n), expected, **tolerance)


@question("singular", reference="numpy.linalg.svd of the dense matrix of the layer, float64")
class TestSingular:
    def test_one_channel(self, student, rng):
        """One channel: the absolute values of the kernel's transform on n x n frequencies.

        Pad the kernel to n x n, transform both directions, sort from large to small.
        """
        check_singular(student, rng.normal(size=(1, 1, 3, 2)), 4)

    def test_more_channels_out_than_in(self, student, rng):
        """c_out > c_in: at each frequency a c_out x c_in matrix; n^2 c_in values in all.

        They are not the singular values of a kernel with its channels added up.
        """
        check_singular(student, rng.normal(size=(3, 2, 2, 3)), 4)

    def test_more_channels_in_than_out(self, student, rng):
        """c_in > c_out, on an image of odd size, with a kernel as high as the image.

        Each multiplicity counts: n^2 c_out numbers.
        """
        check_singular(student, rng.normal(size=(2, 3, 5, 3)), 5)

    @weight(2)
    def test_one_channel_in_any_order(self, student, rng):
        """One channel again, on an image of odd size: all n^2 values, here in whatever order they come."""
        kernel = rng.normal(size=(1, 1, 2, 3))
        got = as_array(student.singular_values(kernel, 5), (25,), "The singular values")
        expected = np.linalg.svd(dense_layer(kernel, 5), compute_uv=False)
        assert_close(np.sort(got)[::-1], expected, atol=1e-4, why="float32 transforms and decompositions")

    @gated
    @weight(2)
    def test_channels_that_cancel(self, student, rng):
        """Square in the channels, of low rank at every frequency: the zeros are there, too."""
        left, right = rng.normal(size=(3, 1, 1, 1)), rng.normal(size=(1, 3, 2, 2))
        why = "roots of the eigenvalues of P P^H in float32 have the root of its rounding"
        check_singular(student, left * right, 4, rtol=3e-3, why=why)

    @gated
    @weight(2)
    def test_lengths_are_preserved_by_a_shift(self, student, rng):
        """A layer that only shifts and rotates channels stretches nothing: all singular values are equal."""
        angle, size = float(rng.uniform(0.3, 1.2)), float(rng.uniform(1.0, 2.0))
        kernel = np.zeros((2, 2, 3, 3))
        kernel[:, :, int(rng.integers(0, 3)), int(rng.integers(0, 3))] = size * np.array(
            [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        )
        assert_close(student.singular_values(kernel, 4), np.full(32, size), why=FLOAT32)


# --- 8.5 -----------------------------------------------------------------------------------------------------------


def shift_error_reference(x, stride, shift):
    """By the definition, in space: the fractional shift is a matrix of Dirichlet kernels."""
    N = len(x)
    M = N // stride
    y0 = np.array([x[(stride * j) % N] for j in range(M)])
    yt = np.array([x[(stride * j - shift) % N] for j in range(M)])
    distance = np.subtract.outer(np.arange(M), np.arange(M)) - shift / stride
    waves = np.arange(1, (M - 1) // 2 + 1)
    dirichlet = (1 + 2 * np.cos(2 * np.pi * distance[..., None] * waves / M).sum(axis=-1)) / M
    return np.linalg.norm(yt - dirichlet @ y0) / np.linalg.norm(y0)


def check_shift(student, x, stride, shift):
    got = student.shift_error(x, stride, shift)
    assert_close(got, shift_error_reference(x, stride, shift), rtol=1e-3, atol=1e-4, why="float32 transforms")


@question("shift", reference="the definition in space: subsampling by indices, interpolation by Dirichlet kernels")
class TestShift:
    def test_stride_two(self, student, rng):
        """Stride 2, shift 1: the odd pixels against the even ones moved by half a pixel.

        Relative to the length of y_0. The frequency k runs from -(M-1)/2 to (M-1)/2.
        """
        check_shift(student, rng.normal(size=14), 2, 1)
        check_shift(student, rng.normal(size=10), 2, 3)

    def test_other_strides(self, student, rng):
        """Strides 3 and 4: several aliases for each frequency, each with its own phase.

        The coarse grid has M = N / stride points.
        """
        for N, stride, shift in ((15, 3, 1), (20, 4, 3), (20, 4, 2)):
            check_shift(student, rng.normal(size=N), stride, shift)

    @weight(2)
    def test_direction(self, student, rng):
        """A shift to the left, and one by more than the circle.

        y_t[j] = x[s j - t]: the signal moves towards larger indices for t > 0, and so must the interpolation.
        """
        for N, stride, shift in ((15, 3, -1), (21, 3, 2), (14, 2, 15)):
            check_shift(student, rng.normal(size=N), stride, shift)

    @gated
    @weight(2)
    def test_slow_signals_move_exactly(self, student, rng):
        """A signal without frequencies above the coarse grid's limit has no error, whatever the shift."""
        a, b, c = rng.normal(size=3)
        angle = 2 * np.pi * np.arange(21) / 21
        x = 1.0 + a * np.cos(angle) + b * np.sin(2 * angle) + c * np.cos(3 * angle)
        for shift in (1, 2, 3):
            check_shift(student, x, 3, shift)

    @gated
    @weight(2)
    def test_whole_steps(self, student, rng):
        """Shifts by multiples of the stride, and stride 1: no error; nor does the size of the signal matter."""
        x = rng.normal(size=15)
        check_shift(student, x, 3, 6)
        check_shift(student, x, 1, 4)
        check_shift(student, 64 * x, 3, 1)
