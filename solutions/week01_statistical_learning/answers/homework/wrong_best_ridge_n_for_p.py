"""lambda = sigma^2 n / r^2.

question: best_ridge
fails: TestBestRidge::test_best_lambda_and_its_risk
kind: usual
"""

def best_ridge(n, p, noise, signal, transform):
    lam = noise * n / signal
    return lam, ridge_risk(n, p, lam, noise, signal, transform)
