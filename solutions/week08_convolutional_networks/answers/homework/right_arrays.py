"""Recursion on layers, numbers as one array, FFT on enlarged canvases, roots of eigenvalues of P P^H in float32."""

import jax.numpy as jnp
import numpy as np


def geometry(n, layers):
    if not layers:
        return n, 1, 1, 0.0
    *below, (k, s, p, d) = layers
    size, field, jump, centre = geometry(n, below)
    return (
        (size + 2 * p - d * (k - 1) - 1) // s + 1,
        field + (k - 1) * d * jump,
        jump * s,
        centre + (0.5 * (k - 1) * d - p) * jump,
    )


def influence(kernels, strides, dilations):
    if len(kernels) == 0:
        return np.ones(1)
    top = influence(kernels[1:], strides[1:], dilations[1:])
    w, s, d = np.asarray(kernels[0]), strides[0], dilations[0]
    g = np.zeros((len(top) - 1) * s + (len(w) - 1) * d + 1)
    for a, tap in enumerate(w):
        g[a * d : a * d + (len(top) - 1) * s + 1 : s] += tap * top
    return g


def influence_moments(kernels, strides, dilations):
    jumps = np.cumprod(np.array([1.0, *strides], float))[:-1] * np.asarray(dilations, float)
    parts = []
    for w in kernels:
        w = np.asarray(w, float)
        a = np.arange(w.size)
        m = np.average(a, weights=w)
        parts.append((w.sum(), m, np.average((a - m) ** 2, weights=w)))
    sums, means, variances = np.array(parts).T
    return np.array([np.prod(sums), jumps @ means, jumps**2 @ variances])


def convolve_circular(x, kernel):
    return np.fft.irfft2(np.fft.rfft2(x) * np.fft.rfft2(kernel, x.shape), x.shape)


def correlate_circular(x, kernel):
    flipped = np.zeros(x.shape)
    flipped[: kernel.shape[0], : kernel.shape[1]] = kernel
    flipped = np.roll(flipped[::-1, ::-1], (1, 1), (0, 1))
    return np.real(np.fft.ifft2(np.fft.fft2(x) * np.fft.fft2(flipped)))


def convolve_full(x, kernel):
    h, w = x.shape[0] + kernel.shape[0] - 1, x.shape[1] + kernel.shape[1] - 1
    s = (1 << (h - 1).bit_length(), 1 << (w - 1).bit_length())
    return np.fft.ifft2(np.fft.fft2(x, s) * np.fft.fft2(kernel, s)).real[:h, :w]


def singular_values(kernel, n):
    P = jnp.moveaxis(jnp.fft.fft2(kernel, s=(n, n)), (0, 1), (2, 3))
    H = jnp.swapaxes(P.conj(), -1, -2)
    gram = P @ H if kernel.shape[0] <= kernel.shape[1] else H @ P
    return jnp.sort(jnp.sqrt(jnp.maximum(jnp.linalg.eigvalsh(gram), 0.0)).ravel())[::-1]


def shift_error(x, stride, shift):
    x = np.asarray(x, np.float64)
    N = len(x)
    M = N // stride
    j = np.arange(M)
    k = np.arange(M) - M // 2
    F = np.exp(2j * np.pi * np.outer(j - shift / stride, k) / M) @ np.exp(-2j * np.pi * np.outer(k, j) / M) / M
    y0 = x[::stride]
    return np.array(np.linalg.norm(x[(stride * j - shift) % N] - F @ y0) / np.linalg.norm(y0))
