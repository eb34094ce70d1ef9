"""Only the diagonal of the Hessian is inverted.

question: newton
fails: TestNewton::test_several_coefficients
kind: usual
"""

import jax.numpy as jnp


def newton_step(gradient, hessian, X):
    d = -gradient / jnp.diag(hessian)
    decrement = jnp.sqrt(-gradient @ d)
    rho = jnp.max(jnp.abs(X @ d))
    t = jnp.where(rho > 0, jnp.log1p(rho) / jnp.where(rho > 0, rho, 1.0), 1.0)
    return t * d, decrement
