"""Kutta's 3/8 rule: fourth order, but not the classical method.

question: flow
fails: TestFlow::test_nonlinear_flow
kind: subtle
"""

import jax


def gradient_flow(gradient, w, time, steps):
    h = time / steps
    for _ in range(steps):
        k1 = -gradient(w)
        k2 = -gradient(w + h / 3 * k1)
        k3 = -gradient(w + h * (k2 - k1 / 3))
        k4 = -gradient(w + h * (k1 - k2 + k3))
        w = w + h / 8 * (k1 + 3 * k2 + 3 * k3 + k4)
    return w


def modified_gradient(loss, w, eta):
    slope = jax.grad(loss)(w)
    return slope + eta / 2 * jax.jvp(jax.grad(loss), (w,), (slope,))[1]
