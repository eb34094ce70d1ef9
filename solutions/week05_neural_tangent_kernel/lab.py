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
# # Week 5 lab: The neural tangent kernel
#
# In 2018 Jacot, Gabriel and Hongler found that very wide networks, trained by gradient descent, perform kernel
# regression, which was understood long ago. The kernel is made of the network's own gradients. Today you compute it in
# three ways, predict the training of a network *before* it is trained, and then break the theory: you turn one knob, the
# scale of the output, and watch the kernel start to move. A network whose kernel moves learns features. At the end you
# see one find two pixels among 64 that its kernel at the start cannot single out.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 1 | The kernel of any network | 3 | 20 | * |
# | 2 | The kernel without the Jacobian | 2 | 20 | ** |
# | 3 | The kernel layer by layer, by hand | 4 | 35 | *** |
# | 4 | The linearised network | 2 | 15 | * |
# | 5 | Predicting the training | 3 | 30 | ** |
# | 6 | Lazy or rich: one knob | 3 | 25 | ** |
# | 7 | What was learned | 3 | 25 | ** |
#
# **How to work.** Each function gets all it needs as arguments, so you can do the questions in any order. (Two plots use
# an earlier answer: that of question 5 uses question 1, that of question 7 uses question 6.) After each one run its
# `grader.check`: it catches the usual slip; hidden tests then look more closely. Before each plot, write your prediction
# down. NumPy or JAX, loops or `vmap`: every correct style is accepted. The functions that you are *given* (`f`, `phi`,
# `slope`) are written in JAX: you may trace them, differentiate, compile or `vmap` them.
#
# **Conventions.** Inputs `x` have one example per row, and `f(params, x)` gives one row of outputs per example: shape
# `(n, k)`, also for `k = 1`. Each output row depends on its own row of `x` only. `params` is any *pytree*: a nesting of
# dictionaries, lists and tuples of arrays, or a single array. Tests pass float32 arrays (and Python numbers for single
# numbers such as `t`); in the examples, lists and numbers stand for arrays. Nothing is random.
#
# Where no accuracy is named, each array of a result is compared with a tolerance of $10^{-4}$ of its largest entry: the
# formulas in float32 reach it. Results may be float32 or float64. A list of numbers counts as an array, and a scalar may
# be a number or an array of shape `()`. A pytree that you return has the nesting of the argument (lists and tuples count
# as alike); its leaves may be JAX or NumPy arrays or numbers. No test traces your functions (puts `jit`, `vmap` or `grad`
# around them), with one exception: the function that `linearise` of question 4 returns is differentiated.

# %%
from course_lib.checks import open_checks

grader = open_checks("week05/lab")

# %%
import itertools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from course_lib.data import digits
from course_lib.plots import COLORS, finish, panels, theory

# %% [markdown]
# The plots use this network: $z_\ell=h_{\ell-1}W_\ell/\sqrt{n_{\ell-1}}+b_\ell$, $h_\ell=\phi(z_\ell)$ with
# $\phi(z)=\sqrt2\max(z,0)$, no $\phi$ in the last layer. The weights start as standard normal numbers, the biases as 0.
# The division by $\sqrt{n_{\ell-1}}$ stands in the network and not in the weights: this is the **NTK
# parametrisation**. Compared with weights of variance $1/n_{\ell-1}$, the network at the start is the same, but a
# gradient step changes it in another way. The homework puts $\sigma_w^2=2$ in every layer in place of the $\sqrt2$ in
# $\phi$, and its biases are random at the start. Its kernels are therefore not the same numbers.

# %% tags=["demo"]
rng = np.random.default_rng(5)
phi = lambda z: jnp.sqrt(2.0) * jnp.maximum(z, 0.0)
phi_slope = lambda z: jnp.sqrt(2.0) * (z > 0)


def start_network(seed, widths):
    """Parameters [(W_1, b_1), ...] of the network above, W_l of shape (widths[l-1], widths[l])."""
    draw = np.random.default_rng(seed)
    return [(jnp.asarray(draw.normal(size=(a, b)), jnp.float32), jnp.zeros(b)) for a, b in itertools.pairwise(widths)]


def network(params, x):
    """Output of the network above, one row per example."""
    h = x
    for W, b in params[:-1]:
        h = phi(h @ W / jnp.sqrt(W.shape[0]) + b)
    W, b = params[-1]
    return h @ W / jnp.sqrt(W.shape[0]) + b


def compiled(function, *example):
    """`function`, compiled by JAX if it can trace it; NumPy code cannot be traced and is called as it is."""
    try:
        size = len(jax.make_jaxpr(function)(*example).eqns)
    except (TypeError, ValueError, IndexError):  # tracers are no numbers: float(), NumPy and `if` refuse them
        return function
    # A Python loop is unrolled when traced: a long one would take minutes to compile.
    return jax.jit(function) if size < 600 else function


def descent(f, params, x, y, eta, steps):
    """Parameters after so many steps of gradient descent on the mean of half the squared errors."""
    loss = lambda p: jnp.sum((f(p, x) - y) ** 2) / (2 * len(x))
    step = lambda _, p: jax.tree.map(lambda w, g: w - eta * g, p, jax.grad(loss)(p))
    return several_steps(step, params, steps)


several_steps = jax.jit(lambda step, p, steps: jax.lax.fori_loop(0, steps, step, p), static_argnums=0)


def smooth_network(params, x):
    """The network of the plots with tanh in place of the ReLU, one hidden layer."""
    (W, b), (v, c) = params
    return jnp.tanh(x @ W / jnp.sqrt(W.shape[0]) + b) @ v / jnp.sqrt(v.shape[0]) + c


def kernel_of(f, params, x):
    """The kernel of f with one output on x, by plain differentiation: this plot should not depend on your other answers."""
    jacobian = jax.tree.leaves(jax.jacobian(lambda p: f(p, x)[:, 0])(params))
    return sum(J.reshape(len(x), -1) @ J.reshape(len(x), -1).T for J in jacobian)


kernel_of = jax.jit(kernel_of, static_argnums=0)

# Inputs on a circle; eight of them with labels.
angles = np.linspace(0, np.pi, 41)
circle = jnp.asarray(np.sqrt(2) * np.stack([np.cos(angles), np.sin(angles)], axis=1), jnp.float32)
places = np.linspace(-2.6, 2.6, 8)
on_circle = lambda a: jnp.asarray(np.sqrt(2) * np.stack([np.cos(a), np.sin(a)], axis=1), jnp.float32)
x_line, y_line = on_circle(places), jnp.asarray(np.sign(np.sin(1.7 * places + 0.4))[:, None] * 0.8, jnp.float32)
grid = np.linspace(-np.pi, np.pi, 201)

# %% [markdown] question="empirical_ntk" points=3 minutes=20 difficulty="*"
# ## 1. The kernel of any network
#
# Move the parameters by gradient descent on a loss that depends on the outputs $f(\theta,x_j)$ at the training inputs.
# How do the outputs at *another* input move? Use the chain rule twice. To first order in the learning rate, output $a$
# at $x$ moves by minus the learning rate times $\sum_{j,b}\Theta_{ab}(x,x_j)\,\partial\mathcal L/\partial f_b(x_j)$,
# with
#
# $$\Theta_{ab}(x,x')=\sum_p\frac{\partial f_a(\theta,x)}{\partial\theta_p}\frac{\partial f_b(\theta,x')}{\partial\theta_p}.$$
#
# This is the (empirical) *neural tangent kernel*. It says how a small step changes the outputs, whatever the loss. The
# sum runs over all parameters in all leaves of $\theta$ (`params`). $a$ and $b$ number the outputs. $x$ runs through the
# rows of `x1` and $x'$ through those of `x2`; their numbers may differ.
#
# *About 20 minutes, difficulty \*, 3 points.*


# %% solution="empirical_ntk"
def empirical_ntk(
    f: Callable, params: PyTree, x1: Float[Array, "n1 d"], x2: Float[Array, "n2 d"]
) -> Float[Array, "n1 n2 k k"]:
    """The neural tangent kernel of f at params.

    Args:
        f: a JAX function of (params, x) with output of shape (n, k) for x of shape (n, d).
        params: any pytree of float32 arrays (of any shape, also ()).
        x1, x2: inputs, one per row, float32. Up to 50 of each, 3 outputs and 10 000 parameters: the Jacobian fits into memory.

    Returns:
        Theta of shape (n1, n2, k, k), float32: Theta[i, j, a, b] is the sum over all parameters of the derivative of output a
        at x1[i] times the derivative of output b at x2[j].
        Example: f = params["w"] * x + params["b"] with numbers w, b and d = k = 1; x1 [[2.]], x2 [[3.], [0.]]:
        [[7.], [1.]] up to the shape (1, 2, 1, 1).
    """
    ### BEGIN SOLUTION
    first = jax.tree.leaves(jax.jacobian(f)(params, x1))
    second = jax.tree.leaves(jax.jacobian(f)(params, x2))
    flat = lambda J: J.reshape(J.shape[0], J.shape[1], -1)
    return sum(jnp.einsum("iap,jbp->ijab", flat(J), flat(K)) for J, K in zip(first, second, strict=True))
    ### END SOLUTION


# %% check="empirical_ntk"
line_check = lambda p, x: p["w"] * x + p["b"]
got_check = empirical_ntk(line_check, {"w": jnp.array(5.0), "b": jnp.array(1.0)}, jnp.array([[2.0]]), jnp.array([[3.0], [0.0]]))
assert np.shape(got_check) == (1, 2, 1, 1), "one row of x1, two of x2, one output: shape (1, 2, 1, 1)"
assert np.allclose(np.asarray(got_check)[0, :, 0, 0], [7.0, 1.0], atol=1e-3), (
    "2 * 3 from w and 1 from b: 7. 6: one leaf of params is missing; the value of the parameters does not matter here"
)
pair_check = lambda W, x: jnp.stack([x @ W[:2], x @ W[1:]], axis=1)  # W_1 belongs to both outputs
got_check = empirical_ntk(pair_check, jnp.ones(3), jnp.array([[1.0, 2.0]]), jnp.array([[3.0, 4.0], [5.0, 7.0]]))
assert np.shape(got_check) == (1, 2, 2, 2), "two outputs: shape (1, 2, 2, 2), one 2 x 2 block for each pair of inputs"
assert np.allclose(np.asarray(got_check)[0, 0], [[11.0, 6.0], [4.0, 11.0]], atol=1e-3), (
    "outputs w0 x0 + w1 x1 and w1 x0 + w2 x1: the block of (1, 2) and (3, 4) is [[11, 6], [4, 11]]. [[11, 4], [6, 11]]: row a "
    "belongs to x1 and column b to x2; [[11, 0], [0, 11]]: different outputs share parameters, too"
)

# %% [markdown] predict="empirical_ntk"
# **Predict.** The kernel at the start depends on the random weights. Take a network with one hidden layer of $m$ units
# and $|x|^2=|x'|^2=d$. Does $\Theta(x,x')$ for one draw of the weights approach a fixed number as $m$ grows? How fast?

# %% [markdown] answer="empirical_ntk"
# Yes: $\Theta$ is a mean over $m$ independent hidden units (and the 1 of the last bias), so by the law of large
# numbers it tends to its expectation, and its standard deviation falls as $m^{-1/2}$. For $x=x'$ it is $\sqrt{29/m}$
# with a mean of 4: one unit contributes $2\cdot1_{z>0}(z^2+2v^2)$ with standard normal $z$ and $v$, which has mean 3
# and mean square 38.

# %% tags=["demo"]
scalar_kernel = lambda params, a, b: empirical_ntk(network, params, a, b)[:, :, 0, 0]
fig, (left, right) = panels(2, width=5.0, height=3.8)
widths, diagonal = [16, 32, 64, 128, 256, 512, 1024], []  # 1050 kernels: if JAX cannot compile your code, take fewer draws
for m in widths:
    one = start_network(0, [2, m, 1])
    kernel = compiled(scalar_kernel, one, circle[:1], circle)
    draws = np.array([np.asarray(kernel(start_network(s, [2, m, 1]), circle[:1], circle))[0] for s in range(150)])
    diagonal.append(draws[:, 0].std())
    if m in (32, 1024):
        color = COLORS[m == 1024]
        left.plot(angles, draws[:12].T, color=color, linewidth=0.7, alpha=0.7)
        left.plot([], [], color=color, label=f"12 draws, width {m}")
cosine = np.cos(angles)
kappa0, kappa1 = 1 - angles / np.pi, (np.sin(angles) + (np.pi - angles) * cosine) / np.pi
theory(left, angles, 1 + kappa1 + (1 + cosine) * kappa0, "theory: infinite width")
right.plot(widths, diagonal, "o", color=COLORS[0], label=r"$\Theta(x,x)$, 150 draws")
theory(right, widths, np.sqrt(29 / np.array(widths)), r"theory: $\sqrt{29/m}$")
finish(left, "The kernel at the start, one curve per draw", "angle between x and x'", r"$\Theta(x,x')$", ylim=(0, 7))
finish(right, "Its spread falls as one over root width", "width m", "standard deviation", xscale="log", yscale="log")

# %% [markdown] reflect="empirical_ntk"
# **Reflect.** A wide network has millions of random weights, and yet two such networks have nearly the same kernel. Do
# they also compute the same function at the start? And why does the kernel at angle $\pi$ not vanish, although the two
# inputs have no active hidden unit in common?

# %% [markdown] answer="empirical_ntk"
# No: the output at the start is a sum of $m$ terms of random sign divided by $\sqrt m$, and stays random at every
# width (a Gaussian process). The kernel is a sum of squares divided by $m$. At angle $\pi$ no unit is active for both
# inputs. They share the last bias only. Its derivative is 1 for both inputs, so $\Theta=1$.

# %% [markdown] question="ntk_times" points=2 minutes=20 difficulty="**"
# ## 2. The kernel without the Jacobian
#
# With $n$ examples, $k$ outputs and $P$ parameters the Jacobian $J$ has $nk\times P$ entries: that is 3.6 GB for 3000
# examples, one output and 300 000 parameters. Often nobody needs $\Theta=JJ^\top$ itself, only its products with
# vectors: for its largest eigenvalue, for a step of gradient descent, for solving $\Theta a=y$ by conjugate gradients.
# **Find** a way to compute
#
# $$u_{ia}=\sum_{j,b}\Theta_{ab}(x_i,x_j)\,v_{jb}$$
#
# for the price of a few evaluations of the network. Read $JJ^\top v$ from the right: what does $J^\top$ do to a vector
# of outputs, and what does $J$ do to a vector of parameters? JAX has a transformation for each of the two.
#
# *About 20 minutes, difficulty \*\*, 2 points.*


# %% solution="ntk_times"
def ntk_times(f: Callable, params: PyTree, x: Float[Array, "n d"], v: Float[Array, "n k"]) -> Float[Array, "n k"]:
    """The product of the neural tangent kernel on x with a vector of outputs, without the kernel.

    Args:
        f, params: as in question 1; up to 300 000 parameters.
        x: up to 3000 inputs, one per row, float32.
        v: one row per input, float32, of the shape of f(params, x).

    Returns:
        Theta v, shape (n, k), float32.
        Example: f = params * x with a single number as params, d = k = 1; x [[1.], [2.]], v [[10.], [1.]]: [[12.], [24.]].
    """
    ### BEGIN SOLUTION
    outputs = lambda p: f(p, x)
    _, pull = jax.vjp(outputs, params)
    return jax.jvp(outputs, (params,), pull(v))[1]
    ### END SOLUTION


# %% check="ntk_times"
times_check = lambda p, x: p * x
got_check = np.asarray(ntk_times(times_check, jnp.array(3.0), jnp.array([[1.0], [2.0]]), jnp.array([[10.0], [1.0]])))
assert got_check.shape == (2, 1), "one row per input"
assert np.allclose(got_check, [[12.0], [24.0]], atol=1e-3), (
    "J = (1, 2): J^T v = 12, J 12 = (12, 24). (10, 4): only the diagonal of the kernel; 12 alone: J is still to be "
    "applied"
)
got_check = np.asarray(
    ntk_times(lambda p, x: jnp.sin(p["a"] @ x.T).T + p["c"], {"a": jnp.eye(2), "c": jnp.zeros(2)}, jnp.eye(2), jnp.eye(2))
)
assert np.allclose(got_check, [[0.2919 + 1, 1.0], [1.0, 0.2919 + 1]], atol=1e-3), (
    "sin(a x) + c at unit vectors: cos(1)^2 + 1 on the diagonal, 1 beside it. 2 in place of 1.29: the derivative is taken at 0"
)

# %% [markdown] predict="ntk_times"
# **Predict.** A network is trained with the loss $\frac1{2n}\sum_i|f(x_i)-y_i|^2$. Each step of gradient descent
# multiplies the part of the error along an eigenvector of $\Theta$ by $1-\eta\lambda/n$, as long as $\Theta$ stands
# still. For which learning rates will ten steps lower the loss of a network of width 1024?

# %% [markdown] answer="ntk_times"
# For $\eta<2n/\lambda_{\max}$. Your products give $\lambda_{\max}$ by power iteration: twenty products with the kernel of
# 300 digits, and no matrix.

# %% tags=["demo"]
data = digits()
x_digits, y_digits = data.x_train[:300], jnp.where(data.y_train[:300, None] < 5, 1.0, -1.0)
wide = start_network(1, [64, 1024, 1])
product = compiled(lambda v: ntk_times(network, wide, x_digits, v), y_digits)
v = y_digits
for _ in range(20):
    v = jnp.asarray(product(v))
    largest, v = float(jnp.linalg.norm(v)), v / jnp.linalg.norm(v)
edge = 2 * len(x_digits) / largest
mean_loss = lambda p: jnp.mean((network(p, x_digits) - y_digits) ** 2) / 2
descend = jax.jit(lambda p, eta: jax.tree.map(lambda w, g: w - eta * g, p, jax.grad(mean_loss)(p)))
rates, ratios = edge * np.linspace(0.3, 1.5, 17), []
for eta in rates:
    p = wide
    for _ in range(10):
        p = descend(p, eta)
    ratios.append(float(mean_loss(p) / mean_loss(wide)))
fig, ax = panels(1, width=6.0)
ax.plot(rates, ratios, "o-", color=COLORS[0], markersize=4, label="network of width 1024")
theory(ax, [edge, edge], [0.3, 20], r"theory: $\eta=2n/\lambda_{\max}$, from your products")
ax.axhline(1.0, color="0.6", linewidth=0.8)
finish(ax, "Ten steps of gradient descent", r"learning rate $\eta$", "loss after / loss before", yscale="log", ylim=(0.3, 300))

# %% [markdown] reflect="ntk_times"
# **Reflect.** (a) In the plot the loss begins to grow just to the right of the line. What does the eigenvalue tell you
# that such a search does not? (b) Further to the right ten steps do *less* damage again. Can a kernel that stands still
# explain this?

# %% [markdown] answer="ntk_times"
# (a) It tells you in advance where the border is. It also tells you that a single direction sets it: here nearly the
# constant vector, because pixels are positive and all images overlap. (Subtract the mean image, and you may go faster.)
# (b) No: with a fixed kernel a larger $\eta$ would always make the loss grow faster. The kernel has moved: the growing
# output pulls the weights down until the largest eigenvalue is below $2n/\eta$. Homework 5.5 solves a case of this
# exactly, the catapult.

# %% [markdown] question="layer_kernels" points=4 minutes=35 difficulty="***" bans="autodiff"
# ## 3. The kernel layer by layer, by hand
#
# The third way needs neither a Jacobian nor a loop over vectors, and it shows what the kernel is made of. Take a
# perceptron with a single output,
#
# $$z_\ell=\frac1{\sqrt{n_{\ell-1}}}h_{\ell-1}W_\ell+b_\ell,\qquad h_\ell=\phi(z_\ell)\quad(\ell<L),\qquad
# h_0=x,\quad f=z_L ,$$
#
# where $W_\ell$ has shape $(n_{\ell-1},n_\ell)$ and $n_L=1$. Split the sum over parameters into layers,
# $\Theta=\sum_\ell\Theta_\ell$, each with the weights *and* the biases of its layer. **Derive** $\Theta_\ell$: what
# is the derivative of $f(x)$ with respect to one weight, in terms of $h_{\ell-1}(x)$ and $\delta_\ell(x)=\partial
# f(x)/\partial z_\ell(x)$? Then sum over all weights of the layer before you write code: the result is a product of
# two small matrices, entry by entry, and nothing of the size of (examples) x (parameters) is left.
#
# `params` is $[(W_1,b_1),\dots,(W_L,b_L)]$, $\phi$ is `phi` and its derivative `slope`, a function of $z$.
#
# *About 35 minutes, difficulty \*\*\*, 4 points. No automatic differentiation. Networks have up to about four million
# parameters and get up to 150 inputs: a Jacobian would not fit into memory.*


# %% solution="layer_kernels"
def layer_kernels(
    params: list[tuple[Array, Array]], x1: Float[Array, "n1 d"], x2: Float[Array, "n2 d"], phi: Callable, slope: Callable
) -> Float[Array, "layers n1 n2"]:
    """Contribution of each layer to the neural tangent kernel of a perceptron with one output.

    Args:
        params: [(W_1, b_1), ..., (W_L, b_L)], L >= 1, W_l of shape (n_{l-1}, n_l), b_l of shape (n_l,), n_L = 1; float32.
        x1, x2: inputs, one per row, float32, n_0 = d.
        phi: elementwise activation of the hidden layers.
        slope: its derivative, elementwise, as a function of the pre-activation z.

    Returns:
        An array of shape (L, n1, n2), float32: entry [l - 1, i, j] is the sum over the parameters of layer l. Their sum over
        l is the whole kernel.
        Example: params [([[2.]], [-1.]), ([[3.]], [5.])], x1 [[1.]], x2 [[2.]], phi(z) = z^2, slope(z) = 2 z:
        z_1 = 1 and 3, delta_1 = 6 and 18, so [[[324.]], [[10.]]].
    """
    ### BEGIN SOLUTION
    def sweep(x):
        """Inputs h and sensitivities delta of every layer."""
        inputs, pre = [], []
        h = x
        for W, b in params:
            inputs.append(h)
            pre.append(h @ W / np.sqrt(W.shape[0]) + b)
            h = phi(pre[-1])
        deltas = [jnp.ones_like(pre[-1])]
        for level in range(len(params) - 1, 0, -1):
            W = params[level][0]
            deltas.append((deltas[-1] @ W.T / np.sqrt(W.shape[0])) * slope(pre[level - 1]))
        return inputs, deltas[::-1]

    (h1, d1), (h2, d2) = sweep(x1), sweep(x2)
    return jnp.stack([(d @ e.T) * (1.0 + h @ g.T / h.shape[1]) for h, d, g, e in zip(h1, d1, h2, d2, strict=True)])
    ### END SOLUTION


# %% check="layer_kernels"
small_check = [(jnp.array([[2.0]]), jnp.array([-1.0])), (jnp.array([[3.0]]), jnp.array([5.0]))]
got_check = np.asarray(
    layer_kernels(small_check, jnp.array([[1.0]]), jnp.array([[2.0]]), lambda z: z**2, lambda z: 2 * z)
)
assert got_check.shape == (2, 1, 1), "two layers, one input on each side: shape (2, 1, 1)"
assert abs(got_check[1, 0, 0] - 10.0) < 1e-3, "the last layer: 10. 9: its bias is missing"
assert abs(got_check[0, 0, 0] - 324.0) < 1e-2, (
    "the first layer: 324. 216: the bias is missing; 36: the weight above is missing; "
    "108: the inputs are missing; 972: the slope is taken at h and not at z"
)
flat_check = [(jnp.array([[1.0], [2.0]]), jnp.array([0.0]))]
got_check = np.asarray(layer_kernels(flat_check, jnp.array([[1.0, 2.0]]), jnp.array([[3.0, 4.0]]), jnp.tanh, jnp.cosh))
assert np.allclose(got_check, [[[6.5]]], atol=1e-3), (
    "one layer: (1 * 3 + 2 * 4)/2 + 1 = 6.5. 12: the weights are divided by root 2, so their derivatives are, too; 8.78: divided "
    "once by root 2"
)
wide_check = [(jnp.ones((1, 4)), jnp.zeros(4)), (jnp.array([[1.0], [2.0], [3.0], [4.0]]), jnp.zeros(1))]
got_check = np.asarray(layer_kernels(wide_check, jnp.array([[1.0]]), jnp.array([[1.0]]), lambda z: z, jnp.ones_like))
assert np.allclose(got_check[:, 0, 0], [15.0, 2.0], atol=1e-3), (
    "four linear units: first layer (1 + 4 + 9 + 16)/4 * 2 = 15, last layer 4/4 + 1 = 2. 60 or 5: delta and h carry "
    "their own 1/sqrt(n); 50: sum of delta times sum of delta in place of the sum of products"
)

# %% [markdown] predict="layer_kernels"
# **Predict.** A network has 4 layers and equal widths of 512. Which layer contributes most to $\Theta(x,x)$? Which
# layer's kernel falls fastest with the angle between $x$ and $x'$, and so tells inputs apart best?

# %% [markdown] answer="layer_kernels"
# All contribute equally to the diagonal: $\phi$ keeps the mean square of the signal going forwards and of $\delta$
# going backwards, so each is $1\cdot(1+1)=2$ (the last, without a slope behind it, too). Off the diagonal they
# differ: the first layer's kernel contains the product of all later slopes' overlaps and falls fastest, the last
# layer's is the overlap of the activations, which is high in deep networks.

# %% tags=["demo"]
widths = [2, 512, 512, 512, 1]
layers_of = lambda p, a, b: layer_kernels(p, a, b, phi, phi_slope)
one = start_network(0, widths)
layers_of = compiled(layers_of, one, circle[:1], circle)
stack = np.mean([np.asarray(layers_of(start_network(s, widths), circle[:1], circle))[:, 0] for s in range(30)], axis=0)
overlap, signal = [], [np.cos(angles)]
for _ in range(3):
    at = np.arccos(np.clip(signal[-1], -1, 1))
    overlap.append(1 - at / np.pi)
    signal.append((np.sin(at) + (np.pi - at) * np.cos(at)) / np.pi)
fig, ax = panels(1, width=6.0, height=3.8)
for level in range(4):
    ax.plot(angles, stack[level], "o", color=COLORS[level], markersize=3.5, label=f"layer {level + 1}, mean of 30 draws")
    limit = (1 + signal[level]) * np.prod([np.ones_like(angles), *overlap[level:]], axis=0)
    theory(ax, angles, limit, "theory: infinite width" if level == 3 else None)
finish(ax, "What each layer adds to the kernel", "angle between x and x'", r"$\Theta_\ell(x,x')$", ylim=(0, 2.6))

# %% [markdown] reflect="layer_kernels"
# **Reflect.** If you train the last layer only, the kernel is that of layer 4 alone. What does training all layers add
# for two inputs at a small angle? Read off from the curves near 0 which layer resolves close inputs best.

# %% [markdown] answer="layer_kernels"
# It adds kernels that are sharper: the first layers' fall with a kink at angle 0 (linear in the angle, from the
# overlap $1-\text{angle}/\pi$ of each ReLU above them), while the last layer's is flat there, without a kink. So close
# inputs are told apart by the *lower* layers, and a network whose lower layers are trained fits fine structure faster.

# %% [markdown] question="linearise" points=2 minutes=15 difficulty="*"
# ## 4. The linearised network
#
# If the kernel stands still during training, the network might as well be replaced by its first-order Taylor expansion
# *in the parameters*,
#
# $$f_{\mathrm{lin}}(\theta,x)=f(\theta_0,x)+\sum_p\frac{\partial f(\theta_0,x)}{\partial\theta_p}(\theta-\theta_0)_p .$$
#
# It is affine in $\theta$ and as nonlinear as ever in $x$ (Lee et al. 2019). You can train it under any loss: with the
# squared loss the training can be solved (question 5), with cross-entropy it is a convex problem in $\theta$. Write the
# function that turns `f` and $\theta_0$ (`params0`) into $f_{\mathrm{lin}}$. No matrix of derivatives is needed: $J$
# times one vector of parameters is all (the second transformation of question 2).
#
# *About 15 minutes, difficulty \*, 2 points.*


# %% solution="linearise"
def linearise(f: Callable, params0: PyTree) -> Callable[[PyTree, Float[Array, "n d"]], Float[Array, "n k"]]:
    """First-order Taylor expansion of f in its parameters, at params0.

    Args:
        f: a JAX function of (params, x) with output of shape (n, k).
        params0: where to expand, any pytree of float32 arrays.

    Returns:
        f_lin, a function of (params, x) with output of shape (n, k), for params of the structure of params0, near and far
        from it, to 1e-5 of the largest entry. JAX can differentiate it with respect to params, which may be 300 000 numbers
        for 3000 inputs.
        Example: f = params**2 * x with a single number as params, params0 = 3.: f_lin(5., [[1.]]) = [[21.]].
    """
    ### BEGIN SOLUTION
    def linear(params, x):
        step = jax.tree.map(jnp.subtract, params, params0)
        value, change = jax.jvp(lambda p: f(p, x), (params0,), (step,))
        return value + change

    return linear
    ### END SOLUTION


# %% check="linearise"
square_check = linearise(lambda p, x: p**2 * x, jnp.array(3.0))
got_check = float(np.asarray(square_check(jnp.array(5.0), jnp.array([[1.0]])))[0, 0])
assert abs(got_check - 21.0) < 1e-3, (
    "9 + 6 * (5 - 3) = 21. 12: f(params0) is missing; 39: the step is params - params0, not params; 25: that is f itself; "
    "29: the derivative is taken at params"
)
tree_check = linearise(lambda p, x: p["a"] * jnp.sin(p["b"] * x), {"a": jnp.array(2.0), "b": jnp.array(0.0)})
got_check = np.asarray(tree_check({"a": jnp.array(7.0), "b": jnp.array(1.0)}, jnp.array([[1.0], [10.0]])))
assert np.allclose(got_check, [[2.0], [20.0]], atol=1e-3), "a sin(b x) at a = 2, b = 0: the slope in b is a x, in a it is 0"

# %% [markdown] predict="linearise"
# **Predict.** Train a network of width 32 and one of width 2048 on eight points, together with their linearisations, all
# by gradient descent with the same learning rate. Where will each pair differ most: between the points, or at them?

# %% [markdown] answer="linearise"
# Between and beyond the points: at them both are drawn to the same labels. For width 2048 the curves nearly coincide
# everywhere; for width 32 they are different interpolations of the same points. The linearised one even jumps. It is a
# sum of derivatives of the network, and the derivative with respect to a unit's weights jumps where the input crosses
# the kink of the unit.

# %% tags=["demo"]
fig, axes = panels(2, width=5.0, height=3.6, sharey=True)
for ax, m in zip(axes, (32, 2048), strict=True):
    params0 = start_network(2, [2, m, 1])
    straight = linearise(network, params0)
    trained = descent(network, params0, x_line, y_line, 0.2, 2000)
    ax.plot(grid, network(params0, on_circle(grid)), color="0.7", linewidth=1.0, label="both at the start")
    ax.plot(grid, network(trained, on_circle(grid)), color=COLORS[0], label="network, trained")
    linear_trained = descent(straight, params0, x_line, y_line, 0.2, 2000)
    theory(ax, grid, straight(linear_trained, on_circle(grid)), "your linearisation, trained")
    ax.plot(places, y_line, "o", color=COLORS[1], markersize=5, zorder=6)
    finish(ax, f"Width {m}", "angle of the input", "output", ylim=(-2.3, 3.3), legend=m == 32)

# %% [markdown] reflect="linearise"
# **Reflect.** Start the same network from other weights (`start_network(3, [2, m, 1])`) and train again. Between the
# points the curve differs, by up to 0.3 at width 2048, although the kernel is nearly the same. What of the start is left
# in the curve, and how would you get rid of this memory?

# %% [markdown] answer="linearise"
# A part of the starting function. At the points training removes it. Between them it removes only what the kernel
# carries over from the points: of the grey curve of width 2048, which rises to 2.4, at most 0.2 is left, at the angles
# $\pm\pi$. Subtract $f_0$ from the output (as question 6 does), or start with pairs of units that cancel each other.

# %% [markdown] question="kernel_flow" points=3 minutes=30 difficulty="**"
# ## 5. Predicting the training
#
# If the kernel stands still, training can be solved exactly. Under gradient flow on the *mean* loss
# $\mathcal L=\frac1{2n}\sum_{i=1}^n|f(x_i)-y_i|^2$ with kernel matrix $K$ on the $n$ training inputs,
#
# $$\frac{d}{dt}f_t(x)=-\frac1n\sum_{j}K(x,x_j)\,\bigl(f_t(x_j)-y_j\bigr),$$
#
# at the training inputs and at new ones. The first is a linear equation with constant coefficients. Put its solution into
# the second and integrate over time: **solve both**. Mind that $K$ may be singular (an input may occur twice), and that
# $f_0$ is not 0. No matrix needs to be inverted: in the eigenbasis of $K$, what stands in place of
# $\lambda^{-1}(1-e^{-\lambda t/n})$ where $\lambda=0$?
#
# $K$ is `K` of shape $(n,n)$, $K(x,x_j)$ for $m$ new inputs is `K_new` of shape $(m,n)$, $y$ is `y`, and $f_0$ is `f0` at
# the training inputs and `f0_new` at the new ones. With several outputs, one kernel serves all columns.
#
# *About 30 minutes, difficulty \*\*, 3 points.*


# %% solution="kernel_flow"
def kernel_flow(
    K: Float[Array, "n n"],
    K_new: Float[Array, "m n"],
    y: Float[Array, "n k"],
    f0: Float[Array, "n k"],
    f0_new: Float[Array, "m k"],
    t: float,
) -> tuple[Float[Array, "n k"], Float[Array, "m k"]]:
    """Outputs after gradient flow for the time t with a constant kernel, on the mean loss above.

    Args:
        K: kernel matrix of the training inputs, float32, symmetric, eigenvalues >= 0, some of which may be 0. It may be of any
            size, down to 1e-8: in a long time such a kernel does as much as a large one in a short time.
        K_new: kernel between the new inputs (rows) and the training inputs (columns), float32.
        y: labels, float32.
        f0, f0_new: outputs at t = 0 at the training and at the new inputs, float32.
        t: time, >= 0, such that t times the largest eigenvalue is at most 100 n.

    Returns:
        (f_t at the training inputs, f_t at the new inputs), each to 1e-3 of the largest entry that occurs in y, f0, f0_new or
        in itself.
        Example: K [[4., 0.], [0., 0.]], K_new [[2., 1.]], y [[1.], [1.]], f0 [[0.], [0.]], f0_new [[5.]], t = 0.5:
        ([[0.632121], [0.]], [[5.566060]]).
    """
    ### BEGIN SOLUTION
    n = len(y)
    values, V = np.linalg.eigh(np.asarray(K, np.float64))
    rate = np.maximum(values * t / n, 1e-12)  # (1 - e^-x)/x is 1 at x = 0
    error = V.T @ (np.asarray(f0, np.float64) - np.asarray(y, np.float64))
    gain = -np.expm1(-rate) / rate * t / n
    after = np.asarray(y, np.float64) + V @ (np.exp(-rate)[:, None] * error)
    return after, np.asarray(f0_new, np.float64) - np.asarray(K_new, np.float64) @ (V @ (gain[:, None] * error))
    ### END SOLUTION


# %% check="kernel_flow"
one_check, flow_check = jnp.ones((2, 1)), jnp.array([[4.0, 0.0], [0.0, 0.0]])
train_check, new_check = kernel_flow(flow_check, jnp.array([[2.0, 1.0]]), one_check, 0 * one_check, jnp.array([[5.0]]), 0.5)
assert np.allclose(train_check, [[0.632121], [0.0]], atol=1e-3), (
    "1 - e^{-4 * 0.5 / 2} = 0.632, and a mode with eigenvalue 0 stays. 0.865: the loss is a mean over two examples"
)
assert np.allclose(new_check, [[5.56606]], atol=1e-3), (
    "5 + 2 * 0.632/4 + 1 * 0.5/2 = 5.566. NaN: 0/0 in the mode with eigenvalue 0, whose limit is t/n; 5.316: this mode moves "
    "new inputs, too; 0.566: f0_new is missing"
)
train_check, new_check = kernel_flow(
    jnp.array([[2.0, 1.0], [1.0, 2.0]]), jnp.array([[1.0, 0.0], [0.0, 2.0]]), one_check, jnp.array([[1.0], [3.0]]), one_check, 1.0
)
assert np.allclose(train_check, [[0.616600], [1.829661]], atol=1e-3), (
    "the error (0, 2) is -1 along (1, -1) and 1 along (1, 1), which shrink by e^-0.5 and e^-1.5. 2.213 and 1.736: e was taken "
    "entry by entry"
)
assert np.allclose(new_check, [[1.134513], [-0.304852]], atol=1e-3), (
    "the errors accumulated over the time, (1 - e^-1.5)/3 and (1 - e^-0.5) along the two modes, seen through K_new"
)

# %% [markdown] predict="kernel_flow"
# **Predict.** You know the kernel at the start, and so you can draw the whole training of a network before it
# happens. How good will this prediction be for width 64, and how good for width 2048? Which is predicted better: the
# training outputs or the outputs at new inputs?

# %% [markdown] answer="kernel_flow"
# For width 2048 the curves lie on the prediction. For 64 one of them misses it visibly from time 3 on, when the kernel
# has moved. At the training inputs both end at the labels, whatever the kernel: new inputs show it better, as nothing
# pulls them back.

# %% tags=["demo"]
x_new = on_circle(np.array([-1.5, 0.3, 1.6]))
moments_shown, eta = np.unique(np.round(np.geomspace(1, 1500, 24)).astype(int)), 0.05
fig, axes = panels(2, width=5.0, height=3.6, sharey=True)
for ax, m in zip(axes, (64, 2048), strict=True):
    params0 = start_network(4, [2, m, 1])
    K, K_new = (empirical_ntk(network, params0, a, x_line)[:, :, 0, 0] for a in (x_line, x_new))
    f0, f0_new = network(params0, x_line), network(params0, x_new)
    p, seen, done = params0, [], 0
    mean_loss = lambda p: jnp.mean((network(p, x_line) - y_line) ** 2) / 2
    one_step = lambda _, p, loss=mean_loss: jax.tree.map(lambda w, g: w - eta * g, p, jax.grad(loss)(p))
    for step in moments_shown:
        p, done = several_steps(one_step, p, int(step) - done), int(step)
        seen.append(np.asarray(network(p, x_new))[:, 0])
    told = [np.asarray(kernel_flow(K, K_new, y_line, f0, f0_new, float(eta * step))[1])[:, 0] for step in moments_shown]
    for index in range(3):
        ax.plot(eta * moments_shown, np.array(seen)[:, index], "o", color=COLORS[index], markersize=4,
                label=f"new input {index + 1}")  # fmt: skip
        theory(ax, eta * moments_shown, np.array(told)[:, index], "your prediction, from t = 0" if index == 2 else None)
    finish(ax, f"Width {m}", "time (learning rate x steps)", "output", xscale="log", legend=m == 64)

# %% [markdown] reflect="kernel_flow"
# **Reflect.** Gradient descent with steps is not gradient flow. Where would you see the difference, and how would you
# change your formula so that it is exact for steps?

# %% [markdown] answer="kernel_flow"
# In the modes with large $\eta\lambda/n$: a step multiplies by $1-\eta\lambda/n$, the flow by $e^{-\eta\lambda/n}$. With
# $(1-\eta\lambda/n)^s$ in place of $e^{-\lambda t/n}$ after $s$ steps the formula is exact (and tells the edge of
# question 2). Here $\eta\lambda_{\max}/n$ is about 0.1.

# %% [markdown] question="lazy" points=3 minutes=25 difficulty="**"
# ## 6. Lazy or rich: one knob
#
# Is it the width that makes networks linear? Chizat, Oyallon and Bach (2019) said no: it is the *scale*. Multiply the
# output of any network by a large number $\alpha$ (and subtract its start, so that it begins at 0): then a tiny motion
# of the parameters is enough to fit the labels, and along a tiny motion everything is linear. They train
#
# $$F_\alpha(\theta,x)=\alpha\bigl(f(\theta,x)-f(\theta_0,x)\bigr),\qquad
# \mathcal L_\alpha(\theta)=\frac1{2n}\sum_{i=1}^n\bigl|F_\alpha(\theta,x_i)-y_i\bigr|^2,$$
#
# where $|\cdot|^2$ sums over the outputs. With the same learning rate for all $\alpha$ the comparison would not be fair:
# a larger $\alpha$ makes $F_\alpha$ move faster. **Find** the power $q$ such that with the learning rate
# $\eta\,\alpha^q$ the first step from $\theta_0$ changes the predictions $F_\alpha$ by the same amount for every
# $\alpha$, to first order in $\eta$. (Which kernel does $F_\alpha$ have?) Then write one step of gradient descent on
# $\mathcal L_\alpha$ with the learning rate $\eta\,\alpha^q$.
#
# $\theta_0$ is `params0`, $\theta$ is `params`, $\alpha$ is `alpha`, $\eta$ is `eta`.
#
# *About 25 minutes, difficulty \*\*, 3 points.*


# %% solution="lazy"
def scaled_step(
    f: Callable, params0: PyTree, params: PyTree, x: Float[Array, "n d"], y: Float[Array, "n k"], alpha: float, eta: float
) -> PyTree:
    """One step of gradient descent on the loss of the centred, scaled network, at a speed that does not depend on alpha.

    Args:
        f: a JAX function of (params, x) with output of shape (n, k).
        params0: parameters at the start, any pytree of float32 arrays.
        params: parameters now, a pytree like params0.
        x, y: inputs and labels, float32.
        alpha: scale of the output, from 0.01 to 1000.
        eta: learning rate at alpha = 1, > 0.

    Returns:
        The parameters after the step, a pytree like params; the arguments are not modified. Each array of new parameters is
        compared as a whole, not the step alone. At alpha = 1000 the rounding of f - f0 grows by 1000; but there the step is
        small beside the parameters (no array of them starts at 0 in tests), and float32 is accurate enough.
        Example: f = params * x with a single number as params, params0 = params = 1., x [[1.], [3.]], y [[1.], [1.]], eta 0.5:
        alpha = 1 gives 2.
    """
    ### BEGIN SOLUTION
    start = f(params0, x)
    loss = lambda p: jnp.sum((alpha * (f(p, x) - start) - y) ** 2) / (2 * len(x))
    # The kernel of F_alpha is alpha^2 Theta.
    return jax.tree.map(lambda w, g: w - eta / alpha**2 * g, params, jax.grad(loss)(params))
    ### END SOLUTION


# %% check="lazy"
slope_check = lambda p, x: p * x
x_check, y_check = jnp.array([[1.0], [3.0]]), jnp.ones((2, 1))
step_check = lambda p, alpha: float(scaled_step(slope_check, jnp.array(1.0), jnp.array(p), x_check, y_check, alpha, 0.5))
assert abs(step_check(1.0, 1.0) - 2.0) < 1e-3, (
    "alpha = 1: F = 0, the gradient is -(1 + 3)/2 = -2, so 1 + 0.5 * 2 = 2. 3: the loss is a mean over the examples; "
    "-0.5: f0 was not subtracted (the errors are then 0 and 2)"
)
assert abs(step_check(1.0, 2.0) - 1.5) < 1e-3, (
    "alpha = 2: the step must change F by (1, 3), as at alpha = 1. 3: the learning rate was not changed, F moves by (4, 12); "
    "2: it was changed too little, F moves by (2, 6)"
)
assert abs(step_check(1.5, 2.0) - 0.75) < 1e-3, (
    "from 1.5 with alpha = 2: F = 2 (1.5 - 1) x = (1, 3), errors (0, 2), gradient 2 * 6/2 = 6, and 0.75 after the step. "
    "-1.75: f0 is not subtracted; 2: the error is taken at params0"
)

# %% [markdown] predict="lazy"
# **Predict.** Train networks on 30 points, and measure how far the kernel has moved,
# $|\Theta_{\text{end}}-\Theta_0|/|\Theta_0|$, (a) for widths from 32 to 2048 with $\alpha=1$, (b) for $\alpha$ from
# 1/4 to 64 at width 256. Which powers of $m$ and of $\alpha$? (Write them down before you look at the plot: its lines
# name them.)

# %% [markdown] answer="lazy"
# With a smooth activation both fall with the power $-1$. For the width the rigorous bound of Lee et al. (2019) is
# $m^{-1/2}$; the true power for smooth activations is $-1$ (Dyer and Gur-Ari 2020 argue it from a conjecture; Huang and
# Yau 2020 prove it under conditions). For $\alpha$: the parameters have to move by a distance of order $1/\alpha$, and
# the kernel changes in proportion. At $\alpha=1/4$ the change is larger than the line says: the motion is no longer
# small.

# %% tags=["demo"]
x_teacher = jnp.asarray(rng.normal(size=(30, 4)), jnp.float32)
y_teacher = jnp.tanh(x_teacher[:, :1] + x_teacher[:, 1:2] * x_teacher[:, 2:3])


def kernel_changes(f, m, scales, seeds=4, steps=600):
    """Relative change of the kernel in training by your `scaled_step`, (scales, seeds), and the largest loss left, relative."""
    step = lambda p0, p, a: scaled_step(f, p0, p, x_teacher, y_teacher, a, 0.6)
    step = compiled(step, start_network(0, [4, m, 1]), start_network(0, [4, m, 1]), jnp.float32(1))
    found, left_over = np.zeros((len(scales), seeds)), 0.0
    for i, j in np.ndindex(found.shape):
        alpha, params0 = jnp.float32(scales[i]), start_network(j, [4, m, 1])
        p = params0
        for _ in range(steps):
            p = step(params0, p, alpha)
        before, after = kernel_of(f, params0, x_teacher), kernel_of(f, p, x_teacher)
        found[i, j] = jnp.linalg.norm(after - before) / jnp.linalg.norm(before)
        error = alpha * (f(p, x_teacher) - f(params0, x_teacher)) - y_teacher
        left_over = max(left_over, float(jnp.sum(error**2) / jnp.sum(y_teacher**2)))
    return found, left_over


fig, (left, right) = panels(2, width=5.0, height=3.7)
widths, alphas = np.array([32, 128, 512, 2048]), np.array([0.25, 1.0, 4.0, 16.0, 64.0])
by_width = np.concatenate([kernel_changes(smooth_network, int(m), [1.0])[0] for m in widths])
by_alpha, left_over = kernel_changes(smooth_network, 256, alphas)
kinked, _ = kernel_changes(network, 256, alphas)
print(f"tanh: at most {left_over:.1%} of the loss is left")
root_mean_square = lambda changes: np.sqrt((changes**2).mean(axis=1))
for ax, axis, changes in ((left, widths, by_width), (right, alphas, by_alpha)):
    ax.plot(axis, changes, "o", color=COLORS[0], markersize=4, alpha=0.6)
    ax.plot([], [], "o", color=COLORS[0], markersize=4, label="tanh, four starts")
    theory(ax, axis, root_mean_square(changes)[-1] * axis[-1] / axis, "slope -1, through the last points")
right.plot(alphas, kinked, "s", color=COLORS[1], markersize=4, alpha=0.6)
right.plot([], [], "s", color=COLORS[1], markersize=4, label="ReLU, four starts")
right.plot(alphas, root_mean_square(kinked)[-1] * np.sqrt(64 / alphas), color="0.5", linewidth=1,
           label="slope -1/2, through the last points")  # fmt: skip
finish(left, "Change of the kernel against the width", "width m", "relative change", xscale="log", yscale="log")
finish(right, "... and against the scale, at width 256", r"$\alpha$", "relative change", xscale="log", yscale="log",
       ylim=(1e-4, 20))  # fmt: skip

# %% [markdown] reflect="lazy"
# **Reflect.** The spread of the kernel at the start falls as $m^{-1/2}$ (question 1), its change in training as
# $m^{-1}$. (a) A colleague says: "So networks of finite width differ from the kernel limit mostly because they learn
# features." What do the two powers say? (b) The ReLU's kernel moves further, and at large $\alpha$ with another
# power. What does a ReLU's kernel do when an input crosses the kink of a unit?

# %% [markdown] answer="lazy"
# (a) At large width and $\alpha=1$ the larger deviation is the *random* one, of the kernel at the start: $m^{-1/2}$
# against $m^{-1}$. It can be averaged away over an ensemble; the feature learning cannot, but it is small. (b) It
# jumps: the unit's slope for this input switches on or off. The share of units that switch is proportional to the
# motion, $1/\alpha$; their contributions have random signs, so they add up like a random walk, to a power of $-1/2$.

# %% [markdown] question="learned" points=3 minutes=25 difficulty="**"
# ## 7. What was learned
#
# When the kernel moves, where does it go? You build two instruments. The **alignment** says how well a kernel matrix
# fits the labels. With the centring matrix $H=I-\frac1n\mathbf1\mathbf1^\top$, labels $y$ of shape $(n,k)$, and
# Frobenius products $\langle A,B\rangle=\mathrm{tr}(A^\top B)$,
#
# $$A(K,y)=\frac{\langle HKH,\;Hyy^\top H\rangle}{\|HKH\|\;\|Hyy^\top H\|}$$
#
# (Cortes, Mohri and Rostamizadeh 2012). It is 1 if $K=yy^\top$. The **average gradient outer product** says which
# directions of the input the function uses: the $d\times d$ matrix
#
# $$M=\frac1n\sum_{i=1}^n\sum_a\nabla_xf_a(\theta,x_i)\,\nabla_xf_a(\theta,x_i)^\top$$
#
# (Radhakrishnan et al. 2024). This time the derivative is with respect to the *input*.
#
# *About 25 minutes, difficulty \*\*, 3 points.*


# %% solution="learned"
def alignment(K: Float[Array, "n n"], y: Float[Array, "n k"]) -> float:
    """Centred alignment of a kernel matrix with labels.

    Args:
        K: kernel matrix, float32, symmetric, positive semidefinite, HKH not 0.
        y: labels, float32, not all rows equal; the mean over the rows need not be 0. The sizes of K and y cancel, also where
            both are small: add nothing to the denominator.

    Returns:
        The alignment, one scalar in [0, 1].
        Example: K = I (2 x 2), y [[1.], [3.]]: 1. For three examples, K = I and y [[0.], [0.], [3.]]: 0.707107.
    """
    ### BEGIN SOLUTION
    center = lambda A: A - A.mean(axis=0)
    labels = center(y) @ center(y).T
    kernel = center(center(K).T)
    return jnp.sum(kernel * labels) / (jnp.linalg.norm(kernel) * jnp.linalg.norm(labels))
    ### END SOLUTION


def gradient_outer_product(f: Callable, params: PyTree, x: Float[Array, "n d"]) -> Float[Array, "d d"]:
    """Average gradient outer product of f with respect to its inputs.

    Args:
        f: a JAX function of (params, x) with output of shape (n, k); each output row depends on its own row of x only.
        params: its parameters.
        x: inputs, one per row, float32; up to 2000 of them with 64 entries. The derivatives of all outputs with respect to all
            inputs would take 2 GB.

    Returns:
        M of shape (d, d), float32: a mean over the examples, a sum over the outputs.
        Example: f = params * x[:, :1] * x[:, 1:] with params = 2, x [[1., 3.], [0., 1.]]: [[20., 6.], [6., 2.]].
    """
    ### BEGIN SOLUTION
    single = lambda row: f(params, row[None])[0]
    J = jax.vmap(jax.jacobian(single))(x)
    return jnp.einsum("iap,iaq->pq", J, J) / len(x)
    ### END SOLUTION


# %% check="learned"
assert abs(float(alignment(jnp.eye(3), jnp.array([[0.0], [0.0], [3.0]]))) - 0.707107) < 1e-3, (
    "centred, the identity has norm sqrt 2. 0.577: the kernel was not centred; 1 or more: it was not divided by both norms"
)
centred_check = jnp.outer(jnp.array([1.0, 2.0, 4.0]), jnp.array([1.0, 2.0, 4.0]))
assert abs(float(alignment(centred_check, jnp.array([[-1.0], [0.0], [2.0]]))) - 1.0) < 1e-3, (
    "labels that differ from the kernel's feature by a constant: alignment 1. Centre both, over rows and columns"
)
two_check = jnp.array([[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])
assert abs(float(alignment(jnp.eye(3), two_check)) - 0.894427) < 1e-3, (
    "two outputs: y y^T sums over them; its centred norm is sqrt 10, its trace 4, and 4 / (sqrt 2 sqrt 10) = 0.894"
)
got_check = np.asarray(
    gradient_outer_product(lambda p, x: p * x[:, :1] * x[:, 1:], jnp.array(2.0), jnp.array([[1.0, 3.0], [0.0, 1.0]]))
)
assert got_check.shape == (2, 2), "d x d"
assert np.allclose(got_check, [[20.0, 6.0], [6.0, 2.0]], atol=1e-3), (
    "gradients (6, 2) and (2, 0): [[40, 12], [12, 4]] / 2. [[40, 12], [12, 4]]: a mean over examples; [[16, 4], [4, 1]]: the "
    "product of the mean gradients"
)
got_check = np.asarray(gradient_outer_product(lambda p, x: x @ p, jnp.array([[1.0, 3.0], [2.0, 4.0]]), jnp.ones((5, 2))))
assert np.allclose(got_check, [[10.0, 14.0], [14.0, 20.0]], atol=1e-3), (
    "x @ p with two outputs: p p^T. [[16, 24], [24, 36]]: the outer product of the summed gradients"
)

# %% [markdown] predict="learned"
# ### Two pixels of sixty-four
#
# Now everything comes together. An input is a picture of $8\times8$ random black and white pixels, $\pm1$. Its label
# is the *product of two of the pixels*. No single pixel says anything about it, and no linear function can see it. A
# network with 256 hidden units gets 1000 such pictures, with three scales: $\alpha=0.1$, 1 and 20.
#
# **Predict.** Which of the three will classify *new* pictures correctly, and how will the alignment of their kernels
# with the labels move? Guessing is right in 50 %.

# %% [markdown] answer="learned"
# The small $\alpha$ finds the pixels and reads all new pictures correctly. The large one reads 98 to 100 % of the
# training pictures (with 20 to 27 % of the loss left) and 60 to 67 % of the new ones; $\alpha=1$ reads 67 to 83 % of the
# new ones (five sets of pictures and starts). With large $\alpha$ the kernel does not move. A kernel that treats all
# pixels alike has to learn 2016 pairs of pixels at once. Even in the limit of infinite width, and trained to the end,
# it reads only 72 to 80 % of the new pictures after 1000 examples.

# %% tags=["demo"]
trial = 0  # another number: other pictures and another start
board = np.random.default_rng(55 + trial)
pixels_all = jnp.asarray(board.choice([-1.0, 1.0], size=(2000, 64)), jnp.float32)
secret = (19, 44)
product_all = (pixels_all[:, secret[0]] * pixels_all[:, secret[1]])[:, None]
x_seen, x_fresh, y_seen, y_fresh = pixels_all[:1000], pixels_all[1000:], product_all[:1000], product_all[1000:]
params0 = start_network(trial, [64, 256, 1])
shown_steps = [0, 25, 50, 100, 200, 300, 400, 600, 800, 1000, 1400, 2000]
stories, pictures, after = {}, {}, {}  # 6000 steps: over a minute if JAX cannot compile yours
for alpha, eta in ((0.1, 0.5), (1.0, 0.5), (20.0, 0.5)):
    step = compiled(lambda p, a=alpha, e=eta: scaled_step(network, params0, p, x_seen, y_seen, a, e), params0)
    scaled = lambda p, x, a=alpha: a * (network(p, x) - network(params0, x))
    p, rows, done = params0, [], 0
    for stop in shown_steps:
        for _ in range(stop - done):
            p = step(p)
        done = stop
        accuracy = lambda x, y, p=p: float(jnp.mean(jnp.sign(scaled(p, x)) == y)) if done else 0.5
        rows.append((accuracy(x_seen, y_seen), accuracy(x_fresh, y_fresh),
                     float(alignment(kernel_of(network, p, x_fresh[:200]), y_fresh[:200]))))  # fmt: skip
    stories[alpha], pictures[alpha] = np.array(rows), np.asarray(gradient_outer_product(network, p, x_fresh))
    # The network's kernel at the end, for kernel regression on a hundred new pictures; judged by the other 900.
    kernel = np.asarray(kernel_of(network, p, x_fresh), np.float64)
    weights = np.linalg.solve(kernel[:100, :100] + 1e-3 * np.trace(kernel) / 1000 * np.eye(100), y_fresh[:100])
    after[alpha] = np.mean(np.sign(kernel[100:, :100] @ weights) == y_fresh[100:])
    print(f"alpha = {alpha:g}: seen pictures {rows[-1][0]:.1%} right, new pictures {rows[-1][1]:.1%}; "
          f"its last kernel with 100 new pictures: {after[alpha]:.1%}")  # fmt: skip
fig, (left, right) = panels(2, width=5.0, height=3.8)
for color, (alpha, rows) in zip(COLORS, stories.items(), strict=False):
    left.plot(shown_steps, rows[:, 1], "o-", color=color, markersize=4, label=rf"new pictures, $\alpha={alpha:g}$")
    right.plot(shown_steps, rows[:, 2], "o-", color=color, markersize=4, label=rf"$\alpha={alpha:g}$")
kernel = kernel_of(network, params0, x_fresh[:200])
guesses = [alignment(kernel, jnp.asarray(board.choice([-1.0, 1.0], size=(200, 1)), jnp.float32)) for _ in range(10)]
right.axhline(np.mean(guesses), color="0.5", linewidth=1, label="kernel at the start, random labels")
finish(left, "Reading pictures that were not in the data", "step", "share of right answers", ylim=(0.4, 1.02))
finish(right, "Alignment of the kernel with the labels", "step", "your alignment, on new pictures", yscale="log")

fig, axes = panels(4, width=2.6, height=2.9)
start_picture = np.asarray(gradient_outer_product(network, params0, x_fresh))
titles = ["at the start", *(rf"trained, $\alpha={alpha:g}$" for alpha in pictures)]
for ax, picture, title in zip(axes, [start_picture, *pictures.values()], titles, strict=True):
    ax.imshow(np.sqrt(np.diag(picture)).reshape(8, 8), cmap="magma", vmin=0)
    ax.set_title(title, fontsize=10)
    ax.axis("off")

# %% [markdown] reflect="learned"
# **Reflect.** The pictures show, for each pixel, how strongly the output depends on it. (a) From which of the four
# pictures could you tell a friend what the task was? (b) All three give nearly all training pictures the right sign.
# What does the kernel with large $\alpha$ lack, and why does the alignment tell you so before any test? (c) The last
# number of each line printed is that of kernel regression with the kernel of the *trained* network on 100 pictures that
# it has not seen. What has training done, then?

# %% [markdown] answer="learned"
# (a) The one with small $\alpha$: two bright pixels on black. ($\alpha=1$ has begun to find them.) (b) It does not
# single out this product. A kernel that treats all pixels alike gives the same small weight to each of the 2016 products
# of two pixels. Its alignment with our labels is 0.05; random labels reach 0.05 as well (the grey line), because the
# diagonal alone gives about that much on 200 pictures. So this kernel knows nothing about the task, and you see it
# without fitting anything to it. (c) With 100 new pictures the kernel of the small $\alpha$ reads more than 90 % of the
# others, those of the other two less than 60 %. It contains what the network has learned (the "after kernel", Long
# 2021). Training was the search for a kernel.

# %% [markdown]
# ## Further reading
#
# * A. Jacot, F. Gabriel and C. Hongler (2018), [Neural tangent kernel: convergence and generalization in neural
#   networks](https://arxiv.org/abs/1806.07572). Where it began; the kernel's constancy in the limit.
# * J. Lee, L. Xiao et al. (2019), [Wide neural networks of any depth evolve as linear models under gradient
#   descent](https://arxiv.org/abs/1902.06720). Questions 4 and 5, with real networks beside their linearisations.
# * L. Chizat, E. Oyallon and F. Bach (2019), [On lazy training in differentiable
#   programming](https://arxiv.org/abs/1812.07956). Question 6: laziness is a matter of scale.
# * R. Novak, J. Sohl-Dickstein and S. Schoenholz (2022), [Fast finite width neural tangent
#   kernel](https://arxiv.org/abs/2206.08720). Questions 1 to 3 for arbitrary networks.
# * E. Dyer and G. Gur-Ari (2020), [Asymptotics of wide networks from Feynman
#   diagrams](https://arxiv.org/abs/1909.11304). Why the change is of order $1/m$.
# * J. Huang and H.-T. Yau (2020), [Dynamics of deep neural networks and neural tangent
#   hierarchy](https://arxiv.org/abs/1909.08156). The equation of motion of the kernel, and of what moves it.
# * A. Baratin et al. (2021), [Implicit regularization via neural feature
#   alignment](https://arxiv.org/abs/2008.00938). Question 7 for deep networks.
# * A. Radhakrishnan, D. Beaglehole, P. Pandit and M. Belkin (2024), [Mechanism for feature learning in neural networks
#   and backpropagation-free machine learning models](https://doi.org/10.1126/science.adi5639). The gradient outer
#   product.
# * P. Long (2021), [Properties of the after kernel](https://arxiv.org/abs/2105.10585). The kernel at the end of training.
# * C. Cortes, M. Mohri and A. Rostamizadeh (2012), [Algorithms for learning kernels based on centered
#   alignment](https://jmlr.org/papers/v13/cortes12a.html). The measure of question 7.
