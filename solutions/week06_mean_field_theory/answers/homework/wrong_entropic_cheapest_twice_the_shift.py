"""The shift of the variance is eps, not eps/2.

question: entropic
kind: usual
fails: TestEntropic::test_the_cheapest_variance
"""

def cheapest_variance(b, eps):
    return max(b - eps, 0.0)
