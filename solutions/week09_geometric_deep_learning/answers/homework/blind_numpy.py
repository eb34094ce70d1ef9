"""Style: plain NumPy with loops, tables and dictionaries; NumPy arrays come back.

Blind solve of the week-9 homework from the student notebook alone.
"""
import itertools

import numpy as np


def equivariant_dimension(n, k, l):
    p = k + l
    S = [[0] * (p + 2) for _ in range(p + 1)]
    S[0][0] = 1
    for q in range(p):
        for j in range(1, p + 1):
            S[q + 1][j] = j * S[q][j] + S[q][j - 1]
    total = 0
    for j in range(min(n, p) + 1):
        total += S[p][j]
    return total


def layer_weights(n, k, l, c_in, c_out):
    return c_in * c_out * equivariant_dimension(n, k, l) + c_out * equivariant_dimension(n, 0, l)


def pattern(entries):
    seen = []
    names = []
    for e in entries:
        if e not in seen:
            seen.append(e)
        names.append(seen.index(e))
    return tuple(names)


def equivariant_basis(n, k, l):
    matrices = {}
    for row, b in enumerate(itertools.product(range(n), repeat=l)):
        for column, a in enumerate(itertools.product(range(n), repeat=k)):
            gamma = pattern(b + a)
            if gamma not in matrices:
                matrices[gamma] = np.zeros((n**l, n**k))
            matrices[gamma][row, column] = 1.0
    return np.array(list(matrices.values()))


def all_elements(generators):
    n = generators[0].shape[0]
    elements = [np.eye(n)]
    i = 0
    while i < len(elements):
        for g in generators:
            candidate = g @ elements[i]
            known = False
            for e in elements:
                if np.max(np.abs(e - candidate)) < 0.25:
                    known = True
                    break
            if not known:
                elements.append(candidate)
        i += 1
    return elements


def invariant_projector(generators):
    elements = all_elements(np.asarray(generators, dtype=np.float64))
    return sum(elements) / len(elements)


def equivariant_part(A, generators_in, generators_out):
    A = np.asarray(A, dtype=np.float64)
    m, n = A.shape
    pairs = []
    for g_in, g_out in zip(np.asarray(generators_in), np.asarray(generators_out)):
        block = np.zeros((n + m, n + m))  # one matrix that remembers both sides of an element
        block[:n, :n] = g_in
        block[n:, n:] = g_out
        pairs.append(block)
    elements = all_elements(pairs)
    total = np.zeros((m, n))
    for e in elements:
        total += np.linalg.inv(e[n:, n:]) @ A @ e[:n, :n]
    return total / len(elements)


def rho(m, theta):
    if m == 0:
        return np.ones((1, 1))
    return np.array([[np.cos(m * theta), -np.sin(m * theta)], [np.sin(m * theta), np.cos(m * theta)]])


def steerable_basis(m, n, phi):
    d_m = 1 if m == 0 else 2
    d_n = 1 if n == 0 else 2
    phi = np.asarray(phi)
    basis = np.zeros((d_m * d_n, len(phi), d_n, d_m))
    for row in range(d_n):
        for column in range(d_m):
            start = np.zeros((d_n, d_m))
            start[row, column] = 1.0
            for t in range(len(phi)):
                basis[row * d_m + column, t] = rho(n, phi[t]) @ start @ np.linalg.inv(rho(m, phi[t]))
    return basis
