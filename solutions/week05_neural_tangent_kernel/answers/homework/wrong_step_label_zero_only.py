"""The recursion for the label 0 with the error in place of the output.

question: step
fails: TestStep::test_output_and_kernel
kind: usual
"""

def catapult(f, lam, y, eta, m, steps):
    outputs, kernels = [f], [lam]
    for _ in range(steps):
        pull = eta * (f - y)
        f, lam = f - pull * lam + pull**2 / m * (f - y), lam - 4 * pull * (f - y) / m + pull**2 / m * lam
        outputs.append(f)
        kernels.append(lam)
    return outputs, kernels
