"""Hidden suite of week10/homework: expected values by hash-consed trees, matrix powers, quadrature and differences."""

import itertools

import networkx as nx
import numpy as np
import scipy.special

from autograder.testing import as_array, assert_close, gated, question, require, weight

LOOSE = dict(rtol=1e-3, atol=1e-5, why="float32 answers are accepted; they are good to 1e-4 here")


def _number(value) -> float:
    """A single number, whatever its type; arrays of shape () and (1,) are accepted for one."""
    good = isinstance(value, (int, float, np.number)) or (
        isinstance(value, np.ndarray) and value.size == 1 and value.dtype.kind in "fiu"
    )
    require(good and not isinstance(value, bool), "the result must be a single number")
    return float(np.asarray(value, dtype=np.float64).reshape(()))


def _array(value, ndim: int) -> np.ndarray:
    """An array of numbers with `ndim` axes, in float64."""
    value = as_array(value)
    require(value.ndim == ndim, f"the result must be an array of numbers with {ndim} axes")
    return value


def _parts(value, length: int, what: str) -> list:
    """The entries of a tuple or list of a given length."""
    good = hasattr(value, "__len__") and hasattr(value, "__getitem__") and not isinstance(value, (str, bytes, dict))
    require(good and len(value) == length, f"the result must be a tuple of {length}: {what}")
    return [value[i] for i in range(length)]


def _shuffled(rng, matrix: np.ndarray) -> np.ndarray:
    """The same graph with its nodes in another order."""
    order = rng.permutation(len(matrix))
    return matrix[np.ix_(order, order)]


# --- 10.1 ----------------------------------------------------------------------------------------------------------


def _matrix(graph) -> np.ndarray:
    return nx.to_numpy_array(graph, weight=None, dtype=int)


def _trees(matrix: np.ndarray, colors, rounds: int, names: dict) -> list[int]:
    """Names of the depth-`rounds` unfolding trees at every node; equal trees have equal names within `names`."""

    def name(*tree) -> int:
        return names.setdefault(tree, len(names))

    now = [name("leaf", int(c)) for c in colors]
    for _ in range(rounds):
        now = [name(now[i], tuple(sorted(now[j] for j in range(len(matrix)) if matrix[i, j]))) for i in range(len(matrix))]
    return now


def _smallest_members(names) -> np.ndarray:
    names = list(names)
    return np.array([names.index(c) for c in names])


def _first_difference(a: np.ndarray, b: np.ndarray) -> int:
    for t in range(len(a) + len(b) + 1):
        names = {}
        if sorted(_trees(a, np.zeros(len(a)), t, names)) != sorted(_trees(b, np.zeros(len(b)), t, names)):
            return t
    return -1


@question("wl", reference="hash-consed unfolding trees; paths and regular graphs in closed form")
class TestWl:
    def test_a_path(self, student, rng):
        """On a path a node's colour after t rounds is its distance from the nearer end, cut off at t.

        Shuffled nodes: the colour is named after the smallest number that has it.
        """
        order = rng.permutation(9)
        matrix = _matrix(nx.path_graph(9))[np.ix_(order, order)]
        for t in (0, 1, 3, 7):
            depth = np.minimum(np.minimum(order, 8 - order), t)
            got = _array(student.wl_colors(matrix, np.zeros(9, int), t), 1)
            assert_close(got, _smallest_members(depth.tolist()))

    def test_random_graphs_with_colours(self, student, rng):
        """Random graphs with two initial colours: a node keeps its own colour in the pair, and multiplicities count.

        Neighbours are a multiset, in no order. Initial colours are any integers.
        """
        for _ in range(4):
            upper = np.triu(rng.uniform(size=(10, 10)) < 0.25, 1).astype(int)
            matrix, colors = upper + upper.T, rng.choice([-7, 12], size=10)
            for t in (0, 1, 2):
                expected = _smallest_members(_trees(matrix, colors, t, {}))
                assert_close(_array(student.wl_colors(matrix, colors, t), 1), expected)

    def test_different_colours_with_one_sum(self, student, rng):
        """Multisets are compared, not sums of names: {1, 4} and {2, 3} differ.

        A name is a name. Any arithmetic with it makes different neighbourhoods look alike.
        """
        k, a, b = int(rng.integers(-5, 5)), int(rng.integers(1, 4)), int(rng.integers(4, 8))
        matrix = np.zeros((6, 6), int)
        for centre, leaf in ((0, 1), (0, 2), (3, 4), (3, 5)):
            matrix[centre, leaf] = matrix[leaf, centre] = 1
        order = rng.permutation(6)
        colors = np.array([99, k, k + a + b, 99, k + a, k + b])[order]
        got = student.wl_colors(matrix[np.ix_(order, order)], colors, 1)
        assert_close(_array(got, 1), np.arange(6))

    def test_an_own_colour_is_kept(self, student, rng):
        """Two nodes with different colours keep different colours, even where their neighbours are alike.

        The new colour is a pair; its first entry is the old colour.
        """
        colors = rng.permutation(6)
        matrix = np.zeros((6, 6), int)
        assert_close(_array(student.wl_colors(matrix, colors // 2, 2), 1), _smallest_members((colors // 2).tolist()))

    def test_graphs_that_differ(self, student, rng):
        """The first round in which some colour is more frequent in one of the graphs.

        Colours of both graphs need common names: a complete graph and a ring have one colour each, but not the same
        one. Graphs of different size differ at once.
        """
        pairs = [
            (nx.path_graph(6), nx.star_graph(5)),
            (nx.complete_graph(5), nx.cycle_graph(5)),
            (nx.path_graph(5), nx.path_graph(6)),
            (nx.path_graph(9), nx.disjoint_union(nx.path_graph(4), nx.cycle_graph(5))),
            (nx.path_graph(36), nx.disjoint_union(nx.path_graph(32), nx.cycle_graph(4))),  # round 17
        ]
        for one, other in pairs:
            a, b = _shuffled(rng, _matrix(one)), _shuffled(rng, _matrix(other))
            require(_number(student.wl_round(a, b)) == _first_difference(a, b), "another round was expected")

    @gated
    @weight(4)
    def test_graphs_that_nobody_tells_apart(self, student, rng):
        """A graph and its shuffled copy are never told apart; nor are regular graphs of equal degree and size.

        -1 for the prism against the bipartite graph K33, and for two rings against one; but not one round too early for
        pairs that need several.
        """
        upper = np.triu(rng.uniform(size=(8, 8)) < 0.3, 1).astype(int)
        prism, k33 = nx.circular_ladder_graph(3), nx.complete_bipartite_graph(3, 3)
        rings = nx.disjoint_union(nx.cycle_graph(4), nx.cycle_graph(6))
        for a, b in (
            (upper + upper.T, _shuffled(rng, upper + upper.T)),
            (_matrix(prism), _shuffled(rng, _matrix(k33))),
            (_shuffled(rng, _matrix(rings)), _matrix(nx.cycle_graph(10))),
        ):
            require(_number(student.wl_round(a, b)) == -1, "these two look alike for ever")
        long = nx.path_graph(12)
        long.add_edge(2, 12)
        other = nx.path_graph(12)
        other.add_edge(5, 12)
        a, b = _shuffled(rng, _matrix(long)), _shuffled(rng, _matrix(other))
        require(_number(student.wl_round(a, b)) == _first_difference(a, b), "another round was expected")


# --- 10.2 ----------------------------------------------------------------------------------------------------------


def _components(rng, sizes, low: float, high: float) -> np.ndarray:
    """Complete weighted graphs side by side, float32-exact, shuffled."""
    n = sum(sizes)
    weights = np.triu(rng.uniform(low, high, size=(n, n)), 1)
    weights = weights + weights.T
    member = np.repeat(np.arange(len(sizes)), sizes)
    return _shuffled(rng, weights * (member[:, None] == member))


def _limit_and_rate(adjacency: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, float]:
    """By components (breadth-first search) and the spectral norm of what is left; no eigenvalue is looked at."""
    loops = adjacency + np.eye(len(adjacency))
    root = np.sqrt(loops.sum(axis=1))
    projector = np.zeros_like(loops)
    for members in nx.connected_components(nx.from_numpy_array(adjacency)):
        u = np.zeros(len(adjacency))
        u[list(members)] = root[list(members)]
        projector += np.outer(u, u) / (u @ u)
    return projector @ x, float(np.linalg.norm(loops / np.outer(root, root) - projector, 2))


def _check_smoothing(student, adjacency, x, only=""):
    """The limit and the rate, or only the one that is named."""
    limit, rate = _parts(student.smoothing(adjacency, x), 2, "the limit and the rate")
    expected_limit, expected_rate = _limit_and_rate(adjacency, x)
    why = "float32 is good to 1e-5 on graphs of seven nodes"
    if only != "rate":
        assert_close(_array(limit, 2), expected_limit, rtol=2e-4, why=why)
    if only != "limit":
        assert_close(_number(rate), expected_rate, rtol=2e-4, why=why)


@question("smoothing", reference="component search, closed-form projector and a spectral norm in float64")
class TestSmoothing:
    @weight(2)
    def test_the_limit_alone(self, student, rng):
        """What is left of the features of a connected graph, whatever the rate is."""
        _check_smoothing(student, _components(rng, (6,), 0.125, 0.5), rng.normal(size=(6, 3)), "limit")

    @weight(2)
    def test_the_rate_alone(self, student, rng):
        """How much of the rest one layer leaves on a connected graph, whatever the limit is."""
        _check_smoothing(student, _components(rng, (6,), 0.125, 0.5), rng.normal(size=(6, 3)), "rate")

    def test_a_connected_graph(self, student, rng):
        """Limit and rate of a connected graph with weights.

        The limit at a node is proportional to the root of its degree, self-loop included; it is not the mean.
        """
        _check_smoothing(student, _components(rng, (6,), 0.125, 0.5), rng.normal(size=(6, 3)))

    def test_heavy_weights(self, student, rng):
        """With heavy weights the slowest eigenvalue may be negative.

        The rate is the largest modulus of an eigenvalue other than 1.
        """
        a, b = (float(w) for w in rng.uniform(8.0, 20.0, size=2))
        path = np.zeros((3, 3))
        path[[0, 1, 1, 2], [1, 0, 2, 1]] = a, a, b, b
        _check_smoothing(student, path, rng.normal(size=(3, 3)))
        _check_smoothing(student, 512 * path, rng.normal(size=(3, 3)))  # about -0.9998

    def test_a_bottleneck(self, student, rng):
        """Two groups of three with a weak link: one component, though the second eigenvalue is above 0.99.

        Where is the border between 1 and the others? The docstring says it.
        """
        graph = _components(rng, (3, 3), 0.5, 1.0)
        one = 0
        other = next(j for j in range(1, 6) if graph[one, j] == 0)
        graph[one, other] = graph[other, one] = 1 / 128
        _check_smoothing(student, graph, rng.normal(size=(6, 3)))

    def test_several_components(self, student, rng):
        """Two components: each keeps a memory of its own, and 1 is an eigenvalue twice.

        The second eigenvalue in order of size is 1 again here: it is no rate.
        """
        _check_smoothing(student, _components(rng, (4, 3), 0.125, 0.5), rng.normal(size=(7, 2)))

    @gated
    @weight(3)
    def test_lonely_nodes(self, student, rng):
        """A lonely node keeps its features for ever, and a graph of lonely nodes has rate 0.

        It is a component by itself.
        """
        _check_smoothing(student, _components(rng, (4, 1, 1), 0.125, 0.5), rng.normal(size=(6, 2)))
        _check_smoothing(student, np.zeros((6, 6)), rng.normal(size=(6, 2)))

    @gated
    @weight(3)
    def test_a_ring(self, student, rng):
        """On a ring of n nodes the rate is (1 + 2 cos(2 pi / n)) / 3, or 1/3 where that is smaller in modulus.

        And the limit is the mean, as all degrees are equal.
        """
        for n in (3, 12):
            x = rng.normal(size=(n, 2))
            limit, rate = _parts(student.smoothing(_matrix(nx.cycle_graph(n)).astype(float), x), 2, "the limit and the rate")
            expected = max(abs(1 + 2 * np.cos(2 * np.pi * k / n)) / 3 for k in range(1, n))
            assert_close(_number(rate), expected, **LOOSE)
            assert_close(_array(limit, 2), np.tile(x.mean(axis=0), (n, 1)), **LOOSE)


# --- 10.3 ----------------------------------------------------------------------------------------------------------


def _kernel_weights(queries, keys, h):
    distance = np.sum((queries[:, None] - keys[None]) ** 2, axis=2)
    return scipy.special.softmax(-distance / (2 * h**2), axis=1)


def _attention_weights(student, queries, keys, h):
    q, k = _parts(student.smoother_as_attention(queries, keys, h), 2, "queries and keys")
    q, k = _array(q, 2), _array(k, 2)
    require(len(q) == len(queries) and len(k) == len(keys), "one row per query and one per key")
    require(q.shape[1] == k.shape[1] <= queries.shape[1] + 1, "equally many columns, at most d + 1")
    with np.errstate(all="ignore"):
        return scipy.special.softmax(q @ k.T, axis=1)


@question("kernel_smoother", reference="the kernel's weights from distances, and central differences of the smoother, in float64")
class TestKernelSmoother:
    def test_weights(self, student, rng):
        """softmax(q' k') equals the Gaussian kernel's weights, for keys of different norms.

        -|q - k|^2 / 2h^2 has three terms. One is the same for all keys.
        """
        queries, keys = rng.normal(size=(4, 3)), rng.normal(size=(6, 3)) * np.array([1, 1, 2, 0.5, 1, 1])[:, None]
        for h in (1.0, float(rng.uniform(0.6, 0.8)), float(rng.uniform(1.5, 2.5))):
            assert_close(_attention_weights(student, queries, keys, h), _kernel_weights(queries, keys, h), **LOOSE)

    def test_slope(self, student, rng):
        """The slope is the covariance of value and key under the weights, over h^2: one row per component of the values.

        Central differences of your smoother tell you whether a term is missing.
        """
        query, keys, values = rng.normal(size=3), rng.normal(size=(6, 3)), rng.normal(size=(6, 2)) + 1.0
        for h in (1.0, float(rng.uniform(0.6, 0.8)), float(rng.uniform(1.5, 2.5))):
            expected, step = np.zeros((2, 3)), 1e-5
            for b in range(3):
                moved = query + step * np.array([[1], [-1]]) * (np.arange(3) == b)
                up, down = _kernel_weights(moved, keys, h) @ values
                expected[:, b] = (up - down) / (2 * step)
            assert_close(_array(student.smoother_slope(query, keys, values, h), 2), expected, **LOOSE)

    def test_rows_of_their_own(self, student, rng):
        """A row of q' depends on its own query only, a row of k' on its own key: rows of two calls go together.

        Queries of the first call and keys of the second give the kernel's weights, too.
        """
        queries, keys, h = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 6, 3)), float(rng.uniform(0.6, 0.9))
        first, second = (
            _parts(student.smoother_as_attention(q, k, h), 2, "queries and keys") for q, k in zip(queries, keys, strict=True)
        )
        q, k = _array(first[0], 2), _array(second[1], 2)
        require(q.shape[1] == k.shape[1], "queries and keys should have the same number of columns")
        assert_close(scipy.special.softmax(q @ k.T, axis=1), _kernel_weights(queries[0], keys[1], h), **LOOSE)

    def test_a_query_far_from_all_keys(self, student, rng):
        """All exponentials are below the smallest number that there is, and the weights are what they are.

        Only differences of exponents matter: subtract the largest, or take a library's softmax.
        """
        # The keys are so close together that several weights count.
        query, keys, values = rng.uniform(6.5, 7.5, size=3), rng.normal(size=(6, 3)) / 64 - 7.0, rng.normal(size=(6, 2))
        h = 0.5
        w = _kernel_weights(query[None], keys, h)[0]
        expected = (values - w @ values).T @ (w[:, None] * (keys - w @ keys)) / h**2
        got = _array(student.smoother_slope(query, keys, values, h), 2)
        assert_close(got, expected, rtol=3e-3, atol=1e-3, why="exponents near 1000 are good to 1e-4 in float32")

    @gated
    def test_moving_everything(self, student, rng):
        """Queries and keys moved by one vector have the same weights; so have all lengths and h times one number.

        A smoother sees distances only.
        """
        queries, keys, h = rng.normal(size=(4, 3)), rng.normal(size=(6, 3)), float(rng.uniform(0.6, 0.9))
        shift = rng.uniform(0.5, 1.5, size=3)
        expected = _kernel_weights(queries, keys, h)
        assert_close(_attention_weights(student, queries + shift, keys + shift, h), expected, **LOOSE)
        assert_close(_attention_weights(student, 2 * queries, 2 * keys, 2 * h), expected, **LOOSE)

    @gated
    def test_values_that_are_linear_in_the_keys(self, student, rng):
        """Constant values have slope 0, and values that equal the keys a symmetric slope of trace Var / h^2.

        As many values as keys have entries: only the meaning tells rows from columns.
        """
        query, keys, h = rng.normal(size=3), rng.normal(size=(6, 3)), float(rng.uniform(0.6, 0.9))
        turn = rng.normal(size=(3, 3))
        w = _kernel_weights(query[None], keys, h)[0]
        centred = keys - w @ keys
        expected = (centred @ turn).T @ (w[:, None] * centred) / h**2
        assert_close(_array(student.smoother_slope(query, keys, keys @ turn + 5.0, h), 2), expected, **LOOSE)


# --- 10.4 ----------------------------------------------------------------------------------------------------------


def _layer(student, W0, rate, n):
    """The student's three matrices, after a look at their shapes."""
    c, d = W0.shape
    matrices = _parts(student.gd_attention(W0, rate, n), 3, "W_Q, W_K and W_V")
    W_Q, W_K, W_V = (_array(m, 2) for m in matrices)
    fits = len(W_Q) == len(W_K) == d + c and W_Q.shape[1] == W_K.shape[1] and W_V.shape == (d + c, d + c)
    require(fits, "W_Q and W_K take tokens of d + c entries to equally many; W_V takes them to d + c entries")
    return W_Q, W_K, W_V


def _apply(tokens, examples, W_Q, W_K, W_V):
    return tokens + (tokens @ W_Q) @ (examples @ W_K).T @ (examples @ W_V)


def _tokens(rng, n, d, c):
    return rng.normal(size=(n, d)), rng.normal(size=(n, c))


def _gradient(W, x, y):
    """Gradient of sum |W x - y|^2 / 2n by central differences (exact for a quadratic up to rounding)."""
    slope = np.zeros_like(W)
    for index in np.ndindex(W.shape):
        step = np.zeros_like(W)
        step[index] = 0.5
        up, down = (np.sum((x @ (W + s * step).T - y) ** 2) / (2 * len(x)) for s in (1, -1))
        slope[index] = up - down
    return slope


@question("gd_attention", reference="the gradient step itself, by central differences of the loss in float64")
class TestGdAttention:
    def test_one_output_from_zero(self, student, rng):
        """W0 = 0, one output: a query with y = 0 leaves with -Delta W x, and its x stays.

        The 1/n of the mean is in the step; so is the learning rate.
        """
        W0, rate, n = np.zeros((1, 3)), float(rng.uniform(0.2, 0.8)), 5
        x, y = _tokens(rng, n, 3, 1)
        query = np.concatenate([rng.normal(size=(4, 3)), np.zeros((4, 1))], axis=1)
        change = -rate * _gradient(W0, x, y)
        expected = query - np.concatenate([np.zeros((4, 3)), query[:, :3] @ change.T], axis=1)
        layer = _layer(student, W0, rate, n)
        assert_close(_apply(query, np.concatenate([x, y], axis=1), *layer), expected, **LOOSE)

    def test_weights_that_have_learned(self, student, rng):
        """W0 not 0, two outputs, and tokens whose y is not 0: examples move, too.

        The residual is W0 x - y. The query's own y takes no part in the inner product.
        """
        for c, d in ((2, 3), (2, 2), (3, 2)):
            W0, rate, n = rng.normal(size=(c, d)), float(rng.uniform(0.2, 0.8)), 6
            x, y = _tokens(rng, n, d, c)
            examples = np.concatenate([x, y], axis=1)
            change = -rate * _gradient(W0, x, y)
            expected = np.concatenate([x, y - x @ change.T], axis=1)
            assert_close(_apply(examples, examples, *_layer(student, W0, rate, n)), expected, **LOOSE)

    @gated
    @weight(2)
    def test_three_layers_are_three_steps(self, student, rng):
        """The same layer three times, with W0 = 0: a query leaves with minus the prediction after three steps.

        After one layer the targets are residuals, so the next step starts from where the last one ended.
        """
        rate, n = float(rng.uniform(0.2, 0.5)), 6
        x, y = _tokens(rng, n, 3, 2)
        asked = rng.normal(size=(2, 3))
        tokens, query = np.concatenate([x, y], axis=1), np.concatenate([asked, np.zeros((2, 2))], axis=1)
        layer = _layer(student, np.zeros((2, 3)), rate, n)
        W = np.zeros((2, 3))
        for _ in range(3):
            query, tokens = _apply(query, tokens, *layer), _apply(tokens, tokens, *layer)
            W = W - rate * _gradient(W, x, y)
        assert_close(query, np.concatenate([asked, -asked @ W.T], axis=1), **LOOSE)


# --- 10.5 ----------------------------------------------------------------------------------------------------------

# Probabilists' Gauss-Hermite with 4 nodes integrates polynomials up to degree 7 exactly; the risk has degree 6.
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(4)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


def _quadratic(spectrum, n, noise):
    """Coefficients (a, b, c) of the risk a - 2 b eta + c eta^2, by summing over all quadrature nodes of all inputs."""
    d = len(spectrum)
    linear, square = 0.0, 0.0
    for choice in itertools.product(range(4), repeat=n * d):
        x = _NODES[list(choice)].reshape(n, d) * np.sqrt(spectrum)
        mass = _WEIGHTS[list(choice)].prod()
        S = x.T @ x / n
        sigma = np.diag(spectrum)
        linear += mass * np.trace(S @ sigma)
        square += mass * (np.trace(S @ sigma @ S) + noise**2 / n * np.trace(S @ sigma))
    return float(np.sum(spectrum)), linear, square


def _check_step(student, spectrum, n, noise, coefficients):
    a, b, c = coefficients
    rate, risk = _parts(student.best_step(spectrum, n, noise), 2, "the learning rate and the risk")
    assert_close(_number(rate), b / c, **LOOSE)
    assert_close(_number(risk), a - b**2 / c, **LOOSE)


@question("best_step", reference="exact Gauss-Hermite quadrature over all inputs; n to infinity; isotropic closed form")
class TestBestStep:
    def test_one_dimension(self, student, rng):
        """One input dimension, one to three examples, without noise.

        E x^4 is 3 E(x^2)^2, for equal factors only.
        """
        for n in (1, 3):
            spectrum = rng.uniform(0.5, 2.0, size=1)
            _check_step(student, spectrum, n, 0.0, _quadratic(spectrum, n, 0.0))

    def test_several_dimensions(self, student, rng):
        """Two and three dimensions with unequal variances.

        The trace of a power is not the power of the trace, and examples enter as (n + 1)/n and 1/n.
        """
        for n, d in ((1, 3), (2, 2)):
            spectrum = rng.uniform(0.4, 2.5, size=d)
            _check_step(student, spectrum, n, 0.0, _quadratic(spectrum, n, 0.0))

    def test_noise(self, student, rng):
        """Noisy labels make the best step shorter and the risk larger.

        `noise` is a standard deviation. It enters through the labels of the examples only.
        """
        spectrum, noise = rng.uniform(0.4, 2.5, size=2), float(rng.uniform(1.5, 3.0))
        _check_step(student, spectrum, 2, noise, _quadratic(spectrum, 2, noise))

    @gated
    @weight(1.5)
    def test_endless_data(self, student, rng):
        """With ten million examples the step is tr S^2 / tr S^3 of the true covariance, and what is left its bias.

        One step cannot fit directions of different variance at once.
        """
        # One eigenvalue in each fifth of the range: were they nearly equal, the bias would drown in float32's rounding.
        spectrum = 0.25 + 0.45 * (rng.permutation(5) + rng.uniform(size=5))
        moments = [np.sum(spectrum**p) for p in (1, 2, 3)]
        _check_step(student, spectrum, 10_000_000, 1.0, moments)

    @gated
    @weight(1.5)
    def test_equal_variances(self, student, rng):
        """Equal variances v: the step is n / (n + d + 1 + noise^2 / v) over v.

        Lengths measured in other units change the step by their square.
        """
        d, n, v, noise = 6, int(rng.integers(3, 30)), float(rng.uniform(0.5, 3.0)), float(rng.uniform(0.5, 2.0))
        curvature = d * v**3 * (n + d + 1 + noise**2 / v) / n
        _check_step(student, np.full(d, v), n, noise, (d * v, d * v**2, curvature))
