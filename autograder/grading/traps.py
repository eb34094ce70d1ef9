"""Functions for probes that tell by a value what happened to them: a derivative that only automatic differentiation sees.

A probe runs beside student code, which may have replaced what the probe calls. So a probe says nothing; it brings back numbers
that come out right only if the thing was done.
"""

from __future__ import annotations

import jax

from autograder.sandbox.probes import sendable


@sendable
def tilted(slope):
    """The identity, with `slope` for its derivative, which is not the one that its values have.

    Put it between an argument and the student's function: by the chain rule the derivative comes out multiplied by `slope`.
    Finite differences do not see it.

    Args:
        slope: a number or an array that fits the argument; draw it.
    """

    @jax.custom_jvp
    def same(x):
        return x

    same.defjvp(lambda primals, tangents: (primals[0], slope * tangents[0]))
    return same
