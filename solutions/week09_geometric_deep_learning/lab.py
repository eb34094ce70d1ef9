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
# # Week 9 lab: Geometric deep learning
#
# A symmetry that you know is data that you need not collect. Today you first *measure* how far a map is from
# respecting a group, then make any map respect it by averaging, then build it in: convolution over rotations, a
# layer on point clouds that knows all of Euclid's group, and finally a trick that averages over an infinite group with
# a handful of evaluations.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 1 | How broken is a symmetry? | 2 | 15 | * |
# | 2 | The Reynolds operator | 3 | 15 | * |
# | 3 | Lifting an image to C4 | 3 | 15 | ** |
# | 4 | Convolution on the group | 4 | 30 | *** |
# | 5 | An E(n)-equivariant layer | 4 | 30 | ** |
# | 6 | Averaging over frames | 4 | 30 | *** |
#
# **How to work.** Each function gets all it needs as arguments, so you can do the questions in any order. After each
# one run its `grader.check`: it catches the usual slip; hidden tests then look more closely. Write your predictions
# down before you plot. NumPy or JAX, loops or `einsum`: every correct style is accepted, by the tests and by the plots.
#
# **Conventions.** A finite group $G$ acts linearly. A representation is a stack `rho` of shape `(order, n, n)`, one
# invertible matrix per group element; `rho_in[g]` and `rho_out[g]` belong to the *same* element $g$. The matrices need
# not be orthogonal. A map $f$ is **equivariant** if $f(\rho_\text{in}(g)\,x)=\rho_\text{out}(g)\,f(x)$ for all $g$
# and $x$, and invariant if moreover every $\rho_\text{out}(g)$ is the identity matrix. Everything is float32. Functions
# that you are given, `f` and `phi_e` say, take NumPy and JAX arrays, and can be called one by one or under `jax.vmap`.

# %%
from course_lib.checks import open_checks

grader = open_checks("week09/lab")

# %%
import itertools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Array, Float

from course_lib.data import digits
from course_lib.plots import COLORS, finish, panels, theory

# %% [markdown]
# Two groups to play with, ready-made: rotations of the plane by multiples of $2\pi/k$, and all permutations of $n$
# coordinates. `tabulate` is for the plots only: it lets question 1 measure your other functions, however you write them.


# %%
def rotations(order: int) -> Float[Array, "order 2 2"]:
    """The cyclic group of rotations of the plane, counter-clockwise, by 0, 1, ... steps of 2 pi / order."""
    angle = 2 * jnp.pi * jnp.arange(order) / order
    return jnp.moveaxis(jnp.array([[jnp.cos(angle), -jnp.sin(angle)], [jnp.sin(angle), jnp.cos(angle)]]), -1, 0)


def permutations(n: int) -> Float[Array, "order n n"]:
    """All n! permutation matrices, P e_j = e_sigma(j)."""
    return jnp.array([np.eye(n)[:, list(sigma)] for sigma in itertools.permutations(range(n))], dtype=jnp.float32)


def tabulate(f: Callable, points: Float[Array, "count n"]) -> Callable:
    """f as a table of its values at these points; of any other vector, the value at the nearest point.

    JAX code is called once, under `jax.vmap`; NumPy code, which `vmap` cannot trace, point by point.
    """
    points = np.asarray(points)
    try:
        values = np.asarray(jax.vmap(f)(jnp.asarray(points)))
    except (TypeError, ValueError, IndexError):  # tracers are no numbers: NumPy, float() and `if` refuse them
        values = np.array([f(v) for v in points])

    def look_up(v):
        traced = isinstance(v, jax.core.Tracer)
        v, table = (v, jnp.asarray(values)) if traced else (np.asarray(v), values)
        return table[((points - v) ** 2).sum(axis=-1).argmin()]

    return look_up


# %% [markdown] question="equivariance_error" points=2 minutes=15 difficulty="*"
# ## 1. How broken is a symmetry?
#
# "My network is rotation equivariant" is a claim, and a claim wants a number. Padding, strides, a forgotten bias or an
# interpolation break symmetries silently; what tells you is the *relative equivariance error* over the group and over
# data $x_1,\dots,x_B$:
#
# $$\varepsilon(f) = \sqrt{\frac{\frac1{|G|\,B}\sum_{g\in G}\sum_{i=1}^B
# \bigl\lVert f(\rho_\text{in}(g)\,x_i)-\rho_\text{out}(g)\,f(x_i)\bigr\rVert^2}
# {\frac1B\sum_{i=1}^B\lVert f(x_i)\rVert^2}} .$$
#
# Here $f$ is `f`, a function of **one** vector; $\rho_\text{in}$, $\rho_\text{out}$ are `rho_in`, `rho_out`, and
# the data $x_i$ are the rows of `x`. Numerator and denominator are averaged *before* they are divided: one example
# with a small $f(x_i)$ must not decide everything.
#
# *About 15 minutes, difficulty \*, 2 points.*


# %% solution="equivariance_error"
def equivariance_error(
    f: Callable,
    rho_in: Float[Array, "order n n"],
    rho_out: Float[Array, "order m m"],
    x: Float[Array, "batch n"],
) -> Float[Array, ""]:
    """Relative equivariance error of f over a finite group and a batch, root mean square.

    Args:
        f: a function from one vector (n,) to one vector (m,).
        rho_in, rho_out: the matrices before and after f, in the same order. Average over all that are given, the identity
            too; that they form a group is not needed (the plots use single rotations).
        x: one example per row, float32; f does not vanish on all of them.

    Returns:
        A number >= 0, an array of shape () or a float; zero, up to rounding, if and only if f is equivariant on this data.
        Example: f(v) = v + (1, 0), both representations rotations(2), the identity and -identity, x = [[1, 0]]:
        f(x) = (2, 0) and f(-x) = (0, 0), so the squared gaps are 0 and 4, the error is sqrt((0 + 4) / 2 / 4) = 0.707107.
    """
    ### BEGIN SOLUTION
    y = jax.vmap(f)(x)
    moved_first = jax.vmap(jax.vmap(f))(jnp.einsum("gab,ib->gia", rho_in, x))
    moved_last = jnp.einsum("gab,ib->gia", rho_out, y)
    gap = jnp.diff(jnp.stack([moved_first, moved_last]), axis=0)
    return jnp.sqrt((gap**2).sum(axis=-1).mean() / (y**2).sum(axis=-1).mean())
    ### END SOLUTION


# %% check="equivariance_error"
half_turn = rotations(2)
pushed = equivariance_error(lambda v: v + jnp.array([1.0, 0.0]), half_turn, half_turn, jnp.array([[1.0, 0.0]]))
assert abs(float(pushed) - 0.707107) < 1e-4, (
    "f(v) = v + (1, 0): the error is sqrt((0 + 4)/2 / 4) = 0.7071. 0.5: the root is missing, or gaps are averaged unsquared; "
    "1: the mean is over all elements, the identity too; 1.41: not divided by |f|^2"
)
two_sizes = equivariance_error(lambda v: v + jnp.array([1.0, 0.0]), half_turn, half_turn, jnp.array([[1.0, 0.0], [3.0, 0.0]]))
assert abs(float(two_sizes) - 0.447214) < 1e-4, (
    "two examples, |f|^2 = 4 and 16: average the squared gaps and the |f|^2, then divide: 0.4472. "
    "0.559: each example is divided by its own |f|^2"
)
quarter = rotations(4)
turn_then_square = equivariance_error(lambda v: 2.0 * quarter[1] @ v, quarter, quarter, jnp.array([[1.0, 2.0]]))
assert abs(float(turn_then_square)) < 1e-5, (
    "rotations of the plane commute, so a quarter turn times 2 is equivariant: does the group act on the output, too, "
    "and in the same sense? (A transposed matrix turns back)"
)

# %% [markdown]
# **Predict.** A convolution with a kernel of five weights on a signal of $n$ samples; the group is that of the $n$
# cyclic shifts. With periodic boundaries the error is 0. With *zero padding* the two ends go wrong. How does the
# error fall with $n$: as $1/n$, as $1/\sqrt n$, or not at all?


# %% tags=["demo"]
def convolution_matrix(kernel, n, periodic):
    """Matrix of y_i = sum_k kernel[k + 2] x_{i+k}, k = -2..2, on n samples, periodic or with zeros beyond the ends."""
    matrix = np.zeros((n, n), dtype=np.float32)
    for i in range(n):
        for offset in range(-2, 3):
            if periodic or 0 <= i + offset < n:
                matrix[i, (i + offset) % n] += kernel[offset + 2]
    return matrix


kernel = np.array([0.5, -1.0, 1.5, 0.7, -0.6])
lengths = np.array([8, 16, 32, 64, 128])
measured = {True: [], False: []}
for n in lengths:
    shifts = jnp.array([np.roll(np.eye(n), s, axis=0) for s in range(n)], dtype=jnp.float32)
    noise = jax.random.normal(jax.random.key(int(n)), (30, int(n)))
    for periodic in (True, False):
        A = convolution_matrix(kernel, int(n), periodic)
        measured[periodic].append(float(equivariance_error(lambda v, A=A: A @ v, shifts, shifts, noise)))
reach = np.abs(np.arange(-2, 3))
exact = [np.sqrt(2 * np.sum(kernel**2 * (n - reach) * reach / n) / np.sum(kernel**2 * (n - reach))) for n in lengths]
fig, ax = panels(1, width=5.6, height=3.6)
ax.plot(lengths, measured[False], "o", color=COLORS[1], label="zero padding")
ax.plot(lengths, measured[True], "s", color=COLORS[0], label="periodic")
theory(ax, lengths, exact, r"theory: exact, about $\sqrt{2\langle |k|\rangle/n}$")
finish(ax, "What zero padding costs", "samples n", "equivariance error", xscale="log", yscale="log", ylim=(1e-9, 2))

# %% [markdown]
# **Reflect.** The periodic convolution is equivariant, yet its measured error is not 0. What number does it stop at, and
# where does this number come from? How many samples would you need for a padding error of 1 %? (In the label
# $\langle|k|\rangle$ is the mean reach of the weights $k=-2..2$, weighted by their squares.)

# %% [markdown] instructor=true
# White noise: the error is 2 (|A|^2 - |QA|^2) / |A|^2 in squared Frobenius norms, QA the average over shifts. Diagonal
# k of the padded matrix has n - |k| entries a_k and |k| zeros: |A|^2 = sum a_k^2 (n - |k|), |QA|^2 =
# sum a_k^2 (n - |k|)^2 / n. For large n: sqrt(2 <|k|> / n) with <|k|> weighted by a_k^2, here 0.62: 1 % needs about
# 12 500 samples. The floor near 3e-8 is float32 rounding: sums come in another order.

# %% [markdown] question="reynolds" points=3 minutes=15 difficulty="*"
# ## 2. The Reynolds operator
#
# Every map becomes equivariant when it is averaged over the group: undo at the output what was done at the input
# (Reynolds averaged turbulent flows like this in 1895; Hilbert made invariants so, in 1890). For any $f$,
#
# $$(\mathcal R f)(x) = \frac1{|G|}\sum_{g\in G}\rho_\text{out}(g)^{-1}\,f\bigl(\rho_\text{in}(g)\,x\bigr).$$
#
# It is a *projection*: what is equivariant already stays as it is. The symbols are `f`, `rho_in`, `rho_out` as in
# question 1, and your function returns a **function**. Substitute $x\to\rho_\text{in}(h)\,x$ on paper and see why the
# inverse has to be there, and why with a *sum* it would be no projection. The matrices need not be orthogonal: what does
# that say about transposes?
#
# *About 15 minutes, difficulty \*, 3 points.*


# %% solution="reynolds"
def reynolds(f: Callable, rho_in: Float[Array, "order n n"], rho_out: Float[Array, "order m m"]) -> Callable:
    """The equivariant part of f: its average over a finite group.

    Args:
        f: a function from one vector (n,) to one vector (m,).
        rho_in, rho_out: the matrices before and after f, in the same order; invertible, float32. Average over those that are
            given and invert them as matrices: the plots also give part of a group, without the inverse elements.

    Returns:
        A function from one vector (n,) to one vector (m,).
        Example: f(v) = v + (1, 0), both representations rotations(2): the average is v -> v.
        With the same rho_in, rho_out = ones of shape (2, 1, 1) and f(v) = [v_0 + v_1^2] it is v -> [v_1^2].
    """
    ### BEGIN SOLUTION
    undo = jnp.linalg.inv(rho_out)

    def averaged(x):
        moved = jnp.einsum("gab,b->ga", rho_in, x)
        return jnp.einsum("gab,gb->a", undo, jax.vmap(f)(moved)) / len(rho_in)

    return averaged
    ### END SOLUTION


# %% check="reynolds"
at = jnp.array([3.0, 2.0])
even_part = reynolds(lambda v: v[:1] + v[1:] ** 2, rotations(2), jnp.ones((2, 1, 1)))
assert np.shape(even_part(at)) == (1,), "reynolds returns a function, and that function returns a vector (m,)"
assert abs(float(even_part(at)[0]) - 4.0) < 1e-4, "the average of v0 + v1^2 over v -> -v is v1^2 = 4. 8: a sum, no mean"
third = rotations(3)
linear_part = reynolds(lambda v: jnp.array([[1.0, 2.0], [0.0, 5.0]]) @ v, third, third)
assert np.allclose(linear_part(jnp.array([1.0, 0.0])), [3.0, -1.0], atol=1e-4), (
    "what commutes with rotations is a I + b J: here a = 3, b = -1. Undo at the output what you did at the input"
)
skew_mirror = jnp.array([[[1.0, 0.0], [0.0, 1.0]], [[1.0, 1.0], [0.0, -1.0]]])
constant_part = reynolds(lambda v: jnp.array([0.0, 2.0]) + 0.0 * v, skew_mirror, skew_mirror)
assert np.allclose(constant_part(at), [1.0, 0.0], atol=1e-4), (
    "identity and a skew mirror: the constant (0, 2) becomes (1, 0). (0, 0): a transpose undoes orthogonal matrices only"
)
one_turn = rotations(4)[1:2]
assert np.allclose(reynolds(lambda v: v**2, one_turn, one_turn)(at), [9.0, -4.0], atol=1e-3), (
    "one quarter turn, no group: square (-2, 3), then turn back: (9, -4). (-9, 4): the inverse went to the input, or is "
    "missing. Where you average over part of a group, g and its inverse cannot be exchanged"
)

# %% [markdown]
# **Predict.** $S_4$ has 24 elements. Average a random network not over all of them but over $k$, drawn without
# repetition. How does the equivariance error fall with $k$? Is a half-averaged network half as wrong?


# %% tags=["demo"]
def random_network(key, n_in, n_out, width=16):
    """One hidden tanh layer with random weights and biases: a map with no symmetry at all, for NumPy and JAX arrays."""
    k1, k2, k3 = jax.random.split(key, 3)
    W, b = np.asarray(jax.random.normal(k1, (width, n_in))), np.asarray(jax.random.normal(k2, (width,)))
    V = np.asarray(jax.random.normal(k3, (n_out, width)) / jnp.sqrt(width))
    return lambda v: V @ (jnp if isinstance(v, jax.Array) else np).tanh(W @ v + b)


S4 = permutations(4)
orbit = jnp.einsum("gab,ib->gia", S4, jax.random.normal(jax.random.key(0), (2, 4))).reshape(-1, 4)  # closed under S4
power = lambda table: np.mean([np.sum(table(v) ** 2) for v in np.asarray(orbit)])

before, after, predicted, maps = [], [], [], range(12)
for seed in maps:
    f = random_network(jax.random.key(seed + 1), 4, 4)
    projected = tabulate(reynolds(f, S4, S4), orbit)
    f = tabulate(f, orbit)
    before.append(float(equivariance_error(f, S4, S4, orbit)))
    after.append(float(equivariance_error(projected, S4, S4, orbit)))
    predicted.append(np.sqrt(2 * (1 - power(projected) / power(f))))

f = random_network(jax.random.key(1), 4, 4)
keep, total = power(tabulate(reynolds(f, S4, S4), orbit)), power(tabulate(f, orbit))
elements, errors = np.array([1, 2, 4, 8, 16, 23, 24]), []
rng = np.random.default_rng(9)
for k in elements:
    chosen = [S4[rng.permutation(24)[:k]] for _ in range(4)]
    errors.append([float(equivariance_error(tabulate(reynolds(f, part, part), orbit), S4, S4, orbit)) for part in chosen])
fine = np.arange(1, 24)
left_over = (total - keep) * (24 - fine) / (23 * fine)
fig, (left, right) = panels(2)
left.plot(maps, before, "o", color=COLORS[1], label="before")
left.plot(maps, after, "s", color=COLORS[0], label="after")
theory(left, maps, predicted, r"theory: $\sqrt{2}\,\|f-\mathcal{R}f\|/\|f\|$")
right.plot(elements, np.array(errors), "o", color=COLORS[0], alpha=0.6, ms=4)
theory(right, fine, np.sqrt(2 * left_over / (keep + left_over)), "theory: sampling without repetition")
finish(left, "Twelve random networks, averaged over $S_4$", "network", "equivariance error", yscale="log", ylim=(1e-8, 30))
finish(right, "Averaged over k of 24 permutations", "elements k", "equivariance error", xscale="log", yscale="log")

# %% [markdown]
# **Reflect.** Where on the right-hand plot does the step from "small error" to "symmetric" happen? What would you
# need to know about a training set to say how much better the averaged network generalises - and can it be worse?

# %% [markdown] instructor=true
# f splits into Rf and a rest that is orthogonal to it under any invariant distribution of inputs (Elesedy and Zaidi
# 2021). The group acts unitarily on functions, so the mean square gap is 2 |f - Rf|^2, and k draws without repetition
# leave the share (N - k) / (k (N - 1)) of the rest: a slow k^(-1/2), and a cliff at k = N. If the target is equivariant
# the rest is pure error: averaging lowers the risk by |f - Rf|^2. If it is not, averaging can hurt.

# %% [markdown] question="lift" points=3 minutes=15 difficulty="**"
# ## 3. Lifting an image to C4
#
# Convolution commutes with shifts because every filter is tried at every *place*. To commute with quarter turns, too,
# try it at every place *and in every orientation* (Cohen and Welling 2016). With $R$ the counter-clockwise quarter
# turn of a filter, the lifted image has one plane per orientation $r=0,1,2,3$:
#
# $$[\text{lift}(x)]_{o,r} = \sum_{c} x_c \star \bigl(R^r \psi_{o,c}\bigr), \qquad
# (x\star\psi)_{ij}=\sum_{u,v} x_{i+u,\,j+v}\,\psi_{uv}.$$
#
# The image $x$ is `image`, $\psi$ is `filters`. $\star$ is cross-correlation without padding, which last week was
# about; `correlate` below does it for you. $R$ is `jnp.rot90` on the last two axes, of filters as of images:
# `rot90([[1, 2], [3, 4]])` is `[[2, 4], [1, 3]]`. Turn the image, and each plane turns **and moves on** to the next
# orientation:
# $[\text{lift}(Rx)]_{o,r}=R\,[\text{lift}(x)]_{o,r-1}$, indices modulo 4.
#
# *About 15 minutes, difficulty \*\*, 3 points.*


# %%
def correlate(
    x: Float[Array, "c_in height width"], filters: Float[Array, "c_out c_in k k"]
) -> Float[Array, "c_out new_height new_width"]:
    """Cross-correlation, summed over input channels, no padding, stride 1: new_height = height - k + 1."""
    return jax.lax.conv_general_dilated(jnp.asarray(x)[None], jnp.asarray(filters), (1, 1), "VALID")[0]


# %% solution="lift"
def lift(
    image: Float[Array, "c_in height width"], filters: Float[Array, "c_out c_in k k"]
) -> Float[Array, "c_out 4 new_height new_width"]:
    """Lifting correlation from the plane to the group of shifts and quarter turns.

    Args:
        image: channels first, float32; not necessarily square.
        filters: square filters of any size k, also even.

    Returns:
        Plane [o, r] is the correlation with filter o turned r times counter-clockwise; new_height = height - k + 1.
        Example: image [[[1, 2], [3, 4]]], filters [[[[1, 0], [0, 0]]]]: the four planes are 1, 3, 4, 2.
    """
    ### BEGIN SOLUTION
    return jnp.stack([correlate(image, jnp.rot90(filters, r, axes=(-2, -1))) for r in range(4)], axis=1)
    ### END SOLUTION


# %% check="lift"
corner = jnp.asarray(lift(jnp.array([[[1.0, 2.0], [3.0, 4.0]]]), jnp.array([[[[1.0, 0.0], [0.0, 0.0]]]])))
assert np.shape(corner) == (1, 4, 1, 1), "one plane per output channel and orientation: (c_out, 4, new_h, new_w)"
assert np.allclose(np.ravel(corner), [1, 3, 4, 2]), (
    "a counter-clockwise turn moves the upper left weight to the lower left: 1, 3, 4, 2. (1, 2, 4, 3: the filter turns "
    "clockwise, or the image is turned in its place; 1, 1, 1, 1: other axes than the picture's are turned; 4, 2, 1, 3: the "
    "filter is flipped, which cross-correlation does not do)"
)

# %% [markdown]
# **Predict.** Below is a digit, and the same digit after a quarter turn, with the four planes of an edge filter under
# each: the plane for $r=0$ is red where it is darker above than below. Which plane of the *turned* digit is a turned
# copy of that one?

# %% tags=["demo"]
data = digits()
digit = data.x_test[4].reshape(1, 8, 8)
edge = jnp.array([[[[1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [-1.0, -1.0, -1.0]]]])
upright, turned = lift(digit, edge)[0], lift(jnp.rot90(digit, 1, axes=(-2, -1)), edge)[0]
expected = jnp.stack([jnp.rot90(upright[(r - 1) % 4]) for r in range(4)])
fig, grid = plt.subplots(3, 5, figsize=(9, 5.6), layout="constrained")
rows = [("digit", digit[0], upright), ("turned", jnp.rot90(digit[0]), turned), ("theory", None, expected)]
for axes, (name, picture, planes) in zip(grid, rows, strict=True):
    for ax in axes:
        ax.axis("off")
    if picture is None:
        axes[0].text(0.5, 0.5, "theory for\nthe row above", ha="center", va="center", transform=axes[0].transAxes)
    else:
        axes[0].imshow(picture, cmap="gray_r")
        axes[0].set_title(name, fontsize=10)
    for r in range(4):
        axes[r + 1].imshow(planes[r], cmap="RdBu_r", vmin=-3, vmax=3)
        axes[r + 1].set_title(f"r = {r}", fontsize=10)
print(f"largest difference between the second and third row: {float(jnp.abs(turned - expected).max()):.1e}")

# %% [markdown]
# **Reflect.** For this filter, planes 0 and 2 are each other's negatives. Which property of the filter makes them so,
# and what would a ReLU after the lifting do to the redundancy?

# %% [markdown] instructor=true
# Plane 0 of the digit reappears, turned, as plane 1 of the turned digit. The edge filter changes its sign under a half
# turn, so planes 2 and 3 carry nothing new; after a ReLU they do (the negative parts).

# %% [markdown] question="group_conv" points=4 minutes=30 difficulty="***"
# ## 4. Convolution on the group
#
# After the lifting, features live on the group: a position and an orientation. The next layer correlates *there*.
# In general $(f\star\psi)(g)=\sum_h f(h)\,\psi(g^{-1}h)$; for $g=(\text{place},r)$ and $h=(\text{place}',s)$ the
# element $g^{-1}h$ has orientation $s-r$ and a displacement that is turned back by $r$. So in layer form, where $\star$ is
# question 3's again,
#
# $$y_{o,r} = \sum_{c}\sum_{s=0}^{3} f_{c,s} \star \bigl(R^r\,\psi_{o,c,\,s-r}\bigr), \qquad
# s-r \text{ modulo } 4 .$$
#
# $f$ is `features`, $\psi$ is `filters`, with an orientation axis of its own. Two things happen to a filter when the
# output orientation advances: its planes turn in space **and** are cyclically shifted. Forget one, and what comes out
# has the right shape and no symmetry. Do both, and the layer commutes with a quarter turn of the whole feature,
# $(Tf)_{c,s}=R f_{c,s-1}$, indices modulo 4.
#
# *About 30 minutes, difficulty \*\*\*, 4 points.*


# %% solution="group_conv"
def group_conv(
    features: Float[Array, "c_in 4 height width"], filters: Float[Array, "c_out c_in 4 k k"]
) -> Float[Array, "c_out 4 new_height new_width"]:
    """Correlation on the group of shifts and quarter turns.

    Args:
        features: axis 1 is the orientation s, float32; planes not necessarily square.
        filters: psi[o, c, t] is the weight of relative orientation t = s - r (modulo 4), float32.

    Returns:
        y[o, r] as above, new_height = height - k + 1.
        Example: features with the single values 1, 2, 3, 4 in planes s = 0..3 (1 x 1 each), a 1 x 1 filter that is 1 at
        relative orientation t = 1 and else 0: y is 2, 3, 4, 1 for r = 0..3.
    """
    ### BEGIN SOLUTION
    merged = features.reshape(-1, *features.shape[2:])
    planes = []
    for r in range(4):
        turned = jnp.rot90(jnp.roll(filters, r, axis=2), r, axes=(-2, -1))
        planes.append(correlate(merged, turned.reshape(filters.shape[0], -1, *filters.shape[3:])))
    return jnp.stack(planes, axis=1)
    ### END SOLUTION


# %% check="group_conv"
one_to_four = jnp.arange(1.0, 5.0).reshape(1, 4, 1, 1)
next_one = jnp.array([0.0, 1.0, 0.0, 0.0]).reshape(1, 1, 4, 1, 1)
shifted = jnp.asarray(group_conv(one_to_four, next_one))
assert np.shape(shifted) == (1, 4, 1, 1), "the result has an orientation axis again: (c_out, 4, new_h, new_w)"
assert np.allclose(np.ravel(shifted), [2, 3, 4, 1]), (
    "output r looks at s = r + 1: 2, 3, 4, 1. (2, 2, 2, 2: the planes are not shifted; 2, 1, 4, 3 or 4, 1, 2, 3: shifted the "
    "wrong way; a quarter of it: a mean over s)"
)
four_planes = jnp.array([[1.0, 2.0], [3.0, 4.0]]) + 10.0 * jnp.arange(4.0).reshape(1, 4, 1, 1)
upper_left = next_one * jnp.array([[1.0, 0.0], [0.0, 0.0]])
assert np.allclose(np.ravel(group_conv(four_planes, upper_left)), [11, 23, 34, 2]), (
    "now with places: plane s holds 10 s + [[1, 2], [3, 4]], and the one weight is in the upper left: 11, 23, 34, 2. "
    "(11, 21, 31, 1: the planes are shifted, but not turned; 11, 22, 34, 3: turned clockwise; 13 at first: the turn is that "
    "of the output's orientation, which is 0 there)"
)

# %% [markdown]
# **Predict.** Two networks with about equally many weights learn upright digits: two ordinary convolutions, or lifting
# and group convolution, then the maximum over orientations. Both are tested on digits turned by 0, 90, 180
# and 270 degrees, which they never saw. Which is better on *upright* ones?


# %% tags=["demo"]
# Your two layers are correlations with a bank of turned filters. Which weight goes where is read off with an image that is
# a single 1, and filters whose weights are their own numbers: training is then the same for answers in NumPy.
def numbered(k):
    """An image with a single 1 in the middle, and a k x k array of the numbers 1, 2, ..."""
    spot = np.zeros((2 * k - 1, 2 * k - 1), dtype=np.float32)
    spot[k - 1, k - 1] = 1.0
    return jnp.array(spot), jnp.arange(1.0, k * k + 1).reshape(k, k)


spot, numbers = numbered(3)
seen = np.asarray(lift(spot[None], numbers[None, None]))[0, :, ::-1, ::-1]  # (r, u, v): a spot shows filters point-reflected
lift_places = np.rint(seen).astype(int) - 1
spot, numbers = numbered(6)
numbers = numbers + 36 * jnp.arange(4.0)[:, None, None]
one_plane = lambda s: jnp.zeros((1, 4, *spot.shape)).at[0, s].set(spot)
seen = np.stack([np.asarray(group_conv(one_plane(s), numbers[None, None]))[0] for s in range(4)], axis=1)  # (r, s, u, v)
conv_places = np.rint(seen[..., ::-1, ::-1]).astype(int) - 1


def c4_logits(params, picture):
    """Lifting, group convolution, maximum over orientations, linear read-out."""
    width = len(params["b1"])
    bank = params["first"].reshape(width, -1)[:, lift_places]  # (o, r, u, v)
    hidden = correlate(picture, bank.reshape(4 * width, 1, 3, 3)).reshape(width, 4, 6, 6)
    hidden = jax.nn.relu(hidden + params["b1"][:, None, None, None]).reshape(4 * width, 6, 6)
    bank = params["second"].reshape(-1, width, 144)[:, :, conv_places]  # (o, c, r, s, u, v)
    bank = jnp.moveaxis(bank, 2, 1).reshape(-1, 4 * width, 6, 6)
    hidden = jax.nn.relu(correlate(hidden, bank).reshape(-1, 4) + params["b2"][:, None])
    return hidden.max(axis=1) @ params["read"]


def plain_logits(params, picture):
    """Two ordinary convolutions and a linear read-out; the second filter covers all that is left of the picture."""
    hidden = jax.nn.relu(correlate(picture, params["first"]) + params["b1"][:, None, None])
    hidden = jax.nn.relu(correlate(hidden, params["second"]) + params["b2"][:, None, None])
    return hidden[:, 0, 0] @ params["read"]


def start(key, first, second):
    """Random weights, scaled by fan-in."""
    draw = lambda k, shape: jax.random.normal(k, shape) * np.sqrt(2 / np.prod(shape[1:]))
    k1, k2, k3 = jax.random.split(key, 3)
    width = second[0]
    return {"first": draw(k1, first), "b1": jnp.zeros(first[0]), "second": draw(k2, second), "b2": jnp.zeros(width),
            "read": jax.random.normal(k3, (width, 10)) / np.sqrt(width)}


def fit(logits, params, epochs=12, rate=0.003, batch=50):
    """Adam, written out (Kingma and Ba 2015), on upright digits."""
    pictures, labels = data.x_train.reshape(-1, 1, 8, 8), data.y_train

    def loss(p, x, y):
        z = jax.vmap(lambda one: logits(p, one))(x)
        return jnp.mean(jax.nn.logsumexp(z, axis=1) - z[jnp.arange(len(y)), y])

    @jax.jit
    def epoch(carry, order):
        def step(carry, rows):
            p, m, v, t = carry
            g = jax.grad(loss)(p, pictures[rows], labels[rows])
            m = jax.tree.map(lambda a, b: 0.9 * a + 0.1 * b, m, g)
            v = jax.tree.map(lambda a, b: 0.99 * a + 0.01 * b**2, v, g)
            move = lambda w, a, b: w - rate * a / (1 - 0.9**t) / (jnp.sqrt(b / (1 - 0.99**t)) + 1e-8)
            return (jax.tree.map(move, p, m, v), m, v, t + 1), None

        return jax.lax.scan(step, carry, order.reshape(-1, batch))[0]

    zero = jax.tree.map(jnp.zeros_like, params)
    carry = (params, zero, zero, 1.0)
    for e in range(epochs):
        carry = epoch(carry, jax.random.permutation(jax.random.key(e), len(labels)))
    return carry[0]


nets = {"ordinary": (plain_logits, start(jax.random.key(1), (16, 1, 3, 3), (32, 16, 6, 6))),
        "C4": (c4_logits, start(jax.random.key(1), (8, 1, 3, 3), (16, 8, 4, 6, 6)))}
right_at = {}
for name, (logits, params) in nets.items():
    trained = fit(logits, params)
    judge = jax.jit(lambda x, p=trained, f=logits: jax.vmap(lambda one: f(p, one))(x).argmax(axis=1))
    pictures = data.x_test.reshape(-1, 1, 8, 8)
    right_at[name] = [float((judge(jnp.rot90(pictures, r, axes=(-2, -1))) == data.y_test).mean()) for r in range(4)]
    print(f"{name:9s}", {90 * r: round(a, 3) for r, a in enumerate(right_at[name])},
          sum(int(np.size(w)) for w in jax.tree.leaves(params)), "weights")
fig, ax = panels(1, width=5.6, height=3.6)
angles = np.array([0, 90, 180, 270])
for color, (name, accuracy) in zip([COLORS[1], COLORS[0]], right_at.items(), strict=True):
    ax.plot(angles, accuracy, "o", color=color, label=name)
theory(ax, angles, np.full(4, right_at["C4"][0]), "theory: no change with the angle")
theory(ax, angles, np.full(4, 0.1))
ax.annotate("chance", (270, 0.12), fontsize=9, ha="right")
finish(ax, "Trained upright, tested turned", "angle (degrees)", "share of digits read", xticks=angles, ylim=(0, 1.05))

# %% [markdown]
# **Reflect.** The invariant network is the same at all four angles, and a little below the ordinary one at 0. Which
# digits can an invariant network not tell apart, in principle, and what would you change so that upright digits lose
# nothing?

# %% [markdown] instructor=true
# About 94 % at all four angles, against 98 % upright and 11 to 36 % turned. A 6 and a 9 that are half turns of each
# other get equal logits. Remedy: stay equivariant, give the read-out the orientation axis instead of its maximum; or
# break the symmetry in the last layer only.

# %% [markdown] question="egnn" points=4 minutes=30 difficulty="**"
# ## 5. An E(n)-equivariant layer
#
# Molecules, planets and robot arms have no preferred direction, origin or handedness: the group is $E(d)$, rotations,
# reflections and translations, which has infinitely many elements. Averaging is no longer an option; *building from
# parts that behave* is. Distances are invariant, differences are vectors, and that is enough (Satorras, Hoogeboom and
# Welling 2021). For $n$ points with positions $x_i\in\mathbb R^d$ and features $h_i$:
#
# $$m_{ij}=\phi_e\bigl(h_i,h_j,\lVert x_i-x_j\rVert^2\bigr),\qquad
# x_i'=x_i+\frac1{n-1}\sum_{j\ne i}(x_i-x_j)\,\phi_x(m_{ij}),\qquad
# h_i'=\phi_h\Bigl(h_i,\sum_{j\ne i}m_{ij}\Bigr).$$
#
# Positions are `x`, features `h`; the three functions are `phi_e`, `phi_x` (one number per message), `phi_h`, each
# for **one** pair or one point: `jax.vmap` or a loop applies them to all. Messages are *summed*, moves are *averaged*
# with $1/(n-1)$. A point sends no message to itself, even if $\phi_e$ is infinite at distance 0, or
# $\phi_x$ there. (Two points at the same place are still two points.)
#
# *About 30 minutes, difficulty \*\*, 4 points.*


# %% solution="egnn"
def egnn_layer(
    x: Float[Array, "n d"], h: Float[Array, "n features"], phi_e: Callable, phi_x: Callable, phi_h: Callable
) -> tuple[Float[Array, "n d"], Float[Array, "n new_features"]]:
    """One E(d)-equivariant graph layer on a complete graph.

    Args:
        x: positions, one point per row, n >= 2, float32.
        h: invariant features, one point per row, float32.
        phi_e: phi_e(h_i, h_j, squared distance) -> message (k,); receiver first, sender second. Not symmetric in general.
        phi_x: phi_x(message) -> scalar, shape ().
        phi_h: phi_h(h_i, sum of messages (k,)) -> new features of point i, shape (new_features,).

    Returns:
        (x', h'), both computed from the old x and h.
        Example: two points at 0 and 1 on a line, h = [[1.], [2.]], phi_e = (h_i, h_j, s) -> h_i + 10 h_j + 100 s,
        phi_x = m -> m[0], phi_h = (h_i, m) -> m: messages 121 and 112, x' = [[-121.], [113.]], h' = [[121.], [112.]].
    """
    ### BEGIN SOLUTION
    n = len(x)
    apart = x[:, None] - x[None, :]
    messages = jax.vmap(lambda h_i, row: jax.vmap(lambda h_j, s: phi_e(h_i, h_j, s))(h, row))(h, (apart**2).sum(axis=-1))
    other = ~jnp.eye(n, dtype=bool)[..., None]  # selected, not multiplied: 0 * inf is NaN
    messages = jnp.where(other, messages, 0.0)
    pull = jnp.where(other, jax.vmap(jax.vmap(phi_x))(messages)[..., None] * apart, 0.0)
    return x + pull.sum(axis=1) / (n - 1), jax.vmap(phi_h)(h, messages.sum(axis=1))
    ### END SOLUTION


# %% check="egnn"
x_two, h_two = egnn_layer(
    jnp.array([[0.0], [1.0]]),
    jnp.array([[1.0], [2.0]]),
    lambda h_i, h_j, s: h_i + 10.0 * h_j + 100.0 * s,
    lambda m: m[0],
    lambda h_i, m: m,
)
assert np.shape(x_two) == (2, 1) and np.shape(h_two) == (2, 1), "new positions (n, d), then new features (n, ...)"
assert np.allclose(np.ravel(h_two), [121.0, 112.0]), (
    "messages are 121 and 112: receiver first, then sender. 132 and 134: a point does not write to itself; a very large second "
    "number: it saw the first point already moved"
)
assert np.allclose(np.ravel(x_two), [-121.0, 113.0]), (
    "x_0' = 0 + (0 - 1) * 121: the difference is receiver minus sender, divided by the number of *other* points"
)
x_three, h_three = egnn_layer(
    jnp.array([[0.0], [2.0], [3.0]]), jnp.zeros((3, 1)), lambda h_i, h_j, s: h_i + s, lambda m: m[0], lambda h_i, m: m
)
assert np.allclose(np.ravel(h_three), [13.0, 5.0, 10.0]), (
    "points at 0, 2, 3, messages are squared distances: the first one gets 4 + 9 = 13. 5: distances are not squared; "
    "6.5: messages are summed, only moves are averaged"
)
assert np.allclose(np.ravel(x_three), [-17.5, 5.5, 17.0]), (
    "the first one is to move by (0 - 2) * 4 and (0 - 3) * 9, on average over the two others: -17.5. -35: the moves are "
    "summed; -6.5: differences keep their length"
)

# %% [markdown]
# **Predict.** Left: choose $\phi_x=-c$, a constant. Each layer then moves every point towards the others. By what
# factor does a cloud of $n$ points shrink per layer? Right: a linear layer $x_i\mapsto Wx_i$ in the plane with a
# random $W$, rotated by an angle $\theta$. At which angle is it least equivariant, at which is it equivariant anyway?

# %% tags=["demo"]
fig, (left, right) = panels(2)
depths = np.arange(9)
for color, n in zip(COLORS, [2, 4, 30], strict=False):
    cloud = jax.random.normal(jax.random.key(n), (n, 2)) + 3.0
    spreads = []
    for _ in depths:
        spreads.append(float(cloud.std(axis=0).mean()))
        cloud, _ = egnn_layer(cloud, jnp.zeros((n, 1)), lambda a, b, s: s[None], lambda m: -0.2, lambda a, m: a)
    left.plot(depths, np.array(spreads) / spreads[0], "o", color=color, ms=4, label=f"n = {n}")
    theory(left, depths, (1 - 0.2 * n / (n - 1)) ** depths, r"theory: $(1-cn/(n-1))^\ell$" if n == 30 else None)
finish(left, "A constant attraction, c = 0.2", r"layers $\ell$", "spread, relative", yscale="log")

W = jnp.array([[1.0, 0.8], [-0.3, 0.4]])
angles = np.linspace(0, 2 * np.pi, 33)
points = rotations(12)[:, :, 0]  # unit vectors, equally spaced
features = np.linspace(-1.0, 1.0, 6, dtype=np.float32)[:, None]
weights = np.asarray(jax.random.normal(jax.random.key(6), (3, 5)))


def flat_layer(v):
    """An EGNN layer on six points, as a map of vectors (12,)."""
    xp = jnp if isinstance(v, jax.Array) else np
    push = lambda h_i, h_j, s: xp.tanh(weights[0] * h_i + weights[1] * h_j + weights[2] * s)
    return egnn_layer(v.reshape(6, 2), features, push, lambda m: m.sum(), lambda h, m: h)[0].ravel()


clouds = jax.random.normal(jax.random.key(7), (20, 12))
linear_error, egnn_error = [], []
for angle in angles:
    c, s = np.cos(angle), np.sin(angle)
    turn = jnp.array([[[c, -s], [s, c]]], dtype=jnp.float32)
    turn_all = jnp.kron(jnp.eye(6), turn[0])[None]
    linear_error.append(float(equivariance_error(lambda v: W @ v, turn, turn, points)))
    layer = tabulate(flat_layer, jnp.concatenate([clouds, clouds @ turn_all[0].T]))
    egnn_error.append(float(equivariance_error(layer, turn_all, turn_all, clouds)))
stretch = (W + W.T) / 2 - jnp.trace(W) / 2 * jnp.eye(2)
right.plot(angles, linear_error, "o", color=COLORS[1], ms=4, label="linear layer")
right.plot(angles, egnn_error, "s", color=COLORS[0], ms=4, label="EGNN layer")
theory(right, angles, 2 * np.abs(np.sin(angles)) * float(jnp.linalg.norm(stretch) / jnp.linalg.norm(W)),
       r"theory: $2|\sin\theta|\,\|S\|/\|W\|$")
finish(right, "Turned by an angle", r"$\theta$", "equivariance error", ylim=(-0.05, 1.6))

# %% [markdown]
# **Reflect.** The linear layer is equivariant under a half turn: which part of $W$ is $S$, and why do two of its four
# parameters never do harm? In the left plot the centre of mass does not move: for which $\phi_e$ is that so?

# %% [markdown] instructor=true
# W = a I + b J + S with S traceless symmetric. Rotations commute with I and J; R S - S R has norm 2 |sin theta| |S|.
# The centre moves by the mean of (x_i - x_j) phi_x(m_ij), which cancels in pairs if m_ij = m_ji: Newton's third law.

# %% [markdown] question="frames" points=4 minutes=30 difficulty="***"
# ## 6. Averaging over frames
#
# $E(d)$ is infinite, and yet any network on point clouds can be averaged to exact equivariance with $2^d$
# evaluations. The trick (Puny et al. 2022): do not average over the whole group but over a *frame*, a small set of
# group elements that **moves along with the input**. Principal axes do: let $t$ be the mean of the points, $U$
# the eigenvectors of the covariance (times $n$). Eigenvectors have no sign, so take all of them ($\mathbf 1$ is a column
# of ones):
#
# $$t=\frac1n\sum_i x_i,\qquad (x-\mathbf 1t^\top)^\top(x-\mathbf 1t^\top)=U\Lambda U^\top,\qquad
# \lambda_1<\dots<\lambda_d,\qquad R_\sigma=U\,\mathrm{diag}(\sigma),\ \ \sigma\in\{\pm1\}^d,$$
#
# $$\langle f\rangle(x) = \mathbf 1t^\top+\frac1{2^d}\sum_{\sigma}
# f\bigl((x-\mathbf 1t^\top)\,R_\sigma\bigr)\,R_\sigma^\top .$$
#
# The cloud is `x`, one point per row; $f$ is `f`, any map of clouds to clouds. The columns of $U$ are the eigenvectors,
# **in ascending order of the eigenvalues** (the order of `jnp.linalg.eigh`), which we take to be distinct.
#
# *About 30 minutes, difficulty \*\*\*, 4 points.*


# %% solution="frames"
def frame_average(f: Callable, x: Float[Array, "n d"]) -> Float[Array, "n d"]:
    """f averaged over the 2^d principal frames of a cloud: equivariant under E(d), whatever f is.

    For orthogonal Q and a shift s, both of which act on rows: <f>(x Q^T + 1 s^T) = <f>(x) Q^T + 1 s^T.

    Args:
        f: a function from a cloud (n, d) to a cloud (n, d).
        x: one point per row, n > d, float32; its covariance has distinct eigenvalues.

    Returns:
        <f>(x), shape (n, d), float32.
        Example: x = [[0, 0], [2, 0], [0, 4]] and f = identity give x again; f(y) = y + 5 gives x, too: over the signs
        the 5 cancels. f(y) = |y| gives t = (2/3, 4/3) in every row.
    """
    ### BEGIN SOLUTION
    center = x.mean(axis=0)
    y = x - center
    _, axes = jnp.linalg.eigh(y.T @ y)
    signs = jnp.array(list(itertools.product([1.0, -1.0], repeat=x.shape[1])))
    return center + jax.vmap(lambda R: f(y @ R) @ R.T)(axes * signs[:, None, :]).mean(axis=0)
    ### END SOLUTION


# %% check="frames"
three = jnp.array([[0.0, 0.0], [2.0, 0.0], [0.0, 4.0]])
assert np.shape(frame_average(lambda y: y, three)) == (3, 2), "a cloud of the same shape comes back"
assert np.allclose(frame_average(lambda y: y, three), three, atol=1e-4), (
    "the identity must come back as it is: turn back with R^T, then add the centre again"
)
assert np.allclose(frame_average(lambda y: y + 5.0, three), three, atol=1e-4), (
    "a constant 5 cancels over all signs, (+,+), (+,-), (-,+), (-,-): do you average over all four?"
)
assert np.allclose(frame_average(lambda y: y[:, ::-1], three), [[2 / 3, 4 / 3]] * 3, atol=1e-4), (
    "an exchange of the two coordinates cancels over all four signs and leaves the centre. Over (+,+) and (-,-) alone, or over "
    "rotations alone, it does not"
)
arms = jnp.diag(jnp.array([2.0, 3.0, 1.0]))
star = jnp.array([1.0, 2.0, 3.0]) + jnp.concatenate([arms, -arms])
on_the_axis = np.where([False, True, False], star, [1.0, 2.0, 3.0])
assert np.allclose(frame_average(lambda y: y * jnp.array([0.0, 0.0, 1.0]), star), on_the_axis, atol=1e-3), (
    "a star with arms 2, 3, 1, and f keeps the last coordinate only: the longest arm stays, all else goes to the centre. "
    "Are the eigenvalues ascending, the axes columns of U, and is the cloud centred before you look for its axes?"
)

# %% [markdown]
# **Predict.** In $d$ dimensions a frame costs $2^d$ evaluations. How many random rotations must you average over for
# an error of $10^{-3}$? And what becomes of $\langle f\rangle(x)$ when you deform a cloud slowly until its two
# principal axes exchange their roles?

# %% tags=["demo"]
def haar(key, count, d):
    """Random orthogonal matrices, uniformly distributed: QR of a Gaussian matrix with the signs of R taken out."""
    Q, R = jnp.linalg.qr(jax.random.normal(key, (count, d, d)))
    return Q * jnp.sign(jnp.diagonal(R, axis1=-2, axis2=-1))[:, None, :]


n = 6
mix = np.asarray(jax.random.normal(jax.random.key(1), (2, n, n))) / np.sqrt(n, dtype=np.float32)
twist = np.asarray(jax.random.normal(jax.random.key(2), (3, 3)))


def lopsided(y):
    """A map of clouds with no symmetry at all, for NumPy and JAX arrays."""
    bent = (jnp if isinstance(y, jax.Array) else np).tanh(y @ twist[: y.shape[1], : y.shape[1]] + 0.5)
    return mix[0] @ bent + mix[1] @ y


fig, (left, right) = panels(2)
counts = np.array([1, 4, 16, 64, 256])
for color, d in zip(COLORS, [2, 3], strict=False):
    clouds = jax.random.normal(jax.random.key(3), (6, n, d)) * jnp.array([1.0, 2.0, 3.0])[:d]
    clouds = clouds - clouds.mean(axis=1, keepdims=True)
    tests = haar(jax.random.key(4), 6, d)
    blocks = jax.vmap(lambda R, d=d: jnp.kron(jnp.eye(n), R))(tests)
    flat = clouds.reshape(6, -1)
    moved = jnp.einsum("gab,ib->gia", blocks, flat).reshape(36, -1)
    visited = jnp.concatenate([flat, moved])
    table = lambda g, d=d, at=visited: tabulate(lambda v: g(v.reshape(n, d)).ravel(), at)
    errors, rotations_256 = [], haar(jax.random.key(8), 256, d)
    for count in counts:
        share = (jnp.arange(256) < count) / count  # the first `count` of them: one shape, so it is compiled once
        sampled = lambda y, S=rotations_256, w=share: jnp.einsum(
            "s,snd->nd", w, jax.vmap(lambda R: lopsided(y @ R) @ R.T)(S))
        errors.append(float(equivariance_error(table(sampled), blocks, blocks, flat)))
    framed = float(equivariance_error(table(lambda y: frame_average(lopsided, y)), blocks, blocks, flat))
    left.plot(counts, errors, "o", color=color, ms=5, label=f"random rotations, d = {d}")
    left.plot([2**d], [framed], "*", color=color, ms=12, label=f"frame, d = {d}")
    theory(left, counts, errors[3] * np.sqrt(64 / counts), r"theory: $k^{-1/2}$" if d == 3 else None)
finish(left, "Price of equivariance", "evaluations of f", "equivariance error", xscale="log", yscale="log", ylim=(1e-8, 10))

ring = jnp.stack([jnp.cos(jnp.arange(6) * jnp.pi / 3), jnp.sin(jnp.arange(6) * jnp.pi / 3)], axis=1)
ratios = np.concatenate([np.linspace(0.6, 0.995, 20), np.linspace(1.005, 1.4, 20)])
outputs = np.array([frame_average(lopsided, ring * jnp.array([a, 1.0]))[0] for a in ratios])
for k, name in enumerate(["x", "y"]):
    right.plot(ratios, outputs[:, k], ".", color=COLORS[k], label=f"{name} of the first point")
right.axvline(1.0, color="0.3", linestyle=(0, (4, 2)), linewidth=1.2, label="theory: axes exchange")
finish(right, "A ring, stretched", "width / height", "output")

# %% [markdown]
# **Reflect.** The frame is exact to rounding with four or eight evaluations, but the right-hand plot shows the price.
# What does the jump mean for training on molecules with symmetric shapes? Can any continuous choice of finitely many
# axes avoid it?

# %% [markdown] instructor=true
# At equal eigenvalues the axes are undefined, and the average jumps (Dym, Lawrence and Siegel 2024: no finite,
# unweighted frame preserves continuity here; weighted frames do). The Monte Carlo error falls as k^(-1/2).
