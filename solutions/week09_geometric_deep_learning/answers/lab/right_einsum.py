"""Everything as one contraction: patches, stacked filter banks, tables of pairs, singular vectors."""

import jax
import jax.numpy as jnp
import numpy as np


def equivariance_error(f, rho_in, rho_out, x):
    order, batch = len(rho_in), len(x)
    moved = jnp.einsum("gab,ib->gia", rho_in, x).reshape(order * batch, -1)
    images = jnp.stack([f(v) for v in moved]).reshape(order, batch, -1)
    outputs = jnp.stack([f(v) for v in x])
    gap = images - jnp.einsum("gab,ib->gia", rho_out, outputs)
    return jnp.linalg.norm(gap) / (jnp.linalg.norm(outputs) * np.sqrt(order))


def reynolds(f, rho_in, rho_out):
    def averaged(x):
        moved = jnp.einsum("gab,b->ga", rho_in, x)
        return jnp.mean(jnp.linalg.solve(rho_out, jnp.stack([f(v) for v in moved])[..., None])[..., 0], axis=0)

    return averaged


def _patches(x, k):
    rows, columns = x.shape[-2] - k + 1, x.shape[-1] - k + 1
    return jnp.stack([
        jnp.stack([x[..., u : u + rows, v : v + columns] for v in range(k)], axis=-1) for u in range(k)
    ], axis=-2)  # fmt: skip


def lift(image, filters):
    bank = jnp.stack([jnp.rot90(filters, r, axes=(2, 3)) for r in range(4)])
    return jnp.einsum("cijuv,rocuv->orij", _patches(image, filters.shape[-1]), bank)


def group_conv(features, filters):
    bank = jnp.stack([
        jnp.stack([jnp.rot90(filters[:, :, (s - r) % 4], r, axes=(2, 3)) for s in range(4)]) for r in range(4)
    ])  # fmt: skip
    return jnp.einsum("csijuv,rsocuv->orij", _patches(features, filters.shape[-1]), bank)


def egnn_layer(x, h, phi_e, phi_x, phi_h):
    n = len(x)
    receiver, sender = np.nonzero(1 - np.eye(n))
    apart = x[receiver] - x[sender]
    messages = jax.vmap(phi_e)(h[receiver], h[sender], jnp.einsum("ed,ed->e", apart, apart))
    moves = jax.ops.segment_sum(apart * jax.vmap(phi_x)(messages)[:, None], receiver, n)
    return x + moves / (n - 1), jax.vmap(phi_h)(h, jax.ops.segment_sum(messages, receiver, n))


def frame_average(f, x):
    d, t = x.shape[1], x.mean(axis=0)
    axes = jnp.linalg.svd(x - t, full_matrices=False)[2][::-1].T
    signs = 1.0 - 2.0 * ((np.arange(2**d)[:, None] >> np.arange(d)) & 1)
    frames = jnp.einsum("ab,sb->sab", axes, signs)
    images = jnp.stack([f(y) for y in jnp.einsum("na,sab->snb", x - t, frames)])
    return t + jnp.einsum("snb,sab->na", images, frames) / 2**d
