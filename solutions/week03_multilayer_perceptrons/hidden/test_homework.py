"""Hidden suite of week03/homework: expected values from closed forms, dense scans and float64 quadrature."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np

from autograder.testing import as_array, assert_close, gated, question, require, weight

# --- Reading what the student returned. Nothing here trusts a shape or a type. -------------------------------------


def _is_number(value) -> bool:
    if isinstance(value, np.ndarray):
        return value.shape == () and value.dtype.kind in "fiu"
    return isinstance(value, (int, float, np.floating, np.integer)) and not isinstance(value, bool)


def _vector(value) -> np.ndarray:
    """A one-dimensional array, in float64."""
    value = as_array(value)
    require(value.ndim == 1, "the result must be a one-dimensional array of numbers")
    return value


def _tuple(value, length: int, what: str) -> list:
    """The fields of a tuple, list or NamedTuple of a given length."""
    good = hasattr(value, "__len__") and hasattr(value, "__getitem__") and not isinstance(value, (str, bytes, dict))
    require(good and len(value) == length, f"the result must be a tuple of {length}: {what}")
    return [value[i] for i in range(length)]


def _network(value, inputs: int = 1) -> list[tuple[np.ndarray, np.ndarray]]:
    """A list of layers (W, b) that fit each other, in float64."""
    require(isinstance(value, (list, tuple)) and len(value) > 0, "the result must be a list of layers [(W, b), ...]")
    layers, width = [], inputs
    for number, layer in enumerate(value, start=1):
        W, b = _tuple(layer, 2, "each layer is a pair (W, b)")
        W, b = as_array(W, what=f"W of layer {number}"), as_array(b, what=f"b of layer {number}")
        fits = W.ndim == 2 and W.shape[0] == width and b.shape == (W.shape[1],)
        require(fits, f"layer {number} takes {width} numbers: W of shape ({width}, m), b of shape (m,)")
        layers.append((W, b))
        width = W.shape[1]
    require(width == 1, "the last layer must have one output")
    return layers


def _forward(layers, x: np.ndarray) -> np.ndarray:
    """Outputs of a network with one output at the rows of x, in float64; a vector x is a column of scalars."""
    h = x[:, None] if x.ndim == 1 else x
    with np.errstate(all="ignore"):
        for W, b in layers[:-1]:
            h = np.maximum(h @ W + b, 0.0)
        W, b = layers[-1]
        return (h @ W + b)[:, 0]


def _single(a) -> np.ndarray:
    """Rounded to float32 and back, so that both sides compute with the same numbers."""
    return np.asarray(a, np.float32).astype(np.float64)


# --- 3.1 -----------------------------------------------------------------------------------------------------------


def _knots(rng, n: int, left: float) -> tuple[np.ndarray, np.ndarray]:
    """n shuffled knots from `left` rightwards, spacing between 0.3 and 1.3, values that go up and down."""
    x = _single(left + np.cumsum(rng.uniform(0.3, 1.3, size=n)))
    y = _single(rng.uniform(0.4, 2.0, size=n) * (-1.0) ** np.arange(n) + 0.7)
    shuffle = rng.permutation(n)
    if shuffle[0] == 0:  # the leftmost knot never comes first
        shuffle = shuffle[::-1]
    return x[shuffle], y[shuffle]


@question("interpolant", reference="numpy.interp through the sorted knots, the student's weights evaluated in float64")
class TestInterpolant:
    @weight(2)
    def test_knots_in_order(self, student, rng):
        """Knots that come in increasing order: the network follows the line from knot to knot."""
        x, y = _knots(rng, 5, -2.0)
        x, y = x[order := np.argsort(x)], y[order]
        t = np.concatenate([x, np.sort(rng.uniform(x.min(), x.max(), size=20))])
        net = _network(student.interpolating_net(x, y))
        why = "float32 weights with slopes up to 15 that cancel"
        assert_close(_forward(net, t), np.interp(t, x, y), rtol=2e-3, why=why)

    @weight(2)
    def test_two_points_make_a_line(self, student, rng):
        """Two knots: the network is the straight line through them.

        One unit is enough, and it must be active from the left knot on. Which of the two given knots is the left one?
        """
        for left in (-0.2, -3.0):
            x, y = _knots(rng, 2, left)
            t = np.linspace(x.min(), x.max(), 6)
            line = y[0] + (y[1] - y[0]) / (x[1] - x[0]) * (t - x[0])
            assert_close(
                _forward(_network(student.interpolating_net(x, y)), t),
                line,
                rtol=1e-3,
                why="float32 weights; the slopes are at most 10",
            )

    def test_passes_through_every_knot(self, student, rng):
        """At every knot the network has the knot's value.

        The knots come in any order and are not equally spaced. An output weight is the change of slope at its kink.
        """
        x, y = _knots(rng, 5, -2.0)
        net = _network(student.interpolating_net(x, y))
        assert_close(_forward(net, x), y, rtol=2e-3, why="float32 weights, four pieces with slopes up to 15 that cancel")

    def test_is_straight_between_the_knots(self, student, rng):
        """Between two neighbouring knots the network is a straight line.

        There must be no kink anywhere else. Try knots that are all negative.
        """
        for left in (-7.5, 0.6):
            x, y = _knots(rng, 5, left)
            t = np.sort(rng.uniform(x.min(), x.max(), size=40))
            order = np.argsort(x)
            net = _network(student.interpolating_net(x, y))
            expected = np.interp(t, x[order], y[order])
            assert_close(_forward(net, t), expected, rtol=2e-3, why="float32 weights with slopes up to 15 that cancel")

    @gated
    @weight(6)
    def test_one_hidden_layer_of_n_minus_1_units(self, student, rng):
        """n knots need one hidden layer of n - 1 units at most.

        The first slope needs no unit of its own besides the one whose kink sits on the leftmost knot, and there is no
        kink at the rightmost knot.
        """
        for n in (2, 5):
            x, y = _knots(rng, n, -1.5)
            net = _network(student.interpolating_net(x, y))
            require(len(net) == 2, "one hidden layer: two pairs (W, b)")
            require(net[0][0].shape[1] <= n - 1, f"{n} knots: at most {n - 1} hidden units")


# --- 3.2 -----------------------------------------------------------------------------------------------------------

_KINKS = dict(rtol=0.0, atol=5e-4, why="breakpoints are at least 5e-3 apart; float32 would still find them to 1e-4")


_SCAN = np.linspace(0.0, 1.0, 20001)


def _closest_crossings(layers, start: np.ndarray, end: np.ndarray) -> float:
    """The least distance between two sign changes of any pre-activations on the dense grid, or from one to an end."""
    h, found = (1 - _SCAN)[:, None] * start + _SCAN[:, None] * end, [0.0, 1.0]
    for W, b in layers[:-1]:
        z = h @ W + b
        found.extend(_SCAN[np.nonzero(np.diff(z > 0, axis=0))[0]])
        h = np.maximum(z, 0.0)
    return np.diff(np.sort(found)).min()


def _scan(layers, start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Breakpoints and relative slope changes along a segment, from the outputs on a dense grid alone.

    Wherever second differences do not vanish there is a kink: the lines left and right of it meet there.
    """
    t, points = _SCAN, len(_SCAN)
    f = _forward(layers, (1 - t)[:, None] * start + t[:, None] * end)
    bent = np.flatnonzero(np.abs(np.diff(f, 2)) > 1e-12 * np.abs(f).max()) + 1
    if len(bent) and (bent[0] < 2 or bent[-1] > points - 3):
        return np.zeros(0), np.zeros(0)  # a kink, or rounding, too near an end: the caller draws again
    groups = np.split(bent, np.flatnonzero(np.diff(bent) > 1) + 1) if len(bent) else []
    slope = np.diff(f) * (points - 1)
    kinks, changes = [], []
    for group in groups:
        i, j = group[0] - 1, group[-1] + 1
        left, right = slope[i - 1], slope[j]
        kinks.append((f[j] - right * t[j] - f[i] + left * t[i]) / (left - right))
        changes.append(abs(right - left) / np.abs(slope).max())
    return np.array(kinks), np.array(changes)


def _well_separated(rng, widths: tuple[int, ...], fewest: int):
    """A random network and a segment whose breakpoints nobody can dispute: at least 5e-3 apart, slopes change by 1 %."""
    for _ in range(500):
        layers = [
            (_single(rng.normal(size=(m, n)) * np.sqrt(2 / m)), _single(rng.normal(size=n) * 0.5))
            for m, n in itertools.pairwise(widths)
        ]
        start, end = _single(rng.normal(size=widths[0]) * 2), _single(rng.normal(size=widths[0]) * 2)
        W, b = layers[-1]
        layers[-1] = W, _single(b - _forward(layers, (0.6 * start + 0.4 * end)[None, :]))  # the output changes its sign
        if _closest_crossings(layers, start, end) < 5e-3:
            continue
        kinks, changes = _scan(layers, start, end)
        if len(kinks) >= fewest and changes.min() > 1e-2:
            return layers, start, end, kinks
    raise RuntimeError("no well separated network in 500 draws")


def _folded(k: int):
    """The tent map composed k times, as the kinks 1 - relu(2x - 1) - relu(1 - 2x)."""
    outer, ones = np.array([[-1.0], [-1.0]]), np.array([1.0])
    first, shift = np.array([[2.0, -2.0]]), np.array([-1.0, 1.0])
    return [(first, shift)] + [(outer @ first, ones @ first + shift)] * (k - 1) + [(outer, ones)]


@question("breakpoints", reference="roots in closed form, dyadic points, and second differences on 20 001 points")
class TestBreakpoints:
    def test_one_hidden_layer(self, student, rng):
        """One hidden layer on a line: unit j has its kink where w_j x + b_j = 0.

        Only kinks inside the segment count, they are reported as t and not as x, and in increasing order of t, even if
        the segment runs from right to left.
        """
        kinks = _single(np.linspace(-1.6, 1.6, 8) + rng.uniform(-0.15, 0.15, size=8))
        w = _single(rng.uniform(0.5, 2.0, size=8) * rng.choice([-1.0, 1.0], size=8))
        v = _single(rng.uniform(0.5, 1.5, size=8) * rng.choice([-1.0, 1.0], size=8))
        shuffle = rng.permutation(8)
        hidden = (w[shuffle][None, :], _single(-w * kinks)[shuffle])
        layers = [hidden, (v[shuffle][:, None], _single(rng.normal(size=1)))]
        for start, end in ((-1.1, 3.0), (1.1, -0.95)):
            t = (kinks - start) / (end - start)
            t = np.sort(t[(t > 0) & (t < 1)])
            assert_close(_vector(student.breakpoints(layers, np.array([start]), np.array([end]))), t, **_KINKS)

    def test_segment_in_space(self, student, rng):
        """On a segment in R^3 the pre-activations of the first layer are linear in t.

        Start from the values at the two ends; no coordinate of x plays a special role.
        """
        layers, start, end, kinks = _well_separated(rng, (3, 8, 1), fewest=3)
        assert_close(_vector(student.breakpoints(layers, start, end)), kinks, **_KINKS)

    def test_deep_network(self, student, rng):
        """Three hidden layers: later units add kinks between the kinks of earlier ones.

        Within one piece of all earlier layers every pre-activation is linear in t, and only there.
        """
        layers, start, end, kinks = _well_separated(rng, (2, 6, 5, 4, 1), fewest=4)
        assert_close(_vector(student.breakpoints(layers, start, end)), kinks, **_KINKS)

    def test_folded_interval(self, student, rng):
        """The k-fold tent map bends at every multiple of 2^-k, once.

        Several units cross zero at the same point here, and some touch zero without crossing it.
        """
        for k in (1, 2, 5):
            start, end = rng.integers(1, 10) / 64, 1 - rng.integers(1, 10) / 64
            t = (np.arange(1, 2**k) / 2**k - start) / (end - start)
            found = student.breakpoints(_folded(k), np.array([start]), np.array([end]))
            assert_close(_vector(found), t[(t > 0) & (t < 1)], **_KINKS)

    def test_kinks_that_the_output_does_not_see(self, student, rng):
        """A kink counts only if the output's slope changes there.

        relu(z) - relu(-z) = z has none, a unit with output weight 0 has none, and a kink below a unit that is off is
        invisible too.
        """
        a, visible, hidden = rng.uniform(0.15, 0.3), rng.uniform(0.4, 0.6), rng.uniform(0.7, 0.85)
        slopes = rng.uniform(0.5, 1.5, size=2)
        first = (np.array([[1.0, -1.0, 1.0, 1.0]]), np.array([-a, a, -visible, -hidden]))
        shallow = [first, (np.array([[slopes[0]], [-slopes[0]], [slopes[1]], [0.0]]), np.array([0.3]))]
        zero, one = np.zeros(1), np.ones(1)
        assert_close(_vector(student.breakpoints(shallow, zero, one)), [visible], **_KINKS)
        # Flat up to the visible kink: next to slopes that are only rounding, nothing but the largest one is a measure.
        for scale in rng.uniform(0.5, 1.5, size=3):
            flat = (np.append(first[0], [[1.0]], axis=1), np.append(first[1], 1.0))
            out = np.array([[scale], [-scale], [slopes[1]], [0.0], [-scale]])
            assert_close(_vector(student.breakpoints([flat, (out, np.zeros(1))], zero, one)), [visible], **_KINKS)
        # Layer 2: unit 1 sees the visible kink and is always on; unit 2 sees the hidden one and is always off.
        second = np.array([[0.0, 0.0], [0.0, 0.0], [slopes[1], 0.0], [0.0, 1.0]])
        deep = [first, (second, np.array([0.5, -2.0])), (np.array([[1.0], [1.5]]), np.zeros(1))]
        assert_close(_vector(student.breakpoints(deep, zero, one)), [visible], **_KINKS)

    def test_kinks_on_the_ends(self, student, rng):
        """A kink exactly at t = 0 or t = 1 is not inside the segment.

        The interval is open at both ends. What does your code do with a pre-activation that *is* zero there?
        """
        left, middle, right = -rng.integers(4, 9) / 4, rng.integers(-3, 4) / 4, rng.integers(4, 9) / 4
        v = rng.uniform(0.5, 1.5, size=(3, 1))
        layers = [(np.array([[1.0, -1.0, -1.0]]), -np.array([left, -middle, -right])), (v, np.zeros(1))]
        for start, end in ((left, right), (right, left)):
            expected = [(middle - start) / (end - start)]
            assert_close(_vector(student.breakpoints(layers, np.array([start]), np.array([end]))), expected, **_KINKS)

    @gated
    @weight(2)
    def test_no_kink_at_all(self, student, rng):
        """A network that is linear on the whole segment has no breakpoint: an array of shape (0,).

        Its hidden units may cross zero all the same. Rounding must not make a breakpoint of that.
        """
        start, end = rng.uniform(-1.0, -0.5, size=2), rng.uniform(0.5, 1.0, size=2)
        A = _single(rng.uniform(0.4, 1.2, size=(2, 3)))
        b = _single(-(start + np.array([0.25, 0.5, 0.75])[:, None] * (end - start)) @ A).diagonal()
        outs = [sign * rng.uniform(0.5, 1.5, size=(3, 1)) for sign in (1.0, -1.0)]
        for _ in range(100):
            C = rng.normal(size=(3, 3))  # relu(z) - relu(-z) = z, and the second layer is always on
            # Not nearly flat by luck: next to a slope that cancels, float32's rounding is no longer small.
            if all(abs(((end - start) @ A @ C @ out).item()) > 0.3 for out in outs):
                break
        second = (np.concatenate([C, -C]), np.full(3, 12.0))
        for out in outs:
            layers = [(np.concatenate([A, -A], axis=1), np.concatenate([b, -b])), second, (out, np.zeros(1))]
            found = _vector(student.breakpoints(layers, start, end))
            require(found.shape == (0,), f"expected no breakpoint, got {len(found)}")

    @gated
    def test_units_that_share_a_kink(self, student, rng):
        """Units of a later layer that cross zero at one point make one breakpoint.

        Their computed roots may differ in the last digit: what becomes of a piece that is 1e-16 long?
        """
        for _ in range(200):
            layers, start, end, _ = _well_separated(rng, (2, 5, 3, 1), fewest=4)
            (W, b), out = (np.round(64 * a) / 64 for a in layers[1]), _single(rng.uniform(0.5, 1.5, size=(12, 1)))
            if _closest_crossings([layers[0], (W, b), layers[2]], start, end) < 5e-3:
                continue
            copies = np.array([1.0, -3.0, 5.0, -7.0])  # the same zeros, other roundings on the way to them
            layers = [layers[0], (np.kron(copies, W), np.kron(copies, b)), (out, np.zeros(1))]
            kinks, changes = _scan(layers, start, end)
            if len(kinks) >= 3 and changes.min() > 1e-2:
                break
        assert_close(_vector(student.breakpoints(layers, start, end)), kinks, **_KINKS)

    @gated
    def test_scale_of_the_output(self, student, rng):
        """Multiplying the output by a constant moves no breakpoint, however small the constant is."""
        layers, start, end, kinks = _well_separated(rng, (3, 8, 1), fewest=3)
        for scale in (2.0**-20, -(2.0**12)):
            scaled = [layers[0], (scale * layers[1][0], scale * layers[1][1])]
            assert_close(_vector(student.breakpoints(scaled, start, end)), kinks, **_KINKS)

    @gated
    @weight(2)
    def test_reversing_the_segment(self, student, rng):
        """Walking back from end to start finds the same points, as 1 - t."""
        layers, start, end, kinks = _well_separated(rng, (2, 6, 5, 4, 1), fewest=4)
        assert_close(_vector(student.breakpoints(layers, end, start)), 1 - kinks[::-1], **_KINKS)

    @gated
    @weight(2)
    def test_two_halves_make_the_whole(self, student, rng):
        """The breakpoints of a segment are those of its two parts."""
        layers, start, end, kinks = _well_separated(rng, (3, 8, 1), fewest=3)
        wide = np.concatenate([[0.0], kinks, [1.0]])
        widest = np.argmax(np.diff(wide))
        cut = (wide[widest] + wide[widest + 1]) / 2
        middle = _single((1 - cut) * start + cut * end)
        first = cut * _vector(student.breakpoints(layers, start, middle))
        second = cut + (1 - cut) * _vector(student.breakpoints(layers, middle, end))
        assert_close(np.concatenate([first, second]), kinks, **_KINKS)


# --- 3.3 -----------------------------------------------------------------------------------------------------------


def _depths(rng, count: int) -> list[int]:
    """Different numbers of compositions from 2 to 7, small first."""
    return sorted(int(k) + 2 for k in rng.permutation(6)[:count])


@question("sawtooth", reference="the triangle wave |((2^k x + 1) mod 2) - 1| in closed form")
class TestSawtooth:
    def test_zeros_and_ones_alternate(self, student, rng):
        """f_k is 0 at even and 1 at odd multiples of 2^-k.

        k = 1 is the tent. If k = 2 fails, look at what enters the second hidden layer.
        """
        for k in (1, *_depths(rng, 3)):
            j = np.arange(2**k + 1)
            values = _forward(_network(student.sawtooth(k)), j / 2**k)
            assert_close(values, j % 2, atol=1e-3, why="float32 weights, slopes up to 128")

    def test_triangle_wave(self, student, rng):
        """Between those points f_k is straight: a triangle wave with slopes 2^k and -2^k.

        Each composition doubles the number of teeth and the slope.
        """
        for k in (1, *_depths(rng, 2)):
            x = rng.uniform(0.0, 1.0, size=30)
            wave = np.abs((2.0**k * x + 1) % 2 - 1)
            values = _forward(_network(student.sawtooth(k)), x)
            assert_close(values, wave, atol=2e-3, why="float32 weights, slopes up to 128")

    @gated
    @weight(2)
    def test_k_hidden_layers_of_two_units(self, student, rng):
        """k hidden layers of two units each: 2k units make 2^k pieces.

        No ReLU is needed between one tent's output and the next tent's first layer: multiply the two matrices. A single
        wide layer is right as a function, and needs 2^k - 1 units.
        """
        for k in (1, *_depths(rng, 2)):
            net = _network(student.sawtooth(k))
            require(len(net) == k + 1, f"k = {k} needs {k} hidden layers and the output layer, {k + 1} pairs (W, b)")
            require(all(W.shape[1] == 2 for W, _ in net[:-1]), "every hidden layer has two units")


# --- 3.4 -----------------------------------------------------------------------------------------------------------


def _uneven_grid(rng, a: float, b: float, size: int = 1001) -> np.ndarray:
    """From a to b with spacings between 1 and 3 units that grow along the interval."""
    spacing = np.linspace(1.0, 3.0, size - 1) * rng.uniform(0.8, 1.2, size=size - 1)
    return _single(a + (b - a) * np.concatenate([[0.0], np.cumsum(spacing)]) / spacing.sum())


def _exponential(rng):
    """g = A e^(r x) on [a, b] with a negative: grid, g'', and knots and error in closed form for n pieces."""
    r, A = rng.uniform(2.0, 3.5), rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 2.0)
    a, b = _single(rng.uniform(-1.2, -0.8)), _single(rng.uniform(0.3, 0.6))
    grid = _uneven_grid(rng, a, b)
    curvature = _single(A * r**2 * np.exp(r * grid))
    ends = np.exp(r * a / 2), np.exp(r * b / 2)
    knots = lambda n: 2 / r * np.log(ends[0] + (ends[1] - ends[0]) * np.arange(n + 1) / n)
    error = lambda n: abs(A) * 4 * (ends[1] - ends[0]) ** 2 / (8 * n**2)  # F(b) = 2 sqrt|A| (e^(rb/2) - e^(ra/2))
    return grid, curvature, knots, error, lambda x: A * np.exp(r * x)


def _knots_and_error(result) -> tuple[np.ndarray, object]:
    knots, error = _tuple(result, 2, "(knots, error)")
    return _vector(knots), error


_PLACES = dict(rtol=0.0, atol=4e-3, why="left, right and trapezoidal sums over 1000 cells differ by less than 3e-3")
_RATE = dict(rtol=1e-2, why="left, right and trapezoidal sums over 1000 cells differ by less than half a per cent")


@question("free_knots", reference="closed forms for powers and exponentials; the spline's measured sup error")
class TestFreeKnots:
    @weight(2)
    def test_knots_for_a_power(self, student, rng):
        """If g'' = A x^p on [0, 1], the i-th of n + 1 knots is (i/n)^(2/(p+2)).

        The *square root* of |g''| is shared out evenly, and the grid is not equally spaced. A may be negative.
        """
        for p, n, sign in ((2.0, 4, 1.0), (1.0, 7, -1.0)):
            grid = _uneven_grid(rng, 0.0, 1.0)
            curvature = _single(sign * rng.uniform(0.5, 3.0) * grid**p)
            knots, _ = _knots_and_error(student.free_knots(grid, curvature, n))
            assert_close(knots, (np.arange(n + 1) / n) ** (2 / (p + 2)), **_PLACES)

    @weight(2)
    def test_knots_for_an_exponential(self, student, rng):
        """The same for g = A e^(rx) on an interval that does not start at 0.

        F starts at 0 at the left end of the grid; its inverse must lead back to x.
        """
        grid, curvature, knots, _, _ = _exponential(rng)
        for n in (4, 7):
            assert_close(_knots_and_error(student.free_knots(grid, curvature, n))[0], knots(n), **_PLACES)

    @weight(2)
    def test_leading_order_error(self, student, rng):
        """The error is F(b)^2 / (8 n^2), n the number of pieces.

        F(b) is the integral of sqrt|g''| over the whole interval.
        """
        grid, curvature, _, error, _ = _exponential(rng)
        for n in (4, 7):
            assert_close(_knots_and_error(student.free_knots(grid, curvature, n))[1], error(n), **_RATE)

    @gated
    def test_scale_of_the_curvature(self, student, rng):
        """Twelve times the curvature: the same knots, twelve times the error."""
        grid, curvature, knots, error, _ = _exponential(rng)
        found, bound = _knots_and_error(student.free_knots(grid, 12 * curvature, 7))
        assert_close(found, knots(7), **_PLACES)
        assert_close(bound, 12 * error(7), **_RATE)

    @gated
    def test_first_and_last_knot_are_the_ends(self, student, rng):
        """The knots increase from the left end of the grid to its right end."""
        grid, curvature, _, _, _ = _exponential(rng)
        knots, _ = _knots_and_error(student.free_knots(grid, curvature, 7))
        ends = grid[[0, -1]]
        assert_close(knots[[0, -1]], ends, rtol=0.0, atol=1e-4, why="float32 sums, inverted near the end")
        require(bool(np.all(np.diff(knots) > 0)), "the knots must increase")

    @gated
    @weight(2)
    def test_all_pieces_are_equally_bad(self, student, rng):
        """The spline through your knots has the error that you predict, and it has it in every piece."""
        grid, curvature, _, error, g = _exponential(rng)
        knots, _ = _knots_and_error(student.free_knots(grid, curvature, 24))
        require(bool(np.all(np.isfinite(knots))), "the knots must be finite")
        inside = np.linspace(knots[:-1], knots[1:], 201)
        share = np.linspace(0.0, 1.0, 201)[:, None]
        worst = np.abs(g(inside) - ((1 - share) * g(knots[:-1]) + share * g(knots[1:]))).max(axis=0)
        expected = np.full(24, error(24))
        assert_close(worst, expected, rtol=0.06, why="next order 1/n^2; a cell of the grid is 2 % of a piece or less")


# --- 3.5 -----------------------------------------------------------------------------------------------------------


def _erf_moments(q: float, c: float) -> tuple[float, float, float]:
    """E phi^2, E phi(u1) phi(u2), E phi'^2 for phi = erf (Williams 1997)."""
    angle = lambda s: 2 / np.pi * np.arcsin(2 * s / (1 + 2 * q))
    return angle(q), angle(q * c), 4 / np.pi / np.sqrt(1 + 4 * q)


def _relu_moments(q: float, c: float) -> tuple[float, float, float]:
    """The same for ReLU: the arc-cosine kernel of degree 1 (Cho and Saul 2009)."""
    angle = np.arccos(c)
    return q / 2, q / (2 * np.pi) * (np.sin(angle) + (np.pi - angle) * np.cos(angle)), 0.5


def _wave_moments(q: float, c: float) -> tuple[float, float, float]:
    """The same for sin x + cos(x) / 2, from the characteristic function of a Gaussian."""
    e = np.exp(-2 * q)
    square = (1 - e) / 2 + (1 + e) / 8
    product = np.exp(-q) * (np.sinh(q * c) + np.cosh(q * c) / 4)
    return square, product, (1 + e) / 2 + (1 - e) / 8


def _tanh_moments(q: float, c: float) -> tuple[float, float, float]:
    """The same for tanh, by the trapezoidal rule on 400 x 400 points up to 8 standard deviations."""
    z = np.linspace(-8.0, 8.0, 400)
    w = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    u1, u2 = np.sqrt(q) * z, np.sqrt(q) * (c * z[:, None] + np.sqrt(1 - c**2) * z)
    return w @ np.tanh(u1) ** 2, (w * np.tanh(u1)) @ np.tanh(u2) @ w, w @ (1 - np.tanh(u1) ** 2) ** 2


def _maps(moments, q: float, c: float, sigma_w: float, sigma_b: float) -> tuple[float, float, float]:
    """(q', c', chi) from the three Gaussian moments."""
    square, product, slope = moments(q, c)
    q_next = sigma_w**2 * square + sigma_b**2
    return q_next, (sigma_w**2 * product + sigma_b**2) / q_next, sigma_w**2 * slope


def _setting(rng, sign: float) -> tuple[float, float, float, float]:
    """q, c, sigma_w, sigma_b away from every special value; c has the given sign."""
    q, c = rng.uniform(0.6, 1.8), sign * rng.uniform(0.3, 0.8)
    return float(q), float(c), float(rng.uniform(1.2, 1.7)), float(rng.uniform(0.4, 0.8))


def _three_activations(student, rng):
    """The student's (q', c', chi) and the expected ones, for ReLU, erf and a function that is neither odd nor even."""
    q, c, sigma_w, sigma_b = _setting(rng, 1.0)
    result = student.run(lambda ns: ns.mean_field_step(jax.nn.relu, q, c, sigma_w, sigma_b))
    yield _step(result), _maps(_relu_moments, q, c, sigma_w, sigma_b)
    q, c, sigma_w, sigma_b = _setting(rng, -1.0)
    result = student.run(lambda ns: ns.mean_field_step(jax.lax.erf, q, c, sigma_w, sigma_b))
    yield _step(result), _maps(_erf_moments, q, c, sigma_w, sigma_b)
    q, c, sigma_w, sigma_b = _setting(rng, -1.0)
    result = student.run(
        lambda ns: ns.mean_field_step(lambda x: jnp.sin(x) + 0.5 * jnp.cos(x), q, c, sigma_w, sigma_b)
    )
    yield _step(result), _maps(_wave_moments, q, c, sigma_w, sigma_b)


def _step(result) -> list:
    return _tuple(result, 3, "(q', c', chi)")


@question("mean_field", reference="closed forms for ReLU, erf and sin + cos / 2; float64 quadrature for tanh")
class TestMeanField:
    def test_variance_map(self, student, rng):
        """q' = sigma_w^2 E phi(sqrt(q) z)^2 + sigma_b^2.

        Weights of the quadrature must sum to 1; q is a mean square and the sigmas are standard deviations.
        """
        for found, expected in _three_activations(student, rng):
            assert_close(found[0], expected[0], rtol=5e-3, why="quadratures that are good to 2e-3")

    def test_correlation_map(self, student, rng):
        """c' is the new covariance, with the shared bias, over the new mean square.

        The two inputs are correlated Gaussians, c may be negative, and no mean is subtracted.
        """
        for found, expected in _three_activations(student, rng):
            assert_close(found[1], expected[1], rtol=0.0, atol=5e-3, why="quadratures that are good to 2e-3")

    def test_slope_chi(self, student, rng):
        """chi = sigma_w^2 E phi'(sqrt(q) z)^2.

        The derivative is taken at sqrt(q) z, not at z, and it is squared before it is averaged.
        """
        for found, expected in _three_activations(student, rng):
            assert_close(found[2], expected[2], rtol=2e-2, why="the derivative of a ReLU jumps between two nodes")

    @gated
    def test_tanh(self, student, rng):
        """All three numbers for tanh, where nobody has a closed form."""
        q, c, sigma_w, sigma_b = _setting(rng, -1.0)
        found = _step(student.run(lambda ns: ns.mean_field_step(jnp.tanh, q, c, sigma_w, sigma_b)))
        for value, expected in zip(found, _maps(_tanh_moments, q, c, sigma_w, sigma_b), strict=True):
            assert_close(value, expected, rtol=5e-3, atol=3e-3, why="quadratures that are good to 2e-3")

    @gated
    @weight(2)
    def test_identical_and_opposite_inputs(self, student, rng):
        """Identical inputs stay identical, c' = 1; without a bias an odd activation keeps opposite ones opposite.

        c = 1 and c = -1 are legal inputs: what does your code take the square root of?
        """
        q, _, sigma_w, sigma_b = _setting(rng, 1.0)
        for c, bias in ((1.0, sigma_b), (-1.0, 0.0)):
            found = _step(student.run(lambda ns: ns.mean_field_step(jnp.tanh, q, c, sigma_w, bias)))
            expected = _maps(_tanh_moments, q, c, sigma_w, bias)
            assert_close(found[0], expected[0], rtol=5e-3, why="quadratures that are good to 2e-3")
            assert_close(found[1], c, rtol=0.0, atol=5e-3, why="what the text asks for")
