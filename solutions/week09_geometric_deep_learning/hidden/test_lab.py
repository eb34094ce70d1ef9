"""Hidden suite of week09/lab. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

Every expected value is computed here, in NumPy float64, and never with the student's code. Groups are written out as
matrices or index formulas of our own. Each question ends with gated tests of about half its weight.
"""

import itertools

import jax.numpy as jnp
import numpy as np

from autograder.testing import as_array, assert_close, gated, question, require, weight

FLOAT32 = "float32 rounding over a few dozen operations is below 1e-5 of the largest entry"


def as32(a):
    """Rounded to float32 and back, so that both sides compute with the same numbers."""
    return np.asarray(a, np.float32).astype(np.float64)


def cyclic_turns(order, steps=1):
    """Rotations of the plane by steps * 2 pi / order, in float32-exact float64; (order, 2, 2)."""
    angle = 2 * np.pi * steps * np.arange(order) / order
    c, s = np.cos(angle), np.sin(angle)
    return as32(np.moveaxis(np.array([[c, -s], [s, c]]), -1, 0))


def cyclic_shifts(order):
    """Cyclic permutations of `order` coordinates, as matrices."""
    return np.stack([np.roll(np.eye(order), g, axis=0) for g in range(order)])


def s3():
    """S_3: permutation matrices (6, 3, 3), and their action on the plane in a skew basis (6, 2, 2).

    The plane is spanned by e_1 - e_2 and e_2 - e_3: the two matrices are whole numbers, and not orthogonal.
    """
    permuted = np.stack([np.eye(3)[:, list(p)] for p in itertools.permutations(range(3))])
    basis = np.array([[1.0, 0.0], [-1.0, 1.0], [0.0, -1.0]])
    plane = np.round(np.linalg.pinv(basis) @ permuted @ basis)
    return permuted, plane


def skewed(rho, rng):
    """The same representation in a basis that is not orthogonal (condition number about 4)."""
    n = rho.shape[1]
    basis = np.eye(n) + np.triu(rng.uniform(0.4, 0.9, size=(n, n)), 1)
    return as32(np.linalg.inv(basis) @ rho @ basis)


def network(rng, n_in, n_out):
    """Weights (V, W, b) of v -> V tanh(W v + b), a map without any symmetry."""
    return rng.normal(size=(n_out, 4)), rng.normal(size=(4, n_in)), rng.normal(size=(4,))


def numpy_network(weights, v):
    V, W, b = weights
    return V @ np.tanh(W @ v + b)


# --- 1 --------------------------------------------------------------------------------------------------------------


def error_reference(f, rho_in, rho_out, x):
    """Root of mean squared gap over mean squared output, one element and one example at a time."""
    gaps = [np.sum((f(a @ v) - b @ f(v)) ** 2) for a, b in zip(rho_in, rho_out, strict=True) for v in x]
    return np.sqrt(np.mean(gaps) / np.mean([np.sum(f(v) ** 2) for v in x]))


def measured(student, weights, rho_in, rho_out, x):
    def probe(ns, weights, rho_in, rho_out, x):
        V, W, b = weights
        return ns.equivariance_error(lambda v: V @ jnp.tanh(W @ v + b), rho_in, rho_out, x)

    return student.run(probe, weights, rho_in, rho_out, x)


@question("equivariance_error", reference="the double sum over group and batch, one term at a time, in float64")
class TestEquivarianceError:
    def test_a_cyclic_group(self, student, rng):
        """A cyclic group that acts differently before and after the map: it shifts, and then it turns.

        Squared gaps are averaged over all elements of the group, the identity too, then divided, then the root is taken.
        """
        rho_in, rho_out = np.concatenate([cyclic_shifts(3)] * 2), cyclic_turns(6)
        weights, x = network(rng, 3, 2), rng.normal(size=(4, 3))
        expected = error_reference(lambda v: numpy_network(weights, v), rho_in, rho_out, x)
        assert_close(measured(student, weights, rho_in, rho_out, x), expected, why=FLOAT32)

    @weight(2)
    def test_examples_of_very_different_size(self, student, rng):
        """A batch in which one example is a hundred times larger: averages first, ratio afterwards.

        The mean of ratios is another number than the ratio of means. The map is applied to one vector at a time.
        """
        shifts = cyclic_shifts(3)
        W, x = rng.normal(size=(3, 3)), rng.normal(size=(6, 3)) * np.array([[1.0, 100.0, 0.01, 1.0, 10.0, 1.0]]).T
        got = student.run(lambda ns, W, s, x: ns.equivariance_error(lambda v: W @ v + 1.0, s, s, x), W, shifts, as32(x))
        assert_close(got, error_reference(lambda v: W @ v + 1.0, shifts, shifts, as32(x)), why=FLOAT32)

    def test_a_group_that_does_not_commute(self, student, rng):
        """S_3 before the map as permutations, after it as skew matrices of the plane.

        f acts on the moved input, the group on the unmoved output; each element keeps its two matrices together, and
        neither is transposed.
        """
        permuted, plane = s3()
        weights, x = network(rng, 3, 2), rng.normal(size=(4, 3))
        expected = error_reference(lambda v: numpy_network(weights, v), permuted, plane, x)
        assert_close(measured(student, weights, permuted, plane, x), expected, why=FLOAT32)

    def test_a_part_of_a_group(self, student, rng):
        """Two elements of S_3, one of them a turn without its inverse: the formula as it stands.

        What is given is averaged over. For a whole group g and its inverse may be exchanged, here they may not.
        """
        permuted, plane = (rho[[3, 1]] for rho in s3())
        weights, x = network(rng, 3, 2), rng.normal(size=(4, 3))
        expected = error_reference(lambda v: numpy_network(weights, v), permuted, plane, x)
        assert_close(measured(student, weights, permuted, plane, x), expected, why=FLOAT32)

    @gated
    @weight(2)
    def test_equivariant_maps_have_none(self, student, rng):
        """Circulant matrices commute with shifts: error 0 up to rounding, and a bias at one place spoils it by a known amount.

        If the first fails, look at which side the group acts.
        """
        shifts, row = cyclic_shifts(3), rng.normal(size=3)
        circulant = np.stack([np.roll(row, g) for g in range(3)])
        bias, x = np.array([float(rng.uniform(0.5, 1.5)), 0.0, 0.0]), rng.normal(size=(6, 3))
        for b in (0 * bias, bias):
            got = student.run(lambda ns, A, b, s, x: ns.equivariance_error(lambda v: A @ v + b, s, s, x), circulant, b, shifts, x)
            expected = error_reference(lambda v, b=b: circulant @ v + b, shifts, shifts, x)
            assert_close(got, expected, atol=1e-5, why="sums in another order: float32 rounding")

    @gated
    @weight(2)
    def test_the_scale_of_the_output_drops_out(self, student, rng):
        """A map that averages to nothing has error sqrt(2) on data that is closed under the group, at any scale.

        The error is relative: multiplying f by 1000 changes nothing.
        """
        shifts, seeds = cyclic_shifts(3), rng.normal(size=(3, 2))
        orbit = as32(np.concatenate((shifts @ seeds).swapaxes(1, 2)))
        A = rng.normal(size=(3, 3))
        odd = as32(A - np.mean([np.linalg.inv(s) @ A @ s for s in shifts], axis=0))
        for scale in (1.0, 1000.0):
            got = student.run(
                lambda ns, A, s, x: ns.equivariance_error(lambda v: A @ v, s, s, x), scale * odd, shifts, orbit
            )
            assert_close(got, np.sqrt(2.0), why=FLOAT32)


# --- 2 --------------------------------------------------------------------------------------------------------------


def average_reference(f, rho_in, rho_out, v):
    """The group average, one element at a time."""
    return sum(np.linalg.solve(b, f(a @ v)) for a, b in zip(rho_in, rho_out, strict=True)) / len(rho_in)


def averaged(student, weights, rho_in, rho_out, x):
    """The student's averaged network at every row of x, one call per row."""

    def probe(ns, weights, rho_in, rho_out, x):
        V, W, b = weights
        mean = ns.reynolds(lambda v: V @ jnp.tanh(W @ v + b), rho_in, rho_out)
        return [mean(v) for v in x]

    return student.run(probe, weights, rho_in, rho_out, x)


@question("reynolds", reference="the sum over group elements, solved one at a time in float64")
class TestReynolds:
    def test_turns_by_a_sixth(self, student, rng):
        """C_6 on the plane, in and out: the mean of what was done, mapped, and undone.

        A sixth of a turn is not its own inverse: with half turns you cannot see which side needs it.
        """
        turns, weights, x = cyclic_turns(6), network(rng, 2, 2), rng.normal(size=(2, 2))
        expected = [average_reference(lambda u: numpy_network(weights, u), turns, turns, v) for v in x]
        assert_close(averaged(student, weights, turns, turns, x), expected, why=FLOAT32)

    def test_different_actions_before_and_after(self, student, rng):
        """S_3 permutes three inputs and acts on the two outputs by skew matrices.

        The inverse of a matrix is its transpose only if it is orthogonal; and S_3 does not commute.
        """
        permuted, plane = s3()
        weights, x = network(rng, 3, 2), rng.normal(size=(2, 3))
        expected = [average_reference(lambda u: numpy_network(weights, u), permuted, plane, v) for v in x]
        assert_close(averaged(student, weights, permuted, plane, x), expected, why=FLOAT32)

    def test_a_skew_basis_before(self, student, rng):
        """Inputs in a basis that is not orthogonal, outputs in another one.

        rho_in is used as it is; only the output is undone.
        """
        permuted, plane = s3()
        rho_in = skewed(permuted, rng)
        weights, x = network(rng, 3, 2), rng.normal(size=(2, 3))
        expected = [average_reference(lambda u: numpy_network(weights, u), rho_in, plane, v) for v in x]
        assert_close(averaged(student, weights, rho_in, plane, x), expected, why=FLOAT32)

    def test_a_part_of_a_group(self, student, rng):
        """Two elements of S_3, one of them a turn without its inverse element: matrices are inverted, elements are not looked up.

        Forth at the input, back at the output: for a whole group the two may be exchanged, here they may not.
        """
        permuted, plane = (rho[[3, 1]] for rho in s3())
        weights, x = network(rng, 3, 2), rng.normal(size=(2, 3))
        expected = [average_reference(lambda u: numpy_network(weights, u), permuted, plane, v) for v in x]
        assert_close(averaged(student, weights, permuted, plane, x), expected, why=FLOAT32)

    @gated
    def test_equivariant_maps_stay(self, student, rng):
        """Averaging is a projection: a map that is equivariant already comes back unchanged.

        With a sum for the mean it comes back multiplied by the number of elements.
        """
        turns, (a, b), x = cyclic_turns(6), rng.normal(size=2), rng.normal(size=(2, 2))

        def probe(ns, a, b, turns, x):
            mean = ns.reynolds(lambda v: jnp.array([a * v[0] - b * v[1], b * v[0] + a * v[1]]) * (v @ v), turns, turns)
            return [mean(v) for v in x]

        expected = [np.array([[a, -b], [b, a]]) @ v * (v @ v) for v in x]
        assert_close(student.run(probe, a, b, turns, x), expected, why=FLOAT32)

    @gated
    @weight(2)
    def test_the_average_is_equivariant(self, student, rng):
        """Move the input by any element of S_3: the averaged output moves along.

        The average runs over all elements given, each once.
        """
        permuted, plane = s3()
        weights, v = network(rng, 3, 2), rng.normal(size=3)
        base = average_reference(lambda u: numpy_network(weights, u), permuted, plane, v)
        got = averaged(student, weights, permuted, plane, permuted @ v)
        assert_close(got, list(plane @ base), why=FLOAT32)


# --- 3 --------------------------------------------------------------------------------------------------------------


def turned(plane, times):
    """A square array turned counter-clockwise, by the index formula new[i, j] = old[j, k - 1 - i]."""
    for _ in range(times % 4):
        k = len(plane)
        plane = np.array([[plane[j, k - 1 - i] for j in range(k)] for i in range(k)])
    return plane


def correlation(image, filter_):
    """Valid cross-correlation of two planes, one output pixel at a time."""
    k = len(filter_)
    rows, columns = image.shape[0] - k + 1, image.shape[1] - k + 1
    return np.array([[np.sum(image[i : i + k, j : j + k] * filter_) for j in range(columns)] for i in range(rows)])


def lift_reference(image, filters):
    return np.stack([
        np.stack([sum(correlation(x, turned(f, r)) for x, f in zip(image, per_out, strict=True)) for r in range(4)])
        for per_out in filters
    ])  # fmt: skip


def group_conv_reference(features, filters):
    """The sum over h of f(h) psi(g^-1 h), orientations written out."""
    out = []
    for per_out in filters:
        planes = []
        for r in range(4):
            terms = [
                correlation(features[c, s], turned(per_out[c, (s - r) % 4], r))
                for c in range(len(features)) for s in range(4)
            ]  # fmt: skip
            planes.append(sum(terms))
        out.append(np.stack(planes))
    return np.stack(out)


@question("lift", reference="index formulas for the quarter turn and explicit sums over pixels, float64")
class TestLift:
    def test_filters_in_four_orientations(self, student, rng):
        """Filters of size 3: plane r belongs to the filter turned r times counter-clockwise.

        The image is left as it is; the filter is turned, within its last two axes.
        """
        image, filters = rng.normal(size=(2, 5, 5)), rng.normal(size=(2, 2, 3, 3))
        assert_close(student.lift(image, filters), lift_reference(image, filters), why=FLOAT32)

    def test_channels_and_an_even_filter(self, student, rng):
        """Three input channels, two filters of size 2, an image that is wider than high.

        Sum over input channels, keep output channels and orientations apart: axes (c_out, 4, height, width).
        """
        image, filters = rng.normal(size=(3, 4, 6)), rng.normal(size=(2, 3, 2, 2))
        assert_close(student.lift(image, filters), lift_reference(image, filters), why=FLOAT32)

    def test_the_plane_that_is_not_turned(self, student, rng):
        """Plane 0 alone: a plain cross-correlation with the filters as they are, summed over input channels."""
        image, filters = rng.normal(size=(2, 5, 5)), rng.normal(size=(2, 2, 3, 3))
        got = as_array(student.lift(image, filters), (2, 4, 3, 3), "The planes")
        assert_close(got[:, 0], lift_reference(image, filters)[:, 0], why=FLOAT32)

    @gated
    @weight(2)
    def test_turning_the_image(self, student, rng):
        """Turn the image, and every plane turns and moves on to the next orientation.

        If planes turn but stay, or move backwards, look at the direction of your turn.
        """
        image, filters = rng.normal(size=(2, 5, 5)), rng.normal(size=(2, 2, 3, 3))
        still = lift_reference(image, filters)
        for times in (1, 2):
            expected = np.stack([np.stack([turned(o[(r - times) % 4], times) for r in range(4)]) for o in still])
            moved = np.stack([turned(channel, times) for channel in image])
            assert_close(student.lift(moved, filters), expected, why=FLOAT32)


# --- 4 --------------------------------------------------------------------------------------------------------------


@question("group_conv", reference="the sum over group elements, index by index, float64")
class TestGroupConv:
    def test_orientations_only(self, student, rng):
        """Filters of 1 x 1 pixel: what is left is a correlation over the four orientations.

        Output r sees input s through the filter's plane s - r, modulo 4.
        """
        features, filters = rng.normal(size=(1, 4, 2, 2)), rng.normal(size=(1, 1, 4, 1, 1))
        assert_close(student.group_conv(features, filters), group_conv_reference(features, filters), why=FLOAT32)

    def test_turn_and_shift_together(self, student, rng):
        """Filters of 3 x 3 pixels: every plane of the filter is turned r times, and planes are shifted by r.

        Both happen: a filter that is turned but not shifted, or the other way round, has the right shape all the same.
        """
        features, filters = rng.normal(size=(2, 4, 4, 4)), rng.normal(size=(2, 2, 4, 3, 3))
        assert_close(student.group_conv(features, filters), group_conv_reference(features, filters), why=FLOAT32)

    def test_channels(self, student, rng):
        """Three channels in, two out, planes that are not square, filters of 2 x 2.

        Sum over input channels and input orientations; output channels and orientations are kept.
        """
        features, filters = rng.normal(size=(3, 4, 3, 4)), rng.normal(size=(2, 3, 4, 2, 2))
        assert_close(student.group_conv(features, filters), group_conv_reference(features, filters), why=FLOAT32)

    @weight(2)
    def test_the_plane_that_is_not_turned(self, student, rng):
        """Plane 0 of the output alone: nothing is turned or shifted there, all channels and orientations are summed."""
        features, filters = rng.normal(size=(2, 4, 4, 4)), rng.normal(size=(2, 2, 4, 3, 3))
        got = as_array(student.group_conv(features, filters), (2, 4, 2, 2), "The output")
        assert_close(got[:, 0], group_conv_reference(features, filters)[:, 0], why=FLOAT32)

    @gated
    @weight(4)
    def test_commutes_with_the_quarter_turn(self, student, rng):
        """Turn all planes of the input and move them to the next orientation: the output does the same.

        This is what the layer is for. Any of the 1, 2 or 3 quarter turns.
        """
        features, filters = rng.normal(size=(2, 4, 4, 4)), rng.normal(size=(2, 2, 4, 3, 3))

        def moved(f, times):
            return np.stack([np.stack([turned(c[(s - times) % 4], times) for s in range(4)]) for c in f])

        still = group_conv_reference(features, filters)
        for times in (1, 3):
            assert_close(student.group_conv(moved(features, times), filters), moved(still, times), why=FLOAT32)


# --- 5 --------------------------------------------------------------------------------------------------------------


def egnn_weights(rng):
    """Weights for three features, messages of length four and two new features."""
    return {
        "receiver": rng.normal(size=(3, 4)), "sender": rng.normal(size=(3, 4)), "distance": rng.normal(size=(4,)) / 4,
        "move": rng.normal(size=(4,)) / 2, "old": rng.normal(size=(3, 2)), "new": rng.normal(size=(4, 2)),
    }  # fmt: skip


def egnn_functions(xp, w):
    """The three functions of the layer, for one pair or one point."""
    return (
        lambda a, b, s: xp.tanh(a @ w["receiver"] + b @ w["sender"] + xp.asarray(s)[..., None] * w["distance"]),
        lambda m: m @ w["move"],
        lambda a, m: xp.tanh(a @ w["old"] + m @ w["new"]),
    )


def egnn_reference(x, h, functions):
    phi_e, phi_x, phi_h = functions
    n, new_x, new_h = len(x), [], []
    for i in range(n):
        messages = {j: phi_e(h[i], h[j], np.sum((x[i] - x[j]) ** 2)) for j in range(n) if j != i}
        new_x.append(x[i] + sum((x[i] - x[j]) * phi_x(m) for j, m in messages.items()) / (n - 1))
        new_h.append(phi_h(h[i], sum(messages.values())))
    return np.stack(new_x), np.stack(new_h)


def egnn_layer(student, x, h, w):
    def probe(ns, x, h, w):
        def phi_e(a, b, s):
            return jnp.tanh(a @ w["receiver"] + b @ w["sender"] + jnp.asarray(s)[..., None] * w["distance"])

        return ns.egnn_layer(x, h, phi_e, lambda m: m @ w["move"], lambda a, m: jnp.tanh(a @ w["old"] + m @ w["new"]))

    return student.run(probe, x, h, w)


def check_one_result(student, rng, index):
    """The positions (0) or the features (1) of five points in the plane, whatever the others are."""
    x, h, w = rng.normal(size=(5, 2)), rng.normal(size=(5, 3)), egnn_weights(rng)
    got = egnn_layer(student, x, h, w)
    require(isinstance(got, (list, tuple, np.ndarray)) and len(got) == 2, "return the pair (positions, features)")
    assert_close(got[index], egnn_reference(x, h, egnn_functions(np, w))[index], why=FLOAT32)


@question("egnn", reference="loops over receivers and senders in float64")
class TestEgnn:
    def test_two_points(self, student, rng):
        """Two points in space: each gets the other's message, and moves along their difference.

        Receiver first, sender second, then the squared distance. The difference is receiver minus sender.
        """
        x, h, w = rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), egnn_weights(rng)
        assert_close(egnn_layer(student, x, h, w), egnn_reference(x, h, egnn_functions(np, w)), why=FLOAT32)

    @weight(2)
    def test_the_positions_alone(self, student, rng):
        """The new positions, whatever the features are: each point moves away from, or towards, all others."""
        check_one_result(student, rng, 0)

    @weight(2)
    def test_the_features_alone(self, student, rng):
        """The new features, whatever the positions are: each point hears the sum of all messages to it."""
        check_one_result(student, rng, 1)

    def test_a_cloud_in_the_plane(self, student, rng):
        """Five points in the plane: messages are summed over all others, moves are averaged with 1 / (n - 1).

        No point sends itself a message. Positions and features are both computed from the old ones.
        """
        x, h, w = rng.normal(size=(5, 2)), rng.normal(size=(5, 3)), egnn_weights(rng)
        assert_close(egnn_layer(student, x, h, w), egnn_reference(x, h, egnn_functions(np, w)), why=FLOAT32)

    def test_two_points_at_one_place(self, student, rng):
        """Two of five points are at the same place, with different features: they are two points, and talk to each other.

        Only the number of a point says which one it is itself; distance 0 does not.
        """
        x, h, w = rng.normal(size=(5, 2)), rng.normal(size=(5, 3)), egnn_weights(rng)
        one, other = rng.permutation(5)[:2]
        x[one] = x[other]
        assert_close(egnn_layer(student, x, h, w), egnn_reference(x, h, egnn_functions(np, w)), why=FLOAT32)

    @gated
    @weight(3)
    def test_turned_mirrored_and_moved(self, student, rng):
        """Under a rotation, a reflection and a shift of all points, positions move along and features stay.

        Then in another order: the results come in that order.
        """
        x, h, w = rng.normal(size=(5, 2)), rng.normal(size=(5, 3)), egnn_weights(rng)
        new_x, new_h = egnn_reference(x, h, egnn_functions(np, w))
        angle, shift, order = rng.uniform(0, 6), rng.normal(size=2), rng.permutation(5)
        turn = np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]])
        got = egnn_layer(student, as32(x @ turn.T + shift)[order], h[order], w)
        assert_close(got, ((new_x @ turn.T + shift)[order], new_h[order]), why=FLOAT32)

    @gated
    @weight(2)
    def test_a_force_that_is_infinite_at_distance_zero(self, student, rng):
        """Coulomb's law: the message 1 / distance^2 is infinite for a point and itself, and must not be used.

        0 times infinity is NaN: leave the pair (i, i) out, or select with jnp.where instead of multiplying by 0.
        """
        angles = np.array([0.0, 1.2, 2.5, 3.75, 5.0]) + rng.uniform(-0.28, 0.28, size=5)
        x, h = as32(np.stack([np.cos(angles), np.sin(angles)], axis=1)), rng.normal(size=(5, 1))

        def probe(ns, x, h):
            coulomb = lambda a, b, s: jnp.reshape(a[..., 0] * b[..., 0] / s, (*jnp.shape(s), 1))
            return ns.egnn_layer(x, h, coulomb, lambda m: m[..., 0], lambda a, m: a + m)

        expected = egnn_reference(
            x, h, (lambda a, b, s: np.array([a[0] * b[0] / s]), lambda m: m[0], lambda a, m: a + m)
        )
        assert_close(student.run(probe, x, h), expected, rtol=1e-3, why="1 / distance^2 of points at least 0.6 apart")

        def probe(ns, x, h):
            square = lambda a, b, s: jnp.reshape(s, (*jnp.shape(s), 1))
            return ns.egnn_layer(x, h, square, lambda m: 1 / m[..., 0], lambda a, m: a + m)

        expected = egnn_reference(x, h, (lambda a, b, s: np.array([s]), lambda m: 1 / m[0], lambda a, m: a + m))
        assert_close(student.run(probe, x, h), expected, rtol=1e-3, why="1 / distance^2 of points at least 0.6 apart")


# --- 6 --------------------------------------------------------------------------------------------------------------


def lopsided(xp, w, y):
    """A map of clouds to clouds without any symmetry: it mixes points, has a bias, and is not linear."""
    mix, twist, bias = w
    return mix @ xp.tanh(y @ twist + bias)


def lopsided_weights(rng, n, d):
    return rng.normal(size=(n, n)), rng.normal(size=(d, d)) / 2, rng.uniform(0.3, 0.9, size=(d,))


def elongated(rng, n, d):
    """A cloud whose principal axes are well separated and point anywhere; its centre is not at 0."""
    while True:
        axes, _ = np.linalg.qr(rng.normal(size=(d, d)))
        x = as32(rng.normal(size=(n, d)) * np.array([0.4, 0.9, 1.8])[:d] @ axes.T + rng.normal(size=d))
        y = x - x.mean(axis=0)
        values = np.linalg.eigvalsh(y.T @ y)
        if values[0] > 0.05 and np.all(values[1:] > 1.6 * values[:-1]):
            return x


def frame_reference(f, x):
    """Average over all sign choices of the principal axes from the singular value decomposition, float64."""
    center = x.mean(axis=0)
    axes = np.linalg.svd(x - center)[2][::-1]  # rows, by ascending singular value
    total = np.zeros_like(x)
    for signs in itertools.product((1.0, -1.0), repeat=x.shape[1]):
        R = (np.array(signs)[:, None] * axes).T
        total += f((x - center) @ R) @ R.T
    return center + total / 2 ** x.shape[1]


def frame_averaged(student, x, w):
    def probe(ns, x, w):
        mix, twist, bias = w
        return ns.frame_average(lambda y: mix @ jnp.tanh(y @ twist + bias), x)

    return student.run(probe, x, w)


EIGENVECTORS = "eigenvectors in float32, eigenvalues apart by a factor 1.6 or more"


@question("frames", reference="singular vectors with all signs, in float64")
class TestFrames:
    def test_clouds_in_the_plane(self, student, rng):
        """Five points in the plane: four frames, the mean of the four results, turned back.

        Columns of U are the axes, in ascending order of eigenvalue. Centre first, and add the centre again at the end.
        """
        x, w = elongated(rng, 5, 2), lopsided_weights(rng, 5, 2)
        expected = frame_reference(lambda y: lopsided(np, w, y), x)
        assert_close(frame_averaged(student, x, w), expected, rtol=1e-3, why=EIGENVECTORS)

    def test_clouds_in_space(self, student, rng):
        """Five points in space: eight frames, reflections among them.

        All combinations of signs count, also those with determinant -1.
        """
        x, w = elongated(rng, 5, 3), lopsided_weights(rng, 5, 3)
        expected = frame_reference(lambda y: lopsided(np, w, y), x)
        assert_close(frame_averaged(student, x, w), expected, rtol=1e-3, why=EIGENVECTORS)

    @weight(2)
    def test_a_map_that_commutes_with_mirrors(self, student, rng):
        """A map that stretches each coordinate for itself: all frames agree, so that centre and axes alone decide.

        The first axis is that of the smallest eigenvalue. What was turned is turned back.
        """
        x, mix, stretch = elongated(rng, 5, 2), rng.normal(size=(5, 5)), rng.uniform(0.8, 1.2, size=2) * np.array([0.5, 2.0])
        got = student.run(lambda ns, x, mix, s: ns.frame_average(lambda y: mix @ (y * s), x), x, mix, stretch)
        assert_close(got, frame_reference(lambda y: mix @ (y * stretch), x), rtol=1e-3, why=EIGENVECTORS)

    @gated
    @weight(2)
    def test_equivariant_under_motions(self, student, rng):
        """Turn, mirror and shift the cloud: the result turns and moves along.

        The frame must come from the cloud alone, with nothing fixed in space.
        """
        x, w, shift = elongated(rng, 5, 3), lopsided_weights(rng, 5, 3), rng.normal(size=3)
        motion, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        still = frame_reference(lambda y: lopsided(np, w, y), x)
        for Q in (motion, -motion):
            got = frame_averaged(student, as32(x @ Q.T + shift), w)
            assert_close(got, still @ Q.T + shift, rtol=1e-3, why=EIGENVECTORS)

    @gated
    def test_equivariant_maps_stay(self, student, rng):
        """f that is equivariant under rotations and reflections comes back unchanged, as a map of the centred cloud.

        So frame averaging loses nothing that was right before.
        """
        x, mix = elongated(rng, 5, 3), rng.normal(size=(5, 5))
        got = student.run(lambda ns, x, mix: ns.frame_average(lambda y: mix @ y * jnp.sum(y**2), x), x, mix)
        y = x - x.mean(axis=0)
        assert_close(got, x.mean(axis=0) + mix @ y * np.sum(y**2), rtol=1e-3, why=EIGENVECTORS)

