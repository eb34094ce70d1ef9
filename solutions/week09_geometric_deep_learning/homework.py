# ---
# jupyter:
#   autograder:
#     points: 24
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
# # Week 9 homework: how many equivariant maps are there?
#
# Once a symmetry is decided upon, the linear layers that respect it are not designed: they are *computed*. They form
# a vector space, and representation theory gives its dimension and a basis. Here you do this for the permutations of
# sets and graphs, for any finite group given by generators, and for rotations of the plane.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 9.1 | Counting layers | 3 | 25 | * |
# | 9.2 | The basis itself | 4 | 30 | ** |
# | 9.3 | Invariants as projectors | 5 | 45 | *** |
# | 9.4 | Steerable kernels | 4 | 35 | *** |
# | 9.5, 9.6 | Two arguments in words | 4 + 4 | 30 + 40 | ** |
#
# Every correct style is accepted: NumPy or JAX, loops or closed forms, float32 or float64.

# %%
from course_lib.checks import open_checks

grader = open_checks("week09/homework")

# %%
import itertools

import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import scipy.linalg
from jaxtyping import Array, Float

from course_lib.plots import COLORS, finish, panels, theory

# %% [markdown] question="dimension" points=3 minutes=25 difficulty="*"
# ## 9.1 Counting layers
#
# A graph with $n$ nodes is an $n\times n$ matrix, an object with two node indices; a set, a number for each element, has
# one index. A linear layer takes an order-$k$ tensor in $(\mathbb R^n)^{\otimes k}$ to an order-$l$ tensor, and no node is
# special: it commutes with all $n!$ permutations of the nodes. How many weights does it have? Its matrix $A_{b,a}$,
# $b\in\{1..n\}^l$, $a\in\{1..n\}^k$, must satisfy $A_{\sigma b,\sigma a}=A_{b,a}$: it is *constant on the orbits* of
# $S_n$ on $(k+l)$-tuples, and two tuples share an orbit exactly when the same of their entries are equal (Maron et al.
# 2019). Such a pattern of equalities is a partition of the $k+l$ slots into blocks, **one distinct node for each
# block**, so
#
# $$D(n, k+l) = \sum_{j=0}^{\min(n,\,k+l)} S(k+l,\,j),\qquad S(p+1,j)=j\,S(p,j)+S(p,j-1),\quad S(0,0)=1,$$
#
# with the Stirling numbers of the second kind, $S(p,0)=S(0,p)=0$ for $p>0$. For $n\ge k+l$ this is the Bell number, 15
# for maps between matrices; for smaller $n$ it is **less**. With channels, every pair of an input and an output channel
# has weights of its own, and each output channel has an equivariant bias, a constant tensor of order $l$ that
# permutations do not change. In code: $n$ is `n`, $k$ and $l$ are `k` and `l`, and `equivariant_dimension` is $D(n,k+l)$.
#
# *About 25 minutes, difficulty \*.*


# %% solution="dimension"
def equivariant_dimension(n: int, k: int, l: int) -> int:  # noqa: E741
    """Dimension of the space of S_n-equivariant linear maps from order-k to order-l tensors on n nodes.

    Args:
        n: number of nodes, n >= 1.
        k, l: orders of input and output, >= 0; order 0 is a scalar.

    Returns:
        An exact integer. The tests go up to k + l = 20, where it exceeds 10^13: beyond int32, and beyond float32's seven
        digits, so use Python's integers; and fill a table or cache, for the bare recursion calls itself 2^20 times.
        Example: n = 5, k = l = 1: 2, the identity and the matrix of ones. For n = 1 it is always 1.
    """
    ### BEGIN SOLUTION
    blocks = [1]  # S(p, 0), ..., S(p, p) for p = 0
    for _ in range(k + l):
        blocks = [j * old + fewer for j, (old, fewer) in enumerate(zip([*blocks, 0], [0, *blocks], strict=True))]
    return sum(blocks[: n + 1])
    ### END SOLUTION


def layer_weights(n: int, k: int, l: int, c_in: int, c_out: int) -> int:  # noqa: E741
    """Number of free parameters of an equivariant layer with channels and bias.

    Args:
        n, k, l: as above.
        c_in, c_out: channels before and after, >= 1.

    Returns:
        An exact integer. Example: DeepSets (k = l = 1, n >= 2) with one channel in and out has 3: two weights, one bias.
    """
    ### BEGIN SOLUTION
    return c_out * (c_in * equivariant_dimension(n, k=k, l=l) + equivariant_dimension(n, k=0, l=l))
    ### END SOLUTION


# %% check="dimension"
assert equivariant_dimension(5, 1, 1) == 2, "sets to sets: the identity and the sum over all"
assert equivariant_dimension(4, 2, 2) == 15, "graphs to graphs on 4 nodes: Bell(4) = 15"
assert equivariant_dimension(3, 2, 2) == 14, "on 3 nodes four slots cannot be all different: 14"
assert equivariant_dimension(7, 0, 0) == 1, "scalars to scalars: one number"
assert layer_weights(5, 1, 1, 1, 1) == 3, "two weights and one bias"
assert layer_weights(5, 1, 2, 3, 2) == 34, (
    "sets to graphs, 3 channels to 2: 5 weights for each of 6 pairs, and each output channel has a bias that is a graph: one "
    "value on the diagonal, one beside it. 32: the bias is taken for one number, or for a tensor of the input's order"
)

# %% [markdown]
# **Before you plot.** Left: the dimension against the number of nodes, where it stops growing. Right: two nodes only, and
# more and more slots. Without symmetry there are $2^{k+l}$ weights. By which factor does the symmetry reduce them, and
# what will the factor be for three nodes?

# %% tags=["demo"]
fig, (left, right) = panels(2, height=3.8)
nodes, slots = np.arange(1, 9), np.arange(1, 11)
for color, order, bell in zip(COLORS, [2, 3, 4, 5], [2, 5, 15, 52], strict=False):
    counts = [equivariant_dimension(int(n), 0, order) for n in nodes]
    left.plot(nodes, counts, "o", color=color, label=f"k + l = {order}")
    theory(left, [order, 8], [bell, bell], "theory: Bell numbers" if order == 5 else None)
    left.plot(nodes, nodes.astype(float) ** order, color=color, alpha=0.35, linewidth=1,
              label="no symmetry: $n^{k+l}$" if order == 5 else None)
finish(left, "Weights of an equivariant layer", "nodes n", "dimension", yscale="log", ylim=(0.8, 4000), xlim=(0.5, 13.5),
       xticks=nodes)
for color, n, factorial in zip(COLORS, [2, 3, 4], [2, 6, 24], strict=False):
    right.plot(slots, [equivariant_dimension(n, 0, int(p)) for p in slots], "o", color=color, label=f"n = {n}")
    theory(right, slots, n ** slots.astype(float) / factorial, r"theory: $n^{k+l}/n!$" if n == 4 else None)
finish(right, "Few nodes, many slots", "slots k + l", "dimension", yscale="log")

# %% [markdown]
# **Look again.** A layer that was trained on graphs of 20 nodes can be used on graphs of 30. What in the left plot
# says so, and what happens on graphs of 3 nodes: which weight is without effect there? On the right: what is the
# largest orbit of $S_n$, and why do the points lie on or above the dashed lines, never below?

# %% [markdown] instructor=true
# From n = k + l on the patterns are the same for all n. On 3 nodes the pattern "all four different" has no entries at
# all: its weight multiplies zero. An orbit has at most n! tuples, so there are at least n^(k+l) / n! orbits. For n =
# 2 every orbit has two: exactly 2^(k+l-1). For n = 3 it is (3^(k+l-1) + 1) / 2.

# %% [markdown] question="basis" points=4 minutes=30 difficulty="**"
# ## 9.2 The basis itself
#
# The count comes with a basis: one 0/1 matrix for each equality pattern $\gamma$ that $n$ nodes can realise,
#
# $$B^{\gamma}_{b,a} = \begin{cases}1 & \text{if } (b_1,\dots,b_l,a_1,\dots,a_k)\text{ has the pattern }\gamma\\
# 0&\text{else.}\end{cases}$$
#
# $(1,1,2)$ and $(7,7,4)$ have the same pattern, $(1,2,1)$ has another. "Equal where $\gamma$ says equal" is only half:
# entries in different blocks must *differ*, so that every pair $(b,a)$ belongs to exactly one pattern. Tuples are
# enumerated row by row, the last index fastest, as in `reshape`. Tensors of order $k$ become vectors of length $n^k$.
#
# *About 30 minutes, difficulty \*\*.*


# %% solution="basis"
def equivariant_basis(n: int, k: int, l: int) -> Float[Array, "dim out in"]:  # noqa: E741
    """All equality patterns as matrices: a basis of the S_n-equivariant maps from order-k to order-l tensors.

    Args:
        n: number of nodes, n >= 1.
        k, l: orders of input and output, >= 0; n^(k+l) is at most a few thousand.

    Returns:
        Shape (dim, n^l, n^k), entries 0 and 1 of any type, in any order of the patterns; patterns without entries are left
        out. (n^0 = 1: for k = l = 0 the shape is (1, 1, 1).)
        Example: n = 2, k = l = 1: [[1, 0], [0, 1]] and [[0, 1], [1, 0]].
    """
    ### BEGIN SOLUTION
    # Where each entry of a tuple appears first: two tuples have the same name if and only if they have the same pattern.
    names = [tuple(map(entries.index, entries)) for entries in np.ndindex(*(n,) * (l + k))]
    basis = [[name == pattern for name in names] for pattern in dict.fromkeys(names)]
    return jnp.array(basis, jnp.float32).reshape(len(basis), n**l, n**k)
    ### END SOLUTION


# %% check="basis"
pair = np.asarray(equivariant_basis(3, 1, 1))
assert pair.shape == (2, 3, 3), "two patterns for k = l = 1 on three nodes: equal, and different"
assert np.allclose(pair.sum(axis=0), 1), "each entry belongs to one pattern: entries of different blocks must differ"
assert np.shape(equivariant_basis(2, 2, 2)) == (8, 4, 4), "two nodes realise 8 of the 15 patterns; empty ones are left out"
assert np.shape(equivariant_basis(3, 2, 1)) == (5, 3, 9), "rows belong to the output (n^l), columns to the input (n^k)"

# %% [markdown]
# **Before you plot.** Fifteen matrices of size $16\times16$, for graphs of four nodes. One of them is the identity on
# matrices with zero diagonal, another one transposes them, a third one broadcasts the trace over the diagonal, less
# the node's own. How many entries has the largest one?

# %% tags=["demo"]
fifteen = np.asarray(equivariant_basis(4, 2, 2))
fifteen = fifteen[np.argsort(fifteen.sum(axis=(1, 2)), kind="stable")]
fig, axes = plt.subplots(3, 5, figsize=(9.5, 6.8), layout="constrained")
for ax, matrix in zip(axes.flat, fifteen, strict=True):
    entry = [int(e) for e in np.unravel_index(np.argmax(matrix), (4, 4, 4, 4))]  # one (b1, b2, a1, a2) of this pattern
    nodes_used = sorted(set(entry), key=entry.index)
    letters = "".join("ijkl"[nodes_used.index(e)] for e in entry)
    size = int(np.prod(4 - np.arange(len(nodes_used))))  # theory: n (n - 1) ..., a different node for each block
    ax.imshow(matrix, cmap="Blues", vmin=0, vmax=1.2)
    for line in (3.5, 7.5, 11.5):
        ax.axhline(line, color="0.8", linewidth=0.6)
        ax.axvline(line, color="0.8", linewidth=0.6)
    ax.set(xticks=[], yticks=[])
    ax.set_title(f"{letters[:2]},{letters[2:]}:  {int(matrix.sum())} (theory {size})", fontsize=9)
axes[1, 0].set_ylabel("output $(b_1, b_2)$")
axes[2, 2].set_xlabel("input $(a_1, a_2)$")
_ = fig.suptitle("The fifteen equivariant maps of graphs on four nodes, and their numbers of entries", fontsize=11)

# %% [markdown]
# **Look again.** Find the transposition and the identity (each without the diagonal). The fifteen pictures would tile
# one square without gaps or overlaps: what does this say about the inner products of the basis matrices?

# %% [markdown] instructor=true
# A pattern of j blocks has n (n-1) ... (n-j+1) entries: 4, 12, 24, 24 for n = 4, in 1, 7, 6, 1 patterns; together 256.
# Disjoint supports: the basis is orthogonal. Identity and transposition (off the diagonal) have 12 entries each.

# %% [markdown] question="projector" points=5 minutes=45 difficulty="***"
# ## 9.3 Invariants as projectors
#
# For other groups there is no such simple picture. But every question about equivariant linear maps is one about *invariant
# vectors*, and these are the image of the Reynolds operator, a matrix:
#
# $$P=\frac1{|G|}\sum_{g\in G}\rho(g),\qquad P^2=P,\qquad \rho(g)P=P,\qquad
# \dim\{v:\rho(g)v=v\ \ \forall g\}=\operatorname{tr}P .$$
#
# A group is handed to you by **generators**, a few matrices of whose products it consists (identity and inverses are
# among them, as the group is finite): one turn by $90^\circ$ stands for four elements, and a mean over generators alone
# is *not* $P$. For maps, $A\,\rho_\text{in}(g)=\rho_\text{out}(g)\,A$ says that the vector of all entries of $A$, row
# by row, is invariant under $\rho_\text{out}(g)\otimes\rho_\text{in}(g)^{-\top}$; the trace of *that* projector is the
# number of weights of an equivariant layer, and applied to any $A$ it gives the part of $A$ that commutes with the
# group, $\frac1{|G|}\sum_g\rho_\text{out}(g)^{-1}A\,\rho_\text{in}(g)$ (a sum over all $g$ is one over all $g^{-1}$).
# Matrices need not be orthogonal: then $P$ is not symmetric, and the *orthogonal* projector onto the invariant vectors
# is another matrix.
#
# *About 45 minutes, difficulty \*\*\*.*


# %% solution="projector"
def invariant_projector(generators: Float[Array, "count n n"]) -> Float[Array, "n n"]:
    """The Reynolds operator, as a matrix, of the finite group that some matrices generate.

    Args:
        generators: one or more invertible matrices, float32. The group consists of all their products, of any length; it
            has at most 200 elements, and two different ones differ by 0.5 at least in some entry. The tests' matrices
            are exact in float32; those of your own experiments (a third of a turn, say) may be off in the last digit.

    Returns:
        P, shape (n, n): the mean of all elements of the group, each counted once. Entries may be off by 1e-4, or by 1e-4
        of the largest entry of P if that is above 1.
        Example: the quarter turn [[[0, -1], [1, 0]]] gives [[0, 0], [0, 0]];
        the exchange [[[0, 1], [1, 0]]] gives [[0.5, 0.5], [0.5, 0.5]].
    """
    ### BEGIN SOLUTION
    moved = np.asarray(generators, np.float64).mean(axis=0)  # a mean leaves v alone only if every generator does
    moved[np.diag_indices_from(moved)] -= 1.0
    vectors, functionals = scipy.linalg.null_space(moved, 1e-5), scipy.linalg.null_space(moved.T, 1e-5)  # g v = v, w g = w
    return vectors @ np.linalg.solve(functionals.T @ vectors, functionals.T)  # fixes vectors, keeps what functionals see
    ### END SOLUTION


def equivariant_part(
    A: Float[Array, "m n"], generators_in: Float[Array, "count n n"], generators_out: Float[Array, "count m m"]
) -> Float[Array, "m n"]:
    """The mean of rho_out(g)^-1 A rho_in(g) over the group: the Reynolds operator, applied to a matrix.

    Args:
        A: any matrix, float32.
        generators_in, generators_out: rho_in and rho_out of the same generators, in the same order; invertible, float32.
            The group consists of the pairs (rho_in(g), rho_out(g)): at most 200, and two different pairs differ by 0.5 at
            least in some entry of one matrix or the other. The other one may be equal: pair them first, then multiply.

    Returns:
        The part of A that commutes with the group, shape (m, n). Entries may be off by 1e-4, or by 1e-4 of the largest.
        Example: A = [[1, 2], [0, 5]], quarter turns before and after: [[3, 1], [-1, 3]].
    """
    ### BEGIN SOLUTION
    pairs = zip(np.asarray(generators_in, np.float64), np.asarray(generators_out, np.float64), strict=True)
    on_maps = np.stack([np.kron(after, np.linalg.inv(before).T) for before, after in pairs])
    return (invariant_projector(on_maps) @ np.ravel(A)).reshape(A.shape)
    ### END SOLUTION


# %% check="projector"
quarter = jnp.array([[[0.0, -1.0], [1.0, 0.0]]])
assert np.allclose(invariant_projector(quarter), 0, atol=1e-4), (
    "no vector survives all quarter turns. Not 0: is the group closed? It has four elements, one generator"
)
swap = jnp.array([[[0.0, 1.0], [1.0, 0.0]]])
assert np.allclose(invariant_projector(swap), 0.5, atol=1e-4), "the identity belongs to the group, too: (1 + swap) / 2"
skew_mirror = jnp.array([[[1.0, 1.0], [0.0, -1.0]]])
assert np.allclose(invariant_projector(skew_mirror), [[1.0, 0.5], [0.0, 0.0]], atol=1e-4), (
    "a mirror that is not orthogonal: P = (1 + g) / 2 is not symmetric. [[1, 0], [0, 0]] is the orthogonal projector"
)
mirrors = jnp.array([[[1.0, 0.0], [0.0, -1.0]], [[-1.0, 0.0], [0.0, 1.0]]])
assert np.allclose(invariant_projector(mirrors), 0, atol=1e-4), (
    "two mirrors, one across each axis: no vector survives both. [[0.33, 0], [0, 0.33]]: products of *different* generators "
    "belong to the group, too, not only the powers of each"
)
part = jnp.asarray(equivariant_part(jnp.array([[1.0, 2.0], [0.0, 5.0]]), quarter, quarter))
assert np.allclose(part, [[3.0, 1.0], [-1.0, 3.0]], atol=1e-3), (
    "what commutes with quarter turns is a I + b J. [[3, -1], [1, 3]]: the entries of A are taken column by column; "
    "[[0, 0], [0, 0]]: input and output are averaged apart, but one element acts on both at once"
)
sign = jnp.array([[[1.0, 0.0], [0.0, -1.0]]])
assert np.allclose(equivariant_part(jnp.array([[1.0, 3.0], [4.0, 0.0]]), swap, sign), [[2.0, 2.0], [2.0, -2.0]], atol=1e-3), (
    "an exchange before, a sign after: [[2, 2], [2, -2]]. [[2.5, 1.5], [2.5, -1.5]]: input and output have exchanged their "
    "roles, as they do when the entries of A are taken column by column"
)

# %% [markdown]
# **Before you plot.** Multiply random generators, "stay" among them: a random walk on the group. The mean matrix $M$
# of one step is known without enumerating the group, and $M^t$ tends to $P$. How fast? (Which eigenvalue of $M$ decides?)

# %% tags=["demo"]
def walk_generators(n):
    """A transposition of two neighbours and a cyclic shift: they generate S_n."""
    exchange = np.eye(n)
    exchange[[0, 1]] = exchange[[1, 0]]
    return np.stack([exchange, np.roll(np.eye(n), 1, axis=0)])


fig, (left, right) = panels(2)
steps = np.arange(0, 61)
for color, n in zip(COLORS, [3, 4, 5], strict=False):
    pair = walk_generators(n)
    P = np.asarray(invariant_projector(pair))
    M = (np.eye(n) + pair.sum(axis=0)) / 3
    M = (M + M.T) / 2  # each step as likely as its inverse
    errors = [np.linalg.norm(np.linalg.matrix_power(M, int(t)) - P, 2) for t in steps]
    left.plot(steps, errors, "o", color=color, ms=3, label=f"$S_{n}$")
    second = np.sort(np.abs(np.linalg.eigvalsh(M)))[-2]
    theory(left, steps, second**steps, r"theory: $|\lambda_2|^t$" if n == 5 else None)
finish(left, "A random walk finds the projector", "steps t", r"$\|M^t-P\|$", yscale="log", ylim=(1e-7, 2))
orders = np.arange(0, 5)
for color, n in zip(COLORS, [2, 3, 4], strict=False):
    traces = []
    for order in orders:
        power = np.ones((2, 1, 1))
        for _ in range(order):
            power = np.stack([np.kron(a, b) for a, b in zip(power, walk_generators(n), strict=True)])
        traces.append(float(np.trace(np.asarray(invariant_projector(power)))))
    right.plot(orders, traces, "o", color=color, label=f"n = {n}")
    fixed = [sum(sigma[i] == i for i in range(n)) for sigma in itertools.permutations(range(n))]
    theory(right, orders, [np.mean([float(f) ** order for f in fixed]) for order in orders],
           "theory: mean of (fixed points)$^p$" if n == 4 else None)
finish(right, "Invariant tensors of $S_n$", "order p", r"tr $P$", xticks=orders)

# %% [markdown]
# **Look again.** At orders 3 and 4 the groups part. By how many, and which patterns of 9.2 are missing? The dashed line on
# the right never multiplies two matrices: why is the trace of $P$ a mean over fixed points? On the left: why does the walk
# slow down for larger $n$, although a step costs the same?

# %% [markdown] instructor=true
# 4, 5, 5 and 8, 14, 15: two nodes realise partitions of at most two blocks. tr P is the mean of tr rho(g), and a
# permutation's trace on order-p tensors is (number of its fixed points)^p: Burnside's lemma. The gap 1 - lambda_2 falls as
# 1/n^2 for the shift: information travels from node to neighbour.

# %% [markdown] question="steerable" points=4 minutes=35 difficulty="***"
# ## 9.4 Steerable kernels
#
# Now a continuous group. Features on the plane transform at each point under rotations by $\theta$ with a whole number
# $m\ge0$ as frequency: a scalar stays, $\rho_0(\theta)=1$, and for $m>0$
#
# $$\rho_m(\theta)=\begin{pmatrix}\cos m\theta&-\sin m\theta\\ \sin m\theta&\cos m\theta\end{pmatrix}.$$
#
# A convolution kernel from frequency $m$ to frequency $n$ must satisfy, at each radius $r>0$ (Weiler and Cesa 2019),
#
# $$K(\varphi+\theta)=\rho_n(\theta)\,K(\varphi)\,\rho_m(\theta)^{-1}\quad\text{for all }\varphi,\theta;$$
#
# $\varphi$ is the angle in the plane. The radial profile is free, so the angular part is all there is to find. Let
# $d_0=1$ and $d_m=2$ else. The dimension is $d_m d_n$: look for the one line that proves it. In code: `m` is the
# frequency of the *input*, `n` that of the *output*, the angles $\varphi$ are `phi`.
#
# *About 35 minutes, difficulty \*\*\*.*


# %% solution="steerable"
def steerable_basis(m: int, n: int, phi: Float[Array, " angles"]) -> Float[Array, "dim angles d_n d_m"]:
    """A basis of the angular parts of SO(2)-steerable kernels, at given angles.

    Args:
        m, n: frequencies of input and output, whole numbers from 0 to 5.
        phi: angles in radians, float32, any number of them, in no order, at most 10 in absolute value.

    Returns:
        Shape (d_m d_n, angles, d_n, d_m), the solutions whose K(0) has a single entry 1, row by row: for d_m = d_n = 2
        at (0, 0), (0, 1), (1, 0), (1, 1).
        Example: m = 0, n = 1: (cos phi, sin phi)^T and (-sin phi, cos phi)^T. For m = n = 0: the constant 1.
    """
    ### BEGIN SOLUTION
    def rho(frequency):
        if frequency == 0:
            return jnp.ones((len(phi), 1, 1))
        c, s = jnp.cos(frequency * phi), jnp.sin(frequency * phi)
        return jnp.moveaxis(jnp.array([[c, -s], [s, c]]), -1, 0)

    d_n, d_m = min(n, 1) + 1, min(m, 1) + 1
    at_zero = jnp.eye(d_n * d_m).reshape(-1, d_n, d_m)  # K(0) may be any matrix: it is turned to all other angles
    return jnp.einsum("pij,bjk,plk->bpil", rho(n), at_zero, rho(m))
    ### END SOLUTION


# %% check="steerable"
two_angles = jnp.array([0.0, 0.5])
assert np.shape(steerable_basis(0, 1, two_angles)) == (2, 2, 2, 1), "(d_m d_n, angles, d_n, d_m): rows are the output"
assert np.shape(steerable_basis(1, 2, two_angles)) == (4, 2, 2, 2), "between two frequencies > 0 there are four solutions"
assert np.allclose(np.asarray(steerable_basis(1, 2, two_angles))[:, 0], np.eye(4).reshape(4, 2, 2), atol=1e-5), (
    "at angle 0 solution number u has its single 1 at place u, row by row: (0, 0), (0, 1), (1, 0), (1, 1)"
)
vector = np.asarray(steerable_basis(0, 1, two_angles))
turn = lambda angle: np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
assert np.allclose(vector[:, 1], turn(0.5) @ vector[:, 0], atol=1e-5), "K(0.5) = rho_n(0.5) K(0) for m = 0: counter-clockwise"
between = np.asarray(steerable_basis(1, 2, jnp.array([0.3, 0.8])))
assert np.allclose(between[:, 1] @ turn(0.5), turn(1.0) @ between[:, 0], atol=1e-4), (
    "m = 1, n = 2, theta = 0.5, phi = 0.3: the constraint fails. Does the *output* (n, rows) turn twice as fast as the *input* "
    "(m, columns), does the input turn at all, and is its rotation inverted?"
)

# %% [markdown]
# **Before you plot.** Each entry of $K(\varphi)$ is a sum of sines and cosines of $\varphi$. Of which frequencies,
# for $m=1$, $n=3$?

# %% tags=["demo"]
fig, (left, right) = panels(2)
ring = jnp.arange(64) * 2 * jnp.pi / 64
for color, (m, n) in zip(COLORS, [(0, 2), (1, 1), (1, 3), (2, 3)], strict=False):
    kernels = np.asarray(steerable_basis(m, n, ring))
    power = (np.abs(np.fft.rfft(kernels, axis=1)) ** 2).sum(axis=(0, 2, 3))
    power[1:] *= 2  # frequencies below 0 are not listed: they carry as much
    place = COLORS.index(color)
    left.bar(np.arange(8) + 0.18 * (place - 1.5), power[:8] / power.sum(), width=0.17, color=color, label=f"m = {m}, n = {n}")
    for frequency in {abs(n - m), n + m}:
        left.plot([frequency + 0.18 * (place - 1.5)], [1.0 if m == 0 else 0.5], "_", color="#1a1a1a", ms=9, mew=2,
                  label=r"theory: $|n\pm m|$" if (m, n) == (2, 3) and frequency == 1 else None)
finish(left, "Frequencies in the kernels", "angular frequency", "share of power", ylim=(0, 1.35), xticks=range(8))

side = np.linspace(-2.4, 2.4, 13)
px, py = np.meshgrid(side, side)
field = np.asarray(steerable_basis(0, 1, jnp.array(np.arctan2(py, px).ravel())))
profile = np.exp(-((np.hypot(px, py) - 1.4) ** 2) / 0.3).ravel()
for color, kernel, name in zip(COLORS, field, ["first", "second"], strict=False):
    right.quiver(px.ravel(), py.ravel(), profile * kernel[:, 0, 0], profile * kernel[:, 1, 0], color=color, scale=14, width=0.006,
                 label=f"{name} basis kernel")
right.set_aspect("equal")
finish(right, "Scalar to vector, with a ring as profile", "x", "y", ylim=(-2.6, 3.6))

# %% [markdown]
# **Look again.** The two kernels of the right-hand plot compute, of a scalar image, something like the gradient and
# the gradient turned by a right angle. Which of them survives if reflections are symmetries, too?

# %% [markdown] instructor=true
# |n - m| and n + m, half of the power each. Under reflections (vectors are mirrored as vectors, scalars stay) only the
# radial field survives; the turned one is a pseudovector's.

# %% [markdown] question="what_averaging_gains" points=4 minutes=30 difficulty="**" written=true
# ## 9.5 What averaging gains
#
# A finite group $G$ acts on inputs by $\rho_\text{in}$ and on outputs by *orthogonal* matrices $\rho_\text{out}$. Let
# $x$ be drawn from a distribution that is invariant, $\rho_\text{in}(g)x\sim x$, and let
# $\langle f,h\rangle=\mathbb E\,f(x)^\top h(x)$, $(U_gf)(x)=\rho_\text{out}(g)^{-1}f(\rho_\text{in}(g)x)$,
# $\mathcal R=\frac1{|G|}\sum_gU_g$. (a) Show that each $U_g$ preserves $\langle\cdot,\cdot\rangle$ and that
# $\mathcal R$ is the *orthogonal* projection onto equivariant maps. (b) The target $h$ is equivariant, $y=h(x)+\xi$
# with noise $\xi$ of mean 0, independent of $x$, and risk is $\mathbb E\lVert y-f(x)\rVert^2$. By how much is the risk
# of $\mathcal Rf$ smaller than that of $f$? (c) Show that
# $\frac1{|G|}\sum_g\lVert U_gf-f\rVert^2=2\lVert f-\mathcal Rf\rVert^2$, and conclude that the relative equivariance error
# is at most $\sqrt2$. When is it reached?

# %% [markdown] solution="what_averaging_gains"
# (a) $\langle U_gf,U_gh\rangle=\mathbb E\,f(\rho_\text{in}(g)x)^\top\rho_\text{out}(g)\rho_\text{out}(g)^\top
# h(\rho_\text{in}(g)x)=\langle f,h\rangle$, first because the output matrices are orthogonal, then because
# $\rho_\text{in}(g)x\sim x$. So $U_g^\ast=U_g^{-1}$. Since $U_gU_h=U_{hg}$ and multiplication permutes the group,
# $U_h\mathcal R=\mathcal R$: every $\mathcal Rf$ is equivariant ($U_gf=f$ for all $g$), and if $f$ is, $\mathcal Rf=f$.
# Hence $\mathcal R^2=\mathcal R$ with the equivariant maps as image. $\mathcal R^\ast=\frac1{|G|}\sum_gU_g^{-1}
# =\mathcal R$, because inversion permutes the group, too: the projection is orthogonal.
#
# (b) The noise contributes the same to both. $h-f=(h-\mathcal Rf)-(f-\mathcal Rf)$; the first is equivariant, the second
# orthogonal to all equivariant maps. By Pythagoras the risk of $f$ exceeds that of $\mathcal Rf$ by exactly
# $\lVert f-\mathcal Rf\rVert^2\ge0$ (Elesedy and Zaidi 2021).
#
# (c) $\lVert U_gf-f\rVert^2=2\lVert f\rVert^2-2\langle U_gf,f\rangle$. The mean over $g$ is
# $2\lVert f\rVert^2-2\langle\mathcal Rf,f\rangle=2(\lVert f\rVert^2-\lVert\mathcal Rf\rVert^2)=2\lVert
# f-\mathcal Rf\rVert^2$. Multiplying the gap by the orthogonal $\rho_\text{out}(g)$ does not change its length, so the
# squared relative error is $2\lVert f-\mathcal Rf\rVert^2/\lVert f\rVert^2\le2$, with equality if and only if
# $\mathcal Rf=0$: nothing of $f$ is equivariant.

# %% [markdown] rubric="what_averaging_gains"
# * **1 point** (a) isometry, with *both* assumptions used (orthogonal output matrices, invariant distribution).
# * **1 point** (a) $\mathcal R$ is idempotent with the right image **and** self-adjoint. Half if only one.
# * **1 point** (b) orthogonality of $h-\mathcal Rf$ and $f-\mathcal Rf$, gap $\lVert f-\mathcal Rf\rVert^2$. Half
#   for convexity (Jensen), which gives the sign and not the size.
# * **1 point** (c) the computation, the bound, and the case of equality $\mathcal Rf=0$. Half without the last.

# %% [markdown] question="steerable_in_practice" points=4 minutes=40 difficulty="**" written=true
# ## 9.6 From angles to filters
#
# Kernels as in 9.4, from frequency $m$ to frequency $n$. (a) Prove that the solutions are a space of dimension
# $d_md_n$ (two directions: how many are there at most, and why is each of them one?), and find the angular
# frequencies in their entries for $m,n>0$. *Hint: read $\mathbb R^2$ as $\mathbb C$; every real $2\times2$ matrix is
# a map $z\mapsto\alpha z+\beta\bar z$.* (b) Let the reflection $s:\varphi\mapsto-\varphi$ be a symmetry, too, acting
# on features by $\rho_0(s)=1$ and $\rho_m(s)=\mathrm{diag}(1,-1)$: $K(-\varphi)=\rho_n(s)K(\varphi)\rho_m(s)^{-1}$.
# How many of the solutions remain, for each kind of pair $(m,n)$? (c) A filter has a centre, where all angles meet.
# Which matrices may stand there, and which of the kernels must vanish at the centre? (d) The outer ring of a
# $3\times3$ filter has eight pixels, at multiples of $45^\circ$. Which angular frequencies, of either sign, can they
# tell apart, and what does this say about $m$ and $n$?

# %% [markdown] solution="steerable_in_practice"
# (a) At $\varphi=0$ the constraint reads $K(\theta)=\rho_n(\theta)K(0)\rho_m(\theta)^{-1}$: a solution is determined
# by the matrix $K(0)$, so there are at most $d_nd_m$ independent ones. Conversely, take *any* matrix for $K(0)$ and
# define $K$ by this formula. It has period $2\pi$, because frequencies are whole numbers, and
# $K(\varphi+\theta)=\rho_n(\theta)\rho_n(\varphi)K(0)\rho_m(\varphi)^{-1}\rho_m(\theta)^{-1}$, which is
# $\rho_n(\theta)K(\varphi)\rho_m(\theta)^{-1}$ because $\rho$ is a homomorphism. Nothing restricts $K(0)$, because no
# rotation but the identity fixes a point of the circle. With $K(0)z=\alpha z+\beta\bar z$,
# $K(\varphi)z=e^{in\varphi}\bigl(\alpha e^{-im\varphi}z+\beta e^{im\varphi}\bar z\bigr)$: frequencies $n-m$ (two
# solutions) and $n+m$ (two).
#
# (b) At $\varphi=0$: $K(0)=\rho_n(s)K(0)\rho_m(s)^{-1}$. That is enough, because
# $\rho(s)\rho(\varphi)\rho(s)^{-1}=\rho(-\varphi)$:
# $\rho_n(s)K(\varphi)\rho_m(s)^{-1}=\rho_n(-\varphi)\,\rho_n(s)K(0)\rho_m(s)^{-1}\,\rho_m(-\varphi)^{-1}=K(-\varphi)$.
# Entry $(i,j)$ of $K(0)$ is multiplied by the signs of row and column. $m=n=0$: 1 of 1 remains. One of them 0: 1 of
# 2, the entry of the first component. Both positive: the diagonal, 2 of 4.
#
# (c) A rotation leaves the centre where it is, so $K_\text{centre}=\rho_n(\theta)K_\text{centre}\rho_m(\theta)^{-1}$
# for all $\theta$: a map that commutes with rotations. For $m\ne n$ only 0; for $m=n=0$ any number; for $m=n>0$ the
# two matrices $aI+bJ$. These are the kernels of angular frequency 0. All others, of frequency $n\pm m\ne0$, have no
# value at the centre that is the same from all sides, and a continuous kernel must vanish there (smooth ones as
# $r^{|n\pm m|}$).
#
# (d) At $\varphi=j\pi/4$, $e^{if\varphi}$ depends on $f$ modulo 8 only: the eight pixels know the signed frequencies
# $-3,\dots,4$ and no others, and $4$ is the same as $-4$ (its sine is 0 at all pixels, so nothing says which way it
# turns). Frequencies up to 3 are told apart from all others, so $n+m\le3$ is safe. At $n+m=4$ the sense of rotation
# is lost, and beyond, the kernel is the same as one of frequency $8-(n+m)$ that turns the *other* way: sampled, a
# scalar-to-$5$ kernel is a mirrored scalar-to-$3$ kernel. It obeys the constraint at multiples of $45^\circ$ and
# breaks it between them. Higher frequencies need larger filters.

# %% [markdown] rubric="steerable_in_practice"
# * **1 point** (a): both directions (determined by $K(0)$; every $K(0)$ gives a solution), and $n\pm m$. Half if one of these is
#   missing.
# * **1 point** (b): the condition on $K(0)$, shown to be sufficient, and the numbers 1, 1, 2. Half for the numbers without
#   the reason why $\varphi=0$ is enough.
# * **1 point** (c): the centre's matrix commutes with rotations; 0 unless $m=n$; what has frequency other than 0 vanishes.
#   Half if the case $m=n>0$ has one matrix in place of two.
# * **1 point** (d): frequencies are known modulo 8 ($f$ looks like $f-8$), and the bound $n+m\le3$ ($n+m\le4$ is accepted
#   with or without the remark on the lost sign). Half for "high frequencies need large filters" without a number.
