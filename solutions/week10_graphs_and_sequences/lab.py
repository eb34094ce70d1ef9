# ---
# jupyter:
#   autograder:
#     points: 20
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Week 10 lab: Deep learning on graphs and sequences
#
# A graph network lets every node listen to its neighbours; a transformer lets every token listen to every token before
# it. The two are one idea with two masks. Today you build both from their smallest parts: the operator of a graph
# convolution, message passing on edge lists with padding, a softmax over neighbourhoods - and then attention, several
# heads of it, and positions that it can see. On the way a network learns from two labels how a karate club broke up.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 1 | The operator of a graph convolution | 2 | 10 | * |
# | 2 | Message passing on a padded graph | 3 | 20 | ** |
# | 3 | A graph convolution on an edge list | 3 | 20 | ** |
# | 4 | A softmax over neighbours | 3 | 25 | *** |
# | 5 | Attention with a mask | 3 | 20 | ** |
# | 6 | Several heads, a padded batch | 4 | 35 | *** |
# | 7 | Positions as rotations | 2 | 15 | ** |
#
# **How to work.** Each function gets all it needs as arguments, so you can do the questions in any order (only the plot
# of question 6 wants question 5 as well). After each one run its `grader.check`: it catches the usual slip; hidden tests
# then look more closely. Before each plot, write your prediction down. NumPy or JAX, loops or `einsum`: every correct
# style is accepted, and the tests call your functions as they are, without `jit` or `grad`.
#
# **Conventions.** Nodes and tokens are rows: `x` has shape `(nodes, features)`. A graph is an **edge list**: edge $e$
# runs from node `senders[e]` to node `receivers[e]`, and an undirected edge is listed twice, once in each direction.
# JAX compiles anew for every shape, so edge lists are **padded** to a common length: where `edge_mask[e]` is False the
# entry is padding, its two node numbers are valid but mean nothing, and it must leave no trace. Real
# numbers are float32, node numbers int32, masks bool.

# %%
from course_lib.checks import open_checks

grader = open_checks("week10/lab")

# %%
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from course_lib.plots import COLORS, finish, panels, theory

# %% [markdown] question="gcn_average" points=2 minutes=10 difficulty="*"
# ## 1. The operator of a graph convolution
#
# A convolution on a graph should average over neighbours, keep something of the node itself, and not blow up where many
# edges meet. Kipf and Welling (2017) first give every node an edge to itself and normalise *then*:
#
# $$\tilde A = A + I, \qquad \tilde d_i = \sum_j \tilde A_{ij}, \qquad
# \hat A_{ij} = \frac{\tilde A_{ij}}{\sqrt{\tilde d_i\,\tilde d_j}}.$$
#
# The matrix $A$, with nonnegative weights and zero diagonal, is `adjacency`; your function applies $\hat A$ to the features
# `x`. In an undirected graph $A$ is symmetric, but the formula is meant as it stands also for one-way edges, where
# $A_{ij}$ is what $i$ hears of $j$. Because of the self-loop $\tilde d_i\ge1$: a node without neighbours needs no special
# treatment. For symmetric $A$ all eigenvalues of $\hat A$ lie in $(-1, 1]$, and $\sqrt{\tilde d}$ is an eigenvector with
# eigenvalue 1: check both on paper.
#
# *About 10 minutes, difficulty \*, 2 points.*


# %% solution="gcn_average"
def gcn_average(adjacency: Float[Array, "n n"], x: Float[Array, "n d"]) -> Float[Array, "n d"]:
    """The symmetrically normalised adjacency matrix with self-loops, applied to the features of the nodes.

    Args:
        adjacency: nonnegative weights, zero diagonal, float32; lonely nodes and one-way edges may occur.
        x: features, one node per row, float32.

    Returns:
        D^(-1/2) (A + I) D^(-1/2) x with D the sums of the rows of A + I (in both factors), shape of x, float32.
        Example: two nodes joined by an edge of weight 1, x = [[1.], [3.]]: [[2.], [2.]].
    """
    ### BEGIN SOLUTION
    with_loops = adjacency + jnp.eye(len(adjacency))
    root = jnp.sqrt(with_loops.sum(axis=1))
    return (with_loops / jnp.outer(root, root)) @ x
    ### END SOLUTION


# %% check="gcn_average"
pair_check = jnp.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
mean_check = jnp.asarray(gcn_average(pair_check, jnp.array([[1.0], [3.0], [5.0]])))
assert mean_check.shape == (3, 1), "one row per node, one column per feature"
assert abs(float(mean_check[2, 0]) - 5.0) < 1e-5, "a node alone keeps its feature: its self-loop gives it degree 1"
assert abs(float(mean_check[0, 0]) - 2.0) < 1e-5, (
    "1/2 + 3/2 = 2. 4: the degrees must be those of A + I, self-loop included; 1: take the root of each degree"
)
chain_check = jnp.array([[0.0, 3.0, 0.0], [3.0, 0.0, 12.0], [0.0, 12.0, 0.0]])
chain_mean = jnp.asarray(gcn_average(chain_check, jnp.array([[4.0], [8.0], [0.0]])))
assert abs(float(chain_mean[0, 0]) - 4.0) < 1e-4, (
    "degrees 4, 16 and 13: node 0 gets 1 + 3 = 4. 7: only one end's degree was used; 11.8: a degree adds up weights"
)

# %% [markdown]
# **Predict.** A ring of 20 nodes, every node with two neighbours. Without self-loops the smallest eigenvalue of
# $D^{-1/2}AD^{-1/2}$ is $-1$: which vector belongs to it? Where does the self-loop move it? On the right: a star, one
# hub with 19 leaves. How many *different* eigenvalues does its matrix have?

# %% tags=["demo"]
def ring(n):
    """Adjacency matrix of a cycle of n nodes."""
    hop = jnp.roll(jnp.eye(n), 1, axis=0)
    return hop + hop.T


def without_loops(adjacency):
    """The same normalisation, but without self-loops."""
    root = jnp.sqrt(adjacency.sum(axis=1))
    return adjacency / jnp.outer(root, root)


star = jnp.zeros((20, 20)).at[0, 1:].set(1.0).at[1:, 0].set(1.0)
modes = np.arange(20)
cosines = np.sort(np.cos(2 * np.pi * modes / 20))
fig, (left, right) = panels(2)
for ax, graph in ((left, ring(20)), (right, star)):
    ax.plot(modes, np.linalg.eigvalsh(gcn_average(graph, jnp.eye(20))), "o", color=COLORS[0], label="with self-loops (yours)")
    ax.plot(modes, np.linalg.eigvalsh(without_loops(graph)), "s", markersize=4, color=COLORS[1], label="without")
theory(left, modes, (1 + 2 * cosines) / 3, r"theory: $(1+2\cos k)/3$ and $\cos k$")
theory(left, modes, cosines)
theory(right, modes, np.array([-9 / 20] + [1 / 2] * 18 + [1.0]), r"theory: $-\frac{9}{20},\ \frac{1}{2},\ 1$ and $-1, 0, 1$")
theory(right, modes, np.array([-1.0] + [0.0] * 18 + [1.0]))
finish(left, "A ring of 20", "index", "eigenvalue", xticks=range(0, 20, 5))
finish(right, "A star of 20", "index", "eigenvalue", xticks=range(0, 20, 5))

# %% [markdown]
# **Reflect.** Apply each of the four matrices shown a hundred times to a random vector. With which of them does the
# result never come to rest, and what does it do instead?

# %% [markdown] instructor=true
# Both bipartite graphs without self-loops: the eigenvalue -1 (alternating signs on the ring, hub against leaves on the
# star) flips forever. The star's -9/20 is the trace: 20 nodes give 1/20 + 19/2 = 1 + 18/2 + x. With self-loops all but
# the top eigenvector dies out: that is the homework's oversmoothing.

# %% [markdown] question="message_passing" points=3 minutes=20 difficulty="**"
# ## 2. Message passing on a padded graph
#
# Matrices of size $n\times n$ do not scale, and not every message is linear. The general scheme (Gilmer et al. 2017):
# each edge computes a message from its two ends, and each node adds up what arrives,
#
# $$m_i = \sum_{e\,:\ \text{receivers}_e = i,\ \text{real}} \mathrm{message}\bigl(x_{\text{senders}_e},\,
# x_{\text{receivers}_e}\bigr), \qquad i = 0,\dots,n-1 .$$
#
# The node features are `x`; `message(x_from, x_to)` takes the features at the two ends of many edges at once, **two
# arrays with one row per edge**, and returns one row per edge; it is up to you whether you call it for padding, too.
# `jax.ops.segment_sum` adds rows by receiver. Padding (`edge_mask` False) may point at your busiest node, and its message
# may be anything, infinite or NaN included: think before you multiply by a mask.
#
# *About 20 minutes, difficulty \*\*, 3 points.*


# %% solution="message_passing"
def message_passing(
    x: Float[Array, "n d"],
    senders: Int[Array, " edges"],
    receivers: Int[Array, " edges"],
    edge_mask: Bool[Array, " edges"],
    message: Callable,
) -> Float[Array, "n m"]:
    """Sum of the messages that arrive at each node.

    Args:
        x: features, one node per row, float32.
        senders, receivers: ends of each edge, int32 in 0..n-1; the message goes from sender to receiver.
        edge_mask: True for real edges, False for padding.
        message: message(x_from, x_to): (edges, d), (edges, d) -> (edges, m), row by row.

    Returns:
        One row per node, float32; zeros where nothing arrives.
        Example: x [[1.], [10.]], one edge 0 -> 1, message = 2 x_from + x_to: [[0.], [12.]].
    """
    ### BEGIN SOLUTION
    messages = message(x[senders], x[receivers])
    messages = jnp.where(edge_mask[:, None], messages, 0.0)
    return jax.ops.segment_sum(messages, receivers, num_segments=len(x))
    ### END SOLUTION


# %% check="message_passing"
x_check = jnp.array([[1.0], [10.0], [100.0]])
ends_check = jnp.array([0, 2, 0, 2]), jnp.array([1, 1, 0, 1])
real_check = jnp.array([True, True, False, False])
sums_check = jnp.asarray(message_passing(x_check, *ends_check, real_check, lambda x_from, x_to: x_from))
assert sums_check.shape == (3, 1), "one row per node, also for nodes that no edge reaches"
assert abs(float(sums_check[1, 0]) - 101.0) < 1e-4, (
    "nodes 0 and 2 send to node 1: 1 + 100. 100: the second message overwrote the first; 201: padding was counted; "
    "20: `message` wants the sender's features first; 0: what is sent was added up at the sender"
)
assert abs(float(sums_check[0, 0])) < 1e-6, "nothing real arrives at node 0: the message goes from sender to receiver"
apart_check = jnp.asarray(message_passing(
    x_check, *ends_check, real_check, lambda x_from, x_to: jnp.hstack([x_from - x_to, jnp.reciprocal(x_from - x_to)])
))  # fmt: skip
assert bool(jnp.allclose(apart_check, jnp.array([[0.0, 0.0], [81.0, -0.1], [0.0, 0.0]]), atol=1e-4)), (
    "the message of the padded edge from node 0 to itself is infinite here, and must leave no trace. NaN: 0 times infinity is "
    "not 0; infinity: changing the features of padding does not silence it"
)

# %% [markdown]
# **Predict.** With the message $x_{\text{from}}-x_{\text{to}}$ the sum at a node is minus the graph Laplacian, and
# $x\leftarrow x+\eta\,m$ is heat flow. On a ring of 60 nodes, start with the sum of a slow wave (one period around the
# ring) and a fast one (ten periods). Which is gone first, and after how many steps has each lost a factor $e$?

# %% tags=["demo"]
n_ring, eta, steps = 60, 0.2, 300
here = np.arange(n_ring)
forth = (here + 1) % n_ring
padding = np.zeros(13, dtype=int)
ring_edges = (
    np.concatenate([here, forth, padding]).astype(np.int32),
    np.concatenate([forth, here, padding]).astype(np.int32),
    np.arange(2 * n_ring + 13) < 2 * n_ring,
)
waves = {k: np.sqrt(2 / n_ring) * np.cos(2 * np.pi * k * here / n_ring) for k in (1, 4, 10)}
heat = jnp.array(sum(waves.values()))[:, None]
amplitudes, profiles = [], {}
for step in range(steps + 1):
    amplitudes.append([float(wave @ np.asarray(heat)[:, 0]) for wave in waves.values()])
    if step in (0, 5, 300):
        profiles[step] = np.asarray(heat)[:, 0]
    heat = jnp.asarray(heat + eta * message_passing(heat, *ring_edges, lambda a, b: a - b))
fig, (left, right) = panels(2)
for color, (step, profile) in zip(COLORS, profiles.items(), strict=False):
    left.plot(here, profile, color=color, label=f"step {step}")
for color, k, amplitude in zip(COLORS, waves, np.array(amplitudes).T, strict=False):
    right.plot(np.abs(amplitude), color=color, linewidth=4, alpha=0.5, label=f"{k} period" + "s" * (k > 1))
    factor = 1 - eta * (2 - 2 * np.cos(2 * np.pi * k / n_ring))
    theory(right, np.arange(steps + 1), factor ** np.arange(steps + 1), r"theory: $(1-\eta\lambda_k)^t$" if k == 10 else None)
finish(left, "Heat on a ring", "node", "temperature")
finish(right, "Each wave by itself", "step t", "size of the amplitude", yscale="log", ylim=(1e-10, 3e4))

# %% [markdown]
# **Reflect.** The thirteen padded edges here all point at node 0. Would this figure show it if they were counted? (What
# is the message of an edge from node 0 to node 0?) Which message would give them away? And why does the fastest wave
# stop falling at a height of $10^{-8}$?

# %% [markdown] instructor=true
# The message of a self-loop is x_0 - x_0 = 0: this figure cannot see padding, which is why a plot is no test. The
# message x_from would. Every step rounds the slow wave, whose entries are of size 0.1, to float32: some 1e-9 of the
# error lands in the fast wave again, however small it is by then.

# %% [markdown] question="gcn_layer" points=3 minutes=20 difficulty="**"
# ## 3. A graph convolution on an edge list
#
# Now the operator of question 1 in the form of question 2, with unit weights and trainable parameters: one layer of a
# graph convolutional network, before its activation,
#
# $$z_i = b + \Bigl(\frac{x_i}{\tilde d_i} +
# \sum_{e\,:\ \text{receivers}_e = i,\ \text{real}}\frac{x_{\text{senders}_e}}{\sqrt{\tilde d_i\,\tilde d_{\text{senders}_e}}}
# \Bigr) W, \qquad \tilde d_i = 1 + \#\{\text{real edges arriving at } i\}.$$
#
# $x$, $W$, $b$ are `x`, `W`, `b`; the edge list contains no self-loops: the self-loop is the first term. An undirected
# edge is listed in both directions, as always; but the formula is meant as it stands also for one-way edges. Padding
# arrives nowhere and raises no degree. The order of the two products, by the graph and by $W$, is yours: which is cheaper
# if $W$ shrinks the number of features?
#
# *About 20 minutes, difficulty \*\*, 3 points.*


# %% solution="gcn_layer"
def gcn_layer(
    x: Float[Array, "n d"],
    senders: Int[Array, " edges"],
    receivers: Int[Array, " edges"],
    edge_mask: Bool[Array, " edges"],
    W: Float[Array, "d m"],
    b: Float[Array, " m"],
) -> Float[Array, "n m"]:
    """One graph convolution without its activation, on a padded edge list.

    Args:
        x: features, one node per row, float32.
        senders, receivers: ends of each edge, int32 in 0..n-1; no self-loops, no edge twice; one-way edges may occur.
        edge_mask: True for real edges, False for padding.
        W, b: weight and bias; the bias is added last, so it is not averaged.

    Returns:
        z, one row per node, float32.
        Example: x [[1.], [3.]], edges 0 -> 1 and 1 -> 0, W [[1.]], b [0.5]: [[2.5], [2.5]].
    """
    ### BEGIN SOLUTION
    n = len(x)
    real = jnp.where(edge_mask, 1.0, 0.0)
    root = jnp.sqrt(1.0 + jax.ops.segment_sum(real, receivers, n))
    h = (x @ W) / root[:, None]
    arriving = jax.ops.segment_sum(real[:, None] * h[senders], receivers, n)
    return (h + arriving) / root[:, None] + b
    ### END SOLUTION


# %% check="gcn_layer"
layer_check = jnp.asarray(gcn_layer(
    jnp.array([[1.0], [3.0], [5.0]]), jnp.array([0, 1, 0]), jnp.array([1, 0, 0]), jnp.array([True, True, False]),
    jnp.ones((1, 1)), jnp.array([0.5]),
))  # fmt: skip
assert layer_check.shape == (3, 1), "one row per node, one column per output feature"
assert abs(float(layer_check[2, 0]) - 5.5) < 1e-4, "a node without edges keeps its features: 5 / 1 * W + b = 5.5"
assert abs(float(layer_check[1, 0]) - 2.5) < 1e-4, "(1 + 3)/2 + 0.5 = 2.5: self-loops count in the degree, padding does not"
assert abs(float(layer_check[0, 0]) - 2.5) < 1e-4, "node 0, too: (1 + 3)/2 + 0.5 = 2.5. 3: the message of padding arrived"
hub_check = jnp.asarray(gcn_layer(
    jnp.array([[8.0], [2.0], [4.0], [-12.0]]), jnp.array([1, 2, 3, 3]), jnp.array([0, 0, 0, 1]),
    jnp.array([True, True, True, False]), jnp.ones((1, 1)), jnp.array([0.5]),
))  # fmt: skip
assert abs(float(hub_check[0, 0]) + 0.5) < 1e-4, (
    "three edges arrive at node 0, none at the others: degrees 4 and 1, and 2 - 3 + 0.5 = -0.5. 1: only the receiver's degree "
    "was used; -0.125: the bias was averaged; 0: the activation comes later; 4.26: degrees count what arrives"
)

# %% [markdown]
# **Predict.** In 1977 Zachary described a karate club of 34 people, its friendships, and the quarrel that split it in
# two. A network of two graph convolutions gets no features (each node is only told its own number) and **two labels**:
# the instructor's and the president's. How many of the 34 will it put on the right side? And how many would a
# network of *random* weights, if you only fit its last layer?

# %% tags=["demo"]
import networkx as nx

club = nx.karate_club_graph()
links = np.array(club.edges())
senders, receivers = jnp.array(np.concatenate([links, links[:, ::-1]]).T)
no_padding = jnp.ones(len(senders), dtype=bool)
side = jnp.array([int(club.nodes[i]["club"] != "Mr. Hi") for i in club])
leaders = jnp.array([0, 33])


# Your layer's operator, read off with x = W = 1 and b = 0: training is then the same for answers in NumPy.
A_hat = jnp.asarray(gcn_layer(jnp.eye(34), senders, receivers, no_padding, jnp.eye(34), jnp.zeros(34)))


def gcn(params):
    """Logits of two graph convolutions with a tanh between them; node i only knows its number (row i of 1)."""
    (W1, b1), (W2, b2) = params
    return A_hat @ jnp.tanh(A_hat @ W1 + b1) @ W2 + b2


def club_loss(params):
    """Cross-entropy of the two leaders' labels, with a little weight decay."""
    logits = jax.nn.log_softmax(gcn(params))
    return -logits[leaders, side[leaders]].mean() + 5e-4 * sum(jnp.sum(W**2) for W, _ in params)


def random_gcn(seed, width=8):
    """Glorot's initialisation."""
    k1, k2 = jax.random.split(jax.random.key(seed))
    W1 = jax.random.normal(k1, (34, width)) * jnp.sqrt(2 / (34 + width))
    return [(W1, jnp.zeros(width)), (jax.random.normal(k2, (width, 2)) * jnp.sqrt(2 / (width + 2)), jnp.zeros(2))]


@jax.jit
def club_step(params, rates):
    """One step of gradient descent, a rate per layer; returns the new parameters, loss and accuracy of the old ones."""
    value, grads = jax.value_and_grad(club_loss)(params)
    right = jnp.mean(gcn(params).argmax(axis=1) == side)
    moved = [jax.tree.map(lambda p, g, r=r: p - r * g, *layer) for *layer, r in zip(params, grads, rates, strict=True)]
    return moved, value, right


def train_club(seed, rates):
    """200 steps; returns the trained parameters and, for each step, loss and accuracy."""
    params, history = random_gcn(seed), []
    for _ in range(200):
        params, value, right = club_step(params, rates)
        history.append((float(value), float(right)))
    return params, history


histories, last_only, final = [], [], train_club(0, (0.5, 0.5))[0]
for seed in range(10):
    history = train_club(seed, (0.5, 0.5))[1]
    histories.append(history)
    last_only.append(train_club(seed, (0.0, 0.5))[1][-1][1])
    print(f"network {seed}: loss {history[0][0]:.3f} -> {history[-1][0]:.3f}, {34 * history[-1][1]:.0f} of 34 right")
at_start, at_end = 34 * np.array(histories)[:, [0, -1], 1].mean(axis=0)
print(f"mean: at the start {at_start:.1f}, at the end {at_end:.1f}, only the last layer trained {34 * np.mean(last_only):.1f}")

# %% [markdown]
# There is a classical answer, too, without learning: give the two leaders the values $-1$ and $1$, and everybody else
# the mean of his friends (a *harmonic function*; Zhu, Ghahramani and Lafferty 2003). It is where the heat of question 2
# would come to rest.

# %% tags=["demo"]
A_club = nx.to_numpy_array(club, weight=None)
others = np.setdiff1d(np.arange(34), leaders)
laplacian = np.diag(A_club.sum(axis=1)) - A_club
harmonic = np.zeros(34)
harmonic[np.asarray(leaders)] = [-1.0, 1.0]
harmonic[others] = np.linalg.solve(laplacian[np.ix_(others, others)], A_club[np.ix_(others, leaders)] @ [-1.0, 1.0])
margin = np.asarray(gcn(final) @ jnp.array([-1.0, 1.0]))

fig, (left, right) = panels(2, height=3.8)
places = nx.spring_layout(club, seed=4)
nx.draw_networkx_edges(club, places, ax=left, edge_color="0.75")
for color, group, shape in ((COLORS[0], 0, "o"), (COLORS[1], 1, "s")):
    members = [int(i) for i in np.flatnonzero(np.asarray(side) == group)]
    nx.draw_networkx_nodes(club, places, members, ax=left, node_size=170, node_shape=shape, node_color=color)
nx.draw_networkx_labels(club, places, ax=left, font_size=7, font_color="white")
left.set_axis_off()
finish(left, "The club after the split", "", "")
for color, group in ((COLORS[0], 0), (COLORS[1], 1)):
    of_group = np.asarray(side) == group
    right.plot(harmonic[of_group], margin[of_group], "o", color=color, label=["instructor's side", "president's side"][group])
for i in np.flatnonzero((margin > 0) != np.asarray(side)):
    right.annotate(str(i), (harmonic[i], margin[i]), (5, -10), textcoords="offset points", fontsize=8)
right.axhline(0, color="0.6", linewidth=0.8)
right.axvline(0, color="0.6", linewidth=0.8)
slope = (harmonic @ margin) / (harmonic @ harmonic)
theory(right, [-1, 1], [-slope, slope], "theory: proportional to the harmonic function")
finish(right, "Two labels, 34 people", "harmonic function", "logit difference of your GCN")

# %% [markdown]
# **Reflect.** Who is on the wrong side, and what do his friendships look like? The network never saw another label:
# which part of it knows about communities, the weights or the operator $\hat A$?

# %% [markdown] instructor=true
# Person 8 (Zachary's 9) had more friends on the president's side but stayed with the instructor: three weeks before
# his black-belt test. A random GCN's features already separate the two communities, because two applications of A-hat
# leave mostly its slow eigenvectors, the second of which is the split.

# %% [markdown] question="edge_softmax" points=3 minutes=25 difficulty="***" bans="softmax"
# ## 4. A softmax over neighbours
#
# A graph convolution weighs neighbours by degree alone. A graph *attention* network (Velickovic et al. 2018) lets each
# node choose: edge $e$ gets a logit $s_e$, and among the real edges that arrive at the **same receiver**
#
# $$w_e = \frac{e^{s_e}}{\sum_{e'\,:\ \text{receivers}_{e'} = \text{receivers}_e,\ \text{real}} e^{s_{e'}}}\quad
# \text{for real edges}, \qquad w_e = 0 \ \text{ for padding}.$$
#
# The logits $s$ are `logits`; the number of nodes is `n`. They may be $\pm3000$, with a different size at every node: as
# in week 3 subtract a maximum first - whose? A padded edge may carry a larger logit than all real ones of the node that
# it happens to point at. No output may be NaN, whatever is padded.
#
# *About 25 minutes, difficulty \*\*\*, 3 points. Library softmaxes are off limits; `jax.ops.segment_max` is not.*


# %% solution="edge_softmax"
def edge_softmax(
    logits: Float[Array, " edges"], receivers: Int[Array, " edges"], edge_mask: Bool[Array, " edges"], n: int
) -> Float[Array, " edges"]:
    """Softmax of the logits over the real edges with the same receiver.

    Args:
        logits: one per edge, float32: from -4000 to 4000 at real edges, any finite number at padding.
        receivers: node at which each edge arrives, int32 in 0..n-1, in any order.
        edge_mask: True for real edges, False for padding.
        n: number of nodes; some may receive nothing.

    Returns:
        One weight per edge, float32: those of the real edges at a node sum to 1; 0 for padding.
        Example: logits [0, 0, 5, 9], receivers [1, 1, 0, 0], the last edge padding: [0.5, 0.5, 1, 0].
    """
    ### BEGIN SOLUTION
    kept = jnp.where(edge_mask, logits, -jnp.inf)
    largest = jax.ops.segment_max(kept, receivers, n)
    exponent = jnp.where(edge_mask, logits - largest[receivers], -jnp.inf)
    weights = jnp.exp(exponent)
    total = jax.ops.segment_sum(weights, receivers, n)
    return jnp.where(edge_mask, weights / total[receivers], 0.0)  # 0/0 at nodes that receive only padding
    ### END SOLUTION


# %% check="edge_softmax"
real_check = jnp.array([True, True, True, False])
soft_check = jnp.asarray(edge_softmax(jnp.array([0.0, 5.0, 0.0, 9.0]), jnp.array([1, 0, 1, 0]), real_check, 3))
assert soft_check.shape == (4,), "one weight per edge"
assert abs(float(soft_check[0]) - 0.5) < 1e-5, (
    "two equal logits at node 1: half each. Normalise per receiver, not over all edges; the edges come in any order"
)
assert float(soft_check[3]) == 0.0, "padding has weight 0"
assert abs(float(soft_check[1]) - 1.0) < 1e-5, "the only real edge of its node has weight 1: the sum, too, must leave padding out"
big_check = jnp.asarray(edge_softmax(jnp.array([900.0, -900.0]), jnp.array([0, 1]), jnp.array([True, True]), 2))
assert bool(jnp.allclose(big_check, 1.0)), "900 and -900 at different nodes: each needs the maximum of its own node"
loud_check = jnp.asarray(edge_softmax(jnp.array([0.0, 900.0, 5.0]), jnp.array([1, 1, 2]), jnp.array([True, False, False]), 3))
assert abs(float(loud_check[0]) - 1.0) < 1e-5, "padding of 900 at the node of a real edge of 0: whose maximum was subtracted?"
assert float(loud_check[2]) == 0.0, "a node that receives only padding: weight 0. NaN: 0/0"

# %% [markdown]
# **Predict.** A node has $n$ neighbours, with independent normal logits of standard deviation $s$. How many of them does
# it listen to? Take $1/\langle\sum_e w_e^2\rangle$ for the number, the mean taken over many such nodes. For small $s$ it
# is about $n$; how does it fall, and at which $s$ does a single neighbour begin to dominate?

# %% tags=["demo"]
def traceable(function, *example):
    """Can JAX trace this function, and so compile or vectorise it? NumPy code cannot be traced: it is called as it is."""
    try:
        jax.eval_shape(function, *example)
    except (TypeError, ValueError, IndexError):  # tracers are no numbers: float(), NumPy and `if` refuse them
        return False
    return True


ratios = np.linspace(0.0, 3.0, 21)  # s / s_c
fig, (left, right) = panels(2)
for color, degree, draws in zip(COLORS, (30, 300, 3000), (2000, 1000, 1000), strict=False):
    freezing = np.sqrt(2 * np.log(degree))
    normal = jax.random.normal(jax.random.key(degree), (draws, degree))
    one_node = lambda z, ends, real: edge_softmax(z, ends, real, 1)
    ends, real = jnp.zeros(degree, dtype=int), jnp.ones(degree, dtype=bool)
    if traceable(one_node, normal[0], ends, real):
        weigh = jax.jit(jax.vmap(one_node, in_axes=(0, None, None)))
        weights_at = lambda s: weigh(s * normal, ends, real)
    elif degree > 300:  # loops may take a minute for this one
        continue
    else:  # NumPy is called node by node, with fewer draws
        few = np.asarray(normal[: draws // 20])
        weights_at = lambda s: [one_node(s * z, np.asarray(ends), np.asarray(real)) for z in few]
    share = np.array([np.mean(np.sum(np.asarray(weights_at(s)) ** 2, axis=1)) for s in ratios * freezing])
    left.plot(ratios * freezing, 1 / share, "o", color=color, markersize=4, label=f"{degree} neighbours")
    right.plot(ratios, share, "o", color=color, markersize=4)
    early = np.linspace(0, freezing / 2, 50)
    theory(left, early, degree * np.exp(-(early**2)), r"theory: $n\,e^{-s^2}$ up to $s_c/2$" if degree == 30 else None)
late = np.linspace(1, 3, 50)
theory(right, [0, 1, *late], [0, 0, *(1 - 1 / late)], r"theory, $n\to\infty$: $1-s_c/s$ above $s_c$")
finish(left, "Neighbours listened to", "spread s of the logits", r"$1/\langle\sum w^2\rangle$", yscale="log", xlim=(0, 8))
finish(right, "Freezing", r"$s/s_c,\quad s_c=\sqrt{2\log n}$", r"$\langle\sum w^2\rangle$", ylim=(-0.02, 1.02))

# %% [markdown]
# **Reflect.** Physicists know the right-hand plot as the *random energy model* (Derrida 1981): $s$ is an inverse
# temperature, and below the critical temperature a few states carry all the weight. The law on the left holds only up
# to $s_c/2$. Which neighbours dominate $\sum_e e^{2s_e}$, and are there any of them among $n$?

# %% [markdown] instructor=true
# E e^{2 s z} is dominated by z near 2s; among n normals the largest is near sqrt(2 log n) = s_c, so they exist only for
# 2s < s_c. The sum of e^{sz} itself self-averages up to s = s_c. The law 1 - s_c/s is the limit of infinitely many
# neighbours; corrections fall like 1/log n only. Only the mean has this law: above s_c the sum of w^2 of a single node
# fluctuates between 0 and 1, however many neighbours there are.

# %% [markdown] question="attention" points=3 minutes=20 difficulty="**" bans="attention"
# ## 5. Attention with a mask
#
# Let every token listen to every token, and let the logit of an edge be an inner product: this is attention (Vaswani et
# al. 2017). With queries $q_i$, keys $k_j$ and values $v_j$ as rows,
#
# $$o_i = \sum_{j\,:\,M_{ij}} p_{ij}\,v_j, \qquad
# p_{ij} = \frac{e^{q_i\cdot k_j/\sqrt d}}{\sum_{l\,:\,M_{il}} e^{q_i\cdot k_l/\sqrt d}} .$$
#
# Queries, keys and values are `q`, `k`, `v`, and $d$ is the number of columns of `q`; $M_{ij}$ is `mask[i, j]`, True
# where query $i$ may listen to key $j$. A row of $M$ may be empty: then $o_i=0$, not NaN. Logits in the hundreds occur,
# and those of masked keys may reach $10^5$: mask **before** the softmax. And `causal_mask(n)` is the mask of a language model:
# token $i$ listens to itself and to all before it.
#
# *About 20 minutes, difficulty \*\*, 3 points. Ready-made attention is off limits, `jax.nn.softmax` is not.*


# %% solution="attention"
def attention(
    q: Float[Array, "n d"], k: Float[Array, "m d"], v: Float[Array, "m e"], mask: Bool[Array, "n m"]
) -> Float[Array, "n e"]:
    """Scaled dot-product attention.

    Args:
        q: queries, one per row, float32; here and below all numbers are finite, masked or not.
        k: keys, one per row; m may differ from n.
        v: values, one per key; e may differ from d.
        mask: True where the query of the row may listen to the key of the column.

    Returns:
        One row per query, float32; zeros for a query that may listen to nothing.
        Example: q [[1.]], k [[0.], [log 3]], v [[0.], [4.]], nothing masked: [[3.]].
    """
    ### BEGIN SOLUTION
    scores = jnp.where(mask, q @ k.T / jnp.sqrt(q.shape[1]), -jnp.inf)
    # An empty row makes NaN here, and the mask takes it away.
    weights = jnp.where(mask, jnp.exp(scores - scores.max(axis=1, keepdims=True)), 0.0)
    total = weights.sum(axis=1, keepdims=True)  # at least 1, the largest term, unless the row is empty
    return weights @ v / jnp.maximum(total, 1.0)
    ### END SOLUTION


def causal_mask(n: int) -> Bool[Array, "n n"]:
    """True at [i, j] if token i may listen to token j: j <= i.

    Args:
        n: number of tokens, >= 1.

    Returns:
        bool, shape (n, n). Example: causal_mask(2) = [[True, False], [True, True]].
    """
    ### BEGIN SOLUTION
    return jnp.arange(n)[:, None] >= jnp.arange(n)
    ### END SOLUTION


# %% check="attention"
keys_check, values_check = jnp.array([[0.0], [np.log(3.0)]]), jnp.array([[0.0], [4.0]])
equal_check = jnp.asarray(attention(jnp.ones((1, 1)), keys_check, values_check, jnp.ones((1, 2), bool)))
assert abs(float(equal_check[0, 0]) - 3.0) < 1e-4, (
    "weights (1/4, 3/4) on the values 0 and 4 give 3: the softmax runs over the keys"
)
wide_check = jnp.asarray(attention(
    jnp.ones((1, 4)), jnp.array([[0.0] * 4, [np.log(3.0) / 2] * 4]), values_check, jnp.ones((1, 2), bool)
))  # fmt: skip
assert abs(float(wide_check[0, 0]) - 3.0) < 1e-4, (
    "four columns, inner products 0 and 2 log 3: weights (1/4, 3/4) again. 3.6: nothing was divided by the root of d; "
    "2.54: by d, without the root"
)
half_check = jnp.asarray(attention(jnp.ones((2, 1)), keys_check, values_check, jnp.array([[True, False], [False, False]])))
assert abs(float(half_check[0, 0])) < 1e-6, "the second key is masked: its value must not appear"
assert float(half_check[1, 0]) == 0.0, "a query that may listen to nothing gets 0, not NaN and not the mean of all values"
loud_check = jnp.asarray(attention(
    jnp.ones((1, 1)), jnp.array([[0.0], [np.log(3.0)], [1e5]]), jnp.array([[0.0], [4.0], [8.0]]),
    jnp.array([[True, True, False]]),
))  # fmt: skip
assert abs(float(loud_check[0, 0]) - 3.0) < 1e-4, (
    "the third key is masked, although its logit is 100000. 0: it took all the weight before the mask came; "
    "8 or 2.4: what was subtracted from its logit is too little"
)
assert jnp.asarray(causal_mask(3)).tolist() == [[True, False, False], [True, True, False], [True, True, True]], (
    "row i is the listener: token 0 hears only itself, the last token hears all"
)

# %% [markdown]
# **Predict.** Left: the size of $\partial o_i/\partial v_j$ for causal attention. Which entries are exactly 0? Right:
# why $\sqrt d$? Queries and keys have independent standard normal entries; 512 keys. How many keys does a query listen
# to ($1/\sum_jp_{ij}^2$, mean over queries) at $d=1, 4, \dots, 256$, with the $\sqrt d$ and without? You have already seen the
# answer to this one.

# %% tags=["demo"]
tokens = jax.random.normal(jax.random.key(1), (16, 8))
influence = np.asarray(attention(tokens, tokens, jnp.eye(16), causal_mask(16)))  # o is linear in v: with v = 1 its Jacobian
dims = np.array([1, 2, 4, 8, 16, 32, 64, 128, 256])
heard_keys = {True: [], False: []}
for dim in dims:
    q_draw, k_draw = jax.random.normal(jax.random.key(dim), (2, 512, dim))
    for scaled, found in heard_keys.items():
        stretch = 1.0 if scaled else float(np.sqrt(dim))
        p = attention(q_draw * stretch, k_draw, jnp.eye(512), jnp.ones((512, 512), bool))
        found.append(float(np.mean(1 / np.sum(np.asarray(p) ** 2, axis=1))))
fig, (left, right) = panels(2)
image = left.imshow(np.where(influence == 0, np.nan, influence), cmap="viridis", vmin=0)
fig.colorbar(image, ax=left, shrink=0.8)
left.grid(False)
right.plot(dims, heard_keys[True], "o", color=COLORS[0], label=r"divided by $\sqrt{d}$")
right.plot(dims, heard_keys[False], "s", color=COLORS[1], label="not divided")
theory(right, dims, 512 * (1 + 2 / dims) ** (-dims / 2), r"theory: $512\,(1+2/d)^{-d/2}$ and $512\cdot 3^{-d/2}$")
theory(right, dims[:3], 512 * 3.0 ** (-dims[:3] / 2))
finish(left, r"$|\partial o_i/\partial v_j|$ (white: exactly 0)", "token j", "token i")
finish(
    right, "Keys that a query listens to", "dimension d", r"$\langle 1/\sum_j p_{ij}^2\rangle$",
    legend=False, xscale="log", yscale="log", ylim=(0.1, 700),
)  # fmt: skip
right.legend(frameon=False, loc="lower left")

# %% [markdown]
# **Reflect.** Given the query, its logits are normal with $s=|q|/\sqrt d$ (or $|q|$): average question 4's $n\,e^{-s^2}$
# over $q$ to find both dashed curves. What is the upper one's limit, and why does the lower one fail from $d=4$ on? What
# happens to the gradient through a softmax that listens to one key only?

# %% [markdown] instructor=true
# E e^{-a |q|^2} = (1 + 2a)^(-d/2), with a = 1/d and a = 1; the limit is 512/e = 188. At d = 4 the spread is s = 2, beyond
# s_c/2 = sqrt(2 log 512)/2 = 1.77. A frozen softmax has vanishing slope p(1 - p): training stalls.

# %% [markdown] question="multi_head" points=4 minutes=35 difficulty="***" bans="attention"
# ## 6. Several heads, a padded batch
#
# One softmax can look in one direction only. So the features are cut into $H$ blocks, each block attends by itself, and
# the results are put side by side and mixed. For the tokens $x$ of one sequence,
#
# $$\text{head}_h = \mathrm{attend}\bigl((xW_Q)_{(h)},\, (xW_K)_{(h)},\, (xW_V)_{(h)},\, M\bigr), \qquad
# \mathrm{out} = \bigl[\text{head}_0,\dots,\text{head}_{H-1}\bigr]\,W_O ,$$
#
# where $Y_{(h)}$ are the columns $h\,c,\dots,(h+1)\,c-1$ of $Y$, $h=0,\dots,H-1$, $c$ = (columns of $Y$)$/H$: **consecutive**
# blocks, as in all common libraries. $W_Q$, $W_K$, $W_V$, $W_O$ are `Wq`, `Wk`, `Wv`, `Wo`, $H$ is `heads`. The batch `x`
# holds sequences of different lengths, padded: `is_token[b, i]` says whether row $i$ of sequence $b$ is a real token
# (padding may stand before, after or between tokens). Nobody listens to padding; if `causal` is True nobody listens to
# later tokens either; and the **output rows of padding are 0**, so what $M$ holds in these rows is up to you. The last
# feature of each block matters as much as the first: check your reshapes.
#
# `attend(q, k, v, mask)` is the function of question 5 with $d$ the width of **one head**: yours in the plots, ours, written
# in JAX, in the hidden tests (stand-ins in the check), so that this question stands alone. Call it head by head or
# `jax.vmap` it (if your question 5 is in NumPy, the plot needs the former). If you prefer one big `einsum`, ignore it.
#
# *About 35 minutes, difficulty \*\*\*, 4 points.*


# %% solution="multi_head"
def multi_head(
    x: Float[Array, "batch n d"],
    Wq: Float[Array, "d a"],
    Wk: Float[Array, "d a"],
    Wv: Float[Array, "d r"],
    Wo: Float[Array, "r out"],
    heads: int,
    is_token: Bool[Array, "batch n"],
    causal: bool,
    attend: Callable,
) -> Float[Array, "batch n out"]:
    """Multi-head self-attention on a padded batch of sequences.

    Args:
        x: features of the tokens, float32; rows of padding are arbitrary finite numbers.
        Wq, Wk: projections to queries and keys, a columns, divisible by heads.
        Wv, Wo: projection to values, r columns, divisible by heads; and of the joined heads to the output.
        heads: the number H of heads.
        is_token: True for real tokens, False for padding.
        causal: whether a token may listen only to itself and to tokens in earlier rows.
        attend: attend(q, k, v, mask): (n, a/H), (n, a/H), (n, r/H), bool (n, n) -> (n, r/H), for one head of one
            sequence, NumPy or JAX arrays; divides by the root of a/H; a query that may listen to nothing gets zeros.

    Returns:
        Shape (batch, n, out), float32, zeros in rows of padding.
        Example: one token alone (batch = n = 1): x Wv Wo, whatever the heads.
    """
    ### BEGIN SOLUTION
    batch, n, _ = x.shape

    def split(y):  # (batch, n, heads * c) -> (batch, heads, n, c)
        return y.reshape(batch, n, heads, -1).transpose(0, 2, 1, 3)

    mask = is_token[:, None, :] & is_token[:, :, None]
    if causal:
        mask = mask & jnp.tril(jnp.ones((n, n), dtype=bool))
    over_heads = jax.vmap(attend, in_axes=(0, 0, 0, None))
    o = jax.vmap(over_heads)(split(x @ Wq), split(x @ Wk), split(x @ Wv), mask)
    joined = o.transpose(0, 2, 1, 3).reshape(batch, n, -1)
    return joined @ Wo
    ### END SOLUTION


# %% check="multi_head"
def mean_of_heard(q, k, v, mask):
    """A stand-in for `attention`, so that this check needs no other question: the mean of the values that are heard."""
    return mask @ v / jnp.maximum(mask.sum(axis=1, keepdims=True), 1)


def one_to_three(q, k, v, mask):
    """Another one, for two tokens whose logits differ by log 3."""
    return jnp.array([[0.25, 0.75], [0.25, 0.75]]) @ v


x_heads = jnp.array([
    [[1.0, 2.0, 4.0, 8.0], [3.0, 2.0, 0.0, 0.0], [9.0, 9.0, 9.0, 9.0]],
    [[9.0, 9.0, 9.0, 9.0], [1.0, 2.0, 4.0, 8.0], [3.0, 2.0, 0.0, 0.0]],
])  # fmt: skip
real_heads = jnp.array([[True, True, False], [False, True, True]])
heads_check = jnp.asarray(multi_head(
    x_heads, jnp.eye(4), jnp.eye(4), jnp.eye(4), jnp.eye(4), 2, real_heads, True, mean_of_heard
))  # fmt: skip
assert heads_check.shape == (2, 3, 4), "(batch, tokens, columns of Wo)"
assert bool(jnp.allclose(heads_check[0, 0], x_heads[0, 0], atol=1e-4)), (
    "the first token hears only itself: with Wv = Wo = 1 it comes back unchanged. 1, 4, 2, 8: the heads were interleaved"
)
assert not bool(heads_check[0, 2].any()) and not bool(heads_check[1, 0].any()), "rows of padding are 0"
assert bool(jnp.allclose(heads_check[1, 1], x_heads[1, 1], atol=1e-4)), (
    "the second sequence begins with padding: its first token hears only itself. Each sequence has its own mask, and "
    "what is causal is masked against padding, too"
)
even_check = jnp.asarray(multi_head(
    x_heads, 0 * jnp.eye(4), jnp.eye(4), jnp.eye(4), jnp.eye(4), 2, real_heads, False, mean_of_heard
))  # fmt: skip
assert bool(jnp.allclose(even_check[0, 0], jnp.array([2.0, 2.0, 2.0, 4.0]), atol=1e-4)), (
    "queries of 0 weigh all real tokens alike: the mean of two rows. If 9 took part: padding was listened to. "
    "1, 2, 4, 8: nothing here is causal"
)
to_queries, to_keys = jnp.array([[1.0, 0.0, 1.0, 0.0]] * 2), jnp.array([[0.0] * 4, [np.sqrt(2.0) * np.log(3.0), 0.0] * 2])
width_check = jnp.asarray(multi_head(
    jnp.eye(2)[None], to_queries, to_keys, jnp.array([[0.0, 0.0], [4.0, 8.0]]), jnp.eye(2), 2, jnp.ones((1, 2), bool), False,
    one_to_three,
))  # fmt: skip
assert bool(jnp.allclose(width_check[0, 0], jnp.array([3.0, 6.0]), atol=1e-3)), (
    "two heads of two columns: weights (1/4, 3/4) on the values 0, 0 and 4, 8. "
    "2.74, 5.48: d is the width of one head, not of all together"
)

# %% [markdown]
# **Predict.** Can attention count positions? Two heads, weights by hand, tokens that carry their position as an angle
# $(\cos\omega i,\sin\omega i)$: head 1 rotates the query back by $\omega$, head 2 leaves it. With logits multiplied by
# a large $\beta$, to which token does each head listen? And how large must $\beta$ be for the head to be sure of it,
# if neighbouring angles are $\omega = 2\pi/32$ apart?

# %% tags=["demo"]
omega, n_tokens = 2 * np.pi / 32, 16
angles = omega * np.arange(n_tokens)
where = np.stack([np.cos(angles), np.sin(angles)], axis=1)
turn = np.array([[np.cos(omega), -np.sin(omega)], [np.sin(omega), np.cos(omega)]])  # (row) @ turn: angle minus omega
features = jnp.array(np.concatenate([where, np.eye(n_tokens)], axis=1))[None]
W_keys = np.zeros((2 + n_tokens, 4))
W_keys[:2, :2] = W_keys[:2, 2:] = np.eye(2)
W_values = np.concatenate([np.zeros((2, n_tokens)), np.eye(n_tokens)])
W_values = jnp.array(np.concatenate([W_values, W_values], axis=1))


def position_heads(W_queries):
    """The heads' attention maps side by side: values are one-hot, so the outputs are the weights."""
    real = jnp.ones((1, n_tokens), bool)
    return multi_head(
        features, W_queries, jnp.array(W_keys), W_values, jnp.eye(2 * n_tokens), 2, real, True, attention
    )  # fmt: skip


def two_heads(beta):
    """Attention maps (2, n, n) of the two heads at inverse temperature beta."""
    W_queries = np.zeros((2 + n_tokens, 4))
    W_queries[:2, :2], W_queries[:2, 2:] = turn, np.eye(2)
    W_queries *= beta * np.sqrt(2)  # undoes the division by the root of 2, the width of a head
    return np.asarray(position_heads(jnp.array(W_queries))).reshape(n_tokens, 2, n_tokens).transpose(1, 0, 2)


fig, (left, middle, right) = panels(3, width=3.9)
for ax, picture, title in zip((left, middle), two_heads(300.0), ("Head 1", "Head 2"), strict=True):
    ax.imshow(picture, cmap="viridis", vmin=0, vmax=1)
    ax.grid(False)
    finish(ax, title + r", $\beta=300$", "token j", "token i")
betas = np.geomspace(1, 1000, 25)
sure = np.array([two_heads(b)[:, -1, :] for b in betas])
right.plot(betas, sure[:, 0, -2], "o", color=COLORS[0], label="head 1, on the token before")
right.plot(betas, sure[:, 1, -1], "s", color=COLORS[1], label="head 2, on itself")
hops = np.arange(-14, 2)
boltzmann = np.exp(betas[:, None] * (np.cos(omega * hops) - 1))
theory(right, betas, 1 / boltzmann.sum(axis=1), "theory: von Mises weights")
theory(right, betas, 1 / np.exp(betas[:, None] * (np.cos(omega * np.arange(16)) - 1)).sum(axis=1))
finish(right, "How sure the last token is", r"$\beta$", "weight", xscale="log", ylim=(0, 1.05))

# %% [markdown]
# **Reflect.** A head that listens to the token before is half of an *induction head*, the circuit by which transformers
# copy (Olsson et al. 2022). Why is head 2 sure earlier than head 1 - what does the last token not have on its right? At
# which $\beta$ does head 1 pass one half, and how does this $\beta$ scale with $\omega$?

# %% [markdown] instructor=true
# Head 1's wanted token has neighbours on both sides within the mask (itself and two back); head 2's only on the left.
# The weight depends on beta (1 - cos omega), about beta omega^2 / 2: beta scales as omega^-2, here some 38. Positions in
# n tokens need beta of order n^2: why absolute angles alone do not make good positions for long contexts.

# %% [markdown] question="rotary" points=2 minutes=15 difficulty="**"
# ## 7. Positions as rotations
#
# Without positions, attention sees a *set*: permute the tokens and the outputs permute with them. Rotary embeddings (Su
# et al. 2021) put positions where they are needed, into the inner products. Cut the features into pairs of
# **neighbouring** columns $(x_{2r}, x_{2r+1})$, $r=0,\dots,d/2-1$, and rotate pair $r$ of the token at position $t$ by
# the angle $t\,\theta_r$:
#
# $$\begin{pmatrix} x_{2r}\\ x_{2r+1}\end{pmatrix} \mapsto
# \begin{pmatrix} \cos t\theta_r & -\sin t\theta_r\\ \sin t\theta_r & \cos t\theta_r\end{pmatrix}
# \begin{pmatrix} x_{2r}\\ x_{2r+1}\end{pmatrix}, \qquad \theta_r = \mathrm{base}^{-2r/d}.$$
#
# Applied to queries and keys alike it makes $q_i\cdot k_j$ depend on positions only through $t_i-t_j$. The features are
# `x`, one token per row; the positions $t$ are `positions`, **any** integers from -100 to 100 (a cache may begin at 57,
# and padding may stand in front); $d$ is even.
#
# *About 15 minutes, difficulty \*\*, 2 points.*


# %% solution="rotary"
def rotary(x: Float[Array, "n d"], positions: Int[Array, " n"], base: float) -> Float[Array, "n d"]:
    """Rotary position embedding of queries or keys.

    Args:
        x: one token per row, d even, float32.
        positions: position of each token, int32, from -100 to 100, in any order.
        base: the frequencies are base^(-2r/d), r = 0..d/2-1; base > 1.

    Returns:
        Shape of x, float32.
        Example: x [[1., 0., 1., 0.]], positions [1], base 100: [[cos 1, sin 1, cos 0.1, sin 0.1]].
    """
    ### BEGIN SOLUTION
    d = x.shape[1]
    angle = positions[:, None] * base ** (-jnp.arange(0, d, 2) / d)
    even, odd = x[:, ::2], x[:, 1::2]
    turned = [even * jnp.cos(angle) - odd * jnp.sin(angle), even * jnp.sin(angle) + odd * jnp.cos(angle)]
    return jnp.stack(turned, axis=-1).reshape(x.shape)
    ### END SOLUTION


# %% check="rotary"
x_turn = jnp.array([[1.0, 0.0, 1.0, 0.0], [1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]])
turn_check = jnp.asarray(rotary(x_turn, jnp.array([1, 0, -2]), 100.0))
assert turn_check.shape == (3, 4), "rotations keep the shape"
assert bool(jnp.allclose(turn_check[1], jnp.array([1.0, 2.0, 3.0, 4.0]))), (
    "position 0 is not rotated: use `positions`, not the number of the row. 1, 3, 2, 4: each column goes back to its place"
)
assert abs(float(turn_check[0, 1]) - np.sin(1.0)) < 1e-4, "the pair of columns 0 and 1 turns by +1: (1, 0) -> (cos 1, sin 1)"
assert abs(float(turn_check[0, 3]) - np.sin(0.1)) < 1e-4, "the second pair turns by 100^(-2/4) = 0.1"
assert abs(float(turn_check[2, 0] ** 2 + turn_check[2, 1] ** 2) - 5.0) < 1e-3, (
    "a rotation keeps the length of each pair, here of (1, 2): is one of the signs wrong?"
)

# %% [markdown]
# **Predict.** Take the same vector as query and as key, at distance $t$. How does the mean of $q\cdot k$ fall with $t$,
# and does it fall to 0? What does a larger base do?

# %% tags=["demo"]
distances = np.unique(np.geomspace(1, 100, 50).astype(int))
fine = np.geomspace(1, 100, 400)
same = jax.random.normal(jax.random.key(2), (60, 64))


def along(vectors, positions, base):
    """Each vector at each position, by your `rotary`: (vectors, positions, 64)."""
    rows, count = jnp.repeat(vectors, len(positions), axis=0), len(vectors)
    return np.asarray(rotary(rows, jnp.tile(jnp.asarray(positions), count), base)).reshape(count, -1, 64)


fig, (left, right) = panels(2)
for color, base in zip(COLORS, (10.0, 100.0, 10_000.0), strict=False):
    score = np.einsum("bd,btd->bt", same, along(same, distances, base)) / 64
    left.plot(distances, score.mean(axis=0), "o", color=color, markersize=4, label=f"base {base:g}")
    theta = base ** (-np.arange(32) / 32)
    theory(left, fine, np.cos(np.outer(fine, theta)).mean(axis=1),
           r"theory: mean of $\cos t\theta_r$" if base == 1e4 else None)  # fmt: skip
q_turn, k_turn = along(same[:2], np.arange(100), 100.0)
image = right.imshow(q_turn @ k_turn.T, cmap="RdBu")
fig.colorbar(image, ax=right, shrink=0.8)
right.grid(False)
finish(left, "A token and its copy", "distance t", r"mean of $q\cdot k/d$", xscale="log", ylim=(-0.35, 1.45))
finish(right, r"$q_i\cdot k_j$, one query, one key", "position j", "position i")

# %% [markdown]
# **Reflect.** What do the stripes on the right prove? Between $t=1$ and $t=\text{base}$ the curves on the left fall,
# wiggles aside, as straight lines in $\log t$, the steeper the smaller the base: how many of the 32 pairs have turned by
# more than one radian at distance $t$?

# %% [markdown] instructor=true
# Constant along diagonals: a function of i - j alone. Pair r has turned by a radian once t > base^(r/32), that is
# r < 32 log t / log base: the share of pairs that have dephased is log t / log base.
