# ---
# jupyter:
#   autograder:
#     points: 21
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
# # Week 8 lab: Convolutional networks
#
# A convolutional layer is a linear layer with two beliefs built in: what matters is *local*, and it may appear
# *anywhere*. Today you write that layer with all its knobs, the pooling that follows it, and both of its backward
# passes; then you build a network from them and train it on handwritten digits. No convolution routine of any
# library is used: afterwards you know what each of them does.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 1 | Sliding a kernel | 2 | 10 | * |
# | 2 | The convolutional layer | 4 | 35 | ** |
# | 3 | Pooling | 3 | 20 | ** |
# | 4 | The transposed convolution | 4 | 35 | *** |
# | 5 | The gradient of shared weights | 3 | 25 | ** |
# | 6 | A convolutional network | 2 | 15 | * |
# | 7 | Training with momentum | 3 | 25 | ** |
#
# **How to work.** Each function gets all it needs as arguments, so you can do the questions in any order. After each
# one run its `grader.check`: it catches the usual slip; hidden tests then look more closely. Before each plot, write
# your prediction down. NumPy or JAX, loops, gathers or `einsum`: every correct style is accepted. Questions 6 and 7
# should be differentiable by JAX, and the demonstrations differentiate your `conv2d` and `max_pool`: they are best
# written in JAX, too.
#
# **Conventions.** Images are `x` of shape `(batch, channels, height, width)`; kernels have shape `(c_out, c_in, k_h,
# k_w)`. Whatever belongs to the two directions comes as a pair, **vertical first**: `stride = (s_v, s_h)`, `dilation
# = (d_v, d_h)`, and `padding = ((top, bottom), (left, right))`, whose four numbers may all differ. Everything is
# float32.
#
# **Off limits** in questions 1 to 5: `jax.lax.conv*`, `reduce_window`, `conv_general_dilated_patches`,
# `jnp.convolve`, `jnp.correlate`, `jax.scipy.signal`, `scipy.signal`, `scipy.ndimage` and their relatives, products of
# polynomials (`np.polymul`, `np.poly1d`) among them. Fourier transforms, `sliding_window_view` and everything else that
# moves or sums numbers are allowed.

# %%
from course_lib.checks import open_checks

grader = open_checks("week08/lab")

# %%
from collections.abc import Callable

import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from course_lib.data import digits
from course_lib.plots import COLORS, finish, panels, theory

Pair = tuple[int, int]
Padding = tuple[tuple[int, int], tuple[int, int]]
NO_PADDING = ((0, 0), (0, 0))

# %% [markdown] question="correlate" points=2 minutes=10 difficulty="*" bans="convolution"
# ## 1. Sliding a kernel
#
# Lay a small kernel $k$ on every place of an image $x$ where it fits entirely, multiply entry by entry, and add:
#
# $$y_{ij} = \sum_{a=0}^{k_h-1}\sum_{b=0}^{k_w-1} k_{ab}\;x_{i+a,\,j+b},
# \qquad 0\le i\le h-k_h,\quad 0\le j\le w-k_w .$$
#
# This is a **cross-correlation**. A convolution in the sense of mathematics has $x_{i-a,\,j-b}$: the kernel turned by
# 180 degrees. Networks learn their kernels, so nobody minds; every deep-learning library computes the formula above
# and calls it convolution, and so do we today. (In the homework, where Fourier comes in, the sign matters.)
#
# The image is `x`, the kernel `kernel`.
#
# *About 10 minutes, difficulty \*, 2 points.*


# %% solution="correlate"
def correlate(x: Float[Array, "h w"], kernel: Float[Array, "kh kw"]) -> Float[Array, "h-kh+1 w-kw+1"]:
    """Cross-correlation of one image with one kernel, at the places where the kernel fits into the image.

    Args:
        x: the image, float32.
        kernel: float32, no larger than the image in either direction; not flipped.

    Returns:
        Shape (h - kh + 1, w - kw + 1), float32.
        Example: x [[1, 2, 3]], kernel [[1, 10]]: [[21, 32]].
    """
    ### BEGIN SOLUTION
    rows, columns = (np.add.outer(np.arange(n - k + 1), np.arange(k)) for n, k in zip(x.shape, kernel.shape, strict=True))
    patches = jnp.take(jnp.take(x, rows, axis=0), columns, axis=2)  # place, tap, place, tap
    return jnp.einsum("iajb,ab->ij", patches, kernel)
    ### END SOLUTION


# %% check="correlate"
slid = jnp.asarray(correlate(jnp.array([[1.0, 2.0, 3.0]]), jnp.array([[1.0, 10.0]])))
assert slid.shape == (1, 2), "three pixels have two places for a kernel of two: w - kw + 1"
assert abs(float(slid[0, 0]) - 21.0) < 1e-4, "1*1 + 2*10 = 21. With 12 the kernel is flipped: that is a convolution"

# %% [markdown]
# **Predict.** The image is a wave, $x_{ij}=\cos(\theta j)$. Whatever the kernel, the result is again a wave of the
# same frequency (why?); only its amplitude changes, by a factor that depends on $\theta$. Sketch that factor for the
# average of three neighbours, $(1,1,1)/3$, and for the difference $(-1, 0, 1)/2$.

# %% tags=["demo"]
thetas = np.linspace(0.05, np.pi, 40)
fig, ax = panels(1, width=6.2)
for color, taps, name in [(COLORS[0], [1 / 3, 1 / 3, 1 / 3], "average"), (COLORS[1], [-0.5, 0.0, 0.5], "difference")]:
    gains = []
    for angle in thetas:
        wave = np.stack([np.cos(angle * np.arange(202)), np.sin(angle * np.arange(202))])
        through = np.asarray(correlate(jnp.asarray(wave), jnp.array([taps])))
        gains.append(np.sqrt((through**2).sum(axis=0)).mean())  # |cos + i sin|: the amplitude, whatever the phase
    ax.plot(thetas, gains, "o", markersize=4, color=color, label=name)
theory(ax, thetas, np.abs(1 + 2 * np.cos(thetas)) / 3)
theory(ax, thetas, np.sin(thetas), r"theory: $|1+2\cos\theta|/3$ and $\sin\theta$")
finish(ax, "A kernel is a filter of frequencies", r"frequency $\theta$ (radians per pixel)", "amplitude out / in")

# %% [markdown]
# **Reflect.** Each filter is blind to some frequencies: read them off. What does the image look like that is invisible
# to the average, and what do the two look like that are invisible to the difference?

# %% [markdown] instructor=true
# Average: 1 + 2 cos theta = 0 at theta = 2 pi / 3, a wave of period three. Difference: theta = 0 (a constant image)
# and theta = pi (stripes of alternating pixels). Waves are eigenfunctions of every shift, so of every sum of shifts:
# the homework makes singular values out of that.

# %% [markdown] question="conv2d" points=4 minutes=35 difficulty="**" bans="convolution"
# ## 2. The convolutional layer
#
# The layer adds channels and three knobs. First the image is *padded* by zeros; then the kernel's taps are spread
# $d$ pixels apart (**dilation**: a larger view at no cost), and its position moves in steps of $s$ (**stride**: a
# smaller output):
#
# $$y_{n\,o\,i\,j} = \sum_{c}\sum_{a,b} K_{o\,c\,a\,b}\;
# \tilde x_{n,\;c,\;i s_v + a d_v,\;j s_h + b d_h},
# \qquad h_{\text{out}} = \Bigl\lfloor\frac{h + p_{\text{top}} + p_{\text{bottom}} - d_v(k_h-1) - 1}{s_v}\Bigr\rfloor+1,$$
#
# and likewise for the width. $\tilde x$ is `x` with `padding = ((top, bottom), (left, right))` zeros around it; $K$
# is `kernel`, $s$ is `stride`, $d$ is `dilation`. Where the stride does not divide, the last pixels are left over:
# places where the kernel does not fit do not count.
#
# *About 35 minutes, difficulty \*\*, 4 points. Loops over the kernel's taps are fine; loops over all pixels are
# right, too, but slow later on.*


# %% solution="conv2d"
def conv2d(
    x: Float[Array, "batch c_in h w"],
    kernel: Float[Array, "c_out c_in kh kw"],
    stride: Pair = (1, 1),
    padding: Padding = NO_PADDING,
    dilation: Pair = (1, 1),
) -> Float[Array, "batch c_out h_out w_out"]:
    """Convolutional layer (a cross-correlation: the kernel is not flipped), without bias.

    Args:
        x: images, float32.
        kernel: one kernel for each pair of output and input channel, float32.
        stride: (vertical, horizontal) step of the kernel's position, >= 1.
        padding: ((top, bottom), (left, right)), rows and columns of zeros added, >= 0.
        dilation: (vertical, horizontal) distance of neighbouring taps in pixels, >= 1; 1 means adjacent.

    Returns:
        Shape (batch, c_out, h_out, w_out), float32; sizes as in the formula above, at least 1.
        Example: one image and channel [[1, 2, 3, 4, 5]], kernel [[1, 10]], stride (1, 2), dilation (1, 2), padding
        ((0, 0), (1, 0)): places 0, 2 and 4 of [0, 1, 2, 3, 4, 5], of which the last does not fit: [[20, 42]].
    """
    ### BEGIN SOLUTION
    padded = jnp.pad(x, ((0, 0), (0, 0), *padding))
    indices = []
    for size, taps, step, gap in zip(padded.shape[2:], kernel.shape[2:], stride, dilation, strict=True):
        places = (size - gap * (taps - 1) - 1) // step + 1
        indices.append(np.arange(places)[:, None] * step + np.arange(taps) * gap)
    rows, columns = indices
    patches = padded.take(rows, axis=2).take(columns, axis=4)
    return jnp.einsum("nciajb,ocab->noij", patches, kernel)
    ### END SOLUTION


# %% check="conv2d"
line = jnp.arange(1.0, 6.0).reshape(1, 1, 1, 5)
pair = jnp.array([1.0, 10.0]).reshape(1, 1, 1, 2)
plain = jnp.asarray(conv2d(line, pair))
assert plain.shape == (1, 1, 1, 4) and jnp.round(plain[0, 0, 0, 0], 2) == 21.0, "no knob turned: 1*1 + 2*10 = 21 at place 0"
mixing = jnp.array([[1.0, 10.0], [100.0, 1000.0]]).reshape(2, 2, 1, 1)
mixed = jnp.asarray(conv2d(jnp.array([1.0, 2.0]).reshape(1, 2, 1, 1), mixing))
assert jnp.round(mixed, 2).ravel().tolist() == [21.0, 2100.0], (
    "two channels of one pixel: 1 * 1 + 10 * 2 and 100 * 1 + 1000 * 2. 201 and 2010: c_out and c_in are exchanged; "
    "3 and 300: each input channel has a kernel of its own"
)
assert jnp.asarray(conv2d(line, pair, stride=(1, 3))).shape == (1, 1, 1, 2), "places 0 and 3: the size is (5 - 2) // 3 + 1 = 2"
shifted = jnp.round(jnp.asarray(conv2d(line, pair, padding=((0, 0), (2, 0)))), 2)
assert shifted.ravel()[1] == 10.0, "left padding comes first: [0, 0, 1, ...]"
gapped = jnp.round(jnp.asarray(conv2d(line, pair, dilation=(1, 2))), 2)
assert gapped.ravel()[0] == 31.0, "dilation 2 sees pixels 0 and 2: 1 + 30"
knobs = jnp.asarray(conv2d(line, pair, stride=(1, 2), padding=((0, 0), (1, 0)), dilation=(1, 2)))
assert jnp.round(knobs, 2).ravel().tolist() == [20.0, 42.0], (
    "the worked example: position i * stride, tap a * dilation"
)

# %% [markdown]
# **Predict.** Random $3\times3$ kernels with variance $2/(9c)$ keep the mean square of a ReLU network with $c$
# channels (week 3's argument; the fan-in is $9c$). But with zero padding a pixel at the edge has fewer than nine real
# neighbours. How bright is the edge of a feature map compared with its middle, after one layer and after 16?

# %% tags=["demo"]
def mean_square_profile(depth, width=15, channels=40, draws=48):
    """Mean of h^2 along the lines through the middle, for random ReLU networks with zero padding; input N(0, 1)."""
    total = np.zeros((depth + 1, width))
    layer = jax.jit(lambda h, K: jax.nn.relu(conv2d(h, K, padding=((1, 1), (1, 1)))))
    for key in jax.random.split(jax.random.key(8), draws):
        first, *keys = jax.random.split(key, depth + 1)
        h = jax.random.normal(first, (1, channels, width, width))
        for level, k in enumerate(keys, start=1):
            K = jax.random.normal(k, (channels, channels, 3, 3)) * np.sqrt(2 / (9 * channels))
            h = layer(h, K)
            square = np.asarray((h**2).mean(axis=(0, 1)))
            lines = square[width // 2] + square[:, width // 2]
            total[level] += lines + lines[::-1]  # not normalised: the theory is for the mean over networks
    return total


measured = mean_square_profile(16)
box = (np.abs(np.subtract.outer(np.arange(15), np.arange(15))) <= 1) / 3  # the average of three, zeros outside
fig, ax = panels(1, width=6.4)
for color, level in zip(COLORS, [1, 4, 16], strict=False):
    ax.plot(np.arange(15), measured[level] / measured[level].mean(), "o", markersize=5, color=color, label=rf"$\ell={level}$")
    profile = np.linalg.matrix_power(box, level) @ np.ones(15)  # the other direction contributes a constant factor
    theory(ax, np.arange(15), profile / profile.mean(), r"theory: $B^\ell\,1$, $B$ the average of three" if level == 16 else None)
finish(ax, "Zero padding darkens the edge", "column", r"$h_\ell^2$, relative to the line's mean", ylim=(0, 1.8))

# %% [markdown]
# **Reflect.** Read off the ratio of edge to middle for one layer and for 16. After 16 layers no part of
# the profile is flat any more: from which layer on does the middle feel the edge, and could a layer use the darkness
# to learn *where* it is?

# %% [markdown] instructor=true
# 2/3 after one layer; after 16 about a quarter (the profile tends to the slowest mode of B, a half wave that is zero
# just outside the image). The middle feels the border once the receptive field reaches it (from layer 8 on), since a
# fixed share leaks out per layer. Zero padding tells networks where they are (Islam, Jia and Bruce 2020): it breaks
# translation equivariance, see the homework.

# %% [markdown] question="pool" points=3 minutes=20 difficulty="**" bans="convolution"
# ## 3. Pooling
#
# Pooling summarises each window by one number, in every channel for itself. With window $W_{ij}$ at place $(i s_v,
# j s_h)$ of the padded image,
#
# $$y^{\max}_{ij} = \max_{(u,v)\in W_{ij}\cap\text{image}} x_{uv}, \qquad
# y^{\text{mean}}_{ij} = \frac{1}{|W_{ij}\cap\text{image}|}\sum_{(u,v)\in W_{ij}\cap\text{image}} x_{uv} .$$
#
# The convention is in the intersection: **padding is no data**. It can never be the maximum (also where all pixels
# are negative), and it is not counted in the mean. `window` and `stride` are (vertical, horizontal) pairs and need
# not be equal: windows may overlap, and may leave gaps. Output sizes are those of the convolution with $k$ the
# window and $d=1$: incomplete windows at the far end do not count.
#
# *About 20 minutes, difficulty \*\*, 3 points.*


# %% solution="pool"
def max_pool(
    x: Float[Array, "batch c h w"], window: Pair, stride: Pair, padding: Padding = NO_PADDING
) -> Float[Array, "batch c h_out w_out"]:
    """Largest pixel of each window.

    Args:
        x: images, any finite float32.
        window: (height, width) of the windows.
        stride: (vertical, horizontal) distance of their places.
        padding: ((top, bottom), (left, right)); such that every window contains at least one pixel of the image.

    Returns:
        Shape (batch, c, h_out, w_out), h_out = (h + top + bottom - window[0]) // stride[0] + 1.
        Example: [[-3, -1, -2]], window (1, 2), stride (1, 2), padding ((0, 0), (1, 0)): [[-3, -1]].
    """
    ### BEGIN SOLUTION
    rows, columns = window_indices(x, window, stride, padding)
    outside = jnp.pad(x, ((0, 0), (0, 0), *padding), constant_values=-jnp.inf)
    return outside.take(rows, axis=2).take(columns, axis=4).max(axis=(3, 5))
    ### END SOLUTION


def mean_pool(
    x: Float[Array, "batch c h w"], window: Pair, stride: Pair, padding: Padding = NO_PADDING
) -> Float[Array, "batch c h_out w_out"]:
    """Mean over the pixels of each window; padding is not counted.

    Args:
        x, window, stride, padding: as in `max_pool`; the sum over a window is finite, too.

    Returns:
        Shape as in `max_pool`. Example: [[-3, -1, -2]], window (1, 2), stride (1, 2), padding ((0, 0), (1, 0)):
        [[-3, -1.5]].
    """
    ### BEGIN SOLUTION
    rows, columns = window_indices(x, window, stride, padding)
    total = jnp.pad(x, ((0, 0), (0, 0), *padding)).take(rows, axis=2).take(columns, axis=4).sum(axis=(3, 5))
    count = np.pad(np.ones(x.shape[2:]), padding).take(rows, axis=0).take(columns, axis=2).sum(axis=(1, 3))
    return total / count
    ### END SOLUTION


### BEGIN SOLUTION
def window_indices(x, window, stride, padding):
    """Rows (h_out, window_h) and columns (w_out, window_w) of the padded image that each window covers."""
    indices = []
    for size, pad, span, step in zip(x.shape[2:], padding, window, stride, strict=True):
        places = (size + sum(pad) - span) // step + 1
        indices.append(np.arange(places)[:, None] * step + np.arange(span))
    return indices
### END SOLUTION


# %% check="pool"
cold = jnp.array([[-3.0, -1.0, -2.0]]).reshape(1, 1, 1, 3)
assert jnp.asarray(max_pool(cold, (1, 2), (1, 1))).ravel().tolist() == [-1.0, -1.0], "two overlapping windows: stride 1, window 2"
assert jnp.asarray(max_pool(cold, (1, 2), (1, 2))).ravel().tolist() == [-1.0], (
    "stride 2: one whole window fits into three pixels; the incomplete one at the far end does not count"
)
assert jnp.asarray(max_pool(cold, (1, 2), (1, 2), ((0, 0), (1, 0)))).ravel().tolist() == [-3.0, -1.0], (
    "the window (padding, -3) has maximum -3: padding is no data, and zero is larger than every pixel here"
)
mean_cold = jnp.asarray(mean_pool(cold, (1, 2), (1, 2), ((0, 0), (1, 0))))
assert jnp.round(mean_cold, 2).ravel().tolist() == [-3.0, -1.5], (
    "the mean of the window (padding, -3) is -3, not -1.5: divide by the number of real pixels"
)
colder = jnp.concatenate([cold, cold - 10.0], axis=1)
each_max, each_mean = (jnp.round(jnp.asarray(pool(colder, (1, 3), (1, 1))), 2).ravel().tolist() for pool in (max_pool, mean_pool))
assert each_max == [-1.0, -11.0] and each_mean == [-2.0, -12.0], "two channels: each is pooled for itself"

# %% [markdown]
# **Predict.** Pool white noise $\mathcal N(0,1)$ with windows of $m$ pixels. The mean pool's standard deviation falls
# as $m^{-1/2}$. What happens to the average value and to the standard deviation of the max pool?

# %% tags=["demo"]
sides = np.array([1, 2, 3, 4, 6, 8])
noise = jax.random.normal(jax.random.key(3), (20, 1, 96, 96))
pooled_max = [np.asarray(max_pool(noise, (int(s), int(s)), (int(s), int(s)))) for s in sides]
pooled_mean = [np.asarray(mean_pool(noise, (int(s), int(s)), (int(s), int(s)))) for s in sides]
areas = sides**2
u = np.linspace(-9, 9, 6001)
cdf = np.cumsum(np.exp(-(u**2) / 2)) / np.exp(-(u**2) / 2).sum()
exact = []
for m in areas:
    weights = np.diff(cdf**m, prepend=0.0)  # the law of the largest of m
    exact.append((weights @ u, np.sqrt(weights @ u**2 - (weights @ u) ** 2)))
fig, (left, right) = panels(2)
for ax, moment, index in [(left, np.mean, 0), (right, np.std, 1)]:
    ax.plot(areas, [moment(p) for p in pooled_max], "o", color=COLORS[0], label="max pool")
    ax.plot(areas, [moment(p) for p in pooled_mean], "s", color=COLORS[1], label="mean pool")
    theory(ax, areas, [e[index] for e in exact], r"theory: law of the largest, $\Phi^m$; $m^{-1/2}$")
    theory(ax, areas, np.zeros(len(areas)) if index == 0 else areas**-0.5)
finish(left, "Average of the pooled noise", "pixels per window m", "mean", xscale="log")
finish(right, "Spread of the pooled noise", "pixels per window m", "standard deviation", xscale="log", yscale="log")

# %% [markdown]
# **Reflect.** A single bright pixel of height 3 sits somewhere in a window of 64. Read off the plots by how many
# standard deviations it lifts the max pool and the mean pool. Which pooling detects, which one averages?

# %% [markdown] instructor=true
# Max: mean 2.4, spread 0.4; the pixel lifts a typical window from 2.4 to 3, 1.4 standard deviations. Mean: it adds
# 3/64 = 0.05 where the spread is 0.125: 0.4 standard deviations. A pixel of height 5 gives 6 against 0.6.

# %% [markdown] question="conv_transpose" points=4 minutes=35 difficulty="***" bans="convolution, autodiff"
# ## 4. The transposed convolution
#
# `conv2d` is linear in the image, so it has a transpose: the one linear map with
#
# $$\langle \mathrm{conv}(x),\,y\rangle = \langle x,\,\mathrm{conv}^{\!\top}(y)\rangle
# \qquad\text{for all } x, y .$$
#
# It runs the arrows backwards: where the layer *gathers* from pixel $i s + a d - p$ into place $i$, the transpose
# *scatters* from place $i$ to pixel $i s + a d - p$:
#
# $$\tilde x_{n,\;c,\;u,\;v} = \sum_{o}\;\sum_{\substack{i,a:\; i s_v + a d_v = u\\ j,b:\; j s_h + b d_h = v}}
# K_{o\,c\,a\,b}\; y_{n\,o\,i\,j}, \qquad\text{then cut the padding off.}$$
#
# It is the backward pass of the layer (with $y$ the cotangent), and it is the upsampling layer of image generators.
# It is **not** the inverse. Because a stride leaves pixels over, the size of $x$ does not follow from that of $y$:
# you get it as `size = (h, w)`; pixels that no kernel reached are 0. `kernel` has the shape `(c_out, c_in, kh, kw)`
# of the layer that is transposed: $y$ has `c_out` channels, the result `c_in`.
#
# *About 35 minutes, difficulty \*\*\*, 4 points. Without automatic differentiation.*


# %% solution="conv_transpose"
def conv_transpose2d(
    y: Float[Array, "batch c_out h_out w_out"],
    kernel: Float[Array, "c_out c_in kh kw"],
    size: Pair,
    stride: Pair = (1, 1),
    padding: Padding = NO_PADDING,
    dilation: Pair = (1, 1),
) -> Float[Array, "batch c_in h w"]:
    """The transpose of `x -> conv2d(x, kernel, stride, padding, dilation)` for images of the given size.

    Args:
        y: one example per entry of the first axis, float32, of the size that conv2d makes from images of `size`.
        kernel: the kernel of that conv2d, float32.
        size: (h, w) of the images x.
        stride, padding, dilation: of that conv2d.

    Returns:
        Shape (batch, c_in, h, w), float32.
        Example: y [[1, 2]], kernel [[1, 10]], size (1, 5), stride (1, 2): [[1, 10, 2, 20, 0]].
    """
    ### BEGIN SOLUTION
    meet = []  # for each direction: does tap a of place i lie on pixel u? (i, a, u)
    for pixels, places, taps, step, pad, gap in zip(
        size, y.shape[2:], kernel.shape[2:], stride, padding, dilation, strict=True
    ):
        pixel = np.arange(places)[:, None] * step + np.arange(taps) * gap - pad[0]
        meet.append(pixel[:, :, None] == np.arange(pixels))
    return jnp.einsum("noij,ocab,iau,jbv->ncuv", y, kernel, *meet)
    ### END SOLUTION


# %% check="conv_transpose"
two = jnp.array([1.0, 2.0]).reshape(1, 1, 1, 2)
tens = jnp.array([1.0, 10.0]).reshape(1, 1, 1, 2)
spread_out = jnp.asarray(conv_transpose2d(two, tens, (1, 5), stride=(1, 2)))
assert spread_out.shape == (1, 1, 1, 5), "the result has the size that is asked for"
assert jnp.round(spread_out, 2).ravel().tolist() == [1.0, 10.0, 2.0, 20.0, 0.0], (
    "each entry of y lays down a copy of the kernel, two pixels on; the last pixel was never reached. "
    "With 10, 1, ... the kernel is flipped: a gather with a flipped kernel is the same as a scatter without"
)
overlap = jnp.asarray(conv_transpose2d(two, tens, (1, 3)))
assert jnp.round(overlap, 2).ravel().tolist() == [1.0, 12.0, 20.0], "overlapping copies add up"
cut = jnp.asarray(conv_transpose2d(two, tens, (1, 2), padding=((0, 0), (1, 0))))
assert jnp.round(cut, 2).ravel().tolist() == [12.0, 20.0], (
    "the layer padded on the left, so the first of 1, 12, 20 is padding. 1 and 12: nothing is cut, or the wrong end"
)
apart = jnp.asarray(conv_transpose2d(two, tens, (1, 4), dilation=(1, 2)))
assert jnp.round(apart, 2).ravel().tolist() == [1.0, 2.0, 10.0, 20.0], "dilation 2: the taps of each copy lie two pixels apart"
crossing = jnp.array([[1.0, 10.0], [100.0, 1000.0]]).reshape(2, 2, 1, 1)
backwards = jnp.asarray(conv_transpose2d(two.reshape(1, 2, 1, 1), crossing, (1, 1)))
assert jnp.round(backwards, 2).ravel().tolist() == [201.0, 2010.0], (
    "two channels of one pixel: 1 * 1 + 100 * 2 and 10 * 1 + 1000 * 2. 21 and 2100: that is the layer, not its transpose"
)

# %% [markdown]
# **Predict.** Feed a constant into a transposed convolution with stride 2 and a constant kernel. Is the result
# constant? Sketch it for kernels of 2, 3 and 4 taps, in one dimension.

# %% tags=["demo"]
fig, axes = panels(3, width=3.6)
for ax, color, taps in zip(axes, COLORS, [2, 3, 4], strict=False):
    places = 10
    length = 2 * (places - 1) + taps
    grey = conv_transpose2d(jnp.ones((1, 1, 1, places)), jnp.ones((1, 1, 1, taps)), (1, length), stride=(1, 2))
    ax.bar(np.arange(length), np.asarray(grey).ravel(), color=color, alpha=0.75, label="yours")
    inside = np.arange(taps, length - taps)
    theory(ax, inside, [len(range(n % 2, taps, 2)) for n in inside], "theory: taps of the pixel's parity")
    ax.legend(frameon=False, loc="lower center")
    finish(ax, f"{taps} taps, stride 2", "pixel", "copies that overlap", legend=False, ylim=(0, 3))

# %% [markdown]
# **Reflect.** Which kernel sizes give an even grey, and what does the uneven one look like in two dimensions? (Images
# made by generators with the wrong kernel size show it: Odena, Dumoulin and Olah 2016.)

# %% [markdown] instructor=true
# Sizes that the stride divides. With 3 taps the overlap alternates 1, 2; in two dimensions 1, 2, 4: a checkerboard.
# Learned kernels can cancel it but start from it.

# %% [markdown] question="kernel_gradient" points=3 minutes=25 difficulty="**" bans="convolution, autodiff"
# ## 5. The gradient of shared weights
#
# The other half of the backward pass. One kernel entry is used at **every** place of **every** image, so its gradient
# collects from all of them. With $g=\partial\mathcal L/\partial y$,
#
# $$\frac{\partial\mathcal L}{\partial K_{o\,c\,a\,b}} = \sum_{n}\sum_{i,j} g_{n\,o\,i\,j}\;
# \tilde x_{n,\;c,\;i s_v + a d_v,\;j s_h + b d_h}.$$
#
# $g$ is `cotangent`; $\tilde x$ is `x` padded as before; `kernel_size` is $(k_h,k_w)$, which again does not follow
# from the other sizes. Look at the indices: $K$ and $g$ have changed places, and so have stride and dilation.
#
# *About 25 minutes, difficulty \*\*, 3 points. Without automatic differentiation.*


# %% solution="kernel_gradient"
def kernel_gradient(
    x: Float[Array, "batch c_in h w"],
    cotangent: Float[Array, "batch c_out h_out w_out"],
    kernel_size: Pair,
    stride: Pair = (1, 1),
    padding: Padding = NO_PADDING,
    dilation: Pair = (1, 1),
) -> Float[Array, "c_out c_in kh kw"]:
    """Gradient of a loss with respect to the kernel of `conv2d`.

    Args:
        x: the images that conv2d was given, float32.
        cotangent: gradient of the loss with respect to its output, float32. If the loss is a mean over the batch, the
            factor 1/batch is in it already.
        kernel_size: (kh, kw).
        stride, padding, dilation: as given to conv2d.

    Returns:
        Shape (c_out, c_in, kh, kw), float32.
        Example: x [[1, 2, 3]], cotangent [[1, 10]], kernel_size (1, 2): [[21, 32]].
    """
    ### BEGIN SOLUTION
    padded = jnp.pad(x, ((0, 0), (0, 0), *padding))
    indices = []
    for places, taps, step, gap in zip(cotangent.shape[2:], kernel_size, stride, dilation, strict=True):
        indices.append(np.arange(places)[:, None] * step + np.arange(taps) * gap)
    rows, columns = indices
    patches = padded.take(rows, axis=2).take(columns, axis=4)
    return jnp.einsum("nciajb,noij->ocab", patches, cotangent)
    ### END SOLUTION


# %% check="kernel_gradient"
seen = jnp.array([1.0, 2.0, 3.0]).reshape(1, 1, 1, 3)
shared = jnp.asarray(kernel_gradient(seen, jnp.array([1.0, 10.0]).reshape(1, 1, 1, 2), (1, 2)))
assert shared.shape == (1, 1, 1, 2) and jnp.round(shared, 2).ravel().tolist() == [21.0, 32.0], (
    "first tap: 1 * 1 + 10 * 2 = 21. It is used at both places, so both contribute"
)
twice = jnp.asarray(kernel_gradient(jnp.concatenate([seen, seen]), jnp.ones((2, 1, 1, 2)), (1, 2)))
assert jnp.round(twice, 2).ravel().tolist() == [6.0, 10.0], "sum over the batch: the mean's 1/batch is in the cotangent already"
assert np.shape(kernel_gradient(seen, jnp.ones((1, 2, 1, 2)), (1, 2))) == (2, 1, 1, 2), (
    "one channel in, two out: the gradient has the kernel's shape, c_out first"
)
from_left = jnp.array([1.0, 10.0, 100.0]).reshape(1, 1, 1, 3)
from_left = jnp.asarray(kernel_gradient(seen, from_left, (1, 2), padding=((0, 0), (1, 0))))
assert jnp.round(from_left, 2).ravel().tolist() == [210.0, 321.0], "left padding comes first: the taps saw [0, 1, 2, 3]"
six = jnp.arange(1.0, 7.0).reshape(1, 1, 1, 6)
jumps = jnp.asarray(kernel_gradient(six, jnp.array([1.0, 10.0]).reshape(1, 1, 1, 2), (1, 2), stride=(1, 3), dilation=(1, 2)))
assert jnp.round(jumps, 2).ravel().tolist() == [41.0, 63.0], (
    "place 0 saw pixels 1 and 3, place 1 saw 4 and 6. 31 and 64: stride and dilation are in each other's place"
)

# %% [markdown]
# **Predict.** How does the gradient of one tap grow with the number $P$ of places? Once for a cotangent that has
# nothing to do with the image (noise), and once for one that is the image itself, so that all places pull in the same
# direction.

# %% tags=["demo"]
image_sides = np.array([4, 8, 16, 32, 64])
fig, ax = panels(1, width=6.2)
unrelated, aligned = [], []
rng = np.random.default_rng(8)
for side in image_sides:
    image, other = jnp.asarray(rng.normal(size=(2, 1, 12, side, side)), jnp.float32)
    same_padding = ((1, 1), (1, 1))
    unrelated.append(float(jnp.sqrt(jnp.mean(kernel_gradient(image, other, (3, 3), padding=same_padding)[..., 1, 1] ** 2))))
    diagonal = jnp.diagonal(kernel_gradient(image, image, (3, 3), padding=same_padding)[..., 1, 1])
    aligned.append(float(diagonal.mean()))
ax.plot(image_sides**2, aligned, "s", color=COLORS[1], label="cotangent = image")
ax.plot(image_sides**2, unrelated, "o", color=COLORS[0], label="cotangent = noise")
theory(ax, image_sides**2, image_sides**2)
theory(ax, image_sides**2, image_sides, r"theory: $P$ and $\sqrt{P}$")
finish(ax, "Shared weights average the noise away", "places P", "gradient of the middle tap", xscale="log", yscale="log")

# %% [markdown]
# **Reflect.** Read off how far signal and noise are apart for 64 places and for 4096. A dense layer has a weight for
# each place. What would its plot look like, and what is weight sharing worth in numbers of training images?

# %% [markdown] instructor=true
# Ratio sqrt(P): 8 and 64. In a dense layer each weight sees one place per image: both curves are flat at 1, and only
# more images separate them. Sharing over P places is worth a factor P in images - if the signal is the same
# everywhere.

# %% [markdown] question="cnn" points=2 minutes=15 difficulty="*"
# ## 6. A convolutional network
#
# Two convolutional layers, one pooling, and a linear classifier on top, in the order
#
# $$x \;\to\; \mathrm{conv}_{K_1} + b_1 \;\to\; \mathrm{relu} \;\to\; \text{max-pool }2\times2
# \;\to\; \mathrm{conv}_{K_2} + b_2 \;\to\; \mathrm{relu} \;\to\; \text{mean over all pixels} \;\to\; \cdot\,W + b_3
# .$$
#
# Kernels are $3\times3$ with one row or column of zeros on each side ("same" padding), stride 1; the pooling has
# stride 2 and no padding. A **bias belongs to a channel**: one number, added at all pixels of its feature map. The
# mean over all pixels (*global average pooling*: Lin, Chen and Yan 2013) makes one feature per channel, whatever the
# size of the image. Call the layer and the pooling that you are given, `conv` and `pool`, just like your own
# `conv2d` and `max_pool`.
#
# *About 15 minutes, difficulty \*, 2 points.*


# %% solution="cnn"
def cnn_logits(
    params: dict[str, tuple[Array, Array]],
    x: Float[Array, "batch c_in h w"],
    conv: Callable,
    pool: Callable,
) -> Float[Array, "batch classes"]:
    """Logits of a small convolutional network.

    Args:
        params: {"conv1": (K_1, b_1), "conv2": (K_2, b_2), "dense": (W, b_3)} with K_1 (c_1, c_in, 3, 3), b_1 (c_1,),
            K_2 (c_2, c_1, 3, 3), b_2 (c_2,), W (c_2, classes), b_3 (classes,), all float32.
        x: images, float32, height and width at least 2.
        conv: called as conv(x, kernel, stride, padding, dilation), the last three optional; like `conv2d`.
        pool: called as pool(x, window, stride, padding), the last optional; like `max_pool`.

    Returns:
        One row of logits per image (no softmax), float32. Example: with all kernels zero, b_1 = 5, b_2 = [3], W = [[2]],
        b_3 = [1] each logit is 2 * 3 + 1 = 7.
    """
    ### BEGIN SOLUTION
    (K1, b1), (K2, b2), (W, b3) = params["conv1"], params["conv2"], params["dense"]
    same = ((1, 1), (1, 1))
    h = jax.nn.relu(conv(x, K1, padding=same) + b1[:, None, None])
    h = pool(h, (2, 2), (2, 2))
    h = jax.nn.relu(conv(h, K2, padding=same) + b2[:, None, None])
    return h.mean(axis=(2, 3)) @ W + b3
    ### END SOLUTION


# %% check="cnn"
flat = {"conv1": (jnp.zeros((2, 1, 3, 3)), jnp.array([5.0, -1.0])),
        "conv2": (jnp.zeros((1, 2, 3, 3)).at[0, :, 1, 1].set(1.0), jnp.array([-2.0])),
        "dense": (jnp.array([[2.0, -1.0]]), jnp.array([1.0, 0.0]))}
flat_logits = jnp.asarray(cnn_logits(flat, jnp.ones((3, 1, 4, 2)), conv2d, max_pool))
assert flat_logits.shape == (3, 2), "one row of logits per image: the mean takes both pixel axes away"
assert jnp.round(flat_logits[0], 2).tolist() == [7.0, -3.0], (
    "relu(5) = 5 and relu(-1) = 0; relu(5 + 0 - 2) = 3; 3 * [2, -1] + [1, 0] = [7, -3]: no activation at the end. "
    "[17, -8]: the bias was added along a row, not to a channel"
)
spot = {"conv1": (jnp.zeros((1, 1, 3, 3)).at[0, 0, 1, 1].set(1.0), jnp.zeros(1)),
        "conv2": (jnp.ones((1, 1, 3, 3)), jnp.array([-1.0])),
        "dense": (jnp.array([[4.0]]), jnp.zeros(1))}
corner = jnp.asarray(cnn_logits(spot, jnp.zeros((1, 1, 8, 8)).at[0, 0, 0, 0].set(4.0), conv2d, max_pool))
assert jnp.round(corner, 2).ravel().tolist() == [3.0], (
    "one pixel of 4 in the corner: 4 of the 16 pixels after pooling are 4 - 1 = 3, their mean is 3/4. 12: a maximum in place of "
    "the mean; 0.75 or 0.98: pooling left out, too late, or in steps of 1; 0: no second relu, or a layer without its padding"
)

# %% [markdown]
# **Predict.** An $8\times8$ digit on a large black canvas moves to the right, pixel by pixel. The network has random
# weights. By how much do its logits change, for 1, 2, 3, ... pixels? (Look for the one layer that breaks the
# symmetry.)

# %% tags=["demo"]
def random_cnn(key, channels=(12, 24), classes=10):
    """He initialization: variance 2 / fan-in, fan-in = c_in * 9. Biases start at zero."""
    keys = jax.random.split(key, 3)
    c1, c2 = channels
    return {
        "conv1": (jax.random.normal(keys[0], (c1, 1, 3, 3)) * np.sqrt(2 / 9), jnp.zeros(c1)),
        "conv2": (jax.random.normal(keys[1], (c2, c1, 3, 3)) * np.sqrt(2 / (9 * c1)), jnp.zeros(c2)),
        "dense": (jax.random.normal(keys[2], (c2, classes)) * np.sqrt(1 / c2), jnp.zeros(classes)),
    }


data = digits()
shifts = np.arange(9)
canvas = np.zeros((9, 20, 1, 16, 24), np.float32)
for s in shifts:
    canvas[s, :, 0, 4:12, 4 + s : 12 + s] = np.asarray(data.x_test[:20]).reshape(-1, 8, 8)
changes = []
for key in jax.random.split(jax.random.key(6), 4):
    net = random_cnn(key)
    moved = np.asarray(cnn_logits(net, jnp.asarray(canvas.reshape(-1, 1, 16, 24)), conv2d, max_pool)).reshape(9, 20, 10)
    changes.append(np.linalg.norm(moved - moved[0], axis=(1, 2)) / np.linalg.norm(moved[0]))
fig, ax = panels(1, width=6.2)
for color, change in zip(COLORS, changes, strict=False):
    ax.plot(shifts, change, "o-", color=color, linewidth=1, alpha=0.8)
theory(ax, shifts[::2], np.zeros(5), "theory: 0 for multiples of the stride")
finish(ax, "A moving digit, four random networks", "shift (pixels)", "relative change of the logits",
       ylim=(None, 1.25 * np.max(changes)))

# %% [markdown]
# **Reflect.** Convolutions commute with shifts, and the global mean forgets the position. Why do odd shifts change
# the logits, and why all by the same amount?

# %% [markdown] instructor=true
# The pooling of stride 2 looks at pairs of pixels; after an odd shift the pairs are others. Shifts by 1, 3, 5, ...
# differ by multiples of 2, so they all give the same windows. The homework computes such an error exactly for a
# linear layer.

# %% [markdown] question="train" points=3 minutes=25 difficulty="**"
# ## 7. Training with momentum
#
# Minibatch gradient descent with a *heavy ball* (Polyak 1964). The velocity $v$ remembers past gradients, starts at
# zero, and **lives on from batch to batch and from epoch to epoch**:
#
# $$v_{t+1} = \mu\,v_t + \nabla\mathcal L(\theta_t;\,x_{S_t}, y_{S_t}), \qquad
# \theta_{t+1} = \theta_t - \eta\,v_{t+1}, \qquad
# S_1\cup\dots\cup S_{n/B}=\{1,\dots,n\}\ \text{in every epoch.}$$
#
# $\theta$ is `params`, now any *pytree* (dictionaries, tuples, arrays: use `jax.tree.map`); $\mathcal L$ is
# `loss_fn(params, x, labels)`, which JAX differentiates for you; $\eta$ is `rate`, $\mu$ is `momentum`, $B$ is
# `batch_size`, and it divides the number of examples. Shuffle the images anew in every epoch (split `key`; not only the
# order of the batches), and keep each image with its own label. Compile the update with `jax.jit`, or training will be slow.
#
# *About 25 minutes, difficulty \*\*, 3 points.*


# %% solution="train"
def train(
    key: Array,
    params: PyTree,
    x: Float[Array, "n *shape"],
    labels: Int[Array, " n"],
    loss_fn: Callable,
    rate: float,
    momentum: float,
    batch_size: int,
    epochs: int,
) -> PyTree:
    """Minibatch stochastic gradient descent with momentum.

    Args:
        key: a JAX random key; all shuffling comes from it.
        params: where to start, a pytree of float32 arrays; not modified.
        x, labels: the training set, one example per entry of the first axis; n is a multiple of batch_size.
        loss_fn: loss_fn(params, x_batch, labels_batch) -> scalar, differentiable by JAX.
        rate: the learning rate eta.
        momentum: mu, 0 <= mu < 1; with 0 this is plain gradient descent. No dampening, no Nesterov.
        batch_size: examples per update.
        epochs: sweeps through the data; each has n / batch_size updates and an order of its own.

    Returns:
        The parameters after the last update, in the form of params.
        Example: constant gradient 1, start 0, rate 1, momentum 0.5: -1 after one update, -2.5 after two.
    """
    ### BEGIN SOLUTION
    @jax.jit
    def update(params, velocity, x, labels, batch):
        slope = jax.grad(loss_fn)(params, x[batch], labels[batch])
        velocity = jax.tree.map(lambda v, g: momentum * v + g, velocity, slope)
        return jax.tree.map(lambda p, v: p - rate * v, params, velocity), velocity

    velocity = jax.tree.map(jnp.zeros_like, params)
    for epoch_key in jax.random.split(key, epochs):
        order = np.asarray(jax.random.permutation(epoch_key, len(x)))
        for batch in order.reshape(-1, batch_size):
            params, velocity = update(params, velocity, x, labels, batch)
    return params
    ### END SOLUTION


# %% check="train"
def sliding_loss(params, x, labels):
    """A slope of 1 everywhere."""
    return params["height"].sum() + 0.0 * x.sum()


def height_after(momentum, batch_size, epochs):
    result = train(jax.random.key(0), {"height": jnp.zeros(1)}, jnp.ones((4, 2)), jnp.zeros(4, jnp.int32),
                   sliding_loss, 1.0, momentum, batch_size, epochs)
    return float(result["height"][0])


assert height_after(0.0, 2, 3) == -6.0, "4 examples in batches of 2, 3 epochs: six updates of -1"
assert height_after(0.5, 4, 1) == -1.0, (
    "the first update is a plain one: v = 0.5 * 0 + 1. -0.5: it is dampened; -1.5: it looks ahead (Nesterov)"
)
assert height_after(0.5, 4, 2) == -2.5, (
    "-1, then -1.5: the velocity lives on into the next epoch. -2: it was reset, or there is none"
)


def diary(params, x, labels):
    """Each update halves what stands in `when` and adds 1/2 for the examples of its batch; `strangers` counts false labels."""
    return ((params["when"] - x.sum(axis=0)) ** 2).sum() / 2 + params["strangers"] * (x.argmax(axis=1) != labels).sum()


def when_used(seed):
    """2^u for each of 12 examples, used in update u = 0 ... 5 of the first epoch and of the second."""
    blank = {"when": jnp.zeros(12), "strangers": jnp.zeros(())}
    result = train(jax.random.key(seed), blank, jnp.eye(12), jnp.arange(12), diary, 0.5, 0.0, 2, 2)
    assert float(result["strangers"]) == 0.0, "an image met the label of another: shuffle both in the same order"
    written = np.rint(4096 * np.asarray(result["when"])).astype(int)
    return written % 64, written // 64


used = when_used(0)
assert all(np.sort(u).tolist() == [1, 1, 2, 2, 4, 4, 8, 8, 16, 16, 32, 32] for u in used), (
    "each example is used once in every epoch: none twice, none never"
)
partners = [np.equal.outer(u, u).tolist() for u in used]
assert partners[0] != partners[1], (
    "both epochs have the same batches: shuffle the examples, not only the order of the batches, and anew in every epoch"
)
assert when_used(1)[0].tolist() != used[0].tolist(), "another key gave the same order: all shuffling comes from `key`"

# %% [markdown]
# **Predict.** A constant gradient drives the velocity to $g/(1-\mu)$. So which learning rate without momentum should
# give the same training curve as $\eta=0.05$ with $\mu=0.9$? And do two curves with $\eta=0.05$, with and without
# momentum, ever agree?

# %% tags=["demo"]
images, test_images = (a.reshape(-1, 1, 8, 8) for a in (data.x_train, data.x_test))


def digit_loss(params, x, labels):
    """Mean cross-entropy of the network."""
    log_p = jax.nn.log_softmax(cnn_logits(params, x, conv2d, max_pool))
    return -log_p[jnp.arange(len(labels)), labels].mean()


measure_loss = jax.jit(digit_loss)
start_net = random_cnn(jax.random.key(1))
first_loss = float(measure_loss(start_net, images, data.y_train))
curves = {pair: [first_loss] for pair in [(0.05, 0.9), (0.5, 0.0), (0.05, 0.0)]}
epochs_tried = [0, 1, 2, 4]
for rate, momentum in [(0.05, 0.9), (0.5, 0.0), (0.05, 0.0)]:
    for epochs in epochs_tried[1:]:
        net = train(jax.random.key(epochs), start_net, images, data.y_train, digit_loss, rate, momentum, 50, epochs)
        curves[rate, momentum].append(float(measure_loss(net, images, data.y_train)))
    print(f"rate {rate}, momentum {momentum}: training loss {curves[rate, momentum][-1]:.3f}")
fig, ax = panels(1, width=6.2)
for color, ((rate, momentum), curve) in zip(COLORS, curves.items(), strict=False):
    ax.plot(epochs_tried, curve, "o-", color=color, label=rf"$\eta={rate}$, $\mu={momentum}$")
theory(ax, epochs_tried, curves[0.5, 0.0], r"theory: $\eta=0.05/(1-0.9)$")
theory(ax, [0, 4], [np.log(10)] * 2)
ax.annotate("log 10: knowing nothing", (4, np.log(10)), (0, 4), textcoords="offset points", ha="right", fontsize=9)
finish(ax, "Momentum multiplies the learning rate", "epoch", "training loss (nats)")

# %% [markdown]
# **Reflect.** At which epoch do the first two curves part, if they do? Where would momentum be *more* than a larger
# learning rate? (Week 4: the largest stable rate.)

# %% [markdown] instructor=true
# They stay together within the noise of the minibatches while the gradient changes little over 1/(1 - mu) = 10
# updates; steep directions differ first: plain descent is stable for eta < 2/sharpness, heavy ball for eta < 2(1 +
# mu)/sharpness, so its *effective* rate eta/(1-mu) may be (1 + mu)/(1 - mu) = 19 times the largest of plain descent.

# %% [markdown]
# ## What it has learned
#
# Train on, judge by digits never seen, and look at the kernels of the first layer.
#
# **Predict.** A $3\times3$ kernel has one number that a constant image sees, the sum of its nine taps. A random kernel
# with independent taps has, on average, 1/9 of its squared length there. Will training raise or lower that share?
# (What does a digit look like to a kernel that sums to zero?)

# %% tags=["demo"]
trained = train(jax.random.key(9), start_net, images, data.y_train, digit_loss, 0.1, 0.9, 50, 12)
guesses = np.asarray(cnn_logits(trained, test_images, conv2d, max_pool).argmax(axis=1))
print(f"right on {np.mean(guesses == np.asarray(data.y_test)):.1%} of the test digits "
      f"with {sum(a.size for a in jax.tree.leaves(trained))} parameters")


def constant_share(net):
    """Share of the first layer's squared length that a constant image sees."""
    K = np.asarray(net["conv1"][0])[:, 0]
    return float((K.sum(axis=(1, 2)) ** 2).sum() / 9 / (K**2).sum())


print(f"constant part: {constant_share(start_net):.2f} before, {constant_share(trained):.2f} after (random: 1/9 = 0.11)")
before, after = (np.asarray(net["conv1"][0])[:, 0] for net in (start_net, trained))
cosines = (before * after).sum(axis=(1, 2)) / np.sqrt((before**2).sum(axis=(1, 2)) * (after**2).sum(axis=(1, 2)))
response = np.asarray(conv2d(test_images[:1], trained["conv1"][0], padding=((1, 1), (1, 1))))[0]
rows = [("before", before), ("after", after), ("a test digit, filtered", response)]
fig, axes = plt.subplots(3, 12, figsize=(11.4, 3.4), layout="constrained")
fig.suptitle("The first layer's kernels, and what they make of a digit (blue: positive)", fontsize=11, fontweight="bold")
for line, (name, pictures) in zip(axes, rows, strict=True):
    line[0].set_title(name, loc="left", fontsize=9)
    for ax, picture in zip(line, pictures, strict=True):
        ax.imshow(picture, cmap="RdBu", vmin=-np.abs(pictures).max(), vmax=np.abs(pictures).max())
        ax.axis("off")

fig, ax = panels(1, width=6.2)
growth = np.linalg.norm(after.reshape(12, -1), axis=1) / np.linalg.norm(before.reshape(12, -1), axis=1)
ax.plot(growth, cosines, "o", color=COLORS[0], label="the twelve kernels")
theory(ax, [0, 1.05 * growth.max()], [0, 0], "unrelated to the start")
ax.axhspan(-1 / 3, 1 / 3, color=COLORS[1], alpha=0.15, label=r"one random kernel's $\pm 1/\sqrt{9}$")
finish(ax, "Grown, or turned?", "length after / before", "cosine with the start", ylim=(-0.5, 1.15))

# %% [markdown]
# **Reflect.** Compare the rows, column by column: which kernels find edges, and of which orientation? Which just copy or
# blur the digit? Then the lower plot: did training make *other* kernels, or louder ones? What in the picture, if
# anything, was learned?

# %% [markdown] instructor=true
# The constant part falls from 0.15 to 0.09, but twelve random kernels scatter by about 0.05: no evidence. What can be
# measured is that eleven of the twelve kernels grew two- or threefold and kept a cosine of 0.7 to 0.95 with their start
# (two unrelated kernels have one of +-1/3): they grew more than they turned. Much of the orientation that one sees in
# the lower rows was there at the start; training chose among random edges, and made them loud.
