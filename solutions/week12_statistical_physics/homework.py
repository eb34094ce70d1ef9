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
# # Week 12 homework: noise, magnets and students
#
# Statistical physics gives deep learning three things: a way to read noisy training as motion in a heat bath, a theory
# of how many weak interactions make one sharp transition, and learning curves that are exact when everything is large
# and random. You will compute one of each kind, and see where the first analogy breaks.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 12.1 | What the step size does to a heat bath | 4 | 30 | * |
# | 12.2 | The covariance of SGD | 4 | 35 | ** |
# | 12.3 | A magnet, infinite and finite | 6 | 60 | ** |
# | 12.4 | How a student learns from a teacher | 4 | 45 | *** |
# | 12.5 | A student that understands all of a sudden | 4 | 45 | *** |
# | 12.6, 12.7 | Two arguments in words | 4 + 4 | 35 + 35 | ** |
#
# Work in NumPy float64 (`np.asarray(K, np.float64)`), which is natural here, or in JAX: arguments arrive as single
# precision JAX arrays and Python numbers. Results are compared with a relative accuracy of $10^{-3}$; a scalar may be a
# Python number or an array of shape `()`. Where an error is asked for, raise `ValueError`.

# %%
from course_lib.checks import open_checks

grader = open_checks("week12/homework")

# %%
import itertools

import jax.numpy as jnp
import numpy as np
import scipy.optimize
import scipy.special
from jaxtyping import Array, Float

from course_lib.plots import COLORS, finish, panels, theory

# %% [markdown] question="langevin" points=4 minutes=30 difficulty="*"
# ## 12.1 What the step size does to a heat bath
#
# Overdamped Langevin dynamics in a quadratic energy $E(x)=\frac12x^\top Kx$ samples the Gibbs distribution
# $\mathcal N(0, TK^{-1})$. A computer takes steps of finite size,
#
# $$ x_{k+1} = x_k - \eta Kx_k + \sqrt{2\eta T}\,\xi_k, \qquad \xi_k\sim\mathcal N(0, I), $$
#
# with no correction by acceptance ("unadjusted"). This chain is Gaussian too, so all that there is to know is one mean
# and one covariance. With $M = I-\eta K$,
#
# $$ \mathbb E x_{k+1} = M\,\mathbb Ex_k, \qquad
# \mathrm{Cov}\,x_{k+1} = M\,\mathrm{Cov}(x_k)\,M + 2\eta T\,I, $$
#
# and the chain settles to a stationary covariance $\Sigma = M\Sigma M+2\eta T\,I$ if and only if $\eta\lambda_{\max}(K)<2$. Solve
# for it: everything commutes with $K$. Here $K$, $T$, $\eta$ are `K`, `T`, `eta`. Several copies of the chain are
# started at $x_0\sim\mathcal N(\mu, S)$, each around its own $\mu$, a row of `means`, and all with the same $S$, `cov`;
# they make `steps` steps. Note that $S$ need *not* commute with $K$, and that a transient exists for every $\eta$, with or
# without a stationary state.
#
# *About 30 minutes, difficulty \*.*

# %% solution="langevin"
def langevin_stationary(K: Float[Array, "d d"], T: float, eta: float) -> Float[Array, "d d"]:
    """Stationary covariance of the unadjusted Langevin chain.

    Args:
        K: symmetric positive definite.
        T: temperature, >= 0.
        eta: step size, > 0; eta * lambda_max(K) is not within 1 % of 2.

    Returns:
        Sigma, shape (d, d).

    Raises:
        ValueError: eta * lambda_max(K) > 2, at any T: the chain does not settle.

    Example:
        K = [[2.]], T = 0.5, eta = 0.25: [[1/3]], where the continuous dynamics has T / K = 1/4.
    """
    ### BEGIN SOLUTION
    kappa, V = np.linalg.eigh(np.asarray(K, np.float64))
    if eta * max(kappa) < 2:
        return np.einsum("ia,a,ja->ij", V, T / (kappa - eta * kappa**2 / 2), V)
    raise ValueError("unstable: take eta below 2 / lambda_max(K)")
    ### END SOLUTION


def langevin_transient(
    K: Float[Array, "d d"], T: float, eta: float, means: Float[Array, "n d"], cov: Float[Array, "d d"], steps: int
) -> tuple[Float[Array, "n d"], Float[Array, "d d"]]:
    """Means and covariance of the chains after some steps.

    Args:
        K, T, eta: as above, but **any** eta > 0 is allowed: at and beyond eta * lambda_max(K) = 2, too.
        means: one chain per row, the mean of its x_0.
        cov: covariance of x_0 around its mean, the same for all chains; symmetric positive semidefinite.
        steps: number of steps, from 0 to a few hundred (beyond the limit of stability so few that float32 holds the result).

    Returns:
        (means, covariance) of x_steps, shapes (n, d) and (d, d).

    Example:
        K = [[2.]], T = 0.5, eta = 0.25, one chain from [[1.]] with cov [[0.]]: after one step ([[0.5]],
        [[0.25]]), after two ([[0.25]], [[0.3125]]).
    """
    ### BEGIN SOLUTION
    kappa, V = np.linalg.eigh(np.asarray(K, np.float64))
    decay = (1 - eta * kappa) ** steps
    # Term by term: the formula for the sum of a geometric series divides by zero at eta kappa = 2.
    noise = 2 * eta * T * np.sum((1 - eta * kappa) ** (2 * np.arange(steps)[:, None]), axis=0)
    modes = np.einsum("ia,ij,jb->ab", V, cov, V) * np.outer(decay, decay) + np.diag(noise)
    return np.einsum("nj,ja,a,ia->ni", means, V, decay, V), np.einsum("ia,ab,jb->ij", V, modes, V)
    ### END SOLUTION


# %% check="langevin"
_K = jnp.array([[2.0]])
assert np.shape(langevin_stationary(_K, 0.5, 0.25)) == (1, 1), "the covariance has the shape of K"
assert abs(float(jnp.asarray(langevin_stationary(_K, 0.5, 0.25))[0, 0]) - 1 / 3) < 1e-3, (
    "T / K = 1/4 holds for infinitesimal steps. Solve Sigma = M Sigma M + 2 eta T"
)
_means, _cov = map(jnp.asarray, langevin_transient(_K, 0.5, 0.25, jnp.array([[1.0]]), jnp.array([[0.0]]), 2))
assert np.shape(_means) == (1, 1), "one chain in one dimension: the means keep the shape (n, d)"
assert abs(float(_means[0, 0]) - 0.25) < 1e-3, "the mean is multiplied by 1 - eta K = 1/2 in each step"
assert abs(float(_cov[0, 0]) - 0.3125) < 1e-3, "1/4 * (1/4) + 1/4: noise of earlier steps is contracted by M on both sides"
_Sigma = np.asarray(langevin_stationary(jnp.array([[2.0, 1.0], [1.0, 2.0]]), 1.0, 0.6))
assert np.allclose(_Sigma, [[2.38095, 0.95238], [0.95238, 2.38095]], atol=5e-3), (
    "the modes have eta * lambda = 0.6 and 1.8: both are below 2, so the chain settles. Each mode has a temperature of its own, "
    "1.43 and 10, and K^2 is the product of matrices"
)
_diagonal, _ones = jnp.diag(jnp.array([1.0, 3.0])), jnp.ones((2, 2))
_means, _cov = map(np.asarray, langevin_transient(_diagonal, 0.0, 0.5, _ones[:1], _ones, 1))
assert np.allclose(_means, [[0.5, -0.5]], atol=1e-3), "K = diag(1, 3), eta = 0.5: the mean (1, 1) goes to (0.5, -0.5)"
assert np.allclose(_cov, [[0.25, -0.25], [-0.25, 0.25]], atol=1e-3), (
    "at T = 0 the covariance of all ones goes to +-0.25, with minus off the diagonal: it does not commute with K, so M stands "
    "on both sides of it"
)
_means, _cov = map(np.asarray, langevin_transient(jnp.array([[2.0]]), 0.5, 1.25, jnp.array([[1.0]]), jnp.array([[0.0]]), 2))
assert abs(float(_means[0, 0]) - 2.25) < 5e-3 and abs(float(_cov[0, 0]) - 4.0625) < 1e-2, (
    "eta * lambda = 2.5: nothing is stationary, but after two steps there are a mean, 2.25, and a covariance, 4.06"
)
try:
    langevin_stationary(_K, 0.5, 1.25)
except ValueError:
    pass
else:
    raise AssertionError("eta * lambda_max = 2.5: the chain explodes, ask for a smaller step with a ValueError")

# %% [markdown]
# **Before you plot.** At which step size does a mode with eigenvalue $\kappa$ of $K$ look twice as hot as it should? Do
# stiff or soft modes come out too hot? And at $\eta\kappa=1$, how many steps does the chain need to forget its start?

# %% tags=["demo"]
rng = np.random.default_rng(12)
grid = np.linspace(0.02, 1.95, 200)
fig, (left, right) = panels(2, height=3.8)
chosen = np.array([0.1, 0.5, 1.0, 1.4, 1.7, 1.9])  # eta kappa: six modes of one matrix, with eta = 1
x, squares = rng.normal(size=(4000, 6)), np.zeros(6)
for k in range(600):
    x = x - chosen * x + np.sqrt(2) * rng.normal(size=x.shape)
    squares += (x**2).mean(axis=0) * (k >= 100) / 500
yours = np.diag(np.asarray(langevin_stationary(jnp.diag(jnp.array(chosen)), 1.0, 1.0))) * chosen
left.plot(chosen, squares * chosen, "o", color=COLORS[0], label="simulated chains")
left.plot(chosen, yours, "x", color=COLORS[1], markersize=9, label="your covariance")
theory(left, grid, 1 / (1 - grid / 2), r"theory: $1/(1-\eta\kappa/2)$")
left.axhline(1, color="grey", linewidth=0.8)
finish(left, "Apparent temperature of a mode", r"$\eta\kappa$", r"$\kappa\,\mathrm{Var}(x)/T$", yscale="log")
times = np.arange(41)
for color, step in zip(COLORS, (0.1, 1.0, 1.8, 2.02), strict=False):
    one = jnp.array([[step]])
    run = [float(langevin_transient(one, 1.0, 1.0, 0 * one, 0 * one, int(k))[1][0, 0]) for k in times]
    right.plot(times, np.array(run) * step, "o", markersize=3.5, color=color, label=rf"$\eta\kappa={step}$")
    exact = (1 - (1 - step) ** (2 * times)) / (1 - step / 2)
    theory(right, times[1:], exact[1:], r"theory: $(1-(1-\eta\kappa)^{2k})/(1-\eta\kappa/2)$" if step == 2.02 else None)
finish(right, "From a cold start", "step k", r"$\kappa\,\mathrm{Var}(x_k)/T$", yscale="log", ylim=(0.07, 3e5))

# %% [markdown]
# **Look again.** One step size serves all modes of a network. If the stiffest has $\eta\kappa=1.9$, what is the
# temperature of the softest? At $\eta\kappa=2.02$ the curve grows slowly: how would you notice the instability in a run
# of 40 steps, and how in one of 4000?

# %% [markdown] question="sgd" points=4 minutes=35 difficulty="**"
# ## 12.2 The covariance of SGD
#
# Near a minimum with Hessian $H$ a minibatch of $B$ examples, drawn with replacement, gives the gradient $Hw+g$, with
# $\mathbb Eg=0$ and $\mathrm{Cov}\,g=C/B$: $C$ is the covariance of a single example's gradient, taken as constant in
# $w$. Then $w_{k+1}=w_k-\eta(Hw_k+g_k)$, and the stationary covariance obeys
#
# $$ S=(I-\eta H)\,S\,(I-\eta H)+\frac{\eta^2}{B}\,C
# \quad\Longleftrightarrow\quad HS+SH-\eta\,HSH=\frac\eta B\,C . $$
#
# Dropping the third term gives the leading order in $\eta$, the equation of the Ornstein-Uhlenbeck process (Mandt,
# Hoffman and Blei 2017),
#
# $$ HS_1+S_1H=\frac\eta B\,C . $$
#
# The equipartition theorem says that in a heat bath a quadratic energy in $d$ dimensions has the mean $\frac d2T$. This
# *defines* a temperature for SGD, whether there is a bath or not:
# $\mathbb E\,\tfrac12w^\top Hw=\tfrac d2\,T_{\mathrm{SGD}}$, with the exact $S$. Here $B$ is `batch`.
#
# $H$ and $C$ need **not** commute, so $S$ is not a product of matrices. *Hint: what are the two equations, entry by
# entry, in the eigenbasis of $H$?*
#
# *About 35 minutes, difficulty \*\*.*

# %% solution="sgd"
def gradient_covariance(gradients: Float[Array, "n d"]) -> Float[Array, "d d"]:
    """Covariance C of the gradient of one example, drawn uniformly from the n examples.

    Args:
        gradients: the gradients of all n examples at one point, one per row. Their mean need not be zero.

    Returns:
        C, shape (d, d): mean subtracted, divided by n (the examples are the whole population, not a sample of one).

    Example:
        gradients = [[0., 1.], [2., 1.]]: [[1., 0.], [0., 0.]].
    """
    ### BEGIN SOLUTION
    centred = np.asarray(gradients, np.float64) - np.mean(gradients, axis=0)
    return np.einsum("ni,nj->ij", centred, centred) / len(gradients)
    ### END SOLUTION


def sgd_covariance(H: Float[Array, "d d"], C: Float[Array, "d d"], eta: float, batch: int) -> Float[Array, "d d"]:
    """Exact stationary covariance of SGD on a quadratic with constant gradient noise.

    Args:
        H: Hessian, symmetric positive definite.
        C: covariance of one example's gradient, symmetric positive semidefinite, of any rank.
        eta: learning rate, > 0; eta * lambda_max(H) is not within 1 % of 2.
        batch: examples per step.

    Returns:
        S, shape (d, d), the solution of H S + S H - eta H S H = (eta / batch) C.

    Raises:
        ValueError: eta * lambda_max(H) > 2: there is no stationary covariance.

    Example:
        H = [[2.]], C = [[3.]], eta = 0.5, batch = 4: [[0.1875]].
    """
    ### BEGIN SOLUTION
    h, V = np.linalg.eigh(np.asarray(H, np.float64))
    if eta * max(h) < 2:
        modes = np.einsum("ia,ij,jb->ab", V, C, V) / (np.add.outer(h, h) - eta * np.outer(h, h))
        return eta / batch * np.einsum("ia,ab,jb->ij", V, modes, V)
    raise ValueError("unstable: take eta below 2 / lambda_max(H)")
    ### END SOLUTION


def sgd_covariance_leading(
    H: Float[Array, "d d"], C: Float[Array, "d d"], eta: float, batch: int
) -> Float[Array, "d d"]:
    """The leading order S_1 in eta: H S_1 + S_1 H = (eta / batch) C. It exists for every eta > 0 and raises nothing.

    Arguments as above, with any eta > 0.

    Example:
        H = [[2.]], C = [[3.]], eta = 0.5, batch = 4: [[0.09375]].
    """
    ### BEGIN SOLUTION
    h, V = np.linalg.eigh(np.asarray(H, np.float64))
    modes = np.einsum("ia,ij,jb->ab", V, C, V) / np.add.outer(h, h)
    return eta / batch * np.einsum("ia,ab,jb->ij", V, modes, V)
    ### END SOLUTION


def sgd_temperature(H: Float[Array, "d d"], C: Float[Array, "d d"], eta: float, batch: int) -> float:
    """Temperature that equipartition ascribes to SGD: mean energy w H w / 2 under the exact S is d T / 2.

    Arguments and errors as for `sgd_covariance`.

    Example:
        H = [[2.]], C = [[3.]], eta = 0.5, batch = 4: 0.375.
    """
    ### BEGIN SOLUTION
    return np.sum(np.asarray(H) * sgd_covariance(H, C, eta, batch)) / len(H)
    ### END SOLUTION


# %% check="sgd"
_C = np.asarray(gradient_covariance(jnp.array([[0.0, 1.0], [2.0, 1.0]])))
assert np.allclose(_C, [[1.0, 0.0], [0.0, 0.0]], atol=1e-4), "(0, 1) and (2, 1): about their mean (1, 1), and divided by n = 2"
_H, _C = jnp.array([[2.0]]), jnp.array([[3.0]])
assert abs(float(jnp.asarray(sgd_covariance(_H, _C, 0.5, 4))[0, 0]) - 0.1875) < 1e-4, "(4 - 0.5 * 4) S = 0.5 / 4 * 3"
assert abs(float(jnp.asarray(sgd_covariance_leading(_H, _C, 0.5, 4))[0, 0]) - 0.09375) < 1e-4, "4 S = 0.5 / 4 * 3"
assert abs(float(sgd_temperature(_H, _C, 0.5, 4)) - 0.375) < 1e-3, "H S = 0.375; the two halves of d T / 2 = <w H w> / 2 cancel"
_H, _C = jnp.array([[1.0, 0.0], [0.0, 3.0]]), jnp.array([[1.0, 1.0], [1.0, 1.0]])
_S = np.asarray(sgd_covariance_leading(_H, _C, 1.0, 1))
assert np.allclose(_S, [[1 / 2, 1 / 4], [1 / 4, 1 / 6]], atol=1e-3), (
    "H = diag(1, 3), C all ones: entry (0, 1) is 1 / (1 + 3). H and C do not commute, so C H^-1 / 2 is not the solution. "
    "It exists for every eta, also for this one"
)
assert abs(float(sgd_temperature(_H, _C, 0.25, 1)) - 6 / 35) < 1e-3, (
    "twice the mean energies of the two modes are 1/7 and 1/5; T is their average, 0.171. 0.343: it is per dimension; "
    "0.210: tr H tr S is not tr H S"
)
try:
    sgd_covariance(_H, _C, 0.8, 1)
except ValueError:
    pass
else:
    raise AssertionError("eta * lambda_max = 2.4: the iterates explode, ask for a smaller learning rate with a ValueError")
_H = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 0.5], [0.0, 0.5, 1.0]])
_C = np.array([[1.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 1.0]])
_S = np.asarray(sgd_covariance(jnp.asarray(_H), jnp.asarray(_C), 0.3, 2))
assert np.allclose(_H @ _S + _S @ _H - 0.3 * _H @ _S @ _H, 0.3 / 2 * _C, atol=1e-3), (
    "your S does not solve H S + S H - eta H S H = (eta / B) C for 3 x 3 matrices that do not commute. Is eta in the third "
    "term? In the eigenbasis of H no entry of C may be dropped, and eigh has the eigenvectors in its columns"
)

# %% [markdown]
# **Before you plot.** In the right panel noise of rank nearly one is put at 45 degrees to the axes of $H$. Which way
# will the cloud of iterates point: along the noise, along the soft direction of $H$, or in between? And does the
# leading order err on the small or on the large side?

# %% tags=["demo"]
def ellipse(S, angles):
    """Points at one standard deviation."""
    return np.linalg.cholesky(np.asarray(S, np.float64)) @ np.stack([np.cos(angles), np.sin(angles)])


H_demo, C_demo = np.diag([1.0, 4.0]), np.array([[1.0, 0.95], [0.95, 1.0]])
root = np.linalg.cholesky(C_demo)
etas, angles = np.geomspace(0.004, 0.48, 40), np.linspace(0, 2 * np.pi, 200)
exact = np.array([sgd_covariance(jnp.array(H_demo), jnp.array(C_demo), float(e), 1) for e in etas])
leading = np.array([sgd_covariance_leading(jnp.array(H_demo), jnp.array(C_demo), float(e), 1) for e in etas])
fig, (left, right) = panels(2, width=5.0, height=3.8)
for (i, j), color in zip([(0, 0), (1, 1), (0, 1)], COLORS, strict=False):
    left.plot(4 * etas, exact[:, i, j] / leading[:, i, j] - 1, color=color, label=rf"$S_{{{i + 1}{j + 1}}}$")
    h_i, h_j = H_demo[i, i], H_demo[j, j]
    first = etas * h_i * h_j / (h_i + h_j)
    theory(left, 4 * etas, first, r"theory: $\eta\,h_ih_j/(h_i+h_j)$" if i != j else None)
for eta in (0.1, 0.25, 0.4):
    w, total = np.zeros((20_000, 2)), np.zeros((2, 2))
    for k in range(400):
        w = w - eta * (w @ H_demo + rng.normal(size=w.shape) @ root.T)
        total += w.T @ w / len(w) / 200 * (k >= 200)
    S_1 = np.asarray(sgd_covariance_leading(jnp.array(H_demo), jnp.array(C_demo), eta, 1))
    for (i, j), color in zip([(0, 0), (1, 1), (0, 1)], COLORS, strict=False):
        left.plot(4 * eta, total[i, j] / S_1[i, j] - 1, "o", color=color, label="simulated" if (eta, i + j) == (0.4, 2) else None)
right.plot(*w[:1500].T, ".", markersize=2, color="grey", alpha=0.5, label=r"iterates, $\eta=0.4$")
right.plot(*ellipse(sgd_covariance(jnp.array(H_demo), jnp.array(C_demo), 0.4, 1), angles), color=COLORS[0], label="exact, 1 sd")
right.plot(*ellipse(S_1, angles), color=COLORS[1], label="leading order, 1 sd")
T_demo = float(sgd_temperature(jnp.array(H_demo), jnp.array(C_demo), 0.4, 1))
right.plot(*ellipse(T_demo * np.linalg.inv(H_demo), angles), ":", color="black", label=r"heat bath $T_\mathrm{SGD}H^{-1}$")
finish(left, "What the leading order misses", r"$\eta\lambda_{\max}$", r"exact / leading $-1$", xscale="log", yscale="log")
finish(right, "SGD is no heat bath", "$w_1$ (soft)", "$w_2$ (stiff)", xlim=(-1.9, 1.9), ylim=(-1.6, 2.4))

# %% [markdown]
# **Look again.** At $\eta\lambda_{\max}=1.6$, by what factor is the stiff direction's variance larger than the
# leading order says, and what would be the error of a "temperature" read off from it? The dotted ellipse has the
# right mean energy: what does it get wrong?

# %% [markdown] question="curie_weiss" points=6 minutes=60 difficulty="**"
# ## 12.3 A magnet, infinite and finite
#
# The Curie-Weiss model is the simplest system with a phase transition, and the pattern for every mean-field theory of
# networks: $N$ spins $s_i=\pm1$, each coupled to all others, with the energy
#
# $$ E(s) = -\frac J{2N}\Bigl(\sum_is_i\Bigr)^2 - h\sum_is_i = -N\Bigl(\tfrac J2m^2+hm\Bigr),\qquad m=\frac1N\sum_is_i . $$
#
# (a) The number of states with magnetisation $m$ is a binomial coefficient, its logarithm $N$ times an entropy; so
# $Z=\sum_se^{-E/T}\approx\int e^{-Nf(m)/T}dm$ with the free energy per spin
#
# $$ f(m)=-\tfrac J2m^2-hm+T\Bigl[\tfrac{1+m}2\log\tfrac{1+m}2+\tfrac{1-m}2\log\tfrac{1-m}2\Bigr] . $$
#
# (b) For $N\to\infty$ the magnetisation is the **global** minimiser of $f$, a solution of $m=\tanh((Jm+h)/T)$, which
# may have three. At $h=0$, below $T_c=J$, there are two minima; take the positive one (the limit $h\to0^+$).
#
# (c) The susceptibility is $\chi=\partial m/\partial h$ along that minimum; differentiate the equation for $m$
# implicitly. At $h=0$ and $T<J$: the limit $h\to0^+$.
#
# (d) For finite $N$ the sum over $2^N$ states is one over $N+1$ magnetisations $m_k=(2k-N)/N$, exactly:
#
# $$ f_N=-\frac TN\log Z,\qquad \langle|m|\rangle,\qquad \chi_N=\frac{\partial\langle m\rangle}{\partial h}
# =\frac NT\bigl(\langle m^2\rangle-\langle m\rangle^2\bigr) . $$
#
# Here $T$, $J$, $h$, $N$ are `T`, `J`, `h`, `N`. Binomials and Boltzmann factors overflow: stay with logarithms
# (`scipy.special.gammaln`, `logsumexp`, both in float64).
#
# *About 60 minutes, difficulty \*\*.*

# %% solution="curie_weiss"
def free_energy(m: Float[Array, " n"], T: float, J: float, h: float) -> Float[Array, " n"]:
    """Free energy per spin f(m) of the Curie-Weiss model, elementwise.

    Args:
        m: magnetisations in [-1, 1], **both ends included** (x log x is 0 at x = 0).
        T, J, h: temperature > 0, coupling > 0, field of either sign.

    Returns:
        f(m), shape of m.

    Example:
        m = [0, 1], T = 2, J = 1, h = 0.5: [-2 log 2, -1] = [-1.3863, -1].
    """
    ### BEGIN SOLUTION
    up, down = (1 + m) / 2, (1 - m) / 2
    return -J * m**2 / 2 - h * m + T * (scipy.special.xlogy(up, up) + scipy.special.xlogy(down, down))
    ### END SOLUTION


def magnetisation(T: float, J: float, h: float) -> float:
    """Magnetisation per spin for N to infinity: the global minimiser of f.

    Args:
        T, J: > 0, with T / J between 0.2 and 5.
        h: of either sign, or exactly 0; where |h| < 1e-3 J, T / J is not within 2 % of 1.

    Returns:
        m, to 1e-3. At h = 0 below the transition: the positive one of the two.

    Example:
        T = 0.5, J = 1, h = 0: 0.9575. T = 0.5, J = 1, h = -0.01: -0.9594. T = 2, J = 1, h = 0: 0.
    """
    ### BEGIN SOLUTION
    # On the side of the field the global minimiser is the largest solution; the iteration comes down to it from above.
    m = 1.0
    for _ in range(1000):
        m = np.tanh((J * m + abs(h)) / T)
    return m if h >= 0 else -m
    ### END SOLUTION


def susceptibility(T: float, J: float, h: float) -> float:
    """Susceptibility dm/dh of the infinite system, to 1e-3 (relative) or 1e-3 (absolute), whichever is easier.

    Arguments as for `magnetisation`; at h = 0 below the transition the limit h -> 0+.

    Example:
        T = 2, J = 1, h = 0: 1. T = 0.5, J = 1, h = 0: 0.1996.
    """
    ### BEGIN SOLUTION
    slope = 1 - magnetisation(T, J, h) ** 2
    return slope / (T - J * slope)
    ### END SOLUTION


def finite_size(N: int, T: float, J: float, h: float) -> tuple[float, float, float]:
    """Exact free energy per spin, mean modulus of the magnetisation and susceptibility of N spins.

    Args:
        N: number of spins, from 1 to 500.
        T, J, h: as above, without an exception at the transition.

    Returns:
        (f_N, <|m|>, chi_N), three scalars. The sum Z is over all 2^N states, the spins' coupling to themselves included.

    Example:
        N = 1, T = 1, J = 1, h = 0: (-1/2 - log 2, 1, 1). N = 2, T = 1, J = 1, h = 0: (-1.0032, 0.7311, 1.4621).
    """
    ### BEGIN SOLUTION
    m = np.linspace(-1.0, 1.0, N + 1)
    log_factorial = lambda n: scipy.special.gammaln(n + 1)
    states = log_factorial(N) - log_factorial(N * (1 + m) / 2) - log_factorial(N * (1 - m) / 2)
    weights = states + N * (h * m + J * m**2 / 2) / T
    log_Z = scipy.special.logsumexp(weights)
    p = np.exp(weights - log_Z)
    return -T / N * log_Z, np.sum(p * abs(m)), N / T * (np.sum(p * m**2) - np.sum(p * m) ** 2)
    ### END SOLUTION


# %% check="curie_weiss"
_f = np.asarray(free_energy(jnp.array([0.0, 1.0]), 2.0, 1.0, 0.5))
assert np.isfinite(_f).all(), "at m = 1 all spins are up: one state, entropy 0, not 0 * log 0 = NaN"
assert np.allclose(_f, [-1.3863, -1.0], atol=1e-3), "f(0) = -T log 2 (the sign of the entropy), f(1) = -J/2 - h"
assert abs(float(magnetisation(0.5, 1.0, 0.0)) - 0.9575) < 2e-3, "below T_c, at h = 0, the positive one; m = 0 is a maximum of f"
assert abs(float(magnetisation(0.5, 1.0, -0.01)) + 0.9594) < 2e-3, (
    "a field of -0.01 decides: the minimum at m > 0 still exists, but is not the global one"
)
assert abs(float(magnetisation(1.0, 2.0, 0.0)) - 0.9575) < 2e-3, "T = 1, J = 2: without field only T / J counts, 0.9575 again"
assert abs(float(susceptibility(2.0, 1.0, 0.0)) - 1.0) < 2e-3, "Curie-Weiss law above T_c: 1 / (T - J). A free spin has 1 / T"
assert abs(float(susceptibility(0.5, 1.0, 0.0)) - 0.1996) < 2e-3, (
    "below T_c it is the slope of m(h) at m = 0.9575, for h -> 0+. 2: that is 1 / |T - J|, of m = 0; a huge number: a "
    "difference across the jump at h = 0"
)
_f, _m, _chi = finite_size(2, 1.0, 1.0, 0.0)
assert abs(float(_f) + 1.0032) < 1e-3, "two spins: Z = 2 e + 2. How many of the states have m = 0?"
assert abs(float(_m) - 0.7311) < 1e-3 and abs(float(_chi) - 1.4621) < 1e-3, "e / (e + 1) of the weight is at |m| = 1"
assert abs(float(finite_size(2, 2.0, 1.0, 0.0)[2]) - 0.6225) < 1e-3, "chi = 0.6225 at T = 2. 1.245: divide the fluctuations by T"
assert np.isfinite([float(part) for part in finite_size(500, 0.25, 1.0, 0.0)]).all(), (
    "500 spins at T = 0.25: a Boltzmann factor of e^1000 is infinite for a computer, its logarithm is not"
)

# %% [markdown]
# **Before you plot.** Finite systems have no transition. How will $\langle|m|\rangle$ of 10, 40, 160 and 500 spins
# approach a curve with a kink? At $T_c$ itself $f$ is flat to fourth order: with which power of $N$ does
# $\langle|m|\rangle$ vanish there?

# %% tags=["demo"]
temperatures = np.linspace(0.2, 1.8, 65)
fig, (left, right) = panels(2, height=3.8)
for color, N in zip(COLORS, (10, 40, 160, 500), strict=False):
    left.plot(temperatures, [finite_size(N, float(t), 1.0, 0.0)[1] for t in temperatures], color=color, label=f"N = {N}")
below = np.linspace(0.2, 0.979, 200)
limit = [magnetisation(float(t), 1.0, 0.0) for t in [*below, 1.03, 1.8]]
theory(left, [*below, 1.0, 1.03, 1.8], np.insert(limit, len(below), 0.0), r"$N\to\infty$: minimiser of $f$")
near = np.linspace(0.6, 1, 100)
left.plot(near, np.sqrt(3 * (1 - near)), ":", color="grey", label=r"$\sqrt{3(1-T/T_c)}$")
finish(left, "Magnetisation without field", "$T/J$", r"$\langle|m|\rangle$", ylim=(0, 1.1))
sizes = np.array([4, 8, 16, 32, 64, 128, 256, 500])
for color, t in zip(COLORS, (0.9, 1.0, 1.1), strict=False):
    values = [finite_size(int(N), t, 1.0, 0.0)[1] for N in sizes]
    right.plot(sizes, values, "o", color=color, label=f"$T={t}$")
constant = scipy.special.gamma(0.5) / scipy.special.gamma(0.25)
theory(right, sizes, constant * (12 / sizes) ** 0.25, r"theory: $\frac{\Gamma(1/2)}{\Gamma(1/4)}(12/N)^{1/4}$")
variance = 1.1 * float(susceptibility(1.1, 1.0, 0.0)) / sizes[2:]
theory(right, sizes[2:], np.sqrt(2 * variance / np.pi), r"and $\sqrt{2T\chi/\pi N}$")
right.axhline(float(magnetisation(0.9, 1.0, 0.0)), color="black", linestyle=":", label=r"$N\to\infty$, $T=0.9$")
finish(right, "Three ways to become infinite", "spins N", r"$\langle|m|\rangle$", xscale="log", yscale="log", ylim=(0.03, 1.2))

# %% tags=["demo"]
fig, (left, right) = panels(2, height=3.8)
fields = np.linspace(-0.4, 0.4, 80)  # an even number: no point at h = 0 exactly
diagram = [[magnetisation(float(t), 1.0, float(b)) for t in temperatures] for b in fields]
image = left.pcolormesh(temperatures, fields, diagram, cmap="RdBu_r", vmin=-1, vmax=1, rasterized=True)
left.plot([0.2, 1.0], [0, 0], color="black", linewidth=2.5, label="coexistence")
left.plot([1.0], [0], "o", color="black", label="critical point")
fig.colorbar(image, ax=left, label="m")
finish(left, "Phase diagram", "$T/J$", "$h/J$")
m_axis = np.linspace(-1, 1, 401)
for color, t in zip(COLORS, (0.7, 1.0, 1.3), strict=False):
    curve = np.asarray(free_energy(jnp.array(m_axis), t, 1.0, 0.03))
    right.plot(m_axis, curve - curve[200], color=color, label=f"$T={t}$, $h=0.03$")
    m_star = float(magnetisation(t, 1.0, 0.03))
    right.plot(m_star, float(free_energy(jnp.array([m_star]), t, 1.0, 0.03)[0]) - curve[200], "o", color=color)
    landau = -0.03 * m_axis + (t - 1) / 2 * m_axis**2 + t / 12 * m_axis**4
    theory(right, m_axis, landau, "Landau, 4th order" if t == 1.3 else None)
finish(right, "Free energy, its minimiser, and Landau's", "m", "$f(m)-f(0)$", ylim=(-0.15, 0.2))

# %% [markdown]
# **Look again.** The three sets of points on the right of the first figure obey three different laws in $N$. Which
# two of them does a central limit theorem explain, and why not the third? In the phase diagram go from $h=-0.1$ to
# $h=0.1$ at $T=0.6$, once straight and once around the critical point: where does $m$ jump?

# %% [markdown] question="gibbs" points=4 minutes=45 difficulty="***"
# ## 12.4 How a student learns from a teacher
#
# A learning curve that is exact, not a bound. The teacher is a perceptron $\mathrm{sign}(w^\ast\cdot x)$ with
# $w^\ast$ on the sphere $|w|^2=N$. The student sees $P=\alpha N$ random examples and is drawn **uniformly from the
# version space**, all $w$ on the sphere that make no mistake on them. This is *Gibbs learning* at zero temperature
# (Györgyi 1990; Seung, Sompolinsky and Tishby 1992; Engel and Van den Broeck 2001, chapter 2). A typical student has an
# overlap $R=w\cdot w^\ast/N$ with the teacher and errs on a new input with probability
#
# $$ \varepsilon=\frac{\arccos R}\pi . $$
#
# Two students overlap as much as a student and the teacher, $q=R$: the teacher, too, is a uniform member of the version
# space. With this, the replica method gives the logarithm of its volume per weight
#
# $$ s(\alpha)=\max_R\Bigl\{\tfrac12\bigl[\log(1-R)+R\bigr]+2\alpha\int\!Dt\;H(at)\log H(at)\Bigr\},\qquad
# a=\sqrt{\tfrac R{1-R}}, $$
#
# where $Dt=\frac{e^{-t^2/2}}{\sqrt{2\pi}}dt$ and $H(x)=\int_x^\infty Dt$. Derive: its stationary point is
#
# $$ R=\frac\alpha\pi\sqrt{1-R}\int\!Dt\;\frac{e^{-Rt^2/2}}{H(\sqrt R\,t)} . $$
#
# The right side vanishes at $R=1$, so this has a solution for every $\alpha$. Read backwards it needs no solving at
# all: it gives $\alpha$ for each $R$.
#
# Better than the typical student is the vote of all of them, which errs least on average (Bayes; Opper and Haussler
# 1991). It is the perceptron with $\bar w=\langle w\rangle$, and $\bar w\cdot w^\ast/N=R$, $|\bar w|^2/N=q=R$. Which
# overlap has it, and so which error?
#
# *About 45 minutes, difficulty \*\*\*. Beware of $H=1-\Phi$, which is rounded to zero where $\Phi$ is rounded to 1:
# `scipy.special.log_ndtr(-x)` is $\log H(x)$ for all $x$.*

# %%
def gaussian_mean(f) -> float:
    """The integral of f(t) Dt, exact to about 1e-12 for smooth f. Given; f takes an array of nodes t."""
    t = np.linspace(-10.0, 10.0, 1001)
    return float(np.sum(f(t) * np.exp(-(t**2) / 2)) / np.sqrt(2 * np.pi) * (t[1] - t[0]))


# %% solution="gibbs"
def load(R: float) -> float:
    """Number of examples per weight at which a typical student has the overlap R with the teacher.

    Args:
        R: 0 <= R <= 0.999.

    Returns:
        alpha, to 1e-3 (relative).

    Example:
        R = 0: 0. R = 0.5: 1.0405. For small R it is pi R / 2.
    """
    ### BEGIN SOLUTION
    # log_ndtr(u) is log H(-u), and in the mean t and -t weigh the same.
    mean = gaussian_mean(lambda t: np.exp(-R * t**2 / 2 - scipy.special.log_ndtr(np.sqrt(R) * t)))
    return np.pi * R / (np.sqrt(1 - R) * mean)
    ### END SOLUTION


def learning_curve(alpha: float) -> tuple[float, float, float]:
    """Overlap of a typical student with the teacher, its generalisation error, and that of the vote of all students.

    Args:
        alpha: examples per weight, 0.05 <= alpha <= 25.

    Returns:
        (R, error of a Gibbs student, error of the Bayes vote), to 1e-3 (relative), three scalars.

    Example:
        alpha = 1: (0.4863, 0.3384, 0.2544).
    """
    ### BEGIN SOLUTION
    R = scipy.optimize.brentq(lambda R: load(R) - alpha, a=0.0, b=0.9999)
    return R, np.arccos(R) / np.pi, np.arccos(np.sqrt(R)) / np.pi
    ### END SOLUTION


# %% check="gibbs"
assert abs(float(load(0.5)) - 1.0405) < 3e-3, "alpha = pi R / (sqrt(1 - R) * integral); the integral at R = 0.5 is 2.13"
assert abs(float(load(0.999)) - 43.84) < 0.2, (
    "H is rounded to 0 for large t if it is computed as 1 - Phi, and the integral becomes infinite"
)
_R, _gibbs, _bayes = learning_curve(1.0)
assert abs(float(_R) - 0.4863) < 2e-3, "load(R) = 1 at R = 0.4863"
assert abs(float(_gibbs) - 0.3384) < 2e-3, "the error is an angle divided by pi: arccos(R) / pi"
assert abs(float(_bayes) - 0.2544) < 2e-3, "the mean student has the length sqrt(R): its cosine with the teacher is not R"
assert abs(float(learning_curve(20.0)[1]) - 0.03111) < 2e-4, (
    "alpha = 20: the student errs on 3.1 % of the inputs. If R is iterated: has it settled?"
)

# %% [markdown]
# **Before you plot.** For $\alpha\to\infty$ set $R=1$ in the integral, which becomes 2.264. Which law $c/\alpha$ do
# you get for each of the two errors, and what is the ratio of the two constants? Will thirty weights be enough to see
# it?

# %% tags=["demo"]
def version_space_overlaps(N, alpha, systems, steps):
    """Overlap with the teacher of students drawn by hit-and-run from the version space, mean over systems and time.

    The Gaussian is restricted to the cone of correct w: its direction is uniform in the version space. The start, the
    teacher itself, is already such a draw; the first half of the steps is to forget it.
    """
    P = round(alpha * N)
    teacher = rng.normal(size=(systems, N))
    x = rng.normal(size=(systems, P, N))
    x *= np.sign(np.einsum("spn,sn->sp", x, teacher))[:, :, None]
    w, fields, overlaps = teacher.copy(), np.einsum("spn,sn->sp", x, teacher), []
    for k in range(steps):
        u = rng.normal(size=(systems, N))
        u /= np.linalg.norm(u, axis=1, keepdims=True)
        slope = (x @ u[:, :, None])[:, :, 0]
        edge = -fields / slope
        low = np.where(slope > 0, edge, -np.inf).max(axis=1)
        high = np.where(slope < 0, edge, np.inf).min(axis=1)
        mean = -np.sum(u * w, axis=1)  # along w + t u the Gaussian is centred there, with variance 1
        a, b = scipy.special.ndtr(low - mean), scipy.special.ndtr(high - mean)
        t = mean + scipy.special.ndtri(a + (b - a) * rng.uniform(size=systems))
        t = np.clip(np.where(np.isfinite(t), t, 0.0), low, high)[:, None]
        w, fields = w + t * u, fields + t * slope
        if k >= steps // 2:
            cosine = np.sum(w * teacher, axis=1) / np.linalg.norm(w, axis=1) / np.linalg.norm(teacher, axis=1)
            overlaps.append(cosine)
    return np.mean(np.arccos(overlaps)) / np.pi


loads = np.geomspace(0.1, 25, 40)
curve = np.array([learning_curve(float(a)) for a in loads])
simulated = np.array([0.25, 0.5, 1.0, 2.0, 4.0, 8.0])
fig, (left, right) = panels(2, height=3.8)
drawn = [version_space_overlaps(30, a, 30, 9000) for a in simulated]
for ax in (left, right):
    ax.plot(loads, curve[:, 1], color=COLORS[0], label="Gibbs student")
    ax.plot(loads, curve[:, 2], color=COLORS[1], label="Bayes vote")
    ax.plot(simulated, drawn, "o", color=COLORS[0], label="drawn students, N = 30")
far = np.geomspace(1.5, 25, 20)
theory(right, far, 0.6247 / far, r"theory: $0.625/\alpha$ and $0.442/\alpha$")
theory(right, far, 0.4417 / far)
early = np.linspace(0, 0.8, 20)
theory(left, early, 0.5 - 2 * early / np.pi**2, r"theory: $1/2-2\alpha/\pi^2$")
finish(left, "Learning curve of a perceptron", r"examples per weight $\alpha$", "error", xlim=(0, 8.5), ylim=(0, 0.52))
finish(right, "Its tail", r"$\alpha$", "generalisation error", xscale="log", yscale="log")

# %% [markdown]
# **Look again.** A bound from the VC dimension for a consistent student falls as $(\log\alpha)/\alpha$ and holds for
# *every* one. Where do your curves lie below it, and which average have they taken that the bound has not? The vote's error
# starts to fall as $\sqrt\alpha$: why can a student that is drawn at random not keep pace with it?

# %% [markdown] question="ising" points=4 minutes=45 difficulty="***"
# ## 12.5 A student that understands all of a sudden
#
# Now let teacher and student have binary weights, $w_i=\pm1$ (the *Ising perceptron*), and draw the student uniformly
# from all binary vectors that make no mistake. Again $q=R$, and the logarithm of their number per weight is
#
# $$ s=-\tfrac{\hat R}2(1+R)+\int\!Dz\,\log\bigl[2\cosh(\hat R+\sqrt{\hat R}\,z)\bigr]
# +2\alpha\int\!Dt\;H(at)\log H(at),\qquad a=\sqrt{\tfrac R{1-R}}, $$
#
# at its stationary point, which is given by the two equations
#
# $$ \hat R=\frac\alpha{\pi\sqrt{1-R}}\int\!Dt\;\frac{e^{-Rt^2/2}}{H(\sqrt R\,t)},\qquad
# R=\int\!Dz\,\tanh\bigl(\hat R+\sqrt{\hat R}\,z\bigr) . $$
#
# Iterated from $R=0$ they lead to the **poorly generalising** solution, with $s>0$ as long as there are exponentially
# many students of this kind. But there is always another solution: $R=1$, the teacher itself, with $s=0$. The
# solution with the larger $s$ wins. So where the entropy of the first becomes negative, the typical student has
# $R=1$: the generalisation error jumps to zero, a first-order transition (Györgyi 1990; Sompolinsky, Tishby and Seung
# 1990). For still larger $\alpha$ the first solution ceases to exist, and the iteration runs away to $R=1$: mind the
# root $\sqrt{1-R}$ then.
#
# Here $\alpha$ is `alpha`. `gaussian_mean` from above is given again.
#
# *About 45 minutes, difficulty \*\*\*.*

# %% solution="ising"
def ising_branch(alpha: float) -> tuple[float, float]:
    """The poorly generalising solution of the Ising perceptron.

    Args:
        alpha: examples per weight, 0 < alpha <= 1.4. (The solution exists up to about 1.49.)

    Returns:
        (R, s), overlap and entropy per weight (natural logarithm), to 1e-3 (absolute), two scalars.

    Example:
        alpha = 1: (0.5607, 0.1061). For alpha -> 0: (0, log 2).
    """
    ### BEGIN SOLUTION
    def conjugate(R):
        # log_ndtr(u) is log H(-u), and in the mean t and -t weigh the same.
        evidence = gaussian_mean(lambda t: np.exp(-R * t**2 / 2 - scipy.special.log_ndtr(np.sqrt(R) * t)))
        return alpha * evidence / (np.pi * np.sqrt(max(1 - R, 1e-9)))  # where the solution has ceased to exist, R runs to 1

    def overlap(R):
        k = conjugate(R)
        return gaussian_mean(lambda z: np.tanh(np.sqrt(k) * z + k))

    R = 0.0
    while overlap(R) - R > 1e-8:  # R rises to the solution from below
        R = overlap(R)
    k = conjugate(R)
    log_H = lambda t: scipy.special.log_ndtr(np.sqrt(R / max(1 - R, 1e-9)) * t)
    constraints = 2 * alpha * gaussian_mean(lambda t: np.exp(log_H(t)) * log_H(t))
    weights = gaussian_mean(lambda z: np.logaddexp(np.sqrt(k) * z + k, -np.sqrt(k) * z - k))
    return R, weights - k * (1 + R) / 2 + constraints
    ### END SOLUTION


def ising_error(alpha: float) -> float:
    """Generalisation error of the typical student, arccos(R) / pi of the solution that wins.

    Args:
        alpha: examples per weight, 0 < alpha <= 3, not within 5e-3 of the transition.

    Returns:
        The error, to 1e-3 (absolute), one scalar; exactly 0 beyond the transition.

    Example:
        alpha = 1: 0.3105. alpha = 2: 0.
    """
    ### BEGIN SOLUTION
    R, entropy = ising_branch(alpha)
    return np.arccos(R) / np.pi if entropy > 0 else 0.0
    ### END SOLUTION


# %% check="ising"
_R, _s = ising_branch(1.0)
assert abs(float(_R) - 0.5607) < 2e-3, "iterate both equations in turn, from R = 0, until nothing moves"
assert abs(float(_s) - 0.1061) < 2e-3, "is your s = -R_hat (1 + R) / 2 + log cosh term + 2 alpha (...), natural logarithms?"
assert abs(float(ising_branch(1.4)[0]) - 0.7897) < 2e-3, (
    "at alpha = 1.4, near the end of the branch, R = 0.7897, and it settles slowly: iterate on"
)
assert abs(float(ising_error(1.0)) - 0.3105) < 2e-3, "while s > 0 the poor solution wins: arccos(R) / pi"
assert abs(float(ising_error(1.2)) - 0.2669) < 2e-3, (
    "s is still positive at alpha = 1.2: that N examples could hold N bits does not make the student know the teacher"
)
assert float(ising_error(1.35)) == 0.0, "at alpha = 1.35 the poor solution still exists, but its s is negative: the teacher wins"
assert float(ising_error(2.0)) == 0.0, "the poor solution has gone: 0, not NaN"

# %% [markdown]
# **Before you plot.** Every binary vector can be tried if $N\le17$. How will the mean error of the consistent
# students of such small systems look next to a jump? And between the jump and $\alpha=1.49$, what will happen to a
# student that searches by local moves?

# %% tags=["demo"]
def enumerated_errors(N, alphas, systems):
    """Mean error and log number per weight of all consistent binary students, by enumeration, averaged over systems."""
    students = np.array(list(itertools.product([-1.0, 1.0], repeat=N)))
    errors = np.arccos(students.sum(axis=1) / N) / np.pi  # by symmetry the teacher is all ones
    result = np.zeros((len(alphas), 2))
    for _ in range(systems):
        x = rng.normal(size=(round(alphas[-1] * N), N))
        x *= np.sign(x.sum(axis=1, keepdims=True))
        right_ones = (students @ x.T > 0).cumprod(axis=1, dtype=bool)
        for k, alpha in enumerate(alphas):
            consistent = right_ones[:, round(alpha * N) - 1]
            result[k] += np.array([errors[consistent].mean(), np.log(consistent.sum()) / N]) / systems
    return result


alphas = np.linspace(0.05, 1.4, 46)
branch = np.array([ising_branch(float(a)) for a in alphas])
transition = scipy.optimize.brentq(lambda a: ising_branch(a)[1], 1.1, 1.4)
fig, (left, right) = panels(2, height=3.8)
for color, N, systems in zip(COLORS, (5, 9, 15), (400, 200, 40), strict=False):
    some = np.arange(1, 2 * N + 1) / N
    found = enumerated_errors(N, some, systems)
    left.plot(some, found[:, 0], "o", markersize=4, color=color, label=f"all students enumerated, N = {N}")
    right.plot(some, found[:, 1], "o", markersize=4, color=color, label=f"enumerated, N = {N}")
stable = alphas < transition
left.plot(alphas[~stable], np.arccos(branch[~stable, 0]) / np.pi, ":", color="black", label="metastable")
error = [ising_error(float(a)) for a in np.r_[alphas[stable], transition - 0.006, transition + 0.006, 2.0]]
theory(left, np.r_[alphas[stable], transition, transition, 2.0], error, rf"theory: jump at $\alpha={transition:.3f}$")
right.plot(alphas[~stable], branch[~stable, 1], ":", color="black")
theory(right, np.r_[alphas[stable], transition, 2.0], np.r_[branch[stable, 1], 0, 0], "theory")
finish(left, "Binary weights: generalisation error", r"$\alpha$", r"$\varepsilon$", ylim=(-0.02, 0.85))
finish(right, "Entropy of the consistent students", r"$\alpha$", "$s$ per weight", ylim=(-0.12, 0.75))

# %% [markdown]
# **Look again.** Rounded by finite size, the curves still sharpen as $N$ grows. On which side of the jump is the
# approach to theory slow? In which sense is $\alpha_c$ a limit for *information* and 1.49 one for *algorithms* of a
# certain kind?

# %% [markdown] instructor=true
# On the metastable stretch $\alpha_c<\alpha<1.49$ the teacher is the only consistent student, but is isolated: dynamics
# started without knowledge stays near the poor solution (glassy). Enumeration at small N lies above the theory of s at
# large alpha because there is always at least one consistent student, s >= 0.

# %% [markdown] question="why_no_bath" points=4 minutes=35 difficulty="**" written=true
# ## 12.6 Why SGD is not a heat bath
#
# Use the chain of 12.2. (a) Show that to leading order the stationary distribution is the Gibbs distribution of the
# quadratic loss, $S_1=T\,H^{-1}$ for some $T$, if and only if $C$ is a multiple of the identity; which $T$? (b) For
# least squares with a well-specified model (labels $y=w^\ast\cdot x+\varepsilon$, $\varepsilon$ independent of $x$
# with variance $\sigma^2$) find $H$ and $C$ at the minimum, $S_1$, and the mean energy of each eigenmode of $H$.
# Compare with equipartition. (c) A stationary Gaussian chain is reversible if $\mathbb E[w_{k+1}w_k^\top]$ is
# symmetric. Show, with the *exact* $S$, that SGD's is reversible if and only if $HC=CH$. What goes on in $w$-space
# otherwise?

# %% [markdown] solution="why_no_bath"
# (a) Put $S_1=TH^{-1}$ into $HS_1+S_1H=\frac\eta BC$: the left side is $2T\,I$, so $C=\frac{2BT}\eta I$. Conversely,
# for $C=cI$ the equation has the solution $S_1=\frac{\eta c}{2B}H^{-1}$, and it is the only one, because in the
# eigenbasis of $H$ it reads $(h_i+h_j)S_{ij}=\frac\eta BC_{ij}$ with $h_i+h_j>0$. So $T=\eta c/2B$: proportional to
# the learning rate, inversely to the batch size.
#
# (b) The loss of one example is $\frac12(w\cdot x-y)^2$, its gradient $x(w\cdot x-y)$. Its Hessian is $H=\mathbb
# E\,xx^\top$; at $w=w^\ast$ the gradient is $-\varepsilon x$, with covariance $C=\mathbb
# E\,\varepsilon^2xx^\top=\sigma^2H$. Then $S_1=\frac{\eta\sigma^2}{2B}I$ (insert it). The iterates spread *equally*
# in all directions, whatever the curvature: a flat direction is not explored more widely than a stiff one. Energy of
# mode $i$: $\frac12h_i\,\eta\sigma^2/2B$, proportional to $h_i$, where equipartition has $T/2$ for all. Mode $i$ has
# its own temperature $\eta\sigma^2h_i/2B$.
#
# (c) $\mathbb E[w_{k+1}w_k^\top]=(I-\eta H)S$ is symmetric iff $HS=SH$. In the eigenbasis of $H$ this says
# $(h_i-h_j)S_{ij}=0$ for all $i,j$. As $S_{ij}=\frac\eta B\,C_{ij}/(h_i+h_j-\eta h_ih_j)$ with a denominator that is
# positive for $\eta h<2$, it is $(h_i-h_j)C_{ij}=0$, i.e. $HC=CH$. Otherwise $(I-\eta H)S$ has an antisymmetric part:
# pairs $(w_k, w_{k+1})$ are not as frequent as their reversal, there is a stationary *circulating* probability
# current, and SGD goes round and round in the plane of modes $i$ and $j$. A heat bath (detailed balance) has no
# currents in equilibrium.

# %% [markdown] rubric="why_no_bath"
# * **1 point** (a): both directions ("only if" by insertion, "if" by insertion and uniqueness) and $T=\eta c/2B$. Half
#   without uniqueness or without $T$.
# * **1 point** (b): $H=\mathbb Exx^\top$, $C=\sigma^2H$, $S_1=\frac{\eta\sigma^2}{2B}I$.
# * **0.5 points** (b): energies proportional to $h_i$, not equal.
# * **1 point** (c): $(I-\eta H)S$ symmetric iff $HS=SH$ iff $HC=CH$, the last step with the non-vanishing denominator
#   (or by inserting $HS=SH$ into the equation for one direction, with an argument for the other).
# * **0.5 points** (c): circulating currents, no detailed balance.
#
# An answer to (a) that calls $C\propto H$ thermal has the wrong condition: no point for (a), (b) is marked as it
# stands.

# %% [markdown] question="why_exponents" points=4 minutes=35 difficulty="**" written=true
# ## 12.7 Why mean-field exponents are what they are
#
# (a) Expand $f(m)$ of 12.3 to fourth order in $m$ and show $f=f(0)-hm+\frac{T-J}2m^2+\frac T{12}m^4+O(m^6)$. Derive
# the exponents: $m\sim(T_c-T)^\beta$ at $h=0$, $\chi\sim|T-T_c|^{-\gamma}$ on both sides (with the ratio of the two
# amplitudes), and $m\sim h^{1/\delta}$ at $T=T_c$. (b) Which features of $f$ did you use, and hence for which other
# systems do the same exponents follow? (c) Derive
# $\langle|m|\rangle\approx\frac{\Gamma(1/2)}{\Gamma(1/4)}(12/N)^{1/4}$ at $T=T_c$, $h=0$, the line in the figure. (d)
# Why are these exponents not those of a magnet in three dimensions?

# %% [markdown] solution="why_exponents"
# (a) The bracket $\frac{1+m}2\log\frac{1+m}2+\frac{1-m}2\log\frac{1-m}2$ has the derivative
# $\frac12\log\frac{1+m}{1-m} =\mathrm{artanh}\,m=m+\frac{m^3}3+\dots$, so it is
# $-\log2+\frac{m^2}2+\frac{m^4}{12}+\dots$, which gives the expansion. Stationary: $h=(T-J)m+\frac T3m^3$.
#
# * $h=0$, $T<J$: $m^2=3(J-T)/T$, so $\beta=\frac12$ (and $m\approx\sqrt{3(1-T/T_c)}$).
# * $1/\chi=\partial h/\partial m=(T-J)+Tm^2$: above $T_c$ $\chi=1/(T-J)$; below, with $m^2$ from above,
#   $1/\chi=(T-J)+3(J-T)=2(J-T)$. So $\gamma=1$ on both sides, and the amplitudes have the ratio 2.
# * $T=J$: $h=\frac J3m^3$, so $\delta=3$.
#
# (b) Only that $f$ is analytic in $m$ at $m = 0$ and even at $h=0$, that the coefficient of $m^2$ changes its sign
# linearly in $T$, that the coefficient of $m^4$ is positive, and that a single number $m$ is minimised over
# (fluctuations are suppressed by $N$). So all models with such an $f$ have them: Landau theory, the van der Waals
# gas, infinite-range models with other spins, a network whose order parameter bifurcates as a pitchfork. If the
# fourth coefficient vanishes, too (a tricritical point), $\beta=\frac14$.
#
# (c) $\mathrm{Prob}(m)\propto e^{-N(f(m)-f(0))/T}\approx e^{-Nm^4/12}$ (higher terms are of relative order $N m^6\sim
# N^{-1/2}$; the sum over $m_k$ becomes an integral as its spacing $2/N$ is small against $N^{-1/4}$). With
# $u=Nm^4/12$, $m=(12u/N)^{1/4}$: $\int_0^\infty
# m^{p}e^{-Nm^4/12}dm=\frac14(12/N)^{(p+1)/4}\,\Gamma\bigl(\frac{p+1}4\bigr)$, so
# $\langle|m|\rangle=(12/N)^{1/4}\,\Gamma(\frac12)/\Gamma(\frac14)$.
#
# (d) With short range there is no single number $m$: the local magnetisation fluctuates, over a correlation length
# that diverges at $T_c$, and these fluctuations interact. Mean-field theory neglects them; they are negligible at
# $T_c$ only above four dimensions (Ginzburg's criterion). In three $\beta=0.326$, $\gamma=1.237$, $\delta=4.79$.
# All-to-all coupling, like the infinite width of a network, leaves no distance over which to fluctuate.

# %% [markdown] rubric="why_exponents"
# * **1.5 points** (a): expansion with $\frac1{12}$ (half a point); $\beta=\frac12$, $\delta=3$ (half); $\gamma=1$
#   with the ratio 2 (half).
# * **1 point** (b): analytic, even, sign change of the second and positive fourth coefficient, one order parameter.
#   Half if only "symmetry" is named.
# * **1 point** (c): $e^{-Nm^4/12}$ and the two Gamma integrals. Half for the power $N^{-1/4}$ alone.
# * **0.5 points** (d): neglected fluctuations of a local order parameter; upper critical dimension four.
