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
# # Week 1 lab: Statistical learning
#
# A model that fits its training data perfectly has memorised them. Has it learned anything? For a century the answer
# was "no, it overfits". Then networks with more parameters than data interpolated everything and predicted well.
# Linear regression does the same, and there every number can be computed. Today you build the tools: ridge regression
# in all its forms, bias and variance, leave-one-out without leaving anything out. In the end a machine that has
# memorised thirty false labels will tell you which of its labels are false.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 1 | Ridge regression from the shorter side | 3 | 20 | * |
# | 2 | The whole path, down to no ridge at all | 3 | 25 | ** |
# | 3 | Bias and variance from a few data sets | 3 | 25 | ** |
# | 4 | Anatomy of a peak | 3 | 30 | ** |
# | 5 | Leave one out, without leaving it out | 4 | 30 | ** |
# | 6 | What does an interpolator know about its own error? | 4 | 40 | *** |
#
# **How to work.** Each function gets all it needs as arguments, so you can do the questions in any order. After each
# one run its `grader.check`: it catches the usual slip; hidden tests then look more closely. Write your predictions
# down before you plot. NumPy or JAX, loops or `einsum`: every correct style is accepted, by the tests and by the
# plots.
#
# **Conventions.** A data set is a matrix $X$ of shape $(n,p)$, one example per row, with targets $y$. Ridge
# regression minimises $|y-Xw|^2+\lambda|w|^2$: a **sum** over examples, and $\lambda$ is *not* multiplied by $n$.
# Except in question 5 there is no intercept. In the experiments the data come from a teacher: $y=Xw_*+\varepsilon$
# with independent noise of variance $\sigma^2$, $r^2=|w_*|^2$, and $x\sim N(0,I_p)$; the **excess risk** of $\hat w$
# is $\mathbb E_x(x^\top\hat w-x^\top w_*)^2=|\hat w-w_*|^2$, without the noise of the new label. Everything is
# float64; hidden tests compare to four digits.

# %%
from course_lib.checks import open_checks

grader = open_checks("week01/lab")

# %%
import functools

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from course_lib.data import digits
from course_lib.plots import COLORS, digit_gallery, finish, panels, theory

jax.config.update("jax_enable_x64", True)  # 1/s for small singular values s needs double precision

# %% tags=["demo"]
rng = np.random.default_rng(1)


def teacher(n, p, noise, signal, copies=1):
    """Gaussian inputs X (n, p), targets (n, copies) and teachers (p, copies) of squared length `signal`."""
    w = rng.normal(size=(p, copies))
    w *= np.sqrt(signal) / np.linalg.norm(w, axis=0)
    X = rng.normal(size=(n, p))
    return X, X @ w + np.sqrt(noise) * rng.normal(size=(n, copies)), w


@functools.cache
def spectra(n, p, draws=400):
    """The p squared singular values of each of 400 Gaussian (n, p) matrices, the zeros of p > n last."""
    X = np.random.default_rng(0).normal(size=(p, draws, n)).transpose(1, 2, 0)
    small = X @ X.transpose(0, 2, 1) if n < p else X.transpose(0, 2, 1) @ X
    return np.pad(np.linalg.eigvalsh(small), ((0, 0), (0, max(p - n, 0))))


def risk_of_spectra(n, p, lam, noise, signal):
    """Excess risk of ridge: exact for each X, averaged over teacher and noise (homework 1.6), then the mean over 400 X."""
    squares, lam = spectra(n, p), max(lam, 1e-9)
    return ((lam**2 * signal / p + noise * squares) / (squares + lam) ** 2).sum(axis=1).mean()


def training_error_of_spectra(n, p, lam, noise, signal):
    """Mean squared training error of ridge, averaged in the same way."""
    squares = spectra(n, p)[:, : min(n, p)]  # the others are zeros
    left = (lam / (squares + lam)) ** 2 * (squares * signal / p + noise)
    return (left.sum(axis=1).mean() + noise * max(n - p, 0)) / n


fewer, more = np.arange(4, 37), np.unique(np.round(np.geomspace(44, 400, 24)).astype(int))  # p on both sides of n = 40


# %% [markdown] question="ridge" points=3 minutes=20 difficulty="*"
# ## 1. Ridge regression from the shorter side
#
# Ridge regression is the workhorse of this week, and with kernels it is the theory of wide networks in week 5. Its
# textbook form solves a system of $p$ equations:
#
# $$\hat W=\arg\min_W\;\sum_{i=1}^n|y_i-W^\top x_i|^2+\lambda|W|^2=(X^\top X+\lambda I_p)^{-1}X^\top Y .$$
#
# But a modern model has more parameters than data. For $p=200\,000$ the matrix $X^\top X$ alone takes 320 GB,
# although there may be only ten examples, and $\hat W$ is a combination of ten vectors. **Derive a second form that
# never builds a $p\times p$ matrix.** Start from the equation that says that the gradient vanishes. Why is $\hat
# W=X^\top A$ for some $A$, and which $n$ equations determine $A$? Then let the function choose.
#
# $X$ and $\lambda$ are `X` and `lam`. The targets `Y` are a matrix, one column for each output; each column is fitted
# on its own.
#
# *About 20 minutes, difficulty \*, 3 points.*


# %% solution="ridge"
def ridge(X: Float[Array, "n p"], Y: Float[Array, "n k"], lam: float) -> Float[Array, "p k"]:
    """Ridge regression: the minimiser of the sum of squared errors plus lam times the sum of squared weights.

    Args:
        X: inputs, one example per row, float64. Either n or p may be as large as 200 000 if the other is at most 10;
            a matrix of 200 000 x 200 000 numbers fits into no memory.
        Y: targets, one column per output, float64; k >= 1.
        lam: lambda, between 1e-3 and 1e6; not multiplied by n. No intercept is added, nothing is centred.

    Returns:
        The weights W, float64: predictions are X @ W.
        Example: X [[1., 2.]], Y [[6.]], lam 1: [[1.], [2.]], in both forms.
    """
    ### BEGIN SOLUTION
    n, p = X.shape
    if p <= n:
        return jnp.linalg.solve(X.T @ X + lam * jnp.eye(p), X.T @ Y)
    # The gradient vanishes: lam W = X^T (Y - X W). So W = X^T A with lam A = Y - X X^T A.
    return X.T @ jnp.linalg.solve(X @ X.T + lam * jnp.eye(n), Y)
    ### END SOLUTION


# %% check="ridge"
one = np.asarray(ridge(jnp.array([[1.0, 2.0]]), jnp.array([[6.0]]), 1.0))
assert one.shape == (2, 1), "one row per input, one column per output: W has shape (p, k)"
assert np.allclose(one, [[1.0], [2.0]]), "X^T A with (5 + 1) A = 6: W = [[1], [2]]"
tall_X, tall_Y = jnp.array([[1.0], [1.0], [2.0], [0.0]]), jnp.array([[2.0, 0.0], [0.0, 4.0], [1.0, 2.0], [9.0, 9.0]])
tall = np.asarray(ridge(tall_X, tall_Y, 2.0))
assert np.allclose(tall, [[0.5, 1.0]]), (
    "X^T X = 6 and X^T Y = [4, 8]: divided by 6 + 2. [0.29, 0.57]: lambda was multiplied by n = 4; "
    "[0.67, 1.33]: lambda is missing"
)
wide = jnp.ones((2, 200_000)).at[0, 0].set(3.0)
# If the next line runs out of memory, a 200 000 x 200 000 matrix was built.
wide_sum = np.asarray(ridge(wide, jnp.array([[1.0], [1.0]]), 1.0)).sum()
assert np.allclose(wide_sum, 1.0, atol=1e-3), "two examples of 200 000 inputs: the weights sum to almost 1"

# %% [markdown] predict="ridge"
# **Predict.** A teacher with $p=70$ weights, noise $\sigma^2=0.5$, signal $r^2=1$. You draw the excess risk against
# $\lambda$ for $n=50$, $100$ and $200$ examples. Where does the best $\lambda$ go when $n$ doubles: up, down, or
# nowhere? And the training error: does it have a minimum, too?

# %% [markdown] answer="ridge"
# The best $\lambda$ stays where it is: 35 for every $n$, also for $n<p$. Homework 1.3 and 1.6 ask why. (In the other
# convention, where the penalty is $n\lambda|w|^2$, it falls like $1/n$.) The training error has no minimum inside: it
# grows with $\lambda$ from the start, because $\lambda=0$ is by definition the best fit of the training data.

# %% tags=["demo"]
lams, p, noise = np.geomspace(0.3, 4000, 17), 70, 0.5
fig, (left, right) = panels(2)
for color, n in zip(COLORS, (50, 100, 200), strict=False):
    excess, training = np.zeros(17), np.zeros(17)
    for _ in range(6):  # six draws of the inputs, each with 50 teachers
        X, Y, W = teacher(n, p, noise, 1.0, copies=50)
        for j, lam in enumerate(lams):
            fitted = np.asarray(ridge(jnp.asarray(X), jnp.asarray(Y), float(lam)))
            excess[j] += ((fitted - W) ** 2).sum(axis=0).mean() / 6
            training[j] += ((X @ fitted - Y) ** 2).mean() / 6
    left.plot(lams, training, "o", color=color, markersize=4, label=f"n = {n}")
    right.plot(lams, excess, "o", color=color, markersize=4, label=f"n = {n}")
    fine = np.geomspace(0.3, 4000, 120)
    curve = np.array([risk_of_spectra(n, p, lam, noise, 1.0) for lam in fine])
    theory(right, fine, curve, "theory, mean of 400 X" if n == 200 else None)
    theory(left, fine, [training_error_of_spectra(n, p, lam, noise, 1.0) for lam in fine])
    right.plot(fine[curve.argmin()], curve.min(), "v", color="black", zorder=6, label="its minimum" if n == 200 else None)
left.axhline(noise, color="0.6", linewidth=1)
finish(left, "Training error per example (grey: the noise)", r"$\lambda$", "mean square", xscale="log")
finish(right, "Excess risk", r"$\lambda$", r"$|\hat w-w_*|^2$", xscale="log", ylim=(0, 1.75))

# %% [markdown] reflect="ridge"
# **Reflect.** For $n=50$ the training error falls to almost 0, far below the noise; at the $\lambda$ of the best risk,
# where is it compared to the noise? And what do all three curves on the right become for $\lambda\to\infty$, and
# why?

# %% [markdown] answer="ridge"
# At $\lambda=35$ the training error still lies below the noise level for all three $n$: some of the noise has been
# fitted even at the optimum, and more is fitted if there are fewer examples. (At the best $\lambda$ it is
# $\sigma^2(1-\mathrm{df}/n)$ on average, with the degrees of freedom of question 2.) So "stop when the training error
# equals the noise" overdoes the regularisation. For $\lambda\to\infty$ the weights are 0 and the excess risk is
# $r^2=1$ (and the training error $r^2+\sigma^2$): a prediction of 0 has no variance and all of the bias. Without
# enough ridge the curves of $n=50$ and $n=100$ lie above or near that line: then knowing nothing is better than the
# fit.

# %% [markdown] question="ridge_path" points=3 minutes=25 difficulty="**"
# ## 2. The whole path, down to no ridge at all
#
# To choose $\lambda$ one wants the solution for many of them, and a solve for each is a waste. One singular value
# decomposition $X=U\,\mathrm{diag}(s)\,V^\top$ gives them all. In its coordinates ridge regression is a filter:
#
# $$\hat w_\lambda=\sum_{j:\,s_j>0}\frac{s_j}{s_j^2+\lambda}\;(u_j^\top y)\;v_j,\qquad
# \mathrm{df}(\lambda)=\sum_{j:\,s_j>0}\frac{s_j^2}{s_j^2+\lambda}.$$
#
# The **degrees of freedom** $\mathrm{df}(\lambda)=\operatorname{tr}\,\partial\hat y/\partial y$ count how many
# parameters are in use. At $\lambda=0$ the first sum is $X^+y$, the solution of the least-squares problem that has the
# **smallest norm**: where $p\ge n$ and the rows of $X$ are independent, it interpolates. It is the limit
# $\lambda\to0$, and where gradient descent from 0 ends.
#
# On a computer no singular value is exactly 0: where the rank of $X$ is less than $\min(n,p)$ you find numbers like
# $10^{-16}$, whose inverses ruin everything. Count $s_j$ as zero if $s_j\le10^{-10}\,s_1$, where $s_1$ is the largest,
# and mind what the formula gives then at $\lambda=0$. `lams` are the $\lambda$'s, in any order.
#
# *About 25 minutes, difficulty \*\*, 3 points.*


# %% solution="ridge_path"
def ridge_path(X: Float[Array, "n p"], y: Float[Array, " n"], lams: Float[Array, " m"]) -> Float[Array, "m p"]:
    """Ridge solutions for many lambdas from one singular value decomposition.

    Args:
        X: inputs of any shape and any rank >= 1, float64. Singular values up to 1e-10 of the largest are zeros.
        y: targets, float64.
        lams: lambdas >= 0, in any order, float64. At 0 the answer is the minimum-norm least-squares solution.

    Returns:
        One solution per row, in the order of lams, float64. Nothing in it is infinite or NaN.
        Example: X [[2., 0.], [0., 0.]], y [4., 1.], lams [4., 0.]: [[1., 0.], [2., 0.]].
    """
    ### BEGIN SOLUTION
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    filters = jnp.where(s > 1e-10 * s[0], s / (s**2 + lams[:, None]), 0.0)  # where 0/0 stands, 0 is taken
    return (filters * (y @ U)) @ Vt
    ### END SOLUTION


def degrees_of_freedom(X: Float[Array, "n p"], lams: Float[Array, " m"]) -> Float[Array, " m"]:
    """Effective number of parameters of ridge regression for many lambdas.

    Args:
        X, lams: as for `ridge_path`.

    Returns:
        df(lambda), one number for each of lams, float64; at lambda = 0 it is the rank of X.
        Example: X [[2., 0.], [0., 0.]], lams [4., 0.]: [0.5, 1.].
    """
    ### BEGIN SOLUTION
    s = jnp.linalg.svd(X, compute_uv=False)
    squares = s[s > 1e-10 * s[0]] ** 2
    return (squares / (squares + lams[:, None])).sum(axis=1)
    ### END SOLUTION


# %% check="ridge_path"
flat = jnp.array([[2.0, 0.0], [0.0, 0.0]])
path = np.asarray(ridge_path(flat, jnp.array([4.0, 1.0]), jnp.array([4.0, 0.0])))
assert path.shape == (2, 2), "one row for each lambda, one column for each weight"
assert np.isfinite(path).all(), "0/0: a singular value that is 0 contributes nothing, also at lambda = 0"
assert np.allclose(path, [[1.0, 0.0], [2.0, 0.0]]), "filters s / (s^2 + lambda): 2/8 and 2/4, times u^T y = 4"
twins = jnp.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]) / 3.0
assert np.allclose(np.asarray(ridge_path(twins, jnp.array([1.0, 2.0, 3.0]), jnp.array([0.0]))), [[1.5, 1.5]]), (
    "two equal inputs share the weight 3 at the smallest norm: [1.5, 1.5]. Large or unequal: a singular value of "
    "1e-17 was inverted"
)
freedom = np.asarray(degrees_of_freedom(flat, jnp.array([4.0, 0.0])))
assert np.allclose(freedom, [0.5, 1.0]), "df = 4/(4 + 4) and, at 0, the rank 1: not p, and not NaN"

# %% [markdown] predict="ridge_path"
# **Predict.** Fifteen noisy values of a wavy function, and $p$ polynomials to fit them with: 5, 15 and 400, always
# the solution of smallest norm. Which of the three fits is the worst? Then a Gaussian teacher and $n=40$: draw the
# excess risk of the minimum-norm solution as $p$ goes from 4 to 400, and under it that of the best ridge. Last,
# gradient descent: from 0 it ends at the minimum-norm solution. What changes if it starts at random weights of length
# 2?

# %% [markdown] answer="ridge_path"
# The worst is $p=15=n$: there is exactly one interpolant, and it has to swing wildly. With 400 polynomials there are
# many interpolants, and the one of smallest norm is tame. On the right the risk explodes at $p=n$ and comes down
# again on the other side: double descent. The best ridge has no peak at all. Gradient descent from $w_0$ ends at
# $X^+y+(I-X^+X)w_0$: what no training input shows keeps its start. For $p\le n$ nothing changes; far out the start
# stays in place almost as a whole, and the second descent turns into a rise.

# %% tags=["demo"]
def polynomials(x, p):
    """Legendre polynomials of degree below p; higher degrees are scaled down, so that a small norm means a smooth fit."""
    degree = np.arange(p)
    return np.polynomial.legendre.legvander(x, p - 1) * np.sqrt(2 * degree + 1) / (1 + degree) ** 1.5


x_train, x_axis = np.linspace(-0.95, 0.95, 15) + rng.uniform(-0.05, 0.05, size=15), np.linspace(-1, 1, 600)
wave = lambda x: np.sin(5 * x) * np.exp(-x)
y_train = wave(x_train) + 0.2 * rng.normal(size=15)
fig, (left, right) = panels(2)
for color, p in zip((COLORS[2], COLORS[1], COLORS[0]), (5, 15, 400), strict=True):
    w = np.asarray(ridge_path(jnp.asarray(polynomials(x_train, p)), jnp.asarray(y_train), jnp.zeros(1)))[0]
    left.plot(x_axis, polynomials(x_axis, p) @ w, color=color, label=f"{p} polynomials, |w| = {np.linalg.norm(w):.2g}")
theory(left, x_axis, wave(x_axis), "the truth")
left.plot(x_train, y_train, "o", color="black", markersize=4)
finish(left, "Three least-squares fits of 15 points", "x", "y", legend=False, ylim=(-4, 5))
_ = left.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=2, fontsize=8)

n, noise, lams = 40, 0.25, np.append(0.0, np.geomspace(0.3, 300, 25))
sizes = np.array([4, 10, 18, 26, 31, 34, 36, 44, 46, 50, 58, 75, 110, 180, 400])
risks, started = np.zeros((len(lams), len(sizes))), np.zeros(len(sizes))
for column, p in enumerate(sizes):
    for _ in range(60):
        X, y, w = teacher(n, p, noise, 1.0)
        path = np.asarray(ridge_path(jnp.asarray(X), jnp.asarray(y[:, 0]), jnp.asarray(lams)))
        risks[:, column] += ((path - w[:, 0]) ** 2).sum(axis=1) / 60
        start = rng.normal(size=p)
        start *= 2 / np.linalg.norm(start)
        shown = np.asarray(ridge_path(jnp.asarray(X), jnp.asarray(X @ start), jnp.zeros(1)))[0]  # X^+ X start
        started[column] += ((path[0] + start - shown - w[:, 0]) ** 2).sum() / 60
right.plot(sizes, risks[0], "o", color=COLORS[1], markersize=4, label="no ridge")
right.plot(sizes[sizes > n], started[sizes > n], "^", color=COLORS[4], markersize=4, label=r"no ridge, from $|w_0|=2$")
right.plot(sizes, risks.min(axis=0), "o", color=COLORS[0], markersize=4, label=r"the best of 25 $\lambda$")
for side in (fewer, more):
    theory(right, side, [risk_of_spectra(n, p, 0.0, noise, 1.0) for p in side], "theory, mean of 400 X" if side is more else None)
theory(right, more, [risk_of_spectra(n, p, 0.0, noise, 1.0 + 4.0) for p in more])
both = np.concatenate([fewer, [38, 40, 42], more])
theory(right, both, [min(risk_of_spectra(n, p, lam, noise, 1.0) for lam in lams[1:]) for p in both])
right.axvline(n, color="0.7", linewidth=1)
finish(right, "Double descent, n = 40", "number of weights p", "excess risk", xscale="log", yscale="log")

# %% [markdown] reflect="ridge_path"
# **Reflect.** Both fits with $p\ge n$ on the left go through every point. Read their norms: which of the two memorises
# "harder", and what decides between them? On the right, at $p=36$ you have 40 data. Name two ways to get a better
# predictor, one of which throws information away.

# %% [markdown] answer="ridge_path"
# At $p=15$ the norm is by far the largest: the single interpolant has no choice. With $p=400$ the smallest norm decides
# among infinitely many, and a small norm means a smooth function *in this basis*: the prior is in the scaling of the
# features. At $p=36$ one can add ridge, add features (go right), or take data away: with $n=20$ the same 36 weights
# have a lower risk, since the peak has moved away. That more data can hurt is a defect of the estimator: with the best
# ridge, in this model, it never does.

# %% [markdown] question="bias_variance" points=3 minutes=25 difficulty="**"
# ## 3. Bias and variance from a few data sets
#
# Train the same method on $m$ independent training sets. Its predictions at a test point $x_t$ scatter around their
# mean, and the mean misses the truth: variance and bias. With infinitely many training sets
#
# $$\underbrace{\mathbb E\,(\hat f(x_t)-f(x_t))^2}_\text{mean squared error}
# =\underbrace{(\mathbb E\hat f(x_t)-f(x_t))^2}_{\text{bias}^2}+\underbrace{\operatorname{Var}\hat
# f(x_t)}_\text{variance}.$$
#
# With $m$ training sets, replace both expectations by means over the members, so that the variance has $1/m$. The
# identity still holds exactly; this is the **plug-in** estimate. `predictions[i, t]` is $\hat f_i(x_t)$, `truth[t]` is
# $f(x_t)$; both terms are averaged over the test points.
#
# But nobody has many training sets, and with few the plug-in estimate is wrong *on average*: the mean over the
# members scatters, too, and its scatter is taken for bias. **Work out by how much** (what is the expectation of the
# plug-in bias², if the members are independent?) and write a second function whose two numbers are right on average,
# for every $m\ge2$.
#
# *About 25 minutes, difficulty \*\*, 3 points.*


# %% solution="bias_variance"
def bias_variance(
    predictions: Float[Array, "m t"], truth: Float[Array, " t"]
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Plug-in estimate of squared bias and variance, averaged over the test points.

    Args:
        predictions: of each of m >= 2 models, one per row, at t test points, float64.
        truth: the noiseless values there, float64.

    Returns:
        (bias2, variance), two scalars whose sum is the mean of (predictions - truth)^2.
        Example: predictions [[1.], [3.]], truth [0.]: (4., 1.).
    """
    ### BEGIN SOLUTION
    bias2 = jnp.mean((predictions.mean(axis=0) - truth) ** 2)
    return bias2, predictions.var(axis=0).mean()
    ### END SOLUTION


def unbiased_bias_variance(
    predictions: Float[Array, "m t"], truth: Float[Array, " t"]
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Estimates of squared bias and variance whose expectations are exact for independent members and any m >= 2.

    Args:
        predictions, truth: as for `bias_variance`.

    Returns:
        (bias2, variance), two scalars; their sum is again the mean of (predictions - truth)^2, and bias2 may come out
        negative. No entry is clipped at 0: that would spoil the average.
        Example: predictions [[1.], [3.]], truth [0.]: (3., 2.).
    """
    ### BEGIN SOLUTION
    m = len(predictions)
    bias2, variance = bias_variance(predictions, truth)
    # E variance = (1 - 1/m) V, and the mean over members has variance V / m.
    return bias2 - variance / (m - 1), variance * m / (m - 1)
    ### END SOLUTION


# %% check="bias_variance"
pair, zero = jnp.array([[1.0], [3.0]]), jnp.array([0.0])
plug_in = [float(v) for v in bias_variance(pair, zero)]
assert np.allclose(plug_in, [4.0, 1.0]), "mean 2, so bias^2 = 4; deviations -1 and 1 with 1/m: variance 1 (2: that has 1/(m-1))"
flip = [float(v) for v in bias_variance(jnp.array([[1.0, -1.0], [1.0, -1.0]]), jnp.zeros(2))]
assert np.allclose(flip, [1.0, 0.0]), (
    "square the bias before the mean over test points; the variance is over members, test point by test point"
)
unbiased = [float(v) for v in unbiased_bias_variance(pair, zero)]
assert np.allclose(sum(unbiased), 5.0), "what the variance gains, the bias^2 loses: the mean squared error is right as it is"
assert np.allclose(unbiased, [3.0, 2.0]), (
    "the unbiased variance has 1/(m-1): 2; the mean of m = 2 members scatters by 2/m = 1, which is no bias"
)
three_points = [float(v) for v in unbiased_bias_variance(jnp.array([[1.0, 0.0, 2.0], [3.0, 0.0, 0.0]]), jnp.zeros(3))]
assert np.allclose(three_points, [1.0, 4 / 3]), "m = 2 members at t = 3 points. 4/3 and 1: m was taken for the number of points"
agree = [float(v) for v in unbiased_bias_variance(jnp.array([[1.0], [-1.0]]), zero)]
assert np.allclose(agree, [-1.0, 2.0]), "bias^2 = -1 is right here: no clipping"

# %% [markdown] predict="bias_variance"
# **Predict.** The minimum-norm solution again, $n=40$, with five training sets. The truth for $p>n$: the bias² is
# $r^2(1-n/p)^2$. Does bias or variance make the peak at $p=n$? And what will the plug-in bias² show there?

# %% [markdown] answer="bias_variance"
# The peak is all variance: the mean of the predictor is harmless there. (Below $p=n$ least squares has no bias at
# all.) The plug-in bias² nevertheless has a peak, a fifth as high as the variance's: the mean of five wild predictors
# is still wild.

# %% tags=["demo"]
n, noise = 40, 0.25
sizes = np.array([8, 16, 24, 30, 34, 36, 44, 46, 50, 58, 75, 110, 180, 300])
exact_bias = np.clip(1 - n / sizes, 0, None) ** 2
variance = np.array([risk_of_spectra(n, p, 0.0, noise, 1.0) for p in sizes]) - exact_bias
found = np.zeros((len(sizes), 2, 2))
for row, p in enumerate(sizes):
    for _ in range(30):
        w, members = teacher(1, p, noise, 1.0)[2], []
        points = rng.normal(size=(60, p))
        for _ in range(5):
            X = rng.normal(size=(n, p))
            y = X @ w[:, 0] + np.sqrt(noise) * rng.normal(size=n)
            members.append(points @ np.linalg.lstsq(X, y, rcond=None)[0])
        case = jnp.asarray(np.array(members)), jnp.asarray((points @ w)[:, 0])
        found[row] += np.array([np.array(f(*case), dtype=float) for f in (bias_variance, unbiased_bias_variance)]) / 30
fig, (left, right) = panels(2)
left.plot(sizes, found[:, 0, 0], "o", color=COLORS[1], markerfacecolor="white", markersize=5, label="plug-in, 5 training sets")
left.plot(sizes, found[:, 1, 0], "o", color=COLORS[0], markersize=5, label="unbiased, same data")
theory(left, sizes, exact_bias, "exact: $r^2(1-n/p)^2_+$")
right.plot(sizes, found[:, 0, 1], "o", color=COLORS[1], markerfacecolor="white", markersize=5, label="plug-in")
right.plot(sizes, found[:, 1, 1], "o", color=COLORS[0], markersize=5, label="unbiased")
theory(right, sizes[sizes < n], variance[sizes < n], "theory, mean of 400 X")
theory(right, sizes[sizes > n], variance[sizes > n])
finish(left, "Squared bias, mean of 30 trials", "number of weights p", r"bias$^2$", xscale="log", ylim=(-0.5, 1.0))
finish(right, "Variance", "number of weights p", "variance", xscale="log", yscale="log")

# %% [markdown] reflect="bias_variance"
# **Reflect.** To the right of $p=n$ the variance falls and the bias rises: which of them makes the second descent,
# and which ends it? An ensemble of five models, each trained on its own data, predicts with the mean of their
# predictions. One of the three series on the left shows its excess risk: which one, and why?

# %% [markdown] answer="bias_variance"
# To the right of $n$ the variance comes down faster than the bias goes up: the second descent is a fall of variance.
# It ends where $r^2(1-n/p)^2$ takes over; far out the prediction is 0 and the risk is $r^2$. The open circles are the
# risk of the ensemble: the plug-in bias² is the mean square of (mean of five predictions minus truth), and this is
# the error of the ensemble. On average it is bias² + variance/5. So an ensemble cures variance, not bias; here by the
# full factor 5, because its members saw independent data. (One model trained on all 200 examples would do better
# still.)

# %% [markdown] question="peak" points=3 minutes=30 difficulty="**"
# ## 4. Anatomy of a peak
#
# Why at $p=n$? Take the minimum-norm solution $\hat w=X^+y$ and split its error at a test point. Write the training
# targets as $y=Xw_*+e$, where $w_*$ is the best linear model and $e$ its residuals on the training set: noise, or
# whatever no linear model can fit. With $X=\sum_j s_j\,u_jv_j^\top$ the error of the prediction at $x$ is a sum
#
# $$x^\top\hat w-x^\top w_*=\underbrace{\text{blind}(x)}_{\text{what no training input could show}}
# +\sum_{j=1}^{\min(n,p)}\underbrace{\text{mode}_j(x)}_\text{one term for each singular value} .$$
#
# The blind term is there even if $e=0$, and vanishes if $x$ lies in the span of the training inputs; a mode is linear
# in $e$. **Find both.** Each mode is a product of three factors, and a peak needs all three to be large
# at the same time (Schaeffer et al. 2023).
#
# $X$ is `X`, $e$ is `residuals`, $w_*$ is `w_star`, and the rows of `X_test` are the points $x$.
#
# *About 30 minutes, difficulty \*\*, 3 points.*


# %% solution="peak"
def error_modes(
    X: Float[Array, "n p"], residuals: Float[Array, " n"], X_test: Float[Array, "t p"], w_star: Float[Array, " p"]
) -> tuple[Float[Array, " t"], Float[Array, "t r"]]:
    """The error of the minimum-norm solution at test points, split into a blind term and one term per singular value.

    Args:
        X: training inputs, float64, of full rank r = min(n, p); singular values are distinct and not below 1e-3 of the
            largest.
        residuals: e; the training targets are X @ w_star + e, float64.
        X_test: test inputs, one per row, float64.
        w_star: the best linear model, float64.

    Returns:
        (blind, modes); blind + modes.sum(axis=1) is prediction minus X_test @ w_star. Column j of modes belongs to the
        j-th largest singular value of X. For p <= n blind is 0 up to rounding.
        Example: X [[2., 0.]], residuals [1.], X_test [[3., 4.]], w_star [1., 1.]: ([-4.], [[1.5]]).
    """
    ### BEGIN SOLUTION
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    coordinates = X_test @ Vt.T
    return (coordinates @ Vt - X_test) @ w_star, coordinates * (residuals @ U) / s
    ### END SOLUTION


# %% check="peak"
blind_one, modes_one = error_modes(jnp.array([[2.0, 0.0]]), jnp.array([1.0]), jnp.array([[3.0, 4.0]]), jnp.array([1.0, 1.0]))
assert np.shape(blind_one) == (1,) and np.shape(modes_one) == (1, 1), "blind: one number per test point; modes: (t, min(n, p))"
assert np.allclose(np.asarray(modes_one), 1.5), (
    "3 * 1 / 2: test point, residual, singular value. 6: multiplied by s; 4.5: y used in place of e; 0.75: s squared"
)
assert np.allclose(np.asarray(blind_one), -4.0), (
    "the fit has no second weight: prediction minus truth lacks 4 * 1, so it is -4. +4: truth minus prediction"
)
diagonal, points_two = jnp.array([[1.0, 0.0], [0.0, 3.0]]), jnp.array([[1.0, 1.0], [2.0, 0.0]])
_, modes_two = error_modes(diagonal, jnp.ones(2), points_two, jnp.ones(2))
assert np.allclose(np.asarray(modes_two), [[1 / 3, 1.0], [0.0, 2.0]]), (
    "the largest singular value comes first; one row per test point"
)
slanted, e_two, all_ones = jnp.array([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]]), jnp.array([1.0, -1.0]), jnp.ones(3)
blind_two, modes_two = map(jnp.asarray, error_modes(slanted, e_two, jnp.array([[1.0, 0.0, 1.0]]), all_ones))
fit = np.linalg.pinv(np.asarray(slanted)) @ np.asarray(slanted @ all_ones + e_two)
assert np.allclose(np.asarray(blind_two), -1.0), "two examples, three weights. -0.4: the rows of X are no orthonormal basis"
assert np.allclose(np.asarray(blind_two + modes_two.sum(axis=1)), fit[0] + fit[2] - 2), (
    "blind plus modes is the error of the minimum-norm solution: signs of u_j and v_j belong together"
)

# %% [markdown] predict="peak"
# **Predict.** Three ablations. (a) Remove the residuals, $e=0$. (b) Remove from the test inputs all components along
# singular vectors with $s_j^2<0.1\,n$, and those outside the span. (c) Leave the data as they are, but train with a
# ridge, $\lambda=3$ for all $p$. Which of them remove the peak? Which of them raise the risk somewhere?

# %% [markdown] answer="peak"
# Each of the three removes the peak on its own: a product is small if one factor is. (a) leaves the blind term, and
# nothing at all for $p\le n$. (b) leaves the modes of large $s_j$. (c) puts $s_j+\lambda/s_j$ in the place of $s_j$,
# so that small $s_j$ do no harm. It pays for it, since it shrinks $w_*$, too: by the factor $s_j^2/(s_j^2+\lambda)$
# along $v_j$. With this $\lambda$ it is worth it for every $p$. None of the three raises the risk anywhere. (A ridge
# does not if $\lambda$ is at most twice the best one.)

# %% tags=["demo"]
n, noise = 40, 0.25
sizes = np.array([8, 16, 24, 30, 34, 36, 38, 42, 44, 46, 50, 58, 75, 110, 180, 300])
cuts = np.zeros((4, len(sizes)))
for column, p in enumerate(sizes):
    for _ in range(60):
        X, y, w = teacher(n, p, noise, 1.0)
        points = rng.normal(size=(50, p))
        blind, modes = map(np.asarray, error_modes(*map(jnp.asarray, (X, y[:, 0] - X @ w[:, 0], points, w[:, 0]))))
        strong = np.linalg.svd(X, compute_uv=False) ** 2 >= 0.1 * n
        damped = np.asarray(ridge(jnp.asarray(X), jnp.asarray(y), 3.0))
        errors = blind + modes.sum(axis=1), blind, modes[:, strong].sum(axis=1), points @ (damped - w)
        cuts[:, column] += [(e**2).mean() / 60 for e in errors]


def strong_modes(p):
    """Mean square of the sum of modes with s_j^2 >= 0.1 n."""
    squares = spectra(n, p)
    return noise * np.where(squares >= 0.1 * n, 1 / np.maximum(squares, 1e-9), 0.0).sum(axis=1).mean()


fig, (ax, right) = panels(2, width=6.0, height=4.0)
names = "uncut", "(a) no residuals", "(b) test inputs without weak modes", r"(c) ridge, $\lambda=3$"
for color, name, cut in zip((COLORS[1], COLORS[2], COLORS[3], COLORS[0]), names, cuts, strict=True):
    shown = cut > 1e-6
    ax.plot(sizes[shown], cut[shown], "o", color=color, markersize=5, label=name)
both = np.concatenate([fewer[fewer >= 8], [38, 40, 42], more[more <= 300]])
for side in (both[both < 37], both[both > 43]):
    theory(ax, side, [risk_of_spectra(n, p, 0.0, noise, 1.0) for p in side], "theory, mean of 400 X" if side[0] > n else None)
theory(ax, both[both > n], [risk_of_spectra(n, p, 0.0, 0.0, 1.0) for p in both[both > n]])
theory(ax, both, [strong_modes(p) for p in both])
theory(ax, both, [risk_of_spectra(n, p, 3.0, noise, 1.0) for p in both])
ax.axvline(n, color="0.7", linewidth=1)
finish(ax, "Three ways to remove the peak", "number of weights p (n = 40)", "mean squared error", xscale="log", yscale="log",
       legend=False, xlim=(7, 900))  # fmt: skip
_ = ax.legend(frameon=False, loc="upper right", fontsize=9)
smallest = [np.sqrt(spectra(n, p)[:, 0]).mean() for p in sizes]
right.plot(sizes, smallest, "o", color=COLORS[0], markersize=5, label="mean of 400 X")
theory(right, both, abs(np.sqrt(n) - np.sqrt(both)), r"theory: $|\sqrt{n}-\sqrt{p}|$")
right.axvline(n, color="0.7", linewidth=1)
finish(right, "The smallest singular value", "number of weights p (n = 40)", r"$s_{\min}$", xscale="log")

# %% [markdown]
# Nothing of this needs Gaussian inputs. The same on real data: 442 diabetes patients, ten measurements each, and the
# progression of the disease a year later. $w_*$ is the linear fit of all patients; $n$ of them are for training.

# %% tags=["demo"]
from sklearn.datasets import load_diabetes

patients = load_diabetes()
measured, progression = patients.data / patients.data.std(axis=0), patients.target - patients.target.mean()
w_all = np.linalg.lstsq(measured, progression, rcond=None)[0]
sizes, parts = np.array([3, 5, 7, 8, 9, 10, 11, 12, 14, 20, 40]), np.zeros((3, 11, 60))
for column, n in enumerate(sizes):
    for draw in range(60):
        chosen = rng.permutation(442)[:n]
        X, others = measured[chosen], np.delete(measured, chosen, axis=0)
        blind, modes = map(np.asarray, error_modes(*map(jnp.asarray, (X, progression[chosen] - X @ w_all, others, w_all))))
        strong = np.linalg.svd(X, compute_uv=False) ** 2 >= 0.1 * n
        errors = blind + modes.sum(axis=1), blind, modes[:, strong].sum(axis=1)
        parts[:, column, draw] = [(e**2).mean() for e in errors]
fig, ax = panels(1, width=6.6, height=3.8)
for color, name, part in zip((COLORS[1], COLORS[2], COLORS[3]), names, np.median(parts, axis=2), strict=False):
    shown = part > 1e-6
    ax.plot(sizes[shown], part[shown], "o-", color=color, markersize=5, linewidth=1, label=name)
ax.axvline(10, color="0.7", linewidth=1)
finish(ax, "442 patients, p = 10: medians of 60 draws", "number of training patients n", "mean squared error", yscale="log")

# %% [markdown] reflect="peak"
# **Reflect.** In the first figure no green point is drawn for $p<n$: where is it, and why? Where does the peak of the
# patients sit? Real test inputs cannot be cut as in (b). Which sentence about training and test inputs says that a
# data set is benign in the sense of (b)? And why does the uncut peak sit at $p=n$ and not where $p$ is largest?

# %% [markdown] answer="peak"
# At 0: without residuals least squares finds $w_*$ exactly. The patients' peak sits at $n=p=10$, and goes without
# residuals or without weak directions, too. (b) is benign if test inputs vary only in directions in which the
# training inputs vary strongly, too: no distribution shift towards directions that were hardly seen. The smallest
# singular value of a random matrix is about $|\sqrt n-\sqrt p|$: it is closest to 0 for square matrices, and grows
# again beyond. More weights make the modes *weaker*.

# %% [markdown] question="loo" points=4 minutes=30 difficulty="**"
# ## 5. Leave one out, without leaving it out
#
# Leave one example out, train on the rest, predict the one: repeated for all $n$, this is an almost unbiased estimate
# of the test error that uses all data, for the price of $n$ trainings. For every method that is linear in $y$ and of
# the form "least squares plus a quadratic penalty" the price is one (Allen 1974, Craven and Wahba 1979): with $\hat
# y=H y$ from the one fit of all examples,
#
# $$y_i-\hat y_i^{(-i)}=\frac{y_i-\hat y_i}{1-H_{ii}} ,$$
#
# where $\hat y_i^{(-i)}$ is the prediction for example $i$ of the model trained without it, with the *same* $\lambda$.
# $H$ is the **hat matrix**, $H_{ii}$ the leverage of example $i$.
#
# Here is the catch. Real data have a mean, so the model has an **intercept**, $\hat y(x)=b+x^\top w$, and nobody
# wants to penalise it: minimise $\sum_i(y_i-b-x_i^\top w)^2+\lambda|w|^2$ over $w$ *and* $b$. **Derive $H$ for this
# model.** Minimise over $b$ first: what does that do to $X$ and $y$? $H$ must include all that is done to $y$, the
# centring too.
#
# *About 30 minutes, difficulty \*\*, 4 points.*


# %% solution="loo"
def hat_matrix(X: Float[Array, "n p"], lam: float) -> Float[Array, "n n"]:
    """The matrix H with fitted values H y, of ridge regression with an intercept that is not penalised.

    Args:
        X: inputs, float64, 2 <= n <= 500 and 1 <= p <= 500; their columns need not have mean 0.
        lam: lambda, not multiplied by n; between 1e-3 and 1e4, for inputs of order 1. (For p >= n - 1 and a tiny lambda
            1 - H_ii is a difference of two almost equal numbers: question 6.)

    Returns:
        H, symmetric, float64. Example: X [[0.], [2.]], lam 2: [[0.75, 0.25], [0.25, 0.75]].
    """
    ### BEGIN SOLUTION
    n, p = X.shape
    centred = X - X.mean(axis=0)
    return 1.0 / n + centred @ jnp.linalg.solve(centred.T @ centred + lam * jnp.eye(p), centred.T)
    ### END SOLUTION


def loo_residuals(X: Float[Array, "n p"], y: Float[Array, " n"], lam: float) -> Float[Array, " n"]:
    """Leave-one-out residuals of ridge regression with a free intercept: y_i minus the prediction of the others.

    Args:
        X, lam: as for `hat_matrix`; each of the n models has the same lambda, and an intercept of its own.
        y: targets, float64; their mean need not be 0.

    Returns:
        One residual per example, float64, with the sign of y_i minus prediction.
        Example: X [[0.], [2.]], y [1., 5.], lam 2: [-4., 4.] (a single example is predicted by the other one's target).
    """
    ### BEGIN SOLUTION
    H = hat_matrix(X, lam)
    return (y - H @ y) / (1.0 - jnp.diag(H))
    ### END SOLUTION


# %% check="loo"
two = jnp.array([[0.0], [2.0]])
H_two = np.asarray(hat_matrix(two, 2.0))
assert np.allclose(H_two.sum(axis=1), 1.0), (
    "if all y are equal the intercept fits them exactly: rows of H sum to 1. 0: the share of the intercept is missing; "
    "0.4 and 0.8, or 0.5: the intercept was penalised like a weight"
)
assert np.allclose(H_two, [[0.75, 0.25], [0.25, 0.75]]), (
    "the centred inputs are -1 and 1, with x^T x = 2. [[0.667, 0.333], ...]: lambda was multiplied by n"
)
wide_two = np.asarray(hat_matrix(jnp.array([[0.0, 5.0, 2.0], [2.0, 5.0, 4.0]]), 2.0))
assert np.allclose(wide_two, [[5 / 6, 1 / 6], [1 / 6, 5 / 6]]), "each input is centred by its own mean, also for p > n"
shifted = np.asarray(hat_matrix(two + 1000.0, 2.0))
assert np.allclose(shifted, H_two), "the intercept absorbs a shift of the inputs: H must not change"
assert np.allclose(np.asarray(loo_residuals(two, jnp.array([1.0, 5.0]), 2.0)), [-4.0, 4.0]), (
    "y minus the prediction, its mean included, over 1 - H_ii: not its square, and H_ii holds the intercept's share 1/n"
)

# %% [markdown] predict="loo"
# **Predict.** Real data: 442 diabetes patients, ten measurements (age, sex, body mass index, blood pressure, six of
# the blood) and their products, 65 inputs in all; the target is the progression of the disease a year later. You
# train on 100 patients. How much higher than the training error will the leave-one-out error be at small $\lambda$?
# Will it find the best $\lambda$ that the other 342 patients would choose?

# %% [markdown] answer="loo"
# About three times: at small $\lambda$, 65 weights and an intercept fit 100 patients to 35, and miss new ones by
# almost 100. Leave-one-out has the shape of the error of the new patients. Its height depends on the luck of the
# draw: in five draws of the 100 patients the two differ by 2 to 40 % at small $\lambda$. But the minimum is close to
# theirs each time: its choice of $\lambda$ cost at most 2 % more than the best one.

# %% tags=["demo"]
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

patients = load_diabetes()
pairs = [(i, j) for i in range(10) for j in range(i, 10)]
progression = patients.target
lams = np.geomspace(0.01, 1e4, 25)


def inputs_of(patient, seen):
    """Measurements and their products, scaled by mean and deviation of the training patients: the others stay unseen."""
    x = (patients.data - patients.data[seen].mean(axis=0)) / patients.data[seen].std(axis=0)
    x = np.concatenate([x, np.stack([x[:, i] * x[:, j] for i, j in pairs], axis=1)], axis=1)
    return ((x - x[seen].mean(axis=0)) / x[seen].std(axis=0))[patient]


def error_curves(seen, new):
    """Root mean square errors for all lams: training, leave-one-out, new patients, leave-one-out of the first 20."""
    curves, known, unknown = np.zeros((4, 25)), inputs_of(seen, seen), inputs_of(new, seen)
    for j, lam in enumerate(lams):
        case = jnp.asarray(known), jnp.asarray(progression[seen]), float(lam)
        H, left_out = np.asarray(hat_matrix(case[0], case[2])), np.asarray(loo_residuals(*case))
        forecast = Ridge(alpha=lam).fit(known, progression[seen]).predict(unknown)  # has a free intercept, too
        errors = progression[seen] - H @ progression[seen], left_out, progression[new] - forecast, left_out[:20]
        curves[:, j] = [np.sqrt((e**2).mean()) for e in errors]
    return curves


def refitted(seen, lam):
    """Leave-one-out error of the first 20 patients by 20 real trainings with an intercept."""
    known, targets, errors = inputs_of(seen, seen), progression[seen], []
    for i in range(20):
        model = Ridge(alpha=lam).fit(np.delete(known, i, axis=0), np.delete(targets, i))
        errors.append(targets[i] - model.predict(known[i : i + 1])[0])
    return np.sqrt(np.mean(np.square(errors)))


orders = [np.random.default_rng(seed).permutation(442) for seed in range(5)]
draws = [error_curves(order[:100], order[100:]) for order in orders]
curves = draws[0]
fig, (left, right) = panels(2)
names = "training", "leave one out", "342 new patients"
for color, name, curve in zip((COLORS[2], COLORS[0], COLORS[1]), names, curves, strict=False):
    left.plot(lams, curve, color=color, label=name)
    left.plot(lams[curve.argmin()], curve.min(), "o", color=color)
right.plot(lams, curves[3], "o", color=COLORS[0], markersize=4, label="your function, one fit")
theory(right, lams, [refitted(orders[0][:100], lam) for lam in lams], "20 trainings without one")
finish(left, "Diabetes, 100 patients, 65 inputs", r"$\lambda$", "root mean square error", xscale="log", ylim=(0, 125))
finish(right, "The first 20 patients", r"$\lambda$", "leave-one-out error", xscale="log", ylim=(0, 110))
for _, left_out, new, _ in draws:  # five draws of the 100 patients
    mine, best = left_out.argmin(), new.argmin()
    print(f"best lambda: {lams[mine]:5.1f} by leave-one-out, {lams[best]:5.1f} by the new patients;", end=" ")
    print(f"errors of the new ones {new[mine]:.1f} and {new[best]:.1f}")

# %% [markdown] reflect="loo"
# **Reflect.** Does a small training error tell anything about the error for new patients? At which $\lambda$ do the
# three curves meet, and what is the predictor there?

# %% [markdown] answer="loo"
# No: the training error is smallest exactly where the other two are largest. For large $\lambda$ all three meet near
# 76, the standard deviation of the progression: the weights are 0 and only the intercept is left, the same mean for
# everybody, which cannot be overfitted by much.

# %% [markdown] question="interpolator" points=4 minutes=40 difficulty="***"
# ## 6. What does an interpolator know about its own error?
#
# An interpolator has no training error at all: $\hat y=y$ and $H=I$. The shortcut of question 5 then reads $0/0$. Is
# the information gone? Kernel regression with kernel matrix $K$ ($K_{ij}=k(x_i,x_j)$, or $K=XX^\top$ for the
# minimum-norm solution) and a ridge has $\hat y=Hy$ with
#
# $$H=K(K+\lambda I)^{-1},\qquad\text{and without intercept}\quad y_i-\hat y_i^{(-i)}=\frac{(y-Hy)_i}{1-H_{ii}} .$$
#
# As $\lambda\to0$ both numerator and denominator vanish. **Find the limit** of the quotient: how fast does each go to
# zero? Do the same for *generalized cross-validation*, which puts the mean leverage in the place of each single one
# (Golub, Heath and Wahba 1979):
#
# $$\mathrm{GCV}=\frac{\frac1n|y-Hy|^2}{\bigl(\frac1n\operatorname{tr}(I-H)\bigr)^2} .$$
#
# Write the *limits*, not the quotients at a tiny $\lambda$: these lose all their digits. `K` is positive definite, and
# each column of `Y` is a target vector of its own, as digits have ten.
#
# *About 40 minutes, difficulty \*\*\*, 4 points.*


# %% solution="interpolator"
def interpolator_loo(K: Float[Array, "n n"], Y: Float[Array, "n k"]) -> Float[Array, "n k"]:
    """Leave-one-out residuals of the kernel interpolator: target minus the prediction by the other n - 1 examples.

    Args:
        K: kernel matrix, symmetric, positive definite, float64; n >= 2. Its condition number is up to 1e8.
        Y: targets, one column per output, float64; k >= 1.

    Returns:
        Residuals, float64: those of one example stand in one row.
        Example: K [[2., 1.], [1., 2.]], Y [[1.], [0.]]: [[1.], [-0.5]] (0 is predicted as 1/2 * 1).
    """
    ### BEGIN SOLUTION
    # I - H = lam (K + lam)^-1: numerator and denominator are both proportional to lam.
    inverse = jnp.linalg.inv(K)
    return (inverse @ Y) / jnp.diag(inverse)[:, None]
    ### END SOLUTION


def interpolator_gcv(K: Float[Array, "n n"], Y: Float[Array, "n k"]) -> Float[Array, " k"]:
    """The limit lambda -> 0 of generalized cross-validation.

    Args:
        K, Y: as for `interpolator_loo`.

    Returns:
        One number for each column of Y, float64. Example: K [[2., 1.], [1., 2.]], Y [[1.], [0.]]: [0.625].
    """
    ### BEGIN SOLUTION
    inverse = jnp.linalg.inv(K)
    return jnp.mean((inverse @ Y) ** 2, axis=0) / jnp.mean(jnp.diag(inverse)) ** 2
    ### END SOLUTION


# %% check="interpolator"
K_two, Y_two = jnp.array([[2.0, 1.0], [1.0, 2.0]]), jnp.array([[1.0], [0.0]])
assert np.shape(interpolator_loo(K_two, Y_two)) == (2, 1), "one row per example, one column per output"
assert np.allclose(np.asarray(interpolator_loo(K_two, Y_two)), [[1.0], [-0.5]]), (
    "the second is predicted as K_21 / K_11 * 1 = 1/2, so its residual is -1/2; the first is predicted as 0. NaN: 0/0"
)
assert np.allclose(np.asarray(interpolator_loo(1e-9 * K_two, Y_two)), [[1.0], [-0.5]]), (
    "a kernel in other units, 1e-9 K, gives the same residuals: small lambdas are small compared to something; take the limit"
)
twins = jnp.array([[1.0, 1 - 1e-7, 0.5 + 1e-7], [1 - 1e-7, 1.0, 0.5], [0.5 + 1e-7, 0.5, 1.0]])
assert np.allclose(np.asarray(interpolator_loo(twins, jnp.array([[1.0], [-1.0], [0.0]])))[2], -1.0, atol=1e-3), (
    "two examples that are almost twins have different targets, and the third is predicted as 1. -0.91, -0.09: lambda = 1e-8 or "
    "1e-6 was left in K, also where the eigenvalue is 1e-7"
)
strangers = np.asarray(interpolator_loo(jnp.diag(jnp.array([1.0, 4.0])), jnp.eye(2)))
assert np.allclose(strangers, np.eye(2)), (
    "examples that share nothing predict 0 for each other: the residuals are the targets. 1 and 1/4: only the numerator's limit"
)
gcv_both = np.asarray(interpolator_gcv(jnp.array([[2.0, 1.0], [1.0, 1.0]]), jnp.array([[1.0, 0.0], [0.0, 2.0]])))
assert np.allclose(gcv_both, [4 / 9, 40 / 9]), "each output has a GCV of its own, which its unit squared multiplies"
gcv_two = np.asarray(interpolator_gcv(jnp.array([[2.0, 1.0], [1.0, 1.0]]), Y_two))
assert gcv_two.shape == (1,), "one number for each column of Y"
assert np.allclose(gcv_two, [4 / 9]), (
    "1 above, 9/4 below: 0.444. 0.889: a sum over examples in place of the mean; 0.667: the denominator is not squared; "
    "0.625: that is the mean of squared leave-one-out residuals"
)

# %% [markdown] predict="interpolator"
# **Predict.** The minimum-norm solution for $n=40$ and $p$ from 44 to 400. Its training error is 0. Does
# leave-one-out, from the training data alone, see the peak? Is it exact on average, or biased in one direction near
# the peak?

# %% [markdown] answer="interpolator"
# It sees the peak. On average it equals, exactly, the prediction error with $n-1=39$ examples, and near the peak 39
# examples are *better* than 40: so leave-one-out is too optimistic there, and slightly too pessimistic far out.

# %% tags=["demo"]
n, noise = 40, 0.25
sizes = np.array([44, 46, 50, 58, 70, 90, 130, 200, 400])
own = np.zeros((3, len(sizes)))
own[2] = noise  # of the new label
for column, p in enumerate(sizes):
    for _ in range(20):
        X, Y, w = teacher(n, p, noise, 1.0, copies=20)
        K = jnp.asarray(X @ X.T)
        own[0, column] += (np.asarray(interpolator_loo(K, jnp.asarray(Y))) ** 2).mean() / 20
        own[1, column] += np.asarray(interpolator_gcv(K, jnp.asarray(Y))).mean() / 20
        own[2, column] += ((X.T @ np.linalg.solve(X @ X.T, Y) - w) ** 2).sum(axis=0).mean() / 20
fig, ax = panels(1, width=6.4, height=3.8)
for color, marker, name, curve in zip(COLORS, "os^", ("leave one out", "GCV", "true error"), own, strict=False):
    ax.plot(sizes, curve, marker, color=color, markersize=6, markerfacecolor="white" if marker == "s" else color, label=name)
for examples, label in ((39, "theory, n = 39 and n = 40"), (40, None)):
    theory(ax, more, [noise + risk_of_spectra(examples, p, 0.0, noise, 1.0) for p in more], label)
ax.axhline(noise, color="0.6", linewidth=1)
finish(ax, "An interpolator estimates its own error (grey: the noise)", "number of weights p (n = 40)", "mean squared error",
       xscale="log", ylim=(0, 5.2))  # fmt: skip

# %% [markdown] reflect="interpolator"
# **Reflect.** Which of the two dashed curves belongs to which points? Leave-one-out needs nothing but $K$ and $y$:
# which $p$ does it choose, and is that the best one?

# %% [markdown] answer="interpolator"
# The lower curve near the peak is $n=39$, with the points of leave-one-out; the upper one is $n=40$, with the true
# error. GCV goes with leave-one-out, since all leverages are alike here. Both estimates and the truth have the same
# minimum, near $p=80$: a choice by leave-one-out would be right. That is the point of it: the training error is 0
# everywhere and cannot choose.

# %% [markdown]
# ### The lie detector
#
# Now the machine of the introduction. We take 600 handwritten digits and **falsify the labels of 30**: a random other
# class. A kernel interpolator learns all 600 labels by heart, the false ones too: training error 0. Your
# leave-one-out residuals ask for each label what the other 599 examples think of it. Where their favourite beats the
# given label by most, there we suspect a lie.

# %% tags=["demo"]
data = digits()
images, labels = np.asarray(data.x_train, dtype=float), np.asarray(data.y_train)
test_images, test_labels = np.asarray(data.x_test, dtype=float), np.asarray(data.y_test)


def gaussian_kernel(A, B, width=1.0):
    distances = (A**2).sum(axis=1)[:, None] + (B**2).sum(axis=1) - 2 * A @ B.T
    return np.exp(-distances / (2 * width**2))


def falsified(seed):
    """600 pictures, their true labels, the labels as given, and which 30 of them are false."""
    rng = np.random.default_rng(seed)
    chosen, liars = rng.permutation(1500)[:600], rng.choice(600, size=30, replace=False)
    given = labels[chosen].copy()
    given[liars] = (given[liars] + rng.integers(1, 10, size=30)) % 10
    return images[chosen], labels[chosen], given, liars


def interrogated(K, given):
    """How suspicious each label is, and the class that the others propose."""
    one_hot = np.eye(10)[given]
    opinions = one_hot - np.asarray(interpolator_loo(jnp.asarray(K), jnp.asarray(one_hot)))
    rivals = np.where(one_hot == 1, -np.inf, opinions)
    return rivals.max(axis=1) - opinions[np.arange(600), given], rivals.argmax(axis=1)


for seed in range(5):
    pictures, true_labels, given, liars = falsified(seed)
    K, K_test = gaussian_kernel(pictures, pictures), gaussian_kernel(test_images, pictures)
    suspicion, proposed = interrogated(K, given)
    suspects = np.argsort(-suspicion)
    repaired = given.copy()
    repaired[suspects[:30]] = proposed[suspects[:30]]
    fits = [np.linalg.solve(K, np.eye(10)[versions]) for versions in (given, repaired, true_labels)]
    by_heart = (np.argmax(K @ fits[0], axis=1) == given).sum()
    errors = [(np.argmax(K_test @ fit, axis=1) != test_labels).mean() for fit in fits]
    print(f"learned by heart: {by_heart} of 600; lies among the 30 suspects: {np.isin(suspects[:30], liars).sum()}", end="; ")
    print("test error {:.1%} with the lies, {:.1%} repaired, {:.1%} without lies".format(*errors))

fig, ax = panels(1, width=6.4, height=3.2)
bins = np.linspace(suspicion.min(), suspicion.max(), 50)
honest = np.setdiff1d(np.arange(600), liars)
ax.hist(suspicion[honest], bins=bins, color=COLORS[0], alpha=0.75, label="570 true labels")
ax.hist(suspicion[liars], bins=bins, color=COLORS[1], alpha=0.75, label="30 false labels")
ax.axvline(suspicion[suspects[29]], color="0.4", linewidth=1, label="30 most suspicious")
finish(ax, "Every label is learned by heart; the others still object", "best other class minus given class, left out", "labels",
       yscale="log", xlim=(-1.6, 2.4))  # fmt: skip

# %% tags=["demo"]
verdict = lambda i: f"said {given[i]}, is {proposed[i]}" + ("" if i in liars else "?")
fig = digit_gallery(pictures[suspects[:24]], [verdict(i) for i in suspects[:24]], columns=8)
_ = fig.suptitle("The most suspicious labels, and what the others say (?: the label was true)", fontsize=11)

# %% [markdown]
# In five draws of digits and lies out of five, at least 27 of the 30 suspects are liars, and the test error falls
# when the suspects get the label that the others propose. So memorising is not the opposite of learning: the
# interpolator stores each lie in a spike around one image, and knows everything else from the neighbours.
#
# **To read**
#
# * T. Hastie, A. Montanari, S. Rosset, R. Tibshirani, [Surprises in high-dimensional ridgeless least squares
#   interpolation](https://arxiv.org/abs/1903.08560) (2022). Read the introduction and the case of isotropic features:
#   the curve of question 2.
# * M. Belkin, D. Hsu, S. Ma, S. Mandal, [Reconciling modern machine-learning practice and the classical bias-variance
#   trade-off](https://arxiv.org/abs/1812.11118) (2019). The paper that gave double descent its name; read its figures.
# * R. Schaeffer et al., [Double descent demystified](https://arxiv.org/abs/2303.14151) (2023). Question 4, on real data
#   sets: read the three ablations.
# * E. Dobriban, S. Wager, [High-dimensional asymptotics of prediction: ridge regression and
#   classification](https://arxiv.org/abs/1507.03003) (2018). The dashed ridge curves; read the introduction.
# * P. Nakkiran, P. Venkat, S. Kakade, T. Ma, [Optimal regularization can mitigate double
#   descent](https://arxiv.org/abs/2003.01897) (2021). Why the best ridge has no peak.
# * T. Hastie, R. Tibshirani, J. Friedman, [The Elements of Statistical
#   Learning](https://hastie.su.domains/ElemStatLearn/) (2009), sections 3.4 and 7.10: ridge regression and
#   cross-validation.
