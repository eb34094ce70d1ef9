"""JAX in float32, whole arrays; the influence by polynomial products, the error by the definition."""

import functools

import jax
import jax.numpy as jnp


def geometry(n, layers):
    def below(position):
        size, field, jump, centre = position[0]
        k, s, p, d = position[1]
        reach = d * (k - 1)
        return (size + 2 * p - reach - 1) // s + 1, field + reach * jump, jump * s, centre + (reach - 2 * p) * jump / 2

    return functools.reduce(lambda state, layer: below((state, layer)), layers, (n, 1, 1, 0.0))


def influence(kernels, strides, dilations):
    g, jump = jnp.ones(1), 1
    for kernel, stride, dilation in zip(kernels, strides, dilations, strict=True):
        step = dilation * jump
        spread = jnp.zeros((len(kernel) - 1) * step + 1).at[::step].set(kernel)
        g = jnp.convolve(g, spread)  # the first layer first: the product of the polynomials W_l(z^(d j))
        jump *= stride
    return g


def influence_moments(kernels, strides, dilations):
    jumps = [1]
    for stride in strides:
        jumps.append(jumps[-1] * stride)
    logs, means, variances = [], [], []
    for kernel, jump, dilation in zip(kernels, jumps, dilations, strict=False):
        taps = jnp.arange(len(kernel)) * (dilation * jump)
        p = kernel / kernel.sum()
        m = jnp.vdot(p, taps)
        logs.append(jnp.log(kernel.sum()))
        means.append(m)
        variances.append(jnp.vdot(p, (taps - m) ** 2))
    return jnp.exp(sum(logs)), sum(means), sum(variances)


def convolve_circular(x, kernel):
    return jnp.fft.irfft2(jnp.fft.rfft2(x) * jnp.fft.rfft2(kernel, s=x.shape), s=x.shape)


def correlate_circular(x, kernel):
    return jnp.fft.irfft2(jnp.fft.rfft2(x) * jnp.conj(jnp.fft.rfft2(kernel, s=x.shape)), s=x.shape)


def convolve_full(x, kernel):
    (h, w), (kh, kw) = x.shape, kernel.shape
    framed = jnp.pad(x, ((0, kh - 1), (0, kw - 1)))
    return convolve_circular(framed, jnp.pad(kernel, ((0, h - 1), (0, w - 1))))


def singular_values(kernel, n):
    transfer = jnp.fft.fft2(kernel, s=(n, n))  # (c_out, c_in, n, n); the last two axes are frequencies now
    values = jnp.linalg.svd(transfer.transpose(2, 3, 0, 1), compute_uv=False)
    return -jnp.sort(-values.ravel())


def shift_error(x, stride, shift):
    x = jnp.asarray(x, jnp.float32)
    y0, yt = x[::stride], jnp.roll(x, shift)[::stride]
    frequency = jnp.fft.fftfreq(len(y0)) * shift / stride
    moved = jnp.fft.ifft(jnp.fft.fft(y0) * jnp.exp(-2j * jnp.pi * frequency))
    return jnp.linalg.norm(yt - moved) / jnp.linalg.norm(y0)
