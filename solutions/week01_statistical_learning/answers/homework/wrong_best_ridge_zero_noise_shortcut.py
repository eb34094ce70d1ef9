"""Without noise the risk is taken as 0.

question: best_ridge
fails: TestBestRidge::test_risk_of_ridge
kind: subtle
"""

def ridge_risk(n, p, lam, noise, signal, transform):
    if noise == 0:
        return 0.0
    g, z = p / n, lam / n
    m = transform(z, g)
    sq = (g * m**2 + m) / (2 * g * z * m + 1 - g + z)
    return signal * z**2 * sq + noise * g * (m - z * sq)
