"""The derivative by a difference quotient with the step 1e-4: coarse for small z.

question: best_ridge
fails: TestBestRidge::test_risk_of_ridge
kind: usual
"""

def ridge_risk(n, p, lam, noise, signal, transform):
    gamma, z = p / n, lam / n
    m = transform(z, gamma)
    squares = -(transform(z + 1e-4, gamma) - m) / 1e-4
    return signal * z**2 * squares + noise * gamma * (m - z * squares)
