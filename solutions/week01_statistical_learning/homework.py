# ---
# jupyter:
#   autograder:
#     points: 25
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
# # Week 1 homework: what generalisation costs
#
# How well will a model do on data that it has not seen? Two theories answer. For linear models with Gaussian inputs
# the answer is a formula, exact at every size, and it has the famous peak. For any class of functions there is a
# bound, by how well the class fits coin tosses. Both live in high dimension, where your intuition from the plane is
# wrong in ways that can be computed. You will write each of them as a function, and see it beside an experiment.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 1.1 | Double descent, exactly | 4 | 35 | ** |
# | 1.2 | One function that knows the spectrum | 2 | 20 | ** |
# | 1.3 | The best ridge | 4 | 35 | *** |
# | 1.4 | Fitting coin tosses | 4 | 30 | ** |
# | 1.5 | Life in high dimension | 3 | 30 | ** |
# | 1.6, 1.7 | Two arguments in words | 4 + 4 | 30 + 40 | ** |
#
# **Conventions.** As in the lab: $y=Xw_*+\varepsilon$, the rows of $X$ are $n$ independent inputs $x\sim N(0,I_p)$,
# the noise has variance $\sigma^2$ (`noise`), $|w_*|^2=r^2$ (`signal`). **Excess risk** is $\mathbb E\,(x^\top\hat
# w-x^\top w_*)^2$, averaged over training set, noise and a new input; the noise of the new label is not in it. Ridge
# minimises $|y-Xw|^2+\lambda|w|^2$, without $n$. The ratio is $\gamma=p/n$. Functions return single numbers, right to
# four digits where nothing else is said. They need double precision: NumPy has it by itself, JAX is switched to it
# below.

# %%
from course_lib.checks import open_checks

grader = open_checks("week01/homework")

# %%
import itertools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special
from jaxtyping import Array, Float

from course_lib.plots import COLORS, finish, panels, theory

jax.config.update("jax_enable_x64", True)

# %% tags=["demo"]
rng = np.random.default_rng(17)

# %% [markdown] question="ridgeless" points=4 minutes=35 difficulty="**"
# ## 1.1 Double descent, exactly
#
# The formula of the lab's peak follows from two facts about Gaussian matrices. For $p\le n$ least squares has the
# error $\hat w-w_*=X^+\varepsilon$; for $p>n$ the minimum-norm interpolator has $\hat w-w_*=X^+\varepsilon-(I-P)w_*$,
# with the projector $P=X^+X$ onto the span of the $n$ inputs. And
#
# $$\mathbb E\operatorname{tr}(X^\top X)^{-1}=\frac{p}{n-p-1}\quad(p<n-1),\qquad
# \mathbb E\,P=\frac np I\quad(p\ge n) .$$
#
# The first is the mean of an inverse Wishart matrix; it is infinite for $p=n-1$ and $p=n$. Which random matrix do you
# need it for when $p>n$? **Assemble the excess risk** on both sides: a function of $n$, $p$, $\sigma^2$, $r^2$ and
# nothing else, with no limit.
#
# In that model the teacher has exactly the features that the student sees. Now a more realistic one (Belkin, Hsu and
# Xu 2020). The teacher has $D$ features with independent standard normal values and the weights $w_1,\dots,w_D$
# (`weights`). The student sees only the first $p\le D$ of them. **What does the hidden part do to the student**,
# while it trains, and when it predicts? The risk is still measured against the whole teacher.
#
# *About 35 minutes, difficulty \*\*, 4 points.*


# %% solution="ridgeless"
def ridgeless_risk(n: int, p: int, noise: float, signal: float) -> float:
    """Exact excess risk of least squares (p <= n) and of the minimum-norm interpolator (p > n).

    Args:
        n, p: numbers of examples and of weights, each >= 1.
        noise: sigma^2 > 0.
        signal: r^2 >= 0, the squared length of the teacher.

    Returns:
        The excess risk, without the noise of the new label; inf for p = n - 1, n and n + 1.
        Example: ridgeless_risk(20, 8, 0.5, 1.0) = 4/11 = 0.363636, ridgeless_risk(10, 25, 0.5, 2.0) = 1.557143.
    """
    ### BEGIN SOLUTION
    if abs(n - p) <= 1:
        return np.inf
    if p < n:
        return noise * p / (n - p - 1)
    # For p > n the inverse is that of the n x n matrix X X^T: the roles of n and p are exchanged.
    return signal * (1 - n / p) + noise * n / (p - n - 1)
    ### END SOLUTION


def weak_features_risk(n: int, p: int, weights: Float[Array, " D"], noise: float) -> float:
    """Exact excess risk of a student who sees the first p of the teacher's D features.

    Args:
        n, p: numbers of examples and of the student's weights, |n - p| >= 2, 1 <= p <= D.
        weights: of the teacher, any real numbers, float64.
        noise: sigma^2 > 0.

    Returns:
        E (prediction - x . w_*)^2, where x and w_* have all D features.
        Example: weak_features_risk(20, 2, jnp.array([2., 1., 1.]), 0.5) = 1.176471; with p = D it is ridgeless_risk.
    """
    ### BEGIN SOLUTION
    squares = np.asarray(weights) ** 2
    hidden = squares[p:].sum()
    # While training, the hidden part is one more independent noise; when predicting, it is missed.
    return ridgeless_risk(n, p, noise + hidden, squares[:p].sum()) + hidden
    ### END SOLUTION


# %% check="ridgeless"
assert abs(ridgeless_risk(20, 8, 0.5, 1.0) - 4 / 11) < 1e-6, (
    "0.5 * 8 / 11. 0.3333: that is the limit of large n and p, without the 1"
)
assert abs(ridgeless_risk(10, 25, 0.5, 2.0) - 1.557142857) < 1e-6, (
    "bias 1.2 and variance 0.357. 2.09: p and n were not exchanged in the variance; "
    "1.077: the bias was squared, but (I - P)^2 = I - P for a projector"
)
assert all(np.isinf(ridgeless_risk(10, p, 0.5, 1.0)) for p in (9, 10, 11)), "at p = 9, 10, 11 the mean does not exist: inf"
assert abs(weak_features_risk(20, 2, jnp.array([2.0, 1.0, 1.0]), 0.5) - 20 / 17) < 1e-6, (
    "the hidden weight makes the noise 1.5 in training, 1.5 * 2/17, and misses 1. 0.176: nothing is missed; "
    "1.059: the hidden part does not disturb the training"
)

many_hidden = weak_features_risk(2, 6, jnp.array([1.0, -2.0, 1.0, 0.0, 1.0, 2.0, -1.0, 3.0]), 0.5)
assert abs(many_hidden - 73 / 3) < 1e-6, (
    "p > n, seen 11, hidden 1 + 9. 17.7: the hidden part did not disturb; 14.3: it is not missed, or added up before it was "
    "squared; 17: the bias of what is seen is missing"
)

# %% [markdown] predict="ridgeless"
# **Predict.** A teacher with 400 features of weights $w_j\propto1/j$, $r^2=1$, and $n=40$ examples. Student A knows
# which features matter and takes the $p$ largest. Student B takes $p$ at random. Draw both risks against $p$. How
# many features are best for A, and how many for B?

# %% [markdown] answer="ridgeless"
# A has a classical U: a dozen features are best, more of them fit noise. B has no first descent at all: each feature
# that it adds brings $1/400$ and costs about $1/n$ in variance, ten times as much, and more as $p$ nears $n$. For B
# all 400 are best. So double descent makes "more" the better choice for those who do not know what matters.

# %% tags=["demo"]
n, noise, teacher = 40, 0.05, 1.0 / np.arange(1, 401)
teacher /= np.linalg.norm(teacher)


def measured_risk(p, known, trials=120):
    """Excess risk of X^+ y, measured; the features are in the order of their weights, or in random order."""
    risks = []
    for _ in range(trials):
        w = teacher if known else rng.permutation(teacher)
        X = rng.normal(size=(n, 400))
        fitted = np.zeros(400)
        seen, y = X[:, :p], X @ w + np.sqrt(noise) * rng.normal(size=n)
        fitted[:p] = np.linalg.solve(seen.T @ seen, seen.T @ y) if p < n else seen.T @ np.linalg.solve(seen @ seen.T, y)
        risks.append(((fitted - w) ** 2).sum())
    return np.mean(risks)


sizes = np.array([1, 2, 4, 7, 12, 20, 26, 31, 34, 47, 52, 60, 80, 120, 200, 300, 400])
even = np.full(400, 1 / 20.0)  # in random order the hidden share is 1 - p/400 on average, as if all weights were equal
fig, ax = panels(1, width=6.6, height=3.8)
students = (COLORS[0], True, teacher, "A: largest weights first"), (COLORS[1], False, even, "B: random order")
for color, known, weights, name in students:
    ax.plot(sizes, [measured_risk(int(p), known) for p in sizes], "o", color=color, markersize=5, label=name)
    for first, last in ((1, 38), (42, 400)):
        side = np.unique(np.round(np.geomspace(first, last, 20)).astype(int))
        curve = [weak_features_risk(n, int(p), jnp.asarray(weights), noise) for p in side]
        theory(ax, side, curve, "theory: your function" if not known and first == 1 else None)
ax.axhline(1.0, color="0.6", linewidth=1)
finish(ax, "The student sees p of 400 features (grey: predicting 0)", "p, with n = 40", "excess risk", xscale="log",
       yscale="log", ylim=(0.06, 60))  # fmt: skip

# %% [markdown] reflect="ridgeless"
# **Reflect.** At $p=400$ the two students are the same. By how much is B better there than a prediction of 0, and
# what share of the teacher can 40 examples show at most? What would a ridge or a better prior have to know to get
# from B to A?

# %% [markdown] answer="ridgeless"
# At $p=400$ the risk is 0.906: 9 % better than nothing. Forty inputs span 40 of 400 dimensions, so at most
# $n/p=10\,\%$ of a teacher in unknown direction can be learned, whatever the method. A's risk is 0.09 at best. To get
# there one has to know the directions that matter: shrink late features more than early ones, which is what features
# (kernels, architectures) are for.

# %% [markdown] question="stieltjes" points=2 minutes=20 difficulty="**"
# ## 1.2 One function that knows the spectrum
#
# The peak is a matter of small eigenvalues, so one wants to know them all. For large $n$ and $p=\gamma n$ the
# eigenvalues of $X^\top X/n$ follow the law of Marchenko and Pastur, $F_\gamma$, and for such inputs everything about
# ridge regression follows from one function of it, its *Stieltjes transform*. At $z>0$ (the argument `z`; `gamma` is
# $\gamma$),
#
# $$m(z)=\int\frac{dF_\gamma(s)}{s+z},\qquad \gamma z\,m^2+(1-\gamma+z)\,m-1=0,\qquad
# m=\frac{-(1-\gamma+z)+\sqrt{(1-\gamma+z)^2+4\gamma z}}{2\gamma z} .$$
#
# On paper this is the answer. On a computer it loses all its digits for small $z$ on one side of $\gamma=1$. Which
# side? For $\gamma<1$ the limit $z\to0$ is $m(0)=1/(1-\gamma)$; try $z=10^{-14}$. **Find a stable form for
# that side.** Is it stable on the other one?
#
# *About 20 minutes, difficulty \*\*, 2 points.*


# %% solution="stieltjes"
def stieltjes(z: float, gamma: float) -> float:
    """Stieltjes transform of the Marchenko-Pastur law of ratio gamma = p/n at -z: the mean of 1/(s + z).

    Args:
        z: between 1e-14 and 1e6.
        gamma: between 0.01 and 100; for gamma > 1 the law has a mass 1 - 1/gamma at s = 0. For z < 1e-6, gamma is not
            within 1 % of 1.

    Returns:
        m(z) > 0 with a relative error below 1e-6. Example: stieltjes(1.0, 0.5) = 0.561553.
    """
    ### BEGIN SOLUTION
    b = 1 - gamma + z
    root = np.sqrt(b * b + 4 * gamma * z)
    # (root - b)(root + b) = 4 gamma z: take the one of the two in which nothing cancels.
    return 2 / (b + root) if b > 0 else (root - b) / (2 * gamma * z)
    ### END SOLUTION


# %% check="stieltjes"
assert abs(stieltjes(1.0, 0.5) - 0.5615528) < 1e-6, "(-1.5 + sqrt(2.25 + 2)) / 1"
assert abs(stieltjes(1.0, 2.0) - 0.7071068) < 1e-6, "sqrt(8) / 4"
assert abs(stieltjes(1e-14, 0.5) - 2.0) < 1e-5, (
    "1/(1 - 0.5) = 2 for z -> 0. 1.9984: a difference of two almost equal numbers; what is (root - b)(root + b)?"
)
assert abs(stieltjes(1e-14, 2.0) * 1e-14 - 0.5) < 1e-5, "for gamma = 2 half of the mass sits at 0, so m = 0.5 / z"

# %% [markdown] predict="stieltjes"
# **Predict.** Draw $m(z)$ from $z=10^{-8}$ to $100$ on two logarithmic axes, for $\gamma=0.5$, $1$ and $2$. One of the
# curves tends to a constant for $z\to0$, one grows like $1/z$. And the third, at the peak?

# %% [markdown] answer="stieltjes"
# $\gamma=0.5$ tends to 2. At $\gamma=2$ half of the eigenvalues are 0, so $m\approx1/(2z)$. At $\gamma=1$ the quadratic
# equation becomes $zm^2+zm=1$: $m\approx1/\sqrt z$. The law reaches down to 0 without a mass there.

# %% tags=["demo"]
fig, (left, right) = panels(2, height=3.6)
z_axis = np.geomspace(1e-8, 100, 100)
for color, gamma in zip(COLORS, (0.5, 1.0, 2.0), strict=False):
    n = 400
    X = rng.normal(size=(n, int(gamma * n)))
    s = np.clip(np.linalg.eigvalsh(X.T @ X / n), 0, None)
    s[: max(0, len(s) - n)] = 0  # p - n eigenvalues are 0 exactly
    measured = [np.mean(1 / (s + z)) for z in z_axis[::4]]
    left.plot(z_axis[::4], measured, "o", color=color, markersize=4, label=rf"$\gamma$ = {gamma}")
    theory(left, z_axis, [stieltjes(float(z), gamma) for z in z_axis], "theory: your function" if gamma == 2.0 else None)
    low, high = (1 - np.sqrt(gamma)) ** 2, (1 + np.sqrt(gamma)) ** 2
    right.hist(s[s > 0], bins=np.linspace(0, 6, 91), density=True, histtype="step", color=color, label=rf"$\gamma$ = {gamma}")
    grid = np.linspace(max(low, 0.02), high, 400)
    density = np.sqrt(np.clip((high - grid) * (grid - low), 0, None)) / (2 * np.pi * gamma * grid) * max(gamma, 1)
    theory(right, grid, density, "Marchenko-Pastur" if gamma == 2.0 else None)
finish(left, "Mean of 1/(s + z), one matrix each, n = 400", "z", "m(z)", xscale="log", yscale="log")
finish(right, "Non-zero eigenvalues of the same matrices", "s", "density", ylim=(0, 1.7))

# %% [markdown] reflect="stieltjes"
# **Reflect.** Where does the matrix of $\gamma=1$ leave its curve, and why there? Which of the three laws makes the
# mean of $1/s$ over the non-zero eigenvalues infinite?

# %% [markdown] answer="stieltjes"
# Around $z=10^{-6}$: a matrix of 400 rows has a smallest eigenvalue, of the order of $1/n^2$, and does not know what
# the law does below it. That is finite size, and every peak is rounded by it. The mean of $1/s$ is infinite for
# $\gamma=1$ only, where the density grows like $1/\sqrt s$; for 0.5 and 2 there is a gap above 0.

# %% [markdown] question="best_ridge" points=4 minutes=35 difficulty="***"
# ## 1.3 The best ridge
#
# How high is the risk of ridge regression, and which $\lambda$ is best? With the law of question 1.2 and
# $z=\lambda/n$ the excess risk for large $n$ and $p$ is (Dobriban and Wager 2018, Hastie et al. 2022)
#
# $$R(\lambda)=r^2\int\frac{z^2\,dF_\gamma(s)}{(s+z)^2}+\sigma^2\gamma\int\frac{s\,dF_\gamma(s)}{(s+z)^2} .$$
#
# The first term is the bias: what is left of the teacher; the second is the variance. **Express both by $m(z)$ and
# its derivative** (by hand, or by a machine). It is the $m$ of question 1.2, with its quadratic equation, and comes
# as the argument `transform`. Then **find the best $\lambda$** and the risk there, for which no derivative is needed.
# To find $\lambda$, you may minimise numerically and guess; question 1.6 asks for the reason.
#
# *About 35 minutes, difficulty \*\*\*, 4 points.*


# %% solution="best_ridge"
def ridge_risk(
    n: int, p: int, lam: float, noise: float, signal: float, transform: Callable[[float, float], float]
) -> float:
    """Excess risk of ridge regression in the limit of large n and p.

    Args:
        n, p: of which only gamma = p/n and lam/n matter; gamma is between 0.01 and 10.
        lam: lambda > 0 of the penalty lambda |w|^2 beside the sum of squared errors; lam / n is between 1e-6 and 1e4.
        noise, signal: sigma^2 and r^2, both >= 0.
        transform: transform(z, gamma) is the m(z) of question 1.2 in double precision, for plain numbers. The tests' one is
            written in jax.numpy, so you may also call it inside jax.grad or jax.vmap. The plots pass your `stieltjes`: only if
            you differentiate by JAX here must it be written in jax.numpy, too.

    Returns:
        R(lambda), relative error below 1e-5. Example: ridge_risk(100, 50, 100.0, 1.0, 2.0, stieltjes) = 0.804088.
    """
    ### BEGIN SOLUTION
    gamma, z = p / n, lam / n
    m = transform(z, gamma)
    # The quadratic equation, differentiated: (2 gamma z m + 1 - gamma + z) m' = -(gamma m^2 + m).
    squares = (gamma * m**2 + m) / (2 * gamma * z * m + 1 - gamma + z)
    return signal * z**2 * squares + noise * gamma * (m - z * squares)
    ### END SOLUTION


def best_ridge(
    n: int, p: int, noise: float, signal: float, transform: Callable[[float, float], float]
) -> tuple[float, float]:
    """The best lambda and the risk there, in the limit of large n and p.

    Args:
        n, p, noise, signal, transform: as for `ridge_risk`, but noise > 0 and signal > 0, such that the best lambda,
            divided by n, lies between 0.01 and 100.

    Returns:
        (lambda, R(lambda)), lambda with a relative error below 2e-3, the risk below 1e-4. The lambda is that of the sum
            of squared errors: it is not divided by n.
        Example: best_ridge(100, 50, 1.0, 4.0, stieltjes): lambda 12.5, risk 0.701562.
    """
    ### BEGIN SOLUTION
    lam = noise * p / signal
    return lam, noise * p / n * transform(lam / n, p / n)
    ### END SOLUTION


# %% check="best_ridge"
exact_check = lambda z, gamma: (jnp.sqrt((1 - gamma + z) ** 2 + 4 * gamma * z) - (1 - gamma + z)) / (2 * gamma * z)
assert abs(ridge_risk(100, 50, 100.0, 1.0, 2.0, exact_check) - 0.8040884) < 1e-4, (
    "z = lambda/n = 1 and the mean of 1/(s + z)^2 is 0.3489: positive, though m falls with z. "
    "-0.24: m'(z) is negative, and the mean of 1/(s + z)^2 is -m'(z)"
)
assert abs(ridge_risk(100, 50, 1e-4, 1.0, 2.0, exact_check) - 1.0) < 1e-4, "almost no ridge, p < n: 1, all of it variance"
assert abs(ridge_risk(100, 200, 1e-4, 0.5, 2.0, exact_check) / 1.499998 - 1) < 1e-5, (
    "almost no ridge, p > n: bias 1 and variance 0.5. Off: m is about 1/(2 z) here, and z = 1e-6; "
    "a difference quotient is not accurate enough for the derivative"
)
best_check = [float(v) for v in best_ridge(100, 50, 1.0, 4.0, exact_check)]
assert abs(best_check[0] - 12.5) < 0.05, (
    "12.5 minimises your ridge_risk. 0.125: that is z = lambda/n, not lambda; 50: where is the signal? "
    "25: have you mixed up n and p?"
)
assert abs(best_check[1] - 0.7015621) < 1e-4, "the risk at lambda = 12.5 is 0.7016"
wide_check = [float(v) for v in best_ridge(40, 100, 0.5, 2.0, exact_check)]
assert abs(wide_check[0] - 25.0) < 0.05 and abs(wide_check[1] - 1.409481) < 1e-4, "also for p > n: 25, with the risk 1.4095"

# %% [markdown] predict="best_ridge"
# **Predict.** Fix $p=60$ and let the number of *examples* grow from 5 to 300, with almost no ridge. Can more data
# make the prediction worse? And with the best ridge for each $n$?

# %% [markdown] answer="best_ridge"
# Yes: from $n=30$ to $n=60$ the risk without ridge rises by an order of magnitude. With the best ridge it falls for
# all $n$. A fixed $\lambda$ that is too small has a bump, too.

# %% tags=["demo"]
p, noise, examples = 60, 0.2, np.array([5, 10, 18, 27, 36, 45, 52, 58, 62, 70, 80, 100, 140, 200, 300])
best_of = lambda n: best_ridge(int(n), p, noise, 1.0, stieltjes)[0]
cases = {"almost no ridge": lambda n: 1e-3, r"$\lambda=1$": lambda n: 1.0, r"best $\lambda$ for each $n$": best_of}
fig, ax = panels(1, width=6.6, height=3.8)
for color, (name, lam_of) in zip((COLORS[1], COLORS[4], COLORS[0]), cases.items(), strict=True):
    points = []
    for n in examples:
        risks, lam = [], lam_of(n)
        for _ in range(30):
            w = rng.normal(size=(p, 10))
            w /= np.linalg.norm(w, axis=0)
            X = rng.normal(size=(n, p))
            Y = X @ w + np.sqrt(noise) * rng.normal(size=(n, 10))
            fitted = np.linalg.solve(X.T @ X + lam * np.eye(p), X.T @ Y)
            risks.append(((fitted - w) ** 2).sum(axis=0).mean())
        points.append(np.mean(risks))
    ax.plot(examples, points, "o", color=color, markersize=4, label=name)
    grid = np.union1d(examples, np.round(np.geomspace(5, 300, 50)))
    grid = grid[(abs(grid - p) > 1) | (name != "almost no ridge")]
    curve = [ridge_risk(int(n), p, lam_of(n), noise, 1.0, stieltjes) for n in grid]
    theory(ax, grid, curve, "theory: your functions" if lam_of is best_of else None)
ax.axvline(p, color="0.7", linewidth=1)
finish(ax, "More data, p = 60", "number of examples n", "excess risk", xscale="log", yscale="log", ylim=(0.03, 60))

# %% [markdown] reflect="best_ridge"
# **Reflect.** Near the peak the points without ridge lie off their curve, and with the best ridge on it: why? And where
# does $\lambda=1$ do as well as the best, where not?

# %% [markdown] answer="best_ridge"
# Near the peak the risk is dominated by rare training sets with a tiny eigenvalue, so the mean of thirty is a matter
# of luck, and the limit of large $n$ and $p$ does not know them: at $n=58$ it says 5.8, the exact formula of question
# 1.1 11.6. A ridge replaces $1/s$ by $s/(s+z)^2\le1/(4z)$: bounded terms fluctuate little, and converge fast.
# $\lambda=1$ is within about 10 % of the best ($\lambda=12$ for every $n$) for 200 examples and more, where every
# $s_j^2$ lies above 40; and hardly worse for 20 and fewer, since 20 directions in 60 dimensions are nearly
# orthogonal, with no small $s_j$. In between it has a bump, at twice the best risk.

# %% [markdown] question="rademacher" points=4 minutes=30 difficulty="**"
# ## 1.4 Fitting coin tosses
#
# Without a model of the data, what can be said? A class $\mathcal F$ that can fit *anything* has learned nothing when
# it fits the training data. The **empirical Rademacher complexity** measures that ability by coin tosses
# $\sigma_i=\pm1$ in place of targets:
#
# $$\hat{\mathfrak R}(\mathcal F)=\mathbb E_\sigma\;\sup_{f\in\mathcal F}\;\frac1n\sum_{i=1}^n\sigma_i f(x_i) .$$
#
# For every $f\in\mathcal F$ with values in $[-1,1]$ the true mean exceeds the training mean by at most $2\,\mathbb
# E\hat{\mathfrak R}$, plus $\sqrt{2\log(1/\delta)/n}$ with probability $1-\delta$ (Mohri, Rostamizadeh and Talwalkar
# 2018, chapter 3). With $n\le12$ examples all $2^n$ tosses can be tried, so the expectation is exact: no sampling.
# There is **no absolute value** in the supremum, and tosses are equally likely.
#
# * `rademacher(values)` for a finite class: row $f$ of `values` holds $f(x_1),\dots,f(x_n)$.
# * `rademacher_ball(X, radius)` for the linear functions $f(x)=w^\top x$ with $|w|\le B$ (`radius`): infinitely many,
#   so **work out the supremum first**.
#
# *About 30 minutes, difficulty \*\*, 4 points.*


# %% solution="rademacher"
def rademacher(values: Float[Array, "functions n"]) -> float:
    """Empirical Rademacher complexity of a finite class, exactly.

    Args:
        values: f(x_i), one function per row, any real numbers, float64; n <= 12, at most 500 functions.

    Returns:
        The mean over all 2^n sign vectors of the largest (1/n) sum_i sigma_i f(x_i).
        Example: values [[1., 1.], [-1., -1.]]: 0.5. A single function: 0.
    """
    ### BEGIN SOLUTION
    n = values.shape[1]
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=n)))
    return (signs @ np.asarray(values).T).max(axis=1).mean() / n
    ### END SOLUTION


def rademacher_ball(X: Float[Array, "n d"], radius: float) -> float:
    """Empirical Rademacher complexity of the linear functions x -> w . x with |w| <= radius, exactly.

    Args:
        X: inputs, one per row, float64; n <= 12.
        radius: B > 0.

    Returns:
        The complexity. Example: X [[1., 0.], [0., 1.]], radius 1: 0.707107; X [[1., 0.], [1., 0.]]: 0.5.
    """
    ### BEGIN SOLUTION
    n = X.shape[0]
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=n)))
    # The best w points along sum_i sigma_i x_i and has length B.
    return radius * np.linalg.norm(signs @ np.asarray(X), axis=1).mean() / n
    ### END SOLUTION


# %% check="rademacher"
plus_minus = jnp.array([[1.0, 1.0], [-1.0, -1.0]])
assert abs(rademacher(plus_minus) - 0.5) < 1e-6, (
    "tosses (1, 1), (-1, -1), (1, -1), (-1, 1): the largest sums are 2, 2, 0, 0, so 4/4/2. 1: not divided by n"
)
assert abs(rademacher(jnp.array([[1.0, 2.0, 3.0]]))) < 1e-9, (
    "one function cannot follow the coins: 0. Positive: you took an absolute value"
)
assert abs(rademacher(jnp.array([[0.0, 3.0], [0.0, 0.0]])) - 0.75) < 1e-6, (
    "max(3 sigma_2, 0) has the mean 1.5; divided by n = 2: 0.75"
)
assert abs(rademacher(jnp.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])) - 0.375) < 1e-6, (
    "the largest sums are 1, 1, 1, 0 for the four tosses: their mean 0.75, over n = 2, whatever the number of functions"
)
assert abs(rademacher_ball(jnp.array([[3.0, 4.0], [0.0, 0.0]]), 2.0) - 5.0) < 1e-6, "5, not 7 or 4: those are other norms"
assert abs(rademacher_ball(jnp.array([[1.0, 0.0], [1.0, 0.0]]), 2.0) - 1.0) < 1e-6, (
    "B E|sigma_1 + sigma_2| / n = 2 * 1 / 2 = 1. 1.41: that is the bound by the root of the mean square"
)

# %% [markdown] predict="rademacher"
# **Predict.** Thresholds on a line: $f_k(x_i)=1$ for $i\le k$, else $-1$, for $k=0,\dots,n$. How fast does the
# complexity fall with $n$? And for the class of all $2^n$ labellings?

# %% [markdown] answer="rademacher"
# The class of all labellings follows every coin: complexity 1 for every $n$, it can memorise anything. Thresholds
# fall like $\sqrt{8/\pi n}$ for large $n$: $\sum_i\sigma_if_k(x_i)=2S_k-S_n$, with $S_k$ the place of a coin-tossing
# walk after $k$ steps, so the supremum is $2\max_kS_k-S_n$: on average twice the walk's highest place, whose mean
# comes from the reflection principle. Massart's bound knows only that there are $n+1$ functions, and is too large by
# a factor of order $\sqrt{\log n}$.

# %% tags=["demo"]
def massart(values):
    """Massart's lemma: the complexity of finitely many functions is at most max |f| sqrt(2 log their number) / n."""
    functions, n = values.shape
    return np.linalg.norm(values, axis=1).max() * np.sqrt(2 * np.log(functions)) / n


sizes = np.arange(2, 13)
thresholds = [2.0 * np.tri(n + 1, n, -1) - 1 for n in sizes]
everything = [np.array(list(itertools.product((-1.0, 1.0), repeat=n))) for n in sizes[:7]]
directions = [rng.normal(size=(n, 30)) / np.sqrt(30) for n in sizes]
fig, ax = panels(1, width=6.6, height=3.8)
ax.plot(sizes[:7], [rademacher(jnp.asarray(v)) for v in everything], "o", color=COLORS[1], label="all labellings")
ax.plot(sizes, [rademacher(jnp.asarray(v)) for v in thresholds], "o", color=COLORS[0], label="thresholds")
ax.plot(sizes, [massart(v) for v in thresholds], "x", color=COLORS[0], label="thresholds, Massart's bound")
ax.plot(sizes, [rademacher_ball(jnp.asarray(v), 1.0) for v in directions], "o", color=COLORS[2], label="ball, 30 dimensions")
walk = [2 * np.arange(n + 1) - n for n in sizes]  # S_n after n tosses, and its law
chance = [scipy.special.comb(n, np.arange(n + 1)) / 2.0**n for n in sizes]
reflected = [2 * (c * (np.abs(s) - (s > 0))).sum() / n for n, s, c in zip(sizes, walk, chance, strict=True)]
theory(ax, sizes, reflected, r"theory: $2(\mathbb{E}|S_n|-P(S_n>0))/n$, and $\sqrt{\sum|x_i|^2}/n$")
theory(ax, sizes, [np.sqrt((v**2).sum()) / len(v) for v in directions])
finish(ax, "Who can follow the coins?", "number of examples n", "Rademacher complexity", legend=False, ylim=(0, 1.85))
_ = ax.legend(frameon=False, loc="upper right", fontsize=8.5, ncols=2)

# %% [markdown] reflect="rademacher"
# **Reflect.** For values $\pm1$ the complexity is $1-2\,\mathbb E(\text{smallest share of mistakes on coin tosses})$:
# why? A network reaches training error 0 on images with *random* labels (Zhang et al. 2017). What does the bound say
# then about the network that was trained on the true ones?

# %% [markdown] answer="rademacher"
# $\frac1n\sum\sigma_if(x_i)$ is the share of hits minus the share of mistakes, $1-2\cdot$mistakes. A class that fits
# every random labelling has complexity 1, and the bound says that the true mean exceeds the training mean by at most
# 2: nothing, since values lie in $[-1,1]$. Complexity of the *whole* class cannot explain why networks generalise;
# one has to ask which functions training selects (question 1.7). The dashed line through the green points is
# $B\sqrt{\sum|x_i|^2}/n$: almost an equality in 30 dimensions, where inputs are nearly orthogonal.

# %% [markdown] question="high_dimension" points=3 minutes=30 difficulty="**"
# ## 1.5 Life in high dimension
#
# Inputs have many coordinates, and pictures in the plane mislead. Two surprises, each with an exact formula.
#
# * **Everything is orthogonal.** For two independent uniform directions in $\mathbb R^d$, the cosine $c$ of their
#   angle has a density proportional to $(1-c^2)^{(d-3)/2}$. So $c^2$ has a beta distribution; **find its two
#   parameters** (for $d=2$ and $3$ you know what must come out), and from it `cap(d, t)` $=P(c>t)$. Small
#   probabilities must be right to their leading digits: $1-(\text{almost }1)$ will not do. In SciPy,
#   `scipy.special.betainc(a, b, u)` is the probability that a beta variable with parameters $a$, $b$ is below $u$.
#   And if $u$ is beta with $(a,b)$, then $1-u$ is beta with $(b,a)$.
# * **Nobody has neighbours.** Throw $N$ points uniformly into the unit ball of $\mathbb R^d$. The *median* of the
#   distance from the centre to the nearest of them, `nearest(d, N)`, solves $P(\text{no point closer than
#   }\rho)=\tfrac12$: **derive it** (Hastie, Tibshirani and Friedman 2009, eq. 2.24). For large $N$ mind the digits
#   again: $2^{-1/N}$ is almost 1.
#
# *About 30 minutes, difficulty \*\*, 3 points.*


# %% solution="high_dimension"
def cap(d: int, t: float) -> float:
    """Probability that the cosine of the angle between two independent uniform directions exceeds t.

    Args:
        d: dimension, 2 <= d <= 10 000.
        t: -1 <= t <= 1.

    Returns:
        P(c > t) with a relative error below 1e-4, also where it is as small as 1e-250.
        Example: cap(3, 0.5) = 0.25, cap(2, 0.5) = 1/3, cap(3, -0.5) = 0.75, cap(1000, 0.5) = 9.860e-65.
    """
    ### BEGIN SOLUTION
    beyond = scipy.special.betainc((d - 1) / 2, 0.5, 1 - t**2) / 2  # P(|c| > |t|) / 2
    return beyond if t >= 0 else 1 - beyond
    ### END SOLUTION


def nearest(d: int, N: float) -> float:
    """Median distance from the centre of the unit ball to the nearest of N uniform points in it.

    Args:
        d: dimension, 1 <= d <= 10 000.
        N: number of points, 1 <= N <= 1e18.

    Returns:
        The median, relative error below 1e-6. Example: nearest(1, 1) = 0.5, nearest(10, 500) = 0.517792.
    """
    ### BEGIN SOLUTION
    return (-np.expm1(-np.log(2) / N)) ** (1 / d)
    ### END SOLUTION


# %% check="high_dimension"
assert abs(cap(3, 0.5) - 0.25) < 1e-6, (
    "on the sphere in 3 dimensions c is uniform on [-1, 1]: (1 - 0.5)/2. 0.5: both signs were counted"
)
assert abs(cap(2, 0.5) - 1 / 3) < 1e-6, "in the plane the angle is uniform: arccos(0.5)/pi"
assert abs(cap(3, -0.5) - 0.75) < 1e-6, "more than half of the directions have a cosine above -0.5"
assert abs(cap(1000, 0.5) / 9.8596e-65 - 1) < 1e-3, "0: one minus a number that is almost 1; swap the parameters instead"
assert abs(cap(5000, 0.2) / 1.36554e-46 - 1) < 1e-3, "the normal law of c sqrt(d) is no match in the tail"
assert abs(cap(2, -1.0) - 1) < 1e-6 and abs(cap(7, 0.0) - 0.5) < 1e-6, "all cosines are above -1, half of them above 0"
assert abs(nearest(10, 500) - 0.5177921) < 1e-5, "the probability that no point is closer than 0.5178 is one half"
assert nearest(1, 1e18) > 0, "the probability 1 - 2^(-1/N) is about log(2)/N, not 0: numpy.expm1"

# %% [markdown] predict="high_dimension"
# **Predict.** In the unit ball of dimension 10 you throw 500 points. How far from the centre is the nearest one? How
# many points would bring it to 0.1? One more surprise: how wide is the shell in which $N(0,I_d)$ lives for $d=10\,000$,
# where its radius is 100?

# %% [markdown] answer="high_dimension"
# Half-way to the surface: 0.52. For 0.1 one needs about $\log2\cdot10^{10}$ points. The radius has a standard
# deviation between 0.60 and $1/\sqrt2=0.71$ for every $d$: at radius 100 the shell is as thin as paper.

# %% tags=["demo"]
fig, (left, middle, right) = panels(3, width=3.9, height=3.5)
for color, d in zip(COLORS, (3, 30, 300), strict=False):
    a, b = rng.normal(size=(2, 20_000, d))
    cosine = (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    edges = np.linspace(-1, 1, 61)
    left.hist(cosine, bins=edges, density=True, histtype="step", color=color, label=f"d = {d}")
    below = np.array([1 - cap(d, float(t)) for t in edges])
    theory(left, (edges[1:] + edges[:-1]) / 2, np.diff(below) / np.diff(edges), "theory: your cap" if d == 300 else None)
    mean = np.sqrt(2) * np.exp(scipy.special.gammaln((d + 1) / 2) - scipy.special.gammaln(d / 2))
    variance = d - mean**2
    middle.hist(np.linalg.norm(a, axis=1) - np.sqrt(d), bins=np.linspace(-3, 3, 61), density=True, histtype="step", color=color)
    r_axis = np.linspace(-3, 3, 300)
    bell = np.exp(-((r_axis + np.sqrt(d) - mean) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)
    theory(middle, r_axis, bell)
dims = np.unique(np.round(np.geomspace(1, 1000, 60)).astype(int))
for color, digits in zip(COLORS, (1, 3, 6, 12), strict=False):
    right.plot(dims, [nearest(int(d), 10.0**digits) for d in dims], color=color, label=rf"$N=10^{{{digits}}}$")
finish(left, "Cosines of random directions", "c", "density", ylim=(0, 10.5))
finish(middle, "Lengths (same colours)", r"$|x|-\sqrt{d}$", "density")
finish(right, "Distance to the nearest of N", "dimension d", r"median $\rho$", xscale="log", ylim=(0, 1.05))

# %% [markdown] reflect="high_dimension"
# **Reflect.** A method predicts by the nearest training examples. In which dimension is the nearest of a million
# points half as far away as the surface? Yet nearest neighbours classify the digits of the lab (64 pixels) with a few
# errors in a hundred. What does that say about the digits?

# %% [markdown] answer="high_dimension"
# In dimension 20 already, and at $d=64$ it is 0.8: the nearest is almost as far away as everything else. Digits do
# not fill a ball in 64 dimensions: they lie near a set of far lower dimension, in which neighbours are near. High
# dimension is a curse for isotropic data only.

# %% [markdown] question="one_lambda" points=4 minutes=30 difficulty="**" written=true
# ## 1.6 Which λ, and why
#
# Question 1.3 found the best $\lambda$ for large random matrices. What remains of it for the one matrix $X$ that you
# have, however its singular values lie? Let $w_*$ be random with mean 0 and covariance $\frac{r^2}pI$, independent of
# $X$ and of the noise. (a) Let $s_j$ be the singular values of $X$ (with zeros, so that there are $p$ of them). Show
# that, given $X$, the excess risk of ridge regression is (the lab drew its curves with it)
#
# $$R(\lambda)=\sum_{j=1}^p\frac{\lambda^2\,r^2/p+\sigma^2s_j^2}{(s_j^2+\lambda)^2} .$$
#
# (b) At which $\lambda$ is the $j$-th term minimal, unless it is constant? Conclude which $\lambda_*$ is the best for
# this $X$, what it depends on and what not, and find the minimal risk. (c) Compare with a Bayesian's answer: what is
# the posterior mean of $w_*$ if $w_*\sim N(0,\frac{r^2}pI)$ and the noise is Gaussian? (d) One more example is added
# to $X$. Show that the risk at $\lambda_*$ does not grow. Does your argument hold for $\lambda=0$?

# %% [markdown] solution="one_lambda"
# (a) $\hat w=(X^\top X+\lambda)^{-1}X^\top(Xw_*+\varepsilon)$, so $\hat w-w_*=-\lambda(X^\top
# X+\lambda)^{-1}w_*+(X^\top X+\lambda)^{-1}X^\top\varepsilon$. In the basis of right singular vectors the $j$-th
# component is $\bigl(-\lambda\,w_j+s_j\,\varepsilon_j\bigr)/(s_j^2+\lambda)$, with independent $w_j$, $\varepsilon_j$
# of variances $r^2/p$, $\sigma^2$. The mixed term has mean 0; the mean square is the $j$-th term.
#
# (b) Let $a=r^2/p$, $g(\lambda)=(\lambda^2a+\sigma^2s^2)/(s^2+\lambda)^2$. Then
# $g'(\lambda)=2s^2(\lambda a-\sigma^2)/(s^2+\lambda)^3$: negative below $\lambda_*=\sigma^2/a=\sigma^2p/r^2$ and
# positive above, whatever $s>0$. For $s=0$ the term is $a$. So one $\lambda_*$ is the best for every $X$ and every
# $n$. At $\lambda_*$: $\lambda_*^2a=\lambda_*\sigma^2$, so $g=\sigma^2/(s^2+\lambda_*)$ and
# $R=\sigma^2\operatorname{tr}(X^\top X+\lambda_*)^{-1}$.
#
# (c) The log posterior is $-|y-Xw|^2/(2\sigma^2)-p|w|^2/(2r^2)$ up to a constant, which is $-\frac1{2\sigma^2}$ times
# the ridge objective with $\lambda_*$. It is Gaussian, so its mean is its maximum: ridge at $\lambda_*$. The
# posterior mean minimises the mean squared error among *all* predictors, and $\sigma^2(X^\top X+\lambda_*)^{-1}$ is
# the posterior covariance, whose trace is the risk in (b).
#
# (d) A further row $x$ makes $X^\top X+xx^\top\succeq X^\top X$; inverses are ordered the other way round, so the
# trace of the inverse does not grow. (Or: a Bayesian may ignore an example, so the best use of it cannot hurt.) At
# $\lambda=0$ the argument fails: the risk is not $\sigma^2\operatorname{tr}(X^\top X)^{-1}$ for $p>n$, where that
# does not exist, and there an example adds a new non-zero singular value, perhaps a tiny one, whose term jumps from
# $a$ to $\sigma^2/s^2$. This is the way up to the peak.

# %% [markdown] rubric="one_lambda"
# * **1 point** (a): error split into bias and noise, diagonalised, mixed term gone because $w_*$ and $\varepsilon$
#   are independent. Half without the reason for the mixed term.
# * **1 point** (b): derivative (or another argument) term by term, the same zero for every $s_j$, and the minimal risk
#   $\sigma^2\operatorname{tr}(X^\top X+\lambda_*)^{-1}$. Half without the minimal risk.
# * **1 point** (c): posterior mean = ridge at $\lambda_*$, with the factor $\sigma^2p/r^2$ shown.
# * **1 point** (d): operator order or Bayes, and what fails at $\lambda=0$ (for $p>n$, where the peak is approached).
#   Half for either.
#
# An argument by the Marchenko-Pastur limit alone proves neither (a) nor (b): half of each.

# %% [markdown] question="memorising" points=4 minutes=40 difficulty="**" written=true
# ## 1.7 Memorising is no crime
#
# Kernel interpolators with a positive definite kernel matrix $K$ fit any labels $y\in\{\pm1\}^n$: together they
# follow every coin, and question 1.4 promises nothing. But look at the one of smallest norm. (a) Let
# $f(x)=w^\top\phi(x)$ with $K_{ij}=\phi(x_i)^\top\phi(x_j)$. Show that the interpolator of smallest norm has
# $|w|^2=y^\top K^{-1}y$. (b) Show that the ball $|w|\le B$ has $\hat{\mathfrak R}\le B\sqrt{\operatorname{tr}K}/n$.
# (c) With $B^2=y^\top K^{-1}y$ this becomes $\beta(y)=\sqrt{y^\top K^{-1}y\,\operatorname{tr}K}\,/n$. Show that for
# coin tosses $\mathbb E\,\beta(y)^2\ge1$, with equality only if all eigenvalues of $K$ are equal: for labels that
# mean nothing, the bound says nothing on average. (Apply the bound of 1.4 to the ramp loss $\min(1,\max(0,1-y
# f(x)))$, whose complexity is at most that of $f$, by the contraction lemma.) (d) How small can $\beta(y)$ be for the
# best labels? Give the bound and say which kernels come close to it. What is the moral for the digits of the lab,
# true labels and false ones?

# %% [markdown] solution="memorising"
# (a) The part of $w$ orthogonal to all $\phi(x_i)$ does not change $f(x_i)$ and only adds to the norm:
# $w=\sum_ia_i\phi(x_i)$, $Ka=y$, and $|w|^2=a^\top Ka=y^\top K^{-1}y$.
#
# (b) $\sup_{|w|\le B}w^\top\sum_i\sigma_i\phi(x_i)=B\,|\sum_i\sigma_i\phi(x_i)|$ by Cauchy and Schwarz, with equality
# for $w$ along the sum. By Jensen $\mathbb E|\cdot|\le(\mathbb E|\cdot|^2)^{1/2}$, and $\mathbb
# E|\sum\sigma_i\phi(x_i)|^2=\sum_{ij}\mathbb E\sigma_i\sigma_jK_{ij} =\operatorname{tr}K$. Divide by $n$.
#
# (c) $\mathbb E\,y^\top K^{-1}y=\operatorname{tr}K^{-1}$, since $\mathbb Ey_iy_j=\delta_{ij}$. With the eigenvalues
# $\kappa_j$ of $K$,
# $n^2=\bigl(\sum_j\sqrt{\kappa_j}\,/\sqrt{\kappa_j}\bigr)^2\le\operatorname{tr}K\,\operatorname{tr}K^{-1}$: so
# $\mathbb E\beta^2\ge1$. Equality in Cauchy-Schwarz: $\sqrt{\kappa_j}$ proportional to $1/\sqrt{\kappa_j}$, all
# equal. (The ramp loss is 0 on the training set, and its true mean, which is at most 1 anyway, is bounded by about 2.
# Strictly, $B$ must be fixed before the labels are seen; a union bound over radii 1, 2, 4, ... mends this.)
#
# (d) $y^\top K^{-1}y\ge|y|^2/\kappa_{\max}=n/\kappa_{\max}$ and $\operatorname{tr}K\ge\kappa_{\max}$, so
# $\beta\ge1/\sqrt n$. It is approached if one eigenvalue dominates the trace and its eigenvector is $y/\sqrt n$:
# $K_{ij}\approx c\,y_iy_j$, images of one class are alike and unlike those of the other. Moral: the same machine with
# the same training error 0 has a better bound for labels that the kernel "expects" than for coin tosses. What counts
# is the norm that the labels need. In the lab (600 digits, five draws) $\beta$ is 0.37 for "a zero or not", 0.51 to
# 0.52 for odd or even, 0.7 to 0.8 for either with 30 false labels, and 1.4 to 1.5 for coin tosses. The order is
# right. But a bound $2\beta$ above 1 says nothing, also for the true parity, although the interpolator predicts well:
# there is more to explain. True labels are cheap since their parts along the weak eigenvectors are small; each false
# label needs a spike of its own, which makes $y^\top K^{-1}y$ grow. Exactly: if $y_i$ changes its sign, $y^\top
# K^{-1}y$ grows by $4\,(K^{-1})_{ii}\,y_i\,\hat y_i^{(-i)}$. The price of a lie is the opinion of the others, by
# which leave-one-out found the lies.

# %% [markdown] rubric="memorising"
# * **1 point** (a): orthogonal part, $Ka=y$, norm. (Lagrange multipliers are fine.)
# * **1 point** (b): supremum by Cauchy-Schwarz, Jensen, and $\mathbb E\sigma_i\sigma_j=\delta_{ij}$. Half if Jensen
#   is used without a word.
# * **1 point** (c): $\operatorname{tr}K^{-1}$, the inequality, the case of equality. Half without equality.
# * **1 point** (d): $1/\sqrt n$ with the alignment of the leading eigenvector, and a true sentence on true and false
#   labels. Half for the bound alone.
#
# Do not accept "interpolators overfit" or "the norm is small, so it generalises" without the comparison of labels.

# %% [markdown]
# ## To read
#
# * M. Belkin, D. Hsu, J. Xu, [Two models of double descent for weak features](https://arxiv.org/abs/1903.07571) (2020).
#   The Gaussian model is question 1.1.
# * T. Hastie, A. Montanari, S. Rosset, R. Tibshirani, [Surprises in high-dimensional ridgeless least squares
#   interpolation](https://arxiv.org/abs/1903.08560) (2022). The limits for isotropic features, and ridge.
# * E. Dobriban, S. Wager, [High-dimensional asymptotics of prediction](https://arxiv.org/abs/1507.03003) (2018). The
#   risk of question 1.3, for any covariance of the inputs.
# * P. Nakkiran, P. Venkat, S. Kakade, T. Ma, [Optimal regularization can mitigate double
#   descent](https://arxiv.org/abs/2003.01897) (2021). Question 1.6 (d).
# * M. Mohri, A. Rostamizadeh, A. Talwalkar, [Foundations of machine learning](https://cs.nyu.edu/~mohri/mlbook/) (2018),
#   chapter 3. The definition, and the bound for values in [0, 1].
# * P. Bartlett, S. Mendelson, [Rademacher and Gaussian complexities](https://www.jmlr.org/papers/v3/bartlett02a.html)
#   (2002). The source; there with an absolute value and a factor 2.
# * C. Zhang, S. Bengio, M. Hardt, B. Recht, O. Vinyals, [Understanding deep learning requires rethinking
#   generalization](https://arxiv.org/abs/1611.03530) (2017). Random labels; section 2 is enough.
# * R. Vershynin, [High-dimensional probability](https://www.math.uci.edu/~rvershyn/papers/HDP-book/HDP-book.html)
#   (2018). Chapter 3: shells and nearly orthogonal directions.
