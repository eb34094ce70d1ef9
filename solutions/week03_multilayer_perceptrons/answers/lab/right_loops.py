"""Plain loops, one example and one number at a time; Kahn's algorithm for the order of the graph."""

import math

import jax
import jax.numpy as jnp


def swish(z, beta):
    small = jnp.exp(-beta * jnp.abs(z))  # never above 1
    return z * jnp.where(z > 0, 1 / (1 + small), small / (1 + small))


def swish_slope(z, beta):
    gate = (1 + jnp.tanh(beta * z / 2)) / 2
    return gate + beta * swish(z, beta) * (1 - gate)


def forward(params, x, phi):
    rows = []
    for row in x:
        h = row
        for level in range(len(params)):
            W, b = params[level]
            z = b
            for i in range(W.shape[0]):
                z = z + h[i] * W[i]
            h = z if level == len(params) - 1 else phi(z)
        rows.append(h)
    return jnp.stack(rows)


def cross_entropy(logits, labels):
    total = 0.0
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        total += math.log(sum(math.exp(z - max(row)) for z in row)) + max(row) - row[label]
    return total / len(labels)


def cross_entropy_slope(logits, labels):
    slopes = []
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        e = [math.exp(z - max(row)) for z in row]
        slopes.append([(e[k] / sum(e) - (k == label)) / len(labels) for k in range(len(row))])
    return jnp.array(slopes)


def init_mlp(key, widths, scale):
    params = []
    for level in range(1, len(widths)):
        key, layer_key = jax.random.split(key)
        W = jax.random.normal(layer_key, (widths[level - 1], widths[level]))
        params.append((W * math.sqrt(scale / widths[level - 1]), jnp.zeros((widths[level],))))
    return params


def backprop(params, x, phi, slope, cotangent):
    total = [(jnp.zeros_like(W), jnp.zeros_like(b)) for W, b in params]
    for row, error in zip(x, cotangent, strict=True):
        hs, zs = [row], []
        for W, b in params:
            zs.append(W.T @ hs[-1] + b)
            hs.append(phi(zs[-1]))
        delta = error
        for level in range(len(params) - 1, -1, -1):
            dW, db = total[level]
            total[level] = (dW + hs[level][:, None] * delta[None, :], db + delta)
            if level > 0:
                delta = (params[level][0] @ delta) * slope(zs[level - 1])
    return total


def train(key, params, x, labels, grad_fn, rate, batch_size, epochs, on_epoch=None):
    for epoch in range(epochs):
        key, shuffle_key = jax.random.split(key)
        order = jax.random.permutation(shuffle_key, x.shape[0])
        start = 0
        while start < x.shape[0]:
            batch = order[start : start + batch_size]
            gradient = grad_fn(params, x[batch], labels[batch])
            updated = []
            for level in range(len(params)):
                updated.append((params[level][0] - rate * gradient[level][0], params[level][1] - rate * gradient[level][1]))
            params = updated
            start += batch_size
        if on_epoch is not None:
            on_epoch(epoch, params)
    return params


def reverse_mode(graph, leaves, output, primitives):
    needed, stack = set(), [output]
    while stack:
        name = stack.pop()
        if name in graph and name not in needed:
            needed.add(name)
            stack.extend(graph[name][1:])
    waiting = {name: len({a for a in graph[name][1:] if a in needed}) for name in needed}
    ready, order = [name for name in needed if waiting[name] == 0], []
    while ready:
        name = ready.pop()
        order.append(name)
        for user in needed:
            if name in graph[user][1:]:
                waiting[user] -= 1
                if waiting[user] == 0:
                    ready.append(user)
    values = dict(leaves)
    for name in order:
        values[name] = primitives[graph[name][0]][0](*(values[a] for a in graph[name][1:]))
    adjoints = {name: 0.0 for name in values}
    adjoints[output] = 1.0
    for name in order[::-1]:
        arguments = graph[name][1:]
        partials = primitives[graph[name][0]][1](*(values[a] for a in arguments))
        for k in range(len(arguments)):
            adjoints[arguments[k]] = adjoints[arguments[k]] + adjoints[name] * partials[k]
    return values[output], {leaf: adjoints[leaf] for leaf in leaves}
