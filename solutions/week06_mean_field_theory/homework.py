# ---
# jupyter:
#   autograder:
#     points: 30
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
# # Week 6 homework: the geometry of moving mass
#
# Measures are points of a space, and optimal transport gives this space lengths, straight lines and slopes. Heat
# spreads along the steepest slope of the entropy; a wide network goes down the slope of its risk. For normal laws all
# this can be computed with pen and paper. You will write each result as a function, and see it beside an experiment.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 6.1 | The straight line between two normal laws | 5 | 45 | ** |
# | 6.2 | The price of entropy | 4 | 35 | ** |
# | 6.3 | Heat without noise | 4 | 40 | ** |
# | 6.4 | One step down the free energy | 5 | 45 | *** |
# | 6.5 | The propagation of chaos | 4 | 45 | *** |
# | 6.6, 6.7 | Two arguments in words | 4 + 4 | 35 + 35 | ** |
#
# **Conventions.** $W_2^2(\mu,\nu)=\min\mathbb E|X-Y|^2$ over all pairs with $X\sim\mu$, $Y\sim\nu$. Variances are
# called $a$, $b$ or $S$, standard deviations $s$; $T$ is a matrix in 6.1 and the temperature in 6.4 and 6.5. Where no
# accuracy is named, results are compared with a relative
# accuracy of $10^{-6}$ of the largest entry, and several results each by itself. They need double precision: NumPy
# has it by itself, JAX is switched to it below. A scalar may be a Python number or an array of shape `()`, and a list
# of numbers is an array. No test puts `jit`, `vmap` or `grad` around your functions.

# %%
from course_lib.checks import open_checks

grader = open_checks("week06/homework")

# %%
import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg
import scipy.optimize
import scipy.special
from jaxtyping import Array, Float

from course_lib.plots import COLORS, finish, panels, theory

jax.config.update("jax_enable_x64", True)

# %% tags=["demo"]
rng = np.random.default_rng(66)

# %% [markdown] question="bures" points=5 minutes=45 difficulty="**"
# ## 6.1 The straight line between two normal laws
#
# If $X\sim N(m_1,S_1)$ and $Y\sim N(m_2,S_2)$ are normal together with $\mathrm{Cov}(X,Y)=K$, then $\mathbb E|X-Y|^2=
# |m_1-m_2|^2+\mathrm{tr}\,S_1+\mathrm{tr}\,S_2-2\,\mathrm{tr}\,K$. The largest $\mathrm{tr}\,K$ that two covariances allow gives
#
# $$W_2^2=|m_1-m_2|^2+\mathrm{tr}\,S_1+\mathrm{tr}\,S_2-2\,\mathrm{tr}\bigl(S_1^{1/2}S_2S_1^{1/2}\bigr)^{1/2},$$
#
# also where $S_1$ or $S_2$ is singular. (The last three terms are the *Bures* distance squared; it is known in
# quantum mechanics, too.) If $S_1$ is invertible, there is a map that does it: $x\mapsto m_2+T(x-m_1)$, where $T$
# must be symmetric and positive semidefinite (the gradient of a convex function: Brenier's theorem), and $TS_1T=S_2$.
# **Find** $T$: multiply $TS_1T=S_2$ by $S_1^{1/2}$ from both sides. On the way, at the time $t\in[0,1]$, the mass
# that started at $x$ is at $(1-t)x+t\,(m_2+T(x-m_1))$. This is the straight line (geodesic) between the two laws; all
# its points are normal. **Find** their covariance.
#
# $m_1$, $S_1$ are `m1`, `S1`, and so on.
#
# *About 45 minutes, difficulty \*\*.*


# %% solution="bures"
def squared_distance(
    m1: Float[Array, " d"], S1: Float[Array, "d d"], m2: Float[Array, " d"], S2: Float[Array, "d d"]
) -> Float[Array, ""]:
    """W_2^2 of two normal laws.

    Args:
        m1, m2: means.
        S1, S2: covariances, symmetric, eigenvalues >= 0; some or all of them may be 0.

    Returns:
        W_2^2 (the square), a scalar, accurate to 1e-6 (1 + tr S1 + tr S2).
        Example: m1 = m2 = 0, S1 = diag(4, 1), S2 = [[2.5, 1.5], [1.5, 2.5]]: 0.944615.
    """
    ### BEGIN SOLUTION
    overlap = np.trace(psd_root(sandwich(psd_root(S1), S2)))
    return np.sum((np.asarray(m1) - m2) ** 2) + np.trace(S1) + np.trace(S2) - 2 * overlap
    ### END SOLUTION


def transport_matrix(S1: Float[Array, "d d"], S2: Float[Array, "d d"]) -> Float[Array, "d d"]:
    """The symmetric, positive semidefinite T with T S1 T = S2.

    Args:
        S1: covariance, eigenvalues from 0.01 to 100.
        S2: covariance, eigenvalues from 1e-4 to 100; some or all of them may be 0.

    Returns:
        T, shape (d, d). Where S2 is singular, an accuracy of 1e-4 of the largest entry is enough: the root of a rounding
        error is large.
        Example: S1 = diag(4, 1), S2 = diag(1, 9): diag(0.5, 3).
    """
    ### BEGIN SOLUTION
    root = psd_root(S1)
    return sandwich(np.linalg.inv(root), psd_root(sandwich(root, S2)))
    ### END SOLUTION


def geodesic_covariance(S1: Float[Array, "d d"], S2: Float[Array, "d d"], t: float) -> Float[Array, "d d"]:
    """The covariance at the time t on the straight line from N(0, S1) to N(0, S2).

    Args:
        S1, S2: as in `transport_matrix`.
        t: from 0 (S1) to 1 (S2).

    Returns:
        S_t, shape (d, d); where S2 is singular, accurate to 1e-4 of the largest entry.
        Example: S1 [[4.]], S2 [[1.]], t 0.5: [[2.25]].
    """
    ### BEGIN SOLUTION
    return sandwich((1 - t) * np.eye(len(S1)) + t * transport_matrix(S1, S2), S1)
    ### END SOLUTION


### BEGIN SOLUTION
def psd_root(S):
    """The positive semidefinite root of a symmetric matrix; eigenvalues that rounding made negative count as 0."""
    values, V = np.linalg.eigh(S)
    return (V * np.sqrt(np.maximum(values, 0))) @ V.T


def sandwich(A, S):
    """A S A for a symmetric A."""
    return np.einsum("ij,jk,kl->il", A, S, A)


### END SOLUTION

# %% check="bures"
_zero, _long, _turned = jnp.zeros(2), jnp.diag(jnp.array([4.0, 1.0])), jnp.array([[2.5, 1.5], [1.5, 2.5]])
assert abs(float(squared_distance(_zero, _long, _zero, _turned)) - 0.944615) < 1e-5, (
    "diag(4, 1) and the same turned by 45 degrees: 0.944615. 0.971913: the root of it; 1: |S1^(1/2) - S2^(1/2)|^2, "
    "which holds only for matrices that commute"
)
assert abs(float(squared_distance(jnp.array([1.0, 2.0]), _long, jnp.array([3.0, 2.0]), _long)) - 4) < 1e-5, (
    "a shift by 2: W_2^2 = 4. 2: the distance of the means is squared, too"
)
_u, _v = jnp.array([1.0, 0.0]), jnp.array([0.5, 0.75**0.5])
_line = squared_distance(_zero, jnp.outer(_u, _u), _zero, jnp.outer(_v, _v))
assert abs(float(_line) - 1.0) < 1e-5, (
    "two laws on lines at 60 degrees: 1 + 1 - 2 cos 60 = 1. NaN: the matrices are singular, and rounding makes an eigenvalue "
    "-1e-17; 1.5: only for matrices that commute"
)
_T = np.asarray(transport_matrix(_long, jnp.diag(jnp.array([1.0, 9.0]))))
assert np.allclose(_T, [[0.5, 0], [0, 3]], atol=1e-5), "diag(0.5, 3): a *length* is stretched by the root of the variances' ratio"
_T = np.asarray(transport_matrix(_long, _turned))
assert np.allclose(_T, _T.T, atol=1e-5), "T is symmetric. S2^(1/2) S1^(-1/2) carries S1 to S2, too, but costs more"
assert np.allclose(_T @ _long @ _T, _turned, atol=1e-5), "T S1 T = S2"
assert np.allclose(geodesic_covariance(jnp.array([[4.0]]), jnp.array([[1.0]]), 0.5), [[2.25]], atol=1e-5), (
    "half way between the standard deviations 2 and 1: 1.5^2 = 2.25. 2.5: covariances do not mix linearly"
)
assert np.allclose(geodesic_covariance(_long, _turned, 1.0), _turned, atol=1e-5), "at t = 1 the law is N(0, S2)"
assert np.allclose(geodesic_covariance(_long, _turned, 0.0), _long, atol=1e-5), "at t = 0 the law is N(0, S1)"

# %% [markdown] predict="bures"
# **Predict.** A long ellipse, $S_1=\mathrm{diag}(4,0.1)$, is to become the same ellipse turned by 60 degrees. What is
# half way on the geodesic: the ellipse turned by 30 degrees? And the mixture $(S_1+S_2)/2$? Compare their areas, which
# are proportional to $\sqrt{\det S}$.

# %% [markdown] answer="bures"
# Mass moves along straight lines and not on circles, so half way the ellipse points in the middle direction, but is
# shorter (1.72 in place of 2) and fatter. Its area is 1.4 times that of the ends; that of the mixture is 2.9 times as
# large.

# %% tags=["demo"]
angle = np.deg2rad(60)
turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
begin = np.diag([4.0, 0.1])
end = turn @ begin @ turn.T
around = np.linspace(0, 2 * np.pi, 200)
circle = np.stack([np.cos(around), np.sin(around)])
times = np.linspace(0, 1, 5)
fig, axes = panels(3, width=4.0, height=3.7)
for ax, along in (
    (axes[0], lambda t: np.asarray(geodesic_covariance(begin, end, t))),
    (axes[1], lambda t: (1 - t) * begin + t * end),
):
    for color, t in zip(COLORS, times, strict=False):
        ax.plot(*(np.linalg.cholesky(along(float(t))) @ circle), color=color, label=f"t = {t:g}")
    finish(ax, "Geodesic" if ax is axes[0] else "Covariances mixed", "$x_1$", "$x_2$", xlim=(-2.3, 2.3), ylim=(-2.3, 2.3),
           legend=ax is axes[1])  # fmt: skip
fine = np.linspace(0, 1, 21)
whole = float(squared_distance(np.zeros(2), begin, np.zeros(2), end))
for color, name, along in (
    (COLORS[0], "geodesic", geodesic_covariance),
    (COLORS[1], "mixed", lambda a, b, t: (1 - t) * a + t * b),
):
    far = [float(squared_distance(np.zeros(2), begin, np.zeros(2), along(begin, end, float(t)))) for t in fine]
    axes[2].plot(fine, np.sqrt(np.maximum(far, 0) / whole), "o", markersize=4, color=color, label=name)
theory(axes[2], fine, fine, "theory: constant speed")
finish(axes[2], "Distance from the start", "t", r"$W_2(S_1,S_t)/W_2(S_1,S_2)$", ylim=(-0.05, 1.25))

# %% [markdown] reflect="bures"
# **Reflect.** $(1-t)S_1+tS_2$ is the covariance of the mixture $(1-t)\mu+t\nu$ of the two *measures*. Where in the lab
# have you seen this contrast? And why does the distance of the orange points rise more than twice as fast as $t\to0$?

# %% [markdown] answer="bures"
# The fade of two digits against the transport of their ink. What has to move are lengths, standard deviations: in the
# thin direction the mixture's is $\sqrt{0.1+ct}$ with $c\approx3$, which rises fast as long as $ct$ is small. On the
# geodesic the distance grows at a constant speed.

# %% [markdown] question="entropic" points=4 minutes=35 difficulty="**"
# ## 6.2 The price of entropy
#
# The lab's Sinkhorn minimises $\mathbb E|X-Y|^2+\varepsilon\,\mathrm{KL}(\pi\,|\,\mu\otimes\nu)$. For $\mu=N(0,a)$
# and $\nu=N(0,b)$ on a line the best plan $\pi$ is a normal law in the plane. Let $c=\mathrm{Cov}(X,Y)$; then
#
# $$\mathbb E|X-Y|^2=a+b-2c,\qquad\mathrm{KL}(\pi\,|\,\mu\otimes\nu)=-\tfrac12\ln\Bigl(1-\frac{c^2}{ab}\Bigr).$$
#
# **Minimise** over $c$: the covariance $c_{ab}$ and the value $\mathrm{OT}_\varepsilon(a,b)$ (Janati et al. 2020, who
# do it in every dimension). Then look for the bias. For given $b$, **which variance** $a\ge0$ makes
# $\mathrm{OT}_\varepsilon(a,b)$ least? ($a=0$ is a point; there $c=0$ and $\mathrm{OT}_\varepsilon=b$.)
#
# Mind large $\varepsilon$: a formula that subtracts $\varepsilon/4$ from a root which is nearly $\varepsilon/4$ has
# no digits left there.
#
# $a$, $b$ are `a`, `b`, $\varepsilon$ is `eps`.
#
# *About 35 minutes, difficulty \*\*.*


# %% solution="entropic"
def entropic_covariance(a: float, b: float, eps: float) -> float:
    """The covariance of the optimal plan.

    Args:
        a, b: variances, from 0.01 to 100.
        eps: from 1e-6 to 1e9.

    Returns:
        c, one scalar, accurate to 1e-6 of itself for every eps.
        Example: a 1, b 2.5, eps 0.7: 1.415794.
    """
    ### BEGIN SOLUTION
    return a * b / (np.sqrt(a * b + eps**2 / 16) + eps / 4)
    ### END SOLUTION


def entropic_cost(a: float, b: float, eps: float) -> float:
    """The value OT_eps(a, b) of the minimum.

    Args:
        a, b, eps: as above.

    Returns:
        E|X - Y|^2 + eps KL, one scalar, accurate to 1e-6 (a + b).
        Example: a 1, b 2.5, eps 0.7: 1.234860.
    """
    ### BEGIN SOLUTION
    c = entropic_covariance(a, b, eps)
    return a + b - 2 * c - eps / 2 * np.log1p(-(c**2) / (a * b))
    ### END SOLUTION


def cheapest_variance(b: float, eps: float) -> float:
    """The variance a >= 0 for which OT_eps(a, b) is least.

    Args:
        b, eps: as above.

    Returns:
        a, one scalar; it may be 0. Accurate to 1e-5 (absolute).
        Example: b 1, eps 0.5: 0.75.
    """
    ### BEGIN SOLUTION
    return max(b - eps / 2, 0.0)
    ### END SOLUTION


# %% check="entropic"
assert abs(float(entropic_covariance(1.0, 2.5, 0.7)) - 1.415794) < 1e-5, (
    "a 1, b 2.5, eps 0.7: c = 1.415794. 1.581: without entropy; 1.269: a factor 2, check the derivative of KL"
)
_large = float(entropic_covariance(1.0, 2.5, 1e9))
assert abs(_large / 5e-9 - 1) < 1e-4, "eps = 1e9: c = 2ab/eps = 5e-9. 0, or some 1e-8: the difference of two large numbers"
assert abs(float(entropic_cost(1.0, 2.5, 0.7)) - 1.234860) < 1e-5, (
    "1.234860. 0.668: the transport alone; 0.102: the divergence is positive, its logarithm negative; 1.801: without the half"
)
assert abs(float(entropic_cost(1.0, 4.0, 1e-6)) - 1.0) < 1e-4, "eps -> 0: (2 - 1)^2"
assert abs(float(entropic_cost(1.0, 4.0, 1e9)) - 5.0) < 1e-4, "eps -> infinity: independent, a + b"
assert abs(float(cheapest_variance(1.0, 0.5)) - 0.75) < 1e-4, (
    "b = 1, eps = 0.5: 0.75. 1: look at the derivative of the value; at the minimum over c it is that with c held fixed"
)
assert abs(float(cheapest_variance(2.0, 3.0)) - 0.5) < 1e-4, "b = 2, eps = 3: 0.5"
assert abs(float(cheapest_variance(1.0, 5.0))) < 1e-4, "eps > 2b: the point is cheapest, and a variance is not negative"

# %% [markdown] predict="entropic"
# **Predict.** A generator of normal variables is trained by $\mathrm{OT}_\varepsilon$ on data of variance 1. What
# does it produce for $\varepsilon=0.1$, 1, 10? Sketch $\mathrm{OT}_\varepsilon(a,1)$ against $a$ for the three.

# %% [markdown] answer="entropic"
# Variances 0.95, 0.5 and 0: "mode collapse", caused by the loss alone. For $\varepsilon=10$ the curve rises from its
# left end on.


# %% tags=["demo"]
def on_a_grid(a, b, eps, rounds=400):
    """OT_eps of two normal laws by Sinkhorn on a grid, without your formulas."""
    x, y = (np.sqrt(v) * np.linspace(-6, 6, 121) for v in (a, b))
    mass = np.exp(-(np.linspace(-6, 6, 121) ** 2) / 2)
    log_mass, cost = np.log(mass / mass.sum()), (x[:, None] - y) ** 2
    g = np.zeros(121)
    for _ in range(rounds):
        f = -eps * scipy.special.logsumexp((g - cost) / eps + log_mass, axis=1)
        g = -eps * scipy.special.logsumexp((f[:, None] - cost) / eps + log_mass[:, None], axis=0)
    return np.exp(log_mass) @ (f + g)  # at convergence the dual value is the primal one


fig, ax = panels(1, width=6.4, height=4.0)
some, fine = np.array([0.05, 0.2, 0.5, 0.8, 1.2, 1.6, 2.0]), np.linspace(0.01, 2, 200)
for color, eps in zip(COLORS, (0.3, 1.0, 3.0), strict=False):
    ax.plot(some, [on_a_grid(a, 1.0, eps) for a in some], "o", color=color, label=rf"Sinkhorn on a grid, $\varepsilon={eps:g}$")
    theory(ax, fine, [float(entropic_cost(float(a), 1.0, eps)) for a in fine], "theory: your cost" if eps == 3 else None)
    lowest = float(cheapest_variance(1.0, eps))
    ax.plot(lowest, float(entropic_cost(lowest, 1.0, eps)) if lowest else 1.0, "*", color=color, markersize=15)
finish(ax, "The cheapest variance (stars: yours) is not 1", "variance a", r"$\mathrm{OT}_\varepsilon(a,1)$", ylim=(0, 2.7))

# %% [markdown] reflect="entropic"
# **Reflect.** The plan wants to be spread out. Why does this make a *narrow* $\mu$ cheap? Which two terms does the
# Sinkhorn divergence of the lab subtract, and what does the first of them do to the derivative at $a=b$?

# %% [markdown] answer="entropic"
# Entropy spreads the target of each point over a width of $\sqrt{\varepsilon/2}$ or so. If $\mu$ has the variance
# $b-\varepsilon/2$, this spread makes up for the rest. Subtracted are $\frac12\mathrm{OT}_\varepsilon(a,a)$ and
# $\frac12\mathrm{OT}_\varepsilon(b,b)$; the first has at $a=b$ exactly the derivative of
# $\mathrm{OT}_\varepsilon(a,b)$, because both of its arguments move, with half of the weight each.

# %% [markdown] question="heat" points=4 minutes=40 difficulty="**"
# ## 6.3 Heat without noise
#
# The heat equation $\partial_t\rho=\Delta\rho$ is a transport equation, $\partial_t\rho=-\nabla\cdot(\rho v)$: heat
# may be carried by particles that jitter, or by particles that move smoothly with a velocity $v$. **Find** the $v$
# that is a gradient. (It is minus the Wasserstein gradient of $\int\rho\ln\rho$; run backwards in time it is the
# "probability flow" by which diffusion models make pictures.)
#
# Start with a mixture, $\rho_0=\sum_kp_kN(m_k,a_kI)$ in $d$ dimensions. What is $\rho_t$? Mind the factor of two: this
# is $\Delta$, not $\frac12\Delta$. Then $v$ is asked for at any points, also so far out that every density is 0 in double
# precision.
#
# On a line there is more: where is the particle at the time $t$ that was at $x_0$ at the time 0? You could integrate
# $\dot x=v(x,t)$. But particles on a line that move smoothly cannot overtake: **what** does each of them conserve,
# and how does that give its place without a differential equation?
#
# $p_k$ is `weights`, $m_k$ are the rows (on a line: the entries) of `means`, $a_k$ is `variances`.
#
# *About 40 minutes, difficulty \*\*.*


# %% solution="heat"
def heat_velocity(
    x: Float[Array, "n d"],
    weights: Float[Array, " k"],
    means: Float[Array, "k d"],
    variances: Float[Array, " k"],
    t: float,
) -> Float[Array, "n d"]:
    """The velocity that carries heat, for a start that is a mixture of round normal laws.

    Args:
        x: points, one per row; coordinates up to 100.
        weights: p_k > 0, adding up to 1.
        means: m_k, one per row.
        variances: a_k at the time 0 in each direction, from 0.25 to 4.
        t: time, from 0 to 100.

    Returns:
        v(x, t), one per row, shape (n, d).
        Example: weights [1.], means [[0., 0.]], variances [1.], t 0.5, x [[1., 2.]]: [[0.5, 1.]].
    """
    ### BEGIN SOLUTION
    away = np.asarray(x)[:, None] - np.asarray(means)
    width = np.asarray(variances) + 2 * t
    exponents = np.log(weights) - away.shape[-1] / 2 * np.log(width) - np.sum(away**2, axis=-1) / (2 * width)
    return np.einsum("nk,nkd->nd", scipy.special.softmax(exponents, axis=1) / width, away)
    ### END SOLUTION


def heat_path(
    x0: Float[Array, " n"], weights: Float[Array, " k"], means: Float[Array, " k"], variances: Float[Array, " k"], t: float
) -> Float[Array, " n"]:
    """Where the particles of a line are at the time t.

    Args:
        x0: their places at the time 0, in any order; at least 1e-6 of the mass lies on each side of every place, and
            the density at every place is at least 1e-6.
        weights, variances: as above.
        means: m_k, from -5 to 5.
        t: time, from 0 to 100.

    Returns:
        x(t), shape (n,), accurate to 1e-5 (absolute).
        Example: weights [1.], means [1.], variances [1.], t 1.5, x0 [1., 2.]: [1., 3.].
    """
    ### BEGIN SOLUTION
    below = lambda place, t: np.average(scipy.special.ndtr((place - means) / np.sqrt(variances + 2 * t)), weights=weights)
    # At t = 100 the standard deviation is at most 204^(1/2), and 1e-6 of a normal law lies beyond 4.8 of them.
    rest = lambda place, start: below(place, t) - below(start, 0)
    return np.array([scipy.optimize.root_scalar(rest, (start,), bracket=(-100.0, 100.0)).root for start in np.asarray(x0)])
    ### END SOLUTION


# %% check="heat"
_one, _plane = jnp.array([1.0]), jnp.array([[0.0, 0.0]])
_v = np.asarray(heat_velocity(jnp.array([[1.0, 2.0]]), _one, _plane, _one, 0.5))
assert _v.shape == (1, 2), "one velocity per point: shape (n, d)"
assert np.allclose(_v, [[0.5, 1.0]], atol=1e-5), (
    "variance 1 + 2t = 2: v = -grad log rho = x / 2. [[0.667, 1.333]]: the variance grows by 2t, not t; "
    "[[-0.5, -1]]: heat goes outwards"
)
_two = (jnp.array([0.25, 0.75]), jnp.array([[-1.0, 0.0], [1.0, 0.0]]), jnp.array([0.5, 2.0]))
assert np.allclose(heat_velocity(jnp.array([[0.0, 0.0]]), *_two, 0.0), [[0.466090, 0.0]], atol=1e-5), (
    "two components in the plane, at the origin: weigh them with their *densities* there; in d dimensions a density has "
    "the factor a^(-d/2)"
)
_far = np.asarray(heat_velocity(jnp.array([[90.0, 0.0]]), *_two, 0.0))
assert np.allclose(_far, [[44.5, 0.0]], atol=1e-3), "far out the wider component rules: 89 / 2. NaN: 0/0; keep to logarithms"
_x = np.asarray(heat_path(jnp.array([1.0, 2.0]), _one, _one, _one, 1.5))
assert np.allclose(_x, [1.0, 3.0], atol=1e-4), "one component: (x - mean) grows with the standard deviation, from 1 to 2"
_mix = (jnp.array([0.25, 0.75]), jnp.array([-2.0, 1.0]), jnp.array([0.5, 1.0]))
_x = np.asarray(heat_path(jnp.array([1.5, -2.0, 0.0]), *_mix, 2.0))
assert np.allclose(_x, [2.170529, -2.743790, -0.570270], atol=1e-3), (
    "two components, points in any order: the mass on the left of a particle stays what it is. The component of a particle is "
    "nothing that it keeps"
)
assert np.allclose(heat_path(jnp.array([1.5, -2.0, 0.0]), *_mix, 0.0), [1.5, -2, 0], atol=1e-4), (
    "at t = 0 they are where they were"
)

# %% [markdown] predict="heat"
# **Predict.** Two narrow heaps, weights 0.3 and 0.7, melt into one. Most particles move outwards. Which move inwards,
# and for how long? After a long time all paths look alike: what is the place of a particle then, as a function of its
# level $u$ (the mass on its left)?

# %% [markdown] answer="heat"
# Those on the inner flanks go towards the valley, where the density is low, until it is filled: $v=-\nabla\ln\rho$
# points to where less is. After a long time the law is nearly normal with the variance $2t$ around the mean $\bar x$ of
# the start, so $x\approx\bar x+\sqrt{2t}\,\Phi^{-1}(u)$.

# %% tags=["demo"]
heaps = (np.array([0.3, 0.7]), np.array([-2.0, 1.5]), np.array([0.25, 0.3]))
starts = np.asarray(heat_path(np.concatenate([np.linspace(-3, -1, 7), np.linspace(0.2, 2.8, 9)]), *heaps, 0.0))
moments = np.linspace(0, 3, 61)
fig, (left, right) = panels(2, width=5.4, height=4.0)
paths = np.array([np.asarray(heat_path(starts, *heaps, float(t))) for t in moments])
heights = np.linspace(-8, 8, 320)
spread = heaps[2] + 2 * moments[:, None]
shape = np.exp(-((heights[:, None, None] - heaps[1]) ** 2) / (2 * spread)) / np.sqrt(2 * np.pi * spread)
left.pcolormesh(moments, heights, (shape * heaps[0]).sum(-1), cmap="Blues", shading="auto", rasterized=True)
x, integrated = starts[:, None], [starts[:, None]]
for k in range(600):  # steps of the midpoint method along your velocity
    t, dt = 0.005 * k, 0.005
    half = x + dt / 2 * np.asarray(heat_velocity(x, heaps[0], heaps[1][:, None], heaps[2], t))
    x = x + dt * np.asarray(heat_velocity(half, heaps[0], heaps[1][:, None], heaps[2], t + dt / 2))
    integrated.append(x)
integrated = np.array(integrated)[::60, :, 0]
left.plot(moments[::6], integrated, "o", markersize=3, color=COLORS[1])
for k, path in enumerate(paths.T):
    theory(left, moments, path, "theory: your path (dots: along your velocity)" if k == 0 else None)
late = np.geomspace(0.1, 100, 30)
late_places = np.array([np.asarray(heat_path(starts, *heaps, float(t))) for t in late])
level = np.array([0.3, 0.7]) @ scipy.special.ndtr((starts - heaps[1][:, None]) / np.sqrt(heaps[2][:, None]))
for k, (u, color) in enumerate(zip(level[1::3], COLORS, strict=False)):
    scaled = (late_places[:, 1 + 3 * k] - heaps[0] @ heaps[1]) / np.sqrt(2 * late)
    right.plot(late, scaled, "o", markersize=3, color=color, label=f"u = {u:.2f}")
    theory(right, late, np.full(30, scipy.special.ndtri(u)), r"theory: $\Phi^{-1}(u)$" if k == 4 else None)
finish(left, "Heat, carried by particles that do not jitter", "time", "x")
finish(right, "Late: only the level is left", "time", r"$(x-\bar x)/\sqrt{2t}$", xscale="log", ylim=(-8, 10))

# %% [markdown] reflect="heat"
# **Reflect.** A diffusion model runs these paths backwards, from noise to pictures. Read the left figure from right to
# left: where do neighbouring paths come together, and where do they part? What does this mean for errors of the velocity?
# And why can the backward equation of the *jittering* particles be run, too, but only with a drift that knows $\rho_t$?

# %% [markdown] answer="heat"
# Backwards the paths come together inside each heap, so errors that were made where all was still noise shrink there.
# On the watershed between the heaps the paths part: errors grow, and decide in which heap one ends. The noise itself
# cannot be undone: Brownian motion does not contract anything; only the drift $2\nabla\ln\rho_t$ (the score) brings the
# mass together.

# %% [markdown] question="jko" points=5 minutes=45 difficulty="***"
# ## 6.4 One step down the free energy
#
# Gradient flow in any metric space can be made of steps: go where the energy plus the squared distance is least. In
# Wasserstein space (Jordan, Kinderlehrer and Otto 1998), with the free energy of particles in a potential
# $\frac\lambda2x^2$ at the temperature $T$,
#
# $$\rho'=\arg\min_{q}\Bigl\{F(q)+\frac{W_2^2(q,\rho)}{2\tau}\Bigr\},\qquad
# F(\rho)=\int\Bigl(\frac\lambda2x^2+T\ln\rho\Bigr)\rho\,dx.$$
#
# (For $\lambda<0$ the energy has no minimum, but the step has one as long as $1+\tau\lambda>0$.) As $\tau\to0$ the steps
# follow $\partial_t\rho=\partial_x(\lambda x\rho)+T\partial_x^2\rho$, the Fokker-Planck
# equation. On a line, from $N(m,s^2)$, the minimiser is normal again. **Derive** its mean $m'$ and standard deviation
# $s'$: for normal laws $W_2^2=(m-m')^2+(s-s')^2$, and $\int\rho\ln\rho=-\ln s-\frac12\ln2\pi e$. **Solve** the
# Fokker-Planck equation exactly, too. And **compute** how fast the free energy falls along its flow,
# $-\frac{d}{dt}F=\int\rho\,|v|^2dx$ with the velocity $v=-\lambda x-T\partial_x\ln\rho$.
#
# $m$, $s$ are `m`, `s` (a *standard deviation*), $\tau$ is `tau`, $\lambda$ is `lam`, $T$ is `temperature`.
#
# *About 45 minutes, difficulty \*\*\*.*


# %% solution="jko"
def jko_step(m: float, s: float, tau: float, lam: float, temperature: float) -> tuple[float, float]:
    """One step of the scheme of Jordan, Kinderlehrer and Otto from N(m, s^2).

    Args:
        m, s: mean and standard deviation, s >= 0 (s = 0 is a point).
        tau: step, > 0.
        lam: lambda, of either sign or 0, with 1 + tau lam > 0.
        temperature: T >= 0.

    Returns:
        (m', s'), two scalars.
        Example: m 1, s 0.6, tau 0.3: lam 0, T 1: (1, 0.924500); lam 1, T 1: (0.769231, 0.763708).
    """
    ### BEGIN SOLUTION
    stiff = 1 + tau * lam
    return m / stiff, (s + np.sqrt(s**2 + 4 * tau * temperature * stiff)) / (2 * stiff)
    ### END SOLUTION


def exact_flow(m: float, s: float, t: float, lam: float, temperature: float) -> tuple[float, float]:
    """The solution of the Fokker-Planck equation from N(m, s^2).

    Args:
        m, s, lam, temperature: as above; |lam| may be tiny, or 0.
        t: time, >= 0, |lam| t <= 20.

    Returns:
        (mean, standard deviation) at the time t, two scalars.
        Example: m 1, s 0.6, t 0.3: lam 0, T 1: (1, 0.979796); lam 1, T 1: (0.740818, 0.805457).
    """
    ### BEGIN SOLUTION
    spread = 2 * t * scipy.special.exprel(-2 * lam * t)  # (1 - e^(-2 lam t)) / lam, which tends to 2t
    return m * np.exp(-lam * t), np.sqrt(s**2 * np.exp(-2 * lam * t) + temperature * spread)
    ### END SOLUTION


def free_energy(m: float, s: float, lam: float, temperature: float) -> float:
    """F of N(m, s^2).

    Args:
        m, s, lam, temperature: as above, s > 0.

    Returns:
        F, one scalar.
        Example: m 1, s 0.6, lam 1, T 1: -0.228113.
    """
    ### BEGIN SOLUTION
    return lam / 2 * (m**2 + s**2) - temperature * (np.log(s) + np.log(2 * np.pi * np.e) / 2)
    ### END SOLUTION


def dissipation(m: float, s: float, lam: float, temperature: float) -> float:
    """By how much the free energy falls per unit of time, at N(m, s^2).

    Args:
        m, s, lam, temperature: as above, s > 0.

    Returns:
        -dF/dt along the Fokker-Planck flow, one scalar.
        Example: m 1, s 0.6, lam 1, T 1: 2.137778.
    """
    ### BEGIN SOLUTION
    return (lam * m) ** 2 + (lam * s - temperature / s) ** 2
    ### END SOLUTION


# %% check="jko"
_step = [float(v) for v in jko_step(1.0, 0.6, 0.3, 0.0, 1.0)]
assert np.allclose(_step, [1.0, 0.924500], atol=1e-5), (
    "no potential: s' - s = tau T / s', a quadratic equation. 1.1: s in place of s' on the right (the explicit step); 0.979796: "
    "the exact flow, which a step is not; 0.869794: s was taken for a variance"
)
_step = [float(v) for v in jko_step(1.0, 0.6, 0.3, 1.0, 1.0)]
assert np.allclose(_step, [0.769231, 0.763708], atol=1e-5), "with a potential: m' = m / (1 + tau lam). 0.7: the explicit step"
assert np.allclose([float(v) for v in jko_step(1.0, 0.0, 0.25, 0.0, 2.0)], [1.0, 0.5**0.5], atol=1e-5), "a point: sqrt(tau T)"
_flow = [float(v) for v in exact_flow(1.0, 0.6, 0.3, 1.0, 1.0)]
assert np.allclose(_flow, [0.740818, 0.805457], atol=1e-5), (
    "s^2 = 0.36 e^-0.6 + 1 - e^-0.6. 0.725: the variance decays with 2 lam; 0.649: this is the variance"
)
assert np.allclose([float(v) for v in exact_flow(1.0, 0.6, 0.3, 0.0, 1.0)], [1.0, 0.979796], atol=1e-5), "lam = 0: s^2 + 2 T t"
assert np.allclose([float(v) for v in exact_flow(1.0, 0.6, 0.3, 1e-15, 1.0)], [1.0, 0.979796], atol=1e-5), "lam = 1e-15: as for 0"
assert abs(float(free_energy(1.0, 0.6, 1.0, 1.0)) + 0.228113) < 1e-5, (
    "0.5 (1 + 0.36) + ln(1/0.6) - 1.418939. 1.588: the entropy's sign; -0.728: the potential energy of the mean counts, too"
)
assert abs(float(dissipation(1.0, 0.6, 1.0, 1.0)) - 2.137778) < 1e-5, "v = -lam m at the centre, and (T/s - lam s) z around it"

# %% [markdown] predict="jko"
# **Predict.** Each step is off by something of order $\tau^2$. (a) A narrow cloud grows. Is $s'$ larger or smaller than
# the exact width at the time $\tau$? (b) How does the error at a fixed time fall with $\tau$? (c) What is the fixed point
# of the steps, and does it depend on $\tau$? (Compare with noisy gradient steps
# $x'=x-\tau\lambda x+\sqrt{2\tau T}\,\xi$, whose stationary variance is $\frac{T}{\lambda\,(1-\tau\lambda/2)}$.)

# %% [markdown] answer="jko"
# (a) Smaller: the implicit step takes the slope at its end, which is smaller. (A cloud that shrinks ends too wide.) (b)
# Like $\tau$. (c) $s^2=T/\lambda$, for every $\tau$: the minimum of $F$ is a fixed point of every step. Noisy steps are
# an explicit scheme, and heat the particles up.

# %% tags=["demo"]
fig, axes = panels(3, width=4.2, height=3.6)
clock = np.linspace(0, 3, 200)
for color, tau in zip(COLORS, (0.5, 0.1), strict=False):
    state, path = (2.0, 0.3), [(2.0, 0.3)]
    for _ in range(round(3 / tau)):
        state = tuple(float(v) for v in jko_step(*state, tau, 1.0, 1.0))
        path.append(state)
    path = np.array(path)
    axes[0].plot(tau * np.arange(len(path)), path[:, 1], "o-", linewidth=0.6, markersize=4, color=color, label=rf"$\tau={tau}$")
    axes[1].plot(tau * np.arange(len(path)), [float(free_energy(*v, 1.0, 1.0)) for v in path], "o", markersize=4, color=color,
                 label=rf"$\tau={tau}$")  # fmt: skip
exact = np.array([[float(v) for v in exact_flow(2.0, 0.3, float(t), 1.0, 1.0)] for t in clock])
theory(axes[0], clock, exact[:, 1], "theory: your exact flow")
falling = np.array([float(dissipation(m, s, 1.0, 1.0)) for m, s in exact])
summed = float(free_energy(2.0, 0.3, 1.0, 1.0)) - np.concatenate(
    [[0], np.cumsum((falling[1:] + falling[:-1]) / 2 * np.diff(clock))]
)
theory(axes[1], clock, summed, "theory: minus the sum of your dissipation")
taus, errors = 1 / 2.0 ** np.arange(1, 8), []
for tau in taus:
    state = (2.0, 0.3)
    for _ in range(round(1 / tau)):
        state = tuple(float(v) for v in jko_step(*state, float(tau), 1.0, 1.0))
    errors.append(abs(state[1] - float(exact_flow(2.0, 0.3, 1.0, 1.0, 1.0)[1])))
axes[2].plot(taus, errors, "o", color=COLORS[0], label="your steps")
theory(axes[2], taus, errors[-1] * taus / taus[-1], r"theory: $\propto\tau$")
finish(axes[0], "Steps and flow", "time", "standard deviation", ylim=(0, 1.3))
finish(axes[1], "The free energy falls", "time", "F")
finish(axes[2], "Error at the time 1", r"$\tau$", "error of s", xscale="log", yscale="log")

# %% [markdown] reflect="jko"
# **Reflect.** Whatever $\tau$, the energy of the steps falls: why can it never rise, even for a $\tau$ for which
# noisy gradient steps explode? And what is the price, in a space where one cannot compute $s'$ by a formula?

# %% [markdown] answer="jko"
# $\rho'=\rho$ is allowed in the minimum, with the value $F(\rho)$, so $F(\rho')+W_2^2/2\tau\le F(\rho)$. The price is
# an optimal transport problem in each step, an inner loop.

# %% [markdown] question="chaos" points=4 minutes=45 difficulty="***"
# ## 6.5 The propagation of chaos
#
# In a network a neuron feels the others only through their mean. Take the simplest gas of that kind: $n$ particles in
# $\mathbb R^d$, each in the potential $\frac12x^\top Ax$ and attracted by all others with $\frac\kappa2|x-y|^2$, at
# the temperature $T$,
#
# $$dX_i=-AX_i\,dt-\kappa\,(X_i-\bar X)\,dt+\sqrt{2T}\,dB_i,\qquad\bar X=\frac1n\sum_jX_j,$$
#
# from independent starts $X_i(0)\sim N(m_0,S_0)$. In the limit the mean $\bar X$ is replaced by the mean $m(t)$ of
# the law itself. Give every particle a twin that lives there, with the *same* start and the *same* noise $B_i$
# (Sznitman 1991):
#
# $$d\tilde X_i=-A\tilde X_i\,dt-\kappa\,(\tilde X_i-m(t))\,dt+\sqrt{2T}\,dB_i .$$
#
# **(a)** Find the law $N(m(t),S(t))$ of the twins. **(b)** Find $\mathbb E|X_i(t)-\tilde X_i(t)|^2$, exactly. For
# this look at $Y=\bar X-m$, and at $U$, the mean of the twins minus $m$: both obey linear equations, with the same
# noise and the same start, and different rates. Show that $X_i-\tilde X_i=Y-U$ for every $i$. In the eigenbasis of
# $A$ all directions are independent; put $h(r)=a\,e^{-rt}+2T\,(1-e^{-rt})/r$ for each, with $a$ the variance of the
# start in this direction. Which rates $r$ do you need?
#
# $A$ is `A`, $\kappa$ is `kappa`, $T$ is `temperature`, $m_0$, $S_0$ are `m0`, `S0`.
#
# *About 45 minutes, difficulty \*\*\*.*


# %% solution="chaos"
def mean_field_law(
    m0: Float[Array, " d"],
    S0: Float[Array, "d d"],
    A: Float[Array, "d d"],
    kappa: float,
    temperature: float,
    t: float,
) -> tuple[Float[Array, " d"], Float[Array, "d d"]]:
    """Mean and covariance of a particle at the time t, in the limit of infinitely many.

    Args:
        m0, S0: mean and covariance of the start; S0 need not commute with A.
        A: symmetric; eigenvalues from -3 to 3, also 0 or exactly -kappa.
        kappa: strength of the attraction, from 0 to 3.
        temperature: T >= 0.
        t: time, from 0 to 2.

    Returns:
        (m(t), S(t)), shapes (d,) and (d, d).
        Example: m0 [2.], S0 [[1.]], A [[1.]], kappa 1, T 0.5, t 0.5: ([1.213061], [[0.351501]]).
    """
    ### BEGIN SOLUTION
    alpha, V = np.linalg.eigh(np.asarray(A))
    rates = alpha[:, None] + alpha + 2 * kappa
    start = np.einsum("ik,ij,jl->kl", V, np.asarray(S0), V)
    heat = np.diag(2 * temperature * t * scipy.special.exprel(-np.diag(rates) * t))
    mean = np.einsum("ik,k,jk,j->i", V, np.exp(-alpha * t), V, np.asarray(m0))
    return mean, np.einsum("ik,kl,jl->ij", V, start * np.exp(-rates * t) + heat, V)
    ### END SOLUTION


def twin_distance(n: int, S0: Float[Array, "d d"], A: Float[Array, "d d"], kappa: float, temperature: float, t: float) -> float:
    """The mean squared distance of a particle from its twin.

    Args:
        n: number of particles, from 1 to a million.
        S0, A, temperature: as above.
        kappa: 0, or from 0.01 to 3. (Nearer to 0 differences of nearly equal numbers lose their digits.)
        t: 0, or from 0.1 to 2.

    Returns:
        E|X_i - twin of X_i|^2, one scalar, accurate to 1e-6 of itself. (It is 0 for kappa 0 or t 0; then 1e-9 is enough.)
        Example: n 4, S0 [[1.]], A [[1.]], kappa 1, T 0.5, t 0.5: 0.017817.
    """
    ### BEGIN SOLUTION
    alpha, V = np.linalg.eigh(np.asarray(A))
    start = np.einsum("ik,ij,jk->k", V, np.asarray(S0), V)
    h = lambda r: start * np.exp(-r * t) + 2 * temperature * t * scipy.special.exprel(-r * t)
    return np.sum(h(2 * alpha) - 2 * h(2 * alpha + kappa) + h(2 * alpha + 2 * kappa)) / n
    ### END SOLUTION


# %% check="chaos"
_I, _two = jnp.eye(1), jnp.array([2.0])
_m, _S = (np.asarray(v) for v in mean_field_law(_two, _I, _I, 1.0, 0.5, 0.5))
assert np.allclose(_m, [1.213061], atol=1e-5), "the attraction does not move the mean: 2 e^-0.5. 0.7358: kappa acts on it"
assert np.allclose(_S, [[0.351501]], atol=1e-5), (
    "variance e^-2 + 0.5 (1 - e^-2) / 2, rate 2 (A + kappa). 0.684: kappa is missing, or the rate is not doubled; "
    "0.243: the noise adds 2T"
)
_m, _S = (np.asarray(v) for v in mean_field_law(jnp.zeros(1), _I, jnp.zeros((1, 1)), 0.0, 0.5, 2.0))
assert np.allclose(_S, [[3.0]], atol=1e-5), "no force: Brownian motion, 1 + 2 T t = 3. NaN: (1 - e^(-rt)) / r tends to t"
_A, _S0 = jnp.array([[1.0, 0.5], [0.5, -0.5]]), jnp.array([[2.0, 0.0], [0.0, 1.0]])
_m, _S = (np.asarray(v) for v in mean_field_law(jnp.array([1.0, -1.0]), _S0, _A, 0.75, 0.5, 0.5))
assert np.allclose(_m, [0.859568, -1.544077], atol=1e-5), "in the plane: e^(-At) is a matrix exponential"
assert np.allclose(_S, [[0.646112, -0.347949], [-0.347949, 1.322078]], atol=1e-5), (
    "in the plane: A and S0 do not commute, and S0 stands between two matrix exponentials"
)
assert abs(float(twin_distance(4, _I, _I, 1.0, 0.5, 0.5)) - 0.017817) < 1e-5, (
    "n = 4: 0.017817. The start and the noise both enter through their means, with variances 1/n; and Y and U are not independent"
)
assert abs(float(twin_distance(4, _I, _I, 0.0, 0.5, 0.5))) < 1e-9, "no attraction: each particle is its own twin"
assert abs(float(twin_distance(100, _S0, _A, 0.75, 0.5, 0.5)) / 0.00299527 - 1) < 1e-4, "in the plane, n = 100"

# %% [markdown] predict="chaos"
# **Predict.** How does the distance fall with $n$, and what happens to it as $t\to\infty$ for $A>0$? What if $A=0$,
# where the centre of the gas is free? Two particles of the same gas: how large is their covariance?

# %% [markdown] answer="chaos"
# The mean square like $1/n$, at every $t$ ("propagation": if the particles are independent at the start, they are so
# later, up to $1/n$). For $A>0$ it tends to a constant over $n$. For $A=0$ the centre diffuses,
# $\mathbb E|Y|^2=(a+2Tt)/n$ in each direction: at the time $t\sim n$ the limit is wrong. The covariance of two particles
# is of order $1/n$ as well.

# %% tags=["demo"]
force, attraction, warmth, initial = np.array([[1.0]]), 2.0, 0.5, np.array([[1.0]])
fig, (left, right) = panels(2, width=5.2, height=3.8)
gas_sizes, dt = np.array([4, 16, 64, 256]), 0.01
for color, strength in zip(COLORS, (1.0, 0.0), strict=False):
    measured = []
    for n in gas_sizes:
        gas = 1.0 + rng.normal(size=(max(300, 20000 // n), n))  # many runs of a small gas, few of a large one
        twins, mean, track = gas.copy(), 1.0, []
        for _ in range(200):
            noise = np.sqrt(2 * warmth * dt) * rng.normal(size=gas.shape)
            gas = gas - dt * (strength * gas + attraction * (gas - gas.mean(1, keepdims=True))) + noise
            twins, mean = twins - dt * (strength * twins + attraction * (twins - mean)) + noise, mean - dt * strength * mean
            track.append(np.mean((gas - twins) ** 2))
        measured.append(track)
    measured = np.array(measured)
    left.plot(gas_sizes, measured[:, -1], "o", color=color, label=f"simulated, A = {strength:g}")
    right.plot(
        dt * np.arange(10, 201, 10), gas_sizes[0] * measured[0, 9::10], "o", markersize=4, color=color, label=f"A = {strength:g}"
    )
    bound = [float(twin_distance(int(n), initial, strength * force, attraction, warmth, 2.0)) for n in gas_sizes]
    theory(left, gas_sizes, bound, "theory: your distance" if strength else None)
    moments = np.linspace(0, 2, 60)
    spread = [float(twin_distance(1, initial, strength * force, attraction, warmth, float(t))) for t in moments]
    theory(right, moments, spread, "theory: n times your distance" if strength else None)
finish(left, "Particles and their twins, time 2", "n", r"$\mathbb{E}|X_i-\tilde X_i|^2$", xscale="log", yscale="log")
finish(right, "n = 4, in the course of time", "time", r"$n\,\mathbb{E}|X_i-\tilde X_i|^2$", ylim=(0, 3.2))

# %% [markdown] reflect="chaos"
# **Reflect.** What in this plot is special to linear forces, and what holds for the neurons of a wide network? Over
# which times would you trust the mean-field limit of training?

# %% [markdown] answer="chaos"
# Special is the exact formula, and that all $X_i-\tilde X_i$ are equal. The rate $1/n$ holds for all smooth
# interactions through a mean (Sznitman 1991), with a constant that in general grows like $e^{Ct}$: the limit is safe
# for times that do not depend on $n$, and for all times only where something contracts.

# %% [markdown] question="why_duplicate" points=4 minutes=35 difficulty="**" written=true
# ## 6.6 Doubling every neuron
#
# Take a two-layer network with equal masses, $f(x)=\frac1n\sum_{i=1}^na_i\phi(w_i\cdot x)$, and gradient descent on a
# risk $R$ with the learning rate $\eta n$. Make a network with $2n$ neurons by copying every neuron. (a) Show that both
# networks compute the same function after every step, with learning rates $\eta n$ and $2\eta n$. (b) Now write
# $n^{-\alpha}$ for $\frac1n$, $\frac12\le\alpha\le1$, with independent random starts $a_i,w_i$ of order 1 and
# $\mathbb E\,a_i=0$, so that the residuals $f(x)-y$ are of order 1. For the learning rate $\eta n^{\beta}$, how much does one
# step change a single weight, and how much the function $f$? For which $\beta$ does $f$ change by order 1, and how much
# do the weights change then? Name the two cases $\alpha=1$ and $\alpha=\frac12$. (c) $R$ is convex in $f$. Show that it
# is convex as a function of the measure $\mu$, and give two networks with one neuron each (say $\phi$ odd) that show
# that it is not convex in the weights. (d) Why does (c) alone not prove that gradient descent finds a global minimum?
# Which role does "a particle near every place" play?

# %% [markdown] solution="why_duplicate"
# (a) Let $G_i=\partial R/\partial\theta_i$ for $\theta_i=(a_i,w_i)$. By the chain rule $G_i=\frac1n\,g(\theta_i)$,
# where $g(\theta)=\nabla_\theta V(\theta)$, $V(\theta)=\langle R'(f),\,a\phi(w\cdot x)\rangle$ depends on the network
# only through $f$. In the doubled network $f$ is the same (twice as many terms, half the weight), so $V$ and $g$ are,
# and the gradient of each copy is $\frac1{2n}g(\theta_i)$. The step is $-\eta n\cdot\frac1ng=-\eta g$ in the one and
# $-2\eta n\cdot\frac1{2n}g=-\eta g$ in the other. Both copies make the same step, so the doubled network is again the
# doubling of the first: induction over the steps. (With a mass that is not equal the same holds: the step divides the
# mass out.)
#
# (b) $G_i\sim n^{-\alpha}$, so a weight moves by $\eta n^{\beta-\alpha}$. The change of $f$ is
# $\sum_i n^{-\alpha}\,\nabla_\theta(a_i\phi)\cdot\Delta\theta_i$. The terms have the same sign on average, because
# $\Delta\theta_i\propto-\nabla_\theta(a_i\phi)$ times the residuals: it is of order
# $n\cdot n^{-\alpha}\cdot n^{\beta-\alpha}=n^{1+\beta-2\alpha}$. It is of order 1 for $\beta=2\alpha-1$, and then
# weights move by $n^{\alpha-1}$. For $\alpha=1$, $\beta=1$: by order 1, features are learned: mean field. For
# $\alpha=\frac12$, $\beta=0$: by $n^{-1/2}$, while $f$ moves by order 1: lazy, neural tangent kernel.
#
# (c) $f_\mu$ is linear in $\mu$, and a convex function of a linear one is convex. $(a,w)$ and $(-a,-w)$ compute the
# same $f$ for odd $\phi$. If this $f$ is the minimum of $R$ and $f=0$ is not, the midpoint of the two networks,
# $(0,0)$, has a larger risk than both ends: not convex.
#
# (d) Convexity on measures speaks about *all* directions $\nu-\mu$, also about mass that appears at a new place (the
# straight line of the fade). Particles only move continuously: gradient flow is stationary as soon as $\nabla V=0$
# *on the support* of $\mu$, whereas a global minimum needs $V\ge0$ everywhere (with $V=0$ on the support, in the
# homogeneous case). If the particles fill all places (or all directions) at the start, and by continuity keep
# surrounding every place, then wherever $V<0$ there are particles, and for homogeneous neurons they grow: no
# stationary point other than a global minimum can be the limit (Chizat and Bach 2018, under assumptions, among them
# that the flow converges).

# %% [markdown] rubric="why_duplicate"
# * **1 point** (a): $G_i\propto\frac1ng(\theta_i)$ with $g$ a function of $f$ (half); the factors cancel and
#   induction (half).
# * **1.5 points** (b): weight change $n^{\beta-\alpha}$ and function change $n^{1+\beta-2\alpha}$ (half each);
#   $\beta=2\alpha-1$ with both cases named (half).
# * **1 point** (c): convex by linearity (half); an example with midpoint (half).
# * **0.5 points** (d): stationary on the support only, against everywhere. The role of the full support must be said.

# %% [markdown] question="why_flow" points=4 minutes=35 difficulty="**" written=true
# ## 6.7 The slope of a functional
#
# Let $F(\rho)$ be a functional of densities, with first variation $V=\delta F/\delta\rho$, and let mass move with a
# velocity field: $\partial_t\rho=-\nabla\cdot(\rho v)$; all decays at infinity. (a) Show that
# $\frac{d}{dt}F=\int\rho\,\nabla V\cdot v\,dx$, and conclude which $v$ is steepest descent if the square of the speed is
# $\int\rho|v|^2dx$. (b) Compute $V$
# and the equation of the flow for $F=\int\rho\ln\rho$, for $F=\frac1{q-1}\int\rho^q$ ($q>1$), and for
# $F=\frac12\int\!\!\int k(x-y)\rho(x)\rho(y)$ with $k(-z)=k(z)$. (c) Show that along the straight line of 6.1 between
# two normal laws on a line $t\mapsto\int\rho_t\ln\rho_t$ is convex. Is it also convex along $(1-t)\rho_0+t\rho_1$?
# (d) In which of these two senses is the risk of a two-layer network convex? Why would one need convexity in the other
# sense to conclude directly that its Wasserstein gradient flow contracts?

# %% [markdown] solution="why_flow"
# (a) $\frac d{dt}F=\int V\partial_t\rho=-\int V\,\nabla\cdot(\rho v)=\int\rho\,\nabla V\cdot v$ by parts. By Cauchy
# and Schwarz, for given $\int\rho|v|^2$ this is most negative for $v\propto-\nabla V$; with $v=-\nabla V$:
# $\dot F=-\int\rho|\nabla V|^2$.
#
# (b) $V=\ln\rho+1$, $\rho\nabla V=\nabla\rho$: $\partial_t\rho=\Delta\rho$, the heat equation.
# $V=\frac q{q-1}\rho^{q-1}$, $\rho\nabla V=q\rho^{q-1}\nabla\rho=\nabla\rho^q$: $\partial_t\rho=\Delta\rho^q$, the
# porous medium equation. $V=k*\rho$ (the symmetry removes the half):
# $\partial_t\rho=\nabla\cdot(\rho\,\nabla k*\rho)$, interacting particles.
#
# (c) On the line $s_t=(1-t)s_0+ts_1$, and $\int\rho\ln\rho=-\ln s_t+\text{const}$: minus a logarithm of a linear
# function, convex. (McCann 1997 shows it for all densities.) Yes, it is also convex along mixtures, as
# $\rho\mapsto\rho\ln\rho$ is convex pointwise.
#
# (d) Along mixtures: $f_\mu$ is linear in $\mu$. Along geodesics, where every neuron moves, it is not convex in
# general: for a single particle this would be convexity in the weights. Gradient flow in the Wasserstein metric goes
# along geodesic directions; contraction, uniqueness and convergence at a rate follow from convexity along geodesics.
# That is why the theorem of 6.6 (d) needs an additional argument.

# %% [markdown] rubric="why_flow"
# * **1 point** (a): integration by parts (half), steepest descent by Cauchy and Schwarz (half).
# * **1.5 points** (b): half for each of the three, $V$ and equation.
# * **1 point** (c): $s_t$ linear and $-\ln$ convex (half); also convex along mixtures, with the reason (half).
# * **0.5 points** (d): along mixtures, not along geodesics, and that the flow moves along the latter.

# %% [markdown]
# ## Further reading
#
# * F. Santambrogio (2017), [Euclidean, metric, and Wasserstein gradient flows: an
#   overview](https://arxiv.org/abs/1609.03890). The best first text on 6.4 and 6.7.
# * R. Jordan, D. Kinderlehrer and F. Otto (1998), [The variational formulation of the Fokker-Planck
#   equation](https://doi.org/10.1137/S0036141096303359). Question 6.4.
# * R. Bhatia, T. Jain and Y. Lim (2019), [On the Bures-Wasserstein distance between positive definite
#   matrices](https://arxiv.org/abs/1712.01504). Question 6.1, as linear algebra.
# * H. Janati, B. Muzellec, G. Peyré and M. Cuturi (2020), [Entropic optimal transport between unbalanced Gaussian
#   measures has a closed form](https://arxiv.org/abs/2006.02572). Question 6.2 in every dimension.
# * Y. Song et al. (2021), [Score-based generative modeling through stochastic differential
#   equations](https://arxiv.org/abs/2011.13456). Section 4.3: the probability flow of 6.3.
# * A.-S. Sznitman (1991), [Topics in propagation of chaos](https://doi.org/10.1007/BFb0085169). Question 6.5.
# * R. McCann (1997), [A convexity principle for interacting gases](https://doi.org/10.1006/aima.1997.1634). Question
#   6.7 (c).
# * L. Chizat and F. Bach (2018), [On the global convergence of gradient descent for over-parameterized models using
#   optimal transport](https://arxiv.org/abs/1805.09545). Question 6.6 (d).
# * L. Chizat, E. Oyallon and F. Bach (2019), [On lazy training in differentiable
#   programming](https://arxiv.org/abs/1812.07956). Question 6.6 (b).
