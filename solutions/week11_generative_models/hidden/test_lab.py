"""Hidden suite of week11/lab. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

Every expected value is computed here, in NumPy float64, and never with the student's code. Networks are polynomials,
written with operators and methods that NumPy and JAX share: one function serves as the student's network (float32, in the
jail) and as our own (float64, here). Each question ends with gated tests of about half its weight.

Where a gradient has to get through the student's function, what goes in is `tilted`: the gradient comes out multiplied by a
number that finite differences do not see. Where it has to be compiled, a number is exchanged after the first call: a compiled
program still has the old one.
"""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import optax
import scipy.special
import scipy.stats

from autograder.testing import assert_close, gated, not_by_chance, question, require, sendable, tilted, weight

FLOAT32 = "float32 rounding over a few dozen operations is below 1e-5 of the largest entry"


def central_differences(loss, params, step=1e-5):
    """Gradient of loss(params) for a flat dictionary of arrays, float64; error about step^2, far below float32."""
    slopes = {}
    for name, value in params.items():
        slope = np.zeros_like(np.asarray(value, dtype=np.float64))
        for index in np.ndindex(slope.shape):
            moved = []
            for sign in (1, -1):
                shifted = np.array(value, dtype=np.float64)
                shifted[index] += sign * step
                moved.append(loss({**params, name: shifted}))
            slope[index] = (moved[0] - moved[1]) / (2 * step)
        slopes[name] = slope
    return slopes


def tilt(rng, *shape):
    """Slopes for `tilted`, far from 1."""
    return rng.uniform(2.0, 4.0, size=shape)


def sixteenths(values):
    """Rounded to multiples of 1/16, which float32 holds exactly."""
    return np.round(16 * np.asarray(values, dtype=np.float64)) / 16


# --- 1 --------------------------------------------------------------------------------------------------------------


def divergence_by_quadrature(mean, log_var):
    """E_q[log q(z) - log N(z; 0, 1)] coordinate by coordinate: exact, for the integrand is a polynomial of degree 2."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(4)
    sigma = np.exp(log_var / 2)[..., None]
    z = mean[..., None] + sigma * nodes
    log_ratio = scipy.stats.norm.logpdf(z, mean[..., None], sigma) - scipy.stats.norm.logpdf(z)
    return (log_ratio * weights).sum(axis=-1).sum(axis=1) / weights.sum()


@question("gaussian", reference="NumPy float64; the divergence by Gauss-Hermite quadrature of scipy.stats log-densities")
class TestGaussian:
    def test_noise_is_scaled_by_the_standard_deviation(self, student, rng):
        """z is the mean plus sigma times the noise, and sigma^2 = exp(log_var).

        log_var is the logarithm of the variance. What is the standard deviation of a Gaussian of variance e^2?
        """
        for shape in ((5, 2), (3, 3)):
            mean, log_var, eps = rng.normal(size=shape), rng.uniform(-3.0, 3.0, size=shape), rng.normal(size=shape)
            assert_close(student.reparametrise(mean, log_var, eps), mean + np.exp(log_var / 2) * eps, why=FLOAT32)

    @weight(2)
    def test_divergence_of_each_example(self, student, rng):
        """kl_to_prior is E_q[log q(z) - log p(z)], summed over the latents: one number per example.

        Compare with an average of log q(z) - log p(z) over many z that you draw yourself from q.
        """
        for shape in ((5, 2), (3, 3)):
            mean, log_var = 2 * rng.normal(size=shape), rng.uniform(-3.0, 3.0, size=shape)
            assert_close(student.kl_to_prior(mean, log_var), divergence_by_quadrature(mean, log_var), why=FLOAT32)

    def test_gradient_passes_through_the_sample(self, student, rng):
        """The derivative of z with respect to the mean is 1, and with respect to log_var sigma eps / 2.

        This is the point of the trick: jax.grad has to get through, so write it in jax.numpy, and stop no gradient.
        """
        mean, log_var, eps = rng.normal(size=(5, 2)), rng.uniform(-3.0, 3.0, size=(5, 2)), rng.normal(size=(5, 2))
        cotangent, a, b = rng.normal(size=(5, 2)), tilt(rng, 5, 2), tilt(rng, 5, 2)

        def slopes(ns, mean, log_var, eps, cotangent, a, b):
            loss = lambda m, s: (cotangent * ns.reparametrise(tilted(a)(m), tilted(b)(s), eps)).sum()
            return jax.grad(loss, argnums=(0, 1))(mean, log_var)

        got = student.run(slopes, mean, log_var, eps, cotangent, a, b)
        require(isinstance(got, (list, tuple)) and len(got) == 2, "jax.grad should return two gradients")
        assert_close(got[0], a * cotangent, why=FLOAT32)
        assert_close(got[1], b * cotangent * np.exp(log_var / 2) * eps / 2, why=FLOAT32)

    def test_gradient_of_the_divergence(self, student, rng):
        """The derivative of the divergence is mu with respect to the mean, and (sigma^2 - 1) / 2 with respect to log_var.

        The price has to be felt by the encoder: jax.grad has to get through here, too.
        """
        mean, log_var, cotangent = rng.normal(size=(5, 2)), rng.uniform(-3.0, 3.0, size=(5, 2)), rng.normal(size=5)
        a, b = tilt(rng, 5, 2), tilt(rng, 5, 2)

        def slopes(ns, mean, log_var, cotangent, a, b):
            loss = lambda m, s: (cotangent * ns.kl_to_prior(tilted(a)(m), tilted(b)(s))).sum()
            return jax.grad(loss, argnums=(0, 1))(mean, log_var)

        got = student.run(slopes, mean, log_var, cotangent, a, b)
        require(isinstance(got, (list, tuple)) and len(got) == 2, "jax.grad should return two gradients")
        assert_close(got[0], a * cotangent[:, None] * mean, why=FLOAT32)
        assert_close(got[1], b * cotangent[:, None] * np.expm1(log_var) / 2, why=FLOAT32)

    @gated
    @weight(5)
    def test_very_narrow_very_wide_and_the_prior_itself(self, student, rng):
        """log_var of +-28 and means of 50 are no trouble; N(0, I) is at distance 0; a single example stays a batch.

        Nothing here needs to be clipped, and no small number needs to be added.
        """
        log_var = np.array([[28.0, -28.0, 0.0]]) + rng.uniform(-1.0, 1.0, size=(1, 3))
        mean, eps = 50 * rng.normal(size=(1, 3)), rng.normal(size=(1, 3))
        for j in range(3):  # coordinate by coordinate, so that the largest does not hide the others
            narrow = (mean[:, j : j + 1], log_var[:, j : j + 1])
            z = student.reparametrise(np.zeros((1, 1)), narrow[1], eps[:, j : j + 1])
            expected = np.exp(narrow[1] / 2) * eps[:, j : j + 1]
            assert_close(z, expected, rtol=1e-5, atol=0.0, why="two float32 operations")
            assert_close(student.kl_to_prior(*narrow), divergence_by_quadrature(*narrow), rtol=1e-5, why="four operations")
        nothing = np.zeros((3, 3))
        assert_close(student.kl_to_prior(nothing, nothing), np.zeros(3))


# --- 2 --------------------------------------------------------------------------------------------------------------


def bernoulli_reference(logits, x):
    """Sum over pixels, float64."""
    return (x * scipy.special.log_expit(logits) + (1 - x) * scipy.special.log_expit(-logits)).sum(axis=1)


@sendable
def slope_of_likelihood(ns, logits, x, a):
    return jax.grad(lambda t: ns.bernoulli_log_likelihood(tilted(a)(t), x).sum())(logits)


@sendable
def affine_decoder(A, b):
    return lambda z: jnp.asarray(z) @ A + b


@sendable
def sample_affine(ns, key, A, b, count, latents):
    return ns.sample_model(key, affine_decoder(A, b), count, latents)


def samples_of(result, count, latents, pixels):
    """(z, x) as float64, after checking the form and that every pixel is 0 or 1."""
    require(isinstance(result, (list, tuple)) and len(result) == 2, "return the pair (z, x)")
    z, x = (np.asarray(part) for part in result)
    require(z.shape == (count, latents) and z.dtype.kind == "f", "z should have shape (count, latents)")
    require(x.shape == (count, pixels) and x.dtype.kind in "fiub", "x should have shape (count, pixels)")
    z, x = z.astype(np.float64), x.astype(np.float64)
    require(bool(np.all((x == 0) | (x == 1))), "every pixel should be 0 or 1")
    require(bool(np.isfinite(z).all()), "z should be finite")
    return z, x


def within(value, error):
    """Is |value| at most five standard errors? (Elementwise; each is exceeded by chance once in 1.7 million.)"""
    return bool(np.all(np.abs(value) <= 5 * error))


SAMPLES = 2000


def bound_left_over(x, p, bound):
    """Pixels x are on with probabilities p, independently within a picture; both of shape (SAMPLES, pixels)."""
    left_over, variance = x - p, p * (1 - p)
    error = np.sqrt(variance.mean(axis=0) / SAMPLES)
    bound(left_over.mean(axis=0) / error, "a pixel should be on with probability sigma(logit)")
    for i, j in itertools.combinations(range(x.shape[1]), 2):
        error = np.sqrt((variance[:, i] * variance[:, j]).sum()) / SAMPLES
        product = (left_over[:, i] * left_over[:, j]).mean()
        bound(product / error, "given the logits, the pixels of a picture should be independent")


@question("decoder", reference="scipy.special.log_expit in float64; moments with bounds of five standard errors")
class TestDecoder:
    def test_log_likelihood_is_a_sum_over_pixels(self, student, rng):
        """Each example's score is the sum over its pixels of log sigma(logit) where on and log(1 - sigma(logit)) where off.

        It is a log-density: a picture with twice as many pixels has about twice the score. No mean.
        """
        for batch, pixels in ((5, 4), (3, 3)):
            logits, x = 2 * rng.normal(size=(batch, pixels)), rng.integers(0, 2, size=(batch, pixels)).astype(float)
            assert_close(student.bernoulli_log_likelihood(logits, x), bernoulli_reference(logits, x), why=FLOAT32)

    def test_logits_of_hundreds_and_their_gradient(self, student, rng):
        """Logits of +-900: score and gradient stay finite and right.

        A wrong pixel costs |logit| nats, hundreds of them, and pulls with slope 1. A clipped logarithm stops at about 16
        or 100; log(1 + e^900) is infinite, and its gradient NaN, unless you write it another way.
        """
        size = rng.uniform(600.0, 900.0, size=(5, 4))
        logits = sixteenths(size) * np.array([1, -1, 1, -1])
        x = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1], [1, 1, 1, 1.0]])
        assert_close(student.bernoulli_log_likelihood(logits, x), bernoulli_reference(logits, x), rtol=1e-6, why="exact sums")
        a = tilt(rng, 5, 4)
        slope = student.run(slope_of_likelihood, logits, x, a)
        assert_close(slope, a * (x - scipy.special.expit(logits)), why="sigma differs from 0 or 1 by e^-600")

    def test_logits_of_tens(self, student, rng):
        """Score and gradient where sigma is rounded to 1, but no exponential overflows yet: logits of 20 to 90.

        From a logit of 17 on 1 - sigma *computed from sigma* is 0 in float32, and its logarithm infinite.
        """
        size = sixteenths(rng.uniform(20.0, 90.0, size=(5, 4)))
        logits = size * np.array([1, -1, 1, -1])
        x = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1], [1, 1, 1, 1.0]])
        assert_close(student.bernoulli_log_likelihood(logits, x), bernoulli_reference(logits, x), rtol=1e-6, why="few sums")
        a = tilt(rng, 5, 4)
        slope = student.run(slope_of_likelihood, logits, x, a)
        assert_close(slope, a * (x - scipy.special.expit(logits)), why=FLOAT32)

    def test_latents_come_from_the_prior(self, student, rng, key):
        """The latents are independent standard normals: mean 0, variance 1, fourth moment 3, uncorrelated, all different.

        The prior is N(0, I). Every row and every column needs noise of its own.
        """
        A, b = rng.normal(size=(3, 3)), rng.normal(size=3)

        def check(key, bound):
            z, _ = samples_of(student.run(sample_affine, key, A, b, SAMPLES, 3), SAMPLES, 3, 3)
            bound(z.mean(axis=0) * np.sqrt(SAMPLES), "the mean of z should be 0")
            bound(((z**2).mean(axis=0) - 1) * np.sqrt(SAMPLES / 2), "the variance of z should be 1")
            # z^4 has a long tail, which only an average over all columns makes harmless. Uniform noise is off by nine errors.
            bound(((z**4).mean() - 3) * np.sqrt(z.size / 96), "z should be normal: its fourth moment is 3")
            pairs = [(z[:, i] * z[:, j]).mean() for i, j in itertools.combinations(range(3), 2)]
            bound(np.array(pairs) * np.sqrt(SAMPLES), "the columns of z should be uncorrelated")
            bound((z[1:] * z[:-1]).mean(axis=0) * np.sqrt(SAMPLES), "the rows of z should be uncorrelated")
            # 6000 normal float32 numbers share a value now and then: a few pairs, not fifty.
            require(np.unique(z).size >= z.size - 50, "the same latents turn up again")

        not_by_chance(check, key)

    @weight(2)
    def test_pixels_owe_nothing_to_the_latents_but_their_logits(self, student, rng, key):
        """Given z, a pixel is on with probability sigma(logit), and what is left over is independent of everything.

        If pixels follow z in a way that the decoder did not ask for, one key was used for both. If pixels of one
        picture go on and off together, they share their noise.
        """
        A, b = rng.normal(size=(3, 3)) / 2, rng.normal(size=3) / 2

        def check(key, bound):
            z, x = samples_of(student.run(sample_affine, key, A, b, SAMPLES, 3), SAMPLES, 3, 3)
            p = scipy.special.expit(z @ A + b)
            left_over, variance = x - p, p * (1 - p)
            bound_left_over(x, p, bound)
            for shift in (0, 1, -1):  # the noise of one row must not come back in its neighbour either
                other = np.roll(z, shift, axis=0)
                error = np.sqrt(variance.T @ other**2) / SAMPLES
                bound(left_over.T @ other / SAMPLES / error, "given the logits, pixels should not depend on the latents")

        not_by_chance(check, key)

    def test_the_key_and_the_latents_decide(self, student, rng, key):
        """With logits of +-900 the picture is known from z; the same key gives the same samples, another key others.

        The z that you return has to be the z that the decoder saw.
        """

        def threshold(ns, key, count):
            return ns.sample_model(key, lambda z: 900.0 * jnp.sign(jnp.asarray(z)), count, 3)

        z, x = samples_of(student.run(threshold, key, SAMPLES), SAMPLES, 3, 3)
        assert_close(x, (z > 0) * 1.0, why="pixels are 0 or 1")
        again, x_again = samples_of(student.run(threshold, key, SAMPLES), SAMPLES, 3, 3)
        other, _ = samples_of(student.run(threshold, jax.random.fold_in(key, 1), SAMPLES), SAMPLES, 3, 3)
        assert_close(again, z, why="the same computation twice")
        assert_close(x_again, x, why="the same computation twice")
        # E (z - z')^2 = 2 for independent draws, variance 8
        require(within(np.mean((other - z) ** 2) - 2, np.sqrt(8 / z.size)), "another key should give other samples")

    def test_more_pixels_than_latents(self, student, rng, key):
        """One latent, three pixels: every pixel has noise of its own, and z and x have shapes of their own.

        Draw as many uniform numbers as there are pixels, not as there are latents. One picture is a batch, too.
        """
        A, b = rng.normal(size=(1, 3)) / 2, rng.normal(size=3) / 2
        samples_of(student.run(sample_affine, key, A, b, 1, 1), 1, 1, 3)

        def check(key, bound):
            z, x = samples_of(student.run(sample_affine, key, A, b, SAMPLES, 1), SAMPLES, 1, 3)
            p = scipy.special.expit(z @ A + b)
            bound_left_over(x, p, bound)

        not_by_chance(check, key)

    @gated
    @weight(6)
    def test_grey_pixels_and_single_pictures(self, student, rng):
        """Grey values between 0 and 1 weigh the two logarithms, also at +-900, and one example with one pixel is a batch.

        The formula is linear in x. Do not round.
        """
        logits, x = 2 * rng.normal(size=(5, 4)), rng.uniform(size=(5, 4))
        assert_close(student.bernoulli_log_likelihood(logits, x), bernoulli_reference(logits, x), why=FLOAT32)
        one, grey = sixteenths(rng.uniform(800.0, 900.0, size=(1, 1))), np.array([[0.25]])
        for logit in (one, -one):
            expected = bernoulli_reference(logit, grey)
            assert_close(student.bernoulli_log_likelihood(logit, grey), expected, rtol=1e-5, why="few float32 operations")


# --- 3 and 4: a linear-Gaussian model -------------------------------------------------------------------------------


@sendable
def encode(params, x):
    """Affine mean and log-variance."""
    return x @ params["A"] + params["a"], x @ params["C"] + params["c"]


@sendable
def log_likelihood(params, x, z):
    """log N(x; z B + b, I / t) up to the constant k."""
    return params["k"] - 0.5 * params["t"] * ((x - z @ params["B"] - params["b"]) ** 2).sum(axis=-1)


def random_model(rng, pixels, latents):
    """A model whose encoder has nothing to do with its decoder."""
    half = lambda *shape: sixteenths(rng.normal(size=shape) / 2)
    return {
        "A": half(pixels, latents), "a": half(latents), "C": half(pixels, latents), "c": half(latents),
        "B": half(latents, pixels), "b": half(pixels), "t": np.array(sixteenths(rng.uniform(0.5, 1.5))), "k": half(),
    }  # fmt: skip


def matched_model(rng, pixels, latents):
    """A model whose encoder is its exact posterior: the rows of B are orthogonal, so the posterior is diagonal.

    Posterior precision I + t B B^T, mean t (x - b) B^T / precision (Bishop 2006, equations 2.116 and 2.117).
    """
    rows = np.linalg.qr(rng.normal(size=(pixels, latents)))[0].T
    B, b, t = rows * rng.uniform(0.5, 2.0, size=(latents, 1)), rng.normal(size=pixels), float(rng.uniform(0.5, 2.0))
    precision = 1 + t * (B**2).sum(axis=1)
    A = t * B.T / precision
    constant = 0.5 * pixels * np.log(t / (2 * np.pi))
    return {
        "A": A, "a": -b @ A, "C": np.zeros((pixels, latents)), "c": -np.log(precision),
        "B": B, "b": b, "t": np.array(t), "k": np.array(constant),
    }  # fmt: skip


def evidence(model, x):
    """log p(x) of a linear-Gaussian model, one number per row."""
    covariance = model["B"].T @ model["B"] + np.eye(x.shape[1]) / model["t"]
    return scipy.stats.multivariate_normal.logpdf(x, model["b"], covariance)


def elbo_reference(params, x, eps):
    mean, log_var = encode(params, x)
    z = mean + np.exp(log_var / 2) * eps
    return log_likelihood(params, x, z) - 0.5 * (np.exp(log_var) + mean**2 - 1 - log_var).sum(axis=1)


def log_weights(params, x, eps):
    """log w of shape (samples, batch), by scipy's log-densities."""
    mean, log_var = encode(params, x)
    sigma = np.exp(log_var / 2)
    z = mean + sigma * eps
    prior, proposal = scipy.stats.norm.logpdf(z), scipy.stats.norm.logpdf(z, mean, sigma)
    return np.stack([log_likelihood(params, x, zk) for zk in z]) + (prior - proposal).sum(axis=2)


def iwae_reference(params, x, eps):
    return scipy.special.logsumexp(log_weights(params, x, eps), axis=0) - np.log(len(eps))


@sendable
def student_elbo(ns, params, x, eps):
    return ns.elbo(params, x, eps, encode, log_likelihood)


@sendable
def student_bound(ns, params, x, eps):
    return ns.iwae_bound(params, x, eps, encode, log_likelihood)


@sendable
def student_steps(ns, params, xs, noises, optimizer):
    """One update per batch in xs, the losses on the way."""
    state, losses = optimizer.init(params), []
    for x, eps in zip(xs, noises, strict=True):
        params, state, loss = ns.vae_step(params, state, x, eps, encode, log_likelihood, optimizer)
        losses.append(loss)
    return params, losses


@sendable
def nested(flat):
    """The same parameters, encoder and decoder apart: dictionary, list and pair."""
    return {"encoder": [flat["A"], flat["a"], (flat["C"], flat["c"])], "decoder": {n: flat[n] for n in ("B", "b", "t", "k")}}


@sendable
def flattened(params):
    """Back to one dictionary."""
    A, a, (C, c) = params["encoder"]
    return {"A": A, "a": a, "C": C, "c": c, **params["decoder"]}


@sendable
def compiled_steps(ns, params, xs, noises, optimizer, level, other):
    """`student_steps` with nested parameters, each step compiled; log p(x|z) is higher by `level`.

    Before that the first step is made twice, the second time with another level, of which a compiled step knows nothing.

    Returns:
        Parameters and losses of the steps, and the loss of the repeated step.
    """
    now = [level]
    encode_nested = lambda params, x: encode(flattened(params), x)
    score_nested = lambda params, x, z: log_likelihood(flattened(params), x, z) + now[0]
    step = jax.jit(lambda p, s, x, e: ns.vae_step(p, s, x, e, encode_nested, score_nested, optimizer))
    params = nested(params)
    state, losses = optimizer.init(params), []
    step(params, state, xs[0], noises[0])
    now[0] = other
    repeated = step(params, state, xs[0], noises[0])[2]
    now[0] = level
    for x, eps in zip(xs, noises, strict=True):
        params, state, loss = step(params, state, x, eps)
        losses.append(loss)
    return flattened(params), losses, repeated


def assert_trained(result, expected, losses, why):
    """Parameters and losses of `student_steps`."""
    require(isinstance(result, (list, tuple)) and len(result) == 2, "vae_step should return (params, opt_state, loss)")
    got = result[0]
    require(isinstance(got, dict) and set(got) == set(expected), "params should keep their structure")
    for loss, wanted in zip(result[1], losses, strict=True):
        assert_close(loss, wanted, why=why)
    for name, value in expected.items():
        assert_close(got[name], value, why=why)


@question("elbo", reference="NumPy float64; exact log p(x) of a linear-Gaussian model; central differences")
class TestElbo:
    def test_each_example_has_its_bound(self, student, rng):
        """elbo is log p(x|z) at the reparametrised sample, minus the closed-form divergence, for each example.

        A sum over latents, no mean over the batch; the divergence is subtracted.
        """
        for batch, latents in ((5, 2), (3, 3)):
            params, x, eps = random_model(rng, 3, latents), rng.normal(size=(batch, 3)), rng.normal(size=(batch, latents))
            assert_close(student.run(student_elbo, params, x, eps), elbo_reference(params, x, eps), why=FLOAT32)

    def test_step_goes_down_the_slope_of_the_mean(self, student, rng):
        """One step of plain gradient descent: every parameter moves by -rate times the slope of the mean of -elbo.

        The gradient reaches the encoder in two ways, through z and through the divergence; the decoder is moved too. The
        loss that is returned is the one before the step.
        """
        rate = float(sixteenths(rng.uniform(0.1, 0.9)))
        params, x, eps = random_model(rng, 3, 2), rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
        loss = lambda p: -elbo_reference(p, x, eps).mean()
        slopes = central_differences(loss, params)
        expected = {name: params[name] - rate * slopes[name] for name in params}
        got = student.run(lambda ns, p, x, e: student_steps(ns, p, [x], [e], optax.sgd(rate)), params, x, eps)
        assert_trained(got, expected, [loss(params)], FLOAT32)

    def test_several_steps_with_an_optimizer_that_remembers(self, student, rng):
        """Three steps with momentum and weight decay: the optimizer's state is handed on, and it is shown the parameters.

        optimizer.update(gradient, opt_state, params) returns the updates and the next state. params is any nesting of
        dictionaries, lists and tuples, and the step is compiled (jax.jit): no float(loss).
        """
        rate, decay, momentum = 0.03125, 0.25, 0.5  # larger steps may explode: log-variances are exponents
        params = random_model(rng, 3, 2)
        xs, noises = [rng.normal(size=(5, 3)) for _ in range(3)], [rng.normal(size=(5, 2)) for _ in range(3)]
        level, other = (float(v) for v in sixteenths([rng.uniform(1.0, 2.0), rng.uniform(3.0, 4.0)]))

        def run(ns, params, xs, noises, level, other):
            heavy = optax.chain(optax.add_decayed_weights(decay), optax.sgd(rate, momentum=momentum))
            return compiled_steps(ns, params, xs, noises, heavy, level, other)

        expected, velocity, losses = params, dict.fromkeys(params, 0.0), []
        for x, eps in zip(xs, noises, strict=True):
            loss = lambda p, x=x, eps=eps: -elbo_reference(p, x, eps).mean() - level
            losses.append(loss(expected))
            slopes = central_differences(loss, expected)
            velocity = {n: momentum * velocity[n] + slopes[n] + decay * expected[n] for n in params}
            expected = {n: expected[n] - rate * velocity[n] for n in params}
        got = student.run(run, params, xs, noises, level, other)
        require(isinstance(got, (list, tuple)) and len(got) == 3, "vae_step should return (params, opt_state, loss)")
        assert_trained(got[:2], expected, losses, "three float32 steps")
        assert_close(got[2], losses[0], why="the same compiled step twice")

    @gated
    @weight(3)
    def test_exact_posterior_makes_the_bound_exact(self, student, rng):
        """Where the encoder is the true posterior, the ELBO averages to log p(x) itself.

        The model is linear-Gaussian, in which all is known; the noise of two batches of three equal rows is chosen so that
        the average over all six is the expectation.
        """
        model = matched_model(rng, 3, 3)
        corners = np.sqrt(3) * np.eye(3)  # with their negatives exact averages up to degree 3
        x = np.repeat(rng.normal(size=(1, 3)), 3, axis=0)
        halves = [np.asarray(student.run(student_elbo, model, x, eps), dtype=np.float64) for eps in (corners, -corners)]
        require(all(half.shape == (3,) for half in halves), "one bound per example")
        assert_close(float(np.mean(halves)), evidence(model, x)[0], why=FLOAT32)


@question("iwae", reference="scipy.stats log-densities and logsumexp in float64; exact log p(x) of a linear-Gaussian model")
class TestIwae:
    @weight(2)
    def test_an_encoder_that_is_the_prior(self, student, rng):
        """Where the encoder is the prior N(0, I) whatever x is, a weight is p(x|z) alone: the bound averages these."""
        params = {**random_model(rng, 3, 2), **{name: np.zeros((3, 2)) for name in "AC"}, **{name: np.zeros(2) for name in "ac"}}
        x, eps = rng.normal(size=(4, 3)), rng.normal(size=(4, 4, 2))
        assert_close(student.run(student_bound, params, x, eps), iwae_reference(params, x, eps), why=FLOAT32)

    @weight(2)
    def test_one_sample(self, student, rng):
        """With K = 1 the bound is log p(x|z) + log p(z) - log q(z|x) at the sample.

        Not the closed-form divergence: its average over z agrees, its value at one z does not. Mind log sigma in log q.
        """
        params, x, eps = random_model(rng, 3, 2), rng.normal(size=(4, 3)), rng.normal(size=(1, 4, 2))
        assert_close(student.run(student_bound, params, x, eps), iwae_reference(params, x, eps), why=FLOAT32)

    def test_compiled_and_differentiated(self, student, rng):
        """The bound inside jax.jit, and its slope with respect to the level of log p(x|z), which is 1 for every example.

        Write it in jax.numpy, and return an array.
        """
        params, x, eps = random_model(rng, 3, 2), rng.normal(size=(4, 3)), rng.normal(size=(3, 4, 2))
        a, level, other = (float(v) for v in sixteenths(rng.uniform(2.0, 4.0, size=3)))

        def twice(ns, params, x, eps, a, level, other):
            now = [level]
            raised = lambda k: student_bound(ns, {**params, "k": tilted(a)(k)}, x, eps).sum() + now[0]
            compiled = jax.jit(jax.value_and_grad(raised))
            compiled(params["k"])
            now[0] = other  # too late for a compiled program
            return compiled(params["k"])

        got = student.run(twice, params, x, eps, a, level, other)
        assert_close(got, (iwae_reference(params, x, eps).sum() + level, 4.0 * a), why=FLOAT32)

    def test_log_of_the_mean_weight(self, student, rng):
        """With K samples it is the logarithm of the average of the K weights, example by example.

        First the average, then the logarithm; the other order gives the ELBO again. Average over the first axis of eps.
        """
        for _ in range(2):  # as many samples as examples: the wrong axis gives the right shape
            params, x, eps = random_model(rng, 3, 2), rng.normal(size=(4, 3)), rng.normal(size=(4, 4, 2))
            assert_close(student.run(student_bound, params, x, eps), iwae_reference(params, x, eps), why=FLOAT32)

    def test_weights_that_float32_cannot_hold(self, student, rng):
        """Log-weights around -2000 and +2000, hundreds apart within one example.

        Subtract each example's largest log-weight before the exponential, or use a library's logsumexp over the samples.
        """
        for sign in (-1, 1):
            params, x, eps = random_model(rng, 3, 2), rng.normal(size=(4, 3)), rng.normal(size=(4, 4, 2))
            params["t"] = np.array(50 * params["t"])
            # A different level for each example: pixels that are far from what the decoder can reach.
            params["k"] = np.array(sign * sixteenths(rng.uniform(1500.0, 2000.0)))
            expected = iwae_reference(params, x, eps)
            got = student.run(student_bound, params, x, eps)
            assert_close(got, expected, rtol=1e-5, why="float32 spacing near 4000 is 2.4e-4, a few operations")

    @gated
    @weight(3)
    def test_exact_posterior_leaves_nothing_to_chance(self, student, rng):
        """Where the encoder is the true posterior all weights are equal: the bound is log p(x), whatever the noise and K.

        p(x|z) p(z) / q(z|x) = p(x) for every z then.
        """
        for samples in (1, 4):
            model, x, eps = matched_model(rng, 3, 2), rng.normal(size=(4, 3)), 2 * rng.normal(size=(samples, 4, 2))
            assert_close(student.run(student_bound, model, x, eps), evidence(model, x), why=FLOAT32)

    @gated
    @weight(2)
    def test_samples_in_any_order_and_twice(self, student, rng):
        """The bound does not change if the samples are reordered, or if each is used twice.

        It is a logarithm of an average.
        """
        params, x, eps = random_model(rng, 3, 2), rng.normal(size=(4, 3)), rng.normal(size=(4, 4, 2))
        for noise, same in ((eps[::-1], eps), (np.concatenate([eps[:2], eps[:2]]), eps[:2])):
            assert_close(student.run(student_bound, params, x, noise), iwae_reference(params, x, same), why=FLOAT32)


# --- 5 --------------------------------------------------------------------------------------------------------------


@question("gan_losses", reference="scipy.special.log_expit and expit in float64")
class TestGanLosses:
    def test_discriminator(self, student, rng):
        """The discriminator's loss is its mean surprise on real examples plus that on fake ones, batches of any size.

        Real examples should get large logits. The two means are added; with unequal batches a mean over all is another number.
        """
        for real_size, fake_size in ((5, 3), (1, 4)):
            real, fake = 2 * rng.normal(size=real_size), 2 * rng.normal(size=fake_size)
            expected = -scipy.special.log_expit(real).mean() - scipy.special.log_expit(-fake).mean()
            assert_close(student.discriminator_loss(real, fake), expected, why=FLOAT32)

    def test_generators(self, student, rng):
        """The saturating loss is the mean of log(1 - D), the non-saturating one the mean of -log D.

        Both become smaller as the fakes' logits grow; one is negative, the other positive.
        """
        fake = 2 * rng.normal(size=4)
        assert_close(student.saturating_loss(fake), scipy.special.log_expit(-fake).mean(), why=FLOAT32)
        assert_close(student.nonsaturating_loss(fake), -scipy.special.log_expit(fake).mean(), why=FLOAT32)

    def test_logits_of_hundreds(self, student, rng):
        """Logits of +-900, and of 20 to 90: all three losses stay finite and right.

        log sigma(-900) is -900. No clipping, no epsilon; which exponentials may you take? From 17 on sigma is 1 in float32.
        """
        for lowest, highest in ((600.0, 900.0), (20.0, 90.0)):
            large = sixteenths(rng.uniform(lowest, highest, size=4)) * np.array([1, -1, 1, -1])
            log_d, log_not_d = scipy.special.log_expit(large), scipy.special.log_expit(-large)
            why = "a mean of four numbers"
            assert_close(student.discriminator_loss(large, large), -log_d.mean() - log_not_d.mean(), rtol=1e-5, why=why)
            assert_close(student.saturating_loss(large), log_not_d.mean(), rtol=1e-5, why=why)
            assert_close(student.nonsaturating_loss(large), -log_d.mean(), rtol=1e-5, why=why)

    @gated
    @weight(3)
    def test_slopes(self, student, rng):
        """The gradients are right too, from logits near 0 to +-900.

        A branch that is not taken still spoils a gradient (0 * inf is NaN) if an exponential overflows in it.
        """
        logits = rng.normal(size=4) * np.array([1.0, 1.0, 2.0, 2.0])
        tens = sixteenths(rng.uniform(20.0, 90.0, size=4)) * np.array([1, -1, 1, -1])  # sigma is rounded to 1, e^90 overflows
        far = sixteenths(rng.uniform(600.0, 900.0, size=4)) * np.array([1, -1, 1, -1])
        for fake in (logits, tens, far):
            real, a, b = fake[::-1], tilt(rng, 4), tilt(rng, 4)
            got = student.run(
                lambda ns, real, fake, a, b: (
                    jax.grad(lambda r, f: ns.discriminator_loss(tilted(a)(r), tilted(b)(f)), argnums=(0, 1))(real, fake),
                    jax.grad(lambda f: ns.saturating_loss(tilted(a)(f)))(fake),
                    jax.grad(lambda f: ns.nonsaturating_loss(tilted(b)(f)))(fake),
                ),
                real, fake, a, b,
            )  # fmt: skip
            expected = (
                (-a * scipy.special.expit(-real) / 4, b * scipy.special.expit(fake) / 4),
                -a * scipy.special.expit(fake) / 4,
                -b * scipy.special.expit(-fake) / 4,
            )
            assert_close(got, expected, why=FLOAT32)


# --- 6 --------------------------------------------------------------------------------------------------------------


@sendable
def quadratic(params, x):
    """Critic x S x / 2 + w x + v: its slope at x is x (S + S^T) / 2 + w."""
    return 0.5 * ((x @ params["S"]) * x).sum(axis=-1) + x @ params["w"] + params["v"]


@sendable
def student_penalty(ns, params, real, fake, mix):
    return ns.gradient_penalty(lambda x: quadratic(params, x), real, fake, mix)


@sendable
def student_critic_loss(ns, params, real, fake, mix, strength):
    return ns.critic_loss(params, quadratic, real, fake, mix, strength)


def random_critic(rng, n):
    return {"S": sixteenths(rng.normal(size=(n, n))), "w": sixteenths(rng.normal(size=n)), "v": np.array(rng.normal())}


def penalty_reference(params, real, fake, mix):
    between = mix[:, None] * real + (1 - mix[:, None]) * fake
    slopes = between @ (params["S"] + params["S"].T) / 2 + params["w"]
    return np.mean((np.linalg.norm(slopes, axis=1) - 1) ** 2)


def critic_reference(params, real, fake, mix, strength):
    scores = quadratic(params, fake).mean() - quadratic(params, real).mean()
    return scores + strength * penalty_reference(params, real, fake, mix)


@question("gradient_penalty", reference="critics whose slope is known in closed form; central differences in float64")
class TestGradientPenalty:
    def test_a_single_segment(self, student, rng):
        """One real point, one fake point: the penalty looks at the slope's length between them, m of the way from the fake.

        m = 1 is the real point. The slope is that of the score with respect to the point.
        """
        for size in (1.0, 0.0625):  # slopes above 1 and slopes below 1: both are penalised
            params, mix = random_critic(rng, 2), rng.uniform(0.1, 0.9, size=1)
            params = {name: size * value for name, value in params.items()}
            real, fake = 2 * rng.normal(size=(1, 2)), 2 * rng.normal(size=(1, 2))
            got = student.run(student_penalty, params, real, fake, mix)
            assert_close(got, penalty_reference(params, real, fake, mix), why=FLOAT32)

    def test_every_example_has_its_own_point_and_norm(self, student, rng):
        """In a batch each example has its own m, its own slope, its own norm; the average comes last.

        Also with as many examples as coordinates, where an m that is broadcast along the wrong axis goes unnoticed by shapes,
        and with one coordinate, where the norm of a slope is its modulus.
        """
        for batch, n in ((5, 2), (3, 3), (4, 1)):
            params, mix = random_critic(rng, n), rng.uniform(size=batch)
            real, fake = 2 * rng.normal(size=(batch, n)), 2 * rng.normal(size=(batch, n))
            got = student.run(student_penalty, params, real, fake, mix)
            assert_close(got, penalty_reference(params, real, fake, mix), why=FLOAT32)

    def test_loss_of_the_critic(self, student, rng):
        """The critic's loss is mean score of fake minus mean score of real, plus lambda times the penalty.

        It is minimised, so real points should lower it by high scores.
        """
        for batch, n in ((5, 2), (3, 3)):
            params, mix, strength = random_critic(rng, n), rng.uniform(size=batch), float(rng.uniform(2.0, 10.0))
            real, fake = 2 * rng.normal(size=(batch, n)), 2 * rng.normal(size=(batch, n))
            got = student.run(student_critic_loss, params, real, fake, mix, strength)
            assert_close(got, critic_reference(params, real, fake, mix, strength), why=FLOAT32)

    @gated
    @weight(4)
    def test_gradient_for_the_critics_parameters(self, student, rng):
        """jax.grad with respect to the critic's parameters goes through the penalty as well.

        This is what an optimizer needs: the slope with respect to the points is itself differentiated.
        """
        params, mix, strength = random_critic(rng, 2), rng.uniform(size=5), float(rng.uniform(2.0, 10.0))
        real, fake = 2 * rng.normal(size=(5, 2)), 2 * rng.normal(size=(5, 2))
        expected = central_differences(lambda p: critic_reference(p, real, fake, mix, strength), params)
        slopes = {"S": tilt(rng, 2, 2), "w": tilt(rng, 2)}
        got = student.run(
            lambda ns, p, real, fake, mix, strength, a: jax.grad(
                lambda q: student_critic_loss(
                    ns, {**q, "S": tilted(a["S"])(q["S"]), "w": tilted(a["w"])(q["w"])}, real, fake, mix, strength
                )
            )(p),
            params, real, fake, mix, strength, slopes,
        )  # fmt: skip
        require(isinstance(got, dict) and set(got) == set(params), "the gradient should have the structure of params")
        for name in ("S", "w"):
            assert_close(got[name], slopes[name] * expected[name], rtol=1e-3, why="float32, through two derivatives and a norm")

    @gated
    @weight(1)
    def test_a_linear_critic_has_one_slope(self, student, rng):
        """A linear critic's penalty is (|w| - 1)^2 wherever the points are; lambda = 0 leaves the difference of means.

        Slopes of opposite sign have the same length; a slope of length 1 costs nothing, a flat critic costs 1.
        """
        w, far = rng.normal(size=2), 100 * rng.normal(size=(5, 2))
        params = {"S": np.zeros((2, 2)), "w": w, "v": np.array(0.0)}
        real, mix = far + rng.normal(size=(5, 2)), np.array([0.0, 1.0, 0.5, 0.25, 0.75])
        got = student.run(student_penalty, params, real, far, mix)
        assert_close(got, (np.linalg.norm(w) - 1) ** 2, why=FLOAT32)
        flat = {**params, "w": np.zeros(2)}
        assert_close(student.run(student_penalty, flat, real, far, mix), 1.0)
        plain = random_critic(rng, 2)
        near, close = rng.normal(size=(5, 2)), rng.normal(size=(5, 2))
        got = student.run(student_critic_loss, plain, near, close, mix, 0.0)
        assert_close(got, quadratic(plain, close).mean() - quadratic(plain, near).mean(), why=FLOAT32)


# --- 7 --------------------------------------------------------------------------------------------------------------


@sendable
def critic_game(psi, theta, batch):
    """A loss of two critic parameters in which generator, real points and noise all matter."""
    real, noise = batch
    gap = (noise + theta["t"]).mean(axis=0) - real.mean(axis=0)
    return (psi["w"] * gap).sum() + 0.5 * ((psi["w"] - psi["q"]) ** 2).sum() + 0.5 * (psi["q"] ** 2).sum()


@sendable
def generator_game(theta, psi, batch):
    """A loss of the generator in which the critic and the noise matter."""
    return -0.5 * (psi["w"] * ((batch[1] + theta["t"]) ** 2).mean(axis=0)).sum() + 0.5 * ((theta["t"] - psi["q"]) ** 2).sum()


def critic_slope(psi, theta, batch):
    """Gradient of `critic_game` with respect to psi, by hand."""
    real, noise = batch
    return {"w": noise.mean(axis=0) + theta["t"] - real.mean(axis=0) + psi["w"] - psi["q"], "q": 2 * psi["q"] - psi["w"]}


def generator_slope(theta, psi, batch):
    """Gradient of `generator_game` with respect to theta, by hand."""
    return {"t": -psi["w"] * (batch[1].mean(axis=0) + theta["t"]) + theta["t"] - psi["q"]}


class HeavyBall:
    """Weight decay, then momentum, then a step: optax.chain(add_decayed_weights, sgd(rate, momentum)) in float64."""

    def __init__(self, rate, momentum=0.0, decay=0.0):
        self.rate, self.momentum, self.decay, self.velocity = rate, momentum, decay, {}

    def step(self, params, slope):
        for name in params:
            push = slope[name] + self.decay * params[name]
            self.velocity[name] = self.momentum * self.velocity.get(name, 0.0) + push
        return {name: params[name] - self.rate * self.velocity[name] for name in params}


def rounds_by_hand(theta, psi, rounds, generator_rule, critic_rule, push=0.0):
    """Alternating updates: rounds is a list of (critic batches, generator batch); a push is added to the slope of "w"."""
    for critic_batches, generator_batch in rounds:
        for batch in critic_batches:
            slope = critic_slope(psi, theta, batch)
            psi = critic_rule.step(psi, {**slope, "w": slope["w"] + push})
        theta = generator_rule.step(theta, generator_slope(theta, psi, generator_batch))
    return theta, psi


@sendable
def student_rounds(ns, theta, psi, rounds, optimizers):
    states = (optimizers[0].init(theta), optimizers[1].init(psi))
    for critic_batches, generator_batch in rounds:
        critic_batches = [tuple(batch) for batch in critic_batches]
        theta, psi, states = ns.adversarial_round(
            theta, psi, states, critic_game, generator_game, critic_batches, tuple(generator_batch), optimizers
        )
    return theta, psi


@sendable
def compiled_rounds(ns, theta, psi, rounds, optimizers, push, other):
    """The rounds twice over with the same lists of batches, compiled; each player's parameters are a list of a dictionary.

    The critic's "w" is pushed down with a constant force. The compiled rounds are run once more after the force has changed, of
    which they do not know.
    """
    now = [push]
    critic = lambda psi, theta, batch: critic_game(psi[0], theta[0], batch) + now[0] * psi[0]["w"].sum()
    generator = lambda theta, psi, batch: generator_game(theta[0], psi[0], batch)

    def all_rounds(theta, psi, rounds):
        states = (optimizers[0].init(theta), optimizers[1].init(psi))
        rounds = [([tuple(batch) for batch in critic_batches], tuple(last)) for critic_batches, last in rounds]
        for critic_batches, last in (*rounds, *rounds):
            theta, psi, states = ns.adversarial_round(theta, psi, states, critic, generator, critic_batches, last, optimizers)
        return theta[0], psi[0]

    compiled = jax.jit(all_rounds)
    compiled([theta], [psi], rounds)
    now[0] = other
    return compiled([theta], [psi], rounds)


def random_players(rng):
    return {"t": rng.normal(size=3)}, {"w": rng.normal(size=3), "q": rng.normal(size=3)}


def random_batch(rng):
    return rng.normal(size=(4, 3)), rng.normal(size=(4, 3))


def assert_players(got, expected, why):
    require(isinstance(got, (list, tuple)) and len(got) == 2, "return (generator_params, critic_params, states)")
    for player, wanted in zip(got, expected, strict=True):
        require(isinstance(player, dict) and set(player) == set(wanted), "generator first, critic second, same structure")
    for player, wanted in zip(reversed(got), reversed(expected), strict=True):  # the critic moved first
        for name, value in wanted.items():
            assert_close(player[name], value, why=why)


@question("adversarial_round", reference="the same updates by hand in NumPy float64, gradients written out")
class TestAdversarialRound:
    def test_the_critic_alone(self, student, rng):
        """The critic after one update, whatever became of the generator: a step down its own loss, the generator as it was."""
        theta, psi = random_players(rng)
        rounds, rate = [([random_batch(rng)], random_batch(rng))], float(rng.uniform(0.3, 0.5))
        _, expected = rounds_by_hand(theta, psi, rounds, HeavyBall(0.125), HeavyBall(rate))
        got = student.run(
            lambda ns, theta, psi, rounds: student_rounds(ns, theta, psi, rounds, (optax.sgd(0.125), optax.sgd(rate))),
            theta, psi, rounds,
        )  # fmt: skip
        require(isinstance(got, (list, tuple)) and len(got) == 2, "return (generator_params, critic_params, states)")
        critic = got[1]
        require(isinstance(critic, dict) and set(critic) == set(expected), "generator first, critic second, same structure")
        for name, value in expected.items():
            assert_close(critic[name], value, why=FLOAT32)

    def test_critic_then_generator(self, student, rng):
        """One critic update, then one generator update that sees the new critic.

        Each player steps *down* its own loss, with its own optimizer (here plain gradient descent at two different rates).
        """
        theta, psi = random_players(rng)
        rounds = [([random_batch(rng)], random_batch(rng))]
        rates = float(rng.uniform(0.1, 0.2)), float(rng.uniform(0.3, 0.5))
        expected = rounds_by_hand(theta, psi, rounds, HeavyBall(rates[0]), HeavyBall(rates[1]))
        got = student.run(
            lambda ns, theta, psi, rounds: student_rounds(ns, theta, psi, rounds, (optax.sgd(rates[0]), optax.sgd(rates[1]))),
            theta, psi, rounds,
        )  # fmt: skip
        assert_players(got, expected, FLOAT32)

    def test_several_critic_batches(self, student, rng):
        """Three critic batches make three critic updates, in their order, and still only one of the generator.

        Each update starts where the last one ended. The generator uses a batch of its own.
        """
        theta, psi = random_players(rng)
        rounds = [([random_batch(rng) for _ in range(3)], random_batch(rng))]
        rates = float(rng.uniform(0.1, 0.2)), float(rng.uniform(0.3, 0.5))
        expected = rounds_by_hand(theta, psi, rounds, HeavyBall(rates[0]), HeavyBall(rates[1]))
        got = student.run(
            lambda ns, theta, psi, rounds: student_rounds(ns, theta, psi, rounds, (optax.sgd(rates[0]), optax.sgd(rates[1]))),
            theta, psi, rounds,
        )  # fmt: skip
        assert_players(got, expected, FLOAT32)

    @gated
    @weight(3)
    def test_rounds_with_optimizers_that_remember(self, student, rng):
        """Four rounds with momentum and weight decay: both states are handed on, and optimizers are shown the parameters.

        Within a round the critic's state changes with every update. Return the states in the order they came in. Parameters
        may be any nesting of lists and dictionaries, the caller's list of batches is left as it is, and all is compiled.
        """
        theta, psi = random_players(rng)
        rounds = [([random_batch(rng) for _ in range(2)], random_batch(rng)) for _ in range(2)]
        first, second = (0.125, 0.5, 0.25), (0.25, 0.75, 0.125)
        push, other = float(rng.uniform(0.25, 0.5)), float(rng.uniform(1.0, 2.0))

        def run(ns, theta, psi, rounds, push, other):
            heavy = lambda rate, momentum, decay: optax.chain(
                optax.add_decayed_weights(decay), optax.sgd(rate, momentum=momentum)
            )
            return compiled_rounds(ns, theta, psi, rounds, (heavy(*first), heavy(*second)), push, other)

        expected = rounds_by_hand(theta, psi, 2 * rounds, HeavyBall(*first), HeavyBall(*second), push)
        assert_players(student.run(run, theta, psi, rounds, push, other), expected, "twelve float32 updates")
