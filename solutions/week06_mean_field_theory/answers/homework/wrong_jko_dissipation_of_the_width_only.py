"""The motion of the mean dissipates, too.

question: jko
kind: usual
fails: TestJko::test_dissipation
"""

def dissipation(m, s, lam, temperature):
    return (lam * s - temperature / s) ** 2
