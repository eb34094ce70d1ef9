"""Right, by way of the derivative of every output with respect to every input.

question: learned
fails: TestLearned::test_large_means_several_outputs_many_inputs
kind: subtle
"""

import jax
import jax.numpy as jnp



def gradient_outer_product(f, params, x):
    J = jax.jacobian(lambda x: f(params, x))(x)
    return jnp.einsum("iajp,iajq->pq", J, J) / len(x)
