"""JAX idioms: reduce, vmap over examples, scan over batches; the graph is pulled by a memoised recursion."""

import functools
import itertools

import jax
import jax.numpy as jnp
from jax.scipy.special import logsumexp


def swish(z, beta):
    return jnp.vectorize(lambda u: u * jax.nn.sigmoid(beta * u))(z)


def swish_slope(z, beta):
    half = jnp.tanh(0.5 * beta * z)
    return 0.5 * (1 + half) + 0.25 * beta * z * (1 - half) * (1 + half)


def forward(params, x, phi):
    def one(row):
        *hidden, (W, b) = params
        return functools.reduce(lambda h, layer: phi(h @ layer[0] + layer[1]), hidden, row) @ W + b

    return jax.vmap(one)(x)


def cross_entropy(logits, labels):
    return jax.vmap(lambda z, y: logsumexp(z) - z[y])(logits, labels).mean()


def cross_entropy_slope(logits, labels):
    p = jnp.exp(logits - logsumexp(logits, axis=1, keepdims=True))
    return p.at[jnp.arange(len(labels)), labels].add(-1.0) / len(labels)


def init_mlp(key, widths, scale):
    """A truncated normal, its variance restored: as good as a normal, since only mean and variance matter."""
    draw = jax.nn.initializers.variance_scaling(scale, "fan_in", "truncated_normal")
    pairs = list(itertools.pairwise(widths))
    return [(draw(k, pair), jnp.zeros(pair[1])) for k, pair in zip(jax.random.split(key, len(pairs)), pairs, strict=True)]


def backprop(params, x, phi, slope, cotangent):
    def one(row, error):
        h, tape = row, []
        for W, b in params:
            z = h @ W + b
            tape.append((W, h, z))
            h = phi(z)
        gradients = []
        delta = error
        for (W, h, _), below in zip(tape[::-1], [*tape[-2::-1], None], strict=True):
            gradients.insert(0, (jnp.outer(h, delta), delta))
            if below is not None:
                delta = (W @ delta) * slope(below[2])
        return gradients

    return jax.tree.map(lambda g: g.sum(axis=0), jax.vmap(one)(x, cotangent))


def train(key, params, x, labels, grad_fn, rate, batch_size, epochs, on_epoch=None):
    def update(params, batch):
        gradient = grad_fn(params, *batch)
        return [(W - rate * dW, b - rate * db) for (W, b), (dW, db) in zip(params, gradient, strict=True)], None

    params = [(W, b) for W, b in params]
    for epoch in range(epochs):
        key, subkey = jax.random.split(key)
        order = jax.random.permutation(subkey, len(x)).reshape(-1, batch_size)
        params, _ = jax.lax.scan(update, params, (x[order], labels[order]))
        if on_epoch is not None:
            on_epoch(epoch, params)
    return params


def reverse_mode(graph, leaves, output, primitives):
    """Pull instead of push: a node's adjoint is asked of its users, each answer remembered."""

    @functools.cache
    def value(name):
        return leaves[name] if name in leaves else primitives[graph[name][0]][0](*map(value, graph[name][1:]))

    @functools.cache
    def partials(name):
        return primitives[graph[name][0]][1](*map(value, graph[name][1:]))

    @functools.cache
    def leads_to_output(name):
        return name == output or any(name in args and leads_to_output(user) for user, (_, *args) in graph.items())

    @functools.cache
    def adjoint(name):
        total = 1.0 if name == output else 0.0
        for user, (_, *args) in graph.items():
            if name in args and leads_to_output(user):
                total += adjoint(user) * sum(p for a, p in zip(args, partials(user), strict=True) if a == name)
        return total

    return value(output), {leaf: adjoint(leaf) for leaf in leaves}
