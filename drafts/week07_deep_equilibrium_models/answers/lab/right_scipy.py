"""einsum, SciPy and dense matrices: block Jacobians by masked reverse mode, a bordered system, resolvents by LU, an adjoint hook."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg
import scipy.optimize


def layers(weights):
    leaves, form = jax.tree.flatten(weights)
    return [jax.tree.unflatten(form, parts) for parts in zip(*leaves, strict=True)]


def residual_network(v, weights, h, time):
    stack = layers(weights)
    states = [h]
    for w in stack:
        states.append(states[-1] + (time / len(stack)) * v(w, states[-1]))
    return states[-1]


def undo(v, weights, h, time, iterations):
    stack = layers(weights)
    for w in stack[::-1]:
        guesses = [h]
        for k in range(iterations):
            guesses.append(h - (time / len(stack)) * v(w, guesses[k]))
        h = guesses[-1]
    return h


def iterate(f, z0, step, tol, max_steps):
    z, norms, left = jnp.asarray(z0), [], max_steps
    while True:
        image = f(z)
        norms.append(scipy.linalg.norm(np.ravel(image - z)))
        if norms[-1] <= tol or not left:
            return z, tuple(norms)
        z, left = z + step * (image - z), left - 1


def largest_step(J):
    J = np.asarray(J)
    if scipy.linalg.eigvals(J).real.max() >= 1:
        return 0.0
    radius = lambda eta: np.abs(scipy.linalg.eigvals(np.eye(len(J)) + eta * (J - np.eye(len(J))))).max() - 1
    top = 1.0
    while radius(top) < 0:
        top *= 2
    low = top
    while radius(low) >= 0:
        low /= 2
    return scipy.optimize.brentq(radius, low, 2 * low, xtol=1e-13, rtol=1e-12)


def newton(f, z0, tol, max_steps):
    z, norms = jnp.asarray(z0), []
    for _ in range(max_steps + 1):
        change = f(z) - z
        norms.append(jnp.sqrt(jnp.einsum("nd,nd->", change, change)))
        if norms[-1] <= tol or len(norms) > max_steps:
            break
        total = lambda v, i: jnp.sum(f(v)[:, i])
        blocks = jnp.stack([jax.grad(total)(z, i) for i in range(z.shape[1])], axis=1)
        inverse = jnp.linalg.inv(jnp.eye(z.shape[1]) - blocks)
        z = z + jnp.einsum("nij,nj->ni", inverse, change)
    return z, norms


def anderson(f, z0, memory, tol, max_steps):
    history, norms, z = [], [], np.asarray(z0)
    while True:
        image = np.asarray(f(jnp.asarray(z)))
        norms.append(scipy.linalg.norm(image - z))
        if norms[-1] <= tol or len(norms) > max_steps:
            return z, norms
        history = [*history, (image, image - z)][-memory - 1 :]
        images, residuals = (np.stack(part, axis=1) for part in zip(*history, strict=True))
        count = images.shape[1]
        # Steps between neighbours span the weights that sum to 0.
        steps = np.eye(count)[:, 1:] - np.eye(count)[:, :-1]
        alpha = np.eye(count)[-1]
        if count > 1:
            alpha = alpha - steps @ scipy.linalg.lstsq(residuals @ steps, residuals[:, -1])[0]
        z = images @ alpha


@functools.partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def hook(f, solve, y, params, x, z):
    """The identity in y, whose cotangent is put through a linear system."""
    return y


def put_through(f, solve, kept, g):
    params, x, z = kept
    pull = jax.vjp(lambda z: f(params, x, z), z)[1]
    return solve(lambda u: g + pull(u)[0], 0 * g), jax.tree.map(jnp.zeros_like, params), 0 * x, 0 * z


hook.defvjp(lambda f, solve, y, params, x, z: (y, (params, x, z)), put_through)


def equilibrium(f, solve, params, x, z0):
    still_params, still_x = jax.lax.stop_gradient((params, x))
    z = jax.lax.stop_gradient(solve(lambda z: f(still_params, still_x, z), jax.lax.stop_gradient(z0)))
    return hook(f, solve, f(params, x, z), still_params, still_x, z)


def truncated_gradient(f, params, x, z, cotangent, terms):
    J = np.asarray(jax.jacobian(lambda v: f(params, x, v.reshape(z.shape)).ravel())(jnp.ravel(z)))
    u, term = np.zeros(z.size), np.ravel(cotangent)
    for _ in range(terms):
        u, term = u + term, J.T @ term
    value = lambda params, x: jnp.vdot(f(params, x, z), jnp.asarray(u.reshape(z.shape)))
    return jax.grad(value, argnums=(0, 1))(params, x)


def monotone_weight(A, B, m):
    return (1 - m) * jnp.identity(B.shape[1]) - jnp.tensordot(A, A, axes=(0, 0)) + B - jnp.swapaxes(B, 0, 1)


def safe_step(W):
    M = np.identity(len(W)) - np.asarray(W)
    mu, norm = scipy.linalg.eigh((M + M.T) / 2, eigvals_only=True)[0], scipy.linalg.svdvals(M)[0]
    return np.array([mu / norm**2, np.cos(np.arcsin(min(mu / norm, 1.0)))])


def forward_backward(W, b, alpha, steps):
    z = np.zeros(np.shape(b))
    step = np.identity(len(W)) + alpha * (np.asarray(W) - np.identity(len(W)))
    for _ in range(steps):
        z = np.clip(np.einsum("ij,nj->ni", step, z) + alpha * np.asarray(b), 0, None)
    return z


def peaceman_rachford(W, b, alpha, steps):
    factors = scipy.linalg.lu_factor(np.identity(len(W)) * (1 + alpha) - alpha * np.asarray(W))
    u = np.zeros(np.shape(b)).T
    for _ in range(steps):
        v = np.abs(u)
        u = 2 * scipy.linalg.lu_solve(factors, v + alpha * np.asarray(b).T) - v
    return np.where(u > 0, u, 0).T
