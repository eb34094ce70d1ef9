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
# # Week 6 lab: Neurons as particles, and the transport of measures
#
# A wide network may be read as a gas: every neuron is a particle, and what the network computes depends on their
# *distribution* only. Training moves the particles, so it moves a probability measure, and the geometry in which it
# moves is that of optimal transport. Nothing is lazy here: the features travel. You build the gas, the distance
# between measures (exactly in one dimension, by Sinkhorn's algorithm in more), and a flow that carries one cloud into
# another. At the end you do for deep networks what the particles do for shallow ones: choose scales with which wide
# networks learn features, so that a learning rate found on a small network serves a large one.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 1 | A network is a measure | 4 | 35 | ** |
# | 2 | Transport on a line | 3 | 30 | ** |
# | 3 | Sinkhorn in the logarithmic domain | 4 | 35 | *** |
# | 4 | A cloud flows into another | 3 | 30 | *** |
# | 5 | Scales with which every layer learns | 3 | 25 | ** |
# | 6 | The coordinate check | 3 | 25 | ** |
#
# **How to work.** Each function gets all it needs as arguments, so you can do the questions in any order. After each
# one run its `grader.check`: it catches the usual slip; hidden tests then look more closely. Before each plot, write
# your prediction down. NumPy or JAX, loops or `scan`: every correct style is accepted. The figures call your functions
# thousands of times; with Python loops over neurons some of them take minutes. They are not graded, and you may skip
# them. The activation `phi` that you are *given* is a JAX function that acts on each entry of an array of any shape.
# You may trace and differentiate it; at a kink its slope is the one that JAX gives.
#
# **Conventions.** Everything is deterministic and in float32 (results may be float32 or float64). Where no accuracy
# is named, results are compared with a relative accuracy of $10^{-3}$ of the largest entry of each array. A scalar
# may be a Python number or an array of shape `()`, and a list of numbers is an array. A *discrete measure* is an
# array of points with an array of masses, which are $\ge0$ and add up to 1.

# %%
from course_lib.checks import open_checks

grader = open_checks("week06/lab")

# %%
import itertools
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.stats
from jaxtyping import Array, Float

from course_lib.data import digits
from course_lib.plots import COLORS, digit_gallery, finish, panels, theory

# %% tags=["demo"]
rng = np.random.default_rng(6)


def compiled(function, *example):
    """`function`, compiled by JAX if it can trace it; NumPy code cannot be traced and is called as it is."""
    try:
        size = len(jax.make_jaxpr(function)(*example).eqns)
    except (TypeError, ValueError, IndexError):  # tracers are no numbers: float(), NumPy and `if` refuse them
        return function
    # A Python loop is unrolled when traced: a long one would take minutes to compile.
    return jax.jit(function) if size < 600 else function


# %% [markdown] question="particles" points=4 minutes=35 difficulty="**"
# ## 1. A network is a measure
#
# Give the neuron $i$ of a two-layer network a mass $p_i$, with $\sum_ip_i=1$ (equal masses $1/n$ are the usual case).
# Then the network is an average over the measure $\mu=\sum_ip_i\,\delta_{(a_i,w_i)}$,
#
# $$f_\mu(x)=\sum_ip_i\,a_i\,\phi(w_i\cdot x)=\int a\,\phi(w\cdot x)\,d\mu(a,w),\qquad
# R(\mu)=\frac1{2m}\sum_{j=1}^m\bigl(f_\mu(x_j)-y_j\bigr)^2 .$$
#
# The risk $R$ is not convex in the weights, but it is convex in $\mu$. How does it change when a little mass moves to
# a place $(a,w)$? The *first variation* $V_\mu(a,w)$ answers this. It is the function for which
#
# $$\frac{d}{d\epsilon}R(\mu+\epsilon\,\nu)\Big|_{\epsilon=0}=\int V_\mu\,d\nu\qquad\text{for every signed measure }\nu .$$
#
# **Derive** it. (As $\nu$ may have any mass, this also fixes the constant in $V$.) It is a potential: the Wasserstein
# gradient flow of $R$ moves every particle with the velocity
# $-\nabla V_\mu$, the gradient taken with respect to its own place $(a,w)$ while $\mu$ is held fixed. This is
# gradient descent, where the mass of the particle has been divided out (why?). A particle *without* mass, $p_i=0$,
# moves, too. It does not act on the others, and so it is a probe with which one can see the field.
#
# $p$ is `masses`, $a$ is `a`, the rows of `w` are the $w_i$, the rows of `x` the $x_j$, $\phi$ is `phi`. The places
# at which you are asked for $V_\mu$ are `probe_a`, `probe_w`.
#
# *About 35 minutes, difficulty \*\*, 4 points.*


# %% solution="particles"
def mean_field_network(
    masses: Float[Array, " n"], a: Float[Array, " n"], w: Float[Array, "n d"], x: Float[Array, "m d"], phi: Callable
) -> Float[Array, " m"]:
    """The outputs of the network for all inputs.

    Args:
        masses: p, >= 0, adding up to 1; some may be 0.
        a: output weights.
        w: input weights, one neuron per row.
        x: inputs, one per row.
        phi: activation, a JAX function that acts on each entry of an array of any shape.

    Returns:
        f(x_j), shape (m,).
        Example: masses [0.25, 0.75], a [2., 0.], w [[1., 0.], [0., 1.]], x [[1., 2.]], phi = jax.nn.relu: [0.5].
    """
    ### BEGIN SOLUTION
    return jnp.sum(masses * a * phi(x @ w.T), axis=1)
    ### END SOLUTION


def first_variation(
    masses: Float[Array, " n"],
    a: Float[Array, " n"],
    w: Float[Array, "n d"],
    x: Float[Array, "m d"],
    y: Float[Array, " m"],
    phi: Callable,
    probe_a: Float[Array, " k"],
    probe_w: Float[Array, "k d"],
) -> Float[Array, " k"]:
    """The first variation of the risk at the places of k probes.

    Args:
        masses, a, w, x, phi: as in `mean_field_network`; masses, a, w are the measure.
        y: targets.
        probe_a, probe_w: the places, one per entry and row; nothing is changed there.

    Returns:
        V(probe_a, probe_w), shape (k,).
        Example: with the network and input above and y [0.]: probe_a [3.], probe_w [[0., 1.]] gives [3.].
    """
    ### BEGIN SOLUTION
    residual = mean_field_network(masses, a, w, x, phi) - y
    return probe_a * jnp.mean(residual * phi(probe_w @ x.T), axis=1)
    ### END SOLUTION


def velocity(
    masses: Float[Array, " n"],
    a: Float[Array, " n"],
    w: Float[Array, "n d"],
    x: Float[Array, "m d"],
    y: Float[Array, " m"],
    phi: Callable,
) -> tuple[Float[Array, " n"], Float[Array, "n d"]]:
    """The velocity of every particle in the Wasserstein gradient flow of the risk, also of those without mass.

    Args:
        masses, a, w, x, y, phi: as above.

    Returns:
        (velocity of a, velocity of w), shapes (n,) and (n, d).
        Example: with the network and input above and y [0.]: ([-0.5, -1.], [[-1., -2.], [0., 0.]]).
    """
    ### BEGIN SOLUTION
    total = lambda probe_a, probe_w: jnp.sum(first_variation(masses, a, w, x, y, phi, probe_a, probe_w))
    slope_a, slope_w = jax.grad(total, argnums=(0, 1))(a, w)
    return -slope_a, -slope_w
    ### END SOLUTION


# %% check="particles"
gas_check = (jnp.array([0.25, 0.75]), jnp.array([2.0, 0.0]), jnp.eye(2))
x_check, none_check = jnp.array([[1.0, 2.0]]), jnp.array([0.0])
out_check = np.asarray(mean_field_network(*gas_check, x_check, jax.nn.relu))
assert out_check.shape == (1,), "one output for each input: shape (m,)"
assert np.allclose(out_check, [0.5], atol=1e-4), "0.25 * 2 * relu(1) = 0.5. 2: the masses are missing; 1: you took the mean"
field_check = first_variation(*gas_check, x_check, none_check, jax.nn.relu, jnp.array([3.0]), jnp.array([[0.0, 1.0]]))
assert np.allclose(field_check, [3.0], atol=1e-4), (
    "residual 0.5, times 3 * relu(2): V = 3. 6: the 2 of the square cancels the half; -3: the residual is f - y; "
    "1: the factor a of the probe is missing"
)
va_check, vw_check = (np.asarray(part) for part in velocity(*gas_check, x_check, none_check, jax.nn.relu))
assert va_check.shape == (2,) and vw_check.shape == (2, 2), "a velocity for each a and for each w"
assert np.allclose(va_check, [-0.5, -1.0], atol=1e-4), (
    "-0.5 * [relu(1), relu(2)]. [-0.125, -0.75]: this is minus the gradient of the risk, a particle's own mass must be divided "
    "out; [-0.25, -1.5]: it is divided out with n in place of 1/p; [0.5, 1]: the flow goes downhill"
)
assert np.allclose(vw_check, [[-1.0, -2.0], [0.0, 0.0]], atol=1e-4), "-0.5 * a * relu'(w.x) * x, with a = 2 and a = 0"
ghost_check = (jnp.array([1.0, 0.0]), jnp.array([2.0, 3.0]), jnp.array([[1.0, 0.0], [0.0, 1.0]]))
va_check, vw_check = (np.asarray(p) for p in velocity(*ghost_check, x_check, jnp.array([1.0]), jax.nn.relu))
assert np.allclose(va_check, [-1.0, -2.0], atol=1e-4) and np.allclose(vw_check[1], [-3.0, -6.0], atol=1e-4), (
    "a particle without mass moves in the field of the others: [-1, -2], [-3, -6]. NaN: you divided a gradient of 0 by a mass of "
    "0. Take the gradient of V, in which no mass stands"
)
two_check = jnp.array([[1.0, 2.0], [1.0, 2.0], [0.0, 0.0], [0.0, 0.0]])
va_check = np.asarray(velocity(*gas_check, two_check, jnp.zeros(4), jax.nn.relu)[0])
assert np.allclose(va_check, [-0.25, -0.5], atol=1e-4), "four inputs: the risk is a mean over them. [-1, -2]: it is summed"

# %% [markdown] predict="particles"
# **Predict.** A teacher has three neurons in the plane. The student has $n$ particles, scattered over the circle.
# With $n=3$ student and teacher have the same size. Will gradient descent find the teacher then? Will it with
# $n=300$, a hundred times too many? And where will the superfluous 297 particles end?

# %% [markdown] answer="particles"
# With $n=3$ it depends on luck (of the seeds 0 to 9 two find it): a particle that starts on the wrong side of
# everything cannot get to its neuron, because the way is uphill. With $n=300$ the particles cover all directions, some
# start near each of the teacher's neurons, and these grow (Chizat and Bach 2018): for each of five seeds the risk ends
# below $10^{-4}$. None is superfluous: particles gather along the teacher's three rays and share the work; those that
# started elsewhere turn, or stay small. One or two are left over between the rays: when the others have done the work,
# nothing pulls at them any more.

# %% tags=["demo"]
teacher_angles, teacher_a = np.deg2rad([0.0, 90.0, 225.0]), np.array([1.0, 1.0, -1.0])
teacher_w = np.stack([np.cos(teacher_angles), np.sin(teacher_angles)], axis=1)
inputs = jnp.asarray(rng.normal(size=(300, 2)), jnp.float32)
targets = jnp.asarray(np.maximum(inputs @ teacher_w.T, 0) @ teacher_a, jnp.float32)


def scattered(n, seed, scale=0.3):
    """n particles on a circle with output weights of either sign, all masses equal."""
    draw = np.random.default_rng(seed)
    angle, signs = draw.uniform(0, 2 * np.pi, n), draw.choice([-1.0, 1.0], n)
    place = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return tuple(jnp.asarray(v, jnp.float32) for v in (np.full(n, 1 / n), scale * signs, scale * place))


euler_step = lambda p, a, w, x, y, dt: tuple(
    u + dt * jnp.asarray(v) for u, v in zip((a, w), velocity(p, a, w, x, y, jax.nn.relu), strict=True)
)
euler = compiled(euler_step, *scattered(4, 0), inputs, targets, 0.1)
risk = lambda p, a, w: float(jnp.mean((jnp.asarray(mean_field_network(p, a, w, inputs, jax.nn.relu)) - targets) ** 2) / 2)


def travel(particles, dt=0.1, steps=8000, every=20):
    """Euler steps of your flow: the path |a| w of each particle, signs of a, and the risk along the way."""
    p, a, w = particles
    path, risks = [], []
    for step in range(steps + 1):
        if step % every == 0:
            path.append(np.abs(a)[:, None] * np.asarray(w))
            risks.append(risk(p, a, w))
        a, w = euler(p, a, w, inputs, targets, dt)
    return np.array(path), np.sign(a), np.array(risks), (p, a, w)


ends = {}
fig, axes = panels(3, width=4.0, height=3.9)
for ax, n, seed in zip(axes, (3, 300), (1, 0), strict=False):
    path, signs, risks, end = travel(scattered(n, seed))
    ends[n] = end
    for color, sign in zip(COLORS, (1, -1), strict=False):
        chosen = signs == sign
        ax.plot(path[:, chosen, 0], path[:, chosen, 1], color=color, linewidth=0.5, alpha=0.6)
        ax.plot(*path[-1, chosen].T, "o", color=color, markersize=4, label="a > 0" if sign > 0 else "a < 0")
    for k, ray in enumerate(teacher_w):
        theory(ax, [0, 5 * ray[0]], [0, 5 * ray[1]], None if k else "theory: the teacher's directions")
    finish(ax, f"n = {n}: risk {risks[0]:.2f} to {risks[-1]:.0e}", r"$|a|\,w_1$", r"$|a|\,w_2$", xlim=(-4, 4), ylim=(-4.2, 4.2),
           legend=n == 300)  # fmt: skip
circle = np.linspace(0, 2 * np.pi, 361)
around = jnp.asarray(np.stack([np.cos(circle), np.sin(circle)], axis=1), jnp.float32)
early = travel(scattered(300, 0), steps=20)[3]
fields = (("n = 300, time 2", early), ("n = 300, at the end", ends[300]), ("n = 3, at the end", ends[3]))
for color, (name, gas) in zip(COLORS[2:], fields, strict=False):
    axes[2].plot(np.rad2deg(circle), first_variation(*gas, inputs, targets, jax.nn.relu, jnp.ones(361), around), color=color,
                 label=name)  # fmt: skip
for angle in np.rad2deg(teacher_angles):
    axes[2].axvline(angle, color="0.5", linestyle=":", linewidth=1, label="the teacher's directions" if angle < 20 else None)
finish(axes[2], r"The field of the probes: $V(1, w)$", "direction of w in degrees", "", ylim=(-1.4, 0.7))
axes[2].legend(loc="lower right", framealpha=1, edgecolor="none")

# %% [markdown]
# A second experiment, after Chizat and Bach: four points on a line, and 400 particles that start small or large. Every
# particle has a twin of the other sign, so the network starts at $f=0$. Both fit the data. How?

# %% tags=["demo"]
line = jnp.asarray([-1.0, -1 / 16, 1 / 16, 1.0])
four_x, four_y = jnp.stack([line, jnp.ones(4)], axis=1), jnp.asarray([-1.0, 0.5, -0.5, 1.0])  # the second input is 1: a bias
angle = np.pi * (np.arange(200) + 0.5) / 100
place = np.tile(np.stack([np.cos(angle), np.sin(angle)], axis=1), (2, 1))
sign = np.repeat([1.0, -1.0], 200)
push = lambda a, w, dt: euler_step(jnp.full(400, 1 / 400), a, w, four_x, four_y, dt)
push = compiled(push, jnp.ones(400), jnp.ones((400, 2)), 0.1)
fine = np.linspace(-1.2, 1.2, 241)
fine_x = jnp.asarray(np.stack([fine, np.ones(241)], axis=1), jnp.float32)
fig, (left, right) = panels(2, width=5.2, height=3.8)
for color, scale in zip(COLORS, (1.0, 10.0), strict=False):
    a, w = (jnp.asarray(scale * v, jnp.float32) for v in (sign, place))
    for _ in range(20_000):
        a, w = push(a, w, 0.5 / (1 + scale**2))
    network_of = mean_field_network(jnp.full(400, 1 / 400), a, w, fine_x, jax.nn.relu)
    left.plot(fine, network_of, color=color, label=f"start of size {scale:g}")
    slope, offset = np.asarray(w).T
    share = np.abs(np.asarray(a) * slope)
    right.hist(-offset / slope, bins=np.linspace(-1.2, 1.2, 49), weights=share / share.sum(), histtype="step", color=color,
               label=f"start of size {scale:g}")  # fmt: skip
left.plot(line, four_y, "ko", label="data")
finish(left, "Four points, two starts", "x", "f(x)")
finish(right, "Where the kinks are", "x", "share of the kinks")

# %% [markdown]
# From a small start the particles travel: their kinks gather at the data, and the network is a broken line with few pieces.
# From a large start hardly any moves far: each gives a little, the kinks stay spread, and the fit is smooth. This is the *lazy*
# limit, in which training is linear and a kernel decides (week 5). Only in the first does the measure $\mu$ go anywhere.

# %% [markdown] reflect="particles"
# **Reflect.** (a) At the end $V$ is 0 in *all* directions (for $n=300$), although nearly all particles are on three
# rays. What would it mean if $V(1,w)$ were negative somewhere, or positive? (Move a little mass there, and choose its
# $a$.) Why does $V=0$ everywhere prove that the minimum is global, which no gradient with respect to the weights could?
# (b) For $n=3$, is $V$ zero at the three particles? And everywhere?

# %% [markdown] answer="particles"
# (a) $V(a,w)=a\,V(1,w)$, so wherever $V(1,w)$ is not 0, mass with the opposite sign of $a$ would lower the risk, to
# first order. (It may come from any of the particles, at which $V=0$.) Where $V$ is 0 everywhere, no small change of
# the *measure* lowers the risk, and as the risk is convex in the measure, no large change does:
# $R(\nu)\ge R(\mu)+\int V_\mu\,d(\nu-\mu)$. The gradient with respect to the weights sees $V$ only next to particles. (b)
# At a stationary point $\nabla V=0$ at the three particles, and as $V$ is linear in $a$, $V=0$ there, too. But $V(1,w)$
# is 0.55 near 225 degrees, where the teacher has a neuron and no particle stands: a probe with $a<0$ would see it.

# %% [markdown] question="wasserstein" points=3 minutes=30 difficulty="**"
# ## 2. Transport on a line
#
# How far is one measure from another? Move the mass of $\mu=\sum_i\mu_i\delta_{x_i}$ to
# $\nu=\sum_j\nu_j\delta_{y_j}$: a *plan* $\pi$ says how much goes from $x_i$ to $y_j$; its rows add up to $\mu$, its
# columns to $\nu$. The Wasserstein distance is the price of the cheapest one, if carrying a unit of mass over the
# distance $r$ costs $r^p$:
#
# $$W_p(\mu,\nu)=\Bigl(\min_\pi\sum_{ij}\pi_{ij}\,|x_i-y_j|^p\Bigr)^{1/p}.$$
#
# On a line no search is needed: the best plan never crosses, whatever $p\ge1$. The lowest tenth of the mass of $\mu$
# goes to the lowest tenth of that of $\nu$, and so on. Think of the levels $u\in[0,1]$: when the points are in order,
# $x_i$ owns the levels from $\mu_1+\dots+\mu_{i-1}$ to $\mu_1+\dots+\mu_i$, and $y_j$ likewise. Then $\pi_{ij}$ is
# the length of the levels that the two have in common. **Write it** without a search. The points come in any order,
# the numbers $n$, $m$ of points and all masses may differ, and the plan is asked for in the order in which the points
# came.
#
# $\mu_i$ is `mu`, $\nu_j$ is `nu`, $p$ is `p`.
#
# *About 30 minutes, difficulty \*\*, 3 points.*


# %% solution="wasserstein"
def monotone_plan(
    x: Float[Array, " n"], mu: Float[Array, " n"], y: Float[Array, " m"], nu: Float[Array, " m"]
) -> Float[Array, "n m"]:
    """The plan that never crosses.

    Args:
        x, mu: points on a line, in any order, and their masses.
        y, nu: likewise. Points of one measure that lie at the same place may share the mass of this place as you like.

    Returns:
        pi, shape (n, m), in the order of the arguments, accurate to 1e-4 (absolute).
        Example: x [3., 0., 1.], mu [0.2, 0.5, 0.3], y [0.5, 2.], nu [0.6, 0.4]: [[0., 0.2], [0.5, 0.], [0.1, 0.2]].
    """
    ### BEGIN SOLUTION
    rows, columns = jnp.argsort(x), jnp.argsort(y)
    above, right = jnp.cumsum(mu[rows]), jnp.cumsum(nu[columns])
    below, left = above - mu[rows], right - nu[columns]
    common = jnp.minimum(above[:, None], right) - jnp.maximum(below[:, None], left)
    return jnp.zeros_like(common).at[rows[:, None], columns].set(jnp.maximum(common, 0.0))
    ### END SOLUTION


def wasserstein_1d(
    x: Float[Array, " n"], mu: Float[Array, " n"], y: Float[Array, " m"], nu: Float[Array, " m"], p: float
) -> Float[Array, ""]:
    """The distance W_p of two discrete measures on a line.

    Args:
        x, mu, y, nu: as above; points may be repeated.
        p: from 1 to 4.

    Returns:
        W_p, a scalar, not its power. For two (nearly) equal measures only W_1 is asked for, to 1e-5: for p > 1 a rounding
        error in the masses of 1e-7 has a large root.
        Example: for the two measures above W_1 = 0.7 and W_2 = 0.741620.
    """
    ### BEGIN SOLUTION
    plan = monotone_plan(x, mu, y, nu)
    return jnp.sum(plan * jnp.abs(x[:, None] - y) ** p) ** (1 / p)
    ### END SOLUTION


# %% check="wasserstein"
three_check, mass_check = jnp.array([3.0, 0.0, 1.0]), jnp.array([0.2, 0.5, 0.3])
pair_check, half_check = jnp.array([0.5, 2.0]), jnp.array([0.6, 0.4])
plan_check = np.asarray(monotone_plan(three_check, mass_check, pair_check, half_check))
assert plan_check.shape == (3, 2), "one row for each x, one column for each y: shape (n, m)"
assert np.allclose(plan_check.sum(1), mass_check, atol=1e-4), (
    "the rows must add up to mu, in the order in which the points came. [0.5, 0.3, 0.2]: the points in increasing order"
)
assert np.allclose(plan_check.sum(0), half_check, atol=1e-4), "the columns must add up to nu"
assert np.allclose(plan_check, [[0, 0.2], [0.5, 0], [0.1, 0.2]], atol=1e-4), (
    "0 owns the levels 0 to 0.5, 1 those to 0.8, 3 the rest; 0.5 owns 0 to 0.6. [[0.2, 0], [0.4, 0.1], [0, 0.3]]: the masses "
    "were not sorted together with the points"
)
distance_check = lambda p: float(wasserstein_1d(three_check, mass_check, pair_check, half_check, p))
assert abs(distance_check(1.0) - 0.7) < 1e-3, "0.5 * 0.5 + 0.1 * 0.5 + 0.2 * 1 + 0.2 * 1 = 0.7"
assert abs(distance_check(2.0) - 0.741620) < 1e-3, (
    "W_2 = sqrt(0.55). 0.55: the root is missing; 0.458: you integrated |F - G|^2 over x, which is a power of W_p only for p = 1"
)
assert abs(distance_check(3.0) - 0.780245) < 1e-3, "W_3 = (0.075 + 0.4)^(1/3): the root is the p-th"

# %% [markdown] predict="wasserstein"
# **Predict.** (a) $n$ independent draws of a normal variable are a discrete measure. How does its $W_1$ to the normal
# law fall with $n$: like $1/n$, $n^{-1/2}$, or slower? (b) Train networks of $n$ particles on the same data from
# random starts, and compare the distribution of their weights with that of a very large network. How does the
# distance fall with $n$? Neurons interact during training; will they be like independent draws at its end?

# %% [markdown] answer="wasserstein"
# (a) Like $n^{-1/2}$ with a known factor: $\mathbb E\,W_1=\int\mathbb E|F_n-F|\,dx$, and $F_n-F$ is nearly normal
# with the variance $F(1-F)/n$ (del Barrio, Giné and Matrán 1999). (b) Also like $n^{-1/2}$. The force on a particle
# is an average over all the others, which fluctuates by $n^{-1/2}$ only. So the particles become independent as $n$
# grows: this is called the *propagation of chaos*.

# %% tags=["demo"]
levels = (np.arange(2048) + 0.5) / 2048
normal_quantiles, equal = scipy.stats.norm.ppf(levels), lambda n: np.full(n, 1 / n)
w1 = lambda u, v: float(
    wasserstein_1d(jnp.asarray(u), jnp.asarray(equal(len(u))), jnp.asarray(v), jnp.asarray(equal(len(v))), 1.0)
)
counts = np.array([8, 32, 128, 512])
sampled = [[w1(rng.normal(size=n), normal_quantiles) for _ in range(40)] for n in counts]


def expected_distance(points, n):
    """E W_1 of n independent draws from a law that is given by many points: (2/pi n)^(1/2) int (F(1-F))^(1/2) dx."""
    points = np.sort(points)
    F = np.arange(1, len(points)) / len(points)
    return np.sqrt(2 / (np.pi * n)) * np.sum(np.sqrt(F * (1 - F)) * np.diff(points))


def trained(n, seed, steps=100):
    """The first input weight of each particle of a network with n particles, after the time 5."""
    p, a, w = scattered(n, seed, scale=1.0)
    for _ in range(steps):
        a, w = euler(p, a, w, inputs, targets, 0.05)
    return np.asarray(w)[:, 0]


many = trained(2048, 99)
weights = [[w1(trained(n, 100 + s), many) for s in range(20)] for n in counts]
fig, (left, right) = panels(2, width=5.0, height=3.8)
for ax, found, law in ((left, sampled, normal_quantiles), (right, weights, many)):
    ax.plot(counts, np.mean(found, axis=1), "o", color=COLORS[0], label="mean of your $W_1$")
    theory(ax, counts, [expected_distance(law, n) for n in counts], "theory: independent draws")
finish(left, "Draws of a normal variable", "n", r"$W_1$", xscale="log", yscale="log")
finish(right, "Weights of trained networks, time 5", "n", r"$W_1$", xscale="log", yscale="log")

# %% [markdown] reflect="wasserstein"
# **Reflect.** The right plot compares the particles with draws that know nothing of each other. Are they as far from
# the limit as such draws? (Each dot is a mean over 20 networks, good to 8 % or so.) What does a slope of $-1/2$ say
# about what a very wide network gains over a wide one? In which sense is the limit "deterministic", although every
# network starts at random?

# %% [markdown] answer="wasserstein"
# The factor is between 0.7 and 1.1 at all $n$ (five times twenty networks for each $n$): the particles are nearly like
# independent draws from the law that the limit predicts for this time. To halve the distance to the limit one needs
# four times as many neurons: beyond some width nothing changes. Every single neuron ends at random, but the
# *distribution*, and with it the network's function, is always the same: the law of large numbers.

# %% [markdown] question="sinkhorn" points=4 minutes=35 difficulty="***"
# ## 3. Sinkhorn in the logarithmic domain
#
# In the plane nothing can be sorted. Cuturi (2013) made optimal transport easy by paying the plan a little for being
# spread out:
#
# $$\mathrm{OT}_\varepsilon(\mu,\nu)=\min_\pi\ \sum_{ij}\pi_{ij}C_{ij}+\varepsilon\,\mathrm{KL}(\pi\,|\,\mu\otimes\nu),\qquad
# \mathrm{KL}(\pi\,|\,\mu\otimes\nu)=\sum_{ij}\pi_{ij}\ln\frac{\pi_{ij}}{\mu_i\nu_j},\quad 0\ln0=0,$$
#
# over plans with the marginals $\mu$ and $\nu$. The minimiser has the form
#
# $$\pi_{ij}=\mu_i\,\nu_j\,\exp\frac{f_i+g_j-C_{ij}}{\varepsilon},$$
#
# and the *potentials* $f$, $g$ are what is left to find. Sinkhorn's algorithm starts with $g=0$. In each round it
# first chooses $f$ so that the rows of $\pi$ add up to $\mu$, $g$ being what it is, and then $g$ so that the columns
# add up to $\nu$. **Derive** both updates. The exponentials underflow as soon as $\varepsilon$ is small (with $C=1$
# and $\varepsilon=0.001$, $e^{-1000}$ is 0 even in double precision), so all must stay logarithms: `logsumexp` adds
# up exponentials without taking a single one that is too large or too small.
#
# A mass may be 0. Then $\pi$ has a row or column of zeros; the potential of this point is what the update gives for it,
# as for every other point. Careful with $\ln0=-\infty$: $0\cdot\ln0$ and $\ln0-\ln0$ are NaN for a computer. (Inside an
# exponential $\ln0$ may be added: $e^{-\infty}$ is 0.)
#
# $C$ is `cost`, $\mu$ is `mu`, $\nu$ is `nu`, $\varepsilon$ is `eps`. Useful: `jax.scipy.special.logsumexp` and its
# argument `b`, `jax.scipy.special.xlogy`; both exist in SciPy, too. If you write the rounds with `lax.fori_loop`, put
# `@jax.jit` on the function; otherwise each call compiles the loop again. (`lax.scan` needs to know how many rounds
# there are: `@partial(jax.jit, static_argnames="rounds")`, with `partial` from `functools`.)
#
# *About 35 minutes, difficulty \*\*\*, 4 points.*


# %% solution="sinkhorn"
### BEGIN SOLUTION
@jax.jit
def alternate(cost, mu, nu, eps, rounds):
    """The rounds as one compiled loop."""
    minus_eps_log = lambda exponents, weights: -eps * jax.scipy.special.logsumexp(exponents / eps, axis=1, b=weights)

    def once(_, potentials):
        f = minus_eps_log(potentials[1] - cost, nu)
        return f, minus_eps_log(f - cost.T, mu)

    return jax.lax.fori_loop(0, rounds, once, (jnp.zeros_like(mu), jnp.zeros_like(nu)))


### END SOLUTION


def sinkhorn(
    cost: Float[Array, "n m"], mu: Float[Array, " n"], nu: Float[Array, " m"], eps: float, rounds: int
) -> tuple[Float[Array, " n"], Float[Array, " m"]]:
    """Sinkhorn's algorithm for the potentials.

    Args:
        cost: C_ij, >= 0.
        mu, nu: masses, adding up to 1 each; some may be 0.
        eps: epsilon, from 1e-3 to 10 times the largest cost.
        rounds: how many times f and then g is updated, 1 to 1000, starting from g = 0.

    Returns:
        (f, g), shapes (n,) and (m,), accurate to 1e-3 of the largest cost.
        Example: cost [[0., 1.], [1., 0.]], mu and nu [0.5, 0.5], eps 1, rounds 1: ([0.379885, 0.379885], [0., 0.]).
    """
    ### BEGIN SOLUTION
    return alternate(cost, mu, nu, eps, rounds)
    ### END SOLUTION


def entropic_plan(
    cost: Float[Array, "n m"],
    mu: Float[Array, " n"],
    nu: Float[Array, " m"],
    eps: float,
    f: Float[Array, " n"],
    g: Float[Array, " m"],
) -> Float[Array, "n m"]:
    """The plan that belongs to two potentials.

    Args:
        cost, mu, nu, eps: as above.
        f, g: potentials of any origin, not necessarily converged; no exponent (f_i + g_j - C_ij) / eps is above 80.

    Returns:
        pi, shape (n, m).
        Example: for the potentials above [[0.365529, 0.134471], [0.134471, 0.365529]].
    """
    ### BEGIN SOLUTION
    return jnp.exp(jnp.log(mu)[:, None] + jnp.log(nu) + (f[:, None] + g - cost) / eps)
    ### END SOLUTION


def entropic_value(
    cost: Float[Array, "n m"], mu: Float[Array, " n"], nu: Float[Array, " m"], eps: float, plan: Float[Array, "n m"]
) -> Float[Array, ""]:
    """What a plan costs, with the entropy.

    Args:
        cost, mu, nu, eps: as above.
        plan: pi with the marginals mu and nu; entries may be 0, and are 0 where mu or nu is.

    Returns:
        <C, pi> + eps KL(pi | mu x nu), a scalar.
        Example: for the plan above 0.379885.
    """
    ### BEGIN SOLUTION
    product = jnp.where(plan > 0, mu[:, None] * nu, 1.0)
    return jnp.sum(plan * cost) + eps * jnp.sum(jax.scipy.special.xlogy(plan, plan / product))
    ### END SOLUTION


# %% check="sinkhorn"
ring_check, even_check = jnp.array([[0.0, 1.0], [1.0, 0.0]]), jnp.array([0.5, 0.5])
f_check, g_check = (np.asarray(part) for part in sinkhorn(ring_check, even_check, even_check, 1.0, 1))
assert np.allclose(f_check, [0.379885] * 2, atol=1e-3) and np.allclose(g_check, [0, 0], atol=1e-3), (
    "f = -log(0.5 + 0.5 / e) = 0.3799, and then g = 0. -0.3133: nu is missing in the sum; -0.3799: the sign"
)
plan_check = np.asarray(entropic_plan(ring_check, even_check, even_check, 1.0, jnp.asarray(f_check), jnp.asarray(g_check)))
assert np.allclose(plan_check, [[0.365529, 0.134471], [0.134471, 0.365529]], atol=1e-4), "mu_i nu_j exp(...): 0.25 e^0.3799"
value_check = float(entropic_value(ring_check, even_check, even_check, 1.0, jnp.asarray(plan_check)))
assert abs(value_check - 0.379885) < 1e-3, (
    "0.2689 + 0.1109. -1.006: the entropy of the plan in place of the divergence from mu x nu; 0.158: the sign of the divergence"
)
wide_check = jnp.array([[0.0, 1.0, 4.0], [1.0, 0.0, 1.0]])
mu_check, nu_check = jnp.array([0.75, 0.25]), jnp.array([0.5, 0.125, 0.375])
f_check, g_check = (np.asarray(part) for part in sinkhorn(wide_check, mu_check, nu_check, 0.5, 1))
assert f_check.shape == (2,) and g_check.shape == (3,), "f has an entry for each row of the cost, g one for each column"
assert np.allclose(f_check, [0.329815, 0.706487], atol=4e-3), (
    "masses that differ: the sum for f_i runs over j and is weighted with nu_j. [0.555, 0.338]: two rounds in place of one"
)
assert np.allclose(g_check, [-0.231726, -0.100796, 0.984913], atol=4e-3), "g uses the new f, and the weights mu_i"
plan_check = entropic_plan(wide_check, mu_check, nu_check, 0.5, jnp.asarray(f_check), jnp.asarray(g_check))
assert np.allclose(np.asarray(plan_check).sum(0), nu_check, atol=1e-3), "after a round the columns, updated last, add up to nu"
far_check = wide_check + 20.0
f_check, g_check = (jnp.asarray(part) for part in sinkhorn(far_check, mu_check, nu_check, 0.025, 400))
assert np.isfinite(np.asarray(f_check)).all() and np.isfinite(np.asarray(g_check)).all(), (
    "eps = 0.025 and costs from 20 on: e^(-C/eps) is 0 for all of them. Did you leave the logarithms?"
)
plan_check = np.asarray(entropic_plan(far_check, mu_check, nu_check, 0.025, f_check, g_check))
assert np.allclose(plan_check, [[0.5, 0.125, 0.125], [0.0, 0.0, 0.25]], atol=4e-3), "eps -> 0: the plan that does not cross"
value_check = float(entropic_value(far_check, mu_check, nu_check, 0.025, jnp.asarray(plan_check)))
assert abs(value_check - 20.883091) < 0.02, "a plan with entries of 0 and of 1e-36: 20.883. NaN, infinity: 0 log 0 is 0"
nobody_check = sinkhorn(wide_check, jnp.array([1.0, 0.0]), nu_check, 0.5, 5)
assert np.isfinite(np.asarray(nobody_check[0])).all(), "a point without mass has a potential, too"

# %% [markdown] predict="sinkhorn"
# **Predict.** Two normal laws on a line, with variances 1 and 2.5 and means 0 and 1. (a) Without entropy the plan is
# a line, with correlation 1. What does the correlation of $x$ and $y$ do as $\varepsilon$ grows to infinity? (b) How
# does the number of rounds until the marginals are right depend on $\varepsilon$?

# %% [markdown] answer="sinkhorn"
# (a) It falls to 0: where the entropy is worth more than the transport, the best plan is the product. In between it
# is known exactly (homework 6.2). (b) Each round shrinks the error by the square of the correlation. For small
# $\varepsilon$ this is $1-\frac{\varepsilon}{2\sqrt{ab}}$, so the number of rounds grows like $1/\varepsilon$.

# %% tags=["demo"]
grid = np.linspace(-8.0, 9.0, 171)
variance_a, variance_b = 1.0, 2.5
density = lambda mean, variance: (lambda q: jnp.asarray(q / q.sum(), jnp.float32))(np.exp(-((grid - mean) ** 2) / (2 * variance)))
mu_grid, nu_grid = density(0.0, variance_a), density(1.0, variance_b)
square = jnp.asarray((grid[:, None] - grid) ** 2, jnp.float32)
coupling = lambda eps: np.sqrt(variance_a * variance_b + eps**2 / 16) - eps / 4  # Janati et al. 2020
fig, (left, right) = panels(2, width=5.2, height=3.8)
measured, eps_axis = [], np.geomspace(0.4, 200, 10)
for eps in eps_axis:
    plan = np.asarray(
        entropic_plan(square, mu_grid, nu_grid, eps, *map(jnp.asarray, sinkhorn(square, mu_grid, nu_grid, eps, 200)))
    )
    measured.append(grid @ plan @ (grid - 1.0))
left.plot(eps_axis, measured / np.sqrt(variance_a * variance_b), "o", color=COLORS[0], label="your plan")
fine = np.geomspace(0.4, 200, 200)
theory(
    left,
    fine,
    coupling(fine) / np.sqrt(variance_a * variance_b),
    r"theory: $(\sqrt{ab+\varepsilon^2/16}-\varepsilon/4)/\sqrt{ab}$",
)
finish(left, "Entropy loosens the plan", r"$\varepsilon$", "correlation of x and y", xscale="log", ylim=(0, 1.25))
for color, eps in zip(COLORS, (0.5, 1.0, 4.0), strict=False):
    rounds, errors = np.array([1, 2, 4, 6, 8, 12, 16, 20, 25, 30]), []
    for k in rounds:
        f, g = map(jnp.asarray, sinkhorn(square, mu_grid, nu_grid, eps, int(k)))
        errors.append(np.abs(np.asarray(entropic_plan(square, mu_grid, nu_grid, eps, f, g)).sum(1) - mu_grid).sum())
    right.plot(rounds, errors, "o", markersize=4, color=color, label=rf"$\varepsilon={eps:g}$")
    shrink = coupling(eps) ** 2 / (variance_a * variance_b)
    fitted = int(np.sum(np.array(errors) > 3e-5)) - 1
    theory(right, rounds, errors[fitted] * shrink ** (rounds - rounds[fitted]),
           "theory: correlation squared per round" if eps == 4.0 else None)  # fmt: skip
finish(right, "Rounds until the rows are right", "rounds", "error of the row sums", yscale="log", ylim=(1e-8, 3e4))

# %% [markdown]
# A picture to show your friends: two digits as heaps of ink, the second a few pixels to the right of the first. Above, one
# fades into the other. Below, your plan carries the ink: at the time $t$ the ink $\pi_{ij}$ is at $(1-t)x_i+ty_j$
# (McCann 1997).

# %% tags=["demo"]
split = digits()
first_of = lambda digit, k: np.asarray(split.x_train)[np.flatnonzero(np.asarray(split.y_train) == digit)[k]]
pixels = np.stack(np.meshgrid(np.arange(8.0), np.arange(8.0), indexing="ij"), axis=-1).reshape(64, 2)
beside = pixels + np.array([0.0, 5.0])
canvas = np.linspace(-0.5, 12.5, 78)
distances = jnp.asarray(((pixels[:, None] - beside) ** 2).sum(-1), jnp.float32)


def inked(points, masses):
    """The picture of ink at some points: a small blot for each."""
    vertical, horizontal = (np.exp(-((canvas[:, None] - points[:, k]) ** 2) / (2 * 0.6**2)) for k in (0, 1))
    return (vertical[:48] * masses) @ horizontal.T


pairs = ((first_of(3, 4), first_of(8, 2)), (first_of(0, 0), first_of(1, 3)))
fig, axes = panels(7, width=1.6, height=4.4)
for ax in axes:
    ax.axis("off")
grid_of_axes = fig.add_gridspec(4, 7)
for pair, (one, two) in enumerate(pairs):
    ink_mu, ink_nu = (jnp.asarray(image / image.sum(), jnp.float32) for image in (one, two))
    potentials = map(jnp.asarray, sinkhorn(distances, ink_mu, ink_nu, 0.2, 1000))
    plan = np.asarray(entropic_plan(distances, ink_mu, ink_nu, 0.2, *potentials))
    for column, t in enumerate(np.linspace(0, 1, 7)):
        places = ((1 - t) * pixels[:, None] + t * beside).reshape(-1, 2)
        both, shares = np.concatenate([pixels, beside]), np.concatenate([(1 - t) * ink_mu, t * ink_nu])
        for row, picture in ((0, inked(both, shares)), (1, inked(places, plan.reshape(-1)))):
            frame = fig.add_subplot(grid_of_axes[2 * pair + row, column])
            frame.imshow(picture, cmap="gray_r")
            frame.set_xticks([]), frame.set_yticks([])
            if not column:
                frame.set_ylabel("transport" if row else "fade", fontsize=9)

# %% [markdown] reflect="sinkhorn"
# **Reflect.** (a) The dots of the right plot follow a straight line from the first round on, and those of
# $\varepsilon=4$ end on a floor. Where does the floor come from? (b) In the middle of the fade one sees two digits, in
# the middle of the transport one. Which two geometries on images are these? Which of the two is like the training of a
# "lazy" network, and which like that of the particles in question 1?

# %% [markdown] answer="sinkhorn"
# (a) From float32: where most of the mass is, the exponents $(f+g-C)/\varepsilon$ are of order 1. Rounding them to
# $10^{-7}$ changes the entries of the plan by as much, relative to their size. (b) The fade is a straight line in the
# space of functions of the pixel ($L^2$), the transport a straight line in Wasserstein space: ink moves. A lazy
# network is like the fade: its features stay where they are, only their weights change. Particles are like the
# transport: each carries its mass to another place.

# %% [markdown] question="flow" points=3 minutes=30 difficulty="***"
# ## 4. A cloud flows into another
#
# Let the points of a cloud $\mu=\sum_i\mu_i\delta_{x_i}$ go downhill in $\mathrm{OT}_\varepsilon(\mu,\nu)$, with the
# cost $C_{ij}=|x_i-y_j|^2$, towards $\nu$. There is a catch: $\mathrm{OT}_\varepsilon(\nu,\nu)$ is not 0,
# and a cloud narrower than $\nu$ is cheaper to serve. The cure is to subtract half the cost of carrying each cloud to
# itself (Genevay, Peyré and Cuturi 2018; Feydy et al. 2019):
#
# $$S_\varepsilon(\mu,\nu)=\mathrm{OT}_\varepsilon(\mu,\nu)-
# \tfrac12\mathrm{OT}_\varepsilon(\mu,\mu)-\tfrac12\mathrm{OT}_\varepsilon(\nu,\nu),$$
#
# the *Sinkhorn divergence*, which is 0 at $\mu=\nu$ and positive elsewhere. Its flow moves the point $x_i$ with
#
# $$v_i=-\frac1{\mu_i}\,\frac{\partial S_\varepsilon}{\partial x_i}$$
#
# (the mass is divided out, as in question 1). **Derive** it. Do not differentiate Sinkhorn's rounds: at a minimum
# over $\pi$ the derivative of the *value* with respect to $x_i$ is that of the cost alone, with the plan held fixed
# (the envelope theorem). Mind that in $\mathrm{OT}_\varepsilon(\mu,\mu)$ a point $x_i$ stands on both sides.
#
# You get both plans: `plan_xy` is the optimal $\pi$ of $\mathrm{OT}_\varepsilon(\mu,\nu)$ and `plan_xx` that of
# $\mathrm{OT}_\varepsilon(\mu,\mu)$, which is symmetric.
#
# *About 30 minutes, difficulty \*\*\*, 3 points.*


# %% solution="flow"
def divergence_velocity(
    x: Float[Array, "n d"], y: Float[Array, "m d"], plan_xy: Float[Array, "n m"], plan_xx: Float[Array, "n n"]
) -> Float[Array, "n d"]:
    """The velocity of each point in the flow of the Sinkhorn divergence, for the cost |x - y|^2.

    Args:
        x, y: the points of the two clouds, one per row.
        plan_xy: optimal plan from mu to nu; its row sums are the masses mu, all > 0, not necessarily equal.
        plan_xx: optimal plan from mu to itself: symmetric, with the same row sums.

    Returns:
        v_i, one per row, shape (n, d).
        Example: x [[0.], [2.]], y [[1.]], plan_xy [[0.25], [0.75]], plan_xx [[0.15, 0.1], [0.1, 0.65]]:
        [[0.4], [-1.466667]].
    """
    ### BEGIN SOLUTION
    mass = plan_xy.sum(axis=1, keepdims=True)
    return 2.0 * (plan_xy @ y - plan_xx @ x) / mass
    ### END SOLUTION


# %% check="flow"
ends_check, middle_check = jnp.array([[0.0], [2.0]]), jnp.array([[1.0]])
to_check, self_check = jnp.array([[0.25], [0.75]]), jnp.array([[0.15, 0.1], [0.1, 0.65]])
v_check = np.asarray(divergence_velocity(ends_check, middle_check, to_check, self_check))
assert v_check.shape == (2, 1), "a velocity for each point: shape (n, d)"
assert np.allclose(v_check, [[0.4], [-1.466667]], atol=1e-3), (
    "[[0.4], [-1.4667]]. [[2], [-2]]: the cloud's plan with itself is missing; [[1.2], [-1.7333]]: x_i stands on both sides of "
    "OT(mu, mu), which makes 2 of the half; [[0.1], [-1.1]]: the mass is not divided out; [[0.2], [-0.7333]]: the derivative of "
    "a square is twice; [[-0.4], [1.4667]]: uphill"
)
same_check = np.asarray(divergence_velocity(ends_check, ends_check, self_check, self_check))
assert np.allclose(same_check, 0, atol=1e-4), "at nu = mu nothing moves"

# %% [markdown] predict="flow"
# **Predict.** A normal cloud with variance 0.1 flows to one with variance 1, with $\varepsilon=1$. At which variance
# does it stop if one follows $\mathrm{OT}_\varepsilon$, and if one follows $S_\varepsilon$? What would happen to the
# first for $\varepsilon=2$? ($c_{ab}$ in the figure is the covariance of the optimal plan between variances $a$, $b$.)

# %% [markdown] answer="flow"
# $\mathrm{OT}_\varepsilon$ stops at $1-\varepsilon/2=0.5$, and at $\varepsilon\ge2$ the cloud collapses into a point.
# $S_\varepsilon$ ends at 1, where it should. Normal clouds stay normal in both, as the velocity is linear in $x$: the
# variance $a$ obeys $\dot a=4(c_{ab}-a)$ and $\dot a=4(c_{ab}-c_{aa})$ with
# $c_{ab}=\sqrt{ab+\varepsilon^2/16}-\varepsilon/4$.


# %% tags=["demo"]
def optimal_plan(x, y, eps, rounds=60):
    """Your plan between two clouds with equal masses."""
    cost = jnp.sum((x[:, None] - y[None]) ** 2, axis=-1)
    mu, nu = jnp.full(len(x), 1 / len(x)), jnp.full(len(y), 1 / len(y))
    return jnp.asarray(entropic_plan(cost, mu, nu, eps, *map(jnp.asarray, sinkhorn(cost, mu, nu, eps, rounds))))


def flow_of(x, y, eps, dt, steps, debiased=True):
    """Euler steps of your flow, or of OT alone: a diagonal plan of x with itself costs nothing and has no slope."""
    plan_of, path = compiled(lambda u, v: optimal_plan(u, v, eps), x, y), [x]
    for _ in range(steps):
        plan = plan_of(x, y)
        itself = plan_of(x, x) if debiased else jnp.diag(plan.sum(1))
        x = x + dt * jnp.asarray(divergence_velocity(x, y, plan, itself))
        path.append(x)
    return path


quantiles = jnp.asarray(scipy.stats.norm.ppf((np.arange(100) + 0.5) / 100)[:, None], jnp.float32)
quantiles = quantiles / jnp.std(quantiles)
fig, axes = panels(3, width=3.9, height=3.7)
for color, debiased in zip(COLORS, (True, False), strict=False):
    path = flow_of(np.sqrt(0.1) * quantiles, quantiles, 1.0, 0.05, 100, debiased)
    axes[0].plot(0.05 * np.arange(0, 101, 5), [float(jnp.var(x)) for x in path[::5]], "o", markersize=4, color=color,
                 label=r"your flow of $S_\varepsilon$" if debiased else r"of $\mathrm{OT}_\varepsilon$")  # fmt: skip
    c = lambda a, b: np.sqrt(a * b + 1 / 16) - 1 / 4
    variance, exact = 0.1, [0.1]
    for _ in range(5000):
        variance += 0.001 * 4 * (c(variance, 1.0) - (c(variance, variance) if debiased else variance))
        exact.append(variance)
    theory(axes[0], 0.001 * np.arange(5001), exact, "theory: $\\dot a=4(c_{ab}-c_{aa})$, $4(c_{ab}-a)$" if debiased else None)
finish(axes[0], r"Normal clouds, $\varepsilon=1$", "time", "variance", ylim=(0, 1.75))
turn = np.linspace(0, 2 * np.pi, 200, endpoint=False)
heart = np.stack([16 * np.sin(turn) ** 3, 13 * np.cos(turn) - 5 * np.cos(2 * turn) - 2 * np.cos(3 * turn) - np.cos(4 * turn)], 1)
heart = jnp.asarray(heart / 10, jnp.float32)
blob = jnp.asarray(0.3 * rng.normal(size=(200, 2)) + np.array([0.5, -0.3]), jnp.float32)
for ax, debiased in zip(axes[1:], (False, True), strict=True):
    path = flow_of(blob, heart, 0.25, 0.1, 50, debiased)
    ax.plot(*np.array(path)[:, ::4].transpose(2, 0, 1), color="0.8", linewidth=0.6)
    ax.plot(*np.array(path[-1]).T, "o", markersize=3, color=COLORS[0 if debiased else 1], label="end of the flow")
    theory(ax, *np.asarray(heart).T, "theory: target")
    finish(
        ax, r"Flow of $S_\varepsilon$" if debiased else r"Flow of $\mathrm{OT}_\varepsilon$", "", "", xlim=(-2, 2), ylim=(-2.3, 2)
    )

# %% [markdown] reflect="flow"
# **Reflect.** (a) At the end of the last panel the points are not yet at their target. Which differences between the two
# clouds does the flow remove first, and which late? (b) Generative models have been trained by going down
# $S_\varepsilon$. What does it become for $\varepsilon\to0$, and for $\varepsilon\to\infty$? In the
# second case the points feel only the *mean* of the target. Why (look at the plan)?

# %% [markdown] answer="flow"
# (a) The plan is blurred over a width of $\sqrt{\varepsilon/2}=0.35$. What is larger is removed in a time of order 1;
# for finer differences $S_\varepsilon$ has hardly a slope. (b) $W_2^2$ and $|m_\mu-m_\nu|^2$, the squared distance of
# the means (with the cost $|x-y|^2$; for others a maximum mean discrepancy). For $\varepsilon\to\infty$ both plans are
# products, so $v_i=2(m_\nu-m_\mu)$ for all $i$: the cloud moves rigidly.

# %% [markdown] question="scales" points=3 minutes=25 difficulty="**"
# ## 5. Scales with which every layer learns
#
# For two layers the factor $1/n$ at the output and a learning rate proportional to $n$ did it: features move by an
# amount that does not depend on the width. What are the right scales for a *deep* network, $h_l=\phi(W_lh_{l-1})$ (in
# the last layer without $\phi$), with widths $n_0,n_1,\dots,n_L$?
# Yang and Hu (2021) found them ($\mu$P, the maximal update parametrization), and Yang, Simon and Bernstein (2023)
# found the shortest way to them. A vector of $n$ entries of order 1 has the length $\sqrt n$. Every layer should take
# such vectors to such vectors, and its *update* should do so, too. In spectral norms (largest singular values):
#
# $$\|W_l\|=\sqrt{n_l/n_{l-1}},\qquad\|\Delta W_l\|=\sqrt{n_l/n_{l-1}}.$$
#
# (What counts is how they depend on the widths. The factors, here 1, are a convention; in practice all learning rates
# are multiplied by one more number, which is searched for.) **Derive** from this the standard deviation $\sigma_l$ at
# the start and the learning rates $\eta_l$ of SGD and of Adam, taking each of the following as exact:
#
# * The entries of $W_l$ are normal, with standard deviation $\sigma_l$. Such a matrix of shape $(n_l,n_{l-1})$ has
#   the norm $\sigma_l(\sqrt{n_l}+\sqrt{n_{l-1}})$.
# * `"sgd"`: $\Delta W_l=-\eta_l\,\delta_lh_{l-1}^\top$, with $\delta_l$ the gradient with respect to $W_lh_{l-1}$.
#   The length of $h_{l-1}$ is $\sqrt{n_{l-1}}$. The length of $\delta_l$ is $1/\sqrt{n_l}$: a shift of $W_lh_{l-1}$ along
#   it by the length $\sqrt{n_l}$ changes the loss by 1.
# * `"adam"`: every entry of $\Delta W_l$ is $\pm\eta_l$, and the signs are the product of a column of signs and a row of
#   signs, a matrix of rank one.
#
# $n_0,\dots,n_L$ is `widths`.
#
# *About 25 minutes, difficulty \*\*, 3 points.*


# %% solution="scales"
def spectral_scales(widths: Sequence[int], optimizer: str) -> tuple[Float[Array, " L"], Float[Array, " L"]]:
    """Standard deviations at the start and learning rates, for each layer.

    Args:
        widths: n_0, ..., n_L, at least two of them, each from 1 to 100 000.
        optimizer: "sgd" or "adam".

    Returns:
        (sigma, eta), the sigma_l and eta_l for l = 1, ..., L, each accurate to 1e-3 of itself.
        Example: widths [4, 16, 1], "sgd": ([0.333333, 0.05], [4., 0.0625]); "adam": the same sigmas, eta [0.25, 0.0625].
    """
    ### BEGIN SOLUTION
    n = np.asarray(widths, np.float64)
    fan_in, fan_out = n[:-1], n[1:]
    norm = np.sqrt(fan_out / fan_in)
    sigma = norm / (np.sqrt(fan_out) + np.sqrt(fan_in))
    update = np.sqrt(fan_in / fan_out) if optimizer == "sgd" else np.sqrt(fan_in * fan_out)
    return sigma, norm / update
    ### END SOLUTION


# %% check="scales"
sigma_check, eta_check = (np.asarray(part) for part in spectral_scales([4, 16, 1], "sgd"))
assert sigma_check.shape == (2,) and eta_check.shape == (2,), "three widths are two layers"
assert np.allclose(sigma_check, [1 / 3, 0.05], rtol=2e-3), (
    "layer 1: sqrt(16 / 4) / (4 + 2) = 1/3; layer 2: (1/4) / (1 + 4) = 0.05. [0.5, 0.25]: that keeps the length of a *typical* "
    "vector, 1/sqrt(fan-in), and leaves the output layer too large; [0.0833, 0.8]: fan-in and fan-out are swapped"
)
assert np.allclose(eta_check, [4, 1 / 16], rtol=2e-3), (
    "norm wanted / norm of the gradient: 2 / (1/2) = 4 and (1/4) / 4 = 1/16. [1, 1]: the gradient's norm is |delta| |h|, the "
    "quotient of two roots; [0.25, 16]: upside down"
)
eta_check = np.asarray(spectral_scales([4, 16, 1], "adam")[1])
assert np.allclose(eta_check, [1 / 4, 1 / 16], rtol=2e-3), (
    "Adam: a matrix of signs of rank one has the norm sqrt(n_l n_{l-1}). [4, 0.0625]: these are SGD's rates"
)
eta_check = np.asarray(spectral_scales([100_000, 100_000], "adam")[1])
assert np.allclose(eta_check, [1e-5], rtol=2e-3), "1e5 * 1e5 does not fit into a 32-bit integer"

# %% [markdown] predict="scales"
# **Predict.** Take all hidden widths equal to $n\to\infty$, $n_0$ and $n_L$ fixed. How do $\sigma_l$ and $\eta_l$
# scale with $n$ in the first, a hidden and the last layer? Compare with the usual $\sigma=1/\sqrt{\text{fan-in}}$ and
# one learning rate for all.

# %% [markdown] answer="scales"
# | | first | hidden | last |
# |---|---|---|---|
# | $\sigma$ | 1 | $n^{-1/2}$ | $n^{-1}$ |
# | $\eta$, SGD | $n$ | 1 | $n^{-1}$ |
# | $\eta$, Adam | 1 | $n^{-1}$ | $n^{-1}$ |
#
# Only the last layer's start differs from the usual one, smaller by $n^{-1/2}$: the network starts at $f\approx0$.
# The learning rates of SGD differ by $n^2$ between first and last layer.

# %% tags=["demo"]
fan_outs = np.array([10, 20, 50, 100, 200, 400, 800, 1600])
norms, usual = [], []
for fan_out in fan_outs:
    drawn = rng.normal(size=(fan_out, 200))
    largest = np.linalg.norm(drawn, 2)
    norms.append(float(np.asarray(spectral_scales([200, int(fan_out)], "sgd")[0])[0]) * largest)
    usual.append(largest / np.sqrt(200))
fig, ax = panels(1, width=6.0)
ax.plot(fan_outs, norms, "o", color=COLORS[0], label="your start")
ax.plot(fan_outs, usual, "s", color=COLORS[1], label=r"$\sigma=1/\sqrt{\mathrm{fan\,in}}$")
theory(ax, fan_outs, np.sqrt(fan_outs / 200), r"theory: $\sqrt{n_l/n_{l-1}}$")
finish(ax, "Norms of random matrices with 200 columns", "rows $n_l$", r"$\|W_l\|$", xscale="log", yscale="log")
for optimizer in ("sgd", "adam"):  # the powers of the width, from two wide networks
    small, large = (np.asarray(spectral_scales([8, n, n, 1], optimizer), float) for n in (10_000, 100_000))
    for name, powers in zip(("sigma", "eta"), np.log10(large / small), strict=True):
        written = (f"{layer} n^{p:+.1f}" for layer, p in zip(("first", "hidden", "last"), powers, strict=True))
        print(f"{optimizer:5}{name:6}" + "   ".join(written))

# %% [markdown] reflect="scales"
# **Reflect.** The usual start has nearly the right norm for tall matrices, but not for flat ones, such as the last
# layer. Yet on a *random* vector of length $\sqrt{n_{l-1}}$ it acts with the length $\sqrt{n_l}$ in both cases. Why is
# the norm, and not the typical action, what counts once training has begun?

# %% [markdown] answer="scales"
# The updates are of rank one, $\delta h^\top$: they are made of the very vectors $h$ on which the next layer acts, and
# not of random ones. On what it has learned, a layer acts with its full norm. A flat matrix that is scaled for random
# vectors is too large for these by $\sqrt{n_{l-1}/n_l}$.

# %% [markdown] question="coordinates" points=3 minutes=25 difficulty="**"
# ## 6. The coordinate check
#
# How does one know that a network is scaled correctly? One trains it for a step, at several widths, and looks how
# much the entries of its hidden layers change: this "coordinate check" is the unit test of $\mu$P. With
# $z_l=W_lh_{l-1}$, $h_l=\phi(z_l)$, $h_0=x$, no biases, and a linear last layer, $f=z_L$, the loss is
# $L=\frac1{2m}\sum_{j=1}^m|f(x_j)-y_j|^2$. One step of SGD changes all layers at once,
# $W_l'=W_l-\eta_l\,\partial L/\partial W_l$. You need two numbers for each layer:
#
# * `total`, the root mean square, over all examples and entries, of $z_l'-z_l$, where $z_l'$ belongs to the new
#   network;
# * `own`, that of $(W_l'-W_l)\,h_{l-1}$, with the *old* $h_{l-1}$: the part of the change for which the layer itself
#   is responsible.
#
# $W_l$ is `weights`, $\eta_l$ is `rates`, $\phi$ is `phi`.
#
# *About 25 minutes, difficulty \*\*, 3 points.*


# %% solution="coordinates"
### BEGIN SOLUTION
def preactivations(weights, x, phi):
    """[z_1, ..., z_L], one example per row."""
    found, h = [], x
    for W in weights:
        found.append(h @ W.T)
        h = phi(found[-1])
    return found


### END SOLUTION


def coordinate_check(
    weights: Sequence[Float[Array, "out in"]],
    rates: Sequence[float],
    x: Float[Array, "m n0"],
    y: Float[Array, "m nL"],
    phi: Callable,
) -> tuple[Float[Array, " L"], Float[Array, " L"]]:
    """By how much one step of SGD changes the preactivations of each layer.

    Args:
        weights: [W_1, ..., W_L], L >= 1, W_l of shape (n_l, n_{l-1}).
        rates: eta_1, ..., eta_L, from 1e-4 on.
        x, y: inputs and targets, one example per row; the residuals f - y are of order 1 or larger.
        phi: activation of all layers but the last, a JAX function that acts on each entry of an array of any shape.

    Returns:
        (own, total), two arrays of shape (L,), each entry accurate to 1e-3 of itself.
        Example: weights [[[2.]]], rates [0.1], x [[1.], [3.]], y [[0.], [0.]]: ([2.236068], [2.236068]).
    """
    ### BEGIN SOLUTION
    loss = lambda weights: jnp.sum((preactivations(weights, x, phi)[-1] - y) ** 2) / (2 * len(x))
    moves = [-rates[level] * G for level, G in enumerate(jax.grad(loss)(weights))]
    before = preactivations(weights, x, phi)
    after = preactivations([W + moves[level] for level, W in enumerate(weights)], x, phi)
    inputs = [x] + [phi(z) for z in before[:-1]]
    rms = lambda change: jnp.sqrt(jnp.mean(change**2))
    own = [rms(inputs[level] @ D.T) for level, D in enumerate(moves)]
    total = [rms(z - before[level]) for level, z in enumerate(after)]
    return jnp.stack(own), jnp.stack(total)
    ### END SOLUTION


# %% check="coordinates"
own_check, total_check = (
    np.asarray(part)
    for part in coordinate_check([jnp.array([[2.0]])], [0.1], jnp.array([[1.0], [3.0]]), jnp.zeros((2, 1)), jnp.tanh)
)
assert own_check.shape == (1,) and total_check.shape == (1,), "one number for each layer"
assert np.allclose(own_check, [2.236068], atol=2e-3) and np.allclose(total_check, [2.236068], atol=2e-3), (
    "gradient (2 * 1 + 6 * 3) / 2 = 10, W changes by -1, the outputs by -1 and -3: sqrt((1 + 9) / 2). 4.472: the loss is "
    "a mean; 3.162: the root of a sum; 2: the mean of moduli. (No activation after the last layer.)"
)
deep_check = [jnp.array([[1.0, 0.5], [-0.5, 1.0], [0.25, 0.25]]), jnp.array([[1.0, -1.0, 0.5], [0.5, 0.25, -1.0]])]
x_check, y_check = jnp.array([[1.0, 0.5], [-1.0, 2.0]]), jnp.eye(2)
own_check, total_check = (np.asarray(p) for p in coordinate_check(deep_check, [0.5, 0.25], x_check, y_check, jnp.tanh))
assert np.allclose(own_check, [0.746910, 0.084992], rtol=5e-3), (
    "two layers: (W' - W) h with the old h, each layer with its own rate. [0.3735, 0.0425]: the loss is a mean over the "
    "examples, but a sum over the outputs"
)
assert np.allclose(total_check, [0.746910, 0.701356], rtol=5e-3), (
    "two layers: z' - z of the network in which *all* layers have moved. In the first layer own and total are the same"
)

# %% [markdown] predict="coordinates"
# **Predict.** Two hidden layers of $n$ units, $n$ from 64 to 1024. How does the own change of the second layer depend
# on $n$ if one takes (a) the usual start $\sigma=1/\sqrt{\text{fan-in}}$ and one learning rate for all, (b) the same
# start and rates $1/\text{fan-in}$ (the scaling of the neural tangent kernel), (c) your scales? (Hint: the last layer
# of (a) and (b) is larger by $\sqrt n$ than that of (c), and so is $\delta_l$.)

# %% [markdown] answer="coordinates"
# (c) By construction not at all. (What grows a little at small $n$ is $\sigma$: the fixed widths 8 and 1 stand in its
# formula beside $n$.) With the usual start $|\delta_l|$ is of order 1 in place of $n^{-1/2}$: at a rate of
# 1 the change is larger by $n^{1/2}$, (a): training explodes. (b) With rates $1/n$ it is $n^{1/2}/n=n^{-1/2}$: the
# features freeze, which is the lazy limit.


# %% tags=["demo"]
def recipe(kind, widths):
    """Standard deviations and learning rates of three recipes."""
    fan_in = np.array(widths[:-1], float)
    if kind == "yours":
        return tuple(np.asarray(part, float) for part in spectral_scales(widths, "sgd"))
    return fan_in**-0.5, np.ones(len(fan_in)) if kind == "one rate" else 1 / fan_in


check_x = jnp.asarray(rng.normal(size=(8, 8)), jnp.float32)
check_y = jnp.asarray(rng.choice([-1.0, 1.0], size=(8, 1)), jnp.float32)
check_widths, slopes = np.array([64, 128, 256, 512, 1024]), {"one rate": 0.5, "rate 1/fan-in": -0.5, "yours": 0.0}
changes = {}
for kind in slopes:
    for n in check_widths:
        layers = [8, int(n), int(n), 1]
        sigma, eta = recipe(kind, layers)
        check = compiled(lambda weights, eta: coordinate_check(weights, eta, check_x, check_y, jnp.tanh),
                         [jnp.zeros((b, a)) for a, b in itertools.pairwise(layers)], jnp.ones(3))  # fmt: skip
        squares = []
        for key in range(24):
            keys = jax.random.split(jax.random.key(key), 3)
            shapes = ((b, a) for a, b in itertools.pairwise(layers))
            weights = [s * jax.random.normal(k, shape) for s, k, shape in zip(sigma, keys, shapes, strict=True)]
            squares.append([np.asarray(part) ** 2 for part in check(weights, jnp.asarray(0.5 * eta, jnp.float32))])
        changes[kind, n] = np.sqrt(np.mean(squares, axis=0))
fig, (left, right) = panels(2, width=5.2, height=3.8)
for ax, layer, name in ((left, 0, "first"), (right, 1, "second")):
    for color, (kind, slope) in zip(COLORS, slopes.items(), strict=False):
        own = np.array([changes[kind, n][0, layer] for n in check_widths])
        power = slope if layer or kind != "one rate" else -0.5
        ax.plot(check_widths, own, "o", color=color, label=kind)
        theory(ax, check_widths, own[2] * (check_widths / 256) ** power, "theory: the exponents" if kind == "yours" else None)
    finish(ax, f"Own change of the {name} hidden layer", "width n", "root mean square", xscale="log", yscale="log", legend=False)
right.set_ylim(5e-4, 60)
right.legend(frameon=False, loc="upper left")

# %% [markdown]
# And the output? Here is its *total* change, which the loss sees. Small rates freeze the features, but the network learns
# all the same: by its last layer, as a linear model in features that stand still.

# %% tags=["demo"]
fig, ax = panels(1, width=6.0)
for color, kind in zip(COLORS, slopes, strict=False):
    ax.plot(check_widths, [changes[kind, n][1, 2] for n in check_widths], "o", color=color, label=kind)
theory(ax, check_widths, changes["one rate", 256][1, 2] * check_widths / 256, "theory: the width, and no width")
theory(ax, check_widths, np.full(5, changes["yours", 1024][1, 2]), None)
finish(ax, "Total change of the output", "width n", "root mean square", xscale="log", yscale="log")

# %% [markdown]
# What is it good for? Large models are too expensive for a search for the learning rate. With your scales it can be searched
# on a small one. Each curve is a network with two hidden layers that reads digits, after 30 steps of Adam; the numbers
# on the axis multiply the learning rates of all layers.

# %% tags=["demo"]
images, labels = split.x_train - 0.3, jax.nn.one_hot(split.y_train, 10)
batches = jnp.asarray(np.tile(np.random.default_rng(0).permutation(1500).reshape(15, 100), (2, 1)))
adam = optax.scale_by_adam()


def network(weights, x):
    """Two hidden ReLU layers."""
    h = jax.nn.relu(jax.nn.relu(x @ weights[0].T) @ weights[1].T)
    return h @ weights[2].T


def loss_of(weights, x, y):
    """The cross-entropy of the network, a mean over the images."""
    return jnp.mean(optax.softmax_cross_entropy(network(weights, x), y))


@jax.jit
def adam_run(weights, rates, multiplier):
    """The weights after 30 steps of Adam on minibatches of 100, all learning rates multiplied."""

    def step(carry, batch):
        w, state = carry
        update, state = adam.update(jax.grad(loss_of)(w, images[batch], labels[batch]), state)
        return ([W - multiplier * eta * U for W, eta, U in zip(w, rates, update, strict=True)], state), None

    return jax.lax.scan(step, (weights, adam.init(weights)), batches)[0][0]


@jax.jit
def losses_of(weights, rates, multipliers):
    """The loss on all digits for each multiplier of the learning rates."""
    return jax.lax.map(lambda multiplier: loss_of(adam_run(weights, rates, multiplier), images, labels), multipliers)


def start_of(kind, n, seed):
    """Weights and learning rates of a network with two hidden layers of n units."""
    layers = [64, n, n, 10]
    sigma, eta = (np.asarray(part, float) for part in spectral_scales(layers, "adam"))
    if kind == "usual":  # the same start and rate in the first layer, as wide as the images
        sigma, eta = np.array(layers[:-1]) ** -0.5, np.full(3, 1 / 64)
    shapes = ((b, a) for a, b in itertools.pairwise(layers))
    keys = jax.random.split(jax.random.key(seed), 3)
    # ReLU halves the mean square, and a factor of 2^(1/2) makes up for it (He et al. 2015)
    weights = [2**0.5 * s * jax.random.normal(k, shape) for s, k, shape in zip(sigma, keys, shapes, strict=True)]
    return weights, jnp.asarray(eta, jnp.float32)


seed, transfer = 0, {}
multipliers = 2.0 ** np.arange(-6, 5)
fig, axes = panels(2, width=5.2, height=3.8, sharey=True)
for ax, kind in zip(axes, ("usual", "yours"), strict=True):
    for color, n in zip(COLORS, (32, 128, 512), strict=False):
        losses = np.asarray(losses_of(*start_of(kind, n, seed), jnp.asarray(multipliers, jnp.float32)))
        transfer[kind, n] = np.nan_to_num(losses, nan=np.inf)
        ax.plot(multipliers, losses, "o-", markersize=4, color=color, label=f"n = {n}")
        ax.axvline(multipliers[np.argmin(transfer[kind, n])], color=color, linewidth=1, linestyle=":")
    finish(ax, "Usual start, one rate for all" if kind == "usual" else "Your scales", "learning rate (multiplier)",
           "loss after 30 steps", xscale="log", yscale="log", ylim=(0.02, 4))  # fmt: skip

# %% [markdown]
# ### One attempt
#
# Now the real thing. You have searched with 32 hidden units, and you can afford to train a network with 2048 of them
# *once*: four million weights, with the learning rate that was best for 32. Here it reads digits that it has never
# seen.

# %% tags=["demo"]
readings = {}
for kind in ("usual", "yours"):
    multiplier = float(multipliers[np.argmin(transfer[kind, 32])])
    wide = adam_run(*start_of(kind, 2048, seed), multiplier)
    readings[kind] = np.argmax(np.asarray(network(wide, split.x_test - 0.3)), axis=1)
    right = np.mean(readings[kind] == np.asarray(split.y_test))
    print(f"{'usual start, one rate' if kind == 'usual' else 'your scales'}: multiplier {multiplier:g}, "
          f"loss {float(loss_of(wide, images, labels)):.3f}, {right:.1%} of the new digits right")  # fmt: skip
apart = np.flatnonzero(readings["usual"] != readings["yours"])[:16]
fig = digit_gallery(np.asarray(split.x_test)[apart], [f"{readings['yours'][i]}  ({readings['usual'][i]})" for i in apart])
heading = fig.suptitle("Where the two disagree: your network (the usual one)", fontsize=11, fontweight="bold")

# %% [markdown] reflect="coordinates"
# **Reflect.** (a) For each width read the best learning rate off both plots. Which one would you have used for
# $n=512$, if you had searched at $n=32$? Is the best loss at $n=512$ lower on the right, too? What do the scales promise,
# then, and what do they not? (b) In the mean-field network of question 1 all neurons have the factor
# $1/n$ at the output. Which of the scales of question 5 is this? (c) A friend says: "the wider the network, the less its
# weights change, so features do not matter." What do you show this friend?

# %% [markdown] answer="coordinates"
# (a) With the usual recipe the best learning rate of the small network is two to eight times too large for the large
# one (seeds 0 to 4). With yours the best rates differ by a factor of two at most, and up to a multiplier of 1 the
# three losses by less than a factor of two (on the left, by twenty). But searched at $n=512$ itself, the usual recipe
# ends lower. The scales say how the rates depend on the width. They leave a constant open in each layer, and these can
# be searched for on the small network as well. Where there is one attempt only, at $n=2048$, yours reads 94 % or more
# of the new digits, and the usual recipe fewer. (b) The last layer's: $\sigma_L\sim1/n$. With two layers SGD's rates
# $n$ and $1/n$ are those of the particles, whose mass $1/n$ has been divided out. (c) The coordinate check: whether
# features freeze is a choice of scales, not a fate of wide networks.

# %% [markdown]
# ## Further reading
#
# * L. Chizat and F. Bach (2018), [On the global convergence of gradient descent for over-parameterized models using
#   optimal transport](https://arxiv.org/abs/1805.09545). Question 1 and its first figure.
# * S. Mei, A. Montanari and P.-M. Nguyen (2018), [A mean field view of the landscape of two-layer neural
#   networks](https://arxiv.org/abs/1804.06561). The same limit, with noise.
# * G. Rotskoff and E. Vanden-Eijnden (2018), [Trainability and accuracy of neural networks: an interacting particle
#   system approach](https://arxiv.org/abs/1805.00915). How the particles fluctuate around the limit.
# * G. Peyré and M. Cuturi (2019), [Computational optimal transport](https://arxiv.org/abs/1803.00567). The book;
#   chapters 2 and 4 are questions 2 and 3.
# * M. Cuturi (2013), [Sinkhorn distances: lightspeed computation of optimal
#   transport](https://arxiv.org/abs/1306.0895).
# * J. Feydy et al. (2019), [Interpolating between optimal transport and MMD using Sinkhorn
#   divergences](https://arxiv.org/abs/1810.08278). Question 4.
# * A. Genevay, G. Peyré and M. Cuturi (2018), [Learning generative models with Sinkhorn
#   divergences](https://arxiv.org/abs/1706.00292).
# * R. McCann (1997), [A convexity principle for interacting gases](https://doi.org/10.1006/aima.1997.1634). Ink that
#   travels.
# * H. Janati, B. Muzellec, G. Peyré and M. Cuturi (2020), [Entropic optimal transport between unbalanced Gaussian
#   measures has a closed form](https://arxiv.org/abs/2006.02572). The theory in the figures of questions 3 and 4.
# * E. del Barrio, E. Giné and C. Matrán (1999), Central limit theorems for the Wasserstein distance between the
#   empirical and the true distributions, Annals of Probability 27. The theory in the figure of question 2.
# * G. Yang and E. Hu (2021), [Feature learning in infinite-width neural networks](https://arxiv.org/abs/2011.14522).
# * G. Yang et al. (2022), [Tensor programs V: tuning large neural networks via zero-shot hyperparameter
#   transfer](https://arxiv.org/abs/2203.03466). The last figure, for transformers.
# * G. Yang, J. Simon and J. Bernstein (2023), [A spectral condition for feature
#   learning](https://arxiv.org/abs/2310.17813). Question 5.
