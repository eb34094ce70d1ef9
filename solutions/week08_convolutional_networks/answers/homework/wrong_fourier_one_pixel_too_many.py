"""A canvas of h + kh.

question: fourier
fails: TestFourier::test_full_convolution
kind: usual
"""

import jax.numpy as jnp


def convolve_circular(x, kernel):
    return jnp.fft.ifft2(jnp.fft.fft2(x) * jnp.fft.fft2(kernel, s=x.shape)).real


def correlate_circular(x, kernel):
    return jnp.fft.ifft2(jnp.fft.fft2(x) * jnp.fft.fft2(kernel, s=x.shape).conj()).real


def convolve_full(x, kernel):
    canvas = (x.shape[0] + kernel.shape[0], x.shape[1] + kernel.shape[1])
    return jnp.fft.ifft2(jnp.fft.fft2(x, s=canvas) * jnp.fft.fft2(kernel, s=canvas)).real
