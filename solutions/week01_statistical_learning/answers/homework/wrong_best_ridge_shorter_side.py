"""The best lambda has min(n, p).

question: best_ridge
fails: TestBestRidge::test_best_lambda_and_its_risk
kind: usual
"""

def best_ridge(n, p, noise, signal, transform):
    lam = noise * min(n, p) / signal
    return lam, ridge_risk(n, p, lam, noise, signal, transform)
