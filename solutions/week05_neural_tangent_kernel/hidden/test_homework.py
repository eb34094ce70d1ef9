"""Hidden suite of week05/homework. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

What each input makes visible:

    gaussian   unequal variances, both signs of the correlation     roots, halves, kappa(-c); mixed terms of the leak
               leak 0, between, 1 and -1                            slopes that change their sign
               |c| = 1, nearly and above by rounding, 1e-6 to 1e6   NaN, correlations rounded to 1; 1e-8 in denominators
    recursion  depth 0 to 3, 50 and 300; |x| != |x'|, d = 3         layers counted wrongly, slopes one layer late (not on the
               with and without biases, sigma_w^2 not 2             diagonal), 1/d, variances that are not updated
               equal, opposite and zero inputs; K from 1e-31        NaN at |c| = 1; float32, 1e-12 in denominators
               sixty numbers and -2 times these                     NaN where rounding makes c less than -1
    circle     k = 0, 1, even, odd, 50 to 64, 10 000                0/0 at k = 1, factor 2, pi; the limit too early
               n = 1, 6, 7 and 100 000, kernels that are not NTKs   n left out, circulants in matrix form, lost modes
    ensemble   n != m, m = 1, t = 0, between, inf                   T for K, signs and halves of the mixed term, n left out
               f0 and f0_new of different sizes                     f0 dropped on one side
               T small, with a condition of 50                      ridges, cut eigenvalues, "late" times
    step       A != B, n and d of 1 and more, eta from 1e-16 to 10  first or second order missing, mean, differences
               labels that are not 0; 0 to 1000 steps               new f in the new kernel; the orders of m
"""

import math

import numpy as np
import scipy.integrate
import scipy.linalg

from autograder.testing import assert_close, gated, question, require, weight

DIGITS = "the text asks for three digits"


def close(got, expected, atol=1e-6):
    assert_close(got, expected, rtol=1e-3, atol=atol, why=DIGITS)


def pair_of(result, what):
    """The two parts of a result, after checking that there are two."""
    listed = isinstance(result, (list, tuple)) or (isinstance(result, np.ndarray) and result.ndim > 0)
    require(listed and len(result) == 2, f"return the pair {what}")
    return result[0], result[1]


# --- 5.1 ------------------------------------------------------------------------------------------------------------

ANGLES = (np.arange(100_000) + 0.5) * 2 * np.pi / 100_000


def angular_reference(S11, c, S22, leak):
    """The two averages as integrals over the direction of the Gaussian pair, whose squared radius has mean 2; c: correlation."""
    u, v = np.cos(ANGLES), np.cos(ANGLES - np.arccos(c))
    phi = lambda z: np.where(z > 0, z, leak * z)
    slope = lambda z: np.where(z > 0, 1.0, leak)
    return 2 * np.sqrt(S11 * S22) * np.mean(phi(u) * phi(v)), np.mean(slope(u) * slope(v))


def gaussian_close(student, S11, c, S22, leak, only=slice(2)):
    """Arrays of variances and correlations against the integrals, entry by entry."""
    got = pair_of(student.leaky_expectations(S11, c * np.sqrt(S11 * S22), S22, leak), "(E phi phi, E phi' phi')")
    wanted = [angular_reference(*three, leak) for three in zip(np.ravel(S11), np.ravel(c), np.ravel(S22), strict=True)]
    for one, column in list(zip(got, np.array(wanted).T, strict=True))[only]:
        close(one, column.reshape(np.shape(S11)), atol=2e-5)


@question("gaussian", reference="the integral over the direction of the Gaussian pair, by 100 000 midpoints")
class TestGaussian:
    def test_the_values_alone(self, student, rng):
        """E phi phi, whatever E phi' phi' is: leaks of both signs, unequal variances."""
        for leak in (float(rng.uniform(0.2, 0.8)), float(rng.uniform(-0.8, -0.2))):
            c = rng.uniform(0.1, 0.9, size=3) * np.array([1, -1, 1])
            gaussian_close(student, rng.uniform(0.5, 4, size=3), c, rng.uniform(0.5, 4, size=3), leak, slice(0, 1))

    def test_the_slopes_alone(self, student, rng):
        """E phi' phi', whatever E phi phi is: it depends on the correlation alone."""
        for leak in (float(rng.uniform(0.2, 0.8)), float(rng.uniform(-0.8, -0.2))):
            c = rng.uniform(0.1, 0.9, size=3) * np.array([1, -1, 1])
            gaussian_close(student, rng.uniform(0.5, 4, size=3), c, rng.uniform(0.5, 4, size=3), leak, slice(1, 2))

    @weight(2)
    def test_relu(self, student, rng):
        """leak = 0: half the root of the variances times kappa_1, and half of kappa_0, for both signs of the correlation."""
        c = rng.uniform(0.1, 0.9, size=4) * np.array([1, -1, 1, -1])
        gaussian_close(student, rng.uniform(0.5, 4, size=4), c, rng.uniform(0.5, 4, size=4), 0.0)

    def test_leaky(self, student, rng):
        """phi(z) = z_+ - a (-z)_+: four products, two of them with the correlation of u and -v. The slope on the left is a."""
        for leak in (float(rng.uniform(0.2, 0.8)), float(rng.uniform(-0.8, -0.2))):
            c = rng.uniform(0.1, 0.9, size=3) * np.array([1, -1, 1])
            gaussian_close(student, rng.uniform(0.5, 4, size=3), c, rng.uniform(0.5, 4, size=3), leak)

    @gated
    @weight(5)
    def test_identity_modulus_parallel_and_opposite(self, student, rng):
        """leak 1 and -1; u = v and u = -v, nearly and where rounding makes the correlation 1.0000001; tiny and large variances.

        leak = 1 is the identity: E u v = S12 and slopes 1. Clip the correlation before the arc cosine.
        """
        S11, S22 = rng.uniform(0.5, 2, size=(2, 3)), rng.uniform(0.5, 2, size=(2, 3))
        c = rng.uniform(-0.9, 0.9, size=(2, 3))
        for leak in (1.0, -1.0):
            gaussian_close(student, S11, c, S22, leak)
        s = float(rng.integers(8, 17)) / 8
        near = 1 - 2.0**-14
        gaussian_close(student, np.full(2, s), np.array([near, -near]), np.full(2, s), float(rng.uniform(-0.8, -0.2)))
        for beyond in (1.0, 1 + 2.0**-22):
            for leak in (0.0, 0.5):
                S12 = np.array([s, -s]) * beyond
                values, slopes = pair_of(student.leaky_expectations(np.full(2, s), S12, np.full(2, s), leak), "(values, slopes)")
                close(values, np.array([s * (1 + leak**2) / 2, -s * leak]))
                close(slopes, np.array([(1 + leak**2) / 2, leak]))
        for size in (2.0**-19, 2.0**19):
            three = (np.array(size), np.array(size / 2), np.array(size))
            got, _ = pair_of(student.leaky_expectations(*three, 0.0), "(values, slopes)")
            assert_close(got, size * angular_reference(1.0, 0.5, 1.0, 0.0)[0], rtol=1e-3, atol=0, why=DIGITS)


# --- 5.2 ------------------------------------------------------------------------------------------------------------


def deep_reference(x1, x2, depth, weight_variance, bias_variance):
    """Theta as the sum over layers of K^l times all later slope factors; the kappas with arctan2 in place of arccos."""
    first = lambda a, b: weight_variance * (a @ b.T) / a.shape[1] + bias_variance
    K = first(x1, x2)
    q1, q2 = (np.diag(first(x, x)).copy() for x in (x1, x2))
    kernels, factors = [K], []
    for _ in range(depth):
        scale = np.sqrt(q1[:, None] * q2)
        cos = np.clip(K / scale, -1, 1)
        sin = np.sqrt(1 - cos**2)
        share = 1 - np.arctan2(sin, cos) / np.pi
        factors.append(weight_variance * share / 2)
        K = weight_variance * scale * (sin / np.pi + cos * share) / 2 + bias_variance
        q1, q2 = (weight_variance * q / 2 + bias_variance for q in (q1, q2))
        kernels.append(K)
    Theta = sum(k * np.prod([np.ones_like(K), *factors[level:]], axis=0) for level, k in enumerate(kernels))
    return Theta, K


def kernels_close(student, x1, x2, depth, weight_variance, bias_variance, first=0):
    """Theta and K, or with `first=1` only K."""
    got = pair_of(student.deep_kernels(x1, x2, depth, weight_variance, bias_variance), "(Theta, K)")
    wanted_pair = deep_reference(x1, x2, depth, weight_variance, bias_variance)
    for one, wanted in list(zip(got, wanted_pair, strict=True))[first:]:
        close(one, wanted, atol=0)  # small weights make small kernels


@question("recursion", reference="the sum over layers with products of slopes, float64; the diagonal in closed form")
class TestRecursion:
    @weight(2)
    def test_the_covariance_alone(self, student, rng):
        """K, the covariance of the outputs at the start, whatever Theta is: depths 0, 1 and 3.

        depth counts hidden layers; each has weights and a bias.
        """
        x1, x2 = rng.normal(size=(3, 2)), 2 * rng.normal(size=(2, 2))
        for depth in (0, 1, 3):
            for bias in (0.0, float(rng.uniform(0.2, 1))):
                kernels_close(student, x1, x2, depth, float(rng.uniform(1, 3)), bias, first=1)

    def test_without_hidden_layers_and_with_one(self, student, rng):
        """depth 0 is a linear network; depth 1 has one step of the recursion. Inputs of different lengths, in 3 dimensions."""
        x1, x2 = rng.normal(size=(2, 3)), 2 * rng.normal(size=(4, 3))
        for depth in (0, 1):
            for bias in (0.0, float(rng.uniform(0.2, 1))):
                kernels_close(student, x1, x2, depth, float(rng.uniform(1, 3)), bias)

    def test_several_hidden_layers(self, student, rng):
        """Two and three hidden layers: the slopes' average belongs to the covariance of the layer below, as Theta does.

        On the diagonal this slip cannot be seen. Variances are updated in every layer, for both inputs.
        """
        x1, x2 = rng.normal(size=(3, 2)), 2 * rng.normal(size=(2, 2))
        for depth in (2, 3):
            for bias in (0.0, float(rng.uniform(0.2, 1))):
                kernels_close(student, x1, x2, depth, float(rng.uniform(1, 3)), bias)

    @gated
    @weight(4)
    def test_many_layers_equal_opposite_and_zero_inputs(self, student, rng):
        """depth 50 and 300, small and large weights; x and x, x and -x, x = 0 where there are biases; one dimension.

        With sigma_w^2 = 2 and no biases the diagonal is (depth + 1) times that of the first layer. Take float64: with small
        weights K falls to 1e-31, with large ones float32 loses too many digits.
        """
        x = rng.normal(size=(3, 4))
        both = np.concatenate([x, -x[:1], 2 * x[:1]])
        cases = ((50, 2.0, 0.0), (50, 0.5, 1.0), (20, 4.0, 0.0), (50, 1.5, 4.0), (50, 0.5, 0.0), (50, 4.0, 4.0), (300, 2.0, 0.0))
        for depth, variance, bias in cases:
            kernels_close(student, x, both, depth, variance, bias)
        Theta, _ = pair_of(student.deep_kernels(x, x, 300, 2.0, 0.0), "(Theta, K)")
        got = np.diagonal(np.asarray(Theta))
        assert_close(got, 301 * 2 * np.sum(x**2, axis=1) / 4, rtol=1e-3, why=DIGITS)
        kernels_close(student, np.concatenate([np.zeros((1, 4)), x]), x, 4, 2.0, float(rng.uniform(0.5, 1)))
        kernels_close(student, rng.normal(size=(1, 1)), rng.normal(size=(1, 1)), 3, 1.5, 0.25)
        line = rng.uniform(0.5, 4, size=(60, 1))  # of 24 bits, so that the products with a weight variance are rounded in float64
        kernels_close(student, line, np.concatenate([line, -2 * line]), 1, float(rng.uniform(1, 3)), 0.0)


# --- 5.3 ------------------------------------------------------------------------------------------------------------


def mode_reference(k):
    """The Fourier integral of (a): by quadrature for small k, by parts for large ones."""
    profile = lambda s: (np.sin(s) + 2 * (np.pi - s) * np.cos(s)) / np.pi
    if k < 50:
        return scipy.integrate.quad(lambda s: profile(s) * np.cos(k * s), 0, np.pi, limit=400, epsabs=1e-13)[0] / np.pi
    if k % 2:
        return 0.0
    sine = 2 / (1 - k**2)  # int sin s cos ks
    ramp = (1 / (k + 1)) ** 2 + (1 / (k - 1)) ** 2  # int (pi - s) cos s cos ks
    return (sine + 2 * ramp) / np.pi**2


def modes_close(student, k):
    got = student.circle_eigenvalues(np.asarray(k))
    require(np.shape(got) == (len(k),), "return one eigenvalue for each k")
    for one, number in zip(np.asarray(got), k, strict=True):
        assert_close(one, mode_reference(int(number)), rtol=1e-3, atol=1e-9, why="the text: 1e-3, or 1e-9 where it is 0")


def circulant(values):
    n = len(values)
    return values[np.subtract.outer(np.arange(n), np.arange(n)) % n]


def flow_close(student, values, y, t):
    n = len(values)
    expected = y - scipy.linalg.expm(-t * circulant(values) / n) @ y
    close(student.circle_flow(values, y, t), expected)


@question("circle", reference="scipy.integrate.quad; the exponential of the circulant matrix; kernels with three known modes")
class TestCircle:
    def test_even_modes_and_the_lowest(self, student, rng):
        """k = 0, 1 and even wave numbers: the mean over the circle of the kernel times cos(k theta)."""
        modes_close(student, [0, 1, 2, *2 * np.asarray(rng.integers(2, 20, size=3))])

    def test_flow(self, student, rng):
        """Six and seven inputs with kernels whose eigenvalues are all different: each mode is learned at its own rate.

        The rates are the eigenvalues of K/n: the transform of the values, divided by n.
        """
        for n in (6, 7):
            root = rng.integers(-8, 9, size=n) / 8
            values = np.fft.ifft(np.abs(np.fft.fft(root)) ** 2).real  # a correlation of the root with itself
            values = np.asarray(values, np.float32).astype(float)
            flow_close(student, values, rng.normal(size=n), float(rng.uniform(0.5, 2)))

    def test_all_modes(self, student, rng):
        """Odd k from 3 on give 0, even ones beyond some hundred 2/(pi k)^2; any order, also repeated."""
        high, middle = 2 * int(rng.integers(2000, 5001)), 2 * int(rng.integers(25, 33))
        modes_close(student, [high, 3, 1, 2 * int(rng.integers(2, 20)) + 1, 0, high - 1, middle, 1, 10_000])

    @gated
    @weight(3)
    def test_a_hundred_thousand_inputs_and_long_times(self, student, rng):
        """100 000 inputs; t = 0 and t = 10 000; modes that are never learned; one input: half precision is not enough."""
        n = 100_000
        theta = 2 * np.pi * np.arange(n) / n
        c0, c1, c3 = (float(v) for v in rng.uniform(0.5, 2.0, size=3))
        values = c0 + c1 * np.cos(theta) + c3 * np.cos(3 * theta)
        a, b, c, e = (float(v) for v in rng.normal(size=4))
        parts = [a + 0 * theta, b * np.sin(theta), c * np.cos(3 * theta), e * np.cos(2 * theta)]
        for t in (0.0, float(rng.uniform(0.5, 2)), 10_000.0):
            learned = [-math.expm1(-rate * t) for rate in (c0, c1 / 2, c3 / 2, 0.0)]
            expected = sum(share * part for share, part in zip(learned, parts, strict=True))
            got = student.circle_flow(values, sum(parts), t)
            assert_close(got, expected, rtol=1e-3, atol=2e-3, why="the values are rounded to float32, and t is 1e4")
        scale = float(rng.integers(1, 9)) / 4
        for size in (1.0, 2.0**-20):
            flow_close(student, size * scale * np.array([2.0, 1.0, 0.0, 1.0]), rng.normal(size=4), 10_000.0)
        rate = 2.0 ** int(rng.integers(-2, 3)) * (1 + 2.0**-8)  # 8 bits round it to the power of 2, which is wrong by 4e-3
        flow_close(student, np.array([rate]), rng.normal(size=1), float(rng.uniform(0.3, 0.8)) / rate)


# --- 5.4 ------------------------------------------------------------------------------------------------------------


def ensemble_case(rng, n, m):
    """T, T_new and the joint covariance, from random features, exact in float32; T is well conditioned."""
    G, H = rng.integers(-4, 5, size=(n + m, 6)) / 4, rng.integers(-4, 5, size=(n + m, 7)) / 4
    tangent, joint = G @ G.T, H @ H.T + np.eye(n + m) / 4
    return tangent[:n, :n] + 2 * np.eye(n), tangent[n:, :n], joint


def faint_case(rng, n, m):
    """The same with small T and T_new. The smallest eigenvalue of T, which T_new sees, is 1/65 to 1/33 of the largest."""
    _, _, joint = ensemble_case(rng, n, m)
    G, R = rng.integers(1, 5, size=(n + m, n - 1)) / 4, rng.integers(1, 5, size=(m, n)) / 4
    tangent = G @ G.T
    least = 2.0 ** np.ceil(np.log2(np.linalg.eigvalsh(tangent[:n, :n])[-1] / 64))
    return (tangent[:n, :n] + least * np.eye(n)) / 1024, (tangent[n:, :n] + least * R) / 1024, joint


def moments_reference(T, T_new, joint, y, t):
    """Through the solution of the linear system for the training errors and the new outputs."""
    n, m = len(T), len(T_new)
    if math.isinf(t):
        P = np.linalg.solve(T, T_new.T).T
    else:
        generator = np.zeros((n + m, n + m))
        generator[:n, :n], generator[n:, :n] = -T / n, -T_new / n
        P = -scipy.linalg.expm(t * generator)[n:, :n]
    A = np.concatenate([-P, np.eye(m)], axis=1)
    return P @ y, A @ joint @ A.T


def moments_close(student, T, T_new, joint, y, t, mean_only=False):
    n = len(T)
    K, K_cross, K_new = joint[:n, :n], joint[n:, :n], joint[n:, n:]
    got = pair_of(student.ensemble_moments(T, T_new, K, K_cross, K_new, y, t), "(mean, covariance)")
    mean, covariance = moments_reference(T, T_new, joint, y, t)
    close(got[0], mean)
    if not mean_only:
        why = "the text: 1e-3 of the largest entry of K_new"
        assert_close(got[1], covariance, rtol=0, atol=1e-3 * np.abs(K_new).max(), why=why)


@question("ensemble", reference="the matrix exponential of training and new inputs together; A S A^T of the joint covariance")
class TestEnsemble:
    def test_one_network(self, student, rng):
        """f0 at new inputs plus the NTK regression of what is left at the training inputs, y - f0.

        T may be small and badly conditioned, as far as the text allows; and there may be a single new input.
        """
        for case, m in ((ensemble_case, 3), (faint_case, 1)):
            T, T_new, _ = case(rng, 4, m)
            y, f0, f0_new = rng.normal(size=4), rng.normal(size=4) + 1, 2 * rng.normal(size=m)
            expected = f0_new + T_new @ np.linalg.lstsq(T, y - f0, rcond=None)[0]
            close(student.trained_limit(T, T_new, y, f0, f0_new), expected)

    def test_the_mean_at_the_end(self, student, rng):
        """t = inf, the mean alone, whatever the covariance is: NTK regression, as the start has mean 0."""
        T, T_new, joint = ensemble_case(rng, 4, 3)
        moments_close(student, T, T_new, joint, rng.normal(size=4), math.inf, mean_only=True)

    def test_moments_at_the_end(self, student, rng):
        """t = inf: the mean is NTK regression; the covariance is that of the start, seen through it.

        New outputs and training outputs are correlated at the start: two mixed terms, one the transpose of the other.
        """
        for case in (ensemble_case, faint_case):
            T, T_new, joint = case(rng, 4, 3)
            moments_close(student, T, T_new, joint, rng.normal(size=4), math.inf)

    @gated
    @weight(3)
    def test_moments_at_any_time(self, student, rng):
        """t = 0, intermediate and large t; one new input, one training input, as many of both.

        P_t needs the exponential of the matrix, and rates divided by n.
        """
        for n, m in ((4, 3), (2, 1), (3, 3)):
            T, T_new, joint = ensemble_case(rng, n, m)
            y = rng.normal(size=n)
            for t in (0.0, float(rng.uniform(0.3, 1.5)), 20.0):
                moments_close(student, T, T_new, joint, y, t)
        T, T_new, joint = faint_case(rng, 3, 2)
        for t in (20.0, float(rng.uniform(1000, 2000))):
            moments_close(student, T, T_new, joint, rng.normal(size=3), t)
        T, T_new, joint = ensemble_case(rng, 1, 2)
        moments_close(student, T, T_new, joint, rng.normal(size=1), float(rng.uniform(0.2, 0.6)))


# --- 5.5 ------------------------------------------------------------------------------------------------------------


def stepped_kernels(v, W, X, y, A, B, eta):
    """K after minus K before, by taking the step in float64: for eta of order 1, where the kernels differ."""
    root = np.sqrt(len(v))
    error = (X @ W.T @ v / root - y) / len(y)
    slope_v, slope_W = W @ X.T @ error / root, np.outer(v, X.T @ error) / root
    kernel = lambda v, W: (A @ W.T @ W @ B.T + (v @ v) * (A @ B.T)) / len(v)
    return kernel(v - eta * slope_v, W - eta * slope_W) - kernel(v, W)


def tiny_change(v, W, X, y, A, B, eta):
    """The same for any eta: a quadratic in eta without a constant, whose coefficients steps of size 1 and -1 give."""
    forth, back = (stepped_kernels(v, W, X, y, A, B, size) for size in (1.0, -1.0))
    return eta * (forth - back) / 2 + eta**2 * (forth + back) / 2


def trained_pair(f, lam, y, eta, m, steps):
    """Outputs and kernels of a network with these f and lam, trained step by step: two units suffice, the others are 0."""
    p = math.sqrt(m * lam / 2)
    q = math.sqrt(m) * f / p
    v, W = np.array([p, 0.0]), np.array([q, math.sqrt(max(m * lam / 2 - q * q, 0.0))])
    rows = []
    for _ in range(steps + 1):
        f = v @ W / math.sqrt(m)
        rows.append((f, (v @ v + W @ W) / m))
        pull = eta * (f - y) / math.sqrt(m)
        v, W = v - pull * W, W - pull * v
    return np.array(rows).T


def catapult_close(student, f, lam, y, eta, m, steps):
    got = pair_of(student.catapult(f, lam, y, eta, m, steps), "(outputs, kernels)")
    for one, wanted in zip(got, trained_pair(f, lam, y, eta, m, steps), strict=True):
        close(one, wanted)


@question("step", reference="steps taken in float64, of size +-1 if eta is tiny; a network with these two numbers, trained")
class TestStep:
    def test_change_in_a_large_step(self, student, rng):
        """Both orders matter: several examples, inputs in 3 dimensions, different a and b."""
        v, W = rng.normal(size=4), rng.normal(size=(4, 3))
        X, y, A, B = rng.normal(size=(5, 3)), rng.normal(size=5), rng.normal(size=(2, 3)), rng.normal(size=(3, 3))
        for eta in (float(rng.uniform(0.5, 1)), float(rng.uniform(2, 4)), float(rng.uniform(8, 10))):
            close(student.kernel_change(v, W, X, y, A, B, eta), stepped_kernels(v, W, X, y, A, B, eta))

    def test_output_and_kernel(self, student, rng):
        """A few steps for a label that is not 0: both new numbers come from both old ones. No step; a thousand below 2/lam."""
        for steps in (1, 4):
            lam, m = float(rng.uniform(1, 2)), float(rng.integers(4, 12))
            f, y = float(rng.uniform(-0.4, 0.4)) * lam * math.sqrt(m), float(rng.uniform(1, 2))
            catapult_close(student, f, lam, y, float(rng.uniform(0.3, 0.6)) / lam, m, steps)
        f, lam, m = float(rng.uniform(0.5, 1.5)), float(rng.uniform(1, 2)), float(rng.integers(50, 100))
        for steps in (0, 1000):
            catapult_close(student, f, lam, 0.5, 0.5 / lam, m, steps)

    def test_change_in_a_tiny_step(self, student, rng):
        """eta = 1e-16: no difference of nearly equal numbers. One example, one dimension, as many units as dimensions."""
        v, W, A = rng.normal(size=3), rng.normal(size=(3, 3)), rng.normal(size=(2, 3))
        X, y = rng.normal(size=(4, 3)), rng.normal(size=4)
        for eta in (1e-16, 1e-8):
            expected = tiny_change(v, W, X, y, A, A, eta)
            assert_close(student.kernel_change(v, W, X, y, A, A, eta), expected, rtol=1e-3, atol=0, why=DIGITS)
        x = rng.uniform(0.5, 2, size=(1, 1))
        expected = stepped_kernels(v, W[:, :1], x, y[:1], x, 2 * x, 0.5)
        close(student.kernel_change(v, W[:, :1], x, y[:1], x, 2 * x, 0.5), expected)

    @gated
    def test_the_catapult(self, student, rng):
        """Forty steps with a learning rate between 2/lam and 4/lam, where the kernel falls below 2/eta."""
        lam, m = float(rng.uniform(1, 2)), float(rng.integers(50, 100))
        f = float(rng.uniform(0.5, 1.5))
        catapult_close(student, f, lam, 0.0, float(rng.uniform(2.6, 3.2)) / lam, m, 40)
