"""Hidden suite of week07/lab. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

What each input makes visible:

    resnet     3 layers that do not commute, weights in a pytree (nested, too) and in one array; T not 1, negative; 0, 1, 2, 9, 60
               and 300 iterations, also where they run away; a single layer, a single row, rows that differ
    iterate    a non-normal affine map with steps 1, below and above; residuals of z_0 and of the last iterate; a number, a
               matrix, three axes; a stop in the middle, at once, and never; 300 steps, growth without end; J with complex pairs,
               far from normal, slow ones (steps up to 1000), Re mu > 1, thirty eigenvalues close together
    newton     rows with inputs of their own, J not symmetric and different in each row; rho > 1; 4000 rows (no Jacobian of the
               whole batch fits); one row, one column; no step; residuals that grow; twenty steps at a double root; I - J of
               size 1e-4; numbers of size 1e6; two layers of one shape
    anderson   curved maps with memory 1 and 3 over six updates (the window slides); affine maps against GMRES; rho > 1;
               memory 0, one dimension, weights of size 1000; memory 8 with nearly parallel differences, differences of
               size 1 and 1e-7; forty dimensions down to 1e-10
    implicit   |W| > 1 > rho(J), then rho(J) > 1 with a solver that is no iteration; d not the size of the input; 1 and 3 rows;
               random cotangents, tilted entries of z and x; nested parameters, entries coupled across rows; the start; 32,000
               entries (no Jacobian fits); no axis, three axes; rho(J) = 20; two layers of one shape
    series     K = 1, 2, 3, 6 away from the equilibrium; K = 300 at it, K = 1000 where that is not the limit; terms that grow,
               that vanish and come back; coupled rows, nested parameters, no axis, three axes
    monotone   A of 2 and of 5 rows, B not antisymmetric; W not normal; one and three steps of each splitting, square batches;
               hundreds of steps that do not arrive; the answer by trying all sets of active units; one row; no step;
               W = (1 - m) I, also turned; singular values close together; 40 units; gradients through A and B
"""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg
import scipy.optimize

from autograder.testing import as_array, assert_close, gated, question, require, sendable, tilted, weight

SIX = {"rtol": 1e-6, "atol": 1e-9}  # what the text promises; double precision does far better


def close(got, expected, **tolerance):
    assert_close(got, expected, **{**SIX, **tolerance})


def pair_of(result, what):
    """The two parts of a result, after checking that there are two."""
    listed = isinstance(result, (list, tuple)) or (isinstance(result, np.ndarray) and result.ndim > 0)
    require(listed and len(result) == 2, f"return the pair {what}")
    return result[0], result[1]


def path_close(result, z, residuals, **tolerance):
    """(z, residuals) of a solver against the reference; the number of residuals is told in words."""
    got, norms = pair_of(result, "(z, residuals)")
    norms = as_array(norms, what="The residuals")
    require(np.ndim(norms) == 1, "residuals is a list of numbers, or an array with one axis")
    require(len(norms) == len(residuals), f"{len(norms)} residuals: give one for each iterate, the first and the last included")
    close(norms, np.array(residuals), **tolerance)
    close(got, z, **tolerance)


# --- 1 --------------------------------------------------------------------------------------------------------------


@sendable
def branch(w, h):
    return jnp.tanh(h @ w["W"].T + w["b"])


@sendable
def gentle(w, h):
    return jnp.sin(h) * w


@sendable
def toward(w, h):
    return w["to"][0] - w["to"][1] * h


def forwards(W, b, h, time):
    for matrix, shift in zip(W, b, strict=True):
        h = h + time / len(W) * np.tanh(np.einsum("ij,nj->ni", matrix, h) + shift)
    return h


def backwards(W, b, h, time, iterations):
    for matrix, shift in zip(W[::-1], b[::-1], strict=True):
        guess = h
        for _ in range(iterations):
            guess = h - time / len(W) * np.tanh(np.einsum("ij,nj->ni", matrix, guess) + shift)
        h = guess
    return h


@question("resnet", reference="the recursion in NumPy; the input itself")
class TestResnet:
    def test_three_layers(self, student, rng):
        """Three layers with different weights, in their order, each with time / 3."""
        W, b, h = rng.normal(size=(3, 2, 2)), rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
        for time in (float(rng.uniform(0.5, 0.9)), float(rng.uniform(1.2, 2.0))):
            got = student.run(lambda ns, W, b, h, t: ns.residual_network(branch, {"W": W, "b": b}, h, t), W, b, h, time)
            close(got, forwards(W, b, h, time))

    def test_undone_in_few_iterations(self, student, rng):
        """One and two iterations in each layer, the last layer first.

        h_l = h_{l+1} - (T / L) v(w_l, h_l): h_{l+1} stays, and the argument of v is the newest guess.
        """
        W, b, h = rng.normal(size=(3, 2, 2)), rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
        time = float(rng.uniform(0.5, 1.5))
        for iterations in (1, 2):
            got = student.run(
                lambda ns, W, b, h, t, n: ns.undo(branch, {"W": W, "b": b}, h, t, n), W, b, h, time, iterations
            )
            close(got, backwards(W, b, h, time, iterations))

    @gated
    @weight(2)
    def test_other_networks_and_the_input_itself(self, student, rng):
        """A single layer, a single row, rows that differ, nested weights, one array, negative time; sixty iterations give h_0.

        With 0 iterations nothing is undone. There may be hundreds of iterations, and they need not come to rest.
        """
        w, h = rng.uniform(0.5, 1.0, size=5), rng.normal(size=(1, 3))
        for time in (float(rng.uniform(1.0, 1.5)), -float(rng.uniform(1.0, 1.5))):
            end = h
            for layer in w:
                end = end + time / 5 * layer * np.sin(end)
            close(student.run(lambda ns, w, h, t: ns.residual_network(gentle, w, h, t), w, h, time), end)
            got = student.run(lambda ns, w, h, t: ns.undo(gentle, w, h, t, 60), w, end, time)
            close(got, h)
        close(student.run(lambda ns, w, h: ns.undo(gentle, w, h, 1.0, 0), w, h), h)
        W, b, h = rng.normal(size=(1, 2, 2)) / 2, rng.normal(size=(1, 2)), rng.normal(size=(3, 2))
        end = forwards(W, b, h, 0.5)
        close(student.run(lambda ns, W, b, h: ns.residual_network(branch, {"W": W, "b": b}, h, 0.5), W, b, h), end)
        close(student.run(lambda ns, W, b, h: ns.undo(branch, {"W": W, "b": b}, h, 0.5, 60), W, b, end), h)
        # A target for each row, weights two levels deep. T k / 2 is 0.95 and above 1: slow, and no contraction at all.
        to, h = rng.normal(size=(2, 4, 2)), rng.normal(size=(4, 2))
        for speed, iterations in ((0.95, 300), (float(rng.uniform(1.5, 2.0)), 9)):
            end, back = h, h
            for target in to:
                end = end + 0.5 * (2 * target - 2 * speed * end)
            for target in to[::-1]:
                guess = back
                for _ in range(iterations):
                    guess = back - 0.5 * (2 * target - 2 * speed * guess)
                back = guess
            pull = np.full((2, 1, 1), 2 * speed)
            close(student.run(lambda ns, t, p, h: ns.residual_network(toward, {"to": [2 * t, p]}, h, 1.0), to, pull, h), end)
            got = student.run(lambda ns, t, p, h, n: ns.undo(toward, {"to": [2 * t, p]}, h, 1.0, n), to, pull, h, iterations)
            close(got, back)


# --- 2 --------------------------------------------------------------------------------------------------------------


def damped(f, z, step, tol, max_steps):
    """Iterates and residuals, float64."""
    residuals = [np.linalg.norm(f(z) - z)]
    while residuals[-1] > tol and len(residuals) <= max_steps:
        z = z + step * (f(z) - z)
        residuals.append(np.linalg.norm(f(z) - z))
    return z, residuals


def spread_out(rng, blocks):
    """A matrix with these 1 x 1 and 2 x 2 diagonal blocks, above which stands something: not normal; in no special basis."""
    J = scipy.linalg.block_diag(*blocks)
    J = J + np.triu(rng.normal(size=J.shape), 2)
    Q, _ = np.linalg.qr(rng.normal(size=J.shape))
    return Q @ J @ Q.T


def pair_block(a, b):
    return np.array([[a, -b], [b, a]])


def edge_by_bisection(J):
    """The step at which the spectral radius of I + step (J - I) passes 1."""
    radius = lambda step: np.abs(np.linalg.eigvals(np.eye(len(J)) + step * (J - np.eye(len(J))))).max()
    low, high = 0.0, 200.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if radius(middle) < 1 else (low, middle)
    return low


@question("iterate", reference="powers of a matrix; the recursion in NumPy; bisection of the spectral radius")
class TestIterate:
    def test_affine_map_in_closed_form(self, student, rng):
        """For f(z) = W z + c the error is multiplied by I + eta (W - I) in each step, and its residual is |(W - I) error|.

        As many residuals as iterates: that of the start is the first, that of the returned z the last.
        """
        W, c, z0 = 0.7 * rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3)
        rest = np.linalg.solve(np.eye(3) - W, c)
        for step in (1.0, float(rng.uniform(0.2, 0.7))):
            once = np.eye(3) + step * (W - np.eye(3))
            ends = [np.linalg.matrix_power(once, k) @ (z0 - rest) for k in range(5)]
            got = student.run(lambda ns, W, c, z, s: ns.iterate(lambda z: W @ z + c, z, s, 0.0, 4), W, c, z0, step)
            path_close(got, rest + ends[-1], [np.linalg.norm((W - np.eye(3)) @ e) for e in ends])

    def test_stops_when_the_residual_is_small_enough(self, student, rng):
        """The first iterate with a residual <= tol is returned; a matrix has one residual, over all its entries."""
        W, c, z0 = rng.normal(size=(3, 3)) / 3, rng.normal(size=(2, 3)), np.zeros((2, 3))
        f = lambda z: np.tanh(z @ W.T + c)
        for step in (1.0, 0.5):
            residuals = damped(f, z0, step, 0.0, 9)[1]
            tol = float(np.sqrt(residuals[4] * residuals[5]))
            got = student.run(
                lambda ns, W, c, z, s, tol: ns.iterate(lambda z: jnp.tanh(z @ W.T + c), z, s, tol, 50), W, c, z0, step, tol
            )
            path_close(got, *damped(f, z0, step, tol, 50))

    @weight(2)
    def test_largest_step(self, student, rng):
        """The step at which the first eigenvalue of I + eta (J - I) leaves the unit disk.

        |1 + eta (mu - 1)|^2 is a parabola in eta. It is 1 at eta = 0 and at one more place, for each eigenvalue its own.
        """
        a, b = float(rng.uniform(-1.5, 0.5)), float(rng.uniform(1.0, 2.0))
        for blocks in (
            [[float(rng.uniform(-4, -2))], [0.5], [-0.5]],
            [pair_block(a, b), [0.25]],
            [pair_block(0.75, b), [-1.5], [0.875]],
        ):
            J = spread_out(rng, blocks)
            close(student.largest_step(J), edge_by_bisection(J), rtol=3e-6)

    @gated
    @weight(4)
    def test_the_whole_range(self, student, rng):
        """No step at all; a start at rest; a number, three axes; runs that never stop; no eta that works; slow layers, hurried.

        With tol = 0 all `max_steps` steps are made, however small or large the residuals become.
        """
        c = rng.normal(size=2)
        still = student.run(lambda ns, c: ns.iterate(lambda z: 0.5 * z + c / 2, c, 1.0, 0.0, 3), c)
        path_close(still, c, [0.0])  # 0 <= 0
        got = student.run(lambda ns, c: ns.iterate(lambda z: 0.5 * z, c, 1.0, 0.0, 0), c)
        path_close(got, c, [np.linalg.norm(c) / 2])
        number = float(rng.uniform(0.5, 2.0))
        got = student.run(lambda ns, z: ns.iterate(lambda z: jnp.cos(z), z, 0.5, 1e-10, 100), np.array(number))
        path_close(got, *damped(np.cos, np.array(number), 0.5, 1e-10, 100))
        for blocks in ([[float(rng.uniform(1.1, 2.0))], [-0.5]], [pair_block(1.25, float(rng.uniform(0.5, 2))), [0.5]]):
            close(student.largest_step(spread_out(rng, blocks)), 0.0)
        for value in (float(rng.uniform(0.9, 0.98)), float(rng.uniform(-6, -3))):
            close(student.largest_step(np.array([[value]])), 2 / (1 - value))
        many = spread_out(rng, [[float(v)] for v in rng.uniform(-0.5, 0.9, size=9)] + [[-3.0]])
        close(student.largest_step(many), 0.5, rtol=1e-5)
        start, hurried = rng.normal(size=(2, 3, 2)), float(rng.uniform(1.2, 1.8))
        norm = np.sqrt(np.sum(start**2))
        # f(z) = a z: each step multiplies by 1 + step (a - 1). Slow; fast, down to 1e-17; without end, up to 1e9.
        for a, step, steps in ((0.99, hurried, 300), (0.5, 1.0, 60), (-3.0, 1.5, 13)):
            got = student.run(lambda ns, a, z, s, n: ns.iterate(lambda z: a * z, z, s, 0.0, n), a, start, step, steps)
            factor = 1 + step * (a - 1)
            path_close(got, factor**steps * start, (1 - a) * norm * np.abs(factor) ** np.arange(steps + 1))
        for gap in (float(rng.uniform(3e-3, 7e-3)), 2e-3):
            close(student.largest_step(np.array([[1 - gap]])), 2 / gap)
        among = spread_out(rng, [[-2.0], [-1.5], [-1.0], [0.0], pair_block(0.5, 5.0), [0.75], [0.875], [0.9375], [-0.5]])
        close(student.largest_step(among), 1 / 25.25, rtol=1e-5)
        Q, _ = np.linalg.qr(rng.normal(size=(30, 30)))
        values = -1 - 0.3 * rng.uniform(0, 1, size=30)
        close(student.largest_step((Q * values) @ Q.T), 2 / (1 - values.min()))


# --- 3 --------------------------------------------------------------------------------------------------------------


def repelling(rng, d):
    """W with eigenvalues around -1, in part outside of the unit disk; I - W is well conditioned, and GMRES does not stagnate."""
    return -np.eye(d) - 0.6 * np.clip(rng.normal(size=(d, d)), -2, 2) / np.sqrt(d)


def newton_reference(f, jacobian, z, tol, max_steps):
    """Newton's method row by row; jacobian(z, row) is a d x d matrix."""
    residuals = [np.linalg.norm(f(z) - z)]
    while residuals[-1] > tol and len(residuals) <= max_steps:
        change = f(z) - z
        z = np.array([z[i] + np.linalg.solve(np.eye(z.shape[1]) - jacobian(z, i), change[i]) for i in range(len(z))])
        residuals.append(np.linalg.norm(f(z) - z))
    return z, residuals


@question("newton", reference="Jacobians by hand, one row at a time, in NumPy; a closed form for 4000 rows")
class TestNewton:
    def test_one_and_two_steps(self, student, rng):
        """The rows of a tanh layer with inputs of their own: the residuals before and after each of two steps, and the end.

        Each row has its own Jacobian, at its own z, taken anew in each step.
        """
        W, c, z0 = 0.8 * rng.normal(size=(3, 3)), rng.normal(size=(4, 3)), rng.normal(size=(4, 3)) / 2
        f = lambda z: np.tanh(z @ W.T + c) / 2
        jacobian = lambda z, i: (0.5 * (1 - np.tanh(W @ z[i] + c[i]) ** 2))[:, None] * W
        got = student.run(lambda ns, W, c, z: ns.newton(lambda z: jnp.tanh(z @ W.T + c) / 2, z, 0.0, 2), W, c, z0)
        path_close(got, *newton_reference(f, jacobian, z0, 0.0, 2))

    def test_an_affine_layer_takes_one_step(self, student, rng):
        """An affine layer is solved by one step, also where iteration runs away; then the residual is small enough."""
        W, c = repelling(rng, 3) - 0.5 * np.eye(3), rng.normal(size=(2, 3))
        got = student.run(lambda ns, W, c: ns.newton(lambda z: z @ W.T + c, jnp.zeros((2, 3)), 1e-6, 5), W, c)
        z = np.linalg.solve(np.eye(3) - W, c.T).T
        path_close(got, z, [np.linalg.norm(c), 0.0], atol=1e-8)

    def test_until_it_is_solved(self, student, rng):
        """A rational layer: the residuals of all steps until the last digit, and no step more."""
        c, z0 = rng.uniform(0.3, 1.0, size=(5, 2)), rng.uniform(0.0, 1.0, size=(5, 2))
        f = lambda z: c / (1 + z[:, ::-1] ** 2)
        jacobian = lambda z, i: np.array(
            [[0, -2 * c[i, 0] * z[i, 1] / (1 + z[i, 1] ** 2) ** 2], [-2 * c[i, 1] * z[i, 0] / (1 + z[i, 0] ** 2) ** 2, 0]]
        )
        z, residuals = newton_reference(f, jacobian, z0, 1e-3, 12)
        got = student.run(lambda ns, c, z: ns.newton(lambda z: c / (1 + z[:, ::-1] ** 2), z, 1e-3, 12), c, z0)
        path_close(got, z, residuals)

    @gated
    @weight(3)
    def test_four_thousand_rows(self, student, rng):
        """4000 rows of 8 columns, where the Jacobian of the whole batch would need 8 GB; a single row or column; no step.

        Steps after which the residual is larger; many slow steps; layers whose I - J is small, and large numbers.
        """
        scale = np.tile(rng.uniform(1.0, 2.0, size=(50, 8)), (80, 1))
        got = student.run(lambda ns, s: ns.newton(lambda z: s / (1 + z), jnp.ones_like(s), 1e-8, 12), scale)
        z, norms = pair_of(got, "(z, residuals)")
        close(z, (np.sqrt(1 + 4 * scale) - 1) / 2)  # z (1 + z) = s
        norms = as_array(norms, what="The residuals")
        require(norms.ndim == 1 and norms[-1] <= 1e-8, "stop when the residual of the whole batch is <= tol")
        for shape in ((1, 3), (3, 1)):
            c = rng.uniform(0.5, 1.5, size=shape)
            got = student.run(lambda ns, c: ns.newton(lambda z: jnp.exp(-z) * c, jnp.zeros_like(c), 0.0, 2), c)
            path_close(got, *newton_reference(lambda z, c=c: np.exp(-z) * c,
                                              lambda z, i, c=c: np.diag(-np.exp(-z[i]) * c[i]), 0 * c, 0.0, 2))  # fmt: skip
        still = student.run(lambda ns, c: ns.newton(lambda z: 0.5 * z + c / 2, c, 0.0, 3), c)
        path_close(still, c, [0.0])  # 0 <= 0
        got = student.run(lambda ns, c: ns.newton(lambda z: jnp.exp(-z) * c, c, 0.0, 0), c)
        path_close(got, c, [np.linalg.norm(np.exp(-c) * c - c)])
        z0 = rng.uniform(1.45, 1.7, size=(3, 1))  # from there Newton's method for arctan(z) = 0 goes away from 0
        got = student.run(lambda ns, z: ns.newton(lambda z: z - jnp.arctan(z), z, 0.0, 2), z0)
        away = lambda z, i: np.array([[1 - 1 / (1 + z[i, 0] ** 2)]])
        path_close(got, *newton_reference(lambda z: z - np.arctan(z), away, z0, 0.0, 2))
        # z = z + s z^2 has a double root: each step halves z, twenty times.
        s = rng.uniform(0.5, 1.0, size=(3, 1))
        halves = 0.5 ** np.arange(31)
        got = student.run(lambda ns, s, tol: ns.newton(lambda z: z + s * z**2, jnp.ones_like(s), tol, 30), s, 1e-12)
        count = 1 + int(np.argmax(np.linalg.norm(s) * halves**2 <= 1e-12))
        path_close(got, halves[count - 1] * np.ones((3, 1)), np.linalg.norm(s) * halves[:count] ** 2, atol=0.0)
        M, c, z0 = 1e-4 * (np.eye(3) - repelling(rng, 3)), 1e6 * rng.normal(size=(2, 3)), 1e6 * rng.normal(size=(2, 3))
        got = student.run(lambda ns, W, c, z: ns.newton(lambda z: z @ W.T + c, z, 0.0, 1), np.eye(3) - M, c, z0)
        z, norms = pair_of(got, "(z, residuals)")
        close(z, np.linalg.solve(M, c.T).T)
        require(np.shape(norms) == (2,), "one step: two residuals")


# --- 4 --------------------------------------------------------------------------------------------------------------


def anderson_reference(f, z, memory, tol, max_steps):
    """Anderson mixing with the weights in a basis of the vectors whose entries sum to 0, float64."""
    images, changes, norms = [], [], []
    while True:
        images, changes = [*images, f(z)][-memory - 1 :], [*changes, f(z) - z][-memory - 1 :]
        norms.append(np.linalg.norm(changes[-1]))
        if norms[-1] <= tol or len(norms) > max_steps:
            return z, norms
        count = len(images)
        alpha = np.full(count, 1 / count)
        if count > 1:
            free = scipy.linalg.null_space(np.ones((1, count)))
            R = np.stack(changes, axis=1)
            alpha = alpha - free @ scipy.linalg.lstsq(R @ free, R @ alpha)[0]
        z = np.stack(images, axis=1) @ alpha


def gmres_path(W, c, steps):
    """Iterates z_1, ..., z_steps of full-memory Anderson from 0: f of the point of least residual in the Krylov space."""
    M, basis, path = np.eye(len(c)) - W, np.zeros((len(c), 0)), []
    for k in range(steps):
        y = basis @ np.linalg.lstsq(M @ basis, c, rcond=None)[0] if k else np.zeros(len(c))
        path.append(W @ y + c)
        basis = np.linalg.qr(np.column_stack([basis, (np.linalg.matrix_power(M, k) @ c)[:, None]]))[0]
    return path


@question("anderson", reference="the constrained least squares in another basis; GMRES in float64; a linear solve")
class TestAnderson:
    @weight(2)
    def test_a_sliding_window(self, student, rng):
        """Six updates of a curved map with memory 1 and 3: the next iterate mixes the images f(z_i) of the last m + 1.

        The weights sum to 1 and minimise the mixed residual.
        """
        V, W, c, z0 = rng.normal(size=(6, 9)) / 3, rng.normal(size=(9, 6)) / 2, rng.normal(size=6), rng.normal(size=6) / 2
        f = lambda z: V @ np.sin(W @ z) + c
        for memory in (1, 3):
            got = student.run(
                lambda ns, V, W, c, z, m: ns.anderson(lambda z: V @ jnp.sin(W @ z) + c, z, m, 1e-12, 6), V, W, c, z0, memory
            )
            path_close(got, *anderson_reference(f, z0, memory, 1e-12, 6), rtol=1e-5)

    def test_full_memory_is_gmres(self, student, rng):
        """On an affine map each iterate is f of the point with the least residual in the Krylov space of all before it."""
        W, c = repelling(rng, 7), rng.normal(size=7)
        path = [np.zeros(7), *gmres_path(W, c, 4)]
        norms = [np.linalg.norm(W @ z + c - z) for z in path]
        for steps in (2, 4):
            got = student.run(
                lambda ns, W, c, n: ns.anderson(lambda z: W @ z + c, jnp.zeros(7), 7, 1e-12, n), W, c, steps
            )
            path_close(got, path[steps], norms[: steps + 1], rtol=1e-5)

    def test_ends_where_iteration_runs_away(self, student, rng):
        """d dimensions, memory d, an affine map that repels: the update after the d-th lands on the equilibrium."""
        W, c = repelling(rng, 4), rng.normal(size=4)
        got = student.run(lambda ns, W, c: ns.anderson(lambda z: W @ z + c, jnp.zeros(4), 4, 1e-7, 30), W, c)
        z, norms = pair_of(got, "(z, residuals)")
        norms = as_array(norms, what="The residuals")
        close(z, np.linalg.solve(np.eye(4) - W, c), rtol=1e-5)
        require(norms.ndim == 1 and len(norms) <= 6, "after d + 1 updates the residual is 0 up to rounding: stop there")
        require(norms[-1] <= 1e-7, "the last residual is that of the returned z, and <= tol")

    @gated
    @weight(4)
    def test_the_whole_range(self, student, rng):
        """Memory 0 is plain iteration; one dimension; no update; a start at rest; memory 8; forty dimensions down to 1e-10.

        Differences of late residuals are nearly parallel: solve the least-squares problem as such. The weights may be large, and
        the residuals may grow.
        """
        z0 = rng.normal(size=3)
        got = student.run(lambda ns, z: ns.anderson(lambda v: v / 2, z, 0, 1e-13, 99), z0)
        fall = np.linalg.norm(z0) * 0.5 ** np.arange(1, 60)
        count = int(np.argmax(fall <= 1e-13)) + 1
        path_close(got, z0 * 0.5 ** (count - 1), fall[:count], atol=0.0)
        slope = float(rng.uniform(1.5, 3.0))
        got = student.run(lambda ns, a: ns.anderson(lambda z: a * z - 1.0, jnp.zeros(1), 1, 1e-9, 9), slope)
        path_close(got, np.array([1 / (slope - 1)]), [1.0, slope, 0.0])
        path_close(student.run(lambda ns, z: ns.anderson(lambda v: v / 2, z, 2, 1e-9, 0), z0), z0, [np.linalg.norm(z0) / 2])
        one = np.abs(z0[:1]) + 1
        got = student.run(lambda ns, z, tol: ns.anderson(lambda v: v / 2, z, 1, tol, 3), one, float(one[0] / 2))
        path_close(got, one, [one[0] / 2])  # the residual is tol, to the last digit
        path_close(student.run(lambda ns, z: ns.anderson(lambda v: (v + z) / 2, z, 2, 1e-9, 9), z0), z0, [0.0])
        slow = float(rng.uniform(0.9985, 0.9995))
        got = student.run(lambda ns, a: ns.anderson(lambda z: a * z + 1.0, jnp.zeros(1), 1, 1e-9, 9), slow)
        path_close(got, np.array([1 / (1 - slow)]), [1.0, slow, 0.0], rtol=1e-6)
        # Symmetric, with a dozen eigenvalues that no short memory tells apart; and one that repels strongly.
        Q, _ = np.linalg.qr(rng.normal(size=(12, 12)))
        for values, memory, steps in ((np.linspace(0.5, 0.99, 12), 8, 9), (-np.linspace(5, 20, 12), 3, 4)):
            W, c = (Q * values) @ Q.T, Q @ np.where(rng.uniform(-1, 1, size=12) < 0, -1.0, 1.0)
            got = student.run(
                lambda ns, W, c, m, n: ns.anderson(lambda z: W @ z + c, jnp.zeros(12), m, 1e-9, n), W, c, memory, steps
            )
            path_close(got, *anderson_reference(lambda z, W=W, c=c: W @ z + c, np.zeros(12), memory, 1e-9, steps), rtol=1e-5)
        # Differences of size 1 and 1e-7, both of which decide where the equilibrium is; their squares are lost in rounding.
        Q, slow = np.linalg.qr(rng.normal(size=(2, 2)))[0], float(rng.uniform(0.5, 1.0)) * 1e-4
        W, c = (Q * [0.5, 1 - slow]) @ Q.T, Q @ [1.0, 1e-3]
        got = student.run(lambda ns, W, c: ns.anderson(lambda z: W @ z + c, jnp.zeros(2), 2, 1e-9, 3), W, c)
        close(pair_of(got, "(z, residuals)")[0], Q @ [2.0, 1e-3 / slow], rtol=1e-5)
        W = rng.normal(size=(40, 40)) / np.sqrt(40)
        W, c = 1.2 * W / np.linalg.norm(W, 2), rng.normal(size=40) / 2
        f = lambda z: np.tanh(W @ z + c)
        best = len(anderson_reference(f, np.zeros(40), 5, 1e-10, 100)[1])
        got = student.run(
            lambda ns, W, c: ns.anderson(lambda z: jnp.tanh(W @ z + c), jnp.zeros(40), 5, 1e-10, 100), W, c
        )
        z, norms = pair_of(got, "(z, residuals)")
        norms = as_array(norms, what="The residuals")
        require(norms.ndim == 1 and norms[-1] <= 1e-10, "the residual should come down to 1e-10 in forty dimensions")
        require(len(norms) <= best + 5, f"{len(norms) - 1} updates where {best - 1} are enough (memory 5, forty dimensions)")
        close(z, damped(f, np.zeros(40), 1.0, 1e-13, 5000)[0])


# --- 5 and 6 --------------------------------------------------------------------------------------------------------


@sendable
def tanh_layer(p, x, z):
    return jnp.tanh(z @ p["W"].T + x @ p["U"].T + p["b"])


@sendable
def until_it_rests(g, start):
    """Iterates 400 times, in a loop that cannot be differentiated in reverse mode."""
    return jax.lax.while_loop(lambda c: c[0] < 400, lambda c: (c[0] + 1, g(c[1])), (0, start))[1]


@sendable
def by_newton(g, start):
    """Newton's method with the whole Jacobian: finds equilibria that repel, and solves linear equations in one step."""
    shape = start.shape

    def further(carry):
        flat = lambda v: g(v.reshape(shape)).ravel()
        J = jax.jacfwd(flat)(carry[1])
        return carry[0] + 1, carry[1] + jnp.linalg.solve(jnp.eye(J.shape[0]) - J, flat(carry[1]) - carry[1])

    return jax.lax.while_loop(lambda c: c[0] < 12, further, (0, start.ravel()))[1].reshape(shape)


def at_rest(W, U, b, x):
    z = np.zeros((len(x), len(b)))
    for _ in range(400):
        z = np.tanh(z @ W.T + x @ U.T + b)
    return z


def layer_draw(rng, rows):
    """Weights and inputs of a tanh layer with |W| > 1 > rho(J) at the equilibrium, W not symmetric; 4 units, 3 inputs."""
    while True:
        W, U, b, x = rng.normal(size=(4, 4)) / 1.5, rng.normal(size=(4, 3)), rng.normal(size=4) / 2, rng.normal(size=(rows, 3))
        z = at_rest(W, U, b, x)
        radius = max(np.abs(np.linalg.eigvals((1 - row**2)[:, None] * W)).max() for row in z)
        still = np.abs(np.tanh(z @ W.T + x @ U.T + b) - z).max() < 1e-12
        if still and 0.25 < radius < 0.85 and np.linalg.norm(W, 2) > 1.1:
            return W, U, b, x


def repelling_layer(rng):
    """The same with rho(J) > 1 at the equilibrium z of a single row."""
    while True:
        z = rng.uniform(-0.6, 0.6, size=(1, 4))
        W = 1.5 * rng.normal(size=(4, 4))
        J = (1 - z[0] ** 2)[:, None] * W
        if np.abs(np.linalg.eigvals(J)).max() > 1.3 and np.linalg.cond(np.eye(4) - J) < 20:
            U, x = rng.normal(size=(4, 3)), rng.normal(size=(1, 3))
            return W, U, (np.arctanh(z) - z @ W.T - x @ U.T)[0], x, z


def pulled_back(W, U, b, x, z, g, terms=None, tilt=1.0):
    """Gradients with respect to W, U, b and x: u solves (I - J^T) u = g row by row, or is a sum of so many terms.

    `tilt` is the slope that each entry of z has on its way into the layer.
    """
    y = z @ W.T + x @ U.T + b
    slope = 1 - np.tanh(y) ** 2
    u = []
    for row, direction in zip(slope, g, strict=True):
        J = row[:, None] * W * tilt
        if terms is None:
            u.append(np.linalg.solve(np.eye(len(W)) - J.T, direction))
        else:
            u.append(sum(np.linalg.matrix_power(J.T, j) @ direction for j in range(terms)))
    v = slope * np.array(u)
    return {"W": np.einsum("ni,nj->ij", v, z), "U": np.einsum("ni,nj->ij", v, x), "b": v.sum(axis=0)}, v @ U


def gradients_close(got, expected, **tolerance):
    """(gradient of params, gradient of x), the former a dictionary."""
    of_params, of_x = pair_of(got, "(gradient with respect to params, gradient with respect to x)")
    good = isinstance(of_params, dict) and set(of_params) == set(expected[0])
    require(good, "the gradient with respect to params has the form of params")
    for name, value in expected[0].items():
        close(of_params[name], value, **tolerance)
    close(of_x, expected[1], **tolerance)


@question("implicit", reference="the implicit function theorem by linear solves, row by row, in NumPy")
class TestImplicit:
    def test_the_equilibrium(self, student, rng):
        """z solves z = tanh(W z + U x + b) for each row, found by the solver that was given."""
        W, U, b, x = layer_draw(rng, 3)
        got = student.run(
            lambda ns, W, U, b, x: ns.equilibrium(tanh_layer, until_it_rests, {"W": W, "U": U, "b": b}, x, jnp.zeros((3, 4))),
            W, U, b, x,
        )  # fmt: skip
        close(got, at_rest(W, U, b, x))

    @weight(2)
    def test_gradients_of_a_layer(self, student, rng):
        """Gradients with respect to W, U, b and x, for three examples, whose gradients add up.

        u = g + J^T u, and u is sent backwards through f once: to the parameters and to x.
        """
        W, U, b, x = layer_draw(rng, 3)
        g, a, c = rng.normal(size=(3, 4)), rng.uniform(0.5, 0.9, size=4), rng.uniform(2.0, 4.0, size=3)

        def probe(ns, W, U, b, x, g, a, c):
            f = lambda p, x, z: tanh_layer(p, x, tilted(a)(z))
            value = lambda p, x: jnp.sum(g * ns.equilibrium(f, until_it_rests, p, tilted(c)(x), jnp.zeros_like(g)))
            return jax.grad(value, argnums=(0, 1))({"W": W, "U": U, "b": b}, x)

        of_params, of_x = pulled_back(W, U, b, x, at_rest(W, U, b, x), g, tilt=a)
        gradients_close(student.run(probe, W, U, b, x, g, a, c), (of_params, c * of_x))

    @weight(2)
    def test_an_equilibrium_that_repels(self, student, rng):
        """rho(J) is larger than 1, and the solver is Newton's method: the gradient exists all the same.

        An iteration of your own would run away, on the way back, too. Leave both searches to `solve`.
        """
        W, U, b, x, z = repelling_layer(rng)
        near, g, c = z + 1e-3 * rng.normal(size=(1, 4)), rng.normal(size=(1, 4)), rng.uniform(2.0, 4.0, size=3)

        def probe(ns, W, U, b, x, near, g, c):
            value = lambda p, x: jnp.sum(g * ns.equilibrium(tanh_layer, by_newton, p, tilted(c)(x), near))
            return jax.grad(value, argnums=(0, 1))({"W": W, "U": U, "b": b}, x)

        of_params, of_x = pulled_back(W, U, b, x, z, g)
        gradients_close(student.run(probe, W, U, b, x, near, g, c), (of_params, c * of_x), rtol=1e-5)

    @gated
    @weight(5)
    def test_other_layers_and_the_start(self, student, rng):
        """Nested parameters, entries coupled across rows, a loss that is not linear, compiled; the start decides nothing.

        The gradient with respect to z0 is zero, whatever z0 is. States of any shape: a number, three axes, 4000 rows, where a
        Jacobian of all entries would need 8 GB. A layer that repels strongly.
        """
        a, x, z0 = rng.uniform(0.3, 0.7, size=2), rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
        c, level, other = (float(v) for v in rng.uniform(2.0, 4.0, size=3))

        def probe(ns, a, x, z0, c, level, other):
            now = [level]
            f = lambda p, x, z: p["gain"][0] * z[::-1, :] / 2 + p["gain"][1] * jnp.roll(z, 1, axis=1) / 2 + x
            loss = lambda p, x, z0: jnp.sum(ns.equilibrium(f, until_it_rests, p, tilted(c)(x), z0) ** 2) / 2 + now[0]
            compiled = jax.jit(jax.value_and_grad(loss, argnums=(0, 1, 2)))
            compiled({"gain": [a[0], a[1]]}, x, z0)
            now[0] = other  # too late for a compiled program
            value, (of_p, of_x, of_z0) = compiled({"gain": [a[0], a[1]]}, x, z0)
            return value, of_p["gain"], of_x, of_z0

        got = student.run(probe, a, x, z0, c, level, other)
        require(isinstance(got, (list, tuple)) and len(got) == 4, "one gradient for each of params, x and z0")
        swap = np.kron(np.eye(2)[::-1], np.eye(3))
        shift = np.kron(np.eye(2), np.roll(np.eye(3), 1, axis=0))
        J = (a[0] * swap + a[1] * shift) / 2
        z = np.linalg.solve(np.eye(6) - J, x.ravel())
        u = np.linalg.solve(np.eye(6) - J.T, z)
        close(got[0], z @ z / 2 + level)
        close(got[1], np.array([u @ swap @ z / 2, u @ shift @ z / 2]))
        close(got[2], c * u.reshape(2, 3))
        close(got[3], np.zeros((2, 3)))
        # Another layer of the same shapes: z = p x / (1 - p), entry by entry.
        p, x = rng.uniform(0.3, 0.7, size=2), rng.normal(size=(2, 3))

        def other_layer(ns, p, x, c):
            f = lambda p, x, z: p["gain"][0] * (z + p["gain"][1] * x)
            value = lambda p, x: jnp.sum(ns.equilibrium(f, until_it_rests, p, tilted(c)(x), jnp.zeros((2, 3))))
            of_p, of_x = jax.grad(value, argnums=(0, 1))({"gain": [p[0], p[1]]}, x)
            return of_p["gain"], of_x

        of_p, of_x = pair_of(student.run(other_layer, p, x, c), "(gradient of params, gradient of x)")
        close(of_p, np.array([p[1] / (1 - p[0]) ** 2, p[0] / (1 - p[0])]) * x.sum())
        close(of_x, np.full((2, 3), c * p[0] * p[1] / (1 - p[0])))
        # z = x - a z: a number with a = 20, which amplifies every error; three axes with a = -0.995, where nothing is quick.
        for shape, a in (((), float(rng.uniform(19, 21))), ((2, 2, 2), -float(rng.uniform(0.993, 0.997)))):
            x, g = rng.normal(size=shape), rng.normal(size=shape)

            def strong(ns, a, x, g, c):
                layer = lambda a, x: ns.equilibrium(lambda a, x, z: x - a * z, by_newton, a, tilted(c)(x), jnp.zeros_like(x))
                return layer(a, x), jax.grad(lambda a, x: jnp.sum(g * layer(a, x)), argnums=(0, 1))(a, x)

            z, got = pair_of(student.run(strong, np.array(a), x, g, c), "z and its gradients")
            of_a, of_x = pair_of(got, "(gradient of params, gradient of x)")
            close(z, x / (1 + a))
            close(of_a, -np.sum(g * x) / (1 + a) ** 2)
            close(of_x, c * g / (1 + a))
        # 32,000 entries: z = c roll(z) + x down the columns, so that x passes on with powers of c. Every 50 rows are alike.
        tilt, c, x = c, float(rng.uniform(0.85, 0.95)), np.tile(rng.normal(size=(50, 8)), (80, 1))

        def large(ns, c, x, tilt):
            f = lambda c, x, z: c * jnp.roll(z, 1, axis=0) + x
            value = lambda c, x: jnp.sum(x * ns.equilibrium(f, until_it_rests, c, tilted(tilt)(x), jnp.zeros_like(x)))
            of_c, of_x = jax.grad(value, argnums=(0, 1))(c, x)
            return of_c, of_x[:50]

        of_c, of_x = pair_of(student.run(large, np.array(c), x, tilt), "(gradient of params, gradient of x)")
        S = np.roll(np.eye(50), 1, axis=0)  # S z is z, rolled
        R = np.linalg.inv(np.eye(50) - c * S)
        close(of_c, 80 * np.sum(x[:50] * (R @ S @ R @ x[:50])))
        close(of_x, R @ x[:50] + tilt * R.T @ x[:50])


@question("series", reference="powers of the Jacobian, row by row, in NumPy; a linear solve")
class TestSeries:
    @weight(2)
    def test_a_few_terms(self, student, rng):
        """1, 2, 3 and 6 terms at a point that is no equilibrium: J belongs to this point, in all terms."""
        W, U, b, x = layer_draw(rng, 3)
        z, g = rng.uniform(-0.8, 0.8, size=(3, 4)), rng.normal(size=(3, 4))
        for terms in (1, 2, 3, 6):
            got = student.run(
                lambda ns, W, U, b, x, z, g, K: ns.truncated_gradient(tanh_layer, {"W": W, "U": U, "b": b}, x, z, g, K),
                W, U, b, x, z, g, terms,
            )  # fmt: skip
            gradients_close(got, pulled_back(W, U, b, x, z, g, terms))

    @gated
    @weight(2)
    def test_many_terms_and_coupled_rows(self, student, rng):
        """Three hundred terms at the equilibrium give the gradient itself; entries that are coupled across rows; one number.

        A thousand terms that have not converged, terms that grow, terms that all but vanish and come back: K terms are K terms.
        """
        W, U, b, x = layer_draw(rng, 1)
        z, g = at_rest(W, U, b, x), rng.normal(size=(1, 4))
        got = student.run(
            lambda ns, W, U, b, x, z, g: ns.truncated_gradient(tanh_layer, {"W": W, "U": U, "b": b}, x, z, g, 300),
            W, U, b, x, z, g,
        )  # fmt: skip
        gradients_close(got, pulled_back(W, U, b, x, z, g))
        p, x, z, g = float(rng.uniform(0.5, 0.9)), rng.normal(size=(2, 2)), rng.normal(size=(2, 2)), rng.normal(size=(2, 2))
        got = student.run(
            lambda ns, p, x, z, g: ns.truncated_gradient(lambda p, x, z: p * jnp.cumsum(z, axis=0) + x, p, x, z, g, 4),
            np.array(p), x, z, g,
        )  # fmt: skip
        of_p, of_x = pair_of(got, "(gradient with respect to params, gradient with respect to x)")
        lower = np.tril(np.ones((2, 2)))
        u = sum(np.linalg.matrix_power(p * lower.T, j) @ g for j in range(4))
        close(of_p, np.sum(u * (lower @ z)))
        close(of_x, u)
        for shape, p, terms in (((), 0.999, 1000), ((2, 2, 2), float(rng.uniform(2, 3)), 12)):
            z, g = rng.normal(size=shape), rng.normal(size=shape)

            def nested(ns, p, z, g, K):
                f = lambda p, x, z: p["a"][0] * z + p["a"][1] * x
                of_p, of_x = ns.truncated_gradient(f, {"a": (p, jnp.ones_like(p))}, z + 1, z, g, K)
                return tuple(of_p["a"]), of_x

            of_p, of_x = pair_of(student.run(nested, np.array(p), z, g, terms), "(gradient of params, gradient of x)")
            total = (p**terms - 1) / (p - 1) * g
            of_both = pair_of(of_p, "one gradient for each parameter")
            close(of_both[0], np.sum(total * z))
            close(of_both[1], np.sum(total * (z + 1)))
            close(of_x, total)
        # J^T sends the first unit vector to 1e-10 of the second, this one to 1e10 of the third, and the third to 0.
        W, z, large = np.zeros((3, 3)), rng.normal(size=3), float(rng.uniform(1.0, 3.0)) * 1e10
        W[0, 1], W[1, 2] = 1e-10, large
        got = student.run(
            lambda ns, W, z: ns.truncated_gradient(lambda W, x, z: W @ z + x, W, z, z, jnp.array([1.0, 0.0, 0.0]), 4), W, z
        )
        of_W, of_x = pair_of(got, "(gradient with respect to params, gradient with respect to x)")
        u = np.array([1.0, 1e-10, 1e-10 * large])
        close(of_W, np.outer(u, z))
        close(of_x, u)


# --- 7 --------------------------------------------------------------------------------------------------------------


def monotone_draw(rng, d, k, m=0.5):
    """W of the paper's form, made entry by entry; far from normal."""
    A, B = 0.75 * rng.normal(size=(k, d)), rng.normal(size=(d, d))
    W = np.zeros((d, d))
    for i, j in itertools.product(range(d), range(d)):
        W[i, j] = (1 - m) * (i == j) - A[:, i] @ A[:, j] + B[i, j] - B[j, i]
    return A, B, W


def by_trying(W, b):
    """z = relu(W z + b) for one row: every set of active units is tried, and exactly one fits."""
    d, found = len(b), []
    for active in itertools.product((False, True), repeat=d):
        on = np.flatnonzero(active)
        z = np.zeros(d)
        if len(on):
            z[on] = np.linalg.solve(np.eye(len(on)) - W[np.ix_(on, on)], b[on])
        y = W @ z + b
        if (z[on] > 0).all() and (y[[i for i in range(d) if i not in on]] <= 0).all():
            found.append(z)
    assert len(found) == 1, "the reference should find one equilibrium"
    return found[0]


def split_steps(W, b, alpha, steps):
    """Peaceman-Rachford with the two reflections written out, one row at a time."""
    M, rows = np.eye(len(W)) - W, []
    for shift in b:
        u = np.zeros(len(W))
        for _ in range(steps):
            v = 2 * np.maximum(u, 0) - u
            z = np.linalg.inv(np.eye(len(W)) + alpha * M) @ (v + alpha * shift)
            u = 2 * z - v
        rows.append(np.maximum(u, 0))
    return np.array(rows)


def forward_steps(W, b, alpha, steps):
    z = np.zeros_like(b)
    for _ in range(steps):
        z = np.maximum((1 - alpha) * z + alpha * (np.einsum("ij,nj->ni", W, z) + b), 0)
    return z


@question("monotone", reference="entry by entry; a scalar minimisation; both splittings row by row; all sets of active units")
class TestMonotone:
    def test_weight(self, student, rng):
        """(1 - m) I - A^T A + B - B^T, for flat and for tall A and a B that is not antisymmetric."""
        for k in (2, 5):
            m = float(rng.uniform(0.2, 1.8))
            A, B, W = monotone_draw(rng, 3, k, m)
            close(student.monotone_weight(A, B, m), W)

    def test_safe_step(self, student, rng):
        """alpha minimises 1 - 2 alpha mu + alpha^2 |M|^2, and the factor is the root of what is left.

        mu belongs to the symmetric part of M = I - W, the norm to M itself.
        """
        for k in (2, 4):
            W = monotone_draw(rng, 3, k, float(rng.uniform(0.4, 0.8)))[2]
            M = np.eye(3) - W
            mu, norm = np.linalg.eigvalsh(M + M.T)[0] / 2, np.linalg.svd(M)[1][0]
            bound = scipy.optimize.minimize_scalar(lambda a, mu=mu, n=norm: (a * n) ** 2 - 2 * a * mu, bracket=(0, 1 / norm))
            alpha, factor = pair_of(student.safe_step(W), "(alpha, factor)")
            close(alpha, bound.x, rtol=1e-5)
            close(factor, np.sqrt(1 + bound.fun), rtol=0, atol=2e-6)

    def test_forward_backward_steps(self, student, rng):
        """One and three steps from 0 for several rows: relu(z + alpha (W z + b - z))."""
        W, b = monotone_draw(rng, 3, 2)[2], rng.normal(size=(4, 3))
        for steps in (1, 3):
            alpha = float(rng.uniform(0.1, 0.5))
            close(student.forward_backward(W, b, alpha, steps), forward_steps(W, b, alpha, steps))

    def test_peaceman_rachford_steps(self, student, rng):
        """One and three steps from u = 0 for several rows: reflect at the relu, reflect at F; relu(u) in the end."""
        W, b = monotone_draw(rng, 3, 2)[2], rng.normal(size=(4, 3))
        for steps in (1, 3):
            alpha = float(rng.uniform(0.3, 1.5))
            close(student.peaceman_rachford(W, b, alpha, steps), split_steps(W, b, alpha, steps))

    @gated
    @weight(4)
    def test_the_equilibrium_and_the_ends_of_the_range(self, student, rng):
        """Both splittings arrive at the only equilibrium, where |W| is large; no step; one row; W = (1 - m) I.

        At the best step the guarantee for M = m I is the factor 0: mind the root of a number that should be 0. A step may be so
        small, or so large, that hundreds of steps do not arrive. A batch may be square. W can be differentiated by A and B.
        """
        W = monotone_draw(rng, 3, 2, 1.0)[2]
        b = 2 * rng.normal(size=(4, 3))
        answer = np.array([by_trying(W, row) for row in b])
        close(student.peaceman_rachford(W, b, 0.5, 500), answer)
        turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
        gentle = -turn * float(rng.uniform(1.0, 1.5)) - 0.25 * np.eye(2)  # M = 1.25 I + rotation: the factor is below 0.8
        b = rng.normal(size=(1, 2))
        alpha = 1.25 / np.linalg.norm(np.eye(2) - gentle, 2) ** 2
        close(student.forward_backward(gentle, b, alpha, 150), by_trying(gentle, b[0])[None])
        for function in (student.forward_backward, student.peaceman_rachford):
            close(function(W, rng.uniform(1, 2, size=(4, 3)), 0.5, 0), np.zeros((4, 3)))
        for m in (0.5, 0.375, float(rng.uniform(0.2, 1.8)), float(rng.uniform(0.01, 0.05))):
            alpha, factor = pair_of(student.safe_step((1 - m) * np.eye(3)), "(alpha, factor)")
            close(alpha, 1 / m)
            close(factor, 0.0, atol=1e-6)
        for _ in range(20):  # the same, turned: rounding makes mu a little less than |M|, or a little more
            Q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
            alpha, factor = pair_of(student.safe_step(0.25 * np.eye(3) + 0.5 * Q @ Q.T), "(alpha, factor)")
            close(alpha, 4.0)
            close(factor, 0.0, atol=1e-6)
        for gap in (1e-2, 1e-3, 1e-4):  # two singular values that no short power iteration tells apart
            Q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
            alpha, factor = pair_of(student.safe_step(np.eye(3) - (Q * [2.0, 2.0 - gap, 0.5]) @ Q.T), "(alpha, factor)")
            close(alpha, 0.125)
            close(factor, np.sqrt(15 / 16))
        W = monotone_draw(rng, 40, 20)[2]
        M = np.eye(40) - W
        mu, norm = np.linalg.eigvalsh(M + M.T)[0] / 2, np.linalg.svd(M)[1][0]
        alpha, factor = pair_of(student.safe_step(W), "(alpha, factor)")
        close(alpha, mu / norm**2)
        close(factor, np.sqrt((1 - mu / norm) * (1 + mu / norm)))
        alpha = float(rng.uniform(0.005, 0.01))
        for k in (1, 2):  # two layers, one after the other
            W, b = monotone_draw(rng, 3, k)[2], rng.normal(size=(3, 3))
            close(student.forward_backward(W, b, alpha / 4, 400), forward_steps(W, b, alpha / 4, 400))
            close(student.forward_backward(W, b, 1e-9, 3), forward_steps(W, b, 1e-9, 3), atol=0.0)
            close(student.peaceman_rachford(W, b, alpha, 60), split_steps(W, b, alpha, 60))
            for other in (0.8 / np.linalg.svd(np.eye(3) - W)[1][0], float(rng.uniform(4, 6))):
                close(student.peaceman_rachford(W, b, other, 3), split_steps(W, b, other, 3))
        m, b = float(rng.uniform(0.5, 1.5)), rng.uniform(0.5, 1.5, size=(1, 3))
        # alpha m = 2.1: up to alpha b, and back to 0.
        close(student.forward_backward((1 - m) * np.eye(3), b, 2.1 / m, 121), 2.1 / m * b)
        A, B, _ = monotone_draw(rng, 3, 2)
        G, a, c = rng.normal(size=(3, 3)), *(float(v) for v in rng.uniform(2.0, 4.0, size=2))

        def sent_back(ns, A, B, G, a, c):
            value = lambda A, B: jnp.sum(G * ns.monotone_weight(tilted(a)(A), tilted(c)(B), 0.5))
            return jax.grad(value, argnums=(0, 1))(A, B)

        of_A, of_B = pair_of(student.run(sent_back, A, B, G, a, c), "one gradient for each of A and B")
        close(of_A, -a * A @ (G + G.T))
        close(of_B, c * (G - G.T))
