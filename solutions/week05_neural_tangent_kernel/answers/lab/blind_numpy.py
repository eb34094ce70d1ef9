"""Week 5 lab, solved by a stranger from the notebook alone: NumPy and loops."""

import jax
import jax.numpy as jnp
import numpy as np


def _as_float32(tree):
    """The same pytree with every leaf a float32 JAX array."""
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float32), tree)


def empirical_ntk(f, params, x1, x2):
    params = _as_float32(params)
    jacobians = []
    for x in (jnp.asarray(x1, jnp.float32), jnp.asarray(x2, jnp.float32)):
        tree = jax.jacrev(lambda p, x=x: f(p, x))(params)
        jacobians.append([np.asarray(J) for J in jax.tree.leaves(tree)])
    leaves = jax.tree.leaves(params)
    n1, k = jacobians[0][0].shape[:2]
    n2 = jacobians[1][0].shape[0]
    total = np.zeros((n1 * k, n2 * k))
    for leaf, J1, J2 in zip(leaves, jacobians[0], jacobians[1]):
        total += J1.reshape(n1 * k, leaf.size) @ J2.reshape(n2 * k, leaf.size).T
    return total.reshape(n1, k, n2, k).transpose(0, 2, 1, 3).astype(np.float32)


def ntk_times(f, params, x, v):
    params, x = _as_float32(params), jnp.asarray(x, jnp.float32)
    of_params = lambda p: f(p, x)
    _, pull_back = jax.vjp(of_params, params)
    (direction,) = pull_back(jnp.asarray(v, jnp.float32))
    _, product = jax.jvp(of_params, (params,), (direction,))
    return product


def _forward(params, x, phi):
    """Inputs h_0 ... h_{L-1} of the layers and pre-activations z_1 ... z_L."""
    h, inputs, before = np.asarray(x), [], []
    for level, (W, b) in enumerate(params):
        inputs.append(h)
        z = h @ np.asarray(W) / np.float32(np.sqrt(W.shape[0])) + np.asarray(b)
        before.append(z)
        if level < len(params) - 1:
            h = np.asarray(phi(z))
    return inputs, before


def _backward(params, before, slope):
    """delta_1 ... delta_L, each of shape (n, n_l)."""
    layers = len(params)
    deltas = [None] * layers
    deltas[-1] = np.ones_like(before[-1])
    for level in range(layers - 2, -1, -1):
        W = np.asarray(params[level + 1][0])
        pulled = deltas[level + 1] @ W.T / np.float32(np.sqrt(W.shape[0]))
        deltas[level] = pulled * np.asarray(slope(before[level]))
    return deltas


def layer_kernels(params, x1, x2, phi, slope):
    params = [(np.asarray(W, np.float32), np.asarray(b, np.float32)) for W, b in params]
    x1, x2 = np.asarray(x1, np.float32), np.asarray(x2, np.float32)
    inputs1, before1 = _forward(params, x1, phi)
    inputs2, before2 = _forward(params, x2, phi)
    deltas1, deltas2 = _backward(params, before1, slope), _backward(params, before2, slope)
    kernels = np.zeros((len(params), len(x1), len(x2)), np.float32)
    for level, (W, _) in enumerate(params):
        signal = inputs1[level] @ inputs2[level].T / W.shape[0] + 1.0
        kernels[level] = signal * (deltas1[level] @ deltas2[level].T)
    return kernels


def linearise(f, params0):
    params0 = _as_float32(params0)

    def f_lin(params, x):
        x = jnp.asarray(x, jnp.float32)
        away = jax.tree.map(lambda p, p0: jnp.asarray(p, jnp.float32) - p0, params, params0)
        value, change = jax.jvp(lambda p: f(p, x), (params0,), (away,))
        return value + change

    return f_lin


def kernel_flow(K, K_new, y, f0, f0_new, t):
    K, K_new, y, f0, f0_new = (np.asarray(a, np.float64) for a in (K, K_new, y, f0, f0_new))
    n = len(K)
    eigenvalues, V = np.linalg.eigh(K)
    eigenvalues = np.maximum(eigenvalues, 0.0)
    start = V.T @ (f0 - y)
    left = np.zeros(n)
    gain = np.zeros(n)
    for i, lam in enumerate(eigenvalues):
        left[i] = np.exp(-lam * t / n)
        gain[i] = -np.expm1(-lam * t / n) / lam if lam > 0 else t / n
    f_t = y + V @ (left[:, None] * start)
    f_t_new = f0_new - K_new @ (V @ (gain[:, None] * start))
    return f_t.astype(np.float32), f_t_new.astype(np.float32)


def scaled_step(f, params0, params, x, y, alpha, eta):
    params0, params = _as_float32(params0), _as_float32(params)
    x, y = jnp.asarray(x, jnp.float32), jnp.asarray(y, jnp.float32)
    # The kernel of F_alpha is alpha^2 times that of f: q = -2.
    now, pull_back = jax.vjp(lambda p: f(p, x), params)
    residual = alpha * (now - f(params0, x)) - y
    (gradient,) = pull_back(jnp.asarray(residual / len(x), jnp.float32))
    rate = eta / alpha  # eta alpha^(-2) times the alpha of the chain rule
    return jax.tree.map(lambda w, g: w - rate * g, params, gradient)


def alignment(K, y):
    K, y = np.asarray(K, np.float64), np.asarray(y, np.float64)
    n = len(K)
    H = np.eye(n) - np.ones((n, n)) / n
    A, centred = H @ K @ H, H @ y
    B = centred @ centred.T
    return float(np.sum(A * B) / (np.linalg.norm(A) * np.linalg.norm(B)))


def gradient_outer_product(f, params, x):
    params, x = _as_float32(params), jnp.asarray(x, jnp.float32)
    n, d = x.shape
    k = jax.eval_shape(f, params, x).shape[1]
    M = np.zeros((d, d))
    for a in range(k):
        # Each output row depends on its own row of x only: the gradient of the sum is every row's own gradient.
        G = np.asarray(jax.grad(lambda x, a=a: jnp.sum(f(params, x)[:, a]))(x), np.float64)
        M += G.T @ G
    return (M / n).astype(np.float32)
