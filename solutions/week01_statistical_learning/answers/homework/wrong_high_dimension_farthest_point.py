"""The median distance of the farthest point: 2^(-1/(N d)).

question: high_dimension
fails: TestHighDimension::test_nearest
kind: subtle
"""

def nearest(d, N):
    return 0.5 ** (1 / (N * d))
