"""Loops over examples, classes and coefficients; gradient descent by repeated squaring; the margin by scikit-learn."""

import math

import jax
import numpy as np
import sklearn.svm


def logistic_loss(logits, y):
    losses, slopes = [], []
    for z, label in zip(np.asarray(logits).tolist(), np.asarray(y).tolist(), strict=True):
        margin = z if label == 1 else -z
        e = math.exp(-abs(margin))
        losses.append(math.log1p(e) + (0.0 if margin > 0 else -margin))
        wrong = e / (1 + e) if margin > 0 else 1 / (1 + e)
        slopes.append(-wrong if label == 1 else wrong)
    return losses, slopes


def softmax_regression(W, b, X, labels, weights, l2):
    W, b, X, weights = (np.asarray(a, float) for a in (W, b, X, weights))
    total, loss, dW, db = sum(weights), 0.0, np.zeros(W.shape), np.zeros(b.shape)
    for i in range(len(X)):
        z = [b[k] + sum(X[i, j] * W[j, k] for j in range(W.shape[0])) for k in range(len(b))]
        top = max(z)
        terms = [math.exp(value - top) for value in z]
        c, v = int(labels[i]), weights[i] / total
        loss += v * (top + math.log(sum(terms)) - z[c])
        for k in range(len(b)):
            error = v * (terms[k] / sum(terms) - (k == c))
            db[k] += error
            for j in range(W.shape[0]):
                dW[j, k] += error * X[i, j]
    for j in range(W.shape[0]):
        for k in range(W.shape[1]):
            loss += l2 / 2 * W[j, k] ** 2
            dW[j, k] += l2 * W[j, k]
    return loss, dW, db


def early_stopped(X, y, eta, steps):
    X, y = np.asarray(X), np.asarray(y)
    n, p = X.shape
    one = np.eye(p + 1)  # one step as an affine map
    one[:p, :p] -= eta / n * X.T @ X
    one[:p, p] = eta / n * X.T @ y
    w = np.append(np.zeros(p), 1.0)
    while steps:
        if steps % 2:
            w = one @ w
        one, steps = one @ one, steps // 2
    return w[:p]


def max_margin(X, y):
    X, y = np.asarray(X), np.asarray(y)
    # Every example once more, mirrored and in the other class: by symmetry the machine's intercept is 0 then.
    scale = np.abs(X).max()
    machine = sklearn.svm.SVC(kernel="linear", C=1e12, tol=1e-9)
    machine.fit(np.concatenate([X, -X]) / scale, np.concatenate([y, 1 - y]))
    return machine.coef_[0] / scale


def glm_terms(log_partition, theta, X, y, offset):
    slope = jax.grad(log_partition)
    loss, gradient, hessian = 0.0, np.zeros(len(theta)), np.zeros((len(theta), len(theta)))
    for x, t, o in zip(np.asarray(X), np.asarray(y), np.asarray(offset), strict=True):
        eta = float(x @ np.asarray(theta) + o)
        loss += float(log_partition(eta)) - t * eta
        gradient += (float(slope(eta)) - t) * x
        hessian += float(jax.grad(slope)(eta)) * np.outer(x, x)
    return loss, gradient, hessian


def newton_step(gradient, hessian, X):
    g = np.asarray(gradient)
    d = -np.linalg.inv(hessian) @ g
    rho = max(abs(float(np.dot(x, d))) for x in np.asarray(X))
    t = math.log1p(rho) / rho if rho > 0 else 1.0
    return [t * float(c) for c in d], math.sqrt(max(-float(g @ d), 0.0))
