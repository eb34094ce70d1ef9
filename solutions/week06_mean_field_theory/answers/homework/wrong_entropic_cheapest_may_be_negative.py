"""b - eps/2 also where it is negative.

question: entropic
kind: usual
fails: TestEntropic::test_the_whole_range
"""

def cheapest_variance(b, eps):
    return b - eps / 2
