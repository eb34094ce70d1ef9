"""Hidden suite of week01/homework. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

What each input makes visible:

| inputs | shows |
|---|---|
| p = n + 2, n - 2, and n - 1, n, n + 1 | the 1 in n - p - 1, on which side the window of infinite risk ends |
| noise and signal unequal, never 1; gamma .4 and 2.5, never 1 | exchanged arguments, p/n for n/p |
| teacher's weights of either sign, all unequal; p = 1, p = D | squares, first p and not last p, off by one |
| z = 1e-14, 1e6 on both sides of gamma = 1 | cancellation in either root |
| lam / n = 1e-6; n = 7, 40 and 1000 | lambda for lambda / n; a pole 1/z that must cancel |
| functions not +-1, n = 1 and 12, 500 functions | normalised values, sampling in place of enumeration |
| d = 2, 3, 10 000; t = -1, 0, 1; P = 1e-230; N = 1e18 | wrong parameters, both tails for one, one minus almost one |
"""

import decimal
import itertools

import jax.numpy as jnp
import numpy as np
import scipy.integrate
import scipy.optimize
import scipy.special
import scipy.stats

from autograder.testing import assert_close, gated, question, require, sendable, weight

FLOAT64 = "double precision; the references are integrals good to 1e-9"


def number(value, what="return one number"):
    """A scalar as a float: a Python or NumPy number, or an array of shape ()."""
    plain = isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
    array = isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind in "fiu"
    require(plain or array, what)
    return float(value)


def numbers(result, what):
    """The members of a pair of scalars."""
    listed = hasattr(result, "__getitem__") and not isinstance(result, (str, bytes, dict))
    length = (result.shape or (0,))[0] if isinstance(result, np.ndarray) else len(result) if hasattr(result, "__len__") else 0
    require(listed and length == 2, f"return a pair: {what}")
    return [number(member, f"two numbers: {what}") for member in (result[0], result[1])]


# --- 1.1 ------------------------------------------------------------------------------------------------------------


def inverse_chi_squared(k):
    """E 1/chi^2_k by quadrature, k >= 3; in the variable log chi^2, where the integrand is smooth."""
    log_density = lambda u: u * k / 2 - np.exp(u) / 2 - k / 2 * np.log(2) - scipy.special.gammaln(k / 2)
    return scipy.integrate.quad(lambda u: np.exp(log_density(u) - u), -60, 12, points=[np.log(k)], limit=400)[0]


def kept_share(n, p):
    """E |P w|^2 / |w|^2 for the projector on n random directions in R^p, by quadrature of its beta law."""
    return scipy.integrate.quad(lambda u: u * scipy.stats.beta.pdf(u, n / 2, (p - n) / 2), 0, 1, limit=400)[0]


def risk_reference(n, p, noise, signal):
    """Diagonal entries of an inverse Wishart matrix are 1/chi^2; what the fit misses is a beta variable."""
    if p < n:
        return noise * p * inverse_chi_squared(n - p + 1)
    return signal * (1 - kept_share(n, p)) + noise * n * inverse_chi_squared(p - n + 1)


@question("ridgeless", reference="E 1/chi^2 and the mean of a beta law by quadrature")
class TestRidgeless:
    def test_more_examples_than_weights(self, student, rng):
        """p < n - 1: the noise, p times the mean of a diagonal entry of the inverse; infinite at p = n - 1 and p = n.

        It is exact for every n: p/(n - p - 1), not the limit gamma/(1 - gamma). The signal does not matter.
        """
        for n, p in ((20, 8), (6, 1), (9, 7), (7, 5), (300, 120)):
            noise, signal = float(rng.uniform(0.2, 3.0)), float(rng.uniform(0.2, 3.0))
            got = number(student.ridgeless_risk(n, p, noise, signal))
            assert_close(got, risk_reference(n, p, noise, signal), why=FLOAT64)
        for n, p in ((9, 8), (9, 9), (2, 1)):
            require(number(student.ridgeless_risk(n, p, 0.5, 2.0)) == np.inf, f"infinite for n = {n}, p = {p}: return inf")

    def test_more_weights_than_examples(self, student, rng):
        """p > n + 1: what the projector misses of the teacher, and the noise through the smaller inverse; infinite at p = n + 1.

        E |(I - P) w|^2 is not the square of the mean of (I - P) w.
        """
        for n, p in ((8, 20), (1, 3), (7, 9), (5, 8), (120, 300)):
            noise, signal = float(rng.uniform(0.2, 3.0)), float(rng.uniform(0.2, 3.0))
            got = number(student.ridgeless_risk(n, p, noise, signal))
            assert_close(got, risk_reference(n, p, noise, signal), why=FLOAT64)
        assert_close(number(student.ridgeless_risk(8, 20, noise, 0.0)), risk_reference(8, 20, noise, 0.0), why=FLOAT64)
        for n, p in ((8, 9), (5, 5), (1, 2)):
            require(number(student.ridgeless_risk(n, p, 0.5, 2.0)) == np.inf, f"infinite for n = {n}, p = {p}: return inf")

    @weight(2)
    def test_weak_features(self, student, rng):
        """The hidden weights act as noise while the student trains, and are missed when it predicts; p < n and p > n.

        As near to the peak as |n - p| = 2. Only the first p weights can be learned. Weights enter by their squares; with
        p = D nothing is hidden, and the first p weights may all be 0.
        """
        for n, p, total in ((20, 8, 14), (12, 1, 4), (4, 9, 12), (7, 9, 11), (9, 7, 8), (3, 6, 6), (8, 3, 3)):
            weights, noise = rng.normal(size=total) + 0.3, float(rng.uniform(0.2, 2.0))
            hidden, seen = float((weights[p:] ** 2).sum()), float((weights[:p] ** 2).sum())
            got = number(student.weak_features_risk(n, p, weights, noise))
            assert_close(got, risk_reference(n, p, noise + hidden, seen) + hidden, why=FLOAT64)
        unseen, hidden = np.concatenate([np.zeros(9), weights[:3]]), float((weights[:3] ** 2).sum())
        got = number(student.weak_features_risk(4, 9, unseen, noise))
        assert_close(got, risk_reference(4, 9, noise + hidden, 0.0) + hidden, why=FLOAT64)


# --- 1.2 ------------------------------------------------------------------------------------------------------------


def law_mean(function, gamma):
    """Mean of `function` under the Marchenko-Pastur law: 4000 Chebyshev nodes, and the mass at 0."""
    angle = (np.arange(4000) + 0.5) * np.pi / 4000
    s = 1 + gamma + 2 * np.sqrt(gamma) * np.cos(angle)
    weights = 2 * np.sin(angle) ** 2 / s / 4000
    return max(0.0, 1 - 1 / gamma) * function(0.0) + (weights * function(s)).sum()


def limit_risk(n, p, lam, noise, signal):
    gamma, z = p / n, lam / n
    bias = signal * law_mean(lambda s: (z / (s + z)) ** 2, gamma)
    return bias + noise * gamma * law_mean(lambda s: s / (s + z) ** 2, gamma)


def root_in_fifty_digits(z, gamma):
    """The positive root of gamma z m^2 + (1 - gamma + z) m = 1, with digits to lose."""
    with decimal.localcontext() as context:
        context.prec = 50
        z, gamma = decimal.Decimal(z), decimal.Decimal(gamma)
        b = 1 - gamma + z
        return float(((b * b + 4 * gamma * z).sqrt() - b) / (2 * gamma * z))


@question("stieltjes", reference="means over the Marchenko-Pastur law by quadrature; the quadratic equation in fifty digits")
class TestStieltjes:
    def test_stieltjes_transform(self, student, rng):
        """The mean of 1/(s + z) over the law, with its mass at 0 for gamma > 1."""
        for gamma in (0.4, 2.5, 1.0, float(rng.uniform(0.1, 0.8)), float(rng.uniform(1.3, 10.0))):
            z = float(rng.uniform(0.1, 3.0))
            got = number(student.stieltjes(z, gamma))
            assert_close(got, law_mean(lambda s, z=z: 1 / (s + z), gamma), why=FLOAT64)

    def test_stieltjes_transform_at_the_ends(self, student, rng):
        """z = 1e-14 and 1e6, gamma from 0.01 to 100, and between: six digits, also where gamma is 1 % from 1.

        Of the two forms of a root of a quadratic equation each loses its digits on one side of gamma = 1.
        """
        for gamma in (0.01, float(rng.uniform(0.2, 0.9)), float(rng.uniform(1.2, 5.0)), 100.0):
            for z in (1e-14, 1e-8, 1e6, float(10 ** rng.uniform(-6, -2)), float(10 ** rng.uniform(3, 5))):
                expected = law_mean(lambda s, z=z: 1 / (s + z), gamma)
                assert_close(number(student.stieltjes(z, gamma)), float(expected), atol=0, rtol=2e-6, why="six digits")
        for _ in range(8):  # close to 1, where a number of single precision does not know 1 - gamma
            gamma = 1 + float(rng.choice([-1.0, 1.0])) * float(rng.uniform(0.0105, 0.014))
            for z in (float(10 ** rng.uniform(-7.5, -7)), float(rng.uniform(8e-7, 9.9e-7)), float(10 ** rng.uniform(-4, -2))):
                expected = root_in_fifty_digits(z, gamma)
                assert_close(number(student.stieltjes(z, gamma)), expected, atol=0, rtol=1.2e-6, why="1e-6 is promised")


# --- 1.3 ------------------------------------------------------------------------------------------------------------


@sendable
def exact_transform(z, gamma):
    """m(z) without cancellation on either side of gamma = 1, for numbers, arrays and tracers of either argument."""
    b = 1 - gamma + z
    q = (jnp.where(b >= 0, b, -b) + jnp.sqrt(b * b + 4 * gamma * z)) / 2
    return jnp.where(b >= 0, 1 / q, q / (gamma * z))


@question("best_ridge", reference="means over the Marchenko-Pastur law by quadrature, minimised by scipy.optimize")
class TestBestRidge:
    def test_risk_of_ridge(self, student, rng):
        """Bias and variance as means over the law, at z = lambda/n: from almost no ridge to a strong one.

        The mean of 1/(s + z)^2 is minus the derivative of m. lambda belongs to the sum of squares, so it is divided by n.
        Noise or signal may be 0.
        """
        risk_probe = lambda ns, *case: ns.ridge_risk(*case, exact_transform)
        for n, p in ((1000, 400), (40, 100), (7, 7), (30, 60), (10, 100)):
            noise, signal = float(rng.uniform(0.2, 3.0)), float(rng.uniform(0.2, 3.0))
            for lam in (1e-6 * n if n != p else 0.3 * n, float(rng.uniform(0.1, 2.0)) * n, 1e4 * n):
                got = number(student.run(risk_probe, n, p, lam, noise, signal))
                expected = limit_risk(n, p, lam, noise, signal)
                assert_close(got, expected, rtol=1.2e-5, atol=0, why="1e-5 is promised")
            for quiet, mute in ((0.0, signal), (noise, 0.0)):
                got = number(student.run(risk_probe, n, p, 0.5 * n, quiet, mute))
                assert_close(got, limit_risk(n, p, 0.5 * n, quiet, mute), rtol=1.2e-5, atol=0, why="1e-5 is promised")

    def test_best_lambda_and_its_risk(self, student, rng):
        """The lambda that minimises the risk, and the minimum, for gamma below, at and above 1.

        lambda is the one of the sum of squares.
        """
        for n, p, loud in ((1000, 400, 10.0), (40, 100, 1.0), (16, 16, 0.1)):
            noise, signal = loud * float(rng.uniform(0.5, 2.0)), float(rng.uniform(0.5, 2.0))
            risk = lambda log, case=(n, p), rest=(noise, signal): limit_risk(*case, np.exp(log), *rest)
            centre = np.log(noise * p / signal)
            around, fine = (centre - 3, centre + 3), {"xatol": 1e-7}
            best = scipy.optimize.minimize_scalar(risk, bounds=around, method="bounded", options=fine)
            probe = lambda ns, *case: ns.best_ridge(*case, exact_transform)
            lam, value = numbers(student.run(probe, n, p, noise, signal), "(lambda, risk)")
            assert_close(lam, float(np.exp(best.x)), rtol=2e-3, why="a flat minimum: numerical minimisers find it to 1e-3")
            assert_close(value, float(best.fun), why=FLOAT64)


# --- 1.4 ------------------------------------------------------------------------------------------------------------


def all_signs(n):
    """Every sign vector, by the bits of 0 ... 2^n - 1."""
    return 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)


def complexity(values):
    best = np.full(2 ** values.shape[1], -np.inf)
    for f in values:
        best = np.maximum(best, all_signs(values.shape[1]) @ f)
    return best.mean() / values.shape[1]


def walk_maximum(n):
    """E max_{0 <= k <= n} S_k of a coin-tossing walk, by its joint law with the running maximum."""
    law = {(0, 0): 1.0}
    for _ in range(n):
        new = {}
        for (place, top), chance in law.items():
            for step in (-1, 1):
                state = (place + step, max(top, place + step))
                new[state] = new.get(state, 0.0) + chance / 2
        law = new
    return sum(top * chance for (_, top), chance in law.items())


@question("rademacher", reference="running maxima over all sign vectors; the law of a random walk's maximum; binomial moments")
class TestRademacher:
    @weight(3)
    def test_random_classes(self, student, rng):
        """A finite class of any real values: the mean over all tosses of the largest mean of sigma f.

        Values may be all negative; a function more than once changes nothing. With 12 examples and 500 functions the
        expectation is still exact, not sampled. Last, functions that are 1 on the first k examples and 0 on the others, for
        all k: a coin-tossing walk and its maximum.
        """
        for functions, n in ((2, 1), (3, 4), (5, 5), (4, 3)):
            values = rng.normal(size=(functions, n)) - 1.0
            assert_close(number(student.rademacher(values)), complexity(values), why=FLOAT64)
        repeated = np.repeat(values, 3, axis=0)
        assert_close(number(student.rademacher(repeated)), complexity(values), why=FLOAT64)
        values = rng.normal(size=(500, 12))
        assert_close(number(student.rademacher(values)), complexity(values), why=FLOAT64)
        scale = float(rng.uniform(0.5, 2.0))
        for n in (6, 12):
            prefixes = scale * np.tri(n + 1, n, -1)
            assert_close(number(student.rademacher(prefixes)), scale * walk_maximum(n) / n, why=FLOAT64)

    @gated
    def test_plus_and_minus_and_single_functions(self, student, rng):
        """{f, -f} for f = +-c: c E|S_n|/n. A single function, whatever its size, cannot follow the coins: 0.

        No absolute value inside the supremum.
        """
        size = float(rng.uniform(0.5, 2.0))
        f = size * rng.choice([-1.0, 1.0], size=9)
        walk = 9 * scipy.special.comb(8, 4) / 2**8  # E |S_9|
        assert_close(number(student.rademacher(np.stack([f, -f]))), size * walk / 9, why=FLOAT64)
        assert_close(number(student.rademacher(3.0 + rng.normal(size=(1, 7)))), 0.0, atol=1e-9, why=FLOAT64)

    @weight(3)
    def test_ball(self, student, rng):
        """The best w of length B points along the sum of sigma x: B times its mean length, over n. Exact, no bound.

        One example, equal ones, orthogonal ones, and n = d.
        """
        for n, d in ((1, 2), (4, 3), (3, 5), (4, 4), (12, 2)):
            X, radius = rng.normal(size=(n, d)), float(rng.uniform(0.5, 3.0))
            lengths = np.sqrt(((all_signs(n) @ X) ** 2).sum(axis=1))
            assert_close(number(student.rademacher_ball(X, radius)), radius * lengths.mean() / n, why=FLOAT64)
        equal = np.tile(rng.normal(size=3), (9, 1))
        walk = scipy.special.comb(8, 4) / 2**8
        assert_close(number(student.rademacher_ball(equal, 2.0)), 2 * np.linalg.norm(equal[0]) * walk, why=FLOAT64)


# --- 1.5 ------------------------------------------------------------------------------------------------------------


def cap_reference(d, t):
    """P(c > t) for t >= 0 by quadrature of (1 - c^2)^((d-3)/2), scaled by its value at t."""
    norm = np.exp(scipy.special.gammaln(d / 2) - scipy.special.gammaln((d - 1) / 2)) / np.sqrt(np.pi)
    angle = np.arccos(t)  # c = cos(a), dc = sin(a) da: (sin a)^(d-2)
    ratio = lambda a: (np.sin(a) / np.sin(angle)) ** (d - 2)
    width = min(angle, 60 * np.tan(angle) / max(d - 2, 1)) if t > 0 else angle
    pieces = np.linspace(angle - width, angle, 30)
    integral = sum(scipy.integrate.quad(ratio, a, b)[0] for a, b in itertools.pairwise(pieces))
    return norm * integral * np.exp((d - 2) * np.log(np.sin(angle)))


@question("high_dimension", reference="quadrature over angles, closed forms for d = 2 and 3; roots by scipy.optimize.brentq")
class TestHighDimension:
    def test_cap(self, student, rng):
        """d = 2: the angle is uniform; d = 3: the cosine is uniform, from t = -1 to 1. Then up to ten thousand dimensions.

        The error is relative to the probability, down to 1e-250: one minus a number that is almost one has no digits left.
        For negative t the probability is more than one half.
        """
        for t in (-1.0, 1.0, 0.0, float(rng.uniform(0.1, 0.9)), -float(rng.uniform(0.1, 0.9))):
            assert_close(number(student.cap(2, t)), float(np.arccos(t) / np.pi), atol=1e-7, why="square root at the ends")
            assert_close(number(student.cap(3, t)), (1 - t) / 2, atol=1e-9, why=FLOAT64)
        few, many = (7, float(rng.uniform(0.1, 0.8))), (40, float(rng.uniform(0.1, 0.8)))
        for d, t in (few, many, (1000, float(rng.uniform(0.45, 0.55))), (10_000, float(rng.uniform(0.31, 0.33)))):
            expected = float(cap_reference(d, t))
            assert_close(number(student.cap(d, t)), expected, atol=0, rtol=2e-4, why="1e-4 is promised")
            assert_close(number(student.cap(d, -t)), 1 - expected, why=FLOAT64)

    def test_nearest(self, student, rng):
        """The distance below which no point lies with probability one half; one point, some, very many.

        (1 - rho^d)^N = 1/2. For N = 1e18 the root of 1/2 is one, to all digits: use expm1 and log1p, or their like.
        """
        some = float(np.floor(10 ** rng.uniform(3, 4.5)))
        for d, N in ((1, 1), (3, 1), (10, 500), (1, 7), (1, some), (2, 3 * some), (64, 1e6), (10_000, 1e9)):
            far = number(student.nearest(d, N))
            require(0 < far < 1, "a distance between 0 and 1")
            nothing_within = lambda u, N=N: N * np.log1p(-np.exp(u)) + np.log(2)  # u = log rho^d
            expected = np.exp(scipy.optimize.brentq(nothing_within, -45, -1e-12, xtol=1e-14) / d)
            assert_close(far, float(expected), atol=0, rtol=2e-6, why="six digits are promised")
        few, many = (1, 11, 12), (int(rng.integers(4, 100)), 16, 18)
        for d, low, high in ((1, 16, 18), (1, 14, 15.5), (3, 13, 15), few, few, many):
            N = float(10 ** rng.uniform(low, high))
            far = number(student.nearest(d, N))
            assert_close(far, float((np.log(2) / N) ** (1 / d)), rtol=2e-6, atol=0, why="six digits; the limit is good to 4e-12")
