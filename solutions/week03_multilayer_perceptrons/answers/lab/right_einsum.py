"""einsum and JAX's own building blocks: one_hot, log_softmax, initializers; graphlib for the order of the graph."""

import graphlib
import itertools

import jax
import jax.numpy as jnp


def swish(z, beta):
    return jnp.exp(-jnp.logaddexp(0.0, -beta * z)) * z


def swish_slope(z, beta):
    return jax.nn.sigmoid(beta * z) * (1 + beta * z * jax.nn.sigmoid(-beta * z))


def forward(params, x, phi):
    for W, b in params[:-1]:
        x = phi(jnp.einsum("bi,io->bo", x, W) + b)
    W, b = params[-1]
    return jnp.einsum("bi,io->bo", x, W) + b


def cross_entropy(logits, labels):
    one_hot = jax.nn.one_hot(labels, logits.shape[-1])
    return -jnp.einsum("bk,bk->", one_hot, jax.nn.log_softmax(logits, axis=-1)) / logits.shape[0]


def cross_entropy_slope(logits, labels):
    return (jax.nn.softmax(logits, axis=-1) - jax.nn.one_hot(labels, logits.shape[-1])) / logits.shape[0]


def init_mlp(key, widths, scale):
    draw = jax.nn.initializers.variance_scaling(scale, "fan_in", "normal")
    shapes = list(itertools.pairwise(widths))
    return [(draw(jax.random.fold_in(key, i), s), jnp.zeros(s[1])) for i, s in enumerate(shapes)]


def backprop(params, x, phi, slope, cotangent):
    """Recursion over layers: the call for a layer makes the call for the rest, and returns the error at its own input."""

    def descend(level, h):
        W, b = params[level]
        z = jnp.einsum("bi,io->bo", h, W) + b
        if level == len(params) - 1:
            delta, later = cotangent, []
        else:
            error, later = descend(level + 1, phi(z))
            delta = error * slope(z)
        own = (jnp.einsum("bi,bo->io", h, delta), jnp.einsum("bo->o", delta))
        return jnp.einsum("bo,io->bi", delta, W), [own, *later]

    return descend(0, x)[1]


def train(key, params, x, labels, grad_fn, rate, batch_size, epochs, on_epoch=None):
    for epoch in range(epochs):
        order = jax.random.permutation(jax.random.fold_in(key, epoch), len(x))
        for batch in jnp.split(order, len(x) // batch_size):
            params = jax.tree.map(lambda p, g: p - rate * g, params, grad_fn(params, x[batch], labels[batch]))
        if on_epoch:
            on_epoch(epoch, params)
    return params


def reverse_mode(graph, leaves, output, primitives):
    order = [n for n in graphlib.TopologicalSorter({n: args for n, (_, *args) in graph.items()}).static_order() if n in graph]
    values = dict(leaves)
    for name in order:
        op, *args = graph[name]
        values[name] = primitives[op][0](*(values[a] for a in args))
    bars = {name: jnp.zeros(()) for name in values} | {output: jnp.ones(())}
    for name in reversed(order):
        op, *args = graph[name]
        for a, partial in zip(args, primitives[op][1](*(values[a] for a in args)), strict=True):
            bars[a] += bars[name] * partial
    return jnp.asarray(values[output]), {leaf: bars[leaf] for leaf in leaves}
