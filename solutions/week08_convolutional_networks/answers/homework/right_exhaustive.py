"""By enumeration and dense matrices in NumPy: every path, every pixel."""

import numpy as np


def read_by(units, layers):
    for k, s, p, d in layers[::-1]:
        units = [i * s - p for i in units[:1]] + [i * s - p + (k - 1) * d for i in units[-1:]]
    return units


def geometry(n, layers):
    first, last = read_by([0], layers)[0], read_by([0], layers)[-1]
    for k, s, p, d in layers:
        places, position = 0, 0
        while position + d * (k - 1) < n + 2 * p:
            places, position = places + 1, position + s
        n = places
    return [n, last - first + 1, read_by([1], layers)[0] - first, 0.5 * (first + last)]


def influence(kernels, strides, dilations):
    reach = [(len(k) - 1) * d * np.prod(strides[:i]) for i, (k, d) in enumerate(zip(kernels, dilations, strict=True))]
    field = 1 + int(sum(reach))
    x = np.eye(field)  # one experiment per pixel
    for kernel, stride, dilation in zip(kernels, strides, dilations, strict=True):
        reach = (len(kernel) - 1) * dilation
        taps = [float(w) * x[a * dilation : len(x) - reach + a * dilation] for a, w in enumerate(kernel)]
        x = sum(taps)[::stride]
    return x[0]


def influence_moments(kernels, strides, dilations):
    if not kernels:
        return 1.0, 0.0, 0.0
    total, mean, variance = influence_moments(kernels[1:201], strides[1:201], dilations[1:201])
    for start in range(201, len(kernels), 200):
        later = influence_moments(kernels[start : start + 200], strides[start : start + 200], dilations[start : start + 200])
        jump = float(np.prod(strides[1:start]))
        total, mean, variance = total * later[0], mean + jump * later[1], variance + jump**2 * later[2]
    p = np.asarray(kernels[0], np.float64)
    place = np.arange(len(p)) * dilations[0]
    centre = np.average(place, weights=p)
    spread = np.average((place - centre) ** 2, weights=p)
    return p.sum() * total, centre + strides[0] * mean, spread + strides[0] ** 2 * variance


def dft(n):
    return np.exp(-2j * np.pi * np.outer(np.arange(n), np.arange(n)) / n)


def hat(x, h, w):
    x = np.asarray(x, np.float64)
    return dft(h)[:, : x.shape[0]] @ x @ dft(w)[:, : x.shape[1]].T


def back(spectrum):
    h, w = spectrum.shape
    return (dft(h).conj() @ spectrum @ dft(w).conj().T).real / (h * w)


def convolve_circular(x, kernel):
    return back(hat(x, *x.shape) * hat(kernel, *x.shape))


def correlate_circular(x, kernel):
    return back(hat(x, *x.shape) * hat(kernel, *x.shape).conj())


def convolve_full(x, kernel):
    h, w = (a + b - 1 for a, b in zip(x.shape, kernel.shape, strict=True))
    return back(hat(x, h, w) * hat(kernel, h, w))


def singular_values(kernel, n):
    kernel = np.asarray(kernel, np.float64)
    c_out, c_in = kernel.shape[:2]
    columns = []
    for c, u, v in np.ndindex(c_in, n, n):
        image = np.zeros((c_out, n, n))
        for a, b in np.ndindex(*kernel.shape[2:]):
            image[:, (u - a) % n, (v - b) % n] += kernel[:, c, a, b]
        columns.append(image.ravel())
    return np.linalg.svd(np.stack(columns, axis=1), compute_uv=False)


def shift_error(x, stride, shift):
    x = np.asarray(x, np.float64)
    M = len(x) // stride
    before = x[(stride * np.arange(M)) % len(x)]
    after = x[(stride * np.arange(M) - shift) % len(x)]
    between = np.zeros(M)
    for j in range(M):
        for i in range(M):
            gap = (j - i - shift / stride + M / 2) % M - M / 2  # the shorter way round: sinc(1) in the denominator is 0
            between[j] += before[i] * np.sinc(gap) / np.sinc(gap / M)
    return np.sqrt(((after - between) ** 2).sum() / (before**2).sum())
