# ---
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# autograder: {points: 9}
# ---

# %% [markdown]
# # Three questions
#
# A small lab in JAX: a loss, a layer and an optimiser. `make bench` grades it by three tools.

# %%
from course_lib.checks import open_checks

grader = open_checks("week01/lab")

# %%
import jax
import jax.numpy as jnp
import numpy as np

# %% [markdown] question="cross_entropy" points=3
# ## 1. Cross-entropy with label smoothing
#
# Each example's target puts $1 - s$ on its label and $s/K$ on every class (Szegedy et al. 2016).


# %% solution="cross_entropy"
def cross_entropy(logits, labels, smoothing):
    """Mean over the batch of -sum_k target_k log softmax(logits)_k, in nats.

    Args:
        logits: one row per example, float32, any finite numbers.
        labels: class of each example, int32.
        smoothing: s, between 0 and 1.

    Returns:
        A scalar, float32.
    """
    ### BEGIN SOLUTION
    classes = logits.shape[1]
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - jnp.log(jnp.exp(shifted).sum(axis=1, keepdims=True))
    one_hot = (jnp.arange(classes) == labels[:, None]).astype(log_p.dtype)
    target = (1.0 - smoothing) * one_hot + smoothing / classes
    return -(target * log_p).sum(axis=1).mean()
    ### END SOLUTION


# %% check="cross_entropy"
assert abs(float(cross_entropy(jnp.zeros((2, 4)), jnp.array([0, 3]), 0.1)) - 1.386294) < 1e-4, "equal logits: log 4"

# %% [markdown] question="attention" points=3
# ## 2. Attention
#
# Softmax attention of one head (Vaswani et al. 2017, equation 1), causal: position $i$ sees positions up to $i$.


# %% solution="attention"
def attention(queries, keys, values):
    """softmax(Q K^T / sqrt(d), masked) V.

    Args:
        queries, keys: shape (n, d), float32.
        values: shape (n, m), float32.

    Returns:
        Shape (n, m), float32.
    """
    ### BEGIN SOLUTION
    n, d = queries.shape
    scores = queries @ keys.T / jnp.sqrt(d)
    seen = jnp.arange(n)[None, :] <= jnp.arange(n)[:, None]
    scores = jnp.where(seen, scores, -jnp.inf)
    scores = scores - scores.max(axis=1, keepdims=True)
    weights = jnp.exp(scores)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return weights @ values
    ### END SOLUTION


# %% check="attention"
assert attention(jnp.ones((3, 2)), jnp.ones((3, 2)), jnp.eye(3)).shape == (3, 3), "one row per query"

# %% [markdown] question="momentum" points=3
# ## 3. Gradient descent with momentum
#
# Heavy ball (Polyak 1964): $v \leftarrow \mu v - \eta \nabla f(x)$, then $x \leftarrow x + v$, from $v = 0$.


# %% solution="momentum"
def momentum(loss, start, rate, memory, steps):
    """The points that gradient descent with momentum visits.

    Args:
        loss: a differentiable function of an array of shape (n,).
        start: shape (n,), float32.
        rate, memory: eta > 0 and 0 <= mu < 1.
        steps: number of updates.

    Returns:
        Shape (steps + 1, n), float32; its first row is `start`.
    """
    ### BEGIN SOLUTION
    gradient = jax.grad(loss)
    x, velocity = start, jnp.zeros_like(start)
    visited = [x]
    for _ in range(steps):
        velocity = memory * velocity - rate * gradient(x)
        x = x + velocity
        visited.append(x)
    return jnp.stack(visited)
    ### END SOLUTION


# %% check="momentum"
assert momentum(lambda x: (x**2).sum(), jnp.ones(2), 0.1, 0.5, 3).shape == (4, 2), "the start and three updates"
