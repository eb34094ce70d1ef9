"""The midpoint rule, of second order.

question: flow
fails: TestFlow::test_linear_flow
kind: usual
"""

import jax


def gradient_flow(gradient, w, time, steps):
    h = time / steps
    for _ in range(steps):
        w = w - h * gradient(w - h / 2 * gradient(w))
    return w


def modified_gradient(loss, w, eta):
    slope = jax.grad(loss)(w)
    return slope + eta / 2 * jax.jvp(jax.grad(loss), (w,), (slope,))[1]
