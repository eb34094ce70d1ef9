"""Hidden suite of week12/lab. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

Stationary laws are not sampled: a linear chain's map is read off column by column (states and noise are basis vectors), and
its covariance follows from a discrete Lyapunov equation in float64. Only the keys of question 3 need statistics.
"""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg

from autograder.testing import as_array, assert_close, gated, not_by_chance, question, require, weight

FLOAT32 = "float32 rounding over a few dozen operations is below 1e-5 of the largest entry"


def stiffness(rng, d=3):
    """A symmetric positive definite matrix whose eigenvalues, 0.4 to 2.2, lie along no axis; exact in float32."""
    axes, _ = np.linalg.qr(rng.normal(size=(d, d)))
    K = axes * np.sort(rng.uniform(0.4, 2.2, size=d)) @ axes.T
    return as32((K + K.T) / 2)


def as32(x):
    """Rounded to float32 and back: both sides compute with the same numbers."""
    return np.asarray(x, dtype=np.float32).astype(np.float64)


def basis(d):
    return [*np.eye(d), np.zeros(d)]


# --- 1 --------------------------------------------------------------------------------------------------------------


def langevin_in_a_well(student, states, noises, K, eta, temperature):
    """One step from each state with its noise, in the potential x^T K x / 2."""

    def probe(ns, states, noises, K, eta, temperature):
        return [ns.langevin_step(x, lambda v: K @ v, eta, temperature, n) for x, n in zip(states, noises, strict=True)]

    return student.run(probe, states, noises, K, eta, temperature)


def vectors_of(result, count, d):
    """The `count` vectors of a result as columns of a matrix, after checking that they are such."""
    require(isinstance(result, (list, tuple)) and len(result) == count, "return one array per call")
    require(all(np.shape(v) == (d,) for v in result), "the next state has the shape of the state")
    return np.stack([np.asarray(v, dtype=np.float64) for v in result], axis=1)


@question("langevin", reference="the formula in float64; exact stationary covariance T K^-1 (1 - eta K / 2)^-1")
class TestLangevin:
    def test_without_temperature_it_is_gradient_descent(self, student, rng):
        """At T = 0 the step is x - eta grad U(x), whatever the noise.

        The force is minus the gradient; the noise is multiplied by the root of the temperature.
        """
        x, noise, eta = rng.normal(size=4), rng.normal(size=4), float(rng.uniform(0.1, 0.4))
        got = student.run(lambda ns, x, n, eta: ns.langevin_step(x, lambda v: jnp.sin(v) + v**3, eta, 0.0, n), x, noise, eta)
        assert_close(got, x - eta * (np.sin(x) + x**3), why=FLOAT32)

    def test_the_kick_grows_with_the_root_of_the_step(self, student, rng):
        """Without a force the step is sqrt(2 eta T) xi.

        Four times the step doubles the kick, and so does four times the temperature: eta and the 2 are under the root, too.
        """
        x, noise = rng.normal(size=4), rng.normal(size=4)
        for eta, temperature in ((0.25, 2.0), (1.0, 2.0), (0.25, 8.0), (float(rng.uniform(0.05, 0.2)), float(rng.uniform(3, 5)))):
            got = student.run(lambda ns, x, n, e, t: ns.langevin_step(x, lambda v: 0 * v, e, t, n), x, noise, eta, temperature)
            assert_close(got, x + np.sqrt(2 * eta * temperature) * noise, why=FLOAT32)

    @gated
    @weight(2)
    def test_stationary_covariance_of_the_chain(self, student, rng):
        """In a harmonic well the chain's exact covariance is T K^-1 (1 - eta K / 2)^-1.

        The step is a linear map of state and noise; feeding it basis vectors shows the map, and the map has one stationary
        covariance. In the limit of small steps it is T K^-1.
        """
        K, temperature = stiffness(rng), float(rng.uniform(0.3, 2.0))
        for eta in (0.1, float(rng.uniform(0.4, 0.8))):
            zero = np.zeros(3)
            states, noises = [*np.eye(3), *[zero] * 3], [*[zero] * 3, *np.eye(3)]
            columns = vectors_of(langevin_in_a_well(student, states, noises, K, eta, temperature), 6, 3)
            A, B = columns[:, :3], columns[:, 3:]
            require(np.abs(np.linalg.eigvals(A)).max() < 1, "the chain should forget where it started")
            covariance = scipy.linalg.solve_discrete_lyapunov(A, B @ B.T)
            exact = temperature * np.linalg.inv(K @ (np.eye(3) - eta * K / 2))
            assert_close(covariance, exact, rtol=1e-3, why="float32 rounding, multiplied by the memory of about 1/(eta k) = 25")

    @gated
    def test_many_particles_and_a_single_number(self, student, rng):
        """A matrix of particles, or a single number: everything is elementwise, and the noise keeps its shape."""
        noise = rng.normal(size=(2, 3))
        x, eta, temperature = rng.normal(size=(2, 3)), 0.3, float(rng.uniform(0.5, 2))
        got = student.run(lambda ns, x, n, t: ns.langevin_step(x, jnp.tanh, 0.3, t, n), x, noise, temperature)
        assert_close(got, x - eta * np.tanh(x) + np.sqrt(2 * eta * temperature) * noise, why=FLOAT32)
        one = student.run(lambda ns, x, n, t: ns.langevin_step(x, jnp.tanh, 0.3, t, n), x[0, 0], noise[0, 0], temperature)
        assert_close(one, x[0, 0] - eta * np.tanh(x[0, 0]) + np.sqrt(2 * eta * temperature) * noise[0, 0], why=FLOAT32)


# --- 2 --------------------------------------------------------------------------------------------------------------


def enumerated_covariance(grads, batch_size, replace):
    """Covariance of the mean over every possible batch, each with the same weight."""
    indices = range(len(grads))
    every = itertools.product(indices, repeat=batch_size) if replace else itertools.combinations(indices, batch_size)
    means = np.stack([grads[list(batch)].mean(axis=0) for batch in every])
    noise = means - grads.mean(axis=0)
    return noise.T @ noise / len(noise)


@question("minibatch", reference="enumeration of all batches of a handful of examples, float64")
class TestMinibatch:
    @weight(2)
    def test_batches_of_one(self, student, rng):
        """Batches of one example: with and without replacement are the same, the covariance of the examples themselves.

        It has 1/N, and the mean is subtracted.
        """
        grads = rng.normal(size=(5, 3)) + rng.normal(size=3)
        for replace in (True, False):
            got = student.minibatch_covariance(grads, 1, replace)
            assert_close(got, enumerated_covariance(grads, 1, replace), why=FLOAT32)

    def test_with_replacement(self, student, rng):
        """With replacement: the covariance of the batch mean over all N^B equally likely batches.

        A single example per batch gives C, which has 1/N and the mean subtracted; B of them give C / B.
        """
        grads = rng.normal(size=(4, 3)) + rng.normal(size=3)
        for batch_size in (1, 3):
            expected = enumerated_covariance(grads, batch_size, True)
            assert_close(student.minibatch_covariance(grads, batch_size, True), expected, why=FLOAT32)

    def test_without_replacement(self, student, rng):
        """Without replacement: the covariance over all subsets of size B.

        Examples that are in the batch cannot come again, which makes the noise smaller by (N - B) / (N - 1).
        """
        grads = rng.normal(size=(6, 2)) + rng.normal(size=2)
        for batch_size in (1, 2, 4, 5):
            expected = enumerated_covariance(grads, batch_size, False)
            assert_close(student.minibatch_covariance(grads, batch_size, False), expected, why=FLOAT32)

    @weight(2)
    def test_temperature_equates_the_traces(self, student, rng):
        """2 eta T P is the total variance of the noise eta (g_S - g) of an SGD step.

        P directions share it: the trace, divided by 2 P, times eta once (of eta^2 one is on the other side).
        """
        grads = rng.normal(size=(5, 3)) * np.array([0.3, 1.0, 2.0]) + 1.0
        for replace, batch_size in ((True, 2), (False, 2), (False, 4)):
            eta = float(rng.uniform(0.1, 3.0))
            noise = np.trace(eta**2 * enumerated_covariance(grads, batch_size, replace))
            got = student.minibatch_temperature(grads, batch_size, replace, eta)
            assert_close(got, noise / (2 * eta * 3), why=FLOAT32)

    @gated
    @weight(2)
    def test_everything_at_once_and_everything_alike(self, student, rng):
        """A subset that is the whole data set has no noise; drawn with replacement, N of N still have. A shift changes nothing.

        Then a single parameter, and two examples only.
        """
        grads = rng.integers(-40, 40, size=(8, 2)) / 16  # sixteenths: sums and the shift below are exact in float32
        shifted = grads + np.array([64.0, -32.0])
        assert_close(student.minibatch_covariance(grads, 8, False), np.zeros((2, 2)), atol=1e-6)
        C = np.cov(grads.T, bias=True)
        assert_close(student.minibatch_covariance(shifted, 8, True), C / 8, rtol=1e-3, why="deviations from a mean near 64")
        assert_close(student.minibatch_covariance(shifted, 2, False), C / 2 * 6 / 7, rtol=1e-3, why="deviations from 64")
        pair = rng.normal(size=(2, 1))
        assert_close(student.minibatch_covariance(pair, 1, False), [[(pair[0, 0] - pair[1, 0]) ** 2 / 4]], why=FLOAT32)


# --- 3 --------------------------------------------------------------------------------------------------------------


def leaf(result, name, shape):
    """One leaf of a trajectory in float64, after checking what it is."""
    require(isinstance(result, dict) and name in result, "return a pytree like params, with the same names")
    require(np.shape(result[name]) == shape, f"leaf {name!r} should have shape {shape}: one entry per step in front")
    return np.asarray(result[name], dtype=np.float64)


def regression(rng, N):
    """Data and starting parameters of a small nonlinear regression tanh(x w) + b."""
    return rng.normal(size=(N, 3)), rng.normal(size=(N,)), {"w": rng.normal(size=3) / 2, "b": np.array(float(rng.normal()))}


def regression_path(student, key, params, x, y, batches, eta, temperature, strength):
    def probe(ns, key, params, x, y, batches, eta, temperature, strength):
        def grad_loss(params, x, y):
            t = jnp.tanh(x @ params["w"])
            rest = t + params["b"] - y
            return {"w": (rest * (1 - t**2)) @ x, "b": rest.sum()}

        def grad_prior(params):
            return {"w": strength * params["w"], "b": jnp.sin(params["b"])}

        return ns.langevin_sgd(key, params, x, y, batches, grad_prior, grad_loss, eta, temperature)

    return student.run(probe, key, params, x, y, batches, eta, temperature, strength)


def regression_reference(params, x, y, batches, eta, strength):
    """The trajectory at T = 0 in float64."""
    w, b, ws, bs = params["w"], params["b"], [], []
    for batch in batches:
        t = np.tanh(x[batch] @ w)
        rest = t + b - y[batch]
        scale = len(x) / len(batch)
        slope_w = strength * w + scale * (rest * (1 - t**2)) @ x[batch]
        slope_b = np.sin(b) + scale * rest.sum()
        w, b = w - eta * slope_w, b - eta * slope_b
        ws.append(w)
        bs.append(b)
    return {"w": np.stack(ws), "b": np.stack(bs)}


LEAVES = {"first": (1500,), "second": (1500,), "table": (30, 50), "one": ()}
STEPS = 4


def free_path(student, key, eta, temperature):
    """Noise alone: 4 steps without any force, from 0; leaves of equal and of different shapes."""

    def probe(ns, key, start, x, batches, eta, temperature):
        zero = lambda params, *data: jax.tree.map(jnp.zeros_like, params)
        return ns.langevin_sgd(key, start, x, x[:, 0], batches, zero, zero, eta, temperature)

    start = {name: np.zeros(shape) for name, shape in LEAVES.items()}
    batches = np.arange(2 * STEPS).reshape(STEPS, 2) % 6
    return student.run(probe, key, start, np.arange(6.0)[:, None], batches, eta, temperature)


def increments(path):
    """What each step added, leaf by leaf, flattened: name -> (steps, entries)."""
    found = {}
    for name, shape in LEAVES.items():
        values = leaf(path, name, (STEPS, *shape)).reshape(STEPS, -1)
        found[name] = np.diff(values, axis=0, prepend=0.0)
    return found


def correlation(a, b):
    """The correlation of two samples of standard normal numbers, in standard errors."""
    require(a.shape == b.shape and np.ptp(a) > 0 and np.ptp(b) > 0, "the noise should be random in every leaf and step")
    return np.mean(a * b) / np.sqrt(np.mean(a**2) * np.mean(b**2)) * np.sqrt(a.size)


@question("langevin_sgd", reference="the update in NumPy float64; moments of the normal law with bounds of five standard errors")
class TestLangevinSgd:
    def test_without_temperature_it_is_sgd(self, student, rng, key):
        """At T = 0, batch by batch: prior, plus N/B times the batch's sum, at the parameters as they are now.

        N/B belongs to the data only. Entry t of the result is the state after step t + 1. An example that is listed twice
        counts twice.
        """
        x, y, params = regression(rng, 7)
        batches = np.stack([rng.permutation(7)[:2] for _ in range(3)])
        batches[1] = batches[1, 0]
        eta, strength = float(rng.uniform(0.02, 0.05)), float(rng.uniform(0.5, 2.0))
        for steps in (1, 3):
            got = regression_path(student, key, params, x, y, batches[:steps], eta, 0.0, strength)
            expected = regression_reference(params, x, y, batches[:steps], eta, strength)
            assert_close(leaf(got, "b", (steps,)), expected["b"], why=FLOAT32)
            assert_close(leaf(got, "w", (steps, 3)), expected["w"], why=FLOAT32)

    def test_any_pytree(self, student, rng, key):
        """params may be nested, such as a list of pairs, or a single array; the trajectory has the same structure.

        jax.tree.map, jax.tree.flatten and jax.tree.unflatten take any of them.
        """
        x, y, params = regression(rng, 7)
        batches, eta = np.stack([rng.permutation(7)[:2] for _ in range(2)]), 0.03125
        expected = regression_reference(params, x, y, batches, eta, 1.0)

        def pairs(ns, key, w, b, x, y, batches):
            def grad_loss(params, x, y):
                ((w, b),) = params
                t = jnp.tanh(x @ w)
                rest = t + b - y
                return [((rest * (1 - t**2)) @ x, rest.sum())]

            grad_prior = lambda params: [(params[0][0], jnp.sin(params[0][1]))]
            return ns.langevin_sgd(key, [(w, b)], x, y, batches, grad_prior, grad_loss, 0.03125, 0.0)

        got = student.run(pairs, key, params["w"], params["b"], x, y, batches)
        good = isinstance(got, (list, tuple)) and len(got) == 1 and isinstance(got[0], (list, tuple)) and len(got[0]) == 2
        require(good, "params was a list of one pair of arrays: so is the trajectory")
        assert_close(got[0][0], expected["w"], why=FLOAT32)
        assert_close(got[0][1], expected["b"], why=FLOAT32)

        def single(ns, key, w, x, y, batches):
            grad_loss = lambda w, x, y: (x @ w - y) @ x
            return ns.langevin_sgd(key, w, x, y, batches, lambda w: w, grad_loss, 0.03125, 0.0)

        w, states = params["w"], []
        for batch in batches:
            w = w - eta * (w + 3.5 * (x[batch] @ w - y[batch]) @ x[batch])
            states.append(w)
        assert_close(student.run(single, key, params["w"], x, y, batches), np.stack(states), why=FLOAT32)

    @weight(2)
    def test_variance_of_the_noise(self, student, rng, key):
        """Without forces every number of every leaf moves by a normal variable of variance 2 eta T, at every step.

        Mean and variance to five standard errors, and the fourth moment to six.
        """
        other = float(rng.uniform(0.02, 0.1)), float(rng.uniform(2, 5))

        def check(key, bound):
            for eta, temperature in ((0.5, 1.0), other):
                found = increments(free_path(student, key, eta, temperature))
                for name in ("first", "second", "table"):
                    z = found[name] / np.sqrt(2 * eta * temperature)
                    bound(z.mean() * np.sqrt(z.size), f"the noise in {name!r} should have mean 0")
                    bound((np.mean(z**2) - 1) * np.sqrt(z.size / 2), f"the noise in {name!r} should have variance 2 eta T")
                    # z^4 has variance 96 and a long tail: six standard errors here. Uniform noise is off by nine.
                    bound((np.mean(z**4) - 3) * np.sqrt(z.size / 96), "the noise should be normal: its 4th moment is 3", 6)
                one = np.abs(found["one"]) / np.sqrt(2 * eta * temperature)
                require(one.min() > 0 and one.max() < 7, "a single number is moved, too, with the same variance")

        not_by_chance(check, key)

    @weight(2)
    def test_every_number_is_drawn_anew(self, student, rng, key):
        """Noise of different leaves, of different steps, and of different numbers in a leaf is independent.

        A JAX key used twice gives the same numbers twice: one key for each step and leaf.
        """
        eta, temperature = float(rng.uniform(0.2, 0.3)), float(rng.uniform(6, 9))

        def check(key, bound):
            found = increments(free_path(student, key, eta, temperature))
            leaves = [found[name] / np.sqrt(2 * eta * temperature) for name in ("first", "second", "table")]
            for a, b in itertools.combinations(leaves, 2):
                bound(correlation(a.ravel(), b.ravel()), "the noise of two leaves should be independent")
            for a in leaves:
                for s, t in itertools.combinations(range(STEPS), 2):
                    bound(correlation(a[s], a[t]), "the noise of two steps should be independent")
            table = found["table"].reshape(STEPS, 30, 50)
            rows, columns = (table[:, :-1], table[:, 1:]), (table[:, :, :-1], table[:, :, 1:])
            for (a, b), what in ((rows, "rows"), (columns, "columns")):
                bound(correlation(a.ravel(), b.ravel()), f"the noise of two {what} should be independent")
            values = np.concatenate([a.ravel() for a in leaves])
            # 4 steps of 4500 normal float32 numbers share a value some tens of times, never thousands of times.
            require(np.unique(values).size >= 17_500, "the same numbers turn up again in another place")

        not_by_chance(check, key)

    @gated
    @weight(9)  # noise that is right but not the key's is half an answer
    def test_the_key_decides(self, student, key):
        """The same key gives the same trajectory, another key another one.

        All noise comes from `key`: no seed of your own, no generator that remembers.
        """
        first, again = (increments(free_path(student, key, 0.5, 1.0))["first"] for _ in range(2))
        require(np.array_equal(first, again), "the same key should give the same noise")
        other = increments(free_path(student, jax.random.fold_in(key, 1), 0.5, 1.0))["first"]
        require(abs(correlation(first.ravel(), other.ravel())) <= 5, "the noise of two keys should be independent")

    @gated
    @weight(2)
    def test_a_cloud_of_chains_in_a_gaussian_posterior(self, student, rng, key):
        """Linear regression: mean and variance of 3000 chains after each of six steps, exact given the batches.

        Variances follow s' = (1 - eta k_t)^2 s + 2 eta T with the batch's curvature k_t, means the noiseless update. Here some
        examples are twice in a batch, and count twice.
        """
        x, y = rng.uniform(-1.0, 1.0, size=6), rng.normal(size=6)
        batches = rng.integers(0, 6, size=(6, 3))
        batches[0] = [0, 0, 2]
        eta, temperature, chains = 0.08, float(rng.uniform(0.5, 2)), 3000

        def probe(ns, key, start, x, y, batches, temperature):
            grad_loss = lambda s, x, y: [((half[:, None] * x - y) * x).sum(axis=1) for half in s]
            return ns.langevin_sgd(key, start, x, y, batches, lambda s: s, grad_loss, 0.08, temperature)

        half = (chains // 2,)
        got = student.run(probe, key, [np.full(half, 1.5), np.full(half, 1.5)], x, y, batches, temperature)
        require(isinstance(got, (list, tuple)) and len(got) == 2, "params was a list of two arrays: so is the trajectory")
        require(all(np.shape(part) == (6, *half) for part in got), "one entry per step in front")
        states, mean, variance = np.concatenate([np.asarray(part, dtype=np.float64) for part in got], axis=1), 1.5, 0.0
        for state, batch in zip(states, batches, strict=True):
            curvature = 1 + 2 * np.sum(x[batch] ** 2)
            mean = mean - eta * (curvature * mean - 2 * np.sum(x[batch] * y[batch]))
            variance = (1 - eta * curvature) ** 2 * variance + 2 * eta * temperature
            require(abs(state.mean() - mean) <= 5 * np.sqrt(variance / chains), "the mean follows the noiseless update")
            error = abs(np.mean((state - mean) ** 2) / variance - 1)
            require(error <= 5 * np.sqrt(2 / chains), "the variance is (1 - eta k)^2 of the old one plus 2 eta T")


# --- 4 --------------------------------------------------------------------------------------------------------------


def pair_of(result, shape):
    """(q, p) in float64, after checking what it is."""
    listed = isinstance(result, (list, tuple)) or (isinstance(result, np.ndarray) and result.ndim > 0)
    require(listed and len(result) == 2, "return the pair (q, p)")
    require(all(np.shape(part) == shape for part in result), "q and p keep their shape")
    return tuple(np.asarray(part, dtype=np.float64) for part in result)


def baoab_reference(q, p, slope, h, gamma, temperature, noise):
    """B, A, O, A, B in float64."""
    p = p - h / 2 * slope(q)
    q = q + h / 2 * p
    c1 = np.exp(-gamma * h)
    p = c1 * p + np.sqrt(temperature * -np.expm1(-2 * gamma * h)) * noise
    q = q + h / 2 * p
    return q, p - h / 2 * slope(q)


def baoab_in_a_well(student, q, p, noise, K, h, gamma, temperature):
    """Rows of q, p and noise are separate calls in the potential q^T K q / 2."""

    def probe(ns, q, p, noise, K, h, gamma, temperature):
        step = lambda q, p, n: ns.baoab_step(q, p, lambda v: K @ v, h, gamma, temperature, n)
        return [step(*case) for case in zip(q, p, noise, strict=True)]

    return student.run(probe, q, p, noise, K, h, gamma, temperature)


@question("baoab", reference="the five substeps in float64; exact stationary covariances of the harmonic oscillator")
class TestBaoab:
    def test_free_flight(self, student, rng):
        """Without a force: half a flight at the old speed, friction and noise, half a flight at the new speed.

        Friction and noise act on p, and q feels them through the second half only. c1 = exp(-gamma h), exact also for large
        gamma h, where 1 - gamma h would be negative.
        """
        q, p, noise, zero = rng.normal(size=3), rng.normal(size=3), rng.normal(size=3), lambda v: 0 * v
        for h, gamma in ((0.5, 1.0), (2.0, 1.5), (float(rng.uniform(0.3, 0.9)), float(rng.uniform(0.5, 3)))):
            temperature = float(rng.uniform(0.5, 3))
            got = student.run(
                lambda ns, q, p, n, h, g, t: ns.baoab_step(q, p, lambda v: 0 * v, h, g, t, n),
                q, p, noise, h, gamma, temperature,
            )  # fmt: skip
            assert_close(pair_of(got, (3,)), baoab_reference(q, p, zero, h, gamma, temperature, noise), why=FLOAT32)

    def test_velocity_verlet_without_friction(self, student, rng):
        """With gamma = 0 one step is velocity Verlet, whatever the temperature and the noise.

        Half a kick at the old position, a whole flight, half a kick at the new position.
        """
        q, p, noise, h = rng.normal(size=3), rng.normal(size=3), rng.normal(size=3), float(rng.uniform(0.3, 0.8))
        got = student.run(lambda ns, q, p, n, h: ns.baoab_step(q, p, lambda v: v**3 + v, h, 0.0, 2.0, n), q, p, noise, h)
        assert_close(pair_of(got, (3,)), baoab_reference(q, p, lambda v: v**3 + v, h, 0.0, 2.0, noise), why=FLOAT32)

    def test_all_five_substeps(self, student, rng):
        """A force that is not linear, friction and noise together.

        B A O A B: the force is evaluated at the old position and, again, at the final one.
        """
        for h, gamma in ((0.5, 1.0), (float(rng.uniform(0.6, 0.9)), float(rng.uniform(0.3, 2)))):
            q, p, noise = rng.normal(size=3), rng.normal(size=3), rng.normal(size=3)
            temperature = float(rng.uniform(0.5, 3))
            got = student.run(
                lambda ns, q, p, n, h, g, t: ns.baoab_step(q, p, lambda v: jnp.sin(2 * v) + v, h, g, t, n),
                q, p, noise, h, gamma, temperature,
            )  # fmt: skip
            expected = baoab_reference(q, p, lambda v: np.sin(2 * v) + v, h, gamma, temperature, noise)
            assert_close(pair_of(got, (3,)), expected, why=FLOAT32)

    def test_many_particles_and_a_single_number(self, student, rng):
        """A matrix of particles, or a single number: everything is elementwise, and q and p keep their shape."""
        for shape in ((2, 3), ()):
            q, p, noise = (np.asarray(rng.normal(size=shape)) for _ in range(3))
            got = student.run(
                lambda ns, q, p, n: ns.baoab_step(q, p, lambda v: jnp.sin(2 * v) + v, 0.5, 1.0, 2.0, n), q, p, noise
            )
            expected = baoab_reference(q, p, lambda v: np.sin(2 * v) + v, 0.5, 1.0, 2.0, noise)
            assert_close(pair_of(got, shape), expected, why=FLOAT32)

    @gated
    @weight(3)
    def test_exact_stationary_law_of_the_oscillator(self, student, rng):
        """In a harmonic well positions have covariance T K^-1 *exactly*, at every step size; momenta have T (1 - h^2 K / 4).

        No other order of the substeps, and no approximate c1 or c2, has both. Read off the linear map with basis vectors.
        """
        K, temperature, gamma = stiffness(rng, 2), float(rng.uniform(0.5, 2)), float(rng.uniform(0.5, 1.5))
        for h in (0.3, float(rng.uniform(0.8, 1.1))):
            unit, zero = np.eye(2), np.zeros((2, 2))
            q, p, noise = (np.concatenate(parts) for parts in ((unit, zero, zero), (zero, unit, zero), (zero, zero, unit)))
            got = baoab_in_a_well(student, q, p, noise, K, h, gamma, temperature)
            require(isinstance(got, (list, tuple)) and len(got) == 6, "return the pair (q, p)")
            columns = np.stack([np.concatenate(pair_of(state, (2,))) for state in got], axis=1)
            A, B = columns[:, :4], columns[:, 4:]
            require(np.abs(np.linalg.eigvals(A)).max() < 1, "the chain should forget where it started")
            covariance = scipy.linalg.solve_discrete_lyapunov(A, B @ B.T)
            why = "float32 rounding, multiplied by the memory of some ten steps"
            assert_close(covariance[:2, :2], temperature * np.linalg.inv(K), rtol=1e-3, why=why)
            assert_close(covariance[2:, 2:], temperature * (np.eye(2) - h**2 * K / 4), rtol=1e-3, why=why)


# --- 5 --------------------------------------------------------------------------------------------------------------


def signs(rng, *shape):
    return 2.0 * rng.integers(0, 2, size=shape) - 1.0


def recall_reference(J, state, order):
    """Asynchronous updates, one neuron at a time; a neuron without field stays."""
    s = state.copy()
    for i in order:
        field = sum(J[i, j] * s[j] for j in range(len(s)))
        if field != 0:
            s[i] = 1.0 if field > 0 else -1.0
    return s


def couplings(rng, n, density=1.0):
    """Couplings in eighths, not symmetric, zero diagonal: fields are exact in float32, so that a tie is a tie."""
    J = rng.integers(-8, 9, size=(n, n)) / 8 * (rng.uniform(size=(n, n)) < density)
    np.fill_diagonal(J, 0.0)
    return J


@question("hopfield", reference="explicit loops over patterns and neurons; exhaustive energies of a small network")
class TestHopfield:
    def test_hebb(self, student, rng):
        """J_ij is the sum over patterns of xi_i xi_j, divided by the number of neurons, and 0 on the diagonal.

        N is the number of columns of patterns, and P does not appear.
        """
        for count, n in ((1, 5), (3, 8), (5, 5)):
            xi = signs(rng, count, n)
            expected = np.zeros((n, n))
            for i, j in itertools.permutations(range(n), 2):
                expected[i, j] = sum(pattern[i] * pattern[j] for pattern in xi) / n
            assert_close(student.hebb(xi), expected, why=FLOAT32)

    def test_energy_and_overlap(self, student, rng):
        """E = -1/2 s J s counts each pair once; an overlap is a mean over neurons.

        One overlap for each pattern, also if there is only one.
        """
        for count, n in ((1, 5), (3, 8), (5, 5)):
            J, s, xi = as32(stiffness(rng, n) * (1 - np.eye(n))), signs(rng, n), signs(rng, count, n)
            energy = -sum(J[i, j] * s[i] * s[j] for i in range(n) for j in range(i))
            assert_close(student.hopfield_energy(J, s), energy, why=FLOAT32)
            assert_close(student.overlaps(xi, s), [np.mean(xi[m] == s) - np.mean(xi[m] != s) for m in range(count)], why=FLOAT32)

    def test_a_visit_aligns_one_neuron(self, student, rng):
        """align lets neuron i follow its field, and leaves all others alone.

        J[i, j] is what j does to i. A field of exactly 0 changes nothing.
        """
        J, s = couplings(rng, 8), signs(rng, 8)
        J[3] = 0.0
        for i in (int(rng.integers(0, 8)), 0, 3, 7):
            assert_close(student.align(J, s, i), recall_reference(J, s, [i]))
            assert_close(student.align(J, -s, i), recall_reference(J, -s, [i]))

    @weight(2)
    def test_recall_visits_neurons_one_after_the_other(self, student, rng):
        """Each neuron looks at the state as it is when its turn comes, in the order given.

        J[i, j] is what j does to i. A sweep may visit a neuron twice or never, and be shorter or longer than N.
        """
        for _ in range(2):
            J, s = couplings(rng, 8), signs(rng, 8)
            order = rng.permutation(8)
            assert_close(student.recall(J, s, order), recall_reference(J, s, order))
            for visits in (8, 3, 20):  # as many visits as there are numbers in the list, not as there are neurons
                partly = rng.integers(0, 8, size=visits)
                assert_close(student.recall(J, s, partly), recall_reference(J, s, partly))

    def test_without_a_field_a_neuron_stays(self, student, rng):
        """A field of exactly 0 changes nothing, be the state +1 or -1.

        sign(0) is 0, which is no state, and +1 would favour one direction.
        """
        J = couplings(rng, 8, density=0.3)
        J[2:5] = 0.0
        J[0, 1:] = -0.25  # neuron 0 turns against the others: a network in which nothing ever moves does not pass
        for s in (-np.ones(8), np.ones(8), signs(rng, 8)):
            order = rng.permutation(8)
            assert_close(student.recall(J, s, order), recall_reference(J, s, order))

    @gated
    @weight(4)
    def test_downhill_to_a_minimum(self, student, rng):
        """With Hebb's couplings each visit lowers the energy or leaves it, and the network ends where no single flip helps.

        Neuron by neuron from a random start: after some sweeps the state is the one that step-by-step descent finds.
        """
        xi = signs(rng, 3, 8)  # N = 8: couplings are exact in float32
        J = xi.T @ xi / 8 * (1 - np.eye(8))
        s, order = signs(rng, 8), rng.permutation(8)
        for _ in range(4):
            expected = recall_reference(J, s, order)
            assert_close(student.recall(J, s, order), expected)
            s = expected
        assert_close(student.overlaps(xi, s), [*(xi @ s / 8)], why=FLOAT32)
        assert_close(student.hopfield_energy(as_array(student.hebb(xi)), s), -s @ J @ s / 2, why=FLOAT32)


# --- 6 --------------------------------------------------------------------------------------------------------------


def energy_reference(s):
    """Every bond once, by explicit loops over sites and their right and lower neighbours."""
    rows, columns = s.shape
    return -sum(
        s[r, c] * (s[(r + 1) % rows, c] + s[r, (c + 1) % columns]) for r in range(rows) for c in range(columns)
    )  # fmt: skip


def flipped(s, r, c):
    new = s.copy()
    new[r, c] = -new[r, c]
    return new


def flip_reference(s, temperature):
    """Acceptance probabilities from differences of whole energies."""
    change = np.zeros(s.shape)
    for r, c in np.ndindex(*s.shape):
        change[r, c] = energy_reference(flipped(s, r, c)) - energy_reference(s)
    return np.exp(-np.maximum(change, 0.0) / temperature)


def sweep_reference(s, temperature, u):
    """Even sites one by one, then odd sites one by one: within a colour the order does not matter."""
    for parity in (0, 1):
        for r, c in np.ndindex(*s.shape):
            if (r + c) % 2 == parity:
                change = energy_reference(flipped(s, r, c)) - energy_reference(s)
                if change <= 0 or u[r, c] < np.exp(-change / temperature):
                    s = flipped(s, r, c)
    return s


def uniforms_away_from_ties(rng, temperature, *shape):
    """Uniform numbers, none within 1e-4 of a threshold e^(-4/T) or e^(-8/T), where rounding would decide."""
    while True:
        u = rng.uniform(size=shape)
        if all(np.abs(u - np.exp(-change / temperature)).min() > 1e-4 for change in (4.0, 8.0)):
            return u


@question("ising", reference="differences of whole energies, site by site; Boltzmann weights of all states of a small lattice")
class TestIsing:
    def test_energy_counts_every_bond_once(self, student, rng):
        """Each site has a bond to its right and to its lower neighbour, around the edge, too.

        4 x 4 spins have 32 bonds, and 2 x 3 have 12, of which those between the two rows come in pairs.
        """
        for shape in 4 * ((4, 4), (4, 6), (2, 3)):  # several of each: wrong bonds may have the right sum
            s = signs(rng, *shape)
            assert_close(student.ising_energy(s), energy_reference(s), why=FLOAT32)
        assert_close(student.ising_energy(np.ones((2, 3))), -12.0, why=FLOAT32)

    @weight(2)
    def test_flip_probability(self, student, rng):
        """min(1, exp(-dE/T)), where dE is the energy after the flip minus the energy before.

        A bond goes from -1 to +1: that makes 2. What lowers the energy, or leaves it, is accepted with certainty.
        """
        for shape in ((4, 4), (4, 6), (2, 3)):
            s, temperature = signs(rng, *shape), float(rng.uniform(1.5, 6.0))
            assert_close(student.flip_probability(s, temperature), flip_reference(s, temperature), why=FLOAT32)
        s, temperature = np.ones((4, 4)), float(rng.uniform(3.0, 8.0))
        assert_close(student.flip_probability(s, temperature), flip_reference(s, temperature), why=FLOAT32)

    @weight(2)
    def test_sweep_tries_even_sites_then_odd(self, student, rng):
        """A sweep with given uniform numbers, against one site after another in this order.

        Odd sites see what has become of the even ones. A site flips if its number is below its probability.
        """
        for shape, temperature in (((4, 4), 2.25), ((4, 6), float(rng.uniform(3, 5)))):
            for _ in range(2):
                s, u = signs(rng, *shape), uniforms_away_from_ties(rng, temperature, *shape)
                assert_close(student.metropolis_sweep(s, temperature, u), sweep_reference(s, temperature, u))

    @gated
    @weight(2)
    def test_detailed_balance(self, student, rng):
        """pi(s) p(s -> s') = pi(s') p(s' -> s) for all 64 states of a 2 x 3 lattice and all single flips.

        That is what makes e^(-E/T) stationary. If it fails, the ratio of the two probabilities is not e^(-dE/T).
        """
        temperature = float(rng.uniform(2.0, 5.0))
        states = np.array(list(itertools.product((-1.0, 1.0), repeat=6))).reshape(64, 2, 3)
        index = {tuple(s.ravel()): i for i, s in enumerate(states)}
        got = student.run(lambda ns, states, t: [ns.flip_probability(s, t) for s in states], states, temperature)
        require(isinstance(got, (list, tuple)) and all(np.shape(p) == (2, 3) for p in got), "one probability for each site")
        pi = np.exp([-energy_reference(s) / temperature for s in states])
        pi /= pi.sum()
        there, back = np.zeros((64, 6)), np.zeros((64, 6))
        for a, s in enumerate(states):
            for site, (r, c) in enumerate(np.ndindex(2, 3)):
                b = index[tuple(flipped(s, r, c).ravel())]
                there[a, site] = pi[a] * np.asarray(got[a], dtype=np.float64)[r, c]
                back[a, site] = np.minimum(pi[a], pi[b])  # Metropolis: both directions carry the smaller weight
        assert_close(there, back, why=FLOAT32)

    @gated
    @weight(2)
    def test_cold_hot_and_tied(self, student, rng):
        """At T = 0.05 nothing climbs, at T = 10^4 everything flips, and dE = 0 always does.

        exp(160) is infinite in float32: the smaller of 1 and infinity is still 1.
        """
        s = signs(rng, 4, 4)
        u = rng.uniform(0.01, 0.99, size=(4, 4))
        assert_close(student.flip_probability(s, 0.05), flip_reference(s, 0.05), why="e^-80 is 0 to all digits")
        assert_close(student.metropolis_sweep(s, 0.05, u), sweep_reference(s, 0.05, u))
        assert_close(student.metropolis_sweep(np.ones((4, 4)), 0.05, u), np.ones((4, 4)))
        assert_close(student.metropolis_sweep(s, 1e4, u), -s)
        stripes = np.tile([[1.0, 1.0, -1.0, -1.0]], (4, 1)) * float(signs(rng))  # on a 2 x 2 block pattern every dE is 0 ...
        blocks = stripes * stripes.T * float(signs(rng))  # ... in the first half of the sweep
        u = rng.uniform(0.9, 0.99, size=(4, 4))
        assert_close(student.metropolis_sweep(blocks, 1.0, u), sweep_reference(blocks, 1.0, u))
