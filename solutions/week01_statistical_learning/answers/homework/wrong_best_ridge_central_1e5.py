"""Central differences with the relative step 1e-5.

question: best_ridge
fails: TestBestRidge::test_risk_of_ridge
kind: subtle
"""

def ridge_risk(n, p, lam, noise, signal, transform):
    g, z = p / n, lam / n
    h = 1e-5 * z
    m = transform(z, g)
    sq = -(transform(z + h, g) - transform(z - h, g)) / (2 * h)
    return signal * z**2 * sq + noise * g * (m - z * sq)
