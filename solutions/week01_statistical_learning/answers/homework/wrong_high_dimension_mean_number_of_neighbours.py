"""The distance within which half a point lies on average: (1/(2N))^(1/d).

question: high_dimension
fails: TestHighDimension::test_nearest
kind: usual
"""

def nearest(d, N):
    return (0.5 / N) ** (1 / d)
