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
# # Week 5 homework: the infinitely wide network
#
# A network with infinitely many hidden units is simpler than one with ten: at the start it is a Gaussian process, in
# training it is kernel regression, and both kernels are known in closed form. You compute them, let them read digits,
# find what such a network can learn and how fast (and what it never learns), predict the mean and the spread of an
# ensemble of trained networks, and then take the first step *out* of the limit: the change of the kernel in one step of
# gradient descent, exactly.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 5.1 | Two Gaussian expectations | 4 | 35 | * |
# | 5.2 | The kernels of a deep network | 5 | 40 | ** |
# | 5.3 | What is learned on a circle, and when | 4 | 40 | ** |
# | 5.4 | An ensemble without training it | 5 | 40 | ** |
# | 5.5 | The kernel takes a step | 4 | 45 | *** |
# | 5.6, 5.7 | Two arguments in words | 4 + 4 | 35 + 35 | ** |
#
# **Conventions.** Tests pass single precision JAX arrays and Python numbers; the figures pass NumPy arrays in `float64`,
# too. In the examples, lists and numbers stand for arrays. Single precision, in which JAX works here, is good enough where
# nothing else is said. Where more digits are needed, use NumPy in `float64` (convert the arrays first, with
# `np.asarray(x, np.float64)`), or write `with jax.enable_x64(True):` inside your function. All functions are called with
# numbers and arrays of numbers, and none is traced: no test puts `jit`, `vmap` or `grad` around them.
#
# Where no accuracy is named, each array that you return is compared with a tolerance of $10^{-3}$ of its own largest
# entry. It may be of any precision. A scalar may be a Python number or an array of shape `()`, and a list of numbers
# counts as an array. The figures of 5.3 and 5.4 use your answer to 5.2: run its cells first.

# %%
from course_lib.checks import open_checks

grader = open_checks("week05/homework")

# %%
import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from course_lib.data import digits
from course_lib.plots import COLORS, finish, panels, theory

on_circle = lambda a: np.stack([np.cos(a), np.sin(a)], axis=-1)  # inputs at these angles, for the figures

# %% [markdown] question="gaussian" points=4 minutes=35 difficulty="*"
# ## 5.1 Two Gaussian expectations
#
# All kernels of this week are built from two averages over a pair of Gaussian variables $(u,v)$ with mean 0, variances
# $S_{11},S_{22}$ and covariance $S_{12}$: that of a product of activations, and that of a product of slopes. For the
# ReLU, with correlation $c=S_{12}/\sqrt{S_{11}S_{22}}$ (Cho and Saul 2009, whose kernels are twice these averages),
#
# $$\mathbb E\,u_+v_+=\tfrac12\sqrt{S_{11}S_{22}}\;\kappa_1(c),\quad \kappa_1(c)=\tfrac1\pi\bigl(\sqrt{1-c^2}+c\,(\pi-\arccos
# c)\bigr),$$
#
# $$\mathbb E\,1_{u>0}1_{v>0}=\tfrac12\,\kappa_0(c),\quad \kappa_0(c)=\tfrac1\pi(\pi-\arccos c).$$
#
# **Find** them for a leaky ReLU, $\phi(z)=\max(z,0)+a\min(z,0)$ with $-1\le a\le1$ (`leak`): $a=0$ is the ReLU, $a=1$
# the identity, $a=-1$ the modulus. No new integral is needed: write $\phi(z)$ with $z_+$ and $(-z)_+$, multiply
# out, and look at the correlation of $u$ with $-v$.
#
# Mind $|c|=1$, where the two inputs are parallel: rounding makes it 1.0000001, whose arc cosine is NaN.
#
# *About 35 minutes, difficulty \*.*


# %% solution="gaussian"
def leaky_expectations(
    S11: Float[Array, "..."], S12: Float[Array, "..."], S22: Float[Array, "..."], leak: float
) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    """Averages of products of leaky ReLUs and of their slopes over Gaussian pairs.

    Args:
        S11, S22: variances of u and v, arrays of one shape (any, also ()), float32, from 1e-6 to 1e6.
        S12: covariances, of the same shape; |S12| is at most the root of S11 S22, up to rounding.
        leak: a, from -1 to 1.

    Returns:
        (E phi(u) phi(v), E phi'(u) phi'(v)), two arrays of that shape, each to 1e-3 of its largest entry; arguments of shape
        () have a correlation between -0.9 and 0.9.
        Example: S11 = 4, S12 = 1, S22 = 1, leak 0: (0.608998, 0.333333); leak 0.5: (0.652249, 0.583333).
    """
    ### BEGIN SOLUTION
    S11, S12, S22 = (np.asarray(S, np.float64) for S in (S11, S12, S22))
    scale = np.sqrt(S11 * S22)
    c = np.clip(S12 / scale, -1.0, 1.0)
    kappa0 = lambda c: (np.pi - np.arccos(c)) / np.pi
    kappa1 = lambda c: (np.sqrt(1 - c**2) + c * (np.pi - np.arccos(c))) / np.pi
    # phi(z) = z_+ - a (-z)_+, phi'(z) = 1_{z > 0} + a 1_{-z > 0}; (-u, -v) has the correlation of (u, v).
    values = scale / 2 * ((1 + leak**2) * kappa1(c) - 2 * leak * kappa1(-c))
    slopes = (1 + leak**2) / 2 * kappa0(c) + leak * kappa0(-c)
    return values, slopes
    ### END SOLUTION


# %% check="gaussian"
_values, _slopes = leaky_expectations(jnp.array([4.0]), jnp.array([1.0]), jnp.array([1.0]), 0.0)
assert np.shape(_values) == (1,) and np.shape(_slopes) == (1,), "arrays of the shape of the arguments"
assert np.allclose(_values, [0.608998], atol=1e-3), (
    "c = 1/2: kappa_1 = 0.608998, times sqrt(4 * 1)/2. 0.304: the root of the variances is missing; 1.218: the half is missing"
)
assert np.allclose(_slopes, [1 / 3], atol=1e-3), (
    "c = 1/2: arccos is pi/3, kappa_0 = 2/3. 0.667: the half is missing; 0.167: pi - arccos"
)
_values, _slopes = leaky_expectations(jnp.array([4.0]), jnp.array([1.0]), jnp.array([1.0]), 0.5)
assert np.allclose(_values, [0.652249], atol=1e-3), (
    "a = 1/2: 0.652. 0.870: the mixed terms have the wrong sign, a negative part times a positive part is negative; 0.761: the "
    "mixed terms are missing"
)
assert np.allclose(_slopes, [0.583333], atol=1e-3), (
    "a = 1/2: 0.583. 0.250: the mixed terms have the wrong sign, the slopes 1 and a are both positive; 0.417: they are missing"
)
_values, _slopes = leaky_expectations(jnp.array([3.0, 3.0]), jnp.array([3.0, -3.0]), jnp.array([3.0, 3.0]), 0.0)
assert np.all(np.isfinite(_values)) and np.all(np.isfinite(_slopes)), "c = 1 and -1: clip the correlation before the arc cosine"
assert np.allclose(_values, [1.5, 0.0], atol=1e-3) and np.allclose(_slopes, [0.5, 0.0], atol=1e-3), (
    "u = v: half of the variance, and 1/2; u = -v: never both positive"
)
_values, _ = leaky_expectations(jnp.array([4.0]), jnp.array([1.0]), jnp.array([1.0]), 1.0)
assert np.allclose(_values, [1.0], atol=1e-3), "a = 1 is the identity: E u v = S12 = 1"

# %% [markdown] predict="gaussian"
# **Predict.** After a layer, the cosine between two inputs of equal length is $\mathbb E\phi(u)\phi(v)/\mathbb
# E\phi(u)^2$. Which $a$ brings two inputs at a right angle closest together? And which of these activations treats an
# input and its negative alike?

# %% [markdown] answer="gaussian"
# The modulus, $a=-1$: at $c=0$ this is $(\mathbb E|u|)^2=2/\pi=0.64$, for the ReLU $1/\pi=0.32$, for the identity 0.
# And the modulus treats $x$ and $-x$ alike: its curve is symmetric in $c$.

# %% tags=["demo"]
rng = np.random.default_rng(5)
correlations = np.linspace(-1, 1, 201)
fig, (left, right) = panels(2, width=5.0, height=3.6)
u, w = rng.normal(size=(2, 20000))
for color, leak in zip(COLORS, (0.0, 0.5, 1.0, -1.0), strict=False):
    ones = np.ones_like(correlations)
    values, slopes = leaky_expectations(ones, correlations, ones, leak)
    for c in np.linspace(-1, 1, 11):
        v = c * u + np.sqrt(max(1 - c * c, 0)) * w
        act = lambda z, a=leak: np.maximum(z, 0) + a * np.minimum(z, 0)
        mark = {"color": color, "marker": "o", "markersize": 4, "linestyle": "none"}
        norm = (1 + leak**2) / 2
        left.plot(c, np.mean(act(u) * act(v)) / norm, label=f"leak {leak:g}, 20 000 units" if c == -1 else None, **mark)
        slope = lambda z, a=leak: np.where(z > 0, 1.0, a)
        right.plot(c, np.mean(slope(u) * slope(v)) / norm, **mark)
    theory(left, correlations, np.asarray(values) / norm, "theory: yours" if leak == -1 else None)
    theory(right, correlations, np.asarray(slopes) / norm)
finish(left, "Cosine of the activations", "correlation c of u and v", "after the layer", ylim=(-1.1, 2.4))
finish(right, "Overlap of the slopes", "correlation c of u and v", "overlap")

# %% [markdown] reflect="gaussian"
# **Reflect.** The left curves arrive at $c=1$ with a finite slope, those on the right (but for the identity) with an
# infinite one. What does that mean for two nearly equal inputs? In which part of the NTK will you see it?

# %% [markdown] answer="gaussian"
# $1-\kappa_0(c)\approx\sqrt{2(1-c)}/\pi$: inputs at a small angle $\epsilon$ lose an overlap of $\epsilon/\pi$,
# proportional to the angle, because this share of the units has its kink between them. $\kappa_1$ loses only
# $\epsilon^2/2$. The slopes enter through the lower layers' weights: the NTK has a kink at angle 0, the kernel of the
# outputs at the start has not.

# %% [markdown] question="recursion" points=5 minutes=40 difficulty="**"
# ## 5.2 The kernels of a deep network
#
# Take a network with `depth` $=D$ hidden layers of ReLUs in NTK parametrisation, all $W$ and $b$ standard normal at
# the start and all of them trained:
#
# $$z^1=\frac{\sigma_w}{\sqrt d}W^1x+\sigma_bb^1,\qquad
# z^{\ell+1}=\frac{\sigma_w}{\sqrt{n}}W^{\ell+1}(z^\ell)_++\sigma_bb^{\ell+1},\qquad f=z^{D+1}.$$
#
# As all widths $n\to\infty$, each $z^\ell$ is a Gaussian process with covariance $K^\ell$, and the NTK converges to
# $\Theta^{D+1}$ (Jacot et al. 2018, theorem 1; here in the form of Lee et al. 2019):
#
# $$K^1=\Theta^1=\sigma_w^2\,\frac{x\cdot x'}d+\sigma_b^2,$$
#
# $$K^{\ell+1}=\sigma_w^2\;\mathbb E\,u_+v_++\sigma_b^2,\qquad
# \Theta^{\ell+1}=K^{\ell+1}+\sigma_w^2\;\Theta^\ell\;\mathbb E\,1_{u>0}1_{v>0},$$
#
# where $(u,v)$ is Gaussian with the covariance that $K^\ell$ gives to $(x,x')$; 5.1 has the two averages (write them
# again here). For each pair you need $K^\ell(x,x)$ and $K^\ell(x',x')$, too. With `depth` 0 the network is linear,
# and the answer is $K^1$. (The lab's network differs: it has the $\sqrt2$ in $\phi$, none in the first layer, and
# biases that start at 0.)
#
# $\sigma_w^2$ is `weight_variance`, $\sigma_b^2$ is `bias_variance`, $x$ runs through the rows of `x1`, $x'$ through
# those of `x2`.
#
# *About 40 minutes, difficulty \*\*.*


# %% solution="recursion"
def deep_kernels(
    x1: Float[Array, "n1 d"], x2: Float[Array, "n2 d"], depth: int, weight_variance: float, bias_variance: float
) -> tuple[Float[Array, "n1 n2"], Float[Array, "n1 n2"]]:
    """Kernels of an infinitely wide ReLU network.

    Args:
        x1, x2: inputs, one per row, float32; no row is zero if bias_variance is 0.
        depth: number of hidden layers, 0 to 50, and up to 300 with weight_variance 2 and bias_variance 0 (the figure with the
            digits). Take float64: near correlation 1 the arc cosine turns a rounding of 6e-8 into an error of 3e-4.
        weight_variance: sigma_w^2, from 0.5 to 4.
        bias_variance: sigma_b^2, from 0 to 4. Without biases, 50 layers take the kernels down to 1e-31 and up to 1e17.

    Returns:
        (Theta, K), each of shape (n1, n2): the neural tangent kernel, and the covariance of the outputs at the start.
        Example: x1 [[2., 0.]], x2 [[1., 0.], [0., 1.]], depth 1, weight_variance 2, bias_variance 0: K^1 = [[2., 0.]] and
        Theta [[4., 0.63662]], K [[2., 0.63662]].
    """
    ### BEGIN SOLUTION
    x1, x2 = np.asarray(x1, np.float64), np.asarray(x2, np.float64)
    d = x1.shape[1]
    first = lambda products: weight_variance * products / d + bias_variance
    K, q1, q2 = first(x1 @ x2.T), first(np.sum(x1**2, axis=1)), first(np.sum(x2**2, axis=1))
    Theta = K
    for _ in range(depth):
        scale = np.sqrt(np.outer(q1, q2))
        angle = np.arccos(np.clip(K / scale, -1.0, 1.0))
        K = weight_variance * scale / 2 * (np.sin(angle) + np.cos(angle) * (np.pi - angle)) / np.pi + bias_variance
        Theta = K + weight_variance * Theta * (np.pi - angle) / np.pi / 2
        q1, q2 = weight_variance * q1 / 2 + bias_variance, weight_variance * q2 / 2 + bias_variance
    return Theta, K
    ### END SOLUTION


# %% check="recursion"
_two, _axes = jnp.array([[2.0, 0.0]]), jnp.eye(2)
_Theta, _K = deep_kernels(_two, _axes, 0, 2.0, 0.5)
assert np.allclose(_Theta, [[2.5, 0.5]], atol=1e-3) and np.allclose(_K, _Theta, atol=1e-3), (
    "no hidden layer: 2 * 2/2 + 0.5 = 2.5, both kernels. 4.5: the products are divided by d = 2"
)
_Theta, _K = deep_kernels(_two, _axes, 1, 2.0, 0.0)
assert np.shape(_Theta) == (1, 2) and np.shape(_K) == (1, 2), "one input and two: shape (1, 2)"
assert np.allclose(_K, [[2.0, 0.63662]], atol=1e-3), (
    "K^1 = (2, 0) with variances 4 and 1: 2 * sqrt(4)/2 * (kappa_1(1), kappa_1(0)) = (2, 2/pi). 0.318: the scale is missing; "
    "(4, 0.637): this is Theta, return (Theta, K) in this order"
)
assert np.allclose(_Theta, [[4.0, 0.63662]], atol=1e-3), (
    "Theta = K + 2 Theta^1 kappa_0/2 = (2 + 2, 0.637 + 0). (2, 0.637): the second term is missing, or Theta^1 was 0; (6, ..): "
    "the half of kappa_0 is missing"
)
_pair = jnp.array([[1.0, 2.0], [3.0, -1.0]])
_Theta, _K = deep_kernels(_pair, _pair, 3, 1.5, 0.25)
assert np.allclose(np.diag(np.asarray(_K)), [2.265625, 3.847656], rtol=1e-3), (
    "the diagonal: q' = 0.75 q + 0.25 three times, from 4 and 7.75. Are the variances updated in each layer, too?"
)
assert np.allclose(np.diag(np.asarray(_Theta)), [7.796875, 14.125], rtol=1e-3), (
    "the diagonal: Theta' = q' + 0.75 Theta, three times"
)
_Theta, _K = deep_kernels(jnp.array([[1.0, 0.0]]) * np.sqrt(2), jnp.array([[0.3, 0.9539392]]) * np.sqrt(2), 2, 2.0, 0.0)
assert np.allclose(_Theta, [[2.069202]], atol=2e-3), (
    "correlation 0.3, two hidden layers: 2 * 1.034601. 2.1536: the slopes' average was taken with the covariance of the next "
    "layer: it belongs to the layer below, like Theta"
)

# %% [markdown] predict="recursion"
# **Predict.** With $\sigma_w^2=2$, $\sigma_b=0$ the diagonal of the NTK grows linearly with depth:
# $\Theta^{D+1}(x,x)=(D+1) \Theta^1(x,x)$. (a) What happens to the *normalised* NTK $\Theta(x,x')/\Theta(x,x)$ of two
# different inputs as $D\to\infty$: 0, 1, or something between? (b) Regression with the NTK is the infinitely wide
# network, trained to the end. It learns handwritten digits from 100 labelled pictures and then reads 297 new ones.
# Which depth reads best, and what becomes of depth 300? Guess the shares.

# %% [markdown] answer="recursion"
# (a) 1/4, for every angle that is not 0 (Xiao, Pennington and Schoenholz 2020; Hayou, Doucet and Rousseau 2019). The
# correlation of the signals tends to 1 slowly, $1-c_\ell\approx9\pi^2/(2\ell^2)$, so $\kappa_0\approx1-3/\ell$, and
# $\Theta^{\ell+1}\approx1+\Theta^\ell(1-3/\ell)$ is solved by $\Theta^\ell=\ell/4$. A very deep ReLU NTK sees only
# whether two inputs are equal: it can fit everything and generalise nothing. (b) All depths up to 30 read about 90 %,
# depth 100 reads 82 %, and depth 300 reads 47 %. At every depth it fits all labelled digits.

# %% tags=["demo"]
angles = np.linspace(0, np.pi, 121)
fig, (left, right) = panels(2, width=5.0, height=3.7)
for color, depth in zip(COLORS, (1, 3, 10, 50), strict=False):
    Theta, _ = deep_kernels(on_circle(angles[:1]), on_circle(angles), depth, 2.0, 0.0)
    left.plot(angles, np.asarray(Theta)[0] / np.asarray(Theta)[0, 0], color=color, label=f"depth {depth}")
theory(left, angles, np.full_like(angles, 0.25), "theory: depth to infinity")
depths = np.arange(1, 51)
for color, angle in zip(COLORS, (0.3, 1.0, 2.0), strict=False):
    pairs = [deep_kernels(on_circle(np.zeros(1)), on_circle(np.array([angle])), int(D), 2.0, 0.0) for D in depths]
    gap = [1 - float(np.asarray(K)[0, 0]) for _, K in pairs]
    right.plot(depths, gap, "o", color=color, markersize=3, label=f"angle {angle:g}")
theory(right, depths, 9 * np.pi**2 / (2 * (depths + 0.0) ** 2), r"theory: $9\pi^2/(2D^2)$")
finish(left, "The normalised NTK flattens with depth", "angle between x and x'", "NTK / its diagonal", ylim=(-0.3, 1.15))
finish(right, "The signals become equal", "depth D", "1 - correlation", xscale="log", yscale="log", ylim=(1e-3, 50))

# Regression with both kernels, on 100 labelled digits: an infinitely wide network, trained to the end.
data, depths = digits(), (1, 3, 10, 30, 100, 300)
x_few, few = data.x_train[:100], np.asarray(data.y_train[:100])
x_fresh, fresh = data.x_test, np.asarray(data.y_test)  # fewer of them, [:30], if your kernels take long
read = lambda kernel, weights, digit: np.mean(np.argmax(np.asarray(kernel) @ weights, axis=1) == digit)
shares = []
for depth in depths:
    seen, new = (deep_kernels(x, x_few, depth, 2.0, 0.0) for x in (x_few, x_fresh))
    weights = [np.linalg.solve(np.asarray(kernel), np.eye(10)[few] - 0.1) for kernel in seen]
    shares.append([read(seen[0], weights[0], few), read(new[0], weights[0], fresh), read(new[1], weights[1], fresh)])
fig, ax = panels(1, width=6.0, height=3.7)
names = ("NTK, the labelled digits", "NTK (all layers are trained)", "K (the last layer is trained)")
for color, name, mark, share in zip((COLORS[0], *COLORS), names, ("s:", "o-", "o-"), np.array(shares).T, strict=False):
    ax.plot(depths, share, mark, color=color, markersize=5, label=name)
finish(ax, "New digits, after 100 labelled ones", "depth D", "share read correctly", xscale="log", ylim=(0, 1.08))

# %% [markdown] reflect="recursion"
# **Reflect.** (a) At depth 50 the points on the right still lie below the asymptote, most for the smallest angle. From
# which depth on will inputs at an angle of 0.3 be as far apart as all others? And what makes $\sigma_w^2=2$ without
# biases special? (b) At depth 300 the NTK fits all labelled digits and reads less than half of the new ones. Regression
# with $K$ at the same depth reads most of them, although all values of $K$ are nearly equal. What has $K$ kept that the
# NTK has lost?

# %% [markdown] answer="recursion"
# (a) The gap of an angle $\epsilon$ starts at $\epsilon^2/2$ and follows the law once $9\pi^2/(2D^2)$ is well below
# that: $D\gg3\pi/\epsilon$, which is 30 for 0.3. At depth 200 its gap is 0.8 of that at a right angle, and its
# normalised NTK is 0.29 against 0.26. Only with these variances does the size of the signal stay the same in every
# layer. With smaller weights and with biases it tends to a fixed point, and the memory of the input fades exponentially
# with depth. (b) The angles. A constant in a kernel matters little in regression. What counts is how much the gap,
# 1 minus the normalised kernel, depends on the angle. At depth 300 the gap at an angle of 0.3 is 0.87 of that at a
# right angle for $K$, and 0.975 of it for the NTK: 13 % against 2.5 % of the gap tell a close input from a distant one.
# At depth 1500 only 3 % are left in $K$, too, and it reads half of the new digits.

# %% [markdown] question="circle" points=4 minutes=40 difficulty="**"
# ## 5.3 What is learned on a circle, and when
#
# The kernel of an infinitely wide network does not change when both inputs are rotated. On the unit circle it depends
# on the angle $\theta$ between the inputs only, and Fourier modes are its eigenfunctions. With inputs spread evenly
# over the circle and the mean loss, mode $k$ is learned at the rate
#
# $$\lambda_k=\frac1{2\pi}\int_{-\pi}^\pi\Theta(\theta)\cos(k\theta)\,d\theta .$$
#
# (a) For a network with one hidden layer, no biases and $\sigma_w^2=2$, 5.2 gives on the unit circle in $d=2$
#
# $$\Theta(\theta)=\frac1\pi\bigl(\sin\theta+2(\pi-\theta)\cos\theta\bigr),\qquad0\le\theta\le\pi,\quad
# \Theta(-\theta)=\Theta(\theta).$$
#
# **Derive** $\lambda_k$ for every $k\ge0$. (Products of cosines are sums of cosines. Mind $k=1$, and look at the odd
# $k$.)
#
# (b) With $n$ inputs at equal angles $2\pi j/n$ the kernel matrix is circulant, and the discrete Fourier transform
# makes it diagonal. Solve gradient flow on the mean loss, $\dot f=-\frac1nK(f-y)$ from $f_0=0$, for *any* kernel on
# the circle: you get its values at the $n$ angles $2\pi j/n$ (`values`, with $K(\theta)=K(-\theta)$), and the labels
# `y` at these angles. With 100 000 inputs the matrix has $10^{10}$ entries; no matrix is needed.
#
# *About 40 minutes, difficulty \*\*.*


# %% solution="circle"
def circle_eigenvalues(k: Int[Array, " modes"]) -> Float[Array, " modes"]:
    """Eigenvalues of the NTK of (a), for wave numbers k.

    Args:
        k: whole numbers >= 0, in any order, up to 10 000, int32. Convert them to floating point first: (k^2 - 1)^2 overflows
            in int32 from k = 216 on.

    Returns:
        lambda_k, shape (modes,), each to 1e-3 of itself or to 1e-9, whichever is larger.
        Example: k = [1, 2]: [0.5, 0.157611].
    """
    ### BEGIN SOLUTION
    k = np.asarray(k, np.float64)
    found = np.divide(2 * (k**2 + 3), (np.pi * (k**2 - 1)) ** 2, out=np.zeros(len(k)), where=k % 2 == 0)
    found[k == 1] = 0.5
    return found
    ### END SOLUTION


def circle_flow(values: Float[Array, " n"], y: Float[Array, " n"], t: float) -> Float[Array, " n"]:
    """Outputs at n equally spaced inputs on the circle after gradient flow from 0.

    Args:
        values: the kernel at the angles 2 pi j / n, j = 0, ..., n - 1, float32; values[j] = values[n - j]. No eigenvalue is
            negative, except by rounding.
        y: labels at these angles, float32; n from 1 to 100 000.
        t: time, from 0 to 10 000.

    Returns:
        f_t at the n angles.
        Example: values [3., 1.] (eigenvalues of K/n: 2 and 1), y [1., 0.], t = 1: [0.748393, 0.116272].
    """
    ### BEGIN SOLUTION
    rates = np.fft.fft(np.asarray(values, np.float64)).real / len(values)
    return np.fft.ifft(-np.expm1(-rates * t) * np.fft.fft(np.asarray(y, np.float64))).real
    ### END SOLUTION


# %% check="circle"
_low = np.asarray(circle_eigenvalues(jnp.array([1, 2, 4, 0])))
assert np.shape(_low) == (4,), "one eigenvalue for each k"
assert abs(_low[0] - 0.5) < 1e-4, "k = 1: the formula for the others is 0/0 there; integrate (pi - x) cos(x)^2"
assert abs(_low[1] - 0.157611) < 1e-4, (
    "k = 2: 14/(9 pi^2). 0.315: twice; the mean is over the whole circle; 0.495: a factor of pi is missing"
)
assert abs(_low[2] - 0.017112) < 1e-5 and abs(_low[3] - 0.607927) < 1e-4, "k = 4: 38/(225 pi^2), and k = 0: 6/pi^2"
_odd = np.asarray(circle_eigenvalues(jnp.array([3, 7])))
assert np.allclose(_odd, 0.0, atol=1e-9), (
    "k = 3 and 7. (0.038, 0.0046): the formula for even k; for odd k the integrals have other values at the end pi"
)
assert np.allclose(circle_flow(jnp.array([3.0, 1.0]), jnp.array([1.0, 0.0]), 1.0), [0.748393, 0.116272], atol=1e-3), (
    "the mean (1/2) is learned at rate 2 = (3 + 1)/2, the difference at rate 1 = (3 - 1)/2. (0.923, 0.059): the rates were not "
    "divided by n; (0.252, -0.116): that is the error y - f"
)
_four = circle_flow(jnp.array([2.0, 1.0, 0.0, 1.0]), jnp.array([1.0, 2.0, 3.0, 6.0]), 1.0)
assert np.allclose(_four, [1.502893, 1.109423, 2.289831, 2.683301], atol=1e-3), (
    "four inputs: rates 1, 1/2, 0 and 1/2; the mode (1, -1, 1, -1) is never learned"
)

# %% [markdown] predict="circle"
# **Predict.** A network without biases gets labels that are a sum of cosines of wave numbers 1, 2, 3 and 4. In which
# order does it learn them, and how much longer does 4 take than 2? Now give it biases. What changes?

# %% [markdown] answer="circle"
# 1 first (rate 1/2), then 2 (0.158), then 4 (0.017, nine times slower), and 3 never: its eigenvalue is 0. Even wave
# numbers $k$ take a time of order $k^2$. With biases all odd ones get a positive eigenvalue, and 3 is learned between
# 2 and 4 (Basri et al. 2019).

# %% tags=["demo"]
count, modes = 64, (1, 2, 3, 4)
theta = 2 * np.pi * np.arange(count) / count
labels = sum(np.cos(k * theta) for k in modes) / 4  # small, so that the kernel stands still


def circle_network(params, x, bias):
    """One hidden layer of ReLUs, weight variance 2, bias variance 0 or 1; in pairs of units that cancel at the start."""
    W, b, v, c = params
    h = jnp.maximum(x @ W + bias * b, 0.0)
    return jnp.sqrt(2.0) * (h @ v) / jnp.sqrt(len(v)) + bias * c


def train_on_circle(bias, shown, eta, m=4096):
    """Outputs on the circle at the steps `shown`."""
    draw = np.random.default_rng(3)
    W, b, v = draw.normal(size=(2, m // 2)), draw.normal(size=m // 2), draw.normal(size=m // 2)
    start = [np.concatenate([W, W], axis=1), np.concatenate([b, b]), np.concatenate([v, -v]), np.zeros(())]
    params = [jnp.asarray(p, jnp.float32) for p in start]
    x, y = jnp.asarray(on_circle(theta), jnp.float32), jnp.asarray(labels, jnp.float32)
    loss = lambda p: jnp.mean((circle_network(p, x, bias) - y) ** 2) / 2
    step = lambda _, p: jax.tree.map(lambda w, g: w - eta * g, p, jax.grad(loss)(p))
    several = jax.jit(lambda p, n: jax.lax.fori_loop(0, n, step, p))
    outputs, done = [], 0
    for stop in shown:
        params, done = several(params, int(stop) - done), int(stop)
        outputs.append(np.asarray(circle_network(params, x, bias)))
    return np.array(outputs)


shown, eta = np.unique(np.round(np.geomspace(1, 1500, 20)).astype(int)), 0.1
amplitude = lambda f, k: 8 * np.mean(np.asarray(f) * np.cos(k * theta), axis=-1)
fig, axes = panels(2, width=5.0, height=3.7, sharey=True)
for ax, bias in zip(axes, (0.0, 1.0), strict=True):
    outputs = train_on_circle(bias, shown, eta)
    x_points = on_circle(theta)
    kernel_values = np.asarray(deep_kernels(x_points[:1], x_points, 1, 2.0, bias)[0])[0]
    told = np.array([circle_flow(kernel_values, labels, float(eta * s)) for s in shown])
    for color, k in zip(COLORS, modes, strict=False):
        ax.plot(eta * shown, amplitude(outputs, k), "o", color=color, markersize=4, label=f"k = {k}")
        theory(ax, eta * shown, amplitude(told, k), "theory: your flow" if k == 4 else None)
    title = "With biases" if bias else "Without biases"
    finish(ax, title, "time (learning rate x steps)", "amplitude learned", xscale="log", ylim=(-0.1, 1.15), legend=not bias)

# %% [markdown] reflect="circle"
# **Reflect.** Without biases the points for $k=3$ stay at exactly 0 (up to rounding), although the real network has a
# finite width and its kernel is not exactly invariant under rotations. Why? Which functions on the circle can a
# bias-free network with one hidden layer not represent at all?

# %% [markdown] answer="circle"
# Write $z_+=(z+|z|)/2$: without biases the network is a linear function of $x$ (wave number 1) plus an even function
# (even wave numbers), at every width. Odd wave numbers from 3 on it cannot represent, trained or not.

# %% [markdown] question="ensemble" points=5 minutes=40 difficulty="**"
# ## 5.4 An ensemble without training it
#
# Train many wide networks from different starts on the same data. In the limit each one is a linear function of its
# own start: under gradient flow on the mean loss its outputs at new inputs are
#
# $$f_t(X')=f_0(X')-P_t\,\bigl(f_0(X)-y\bigr),\qquad P_t=\Theta'\,\Theta^{-1}\bigl(1-e^{-\Theta t/n}\bigr),$$
#
# with $\Theta$ the NTK on the $n$ training inputs $X$ and $\Theta'$ that between the new inputs (rows) and the
# training inputs (columns). The start is a Gaussian process with mean 0 and the *other* kernel: $K$ on $X$, $K'$
# between the new inputs and $X$, $K''$ on the new inputs. **Derive** (a) what a single network gives at $t=\infty$;
# (b) the mean and the covariance matrix of $f_t(X')$ over the ensemble, at any time and at $t=\infty$ (Lee et al.
# 2019).
#
# $\Theta,\Theta'$ are `T`, `T_new`; $K,K',K''$ are `K`, `K_cross`, `K_new`.
#
# *About 40 minutes, difficulty \*\*.*


# %% solution="ensemble"
def trained_limit(
    T: Float[Array, "n n"], T_new: Float[Array, "m n"], y: Float[Array, " n"], f0: Float[Array, " n"], f0_new: Float[Array, " m"]
) -> Float[Array, " m"]:
    """Outputs of one trained network at new inputs, at t = infinity.

    Args:
        T, T_new: the NTK on the training inputs, and between new (rows) and training inputs (columns), float32, of any size;
            the smallest eigenvalue of T is at least 1e-2 of the largest, so T needs no ridge.
        y: labels, float32.
        f0, f0_new: outputs at the start, at the training inputs and at the new inputs, float32.

    Returns:
        The outputs at the new inputs, shape (m,).
        Example: T [[2.]], T_new [[1.]], y [3.], f0 [1.], f0_new [5.]: [6.].
    """
    ### BEGIN SOLUTION
    T, T_new, y, f0, f0_new = (np.asarray(a, np.float64) for a in (T, T_new, y, f0, f0_new))
    return f0_new + T_new @ np.linalg.solve(T, y - f0)
    ### END SOLUTION


def ensemble_moments(
    T: Float[Array, "n n"],
    T_new: Float[Array, "m n"],
    K: Float[Array, "n n"],
    K_cross: Float[Array, "m n"],
    K_new: Float[Array, "m m"],
    y: Float[Array, " n"],
    t: float,
) -> tuple[Float[Array, " m"], Float[Array, "m m"]]:
    """Mean and covariance of the outputs of an ensemble of trained networks at new inputs.

    Args:
        T, T_new, y: as above (the bound on the eigenvalues of T holds here, too).
        K, K_cross, K_new: covariances at the start: of the training inputs, of new (rows) and training inputs (columns), of the
            new inputs; float32.
        t: time, >= 0, also math.inf.

    Returns:
        (mean, covariance), shapes (m,) and (m, m); the mean to 1e-3 of its largest entry, the covariance to 1e-3 of the largest
        entry of K_new.
        Example: T [[4.]], T_new [[1.]], K [[1.]], K_cross [[0.5]], K_new [[1.]], y [3.]: at t = 0 ([0.], [[1.]]), at t = inf
        ([0.75], [[0.8125]]); at t = 0.5 ([0.648499], [[0.830562]]).
    """
    ### BEGIN SOLUTION
    T, T_new, K, K_cross, K_new, y = (np.asarray(a, np.float64) for a in (T, T_new, K, K_cross, K_new, y))
    values, V = np.linalg.eigh(T)
    P = T_new @ (V * (-np.expm1(-values * t / len(y)) / values)) @ V.T
    mixed = P @ K_cross.T
    return P @ y, K_new - mixed - mixed.T + P @ K @ P.T
    ### END SOLUTION


# %% check="ensemble"
_one = lambda *numbers: [jnp.array([[v]]) for v in numbers]
_end = trained_limit(*_one(2.0, 1.0), jnp.array([3.0]), jnp.array([1.0]), jnp.array([5.0]))
assert np.allclose(_end, [6.0], atol=1e-3), (
    "5 + 1/2 (3 - 1) = 6. 1.5: kernel regression without f0; 1: f0_new is missing; 6.5: f0 at the training input is missing"
)
_mean, _cov = ensemble_moments(*_one(4.0, 1.0, 1.0, 0.5, 1.0), jnp.array([3.0]), math.inf)
assert np.allclose(_mean, [0.75], atol=1e-3), "t = inf: P = 1/4, mean 1/4 * 3. NaN: inf * 0 or so; e^{-inf} is 0"
assert np.allclose(_cov, [[0.8125]], atol=1e-3), (
    "t = inf: 0.8125. 1.0625: the start at new inputs is correlated with that at the training inputs; "
    "0.9375: this term counts twice; 0.75: the posterior, or the training inputs' own spread is missing; 1: T in place of K"
)
_mean, _cov = ensemble_moments(*_one(4.0, 1.0, 1.0, 0.5, 1.0), jnp.array([3.0]), 0.0)
assert np.allclose(_mean, [0.0], atol=1e-6) and np.allclose(_cov, [[1.0]], atol=1e-3), "t = 0: nothing was learned, the prior"
_T, _C = jnp.array([[2.0, 1.0], [1.0, 3.0]]), jnp.array([[1.0, 0.5], [0.25, 1.0]])
_mean, _cov = ensemble_moments(_T, _C, jnp.eye(2), 0.5 * jnp.eye(2), jnp.eye(2), jnp.array([1.0, 2.0]), 2.0)
assert np.shape(_cov) == (2, 2), "two new inputs: the covariance has shape (2, 2)"
assert np.allclose(_cov, np.asarray(_cov).T, atol=1e-5), "a covariance matrix is symmetric"
assert np.allclose(_mean, [0.505735, 0.622355], atol=1e-3), (
    "two inputs at t = 2: P y with the exponential of the matrix, and a loss that is a mean: the rates are divided by 2"
)

# %% [markdown] predict="ensemble"
# **Predict.** A Bayesian would condition the Gaussian process of the start on the data and get a posterior. Will the
# ensemble of trained networks have the same mean? The same spread? Where will the spread be 0?

# %% [markdown] answer="ensemble"
# Neither: the mean uses the NTK, the posterior's the kernel of the start. Both have no spread at the training inputs.
# Between them the ensemble's differs from the posterior's. The ensemble applies the regression of the NTK to functions
# whose covariance is $K$. The regression with $K$ is the one that leaves the smallest variance, so the ensemble's
# spread is never smaller.

# %% tags=["demo"]
places = np.array([-2.4, -1.7, -0.6, 0.1, 0.9, 2.2])
targets = np.array([0.9, -0.7, -0.4, 0.8, 0.2, -0.9])
grid = np.linspace(-np.pi, np.pi, 121)
x_train, x_grid = on_circle(places) * np.sqrt(2), on_circle(grid) * np.sqrt(2)
weight, bias = 2.0, 0.1


def wide_network(params, x):
    """One hidden layer in the convention of 5.2, for one member."""
    h = x
    for level, (W, b) in enumerate(params):
        h = jnp.sqrt(weight / h.shape[-1]) * (h @ W) + jnp.sqrt(bias) * b
        h = jnp.maximum(h, 0.0) if level < len(params) - 1 else h
    return h[..., 0]


members, m = 100, 1024
sizes = [2, m, 1]
keys = jax.random.split(jax.random.key(0), 2 * (len(sizes) - 1))
ensemble = [
    (jax.random.normal(keys[2 * i], (members, a, b)), jax.random.normal(keys[2 * i + 1], (members, b)))
    for i, (a, b) in enumerate(itertools.pairwise(sizes))
]
ensemble_loss = lambda p: jnp.sum(jax.vmap(lambda q: jnp.mean((wide_network(q, x_train) - targets) ** 2) / 2)(p))
slope_step = lambda p, rate: jax.tree.map(lambda w, g: w - rate * g, p, jax.grad(ensemble_loss)(p))
descend = jax.jit(lambda p, rate, steps: jax.lax.fori_loop(0, steps, lambda _, q: slope_step(q, rate), p))
shown, stages = [], []
for rate, steps in ((0.05, 20), (0.2, 45), (0.3, 766)):  # small steps first: the early times are those of gradient flow
    ensemble = descend(ensemble, rate, steps)
    stages.append(np.asarray(jax.vmap(lambda q: wide_network(q, x_grid))(ensemble)))
    shown.append(rate * steps + (shown[-1] if shown else 0.0))
curves = stages[-1]

(T, K), (T_new, K_cross), (_, K_new) = (
    map(np.asarray, deep_kernels(a, b, 1, weight, bias)) for a, b in ((x_train, x_train), (x_grid, x_train), (x_grid, x_grid))
)
moments = [ensemble_moments(T, T_new, K, K_cross, K_new, targets, float(t)) for t in shown]
means = [np.asarray(mean) for mean, _ in moments]
spreads = [np.sqrt(np.maximum(np.diag(np.asarray(covariance)), 0)) for _, covariance in moments]
mean, spread = means[-1], spreads[-1]
posterior = np.sqrt(np.maximum(np.diag(K_new - K_cross @ np.linalg.solve(K, K_cross.T)), 0))
fig, (left, right) = panels(2, width=5.2, height=3.8)
left.plot(grid, curves[:25].T, color=COLORS[0], linewidth=0.5, alpha=0.4)
left.plot([], [], color=COLORS[0], label="25 of 100 trained networks")
theory(left, grid, mean, "theory: your mean and twice your spread")
theory(left, grid, mean + 2 * spread)
theory(left, grid, mean - 2 * spread)
left.plot(places, targets, "o", color=COLORS[1], markersize=6, zorder=6, label="data")
right.plot(grid, curves.std(axis=0), color=COLORS[0], label="spread of 100 networks")
theory(right, grid, spread, "theory: your spread")
right.plot(grid, posterior, color=COLORS[2], linewidth=1.2, label="posterior of the start's process")
right.plot(places, 0 * places, "o", color=COLORS[1], markersize=6, zorder=6)
finish(left, "An ensemble and its prediction", "angle of the input", "output", ylim=(-1.9, 3.3))
finish(right, "Two spreads", "angle of the input", "standard deviation", ylim=(-0.02, 0.6))

fig, (left, right) = panels(2, width=5.2, height=3.8)
for color, t, stage, told, wide in zip(COLORS, shown, stages, means, spreads, strict=False):
    left.plot(grid, stage.mean(axis=0), color=color, label=f"100 networks, time {t:.0f}")
    right.plot(grid, stage.std(axis=0), color=color)
    theory(left, grid, told, "theory: yours" if t == shown[-1] else None)
    theory(right, grid, wide)
for ax, height in ((left, targets), (right, 0 * targets)):
    ax.plot(places, height, "o", color="0.4", markersize=5, zorder=6)
finish(left, "The mean in training", "angle of the input", "mean of the outputs", ylim=(-1.4, 2.4))
finish(right, "The spread in training", "angle of the input", "standard deviation", legend=False)

# %% [markdown] reflect="ensemble"
# **Reflect.** Is the ensemble over- or underconfident if you take the posterior for the truth? And a practitioner
# stops the training early, at a time when the slow modes are not learned: what happens to the spread *at the data*?

# %% [markdown] answer="ensemble"
# Underconfident: its spread is larger everywhere, though never by much here. Stopped early, the slow modes keep the
# spread of the start, also at the data: it shrinks there as $e^{-\lambda t/n}$, mode by mode. In the second figure the
# spread at the data is 0.4 to 0.7 at time 1, at most 0.1 at time 10, and below 0.02 at time 240.

# %% [markdown] question="step" points=4 minutes=45 difficulty="***"
# ## 5.5 The kernel takes a step
#
# Now leave the limit. The simplest network whose kernel moves is linear in its input and has two layers,
#
# $$f(x)=\frac1{\sqrt m}\,v\cdot Wx,\qquad K(a,b)=\frac1m\bigl(Wa\cdot Wb+|v|^2\,a\cdot b\bigr),$$
#
# with $v\in\mathbb R^m$, $W\in\mathbb R^{m\times d}$. (Check $K$: it is the NTK.) (a) One step of gradient descent
# with learning rate $\eta$ on $\frac1{2n}\sum_i(f(x_i)-y_i)^2$ changes $K(a,b)$ by a term with $\eta$ and a term with
# $\eta^2$. (At a standard normal start both are of order $1/m$.) **Derive both**, with
# $g=\frac1n\sum_i(f(x_i)-y_i)\,x_i$. Your result must be right also where it is tiny: for $\eta=10^{-16}$ the two
# kernels agree in all digits of double precision, and subtracting them leaves rounding. Which terms cancel in
# $K_{\text{after}}-K_{\text{before}}$ before any number is put in?
#
# (b) One example only, $x=1$ ($d=1$), label $y$. Show that the outputs $f_t$ and the kernel $\lambda_t=K(1,1)$ obey a
# closed recursion in two numbers, $(f_t,\lambda_t)\to(f_{t+1},\lambda_{t+1})$, in which $v$ and $W$ do not occur,
# only $\eta$, $y$ and $m$. For $y=0$ it is that of Lewkowycz et al. (2020); for other labels you derive it yourself.
#
# `X` has the $n$ examples in its rows; $a$ runs through the rows of `A`, $b$ through those of `B`.
#
# *About 45 minutes, difficulty \*\*\*.*


# %% solution="step"
def kernel_change(
    v: Float[Array, " m"],
    W: Float[Array, "m d"],
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    A: Float[Array, "n1 d"],
    B: Float[Array, "n2 d"],
    eta: float,
) -> Float[Array, "n1 n2"]:
    """Change of the kernel of the two-layer linear network in one step of gradient descent.

    Args:
        v, W: the two layers, float32.
        X, y: examples and labels, float32.
        A, B: inputs between which the kernel is taken, one per row, float32.
        eta: learning rate, from 1e-16 to 10.

    Returns:
        K(a, b) after the step minus K(a, b) before, shape (n1, n2).
        Example: v [1., 1.], W [[2.], [0.]], X [[1.]], y [0.], A = B = [[1.]]: eta = 1 gives [[-1.]], eta = 1e-16 [[-4e-16]].
    """
    ### BEGIN SOLUTION
    v, W, X, y, A, B = (np.asarray(a, np.float64) for a in (v, W, X, y, A, B))
    m = len(v)
    f = lambda x: x @ W.T @ v / np.sqrt(m)
    g = X.T @ (f(X) - y) / len(y)
    a_g, b_g, products = A @ g, B @ g, A @ B.T
    first = np.outer(f(A), b_g) + np.outer(a_g, f(B)) + 2 * f(g) * products
    second = (v @ v) * np.outer(a_g, b_g) + np.sum((W @ g) ** 2) * products
    return -eta / m * first + (eta / m) ** 2 * second
    ### END SOLUTION


def catapult(f: float, lam: float, y: float, eta: float, m: float, steps: int) -> tuple[Float[Array, " t"], Float[Array, " t"]]:
    """Output and kernel of the network of (b) along gradient descent.

    Args:
        f, lam: output f_0 and kernel lambda_0 at the start; |f| is at most lam sqrt(m) / 2.
        y: the label.
        eta: learning rate, > 0, such that nothing diverges.
        m: width, > 0.
        steps: number of steps, 0 to 1000.

    Returns:
        (outputs, kernels), two arrays of shape (steps + 1,), with the start as the first entry; each to 1e-3 of its largest
        entry.
        Example: f = 1, lam = 2, y = 3, eta = 0.5, m = 4, steps 1: ([1., 3.25], [2., 3.5]).
    """
    ### BEGIN SOLUTION
    outputs, kernels = [f], [lam]
    for _ in range(steps):
        pull = eta * (f - y)
        f, lam = f - pull * lam + pull**2 / m * f, lam - 4 * pull * f / m + pull**2 / m * lam
        outputs.append(f)
        kernels.append(lam)
    return np.array(outputs), np.array(kernels)
    ### END SOLUTION


# %% check="step"
_v, _W, _x = jnp.array([1.0, 1.0]), jnp.array([[2.0], [0.0]]), jnp.array([[1.0]])
_change = lambda eta: float(np.asarray(kernel_change(_v, _W, _x, jnp.array([0.0]), _x, _x, eta))[0, 0])
assert abs(_change(1e-16) / -4e-16 - 1) < 1e-3, (
    "f = g = sqrt 2, first order: -eta/2 (2 + 2 + 4) = -4 eta. 0: a difference of nearly equal numbers; -2e-16: the change of v, "
    "or that of W, is missing"
)
assert abs(_change(1.0) + 1.0) < 1e-3, (
    "eta = 1: v becomes (-1, 1) and W (1, -1), so K goes from 3 to 2. -4: the second order in eta is missing"
)
_change = kernel_change(
    jnp.array([1.0, 0.0, 2.0]), jnp.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), jnp.eye(2), jnp.array([1.0, -1.0]),
    jnp.array([[1.0, 2.0]]), jnp.array([[0.0, 1.0], [3.0, 1.0]]), 0.5,
)  # fmt: skip
assert np.shape(_change) == (1, 2), "one input in A, two in B: shape (1, 2)"
assert np.allclose(_change, [[-1.897938, -6.032644]], atol=1e-3), (
    "three units, two examples: to find the slip take the step at eta = 0.5 in float64 and subtract. The loss is a mean over the "
    "examples; f(g) is the network's output at g"
)
_outputs, _kernels = (np.asarray(a) for a in catapult(1.0, 2.0, 3.0, 0.5, 4.0, 1))
assert np.shape(_outputs) == (2,) and abs(_outputs[0] - 1) < 1e-6 and abs(_kernels[0] - 2) < 1e-6, "the start comes first"
assert abs(_outputs[1] - 3.25) < 1e-3, "the output: 3.25. 3: the second order in eta is missing"
assert abs(_kernels[1] - 3.5) < 1e-3, (
    "the kernel: 3.5. 3: the second order in eta is missing; 5.75: the new f was put in, f is still the old one here"
)
_outputs, _kernels = (np.asarray(a) for a in catapult(1.0, 2.0, 0.0, 0.5, 1.0, 2))
assert np.allclose(_outputs, [1.0, 0.25, 0.191406], atol=1e-3) and np.allclose(_kernels, [2.0, 0.5, 0.382812], atol=1e-3), (
    "two steps for the label 0: both new values are made from both old ones"
)

# %% [markdown] predict="step"
# **Predict.** Gradient descent with a kernel that stands still diverges for $\eta>2/\lambda_0$. Take
# $\eta=3/\lambda_0$, $y=0$, and a width of 500. The loss grows at first. What stops it? Where will $\lambda$ end?

# %% [markdown] answer="step"
# While $f$ is of order 1, $\lambda$ hardly moves and $f$ doubles in each step. When $f^2$ is of order $m$, $\lambda$
# changes by order 1: by $\frac{\eta f^2}m(\eta\lambda-4)<0$. It falls below $2/\eta$, and then the loss converges:
# into a *flatter* minimum than the start. For $\eta>4/\lambda_0$ nothing stops it (Lewkowycz et al. 2020).

# %% tags=["demo"]
width = 500
draw = np.random.default_rng(1)
v0, W0 = draw.normal(size=width), draw.normal(size=width)
f0, lam0 = v0 @ W0 / np.sqrt(width), (v0 @ v0 + W0 @ W0) / width
fig, (left, right) = panels(2, width=5.0, height=3.7)
for color, factor in zip(COLORS, (1.0, 2.5, 3.0), strict=False):
    eta, v, W = factor / lam0, v0.copy(), W0.copy()
    seen = []
    for _ in range(41):
        f = v @ W / np.sqrt(width)
        seen.append((f, (v @ v + W @ W) / width))
        v, W = v - eta * f * W / np.sqrt(width), W - eta * f * v / np.sqrt(width)
    seen = np.array(seen)
    told_f, told_lam = (np.asarray(a) for a in catapult(float(f0), float(lam0), 0.0, float(eta), float(width), 40))
    left.plot(seen[:, 0] ** 2 / 2 + 1e-12, "o", color=color, markersize=3.5, label=rf"network, $\eta={factor:g}/\lambda_0$")
    theory(left, np.arange(41), told_f**2 / 2 + 1e-12, "your recursion" if factor == 3 else None)
    right.plot(eta * seen[:, 1], "o", color=color, markersize=3.5)
    theory(right, np.arange(41), eta * told_lam)
right.axhline(2.0, color="0.6", linewidth=0.8)
finish(left, "The loss grows, then converges", "step", "loss", yscale="log", ylim=(1e-9, 1e7))
finish(right, r"The kernel ends below $2/\eta$", "step", r"$\eta\lambda_t$", ylim=(0, 3.3))

examples = np.array([[1.0, 0.5], [-0.5, 1.0], [0.3, -1.2]])
answers, rate = np.array([1.0, -1.0, 0.5]), 0.01
gram = examples @ examples.T
widths = np.array([8, 16, 32, 64, 128, 256, 512])
average = []
for size in widths:
    change = [
        kernel_change(draw.normal(size=size), draw.normal(size=(size, 2)), examples, answers, examples, examples, rate)
        for _ in range(400)
    ]
    average.append([np.asarray(change)[:, 0, 0].mean(), np.asarray(change)[:, 0, 0].std() / 20])
average = np.array(average)
leading = 2 * rate / (len(answers) * widths) * (np.sum(gram[0] ** 2) + gram[0, 0] * np.trace(gram))
fig, ax = panels(1, width=6.0)
ax.errorbar(widths, -average[:, 0], 2 * average[:, 1], fmt="o", markersize=3, capsize=3, color=COLORS[0],
            label="mean of your changes, 400 starts")  # fmt: skip
theory(ax, widths, leading, r"theory: $\frac{2\eta}{mn}\sum_i(G_{ai}G_{ib}+G_{ii}G_{ab})$")
finish(ax, "How much the kernel shrinks in one step", "width m", "-(change of the kernel)", xscale="log", yscale="log")

# %% [markdown] reflect="step"
# **Reflect.** (a) To first order in $\eta$ the mean change in the last figure does not depend on the labels. Why? (b)
# Is the change in a *single* network independent of the labels, too? When does its kernel grow?

# %% [markdown] answer="step"
# (a) The term with $y$ is linear in the outputs $f$ at the start, whose mean over the starts is 0. What stays is the
# term without $y$, with $\mathbb Ef(a)f(x_i)=a\cdot x_i$: the step removes the outputs that the network had at the
# start, and shrinks the kernel. (b) No. In one network $f(a)$ is a random number of order 1, and the term with $y$ is
# as large as the other. The kernel grows where the labels have the sign of the start's outputs (and are larger), and
# shrinks where they have the opposite sign. Both changes are of order $1/m$.

# %% [markdown] question="why_exact" points=4 minutes=35 difficulty="**" written=true
# ## 5.6 Exact at every width
#
# Take a network without biases with $D$ hidden layers of *finite* widths $n_1,\dots,n_D$, $\phi(z)=\sqrt2\,z_+$,
# $z^\ell=\frac1{\sqrt{n_{\ell-1}}}W^\ell h^{\ell-1}$, $h^\ell=\phi(z^\ell)$, $h^0=x$, one output $f=z^{D+1}$,
# standard normal weights, and $|x|^2=d=n_0$. (a) Show that $\sum_p\theta_p\,\partial f/\partial\theta_p=(D+1)f$. (b)
# Show that $\mathbb E\,|h^\ell|^2/n_\ell=1$ for every $\ell$. (c) Show that $\mathbb E\,\Theta(x,x)=D+1$ *exactly*,
# at every width. (Layer $\ell$ contributes $|h^{\ell-1}|^2|\delta^\ell|^2/n_{\ell-1}$ with
# $\delta^\ell=\partial f/\partial z^\ell$. To average $|\delta^\ell|^2$ go forwards: follow $\partial h^r/\partial
# z^\ell$ from layer $r$ to $r+1$, given all that lies below. A Gaussian vector $w$ and $-w$ are equally likely, and for
# $h\ne0$ exactly one of them has $w\cdot h>0$, except with probability 0. Take $\phi'(0)=0$.) (d) The infinite-width
# limit says $\Theta(x,x)\to D+1$. What does this say about a network at the start that (c) does not?

# %% [markdown] solution="why_exact"
# (a) $\phi(cz)=c\,\phi(z)$ for $c>0$. Multiply the weights of all $D+1$ layers by $c$: $f$ is multiplied by
# $c^{D+1}$. Differentiate with respect to $c$ at $c=1$ (Euler). The function is differentiable unless some $z$ is
# exactly 0, which has probability 0 where $h\neq0$.
#
# (b) Given $h^{\ell-1}=h$, each $z^\ell_j$ is Gaussian with variance $|h|^2/n_{\ell-1}$, so $\mathbb
# E[\phi(z^\ell_j)^2\mid h]=2\cdot\frac12\,|h|^2/n_{\ell-1}$. The mean over $j$ gives $\mathbb E[|h^\ell|^2/n_\ell\mid
# h]=|h|^2/n_{\ell-1}$, and by induction from $|x|^2/d=1$ it is 1.
#
# (c) $\partial f/\partial W^\ell_{jk}=\delta^\ell_jh^{\ell-1}_k/\sqrt{n_{\ell-1}}$, so layer $\ell$ contributes
# $|h^{\ell-1}|^2|\delta^\ell|^2/n_{\ell-1}$. Let $J^r=\partial h^r/\partial z^\ell$, $r\ge\ell$. The last layer:
# $\delta^\ell=(J^D)^\top v/\sqrt{n_D}$ with $v=W^{D+1}$ independent of $J^D$, so $\mathbb
# E_v|\delta^\ell|^2=\|J^D\|^2/n_D$ (Frobenius). One layer down: row $j$ of $J^{r+1}$ is $\sqrt{2/n_r}\;1_{w\cdot
# h^r>0}\,w^\top J^r$ with $w$ the $j$-th row of $W^{r+1}$, independent of $h^r$, $J^r$. Under $w\to-w$ the vector
# $(w^\top J^r)$ only changes its sign and the indicator goes from 1 to 0 or back; so $\mathbb E_w\,1_{w\cdot
# h>0}|w^\top J^r|^2=\frac12\mathbb E|w^\top J^r|^2=\frac12\|J^r\|^2$. Hence $\mathbb E[\|J^{r+1}\|^2/n_{r+1}\mid
# h^r,J^r]=\|J^r\|^2/n_r$ if $h^r\ne0$. At the bottom $\|J^\ell\|^2/n_\ell=\frac1{n_\ell}\sum_j2\cdot1_{z_j>0}$ has
# mean 1 given $h^{\ell-1}\ne0$. So given $h^{\ell-1}$ the mean of $|\delta^\ell|^2$ is 1, and by (b) the contribution
# of each layer has mean 1; there are $D+1$ layers. (If a layer is dead, $h^r=0$, then with $\phi'(0)=0$ also $J^r=0$,
# and both sides are 0; the bottom layer's 1 is multiplied by $|h^{\ell-1}|^2$. So nothing is lost.)
#
# (d) That the *random* $\Theta(x,x)$ of one network tends to its mean: its variance vanishes like $1/n$. (c) is about
# the mean alone; at width 4 a single kernel is far from $D+1$. The limit also holds for $x\ne x'$, where the mean at
# finite width is *not* the limit for $D\ge2$.

# %% [markdown] rubric="why_exact"
# * **0.5 points** (a): homogeneity and Euler.
# * **1 point** (b): conditional variance, factor $\frac12\cdot2$, induction.
# * **2 points** (c): the contribution of a layer (half); mean over the last layer (half); the symmetry $w\to-w$
#   *with* the gate kept (one). Treating gate and weight as independent without an argument ("gradient independence")
#   gets at most half of the last point.
# * **0.5 points** (d): variance, or concentration.

# %% [markdown] question="why_spread" points=4 minutes=35 difficulty="**" written=true
# ## 5.7 Two uncertainties
#
# Notation of 5.4, at $t=\infty$; $\Theta$ and $K$ are invertible. (a) Show that the ensemble's covariance at new inputs
# is $K''-P K'^\top-K'P^\top+PKP^\top$ with $P=\Theta'\Theta^{-1}$, and that it is 0 at the training inputs. (b) Show
# that it is at least the posterior covariance of the Gaussian process of the start, $K''-K'K^{-1}K'^\top$, for *any*
# $P$ (the difference is positive semidefinite), and when the two are equal. (c) Train the last layer only, its weights
# and its bias. What is $\Theta$ then, and what does the ensemble sample? (d) A colleague wants an ensemble whose members
# are samples from the posterior of a Gaussian process with prior covariance $\Theta$. Add to each network a random
# function that is not trained. Which covariance must it have, given that it is independent of the network? Does such a
# function exist for the networks of 5.2, whatever their depth?

# %% [markdown] solution="why_spread"
# (a) $f_\infty(X')=f_0(X')-P(f_0(X)-y)$ is affine in the Gaussian vector $(f_0(X'),f_0(X))$: its fluctuation is
# $\xi'-P\xi$ with covariances $K''$, $K'$, $K$; multiply out. At the training inputs $\Theta'=\Theta$, $P=1$, and
# $K-K-K+K=0$.
#
# (b) Let $Q=K'K^{-1}$ and $P=Q+R$. Then $\xi'-P\xi=(\xi'-Q\xi)-R\xi$, and $\mathrm{Cov}(\xi'-Q\xi,\xi)=K'-QK=0$. So
# the covariance is $(K''-QKQ^\top)+RKR^\top$, and $QKQ^\top=K'K^{-1}K'^\top$: the posterior's plus a positive
# semidefinite matrix. Equal iff $RKR^\top=0$, for invertible $K$ iff $P=Q$, that is $\Theta'\Theta^{-1}=K'K^{-1}$.
#
# (c) Only the features $h^D$ and the bias are seen by training: $\Theta=\sigma_w^2\,h\cdot h'/n+\sigma_b^2=K$ in the
# limit, so $P=K'K^{-1}$, the mean is $K'K^{-1}y$ and the covariance is the posterior's: each trained member is a
# sample from the posterior (without noise). Training is sampling (Matthews et al. 2017).
#
# (d) With start $f_0+\rho$, $\rho$ independent with covariance $C$ and not trained, the total is a network with the
# start's covariance $K+C$ and the kernel $\Theta$. By (b) with $K+C$ in place of $K$ it samples a posterior iff $K+C$
# gives the same regression as $\Theta$; with prior $\Theta$: $C=\Theta-K$. It exists: $\Theta-K$ is the contribution
# of all layers below the last, a sum of $JJ^\top$, so positive semidefinite (He, Lakshminarayanan and Teh 2020, who
# realise it as the linear function of random weights in these layers).

# %% [markdown] rubric="why_spread"
# * **1 point** (a): affine map and covariance (half), 0 at the training inputs (half).
# * **1.5 points** (b): decomposition with uncorrelated residual, or the minimum of a quadratic in $P$ (one); the case
#   of equality (half).
# * **0.5 points** (c): $\Theta=K$, posterior samples.
# * **1 point** (d): $C=\Theta-K$ (half), positive semidefinite with a reason (half).

# %% [markdown]
# ## Further reading
#
# * A. Jacot, F. Gabriel and C. Hongler (2018), [Neural tangent kernel: convergence and generalization in neural
#   networks](https://arxiv.org/abs/1806.07572). Theorems 1 and 2: the recursion, and constancy during training.
# * Y. Cho and L. Saul (2009), [Kernel methods for deep
#   learning](https://papers.neurips.cc/paper_files/paper/2009/hash/5751ec3e9a4feab575962e78e006250d-Abstract.html).
#   The two averages of 5.1.
# * J. Lee, L. Xiao et al. (2019), [Wide neural networks of any depth evolve as linear models under gradient
#   descent](https://arxiv.org/abs/1902.06720). Section 2: 5.4, with the covariance at any time.
# * R. Basri, D. Jacobs, Y. Kasten and S. Kritchman (2019), [The convergence rate of neural networks for learned
#   functions of different frequencies](https://arxiv.org/abs/1906.00425). 5.3 in every dimension, and why biases
#   matter.
# * A. Lewkowycz, Y. Bahri, E. Dyer, J. Sohl-Dickstein and G. Gur-Ari (2020), [The large learning rate phase of deep
#   learning: the catapult mechanism](https://arxiv.org/abs/2003.02218). 5.5 (b), and real networks that do the same.
# * B. He, B. Lakshminarayanan and Y. W. Teh (2020), [Bayesian deep ensembles via the neural tangent
#   kernel](https://arxiv.org/abs/2007.05864). 5.7 (d).
# * E. Dyer and G. Gur-Ari (2020), [Asymptotics of wide networks from Feynman
#   diagrams](https://arxiv.org/abs/1909.11304). Powers of the width by counting loops.
# * S. Arora, S. Du, W. Hu, Z. Li, R. Salakhutdinov and R. Wang (2019), [On exact computation with an infinitely wide
#   neural net](https://arxiv.org/abs/1904.11955). The recursion for convolutions, and what the kernel reaches on
#   images.
# * L. Xiao, J. Pennington and S. Schoenholz (2020), [Disentangling trainability and generalization in deep neural
#   networks](https://arxiv.org/abs/1912.13053). What depth does to the two kernels of 5.2.
# * S. Hayou, A. Doucet and J. Rousseau (2019), [Exact convergence rates of the neural tangent kernel in the large depth
#   limit](https://arxiv.org/abs/1905.13654). The slow approach to 1/4.
# * A. Matthews, J. Hron, R. Turner and Z. Ghahramani (2017), Sample-then-optimize posterior sampling for Bayesian linear
#   models (NeurIPS workshop on advances in approximate Bayesian inference). 5.7 (c).
# * R. Novak et al. (2020), [Neural tangents: fast and easy infinite neural networks in
#   Python](https://arxiv.org/abs/1912.02803). The [library](https://github.com/google/neural-tangents) that computes
#   both kernels of 5.2 for other architectures: erf, convolutions, pooling, attention.
