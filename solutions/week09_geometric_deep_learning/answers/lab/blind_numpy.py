"""Style: plain NumPy with loops; NumPy arrays and Python floats come back.

Blind solve of the week-9 lab from the student notebook alone.
"""
import itertools

import numpy as np


def equivariance_error(f, rho_in, rho_out, x):
    rho_in, rho_out, x = np.asarray(rho_in), np.asarray(rho_out), np.asarray(x)
    top, bottom = 0.0, 0.0
    for x_i in x:
        y_i = np.asarray(f(x_i))
        bottom += float(np.sum(y_i**2))
        for g in range(len(rho_in)):
            gap = np.asarray(f(rho_in[g] @ x_i)) - rho_out[g] @ y_i
            top += float(np.sum(gap**2))
    top = top / (len(rho_in) * len(x))
    bottom = bottom / len(x)
    return float(np.sqrt(top / bottom))


def reynolds(f, rho_in, rho_out):
    rho_in, rho_out = np.asarray(rho_in), np.asarray(rho_out)

    def average(x):
        x = np.asarray(x)
        total = np.zeros(rho_out.shape[1])
        for g in range(len(rho_in)):
            total = total + np.linalg.inv(rho_out[g]) @ np.asarray(f(rho_in[g] @ x))
        return (total / len(rho_in)).astype(np.float32)

    return average


def correlate_planes(x, filters):
    c_out, c_in, k, _ = filters.shape
    height, width = x.shape[1] - k + 1, x.shape[2] - k + 1
    y = np.zeros((c_out, height, width), dtype=np.float32)
    for o in range(c_out):
        for i in range(height):
            for j in range(width):
                y[o, i, j] = np.sum(x[:, i : i + k, j : j + k] * filters[o])
    return y


def lift(image, filters):
    image, filters = np.asarray(image), np.asarray(filters)
    planes = []
    for r in range(4):
        planes.append(correlate_planes(image, np.rot90(filters, r, axes=(-2, -1))))
    return np.stack(planes, axis=1)


def group_conv(features, filters):
    features, filters = np.asarray(features), np.asarray(filters)
    planes = []
    for r in range(4):
        total = 0.0
        for s in range(4):
            psi = np.rot90(filters[:, :, (s - r) % 4], r, axes=(-2, -1))
            total = total + correlate_planes(features[:, s], psi)
        planes.append(total)
    return np.stack(planes, axis=1)


def egnn_layer(x, h, phi_e, phi_x, phi_h):
    x, h = np.asarray(x), np.asarray(h)
    n = len(x)
    new_x, new_h = [], []
    for i in range(n):
        move, total = np.zeros(x.shape[1]), 0.0
        for j in range(n):
            if j == i:
                continue
            m = np.asarray(phi_e(h[i], h[j], np.sum((x[i] - x[j]) ** 2)))
            move = move + (x[i] - x[j]) * float(phi_x(m))
            total = total + m
        new_x.append(x[i] + move / (n - 1))
        new_h.append(np.asarray(phi_h(h[i], total)))
    return np.array(new_x, dtype=np.float32), np.array(new_h, dtype=np.float32)


def frame_average(f, x):
    x = np.asarray(x)
    d = x.shape[1]
    t = x.mean(axis=0)
    centred = x - t
    eigenvalues, U = np.linalg.eigh(centred.T @ centred)
    total = np.zeros(x.shape)
    for sigma in itertools.product([1.0, -1.0], repeat=d):
        R = (U @ np.diag(sigma)).astype(np.float32)
        total = total + np.asarray(f(centred @ R)) @ R.T
    return (t + total / 2**d).astype(np.float32)
