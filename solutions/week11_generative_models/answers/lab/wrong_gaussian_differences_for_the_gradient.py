"""Values in NumPy, through which no gradient passes, and finite differences in the place of jax.grad.

question: gaussian
fails: TestGaussian::test_gradient_passes_through_the_sample
fails: TestGaussian::test_gradient_of_the_divergence
kind: subtle
"""

import jax
import numpy as np


def reparametrise(mean, log_var, eps):
    return np.asarray(mean) + np.exp(np.asarray(log_var) / 2) * np.asarray(eps)


def kl_to_prior(mean, log_var):
    mean, log_var = np.asarray(mean), np.asarray(log_var)
    return (np.exp(log_var) + mean**2 - 1 - log_var).sum(axis=1) / 2


def differences(fun, argnums=0, **options):
    def slope_in(args, number):
        at = np.asarray(args[number], np.float64)
        slope = np.zeros_like(at)
        for index in np.ndindex(at.shape):
            ends = []
            for step in (1e-2, -1e-2):
                moved = at.copy()
                moved[index] += step
                ends.append(float(fun(*args[:number], moved, *args[number + 1 :])))
            slope[index] = (ends[0] - ends[1]) / 2e-2
        return slope

    many = isinstance(argnums, tuple)
    return lambda *args: tuple(slope_in(args, n) for n in argnums) if many else slope_in(args, argnums)


jax.grad = differences
