"""What the answers of week 6 say about training runs holds for five seeds each; computed here, without the notebooks."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from course_lib.data import digits

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def teacher():
    """Inputs of the plane and a teacher's outputs: neurons at 0, 90 and 225 degrees, the last one negative."""
    angle = np.deg2rad([0.0, 90.0, 225.0])
    x = np.random.default_rng(6).normal(size=(300, 2))
    y = np.maximum(x @ np.stack([np.cos(angle), np.sin(angle)]), 0) @ np.array([1.0, 1.0, -1.0])
    return jnp.asarray(x, jnp.float32), jnp.asarray(y, jnp.float32)


@jax.jit
def moved(a, w, x, y, dt, steps):
    """Euler steps of the mean-field flow with equal masses."""

    def step(_, state):
        a, w = state
        h = jax.nn.relu(x @ w.T)
        residual = (h @ a / len(a) - y) / len(x)
        return a - dt * (residual @ h), w - dt * jnp.einsum("j,ji,jd->id", residual, (h > 0) * a, x)

    return jax.lax.fori_loop(0, steps, step, (a, w))


def particles(n, seed):
    draw = np.random.default_rng(seed)
    angle, signs = draw.uniform(0, 2 * np.pi, n), draw.choice([-1.0, 1.0], n)
    return jnp.asarray(0.3 * signs, jnp.float32), jnp.asarray(0.3 * np.stack([np.cos(angle), np.sin(angle)], 1), jnp.float32)


def final_risk(n, seed, x, y):
    a, w = moved(*particles(n, seed), x, y, 0.1, 8000)
    return float(jnp.mean((jax.nn.relu(x @ w.T) @ a / n - y) ** 2) / 2)


def test_many_particles_find_the_teacher_and_three_seldom_do(teacher):
    """Lab, question 1."""
    assert max(final_risk(300, seed, *teacher) for seed in range(5)) < 1e-4
    assert sum(final_risk(3, seed, *teacher) < 1e-4 for seed in range(10)) == 2


@pytest.fixture(scope="module")
def images():
    split = digits()
    return split.x_train - 0.3, jax.nn.one_hot(split.y_train, 10)


ADAM, MULTIPLIERS = optax.scale_by_adam(), 2.0 ** np.arange(-6, 5)


@jax.jit
def losses_of(weights, rates, x, y, batches):
    """The loss after 30 steps of Adam, for each multiplier of the learning rates."""

    def loss(w, x, y):
        hidden = jax.nn.relu(jax.nn.relu(x @ w[0].T) @ w[1].T)
        return jnp.mean(optax.softmax_cross_entropy(hidden @ w[2].T, y))

    def trained_with(multiplier):
        def step(carry, batch):
            w, state = carry
            update, state = ADAM.update(jax.grad(loss)(w, x[batch], y[batch]), state)
            return ([W - multiplier * eta * U for W, eta, U in zip(w, rates, update, strict=True)], state), None

        (w, _), _ = jax.lax.scan(step, (weights, ADAM.init(weights)), batches)
        return loss(w, x, y)

    return jax.lax.map(trained_with, jnp.asarray(MULTIPLIERS, jnp.float32))


def best_multiplier(kind, n, seed, images):
    fan_in, fan_out = np.array([64.0, n, n]), np.array([n, n, 10.0])
    sigma, eta = fan_in**-0.5, np.full(3, 1 / 64)
    if kind == "spectral":
        sigma, eta = np.sqrt(fan_out / fan_in) / (np.sqrt(fan_out) + np.sqrt(fan_in)), 1 / fan_in
    keys = jax.random.split(jax.random.key(seed), 3)
    shapes = [(b, a) for a, b in itertools.pairwise([64, n, n, 10])]
    start = [2**0.5 * s * jax.random.normal(key, shape) for s, key, shape in zip(sigma, keys, shapes, strict=True)]
    batches = jnp.asarray(np.tile(np.random.default_rng(0).permutation(1500).reshape(15, 100), (2, 1)))
    losses = np.asarray(losses_of(start, jnp.asarray(eta, jnp.float32), *images, batches))
    return MULTIPLIERS[np.nanargmin(losses)]


@pytest.mark.parametrize("seed", range(5))
def test_the_learning_rate_of_a_small_network_serves_a_large_one(images, seed):
    """Lab, question 6: up to a factor of two with the spectral scales; two to eight times too large with the usual ones."""
    assert 2 <= best_multiplier("usual", 32, seed, images) / best_multiplier("usual", 512, seed, images) <= 8
    found = [best_multiplier("spectral", n, seed, images) for n in (32, 128, 512)]
    assert max(found) <= 2 * min(found)
