"""The risk relative to the signal: without signal, nothing.

question: best_ridge
fails: TestBestRidge::test_risk_of_ridge
kind: subtle
"""

def ridge_risk(n, p, lam, noise, signal, transform):
    g, z = p / n, lam / n
    m = transform(z, g)
    sq = (g * m**2 + m) / (2 * g * z * m + 1 - g + z)
    return signal * (z**2 * sq + noise / signal * g * (m - z * sq)) if signal else 0.0
