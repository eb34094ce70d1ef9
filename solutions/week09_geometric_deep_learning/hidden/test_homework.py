"""Hidden suite of week09/homework. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

Expected values come from Burnside's lemma, from orbits under explicit permutations, from representations assembled of known
irreducible parts, and from explicit Fourier series; never from the solution.
"""

import itertools
import math

import numpy as np
import scipy.linalg

from autograder.testing import as_array, assert_close, gated, question, require, weight

# --- Reading what the student returned. Nothing here trusts a shape or a type. -------------------------------------


def whole(value, what):
    """A whole number, as a Python int; NumPy and JAX integers are welcome, floats that happen to be whole as well."""
    if isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind in "iuf":
        value = value.item()
    good = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    require(good and math.isfinite(value) and value == int(value), f"{what} should be a whole number")
    return int(value)


def stack(value, shape_tail, what):
    """An array of numbers of shape (any, *shape_tail), float64."""
    value = as_array(value, what=what.capitalize())
    good = value.ndim == 1 + len(shape_tail)
    require(good and value.shape[1:] == shape_tail, f"{what} should have shape (dim, {', '.join(map(str, shape_tail))})")
    require(bool(np.isfinite(value).all()), f"{what} should be finite")
    return value


# --- 9.1 -----------------------------------------------------------------------------------------------------------


def burnside(n, slots):
    """Number of orbits of S_n on n^slots tuples: the mean number of fixed tuples, over cycle types; exact."""
    total = 0
    for fixed in range(n + 1):
        deranged = sum((-1) ** i * math.factorial(n - fixed) // math.factorial(i) for i in range(n - fixed + 1))
        total += math.comb(n, fixed) * deranged * fixed**slots
    return total // math.factorial(n)


def split(rng, slots):
    """k and l with k + l = slots."""
    k = int(rng.integers(0, slots + 1))
    return k, slots - k


@question("dimension", reference="Burnside's lemma over fixed points, exact integers")
class TestDimension:
    def test_enough_nodes(self, student, rng):
        """With n >= k + l nodes the dimension is the Bell number of k + l.

        Partitions of the slots into any number of blocks, whichever of the slots belong to the input.
        """
        for slots in (0, 1, 2, 3, 4, 5, 6):
            n, (k, l) = slots + 1 + int(rng.integers(0, 3)), split(rng, slots)  # noqa: E741
            got = whole(student.equivariant_dimension(n, k, l), "the dimension")
            require(got == burnside(n, slots), f"n = {n}, k = {k}, l = {l}: not the number of equality patterns")

    def test_few_nodes(self, student, rng):
        """With fewer nodes than slots some patterns cannot occur: two nodes and four slots leave 8, not 15.

        A partition into j blocks needs j different nodes.
        """
        for slots in (2, 3, 4, 5, 6, 7, 8):
            n, (k, l) = int(rng.integers(1, slots)), split(rng, slots)  # noqa: E741
            got = whole(student.equivariant_dimension(n, k, l), "the dimension")
            require(got == burnside(n, slots), f"n = {n}, k = {k}, l = {l}: count patterns that n nodes can realise")

    def test_channels_and_bias(self, student, rng):
        """Each pair of channels has weights of its own, each output channel a bias of order l.

        The bias is an invariant tensor: a map from order 0 to order l.
        """
        for n, k, l in ((5, 1, 1), (6, 2, 2), (3, 2, 2), (4, 2, 0), (2, 1, 3), (1, 1, 2)):  # noqa: E741
            c_in, c_out = int(rng.integers(2, 5)), int(rng.integers(5, 9))
            got = whole(student.layer_weights(n, k, l, c_in, c_out), "the number of weights")
            expected = c_out * (c_in * burnside(n, k + l) + burnside(n, l))
            require(got == expected, f"n = {n}, k = {k}, l = {l}, {c_in} -> {c_out} channels: another number of weights")

    @gated
    @weight(3)
    def test_large_numbers_are_exact(self, student, rng):
        """k + l = 18 to 20: numbers beyond 10^11, exactly, for many nodes and for few.

        Python's integers are exact at any size; floats and int32 are not.
        """
        for n, slots in ((30, 20), (9, 19), (2, 18)):
            k, l = split(rng, slots)  # noqa: E741
            got = whole(student.equivariant_dimension(n, k, l), "the dimension")
            require(got == burnside(n, slots), f"n = {n}, k = {k}, l = {l}: not exact")


# --- 9.2 -----------------------------------------------------------------------------------------------------------


def orbit_matrices(n, k, l):  # noqa: E741
    """0/1 matrices of the orbits of S_n on index tuples, found by applying every permutation."""
    seen, found = set(), []
    for entries in itertools.product(range(n), repeat=l + k):
        if entries in seen:
            continue
        orbit = {tuple(p[e] for e in entries) for p in itertools.permutations(range(n))}
        seen |= orbit
        matrix = np.zeros((n,) * (l + k))
        for member in orbit:
            matrix[member] = 1.0
        found.append(matrix.reshape(n**l, n**k))
    return np.stack(found)


def in_order(basis):
    """The matrices of a basis, sorted by their entries: the order of the patterns is free."""
    flat = basis.reshape(len(basis), -1)
    return flat[np.lexsort(flat.T[::-1])]


def check_basis(student, n, k, l):  # noqa: E741
    expected = orbit_matrices(n, k, l)
    got = stack(student.equivariant_basis(n, k, l), (n**l, n**k), "the basis")
    require(len(got) == len(expected), f"n = {n}, k = {k}, l = {l}: another number of patterns")
    assert_close(in_order(got), in_order(expected))


@question("basis", reference="orbits of index tuples under all n! permutations")
class TestBasis:
    def test_sets(self, student, rng):
        """Orders 0 and 1: identity and its complement, the column and the row of ones, the number 1.

        Two different nodes are another pattern than two equal ones, and no entry belongs to both.
        """
        for k, l in ((1, 1), (1, 0), (0, 1), (0, 0)):  # noqa: E741
            check_basis(student, int(rng.integers(2, 7)), k, l)

    def test_graphs(self, student, rng):
        """Fifteen patterns for maps between matrices of four or more nodes; five from matrices to vectors and back.

        Rows belong to the output, columns to the input, each flattened row by row.
        """
        for most, k, l in ((5, 2, 2), (6, 2, 1), (6, 1, 2)):  # noqa: E741
            check_basis(student, int(rng.integers(4, most + 1)), k, l)

    @gated
    @weight(2)
    def test_few_nodes(self, student, rng):
        """Two and three nodes realise 8 and 14 of the fifteen patterns; empty patterns are left out.

        A matrix of zeros is no element of a basis.
        """
        for n, slots in ((2, 4), (3, 4), (2, 3), (1, 3), (int(rng.integers(2, 4)), 5)):
            k = int(rng.integers(1, slots))
            check_basis(student, n, k, slots - k)


# --- 9.3 -----------------------------------------------------------------------------------------------------------

# Generators (r, s) of the symmetries of a square, in each irreducible representation; name: (matrices of r and s).
_SQUARE = {
    "trivial": ([[1.0]], [[1.0]]),
    "mirror": ([[1.0]], [[-1.0]]),
    "turn": ([[-1.0]], [[1.0]]),
    "plane": ([[0.0, -1.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, -1.0]]),
}
# Generator of the turns by a quarter: over the reals the plane has two independent commuting maps.
_TURNS = {"trivial": ([[1.0]],), "flip": ([[-1.0]],), "plane": ([[0.0, -1.0], [1.0, 0.0]],)}
# Generators of the symmetries of a triangle, both of them involutions.
_TRIANGLE = {
    "trivial": ([[1.0]], [[1.0]]),
    "sign": ([[-1.0]], [[-1.0]]),
    "plane": ([[0.0, 1.0], [1.0, 0.0]], [[-1.0, 0.0], [-1.0, 1.0]]),
}


def direct_sum(irreps, parts):
    """Block-diagonal generators of the parts named, (generators, n, n)."""
    result = []
    for g in range(len(next(iter(irreps.values())))):
        blocks = [np.array(irreps[name][g]) for name in parts]
        matrix = np.zeros((sum(map(len, blocks)),) * 2)
        at = 0
        for block in blocks:
            matrix[at : at + len(block), at : at + len(block)] = block
            at += len(block)
        result.append(matrix)
    return np.stack(result)


def skew_basis(rng, n):
    """A basis of small whole numbers with determinant +-1: not orthogonal, and its inverse is whole, too."""
    basis = np.eye(n)
    for i in range(n - 1):
        basis[i, i + 1 :] += rng.integers(-1, 2, size=n - 1 - i)
        basis[i + 1] += rng.choice([-1.0, 1.0]) * basis[i]
    return basis[rng.permutation(n)]


def disguised(rng, irreps, parts):
    """A representation in a skew basis, and its basis change; exact in float32.

    Small whole numbers first; then one shear by an odd multiple of 1/1024, after which no entry is rounded in 24 bits, and
    any rounding to fewer shows. Different elements stay apart: the shear does not touch all entries of a difference.
    """
    generators = direct_sum(irreps, parts)
    n = generators.shape[1]
    while True:
        basis = skew_basis(rng, n)
        skewed = np.round(np.linalg.inv(basis) @ generators @ basis)
        if np.abs(skewed).max() <= 3:
            break
    size = (2 * int(rng.integers(150, 350)) + 1) / 1024
    for place in rng.permutation(n * n):
        i, j = divmod(int(place), n)
        shear = np.eye(n)
        shear[i, j] += size
        sheared = (2 * np.eye(n) - shear) @ skewed @ shear
        if i != j and np.any(sheared != np.round(sheared)):
            return sheared, basis @ shear
    return skewed, basis  # one dimension, or nothing but identities


def words(irreps, generators):
    """All elements of the group, each once, as products of the generators: r^i, r^i s^j or (a b)^i a^j."""
    power = np.linalg.matrix_power
    first = generators[0]
    if irreps is _TURNS:
        return [power(first, i) for i in range(4)]
    second = generators[1]
    if irreps is _SQUARE:
        return [power(first, i) @ power(second, j) for i in range(4) for j in range(2)]
    return [power(first @ second, i) @ power(first, j) for i in range(3) for j in range(2)]


def part_reference(A, irreps, before, after):
    """The mean of rho_out(g)^-1 A rho_in(g), one element at a time."""
    pairs = zip(words(irreps, before), words(irreps, after), strict=True)
    return np.mean([np.linalg.solve(b, A @ a) for a, b in pairs], axis=0)


def check_part(student, A, irreps, before, after):
    got = student.equivariant_part(A, before, after)
    assert_close(got, part_reference(A, irreps, before, after), rtol=3e-4, atol=3e-4, why=ACCURACY)


ACCURACY = "an error of 1e-4 of the largest entry is promised to be accepted; three times that is"


def check_projector(student, rng, irreps, parts):
    generators, basis = disguised(rng, irreps, parts)
    stays = np.concatenate([[float(name == "trivial")] * len(irreps[name][0][0]) for name in parts])
    expected = np.linalg.inv(basis) @ np.diag(stays) @ basis
    got = student.invariant_projector(generators)
    assert_close(got, expected, rtol=3e-4, atol=3e-4, why=ACCURACY)


@question("projector", reference="representations assembled of known irreducible parts, in a known skew basis; sums over words")
class TestProjector:
    def test_one_generator(self, student, rng):
        """Turns by a quarter, one generator: what is trivial stays, all else averages to zero.

        The group consists of all products of generators: here four elements.
        """
        check_projector(student, rng, _TURNS, ("plane", "trivial", "flip"))
        check_projector(student, rng, _TURNS, ("trivial", "plane", "trivial"))

    def test_two_generators(self, student, rng):
        """The symmetries of a square: eight elements from two generators that do not commute.

        Turn and mirror alone make two elements; all products are needed. P is not symmetric when the basis is skew.
        """
        check_projector(student, rng, _SQUARE, ("plane", "trivial", "mirror"))
        check_projector(student, rng, _TRIANGLE, ("plane", "sign", "trivial"))

    def test_maps_between_different_representations(self, student, rng):
        """A matrix from one representation to another keeps what commutes with every element of the group.

        One element acts on both sides at once, and its inverse stands at the output. Entries of A go row by row.
        """
        for irreps, first, second in (
            (_SQUARE, ("plane", "trivial", "mirror"), ("plane", "trivial")),
            (_TRIANGLE, ("sign", "plane"), ("plane", "trivial", "sign")),
            (_TURNS, ("plane", "flip"), ("flip", "plane", "trivial")),
        ):
            before, after = disguised(rng, irreps, first)[0], disguised(rng, irreps, second)[0]
            A = rng.normal(size=(after.shape[1], before.shape[1]))
            check_part(student, A, irreps, before, after)

    def test_long_products_and_fractions(self, student, rng):
        """A cycle of four beside one of three, and a sixth of a turn in a basis where its entries are exact.

        Products of any length: one of eleven factors is an element of its own here. Elements may differ by fractions: entries
        that are rounded to whole numbers do not tell them apart.
        """
        order = np.ix_(*2 * (rng.permutation(7),))
        cycles = scipy.linalg.block_diag(np.roll(np.eye(4), 1, axis=0), np.roll(np.eye(3), 1, axis=0))
        expected = scipy.linalg.block_diag(np.full((4, 4), 1 / 4), np.full((3, 3), 1 / 3))
        assert_close(student.invariant_projector(cycles[order][None]), expected[order], rtol=3e-4, atol=3e-4, why=ACCURACY)
        place, size = rng.permutation(3), float(rng.choice([0.5, 1.0, 2.0]))
        sixth = np.array([[0.5, -0.75 * size, 0.0], [1 / size, 0.5, 0.0], [0.0, 0.0, 1.0]])
        got = student.invariant_projector(sixth[np.ix_(place, place)][None])
        assert_close(got, np.diag([0.0, 0.0, 1.0])[np.ix_(place, place)], rtol=3e-4, atol=3e-4, why=ACCURACY)

    @gated
    @weight(2)
    def test_nothing_and_everything_invariant(self, student, rng):
        """If no part is trivial, P is 0; if all are, P is the identity: also for a generator that is the identity.

        And for two mirrors that generate the symmetries of a triangle.
        """
        check_projector(student, rng, _TRIANGLE, ("sign", "plane", "sign"))
        check_projector(student, rng, _SQUARE, ("trivial",) * 4)

    @gated
    def test_what_commutes_already_stays(self, student, rng):
        """A matrix that is equivariant comes back unchanged; between parts that have nothing in common, nothing is left.

        The second case has an equal matrix for several elements on the output side: elements go in pairs.
        """
        before, after = disguised(rng, _SQUARE, ("plane", "mirror"))[0], disguised(rng, _SQUARE, ("mirror", "plane", "turn"))[0]
        A = part_reference(rng.normal(size=(4, 3)), _SQUARE, before, after)
        check_part(student, A, _SQUARE, before, after)
        before, after = disguised(rng, _TRIANGLE, ("plane", "sign"))[0], disguised(rng, _TRIANGLE, ("trivial",) * 4)[0]
        check_part(student, rng.normal(size=(4, 3)), _TRIANGLE, before, after)


# --- 9.4 -----------------------------------------------------------------------------------------------------------


def fourier_kernels(m, n, phi):
    """Angular kernels written out with sines and cosines (Weiler and Cesa 2019, appendix), (dim, angles, d_n, d_m)."""
    one, cos, sin = np.ones_like(phi), np.cos, np.sin
    if m == 0 and n == 0:
        return one[None, :, None, None]
    if m == 0 or n == 0:
        f = m + n
        columns = np.array([[cos(f * phi), sin(f * phi)], [-sin(f * phi), cos(f * phi)]])
        return np.moveaxis(columns, 1, 2)[..., None] if m == 0 else np.moveaxis(columns, 1, 2)[:, :, None, :]
    a, b = (n - m) * phi, (n + m) * phi
    tables = [
        [[cos(a), -sin(a)], [sin(a), cos(a)]], [[-sin(a), -cos(a)], [cos(a), -sin(a)]],
        [[cos(b), sin(b)], [sin(b), -cos(b)]], [[-sin(b), cos(b)], [cos(b), sin(b)]],
    ]  # fmt: skip
    return np.moveaxis(np.array(tables), -1, 1)


def with_unit_entries(m, n, phi):
    """The same kernels, combined so that K(0) has a single entry 1, row by row."""
    kernels = fourier_kernels(m, n, np.concatenate([[0.0], phi]))
    start = kernels[:, 0].reshape(len(kernels), -1)
    return np.einsum("ub,b...->u...", np.linalg.inv(start), kernels[:, 1:])


def check_steerable(student, m, n, phi):
    expected = with_unit_entries(m, n, phi)
    got = stack(student.steerable_basis(m, n, phi), expected.shape[1:], "the basis")
    require(len(got) == len(expected), f"m = {m}, n = {n}: the space of kernels has another dimension")
    assert_close(got, expected, rtol=2e-3, why="matrix exponentials in float32, angles below 10 radians")


@question("steerable", reference="sines and cosines of (n - m) phi and (n + m) phi, combined linearly, in float64")
class TestSteerable:
    def test_scalars_to_anything(self, student, rng):
        """From a scalar to frequency n: kernels are vectors that turn n times around the circle.

        Counter-clockwise, and as columns: d_n rows, one column.
        """
        for n in (1, 2):
            check_steerable(student, 0, n, rng.uniform(-3, 3, size=5))

    def test_anything_to_scalars(self, student, rng):
        """From frequency m to a scalar: kernels are rows.

        The inverse of the input's rotation stands on the right.
        """
        for m in (1, 3):
            check_steerable(student, m, 0, rng.uniform(-3, 3, size=5))

    @weight(2)
    def test_between_two_frequencies(self, student, rng):
        """From m to n, both positive: four kernels, of frequencies n - m and n + m.

        K(0) may be any matrix, not only one that commutes with rotations.
        """
        for m, n in ((1, 2), (3, 1), (2, 2)):
            check_steerable(student, m, n, rng.uniform(-3, 3, size=5))

    @gated
    @weight(4)
    def test_the_constraint_itself(self, student, rng):
        """Turn the angles: every kernel becomes rho_n K rho_m^-1 of itself, in the same basis at all angles.

        Kernels must be functions of the angle: the basis may not depend on which angles are asked for together.
        """
        for m, n in ((1, 2), (0, 0), (2, 1)):
            phi = rng.uniform(-3, 3, size=5)
            theta = float(rng.uniform(0.5, 2.5))
            both = np.concatenate([phi, phi + theta]).astype(np.float32).astype(np.float64)
            check_steerable(student, m, n, both)
