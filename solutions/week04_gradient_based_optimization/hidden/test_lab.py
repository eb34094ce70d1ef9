"""Hidden suite of week04/lab. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

What each input makes visible:

    momentum   3 steps from a velocity that is not 0      old for new velocity, a gradient weight of 1 or 1 - beta
               and from 0                                 a first step that is treated as a special one
               gradient sin(w) + w^3, 6 steps             Nesterov's gradient anywhere but at the look-ahead point
               dict of list, tuple, shapes () (2, 3)      leaves treated as one array; beta = 0
    adamw      |g| about eps, first step                  where eps stands; the bias correction
               4 steps, states with count 7 and 300       which power of beta; moments that are not kept
               lr 0.5, decay 0.25, an entry with g = 0    decay in the gradient, in the denominator, from the new parameters
    edges      complex pairs, -1 crossings, x < 0, x = 100, beta = 0 and 0.95, one x only
    hvp        non-symmetric form, cross terms between leaves, a leaf that stands still, one matrix alone, 300 000 parameters (no
               matrix fits)
    ritz       both ends dominant in turn, few steps (not converged), n = 1, n < steps, starts in an invariant subspace,
               exactly, up to rounding, and only nearly; very small and large H
    flow       1 and 3 steps, coupled and nonlinear, matrices and single numbers, a critical point
    adam_edge  eps of the size of the root, entries never touched (n = 0) and tiny ones, count 1, 3 and 2000, n = 1, b2 = 0
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.linalg

from autograder.testing import as_array, assert_close, gated, question, require, sendable, weight

FLOAT32 = "float32 rounding over a few dozen operations is below 1e-5 of the largest entry"
KINDS = ("heavy_ball", "nesterov", "ema")


def pair_of(result, what):
    """The two parts of a result, after checking that there are two."""
    listed = isinstance(result, (list, tuple)) or (isinstance(result, np.ndarray) and result.ndim > 0)
    require(listed and len(result) == 2, f"return the pair {what}")
    return result[0], result[1]


def tree_close(got, expected, what):
    """Two nests of dictionaries, lists and tuples; lists and tuples count as alike."""
    if isinstance(expected, dict):
        require(isinstance(got, dict) and set(got) == set(expected), f"{what}: the same names as in params")
        for name in expected:
            tree_close(got[name], expected[name], what)
    elif isinstance(expected, (list, tuple)):
        good = isinstance(got, (list, tuple)) and len(got) == len(expected)
        require(good, f"{what}: a list or tuple of params should come back as one of the same length")
        for a, b in zip(got, expected, strict=True):
            tree_close(a, b, what)
    else:
        assert_close(got, expected, why=FLOAT32)


def random_tree(rng, scale=1.0):
    """Leaves of several shapes, two of them alike, nested in a dictionary, a list and a tuple."""
    draw = lambda *shape: scale * np.asarray(rng.normal(size=shape))
    return {"layers": [(draw(2, 3), draw(3)), (draw(3, 2), draw(2))], "gain": draw(), "bias": draw(3)}


# --- 1 --------------------------------------------------------------------------------------------------------------


def momentum_reference(w, v, g, eta, beta, kind):
    """One step of each kind in float64; Nesterov through its two sequences, x_{t+1} = y - eta g and y' = x' + beta (x' - x)."""
    if kind == "nesterov":
        previous = w + beta * eta * v  # y_t = x_t + beta (x_t - x_{t-1}) = x_t - beta eta v
        stepped = w - eta * g
        return stepped + beta * (stepped - previous), (previous - stepped) / eta
    v = beta * v + ((1 - beta) * g if kind == "ema" else g)
    return w - eta * v, v


def momentum_path(student, rng, kind):
    """Three steps with gradients that have nothing to do with each other, from a moving start and from rest."""
    for v in (rng.normal(size=3), np.zeros(3)):
        w, eta, beta = rng.normal(size=3), float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.3, 0.8))
        for _ in range(3):
            g = rng.normal(size=3)
            after, velocity = pair_of(student.momentum_step(w, v, g, eta, beta, kind), "(params, velocity)")
            expected, fresh = momentum_reference(w, v, g, eta, beta, kind)
            assert_close(velocity, fresh, why=FLOAT32)
            assert_close(after, expected, why=FLOAT32)
            w, v = (np.asarray(part, np.float32).astype(float) for part in (expected, fresh))


@question("momentum", reference="the updates in float64; Nesterov through its own two sequences")
class TestMomentum:
    def test_heavy_ball(self, student, rng):
        """Heavy ball: the new velocity is beta times the old one plus the gradient, and it moves the parameters."""
        momentum_path(student, rng, "heavy_ball")

    def test_ema(self, student, rng):
        """ema: the velocity is a weighted mean of the old velocity and the gradient; the weights add up to 1."""
        momentum_path(student, rng, "ema")

    def test_nesterov(self, student, rng):
        """Nesterov: from velocity and gradient at the look-ahead point to the next look-ahead point.

        v_{t+1} = (x_t - x_{t+1}) / eta needs no x: put in x_{t+1} = y_t - eta g and y_t = x_t - beta eta v_t.
        """
        momentum_path(student, rng, "nesterov")

    def test_nesterov_follows_its_two_sequences(self, student, rng):
        """Six steps on a loss that is not quadratic: your parameters are the points y_t of Nesterov's two sequences."""
        start, eta, beta = rng.normal(size=4), 0.09375, float(rng.uniform(0.5, 0.9))

        def probe(ns, w, eta, beta):
            v, path = 0 * w, []
            for _ in range(6):
                w, v = map(jnp.asarray, ns.momentum_step(w, v, jnp.sin(w) + w**3 / 4, eta, beta, "nesterov"))
                path.append(w)
            return path

        x, y, points = start, start, []
        for _ in range(6):
            new = y - eta * (np.sin(y) + y**3 / 4)
            y, x = new + beta * (new - x), new
            points.append(y)
        got = student.run(probe, start, eta, beta)
        require(isinstance(got, (list, tuple)) and len(got) == 6, "return the pair (params, velocity)")
        assert_close(list(got), points, why=FLOAT32)

    @gated
    @weight(4)
    def test_any_pytree_and_beta_zero(self, student, rng):
        """Parameters in a nest of dictionaries, lists and tuples, leaf by leaf; with beta = 0 every kind is gradient descent.

        jax.tree.map takes several pytrees of the same structure. A tuple in params is a part of the nest, not the answer. The
        arguments stay as they are: make new dictionaries and lists.
        """
        w, v, g = (random_tree(rng) for _ in range(3))
        eta = 0.375

        def arguments_afterwards(ns, w, v, g):
            ns.momentum_step(w, v, g, 0.375, 0.5, "heavy_ball")
            return {"params": w, "velocity": v}

        tree_close(student.run(arguments_afterwards, w, v, g), {"params": w, "velocity": v}, "the arguments after the call")
        for kind in KINDS:
            for beta in (0.6875, 0.0):
                leaves = zip(*map(jax.tree.leaves, (w, v, g)), strict=True)
                both = [momentum_reference(*three, eta, beta, kind) for three in leaves]
                after, velocity = pair_of(student.momentum_step(w, v, g, eta, beta, kind), "(params, velocity)")
                form = jax.tree.structure(w)
                tree_close(after, jax.tree.unflatten(form, [p for p, _ in both]), f"{kind}, params")
                tree_close(velocity, jax.tree.unflatten(form, [u for _, u in both]), f"{kind}, velocity")


# --- 2 --------------------------------------------------------------------------------------------------------------


def adamw_reference(w, m, n, t, g, lr, b1, b2, eps, decay):
    """Step number t (1 is the first) in float64."""
    m, n = b1 * m + (1 - b1) * g, b2 * n + (1 - b2) * g * g
    return w - lr * (m / (1 - b1**t) / (np.sqrt(n / (1 - b2**t)) + eps) + decay * w), m, n


def adamw_parts(result):
    """(params, count, m, n), after checking the form."""
    params, state = pair_of(result, "(params, state)")
    require(isinstance(state, (list, tuple)) and len(state) == 3, "the state is (count, m, n)")
    require(np.shape(state[0]) == (), "count is one integer")
    return params, int(state[0]), state[1], state[2]


@question("adamw", reference="the formulas in float64; optax.adamw")
class TestAdamw:
    def test_first_step_and_where_eps_stands(self, student, rng):
        """The first step is lr g / (|g| + eps), also where |g| is as small as eps.

        The bias correction uses t = 1 at the first step; eps is added after the root and after the correction.
        """
        g = np.array([1.0, -1.0, 0.5, -0.25]) * rng.uniform(0.0005, 0.002, size=4)
        eps, zero, lr = 2.0**-10, np.zeros(4), float(rng.uniform(0.5, 2))
        after, count, m, n = adamw_parts(student.adamw_step(zero, (0, zero, zero), g, lr, 0.875, 0.96875, eps, 0.0))
        require(count == 1, "the count after the first step is 1")
        assert_close(after, -lr * g / (np.abs(g) + eps), why=FLOAT32)
        assert_close(m, 0.125 * g, why=FLOAT32)
        assert_close(n, 0.03125 * g * g, atol=1e-11, why=FLOAT32)

    def test_four_steps(self, student, rng):
        """Four steps with changing gradients: both moments are carried on, and the corrections are those of steps 1 to 4."""
        w, m, n, state = rng.normal(size=3), np.zeros(3), np.zeros(3), (0, np.zeros(3), np.zeros(3))
        b1, b2 = float(rng.uniform(0.6, 0.9)), float(rng.uniform(0.9, 0.99))
        got = w
        for t in range(1, 5):
            g = rng.normal(size=3)
            got, count, *moments = adamw_parts(student.adamw_step(got, state, g, 0.1, b1, b2, 1e-3, 0.0))
            w, m, n = adamw_reference(w, m, n, t, g, 0.1, b1, b2, 1e-3, 0.0)
            require(count == t, "the count grows by one in each step")
            assert_close(got, w, why=FLOAT32)
            assert_close(moments, [m, n], why=FLOAT32)
            state = (count, *moments)

    def test_decay_is_decoupled(self, student, rng):
        """The decay takes lr * weight_decay * old parameters away, and nothing else of the step knows of it.

        Where the gradient is 0, decay is all there is. It does not enter the moments, and acts on the parameters before the step.
        """
        w, g = rng.normal(size=4), rng.normal(size=4)
        g[1] = 0.0
        decay, zero = float(rng.uniform(0.2, 0.4)), np.zeros(4)
        after, _, m, n = adamw_parts(student.adamw_step(w, (0, zero, zero), g, 0.5, 0.875, 0.96875, 1e-6, decay))
        expected, m_expected, n_expected = adamw_reference(w, zero, zero, 1, g, 0.5, 0.875, 0.96875, 1e-6, decay)
        assert_close([m, n], [m_expected, n_expected], why=FLOAT32)
        assert_close(after, expected, why=FLOAT32)

    @weight(3)
    def test_the_moments_alone(self, student, rng):
        """Both moments after a step, whatever became of the parameters: weighted means of old moment and new gradient.

        The state keeps them as they are, without bias correction; the second one takes the gradient's square.
        """
        b1, b2 = float(rng.uniform(0.6, 0.9)), float(rng.uniform(0.9, 0.99))
        for count in (1, 3):
            w, m, n, g = rng.normal(size=3), rng.normal(size=3), rng.uniform(0.5, 2.0, size=3), rng.normal(size=3)
            _, _, *moments = adamw_parts(student.adamw_step(w, (count, m, n), g, 0.1, b1, b2, 1e-3, 0.0))
            _, m, n = adamw_reference(w, m, n, count + 1, g, 0.1, b1, b2, 1e-3, 0.0)
            assert_close(moments, [m, n], why=FLOAT32)

    @gated
    @weight(7)
    def test_any_pytree_against_optax(self, student, rng):
        """Three steps on a nest of dictionaries, lists and tuples, against optax.adamw; and step 301.

        The arguments stay as they are: make new dictionaries and lists.
        """
        w = random_tree(rng)
        lr, decay = float(rng.uniform(0.05, 0.2)), float(rng.uniform(0.05, 0.2))
        rule = optax.adamw(lr, b1=0.875, b2=0.96875, eps=1e-4, weight_decay=decay)
        reference = jax.tree.map(lambda a: jnp.asarray(a, jnp.float32), w)
        memory = rule.init(reference)
        zeros = jax.tree.map(np.zeros_like, w)
        got, state = w, (0, zeros, zeros)
        for _ in range(3):
            g = random_tree(rng)
            got, *parts = adamw_parts(student.adamw_step(got, state, g, lr, 0.875, 0.96875, 1e-4, decay))
            state = tuple(parts)
            update, memory = rule.update(jax.tree.map(lambda a: jnp.asarray(a, jnp.float32), g), memory, reference)
            reference = optax.apply_updates(reference, update)
            tree_close(got, jax.tree.map(np.asarray, reference), "params")
        tree_close(state[1], jax.tree.map(np.asarray, memory[0].mu), "the first moment")
        w, m, n, g = rng.normal(size=3), rng.normal(size=3), rng.uniform(0.5, 2.0, size=3), rng.normal(size=3)

        def arguments_afterwards(ns, w, m, n, g):
            ns.adamw_step(w, (3, m, n), g, 0.25, 0.875, 0.96875, 1e-3, 0.125)
            return {"params": w, "m": m, "n": n}

        trees = {"params": random_tree(rng), "m": random_tree(rng), "n": jax.tree.map(np.square, random_tree(rng))}
        tree_close(student.run(arguments_afterwards, *trees.values(), random_tree(rng)), trees, "the arguments after the call")
        late, *_ = adamw_parts(student.adamw_step(w, (300, m, n), g, 0.25, 0.875, 1 - 2.0**-10, 1e-3, 0.0))
        assert_close(late, adamw_reference(w, m, n, 301, g, 0.25, 0.875, 1 - 2.0**-10, 1e-3, 0.0)[0], why=FLOAT32)

    @gated
    def test_in_the_middle_of_training(self, student, rng):
        """From a state with count 7, given as an integer array; then with b1 = b2 = 0, where a step is g / (|g| + eps)."""
        w, m, n = rng.normal(size=3), rng.normal(size=3), rng.uniform(0.5, 2.0, size=3)
        g = rng.choice(np.array([-1.0, 1.0]), size=3) * rng.uniform(0.5, 2.0, size=3)  # n + (1 - b2) (g^2 - n) is as good
        got, count, *moments = adamw_parts(student.adamw_step(w, (np.array(7), m, n), g, 0.25, 0.875, 0.96875, 1e-3, 0.125))
        expected = adamw_reference(w, m, n, 8, g, 0.25, 0.875, 0.96875, 1e-3, 0.125)
        require(count == 8, "seven steps were done: this is number eight")
        assert_close([got, *moments], list(expected), why=FLOAT32)
        got, *_ = adamw_parts(student.adamw_step(w, (np.array(7), m, n), g, 0.25, 0.0, 0.0, 1e-3, 0.0))
        assert_close(got, w - 0.25 * g / (np.abs(g) + 1e-3), why=FLOAT32)


# --- 3 --------------------------------------------------------------------------------------------------------------

DOUBLE_ROOT = "near a double root an eigenvalue moves with the root of the rounding error: the text promises 1e-3 (1 + rho)"


def radius_reference(x, beta, kind):
    """Largest root modulus of the two-step recursion for theta alone, w_{t+1} = a w_t - d w_{t-1}."""
    found = []
    for value in np.atleast_1d(x):
        if kind == "nesterov":  # y_{t+1} = (1 - x) ((1 + beta) y_t - beta y_{t-1})
            a, d = (1 - value) * (1 + beta), (1 - value) * beta
        else:
            a, d = 1 + beta - value * (1 - beta if kind == "ema" else 1), beta
        found.append(np.abs(np.roots([1.0, -a, d])).max(initial=0.0))
    return np.array(found)


def radius_close(got, x, beta, kind):
    expected = radius_reference(x, beta, kind)
    got = as_array(got)
    require(np.shape(got) == expected.shape, "return one spectral radius for each entry of x, in an array")
    got = np.asarray(got)
    require(not np.iscomplexobj(got), "a spectral radius is a modulus, and real")
    error = np.abs(got.astype(float) - expected) / (1 + expected)
    worst = int(np.argmax(np.where(np.isfinite(error), error, np.inf)))
    where = "a saddle" if x[worst] < 0 else "stable" if expected[worst] < 1 else "unstable"
    require(np.all(error <= 2e-3), f"{kind}: the radius is wrong at x = {x[worst]:.3g}, beta = {beta:.3g} ({where})")


EDGES = {
    "heavy_ball": lambda b: 2 + 2 * b,
    "nesterov": lambda b: (2 + 2 * b) / (1 + 2 * b),
    "ema": lambda b: (2 + 2 * b) / (1 - b),
}


@question("edges", reference="roots of the two-step recursion of theta, in float64; the edges by the Jury conditions")
class TestEdges:
    def test_radius_of_the_heavy_ball(self, student, rng):
        """Heavy ball: the larger modulus of the two eigenvalues, complex or real, growing or not."""
        beta = float(rng.uniform(0.4, 0.9))
        x = np.concatenate([rng.uniform(0.2, 2.0, size=3), rng.uniform(2 + 2 * beta + 0.1, 6, size=2)])
        radius_close(student.step_radius(x, beta, "heavy_ball"), x, beta, "heavy_ball")

    def test_radius_of_nesterov(self, student, rng):
        """Nesterov: the gradient acts at once and through the velocity."""
        beta = float(rng.uniform(0.4, 0.9))
        x = np.concatenate([rng.uniform(0.1, 0.95, size=3), rng.uniform(1.05, 4, size=3)])
        radius_close(student.step_radius(x, beta, "nesterov"), x, beta, "nesterov")

    def test_radius_of_ema(self, student, rng):
        """ema: the gradient enters the velocity with 1 - beta."""
        beta = float(rng.uniform(0.4, 0.9))
        x = np.concatenate([rng.uniform(0.5, 5.0, size=3), rng.uniform(1.1, 2, size=2) * EDGES["ema"](beta)])
        radius_close(student.step_radius(x, beta, "ema"), x, beta, "ema")

    def test_edges(self, student, rng):
        """Three kinds, three edges; one of them lies below the 2 of gradient descent.

        At the edge one eigenvalue is -1: put -1 into the characteristic polynomial 1 - trace z + determinant and solve for x.
        """
        beta = float(rng.uniform(0.2, 0.9))
        for kind in KINDS:
            got = student.stability_edge(beta, kind)
            assert_close(got, EDGES[kind](beta), rtol=2e-3, why="the text asks for a relative accuracy of 1e-3")

    @gated
    @weight(4)
    def test_the_whole_range(self, student, rng):
        """x from -5 (a saddle) to 100, beta from 0 to 0.95, also a single x; and the edges at both ends of beta.

        The eigenvalue of the largest modulus may be positive, negative or one of a complex pair.
        """
        for beta in (0.0, 0.95, float(rng.uniform(0.05, 0.3))):
            for kind in KINDS:
                x = np.concatenate([rng.uniform(-5.0, -0.2, size=2), [100.0], rng.uniform(0.2, 60.0, size=3)])
                radius_close(student.step_radius(x, beta, kind), x, beta, kind)
                got = student.stability_edge(beta, kind)
                assert_close(got, EDGES[kind](beta), rtol=2e-3, why="the text asks for a relative accuracy of 1e-3")
        single = np.array([float(rng.uniform(0.3, 0.9))])
        radius_close(student.step_radius(single, 0.5, "nesterov"), single, 0.5, "nesterov")


# --- 4 --------------------------------------------------------------------------------------------------------------


@question("hvp", reference="symmetric part of a quadratic form, hand-written Hessians in float64, a tridiagonal Hessian")
class TestHvp:
    def test_quadratic_form(self, student, rng):
        """The Hessian of w^T A w / 2 is the symmetric part of A, wherever it is taken."""
        A, w, v = rng.normal(size=(4, 4)), rng.normal(size=4), rng.normal(size=4)
        got = student.run(lambda ns, A, w, v: ns.hessian_vector(lambda w: w @ A @ w / 2, w, v), A, w, v)
        assert_close(got, (A + A.T) / 2 @ v, why=FLOAT32)

    def test_logistic_regression(self, student, rng):
        """The Hessian of the logistic loss and a linear term is X^T diag(p (1 - p)) X, at your parameters and not elsewhere.

        It is exact: differences of gradients in float32 have three to five digits.
        """
        X, w, v = rng.normal(size=(7, 3)), rng.normal(size=3), rng.normal(size=3)
        # The linear term has no Hessian, but it drowns the digits of a difference of gradients.
        loss = sendable(lambda w, X: jax.nn.softplus(X @ w).sum() + 128 * w.sum())
        got = student.run(lambda ns, X, w, v: ns.hessian_vector(lambda w: loss(w, X), w, v), X, w, v)
        p = 1 / (1 + np.exp(-X @ w))
        assert_close(got, X.T @ (p * (1 - p) * (X @ v)), rtol=1e-5, why="float32 rounding over 7 terms is below 2e-6")

    @weight(2)
    def test_blocks_between_leaves(self, student, rng):
        """L = b^T sin(W x) with parameters {"W", "b"}: a change of b changes the gradient of W, and the other way round."""
        W, b, x = rng.normal(size=(2, 3)), rng.normal(size=2), rng.normal(size=3)
        dW, db = rng.normal(size=(2, 3)), rng.normal(size=2)

        def probe(ns, W, b, x, dW, db):
            loss = lambda p: jnp.sum(p["b"] * jnp.sin(p["W"][0] @ x))
            return ns.hessian_vector(loss, {"W": [W], "b": b}, {"W": [dW], "b": db})

        z, dz = W @ x, dW @ x
        expected = {"W": [np.outer(db * np.cos(z) - b * np.sin(z) * dz, x)], "b": np.cos(z) * dz}
        tree_close(student.run(probe, W, b, x, dW, db), expected, "H v")
        still = {"W": [np.outer(db * np.cos(z), x)], "b": 0 * b}
        tree_close(student.run(probe, W, b, x, 0 * dW, db), still, "H v, where W stands still")
        alone = student.run(lambda ns, W, x, dW: ns.hessian_vector(lambda W: jnp.sum(jnp.sin(W @ x)), W, dW), W, x, dW)
        assert_close(alone, np.outer(-np.sin(z) * dz, x), why=FLOAT32)

    @gated
    @weight(4)
    def test_three_hundred_thousand_parameters(self, student, rng):
        """A Hessian of 300 000 x 300 000 entries would need 360 GB. Its product with a vector needs no more than a few gradients.

        Differentiate in one direction: no matrix, no loop over unit vectors.
        """
        size = 300_000
        w, v = np.tile(rng.normal(size=1000), 300), np.tile(rng.normal(size=500), 600)
        got = student.run(lambda ns, w, v: ns.hessian_vector(lambda w: jnp.sum(jnp.cos(w[1:]) * w[:-1]), w, v), w, v)
        require(np.shape(got) == (size,), "H v has the shape of the parameters")
        expected = np.zeros(size)
        expected[1:] += -np.cos(w[1:]) * w[:-1] * v[1:] - np.sin(w[1:]) * v[:-1]
        expected[:-1] += -np.sin(w[1:]) * v[1:]
        assert_close(got, expected, why=FLOAT32)


# --- 5 --------------------------------------------------------------------------------------------------------------

RITZ = "the text promises 1e-3 of the larger modulus"


def symmetric(rng, eigenvalues):
    """A symmetric matrix with (about) these eigenvalues and no preferred axis, exact in float32."""
    axes, _ = np.linalg.qr(rng.normal(size=(len(eigenvalues), len(eigenvalues))))
    A = (axes * eigenvalues) @ axes.T
    return np.asarray((A + A.T) / 2, np.float32).astype(float)


def krylov_extremes(A, start, steps):
    """Extreme Ritz values in float64: the basis by repeated QR, the quotients as an eigenvalue problem."""
    Q = (start / np.linalg.norm(start))[:, None]
    for _ in range(steps - 1):
        Q, R = np.linalg.qr(np.column_stack([Q, A @ Q[:, -1]]))
        if abs(R[-1, -1]) < 1e-9 * np.abs(A).max():
            Q = Q[:, :-1]
            break
    values = np.linalg.eigvalsh(Q.T @ A @ Q)
    return values[[0, -1]]


def ritz_close(student, A, start, steps, expected):
    """Compares both ends, and says which one is off."""
    n = len(A)
    got = student.run(
        lambda ns, entries, v, k: ns.ritz_extremes(lambda u: entries.reshape(n, n) @ u, v, k), A.ravel(), start, steps
    )
    ends = pair_of(got, "(lowest, highest)")
    require(all(np.shape(end) == () for end in ends), "lowest and highest are single numbers")
    size = np.abs(expected).max()
    for end, wanted, name in zip(ends, expected, ("lowest", "highest"), strict=True):
        require(abs(float(end) - wanted) <= 1.5e-3 * size, f"the {name} of the two is wrong for n = {len(A)}, steps = {steps}")
    assert_close([float(end) for end in ends], list(expected), rtol=1.5e-3, atol=0, why=RITZ)


@question("ritz", reference="Krylov bases by QR in float64; numpy.linalg.eigvalsh")
class TestRitz:
    def test_one_and_two_steps(self, student, rng):
        """After one step both are the Rayleigh quotient of the start; after two, the eigenvalues of a 2 x 2 matrix.

        The length of the start does not matter.
        """
        A = symmetric(rng, [-3.0, -1.0, 0.5, 1.0, 2.0])
        for steps in (1, 2, 1, 2):
            start = 8.0 * rng.normal(size=5)
            ritz_close(student, A, start, steps, krylov_extremes(A, start, steps))

    def test_all_dimensions(self, student, rng):
        """As many steps as dimensions: the extreme eigenvalues, whichever of them has the larger modulus.

        "Largest" means the most positive: for eigenvalues -5, 1 and 2 it is 2.
        """
        for eigenvalues in ([-5.0, 1.0, 2.0], [-1.0, 0.25, 4.0, 5.0], [-6.0, -4.0, -3.0, -1.0], [2.0, 3.0, 5.0]):
            A = symmetric(rng, eigenvalues)
            start = rng.normal(size=len(eigenvalues)) + np.sign(rng.normal(size=len(eigenvalues)))
            ritz_close(student, A, start, len(eigenvalues), np.linalg.eigvalsh(A)[[0, -1]])

    def test_a_few_steps_in_many_dimensions(self, student, rng):
        """The best Rayleigh quotients in a Krylov space of 3 and 6 dimensions, far from converged."""
        A, start = symmetric(rng, np.linspace(-2.0, 3.0, 40)), rng.normal(size=40)
        for steps in (3, 6):
            ritz_close(student, A, start, steps, krylov_extremes(A, start, steps))

    @gated
    @weight(4)
    def test_the_space_stops_growing(self, student, rng):
        """More steps than dimensions, a multiple of the identity, a start that sees only two axes, a single dimension.

        When H q lies in the space already, nothing is left to normalise but rounding: stop where less than 1e-5 |H q| is left.
        The scale of H does not matter, as this line is drawn relative to |H q|. Eigenvalues that lie close together leave little
        over: rounding must not tilt the basis, else it finds values beyond all eigenvalues.
        """
        A, start = symmetric(rng, [-1.0, 0.5, 2.5]), rng.normal(size=3) + np.array([2.0, 2.0, 2.0])
        ritz_close(student, A, start, 20, np.linalg.eigvalsh(A)[[0, -1]])
        c = float(rng.integers(2, 6)) / 2
        ritz_close(student, c * np.eye(4), rng.normal(size=4), 5, np.array([c, c]))
        low, high = sorted(float(v) for v in rng.uniform(0.5, 3.0, size=2))
        diagonal = np.diag([-7.0, low, 9.0, high + 0.5])
        ritz_close(student, diagonal, np.array([0.0, 3.0, 0.0, 4.0]), 8, np.array([low, high + 0.5]))
        ritz_close(student, np.array([[-c]]), np.array([float(rng.uniform(2, 5))]), 4, np.array([-c, -c]))
        # A plane that is invariant up to rounding, with larger eigenvalues outside; and a third axis that is hardly in the start.
        axes, _ = np.linalg.qr(rng.normal(size=(4, 4)))
        plane = np.asarray((axes * [1.0, 3.0, -4.0, 4.0]) @ axes.T, np.float32).astype(float)
        ritz_close(student, plane, 2.0 * axes[:, 0] + axes[:, 1], 8, np.array([1.0, 3.0]))
        axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        faint = np.asarray((axes * [1.0, 2.0, -4.0]) @ axes.T, np.float32).astype(float)
        ritz_close(student, faint, axes @ [1.0, 1.0, 2.0**-16], 5, np.array([-4.0, 2.0]))
        axes, _ = np.linalg.qr(rng.normal(size=(5, 5)))
        near = np.asarray((axes * [4.0, 3.875, 3.75, -3.625, 1.0]) @ axes.T, np.float32).astype(float)
        ritz_close(student, near, axes @ rng.uniform(0.5, 1.5, size=5), 9, np.array([-3.625, 4.0]))
        small, few = symmetric(rng, [-1.0, 0.5, 1.5]), rng.normal(size=3) + np.array([2.0, -2.0, 2.0])
        for scale in (2.0**-19, 2.0**18):
            ritz_close(student, scale * small, scale * few, 2, scale * krylov_extremes(small, few, 2))
            ritz_close(student, scale * small, scale * few, 9, scale * np.linalg.eigvalsh(small)[[0, -1]])

    def test_sixty_steps_in_three_hundred_dimensions(self, student, rng):
        """Outliers at both ends of a bulk: after sixty steps both are found, and rounding has not spoiled them."""
        eigenvalues = np.concatenate([[-4.0, -3.5], np.linspace(-1, 1, 295), [7.0, 8.0, 9.0]])
        A, start = symmetric(rng, eigenvalues), rng.normal(size=300)
        ritz_close(student, A, start, 60, np.linalg.eigvalsh(A)[[0, -1]])
        A, start = symmetric(rng, np.append(np.linspace(-1, 1, 299), 3.0)), rng.normal(size=300)
        ritz_close(student, A, start, 60, krylov_extremes(A, start, 60))


# --- 6 --------------------------------------------------------------------------------------------------------------


@sendable
def bent_slope(w):
    """A nonlinear slope for any shape."""
    return jnp.sin(2 * w) + w**3 / 4 + jnp.sum(w) / 8


def bent_slope_reference(w):
    return np.sin(2 * w) + w**3 / 4 + np.sum(w) / 8


def butcher_reference(slope, w, time, steps):
    """Explicit Runge-Kutta by its Butcher tableau, float64."""
    a = [[], [1 / 2], [0, 1 / 2], [0, 0, 1]]
    for _ in range(steps):
        stages = []
        for row in a:
            stages.append(-slope(w + time / steps * sum((c * k for c, k in zip(row, stages, strict=True)), np.zeros_like(w))))
        w = w + time / steps * (stages[0] + 2 * stages[1] + 2 * stages[2] + stages[3]) / 6
    return w


@sendable
def wavy_loss(w):
    """Its gradient and Hessian are written out below."""
    return jnp.sum(jnp.cos(w)) + jnp.sum(w) ** 3 / 8


def wavy_reference(w, eta):
    """grad + eta/2 Hessian grad of `wavy_loss`, for any shape, in float64."""
    total = np.sum(w)
    slope = -np.sin(w) + 3 * total**2 / 8
    return slope + eta / 2 * (-np.cos(w) * slope + 3 * total / 4 * np.sum(slope))


@question("flow", reference="the Taylor polynomial of the matrix exponential, a Butcher tableau, hand-written Hessians; float64")
class TestFlow:
    def test_linear_flow(self, student, rng):
        """On w' = -A w a step of length h multiplies w by 1 - hA + (hA)^2/2 - (hA)^3/6 + (hA)^4/24.

        The flow goes downhill; `time` is divided into `steps` equal parts.
        """
        A, w = symmetric(rng, [0.5, 1.0, 2.0]), rng.normal(size=3)
        for time, steps in ((0.75, 1), (1.5, 3)):
            z = -time / steps * A
            once = np.eye(3) + z + z @ z / 2 + z @ z @ z / 6 + z @ z @ z @ z / 24
            got = student.run(lambda ns, A, w, t, n: ns.gradient_flow(lambda u: A @ u, w, t, n), A, w, time, steps)
            assert_close(got, np.linalg.matrix_power(once, steps) @ w, why=FLOAT32)

    def test_nonlinear_flow(self, student, rng):
        """The four stages of the classical method on a slope that is not linear."""
        w, time = rng.normal(size=3), float(rng.uniform(0.8, 1.2))
        for steps in (1, 2):
            got = student.run(lambda ns, w, t, n: ns.gradient_flow(bent_slope, w, t, n), w, time, steps)
            assert_close(got, butcher_reference(bent_slope_reference, w, time, steps), why=FLOAT32)

    def test_modified_quadratic(self, student, rng):
        """For L = w^T A w / 2 the modified gradient is (A + eta A^2 / 2) w.

        The gradient of |grad L|^2 is 2 H grad L: with eta/4 in front, eta/2 is left.
        """
        A, w, eta = symmetric(rng, [-1.0, 0.5, 2.0]), rng.normal(size=3), float(rng.uniform(0.3, 1.0))
        got = student.run(lambda ns, A, w, eta: ns.modified_gradient(lambda u: u @ A @ u / 2, w, eta), A, w, eta)
        assert_close(got, A @ w + eta / 2 * A @ A @ w, why=FLOAT32)

    def test_modified_loss_that_is_not_quadratic(self, student, rng):
        """A loss whose Hessian changes and couples all entries: the Hessian is taken at w."""
        w, eta = rng.normal(size=3), float(rng.uniform(0.3, 1.0))
        got = student.run(lambda ns, w, eta: ns.modified_gradient(wavy_loss, w, eta), w, eta)
        assert_close(got, wavy_reference(w, eta), why=FLOAT32)

    @gated
    @weight(4)
    def test_matrices_and_single_numbers(self, student, rng):
        """Both functions on a matrix and on a single number; |grad L|^2 sums over all entries.

        With eta = 0 nothing is modified. At a critical point the modified gradient is 0: a norm has no derivative there, its
        square has.
        """
        for shape in ((2, 3), ()):
            w = np.asarray(rng.normal(size=shape))
            got = student.run(lambda ns, w: ns.gradient_flow(bent_slope, w, 0.5, 5), w)
            assert_close(got, butcher_reference(bent_slope_reference, w, 0.5, 5), why=FLOAT32)
            for eta in (0.5, 0.0):
                got = student.run(lambda ns, w, eta: ns.modified_gradient(wavy_loss, w, eta), w, eta)
                assert_close(got, wavy_reference(w, eta), why=FLOAT32)
        still = student.run(lambda ns, w: ns.modified_gradient(wavy_loss, w, 0.5), np.zeros(3))
        assert_close(still, np.zeros(3), why=FLOAT32)


# --- 7 --------------------------------------------------------------------------------------------------------------


def operator_matrix(student, H, second_moment, count, b2, eps):
    """The returned operator, column by column."""

    n = len(H)

    def probe(ns, entries, second_moment, count, b2, eps):
        operator = ns.preconditioned(lambda u: entries.reshape(n, n) @ u, second_moment, count, b2, eps)
        return [operator(e) for e in jnp.eye(n)]

    columns = student.run(probe, H.ravel(), second_moment, count, b2, eps)
    require(all(np.shape(c) == (n,) for c in columns), "the operator returns a vector of the shape of its argument")
    S = np.stack([np.asarray(c, np.float64) for c in columns], axis=1)
    require(np.isfinite(S).all(), "the operator should return finite numbers")
    return S


def operator_close(student, H, second_moment, count, b2, eps):
    """Symmetric, with the generalized eigenvalues of (H, P)."""
    S = operator_matrix(student, H, second_moment, count, b2, eps)
    require(np.abs(S - S.T).max() <= 1e-4 * np.abs(S).max(), "the operator should be symmetric: put half of P on each side")
    P = np.diag(np.sqrt(second_moment / (1 - b2**count)) + eps)
    expected = scipy.linalg.eigh(H, P, eigvals_only=True)
    assert_close(np.linalg.eigvalsh((S + S.T) / 2), expected, rtol=1e-3, why="float32 powers of b2 lose digits in 1 - b2^t")


@question("adam_edge", reference="scipy.linalg.eigh of the pair (H, P) in float64")
class TestAdamEdge:
    def test_symmetric_with_the_right_eigenvalues(self, student, rng):
        """The operator is symmetric, and its eigenvalues are those of P^-1 H.

        theta = P^a phi turns the Hessian H into P^a H P^a: choose a so that the step in phi is plain momentum.
        """
        H = symmetric(rng, [-1.0, 0.5, 2.0, 4.0])
        operator_close(student, H, rng.uniform(0.01, 1.0, size=4) ** 2, 3, 0.9375, 1e-8)

    def test_eps_guards_entries_that_never_moved(self, student, rng):
        """Where the second moment is 0 the preconditioner is eps: it stands outside the root."""
        second_moment = rng.uniform(0.02, 0.2, size=4) ** 2
        second_moment[1] = 0.0
        operator_close(student, symmetric(rng, [-1.0, 1.0, 2.0, 3.0]), second_moment, 2, 0.875, 0.125)

    @gated
    @weight(2)
    def test_first_and_late_steps(self, student, rng):
        """The first step and the 2000th, a count given as an array, tiny moments, one dimension, and no memory (b2 = 0)."""
        H, second_moment = symmetric(rng, [-2.0, 1.0, 3.0]), rng.uniform(0.1, 1.0, size=3)
        for count, b2 in ((1, 0.99), (2000, 0.99), (np.array(5), 0.96875), (4, 0.0)):
            operator_close(student, H, second_moment, count, b2, 1e-3)
        # Late in training gradients are tiny, and so is P.
        tiny = np.asarray(1e-12 * rng.uniform(1, 4, size=3), np.float32).astype(float)
        operator_close(student, H, tiny, 50, 0.96875, 1e-8)
        operator_close(student, np.array([[float(rng.uniform(1, 3))]]), np.array([0.25]), 1, 0.75, 0.0625)
