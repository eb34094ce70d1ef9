"""The group first: moved functions are compared with f, and convolutions turn the picture instead of the filter."""

import functools

import jax
import jax.numpy as jnp


def _turn(a, times):
    return jnp.rot90(a, times, axes=(-2, -1))


def _valid(x, w):
    return jax.lax.conv_general_dilated(x[None], w, (1, 1), "VALID")[0]


def equivariance_error(f, rho_in, rho_out, x):
    def squared_gap(pair, v):
        a, b = pair
        return jnp.linalg.norm(f(a @ v) - b @ f(v)) ** 2

    table = jax.vmap(lambda v: jax.vmap(lambda a, b: squared_gap((a, b), v))(rho_in, rho_out))(x)
    return jnp.sqrt(jnp.mean(table)) / jnp.sqrt(jnp.mean(jnp.linalg.norm(jax.vmap(f)(x), axis=1) ** 2))


def reynolds(f, rho_in, rho_out):
    """One long column of all rho_in(g) x, and one long row that undoes at the output and averages."""
    undo = jnp.concatenate(list(jnp.linalg.inv(rho_out)), axis=1) / len(rho_out)
    return lambda x: undo @ jnp.concatenate([f(a @ x) for a in rho_in])


def lift(image, filters):
    """x * R^r psi = R^r (R^-r x * psi)."""
    return jnp.stack([_turn(_valid(_turn(image, -r), filters), r) for r in range(4)], axis=1)


def group_conv(features, filters):
    c_out = filters.shape[0]
    flat = filters.reshape(c_out, -1, *filters.shape[3:])
    planes = []
    for r in range(4):
        moved_back = _turn(jnp.roll(features, -r, axis=1), -r)
        planes.append(_turn(_valid(moved_back.reshape(-1, *moved_back.shape[2:]), flat), r))
    return jnp.stack(planes, axis=1)


def egnn_layer(x, h, phi_e, phi_x, phi_h):
    """One receiver at a time: the others are the points rolled by 1 ... n - 1."""
    n = len(x)
    senders = jnp.stack([jnp.roll(jnp.arange(n), -k) for k in range(1, n)])

    def receive(i, others):
        message = lambda j: phi_e(h[i], h[j], jnp.sum((x[i] - x[j]) ** 2))
        m = jax.vmap(message)(others)
        moves = (x[i] - x[others]) * jax.vmap(phi_x)(m)[:, None]
        return x[i] + moves.mean(axis=0), phi_h(h[i], m.sum(axis=0))

    return jax.vmap(receive)(jnp.arange(n), senders.T)


def frame_average(f, x):
    """One axis flipped after the other, recursively."""
    t = jnp.mean(x, axis=0, keepdims=True)
    _, U = jnp.linalg.eigh(jnp.cov(x, rowvar=False))
    d = x.shape[1]

    def mean_over_signs(signs):
        if len(signs) == d:
            R = U @ jnp.diag(jnp.array(signs))
            return f((x - t) @ R) @ R.T
        return 0.5 * functools.reduce(jnp.add, [mean_over_signs((*signs, s)) for s in (1.0, -1.0)])

    return t + mean_over_signs(())
