"""One example at a time by vmap over flattened parameters; linearize and its transpose; doubling of an affine map."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree


def rows(f, params, x):
    """Jacobian of each example by itself, (n, k, P)."""
    w, form = ravel_pytree(params)
    return jax.vmap(lambda row: jax.jacrev(lambda w: f(form(w), row[None])[0])(w))(x)


def empirical_ntk(f, params, x1, x2):
    first, second = rows(f, params, x1), rows(f, params, x2)
    return jnp.tensordot(first, second, axes=(2, 2)).transpose(0, 2, 1, 3)


def ntk_times(f, params, x, v):
    _, push = jax.linearize(lambda p: f(p, x), params)
    (pulled,) = jax.linear_transpose(push, params)(jnp.asarray(v))
    return push(pulled)


def layer_kernels(params, x1, x2, phi, slope):
    def example(row):
        """Inputs of the layers and what flows back to their outputs, for one input."""
        hs, zs = [row], []
        for W, b in params:
            zs.append(hs[-1] @ W / jnp.sqrt(len(W)) + b)
            hs.append(phi(zs[-1]))
        back = [jnp.ones(1)]
        for (W, _), z in zip(params[:0:-1], zs[-2::-1], strict=True):
            back.insert(0, slope(z) * (W @ back[0]) / jnp.sqrt(len(W)))
        return hs[:-1], back

    (h, d), (g, e) = jax.vmap(example)(x1), jax.vmap(example)(x2)
    inner = lambda a, b: jnp.einsum("ip,jp->ij", a, b)
    return [inner(d[i], e[i]) * (inner(h[i], g[i]) / h[i].shape[1] + 1) for i in range(len(params))]


def linearise(f, params0):
    def straight(params, x):
        value, push = jax.linearize(lambda p: f(p, x), params0)
        return value + push(jax.tree.map(lambda a, b: a - b, params, params0))

    return straight


def kernel_flow(K, K_new, y, f0, f0_new, t):
    """The flow of (error, new outputs) as a linear map, made of many short ones by repeated squaring."""
    K, K_new, y, f0, f0_new = (np.asarray(a, np.float64) for a in (K, K_new, y, f0, f0_new))
    n, m = len(K), len(K_new)
    G = np.zeros((n + m, n + m))
    G[:n, :n], G[n:, :n] = -K / n, -K_new / n
    G = G * t / 2**40
    step = G + G @ G / 2  # the map minus the identity
    for _ in range(40):
        step = 2 * step + step @ step
    state = np.concatenate([f0 - y, f0_new])
    state = state + step @ state
    return [y + state[:n], state[n:]]


def scaled_step(f, params0, params, x, y, alpha, eta):
    now, pull = jax.vjp(lambda p: f(p, x), params)
    error = alpha * (now - f(params0, x)) - y
    (gradient,) = pull(error / len(x))
    return jax.tree.map(lambda w, g: w - eta * g / alpha, params, gradient)


def alignment(K, y):
    n = len(K)
    H = jnp.eye(n) - 1 / n
    A, B = H @ K @ H, H @ y
    return jnp.trace(B.T @ A @ B) / (jnp.sqrt(jnp.trace(A @ A)) * jnp.linalg.norm(B.T @ B))


def gradient_outer_product(f, params, x):
    one = lambda row: jax.jacfwd(lambda r: f(params, r[None])[0])(row)
    return jnp.mean(jax.vmap(lambda row: one(row).T @ one(row))(x), axis=0)
