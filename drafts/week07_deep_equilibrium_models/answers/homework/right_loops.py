"""NumPy loops: one example, one parameter, one pair of inputs at a time; Runge-Kutta; series; bisection."""

import math

import numpy as np


def equilibrium_gradients(W, U, b, x, z, g):
    W, U, x, z, g = (np.asarray(a) for a in (W, U, x, z, g))
    dW, dU, db, dx = np.zeros(W.shape), np.zeros(U.shape), np.zeros(len(W)), []
    for inp, state, direction in zip(x, z, g, strict=True):
        D = np.diag(1 - state**2)
        v = D @ np.linalg.inv(np.eye(len(W)) - D @ W).T @ direction
        dW += np.outer(v, state)
        dU += np.outer(v, inp)
        db += v
        dx.append(U.T @ v)
    return [dW, dU, db, dx]


def equilibrium_tangent(W, U, b, x, z, dW, dU, db, dx):
    rows = []
    for inp, state, push in zip(np.asarray(x), np.asarray(z), np.asarray(dx), strict=True):
        # (D^-1 - W) dz = dW z + dU x + db + U dx
        force = np.asarray(dW) @ state + np.asarray(dU) @ inp + np.asarray(db) + np.asarray(U) @ push
        rows.append(np.linalg.solve(np.diag(1 / (1 - state**2)) - np.asarray(W), force).tolist())
    return rows


def alternating_network(A, B, depth):
    A, B = np.asarray(A), np.asarray(B)
    # I + X with X by the binary digits: (I + X)(I + Y) = I + (X + Y + X Y), which keeps the digits of a small X.
    join = lambda X, Y: X + Y + X @ Y
    square, result, n = join(B / depth, A / depth), np.zeros(A.shape), depth
    while n:
        if n % 2:
            result = join(result, square)
        square, n = join(square, square), n // 2
    return np.eye(len(A)) + result


def depth_correction(A, B):
    A, B = np.asarray(A), np.asarray(B)
    S, E = A + B, (B @ A - A @ B - A @ A - B @ B) / 2
    # Power series of the exponential and of its derivative: d(S^n) = S d(S^(n-1)) + E S^(n-1).
    power, moved, limit, C = np.eye(len(A)), np.zeros(A.shape), np.eye(len(A)), np.zeros(A.shape)
    for n in range(1, 120):
        power, moved = S @ power / n, (S @ moved + E @ power) / n
        limit, C = limit + power, C + moved
    return [limit, C]


def euler_gradients(W, b, h0, g, time, depth):
    W, b, eta = np.asarray(W), np.asarray(b), time / depth
    d, states = len(b), [np.asarray(h0)]
    for _ in range(depth):
        states.append(states[-1] + eta * np.tanh(W @ states[-1] + b))
    dW, db, a = np.zeros((d, d)), np.zeros(d), np.asarray(g)
    for level in range(depth - 1, -1, -1):
        y = np.tanh(W @ states[level] + b)
        for i in range(d):
            slope = eta * (1 - y[i] ** 2) * a[i]
            db[i] += slope
            for j in range(d):
                dW[i, j] += slope * states[level][j]
        a = (np.eye(d) + eta * np.diag(1 - y**2) @ W).T @ a
    return dW, db, a


def flow_gradients(W, b, h0, g, time):
    """Runge-Kutta with steps of half the length backwards, so that the middle states are at hand."""
    W, b, a = np.asarray(W), np.asarray(b), np.asarray(g, float)
    steps = max(400, int(40 * time * (1 + np.linalg.norm(W))))
    fine = time / (2 * steps)
    field = lambda h: np.tanh(W @ h + b)
    states = [np.asarray(h0, float)]
    for _ in range(2 * steps):
        h = states[-1]
        k1 = field(h)
        k2 = field(h + fine / 2 * k1)
        k3 = field(h + fine / 2 * k2)
        states.append(h + fine / 6 * (k1 + 2 * k2 + 2 * k3 + field(h + fine * k3)))
    slopes = [1 - field(h) ** 2 for h in states]
    dW, db, coarse = np.zeros(W.shape), np.zeros(len(b)), 2 * fine
    for k in range(2 * steps, 0, -2):
        end, middle, start = slopes[k], slopes[k - 1], slopes[k - 2]
        k1 = W.T @ (end * a)
        a2 = a + coarse / 2 * k1
        k2 = W.T @ (middle * a2)
        a3 = a + coarse / 2 * k2
        k3 = W.T @ (middle * a3)
        a4 = a + coarse * k3
        after = a + coarse / 6 * (k1 + 2 * k2 + 2 * k3 + W.T @ (start * a4))
        half = (a + after) / 2 + coarse / 8 * (k1 - W.T @ (start * after))  # Hermite's middle
        for share, s, adjoint, h in ((1, end, a, states[k]), (4, middle, half, states[k - 1]), (1, start, after, states[k - 2])):
            dW += coarse / 6 * share * np.outer(s * adjoint, h)
            db += coarse / 6 * share * s * adjoint
        a = after
    return dW, db, a


def pair_moments(h, k, s, depth):
    """Through P + 2 Q and P - Q, which have a factor each."""
    h, k, d = np.asarray(h), np.asarray(k), len(h)
    c = (2 * s + s * s) / d
    P, Q = float(h @ h) * float(k @ k), float(h @ k) ** 2
    both = (P + 2 * Q) * math.exp(depth * math.log((1 + s) ** 2 + 2 * c))
    area = (P - Q) * ((1 + s) ** 2 - c) ** depth
    return [float(h @ k) * (1 + s) ** depth, (both + 2 * area) / 3, (both - area) / 3]


def limit_moment(sigma2, width, power):
    mean, variance = sigma2 * (width - 2) / width, 4 * sigma2 / width
    return math.exp(power / 2 * mean + (power / 2) ** 2 * variance / 2)


def deq_kernel(C, sw2, depth):
    if depth is None and not sw2 < 2:
        raise ValueError("sw2 must be below 2")
    C = np.asarray(C)
    n = len(C)
    gamma = lambda r: (math.sqrt(1 - r * r) + r * (math.pi - math.acos(r))) / math.pi
    K = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            p, q, c = C[i, i], C[j, j], C[i, j]
            if depth is None:
                size = math.sqrt(p * q) / (1 - sw2 / 2)
                low, high = -size, size
                for _ in range(100):
                    middle = (low + high) / 2
                    if C[i, j] + sw2 / 2 * size * gamma(middle / size) > middle:
                        low = middle
                    else:
                        high = middle
                c = (low + high) / 2
            for _ in range(depth or 0):
                size = math.sqrt(p * q)
                c = C[i, j] + sw2 / 2 * size * gamma(max(-1.0, min(1.0, c / size)))
                p, q = C[i, i] + sw2 / 2 * p, C[j, j] + sw2 / 2 * q
            K[i, j] = c
    return K
