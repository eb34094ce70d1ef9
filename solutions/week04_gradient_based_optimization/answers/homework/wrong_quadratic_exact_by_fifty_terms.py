"""The exact rate is the sum of fifty terms.

question: quadratic
fails: TestQuadratic::test_the_whole_range
kind: subtle
"""

def backward_rate(lam, eta, order):
    x = eta * lam
    if order is None and x >= 1:
        raise ValueError("no flow")
    return sum(x**n / n for n in range(1, (order or 50) + 1)) / eta
