# ---
# jupyter:
#   autograder:
#     points: 28
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
# # Week 11 homework: distances between distributions
#
# A generative model is trained to make one distribution look like another. *Which distance* it minimises decides what
# it learns, and whether it learns at all. The first three questions follow adversarial networks from Jensen and
# Shannon to Wasserstein; the last two solve the one variational autoencoder that can be solved by hand.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 11.1 | The best discriminator | 4 | 25 | * |
# | 11.2 | What the generator feels | 4 | 35 | ** |
# | 11.3 | Moving earth on a line | 4 | 40 | ** |
# | 11.4 | The autoencoder that can be solved | 4 | 40 | ** |
# | 11.5 | The price of a diagonal encoder | 4 | 45 | *** |
# | 11.6, 11.7 | Two arguments in words | 4 + 4 | 35 + 35 | ** |
#
# All logarithms are natural: divergences and likelihoods are in **nats**. Data and atoms are rows. Work in NumPy
# float64 or in JAX, as you like; your results are compared with a relative accuracy of some $10^{-4}$.

# %%
from course_lib.checks import open_checks

grader = open_checks("week11/homework")

# %%
import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special
from jax.scipy.special import rel_entr, xlogy
from jaxtyping import Array, Float

from course_lib.data import digits
from course_lib.plots import COLORS, finish, panels, theory

# %% [markdown] question="gan" points=4 minutes=25 difficulty="*"
# ## 11.1 The best discriminator
#
# A discriminator is shown real examples, from $p$, and generated ones, from $q$, equally often. $D(x)$ is the
# probability that it gives to "real", and its score is
#
# $$V(D) = \sum_x p(x)\log D(x) + \sum_x q(x)\log\bigl(1-D(x)\bigr), \qquad 0\log 0 = 0 .$$
#
# Find the maximiser $D^\ast$, outcome by outcome. Goodfellow et al. (2014, Theorem 1) saw what the best score measures:
#
# $$V(D^\ast) = 2\,\mathrm{JSD}(p, q) - \log 4, \qquad
# \mathrm{JSD}(p,q) = \tfrac12\mathrm{KL}(p\,\|\,m) + \tfrac12\mathrm{KL}(q\,\|\,m), \quad m=\tfrac12(p+q),$$
#
# with $\mathrm{KL}(p\,\|\,m)=\sum_x p\log(p/m)$. The generator, which wants the score small, minimises a divergence
# that it never computes. $p$, $q$, $D$ are `p`, `q`, `D`: vectors over the same finitely many outcomes. All of them may
# have zeros, and entries as small as $10^{-20}$: no $\varepsilon$ in a denominator or a logarithm.
#
# *About 25 minutes, difficulty \*.*

# %% solution="gan"
def optimal_discriminator(p: Float[Array, " n"], q: Float[Array, " n"]) -> Float[Array, " n"]:
    """The discriminator that maximises V.

    Args:
        p, q: probabilities of the real and of the generated outcomes, >= 0, each with sum 1.

    Returns:
        D*, entries in [0, 1]. Where both p and q vanish any value is optimal: return 1/2 there.

    Example:
        p = [0.5, 0.5, 0.], q = [0., 0.5, 0.5]: [1, 1/2, 0].
    """
    ### BEGIN SOLUTION
    seen = p + q > 0
    return jnp.where(seen, p, 1.0) / jnp.where(seen, p + q, 2.0)
    ### END SOLUTION


def gan_value(D: Float[Array, " n"], p: Float[Array, " n"], q: Float[Array, " n"]) -> float:
    """The score V(D) of any discriminator, in nats.

    Args:
        D: probabilities of "real", in [0, 1]. 0 occurs only where p = 0, and 1 only where q = 0: V is finite.
        p, q: as above.

    Returns:
        One number.

    Example:
        D = 1/2 everywhere: -log 4, whatever p and q.
    """
    ### BEGIN SOLUTION
    return jnp.sum(xlogy(p, D) + xlogy(q, 1 - D))
    ### END SOLUTION


def jensen_shannon(p: Float[Array, " n"], q: Float[Array, " n"]) -> float:
    """The Jensen-Shannon divergence, in nats. (The divergence, not its square root.)

    Args:
        p, q: as above.

    Returns:
        One number between 0 and log 2.

    Example:
        p = [1., 0.], q = [0., 1.]: log 2.
    """
    ### BEGIN SOLUTION
    middle = (p + q) / 2
    return jnp.sum(rel_entr(p, middle) + rel_entr(q, middle)) / 2
    ### END SOLUTION


# %% check="gan"
_p, _q = jnp.array([0.5, 0.5, 0.0, 0.0]), jnp.array([0.0, 0.5, 0.5, 0.0])
_D = np.asarray(optimal_discriminator(_p, _q))
assert np.allclose(_D, [1.0, 0.5, 0.0, 0.5], atol=1e-5), "p / (p + q), and 1/2 where neither occurs"
_rare = np.asarray(optimal_discriminator(jnp.array([0.75, 0.25, 3e-20]), jnp.array([0.25, 0.75, 1e-20])))
assert np.allclose(_rare[:2], [0.75, 0.25], atol=1e-5), "three times as often real as generated: a probability of 3/4, no verdict"
assert abs(float(_rare[2]) - 0.75) < 1e-4, "3e-20 against 1e-20 is 3/4, too: no small number is added anywhere"
assert abs(float(gan_value(jnp.full(4, 0.5), _p, _q)) + np.log(4)) < 1e-4, (
    "D = 1/2: log 1/2 once for p and once for q. Half of it: their average; 0: generated outcomes are scored by log(1 - D)"
)
assert abs(float(gan_value(jnp.array(_D), _p, _q)) + np.log(2)) < 1e-4, "0 log 0 = 0: an outcome that never occurs adds nothing"
_value = gan_value(jnp.array([1e-20, 0.5]), jnp.array([0.5, 0.5]), jnp.array([0.5, 0.5]))
assert abs(float(_value) + 23.718998) < 1e-2, (
    "D = 1e-20 on half of the real examples: log(1e-20) / 2 = -23.03, and twice log(1/2) / 2. About -9.9: D was clipped"
)
assert abs(float(jensen_shannon(_p, _q)) - 0.5 * np.log(2)) < 1e-4, (
    "half of each mass is shared: JSD = log(2) / 2 = 0.3466, in nats. 0.5: in bits; 0.5887: its root; inf: KL of p and q "
    "themselves; negative: m is the mean of p and q, not their sum"
)

# %% [markdown]
# **Before you plot.** Real examples from $\mathcal N(0,1)$, generated ones from $\mathcal N(1.5, 0.6^2)$. Where does
# $D^\ast$ cross $1/2$: at one point, or at two? And what does it say far out on the *left*, where no one has ever seen
# an example?

# %% tags=["demo"]
rng = np.random.default_rng(11)
edges = np.linspace(-4, 5, 46)
centres = (edges[1:] + edges[:-1]) / 2
real, fake = rng.normal(size=100_000), 1.5 + 0.6 * rng.normal(size=100_000)
normal = lambda u, mean, spread: np.exp(-(((u - mean) / spread) ** 2) / 2) / (spread * np.sqrt(2 * np.pi))
p_bins, q_bins = normal(centres, 0, 1), normal(centres, 1.5, 0.6)
p_bins, q_bins = p_bins / p_bins.sum(), q_bins / q_bins.sum()
count_real, count_fake = np.histogram(real, edges)[0], np.histogram(fake, edges)[0]


def logistic_regression(x, steps=1000, rate=1.0):
    """D(x) = sigmoid(polynomial of degree two), trained by ascent on V; returns D on the bins after each step."""
    powers = lambda u: np.stack([np.ones_like(u), u, u**2 / 4])
    w, found = np.zeros(3), []
    for _ in range(steps):
        found.append(np.clip(scipy.special.expit(w @ powers(centres)), 1e-6, 1 - 1e-6))  # not 1 in float32 either
        miss = np.r_[np.ones(len(x) // 2), np.zeros(len(x) // 2)] - scipy.special.expit(w @ powers(x))
        w = w + rate * 2 * powers(x) @ miss / len(x)
    return found


learned = logistic_regression(np.r_[real[:5000], fake[:5000]])
fig, (left, right) = panels(2)
left.fill_between(centres, p_bins / p_bins.max(), color=COLORS[0], alpha=0.15, label="real (scaled)")
left.fill_between(centres, q_bins / q_bins.max(), color=COLORS[1], alpha=0.15, label="generated (scaled)")
seen = count_real + count_fake > 20
share = count_real[seen] / (count_real + count_fake)[seen]
left.plot(centres[seen], share, "o", markersize=4, color=COLORS[2], label="share of real")
theory(left, centres, optimal_discriminator(jnp.array(p_bins), jnp.array(q_bins)), r"theory: $D^\ast$")
steps_shown = np.unique(np.geomspace(1, 1000, 25).round().astype(int)) - 1
scores = [float(gan_value(jnp.array(learned[t]), jnp.array(p_bins), jnp.array(q_bins))) for t in steps_shown]
right.plot(steps_shown + 1, scores, "o", color=COLORS[0], label="V of a discriminator in training")
best_score = 2 * float(jensen_shannon(jnp.array(p_bins), jnp.array(q_bins))) - np.log(4)
theory(right, [1, 1000], [best_score, best_score], r"theory: $2\,\mathrm{JSD}-\log 4$")
right.axhline(-np.log(4), color="0.5", linewidth=0.8, linestyle=":")
finish(left, "What a discriminator can know", "x", "D(x)", ylim=(-0.02, 1.6))
finish(right, "The score in training", "steps", "V, nats", xscale="log", ylim=(-1.6, -0.3))

# %% [markdown]
# **Look again.** The dotted line is $-\log 4$. In training, the score is always *below* the divergence that it is said
# to measure. What does a generator minimise that is trained against a discriminator after only ten steps?

# %% [markdown] instructor=true
# D* crosses 1/2 twice: the wider law wins on both sides, and D* tends to 1 far left and far right. Any D gives a lower
# bound on 2 JSD - log 4: the generator lowers a lower bound, which promises nothing about the divergence.

# %% [markdown] question="generator" points=4 minutes=35 difficulty="**"
# ## 11.2 What the generator feels
#
# Let the generator be any distribution $q=\mathrm{softmax}(a)$ on $n$ outcomes. The discriminator is optimal for the
# present $q$, and then **held fixed** while the generator takes the gradient of its loss. Goodfellow et al. (2014)
# propose two losses:
#
# $$L_1(a) = \sum_x q(x)\log\bigl(1-D(x)\bigr), \qquad L_2(a) = -\sum_x q(x)\log D(x), \qquad D = D^\ast \text{ held fixed.}$$
#
# Both want $D$ to say "real". Compute both gradients with respect to the logits $a$. Only $q$ depends on $a$ here: $D$
# is a table of numbers. $p$ is `p`, all of its entries positive, and $a$ is `logits`.
#
# Mind the numbers: outcomes may be as improbable as $10^{-31}$, under $p$ or under $q$. Then $D^\ast$ is rounded to 1,
# and $1-D^\ast$ *computed from it* is 0. It has a formula of its own.
#
# *About 35 minutes, difficulty \*\*.*

# %% solution="generator"
def generator_gradients(
    p: Float[Array, " n"], logits: Float[Array, " n"]
) -> tuple[Float[Array, " n"], Float[Array, " n"]]:
    """Gradients of the generator's two losses with respect to its logits, the optimal discriminator held fixed.

    Args:
        p: probabilities of the real outcomes, > 0, sum 1.
        logits: a; the generator is q = softmax(a). Logits differ by at most 70.

    Returns:
        (gradient of L_1, gradient of L_2). Gradients of losses: a generator steps against them.

    Example:
        p = [0.5, 0.5], logits [log 3, 0]: q = [3/4, 1/4], D* = [2/5, 2/3]. With log(3/5) and log(1/3) for log(1 - D*) the
        first gradient is 3/16 log(9/5) [1, -1] = [0.1102, -0.1102]; the second is 3/16 log(5/3) [1, -1].
    """
    ### BEGIN SOLUTION
    q = jax.nn.softmax(logits)
    gradient = lambda loss: q * (loss - jnp.sum(q * loss))  # softmax: dq_j / da_k = q_k (delta_jk - q_j)
    return gradient(jnp.log(q / (p + q))), gradient(-jnp.log(p / (p + q)))
    ### END SOLUTION


# %% check="generator"
_first, _second = generator_gradients(jnp.array([0.5, 0.5]), jnp.array([np.log(3.0), 0.0]))
assert np.shape(_first) == np.shape(_second) == (2,), "one entry per logit, twice"
assert np.allclose(_first, np.array([0.110210, -0.110210]), atol=1e-5), (
    "all q_j move with one logit, as they add up to 1; and so the gradient's entries add up to 0. Yours add up to 0 and yet "
    "are others: D does not move with a, and the loss is to be decreased"
)
assert np.allclose(_second, np.array([0.095780, -0.095780]), atol=1e-5), "-log D for log(1 - D), and D does not move with a"
_first, _second = generator_gradients(jnp.array([1.0 - 1e-20, 1e-20]), jnp.array([-50.0, 0.0]))
assert np.all(np.isfinite(_first)) and np.all(np.isfinite(_second)), "log(1 - D) where D is 1 up to rounding: 1 - D = q / (p + q)"
_first, _second = generator_gradients(jnp.array([1.0 - 1e-20, 1e-20]), jnp.array([1000.0, 1000.0]))
assert np.allclose(_second, [-11.238272, 11.238272], atol=1e-3), (
    "both logits 1000, q = (1/2, 1/2), the data never show the second outcome: 11.2383. About 3.9: D was clipped; NaN: only "
    "differences of logits count, but e^1000 is infinite"
)

# %% [markdown]
# Although $D$ is held fixed, both are gradients of divergences: $L_1$'s of $2\,\mathrm{JSD}(p, q)$, and $L_2$'s of
# $\mathrm{KL}(q\,\|\,p)-2\,\mathrm{JSD}(p, q)$ (Arjovsky and Bottou 2017, Theorem 2.5). You will prove it in 11.6.
#
# **Before you plot.** Real data $\mathcal N(0,1)$; the generator has the right shape but stands at $\theta$. How
# strongly is it pulled home, $|dL/d\theta|$, when $\theta$ is 1, 4, 8? For large $\theta$ theory says
# $\sqrt{\pi/2}\;(1+\pi^2/\theta^2)^{-1/2}\,e^{-\theta^2/8}$ for $L_1$, to second order in $1/\theta$, and $\theta$ for $L_2$.
# (What is $\mathrm{KL}(q\,\|\,p)$ here?)

# %% tags=["demo"]
grid = np.linspace(-3.5, 11.5, 601)
offsets = np.linspace(0.25, 8, 32)
p_grid = scipy.special.softmax(-(grid**2) / 2)
slopes = []
for offset in offsets:
    pair = generator_gradients(jnp.array(p_grid), jnp.array(-((grid - offset) ** 2) / 2))
    slopes.append([abs(np.sum(np.asarray(g, np.float64) * (grid - offset))) for g in pair])  # chain rule: da/dtheta = x - theta
slopes = np.array(slopes)
fig, ax = panels(1, width=6.4, height=3.8)
ax.plot(offsets, slopes[:, 0], "o", color=COLORS[0], label=r"$L_1=\mathbb{E}\log(1-D)$, saturating")
ax.plot(offsets, slopes[:, 1], "s", color=COLORS[1], label=r"$L_2=-\mathbb{E}\log D$, non-saturating")
far = offsets[offsets > 2.5]
theory(ax, far, np.sqrt(np.pi / 2) / np.sqrt(1 + (np.pi / far) ** 2) * np.exp(-(far**2) / 8), "theory, far away")
theory(ax, far, far)
ax.axhline(1, color=COLORS[2], linewidth=1.2, linestyle="-.", label=r"$W_1$ (next question)")
finish(ax, "The pull on a generator", r"distance $\theta$ from the data", r"$|dL/d\theta|$", yscale="log", ylim=(1e-4, 3e3))

# %% [markdown]
# **Look again.** Near home, $\theta < 1$, which of the two losses pulls harder, and is that a reason to switch between
# them? Both gradients come from the *same* discriminator: which of its numbers does $L_2$ read that $L_1$ does not?

# %% [markdown] instructor=true
# By parts, |dL_1/dtheta| = theta int pq/(p+q) dx = theta e^(-theta^2/8) / sqrt(2 pi) int e^(-y^2/2) / (2 cosh(theta y/2)) dy
# = sqrt(pi/2) e^(-theta^2/8) (1 - pi^2 / (2 theta^2) + ...), and |dL_2/dtheta| is theta minus that.
# Near theta = 0: JSD = theta^2/8, so 2 JSD has the slope theta/2, and KL - 2 JSD the slope theta/2: they agree. L_2
# reads the size of the logit of D where D is near 0, L_1 reads log(1 - D), flat there.

# %% [markdown] question="line" points=4 minutes=40 difficulty="**"
# ## 11.3 Moving earth on a line
#
# If $p$ and $q$ share no point, $\mathrm{JSD}(p,q)=\log 2$ however near they are. The Wasserstein distance knows how
# far: it is the least cost of moving the mass of $p$ to $q$, and by Kantorovich and Rubinstein's duality also the most
# that a 1-Lipschitz *critic* can tell the two apart,
#
# $$W_1(p,q) = \min_{\text{plans}}\mathbb E\,|x-y| = \max_{|f(u)-f(v)|\le|u-v|}\ \sum_i p_i f(x_i) - \sum_j q_j f(y_j).$$
#
# On the line both have closed forms. With the distribution functions $F_p(t)=\sum_{x_i\le t}p_i$ and $F_q$
#
# $$W_1(p,q)=\int|F_p(t)-F_q(t)|\,dt, \qquad f'(t)=\mathrm{sign}\bigl(F_q(t)-F_p(t)\bigr):$$
#
# integrate by parts to see the sign. The atoms of $p$ stand at `x` with weights `p`, those of $q$ at `y` with weights
# `q`: different numbers of atoms, **in no order**, and the same place may occur several times, in one list or in both.
#
# *About 40 minutes, difficulty \*\*. Write the first function well, and the others are two lines each.*

# %% solution="line"
def common_support(
    x: Float[Array, " n"], p: Float[Array, " n"], y: Float[Array, " m"], q: Float[Array, " m"]
) -> tuple[Float[np.ndarray, " k"], Float[np.ndarray, " k"], Float[np.ndarray, " k"]]:
    """Both measures on one list of places.

    Args:
        x, p: places and weights of the first measure; weights > 0 with sum 1.
        y, q: the same for the second.

    Returns:
        (t, P, Q): all different places of x and y in increasing order, and the mass of each measure there. Places are
        the same only if they are equal exactly.

    Example:
        x = [2., 0., 2.], p = [0.25, 0.5, 0.25], y = [1., 2.], q = [0.5, 0.5]:
        t = [0, 1, 2], P = [0.5, 0, 0.5], Q = [0, 0.5, 0.5].
    """
    ### BEGIN SOLUTION
    t = np.unique(np.concatenate([x, y]))
    return t, *(np.bincount(np.searchsorted(t, places), mass, len(t)) for places, mass in ((x, p), (y, q)))
    ### END SOLUTION


def wasserstein(x: Float[Array, " n"], p: Float[Array, " n"], y: Float[Array, " m"], q: Float[Array, " m"]) -> float:
    """The Wasserstein-1 distance of two discrete measures on the line.

    Args:
        x, p, y, q: as above.

    Returns:
        One number >= 0.

    Example:
        x = [0., 1.], p = [0.75, 0.25], y = [1.], q = [1.]: three quarters travel by one: 0.75.
    """
    ### BEGIN SOLUTION
    f_x, f_y = critic(x, p, y, q)  # what the best critic reaches is the distance: duality
    return np.sum(p * f_x) - np.sum(q * f_y)
    ### END SOLUTION


def critic(
    x: Float[Array, " n"], p: Float[Array, " n"], y: Float[Array, " m"], q: Float[Array, " m"]
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " m"]]:
    """An optimal critic, at the atoms.

    Args:
        x, p, y, q: as above.

    Returns:
        (f(x), f(y)), in the order of x and of y. Any maximiser is right: f + 7 is as good as f, and between places where
        F_p = F_q the slope may be anything in [-1, 1].

    Example:
        x = [0.], y = [3.]: f(x) - f(y) = 3. The critic is *higher* on p.
    """
    ### BEGIN SOLUTION
    t, P, Q = common_support(x, p, y, q)
    slope = np.sign(np.cumsum(Q - P)[:-1])
    f = np.append(0.0, np.cumsum(slope * np.diff(t)))
    return f[np.searchsorted(t, x)], f[np.searchsorted(t, y)]
    ### END SOLUTION


# %% check="line"
_x, _p = jnp.array([2.0, 0.0, 2.0]), jnp.array([0.25, 0.5, 0.25])
_y, _q = jnp.array([1.0, 2.0]), jnp.array([0.5, 0.5])
_t, _P, _Q = common_support(_x, _p, _y, _q)
assert np.shape(_t) == (3,) and np.allclose(_t, [0.0, 1.0, 2.0]), "every place once, in increasing order"
assert np.allclose(_P, [0.5, 0.0, 0.5]), "masses at the same place add up"
assert np.allclose(_Q, [0.0, 0.5, 0.5]), "the mass of the second measure, 0 where it has no atom"
assert abs(float(wasserstein(_x, _p, _y, _q)) - 0.5) < 1e-5, "half of the mass travels from 0 to 1"
_fx, _fy = critic(_x, _p, _y, _q)
assert np.shape(_fx) == (3,) and np.shape(_fy) == (2,), "one value per atom, in the order given"
assert abs(float(np.dot(_p, np.asarray(_fx)) - np.dot(_q, np.asarray(_fy))) - 0.5) < 1e-5, "sum p f - sum q f must be W_1 = 1/2"
_here, _all, _apart, _parts = jnp.array([1.0]), jnp.array([1.0]), jnp.array([3.0, 0.0]), jnp.array([0.25, 0.75])
assert abs(float(wasserstein(_here, _all, _apart, _parts)) - 1.25) < 1e-5, (
    "from 1, three quarters of the mass travel by 1 to the left, one quarter by 2 to the right: 1.25. 0.25: the two directions "
    "cancel; 1.5: weights ignored; 1.75: sorted without their weights; 1: gaps without the lengths of their intervals"
)
_fx, _fy = critic(_here, _all, _apart, _parts)
assert abs(float(np.dot(_all, np.asarray(_fx)) - np.dot(_parts, np.asarray(_fy))) - 1.25) < 1e-5, (
    "mass leaves 1 in both directions: sum p f - sum q f must be W_1 = 1.25 again"
)

# %% [markdown]
# **Before you plot.** (i) One atom at 0 and one at $\theta$: draw JSD and $W_1$ against $\theta$ (Arjovsky, Chintala
# and Bottou 2017, Example 1). (ii) The uniform law on $[0,1]$ against the one on $[\theta,\theta+1]$: the same. (iii)
# Instead of the two laws of (ii) you are given 100 random *samples* of each. What is their JSD at $\theta=0$?

# %% tags=["demo"]
def js_and_w1(x, y):
    """Both distances of two lists of equally likely points."""
    arguments = (jnp.array(x), jnp.full(len(x), 1 / len(x)), jnp.array(y), jnp.full(len(y), 1 / len(y)))
    masses = np.zeros((2, 256))  # 0 log 0 = 0: outcomes that never occur make all shapes equal, and cost nothing
    for row, mass in zip(masses, common_support(*arguments)[1:], strict=True):
        row[: len(mass)] = mass
    return float(jensen_shannon(*jnp.array(masses))), float(wasserstein(*arguments))


cells = 64  # a segment is 64 atoms; moves by whole cells, so that atoms of both segments coincide as the segments do
moves = np.arange(-2 * cells, 2 * cells + 1, 8) / cells
segment = (np.arange(cells) + 0.5) / cells
measured = {
    "two atoms": np.array([js_and_w1([0.0], [move]) for move in moves]),
    "two segments": np.array([js_and_w1(segment, segment + move) for move in moves]),
    "100 samples of each": np.array([js_and_w1(rng.uniform(size=100), rng.uniform(size=100) + move) for move in moves]),
}
fig, axes = panels(3, width=4.2, height=3.9)
for color, marker, (name, values) in zip(COLORS, "os^", measured.items(), strict=False):
    for ax, column in zip(axes, values.T, strict=False):
        ax.plot(moves, column, marker, markersize=4, color=color, label=name)
dense = np.linspace(-2, 2, 401)
theory(axes[0], dense, np.log(2) * np.minimum(np.abs(dense), 1), r"theory: $\log 2\cdot\min(|\theta|,1)$ and $\log 2$")
theory(axes[0], dense, np.full(401, np.log(2)))
theory(axes[1], dense, np.abs(dense), r"theory: $|\theta|$")
finish(axes[0], "Jensen-Shannon", r"$\theta$", "nats", ylim=(-0.05, 1.3))
finish(axes[1], "Wasserstein", r"$\theta$", r"$W_1$", ylim=(-0.1, 3.6))
a, b = np.sort(rng.normal(size=150)), np.sort(4 + 0.7 * rng.normal(size=150))
weights = jnp.full(150, 1 / 150)
f_a, f_b = (np.asarray(f) for f in critic(jnp.array(a), weights, jnp.array(b), weights))
axes[2].plot(a, f_a - np.median(f_a), ".", color=COLORS[0], label="critic at samples of p")
axes[2].plot(b, f_b - np.median(f_a), ".", color=COLORS[1], label="critic at samples of q")
line = np.linspace(-3, 7, 200)
theory(axes[2], line, np.median(a) - line, "theory: slope -1")
odds = normal(line, 0, 1) / (normal(line, 0, 1) + normal(line, 4, 0.7))
axes[2].plot(line, odds, color="0.55", linewidth=1.2, label=r"$D^\ast$ of the two laws")
finish(axes[2], "Critic and discriminator", "x", "f(x)", ylim=(-8, 10))

# %% [markdown]
# **Look again.** The triangles lie at $\log 2$ for *every* $\theta$, even where the two laws are the same. What, then,
# does a discriminator learn that is trained long enough on a finite data set? And in the right panel: at which samples
# does $D^\ast$ have a slope that a generator could follow, and at which does the critic?

# %% [markdown] instructor=true
# Samples of continuous laws never coincide: the empirical JSD is log 2 always, and an unregularised discriminator
# memorises. W_1 of 100 samples at theta = 0 is about 0.04, not 0 either, but small. D* has a slope only between the
# two clouds.

# %% [markdown] question="ppca" points=4 minutes=40 difficulty="**"
# ## 11.4 The autoencoder that can be solved
#
# Make every map of a variational autoencoder linear, and it is a classical model, *probabilistic PCA* (Tipping and
# Bishop 1999):
#
# $$z\sim\mathcal N(0, I_k), \qquad x\,|\,z\sim\mathcal N(Wz+\mu,\ \sigma^2I_d).$$
#
# All that a deep model must approximate is exact here. The marginal law of $x$ is $\mathcal N(\mu, C)$ with
# $C = WW^\top+\sigma^2I$. Given $n$ examples with empirical covariance $S$ (**divided by $n$**), of eigenvalues
# $\lambda_1\ge\dots\ge\lambda_d$ and eigenvectors $u_i$, the likelihood is largest for
#
# $$\mu=\bar x, \qquad \sigma^2=\frac1{d-k}\sum_{i>k}\lambda_i, \qquad W = U_k(\Lambda_k-\sigma^2I)^{1/2}R,$$
#
# with any rotation $R$. And the posterior is Gaussian, with one covariance for all $x$:
#
# $$z\,|\,x\sim\mathcal N\bigl(M^{-1}W^\top(x-\mu),\ \sigma^2M^{-1}\bigr), \qquad M=W^\top W+\sigma^2I_k .$$
#
# $x_1,\dots,x_n$ are the rows of `X`, $\mu$ is `mean`, and $\sigma^2$, a variance, is `sigma2`. $W$ is `W`, of shape
# $(d, k)$: one *column* per latent variable.
#
# *About 40 minutes, difficulty \*\*.*

# %% solution="ppca"
def ppca_fit(X: Float[Array, "n d"], k: int) -> tuple[Float[np.ndarray, " d"], Float[np.ndarray, "d k"], float]:
    """Parameters of largest likelihood.

    Args:
        X: one example per row, more than d of them.
        k: number of latent variables, 1 <= k < d.

    Returns:
        (mean, W, sigma2). Any rotation R is right, and any signs.

    Example:
        The five rows (2, 0), (-2, 0), (0, 1), (0, -1), (0, 0), k = 1: S = diag(8/5, 2/5), sigma2 = 0.4,
        W = [[1.0954], [0.]].
    """
    ### BEGIN SOLUTION
    values, vectors = np.linalg.eigh(np.cov(X.T, bias=True))  # in increasing order
    sigma2 = values[:-k].mean()
    return np.mean(X, axis=0), vectors[:, -k:] * np.sqrt(values[-k:] - sigma2), sigma2
    ### END SOLUTION


def log_likelihood(X: Float[Array, "n d"], mean: Float[Array, " d"], W: Float[Array, "d k"], sigma2: float) -> float:
    """Mean over the examples of log p(x), in nats, for any parameters.

    Args:
        X: one example per row.
        mean, W, sigma2: the model; sigma2 > 0.

    Returns:
        One number: the mean, not the sum.

    Example:
        X = [[0.]], mean [0.], W = [[1.]], sigma2 = 1: x has variance 2, -log(4 pi) / 2 = -1.2655.
    """
    ### BEGIN SOLUTION
    C, centred = np.einsum("ai,bi->ab", W, W) + sigma2 * np.eye(len(W)), np.subtract(X, mean)
    squares = np.einsum("na,ab,nb->n", centred, np.linalg.inv(C), centred)
    return -(np.linalg.slogdet(2 * np.pi * C)[1] + np.mean(squares)) / 2
    ### END SOLUTION


def posterior(
    X: Float[Array, "n d"], mean: Float[Array, " d"], W: Float[Array, "d k"], sigma2: float
) -> tuple[Float[np.ndarray, "n k"], Float[np.ndarray, "k k"]]:
    """Law of the latent variables given each example.

    Args:
        X, mean, W, sigma2: as above.

    Returns:
        (means, covariance): one row of means per example, and the one covariance.

    Example:
        X = [[4.]], mean [1.], W = [[1.]], sigma2 = 0.5: M = 1.5, means [[2.]], covariance [[1/3]].
    """
    ### BEGIN SOLUTION
    M = np.einsum("ai,aj->ij", W, W) + sigma2 * np.eye(W.shape[1])
    inverse = np.linalg.inv(M)
    return np.einsum("ij,aj,na->ni", inverse, W, np.subtract(X, mean)), sigma2 * inverse
    ### END SOLUTION


# %% check="ppca"
_X = jnp.array([[2.0, 2, 0], [-2, -2, 0], [1, -1, 0], [-1, 1, 0], [0, 0, 1], [0, 0, -1]]) + jnp.array([3.0, 0.0, 0.0])
_mean, _W, _sigma2 = ppca_fit(_X, 1)  # S has the eigenvalues 8/3 (along (1, 1, 0)), 2/3 and 1/3
assert np.shape(_W) == (3, 1), "W has one row per pixel and one column per latent variable"
assert np.allclose(_mean, [3.0, 0.0, 0.0], atol=1e-5), "the mean of the examples"
assert abs(float(_sigma2) - 0.5) < 1e-4, (
    "sigma2 is the mean of the discarded eigenvalues of S, here 2/3 and 1/3, and S is divided by n, not n - 1 (0.6). "
    "1: their sum; 0.3333: a mean over all three; 1.6667: the largest ones discarded"
)
_block = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]) * 13 / 12
assert np.allclose(np.asarray(_W) @ np.asarray(_W).T, _block, atol=1e-4), (
    "W W' = U (Lambda - sigma2) U', 13/12 four times: centred data, the noise subtracted, a root of it in W, and eigenvectors "
    "are columns"
)
_value = log_likelihood(jnp.array([[0.0], [0.0]]), jnp.zeros(1), jnp.ones((1, 1)), 1.0)
assert abs(float(_value) + 1.265512) < 1e-4, "x has variance 1 + 1; the mean over the examples, not the sum"
_value = log_likelihood(jnp.zeros((1, 64)), jnp.zeros(64), jnp.full((64, 1), 0.125), 0.1)
assert abs(float(_value) - 13.671709) < 1e-2, (
    "64 pixels, one direction of variance 1.1, 63 of variance 0.1: 13.6717. inf: det C = 1.1e-63 is 0 in float32; 86.2: sigma2 "
    "is a variance; 72.5 or 71.6: every dimension has its 2 pi"
)
_means, _cov = posterior(jnp.array([[4.0]]), jnp.ones(1), jnp.ones((1, 1)), 0.5)
assert np.allclose(_means, [[2.0]], atol=1e-5), "M = 1.5, means W'(x - mu) / M"
assert np.allclose(_cov, [[1 / 3]], atol=1e-5), "covariance sigma2 / M"

# %% [markdown]
# **Before you plot.** Digits, 64 pixels. With the best parameters the mean log-likelihood of the *training* images is
# $-\frac12\bigl(\sum_{i\le k}\log\lambda_i+(d-k)\log\sigma_k^2+d\log2\pi+d\bigr)$ (put the maximum in), which
# must rise with $k$. Does that of *new* images? And PCA reconstructs the component of $x-\mu$ along $u_i$ unchanged.
# By which factor does $W\,\mathbb E[z|x]$ shrink it?

# %% tags=["demo"]
data = digits()
X_train, X_test = data.x_train[:100], data.x_test
train64 = np.asarray(X_train, np.float64)
spectrum, directions = np.linalg.eigh(np.cov(train64.T, bias=True))
spectrum, directions = spectrum[::-1], directions[:, ::-1]
ranks = np.array([1, 2, 4, 6, 9, 12, 16, 20, 25, 30, 36, 42, 46])
found = {name: [] for name in ("100 images to learn from", "297 new images")}
for k in ranks:
    model = [jnp.asarray(a) for a in ppca_fit(X_train, int(k))]
    model[2] = float(model[2])
    for name, images in zip(found, (X_train, X_test), strict=True):
        found[name].append(float(log_likelihood(images, *model)))
fig, (left, right) = panels(2, height=3.8)
for color, (name, values) in zip(COLORS, found.items(), strict=False):
    left.plot(ranks, values, "o", color=color, label=name)
noise = np.array([spectrum[k:].mean() for k in ranks])
kept = np.array([np.log(spectrum[:k]).sum() for k in ranks])
theory(left, ranks, -(kept + (64 - ranks) * np.log(noise) + 64 * np.log(2 * np.pi) + 64) / 2, "theory, for the first")
finish(left, "Probabilistic PCA of digits", "latent variables k", "mean log-likelihood, nats", ylim=(-20, 130))
for color, k in zip(COLORS, (4, 12, 30), strict=False):
    mean_, W_, sigma2_ = ppca_fit(X_train, k)
    means_, _ = posterior(X_train, jnp.asarray(mean_), jnp.asarray(W_), float(sigma2_))
    rebuilt = np.asarray(means_) @ np.asarray(W_).T @ directions
    given = (train64 - train64.mean(axis=0)) @ directions
    index = np.arange(1, 41)
    ratio_kept = np.sum(rebuilt * given, axis=0)[:40] / np.sum(given**2, axis=0)[:40]
    right.plot(index, ratio_kept, "o", markersize=4, color=color, label=f"k = {k}")
    factor = np.maximum(1 - spectrum[k:].mean() / spectrum[:k], 0)
    theory(right, index, np.append(factor, np.zeros(64 - k))[:40], r"theory: $1-\sigma^2/\lambda_i$, then 0" if k == 30 else None)
finish(right, "What is left of a component", r"direction $i$", "rebuilt / given", ylim=(-0.05, 1.4))

# %% [markdown]
# **Look again.** About how many latent variables do 100 images support? The new images' likelihood falls where
# $\sigma^2$ becomes small: which few pixels make that so expensive? (Look at the corners of a digit.)

# %% [markdown] question="elbo" points=4 minutes=45 difficulty="***"
# ## 11.5 The price of a diagonal encoder
#
# Now forget that the posterior is known, and train the same model as a variational autoencoder, with the encoder
# $q(z|x)=\mathcal N\bigl(V(x-\mu),\,\Sigma\bigr)$ and
#
# $$\mathrm{ELBO}(x) = \mathbb E_{q(z|x)}\log p(x|z) - \mathrm{KL}\bigl(q(z|x)\,\|\,\mathcal N(0,I)\bigr)
# = \log p(x) - \mathrm{KL}\bigl(q(z|x)\,\|\,p(z|x)\bigr).$$
#
# All is Gaussian: both terms are closed forms. Find them for any $V$ and any covariance $\Sigma$. With
# $\Sigma=\sigma^2M^{-1}$ the ELBO *is* the log-likelihood. But encoders in use have **diagonal** $\Sigma$. Maximise
# the ELBO over $V$ and over the diagonal (differentiate: $\mathrm{tr}\,\Sigma$, $\mathrm{tr}\,W^\top W\Sigma$ and
# $\log\det\Sigma$ are all that contain $\Sigma$). You will not find the diagonal of the posterior covariance. What is
# left,
#
# $$\Delta = \log p(x)-\mathrm{ELBO}(x) \quad\text{at the best diagonal encoder,}$$
#
# is the same for all $x$; it vanishes if and only if the columns of $W$ are orthogonal. So the likelihood leaves the
# rotation $R$ of 11.4 free, and the ELBO chooses (Lucas et al. 2019). `V` has shape $(k, d)$, $\Sigma$ is `cov`, the
# rest is as in 11.4.
#
# *About 45 minutes, difficulty \*\*\*.*

# %% solution="elbo"
def elbo(
    X: Float[Array, "n d"],
    mean: Float[Array, " d"],
    W: Float[Array, "d k"],
    sigma2: float,
    V: Float[Array, "k d"],
    cov: Float[Array, "k k"],
) -> float:
    """Mean over the examples of the ELBO of a linear VAE, in nats, expectation taken exactly.

    Args:
        X: one example per row.
        mean, W, sigma2: the decoder, N(W z + mean, sigma2 I).
        V, cov: the encoder, N(V (x - mean), cov); cov symmetric, positive definite, not necessarily diagonal.

    Returns:
        One number.

    Example:
        X = [[2.]], mean [0.], W = [[1.]], sigma2 = 1, V = [[0.5]], cov = [[1.]]: E log p(x|z) = -log(2 pi)/2 - (1 + 1)/2,
        KL = 1/2, so -2.4189.
    """
    ### BEGIN SOLUTION
    (d, k), centred = W.shape, np.subtract(X, mean)
    z = np.einsum("ia,na->ni", V, centred)
    rest = centred - np.einsum("ai,ni->na", W, z)
    misfit = np.mean(np.sum(rest**2, axis=1)) + np.einsum("ai,ij,aj->", W, cov, W)
    kl = (np.mean(np.sum(z**2, axis=1)) + np.trace(cov) - k - np.linalg.slogdet(cov)[1]) / 2
    return -(d * np.log(2 * np.pi * sigma2) + misfit / sigma2) / 2 - kl
    ### END SOLUTION


def best_diagonal_encoder(W: Float[Array, "d k"], sigma2: float) -> tuple[Float[np.ndarray, "k d"], Float[np.ndarray, " k"]]:
    """The encoder with diagonal covariance that maximises the ELBO for a given decoder.

    Args:
        W, sigma2: the decoder.

    Returns:
        (V, variances): the matrix of the means, and the diagonal of the covariance.

    Example:
        W = [[1., 1.]] (one pixel, two latents), sigma2 = 1: V = [[1/3], [1/3]], variances [1/2, 1/2].
        (The posterior's variances are 2/3.)
    """
    ### BEGIN SOLUTION
    M = np.einsum("ai,aj->ij", W, W) + sigma2 * np.eye(W.shape[1])
    return np.linalg.solve(M, W.T), sigma2 / np.diag(M)
    ### END SOLUTION


def diagonal_gap(W: Float[Array, "d k"], sigma2: float) -> float:
    """log p(x) - ELBO(x) at the best diagonal encoder, in nats.

    Args:
        W, sigma2: the decoder.

    Returns:
        One number >= 0.

    Example:
        W = [[1., 1.]], sigma2 = 1: log(4/3) / 2 = 0.1438.
    """
    ### BEGIN SOLUTION
    M = np.einsum("ai,aj->ij", W, W) + sigma2 * np.eye(W.shape[1])
    return (np.sum(np.log(np.diag(M))) - np.linalg.slogdet(M)[1]) / 2
    ### END SOLUTION


# %% check="elbo"
_one = jnp.ones((1, 1))
_value = elbo(2 * _one, jnp.zeros(1), _one, 1.0, 0.5 * _one, _one)
assert abs(float(_value) + 2.418939) < 1e-4, "the encoder's covariance enters twice: in E|x - Wz|^2 and in the KL divergence"
_value = elbo(
    jnp.array([[4.0], [0.0]]), jnp.zeros(1), jnp.ones((1, 2)), 2.0, jnp.full((2, 1), 0.25), jnp.eye(2) - 0.25
)
assert abs(float(_value) + 2.612086) < 1e-4, (
    "this encoder is the posterior of x = z_1 + z_2 + noise of variance 2: the ELBO is log p(x), on average -2.6121. All of the "
    "covariance counts; the KL goes from q to the prior, and is a sum over latents; the ELBO is a mean over examples"
)
_W, _noise = jnp.ones((1, 3)), 2.0
_V, _variances = best_diagonal_encoder(_W, _noise)
assert np.shape(_V) == (3, 1) and np.allclose(_V, 0.2, atol=1e-5), "V is the posterior's: M^-1 W' = 1/5. 1/3: latents one by one"
assert np.shape(_variances) == (3,) and np.allclose(_variances, 2 / 3, atol=1e-5), (
    "2/3, not 4/5: the best diagonal is not the diagonal of the posterior covariance. 1/3: without the noise; 0.8165: deviations"
)
assert abs(float(diagonal_gap(_W, _noise)) - 0.150052) < 1e-4, (
    "KL between N(0, 2/3 I) and the posterior: 0.1501. 0.3001: without its 1/2; 0.1234: from the posterior to q, not back"
)

# %% [markdown]
# **Before you plot.** (i) Rotate the columns of the best $W$, two latents with eigenvalues $\lambda_1 > \lambda_2$, by
# the angle $\varphi$. The likelihood does not change. Where is the gap largest, and how large is it there if
# $\lambda_1 = 10\,\lambda_2$? (ii) Fix $\sigma^2$ and train $W$, $V$ and the variances by gradient ascent on the ELBO,
# sixteen latents on the digits. Theory (11.7): column $i$ of $W$ gets the length
# $|w_i|^2=\max(\lambda_i-\sigma^2, 0)$. How many latents are used at $\sigma^2=0.1$?

# %% tags=["demo"]
ratio, angles = 10.0, np.linspace(0, np.pi, 25)
W_plain = np.eye(4, 2) * np.sqrt(np.array([ratio, 1.0]) - 0.2)  # eigenvalues 10 and 1, noise 0.2
turn = lambda angle: np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
X_model = rng.normal(size=(500, 2)) @ W_plain.T + np.sqrt(0.2) * rng.normal(size=(500, 4))
gaps = []
for angle in angles:
    turned = jnp.array(W_plain @ turn(angle))
    V_, variances_ = best_diagonal_encoder(turned, 0.2)
    reached = elbo(jnp.array(X_model), jnp.zeros(4), turned, 0.2, jnp.asarray(V_), jnp.diag(jnp.asarray(variances_)))
    gaps.append(float(log_likelihood(jnp.array(X_model), jnp.zeros(4), turned, 0.2)) - float(reached))


def train_linear_vae(S, sigma2, k=16, steps=3000):
    """Gradient ascent (Adam) on the mean ELBO of a linear VAE, which depends on the data through S only."""
    d = len(S)

    def loss(params):
        W, V, log_variances = params
        error = jnp.eye(d) - W @ V
        misfit = jnp.trace(error @ S @ error.T) + jnp.sum(W**2 @ jnp.exp(log_variances))
        kl = jnp.trace(V @ S @ V.T) + jnp.sum(jnp.exp(log_variances) - log_variances)
        return misfit / (2 * sigma2) + kl / 2

    adam = optax.adam(optax.cosine_decay_schedule(0.02, steps))
    key_W, key_V = jax.random.split(jax.random.key(0))
    start = (0.1 * jax.random.normal(key_W, (d, k)), 0.1 * jax.random.normal(key_V, (k, d)), jnp.zeros(k))

    def step(carry, _):
        params, state = carry
        updates, state = adam.update(jax.grad(loss)(params), state)
        return (optax.apply_updates(params, updates), state), None

    (params, _), _ = jax.lax.scan(step, (start, adam.init(start)), None, steps)
    return params


S_digits = jnp.cov(data.x_train.T, bias=True)  # all 1500 images
spectrum = np.linalg.eigvalsh(np.asarray(S_digits, np.float64))[::-1]
fig, (left, right) = panels(2, height=3.9)
left.plot(np.degrees(angles), gaps, "o", color=COLORS[0], label="log-likelihood - ELBO")
swing = np.cos(2 * angles)
top, bottom = (ratio + 1) / 2, (ratio - 1) / 2
theory(left, np.degrees(angles), 0.5 * np.log((top**2 - (bottom * swing) ** 2) / ratio), r"theory: $\Delta(\varphi)$")
finish(left, "A rotation that only the ELBO sees", r"angle $\varphi$, degrees", "nats", ylim=(-0.05, 1.0))
index = np.arange(1, 17)
trained_vae = jax.jit(train_linear_vae, static_argnums=(2, 3))
for color, noise_ in zip(COLORS, (0.03, 0.1, 0.25), strict=False):
    W_, V_, log_variances_ = trained_vae(S_digits, noise_)
    lengths = np.sort(np.sum(np.asarray(W_) ** 2, axis=0))[::-1]
    right.plot(index, lengths, "o", markersize=5, color=color, label=rf"trained, $\sigma^2={noise_}$")
    right.axhline(noise_, color=color, linewidth=0.8, linestyle=":")
    label = r"theory: $\max(\lambda_i-\sigma^2,0)$" if noise_ == 0.25 else None
    theory(right, index, np.maximum(spectrum[:16] - noise_, 0), label)
right.plot(index, spectrum[:16], "_", color="0.4", markersize=9, label=r"eigenvalues $\lambda_i$")
finish(right, "Latents kept and latents collapsed", "column of W, sorted by length", r"$|w_i|^2$", ylim=(-0.03, 1.1))

# %% [markdown]
# **Look again.** The dotted lines are the three $\sigma^2$. Where do the grey eigenvalues cross them, and what do the
# trained columns do there? A practitioner who sees eleven of sixteen latents unused blames the KL term, and multiplies
# it by $\beta<1$. What else could be changed instead, by looking at this plot?

# %% [markdown] instructor=true
# Largest at 45 degrees: log((r + 1)^2 / 4r) / 2 = 0.553 for r = 10. Twelve eigenvalues exceed 0.1. A column survives
# exactly if its eigenvalue is above sigma^2; a smaller sigma^2 (or a learned one) revives the same latents as a
# smaller beta: 11.7 (d).

# %% [markdown] question="why_starve" points=4 minutes=35 difficulty="**" written=true
# ## 11.6 Why a generator starves
#
# Let $q_\theta$ be a family of distributions on finitely many points with positive probabilities that depend smoothly
# on $\theta$, and $p$ positive too. $D^\ast_\theta$ is the optimal discriminator for $q_\theta$. (a) Show that
# $\nabla_\theta\sum_x q_\theta(x)\log(1-D(x))$, with $D=D^\ast_{\theta}$ held fixed, equals
# $\nabla_\theta\,2\,\mathrm{JSD}(p,q_\theta)$. Why may $D$ be held fixed? (b) Show that the gradient of
# $-\sum_xq_\theta(x)\log D(x)$ is that of $\mathrm{KL}(q_\theta\,\|\,p)-2\,\mathrm{JSD}(p,q_\theta)$. (c) Now on
# $\mathbb R^d$: $q_\theta$ is the law of $g_\theta(z)$, and near some $\theta_0$ the supports of $p$ and $q_\theta$
# are at a positive distance. Which discriminator is optimal, and what gradient does it send through $g_\theta$ with the
# loss of (a)? Why has the loss of (b) none, and what does a discriminator send that is only nearly perfect? (d)
# Suppose $|g_\theta(z)-g_{\theta'}(z)|\le L(z)\,|\theta-\theta'|$ with $\mathbb E\,L<\infty$ (and finite means, so that
# $W_1$ is finite). Show that $|W_1(p,q_\theta)-W_1(p,q_{\theta'})|\le|\theta-\theta'|\,\mathbb E\,L$, and explain why the
# situation of (c) does not starve a generator that is trained against the optimal critic.

# %% [markdown] solution="why_starve"
# (a) $V(D,\theta)=\sum p\log D+\sum q_\theta\log(1-D)$, and $\max_DV=V(D^\ast_\theta,\theta)=2\,\mathrm{JSD}-\log4$.
# By the chain rule
# $\nabla_\theta V(D^\ast_\theta,\theta)=\partial_\theta V+\partial_DV\cdot\nabla_\theta D^\ast_\theta$, and
# $\partial_DV=0$ at the (interior) maximum: that is why $D$ may be held fixed (envelope theorem). What remains is
# $\partial_\theta V=\nabla_\theta\sum q_\theta\log(1-D)$, as $\sum p\log D$ does not contain $\theta$.
#
# (b) $-\log D^\ast=\log\frac{q}{p}-\log(1-D^\ast)$, because $\frac{1-D^\ast}{D^\ast}=\frac qp$. With $D$ held fixed,
# the second term gives $-\nabla2\,\mathrm{JSD}$ by (a). The first gives
# $\sum\nabla q_\theta\,\log\frac{q_{\theta}}{p}$, and
# $\nabla\mathrm{KL}(q_\theta\,\|\,p)=\sum\nabla q_\theta\log\frac{q_\theta}p+\sum\nabla q_\theta$, whose last sum is
# $\nabla1=0$.
#
# (c) $D=1$ on the support of $p$ and $D=0$ on that of $q_\theta$ for all $\theta$ near $\theta_0$; since the supports
# are at a positive distance, $D$ may be taken constant in a neighbourhood of each. So $\nabla_xD=0$ at every
# $g_\theta(z)$, and $\log(1-D)=0$ is constant there: no gradient, although $q_\theta\ne p$ ($\mathrm{JSD}=\log2$ is
# constant). $-\log D=+\infty$ for the second loss; its gradient $-\nabla D/D$ is not defined at $D=0$; with a
# discriminator that is nearly perfect it is a quotient of two small numbers, large and unstable.
#
# (d) $(g_\theta(z),g_{\theta'}(z))$ is a coupling of $q_\theta$ and $q_{\theta'}$, so
# $W_1(q_\theta,q_{\theta'})\le\mathbb E|g_\theta-g_{\theta'}|\le|\theta-\theta'|\,\mathbb EL$, and the triangle
# inequality gives the claim: $W_1$ is continuous, differentiable almost everywhere, whatever the supports. An optimal
# critic $f$ has slope one along the rays on which mass is moved, also between and on separated supports:
# $f(x)-f(y)=|x-y|$ for pairs of an optimal plan. The generator gets
# $-\mathbb E\,\partial_\theta g_\theta(z)^\top\nabla f(g_\theta(z))$ with $|\nabla f|=1$ at $q$-almost every point
# where $f$ is differentiable and mass has to move: a gradient of order one at any distance.

# %% [markdown] rubric="why_starve"
# * **1 point** (a): $\partial_DV=0$ at $D^\ast$ (envelope argument), and $\sum p\log D$ does not depend on $\theta$.
#   Half if the indirect dependence is never mentioned.
# * **1 point** (b): $(1-D^\ast)/D^\ast=q/p$ and $\sum\nabla q=0$.
# * **1 point** (c): $D$ locally constant, so zero gradient for $L_1$; for $L_2$ "undefined, or large and unstable"
#   (0.5 each). "Zero for $L_2$ as well" is accepted where $\nabla D=0$ with $D>0$ small is argued.
# * **1 point** (d): coupling by the same $z$, triangle inequality (0.5); slope one of the critic where mass moves
#   (0.5).

# %% [markdown] question="why_collapse" points=4 minutes=35 difficulty="**" written=true
# ## 11.7 Why latents collapse
#
# Fix $\sigma^2>0$, and let $W$ have orthogonal columns $w_i=c_i\,u_i$ along the first $k$ eigenvectors of $S$, with
# any lengths $c_i\ge0$. (That the best $W$ is of this form was Tipping and Bishop's theorem.) (a) Show that the mean
# log-likelihood is
# $-\frac12\sum_{i\le k}\bigl[\log(c_i^2+\sigma^2)+\frac{\lambda_i}{c_i^2+\sigma^2}\bigr]+\text{const}$, and that it is
# largest at $c_i^2=\max(\lambda_i-\sigma^2,0)$. (b) Show that at this optimum the best encoder ignores its input in
# latent $i$ ($q(z_i|x)=\mathcal N(0,1)$ for all $x$: *posterior collapse*) if and only if $\lambda_i\le\sigma^2$, and
# that otherwise $\mathrm{KL}\bigl(q(z_i|x)\,\|\,\mathcal N(0,1)\bigr)$ is $\frac12\log(\lambda_i/\sigma^2)$ on average
# over the data. (c) Is the ELBO to blame for the collapse? (d) The $\beta$-VAE maximises
# $\mathbb E_q\log p(x|z)-\beta\,\mathrm{KL}$. At which $\lambda_i$ do its latents collapse?

# %% [markdown] solution="why_collapse"
# (a) $C=WW^\top+\sigma^2I$ has the eigenvectors $u_i$ of $S$ and the eigenvalues $c_i^2+\sigma^2$ ($i\le k$),
# $\sigma^2$ (else). The mean log-likelihood is $-\frac12\bigl(d\log2\pi+\log\det C+\mathrm{tr}\,C^{-1}S\bigr)$, in
# this basis the given sum, plus $-\frac12\sum_{i>k}(\log\sigma^2+\lambda_i/\sigma^2)$ and a constant. With
# $s=c_i^2+\sigma^2$ the function $\log s+\lambda_i/s$ has the derivative $(s-\lambda_i)/s^2$: it falls until
# $s=\lambda_i$ and rises after. Since $s\ge\sigma^2$ is required, the minimum is at $s=\max(\lambda_i,\sigma^2)$.
#
# (b) $M=\mathrm{diag}(c_i^2+\sigma^2)$, so the posterior is diagonal, the best encoder equals it, and
# $q(z_i|x)=\mathcal N\bigl(\frac{c_i}{c_i^2+\sigma^2}u_i^\top(x-\mu),\ \frac{\sigma^2}{c_i^2+\sigma^2}\bigr)$. If
# $\lambda_i\le\sigma^2$ then $c_i=0$: mean 0, variance 1. If $\lambda_i>\sigma^2$ then $c_i>0$, and the mean depends
# on $x$. The average of the squared mean is $\frac{c_i^2}{\lambda_i^2}\lambda_i=\frac{\lambda_i-\sigma^2}{\lambda_i}$,
# the variance $\sigma^2/\lambda_i$: the two add up to 1, and what remains of
# $\mathrm{KL}=\frac12(\text{variance}+\text{mean}^2-1-\log\text{variance})$ is $\frac12\log(\lambda_i/\sigma^2)$.
#
# (c) No. With orthogonal columns the best diagonal encoder is the posterior and the gap is zero: the ELBO equals the
# log-likelihood there, and lies below it elsewhere. So its maximum is the likelihood's, and the exact likelihood
# already prefers $c_i=0$. What is to blame is a $\sigma^2$ above $\lambda_i$: noise explains all variance in that
# direction. (With $\sigma^2$ learned, it becomes the mean of the discarded eigenvalues, which is at most $\lambda_k$:
# no latent with $\lambda_i$ above this mean collapses.)
#
# (d) $\mathbb E_q\log p(x|z)$ depends on $W$, $V$, $\Sigma$ through $-\frac1{2\sigma^2}\mathbb E|x-\mu-Wz|^2$ only.
# Divide by $\beta$: the objective is $-\frac1{2\beta\sigma^2}\mathbb E|x-\mu-Wz|^2-\mathrm{KL}$ + const, the ELBO with
# $\sigma^2$ replaced by $\beta\sigma^2$. So latents collapse where $\lambda_i\le\beta\sigma^2$.

# %% [markdown] rubric="why_collapse"
# * **1 point** (a): eigenvalues of $C$ in the basis of $S$ (0.5); the minimum under the constraint $s\ge\sigma^2$, not
#   only the stationary point (0.5).
# * **1.5 points** (b): encoder = posterior, diagonal (0.5); both directions of the equivalence (0.5); the average KL
#   (0.5).
# * **0.5 points** (c): the bound is tight at the optimum, so the likelihood itself has it; the noise is to blame.
# * **1 point** (d): the argument by $\beta\sigma^2$ (0.5) and the threshold (0.5). A direct calculation is as good.
