"""SciPy: sparse block systems, Frechet derivatives by differences of logarithms, one large differential equation, root finding."""

import numpy as np
import scipy.integrate
import scipy.linalg
import scipy.optimize
import scipy.sparse
import scipy.sparse.linalg
import scipy.stats


def block_system(W, z):
    slope = (1 - np.asarray(z) ** 2).ravel()
    J = scipy.sparse.diags(slope) @ scipy.sparse.kron(scipy.sparse.eye(len(z)), np.asarray(W))
    return slope, scipy.sparse.csc_matrix(scipy.sparse.eye(len(slope)) - J)


def equilibrium_gradients(W, U, b, x, z, g):
    slope, system = block_system(W, z)
    v = (slope * scipy.sparse.linalg.spsolve(system.T.tocsc(), np.ravel(g))).reshape(np.shape(z))
    return np.tensordot(v, z, axes=(0, 0)), np.tensordot(v, x, axes=(0, 0)), np.ones(len(v)) @ v, v @ np.asarray(U)


def equilibrium_tangent(W, U, b, x, z, dW, dU, db, dx):
    slope, system = block_system(W, z)
    force = np.asarray(z) @ np.transpose(dW) + np.asarray(x) @ np.transpose(dU) + np.asarray(db) + np.asarray(dx) @ np.transpose(U)
    return scipy.sparse.linalg.spsolve(system, slope * force.ravel()).reshape(np.shape(z))


def alternating_network(A, B, depth):
    A, B = np.asarray(A), np.asarray(B)
    if depth < 30:
        h = np.eye(len(A))
        for block in (A, B) * depth:
            h = h + block @ h / depth
        return h
    X = (A + B + B @ A / depth) / depth
    return scipy.linalg.fractional_matrix_power(np.eye(len(A)) + X, depth)


def depth_correction(A, B):
    A, B = np.asarray(A), np.asarray(B)
    S = A + B
    E = B @ A - S @ S / 2
    nodes, weights = np.polynomial.legendre.leggauss(24)
    C = sum(w / 2 * scipy.linalg.expm((1 - t) / 2 * S) @ E @ scipy.linalg.expm((1 + t) / 2 * S)
            for t, w in zip(nodes, weights, strict=True))  # fmt: skip
    return scipy.linalg.expm(S), C


def euler_gradients(W, b, h0, g, time, depth):
    """The transposed Jacobians of all layers multiplied up, then one contraction."""
    W, b, eta = np.asarray(W), np.asarray(b), time / depth
    path = np.empty((depth + 1, len(b)))
    path[0] = h0
    for level in range(depth):
        path[level + 1] = path[level] + eta * np.tanh(W @ path[level] + b)
    slopes = 1 - np.tanh(path[:-1] @ W.T + b) ** 2
    adjoints = np.empty((depth + 1, len(b)))
    adjoints[depth] = g
    for level in reversed(range(depth)):
        adjoints[level] = adjoints[level + 1] @ (np.eye(len(b)) + eta * slopes[level][:, None] * W)
    v = eta * slopes * adjoints[1:]
    return np.einsum("li,lj->ij", v, path[:-1]), v.sum(axis=0), adjoints[0]


def flow_gradients(W, b, h0, g, time):
    """Forwards: sensitivities with respect to h0 and all parameters."""
    W, b, d = np.asarray(W), np.asarray(b), len(b)

    def field(t, state):
        h, V = state[:d], state[d:].reshape(d, d * d + 2 * d)
        y = np.tanh(W @ h + b)
        force = np.hstack([np.kron(np.eye(d), h), np.eye(d), np.zeros((d, d))])
        return np.append(y, ((1 - y**2)[:, None] * (W @ V + force)).ravel())

    V0 = np.hstack([np.zeros((d, d * d + d)), np.eye(d)])
    end = scipy.integrate.solve_ivp(field, (0, time), np.append(h0, V0.ravel()), method="RK45", rtol=1e-8, atol=1e-10).y[:, -1]
    of_all = np.asarray(g) @ end[d:].reshape(d, -1)
    return of_all[: d * d].reshape(d, d), of_all[d * d : -d], of_all[-d:]


def pair_moments(h, k, s, depth):
    h, k = np.asarray(h), np.asarray(k)
    kappa = s * (2 + s) / h.size
    generator = scipy.linalg.logm((1 + s) ** 2 * np.eye(2) + kappa * np.array([[0, 2], [1, 1]]))
    P, Q = scipy.linalg.expm(depth * generator).real @ [np.vdot(h, h) * np.vdot(k, k), np.vdot(h, k) ** 2]
    return np.vdot(h, k) * np.exp(depth * np.log1p(s)), P, Q


def limit_moment(sigma2, width, power):
    if sigma2 == 0:
        return 1.0
    law = scipy.stats.norm(sigma2 * (1 - 2 / width), 2 * np.sqrt(sigma2 / width))
    # Around the top of the integrand, which lies where exp(power y / 2) tilts the bell to.
    top, width_of_it = law.mean() + power / 2 * law.var(), law.std()
    y = np.linspace(top - 12 * width_of_it, top + 12 * width_of_it, 4001)
    return np.trapezoid(np.exp(power / 2 * y + law.logpdf(y)), y)


def deq_kernel(C, sw2, depth):
    if depth is None:
        if sw2 >= 2:
            raise ValueError("no fixed point")
        depth = 20_000 if sw2 > 1.9 else 1500
    C = np.asarray(C)
    K = C.copy()
    for _ in range(depth):
        std = np.sqrt(K.diagonal())
        theta = np.arccos(np.minimum(np.maximum(K / std / std[:, None], -1), 1))
        K = C + sw2 * std * std[:, None] * (np.sin(theta) + (np.pi - theta) * np.cos(theta)) / (2 * np.pi)
    return K
