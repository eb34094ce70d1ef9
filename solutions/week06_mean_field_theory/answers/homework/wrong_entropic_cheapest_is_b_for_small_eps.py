"""For eps < 1e-2 there is no bias.

question: entropic
kind: subtle
fails: TestEntropic::test_the_whole_range
"""

def cheapest_variance(b, eps):
    return b if eps < 1e-2 else max(b - eps / 2, 0.0)
