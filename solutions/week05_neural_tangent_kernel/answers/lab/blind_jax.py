"""Week 5 lab, solved by a stranger from the notebook alone: idiomatic JAX."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree


def as_arrays(params: PyTree) -> PyTree:
    """The same pytree with JAX arrays as leaves; plain numbers become float32."""
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float32), params)


def flat_jacobians(f: Callable, params: PyTree, x: Float[Array, "n d"]) -> list[Float[Array, "n k p"]]:
    """Derivatives of each example's outputs with respect to the parameters, one array for each leaf."""
    per_example = jax.vmap(lambda row: jax.jacrev(lambda p: f(p, row[None])[0])(params))(x)
    return [J.reshape(*J.shape[:2], leaf.size) for J, leaf in zip(jax.tree.leaves(per_example), jax.tree.leaves(params), strict=True)]


def empirical_ntk(
    f: Callable, params: PyTree, x1: Float[Array, "n1 d"], x2: Float[Array, "n2 d"]
) -> Float[Array, "n1 n2 k k"]:
    """The neural tangent kernel of f at params."""
    params = as_arrays(params)
    J1, J2 = flat_jacobians(f, params, jnp.asarray(x1)), flat_jacobians(f, params, jnp.asarray(x2))
    return sum(jnp.einsum("iap,jbp->ijab", a, b) for a, b in zip(J1, J2, strict=True))


def ntk_times(f: Callable, params: PyTree, x: Float[Array, "n d"], v: Float[Array, "n k"]) -> Float[Array, "n k"]:
    """The product of the neural tangent kernel on x with a vector of outputs, without the kernel."""
    params = as_arrays(params)
    outputs = lambda p: f(p, x)
    _, pull_back = jax.vjp(outputs, params)
    (direction,) = pull_back(jnp.asarray(v, jnp.float32))
    return jax.jvp(outputs, (params,), (direction,))[1]


def layer_kernels(
    params: list[tuple[Array, Array]], x1: Float[Array, "n1 d"], x2: Float[Array, "n2 d"], phi: Callable, slope: Callable
) -> Float[Array, "layers n1 n2"]:
    """Contribution of each layer to the neural tangent kernel of a perceptron with one output."""
    params = as_arrays(params)

    def signals_and_errors(x):
        h, signals, pre_activations = jnp.asarray(x), [], []
        for W, b in params:
            signals.append(h / jnp.sqrt(W.shape[0]))
            pre_activations.append(signals[-1] @ W + b)
            h = phi(pre_activations[-1])
        errors = [jnp.ones_like(pre_activations[-1])]
        for (W, _), z in zip(params[:0:-1], pre_activations[-2::-1], strict=True):
            errors.append(slope(z) * (errors[-1] @ W.T) / jnp.sqrt(W.shape[0]))
        return signals, errors[::-1]

    layers = zip(*signals_and_errors(x1), *signals_and_errors(x2), strict=True)
    return jnp.stack([(h1 @ h2.T + 1.0) * (d1 @ d2.T) for h1, d1, h2, d2 in layers])


def linearise(f: Callable, params0: PyTree) -> Callable[[PyTree, Float[Array, "n d"]], Float[Array, "n k"]]:
    """First-order Taylor expansion of f in its parameters, at params0."""
    params0 = as_arrays(params0)

    def f_lin(params, x):
        x = jnp.asarray(x)
        motion = jax.tree.map(jnp.subtract, as_arrays(params), params0)
        value, change = jax.jvp(lambda p: f(p, x), (params0,), (motion,))
        return value + change

    return f_lin


def kernel_flow(
    K: Float[Array, "n n"],
    K_new: Float[Array, "m n"],
    y: Float[Array, "n k"],
    f0: Float[Array, "n k"],
    f0_new: Float[Array, "m k"],
    t: float,
) -> tuple[Float[Array, "n k"], Float[Array, "m k"]]:
    """Outputs after gradient flow for the time t with a constant kernel, on the mean loss above."""
    time = t / len(y)
    eigenvalues, U = jnp.linalg.eigh(jnp.asarray(K))
    z = jnp.maximum(eigenvalues, 0.0) * time
    safe = jnp.where(z > 0, z, 1.0)
    integral = time * jnp.where(z > 0, -jnp.expm1(-safe) / safe, 1.0)
    modes = U.T @ (jnp.asarray(f0) - y)
    f_t = y + U @ (jnp.exp(-z)[:, None] * modes)
    return f_t, f0_new - jnp.asarray(K_new) @ (U @ (integral[:, None] * modes))


def scaled_step(
    f: Callable, params0: PyTree, params: PyTree, x: Float[Array, "n d"], y: Float[Array, "n k"], alpha: float, eta: float
) -> PyTree:
    """One step of gradient descent on the loss of the centred, scaled network, at a speed that does not depend on alpha.

    F_alpha has the kernel alpha^2 Theta, so q = -2: the step is eta / alpha J^T (F_alpha - y) / n.
    """
    params0, params = as_arrays(params0), as_arrays(params)
    outputs, pull_back = jax.vjp(lambda p: f(p, x), params)
    error = alpha * (outputs - f(params0, x)) - y
    (direction,) = pull_back(error / (alpha * len(x)))
    return jax.tree.map(lambda p, g: p - eta * g, params, direction)


def alignment(K: Float[Array, "n n"], y: Float[Array, "n k"]) -> float:
    """Centred alignment of a kernel matrix with labels."""
    centre = lambda A: A - jnp.mean(A, axis=0)
    K, y = jnp.asarray(K), centre(jnp.asarray(y))
    HKH = centre(centre(K).T)
    return jnp.einsum("ia,ij,ja->", y, HKH, y) / (jnp.linalg.norm(HKH) * jnp.linalg.norm(y.T @ y))


def gradient_outer_product(f: Callable, params: PyTree, x: Float[Array, "n d"]) -> Float[Array, "d d"]:
    """Average gradient outer product of f with respect to its inputs."""
    gradients = jax.vmap(jax.jacrev(lambda row: f(params, row[None])[0]))(jnp.asarray(x))
    return jnp.einsum("iad,iae->de", gradients, gradients) / len(x)
