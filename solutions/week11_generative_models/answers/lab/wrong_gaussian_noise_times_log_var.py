"""The noise is multiplied by log_var itself.

question: gaussian
fails: TestGaussian::test_noise_is_scaled_by_the_standard_deviation
kind: usual
"""


def reparametrise(mean, log_var, eps):
    return mean + log_var * eps
