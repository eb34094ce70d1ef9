"""The variance is a mean over eigenvalues, not a sum divided by n: gamma is missing.

question: best_ridge
fails: TestBestRidge::test_risk_of_ridge
kind: subtle
"""

def ridge_risk(n, p, lam, noise, signal, transform):
    gamma, z = p / n, lam / n
    m = transform(z, gamma)
    squares = (gamma * m**2 + m) / (2 * gamma * z * m + 1 - gamma + z)
    return signal * z**2 * squares + noise * (m - z * squares)
