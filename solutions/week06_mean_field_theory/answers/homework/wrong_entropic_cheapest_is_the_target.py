"""The cheapest variance is b, as for a distance.

question: entropic
kind: usual
fails: TestEntropic::test_the_cheapest_variance
"""

def cheapest_variance(b, eps):
    return b
