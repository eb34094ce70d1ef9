"""1 - 2^(-1/N) as it stands: 0 for N = 1e18.

question: high_dimension
fails: TestHighDimension::test_nearest
kind: usual
"""

def nearest(d, N):
    return (1 - 0.5 ** (1 / N)) ** (1 / d)
