"""The product plan: it has the marginals, but carries mass past itself.

question: wasserstein
kind: usual
fails: TestWasserstein::test_the_plan
fails: TestWasserstein::test_the_first_distance
"""

import jax.numpy as jnp


def monotone_plan(x, mu, y, nu):
    return jnp.outer(mu, nu)
