"""jax.nn and lax.scan."""


def cross_entropy(logits, labels, smoothing):
    log_p = jax.nn.log_softmax(logits)
    picked = jnp.take_along_axis(log_p, labels[:, None], axis=1)[:, 0]
    return jnp.mean(-(1 - smoothing) * picked - smoothing * log_p.mean(axis=1))


def attention(queries, keys, values):
    scores = jnp.einsum("id,jd->ij", queries, keys) / queries.shape[1] ** 0.5
    mask = jnp.tril(jnp.ones_like(scores)) > 0
    return jax.nn.softmax(jnp.where(mask, scores, -jnp.inf), axis=-1) @ values


def momentum(loss, start, rate, memory, steps):
    def step(state, _):
        x, v = state
        v = memory * v - rate * jax.grad(loss)(x)
        return (x + v, v), x + v

    _, path = jax.lax.scan(step, (start, jnp.zeros_like(start)), None, length=steps)
    return jnp.concatenate([start[None], path])
