"""Less than 1e-3 |H q| is taken for nothing.

question: ritz
fails: TestRitz::test_the_space_stops_growing
kind: subtle
"""

import numpy as np
import jax.numpy as jnp


def ritz_extremes(matvec, start, steps):
    Q, A = [np.asarray(start, float) / np.linalg.norm(np.asarray(start, float))], []
    for _ in range(steps):
        y = np.asarray(matvec(jnp.asarray(Q[-1], jnp.float32)), float); A.append(y)
        B = np.stack(Q)
        r = y - B.T @ (B @ y); r = r - B.T @ (B @ r)
        if np.linalg.norm(r) <= 1e-3 * np.linalg.norm(y):
            break
        Q.append(r / np.linalg.norm(r))
    e = np.linalg.eigvalsh(np.stack(Q[: len(A)]) @ np.stack(A).T)
    return e[0], e[-1]
