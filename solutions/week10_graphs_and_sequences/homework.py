# ---
# jupyter:
#   autograder:
#     points: 28
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
# # Week 10 homework: what graph networks and attention compute
#
# Two questions about graph networks: what can they not tell apart, and why do deep ones forget? Three about attention:
# which classical estimator is it, and how can it learn from examples that it is merely shown? Each has an exact answer,
# and each answer is a short function.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 10.1 | What colours can tell apart | 4 | 35 | ** |
# | 10.2 | How fast a graph forgets | 4 | 30 | ** |
# | 10.3 | Attention is a kernel smoother | 4 | 30 | ** |
# | 10.4 | Linear attention takes a gradient step | 4 | 40 | *** |
# | 10.5 | The best step | 4 | 40 | *** |
# | 10.6, 10.7 | Two arguments in words | 4 + 4 | 30 + 30 | ** |
#
# Tokens, nodes and examples are rows, numbered from 0. Do the questions in any order, but run the plots from top to
# bottom: they share a few names, and that of 10.5 wants your 10.4. Work in NumPy float64 or in JAX float32, as you like;
# the tests leave room for float32's rounding.

# %%
from course_lib.checks import open_checks

grader = open_checks("week10/homework")

# %%
import functools

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg
import scipy.special
from jaxtyping import Array, Float, Int

from course_lib.plots import COLORS, finish, panels, theory

# %% [markdown] question="wl" points=4 minutes=35 difficulty="**"
# ## 10.1 What colours can tell apart
#
# A message-passing network gives two nodes the same features as long as their neighbourhoods look the same. How far
# this goes is an algorithm from 1968: *colour refinement*, or the one-dimensional Weisfeiler-Leman test. In each round a
# node's new colour is the pair
#
# $$c_i^{(t+1)} = \Bigl(c_i^{(t)},\ \{\!\{\,c_j^{(t)} : j \sim i\,\}\!\}\Bigr),$$
#
# where $\{\!\{\cdot\}\!\}$ is a **multiset**: how often each colour occurs counts. Two nodes have the same new colour if
# and only if the pairs agree. Two graphs are told apart in round $t$ if some colour occurs in them a different number of
# times; for this the colours of both must have the *same names*. No message-passing network can do better (Xu et al.
# 2019; Morris et al. 2019).
#
# `adjacency`, `first` and `second` are symmetric 0/1 matrices with zero diagonal, `colors` are $c^{(0)}$, `rounds` is
# the number of rounds. Names of colours are arbitrary, so report a colour as **the smallest number of a node that has
# it**.
#
# *About 35 minutes, difficulty \*\*. Plain Python is fine: graphs have at most 40 nodes.*

# %%
def links(n: int, pairs: list[tuple[int, int]]) -> Int[Array, "n n"]:
    """Adjacency matrix of the graph on nodes 0..n-1 with these edges. Given."""
    matrix = np.zeros((n, n), dtype=int)
    for i, j in pairs:
        matrix[i, j] = matrix[j, i] = 1
    return jnp.array(matrix)


# %% solution="wl"
def wl_colors(adjacency: Int[Array, "n n"], colors: Int[Array, " n"], rounds: int) -> Int[np.ndarray, " n"]:
    """Colours after some rounds of refinement.

    Args:
        adjacency: symmetric 0/1 matrix, zero diagonal.
        colors: the initial colours, an array of any integers (NumPy or JAX).
        rounds: number of rounds, >= 0.

    Returns:
        For each node the smallest number of a node with the same colour.

    Example:
        The path 0 - 1 - 2 - 3 with equal initial colours: after 0 rounds [0, 0, 0, 0], after one [0, 1, 1, 0].
    """
    ### BEGIN SOLUTION
    colors = np.asarray(colors).tolist()
    neighbours = [np.flatnonzero(row) for row in np.asarray(adjacency)]
    for _ in range(rounds):
        pairs = [(colors[i], sorted(colors[j] for j in near)) for i, near in enumerate(neighbours)]
        colors = [pairs.index(pair) for pair in pairs]
    return np.array([colors.index(c) for c in colors])
    ### END SOLUTION


def wl_round(first: Int[Array, "n n"], second: Int[Array, "m m"]) -> int:
    """The first round after which the colours of two graphs differ.

    Args:
        first, second: symmetric 0/1 matrices, zero diagonal; all nodes of both graphs begin with one colour.

    Returns:
        The smallest t >= 0 such that after t rounds some colour occurs in the two graphs a different number of times;
        -1 if there is no such t. (Once a round splits no colour, no later one does.)

    Example:
        Graphs with different numbers of nodes: 0. A path and a star of four nodes: 1. A hexagon and two triangles: -1.
    """
    ### BEGIN SOLUTION
    n = len(first)
    both = scipy.linalg.block_diag(first, second)
    colors, t = [0] * len(both), 0
    while sorted(colors[:n]) == sorted(colors[n:]):
        finer = wl_colors(both, colors, 1).tolist()
        if finer == colors:  # nothing was split: nothing ever will be
            return -1
        colors, t = finer, t + 1
    return t
    ### END SOLUTION


# %% check="wl"
_path, _star = links(4, [(0, 1), (1, 2), (2, 3)]), links(4, [(0, 1), (0, 2), (0, 3)])
_hexagon = links(6, [(i, (i + 1) % 6) for i in range(6)])
_triangles = links(6, [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3)])
assert np.array_equal(wl_colors(_path, jnp.array([7, 3, 7, 3]), 0), [0, 1, 0, 1]), (
    "no rounds: the initial colours, renamed, each after the smallest node that has it"
)
assert np.array_equal(wl_colors(_path, jnp.zeros(4, int), 1), [0, 1, 1, 0]), (
    "after one round the ends differ from the middle: it counts how many neighbours there are, not only which colours"
)
assert np.array_equal(wl_colors(links(6, [(i, i + 1) for i in range(5)]), jnp.zeros(6, int), 2), [0, 1, 2, 2, 1, 0]), (
    "a path of six after two rounds: nodes 1 and 2 have two neighbours each, but of other colours"
)
assert np.array_equal(wl_colors(jnp.zeros((3, 3), int), jnp.array([5, 5, 8]), 2), [0, 0, 2]), (
    "without edges every node keeps the colour that it was given: the new colour is a pair"
)
assert wl_round(_path, _star) == 1 and wl_round(_hexagon, _triangles) == -1, "a path and a star: 1; hexagon and triangles: -1"
assert wl_round(links(2, [(0, 1)]), jnp.zeros((2, 2), int)) == 1, (
    "an edge and two lonely nodes: one colour each, but not the same one. Do the colours of both graphs share their names?"
)

# %% [markdown]
# **Before you plot.** Colours travel one edge per round. How many colours does a path of 41 nodes have after $t$ rounds,
# and when does it stop? And a random graph of 40 nodes with mean degree 4: how many rounds does it need until nearly
# every node has a colour of its own?

# %% tags=["demo"]
rng = np.random.default_rng(10)


def colour_counts(adjacency, rounds):
    """Number of colours after 0, 1, ..., rounds rounds, from one colour."""
    colors, counts = np.zeros(len(adjacency), int), [1]
    for _ in range(rounds):
        colors = np.asarray(wl_colors(adjacency, colors, 1))  # one round at a time: colours may be given
        counts.append(len(set(colors.tolist())))
    return counts


def random_graph(n, probability):
    """A random graph (Erdos and Renyi 1959)."""
    upper = np.triu(rng.uniform(size=(n, n)) < probability, 1).astype(int)
    return upper + upper.T


t_axis = np.arange(25)
fig, ax = panels(1, width=6.4, height=3.6)
ax.plot(t_axis, colour_counts(links(41, [(i, i + 1) for i in range(40)]), 24), "o", color=COLORS[0], label="path of 41")
many = np.array([colour_counts(random_graph(40, 0.1), 24) for _ in range(8)])
ax.plot(t_axis, many.mean(axis=0), "s", color=COLORS[1], label="random, 40 nodes, degree 4 (mean of 8)")
ax.plot(t_axis, colour_counts(links(40, [(i, (i + 1) % 40) for i in range(40)]), 24), "^", color=COLORS[2], label="ring of 40")
theory(ax, t_axis, np.minimum(t_axis, 20) + 1, "theory: min(t, 20) + 1, and 1")
theory(ax, t_axis, np.ones(25))
finish(ax, "Colours that a graph network can give", "rounds t (layers)", "different colours", ylim=(0, 50))

# %% [markdown]
# **Look again.** The random graphs stop a little below 40: which nodes share a colour for ever? What would a graph
# network of any depth predict for two different nodes of the ring, and what could you give the nodes to help it?

# %% [markdown] instructor=true
# Isolated nodes share a colour, and so do leaves at one node: automorphisms of small parts. On a ring all nodes get the
# same output; random or positional features break the symmetry (and the equivariance with it).

# %% [markdown] question="smoothing" points=4 minutes=30 difficulty="**"
# ## 10.2 How fast a graph forgets
#
# Every layer of a graph convolution multiplies by the same matrix (Kipf and Welling 2017),
#
# $$\hat A = \tilde D^{-1/2}(A + I)\tilde D^{-1/2}, \qquad \tilde D = \text{degrees of } A + I .$$
#
# Its eigenvalues lie in $(-1, 1]$, and 1 belongs to the vectors $\sqrt{\tilde d_i}$ **restricted to one connected
# component** each. So without weights and activations depth $k$ leaves
#
# $$\hat A^k x \to P x, \qquad \|\hat A^k x - Px\| \le \lambda^k\,\|x - Px\|, \qquad
# \lambda = \max\{|\mu| : \mu \text{ eigenvalue of } \hat A,\ \mu \ne 1\},$$
#
# with $P$ the orthogonal projector to these vectors: what a deep network knows of a node is its degree and its component
# (Li, Han and Wu 2018); $\|\cdot\|$ is the Frobenius norm. Mind the absolute value: $\lambda$ may belong to a negative
# eigenvalue, and then come close to 1. The symmetric matrix $A$
# with weights $\ge0$ and zero diagonal is `adjacency`, $x$ is `x`.
#
# *About 30 minutes, difficulty \*\*. Eigenvalue 1 is found only up to rounding: `np.linalg.eigh` in float64.*

# %% solution="smoothing"
def smoothing(adjacency: Float[Array, "n n"], x: Float[Array, "n d"]) -> tuple[Float[np.ndarray, "n d"], float]:
    """Limit of repeated graph averaging, and the rate at which it is approached.

    Args:
        adjacency: symmetric, weights >= 0, zero diagonal; the graph may have several components and lonely nodes.
        x: features, one node per row.

    Returns:
        (P x, lambda): the limit, shape of x, and the rate in [0, 1); 0 if there is no eigenvalue other than 1.
        You may rely on this: every other eigenvalue lies between -1 and 0.999.

    Example:
        Two nodes, one edge of weight 3, x = [[1.], [2.]]: eigenvalues 1 and -1/2, so ([[1.5], [1.5]], 0.5).
    """
    ### BEGIN SOLUTION
    loops = np.asarray(adjacency, np.float64) + np.eye(len(adjacency))
    root = np.sqrt(sum(loops))
    values, vectors = np.linalg.eigh(loops / np.outer(root, root))
    kept = values > 0.9995
    limit = vectors[:, kept] @ (vectors[:, kept].T @ np.asarray(x))
    return limit, np.abs(values[~kept]).max(initial=0.0)
    ### END SOLUTION


# %% check="smoothing"
_limit, _rate = smoothing(jnp.array([[0.0, 3.0], [3.0, 0.0]]), jnp.array([[1.0], [2.0]]))
assert np.shape(_limit) == (2, 1), "the limit has the shape of x"
assert np.allclose(_limit, 1.5, atol=1e-4), "equal degrees: the limit is the mean"
assert abs(float(_rate) - 0.5) < 1e-4, "eigenvalues 1 and (1 - 3)/(1 + 3) = -1/2: the rate is a modulus"
_roots = jnp.sqrt(jnp.array([[4.0], [7.0], [4.0]]))
_limit, _rate = smoothing(jnp.array([[0.0, 3.0, 0.0], [3.0, 0.0, 3.0], [0.0, 3.0, 0.0]]), _roots)
assert np.allclose(_limit, _roots, atol=1e-3), (
    "a path, degrees of A + I 4, 7, 4: their roots are a vector of eigenvalue 1 and stay. All equal: no plain mean is kept here"
)
_limit, _rate = smoothing(jnp.zeros((2, 2)), jnp.array([[1.0], [2.0]]))
assert np.allclose(_limit, [[1.0], [2.0]], atol=1e-4) and abs(float(_rate)) < 1e-4, (
    "no edges: two components, each keeps its own value, eigenvalue 1 twice and no other. A rate of 1: it is no gap 1 - lambda"
)

# %% [markdown]
# **Before you plot.** The karate club, a ring of 20, a random graph of 40 nodes with mean degree 6: whose features are
# gone first? Then real layers: $X_{k+1} = \mathrm{relu}(\hat A X_k W_k)$ with random $W_k$ whose singular values are all
# $s$. Oono and Suzuki (2020) prove $\|(I-P)X_k\|\le(s\lambda)^k\|(I-P)X_0\|$: you will do so in 10.7. Is the network
# safe from oversmoothing if $s\lambda > 1$?

# %% tags=["demo"]
import networkx as nx


def operator(adjacency):
    """The matrix A-hat in float64."""
    loops = np.asarray(adjacency, float) + np.eye(len(adjacency))
    root = np.sqrt(loops.sum(axis=1))
    return loops / np.outer(root, root)


club = nx.to_numpy_array(nx.karate_club_graph(), weight=None)
ring = np.asarray(links(20, [(i, (i + 1) % 20) for i in range(20)]))
dense = random_graph(40, 0.15)
depths = np.arange(41)
fig, (left, right) = panels(2, height=3.8)
for color, (name, graph) in zip(COLORS, {"ring of 20": ring, "karate club": club, "random": dense}.items(), strict=False):
    X = rng.normal(size=(len(graph), 16))
    limit, rate = smoothing(jnp.array(graph), jnp.array(X))
    start, distance = np.linalg.norm(X - limit), []
    for _ in depths:
        distance.append(np.linalg.norm(X - limit) / start)
        X = operator(graph) @ X
    left.plot(depths, distance, "o", markersize=3.5, color=color, label=rf"{name}, $\lambda={rate:.3f}$")
    anchored = distance[-1] * float(rate) ** (depths - 40.0)  # the slope is the prediction
    theory(left, depths, anchored, r"theory: slope $\lambda^k$" if name == "random" else None)
rate = float(smoothing(jnp.array(club), jnp.zeros((34, 1)))[1])
for color, s in zip(COLORS, (0.8, 1.0, 1.6), strict=False):
    for draw in range(6):
        X = rng.normal(size=(34, 32))
        away, share = [], []
        for _ in depths:
            rest = X - np.asarray(smoothing(jnp.array(club), jnp.array(X / np.linalg.norm(X)))[0]) * np.linalg.norm(X)
            away.append(np.linalg.norm(rest))
            share.append(np.linalg.norm(rest) / np.linalg.norm(X))
            X = np.maximum(operator(club) @ X @ (s * np.linalg.qr(rng.normal(size=(32, 32)))[0]), 0)
        label = rf"$s={s}$" if draw == 0 else None
        right.plot(depths, np.array(away) / away[0], color=color, linewidth=0.8, alpha=0.7, label=label)
        right.plot(depths, share, ":", color=color, linewidth=0.8, alpha=0.7)
    theory(right, depths, (s * rate) ** depths, r"theory: bound $(s\lambda)^k$" if s == 1.6 else None)
    right.annotate(rf"$s={s}$", (40, (s * rate) ** 40), (4, -3), textcoords="offset points", fontsize=8)
finish(left, r"$\hat{A}{}^k x$: distance from its limit", "depth k", "relative distance", yscale="log", ylim=(1e-8, 3))
right.set_xlim(-1, 46)
finish(right, "ReLU layers on the club", "depth k", "distance (dotted: share of the norm)", yscale="log", ylim=(1e-16, 1e9))

# %% [markdown]
# **Look again.** Which of the two plots shows an asymptote and which a bound? With $s=1.6$ the bound grows. What does the
# true distance do, and what the dotted share $\|(I-P)X\|/\|X\|$, which is all that a normalised or linearly read out
# network can see? By how much do solid and dashed lines disagree per layer, and what could the ReLU have to do with it?

# %% [markdown] instructor=true
# The left is an asymptote (equality once the second eigenvector dominates), the right a bound. The
# true distances fall by another factor of 0.6 to 0.7 per layer, as the ReLU halves the energy of X. Also with s = 1.6 the
# share falls: weights rescale everything alike, and what the graph damps stays damped.

# %% [markdown] question="kernel_smoother" points=4 minutes=30 difficulty="**"
# ## 10.3 Attention is a kernel smoother
#
# Nadaraya and Watson (1964) predicted a value at a new point as a local mean, half a century before the transformer:
#
# $$m(q) = \sum_j w_j(q)\,v_j, \qquad
# w_j(q) = \frac{e^{-|q-k_j|^2/2h^2}}{\sum_l e^{-|q-k_l|^2/2h^2}}, \qquad
# \frac{\partial m_a}{\partial q_b} = \frac{1}{h^2}\,\mathrm{Cov}_w\bigl(v_a, k_b\bigr) ,$$
#
# with the covariance of value component $a$ and key component $b$ when $j$ is drawn with probability $w_j(q)$. Expand
# the square: what depends on $q$ alone cancels. If all keys have the same norm, $w$ **is** the softmax of
# $q\cdot k_j/h^2$: attention, its temperature a bandwidth. If the norms differ, attention prefers long keys; one more
# feature repairs it.
#
# Write $w$ as a softmax: find rows $q'_i$ and $k'_j$ with $w_j(q_i) = \mathrm{softmax}_j(q'_i\cdot k'_j)$. Here $q$, $k$,
# $h$ are `queries`, `keys`, `bandwidth`; and verify the slope formula before you program it.
#
# *About 30 minutes, difficulty \*\*.*

# %% solution="kernel_smoother"
def smoother_as_attention(
    queries: Float[Array, "n d"], keys: Float[Array, "m d"], bandwidth: float
) -> tuple[Float[Array, "n p"], Float[Array, "m p"]]:
    """Queries and keys whose plain softmax attention (no division by a root) has the Gaussian kernel's weights.

    Args:
        queries, keys: one point per row, d <= 4, all entries between about -8 and 8.
        bandwidth: h > 0, between 0.5 and 3.

    Returns:
        (q', k') with one row per query and per key and the same number p <= d + 1 of columns. Each row of q' depends
        on its own query only, each row of k' on its own key. Any such pair is right.

    Example:
        One dimension, h = 1, query 0, keys 0 and 2: the weights are proportional to 1 and e^-2.
    """
    ### BEGIN SOLUTION
    q = jnp.concatenate([queries, jnp.ones((len(queries), 1))], axis=1)
    k = jnp.concatenate([keys, -jnp.sum(keys**2, axis=1, keepdims=True) / 2], axis=1)
    return q, k / bandwidth**2
    ### END SOLUTION


def smoother_slope(
    query: Float[Array, " d"], keys: Float[Array, "m d"], values: Float[Array, "m c"], bandwidth: float
) -> Float[Array, "c d"]:
    """Derivative of the smoother m(q) at one query, in closed form.

    Args:
        query: one point, entries between about -8 and 8, as those of the keys; it may be far from all of them.
        keys, values: one example per row.
        bandwidth: h > 0, between 0.5 and 3.

    Returns:
        The matrix with entries dm_a/dq_b, one row per component of the values.

    Example:
        One dimension, h = 1, query 0, keys -1 and 1, values -3 and 3: weights 1/2 each, slope 3.
    """
    ### BEGIN SOLUTION
    w = jax.nn.softmax(-jnp.sum((keys - query) ** 2, axis=1) / (2 * bandwidth**2))
    return (values - w @ values).T @ (w[:, None] * keys) / bandwidth**2
    ### END SOLUTION


# %% check="kernel_smoother"
_q, _k = smoother_as_attention(jnp.array([[0.0], [1.0]]), jnp.array([[0.0], [2.0]]), 1.0)
assert np.shape(_q)[0] == 2 and np.shape(_q)[1] == np.shape(_k)[1] <= 2, "one row per point, at most d + 1 columns"
_w = np.asarray(jax.nn.softmax(jnp.asarray(_q) @ jnp.asarray(_k).T, axis=1))
assert abs(_w[1, 0] - 0.5) < 1e-4, "halfway between two keys both count alike, although one is longer: mind |k|^2"
assert abs(_w[0, 0] - 0.880797) < 1e-4, "weights 1 and e^-2: the exponent is -distance^2 / 2h^2"
_q, _k = smoother_as_attention(jnp.array([[0.0]]), jnp.array([[0.0], [2.0]]), 2.0)
_w = np.asarray(jax.nn.softmax(jnp.asarray(_q) @ jnp.asarray(_k).T, axis=1))
assert abs(_w[0, 0] - 0.622459) < 1e-4, "bandwidth 2: weights 1 and e^-1/2, as h enters by its square"
_slope = jnp.asarray(smoother_slope(jnp.array([0.0]), jnp.array([[-1.0], [1.0]]), jnp.array([[-3.0], [3.0]]), 1.0))
assert np.shape(_slope) == (1, 1) and abs(float(_slope[0, 0]) - 3.0) < 1e-4, "covariance of value and key, over h^2: 3"
_slope = jnp.asarray(smoother_slope(jnp.zeros(2), jnp.array([[1.0, 1.0], [-1.0, 1.0]]), jnp.array([[1.0], [7.0]]), 2.0))
assert np.shape(_slope) == (1, 2), "a row per component of the values, a column per component of the query"
assert abs(float(_slope[0, 1])) < 1e-4, "both keys have the same second component: no covariance. Were the means taken off?"
assert abs(float(_slope[0, 0]) + 0.75) < 1e-4, "covariance -3 and bandwidth 2: -3/4"

# %% [markdown]
# **Before you plot.** 200 noisy examples of a wave on $[0, 1]$. The mean squared error of a smoother has two parts,
# $\tfrac{h^4}{4}\overline{g''^2}$ from averaging over a curve and $\sigma^2/(2\sqrt\pi\,n h)$ from noise. On doubly
# logarithmic axes, which two slopes do you expect, and at about which $h$ is the minimum?

# %% tags=["demo"]
n_points, sigma = 200, 0.3
wave = lambda u: np.sin(4 * np.pi * u)
inside = np.linspace(0.15, 0.85, 60)  # away from the ends
bandwidths = np.geomspace(0.004, 0.15, 16)


def smooth(x, y, h):
    """The smoother at `inside`, by your queries and keys; lengths in units of h."""
    q, k = smoother_as_attention(jnp.asarray((inside[:, None] - 0.5) / h), jnp.asarray((x[:, None] - 0.5) / h), 1.0)
    return scipy.special.softmax(np.asarray(q) @ np.asarray(k).T, axis=1) @ y


errors, example = np.zeros((40, len(bandwidths))), {}
for draw in range(40):
    x = np.sort(rng.uniform(size=n_points))
    y = wave(x) + sigma * rng.normal(size=n_points)
    for column, h in enumerate(bandwidths):
        errors[draw, column] = np.mean((np.asarray(smooth(x, y, h)) - wave(inside)) ** 2)
fig, (left, right) = panels(2)
left.plot(x, y, ".", color="0.7", markersize=4)
for color, h in zip(COLORS, (0.008, 0.03, 0.12), strict=False):
    left.plot(inside, smooth(x, y, h), color=color, label=f"h = {h:g}")
left.plot(inside, wave(inside), color="black", linewidth=0.8)
right.plot(bandwidths, errors.mean(axis=0), "o", color=COLORS[0], label="measured, mean of 40")
bias = bandwidths**4 / 4 * np.mean((16 * np.pi**2 * wave(inside)) ** 2)
noise = sigma**2 / (2 * np.sqrt(np.pi) * n_points * bandwidths)
theory(right, bandwidths, bias + noise, "theory: bias + noise")
for part, name in ((bias, "bias"), (noise, "noise")):
    right.plot(bandwidths, part, ":", color="0.4", linewidth=1)
    right.annotate(name, (bandwidths[-8 if name == "bias" else -3], part[-8 if name == "bias" else -3]), (8, -4),
                   textcoords="offset points", fontsize=9, color="0.4")  # fmt: skip
finish(left, "One data set", "x", "y", ylim=(-2, 2.6))
finish(right, "Error of the smoother", "bandwidth h", "mean squared error", xscale="log", yscale="log", ylim=(5e-4, 3))

# %% [markdown]
# **Look again.** Where do the points leave the theory at large $h$, and which assumption fails there? (What is the
# largest error possible?) In a transformer $h^2$ corresponds to $\sqrt d$ divided by the size of learned weights: which
# of the two sides of this plot is an untrained head on?

# %% [markdown] question="gd_attention" points=4 minutes=40 difficulty="***"
# ## 10.4 Linear attention takes a gradient step
#
# Show a transformer examples $(x_i, y_i)$ and then a new $x$: it often predicts $y$, although no weight changes. How can
# it learn? Von Oswald et al. (2023) found weights with which a single layer of *linear* attention (no softmax) performs
# one step of gradient descent on
#
# $$L(W) = \frac{1}{2n}\sum_{i=1}^n |W x_i - y_i|^2, \qquad
# \Delta W = -\eta\,\frac{\partial L}{\partial W}\Big|_{W_0} = -\frac{\eta}{n}\sum_i (W_0x_i - y_i)\,x_i^\top .$$
#
# Tokens are rows $e = (x, y)$ with $d + c$ entries; the $n$ examples are the rows of $E$. The layer adds to **every**
# token $e$, be it an example or a query,
#
# $$ e \leftarrow e + \sum_{i=1}^n \bigl(e\,W_Q\cdot E_i W_K\bigr)\, E_i W_V . $$
#
# Find $W_Q$, $W_K$, $W_V$ such that each token becomes $(x,\ y - \Delta W x)$: the targets move as if the weights had
# learned. A query that comes with $y=0$ leaves with $-\Delta W x$ (the change alone, also if $W_0\ne0$). Here $W_0$ is
# `W0`, of shape $(c, d)$; $\eta$ is `rate`, $n$ is `n`. *Hint: which inner product stands in $\Delta W x$? And what must
# $E_iW_V$ be?*
#
# *About 40 minutes, difficulty \*\*\*.*

# %%
def linear_attention(tokens, examples, W_Q, W_K, W_V):
    """The layer of the text, for all rows of `tokens` at once; `examples` are the rows of E. Given."""
    return tokens + (tokens @ W_Q) @ (examples @ W_K).T @ (examples @ W_V)


# %% solution="gd_attention"
def gd_attention(
    W0: Float[Array, "c d"], rate: float, n: int
) -> tuple[Float[Array, "d+c a"], Float[Array, "d+c a"], Float[Array, "d+c d+c"]]:
    """Weights of a linear attention layer that moves targets as one gradient step does.

    Args:
        W0: weights before the step: the prediction is W0 x, with c outputs and d inputs.
        rate: the learning rate eta.
        n: number of examples in the context.

    Returns:
        (W_Q, W_K, W_V), to be multiplied from the right to rows e = (x, y). W_Q and W_K may have any number a of columns.

    Example:
        d = c = n = 1, W0 = [[0.]], rate 0.5, one example (2, 3), the query (1, 0): Delta W = 0.5 * 3 * 2 = 3, so the
        query becomes (1, -3) and the example itself (2, -3).
    """
    ### BEGIN SOLUTION
    c, d = W0.shape
    read_x = jnp.concatenate([jnp.eye(d), jnp.zeros((c, d))])
    residual = jnp.concatenate([W0.T, -jnp.eye(c)])  # (x, y) -> W0 x - y
    write_y = jnp.concatenate([jnp.zeros((c, d)), jnp.eye(c)], axis=1)
    return read_x, read_x, rate / n * residual @ write_y
    ### END SOLUTION


# %% check="gd_attention"
_weights = [jnp.asarray(w) for w in gd_attention(jnp.array([[0.0]]), 0.5, 1)]
assert _weights[2].shape == (2, 2), "W_V maps a token (x, y) to what is added to tokens: (d + c, d + c)"
_moved = linear_attention(jnp.array([[1.0, 0.0], [2.0, 3.0]]), jnp.array([[2.0, 3.0]]), *_weights)
assert abs(float(_moved[0, 0]) - 1.0) < 1e-5, "the x part of a token must stay"
assert abs(float(_moved[0, 1]) + 3.0) < 1e-4, "0 - Delta W x = -3. +3: the target moves *against* the prediction"
assert abs(float(_moved[1, 1]) + 3.0) < 1e-4, (
    "the example itself moves from 3 to 3 - 6 = -3: what a token has for y takes no part in the inner product"
)
_weights = [jnp.asarray(w) for w in gd_attention(jnp.array([[0.0]]), 0.5, 2)]
_moved = linear_attention(jnp.array([[1.0, 0.0]]), jnp.array([[2.0, 3.0], [2.0, 3.0]]), *_weights)
assert abs(float(_moved[0, 1]) + 3.0) < 1e-4, "the same example twice is the same step: the loss is a mean over examples"
_weights = [jnp.asarray(w) for w in gd_attention(jnp.array([[1.0]]), 0.5, 1)]
_moved = linear_attention(jnp.array([[1.0, 0.0]]), jnp.array([[2.0, 3.0]]), *_weights)
assert abs(float(_moved[0, 1]) + 1.0) < 1e-4, "W0 = 1 predicts 2 where 3 is right: Delta W = 0.5 * (3 - 2) * 2 = 1"

# %% [markdown]
# **Before you plot.** Stack $k$ such layers with $W_0=0$: does the stack perform $k$ steps of gradient descent? (After
# one layer the targets are residuals $y-W_1x$. What is the next step computed from?) In the eigenbasis of the data's
# covariance the error of mode $\mu$ falls as $(1-\eta\mu)^k$.

# %% tags=["demo"]
n_context, scales = 400, np.array([1.0, 0.6, 0.3])
x_context = rng.normal(size=(n_context, 3))
x_context = np.linalg.qr(x_context)[0] * np.sqrt(n_context) * np.sqrt(scales)  # covariance exactly diagonal
truth = np.array([[1.0, 1.0, 1.0]])
context = jnp.array(np.concatenate([x_context, x_context @ truth.T], axis=1))
probes = jnp.array(np.concatenate([np.eye(3), np.zeros((3, 1))], axis=1))  # queries that read off W one entry at a time
weights_step = [jnp.asarray(w) for w in gd_attention(jnp.zeros((1, 3)), 0.9, n_context)]
learned = []
for _ in range(31):
    learned.append(-np.asarray(probes)[:, 3])
    probes, context = linear_attention(probes, context, *weights_step), linear_attention(context, context, *weights_step)
learned = np.array(learned)
layers = np.arange(31)
fig, ax = panels(1, width=6.0)
for color, mode, scale in zip(COLORS, range(3), scales, strict=False):
    ax.plot(layers, np.abs(1 - learned[:, mode]), "o", markersize=4, color=color, label=rf"mode with $\mu={scale:g}$")
    theory(ax, layers, (1 - 0.9 * scale) ** layers, r"theory: $(1-\eta\mu)^k$" if mode == 2 else None)
finish(ax, "Learning in context, layer by layer", "layers k", "error of the implied weight", yscale="log", ylim=(3e-8, 3))

# %% [markdown]
# **Look again.** No weight of the stack was changed while it "learned" a regression. Where is the learned $W_k$ stored?
# And which ingredient of a real transformer would you have to add so that the *number of layers* does not limit the
# number of steps?

# %% [markdown] question="best_step" points=4 minutes=40 difficulty="***"
# ## 10.5 The best step
#
# Train one layer of linear attention on many regression tasks with isotropic inputs: it ends at the construction of 10.4
# with $W_0 = 0$, and with the learning rate that is best **on average over tasks** (Mahankali et al. 2024; for other
# inputs it learns a preconditioner as well, Zhang, Frei and Bartlett 2024). Which rate is it, for a plain step? Let
# $w\sim\mathcal N(0, I)$ be the task, inputs $x_i, x\sim\mathcal N(0,\Sigma)$, labels $y_i = w\cdot x_i + \varepsilon_i$
# with $\varepsilon_i\sim\mathcal N(0,\sigma^2)$, all independent. One step from 0 predicts
#
# $$\hat y = \frac\eta n\sum_{i=1}^n y_i\,x_i\cdot x, \qquad
# R(\eta) = \mathbb E\bigl(w\cdot x - \hat y\bigr)^2 .$$
#
# With $S=\frac1n\sum_i x_ix_i^\top$ the risk is
# $\mathbb E\,\mathrm{tr}\,(I-\eta S)\Sigma(I-\eta S)$ plus the share of the noise; and Gaussian fourth moments give
# $\mathbb E\,S\Sigma S = \frac{n+1}{n}\Sigma^3 + \frac{\mathrm{tr}\,\Sigma^2}{n}\Sigma$. Derive $R$ (a quadratic in
# $\eta$), its minimiser $\eta^\ast$, and $R(\eta^\ast)$. The eigenvalues of $\Sigma$ are `spectrum`, $n$ is `n`, and
# $\sigma$, a standard deviation, is `noise`.
#
# *About 40 minutes, difficulty \*\*\*.*

# %% solution="best_step"
def best_step(spectrum: Float[Array, " d"], n: int, noise: float) -> tuple[float, float]:
    """Learning rate that minimises the mean risk of one gradient step, and this least risk.

    Args:
        spectrum: eigenvalues of the covariance of the inputs, > 0, at most 8 of them.
        n: number of examples, from 1 to 10 million.
        noise: standard deviation of the labels' noise, >= 0.

    Returns:
        (eta, risk), two numbers. The risk compares with w x, so the noise of the new label is not part of it. It is at
        least tr Sigma / 100 in all tests, so that float32 will do.

    Example:
        d = 1, spectrum [1.], n = 1, noise 0: R = 1 - 2 eta + 3 eta^2, so (1/3, 2/3).
    """
    ### BEGIN SOLUTION
    spectrum = np.asarray(spectrum, np.float64)
    t1, t2, t3 = (np.sum(spectrum**p) for p in (1, 2, 3))
    curvature = ((n + 1) * t3 + (t1 + noise**2) * t2) / n
    return t2 / curvature, t1 - t2**2 / curvature
    ### END SOLUTION


# %% check="best_step"
_eta, _risk = best_step(jnp.array([1.0]), 1, 0.0)
assert abs(float(_eta) - 1 / 3) < 1e-4, "one example in one dimension: E x^4 = 3, so R = 1 - 2 eta + 3 eta^2"
assert abs(float(_risk) - 2 / 3) < 1e-4, "R(1/3) = 2/3"
_eta, _risk = best_step(jnp.array([1.0]), 1, 2.0)
assert abs(float(_eta) - 1 / 7) < 1e-4, "noise of standard deviation 2 adds 4 eta^2: 1/(3 + 4). 1/5: its variance counts"
assert abs(float(_risk) - 6 / 7) < 1e-4, "R(1/7) = 6/7: the noise of the new label is no part of the risk"
_eta, _risk = best_step(jnp.array([1.0, 2.0]), 1, 0.0)
assert abs(float(_eta) - 5 / 33) < 1e-4, (
    "variances 1 and 2: 5/33. 1/4: that holds for equal ones only; 1/9: tr Sigma^2 is 5, and (tr Sigma)^2 is 9"
)
assert abs(float(_risk) - 74 / 33) < 1e-4, "variances 1 and 2: the least risk is 74/33"

# %% [markdown]
# **Before you plot.** For $\Sigma=I$ your result should be $\eta^\ast=n/(n+d+1+\sigma^2)$ and, without noise,
# $R=d\,(d+1)/(n+d+1)$. How many examples does one step need for $R = d/10$? And if the spectrum is a power law
# $1/j$, can one step ever get there?

# %% tags=["demo"]
@functools.cache
def random_tasks(n, d):
    """Tasks w, inputs (the last one is the query's) and noise, all standard normal."""
    tasks, keys_ = max(10_000, 320_000 // n), jax.random.split(jax.random.key(n), 3)
    shapes = (tasks, d), (tasks, n + 1, d), (tasks, n + 1)
    return [jax.random.normal(key_, shape) for key_, shape in zip(keys_, shapes, strict=True)]


def simulated_risk(spectrum, n, noise, eta):
    """Mean of (w x - prediction)^2 over random tasks, the prediction by linear attention with your weights."""
    d = len(spectrum)
    w, xs, unit_noise = random_tasks(n, d)
    xs = xs * jnp.sqrt(jnp.asarray(spectrum))
    ys = jnp.einsum("td,tnd->tn", w, xs) + noise * unit_noise
    tokens = jnp.concatenate([xs, ys[:, :, None]], axis=2)
    query = tokens[:, -1:].at[:, :, -1].set(0.0)
    step = [jnp.asarray(m) for m in gd_attention(jnp.zeros((1, d)), float(eta), n)]
    moved = jax.vmap(lambda q, e: linear_attention(q, e, *step))(query, tokens[:, :-1])
    return float(jnp.mean((jnp.einsum("td,td->t", w, xs[:, -1]) + moved[:, 0, -1]) ** 2))


flat, power = np.ones(8), 1 / np.arange(1, 9)
etas, sizes = np.linspace(0, 1.2, 13), np.array([4, 8, 16, 32, 64, 128])
fig, (left, right) = panels(2)
for color, n_shown in zip(COLORS, (8, 32), strict=False):
    left.plot(etas, [simulated_risk(flat, n_shown, 0.5, e) / 8 for e in etas], "o", color=color, label=f"n = {n_shown}")
    best, least = best_step(jnp.array(flat), n_shown, 0.5)
    parabola = 8 - (8 - least) * (1 - (1 - etas / best) ** 2)
    theory(left, etas, parabola / 8, r"theory: $R(\eta)/d$" if n_shown == 32 else None)
for color, (name, values) in zip(COLORS[2:], {"flat": flat, "power law 1/j": power}.items(), strict=False):
    answers = [best_step(jnp.array(values), int(n), 0.0) for n in sizes]
    found = [simulated_risk(values, int(n), 0.0, float(e)) for n, (e, _) in zip(sizes, answers, strict=True)]
    right.plot(sizes, np.array(found) / values.sum(), "o", color=color, label=f"spectrum: {name}")
    theory(right, sizes, np.array([float(r) for _, r in answers]) / values.sum(), "theory" if name == "flat" else None)
    floor = 1 - np.sum(values**2) ** 2 / np.sum(values**3) / values.sum()
    right.axhline(floor, color=color, linewidth=0.8, linestyle=":")
finish(left, r"$d=8$, $\sigma=0.5$", r"learning rate $\eta$", "risk / d", ylim=(0, 2))
finish(right, "One best step, no noise", "examples n", r"risk / tr $\Sigma$", xscale="log", ylim=(0, 1))

# %% [markdown]
# **Look again.** The dotted lines are the limits $n\to\infty$. Why is one of them not zero, although there is no noise
# and data without end? What could a layer with *matrix-valued* learning rate do about it (read: which freedom in $W_Q$
# and $W_K$ did 10.4 not use)?

# %% [markdown] question="why_wl" points=4 minutes=30 difficulty="**" written=true
# ## 10.6 No message-passing network beats colours
#
# A message-passing network computes $x_i^{(t+1)} = f_t\bigl(x_i^{(t)}, \sum_{j\sim i} g_t(x_j^{(t)})\bigr)$ with
# arbitrary functions $f_t$, $g_t$, all nodes beginning with equal features. (a) Show: if two nodes, in the same or in
# different graphs, have the same colour after $t$ rounds, then $x_i^{(t)}=x_j^{(t)}$. (b) Conclude that hexagon and two
# triangles get the same output from every such network with a sum over nodes as readout, at any depth. (c) Find
# functions $g$ and $f$ for which the converse of (a) holds on graphs with at most $N$ nodes; why does a *mean* or a
# *maximum* in place of the sum not do?

# %% [markdown] solution="why_wl"
# (a) Induction on $t$. At $t=0$ all features are equal. Let $c_i^{(t+1)}=c_j^{(t+1)}$. By definition
# $c_i^{(t)}=c_j^{(t)}$, hence $x_i^{(t)}=x_j^{(t)}$, and the multisets of the neighbours' colours agree: there is a
# bijection of neighbours that keeps colours, by induction it keeps features, so the two sums of $g_t(x)$ have equal
# terms. So $f_t$ gets the same arguments.
#
# (b) In both graphs every node has two neighbours; by induction all twelve nodes have one colour in every round. By (a)
# all have the same features $x^{(t)}$, and both readouts are $6\,x^{(t)}$.
#
# (c) Number the finitely many colours of a round by $0,1,\dots,K-1$ and let $g(x)=(N+1)^{\text{number of the colour}}$:
# a sum of at most $N$ such terms determines, as a number written in base $N+1$, how often each colour occurs. So the
# sum is injective on multisets, and $f$ = an injective function of the pair keeps colours apart. The mean forgets how
# many neighbours there are: $\{\!\{a\}\!\}$ and $\{\!\{a, a\}\!\}$ have the same mean (the first round on a path against a
# ring already fails); the maximum forgets multiplicities altogether.

# %% [markdown] rubric="why_wl"
# * **1 point** (a): induction with both arguments of $f_t$: own colour, and a colour-preserving bijection of neighbours
#   (equal multisets, not only equal sets). Half if multiplicities are passed over.
# * **1 point** (b): one colour in all rounds because both graphs are 2-regular, and equal readouts since both have six
#   nodes.
# * **1 point** (c): an injective encoding of multisets by sums (powers of a base above $N$, or one-hot vectors), and an
#   injective $f$.
# * **1 point** (c): a pair of multisets for the mean and one for the maximum.
#
# Do not accept "WL cannot distinguish regular graphs" as a proof of (b) without the induction or (a).

# %% [markdown] question="why_smooth" points=4 minutes=30 difficulty="**" written=true
# ## 10.7 Depth contracts
#
# Let $X_{k+1}=\mathrm{relu}(\hat AX_kW_k)$ on a connected graph, $u=\sqrt{\tilde d}/|\sqrt{\tilde d}|$, $P=uu^\top$,
# $s=\max_k\|W_k\|_{\text{op}}$ and $\lambda$ as in 10.2. Show that $\|(I-P)X_{k+1}\|_F\le s\lambda\,\|(I-P)X_k\|_F$ (Oono
# and Suzuki 2020), in three steps: (a) the graph contracts by $\lambda$; (b) the weights stretch by at most $s$; (c) the
# ReLU does not increase the distance. *Hint for (c): $\|(I-P)Y\|_F$ is the distance of $Y$ from the set
# $\{u\,a^\top\}$; all entries of $u$ are positive.* (d) Where would (c) fail for an eigenvector with entries of both
# signs?

# %% [markdown] solution="why_smooth"
# (a) $\hat A$ is symmetric and $\hat Au=u$, so $P$ commutes with $\hat A$ and $(I-P)\hat AY=\hat A(I-P)Y$. On the
# complement of $u$ the eigenvalues of $\hat A$ have modulus at most $\lambda$ (the graph is connected, so the eigenvalue
# 1 is simple); column by column $\|\hat A(I-P)Y\|_F\le\lambda\|(I-P)Y\|_F$.
#
# (b) $P$ acts from the left, $W$ from the right: $(I-P)YW=((I-P)Y)W$, and $\|ZW\|_F\le\|Z\|_F\|W\|_{\text{op}}$, row by
# row.
#
# (c) $\|(I-P)Y\|_F=\min_a\|Y-ua^\top\|_F$, since $PY=u(Y^\top u)^\top$ is the nearest point of that set. Let $a$ be the
# minimiser. As $u>0$, $\mathrm{relu}(ua^\top)=u\,\mathrm{relu}(a)^\top$ lies in the set again; the ReLU is 1-Lipschitz
# entry by entry, so
#
# $$\|(I-P)\,\mathrm{relu}(Y)\|_F\le\|\mathrm{relu}(Y)-\mathrm{relu}(ua^\top)\|_F\le\|Y-ua^\top\|_F=\|(I-P)Y\|_F .$$
#
# With $Y=\hat AX_kW_k$ the three together give the claim.
#
# (d) For $u$ with both signs $\mathrm{relu}(ua^\top)$ is no multiple of $u$: the set is not kept. E.g.
# $u=(1,-1)/\sqrt2$, $Y=u$: distance 0, but $\mathrm{relu}(u)=(1,0)/\sqrt2$ has distance $1/2$.

# %% [markdown] rubric="why_smooth"
# * **1 point** (a): $P$ commutes with $\hat A$ (or: eigenbasis), factor $\lambda$ as the largest *modulus*.
# * **1 point** (b): $W$ acts from the other side, operator norm against Frobenius norm.
# * **1.5 points** (c): distance as a minimum, $\mathrm{relu}(ua^\top)=u\,\mathrm{relu}(a)^\top$ from $u>0$, Lipschitz.
#   Half a point for "the ReLU is 1-Lipschitz" alone, which does not give the claim.
# * **0.5 points** (d): a counterexample or the place in (c).
