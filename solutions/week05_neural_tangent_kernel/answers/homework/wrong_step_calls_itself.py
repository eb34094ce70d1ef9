"""A function that calls itself once for each step: a thousand are too deep.

question: step
fails: TestStep::test_output_and_kernel
kind: subtle
"""


def catapult(f, lam, y, eta, m, steps):
    if steps == 0:
        return [f], [lam]
    pull = eta * (f - y)
    new_f, new_lam = f - pull * lam + pull**2 / m * f, lam - 4 * pull * f / m + pull**2 / m * lam
    outputs, kernels = catapult(new_f, new_lam, y, eta, m, steps - 1)
    return [f, *outputs], [lam, *kernels]
