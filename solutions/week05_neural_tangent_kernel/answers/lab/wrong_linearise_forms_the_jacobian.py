"""Right, by way of the Jacobian.

question: linearise
fails: TestLinearise::test_training_and_three_hundred_thousand_parameters
kind: subtle
"""

import jax
import jax.numpy as jnp


def linearise(f, params0):
    def straight(params, x):
        J = jax.jacobian(f)(params0, x)
        step = jax.tree.map(jnp.subtract, params, params0)
        parts = jax.tree.map(lambda J, s: jnp.tensordot(J, s, axes=jnp.ndim(s)), J, step)
        return f(params0, x) + sum(jax.tree.leaves(parts))

    return straight
