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
# # Week 3 homework: what depth buys
#
# A ReLU network on a line is a piecewise-linear function, and almost everything one can prove about its expressive
# power is a statement about its *pieces*: how many there are, where they sit, how far they are from the function you
# wanted. You will build the networks that the theorems talk about, count their pieces exactly, and lay the theorems
# over what you count. The last question leaves the line and asks what a wide random network does to two inputs on
# their way up through the layers.
#
# Functions here are mathematics, not training: they are short, and every one of them is a formula from the lecture.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 3.1 | A network through given points | 3 | 20 | * |
# | 3.2 | Every kink, exactly | 5 | 75 | *** |
# | 3.3 | Exponentially many pieces | 3 | 25 | ** |
# | 3.4 | Where to put the knots | 4 | 30 | ** |
# | 3.5 | Two inputs in a deep random network | 5 | 40 | *** |
# | 3.6, 3.7 | Two arguments in words | 4 + 4 | 30 + 50 | ** |

# %%
from course_lib.checks import open_checks

grader = open_checks("week03/homework")

# %%
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from course_lib.plots import COLORS, finish, panels, theory

# %% [markdown]
# **One convention for the whole notebook.** A network is a list of layers `[(W, b), ...]` with `W` of shape
# `(fan_in, fan_out)` and `b` of shape `(fan_out,)`. A batch of inputs has one row per example, a layer computes
# `h @ W + b`, a ReLU follows every layer *except the last*. A network with $k$ hidden layers is a list of $k + 1$
# pairs.

# %%
Layers = list[tuple[Float[Array, "fan_in fan_out"], Float[Array, " fan_out"]]]


def evaluate(layers: Layers, x: Float[Array, "batch d"]) -> Float[Array, "batch out"]:
    """The network's outputs, one row per example. Given; you will need it only to look at your results."""
    h = x
    for W, b in layers[:-1]:
        h = jax.nn.relu(h @ W + b)
    W, b = layers[-1]
    return h @ W + b


# %% [markdown] question="interpolant" points=3 minutes=20 difficulty="*"
# ## 3.1 A network through given points
#
# One hidden ReLU layer on a line is a linear spline, and every linear spline is one hidden ReLU layer. So universal
# approximation in one dimension needs no existence proof: you can write the weights down.
#
# Sort the $n$ knots (`x`, `y`) so that $x_1 < \dots < x_n$, and let $s_i = (y_{i+1} - y_i)/(x_{i+1} - x_i)$ be the
# slope of the $i$-th piece. Then, for $x_1 \le t \le x_n$, the piecewise-linear interpolant is
#
# $$ f(t) = y_1 + \sum_{i=1}^{n-1} (s_i - s_{i-1})\,\mathrm{relu}(t - x_i), \qquad s_0 = 0 : $$
#
# each hidden unit is one *change* of slope. Other networks with $n - 1$ units do as well (units may look to the left,
# or be rescaled); any of them is right.
#
# *About 20 minutes, difficulty \*.*

# %% solution="interpolant"
def interpolating_net(x: Float[Array, " n"], y: Float[Array, " n"]) -> Layers:
    """One hidden ReLU layer that equals the piecewise-linear interpolant of the knots on [min x, max x].

    Args:
        x: abscissae of the knots, n >= 2, distinct, **in any order**, not equally spaced, of either sign.
        y: the values there.

    Returns:
        [(W1, b1), (W2, b2)] with shapes (1, m), (m,), (m, 1), (1,); the number m of hidden units is at most n - 1.
        What the network does outside [min x, max x] is your choice.

    Example:
        x = [2, 0, 1], y = [3, 1, 0]: slopes -1 and 3, so f(t) = 1 - relu(t) + 4 relu(t - 1) and f(1.5) = 1.5.
    """
    ### BEGIN SOLUTION
    order = jnp.argsort(x)
    x, y = x[order], y[order]
    slopes = jnp.diff(y) / jnp.diff(x)
    slope_changes = jnp.diff(slopes, prepend=0.0)
    hidden = (jnp.ones((1, len(x) - 1)), -x[:-1])  # the first kink sits on the left end: that unit is the first slope
    return [hidden, (slope_changes[:, None], y[:1])]
    ### END SOLUTION


# %% check="interpolant"
_arrays = lambda layers: [(jnp.asarray(W), jnp.asarray(b)) for W, b in layers]
_net = _arrays(interpolating_net(jnp.array([2.0, 0.0, 1.0]), jnp.array([3.0, 1.0, 0.0])))
_at = lambda t: float(evaluate(_net, jnp.array([[t]]))[0, 0])
assert [np.shape(a) for a in _net[0]] == [(1, 2), (2,)], "three knots need two hidden units: W1 is (1, 2), b1 is (2,)"
assert [np.shape(a) for a in _net[1]] == [(2, 1), (1,)], "W2 is (2, 1) and b2 is (1,): rows are inputs of a layer"
assert abs(_at(0.0) - 1.0) < 1e-5, "at the leftmost knot only the output bias is left: is it the y of the *smallest* x?"
assert abs(_at(1.5) - 1.5) < 1e-5, "output weights are *changes* of slope: past a kink all earlier units stay active"
_net = _arrays(interpolating_net(jnp.array([3.0, -1.0, 0.0]), jnp.array([2.0, 4.0, 1.0])))
assert np.allclose([_at(-1.0), _at(0.0), _at(3.0)], [4.0, 1.0, 2.0], atol=1e-4), (
    "knots at -1, 0 and 3: the gaps differ, and each slope is over its own"
)

# %% [markdown]
# **Before you plot.** The spline says nothing to the left of the first knot or to the right of the last. Your network
# must say something. Which of its units are active at $t \to -\infty$ and at $t \to +\infty$, and what are the two
# slopes there?

# %% tags=["demo"]
knots_x, knots_y = jnp.array([1.3, -1.5, 0.4, 2.0, -0.6]), jnp.array([-0.8, 0.5, 1.6, 0.3, -0.4])
net = interpolating_net(knots_x, knots_y)
t = jnp.linspace(-2.6, 3.0, 561)[:, None]
units = jax.nn.relu(t @ net[0][0] + net[0][1]) * net[1][0][:, 0]

fig, (left, right) = panels(2)
left.axvspan(-1.5, 2.0, color="black", alpha=0.05, lw=0)
left.plot(t, evaluate(net, t), color=COLORS[0], label="the network")
theory(left, np.sort(knots_x), np.array(knots_y)[np.argsort(knots_x)], "linear spline")
left.plot(knots_x, knots_y, "o", color="black", label="knots")
finish(left, "A network through five points", "$t$", "output", ylim=(-2.2, 2.3))
for j in range(units.shape[1]):
    right.plot(t, units[:, j], color=COLORS[j], label=f"unit {j + 1}")
finish(right, "Its hidden units, each times its output weight", "$t$", "contribution")

# %% [markdown]
# **Look again.** The units on the right grow far beyond the values that their sum takes on the left. What does this
# cancellation mean for a network whose weights carry a relative error of $10^{-3}$, and where on the interval do *you*
# see it first? (That depends on which way your units look. Which choice keeps the contributions smallest?)

# %% [markdown] question="breakpoints" points=5 minutes=75 difficulty="***"
# ## 3.2 Every kink, exactly
#
# "Number of linear pieces" is the currency of every depth-separation theorem. It can be computed exactly, and a plot
# or a fine grid is no substitute: pieces can be narrower than any grid.
#
# Walk along the segment $x(t) = (1-t)\,x_0 + t\,x_1$, $0 \le t \le 1$, from `start` $= x_0$ to `end` $= x_1$ in
# $\mathbb R^d$. Suppose that a layer's input is linear between breakpoints $0 = t_0 < t_1 < \dots < t_m = 1$. Then so
# are its pre-activations $z_j$, and a ReLU adds a breakpoint wherever one of them changes sign inside a piece,
#
# $$ t^\ast = t_i + \frac{z_j(t_i)}{z_j(t_i) - z_j(t_{i+1})}\,(t_{i+1} - t_i)
# \qquad\text{if } z_j(t_i)\, z_j(t_{i+1}) < 0 . $$
#
# Do this layer by layer. At the end keep only the points where *the output's slope really changes*: a kink of a
# hidden unit can be cancelled by another one, or multiplied by zero, or be swallowed by a later unit that is off.
#
# This is combinatorics, so work in float64: `np.asarray(W, np.float64)` and NumPy, which your own code may use
# freely. Several units may cross zero at one point, and their computed roots then differ in the last digits: merge
# what is closer than $10^{-9}$ *before* you divide by lengths, and treat the ends of the segment in the same way (a
# kink that falls on $t = 0$ up to rounding is not inside). A function without kinks, linear or constant, has the
# empty array as its answer. What the docstring lets you rely on is true of the tests; the networks that you plot may
# have closer breakpoints, and merging at $10^{-9}$ will still tell them apart.
#
# *About 75 minutes, difficulty \*\*\*.*

# %% solution="breakpoints"
def breakpoints(
    layers: Layers, start: Float[Array, " d"], end: Float[Array, " d"]
) -> Float[np.ndarray, " kinks"]:
    """All t in the open interval (0, 1) where the slope of f((1 - t) start + t end) changes, in increasing order.

    Args:
        layers: a network of any depth with d inputs and one output; the last layer has no ReLU.
        start, end: the segment's ends.

    Returns:
        The breakpoints as a one-dimensional array, shape (0,) if there is none. The number of linear pieces is its
        length plus one. A kink that falls on t = 0 or t = 1 does not count.

    You may rely on this: the output's breakpoints are at least 1e-3 apart, and a slope changes either not at all (up to
    rounding) or by more than a thousandth of the largest |slope|.

    Example:
        The tent 1 - relu(2x - 1) - relu(1 - 2x) from 0 to 1 has the breakpoint [0.5]; from 0 to 2 it is [0.25];
        relu(x) - relu(-x) from -1 to 1 is the identity: [].
    """
    ### BEGIN SOLUTION
    t = np.array([0.0, 1.0])
    h = np.stack([np.asarray(start, np.float64), np.asarray(end, np.float64)])
    layers = [(np.asarray(W, np.float64), np.asarray(b, np.float64)) for W, b in layers]
    for W, b in layers[:-1]:
        z = h @ W + b
        piece, unit = np.nonzero(z[:-1] * z[1:] < 0)
        fraction = z[piece, unit] / (z[piece, unit] - z[piece + 1, unit])
        t_new = t[piece] + fraction * (t[piece + 1] - t[piece])
        z_new = z[piece] + fraction[:, None] * (z[piece + 1] - z[piece])
        t, z = np.concatenate([t, t_new]), np.concatenate([z, z_new])
        order = np.argsort(t)
        t, h = t[order], np.maximum(z[order], 0.0)
        distinct = np.diff(t, prepend=-1.0) > 1e-10  # two units may cross zero at one point
        t, h = t[distinct], h[distinct]
    slopes = np.diff(h @ layers[-1][0][:, 0]) / np.diff(t)
    return t[1:-1][np.abs(np.diff(slopes)) > 1e-5 * np.abs(slopes).max()]
    ### END SOLUTION


# %% check="breakpoints"
_two = (jnp.array([[2.0, -2.0]]), jnp.array([-1.0, 1.0]))
_tent = [_two, (jnp.array([[-1.0], [-1.0]]), jnp.array([1.0]))]
_found = lambda layers, a, b: np.asarray(breakpoints(layers, jnp.array([a]), jnp.array([b])))
_are = lambda found, t, atol=1e-4: found.shape == (len(t),) and np.allclose(found, t, rtol=0, atol=atol)
assert _found(_tent, 0.0, 1.0).ndim == 1, "return a one-dimensional array of the breakpoints, not their number"
assert _are(_found(_tent, 0.0, 1.0), [0.5]), (
    "both units cross zero at 1/2: that is one breakpoint, not two. None at all: two equal points leave a piece of "
    "length 0, whose slope is 0/0: merge them first"
)
assert _are(_found(_tent, 0.0, 2.0), [0.25]), "breakpoints are reported as t in (0, 1), not as x"
assert _are(_found(_tent, 0.0, 1.5), [1 / 3], atol=1e-5), "t = 1/3 to rounding: solve for the crossing; a grid misses it"
_linear = [_two, (jnp.array([[1.0], [-1.0]]), jnp.array([0.0]))]
assert _found(_linear, 0.0, 1.0).shape == (0,), "relu(z) - relu(-z) = z has no kink: compare the output's slopes"
_steeper = [_two, (jnp.array([[2.0], [-1.0]]), jnp.array([0.0]))]
assert _are(_found(_steeper, 0.0, 1.0), [0.5]), "the slope goes from 2 to 4 at 1/2: a kink need not be a peak or a valley"
assert _found(_tent, 0.5, 1.0).shape == _found(_tent, 0.0, 0.5).shape == (0,), (
    "here the tent's kink falls on an end of the segment: t = 0 and t = 1 do not count"
)
_fold = (jnp.array([[-1.0, -1.0], [-1.0, -1.0]]), jnp.array([0.5, 1.0]))
_twice = [_two, _fold, (jnp.array([[1.0], [0.0]]), jnp.zeros(1))]
assert _are(_found(_twice, 0.0, 1.0), [0.25, 0.5, 0.75]), "a later layer folds the earlier one's output again"

# %% [markdown]
# **Before you plot.** The network below has two inputs and two hidden layers of eight units. Its first layer draws
# eight straight lines in the plane. What do the kinks of the second layer look like? Along a random segment, about
# how many breakpoints do you expect?

# %% tags=["demo"]
import itertools

rng = np.random.default_rng(36)


def random_net(rng: np.random.Generator, widths: list[int], sigma_b: float) -> Layers:
    """He initialisation, W ~ N(0, 2 / fan_in), b ~ N(0, sigma_b^2), in float64."""
    draw = lambda m, n: (rng.normal(size=(m, n)) * np.sqrt(2 / m), rng.normal(size=n) * sigma_b)
    return [draw(m, n) for m, n in itertools.pairwise(widths)]


planar = random_net(rng, [2, 8, 8, 1], sigma_b=0.5)
start, end = np.array([-2.6, -1.8]), np.array([2.4, 2.2])
kinks = np.asarray(breakpoints(planar, start, end))
side = np.linspace(-3, 3, 301)
plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
first = plane @ planar[0][0] + planar[0][1]
second = np.maximum(first, 0) @ planar[1][0] + planar[1][1]


crossings = start + kinks[:, None] * (end - start)
t = np.linspace(0, 1, 501)
along = lambda t: evaluate(planar, jnp.asarray(start + np.asarray(t)[:, None] * (end - start)))[:, 0]

fig, (left, right) = panels(2, height=4.0)
for z, color in ((first, "grey"), (second, COLORS[0])):
    for j in range(z.shape[1]):
        left.contour(side, side, z[:, j].reshape(301, 301), levels=[0], colors=color, linewidths=1.2)
left.plot(*np.stack([start, end], axis=1), color=COLORS[4])
left.plot(*crossings.T, "o", color=COLORS[1], ms=5, zorder=5)
left.set_aspect("equal")
left.grid(False)
finish(left, "Kinks of layer 1 (grey) and layer 2 (blue)", "$x_1$", "$x_2$")
right.plot(t, along(t), color=COLORS[4])
right.plot(kinks, along(kinks), "o", color=COLORS[1], ms=5, label=f"{len(kinks)} breakpoints, {len(kinks) + 1} pieces")
finish(right, "The output along the segment", "$t$", "output")

# %% [markdown]
# **Look again.** Find a blue line that bends. Where exactly do blue lines bend, and why only there? Every crossing of
# the orange segment with a line carries a red dot here: what would layer 2 have to do for a grey crossing to carry
# none?

# %% [markdown] question="sawtooth" points=3 minutes=25 difficulty="**"
# ## 3.3 Exponentially many pieces
#
# One hidden layer of $n$ units makes at most $n + 1$ pieces. Composition *multiplies* pieces: fold the interval once
# more, and every piece becomes two. The tent map on $[0, 1]$,
#
# $$ T(x) = \begin{cases} 2x & x \le \tfrac12 \\ 2 - 2x & x \ge \tfrac12, \end{cases}
# \qquad f_k = \underbrace{T \circ \dots \circ T}_{k}, $$
#
# needs two ReLU units; $f_k$ (`k` $= k$) is a sawtooth with $2^{k-1}$ teeth and $2^k$ pieces (Telgarsky 2015), and
# $f_k(j/2^k)$ is 0 for even $j$ and 1 for odd $j$. No ReLU stands between one tent's output and the next tent's first
# layer, so the two affine maps there merge into one: that leaves exactly $k$ hidden layers.
#
# *About 25 minutes, difficulty \*\*.*

# %% solution="sawtooth"
def sawtooth(k: int) -> Layers:
    """The network that equals the k-fold composition of the tent map on [0, 1].

    Args:
        k: number of compositions, k >= 1.

    Returns:
        k + 1 layers: k hidden ReLU layers of two units each and the linear output. One input, one output.

    Example:
        f_1 is the tent: f_1(0.25) = 0.5, f_1(0.5) = 1. And f_2(0.25) = 1, f_2(0.5) = 0, f_2(0.6) = 0.4.
    """
    ### BEGIN SOLUTION
    kinks = jnp.array([0.0, 0.5])  # T(x) = 2 relu(x) - 4 relu(x - 1/2) for 0 <= x <= 1
    heights = jnp.array([[2.0], [-4.0]])
    first = (jnp.ones((1, 2)), -kinks)
    merged = (heights @ jnp.ones((1, 2)), -kinks)
    return [first] + [merged] * (k - 1) + [(heights, jnp.zeros(1))]
    ### END SOLUTION


# %% check="sawtooth"
_arrays = lambda layers: [(jnp.asarray(W), jnp.asarray(b)) for W, b in layers]
_f = lambda k, x: np.asarray(evaluate(_arrays(sawtooth(k)), jnp.asarray(x)[:, None]))[:, 0]
assert np.allclose(_f(1, [0.0, 0.25, 0.5, 1.0]), [0.0, 0.5, 1.0, 0.0]), "f_1 is the tent: slope 2, then slope -2"
assert len(sawtooth(3)) == 4, "three hidden layers and the output: merge one tent's output with the next one's input"
assert np.allclose(_f(3, [0.0, 0.125, 0.25, 0.375]), [0.0, 1.0, 0.0, 1.0]), "f_3 goes 0, 1, 0, 1, ... in steps of 1/8"

# %% [markdown]
# **Before you plot.** You can count pieces now, and you can make many. Take random networks of width 16 at He
# initialisation: eight times as many units per layer as the sawtooth. At which depth does the sawtooth overtake them?
# And if every weight and bias of a sawtooth is perturbed by 10 %, how many of its pieces survive? (The one that is
# perturbed here is given, so that everybody sees the same: it folds $[-1, 1]$ with $x \mapsto 1 - 2|x|$. Others are
# tougher: try yours.)

# %% tags=["demo"]
sigma_b, width, depths = 0.5, 16, np.arange(1, 10)
count = lambda layers, left=0.0: 1 + len(np.asarray(breakpoints(layers, np.full(1, left), np.ones(1))))


def folded(k: int) -> Layers:
    """x -> 1 - 2|x| = -1 + 2 relu(x + 1) - 4 relu(x) on [-1, 1], composed k times: 2^k pieces."""
    into, out = np.ones((1, 2)), np.array([[2.0], [-4.0]])
    first, between = (into, np.array([1.0, 0.0])), (out @ into, np.array([0.0, -1.0]))
    return [first, *[between] * (k - 1), (out, -np.ones(1))]


jitter = lambda a: np.asarray(a) * (1 + 0.1 * rng.normal(size=np.shape(a)))
perturbed = lambda layers: [(jitter(W), jitter(b)) for W, b in layers]

teeth = [count(sawtooth(int(k))) for k in depths]
broken = np.array([[count(perturbed(folded(int(k))), -1.0) for _ in range(30)] for k in depths])
sizes = [[1] + [width] * k + [1] for k in depths]
random_counts = np.array([[count(random_net(rng, widths, sigma_b)) for _ in range(30)] for widths in sizes])

x = (np.arange(2000) + 0.5) / 2000
mean_squares = [2 * x**2 + layer * sigma_b**2 for layer in depths]
zeros_per_unit = [np.mean(np.sqrt(2 / q - (2 * x / q) ** 2)) / np.pi for q in mean_squares]
rice = 1 + width * np.cumsum(zeros_per_unit)

fine = np.linspace(0, 1, 1025)[:, None]
mean, error = random_counts.mean(1), random_counts.std(1) / np.sqrt(30)
reach = [broken.mean(1) - broken.min(1), broken.max(1) - broken.mean(1)]

fig, (left, right) = panels(2, height=4.0)
for k, color in ((1, "grey"), (3, COLORS[4]), (5, COLORS[0])):
    left.plot(fine, evaluate(sawtooth(k), jnp.asarray(fine)), color=color, lw=1.4, label=f"$k = {k}$")
finish(left, "The tent map, composed", "$x$", "$f_k(x)$", ylim=(-0.05, 1.5))
bars = {"capsize": 2, "lw": 1, "ls": "none"}
right.plot(depths, teeth, "o", color=COLORS[0], label="your sawtooth, width 2")
right.errorbar(depths + 0.1, broken.mean(1), reach, marker="s", color=COLORS[1], label="a given one, perturbed", **bars)
right.errorbar(depths, mean, 2 * error, marker="^", color=COLORS[2], label="random, width 16: mean of 30", **bars)
theory(right, depths, 2.0**depths, "$2^k$, and Rice's formula")
theory(right, depths, rice)
finish(right, "Linear pieces, counted exactly", "hidden layers $k$", "pieces", yscale="log", ylim=(1.5, 4e4))

# %% [markdown]
# The theory for the random ones: in a wide network each pre-activation along the line is a Gaussian process, whose
# zeros Rice's formula counts. With $q = \mathbb E z^2$, $r = \mathbb E z\dot z$, $d = \mathbb E \dot z^2$ in a given
# layer, a unit has $\frac1\pi\int_0^1 \sqrt{d/q - (r/q)^2}\,dx$ zeros on average; a ReLU layer with weight variance
# $2/\text{fan-in}$ maps $(q, r, d) \mapsto (q + \sigma_b^2,\, r,\, d)$, starting from
# $(2x^2 + \sigma_b^2,\, 2x,\, 2)$.
#
# **Look again.** On the logarithmic axis the blue points are a straight line and the green ones bend. Is the growth
# of the green ones with depth faster than linear, linear or slower, and which term of the theory says so? What share
# of the given sawtooth's pieces survives the perturbation at $k = 2$, at $k = 9$, and what does this say about the
# networks *near* the one that proves the theorem (compare Hanin and Rolnick 2019)? If your own survives better: which
# of its symmetries helps?

# %% [markdown] question="free_knots" points=4 minutes=30 difficulty="**"
# ## 3.4 Where to put the knots
#
# How good is a network with $n$ pieces? On a piece of length $h$ the linear interpolant of a $C^2$ function is off by
# at most $\tfrac{h^2}{8}\max|g''|$, so equal pieces give $\sup|g - f| \le \frac{(b-a)^2}{8n^2}\max|g''|$. But a
# network *chooses* its kinks. To make all pieces equally bad, $h^2 |g''|$ must be the same everywhere: the knots
# should share out $\sqrt{|g''|}$ evenly. With
#
# $$ F(x) = \int_a^x \sqrt{|g''(u)|}\,du, \qquad F(x_i) = \tfrac{i}{n}\,F(b) \quad (i = 0, \dots, n), \qquad
# \sup|g - f| \approx \frac{F(b)^2}{8 n^2} $$
#
# for large $n$ and $g''$ without zeros: still $n^{-2}$, with a constant that can be smaller by any factor (de Boor
# 1973). You know $g''$ (`curvature`) on a fine grid $a = u_1 < \dots < u_m = b$ (`grid`) that need not be equally
# spaced; use the trapezoidal rule for $F$, and linear interpolation to invert it. `pieces` is $n$.
#
# *About 30 minutes, difficulty \*\*.*

# %% solution="free_knots"
def free_knots(
    grid: Float[Array, " m"], curvature: Float[Array, " m"], pieces: int
) -> tuple[Float[Array, " pieces+1"], Float[Array, ""]]:
    """Knots that share out the integral of sqrt|g''| evenly, and the leading-order sup error of their spline.

    Args:
        grid: increasing abscissae from a to b, spacing not constant; hundreds of points.
        curvature: the second derivative g'' there, **of either sign**, zero at isolated points at most.
        pieces: the number n of linear pieces.

    Returns:
        (knots, error): the n + 1 knots in increasing order, the first a, the last b; and F(b)^2 / (8 n^2), a scalar.

    Example:
        g = x^4 / 12 on [0, 1] has g'' = x^2, so F(x) = x^2 / 2: with 4 pieces the knots are sqrt(i / 4) and the error
        is 1/512. Equal pieces have the error bound 1/128.
    """
    ### BEGIN SOLUTION
    density = jnp.sqrt(jnp.abs(curvature))
    increments = jnp.diff(grid) * (density[1:] + density[:-1]) / 2
    F = jnp.concatenate([jnp.zeros(1), jnp.cumsum(increments)])
    total = F[-1]
    knots = jnp.interp(jnp.linspace(0.0, total, pieces + 1), F, grid)
    return knots, total**2 / (8 * pieces**2)
    ### END SOLUTION


# %% check="free_knots"
_grid = jnp.linspace(0.0, 1.0, 513)
_knots, _error = free_knots(_grid, _grid**2, 4)
assert np.shape(_knots) == (5,), "four pieces have five knots, both ends included"
assert np.allclose(_knots, np.sqrt(np.arange(5) / 4), atol=5e-3), "equal shares of sqrt|g''|, not of |g''| or of x"
assert abs(float(_error) * 512 - 1) < 2e-2, "F(b)^2 / (8 n^2) with n the number of pieces, not of knots"
assert np.allclose(free_knots(_grid, -(_grid**2), 4)[0], _knots, atol=1e-5), "only the size of the curvature matters"
_uneven = _grid**2
assert np.allclose(free_knots(_uneven, _uneven**2, 4)[0], np.sqrt(np.arange(5) / 4), atol=1e-2), (
    "the grid is not equally spaced: every trapezoid has a width of its own"
)
assert np.allclose(free_knots(1 + 2 * _grid, _grid**2, 4)[0], 1 + 2 * np.sqrt(np.arange(5) / 4), atol=1e-2), (
    "a grid from 1 to 3: the first knot is a = 1, the last b = 3"
)

# %% [markdown]
# **Before you plot.** The target is nearly singular at one end: $g(x) = \sqrt{x + 0.01}$ on $[0, 1]$. On doubly
# logarithmic axes, error against number of pieces: which *slopes* do you expect for equal and for free knots, for few
# pieces and for many, and by about which factor do the two end up apart? Compute $F(1)$ by hand.

# %% tags=["demo"]
g = lambda x: np.sqrt(x + 0.01)
grid = np.geomspace(0.01, 1.01, 2001) - 0.01
curvature = -0.25 * (grid + 0.01) ** -1.5


def sup_error(knots: np.ndarray) -> float:
    """sup |g - spline| on [0, 1], on a grid with 200 points in every piece."""
    inside = np.concatenate([np.linspace(a, b, 200) for a, b in itertools.pairwise(knots)])
    return float(np.abs(g(inside) - np.interp(inside, knots, g(knots))).max())


pieces = np.array([2, 4, 8, 16, 32, 64, 128, 256, 512])
chosen = [free_knots(jnp.asarray(grid), jnp.asarray(curvature), int(n)) for n in pieces]
few, even = np.asarray(free_knots(jnp.asarray(grid), jnp.asarray(curvature), 6)[0]), np.linspace(0, 1, 7)
net = interpolating_net(jnp.asarray(few), jnp.asarray(g(few)))
equal = [sup_error(np.linspace(0, 1, n + 1)) for n in pieces]
free = [sup_error(np.asarray(knots, np.float64)) for knots, _ in chosen]

fig, (left, right) = panels(2, height=3.8)
left.plot(grid, g(grid), color="grey", lw=5, alpha=0.3, label="$g$")
left.plot(even, g(even), "s-", color=COLORS[1], ms=4, lw=1.3, label="6 equal pieces")
left.plot(grid, evaluate(net, jnp.asarray(grid)[:, None]), color=COLORS[0], lw=1.3, label="6 free pieces: your network")
left.plot(few, g(few), "o", color=COLORS[0], ms=5)
finish(left, "Six pieces, placed twice", "$x$", "")
right.plot(pieces, equal, "s", color=COLORS[1], label="equal pieces")
right.plot(pieces, free, "o", color=COLORS[0], label="free knots")
theory(right, pieces, np.abs(curvature).max() / (8 * pieces**2.0), r"$\max|g''|/8n^2$, and $F(1)^2/8n^2$")
theory(right, pieces, [float(error) for _, error in chosen])
finish(right, "How well they fit", "pieces $n$", "sup error", xscale="log", yscale="log", ylim=(3e-7, 300))

# %% [markdown]
# **Look again.** One of the two theory lines is an upper bound at every $n$, the other only an asymptote. Which is
# which, and where do you see it? How many equal pieces replace 16 free ones? What would the orange points do if 0.01
# went to 0, and what the blue ones? (The rate $n^{-2}$ belongs to one dimension: in $d$ dimensions a spline on a grid
# needs $n^d$ cells for the same accuracy. On smooth functions a deep network beats even this rate, by building $x^2$
# from your sawtooth: Yarotsky 2017.)

# %% [markdown] question="mean_field" points=5 minutes=40 difficulty="***"
# ## 3.5 Two inputs in a deep random network
#
# Why can a network of fifty layers be trained at all? Before any training, the answer is in two numbers that the
# layers iterate: the mean square $q$ of a pre-activation, and the correlation $c$ of the pre-activations of two
# inputs. With $W_{ij} \sim N(0, \sigma_w^2/\text{fan-in})$ and $b_i \sim N(0, \sigma_b^2)$, in the limit of infinite
# width (Poole et al. 2016),
#
# $$ q' = \sigma_w^2\,\mathbb E\big[\varphi(\sqrt q\,z)^2\big] + \sigma_b^2, \qquad
# c' = \frac{1}{q'}\Big(\sigma_w^2\,\mathbb E\big[\varphi(u_1)\varphi(u_2)\big] + \sigma_b^2\Big), \qquad
# \chi = \sigma_w^2\,\mathbb E\big[\varphi'(\sqrt q\,z)^2\big], $$
#
# where $z, z_1, z_2 \sim N(0, 1)$ are independent, $u_1 = \sqrt q\,z_1$ and
# $u_2 = \sqrt q\,(c\,z_1 + \sqrt{1 - c^2}\,z_2)$: both inputs have the same $q$. Arguments: `phi` is $\varphi$, `q`
# and `c` are $q$ and $c$ in one layer, `sigma_w` and `sigma_b` are standard deviations. At a fixed point $q' = q$,
# the number $\chi$ is the slope of $c \mapsto c'$ at $c = 1$ (elsewhere that slope is $\chi q/q'$), and the factor by
# which a gradient's square grows per layer: $\chi < 1$ is the ordered phase, $\chi > 1$ the chaotic one.
#
# Replace each expectation by a sum over nodes: `np.polynomial.hermite_e.hermegauss(200)` gives nodes and weights for
# the weight function $e^{-z^2/2}$, whose integral is $\sqrt{2\pi}$, not 1. A two-dimensional expectation takes all
# pairs of nodes. For smooth $\varphi$ twenty nodes are plenty, but at a kink Gauss quadrature converges slowly, its
# error falling no faster than the distance of the nodes: for the ReLU at $c = 0$, where $c' = 1/\pi = 0.3183$, 64
# nodes give 0.3224 and 200 give 0.3196. An odd number puts a node on the kink itself. A fine equally spaced grid does
# as well. Tests accept $q'$ and $c'$ to $5 \cdot 10^{-3}$ and $\chi$ to $2 \cdot 10^{-2}$. And if you iterate the map,
# $c'$ may come out as 1.0000001 in float32: what does your $\sqrt{1 - c^2}$ say to that?
#
# *About 40 minutes, difficulty \*\*\*.*

# %% solution="mean_field"
def mean_field_step(phi, q: float, c: float, sigma_w: float, sigma_b: float) -> tuple[float, float, float]:
    """One layer of the variance map and the correlation map, and the slope chi.

    Args:
        phi: the activation, an elementwise JAX function that `jax.grad` can differentiate; in general neither odd nor
            zero at 0.
        q: mean square of the pre-activations, 0 < q <= 3, the same for both inputs.
        c: their correlation, -1 <= c <= 1, both ends included.
        sigma_w: weights have the **variance** sigma_w^2 / fan_in.
        sigma_b: biases have the **variance** sigma_b^2.

    Returns:
        (q', c', chi), three scalars, by a deterministic quadrature: q' to 5e-3 (relative), c' to 5e-3, chi to 2e-2
        (relative), for activations with a kink, too. If you lay your own grid, reach to |z| = 6 at least and keep z = 0
        off it: a ReLU's derivative jumps there.

    Example:
        phi = jax.nn.relu, q = 2, c = 0, sigma_w^2 = 2, sigma_b = 0: q' = 2, c' = 1/pi = 0.318, chi = 1.
        phi(x) = x, q = 2, c = 0, sigma_w = sigma_b = 1: q' = 3, c' = 1/3, chi = 1.
    """
    ### BEGIN SOLUTION
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    z, w = jnp.asarray(nodes), jnp.asarray(weights / np.sqrt(2 * np.pi))
    u1 = jnp.sqrt(q) * z
    u2 = jnp.sqrt(q) * (c * z[:, None] + jnp.sqrt(1 - c**2) * z[None, :])
    q_next = sigma_w**2 * jnp.sum(w * phi(u1) ** 2) + sigma_b**2
    covariance = sigma_w**2 * jnp.einsum("i,j,i,ij->", w, w, phi(u1), phi(u2)) + sigma_b**2
    chi = sigma_w**2 * jnp.sum(w * jax.vmap(jax.grad(phi))(u1) ** 2)
    return q_next, covariance / q_next, chi
    ### END SOLUTION


# %% check="mean_field"
_q, _c, _chi = mean_field_step(lambda x: x, 2.0, 0.0, 1.0, 1.0)
assert abs(float(_q) - 3) < 1e-2, "the identity keeps q, then come sigma_w^2 and sigma_b^2: do your weights sum to 1?"
assert abs(float(_c) - 1 / 3) < 5e-3, "two uncorrelated inputs share the biases: c' = sigma_b^2 / q' here"
_q, _c, _chi = mean_field_step(lambda x: x, 2.0, 0.5, 1.0, 0.0)
assert max(abs(float(_q) - 2), abs(float(_c) - 0.5)) < 2e-3, (
    "without biases the identity keeps q and c, and a quadrature says so to four digits; random samples are off by 1e-2"
)
_q, _c, _chi = mean_field_step(jax.nn.relu, 2.0, 0.0, np.sqrt(2.0), 0.0)
assert abs(float(_q) - 2) < 1e-2, "He: sigma_w^2 = 2 keeps the mean square through a ReLU"
assert abs(float(_c) - 1 / np.pi) < 5e-3, "the mean of relu(u) is not subtracted: c' is a correlation about zero"
assert abs(float(_chi) - 1) < 1e-2, "chi has the derivative of phi, squared: relu'(z)^2 is 1 for half of all z"
_q, _c, _chi = mean_field_step(jnp.square, 0.5, 0.5, 1.0, 0.5)
assert abs(float(_q) - 1) < 5e-3, "phi(z) = z^2 at q = 0.5: q' = 0.75 + 0.25. 1.25: sigma_b is a standard deviation"
assert abs(float(_chi) - 2) < 2e-2, (
    "phi(z) = z^2, phi'(z) = 2z: chi = 2. 0: the mean came before the square; 4: phi' belongs at sqrt(q) z; 2.25: a bias "
    "does not change a slope"
)
assert abs(float(_c) - 0.625) < 5e-3, "c' = 0.625. Less than 0.6: does u_2 have the same mean square as u_1?"

# %% [markdown]
# **Before you plot.** Left: the map $c \mapsto c'$ of tanh at its $q^\ast$, for three values of $\sigma_w$. Which of
# its fixed points are stable? Right: ReLU at $\sigma_w^2 = 2$, $\sigma_b = 0$ has $\chi = 1$ exactly. Two inputs
# start with $c = 0$; after 50 layers, is $1 - c$ near 1, near 0.1, near 0.01, or $e^{-50}$?

# %% tags=["demo"]
def fixed_point(phi, sigma_w: float, sigma_b: float) -> float:
    """q* of the variance map, by iteration, to about 1e-4."""
    q, old = 1.0, 0.0
    while abs(q - old) > 2e-5:
        q, old = float(mean_field_step(phi, q, 1.0, sigma_w, sigma_b)[0]), q
    return q


def random_pair_flow(rng: np.random.Generator, width: int, depth: int) -> np.ndarray:
    """Correlation of two inputs' pre-activations in one random ReLU network, sigma_w^2 = 2, sigma_b = 0, per layer."""
    z = rng.normal(size=(2, width))
    z[1] -= z[0] * (z[0] @ z[1]) / (z[0] @ z[0])  # exactly orthogonal inputs
    flow = []
    for _ in range(depth):
        flow.append(z[0] @ z[1] / np.sqrt((z[0] @ z[0]) * (z[1] @ z[1])))
        z = np.maximum(z, 0) @ rng.normal(size=(width, width)) * np.sqrt(2 / width)
    return np.array(flow)


fig, (left, right) = panels(2, height=4.0)
grid_c, near = np.linspace(0, 1, 21), np.array([0.84, 1.0])
left.plot([0, 1], [0, 1], color="grey", lw=1)
for sigma_w, color in ((1.0, COLORS[0]), (1.39, COLORS[2]), (2.5, COLORS[1])):
    q = fixed_point(jnp.tanh, sigma_w, 0.3)
    chi = float(mean_field_step(jnp.tanh, q, 1.0, sigma_w, 0.3)[2])
    curve = [float(mean_field_step(jnp.tanh, q, float(c), sigma_w, 0.3)[1]) for c in grid_c]
    left.plot(grid_c, curve, color=color, label=rf"$\sigma_w = {sigma_w}$, $\chi = {chi:.2f}$")
    theory(left, near, 1 + chi * (near - 1), r"slope $\chi$ at $c = 1$" if sigma_w == 2.5 else None)
finish(left, r"tanh at $q^\ast$, $\sigma_b = 0.3$", "$c$", "$c'$")

exact = [0.0]  # correlations, layer by layer, from two orthogonal inputs
for _ in range(999):
    theta = np.arccos(min(exact[-1], 1.0))
    exact.append((np.sin(theta) + (np.pi - theta) * np.cos(theta)) / np.pi)
# One step from each exact value: iterated, the quadrature's errors at the kink add up (64 nodes: 17 % in layer 30).
yours = [float(mean_field_step(jax.nn.relu, 1.0, c, np.sqrt(2.0), 0.0)[1]) for c in exact[:29]]
for flow in (random_pair_flow(rng, 400, 60) for _ in range(12)):
    label = None if right.lines else "12 random networks, width 400"
    right.plot(np.arange(1, 61), 1 - flow, color=COLORS[4], alpha=0.4, lw=0.9, label=label)
right.plot(np.arange(1, 1001), 1 - np.array(exact), color=COLORS[0], lw=1.3, label="exact map, iterated")
right.plot(np.arange(2, 31), 1 - np.array(yours), "o", color=COLORS[0], ms=4, label="your map, from the layer below")
far = np.geomspace(8, 1000, 50)
theory(right, far, 9 * np.pi**2 / (2 * far**2), "asymptotic law")
finish(right, r"ReLU at $\sigma_w^2 = 2$, $\sigma_b = 0$", r"layer $\ell$", "$1 - c$", xscale="log", yscale="log")

# %% [markdown]
# **Look again.** At $\sigma_w = 2.5$ the map crosses the diagonal below 1. What happens to two nearly equal inputs in
# that network, and to two very different ones? On the right, is forgetting at criticality exponential or algebraic,
# and why do the single networks scatter more and more around the theory?

# %% [markdown] instructor=true
# The model solution takes 64 nodes: 4e-3 off at C(0) of ReLU, inside the suite's tolerances. Answers with more nodes
# or a finer grid come closer; iterated over 30 layers, 64 nodes give 1 - c 17 % too small, 200 nodes 6 %.

# %% [markdown] question="why_depth" points=4 minutes=30 difficulty="**" written=true
# ## 3.6 No shallow network imitates the sawtooth
#
# (a) Show that a network with one hidden layer of $n$ ReLU units has at most $n + 1$ linear pieces on a line, and
# that one with $L$ hidden layers of width $n$ has at most $(n + 1)^L$. (b) Show that a network with one hidden layer
# needs at least $2^k - 1$ units to equal $f_k$ on $[0, 1]$, and compare with yours. (c) Equality is much to ask. Let
# $g$ be continuous, with $m < 2^k$ linear pieces on $[0, 1]$. Show that $\sup_{[0,1]} |g - f_k| \ge \tfrac12$.
# *Hint: how often can $g - \tfrac12$ change sign?*

# %% [markdown] solution="why_depth"
# (a) On a line each unit of the first hidden layer is $\mathrm{relu}(\alpha t + \beta)$ and has at most one kink. A
# linear combination of $n$ such functions can have a kink only where one of them has, so at most $n$ kinks, $n + 1$
# pieces. For depth, induct: suppose that the outputs of a layer are jointly linear on each of at most $P$ intervals.
# On each interval each of the $n$ units of the next layer adds at most one kink, since its pre-activation is linear
# there, so each interval splits into at most $n + 1$. After $L$ layers $P \le (n+1)^L$; the linear output layer adds
# none.
#
# (b) $f_k$ has $2^k$ pieces: $T$ maps each of the halves of $[0,1]$ linearly onto all of $[0,1]$, so each piece of
# $f_{k-1}$ appears twice in $f_k = f_{k-1}\circ T$, and where they meet the slope changes sign. Hence
# $n + 1 \ge 2^k$, $n \ge 2^k - 1$ units, against $2k$ units in $k$ layers. (The sharp number is $2^k$, which question
# 3.1 attains. With $2^k - 1$ units each has its kink at one of the interior corners and, whichever way it looks,
# contributes there the slope change $\pm 2^{k+1}$; the slope at the left end is then a sum of such numbers, a multiple
# of $2^{k+1}$, and not $2^k$.)
#
# (c) Suppose $\sup|g - f_k| < \tfrac12$. At $t_j = j/2^k$ the sawtooth is 0 for even $j$ and 1 for odd $j$, so
# $g(t_j) < \tfrac12$ for even $j$ and $g(t_j) > \tfrac12$ for odd $j$. The continuous function $g - \tfrac12$
# therefore changes sign in each of the $2^k$ disjoint intervals $(t_j, t_{j+1})$: it has at least $2^k$ sign changes.
# A linear piece contains at most one sign change, so $m \ge 2^k$: a contradiction. (A sign change at a breakpoint
# between two pieces is counted for one of them only.) The bound is attained by $g = \tfrac12$. By (a), a network with
# $L$ layers of width $n$ that does better than the constant $\tfrac12$ needs $(n+1)^L \ge 2^k$, i.e.
# $n \ge 2^{k/L} - 1$.

# %% [markdown] rubric="why_depth"
# * **1 point** (a), one layer: kinks of a sum are among the kinks of its terms; $n + 1$.
# * **1 point** (a), depth: each linear interval is split by at most $n$ new kinks *because pre-activations are linear
#   on it*. An answer that multiplies without saying why: half.
# * **1 point** (b): $2^k$ pieces argued (not only quoted), $n \ge 2^k - 1$, compared with $2k$. The sharp
#   $n \ge 2^k$ is accepted with a proof; without one, half.
# * **1 point** (c): alternating values at $j/2^k$; at least $2^k$ sign changes, at most one per piece. Half if the
#   counting is off by one but the idea is there.
#
# Do not accept "because deep networks are more expressive", or (c) argued from a picture for $k = 2$ alone.

# %% [markdown] question="why_critical" points=4 minutes=50 difficulty="**" written=true
# ## 3.7 At the edge of chaos
#
# (a) Let $q^\ast$ be a fixed point of the variance map and $C(c)$ the correlation map at $q^\ast$. Show $C(1) = 1$
# and $C'(1) = \chi$ for smooth $\varphi$. *Hint: for $(u_1, u_2)$ Gaussian with covariance $\kappa$,
# $\frac{\partial}{\partial\kappa}\mathbb E[\varphi(u_1)\varphi(u_2)] = \mathbb E[\varphi'(u_1)\varphi'(u_2)]$.* (b)
# For ReLU with $\sigma_b = 0$, $\sigma_w^2 = 2$, the map is
# $C(c) = \frac1\pi\big(\sqrt{1 - c^2} + (\pi - \arccos c)\,c\big)$. Compare $C(0)$ with your function, to the accuracy
# of its quadrature; expand at $c = 1$; and derive the law $1 - c_\ell \approx 9\pi^2/(2\ell^2)$ that the plot shows.
# *Hint for the last step: $\varepsilon_{\ell+1} - \varepsilon_\ell$ is small, so read it as a derivative in $\ell$.* (c)
# What does the same computation give for smooth $\varphi$ with $\chi < 1$? Put in $\chi = 0.9$ and 50 layers, and say
# what it means for two inputs. (Gradients: one sentence is enough, a derivation is not expected.)

# %% [markdown] solution="why_critical"
# (a) At $c = 1$, $u_1 = u_2$, so
# $C(1) = \big(\sigma_w^2\mathbb E\varphi(\sqrt{q^\ast}z)^2 + \sigma_b^2\big)/q^\ast = q^\ast/q^\ast = 1$. The
# covariance of $(u_1, u_2)$ is $\kappa = q^\ast c$ with variances fixed, so by the hint and the chain rule
#
# $$ C'(c) = \frac{\sigma_w^2}{q^\ast}\,q^\ast\,\mathbb E[\varphi'(u_1)\varphi'(u_2)]
# = \sigma_w^2\,\mathbb E[\varphi'(u_1)\varphi'(u_2)], $$
#
# which at $c = 1$ is $\chi$. The bias and the division by $q^\ast$ drop out; it is here that $q' = q$ is used.
#
# (b) $C(0) = 1/\pi \approx 0.318$; the quadrature gives 0.318 to 0.323, by its nodes. Let $c = 1 - \varepsilon$,
# $\theta = \arccos c$. Then
# $C'(c) = 1 - \theta/\pi$, and $\cos\theta = 1 - \varepsilon$ gives
# $\theta = \sqrt{2\varepsilon} + O(\varepsilon^{3/2})$. Integrating from $c$ to 1,
#
# $$ 1 - C(1 - \varepsilon) = \int_0^{\varepsilon}\Big(1 - \frac{\sqrt{2s}}{\pi} + \dots\Big)ds
# = \varepsilon - \frac{2\sqrt2}{3\pi}\,\varepsilon^{3/2} + O(\varepsilon^{5/2}). $$
#
# So $\varepsilon_{\ell+1} - \varepsilon_\ell \approx -a\,\varepsilon_\ell^{3/2}$ with $a = 2\sqrt2/(3\pi)$. As a
# differential equation, $\frac{d}{d\ell}\varepsilon^{-1/2} = a/2$, so
# $\varepsilon_\ell \approx 4/(a\ell)^2 = 9\pi^2/(2\ell^2)$, whatever the start. (The next term gives
# $\varepsilon_\ell^{-1/2} = \tfrac a2\ell + \tfrac{3a}4\log\ell + O(1)$: the logarithm is why the plot reaches the
# law so slowly. At $\ell = 50$ the law says 0.018, the iterated map 0.013.)
#
# (c) If $\chi < 1$ and $C''$ is bounded near 1, then $\varepsilon_{\ell+1} \approx \chi\,\varepsilon_\ell$ and
# $\varepsilon_\ell \sim \chi^\ell = e^{-\ell/\xi}$ with $\xi = -1/\log\chi$: a depth scale. For $\chi = 0.9$ it is 9.5
# layers, and 50 layers leave $0.9^{50} = 0.005$ of the difference: the outputs of two inputs have nearly the same
# correlation 1, whatever the inputs were, and squared gradients shrink by the same factor. (At $\chi = 0.7$ it is
# $2\cdot10^{-8}$: to float32 accuracy all inputs give one output, and the network cannot be trained.) At $\chi = 1$
# the depth scale diverges, and what remains is algebraic.

# %% [markdown] rubric="why_critical"
# * **1 point** (a): $C(1) = 1$ from $q' = q$, and $C'(1) = \chi$ with the factor $q^\ast$ from $\kappa = q^\ast c$
#   cancelling. Half if the chain rule's factor is missing.
# * **1 point** (b): $C(0) = 1/\pi$ and the expansion with the exponent $3/2$ and the constant $2\sqrt2/(3\pi)$. Half
#   for the exponent alone.
# * **1 point** (b): from recursion to $9\pi^2/(2\ell^2)$ (a differential equation or a sum of differences of
#   $\varepsilon^{-1/2}$).
# * **1 point** (c): exponential, rate $\chi$ (or $\xi = -1/\log\chi$), $0.9^{50} \approx 0.005$, and one true
#   consequence: inputs become indistinguishable, or gradients vanish. Half without the number.
#
# A second-order Taylor expansion of $C$ at 1 is wrong for ReLU ($C''(1)$ is infinite): no point for the expansion,
# later steps are marked as consequences.
