"""JAX in float32 throughout: the triangle of Stirling numbers, patterns from sorted pairs, closure by comparing, vmap over angles."""

import jax
import jax.numpy as jnp


def equivariant_dimension(n, k, l):  # noqa: E741
    row = [1]
    for _ in range(k + l):
        row = [j * (row[j] if j < len(row) else 0) + (row[j - 1] if j else 0) for j in range(len(row) + 1)]
    return sum(row[: n + 1])


def layer_weights(n, k, l, c_in, c_out):  # noqa: E741
    weights, bias = equivariant_dimension(n, k, l), equivariant_dimension(n, 0, l)
    return sum(sum(weights for _ in range(c_in)) + bias for _ in range(c_out))


def equivariant_basis(n, k, l):  # noqa: E741
    """Two tuples are alike if the same pairs of slots are equal; a pattern is a column of that comparison."""
    slots = k + l
    if slots == 0:
        return [jnp.ones((1, 1))]
    tuples = jnp.stack(jnp.meshgrid(*[jnp.arange(n)] * slots, indexing="ij"), axis=-1).reshape(-1, slots)
    pairs = (tuples[:, :, None] == tuples[:, None, :]).reshape(len(tuples), -1)
    kinds = jnp.unique(pairs, axis=0)
    return [jnp.all(pairs == kind, axis=1).reshape(n**l, n**k) for kind in kinds]


def _elements(generators):
    """All products, in float32; each time multiplied once more by every generator, what is new kept."""
    found = jnp.eye(generators.shape[1])[None]
    while True:
        longer = jnp.concatenate([found, jnp.einsum("sij,gjk->sgik", generators, found).reshape(-1, *found.shape[1:])])
        distance = jnp.abs(longer[:, None] - longer[None]).max(axis=(2, 3))
        new = ~jnp.any(jnp.tril(distance < 0.1, k=-1), axis=1)
        if int(new.sum()) == len(found):
            return found
        found = longer[new]


def invariant_projector(generators):
    return _elements(jnp.asarray(generators)).mean(axis=0)


def equivariant_part(A, generators_in, generators_out):
    n = generators_in.shape[1]
    blocks = jax.vmap(lambda a, b: jax.scipy.linalg.block_diag(a, b))(generators_in, generators_out)
    elements = _elements(blocks)
    return jnp.einsum("gab,bc,gcd->ad", jnp.linalg.inv(elements)[:, n:, n:], A, elements[:, :n, :n]) / len(elements)


def steerable_basis(m, n, phi):
    def rho(f, angle):
        c, s = jnp.cos(f * angle), jnp.sin(f * angle)
        return jnp.array([[c, -s], [s, c]]) if f else jnp.ones((1, 1))

    d_n, d_m = (2 if n else 1), (2 if m else 1)
    units = jnp.eye(d_n * d_m).reshape(-1, d_n, d_m)
    return jax.vmap(lambda unit: jax.vmap(lambda a: rho(n, a) @ unit @ rho(m, -a))(phi))(units)
