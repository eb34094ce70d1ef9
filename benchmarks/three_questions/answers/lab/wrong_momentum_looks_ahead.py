"""Nesterov's gradient, taken where the velocity will lead.

question: momentum
fails: TestMomentum::test_on_a_quadratic
"""


def momentum(loss, start, rate, memory, steps):
    x, velocity = start, jnp.zeros_like(start)
    visited = [x]
    for _ in range(steps):
        velocity = memory * velocity - rate * jax.grad(loss)(x + memory * velocity)
        x = x + velocity
        visited.append(x)
    return jnp.stack(visited)
