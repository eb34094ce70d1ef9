# ---
# jupyter:
#   autograder:
#     points: 20
#     x64: true
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
# # Week 7 lab: Deep equilibrium models
#
# Every network so far had a depth: a number that somebody chose. Today the depth goes to infinity, in two ways. If
# each of $L$ layers adds $1/L$ of something, the network becomes a differential equation. If the same layer is
# applied again and again, it may come to rest, and then the *equilibrium* is the output: a deep equilibrium model
# (DEQ, Bai, Kolter and Koltun 2019) has one layer, infinite depth, and needs the memory of a single layer to train.
#
# You build the solvers that find equilibria (iteration, Newton, Anderson), the trick that differentiates through them
# without looking at how they were found, and a layer that cannot fail to have an equilibrium. At the end such a layer
# reads digits, and you watch it think: it takes longer over some of them than over others.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 1 | Residual networks, forwards and backwards | 2 | 20 | * |
# | 2 | The same layer again and again | 2 | 20 | * |
# | 3 | Newton's method for a whole batch | 3 | 25 | ** |
# | 4 | Anderson acceleration | 3 | 30 | ** |
# | 5 | Differentiating an equilibrium | 4 | 40 | *** |
# | 6 | One step back, or all of them | 2 | 15 | ** |
# | 7 | A layer that cannot fail | 4 | 40 | *** |
#
# **How to work.** Each function gets all it needs as arguments, so you can do the questions in any order. After each
# one run its `grader.check`: it catches the usual slip; hidden tests then look more closely. Before each plot, write
# your prediction down. NumPy or JAX, loops or `scan`: every correct style is accepted, except that `equilibrium`
# (question 5) must be differentiable by JAX, and that `monotone_weight` (question 7) is traced in the last
# experiment. Functions that you are *given* (`f`, `v`, `solve`) are written in JAX: you may trace, compile and, except
# for `solve`, differentiate them. They take NumPy arrays as well as JAX arrays.
#
# **Conventions.** Everything is in double precision and deterministic; where no accuracy is named, results are compared
# to $10^{-6}$ of the largest entry of each array. Examples are rows: where $z=\phi(Wz+Ux+b)$ is written for one
# example, a batch computes `phi(z @ W.T + x @ U.T + b)`. Arguments are arrays where the docstring says so, never lists
# (the examples write them as lists, to be short). In what you return, a scalar may be a Python number or an array of
# shape `()`, and a list of numbers is as good as an array. $|\cdot|$ is the Euclidean norm over *all* entries, of a whole
# batch too; the norm $|M|$ of a matrix is its largest singular value; $\rho(M)$ is its spectral radius, the largest
# modulus of its eigenvalues.

# %%
from course_lib.checks import open_checks

grader = open_checks("week07/lab")

# %%
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.integrate
from jaxtyping import Array, Float, PyTree

from course_lib.data import digits
from course_lib.plots import COLORS, digit_gallery, finish, panels, theory

jax.config.update("jax_enable_x64", True)  # equilibria are found to twelve digits

# %% tags=["demo"]
rng = np.random.default_rng(7)

# %% [markdown] question="resnet" points=2 minutes=20 difficulty="*"
# ## 1. Residual networks, forwards and backwards
#
# A residual layer adds to its input instead of replacing it (He et al. 2016). With $L$ layers that share a total
# "time" $T$,
#
# $$h_{l+1}=h_l+\frac TL\,v(w_l,h_l),\qquad l=0,\dots,L-1,$$
#
# is Euler's method for $\dot h=v(w(t),h)$: a residual network is a differential equation, solved badly (E 2017; Haber
# and Ruthotto 2017). `weights` holds all $w_l$ in one pytree whose arrays have $L$ as their first axis; $w_l$ is the
# pytree of their entries $l$. `v` is a function `v(w, h)`, $h$ is `h`, $T$ is `time`.
#
# Backpropagation needs all the $h_l$ again, and storing them is what makes deep networks expensive. Why not recompute
# them from the *output*, layer by layer, backwards? **Find** the equation that $h_l$ solves when $h_{l+1}$ is given,
# and write it as a fixed-point equation, $h_l=\dots$ (Behrmann et al. 2019). Iterate it from $h_{l+1}$, a given number
# of times (`iterations`) in each layer. For small $T/L$ it contracts. Running the differential equation backwards by
# Euler's method is the first of these iterations, and only that.
#
# *About 20 minutes, difficulty \*, 2 points.*


# %% solution="resnet"
def residual_network(v: Callable, weights: PyTree, h: Float[Array, "batch d"], time: float) -> Float[Array, "batch d"]:
    """Output of a residual network with layers h + (time / L) v(w, h).

    Args:
        v: v(w, h) -> array of the shape of h; w is one layer's entry of `weights`. A JAX function of the whole batch, which may
            treat its rows differently.
        weights: a pytree of arrays (nested in any way) whose first axis is the layer, of length L, the same for all of them; L
            from 1 to 300.
        h: the input, one example per row.
        time: T, the total time, divided equally among the layers; may be negative.

    Returns:
        h_L, in the shape of h.
        Example: v(w, h) = w - h, weights jnp.array([1., 3.]), h [[0.]], time 1: [[1.75]].
    """
    ### BEGIN SOLUTION
    depth = len(jax.tree.leaves(weights)[0])
    for layer in range(depth):
        w = jax.tree.map(lambda stack, layer=layer: stack[layer], weights)
        h = h + time / depth * v(w, h)
    return h
    ### END SOLUTION


def undo(
    v: Callable, weights: PyTree, h: Float[Array, "batch d"], time: float, iterations: int
) -> Float[Array, "batch d"]:
    """The input of a residual network, recomputed from its output.

    Args:
        v, weights, time: as for `residual_network`.
        h: the output h_L of the network.
        iterations: fixed-point iterations in each layer, 0 to 300, each time started at that layer's output as computed so far;
            all are made, whether they come to rest or not.

    Returns:
        h_0 (the better, the more iterations), in the shape of h.
        Example: v(w, h) = w - h, weights jnp.array([1., 3.]), h [[1.75]], time 1: with 1 iteration [[1.1875]], with 50 [[0.]].
    """
    ### BEGIN SOLUTION
    depth = len(jax.tree.leaves(weights)[0])
    for layer in reversed(range(depth)):
        w = jax.tree.map(lambda stack, layer=layer: stack[layer], weights)
        output = h
        for _ in range(iterations):
            h = output - time / depth * v(w, h)
    return h
    ### END SOLUTION


# %% check="resnet"
_toward = lambda w, h: w - h
_pair = jnp.array([1.0, 3.0])
_out = float(np.asarray(residual_network(_toward, _pair, jnp.zeros((1, 1)), 1.0))[0, 0])
assert abs(_out - 1.75) < 1e-6, (
    "0 -> 0 + (1 - 0)/2 = 0.5 -> 0.5 + (3 - 0.5)/2 = 1.75. 3: each layer has time / L, here 1/2; 1.25: the layers are in "
    "reverse order; 2: both layers saw the input"
)
_back = lambda n: float(np.asarray(undo(_toward, _pair, jnp.array([[1.75]]), 1.0, n))[0, 0])
assert abs(_back(1) - 1.1875) < 1e-6, (
    "one iteration: the last layer first, 1.75 - (3 - 1.75)/2 = 1.125, then 1.125 - (1 - 1.125)/2 = 1.1875. 1.6875: the layers "
    "are undone in the wrong order; -0.25: the iteration starts at the layer's output, not at 0"
)
assert abs(_back(50)) < 1e-6, (
    "fifty iterations: 0. 1.1875 again: v was not evaluated at the newest guess; else: the layer's output stays in the equation, "
    "and only the argument of v changes"
)
_tree = {"W": jnp.ones((3, 2, 2)), "b": jnp.ones((3, 2))}
_wide = residual_network(lambda w, h: h @ w["W"].T + w["b"], _tree, jnp.zeros((5, 2)), 0.5)
assert np.shape(_wide) == (5, 2), "weights may be a pytree: take entry l of each of its arrays"
assert np.allclose(_wide, 37 / 54), (
    "three layers, though the dictionary has two entries: L is the length of the arrays. 0.625: L = 2; 1.81: time was not used"
)
_past = np.asarray(residual_network(_toward, _pair, jnp.zeros((1, 1)), -0.5))
assert np.allclose(_past, -1.0625), (
    "time = -0.5: 0 - 1/4 = -0.25, then -0.25 - 3.25/4 = -1.0625. 1.75: each layer has T / L, not 1 / L"
)
_past = np.asarray(undo(_toward, _pair, jnp.array([[-1.0625]]), -0.5, 50))
assert np.allclose(_past, 0.0, atol=1e-6), "time = -0.5, undone: 0. -11.25: each layer has T / L, not 1 / L"

# %% [markdown] predict="resnet"
# **Predict.** (a) Twice as many layers: by which factor does the distance to the differential equation's solution
# fall? (b) The equation $\dot h=-\lambda(h-c)$ forgets its start. The output is stored in float32, which keeps seven
# digits, and the layers are then undone exactly. At which $\lambda T$ is nothing left of the input?

# %% [markdown] answer="resnet"
# (a) By 2: Euler's method has order one. (b) What contracted by $e^{-\lambda T}$ on the way forwards expands by
# $e^{\lambda T}$ on the way back, and so does the rounding, $6\cdot10^{-8}$. It has grown to 1 at $\lambda T=16.6$; with
# the 100 layers of the plot the factor is $(1-\lambda T/100)^{-100}$, and it takes 15.3.

# %% tags=["demo"]
first_swirl, second_swirl = (1.5 * rng.normal(size=(4, 4)) for _ in range(2))
swirl = lambda t: np.cos(2 * t) * first_swirl + np.sin(3 * t) * second_swirl
start_h = rng.normal(size=(1, 4))
ode_end = scipy.integrate.solve_ivp(lambda t, h: np.tanh(swirl(t) @ h), (0, 1), start_h[0], rtol=1e-11, atol=1e-12).y[:, -1]
bend = lambda W, h: jnp.tanh(h @ W.T)
depths = np.array([4, 8, 16, 32, 64, 128, 256])
gaps = []
for depth in depths:
    stack = jnp.asarray(np.array([swirl(layer / depth) for layer in range(depth)]))
    gaps.append(np.linalg.norm(np.asarray(residual_network(bend, stack, jnp.asarray(start_h), 1.0))[0] - ode_end))
rates, layers = np.arange(2.0, 25.0, 2.0), 100
centers = jnp.asarray(rng.uniform(1, 2, size=(200, 1)))
starts = jnp.asarray(rng.normal(size=(200, 1)))
forget = lambda rate, h: -rate * (h - centers)
lost = {"stored in float32": [], "stored in float64": []}
for rate in rates:
    stack = jnp.full(layers, rate)
    end = jnp.asarray(residual_network(forget, stack, starts, 1.0))
    for name, kept in (("stored in float32", end.astype(jnp.float32).astype(jnp.float64)), ("stored in float64", end)):
        found = undo(forget, stack, kept, 1.0, 25)
        lost[name].append(float(np.sqrt(np.mean((np.asarray(found) - starts) ** 2))))
fig, (left, right) = panels(2)
left.plot(depths, gaps, "o", color=COLORS[0], label="residual network")
theory(left, depths, gaps[-1] * depths[-1] / depths, "theory: slope $-1$")
finish(left, "A residual network solves an equation", "layers L", "distance to the solution", xscale="log", yscale="log")
for color, (name, errors) in zip(COLORS[1:], lost.items(), strict=False):
    right.plot(rates, errors, "o", markersize=4, color=color, label=name)
theory(right, rates, 2.0**-24 / np.sqrt(3) * (1 - rates / layers) ** -layers, r"theory: rounding $\times(1-\lambda T/L)^{-L}$")
right.axhline(1, color="0.6", linewidth=0.8)
finish(right, "The input, recomputed from the output", r"$\lambda T$", "error", yscale="log", ylim=(1e-17, 1e7))

# %% [markdown] reflect="resnet"
# **Reflect.** (a) Suppose $c=0$, so that everything contracts to 0. Would the float32 curve look the same? (b) Neural
# ODEs (Chen et al. 2018) recompute the path backwards as you did. For which networks is that safe, and what would you
# store instead where it is not?

# %% [markdown] answer="resnet"
# (a) No: the error would stay at $10^{-7}$ for all $\lambda T$. Floating-point numbers are rounded *relative* to their
# size; a state that shrinks keeps its seven digits, and multiplying it up again loses nothing. That is a trap for
# whoever tests this on $\dot h=-\lambda h$ only. (b) For those that contract little: $\lambda T$ may be a few units,
# in every direction. (Directions that expand do no harm here: on the way back they contract.) Otherwise store some of
# the states on the way (every $\sqrt L$-th, say) and recompute the rest *forwards* from them: checkpointing, exact at
# the price of one more forward pass (Gholami et al. 2019). Or do not let the path matter at all: that is what
# the rest of this lab is about.

# %% [markdown] question="iterate" points=2 minutes=20 difficulty="*"
# ## 2. The same layer again and again
#
# Now all layers are the same, $f$, and there is no end. Take Euler's steps of size $\eta$ on $\dot z=f(z)-z$:
#
# $$z_{k+1}=z_k+\eta\,\bigl(f(z_k)-z_k\bigr).$$
#
# With $\eta=1$ this is the layer applied again and again; with $\eta<1$ it is *damped*. It can only come to rest at an
# equilibrium $z^*=f(z^*)$. The *residual* of $z_k$ is $r_k=|f(z_k)-z_k|$, and you stop at the first $k$ with
# $r_k\le$ `tol`, or after `max_steps` steps. $\eta$ is `step`.
#
# Does it come to rest? Near the equilibrium everything is decided by the Jacobian $J=\partial f/\partial z$ at $z^*$: an
# error $e_k=z_k-z^*$ obeys $e_{k+1}\approx\bigl(I+\eta(J-I)\bigr)e_k$. **Find** the largest $\eta$ below which all errors
# die out, from the eigenvalues $\mu$ of $J$, which may be complex. Each eigenvalue sets a bound of its own; for some
# $J$ no $\eta>0$ will do.
#
# *About 20 minutes, difficulty \*, 2 points.*


# %% solution="iterate"
def iterate(
    f: Callable, z0: Float[Array, "*shape"], step: float, tol: float, max_steps: int
) -> tuple[Float[Array, "*shape"], Float[Array, " k"]]:
    """Damped fixed-point iteration.

    Args:
        f: takes an array like z0 and returns one of the same shape, a JAX function.
        z0: the start, of any shape.
        step: eta > 0; 1 applies f itself.
        tol: stop at the first iterate whose residual |f(z) - z| is <= tol, and at no other; >= 0.
        max_steps: at most so many updates, 0 to 1000.

    Returns:
        (z, residuals): the last iterate, and the residuals of all iterates z_0, ..., z_k, the last one included: one more than
        there were updates.
        Example: f(z) = z / 2 + 1, z0 [0.], step 1, tol 0.3, max_steps 9: ([1.5], [1., 0.5, 0.25]).
    """
    ### BEGIN SOLUTION
    z, residuals = z0, []
    while True:
        change = f(z) - z
        residuals.append(jnp.linalg.norm(jnp.ravel(change)))
        if residuals[-1] <= tol or len(residuals) > max_steps:
            return z, residuals
        z = z + step * change
    ### END SOLUTION


def largest_step(J: Float[Array, "d d"]) -> float:
    """The largest eta such that damped iteration converges near an equilibrium for every step in (0, eta).

    Args:
        J: Jacobian of f at the equilibrium, any real square matrix, d from 1 to 50; no eigenvalue has a real part within 1e-3
            of 1, and all are accurate to six digits when computed in double precision.

    Returns:
        eta, a scalar; 0 if no step converges.
        Example: [[-3.]]: 0.5. [[0.5]]: 4. [[0., -2.], [2., 0.]]: 0.4. [[1.5]]: 0.
    """
    ### BEGIN SOLUTION
    gaps = 1.0 - np.linalg.eigvals(np.asarray(J))
    return max(0.0, np.min(2.0 * gaps.real / np.abs(gaps) ** 2))
    ### END SOLUTION


# %% check="iterate"
_half = lambda z: 0.5 * z + 1.0
_z, _r = iterate(_half, jnp.zeros(1), 1.0, 0.3, 9)
assert np.allclose(_r, [1.0, 0.5, 0.25]), (
    "z = 0, 1, 1.5 have the residuals 1, 0.5, 0.25, and 0.25 <= 0.3. [1, 0.5]: the residual of the last iterate belongs to it"
)
assert np.allclose(_z, [1.5]), "stop at the iterate whose residual is small enough: 1.5. 1.75: that is f of it"
_z, _r = iterate(_half, jnp.zeros(1), 0.5, 0.0, 2)
assert np.allclose(_z, [0.875]) and np.allclose(_r, [1.0, 0.75, 0.5625]), (
    "eta = 0.5, two steps: z = 0, 0.5, 0.875 with residuals 1, 0.75, 0.5625. Residuals 0.5, 0.375: these are the steps, eta "
    "times the residual"
)
_z, _r = iterate(lambda z: 0.5 * z, jnp.ones((2, 2)), 0.25, 0.0, 1)
assert np.allclose(_r, [1.0, 0.875]), "a 2 x 2 array: the norm over all entries; z moves by eta = 1/4 of the change, not 3/4"
assert len(iterate(_half, 2.0 * jnp.ones(1), 1.0, 0.0, 3)[1]) == 1, "start at rest, tol 0: stop at once, as 0 <= 0 (not <)"
for _J, _wanted, _hint in (
    ([[-3.0]], 0.5, "|1 - 4 eta| < 1 up to 1/2"),
    ([[0.5]], 4.0, "|1 - eta / 2| < 1 up to 4: slow layers may be hurried. 1: it may be larger than 1"),
    ([[0.0, -2.0], [2.0, 0.0]], 0.4, "mu = +-2i: |1 - eta + 2i eta|^2 = 1 - 2 eta + 5 eta^2. 2: imaginary parts count"),
    ([[1.5]], 0.0, "1 + eta/2 > 1 for every eta. 4 or -4: the sign of 1 - mu"),
    ([[0.5, 10.0], [0.0, 0.5]], 4.0, "both eigenvalues are 1/2, whatever the norm is"),
    ([[0.5, 0.0], [0.0, -3.0]], 0.5, "the eigenvalue with the smallest bound decides"),
):
    assert abs(float(largest_step(jnp.array(_J))) - _wanted) < 1e-5, f"J = {_J}: {_wanted}. {_hint}"

# %% [markdown] predict="iterate"
# **Predict.** A layer $f(z)=\tanh(Wz+x)$ with a random $W$, $|W|=1.8$ but $\rho(J)=0.75$ at the equilibrium. (a) $f$ is no
# contraction: will the iteration with $\eta=1$ converge? At which rate? (b) In the plane of eigenvalues, which region
# is stable for $\eta=1$, for $\eta=1/4$, and for $\eta\to0$?

# %% [markdown] answer="iterate"
# (a) Near the equilibrium yes: the residual falls by $\rho(J)$ per step in the long run, and the bound $|W|^k$ is
# useless. (b) $|1+\eta(\mu-1)|<1$ is the disk with centre $1-1/\eta$ and radius $1/\eta$: the unit disk for $\eta=1$;
# as $\eta\to0$ the disks fill the half plane $\mathrm{Re}\,\mu<1$, where the flow $\dot z=f(z)-z$ is stable.

# %% tags=["demo"]
points = rng.uniform(-4.5, 2.0, size=700), rng.uniform(-3.2, 3.2, size=700)
real_part, imaginary_part = (jnp.asarray(p)[:, None] for p in points)
turn = lambda z: jnp.concatenate([real_part * z[:, :1] - imaginary_part * z[:, 1:],
                                  imaginary_part * z[:, :1] + real_part * z[:, 1:]], axis=1)  # fmt: skip
fig, (left, right) = panels(2, width=5.2, height=3.8)
angle = np.linspace(0, 2 * np.pi, 300)
inside = np.zeros(700)
for eta in (1.0, 0.5, 0.25):
    # A stable row shrinks, an unstable one grows: forty steps tell which.
    end = np.asarray(iterate(turn, jnp.ones((700, 2)), eta, 0.0, 40)[0])
    inside += np.linalg.norm(end, axis=1) < np.sqrt(2)
    label = r"theory: $|1+\eta(\mu-1)|=1$" if eta == 1 else None
    theory(left, 1 - 1 / eta + np.cos(angle) / eta, np.sin(angle) / eta, label)
for color, count, name in zip(COLORS, (3, 2, 1), (r"$\eta=1$", r"$\eta=0.5$", r"$\eta=0.25$"), strict=False):
    chosen = inside == count
    left.plot(points[0][chosen], points[1][chosen], "o", markersize=2.5, color=color, label=f"stable up to {name}")
left.plot(points[0][inside == 0], points[1][inside == 0], "o", markersize=1.5, color="0.75")
left.axvline(1, color="0.6", linewidth=0.9, linestyle=":")
finish(left, "Which eigenvalues are stable (measured)", r"Re $\mu$", r"Im $\mu$", xlim=(-4.6, 7.2), ylim=(-3.4, 3.4),
       legend=False, aspect="equal")  # fmt: skip
left.legend(frameon=False, loc="center right", fontsize=8.5, handlelength=1.3)

size = 60
tangled = rng.normal(size=(size, size)) / np.sqrt(size)
tangled *= 1.8 / np.linalg.norm(tangled, 2)
push = rng.normal(size=size) / 4
layer_f = lambda z: jnp.tanh(jnp.asarray(tangled) @ z + jnp.asarray(push))
rest, found = iterate(layer_f, jnp.zeros(size), 1.0, 1e-13, 400)
slope = np.asarray(jax.jacobian(layer_f)(jnp.asarray(rest)))
radius = np.abs(np.linalg.eigvals(slope)).max()
ks = np.arange(len(found))
right.plot(ks, found, "o", markersize=3, color=COLORS[0], label=r"residual, $\eta=1$")
theory(right, ks, found[-1] * radius ** (ks - ks[-1]), rf"theory: $\rho(J)^k$, $\rho(J)={radius:.2f}$")
right.plot(ks[:25], found[0] * 1.8 ** ks[:25], color="0.6", label=r"$|W|^k$")
print(f"|W| = 1.80, |J| = {np.linalg.norm(slope, 2):.2f}, rho(J) = {radius:.3f}, largest step {float(largest_step(slope)):.2f}")
finish(right, "The spectral radius decides, not the norm", "iteration k", "residual", yscale="log", ylim=(1e-14, 1e6))

# %% [markdown]
# Why is *one* layer enough? Stack the states of a network with six layers into one vector, and let one big layer write the
# next state of each block from the block before it. Its matrix has blocks below the diagonal only: $\rho(W)=0$, although its
# norm is large, and after six steps it is at rest, exactly. Every deep network is such an equilibrium (Bai et al. 2019).

# %% tags=["demo"]
deep = np.random.default_rng(0)
depth, block = 6, 8
matrices = 3 * deep.normal(size=(depth, block, block)) / np.sqrt(block)
shifted, drive = np.zeros((depth, block, depth, block)), np.zeros((depth, block))
for layer in range(1, depth):
    shifted[layer, :, layer - 1] = matrices[layer]
drive[0] = matrices[0] @ deep.normal(size=block)
state = drive[0]
for layer in range(1, depth):
    state = matrices[layer] @ np.tanh(state)
one_layer, drive = jnp.asarray(shifted.reshape(depth * block, -1)), jnp.asarray(drive.ravel())
rest, found = iterate(lambda z: jnp.tanh(one_layer @ z + drive), jnp.zeros(depth * block), 1.0, 0.0, 10)
print(f"|W| = {np.linalg.norm(one_layer, 2):.1f}; residuals " + ", ".join(f"{float(r):.1e}" for r in found))
print(f"the last block against the six layers: {np.abs(np.asarray(rest)[-block:] - np.tanh(state)).max():.0e}")

# %% [markdown] reflect="iterate"
# **Reflect.** A layer has $J=-4Q$ with a symmetric $Q$ whose eigenvalues lie between 0 and 1. Does the layer, applied
# again and again, find its equilibrium? And with damping? What is the price?

# %% [markdown] answer="iterate"
# Not with $\eta=1$, as eigenvalues down to $-4$ lie outside of the unit disk. With $\eta<2/5$ it does: negative
# eigenvalues can always be damped. The price is paid by the eigenvalue 0, whose error shrinks by only $1-\eta$ per step.

# %% [markdown] question="newton" points=3 minutes=25 difficulty="**"
# ## 3. Newton's method for a whole batch
#
# Iteration gains a fixed number of digits per step. Newton's method, once it is near, doubles the number of digits that it
# has: it solves the linearised equation
# $f(z)+J(z)\,(z'-z)=z'$, that is,
#
# $$z'=z+(I-J(z))^{-1}\bigl(f(z)-z\bigr).$$
#
# A layer works on a batch: `z` has shape $(B,d)$, and row $i$ of `f(z)` depends on row $i$ of `z` only (but differently in
# each row, as each has an input of its own). So there are $B$ separate problems with a $d\times d$ Jacobian each.
# You are given `f` for the whole batch only, and it cannot be called with a single row. The Jacobian of the whole
# batch has $(Bd)^2$ entries, 8 GB for $B=4000$, $d=8$, nearly all of them zero. **Find** a way to get all
# $B$ blocks from $d$ directional derivatives (`jax.jvp`) of the whole batch: what do you learn if all rows move along
# the same unit vector at once?
#
# *About 25 minutes, difficulty \*\*, 3 points.*


# %% solution="newton"
def newton(
    f: Callable, z0: Float[Array, "batch d"], tol: float, max_steps: int
) -> tuple[Float[Array, "batch d"], Float[Array, " k"]]:
    """Newton's method for equilibria of a batch.

    Args:
        f: takes an array of the shape of z0 (no other) and returns one of the same shape, row by row; differentiable by JAX.
        z0: the starts, one per row; up to 5000 rows and up to 20 columns.
        tol: stop at the first iterate with |f(z) - z| <= tol, the norm over the whole batch; >= 0.
        max_steps: at most so many Newton steps, 0 to 50; each is a full step, also where the residual grows.

    Returns:
        (z, residuals), as for `iterate`: the last iterate, and the residuals of all iterates, the last one included.
        Example: f(z) = s z^2 with s = [[0.25], [0.5]], z0 [[1.], [-1.]], max_steps 1: z = [[-0.5], [-0.25]].
    """
    ### BEGIN SOLUTION
    z, residuals, identity = z0, [], jnp.eye(z0.shape[1])
    while True:
        change = f(z) - z
        residuals.append(jnp.linalg.norm(jnp.ravel(change)))
        if residuals[-1] <= tol or len(residuals) > max_steps:
            return z, residuals
        along = [jax.jvp(f, (z,), (jnp.broadcast_to(e, z.shape),))[1] for e in identity]
        J = jnp.stack(along, axis=-1)
        z = z + jax.vmap(jnp.linalg.solve)(identity - J, change)
    ### END SOLUTION


# %% check="newton"
_s = jnp.array([[0.25], [0.5]])
_z, _r = newton(lambda z: _s * z**2, jnp.array([[1.0], [-1.0]]), 0.0, 1)
assert np.allclose(_z, [[-0.5], [-0.25]]), (
    "row 1: residual -0.75, J = 0.5, so 1 - 0.75 / 0.5; row 2: residual 1.5, J = -1, so -1 + 1.5 / 2. 0.4 in the first row: each "
    "row has a Jacobian of its own, at its own z"
)
assert np.allclose(_r, [np.hypot(0.75, 1.5), np.hypot(0.5625, 0.28125)]), "residuals of all iterates, the last one included"
_M = jnp.array([[0.0, 2.0], [-1.0, 0.0]])
_z, _r = newton(lambda z: z @ _M.T + jnp.eye(2), jnp.zeros((2, 2)), 1e-9, 9)
assert len(_r) == 2, (
    "an affine layer: one step is enough. Else J may be transposed: moving along unit vector j gives column j of each J"
)
assert np.allclose(_z, np.array([[1, -1], [2, 1]]) / 3), (
    "(I - M) z = (1, 0) and (0, 1): (1, -1)/3 and (2, 1)/3. (1, 2)/3: J was transposed; row i is what the output does, column j "
    "what was moved"
)
_z, _r = newton(lambda z: jnp.cos(z), jnp.ones((1, 1)), 1e-12, 20)
assert len(_r) <= 6 and abs(float(np.asarray(_z)[0, 0]) - 0.7390851332) < 1e-9, (
    "cos z = z: four or five steps. More: the Jacobian is taken anew in each step"
)

# %% [markdown] predict="newton"
# **Predict.** Near the equilibrium the error obeys $e'=C e^2$. For a single number, what is $C$ in terms of $f'$ and
# $f''$? How many Newton steps lead from an error of $10^{-1}$ to one of $10^{-12}$ if $C=1$?

# %% [markdown] answer="newton"
# Newton's method for $g=z-f$ has $C=g''/(2g')=-f''/\bigl(2(1-f')\bigr)$.
# $10^{-1},10^{-2},10^{-4},10^{-8},10^{-16}$: four.

# %% tags=["demo"]
gain = 0.8
inputs = jnp.asarray(np.linspace(-2, 2, 81))[:, None]
scalar_layer = lambda z: jnp.tanh(gain * z + inputs)
equilibria = jnp.asarray(newton(scalar_layer, inputs, 1e-14, 30)[0])
nudge = 0.01
after = np.asarray(newton(scalar_layer, equilibria + nudge, 0.0, 1)[0])
measured = (after - np.asarray(equilibria)) / nudge**2
tilt = gain * (1 - np.asarray(equilibria) ** 2)  # f' at the equilibrium
curve = -2 * gain**2 * np.asarray(equilibria) * (1 - np.asarray(equilibria) ** 2)  # f''
fig, (left, right) = panels(2)
left.plot(inputs[:, 0], measured[:, 0], "o", markersize=4, color=COLORS[0], label=r"measured: $e'/e^2$")
theory(left, inputs[:, 0], (-curve / 2 / (1 - tilt))[:, 0], r"theory: $-f''/(2(1-f'))$")
finish(left, r"One Newton step on $z=\tanh(0.8z+x)$", "input x", "C", ylim=(-0.75, 1.05))
many_pushes = jnp.asarray(rng.normal(size=(50, size)) / 4)
batch_layer = lambda z: jnp.tanh(z @ jnp.asarray(0.7 * tangled).T + many_pushes)
for color, name, residuals in (
    (COLORS[0], "iteration", iterate(batch_layer, jnp.zeros((50, size)), 1.0, 1e-12, 80)[1]),
    (COLORS[1], "Newton", newton(batch_layer, jnp.zeros((50, size)), 1e-12, 20)[1]),
):
    right.plot(residuals, "o-", markersize=3, linewidth=1, color=color, label=name)
finish(right, "A batch of 50 layers of width 60", "step", "residual of the batch", yscale="log")

# %% [markdown] reflect="newton"
# **Reflect.** One Newton step costs $d$ directional derivatives and $B$ linear systems of size $d$; one iteration costs
# one call of `f`. Read the numbers of steps off the right plot. Which method would you use for $d=60$, and which for the
# $d=10^5$ of a language model?

# %% [markdown] answer="newton"
# Each digit costs the same number of plain iterations; Newton needs about five steps whatever the accuracy. But one Newton
# step costs $d$ directional derivatives and $d^3$ operations per example: here 60 derivatives, as much as all the
# iterations together. At $d=10^5$ nobody can store a single Jacobian. There one wants a method that learns something
# about $J$ from the iterates themselves: the next question.

# %% [markdown] question="anderson" points=3 minutes=30 difficulty="**"
# ## 4. Anderson acceleration
#
# Iteration throws away all iterates but the last. Anderson (1965) mixes the last few of them: with $f_i=f(z_i)$ and
# the residual vectors $r_i=f_i-z_i$,
#
# $$z_{k+1}=\sum_i\alpha_i f_i,\qquad \alpha=\arg\min_{\sum_i\alpha_i=1}\Bigl|\sum_i\alpha_i r_i\Bigr|,$$
#
# where $i$ runs over the last $\min(m,k)+1$ iterates, $z_k$ included; $m$ is `memory`, and $m=0$ is plain iteration.
# The $\alpha$ may be negative. For an affine $f$ the mixture $\bar z=\sum\alpha_iz_i$ has exactly the residual
# $\sum\alpha_ir_i$, so $\alpha$ picks the best point of the plane through the old iterates, and $f(\bar z)=\sum\alpha_if_i$ goes
# one step on from it.
#
# **Get rid of the constraint**: write $\sum\alpha_ir_i$ as $r_k$ minus a combination of the differences $r_k-r_i$, and an
# ordinary least-squares problem is left. Then the same combination of the $f_k-f_i$ gives $z_{k+1}$. Late in the
# iteration the differences are nearly parallel, and the normal equations square their condition number: use a
# least-squares solver (`np.linalg.lstsq`).
#
# *About 30 minutes, difficulty \*\*, 3 points.*


# %% solution="anderson"
def anderson(
    f: Callable, z0: Float[Array, " d"], memory: int, tol: float, max_steps: int
) -> tuple[Float[Array, " d"], Float[Array, " k"]]:
    """Anderson acceleration of a fixed-point iteration.

    Args:
        f: takes an array of shape (d,) and returns one of the same shape, a JAX function.
        z0: the start, d from 1 to 1000.
        memory: m, 0 <= m <= d: the next iterate mixes the last m + 1 of them (fewer at the beginning).
        tol: stop at the first iterate with |f(z) - z| <= tol; > 0.
        max_steps: at most so many updates, >= 0.

    Returns:
        (z, residuals), as for `iterate`: the last iterate, and the residuals of all iterates, the last one included.
        Example: f rotates by -90 degrees, f(z) = (z_2, -z_1), z0 [1., 0.], memory 2, tol 1e-9, max_steps 9: the iterates (1, 0),
        (0, -1), (-0.5, -0.5), (0, 0) have the residuals 1.414, 1.414, 1, 0.
    """
    ### BEGIN SOLUTION
    # In NumPy, because each new number of iterates would be a new program for JAX.
    z, images, residuals, norms = np.asarray(z0), [], [], []
    while True:
        images = [np.asarray(f(jnp.asarray(z))), *images][: memory + 1]
        residuals = [images[0] - z, *residuals][: memory + 1]
        norms.append(np.linalg.norm(residuals[0]))
        if norms[-1] <= tol or len(norms) > max_steps:
            return z, norms
        z = images[0]
        if len(images) > 1:
            differences = np.stack([residuals[0] - r for r in residuals[1:]], axis=1)
            mix = np.linalg.lstsq(differences, residuals[0])[0]
            z = z - np.stack([images[0] - image for image in images[1:]], axis=1) @ mix
    ### END SOLUTION


# %% check="anderson"
_quarter = lambda z: jnp.array([z[1], -z[0]])
_z, _r = anderson(_quarter, jnp.array([1.0, 0.0]), 1, 1e-9, 2)
assert np.allclose(_z, [-0.5, -0.5], atol=1e-6), (
    "r_0 = (-1, -1), r_1 = (-1, 1): alpha = (1/2, 1/2), z_2 = (f_0 + f_1)/2 = (-0.5, -0.5). (0.5, -0.5): the z_i were mixed in "
    "place of the f_i; (0, 0): the alpha do not sum to 1; (-1, 0): no mixing"
)
assert np.allclose(_r, [np.sqrt(2), np.sqrt(2), 1.0], atol=1e-6), "residuals of z_0, z_1 and z_2"
_z, _r = anderson(_quarter, jnp.array([1.0, 0.0]), 1, 1e-9, 3)
assert np.allclose(_z, [-0.5, 0.5], atol=1e-6), (
    "memory 1 mixes the last two only: z_3 = f_2 = (-0.5, 0.5). (0, 0): it mixed three of them, or never forgot one"
)
_z, _r = anderson(_quarter, jnp.array([1.0, 0.0]), 2, 1e-9, 9)
assert len(_r) == 4 and np.allclose(_z, [0.0, 0.0], atol=1e-6), (
    "two dimensions, memory 2: z_3 is the equilibrium; one alpha is negative. A NaN: stop where the residual is <= tol"
)
_z, _r = anderson(lambda z: 2.0 * z - 1.0, jnp.array([3.0]), 1, 1e-9, 9)
assert np.allclose(_r, [2.0, 4.0, 0.0], atol=1e-6), "f(z) = 2 z - 1 runs away from 1; two residuals, 2 and 4, tell where 0 is"
_z, _r = anderson(_quarter, jnp.array([1.0, 0.0]), 0, 1e-9, 3)
assert np.allclose(_z, [0.0, 1.0]), "memory 0 is plain iteration: three turns, (0, 1)"

# %% [markdown] predict="anderson"
# **Predict.** An affine layer in 20 dimensions with $\rho(W)=1.3$: iteration runs away. (a) What will Anderson acceleration
# do with memory 20? (b) And with memory 5?

# %% [markdown] answer="anderson"
# (a) With 21 iterates the plane through them is the whole space, so it contains the equilibrium, and the 21st update
# lands on it, whatever $\rho(W)$ is: on affine maps Anderson with full memory is GMRES in disguise, unless GMRES
# stagnates on the way (Walker and Ni 2011). (b) It no longer runs away, but nothing else is guaranteed: the last six
# residuals see six dimensions only. Here it crawls.

# %% tags=["demo"]
dimensions = 20
spread = rng.normal(size=(dimensions, dimensions))
spread *= 1.3 / np.abs(np.linalg.eigvals(spread)).max()
shift = rng.normal(size=dimensions)
affine = lambda z: jnp.asarray(spread) @ z + jnp.asarray(shift)
fig, (left, right) = panels(2, width=5.2, height=3.8)
plain = iterate(affine, jnp.zeros(dimensions), 1.0, 1e-11, 26)[1]
left.plot(plain, "o-", markersize=3, linewidth=1, color="0.6", label="iteration")
for color, memory in zip(COLORS, (5, 20), strict=False):
    residuals = anderson(affine, jnp.zeros(dimensions), memory, 1e-11, 40)[1]
    left.plot(residuals, "o-", markersize=3, linewidth=1, color=color, label=f"Anderson, memory {memory}")
best, krylov, matrix = [np.linalg.norm(spread @ shift)], [shift], np.eye(dimensions) - spread
for _ in range(dimensions - 1):  # the smallest residual in the Krylov space, times W for the step beyond
    span = np.linalg.qr(np.stack(krylov, axis=1))[0]
    weights_in = np.linalg.lstsq(matrix @ span, shift, rcond=None)[0]
    best.append(np.linalg.norm(spread @ (shift - matrix @ span @ weights_in)))
    krylov.append(spread @ span[:, -1])
theory(left, np.arange(1, dimensions + 1), best, r"theory: $|W\,r^{\mathrm{GMRES}}|$")
finish(left, r"Affine, $d=20$, $\rho(W)=1.3$", "step", "residual", yscale="log", ylim=(1e-12, 1e4))
harder = jnp.asarray(tangled * 1.45)
hard_layer = lambda z: jnp.tanh(harder @ z + jnp.asarray(push))
curves = {"iteration": iterate(hard_layer, jnp.zeros(size), 1.0, 1e-12, 120)[1]}
curves |= {f"Anderson, memory {m}": anderson(hard_layer, jnp.zeros(size), m, 1e-12, 120)[1] for m in (1, 3, 10)}
curves["Newton"] = newton(lambda z: jnp.tanh(z @ harder.T + jnp.asarray(push)), jnp.zeros((1, size)), 1e-12, 20)[1]
for color, (name, residuals) in zip(("0.6", *COLORS), curves.items(), strict=False):
    right.plot(residuals, "o-", markersize=2.5, linewidth=1, color=color, label=name)
finish(right, "A tanh layer of width 60", "step", "residual", yscale="log", ylim=(1e-13, 1e6), legend=False)
legend = right.legend(frameon=False, ncols=2, loc="upper right", fontsize=9)

# %% [markdown] reflect="anderson"
# **Reflect.** Each step of Anderson acceleration costs one call of `f` and a least-squares problem with $m$ columns. What
# does it learn about the Jacobian, compared with Newton? And a neural network's layer is not affine, so the mixture's residual
# is not the mixture of the residuals: where in the right plot does this show?

# %% [markdown] answer="anderson"
# It learns how $f$ changes along $m$ directions, those it has just gone: differences of $f$ along differences of $z$, a
# secant method in several dimensions. Newton knows all directions, and pays for them. In the first steps, far from the
# equilibrium, old differences are poor guides, and acceleration gains nothing or does harm; only near the equilibrium,
# where $f$ is nearly affine, the slopes differ.

# %% [markdown] question="implicit" points=4 minutes=40 difficulty="***"
# ## 5. Differentiating an equilibrium
#
# Now to training. The output is $z^*=f(\theta,x,z^*)$, a loss has the gradient $g=\partial\ell/\partial z^*$, and we want
# $\partial\ell/\partial\theta$ and $\partial\ell/\partial x$. Backpropagating through the solver would need all its
# iterates, and some solvers have none that one could differentiate. But the equilibrium does not remember how it was
# found. **Differentiate the equation** $z^*=f(\theta,x,z^*)$ with respect to $\theta$, solve for
# $\partial z^*/\partial\theta$, and multiply by $g^\top$ from the left, in an order in which only vectors appear. You
# should find that one linear equation is to be solved,
#
# $$u=g+J^\top u,\qquad J=\frac{\partial f}{\partial z}(\theta,x,z^*),$$
#
# which is a fixed-point equation again, and that $u$ is then sent once backwards through $f$, to $\theta$ and to $x$.
#
# In JAX a function with a derivative of its own is a `jax.custom_vjp`: a function, a forward pass that returns the
# output and what should be kept, and a backward pass from what was kept and $g$ to one gradient per argument.
# `f(params, x, z)` is $f$ with $\theta$ as `params`, a pytree. `solve(function, start)` returns a fixed point of any
# function, to all digits, from a start near it; if the function is affine, any start will do. It has a `while_loop` in
# it, so JAX cannot differentiate it in reverse mode. Use it forwards (from `z0`)
# **and** backwards: it may be cleverer than an iteration, and $\rho(J)$ may be larger than 1. The equilibrium does not
# depend on where the search began: the gradient with respect to `z0` is zero.
#
# *About 40 minutes, difficulty \*\*\*, 4 points.*


# %% solution="implicit"
def equilibrium(
    f: Callable, solve: Callable, params: PyTree, x: Float[Array, "*input"], z0: Float[Array, "*state"]
) -> Float[Array, "*state"]:
    """Equilibrium z = f(params, x, z), differentiable with respect to params and x.

    Args:
        f: f(params, x, z) -> array of the shape of z, differentiable by JAX; it depends on nothing that is differentiated but its
            arguments. f couples the entries of z in any way.
        solve: solve(function, start) -> z with function(z) = z, for functions from arrays of the shape of z0 to arrays of that
            shape; can be compiled, but not differentiated in reverse mode.
        params: a pytree of arrays.
        x: the input, an array of any shape.
        z0: where the search starts; decides nothing but that.

    Returns:
        z, in the shape of z0. `jax.grad` (also under `jax.jit`) gives the gradients of any function of z with respect to params
        and x, exactly and in the memory of one evaluation of f; the gradient with respect to z0 is zero.
        Example: f(p, x, z) = p z + x, params 0.5, x [3.], so z = [6.]: dz/dp = z / (1 - p) = 12, dz/dx = 2.
    """

    ### BEGIN SOLUTION
    @jax.custom_vjp
    def layer(params, x, z0):
        return solve(lambda z: f(params, x, z), z0)

    def forward(params, x, z0):
        z = layer(params, x, z0)
        return z, (params, x, z)

    def backward(kept, g):
        params, x, z = kept
        through_z = jax.vjp(lambda z: f(params, x, z), z)[1]
        u = solve(lambda u: g + through_z(u)[0], g)
        return (*jax.vjp(lambda params, x: f(params, x, z), params, x)[1](u), jnp.zeros_like(z))

    layer.defvjp(forward, backward)
    return layer(params, x, z0)
    ### END SOLUTION


# %% check="implicit"
_solve = lambda function, start: jax.lax.while_loop(lambda c: c[0] < 200, lambda c: (c[0] + 1, function(c[1])), (0, start))[1]
_line = lambda p, x, z: p * z + x
_at = (jnp.array(0.5), jnp.array([3.0]), jnp.array([0.0]))
assert np.allclose(equilibrium(_line, _solve, *_at), [6.0]), "z = z / 2 + 3: z = 6"
_grads = jax.grad(lambda *a: jnp.sum(equilibrium(_line, _solve, *a)), argnums=(0, 1, 2))(*_at)
assert abs(float(_grads[0]) - 12.0) < 1e-6, (
    "z = x / (1 - p), dz/dp = z / (1 - p) = 12. 6: that is the last step only, u = g; 0: the gradient went to nowhere"
)
assert np.allclose(_grads[1], [2.0]), "dz/dx = 1 / (1 - p) = 2, too"
assert np.allclose(_grads[2], [0.0]), "the equilibrium does not depend on z0"
_mix = lambda p, x, z: p["W"] @ z + x
_given = ({"W": jnp.array([[0.0, 1.0], [-0.5, 0.0]])}, jnp.array([3.0, 0.0]))
_dp, _dx = jax.jit(jax.grad(lambda p, x: equilibrium(_mix, _solve, p, x, jnp.zeros(2))[0], argnums=(0, 1)))(*_given)
assert np.allclose(_dx, [2 / 3, 2 / 3]), (
    "the first row of (I - W)^-1 is (2, 2)/3. (2, -1)/3: J in place of its transpose; (1, 0): u = g"
)
assert np.allclose(_dp["W"], [[4 / 3, -2 / 3], [4 / 3, -2 / 3]]), "u z^T with z = (2, -1)"
# One Newton step, exact for an affine function; an iteration runs away here.
_leap = lambda function, start: start + jnp.linalg.solve(1.0 - jax.jacfwd(function)(start), function(start) - start)
_away = (jnp.array(-2.0), jnp.array([3.0]))
assert np.allclose(equilibrium(_line, _leap, *_away, jnp.zeros(1)), [1.0]), (
    "rho(J) = 2 and a solver that is no iteration: z = -2 z + 3, z = 1. Else `solve` was not used on the way forwards"
)
_dp, _dx = jax.grad(lambda p, x: equilibrium(_line, _leap, p, x, jnp.zeros(1))[0], argnums=(0, 1))(*_away)
assert abs(float(_dp) - 1 / 3) < 1e-6 and np.allclose(_dx, [1 / 3]), (
    "rho(J) = 2: u = 1 - 2 u, u = 1/3. A huge number: an iteration of your own; leave the way back to `solve`, too"
)

# %% [markdown] predict="implicit"
# **Predict.** The solver stops when the residual is $\epsilon$, not 0. The gradient is then taken at a wrong place.
# How does its error depend on $\epsilon$: like $\epsilon$, like $\epsilon^2$, or not at all? What would you expect of
# backpropagation through the solver?

# %% [markdown] answer="implicit"
# Like $\epsilon$: $z$ is off by about $(I-J)^{-1}$ times the residual, and the gradient is a smooth function of $z$.
# Backpropagation through a solver that stopped early gives the exact gradient of the point where it stopped. That sounds
# better, but the point moves with the number of steps, and its derivative lags behind the point itself (next question).

# %% tags=["demo"]
def picard(tol, limit=2000):
    """A solver that iterates until the residual is below `tol`, as one compiled loop."""

    def solve(function, start):
        unfinished = lambda carry: (jnp.linalg.norm(carry[1] - carry[0]) > tol) & (carry[2] < limit)
        further = lambda carry: (carry[1], function(carry[1]), carry[2] + 1)
        return jax.lax.while_loop(unfinished, further, (start, function(start), 0))[1]

    return solve


def tanh_layer(params, x, z):
    """A layer with an equilibrium: tanh(W z + U x + b) for each row."""
    return jnp.tanh(z @ params["W"].T + x @ params["U"].T + params["b"])


width, batch = 40, 20
toy = {"W": 0.6 * rng.normal(size=(width, width)) / np.sqrt(width), "U": rng.normal(size=(width, 5)) / 3,
       "b": 0.1 * rng.normal(size=width)}  # fmt: skip
toy = jax.tree.map(jnp.asarray, toy)
toy_x, probe = jnp.asarray(rng.normal(size=(batch, 5))), jnp.asarray(rng.normal(size=(batch, width)))
rest_state = jnp.zeros((batch, width))
flat = lambda tree: np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(tree)])
gradient_at = lambda tol: jax.jit(
    jax.grad(lambda p: jnp.sum(probe * equilibrium(tanh_layer, picard(tol), p, toy_x, rest_state)))
)
exact_gradient = flat(gradient_at(1e-13)(toy))
off, errors = [], []
for tol in 10.0 ** -np.arange(0.0, 11.0, 1.0):
    z = picard(tol)(lambda z: tanh_layer(toy, toy_x, z), rest_state)
    off.append(float(jnp.linalg.norm(tanh_layer(toy, toy_x, z) - z)))
    errors.append(np.linalg.norm(flat(gradient_at(tol)(toy)) - exact_gradient) / np.linalg.norm(exact_gradient))
settled, ahead = iterate(lambda z: tanh_layer(toy, toy_x, z), rest_state, 1.0, 1e-12, 200)
_, pull_back = jax.vjp(lambda z: tanh_layer(toy, toy_x, z), jnp.asarray(settled))
behind = iterate(lambda u: probe + pull_back(u)[0], jnp.zeros_like(probe), 1.0, 1e-12, 200)[1]
# Each row of the batch has a Jacobian of its own; the slowest row decides.
slowest = max(np.abs(np.linalg.eigvals((1 - row[:, None] ** 2) * np.asarray(toy["W"]))).max() for row in np.asarray(settled))
fig, (ax, right) = panels(2, width=5.2)
ax.plot(off, errors, "o", color=COLORS[0], label="both solves stopped at the same tolerance")
theory(ax, off, errors[-1] * np.array(off) / off[-1], "theory: slope 1")
finish(ax, "Error of the implicit gradient", "residual of the equilibrium", "relative error", xscale="log", yscale="log")
for color, found, name in ((COLORS[0], ahead, "forwards: the equilibrium"), (COLORS[1], behind, "backwards: its adjoint")):
    right.plot(np.asarray(found), "o", markersize=3, color=color, label=name)
    tail = np.arange(len(found) // 2, len(found))
    theory(right, tail, float(found[-1]) * slowest ** (tail - tail[-1]),
           rf"theory: $\rho(J)^k$, $\rho(J)={slowest:.2f}$" if found is ahead else None)  # fmt: skip
finish(right, "Two solves, one spectral radius", "iteration k", "residual", yscale="log", ylim=(1e-14, 1e6))

# %% [markdown] reflect="implicit"
# **Reflect.** (a) You never told `equilibrium` how the solver works. Which property of the solver did you rely on? (b)
# $u=g+J^\top u$ has $J^\top$, the forward iteration has $J$. Do they converge at the same rate?

# %% [markdown] answer="implicit"
# (a) Only that it returns a fixed point of what it is given. If it stops early the gradient is wrong, silently. (b)
# Yes, in the long run: a matrix and its transpose have the same eigenvalues, and both errors fall by $\rho(J)$ per
# step. But the backward equation is linear, with the same $J$ from the first step on; forwards this holds only near
# the equilibrium.

# %% [markdown] question="series" points=2 minutes=15 difficulty="**"
# ## 6. One step back, or all of them
#
# Written out, $u=(I-J^\top)^{-1}g$ is a series, and $K$ terms of it,
#
# $$u_K=\sum_{j=0}^{K-1}(J^\top)^jg,$$
#
# may be enough. With $K=1$ the backward pass costs as much as that of a single layer: "Jacobian-free backpropagation"
# (Fung et al. 2022) trains whole networks with it. **Write** the gradient with respect to `params` and `x` that $K$ terms
# give, with $u_K$ in the place of $u$. $g$ is `cotangent`, $K$ is `terms`, and $J$ is taken at the `z` that you are given,
# equilibrium or not. How many products with $J^\top$ does it take?
#
# This is *not* the gradient of $K$ unrolled iterations, which would take a different $J$ at each iterate; the plot compares
# the two.
#
# *About 15 minutes, difficulty \*\*, 2 points.*


# %% solution="series"
def truncated_gradient(
    f: Callable,
    params: PyTree,
    x: Float[Array, "*input"],
    z: Float[Array, "*state"],
    cotangent: Float[Array, "*state"],
    terms: int,
) -> tuple[PyTree, Float[Array, "*input"]]:
    """Gradient of an equilibrium with the backward series cut off.

    Args:
        f: f(params, x, z) -> array of the shape of z, differentiable by JAX.
        params: a pytree of arrays.
        x: the input, an array of any shape.
        z: where f is differentiated, of any shape; not necessarily an equilibrium.
        cotangent: g, the gradient of the loss with respect to z, in the shape of z.
        terms: K, 1 <= K <= 1000.

    Returns:
        (gradient with respect to params, gradient with respect to x), in the forms of params and x.
        Example: f(p, x, z) = p z + x, params 0.5, x [3.], z [6.], cotangent [1.]: K = 1 gives (6, [1.]), K = 2 (9, [1.5]).
    """
    ### BEGIN SOLUTION
    through_z = jax.vjp(lambda z: f(params, x, z), z)[1]
    u = cotangent
    for _ in range(terms - 1):
        (passed_on,) = through_z(u)
        u = cotangent + passed_on
    return jax.vjp(lambda params, x: f(params, x, z), params, x)[1](u)
    ### END SOLUTION


# %% check="series"
_line = lambda p, x, z: p * z + x
for _terms, _wanted in ((1, 6.0), (2, 9.0), (3, 10.5)):
    _dp, _dx = truncated_gradient(_line, jnp.array(0.5), jnp.array([3.0]), jnp.array([6.0]), jnp.array([1.0]), _terms)
    assert abs(float(_dp) - _wanted) < 1e-6, (
        f"K = {_terms}: 6 (1 + 1/2 + ...) with {_terms} terms is {_wanted}. One term more or less: K = 1 is u = g, without any J"
    )
    assert np.allclose(_dx, [_wanted / 6]), "x gets u_K, too"
_mix = lambda p, x, z: p["W"] @ z + x
_W = jnp.array([[0.0, 1.0], [-0.5, 0.0]])
_dp, _dx = truncated_gradient(_mix, {"W": _W}, jnp.zeros(2), jnp.array([2.0, -1.0]), jnp.array([1.0, 0.0]), 2)
assert np.allclose(_dx, [1.0, 1.0]), "u_2 = g + W^T g = (1, 1). (1, -0.5): J for its transpose; (0, 1): only the last term"
assert np.allclose(_dp["W"], [[2.0, -1.0], [2.0, -1.0]]), "u z^T, with the z that was given"
_dp, _dx = truncated_gradient(lambda p, x, z: p * z**2, jnp.array(1.0), jnp.zeros(1), jnp.array([0.25]), jnp.array([1.0]), 3)
assert abs(float(_dp) - 1.75 / 16) < 1e-6, "J = 2 z = 1/2 at z = 1/4, for all terms: do not move z on the way"

# %% [markdown] predict="series"
# **Predict.** (a) How does the error of $u_K$ fall with $K$? Find it exactly. (b) Compare with the gradient of $K$
# iterations from $z_0=0$, unrolled: better, worse, or equal for the same $K$? (c) And their memory, as functions of $K$?

# %% [markdown] answer="series"
# (a) $u-u_K=\sum_{j\ge K}(J^\top)^jg=(J^\top)^Ku$: like $\rho(J)^K$. (b) Worse: the unrolled gradient makes the same cut,
# and besides sees the early iterates, with the wrong $z$ and the wrong $J$; its error falls like $K\rho(J)^K$. (c)
# Unrolling keeps all $K$ iterates, the series keeps none but the last.

# %% tags=["demo"]
toy_rest = picard(1e-13)(lambda z: tanh_layer(toy, toy_x, z), rest_state)
unrolled = lambda p, K: jax.lax.fori_loop(0, K, lambda _, z: tanh_layer(p, toy_x, z), rest_state)
steps_axis = np.array([1, 2, 4, 8, 16, 32, 64])
cut_errors, unrolled_errors, predicted, unrolled_bytes = [], [], [], []
shape_of = lambda p: jnp.sum(probe * tanh_layer(p, toy_x, toy_rest))
_, back = jax.vjp(lambda z: tanh_layer(toy, toy_x, z), toy_rest)
to_params = lambda u: flat(jax.vjp(lambda p: tanh_layer(p, toy_x, toy_rest), toy)[1](u)[0])
transposed = jax.jit(lambda u: back(u)[0])
adjoint = picard(1e-13)(lambda u: probe + back(u)[0], probe)
error_of = lambda gradient: np.linalg.norm(flat(gradient) - exact_gradient) / np.linalg.norm(exact_gradient)
for K in steps_axis:
    cut_errors.append(error_of(truncated_gradient(tanh_layer, toy, toy_x, toy_rest, probe, int(K))[0]))
    through = jax.jit(jax.grad(lambda p, K=int(K): jnp.sum(probe * unrolled(p, K)))).lower(toy).compile()
    unrolled_errors.append(error_of(through(toy)))
    unrolled_bytes.append(through.memory_analysis().temp_size_in_bytes)
    remainder = adjoint
    for _ in range(K):
        remainder = transposed(remainder)
    predicted.append(np.linalg.norm(to_params(remainder)) / np.linalg.norm(exact_gradient))
implicit_bytes = gradient_at(1e-13).lower(toy).compile().memory_analysis().temp_size_in_bytes
fig, (left, right) = panels(2, width=5.0)
left.plot(steps_axis, unrolled_errors, "s", color=COLORS[1], label="K iterations from 0, unrolled")
left.plot(steps_axis, cut_errors, "o", color=COLORS[0], label="K terms at the equilibrium")
theory(left, steps_axis, predicted, r"theory: $(J^\top)^Ku$, sent to $\theta$")
finish(left, "Error of the gradient", "K", "relative error", yscale="log", ylim=(1e-12, 30))
right.plot(steps_axis, np.array(unrolled_bytes) / 1024, "s", color=COLORS[1], label="unrolled")
right.plot(steps_axis, np.full(len(steps_axis), implicit_bytes / 1024), "o", color=COLORS[0], label="implicit, to 13 digits")
theory(right, steps_axis, unrolled_bytes[-1] / 1024 * steps_axis / steps_axis[-1], "theory: proportional to K")
finish(right, "Memory of the compiled gradient", "K", "KiB", xscale="log", yscale="log")

# %% [markdown] reflect="series"
# **Reflect.** The error with $K=1$ is large. Why can one train with it all the same? Under which condition on $J$ do
# $u_1=g$ and $u$ at least make an acute angle, and why is this not yet enough for a step downhill in the parameters?

# %% [markdown] answer="series"
# Training needs a descent direction, not the gradient. If $|J|<1$, then $u=(I-J^\top)^{-1}g$ and $g$ make an acute angle:
# with $g=u-J^\top u$, $u\cdot g=|u|^2-u\cdot J^\top u\ge(1-|J|)|u|^2>0$. Downhill means more: that
# $F^\top g\cdot F^\top u>0$ with $F=\partial f/\partial\theta$, after both are sent to the parameters, and Fung et al. 2022
# need a condition on $F$ for that. With $|J|>1$, which an
# equilibrium allows, nothing is promised.

# %% [markdown] question="monotone" points=4 minutes=40 difficulty="***"
# ## 7. A layer that cannot fail
#
# Training moves $W$, and $z=\phi(Wz+x)$ may lose its equilibrium, or have several, or one that no iteration
# finds. Winston and Kolter (2020) write $W$ such that this cannot happen:
#
# $$W=(1-m)\,I-A^\top A+B-B^\top,\qquad m>0,$$
#
# with *any* matrices `A` (of shape $(k,d)$) and `B` $(d,d)$. Then $M=I-W=mI+A^\top A+B^\top-B$ is strongly monotone,
# $v\cdot Mv\ge m|v|^2$, and $z=\mathrm{relu}(Wz+b)$ has exactly one solution for every $b$, although $|W|$ and $\rho(W)$ may
# be huge. How do we find it?
#
# *Forward-backward splitting.* For a number $z$ and any $\alpha>0$, $z=\mathrm{relu}(y)$ if and only if
# $z=\mathrm{relu}\bigl(z+\alpha(y-z)\bigr)$ (check the two cases). With $y=Wz+b$ this gives the iteration
#
# $$z\leftarrow\mathrm{relu}\bigl(z+\alpha\,(Wz+b-z)\bigr).$$
#
# The relu never increases distances, so the distance between two iterates is multiplied by $|I-\alpha M|$ or
# less. **Bound it**: expand $|v-\alpha Mv|^2$, use $v\cdot Mv\ge\mu|v|^2$ and $|Mv|\le\ell|v|$, where $\mu$ is the
# smallest eigenvalue of $\frac12(M+M^\top)$ and $\ell=|M|$, both computed from the $W$ that you are given. **Find** the
# $\alpha$ that makes the bound smallest, and the factor that it guarantees.
#
# *Peaceman-Rachford splitting* gets there much faster, at the price of a linear system. For $F(z)=Mz-b$ the *resolvent*
# maps $v$ to the $z$ with $z+\alpha F(z)=v$, and the *reflection* is $C_F(v)=2z-v$. The reflection of the relu is
# $C_+(u)=2\,\mathrm{relu}(u)-u$, which is $|u|$ entry by entry. Iterate $u\leftarrow C_F(C_+(u))$ from $u=0$; the
# answer is $z=\mathrm{relu}(u)$. (At rest $\mathrm{relu}(u)=z$ and $u=z-\alpha F(z)$: why?) The matrix of the linear
# system is the same for all rows and all iterations.
#
# `b` has one row per example, and so has `z`: for a row, $Wz$ is `z @ W.T`. $\alpha$ is `alpha`.
#
# *About 40 minutes, difficulty \*\*\*, 4 points.*


# %% solution="monotone"
def monotone_weight(A: Float[Array, "k d"], B: Float[Array, "d d"], m: float) -> Float[Array, "d d"]:
    """A weight matrix with which a relu layer always has exactly one equilibrium.

    Args:
        A, B: any matrices; k and d may differ.
        m: strength of the monotonicity, > 0.

    Returns:
        W = (1 - m) I - A^T A + B - B^T. JAX must be able to trace it: the last experiment does.
        Example: A [[1., 0.]], B [[0., 1.], [0., 0.]], m 0.5: [[-0.5, 1.], [-1., 0.5]].
    """
    ### BEGIN SOLUTION
    return (1.0 - m) * jnp.eye(len(B)) - A.T @ A + B - B.T
    ### END SOLUTION


def safe_step(W: Float[Array, "d d"]) -> tuple[float, float]:
    """The forward-backward step with the best guarantee, and the guarantee.

    Args:
        W: d x d, such that mu, the smallest eigenvalue of the symmetric part of I - W, is positive.

    Returns:
        (alpha, factor): alpha minimises the bound that mu and the norm of I - W give for |I - alpha (I - W)|, and factor is
        that bound, 0 <= factor < 1; two scalars, factor accurate to 1e-6 absolutely.
        Example: W [[-0.5, 1.], [-1., 0.5]]: (0.136455, 0.965284).
    """
    ### BEGIN SOLUTION
    M = jnp.eye(len(W)) - W
    mu, norm = jnp.linalg.eigvalsh((M + M.T) / 2)[0], jnp.linalg.norm(M, 2)
    return mu / norm**2, jnp.sqrt(jnp.maximum(1.0 - (mu / norm) ** 2, 0.0))
    ### END SOLUTION


def forward_backward(W: Float[Array, "d d"], b: Float[Array, "batch d"], alpha: float, steps: int) -> Float[Array, "batch d"]:
    """Forward-backward iterates for z = relu(W z + b), from z = 0.

    Args:
        W: d x d.
        b: the inputs, one example per row.
        alpha: step, > 0.
        steps: number of iterations, 0 to 2000.

    Returns:
        z after so many iterations, one row per example.
        Example: W [[-0.5, 1.], [-1., 0.5]], b [[1., 1.]], alpha 0.5: after 2 steps [[0.875, 0.625]].
    """
    ### BEGIN SOLUTION
    z = jnp.zeros_like(b)
    for _ in range(steps):
        z = jax.nn.relu(z + alpha * (z @ W.T + b - z))
    return z
    ### END SOLUTION


def peaceman_rachford(W: Float[Array, "d d"], b: Float[Array, "batch d"], alpha: float, steps: int) -> Float[Array, "batch d"]:
    """Peaceman-Rachford iterates for z = relu(W z + b), from u = 0.

    Args:
        W: d x d, with a monotone I - W.
        b: the inputs, one example per row.
        alpha: > 0.
        steps: number of iterations, 0 to 500.

    Returns:
        z = relu(u) after so many iterations, one row per example.
        Example: W [[-0.5, 1.], [-1., 0.5]], b [[1., 1.]], alpha 1: after 1 step [[1.052632, 0.631579]], after 2
        [[0.930748, 0.221607]].
    """
    ### BEGIN SOLUTION
    system = jnp.eye(len(W)) + alpha * (jnp.eye(len(W)) - W)
    u = jnp.zeros_like(b)
    for _ in range(steps):
        v = jnp.abs(u)
        z = jnp.linalg.solve(system, (v + alpha * b).T).T
        u = 2.0 * z - v
    return jax.nn.relu(u)
    ### END SOLUTION


# %% check="monotone"
_A, _B = jnp.array([[1.0, 0.0]]), jnp.array([[0.0, 1.0], [0.0, 0.0]])
_W = np.array([[-0.5, 1.0], [-1.0, 0.5]])
assert np.allclose(monotone_weight(_A, _B, 0.5), _W), (
    "(1 - m) I - A^T A + B - B^T. A A^T has another shape; [[1.5, 1], [-1, 0.5]]: the sign of A^T A; [[0.5, 1], [-1, 0.5]]: "
    "it is missing; [[0.5, 1], [-1, 1.5]]: the sign of m"
)
_got = [float(part) for part in safe_step(jnp.asarray(_W))]
assert abs(_got[0] - 0.136455) < 1e-5, (
    "mu = 0.5, |M|^2 = 3.66421: alpha = mu / |M|^2. 0.2729: that is where the bound is 1 again; 0.2612: mu / |M|; 0.1111: the "
    "norm of a matrix is its largest singular value, not the Frobenius norm; 0.2857: nor the spectral radius"
)
assert abs(_got[1] - 0.965284) < 1e-5, "|v - alpha M v|^2 <= (1 - 2 alpha mu + alpha^2 |M|^2) |v|^2; 0.931773: take the root"
assert np.allclose([float(part) for part in safe_step(0.5 * jnp.eye(2))], [2.0, 0.0], atol=1e-6), (
    "W = I/2: one step with alpha = 2 is exact, factor 0. A NaN: the root of -1e-17"
)
_b = jnp.ones((1, 2))
assert np.allclose(forward_backward(jnp.asarray(_W), _b, 0.5, 2), [[0.875, 0.625]], atol=1e-6), (
    "z_1 = relu(b/2) = (0.5, 0.5); W z_1 = (0.25, -0.25), z_2 = relu((0.5, 0.5)/2 + (1.25, 0.75)/2) = (0.875, 0.625). "
    "(0.375, 1.125): that is z @ W; a row needs z @ W.T"
)
_cut = forward_backward(jnp.asarray(_W), jnp.array([[-1.0, 1.0]]), 0.5, 1)
assert np.allclose(_cut, [[0.0, 0.5]], atol=1e-6), "the relu is last"
_off = forward_backward(jnp.asarray(_W), _b, 1.5, 2)
assert np.allclose(_off, [[1.875, 0.0]], atol=1e-6), "alpha = 1.5: (1.5, 1.5), then (1.875, 0): the relu acts on all"
_pr = lambda steps: np.asarray(peaceman_rachford(jnp.asarray(_W), _b, 1.0, steps))
assert np.allclose(_pr(1), [[1.052632, 0.631579]], atol=1e-5), (
    "u = 0: (I + M) z = b gives z = (0.526316, 0.315789), u = 2 z. Half of it: that is z before the reflection"
)
assert np.allclose(_pr(2), [[0.930748, 0.221607]], atol=1e-5), "second step: v = |u|, (I + M) z = v + b, u = 2 z - v"
assert np.allclose(_pr(200), [[0.857143, 0.285714]], atol=1e-5), "in the end (6, 2)/7, which is relu(W z + b)"
_half = np.asarray(peaceman_rachford(jnp.asarray(_W), jnp.array([[1.0, -2.0]]), 0.5, 200))
assert np.allclose(_half, [[2 / 3, 0.0]], atol=1e-5), (
    "b = (1, -2), alpha = 0.5: (2/3, 0). A negative entry: z = relu(u). Else: alpha multiplies b as well as M, and v = |u|, not u"
)

# %% [markdown] predict="monotone"
# **Predict.** $d=30$, $|W|=5$, $\mu=0.5$, $|M|=5.6$. (a) What will plain iteration of the layer do? (b) How many
# forward-backward steps are guaranteed to gain a factor of 1000? (c) Peaceman-Rachford with $\alpha=1/|M|$ has the factor
# $\sqrt{1-\mu/|M|}$ (homework): how many?

# %% [markdown] answer="monotone"
# (a) Run away. (b) $\ln1000\cdot2\,|M|^2/\mu^2=1700$. (c) $\ln1000\cdot2\,|M|/\mu=150$. Both are worst cases: here
# some 350 and 20 steps are enough.

# %% tags=["demo"]
units = 30
A_demo, B_demo = rng.normal(size=(units, units)) * 0.2, rng.normal(size=(units, units)) * 0.3
W_demo = jnp.asarray(monotone_weight(jnp.asarray(A_demo), jnp.asarray(B_demo), 0.5))
b_demo = jnp.asarray(rng.normal(size=(40, units)))
alpha_demo, factor_demo = (float(part) for part in safe_step(W_demo))
norm_demo = float(np.linalg.norm(np.eye(units) - np.asarray(W_demo), 2))
one_solution = jnp.asarray(peaceman_rachford(W_demo, b_demo, 0.3, 500))
print(f"|W| = {np.linalg.norm(W_demo, 2):.1f}, rho(W) = {np.abs(np.linalg.eigvals(W_demo)).max():.1f}, "
      f"residual {float(jnp.abs(one_solution - jax.nn.relu(one_solution @ W_demo.T + b_demo)).max()):.0e}")  # fmt: skip
distance = lambda z: float(jnp.linalg.norm(jnp.asarray(z) - one_solution))
fb_steps, pr_steps = np.array([0, 20, 40, 70, 100, 140, 180, 220, 260, 300]), np.arange(0, 41, 4)
fig, (left, right) = panels(2, width=5.2, height=3.6)
wander = lambda z: jax.nn.relu(z @ W_demo.T + b_demo)
wandering = [distance(iterate(wander, jnp.zeros_like(b_demo), 1.0, 0.0, int(k))[0]) for k in range(0, 13)]
left.plot(np.arange(0, 13), wandering, "o-", markersize=3, linewidth=1, color="0.6", label="the layer again and again")
for color, times in zip(COLORS, (1.0, 4.0), strict=False):
    reached = [distance(forward_backward(W_demo, b_demo, times * alpha_demo, int(k))) for k in fb_steps]
    left.plot(fb_steps, reached, "o", markersize=3, color=color, label=rf"forward-backward, {times:g} times the safe $\alpha$")
theory(left, fb_steps, reached[0] * factor_demo**fb_steps, r"theory: guarantee for the safe $\alpha$")
finish(left, "One equilibrium, found safely", "steps", "distance to it", yscale="log", ylim=(1e-11, 1e7))
for color, scale in zip(COLORS[2:], (1.0, 3.0, 10.0), strict=False):
    reached = [distance(peaceman_rachford(W_demo, b_demo, scale / norm_demo, int(k))) for k in pr_steps]
    right.plot(pr_steps, reached, "o", markersize=3, color=color, label=rf"Peaceman-Rachford, $\alpha={scale:g}/|M|$")
start_gap = float(jnp.linalg.norm(one_solution - (one_solution - one_solution @ W_demo.T - b_demo) / norm_demo))  # of u, from 0
theory(right, pr_steps, start_gap * (1 - 0.5 / norm_demo) ** (pr_steps / 2), r"theory: guarantee for $1/|M|$")
finish(right, "Fewer steps, each a linear system", "steps", "distance to it", yscale="log", ylim=(1e-11, 1e7))

# %% [markdown] reflect="monotone"
# **Reflect.** (a) A step four times as large as the safe one may converge faster, and nothing guarantees that it converges.
# For which $\alpha$ is convergence guaranteed at all? (b) Which $W$ does this parametrisation exclude? Think of one
# dimension.

# %% [markdown] answer="monotone"
# (a) $1-2\alpha\mu+\alpha^2\ell^2<1$ for $\alpha<2\mu/\ell^2$, twice the safe step. (b) In one dimension $W=1-m-a^2<1$:
# no unit may excite itself so strongly that it would stay on by itself. There is no memory with two states; uniqueness is
# just this. Inhibition (negative symmetric part) and rotation ($B-B^\top$) are free.

# %% [markdown] predict="monotone"
# ### One layer that reads digits
#
# A monotone layer with 40 units reads the 8 x 8 digits: $z=\mathrm{relu}(Wz+Ux+b)$, and ten logits $Rz+c$ on top. Your
# `equilibrium` trains it; the layer you pass to it is one forward-backward step. Training changes $A$, $B$ and everything
# else freely.
#
# **Predict.** One layer and infinite depth: how many of 100 test digits will it read? And the number of iterations until a
# digit's state is at rest: the same for all digits?

# %% [markdown] answer="monotone"
# About 96. The slowest digits need two to three times as many iterations as the fastest.

# %% tags=["demo"]
data = digits()
pixels, labels = (jnp.asarray(a) for a in (data.x_train.astype(jnp.float64) - 0.3, data.y_train))
test_pixels, test_labels = (jnp.asarray(a) for a in (data.x_test.astype(jnp.float64) - 0.3, data.y_test))
hidden = 40


def monotone_step(params, x, z):
    """One forward-backward step of the layer; its fixed point is the layer's equilibrium.

    The step alpha is larger than the safe one: it works here, but nothing guarantees it.
    """
    W = monotone_weight(params["A"], params["B"], 0.5)
    M = jnp.eye(hidden) - W
    alpha = jax.lax.stop_gradient(1.0 / jnp.sqrt(jnp.sum(M**2) / hidden + 1.0))
    return jax.nn.relu(z + alpha * (z @ W.T + x @ params["U"].T + params["b"] - z))


def start_params(seed):
    """Random parameters of the digit reader."""
    keys = jax.random.split(jax.random.key(seed), 4)
    normal = lambda key, rows, columns: jax.random.normal(key, (rows, columns)) / jnp.sqrt(columns)
    return {"A": 0.5 * normal(keys[0], hidden, hidden), "B": 0.5 * normal(keys[1], hidden, hidden),
            "U": normal(keys[2], hidden, 64), "b": jnp.zeros(hidden),
            "R": normal(keys[3], 10, hidden), "c": jnp.zeros(10)}  # fmt: skip


quick = picard(1e-6, 300)
at_rest = lambda params, x: equilibrium(monotone_step, quick, params, x, jnp.zeros((len(x), hidden)))
logits = lambda params, x: at_rest(params, x) @ params["R"].T + params["c"]
digit_loss = lambda params, x, y: optax.softmax_cross_entropy_with_integer_labels(logits(params, x), y).mean()
optimizer = optax.adam(5e-3)


@jax.jit
def learn(params, state, x, y):
    """One step of Adam on a minibatch."""
    loss, slope = jax.value_and_grad(digit_loss)(params, x, y)
    update, state = optimizer.update(slope, state)
    return optax.apply_updates(params, update), state, loss


def read_digits(seed, epochs=12, size=100):
    """Train; the parameters, the mean losses and the test accuracies after each epoch."""
    params, shuffle = start_params(seed), np.random.default_rng(seed)
    state, losses, accuracies = optimizer.init(params), [], []
    for epoch in range(epochs):
        order = shuffle.permutation(len(pixels)).reshape(-1, size)
        found = []
        for rows in order:
            params, state, loss = learn(params, state, pixels[rows], labels[rows])
            found.append(float(loss))
        losses.append(np.mean(found))
        accuracies.append(float(jnp.mean(jax.jit(logits)(params, test_pixels).argmax(axis=1) == test_labels)))
        print(f"epoch {epoch + 1:2d}: loss {losses[-1]:.3f}, test accuracy {accuracies[-1]:.3f}", end="\r")
    print()
    return params, losses, accuracies


reader, reader_losses, reader_accuracies = read_digits(0)
trained_W = np.asarray(monotone_weight(reader["A"], reader["B"], 0.5))
print(f"after training: |W| = {np.linalg.norm(trained_W, 2):.2f}, rho(W) = {np.abs(np.linalg.eigvals(trained_W)).max():.2f}, "
      f"smallest eigenvalue of the symmetric part of I - W: "
      f"{np.linalg.eigvalsh(np.eye(hidden) - (trained_W + trained_W.T) / 2)[0]:.3f}")  # fmt: skip

# %% tags=["demo"]
think = jax.jit(lambda z: monotone_step(reader, test_pixels, z))
thoughts = [jnp.zeros((len(test_pixels), hidden))]
for _ in range(150):
    thoughts.append(think(thoughts[-1]))
path = np.asarray(thoughts)
moves = np.linalg.norm(np.diff(path, axis=0), axis=2) / np.linalg.norm(path[-1], axis=1)
needed = np.argmax(moves < 1e-3, axis=0)  # iterations until a digit's state moves by less than 0.1 %
beliefs = np.asarray(jax.nn.softmax(jnp.asarray(path) @ reader["R"].T + reader["c"], axis=-1))
guesses = beliefs.argmax(axis=-1)
changes = (np.diff(guesses[3:], axis=0) != 0).sum(axis=0)
fig, (left, right) = panels(2, width=5.2)
right_ones = guesses[-1] == np.asarray(test_labels)
bins = np.arange(needed.min(), needed.max() + 3, 2)
for color, name, group in ((COLORS[0], "read correctly", needed[right_ones]), (COLORS[1], "misread", needed[~right_ones])):
    shares = np.full(len(group), 1 / len(group))
    left.hist(group, bins=bins, weights=shares, color=color, label=f"{name} ({len(group)})", alpha=0.7)
finish(left, f"Iterations until at rest ({np.mean(right_ones):.1%} right)", "iterations", "share of the group")
undecided = int(np.argmax(changes * 1000 + needed))
for color, digit in zip(COLORS, np.argsort(-beliefs[3:40, undecided].max(axis=0))[:3], strict=False):
    right.plot(beliefs[:40, undecided, digit], "o-", markersize=3, linewidth=1, color=color, label=f"reads {digit}")
finish(right, f"Changing its mind (label: {int(test_labels[undecided])})", "iteration", "probability", ylim=(-0.03, 1.25))
right.legend(frameon=False, ncols=3, loc="upper center")
print("read correctly after k iterations: " + ", ".join(
    f"{k}: {np.mean(guesses[k] == np.asarray(test_labels)):.1%}" for k in (0, 1, 3, 6, 12, 40)))  # fmt: skip
slow, fast = np.argsort(-needed)[:8], np.argsort(needed)[:8]
captions = [f"{int(test_labels[i])}: {needed[i]} steps" for i in (*slow, *fast)]
gallery = digit_gallery(test_pixels[np.concatenate([slow, fast])] + 0.3, captions)

# %% [markdown] reflect="monotone"
# **Reflect.** (a) The upper row of digits took longest, the lower one was read fastest. What do the slow ones have in common?
# (b) The loss was never told to make the layer converge. What guarantees exactly one equilibrium after training? And is this
# iteration guaranteed to find it? (c) A
# network of fixed depth 20 spends the same on every digit. What would it take to stop each example when it is done?

# %% [markdown] answer="monotone"
# (a) They are of one class, here sixes. How fast a state comes to rest is decided by the units that are active, and so by the
# class more than by the handwriting. (b) That there is exactly one equilibrium: the parametrisation. Whatever training does
# to $A$ and
# $B$, the symmetric part of $I-W$ has no eigenvalue below $m=0.5$. The step $\alpha$ of `monotone_step` is larger than
# the safe one and only tried; should it fail one day, the safe step will not. (c) Nothing but a residual per example:
# adaptive depth comes for free, example by example, because all depths approximate the same equilibrium.

# %% [markdown]
# ## Further reading
#
# * S. Bai, J. Z. Kolter and V. Koltun (2019), [Deep equilibrium models](https://arxiv.org/abs/1909.01377). Questions 5
#   and 6, with language models.
# * J. Z. Kolter, D. Duvenaud and M. Johnson (2020), [Deep implicit
#   layers](https://implicit-layers-tutorial.org). A tutorial with code for Neural ODEs and DEQs; its solvers are those of
#   questions 2 to 4.
# * E. Winston and J. Z. Kolter (2020), [Monotone operator equilibrium networks](https://arxiv.org/abs/2006.08591).
#   Question 7, with convolutions.
# * S. W. Fung et al. (2022), [JFB: Jacobian-free backpropagation for implicit
#   networks](https://arxiv.org/abs/2103.12803). One term of the series, and when it is enough.
# * D. G. Anderson (1965), [Iterative procedures for nonlinear integral
#   equations](https://doi.org/10.1145/321296.321305). Question 4, in the words of its inventor.
# * H. Walker and P. Ni (2011), [Anderson acceleration for fixed-point
#   iterations](https://doi.org/10.1137/10078356X). Why it is GMRES on affine maps.
# * R. Chen, Y. Rubanova, J. Bettencourt and D. Duvenaud (2018), [Neural ordinary differential
#   equations](https://arxiv.org/abs/1806.07366). Question 1 with infinitely many layers, run backwards.
# * A. Gholami, K. Keutzer and G. Biros (2019), [ANODE: unconditionally accurate memory-efficient gradients for neural
#   ODEs](https://arxiv.org/abs/1902.10298). Why not backwards, and checkpointing.
# * J. Behrmann et al. (2019), [Invertible residual networks](https://arxiv.org/abs/1811.00995). A network that is undone
#   by fixed-point iteration, as in question 1.
# * E. Haber and L. Ruthotto (2017), [Stable architectures for deep neural
#   networks](https://arxiv.org/abs/1705.03341). Residual networks designed as differential equations.
