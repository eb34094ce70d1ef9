"""Hidden suite of week11/homework: expected values by SciPy's distances, linear programs, differences and conditioning."""

import numpy as np
import scipy.linalg
import scipy.optimize
import scipy.spatial.distance
import scipy.special
import scipy.stats

from autograder.testing import as_array, assert_close, gated, question, require, weight

LOOSE = dict(rtol=5e-4, atol=1e-5, why="float32 answers are accepted; they are good to 1e-4 here")


def _number(value) -> float:
    """A single number, whatever its type; arrays of shape () and (1,) are accepted for one."""
    good = isinstance(value, (int, float, np.number)) or (
        isinstance(value, np.ndarray) and value.size == 1 and value.dtype.kind in "fiu"
    )
    require(good and not isinstance(value, bool), "the result must be a single number")
    return float(np.asarray(value, dtype=np.float64).reshape(()))


def _parts(value, length: int, what: str) -> list:
    """The entries of a tuple or list of a given length."""
    good = hasattr(value, "__len__") and hasattr(value, "__getitem__") and not isinstance(value, (str, bytes, dict))
    require(good and len(value) == length, f"the result must be a tuple of {length}: {what}")
    return [value[i] for i in range(length)]


def _weights(rng, n: int) -> np.ndarray:
    """n <= 8 positive probabilities whose sum is exactly 1, also in float32."""
    counts = rng.integers(100, 1000, size=n)
    counts[-1] = 8192 - counts[:-1].sum()
    return rng.permutation(counts) / 8192


# --- 11.1 ----------------------------------------------------------------------------------------------------------


def _with_zeros(rng) -> tuple[np.ndarray, np.ndarray]:
    """Seven outcomes in random order: two of p alone, one of q alone, one of neither, three of both."""
    p, q = np.zeros(7), np.zeros(7)
    p[[0, 1, 4, 5, 6]], q[[2, 4, 5, 6]] = _weights(rng, 5), _weights(rng, 4)
    order = rng.permutation(7)
    return p[order], q[order]


def _exact32(a) -> np.ndarray:
    """Representable in float32."""
    return np.asarray(a).astype(np.float32).astype(np.float64)


def _js(p, q) -> float:
    return scipy.spatial.distance.jensenshannon(p, q) ** 2


@question("gan", reference="scipy.spatial.distance.jensenshannon; the logistic function of the log odds; sums over what occurs")
class TestGan:
    def test_discriminator(self, student, rng):
        """The best D at an outcome depends on the odds p : q there, and on nothing else.

        Maximise p log D + q log(1 - D) for two numbers p and q.
        """
        p, q = _weights(rng, 5), _weights(rng, 5)
        assert_close(as_array(student.optimal_discriminator(p, q), (5,)), scipy.special.expit(np.log(p) - np.log(q)), **LOOSE)

    def test_discriminator_with_zeros(self, student, rng):
        """1 where only real examples occur, 0 where only generated ones do, 1/2 where neither does.

        0/0 is no number: treat the last case first.
        """
        p, q = _with_zeros(rng)
        with np.errstate(all="ignore"):
            expected = np.where((p == 0) & (q == 0), 0.5, scipy.special.expit(np.log(p) - np.log(q)))
        assert_close(as_array(student.optimal_discriminator(p, q), (7,)), expected, **LOOSE)

    def test_value(self, student, rng):
        """The score of any discriminator is a sum of two expectations, one under p and one under q.

        It is not an average of the two, and D is not the optimal one here.
        """
        p, q, D = _weights(rng, 5), _weights(rng, 5), rng.uniform(0.1, 0.9, size=5)
        assert_close(_number(student.gan_value(D, p, q)), float(p @ np.log(D) + q @ np.log1p(-D)), **LOOSE)

    def test_divergence(self, student, rng):
        """JSD compares p and q with their mean m, half and half, in nats.

        With zeros too: 0 log 0 = 0.
        """
        for p, q in ((_weights(rng, 5), _weights(rng, 5)), _with_zeros(rng)):
            assert_close(_number(student.jensen_shannon(p, q)), _js(p, q), **LOOSE)

    def test_improbable_outcomes(self, student, rng):
        """Outcomes that occur once in 10^20 draws still have their odds, and a D of 10^-20 costs 46 nats where p is 1/4.

        No small number belongs into a denominator or a logarithm: only 0/0 and 0 log 0 are special.
        """
        p, q = _weights(rng, 5), _weights(rng, 5)
        tiny = _exact32(1e-20 * rng.uniform(1.0, 3.0, size=4))
        p, q = np.r_[p, tiny[:2], 0.0, 0.0], np.r_[q, tiny[2], 0.0, tiny[3], 0.0]
        expected = np.r_[p[:8] / (p[:8] + q[:8]), 0.5]
        assert_close(as_array(student.optimal_discriminator(p, q), (9,)), expected, **LOOSE)
        p, q = np.array([0.25, 0.75, 0.0]), np.array([0.5, 0.25, 0.25])
        D = np.array([tiny[0], 0.5, 0.25])
        expected = 0.25 * np.log(D[0]) + np.log(0.5) + 0.25 * np.log(0.75)
        assert_close(_number(student.gan_value(D, p, q)), expected, **LOOSE)

    @gated
    @weight(3)
    def test_best_score_is_a_divergence(self, student, rng):
        """V(D*) = 2 JSD - log 4, with zeros in p and in q.

        Where D* is 0 or 1, one of the two terms is 0 log 0.
        """
        for p, q in ((_weights(rng, 5), _weights(rng, 5)), _with_zeros(rng)):
            D = as_array(student.optimal_discriminator(p, q), (len(p),))
            assert_close(_number(student.gan_value(D, p, q)), 2 * _js(p, q) - np.log(4), **LOOSE)

    @gated
    @weight(3)
    def test_disjoint_and_equal(self, student, rng):
        """JSD is log 2 and the best score 0 if p and q never meet; 0 and -log 4 if they are equal.

        These are the limits: a perfect discriminator, and one that can only guess.
        """
        p, other = _weights(rng, 5), _weights(rng, 2)
        far_p, far_q = np.r_[p, 0.0, 0.0], np.r_[np.zeros(5), other]
        assert_close(_number(student.jensen_shannon(far_p, far_q)), np.log(2), **LOOSE)
        D = as_array(student.optimal_discriminator(far_p, far_q), (7,))
        assert_close(_number(student.gan_value(D, far_p, far_q)), 0.0, **LOOSE)
        assert_close(_number(student.jensen_shannon(p, p)), 0.0, **LOOSE)
        D = as_array(student.optimal_discriminator(p, p), (5,))
        assert_close(_number(student.gan_value(D, p, p)), -np.log(4), **LOOSE)


# --- 11.2 ----------------------------------------------------------------------------------------------------------


def _divergences(p, logits) -> np.ndarray:
    """(2 JSD(p, q), KL(q || p) - 2 JSD(p, q)) in log space."""
    log_p, log_q = np.log(p), scipy.special.log_softmax(logits)
    log_m = np.logaddexp(log_p, log_q) - np.log(2)
    twice = p @ (log_p - log_m) + np.exp(log_q) @ (log_q - log_m)
    return np.array([twice, np.exp(log_q) @ (log_q - log_p) - twice])


def _slopes(p, logits) -> np.ndarray:
    """Central differences of both divergences: (2, n)."""
    step = 1e-5 * np.eye(len(logits))
    return np.stack([(_divergences(p, logits + e) - _divergences(p, logits - e)) / 2e-5 for e in step], axis=1)


def _gradients(student, p, logits) -> list[np.ndarray]:
    pair = _parts(student.generator_gradients(p, logits), 2, "the gradients of L_1 and of L_2")
    return [as_array(g, (len(p),)) for g in pair]


@question("generator", reference="central differences of 2 JSD and of KL - 2 JSD in float64 (Arjovsky and Bottou 2017)")
class TestGenerator:
    def test_saturating(self, student, rng):
        """The gradient of sum q log(1 - D), D a fixed table, equals that of 2 JSD.

        q = softmax(a), so that dq_j/da_k = q_k (1[j = k] - q_j). No term comes from D.
        """
        p, logits = _weights(rng, 5), rng.normal(size=5)
        assert_close(_gradients(student, p, logits)[0], _slopes(p, logits)[0], **LOOSE)

    def test_non_saturating(self, student, rng):
        """The gradient of -sum q log D, D a fixed table, equals that of KL(q || p) - 2 JSD.

        Mind the sign: it is a loss.
        """
        p, logits = _weights(rng, 5), rng.normal(size=5)
        assert_close(_gradients(student, p, logits)[1], _slopes(p, logits)[1], **LOOSE)

    def test_moved_logits(self, student, rng):
        """Logits all moved by one number are the same generator.

        They are not log-probabilities: normalise. And e^900 is infinite: subtract the largest logit first.
        """
        p, logits = _weights(rng, 5), np.round(16 * rng.normal(size=5)) / 16  # sixteenths: exact in float32 after the shift
        for shift in (float(rng.integers(3, 9)), 900.0, -900.0):
            for got, expected in zip(_gradients(student, p, logits + shift), _slopes(p, logits), strict=True):
                assert_close(got, expected, **LOOSE)

    @gated
    @weight(1)
    def test_at_the_goal(self, student, rng):
        """Where q = p, both gradients vanish.

        D = 1/2 everywhere, and a constant score teaches nothing.
        """
        p = _weights(rng, 5)
        for got in _gradients(student, p, np.log(p).astype(np.float32).astype(np.float64)):
            assert_close(got, np.zeros(5), **LOOSE)

    @gated
    @weight(4)
    def test_far_apart(self, student, rng):
        """Outcomes that only one of the two ever produces: log D and log(1 - D) stay finite.

        1 - D has a formula without a difference.
        """
        far = float(rng.uniform(50.0, 60.0))
        p = np.array([0.5, np.exp(-far), 0.5, np.exp(-far)]).astype(np.float32).astype(np.float64)
        logits = np.array([0.0, 0.5, -far, 0.0]) + rng.uniform(-0.25, 0.25, size=4)
        order = rng.permutation(4)
        p, logits = p[order], logits[order]
        for got, expected in zip(_gradients(student, p, logits), _slopes(p, logits), strict=True):
            assert_close(got, expected, **LOOSE)


# --- 11.3 ----------------------------------------------------------------------------------------------------------


def _measures(rng, n: int, m: int, apart: float = 0.5):
    """Two measures with n and m atoms at different places, in no order."""
    return rng.normal(size=n), _weights(rng, n), rng.normal(size=m) * 0.5 + apart, _weights(rng, m)


def _tied(rng):
    """Places drawn from few: twice in one list, and in both."""
    places = rng.permutation(8)[:4] * 0.5 - 1.5
    x = np.array([places[0], places[1], places[0], places[2], places[1]])
    y = np.array([places[3], places[1], places[3]])
    return x, _weights(rng, 5), y, _weights(rng, 3)


def _least_cost(x, p, y, q) -> float:
    """The primal problem: a linear program over all transport plans."""
    n, m = len(x), len(y)
    leaves, arrives = np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))
    found = scipy.optimize.linprog(np.abs(x[:, None] - y).ravel(), A_eq=np.r_[leaves, arrives], b_eq=np.r_[p, q])
    return float(found.fun)


def _check_support(student, x, p, y, q):
    got = _parts(student.common_support(x, p, y, q), 3, "the places and both lists of masses")
    places = sorted({*x.tolist(), *y.tolist()})
    expected = [places, [p[x == t].sum() for t in places], [q[y == t].sum() for t in places]]
    for have, want in zip(got, expected, strict=True):
        assert_close(as_array(have, (len(places),)), np.array(want), **LOOSE)


def _check_critic(student, x, p, y, q):
    f_x, f_y = _parts(student.critic(x, p, y, q), 2, "f at the atoms of p and of q")
    f_x, f_y = as_array(f_x, (len(x),)), as_array(f_y, (len(y),))
    least = scipy.stats.wasserstein_distance(x, y, p, q)
    assert_close(float(p @ f_x - q @ f_y), float(least), **LOOSE)
    u, f = np.r_[x, y], np.r_[f_x, f_y]
    excess = np.abs(f[:, None] - f) - np.abs(u[:, None] - u)
    require(excess.max() <= 1e-4 * (1 + np.abs(f).max()), "f is not 1-Lipschitz: it changes by more than the distance somewhere")


@question("line", reference="scipy.stats.wasserstein_distance, and scipy.optimize.linprog over transport plans")
class TestLine:
    @weight(2)
    def test_common_support(self, student, rng):
        """All places of both lists, once each and in increasing order, with the mass of each measure.

        Masses at one place add up; a place without an atom has mass 0. Places that are only nearly equal are two places.
        """
        _check_support(student, *_measures(rng, 3, 3))
        _check_support(student, *_tied(rng))
        near = float(np.nextafter(np.float32(0.5), np.float32(1.0)))  # not equal exactly: two places
        _check_support(student, np.array([near, 2.0]), _weights(rng, 2), np.array([0.5, 2.0, near]), _weights(rng, 3))

    @weight(2)
    def test_distance(self, student, rng):
        """The area between the distribution functions is the least cost of transport.

        Atoms come in no order, and weights are unequal. Between which places does F_p - F_q keep its value?
        """
        for measures in (_measures(rng, 3, 3), _measures(rng, 5, 3), _measures(rng, 1, 2)):
            assert_close(_number(student.wasserstein(*measures)), _least_cost(*measures), **LOOSE)

    @weight(2)
    def test_critic(self, student, rng):
        """The critic is 1-Lipschitz and tells p from q as well as the distance allows.

        Its slope is a sign, and f is higher where p has too much.
        """
        for measures in (_measures(rng, 3, 3, 1.5), _measures(rng, 5, 3, 0.0), _measures(rng, 5, 3, -1.5)):
            _check_critic(student, *measures)

    @gated
    def test_places_that_coincide(self, student, rng):
        """A place that occurs several times, in one list or in both, is one place.

        Mass that need not move costs nothing, and f has one value there.
        """
        x, p, y, q = _tied(rng)
        assert_close(_number(student.wasserstein(x, p, y, q)), float(scipy.stats.wasserstein_distance(x, y, p, q)), **LOOSE)
        _check_critic(student, x, p, y, q)

    @gated
    def test_nothing_to_move(self, student, rng):
        """The distance of a measure from itself is 0, its atoms listed in another order.

        It is a distance of measures, not of lists.
        """
        x, p, _, _ = _measures(rng, 3, 3)
        order = rng.permutation(3)
        assert_close(_number(student.wasserstein(x, p, x[order], p[order])), 0.0, **LOOSE)
        assert_close(_number(student.wasserstein(x, p, x + 2.5, p)), 2.5, **LOOSE)

    @gated
    def test_around(self, student, rng):
        """Equal means do not make equal measures; the critic turns around where the mass has to come from both sides.

        One atom in the middle of two.
        """
        a, b = (float(v) for v in rng.uniform(0.5, 2.0, size=2))
        measures = np.array([0.0]), np.array([1.0]), np.array([b, -a]), np.array([0.25, 0.75])
        assert_close(_number(student.wasserstein(*measures)), 0.25 * b + 0.75 * a, **LOOSE)
        _check_critic(student, *measures)
        _check_critic(student, measures[2], measures[3], measures[0], measures[1])


# --- 11.4 ----------------------------------------------------------------------------------------------------------


def _examples(rng, n: int, d: int) -> np.ndarray:
    """Correlated data of unequal variances, off the origin."""
    spread = np.array([2.0, 1.5, 1.0, 0.75, 0.5])[:d]
    return rng.normal(size=(n, d)) * spread @ (np.eye(d) + 0.25 * rng.normal(size=(d, d))) + rng.uniform(0.5, 1.5, size=d)


def _model(rng, d: int, k: int):
    """(mean, W, sigma2), nothing orthogonal in it."""
    return rng.uniform(-1.0, 1.0, size=d), rng.normal(size=(d, k)), float(rng.uniform(0.3, 0.7))


def _exact(a) -> np.ndarray:
    """Representable in float32, so that both sides compute with the same numbers."""
    return np.asarray(a).astype(np.float32).astype(np.float64)


def _log_density(X, mean, W, sigma2) -> float:
    C = W @ W.T + sigma2 * np.eye(len(W))
    return float(np.mean(scipy.stats.multivariate_normal(mean, C).logpdf(X)))


def _conditional(X, mean, W, sigma2):
    """z given x by conditioning the joint normal law of (z, x): no k x k matrix is inverted."""
    C = W @ W.T + sigma2 * np.eye(len(W))
    gain = W.T @ np.linalg.inv(C)
    return (X - mean) @ gain.T, np.eye(W.shape[1]) - gain @ W


def _read_fit(student, X, k):
    mean, W, sigma2 = _parts(student.ppca_fit(X, k), 3, "mean, W and sigma2")
    d = X.shape[1]
    return as_array(mean, (d,)), as_array(W, (d, k)), _number(sigma2)


@question("ppca", reference="singular values of the centred data; scipy.stats.multivariate_normal; conditioning of the joint law")
class TestPpca:
    def test_fit(self, student, rng):
        """The likelihood's maximum: mean of the data, mean of the discarded eigenvalues, and W W' = U (Lambda - sigma2) U'.

        Eigenvalues are those of the covariance over n. Eigenvectors are columns; in which order do they come?
        """
        for k in (2, 1):
            X = _exact(_examples(rng, 12, 4))
            mean, W, sigma2 = _read_fit(student, X, k)
            _, singular, rows = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
            noise = float(np.mean(singular[k:] ** 2 / 12))
            assert_close(mean, X.mean(axis=0), **LOOSE)
            assert_close(sigma2, noise, **LOOSE)
            assert_close(W @ W.T, rows[:k].T * (singular[:k] ** 2 / 12 - noise) @ rows[:k], **LOOSE)

    def test_likelihood(self, student, rng):
        """x is normal with mean mu and covariance W W' + sigma2 I, averaged over the examples.

        All constants count, 2 pi among them.
        """
        for n, d, k in ((1, 4, 2), (6, 4, 2), (6, 3, 3)):
            X, model = rng.normal(size=(n, d)), _model(rng, d, k)
            assert_close(_number(student.log_likelihood(X, *model)), _log_density(X, *model), **LOOSE)

    def test_likelihood_of_large_pictures(self, student, rng):
        """Thirty pixels that vary by 1/256: the determinant of the covariance is about 10^-145, and float32 ends at 10^-45.

        In other units a density changes by a factor for each pixel. Take the logarithm of the determinant, not the determinant.
        """
        X, (mean, W, sigma2) = rng.normal(size=(4, 30)), _model(rng, 30, 2)
        unit = 2.0**-8  # exact
        got = _number(student.log_likelihood(unit * X, unit * mean, unit * W, unit**2 * sigma2))
        assert_close(got, _log_density(X, mean, W, sigma2) - 30 * np.log(unit), **LOOSE)

    def test_posterior(self, student, rng):
        """Mean and covariance of z given x, for any model.

        M is k by k. The more noise, the nearer to the prior N(0, I).
        """
        for n, d, k in ((1, 4, 2), (6, 4, 2), (6, 3, 3)):
            X, model = rng.normal(size=(n, d)), _model(rng, d, k)
            means, cov = _parts(student.posterior(X, *model), 2, "the means and the covariance")
            expected_means, expected_cov = _conditional(X, *model)
            assert_close(as_array(means, (n, k)), expected_means, **LOOSE)
            assert_close(as_array(cov, (k, k)), expected_cov, **LOOSE)

    @gated
    def test_largest_likelihood(self, student, rng):
        """At the fit the likelihood has the value of Tipping and Bishop's equation for the maximum.

        By your likelihood and by SciPy's.
        """
        X, k = _exact(_examples(rng, 12, 4)), 2
        mean, W, sigma2 = _read_fit(student, X, k)
        values = np.linalg.svd(X - X.mean(axis=0), compute_uv=False) ** 2 / 12
        best = -(np.log(values[:k]).sum() + (4 - k) * np.log(values[k:].mean()) + 4 * np.log(2 * np.pi) + 4) / 2
        assert_close(_log_density(X, mean, W, sigma2), best, **LOOSE)
        assert_close(_number(student.log_likelihood(X, _exact(mean), _exact(W), sigma2)), best, **LOOSE)

    @gated
    def test_rotated_latents(self, student, rng):
        """W R with a rotation R is the same model of x, and its latents are R' z.

        Likelihood equal, posterior rotated.
        """
        X, (mean, W, sigma2) = rng.normal(size=(6, 4)), _model(rng, 4, 2)
        angle = float(rng.uniform(0.5, 1.0))
        R = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        assert_close(_number(student.log_likelihood(X, mean, _exact(W @ R), sigma2)), _log_density(X, mean, W, sigma2), **LOOSE)
        means, cov = _parts(student.posterior(X, mean, _exact(W @ R), sigma2), 2, "the means and the covariance")
        expected_means, expected_cov = _conditional(X, mean, W, sigma2)
        assert_close(as_array(means, (6, 2)), expected_means @ R, **LOOSE)
        assert_close(as_array(cov, (2, 2)), R.T @ expected_cov @ R, **LOOSE)


# --- 11.5 ----------------------------------------------------------------------------------------------------------


def _encoder(rng, d: int, k: int):
    """(V, cov) with correlated latents."""
    root = np.eye(k) * 0.75 + 0.25 * rng.normal(size=(k, k))
    return 0.5 * rng.normal(size=(k, d)), _exact(root @ root.T + 0.125 * np.eye(k))


def _bound(X, mean, W, sigma2, V, cov) -> float:
    """The ELBO by 2k sigma points, which integrate a quadratic function of z exactly."""
    k = len(cov)
    points = np.sqrt(k) * np.linalg.cholesky(cov).T
    total = 0.0
    for x in X:
        centre = V @ (x - mean)
        own, prior = scipy.stats.multivariate_normal(centre, cov), scipy.stats.multivariate_normal(np.zeros(k), np.eye(k))
        for z in centre + np.r_[points, -points]:
            seen = np.sum(scipy.stats.norm.logpdf(x, W @ z + mean, np.sqrt(sigma2)))
            total += (seen + prior.logpdf(z) - own.logpdf(z)) / (2 * k)
    return total / len(X)


def _best_diagonal(W, sigma2) -> np.ndarray:
    """Variance of each z_i given x and all other latents: mean-field's fixed point for a normal law."""
    return np.array([1.0 - w @ np.linalg.inv(np.outer(w, w) + sigma2 * np.eye(len(w))) @ w for w in W.T])


def _divergence(cov_q, cov_p) -> float:
    """KL of two centred normal laws, by generalised eigenvalues."""
    values = scipy.linalg.eigvalsh(cov_q, cov_p)
    return float(np.sum(values - 1 - np.log(values)) / 2)


def _read_encoder(student, W, sigma2):
    V, variances = _parts(student.best_diagonal_encoder(W, sigma2), 2, "V and the variances")
    d, k = W.shape
    return as_array(V, (k, d)), as_array(variances, (k,))


@question("elbo", reference="sigma points; conditioning; KL by generalised eigenvalues; scipy.stats.multivariate_normal")
class TestElbo:
    @weight(2)
    def test_bound(self, student, rng):
        """The ELBO of any encoder, correlated latents included.

        E|x - mu - W z|^2 has a part from the mean of z and one from its covariance; KL has four terms.
        """
        for n, d, k in ((1, 4, 2), (6, 4, 2), (6, 3, 3)):
            X, model, encoder = rng.normal(size=(n, d)), _model(rng, d, k), _encoder(rng, d, k)
            assert_close(_number(student.elbo(X, *model, *encoder)), _bound(X, *model, *encoder), **LOOSE)

    @weight(2)
    def test_encoder(self, student, rng):
        """The best means are the posterior's. The best variances are those of one latent when all others are known.

        Only tr(cov), tr(W' W cov) and log det cov depend on the variances: differentiate.
        """
        for d, k in ((4, 2), (3, 3)):
            _, W, sigma2 = _model(rng, d, k)
            V, variances = _read_encoder(student, W, sigma2)
            assert_close(V, _conditional(np.eye(d), np.zeros(d), W, sigma2)[0].T, **LOOSE)
            assert_close(variances, _best_diagonal(W, sigma2), **LOOSE)

    @weight(2)
    def test_gap(self, student, rng):
        """The gap is the KL divergence between the best diagonal normal law and the posterior.

        A ratio of determinants: Hadamard's inequality says that it is not negative.
        """
        for d, k in ((4, 2), (3, 3)):
            _, W, sigma2 = _model(rng, d, k)
            expected = _divergence(np.diag(_best_diagonal(W, sigma2)), _conditional(np.zeros((1, d)), np.zeros(d), W, sigma2)[1])
            assert_close(_number(student.diagonal_gap(W, sigma2)), expected, **LOOSE)

    @gated
    def test_tight_at_the_posterior(self, student, rng):
        """With the true posterior as encoder the ELBO is the log-likelihood.

        Also where the posterior is correlated.
        """
        X, (mean, W, sigma2) = rng.normal(size=(6, 4)), _model(rng, 4, 2)
        gain, cov = _conditional(np.eye(4), np.zeros(4), W, sigma2)
        got = _number(student.elbo(X, mean, W, sigma2, _exact(gain.T), _exact(cov)))
        assert_close(got, _log_density(X, mean, W, sigma2), **LOOSE)

    @gated
    def test_what_the_diagonal_costs(self, student, rng):
        """At your encoder the ELBO falls short of the log-likelihood by the gap, whatever the data.

        The gap of 11.5 does not depend on x.
        """
        X, (mean, W, sigma2) = rng.normal(size=(6, 4)), _model(rng, 4, 2)
        V, variances = _read_encoder(student, W, sigma2)
        got = _number(student.elbo(X, mean, W, sigma2, _exact(V), np.diag(_exact(variances))))
        gap = _divergence(np.diag(_best_diagonal(W, sigma2)), _conditional(X, mean, W, sigma2)[1])
        assert_close(got, _log_density(X, mean, W, sigma2) - gap, **LOOSE)

    @gated
    def test_rotated_columns(self, student, rng):
        """Orthogonal columns cost nothing; rotated by 45 degrees two of them cost log((a + b)^2 / 4ab) / 2.

        a and b are the eigenvalues of M.
        """
        _, W, sigma2 = _model(rng, 4, 2)
        U = np.linalg.qr(W)[0]
        lengths = rng.uniform(0.5, 2.5, size=2)
        assert_close(_number(student.diagonal_gap(_exact(U * lengths), sigma2)), 0.0, **LOOSE)
        R = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)
        a, b = lengths**2 + sigma2
        expected = float(np.log((a + b) ** 2 / (4 * a * b)) / 2)
        assert_close(_number(student.diagonal_gap(_exact(U * lengths @ R), sigma2)), expected, **LOOSE)
