"""F by the trapezoidal rule on a grid from -20 to 20.

question: jko
kind: subtle
fails: TestJko::test_the_whole_range
"""

import numpy as np
import scipy.stats


def free_energy(m, s, lam, temperature):
    x = np.linspace(-20, 20, 40001)
    ln = scipy.stats.norm.logpdf(x, m, s)
    return np.sum((lam / 2 * x**2 + temperature * ln) * np.exp(ln)) * 1e-3
