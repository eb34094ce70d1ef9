"""lambda = p / signal, risk gamma m: the noise is 1.

question: best_ridge
fails: TestBestRidge::test_best_lambda_and_its_risk
kind: usual
"""

def best_ridge(n, p, noise, signal, transform):
    lam = p / signal
    return lam, p / n * transform(lam / n, p / n)
