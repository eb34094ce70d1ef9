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
# # Week 11 lab: Generative models
#
# How do you teach a network to *make* digits when nobody can tell it what the right answer is? Two classical ways, and
# today you build both. The variational autoencoder (VAE) bounds the likelihood of the data from below and climbs the
# bound; the generative adversarial network (GAN) trains a second network to tell true from made, and follows its
# slope. You train a VAE on handwritten digits and look into its two-dimensional mind; then a GAN and a Wasserstein GAN
# compete for eight islands in the plane.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 1 | A Gaussian that can be differentiated | 2 | 10 | * |
# | 2 | A decoder scores, and dreams | 3 | 20 | ** |
# | 3 | The evidence lower bound, and a step up | 4 | 25 | ** |
# | 4 | A tighter bound | 3 | 20 | ** |
# | 5 | Two players, three losses | 2 | 10 | * |
# | 6 | A critic with slope one | 3 | 25 | *** |
# | 7 | Taking turns | 3 | 25 | *** |
#
# **How to work.** Questions 1 to 4 build the VAE, 5 to 7 the GANs; both halves start easy. Questions 3 and 4 may use
# your functions of question 1; all others stand alone, so you can do them in any order. After each one run its
# `grader.check`: it catches the usual slip; hidden tests then look more closely. Before each plot, write your prediction
# down - being wrong about it is where the learning is. Nearly everything here is differentiated by `jax.grad`, so
# **write it in `jax.numpy`**, in the style that you like: loops, `vmap`, `einsum`.
#
# **Conventions.** One example per row. The encoder of a VAE gives a mean $\mu$ and a **log-variance** `log_var`
# $=\log\sigma^2$ (natural logarithm; *not* $\log\sigma$) for each latent coordinate. A log-density of one example is
# the **sum** over its pixels or latent coordinates, never the mean; a training loss is the **mean over the batch** of
# such sums. Losses are minimised. Wherever noise is needed it comes as an argument (`eps`, `mix`), already drawn;
# only in question 2 do you draw it yourself. Everything is float32, in which $e^{89}$ is already infinite. The plots
# compile your functions (`jax.jit`, `lax.scan`): return arrays, not `float(...)`.

# %%
from course_lib.checks import open_checks

grader = open_checks("week11/lab")

# %%
import itertools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from course_lib.data import digits
from course_lib.plots import COLORS, digit_gallery, finish, panels, theory

# Parameters of a network: any nesting of lists, tuples and dictionaries of arrays. `jax.grad` and optax take them as
# they are.
Params = Any

# %% [markdown] question="gaussian" points=2 minutes=10 difficulty="*"
# ## 1. A Gaussian that can be differentiated
#
# Training a VAE needs the gradient of an average over random $z$ with respect to the parameters of the very
# distribution that $z$ is drawn from. The *reparametrisation trick* (Kingma and Welling 2014) makes $z$ a smooth
# function of the parameters and of noise that does not depend on them. The second ingredient is a price: how far the
# distribution of $z$ is from the prior $\mathcal N(0, I)$. For one example, with $d$ latent coordinates,
#
# $$z_j = \mu_j + \sigma_j\,\varepsilon_j, \quad \varepsilon_j\sim\mathcal N(0,1), \qquad
# \mathrm{KL}\bigl(\mathcal N(\mu,\mathrm{diag}\,\sigma^2)\,\|\,\mathcal N(0,I)\bigr)
# = \frac12\sum_{j=1}^d\bigl(\sigma_j^2 + \mu_j^2 - 1 - \log\sigma_j^2\bigr).$$
#
# $\mu$ is `mean`, $\log\sigma_j^2$ is `log_var`, $\varepsilon$ is `eps`. Derive the second formula once: it is
# $\mathbb E\,[\log q(z) - \log p(z)]$ under $q$. And decide before you type what a network that outputs
# `log_var = 2` says about $\sigma$: this is the most common bug in VAE code, and it trains without complaint.
#
# *About 10 minutes, difficulty \*, 2 points.*


# %% solution="gaussian"
def reparametrise(
    mean: Float[Array, "batch latents"], log_var: Float[Array, "batch latents"], eps: Float[Array, "batch latents"]
) -> Float[Array, "batch latents"]:
    """One sample z of N(mean, diag(sigma^2)) for each example, as a smooth function of mean and log_var.

    Args:
        mean: mu, float32.
        log_var: log sigma^2, the natural logarithm of the *variance*, float32, between -30 and 30.
        eps: standard normal noise, already drawn, float32.

    Returns:
        z, shape (batch, latents), float32, differentiable by jax.grad in mean and log_var.
        Example: mean [[1.]], log_var [[log 4]], eps [[3.]]: sigma is 2, so z = [[7.]].
    """
    ### BEGIN SOLUTION
    return mean + jnp.exp(0.5 * log_var) * eps
    ### END SOLUTION


def kl_to_prior(mean: Float[Array, "batch latents"], log_var: Float[Array, "batch latents"]) -> Float[Array, " batch"]:
    """Kullback-Leibler divergence KL(N(mean, diag(sigma^2)) || N(0, I)) of each example, in nats.

    Args:
        mean: mu, float32.
        log_var: log sigma^2, the natural logarithm of the *variance*, float32, between -30 and 30.

    Returns:
        Shape (batch,), float32, >= 0 up to rounding: the sum over the latent coordinates, one number per example;
        differentiable by jax.grad. Example: mean [[1., 0.]], log_var [[log 4, 0.]]: [2 - log 2] = [1.306853].
    """
    ### BEGIN SOLUTION
    return 0.5 * jnp.sum(jnp.exp(log_var) + mean**2 - 1.0 - log_var, axis=1)
    ### END SOLUTION


# %% check="gaussian"
log_four = jnp.log(jnp.array([[4.0]]))
z_check = jnp.asarray(reparametrise(jnp.array([[1.0]]), log_four, jnp.array([[3.0]])))
assert z_check.shape == (1, 1), "one sample per example: the shape of mean"
assert abs(float(z_check[0, 0]) - 7.0) < 1e-4, (
    "variance 4 means standard deviation 2: 1 + 2 * 3 = 7. With 13 you have multiplied the noise by the variance"
)
kl_check = jnp.asarray(kl_to_prior(jnp.array([[1.0, 0.0], [0.0, 0.0]]), jnp.array([[np.log(4.0), 0.0], [0.0, 0.0]])))
assert kl_check.shape == (2,), "one divergence per example: sum over the latents, and over nothing else"
assert abs(float(kl_check[0]) - 1.306853) < 1e-4, (
    "KL should be (4 + 1 - 1 - log 4)/2 = 1.3069. 0.6534: the mean over latents; 6.6137 or 7.3069: log_var read as log sigma"
)
assert abs(float(kl_check[1])) < 1e-6, "the prior is at distance 0 from itself"
sample_sum = lambda s: jnp.asarray(reparametrise(jnp.array([[1.0]]), s, jnp.array([[3.0]]))).sum()
_, slope_check = jax.value_and_grad(sample_sum)(log_four)
assert abs(float(slope_check[0, 0]) - 3.0) < 1e-4, "dz/dlog_var = sigma eps / 2 = 3 here: jax.grad must get through"
kl_sum = lambda m, s: jnp.asarray(kl_to_prior(m, s)).sum()
_, kl_slope = jax.value_and_grad(kl_sum, argnums=(0, 1))(jnp.array([[1.0]]), log_four)
assert np.allclose(kl_slope, [[[1.0]], [[1.5]]], atol=1e-4), (
    "dKL/dmean = 1 and dKL/dlog_var = 3/2 here: jax.grad must get through the divergence as well"
)

# %% [markdown]
# **Predict.** Two unbiased estimators of the gradient of $\mathbb E\,f(z)$ with respect to $\mu_1$, for
# $f(z)=\tfrac12|z|^2$, $\mu=0$, $\sigma=1$: the derivative of $f$ at the reparametrised sample, and the
# *score function* $f(z)\,\varepsilon_1/\sigma$ (also known as REINFORCE), which does not differentiate $f$ at all. How
# does the variance of each grow with the number $d$ of latent coordinates?

# %% tags=["demo"]
latents_tried = np.array([1, 2, 4, 8, 32])
variances = {"reparametrised": [], "score function": []}
for d in latents_tried:
    noise = jax.random.normal(jax.random.key(int(d)), (20_000, d))
    zero = jnp.zeros_like(noise)
    path = jax.grad(lambda m, n=noise, o=zero: 0.5 * jnp.sum(reparametrise(m, o, n) ** 2))(zero)[:, 0]
    score = 0.5 * jnp.sum(reparametrise(zero, zero, noise) ** 2, axis=1) * noise[:, 0]
    variances["reparametrised"].append(float(path.var()))
    variances["score function"].append(float(score.var()))
fig, ax = panels(1, width=6.0)
for color, (name, values) in zip(COLORS, variances.items(), strict=False):
    ax.plot(latents_tried, values, "o", color=color, label=name)
theory(ax, latents_tried, np.ones(len(latents_tried)))
theory(ax, latents_tried, (latents_tried + 2) * (latents_tried + 4) / 4, r"theory: $1$ and $(d+2)(d+4)/4$")
finish(ax, "Variance of one gradient sample", "latent coordinates d", "variance", xscale="log", yscale="log")

# %% [markdown]
# **Reflect.** Read off how many samples of the score function you would average at $d=32$ to be as accurate as *one*
# reparametrised sample. Where in the formula $f(z)\,\varepsilon_1$ do the other 31 coordinates come in, though the
# derivative with respect to $\mu_1$ has nothing to do with them?

# %% [markdown] instructor=true
# About 306 = 34 * 36 / 4. With r^2 = |eps|^2: E[(r^2/2)^2 eps_1^2] = E[r^6] / (4 d) = (d+2)(d+4)/4, as E r^6 =
# d (d+2)(d+4). The other coordinates enter through f(z), a common factor that multiplies eps_1: noise that a baseline
# (control variate) removes in part only.

# %% [markdown] question="decoder" points=3 minutes=20 difficulty="**"
# ## 2. A decoder scores, and dreams
#
# The model tells a story of how an image came about: draw $z$ from the prior, let the decoder turn it into one logit
# $\ell_p$ per pixel, then switch each pixel on or off on its own:
#
# $$z\sim\mathcal N(0, I), \qquad x_p\,|\,z\sim\text{Bernoulli}\bigl(\sigma(\ell_p)\bigr), \qquad
# \log p(x\,|\,z) = \sum_p \Bigl(x_p\log\sigma(\ell_p) + (1-x_p)\log\bigl(1-\sigma(\ell_p)\bigr)\Bigr),$$
#
# with $\sigma(t) = 1/(1+e^{-t})$. Running the story forwards (*ancestral sampling*) makes new images; its
# log-likelihood scores given ones. In `bernoulli_log_likelihood` $\ell$ is `logits`, and $x$ may also be a grey value
# between 0 and 1 (same formula). It must be right, with a finite gradient, for logits of $\pm900$: which form never
# takes the exponential of a large number? Do not clip, and do not add a small number inside the logarithm.
#
# In `sample_model` the decoder is `decode`, and **you draw the noise yourself**, from one `key`, in two stages. A JAX
# key is no generator with a memory: used twice it gives the same bits twice, and then the pixels "know" the latent in a
# way that no decoder told them. Any way to turn the key into independent noise will do, NumPy's generators seeded from
# the key among them; nobody differentiates this function.
#
# *About 20 minutes, difficulty \*\*, 3 points.*


# %% solution="decoder"
def bernoulli_log_likelihood(
    logits: Float[Array, "batch pixels"], x: Float[Array, "batch pixels"]
) -> Float[Array, " batch"]:
    """log p(x | logits) of independent Bernoulli pixels, in nats, one number per example.

    Args:
        logits: log-odds that a pixel is on, any size up to +-900, float32.
        x: pixels in [0, 1] (0 off, 1 on, grey values between), float32.

    Returns:
        Shape (batch,), float32, <= 0: the sum over the pixels. Differentiable by jax.grad, with finite gradients.
        Example: logits [[0., 2.]], x [[1., 0.]]: [-log 2 - log(1 + e^2)] = [-2.820075].
    """
    ### BEGIN SOLUTION
    return jnp.sum(x * logits - jax.nn.softplus(logits), axis=1)
    ### END SOLUTION


def sample_model(
    key: Array, decode: Callable, count: int, latents: int
) -> tuple[Float[Array, "count latents"], Float[Array, "count pixels"]]:
    """Ancestral samples of the generative model.

    Args:
        key: a JAX random key (as from jax.random.key); the same key gives the same samples.
        decode: decode(z) -> logits, from shape (count, latents) to shape (count, pixels), row by row; finite logits.
        count: number of samples, the rows of the result.
        latents: number of latent coordinates.

    Returns:
        (z, x): the latents, drawn from N(0, I), and images of pixels 0. or 1., drawn given those z: every pixel of
        every image has noise of its own.
        Example: where decode gives logits of 900 (-900), that pixel is 1 (0) in every sample.
    """
    ### BEGIN SOLUTION
    key, x_key = jax.random.split(key)
    z = jax.random.normal(key, (count, latents))
    x = jax.random.bernoulli(x_key, jax.nn.sigmoid(decode(z)))
    return z, x.astype(jnp.float32)
    ### END SOLUTION


# %% check="decoder"
score_check = jnp.asarray(bernoulli_log_likelihood(jnp.array([[0.0, 2.0], [0.0, 0.0]]), jnp.array([[1.0, 0.0], [0.5, 0.5]])))
assert score_check.shape == (2,), "one log-likelihood per example"
assert abs(float(score_check[0]) + 2.820075) < 1e-4, (
    "-log 2 - log(1 + e^2) = -2.8201: the sum over all pixels, on or off; not the mean (-1.4100), not the loss (+2.8201)"
)
assert np.allclose(bernoulli_log_likelihood(jnp.array([[900.0, -900.0]]), jnp.array([[0.0, 0.0]])), [-900.0]), (
    "a pixel that is off where the logit is 900 costs 900 nats. inf or NaN: overflow; about 16 or 20: clipped"
)
score_slope = jax.grad(lambda t: jnp.asarray(bernoulli_log_likelihood(t, jnp.zeros((1, 2)))).sum())(jnp.array([[900.0, -900.0]]))
assert np.allclose(score_slope, [[-1.0, 0.0]], atol=1e-4), (
    "pixels that are off, logits 900 and -900: slopes -1 and 0. NaN: an overflow that a `where` hides is still differentiated"
)
undecided = lambda z: jnp.zeros((len(z), 4))
z_check, x_check = map(jnp.asarray, sample_model(jax.random.key(0), undecided, 500, 4))
assert z_check.shape == (500, 4) and x_check.shape == (500, 4), "z is (count, latents), x is (count, pixels)"
assert abs(float(z_check.std()) - 1.0) < 0.2, "latents from N(0, I) have standard deviation 1; uniform ones less"
assert set(np.unique(x_check)) == {0.0, 1.0}, (
    "the samples are pixels that are on or off, not probabilities; and at logit 0 both happen: probability 1/2"
)
assert x_check.std(axis=0).min() > 0 and x_check.std(axis=1).max() > 0, (
    "every pixel of every image has noise of its own: these images are all the same, or each is all on or all off"
)
assert abs(float(np.corrcoef(z_check.ravel(), x_check.ravel())[0, 1])) < 0.2, (
    "the logits are 0 whatever z is, and yet pixels follow z: one key was used for both stages"
)
assert not np.allclose(sample_model(jax.random.key(1), undecided, 500, 4)[0], z_check), "another key, other samples"
decided = lambda z: 900.0 * jnp.sign(jnp.asarray(z) @ jnp.array([[1.0, -1.0, 0.0], [0.0, 0.0, 1.0]]))
z_check, x_check = map(jnp.asarray, sample_model(jax.random.key(2), decided, 500, 2))
assert x_check.shape == (500, 3) and np.allclose(x_check, decided(z_check) > 0), (
    "two latents, three pixels, logits of +-900 by the signs of z: the pixels must follow the z that is returned"
)

# %% [markdown]
# **Predict.** One latent, one pixel, logit $3z$. You draw many pairs $(z, x)$, sort them into bins by $z$, and plot how
# often the pixel is on. What curve do you get? And what curve if the *same* key draws $z$ and the pixel, given
# that JAX makes a normal number out of the same uniform $u$, as $z=\Phi^{-1}(u)$, that decides $x = [u<\sigma(3z)]$?

# %% tags=["demo"]
def share_on(z, x, edges):
    """Share of pixels that are on among the samples in each bin of z, and its standard error."""
    z, x = np.asarray(z).ravel(), np.asarray(x).ravel()
    groups = [x[(z >= a) & (z < b)] for a, b in itertools.pairwise(edges)]
    return np.array([g.mean() for g in groups]), np.array([np.sqrt(g.mean() * (1 - g.mean()) / len(g)) for g in groups])


steep = lambda z: 3.0 * jnp.asarray(z)
bins = np.linspace(-2.5, 2.5, 26)
middle = (bins[1:] + bins[:-1]) / 2
shares, errors = share_on(*sample_model(jax.random.key(1), steep, 20_000, 1), bins)
one_key = jax.random.key(1)
z_twice = jax.random.normal(one_key, (20_000, 1))
twice, _ = share_on(z_twice, jax.random.uniform(one_key, (20_000, 1)) < jax.nn.sigmoid(steep(z_twice)), bins)
fig, ax = panels(1, width=6.0)
ax.errorbar(middle, shares, 2 * errors, fmt="o", markersize=4, color=COLORS[0], label="your samples (2 standard errors)")
ax.plot(middle, twice, "s", markersize=4, color=COLORS[1], label="one key used twice")
theory(ax, middle, 1 / (1 + np.exp(-3 * middle)), r"theory: $\sigma(3z)$")
finish(ax, "What the decoder said, and what came out", "latent z", "share of pixels that are on")

# %% [markdown]
# **Reflect.** With the key used twice: is there any randomness left in the pixel once $z$ is known? Would you have
# noticed, had you only looked at the share of all pixels that are on?

# %% [markdown] instructor=true
# None: x = [Phi(z) < sigma(3z)], a step function of z; it is on from z = 0 upwards. The overall share is 1/2 in both
# cases, and single images look plausible: nothing in the marginals betrays the bug, only joint statistics do.

# %% [markdown] question="elbo" points=4 minutes=25 difficulty="**" needs="gaussian"
# ## 3. The evidence lower bound, and a step up
#
# The likelihood of an image, $\log p(x)=\log\int p(x|z)\,p(z)\,dz$, is an integral that nobody can do. So an encoder
# proposes $q(z|x)=\mathcal N(\mu(x),\mathrm{diag}\,\sigma^2(x))$, and Jensen's inequality gives a bound (Kingma and
# Welling 2014) that needs only one sample:
#
# $$\log p(x) \;\ge\; \mathbb E_{z\sim q(z|x)}\bigl[\log p(x|z)\bigr] - \mathrm{KL}\bigl(q(z|x)\,\|\,p(z)\bigr)
# \;\approx\; \log p(x\,|\,z) - \mathrm{KL}, \qquad z = \mu(x)+\sigma(x)\,\varepsilon.$$
#
# The encoder is `encode(params, x)`, which returns `(mean, log_var)`; $\log p(x|z)$ is `log_likelihood(params, x, z)`,
# decoder and pixels together; both look into the same `params`, and act on each row on its own. $\varepsilon$ is
# `eps`, one sample per example. `elbo` is the right-hand side with the KL in closed form. `vae_step` then *minimises*
# the mean over the batch of $-$`elbo` by one update of an optax optimizer, in encoder and decoder at once:
#
#     updates, new_state = optimizer.update(slopes, old_state, params)
#     new_params = optax.apply_updates(params, updates)
#
# *About 25 minutes, difficulty \*\*, 4 points. You may call your functions of question 1.*


# %% solution="elbo"
def elbo(
    params: Params,
    x: Float[Array, "batch pixels"],
    eps: Float[Array, "batch latents"],
    encode: Callable,
    log_likelihood: Callable,
) -> Float[Array, " batch"]:
    """One-sample estimate of the evidence lower bound of each example, in nats.

    Args:
        params: parameters of both networks, passed on to encode and log_likelihood.
        x: one example per row, float32.
        eps: standard normal noise, one row per example, float32.
        encode: encode(params, x) -> (mean, log_var), each of shape (batch, latents); log_var = log sigma^2.
        log_likelihood: log_likelihood(params, x, z) -> log p(x | z) of shape (batch,), for z of shape (batch, latents).

    Returns:
        log p(x | z) - KL(q(z|x) || N(0, I)), KL in closed form, shape (batch,), float32; differentiable in params.
        Example: encode gives mean [[1.]] and log_var [[0.]], eps is [[2.]], log_likelihood is -z: [-3 - 1/2] = [-3.5].
    """
    ### BEGIN SOLUTION
    mean, log_var = encode(params, x)
    z = reparametrise(mean, log_var, eps)
    return log_likelihood(params, x, z) - kl_to_prior(mean, log_var)
    ### END SOLUTION


def vae_step(
    params: Params,
    opt_state: Any,
    x: Float[Array, "batch pixels"],
    eps: Float[Array, "batch latents"],
    encode: Callable,
    log_likelihood: Callable,
    optimizer: optax.GradientTransformation,
) -> tuple[Params, Any, Float[Array, ""]]:
    """One update of encoder and decoder together, towards a larger ELBO.

    Args:
        params, x, eps, encode, log_likelihood: as for `elbo`.
        opt_state: the optimizer's state, at first `optimizer.init(params)`.
        optimizer: an optax optimizer (it minimises what its gradient belongs to).

    Returns:
        (params, opt_state, loss): both after the update, and the loss before it: minus the mean over the batch of the
        ELBO, a scalar. params keeps its structure.
        Example: one step of optax.sgd(rate) returns params - rate * (gradient of the loss).
    """
    ### BEGIN SOLUTION
    loss, gradient = jax.value_and_grad(lambda p: -elbo(p, x, eps, encode, log_likelihood).mean())(params)
    updates, opt_state = optimizer.update(gradient, opt_state, params)
    return optax.apply_updates(params, updates), opt_state, loss
    ### END SOLUTION


# %% check="elbo"
encode_check = lambda params, x: (params["m"] * x, jnp.zeros_like(x))
minus_z = lambda params, x, z: -z[:, 0]
elbo_check = jnp.asarray(elbo({"m": 1.0}, jnp.ones((2, 1)), jnp.array([[2.0], [0.0]]), encode_check, minus_z))
assert elbo_check.shape == (2,), "one bound per example: the mean over the batch is taken in vae_step"
assert abs(float(elbo_check[0]) + 3.5) < 1e-4, (
    "z = 1 + 2, log-likelihood -3, KL 1/2: -3.5. -2.5: the KL is a price; -1.5: decoded the mean; -5.5: KL not in closed form"
)
wide = lambda params, x: (x, np.log(4.0) * x)
wide_check = jnp.asarray(elbo(None, jnp.array([[1.0, 0.0], [0.0, 0.0]]), jnp.array([[1.0, 0.0], [0.0, 0.0]]), wide, minus_z))
assert np.allclose(wide_check, [-4.306853, 0.0], atol=1e-4), (
    "first example: mean (1, 0), variances (4, 1), z = (3, 0), bound -4.3069; second: q is the prior, z = 0, bound 0. "
    "-11.6137: log_var read as log sigma; -3.6534: the KL is a mean, over the latents or over the batch"
)
descent = optax.sgd(0.1, momentum=0.9)
start_check = {"m": jnp.array(1.0)}
step_check = lambda params, state: vae_step(
    params, state, jnp.ones((2, 1)), jnp.array([[2.0], [0.0]]), encode_check, minus_z, descent
)
new_check, state_check, loss_check = step_check(start_check, descent.init(start_check))
assert abs(float(loss_check) - 2.5) < 1e-4, "the loss is minus the mean of -3.5 and -1.5, at the parameters given"
assert abs(float(new_check["m"]) - 0.8) < 1e-4, (
    "loss = m^2/2 + m + 1, slope 2 at m = 1: the step leads to 0.8. 0.9: no gradient through z; 1.2: uphill"
)
new_check, _, _ = step_check(new_check, state_check)
assert abs(float(new_check["m"]) - 0.44) < 1e-4, (
    "a second step, with momentum: 0.44. With 0.62 the optimizer has forgotten the first: use the state given, return the new one"
)

# %% [markdown]
# Now the real thing: a VAE with **two** latent coordinates on the digits, pixels rounded to off and on so that $p(x|z)$
# is an honest probability. Encoder and decoder have two hidden
# layers each.
#
# **Predict.** A decoder that gives 1/2 to every pixel scores $-64\log 2=-44$ nats, and random weights start lower still.
# A decoder that ignores $z$ and gives each pixel its average over the data reaches the dashed line. Will the VAE stall
# there for a while? And: will the ten digits occupy ten separate regions of the plane, without ever being told their labels?

# %% tags=["demo"]
def random_layer(key, fan_in, fan_out):
    """He-initialised weights and zero biases."""
    return jnp.sqrt(2.0 / fan_in) * jax.random.normal(key, (fan_in, fan_out)), jnp.zeros(fan_out)


def perceptron(layers, x):
    """ReLU network, last layer affine."""
    for W, b in layers[:-1]:
        x = jax.nn.relu(x @ W + b)
    return x @ layers[-1][0] + layers[-1][1]


def random_perceptron(key, widths):
    """Layers of a perceptron of the given widths."""
    keys = jax.random.split(key, len(widths) - 1)
    return [random_layer(k, m, n) for k, m, n in zip(keys, widths[:-1], widths[1:], strict=True)]


def encoder(params, x):
    """(mean, log_var), two numbers each."""
    both = perceptron(params["encoder"], x)
    return both[:, :2], both[:, 2:]


def pixel_score(params, x, z):
    """log p(x | z)."""
    return bernoulli_log_likelihood(perceptron(params["decoder"], z), x)


data = digits()
x_train, x_test = (jnp.round(x) for x in (data.x_train, data.x_test))
adam = optax.adam(2e-3)
vae = {"encoder": random_perceptron(jax.random.key(0), [64, 128, 64, 4]),
       "decoder": random_perceptron(jax.random.key(1), [2, 64, 128, 64])}
vae_state = adam.init(vae)


@jax.jit
def vae_epoch(params, state, key):
    """One sweep through the training digits in a new order: 15 batches of 100."""
    order_key, eps_key = jax.random.split(key)
    batches = jax.random.permutation(order_key, 1500).reshape(15, 100)
    noise = jax.random.normal(eps_key, (15, 100, 2))

    def one(carry, batch):
        rows, eps = batch
        *carry, loss = vae_step(*carry, x_train[rows], eps, encoder, pixel_score, adam)
        return tuple(carry), loss

    (params, state), losses = jax.lax.scan(one, (params, state), (batches, noise))
    return params, state, -losses.mean()


@jax.jit
def mean_elbo(params, x, key):
    """ELBO averaged over the rows of x, one sample each."""
    return elbo(params, x, jax.random.normal(key, (len(x), 2)), encoder, pixel_score).mean()


measured = []
for epoch in range(201):
    if epoch % 5 == 0 or epoch < 10:
        measured.append((epoch, *(float(mean_elbo(vae, x, jax.random.key(epoch))) for x in (x_train, x_test))))
    if epoch % 40 == 0:
        print(f"epoch {epoch:3d}  ELBO in nats per digit: training {measured[-1][1]:7.2f}  test {measured[-1][2]:7.2f}")
    vae, vae_state, _ = vae_epoch(vae, vae_state, jax.random.fold_in(jax.random.key(2), epoch))
vae_log = np.array(measured)

# %% tags=["demo"]
pixel_mean = np.clip(np.asarray(x_train.mean(axis=0), dtype=float), 1e-3, 1 - 1e-3)
xt = np.asarray(x_test, dtype=float)
blind = (xt @ np.log(pixel_mean) + (1 - xt) @ np.log(1 - pixel_mean)).mean()
fig, (left, right) = panels(2, width=5.4, height=4.4)
log = vae_log
left.plot(1 + log[:, 0], log[:, 1], ".-", color=COLORS[0], label="training digits")
left.plot(1 + log[:, 0], log[:, 2], ".-", color=COLORS[1], label="test digits")
theory(left, 1 + log[:, 0], np.full(len(log), blind), "theory: best decoder that ignores z")
finish(left, "Evidence lower bound", "1 + epochs of training", "ELBO (nats per digit)", xscale="log")
latent_mean = np.asarray(encoder(vae, x_test)[0])
for digit in range(10):
    rows = np.asarray(data.y_test) == digit
    right.scatter(*latent_mean[rows].T, s=13, color=f"C{digit}", label=str(digit))
angle = np.linspace(0, 2 * np.pi, 200)
for radius in (1, 2):
    theory(right, radius * np.cos(angle), radius * np.sin(angle), "theory: prior, 1 and 2 std" if radius == 1 else None)
right.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
finish(right, "Where the encoder puts the test digits", "$z_1$", "$z_2$", legend=False, aspect="equal")

# %% [markdown]
# What the decoder makes of a walk through the plane (the steps are quantiles of the prior, so that each picture stands
# for the same probability), and some test digits with their reconstructions:

# %% tags=["demo"]
quantiles = jax.scipy.stats.norm.ppf(jnp.linspace(0.04, 0.96, 14))
plane = jnp.stack(jnp.meshgrid(quantiles, quantiles[::-1]), axis=-1).reshape(-1, 2)
tiles = np.asarray(jax.nn.sigmoid(perceptron(vae["decoder"], plane))).reshape(14, 14, 8, 8)
tiles = np.pad(tiles, ((0, 0), (0, 0), (1, 1), (2, 2)))  # white between the digits
fig, ax = panels(1, width=5.8, height=5.0)
ax.imshow(tiles.transpose(0, 2, 1, 3).reshape(14 * 10, 14 * 12), cmap="gray_r", vmin=0, vmax=1)
ax.grid(False)
finish(ax, "Decoded plane", "$z_1$ (quantiles of the prior)", "$z_2$", xticks=[], yticks=[])
shown = jnp.array([int(np.flatnonzero(np.asarray(data.y_test) == digit)[0]) for digit in range(8)])
rebuilt = jax.nn.sigmoid(perceptron(vae["decoder"], encoder(vae, x_test[shown])[0]))
captions = [f"test {d}" for d in range(8)] + ["rebuilt"] * 8
gallery = digit_gallery(jnp.concatenate([x_test[shown], rebuilt]), captions)

# %% [markdown]
# **Reflect.** Which digits share a border in the plane, and do the rebuilt pictures of these two get confused? The
# right-hand plot shows the encoder's *means*: should their cloud match the prior's circles, be narrower, or be wider?
# (What else adds to the spread of $z$ when a digit is encoded?)

# %% [markdown] instructor=true
# The sum over the data of q(z|x) should match the prior; its variance is that of the means plus the mean of sigma^2,
# so the means alone are a little narrower if the match is perfect (here sigma is about 0.1 to 0.3; the cloud is often
# wider than the prior, since a small training set pays little KL for spreading out). Training and test curves part:
# 1500 images, 33 600 weights.

# %% [markdown] question="iwae" points=3 minutes=20 difficulty="**" needs="gaussian"
# ## 4. A tighter bound
#
# One sample gives a bound, and the bound is loose wherever $q(z|x)$ is not the true posterior. With $K$ samples there
# is a better one (Burda, Grosse and Salakhutdinov 2016, equation 8): average the *importance weights* before taking
# the logarithm. For one example $x$,
#
# $$\mathcal L_K = \log\frac1K\sum_{k=1}^K w_k, \qquad
# \log w_k = \log p(x|z_k) + \log p(z_k) - \log q(z_k|x), \qquad z_k = \mu(x)+\sigma(x)\,\varepsilon_k .$$
#
# Averaged over the noise, $\mathcal L_1$ is the ELBO, $\mathcal L_K$ never falls as $K$ grows, and it tends to $\log p(x)$. Both
# $\log p(z)$ (the prior $\mathcal N(0,I)$) and $\log q$ are log-densities **at the sample** here; the closed form of
# question 1 has no place in an importance weight. For images larger than ours the $\log w_k$ are of the order of $-1000$,
# and $e^{-1000}$ is 0 in float32: where must the logarithm of the sum be taken with care?
#
# $\varepsilon$ is `eps` with one leading axis more, for the $K$ samples; `encode` and `log_likelihood` are as in
# question 3 (`log_likelihood` takes one sample per example at a time: call it in a loop over $k$, or through
# `jax.vmap`).
#
# *About 20 minutes, difficulty \*\*, 3 points. You may call your functions of question 1.*


# %% solution="iwae"
def iwae_bound(
    params: Params,
    x: Float[Array, "batch pixels"],
    eps: Float[Array, "samples batch latents"],
    encode: Callable,
    log_likelihood: Callable,
) -> Float[Array, " batch"]:
    """Importance-weighted bound on log p(x) of each example, in nats.

    Args:
        params: parameters of both networks, passed on to encode and log_likelihood.
        x: one example per row, float32.
        eps: standard normal noise; eps[k, i] belongs to sample k of example i; K >= 1 samples; float32.
        encode: encode(params, x) -> (mean, log_var), each of shape (batch, latents); log_var = log sigma^2.
        log_likelihood: log_likelihood(params, x, z) -> log p(x | z) of shape (batch,), for z of shape (batch, latents).

    Returns:
        log((w_1 + ... + w_K) / K) for each example, shape (batch,), float32; right for log w from -5000 to 5000.
        Example: encode gives mean 0 and log_var 0 (so q is the prior), log_likelihood is z, eps is [[[0.]], [[log 3]]]:
        the weights are 1 and 3, the bound is [log 2] = [0.693147].
    """
    ### BEGIN SOLUTION
    mean, log_var = encode(params, x)

    def log_weight(noise):
        z = reparametrise(mean, log_var, noise)
        # log p(z) - log q(z|x): the constants log 2 pi cancel, and (z - mean)^2 / sigma^2 is noise^2.
        log_ratio = 0.5 * jnp.sum(noise**2 + log_var - z**2, axis=1)
        return log_likelihood(params, x, z) + log_ratio

    return jax.nn.logsumexp(jax.vmap(log_weight)(eps), axis=0) - jnp.log(len(eps))
    ### END SOLUTION


# %% check="iwae"
as_prior = lambda params, x: (jnp.zeros((len(x), 1)), jnp.zeros((len(x), 1)))
plus_z = lambda params, x, z: params + z[:, 0]
two_samples = jnp.array([[[0.0], [0.0]], [[np.log(3.0)], [0.0]]])
bound_check = jnp.asarray(iwae_bound(0.0, jnp.zeros((2, 1)), two_samples, as_prior, plus_z))
assert np.shape(bound_check) == (2,), "one bound per example"
assert abs(float(bound_check[0]) - 0.693147) < 1e-4, (
    "weights 1 and 3: log of their mean, log 2 = 0.6931. 0.5493: mean of the logs; 1.3863: log of the sum; "
    "0.4055: an average over the examples as well, or the largest weight alone"
)
assert abs(float(bound_check[1])) < 1e-4, "the second example's weights are 1 and 1: log 1 = 0. Each example has its own average"
far_check = jnp.asarray(iwae_bound(-1000.0, jnp.zeros((2, 1)), two_samples, as_prior, plus_z))
assert abs(float(far_check[0]) + 999.306853) < 1e-2, "log-weights near -1000: subtract the largest before you exponentiate"
narrow = lambda params, x: (jnp.array([[1.0, 0.0]]), jnp.array([[-2.0 * np.log(2.0), 0.0]]))
one_check = jnp.asarray(iwae_bound(0.0, jnp.zeros((1, 1)), jnp.array([[[2.0, 0.0]]]), narrow, plus_z))
assert abs(float(one_check[0]) - 1.306853) < 1e-4, (
    "first latent: mean 1, sigma 1/2, eps 2: z = 2, log p(x|z) = 2, log p(z)/q(z) = (4 - 4)/2 - log 2; second: z = eps = 0, "
    "log p(z)/q(z) = 0; together 1.3069. 1.1819: the closed form in the weight; 1.6534: a mean over the latents"
)
compiled_check = jax.jit(lambda eps: jnp.asarray(iwae_bound(0.0, jnp.zeros((2, 1)), eps, as_prior, plus_z)))(two_samples)
assert np.allclose(compiled_check, bound_check, atol=1e-4), "jax.jit must not change the result: the plots compile this function"

# %% [markdown]
# With two latents the integral that "nobody can do" *can* be done: on a fine grid over the plane,
# $\log p(x) = \log\int p(x|z)\,p(z)\,dz$ to many digits. So here is the truth for your VAE, and your bounds against it.
#
# **Predict.** How many nats lie between the ELBO ($K=1$) and the truth? Once the weights are well-behaved the gap
# shrinks like a power of $K$: which? (Expand the logarithm of an average of $K$ weights around its mean.)

# %% tags=["demo"]
axis = jnp.linspace(-5.0, 5.0, 201)
grid = jnp.stack(jnp.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
cell = float(axis[1] - axis[0])
grid_logits = perceptron(vae["decoder"], grid)
grid_offset = (-0.5 * (grid**2).sum(axis=1) - jnp.log(2 * jnp.pi) - jax.nn.softplus(grid_logits).sum(axis=1)
               + 2 * jnp.log(cell))
some_digits = x_test[:50]
truth = jnp.concatenate([jax.nn.logsumexp(part @ grid_logits.T + grid_offset, axis=1) for part in jnp.split(some_digits, 5)])
print(f"log p(x) by quadrature, mean of {len(some_digits)} test digits: {float(truth.mean()):.2f} nats")

samples_tried = [1, 4, 16, 64]
bound_of = jax.jit(lambda x, noise: iwae_bound(vae, x, noise, encoder, pixel_score))
mean_bound, bound_error = [], []
for K in samples_tried:
    repeats = 32 if K < 32 else 6
    noise = jax.random.normal(jax.random.key(K), (K, repeats * 50, 2))
    bounds = bound_of(jnp.tile(some_digits, (repeats, 1)), noise)
    per_repeat = np.asarray(bounds).reshape(repeats, 50).mean(axis=1)
    mean_bound.append(per_repeat.mean())
    bound_error.append(per_repeat.std() / np.sqrt(repeats))
    print(f"K = {K:3d}: {mean_bound[-1]:7.3f} +- {bound_error[-1]:.3f}   gap {float(truth.mean()) - mean_bound[-1]:.3f}")

# %% [markdown]
# The power is easier to see where the weights are tame: a linear-Gaussian model of one latent, $x\,|\,z\sim\mathcal
# N(z, 1)$, in which everything is known: $\log p(x)$, the posterior $\mathcal N(x/2, 1/2)$, and so the variance of the
# weights for any proposal. The proposal below has the right mean and the variance 0.8 in place of 0.5.

# %% tags=["demo"]
def gaussian_score(params, x, z):
    """log N(x; z, 1)."""
    return -0.5 * (x[:, 0] - z[:, 0]) ** 2 - 0.5 * jnp.log(2 * jnp.pi)


too_wide = lambda params, x: (x / 2, jnp.full_like(x, np.log(0.8)))
repeats = 50_000
same_x = jnp.full((repeats, 1), 0.7)
exact = -0.25 * 0.7**2 - 0.5 * np.log(4 * np.pi)  # x ~ N(0, 2)
gaussian_bound = jax.jit(lambda noise: iwae_bound(None, same_x, noise, too_wide, gaussian_score))
gaps, gap_errors, few = [], [], np.array([1, 2, 4, 8])
for K in few:
    noise = jax.random.normal(jax.random.key(int(K)), (int(K), repeats, 1))
    bounds = np.asarray(gaussian_bound(noise), dtype=float)
    gaps.append(exact - bounds.mean())
    gap_errors.append(2 * bounds.std() / np.sqrt(repeats))
# E w^2 / (E w)^2 = s / (v sqrt(2/v - 1/s^2)) with posterior variance v = 0.5 and proposal variance s^2 = 0.8
relative_variance = np.sqrt(0.8) / (0.5 * np.sqrt(2 / 0.5 - 1 / 0.8)) - 1
fig, (left, right) = panels(2, width=5.2)
left.errorbar(samples_tried, mean_bound, 2 * np.array(bound_error), fmt="o", color=COLORS[0], label="your bound")
theory(left, samples_tried, np.full(len(samples_tried), float(truth.mean())), "theory: log p(x) by quadrature")
finish(left, "Your VAE, 50 test digits", "samples K", "bound (nats per digit)", xscale="log")
right.errorbar(few, gaps, gap_errors, fmt="o", color=COLORS[0], label="log p(x) - bound")
theory(right, few, relative_variance / (2 * few), "theory: relative variance of w / 2K")
finish(right, "Linear-Gaussian model", "samples K", "gap (nats)", xscale="log", yscale="log")

# %% [markdown]
# **Reflect.** By how many nats did the ELBO underrate your VAE? On the right the measured gap at $K=1$ is *not* on the
# line: what is it there exactly, and why does the expansion fail? The digits' gap falls more slowly than $1/K$: what
# does that tell about their weights?

# %% [markdown] instructor=true
# At K = 1 the gap is KL(q || posterior) = (0.8/0.5 - 1 - log(0.8/0.5))/2 = 0.065; the expansion log(1 + u) = u - u^2/2
# needs small u, so K large against the relative variance (0.079 here: Domke and Sheldon 2018; Maddison et al. 2017).
# For digits the posterior is often no Gaussian (bent, or two-humped between classes): proposals that miss a part of it
# have weights of huge, even infinite, variance, and the gap falls more slowly.

# %% [markdown] question="gan_losses" points=2 minutes=10 difficulty="*"
# ## 5. Two players, three losses
#
# A GAN has no likelihood at all. A discriminator $D=\sigma(\ell)$ is trained to give the probability that its input is
# real; the generator is trained to fool it (Goodfellow et al. 2014). All three losses are to be *minimised*:
#
# $$\mathcal L_D = -\frac1{B}\sum_{i=1}^{B}\log\sigma(\ell^{\text{real}}_i)
# - \frac1{B'}\sum_{i=1}^{B'}\log\bigl(1-\sigma(\ell^{\text{fake}}_i)\bigr),$$
# $$\mathcal L_G^{\text{sat}} = \frac1{B'}\sum_{i=1}^{B'}\log\bigl(1-\sigma(\ell^{\text{fake}}_i)\bigr), \qquad
# \mathcal L_G^{\text{non-sat}} = -\frac1{B'}\sum_{i=1}^{B'}\log\sigma(\ell^{\text{fake}}_i).$$
#
# The logits $\ell$ are `real_logits` and `fake_logits`, of batches that may differ in size ($B$ and $B'$); the two
# averages of $\mathcal L_D$ are added, not averaged again. The first generator loss plays the zero-sum game, the
# second is what everybody trains with; the plot shows why. A good discriminator's logits are large: losses *and
# gradients* must be right at $\pm900$.
#
# *About 10 minutes, difficulty \*, 2 points.*


# %% solution="gan_losses"
def discriminator_loss(real_logits: Float[Array, " real"], fake_logits: Float[Array, " fake"]) -> Float[Array, ""]:
    """Cross-entropy of the discriminator: mean over real examples plus mean over fake ones, in nats.

    Args:
        real_logits: discriminator's log-odds of "real" on real examples, any size up to +-900, float32.
        fake_logits: the same on the generator's examples.

    Returns:
        A scalar >= 0, differentiable by jax.grad. Example: real [0.], fake [0.]: 2 log 2 = 1.386294.
    """
    ### BEGIN SOLUTION
    return jax.nn.softplus(-real_logits).mean() + jax.nn.softplus(fake_logits).mean()
    ### END SOLUTION


def saturating_loss(fake_logits: Float[Array, " fake"]) -> Float[Array, ""]:
    """Generator loss of the zero-sum game, mean of log(1 - sigma(logit)).

    Args:
        fake_logits: discriminator's log-odds of "real" on the generator's examples, any size up to +-900, float32.

    Returns:
        A scalar <= 0, differentiable by jax.grad. Example: [2.]: -log(1 + e^2) = -2.126928.
    """
    ### BEGIN SOLUTION
    return -jax.nn.softplus(fake_logits).mean()
    ### END SOLUTION


def nonsaturating_loss(fake_logits: Float[Array, " fake"]) -> Float[Array, ""]:
    """Generator loss used in practice, mean of -log sigma(logit).

    Args:
        fake_logits: discriminator's log-odds of "real" on the generator's examples, any size up to +-900, float32.

    Returns:
        A scalar >= 0, differentiable by jax.grad. Example: [2.]: log(1 + e^-2) = 0.126928.
    """
    ### BEGIN SOLUTION
    return jax.nn.softplus(-fake_logits).mean()
    ### END SOLUTION


# %% check="gan_losses"
assert abs(float(discriminator_loss(jnp.zeros(3), jnp.zeros(2))) - 1.386294) < 1e-4, (
    "not knowing costs log 2 on real and log 2 on fake examples, and they are added: 1.3863"
)
assert abs(float(discriminator_loss(jnp.array([2.0, 2.0, 2.0]), jnp.array([1.0]))) - 1.440190) < 1e-4, (
    "three real examples at logit 2, one fake at 1: 1.4402. 2.4402: real and fake are mixed up; 0.8470: one mean over all four"
)
assert abs(float(saturating_loss(jnp.array([2.0]))) + 2.126928) < 1e-4, "log(1 - sigma(2)) = -2.1269; mind the sign"
assert abs(float(nonsaturating_loss(jnp.array([2.0]))) - 0.126928) < 1e-4, "-log sigma(2) = 0.1269"
assert float(saturating_loss(jnp.array([900.0]))) == -900.0, "at a logit of 900 the saturating loss is -900, not -inf"
assert abs(float(jax.grad(nonsaturating_loss)(jnp.array([-900.0]))[0]) + 1.0) < 1e-4, (
    "a fake that is found out for sure (-900) still pulls with slope -1. NaN: an overflow in the gradient; 0: saturated"
)

# %% [markdown]
# **Predict.** Early in training the discriminator recognises every fake: $\ell^{\text{fake}}\approx-10$. How large is
# the slope of each generator loss there? Do the two losses agree anywhere on the strength of the pull?

# %% tags=["demo"]
logit_axis = jnp.linspace(-12.0, 12.0, 241)
fig, (left, right) = panels(2)
for color, (name, loss_of) in zip(COLORS, [("saturating", saturating_loss), ("non-saturating", nonsaturating_loss)],
                                  strict=False):
    values, slopes = jax.vmap(jax.value_and_grad(lambda t, loss_of=loss_of: loss_of(t[None])))(logit_axis)
    left.plot(logit_axis, values, color=color, label=name)
    right.plot(logit_axis, -slopes, color=color, linewidth=4, alpha=0.55)
theory(right, logit_axis, 1 / (1 + np.exp(-logit_axis)))
theory(right, logit_axis, 1 / (1 + np.exp(logit_axis)), r"theory: $\sigma(\ell)$ and $\sigma(-\ell)$")
finish(left, "Generator's loss", r"logit $\ell$ of a fake", "loss (nats)")
finish(right, "Its pull towards larger logits", r"logit $\ell$ of a fake", "minus slope", yscale="log")

# %% [markdown]
# **Reflect.** At $\ell=-10$ and at $\ell=+10$: which loss pulls hardest on the fakes that are *worst*, and which spends
# its gradient on fakes that already pass for real? Does the non-saturating game still have the zero-sum value
# $2\,\mathrm{JSD}-\log4$ (which the homework derives)?

# %% [markdown] instructor=true
# At -10: 4.5e-5 against 1; at +10 the other way round; both 1/2 at 0. Saturating polishes what is good already. The
# fixed point is the same, but the non-saturating generator minimises another divergence (with the optimal D its
# gradient is that of KL(p_g || p) - 2 JSD: Arjovsky and Bottou 2017), so the value is not that of the zero-sum game.

# %% [markdown] question="gradient_penalty" points=3 minutes=25 difficulty="***"
# ## 6. A critic with slope one
#
# Where the real and the made points do not overlap, a perfect discriminator exists, and its gradient says nothing. The
# Wasserstein distance still does: $W_1 = \sup_{\|c\|_{\text{Lip}}\le1} \mathbb E\,c(x_{\text{real}}) - \mathbb
# E\,c(x_{\text{fake}})$. Gulrajani et al. (2017) train the critic $c$ for it and *penalise* slopes that are not 1, at
# points on the segments between real and fake:
#
# $$\hat x_i = m_i\,x^{\text{real}}_i + (1-m_i)\,x^{\text{fake}}_i, \qquad
# P = \frac1B\sum_{i=1}^B\bigl(\|\nabla_{\hat x} c(\hat x_i)\|_2 - 1\bigr)^2,$$
# $$\mathcal L_c = \frac1B\sum_i c(x^{\text{fake}}_i) - \frac1B\sum_i c(x^{\text{real}}_i) + \lambda P .$$
#
# `real` and `fake` are batches of the same size; $m$ is `mix`: **one** number in $[0,1]$ for each example, not one
# for the batch and not one per coordinate. The gradient is taken with respect to the *input* of the critic, and its
# norm is taken for each example before anything is averaged. In `gradient_penalty` the critic is a function
# `critic(x)` of the points alone; in `critic_loss` it is `critic(params, x)`, and $\lambda$ is `strength`. A critic
# judges each row on its own. Training differentiates $\mathcal L_c$ once more, with respect to `params`: `jax.grad`
# of a `jax.grad` is fine. Put no epsilon under the root: where a slope is exactly 0 its norm has no derivative, and none is
# asked for.
#
# *About 25 minutes, difficulty \*\*\*, 3 points.*


# %% solution="gradient_penalty"
def gradient_penalty(
    critic: Callable, real: Float[Array, "batch n"], fake: Float[Array, "batch n"], mix: Float[Array, " batch"]
) -> Float[Array, ""]:
    """Mean of (|slope of the critic| - 1)^2 at one point on each segment from fake[i] to real[i].

    Args:
        critic: critic(x) -> scores, from shape (batch, n) to shape (batch,), for any batch >= 1; row by row.
        real: real points, one per row, float32.
        fake: made points, as many.
        mix: m_i in [0, 1], one per example: the weight of real[i].

    Returns:
        The penalty without its factor lambda, a scalar >= 0, differentiable by jax.grad in what the critic depends on.
        Example: critic(x) = |x|^2 / 2, real [[2., 0.]], fake [[0., 0.]], mix [0.25]: the slope at (0.5, 0) has norm
        0.5, the penalty is 0.25.
    """
    ### BEGIN SOLUTION
    between = mix[:, None] * real + (1.0 - mix[:, None]) * fake
    slope = jax.grad(lambda x: critic(x).sum())(between)  # row i of the sum's gradient is the gradient of score i
    return jnp.mean((jnp.linalg.norm(slope, axis=1) - 1.0) ** 2)
    ### END SOLUTION


def critic_loss(
    params: Params,
    critic: Callable,
    real: Float[Array, "batch n"],
    fake: Float[Array, "batch n"],
    mix: Float[Array, " batch"],
    strength: float,
) -> Float[Array, ""]:
    """Loss of the Wasserstein critic with gradient penalty, to be minimised over params.

    Args:
        params: parameters of the critic.
        critic: critic(params, x) -> scores, from shape (batch, n) to shape (batch,), row by row.
        real, fake, mix: as for `gradient_penalty`.
        strength: lambda >= 0 (10 in the paper).

    Returns:
        mean score of fake - mean score of real + lambda * penalty, a scalar, differentiable by jax.grad in params.
        Example: critic(params, x) = params * x[:, 0], params 3., real [[1.]], fake [[0.]], lambda 10: -3 + 40 = 37.
    """
    ### BEGIN SOLUTION
    penalty = gradient_penalty(lambda x: critic(params, x), real, fake, mix)
    return critic(params, fake).mean() - critic(params, real).mean() + strength * penalty
    ### END SOLUTION


# %% check="gradient_penalty"
bowl = lambda x: 0.5 * (x**2).sum(axis=-1)
pull_check = gradient_penalty(bowl, jnp.array([[1.0, 0.0]]), jnp.zeros((1, 2)), jnp.array([0.25]))
assert np.shape(pull_check) == (), "the penalty is one number, a mean over the batch"
assert abs(float(pull_check) - 0.5625) < 1e-4, (
    "at 1/4 real + 3/4 fake = (0.25, 0) the slope has norm 0.25: penalty 0.75^2 = 0.5625. 0.0625: m weighs the fake point; "
    "0.75: not squared; 0.7812: each partial derivative has its penalty"
)
cross_check = gradient_penalty(bowl, jnp.array([[3.0, 0.0], [-3.0, 0.0]]), jnp.zeros((2, 2)), jnp.array([1.0, 1.0]))
assert abs(float(cross_check) - 4.0) < 1e-4, (
    "slopes (3, 0) and (-3, 0) both have norm 3: penalty 4. 1: averaged over the batch before the norm was taken; "
    "0.25: the slope of the mean score; 10.5147: one norm for the batch; 8: a sum"
)
uneven = gradient_penalty(bowl, jnp.full((2, 2), 3.0), jnp.zeros((2, 2)), jnp.array([0.0, 1.0]))
assert abs(float(uneven) - (1 + (np.sqrt(18) - 1) ** 2) / 2) < 1e-3, (
    "each example has its own m: here fake[0] and real[1]. mix has shape (batch,): which axis does it broadcast along? "
    "(1.2574: the norms were averaged before they were compared with 1)"
)
line = lambda w, x: w * x[:, 0]
line_loss = lambda w: critic_loss(w, line, jnp.ones((1, 1)), jnp.zeros((1, 1)), jnp.zeros(1), 5.0)
assert abs(float(line_loss(jnp.array(3.0))) - 17.0) < 1e-3, (
    "0 - 3 + 5 (3 - 1)^2 = 17: the critic wants high scores for real points, and minimises. 37: lambda is an argument, "
    "not always 10; 2: the slope in w, not in x"
)
assert abs(float(jax.grad(line_loss)(jnp.array(3.0))) - 19.0) < 1e-3, (
    "the loss of this critic is -w + 5 (w - 1)^2, with slope 19 at w = 3. -1: nothing passes through the penalty, "
    "and so it trains nobody"
)

# %% [markdown]
# **Predict.** The simplest critic, $c(x)=wx$, between a batch of points and the same batch shifted by $\Delta$: then
# $W_1=\Delta$ exactly, reached by $w=1$. To which $w$ does your loss lead - 1, less, or more? (The penalty is no
# constraint: what does the loss gain by a slope a little above 1, and what does it pay?)

# %% tags=["demo"]
cloud = jax.random.normal(jax.random.key(3), (64, 1))
halves = jnp.full(64, 0.5)
straight = lambda w, x: w * x[:, 0]
loss_slope = jax.jit(jax.grad(lambda w, shift, strength: critic_loss(w, straight, cloud + shift, cloud, halves, strength)))
shifts = np.linspace(0.0, 6.0, 13)
fig, (left, right) = panels(2)
for color, strength in zip(COLORS, [1.0, 3.0, 10.0], strict=False):
    fitted = []
    for shift in shifts:
        w = jnp.array(0.5)
        for _ in range(40):
            w = w - 0.4 / strength * loss_slope(w, float(shift), strength)
        fitted.append(float(w))
    left.plot(shifts, fitted, "o", markersize=4, color=color, label=rf"$\lambda={strength:g}$")
    right.plot(shifts, shifts * np.array(fitted), "o", markersize=4, color=color)
    theory(left, shifts, 1 + shifts / (2 * strength), r"theory: $1+\Delta/2\lambda$" if strength == 10.0 else None)
    theory(right, shifts, shifts + shifts**2 / (2 * strength))
right.plot(shifts, shifts, color="grey", linewidth=1, label="$W_1$ itself")
finish(left, "Slope of the trained critic", r"shift $\Delta$", "w")
finish(right, "Score difference, real minus fake", r"shift $\Delta$", r"$w\Delta$")

# %% [markdown]
# **Reflect.** With $\lambda=10$, by how many per cent is $W_1$ overrated at $\Delta=6$? Does it matter for the
# generator, which follows only the *direction* of the critic's slope and its size? What happens to the bias as the
# generator gets better?

# %% [markdown] instructor=true
# w minimises -w Delta + lambda (w - 1)^2: w = 1 + Delta/(2 lambda); 30 % at Delta = 6. The direction is right and the
# slope of order 1 wherever the points are; the bias vanishes, to second order in Delta, as the generator comes close.

# %% [markdown] question="adversarial_round" points=3 minutes=25 difficulty="***"
# ## 7. Taking turns
#
# Adversarial training is no descent on one loss: two players move in turns, each on its own loss, each seeing the
# other as it stands **now**. One round of Wasserstein training (Gulrajani et al. 2017, algorithm 1) lets the critic
# $\psi$ learn first, with several batches, and then moves the generator $\theta$ once:
#
# $$\psi \leftarrow \psi - \text{step}\bigl(\nabla_\psi\,\mathcal L_{\text{critic}}(\psi,\theta;\,b)\bigr)
# \ \text{ for each batch } b \text{ in turn}, \qquad
# \theta \leftarrow \theta - \text{step}\bigl(\nabla_\theta\,\mathcal L_{\text{gen}}(\theta,\psi;\,b')\bigr).$$
#
# A GAN's round is the same with other losses, so write it once for all: `critic_loss(critic_params, generator_params,
# batch)` and `generator_loss(generator_params, critic_params, batch)` return scalars - each player's own parameters
# come **first**, and each is differentiated with respect to its own alone. The batches $b$ are the list
# `critic_batches`, $b'$ is `generator_batch` (pass them on as they are). Each player has an optax optimizer and its
# state, used as in question 3; **in every pair the generator comes first**: `optimizers = (generator's, critic's)`,
# and so `states`.
#
# *About 25 minutes, difficulty \*\*\*, 3 points.*


# %% solution="adversarial_round"
def adversarial_round(
    generator_params: Params,
    critic_params: Params,
    states: tuple[Any, Any],
    critic_loss: Callable,
    generator_loss: Callable,
    critic_batches: list,
    generator_batch: Any,
    optimizers: tuple[optax.GradientTransformation, optax.GradientTransformation],
) -> tuple[Params, Params, tuple[Any, Any]]:
    """One round of alternating training: one critic update per critic batch, then one generator update.

    Args:
        generator_params, critic_params: theta and psi at the start of the round.
        states: (state of the generator's optimizer, state of the critic's).
        critic_loss: critic_loss(critic_params, generator_params, batch) -> scalar that the critic minimises.
        generator_loss: generator_loss(generator_params, critic_params, batch) -> scalar that the generator minimises.
        critic_batches: one batch per critic update, used in this order; at least one, all of the same structure and shapes.
        generator_batch: the batch of the generator's update, which sees the critic after all its updates.
        optimizers: (generator's, critic's) optax optimizers.

    Returns:
        (generator_params, critic_params, states) after the round, states in the order they came in.
        Example: both losses critic * generator (each a number), one critic batch, both optimizers optax.sgd(0.1), start
        generator 2., critic 1.: critic 1 - 0.1 * 2 = 0.8, then generator 2 - 0.1 * 0.8 = 1.92.
    """
    ### BEGIN SOLUTION
    generator_optimizer, critic_optimizer = optimizers
    generator_state, critic_state = states
    for batch in critic_batches:
        gradient = jax.grad(critic_loss)(critic_params, generator_params, batch)
        updates, critic_state = critic_optimizer.update(gradient, critic_state, critic_params)
        critic_params = optax.apply_updates(critic_params, updates)
    gradient = jax.grad(generator_loss)(generator_params, critic_params, generator_batch)
    updates, generator_state = generator_optimizer.update(gradient, generator_state, generator_params)
    generator_params = optax.apply_updates(generator_params, updates)
    return generator_params, critic_params, (generator_state, critic_state)
    ### END SOLUTION


# %% check="adversarial_round"
both_sgd = (optax.sgd(0.1), optax.sgd(0.1))
both_states = tuple(o.init(jnp.array(0.0)) for o in both_sgd)
product = lambda own, other, batch: batch * own * other
theta_check, psi_check, _ = adversarial_round(
    jnp.array(2.0), jnp.array(1.0), both_states, product, product, [1.0], 1.0, both_sgd
)
assert abs(float(psi_check) - 0.8) < 1e-5, (
    "critic: 1 - 0.1 * 2 = 0.8. 1.2: it climbs; 0.81: the generator moved first; 1.92: the generator is returned first"
)
assert abs(float(theta_check) - 1.92) < 1e-5, (
    "generator: 2 - 0.1 * 0.8 = 1.92. With 1.9 it has not seen the critic's update: turns, not both at once"
)
square = lambda own, other, batch: 0.5 * batch * own**2 * other
theta_check, psi_check, _ = adversarial_round(
    jnp.array(2.0), jnp.array(1.0), both_states, square, product, [1.0, 10.0], 3.0, both_sgd
)
assert abs(float(psi_check) + 0.8) < 1e-5, (
    "critic loss batch * critic^2 * generator / 2, batches 1 and 10: 1 - 0.2 = 0.8, then 0.8 - 1.6 = -0.8. -1.2: both slopes "
    "taken at the start; -0.1: one update for both batches; 0.64: the first batch twice; -0.608: the generator did not wait"
)
assert abs(float(theta_check) - 2.24) < 1e-5, "the generator has a batch of its own: 2 + 0.1 * 3 * 0.8 = 2.24. 2.8: the critic's"
two_paces = (optax.sgd(0.1, momentum=0.5), optax.sgd(0.2, momentum=0.5))
players = (jnp.array(2.0), jnp.array(1.0), tuple(o.init(jnp.array(0.0)) for o in two_paces))
players = adversarial_round(*players, product, product, [1.0], 1.0, two_paces)
assert abs(float(players[1]) - 0.6) < 1e-5, "critic: 1 - 0.2 * 2 = 0.6. 0.8: it has the generator's optimizer, which comes first"
players = adversarial_round(*players, product, product, [1.0], 1.0, two_paces)
assert abs(float(players[1]) - 0.012) < 1e-5, (
    "a second round, with momentum: critic 0.012. With 0.212 its optimizer has forgotten the first round"
)
assert abs(float(players[0]) - 1.9088) < 1e-5, (
    "generator: 1.9088. With 1.9388 its optimizer has forgotten the first round: return both states, in their order"
)

# %% [markdown]
# Eight small Gaussians on a ring, and three games with the same generator, the same size of critic and the same schedule
# of five critic updates per round: a GAN with the saturating loss, a GAN with the non-saturating one, and a Wasserstein
# GAN with gradient penalty. (Real training would draw new batches for ever; so does this.)
#
# **Predict.** How many of the eight islands will each generator populate after 600 rounds, and how evenly? What
# will lie *between* the islands: a generator is continuous, and its input is one connected cloud.

# %% tags=["demo"]
ISLANDS = 2.0 * np.stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)], axis=1)
ISLAND_STD, BATCH = 0.1, 128


def draw_real(key, shape):
    """Points of the mixture, shape (*shape, 2): eight Gaussians of equal weight on a circle of radius 2."""
    which, where = jax.random.split(key)
    centers = jnp.asarray(ISLANDS)[jax.random.randint(which, shape, 0, 8)]
    return centers + ISLAND_STD * jax.random.normal(where, (*shape, 2))


def score_points(params, x):
    """Logit of a discriminator, score of a critic: shape (batch,)."""
    return perceptron(params, x)[:, 0]


def gan_critic(psi, theta, batch):
    """Discriminator's loss of question 5."""
    real, noise, _ = batch
    return discriminator_loss(score_points(psi, real), score_points(psi, perceptron(theta, noise)))


def gan_generator(theta, psi, batch):
    """Non-saturating loss of question 5."""
    return nonsaturating_loss(score_points(psi, perceptron(theta, batch[1])))


def zero_sum_generator(theta, psi, batch):
    """Saturating loss of question 5."""
    return saturating_loss(score_points(psi, perceptron(theta, batch[1])))


def wgan_critic(psi, theta, batch):
    """Critic's loss of question 6, with lambda = 1: the ring is small, and a soft penalty learns faster."""
    real, noise, mix = batch
    return critic_loss(psi, score_points, real, perceptron(theta, noise), mix, 1.0)


def wgan_generator(theta, psi, batch):
    """The generator wants high scores."""
    return -score_points(psi, perceptron(theta, batch[1])).mean()


def islands_reached(points):
    """(share of the points on each island, share on none): a point is on an island within 3 standard deviations."""
    distance = np.linalg.norm(np.asarray(points)[:, None] - ISLANDS[None], axis=2)
    on = (distance < 3 * ISLAND_STD).mean(axis=0)
    return on, 1 - on.sum()


def compete(name, losses, rounds=600, critic_updates=5):
    """Train generator and critic; returns 2000 points, the share of each island, and a log of
    (round, islands with more than 2 % of the points, share of points on no island).
    """
    adam = optax.adam(2e-3, b1=0.5, b2=0.9)
    theta = random_perceptron(jax.random.key(10), [2, 64, 64, 2])
    psi = random_perceptron(jax.random.key(11), [2, 64, 64, 1])
    players = (theta, psi, (adam.init(theta), adam.init(psi)))

    def one_round(players, key):
        a, b, c = jax.random.split(key, 3)
        shape = (critic_updates + 1, BATCH)
        real, noise = draw_real(a, shape), jax.random.normal(b, (*shape, 2))
        *critic_batches, last = list(zip(real, noise, jax.random.uniform(c, shape), strict=True))
        return adversarial_round(*players, *losses, critic_batches, last, (adam, adam)), None

    some = jax.jit(lambda players, key: jax.lax.scan(one_round, players, jax.random.split(key, 50))[0])
    fixed_noise = jax.random.normal(jax.random.key(12), (2000, 2))
    history = []
    for block in range(rounds // 50):
        players = some(players, jax.random.key(100 + block))
        points = perceptron(players[0], fixed_noise)
        on, between = islands_reached(points)
        history.append((50 * (block + 1), int((on > 0.02).sum()), between))
        if (block + 1) % 4 == 0:
            print(f"{name:14s}  round {history[-1][0]:4d}  islands {history[-1][1]}  on no island {between:.0%}")
    return np.asarray(points), on, np.array(history)


games = {
    "GAN, saturating": compete("GAN, saturating", (gan_critic, zero_sum_generator)),
    "GAN": compete("GAN", (gan_critic, gan_generator)),
    "WGAN-GP": compete("WGAN-GP", (wgan_critic, wgan_generator)),
}

# %% tags=["demo"]
fig, axes = panels(3, width=3.4, height=3.5)
for ax, color, (name, (points, _, _)) in zip(axes, COLORS, games.items(), strict=False):
    ax.scatter(*points.T, s=2, alpha=0.35, color=color)
    for island in ISLANDS:
        theory(ax, island[0] + 3 * ISLAND_STD * np.cos(angle), island[1] + 3 * ISLAND_STD * np.sin(angle))
    finish(ax, name, "$x_1$", "$x_2$", xlim=(-3, 3), ylim=(-3, 3), aspect="equal")
fig, (left, right) = panels(2)
for color, (name, (_, on, history)) in zip(COLORS, games.items(), strict=False):
    left.plot(history[:, 0], history[:, 1], color=color, label=name)
    right.plot(np.arange(8), on, "o", color=color)
theory(right, np.arange(8), np.full(8, (1 - np.exp(-4.5)) / 8), "theory: share of each island")
finish(left, "Islands with more than 2 % of the points", "round", "islands", ylim=(0, 8.5))
finish(right, "At the end", "island", "share of the points", ylim=(0, None))

# %% [markdown]
# **Reflect.** Which game finds all islands, and which islands do the others starve? Question 5 said that the
# saturating loss hardly pulls on fakes that are found out: can you see it on the left, and what does Adam, which divides
# a gradient by its own size, do about it? Look between the islands: why can no generator avoid those points altogether?

# %% [markdown] instructor=true
# In our run the saturating GAN stays between one and five islands, the GAN wanders between five and seven, and WGAN-GP
# holds all eight from round 400 on. Training is chaotic: another machine, key or number of critic
# updates changes the counts by one or two (with three updates per round the GAN found all eight, too), so judge by
# several keys. A discriminator judges points one by one: little in a GAN's loss tells that an island is missing once
# the others look right (mode collapse), whereas the critic's slope carries mass to wherever it is missing. Adam turns a
# small gradient into a step of the usual size, noise included: that is why the saturating game moves at all. The image
# of a connected cloud under a continuous map is connected: bridges are unavoidable. Theory, right: a 2-D Gaussian lies
# within 3 standard deviations with probability 1 - e^(-9/2).
