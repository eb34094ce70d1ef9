"""What comes back from Fourier space stays complex.

question: fourier
fails: TestFourier::test_the_results_are_real
kind: usual
"""

import jax.numpy as jnp


def convolve_circular(x, kernel):
    return jnp.fft.ifft2(jnp.fft.fft2(x) * jnp.fft.fft2(kernel, s=x.shape))


def correlate_circular(x, kernel):
    return jnp.fft.ifft2(jnp.fft.fft2(x) * jnp.fft.fft2(kernel, s=x.shape).conj())


def convolve_full(x, kernel):
    s = (x.shape[0] + kernel.shape[0] - 1, x.shape[1] + kernel.shape[1] - 1)
    return jnp.fft.ifft2(jnp.fft.fft2(x, s=s) * jnp.fft.fft2(kernel, s=s))
