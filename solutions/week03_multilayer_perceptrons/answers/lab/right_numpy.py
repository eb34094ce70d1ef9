"""Everything in NumPy float64, results handed back as NumPy arrays; the key only seeds a NumPy generator."""

import itertools

import jax
import numpy as np
import scipy.special


def swish(z, beta):
    z = np.asarray(z, dtype=np.float64)
    return z * scipy.special.expit(beta * z)


def swish_slope(z, beta):
    z = np.asarray(z, dtype=np.float64)
    gate = scipy.special.expit(beta * z)
    return gate * (1 + beta * z * scipy.special.expit(-beta * z))


def forward(params, x, phi):
    h = np.asarray(x, dtype=np.float64)
    for depth, (W, b) in enumerate(params, start=1):
        h = h @ np.asarray(W, dtype=np.float64) + np.asarray(b)
        if depth < len(params):
            h = np.asarray(phi(h))
    return h


def cross_entropy(logits, labels):
    logits, labels = np.asarray(logits, dtype=np.float64), np.asarray(labels)
    return np.mean(scipy.special.logsumexp(logits, axis=1) - logits[np.arange(len(labels)), labels])


def cross_entropy_slope(logits, labels):
    p = scipy.special.softmax(np.asarray(logits, dtype=np.float64), axis=1)
    p[np.arange(len(p)), np.asarray(labels)] -= 1.0
    return p / len(p)


def generator_of(key):
    return np.random.default_rng(np.asarray(jax.random.key_data(key)))


def init_mlp(key, widths, scale):
    generator = generator_of(key)
    return [
        (generator.normal(scale=np.sqrt(scale / n_in), size=(n_in, n_out)), np.zeros(n_out))
        for n_in, n_out in itertools.pairwise(widths)
    ]


def backprop(params, x, phi, slope, cotangent):
    weights = [np.asarray(W, dtype=np.float64) for W, _ in params]
    zs, hs = [], [np.asarray(x, dtype=np.float64)]
    for W, (_, b) in zip(weights, params, strict=True):
        zs.append(hs[-1] @ W + np.asarray(b))
        hs.append(np.asarray(phi(zs[-1])))
    delta = np.asarray(cotangent, dtype=np.float64)
    gradients = [None] * len(params)
    for level in range(len(params) - 1, -1, -1):
        gradients[level] = (hs[level].T @ delta, delta.sum(axis=0))
        if level:
            delta = delta @ weights[level].T * np.asarray(slope(zs[level - 1]))
    return gradients


def train(key, params, x, labels, grad_fn, rate, batch_size, epochs, on_epoch=None):
    generator = generator_of(key)
    x, labels = np.asarray(x), np.asarray(labels)
    params = [[np.array(W), np.array(b)] for W, b in params]
    for epoch in range(epochs):
        for batch in np.split(generator.permutation(len(x)), len(x) // batch_size):
            gradient = grad_fn([tuple(layer) for layer in params], x[batch], labels[batch])
            for layer, (dW, db) in zip(params, gradient, strict=True):
                layer[0] = layer[0] - rate * np.asarray(dW)
                layer[1] = layer[1] - rate * np.asarray(db)
        if on_epoch is not None:
            on_epoch(epoch, [tuple(layer) for layer in params])
    return [tuple(layer) for layer in params]


def reverse_mode(graph, leaves, output, primitives):
    """The adjoint equations as one triangular linear system: (I - J^T) adjoint = seed."""
    values, order = dict(leaves), list(leaves)

    def visit(name):
        if name not in values:
            op, *arguments = graph[name]
            values[name] = primitives[op][0](*[visit(a) for a in arguments])
            order.append(name)
        return values[name]

    visit(output)
    index = {name: i for i, name in enumerate(order)}
    system = np.eye(len(order))
    for name in order:
        if name in graph:
            op, *arguments = graph[name]
            for argument, partial in zip(arguments, primitives[op][1](*[values[a] for a in arguments]), strict=True):
                system[index[argument], index[name]] -= partial
    adjoints = np.linalg.solve(system, np.eye(len(order))[index[output]])
    return values[output], {leaf: adjoints[index[leaf]] for leaf in leaves}
