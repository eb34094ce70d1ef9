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
# # Week 4 lab: Gradient-based optimization
#
# Textbooks prove that gradient descent works if the step is small against the curvature: $\eta\lambda<2$. Networks
# are trained with steps that are not. Today you build the optimizers (momentum in three kinds, AdamW) and the
# instruments that look at a loss in a thousand dimensions (Hessian-vector products, Lanczos, gradient flow). Then you
# point the instruments at the optimizers, and see something that was measured cleanly only in 2021 (Cohen et al.; for
# stochastic gradients Jastrzebski et al. 2019 had seen it coming): training **raises** the curvature until it stands at
# the edge of stability, and stays there.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 1 | Three kinds of momentum | 3 | 20 | * |
# | 2 | AdamW | 3 | 25 | ** |
# | 3 | Momentum moves the edge | 3 | 25 | ** |
# | 4 | The Hessian without the Hessian | 2 | 15 | * |
# | 5 | The extreme eigenvalues | 4 | 35 | *** |
# | 6 | What gradient descent really follows | 3 | 25 | ** |
# | 7 | Adam's edge | 2 | 20 | ** |
#
# **How to work.** Each function gets all it needs as arguments, so you can do the questions in any order. After each
# one run its `grader.check`: it catches the usual slip; hidden tests then look more closely. Before each plot, write
# your prediction down. NumPy or JAX, loops or `scan`: every correct style is accepted. Functions that you are
# *given* (`loss`, `matvec`, `gradient`) are written in JAX: you may trace them, differentiate, compile or `scan` them. In the
# plots of questions 6 and 7 one of your functions is given what another one returned: if you trace there, write both in JAX.
#
# **Conventions.** Everything is deterministic, full-batch, and in float32 (results may be float32 or float64). Where no
# accuracy is named, results are compared with a relative accuracy of $10^{-4}$ of the largest entry of each array: the
# formulas in float32 reach it. A scalar may be a Python number or an array of shape `()`, and a list of numbers is an
# array. A *pytree* is any nesting of dictionaries, lists and tuples of arrays, or a single array; `jax.tree.map` walks
# through one or several of them. A pytree that you return has the nesting of the argument (lists and tuples count as
# alike), and its leaves may be JAX or NumPy arrays or numbers. "Largest eigenvalue" means the most positive, not the
# largest in modulus.

# %%
from course_lib.checks import open_checks

grader = open_checks("week04/lab")

# %%
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PyTree

from course_lib.data import digits
from course_lib.plots import COLORS, digit_gallery, finish, panels, theory

# %% tags=["demo"]
rng = np.random.default_rng(4)


def compiled(function, *example):
    """`function`, compiled by JAX if it can trace it; NumPy code cannot be traced and is called as it is."""
    try:
        size = len(jax.make_jaxpr(function)(*example).eqns)
    except (TypeError, ValueError, IndexError):  # tracers are no numbers: float(), NumPy and `if` refuse them
        return function
    # A Python loop is unrolled when traced: a long one would take minutes to compile.
    return jax.jit(function) if size < 600 else function


# %% [markdown] question="momentum" points=3 minutes=20 difficulty="*"
# ## 1. Three kinds of momentum
#
# In a narrow valley gradient descent either jumps from wall to wall or creeps along the floor. A ball with inertia does
# neither. Every framework has three kinds of it, often under one name, and question 3 will show how much they differ.
# With parameters $\theta$ (`params`), gradient $g=\nabla L(\theta)$ (`grads`), velocity $v$ (`velocity`), learning rate
# $\eta$ (`eta`) and $0\le\beta<1$ (`beta`):
#
# * `"heavy_ball"` (Polyak 1964): $\;v'=\beta v+g,\quad \theta'=\theta-\eta v'$.
# * `"ema"`, an exponential moving average, as inside Adam: $\;v'=\beta v+(1-\beta)g,\quad \theta'=\theta-\eta v'$.
# * `"nesterov"` (1983) keeps two sequences. It looks ahead, takes the gradient *there*, and steps from there:
#
# $$y_t = x_t+\beta\,(x_t-x_{t-1}),\qquad x_{t+1}=y_t-\eta\,\nabla L(y_t).$$
#
# An optimizer in a training loop does not choose where the gradient is taken: it is handed $g$ at the current parameters.
# So the parameters must be the look-ahead points, $\theta_t=y_t$. **Derive** the update $(\theta,v)\to(\theta',v')$ with
# the velocity $v_t=(x_{t-1}-x_t)/\eta$: first $v_{t+1}$ from $v_t$ and $g$, then $y_{t+1}$ from $y_t$, $g$ and $v_{t+1}$.
# No $x$ may be left over.
#
# *About 20 minutes, difficulty \*, 3 points.*


# %% solution="momentum"
def momentum_step(params: PyTree, velocity: PyTree, grads: PyTree, eta: float, beta: float, kind: str) -> tuple[PyTree, PyTree]:
    """One step of gradient descent with momentum.

    Args:
        params: theta, any pytree of float32 arrays (of any shape, also ()).
        velocity: v, a pytree of the same structure and shapes; zeros before the first step.
        grads: gradient of the loss at `params`, likewise.
        eta: learning rate, > 0.
        beta: momentum, 0 <= beta < 1; at 0 all three kinds are gradient descent.
        kind: "heavy_ball", "nesterov" or "ema"; nothing else is tested.

    Returns:
        (params, velocity) after the step, pytrees like the arguments; the arguments are not modified.
        Example: params [2.], velocity [1.], grads [4.], eta 0.1, beta 0.5:
        heavy_ball ([1.55], [4.5]), nesterov ([1.375], [4.5]), ema ([1.75], [2.5]).
    """
    ### BEGIN SOLUTION
    fresh = 1.0 - beta if kind == "ema" else 1.0
    velocity = jax.tree.map(lambda v, g: beta * v + fresh * g, velocity, grads)
    direction = jax.tree.map(lambda v, g: g + beta * v, velocity, grads) if kind == "nesterov" else velocity
    return jax.tree.map(lambda p, d: p - eta * d, params, direction), velocity
    ### END SOLUTION


# %% check="momentum"
two_check, one_check, four_check = jnp.array([2.0]), jnp.array([1.0]), jnp.array([4.0])
step_check = lambda kind: [float(x[0]) for x in momentum_step(two_check, one_check, four_check, 0.1, 0.5, kind)]
assert np.allclose(step_check("heavy_ball"), [1.55, 4.5]), (
    "v' = 0.5 * 1 + 4 = 4.5, theta' = 2 - 0.1 * 4.5 = 1.55. 1.9: you moved with the old velocity; 1.75: that is ema"
)
assert np.allclose(step_check("ema"), [1.75, 2.5]), "v' = 0.5 * 1 + 0.5 * 4 = 2.5: the gradient is multiplied by 1 - beta"
assert np.allclose(step_check("nesterov"), [1.375, 4.5]), (
    "v' = 4.5 as for the heavy ball, and theta' = 1.375. 1.55: the look-ahead is missing, or made with the old velocity in place "
    "of the new one"
)
more_check = lambda kind: [float(x[0]) for x in momentum_step(two_check, one_check, four_check, 0.1, 0.75, kind)]
assert np.allclose(more_check("ema"), [1.825, 1.75]), "beta 0.75: v' = 0.75 * 1 + 0.25 * 4 = 1.75: beta weighs the old velocity"
assert np.allclose(more_check("nesterov"), [1.24375, 4.75]), "beta 0.75: theta' = 2 - 0.1 * (4 + 0.75 * 4.75) = 1.24375"
tree_check = {"W": jnp.ones((2, 3)), "b": [jnp.zeros(3)]}
assert np.shape(momentum_step(tree_check, tree_check, tree_check, 0.1, 0.5, "ema")[0]["b"][0]) == (3,), "params may be a pytree"

# %% [markdown] predict="momentum"
# **Predict.** A valley with curvatures 1 across and 0.01 along; $\eta=1$ for all, $\beta=0.9$. Gradient descent shrinks the
# distance along the valley by 0.99 a step. How many steps does it need for a factor of 1000, and how many will the two
# kinds of momentum need? Which of them will overshoot?

# %% [markdown] answer="momentum"
# Gradient descent needs $\ln(1000)/0.01=690$ steps. Along the valley the heavy ball's two eigenvalues are complex
# with modulus $\sqrt{0.9}=0.949$: 131 steps. Nesterov's have modulus $\sqrt{0.9\cdot0.99}=0.944$: 120 steps. Complex
# means that both swing through the minimum.

# %% tags=["demo"]
curvatures, eta, beta = jnp.array([0.01, 1.0]), 1.0, 0.9
paths = {}
contestants = (("gradient descent", "heavy_ball", 0.0), ("heavy ball", "heavy_ball", beta), ("Nesterov", "nesterov", beta))
for name, kind, b in contestants:
    w, v, path = jnp.array([10.0, 3.0]), jnp.zeros(2), []
    for _ in range(301):
        path.append(np.asarray(w))
        w, v = momentum_step(w, v, curvatures * w, eta, b, kind)
    paths[name] = np.array(path)
fig, (left, right) = panels(2, width=5.2)
grid_x, grid_y = np.meshgrid(np.linspace(-8, 11, 100), np.linspace(-3.4, 3.4, 100))
left.contour(grid_x, grid_y, (0.01 * grid_x**2 + grid_y**2) / 2, levels=np.geomspace(0.03, 6, 8), colors="0.8", linewidths=0.8)
moduli = {"gradient descent": 0.99, "heavy ball": np.sqrt(0.9), "Nesterov": np.sqrt(0.9 * 0.99)}
steps_axis = np.arange(301)
for color, (name, path) in zip(COLORS, paths.items(), strict=False):
    left.plot(*path[:120].T, "o-", color=color, markersize=2.5, linewidth=0.9, label=name)
    right.plot(np.abs(path[:, 0]) + 1e-12, color=color, linewidth=1.0, label=name)
    note = "theory: slope by the modulus of the eigenvalue" if name == "Nesterov" else None
    theory(right, steps_axis, 10 * moduli[name] ** steps_axis, note)
left.plot(0, 0, "*", color="black", markersize=9)
finish(left, "120 steps in a valley", "along", "across", legend=False)
finish(right, "Distance along the valley", "step", r"$|\theta_1|$", yscale="log", ylim=(1e-7, 300))

# %% [markdown] reflect="momentum"
# **Reflect.** Across the valley ($\eta\lambda=1$) the heavy ball keeps ringing and Nesterov's kind stops almost at
# once. What damps it? And what would "ema" with the same $\eta$ look like: which learning rate makes it the *same
# path* as the heavy ball?

# %% [markdown] answer="momentum"
# Nesterov's gradient is taken after the look-ahead: where the curvature is high it sees the overshoot before it
# happens. At $\eta\lambda=1$ the trace and the determinant of its $2\times2$ step are both 0, so after two steps it
# stands. The heavy ball's determinant is $\beta$ whatever the curvature: nothing rings down faster than $\sqrt\beta$
# per step. With the learning rate $\eta/(1-\beta)$ "ema" takes exactly the heavy ball's path, because its velocity is
# $1-\beta$ times the other's. With the same $\eta$ it is the heavy ball with a tenth of the learning rate.

# %% [markdown] question="adamw" points=3 minutes=25 difficulty="**"
# ## 2. AdamW
#
# Most networks of the last ten years were trained by the lines below (Kingma and Ba 2015, algorithm 1; decoupled decay:
# Loshchilov and Hutter 2019, algorithm 2, here as in PyTorch and optax, which multiply the decay by the learning rate, too).
# They look harmless, but every one of them is easy to get wrong. With $t=1$ at the **first** step, all operations per entry:
#
# $$m_t=\beta_1m_{t-1}+(1-\beta_1)g,\qquad n_t=\beta_2n_{t-1}+(1-\beta_2)g^2,$$
#
# $$\hat m=\frac{m_t}{1-\beta_1^{\,t}},\qquad \hat n=\frac{n_t}{1-\beta_2^{\,t}},\qquad
# \theta_t=\theta_{t-1}-\eta\,\frac{\hat m}{\sqrt{\hat n}+\varepsilon}-\eta\,w\,\theta_{t-1}.$$
#
# $g$ is `grads`, $\eta$ is `lr`, $\beta_1,\beta_2$ are `b1`, `b2`, $\varepsilon$ is `eps` (outside the root, after
# the bias correction), and $w$ is `weight_decay`. The decay acts on the *old* parameters; it goes neither into the
# moments nor through the denominator. The state is the tuple `(count, m, n)`, where `count` is the number of steps
# done *before* this one.
#
# *About 25 minutes, difficulty \*\*, 3 points.*


# %% solution="adamw"
def adamw_step(
    params: PyTree,
    state: tuple[int, PyTree, PyTree],
    grads: PyTree,
    lr: float,
    b1: float,
    b2: float,
    eps: float,
    weight_decay: float,
) -> tuple[PyTree, tuple[int, PyTree, PyTree]]:
    """One step of AdamW.

    Args:
        params: theta, any pytree of float32 arrays.
        state: (count, m, n): the number of steps already done (a Python int or an integer scalar, which the plots may trace; 0
            before the first step), first and second moment, pytrees like params (zeros before the first step).
        grads: gradient of the loss at params, a pytree like params.
        lr, b1, b2, eps, weight_decay: eta > 0, 0 <= b1, b2 < 1, eps > 0, w >= 0.

    Returns:
        (params, state) after the step, in the form of the arguments, with count one larger; the arguments are not modified.
        The moments in the state are m_t and n_t, not bias-corrected.
        Example: params [2.], state (0, [0.], [0.]), grads [0.3], lr 0.1, b1 0.9, b2 0.999, eps 1e-8, weight_decay 0.01:
        ([1.898], (1, [0.03], [9e-5])).
    """
    ### BEGIN SOLUTION
    count, m, n = state
    count = count + 1
    m = jax.tree.map(lambda m, g: b1 * m + (1.0 - b1) * g, m, grads)
    n = jax.tree.map(lambda n, g: b2 * n + (1.0 - b2) * g**2, n, grads)

    def move(p, m, n):
        update = m / (1.0 - b1**count) / (jnp.sqrt(n / (1.0 - b2**count)) + eps)
        return p - lr * (update + weight_decay * p)

    return jax.tree.map(move, params, m, n), (count, m, n)
    ### END SOLUTION


# %% check="adamw"
zero_check, pair_check = jnp.zeros(2), jnp.array([2.0, -3.0])
after_check, state_check = adamw_step(pair_check, (0, zero_check, zero_check), jnp.array([0.3, 0.0]), 0.1, 0.9, 0.999, 1e-8, 0.01)
assert int(state_check[0]) == 1, "the state counts the steps that were done: 1 after the first"
assert np.allclose(state_check[1], [0.03, 0.0]) and np.allclose(state_check[2], [9e-5, 0.0]), "m = (1 - b1) g, n = (1 - b2) g^2"
assert abs(float(after_check[0]) - 1.898) < 1e-4, (
    "first step: the corrected moments are g and g^2, so 2 - 0.1 * 1 - 0.1 * 0.01 * 2 = 1.898. 1.682: no bias correction; "
    "a division by zero: t starts at 1; 1.9: no decay; 1.88: the decay as in the paper; here it is multiplied by lr"
)
assert abs(float(after_check[1]) + 2.997) < 1e-4, (
    "no gradient, decay only: -3 + 0.1 * 0.01 * 3 = -2.997. -2.9: the decay was added to the gradient, and Adam made a "
    "whole step of it"
)
tiny_check = (0, jnp.zeros(1), jnp.zeros(1))
eps_check = adamw_step(jnp.array([0.0]), tiny_check, jnp.array([1e-3]), 1.0, 0.9, 0.999, 1e-3, 0.0)[0]
assert abs(float(eps_check[0]) + 0.5) < 1e-3, (
    "g = eps = 1e-3: the step is -1/2. -0.032: eps is inside the root; -0.031: eps was added before the bias correction"
)

# %% [markdown] predict="adamw"
# **Predict.** (a) How does the first step depend on the size of the gradient: a gradient of $10^{-6}$ against one of 1?
# (b) A gradient is 1 for 100 steps and 0.01 ever after. After how many more steps is Adam back at its usual speed of $\eta$
# per step, if $\beta_2=0.999$?

# %% [markdown] answer="adamw"
# (a) Not at all, as long as $|g|$ is large against $\varepsilon$: the step is $\eta\,g/(|g|+\varepsilon)$, about
# $\eta\,\mathrm{sign}(g)$. (b) A hundred loud steps leave a second moment of $1-0.999^{100}=0.095$. It has come down to the
# quiet $10^{-4}$ after $\ln(950)/0.001=6900$ steps (the two add up: 0.7 of the usual speed), and to a tenth of it after
# 9200 steps (0.95).

# %% tags=["demo"]
gradients = jnp.asarray(np.geomspace(1e-12, 10, 53), dtype=jnp.float32)
fig, (left, right) = panels(2)
for color, eps in zip(COLORS, (1e-8, 1e-4), strict=False):
    moved, _ = adamw_step(0 * gradients, (0, 0 * gradients, 0 * gradients), gradients, 1.0, 0.9, 0.999, eps, 0.0)
    left.plot(gradients, -np.asarray(moved), "o", markersize=4, color=color, label=rf"$\varepsilon$ = {eps:g}")
    theory(left, gradients, gradients / (gradients + eps), r"theory: $|g|/(|g|+\varepsilon)$" if eps == 1e-4 else None)
shown = np.unique(np.geomspace(1, 12_000, 60).astype(int))
p = jnp.zeros(1)
for color, b2 in zip(COLORS, (0.999, 0.99), strict=False):
    step = compiled(lambda p, s, g, b2=b2: adamw_step(p, s, g, 1.0, 0.9, b2, 1e-8, 0.0), p, (jnp.array(0), p, p), p)
    p, state, speed = jnp.zeros(1), (jnp.array(0), jnp.zeros(1), jnp.zeros(1)), []
    loud, quiet = jnp.ones(1), jnp.full(1, 0.01)
    for t in range(shown[-1] + 101):
        new, state = step(p, state, loud if t < 100 else quiet)
        if t - 99 in shown:
            speed.append(float(p[0] - new[0]))
        p = jnp.zeros(1)  # only the size of the step matters here
    right.plot(shown[: len(speed)], speed, "o", markersize=4, color=color, label=rf"$\beta_2={b2}$")
    k = shown.astype(float)
    m_hat = (0.9**k * (1 - 0.9**100) + 0.01 * (1 - 0.9**k)) / (1 - 0.9 ** (k + 100))
    n_hat = (b2**k * (1 - b2**100) + 1e-4 * (1 - b2**k)) / (1 - b2 ** (k + 100))
    theory(right, k, m_hat / np.sqrt(n_hat), "theory: two geometric memories" if b2 == 0.99 else None)
finish(left, "First step", "|g|", r"step / $\eta$", xscale="log", yscale="log")
finish(right, "After a drop of the gradient to 1 %", "steps since the drop", r"step / $\eta$",
       xscale="log", yscale="log", ylim=(3e-3, 1.6), legend=False)  # fmt: skip
right.legend(frameon=False, loc="lower left")

# %% [markdown] reflect="adamw"
# **Reflect.** Multiply the loss by 1000. What changes in the left plot? In the right one, until when is Adam slower than a
# tenth of $\eta$? One bad batch with a gradient 100 times as large as usual: to which speed does it brake Adam for each
# $\beta_2$, and for how long? (Put it into $n$.)

# %% [markdown] answer="adamw"
# Nothing but the place where $\varepsilon$ bites: Adam does not see the scale of the loss. Its speed stays below a tenth of
# $\eta$ until $n=10^{-2}$: about 2350 steps for $\beta_2=0.999$, and 415 for 0.99. One bad batch adds $(1-\beta_2)10^4g^2$
# to $n=g^2$. As soon as the first moment has forgotten it, Adam is three times too slow with 0.999 ($\sqrt{11}$), and seven
# times with 0.99 (up to $\sqrt{101}$), and back at 0.7 of its speed after $\ln(10)/0.001=2300$ and $\ln(100)/0.01=460$ steps.
# A smaller $\beta_2$ brakes harder and forgets sooner. Many recipes for language models take $\beta_2=0.95$.

# %% [markdown] question="edges" points=3 minutes=25 difficulty="**"
# ## 3. Momentum moves the edge
#
# On a quadratic $L=\frac\lambda2\theta^2$ gradient descent multiplies $\theta$ by $1-\eta\lambda$: stable for
# $\eta\lambda\le2$. It is often said that momentum allows larger steps. Whether it does, and by how much, differs between
# the three kinds of question 1.
#
# With $g=\lambda\theta$ a step is linear in $(\theta,\,\eta v)$: a $2\times2$ matrix $M$ that depends only on
# $x=\eta\lambda$ (`x`), $\beta$ (`beta`) and the kind. **Derive it** for each kind (the updates stand in question 1;
# the docstring there tells you whether your Nesterov is right). After many steps the state grows or shrinks by the
# *spectral radius* $\rho$, the largest modulus of $M$'s two eigenvalues, real or complex. The edge is the largest $X$
# such that $\rho\le1$ for all $0\le x\le X$. You may find it with pen and paper (at the edge one eigenvalue is $-1$:
# why not $+1$, and why not a complex pair?), or let the computer search.
#
# *About 25 minutes, difficulty \*\*, 3 points.*


# %% solution="edges"
def step_radius(x: Float[Array, " n"], beta: float, kind: str) -> Float[Array, " n"]:
    """Spectral radius of one momentum step on a quadratic.

    Args:
        x: products eta * lambda of learning rate and curvature, any n >= 1 of them, between -5 and 100; negative for a saddle.
        beta: momentum, 0 <= beta <= 0.95.
        kind: "heavy_ball", "nesterov" or "ema".

    Returns:
        rho(x) for each entry, accurate to 1e-3 (1 + rho).
        Example: x [1., 4.], beta 0.9: heavy_ball [0.948683, 1.5], nesterov [0., 6.13976].
    """
    ### BEGIN SOLUTION
    gain = (1.0 - beta) * x if kind == "ema" else x
    direct, kick = (1.0, beta) if kind == "nesterov" else (0.0, 1.0)  # how gradient and new velocity move theta
    M = np.zeros((len(x), 2, 2))
    M[:, 1, 0], M[:, 1, 1] = gain, beta
    M[:, 0, 0], M[:, 0, 1] = 1.0 - direct * x - kick * gain, -kick * beta
    return np.abs(np.linalg.eigvals(M)).max(axis=-1)
    ### END SOLUTION


def stability_edge(beta: float, kind: str) -> Float[Array, ""]:
    """The largest product of learning rate and curvature up to which a momentum step is stable.

    Args:
        beta: momentum, 0 <= beta <= 0.95.
        kind: "heavy_ball", "nesterov" or "ema".

    Returns:
        The largest X with rho(x) <= 1 for all 0 <= x <= X, a scalar, to a relative accuracy of 1e-3.
        Example: beta 0: 2 for every kind. beta 0.5, heavy_ball: 3.
    """
    ### BEGIN SOLUTION
    if kind == "nesterov":
        return (2.0 + 2.0 * beta) / (1.0 + 2.0 * beta)
    return (2.0 + 2.0 * beta) / (1.0 - beta if kind == "ema" else 1.0)
    ### END SOLUTION


# %% check="edges"
radius_check = np.asarray(step_radius(jnp.array([1.0, 4.0]), 0.9, "heavy_ball"))
assert radius_check.shape == (2,), "one spectral radius for each entry of x"
assert np.allclose(radius_check, [0.948683, 1.5], atol=2e-3), (
    "heavy ball: [0.9487, 1.5]. 0.45 for the first: a complex pair has a modulus, not only a real part; "
    "-0.6 or 0.6 for the second: the largest modulus counts, and not the most positive eigenvalue"
)
assert np.allclose(np.asarray(step_radius(jnp.array([1.0]), 0.9, "nesterov")), [0.0], atol=2e-3), (
    "Nesterov at eta lambda = 1 stands after two steps: radius 0. 0.9487: that is the heavy ball"
)
for kind_check in ("heavy_ball", "nesterov", "ema"):
    assert abs(float(stability_edge(0.0, kind_check)) - 2) < 2e-3, "beta = 0 is gradient descent: 2"
assert abs(float(stability_edge(0.5, "heavy_ball")) - 3) < 3e-3, "heavy ball, beta = 0.5: 3. 2: that is gradient descent"
assert float(stability_edge(0.5, "nesterov")) < 2 < 4 < float(stability_edge(0.5, "ema")), (
    "one kind is *less* stable than gradient descent: run momentum_step on a quadratic just above and below your edge"
)

# %% [markdown] predict="edges"
# **Predict.** Put the four edges in order for $\beta=0.9$: gradient descent (2), heavy ball, Nesterov, and "ema". Between
# which two do you expect a factor of 10?

# %% [markdown] answer="edges"
# Nesterov $\frac{2+2\beta}{1+2\beta}=1.357$, below gradient descent 2, below the heavy ball $2+2\beta=3.8$, below ema
# $\frac{2+2\beta}{1-\beta}=38$: ema is the heavy ball with $(1-\beta)\eta$ for $\eta$. In the variables $(\theta,\eta
# v)$ the heavy ball has trace $1+\beta-x$ and determinant $\beta$, Nesterov $1+\beta-(1+\beta)x$ and $\beta(1-x)$. An
# eigenvalue $+1$ needs $1-\text{trace}+\text{determinant}=0$, which happens at $x=0$ only. A complex pair has the
# modulus $\sqrt{\text{determinant}}<1$. What remains is $-1$: $1+\text{trace}+\text{determinant}=0$.

# %% tags=["demo"]
fig, (left, right) = panels(2, width=5.2)
for ax, kinds, top in ((left, ("heavy_ball", "nesterov"), 4.2), (right, ("ema",), 42.0)):
    x_axis = jnp.linspace(0, top, 43)
    for color, kind in zip(COLORS if ax is left else COLORS[2:], kinds, strict=False):
        step = compiled(lambda w, v, g, kind=kind: momentum_step(w, v, g, 1.0, 0.9, kind), x_axis, x_axis, x_axis)
        w, v, sizes = jnp.ones(43), jnp.full(43, 0.3), []
        for _ in range(241):
            w, v = step(w, v, x_axis * w)
            size = np.hypot(w, v) + 1e-30
            sizes.append(np.log(size))
            w, v = w / size, v / size  # the step is linear: rescaling keeps float32 from overflowing
        measured = np.exp(np.mean(sizes[40:], axis=0))
        ax.plot(x_axis, measured, "o", markersize=4, color=color, label=f"{kind}, measured")
        fine = jnp.linspace(0, top, 600)
        theory(ax, fine, np.asarray(step_radius(fine, 0.9, kind)), "theory: your radius" if kind != "nesterov" else None)
        ax.axvline(float(stability_edge(0.9, kind)), color=color, linewidth=1, linestyle=":", label=f"{kind}, your edge")
    ax.axhline(1, color="0.6", linewidth=0.8)
gd_axis = np.linspace(0, 4.2, 200)
left.plot(gd_axis, np.abs(1 - gd_axis), color="0.55", linewidth=1.2, label="gradient descent")
finish(left, r"Growth per step, $\beta=0.9$", r"$\eta\lambda$", r"$\rho$", ylim=(0, 3.4), legend=False)
left.legend(frameon=False, loc="upper left")
finish(right, r"Adam's kind, $\beta=0.9$", r"$\eta\lambda$", r"$\rho$", ylim=(0.8, 1.35))

# %% [markdown] reflect="edges"
# **Reflect.** For almost all curvatures below its edge the heavy ball has the same $\rho$. Which one, and why is that the
# secret of momentum? And if Nesterov's kind is less stable than gradient descent, what does it buy?

# %% [markdown] answer="edges"
# $\sqrt\beta=0.949$. Wherever the two eigenvalues are complex, their modulus is the root of the determinant, which
# does not depend on the curvature. So all directions with $\eta\lambda>(1-\sqrt\beta)^2=0.0026$ converge at the same
# rate, soft and stiff ones alike. Nesterov has $\sqrt{\beta(1-x)}$: it damps stiff directions better below its edge,
# and with a $\beta$ fitted to the condition number it is accelerated for every smooth, strongly convex function, which
# the heavy ball is not (Lessard, Recht and Packard 2016).

# %% [markdown] question="hvp" points=2 minutes=15 difficulty="*"
# ## 4. The Hessian without the Hessian
#
# A network with $P$ parameters has a Hessian of $P^2$ entries: for GPT-2, $10^{16}$. Nobody needs them. The product
# with one vector costs about as much as two gradients (Pearlmutter 1994), because it is a directional derivative of
# the gradient:
#
# $$H v = \frac{d}{d\epsilon}\,\nabla L(\theta+\epsilon v)\Big|_{\epsilon=0}.$$
#
# $L$ is `loss`, a function of a pytree; $\theta$ is `params` and $v$ is `vector`, two pytrees of the same form. The
# derivative is exact, by automatic differentiation, not a difference; which combination of `jax.grad`, `jax.jvp` and
# `jax.vjp` you take is up to you, but no matrix of $P\times P$ may appear. Results are compared to $10^{-5}$ of the
# largest entry, which differences in float32 do not reach.
#
# *About 15 minutes, difficulty \*, 2 points.*


# %% solution="hvp"
def hessian_vector(loss: Callable, params: PyTree, vector: PyTree) -> PyTree:
    """Product of the Hessian of a loss with a vector, exactly and without forming the Hessian.

    Args:
        loss: takes a pytree like params, returns a float32 scalar; twice differentiable by JAX.
        params: where to take the Hessian; a pytree of float32 arrays with up to a million entries in all.
        vector: a pytree of the same structure and shapes.

    Returns:
        H v, a pytree like params.
        Example: loss(w) = w[0]**2 * w[1], params [1., 3.], vector [1., 10.]: [6 + 20, 2] = [26., 2.].
    """
    ### BEGIN SOLUTION
    return jax.jvp(jax.grad(loss), (params,), (vector,))[1]
    ### END SOLUTION


# %% check="hvp"
cubic_check = lambda w: w[0] ** 2 * w[1]
assert np.allclose(hessian_vector(cubic_check, jnp.array([1.0, 3.0]), jnp.array([1.0, 10.0])), [26.0, 2.0]), (
    "H = [[6, 2], [2, 0]], H v = [26, 2]. [6, 10]: the gradient times v; 46: v^T H v; [6, 0]: only the diagonal of H"
)
cross_check = hessian_vector(lambda p: p["a"] * p["b"][0], {"a": jnp.array(2.0), "b": [jnp.array(5.0)]},
                             {"a": jnp.array(1.0), "b": [jnp.array(0.0)]})  # fmt: skip
assert float(cross_check["a"]) == 0.0 and float(cross_check["b"][0]) == 1.0, (
    "L = a b: moving a changes dL/db, also across the leaves of a pytree"
)

# %% [markdown] predict="hvp"
# **Predict.** Without automatic differentiation one would take $(\nabla L(\theta+hv)-\nabla L(\theta-hv))/2h$. In float32,
# where numbers have a relative spacing of $10^{-7}$: which $h$ is best, and how many digits does it give?

# %% [markdown] answer="hvp"
# The rounding error falls like $u/h$ with $u=6\cdot10^{-8}$, the truncation error grows like $h^2$. They balance near
# $h=u^{1/3}=4\cdot10^{-3}$, with an error of about $u^{2/3}=1.5\cdot10^{-5}$: five digits at best. The directional
# derivative has seven.

# %% tags=["demo"]
data = digits()
features, signs = data.x_train[:500], jnp.where(data.y_train[:500] >= 5, 1.0, -1.0)
logistic = lambda w: jnp.mean(jax.nn.softplus(-signs * (features @ w)))
w_at, v_at = jnp.asarray(rng.normal(size=64), jnp.float32) / 4, jnp.asarray(rng.normal(size=64), jnp.float32)
probability = 1 / (1 + np.exp(-np.asarray(features, np.float64) @ np.asarray(w_at, np.float64)))
exact = np.asarray(features, np.float64).T @ (probability * (1 - probability) * (np.asarray(features) @ np.asarray(v_at))) / 500
relative = lambda got: np.linalg.norm(np.asarray(got, np.float64) - exact) / np.linalg.norm(exact)
h_axis = np.geomspace(1e-6, 3, 40)
slope = jax.jit(jax.grad(logistic))
differences = [relative((slope(w_at + h * v_at) - slope(w_at - h * v_at)) / (2 * h)) for h in h_axis]
fig, ax = panels(1, width=6.0)
ax.plot(h_axis, differences, "o", markersize=4, color=COLORS[1], label="central difference of two gradients")
ax.axhline(relative(hessian_vector(logistic, w_at, v_at)), color=COLORS[0], label="your function")
theory(ax, h_axis[:26], differences[2] * h_axis[2] / h_axis[:26], r"theory: slopes $-1$ (rounding) and 2 (truncation)")
theory(ax, h_axis[22:], differences[33] * (h_axis[22:] / h_axis[33]) ** 2)
finish(ax, "Error of a Hessian-vector product in float32", "h", "relative error", xscale="log", yscale="log", ylim=(1e-8, 30))

# %% [markdown] reflect="hvp"
# **Reflect.** Read the best $h$ and its error off the plot. The next question asks for the eigenvalues of a Hessian
# of 3000 parameters from thirty such products: where would errors of this size hurt more, in the large eigenvalues or
# in the small ones?

# %% [markdown] answer="hvp"
# The best $h$ is about $2\cdot10^{-3}$, with an error of about $10^{-5}$. An error of $10^{-5}\,|Hv|$ moves every
# eigenvalue by up to $10^{-5}$ of the *largest* one: the large ones keep five digits, and the many small ones drown.

# %% [markdown] question="ritz" points=4 minutes=35 difficulty="***"
# ## 5. The extreme eigenvalues
#
# The largest eigenvalue of the Hessian, the *sharpness*, decides whether training is stable. Power iteration seems
# enough, but it finds the eigenvalue of the largest **modulus**: on $\mathrm{diag}(-5,1,2)$ it returns $-5$, and at a
# saddle you would not know. It also throws away what it has seen. Lanczos (1950) keeps it all: after $k$ products it
# knows the *Krylov space* $K_k=\mathrm{span}\{v, Hv,\dots,H^{k-1}v\}$, and takes the extreme values on it,
#
# $$\text{lowest}=\min_{u\in K_k}\frac{u^\top Hu}{u^\top u},\qquad \text{highest}=\max_{u\in K_k}\frac{u^\top Hu}{u^\top u}.$$
#
# $v$ is `start`, $k$ is `steps`, and $Hv$ is `matvec(v)`, all you ever see of $H$. How to compute it: build an orthonormal
# basis $q_1,\dots,q_k$ of $K_k$ ($q_1=v/|v|$; then $Hq_j$ minus its components along **all** earlier $q_i$, normalised).
# With these as columns of $Q$ the two numbers are the extreme eigenvalues of the small matrix $T=Q^\top HQ$. (Why?)
# Rounding leaves $T$ a little unsymmetric; `eigvalsh` reads one half of it, and either half will do.
#
# Two things can go wrong. If $Hq_j$ *nearly* lies in the space already, little is left after the subtraction, and rounding
# spoils its direction: orthogonalize twice, or in float64, and then make $q_1$ of length 1 in float64, too. (The norm of a
# JAX array is a float32 number, also if NumPy takes it.) And if it *does* lie there, only rounding is left, some
# $10^{-7}|Hq_j|$, and that must not be normalised: $K_k$ has stopped growing, and you are done early. The line between the
# two is drawn at $10^{-5}|Hq_j|$: less is nothing.
#
# *About 35 minutes, difficulty \*\*\*, 4 points.*


# %% solution="ritz"
def ritz_extremes(matvec: Callable, start: Float[Array, " n"], steps: int) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Smallest and largest Rayleigh quotient of a symmetric operator in a Krylov space.

    Args:
        matvec: takes a float32 array of shape (n,) and returns H times it, float32; H is symmetric, not necessarily definite,
            and of any scale (largest modulus from 1e-6 to 1e6). A JAX function, which may be traced.
        start: v with |v| from 1e-7 to 1e7, and H v not 0.
        steps: k, 1 <= k <= 60: the dimension of the Krylov space, if it does not stop growing before. May exceed n. It has
            stopped if less than 1e-5 |H q_j| is left of H q_j (no test comes near this line: less than 3e-6, or more than 1e-4).

    Returns:
        (lowest, highest), two scalars, accurate to 1e-3 of the larger modulus of the two.
        Example: H = diag(-5, 1, 2), start [1., 1., 1.]: steps 1 gives (-0.6667, -0.6667), steps 2 (-4.9257, 1.5769),
        steps 3 and more (-5, 2). Start [0., 7., 7.], steps 10: (1, 2).
    """
    ### BEGIN SOLUTION
    # In NumPy, because each new number of basis vectors would be a new program for JAX.
    first = np.asarray(start, np.float64)
    basis, images = [first / np.linalg.norm(first)], []
    for _ in range(steps):
        image = np.asarray(matvec(jnp.asarray(basis[-1], jnp.float32)), np.float64)
        images.append(image)
        known = np.stack(basis)
        components = np.einsum("kn,n->k", known, image)
        rest = image - np.einsum("kn,k->n", known, components)  # once is enough in float64
        if np.linalg.norm(rest) <= 1e-5 * np.linalg.norm(image):
            break
        basis.append(rest / np.linalg.norm(rest))
    values = np.linalg.eigvalsh(np.stack(basis[: len(images)]) @ np.stack(images).T)
    return values[0], values[-1]
    ### END SOLUTION


# %% check="ritz"
saddle_check = lambda u: jnp.array([-5.0, 1.0, 2.0]) * u
ones_check = jnp.ones(3)
ritz_check = lambda start, steps: [float(value) for value in ritz_extremes(saddle_check, start, steps)]
assert np.allclose(ritz_check(ones_check, 1), [-2 / 3, -2 / 3], atol=2e-3), (
    "one step: the Rayleigh quotient of the start itself, (-5 + 1 + 2)/3 = -0.667. -2: the start was not normalised"
)
assert np.allclose(ritz_check(ones_check, 2), [-4.9257, 1.5769], atol=5e-3), "two steps: eigenvalues of a 2 x 2 matrix"
assert np.allclose(ritz_check(ones_check, 3), [-5.0, 2.0], atol=5e-3), (
    "three steps in three dimensions: all is known, (-5, 2). (-5, -5): the largest modulus is not the largest value"
)
assert np.allclose(ritz_check(ones_check, 12), [-5.0, 2.0], atol=5e-3), (
    "more steps than dimensions: stop when nothing is left; NaN is 0/0"
)
assert np.allclose(ritz_check(jnp.array([0.0, 7.0, 7.0]), 10), [1.0, 2.0], atol=5e-3), "this start never sees the first axis"
mirror_check = jnp.eye(5) - 2 * jnp.outer(jnp.arange(1.0, 6), jnp.arange(1.0, 6)) / 55  # orthogonal, its own inverse
close_check = mirror_check @ jnp.diag(jnp.array([4.0, 3.9, 3.8, -3.7, 1.0])) @ mirror_check
close_ends = [float(value) for value in ritz_extremes(lambda u: close_check @ u, jnp.ones(5), 9)]
assert np.allclose(close_ends, [-3.7, 4.0], atol=1e-2), (
    "eigenvalues 4, 3.9, 3.8, 1 and -3.7: (-3.7, 4). Values beyond, as 18: your basis is not orthogonal. Subtract twice, or "
    "do everything in float64, the norm of the start too: np.asarray(start, np.float64) first"
)
plane_check = jnp.array([[0.0, -2.0, -4.0], [-2.0, 0.0, -4.0], [-4.0, -4.0, 2.0]])  # eigenvalues 2 and 6 in a plane, and -6
plane_ends = [float(value) for value in ritz_extremes(lambda u: plane_check @ u, jnp.array([3.0, 1.0, -4.0]), 10)]
assert np.allclose(plane_ends, [2.0, 6.0], atol=1e-2), (
    "this start lies in a plane that H maps into itself: (2, 6). -6: rounding, of the size 1e-7, was normalised and became a "
    "third direction; less than 1e-5 |H q| is nothing"
)

# %% [markdown] predict="ritz"
# **Predict.** A symmetric random matrix of size 1000 with independent entries of variance 1/1000: its eigenvalues
# fill $[-2,2]$ as a half disk. What does power iteration say about its largest eigenvalue? And how far is Lanczos
# after ten products?

# %% [markdown] answer="ritz"
# The Rayleigh quotients of power iteration stay near zero, far from 2, because $+2$ and $-2$ have the same modulus and
# neither wins for hundreds of steps. Lanczos: the diagonal of $T$ is 0 and its
# neighbours are 1, up to $1/\sqrt n$, so its extreme eigenvalues are $\pm2\cos\frac\pi{k+1}$. After ten products that
# is 1.919. It holds for every start that was chosen without looking at the matrix.

# %% tags=["demo"]
size = 1000
half = rng.normal(size=(size, size))
goe = jnp.asarray((half + half.T) / np.sqrt(2 * size), jnp.float32)
goe_product = jax.jit(lambda u: goe @ u)
counts = np.array([1, 2, 3, 4, 6, 8, 10, 14, 20, 30, 40])
start_at = jnp.asarray(rng.normal(size=size), jnp.float32)
both_ends = np.array([[float(e) for e in ritz_extremes(goe_product, start_at, int(k))] for k in counts])
power, u = [], start_at
for _ in range(40):
    u = u / jnp.linalg.norm(u)
    power.append(float(u @ goe_product(u)))
    u = goe_product(u)

small = [64, 8, 10]  # a network whose Hessian one can still write down: 610 parameters
pixels, one_hot = data.x_train[:500] - 0.3, jax.nn.one_hot(data.y_train[:500], 10)


def network(params, x):
    """A perceptron with tanh, [(W_1, b_1), ...], W of shape (fan_in, fan_out)."""
    for W, b in params[:-1]:
        x = jnp.tanh(x @ W + b)
    return x @ params[-1][0] + params[-1][1]


def start_network(seed, widths):
    """Flat parameters of a random network, and the function that gives them back their form."""
    keys = jax.random.split(jax.random.key(seed), len(widths) - 1)
    normal = lambda k, a, b: 0.6 * jax.random.normal(k, (a, b)) / jnp.sqrt(a)
    return ravel_pytree([(normal(k, a, b), jnp.zeros(b)) for k, a, b in zip(keys, widths, widths[1:], strict=False)])


small_w, small_form = start_network(0, small)
small_loss = lambda w: 0.5 * jnp.mean(jnp.sum((network(small_form(w), pixels) - one_hot) ** 2, axis=1))
spectrum = np.linalg.eigvalsh(np.asarray(jax.hessian(small_loss)(small_w), np.float64))
small_product = jax.jit(lambda u: hessian_vector(small_loss, small_w, u))
small_start = jnp.asarray(rng.normal(size=len(small_w)), jnp.float32)
small_ends = np.array([[float(e) for e in ritz_extremes(small_product, small_start, int(k))] for k in counts])

fig, (left, right) = panels(2, width=5.2)
left.plot(counts, both_ends[:, 1], "o", color=COLORS[0], label="highest")
left.plot(counts, both_ends[:, 0], "s", color=COLORS[1], label="lowest")
left.plot(np.arange(1, 41), power, color="0.6", linewidth=1.2, label="power iteration")
theory(left, np.arange(1, 41), 2 * np.cos(np.pi / (np.arange(1, 41) + 1)), r"theory: $\pm2\cos\frac{\pi}{k+1}$")
theory(left, np.arange(1, 41), -2 * np.cos(np.pi / (np.arange(1, 41) + 1)))
right.plot(counts, small_ends[:, 1], "o", color=COLORS[0], label="highest")
right.plot(counts, small_ends[:, 0], "s", color=COLORS[1], label="lowest")
theory(right, [1, 40], [spectrum[-1]] * 2, "theory: all 610 eigenvalues by LAPACK")
theory(right, [1, 40], [spectrum[0]] * 2)
finish(left, "A random matrix, n = 1000", "products k", "Rayleigh quotient", ylim=(-2.6, 3.6))
finish(right, "Hessian of a network on digits, P = 610", "products k", "Rayleigh quotient")
left.legend(frameon=False, ncols=2, loc="upper right")
print(f"the network's extreme eigenvalues: {spectrum[0]:.4f} and {spectrum[-1]:.4f}; Lanczos after 40: {small_ends[-1].round(4)}")

# %% [markdown] reflect="ritz"
# **Reflect.** The network's Hessian is found faster than the random matrix. What about its spectrum makes it easy? And its
# lowest eigenvalue is negative: what does that say about where a network starts?

# %% [markdown] answer="ritz"
# Its top eigenvalues stand far apart from the bulk near zero, and Lanczos finds isolated eigenvalues exponentially
# fast, at a rate that grows with the root of the relative gap (Kaniel and Paige). A half disk has no gap. The
# negative eigenvalue says that the start is like a saddle: the loss bends down in some direction.

# %% [markdown] question="flow" points=3 minutes=25 difficulty="**"
# ## 6. What gradient descent really follows
#
# Gradient descent is Euler's method for the *gradient flow* $\dot w=-\nabla L(w)$, and Euler's method is crude. So
# whose solution does it follow? For that you need the flow itself. The classical Runge-Kutta method (fourth order,
# step $h$) for $\dot w=f(w)$ is
#
# $$k_1=f(w),\;\; k_2=f\bigl(w+\tfrac h2k_1\bigr),\;\; k_3=f\bigl(w+\tfrac h2k_2\bigr),\;\; k_4=f(w+hk_3),\qquad
# w'=w+\tfrac h6(k_1+2k_2+2k_3+k_4).$$
#
# `gradient` is the function $\nabla L$ (mind the sign), `time` the total time, and `steps` the number of equal steps it is
# divided into.
#
# *Backward error analysis* (Barrett and Dherin 2021) says: a step of gradient descent with learning rate $\eta$ lies on the
# flow of another loss, up to an error of order $\eta^3$:
#
# $$\tilde L(w)=L(w)+\frac\eta4\,|\nabla L(w)|^2 .$$
#
# A finite learning rate regularizes: it prefers places where the gradient is small. **Find** $\nabla\tilde L$ in terms of
# $\nabla L$ and one Hessian-vector product, or let JAX differentiate; both are right.
#
# *About 25 minutes, difficulty \*\*, 3 points.*


# %% solution="flow"
def gradient_flow(gradient: Callable, w: Float[Array, "*n"], time: float, steps: int) -> Float[Array, "*n"]:
    """Gradient flow by the classical Runge-Kutta method.

    Args:
        gradient: gradient of the loss, a JAX function, which may be traced; takes an array like w and returns one of the
            same shape.
        w: where the flow starts, of any shape, also (), float32.
        time: for how long it flows, > 0.
        steps: number of Runge-Kutta steps of length time / steps, >= 1.

    Returns:
        w(time), in the shape of w.
        Example: gradient(w) = 2 w, w [1.], time 0.5, steps 1: [0.375] (the flow itself: e^-1 = 0.3679).
    """
    ### BEGIN SOLUTION
    h = time / steps
    for _ in range(steps):
        k1 = -gradient(w)
        k2 = -gradient(w + h / 2 * k1)
        k3 = -gradient(w + h / 2 * k2)
        k4 = -gradient(w + h * k3)
        w = w + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return w
    ### END SOLUTION


def modified_gradient(loss: Callable, w: Float[Array, "*n"], eta: float) -> Float[Array, "*n"]:
    """Gradient of the modified loss L + (eta / 4) |grad L|^2, whose flow gradient descent follows.

    Args:
        loss: takes an array like w, returns a float32 scalar; differentiable by JAX as often as you like.
        w: an array of any shape, also (), float32.
        eta: learning rate of gradient descent, >= 0; |grad L|^2 sums over all entries of w.

    Returns:
        The gradient, in the shape of w; 0 where grad L is 0. Example: loss(w) = sum(w**2), w [1.], eta 0.1: [2.2].
    """
    ### BEGIN SOLUTION
    slope, turned = jax.jvp(jax.grad(loss), (w,), (jax.grad(loss)(w),))
    return slope + eta / 2 * turned
    ### END SOLUTION


# %% check="flow"
twice_check = lambda w: 2.0 * w
flow_check = lambda time, steps: float(np.asarray(gradient_flow(twice_check, jnp.array([1.0]), time, steps))[0])
assert abs(flow_check(0.5, 1) - 0.375) < 1e-4, (
    "1 - 1 + 1/2 - 1/6 + 1/24 = 0.375. 2.708: you flow uphill; 0: that is Euler's step; 0.333 or 0.5: a lower order"
)
assert abs(flow_check(0.5, 8) - 0.367881) < 1e-4, "eight steps of length 0.5 / 8. 0.0004: each had the length 0.5"
assert abs(float(np.asarray(modified_gradient(lambda w: jnp.sum(w**2), jnp.array([1.0]), 0.1))[0]) - 2.2) < 1e-4, (
    "L = w^2: L' = 2 w, |L'|^2 = 4 w^2, so 2 w + 0.1 / 4 * 8 w = 2.2. 2.4: that is eta / 2 for eta / 4; 2.1: half of it"
)
assert np.allclose(modified_gradient(lambda w: jnp.sum(w**2), jnp.zeros(2), 0.1), [0.0, 0.0]), (
    "at a minimum the gradient is 0. A NaN: |grad L|^2 is smooth, but a norm has no derivative at 0"
)

# %% [markdown] predict="flow"
# **Predict.** Gradient descent and two flows run for a time of 1: the flow of $L$, and that of $\tilde L$. If you halve
# $\eta$ (and take twice as many steps), by what factor does each distance between the end points fall?

# %% [markdown] answer="flow"
# By 2 for $L$: an error of order $\eta^2$ in each of $1/\eta$ steps. By 4 for $\tilde L$: an error of order $\eta^3$
# in each.

# %% tags=["demo"]
banana = lambda w: 0.5 * (w[0] - 1.0) ** 2 + 2.0 * (w[1] - w[0] ** 2) ** 2
banana_slope = jax.jit(jax.grad(banana))
first = jnp.array([-0.8, 1.6])


def descend(w, eta, steps):
    """Iterates of gradient descent on the banana, the start included."""
    path = [w]
    for _ in range(steps):
        path.append(path[-1] - eta * banana_slope(path[-1]))
    return np.array(path)


def follow(slope, pieces, length):
    """The flow, `pieces` times for a time `length`."""
    quick = compiled(slope, first)
    piece = lambda w: gradient_flow(quick, w, length, 4)
    path = [first]
    for _ in range(pieces):
        path.append(jnp.asarray(piece(path[-1])))
    return np.array(path)


eta = 0.04
fig, (left, right) = panels(2, width=5.2)
grid_x, grid_y = np.meshgrid(np.linspace(-1.1, 1.3, 120), np.linspace(-0.3, 1.75, 120))
left.contour(grid_x, grid_y, banana((grid_x, grid_y)), levels=np.geomspace(0.02, 12, 16), colors="0.82", linewidths=0.8)
left.plot(*follow(banana_slope, 40, 0.02).T, color=COLORS[1], label="flow of L")
left.plot(*follow(lambda w: modified_gradient(banana, w, eta), 40, 0.02).T, color=COLORS[0], label="flow of the modified loss")
left.plot(*descend(first, eta, 20).T, "o", color="black", markersize=4.5, label=rf"gradient descent, $\eta={eta}$")
etas = np.array([1 / 16, 1 / 32, 1 / 64, 1 / 128, 1 / 256])
distances = {"flow of L": [], "flow of the modified loss": []}
for eta in etas:
    end, pieces = descend(first, eta, round(1 / eta))[-1], 32
    distances["flow of L"].append(np.linalg.norm(follow(banana_slope, pieces, 1 / pieces)[-1] - end))
    bent = lambda w, eta=float(eta): modified_gradient(banana, w, eta)
    distances["flow of the modified loss"].append(np.linalg.norm(follow(bent, pieces, 1 / pieces)[-1] - end))
for color, order, (name, errors) in zip((COLORS[1], COLORS[0]), (1, 2), distances.items(), strict=True):
    right.plot(etas, errors, "o", color=color, label=name)
    theory(right, etas, errors[-1] * (etas / etas[-1]) ** order, r"theory: slopes 1 and 2" if order == 2 else None)
    print(f"{name}: distances fall by {np.round(np.array(errors[:-1]) / errors[1:], 2)}")
finish(left, "Whose path is it? (the first steps)", "$w_1$", "$w_2$", xlim=(-1.1, -0.72), ylim=(0.85, 1.63))
finish(right, "Distance at time 1", r"$\eta$", "distance", xscale="log", yscale="log")
right.set_xticks(etas, [f"1/{round(1 / eta)}" for eta in etas])
right.minorticks_off()

# %% [markdown] reflect="flow"
# **Reflect.** Where do gradient descent and the flow of $L$ part: where the loss is high or low, steep or curved? On
# $L=\frac\lambda2w^2$ a flow on a line follows gradient descent exactly, if its rate is chosen well (the homework asks
# for it). But only for small learning rates: for which $\eta\lambda$ does no flow follow gradient descent, and what
# happens there?

# %% [markdown] answer="flow"
# In one step the two part by $\frac{\eta^2}2H\nabla L$: much where a large gradient meets a high curvature, that is,
# in the fall into the valley. On the flat floor they run side by side. At $\eta\lambda=1$ gradient descent is at the
# minimum after one step, and above it jumps over the minimum in every step. A flow on a line can do neither: it comes
# closer and closer and never changes sides. So the backward flow ends at half of the edge of stability.

# %% [markdown] question="adam_edge" points=2 minutes=20 difficulty="**"
# ## 7. Adam's edge
#
# Adam's stable learning rates are not ruled by the Hessian. Where its second moment hardly changes, a step is
# momentum ("ema") with the gradient divided by
#
# $$P=\mathrm{diag}\Bigl(\sqrt{n/(1-\beta_2^{\,t})}+\varepsilon\Bigr),$$
#
# so what counts is the largest eigenvalue of $P^{-1}H$, the *preconditioned sharpness*, against the edge for "ema"
# of question 3: $38/\eta$ at $\beta_1=0.9$ (Cohen et al. 2022).
#
# But $P^{-1}H$ is not symmetric, and Lanczos needs a symmetric operator. **Find** a symmetric one with the same
# eigenvalues. (Change the variables so that the step becomes plain momentum: $\theta=P^{a}\phi$ with which power
# $a$?)
#
# $H$ is `matvec`, as in question 5; $n$ is `second_moment` and $t$ is `count`, both as in the state *after* a step of
# AdamW.
#
# *About 20 minutes, difficulty \*\*, 2 points.*


# %% solution="adam_edge"
def preconditioned(
    matvec: Callable, second_moment: Float[Array, " n"], count: int, b2: float, eps: float
) -> Callable[[Float[Array, " n"]], Float[Array, " n"]]:
    """A symmetric operator with the eigenvalues of P^-1 H, for Adam's diagonal P.

    Args:
        matvec: takes a float32 array of shape (n,) and returns the symmetric H times it; a JAX function, which may be traced.
        second_moment: Adam's n_t, not bias-corrected, float32; each entry 0, or from 1e-14 to 1e6.
        count: t, the number of steps done, >= 1 (a Python int or an integer scalar).
        b2: decay of the second moment, 0 <= b2 < 1.
        eps: from 1e-10 to 1, added to the root of the corrected second moment.

    Returns:
        A function that takes a float32 array u of shape (n,) and returns S u: S is symmetric and has the eigenvalues of
        P^-1 H, to 1e-3 of the largest modulus.
        Example: matvec(u) = 3 u, second_moment [0.0025], count 1, b2 0.99, eps 1e-8: P = 0.5, and the function maps [1.] to [6.].
    """
    ### BEGIN SOLUTION
    root = jnp.sqrt(jnp.sqrt(second_moment / (1.0 - b2**count)) + eps)
    return lambda u: matvec(u / root) / root
    ### END SOLUTION


# %% check="adam_edge"
thrice_check = preconditioned(lambda u: 3.0 * u, jnp.array([0.0025]), 1, 0.99, 1e-8)
assert abs(float(np.asarray(thrice_check(jnp.array([1.0])))[0]) - 6.0) < 1e-3, (
    "P = sqrt(0.0025 / 0.01) = 0.5, 3 / 0.5 = 6. 60: no bias correction; 1.5: multiplied; 4.24: only one of the two halves; "
    "12: the root of the second moment was not taken"
)
mixed_check = jnp.array([[2.0, 1.0], [1.0, 3.0]])
both_check = preconditioned(lambda u: mixed_check @ u, jnp.array([1.0, 16.0]), 1, 0.0, 1e-8)
columns_check = np.stack([np.asarray(both_check(e)) for e in jnp.eye(2)])
assert np.allclose(columns_check, columns_check.T, atol=1e-4), "the operator is not symmetric: P^-1 on one side only?"
assert np.allclose(np.linalg.eigvalsh(columns_check), [0.5746, 2.1754], atol=1e-3), "P = diag(1, 4): the eigenvalues of P^-1 H"

# %% [markdown] predict="adam_edge"
# ### At the edge of stability
#
# Now everything comes together: your optimizers train a network of 3466 parameters on 500 digits, full batch, and your
# instruments watch. Its loss is half the squared distance to the one-hot labels.
#
# **Predict.** The network starts with a sharpness of 4 to 5. With $\eta=0.2$ gradient descent is stable while it is
# below $2/\eta=10$. Suppose that training raises the sharpness. What will happen when it reaches 10: will the loss
# explode, will the sharpness go on rising, or...?

# %% [markdown] answer="adam_edge"
# Neither. The sharpness stops and hovers at $2/\eta$. The loss no longer falls in every step (with gradient descent at
# $\eta=0.2$ about a third of the steps go up), and yet it falls over longer times (Cohen et al. 2021). The statements
# about this figure were checked for seeds 0 to 4: in the last thousand steps the three runs with $\eta=0.2$ stay within
# 7 % of their edges, and the run with $\eta=0.1$ has come to its own at the end.

# %% tags=["demo"]
widths = [64, 32, 32, 10]
start_w, form = start_network(0, widths)
full_loss = lambda w: 0.5 * jnp.mean(jnp.sum((network(form(w), pixels) - one_hot) ** 2, axis=1))
loss_and_slope = jax.jit(jax.value_and_grad(full_loss))
curvature = jax.jit(lambda w, u: hessian_vector(full_loss, w, u))
probe = jnp.asarray(rng.normal(size=len(start_w)), jnp.float32)
accuracy = lambda w: float(jnp.mean(network(form(w), data.x_test - 0.3).argmax(axis=1) == data.y_test))


def train(step, state, steps, every, measure):
    """Full-batch training by step(w, state, slope); losses at every step, measure(w, state) every so often."""
    w, losses, measured = start_w, [], []

    def once(carry, _):
        loss, slope = loss_and_slope(carry[0])
        return step(*carry, slope), loss

    def some(carry):
        """`every` steps, as one program where JAX can trace your step."""
        try:
            return jax.lax.scan(once, carry, None, length=every)
        except (TypeError, ValueError):
            lost = []
            for _ in range(every):
                carry, loss = once(carry, None)
                lost.append(loss)
            return carry, np.array(lost)

    some = compiled(some, (w, state))
    for _ in range(steps // every):
        (w, state), lost = some((w, state))
        losses.extend(np.asarray(lost))
        measured.append(measure(w, state))
    return w, np.array(losses), np.array(measured)


# Compiled once, where JAX can trace your function: a new operator in each call would be a new program each time.
largest = compiled(lambda w: ritz_extremes(lambda u: curvature(w, u), probe, 15)[1], start_w)
sharpness = lambda w: float(largest(w))
runs, edges = {}, {}
for name, kind, eta, beta in (
    ("gradient descent, 0.1", "heavy_ball", 0.1, 0.0),
    ("gradient descent, 0.2", "heavy_ball", 0.2, 0.0),
    ("heavy ball, 0.2", "heavy_ball", 0.2, 0.5),
    ("Nesterov, 0.2", "nesterov", 0.2, 0.5),
):
    step = lambda w, v, g, kind=kind, eta=eta, beta=beta: momentum_step(w, v, g, eta, beta, kind)
    runs[name] = train(step, jnp.zeros_like(start_w), 3000, 50, lambda w, _: sharpness(w))
    edges[name] = float(stability_edge(beta, kind)) / eta
    print(f"{name}: loss {runs[name][1][-1]:.4f}, test accuracy {accuracy(runs[name][0]):.3f}, "
          f"loss rose in {np.mean(np.diff(runs[name][1]) > 0):.0%} of the steps")  # fmt: skip
when = np.arange(50, 3001, 50)
fig, (left, right) = panels(2, width=5.4, height=4.0)
for color, (name, (_, losses, sharp)) in zip(COLORS, runs.items(), strict=False):
    left.plot(when, sharp, "o", markersize=3, color=color, label=name.replace(", ", r", $\eta$ = "))
    theory(left, [0, 3000], [edges[name]] * 2, "theory: your edges of question 3, $\\beta=0.5$" if name.startswith("N") else None)
    right.plot(losses, color=color, linewidth=0.8)
finish(left, "The sharpness climbs to the edge and stays", "step", "largest eigenvalue of H", ylim=(3, 33), legend=False)
left.legend(frameon=False, loc="upper left", fontsize=8.5)
finish(right, "Meanwhile, the loss", "step", "training loss", yscale="log", xscale="log")

# %% [markdown] predict="adam_edge"
# And Adam, with $\beta_1=0.9$, $\beta_2=0.99$, at two learning rates. **Predict**: its edge $38/\eta$ is 12 667 and
# 38 000. Will it go there, and will the ordinary sharpness do the same?

# %% [markdown] answer="adam_edge"
# Adam goes to its edge: in the second half of the run $\eta$ times the preconditioned sharpness moves between 28 and
# 43, with a mean between 34 and 39, for both learning rates and for each of five seeds. The ordinary sharpness does
# nothing of the kind: it ends between 14 and 23. A third of the learning rate makes it larger by a fifth, and not
# three times as large as $38/\eta$ would have it.

# %% tags=["demo"]
fig, (left, right) = panels(2, width=5.2, height=3.8)
adam_runs, rest = {}, (jnp.array(0), jnp.zeros_like(start_w), jnp.zeros_like(start_w))


def preconditioned_sharpness(w, count, n):
    """Largest eigenvalue of P^-1 H."""
    return ritz_extremes(preconditioned(lambda u: curvature(w, u), n, count, 0.99, 1e-7), probe, 25)[1]


adams = compiled(preconditioned_sharpness, start_w, jnp.array(1), jnp.ones_like(start_w))
both_sharpnesses = lambda w, state: (float(adams(w, state[0], state[2])), sharpness(w))
for color, eta in zip(COLORS, (0.003, 0.001), strict=False):
    step = lambda w, s, g, eta=eta: adamw_step(w, s, g, eta, 0.9, 0.99, 1e-7, 0.0)
    adam_runs[eta] = train(step, rest, 2000, 50, both_sharpnesses)
    when = np.arange(50, 2001, 50)
    left.plot(when, eta * adam_runs[eta][2][:, 0], "o", markersize=3.5, color=color, label=rf"Adam, $\eta={eta}$")
    right.plot(when, adam_runs[eta][2][:, 1], "o", markersize=3.5, color=color, label=rf"Adam, $\eta={eta}$")
    print(f"Adam, {eta}: loss {adam_runs[eta][1][-1]:.5f}, test accuracy {accuracy(adam_runs[eta][0]):.3f}")
theory(left, [0, 2000], [float(stability_edge(0.9, "ema"))] * 2, r"theory: your edge of ema, $\beta_1=0.9$")
finish(left, "Adam stands at its own edge", "step", r"$\eta\,\lambda_{\max}(P^{-1}H)$", ylim=(0, 55))
finish(right, r"The ordinary sharpness stays far below $38/\eta$", "step", r"$\lambda_{\max}(H)$", ylim=(0, 30))

# %% [markdown]
# The valley seen from inside: the loss along the sharpest direction after 20, 150 and 1500 steps with $\eta=0.2$. The
# dashed parabola is the sharpest valley that gradient descent with this learning rate does not climb out of. Below
# it: digits that the network, trained at the edge all this time, still reads wrongly (it reads 19 of 20 rightly).

# %% tags=["demo"]
w, cuts, offsets = start_w, [], np.linspace(-1.2, 1.2, 81)
step_02 = compiled(lambda w, g: momentum_step(w, 0 * w, g, 0.2, 0.0, "heavy_ball")[0], w, w)
cut_loss = jax.jit(lambda w, u, s: jax.vmap(lambda s: full_loss(w + s * u))(s))
for t in range(1501):
    if t in (20, 150, 1500):
        u = probe
        for _ in range(60):  # here the top eigenvalue is the largest in modulus, and power iteration will do
            u = curvature(w, u)
            u = u / jnp.linalg.norm(u)
        cuts.append((t, np.asarray(cut_loss(w, u, jnp.asarray(offsets))), float(u @ curvature(w, u))))
    w = step_02(w, loss_and_slope(w)[1])
fig, ax = panels(1, width=6.2)
for color, (t, values, top) in zip(COLORS, cuts, strict=False):
    ax.plot(offsets, values - values.min(), color=color, label=rf"step {t}: sharpness {top:.1f}")
theory(ax, offsets, 10 * offsets**2 / 2, r"theory: parabola of curvature $2/\eta=10$")
finish(ax, "A cut through the loss along its sharpest direction", "distance from the parameters",
       "loss above the cut's minimum", ylim=(0, 4))  # fmt: skip

guesses = np.asarray(network(form(w), data.x_test - 0.3).argmax(axis=1))
wrong_ones = np.flatnonzero(guesses != np.asarray(data.y_test))[:8]
gallery = digit_gallery(data.x_test[wrong_ones], [f"{guesses[i]}, not {int(data.y_test[i])}" for i in wrong_ones])

# %% [markdown] reflect="adam_edge"
# **Reflect.** (a) Theory for convex losses says: choose $\eta$ below $2/\lambda_{\max}$. Does the curvature decide the
# learning rate here, or the learning rate the curvature? (b) The loss of gradient descent at the edge goes up in a third
# of its steps, and in the long run down. Which direction in parameter space goes up and down, and with which period? (c)
# A smaller learning rate ends in a sharper minimum: read it off the first figure. What has this to do with question 6?

# %% [markdown] answer="adam_edge"
# (a) The learning rate decides the curvature, and not the other way round: the sharpness rises until $2/\eta$ stops
# it. (b) The sharpest direction. Its coordinate is multiplied by $1-\eta\lambda\approx-1$ in every step: period two.
# The oscillation pushes the parameters to where the sharpness is smaller, through the third derivative of the loss
# (Damian, Nichani and Lee 2023: self-stabilization). (c) 20 for $\eta=0.1$ against 10 for 0.2. The modified loss of
# question 6 also prefers flat places, but it is an expansion for $\eta\lambda<1$, and here $\eta\lambda=2$.

# %% [markdown]
# ## Further reading
#
# * J. Cohen, S. Kaur, Y. Li, J. Z. Kolter and A. Talwalkar (2021), [Gradient descent on neural networks typically
#   occurs at the edge of stability](https://arxiv.org/abs/2103.00065). The first figure of question 7 for real
#   networks; an appendix on momentum.
# * S. Jastrzebski et al. (2019), [On the relation between the sharpest directions of DNN loss and the SGD step
#   length](https://arxiv.org/abs/1807.05031). The same with minibatches, two years earlier.
# * J. Cohen et al. (2022), [Adaptive gradient methods at the edge of stability](https://arxiv.org/abs/2207.14484).
#   Where 38 comes from.
# * A. Damian, E. Nichani and J. Lee (2023), [Self-stabilization: the implicit bias of gradient descent at the edge of
#   stability](https://arxiv.org/abs/2209.15594). Section 4: four lines of Taylor expansion that explain why it stays.
# * J. Cohen, A. Damian, A. Talwalkar, J. Z. Kolter and J. Lee (2025), [Understanding optimization in deep learning with
#   central flows](https://arxiv.org/abs/2410.24206). No flow passes through the iterates at the edge; their average follows one.
# * D. Barrett and B. Dherin (2021), [Implicit gradient regularization](https://arxiv.org/abs/2009.11162). Question 6.
# * I. Loshchilov and F. Hutter (2019), [Decoupled weight decay regularization](https://arxiv.org/abs/1711.05101).
#   Algorithm 2.
# * D. Kingma and J. Ba (2015), [Adam](https://arxiv.org/abs/1412.6980). Section 2: what each line is for; section 3:
#   the bias correction.
# * G. Goh (2017), [Why momentum really works](https://distill.pub/2017/momentum/). Question 3 with sliders.
# * B. Pearlmutter (1994), [Fast exact multiplication by the Hessian](https://doi.org/10.1162/neco.1994.6.1.147).
#   Question 4, before there was JAX.
# * L. Lessard, B. Recht and A. Packard (2016), [Analysis and design of optimization algorithms via integral quadratic
#   constraints](https://arxiv.org/abs/1408.3595). A convex loss on which the best heavy ball never arrives.
# * B. Ghorbani, S. Krishnan and Y. Xiao (2019), [An investigation into neural net optimization via Hessian eigenvalue
#   density](https://arxiv.org/abs/1901.10159). Lanczos for the whole spectrum of a large network.
