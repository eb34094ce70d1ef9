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
# # Week 2 lab: Generalized linear models
#
# A linear score, a distribution, a logarithm: logistic, softmax, least-squares and Poisson regression are the same model
# four times. You will write their losses so that no logit breaks them, stop training early and find that you have done
# ridge regression, follow gradient descent to the margin it never quite reaches, and build a Newton method that cannot
# diverge. At the end you record a neuron that watches handwritten digits, and read out what it looks for.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 1 | A logistic loss for every logit | 3 | 15 | * |
# | 2 | Softmax regression | 3 | 25 | ** |
# | 3 | Early stopping without a loop | 3 | 25 | ** |
# | 4 | Where gradient descent is heading | 4 | 35 | *** |
# | 5 | Three families, one log-partition function | 3 | 20 | ** |
# | 6 | A Newton step that cannot overshoot | 4 | 35 | *** |
#
# **How to work.** Each function gets all it needs as arguments, so you can do the questions in any order; a plot that wants
# another question's function says so. After each question run its `grader.check`: it catches the usual slip; hidden tests
# then look more closely. (The first check of a session is silent for up to half a minute, while libraries are loaded.)
# Before each plot, write your prediction down. NumPy or JAX, loops or matrices: every correct style is accepted, and the
# tests call your functions as they are, without `jit` or `grad`.
#
# **Conventions.** Examples are rows: `X` has shape `(n, p)`. There is no hidden intercept: where a model has one, it is a
# column of ones or an argument of its own. Labels of two classes are **0 and 1**, labels of $K$ classes are $0,\dots,K-1$.
# All real numbers are **float64** this week, because each step of Newton's method doubles the number of correct digits, and
# single precision ends at seven; the second code cell switches JAX to it. Unless a docstring says otherwise, a result is
# accurate enough if it is off by less than $10^{-6}$ of its largest entry, or by less than $10^{-12}$.

# %%
from course_lib.checks import open_checks

grader = open_checks("week02/lab")

# %%
import decimal
import time
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

# %% tags=["demo"]
def compiled(function, *example):
    """`function`, compiled by JAX if it can trace it; NumPy code cannot be traced and is called as it is."""
    try:
        size = len(jax.make_jaxpr(function)(*example).eqns)
    except (TypeError, ValueError, IndexError):  # tracers are no numbers: float(), NumPy and `if` refuse them
        return function
    return jax.jit(function) if size < 300 else function  # a Python loop is unrolled: a long one would take minutes


def affordable(function, arguments, calls, seconds=60.0):
    """How many of so many calls fit into a minute. Says so where not all do."""
    jax.block_until_ready(function(*arguments))  # the first call compiles
    start = time.perf_counter()
    jax.block_until_ready(function(*arguments))
    once = time.perf_counter() - start
    fit = max(int(seconds / once), 1)
    if fit < calls:
        print(f"A call of your function takes {1000 * once:.3g} ms, {calls:,} of them {calls * once / 60:.1f} minutes.")
        print(f"Only {fit:,} are made: the plot shows less than the text says. Arrays in place of loops would show all.")
    return min(fit, calls)


# %% [markdown] question="logistic" points=3 minutes=15 difficulty="*"
# ## 1. A logistic loss for every logit
#
# Two classes, one score: the logit $z=x\cdot w$ says how strongly an example is believed to be of class 1. The loss of one
# example and its slope are one line each,
#
# $$p=\frac1{1+e^{-z}},\qquad \ell = -y\log p-(1-y)\log(1-p),\qquad \frac{\partial\ell}{\partial z}=p-y ,$$
#
# and as written, both fail late in training. At $z=-900$ the exponential overflows. At $z=40$ and $y=1$
# the number $p$ rounds to 1: loss and slope come out as exactly 0, although both are $e^{-40}\approx4\cdot10^{-18}$. In
# question 4 all progress will come from numbers like this.
#
# Rewrite the formulas, class by class if you like, so that no exponential is ever taken of a large positive number and no
# two nearly equal numbers are subtracted. `logits` are the $z_i$, `y` the labels 0 or 1. (SciPy and JAX have functions
# that help. Try them at $z=\pm40$ before you trust them.)
#
# *About 15 minutes, difficulty \*, 3 points.*


# %% solution="logistic"
def logistic_loss(logits: Float[Array, " n"], y: Int[Array, " n"]) -> tuple[Float[Array, " n"], Float[Array, " n"]]:
    """Negative log likelihood of each example, and its derivative with respect to the logit.

    Args:
        logits: the scores z, from -10^4 to 10^4, float64.
        y: the classes, 0 or 1.

    Returns:
        (loss, slope), one number per example each, float64: no sum, no mean. Loss and slope are accurate to six digits
        also where they are tiny, for |z| up to 700 (beyond that a tiny one may be 0).
        Example: z = log 3 and y = 1: loss log(4/3) = 0.287682, slope -0.25.
    """
    ### BEGIN SOLUTION
    against = jnp.where(y == 1, -logits, logits)  # large where the model is wrong
    small = jnp.exp(-jnp.abs(against))
    loss = jnp.maximum(against, 0.0) + jnp.log1p(small)
    wrong = jnp.where(against > 0, 1.0, small) / (1 + small)  # the probability of the other class
    return loss, jnp.where(y == 1, -wrong, wrong)
    ### END SOLUTION


# %% check="logistic"
_z, _y = jnp.array([np.log(3.0), np.log(3.0), 900.0, -900.0]), jnp.array([1, 0, 0, 0])
_loss, _slope = (np.asarray(part) for part in logistic_loss(_z, _y))
assert _loss.shape == (4,) and _slope.shape == (4,), "one loss and one slope per example: no sum, no mean"
assert abs(_loss[0] - np.log(4 / 3)) < 1e-6, "p = 3/4 and y = 1: the loss is -log(3/4). -log(1/4) belongs to y = 0"
assert abs(_slope[0] + 0.25) < 1e-6 and abs(_slope[1] - 0.75) < 1e-6, "the slope is p - y: -1/4 for y = 1 and 3/4 for y = 0"
assert abs(_loss[2] - 900.0) < 1e-6, "class 0 with logit 900 costs 900: infinite or NaN means that e^900 was computed"
assert abs(_slope[2] - 1.0) < 1e-6 and abs(_loss[3]) < 1e-6, "slope 1 at logit 900, and no loss at -900, for class 0"
_margin = np.array([40.0, 40.0, 400.0])
_loss, _slope = (np.asarray(part) for part in logistic_loss(jnp.array([40.0, -40.0, 400.0]), jnp.array([1, 0, 1])))
assert np.allclose(_loss * np.exp(_margin), 1.0, atol=1e-5), "right by a margin of 40: the loss is e^-40, not 0. log(1 + tiny)?"
assert np.allclose(_slope * np.exp(_margin), [-1.0, 1.0, -1.0], atol=1e-5), (
    "right by a margin of 40: the slope is -e^-40 or e^-40, not 0: p - 1 subtracts 1 from 1"
)

# %% [markdown] predict="logistic"
# **Predict.** Take examples of class 1 with growing logit $z$, and compute the slope once by your function and once by
# the formula $p-1$ with $p=1/(1+e^{-z})$ in double precision, whose numbers just above 1 are spaced
# $2^{-52}\approx2.2\cdot10^{-16}$. From which $z$ on is the formula's slope exactly 0? How does its relative error grow until
# then? And in single precision ($2^{-23}$)?

# %% [markdown] answer="logistic"
# $1+e^{-z}$ is off by up to half a spacing, the slope is $e^{-z}$: the relative error grows as $2^{-53}e^z$, and reaches 1
# where $e^{-z}=2^{-53}$, that is $z = 53\log2 = 36.7$. In single precision the same happens at $24\log2=16.6$: a confident
# network in float32 is there after an afternoon of training.

# %% tags=["demo"]
z_axis = np.linspace(0.0, 60.0, 481)
ones = np.ones(len(z_axis), int)
with decimal.localcontext(prec=80):  # the formula itself, with eighty digits
    exact = np.array([float(1 / (1 + (-decimal.Decimal(z)).exp()) - 1) for z in z_axis.tolist()])
yours = np.asarray(logistic_loss(jnp.array(z_axis), jnp.array(ones))[1], float)
double, single = 1 / (1 + np.exp(-z_axis)) - 1, 1 / (1 + np.exp(-z_axis.astype(np.float32))) - np.float32(1)
fig, (left, right) = panels(2)
for slope, color, label in ((single, COLORS[1], "$p-1$, float32"), (double, COLORS[0], "$p-1$, float64")):
    left.plot(z_axis, np.abs(slope / exact - 1), ".", markersize=3, color=color, label=label)
left.plot(z_axis, np.maximum(np.abs(yours / exact - 1), 1e-18), ".", markersize=3, color=COLORS[2], label="yours")
theory(left, z_axis, np.minimum(2.0**-53 * np.exp(z_axis), 1), r"theory: $2^{-53}e^z$ and $2^{-24}e^z$, up to 1")
theory(left, z_axis, np.minimum(2.0**-24 * np.exp(z_axis), 1))
z_wide = np.linspace(-8, 8, 161)
for label, color in ((1, COLORS[0]), (0, COLORS[1])):
    loss, _ = logistic_loss(jnp.array(z_wide), jnp.full(161, label))
    right.plot(z_wide, np.asarray(loss), color=color, label=f"class {label}")
theory(right, z_wide, np.maximum(z_wide, 0), r"asymptotes: $\max(0, z)$ and $\max(0, -z)$")
theory(right, z_wide, np.maximum(-z_wide, 0))
finish(left, "Relative error of the slope, class 1", "logit z", "relative error", yscale="log", ylim=(1e-18, 1e10))
finish(right, "The loss", "logit z", "loss", ylim=(0, 11))

# %% [markdown] reflect="logistic"
# **Reflect.** Gradient descent on separable data drives the margins up like the logarithm of time: $z\approx\log t$
# (question 4). Read off the plot at which margin a training run in single precision stands still if it uses the formula
# $p-1$. After how many steps is that?

# %% [markdown] answer="logistic"
# At $z\approx16.6$, that is $t\approx e^{16.6}\approx2\cdot10^7$ steps; in double precision at
# $e^{36.7}\approx9\cdot10^{15}$. The loss has the same trouble: $\log p$ with $p$ rounded to 1 is 0.

# %% [markdown] question="softmax" points=3 minutes=25 difficulty="**" bans="autodiff"
# ## 2. Softmax regression
#
# With $K$ classes each class has a score of its own. For one example $x$ of class $c$,
#
# $$z = W^\top x + b,\qquad p_k=\frac{e^{z_k}}{\sum_j e^{z_j}},\qquad \ell(x, c)=-\log p_c,\qquad
# \frac{\partial\ell}{\partial z_k}=p_k-[k=c].$$
#
# That is the formula for one example. Your function takes $n$ of them, with weights $v_i\ge0$, and a ridge penalty:
#
# $$L(W,b)=\frac{\sum_i v_i\,\ell(x_i,c_i)}{\sum_i v_i}+\frac{\lambda}{2}\sum_{jk}W_{jk}^2 .$$
#
# Doubling all weights changes nothing, and the **intercepts $b$ are not penalised**: if all inputs are shifted, $x\to x+a$,
# the fit should stay the same, and $b$ has to absorb the shift. Derive the gradient with respect to $W$ and $b$; automatic
# differentiation is banned here. The matrix $W$ is `W` (one column per class), the $x_i$ are the rows of `X`, $c_i$ is
# `labels`, $v_i$ is `weights`, $\lambda$ is `l2`. Logits may be as large as $\pm900$, of different size in each row.
#
# *About 25 minutes, difficulty \*\*, 3 points.*


# %% solution="softmax"
def softmax_regression(
    W: Float[Array, "p K"],
    b: Float[Array, " K"],
    X: Float[Array, "n p"],
    labels: Int[Array, " n"],
    weights: Float[Array, " n"],
    l2: float,
) -> tuple[Float[Array, ""], Float[Array, "p K"], Float[Array, " K"]]:
    """Penalised loss of softmax regression and its gradient.

    Args:
        W, b: slopes, one column per class, and intercepts; float64. Logits lie between -900 and 900.
        X: one example per row.
        labels: class of each example, 0..K-1.
        weights: nonnegative, not all zero; the loss of the data is their weighted mean.
        l2: coefficient of the penalty l2/2 sum W^2, which b does not enter.

    Returns:
        (loss, gradient for W, gradient for b): a number and arrays in the shapes of W and b, float64.
        Example: W = 0 and b = 0 with K = 4 classes: the loss is log 4, whatever the data.
    """
    ### BEGIN SOLUTION
    share = weights / jnp.sum(weights)
    logits = X @ W + b
    log_p = logits - jax.scipy.special.logsumexp(logits, axis=1, keepdims=True)
    target = jax.nn.one_hot(labels, len(b), dtype=logits.dtype)
    slope = share[:, None] * (jnp.exp(log_p) - target)
    loss = -jnp.sum(share[:, None] * target * log_p) + l2 / 2 * jnp.sum(W**2)
    return loss, X.T @ slope + l2 * W, jnp.sum(slope, axis=0)
    ### END SOLUTION


# %% check="softmax"
_X, _labels, _v = jnp.array([[1.0, 2.0], [3.0, -1.0], [0.0, 1.0]]), jnp.array([2, 0, 2]), jnp.array([1.0, 2.0, 1.0])
_loss, _dW, _db = softmax_regression(jnp.zeros((2, 4)), jnp.zeros(4), _X, _labels, _v, 0.0)
assert np.shape(_dW) == (2, 4) and np.shape(_db) == (4,), "gradients have the shapes of W and b"
assert abs(float(_loss) - np.log(4.0)) < 1e-6, "equal scores for 4 classes: log 4. 4 log 4: divide by the sum of the weights"
assert np.allclose(_db, [-0.25, 0.25, -0.25, 0.25], atol=1e-6), (
    "class 0 has weight 2 of 4, predicted 1/4: 1/4 - 2/4. Divide by the sum of the weights, not by n; subtract the labels"
)
assert np.allclose(np.asarray(_dW)[:, 0], [-1.0625, 0.5625], atol=1e-6), "column k of dW is sum_i v_i x_i (p_ik - [c_i = k])"
_loss, _dW, _db = softmax_regression(jnp.ones((2, 4)), jnp.ones(4), _X, _labels, _v, 0.5)
assert abs(float(_loss) - np.log(4.0) - 2.0) < 1e-6, "the penalty is l2/2 sum W^2: 0.5/2 * 8. b is free"
assert np.allclose(np.asarray(_dW)[:, 0], [-0.5625, 1.0625], atol=1e-6), "the gradient of l2/2 W^2 is l2 W"
assert np.allclose(_db, [-0.25, 0.25, -0.25, 0.25], atol=1e-6), "no penalty on b"
_far = softmax_regression(
    jnp.array([[900.0, -900.0]]), jnp.zeros(2), jnp.array([[1.0], [-1.0]]), jnp.array([1, 1]), jnp.ones(2), 0.0
)  # fmt: skip
assert abs(float(_far[0]) - 900.0) < 1e-6, "(900, -900) costs 1800, (-900, 900) nothing: 900. NaN: overflow"
_far = softmax_regression(
    jnp.array([[900.0, 899.0]]), jnp.zeros(2), jnp.array([[1.0], [-1.0]]), jnp.array([0, 1]), jnp.ones(2), 0.0
)  # fmt: skip
assert abs(float(_far[0]) - np.log1p(np.exp(-1.0))) < 1e-6, (
    "logits (900, 899) and (-900, -899): every row needs a maximum of its own, or the second one underflows"
)
assert np.allclose(_far[1], [[-0.268941, 0.268941]], atol=1e-5), "the same data: each row is right with probability 0.731059"

# %% [markdown] predict="softmax"
# **Predict.** Each column of $W$ has one number per pixel: it is a picture. Start at $W=0$ and take one step down the
# gradient on the digits. Use the formula to say what the ten pictures show. What do you expect the next thousand steps to
# change?

# %% [markdown] answer="softmax"
# At $W=0$ all $p_{ik}$ are $1/10$, so minus the gradient in column $k$ is
# $\frac1n\bigl(\sum_{i:\,c_i=k}x_i-\frac1{10}\sum_ix_i\bigr)$: for equally frequent classes a tenth of the difference
# between the mean image of class $k$ and the mean of all images. Later steps work only on what is still confused:
# weight moves to the few pixels that decide.

# %% tags=["demo"]
split = digits()
x_digits, y_digits = jnp.asarray(split.x_train, float), split.y_train
x_unseen, y_unseen = jnp.asarray(split.x_test, float), split.y_test


def descend(X, labels, l2, eta, epochs):
    """Parameters after each of the given numbers of gradient steps, by your `softmax_regression`, from zero."""
    even, state = jnp.ones(len(labels)), (jnp.zeros((64, 10)), jnp.zeros(10))

    def move(W, b):
        _, dW, db = softmax_regression(W, b, X, labels, even, l2)
        return W - eta * jnp.asarray(dW), b - eta * jnp.asarray(db)

    def one_by_one(state, steps):
        for _ in range(steps):
            state = move(*state)
        return state

    last, several = max(epochs), one_by_one
    if compiled(move, *state) is move:  # JAX cannot trace it
        last = affordable(move, state, last)
    else:
        several = jax.jit(lambda state, steps: jax.lax.fori_loop(0, steps, lambda _, now: move(*now), state))
    kept, done = [], 0
    for stop in np.minimum(epochs, last).tolist():
        state, done = several(state, stop - done), stop
        kept.append(tuple(np.asarray(part) for part in state))
    return kept


(first_W, _), (last_W, last_b) = descend(x_digits, y_digits, 1e-4, 0.5, (1, 1000))
accuracy = np.mean(np.argmax(np.asarray(x_unseen) @ last_W + last_b, axis=1) == np.asarray(y_unseen))
fig, axes = panels(10, width=1.0, height=3.4)
fig.clear()
axes = fig.subplots(3, 10)
mean_image = np.asarray(x_digits).mean(axis=0)
frequency = np.bincount(np.asarray(y_digits)) / len(y_digits)
of_class = np.stack([np.asarray(x_digits)[np.asarray(y_digits) == k].mean(axis=0) for k in range(10)], axis=1)
predicted = 0.5 * (frequency * of_class - mean_image[:, None] / 10)
for k in range(10):
    for row, picture in enumerate((predicted[:, k], first_W[:, k], last_W[:, k])):
        limit = np.abs((predicted, first_W, last_W)[row]).max()
        axes[row, k].imshow(picture.reshape(8, 8), cmap="RdBu", vmin=-limit, vmax=limit)
        axes[row, k].set(xticks=[], yticks=[])
    axes[0, k].set_title(str(k), fontsize=10)
for row, text in enumerate(("theory for\none step", "after\none step", "after\n1000")):
    axes[row, 0].set_ylabel(text, fontsize=8)
_ = fig.suptitle(f"What each class looks for (blue: ink counts for it). Unseen digits: {accuracy:.1%} right", fontsize=11)

# %% [markdown] reflect="softmax"
# **Reflect.** The first two rows agree, as theory says. Compare the third with them: in some pictures the weight has moved
# to a few pixels. Find the pixel near the upper right that counts most for a 9. What does it say about a 5, and why does
# a decision between two digits end up there? Why are the corners white in all rows?

# %% [markdown] answer="softmax"
# It closes the loop of the 9; in a 5 the stroke has a gap there, and the picture of 5 is red at the same place. Where most
# strokes of two digits agree, training puts the weight on the pixels where they differ, while the mean also paints what all
# digits share. The corners are empty in every image: their gradient is 0, and a weight that never moves stays at its start.

# %% [markdown] question="early_stopping" points=3 minutes=25 difficulty="**"
# ## 3. Early stopping without a loop
#
# Stopping gradient descent before it has converged is the oldest regulariser of all, and for least squares one can say
# exactly what it does. Take the **mean** loss $L(w)=\frac1{2n}|Xw-y|^2$, start at $w_0=0$, and iterate
#
# $$w_{t+1}=w_t-\frac\eta n X^\top(Xw_t-y).$$
#
# In the basis of the singular vectors, $X=U\,\mathrm{diag}(s)\,V^\top$, the coordinates decouple. Solve the recursion
# for one coordinate, and put the pieces together again: your function gives $w_T$ for any $T$ without iterating.
# Directions with $s_j=0$ are never touched: their part of $w$ stays 0 (mind 0/0). Rounding makes such an $s_j$ a little
# larger than 0; here one below $10^{-10}$ of the largest is a 0, and all others are above $10^{-4}$ of it. Here $\eta$ is
# `eta` and $T$ is `steps`, which may be $10^9$; for the largest singular value $0.01<\eta s_1^2/n<2$, so that a factor
# $1-\eta s_j^2/n$ may well be negative.
#
# *About 25 minutes, difficulty \*\*, 3 points.*


# %% solution="early_stopping"
def early_stopped(X: Float[Array, "n p"], y: Float[Array, " n"], eta: float, steps: int) -> Float[Array, " p"]:
    """Weights after some steps of gradient descent on the mean squared error, in closed form.

    Args:
        X: one example per row; more rows than columns or fewer; columns may repeat or be 0, but not all of them are 0.
        y: targets.
        eta: step size for the loss |X w - y|^2 / (2 n); 0.01 < eta s^2 / n < 2 for the largest singular value s of X.
        steps: number of steps from w = 0, an integer from 0 to 10^9.

    Returns:
        The weights w_steps, float64; after more than 10^5 steps accurate to 10^-4 of the largest weight.
        Example: X = [[1.], [1.]], y = [1., 3.], eta = 0.5: after 1 step [1.0], after 2 [1.5], in the end [2.0].
    """
    ### BEGIN SOLUTION
    U, s, Vt = jnp.linalg.svd(X, full_matrices=False)
    learned = 1 - (1 - eta * s**2 / len(X)) ** steps  # 0 where s is 0
    return Vt.T @ (learned / jnp.where(s > 0, s, 1.0) * (U.T @ y))
    ### END SOLUTION


# %% check="early_stopping"
_X, _y = jnp.array([[1.0], [1.0]]), jnp.array([1.0, 3.0])
assert np.shape(early_stopped(_X, _y, 0.5, 1)) == (1,), "one weight per column of X"
assert np.allclose(early_stopped(_X, _y, 0.5, 1), [1.0], atol=1e-6), (
    "one step is eta X^T y / n = 0.5 * 4 / 2. 2: the loss is the mean over n = 2 examples; 0.79: that is the gradient flow"
)
assert np.allclose(early_stopped(_X, _y, 0.5, 2), [1.5], atol=1e-6), "each step learns half of what is missing: 1, 1.5, 1.75"
assert np.allclose(early_stopped(_X, _y, 1.5, 3), [2.25], atol=1e-6), "eta s^2/n = 1.5: the steps overshoot, 3, 1.5, 2.25"
assert np.allclose(early_stopped(jnp.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0]]), _y, 0.5, 10**9), [1.0, 1.0, 0.0], atol=1e-6), (
    "two equal columns share the work, and what the data do not see stays 0. NaN: 0/0"
)

# %% [markdown] predict="early_stopping"
# **Predict.** Ridge regression with penalty $\lambda|w|^2$ beside $|Xw-y|^2$ keeps the share $s^2/(s^2+\lambda)$ of a
# direction; gradient descent with small steps keeps $1-e^{-ts^2}$ with $t=\eta T/n$. Suppose $\lambda=1/t$. How far
# apart can the two shares be, for any $s$? Which of the two shrinks the weak directions more?

# %% [markdown] answer="early_stopping"
# With $x=ts^2$ the ratio $(1-e^{-x})(1+x)/x$ tends to 1 at both ends and is at most 1.2984, at $x=1.793$ (its
# derivative vanishes where $e^x=1+x+x^2$). Ridge shrinks more everywhere. Ali, Kolter and Tibshirani (2019) turn it
# into a statement on the risk.

# %% tags=["demo"]
s_axis = np.geomspace(0.02, 9.0, 60)
eta_small, steps_small = 0.01, 6000
share = np.asarray(early_stopped(jnp.diag(s_axis), jnp.array(s_axis), eta_small, steps_small))  # the exact answer is w = 1
t_flow = eta_small * steps_small / 60
x_axis = t_flow * s_axis**2
fig, (left, right) = panels(2)
left.plot(x_axis, share, "o", markersize=4, color=COLORS[0], label="gradient descent (yours)")
theory(left, x_axis, 1 - np.exp(-x_axis), r"theory: $1-e^{-x}$")
left.plot(x_axis, x_axis / (1 + x_axis), color=COLORS[1], label=r"ridge, $x/(1+x)$")
left.plot(x_axis, share * (1 + x_axis) / x_axis, "s", markersize=3, color=COLORS[2], label="their ratio")
left.axhline(1.2984, color="0.5", linewidth=0.8, linestyle=":")
left.annotate("1.298", (x_axis[-1], 1.2984), color="0.4", fontsize=9, va="bottom", ha="right")

teacher = np.random.default_rng(2)
X_t = teacher.normal(size=(60, 40)) * np.geomspace(1.0, 0.05, 40)
w_t = teacher.normal(size=40) / np.sqrt(40) * 3
times = np.unique(np.geomspace(1, 100_000, 24).astype(int))
spread = np.geomspace(1.0, 0.05, 40) ** 2  # the excess risk of w is sum_j spread_j (w_j - w_t_j)^2
noises = teacher.normal(size=(20, 60))
T_t = times[:, None]
shrink = np.linalg.inv(X_t.T @ X_t + (60 / (0.2 * T_t))[:, :, None] * np.eye(40)) @ X_t.T
gd_risk, ridge_risk = np.zeros(len(times)), np.zeros(len(times))
for noise in noises:
    y_t = X_t @ w_t + noise
    stops_t = np.stack([np.asarray(early_stopped(jnp.array(X_t), jnp.array(y_t), 0.2, int(T))) for T in times])
    gd_risk += (stops_t - w_t) ** 2 @ spread / len(noises)
    ridge_risk += (shrink @ y_t - w_t) ** 2 @ spread / len(noises)
right.plot(times * 0.2 / 60, gd_risk, "o", markersize=4, color=COLORS[0], label="gradient descent, time t")
right.plot(times * 0.2 / 60, ridge_risk, "s", markersize=4, color=COLORS[1], label=r"ridge, $\lambda=1/t$")
fits, at_stop, gram, chosen_times = np.zeros((40, 60)), [], X_t.T @ X_t, set(times.tolist())
for step in range(1, times[-1] + 1):  # the weights are linear in y: iterate the matrix that makes them
    fits = fits + 0.2 / 60 * (X_t.T - gram @ fits)
    if step in chosen_times:
        at_stop.append(fits)
for maps in (np.stack(at_stop), shrink):
    bias, variance = maps @ X_t @ w_t - w_t, np.sum(maps**2, axis=2)  # the noise has variance 1
    theory(right, times * 0.2 / 60, (bias**2 + variance) @ spread)
right.plot([], [], color="black", linestyle="--", linewidth=1.3, label="theory: mean over the noise")
finish(left, "What a direction has learned", r"$x = t\,s^2$", "share, or ratio of shares", xscale="log", ylim=(0, 1.9))
finish(right, "Excess risk along both paths (20 draws)", r"$t = \eta T/n$", "excess risk", xscale="log", ylim=(0, 3.2))

# %% [markdown] reflect="early_stopping"
# **Reflect.** Both paths lead from "nothing learned" to "everything fitted". Where is the best point of each, how much
# worse is the end, and does it matter which path one takes? Somebody writes the loss as the *sum* over the 60 examples:
# with which $\eta$ are all iterates the same, and what happens with the $\eta=0.2$ of the plot?

# %% [markdown] answer="early_stopping"
# The two minima are nearly equally deep and lie at nearly the same $t$: the path hardly matters, stopping on it does.
# The sum's gradient is 60 times larger: with $\eta=0.2/60$ every iterate is the same. With $\eta=0.2$ the factor
# $1-\eta s^2$ is below $-1$ for the large singular values, and descent diverges.

# %% [markdown]
# **The same on the digits.** Only the exact formula needed squared errors; one can stop early with any loss. The next plot
# trains softmax regression (*it wants your question 2*) on only 100 digits: once for up to 30,000 steps, and once to the
# minimum with several ridge penalties. (A function that loops over examples in Python takes 20 ms a call, and ten minutes
# for all steps: the cell then stops earlier and says so.) Does the model mean what it says? It is *calibrated* if it is
# right in 90 % of the cases in which it claims 90 %.

# %% tags=["demo"]
few, rest = slice(0, 100), slice(100, None)
X_rest, y_rest = np.concatenate([x_digits[rest], x_unseen]), np.concatenate([y_digits[rest], y_unseen])
stops = (10, 30, 100, 300, 1000, 3000, 10_000, 30_000)


def penalised(l2):
    """Your loss and gradient on the hundred digits."""
    value = lambda W, b: softmax_regression(W, b, x_digits[few], y_digits[few], jnp.ones(100), l2)
    return compiled(value, jnp.zeros((64, 10)), jnp.zeros(10))


ridge_calls = affordable(penalised(1e-3), (jnp.zeros((64, 10)), jnp.zeros(10)), 8 * 400) // 8


def ridge_fit(l2, start):
    """Minimum of your penalised loss, by a library's quasi-Newton method."""
    unpack = lambda v: (jnp.array(v[:640].reshape(64, 10)), jnp.array(v[640:]))
    value = penalised(l2)

    def flat(v):
        loss, dW, db = value(*unpack(v))
        return float(loss), np.concatenate([np.ravel(dW), np.ravel(db)])

    limits = {"maxiter": 300, "maxfun": ridge_calls}
    return scipy.optimize.minimize(flat, start, jac=True, method="L-BFGS-B", options=limits).x


def judged(W, b):
    """Norm of W, mean loss on unseen digits, the claimed probability of each answer, and whether it is right."""
    log_p = scipy.special.log_softmax(X_rest @ W + b, axis=1)
    loss = -log_p[np.arange(len(y_rest)), y_rest].mean()
    return np.linalg.norm(W), loss, np.exp(log_p.max(axis=1)), log_p.argmax(axis=1) == y_rest


reports = {"early stopping": [judged(W, b) for W, b in descend(x_digits[few], y_digits[few], 0.0, 0.5, stops)], "ridge": []}
fit = np.zeros(650)
for l2 in (3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5):
    fit = ridge_fit(l2, fit)
    reports["ridge"].append(judged(fit[:640].reshape(64, 10), fit[640:]))
fig, (left, right) = panels(2)
for color, (name, found) in zip(COLORS, reports.items(), strict=False):
    left.plot([r[0] for r in found], [r[1] for r in found], "o-", markersize=5, color=color, label=name)
chosen = {
    "stopped at its best": min(reports["early stopping"], key=lambda r: r[1]),
    "ridge at its best": min(reports["ridge"], key=lambda r: r[1]),
    "not stopped": reports["early stopping"][-1],
}
edges = np.array([0.0, 0.5, 0.7, 0.85, 0.95, 1.0])
for color, (name, (_, loss, claimed, correct)) in zip(COLORS, chosen.items(), strict=False):
    where = np.digitize(claimed, edges[1:-1])
    groups = [(claimed[where == i].mean(), correct[where == i]) for i in range(5)]
    right.errorbar(
        [c for c, _ in groups], [r.mean() for _, r in groups], [r.std() / np.sqrt(len(r)) for _, r in groups],
        fmt="o-", markersize=5, color=color, capsize=2, label=name,
    )  # fmt: skip
    print(f"{name:20} loss {loss:.3f}, claims {claimed.mean():.3f} on average, is right in {correct.mean():.3f}")
theory(right, edges, edges, "calibrated")
finish(left, "Loss on unseen digits", "norm of W", "mean loss (nats)")
finish(right, "Does it mean what it says?", "claimed probability", "share of right answers", xlim=(0.3, 1.02), ylim=(0.2, 1.05))

# %% [markdown] reflect="early_stopping"
# **Reflect.** Which changes more between the best stop and the last step: how often the model is right, or how sure it
# says it is? A proper score such as the log loss punishes both. Which of the two did training keep improving on its own 100
# digits?

# %% [markdown] answer="early_stopping"
# How sure it is. In five random sets of 100 digits the share of right answers moved by less than one point between the
# best stop and step 30,000, but the average claim rose by three to seven points and ended above it, and the loss rose
# by 8 to 22 %. On the training digits all answers are right long before, so more confidence always lowers their loss.
# The best stop and the best ridge penalty were within 5 % of each other in loss.

# %% [markdown] question="max_margin" points=4 minutes=35 difficulty="***"
# ## 4. Where gradient descent is heading
#
# If a line separates the classes, logistic regression has no minimum: scaling $w$ up always lowers the loss. So where does
# gradient descent go? Its norm grows without end, but its *direction* settles, on the separator with the largest margin
# (Soudry, Hoffer, Nacson, Gunasekar and Srebro 2018), although nobody asked for a margin. With signs $\sigma_i=2y_i-1$ that
# separator is
#
# $$\hat w=\arg\min_w |w|^2\quad\text{subject to}\quad \sigma_i\,x_i\cdot w\ge 1\ \text{ for all } i .$$
#
# Its margin is $\gamma=\min_i\sigma_ix_i\cdot\hat w/|\hat w|=1/|\hat w|$. At the solution there are $\alpha_i\ge0$ with
# $\hat w=\sum_i\alpha_i\sigma_ix_i$, and $\alpha_i>0$ only where the constraint holds with equality: the support
# vectors. Find $\hat w$ for the rows $x_i$ of `X` and the labels $y_i\in\{0,1\}$ in `y`.
#
# There are many ways, and choosing one is the question: `scipy.optimize.minimize` with constraints (SLSQP stops where the
# objective changes by less than `ftol`, $10^{-6}$ in absolute terms unless you say otherwise), ascent on the dual over the
# $\alpha_i$, a search for the support vectors, or a single call of `scipy.optimize.nnls`. For the last, note that
# $\hat w/|\hat w|^2$ is the point of the convex hull of the $\sigma_ix_i$ that is closest to the origin: it is
# $\sum_iu_i\sigma_ix_i$ with $u_i\ge0$, $\sum_iu_i=1$. `nnls` minimises $|Au-b|$ over $u\ge0$ and knows nothing of the
# sum. So give each $\sigma_ix_i$ one more coordinate, a 1, ask for the combination closest to $b=(0,\dots,0,1)$, and
# work out how $\hat w$ follows from its $u$: for a given $\sum_iu_i$ it is the hull's closest point, rescaled.
#
# *About 35 minutes, difficulty \*\*\*, 4 points. At most 40 points in at most 5 dimensions.*


# %% solution="max_margin"
def max_margin(X: Float[Array, "n p"], y: Int[Array, " n"]) -> Float[Array, " p"]:
    """The shortest vector with which every example has a margin of at least 1.

    Args:
        X: one example per row; n <= 40 and p <= 5. The longest row has a length from 10^-3 to 10^3, and is at most 20
            times as long as the margin gamma = 1/|w|. No intercept is added.
        y: classes 0 or 1, both or only one of them present. Some w has (2 y_i - 1) x_i . w > 0 for all i, so the answer exists.

    Returns:
        w with (2 y_i - 1) x_i . w >= 1 for all i and the smallest |w|; relative accuracy 1e-4.
        Example: X = [[2., 0.], [0., -1.]], y = [1, 0]: w = [0.5, 1.0].
    """
    ### BEGIN SOLUTION
    signed = np.where(np.asarray(y) == 1, 1.0, -1.0)[:, None] * np.asarray(X)
    # Lawson and Hanson (1974), chapter 23, least distance programming: the residual of this problem is a multiple of (w, -1).
    system = np.vstack([signed.T, np.ones(len(signed))])
    u, _ = scipy.optimize.nnls(system, np.eye(len(system))[-1])
    return u @ signed / (1 - np.sum(u))
    ### END SOLUTION


# %% check="max_margin"
_X, _y = jnp.array([[2.0, 0.0], [0.0, -1.0]]), jnp.array([1, 0])
_w = np.asarray(max_margin(_X, _y))
assert _w.shape == (2,), "one weight per column of X"
assert np.allclose(_w, [0.5, 1.0], atol=1e-3), (
    "the constraints read 2 w_0 >= 1 and w_1 >= 1. Is class 0 negative? Is the smallest product 1 (not the length of w)?"
)
_X, _y = jnp.array([[0.5, 0.0], [9.0, 3.0], [-1.0, 4.0]]), jnp.array([1, 1, 0])
assert np.allclose(np.asarray(max_margin(_X, _y)), [2.0, 0.0], atol=1e-3), (
    "three examples, but only (1/2, 0) touches: the others have a larger product than 1"
)
assert np.allclose(np.asarray(max_margin(jnp.array([[2.0, 1.0]]), jnp.array([1]))), [0.4, 0.2], atol=1e-3), (
    "one example: w points along x, and x . w = 1. (1/2, 0) is longer, though the sum of its entries is smaller"
)
_w = np.asarray(max_margin(jnp.array([[0.02, 0.0], [0.0, -0.01]]), jnp.array([1, 0])))
assert np.allclose(_w, [50.0, 100.0], rtol=1e-3), "the first data in units a hundred times larger: hard margins, too"

# %% [markdown] predict="max_margin"
# **Predict.** Suppose that $w_t$ goes to infinity in the direction $\hat w$. Then the flow requires that
# $e^{-\text{margin}}$ falls like $1/t$, so that $w_t\approx\hat w\log t$. What is the slope of $|w_t|$ against $\log t$? And
# since $w_t-\hat w\log t$ stays bounded (for almost all data), how fast does the normalised margin approach $\gamma$?

# %% [markdown] answer="max_margin"
# The slope is $|\hat w|=1/\gamma$. With $w_t=\hat w\log t+\rho$, $\rho\to$ const, the direction is off by
# $|\rho|/(|\hat w|\log t)$, and so is the margin: the gap closes only as $1/\log t$ (Soudry et al. 2018): ten times
# closer needs the tenth power of the time.

# %% tags=["demo"]
def two_clouds(seed, count):
    """Two clouds in the plane, separated through the origin; labels 0 and 1."""
    draw = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    along = np.array([0.8, 0.6])
    cloud = draw.normal(size=(count, 2)) * 0.9
    cloud -= np.outer(cloud @ along, along)
    return cloud + np.outer((2 * labels - 1) * (0.5 + draw.exponential(size=count)), along), labels


def descent_path(X, labels, log_times):
    """w at each log t on the gradient flow of the summed loss, by your `logistic_loss`: Runge-Kutta in log t, not in t.

    In log t the flow reads dw/d(log t) = -t grad L: t is huge, the gradient tiny, and their product of order 1. That works
    only because your slopes are accurate when tiny.
    """
    slopes = compiled(lambda w: logistic_loss(X @ w, labels)[1], jnp.zeros(X.shape[1]))
    rate = lambda log_t, w: -np.exp(log_t) * (np.asarray(slopes(jnp.array(w))) @ np.asarray(X))
    w, log_t, path = np.zeros(X.shape[1]), -5.0, []
    for stop in log_times:
        count = int(np.ceil((stop - log_t) / 0.1))
        h = (stop - log_t) / max(count, 1)
        for _ in range(count):
            k1 = rate(log_t, w)
            k2 = rate(log_t + h / 2, w + h / 2 * k1)
            k3 = rate(log_t + h / 2, w + h / 2 * k2)
            w, log_t = w + h / 6 * (k1 + 2 * k2 + 2 * k3 + rate(log_t + h, w + h * k3)), log_t + h
        path.append(w)
    return np.array(path)


cloud, labels = two_clouds(18, 12)
w_hat = np.asarray(max_margin(jnp.array(cloud), jnp.array(labels)))
signed = (2 * labels - 1)[:, None] * cloud
log_times = np.linspace(0.0, 90.0, 61)
path = descent_path(jnp.array(cloud), jnp.array(labels), log_times)
norms = np.linalg.norm(path, axis=1)
gap = 1 / np.linalg.norm(w_hat) - (signed @ path.T).min(axis=0) / norms
fig, (left, middle, right) = panels(3, width=4.2)
for label, color in ((1, COLORS[0]), (0, COLORS[1])):
    left.plot(*cloud[labels == label].T, "o", markersize=4, color=color, label=f"class {label}")
reach = np.array([-3.0, 3.0])
for log_t, shade in ((1, "0.8"), (5, "0.6"), (40, "0.35")):
    w = path[np.argmin(np.abs(log_times - log_t))]
    left.plot(reach, -reach * w[0] / w[1], color=shade, linewidth=1.2, label=rf"$\log t = {log_t}$")
theory(left, reach, -reach * w_hat[0] / w_hat[1], r"theory: $x\cdot\hat w=0$")
support = signed @ w_hat < 1 + 1e-6
alpha = np.linalg.lstsq(signed[support].T, w_hat)[0]
entropy = -np.sum(alpha * np.log(alpha))
middle.plot(log_times, norms, "o", markersize=3.5, color=COLORS[0], label="gradient flow")
theory(middle, log_times, np.linalg.norm(w_hat) * log_times + entropy / np.linalg.norm(w_hat), r"theory: slope $|\hat w|$")
right.plot(log_times[3:], gap[3:], "o", markersize=3.5, color=COLORS[0], label="gradient flow")
closing = (np.log(alpha.max()) + entropy / alpha.sum()) / np.linalg.norm(w_hat)
theory(right, log_times[3:], closing / log_times[3:], r"theory: $c(\alpha)/(|\hat w|\log t)$")
finish(left, "The separating line turns", "$x_0$", "$x_1$", xlim=(-3, 3), ylim=(-3, 7))
finish(middle, "The norm has no limit", r"$\log t$", r"$|w_t|$", ylim=(0, None))
finish(right, "The margin's gap closes slowly", r"$\log t$", r"$\gamma-$ margin of $w_t/|w_t|$", xscale="log", yscale="log")

# %% [markdown] reflect="max_margin"
# **Reflect.** The last point stands at $t=e^{90}$; a fast computer makes $10^9\approx e^{21}$ steps in a night. How
# much of the gap is left then? The loss is down to about $1/t$ by that time. What would you tell somebody who stops
# training when the loss has converged and reports the margin?

# %% [markdown] answer="max_margin"
# After the night the gap is still four to five times (about 90/21) what it is at $e^{90}$, although the loss is $10^{-9}$.
# Here that is a little more than one percent of the margin; in data with a second, nearly closest pair it is more. Loss and
# margin live on different clocks: a loss that looks like 0 does not say that the separator has settled.
# The dashed curves have no free parameter:
# $c(\alpha)=\sum_i\frac{\alpha_i}{\sum_j\alpha_j}\log\frac{\max_j\alpha_j}{\alpha_i}$ over the support vectors;
# homework 2.7 derives it.

# %% [markdown] question="glm" points=3 minutes=20 difficulty="**"
# ## 5. Three families, one log-partition function
#
# A spike count is neither a class nor a continuous quantity, yet one loss serves all three. An exponential family with density
# $h(y)\,e^{y\eta-A(\eta)}$ is fixed by its log-partition function $A$: its mean is $A'(\eta)$ and its variance $A''(\eta)$
# (differentiate $\int h\,e^{y\eta}dy=e^{A(\eta)}$ twice). A generalized linear model with the canonical link
# (Nelder and Wedderburn 1972) sets $\eta_i = x_i\cdot\theta+o_i$, and its negative log likelihood is, up to what does not
# depend on $\theta$,
#
# $$L(\theta)=\sum_i\bigl[A(\eta_i)-y_i\,\eta_i\bigr].$$
#
# | family | $A(\eta)$ | mean | variance |
# |---|---|---|---|
# | Gaussian, variance 1 | $\eta^2/2$ | $\eta$ | 1 |
# | Bernoulli | $\log(1+e^\eta)$ | $1/(1+e^{-\eta})$ | $\mu(1-\mu)$ |
# | Poisson | $e^\eta$ | $e^\eta$ | $\mu$ |
#
# The **offset** $o_i$ is known and has no coefficient: a neuron that was recorded for $T_i$ seconds fires $T_i$ times
# as often, which $o_i=\log T_i$ expresses. Write loss, gradient and Hessian for *any* $A$. It is `log_partition`, a JAX
# function of **one number**; $\theta$, $x_i$, $y_i$, $o_i$ are `theta`, the rows of `X`, `y`, `offset`. The loss is the
# **sum** over examples.
#
# *About 20 minutes, difficulty \*\*, 3 points. `jax.grad` and `jax.vmap` may be used.*


# %% solution="glm"
def glm_terms(
    log_partition: Callable,
    theta: Float[Array, " p"],
    X: Float[Array, "n p"],
    y: Float[Array, " n"],
    offset: Float[Array, " n"],
) -> tuple[Float[Array, ""], Float[Array, " p"], Float[Array, "p p"]]:
    """Negative log likelihood of a generalized linear model with canonical link, its gradient and its Hessian.

    Args:
        log_partition: A, a smooth function of one number that JAX can trace and differentiate; it may be defined only on
            the natural parameters that occur (for example -log(-eta) for eta < 0).
        theta: coefficients.
        X: one example per row.
        y: responses.
        offset: added to the natural parameter of each example.

    Returns:
        (sum_i A(eta_i) - y_i eta_i, its gradient, its Hessian) with eta = X theta + offset; float64.
        Example: A = exp, X = [[2.]], theta = [0.], y = [3.], offset = [0.]: (1.0, [-4.0], [[4.0]]).
    """
    ### BEGIN SOLUTION
    eta = X @ theta + offset
    mean = jax.vmap(jax.grad(log_partition))(eta)
    variance = jax.vmap(jax.grad(jax.grad(log_partition)))(eta)
    loss = jnp.sum(jax.vmap(log_partition)(eta) - y * eta)
    return loss, X.T @ (mean - y), (X.T * variance) @ X
    ### END SOLUTION


# %% check="glm"
_one = glm_terms(jnp.exp, jnp.zeros(1), jnp.array([[2.0]]), jnp.array([3.0]), jnp.zeros(1))
assert abs(float(_one[0]) - 1.0) < 1e-6 and np.allclose(_one[1], [-4.0]), "loss e^0 - 3 * 0, gradient x (mean - y) = 2 (1 - 3)"
assert np.shape(_one[2]) == (1, 1) and abs(float(np.asarray(_one[2])[0, 0]) - 4.0) < 1e-6, "Hessian x A''(0) x = 4"
_two = glm_terms(jnp.exp, jnp.zeros(1), jnp.ones((2, 1)), jnp.array([3.0, 3.0]), jnp.array([0.0, np.log(2.0)]))
assert abs(float(_two[0]) - (3.0 - 3 * np.log(2.0))) < 1e-6, (
    "the offset belongs to eta in both terms, and the loss is a sum: e^0 + e^(log 2) - 3 log 2. Half of it: a mean over examples"
)
assert np.allclose(_two[1], [-3.0], atol=1e-6), "the means are 1 and 2 with the offset: (1 - 3) + (2 - 3)"
_plane = glm_terms(jnp.exp, jnp.zeros(2), jnp.array([[1.0, 2.0], [0.0, 1.0]]), jnp.ones(2), jnp.zeros(2))
assert np.allclose(_plane[2], [[1.0, 2.0], [2.0, 5.0]], atol=1e-6), "two coefficients: the Hessian sums A'' x x^T over examples"
_coin = lambda eta: jax.scipy.special.logsumexp(jnp.stack([0.0 * eta, eta]))  # log(1 + e^eta) of one number
_both = glm_terms(_coin, jnp.zeros(1), jnp.ones((2, 1)), jnp.array([1.0, 0.0]), jnp.zeros(2))
assert np.shape(_both[0]) == () and abs(float(_both[0]) - 2 * np.log(2.0)) < 1e-6, "A takes one number: call it once per example"
_soft = glm_terms(jax.nn.softplus, jnp.zeros(1), jnp.array([[2.0]]), jnp.array([1.0]), jnp.zeros(1))
assert abs(float(np.asarray(_soft[2])[0, 0]) - 1.0) < 1e-6, "Bernoulli at p = 1/2: variance A'' = 1/4, Hessian 2 * 1/4 * 2"

# %% [markdown] predict="glm"
# **Predict.** Draw many Poisson, Bernoulli and Gaussian samples at several $\eta$, and plot their variance against
# their mean. What are the three curves? Your function knows them, too: for one example with $x=1$ and $y=0$ the
# gradient is $A'$ and the Hessian $A''$.

# %% [markdown] answer="glm"
# The diagonal, the parabola $\mu(1-\mu)$ and the constant 1. A family is its variance function: no two natural exponential
# families share one on the same interval of means (Morris 1982).

# %% tags=["demo"]
sampling = np.random.default_rng(5)
families = {
    "Poisson": (jnp.exp, lambda eta: sampling.poisson(np.exp(eta), 20_000), np.linspace(-2.5, 1.0, 12)),
    "Bernoulli": (jax.nn.softplus, lambda eta: sampling.uniform(size=20_000) < 1 / (1 + np.exp(-eta)), np.linspace(-4, 4, 13)),
    "Gaussian": (lambda eta: eta**2 / 2, lambda eta: eta + sampling.normal(size=20_000), np.linspace(0.0, 2.7, 10)),
}
fig, ax = panels(1, width=6.0, height=3.8)
for color, (name, (A, draw, etas)) in zip(COLORS, families.items(), strict=False):
    samples = [np.asarray(draw(eta), float) for eta in etas]
    ax.plot([s.mean() for s in samples], [s.var() for s in samples], "o", color=color, label=f"{name}: 20,000 samples")
    at = [glm_terms(A, jnp.array([eta]), jnp.ones((1, 1)), jnp.zeros(1), jnp.zeros(1)) for eta in etas]
    curve = [float(np.asarray(g)[0]) for _, g, _ in at], [float(np.asarray(H)[0, 0]) for _, _, H in at]
    theory(ax, *curve, "theory: your $A''$ against your $A'$" if name == "Poisson" else None)
finish(ax, "A family is its variance function", r"mean $A'(\eta)$", r"variance $A''(\eta)$", ylim=(0, 3.6))

# %% [markdown] reflect="glm"
# **Reflect.** Near the origin two of the three curves touch. What does this say about a neuron that rarely fires,
# recorded in bins so short that two spikes hardly ever share one: does it matter whether one fits a Bernoulli or a
# Poisson model?

# %% [markdown] answer="glm"
# Where $\mu$ is small, $\mu(1-\mu)\approx\mu$: rare counts are 0 or 1, and the two likelihoods agree to first order in
# $\mu$. The links then agree, too, as $\log\frac{\mu}{1-\mu}\approx\log\mu$.

# %% [markdown] question="newton" points=4 minutes=35 difficulty="***"
# ## 6. A Newton step that cannot overshoot
#
# Newton's method for these losses, with a canonical link also called iteratively reweighted least squares, is in every
# statistics package. From a
# bad start it explodes: far out the loss is nearly straight, the Hessian nearly 0, and the step enormous. One property
# of the three families above saves it:
#
# $$|A'''(\eta)|\le A''(\eta)\quad\text{for all }\eta .$$
#
# Let $g$ and $H$ be gradient and Hessian at $\theta$, $d=-H^{-1}g$ Newton's direction, $\lambda=\sqrt{g^\top H^{-1}g}$
# the **decrement**, and $\rho=\max_i|x_i\cdot d|$ the largest change of a natural parameter that a full step would
# make. Along $\varphi(t)=L(\theta+t\,d)$ the property gives $|\varphi'''|\le\rho\,\varphi''$, hence
# $\varphi''(t)\le\lambda^2e^{\rho t}$, and integrated twice
#
# $$\varphi(t)\;\le\;\varphi(0)-\lambda^2t+\lambda^2\,\frac{e^{\rho t}-1-\rho t}{\rho^2}\qquad(t\ge0).$$
#
# **Derive the $t$ that minimises the right-hand side.** It is never larger than 1, needs no line search, and guarantees
# descent from any start. (Integrated once, the same bound says $\varphi'\le0$ up to this $t$: the step never passes the
# minimum along its line.) Near the minimum it tends to 1, and with it comes Newton's quadratic convergence (Bach 2010;
# Sun and Tran-Dinh 2019 use $|x_i||d|$ in place of $\rho$). Your function returns $t\,d$ and $\lambda$, for $g$, $H$,
# $X$ = `gradient`, `hessian`, `X`. A ridge penalty may be contained in $g$ and $H$: the bound holds all the same
# (why?). Then $\rho=0$ is possible although $g\ne0$: no example notices a step along such a $d$. Return what the bound says
# in the limit $\rho\to0$.
#
# *About 35 minutes, difficulty \*\*\*, 4 points.*


# %% solution="newton"
def newton_step(
    gradient: Float[Array, " p"], hessian: Float[Array, "p p"], X: Float[Array, "n p"]
) -> tuple[Float[Array, " p"], Float[Array, ""]]:
    """Damped Newton step of a generalized linear model whose log-partition function has |A'''| <= A''.

    Args:
        gradient: of the summed loss, plus a ridge penalty's, if any.
        hessian: likewise; symmetric, positive definite, of any size, with a condition number up to 10^6.
        X: one example per row: the x_i of the loss.

    Returns:
        (step, decrement): what is to be ADDED to the coefficients, and lambda >= 0 (not its square).
        The step's entries are accurate to 10^-6 of the largest one also where rho is tiny (10^-16) or large (10^6). Where rho
        is 0, t is its limit for rho -> 0. At a gradient of exactly 0: zeros and 0.
        Example: gradient [2.], hessian [[1.]], X = [[3.]]: d = -2, rho = 6, step [-0.648637], decrement 2.0.
    """
    ### BEGIN SOLUTION
    d = -jnp.linalg.solve(hessian, gradient)
    rho = jnp.maximum(jnp.max(jnp.abs(X @ d)), 1e-300)  # not 0/0, but its limit
    t = jnp.log1p(rho) / rho
    return t * d, jnp.sqrt(-jnp.sum(gradient * d))
    ### END SOLUTION


# %% check="newton"
_step, _lam = newton_step(jnp.array([2.0]), jnp.array([[1.0]]), jnp.array([[3.0]]))
assert np.shape(_step) == (1,) and np.shape(_lam) == (), "a step per coefficient, and one number"
assert abs(float(_lam) - 2.0) < 1e-6, "the decrement is the root of g^T H^-1 g"
assert float(np.asarray(_step)[0]) < 0, "the step goes downhill: it is added to the coefficients"
assert abs(float(np.asarray(_step)[0]) + 0.648637) < 1e-4, (
    "the bound's minimum: set its derivative to 0 and solve for t, with rho = |3 * -2| = 6. -2: that is the full step"
)
_X = jnp.array([[1.0, 1.0], [1.0, 0.5], [0.0, 3.0]])
_step, _lam = newton_step(jnp.array([-6.0, 0.0]), jnp.array([[4.0, 2.0], [2.0, 4.0]]), _X)
assert abs(float(_lam) - 3.464102) < 1e-5, "d = (2, -1), g = (-6, 0): the decrement is the root of 12. Use the whole Hessian"
assert np.allclose(_step, [0.924196, -0.462098], atol=1e-5), (
    "d = (2, -1) changes x . theta by 1, 1.5 and -3: rho is 3, the largest in modulus. Not a length, not |x| |d|, not a mean"
)
_step, _ = newton_step(jnp.array([2e-16]), jnp.array([[1.0]]), jnp.array([[3.0]]))
assert abs(float(np.asarray(_step)[0]) / -2e-16 - 1.0) < 1e-4, "near the minimum t is 1: is your t accurate for rho = 6e-16?"
assert np.all(np.isfinite(np.asarray(newton_step(jnp.zeros(1), jnp.eye(1), jnp.ones((1, 1)))[0]))), "no step at the minimum: 0/0?"
_step, _ = newton_step(jnp.array([0.0, 2.0]), jnp.array([[1.0, 0.0], [0.0, 4.0]]), jnp.array([[1.0, 0.0]]))
assert np.allclose(_step, [0.0, -0.5], atol=1e-6), "rho = 0 with a gradient that is not 0: the limit of t, and not 0"

# %% [markdown] predict="newton"
# **Predict.** Five points, one weight, $x=(-2,-1,1,2,0.5)$, classes $(0,0,1,1,0)$: the loss has its minimum at
# $w=1.872$. Newton's full steps converge from 0 and from 2. From 4 they go to $-2.27$, to 16.7, to $-8272$. What will
# the damped method do there, and how many decrements will you see between $10^{-1}$ and $10^{-12}$?

# %% [markdown] answer="newton"
# It moves down steadily, 4, 2.70, 2.06, 1.88, and then converges quadratically: the number of right digits doubles, so
# there are only three decrements in between, 9e-3, 5e-5 and 1.6e-9; the next one is rounding.

# %% tags=["demo"]
x_bad, y_bad = np.array([-2.0, -1.0, 1.0, 2.0, 0.5])[:, None], np.array([0.0, 0.0, 1.0, 1.0, 0.0])


def local_terms(w):
    """Loss, slope and curvature of the logistic loss on the five points: the demonstration stands on its own."""
    z = x_bad[:, 0] * w
    p = scipy.special.expit(z)
    return (np.logaddexp(0, z) - y_bad * z).sum(), x_bad[:, 0] @ (p - y_bad), x_bad[:, 0] ** 2 @ (p * (1 - p))


fig, (left, right) = panels(2)
value, slope, curvature = local_terms(4.0)
direction, decrement_at_4 = -slope / curvature, np.sqrt(slope**2 / curvature)
rho_at_4 = np.abs(x_bad[:, 0] * direction).max()
t_axis = np.linspace(0, 1.03, 200)
left.plot(t_axis, [local_terms(4 + t * direction)[0] for t in t_axis], color=COLORS[0], label=r"loss $\varphi(t)$ from $w=4$")
with np.errstate(over="ignore"):
    bound = value + decrement_at_4**2 * (-t_axis + (np.exp(rho_at_4 * t_axis) - 1 - rho_at_4 * t_axis) / rho_at_4**2)
theory(left, t_axis, bound, "theory: the bound")
step_at_4, _ = newton_step(jnp.array([slope]), jnp.array([[curvature]]), jnp.array(x_bad))
t_yours = float(np.asarray(step_at_4)[0]) / direction
left.plot([t_yours], [local_terms(4 + t_yours * direction)[0]], "o", color=COLORS[2], markersize=7, label="your step")
left.plot([1.0], [local_terms(4 + direction)[0]], "X", color=COLORS[1], markersize=8, label="full step")
for start, marker in ((0.0, "o"), (2.0, "^"), (4.0, "s")):
    for damped, color in ((True, COLORS[2]), (False, COLORS[1])):
        w, decrements = start, []
        for _ in range(10):
            _, slope, curvature = local_terms(w)
            if not curvature > 1e-290 or (decrements and decrements[-1] < 1e-15):
                break
            step, decrement = newton_step(jnp.array([slope]), jnp.array([[curvature]]), jnp.array(x_bad))
            decrements.append(max(float(decrement), 1e-17))
            w += float(np.asarray(step)[0]) if damped else -slope / curvature
        name = f"{'damped' if damped else 'full'} from {start:g}"
        right.plot(decrements, marker + "-", markersize=4, color=color, alpha=0.4 + 0.15 * start, label=name)
        if damped and start == 4.0:
            slow_run = decrements
w_star = scipy.optimize.brentq(lambda w: local_terms(w)[1], 0.0, 4.0, xtol=1e-14)
p_star = scipy.special.expit(x_bad[:, 0] * w_star)
second, third = (np.sum(x_bad[:, 0] ** k * p_star * (1 - p_star) * (1 - 2 * p_star) ** (k - 2)) for k in (2, 3))
constant = (np.abs(x_bad).max() / 2 + third / (2 * second)) / np.sqrt(second)
first = int(np.argmax(np.array(slow_run) < 0.3))
chain = [slow_run[first]]
while chain[-1] > 1e-16:
    chain.append(constant * chain[-1] ** 2)
theory(right, first + np.arange(len(chain)), chain, r"theory: $\lambda\to C\lambda^2$")
finish(left, "Along Newton's direction", "t", "loss", ylim=(0, 17))
finish(right, "The decrement", "iteration", r"$\lambda$", yscale="log", ylim=(1e-18, 1e14), legend=False)
_ = right.legend(frameon=False, fontsize=8, ncol=2, loc="upper right")

# %% [markdown] reflect="newton"
# **Reflect.** Where on the left do bound and loss part, and why is the bound's minimum still a good step? On the right
# the damped runs have a slow phase and a fast one. At which decrement do they change over, and what is $t$ there?

# %% [markdown] answer="newton"
# They agree to second order at $t=0$ and part when $\rho t$ is of order 1, which is where the Hessian has changed by up to a
# factor $e$; the minimum lies at that scale. The change-over comes where $\rho\approx1$, here at a decrement of about
# 0.3: then $t=\log(1+\rho)/\rho\approx0.7$. Below, $1-t\approx\rho/2$ is of the order of the distance to the minimum, and
# each step squares that.

# %% [markdown]
# ## What a neuron looks for
#
# Now the parts come together (*this plot wants questions 5 and 6*). A simulated neuron of the visual system sees the
# 1500 digits, each for ten seconds. Inside is a filter $k$, an edge detector that no digit looks like; the rate is
# $e^{k\cdot x+c}$, in spikes per second, the spikes are Poisson. You get images and counts, as in an experiment. The
# classical way to find the filter is the *spike-triggered average*: the mean image, weighted by spikes. But images are
# no white noise: neighbouring pixels go together. Theory says what happens then: for Gaussian images of covariance $C$
# the average is $Ck$, the filter blurred by the images' own statistics (Paninski 2003). A Poisson regression is not
# fooled. (If your `glm_terms` loops over the examples in Python, the plot takes a minute or two.)

# %% [markdown] predict="newton"
# **Predict.** What will the spike-triggered average of an edge detector look like that has watched nothing but digits?

# %% [markdown] answer="newton"
# Like the strokes that digits are made of: the average can only show combinations of images that occurred, smoothed by
# $C$. The edge is there, but drowned in the slow, large components of the images.

# %% tags=["demo"]
offsets = np.arange(8) - 3.5
rows, columns = np.meshgrid(offsets, offsets, indexing="ij")
across, along = (columns + rows) / np.sqrt(2), (columns - rows) / np.sqrt(2)
gabor = np.exp(-(across**2) / (2 * 1.4**2) - along**2 / (2 * 2.2**2)) * np.cos(2 * np.pi * across / 4.5 + 0.5)
k_true = 2 * (gabor / np.linalg.norm(gabor)).ravel()
seen = np.asarray(x_digits) - np.asarray(x_digits).mean(axis=0)
seconds, ridge = 10.0, 30.0
spikes = np.random.default_rng(7).poisson(seconds * np.exp(seen @ k_true))


def record_reader(images, counts):
    """Filter of a Poisson regression, by your `glm_terms` and `newton_step`; the constant is free."""
    X, y = jnp.array(np.hstack([images, np.ones((len(images), 1))])), jnp.array(counts, float)
    penalty = jnp.array(np.r_[ridge * np.ones(64), 1e-9])
    theta = jnp.zeros(65)
    for _ in range(12):
        _, g, H = glm_terms(jnp.exp, theta, X, y, jnp.full(len(y), np.log(seconds)))
        step, _ = newton_step(jnp.asarray(g) + penalty * theta, jnp.asarray(H) + jnp.diag(penalty), X)
        theta = theta + jnp.asarray(step)
    return np.asarray(theta)[:64]


found = record_reader(seen, spikes)
average = spikes @ seen / spikes.sum()
blurred = np.cov(seen.T) @ k_true
cosine = lambda u, v: u @ v / np.linalg.norm(u) / np.linalg.norm(v)
fig, axes = panels(5, width=2.5, height=2.9)
pictures = {
    "A digit it sees": np.asarray(x_digits)[3],
    "What it looks for": k_true,
    f"Spike-triggered average\ncosine {cosine(average, k_true):.2f}": average,
    f"Theory for it: $Ck$\ncosine {cosine(blurred, average):.2f} with it": blurred,
    f"Your Poisson regression\ncosine {cosine(found, k_true):.2f}": found,
}
for ax, (title, picture) in zip(axes, pictures.items(), strict=True):
    limit = np.abs(picture).max()
    cmap, lowest = ("gray_r", 0.0) if title.startswith("A digit") else ("RdBu", -limit)
    ax.imshow(picture.reshape(8, 8), cmap=cmap, vmin=lowest, vmax=limit)
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    ax.set_title(title, fontsize=10)

# %% [markdown] reflect="newton"
# **Reflect.** The regression never saw the filter, and no digit contains it. Which information did it use that the
# average threw away? Where do you expect it to be wrong, whatever the number of spikes, and what does the ridge penalty
# do there?

# %% [markdown] answer="newton"
# The average looks only at images that were followed by spikes. The regression also knows which images were shown in vain,
# and so their covariance: for Gaussian images its estimate is $C^{-1}$ times the average. Pixels that hardly vary, at the
# left and right rims, carry no information: there the estimate is what the penalty says, near 0. Without the penalty it is
# noise there: with ridge 0.3 in place of 30 the cosine falls to 0.4-0.9 (ten recordings).

# %% [markdown]
# ## Read on
#
# * J. A. Nelder and R. W. M. Wedderburn (1972), [Generalized linear models](https://doi.org/10.2307/2344614): the whole
#   idea in a few pages. C. N. Morris (1982), *Natural exponential families with quadratic variance functions*, Annals of
#   Statistics 10: why a family is its variance function.
# * P. McCullagh and J. A. Nelder (1989), *Generalized Linear Models*, 2nd edition: chapter 2.
# * D. Soudry, E. Hoffer, M. S. Nacson, S. Gunasekar and N. Srebro (2018), [The implicit bias of gradient descent on
#   separable data](https://arxiv.org/abs/1710.10345): the direction, and the rate $1/\log t$.
# * A. Ali, J. Z. Kolter and R. J. Tibshirani (2019), [A continuous-time view of early stopping for least
#   squares](https://arxiv.org/abs/1810.10082): the risk along both paths, and the 1.69 that is the square of our 1.298.
# * F. Bach (2010), [Self-concordant analysis for logistic regression](https://arxiv.org/abs/0910.4627): section 2,
#   where $|A'''|\le A''$ comes from; T. Sun and Q. Tran-Dinh (2019), [Generalized self-concordant
#   functions](https://arxiv.org/abs/1703.04599): the same idea for other powers of $A''$.
# * L. Paninski (2004), [Maximum likelihood estimation of cascade point-process neural encoding
#   models](https://doi.org/10.1088/0954-898X_15_4_002): why the Poisson regression at the end finds its filter.
#   His *Convergence properties of three spike-triggered analysis techniques* (2003), Network 14, explains the average.
# * C. Guo, G. Pleiss, Y. Sun and K. Weinberger (2017), [On calibration of modern neural
#   networks](https://arxiv.org/abs/1706.04599): figure 1, deep networks that are sure and wrong.
# * C. L. Lawson and R. J. Hanson (1974), *Solving Least Squares Problems*: chapter 23, the nonnegative least squares of
#   question 4.
