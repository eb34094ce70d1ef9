"""The velocity is an average of gradients.

question: momentum
fails: TestMomentum::test_on_a_quadratic
"""


def momentum(loss, start, rate, memory, steps):
    x, velocity = start, jnp.zeros_like(start)
    visited = [x]
    for _ in range(steps):
        velocity = memory * velocity + (1 - memory) * jax.grad(loss)(x)
        x = x - rate * velocity
        visited.append(x)
    return jnp.stack(visited)
