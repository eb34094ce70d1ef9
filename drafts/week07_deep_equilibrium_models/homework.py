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
# # Week 7 homework: infinite depth on paper
#
# Let the number of layers go to infinity, and networks turn into old friends. A layer at rest is an implicit function,
# and with one unit it is the mean-field magnet. A residual network is a differential equation, and its gradient obeys
# another one, backwards in time. With random layers it is a geometric Brownian motion. And a random layer of infinite
# width at rest has a phase transition. Each of these can be computed.
#
# | | question | points | minutes | |
# |---|---|---|---|---|
# | 7.1 | The implicit function theorem, by hand | 5 | 40 | ** |
# | 7.2 | How infinite is deep? | 4 | 40 | ** |
# | 7.3 | The adjoint equation | 5 | 45 | ** |
# | 7.4 | Random residual networks | 4 | 45 | *** |
# | 7.5 | A random layer at rest | 4 | 35 | ** |
# | 7.6, 7.7 | Two arguments in words | 4 + 4 | 35 + 35 | ** |
#
# **Conventions.** Everything is in double precision; where no accuracy is named, results are compared to $10^{-6}$ of
# the largest entry, each array by itself. Examples are rows. All functions are called with numbers and
# arrays of numbers, and none is traced, so NumPy is as good as JAX. Arguments are arrays where the docstring says so, never
# lists (the examples write them as lists, to be short). In what you return, a scalar may be a Python number or an array of
# shape `()`, and a list of numbers is as good as an array. Where an error is asked for, raise `ValueError`. $|v|$ is the
# Euclidean norm of a vector; the norm $|M|$ of a matrix is its largest singular value; $\rho(M)$ is its spectral radius,
# the largest modulus of its eigenvalues.

# %%
from course_lib.checks import open_checks

grader = open_checks("week07/homework")

# %%
import jax
import jax.numpy as jnp
import numpy as np
import scipy.integrate
import scipy.linalg
from jaxtyping import Array, Float

from course_lib.plots import COLORS, finish, panels, theory

jax.config.update("jax_enable_x64", True)

# %% [markdown] question="hand" points=5 minutes=40 difficulty="**" bans="autodiff"
# ## 7.1 The implicit function theorem, by hand
#
# The simplest equilibrium layer is $z=\tanh(Wz+Ux+b)$. Its derivative needs no automatic differentiation (which is banned
# here), only the implicit function theorem. Write $D=\mathrm{diag}(1-z_i^2)$; the Jacobian of the layer is $J=DW$ (in
# this order: why?).
#
# *Forwards.* If the parameters and the input move by $dW,dU,db,dx$, then the equilibrium moves by
#
# $$dz=(I-J)^{-1}D\,(dW\,z+dU\,x+db+U\,dx).$$
#
# *Backwards.* A loss has the gradient $g$ with respect to $z$. **Find** from the line above its gradients with respect to
# $W$, $U$, $b$ and $x$: demand that $g\cdot dz$ is the sum of their products with $dW$, $dU$, $db$, $dx$, for all of
# these. You need one linear system per example, with a transposed matrix.
#
# Several examples come at once: the rows of `x`, `z` and `g`. The loss is a function of all of them, so the gradients
# with respect to $W$, $U$ and $b$ are sums over the examples; `dx` in `equilibrium_tangent` has one row per example, too.
# $\rho(J)$ may be larger than 1: $I-J$ is invertible here all the same, but the series of its inverse does not converge.
#
# *About 40 minutes, difficulty \*\*.*


# %% solution="hand"
def equilibrium_gradients(
    W: Float[Array, "d d"],
    U: Float[Array, "d p"],
    b: Float[Array, " d"],
    x: Float[Array, "batch p"],
    z: Float[Array, "batch d"],
    g: Float[Array, "batch d"],
) -> tuple[Float[Array, "d d"], Float[Array, "d p"], Float[Array, " d"], Float[Array, "batch p"]]:
    """Gradients of a loss of the equilibria z = tanh(W z + U x + b), one per row.

    Args:
        W, U, b: parameters of the layer; W any matrix for which I - J is well conditioned.
        x: inputs, one example per row.
        z: the equilibria, accurate to 1e-12, one per row.
        g: gradient of the loss with respect to z, one row per example.

    Returns:
        (dW, dU, db, dx): the gradients of the loss with respect to W, U and b, summed over the examples, and to x.
        Example: W [[0.5]], U [[2.]], b [0.], x [[0.]], z [[0.]], g [[3.]]: ([[0.]], [[0.]], [6.], [[12.]]).
    """
    ### BEGIN SOLUTION
    D = 1.0 - z**2
    J = D[:, :, None] * W
    u = np.linalg.solve(np.eye(len(W)) - J.transpose(0, 2, 1), np.asarray(g)[:, :, None])[:, :, 0]
    v = D * u
    return v.T @ z, v.T @ x, v.sum(axis=0), v @ U
    ### END SOLUTION


def equilibrium_tangent(
    W: Float[Array, "d d"],
    U: Float[Array, "d p"],
    b: Float[Array, " d"],
    x: Float[Array, "batch p"],
    z: Float[Array, "batch d"],
    dW: Float[Array, "d d"],
    dU: Float[Array, "d p"],
    db: Float[Array, " d"],
    dx: Float[Array, "batch p"],
) -> Float[Array, "batch d"]:
    """First-order change of the equilibria z = tanh(W z + U x + b).

    Args:
        W, U, b, x, z: as for `equilibrium_gradients`.
        dW, dU, db, dx: directions in which parameters and inputs move, of the shapes of W, U, b, x.

    Returns:
        dz, one row per example.
        Example: W [[0.5]], U [[2.]], b [0.], x [[0.]], z [[0.]], dW [[7.]], dU [[7.]], db [1.], dx [[1.]]: [[6.]].
    """
    ### BEGIN SOLUTION
    D = 1.0 - z**2
    moved = D * (z @ dW.T + x @ dU.T + db + dx @ U.T)
    return np.linalg.solve(np.eye(len(W)) - D[:, :, None] * W, np.asarray(moved)[:, :, None])[:, :, 0]
    ### END SOLUTION


# %% check="hand"
_one = [jnp.array([[0.5]]), jnp.array([[2.0]]), jnp.zeros(1), jnp.zeros((1, 1)), jnp.zeros((1, 1))]
_got = equilibrium_gradients(*_one, jnp.array([[3.0]]))
assert np.allclose(_got[2], [6.0]) and np.allclose(_got[3], [[12.0]]), (
    "z = 0, D = 1, u = 3 / (1 - 0.5) = 6: db = 6, dx = 2 * 6 = 12. 3 and 6: the loop through z was forgotten"
)
assert np.allclose(equilibrium_tangent(*_one, *(jnp.array([[7.0]]),) * 2, jnp.ones(1), jnp.ones((1, 1))), [[6.0]]), (
    "dz = (db + 2 dx) / (1 - 0.5) = 6"
)
# Two units, two examples: W z + U x + b was chosen such that z is the equilibrium.
_W, _U = np.array([[0.5, 1.0], [-0.25, 0.5]]), np.array([[1.0, 0.0, -1.0], [0.5, 2.0, 0.0]])
_x, _z = np.array([[1.0, 0.5, -1.0], [0.0, 1.0, 2.0]]), np.array([[0.6, -0.5], [0.2, 0.8]])
_b = np.arctanh(_z[0]) - _W @ _z[0] - _U @ _x[0]
_x[1] += np.linalg.lstsq(_U, np.arctanh(_z[1]) - _W @ _z[1] - _U @ _x[1] - _b, rcond=None)[0]
_settle = lambda W, U, b, x, z: [z := z - np.linalg.solve(np.eye(2) - (1 - z**2)[:, None] * W, z - np.tanh(W @ z + U @ x + b))
                                 for _ in range(8)][-1]  # fmt: skip
_all = lambda t, i: _settle(_W + t * _moves[0], _U + t * _moves[1], _b + t * _moves[2], _x[i] + t * _moves[3][i], _z[i])
_moves = (np.array([[1.0, -2.0], [0.5, 1.0]]), np.array([[1.0, 2.0, 0.0], [-1.0, 0.5, 1.0]]), np.array([1.0, -1.0]),
          np.array([[0.5, -1.0, 1.0], [1.0, 1.0, -0.5]]))  # fmt: skip
_difference = np.stack([(_all(1e-5, i) - _all(-1e-5, i)) / 2e-5 for i in range(2)])
_given = [jnp.asarray(a) for a in (_W, _U, _b, _x, _z)]
_dz = np.asarray(equilibrium_tangent(*_given, *(jnp.asarray(m) for m in _moves)))
assert _dz.shape == (2, 2), "dz has one row per example"
assert np.allclose(_dz, _difference, atol=1e-5), (
    "dz differs from a difference quotient of the equilibrium. J is D W, not W D; D = 1 - z^2; each row has a D of its own"
)
_g = np.array([[1.0, -0.5], [2.0, 1.0]])
_got = [np.asarray(a) for a in equilibrium_gradients(*_given, jnp.asarray(_g))]
assert [a.shape for a in _got] == [(2, 2), (2, 3), (2,), (2, 3)], "gradients have the shapes of W, U, b and x"
for _name, _grad, _move, _rest in zip(("W", "U", "b", "x"), _got, _moves, range(4), strict=True):
    _only = [jnp.asarray(m if i == _rest else 0 * m) for i, m in enumerate(_moves)]
    _wanted = np.sum(_g * np.asarray(equilibrium_tangent(*_given, *_only)))
    assert abs(np.sum(_grad * _move) - _wanted) < 1e-6, (
        f"the gradient with respect to {_name} times d{_name} should be g . dz. Solve with the transposed matrix, then multiply "
        "by D; parameters sum over the examples (no mean)"
    )

# %% [markdown] predict="hand"
# **Predict.** One unit, $z=\tanh(wz+x)$: the magnetisation of a mean-field magnet with coupling $w$ in a field $x$. How
# large is $dz/dx$ at $x\to0$ for $w<1$? What happens at $w=1$, and what beyond? What will training do when it comes near?

# %% [markdown] answer="hand"
# Without magnetisation $D=1$ and $dz/dx=1/(1-w)$, the law of Curie and Weiss: it diverges at $w=1$. Beyond, $z=0$ is not
# stable any more, and there are two new equilibria $\pm z$ with $z^2\approx3(w-1)$, at which
# $dz/dx\approx1/\bigl(2(w-1)\bigr)$. Near $w=1$ the gradients explode. So a training step jumps,
# often to where no equilibrium is found.

# %% tags=["demo"]
couplings = np.concatenate([np.linspace(0.2, 0.97, 18), np.linspace(1.03, 1.8, 18)])
magnet, response = [], []
for w in couplings:
    m = 0.9 if w > 1 else 0.0
    for _ in range(3000):
        m = np.tanh(w * m)
    magnet.append(m)
    one = [jnp.array([[w]]), jnp.ones((1, 1)), jnp.zeros(1), jnp.zeros((1, 1)), jnp.array([[m]])]
    response.append(float(np.asarray(equilibrium_gradients(*one, jnp.ones((1, 1)))[3])[0, 0]))
fig, (left, right) = panels(2)
left.plot(couplings, magnet, "o", markersize=4, color=COLORS[0], label="equilibrium")
fine = np.linspace(1, 1.3, 60)
theory(left, fine, np.sqrt(3 * (fine - 1)), r"theory: $\sqrt{3(w-1)}$ near 1")
finish(left, r"$z=\tanh(wz+x)$ at $x\to0$", "coupling w", "z")
right.plot(couplings, response, "o", markersize=4, color=COLORS[1], label="your gradient dz/dx")
below, above = np.linspace(0.2, 0.97, 100), np.linspace(1.03, 1.3, 60)
theory(right, below, 1 / (1 - below), r"theory: $1/(1-w)$, $1/(2(w-1))$")
theory(right, above, 1 / (2 * (above - 1)))
finish(right, "Its gradient", "coupling w", r"$dz/dx$", yscale="log", ylim=(0.1, 400))

# %% [markdown] reflect="hand"
# **Reflect.** To the right of the transition the measured response falls below the dashed line. Where does the approximation
# fail? And which term of `equilibrium_gradients` makes it fall so fast?

# %% [markdown] answer="hand"
# $z^2\approx3(w-1)$ is the first term only; at $w=1.3$ it gives 0.95 where $z$ is 0.75, and later $z$ saturates. Then
# $D=1-z^2$ goes to zero exponentially, and with it $dz/dx=D/(1-wD)$: a saturated layer does not answer.

# %% [markdown] question="depth" points=4 minutes=40 difficulty="**"
# ## 7.2 How infinite is deep?
#
# A transformer alternates two kinds of residual blocks. Take both linear, with $L$ of each:
#
# $$h\leftarrow h+\tfrac1LA\,h,\qquad h\leftarrow h+\tfrac1LB\,h\qquad(\text{this pair } L\text{ times}),$$
#
# so that the network is the matrix $P_L=\bigl[(I+\frac BL)(I+\frac AL)\bigr]^L$. In the limit the order of the blocks does not
# matter: $P_L\to e^{A+B}$, although $A$ and $B$ do not commute. How fast? **Find the matrix $C$** in
#
# $$P_L=e^{A+B}+\frac CL+O(L^{-2}).$$
#
# One way: the logarithm of one pair is $\frac1L(A+B)+\frac1{L^2}E+O(L^{-3})$ with a matrix $E$ that you find from
# $\log(I+X)=X-\frac12X^2+\dots$; keep the order of the factors. Then $P_L=\exp(A+B+\frac1LE+\dots)$, and what remains is the
# derivative of the matrix exponential at $S=A+B$ in the direction $E$,
#
# $$\frac{d}{d\epsilon}e^{S+\epsilon E}\Big|_0=\int_0^1e^{(1-t)S}\,E\,e^{tS}\,dt,$$
#
# which is $e^SE$ only if $S$ and $E$ commute. Useful: `scipy.linalg.expm`, `expm_frechet`. For $B=0$ you should find
# $C=-\frac12e^AA^2$.
#
# *About 40 minutes, difficulty \*\*.*


# %% solution="depth"
def alternating_network(A: Float[Array, "d d"], B: Float[Array, "d d"], depth: int) -> Float[Array, "d d"]:
    """The matrix of a network of `depth` pairs of linear residual blocks, first A, then B.

    Args:
        A, B: any square matrices, d from 1 to 20, with entries of order 1.
        depth: L, the number of pairs, from 1 to 10^8.

    Returns:
        P_L, shape (d, d).
        Example: A [[0., 1.], [0., 0.]], B [[0., 0.], [1., 0.]]: depth 1 gives [[1., 1.], [1., 2.]].
    """
    ### BEGIN SOLUTION
    identity = np.eye(len(A))
    return np.linalg.matrix_power((identity + B / depth) @ (identity + A / depth), depth)
    ### END SOLUTION


def depth_correction(A: Float[Array, "d d"], B: Float[Array, "d d"]) -> tuple[Float[Array, "d d"], Float[Array, "d d"]]:
    """Limit of infinite depth, and the coefficient of 1 / depth.

    Args:
        A, B: as for `alternating_network`.

    Returns:
        (limit, C): two matrices with P_L = limit + C / L + O(1 / L^2).
        Example: A [[1.]], B [[0.]]: ([[2.718282]], [[-1.359141]]).
    """
    ### BEGIN SOLUTION
    E = B @ A - (A + B) @ (A + B) / 2
    return scipy.linalg.expm_frechet(A + B, E)
    ### END SOLUTION


# %% check="depth"
_up, _down = jnp.array([[0.0, 1.0], [0.0, 0.0]]), jnp.array([[0.0, 0.0], [1.0, 0.0]])
assert np.allclose(alternating_network(_up, _down, 1), [[1.0, 1.0], [1.0, 2.0]]), (
    "(I + B)(I + A) = [[1, 1], [1, 2]]: A acts first. [[2, 1], [1, 1]]: the other order; [[1, 1], [1, 1]]: one block, A + B"
)
assert np.allclose(alternating_network(_up, _down, 2), [[1.25, 1.125], [1.125, 1.8125]]), "each block has 1/L: L = 2, two pairs"
_limit, _C = depth_correction(jnp.array([[1.0]]), jnp.array([[0.0]]))
assert np.allclose(_limit, [[2.718282]], atol=1e-5), "the limit is e^(A + B)"
assert np.allclose(_C, [[-1.359141]], atol=1e-5), "(1 + 1/L)^L = e - e/2L + ...: -e/2. 1.359: the sign; -2.718: no half"
_C = depth_correction(jnp.array([[0.5]]), jnp.array([[0.5]]))[1]
assert np.allclose(_C, [[-0.679570]], atol=1e-5), (
    "A = B = 1/2: (1 + 1/2L)^2L = e - e/4L + ...: -0.6796. -1.359: that is one block with A + B; each pair has 2L blocks"
)
_limit, _C = depth_correction(_up, _down)
assert np.allclose(_limit, [[1.543081, 1.175201], [1.175201, 1.543081]], atol=1e-5), "e^(A + B), which is not e^B e^A"
assert np.allclose(_C, [[-0.587601, 0.0], [0.0, 0.587601]], atol=1e-5), (
    "diag(-1, 1) sinh(1)/2. The other sign: B A - A B has lost its order; [[-0.77, 0.59], [-0.59, 0.77]]: e^S E, but S and E do "
    "not commute"
)

# %% [markdown] predict="depth"
# **Predict.** (a) A network has 12 pairs of blocks with $|A|=|B|=1$. Does it differ from the infinite one by about
# 30 %, 3 % or 0.03 %? (b) Somebody swaps the order of the blocks in each pair. How much does the network
# change, and how does the change fall with $L$?

# %% [markdown] answer="depth"
# (a) By $|C|/12$, which is about 3 % of $|e^{A+B}|$ (5 % in the plot, where the blocks are larger): ordinary depths are
# not infinite. (b) $E$ has the term
# $\frac12(BA-AB)$, which changes its sign: the networks differ by $\frac1L$ times the derivative of the exponential in the
# direction of the commutator. It falls like $1/L$, as everything else.

# %% tags=["demo"]
rng = np.random.default_rng(7)
first_block, second_block = (rng.normal(size=(6, 6)) / np.sqrt(6) for _ in range(2))
limit, correction = (np.asarray(part) for part in depth_correction(jnp.asarray(first_block), jnp.asarray(second_block)))
swapped = np.asarray(depth_correction(jnp.asarray(second_block), jnp.asarray(first_block))[1])
depths = np.unique(np.geomspace(1, 3000, 22).astype(int))
network = lambda A, B, L: np.asarray(alternating_network(jnp.asarray(A), jnp.asarray(B), int(L)))
gap = [np.linalg.norm(network(first_block, second_block, L) - limit) for L in depths]
rest = [np.linalg.norm(network(first_block, second_block, L) - limit - correction / L) for L in depths]
order = [np.linalg.norm(network(first_block, second_block, L) - network(second_block, first_block, L)) for L in depths]
fig, ax = panels(1, width=6.2, height=3.8)
ax.plot(depths, gap, "o", markersize=4, color=COLORS[0], label=r"$|P_L-e^{A+B}|$")
ax.plot(depths, order, "s", markersize=4, color=COLORS[2], label="order of the blocks swapped")
ax.plot(depths, rest, "^", markersize=4, color=COLORS[1], label=r"$|P_L-e^{A+B}-C/L|$")
theory(ax, depths, np.linalg.norm(correction) / depths, r"theory: $|C|/L$, and $|C_{AB}-C_{BA}|/L$")
theory(ax, depths, np.linalg.norm(correction - swapped) / depths)
theory(ax, depths, rest[-1] * (depths[-1] / depths) ** 2.0, "theory: slope $-2$")
finish(ax, "A deep network and the infinite one", "pairs of blocks L", "distance", xscale="log", yscale="log", ylim=(1e-8, 30))

# %% [markdown] reflect="depth"
# **Reflect.** From two networks of depths $L$ and $2L$ with the *same* $A$ and $B$ one can make a better approximation of the
# infinite one than either. Which combination? What is the slope of its error?

# %% [markdown] answer="depth"
# $2P_{2L}-P_L$: the $C/L$ cancel (Richardson's extrapolation), and the error falls like $L^{-2}$, as the triangles do.

# %% [markdown] question="adjoint" points=5 minutes=45 difficulty="**" bans="autodiff"
# ## 7.3 The adjoint equation
#
# Now a nonlinear network of infinite depth, $\dot h=\tanh(Wh+b)$ from $h(0)=h_0$ to the time $T$, with the same $W$ and
# $b$ at all times, and a loss whose gradient with respect to $h(T)$ is $g$. There are two ways to differentiate.
#
# *First discretise.* The network with $L$ layers, $h_{l+1}=h_l+\frac TL\tanh(Wh_l+b)$, has an exact gradient:
# backpropagation, which you know (here by hand: automatic differentiation is banned). The parameters are shared by all layers.
#
# *First take the limit.* The adjoint $a(t)=\partial\,\text{loss}/\partial h(t)$ obeys a differential equation backwards in
# time, which you get from backpropagation by letting $L\to\infty$ (Pontryagin et al. 1962; Chen et al. 2018). **Derive it**,
# with $a(T)=g$, and write the gradients with respect to $W$ and $b$ as integrals over time. Solve to a relative accuracy of
# $10^{-5}$ (of what, the docstring says) by any integrator you like.
#
# One warning: $a$ needs $h(t)$ at all times. It is tempting to run $\dot h=\tanh(Wh+b)$ backwards together with $a$. Where the
# flow contracts that is hopeless (lab, question 1), and here it may contract by $e^{-30}$: keep the forward path.
#
# *About 45 minutes, difficulty \*\*.*


# %% solution="adjoint"
def euler_gradients(
    W: Float[Array, "d d"], b: Float[Array, " d"], h0: Float[Array, " d"], g: Float[Array, " d"], time: float, depth: int
) -> tuple[Float[Array, "d d"], Float[Array, " d"], Float[Array, " d"]]:
    """Exact gradients of the network with layers h + (time / depth) tanh(W h + b).

    Args:
        W, b: parameters, shared by all layers.
        h0: the input, one example.
        g: gradient of the loss with respect to the output.
        time: T > 0.
        depth: L, from 1 to 1000.

    Returns:
        (dW, db, dh0): the gradients of the loss.
        Example: W [[0., 1.], [0., 0.]], b [0., 0.], h0 [0., 1.], g [1., 0.], time 1, depth 2:
        ([[0.079963, 0.419974], [0., 0.104994]], [0.419974, 0.104994], [1., 0.419974]).
    """
    ### BEGIN SOLUTION
    step, h, path = time / depth, np.asarray(h0), []
    for _ in range(depth):
        y = np.tanh(W @ h + b)
        path.append((h, y))
        h = h + step * y
    a, dW, db = np.asarray(g), 0.0, 0.0
    for h, y in reversed(path):
        v = step * (1 - y**2) * a
        dW = dW + np.outer(v, h)
        db = db + v
        a = a + W.T @ v
    return dW, db, a
    ### END SOLUTION


def flow_gradients(
    W: Float[Array, "d d"], b: Float[Array, " d"], h0: Float[Array, " d"], g: Float[Array, " d"], time: float
) -> tuple[Float[Array, "d d"], Float[Array, " d"], Float[Array, " d"]]:
    """Gradients of a loss of h(time) for the flow h' = tanh(W h + b).

    Args:
        W, b: parameters of the flow, |W| time up to 30 (|W| up to 300), d from 1 to 10. The flow may contract by e^-30, but it
            does not expand small changes of h by more than a factor of 1e4.
        h0: h(0), with entries of order 1.
        g: gradient of the loss with respect to h(time), with entries of order 1.
        time: T > 0.

    Returns:
        (dW, db, dh0), dW and db accurate to 1e-5 of their largest entries, dh0 to 1e-5 of the largest entry of dh0 or of g.
        Example: W [[0., 1.], [0., 0.]], b [0., 0.], h0 [0., 1.], g [1., 0.], time 1:
        ([[0.159927, 0.419974], [0.053309, 0.209987]], [0.419974, 0.209987], [1., 0.419974]).
    """
    ### BEGIN SOLUTION
    W, b, d = np.asarray(W), np.asarray(b), len(b)
    solve = lambda field, start: scipy.integrate.solve_ivp(
        field, (0.0, time), start, method="DOP853", rtol=1e-10, atol=1e-12, dense_output=True
    )
    flow = lambda t, h: np.tanh(W @ h + b)
    path = solve(flow, np.asarray(h0)).sol

    def back(s, state):  # s = T - t
        h, a = path(time - s), state[:d]
        v = (1 - flow(time - s, h) ** 2) * a
        return np.concatenate([W.T @ v, v, np.outer(v, h).ravel()])

    end = solve(back, np.concatenate([g, np.zeros(d + d * d)])).y[:, -1]
    return end[2 * d :].reshape(d, d), end[d : 2 * d], end[:d]
    ### END SOLUTION


# %% check="adjoint"
_push = (jnp.array([[0.0, 1.0], [0.0, 0.0]]), jnp.zeros(2), jnp.array([0.0, 1.0]), jnp.array([1.0, 0.0]))
_got = [np.asarray(part) for part in euler_gradients(*_push, 1.0, 2)]
assert np.allclose(_got[2], [1.0, 0.419974], atol=1e-5), "dh0: a_l = a_{l+1} + (T / L) W^T D a_{l+1}; mind the transpose"
assert np.allclose(_got[1], [0.419974, 0.104994], atol=1e-5), (
    "db sums (T / L) D a_{l+1} over the layers. Twice as much: T / L is missing; [0.42, 0.21]: that is a_l in place of a_{l+1}"
)
assert np.allclose(_got[0], [[0.079963, 0.419974], [0.0, 0.104994]], atol=1e-5), (
    "dW sums (T / L) D a_{l+1} h_l^T: the adjoint after the layer, the state before it"
)
_got = [np.asarray(part) for part in flow_gradients(*_push, 1.0)]
assert np.allclose(_got[2], [1.0, 0.419974], atol=1e-5), "a' = -W^T D a, from a(T) = g back to 0"
assert np.allclose(_got[1], [0.419974, 0.209987], atol=1e-5), "db is the integral of D a"
assert np.allclose(_got[0], [[0.159927, 0.419974], [0.053309, 0.209987]], atol=1e-5), "dW is the integral of D a h^T"
_flat = (jnp.array([[-10.0]]), jnp.array([1.0]), jnp.array([1.0]), jnp.array([1.0]))
_got = [float(np.ravel(np.asarray(part))[0]) for part in flow_gradients(*_flat, 3.0)]
assert abs(_got[0] - 0.01) < 1e-6 and abs(_got[1] - 0.1) < 1e-5 and abs(_got[2]) < 1e-6, (
    "W = -10, b = 1: h comes to rest at 0.1 = -b/W, so dW = b / W^2 = 0.01, db = -1/W = 0.1, dh0 = 0. Else, or if it takes for "
    "ever: h was run backwards in time, where it explodes"
)
# Two units: the first comes to rest at 0.1 as before, the second goes on at a constant speed and forgets nothing.
_half = (jnp.array([[-10.0, 0.0], [0.0, 0.0]]), jnp.array([1.0, 0.5]), jnp.array([0.2, 0.0]), jnp.array([0.0, 1.0]))
_times = np.linspace(0.0, 3.0, 30001)
_first = 0.1 + np.arcsinh(np.sinh(1.0) * np.exp(-10 * _times)) / 10  # u = 1 - 10 h obeys u' = -10 tanh u
_wanted = (1 - np.tanh(0.5) ** 2) * np.sum((_first[1:] + _first[:-1]) / 2) * 1e-4
assert abs(float(np.asarray(flow_gradients(*_half, 3.0)[0])[1, 0]) - _wanted) < 1e-5, (
    "dW[1, 0] is (1 - tanh(0.5)^2) times the integral of h_1, which rests at 0.1. Else: h was run backwards in time, where it "
    "explodes; keep the forward path"
)

# %% [markdown] predict="adjoint"
# **Predict.** (a) The gradient of the network with $L$ layers is exact for that network. How far is it from the flow's
# gradient? (b) At $h\approx0$ the flow is $\dot h=Wh$. How does $|a(0)|$ depend on $T$ for $W=-I$, for $W=I$, and for a
# $W$ with $W^\top=-W$?

# %% [markdown] answer="adjoint"
# (a) Order $1/L$, like the outputs. (b) $\dot a=-W^\top a$, so $a(0)=e^{W^\top T}g$: $e^{-T}$, $e^T$, and a rotation, which
# keeps the length. Antisymmetric weights neither forget nor explode: that is how Haber and Ruthotto (2017) build deep
# networks.

# %% tags=["demo"]
W_flow, b_flow, h_flow, g_flow = rng.normal(size=(4, 4)), rng.normal(size=4) / 2, rng.normal(size=4), rng.normal(size=4)
given = [jnp.asarray(a) for a in (W_flow, b_flow, h_flow, g_flow)]
in_the_limit = [np.asarray(part) for part in flow_gradients(*given, 2.0)]
layer_counts = np.array([4, 8, 16, 32, 64, 128, 256, 512])
apart = np.array([[np.linalg.norm(np.asarray(a) - b) / np.linalg.norm(b)
                   for a, b in zip(euler_gradients(*given, 2.0, int(L)), in_the_limit, strict=True)]
                  for L in layer_counts])  # fmt: skip
fig, (left, right) = panels(2)
for color, name, column in zip(COLORS, ("W", "b", "$h_0$"), apart.T, strict=False):
    left.plot(layer_counts, column, "o", markersize=4, color=color, label=f"gradient of {name}")
    theory(left, layer_counts, column[-1] * layer_counts[-1] / layer_counts, "theory: slope $-1$" if name == "$h_0$" else None)
finish(left, "Discrete and continuous gradients", "layers L", "relative distance", xscale="log", yscale="log")
spin = rng.normal(size=(4, 4)) / 2
times = np.linspace(0.25, 4, 16)
for color, (name, matrix, growth) in zip(
    COLORS, (("$W=I$", np.eye(4), 1), ("$W^T=-W$", spin - spin.T, 0), ("$W=-I$", -np.eye(4), -1)), strict=False
):
    small = [jnp.asarray(a) for a in (matrix, np.zeros(4), 1e-4 * h_flow, g_flow / np.linalg.norm(g_flow))]
    lengths = [np.linalg.norm(np.asarray(flow_gradients(*small, float(T))[2])) for T in times]
    right.plot(times, lengths, "o", markersize=4, color=color, label=name)
    theory(right, times, np.exp(growth * times), r"theory: $e^T$, 1, $e^{-T}$" if growth < 0 else None)
finish(right, "What is left of a gradient", "time T", r"$|a(0)|$ for $|a(T)|=1$", yscale="log", ylim=(1e-2, 1e3))

# %% [markdown] reflect="adjoint"
# **Reflect.** With an adaptive integrator one trains by the second way ("optimise, then discretise"), with fixed layers by
# the first. A network with $L=8$ is trained with the flow's gradient. What is wrong with it, and what would you see?

# %% [markdown] answer="adjoint"
# It is not the gradient of the loss that one computes: at $L=8$ the plot shows errors of 10 to 16 %. The loss would
# stop falling where the *flow's* gradient vanishes, which is not where the network's loss is smallest, and a check by
# differences fails. Gholami et al. (2019) call this inconsistent; differentiating the discrete network is always exact.

# %% [markdown] question="moments" points=4 minutes=45 difficulty="***"
# ## 7.4 Random residual networks
#
# At initialisation the weights are random and fresh in each layer, and $1/L$ is not the scale at which anything happens:
# $L$ independent terms of size $1/L$ add up to $1/\sqrt L$. So take the branch $\sqrt s\,W_lh$ with $s=\sigma^2/L$,
#
# $$h_{l+1}=h_l+\sqrt s\,W_lh_l,\qquad (W_l)_{ij}\sim N(0,1/d)\ \text{ independent},$$
#
# and follow *two* inputs $h,k$ through the same network. Their product grows by $\mathbb E\,h_L\cdot
# k_L=(1+s)^L\,h\cdot k$. For the fluctuations define $P_l=\mathbb E\,|h_l|^2|k_l|^2$ and $Q_l=\mathbb E\,(h_l\cdot
# k_l)^2$. **Show** that they obey a linear recursion, and find the entries that are missing:
#
# $$P_{l+1}=(1+s)^2P_l+2\kappa\,Q_l,\qquad Q_{l+1}=\;?\;P_l+\;?\;Q_l,\qquad\kappa=\frac{2s+s^2}d .$$
#
# Useful: for a Gaussian $W$, $\mathbb E\,(a\cdot Wb)(a'\cdot Wb')=\frac1d(a\cdot a')(b\cdot b')$, and for a row $w$ of it
# $\mathbb E\,(w\cdot h)^2(w\cdot k)^2=\frac1{d^2}\bigl(|h|^2|k|^2+2(h\cdot k)^2\bigr)$. Terms odd in $W$ vanish. For $h=k$
# it must give $\mathbb E|h_{l+1}|^4=\bigl((1+s)^2+2\kappa\bigr)\mathbb E|h_l|^4$.
#
# *Infinite depth, finite width.* As $L\to\infty$, the increments of $\log|h|^2$ are independent, with mean
# $s(1-\frac2d)$ and variance $\frac{4s}d$ to leading order (why?). So $|h|^2$ is a geometric Brownian motion, and
# $\log(|h_L|^2/|h_0|^2)$ is normal with mean $\sigma^2(1-\frac2d)$ and variance $4\sigma^2/d$ (compare Hayou 2022).
# **Find** all moments of $|h_L|/|h_0|$ in this limit. Two tests: the second moment is $e^{\sigma^2}$, and the power $2-d$,
# the harmonic function of $d$ dimensions, has the mean 1 for every $\sigma$.
#
# $\sigma^2$ is `sigma2`, $d$ is the length of `h`, or `width`.
#
# *About 45 minutes, difficulty \*\*\*.*


# %% solution="moments"
def pair_moments(h: Float[Array, " d"], k: Float[Array, " d"], s: float, depth: int) -> tuple[float, float, float]:
    """Exact second and fourth moments of two inputs in a random linear residual network.

    Args:
        h, k: the inputs, d >= 1, not zero.
        s: variance of the branch, 0 <= s <= 4.
        depth: number of layers L, from 0 to 10^6; the results stay below 1e12 times their start.

    Returns:
        (E h_L . k_L, E |h_L|^2 |k_L|^2, E (h_L . k_L)^2), three scalars.
        Example: h [1., 0.], k [0., 1.], s 1: depth 1 gives (0., 4., 1.5).
    """
    ### BEGIN SOLUTION
    kappa = (2 * s + s**2) / len(h)
    layer = np.array([[(1 + s) ** 2, 2 * kappa], [kappa, (1 + s) ** 2 + kappa]])
    product = np.dot(h, k)
    P, Q = np.linalg.matrix_power(layer, depth) @ np.array([np.dot(h, h) * np.dot(k, k), product**2])
    return (1 + s) ** depth * product, P, Q
    ### END SOLUTION


def limit_moment(sigma2: float, width: int, power: float) -> float:
    """Moment of |h_L| / |h_0| in the limit of infinite depth with s = sigma2 / L.

    Args:
        sigma2: sigma^2, 0 to 4.
        width: d >= 1.
        power: p, any real number from -5 to 10.

    Returns:
        E (|h_L| / |h_0|)^p of the limit, a scalar.
        Example: sigma2 1, width 4: power 2 gives 2.718282, power 4 gives 20.085537.
    """
    ### BEGIN SOLUTION
    return np.exp(sigma2 * (power / 2 * (1 - 2 / width) + power**2 / (2 * width)))
    ### END SOLUTION


# %% check="moments"
_e1, _e2 = jnp.array([1.0, 0.0]), jnp.array([0.0, 1.0])
_got = [float(v) for v in pair_moments(_e1, _e2, 1.0, 1)]
assert np.allclose(_got, [0.0, 4.0, 1.5]), (
    "orthogonal inputs, d = 2, s = 1: P = 4, Q = kappa = 1.5. Q = 1: the term s^2/d is missing; 0: Q feels P, too"
)
_got = [float(v) for v in pair_moments(_e1, _e1, 1.0, 2)]
assert np.allclose(_got, [4.0, 49.0, 49.0]), (
    "h = k, two layers: (1 + s)^2 + 2 kappa = 7, squared. 64 or 16: fluctuations; P and Q are the same for h = k"
)
_got = [float(v) for v in pair_moments(jnp.array([2.0, 0.0]), jnp.array([1.0, 1.0]), 0.5, 1)]
assert np.allclose(_got, [3.0, 23.0, 16.5]), "P_0 = 8, Q_0 = 4, kappa = 0.625: P = 18 + 5, Q = 5 + (2.25 + 0.625) 4"
assert np.allclose([float(v) for v in pair_moments(_e1, _e2, 1.0, 0)], [0.0, 1.0, 0.0]), "no layers: the inputs themselves"
assert abs(float(limit_moment(1.0, 4, 2.0)) - 2.718282) < 1e-5, "the second moment is e^(sigma^2)"
assert abs(float(limit_moment(1.0, 4, 4.0)) - 20.085537) < 1e-4, (
    "p = 4, d = 4: e^(2 + 4/d) = e^3 = 20.09. 7.39: the fluctuations; (|h|)^p is (|h|^2)^(p/2)"
)
assert abs(float(limit_moment(2.0, 5, -3.0)) - 1.0) < 1e-6, "the power 2 - d has the mean 1"

# %% [markdown] predict="moments"
# **Predict.** (a) $d=2$: the mean of $|h|^2$ grows like $e^{\sigma^2}$. And a *typical* $|h|^2$, its median? (b) Two
# orthogonal inputs go through the same network of infinite depth. What becomes of the angle between them as $\sigma^2$ grows, at
# $d=2$ and at $d=100$?

# %% [markdown] answer="moments"
# (a) The median is $e^{\sigma^2(1-2/d)}$: at $d=2$ it does not grow at all; the mean is made by rare networks. (b) The
# recursion has $(1+s)^2+2\kappa$ for $P+2Q$ and $(1+s)^2-\kappa$ for $P-Q$. So $Q/P\to1$, with
# $(P-Q)/(P+2Q)\propto e^{-6\sigma^2/d}$ in the limit: all inputs become parallel (or antiparallel), at $\sigma^2\sim d/6$.
# Infinite depth at finite width is not infinite width at finite depth.

# %% tags=["demo"]
def simulate(d, depth, sigma2, count, shape_rng):
    """Gram matrices (2, 2) of two orthogonal inputs after each layer of `count` random networks."""
    pair = np.zeros((count, d, 2))
    pair[:, 0, 0] = pair[:, 1, 1] = 1.0
    grams = [np.einsum("nia,nib->nab", pair, pair)]
    for _ in range(depth):
        branch = shape_rng.normal(size=(count, d, d)) @ pair
        pair = pair + np.sqrt(sigma2 / depth / d) * branch
        grams.append(np.einsum("nia,nib->nab", pair, pair))
    return np.array(grams)


fig, (left, right) = panels(2)
for color, d in zip(COLORS, (2, 4, 16), strict=False):
    grams = simulate(d, 40, 2.0, 4000, rng)
    logs = np.log(grams[-1, :, 0, 0])
    edges = np.linspace(-8, 10, 60)
    left.hist(logs, bins=edges, density=True, color=color, alpha=0.45, label=f"d = {d}")
    mean, variance = 2.0 * (1 - 2 / d), 8.0 / d
    fine = np.linspace(-8, 10, 400)
    bell = np.exp(-((fine - mean) ** 2) / 2 / variance) / np.sqrt(2 * np.pi * variance)
    theory(left, fine, bell, "theory: normal" if d == 16 else None)
    ratio = (grams[:, :, 0, 1] ** 2).mean(axis=1) / (grams[:, :, 0, 0] * grams[:, :, 1, 1]).mean(axis=1)
    grown = 2.0 * np.arange(41) / 40
    right.plot(grown[::2], ratio[::2], "o", markersize=4, color=color, label=f"d = {d}")
    first, second = jnp.eye(d)[0], jnp.eye(d)[1]
    exact = np.array([[float(v) for v in pair_moments(first, second, 0.05, int(layer))] for layer in range(41)])
    theory(right, grown, exact[:, 2] / exact[:, 1], "theory: your Q / P" if d == 16 else None)
finish(left, r"Log of $|h|^2$ at $\sigma^2=2$, 40 layers", r"$\log\,(|h_L|^2/|h_0|^2)$", "density")
finish(right, "Orthogonal inputs become (anti)parallel", r"$\sigma^2$ so far", "Q / P", ylim=(-0.03, 1.4), legend=False)
legend = right.legend(frameon=False, ncols=2, loc="upper left")

# %% [markdown] reflect="moments"
# **Reflect.** (a) The bells of the left plot stand in different places, although $\mathbb E|h|^2=e^{\sigma^2}$ for all $d$. A
# colleague measures the mean of $|h_L|^2$ over ten networks with $d=2$ and $\sigma^2=10$. What will she find? (b) In the
# right plot the points for $d=2$ leave the dashed line, mostly downwards, those for $d=16$ do not. All are means over 4000
# networks, and the line is exact. What happens?

# %% [markdown] answer="moments"
# (a) The median is 1, and $\log|h|^2$ has the standard deviation $\sqrt{4\cdot10/2}=4.5$. The mean $e^{10}=22\,000$
# comes from networks with $\log|h|^2\approx20$, 4.5 standard deviations out, and ten networks never contain one. She
# will find a hundred or so, sometimes ten, sometimes thousands. (b) The same: $P$ and $Q$ are means of fourth powers,
# made by networks that are still rarer. Among 4000 with $d=2$ there are too few of them; now and then a single one is
# there and carries the whole mean. The rare networks are those that have made the inputs parallel, so without them
# $Q/P$ is too small.

# %% [markdown] question="transition" points=4 minutes=35 difficulty="**"
# ## 7.5 A random layer at rest
#
# Now the weights are the same in each iteration, and the width goes to infinity. Take the equilibrium of
# $u=W\,\mathrm{relu}(u)+\xi$ with $W_{ij}\sim N(0,\sigma_w^2/n)$ and an input $\xi$ that is a Gaussian vector with independent
# components. For inputs $\xi^{(1)},\xi^{(2)},\dots$ with covariances $C_{ab}=\mathbb E\,\xi^{(a)}_i\xi^{(b)}_i$ the
# states are Gaussian, too, in the limit $n\to\infty$, with covariances $K_{ab}$ that obey
#
# $$K_{ab}=C_{ab}+\sigma_w^2\;\mathbb E\,\mathrm{relu}(u)\,\mathrm{relu}(u')
#        =C_{ab}+\frac{\sigma_w^2}2\sqrt{K_{aa}K_{bb}}\;\gamma\!\left(\frac{K_{ab}}{\sqrt{K_{aa}K_{bb}}}\right),\qquad
# \gamma(c)=\frac{\sqrt{1-c^2}+c\,(\pi-\arccos c)}\pi$$
#
# (Feng and Kolter 2023; $\gamma$ is from Cho and Saul 2009). On the diagonal $\gamma(1)=1$, and $K_{aa}$ has a closed form.
# **For which $\sigma_w^2\ge0$** does this equation have a solution with finite variances, and so the wide layer an
# equilibrium? Where there is none (the limiting value included), raise `ValueError`.
# Off the diagonal a scalar equation is left for each pair; $\gamma'\le1$, so that iterating it contracts by
# $\sigma_w^2/2$.
#
# After $k$ iterations from $u_0=\xi$ (`depth`) the covariance is that of $k$ steps of the same recursion, from $K^{(0)}=C$;
# it exists for every $\sigma_w^2$, though it may grow exponentially with $k$.
#
# $C$ is `C`, a covariance matrix (symmetric, positive semidefinite) with a positive diagonal, $\sigma_w^2$ is `sw2`. Two
# inputs may be equal or opposite; mind rounding, which makes correlations of $1+10^{-16}$.
#
# *About 35 minutes, difficulty \*\*.*


# %% solution="transition"
def deq_kernel(C: Float[Array, "n n"], sw2: float, depth: int | None) -> Float[Array, "n n"]:
    """Covariances of the states of an infinitely wide random layer, after some iterations or at rest.

    Args:
        C: covariances of the inputs, n from 1 to 20, positive diagonal, of any size (1e-10 and 1e8 included).
        sw2: variance of the weights, >= 0; at most 1.98 where `depth` is None and an equilibrium exists; with a `depth` such that
            all results stay below 1e100.
        depth: number of iterations from u = xi, 0 to 1000, or None: at rest.

    Returns:
        K, a symmetric matrix like C.
        Example: C [[1., 0.], [0., 1.]], sw2 1: depth 1 gives [[1.5, 0.159155], [0.159155, 1.5]]; at rest the diagonal is 2.

    Raises:
        ValueError: depth is None and there is no equilibrium.
    """
    ### BEGIN SOLUTION
    if depth is None and sw2 >= 2:
        raise ValueError("sw2 is 2 or more: the variance grows without end; take a smaller one")
    K = C = np.asarray(C)
    # At rest: the error shrinks by sw2 / 2 in each step.
    for _ in range(3000 if depth is None else depth):
        size = np.sqrt(np.outer(np.diag(K), np.diag(K)))
        angle = np.arccos((K / size).clip(-1.0, 1.0))
        K = C + sw2 / 2 * size * (np.sin(angle) + np.cos(angle) * (np.pi - angle)) / np.pi
    return K
    ### END SOLUTION


# %% check="transition"
_alone = lambda sw2, depth: float(np.asarray(deq_kernel(jnp.ones((1, 1)), sw2, depth))[0, 0])
assert abs(_alone(1.0, 0) - 1.0) < 1e-6 and abs(_alone(1.0, 1) - 1.5) < 1e-6 and abs(_alone(1.0, 2) - 1.75) < 1e-6, (
    "sw2 = 1: 1, 1 + 1/2, 1 + 3/4. The input is added in each iteration; the relu halves it. A NaN: clip the correlations"
)
assert abs(_alone(1.0, None) - 2.0) < 1e-6 and abs(_alone(1.5, None) - 4.0) < 1e-5, "at rest 1 / (1 - sw2 / 2). A NaN: clip"
_K = np.asarray(deq_kernel(jnp.eye(2), 1.0, 1))
assert np.allclose(_K, [[1.5, 0.159155], [0.159155, 1.5]], atol=1e-5), "orthogonal inputs: gamma(0) = 1/pi, so 1/(2 pi)"
_K = np.asarray(deq_kernel(jnp.array([[1.0, -2.0], [-2.0, 4.0]]), 1.0, 1))
assert np.allclose(_K, [[1.5, -2.0], [-2.0, 6.0]], atol=1e-5), "opposite inputs: gamma(-1) = 0. Divide by both sizes"
_K = np.asarray(deq_kernel(jnp.array([[1.0, 0.5], [0.5, 1.0]]), 1.9, None))
_rho = _K[0, 1] / 20
_gamma = (np.sqrt(1 - _rho**2) + _rho * (np.pi - np.arccos(_rho))) / np.pi
assert abs(_K[0, 0] - 20) < 1e-4 and abs(_K[0, 1] - 0.5 - 0.95 * 20 * _gamma) < 1e-4, (
    "sw2 = 1.9: the diagonal is 20, and K_12 solves its equation. Not yet: the iteration needs some hundred steps here"
)
for _sw2 in (2.0, 3.0):
    try:
        deq_kernel(jnp.eye(2), _sw2, None)
    except ValueError:
        pass
    else:
        raise AssertionError(f"sw2 = {_sw2:g}: no equilibrium, say so with a ValueError")
assert abs(_alone(3.0, 2) - 4.75) < 1e-5, "with a finite depth every sw2 is allowed: 1 + 1.5 + 2.25"

# %% [markdown] predict="transition"
# **Predict.** (a) The residual of the iteration shrinks by a constant factor per step. By which? (Two states that differ a
# little: how does one iteration change the mean square of their difference?) (b) Does the layer make different inputs more
# similar, and does it matter that it is infinitely deep?

# %% [markdown] answer="transition"
# (a) Half of the units are active, so a small difference has its mean square multiplied by $\sigma_w^2/2$: a factor of
# $\sigma_w/\sqrt2$ per step, and $\rho(J)=\sigma_w/\sqrt2$. It reaches 1 where the equilibrium ceases to exist. (b) Yes,
# since $\gamma(c)\ge c$. Without the input an infinitely deep relu network would forget it altogether (all
# correlations 1). Here the input is added in every iteration, so that a difference survives.

# %% tags=["demo"]
wide, networks, colored = 1000, 12, (0.5, 1.0, 1.4)
in_correlations = np.linspace(-1, 1, 9)


def random_layer(layer_rng):
    """Weights of variance 1 / n, and ten inputs: one, and nine that have these correlations with it."""
    common, other = layer_rng.normal(size=(2, wide))
    seconds = in_correlations[:, None] * common + np.sqrt(1 - in_correlations[:, None] ** 2) * other
    return layer_rng.normal(size=(wide, wide)) / np.sqrt(wide), np.concatenate([common[None], seconds])


seen = {sw2: [] for sw2 in colored}
for _ in range(networks):
    weights_wide, stack_of_inputs = random_layer(rng)
    for sw2 in colored:
        state, scaled = stack_of_inputs, (np.sqrt(sw2) * weights_wide).T
        for _ in range(80):
            state = np.maximum(state, 0) @ scaled + stack_of_inputs
        norms = np.linalg.norm(state, axis=1)
        seen[sw2].append((state[1:] @ state[0]) / norms[1:] / norms[0])
fig, (left, right) = panels(2)
fine = np.linspace(-1, 1, 41)
for color, sw2 in zip(COLORS, colored, strict=False):
    left.errorbar(in_correlations, np.mean(seen[sw2], axis=0), np.std(seen[sw2], axis=0), fmt="o", markersize=4, color=color,
                  linewidth=1, label=rf"$\sigma_w^2={sw2}$")  # fmt: skip
    out = []
    for c in fine:
        kernel = np.asarray(deq_kernel(jnp.array([[1.0, c], [c, 1.0]]), sw2, None))
        out.append(kernel[0, 1] / kernel[0, 0])
    theory(left, fine, out, "theory: your kernel" if sw2 == 1.4 else None)
finish(left, f"Two inputs at rest (mean of {networks} networks)", "correlation of the inputs", "correlation of the states",
       xticks=[-1, -0.5, 0, 0.5, 1])  # fmt: skip
for color, sw2 in zip(COLORS, (0.5, 1.0, 1.4, 0.25, 1.7), strict=False):
    state, moved = stack_of_inputs, []
    for _ in range(40):
        new = np.maximum(state, 0) @ (np.sqrt(sw2) * weights_wide).T + stack_of_inputs
        moved.append(np.linalg.norm(new - state))
        state = new
    right.plot(moved, color=color, label=rf"$\sigma_w^2={sw2}$")
    theory(right, np.arange(40), moved[10] * (sw2 / 2) ** ((np.arange(40) - 10) / 2), None)
right.plot([], [], color="black", linestyle="--", label=r"theory: $(\sigma_w^2/2)^{k/2}$")
finish(right, "Coming to rest", "iteration k", "residual", yscale="log", ylim=(1e-15, 1e8))
legend = right.legend(frameon=False, ncols=2, loc="upper right", fontsize=8)

# %% [markdown] reflect="transition"
# **Reflect.** Trained equilibrium models often drift towards $\rho(J)=1$, and people add a penalty on $J$ against it (Bai,
# Koltun and Kolter 2021). What does the theory say about forward iterations, memory of the input and gradients there? And
# why does a single network of width 1000 say less and less about the limit (the bars on the left)?

# %% [markdown] answer="transition"
# As $\sigma_w^2\to2$ the number of iterations per digit diverges like $1/(2-\sigma_w^2)$, the states become so large that
# the input is lost in them (all correlations go to 1), and $u=(I-J^\top)^{-1}g$ has $\mathbb
# E|u|^2=|g|^2/(1-\sigma_w^2/2)$: gradients explode. All three at the same place. The bars grow there for the same
# reason: in a single network of width $n$ one step multiplies a mean square not by $\sigma_w^2/2$ but by
# something that differs from it at random, by an order of $1/\sqrt n$, and where $1/(1-\sigma_w^2/2)$ is large a small
# difference decides.

# %% [markdown] question="why_implicit" points=4 minutes=35 difficulty="**" written=true
# ## 7.6 Why one may forget the path
#
# Let $z^*=f(\theta,z^*)$ with a differentiable $f$, $J=\partial f/\partial z$ and $F=\partial f/\partial\theta$ at
# $(\theta,z^*)$, $I-J$ invertible, and let $\ell(z^*)$ be a loss with the gradient $g$. (a) Derive
# $d\ell/d\theta=F^\top u$ with $u=g+J^\top u$. Why does one compute it in this order, and not $\partial
# z^*/\partial\theta$ first? (b) Let $u_K=\sum_{j<K}(J^\top)^jg$. Show that $u-u_K=(J^\top)^Ku$, and that this
# goes to zero for every $g$ if and only if $\rho(J)<1$, even if $|J|>1$. (c) For one unit, $f=wz+x$ with $0<w<1$, unroll $K$
# iterations from $z_0=0$. Compute the derivatives of $z_K$ with respect to $x$ and to $w$, and compare each with the gradient
# that $K$ terms of the series give at $z^*$. For which of the two is one nearer to the truth, and by which
# factor? (d) Somebody says: "Memory does not matter, I can also recompute the path from the output." When is this
# impossible, and what helps?

# %% [markdown] solution="why_implicit"
# (a) Differentiate the equation: $dz^*=J\,dz^*+F\,d\theta$, so $dz^*=(I-J)^{-1}F\,d\theta$, and
# $d\ell=g^\top(I-J)^{-1}F\,d\theta=u^\top F\,d\theta$ with $u=(I-J)^{-\top}g$, that is $u=g+J^\top u$. From the left only
# vectors appear: one linear system. $\partial z^*/\partial\theta$ would be a matrix with as many columns as
# parameters, one linear system for each.
#
# (b) $u_K=(I-(J^\top)^K)(I-J^\top)^{-1}g=u-(J^\top)^Ku$ (telescoping sum). As $u$ runs through all vectors when $g$ does, it
# goes to zero for all of them iff $(J^\top)^K\to0$ iff all eigenvalues have modulus below 1 (Jordan form: powers of a block
# are $\mu^K$ times polynomials in $K$). $|J|>1$ allows $|(J^\top)^Ku|$ to grow at first.
#
# (c) $z^*=x/(1-w)$, $z_K=x(1+w+\dots+w^{K-1})=x\frac{1-w^K}{1-w}$. $\partial z_K/\partial x=\frac{1-w^K}{1-w}=u_K$ for $g=1$: the
# same as the series. $\partial z_K/\partial w=x\sum_{j<K}jw^{j-1}$; exact is $x/(1-w)^2$, and what is missing is
# $x\sum_{j\ge K}jw^{j-1}=\frac{x\,w^{K-1}(K-(K-1)w)}{(1-w)^2}$. The series gives $u_Kz^*=\frac{x(1-w^K)}{(1-w)^2}$, and
# misses $\frac{x\,w^K}{(1-w)^2}$. So the series is nearer, by the factor $\frac{K-(K-1)w}w=1+K\frac{1-w}w$.
#
# (d) Backwards from the output: where the layers contract, as they do on the way to an equilibrium, rounding grows
# exponentially, and after the digits are used up, nothing of the path can be recovered. Forwards from checkpoints it
# can always be recomputed, at the price of time.

# %% [markdown] rubric="why_implicit"
# * **1 point** (a): the formula (half), the order with its cost (half).
# * **1 point** (b): the identity (half); iff with the spectral radius, not the norm (half). A proof for diagonalisable $J$
#   is enough.
# * **1.5 points** (c): both derivatives of $z_K$ (half), both of the series (half), the factor (half).
# * **0.5 points** (d): backwards through a contraction; rounding.

# %% [markdown] question="why_monotone" points=4 minutes=35 difficulty="**" written=true
# ## 7.7 Why a monotone layer cannot fail
#
# Let $M=I-W=mI+A^\top A+B^\top-B$ with $m>0$, and $\ell=|M|$. (a) Show $v\cdot Mv\ge m|v|^2$. (b) $z=\mathrm{relu}(y)$ if and
# only if $z\ge0$ and $(y-z)\cdot(w-z)\le0$ for all $w\ge0$ (entry by entry). Use this to show: if $z=\mathrm{relu}(Wz+b)$
# and $z'=\mathrm{relu}(Wz'+b')$, then $|z-z'|\le|b-b'|/m$. What follows for uniqueness, and for robustness against small
# changes of the input? (c) Show that forward-backward splitting contracts for $0<\alpha<2m/\ell^2$, find the best factor, and
# conclude that an equilibrium exists. (d) The reflection $C_F(v)=2z-v$ with $z+\alpha(Mz-b)=v$ of Peaceman-Rachford: show
# $|C_F(v)-C_F(v')|^2\le\bigl(1-\frac{4\alpha m}{(1+\alpha\ell)^2}\bigr)|v-v'|^2$. Which $\alpha$ is best, and how do the
# numbers of steps of the two methods scale with $\ell/m$?

# %% [markdown] solution="why_monotone"
# (a) $v\cdot Mv=m|v|^2+|Av|^2+v\cdot B^\top v-v\cdot Bv=m|v|^2+|Av|^2\ge m|v|^2$.
#
# (b) With $y=Wz+b$, $y-z=b-Mz$. Take $w=z'$ in the first condition and $w=z$ in the second: $(b-Mz)\cdot(z'-z)\le0$ and
# $(b'-Mz')\cdot(z-z')\le0$. Add, with $\delta=z'-z$: $(b-b')\cdot\delta+\delta\cdot M\delta\le0$, so
# $m|\delta|^2\le\delta\cdot M\delta\le(b'-b)\cdot\delta\le|b'-b||\delta|$. With $b=b'$: at most one equilibrium. The map from
# inputs to equilibria is Lipschitz with the constant $1/m$ (times $|U|$, where $b=Ux+\dots$): an adversarial change of size
# $\epsilon$ moves the state by at most $|U|\epsilon/m$.
#
# (c) One step is $T(z)=\mathrm{relu}((I-\alpha M)z+\alpha b)$; relu is 1-Lipschitz, so
# $|T(z)-T(z')|^2\le|\delta-\alpha M\delta|^2=|\delta|^2-2\alpha\,\delta\cdot M\delta+\alpha^2|M\delta|^2
# \le(1-2\alpha m+\alpha^2\ell^2)|\delta|^2$, below 1 iff $\alpha<2m/\ell^2$, smallest at $\alpha=m/\ell^2$: factor
# $\sqrt{1-m^2/\ell^2}$. By Banach's theorem $T$ has a fixed point, which is an equilibrium, as $z=\mathrm{relu}(y)$ iff
# $z=\mathrm{relu}(z+\alpha(y-z))$.
#
# (d) With $\zeta=z-z'$, $v-v'=\zeta+\alpha M\zeta$ and $C_F(v)-C_F(v')=\zeta-\alpha M\zeta$. The squares differ by
# $4\alpha\,\zeta\cdot M\zeta\ge4\alpha m|\zeta|^2$, and $|v-v'|\le(1+\alpha\ell)|\zeta|$, so
# $|\zeta|^2\ge|v-v'|^2/(1+\alpha\ell)^2$. This gives the bound. $\alpha/(1+\alpha\ell)^2$ is largest at $\alpha=1/\ell$: factor
# $\sqrt{1-m/\ell}$ (the reflection of the relu, $|u|$, does not expand). Steps per digit: proportional to $(\ell/m)^2$ and
# to $\ell/m$.

# %% [markdown] rubric="why_monotone"
# * **0.5 points** (a).
# * **1.5 points** (b): both conditions used and added (one), uniqueness and the Lipschitz constant named (half).
# * **1 point** (c): factor and range (half), existence by Banach with the remark why a fixed point of $T$ is an equilibrium
#   (half).
# * **1 point** (d): the bound (half), best $\alpha$ and both scalings (half).

# %% [markdown]
# ## Further reading
#
# * S. Bai, J. Z. Kolter and V. Koltun (2019), [Deep equilibrium models](https://arxiv.org/abs/1909.01377). Section 3:
#   question 7.1 for a transformer.
# * R. Chen, Y. Rubanova, J. Bettencourt and D. Duvenaud (2018), [Neural ordinary differential
#   equations](https://arxiv.org/abs/1806.07366). Question 7.3; the proof is in an appendix.
# * A. Gholami, K. Keutzer and G. Biros (2019), [ANODE](https://arxiv.org/abs/1902.10298). Discretise first, or optimise
#   first.
# * E. Haber and L. Ruthotto (2017), [Stable architectures for deep neural
#   networks](https://arxiv.org/abs/1705.03341). Antisymmetric weights.
# * S. Hayou (2022), [On the infinite-depth limit of finite-width neural networks](https://arxiv.org/abs/2210.00688).
#   Question 7.4 with activation functions, some of which still have closed forms.
# * M. Li, M. Nica and D. Roy (2022), [The neural covariance SDE](https://arxiv.org/abs/2206.02768). Two inputs, and depth in
#   proportion to width.
# * Z. Feng and J. Z. Kolter (2023), [On the neural tangent kernel of equilibrium
#   models](https://arxiv.org/abs/2310.14062). Question 7.5, and the kernel that training follows.
# * E. Winston and J. Z. Kolter (2020), [Monotone operator equilibrium networks](https://arxiv.org/abs/2006.08591). Question
#   7.7.
# * S. Bai, V. Koltun and J. Z. Kolter (2021), [Stabilizing equilibrium models by Jacobian
#   regularization](https://arxiv.org/abs/2106.14342). What happens near the transition in practice.
