# ---
# jupyter:
#   autograder:
#     points: 30
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
# # Week 4 homework: exact solutions of learning
#
# Training is a dynamical system, and most dynamical systems cannot be solved. A few can, exactly, and they teach more
# than thousands of runs: gradient descent on a quadratic, stochastic gradients in one direction, Nesterov's method as
# a particle with a friction that dies away, and a deep *linear* network, which learns a hierarchy of concepts in
# stages, broad distinctions first, as children do.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 4.1 | Gradient descent in closed form | 5 | 40 | * |
# | 4.2 | Noisy gradients: decay or average | 4 | 40 | ** |
# | 4.3 | Nesterov's method is a Bessel function | 4 | 35 | ** |
# | 4.4 | How a linear network learns a tree | 5 | 50 | *** |
# | 4.5 | What learning conserves | 4 | 35 | ** |
# | 4.6, 4.7 | Two arguments in words | 4 + 4 | 35 + 35 | ** |
#
# **Conventions.** Arguments arrive as single precision JAX arrays and Python numbers. Single precision, in which JAX
# works here, is **not enough everywhere**. The number $1-2\cdot10^{-6}$ is off by $3\cdot10^{-8}$ in float32, which
# seems little; its millionth power is off by 3 %. Use NumPy, or JAX in double precision:
#
# * NumPy: convert the arrays first, with `np.asarray(H, np.float64)`.
# * JAX: write `with jax.enable_x64(True):` inside your function, and convert below it, with `jnp.asarray(H,
#   jnp.float64)`. Do not switch double precision on for the whole notebook.
#
# Where you know that float32 is good enough, plain JAX is as welcome. All functions are called with numbers and
# arrays of numbers, and none is traced: no test puts `jit`, `vmap` or `grad` around them. (Mind the time: a
# `lax.scan` that is called outside of `jit` compiles for every new function and every new length. The plots call your
# functions dozens of times.)
#
# Where no accuracy is named, results are compared with a relative accuracy of $10^{-3}$ of the largest entry, and
# several results each by itself. They may be of any precision. A scalar may be a Python number or an array of shape
# `()`, and a list of numbers is an array. Where an error is asked for, raise `ValueError`.

# %%
from course_lib.checks import open_checks

grader = open_checks("week04/homework")

# %%
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import scipy.integrate
import scipy.special
from jaxtyping import Array, Float

from course_lib.plots import COLORS, finish, panels, theory

# %% [markdown] question="quadratic" points=5 minutes=40 difficulty="*"
# ## 4.1 Gradient descent in closed form
#
# On $L(w)=\frac12w^\top Hw-b^\top w$ gradient descent, $w_{k+1}=w_k-\eta(Hw_k-b)$, needs no loop: in the eigenbasis
# of $H$ the directions are independent, and in each one the iterates are a geometric series. `H` is symmetric with
# eigenvalues $\ge0$. Mind the directions in which the curvature is 0: there the gradient is the constant $-b$, and
# $w$ drifts. A *computed* eigenvalue is rarely exactly 0: rounding leaves some $10^{-16}$ of the largest one, or
# $10^{-8}$ if the entries of $H$ were rounded. Count as 0 what is not above $10^{-6}$ of the largest: for $H=0$ that
# is all.
#
# Two consequences. *Backward error*: in a direction of curvature $\lambda$ (with $b=0$) gradient descent multiplies
# by $1-\eta\lambda$ in each step. For $0<\eta\lambda<1$ this is exactly what a flow $\dot w=-\tilde\lambda w$ does in
# the time $\eta$, with a rate $\tilde\lambda$ that is not $\lambda$. Find it, and expand it in powers of $\eta$; the
# sum of its first $n$ terms is the rate of the modified flow of order $n$ (order 1 is the gradient flow, order 2 the
# modified loss $L+\frac\eta4|\nabla L|^2$ of Barrett and Dherin 2021).
#
# *The best heavy ball* (Polyak 1964): if all curvatures lie in $[\mu,\ell]$, then
#
# $$\eta=\frac4{(\sqrt\ell+\sqrt\mu)^2},\qquad \beta=\Bigl(\frac{\sqrt\ell-\sqrt\mu}{\sqrt\ell+\sqrt\mu}\Bigr)^2$$
#
# make the slowest direction as fast as possible, whereas gradient descent at its best shrinks the slowest one by
# $(\ell-\mu)/(\ell+\mu)$ per step. What is the heavy ball's factor? (A step with $w_{k+1}=w_k-\eta\lambda
# w_k+\beta(w_k-w_{k-1})$ has the characteristic polynomial $z^2-(1+\beta-\eta\lambda)z+\beta$.)
#
# $\lambda$ is `lam`, $\eta$ is `eta`, $k$ is `steps`, $n$ is `order`, $\mu$ and $\ell$ are `low` and `high`. Several
# starts $w_0$ come at once, the rows of `w0`.
#
# *About 40 minutes, difficulty \*.*


# %% solution="quadratic"
def gd_iterate(
    H: Float[Array, "d d"], b: Float[Array, " d"], w0: Float[Array, "n d"], eta: float, steps: int
) -> Float[Array, "n d"]:
    """The iterates of gradient descent on w^T H w / 2 - b^T w after many steps, from several starts, without the steps.

    Args:
        H: symmetric, eigenvalues >= 0. Some or all may be 0; the others are above 1e-5 of the largest. If H has been rounded
            to float32 and an eigenvalue is 0 only up to this rounding, steps <= 1000.
        b: any vector; it may have components where H has none.
        w0: the starts, one per row.
        eta: learning rate, > 0; stable or not.
        steps: k, from 0 to a million; |1 - eta lambda|^k is at most 1e6 for every eigenvalue lambda.

    Returns:
        w_k for each start, one per row, shape (n, d).
        Example: H = diag(1, 0), b [1., 1.], w0 [[0., 0.]], eta 0.5: after 1 step [[0.5, 0.5]], after 2 [[0.75, 1.]], after
        100 [[1., 50.]].
    """
    ### BEGIN SOLUTION
    curvature, V = np.linalg.eigh(np.asarray(H, np.float64))
    curvature = np.where(curvature > 1e-6 * curvature[-1], curvature, 0.0)
    decay = (1 - eta * curvature) ** steps
    gain = np.divide(1 - decay, curvature, out=np.full(len(curvature), eta * steps), where=curvature > 0)
    modes = lambda v: np.einsum("ia,...i->...a", V, np.asarray(v, np.float64))
    return np.einsum("ia,na->ni", V, decay * modes(w0) + gain * modes(b))
    ### END SOLUTION


def backward_rate(lam: float, eta: float, order: int | None) -> float:
    """Rate of the flow that gradient descent follows on lam w^2 / 2.

    Args:
        lam: curvature, > 0.
        eta: learning rate, > 0.
        order: number of terms of the expansion in powers of eta (1 to 50), for eta * lam up to 2; or None for the exact rate,
            for eta * lam from 1e-6.

    Returns:
        The rate, one scalar.
        Example: lam 2, eta 0.25: order 1: 2, order 2: 2.5, None: 2.772589.

    Raises:
        ValueError: order is None and eta * lam >= 1: no flow does that. (If eta * lam lies within 1e-6 of 1, it is 1 exactly,
            also as Python computes it.)
    """
    ### BEGIN SOLUTION
    x = eta * lam
    if order is not None:
        powers = np.arange(1, order + 1)
        return np.sum(x**powers / powers) / eta
    if x >= 1:
        raise ValueError("eta * lam is 1 or more: gradient descent jumps over the minimum; take a smaller eta")
    return -np.log1p(-x) / eta
    ### END SOLUTION


def best_heavy_ball(low: float, high: float) -> tuple[float, float, float]:
    """Polyak's parameters for curvatures between `low` and `high`, and what they achieve.

    Args:
        low, high: smallest and largest curvature, 0 < low <= high <= 1e5 low.

    Returns:
        (eta, beta, factor), three scalars. In the long run each step multiplies an error by `factor`, the largest modulus of
        the eigenvalues over all curvatures between low and high. eta accurate to 1e-3 of itself, beta and factor to 1e-4
        (absolute).
        Example: low 1, high 9: (0.25, 0.25, 0.5); gradient descent at its best: 0.8.
    """
    ### BEGIN SOLUTION
    slow, fast = np.sqrt(low), np.sqrt(high)
    factor = (fast - slow) / (fast + slow)
    return 4 / (fast + slow) ** 2, factor**2, factor
    ### END SOLUTION


# %% check="quadratic"
_H, _b, _zero = jnp.array([[1.0, 0.0], [0.0, 0.0]]), jnp.ones(2), jnp.zeros((1, 2))
assert np.shape(gd_iterate(_H, _b, jnp.zeros((3, 2)), 0.5, 1)) == (3, 2), "three starts in two dimensions: shape (3, 2)"
assert np.allclose(gd_iterate(_H, _b, _zero, 0.5, 2), [[0.75, 1.0]], atol=1e-3), (
    "two steps: [0.75, 1]. A NaN: in the flat direction the geometric series has no closed form, it is eta * b * steps; "
    "[-0.75, -1]: the gradient is H w - b"
)
assert np.allclose(gd_iterate(_H, _b, _zero, 0.5, 0), [[0.0, 0.0]], atol=1e-6), "no steps: the start"
_turned = gd_iterate(jnp.array([[2.0, 1.0], [1.0, 1.0]]), jnp.zeros(2), jnp.array([[1.0, 0.0]]), 0.5, 2)
assert np.allclose(_turned, [[0.25, -0.25]], atol=1e-3), (
    "I - H/2 = [[0, -1/2], [-1/2, 1/2]] twice on (1, 0): [0.25, -0.25]. [0, 0.25]: the entries of the matrix were squared singly"
)
_flat = jnp.outer(jnp.array([2.0, 1.0, 2.0]), jnp.array([2.0, 1.0, 2.0])) / 8  # no curvature along (1, 2, -2)
_drift = gd_iterate(_flat, jnp.array([1.0, 2.0, -2.0]), jnp.zeros((1, 3)), 0.5, 1000)
assert np.allclose(_drift, [[500, 1000, -1000]], rtol=1e-3), (
    "no curvature along b: eta * b * steps. An eigenvalue that is 0 is computed as 1e-16 or so: did you compare it with 0?"
)
_still = gd_iterate(jnp.zeros((2, 2)), jnp.array([1.0, -2.0]), jnp.ones((1, 2)), 0.5, 3)
assert np.allclose(_still, [[2.5, -2.0]], atol=1e-3), (
    "H = 0: every direction is flat, w0 + 3 eta b. The largest eigenvalue is 0, too"
)
_slow = gd_iterate(jnp.array([[1.0, 0.0], [0.0, 2e-5]]), jnp.zeros(2), jnp.array([[0.0, 1.0]]), 0.1, 1_000_000)
assert np.allclose(_slow, [[0.0, 0.135335]], atol=1e-4), (
    "(1 - 2e-6)^1 000 000 = e^-2 = 0.1353. 0.1318: 1 - 2e-6 was rounded to float32; convert the arguments to float64 first"
)
assert abs(float(backward_rate(2.0, 0.25, 1)) - 2.0) < 1e-4, "the first term is the gradient flow: lam"
assert abs(float(backward_rate(2.0, 0.25, 2)) - 2.5) < 1e-4, "lam + eta lam^2 / 2 = 2.5. 3: the half is missing; 1.5: the sign"
assert abs(float(backward_rate(2.0, 0.25, 3)) - 2.666667) < 1e-3, (
    "the third term is eta^2 lam^3 / 3, here 1/6. 2.583: the denominators are no factorials; 2.75: nor powers of 2; 3: nor all 2"
)
assert abs(float(backward_rate(2.0, 0.75, 2)) - 3.5) < 1e-3, "a sum of finitely many terms exists for every eta: 2 + 1.5"
assert abs(float(backward_rate(2.0, 0.25, None)) - 2.772589) < 1e-3, "e^(-eta rate) = 1 - eta lam, so rate = 4 log 2"
assert abs(float(backward_rate(1.0, 2e-6, None)) - 1) < 1e-3, (
    "a tiny eta: the rate is the curvature, 1. 1.013: the logarithm of 1 - 2e-6 was taken in float32"
)
for _eta in (0.75, 0.5):
    try:
        backward_rate(2.0, _eta, None)
    except ValueError:
        pass
    else:
        raise AssertionError(f"eta * lam = {2 * _eta:g}: say with a ValueError that there is no such flow")
assert np.allclose([float(v) for v in best_heavy_ball(1.0, 9.0)], [0.25, 0.25, 0.5], atol=1e-4), (
    "(0.25, 0.25, 0.5). A factor of 0.25: that is beta; the modulus of a complex pair is the root of the determinant"
)

# %% [markdown] predict="quadratic"
# **Predict.** The condition number is $\kappa=\ell/\mu=10^4$. How many steps do gradient descent and the heavy ball,
# both at their best, need for one more digit? And on a problem with $\kappa=10^4$, does the order-2 flow describe the
# stiff direction at the best $\eta$ of gradient descent?

# %% [markdown] answer="quadratic"
# Gradient descent: $\ln10\cdot\kappa/2=11\,500$ steps; the heavy ball: $\ln10\cdot\sqrt\kappa/2=115$. At the best
# $\eta=2/(\mu+\ell)$ the stiff direction has $\eta\lambda\approx2$, far beyond 1: no flow of any order describes it.

# %% tags=["demo"]
rng = np.random.default_rng(4)
fig, (left, right) = panels(2, width=5.0, height=3.8)
x_axis = np.linspace(0.01, 0.985, 120)
for color, order in zip(COLORS, (1, 2, 4, 16), strict=False):
    left.plot(x_axis, [float(backward_rate(float(x), 1.0, order)) / x for x in x_axis], color=color, label=f"order {order}")
theory(left, x_axis, [float(backward_rate(float(x), 1.0, None)) / x for x in x_axis], "theory: your exact rate")
conditions = np.geomspace(2, 1e5, 30)
heavy = np.array([[float(v) for v in best_heavy_ball(1.0, float(k))] for k in conditions])
slowest = []  # the largest modulus, over curvatures from low to high, with your eta and beta
for kappa, (eta, beta, _) in zip(conditions, heavy, strict=True):
    slowest.append(max(np.abs(np.roots([1, -(1 + beta - eta * lam), beta])).max() for lam in np.geomspace(1, kappa, 20)))
right.plot(conditions, np.log(10) / -np.log(slowest), "o", markersize=4, color=COLORS[0], label="heavy ball")
right.plot(conditions, np.log(10) / -np.log((conditions - 1) / (conditions + 1)), "s", markersize=4, color=COLORS[1],
           label="gradient descent")  # fmt: skip
theory(right, conditions, np.log(10) / -np.log(heavy[:, 2]), "theory: your factor")
finish(left, "The flow that gradient descent follows", r"$\eta\lambda$", "rate / $\\lambda$", ylim=(0.9, 4.5))
finish(right, "Steps per digit, both at their best", r"condition number $\kappa$", "steps", xscale="log", yscale="log")

# %% [markdown] reflect="quadratic"
# **Reflect.** Up to which $\eta\lambda$ is the order-2 rate within 10 % of the exact one? A network at the edge of
# stability has $\eta\lambda=2$ in its sharpest direction: what does the left plot say about explaining its training
# by a flow?

# %% [markdown] answer="quadratic"
# Up to about 0.5. At 2 there is no rate at all, the exact one diverges at 1: no flow passes through the iterates in the
# sharpest direction, and the edge needs a theory of its own (Damian, Nichani and Lee 2023). Their time average does
# follow a flow (Cohen, Damian, Talwalkar, Kolter and Lee 2025).

# %% [markdown] question="noisy" points=4 minutes=40 difficulty="**"
# ## 4.2 Noisy gradients: decay or average
#
# In one direction of curvature $\lambda$, stochastic gradient descent does
#
# $$w_{k+1}=w_k-\eta_k(\lambda w_k+\sigma\xi_k),\qquad k=0,\dots,n-1,$$
#
# with independent $\xi_k$ of mean 0 and variance 1, from a fixed $w_0$. A constant $\eta$ forgets the start
# exponentially fast, and then jitters forever. There are two cures: let $\eta_k$ decay (Robbins and Monro 1951), or
# keep it and *average* the iterates (Polyak and Juditsky 1992). Which is better can be computed exactly, for any
# schedule: you want
#
# $$\mathbb E\,w_n^2\qquad\text{and}\qquad\mathbb E\,\bar w_n^2,\quad \bar w_n=\frac1n\sum_{k=1}^nw_k .$$
#
# No simulation is needed. The first follows from the mean and the variance of $w_k$. For the second, note that $(w_k,
# S_k)$ with $S_k=w_1+\dots+w_k$ is a linear recursion in two variables: follow its mean and its $2\times2$
# covariance. (Mind: $S_{k+1}$ contains the new $w_{k+1}$ and its noise.) Keep the mean and the covariance apart until
# the end; raw second moments lose digits where there is little noise.
#
# Each of the two numbers is compared with itself, to $10^{-3}$; one below $10^{-6}$ only has to come out below
# $2\cdot10^{-6}$. Without noise, $\sigma=0$, no test has an $\eta_k\lambda$ above 1.9.
#
# $\lambda$ is `lam`, $\sigma$ is `sigma`, the $\eta_k$ are `etas`.
#
# *About 40 minutes, difficulty \*\*.*


# %% solution="noisy"
def sgd_mean_squares(lam: float, sigma: float, etas: Float[Array, " n"], w0: float) -> tuple[float, float]:
    """Exact mean square of the last iterate of SGD and of the average of the iterates, in one direction.

    Args:
        lam: curvature, > 0.
        sigma: standard deviation of the gradient's noise, >= 0.
        etas: learning rates eta_0, ..., eta_{n-1} with 0 < eta_k lam < 2, n from 1 to 5000.
        w0: the start, a fixed number. It does not belong to the average, which is of w_1, ..., w_n.

    Returns:
        (E w_n^2, E (mean of w_1..w_n)^2), two scalars.
        Example: lam 1, sigma 2, etas [0.5], w0 4: w_1 = 2 - xi, so (5, 5). With etas [0.5, 0.5]: (2.25, 3.0625).
    """
    ### BEGIN SOLUTION
    mean, mean_sum = w0, 0.0
    var, cov, var_sum = 0.0, 0.0, 0.0
    for eta in np.asarray(etas, np.float64):
        keep, kick = 1 - eta * lam, (eta * sigma) ** 2
        mean = keep * mean
        mean_sum = mean_sum + mean
        # S' = S + keep w + noise, w' = keep w + noise, with the same noise
        var_sum = var_sum + 2 * keep * cov + keep**2 * var + kick
        cov = keep * cov + keep**2 * var + kick
        var = keep**2 * var + kick
    return mean**2 + var, (mean_sum**2 + var_sum) / len(etas) ** 2
    ### END SOLUTION


# %% check="noisy"
_one = [float(v) for v in sgd_mean_squares(1.0, 2.0, jnp.array([0.5]), 4.0)]
assert np.allclose(_one, [5.0, 5.0], atol=1e-3), "w_1 = 2 - xi: mean 2, variance 1, so 5 = 4 + 1. (1, 1): the mean was forgotten"
_two = [float(v) for v in sgd_mean_squares(1.0, 2.0, jnp.array([0.5, 0.5]), 4.0)]
assert abs(_two[0] - 2.25) < 1e-3, "w_2 = 1 - xi_0 / 2 - xi_1: 1 + 1/4 + 1"
assert abs(_two[1] - 3.0625) < 1e-3, (
    "(w_1 + w_2)/2 = 1.5 - 0.75 xi_0 - 0.5 xi_1: 2.25 + 0.5625 + 0.25 = 3.0625. 2.8125: w_1 and w_2 share xi_0, they are not "
    "independent; 5.806: w_0 is in your average"
)
_three = [float(v) for v in sgd_mean_squares(2.0, 2.0, jnp.array([0.25, 0.75, 0.125]), 4.0)]
assert np.allclose(_three, [1.925781, 0.779948], rtol=1e-3), (
    "lam = 2, three rates: w_1 = 2 - 0.5 xi_0, w_2 = -w_1/2 - 1.5 xi_1, w_3 = 0.75 w_2 - 0.25 xi_2. (1.379, 0.653): the rates "
    "are used in reverse order; (2.228, 3.103): lam is missing"
)

# %% [markdown] predict="noisy"
# **Predict.** $\lambda=1$, $\sigma=1$, $w_0=3$. Four strategies: constant $\eta=0.2$, its average,
# $\eta_k=\frac1{\lambda(k+1)}$, and $\eta_k=\frac{1}{4\lambda(k+1)}$ (a guess of $\lambda$ that is four times too
# large). How does each error fall with $n$?

# %% [markdown] answer="noisy"
# Constant: to a floor of $\eta\sigma^2/\lambda(2-\eta\lambda)=0.11$. Averaged: like $\sigma^2/\lambda^2n$, as good as
# anything can be. With $1/\lambda(k+1)$: exactly $\sigma^2/\lambda^2n$, from the first step. With the wrong factor:
# like $n^{-1/2}$, because the start is forgotten like $n^{-1/4}$ only.

# %% tags=["demo"]
counts = np.unique(np.geomspace(1, 3000, 14).astype(int))
longest = np.arange(counts[-1])
schedules = [
    (np.full(len(longest), 0.2), {0: r"constant $\eta=0.2$", 1: "its average"}),
    (1 / (longest + 1), {0: r"$\eta_k=1/\lambda(k+1)$"}),
    (0.25 / (longest + 1), {0: r"$\eta_k=1/4\lambda(k+1)$"}),
]
fig, ax = panels(1, width=6.4, height=4.0)
palette = iter(COLORS)
for etas, curves in schedules:
    exact = np.array([[float(v) for v in sgd_mean_squares(1.0, 1.0, jnp.asarray(etas[:n]), 3.0)] for n in counts])
    w, total, simulated = np.full(4000, 3.0), np.zeros(4000), []
    for k in longest:
        w = w - etas[k] * (w + rng.normal(size=4000))
        total += w
        if k + 1 in counts:
            simulated.append([np.mean(w**2), np.mean((total / (k + 1)) ** 2)])
    for which, name in curves.items():
        color = next(palette)
        ax.plot(counts, exact[:, which], color=color, label=name)
        ax.plot(counts, np.array(simulated)[:, which], "o", markersize=3.5, color=color)
theory(ax, counts, 1 / counts, r"theory: $\sigma^2/\lambda^2n$ and floor $\eta\sigma^2/\lambda(2-\eta\lambda)$")
theory(ax, [20, 3000], [0.2 / 1.8] * 2)
finish(ax, "Mean square error (lines: yours, dots: 4000 runs)", "steps n", r"$\mathbb{E}\,w^2$",
       xscale="log", yscale="log", ylim=(2e-4, 60))  # fmt: skip
ax.legend(frameon=False, ncols=2, loc="upper right", fontsize=8)

# %% [markdown] reflect="noisy"
# **Reflect.** A real problem has many curvatures, and one $\eta$ for all. Which of the two cures would you trust, and
# what would you do about the average's slow start? (Every deep learning library offers an answer under the name of
# EMA or SWA.)

# %% [markdown] answer="noisy"
# Averaging: it reaches $\sigma^2/\lambda^2n$ in every direction without knowing any $\lambda$, while a decaying rate
# is right for one. Its weakness is the start, which it forgets like $1/n^2$ only, in the mean square: begin to
# average later, or let old iterates fade.

# %% [markdown] question="ode" points=4 minutes=35 difficulty="**"
# ## 4.3 Nesterov's method is a Bessel function
#
# For a convex loss Nesterov's momentum grows with the step number (1983),
#
# $$x_k=y_{k-1}-s\,\nabla L(y_{k-1}),\qquad y_k=x_k+\frac{k-1}{k+r-1}\,(x_k-x_{k-1}),\qquad k=1,2,\dots,\quad x_0=y_0,$$
#
# with $r=3$ in the original. It took 30 years until somebody saw what it is. With $x_k\approx X(t)$ at $t=k\sqrt s$,
# small steps $s$ give (Su, Boyd and Candès 2016, sections 2 and 4)
#
# $$\ddot X+\frac rt\,\dot X+\nabla L(X)=0,\qquad X(0)=x_0,\quad \dot X(0)=0:$$
#
# a particle with a friction that dies away. On $L=\frac\lambda2x^2$ with $x_0=1$ it can be solved: put
# $X(t)=z^{-\nu}u(z)$ with $z=\sqrt\lambda\,t$, choose $\nu$ so that $u$ obeys Bessel's equation
# $z^2u''+zu'+(z^2-\nu^2)u=0$, and fix the constant by $X(0)=1$. For $r=3$ the solution is $2J_1(z)/z$; you are asked
# for every $r\ge1$.
#
# $\lambda$ is `lam`, $s$ is `s`, $r$ is `r`, $t$ is `t`. Useful: `scipy.special.jv`, `scipy.special.gamma`.
#
# *About 35 minutes, difficulty \*\*.*


# %% solution="ode"
def nesterov_iterates(lam: float, s: float, steps: int, r: float) -> Float[Array, " steps+1"]:
    """Nesterov's iterates on lam x^2 / 2, from 1.

    Args:
        lam: curvature, > 0.
        s: step size, > 0; s * lam from 1e-5 to 1.25 (stable).
        steps: how many, 0 to 20 000.
        r: friction, >= 1 (3 is Nesterov's).

    Returns:
        x_0, x_1, ..., x_steps (not the y's), shape (steps + 1,), accurate to 1e-4 (absolute).
        Example: lam 1, s 0.5, steps 3, r 3: [1., 0.5, 0.25, 0.09375].
    """
    ### BEGIN SOLUTION
    path, y = [1.0], 1.0
    for k in range(1, steps + 1):
        path.append(y - s * lam * y)
        y = path[k] + (k - 1) / (k + r - 1) * (path[k] - path[k - 1])
    return np.array(path)
    ### END SOLUTION


def friction_flow(lam: float, r: float, t: Float[Array, " n"]) -> Float[Array, " n"]:
    """Solution of X'' + (r/t) X' + lam X = 0 with X(0) = 1, X'(0) = 0.

    Args:
        lam: curvature, > 0.
        r: friction, 1 <= r <= 10, not necessarily a whole number.
        t: times >= 0, also 0, in any order; sqrt(lam) t <= 100.

    Returns:
        X(t), shape (n,), accurate to 1e-4 (absolute).
        Example: lam 4, r 3, t [0., 0.5]: [1., 0.880101].
    """
    ### BEGIN SOLUTION
    nu = (r - 1) / 2
    z = np.maximum(np.sqrt(lam) * np.asarray(t, np.float64), 1e-6)  # at z = 1e-6 the solution is 1 to twelve digits
    return scipy.special.gamma(nu + 1) * (2 / z) ** nu * scipy.special.jv(nu, z)
    ### END SOLUTION


# %% check="ode"
_path = np.asarray(nesterov_iterates(1.0, 0.5, 3, 3.0))
assert _path.shape == (4,), "steps + 1 iterates: x_0 belongs to them"
assert np.allclose(_path, [1.0, 0.5, 0.25, 0.09375], atol=1e-3), (
    "the momentum of k = 1 is 0, that of k = 2 is 1/4: y_2 = 0.25 - 0.25 / 4 = 0.1875, x_3 = y_2 / 2. 0.125: no momentum"
)
_flow = np.asarray(friction_flow(4.0, 3.0, jnp.array([0.0, 0.5])))
assert np.allclose(_flow, [1.0, 0.880101], atol=1e-3), "2 J_1(1) / 1 = 0.8801, and 1 at t = 0. A NaN there: 0/0 has a limit"
assert np.allclose(friction_flow(1.0, 1.0, jnp.array([1.0])), [0.765198], atol=1e-3), "r = 1: J_0(z). Which nu belongs to r?"
assert np.shape(nesterov_iterates(1.0, 0.5, 0, 3.0)) == (1,), "no steps: [1.]"
assert np.allclose(nesterov_iterates(2.0, 0.25, 4, 5.0), [1, 0.5, 0.25, 0.104167, 0.03125], atol=1e-3), (
    "r = 5: the momenta are 0, 1/6, 2/7. [..., 0.09375, 0.015625]: you took r = 3"
)
_long = np.asarray(nesterov_iterates(2.0, 5e-5, 2000, 2.0))[[500, 1000, 2000]]
assert np.allclose(_long, [-0.187035, -0.051759, 0.041307], atol=1e-3), (
    "r = 2, s = 5e-5, steps 500, 1000, 2000: close to sin(z)/z at z = 5, 10, 20. [-0.128, 0.008, 0.006]: you took r = 3"
)
assert np.allclose(friction_flow(1.0, 2.0, jnp.array([1.570796])), [0.636620], atol=1e-3), "r = 2: sin(z)/z. nu need not be whole"
assert np.allclose(friction_flow(1.0, 10.0, jnp.array([2.0, 1e-10])), [0.831564, 1.0], atol=1e-3), (
    "r = 10, t not sorted: 1 at t = 1e-10, where z^-nu is large and J_nu(z) small"
)
assert np.allclose(friction_flow(4.0, 1.0, jnp.array([50.0])), [0.019986], atol=1e-3), (
    "J_0(100) = 0.019986; power series and large steps lose their digits on the way"
)

# %% [markdown] predict="ode"
# **Predict.** The amplitude of $J_\nu(z)$ falls like $z^{-1/2}$. How does the loss $\frac\lambda2X^2$ fall with $t$
# for $r=1,3,5$? Su, Boyd and Candès show that for *all* convex losses $r=3$ is the smallest friction with
# $L=O(t^{-2})$. Is a quadratic the worst case?

# %% [markdown] answer="ode"
# $X\sim z^{-\nu-1/2}=z^{-r/2}$, so that the loss falls like $t^{-r}$: $t^{-1}$, $t^{-3}$, $t^{-5}$. For $r=3$ a
# single quadratic is faster than the $t^{-2}$ that is guaranteed: the worst case is a mixture of many curvatures,
# down to 0.

# %% tags=["demo"]
t_axis = np.linspace(0, 30, 600)
fig, (left, right) = panels(2, width=5.2, height=3.8)
for color, s in zip(COLORS, (0.05, 0.005), strict=False):
    path = np.asarray(nesterov_iterates(1.0, s, int(30 / np.sqrt(s)), 3.0))
    left.plot(np.sqrt(s) * np.arange(len(path)), path, "o", markersize=3, color=color, label=f"iterates, s = {s}")
theory(left, t_axis, friction_flow(1.0, 3.0, jnp.asarray(t_axis)), r"theory: $2J_1(t)/t$")
t_log = np.geomspace(0.3, 100, 800)
for color, r in zip(COLORS, (1.0, 3.0, 5.0), strict=False):
    path = np.asarray(nesterov_iterates(1.0, 1e-3, int(100 / np.sqrt(1e-3)), r))
    right.plot(np.sqrt(1e-3) * np.arange(10, len(path)), path[10:] ** 2, color=color, linewidth=0.9, label=f"iterates, r = {r:g}")
    t_late = np.linspace(60, 90, 1000)  # several oscillations of your solution, which touches its envelope
    amplitude = np.max(np.asarray(friction_flow(1.0, r, jnp.asarray(t_late))) ** 2 * t_late**r)
    theory(right, t_log[250:], amplitude * t_log[250:] ** -r, r"theory: envelope $\propto t^{-r}$" if r == 5 else None)
finish(left, "Nesterov's iterates on the Bessel function", r"$t=k\sqrt{s}$", "x")
finish(right, "Friction r/t, s = 0.001", r"$t=k\sqrt{s}$", r"$x^2$", xscale="log", yscale="log", ylim=(1e-12, 30))

# %% [markdown] reflect="ode"
# **Reflect.** In the right plot all three curves fall *below* their envelopes late, and by the same factor whatever
# $r$. Which factor is it at $t=100$? What does a finite step $s$ add to the friction? (Take a constant momentum
# $\beta\to1$: what is then the modulus of Nesterov's two complex eigenvalues?)

# %% [markdown] answer="ode"
# The modulus is $\sqrt{\beta(1-s\lambda)}$. As $\beta\to1$ it tends to $\sqrt{1-s\lambda}<1$, for every $r$: a finite
# step adds a friction that does not die away. In $k=t/\sqrt s$ steps the amplitude falls by a further
# $e^{-ks\lambda/2}=e^{-\sqrt s\lambda t/2}$, and its square by $e^{-\sqrt s\lambda t}$: at $t=100$ by
# $e^{-3.2}=0.04$. The limit $s\to0$ does not see it.

# %% [markdown] question="saxe" points=5 minutes=50 difficulty="***"
# ## 4.4 How a linear network learns a tree
#
# A canary can sing, fly, move and grow; a rose has petals and roots, and grows. Children learn what separates animals
# from plants before they learn what separates birds from fish. A *linear* network with a hidden layer does the same,
# and one can say why (Saxe, McClelland and Ganguli 2014, 2019).
#
# Items are one-hot vectors; column $i$ of $Y$ (`Y`) lists the properties of item $i$. The network's answer to all
# items is the matrix $W_2W_1$, and gradient flow on $\frac12\|Y-W_2W_1\|_F^2$ reads $\dot W_1=W_2^\top(Y-W_2W_1)$,
# $\dot W_2=(Y-W_2W_1)W_1^\top$. Let $Y=\sum_\alpha s_\alpha u_\alpha v_\alpha^\top$ be its singular value
# decomposition. From a small start that is *balanced* and aligned with it, every mode evolves alone:
# $W_2W_1=\sum_\alpha a_\alpha(t)\,u_\alpha v_\alpha^\top$ with
#
# $$\dot a=2a\,(s-a),\qquad a(0)=a_0,\qquad\text{and with $N$ layers in place of 2:}\quad \dot a=N\,a^{2-2/N}(s-a).$$
#
# Solve the first (it is the logistic equation), also for $s=0$, a mode that is to be forgotten. From the second you
# are asked for the *time* that it takes from $a_0$ to a strength $a$.
#
# $s$ is `s`, $a_0$ is `a0`, $t$ is `t`, $a$ is `a`, $N$ is `depth`.
#
# *About 50 minutes, difficulty \*\*\*.*


# %% solution="saxe"
def mode_strength(s: Float[Array, " modes"], a0: float, t: float) -> Float[Array, " modes"]:
    """Strength of each mode of a balanced two-layer linear network after the time t of gradient flow.

    Args:
        s: singular values of the task, each 0 or at least 1e-3, in any order.
        a0: strength of every mode at the start, from 1e-6 to 10; it may lie above s.
        t: time, >= 0; s * t may be as large as 10 000.

    Returns:
        a(t) of da/dt = 2 a (s - a), shape (modes,), each accurate to 1e-3 of itself.
        Example: s [2., 0.], a0 0.5, t 1: [1.89583, 0.25].
    """
    ### BEGIN SOLUTION
    s = np.asarray(s, np.float64)
    fade = np.exp(-2 * s * t)
    # (1 - e^{-2st}) / s, which tends to 2t: nothing is divided by 0, and nothing overflows.
    grown = 2 * t * scipy.special.exprel(-2 * s * t)
    return a0 / (fade + a0 * grown)
    ### END SOLUTION


def learned_map(Y: Float[Array, "properties items"], a0: float, t: float) -> Float[Array, "properties items"]:
    """The matrix W_2 W_1 that the network has learned at time t.

    Args:
        Y: what is to be learned, not 0, of any shape and rank.
        a0: strength of all modes at the start, from 1e-6 to 1: all min(properties, items) of them, u and v from the SVD of Y.
            Singular values below 1e-6 of the largest count as 0. The vectors u, v of these are not unique, and every choice
            is right: only where Y has such values, 2 a0 is added to the tolerance of 1e-3 of the largest entry.
        t: time, >= 0.

    Returns:
        sum over modes of a(t) u v^T, in the shape of Y.
        Example: Y [[0., 2.]], a0 0.5, t 1: [[0., 1.89583]].
    """
    ### BEGIN SOLUTION
    U, s, V = np.linalg.svd(np.asarray(Y, np.float64), full_matrices=False)
    return U * mode_strength(s, a0, t) @ V
    ### END SOLUTION


def learning_time(s: float, a0: float, a: float, depth: int) -> float:
    """Time that a mode needs from a0 to a in a balanced linear network of `depth` layers.

    Args:
        s: singular value of the task, > 0.
        a0, a: strengths with 1e-6 s <= a0 < a <= 0.999 s.
        depth: N, number of weight matrices, 2 to 10.

    Returns:
        The time, one scalar.
        Example: s 2, a0 0.01, a 1, depth 2: 1.323326; depth 4: 2.393285.
    """
    ### BEGIN SOLUTION
    # In y = log a the integrand is smooth over six decades.
    slowness = lambda y: np.exp(-(1 - 2 / depth) * y) / (depth * (s - np.exp(y)))
    return scipy.integrate.quad(slowness, np.log(a0), np.log(a))[0]
    ### END SOLUTION


# %% check="saxe"
_a = np.asarray(mode_strength(jnp.array([2.0, 0.0]), 0.5, 1.0))
assert abs(_a[0] - 1.89583) < 1e-3, "the logistic curve has reached 1.896 of 2. 1.42: e^(-s t), a factor 2 is missing"
assert abs(_a[1] - 0.25) < 1e-3, "s = 0: da/dt = -2 a^2, which falls from 0.5 to 0.25. NaN: 0/0 has a limit"
assert np.allclose(mode_strength(jnp.array([100.0]), 0.5, 100.0), [100.0], rtol=1e-3), (
    "s t = 10 000: e^(2 s t) overflows, e^(-2 s t) does not"
)
assert np.allclose(learned_map(jnp.array([[0.0, 2.0]]), 0.5, 1.0), [[0.0, 1.89583]], atol=1e-3), "one mode: u = 1, v = (0, 1)"
assert np.allclose(mode_strength(jnp.array([0.5]), 2.0, 1.0), [0.690522], atol=1e-3), "from above s: it falls, from 2 towards 0.5"
_two = jnp.array([[1.6, 1.2, 0.0], [-0.6, 0.8, 0.0]])  # modes 2 and 1
_learned = np.array([[0.821631, 0.616223, 0.0], [-0.28522, 0.380294, 0.0]])
for _name, _pick in (("2 x 3", lambda m: m), ("3 x 2", lambda m: m.T), ("2 x 2", lambda m: m[:, :2])):
    _got = learned_map(_pick(_two), 0.25, 0.5)
    assert np.shape(_got) == _pick(_learned).shape, f"Y is {_name}, and so is what is learned"
    assert np.allclose(_got, _pick(_learned), atol=1e-3), (
        f"Y is {_name}, with modes of strength 2 and 1. NumPy's SVD returns v as rows, V^T, and wants full_matrices=False"
    )
_rank_one = learned_map(jnp.array([[1.0, 3.0], [2.0, 6.0]]), 0.5, 1.0)
assert np.all(np.isfinite(_rank_one)) and np.allclose(_rank_one, [[1, 3], [2, 6]], atol=1.0), (
    "the second singular value is 0, computed as 1e-16 or so: what is below 1e-6 of the largest counts as 0"
)
assert abs(float(learning_time(2.0, 0.01, 1.0, 2)) - 1.323326) < 1e-3, "two layers, half of s: log(s/a0 - 1) / (2 s) = 1.3233"
for _depth, _time in ((3, 1.977559), (4, 2.393285), (5, 2.606103)):
    assert abs(float(learning_time(2.0, 0.01, 1.0, _depth)) - _time) < 2e-3, (
        f"{_depth} layers: {_time}. Both the factor N in front and the exponent 2 - 2/N depend on the depth"
    )
assert abs(float(learning_time(1.0, 1e-6, 0.9, 4)) - 500.3817) < 0.3, (
    "nearly all of the 500 is spent close to a0 = 1e-6, a needle that a quadrature over a misses (it may say 0.36): "
    "where is the integrand smooth?"
)

# %% [markdown]
# Eight living things and their properties. Each row of the table is a property, each column an item.

# %%
items = ["robin", "canary", "salmon", "sunfish", "oak", "pine", "rose", "daisy"]
kinds = {
    "grows": range(8), "moves": range(4), "has roots": range(4, 8), "flies": (0, 1), "swims": (2, 3), "has bark": (4, 5),
    "has petals": (6, 7), "is red": (0,), "sings": (1,), "is pink": (2,), "is round": (3,), "has acorns": (4,),
    "has needles": (5,), "has thorns": (6,), "is white": (7,),
}  # fmt: skip
living = np.array([[float(i in which) for i in range(8)] for which in kinds.values()])

# %% [markdown] predict="saxe"
# **Predict.** The singular values of this table are $\sqrt{15}$ (all alike), $\sqrt7$ (animals or plants), $\sqrt3$
# twice (birds or fish, trees or flowers), and 1 four times (single species). From $a_0=0.001$, at about which times
# is each distinction learned? On the way there the network will believe, for a while, that a canary can swim. When?

# %% [markdown] answer="saxe"
# Half of a mode is learned at $\ln(s/a_0-1)/2s$: 1.07, 1.49, 2.15 and 3.45. From 1.4, when it tells animals from
# plants, until 2.0, when it does not yet tell birds from fish, it answers "swims" with more than 0.3.


# %% tags=["demo"]
def train_linear_network(Y, a0, hidden, times, seed):
    """Gradient flow of W_2 W_1 by small steps, from a random small start; W_2 W_1 at the times."""
    generator = np.random.default_rng(seed)
    W1 = generator.normal(size=(hidden, Y.shape[1])) * np.sqrt(2 * a0 / hidden)  # half of it is in the mode that grows
    W2 = generator.normal(size=(Y.shape[0], hidden)) * np.sqrt(2 * a0 / hidden)
    found, now, step = [], 0.0, 2e-3
    for t in times:
        while now < t - step / 2:
            rest = Y - W2 @ W1
            W1, W2, now = W1 + step * W2.T @ rest, W2 + step * rest @ W1.T, now + step
        found.append(W2 @ W1)
    return np.array(found)


times = np.linspace(0, 6, 61)
trained = train_linear_network(living, 1e-3, 64, times, 0)
U, s_values, V = np.linalg.svd(living, full_matrices=False)
names = ["all alike", "animal or plant", "bird or fish, tree or flower", "species"]
fig, (left, right) = panels(2, width=5.4, height=4.0)
for color, name, modes in zip(COLORS, names, ([0], [1], [2, 3], [4, 5, 6, 7]), strict=False):
    strengths = np.einsum("pm,tpi,mi->tm", U[:, modes], trained, V[modes])
    left.plot(times, strengths, "o", markersize=3, color=color)
    left.plot([], [], "o", markersize=4, color=color, label=name)
curve = np.array([np.asarray(mode_strength(jnp.asarray(s_values[[0, 1, 2, 4]]), 1e-3, float(t))) for t in times])
for s in s_values[[0, 1, 2, 4]]:  # W alone in place of W_2 W_1: every entry approaches that of Y at the rate 1
    left.plot(times, s * (1 - np.exp(-times)), color="0.75", linewidth=1, zorder=0)
left.plot([], [], color="0.75", linewidth=1, label=r"no hidden layer: $s(1-e^{-t})$")
theory(left, times, curve, None)
theory(left, [], [], r"theory: your strengths, $a_0=0.001$")
for color, what in zip(COLORS, ("moves", "swims", "flies", "sings"), strict=False):
    row, column = list(kinds).index(what), items.index("canary")
    right.plot(times, trained[:, row, column], "o", markersize=3, color=color, label=f"a canary {what}")
    belief = [np.asarray(learned_map(jnp.asarray(living), 1e-3, float(t)))[row, column] for t in times]
    theory(right, times, belief)
finish(left, "Broad distinctions first", "time", r"strength $a_\alpha$", ylim=(-0.2, 7.2))
finish(right, "What the network believes", "time", "answer", ylim=(-0.25, 1.75))

fig, axes = panels(5, width=2.1, height=4.2)
for ax, t in zip(axes, (1.1, 1.6, 2.4, 4.0, None), strict=True):
    picture = living if t is None else np.asarray(learned_map(jnp.asarray(living), 1e-3, t))
    ax.imshow(picture, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    ax.set(xticks=range(8), yticks=range(15) if t == 1.1 else [], title="the world" if t is None else f"t = {t}")
    ax.set_xticklabels(items, rotation=90, fontsize=8)
    if t == 1.1:
        ax.set_yticklabels(list(kinds), fontsize=8)
    ax.grid(False)

# %% [markdown] reflect="saxe"
# **Reflect.** The random network of the plot was not aligned with the task, nor balanced mode by mode, and follows
# the theory nevertheless. What happens in the first stage, while everything is small, that makes up for it? The grey
# lines have no stages: what does a hidden layer add to $\dot a=s-a$? And what would a network with four layers do
# (compare `learning_time(s, a0, a, 4)`): stages that are more distinct, or less?

# %% [markdown] answer="saxe"
# While $W_2W_1$ is small the flow is linear: $\dot W_1=W_2^\top Y$, $\dot W_2=YW_1^\top$. It amplifies what is
# aligned with the singular vectors, by $e^{st}$, and damps the rest, so that after a few $e$-foldings little else is
# left. Without a hidden layer every mode is learned at the same rate, 1. The factor $2a$ in front lets each mode grow
# at its own, $2s$, from a plateau: the strong ones come first. With four layers the growth is $\dot a\propto
# a^{3/2}$, which waits much longer and then jumps: stages become more distinct.

# %% [markdown] question="balance" points=4 minutes=35 difficulty="**"
# ## 4.5 What learning conserves
#
# Scaling the first layer up and the second down leaves a linear network's function unchanged. As in mechanics, a
# symmetry has its conserved quantity. With $N$ weight matrices, $f(x)=W_N\cdots W_1x$, these are the *imbalances*
#
# $$D_l=W_{l+1}^\top W_{l+1}-W_lW_l^\top,\qquad l=1,\dots,N-1 .$$
#
# Gradient flow conserves them exactly, for every loss (Saxe et al. 2014; Du, Hu and Lee 2018). Gradient descent does
# not, but nearly: the change $\Delta D_l$ in one step is of order $\eta^2$. The loss is
#
# $$L=\frac1{2n}\sum_{i=1}^n|y_i-W_N\cdots W_1x_i|^2,$$
#
# `weights` is the list $[W_1,\dots,W_N]$ (each of shape (out, in)), `x` and `y` have one example per row, and $\eta$
# is `eta`. Taking the step and subtracting will not do: for a learning rate of $10^{-8}$ the change is $10^{-16}$ of
# $D$, and rounding eats it, in float64, too. **Derive** the change in terms of the gradients, and cancel what cancels
# by hand. (How you compute the gradients is up to you. No test has a change that is exactly 0.)
#
# *About 35 minutes, difficulty \*\*.*


# %% solution="balance"
def imbalances(weights: list[Float[Array, "out in"]]) -> list[Float[Array, "h h"]]:
    """The imbalance of each pair of neighbouring layers of a deep linear network.

    Args:
        weights: [W_1, ..., W_N], N >= 2, W_l of shape (n_l, n_{l-1}).

    Returns:
        [D_1, ..., D_{N-1}], D_l = W_{l+1}^T W_{l+1} - W_l W_l^T of shape (n_l, n_l).
        Example: weights [[[1.], [2.]], [[3., 0.]]]: [[[8., -2.], [-2., -4.]]].
    """
    ### BEGIN SOLUTION
    return [after.T @ after - before @ before.T for before, after in itertools.pairwise(weights)]
    ### END SOLUTION


def imbalance_change(
    weights: list[Float[Array, "out in"]], x: Float[Array, "n n_in"], y: Float[Array, "n n_out"], eta: float
) -> list[Float[Array, "h h"]]:
    """By how much one step of gradient descent changes each imbalance, exactly.

    Args:
        weights: as above.
        x, y: examples and their targets, one per row. The network may have nearly learned them (to 1/256).
        eta: learning rate, from 1e-8 to 1.

    Returns:
        [Delta D_1, ..., Delta D_{N-1}], each accurate to 1e-3 of its largest entry for every eta.
        Example: weights [[[1.]], [[2.]]], x [[1.]], y [[3.]], eta 0.1: [[[-0.03]]].
    """
    ### BEGIN SOLUTION
    signals = [x]
    for W in weights:
        signals.append(signals[-1] @ W.T)
    delta = (signals[-1] - y) / len(x)
    gradients = []
    for W, before in zip(reversed(weights), reversed(signals[:-1]), strict=True):
        gradients.insert(0, delta.T @ before)
        delta = delta @ W
    # The terms linear in eta cancel: W_{l+1}^T G_{l+1} = G_l W_l^T.
    return [eta**2 * change for change in imbalances(gradients)]
    ### END SOLUTION


# %% check="balance"
_layers = [jnp.array([[1.0], [2.0]]), jnp.array([[3.0, 0.0]])]
_D = imbalances(_layers)
assert len(_D) == 1 and np.allclose(_D[0], [[8.0, -2.0], [-2.0, -4.0]], atol=1e-3), (
    "W_2^T W_2 - W_1 W_1^T, of the size of the hidden layer. [[-8, 2], [2, 4]]: the sign"
)
_tiny = [jnp.array([[1.0]]), jnp.array([[2.0]])]
_change = imbalance_change(_tiny, jnp.array([[1.0]]), jnp.array([[3.0]]), 0.1)
assert abs(float(np.asarray(_change[0])[0, 0]) + 0.03) < 1e-4, (
    "residual -1, gradients -2 and -1: W_1 becomes 1.2 and W_2 2.1, so D goes from 3 to 4.41 - 1.44 = 2.97"
)
_change = float(np.asarray(imbalance_change(_tiny, jnp.array([[1.0]]), jnp.array([[3.0]]), 1e-8)[0])[0, 0])
assert abs(_change / -3e-16 - 1) < 1e-3, "eta = 1e-8: -3e-16. Take no difference of nearly equal numbers: which terms cancel?"
_layers = [jnp.array([[1.0, 0.0], [2.0, 1.0], [0.0, -1.0]]), jnp.array([[1.0, 0.0, 2.0]]), jnp.array([[1.0], [-1.0]])]
_D = imbalances(_layers)
assert len(_D) == 2 and np.shape(_D[0]) == (3, 3) and np.shape(_D[1]) == (1, 1), "3 layers of 2-3-1-2: shapes (3, 3), (1, 1)"
assert np.allclose(_D[0], [[0, -2, 2], [-2, -5, 1], [2, 1, 3]], atol=1e-3) and np.allclose(_D[1], [[-3.0]], atol=1e-3), (
    "each W_{l+1} with its own neighbour W_l, in the order of the layers"
)
_x = jnp.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, -1.0]])
_y = jnp.array([[1.0, 2.0], [-1.0, 0.0], [0.0, 3.0], [4.0, 0.0]])
_change = imbalance_change(_layers, _x, _y, 0.25)
assert len(_change) == 2 and np.shape(_change[0]) == (3, 3), "one matrix for each pair of layers, the first of shape (3, 3)"
_first = np.array([[-0.140625, 0.84375, -1.125], [0.84375, 1.265625, 0.421875], [-1.125, 0.421875, -2.671875]])
assert not np.allclose(_change[0], 16 * _first, atol=1e-2), "16 times too large: the loss is a mean over the 4 examples"
assert not np.allclose(_change[0], _first / 4, atol=1e-2), "4 times too small: the loss is no mean over the 2 outputs"
assert np.allclose(_change[0], _first, atol=2e-3) and np.allclose(_change[1], [[-0.2109375]], atol=2e-4), (
    "3 layers, 4 examples: to find the slip take the step at eta = 0.25 in float64 and subtract. The middle layer belongs to "
    "both matrices; which of its two sides belongs to which?"
)

# %% [markdown] predict="balance"
# **Predict.** Train a linear network with three layers for a fixed time $\eta k=5$ with $\eta=0.1, 0.05, \dots$ How
# does the drift of its imbalances fall with $\eta$? And what do you expect at the edge of stability, where the loss
# oscillates and gradients do not die out?

# %% [markdown] answer="balance"
# Each step changes them by order $\eta^2$, and there are $5/\eta$ steps: the drift falls like $\eta$. At the edge the
# gradients do not die out, so the drift goes on and on; the point at $\eta=0.1$, where the first steps oscillate,
# shows the beginning of it.

# %% tags=["demo"]
sizes = [4, 6, 5, 3]
start_weights = [rng.normal(size=(b, a)) / np.sqrt(a) for a, b in itertools.pairwise(sizes)]
x_data = rng.normal(size=(30, 4))
y_data = x_data @ rng.normal(size=(4, 3))


def linear_loss(weights):
    W1, W2, W3 = weights
    return jnp.sum((y_data - x_data @ W1.T @ W2.T @ W3.T) ** 2) / 60


@jax.jit
def stepped(weights, eta):
    """One step of gradient descent on the deep linear network."""
    return jax.tree.map(lambda W, G: W - eta * G, weights, jax.grad(linear_loss)(weights))


def linear_descent(weights, eta, steps):
    """Many steps; the weights, and the summed predictions of the change."""
    predicted = [np.zeros((6, 6)), np.zeros((5, 5))]
    for _ in range(steps):
        predicted = [p + np.asarray(c) for p, c in zip(predicted, imbalance_change(weights, x_data, y_data, eta), strict=True)]
        with jax.enable_x64(True):
            weights = [np.asarray(W) for W in stepped(weights, eta)]
    return weights, predicted


etas = 0.1 / 2.0 ** np.arange(5)
drifts, sums = [], []
at_start = [np.asarray(D) for D in imbalances(start_weights)]
for eta in etas:
    final, predicted = linear_descent(start_weights, float(eta), round(5 / eta))
    moved = [np.asarray(D) - D0 for D, D0 in zip(imbalances(final), at_start, strict=True)]
    drifts.append([np.linalg.norm(m) for m in moved])
    sums.append([np.linalg.norm(p) for p in predicted])
fig, ax = panels(1, width=6.0)
for color, layer in zip(COLORS, (0, 1), strict=False):
    ax.plot(etas, np.array(drifts)[:, layer], "o", color=color, label=rf"$|D_{layer + 1}(\mathrm{{end}})-D_{layer + 1}(0)|$")
    theory(ax, etas, np.array(sums)[:, layer], r"theory: your $\Delta D$, summed over the steps" if layer else None)
ax.plot(etas, etas * drifts[-1][0] / etas[-1], color="0.6", linewidth=1, label=r"$\propto\eta$")
finish(ax, "Drift of a conserved quantity", r"learning rate $\eta$", "drift until time 5", xscale="log", yscale="log")

# %% [markdown] reflect="balance"
# **Reflect.** Adam has no such law: why? And if the start is balanced, $D_l=0$, and small: which assumption of 4.4 does
# conservation then justify for all times?

# %% [markdown] answer="balance"
# The law needs $W_{l+1}^\top G_{l+1}=G_lW_l^\top$; Adam divides the entries of $G$ by numbers that know nothing of
# each other. With $D_l=0$ all layers keep the same singular values, and neighbouring ones share their singular
# vectors: "balanced", which 4.4 assumed at the start, holds for ever.

# %% [markdown] question="why_edges" points=4 minutes=35 difficulty="**" written=true
# ## 4.6 Why momentum moves the edge
#
# A real $2\times2$ matrix has both eigenvalues strictly inside the unit circle if and only if $|\det|<1$ and
# $|\mathrm{tr}|<1+\det$. (a) Prove it. (b) Write down the step of the heavy ball, $w_{k+1}=w_k-\eta\lambda
# w_k+\beta(w_k-w_{k-1})$, and of Nesterov's method with constant $\beta$, $x_{k+1}=y_k-\eta\lambda y_k$,
# $y_{k+1}=x_{k+1}+\beta(x_{k+1}-x_k)$, as $2\times2$ matrices, and derive for which $\eta\lambda>0$ they are stable.
# (c) For which $\eta\lambda$ are the heavy ball's eigenvalues complex (or a double root), and which modulus have they
# then? Derive from it Polyak's $\eta$ and $\beta$ of 4.1. (d) Momentum remembers some $1/(1-\beta)$ gradients. A network
# is trained with a memory ten times as long, $\beta=0.9\to0.99$, and the same $\eta$. What happens to the sharpness at
# which it settles with each of the two methods, if the edge of stability is where it settles?

# %% [markdown] solution="why_edges"
# (a) The characteristic polynomial is $p(z)=z^2-\tau z+\delta$. *Complex pair*, $\tau^2<4\delta$: the modulus is
# $\sqrt\delta$, so stable iff $\delta<1$; the other condition then holds by itself: $|\tau|<2\sqrt\delta\le1+\delta$.
# *Real pair*: $p$ is an upward parabola, and both roots lie in $(-1,1)$ iff $p(1)>0$, $p(-1)>0$, and the vertex
# $\tau/2$ lies in $(-1,1)$. The first two say $|\tau|<1+\delta$. If they hold, then $|\delta|<1$ with $\delta>-1$
# (from $1+\delta>|\tau|\ge0$) puts the vertex inside: $|\tau|<1+\delta<2$. Conversely two roots in $(-1,1)$ have
# $|\delta|<1$.
#
# (b) In $(w_k,w_{k-1})$ the heavy ball is $\begin{pmatrix}1+\beta-x&-\beta\\1&0\end{pmatrix}$, $x=\eta\lambda$:
# $\det=\beta<1$ always; $|1+\beta-x|<1+\beta$ iff $0<x<2+2\beta$. Nesterov: put $x_{k+1}=(1-x)y_k$ into the second
# line, $y_{k+1}=(1-x)\bigl[(1+\beta)y_k-\beta y_{k-1}\bigr]$, so in $(y_k,y_{k-1})$ the matrix is
# $\begin{pmatrix}(1-x)(1+\beta)&-(1-x)\beta\\1&0\end{pmatrix}$, $\det=\beta(1-x)$. From $\tau<1+\det$:
# $(1-x)(1+\beta)<1+\beta(1-x)$, i.e. $1-x<1$, true. From $-\tau<1+\det$: $-(1-x)(1+2\beta)<1$, i.e.
# $x<1+\frac1{1+2\beta}= \frac{2+2\beta}{1+2\beta}$. $|\det|<1$ asks $x<1+1/\beta$, which is weaker, as
# $\frac1{1+2\beta}<\frac1\beta$. So the edge is $\frac{2+2\beta}{1+2\beta}\le2$.
#
# (c) Complex (or double) iff $(1+\beta-x)^2\le4\beta$ iff $|1+\beta-x|\le2\sqrt\beta$ iff $(1-\sqrt\beta)^2\le
# x\le(1+\sqrt\beta)^2$; then the modulus is $\sqrt{\det}=\sqrt\beta$. The product of the eigenvalues is $\beta$, so
# no direction can do better than $\sqrt\beta$: for given $\beta$ the best is to have all curvatures in the complex
# range. To make $\beta$ as small as possible let the range just contain $[\mu,\ell]$: $\eta\mu=(1-\sqrt\beta)^2$,
# $\eta\ell=(1+\sqrt\beta)^2$. Roots: $\sqrt{\eta\mu}=1-\sqrt\beta$, $\sqrt{\eta\ell}=1+\sqrt\beta$; the sum gives
# $\sqrt\eta=2/(\sqrt\mu+\sqrt\ell)$, the quotient $\sqrt\beta=(\sqrt\ell-\sqrt\mu)/(\sqrt\ell+\sqrt\mu)$.
#
# (d) Heavy ball: from $3.8/\eta$ to $3.98/\eta$: hardly anything. Nesterov: from $1.357/\eta$ to $1.336/\eta$: hardly
# anything, in the other direction. (Only "ema" would go from $38/\eta$ to $398/\eta$: it keeps the effective learning
# rate of soft directions at $\eta$, whereas the two others raise it tenfold, from $\eta/(1-\beta)=10\eta$ to
# $100\eta$.)

# %% [markdown] rubric="why_edges"
# * **1 point** (a): both cases, complex and real. Half if only one is proved.
# * **1.5 points** (b): the two matrices (half), the two edges with *all three* conditions checked (half each).
# * **1 point** (c): the range of complex eigenvalues with modulus $\sqrt\beta$ (half); both equations and their
#   solution (half). The argument why no smaller factor is possible is not asked for.
# * **0.5 points** (d): both nearly unchanged, with numbers. An answer that scales with $1/(1-\beta)$ confuses the
#   heavy ball with ema: 0.

# %% [markdown] question="why_conserved" points=4 minutes=35 difficulty="**" written=true
# ## 4.7 Symmetry, conservation, and the path of learning
#
# Take two layers, $f(x)=W_2\,\phi(W_1x)$, and any differentiable loss. (a) Let $\phi$ be linear. The map $W_1\mapsto
# gW_1$, $W_2\mapsto W_2g^{-1}$ leaves the loss unchanged for every invertible $g$. Differentiate at $g=1$: which equation
# do the weights and the gradients $G_l$ with respect to $W_l$ obey? Conclude from it that gradient flow conserves
# $D=W_2^\top W_2-W_1W_1^\top$. (b) Let $\phi$ be ReLU. Which $g$ are left, which entries of $D$ are conserved, and
# what does this say about the norms of a hidden unit's ingoing and outgoing weights? (c) In one direction let $f=uvx$
# with target $s>0$ and loss $\frac12(s-uv)^2$. With $c=u^2-v^2$ show that $a=uv$ obeys $\dot
# a=\sqrt{c^2+4a^2}\,(s-a)$. Compare the first stage of learning from $a\approx0$ for $c=0$ and for large $|c|$; which
# of them is "lazy", and what has become of the sigmoid? (d) Which conservation law does *minibatch* gradient flow
# have, where the batch changes with time?

# %% [markdown] solution="why_conserved"
# (a) Put $g=1+\epsilon A$: $\delta W_1=\epsilon AW_1$, $\delta W_2=-\epsilon W_2A$. The loss does not change:
# $0=\langle G_1,AW_1\rangle-\langle G_2,W_2A\rangle=\mathrm{tr}\bigl(A\,(W_1G_1^\top-G_2^\top W_2)\bigr)$ for every
# $A$, so $W_1G_1^\top=G_2^\top W_2$, or transposed $W_2^\top G_2=G_1W_1^\top$. Under the flow $\dot W_l=-G_l$: $\dot D=-(G_2^\top
# W_2+W_2^\top G_2)+G_1W_1^\top+W_1G_1^\top=0$, as the terms cancel in pairs.
#
# (b) $\phi(gz)=g\phi(z)$ near $g=1$ for diagonal $g$ with positive entries only. (Permutations commute with $\phi$,
# too, but they are no continuous symmetry and conserve nothing.) With $A$ diagonal the argument gives the diagonal
# entries: $D_{jj}=|W_{2,\cdot j}|^2-|W_{1,j\cdot}|^2$ is conserved for each hidden unit $j$: the squared norms of its
# outgoing and ingoing weights grow and shrink together, their difference is that of the start.
#
# (c) $\dot u=v(s-uv)$, $\dot v=u(s-uv)$. So $\dot a=(u^2+v^2)(s-a)$, $\dot c=0$, and
# $(u^2+v^2)^2=(u^2-v^2)^2+4u^2v^2=c^2+4a^2$. For $c=0$: $\dot a=2a(s-a)$, growth from $a\approx0$ is exponential with
# rate $2s$: a plateau, then a sigmoid. For $|c|\gg s$: $\dot a\approx|c|(s-a)$: the approach is exponential from the
# first moment, $a=s(1-e^{-|c|t})$, at a rate that does not depend on $s$. That is the lazy regime: the large layer
# hardly changes, the small one learns a linear regression; there is no plateau, no sigmoid, and modes of all sizes
# are learned at the same time.
#
# (d) The same: (a) holds for the loss of every batch. At each moment $\dot D=0$, whatever the batch, so $D$ is
# conserved along any sequence of batches. (With finite steps it is broken at order $\eta^2$ per step, and gradient
# noise makes this contribution larger.)

# %% [markdown] rubric="why_conserved"
# * **1 point** (a): first-order variation and $W_2^\top G_2=G_1W_1^\top$ (half), $\dot D=0$ (half). A direct
#   computation of both sides for a particular loss gets half in all. * **1 point** (b): positive diagonal $g$ (half;
#   permutations besides are right), the diagonal of $D$ and the norms (half).
# * **1.5 points** (c): the equation (half), sigmoid with rate $2s$ for $c=0$ (half), exponential with rate $|c|$ for
#   large $|c|$, named lazy (half).
# * **0.5 points** (d): the same law, with the reason.

# %% [markdown]
# ## Further reading
#
# * A. Saxe, J. McClelland and S. Ganguli (2014), [Exact solutions to the nonlinear dynamics of learning in deep
#   linear neural networks](https://arxiv.org/abs/1312.6120). The modes and their times.
# * A. Saxe, J. McClelland and S. Ganguli (2019), [A mathematical theory of semantic development in deep neural
#   networks](https://doi.org/10.1073/pnas.1820226116). The tree, and what it says about children.
# * W. Su, S. Boyd and E. Candès (2016), [A differential equation for modeling Nesterov's accelerated gradient
#   method](https://jmlr.org/papers/v17/15-084.html). Sections 2 to 4: question 4.3.
# * B. Polyak and A. Juditsky (1992), [Acceleration of stochastic approximation by
#   averaging](https://doi.org/10.1137/0330046). The introduction: why one averages.
# * B. Polyak (1964), [Some methods of speeding up the convergence of iteration
#   methods](https://doi.org/10.1016/0041-5553(64)90137-5). The heavy ball.
# * S. Du, W. Hu and J. Lee (2018), [Algorithmic regularization in learning deep homogeneous models: layers are
#   automatically balanced](https://arxiv.org/abs/1806.00900). Section 2: question 4.5 and part (b) of 4.7.
# * G. Goh (2017), [Why momentum really works](https://distill.pub/2017/momentum/). 4.6 with sliders.
# * S. Arora, N. Cohen and E. Hazan (2018), [On the optimization of deep networks: implicit acceleration by
#   overparameterization](https://arxiv.org/abs/1802.06509). What depth does to a linear problem.
