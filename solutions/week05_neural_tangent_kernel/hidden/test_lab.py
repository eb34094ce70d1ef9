"""Hidden suite of week05/lab. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

Most functions are asked about `sine_net`, s sin(x W) + b, whose derivatives are written out here in float64; the shared number s
couples the outputs, so that the block of (a, b) is not that of (b, a). What each input makes visible:

    empirical_ntk  nested leaves of shapes (d, k), (), (k,)   a leaf left out, leaves mixed up
                   outputs near 4096                          differences in float32
                   n1, n2, d, k all different, and equal      rows for columns, outputs swapped, diagonal blocks only
                   a tanh network with two hidden layers      derivatives of one layer only
    ntk_times      several outputs, 3000 inputs               diagonal blocks; Jacobians of 3.6 GB
    layer_kernels  tanh and sine, unequal widths,             transposes, slopes at h, biases, 1/sqrt(n) at the wrong end
                   square layers, one layer, one input        (widths that differ), order of the layers
                   four million parameters, 150 inputs        Jacobians of 2.4 GB
    linearise      far from params0, gradients, 3000 inputs   f itself, slopes at params, differences, Jacobians
                   outputs near 4096, steps of 1000           differences in float32
    kernel_flow    singular, diagonal and full kernels,       n left out, inverses, entrywise exponentials, f0 dropped,
                   m != n, several columns, t = 0 and the end modes without curvature
                   tiny kernels for long times, slow modes    ridges and thresholds
    lazy           at the start, near and away from it,       powers of alpha, mean or sum, f0
                   alpha .01 to 1000, several outputs         (at 1000 with a large eta: a step left out)
    learned        labels and kernels with large means        centring once or never, columns, means of gradients
                   2000 inputs of 64 pixels, one input        the Jacobian of the whole batch (2 GB), a lost axis
                   small kernels and labels                   1e-8 in the denominator
"""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg

from autograder.testing import as_array, assert_close, gated, question, require, sendable, tilted, weight

FLOAT32 = "float32 rounding over a few dozen operations is below 1e-5 of the largest entry"


@sendable
def sine_net(params, x):
    """s sin(x W) + b, from a nest of leaves of three shapes."""
    (W,), (s, b) = params["weights"], params["rest"]
    return s * jnp.sin(jnp.einsum("nd,dk->nk", x, W)) + b  # einsum: a single row of shape (d,) is no x


def sine_params(rng, d, k, offset=0):
    """Parameters for `sine_net`, float64 and exact in float32.

    Args:
        offset: is added to the outputs. Derivatives do not notice 4096; differences of outputs in float32 keep two digits.
    """
    b = np.asarray(rng.normal(size=k) + offset, np.float32).astype(float)
    return {"weights": [rng.normal(size=(d, k)) / 2], "rest": (np.asarray(rng.uniform(0.5, 1.5)), b)}


def sine_parts(params, x):
    """W, s, sin(x W), cos(x W)."""
    W, s = params["weights"][0], params["rest"][0]
    return W, s, np.sin(x @ W), np.cos(x @ W)


def sine_kernel(params, x1, x2):
    """The kernel of `sine_net`, (n1, n2, k, k)."""
    _, s, sin1, cos1 = sine_parts(params, x1)
    _, _, sin2, cos2 = sine_parts(params, x2)
    same = s**2 * np.einsum("ia,ja,ij->ija", cos1, cos2, x1 @ x2.T) + 1
    return np.einsum("ija,ab->ijab", same, np.eye(sin1.shape[1])) + np.einsum("ia,jb->ijab", sin1, sin2)


def sine_gradient(params, x, cotangent):
    """The gradient of sum(cotangent * sine_net), in the nest of params."""
    _, s, sin, cos = sine_parts(params, x)
    return {"weights": [x.T @ (s * cos * cotangent)], "rest": (np.sum(sin * cotangent), cotangent.sum(axis=0))}


def nest_close(got, expected, what):
    """Two nests of dictionaries, lists and tuples; lists and tuples count as alike."""
    if isinstance(expected, dict):
        require(isinstance(got, dict) and set(got) == set(expected), f"{what}: the same names as in params")
        for name in expected:
            nest_close(got[name], expected[name], what)
    elif isinstance(expected, (list, tuple)):
        good = isinstance(got, (list, tuple)) and len(got) == len(expected)
        require(good, f"{what}: a list or tuple of params should come back as one of the same length")
        for a, b in zip(got, expected, strict=True):
            nest_close(a, b, what)
    else:
        assert_close(got, expected, why=FLOAT32)


def random_layers(rng, widths):
    """[(W, b), ...], W of shape (fan_in, fan_out), float64 and exact in float32."""
    return [(rng.normal(size=(a, b)), rng.normal(size=b) / 2) for a, b in itertools.pairwise(widths)]


def perceptron(params, x, phi):
    """The network of question 3 in float64."""
    for W, b in params[:-1]:
        x = phi(x @ W / np.sqrt(len(W)) + b)
    W, b = params[-1]
    return x @ W / np.sqrt(len(W)) + b


def layer_jacobians(params, x, phi, step=1e-5):
    """For each layer the derivatives of all outputs, (n k, parameters of the layer), by central differences in float64."""
    found = []
    for level in range(len(params)):
        columns = []
        for part in (0, 1):
            for index in np.ndindex(params[level][part].shape):
                ends = []
                for sign in (1, -1):
                    moved = [[np.array(W), np.array(b)] for W, b in params]
                    moved[level][part][index] += sign * step
                    ends.append(perceptron(moved, x, phi).ravel())
                columns.append((ends[0] - ends[1]) / (2 * step))
        found.append(np.stack(columns, axis=1))
    return found


@sendable
def tanh_perceptron(params, x):
    """The network of question 3 with tanh, for JAX."""
    for W, b in params[:-1]:
        x = jnp.tanh(x @ W / np.sqrt(W.shape[0]) + b)
    W, b = params[-1]
    return x @ W / np.sqrt(W.shape[0]) + b


# --- 1 --------------------------------------------------------------------------------------------------------------


@question("empirical_ntk", reference="derivatives of a sine network written out in float64; central differences of a deep one")
class TestEmpiricalNtk:
    def test_one_output(self, student, rng):
        """One output: the derivatives with respect to all leaves of params, multiplied and summed.

        Derivatives are exact: where outputs are in the thousands, their differences in float32 have two digits.
        """
        p = sine_params(rng, 3, 1, offset=4096)
        x1, x2 = rng.normal(size=(4, 3)), rng.normal(size=(2, 3))
        got = student.run(lambda ns, p, a, b: ns.empirical_ntk(sine_net, p, a, b), p, x1, x2)
        assert_close(got, sine_kernel(p, x1, x2), why=FLOAT32)

    def test_several_outputs(self, student, rng):
        """Two outputs: a block of 2 x 2 for each pair of inputs, row a for the input from x1, column b for that from x2.

        Different outputs share parameters, so the blocks are not diagonal; nor are they symmetric.
        """
        p = sine_params(rng, 3, 2)
        x1, x2 = rng.normal(size=(4, 3)), rng.normal(size=(2, 3))
        got = student.run(lambda ns, p, a, b: ns.empirical_ntk(sine_net, p, a, b), p, x1, x2)
        assert_close(got, sine_kernel(p, x1, x2), why=FLOAT32)

    @gated
    @weight(2)
    def test_deep_network(self, student, rng):
        """A network with two hidden layers, with as many inputs as outputs and dimensions, where axes are easily mixed up."""
        layers = random_layers(rng, [2, 3, 4, 2])
        x1, x2 = rng.normal(size=(2, 2)), rng.normal(size=(2, 2))
        got = student.run(lambda ns, p, a, b: ns.empirical_ntk(tanh_perceptron, p, a, b), layers, x1, x2)
        first, second = (layer_jacobians(layers, x, np.tanh) for x in (x1, x2))
        whole = sum(J @ K.T for J, K in zip(first, second, strict=True)).reshape(2, 2, 2, 2).transpose(0, 2, 1, 3)
        assert_close(got, whole, why=FLOAT32)


# --- 2 --------------------------------------------------------------------------------------------------------------


@sendable
def lookup_net(p, x):
    """x0 sum(sin p) + p[x1]^2: 300 000 parameters, of which each input sees the sum and one entry. One output."""
    return (x[:, 0] * jnp.sum(jnp.sin(p)) / 128 + p[x[:, 1].astype(int)] ** 2)[:, None]


def lookup_case(rng):
    """Parameters, 3000 inputs and a function that multiplies J^T by outputs' cotangents, in float64."""
    p = np.tile(rng.normal(size=1000), 300)
    places = np.asarray(rng.integers(0, 300_000, size=3000))
    x = np.stack([rng.normal(size=3000), places], axis=1)
    return p, x, places


@question("ntk_times", reference="the whole kernel of a sine network in float64; a sparse Jacobian by hand")
class TestNtkTimes:
    def test_one_output(self, student, rng):
        """One output: the kernel matrix times a vector. Outputs in the thousands: take derivatives and not differences."""
        p, x, v = sine_params(rng, 3, 1, offset=4096), rng.normal(size=(5, 3)), rng.normal(size=(5, 1))
        got = student.run(lambda ns, p, x, v: ns.ntk_times(sine_net, p, x, v), p, x, v)
        assert_close(got, np.einsum("ijab,jb->ia", sine_kernel(p, x, x), v), why=FLOAT32)

    def test_several_outputs(self, student, rng):
        """Three outputs: the sum runs over inputs and over outputs."""
        p, x, v = sine_params(rng, 2, 3), rng.normal(size=(4, 2)), rng.normal(size=(4, 3))
        got = student.run(lambda ns, p, x, v: ns.ntk_times(sine_net, p, x, v), p, x, v)
        assert_close(got, np.einsum("ijab,jb->ia", sine_kernel(p, x, x), v), why=FLOAT32)

    @gated
    @weight(3)
    def test_three_hundred_thousand_parameters(self, student, rng):
        """3000 inputs and 300 000 parameters: the Jacobian would take 3.6 GB, one vjp and one jvp take next to nothing.

        The derivative is exact: differences of outputs in float32 have three or four digits.
        """
        p, x, places = lookup_case(rng)
        v = rng.normal(size=(3000, 1))
        got = student.run(lambda ns, p, x, v: ns.ntk_times(lookup_net, p, x, v), p, x, v)
        pulled = np.cos(p) / 128 * np.sum(x[:, 0] * v[:, 0])
        np.add.at(pulled, places, 2 * p[places] * v[:, 0])
        expected = x[:, 0] * np.sum(np.cos(p) * pulled) / 128 + 2 * p[places] * pulled[places]
        assert_close(got, expected[:, None], why="float32 sums over 300 000 terms, added in pairs")


# --- 3 --------------------------------------------------------------------------------------------------------------

ACTIVATIONS = {  # phi and slope for JAX, phi for NumPy
    "tanh": (sendable(lambda z: jnp.tanh(z)), sendable(lambda z: 1 - jnp.tanh(z) ** 2), np.tanh),
    "sine": (sendable(lambda z: jnp.sin(z)), sendable(lambda z: jnp.cos(z)), np.sin),
}


def layers_close(student, layers, x1, x2, name, last_only=False):
    """Each layer's kernel against central differences, or only that of the last layer."""
    phi, slope, reference = ACTIVATIONS[name]
    got = student.run(lambda ns, p, a, b: ns.layer_kernels(p, a, b, phi, slope), layers, x1, x2)
    shape = (len(layers), len(x1), len(x2))
    got = as_array(got, shape, "The stack of kernels")
    pairs = zip(layer_jacobians(layers, x1, reference), layer_jacobians(layers, x2, reference), strict=True)
    for level, (J, K) in list(enumerate(pairs))[-1 if last_only else 0 :]:
        assert_close(got[level], J @ K.T, why=FLOAT32)


@question("layer_kernels", reference="central differences in float64, layer by layer")
class TestLayerKernels:
    @weight(2)
    def test_the_last_layer_alone(self, student, rng):
        """The kernel of the last layer, whatever those below it are: nothing flows back through a slope here.

        It comes last in the stack. The bias has a derivative, too.
        """
        layers = random_layers(rng, [3, 5, 1])
        layers_close(student, layers, rng.normal(size=(4, 3)), rng.normal(size=(2, 3)), "sine", last_only=True)

    def test_one_hidden_layer(self, student, rng):
        """Two layers: the last one's kernel from h, the first one's from x and what flows back through the slope.

        Weights are divided by the root of the width of the layer below them, and so are their derivatives.
        """
        layers_close(student, random_layers(rng, [3, 5, 1]), rng.normal(size=(4, 3)), rng.normal(size=(2, 3)), "tanh")

    def test_square_layers(self, student, rng):
        """Equal widths, where a transposed weight has the right shape."""
        layers_close(student, random_layers(rng, [2, 2, 2, 1]), rng.normal(size=(2, 2)), rng.normal(size=(3, 2)), "sine")

    def test_one_layer_and_four(self, student, rng):
        """A linear function; four layers with a single input on each side."""
        layers_close(student, random_layers(rng, [3, 1]), rng.normal(size=(4, 3)), rng.normal(size=(2, 3)), "tanh")
        layers_close(student, random_layers(rng, [2, 4, 3, 2, 1]), rng.normal(size=(1, 2)), rng.normal(size=(1, 2)), "tanh")

    @gated
    @weight(5)
    def test_four_million_parameters(self, student, rng):
        """Two hidden layers of 2000 units and 150 inputs: no array with an entry for each input and each weight fits.

        Sum over the weights first: the sum over all (p, q) of h_p delta_q h'_p delta'_q is a product of two sums.
        """
        u, v = rng.normal(size=(2000, 2)), rng.normal(size=(2, 2000))
        W1, W3, x1, x2 = (rng.normal(size=s) for s in ((5, 2000), (2000, 1), (150, 5), (20, 5)))
        b1, b2, b3 = rng.normal(size=2000), rng.normal(size=2000), rng.normal(size=1)

        def probe(ns, W1, b1, u, v, b2, W3, b3, x1, x2):
            slope = lambda z: 1 - jnp.tanh(z) ** 2
            return ns.layer_kernels([(W1, b1), (u @ v, b2), (W3, b3)], x1, x2, jnp.tanh, slope)

        got = as_array(student.run(probe, W1, b1, u, v, b2, W3, b3, x1, x2), (3, 150, 20), "The stack of kernels")
        root, sides = np.sqrt(2000), []
        for x in (x1, x2):
            h1 = np.tanh(x @ W1 / np.sqrt(5) + b1)
            h2 = np.tanh(h1 @ u @ v / root + b2)
            d2 = W3[:, 0] / root * (1 - h2**2)
            sides.append(((x, h1, h2), (d2 @ v.T @ u.T / root * (1 - h1**2), d2, np.ones((len(x), 1)))))
        for level in range(3):
            (h, d), (g, e) = ((side[0][level], side[1][level]) for side in sides)
            assert_close(got[level], (d @ e.T) * (h @ g.T / h.shape[1] + 1), rtol=3e-4, why="float32 sums over 2000 terms")


# --- 4 --------------------------------------------------------------------------------------------------------------


def sine_linear(p0, p, x):
    """First-order expansion of `sine_net` at p0."""
    W0, s0, sin, cos = sine_parts(p0, x)
    dW, ds = p["weights"][0] - W0, p["rest"][0] - s0
    return s0 * sin + s0 * cos * (x @ dW) + ds * sin + p["rest"][1]


@question("linearise", reference="the expansion of a sine network written out in float64; a sparse Jacobian by hand")
class TestLinearise:
    def test_far_from_the_start(self, student, rng):
        """Value and slopes are those at params0, wherever params lies; exact to 1e-5, which no difference of values reaches.

        Parameters may be thousands away, and outputs in the thousands, where their differences in float32 have two digits.
        """
        x = rng.normal(size=(4, 3))
        for offset, far in ((0, 1), (4096, 1024)):
            p0, step = sine_params(rng, 3, 2, offset), sine_params(rng, 3, 2)
            p = jax.tree.map(lambda w, by, far=far: np.asarray(w + far * by, np.float32).astype(float), p0, step)
            got = student.run(lambda ns, p0, p, x: ns.linearise(sine_net, p0)(p, x), p0, p, x)
            assert_close(got, sine_linear(p0, p, x), rtol=1e-5, why="the text promises 1e-5")

    def test_one_function_many_uses(self, student, rng):
        """The same f_lin at two parameters and two sets of inputs; at params0 it is f. A second f_lin does not disturb it."""
        p0, p, q = (sine_params(rng, 2, 1) for _ in range(3))
        x, z = rng.normal(size=(3, 2)), rng.normal(size=(5, 2))

        def probe(ns, p0, p, q, x, z):
            straight, other = ns.linearise(sine_net, p0), ns.linearise(sine_net, q)
            return straight(p, x), straight(q, z), straight(p0, z), other(p, z)

        got = student.run(probe, p0, p, q, x, z)
        expected = [sine_linear(p0, p, x), sine_linear(p0, q, z), sine_linear(p0, p0, z), sine_linear(q, p, z)]
        for one, wanted in zip(got, expected, strict=True):
            assert_close(one, wanted, rtol=1e-5, why="the text promises 1e-5")

    @gated
    @weight(2)
    def test_training_and_three_hundred_thousand_parameters(self, student, rng):
        """Its gradient with respect to params is that of f at params0; and no Jacobian of 3.6 GB is made."""
        p0, p, x, c = sine_params(rng, 3, 2), sine_params(rng, 3, 2), rng.normal(size=(4, 3)), rng.normal(size=(4, 2))

        def slopes(ns, p0, p, x, c, factor):
            straight = ns.linearise(sine_net, p0)
            return jax.grad(lambda p: jnp.sum(c * straight(jax.tree.map(tilted(factor), p), x)))(p)

        factor = float(rng.uniform(2, 3))
        expected = jax.tree.map(lambda g: factor * g, sine_gradient(p0, x, c))
        nest_close(student.run(slopes, p0, p, x, c, factor), expected, "the gradient")
        p0, x, places = lookup_case(rng)
        step = np.roll(p0, 1) / 2
        got = student.run(lambda ns, p0, p, x: ns.linearise(lookup_net, p0)(p, x), p0, p0 + step, x)
        value = x[:, 0] * np.sum(np.sin(p0)) / 128 + p0[places] ** 2
        change = x[:, 0] * np.sum(np.cos(p0) * step) / 128 + 2 * p0[places] * step[places]
        assert_close(got, (value + change)[:, None], rtol=2e-4, why="float32 sums over 300 000 terms")


# --- 5 --------------------------------------------------------------------------------------------------------------

DIGITS = "the text asks for three digits of what goes in: new outputs are differences that may nearly cancel"


def flow_reference(K, K_new, y, f0, f0_new, t):
    """Errors at the training inputs and outputs at the new ones as one linear system, by its matrix exponential."""
    n, m = len(K), len(K_new)
    generator = np.zeros((n + m, n + m))
    generator[:n, :n], generator[n:, :n] = -K / n, -K_new / n
    after = scipy.linalg.expm(t * generator) @ np.concatenate([f0 - y, f0_new])
    return y + after[:n], after[n:]


def flow_close(student, K, K_new, y, f0, f0_new, t, outputs=2):
    """Both outputs, or with `outputs=1` only those at the training inputs."""
    got = student.kernel_flow(K, K_new, y, f0, f0_new, t)
    listed = isinstance(got, (list, tuple)) or (isinstance(got, np.ndarray) and got.ndim > 0)
    require(listed and len(got) == 2, "return the pair (outputs at the training inputs, outputs at the new inputs)")
    scale = max(np.abs(a).max() for a in (y, f0, f0_new))
    for one, wanted in list(zip(got, flow_reference(K, K_new, y, f0, f0_new, t), strict=True))[:outputs]:
        assert_close(one, wanted, rtol=0, atol=1e-3 * max(scale, np.abs(wanted).max()), why=DIGITS)


def feature_kernels(rng, n, m, features):
    """K = G G^T and K_new = G_new G^T with G of multiples of 1/64: exact in float32, not in half precision."""
    G, G_new = (rng.integers(-64, 65, size=(rows, features)) / 64 for rows in (n, m))
    return G @ G.T, G_new @ G.T


@question("kernel_flow", reference="the matrix exponential of training and new inputs as one linear system (scipy.linalg.expm)")
class TestKernelFlow:
    @weight(2)
    def test_training_inputs_alone(self, student, rng):
        """The outputs at the training inputs, whatever those at new inputs are: they move from the start to the labels."""
        K, K_new = feature_kernels(rng, 5, 3, 8)
        y, f0, f0_new = (rng.normal(size=(rows, 1)) for rows in (5, 5, 3))
        flow_close(student, K, K_new, y, f0, f0_new, float(rng.uniform(0.5, 1.5)), outputs=1)

    def test_training_and_new_inputs(self, student, rng):
        """Five training inputs, three new ones, one output, from outputs that are not 0.

        The loss is a mean: the rates are the eigenvalues divided by n. The new inputs see the errors accumulated over time.
        """
        K, K_new = feature_kernels(rng, 5, 3, 8)
        y, f0, f0_new = (rng.normal(size=(rows, 1)) for rows in (5, 5, 3))
        flow_close(student, K, K_new, y, f0, f0_new, float(rng.uniform(0.5, 1.5)))

    def test_several_outputs(self, student, rng):
        """Two outputs with one kernel; a single new input."""
        K, K_new = feature_kernels(rng, 4, 1, 6)
        y, f0, f0_new = (rng.normal(size=(rows, 2)) for rows in (4, 4, 1))
        flow_close(student, K, K_new, y, f0, f0_new, float(rng.uniform(0.5, 1.5)))

    @gated
    @weight(4)
    def test_singular_kernels_and_the_ends_of_time(self, student, rng):
        """A repeated input, fewer features than inputs, t = 0 and the longest t that the text allows; one training input.

        Where the eigenvalue is 0 (or 1e-8 by rounding), (1 - e^{-lambda t / n}) / lambda is t/n. Which eigenvalues are small
        depends on t: a tiny kernel does in a long time what a large one does in a short time.
        """
        K, K_new = feature_kernels(rng, 4, 2, 2)
        K, K_new = (A[:, [0, 1, 2, 3, 0]] for A in (K[[0, 1, 2, 3, 0]], K_new))
        y, f0, f0_new = (rng.normal(size=(rows, 1)) for rows in (5, 5, 2))
        longest = 100 * 5 / max(np.linalg.eigvalsh(K)[-1], 0.25)
        for t in (0.0, 1.0, float(longest * rng.uniform(0.8, 1.0))):
            flow_close(student, K, K_new, y, f0, f0_new, t)
        tiny = 2.0**-24
        flow_close(student, tiny * K, tiny * K_new, y, f0, f0_new, float(rng.uniform(1, 2)) / tiny)
        outside = rng.normal(size=(2, 5))  # a kernel of other functions than K's: it sees the modes that stand still
        flow_close(student, np.diag([4.0, 0.0, 1.0, 0.0, 0.0]), outside, y, f0, f0_new, float(rng.uniform(1, 3)))
        outside, error = (rng.uniform(1, 2, size=s) * rng.choice([-1, 1], size=s) for s in ((2, 5), (5, 1)))
        late = float(rng.uniform(80, 120))  # a mode that is slow, but moves
        flow_close(student, np.diag([4.0, 0.0, 1.0, 2.0**-9, 0.5]), outside, y, y + error, f0_new, late)
        one = rng.uniform(1.0, 2.0, size=(1, 1))
        flow_close(student, one, rng.normal(size=(2, 1)), rng.normal(size=(1, 1)), rng.normal(size=(1, 1)), f0_new, 0.75)


# --- 6 --------------------------------------------------------------------------------------------------------------


def scaled_reference(p0, p, x, y, alpha, eta):
    """One step in float64."""
    f = lambda q: q["rest"][0] * np.sin(x @ q["weights"][0]) + q["rest"][1]
    error = alpha * (f(p) - f(p0)) - y
    gradient = sine_gradient(p, x, alpha * error / len(x))
    move = lambda w, g: w - eta / alpha**2 * g
    (W,), (s, b) = p["weights"], p["rest"]
    (dW,), (ds, db) = gradient["weights"], gradient["rest"]
    return {"weights": [move(W, dW)], "rest": (move(s, ds), move(b, db))}


def scaled_close(student, p0, p, x, y, alpha, eta):
    got = student.run(lambda ns, p0, p, x, y, a, e: ns.scaled_step(sine_net, p0, p, x, y, a, e), p0, p, x, y, alpha, eta)
    nest_close(got, scaled_reference(p0, p, x, y, alpha, eta), f"params at alpha = {alpha:g}")


@question("lazy", reference="the gradient of a sine network written out in float64")
class TestLazy:
    def test_without_scale(self, student, rng):
        """alpha = 1: gradient descent on the mean of half the squared errors of f - f0, at the start and away from it."""
        p0, p, x, y = sine_params(rng, 3, 2), sine_params(rng, 3, 2), rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
        scaled_close(student, p0, p0, x, y, 1.0, 0.5)
        scaled_close(student, p0, p, x, y, 1.0, 0.5)

    @weight(2)
    def test_any_scale(self, student, rng):
        """alpha multiplies the output, and its gradient; the learning rate makes up for the speed of F_alpha.

        F_alpha moves alpha times as far as f, and is pulled alpha times as hard.
        """
        x, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
        for alpha in (2.0, 0.25, float(rng.integers(17, 60)) / 8):
            p0, p = sine_params(rng, 3, 2), sine_params(rng, 3, 2)
            scaled_close(student, p0, p0, x, y, alpha, 0.5)
            scaled_close(student, p0, p, x, y, alpha, 0.5)

    @gated
    @weight(3)
    def test_the_ends_of_the_scale(self, student, rng):
        """alpha = 0.01 and 1000, one output; the arguments stay as they are.

        At alpha = 1000 the parameters are at the start and at a distance of 1/1000, where F_alpha is of order 1.
        """
        p0, p, x, y = sine_params(rng, 3, 1), sine_params(rng, 3, 1), rng.normal(size=(4, 3)), rng.normal(size=(4, 1))
        p0["rest"] = (p0["rest"][0], rng.uniform(1, 2, size=1))  # an array near 0 would have to be right to nearly no tolerance
        near = jax.tree.map(lambda w: np.asarray(w + rng.normal(size=np.shape(w)) / 1000, np.float32).astype(float), p0)
        eta = float(rng.uniform(4, 8))  # the step is some 100 times the tolerance; with 0.25 it would hardly be seen
        scaled_close(student, p0, p0, x, y, 1000.0, eta)
        scaled_close(student, p0, near, x, y, 1000.0, eta)
        scaled_close(student, p0, p, x, y, 0.01, 0.02)

        def arguments_afterwards(ns, p0, p, x, y):
            ns.scaled_step(sine_net, p0, p, x, y, 3.0, 0.5)
            return {"params0": p0, "params": p}

        nest_close(student.run(arguments_afterwards, p0, p, x, y), {"params0": p0, "params": p}, "the arguments afterwards")


# --- 7 --------------------------------------------------------------------------------------------------------------


def alignment_reference(K, y):
    n = len(K)
    H = np.eye(n) - np.ones((n, n)) / n
    A, B = H @ K @ H, H @ y @ y.T @ H
    return np.sum(A * B) / np.linalg.norm(A) / np.linalg.norm(B)


@sendable
def coupled_net(params, x):
    """Two outputs that share their hidden layer, and a number that is added to both."""
    A, B, c = params
    return jnp.sin(jnp.einsum("nd,dh->nh", x, A)) @ B + c


@question("learned", reference="centring by its matrix and gradients written out, in float64")
class TestLearned:
    def test_alignment(self, student, rng):
        """Centred over rows and columns, divided by both norms; with one output and labels whose mean is not 0.

        The sizes of the kernel and of the labels cancel, also where both are small.
        """
        G, y = rng.normal(size=(6, 4)), rng.normal(size=(6, 1)) + 2
        K = np.asarray(G @ G.T, np.float32).astype(float)
        assert_close(student.alignment(K, y), alignment_reference(K, y), why=FLOAT32)
        assert_close(student.alignment(2.0**-20 * K, 2.0**-10 * y), alignment_reference(K, y), why=FLOAT32)

    def test_alignment_of_a_single_feature(self, student, rng):
        """K = u u^T with one output: the alignment is the squared correlation of u and y."""
        u, y = rng.normal(size=7) + 1, rng.normal(size=7) - 1
        K = np.asarray(np.outer(u, u), np.float32).astype(float)
        assert_close(student.alignment(K, y[:, None]), np.corrcoef(u, y)[0, 1] ** 2, why=FLOAT32)

    @weight(2)
    def test_gradient_outer_product(self, student, rng):
        """A mean over examples and a sum over outputs of outer products of gradients with respect to the input; a single example.

        Derivatives are exact: where outputs are in the thousands, their differences in float32 have two digits.
        """
        A, B, c = rng.normal(size=(3, 4)), rng.normal(size=(4, 2)), np.asarray(float(rng.integers(3000, 5000)))
        for n in (5, 1):
            x = rng.normal(size=(n, 3))
            got = student.run(lambda ns, A, B, c, x: ns.gradient_outer_product(coupled_net, (A, B, c), x), A, B, c, x)
            slopes = np.einsum("ph,ih,ha->iap", A, np.cos(x @ A), B)
            assert_close(got, np.einsum("iap,iaq->pq", slopes, slopes) / n, why=FLOAT32)

    @gated
    @weight(4)
    def test_large_means_several_outputs_many_inputs(self, student, rng):
        """A kernel far from centred, three outputs; and 2000 inputs of 64 pixels with two outputs.

        Each output row depends on its own input only: differentiate example by example (vmap), and 2 GB of zeros are never made.
        """
        G = rng.normal(size=(8, 3)) + 4
        K, y = np.asarray(G @ G.T, np.float32).astype(float), rng.normal(size=(8, 3)) + np.array([3.0, 0.0, -2.0])
        assert_close(student.alignment(K, y), alignment_reference(K, y), rtol=3e-4, why="float32 and means of 48 in K")
        K = np.asarray(np.eye(5) - np.ones((5, 5)) / 8, float)
        assert_close(student.alignment(K, y[:5]), alignment_reference(K, y[:5]), why=FLOAT32)
        A, B, x = rng.normal(size=(64, 3)) / 8, rng.normal(size=(3, 2)), rng.normal(size=(2000, 64))
        got = student.run(lambda ns, A, B, x: ns.gradient_outer_product(coupled_net, (A, B, jnp.zeros(())), x), A, B, x)
        slopes = np.einsum("ph,ih,ha->iap", A, np.cos(x @ A), B)
        assert_close(got, np.einsum("iap,iaq->pq", slopes, slopes) / 2000, why="float32 sums over 4000 terms")
