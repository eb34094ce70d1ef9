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
# # Week 3 lab: Multi-layer perceptrons
#
# Today you build a multi-layer perceptron from its smallest parts: an activation, a forward pass, a loss, an
# initialization, the backward pass **by hand**, a training loop - and, at the end, the algorithm that writes backward
# passes for you. Nothing is hidden in a library: by the end you will have trained on handwritten digits with
# gradients that you derived yourself.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 1 | A smooth gate | 2 | 10 | * |
# | 2 | The forward pass | 2 | 10 | * |
# | 3 | Cross-entropy that survives large logits | 3 | 15 | * |
# | 4 | Initialization by fan-in | 2 | 10 | ** |
# | 5 | Backpropagation by hand | 4 | 35 | ** |
# | 6 | Training on digits | 3 | 20 | ** |
# | 7 | Reverse-mode differentiation on a graph | 4 | 40 | *** |
#
# **How to work.** Each function gets all it needs as arguments, so you can do the questions in any order. After each
# one run its `grader.check`: it catches the usual slip; hidden tests then look more closely. Before each plot, write
# your prediction down - being wrong about it is where the learning is. NumPy or JAX, loops or `einsum`: every correct
# style is accepted, and the plots work with all of them (JAX that can be traced is compiled for them, and is faster).
#
# **Conventions.** One example per row: a batch is `x` of shape `(batch, n_in)`. A network is a list of layers `params
# = [(W_1, b_1), ..., (W_L, b_L)]` with `W` of shape `(fan_in, fan_out)` and `b` of shape `(fan_out,)`, so that a
# layer computes `x @ W + b`. Everything is float32, JAX's default: rounding is about $6\cdot10^{-8}$, and overflow
# begins at $e^{88.7}$.

# %%
from course_lib.checks import open_checks

grader = open_checks("week03/lab")

# %%
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from course_lib.data import digits
from course_lib.plots import COLORS, digit_gallery, finish, panels, theory

Params = list[tuple[Float[Array, "fan_in fan_out"], Float[Array, " fan_out"]]]

# %% [markdown]
# The ReLU and its slope, ready-made. (The slope at 0 is a convention; ours is 0, as in JAX.)


# %%
def relu(z: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """max(z, 0), elementwise."""
    return jnp.maximum(z, 0.0)


def relu_slope(z: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """1 where z > 0, else 0."""
    return (z > 0.0).astype(z.dtype)


# %% [markdown] question="swish" points=2 minutes=10 difficulty="*" bans="autodiff"
# ## 1. A smooth gate
#
# The ReLU has a kink, and for $z<0$ it passes no gradient at all. *Swish* (Ramachandran, Zoph and Le 2017; for
# $\beta=1$ also known as SiLU) multiplies its input by a soft gate instead, and the parameter $\beta$ says how soft:
#
# $$\phi_\beta(z) = z\,\sigma(\beta z), \qquad \sigma(t) = \frac{1}{1+e^{-t}}, \qquad
# \phi_\beta'(z) = \sigma(\beta z) + \beta z\,\sigma(\beta z)\,\bigl(1-\sigma(\beta z)\bigr).$$
#
# Here $z$ is `z` (any shape, everything is elementwise) and $\beta\ge 0$ is `beta`. Make sure that you can derive the
# second formula: where does its lone factor $\beta$ come from? Both functions must be finite, and right, wherever
# $|\beta z|\le10^6$ and $|z|\le10^6$: which exponentials may you take? (Automatic differentiation is off limits here:
# you are about to replace it.)
#
# *About 10 minutes, difficulty \*, 2 points.*


# %% solution="swish"
def swish(z: Float[Array, "*n"], beta: float) -> Float[Array, "*n"]:
    """Swish activation z sigma(beta z), elementwise.

    Args:
        z: pre-activations of any shape, also (), float32.
        beta: sharpness of the gate, >= 0. At 0 the function is z/2; for large beta it tends to the ReLU.

    Returns:
        Same shape as z, float32. Example: swish([0, 1], beta=2) = [0, 0.880797].
    """
    ### BEGIN SOLUTION
    return z * jax.nn.sigmoid(beta * z)
    ### END SOLUTION


def swish_slope(z: Float[Array, "*n"], beta: float) -> Float[Array, "*n"]:
    """Derivative of `swish` with respect to z, elementwise.

    Args:
        z: pre-activations of any shape, also (), float32.
        beta: sharpness of the gate, >= 0.

    Returns:
        Same shape as z, float32. Example: swish_slope([0, 1], beta=2) = [0.5, 1.090784].
    """
    ### BEGIN SOLUTION
    gate = jax.nn.sigmoid(beta * z)
    return gate + beta * z * gate * (1.0 - gate)
    ### END SOLUTION


# %% check="swish"
z_check = jnp.array([-1.0, 0.0, 1.0])
assert jnp.asarray(swish(z_check, 2.0)).shape == (3,), "swish is elementwise: the result has the shape of z"
assert abs(float(jnp.asarray(swish(z_check, 2.0))[2]) - 0.880797) < 1e-4, "swish(1, beta=2) should be 1 * sigma(2) = 0.8808"
assert abs(float(jnp.asarray(swish_slope(z_check, 2.0))[2]) - 1.090784) < 1e-4, (
    "the slope at z=1, beta=2 should be 1.0908: the product rule gives two terms, the chain rule a factor beta in one"
)
assert np.allclose(swish(jnp.array([-1e4, 1e4]), 1.0), [0.0, 1e4]), (
    "far from zero swish is 0 or z. NaN: your form of sigma divides infinity by infinity there"
)
assert bool(jnp.isfinite(jnp.asarray(swish_slope(jnp.array([-1e4, 1e4]), 1.0))).all()), (
    "e^10000 overflows: inf/inf and 0*inf are NaN. Which form of sigma takes no exponential of a large number?"
)

# %% [markdown]
# **Predict.** The ReLU's slope never exceeds 1. Can the slope of swish? If so: does its largest value depend on
# $\beta$? (Write $t=\beta z$ in the formula for the slope.)

# %% tags=["demo"]
z_axis = jnp.linspace(-5, 5, 801)
fig, (left, right) = panels(2)
for color, beta in zip(COLORS, [0.5, 1.0, 4.0], strict=False):
    left.plot(z_axis, swish(z_axis, beta), color=color, label=rf"$\beta={beta:g}$")
    right.plot(z_axis, swish_slope(z_axis, beta), color=color)
theory(left, z_axis, relu(z_axis), r"$\beta\to\infty$: ReLU")
t_axis = np.linspace(0, 10, 10_001)
sigma = 1 / (1 + np.exp(-t_axis))
largest = (sigma + t_axis * sigma * (1 - sigma)).max()
theory(right, z_axis, np.full(len(z_axis), largest), "theory: largest slope")
finish(left, "Swish", "z", r"$\phi_\beta(z)$")
finish(right, "Its slope", "z", r"$\phi_\beta'(z)$", ylim=(-0.15, 1.35))

# %% [markdown]
# **Reflect.** Print `largest`, and read off where each curve's slope is largest. How does that place move with
# $\beta$, and why must the height stay the same?

# %% [markdown] instructor=true
# With t = beta z the slope is s(t) + t s(t)(1 - s(t)): a function of t alone. Its maximum 1.0998 is at t = 2.3994, so
# at z = 2.4 / beta (4.8, 2.4, 0.6 in the plot).

# %% [markdown] question="forward" points=2 minutes=10 difficulty="*"
# ## 2. The forward pass
#
# A perceptron with $L$ layers alternates affine maps and an activation; **the last layer stays affine**, because a
# regression target or a logit may be any real number:
#
# $$h_0 = x, \qquad z_\ell = h_{\ell-1} W_\ell + b_\ell, \qquad
# h_\ell = \phi(z_\ell) \ \ (\ell < L), \qquad f(x) = z_L.$$
#
# The batch $x$ is `x`, one example per row; $(W_\ell, b_\ell)$ is `params[l - 1]`; $\phi$ is `phi`, any function that
# acts elementwise. Any depth $L\ge1$ must work: what is left of the network when $L=1$?
#
# *About 10 minutes, difficulty \*, 2 points.*


# %% solution="forward"
def forward(params: Params, x: Float[Array, "batch n_in"], phi: Callable) -> Float[Array, "batch n_out"]:
    """Output of a multi-layer perceptron of any depth.

    Args:
        params: [(W_1, b_1), ..., (W_L, b_L)], W_l of shape (fan_in, fan_out), b_l of shape (fan_out,), L >= 1.
        x: one example per row, float32.
        phi: elementwise activation, used after every layer but the last.

    Returns:
        z_L, one row per example, float32.
        Example: forward([([[2.]], [-1.]), ([[3.]], [5.])], [[1.], [0.]], relu) = [[8.], [5.]].
    """
    ### BEGIN SOLUTION
    *hidden, (W_last, b_last) = params
    h = x
    for W, b in hidden:
        h = phi(h @ W + b)
    return h @ W_last + b_last
    ### END SOLUTION


# %% check="forward"
tiny_net = [(jnp.array([[2.0]]), jnp.array([-1.0])), (jnp.array([[3.0]]), jnp.array([-5.0]))]
tiny_out = jnp.asarray(forward(tiny_net, jnp.array([[1.0], [0.0]]), relu))
assert tiny_out.shape == (2, 1), "one row per example, one column per output"
assert float(tiny_out[0, 0]) == -2.0, "3 * relu(2 * 1 - 1) - 5 = -2: the last layer has no activation"
assert float(tiny_out[1, 0]) == -5.0, "3 * relu(2 * 0 - 1) - 5 = -5: the activation comes after the bias is added"
three_layers = [
    (jnp.array([[1.0, 2.0], [0.0, 3.0]]), jnp.zeros(2)),
    (jnp.array([[1.0, 0.0], [2.0, 1.0]]), jnp.array([0.0, -3.0])),
    (jnp.array([[1.0, 2.0], [-1.0, 1.0]]), jnp.array([2.0, 0.0])),
]
assert np.allclose(forward(three_layers, jnp.array([[-2.0, 1.0]]), jnp.square), [[34.0, 76.0]]), (
    "three layers, phi(z) = z^2: the output is (34, 76). Is every layer used, and the phi that was given? Does phi act on "
    "x itself? (74, 36): the columns of W belong to the outputs, so x stands to the left of W"
)

# %% [markdown]
# **Predict.** Fix one input and draw the weights of a network with a single hidden layer of $n$ ReLUs at random,
# $50\,000$ times. Scaled so that the output has variance 1 at every width: what does the distribution of outputs look
# like at $n=1$, and what at $n=64$?

# %% tags=["demo"]
def traceable(function, *example):
    """Can JAX trace this function, and so compile or vectorise it? NumPy code cannot be traced: it is called as it is."""
    try:
        jax.eval_shape(function, *example)
    except (TypeError, ValueError, IndexError):  # tracers are no numbers: float(), NumPy and `if` refuse them
        return False
    return True


def random_outputs(key, width, draws=50_000):
    """Outputs at x = 1 of random one-hidden-layer ReLU nets: W_1 ~ N(0, 2), W_2 ~ N(0, 1/width)."""
    k1, k2 = jax.random.split(key)
    W1 = jnp.sqrt(2.0) * jax.random.normal(k1, (draws, 1, width))
    W2 = jax.random.normal(k2, (draws, width, 1)) / jnp.sqrt(width)
    output = lambda p: forward(p, jnp.ones((1, 1)), relu)
    if traceable(output, [(W1[0], jnp.zeros(width)), (W2[0], jnp.zeros(1))]):
        net = [(W1, jnp.zeros((draws, width))), (W2, jnp.zeros((draws, 1)))]
        return jax.vmap(output)(net).ravel()
    x, zeros, zero = np.ones((1, 1), np.float32), np.zeros(width, np.float32), np.zeros(1, np.float32)
    pairs = zip(np.asarray(W1), np.asarray(W2), strict=True)
    return np.array([forward([(W, zeros), (v, zero)], x, lambda z: np.maximum(z, 0))[0, 0] for W, v in pairs])


fig, (left, right) = panels(2)
widths_tried = np.array([1, 2, 4, 8, 16, 32, 64])
kurtosis = []
for width in widths_tried:
    outputs = np.asarray(random_outputs(jax.random.key(width), int(width)))
    kurtosis.append(np.mean(outputs**4) / np.mean(outputs**2) ** 2 - 3)
    if width in (1, 4, 64):
        left.hist(outputs, bins=np.linspace(-4, 4, 82), density=True, histtype="step", linewidth=1.5,
                  color=COLORS[[1, 4, 64].index(width)], label=f"width {width}")
u_axis = np.linspace(-4, 4, 200)
theory(left, u_axis, np.exp(-(u_axis**2) / 2) / np.sqrt(2 * np.pi), "theory: N(0, 1)")
right.plot(widths_tried, kurtosis, "o", color=COLORS[0], label="measured")
theory(right, widths_tried, 15 / widths_tried, "theory: 15 / width")
finish(left, "Output of a random network", "f(x)", "density", ylim=(0, 1.5))
finish(right, "Distance from a Gaussian", "width n", "excess kurtosis", xscale="log", yscale="log")

# %% [markdown]
# **Reflect.** At width 1 a spike stands at $f=0$. Which networks are in it, and what fraction of all are they? How
# wide must the layer be for an excess kurtosis below 0.1?

# %% [markdown] instructor=true
# At width 1 the unit is off for half of the draws (W_1 < 0): f = 0 exactly (the bar leaves the frame). Given the
# hidden layer f is N(0, |h|^2/n), so E f^4 / (E f^2)^2 = 3 (1 + Var(h^2) / (n (E h^2)^2)) with E h^2 = 1, E h^4 = 6:
# excess 3 * 5 / n. Below 0.1 from n = 150 on. The Gaussian limit is Neal (1996); weeks 5 and 6 live on it.

# %% [markdown] question="cross_entropy" points=3 minutes=15 difficulty="*" bans="autodiff"
# ## 3. Cross-entropy that survives large logits
#
# A classifier's logits $z\in\mathbb R^K$ become probabilities by the softmax, and the loss of an example of class $y$
# is the surprise $-\log p_y$. Averaged over the batch of $B$ examples:
#
# $$\mathcal L = \frac1B\sum_{i=1}^B \Bigl(\log\sum_{k=1}^K e^{z_{ik}} - z_{i y_i}\Bigr), \qquad
# \frac{\partial\mathcal L}{\partial z_{ik}} = \frac1B\bigl(p_{ik} - \mathbb 1[k=y_i]\bigr), \qquad
# p_{ik} = \frac{e^{z_{ik}}}{\sum_j e^{z_{ij}}}.$$
#
# The logits $z$ are `logits` (one row per example) and $y$ is `labels`. Training makes logits large, and $e^{89}$ is
# already infinite in float32: use that the softmax does not change when a constant is subtracted from a **row**. Do
# not clip, and do not add a small number inside the logarithm: both put a ceiling on the loss of a confident mistake.
#
# *About 15 minutes, difficulty \*, 3 points. Write the gradient out; automatic differentiation is off limits.*


# %% solution="cross_entropy"
def cross_entropy(logits: Float[Array, "batch classes"], labels: Int[Array, " batch"]) -> Float[Array, ""]:
    """Mean cross-entropy of softmax(logits) against labels, in nats.

    Args:
        logits: one row per example, any finite float32.
        labels: class of each example, int32 in 0..classes-1.

    Returns:
        The mean over the batch, a scalar >= 0. Example: two classes, logits [[0, 0]], label 1: log 2 = 0.693147.
    """
    ### BEGIN SOLUTION
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - jnp.log(jnp.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[jnp.arange(len(labels)), labels].mean()
    ### END SOLUTION


def cross_entropy_slope(
    logits: Float[Array, "batch classes"], labels: Int[Array, " batch"]
) -> Float[Array, "batch classes"]:
    """Gradient of `cross_entropy` with respect to the logits.

    Args:
        logits: one row per example, any finite float32.
        labels: class of each example, int32 in 0..classes-1.

    Returns:
        Shape of the logits, float32; the factor 1/batch of the mean is included.
        Example: logits [[0, 0]], label 1: [[0.5, -0.5]].
    """
    ### BEGIN SOLUTION
    shifted = logits - logits.max(axis=1, keepdims=True)
    p = jnp.exp(shifted - jnp.log(jnp.exp(shifted).sum(axis=1, keepdims=True)))
    one_hot = jnp.arange(logits.shape[1]) == labels[:, None]
    return (p - one_hot) / len(labels)
    ### END SOLUTION


# %% check="cross_entropy"
even = jnp.zeros((3, 4))
assert abs(float(cross_entropy(even, jnp.array([0, 1, 3]))) - 1.386294) < 1e-4, (
    "four equal logits: the loss is log 4 = 1.3863, the mean over the batch and not its sum"
)
assert abs(float(jnp.asarray(cross_entropy_slope(even, jnp.array([0, 1, 3])))[0, 0]) + 0.25) < 1e-4, (
    "the loss is a mean over 3 examples, so its gradient here is (1/4 - 1) / 3 = -0.25"
)
assert abs(float(cross_entropy(jnp.array([[900.0, 0.0]]), jnp.array([1]))) - 900.0) < 0.1, (
    "logits (900, 0) and label 1: the loss is 900. inf or NaN: subtract the row's maximum; about 16 or 20: do not clip"
)
far_apart = jnp.array([[900.0, 0.0], [-900.0, -900.0]])
assert abs(float(cross_entropy(far_apart, jnp.array([0, 0]))) - 0.346574) < 1e-4, (
    "losses 0 and log 2, mean 0.3466: every row has a maximum of its own; that of the whole batch makes row 2 infinite"
)

# %% [markdown]
# **Predict.** Multiply the logits $(2, 1, 0)$ by a growing $t$. How does the loss behave if the label is 0 (right,
# with margin $t$), and how if it is 2 (wrong, by $2t$)? And where does the formula taken literally, in float32, give
# up?

# %% tags=["demo"]
t_axis = np.geomspace(0.3, 300, 120)
direction = jnp.array([2.0, 1.0, 0.0])
fig, (left, right) = panels(2)
for ax, label in [(left, 2), (right, 0)]:
    stable = [float(cross_entropy((t * direction)[None], jnp.array([label]))) for t in t_axis]
    literal = [float(-jnp.log(jnp.exp(t * direction[label]) / jnp.exp(t * direction).sum())) for t in t_axis]
    ax.plot(t_axis, stable, color=COLORS[0], linewidth=4, alpha=0.55, label="your function")
    ax.plot(t_axis, literal, color=COLORS[1], label="formula taken literally")
left.axvline(88.7 / 2, color="grey", linewidth=0.8)
left.annotate(r"$e^{2t}$ overflows", (88.7 / 2, 0.8), (-6, 0), textcoords="offset points", ha="right", fontsize=9)
theory(left, t_axis, 2 * t_axis, "theory: 2t")
theory(right, t_axis, np.exp(-t_axis), r"theory: $e^{-t}$")
finish(left, "Confidently wrong", "scale t of the logits", "loss (nats)", xscale="log", yscale="log")
finish(right, "Confidently right", "scale t of the logits", "loss (nats)", xscale="log", yscale="log", ylim=(1e-9, 3))

# %% [markdown]
# **Reflect.** On the right a stable function leaves the theory too, near $t\approx16$, if it takes the logarithm of a
# float32 sum (one in float64, or with `log1p`, does not). Why there, and does training suffer from it? (The steps and
# spikes of the literal formula are its probability being rounded to the float32 numbers just below 1.)

# %% [markdown] instructor=true
# Left: both agree until 2t = 88.7; there exp gives inf/inf = NaN and the curve ends. Right: the loss log(1 + e^-t +
# ...) is lost once e^-t falls below half an ulp of 1 (6e-8), t = 16.6, and the curve drops to 0. It is harmless: the
# gradient there is of the same size, 6e-8. (log1p of the sum over the *other* classes would keep it.)

# %% [markdown] question="init" points=2 minutes=10 difficulty="**"
# ## 4. Initialization by fan-in
#
# A unit sums over its inputs. If their mean square is $q$ and the weights are independent with variance
# $s/n_{\text{in}}$, the sum has variance $s\,q$, whatever the width; a ReLU then keeps half of the second moment, by
# symmetry: $z$ and $-z$ are equally likely. So one hidden layer maps
#
# $$W_{ij}\sim\mathcal N\!\Bigl(0, \frac{s}{n_{\text{in}}}\Bigr),\quad b=0 \qquad\Longrightarrow\qquad
# \mathbb E\,h_\ell^2 = \frac s2\;\mathbb E\,h_{\ell-1}^2 .$$
#
# The numerator $s$ is `scale`: $s=1$ is LeCun's choice (1998), $s=2$ is He's (2015), made for ReLUs. The fan-in
# $n_{\text{in}}$ of layer $\ell$ is `widths[l - 1]`; `widths = [64, 100, 10]` means 64 inputs, 100 hidden units, 10
# outputs. Mind the difference between variance and standard deviation, and give every layer randomness of its own: in
# JAX a key used twice gives the same numbers twice.
#
# *About 10 minutes, difficulty \*\*, 2 points.*


# %% solution="init"
def init_mlp(key: Array, widths: list[int], scale: float) -> Params:
    """Random parameters of a perceptron, scaled by fan-in.

    Args:
        key: a JAX random key; the same key gives the same parameters.
        widths: [n_0, n_1, ..., n_L], inputs first, L >= 1.
        scale: s; each weight is an independent zero-mean normal of *variance* s / fan_in.

    Returns:
        [(W_1, b_1), ..., (W_L, b_L)] with W_l of shape (n_{l-1}, n_l), b_l = zeros of shape (n_l,), float32.
        Example: widths [50, 3] and scale 2: one layer, the entries of W have standard deviation 0.2.
    """
    ### BEGIN SOLUTION
    keys = jax.random.split(key, len(widths) - 1)
    return [
        (jnp.sqrt(scale / fan_in) * jax.random.normal(k, (fan_in, fan_out)), jnp.zeros(fan_out))
        for k, fan_in, fan_out in zip(keys, widths[:-1], widths[1:], strict=True)
    ]
    ### END SOLUTION


# %% check="init"
net_check = [(jnp.asarray(W), jnp.asarray(b)) for W, b in init_mlp(jax.random.key(0), [400, 100, 3], 2.0)]
assert [(W.shape, b.shape) for W, b in net_check] == [((400, 100), (100,)), ((100, 3), (3,))], (
    "one (W, b) per pair of neighbouring widths, W of shape (fan_in, fan_out)"
)
assert abs(float(net_check[0][0].std()) - 0.0707) < 0.004, (
    "standard deviation should be sqrt(2/400) = 0.0707. 0.005 is the variance; 0.141 is scaled by fan-out"
)
assert not any(float(jnp.abs(b).max()) for _, b in net_check), "biases start at zero"
(first_check, _), (second_check, _) = init_mlp(jax.random.key(0), [5, 5, 5], 2.0)
assert not np.allclose(first_check, second_check), "two layers got the same numbers: split the key, one part per layer"
other_check = init_mlp(jax.random.key(1), [5, 5, 5], 2.0)[0][0]
assert not np.allclose(first_check, other_check), "another key gave the same numbers: all randomness comes from `key`"

# %% [markdown]
# **Predict.** A signal passes through 50 ReLU layers of width 256. By what factor does its mean square change for
# $s=1$, $s=2$, $s=3$? For $s=2$: will every random network keep it, or only the average one?

# %% tags=["demo"]
depth, width = 50, 256
layers = np.arange(depth + 1)
fig, (left, right) = panels(2)
for color, scale in zip(COLORS, [3.0, 2.0, 1.0], strict=False):
    finals = []
    for seed in range(40 if scale == 2.0 else 8):
        h = jax.random.normal(jax.random.key(1000 + seed), (1, width))
        h = h / jnp.sqrt(jnp.mean(h**2))
        energy = [1.0]
        for layer in init_mlp(jax.random.key(seed), [width] * (depth + 1), scale):
            h = relu(forward([layer], h, relu))
            energy.append(float(jnp.mean(h**2)))
        finals.append(energy[-1])
        if seed < 8:
            left.plot(layers, energy, color=color, alpha=0.5, linewidth=1, label=f"s = {scale:g}" if seed == 0 else None)
        if scale == 2.0:
            right.plot(layers, energy, color=color, alpha=0.5, linewidth=0.8, label="s = 2" if seed == 0 else None)
    if scale == 2.0:
        below = np.mean(np.array(finals) < 1)
        deviation = np.sqrt(below * (1 - below) / len(finals))
        print(f"s = 2: {below:.0%} +- {deviation:.0%} of {len(finals)} networks end below 1 (theory: 69 %)")
    theory(left, layers, (scale / 2) ** layers, r"theory: $(s/2)^\ell$" if scale == 1.0 else None)
spread = np.sqrt(5 * layers / width)
right.fill_between(layers, np.exp(-spread**2 / 2 - 2 * spread), np.exp(-spread**2 / 2 + 2 * spread), color="0.9",
                   label=r"theory: $\pm2$ standard deviations")
theory(right, layers, np.exp(-spread**2 / 2), r"theory: median $e^{-5\ell/2n}$")
finish(left, "Mean square of the signal", r"layer $\ell$", r"mean of $h_\ell^2$", yscale="log")
finish(right, "A closer look at s = 2", r"layer $\ell$", r"mean of $h_\ell^2$", yscale="log", ylim=(0.01, 100))

# %% [markdown]
# **Reflect.** With $s=2$ the *average* stays at 1, and yet about two networks of three end below it. How can both be
# true? Would wider layers help, or shallower ones?

# %% [markdown] instructor=true
# Each layer multiplies the energy by a random factor of mean 1 and relative variance 5/n (n-mean of relu(g)^2, E =
# 1/2, E of the square = 3/2: (3/2 - 1/4)/(1/4) = 5). The product is close to log-normal with log-variance 5 l/n and
# mean 1, hence median exp(-5l/2n): few networks explode, most shrink. What counts is depth/width (Hanin and Rolnick
# 2018), so both help.

# %% [markdown] question="backprop" points=4 minutes=35 difficulty="**" bans="autodiff"
# ## 5. Backpropagation by hand
#
# The heart of the week. To find the gradient by nudging one parameter after the other, you would run the network once
# for each of them; going **backwards** costs about as much as two runs, for all of them together. Let
# $\delta_\ell=\partial\mathcal L/\partial z_\ell$, one row per example. The chain rule gives (Rumelhart, Hinton and
# Williams 1986)
#
# $$\delta_L = \frac{\partial\mathcal L}{\partial f}, \qquad
# \delta_{\ell} = \bigl(\delta_{\ell+1} W_{\ell+1}^\top\bigr)\odot\phi'(z_{\ell}), \qquad
# \frac{\partial\mathcal L}{\partial W_\ell} = h_{\ell-1}^\top\,\delta_\ell, \qquad
# \frac{\partial\mathcal L}{\partial b_\ell} = \sum_{i=1}^{B}\delta_{\ell,i}.$$
#
# `params`, `x`, `phi` are as in the forward pass; $\phi'$ is `slope`, a function of the **pre-activation** $z$; and
# $\partial\mathcal L/\partial f$ is `cotangent`, one row per example. If $\mathcal L$ is a mean over the batch, its
# $1/B$ is in the cotangent already (as in `cross_entropy_slope`): do not divide again. Keep in the forward sweep
# whatever the backward sweep needs.
#
# Check your transposes on paper with *shapes* first; then remember that in square layers wrong transposes have the
# right shape.
#
# *About 35 minutes, difficulty \*\*, 4 points. No automatic differentiation: after today you may use it for the rest
# of your life.*


# %% solution="backprop"
def backprop(
    params: Params,
    x: Float[Array, "batch n_in"],
    phi: Callable,
    slope: Callable,
    cotangent: Float[Array, "batch n_out"],
) -> Params:
    """Gradient of a loss with respect to all parameters of a perceptron.

    Args:
        params: [(W_1, b_1), ..., (W_L, b_L)], W_l of shape (fan_in, fan_out), L >= 1; `forward` says what they mean.
        x: one example per row, float32.
        phi: elementwise activation of the hidden layers.
        slope: its derivative, elementwise, as a function of the pre-activation z.
        cotangent: dLoss/df, the gradient of the loss with respect to the network's output, float32.

    Returns:
        [(dW_1, db_1), ..., (dW_L, db_L)] in the order and the shapes of params, float32.
        Example: params [([[2.]], [-1.]), ([[3.]], [5.])], x [[1.]], phi = slope = exp, cotangent [[1.]]: with e the
        base of the natural logarithm, dW_1 = [[3e]], db_1 = [3e], dW_2 = [[e]], db_2 = [1].
    """
    ### BEGIN SOLUTION
    inputs, pre_activations = [], []
    h = x
    for W, b in params:
        z = h @ W + b
        inputs.append(h)
        pre_activations.append(z)
        h = phi(z)

    gradients = []
    delta = cotangent
    for level in reversed(range(len(params))):
        W, _ = params[level]
        gradients.append((inputs[level].T @ delta, delta.sum(axis=0)))
        if level > 0:
            delta = (delta @ W.T) * slope(pre_activations[level - 1])
    return gradients[::-1]
    ### END SOLUTION


# %% check="backprop"
line_net = [(jnp.array([[2.0]]), jnp.array([-1.0])), (jnp.array([[3.0]]), jnp.array([5.0]))]
line_grads = backprop(line_net, jnp.array([[1.0]]), jnp.tanh, lambda z: 1 - jnp.tanh(z) ** 2, jnp.array([[1.0]]))
line_grads = [(jnp.asarray(dW), jnp.asarray(db)) for dW, db in line_grads]
assert [(W.shape, b.shape) for W, b in line_grads] == [((1, 1), (1,)), ((1, 1), (1,))], (
    "return one (dW, db) per layer, first layer first, each with the shape of its parameter"
)
assert abs(float(line_grads[1][0][0, 0]) - 0.761594) < 1e-4, "dW_2 = h_1 * delta = tanh(1) = 0.7616"
assert abs(float(line_grads[0][0][0, 0]) - 1.259923) < 1e-4, (
    "dW_1 = 3 (1 - tanh(1)^2) = 1.2599. 1.7635: the slope belongs at z, not at h = tanh(z)"
)
square_net = [(jnp.eye(2), jnp.zeros(2)), (jnp.array([[1.0, 2.0], [3.0, 4.0]]), jnp.zeros(2))]
square_grads = backprop(square_net, jnp.eye(2), lambda z: z, jnp.ones_like, jnp.eye(2))
assert np.allclose(square_grads[0][0], [[1.0, 3.0], [2.0, 4.0]]), (
    "a linear net, two examples: dW_1 is [[1, 3], [2, 4]]. [[1, 2], [3, 4]]: a transpose is missing. Half of it: the 1/B "
    "of a mean is in the cotangent already"
)
assert np.allclose(square_grads[0][1], [3.0, 7.0]) and np.allclose(square_grads[1][1], [1.0, 1.0]), (
    "the same net: db_1 is (3, 7), db_2 is (1, 1). Half of it: db sums over the examples, it does not average"
)

# %% [markdown]
# **Predict.** Left: the gradient with respect to layer $\ell$'s pre-activations in a ReLU network of 30 layers of
# equal width, for the three scales of question 4. Right: a funnel with $s=2$, from 512 inputs through hidden layers of
# $512, 256, 128, 64, 32, 16$ units to $n_L=10$ outputs, where $\delta_L$ has mean square 1. Forwards the mean square
# per unit stays flat. Does it backwards, too? (What is summed over in $\delta_{\ell+1}W_{\ell+1}^\top$, and how many
# terms are there?)

# %% tags=["demo"]
def gradient_energy(key, widths, scale):
    """Mean square over the units of h_l and of delta_l, for l = 1..L-1, one random ReLU net and one random input."""
    k1, k2, k3 = jax.random.split(key, 3)
    net = init_mlp(k1, widths, scale)
    h = jax.random.normal(k2, (1, widths[0]))
    grads = backprop(net, h, relu, relu_slope, jax.random.normal(k3, (1, widths[-1])))
    signal = []
    for layer in net[:-1]:
        h = relu(forward([layer], h, relu))
        signal.append(float(jnp.mean(h**2)))
    # With one example the gradient of a bias is delta itself.
    return np.array(signal), np.array([float(jnp.mean(db**2)) for _, db in grads[:-1]])


fig, (left, right) = panels(2)
even_widths = [128] * 31
levels = np.arange(1, 30)
for color, scale in zip(COLORS, [3.0, 2.0, 1.0], strict=False):
    runs = np.stack([gradient_energy(jax.random.key(s), even_widths, scale)[1][:29] for s in range(4)])
    left.plot(levels, runs.mean(axis=0), "o", markersize=3.5, color=color, label=f"s = {scale:g}")
    theory(left, levels, (scale / 2) ** (30 - levels), r"theory: $(s/2)^{L-\ell}$" if scale == 1.0 else None)
funnel = [512, 512, 256, 128, 64, 32, 16, 10]
both = np.stack([np.stack(gradient_energy(jax.random.key(s), funnel, 2.0)) for s in range(40)]).mean(axis=0)
levels = np.arange(1, len(funnel) - 1)
right.plot(levels, both[0], "s", color=COLORS[4], label="forwards: mean of $h^2$")
right.plot(levels, both[1], "o", color=COLORS[0], label=r"backwards: mean of $\delta^2$")
theory(right, levels, np.ones(len(levels)))
theory(right, levels, funnel[-1] / np.array(funnel[1:-1]), r"theory: 1 and $n_L/n_\ell$")
finish(left, "Backwards through 30 equal layers", r"layer $\ell$", r"mean of $\delta_\ell^2$", yscale="log")
finish(right, "A funnel, s = 2", r"layer $\ell$", "mean square per unit", yscale="log", xticks=levels,
       xticklabels=[f"{level}\nn={n}" for level, n in zip(levels, funnel[1:-1], strict=True)])
right.set_xlabel("layer and its width")

# %% [markdown]
# **Reflect.** Which initialization would keep the right-hand gradient flat, and what would it do to the signal? Read
# the price off the plot: by what factor would each be off after the funnel?

# %% [markdown] instructor=true
# delta W^T sums over the fan-out of the unit, so W of variance s/fan_out keeps the gradient; forwards it multiplies
# the energy by fan_in/fan_out per layer: 512/16 = 32 through the funnel, as much as the gradient is off now. Glorot's
# 2/(fan_in + fan_out) is the compromise. The gradient of a weight is h_{l-1} delta_l, so both matter.

# %% [markdown] question="train" points=3 minutes=20 difficulty="**"
# ## 6. Training on digits
#
# Stochastic gradient descent: shuffle the examples, cut them into batches, and after **each** batch take a step
# against the gradient of that batch, evaluated at the parameters *as they are now*; one sweep through the data is an
# epoch:
#
# $$\theta_{t+1} = \theta_t - \eta\, g(\theta_t; x_{S_t}, y_{S_t}), \qquad
# S_1\cup\dots\cup S_{n/B} = \{1,\dots,n\} \text{ in every epoch.}$$
#
# $\theta$ is `params`; $g$ is `grad_fn(params, x, labels)`, which returns a list of `(dW, db)` like `params`, the
# gradient of the batch's **mean** loss (so do not divide by $B$); $\eta$ is `rate`, the batch size $B$ is
# `batch_size`, and it divides the number of examples. Call `grad_fn` once for each batch; it may be compiled or not,
# and takes JAX and NumPy arrays alike. Draw a **new** order for every epoch (all randomness from `key`; how you turn
# it into orders is up to you), and keep each example with its own label. After each epoch call `on_epoch(epoch,
# params)`, if one was given: that is how the plots below follow the training.
#
# *About 20 minutes, difficulty \*\*, 3 points.*


# %% solution="train"
def train(
    key: Array,
    params: Params,
    x: Float[Array, "n n_in"],
    labels: Int[Array, " n"],
    grad_fn: Callable,
    rate: float,
    batch_size: int,
    epochs: int,
    on_epoch: Callable | None = None,
) -> Params:
    """Minibatch stochastic gradient descent.

    Args:
        key: a JAX random key; all shuffling comes from it.
        params: where to start, [(W_1, b_1), ...]; not modified.
        x, labels: the training set, one example per row; n is a multiple of batch_size.
        grad_fn: grad_fn(params, x_batch, labels_batch) -> [(dW_1, db_1), ...], gradient of the batch's mean loss.
        rate: the learning rate eta.
        batch_size: examples per update.
        epochs: sweeps through the data; each has n / batch_size updates and an order of its own.
        on_epoch: called as on_epoch(epoch, params) after each epoch, epoch = 0, 1, ..., epochs-1.

    Returns:
        The parameters after the last update, in the form of params.
        Example: one full-batch epoch (batch_size = n) returns W - rate * dW and b - rate * db.
    """
    ### BEGIN SOLUTION
    for epoch, epoch_key in enumerate(jax.random.split(key, epochs)):
        order = jax.random.permutation(epoch_key, len(x))
        for batch in order.reshape(-1, batch_size):
            grads = grad_fn(params, x[batch], labels[batch])
            params = [(W - rate * dW, b - rate * db) for (W, b), (dW, db) in zip(params, grads, strict=True)]
        if on_epoch is not None:
            on_epoch(epoch, params)
    return params
    ### END SOLUTION


# %% check="train"
def pull_to_batch_mean(params, x, labels):
    """Gradient of |W - mean of x|^2 / 2; the bias counts updates (its gradient is always -1)."""
    return [(W - x.mean(axis=0, keepdims=True), -jnp.ones_like(b)) for W, b in params]


x_check = jnp.arange(6.0)[:, None]
start = [(jnp.array([[10.0]]), jnp.array([0.0]))]
once = train(jax.random.key(0), start, x_check, jnp.arange(6), pull_to_batch_mean, 0.5, 6, 1)
assert abs(float(jnp.asarray(once[0][0])[0, 0]) - 6.25) < 1e-4, (
    "one full-batch update, each example once in it: 10 - 0.5 * (10 - 2.5) = 6.25"
)
log_check, other_log = [], []
note = lambda log: lambda epoch, params: log.append((int(epoch), float(params[0][0][0, 0])))
sweeps = train(jax.random.key(0), start, x_check, jnp.arange(6), pull_to_batch_mean, 1.0, 2, 8, note(log_check))
assert float(sweeps[0][1][0]) == 24.0, "8 epochs of 6 examples in batches of 2 make 24 updates, not one per epoch"
assert [epoch for epoch, _ in log_check] == list(range(8)), "on_epoch is called after each epoch with 0, 1, ..., 7"
assert len({last_batch for _, last_batch in log_check}) > 1, "each epoch ended with the same batch: draw a new order"
assert log_check[0][1] != 10.0, "on_epoch(0, params) still got the parameters from before the epoch"
assert all(0.4 < landed < 4.6 for _, landed in log_check), (
    "with rate 1 each update here lands on the mean of its batch, 0.5 to 4.5, from wherever it starts. Elsewhere: the "
    "gradient was taken at older parameters than the ones that were updated"
)
train(jax.random.key(1), start, x_check, jnp.arange(6), pull_to_batch_mean, 1.0, 2, 8, note(other_log))
assert log_check != other_log, "another key gave the same orders: all randomness comes from `key`"


def pull_if_mislabelled(params, x, labels):
    """Moves the bias by the distance of the labels from the examples, which are their own labels here."""
    return [(jnp.zeros_like(W), b * 0 + jnp.abs(x[:, 0] - labels).sum()) for W, b in params]


paired = train(jax.random.key(0), start, x_check, jnp.arange(6), pull_if_mislabelled, 1.0, 2, 2)
assert float(paired[0][1][0]) == 0.0, "examples lost their labels: index x and labels with the same batch"


def add_up(params, x, labels):
    """With rate 1 the weight becomes the sum of all examples that were seen."""
    return [(-x.sum(axis=0, keepdims=True), jnp.zeros_like(b)) for W, b in params]


tens = jnp.array([1.0, 10.0, 100.0, 1000.0, 10_000.0, 100_000.0])[:, None]
visited = train(jax.random.key(0), [(jnp.zeros((1, 1)), jnp.zeros(1))], tens, jnp.arange(6), add_up, 1.0, 2, 1)
assert abs(float(jnp.asarray(visited[0][0])[0, 0]) - 111_111) < 0.5, (
    "each digit of W counts the visits to one example: an epoch makes 111111. Other digits: some examples were seen twice, "
    "others never"
)

# %% [markdown]
# **Predict.** The same network, 12 layers of 64 ReLUs, the same data, the same learning rate; only the scale $s$ of
# the initialization differs. Which of $s=0.5$, $s=2$, $s=3$ will learn? Where do their losses begin, and where does
# the loss of one that does not learn stand? (There are ten classes.)

# %% tags=["demo"]
data = digits()


def digit_gradient(params, x, labels):
    """Your gradient of the mean cross-entropy: three of your functions in a row."""
    return backprop(params, x, relu, relu_slope, cross_entropy_slope(forward(params, x, relu), labels))


def judge(params, x, labels):
    """Mean cross-entropy and accuracy."""
    logits = forward(params, x, relu)
    return cross_entropy(logits, labels), jnp.mean(logits.argmax(axis=1) == labels)


some_batch = init_mlp(jax.random.key(0), [64, 10], 1.0), data.x_train[:50], data.y_train[:50]
digit_gradient, judge = (jax.jit(f) if traceable(f, *some_batch) else f for f in (digit_gradient, judge))


def follow(name, history, every=5):
    """An `on_epoch` that records training loss, test loss and test accuracy, and prints them now and then."""

    def on_epoch(epoch, params):
        train_loss, _ = judge(params, data.x_train, data.y_train)
        test_loss, accuracy = judge(params, data.x_test, data.y_test)
        history.append((float(train_loss), float(test_loss), float(accuracy)))
        if epoch >= 0 and (epoch + 1) % every == 0:
            print(f"{name}  epoch {epoch + 1:2d}  train {train_loss:7.4f}  test {test_loss:7.4f}  right {accuracy:.3f}")

    return on_epoch


curves = {}
for scale in (0.5, 2.0, 3.0):
    deep_net = init_mlp(jax.random.key(1), [64] + [64] * 11 + [10], scale)
    curves[scale] = []
    record = follow(f"s = {scale:3g}", curves[scale])
    record(-1, deep_net)
    train(jax.random.key(2), deep_net, data.x_train, data.y_train, digit_gradient, 0.03, 50, 15, record)

# %% tags=["demo"]
fig, ax = panels(1, width=6.4, height=3.6)
for color, (scale, history) in zip([COLORS[2], COLORS[1], COLORS[0]], curves.items(), strict=False):
    epochs_run = np.arange(len(history))
    ax.plot(epochs_run, [h[0] for h in history], color=color, label=f"s = {scale:g}, training")
    ax.plot(epochs_run, [h[1] for h in history], color=color, linestyle=":", label=f"s = {scale:g}, test")
theory(ax, epochs_run, np.full(len(epochs_run), np.log(10)), "theory: knowing nothing, log 10")
ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
finish(ax, "Twelve layers, three initializations", "epoch", "cross-entropy (nats)", legend=False, yscale="log")

# %% [markdown]
# Now a network that is made for the job, and the digits that defeat it.

# %% tags=["demo"]
shallow_history = []
shallow = train(jax.random.key(4), init_mlp(jax.random.key(3), [64, 100, 10], 2.0), data.x_train, data.y_train,
                digit_gradient, 0.2, 50, 30, follow("two layers", shallow_history, every=10))
guesses = np.asarray(forward(shallow, data.x_test, relu).argmax(axis=1))
missed = np.flatnonzero(guesses != np.asarray(data.y_test))[:8]
gallery = digit_gallery(data.x_test[missed], [f"{data.y_test[i]}, read as {guesses[i]}" for i in missed])

# %% [markdown]
# **Reflect.** One of the three deep networks stands at $\log 10$ for the whole run. By what factor is its gradient in a
# hidden layer smaller than that of $s=2$? (In $h_{\ell-1}^\top\delta_\ell$ one factor has come from the input, the other
# from the output, and per layer each mean square changes by $s/2$: does the layer's position matter?) Is it near a
# minimum, or near something else? Try a ten times larger learning rate, 45 epochs, and a few keys.

# %% [markdown] instructor=true
# s = 0.5: signal and gradient energies shrink by 1/4 per layer, amplitudes by 1/2. The gradient of W_l is h_{l-1}
# delta_l: 2^-(l-1) * 2^-(L-l) = 2^-11, about 1/2000 in *every* layer. The output hardly depends on x; only the last
# bias learns (the class frequencies: log 10). It is a saddle, not a minimum: with rate 0.3 two keys of three left the
# plateau after about 28 epochs, the third not within 45. With rate 3 it did not within 30: the noise of the
# minibatches in the last bias is then larger than the signal. s = 3 begins near a loss of 10 (logit energy about
# 1.5^11 = 86, less at width 64) and learns with jumps; s = 3.5 diverges at this rate.

# %% [markdown] question="reverse_mode" points=4 minutes=40 difficulty="***" bans="autodiff"
# ## 7. Reverse-mode differentiation on a graph
#
# A perceptron is a chain, and on a chain the backward order is obvious. Real programs are **graphs**: residual
# connections, shared weights, a loss with two terms. `jax.grad` handles them all with one idea (Linnainmaa 1970;
# Speelpenning 1980): each node $v$ has an *adjoint* $\bar v=\partial\,\text{output}/\partial v$, and
#
# $$\overline{\text{output}} = 1, \qquad
# \bar u = \sum_{v\,:\,u \text{ is an argument of } v} \bar v\;\frac{\partial v}{\partial u},$$
#
# where a node that uses $u$ twice (as in $u\cdot u$) counts twice. A node may hand its adjoint on only when **all**
# of its users have contributed: so visit the nodes in reverse topological order, and each just once. Then the whole
# gradient costs about as much as the function, however many inputs it has; a walk along all paths may take
# exponential time.
#
# The graph is `graph`, a dictionary `{name: (op, argument names...)}` **in no particular order**; the inputs and
# their values are `leaves`; $\partial v/\partial u$ comes from `primitives[op] = (f, partials)`: `f(*values)` is the
# node's value, and `partials(*values)` the tuple of its derivatives with respect to each argument. Every node has at
# least one argument. You may evaluate nodes that the output does not need (they are all defined), but no node twice.
#
# *About 40 minutes, difficulty \*\*\*, 4 points. Plain Python numbers and dictionaries are all you need. Graphs are
# less than 200 nodes deep, so recursion is welcome.*

# %%
PRIMITIVES = {
    "add": (lambda a, b: a + b, lambda a, b: (1.0, 1.0)),
    "sub": (lambda a, b: a - b, lambda a, b: (1.0, -1.0)),
    "mul": (lambda a, b: a * b, lambda a, b: (b, a)),
    "div": (lambda a, b: a / b, lambda a, b: (1 / b, -a / b**2)),
    "sin": (lambda a: float(np.sin(a)), lambda a: (float(np.cos(a)),)),
    "exp": (lambda a: float(np.exp(a)), lambda a: (float(np.exp(a)),)),
}

# (x + y) * sin(x): x is used twice. Not in an order in which it could be computed line by line.
EXAMPLE_GRAPH = {"out": ("mul", "total", "wave"), "wave": ("sin", "x"), "total": ("add", "x", "y")}


# %% solution="reverse_mode"
def reverse_mode(
    graph: dict[str, tuple[str, ...]],
    leaves: dict[str, float],
    output: str,
    primitives: dict[str, tuple[Callable, Callable]],
) -> tuple[float, dict[str, float]]:
    """Value of one node of a computational graph, and its derivative with respect to every leaf.

    Args:
        graph: {node: (op, argument, ...)}; arguments are nodes or leaves; acyclic; in no particular order.
        leaves: {leaf: its value}.
        output: name of the node (or leaf) to differentiate; not every node needs to lead to it.
        primitives: {op: (f, partials)}; f(*values) -> value, partials(*values) -> one derivative per argument.

    Returns:
        (value of output, {leaf: d output / d leaf}), every leaf included: 0.0 where the output does not depend on it.
        Each node's f and partials are called at most once.
        Example: graph {"y": ("mul", "x", "x")}, leaves {"x": 3.0}, output "y": (9.0, {"x": 6.0}).
    """
    ### BEGIN SOLUTION
    values = dict(leaves)
    order = []  # every node after its arguments

    def visit(name):
        if name in values:
            return
        op, *arguments = graph[name]
        for argument in arguments:
            visit(argument)
        values[name] = primitives[op][0](*[values[a] for a in arguments])
        order.append(name)

    visit(output)
    adjoints = dict.fromkeys(values, 0.0)
    adjoints[output] = 1.0
    for name in reversed(order):
        op, *arguments = graph[name]
        partials = primitives[op][1](*[values[a] for a in arguments])
        for argument, partial in zip(arguments, partials, strict=True):
            adjoints[argument] += adjoints[name] * partial
    return values[output], {leaf: adjoints[leaf] for leaf in leaves}
    ### END SOLUTION


# %% check="reverse_mode"
value_check, slopes_check = reverse_mode({"y": ("mul", "x", "x")}, {"x": 3.0, "idle": 1.0}, "y", PRIMITIVES)
assert abs(value_check - 9.0) < 1e-6, "the first result is the value of the output"
assert abs(slopes_check["x"] - 6.0) < 1e-6, "d(x*x)/dx = 6 at x = 3. With 3: x is used twice, contributions must add up"
assert slopes_check.get("idle") == 0.0, "every leaf is in the result; one that is not used has derivative 0"
_, slopes_check = reverse_mode(EXAMPLE_GRAPH, {"x": 0.5, "y": 2.0}, "out", PRIMITIVES)
assert abs(slopes_check["x"] - 2.673382) < 1e-4, "d/dx (x+y) sin x = sin x + (x+y) cos x = 2.6734 at (0.5, 2)"
detour = {"y": ("add", "a", "b"), "b": ("sin", "a"), "a": ("mul", "x", "x")}
_, slopes_check = reverse_mode(detour, {"x": 1.0}, "y", PRIMITIVES)
assert abs(slopes_check["x"] - 3.080605) < 1e-4, (
    "d/dx (x^2 + sin x^2) = 3.0806 at x = 1. With 2: y and b both use a, and a handed its adjoint on before b had contributed"
)
calls_check = []
counted_add = {"add": tuple(lambda a, b, f=f: (calls_check.append(1), f(a, b))[1] for f in PRIMITIVES["add"])}
doublings_check = {f"v{k + 1}": ("add", f"v{k}", f"v{k}") for k in range(5)}
_, slopes_check = reverse_mode(doublings_check, {"v0": 1.0}, "v5", counted_add)
assert abs(slopes_check["v0"] - 32.0) < 1e-6, "five doublings multiply by 32"
assert len(calls_check) <= 10, (
    f"{len(calls_check)} calls of f and partials for five nodes: one of each per node is enough, however many paths lead there"
)

# %% [markdown]
# **Predict.** Take $v_0=x$ and $v_{k+1}=v_k+v_k$: a chain in which every node is used twice. How many derivatives
# does your function evaluate for $k$ doublings, and how many would a recursion need that asks each node for its
# derivative, path by path? Right: a product of $m$ inputs. How many function values do finite differences need, and
# how many derivatives you?

# %% tags=["demo"]
def count_partials(graph, leaves, output):
    """How often `reverse_mode` calls `partials`: its work, independent of the machine."""
    calls = []

    def counted(f, partials):
        return f, lambda *values: (calls.append(1), partials(*values))[1]

    reverse_mode(graph, leaves, output, {op: counted(*pair) for op, pair in PRIMITIVES.items()})
    return len(calls)


def paths_to_leaf(graph, name):
    """Number of visits of a recursion that follows every path and remembers nothing."""
    return 1 + sum(paths_to_leaf(graph, argument) for argument in graph[name][1:]) if name in graph else 0


fig, (left, right) = panels(2)
doublings = np.arange(1, 15)
chains = [{f"v{k + 1}": ("add", f"v{k}", f"v{k}") for k in range(n)} for n in doublings]
visits = [count_partials(g, {"v0": 1.0}, f"v{len(g)}") for g in chains]
left.plot(doublings, visits, "o", color=COLORS[0], label="yours")
left.plot(doublings, [paths_to_leaf(g, f"v{len(g)}") for g in chains], "s", color=COLORS[1], label="path by path")
theory(left, doublings, doublings)
theory(left, doublings, 2.0**doublings - 1, r"theory: $k$ and $2^k-1$")
inputs_tried = np.array([2, 4, 8, 16, 32, 64, 128])
work = []
for m in inputs_tried:
    product = {f"p{k}": ("mul", f"p{k - 1}" if k > 1 else "x0", f"x{k}") for k in range(1, m)}
    work.append(count_partials(product, {f"x{k}": 1.0 for k in range(m)}, f"p{m - 1}"))
right.plot(inputs_tried, work, "o", color=COLORS[0], label="yours")
right.plot(inputs_tried, (inputs_tried + 1) * (inputs_tried - 1), "s", color=COLORS[1], label="finite differences")
theory(right, inputs_tried, inputs_tried - 1)
theory(right, inputs_tried, inputs_tried**2 - 1, r"theory: $m-1$ and $m^2-1$")
finish(left, "Sharing", "doublings k", "node visits", yscale="log")
finish(right, "Many inputs", "inputs m", "node visits", xscale="log", yscale="log")

# %% [markdown]
# **Reflect.** Read off how many visits each method needs for 14 doublings and for 128 inputs. On which kind of graph
# would following every path cost no more than reverse mode - and is a perceptron of that kind?

# %% [markdown] instructor=true
# 14 and 16 383; 127 and 16 383. On a tree (no node used twice) there is one path from the output to each node, and
# the costs agree. A perceptron with widths n has n^(L-2) paths from a unit of the first layer to an output: layer by
# layer summation is exactly what backprop does.

# %% [markdown]
# ## Both ends meet
#
# Your gradient, and JAX's reverse mode on the same network written with `jax.nn`: they agree to rounding.

# %% tags=["demo"]
meeting_net = init_mlp(jax.random.key(5), [64, 50, 50, 10], 2.0)
some_x, some_y = data.x_train[:32], data.y_train[:32]
mine = digit_gradient(meeting_net, some_x, some_y)


def jax_loss(params):
    """Mean cross-entropy of the network on a few digits, without any of your functions."""
    h = some_x
    for W, b in params[:-1]:
        h = jax.nn.relu(h @ W + b)
    log_p = jax.nn.log_softmax(h @ params[-1][0] + params[-1][1])
    return -log_p[jnp.arange(len(some_y)), some_y].mean()


theirs = jax.grad(jax_loss)([(jnp.asarray(W), jnp.asarray(b)) for W, b in meeting_net])
for level, ((dW, db), (dW_jax, db_jax)) in enumerate(zip(mine, theirs, strict=True), start=1):
    print(f"layer {level}: largest difference in dW {float(jnp.abs(dW - dW_jax).max()):.1e}, "
          f"in db {float(jnp.abs(db - db_jax).max()):.1e}")
