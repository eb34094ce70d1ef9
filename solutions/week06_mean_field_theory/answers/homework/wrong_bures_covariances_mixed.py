"""Covariances mixed linearly.

question: bures
kind: usual
fails: TestBures::test_geodesic
"""

def geodesic_covariance(S1, S2, t):
    return (1 - t) * S1 + t * S2
