"""NumPy and plain loops, row by row; weights taken apart by recursion; Walker and Ni's form of Anderson; a dense Newton step."""

import cmath

import jax
import jax.numpy as jnp
import numpy as np


def layer_of(weights, index):
    """The weights of one layer, from nests of dictionaries, lists and tuples."""
    if isinstance(weights, dict):
        return {name: layer_of(part, index) for name, part in weights.items()}
    if isinstance(weights, (list, tuple)):
        return type(weights)(layer_of(part, index) for part in weights)
    return weights[index]


def depth_of(weights):
    while isinstance(weights, (dict, list, tuple)):
        weights = next(iter(weights.values())) if isinstance(weights, dict) else weights[0]
    return weights.shape[0]


def residual_network(v, weights, h, time):
    L = depth_of(weights)
    for index in range(L):
        h = h + v(layer_of(weights, index), h) * (time / L)
    return h


def undo(v, weights, h, time, iterations):
    L = depth_of(weights)
    index = L - 1
    while index >= 0:
        guess = h
        for _ in range(iterations):
            guess = h - v(layer_of(weights, index), guess) * (time / L)
        h, index = guess, index - 1
    return h


def iterate(f, z0, step, tol, max_steps):
    z = np.asarray(z0)
    image = np.asarray(f(jnp.asarray(z)))
    norms = [float(np.sqrt(np.sum((image - z) ** 2)))]
    for _ in range(max_steps):
        if norms[-1] <= tol:
            break
        z = (1 - step) * z + step * image
        image = np.asarray(f(jnp.asarray(z)))
        norms.append(float(np.sqrt(np.sum((image - z) ** 2))))
    return z, np.array(norms)


def largest_step(J):
    bounds = []
    for mu in np.linalg.eigvals(np.asarray(J)).tolist():
        distance, angle = cmath.polar(1 - mu)
        bounds.append(2 * np.cos(angle) / distance)
    return max(min(bounds), 0.0)


def newton(f, z0, tol, max_steps):
    z, norms = np.array(z0), []
    for k in range(max_steps + 1):
        image, pull = jax.vjp(f, jnp.asarray(z))
        change = np.asarray(image) - z
        norms.append(float(np.sqrt((change**2).sum())))
        if norms[-1] <= tol or k == max_steps:
            break
        d = z.shape[1]
        rows = [np.asarray(pull(jnp.zeros(z.shape).at[:, i].set(1.0))[0]) for i in range(d)]  # row i of every Jacobian
        for n in range(len(z)):
            z[n] += np.linalg.solve(np.eye(d) - np.array([row[n] for row in rows]), change[n])
    return z, norms


def anderson(f, z0, memory, tol, max_steps):
    z = np.asarray(z0)
    image = np.asarray(f(jnp.asarray(z)))
    r, norms, dF, dG = image - z, [], [], []
    for k in range(max_steps + 1):
        norms.append(float(np.linalg.norm(r)))
        if norms[-1] <= tol or k == max_steps:
            break
        z = image
        if dF:
            Q, R = np.linalg.qr(np.array(dF).T)
            z = z - np.array(dG).T @ np.linalg.solve(R, Q.T @ r)
        new = np.asarray(f(jnp.asarray(z)))
        dF.append(new - z - r)
        dG.append(new - image)
        dF, dG = (dF[-memory:], dG[-memory:]) if memory else ([], [])
        image, r = new, new - z
    return z, norms


def equilibrium(f, solve, params, x, z0):
    """A Newton step from the solution changes nothing but has the right derivative, its Jacobian held fixed."""
    held = jax.lax.stop_gradient
    z = held(solve(lambda z: f(held(params), held(x), z), held(z0)))
    moved = lambda v: jax.jvp(lambda z: f(held(params), held(x), z), (z,), (v,))[1]
    by_iteration = lambda matvec, right: solve(lambda v: right + v - matvec(v), right)
    return z + jax.lax.custom_linear_solve(lambda v: v - moved(v), f(params, x, z) - z, by_iteration, by_iteration)


def truncated_gradient(f, params, x, z, cotangent, terms):
    pull = jax.vjp(f, params, x, z)[1]
    term, total = cotangent, cotangent
    for _ in range(1, terms):
        term = pull(term)[2]
        total = total + term
    return list(pull(total)[:2])


def monotone_weight(A, B, m):
    d = B.shape[0]
    gram = sum((jnp.outer(row, row) for row in A), jnp.zeros((d, d)))
    return jnp.diag(jnp.full(d, 1.0 - m)) - gram + (B - B.T)


def safe_step(W):
    M = np.eye(len(W)) - np.asarray(W)
    mu, norm = np.linalg.eigvalsh(M + M.T).min() / 2, np.sqrt(np.linalg.eigvalsh(M.T @ M).max())
    ratio = mu / norm
    return [ratio / norm, np.sqrt(abs((1 - ratio) * (1 + ratio)))]


def forward_backward(W, b, alpha, steps):
    W, rows = np.asarray(W), []
    for shift in np.asarray(b):
        z = np.zeros(len(shift))
        for _ in range(steps):
            z = np.maximum((1 - alpha) * z + alpha * (W @ z + shift), 0)
        rows.append(z.tolist())
    return rows


def peaceman_rachford(W, b, alpha, steps):
    W, rows = np.asarray(W), []
    inverse = np.linalg.inv((1 + alpha) * np.eye(len(W)) - alpha * W)
    for shift in np.asarray(b):
        u = np.zeros(len(shift))
        for _ in range(steps):
            v = 2 * np.maximum(u, 0) - u
            u = 2 * inverse @ (v + alpha * shift) - v
        rows.append(np.maximum(u, 0))
    return np.array(rows)
