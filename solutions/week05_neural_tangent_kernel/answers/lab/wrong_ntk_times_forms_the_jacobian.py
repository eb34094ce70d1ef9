"""Right, by way of the Jacobian.

question: ntk_times
fails: TestNtkTimes::test_three_hundred_thousand_parameters
kind: subtle
"""

import jax
import jax.numpy as jnp



def ntk_times(f, params, x, v):
    leaves = jax.tree.leaves(jax.jacobian(f)(params, x))
    J = jnp.concatenate([leaf.reshape(v.size, -1) for leaf in leaves], axis=1)
    return (J @ (J.T @ v.ravel())).reshape(v.shape)
