"""What the answers of week 2 say about training runs holds for five draws each; computed here, without the notebooks."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize
import scipy.special

from course_lib.data import digits

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def double_precision():
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="module")
def images():
    split = digits()
    x = np.concatenate([np.asarray(split.x_train), np.asarray(split.x_test)]).astype(float)
    return x, np.concatenate([np.asarray(split.y_train), np.asarray(split.y_test)])


def loss_of(parameters, x, y, l2):
    log_p = jax.nn.log_softmax(x @ parameters[:64] + parameters[64])
    return -jnp.mean(log_p[jnp.arange(len(y)), y]) + l2 / 2 * jnp.sum(parameters[:64] ** 2)


def stopped(x, y, stops):
    """Softmax regression on x after each number of gradient steps of 0.5, from zero."""
    slope = jax.grad(loss_of)
    run = jax.jit(lambda w, steps: jax.lax.fori_loop(0, steps, lambda _, w: w - 0.5 * slope(w, x, y, 0.0), w))
    w, kept, done = jnp.zeros((65, 10)), [], 0
    for stop in stops:
        w, done = run(w, stop - done), stop
        kept.append(np.asarray(w))
    return kept


def ridge_path(x, y, penalties):
    value = jax.jit(jax.value_and_grad(lambda flat, l2: loss_of(flat.reshape(65, 10), x, y, l2)))
    flat, kept = np.zeros(650), []
    for l2 in penalties:
        function = lambda v, l2=l2: tuple(np.asarray(part, float) for part in value(v, l2))
        flat = scipy.optimize.minimize(function, flat, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
        kept.append(flat.reshape(65, 10))
    return kept


def judged(w, x, y):
    """Mean loss, mean claimed probability of the answer, share of right answers."""
    log_p = scipy.special.log_softmax(x @ w[:64] + w[64], axis=1)
    return -log_p[np.arange(len(y)), y].mean(), np.exp(log_p.max(axis=1)).mean(), np.mean(log_p.argmax(axis=1) == y)


@pytest.mark.parametrize("seed", range(5))
def test_training_on_makes_a_model_surer_and_not_better(images, seed):
    order = np.random.default_rng(seed).permutation(1797)
    few, rest = order[:100], order[100:]
    x, y = images
    runs = [judged(w, x[rest], y[rest]) for w in stopped(x[few], y[few], (10, 30, 100, 300, 1000, 3000, 10_000, 30_000))]
    path = [judged(w, x[rest], y[rest]) for w in ridge_path(x[few], y[few], (3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5))]
    best, last, ridge = min(runs), runs[-1], min(path)
    print(seed, best, last, ridge)
    assert abs(last[2] - best[2]) < 0.01
    assert 0.03 < last[1] - best[1] < 0.07 and last[1] > last[2]
    assert 1.08 < last[0] / best[0] < 1.22
    assert abs(ridge[0] / best[0] - 1) < 0.05


def poisson_fit(images, counts, seconds, ridge):
    X = np.hstack([images, np.ones((len(images), 1))])
    penalty, theta = np.r_[ridge * np.ones(64), 1e-9], np.zeros(65)
    for _ in range(12):
        rate = seconds * np.exp(X @ theta)
        d = -np.linalg.solve((X.T * rate) @ X + np.diag(penalty), X.T @ (rate - counts) + penalty * theta)
        rho = np.abs(X @ d).max()
        theta = theta + np.log1p(rho) / rho * d
    return theta[:64]


def test_a_neuron_is_read_out_and_not_without_the_penalty(images):
    offsets = np.arange(8) - 3.5
    rows, columns = np.meshgrid(offsets, offsets, indexing="ij")
    across, along = (columns + rows) / np.sqrt(2), (columns - rows) / np.sqrt(2)
    gabor = np.exp(-(across**2) / (2 * 1.4**2) - along**2 / (2 * 2.2**2)) * np.cos(2 * np.pi * across / 4.5 + 0.5)
    k = 2 * (gabor / np.linalg.norm(gabor)).ravel()
    seen = images[0][:1500] - images[0][:1500].mean(axis=0)
    cosine = lambda u: u @ k / np.linalg.norm(u) / np.linalg.norm(k)
    found = []
    for seed in range(10):
        counts = np.random.default_rng(seed).poisson(10.0 * np.exp(seen @ k))
        found.append([cosine(poisson_fit(seen, counts, 10.0, ridge)) for ridge in (30.0, 0.3)] + [cosine(counts @ seen)])
    with_penalty, without, average = np.array(found).T
    print(with_penalty, without, average)
    assert np.all(with_penalty > 0.95) and np.all((without > 0.4) & (without < 0.9)) and np.all(average < 0.8)


@pytest.mark.parametrize("seed", range(5))
def test_stopping_and_ridge_are_equally_good(seed):
    draw = np.random.default_rng(seed)
    spread = np.geomspace(1.0, 0.05, 40)
    X, w = draw.normal(size=(60, 40)) * spread, draw.normal(size=40) / np.sqrt(40) * 3
    _, s, Vt = np.linalg.svd(X, full_matrices=False)
    t = np.unique(np.geomspace(1, 100_000, 24).astype(int)) * 0.2 / 60
    risks = []
    for shares in (1 - (1 - 0.2 * s**2 / 60) ** (t[:, None] * 60 / 0.2), s**2 / (s**2 + 1 / t[:, None])):
        bias, variance = ((1 - shares) * (Vt @ w)) @ Vt, (shares / s) ** 2 @ Vt**2
        risks.append((bias**2 + variance) @ spread**2)
    print(seed, [(r.min(), t[r.argmin()], r[-1]) for r in risks])
    assert abs(risks[0].min() / risks[1].min() - 1) < 0.1 and abs(np.argmin(risks[0]) - np.argmin(risks[1])) <= 2
    assert all(risk[-1] > 1.5 * risk.min() for risk in risks)


def left_out_losses(seed, penalties):
    """Exact leave-one-out losses, those of one Newton step, and training losses, for sixty examples of forty features."""
    draw = np.random.default_rng(seed)
    X = draw.normal(size=(60, 40))
    w_true = draw.normal(size=40) / np.sqrt(40) * 2.5
    y = (draw.uniform(size=60) < scipy.special.expit(X @ w_true)).astype(int)

    def fit(X, y, lam, w):
        for _ in range(100):
            mu = scipy.special.expit(X @ w)
            d = -np.linalg.solve((X.T * (mu * (1 - mu))) @ X + lam * np.eye(40), X.T @ (mu - y) + lam * w)
            rho = np.abs(X @ d).max()
            w = w + np.log1p(rho) / rho * d
            if np.abs(d).max() < 1e-10:
                return w
        raise AssertionError("Newton's method did not converge")

    curves = []
    for lam in penalties:
        w = fit(X, y, lam, np.zeros(40))
        exact = np.array([X[i] @ fit(np.delete(X, i, 0), np.delete(y, i), lam, w) for i in range(60)])
        mu = scipy.special.expit(X @ w)
        v = mu * (1 - mu)
        a = np.einsum("ij,ji->i", X, np.linalg.solve((X.T * v) @ X + lam * np.eye(40), X.T))
        curves.append([np.mean(np.logaddexp(0, e) - y * e) for e in (exact, X @ w + (mu - y) * a / (1 - v * a), X @ w)])
    return np.array(curves).T


@pytest.mark.parametrize("seed", [25, 0, 1, 2, 3])
def test_one_newton_step_chooses_the_penalty_of_the_refits(seed):
    exact, step, train = left_out_losses(seed, np.geomspace(0.03, 100, 10))
    best = exact.argmin()
    print(seed, best, step.argmin(), (step - exact)[best] / (exact - train)[best], exact.round(3), step.round(3))
    assert abs(best - step.argmin()) <= 1
    assert abs(step - exact)[best] < 0.2 * (exact - train)[best]
