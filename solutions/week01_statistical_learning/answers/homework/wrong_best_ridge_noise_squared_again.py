"""noise is taken for sigma.

question: best_ridge
fails: TestBestRidge::test_risk_of_ridge
kind: usual
"""

def ridge_risk(n, p, lam, noise, signal, transform):
    g, z = p / n, lam / n
    m = transform(z, g)
    sq = (g * m**2 + m) / (2 * g * z * m + 1 - g + z)
    return signal * z**2 * sq + noise**2 * g * (m - z * sq)


def best_ridge(n, p, noise, signal, transform):
    lam = noise**2 * p / signal
    return lam, noise**2 * p / n * transform(lam / n, p / n)
