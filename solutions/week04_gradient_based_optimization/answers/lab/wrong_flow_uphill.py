"""The flow climbs.

question: flow
fails: TestFlow::test_linear_flow
kind: usual
"""

import jax


def gradient_flow(gradient, w, time, steps):
    h = time / steps
    for _ in range(steps):
        k1 = gradient(w)
        k2 = gradient(w + h / 2 * k1)
        k3 = gradient(w + h / 2 * k2)
        k4 = gradient(w + h * k3)
        w = w + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return w


def modified_gradient(loss, w, eta):
    slope = jax.grad(loss)(w)
    return slope + eta / 2 * jax.jvp(jax.grad(loss), (w,), (slope,))[1]
