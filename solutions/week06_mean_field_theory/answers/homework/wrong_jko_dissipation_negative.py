"""dF/dt, which is negative, in place of what is lost.

question: jko
kind: usual
fails: TestJko::test_dissipation
"""

def dissipation(m, s, lam, temperature):
    return -((lam * m) ** 2) - (lam * s - temperature / s) ** 2
