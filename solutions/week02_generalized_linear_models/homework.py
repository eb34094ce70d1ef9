# ---
# jupyter:
#   autograder:
#     points: 28
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
# # Week 2 homework: The geometry and the limits of likelihood
#
# A generalized linear model is fitted by minimising one convex function, and nearly everything about it can be said in closed
# form: how far two of its members are apart, which directions the data cannot see, how it will do on data that it has
# not met, and whether there is a maximum of the likelihood at all. Each answer is a short function. Two arguments are
# written.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 2.1 | Divergence is curvature | 4 | 35 | ** |
# | 2.2 | What the data cannot see | 4 | 30 | ** |
# | 2.3 | Two ways to leave one out | 4 | 30 | ** |
# | 2.4 | Does the maximum exist? | 4 | 35 | ** |
# | 2.5 | Leaving one out for the price of one fit | 4 | 40 | *** |
# | 2.6, 2.7 | Two arguments in words | 4 + 4 | 30 + 35 | ** |
#
# Examples are rows of `X`, of shape `(n, p)`; there is no hidden intercept. Labels of two classes are 0 and 1. Numbers are
# float64. Unless a docstring says otherwise, a result is accurate enough if it is off by less than $10^{-6}$ of its largest
# entry, or by less than $10^{-12}$. Do the questions in any order, in NumPy or JAX. (The first check of a session is silent
# for up to half a minute, while libraries are loaded.)

# %%
from course_lib.checks import open_checks

grader = open_checks("week02/homework")

# %%
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import scipy.optimize
import scipy.special
from jaxtyping import Array, Float, Int

from course_lib.data import digits
from course_lib.plots import COLORS, finish, panels, theory

jax.config.update("jax_enable_x64", True)

# %% [markdown] question="divergence" points=4 minutes=35 difficulty="**"
# ## 2.1 Divergence is curvature
#
# An exponential family has densities $h(y)\,e^{\theta\cdot T(y)-A(\theta)}$ with parameters $\theta\in\mathbb R^d$,
# statistics $T$ and a convex log-partition function $A$, whose gradient is the mean of $T$. The Kullback-Leibler
# divergence between two of its members, at $\theta$ and at $\theta'$, needs no integral: it is the amount by which $A$ lies
# above one of its tangents, a *Bregman divergence*,
#
# $$\mathrm{KL}(p_{\theta}\,\|\,p_{\theta'})=\mathbb E_{\theta}\Bigl[\log\frac{p_{\theta}}{p_{\theta'}}\Bigr]
# =A(\theta')-A(\theta)-(\theta'-\theta)\cdot\nabla A(\theta).$$
#
# Mind the order: the tangent touches at the **first** argument of KL, and $A$ is read off at the second.
#
# Fitting is the same geometry. The maximum of the likelihood of many observations with mean statistic $m$ is the
# $\theta$ with $\nabla A(\theta)=m$: the minimum of the convex function $F(\theta)=A(\theta)-\theta\cdot m$. Find it by
# Newton's method, but not naively: far from the solution a full step may overshoot or leave the set on which $A$ is finite
# (for a Gaussian with unknown mean and variance, the second component of $\theta$ is negative). Halve the step until $F$ is
# finite and no larger than it was. Close to the solution $F$ is flat to its last digit, and asking it to *fall* would halve
# forever. But there Newton's steps square the error: after one that is shorter than $10^{-6}$ you are done. (Measure it
# before or after halving: from the starts that are promised below, both will do.)
#
# `log_partition` is $A$, a JAX function of an array of shape `(d,)` that may be traced, so `jax.grad` and `jax.jit` apply to
# it; $\theta$, $\theta'$, $m$ are `theta1`, `theta2`, `mean`.
#
# *About 35 minutes, difficulty \*\*.*


# %% solution="divergence"
def kl_divergence(log_partition: Callable, theta1: Float[Array, " d"], theta2: Float[Array, " d"]) -> float:
    """Kullback-Leibler divergence KL(p_theta1 || p_theta2) of two members of an exponential family, in nats.

    Args:
        log_partition: A, from an array (d,) to a number; JAX can differentiate it.
        theta1: natural parameters of the distribution that the expectation is taken over.
        theta2: of the other one; at least 10^-3 away (where four digits are enough) or equal.

    Returns:
        A number >= 0 (rounding aside).
        Example: Poisson, A = exp(theta[0]), theta1 = [0.3], theta2 = [1.1]: 0.574420 (the other order: 0.749026).
    """
    ### BEGIN SOLUTION
    value, mean = jax.value_and_grad(log_partition)(theta1)
    return log_partition(theta2) - value - jnp.sum((theta2 - theta1) * mean)
    ### END SOLUTION


def natural_parameters(log_partition: Callable, mean: Float[Array, " d"], start: Float[Array, " d"]) -> Float[Array, " d"]:
    """Natural parameters of the member whose mean statistic is given.

    Args:
        log_partition: A, strictly convex where it is finite; NaN or infinite elsewhere; d <= 3.
        mean: a mean statistic that some theta has; no entry of that theta exceeds 5 in size.
        start: some theta, up to 10 away from the solution in each entry; A is finite there and up to 0.01 around it.
            The recipe above never comes from it to a Hessian that is singular in double precision.

    Returns:
        theta with grad A(theta) = mean, to 10^-5 or better in each entry.
        Example: Poisson, A = exp(theta[0]), mean = [2.0], start = [0.0]: [log 2] = [0.693147].
    """
    ### BEGIN SOLUTION
    height = lambda theta: log_partition(theta) - jnp.sum(theta * mean)
    derivatives = jax.jit(lambda theta: (height(theta), jax.grad(height)(theta), jax.hessian(height)(theta)))
    theta = jnp.asarray(start)
    while True:
        value, gradient, hessian = derivatives(theta)
        step = jnp.linalg.solve(hessian, gradient)
        while not height(theta - step) <= value:  # a NaN compares as False: a step out of the domain is halved, too
            step = step / 2
        theta = theta - step
        if jnp.linalg.norm(step) < 1e-6:  # the error after a Newton step is of the order of its square
            return theta
    ### END SOLUTION


# %% check="divergence"
_poisson = lambda theta: jnp.exp(theta[0])
_kl = float(kl_divergence(_poisson, jnp.array([0.3]), jnp.array([1.1])))
assert abs(_kl - 0.574420) < 1e-5, "KL(0.3 || 1.1) of two Poisson distributions. 0.749026 is the other order"
_gaussian = lambda theta: -(theta[0] ** 2) / (4 * theta[1]) - jnp.log(-2 * theta[1]) / 2
_kl = float(kl_divergence(_gaussian, jnp.array([0.0, -0.5]), jnp.array([2.0, -0.5])))
assert abs(_kl - 2.0) < 1e-6, "two unit Gaussians with means 0 and 2: half of the squared distance"
assert np.allclose(natural_parameters(_poisson, jnp.array([2.0]), jnp.zeros(1)), [np.log(2.0)], atol=1e-5), "mean 2: log 2"
assert np.allclose(natural_parameters(_poisson, jnp.array([20.0]), jnp.array([-4.0])), [np.log(20.0)], atol=1e-5), (
    "from -4 Newton's first full step goes to 1000: e^1000 is infinite. Halve the step"
)
assert np.allclose(natural_parameters(_poisson, jnp.array([20.0]), jnp.log(jnp.array([20.0]))), [np.log(20.0)], atol=1e-5), (
    "the start may be the solution"
)
assert np.allclose(natural_parameters(_gaussian, jnp.array([1.0, 3.0]), jnp.array([0.0, -9.0])), [0.5, -0.25], atol=1e-5), (
    "mean of y 1, of y^2 3: variance 2, so theta = (1/2, -1/4). Out of the domain A is NaN, and a NaN compares as False"
)

# %% [markdown] predict="divergence"
# **Predict.** Three outcomes with probabilities proportional to $(e^{\theta_0},e^{\theta_1},1)$:
# $A=\log(1+e^{\theta_0}+e^{\theta_1})$. Keep one member $\theta$ fixed. What shape do the curves
# $\mathrm{KL}(p_\theta\|p_{\theta'})=$ const of the other one, $\theta'=\theta+\delta$, have close to $\theta$, and which
# matrix says so? How do KL and reversed KL differ as $\delta\to0$?

# %% [markdown] answer="divergence"
# Ellipses $\frac12\delta^\top F\delta$ with $F=\nabla^2A=\mathrm{diag}(p)-pp^\top$, the Fisher information. Both orders
# have the same second-order term; they differ in third order, so their ratio tends to 1 linearly.

# %% tags=["demo"]
three = lambda theta: jax.scipy.special.logsumexp(jnp.append(theta, 0.0))
base = jnp.array([1.0, 0.3])
fisher = np.asarray(jax.hessian(three)(base))
reach = np.linspace(-3.6, 3.6, 31)
surface = np.array([[float(kl_divergence(three, base, base + jnp.array([a, b]))) for a in reach] for b in reach])
toward = jnp.array([0.8, -0.6])
distances = np.geomspace(0.01, 4, 25)
both = np.array(
    [
        [float(kl_divergence(three, base, base + d * toward)), float(kl_divergence(three, base + d * toward, base))]
        for d in distances
    ]
)
fig, (left, right) = panels(2, height=3.8)
levels = [0.02, 0.08, 0.2, 0.4]
left.contour(float(base[0]) + reach, float(base[1]) + reach, surface, levels=levels, colors=COLORS[0])
angle = np.linspace(0, 2 * np.pi, 200)
circle = np.linalg.solve(np.linalg.cholesky(fisher).T, np.stack([np.cos(angle), np.sin(angle)]))
for level in levels:
    ellipse = np.asarray(base)[:, None] + np.sqrt(2 * level) * circle
    theory(left, *ellipse, r"theory: $\frac{1}{2}\delta^\top F\delta$" if level == levels[0] else None)
left.plot([], [], color=COLORS[0], label="KL, levels " + ", ".join(map(str, levels)))
right.plot(distances, both[:, 0], "o", color=COLORS[0], label=r"KL$(\theta\,\|\,\theta+\delta)$")
right.plot(distances, both[:, 1], "s", color=COLORS[1], label=r"KL$(\theta+\delta\,\|\,\theta)$")
theory(right, distances, distances**2 / 2 * float(toward @ fisher @ toward), r"theory: $\frac{1}{2}\delta^\top F\delta$")
finish(left, "Balls are ellipses while small", r"$\theta'_0$", r"$\theta'_1$", xlim=(-2.6, 4.6), ylim=(-3.3, 5.2))
finish(right, "Two orders, one curvature", r"distance $|\delta|$", "nats", xscale="log", yscale="log")

# %% [markdown] reflect="divergence"
# **Reflect.** On which side do the large contours bulge out of their ellipses, and what happens to the probabilities
# there? Why does that make KL grow more slowly than its quadratic approximation?

# %% [markdown] answer="divergence"
# To the upper right, where the third outcome dies out, and at the bottom, where the second one does. The variance of "it
# was this outcome" is $p(1-p)$ and vanishes with $p$. It is the curvature of $A$: from there on $A$ is nearly linear in this
# direction, and KL grows linearly, not quadratically.

# %% [markdown] question="null_space" points=4 minutes=30 difficulty="**"
# ## 2.2 What the data cannot see
#
# Softmax regression with $K$ classes, logits $XW$ and loss $L(W)=-\sum_i\log p_{i c_i}$ (a **sum**; no intercept, no
# penalty) has a Hessian that does not contain the labels:
#
# $$\frac{\partial^2L}{\partial W_{jk}\,\partial W_{lm}}=\sum_i x_{ij}\,x_{il}\,\bigl(p_{ik}\,[k=m]-p_{ik}\,p_{im}\bigr),
# \qquad p_i=\mathrm{softmax}(x_i W).$$
#
# As a matrix it has rows and columns numbered like the entries of `W.reshape(-1)`: the parameter $W_{jk}$ is number
# $jK+k$. The Hessian is never invertible. Adding the same vector to all columns of $W$ changes no probability; and if the
# columns of $X$ are linearly dependent, more directions are flat. **Count them**: find the dimension of the null space for
# any $X$. It does not depend on $W$ (why?), so do not compute it from a Hessian whose entries may be $10^{-30}$.
#
# *About 30 minutes, difficulty \*\*.*


# %% solution="null_space"
def softmax_hessian(W: Float[Array, "p K"], X: Float[Array, "n p"]) -> Float[Array, "pK pK"]:
    """Hessian of the summed negative log likelihood of softmax regression.

    Args:
        W: slopes, one column per class.
        X: one example per row; logits up to 3000 in size occur.

    Returns:
        Shape (p K, p K); W[j, k] is parameter number j K + k. Entries below 10^-6 of the largest one may be 0.
        Example: W = [[0., 0.]], X = [[2.]]: [[1., -1.], [-1., 1.]].
    """
    ### BEGIN SOLUTION
    p = jax.nn.softmax(X @ W)
    covariance = jnp.einsum("ik,km->ikm", p, jnp.eye(p.shape[1])) - jnp.einsum("ik,im->ikm", p, p)
    return jnp.einsum("ij,il,ikm->jklm", X, X, covariance).reshape(W.size, W.size)
    ### END SOLUTION


def null_dimension(X: Float[Array, "n p"], K: int) -> int:
    """Number of linearly independent directions of W in which softmax regression is flat.

    Args:
        X: one example per row; its rank is clear: singular values are either above 10^-4 or below 10^-9 of the largest.
        K: number of classes, at least 2.

    Returns:
        Dimension of the null space of the Hessian, at any W; an integer.
        Example: X = [[2.]], K = 2: 1.
    """
    ### BEGIN SOLUTION
    s = np.linalg.svd(np.asarray(X), compute_uv=False)
    rank = int(np.sum(s > 1e-6 * s[0]))
    return X.shape[1] * K - rank * (K - 1)
    ### END SOLUTION


# %% check="null_space"
_H = np.asarray(softmax_hessian(jnp.zeros((1, 2)), jnp.array([[2.0]])))
assert _H.shape == (2, 2) and np.allclose(_H, [[1.0, -1.0], [-1.0, 1.0]], atol=1e-6), "4 (1/2 - 1/4) = 1 and -4/4 = -1"
_H = np.asarray(softmax_hessian(jnp.zeros((2, 3)), jnp.array([[1.0, 0.0], [1.0, 0.0]])))
assert _H.shape == (6, 6), "one row per entry of W"
assert abs(_H[0, 1] + 2 / 9) < 1e-6 and abs(_H[0, 3]) < 1e-9, (
    "numbers 0 and 1 are W[0, 0] and W[0, 1]: -2 p p = -2/9 (a sum over two examples); number 3 is W[1, 0], whose feature is 0"
)
_H = np.asarray(softmax_hessian(jnp.array([[1000.0, 0.0], [0.0, 0.0]]), jnp.array([[1.0, 0.0], [0.0, 2.0]])))
assert np.allclose(_H[2:, 2:], [[1.0, -1.0], [-1.0, 1.0]], atol=1e-6) and np.allclose(_H[:2], 0.0, atol=1e-6), (
    "a logit of 1000, whose class is certain, and another example at 0. NaN: e^1000 is infinite, subtract the row's maximum"
)
assert null_dimension(jnp.array([[2.0]]), 2) == 1, "only the common shift"
assert null_dimension(jnp.eye(3), 4) == 3, "the common shift of four columns has three components, one per feature: 12 - 9"
assert null_dimension(jnp.array([[1.0, 1.0], [2.0, 2.0]]), 3) == 4, (
    "rank 1: three directions u v^T with X u = 0, and the shift of all columns by a multiple of what X sees: 6 - 2"
)
assert null_dimension(jnp.array([[1e-8, 0.0], [0.0, 3e-12]]), 3) == 2, (
    "the second feature is weak, but not flat: 3/10,000 of the largest singular value. (Its square is what a Hessian holds.)"
)

# %% [markdown] predict="null_space"
# **Predict.** The digits have 64 pixels and 10 classes: 640 parameters. At $W=0$, how many eigenvalues of the Hessian are
# zero? Take into account that all columns may shift together, and that some pixels are empty in every image (what else
# could make columns of $X$ dependent?). Does training change the number?

# %% [markdown] answer="null_space"
# $640-9\,\mathrm{rank}X$ (the plot takes 500 digits, in which more pixels are empty or dependent: rank 58, 118 zeros). Of
# the 64 pixels 3 are empty in all the images used here, and the others are independent: rank 61 and 91 zeros, 64 of them
# from the common shift and 27 more from the empty pixels. Training changes all other eigenvalues, and no zero.

# %% tags=["demo"]
split = digits()
x_digits, y_digits = np.asarray(split.x_train, float), np.asarray(split.y_train)


def trained(steps):
    """Weights of softmax regression after some steps of gradient descent on all training digits."""
    onehot = jnp.eye(10)[y_digits]
    loss = lambda W: -jnp.mean(jnp.sum(onehot * jax.nn.log_softmax(x_digits @ W), axis=1))
    move = jax.jit(lambda W: W - 0.5 * jax.grad(loss)(W))
    W = jnp.zeros((64, 10))
    for _ in range(steps):
        W = move(W)
    return W


flat = null_dimension(jnp.array(x_digits), 10)
fig, ax = panels(1, width=7.0, height=3.6)
for color, steps in zip(COLORS, (0, 100, 2000), strict=False):
    eigenvalues = np.linalg.eigvalsh(np.asarray(softmax_hessian(trained(steps), jnp.array(x_digits[:500])), float))
    ax.plot(np.maximum(eigenvalues, 1e-16), ".", color=color, markersize=4, label=f"after {steps} steps")
flat_here = null_dimension(jnp.array(x_digits[:500]), 10)
ax.axvline(flat_here - 0.5, color="black", linestyle=(0, (4, 2)), linewidth=1.3, label=f"theory: {flat_here} zeros (500 digits)")
finish(ax, "Spectrum of the Hessian on the digits", "index", "eigenvalue", yscale="log", ylim=(1e-17, 1e5))
print(f"All {len(x_digits)} digits: {flat} flat directions")

# %% [markdown] reflect="null_space"
# **Reflect.** To the right of the dashed line, the eigenvalues span many powers of ten. Which two causes do you see?
# What does gradient descent from 0 do along the flat directions, and what would a ridge penalty do?

# %% [markdown] answer="null_space"
# Pixels at the rim that have ink in a few images give small eigenvalues from the start; training makes probabilities
# certain, $p(1-p)\to0$, and pulls the whole spectrum down. Gradient descent never moves along flat directions: from 0
# the columns of $W$ keep the sum 0. A ridge penalty gives each flat direction the curvature $\lambda$: it picks a $W$
# without a component along them, as descent from 0 does.

# %% [markdown] question="loo_gcv" points=4 minutes=30 difficulty="**"
# ## 2.3 Two ways to leave one out
#
# Ridge regression minimises $|y-Xw|^2+\lambda|w|^2$ (a sum of squares; $\lambda$ is not multiplied by $n$). Its fit is
# $\hat y=Hy$ with $H=X(X^\top X+\lambda I)^{-1}X^\top$ and residuals $r=y-\hat y$. Leaving each example out in turn, with
# the same $\lambda$, costs no refit:
#
# $$\mathrm{LOO}(\lambda)=\frac1n\sum_i\Bigl(\frac{r_i}{1-H_{ii}}\Bigr)^2,\qquad
# \mathrm{GCV}(\lambda)=\frac1n\sum_i\Bigl(\frac{r_i}{1-\operatorname{tr}H/n}\Bigr)^2 .$$
#
# *Generalized cross-validation* replaces each leverage by their mean (Craven and Wahba 1979; Golub, Heath and Wahba 1979).
# Why would one want that? Rotate the data, $y\to Qy$, $X\to QX$: the model and its error stay the same, and so does GCV,
# but LOO changes, because after the rotation a single example is another thing. One wants both for a whole path of
# $\lambda$: decompose $X$ **once**, not once per $\lambda$.
#
# *About 30 minutes, difficulty \*\*. There may be more features than examples.*


# %% solution="loo_gcv"
def ridge_scores(
    X: Float[Array, "n p"], y: Float[Array, " n"], lambdas: Float[Array, " m"]
) -> tuple[Float[Array, " m"], Float[Array, " m"]]:
    """Leave-one-out and generalized cross-validation scores of ridge regression along a path of penalties.

    Args:
        X: one example per row, with entries of order 1; n > p, n = p or n < p.
        y: targets.
        lambdas: coefficients of |w|^2 beside the sum of squared errors; from 10^-3 to 10^3, in any order.

    Returns:
        (loo, gcv), mean squared errors of shape (m,), in the order of `lambdas`.
        Example: X = [[1.], [1.]], y = [1., 3.], lambdas = [1.]: H = 1/3 everywhere, residuals -1/3 and 5/3: ([3.25], [3.25]).
    """
    ### BEGIN SOLUTION
    U, s, _ = jnp.linalg.svd(X, full_matrices=False)
    shares = s**2 / (s**2 + lambdas[:, None])
    residuals = y - (shares * (U.T @ y)) @ U.T
    leverages = shares @ (U**2).T
    loo = jnp.mean((residuals / (1 - leverages)) ** 2, axis=1)
    gcv = jnp.mean(residuals**2, axis=1) / (1 - jnp.mean(leverages, axis=1)) ** 2
    return loo, gcv
    ### END SOLUTION


# %% check="loo_gcv"
_X, _y = jnp.array([[1.0], [1.0]]), jnp.array([1.0, 3.0])
_loo, _gcv = (np.asarray(part) for part in ridge_scores(_X, _y, jnp.array([1.0, 9.0, 3.0])))
assert _loo.shape == (3,) and _gcv.shape == (3,), "one score per penalty"
assert abs(_loo[0] - 3.25) < 1e-6 and abs(_gcv[0] - 3.25) < 1e-6, "residuals -1/3 and 5/3, over 2/3, squared, mean over n = 2"
assert abs(_loo[2] - 3.8125) < 1e-6 and abs(_gcv[2] - 3.8125) < 1e-6, "the penalties come in any order, and so do the scores"
_loo, _gcv = (np.asarray(part) for part in ridge_scores(jnp.array([[1.0], [2.0]]), jnp.array([1.0, 1.0]), jnp.array([1.0])))
assert abs(_loo[0] - 0.18) < 1e-6, "w = 1/2 without the second is right about it, w = 2/5 without the first is off by 3/5"
assert abs(_gcv[0] - 0.367347) < 1e-5, "leverages 1/6 and 4/6: GCV divides both residuals, 1/2 and 0, by 1 - 5/12. Mean, not sum"

# %% [markdown] predict="loo_gcv"
# **Predict.** For which data do the two agree exactly? Think of a design that treats all examples alike. And when would
# the mean leverage be a bad stand-in for each of them?

# %% [markdown] answer="loo_gcv"
# If all leverages are equal: sines and cosines at equally spaced points, for example, or by symmetry any orthogonal
# design with entries of equal modulus. If a few examples have a leverage near 1 (a feature that is nonzero once), LOO
# sees that their own prediction rests on them alone; GCV spreads the blame over everybody.

# %% tags=["demo"]
def scores_against_truth(design, seeds, count=60, features=30, noise=1.0):
    """LOO, GCV and true prediction error at fresh inputs from the same design, averaged over seeds; penalties."""
    lambdas = np.geomspace(1e-2, 1e3, 25)
    kept = []
    for seed in range(seeds):
        draw = np.random.default_rng(seed)
        X, fresh = design(draw, count, features), design(draw, 2000, features)
        w = draw.normal(size=features) / np.sqrt(features) * 2
        y = X @ w + noise * draw.normal(size=count)
        loo, gcv = (np.asarray(part) for part in ridge_scores(jnp.array(X), jnp.array(y), jnp.array(lambdas)))
        fits = np.stack([np.linalg.solve(X.T @ X + lam * np.eye(features), X.T @ y) for lam in lambdas])
        truth = noise**2 + np.mean((fresh @ (fits - w).T) ** 2, axis=0)
        kept.append([loo, gcv, truth])
    return lambdas, np.mean(kept, axis=0)


def spread_out(draw, count, features):
    return draw.normal(size=(count, features))


def heavy_tailed(draw, count, features):
    return draw.normal(size=(count, features)) * draw.pareto(1.2, size=(count, 1)).clip(0.05, 30)


fig, axes = panels(2)
for ax, design, title in zip(axes, (spread_out, heavy_tailed), ("Gaussian examples", "Some examples are huge"), strict=True):
    lambdas, (loo, gcv, truth) = scores_against_truth(design, 100)
    ax.plot(lambdas, loo, "o", markersize=4, color=COLORS[0], label="leave one out")
    ax.plot(lambdas, gcv, "s", markersize=4, color=COLORS[1], label="GCV")
    theory(ax, lambdas, truth, "true error, fresh inputs")
    finish(ax, title, r"$\lambda$", "mean squared error", xscale="log", yscale="log")

# %% [markdown] reflect="loo_gcv"
# **Reflect.** Both panels are means over 100 data sets. Where do the two scores tell the truth, and where does one of
# them fail? Relate this to the spread of the leverages in the two designs.

# %% [markdown] answer="loo_gcv"
# On the left both follow the true error. On the right the leverages lie between 0 and 1, and the mean leverage is no
# stand-in: GCV judges by the in-sample error, in which the huge examples are fitted well because they pull the fit to
# themselves.

# %% [markdown] question="existence" points=4 minutes=35 difficulty="**"
# ## 2.4 Does the maximum exist?
#
# Logistic regression without a penalty has a finite best $w$ only if the classes overlap. If some $w$ has
# $(2y_i-1)\,x_i\cdot w>0$ for **all** $i$ - the data are *separable* through the origin - then $cw$ with $c\to\infty$
# drives the loss to 0, and every program that reports an estimate has merely stopped. How often does that happen by
# pure chance? Let the $n$ points lie in general position in $\mathbb R^p$ (any $p$ of them are linearly
# independent, or all if there are fewer) and toss a fair coin for each label. Cover
# (1965) counted:
#
# $$P(n,p)=2^{1-n}\sum_{k=0}^{p-1}\binom{n-1}{k}\quad(n>p),\qquad P=1\quad(n\le p).$$
#
# It does not depend on where the points are. The formula is easy; its numbers are not: at $n=2000$ the power is 0 in
# double precision, the binomial coefficients are infinite, and $P(2000,1000)$ is exactly $1/2$. Choose a form that
# survives. Then write the test itself for given data: is there such a $w$? A linear programme finds one or proves that
# there is none.
#
# *About 35 minutes, difficulty \*\*. Use `scipy.optimize.linprog`, `scipy.stats` or what you like.*


# %% solution="existence"
def separable_probability(n: int, p: int) -> float:
    """Probability that n points in general position with random labels are separable by a hyperplane through the origin.

    Args:
        n: number of points, 1 to 5000.
        p: dimension, 1 to 5000.

    Returns:
        Cover's P(n, p), relative accuracy 10^-6 wherever it is above 10^-290; below, any number from 0 to 10^-289.
        Example: n = 3, p = 2: 2^-2 (1 + 2) = 0.75.
    """
    ### BEGIN SOLUTION
    k = np.arange(p)  # the binomial coefficients of k >= n are 0: gammaln is infinite there
    log_binomial = scipy.special.gammaln(n) - scipy.special.gammaln(k + 1) - scipy.special.gammaln(n - k)
    return np.exp(scipy.special.logsumexp(log_binomial) - (n - 1) * np.log(2.0))
    ### END SOLUTION


def is_separable(X: Float[Array, "n p"], y: Int[Array, " n"]) -> bool:
    """Whether some w has (2 y_i - 1) x_i . w > 0 for all i, strictly.

    Args:
        X: one example per row, n <= 60 and p <= 8; rows may be equal or 0, the longest is 10^-3 to 10^3 long. No intercept
            is added.
        y: classes, 0 or 1.

    Returns:
        True or False. You may rely on this: if the data are separable, then by a w for which each |x_i . w| is at least
        a hundredth of |w| times the length of the longest row.
        Example: X = [[1.], [2.]]: True for y = [1, 1] and y = [0, 0], False for y = [1, 0].
    """
    ### BEGIN SOLUTION
    n, p = np.shape(X)
    against = (1 - 2 * np.asarray(y))[:, None] * np.asarray(X)
    found = scipy.optimize.linprog(np.zeros(p), A_ub=against, b_ub=-np.ones(n), bounds=(None, None))
    return found.status == 0
    ### END SOLUTION


# %% check="existence"
assert abs(separable_probability(3, 2) - 0.75) < 1e-9, "2^-2 (1 + 2): the sum ends at p - 1"
assert abs(separable_probability(4, 4) - 1) < 1e-6, "as many dimensions as points: always"
assert abs(separable_probability(1, 3) - 1) < 1e-6, "more dimensions than points: always"
assert abs(separable_probability(2000, 1000) - 0.5) < 1e-6, (
    "exactly 1/2 at n = 2 p. 0, NaN or an error: the power or a binomial coefficient has left double precision"
)
assert is_separable(jnp.array([[1.0], [2.0]]), jnp.array([0, 0])), "w = -1 puts both into class 0: w is not restricted in sign"
assert not is_separable(jnp.array([[1.0], [2.0]]), jnp.array([1, 0])), "through the origin: no threshold between 1 and 2"
assert not is_separable(jnp.array([[1.0], [-1.0]]), jnp.array([1, 1])), "one class, but on both sides of the origin"
assert not is_separable(jnp.array([[1.0, 0.0], [0.0, 0.0]]), jnp.array([1, 0])), "x = 0 is on no side"

# %% [markdown] predict="existence"
# **Predict.** At how many points per dimension, $n/p$, does separability end? How does the width of the transition
# change as $p$ grows from 5 to 80? (Compare the formula with a sum of coin tosses. The plot asks `is_separable` about up to
# 240 points in 80 dimensions, and no margin is promised there: a method that counts on what was promised may be slow or wrong.)

# %% [markdown] answer="existence"
# $P(n,p)$ is the probability that at most $p-1$ of $n-1$ fair coins show heads: the sum passes 1/2 at $n-1=2(p-1)+1$,
# that is $n=2p$ exactly, and the width in $n/p$ is about $\sqrt{n}/p\propto p^{-1/2}$. In the limit it is a step: the
# start of Candès and Sur (2020), and of the perceptron's capacity 2 in week 12.

# %% tags=["demo"]
draw = np.random.default_rng(24)
fig, ax = panels(1, width=6.4, height=3.8)
for color, (p, repeats) in zip(COLORS, {5: 60, 20: 60, 80: 24}.items(), strict=False):
    ratios = np.array([1.2, 1.5, 1.75, 2.0, 2.25, 2.5, 3.0])
    counts = np.round(ratios * p).astype(int)
    once = lambda n, p: is_separable(draw.normal(size=(n, p)), draw.integers(0, 2, n))
    shares = np.array([np.mean([once(n, p) for _ in range(repeats)]) for n in counts])
    exact = np.array([separable_probability(int(n), p) for n in counts])
    ax.errorbar(counts / p, shares, np.sqrt(exact * (1 - exact) / repeats), fmt="o", color=color, capsize=2, label=f"p = {p}")
    fine = np.arange(p, 4 * p + 1)
    theory(ax, fine / p, [separable_probability(int(n), p) for n in fine], "theory: Cover (1965)" if p == 80 else None)
finish(ax, "Random labels are separable up to n = 2p", "points per dimension n/p", "probability", xlim=(0.95, 3.3))

# %% [markdown] reflect="existence"
# **Reflect.** A colleague has 150 patients, 90 measured quantities and a disease status, and logistic regression "works
# perfectly" on them. What does the plot say about this result? What does it not say, if the labels are not random?

# %% [markdown] answer="existence"
# $n/p=1.67$: random labels would be separable with probability 0.993 (0.996 with an intercept, a 91st column), so
# perfection is no evidence. With labels that do depend on the features the transition comes even later in $n/p$ (Candès and
# Sur 2020); the number to report is an error on patients that were left out.

# %% [markdown] question="approximate_loo" points=4 minutes=40 difficulty="***"
# ## 2.5 Leaving one out for the price of one fit
#
# For squared errors leave-one-out is exact algebra. For logistic regression every left-out example needs a new fit - or
# one step of Newton's method. Let $w$ minimise $L(w)=\sum_i\ell_i(x_i\cdot w)+\frac\lambda2|w|^2$ with
# $\ell_i(\eta)=\log(1+e^\eta)-y_i\eta$, and write
#
# $$\eta=Xw,\qquad \mu_i=\frac1{1+e^{-\eta_i}},\qquad v_i=\mu_i(1-\mu_i),\qquad
# H=X^\top\mathrm{diag}(v)X+\lambda I .$$
#
# Drop example $i$ from the loss, and take **one full Newton step** on what remains, starting at $w$. The dropped
# example's logit becomes $\tilde\eta_i=x_i\cdot w_{-i}$. Derive it in closed form: the gradient of the reduced loss at
# $w$ is known because $w$ is the minimum of the full one, and its Hessian is $H$ minus a matrix of rank one, which
# Sherman and Morrison know how to invert. All $n$ answers then follow from $\eta$, $\mu$, $v$ and the numbers
# $a_i=x_i^\top H^{-1}x_i$ (Pregibon 1981; Rad and Maleki 2020).
#
# Here $X$, $y$, $w$, $\lambda$ are `X`, `y`, `w`, `lam`. Watch the sign: without its own vote an example should look worse.
#
# *About 40 minutes, difficulty \*\*\*.*


# %% solution="approximate_loo"
def approximate_loo(X: Float[Array, "n p"], y: Int[Array, " n"], w: Float[Array, " p"], lam: float) -> Float[Array, " n"]:
    """Logit of each example under the model that one Newton step gives when that example is left out.

    Args:
        X: one example per row, with entries up to 10 in size; n > p, n = p or n < p.
        y: classes, 0 or 1.
        w: the minimiser of sum_i log(1 + e^(x_i . w)) - y_i x_i . w + lam/2 |w|^2 over all examples, to rounding.
        lam: ridge parameter, from 0.01 to 10.

    Returns:
        The left-out logits, shape (n,).
        Example: X = [[1.]], y = [1], lam = 1/4: w = 1.0426 fits; without the only example the loss is |w|^2/8, whose minimum
        one step reaches: [0.0], up to the rounding of w. (With w = [1.042597], six digits, it is [1.5e-7].)
    """
    ### BEGIN SOLUTION
    eta = X @ w
    mu = jax.nn.sigmoid(eta)
    v = mu * (1 - mu)
    hessian = (X.T * v) @ X + lam * jnp.eye(X.shape[1])
    a = jnp.einsum("ij,ij->i", X, jnp.linalg.solve(hessian, X.T).T)
    return eta + (mu - y) * a / (1 - v * a)
    ### END SOLUTION


# %% check="approximate_loo"
def _fitted(X, y, lam):
    """Minimiser of the penalised loss by Newton's method. Given."""
    w = np.zeros(X.shape[1])
    for _ in range(50):
        mu = 1 / (1 + np.exp(-X @ w))
        w = w - np.linalg.solve((X.T * (mu * (1 - mu))) @ X + lam * np.eye(len(w)), X.T @ (mu - y) + lam * w)
    return w


_X, _y = np.array([[1.0]]), np.array([1])
_left = np.asarray(approximate_loo(jnp.array(_X), jnp.array(_y), jnp.array(_fitted(_X, _y, 0.25)), 0.25))
assert _left.shape == (1,), "one logit per example"
assert abs(_left[0]) < 1e-6, (
    "without its only example the model is w = 0. 1.04: nothing was left out; 0.45: H still contains the example; 2.09: the sign"
)
_X, _y = np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 2.0]]), np.array([1, 0, 0])
_left = np.asarray(approximate_loo(jnp.array(_X), jnp.array(_y), jnp.array(_fitted(_X, _y, 0.5)), 0.5))
assert abs(_left[0]) < 1e-6, "example 0 is the only one with feature 0: without it the weight is 0"
assert np.all(_left[1:] < 0) and abs(_left[1] - _left[2]) < 1e-9, "two equal examples support each other: the other one remains"

# %% [markdown] predict="approximate_loo"
# **Predict.** Sixty examples with forty features: nearly separable. As $\lambda$ falls, what will the training loss do,
# and what the exact leave-one-out loss? Where do you expect one Newton step to be too short?

# %% [markdown] answer="approximate_loo"
# The training loss falls to 0; the leave-one-out loss has a minimum at a finite penalty and then grows without bound,
# since left-out examples end up on the wrong side by larger and larger logits. At small penalties the curvature changes
# a lot on the way to the new minimum, and one step no longer reaches it.

# %% tags=["demo"]
draw = np.random.default_rng(25)
X_few = draw.normal(size=(60, 40))
w_few = draw.normal(size=40) / np.sqrt(40) * 2.5
y_few = (draw.uniform(size=60) < scipy.special.expit(X_few @ w_few)).astype(int)


def fitted(X, y, lam, start):
    """Minimiser by a library's Newton method."""
    objective = lambda w: np.sum(np.logaddexp(0, X @ w) - y * (X @ w)) + lam / 2 * w @ w
    slope = lambda w: X.T @ (scipy.special.expit(X @ w) - y) + lam * w
    curvature = lambda w: (X.T * (scipy.special.expit(X @ w) * scipy.special.expit(-X @ w))) @ X + lam * np.eye(len(w))
    return scipy.optimize.minimize(objective, start, jac=slope, hess=curvature, method="trust-exact", options={"gtol": 1e-8}).x


penalties = np.geomspace(0.03, 100, 10)
curves = []
for lam in penalties:
    w = fitted(X_few, y_few, lam, np.zeros(40))
    left_out = [X_few[i] @ fitted(np.delete(X_few, i, 0), np.delete(y_few, i), lam, w) for i in range(60)]
    guessed = np.asarray(approximate_loo(jnp.array(X_few), jnp.array(y_few), jnp.array(w), float(lam)))
    curves.append([np.mean(np.logaddexp(0, eta) - y_few * eta) for eta in (X_few @ w, np.array(left_out), guessed)])
    if len(curves) in (3, 7):
        kept = (lam, np.array(left_out), guessed) if len(curves) == 7 else None
        near_kept = (lam, np.array(left_out), guessed) if len(curves) == 3 else near_kept
train, exact, guess = np.array(curves).T
fig, (left, right) = panels(2, height=3.7)
left.plot(penalties, train, "^", color=COLORS[2], label="training")
left.plot(penalties, guess, "o", color=COLORS[0], label="one Newton step (yours)")
theory(left, penalties, exact, "60 refits")
for (lam, refits, steps), color in ((near_kept, COLORS[1]), (kept, COLORS[0])):
    right.plot(refits, steps, "o", markersize=4, color=color, label=rf"$\lambda={lam:.2g}$")
span = np.array([near_kept[1].min(), near_kept[1].max()])
theory(right, span, span, "equal")
finish(left, "What a left-out example costs", r"$\lambda$", "mean log loss", xscale="log")
finish(right, "Left-out logits", "by a refit", "by one Newton step")

# %% [markdown] reflect="approximate_loo"
# **Reflect.** Compare the error of the approximation with the gap that it is meant to measure, between training and
# leave-one-out loss. For choosing $\lambda$, is it good enough? How many fits did it save?

# %% [markdown] answer="approximate_loo"
# Near the minimum of the leave-one-out curve the error is a small part of the gap, and both curves have their minimum
# at the same penalty of the ten. It saves 60 fits per penalty, and takes a Hessian that Newton's method has computed
# anyway.

# %% [markdown] question="why_no_maximum" points=4 minutes=30 difficulty="**" written=true
# ## 2.6 When the likelihood has no maximum
#
# Let $L(w)=\sum_i\log\bigl(1+e^{-z_i\cdot w}\bigr)$ with $z_i=(2y_i-1)x_i$, where the $x_i$ span $\mathbb R^p$. Call
# the data *quasi-separable* if some $w\ne0$ has $z_i\cdot w\ge0$ for all $i$. (a) Show that $L$ is strictly convex, so
# that it has at most one minimum. (b) Show: if the data are quasi-separable, $L$ has no minimum. (c) Show the converse:
# if they are not, $L$ has one. *Hint: look at $L$ along rays, and use that a unit sphere is compact.* (d) For which
# data does $L(w)+\frac\lambda2|w|^2$ with $\lambda>0$ have a minimum, and how many? Do the $x_i$ have to span?

# %% [markdown] solution="why_no_maximum"
# (a) The Hessian is $\sum_i v_i\,x_ix_i^\top$ with $v_i=\mu_i(1-\mu_i)>0$ for every $w$; so
# $u^\top\nabla^2L\,u=\sum_iv_i(x_i\cdot u)^2$ vanishes only if all $x_i\cdot u=0$, that is $u=0$ as the $x_i$ span. A
# strictly convex function has at most one minimum.
#
# (b) Let $u\ne0$ with $z_i\cdot u\ge0$. Since the $x_i$ span, some $z_j\cdot u>0$. Along $w+tu$ no term grows and the
# $j$-th falls strictly: $L(w+tu)<L(w)$ for all $w$ and $t>0$, so no $w$ is a minimum.
#
# (c) If the data are not quasi-separable, $m(u)=\max_i(-z_i\cdot u)>0$ for each unit vector $u$. The function $m$ is
# continuous and the unit sphere is compact, so $m\ge\varepsilon>0$. For $w=ru$, $L(w)\ge\log(1+e^{r\,m(u)})\ge
# r\varepsilon$. Hence $L\to\infty$ uniformly as $|w|\to\infty$: outside of a ball $L$ exceeds $L(0)$, and the
# continuous $L$ has a minimum in the ball.
#
# (d) With $\frac\lambda2|w|^2$, $\lambda>0$, the loss is at least $\frac\lambda2|w|^2$ and tends to infinity; it is
# strictly convex whether or not the $x_i$ span: exactly one minimum, for all data.

# %% [markdown] rubric="why_no_maximum"
# * **1 point** (a): Hessian with strictly positive $v_i$, and spanning used to exclude $u\ne0$. Half if only "convex"
#   is shown.
# * **1 point** (b): every term non-increasing and one strictly decreasing along $u$; the strict term needs that the
#   $x_i$ span. Half if the argument is given for strictly separable data only (all $z_i\cdot u>0$).
# * **1.5 points** (c): a uniform lower bound $r\varepsilon$ by compactness (1), and the conclusion that a minimum
#   exists (0.5). "Each ray goes to infinity" without uniformity: half of the point.
# * **0.5 points** (d): exactly one minimum always.

# %% [markdown] question="why_logarithm" points=4 minutes=35 difficulty="**" written=true
# ## 2.7 Why the logarithm
#
# Gradient flow $\dot w=-\nabla L$ on the exponential loss $L(w)=\sum_ie^{-z_i\cdot w}$ with separable data. (a) One
# dimension, one example $z=1$: solve $\dot w=e^{-w}$ exactly. What is the loss at time $t$? (b) In general, insert
# $w(t)=\hat w\log t+\rho$ with constant $\rho$, where $\hat w=\sum_i\alpha_iz_i$ is the shortest vector with all
# $z_i\cdot\hat w\ge1$. Let the support vectors, those with $z_i\cdot\hat w=1$, be linearly independent and have
# $\alpha_i>0$, as is true for almost all data. Show that the terms
# of order $1/t$ balance if $e^{-z_i\cdot\rho}=\alpha_i$ for each of them, and that the other examples contribute less.
# (c) Conclude how fast the margin $\min_iz_i\cdot w/|w|$ approaches its limit. (d) The ridge path
# $w_\lambda=\arg\min L(w)+\lambda|w|^2$: what is the limit of its direction as $\lambda\to0$, in one or two sentences of
# reasoning?

# %% [markdown] solution="why_logarithm"
# (a) $\frac{d}{dt}e^w=e^w\dot w=1$, so $w=\log(e^{w_0}+t)$ and $L=e^{-w}=1/(e^{w_0}+t)$.
#
# (b) The flow's left side is $\dot w=\hat w/t=\sum_i\alpha_iz_i/t$. The right side is $\sum_iz_ie^{-z_i\cdot
# w}=\sum_iz_i\,t^{-z_i\cdot\hat w}e^{-z_i\cdot\rho}$. Support vectors have $z_i\cdot\hat w=1$ and give $\frac1t\sum
# z_ie^{-z_i\cdot\rho}$: equal to the left side if $e^{-z_i\cdot\rho}=\alpha_i$. All others have $z_i\cdot\hat w>1$ and
# $\alpha_i=0$; their terms are $O(t^{-\kappa})$ with $\kappa=\min z_i\cdot\hat w>1$, and are integrable: they move $w$
# by a bounded amount only.
#
# (c) For a support vector $z_i\cdot w=\log t+z_i\cdot\rho$, and $|w|=|\hat w|\log t\,\bigl(1+\hat w\cdot\rho/(|\hat
# w|^2\log t)+O(\log^{-2}t)\bigr)$. The quotient is $\frac1{|\hat w|}+\frac{1}{|\hat w|\log t}\bigl(z_i\cdot\rho-\hat
# w\cdot\rho/|\hat w|^2\bigr)+O(\log^{-2}t)$: the gap closes as $1/\log t$. With $z_i\cdot\rho=-\log\alpha_i$ and $|\hat
# w|^2=\sum_i\alpha_i$ its constant is $\frac1{|\hat
# w|}\sum_i\frac{\alpha_i}{\sum_j\alpha_j}\log\frac{\max_j\alpha_j}{\alpha_i}$: the dashed curve of lab question 4.
#
# (d) The same max-margin direction: as $\lambda\to0$ the norm of $w_\lambda$ grows, and at a fixed large norm $R$ the
# loss is dominated by the example with the smallest margin, $L\approx e^{-R\gamma}$; so among vectors of this norm the
# penalised loss picks the one with the largest $\gamma$ (Rosset, Zhu and Hastie 2004).

# %% [markdown] rubric="why_logarithm"
# * **1 point** (a): the solution with its constant (0.5) and the loss (0.5).
# * **1.5 points** (b): powers $t^{-z_i\cdot\hat w}$ (0.5), the balance for support vectors (0.5), the others are of
#   higher order (0.5).
# * **1 point** (c): $1/\log t$ from the constant offset, with at least the leading expansion. Half for the statement
#   without it.
# * **0.5 points** (d): the max-margin direction with the argument that the smallest margin dominates.

# %% [markdown]
# ## Read on
#
# * M. J. Wainwright and M. I. Jordan (2008), [Graphical models, exponential families, and variational
#   inference](https://doi.org/10.1561/2200000001): chapter 3, convex duality between $\theta$ and the mean parameters.
# * S. Amari and H. Nagaoka (2000), *Methods of Information Geometry*: chapter 3, divergences and the Pythagorean
#   theorem behind 2.1.
# * G. H. Golub, M. Heath and G. Wahba (1979), [Generalized cross-validation as a method for choosing a good ridge
#   parameter](https://doi.org/10.1080/00401706.1979.10489751): why one should want rotation
#   invariance. P. Craven and G. Wahba (1979), *Smoothing noisy data with spline functions*, Numerische Mathematik 31.
# * T. M. Cover (1965), [Geometrical and statistical properties of systems of linear
#   inequalities](https://doi.org/10.1109/PGEC.1965.264137): theorem 1, the function counting theorem, two pages.
# * E. J. Candès and P. Sur (2020), [The phase transition for the existence of the maximum likelihood estimate in
#   high-dimensional logistic regression](https://arxiv.org/abs/1804.09753): the introduction: where the
#   transition of 2.4 moves if the labels depend on the features.
# * A. Albert and J. A. Anderson (1984), [On the existence of maximum likelihood estimates in logistic regression
#   models](https://doi.org/10.1093/biomet/71.1.1): the theorem of 2.6.
# * K. R. Rad and A. Maleki (2020), [A scalable estimate of the out-of-sample prediction error via approximate
#   leave-one-out cross-validation](https://arxiv.org/abs/1801.10243): sections 1 and 2. D. Pregibon (1981), *Logistic
#   regression diagnostics*, Annals of Statistics 9: the step itself.
# * S. Rosset, J. Zhu and T. Hastie (2004), [Boosting as a regularized path to a maximum margin
#   classifier](https://www.jmlr.org/papers/v5/rosset04a.html): the path of ever weaker constraints;
#   their *Margin maximizing loss functions* (NIPS 2003) has the case of 2.7.
