"""The output without its second order.

question: step
fails: TestStep::test_output_and_kernel
kind: usual
"""

def catapult(f, lam, y, eta, m, steps):
    outputs, kernels = [f], [lam]
    for _ in range(steps):
        pull = eta * (f - y)
        f, lam = f - pull * lam, lam - 4 * pull * f / m + pull**2 / m * lam
        outputs.append(f)
        kernels.append(lam)
    return outputs, kernels
