"""Week 7 homework, solved by a stranger from the notebook alone: NumPy and plain loops."""

import numpy as np
import scipy.linalg
from jaxtyping import Array, Float


def equilibrium_gradients(
    W: Float[Array, "d d"],
    U: Float[Array, "d p"],
    b: Float[Array, " d"],
    x: Float[Array, "batch p"],
    z: Float[Array, "batch d"],
    g: Float[Array, "batch d"],
) -> tuple[Float[Array, "d d"], Float[Array, "d p"], Float[Array, " d"], Float[Array, "batch p"]]:
    """Gradients of a loss of the equilibria z = tanh(W z + U x + b), one per row."""
    W, U, x, z, g = (np.asarray(a) for a in (W, U, x, z, g))
    d, p = U.shape
    dW, dU, db, dx = np.zeros((d, d)), np.zeros((d, p)), np.zeros(d), np.zeros(x.shape)
    for i in range(len(x)):
        D = np.diag(1 - z[i] ** 2)
        a = D @ np.linalg.solve((np.eye(d) - D @ W).T, g[i])
        dW += np.outer(a, z[i])
        dU += np.outer(a, x[i])
        db += a
        dx[i] = U.T @ a
    return dW, dU, db, dx


def equilibrium_tangent(
    W: Float[Array, "d d"],
    U: Float[Array, "d p"],
    b: Float[Array, " d"],
    x: Float[Array, "batch p"],
    z: Float[Array, "batch d"],
    dW: Float[Array, "d d"],
    dU: Float[Array, "d p"],
    db: Float[Array, " d"],
    dx: Float[Array, "batch p"],
) -> Float[Array, "batch d"]:
    """First-order change of the equilibria z = tanh(W z + U x + b)."""
    W, U, x, z, dW, dU, db, dx = (np.asarray(a) for a in (W, U, x, z, dW, dU, db, dx))
    dz = np.zeros(z.shape)
    for i in range(len(x)):
        D = np.diag(1 - z[i] ** 2)
        dz[i] = np.linalg.solve(np.eye(len(W)) - D @ W, D @ (dW @ z[i] + dU @ x[i] + db + U @ dx[i]))
    return dz


def alternating_network(A: Float[Array, "d d"], B: Float[Array, "d d"], depth: int) -> Float[Array, "d d"]:
    """The matrix of a network of `depth` pairs of linear residual blocks, first A, then B."""
    A, B = np.asarray(A), np.asarray(B)
    identity = np.eye(len(A))
    return np.linalg.matrix_power((identity + B / depth) @ (identity + A / depth), depth)


def depth_correction(A: Float[Array, "d d"], B: Float[Array, "d d"]) -> tuple[Float[Array, "d d"], Float[Array, "d d"]]:
    """Limit of infinite depth, and the coefficient of 1 / depth."""
    A, B = np.asarray(A), np.asarray(B)
    S = A + B
    E = B @ A - S @ S / 2
    return scipy.linalg.expm_frechet(S, E)


def euler_gradients(
    W: Float[Array, "d d"], b: Float[Array, " d"], h0: Float[Array, " d"], g: Float[Array, " d"], time: float, depth: int
) -> tuple[Float[Array, "d d"], Float[Array, " d"], Float[Array, " d"]]:
    """Exact gradients of the network with layers h + (time / depth) tanh(W h + b)."""
    W, b, h0, g = (np.asarray(a) for a in (W, b, h0, g))
    step = time / depth
    path = [h0]
    for _ in range(depth):
        path.append(path[-1] + step * np.tanh(W @ path[-1] + b))
    a, dW, db = g, np.zeros(W.shape), np.zeros(b.shape)
    for layer in range(depth - 1, -1, -1):
        h = path[layer]
        back = step * a * (1 - np.tanh(W @ h + b) ** 2)
        dW = dW + np.outer(back, h)
        db = db + back
        a = a + W.T @ back
    return dW, db, a


def flow_gradients(
    W: Float[Array, "d d"], b: Float[Array, " d"], h0: Float[Array, " d"], g: Float[Array, " d"], time: float
) -> tuple[Float[Array, "d d"], Float[Array, " d"], Float[Array, " d"]]:
    """Gradients of a loss of h(time) for the flow h' = tanh(W h + b)."""
    W, b, h0, g = (np.asarray(a) for a in (W, b, h0, g))
    steps = 3000  # Runge-Kutta steps of the adjoint; the path is kept at their middles, too
    half = time / steps / 2
    flow = lambda h: np.tanh(W @ h + b)
    path = [h0]
    for _ in range(2 * steps):
        h = path[-1]
        k1 = flow(h)
        k2 = flow(h + half / 2 * k1)
        k3 = flow(h + half / 2 * k2)
        k4 = flow(h + half * k3)
        path.append(h + half / 6 * (k1 + 2 * k2 + 2 * k3 + k4))

    def slope(a, h):
        """Rates, backwards in time, of a and of the two integrals."""
        s = a * (1 - np.tanh(W @ h + b) ** 2)
        return W.T @ s, np.outer(s, h), s

    step = 2 * half
    a, dW, db = g, np.zeros(W.shape), np.zeros(b.shape)
    for n in range(steps, 0, -1):
        late, middle, early = path[2 * n], path[2 * n - 1], path[2 * n - 2]
        a1, W1, b1 = slope(a, late)
        a2, W2, b2 = slope(a + step / 2 * a1, middle)
        a3, W3, b3 = slope(a + step / 2 * a2, middle)
        a4, W4, b4 = slope(a + step * a3, early)
        a = a + step / 6 * (a1 + 2 * a2 + 2 * a3 + a4)
        dW = dW + step / 6 * (W1 + 2 * W2 + 2 * W3 + W4)
        db = db + step / 6 * (b1 + 2 * b2 + 2 * b3 + b4)
    return dW, db, a


def pair_moments(h: Float[Array, " d"], k: Float[Array, " d"], s: float, depth: int) -> tuple[float, float, float]:
    """Exact second and fourth moments of two inputs in a random linear residual network."""
    h, k = np.asarray(h), np.asarray(k)
    s = float(s)
    kappa = (2 * s + s**2) / len(h)
    product = float(h @ k)
    P, Q = float(h @ h) * float(k @ k), product**2
    for _ in range(depth):
        product = (1 + s) * product
        P, Q = (1 + s) ** 2 * P + 2 * kappa * Q, kappa * P + ((1 + s) ** 2 + kappa) * Q
    return product, P, Q


def limit_moment(sigma2: float, width: int, power: float) -> float:
    """Moment of |h_L| / |h_0| in the limit of infinite depth with s = sigma2 / L."""
    mean, variance = sigma2 * (1 - 2 / width), 4 * sigma2 / width
    return float(np.exp(power / 2 * mean + power**2 / 8 * variance))


def deq_kernel(C: Float[Array, "n n"], sw2: float, depth: int | None) -> Float[Array, "n n"]:
    """Covariances of the states of an infinitely wide random layer, after some iterations or at rest."""
    C = np.asarray(C)
    if depth is None and sw2 >= 2:
        raise ValueError("no equilibrium for sw2 >= 2")
    K = C
    if depth is None:
        K = C / (1 - sw2 / 2)
    for _ in range(5000 if depth is None else depth):
        lengths = np.sqrt(np.diag(K))
        scale = np.outer(lengths, lengths)
        rho = np.clip(K / scale, -1, 1)
        np.fill_diagonal(rho, 1.0)
        gamma = (np.sqrt(1 - rho**2) + rho * (np.pi - np.arccos(rho))) / np.pi
        K = C + sw2 / 2 * scale * gamma
    return K
