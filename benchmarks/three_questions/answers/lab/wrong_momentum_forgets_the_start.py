"""Only the points after an update are returned.

question: momentum
fails: TestMomentum::test_without_memory
"""


def momentum(loss, start, rate, memory, steps):
    x, velocity = start, jnp.zeros_like(start)
    visited = []
    for _ in range(steps):
        velocity = memory * velocity - rate * jax.grad(loss)(x)
        x = x + velocity
        visited.append(x)
    return jnp.stack(visited)
