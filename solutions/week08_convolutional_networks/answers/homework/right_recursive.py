"""One layer at a time by recursion, from the top or from the bottom; Gram matrices for the singular values."""

import numpy as np


def geometry(n, layers):
    if not layers:
        return n, 1, 1, 0.0
    *below, (k, s, p, d) = layers
    size, field, jump, centre = geometry(n, below)
    span = d * (k - 1)
    return (size + 2 * p - span + s - 1) // s, field + span * jump, jump * s, centre + 0.5 * span * jump - p * jump


def influence(kernels, strides, dilations):
    if not kernels:
        return np.array([1.0])
    above = influence(kernels[1:], strides[1:], dilations[1:])
    stuffed = np.zeros((len(above) - 1) * strides[0] + 1)
    stuffed[:: strides[0]] = above
    dilated = np.zeros((len(kernels[0]) - 1) * dilations[0] + 1)
    dilated[:: dilations[0]] = kernels[0]
    return np.convolve(stuffed, dilated)


def influence_moments(kernels, strides, dilations):
    total, mean, second = 1.0, 0.0, 0.0  # from the top down: u = stride * (position above) + dilation * tap
    for kernel, stride, dilation in reversed(list(zip(kernels, strides, dilations, strict=True))):
        w = np.asarray(kernel, np.float64)
        a = np.arange(len(w)) * dilation
        centre = (w * a).sum() / w.sum()
        second = stride**2 * second + (w * a * a).sum() / w.sum() - centre**2
        mean = stride * mean + centre
        total = total * w.sum()
    return np.array(total), np.array(mean), np.array(second)


def shifted_product(x, kernel, sign):
    rows = np.fft.fftfreq(x.shape[0])[:, None]
    columns = np.fft.fftfreq(x.shape[1])
    transfer = sum(
        float(kernel[a, b]) * np.exp(sign * 2j * np.pi * (rows * a + columns * b)) for a, b in np.ndindex(*kernel.shape)
    )
    return np.fft.ifft2(np.fft.fft2(np.asarray(x, np.float64)) * transfer).real


def convolve_circular(x, kernel):
    return shifted_product(x, kernel, -1)


def correlate_circular(x, kernel):
    return shifted_product(x, kernel, 1)


def convolve_full(x, kernel):
    return shifted_product(np.pad(x, ((0, kernel.shape[0] - 1), (0, kernel.shape[1] - 1))), kernel, -1)


def singular_values(kernel, n):
    transfer = np.moveaxis(np.fft.fft2(np.asarray(kernel, np.float64), (n, n)), (0, 1), (2, 3))
    if kernel.shape[0] > kernel.shape[1]:
        gram = transfer.conj().swapaxes(2, 3) @ transfer
    else:
        gram = transfer @ transfer.conj().swapaxes(2, 3)
    squares = np.linalg.eigvalsh(gram).ravel()
    return np.sqrt(np.sort(np.maximum(squares, 0.0))[::-1])


def shift_error(x, stride, shift):
    x = np.asarray(x, np.float64)
    N, M = len(x), len(x) // stride
    hat = np.fft.fft(x)
    error = norm = 0.0
    for k in range(-(M // 2), M // 2 + 1):
        wrong = sum((np.exp(-2j * np.pi * m * shift / stride) - 1) * hat[(k + m * M) % N] for m in range(stride))
        right = sum(hat[(k + m * M) % N] for m in range(stride))
        error, norm = error + abs(wrong) ** 2, norm + abs(right) ** 2
    return float(np.sqrt(error / norm))
