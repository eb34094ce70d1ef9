"""JAX throughout: scan over layers, while_loop, vmap over directions and rows, custom_vjp at the top level."""

import functools

import jax
import jax.numpy as jnp


def residual_network(v, weights, h, time):
    depth = jax.tree.leaves(weights)[0].shape[0]
    return jax.lax.scan(lambda h, w: (h + time / depth * v(w, h), None), h, weights)[0]


def undo(v, weights, h, time, iterations):
    depth = jax.tree.leaves(weights)[0].shape[0]

    def back(output, w):
        return jax.lax.fori_loop(0, iterations, lambda _, h: output - time / depth * v(w, h), output), None

    return jax.lax.scan(back, h, weights, reverse=True)[0]


def iterate(f, z0, step, tol, max_steps):
    z0 = jnp.asarray(z0)
    norm = lambda z: jnp.sqrt(jnp.sum((f(z) - z) ** 2))

    def further(carry):
        k, z, norms = carry
        z = z + step * (f(z) - z)
        return k + 1, z, norms.at[k + 1].set(norm(z))

    unfinished = lambda carry: (carry[0] < max_steps) & ~(carry[2][carry[0]] <= tol)
    start = (jnp.array(0), z0, jnp.zeros(max_steps + 1).at[0].set(norm(z0)))
    k, z, norms = jax.lax.while_loop(unfinished, further, start)
    return z, norms[: int(k) + 1]


def largest_step(J):
    gaps = 1 - jnp.linalg.eigvals(J)
    # 2 Re(gap) / |gap|^2 is twice the real part of 1 / gap.
    return jnp.where((gaps.real > 0).all(), 2 * jnp.min(jnp.real(1 / gaps)), 0.0)


def newton(f, z0, tol, max_steps):
    axes = jnp.eye(z0.shape[1])

    @jax.jit
    def look(z):
        image, push = jax.linearize(f, z)
        columns = jax.vmap(lambda e: push(jnp.tile(e, (z.shape[0], 1))))(axes)
        step = jax.vmap(lambda J, r: jnp.linalg.solve(axes - J, r))(columns.transpose(1, 2, 0), image - z)
        return jnp.sqrt(jnp.sum((image - z) ** 2)), z + step

    z, norms = z0, []
    while True:
        norm, after = look(z)
        norms.append(norm)
        if norm <= tol or len(norms) == max_steps + 1:
            return z, jnp.stack(norms)
        z = after


def anderson(f, z0, memory, tol, max_steps):
    """Rings of fixed size; places that are not filled yet are columns of zeros, which least squares gives no weight."""
    d, size = z0.shape[0], memory + 1
    images, residuals, z, norms = jnp.zeros((size, d)), jnp.zeros((size, d)), z0, []
    for k in range(max_steps + 1):
        image = f(z)
        norms.append(jnp.linalg.norm(image - z))
        if norms[-1] <= tol or k == max_steps:
            break
        images = images.at[k % size].set(image)
        residuals = residuals.at[k % size].set(image - z)
        filled = (jnp.arange(size) <= k)[:, None]
        differences = jnp.where(filled, image - z - residuals, 0.0)
        mix = jnp.linalg.lstsq(differences.T, image - z)[0]
        z = image - jnp.where(filled, image - images, 0.0).T @ mix
    return z, norms


@functools.partial(jax.custom_vjp, nondiff_argnums=(0, 1))
def equilibrium(f, solve, params, x, z0):
    return solve(functools.partial(f, params, x), z0)


def keep(f, solve, params, x, z0):
    z = equilibrium(f, solve, params, x, z0)
    return z, jax.vjp(f, params, x, z)[1]


def send_back(f, solve, pull, g):
    u = solve(lambda u: g + pull(u)[2], jnp.zeros_like(g))
    of_params, of_x, _ = pull(u)
    return of_params, of_x, jnp.zeros_like(g)


equilibrium.defvjp(keep, send_back)


def truncated_gradient(f, params, x, z, cotangent, terms):
    pull = jax.vjp(f, params, x, z)[1]
    u = jax.lax.fori_loop(0, terms - 1, lambda _, u: cotangent + pull(u)[2], cotangent)
    return pull(u)[:2]


def monotone_weight(A, B, m):
    identity = jnp.eye(B.shape[0])
    return identity - (m * identity + jnp.einsum("ki,kj->ij", A, A) + B.T - B)


def safe_step(W):
    M = jnp.eye(W.shape[0]) - W
    mu, norm = jnp.min(jnp.linalg.eigvalsh(0.5 * (M + M.T))), jnp.max(jnp.linalg.svd(M, compute_uv=False))
    alpha = mu / norm**2
    return alpha, jnp.sqrt(jnp.abs(1 - 2 * alpha * mu + (alpha * norm) ** 2))


def forward_backward(W, b, alpha, steps):
    one = lambda shift: jax.lax.fori_loop(
        0, steps, lambda _, z: jnp.maximum(z - alpha * (z - W @ z - shift), 0.0), jnp.zeros_like(shift)
    )
    return jax.vmap(one)(b)


def peaceman_rachford(W, b, alpha, steps):
    identity = jnp.eye(W.shape[0])
    factors = jax.scipy.linalg.lu_factor(identity + alpha * (identity - W))

    def once(_, u):
        v = jnp.where(u > 0, u, -u)
        return 2 * jax.scipy.linalg.lu_solve(factors, v + alpha * b.T) - v

    return jnp.maximum(jax.lax.fori_loop(0, steps, once, jnp.zeros_like(b.T)), 0.0).T
