"""Hidden suite of week07/homework. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

What each input makes visible:

    hand        J not symmetric, D not constant and different in each row; d, p and the batch all different, then as many
                examples as units; 1 and 3 rows, 40 units; rho(J) > 1 for one and for several rows, |(I - J)^-1| > 8; two layers
                of one shape; directions one at a time and all at once
    depth       A and B that do not commute; depths 1, 2, 5, 128, 1024 and up to 10^8; four inputs in three dimensions; d = 20;
                defective matrices, blocks that are singular, one dimension
    adjoint     depths 1, 2, 7 and 1000; W not symmetric, T not 1; flows that forget (e^-28), some of them in one direction only,
                |W| T up to 30 with T = 0.1 and 3, a flow that turns while it expands by 300; 1 and 6 units
    moments     inputs that are orthogonal, parallel, nearly parallel and neither, of different length; d = 1 to 1000; s = 0, 150
                and a million layers; powers below 0, fractional, 2 - d, 10
    transition  inputs of different size, equal, parallel, opposite and orthogonal; C from 1e-10 to 1e8; sw2 = 0, 1.98 and above
                2; depth 0, 1, 4, 300, 1000 and at rest; two matrices of one shape
"""

import itertools

import jax.numpy as jnp
import numpy as np
import scipy.integrate
import scipy.linalg
import scipy.optimize
import scipy.special

from autograder.testing import assert_close, gated, question, require, weight


def close(got, expected, **tolerance):
    assert_close(got, expected, **{"rtol": 1e-6, "atol": 1e-9, **tolerance})


def parts_of(result, count, what):
    """The parts of a result as a list, after checking how many there are."""
    listed = isinstance(result, (list, tuple)) or (isinstance(result, np.ndarray) and result.ndim > 0)
    require(listed and len(result) == count, f"return {what}")
    return list(result)


# --- 7.1 ------------------------------------------------------------------------------------------------------------

def settled(W, U, b, x, z, steps=8):
    """The equilibria near z, row by row, by Newton's method."""
    rows = []
    for inp, state in zip(x, z, strict=True):
        for _ in range(steps):
            y = np.tanh(W @ state + U @ inp + b)
            state = state + np.linalg.solve(np.eye(len(b)) - (1 - y**2)[:, None] * W, y - state)
        rows.append(state)
    return np.array(rows)


def layer(rng, d, p, rows, largest, smallest=0.0, middle=0.0, slowest=0.0):
    """W, U, b, x and equilibria z, with rho(J) in a given range for each row and I - J well conditioned.

    The eigenvalues of W are spread around `middle`, and |(I - J)^-1| is at least `slowest`.
    """
    while True:
        z = rng.uniform(-0.8, 0.8, size=(rows, d))
        W = rng.normal(size=(d, d)) * ((largest + min(middle, 0.0)) / np.sqrt(d)) + middle * np.eye(d)
        Js = [(1 - row**2)[:, None] * W for row in z]
        good = all(smallest < np.abs(np.linalg.eigvals(J)).max() < largest for J in Js)
        scales = [np.linalg.svd(np.eye(d) - J)[1] for J in Js]
        if good and all(v[0] / v[-1] < 30 and 1 / v[-1] > slowest for v in scales):
            break
    U, b, x = rng.normal(size=(d, p)), rng.normal(size=d) / 2, rng.normal(size=(rows, p))
    # The inputs are moved such that z is the equilibrium; this needs p >= d, or else one row only and a shifted b.
    if rows == 1:
        return W, U, (np.arctanh(z) - z @ W.T - x @ U.T)[0], x, z
    x = np.linalg.lstsq(U, (np.arctanh(z) - z @ W.T - b).T, rcond=None)[0].T
    return W, U, b, x, settled(W, U, b, x, z)


def slope(arguments, moves):
    """Derivative of the equilibria along a direction: the imaginary part after an imaginary step, exact to rounding."""
    *parameters, z = arguments
    moved = (a + 1e-30j * m for a, m in zip(parameters, moves, strict=True))
    return settled(*moved, z, steps=2).imag / 1e-30


def directions(rng, arguments):
    return [rng.normal(size=np.shape(a)) for a in arguments[:4]]


def gradients_match(student, rng, arguments):
    """g . dz along single directions, against the gradients that came back."""
    g = rng.normal(size=arguments[4].shape)
    got = parts_of(student.equilibrium_gradients(*arguments, g), 4, "(dW, dU, db, dx)")
    for index, name in enumerate("WUbx"):
        expected = np.zeros(np.shape(arguments[index]))
        for place in np.ndindex(expected.shape):
            moves = [np.zeros(np.shape(a)) for a in arguments[:4]]
            moves[index][place] = 1.0
            expected[place] = np.sum(g * slope(arguments, moves))
        require(np.shape(got[index]) == expected.shape, f"the gradient with respect to {name} has its shape")
        close(got[index], expected)


@question("hand", reference="equilibria found by Newton's method, differentiated by imaginary steps, NumPy")
class TestHand:
    def test_gradients_of_one_example(self, student, rng):
        """Gradients with respect to W, U, b and x for a single example.

        u = (I - J^T)^-1 g; every gradient then contains D u.
        """
        gradients_match(student, rng, layer(rng, 3, 2, 1, 1.2))

    def test_tangent(self, student, rng):
        """First-order change of the equilibria, for each direction alone and for all at once; one row per example."""
        arguments = layer(rng, 2, 4, 3, 1.2)
        moves = directions(rng, arguments)
        for chosen in ((0,), (1,), (2,), (3,), (0, 1, 2, 3)):
            these = [m if i in chosen else 0 * m for i, m in enumerate(moves)]
            close(student.equilibrium_tangent(*arguments, *these), slope(arguments, these))

    def test_gradients_of_three_examples(self, student, rng):
        """The gradients with respect to parameters add up over the examples; that to x has a row for each."""
        gradients_match(student, rng, layer(rng, 2, 4, 3, 1.2))

    @gated
    @weight(3)
    def test_an_equilibrium_that_repels_and_forty_units(self, student, rng):
        """rho(J) above 1, where no series and no iteration converges, for one and for three examples; 40 units; a slow layer.

        As many examples as units are rows, too.
        """
        for arguments in (
            layer(rng, 3, 2, 1, 3.5, 1.4),
            layer(rng, 3, 2, 1, 1.2, slowest=8.0),
            layer(rng, 3, 4, 3, 3.5, 1.4),
        ):
            gradients_match(student, rng, arguments)
            moves = directions(rng, arguments)
            close(student.equilibrium_tangent(*arguments, *moves), slope(arguments, moves))
        arguments = layer(rng, 40, 7, 1, 2.5, 1.05, middle=-1.8)
        moves, g = directions(rng, arguments), rng.normal(size=(1, 40))
        change = slope(arguments, moves)
        close(student.equilibrium_tangent(*arguments, *moves), change)
        got = parts_of(student.equilibrium_gradients(*arguments, g), 4, "(dW, dU, db, dx)")
        shapes = [np.shape(part) for part in got]
        require(shapes == [np.shape(a) for a in arguments[:4]], "gradients have the shapes of W, U, b and x")
        # An entry of b moves one argument of tanh; an entry of W, U or x does the same, times z, x or U.
        along_b = np.zeros(40)
        for unit in range(40):
            moves = [np.zeros(np.shape(a)) for a in arguments[:4]]
            moves[2][unit] = 1.0
            along_b[unit] = np.sum(g * slope(arguments, moves))
        U, x, z = arguments[1], arguments[3][0], arguments[4][0]
        for part, expected in zip(got, (np.outer(along_b, z), np.outer(along_b, x), along_b, (along_b @ U)[None]), strict=True):
            close(part, expected)


# --- 7.2 ------------------------------------------------------------------------------------------------------------


def block_pairs(A, B, depth):
    """Block by block, applied to the unit vectors."""
    h = np.eye(len(A))
    for _ in range(depth):
        h = h + A @ h / depth
        h = h + B @ h / depth
    return h


def extrapolated(A, B, first=6, orders=3):
    """Limit and coefficient of 1/L from networks of 2^first pairs and up to 2^6 times as many, by eliminating powers of 1/L."""
    depths = 2 ** np.arange(first, first + 7)
    table = [block_pairs_fast(A, B, int(L)) for L in depths]
    limit = scipy.linalg.expm(A + B)
    rows = [L * (P - limit) for L, P in zip(depths, table, strict=True)]
    for order in range(1, orders + 1):
        rows = [(2**order * late - early) / (2**order - 1) for early, late in itertools.pairwise(rows)]
    return limit, rows[-1]


def block_pairs_fast(A, B, depth):
    """The same by repeated squaring; depth is a power of two."""
    once = (np.eye(len(A)) + B / depth) @ (np.eye(len(A)) + A / depth)
    for _ in range(depth.bit_length() - 1):
        once = once @ once
    return once


@question("depth", reference="block by block; networks of 64 to 4096 pairs, extrapolated; scipy.linalg.expm")
class TestDepth:
    def test_a_few_pairs(self, student, rng):
        """1, 2 and 5 pairs of blocks, block by block: first A, then B, each with 1/L; four inputs, one per row."""
        A, B = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
        for depth in (1, 2, 5):
            close(student.alternating_network(A, B, depth), block_pairs(A, B, depth))
        h = rng.normal(size=(4, 3))
        got = student.run(lambda ns, A, B, h: h @ jnp.asarray(ns.alternating_network(A, B, 3)).T, A, B, h)
        close(got, (block_pairs(A, B, 3) @ h.T).T)

    @weight(2)
    def test_limit_and_correction(self, student, rng):
        """The limit is the exponential of the sum; L times the distance to it tends to C, also where A and B do not commute."""
        for d in (2, 4):
            A, B = rng.normal(size=(d, d)) / 2, rng.normal(size=(d, d)) / 2
            limit, C = extrapolated(A, B)
            got = parts_of(student.depth_correction(A, B), 2, "(limit, C)")
            close(got[0], limit)
            close(got[1], C, rtol=2e-6, why="extrapolated from networks of up to 4096 pairs")

    @gated
    @weight(3)
    def test_very_deep_networks_and_defective_matrices(self, student, rng):
        """A hundred million pairs; d = 20; matrices without a basis of eigenvectors; singular blocks; one dimension."""
        A, B = rng.normal(size=(3, 3)) / 2, rng.normal(size=(3, 3)) / 2
        for depth in (1_000_000, 100_000_000):
            close(student.alternating_network(A, B, depth), scipy.linalg.expm(A + B), rtol=0, atol=1e-4,
                  why="what is left is C / L")  # fmt: skip
        million = np.asarray(student.alternating_network(A, B, 2**20))
        close(million, block_pairs_fast(A, B, 2**20))
        c, e = float(rng.uniform(0.5, 1.5)), float(rng.uniform(-1, 1))
        jordan = np.array([[e, c], [0.0, e]])
        got = parts_of(student.depth_correction(jordan, np.zeros((2, 2))), 2, "(limit, C)")
        limit = np.exp(e) * np.array([[1.0, c], [0.0, 1.0]])
        close(got[0], limit)
        close(got[1], -limit @ jordan @ jordan / 2)
        for depth in (64, 1024):
            close(student.alternating_network(jordan, np.zeros((2, 2)), depth), block_pairs(jordan, 0 * jordan, depth))
        for depth in (1, 3):  # I + A / L has the eigenvalue 0, and no basis of eigenvectors
            singular = -depth * np.eye(4) + c * np.eye(4, k=1)
            close(student.alternating_network(singular, np.zeros((4, 4)), depth), block_pairs(singular, 0 * singular, depth))
        A, B = rng.normal(size=(20, 20)), rng.normal(size=(20, 20))
        for depth in (128, 1024):
            close(student.alternating_network(A, B, depth), block_pairs_fast(A, B, depth))
        limit, C = extrapolated(A, B, first=11, orders=5)
        got = parts_of(student.depth_correction(A, B), 2, "(limit, C)")
        close(got[0], limit)
        close(got[1], C, rtol=2e-6, why="extrapolated from networks of up to 131,072 pairs")
        a, b = (float(v) for v in rng.uniform(-1, 1, size=2))
        got = parts_of(student.depth_correction(np.array([[a]]), np.array([[b]])), 2, "(limit, C)")
        close(got[0], np.array([[np.exp(a + b)]]))
        close(got[1], np.array([[-(a * a + b * b) / 2 * np.exp(a + b)]]))


# --- 7.3 ------------------------------------------------------------------------------------------------------------


def euler_end(W, b, h, time, depth):
    for _ in range(depth):
        h = h + time / depth * np.tanh(W @ h + b)
    return h


def euler_derivatives(W, b, h0, g, time, depth):
    """Gradients of g . h_L by imaginary steps, parameter by parameter: exact to rounding."""
    found = []
    for which in range(3):
        base = [W, b, h0]
        out = np.zeros(base[which].shape)
        for place in np.ndindex(out.shape):
            moved = [a.astype(complex) for a in base]
            moved[which][place] += 1e-30j
            out[place] = (g @ euler_end(*moved, time, depth)).imag / 1e-30
        found.append(out)
    return found


def flow_sensitivities(W, b, h0, g, time):
    """Gradients of g . h(time) by the variational equations, forwards, for all parameters together."""
    d = len(b)

    def field(t, state):
        h, V = state[:d], state[d:].reshape(d, -1)
        y = np.tanh(W @ h + b)
        pushed = np.concatenate([np.kron(np.eye(d), h[None]), np.eye(d), np.zeros((d, d))], axis=1)
        return np.concatenate([y, ((1 - y**2)[:, None] * (W @ V + pushed)).ravel()])

    V0 = np.concatenate([np.zeros((d, d * d + d)), np.eye(d)], axis=1)
    end = scipy.integrate.solve_ivp(
        field, (0, time), np.concatenate([h0, V0.ravel()]), method="DOP853", rtol=1e-11, atol=1e-13
    ).y[:, -1]
    row = g @ end[d:].reshape(d, -1)
    return row[: d * d].reshape(d, d), row[d * d : d * d + d], row[d * d + d :]


def three_close(got, expected, size_of_h0=None, **tolerance):
    got = parts_of(got, 3, "(dW, db, dh0)")
    close(got[0], expected[0], **tolerance)
    close(got[1], expected[1], **tolerance)
    if size_of_h0 is None:
        close(got[2], expected[2], **tolerance)
    else:
        close(got[2], expected[2], rtol=0, atol=size_of_h0, why="1e-5 of the largest entry of dh0 or of g is promised")


@question("adjoint", reference="imaginary steps through the network; forward variational equations by DOP853; a fixed point")
class TestAdjoint:
    @weight(2)
    def test_backpropagation_through_the_layers(self, student, rng):
        """1, 2 and 7 layers: state before the layer, adjoint after it, the transposed weight, T/L in every layer."""
        W, b, h0, g = rng.normal(size=(3, 3)), rng.normal(size=3) / 2, rng.normal(size=3), rng.normal(size=3)
        for depth in (1, 2, 7):
            time = float(rng.uniform(0.5, 2.0))
            three_close(student.euler_gradients(W, b, h0, g, time, depth), euler_derivatives(W, b, h0, g, time, depth))
        # Four losses of one network.
        G = rng.normal(size=(4, 3))
        got = student.run(lambda ns, W, b, h, G: [ns.euler_gradients(W, b, h, g, 1.0, 3) for g in G], W, b, h0, G)
        require(isinstance(got, (list, tuple)) and len(got) == 4, "one result for each of four losses")
        for part, row in zip(got, G, strict=True):
            three_close(part, euler_derivatives(W, b, h0, row, 1.0, 3))

    @weight(2)
    def test_adjoint_of_the_flow(self, student, rng):
        """The limit of infinitely many layers: a' = -W^T D a from a(T) = g, and integrals of D a h^T and D a."""
        for _ in range(2):
            W, b, h0, g = rng.normal(size=(3, 3)), rng.normal(size=3) / 2, rng.normal(size=3), rng.normal(size=3)
            time = float(rng.uniform(0.5, 2.0))
            three_close(student.flow_gradients(W, b, h0, g, time), flow_sensitivities(W, b, h0, g, time), rtol=2e-5,
                        why="the text asks for 1e-5")  # fmt: skip

    @gated
    @weight(4)
    def test_flows_that_forget_and_long_networks(self, student, rng):
        """1000 layers; flows that contract by e^-27, where nothing can be run backwards; one that expands; one and six units.

        A flow may forget in one direction and not in another, or turn round and round while it expands; T may be short and W
        large.
        """
        W, b, h0, g = rng.normal(size=(2, 2)), rng.normal(size=2), rng.normal(size=2), rng.normal(size=2)
        three_close(student.euler_gradients(W, b, h0, g, 3.0, 1000), euler_derivatives(W, b, h0, g, 3.0, 1000))
        turn = rng.normal(size=(2, 2))
        W, b = -9.0 * np.eye(2) + (turn - turn.T), rng.uniform(-0.5, 0.5, size=2)
        h0, g = rng.uniform(0.2, 0.6, size=2), rng.normal(size=2)
        rest, back = -np.linalg.solve(W, b), np.linalg.solve(W.T, g)  # at rest W h + b = 0, so g . h has these gradients
        three_close(student.flow_gradients(W, b, h0, g, 3.0), (-np.outer(back, rest), -back, 0 * g),
                    size_of_h0=2e-5 * np.abs(g).max(), rtol=2e-5, why="the text asks for 1e-5")  # fmt: skip
        W = -280.0 * np.eye(2) + 3 * (turn - turn.T)  # the same within T = 0.1
        rest, back = rng.uniform(0.2, 0.6, size=2), np.linalg.solve(W.T, g)
        h0 = rest + rng.uniform(-0.01, 0.01, size=2)
        three_close(student.flow_gradients(W, -W @ rest, h0, g, 0.1), (-np.outer(back, rest), -back, 0 * g),
                    size_of_h0=2e-5 * np.abs(g).max(), rtol=2e-5, why="the text asks for 1e-5")  # fmt: skip
        one_way = np.array([[-9.0, rng.uniform(-1, 1)], [rng.uniform(0.3, 0.6), 0.0]])
        around, rate = 9.5 * (1 if rng.uniform(-1, 1) > 0 else -1), float(rng.uniform(1.8, 2.0))
        spiral = np.array([[rate, -around], [around, rate]])  # starts close to its fixed point, which repels
        for W, b, h0, T in (
            (-4.0 * np.eye(2) + (turn - turn.T), rng.uniform(-0.5, 0.5, size=2), rng.uniform(0.2, 0.6, size=2), 0.5),
            (one_way, rng.uniform(-0.5, 0.5, size=2), rng.uniform(0.2, 0.6, size=2), 3.0),
            (spiral, -spiral @ rest + 1e-3 * rng.uniform(1, 2, size=2), rest, 3.0),
        ):
            expected = flow_sensitivities(W, b, h0, g, T)
            size = 2e-5 * max(np.abs(expected[2]).max(), np.abs(g).max())
            three_close(student.flow_gradients(W, b, h0, g, T), expected, size_of_h0=size, rtol=2e-5,
                        why="the text asks for 1e-5")  # fmt: skip
        a, h0, g = float(rng.uniform(0.5, 1.5)), np.array([float(rng.uniform(0.2, 0.4))]), np.array([float(rng.uniform(1, 2))])
        W, b = np.array([[a]]), np.zeros(1)
        three_close(student.flow_gradients(W, b, h0, g, 2.0), flow_sensitivities(W, b, h0, g, 2.0), rtol=2e-5,
                    why="the text asks for 1e-5")  # fmt: skip
        W, b, h0, g = rng.normal(size=(6, 6)) / 2, rng.normal(size=6) / 2, rng.normal(size=6), rng.normal(size=6)
        three_close(student.flow_gradients(W, b, h0, g, 1.0), flow_sensitivities(W, b, h0, g, 1.0), rtol=2e-5,
                    why="the text asks for 1e-5")  # fmt: skip


# --- 7.4 ------------------------------------------------------------------------------------------------------------


def one_layer_moments(h, k, s):
    """(E h.k, E |h|^2 |k|^2, E (h.k)^2) after one layer, by Wick's theorem entry by entry.

    h' and k' are Gaussian with means h, k and covariances s |h|^2 / d and so on, entry by entry independent.
    """
    d = len(h)
    hh, hk, kk = s * h @ h / d, s * h @ k / d, s * k @ k / d  # covariances within one entry of the branch
    first = np.sum(h * k + hk)
    squares_h, squares_k = h**2 + hh, k**2 + kk
    # In one entry: E (h + a)^2 (k + c)^2 and E (h + a)(k + c) with E a^2 = hh, E a c = hk, E c^2 = kk.
    both = h**2 * k**2 + h**2 * kk + k**2 * hh + 4 * h * k * hk + hh * kk + 2 * hk**2
    P = np.sum(squares_h) * np.sum(squares_k) - np.sum(squares_h * squares_k) + np.sum(both)
    cross = h * k + hk
    Q = np.sum(cross) ** 2 - np.sum(cross**2) + np.sum(both)
    return first, P, Q


def many_layers(h, k, s, depth):
    """The same through many layers: one layer is linear in (P, Q), and three pairs of inputs tell how."""
    d = len(h)
    if d == 1:
        factor = one_layer_moments(np.ones(1), np.ones(1), s)[1]
        square = factor**depth * (h @ h) * (k @ k)
        return (1 + s) ** depth * (h @ k), square, square
    e = np.eye(d)
    parallel = np.array(one_layer_moments(e[0], e[0], s)[1:])  # P = Q = 1
    crossed = np.array(one_layer_moments(e[0], e[1], s)[1:])  # P = 1, Q = 0
    layer_map = np.column_stack([crossed, parallel - crossed])
    state = np.array([(h @ h) * (k @ k), (h @ k) ** 2])
    values, vectors = np.linalg.eig(layer_map)
    state = (vectors * values**depth) @ np.linalg.solve(vectors, state)
    return (1 + s) ** depth * (h @ k), state[0], state[1]


def power_of_one_layer(d, s, p):
    """E |h'|^p for |h| = 1 by quadrature: |h'|^2 = (1 + sqrt(s/d) a)^2 + (s/d) c, a normal, c chi-squared with d - 1 degrees."""
    a, wa = np.polynomial.hermite_e.hermegauss(40)
    c, wc = scipy.special.roots_genlaguerre(40, (d - 1) / 2 - 1)
    square = (1 + np.sqrt(s / d) * a[:, None]) ** 2 + s / d * 2 * c[None, :]
    return (wa / wa.sum()) @ square ** (p / 2) @ (wc / wc.sum())


def limit_by_quadrature(d, sigma2, p):
    """The p-th moment at 2^10 to 2^13 layers, extrapolated to infinitely many."""
    rows = [np.exp(L * np.log(power_of_one_layer(d, sigma2 / L, p))) for L in 2 ** np.arange(10, 14)]
    for order in range(1, 4):
        rows = [(2**order * late - early) / (2**order - 1) for early, late in itertools.pairwise(rows)]
    return rows[-1]


def moments_close(got, expected):
    got = parts_of(got, 3, "(E h.k, E |h|^2 |k|^2, E (h.k)^2)")
    for part, value in zip(got, expected, strict=True):
        close(part, value, rtol=1e-6, atol=1e-9)


@question("moments", reference="Wick's theorem entry by entry; quadrature over one layer, extrapolated to infinite depth")
class TestMoments:
    def test_one_layer(self, student, rng):
        """One layer, two inputs of different length: Q feels P, and both feel the fluctuations of order 1/d."""
        for d in (2, 5):
            h, k, s = rng.normal(size=d), 2 * rng.normal(size=d), float(rng.uniform(0.3, 2.0))
            moments_close(student.pair_moments(h, k, s, 1), one_layer_moments(h, k, s))

    def test_several_layers(self, student, rng):
        """Three and eight layers: the recursion, applied again and again."""
        for depth in (3, 8):
            h, k, s = rng.normal(size=3), rng.normal(size=3), float(rng.uniform(0.1, 0.6))
            moments_close(student.pair_moments(h, k, s, depth), many_layers(h, k, s, depth))

    @weight(2)
    def test_moments_of_the_limit(self, student, rng):
        """|h|^2 is lognormal in the limit: moments of whole and broken order, below 0, too."""
        for d in (3, 6):
            sigma2 = float(rng.uniform(0.2, 0.8))
            for p in (2.0, 4.0, float(rng.uniform(0.5, 1.5)), -float(rng.uniform(0.3, 0.9))):
                close(student.limit_moment(sigma2, d, p), limit_by_quadrature(d, sigma2, p), rtol=1e-5,
                      why="extrapolated from 8192 layers")  # fmt: skip

    @gated
    @weight(4)
    def test_the_ends_of_the_range(self, student, rng):
        """No layer, s = 0, one dimension, parallel and orthogonal inputs, a million layers; the powers 2 - d, -5, 0 and 10."""
        h, k = rng.normal(size=4), rng.normal(size=4)
        start = (h @ k, (h @ h) * (k @ k), (h @ k) ** 2)
        moments_close(student.pair_moments(h, k, 0.5, 0), start)
        moments_close(student.pair_moments(h, k, 0.0, 9), start)
        moments_close(student.pair_moments(h[:1], k[:1], 0.25, 6), many_layers(h[:1], k[:1], 0.25, 6))
        moments_close(student.pair_moments(h, -2 * h, 0.5, 4), many_layers(h, -2 * h, 0.5, 4))
        s = float(rng.uniform(1.0, 3.0)) * 1e-6
        moments_close(student.pair_moments(h, k, s, 1_000_000), many_layers(h, k, s, 1_000_000))
        near = h + 0.02 * k / np.linalg.norm(k) * np.linalg.norm(h)
        moments_close(student.pair_moments(h, near, 0.5, 3), many_layers(h, near, 0.5, 3))
        h, k = rng.normal(size=6), rng.normal(size=6)
        moments_close(student.pair_moments(h, k, 0.05, 150), many_layers(h, k, 0.05, 150))
        a = float(rng.uniform(1, 2))
        moments_close(student.pair_moments(np.array([a, 0.0]), np.array([0.0, 1.0]), 4.0, 3),
                      many_layers(np.array([a, 0.0]), np.array([0.0, 1.0]), 4.0, 3))  # fmt: skip
        sigma2 = float(rng.uniform(0.5, 2.0))
        for d in (1, 3, 7):
            close(student.limit_moment(sigma2, d, 2.0 - d), 1.0)
            close(student.limit_moment(sigma2, d, 2.0), np.exp(sigma2))
            close(student.limit_moment(sigma2, d, 0.0), 1.0)
            close(student.limit_moment(0.0, d, 3.0), 1.0)
            # By parts: the even moments of a lognormal law through its median and its fourth moment.
            mean, spread = sigma2 * (1 - 2 / d), 4 * sigma2 / d
            close(student.limit_moment(sigma2, d, 10.0), np.exp(5 * mean + 12.5 * spread))
        for d, p in ((400, -5.0), (1000, 9.5), (2, -1.0), (3, -4.5)):
            close(student.limit_moment(sigma2, d, p), np.exp(p / 2 * sigma2 * (1 - 2 / d) + p**2 * sigma2 / (2 * d)))
        sigma2 = float(rng.uniform(3.0, 4.0))
        close(student.limit_moment(sigma2, 1, 10.0), np.exp(45 * sigma2))


# --- 7.5 ------------------------------------------------------------------------------------------------------------


def relu_pair(ka, kb, kab):
    """E relu(u) relu(v) by Price's theorem: its derivative with respect to kab is P(u > 0, v > 0) = 1/4 + arcsin(rho) / 2 pi."""
    rho = np.clip(kab / np.sqrt(ka * kb), -1, 1)
    return np.sqrt(ka * kb) * (rho / 4 + (rho * np.arcsin(rho) + np.sqrt(1 - rho**2)) / (2 * np.pi))


def resting(C, sw2):
    """At rest, entry by entry: a closed form on the diagonal, a bracketed root off it."""
    sizes = np.diag(C) / (1 - sw2 / 2)
    K = np.diag(sizes)
    for i in range(len(C)):
        for j in range(i):
            top = np.sqrt(sizes[i] * sizes[j])
            miss = lambda v, i=i, j=j: C[i, j] + sw2 * relu_pair(sizes[i], sizes[j], v) - v
            K[i, j] = K[j, i] = scipy.optimize.brentq(miss, -top * (1 + 1e-9), top * (1 + 1e-9), xtol=1e-14 * top)
    return K


def after(C, sw2, depth):
    K = C.astype(float)
    for _ in range(depth):
        K = np.array([[C[i, j] + sw2 * relu_pair(K[i, i], K[j, j], K[i, j]) for j in range(len(C))] for i in range(len(C))])
    return K


def covariance(rng, n):
    A = rng.normal(size=(n, n + 1))
    return A @ A.T / n + np.diag(rng.uniform(0.2, 1.0, size=n))


@question("transition", reference="Price's theorem; a bracketed root for each pair; the geometric series")
class TestTransition:
    def test_a_few_iterations(self, student, rng):
        """1 and 4 iterations from the input, three inputs of different size."""
        C, sw2 = covariance(rng, 3), float(rng.uniform(0.5, 1.8))
        for depth in (1, 4):
            close(student.deq_kernel(C, sw2, depth), after(C, sw2, depth))

    @weight(2)
    def test_at_rest(self, student, rng):
        """The covariances at rest solve their equation: a closed form on the diagonal, one root for each pair."""
        for n in (1, 3):
            C, sw2 = covariance(rng, n), float(rng.uniform(0.5, 1.5))
            close(student.deq_kernel(C, sw2, None), resting(C, sw2))

    @gated
    @weight(3)
    def test_the_whole_range(self, student, rng):
        """Equal, opposite, parallel, orthogonal inputs; no weights; close to the transition and beyond it; 0 to 1000 iterations.

        Covariances may be tiny or huge: everything is proportional to C.
        """
        a, b = (float(v) for v in rng.uniform(0.5, 2.0, size=2))
        v = np.array([[a, 0.0], [a, 0.0], [-b, 0.0], [0.0, b]])
        C = v @ v.T
        for sw2 in (float(rng.uniform(0.5, 1.5)), 1.98):
            close(student.deq_kernel(C, sw2, None), resting(C, sw2), rtol=2e-6,
                  why="1 - rho^2, off by 16 roundings, has a root of 6e-8; over 2 pi, times 1.98 / (1 - 0.99)")  # fmt: skip
        for sw2, depth in ((0.0, None), (0.0, 3), (1.0, 0)):
            close(student.deq_kernel(C, sw2, depth), C)
        close(student.deq_kernel(C, 3.0, 5), after(C, 3.0, 5))
        close(student.deq_kernel(C, 2.0, 5), after(C, 2.0, 5))
        for size in (1e-10, 1e8):
            close(student.deq_kernel(size * C, 1.25, None), size * resting(C, 1.25), atol=0.0)
        pair = np.array([[a, a / 2], [a / 2, b]])
        for sw2, depth in ((1.98, 300), (2.1, 500), (4.0, 300)):
            for C2 in (pair, pair[::-1, ::-1]):
                close(student.deq_kernel(C2, sw2, depth), after(C2, sw2, depth), atol=0.0)
        # Along one line, forwards and backwards: correlations of 1 and -1 up to rounding.
        V = np.outer(rng.uniform(0.5, 2.0, size=10) * (-1.0) ** np.arange(10), rng.normal(size=3))
        for depth in (2, None):
            got = student.run(lambda ns, V, depth: ns.deq_kernel(V @ V.T, 1.0, depth), V, depth)
            close(got, resting(V @ V.T, 1.0) if depth is None else after(V @ V.T, 1.0, depth))
        long = as_one(student.deq_kernel(np.array([[a]]), 1.5, 1000))
        close(long, a / (1 - 0.75))
        for sw2 in (2.0, float(rng.uniform(2.1, 4.0))):
            with student.raises("ValueError"):
                student.deq_kernel(C, sw2, None)
        close(student.deq_kernel(covariance(rng, 12)[:1, :1] * 0 + 2.0, 1.0, None), np.array([[4.0]]))


def as_one(matrix):
    require(np.shape(matrix) == (1, 1), "one input: shape (1, 1)")
    return np.asarray(matrix)[0, 0]
