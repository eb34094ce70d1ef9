"""The best lambda is right, its risk is sigma^2 m without gamma.

question: best_ridge
fails: TestBestRidge::test_best_lambda_and_its_risk
kind: subtle
"""

def best_ridge(n, p, noise, signal, transform):
    lam = noise * p / signal
    return lam, noise * transform(lam / n, p / n)
