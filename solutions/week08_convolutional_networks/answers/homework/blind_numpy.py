"""Plain NumPy style in float64, with loops where a beginner would write loops.

Blind solve of the week-8 homework from the student notebook alone.
"""

import numpy as np


def geometry(n, layers):
    size, field, jump, centre = n, 1, 1, 0.0
    for k, s, p, d in layers:
        size = (size + 2 * p - d * (k - 1) - 1) // s + 1
        field = field + (k - 1) * d * jump
        centre = centre + ((k - 1) * d / 2 - p) * jump
        jump = jump * s
    return size, field, jump, centre


def influence(kernels, strides, dilations):
    g = np.array([1.0])
    for layer in range(len(kernels) - 1, -1, -1):
        w = np.asarray(kernels[layer], float)
        s = strides[layer]
        d = dilations[layer]
        below = np.zeros((len(g) - 1) * s + (len(w) - 1) * d + 1)
        for i in range(len(g)):
            for a in range(len(w)):
                below[i * s + a * d] += g[i] * w[a]
        g = below
    return g


def influence_moments(kernels, strides, dilations):
    total, mean, variance, jump = 1.0, 0.0, 0.0, 1.0
    for w, s, d in zip(kernels, strides, dilations):
        w = np.asarray(w, float)
        p = w / w.sum()
        a = np.arange(len(w))
        mu = np.sum(p * a)
        total = total * w.sum()
        mean = mean + d * jump * mu
        variance = variance + (d * jump) * (d * jump) * np.sum(p * (a - mu) ** 2)
        jump = jump * s
    return float(total), float(mean), float(variance)


def convolve_circular(x, kernel):
    x = np.asarray(x, float)
    padded = np.zeros(x.shape)
    padded[: kernel.shape[0], : kernel.shape[1]] = kernel
    return np.real(np.fft.ifft2(np.fft.fft2(padded) * np.fft.fft2(x)))


def correlate_circular(x, kernel):
    x = np.asarray(x, float)
    padded = np.zeros(x.shape)
    padded[: kernel.shape[0], : kernel.shape[1]] = kernel
    return np.real(np.fft.ifft2(np.conj(np.fft.fft2(padded)) * np.fft.fft2(x)))


def convolve_full(x, kernel):
    h, w = x.shape
    kh, kw = kernel.shape
    canvas = np.zeros((h + kh - 1, w + kw - 1))
    canvas[:h, :w] = x
    return convolve_circular(canvas, np.asarray(kernel, float))


def singular_values(kernel, n):
    kernel = np.asarray(kernel, float)
    c_out, c_in, kh, kw = kernel.shape
    found = []
    for w1 in range(n):
        for w2 in range(n):
            P = np.zeros((c_out, c_in), complex)
            for a in range(kh):
                for b in range(kw):
                    P += kernel[:, :, a, b] * np.exp(2j * np.pi * (w1 * a + w2 * b) / n)
            found.extend(np.linalg.svd(P, compute_uv=False))
    return np.array(sorted(found, reverse=True))


def shift_error(x, stride, shift):
    # the formula on the right, frequency by frequency; norms by Parseval
    x = np.asarray(x, float)
    N = len(x)
    M = N // stride
    x_hat = np.fft.fft(x)
    difference = np.zeros(M, complex)
    for k in range(-(M - 1) // 2, (M - 1) // 2 + 1):
        total = 0.0
        for m in range(stride):
            total = total + (np.exp(-2j * np.pi * m * shift / stride) - 1) * x_hat[(k + m * M) % N]
        difference[k % M] = np.exp(-2j * np.pi * k * shift / N) / stride * total
    y0_hat = np.fft.fft(x[::stride])
    return float(np.linalg.norm(difference) / np.linalg.norm(y0_hat))
