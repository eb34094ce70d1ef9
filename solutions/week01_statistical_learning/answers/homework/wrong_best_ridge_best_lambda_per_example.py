"""The best z is returned for the best lambda.

question: best_ridge
fails: TestBestRidge::test_best_lambda_and_its_risk
kind: usual
"""

def best_ridge(n, p, noise, signal, transform):
    z = noise * p / (n * signal)
    return z, noise * p / n * transform(z, p / n)
