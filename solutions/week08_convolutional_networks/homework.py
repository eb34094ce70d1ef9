# ---
# jupyter:
#   autograder:
#     points: 26
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
# # Week 8 homework: what a convolution sees, and what it keeps
#
# How far does a unit of a deep convolutional network look, and how much of what lies there does it use? By how much
# can a layer stretch its input? And is a network that is built from convolutions really equivariant to translations?
# Each question has an exact answer, and Fourier's hand is in most of them.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 8.1 | Sizes and receptive fields | 3 | 20 | * |
# | 8.2 | The effective receptive field | 4 | 35 | ** |
# | 8.3 | The convolution theorem | 3 | 25 | ** |
# | 8.4 | All singular values of a layer | 4 | 30 | ** |
# | 8.5 | How subsampling breaks equivariance | 4 | 40 | *** |
# | 8.6, 8.7 | Two arguments in words | 4 + 4 | 30 + 30 | ** |
#
# NumPy in float64 and JAX in float32 are both welcome everywhere.

# %%
from course_lib.checks import open_checks

grader = open_checks("week08/homework")

# %%
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from course_lib.plots import COLORS, finish, panels, theory

# %% [markdown] question="geometry" points=3 minutes=20 difficulty="*"
# ## 8.1 Sizes and receptive fields
#
# One dimension is enough: height and width follow the same rules. Unit $i$ of a layer with $k$ taps, stride $s$,
# padding $p$ on both sides and dilation $d$ reads the units $i s - p + a d$, $a = 0, \dots, k-1$, of the layer below.
# Follow that down to the input. If $j_\ell$ (the *jump*) is the distance, in input pixels, of the fields of
# neighbouring units of layer $\ell$, $r_\ell$ the number of pixels from the first to the last in such a field, and
# $c_\ell$ the position of the centre of the field of unit 0,
#
# $$ n_\ell = \Bigl\lfloor \frac{n_{\ell-1} + 2p_\ell - d_\ell(k_\ell - 1) - 1}{s_\ell} \Bigr\rfloor + 1, \qquad
# j_\ell = j_{\ell-1} s_\ell, $$
#
# $$ r_\ell = r_{\ell-1} + (k_\ell - 1)\, d_\ell\, j_{\ell-1}, \qquad
# c_\ell = c_{\ell-1} + \Bigl(\frac{(k_\ell-1)\,d_\ell}{2} - p_\ell\Bigr) j_{\ell-1}, $$
#
# from $n_0$ = `n`, $j_0 = r_0 = 1$, $c_0 = 0$ (Araujo, Norris and Sim 2019). `layers[l - 1]` is $(k_\ell, s_\ell,
# p_\ell, d_\ell)$. Pixels of the padding, and those that a dilated kernel jumps over, count as parts of the field; so
# $c$ may be negative, and half an integer.
#
# *About 20 minutes, difficulty \*.*


# %% solution="geometry"
def geometry(n: int, layers: list[tuple[int, int, int, int]]) -> tuple[int, int, int, float]:
    """Output size, receptive field, jump and centre of the first field of a stack of layers.

    Args:
        n: number of input pixels.
        layers: (taps k, stride s, padding p on each side, dilation d) of each layer, first layer first; may be empty.

    Returns:
        (size, field, jump, centre): the units of the last layer, and for its unit 0 the extent of the field in
        pixels, the distance to the field of unit 1, and the centre's position (pixel 0 of the input is position 0).
        Example: n = 8 and two layers (3, 2, 1, 1): (2, 7, 4, 0.0).
    """
    ### BEGIN SOLUTION
    field, jump, centre = 1, 1, 0.0
    for taps, stride, padding, dilation in layers:
        reach = (taps - 1) * dilation
        n = (n + 2 * padding - reach - 1) // stride + 1
        field += reach * jump
        centre += (reach / 2 - padding) * jump
        jump *= stride
    return n, field, jump, centre
    ### END SOLUTION


# %% check="geometry"
assert tuple(geometry(8, [])) == (8, 1, 1, 0.0), "without a layer a unit is a pixel"
assert geometry(8, [(3, 2, 1, 1)])[0] == 4, "(8 + 2 - 2 - 1) // 2 + 1 = 4: floor"
assert geometry(7, [(3, 2, 1, 1)])[0] == 4, "(7 + 2 - 2 - 1) // 2 + 1 = 4. 3: the padding is on both sides"
assert tuple(geometry(9, [(3, 1, 0, 2)])) == (5, 5, 1, 2.0), "dilation 2: three taps reach from the first pixel to the fifth"
assert geometry(8, [(3, 2, 1, 1)] * 2)[1] == 7, "3 + 2 * 2: the second layer's taps are one *jump of the first* apart"
assert tuple(geometry(8, [(3, 2, 1, 1)] * 2)) == (2, 7, 4, 0.0), "the worked example"

# %% [markdown]
# **Before you plot.** Three towers of $L$ layers with three taps: plain ones; dilations $1, 2, 4, \dots$; strides 2.
# How does the receptive field grow with $L$ in each? Which of the two fast ones pays for it, and with what?

# %% tags=["demo"]
depths = np.arange(1, 9)
towers = {
    "plain": lambda L: [(3, 1, 1, 1)] * L,
    "dilation doubles": lambda L: [(3, 1, 2**level, 2**level) for level in range(L)],
    "stride 2": lambda L: [(3, 2, 1, 1)] * L,
}
fig, (left, right) = panels(2)
for (name, tower), color, marker in zip(towers.items(), COLORS, "os^", strict=False):
    found = np.array([geometry(512, tower(int(L)))[:2] for L in depths])
    left.plot(depths, found[:, 1], marker, color=color, ms=8 if marker == "s" else 5, label=name)
    right.plot(depths, found[:, 0], marker, color=color, ms=8 if marker == "s" else 5, label=name)
theory(left, depths, 2 * depths + 1)
theory(left, depths, 2.0 ** (depths + 1) - 1, r"theory: $2L+1$ and $2^{L+1}-1$")
theory(right, depths, 512 * np.ones(8))
theory(right, depths, 512 / 2.0**depths, r"theory: $n$ and $n/2^L$")
finish(left, "Receptive field", "layers $L$", "pixels", yscale="log")
finish(right, "Units that are left of 512", "layers $L$", "units", yscale="log")

# %% [markdown]
# **Look again.** Two towers share the left curve and differ on the right. How many layers do they need to see all 512
# pixels, and how many would the plain tower need? Which of the three would you take to label every pixel of an image,
# and which to name the image?

# %% [markdown] instructor=true
# 2^(L+1) - 1 >= 512 from L = 9 on; 2L + 1 >= 512 from L = 256 on. Labels for every pixel need all 512 units, so
# dilation (Yu and Koltun 2016), which pays with memory and time: each layer works at full resolution. For one name per
# image strides are cheaper: after eight layers two units are left.

# %% [markdown] question="effective" points=4 minutes=35 difficulty="**"
# ## 8.2 The effective receptive field
#
# A pixel inside the receptive field may still matter little: count the paths. In a linear network without padding,
# with one channel and kernels $w_\ell$, let $g_\ell[i]$ be the derivative of unit 0 of the *last* layer with respect
# to unit $i$ of layer $\ell$. Then $g_L = (1)$, and going down
#
# $$ g_{\ell-1}[u] = \sum_{i s_\ell + a d_\ell = u} g_\ell[i]\; w_\ell[a] . $$
#
# $g_0$ is the *influence* of each pixel. For kernels with positive entries a path from top to bottom is a random walk
# whose steps are drawn with probabilities $w_\ell[a]/\sum_b w_\ell[b]$, and the moments of its endpoint are sums over
# layers. With $j_{\ell-1} = s_1 \cdots s_{\ell-1}$ and $\mu_\ell$, $v_\ell$ the mean and variance of the tap $a$
# under these probabilities,
#
# $$ \sum_u g_0[u] = \prod_\ell \sum_a w_\ell[a], \qquad \mathrm{mean} = \sum_\ell d_\ell\, j_{\ell-1}\, \mu_\ell,
# \qquad \mathrm{variance} = \sum_\ell (d_\ell\, j_{\ell-1})^2\, v_\ell . $$
#
# The variances add up: $L$ equal layers of stride 1 see as far as $\sqrt L$, though their receptive field grows as
# $L$, and the shape is a Gaussian (Luo, Li, Urtasun and Zemel 2016). Lists are in the order of the layers, first
# layer first.
#
# *About 35 minutes, difficulty \*\*. Write the moments as sums over the layers: they must work for a thousand
#   layers.*


# %% solution="effective"
def influence(
    kernels: list[Float[Array, " taps"]], strides: list[int], dilations: list[int]
) -> Float[Array, " field"]:
    """Derivative of unit 0 of the last layer with respect to each input pixel of its receptive field.

    Args:
        kernels: one per layer, first layer first, of any lengths >= 1 and any signs; the list may be empty. Layers
            compute y[i] = sum_a kernel[a] x[i * stride + a * dilation] (no flip, no padding).
        strides, dilations: one per layer.

    Returns:
        As many numbers as the receptive field has pixels, pixel 0 first; zeros where no path leads; [1] without layers.
        Example: kernels [1, 2] and [1, 10], strides 2 and 1, dilations 1 and 1: [1, 2, 10, 20].
    """
    ### BEGIN SOLUTION
    g = np.ones(1)
    for kernel, stride, dilation in list(zip(kernels, strides, dilations, strict=True))[::-1]:
        below = np.zeros((len(g) - 1) * stride + (len(kernel) - 1) * dilation + 1)
        for i, top in enumerate(g):
            for a, tap in enumerate(np.asarray(kernel, np.float64)):
                below[i * stride + a * dilation] += top * tap
        g = below
    return g
    ### END SOLUTION


def influence_moments(
    kernels: list[Float[Array, " taps"]], strides: list[int], dilations: list[int]
) -> tuple[float, float, float]:
    """Sum, mean position and variance of the influence, from sums over the layers.

    Args:
        kernels: as in `influence`, with positive entries.
        strides, dilations: one per layer.

    Returns:
        (sum, mean, variance): the sum of g_0, and the mean and variance, in pixels, of a position u with probability
        g_0[u] / sum. Example: kernels [1, 1] and [1, 1], strides 2 and 1, dilations 1 and 1: (4, 1.5, 1.25).
    """
    ### BEGIN SOLUTION
    total, mean, variance, jump = 1.0, 0.0, 0.0, 1
    for kernel, stride, dilation in zip(kernels, strides, dilations, strict=True):
        weights = np.asarray(kernel, np.float64)
        p, taps = weights / weights.sum(), np.arange(len(weights))
        first, second = (p * taps).sum(), (p * taps**2).sum()
        total *= weights.sum()
        mean += dilation * jump * first
        variance += (dilation * jump) ** 2 * (second - first**2)
        jump *= stride
    return total, mean, variance
    ### END SOLUTION


# %% check="effective"
_ones = [jnp.ones(2), jnp.ones(2)]
_taps = [jnp.array([1.0, 2.0]), jnp.array([1.0, 10.0])]
_spread, _gapped = influence(_taps, [2, 1], [1, 1]), influence(_taps, [1, 1], [2, 1])
assert np.shape(_spread) == (4,) and np.allclose(_spread, [1, 2, 10, 20]), "the *first* layer's stride spreads the second's taps"
assert np.allclose(influence(_taps, [1, 1], [1, 1]), [1, 12, 20]), "paths to the same pixel add up"
assert np.shape(_gapped) == (4,) and np.allclose(_gapped, [1, 10, 2, 20]), "dilation 2: taps of the first layer two pixels apart"
assert np.allclose(influence_moments(_ones, [2, 1], [1, 1]), (4, 1.5, 1.25)), "variance 1/4 + 2^2 / 4: jumps are squared"

# %% [markdown]
# **Before you plot.** Left: influence in towers of 5, 20 and 80 layers with kernels $(1,1,1)$, scaled by $\sqrt L$.
# And in a *random ReLU* network with many channels: is the mean of the squared gradient flat over the receptive
# field, or what? Right: strides 2 with kernels $(1, 1)$, six layers: 64 pixels. What shape do you expect now?

# %% tags=["demo"]
def squared_gradient(key, depth, channels=64, outputs=8):
    """(d output / d pixel)^2 in one random ReLU network of 3-tap layers without padding, averaged over channels.

    Channels must be many more than layers: the share of a pixel is biased by about depth / channels, because the slopes
    of the ReLUs are not quite independent of the gradient that they multiply (Hanin and Nica 2020).
    """
    k0, *keys = jax.random.split(key, depth + 1)

    def output(x):
        h = x[None]
        for k in keys:
            kernel = jax.random.normal(k, (channels, channels, 3)) * np.sqrt(2 / (3 * channels))
            z = jax.lax.conv_general_dilated(h, kernel, (1,), "VALID")
            h = jax.nn.relu(z)
        return z[0, :, 0]

    _, pull_back = jax.vjp(output, jax.random.normal(k0, (channels, 2 * depth + 1)))
    (gradients,) = jax.vmap(pull_back)(jnp.eye(channels)[:outputs])
    return (gradients**2).mean(axis=(0, 1))


fig, (left, middle, right) = panels(3, width=4.2)
for color, depth in zip(COLORS, [5, 20, 80], strict=False):
    _, mean, variance = influence_moments([np.ones(3) / 3] * depth, [1] * depth, [1] * depth)
    g = np.asarray(influence([np.ones(3) / 3] * depth, [1] * depth, [1] * depth))
    z = (np.arange(len(g)) - mean) / np.sqrt(variance)
    left.plot(z, g * np.sqrt(variance), "o", color=color, ms=4, label=f"{depth} layers: {len(g)} pixels")
z = np.linspace(-4, 4, 161)
theory(left, z, np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi), "theory: Gaussian")
finish(left, "Influence, linear tower", "(pixel - mean) / standard deviation", "influence", xlim=(-4, 4), ylim=(0, 0.62))

depth, networks = 16, 40
measure = jax.jit(lambda k: squared_gradient(k, depth))
squares = np.stack([np.asarray(measure(k)) for k in jax.random.split(jax.random.key(0), networks)])
shares = squares / squares.sum(axis=1, keepdims=True)  # every network counts alike
position = np.arange(2 * depth + 1) - depth
middle.errorbar(position, shares.mean(axis=0), shares.std(axis=0) / np.sqrt(networks), fmt="o", color=COLORS[0], ms=4,
                label=f"{networks} random networks")
theory(middle, position, np.exp(-(position**2) / (4 * depth / 3)) / np.sqrt(np.pi * 4 * depth / 3), "theory: variance $2L/3$")
finish(middle, f"Squared gradient, {depth} ReLU layers", "pixel", "share", ylim=(0, 0.19))

strided = np.asarray(influence([np.ones(2) / 2] * 6, [2] * 6, [1] * 6))
right.plot(strided, "o", color=COLORS[2], ms=4, label="yours")
theory(right, np.arange(64), np.full(64, 1 / 64), "theory: 1/64")
finish(right, "Six layers of stride 2", "pixel", "influence", ylim=(0, 0.03))

# %% [markdown]
# **Look again.** Read off the middle plot which part of the 33 pixels of the receptive field carries nearly
# everything. How does that part change with depth? And the right plot shows no bell at all, though it, too, is the law
# of a sum of independent steps: which assumption of the central limit theorem fails?

# %% [markdown] instructor=true
# Two standard deviations, 2 sqrt(32/3) = 6.5: 13 of 33 pixels carry 95 %. The part shrinks as L^(-1/2). Right: the
# steps are not of one size; the last alone has three quarters of the variance (question 8.7c).
#
# The error bars are over networks. With 24 channels instead of 64 the shares of 16 layers spread measurably wider than
# theory (variance 11.4 +- 0.2 for 10.7): an effect of depth / width, not of sampling.

# %% [markdown] question="fourier" points=3 minutes=25 difficulty="**" bans="convolution"
# ## 8.3 The convolution theorem
#
# Here the sign matters. The **true convolution** has a minus where the lab's layer has a plus:
#
# $$ (k * x)_{ij} = \sum_{a,b} k_{ab}\, x_{i-a,\,j-b} \qquad\text{and}\qquad
# (k \star x)_{ij} = \sum_{a,b} k_{ab}\, x_{i+a,\,j+b} . $$
#
# If indices are taken modulo the size of the image (*circular*: what leaves on the right enters on the left), Fourier
# makes products of both. With the transform as `np.fft` and `jnp.fft` define it, $\hat x_{uv} = \sum_{ij} x_{ij}\,
# e^{-2\pi i(ui/h + vj/w)}$ (a factor $1/hw$ in the inverse), and $\hat k$ that of the kernel, padded by zeros behind its
# last row and column to the size of the image,
#
# $$ \widehat{k * x} = \hat k\,\hat x , \qquad \widehat{k \star x} = \overline{\hat k}\;\hat x
# \qquad (k \text{ real}). $$
#
# The *full* convolution takes $x$ as zero outside the image and keeps every entry that can be nonzero: its size is
# $(h + k_h - 1, w + k_w - 1)$. It is circular, too, on a canvas that is large enough for nothing to wrap around. The
# image $x$ is `x`, the kernel $k$ is `kernel`; transform with `jnp.fft` or `np.fft`.
#
# *About 25 minutes, difficulty \*\*. Through Fourier space, please. Off limits are the convolution routines of every
#   library: `jax.lax.conv*`, `jnp.convolve`, `np.convolve`, `correlate`, `jax.scipy.signal`, `scipy.signal`,
#   `scipy.ndimage`, `np.polymul` and their relatives.*


# %% solution="fourier"
def convolve_circular(x: Float[Array, "h w"], kernel: Float[Array, "kh kw"]) -> Float[Array, "h w"]:
    """True convolution k * x with indices modulo (h, w).

    Args:
        x: real image.
        kernel: real, no larger than the image; its entry [0, 0] belongs to a = b = 0 (it is not centred).

    Returns:
        Real, shape (h, w). Example: x [[1, 2, 3]], kernel [[1, 10]]: [[31, 12, 23]].
    """
    ### BEGIN SOLUTION
    return jnp.fft.ifft2(jnp.fft.fft2(x) * jnp.fft.fft2(kernel, s=x.shape)).real
    ### END SOLUTION


def correlate_circular(x: Float[Array, "h w"], kernel: Float[Array, "kh kw"]) -> Float[Array, "h w"]:
    """Cross-correlation of k and x with indices modulo (h, w): the lab's layer, with circular padding.

    Args:
        x, kernel: as in `convolve_circular`.

    Returns:
        Real, shape (h, w). Example: x [[1, 2, 3]], kernel [[1, 10]]: [[21, 32, 13]].
    """
    ### BEGIN SOLUTION
    return jnp.fft.ifft2(jnp.fft.fft2(x) * jnp.fft.fft2(kernel, s=x.shape).conj()).real
    ### END SOLUTION


def convolve_full(x: Float[Array, "h w"], kernel: Float[Array, "kh kw"]) -> Float[Array, "h+kh-1 w+kw-1"]:
    """True convolution of an image that is zero outside; nothing wraps around.

    Args:
        x, kernel: real, of any sizes (the kernel may be the larger one).

    Returns:
        Real, shape (h + kh - 1, w + kw - 1). Example: x [[1, 2, 3]], kernel [[1, 10]]: [[1, 12, 23, 30]].
    """
    ### BEGIN SOLUTION
    canvas = (x.shape[0] + kernel.shape[0] - 1, x.shape[1] + kernel.shape[1] - 1)
    return jnp.fft.ifft2(jnp.fft.fft2(x, s=canvas) * jnp.fft.fft2(kernel, s=canvas)).real
    ### END SOLUTION


# %% check="fourier"
_x, _k = jnp.array([[1.0, 2.0, 3.0]]), jnp.array([[1.0, 10.0]])
_circular, _correlated, _full = convolve_circular(_x, _k), correlate_circular(_x, _k), convolve_full(_x, _k)
assert np.shape(_circular) == np.shape(_correlated) == (1, 3), "circular: as large as the image"
assert np.shape(_full) == (1, 4), "h + kh - 1 and w + kw - 1. (1, 3): it wrapped around"
assert not any(map(np.iscomplexobj, (_circular, _correlated, _full))), "the result is real: the inverse transform's is complex"
assert np.allclose(_circular, [[31, 12, 23]], atol=1e-3), "entry 0: 1 * x[0] + 10 * x[-1] = 31"
assert np.allclose(_correlated, [[21, 32, 13]], atol=1e-3), "a plus in space is a conjugate in Fourier space: of which factor?"
assert np.allclose(_full, [[1, 12, 23, 30]], atol=1e-3), "zero outside the image: entry 0 is 1 * x[0], the last 10 * x[-1]"
assert np.allclose(convolve_circular(_x.T, _k.T), [[31], [12], [23]], atol=1e-3), "a column, too: transform both directions"

# %% [markdown]
# **Before you plot.** Convolve a line of 40 pixels with a kernel of 9 on a canvas of $40 + p$ pixels, by
# `convolve_circular`. For which $p$ is the result the full convolution, and how does the error approach zero before
# that?

# %% tags=["demo"]
rng = np.random.default_rng(8)
pads = np.arange(13)
square_errors = np.zeros(13)
for _ in range(6):  # 100 signals, one per row, and one kernel of random signs
    signals, taps = rng.normal(size=(100, 40)), rng.choice([-1.0, 1.0], size=(1, 9))
    full = np.pad(np.asarray(convolve_full(jnp.asarray(signals), jnp.asarray(taps))), ((0, 0), (0, 4)))  # 52 pixels
    for p in pads:
        wrapped = np.asarray(convolve_circular(jnp.asarray(np.pad(signals, ((0, 0), (0, p)))), jnp.asarray(taps)))
        square_errors[p] += ((wrapped - full[:, : 40 + p]) ** 2).sum() / 600
fig, ax = panels(1, width=6.2)
ax.plot(pads, square_errors, "o", color=COLORS[0], label="measured: 600 signals of white noise")
theory(ax, pads, [(8 - p) * (9 - p) / 2 if p < 8 else 0 for p in pads], r"theory: $(8-p)(9-p)/2$, then 0")
finish(ax, "Wrap-around", "zeros added p", "squared error of the first 40 + p pixels")

# %% [markdown]
# **Look again.** From which $p$ on is the measured error zero, and why does it fall like a parabola and not like a
# line? How many zeros does an image of size $h\times w$ need for a kernel of size $k_h\times k_w$?

# %% [markdown] instructor=true
# From p = 8 on: k - 1 zeros per direction, h + k_h - 1 by w + k_w - 1 in all. The 8 - p last entries land on the 8 - p
# first ones, and the entry m places behind the image's end is a sum of 8 - m products: 1 + 2 + ... + (8 - p).

# %% [markdown] question="singular" points=4 minutes=30 difficulty="**"
# ## 8.4 All singular values of a layer
#
# How much can a layer stretch an image? As a matrix it has $(c_{\rm out} n^2)\times(c_{\rm in} n^2)$ entries, far
# too many to decompose. But with circular padding, Fourier decouples the frequencies: at each $\omega = (\omega_1,
# \omega_2)$ the layer only mixes channels, by the small matrix
#
# $$ P_\omega\;[o, c] = \sum_{a,b} K_{o\,c\,a\,b}\; e^{2\pi i(\omega_1 a + \omega_2 b)/n} , $$
#
# and **the singular values of the layer are those of all $n^2$ matrices $P_\omega$ together** (Sedghi, Gupta and Long
# 2019). $K$ is `kernel`, shape `(c_out, c_in, kh, kw)`; images are $n\times n$ with $n$ = `n`, and the stride is 1.
# (The sign in the exponent only conjugates $P_\omega$: the layer's plus and the convolution's minus have the same
# singular values.)
#
# *About 30 minutes, difficulty \*\*.*


# %% solution="singular"
def singular_values(kernel: Float[Array, "c_out c_in kh kw"], n: int) -> Float[Array, " n*n*min(c_out,c_in)"]:
    """All singular values of the circular convolutional layer on images of n x n pixels, largest first.

    Args:
        kernel: real, kh <= n and kw <= n.
        n: height and width of the images.

    Returns:
        One-dimensional, n^2 min(c_out, c_in) numbers >= 0 in decreasing order, multiplicities included.
        Example: kernel [[[[1, 1]]]], n = 2: at the frequencies (., 0) and (., 1) 2 and 0, each twice: [2, 2, 0, 0].
    """
    ### BEGIN SOLUTION
    waves = lambda taps: np.exp(2j * np.pi * np.outer(np.arange(taps), np.arange(n)) / n)  # tap, frequency
    P = np.einsum("ocab,au,bv->uvoc", kernel, waves(kernel.shape[2]), waves(kernel.shape[3]))
    return np.sort(np.linalg.svd(P, compute_uv=False).ravel())[::-1]
    ### END SOLUTION


# %% check="singular"
_row = jnp.array([[[[1.0, 1.0]]]])
assert np.shape(singular_values(_row, 2)) == (4,), "n^2 min(c_out, c_in) values, those at zero included"
assert np.allclose(singular_values(_row, 2), [2, 2, 0, 0], atol=1e-4), "a constant row is doubled, an alternating one dies"
_mix = jnp.array([[3.0, 0.0], [4.0, 0.0]])[:, :, None, None]
assert np.allclose(singular_values(_mix, 2), [5] * 4 + [0] * 4, atol=1e-4), (
    "one pixel, two channels: at every frequency the same matrix [[3, 0], [4, 0]], with singular values 5 and 0"
)

# %% [markdown]
# **Before you plot.** A random $3\times3$ kernel with $c$ channels in and out, entries $\mathcal N(0, 1/(9c))$: on
# average it keeps the length of an image. Do all of its singular values lie near 1? And is there a cheap estimate for
# the largest, from the kernel written as a $c\times 9c$ matrix?

# %% tags=["demo"]
rng = np.random.default_rng(4)
fig, (left, right) = panels(2)
kernel = rng.normal(size=(48, 48, 3, 3)) / np.sqrt(9 * 48)
left.hist(np.asarray(singular_values(jnp.asarray(kernel), 8)), bins=40, density=True, color=COLORS[5], label="48 channels, n = 8")
sigma = np.linspace(0, 2, 201)
theory(left, sigma, np.sqrt(4 - sigma**2) / np.pi, r"theory: $\sqrt{4-\sigma^2}/\pi$")
finish(left, "Singular values of a random layer", r"$\sigma$", "density")
sizes = np.array([3, 4, 6, 8, 12, 16])
small = np.stack([np.outer([1, 2, 1], [1, 2, 1]) / 16, np.outer([1, 2, 1], [-1, 0, 1]) / 8])[:, None]
several = rng.normal(size=(8, 8, 3, 3)) / np.sqrt(72)
for color, name, K in [(COLORS[0], "random, 8 channels", several), (COLORS[1], "blur and edge", small)]:
    right.plot(sizes, [float(singular_values(jnp.asarray(K), int(n))[0]) for n in sizes], "o-", color=color, label=name)
    flat = np.linalg.svd(K.reshape(len(K), -1), compute_uv=False)[0]
    label = r"theory: bound $\sqrt{9}\,\|K\|$ of the flat kernel" if color == COLORS[0] else None
    theory(right, sizes, np.full(len(sizes), 3 * flat), label)
finish(right, "The largest one", "image size n", r"$\sigma_{\max}$", ylim=(0, None))

# %% [markdown]
# **Look again.** The layer keeps lengths on average, and yet some directions are doubled and many nearly vanish. What
# does this mean for a linear tower of 50 such layers? Read off the right plot how much too large the cheap bound is for
# either kernel. Which kernel would attain it?

# %% [markdown] instructor=true
# The product of 50 random layers has singular values spread over many orders of magnitude (its log-spectrum widens
# with depth): isometry needs orthogonal initialization (Xiao et al. 2018, delta-orthogonal kernels). The bound is
# about 1.9 times too large for the random kernel, 1.1 times for blur and edge. It is attained where the nine matrices
# K[:, :, a, b], with their phases at some frequency, agree: by the constant kernel at frequency 0.

# %% [markdown] question="shift" points=4 minutes=40 difficulty="***"
# ## 8.5 How subsampling breaks equivariance
#
# Stride-1 layers commute with shifts. A stride $s$ keeps every $s$-th pixel, so a shift of the input by $t$ pixels
# should move the output by $t/s$ of its pixels. For $t$ not divisible by $s$ that is a *fraction* of a pixel: does
# the output move by a fraction? The question has a meaning on a circle of $N = sM$ pixels with **odd** $M$. Let $x$
# be the signal and
#
# $$ y_t[j] = x[(s j - t) \bmod N], \qquad j = 0, \dots, M - 1 $$
#
# the subsampled, shifted signal. With $\hat y[k] = \sum_j y[j]\,e^{-2\pi i jk/M}$ and $\hat x[k] = \sum_n x[n]\,e^{-2\pi i
# nk/N}$ (the convention of `np.fft`), the shift of $y_0$ by $t/s$ is defined by its trigonometric interpolation:
# $(F_{t/s}\, y)^{\wedge}[k] = e^{-2\pi i k t/(sM)}\, \hat y[k]$ for $|k| \le (M-1)/2$. The relative error of
# equivariance is
#
# $$ \varepsilon = \frac{\lVert y_t - F_{t/s}\, y_0\rVert}{\lVert y_0 \rVert}, \qquad
# (y_t - F_{t/s}\, y_0)^\wedge[k] = \frac{e^{-2\pi i k t/N}}{s}
# \sum_{m=0}^{s-1}\bigl(e^{-2\pi i m t/s} - 1\bigr)\, \hat x[k + mM]. $$
#
# The term $m = 0$ drops out: **all of the error comes from frequencies above what the coarse grid can carry**
# (aliasing). $s$ is `stride`, $t$ is `shift`. You may use the definition or the formula on the right, whose
# derivation is worth a page. Mind that the transform's index $k + mM$ is taken modulo $N$, and that $k$ may be
# negative.
#
# *About 40 minutes, difficulty \*\*\*.*


# %% solution="shift"
def shift_error(x: Float[Array, " N"], stride: int, shift: int) -> Float[Array, ""]:
    """Relative error of translation equivariance of "keep every stride-th entry", for one signal and one shift.

    Args:
        x: real signal on a circle of N = stride * M entries, M odd.
        stride: s >= 1.
        shift: t, any integer (negative ones shift to the left).

    Returns:
        || y_t - F_{t/s} y_0 || / || y_0 ||, a single number >= 0.
        Example: x = [1, 0, 0, 0, 0, 0], stride 2: 1 for shift 1 (the impulse falls between the grid's points), 0 for
        shift 2.
    """
    ### BEGIN SOLUTION
    y0, yt = np.asarray(x)[::stride], np.roll(x, shift)[::stride]
    k = np.fft.fftfreq(len(y0), 1 / len(y0))  # 0, 1, ..., (M - 1) / 2, -(M - 1) / 2, ..., -1
    moved = np.fft.ifft(np.fft.fft(y0) * np.exp(-2j * np.pi * k * shift / len(x)))
    return np.linalg.norm(yt - moved) / np.linalg.norm(y0)
    ### END SOLUTION


# %% check="shift"
_impulse, _wave = np.eye(6)[0], np.cos(2 * np.pi * np.arange(10) / 10)
assert abs(float(shift_error(_impulse, 2, 2))) < 1e-4, "a shift by a multiple of the stride moves the output exactly"
assert abs(float(shift_error(_impulse, 2, 1)) - 1.0) < 1e-4, "an impulse between the grid's points disappears: error 1"
assert abs(float(shift_error(_wave, 2, 1))) < 1e-4, "a slow wave moves by half a pixel: error 0. |y_1 - y_0| is not asked"
assert abs(float(shift_error((-1.0) ** np.arange(6), 2, 1)) - 2.0) < 1e-4, (
    "y_0 = (1, 1, 1) is still, y_1 = -(1, 1, 1): error 2. 1.41: relative to the length of x, not of y_0; 4: squared lengths"
)

# %% [markdown]
# **Before you plot.** White noise, stride 2, shift 1: the two subsamples have no pixel in common, so they are
# independent, and $\varepsilon=\sqrt2$. Now blur first, by $[1, 1]/2$ applied $b$ times (its frequency response is
# $\cos^b(\theta/2)$ in size). How fast does equivariance come back with $b$?

# %% tags=["demo"]
rng = np.random.default_rng(5)
length, blurs = 2 * 501, np.arange(9)
angles = 2 * np.pi * np.arange(length) / length
measured = np.zeros((9, 20))
for trial in range(20):
    noise = rng.normal(size=length)
    for b in blurs:
        measured[b, trial] = shift_error(noise, 2, 1)
        noise = (noise + np.roll(noise, 1)) / 2
fine = np.linspace(0, np.pi, 4001)
power = np.cos(fine / 2)[None] ** (2 * blurs[:, None])
predicted = np.sqrt(4 * (power * (fine > np.pi / 2)).sum(axis=1) / power.sum(axis=1))
shifts = np.arange(13)
fig, (left, right) = panels(2)
left.plot(blurs, measured.mean(axis=1), "o", color=COLORS[0], label="white noise, blurred $b$ times")
theory(left, blurs, predicted, "theory: 2 (share of aliased power)$^{1/2}$")
finish(left, "Blur before you subsample", "number of blurs $b$", r"$\varepsilon$ for stride 2, shift 1", yscale="log")
for color, stride in zip(COLORS, [2, 3, 4], strict=False):
    noise = rng.normal(size=stride * 1001)
    right.plot(shifts, [shift_error(noise, stride, int(t)) for t in shifts], "o", color=color, label=f"stride {stride}")
theory(right, shifts, np.full(13, np.sqrt(2)), r"theory: $\sqrt{2}$, or 0 at multiples")
finish(right, "White noise", "shift $t$", r"$\varepsilon$", ylim=(-0.1, 2.1))

# %% [markdown]
# **Look again.** How many blurs bring the error below 10 %, and what does a further blur gain? In the right plot all
# shifts that are no multiples of the stride have the same error, also for stride 4 and shift 2. Why?

# %% [markdown] instructor=true
# Read off: seven blurs; each further one a factor of about 0.7. (Zhang 2019 puts such a blur before every
# subsampling of a network and loses no accuracy.) Right: y_t and y_0 have no pixel in common unless s divides t, so for
# white noise they are independent and, as the interpolated shift keeps lengths, their distance is sqrt(2) of one. In the
# formula: sum_m |exp(-2 pi i m t / s) - 1|^2 = 2 s for every t that s does not divide.

# %% [markdown] question="why_convolution" points=4 minutes=30 difficulty="**" written=true
# ## 8.6 Convolutions are the only ones
#
# Signals live on a circle of $n$ pixels with $c$ channels, $x\in(\mathbb R^{c})^{n}$, and $(Tx)[i] = x[i-1]$. (a)
# Let $A$ be a linear map from $c_{\rm in}$ to $c_{\rm out}$ channels with $AT = TA$. Show that there are matrices
# $K_a$ with $(Ax)[i] = \sum_a K_a\, x[i + a]$, and that conversely every such map commutes with $T$. How many free
# parameters does it have, compared with an arbitrary linear map? (b) Show that an $A$ with stride $s$ cannot commute
# with $T$, and say which relation holds in its place. (c) Show that $\sum_i \sigma((Ax)[i])$, with any pointwise $\sigma$, is
# invariant under $T$. Give a function of $x$ that a network of (circular, stride 1) layers with this pooling cannot
# compute, and say why one layer of *zero* padding changes that.

# %% [markdown] solution="why_convolution"
# (a) Write $(Ax)[i] = \sum_j A_{ij}\,x[j]$ with blocks $A_{ij}\in\mathbb R^{c_{\rm out}\times c_{\rm in}}$.
# $(ATx)[i] = \sum_j A_{i,j+1}\,x[j]$ and $(TAx)[i] = \sum_j A_{i-1,j}\,x[j]$. Equality for all $x$ means $A_{i,j+1}
# = A_{i-1,j}$, so $A_{ij}$ depends on $j - i$ only (modulo $n$): put $K_a = A_{0a}$. Then $(Ax)[i] = \sum_j
# K_{j-i}\,x[j] = \sum_a K_a\,x[i+a]$. Conversely $(ATx)[i] = \sum_a K_a\,x[i+a-1] = (TAx)[i]$. It has $n\,c_{\rm
# in}c_{\rm out}$ parameters against $n^2 c_{\rm in} c_{\rm out}$; *local* kernels, $k\,c_{\rm in}c_{\rm out}$, are a
# further assumption, not a consequence.
#
# (b) With stride, $A$ maps to a circle of $n/s$ pixels, on which a shift by one output pixel $T'$ acts; $AT=TA$ does
# not even make sense there. What holds is $A T^s = T' A$: $(AT^sx)[i] = \sum_a K_a\,x[si + a - s] = (Ax)[i-1]$. And
# no operator $B$ at all gives $AT = BA$ for $A = $ "keep every second pixel": an $x$ that vanishes on the even
# pixels has $Ax = 0$ but $ATx \neq 0$. Information on the odd pixels is lost, so it cannot reappear from $Ax$.
#
# (c) $\sum_i\sigma((ATx)[i]) = \sum_i\sigma((Ax)[i-1])$, the same sum in another order. The same holds for a tower of
# layers, each commuting with $T$. So a network of this kind gives the same output for $x$ and $Tx$: it cannot
# compute, say, $x[0]$, or the position of the largest pixel. A layer with zero padding does not commute with $T$:
# for the constant signal 1 and a positive kernel its output is smaller at the ends, so it marks the ends, and later
# layers can measure the distance from there. (Islam, Jia and Bruce 2020.)

# %% [markdown] rubric="why_convolution"
# * **1.5 points** (a): blocks depend on $j - i$ only (1), converse and both counts (0.5). A proof for one channel
#   that says how channels enter is complete.
# * **1 point** (b): $AT^s = T'A$ (0.5) and a reason why a single step fails, e.g. a signal that is lost (0.5).
# * **1.5 points** (c): invariance by reordering the sum (0.5); a function that is not invariant (0.5); zero padding
#   breaks $AT = TA$ at the ends, with an example (0.5).
#
# "Because of weight sharing" without the equation earns nothing in (a).

# %% [markdown] question="why_gaussian" points=4 minutes=30 difficulty="**" written=true
# ## 8.7 The field that matters
#
# (a) Derive the three formulas for the moments in 8.2 from the recursion for $g$. *Hint: what does one layer do to
# the polynomial $G_\ell(z) = \sum_i g_\ell[i]\,z^i$?* (b) For $L$ equal layers of stride 1, conclude that the
# influence becomes Gaussian, and give the share of the receptive field within two standard deviations for kernels
# $(1,1,1)$. (c) For strides $s_\ell = 2$ and kernels $(1,1)$ the influence is uniform. Show it, and say why the
# central limit theorem does not apply. (d) Let the weights be random, independent, with mean 0 and variance $1/k$,
# the network linear with one channel. Show that $\mathbb E\,g_0[u]^2$ obeys the same recursion with kernel entries
# $1/k$. What changes if ReLUs are put in?

# %% [markdown] solution="why_gaussian"
# (a) $G_{\ell-1}(z) = \sum_{i,a} g_\ell[i]\,w_\ell[a]\,z^{i s_\ell + a d_\ell} =
# W_\ell(z^{d_\ell})\,G_\ell(z^{s_\ell})$ with $W_\ell(z) = \sum_a w_\ell[a]z^a$. Unrolled, $G_0(z) = \prod_\ell
# W_\ell\bigl(z^{d_\ell j_{\ell-1}}\bigr)$. At $z = 1$ this is the product of the sums. Normalised,
# $W_\ell(z)/W_\ell(1)$ is the generating function of a random tap $a_\ell$, and a product of generating functions
# belongs to a sum of independent variables: $u = \sum_\ell d_\ell j_{\ell-1} a_\ell$. Means add, and so do
# variances, scaled by $(d_\ell j_{\ell-1})^2$.
#
# (b) $u$ is a sum of $L$ independent equal variables of finite variance $v$: by the central limit theorem $(u -
# L\mu)/\sqrt{Lv}$ tends to $\mathcal N(0,1)$ in law (and for an aperiodic lattice walk also locally). For $(1,1,1)$,
# $v = 2/3$: two standard deviations on both sides are $4\sqrt{2L/3} = 3.27\sqrt L$ pixels of $2L+1$: a share of
# about $1.63/\sqrt L$, which tends to 0 (16 % at $L=100$) while it carries 95 % of the influence.
#
# (c) $u = \sum_{\ell=1}^{L} 2^{\ell-1} a_\ell$ with independent bits $a_\ell\in\{0,1\}$: binary expansion, each
# $u\in\{0,\dots,2^L-1\}$ once. The variances $4^{\ell-1}/4$ grow so fast that the last layer alone has three
# quarters of the sum: no term may dominate (Lindeberg's condition fails).
#
# (d) $g_{\ell-1}[u] = \sum g_\ell[i]w_\ell[a]$, where the $w_\ell[a]$ are independent of $g_\ell$ and of each other,
# with mean 0. In the square all mixed terms vanish: for stride 1 two different terms of one $u$ have different $a$.
# So $\mathbb E g_{\ell-1}[u]^2 = \sum \mathbb E g_\ell[i]^2\cdot\frac1k$. With ReLUs each $g_\ell[i]$ is multiplied
# by the 0-1 slope of its unit. For many channels and symmetric weights the slope is on with probability 1/2, nearly
# independently of $g$: a factor 1/2 per layer, the same for all pixels, so the *shape* stays (that is the middle
# plot; He's factor 2 makes up for it).

# %% [markdown] rubric="why_gaussian"
# * **1 point** (a): factorisation of the generating function (or the walk $u = \sum d_\ell j_{\ell-1}a_\ell$), and
#   from it all three.
# * **1 point** (b): central limit theorem with its assumption named (independent, equal, finite variance) and the
#   share $1.63/\sqrt L$ (accept $O(L^{-1/2})$ with a constant that fits the definition used).
# * **1 point** (c): binary expansion (0.5); one term dominates (0.5).
# * **1 point** (d): mixed terms vanish (0.5); ReLUs give a factor that does not depend on the pixel (0.5).
