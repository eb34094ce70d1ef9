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
# # Week 12 lab: Statistical physics of deep learning
#
# A trained network is one draw from a distribution over parameters. Today you build the machines that draw: Langevin
# dynamics with and without inertia, stochastic gradients with a thermostat, Metropolis on a magnet, and an associative
# memory that forgets everything at once. In each case the stationary law is known **exactly**, so you will see what the
# finite step, the minibatch or the finite system does to it.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 1 | A Langevin step | 2 | 10 | * |
# | 2 | The temperature of a minibatch | 3 | 15 | * |
# | 3 | Langevin SGD on a pytree | 4 | 30 | ** |
# | 4 | Inertia and friction: BAOAB | 3 | 20 | ** |
# | 5 | A memory made of spins | 4 | 25 | ** |
# | 6 | Metropolis on the Ising model | 4 | 35 | *** |
#
# **How to work.** Each function gets all it needs as arguments, so you can do the questions in any order. After each
# one run its `grader.check`: it catches the usual slip; hidden tests then look more closely. Before each plot, write
# your prediction down. NumPy or JAX, loops or `scan`: every correct style is accepted, and the plots work with all of
# them (they draw fewer samples where code cannot be compiled).
#
# **Conventions.** Boltzmann's constant and all masses are 1: at temperature $T$ a state of energy $U$ has probability
# proportional to $e^{-U/T}$. Random numbers are either handed to you (`noise`: standard normal, `uniforms`: uniform on
# $[0,1)$), or come from a `key`, which may also seed a generator of NumPy. Arguments are float32, JAX's default; results may
# be float32 or float64.

# %%
from course_lib.checks import open_checks

grader = open_checks("week12/lab")

# %%
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special
from jaxtyping import Array, Float, Int, PyTree

from course_lib.plots import COLORS, finish, panels, theory

# %% tags=["demo"]
rng = np.random.default_rng(12)
gaussian = lambda *shape: jnp.asarray(rng.normal(size=shape), dtype=jnp.float32)


def compiled(function, *example):
    """`function`, compiled by JAX if it can trace it; NumPy code cannot be traced and is called as it is."""
    try:
        size = len(jax.make_jaxpr(function)(*example).eqns)
    except (TypeError, ValueError, IndexError):  # tracers are no numbers: float(), NumPy and `if` refuse them
        return function, False
    # A Python loop is unrolled when traced: a long one would take minutes to compile.
    return (jax.jit(function), True) if size < 300 else (function, False)


# %% [markdown] question="langevin" points=2 minutes=10 difficulty="*"
# ## 1. A Langevin step
#
# A particle in a potential $U$ feels the force $-\nabla U$ and the kicks of a heat bath. Without inertia it follows
# $dx = -\nabla U\,dt + \sqrt{2T}\,dW$, whose stationary law is $e^{-U/T}$. Over a time step $\eta$ the Brownian motion
# $W$ moves by $\sqrt\eta\,\xi$ with standard normal $\xi$, so the Euler-Maruyama scheme reads
#
# $$x' = x - \eta\,\nabla U(x) + \sqrt{2\eta T}\;\xi .$$
#
# It is gradient descent with noise, and $\eta$ (`eta`) is the learning rate; $\nabla U$ is the function `grad_u`,
# $T\ge0$ is `temperature`, $\xi$ is `noise`, one number for each entry of $x$. The drift grows like $\eta$ and the
# kick like $\sqrt\eta$: why must they differ, if the variance at time $t=n\eta$ shall not depend on how many steps
# were taken?
#
# *About 10 minutes, difficulty \*, 2 points.*


# %% solution="langevin"
def langevin_step(
    x: Float[Array, "*n"], grad_u: Callable, eta: float, temperature: float, noise: Float[Array, "*n"]
) -> Float[Array, "*n"]:
    """One Euler-Maruyama step of overdamped Langevin dynamics.

    Args:
        x: state of any shape, also (), float32; often many particles at once.
        grad_u: gradient of the potential; takes an array like x and returns one of the same shape.
        eta: time step (learning rate), > 0.
        temperature: T >= 0; at 0 the step is gradient descent.
        noise: standard normal numbers in the shape of x, float32.

    Returns:
        The next state, in the shape of x, float32.
        Example: x [1.], grad_u(x) = 2 x, eta 0.1, temperature 5, noise [-1.]: [1 - 0.2 - 1] = [-0.2].
    """
    ### BEGIN SOLUTION
    return x - eta * grad_u(x) + jnp.sqrt(2.0 * eta * temperature) * noise
    ### END SOLUTION


# %% check="langevin"
flat = lambda x: 0.0 * x
spring = lambda x: 2.0 * x
assert abs(float(jnp.asarray(langevin_step(jnp.array([1.0]), spring, 0.1, 0.0, jnp.array([7.0])))[0]) - 0.8) < 1e-5, (
    "at temperature 0 nothing is left but gradient descent: 1 - 0.1 * 2 = 0.8"
)
kick_check = float(jnp.asarray(langevin_step(jnp.array([0.0]), flat, 0.08, 4.0, jnp.array([1.0])))[0])
assert abs(kick_check - 0.8) < 1e-5, (
    "without a force the step is sqrt(2 * 0.08 * 4) = 0.8 times the noise. 0.226: you wrote eta sqrt(2T); "
    "0.566: the factor 2 is missing; 0.64: the root is missing"
)
both_check = float(jnp.asarray(langevin_step(jnp.array([1.0]), spring, 0.1, 5.0, jnp.array([-1.0])))[0])
assert abs(both_check + 0.2) < 1e-5, (
    "1 - 0.1 * 2 - 1 = -0.2: the force is that of the place where the step begins. 0: you took it where the noise had led"
)

# %% [markdown]
# **Predict.** Take $U=x^2/2$ and $T=1$. In continuous time the variance is 1. A step of what size makes it 10 % too
# large? And where does the scheme break down? Then start $20\,000$ particles in the right well of
# $U=(x^2-1)^2$: how many will have crossed to the left after a time of 20, at $T=0.5$ and at $T=0.15$?

# %% tags=["demo"]
well = lambda x: 4.0 * x * (x**2 - 1.0)


def relax(grad_u, start, eta, temperature, steps):
    """Many independent particles, `steps` steps of your function."""
    x = start
    step, _ = compiled(lambda x, noise: langevin_step(x, grad_u, eta, temperature, noise), start, start)
    for _ in range(steps):
        x = step(x, gaussian(*start.shape))
    return np.asarray(x)


etas = np.array([0.05, 0.2, 0.5, 0.8, 1.1, 1.4, 1.6, 1.8])
spread = [relax(lambda x: x, gaussian(20_000), float(eta), 1.0, int(min(60, 4 / eta + 12))).var() for eta in etas]
fig, (left, right) = panels(2)
left.plot(etas, spread, "o", color=COLORS[0], label="20 000 particles")
eta_axis = np.linspace(0, 1.85, 200)
theory(left, eta_axis, 1 / (1 - eta_axis / 2), r"theory: $T/(k(1-\eta k/2))$")
left.plot(eta_axis, np.ones(200), color=COLORS[1], linewidth=1.2, label="continuous time: T/k")
bins = np.linspace(-2, 2, 81)
x_axis = np.linspace(-2, 2, 400)
for color, temperature in zip((COLORS[0], COLORS[1]), (0.5, 0.15), strict=True):
    at_20 = relax(well, jnp.ones(20_000), 0.02, temperature, 1000)
    right.hist(at_20, bins=bins, density=True, histtype="step", linewidth=1.5, color=color, label=f"T = {temperature}")
    density = np.exp(-((x_axis**2 - 1) ** 2) / temperature)
    theory(right, x_axis, density / (density.sum() * (x_axis[1] - x_axis[0])),
           r"theory: $e^{-U/T}/Z$" if temperature == 0.15 else None)  # fmt: skip
    print(f"T = {temperature}: {np.mean(at_20 < 0):.3f} of the particles are on the left")
finish(left, "Variance in a harmonic well", r"step $\eta$ (k = 1)", "stationary variance", ylim=(0, 11))
finish(right, "Two wells, all started at x = 1, t = 20", "x", "density")

# %% [markdown]
# **Reflect.** Training with a large learning rate is said to "act like a higher temperature". Read off the left plot
# the temperature at which continuous time has the variance that $\eta=1$ gives at $T=1$; does the same factor hold
# for a direction of curvature $k=0.1$? On the right, what is wrong with the cold histogram, and is it the step's
# fault?

# %% [markdown] instructor=true
# x' = (1 - eta k) x + sqrt(2 eta T) xi, so s = (1 - eta k)^2 s + 2 eta T, s = T / (k (1 - eta k / 2)); 10 % at eta k
# = 0.18, no stationary law from eta k = 2 on. eta k = 1 doubles the variance, but for k = 0.1 it is 5 % only: not a
# temperature. Right: at T = 0.15 the wells have not mixed. Kramers' rate sqrt(U''(1) |U''(0)|) / (2 pi) e^(-1/T) =
# 0.9 e^(-6.7) = 0.0011 gives a share (1 - e^(-2 * 0.0011 * 20)) / 2 = 0.022 on the left.

# %% [markdown] question="minibatch" points=3 minutes=15 difficulty="*"
# ## 2. The temperature of a minibatch
#
# SGD has a heat bath for free: the minibatch. Let $g_1,\dots,g_N\in\mathbb R^P$ be the gradients of $N$ examples,
# $\bar g$ their mean, and $g_S=\frac1B\sum_{i\in S}g_i$ the gradient of a random batch $S$ of size $B$. It is right on
# average, and its covariance is known exactly:
#
# $$C=\frac1N\sum_{i=1}^N (g_i-\bar g)(g_i-\bar g)^\top,\qquad
# \Sigma = \operatorname{Cov}(g_S) = \frac{C}{B}\;\;\text{with replacement},\qquad
# \Sigma = \frac{C}{B}\,\frac{N-B}{N-1}\;\;\text{without.}$$
#
# The rows of `grads` are the $g_i$, $B$ is `batch_size`, and `replace` says how $S$ is drawn: with replacement each of
# the $B$ indices is uniform and independent; without, $S$ is a uniformly random subset. A step of SGD adds a noise of
# covariance $\eta^2\Sigma$, a Langevin step one of covariance $2\eta T\,I$. Comparing their *traces* defines an
# effective temperature, the average over all $P$ directions:
#
# $$T_\text{eff} = \frac{\eta\,\operatorname{tr}\Sigma}{2P}.$$
#
# *About 15 minutes, difficulty \*, 3 points.*


# %% solution="minibatch"
def minibatch_covariance(grads: Float[Array, "N P"], batch_size: int, replace: bool) -> Float[Array, "P P"]:
    """Exact covariance of the mean gradient of a random minibatch.

    Args:
        grads: gradient of each example, one per row, N >= 2, float32.
        batch_size: B, 1 <= B <= N.
        replace: True if the batch is drawn with replacement, False for a random subset.

    Returns:
        Sigma, symmetric, float32.
        Example: grads [[0.], [2.], [4.]], batch_size 2: [[1.3333]] with replacement, [[0.6667]] without.
    """
    ### BEGIN SOLUTION
    examples = len(grads)
    centred = grads - grads.mean(axis=0)
    covariance = centred.T @ centred / (examples * batch_size)
    return covariance if replace else covariance * (examples - batch_size) / (examples - 1)
    ### END SOLUTION


def minibatch_temperature(
    grads: Float[Array, "N P"], batch_size: int, replace: bool, eta: float
) -> Float[Array, ""]:
    """Temperature of the Langevin step whose noise has the same total variance as that of an SGD step.

    Args:
        grads, batch_size, replace: as for `minibatch_covariance`.
        eta: learning rate of the SGD step and time step of the Langevin step, > 0.

    Returns:
        T_eff, a scalar. Example: grads [[0.], [2.], [4.]], batch_size 2, without replacement, eta 0.3: 0.1.
    """
    ### BEGIN SOLUTION
    return eta * jnp.trace(minibatch_covariance(grads, batch_size, replace)) / (2.0 * grads.shape[1])
    ### END SOLUTION


# %% check="minibatch"
three = jnp.array([[0.0], [2.0], [4.0]])
assert np.shape(minibatch_covariance(three, 2, True)) == (1, 1), "a covariance matrix has shape (P, P), also for P = 1"
assert abs(float(jnp.asarray(minibatch_covariance(three, 2, False))[0, 0]) - 2 / 3) < 1e-4, (
    "the three subsets of two have means 1, 2, 3: variance 2/3. 4/3: that is with replacement; 1: C has 1/N, not 1/(N-1)"
)
assert abs(float(jnp.asarray(minibatch_covariance(three, 3, False))[0, 0])) < 1e-5, "a subset that is everything has no noise"
assert abs(float(jnp.asarray(minibatch_covariance(three, 2, True))[0, 0]) - 4 / 3) < 1e-4, (
    "two independent draws of variance 8/3: their mean has the variance 4/3. 2/3: that is without replacement, see `replace`"
)
assert abs(float(minibatch_temperature(jnp.tile(three, (1, 2)), 2, False, 0.3)) - 0.1) < 1e-4, (
    "two equal directions of variance 2/3 at eta = 0.3: T = 0.3 * (4/3) / (2 * 2) = 0.1, a mean over directions"
)

# %% [markdown]
# **Predict.** Linear regression, 512 examples. Doubling the batch size halves the temperature - until when? And is it
# the same temperature in all directions of parameter space, stiff and soft?

# %% tags=["demo"]
inputs = rng.normal(size=(512, 6)) * np.geomspace(0.3, 3, 6)
residuals = rng.normal(size=512)
curvature, axes_of_H = np.linalg.eigh(inputs.T @ inputs / 512)  # Hessian of the mean of residual^2 / 2
example_grads = jnp.asarray(residuals[:, None] * inputs, dtype=jnp.float32)  # at the true parameters
full, eta = np.asarray(example_grads).mean(axis=0), 0.1


def measured_covariance(batch_size, replace, draws=2000):
    """Covariance of the gradients of `draws` random batches."""
    order = rng.random((draws, 512)).argsort(axis=1)[:, :batch_size]
    batches = rng.integers(0, 512, size=(draws, batch_size)) if replace else order
    noise = np.asarray(example_grads)[batches].mean(axis=1) - full
    return noise.T @ noise / draws


sizes = np.array([1, 4, 16, 64, 256, 400, 480, 508])
fig, (left, right) = panels(2)
for color, replace, name in ((COLORS[0], True, "with replacement"), (COLORS[1], False, "without")):
    left.plot(sizes, [eta * np.trace(measured_covariance(int(B), replace)) / 12 for B in sizes], "o", color=color, label=name)
    theory(left, sizes, [float(minibatch_temperature(example_grads, int(B), replace, eta)) for B in sizes],
           "theory: your function" if replace else None)  # fmt: skip
sigma_8 = measured_covariance(8, True)
right.plot(curvature, eta * np.einsum("pj,pq,qj->j", axes_of_H, sigma_8, axes_of_H) / 2, "o", color=COLORS[0],
           label="eigenvectors of H, B = 8")  # fmt: skip
theory(right, curvature, eta * curvature / 16, r"theory, residuals of variance 1: $\eta\lambda/2B$")
finish(left, "How hot is a minibatch?", "batch size B", r"$T_\mathrm{eff}$", xscale="log", yscale="log")
finish(right, "Direction by direction", r"curvature $\lambda$", "temperature", xscale="log", yscale="log")

# %% [markdown]
# **Reflect.** Is SGD Langevin dynamics at temperature $T_\text{eff}$? Use the right-hand plot: what would a single
# thermometer, shared by all directions, have to show? What happens on the left between $B=256$ and
# $B=512$?

# %% [markdown] instructor=true
# At a well-specified minimum C is about sigma^2 H: temperature proportional to curvature. Then eta H S + ... gives a
# stationary covariance close to isotropic (S about eta sigma^2 / 2B), not H^-1: SGD is no thermal equilibrium (the
# homework has the exact equation). Without replacement the noise vanishes at B = N: the factor (N - B) / (N - 1).

# %% [markdown] question="langevin_sgd" points=4 minutes=30 difficulty="**"
# ## 3. Langevin SGD on a pytree
#
# Put both together. A Bayesian wants parameters $\theta$ from the posterior, that is, from $e^{-U/T}$ at $T=1$ with
# $U(\theta)=R(\theta)+\sum_{i=1}^N\ell_i(\theta)$, where $R$ is minus the log prior and $\ell_i$ minus the log
# likelihood of example $i$. *Stochastic gradient Langevin dynamics* (Welling and Teh 2011) replaces the sum over the
# data by an unbiased estimate from a batch $S_t$ of $B$ examples:
#
# $$\theta_{t+1} = \theta_t - \eta\Bigl[\nabla R(\theta_t) + \frac NB\sum_{i\in S_t}\nabla\ell_i(\theta_t)\Bigr]
# + \sqrt{2\eta T}\;\xi_t, \qquad t=0,1,\dots$$
#
# (Their $\epsilon_t$ is our $2\eta$.) $\theta$ is `params`, any **pytree** of arrays: a dictionary, a list of pairs,
# a single array. $\nabla R(\theta)$ is `grad_prior(params)`; `grad_loss(params, x_batch, y_batch)` is the **sum** of
# $\nabla\ell_i$ over the batch that you hand it; both return pytrees like `params`. Row $t$ of `batches` lists the
# indices in $S_t$ (some may occur twice: then they count twice). $N$ is the number of rows of `x`. The noise $\xi_t$
# is standard normal and comes from `key`: every number of every leaf at every step is drawn **anew**. How you split
# the key is up to you.
#
# *About 30 minutes, difficulty \*\*, 4 points.*


# %% solution="langevin_sgd"
def langevin_sgd(
    key: Array,
    params: PyTree,
    x: Float[Array, "N *features"],
    y: Float[Array, "N *outputs"],
    batches: Int[Array, "steps B"],
    grad_prior: Callable,
    grad_loss: Callable,
    eta: float,
    temperature: float,
) -> PyTree:
    """Stochastic gradient Langevin dynamics with given minibatches.

    Args:
        key: a JAX random key; all noise comes from it.
        params: where to start, a pytree of float32 arrays of any shapes, also (); not modified.
        x, y: the data, one example per row.
        batches: indices of the examples in each step's batch, int32; B = batches.shape[1].
        grad_prior: grad_prior(params) -> gradient of R.
        grad_loss: grad_loss(params, x_batch, y_batch) -> gradient of the sum of the batch's losses.
        eta: step, > 0.
        temperature: T >= 0; 1 for the posterior, 0 for plain SGD.

    Returns:
        The trajectory: a pytree like params whose leaves have one more axis in front, of length steps; entry t holds the
        parameters after step t + 1 (the start is not in it). The same key gives the same trajectory.
        Example: params {"b": 1.}, T = 0, eta = 0.1, N = 6, batches of 2, grad_prior = 0, grad_loss = batch sum of 1:
        {"b": [1 - 0.1 * (6/2) * 2, ...]} = {"b": [0.4, -0.2, ...]}.
    """
    ### BEGIN SOLUTION
    scale, kick = len(x) / batches.shape[1], jnp.sqrt(2.0 * eta * temperature)
    trajectory = []
    for step_key, batch in zip(jax.random.split(key, len(batches)), batches, strict=True):
        leaves, structure = jax.tree.flatten(params)
        slopes = zip(jax.tree.leaves(grad_prior(params)), jax.tree.leaves(grad_loss(params, x[batch], y[batch])), strict=True)
        moved = [p - eta * (prior + scale * loss) for p, (prior, loss) in zip(leaves, slopes, strict=True)]
        leaf_keys = jax.random.split(step_key, len(leaves))
        moved = [p + kick * jax.random.normal(k, jnp.shape(p)) for p, k in zip(moved, leaf_keys, strict=True)]
        params = jax.tree.unflatten(structure, moved)
        trajectory.append(params)
    return jax.tree.map(lambda *states: jnp.stack(states), *trajectory)
    ### END SOLUTION


# %% check="langevin_sgd"
no_prior = lambda params: jax.tree.map(jnp.zeros_like, params)
count_examples = lambda params, x, y: {"b": jnp.ones_like(params["b"]) * len(x)}
six, pairs = jnp.arange(6.0)[:, None], jnp.array([[0, 1], [4, 2], [3, 3]])
path_check = langevin_sgd(
    jax.random.key(0), {"b": jnp.array(1.0)}, six, six[:, 0], pairs, no_prior, count_examples, 0.1, 0.0
)
assert np.shape(path_check["b"]) == (3,), "one entry per step in front, the start not included: 3 steps, shape (3,)"
assert np.allclose(path_check["b"], [0.4, -0.2, -0.8], atol=1e-5), (
    "each step is 0.1 * (6/2) * 2 = 0.6. 0.2: N/B is missing; 1.2: grad_loss is a sum already, multiply by N/B and not by N"
)
sum_of_x = lambda params, x, y: {"b": jnp.sum(x)}
force_check = langevin_sgd(
    jax.random.key(0), {"b": jnp.array(1.0)}, six, six[:, 0], pairs, lambda params: params, sum_of_x, 0.1, 0.0
)
assert np.allclose(force_check["b"], [0.6, -1.26, -2.934], atol=1e-4), (
    "the prior's gradient is b itself, the batches' sums of x are 1, 6, 6: the path is 0.6, -1.26, -2.934. Look at its first "
    "entry. 0.7: the prior is missing; 0.4: it was multiplied by N/B, too; -0.6: all data were used and not the batch. "
    "0.6, and then -1.3: all gradients were taken at the start"
)
free_check, no_loss = [(jnp.zeros(500), jnp.zeros(500))], lambda params, x, y: no_prior(params)
drift_check = langevin_sgd(jax.random.key(1), free_check, six, six[:, 0], pairs, no_prior, no_loss, 0.5, 4.0)
assert np.shape(drift_check[0][0]) == (3, 500), "parameters may be any pytree: here they are a list with one pair of arrays in it"
v_check, w_check = (np.asarray(leaf) for leaf in drift_check[0])
assert abs(float(np.std(v_check[0])) - 2.0) < 0.4, (
    "without forces a step has standard deviation sqrt(2 * 0.5 * 4) = 2. 0: all entries of a leaf got the same number"
)
assert not np.allclose(v_check[0], w_check[0]), "two leaves got the same noise: one key for each leaf"
assert not np.allclose(v_check[1], 2 * v_check[0]), "two steps got the same noise: a new key for each step"
other_check = langevin_sgd(jax.random.key(2), free_check, six, six[:, 0], pairs, no_prior, no_loss, 0.5, 4.0)
assert not np.allclose(v_check[0], other_check[0][0][0]), "another key gave the same noise: all noise comes from `key`"

# %% [markdown]
# **Predict.** A straight line through 40 points has a Gaussian posterior, known exactly. You sample it with steps of
# different size, once with the full data and once with batches of 4. Which of them gets the *mean* wrong? The
# *variance*? By how much, and does it go away as $\eta\to0$?


# %% tags=["demo"]
def finite_population(per_example, batch_size):
    """E[M (x) M] for the mean M of a random subset of matrices, by the formula of question 2 (exact)."""
    mean, N = per_example.mean(axis=0), len(per_example)
    centred = (per_example - mean).reshape(N, -1)
    noise = centred.T @ centred / N / batch_size * (N - batch_size) / (N - 1)
    d = len(mean)
    return np.kron(mean, mean) + noise.reshape(d, d, d, d).transpose(0, 2, 1, 3).reshape(d * d, d * d)


def exact_moments(X, y, eta, batch_size, prior):
    """Stationary mean and covariance of SGLD on linear regression: the state (theta, 1) is multiplied by I - eta G."""
    N, d = X.shape
    G = np.zeros((N, d + 1, d + 1))
    G[:, :d, :d] = N * X[:, :, None] * X[:, None, :] + prior * np.eye(d)
    G[:, :d, d] = -N * X * y[:, None]
    eye, heat = np.eye(d + 1), np.diag([2 * eta] * d + [0.0]).ravel()
    mean_G = G.mean(axis=0)
    grow = np.kron(eye, eye) - eta * (np.kron(eye, mean_G) + np.kron(mean_G, eye)) + eta**2 * finite_population(G, batch_size)
    second = np.zeros((d + 1, d + 1))
    second[d, d] = 1.0
    free = np.arange((d + 1) ** 2 - 1)  # all second moments but that of the constant 1 with itself
    known = grow[free, -1] + heat[free]
    second.ravel()[free] = np.linalg.solve(np.eye(len(free)) - grow[np.ix_(free, free)], known)
    return second[:d, d], second[:d, :d] - np.outer(second[:d, d], second[:d, d])


N, prior = 40, 1.0
data_rng = np.random.default_rng(7)
design = np.stack([np.ones(N), data_rng.uniform(-1.5, 1.5, size=N)], axis=1)
target = design @ [0.5, -0.8] + data_rng.normal(size=N)
precision = design.T @ design + prior * np.eye(2)
posterior_mean, posterior = np.linalg.solve(precision, design.T @ target), np.linalg.inv(precision)

# One batch index list serves 2000 chains: chain c sees the data in an order of its own, so its batches are its own.
chains = 2000
orders = rng.random((N, chains)).argsort(axis=0)
x_chains, y_chains = jnp.asarray(design[orders], jnp.float32), jnp.asarray(target[orders], jnp.float32)


def regression_grad(params, x, y):
    """Sum over the batch (axis 0) of the gradient of (y - a - b x)^2 / 2, chain by chain."""
    rest = params["intercept"] + params["slope"] * x[..., 1] - y
    return {"intercept": rest.sum(axis=0), "slope": (rest * x[..., 1]).sum(axis=0)}


def sample_posterior(seed, eta, batch_size, steps):
    """The last states of all chains, shape (chains, 2)."""
    start = {"intercept": jnp.full(chains, posterior_mean[0]), "slope": jnp.full(chains, posterior_mean[1])}
    batches = jnp.asarray(rng.random((steps, N)).argsort(axis=1)[:, :batch_size])
    path = langevin_sgd(
        jax.random.key(seed), start, x_chains, y_chains, batches, lambda params: params, regression_grad, eta, 1.0
    )
    return np.stack([np.asarray(path["intercept"][-1]), np.asarray(path["slope"][-1])], axis=1)


assert prior == 1.0  # the lambda above is the gradient of |theta|^2 / 2
tried = np.array([0.001, 0.002, 0.004, 0.008, 0.014, 0.02])
fig, (left, right) = panels(2)
for color, batch_size in ((COLORS[0], N), (COLORS[1], 4)):
    runs = [sample_posterior(i, float(eta), batch_size, 60) for i, eta in enumerate(tried)]
    label = "full data" if batch_size == N else f"batches of {batch_size}"
    right.plot(tried, [run[:, 1].var() / posterior[1, 1] for run in runs], "o", color=color, label=label)
    fine = np.linspace(1e-4, 0.021, 60)
    theory(right, fine, [exact_moments(design, target, e, batch_size, prior)[1][1, 1] / posterior[1, 1] for e in fine],
           "theory: exact at finite step" if batch_size == N else None)  # fmt: skip
    shown = runs[3][:700]
    left.plot(*shown.T, ".", ms=3, alpha=0.5, color=color, label=rf"{label}, $\eta={tried[3]:g}$",
              zorder=2 if batch_size == N else 1)  # fmt: skip
    print(f"{label}: error of the mean slope {runs[3][:, 1].mean() - posterior_mean[1]:+.4f}")
angle = np.linspace(0, 2 * np.pi, 200)
ellipse = posterior_mean[:, None] + 2 * np.linalg.cholesky(posterior) @ np.stack([np.cos(angle), np.sin(angle)])
theory(left, *ellipse, "theory: posterior, two sigma")
left.legend(frameon=False, markerscale=4, fontsize=9, loc="upper right")
finish(left, "Samples and the exact posterior", "intercept", "slope", legend=False,
       ylim=(posterior_mean[1] - 1, posterior_mean[1] + 1.6))  # fmt: skip
finish(right, "Price of a finite step", r"step $\eta$", "variance of slope / exact", ylim=(0, None))

# %% [markdown]
# **Reflect.** With $\eta\to0$ even the noise of batches of 4 stops mattering. Why does the *added* noise win,
# although the gradient's noise does not shrink? (Compare how $\eta^2\Sigma$ and $2\eta T$ scale.) What would you lose
# by choosing $\eta=0.001$ for safety?

# %% [markdown] instructor=true
# Per step the batch contributes eta^2 Sigma, the bath 2 eta T: relative heat eta Sigma / 2T -> 0. The mean is right
# at every step size because the drift is linear and unbiased. Small eta mixes slowly: 1/(eta k) steps. The theory
# curve is exact: with the state (theta, 1) a step is a product with I - eta G_S, and second moments need only E[G_S
# (x) G_S], which is the finite-population formula of question 2 applied to matrices.

# %% [markdown] question="baoab" points=3 minutes=20 difficulty="**"
# ## 4. Inertia and friction: BAOAB
#
# With momentum $p$ (unit mass) and friction $\gamma$ the dynamics is $dq=p\,dt$, $dp=-\nabla U(q)\,dt-\gamma
# p\,dt+\sqrt{2\gamma T}\,dW$; it is what SGD with momentum imitates. Split it into three pieces that can be solved
# exactly: **B**, the kick by the force; **A**, the free flight; **O**, the Ornstein-Uhlenbeck process of friction and
# noise. Leimkuhler and Matthews (2013) asked in which order to put them, and found that B-A-O-A-B is far better than
# its relatives:
#
# $$\begin{aligned}
# &\text{B:}\quad p \leftarrow p-\tfrac h2\nabla U(q) \qquad \text{A:}\quad q\leftarrow q+\tfrac h2\,p\\
# &\text{O:}\quad p \leftarrow c_1\,p+c_2\,\xi,\qquad c_1=e^{-\gamma h},\quad c_2=\sqrt{T\,(1-c_1^2)}\\
# &\text{A:}\quad q\leftarrow q+\tfrac h2\,p \qquad \text{B:}\quad p \leftarrow p-\tfrac h2\nabla U(q)
# \end{aligned}$$
#
# Each arrow uses the newest values. $q,p$ are `q, p`; $\nabla U$ is `grad_u`, $h$ is `h`, $\gamma\ge0$ is `gamma`,
# $\xi$ is `noise`. Note what the O step does *not* need: a small step. Its $c_1,c_2$ are exact for every $\gamma h$.
#
# *About 20 minutes, difficulty \*\*, 3 points.*


# %% solution="baoab"
def baoab_step(
    q: Float[Array, "*n"],
    p: Float[Array, "*n"],
    grad_u: Callable,
    h: float,
    gamma: float,
    temperature: float,
    noise: Float[Array, "*n"],
) -> tuple[Float[Array, "*n"], Float[Array, "*n"]]:
    """One BAOAB step of underdamped Langevin dynamics with unit mass.

    Args:
        q, p: positions and momenta of any shape, also (), float32; often many particles at once.
        grad_u: gradient of the potential; takes an array like q and returns one of the same shape.
        h: time step, > 0.
        gamma: friction, >= 0; at 0 the step is velocity Verlet.
        temperature: T >= 0.
        noise: standard normal numbers in the shape of q, float32.

    Returns:
        The new pair (q, p).
        Example: q [1.], p [0.], grad_u(q) = q, h 1, gamma 0, any noise: ([0.5], [-0.75]).
    """
    ### BEGIN SOLUTION
    p = p - 0.5 * h * grad_u(q)
    q = q + 0.5 * h * p
    keep = jnp.exp(-gamma * h)
    p = keep * p + jnp.sqrt(temperature * (1.0 - keep**2)) * noise
    q = q + 0.5 * h * p
    p = p - 0.5 * h * grad_u(q)
    return q, p
    ### END SOLUTION


# %% check="baoab"
one = jnp.array([1.0])
verlet = baoab_step(one, 0 * one, lambda q: q, 1.0, 0.0, 1.0, one)
assert len(verlet) == 2, "return the pair (q, p)"
assert np.allclose(verlet, [[0.5], [-0.75]], atol=1e-5), (
    "without friction: p = -0.5, q = 0.75, q = 0.5, p = -0.75. The last kick uses the force at the new position"
)
drag = baoab_step(0 * one, one, lambda q: 0 * q, 2.0, 0.34657359, 0.0, one)  # exp(-gamma h) = 1/2
assert np.allclose(drag, [[1.5], [0.5]], atol=1e-5), (
    "free flight at T = 0: half a step at full speed, then c1 = 1/2, half a step at half speed: q = 1.5, p = 0.5"
)
bath = baoab_step(0 * one, 0 * one, lambda q: 0 * q, 2.0, 0.34657359, 1.0, one)
assert np.allclose(bath, [[0.866025], [0.866025]], atol=1e-4), "from rest, T = 1: p = sqrt(1 - 1/4), then half a step with it"

# %% [markdown]
# **Predict.** The same harmonic well, $k=1$. A Langevin step without inertia made the variance of the position wrong by
# a factor $1/(1-\eta k/2)$. How wrong is BAOAB at $h=1.5$ - and is the same true of its momenta? Which friction makes
# positions forget fastest?


# %% tags=["demo"]
def relax_with_inertia(h, gamma, steps, particles=20_000):
    """Positions and momenta in U = q^2/2 at T = 1, started in equilibrium; yields the state after each step."""
    q, p = gaussian(particles), gaussian(particles)
    step, _ = compiled(lambda q, p, noise: baoab_step(q, p, lambda q: q, h, gamma, 1.0, noise), q, p, q)
    yield np.asarray(q), np.asarray(p)
    for _ in range(steps):
        q, p = step(q, p, gaussian(particles))
        yield np.asarray(q), np.asarray(p)


steps_tried = np.array([0.1, 0.3, 0.6, 0.9, 1.2, 1.5, 1.7])
ends = []
for h in steps_tried:
    *_, last = relax_with_inertia(float(h), 1.0, int(min(100, 10 / h + 20)))
    ends.append(last)
overdamped = []  # the same well without inertia
for eta in steps_tried**2 / 2:
    x = rng.normal(size=20_000)
    for _ in range(int(min(200, 6 / eta + 12))):
        x = x - eta * x + np.sqrt(2 * eta) * rng.normal(size=20_000)
    overdamped.append(x.var())
fig, (left, right) = panels(2)
left.plot(steps_tried, [q.var() for q, _ in ends], "o", color=COLORS[0], label="BAOAB, position")
left.plot(steps_tried, [p.var() for _, p in ends], "s", color=COLORS[2], label="BAOAB, momentum")
left.plot(steps_tried, overdamped, "^", color=COLORS[1], label=r"Langevin without inertia, $\eta=h^2/2$")
h_axis = np.linspace(0, 1.75, 100)
theory(left, h_axis, np.ones(100), r"theory: 1, $1-h^2/4$, $1/(1-h^2/4)$")
theory(left, h_axis, 1 - h_axis**2 / 4)
theory(left, h_axis, 1 / (1 - h_axis**2 / 4))
for color, gamma in zip(COLORS, (0.2, 2.0, 6.0), strict=False):
    (q0, _), *rest = relax_with_inertia(0.1, gamma, 120)
    right.plot(0.1 * np.arange(1, 121, 2), [np.mean(q0 * q) for q, _ in rest[::2]], ".", color=color,
               label=rf"$\gamma={gamma:g}$")  # fmt: skip
    t, rate = np.linspace(0, 12, 200), np.sqrt(complex(gamma**2 / 4 - 1.0000001))  # 1e-7: no 0/0 at critical damping
    theory(right, t, np.real(np.exp(-gamma * t / 2) * (np.cosh(rate * t) + gamma / 2 * np.sinh(rate * t) / rate)),
           "theory: damped oscillator" if gamma == 6 else None)  # fmt: skip
finish(left, "Harmonic well, T = 1, k = 1", "step h", "stationary variance", ylim=(0, 4.5))
finish(right, "Memory of the position, h = 0.1", "time t", r"$\langle q(0)\,q(t)\rangle$", ylim=(-0.85, 1.6))

# %% [markdown]
# **Reflect.** If you only ever use the positions (a sampler) or only the temperature $\langle p^2\rangle$ (a
# thermometer): is $h=1.5$ acceptable? Which of the three frictions would you sample with, and what is wrong with the
# other two?

# %% [markdown] instructor=true
# Harmonic BAOAB: Cov q = T K^-1 at every h < 2/omega, Cov p = T (I - h^2 K / 4), q and p uncorrelated. So positions
# are perfect and the kinetic temperature is off by 56 % at h = 1.5. Critical damping gamma = 2 omega forgets fastest:
# below it the position oscillates, above it creeps with rate about omega^2 / gamma. For gamma -> infinity BAOAB
# becomes x' = x - (h^2/2) grad U + sqrt(2 (h^2/2) T) (xi + xi')/2 (Leimkuhler-Matthews): eta = h^2/2, the fair
# comparison.

# %% [markdown] question="hopfield" points=4 minutes=25 difficulty="**"
# ## 5. A memory made of spins
#
# Hopfield (1982) stores $P$ patterns $\xi^\mu\in\{-1,1\}^N$ in the couplings of $N$ neurons, by Hebb's rule, and
# recalls them by letting the energy fall:
#
# $$J_{ij}=\frac1N\sum_{\mu=1}^P \xi_i^\mu\xi_j^\mu\;\;(i\ne j),\qquad J_{ii}=0,\qquad
# E(s)=-\frac12\sum_{i,j}J_{ij}s_is_j,\qquad m_\mu=\frac1N\sum_i\xi^\mu_is_i .$$
#
# Neurons are visited **one after the other**; neuron $i$ aligns with its local field $h_i=\sum_j J_{ij}s_j$, computed
# from the state *as it is then*: $s_i\leftarrow\operatorname{sign}(h_i)$, and if $h_i=0$ it **stays** as it is. (Sums that
# rounding would decide do not occur in the tests: there the couplings are multiples of 1/8.) Then
# (for symmetric $J$ without self-coupling) the energy never rises: why? Updating all at once has no such guarantee.
#
# `align` makes one such visit, `recall` a whole sweep of them. The rows of `patterns` are the $\xi^\mu$; `order`
# lists the neurons to visit, in this order (some perhaps twice, some not at all); $m_\mu$ is the *overlap* with
# pattern $\mu$, 1 for perfect recall.
#
# *About 25 minutes, difficulty \*\*, 4 points.*


# %% solution="hopfield"
def hebb(patterns: Float[Array, "P N"]) -> Float[Array, "N N"]:
    """Couplings by Hebb's rule.

    Args:
        patterns: one pattern per row, entries +1. and -1., float32.

    Returns:
        J, symmetric with zero diagonal, float32. Example: patterns [[1, -1], [1, -1]]: [[0, -1], [-1, 0]].
    """
    ### BEGIN SOLUTION
    n = patterns.shape[1]
    return patterns.T @ patterns / n * (1.0 - jnp.eye(n))
    ### END SOLUTION


def hopfield_energy(J: Float[Array, "N N"], state: Float[Array, " N"]) -> Float[Array, ""]:
    """Energy -1/2 sum_ij J_ij s_i s_j.

    Args:
        J: couplings, symmetric with a diagonal of zeros, float32.
        state: entries +1. and -1., float32.

    Returns:
        A scalar. Example: J [[0, -1], [-1, 0]], state [1, -1]: -1.
    """
    ### BEGIN SOLUTION
    return -0.5 * jnp.einsum("ij,i,j", J, state, state)
    ### END SOLUTION


def overlaps(patterns: Float[Array, "P N"], state: Float[Array, " N"]) -> Float[Array, " P"]:
    """Overlap of a state with each pattern.

    Args:
        patterns: one pattern per row, entries +1. and -1., float32.
        state: entries +1. and -1., float32.

    Returns:
        m_mu, between -1 and 1, shape (P,). Example: patterns [[1, 1], [1, -1]], state [1, -1]: [0, 1].
    """
    ### BEGIN SOLUTION
    return (patterns * state).mean(axis=1)
    ### END SOLUTION


def align(J: Float[Array, "N N"], state: Float[Array, " N"], i: int) -> Float[Array, " N"]:
    """The state after a visit to neuron i.

    Args:
        J: couplings; J[i, j] is what neuron j does to neuron i (need not be symmetric here), float32.
        state: entries +1. and -1., float32; not modified.
        i: the neuron to visit, an integer (if you write it in JAX without `if`, the plots will compile it).

    Returns:
        A new state, which differs from the old one in entry i at most.
        Example: J [[0, -1], [-1, 0]], state [1, 1], i = 0: [-1, 1].
    """
    ### BEGIN SOLUTION
    field = jnp.sum(J[i] * state)
    return state.at[i].set(jnp.where(field == 0, state[i], jnp.sign(field)))
    ### END SOLUTION


def recall(J: Float[Array, "N N"], state: Float[Array, " N"], order: Int[Array, " visits"]) -> Float[Array, " N"]:
    """A sweep of asynchronous zero-temperature dynamics: visits one after the other.

    Args:
        J: couplings as for `align`.
        state: entries +1. and -1., float32; not modified.
        order: which neurons to visit, in this order, int32.

    Returns:
        The state after the last visit, shape (N,), entries +1 and -1.
        Example: J [[0, -1], [-1, 0]], state [1, 1]: order [0, 1] gives [-1, 1], order [1, 0] gives [1, -1].
    """
    ### BEGIN SOLUTION
    for i in order:
        state = align(J, state, i)
    return state
    ### END SOLUTION


# %% check="hopfield"
stored = jnp.array([[1.0, 1.0, -1.0, -1.0], [1.0, -1.0, 1.0, -1.0]])
J_check = jnp.asarray(hebb(stored))
assert np.allclose(np.diag(np.asarray(J_check)), 0.0), "no neuron is coupled to itself: the diagonal of J is 0"
assert abs(float(J_check[0, 3]) + 0.5) < 1e-6, (
    "both patterns have opposite signs at 0 and 3: J = -2/4. -2: 1/N is missing; -1: that is 1/P"
)
assert abs(float(hopfield_energy(J_check, stored[0])) + 1.0) < 1e-6, "each pair counts once: E = -1 here. -2: the 1/2 is missing"
assert np.allclose(overlaps(stored, stored[1]), [0.0, 1.0]), "a stored pattern has overlap 1 with itself (divide by N)"
assert np.allclose(overlaps(stored, -stored[1]), [0.0, -1.0]), "a pattern's negative has overlap -1 with it: the sign counts"
couple = jnp.array([[0.0, -1.0], [-1.0, 0.0]])
assert np.allclose(recall(couple, jnp.array([1.0, 1.0]), jnp.array([0, 1])), [-1.0, 1.0]), (
    "neuron 0 turns first, and then neuron 1 has no reason to: [-1, 1]. [-1, -1]: both were updated at once; "
    "[1, 1]: they turned against their field"
)
assert np.allclose(recall(couple, jnp.array([1.0, 1.0]), jnp.array([1, 0])), [1.0, -1.0]), (
    "now neuron 1 comes first and turns: [1, -1]. [-1, 1]: you visited from first to last, whatever `order` says"
)
assert np.allclose(align(couple, jnp.array([1.0, 1.0]), 1), [1.0, -1.0]), "a visit to neuron 1 changes neuron 1 only"
one_way = jnp.array([[0.0, 1.0], [-1.0, 0.0]])  # neuron 0 follows neuron 1, neuron 1 opposes neuron 0
assert np.allclose(align(one_way, jnp.array([1.0, 1.0]), 0), [1.0, 1.0]), (
    "J[0, 1] = 1 is what neuron 1 does to neuron 0: they agree, it stays. [-1, 1]: you looked at J[1, 0], the other way round"
)
assert np.allclose(recall(one_way, jnp.array([1.0, 1.0]), jnp.array([0, 1, 0])), [-1.0, -1.0]), (
    "neuron 0 stays, neuron 1 turns, and on the second visit neuron 0 follows: [-1, -1]. [1, -1]: there are as many visits as "
    "entries in `order`, not N; or J[j, i] was taken for J[i, j]"
)
assert np.allclose(recall(0 * couple, jnp.array([1.0, -1.0]), jnp.array([0, 1])), [1.0, -1.0]), (
    "without a field a neuron keeps its state; jnp.sign(0) is 0, which is no state at all"
)

# %% [markdown]
# **Predict.** Start the network *at* a stored pattern and let it settle. As the load $\alpha=P/N$ grows, other patterns
# disturb this one: does the final overlap decline gently, or fall off a cliff? At which load? And what becomes of the
# curve when $N$ grows?


# %% tags=["demo"]

random_patterns = lambda count, n: jnp.asarray(rng.choice([-1.0, 1.0], size=(count, n)), dtype=jnp.float32)
probe_state = random_patterns(1, 100)[0]
one_pattern = hebb(probe_state[None])
_, fast = compiled(align, one_pattern, probe_state, 0)
sweep_one = lambda J, s, order: jax.lax.scan(lambda s, i: (align(J, s, i), None), s, order)[0]
if fast:
    sweep_all = jax.jit(jax.vmap(sweep_one, in_axes=(None, 0, None)))
else:
    sweep_all = lambda J, states, order: np.stack([np.asarray(recall(J, s, order), dtype=np.float32) for s in states])
for _ in range(2):  # the second call is timed
    began = time.perf_counter()
    np.asarray(recall(one_pattern, probe_state, jnp.arange(100)))
quick = time.perf_counter() - began < 0.01
neurons, starts = ((100, 400, 1200), 16) if fast else ((100, 400, 1200), 6) if quick else ((40, 80), 2)


def settle(J, states, most=30):
    """Sweeps in random order until nothing changes; one start per row of `states`, all visited in the same order."""
    for _ in range(most):
        new = sweep_all(J, states, jnp.asarray(rng.permutation(len(J))))
        if bool((new == states).all()):
            break
        states = new
    return states


def recalled(patterns, states, goal):
    """Mean final overlap of the states with the patterns that they are meant to recall: row i with pattern goal[i]."""
    settled = settle(hebb(patterns), states)
    return np.mean([overlaps(patterns, s)[i] for i, s in zip(goal, settled, strict=True)])


fig, (left, right) = panels(2)
loads = np.array([0.03, 0.06, 0.09, 0.11, 0.125, 0.14, 0.155, 0.17, 0.2, 0.25])
for color, n in zip(COLORS, neurons, strict=False):
    final = []
    for load in loads:
        count = round(load * n)
        goal = np.arange(starts) % count
        networks = [random_patterns(count, n) for _ in range(min(8, 800 // n + 1) if fast else 1)]
        final.append(np.mean([recalled(patterns, patterns[goal], goal) for patterns in networks]))
    left.plot(loads, final, "o-", color=color, linewidth=0.8, markersize=4, label=f"N = {n}")
    print(f"N = {n:4d}: overlap {final[3]:.3f} at load {loads[3]}, {final[-2]:.3f} at load {loads[-2]}")
# The replica-symmetric theory at T = 0, parametrised by y = m / sqrt(2 alpha r):
y_axis = np.linspace(1.512, 6, 400)
m_theory = scipy.special.erf(y_axis)
load_theory = (m_theory / y_axis - 2 / np.sqrt(np.pi) * np.exp(-(y_axis**2))) ** 2 / 2
theory(left, np.r_[load_theory[::-1], load_theory[0], 0.26], np.r_[m_theory[::-1], 0, 0], "theory: replicas, T = 0")
left.text(load_theory[0] - 0.004, 0.3, rf"$\alpha_c={load_theory[0]:.3f}$", fontsize=9, color="0.3", ha="right")

n = neurons[1]
first_overlaps = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0])
for color, load in zip(COLORS, (0.03, 0.08, 0.12), strict=False):
    final = []
    for m0 in first_overlaps:
        patterns, goal = random_patterns(round(load * n), n), np.arange(starts) % round(load * n)
        wrong = rng.random((starts, n)).argsort(axis=1) < round(n * (1 - m0) / 2)
        final.append(recalled(patterns, jnp.where(wrong, -patterns[goal], patterns[goal]), goal))
    right.plot(first_overlaps, final, "o-", color=color, linewidth=0.8, markersize=4, label=rf"$\alpha={load}$")
    m_fixed = m_theory[np.abs(load_theory - load).argmin()]
    theory(right, [0, 1], [m_fixed, m_fixed], "theory: retrieval state" if load == 0.12 else None)
finish(left, "Recall against load", r"load $\alpha=P/N$", "final overlap m", ylim=(0, 1.05))
finish(right, f"From a corrupted pattern, N = {n}", "overlap at the start", "overlap at the end", ylim=(0, 1.05))

# %% [markdown]
# The same memory in a heat bath: neuron $i$ is set to $+1$ with the probability $1/(1+e^{-2h_i/T})$, and to $-1$ otherwise.
#
# **Predict.** Sketch, in the plane of load and temperature, where a stored pattern survives. With one pattern the network
# is a magnet in disguise (which one?): so where does the border meet the temperature axis? And where the other axis?


# %% tags=["demo"]
n = 500
map_loads, heats = np.arange(0.01, 0.185, 0.01), np.arange(0.05, 1.2, 0.05)
stored_sets = [random_patterns(round(load * n), n) for load in map_loads]
couplings = jnp.stack([jnp.asarray(hebb(patterns), dtype=jnp.float32) for patterns in stored_sets])
pattern_states = jnp.stack([jnp.tile(patterns[0], (len(heats), 1)) for patterns in stored_sets])  # (loads, heats, neurons)


@jax.jit
def heat_bath_sweep(states, order, uniforms):
    """Every network at every temperature visits its neurons in the same order."""

    def visit(states, turn):
        i, u = turn
        field = jnp.einsum("an,atn->at", couplings[:, i], states)
        up = u < jax.nn.sigmoid(2 * field / jnp.asarray(heats, jnp.float32))
        return states.at[:, :, i].set(jnp.where(up, 1.0, -1.0)), None

    return jax.lax.scan(visit, states, (order, uniforms))[0]


states, overlap_map = pattern_states, np.zeros(pattern_states.shape[:2])
for t in range(40):
    uniforms = jnp.asarray(rng.random((n, *overlap_map.shape)), dtype=jnp.float32)
    states = heat_bath_sweep(states, jnp.asarray(rng.permutation(n)), uniforms)
    overlap_map += np.asarray((states * pattern_states).mean(axis=2)) / 20 * (t >= 20)
    if t % 20 == 19:
        print(f"{t + 1} sweeps of {overlap_map.size} networks")

# Amit, Gutfreund and Sompolinsky at T > 0, parametrised by the width w = sqrt(alpha r) of the other patterns' field:
z_axis = np.linspace(-8, 8, 401)
gauss = np.exp(-(z_axis**2) / 2) / np.sqrt(2 * np.pi) * (z_axis[1] - z_axis[0])


def largest_load(T):
    """Largest load at which m = <tanh((w z + m) / T)> has a solution m > 0."""
    width, m = np.linspace(0.01, 0.9, 200)[:, None], np.ones((200, 1))
    for _ in range(200):
        m = np.tanh((width * z_axis + m) / T) @ gauss[:, None]
    q = np.tanh((width * z_axis + m) / T) ** 2 @ gauss[:, None]
    load = width**2 * (1 - (1 - q) / T) ** 2 / q  # alpha = w^2 / r, r = q / (1 - (1 - q) / T)^2
    return load[(m > 0.05) & (q > 1 - T)].max(initial=0.0)


border = np.linspace(0.02, 0.98, 25)
fig, ax = panels(1, width=6.4, height=4.2)
image = ax.pcolormesh(map_loads, heats, overlap_map.T, cmap="viridis", vmin=0, vmax=1, shading="nearest", rasterized=True)
fig.colorbar(image, ax=ax, label="overlap after 40 sweeps")
ax.plot([largest_load(T) for T in border], border, color="white", linewidth=2.0, linestyle="--",
        label="theory: a retrieval state exists below")  # fmt: skip
ax.legend(loc="upper right", labelcolor="white", frameon=False)
ax.grid(False)
finish(ax, f"Phase diagram of the memory, N = {n}", r"load $\alpha=P/N$", "temperature T", legend=False)

# %% [markdown]
# **Reflect.** At $\alpha_c$ the theory's overlap is still 0.967: the memory is nearly perfect until it is gone. What in
# the plot shows that the measured curves go towards a jump? Beyond it the overlap is not 0: what do you think the
# network remembers there? And what does the right-hand plot say about "associative" near $\alpha_c$? In the phase
# diagram: which is the safer protection against a temperature of 0.5, more neurons or fewer patterns?

# %% [markdown] instructor=true
# Amit, Gutfreund and Sompolinsky (1987): m = erf(m / sqrt(2 alpha r)), r = 1/(1 - C)^2, C = sqrt(2 / (pi alpha r))
# e^(-m^2 / 2 alpha r); with y = m / sqrt(2 alpha r) it is sqrt(2 alpha) = erf(y)/y - 2 e^(-y^2) / sqrt(pi), largest
# at y = 1.51: alpha = 0.1379, m = 0.967. Curves cross and steepen with N. Beyond alpha_c the dynamics ends in
# spin-glass states that keep a remanent overlap, about 0.35 for N -> infinity, because the start was the pattern. The
# basin shrinks: near alpha_c only close starts succeed. Phase diagram: with one pattern s_i xi_i is a Curie-Weiss magnet,
# so T = 1 at alpha = 0; T = 0 at 0.138. At T = 0.5 the border is at alpha = 0.06: only the ratio P/N counts, so that both
# help, and neither does alone if the other grows with it. The blur at the border is finite N and a finite time.

# %% [markdown] question="ising" points=4 minutes=35 difficulty="***"
# ## 6. Metropolis on the Ising model
#
# Spins $s_{rc}=\pm1$ on a square lattice with periodic boundary and energy $E=-\sum_{\langle ij\rangle}s_is_j$,
# **every bond once**: the model of a phase transition, solved by Onsager (1944). Metropolis et al. (1953) draw from
# $e^{-E/T}$ without knowing its normalisation: propose to flip a spin, accept with probability
#
# $$p_i=\min\bigl(1,\;e^{-\Delta E_i/T}\bigr),\qquad \Delta E_i = 2\,s_i\sum_{j\sim i}s_j ,$$
#
# where $j\sim i$ are the four neighbours. (Where does the 2 come from?) On a chessboard a white square has only black
# neighbours, so all white spins may be tried **at the same time**: a sweep tries first all sites with even $r+c$, and
# then, with the *new* neighbours, all sites with odd $r+c$. Site $i$ flips if and only if $u_i<p_i$.
#
# $s$ is `spins`, $T>0$ is `temperature`, $u$ is `uniforms`. Each site has a neighbour above, below, left and right,
# indices modulo the lattice's size; so in a lattice of two rows the same site is both above and below, and its bond
# counts twice.
#
# *About 35 minutes, difficulty \*\*\*, 4 points.*


# %% solution="ising"
def ising_energy(spins: Float[Array, "rows columns"]) -> Float[Array, ""]:
    """Energy of the Ising model with coupling 1 and periodic boundary.

    Args:
        spins: entries +1. and -1., float32; not necessarily square; at least two rows and two columns.

    Returns:
        Minus the sum over the 2 * rows * columns bonds of the product of their spins, a scalar.
        Example: all spins up on 4 x 4: -32.
    """
    ### BEGIN SOLUTION
    bonds = spins * (jnp.roll(spins, 1, axis=0) + jnp.roll(spins, 1, axis=1))
    return -bonds.sum()
    ### END SOLUTION


def flip_probability(spins: Float[Array, "rows columns"], temperature: float) -> Float[Array, "rows columns"]:
    """Metropolis' acceptance probability of flipping each site alone.

    Args:
        spins: entries +1. and -1., float32; not necessarily square; at least two rows and two columns.
        temperature: T, at least 0.05.

    Returns:
        p_i = min(1, exp(-dE_i / T)), one per site. Example: all spins up, T = 4: exp(-8/4) = 0.135335 everywhere.
    """
    ### BEGIN SOLUTION
    around = sum(jnp.roll(spins, shift, axis) for shift in (1, -1) for axis in (0, 1))
    return jnp.minimum(1.0, jnp.exp(-2.0 * spins * around / temperature))
    ### END SOLUTION


def metropolis_sweep(
    spins: Float[Array, "rows columns"], temperature: float, uniforms: Float[Array, "rows columns"]
) -> Float[Array, "rows columns"]:
    """One Metropolis sweep: all sites with even row + column at once, then all with odd.

    Args:
        spins: entries +1. and -1., float32; rows and columns are even.
        temperature: T, at least 0.05.
        uniforms: one uniform number in [0, 1) for each site, float32.

    Returns:
        The new spins; a site flips if and only if its uniform number is below its flip probability at that moment.
        Example: all spins up on 2 x 2, T = 4, uniforms [[0.1, 0.5], [0.2, 0.9]]: [[-1, -1], [-1, 1]]. (First (0, 0) flips,
        0.1 < 0.135, and (1, 1) does not. Then (0, 1) and (1, 0) have dE = 0 and flip, whatever their numbers.)
    """
    ### BEGIN SOLUTION
    row, column = jnp.indices(spins.shape)
    for parity in (0, 1):
        tried = (row + column) % 2 == parity
        spins = jnp.where(tried & (uniforms < flip_probability(spins, temperature)), -spins, spins)
    return spins
    ### END SOLUTION


# %% check="ising"
up = jnp.ones((4, 4))
assert abs(float(ising_energy(up)) + 32.0) < 1e-4, (
    "16 sites have 32 bonds: E = -32. -64: each was counted twice; -24: no periodic boundary"
)
cost = jnp.asarray(flip_probability(up, 4.0))
assert np.shape(cost) == (4, 4), "one probability for each site"
assert abs(float(cost[0, 0]) - 0.135335) < 1e-4, (
    "a flip breaks four bonds, each goes from -1 to +1: dE = 8, e^(-8/4) = 0.135. 0.368: the factor 2 is missing"
)
lone = up.at[1, 2].set(-1.0)
assert float(jnp.asarray(flip_probability(lone, 4.0))[1, 2]) == 1.0, "what lowers the energy is always accepted: p is at most 1"
tiny_sweep = jnp.asarray(metropolis_sweep(jnp.ones((2, 2)), 4.0, jnp.array([[0.1, 0.5], [0.2, 0.9]])))
assert np.allclose(tiny_sweep, [[-1.0, -1.0], [-1.0, 1.0]]), (
    "(0, 0) flips first; then (0, 1) and (1, 0) see one neighbour up, one down: dE = 0 is accepted with certainty. "
    "[[-1, 1], [1, 1]]: the odd sites were tried too early, or not at all, or saw the old neighbours, or a tie was refused; "
    "[[-1, 1], [-1, 1]]: a tie was a matter of chance, or rows took turns in place of the chessboard's colours; "
    "[[1, 1], [1, -1]]: a site flips if its number is below p, not above"
)

# %% [markdown]
# **Predict.** A lattice of $L\times L$ spins, started with all spins up. Draw the magnetisation $|m|$ against the
# temperature for $L=8$ and for $L=32$. Where will the two differ most, and is the *infinite* lattice's curve above or
# below them?


# %% tags=["demo"]
def magnetisations(side, temperatures, sweeps, copies):
    """Mean of |m| and of the energy per site at each temperature, over `copies` runs, and the last spins of one run."""
    spins, each = jnp.ones((copies * len(temperatures), side, side)), np.repeat(temperatures, copies)
    sweep, fast = compiled(lambda s, u: jax.vmap(metropolis_sweep)(s, jnp.asarray(each), u), spins, spins)
    energy = jax.jit(jax.vmap(ising_energy)) if fast else lambda s: np.array([float(ising_energy(one)) for one in s])
    if not fast:  # called lattice by lattice, as often as about ten seconds allow
        by_temperature = lambda s, u: zip(s, each.tolist(), u, strict=True)
        sweep = lambda s, u: np.stack([np.asarray(metropolis_sweep(*case), np.float32) for case in by_temperature(s, u)])
        began = time.perf_counter()
        sweep(spins, 0 * spins)
        sweeps = 10 * int(np.clip(1 / (time.perf_counter() - began), 4, sweeps // 10))
    sizes, energies = [], []
    for t in range(sweeps):
        spins = sweep(spins, jnp.asarray(rng.random(spins.shape), dtype=jnp.float32))
        if t >= sweeps // 4 and t % 5 == 0:
            sizes.append(np.abs(np.asarray(spins).mean(axis=(1, 2))))
            energies.append(np.asarray(energy(spins)) / side**2)
        if (t + 1) % (sweeps // 2) == 0:
            print(f"L = {side}: {t + 1} sweeps at {len(temperatures)} temperatures, {copies} runs each")
    average = lambda values: np.mean(values, axis=0).reshape(-1, copies).mean(axis=1)
    return average(sizes), average(energies), np.asarray(spins)[::copies]


critical = 2 / np.log(1 + np.sqrt(2))
temperatures = np.array([1.2, 1.6, 1.9, 2.1, 2.2, 2.25, 2.3, 2.4, 2.6, 3.0, 3.6])
fig, (left, right) = panels(2)
for color, side, copies in ((COLORS[1], 8, 10), (COLORS[0], 32, 1)):
    size, energy, last = magnetisations(side, temperatures, 2000, copies)
    left.plot(temperatures, size, "o", color=color, label=f"L = {side}")
    right.plot(temperatures, energy, "o", color=color, label=f"L = {side}")
cold = np.linspace(1.1, critical, 2000)
magnet = np.clip(1 - np.sinh(2 / cold) ** -4, 0, None) ** (1 / 8)
theory(left, np.r_[cold, critical, 3.7], np.r_[magnet, 0, 0], r"theory: $(1-\sinh(2/T)^{-4})^{1/8}$")
t_axis = np.linspace(1.1, 3.7, 300)
modulus = 2 * np.sinh(2 / t_axis) / np.cosh(2 / t_axis) ** 2
onsager = -(1 + 2 / np.pi * (2 * np.tanh(2 / t_axis) ** 2 - 1) * scipy.special.ellipk(modulus**2)) / np.tanh(2 / t_axis)
theory(right, t_axis, onsager, "theory: Onsager 1944")
for ax in (left, right):
    ax.axvline(critical, color="0.6", linewidth=1)
finish(left, "Magnetisation", "temperature T", "mean of |m|")
finish(right, "Energy", "temperature T", "energy per site")

# %% tags=["demo"]
fig, axes = panels(3, width=2.6, height=2.8)
for ax, index in zip(axes, (3, 6, 10), strict=True):
    ax.imshow(last[index], cmap="gray_r", vmin=-1, vmax=1)
    ax.set(xticks=[], yticks=[])
    ax.set_title(f"T = {temperatures[index]}", fontsize=10)

# %% [markdown]
# **Reflect.** Above $T_c=2/\ln(1+\sqrt2)$ the theory says $m=0$, and $L=8$ is far from it: what is the mean of $|m|$
# of $L^2$ *independent* spins? The energy depends far less on $L$ than the magnetisation does: which of the two is a
# sum of local things? Where would a network's training loss and a network's memory belong?

# %% [markdown] instructor=true
# |m| of n independent spins is about sqrt(2 / (pi n)): 0.10 at L = 8, 0.025 at L = 32; correlations make it larger near
# T_c. Yang (1952) has the magnetisation, Onsager (1944) the energy. The energy is a local average and has corrections
# that fall as e^(-L / correlation length); m sees the longest length. Near T_c single-spin dynamics slows down as
# L^2.17: 2000 sweeps are not many at L = 32.
