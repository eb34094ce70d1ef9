"""The variance of the best lambda, sigma^2 gamma m, is used for every lambda.

question: best_ridge
fails: TestBestRidge::test_risk_of_ridge
kind: usual
"""

def ridge_risk(n, p, lam, noise, signal, transform):
    gamma, z = p / n, lam / n
    m = transform(z, gamma)
    squares = (gamma * m**2 + m) / (2 * gamma * z * m + 1 - gamma + z)
    return signal * z**2 * squares + noise * gamma * m
