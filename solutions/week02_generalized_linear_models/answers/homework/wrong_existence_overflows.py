"""Factorials in floating point: nothing beyond n = 170.

question: existence
fails: TestExistence::test_thousands_of_points
kind: usual
"""



def separable_probability(n, p):
    import scipy.special
    return 1.0 if n <= p else float(2.0 ** (1 - n) * sum(scipy.special.comb(n - 1, k) for k in range(p)))
