"""Hidden suite of week06/lab. PRIVATE: runs in the trusted process; the docstrings of tests are what students read.

What each input makes visible:

    particles    unequal masses, one of them 0; n, m, d all different; 1 and 65 inputs, 1 particle, 1 dimension, 1 probe; phi with
                 phi(0) not 0, tanh, relu at its kink   the mean over inputs, the mass divided out, phi' at the right place;
                 probes where no particle is, heavy ones too
    wasserstein  unsorted points of different numbers and masses, some masses 0 and one of 8e-4, repeated points, one point, the
                 same masses in another order; points within 1e-4 and within 1000; p = 1, 1.5, 2, 3, 4
                 masses sorted with the points, |F - G|^p, the root
    sinkhorn     n not m, unequal masses, some 0; 1, 2, 300 and 1000 rounds, also too few to converge; eps = 1e-3, 1 and 10 of
                 the largest cost; costs of another scale; plans with zeros; cheap points without mass
    flow         unequal masses, one of 1e-5, 1 to 3 dimensions, clouds far apart, a plan of a cloud with itself that is far from
                 diagonal
    scales       widths that grow and shrink, equal ones, 1, some thousand and 100 000; a list and a tuple; both optimizers
    coordinates  1, 2 and 5 layers, several outputs, 1, 5 and 65 examples, rates that differ by layer, large ones and 1e-4; phi
                 with phi(0) not 0, cos, relu at its kink; targets of size 20 and 1000
"""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import scipy.optimize
import scipy.special
import scipy.stats

from autograder.testing import as_array, assert_close, gated, question, require, sendable, weight

FLOAT32 = "the text promises 1e-3; float32 over a few dozen operations is good to 1e-5"


def parts_of(result, count, what):
    """The parts of a result as a list, after checking how many there are."""
    listed = isinstance(result, (list, tuple)) or (isinstance(result, np.ndarray) and result.ndim > 0)
    require(listed and len(result) == count, f"return {what}")
    return list(result)


def close(got, expected, atol=1e-5, rtol=1e-3):
    assert_close(got, expected, rtol=rtol, atol=atol, why=FLOAT32)


def masses_of(rng, n, empty=()):
    """Masses that are all different and add up to 1; those in `empty` are 0."""
    mass = rng.uniform(0.5, 2.0, size=n) * np.linspace(1.0, 2.5, n)
    mass[list(empty)] = 0.0
    return mass / mass.sum()


# --- 1 --------------------------------------------------------------------------------------------------------------


@sendable
def bent(z):
    """An activation that is neither odd nor homogeneous, and not 0 at 0."""
    return jnp.sin(z) + z**2 / 8 + 0.5


def bent_reference(z):
    return np.sin(z) + z**2 / 8 + 0.5


def bent_slope(z):
    return np.cos(z) + z / 4


def gas_of(rng, n, d, m, empty=()):
    """masses, a, w, x, y."""
    return masses_of(rng, n, empty), rng.normal(size=n), rng.normal(size=(n, d)), rng.normal(size=(m, d)), rng.normal(size=m)


def risk_reference(p, a, w, x, y):
    return np.mean((bent_reference(x @ w.T) @ (p * a) - y) ** 2) / 2


def differences(function, places, step=1e-5):
    """Central differences of a number with respect to every entry of an array, float64."""
    slope = np.zeros_like(places)
    for index in np.ndindex(places.shape):
        up, down = places.copy(), places.copy()
        up[index] += step
        down[index] -= step
        slope[index] = (function(up) - function(down)) / (2 * step)
    return slope


def velocities_by_differences(p, a, w, x, y):
    """Minus the gradient of the risk, divided by the masses (all > 0): float64, without the first variation."""
    va = -differences(lambda u: risk_reference(p, u, w, x, y), a) / p
    vw = -differences(lambda u: risk_reference(p, a, u, x, y), w) / p[:, None]
    return va, vw


def velocity_by_hand(p, a, w, x, y, phi, slope):
    """The gradient of the field by the chain rule, also where there is no mass."""
    z = x @ w.T
    residual = (phi(z) @ (p * a) - y) / len(y)
    return -residual @ phi(z), -np.einsum("j,ji,jd->id", residual, a * slope(z), x)


def field_reference(p, a, w, x, y, place_a, place_w):
    """dR/d eps of the measure with a little more mass at each of the places: risks of larger networks, float64."""
    found = []
    for one_a, one_w in zip(place_a, place_w, strict=True):
        bigger = lambda eps, one_a=one_a, one_w=one_w: risk_reference(
            np.append(p, eps), np.append(a, one_a), np.vstack([w, one_w]), x, y
        )
        found.append((bigger(1e-5) - bigger(-1e-5)) / 2e-5)
    return np.array(found)


SHAPES = ((1, 2, 1), (4, 3, 6), (3, 1, 65))


@question("particles", reference="central differences of the risk in float64, divided by the masses; risks with a new particle")
class TestParticles:
    def test_the_network(self, student, rng):
        """The output is the average of a phi(w.x) with the masses as weights."""
        for n, d, m in SHAPES:
            p, a, w, x, _ = gas_of(rng, n, d, m)
            got = student.run(lambda ns, *args: ns.mean_field_network(*args, bent), p, a, w, x)
            close(got, bent_reference(x @ w.T) @ (p * a))

    def test_first_variation(self, student, rng):
        """V is the derivative of the risk when a little mass is added at a place where no particle need be.

        d/d eps of (f + eps a phi - y)^2 / 2 at eps = 0, and the mean over the inputs.
        """
        for (n, d, m), k in zip(SHAPES, (1, 3, 3), strict=True):
            gas = gas_of(rng, n, d, m)
            place_a, place_w = rng.normal(size=k), rng.normal(size=(k, d))
            place_a[0] *= 30 if k > 1 else 1
            got = student.run(
                lambda ns, p, a, w, x, y, one, two: ns.first_variation(p, a, w, x, y, bent, one, two), *gas, place_a, place_w
            )
            close(got, field_reference(*gas, place_a, place_w))

    def test_velocity(self, student, rng):
        """Each particle moves down the gradient of V at its own place; this is the risk's gradient over the particle's mass.

        At a kink the slope is the one that JAX gives.
        """
        for n, d, m in SHAPES:
            gas = gas_of(rng, n, d, m)
            got = student.run(lambda ns, *gas: ns.velocity(*gas, bent), *gas)
            va, vw = parts_of(got, 2, "(velocity of a, velocity of w)")
            expected_a, expected_w = velocities_by_differences(*gas)
            close(va, expected_a)
            close(vw, expected_w)
        p, a, w, x, y = gas_of(rng, 4, 3, 6)
        w[2], x[3] = [w[2, 0], -w[2, 0], 0.0], [1.0, 1.0, x[3, 2]]  # their product is 0, where relu has its kink
        got = student.run(lambda ns, *gas: ns.velocity(*gas, jax.nn.relu), p, a, w, x, y)
        va, vw = parts_of(got, 2, "(velocity of a, velocity of w)")
        expected_a, expected_w = velocity_by_hand(p, a, w, x, y, lambda z: np.maximum(z, 0), lambda z: z > 0)
        close(va, expected_a)
        close(vw, expected_w)

    def test_particles_without_mass(self, student, rng):
        """A particle without mass moves as a heavy one would at its place, and changes nothing for the others, whatever its a is.

        The gradient of V, in which no mass of the particle stands, needs no division.
        """
        p, a, w, x, y = gas_of(rng, 5, 2, 7, empty=(1, 3))
        a[1] = 1e4
        for got, functions in (
            (student.run(lambda ns, *gas: ns.velocity(*gas, bent), p, a, w, x, y), (bent_reference, bent_slope)),
            (student.run(lambda ns, *gas: ns.velocity(*gas, jnp.tanh), p, a, w, x, y), (np.tanh, lambda z: 1 - np.tanh(z) ** 2)),
        ):
            va, vw = parts_of(got, 2, "(velocity of a, velocity of w)")
            expected_a, expected_w = velocity_by_hand(p, a, w, x, y, *functions)
            vw = as_array(vw, (5, 2), "The velocity of w")
            close(va, expected_a)
            close(vw[1], expected_w[1])
            close(np.delete(vw, 1, axis=0), np.delete(expected_w, 1, axis=0))

    @gated
    @weight(2)
    def test_split_neurons(self, student, rng):
        """A neuron split into two halves, with its mass shared out, leaves the function and all velocities as they are."""
        p, a, w, x, y = gas_of(rng, 3, 2, 5)
        share = float(rng.uniform(0.2, 0.8))
        twice = np.concatenate([share * p, (1 - share) * p])
        expected_a, expected_w = velocities_by_differences(p, a, w, x, y)
        got = student.run(lambda ns, *gas: ns.velocity(*gas, bent), twice, np.tile(a, 2), np.tile(w, (2, 1)), x, y)
        va, vw = parts_of(got, 2, "(velocity of a, velocity of w)")
        close(va, np.tile(expected_a, 2))
        close(vw, np.tile(expected_w, (2, 1)))

    @gated
    @weight(2)
    def test_ten_steps(self, student, rng):
        """Ten steps of length 0.1 of your flow with tanh, from your own velocities, end where they should."""
        p, a, w, x, y = gas_of(rng, 6, 2, 8)

        def probe(ns, p, a, w, x, y):
            for _ in range(10):
                va, vw = ns.velocity(p, a, w, x, y, jnp.tanh)
                a, w = a + 0.1 * jnp.asarray(va), w + 0.1 * jnp.asarray(vw)
            return [a, w]

        got_a, got_w = parts_of(student.run(probe, p, a, w, x, y), 2, "(velocity of a, velocity of w)")
        for _ in range(10):
            va, vw = velocity_by_hand(p, a, w, x, y, np.tanh, lambda z: 1 - np.tanh(z) ** 2)
            a, w = a + 0.1 * va, w + 0.1 * vw
        close(got_a, a)
        close(got_w, w)


# --- 2 --------------------------------------------------------------------------------------------------------------


def linear_program(cost, mu, nu):
    """The cheapest plan and its cost."""
    n, m = cost.shape
    rows, columns = np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))
    found = scipy.optimize.linprog(cost.ravel(), A_eq=np.vstack([rows, columns])[:-1], b_eq=np.concatenate([mu, nu])[:-1])
    return found.x.reshape(n, m), found.fun


def line_of(rng, n, m):
    """Two measures on a line: different points, in no order."""
    return 2 * rng.normal(size=n), masses_of(rng, n), 2 * rng.normal(size=m) + 0.5, masses_of(rng, m)


def plan_close(got, expected):
    assert_close(got, expected, rtol=0, atol=2e-4, why="the text promises 1e-4")


@question("wasserstein", reference="linear programs in float64; scipy.stats.wasserstein_distance")
class TestWasserstein:
    def test_the_plan(self, student, rng):
        """The plan that does not cross is the cheapest: unequal masses, different numbers of points, in any order."""
        for n, m in ((2, 2), (5, 3), (4, 7)):
            x, mu, y, nu = line_of(rng, n, m)
            expected, _ = linear_program((x[:, None] - y) ** 2, mu, nu)
            plan_close(student.monotone_plan(x, mu, y, nu), expected)

    def test_the_first_distance(self, student, rng):
        """W_1, against SciPy."""
        for n, m in ((2, 2), (6, 4)):
            x, mu, y, nu = line_of(rng, n, m)
            close(student.wasserstein_1d(x, mu, y, nu, 1.0), scipy.stats.wasserstein_distance(x, y, mu, nu))

    def test_other_powers(self, student, rng):
        """W_p for p = 1.5, 2, 4: the p-th root of what the cheapest plan costs.

        The integral of |F - G|^p over x is W_p^p for p = 1 only.
        """
        for p in (2.0, 1.5, 4.0):
            x, mu, y, nu = line_of(rng, 5, 4)
            _, cost = linear_program(np.abs(x[:, None] - y) ** p, mu, nu)
            close(student.wasserstein_1d(x, mu, y, nu, p), cost ** (1 / p))

    @gated
    @weight(4)
    def test_repeated_points_and_single_ones(self, student, rng):
        """Repeated points, masses of 0, single points, two equal measures, two hundred points, in any order, on any scale.

        A point without mass owns no levels.
        """
        x, mu, y, nu = line_of(rng, 6, 3)
        x[1:3], x[3:] = x[0], y[2]
        _, cost = linear_program((x[:, None] - y) ** 2, mu, nu)
        close(student.wasserstein_1d(x, mu, y, nu, 2.0), cost**0.5)
        plan = as_array(student.monotone_plan(x, mu, y, nu), (6, 3), "The plan")
        plan_close(plan.sum(axis=1), mu)
        plan_close(plan.sum(axis=0), nu)
        close(np.sum(plan * (x[:, None] - y) ** 2), cost, atol=1e-3)
        turned = rng.permutation(6)
        close(student.wasserstein_1d(x[turned], mu[turned], y, nu, 2.0), cost**0.5)
        close(student.wasserstein_1d(x, mu, y[:1], np.ones(1), 3.0), (mu @ np.abs(x - y[0]) ** 3) ** (1 / 3))
        close(student.wasserstein_1d(x[:1], np.ones(1), y[:1], np.ones(1), 1.5), abs(x[0] - y[0]))
        some, few = masses_of(rng, 6, empty=(0, 3)), masses_of(rng, 3, empty=(1,))
        some[2] = 0.0
        some, x = (1 - 8e-4) * some / some.sum(), 2 * rng.normal(size=6)
        some[2] = 8e-4
        expected, cost = linear_program((x[:, None] - y) ** 2, some, few)
        plan_close(student.monotone_plan(x, some, y, few), expected)
        close(student.wasserstein_1d(x, some, y, few, 2.0), cost**0.5)
        _, cost = linear_program((x[:, None] - y) ** 4, mu, nu)
        for scale in (2.0**-13, 2.0**9):
            expected = scale * scipy.stats.wasserstein_distance(x, y, mu, nu)
            close(student.wasserstein_1d(scale * x, mu, scale * y, nu, 1.0), expected, atol=0)
            close(student.wasserstein_1d(scale * x, mu, scale * y, nu, 4.0), scale * cost**0.25, atol=0)
        x, y = -np.sort(-x[:3]), np.sort(y)
        plan_close(student.monotone_plan(x, nu, y, nu), linear_program((x[:, None] - y) ** 2, nu, nu)[0])
        plan_close(student.monotone_plan(y, nu, y, nu), np.diag(nu))
        close(student.wasserstein_1d(y, nu, y, nu, 1.0), 0.0, atol=1e-5)
        x, mu, y, nu = line_of(rng, 200, 100)
        close(student.wasserstein_1d(x, mu, y, nu, 1.0), scipy.stats.wasserstein_distance(x, y, mu, nu), atol=1e-4)

    @gated
    def test_shifts_and_scales(self, student, rng):
        """A shift of both measures changes nothing, scaling by s gives |s| W, and a measure is |r| from itself shifted by r."""
        x, mu, y, nu = line_of(rng, 4, 5)
        _, cost = linear_program((x[:, None] - y) ** 2, mu, nu)
        close(student.wasserstein_1d(x + 3.0, mu, y + 3.0, nu, 2.0), cost**0.5)
        close(student.wasserstein_1d(-2.0 * x, mu, -2.0 * y, nu, 2.0), 2 * cost**0.5)
        close(student.wasserstein_1d(x, mu, x + 1.5, mu, 4.0), 1.5)


# --- 3 --------------------------------------------------------------------------------------------------------------


def soft_minimum(values, masses, eps):
    """-eps log of the sum of e^(-value / eps) with the masses, row by row; points without mass are left out."""
    there = masses > 0
    values, masses = values[:, there], masses[there]
    lowest = values.min(axis=1)
    return lowest - eps * np.log(np.exp((lowest[:, None] - values) / eps) @ masses)


def sinkhorn_reference(cost, mu, nu, eps, rounds):
    """The rounds in float64."""
    f, g = np.zeros(len(mu)), np.zeros(len(nu))
    for _ in range(rounds):
        f = soft_minimum(cost - g, nu, eps)
        g = soft_minimum(cost.T - f, mu, eps)
    return f, g


def plan_reference(cost, mu, nu, eps, f, g):
    return mu[:, None] * nu * np.exp((f[:, None] + g - cost) / eps)


def potentials_of(result):
    return parts_of(result, 2, "(f, g)")


def arrays_of(result, n, m):
    """The potentials as arrays, which may be handed to another function of the student's."""
    f, g = potentials_of(result)
    return as_array(f, (n,), "f"), as_array(g, (m,), "g")


def potentials_close(got, expected, largest):
    for part, wanted in zip(potentials_of(got), expected, strict=True):
        assert_close(part, wanted, rtol=0, atol=1.5e-3 * largest, why="the text promises 1e-3 of the largest cost")


def clouds(rng, n, m, d=2):
    """Costs of two clouds of points, exact in float32, and masses."""
    x, y = rng.normal(size=(n, d)), rng.normal(size=(m, d)) + 0.5
    cost = np.asarray(((x[:, None] - y) ** 2).sum(-1), np.float32).astype(float)
    return cost, masses_of(rng, n), masses_of(rng, m)


@question(
    "sinkhorn",
    reference="the rounds in float64; marginals; the closed form for normal laws (Janati et al. 2020); a linear program",
)
class TestSinkhorn:
    def test_rounds(self, student, rng):
        """One and two rounds from g = 0: f first, and then g from the new f."""
        for n, m in ((3, 3), (5, 4), (1, 4)):
            cost, mu, nu = clouds(rng, n, m)
            eps = float(rng.uniform(0.5, 2.0))
            for masses, rounds in ((mu, 1), (mu, 2), (mu[::-1], 2)):
                got = student.sinkhorn(cost, masses, nu, eps, rounds)
                potentials_close(got, sinkhorn_reference(cost, masses, nu, eps, rounds), cost.max())

    def test_the_plan_of_any_potentials(self, student, rng):
        """mu_i nu_j exp((f_i + g_j - C_ij) / eps), also for potentials that are not converged."""
        cost, mu, nu = clouds(rng, 5, 4)
        f, g, eps = rng.normal(size=5), rng.normal(size=4), float(rng.uniform(0.5, 2.0))
        for one in (f, f + 30 * eps):
            got = student.entropic_plan(cost, mu, nu, eps, one, g)
            assert_close(got, plan_reference(cost, mu, nu, eps, one, g), rtol=1e-3, why=FLOAT32)

    def test_the_value_of_a_plan(self, student, rng):
        """<C, pi> + eps KL(pi | mu x nu), for a plan with the right marginals that need not be optimal, and may have zeros.

        The divergence is from the product of the marginals; it is not the entropy of the plan. 0 log 0 is 0.
        """
        cost, mu, nu = clouds(rng, 5, 4)
        plan = plan_reference(cost, mu, nu, 0.75, *sinkhorn_reference(cost, mu, nu, 0.75, 400))
        mixed = 0.5 * plan + 0.5 * mu[:, None] * nu
        eps = float(rng.uniform(0.5, 2.0))
        for one in (mu[:, None] * nu, mixed):
            expected = np.sum(one * cost) + eps * scipy.special.rel_entr(one, mu[:, None] * nu).sum()
            close(student.entropic_value(cost, mu, nu, eps, one), expected)
        even, sharp = np.full(4, 0.25), np.diag(np.full(4, 0.25))
        close(student.entropic_value(cost[:4], even, even, eps, sharp), np.trace(cost[:4]) / 4 + eps * np.log(4))
        plan, dear = mu[:, None] * nu, cost.copy()
        corners = np.ix_([mu.argmin(), mu.argmax()], [nu.argmin(), nu.argmax()])
        plan[corners] += (plan.min() - 5e-6) * np.array([[-1, 1], [1, -1]])  # a small entry, at a place that is dear
        dear[mu.argmin(), nu.argmin()] = 1e6
        expected = np.sum(plan * dear) + eps * scipy.special.rel_entr(plan, mu[:, None] * nu).sum()
        close(student.entropic_value(dear, mu, nu, eps, plan), expected)

    def test_small_and_large_eps(self, student, rng):
        """eps from 1e-3 to 10 times the largest cost: the potentials, the plan and its marginals; a thousand rounds.

        For small eps all exponentials of -C/eps are 0: keep to logarithms. The rounds are counted, however slow they are.
        """
        x, y = np.sort(2 * rng.normal(size=6)), np.sort(2 * rng.normal(size=4))
        mu, nu = masses_of(rng, 6), masses_of(rng, 4)
        cost = (x[:, None] - y) ** 2
        far = 4 * cost.max() * (np.arange(6) > 0)[:, None]  # five rows in which all e^(-C/eps) are 0, one in which some are not
        cost = np.asarray(cost + far, np.float32).astype(float)
        for scale in (1.0, 2.0**-10):
            largest = scale * cost.max()
            for share, rounds in ((1e-3, 300), (1.0, 50), (10.0, 50)):
                eps = share * largest
                expected = sinkhorn_reference(scale * cost, mu, nu, eps, rounds)
                got = arrays_of(student.sinkhorn(scale * cost, mu, nu, eps, rounds), 6, 4)
                plan = as_array(student.entropic_plan(scale * cost, mu, nu, eps, *got), (6, 4), "The plan")
                assert_close(plan.sum(axis=0), nu, rtol=0, atol=2e-3, why="exponents of some thousand in float32")
                assert_close(plan, plan_reference(scale * cost, mu, nu, eps, *expected), rtol=0, atol=2e-3,
                             why="exponents of some thousand in float32 are good to 1e-3")  # fmt: skip
                potentials_close(got, expected, largest)
        # Two heaps; the left one has mass to spare, and each round raises its potentials by a little: 1000 rounds are too few.
        x, y = np.repeat([0.0, 1.0], 3) + 0.05 * rng.normal(size=6), np.repeat([0.0, 1.0], 2) + 0.05 * rng.normal(size=4)
        mu = np.concatenate([0.55 * masses_of(rng, 3), 0.45 * masses_of(rng, 3)])
        nu = np.concatenate([0.45 * masses_of(rng, 2), 0.55 * masses_of(rng, 2)])
        cost = (x[:, None] - y) ** 2
        eps = 1e-3 * cost.max()
        expected = sinkhorn_reference(cost, mu, nu, eps, 1000)
        potentials_close(student.sinkhorn(cost, mu, nu, eps, 1000), expected, cost.max())
        # Two points that creep: the changes of a round are small beside the potentials, or the marginals nearly right.
        for offset, spare, share in ((10.0, 1.8e-3, 1e-3), (0.0, 1.4e-4, 1e-2)):
            cost = offset + np.array([[0.0, 1.0], [float(rng.uniform(0.9, 1.0)), 0.0]])
            mu, eps = np.array([0.5 + spare, 0.5 - spare]), share * cost.max()
            expected = sinkhorn_reference(cost, mu, np.full(2, 0.5), eps, 1000)
            potentials_close(student.sinkhorn(cost, mu, np.full(2, 0.5), eps, 1000), expected, cost.max())

    @gated
    def test_normal_laws(self, student, rng):
        """Two normal laws on a grid: the covariance of the plan and the value are known in closed form."""
        grid = np.linspace(-6, 6, 61)
        a, b, eps = float(rng.uniform(0.8, 1.2)), float(rng.uniform(1.3, 1.8)), float(rng.uniform(1.5, 3.0))
        mu, nu = (np.exp(-(grid**2) / (2 * v)) for v in (a, b))
        mu, nu, cost = mu / mu.sum(), nu / nu.sum(), (grid[:, None] - grid) ** 2
        f, g = arrays_of(student.sinkhorn(cost, mu, nu, eps, 60), 61, 61)
        plan = as_array(student.entropic_plan(cost, mu, nu, eps, f, g), (61, 61), "The plan")
        c = np.sqrt(a * b + eps**2 / 16) - eps / 4
        assert_close(grid @ plan @ grid, c, rtol=2e-3, why="a grid of 61 points and float32")
        value = a + b - 2 * c - eps / 2 * np.log(1 - c**2 / (a * b))
        assert_close(student.entropic_value(cost, mu, nu, eps, plan), value, rtol=2e-3, why="a grid of 61 points and float32")

    @gated
    @weight(5)
    def test_points_without_mass(self, student, rng):
        """Masses of 0: the plan has a row or column of zeros, all potentials are finite, the value is that without the point.

        0 log 0 is 0. A potential is defined by its update, also where there is no mass.
        """
        cost, _, _ = clouds(rng, 5, 4)
        mu, nu = masses_of(rng, 5, empty=(2,)), masses_of(rng, 4, empty=(0,))
        eps = float(rng.uniform(0.5, 1.0))
        expected = sinkhorn_reference(cost, mu, nu, eps, 200)
        got = student.sinkhorn(cost, mu, nu, eps, 200)
        potentials_close(got, expected, cost.max())
        plan = plan_reference(cost, mu, nu, eps, *expected)
        assert_close(student.entropic_plan(cost, mu, nu, eps, *expected), plan, rtol=1e-3, why=FLOAT32)
        value = np.sum(plan * cost) + eps * scipy.special.rel_entr(plan, mu[:, None] * nu).sum()
        close(student.entropic_value(cost, mu, nu, eps, plan), value)
        cost = rng.uniform(0.3, 1.0, size=(5, 4))
        cost[2], cost[:, 0] = 0.0, 0.0  # the points without mass are nearest to all, and draw nothing
        for least, share in ((0.0, 1e-3), (1e-7, 1e-2)):  # a mass that is nearly nothing is a mass
            mu[2], nu[0], eps = least, least, share * cost.max()
            mu, nu = mu / mu.sum(), nu / nu.sum()
            expected = sinkhorn_reference(cost, mu, nu, eps, 200)
            potentials_close(student.sinkhorn(cost, mu, nu, eps, 200), expected, cost.max())


# --- 4 --------------------------------------------------------------------------------------------------------------


def optimal_reference(x, y, mu, nu, eps):
    """The converged plan and the value between two clouds, float64; costs over eps are small enough for the kernel itself."""
    cost = ((x[:, None] - y) ** 2).sum(-1)
    kernel, v = np.exp(-cost / eps), np.ones(len(nu))
    for _ in range(400):
        u = 1 / (kernel @ (nu * v))
        v = 1 / (kernel.T @ (mu * u))
    plan = (mu * u)[:, None] * kernel * (nu * v)
    return plan, np.sum(plan * cost) + eps * scipy.special.rel_entr(plan, mu[:, None] * nu).sum()


def divergence_reference(x, y, mu, nu, eps):
    """S_eps without the term of nu with itself, which does not depend on x."""
    return optimal_reference(x, y, mu, nu, eps)[1] - optimal_reference(x, x, mu, mu, eps)[1] / 2


@question("flow", reference="central differences of the Sinkhorn divergence in float64, divided by the masses")
class TestFlow:
    def test_on_a_line(self, student, rng):
        """Minus the derivative of S over the mass, on a line: the whole problem is solved again for each small shift.

        At the minimum over the plan only the cost is differentiated. x_i stands on both sides of OT(mu, mu).
        """
        x, y, mu, nu = 2 * rng.normal(size=(3, 1)), 2 * rng.normal(size=(4, 1)), masses_of(rng, 3), masses_of(rng, 4)
        eps = 2.0
        slope = differences(lambda u: divergence_reference(u, y, mu, nu, eps), x, step=1e-4)
        plans = optimal_reference(x, y, mu, nu, eps)[0], optimal_reference(x, x, mu, mu, eps)[0]
        close(student.divergence_velocity(x, y, *plans), -slope / mu[:, None], atol=1e-4)

    def test_in_the_plane(self, student, rng):
        """The same in the plane, with unequal masses and clouds of different sizes."""
        x, y, mu, nu = rng.normal(size=(4, 2)), rng.normal(size=(3, 2)) + 1.0, masses_of(rng, 4), masses_of(rng, 3)
        eps = 1.5
        slope = differences(lambda u: divergence_reference(u, y, mu, nu, eps), x, step=1e-4)
        plans = optimal_reference(x, y, mu, nu, eps)[0], optimal_reference(x, x, mu, mu, eps)[0]
        close(student.divergence_velocity(x, y, *plans), -slope / mu[:, None], atol=1e-4)

    @gated
    @weight(2)
    def test_limits(self, student, rng):
        """With product plans all points move by 2 (mean of nu - mean of mu); with a permutation for a plan, to their partners.

        In space as in the plane, however small a mass is and however far the clouds are apart. A single point has a plan of one
        entry.
        """
        x, y, mu, nu = rng.normal(size=(4, 3)), rng.normal(size=(3, 3)), masses_of(rng, 4), masses_of(rng, 3)
        got = student.divergence_velocity(x, y, mu[:, None] * nu, mu[:, None] * mu)
        close(got, np.tile(2 * (nu @ y - mu @ x), (4, 1)))
        x, y, order = rng.normal(size=(4, 2)), rng.normal(size=(4, 2)), rng.permutation(4)
        mu[rng.integers(4)] = 1e-5
        mu, plan = mu / mu.sum(), np.zeros((4, 4))
        plan[np.arange(4), order] = mu
        close(student.divergence_velocity(x, y, plan, np.diag(mu)), 2 * (y[order] - x))
        x, y = x[:1], y[:1] + np.array([100.0, -200.0])
        close(student.divergence_velocity(x, y, np.ones((1, 1)), np.ones((1, 1))), 2 * (y - x))


# --- 5 --------------------------------------------------------------------------------------------------------------


def scales_close(student, widths, optimizer, kind=list):
    """Both arrays, entry by entry relative; the norms are put together from the three facts of the text."""
    result = student.spectral_scales(kind(int(n) for n in widths), optimizer)
    sigma, eta = parts_of(result, 2, "(sigma, eta)")
    n = np.asarray(widths, float)
    wanted, lengths = np.sqrt(n[1:] / n[:-1]), (np.sqrt(n[1:]), np.sqrt(n[:-1]))
    shape = (len(widths) - 1,)
    norm = as_array(sigma, shape, "sigma") * (lengths[0] + lengths[1])
    step = lengths[1] / lengths[0] if optimizer == "sgd" else lengths[0] * lengths[1]
    update = as_array(eta, shape, "eta") * step
    assert_close(norm / wanted, np.ones(shape), rtol=2e-3, why="the text promises 1e-3 of each entry")
    assert_close(update / wanted, np.ones(shape), rtol=2e-3, why="the text promises 1e-3 of each entry")


@question("scales", reference="the norms of W and of its update, put together from the three facts in the text")
class TestScales:
    def test_sgd(self, student, rng):
        """SGD: with your scales the norms of W and of its update are sqrt(n_l / n_{l-1}), for widths that grow and shrink."""
        for length in (2, 5):
            scales_close(student, rng.integers(2, 300, size=length), "sgd")

    def test_adam(self, student, rng):
        """Adam: the same with an update whose entries are all of the same size."""
        for length in (2, 5):
            scales_close(student, rng.integers(2, 300, size=length), "adam")

    @gated
    @weight(2)
    def test_the_whole_range(self, student, rng):
        """Widths of 1 and of 100 000, equal ones, one layer; the start as random matrices have it.

        Products of widths do not fit into 32-bit integers.
        """
        many, some = int(rng.integers(90_000, 100_000)), int(rng.integers(2000, 20_000))
        for widths in ([1, 1], [100_000, 100_000, 1], [1, 100_000, many], [1, some, 1], [7] * 4):
            for optimizer in ("sgd", "adam"):
                scales_close(student, widths, optimizer, kind=tuple)
        rows, columns = 400, int(rng.integers(90, 110))
        sigma, _ = parts_of(student.spectral_scales([columns, rows], "sgd"), 2, "(sigma, eta)")
        drawn = float(as_array(sigma, (1,), "sigma")[0]) * np.asarray(rng.normal(size=(rows, columns)))
        norm = np.linalg.norm(drawn, 2)
        assert_close(
            norm, np.sqrt(rows / columns), rtol=0.08, why="the largest singular value of one draw is 2 % off, 6 % rarely"
        )


# --- 6 --------------------------------------------------------------------------------------------------------------


def step_reference(weights, rates, x, y, phi, slope):
    """Backpropagation by hand, example by example, and both networks, in float64."""
    signals, pre = [x], []
    for level, W in enumerate(weights):
        pre.append(signals[-1] @ W.T)
        signals.append(phi(pre[-1]) if level < len(weights) - 1 else pre[-1])
    delta, gradients = (pre[-1] - y) / len(x), [None] * len(weights)
    for level in reversed(range(len(weights))):
        gradients[level] = sum(np.outer(d, h) for d, h in zip(delta, signals[level], strict=True))
        if level:
            delta = (delta @ weights[level]) * slope(pre[level - 1])
    moves = [-rate * G for rate, G in zip(rates, gradients, strict=True)]
    own = [np.sqrt(np.mean((h @ D.T) ** 2)) for h, D in zip(signals, moves, strict=False)]
    h, total = x, []
    for level, (W, D) in enumerate(zip(weights, moves, strict=True)):
        z = h @ (W + D).T
        total.append(np.sqrt(np.mean((z - pre[level]) ** 2)))
        h = phi(z)
    return np.array(own), np.array(total)


def network_of(rng, widths):
    return [np.asarray(rng.normal(size=(b, a))) / np.sqrt(a) for a, b in itertools.pairwise(widths)]


@sendable
def even(z):
    """An activation that stays small."""
    return jnp.cos(z)


@sendable
def kinked(z):
    """relu."""
    return jax.nn.relu(z)


BENT, EVEN = (bent, bent_reference, bent_slope), (even, np.cos, lambda z: -np.sin(z))
KINKED = (kinked, lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float))


def step_close(student, weights, rates, x, y, functions=BENT):
    """Both results, layer by layer."""
    phi, *ours = functions
    got = student.run(lambda ns, *rest: ns.coordinate_check(list(rest[:-3]), *rest[-3:], phi), *weights, rates, x, y)
    for part, expected in zip(parts_of(got, 2, "(own, total)"), step_reference(weights, rates, x, y, *ours), strict=True):
        each_close(part, expected)


def each_close(got, expected):
    """Every layer relative to itself."""
    got = as_array(got, expected.shape, "One number for each layer")
    assert_close(got / expected, np.ones(len(expected)), rtol=3e-3, why="differences of float32 numbers, relative to each layer")


@question("coordinates", reference="backpropagation by hand and both networks in float64")
class TestCoordinates:
    def test_two_layers(self, student, rng):
        """Two layers, one output, five examples: own and total change."""
        weights, x, y = network_of(rng, [3, 4, 1]), rng.normal(size=(5, 3)), rng.normal(size=(5, 1)) + 2.0
        rates = [float(v) for v in rng.uniform(0.5, 1.5, size=2)]
        step_close(student, weights, rates, x, y)

    def test_five_layers_and_several_outputs(self, student, rng):
        """Five layers, square and not, three outputs; each layer has a rate of its own.

        All layers move at once, with gradients of the old network; the total change also contains that of the layers below.
        """
        weights, x, y = network_of(rng, [3, 4, 4, 5, 4, 3]), rng.normal(size=(4, 3)), rng.normal(size=(4, 3)) + 1.0
        step_close(student, weights, [0.0625, 0.25, 0.125, 0.375, 0.5], x, y, EVEN)

    @gated
    @weight(2)
    def test_the_whole_range(self, student, rng):
        """One layer, where the activation does not appear; a single example; many; large steps and tiny ones; a kink.

        A large step is so large that nothing is linear in it. With rates of 1e-4 the changes are small differences.
        """
        for widths, m, rates, functions in (
            ([3, 2], 65, [0.5], BENT),
            ([2, 5, 3], 1, [0.5, 0.25], BENT),
            ([3, 4, 1], 5, [4.0, 2.0], BENT),
            ([3, 4, 1], 5, [1e-4, 2e-4], BENT),
            ([3, 4, 1], 5, [0.1, 0.05], EVEN),
            ([3, 4, 1], 5, [0.5, 0.25], KINKED),
        ):
            weights, x, y = network_of(rng, widths), rng.normal(size=(m, widths[0])), rng.normal(size=(m, widths[-1])) + 2.0
            if functions is EVEN:
                y = 20 * y
            if functions is KINKED:
                y, x[1], weights[0][2] = 1000 * y, [1.0, 1.0, 0.0], [0.5, -0.5, 1.0]  # their product is 0
                y[1], weights[1][0, 2] = 3000 + y[1], 1.0
            step_close(student, weights, rates, x, y, functions)
