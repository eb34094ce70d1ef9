"""The force at the beginning of the step.

question: jko
kind: usual
fails: TestJko::test_step
"""

def jko_step(m, s, tau, lam, temperature):
    return m - tau * lam * m, s + tau * (temperature / s - lam * s)
