"""The derivative by central differences with a relative step of 1e-4: in the variance the poles 1/z no longer cancel.

question: best_ridge
fails: TestBestRidge::test_risk_of_ridge
kind: usual
"""

def ridge_risk(n, p, lam, noise, signal, transform):
    gamma, z = p / n, lam / n
    m, step = transform(z, gamma), 1e-4 * z
    squares = -(transform(z + step, gamma) - transform(z - step, gamma)) / (2 * step)
    return signal * z**2 * squares + noise * gamma * (m - z * squares)
