"""The bias has z m in place of z^2 times the mean of 1/(s + z)^2.

question: best_ridge
fails: TestBestRidge::test_risk_of_ridge
kind: usual
"""

def ridge_risk(n, p, lam, noise, signal, transform):
    gamma, z = p / n, lam / n
    m = transform(z, gamma)
    squares = (gamma * m**2 + m) / (2 * gamma * z * m + 1 - gamma + z)
    return signal * z * m + noise * gamma * (m - z * squares)
