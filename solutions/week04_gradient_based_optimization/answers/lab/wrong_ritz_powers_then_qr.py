"""The powers v, Hv, H^2 v are normalised singly and orthogonalized at the end.

question: ritz
fails: TestRitz::test_sixty_steps_in_three_hundred_dimensions
kind: subtle
"""

import numpy as np
import jax.numpy as jnp


def ritz_extremes(matvec, start, steps):
    u = np.asarray(start, float); u = u / np.linalg.norm(u)
    K = []
    for _ in range(steps):
        K.append(u)
        u = np.asarray(matvec(jnp.asarray(u, jnp.float32)), float)
        if np.linalg.norm(u) == 0:
            break
        u = u / np.linalg.norm(u)
    U, s, _ = np.linalg.svd(np.stack(K).T, full_matrices=False)
    Q = U[:, s > 1e-5 * s[0]]
    HQ = np.stack([np.asarray(matvec(jnp.asarray(q, jnp.float32)), float) for q in Q.T], axis=1)
    e = np.linalg.eigvalsh((Q.T @ HQ + HQ.T @ Q) / 2)
    return e[0], e[-1]
