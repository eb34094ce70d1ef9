"""Transforms one direction only.

question: fourier
fails: TestFourier::test_circular_convolution
kind: usual
"""

import jax.numpy as jnp


def convolve_circular(x, kernel):
    return lines(x, kernel)


def correlate_circular(x, kernel):
    return jnp.fft.ifft2(jnp.fft.fft2(x) * jnp.fft.fft2(kernel, s=x.shape).conj()).real


def convolve_full(x, kernel):
    canvas = (x.shape[0] + kernel.shape[0] - 1, x.shape[1] + kernel.shape[1] - 1)
    return jnp.fft.ifft2(jnp.fft.fft2(x, s=canvas) * jnp.fft.fft2(kernel, s=canvas)).real


def lines(x, kernel):
    tall = jnp.pad(kernel, ((0, x.shape[0] - kernel.shape[0]), (0, 0)))
    return jnp.fft.ifft(jnp.fft.fft(x) * jnp.fft.fft(tall, n=x.shape[1])).real
