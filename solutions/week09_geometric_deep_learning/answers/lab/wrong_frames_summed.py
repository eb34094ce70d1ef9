"""The sum over frames in place of the mean.

question: frames
fails: TestFrames::test_clouds_in_the_plane
kind: usual
"""

import itertools

import jax.numpy as jnp


def frame_average(f, x):
    t = x.mean(axis=0)
    y = x - t
    _, U = jnp.linalg.eigh(y.T @ y)
    U = U
    total, count = 0.0, 0
    for s in itertools.product([1.0, -1.0], repeat=x.shape[1]):
        R = U * jnp.array(s)
        total, count = total + f(y @ R) @ R.T, count + 1
    return t + total
