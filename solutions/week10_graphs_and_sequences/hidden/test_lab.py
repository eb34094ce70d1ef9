"""Hidden suite of week10/lab. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

Every expected value is computed here, in NumPy float64, edge by edge and token by token, and never with the student's
code. Gated tests carry about half of each question's weight, so that a usual mistake keeps at most half of the points.
Tests of a question share their shapes where they can: every new shape is a new compilation.
"""

import jax
import jax.numpy as jnp
import networkx as nx
import numpy as np
import scipy.special

from autograder.testing import assert_close, gated, question, require, sendable, weight

FLOAT32 = "float32 rounding over a few dozen operations is below 1e-5 of the largest entry"
LARGE = "logits near 900 are spaced 6e-5 in float32, and so are the relative errors of their exponentials"


def random_graph(rng, n, extra):
    """0/1 adjacency matrix of a hub 0 with n - 2 neighbours, `extra` links among these, and a last node without edges.

    The number of edges is fixed (shapes must not vary with the seed). The lonely node is last, where a count of nodes by
    the largest index would miss it.
    """
    pairs = [(i, j) for i in range(1, n - 1) for j in range(i + 1, n - 1)]
    links = [(0, j) for j in range(1, n - 1)] + [pairs[k] for k in rng.permutation(len(pairs))[:extra]]
    adjacency = np.zeros((n, n), dtype=int)
    adjacency[tuple(np.transpose(links))] = 1
    return adjacency + adjacency.T


def edge_list(rng, adjacency, length):
    """The edges of a graph in random order, both directions, padded at random places with edges at the busy node 0."""
    senders, receivers = np.nonzero(adjacency)
    spare = length - len(senders)
    assert spare >= 3
    padding = rng.choice([0, 0, 1], size=(2, spare))
    order = rng.permutation(length)
    mask = np.arange(length) < len(senders)
    return (
        np.concatenate([senders, padding[0]])[order].astype(np.int32),
        np.concatenate([receivers, padding[1]])[order].astype(np.int32),
        mask[order],
    )


# --- 1 --------------------------------------------------------------------------------------------------------------


def gcn_reference(adjacency):
    """D^(-1/2) (A + I) D^(-1/2), entry by entry."""
    loops = adjacency + np.eye(len(adjacency))
    degree = [sum(row) for row in loops]
    return np.array([[loops[i, j] / np.sqrt(degree[i] * degree[j]) for j in range(len(loops))] for i in range(len(loops))])


def weighted(rng, adjacency):
    """The graph with random symmetric positive weights."""
    weights = np.triu(rng.uniform(0.25, 3.0, size=adjacency.shape), 1)
    return adjacency * (weights + weights.T)


@question("gcn_average", reference="the definition entry by entry in float64")
class TestGcnAverage:
    @weight(2)
    def test_a_ring(self, student, rng):
        """A ring of equal edges: each node and its two neighbours count alike, and the weights of a row sum to 1."""
        adjacency, x = nx.to_numpy_array(nx.cycle_graph(6)), rng.normal(size=(6, 3))
        assert_close(student.gcn_average(adjacency, x), gcn_reference(adjacency) @ x, why=FLOAT32)

    def test_a_weighted_graph(self, student, rng):
        """Every entry of the matrix is (A + I)_ij divided by the roots of both degrees, which are those of A + I.

        Weights count in the degree; rows and columns are treated alike.
        """
        adjacency, x = weighted(rng, random_graph(rng, 6, 2)), rng.normal(size=(6, 3))
        adjacency[5, 4] = adjacency[4, 5] = 0.5
        assert_close(student.gcn_average(adjacency, x), gcn_reference(adjacency) @ x, why=FLOAT32)

    def test_one_way_edges(self, student, rng):
        """A matrix that is not symmetric: the degree of node i is the sum over row i of A + I.

        Then (A + I)_ij multiplies the features of node j, and both ends' degrees divide it.
        """
        adjacency, x = np.triu(rng.uniform(0.25, 3.0, size=(6, 6)), 1), rng.normal(size=(6, 3))
        order = rng.permutation(6)
        adjacency = adjacency[np.ix_(order, order)]
        assert_close(student.gcn_average(adjacency, x), gcn_reference(adjacency) @ x, why=FLOAT32)

    @gated
    @weight(1)
    def test_a_node_without_neighbours(self, student, rng):
        """A node without neighbours has its self-loop and nothing else: it keeps its features.

        The identity is added before degrees are counted.
        """
        adjacency, x = weighted(rng, random_graph(rng, 6, 3)), rng.normal(size=(6, 3))
        adjacency[0] = adjacency[:, 0] = 0
        assert_close(student.gcn_average(adjacency, x), gcn_reference(adjacency) @ x, why=FLOAT32)

    @gated
    @weight(1)
    def test_heavy_and_light_edges(self, student, rng):
        """Weights of a thousand and of a thousandth: the formula holds, and sqrt of the degrees keeps eigenvalue 1.

        Weights are numbers, not yes or no.
        """
        adjacency = weighted(rng, random_graph(rng, 6, 3))
        scale = np.array([1000, 1, 1 / 1024, 1000, 1 / 1024, 1])
        adjacency = (adjacency * np.sqrt(np.outer(scale, scale))).astype(np.float32).astype(np.float64)
        x = rng.normal(size=(6, 3))
        x[:, 0] = np.sqrt(adjacency.sum(axis=1) + 1)
        expected = gcn_reference(adjacency) @ x
        expected[:, 0] = x[:, 0]
        assert_close(student.gcn_average(adjacency, x), expected, why=FLOAT32)


# --- 2 --------------------------------------------------------------------------------------------------------------


@sendable
def crossed(a, b):
    """A message that treats its two ends differently, nonlinear in both."""
    return jnp.stack([a[:, 0] * jnp.exp(b[:, 1] / 2), jnp.sin(a[:, 1]) - 2 * b[:, 0], a[:, 0] + 3.0], axis=1)


@sendable
def inverse_distance(a, b):
    """Infinite or NaN for an edge from a node to itself."""
    r = jnp.sqrt(jnp.sum((a - b) ** 2, axis=1, keepdims=True))
    return jnp.concatenate([1 / r, (a - b) / r], axis=1)


def crossed_reference(a, b):
    return np.array([a[0] * np.exp(b[1] / 2), np.sin(a[1]) - 2 * b[0], a[0] + 3.0])


def inverse_distance_reference(a, b):
    r = np.sqrt(np.sum((a - b) ** 2))
    return np.concatenate([[1 / r], (a - b) / r])


def sum_of_messages(x, senders, receivers, mask, message):
    """Messages computed and added one edge at a time, float64; shape (n, 3)."""
    total = np.zeros((len(x), 3))
    for s, r, real in zip(senders, receivers, mask, strict=True):
        if real:
            total[r] += message(x[s], x[r])
    return total


@sendable
def passing(ns, x, senders, receivers, mask):
    return ns.message_passing(x, senders, receivers, mask, crossed)


@sendable
def mutual(a, b):
    """A message that is the same in both directions."""
    return jnp.stack([a[:, 0] * b[:, 0], jnp.sin(a[:, 1]) + jnp.sin(b[:, 1]), a[:, 0] + b[:, 0] + 3.0], axis=1)


def mutual_reference(a, b):
    return np.array([a[0] * b[0], np.sin(a[1]) + np.sin(b[1]), a[0] + b[0] + 3.0])


@question("message_passing", reference="a loop over the real edges in NumPy float64")
class TestMessagePassing:
    def test_messages_add_up_at_the_receiver(self, student, rng):
        """Each node adds up the messages of all real edges that arrive at it; nothing arrives at a lonely node.

        The message takes the sender's features first. The edges come in no particular order, and they need not
        be symmetric.
        """
        x = rng.normal(size=(6, 2))
        senders = np.concatenate([[0, 1, 2, 3, 4], rng.integers(0, 5, size=11)]).astype(np.int32)
        receivers = np.concatenate([[1, 1, 1, 0, 3], rng.integers(0, 5, size=11)]).astype(np.int32)
        mask = np.ones(16, dtype=bool)
        expected = sum_of_messages(x, senders, receivers, mask, crossed_reference)
        assert_close(student.run(passing, x, senders, receivers, mask), expected, why=FLOAT32)

    def test_padding_at_a_busy_node(self, student, rng):
        """Padded edges leave no trace, wherever they stand in the list and whichever node they point at.

        Their node numbers are valid: only the mask tells them from real edges.
        """
        x = rng.normal(size=(6, 2))
        edges = edge_list(rng, random_graph(rng, 6, 2), 16)
        expected = sum_of_messages(x, *edges, crossed_reference)
        assert_close(student.run(passing, x, *edges), expected, why=FLOAT32)

    def test_padding_whose_message_is_infinite(self, student, rng):
        """The message of a padded edge may be infinite or NaN: here it is 1 / distance of a node from itself.

        0 times infinity is NaN. Choose between two values instead of multiplying.
        """
        x = rng.normal(size=(6, 2))
        senders, receivers, mask = edge_list(rng, random_graph(rng, 6, 2), 16)
        senders = np.where(mask, senders, receivers)
        got = student.run(
            lambda ns, x, s, r, m: ns.message_passing(x, s, r, m, inverse_distance), x, senders, receivers, mask
        )
        assert_close(got, sum_of_messages(x, senders, receivers, mask, inverse_distance_reference), why=FLOAT32)

    @weight(2)
    def test_edges_in_both_directions(self, student, rng):
        """Every edge in both directions, with a message that does not tell its two ends apart: each node adds them up."""
        x, order = rng.normal(size=(6, 2)), rng.permutation(6)
        one = order[[0, 1, 2, 3, 4, 5, 0, 1]].astype(np.int32)
        two = order[[1, 2, 3, 4, 5, 0, 2, 4]].astype(np.int32)
        senders, receivers, mask = np.concatenate([one, two]), np.concatenate([two, one]), np.ones(16, dtype=bool)
        got = student.run(lambda ns, x, s, r, m: ns.message_passing(x, s, r, m, mutual), x, senders, receivers, mask)
        assert_close(got, sum_of_messages(x, senders, receivers, mask, mutual_reference), why=FLOAT32)

    @gated
    @weight(3)
    def test_several_edges_between_two_nodes(self, student, rng):
        """Parallel edges and real self-loops each count; all other edges of this list are padding.

        Node numbers say where a message goes, the mask alone whether it is sent.
        """
        x = rng.normal(size=(6, 2))
        one, two = (int(i) for i in rng.permutation(6)[:2])
        senders = np.concatenate([[one, one, two, two], rng.integers(0, 6, size=12)]).astype(np.int32)
        receivers = np.concatenate([[two, two, one, two], rng.integers(0, 6, size=12)]).astype(np.int32)
        mask = np.arange(16) < 4
        expected = sum_of_messages(x, senders, receivers, mask, crossed_reference)
        assert_close(student.run(passing, x, senders, receivers, mask), expected, why=FLOAT32)


# --- 3 --------------------------------------------------------------------------------------------------------------


@question("gcn_layer", reference="the dense matrix of networkx's normalised Laplacian of A + I, in float64")
class TestGcnLayer:
    @staticmethod
    def expected(adjacency, x, W, b):
        loops = nx.from_numpy_array(adjacency + np.eye(len(adjacency)))
        # networkx counts a self-loop once in its normalised Laplacian I - D^(-1/2) (A + I) D^(-1/2): what we want.
        operator = np.eye(len(adjacency)) - nx.normalized_laplacian_matrix(loops).toarray()
        return operator @ x @ W + b

    @classmethod
    def two_signs(cls, adjacency, x, W):
        """A bias that leaves numbers of both signs in every column, so that an activation shows."""
        return -cls.expected(adjacency, x, W, 0.0).mean(axis=0).astype(np.float32).astype(np.float64)

    def test_a_graph_without_padding(self, student, rng):
        """Without padding: the mean over neighbours and self, weighed by the roots of both degrees, times W, plus b.

        Each degree counts the self-loop. A hub and its leaves have different degrees: both ends of an edge matter.
        """
        adjacency = random_graph(rng, 6, 4)
        x, W = rng.normal(size=(6, 3)), rng.normal(size=(3, 2))
        b = self.two_signs(adjacency, x, W)
        senders, receivers = (a.astype(np.int32) for a in np.nonzero(adjacency))
        mask = np.ones(len(senders), bool)
        got = student.gcn_layer(x, senders, receivers, mask, W, b)
        assert_close(got, self.expected(adjacency, x, W, b), why=FLOAT32)

    @weight(2)
    def test_a_ring_without_bias(self, student, rng):
        """On a ring all degrees are equal; without bias and padding, mean and map alone are left.

        Each degree counts the self-loop.
        """
        adjacency = nx.to_numpy_array(nx.cycle_graph(6))
        x, W, b = rng.normal(size=(6, 3)), rng.normal(size=(3, 2)), np.zeros(2)
        senders, receivers = (a.astype(np.int32) for a in np.nonzero(adjacency))
        got = student.gcn_layer(x, senders, receivers, np.ones(len(senders), bool), W, b)
        assert_close(got, self.expected(adjacency, x, W, b), why=FLOAT32)

    def test_padding_raises_no_degree(self, student, rng):
        """Padded edges at the busiest node: neither its sum nor its degree nor its neighbours' change.

        The mask belongs into the degrees, too.
        """
        adjacency = random_graph(rng, 6, 2)
        x, W = rng.normal(size=(6, 3)), rng.normal(size=(3, 2))
        b = self.two_signs(adjacency, x, W)
        edges = edge_list(rng, adjacency, 16)
        assert_close(student.gcn_layer(x, *edges, W, b), self.expected(adjacency, x, W, b), why=FLOAT32)

    @gated
    @weight(1)
    def test_square_weights_and_a_large_bias(self, student, rng):
        """As many features before as after, as many as nodes; a bias of a hundred arrives unchanged at every node.

        The bias is added at the end. Rows of W belong to inputs.
        """
        adjacency = random_graph(rng, 6, 2)
        x, W, b = rng.normal(size=(6, 6)), rng.normal(size=(6, 6)), 100 * rng.normal(size=6)
        edges = edge_list(rng, adjacency, 16)
        got = np.asarray(student.gcn_layer(x, *edges, W, b), np.float64)
        assert_close(got, self.expected(adjacency, x, W, b), why=FLOAT32)
        assert_close(got - b, self.expected(adjacency, x, W, 0 * b), rtol=1e-3, why="float32 spacing near 300 is 3e-5")

    def test_one_way_edges(self, student, rng):
        """Edges in one direction only: what counts in a degree is what arrives.

        The formula as it stands, edge by edge. Both ends' degrees are numbers of arrivals, and so is the sender's.
        """
        x, W, b = rng.normal(size=(6, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
        order = rng.permutation(5)
        senders, receivers = order[[0, 0, 1, 2, 3]], order[[1, 2, 2, 4, 4]]
        ends = np.zeros((2, 16), np.int32)
        ends[:, :5] = senders, receivers
        mask = np.arange(16) < 5
        degree = np.array([1 + np.sum(receivers == i) for i in range(6)])
        mixed = x / degree[:, None]
        for s, r in zip(senders, receivers, strict=True):
            mixed[r] += x[s] / np.sqrt(degree[s] * degree[r])
        assert_close(student.gcn_layer(x, *ends, mask, W, b), mixed @ W + b, why=FLOAT32)

    @gated
    @weight(2)
    def test_a_graph_of_padding_only(self, student, rng):
        """Without a single real edge every node keeps its own features: x W + b.

        All degrees are 1 then, whatever the padding points at.
        """
        x, W, b = rng.normal(size=(6, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
        ends = rng.integers(0, 6, size=(2, 16)).astype(np.int32)
        assert_close(student.gcn_layer(x, *ends, np.zeros(16, bool), W, b), x @ W + b, why=FLOAT32)


# --- 4 --------------------------------------------------------------------------------------------------------------


def edge_softmax_reference(logits, receivers, mask):
    """Softmax of each node's real edges by scipy, float64; 0 for padding."""
    weights = np.zeros(len(logits))
    for node in np.unique(receivers):
        own = (receivers == node) & mask
        if own.any():
            weights[own] = scipy.special.softmax(logits[own])
    return weights


def arrivals(rng):
    """Receivers and mask of 14 edges at 5 of 6 nodes: node 0 has many, node 3 one, node 4 padding only, node 5 none."""
    receivers = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 4, 0, 1], dtype=np.int32)
    mask = np.array([True] * 10 + [False] * 4)
    order = rng.permutation(14)
    return receivers[order], mask[order]


@question("edge_softmax", reference="scipy.special.softmax node by node in float64")
class TestEdgeSoftmax:
    def test_weights_of_each_node(self, student, rng):
        """The real edges that arrive at one node share a weight of 1, in proportion to e^logit.

        Sums run over one receiver's edges, not over all; the edges come in any order.
        """
        receivers, _ = arrivals(rng)
        logits, mask = rng.normal(size=14), np.ones(14, bool)
        assert_close(
            student.edge_softmax(logits, receivers, mask, 6), edge_softmax_reference(logits, receivers, mask), why=FLOAT32
        )

    def test_padding_has_no_weight(self, student, rng):
        """Padding gets 0 and takes nothing from the others; a node that receives only padding makes no NaN.

        Leave padding out of the sum, not only out of the result.
        """
        receivers, mask = arrivals(rng)
        logits = rng.normal(size=14)
        assert_close(
            student.edge_softmax(logits, receivers, mask, 6), edge_softmax_reference(logits, receivers, mask), why=FLOAT32
        )

    def test_nodes_of_very_different_size(self, student, rng):
        """Logits near 900 at one node and near -900 at another.

        Each node needs a maximum of its own: with the largest of all, everything else underflows to 0/0.
        """
        receivers, mask = arrivals(rng)
        level = np.array([850.0, -850.0, 20.0, 400.0, 0.0, 0.0])
        logits = (level[receivers] + rng.normal(size=14)).astype(np.float32).astype(np.float64)
        expected = edge_softmax_reference(logits, receivers, mask)
        assert_close(student.edge_softmax(logits, receivers, mask, 6), expected, rtol=1e-3, why=LARGE)

    def test_padding_with_the_largest_logit(self, student, rng):
        """Padding at a busy node whose logit exceeds all real ones by hundreds.

        The maximum that is subtracted must be one of the real edges', or their exponentials all vanish.
        """
        receivers, mask = arrivals(rng)
        logits = np.where(mask, rng.normal(size=14), rng.uniform(600.0, 900.0, size=14)).astype(np.float32).astype(float)
        expected = edge_softmax_reference(logits, receivers, mask)
        assert_close(student.edge_softmax(logits, receivers, mask, 6), expected, why=FLOAT32)
        loud = np.where(mask, logits, 2.0**100)  # any finite number
        assert_close(student.edge_softmax(loud, receivers, mask, 6), expected, why=FLOAT32)

    @gated
    @weight(4)
    def test_only_differences_at_a_node_count(self, student, rng):
        """A constant added to all logits of one node changes nothing, be it 3000 or -3000.

        Each node is a softmax of its own, and a softmax sees differences only.
        """
        receivers, mask = arrivals(rng)
        logits = rng.integers(-40, 40, size=14) / 16  # sixteenths: exact in float32 after the shift, too
        shifted = logits + np.array([3000.0, -3000.0, 500.0, 0.0, -3000.0, 0.0])[receivers]
        expected = edge_softmax_reference(logits, receivers, mask)
        assert_close(student.edge_softmax(shifted, receivers, mask, 6), expected, why=FLOAT32)


# --- 5 --------------------------------------------------------------------------------------------------------------


def attention_reference(q, k, v, mask):
    """Attention query by query over the keys that it may hear, float64."""
    out = np.zeros((len(q), v.shape[1]))
    for i, heard in enumerate(mask):
        if heard.any():
            out[i] = scipy.special.softmax(k[heard] @ q[i] / np.sqrt(q.shape[1])) @ v[heard]
    return out


def some_mask(rng, n, m):
    """A random mask in which every query hears at least one key."""
    mask = rng.uniform(size=(n, m)) < 0.5
    mask[np.arange(n), rng.integers(0, m, size=n)] = True
    return mask


@question("attention", reference="scipy.special.softmax over the keys that are heard, query by query in float64")
class TestAttention:
    def test_without_a_mask(self, student, rng):
        """Nothing masked: the softmax of q k^T / sqrt(d) over the keys weighs the values.

        d is the number of columns of q. There are more keys than queries here, and values are wider than keys.
        """
        q, k, v = rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.normal(size=(5, 6))
        mask = np.ones((3, 5), bool)
        assert_close(student.attention(2 * q, k, v, mask), attention_reference(2 * q, k, v, mask), why=FLOAT32)

    def test_the_causal_mask(self, student, rng):
        """causal_mask(n)[i, j] is True for j <= i.

        The row is the token that listens. It hears itself.
        """
        for n in (1, *(int(n) + 2 for n in rng.permutation(12)[:2])):
            got = np.asarray(student.causal_mask(n))
            require(got.dtype == bool, "the mask should be of type bool: True and False, not 1 and 0")
            assert_close(got.astype(float), np.array([[float(j <= i) for j in range(n)] for i in range(n)]))

    def test_masked_keys_are_not_heard(self, student, rng):
        """A masked key takes no part: neither its value in the sum nor its exponential in the norm.

        Weights of the keys that are left sum to 1. Rows are queries. As many keys as queries, as many features.
        """
        q, k, v = rng.normal(size=(5, 5)), rng.normal(size=(5, 5)), rng.normal(size=(5, 5))
        mask = some_mask(rng, 5, 5)
        assert_close(student.attention(2 * q, k, v, mask), attention_reference(2 * q, k, v, mask), why=FLOAT32)

    def test_loud_keys_that_are_masked(self, student, rng):
        """Logits in the hundreds, the largest of each query masked.

        Masking after the softmax finds nothing left to share out; a mask of -1000 or -10^4 added to logits like these is
        felt. Put the mask before the exponential, and let the maximum be one of a key that is heard.
        """
        q, v = rng.uniform(0.5, 1.0, size=(5, 5)), rng.normal(size=(5, 5))
        k = rng.normal(size=(5, 5))
        q[4] = 1.0
        # The last query's logit of it is the most that is promised, 10^5, less 160 to 390: -10^5 leaves it above the two that
        # the query hears, near -900.
        k[4] = rng.uniform(44550.0, 44650.0, size=5)
        k[:2] -= np.array([[400.0], [400.0]])
        k = k.astype(np.float32).astype(np.float64)
        mask = np.array([[True, True, True, True, False]] * 4 + [[True, True, False, False, False]])
        expected = attention_reference(q, k, v, mask)
        assert_close(student.attention(q, k, v, mask), expected, rtol=2e-3, why=LARGE + ", with sums of five such terms")

    def test_a_query_that_may_listen_to_nothing(self, student, rng):
        """An empty row of the mask gives zeros, and leaves the other rows alone.

        A softmax over nothing is 0/0, or the mean over everything if -10^9 stands for minus infinity.
        """
        q, k, v = rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.normal(size=(5, 6))
        mask = some_mask(rng, 3, 5)
        mask[int(rng.integers(0, 3))] = False
        assert_close(student.attention(q, k, v, mask), attention_reference(q, k, v, mask), why=FLOAT32)

    @weight(2)
    def test_queries_and_keys_of_one_feature(self, student, rng):
        """Queries and keys of a single number each, nothing masked: for each query the weights of the keys sum to 1."""
        q, k, v = rng.normal(size=(3, 1)), rng.normal(size=(5, 1)), rng.normal(size=(5, 6))
        mask = np.ones((3, 5), bool)
        assert_close(student.attention(2 * q, k, v, mask), attention_reference(2 * q, k, v, mask), why=FLOAT32)

    @gated
    @weight(5)
    def test_a_vector_added_to_all_keys(self, student, rng):
        """The same vector added to all keys changes nothing: it adds the same number to all logits of a query.

        The order of the keys means nothing either, as long as values and mask move along.
        """
        q, k, v = rng.integers(-8, 9, size=(3, 4)) / 8, rng.integers(-8, 9, size=(5, 4)) / 8, rng.normal(size=(5, 6))
        mask = some_mask(rng, 3, 5)
        order = rng.permutation(5)
        shifted = (k + 64.0 * rng.integers(1, 9, size=4))[order]  # exact in float32
        got = student.attention(q, shifted, v[order], mask[:, order])
        assert_close(got, attention_reference(q, k, v, mask), rtol=1e-3, why="float32 spacing near 1000 is 6e-5")


# --- 6 --------------------------------------------------------------------------------------------------------------


@sendable
def plain_attend(q, k, v, mask):
    """Question 5, for the student's multi_head to use: one head, one sequence; zeros where nothing is heard.

    Sequences without any token are allowed, for those who drop the padding before they attend.
    """
    weights = jax.nn.softmax(q @ k.T / q.shape[1] ** 0.5, axis=1, where=mask)  # NaN in an empty row
    return jnp.where(mask, weights, 0.0) @ v


def multi_head_reference(x, Wq, Wk, Wv, Wo, heads, is_token, causal):
    """One token, one head at a time, float64; each head by its own slice of the columns and of the rows of Wo."""
    batch, n, _ = x.shape
    out = np.zeros((batch, n, Wo.shape[1]))
    a, r = Wq.shape[1] // heads, Wv.shape[1] // heads
    for b in range(batch):
        for i in np.flatnonzero(is_token[b]):
            heard = [j for j in np.flatnonzero(is_token[b]) if j <= i or not causal]
            for h in range(heads):
                query = x[b, i] @ Wq[:, h * a : (h + 1) * a]
                keys, values = x[b, heard] @ Wk[:, h * a : (h + 1) * a], x[b, heard] @ Wv[:, h * r : (h + 1) * r]
                mixed = scipy.special.softmax(keys @ query / np.sqrt(a)) @ values
                out[b, i] += mixed @ Wo[h * r : (h + 1) * r]
    return out


def projections(rng, d, a, r, out):
    return rng.normal(size=(d, a)), rng.normal(size=(d, a)), rng.normal(size=(d, r)), rng.normal(size=(r, out))


def check_heads(student, x, weights, heads, is_token, causal):
    got = student.run(
        lambda ns, x, Wq, Wk, Wv, Wo, t: ns.multi_head(x, Wq, Wk, Wv, Wo, heads, t, causal, plain_attend),
        x, *weights, is_token,
    )  # fmt: skip
    assert_close(got, multi_head_reference(x, *weights, heads, is_token, causal), why=FLOAT32)


@question("multi_head", reference="one token and one head at a time with scipy.special.softmax, float64")
class TestMultiHead:
    def test_one_head(self, student, rng):
        """One head, no padding, no causality: attention between the projections, then Wo.

        Queries and keys may have another width than values.
        """
        x, weights = rng.normal(size=(2, 4, 3)), projections(rng, 3, 4, 6, 5)
        check_heads(student, x, weights, 1, np.ones((2, 4), bool), False)

    def test_heads_are_consecutive_blocks(self, student, rng):
        """Two heads: head h owns the columns from h c to (h + 1) c - 1, with c = 2 for queries and keys and 3 for values.

        A reshape to (..., heads, c) cuts consecutive blocks, one to (..., c, heads) deals them like cards. Put the heads
        side by side in the same order before Wo.
        """
        x, weights = rng.normal(size=(2, 4, 3)), projections(rng, 3, 4, 6, 5)
        check_heads(student, x, weights, 2, np.ones((2, 4), bool), False)

    def test_nobody_listens_to_padding(self, student, rng):
        """Sequences of different lengths: padding is heard by nobody, and its own rows of the output are 0.

        Each sequence has its own mask. The rows of padding hold numbers that must not be seen.
        """
        x, weights = rng.normal(size=(2, 4, 3)), projections(rng, 3, 4, 6, 5)
        x[0, 3] *= 8
        check_heads(student, x, weights, 2, np.array([[True, True, True, False], [True, True, True, True]]), False)

    def test_nobody_listens_to_later_tokens(self, student, rng):
        """causal: a token hears itself and the tokens in earlier rows.

        The first token hears only itself.
        """
        x, weights = rng.normal(size=(2, 4, 3)), projections(rng, 3, 4, 6, 5)
        check_heads(student, x, weights, 2, np.ones((2, 4), bool), True)

    @gated
    @weight(2)
    def test_padding_in_front_and_in_between(self, student, rng):
        """Causal, with padding before and between the tokens, and a sequence that is nothing but padding.

        Both masks at once. Rows of padding stay 0, even where the row could listen to itself.
        """
        x, weights = rng.normal(size=(2, 4, 3)), projections(rng, 3, 4, 6, 5)
        check_heads(student, x, weights, 2, np.array([[False, True, False, True], [False] * 4]), True)
        check_heads(student, x, weights, 2, np.array([[True, False, True, True], [False, False, True, True]]), True)

    @gated
    @weight(2)
    def test_everything_of_equal_size(self, student, rng):
        """Four sequences of four tokens of four features, four heads of one column each: no axis is told by its length.

        Only the meaning of an axis tells batch, tokens, heads and features apart.
        """
        x, weights = rng.normal(size=(4, 4, 4)), projections(rng, 4, 4, 4, 4)
        check_heads(student, x, weights, 4, rng.uniform(size=(4, 4)) < 0.7, True)


# --- 7 --------------------------------------------------------------------------------------------------------------


def rotary_reference(x, positions, base):
    """Each pair of columns as a complex number, multiplied by e^(i t theta), float64."""
    d = x.shape[1]
    z = (x[:, 0::2] + 1j * x[:, 1::2]) * np.exp(1j * np.outer(positions, base ** (-np.arange(d // 2) * 2 / d)))
    return np.stack([z.real, z.imag], axis=-1).reshape(x.shape)


@question("rotary", reference="multiplication of complex numbers in float64")
class TestRotary:
    def test_the_first_few_positions(self, student, rng):
        """Pair r of the token at position t turns by t base^(-2r/d), counter-clockwise, and stays where it was.

        Pairs are neighbouring columns (0, 1), (2, 3), ...: the frequencies fall from pair to pair.
        """
        x, base = rng.normal(size=(6, 6)), float(rng.uniform(20.0, 200.0))
        expected = rotary_reference(x, np.arange(6), base)
        assert_close(student.rotary(x, np.arange(6), base), expected, why=FLOAT32)

    def test_positions_are_given(self, student, rng):
        """Any integers in any order, negative ones included: not the number of the row.

        As many tokens as features: only the meaning tells them apart.
        """
        x, base = rng.normal(size=(6, 6)), float(rng.uniform(20.0, 200.0))
        positions = rng.integers(-40, 40, size=6)
        expected = rotary_reference(x, positions, base)
        assert_close(student.rotary(x, positions, base), expected, why="float32 angles of up to 40 are good to 4e-6")

    @gated
    @weight(2)
    def test_inner_products_know_only_distances(self, student, rng):
        """Queries at positions t and keys at positions s: the inner products depend on t - s only.

        Shift all positions by the same number: the rotated vectors change, their inner products must not.
        """
        q, k, base = rng.normal(size=(6, 6)), rng.normal(size=(6, 6)), float(rng.uniform(20.0, 200.0))
        t, s, shift = rng.integers(0, 20, size=6), rng.integers(0, 20, size=6), int(rng.integers(20, 60))
        turned_q = np.asarray(student.rotary(q, t + shift, base), np.float64)
        turned_k = np.asarray(student.rotary(k, s + shift, base), np.float64)
        expected = rotary_reference(q, t, base) @ rotary_reference(k, s, base).T
        assert_close(turned_q @ turned_k.T, expected, rtol=2e-4, why="float32 angles of up to 80 are good to 8e-6")
        one = rotary_reference(q[:, :2], t, base)
        assert_close(student.rotary(q[:, :2], t, base), one, why="a single pair turns by one radian per position")
