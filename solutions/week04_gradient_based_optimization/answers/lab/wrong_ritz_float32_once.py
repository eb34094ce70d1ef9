"""Everything in float32, orthogonalized once.

question: ritz
fails: TestRitz::test_the_space_stops_growing
kind: usual
"""

import jax.numpy as jnp


def ritz_extremes(matvec, start, steps):
    q = start / jnp.linalg.norm(start)
    Q, A = [q], []
    for _ in range(steps):
        y = matvec(Q[-1]); A.append(y)
        B = jnp.stack(Q)
        r = y - B.T @ (B @ y)
        if jnp.linalg.norm(r) <= 1e-5 * jnp.linalg.norm(y):
            break
        Q.append(r / jnp.linalg.norm(r))
    T = jnp.stack(Q[: len(A)]) @ jnp.stack(A).T
    e = jnp.linalg.eigvalsh((T + T.T) / 2)
    return e[0], e[-1]
