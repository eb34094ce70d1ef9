"""The gradient is differentiated at the vector, in the direction of the parameters.

question: hvp
fails: TestHvp::test_logistic_regression
kind: usual
"""

import jax


def hessian_vector(loss, params, vector):
    return jax.jvp(jax.grad(loss), (vector,), (params,))[1]
