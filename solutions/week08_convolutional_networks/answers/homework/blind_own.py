"""Own style: JAX with fft, vmapped/batched linear algebra and scatters; scalars of the towers by NumPy in float64.

Blind solve of the week-8 homework from the student notebook alone.
"""

import functools

import jax.numpy as jnp
import numpy as np


def geometry(n, layers):
    def step(state, layer):
        (size, field, jump, centre), (k, s, p, d) = state, layer
        reach = (k - 1) * d
        return (size + 2 * p - reach - 1) // s + 1, field + reach * jump, jump * s, centre + (reach / 2 - p) * jump

    return functools.reduce(step, layers, (n, 1, 1, 0.0))


def influence(kernels, strides, dilations):
    g = jnp.ones(1)
    for w, s, d in reversed(list(zip(kernels, strides, dilations, strict=True))):
        w = jnp.asarray(w, g.dtype)
        places = s * jnp.arange(len(g))[:, None] + d * jnp.arange(len(w))
        g = jnp.zeros(s * (len(g) - 1) + d * (len(w) - 1) + 1).at[places].add(jnp.outer(g, w))
    return g


def influence_moments(kernels, strides, dilations):
    kernels = [np.asarray(w, float) for w in kernels]
    sums = np.array([w.sum() for w in kernels])
    mu = np.array([np.arange(len(w)) @ w for w in kernels]) / sums
    v = np.array([(np.arange(len(w)) - m) ** 2 @ w for w, m in zip(kernels, mu, strict=True)]) / sums
    step = np.asarray(dilations, float) * np.cumprod(np.concatenate([[1.0], np.asarray(strides, float)]))[:-1]
    return float(sums.prod()), float(step @ mu), float(step**2 @ v)


def _through_fourier(x, kernel, shape, conjugate=False):
    k_hat = jnp.fft.rfft2(jnp.asarray(kernel), s=shape)
    k_hat = k_hat.conj() if conjugate else k_hat
    return jnp.fft.irfft2(k_hat * jnp.fft.rfft2(jnp.asarray(x), s=shape), s=shape)


def convolve_circular(x, kernel):
    return _through_fourier(x, kernel, x.shape)


def correlate_circular(x, kernel):
    return _through_fourier(x, kernel, x.shape, conjugate=True)


def convolve_full(x, kernel):
    return _through_fourier(x, kernel, tuple(a + b - 1 for a, b in zip(x.shape, kernel.shape, strict=True)))


def singular_values(kernel, n):
    symbol = jnp.fft.fft2(jnp.asarray(kernel), s=(n, n))
    sigma = jnp.linalg.svd(jnp.moveaxis(symbol, (0, 1), (2, 3)), compute_uv=False)
    return jnp.sort(sigma.ravel())[::-1]


def shift_error(x, stride, shift):
    x = jnp.asarray(x)
    n, m = len(x), len(x) // stride
    shift = shift % n
    y0, yt = x[::stride], jnp.roll(x, shift)[::stride]
    k = np.rint(np.fft.fftfreq(m) * m).astype(int)
    phase = jnp.asarray(np.exp(-2j * np.pi * ((k * shift) % n) / n))
    moved = jnp.fft.ifft(phase * jnp.fft.fft(y0)).real
    return jnp.linalg.norm(yt - moved) / jnp.linalg.norm(y0)
