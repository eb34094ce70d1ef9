"""The half of the risk is left in its derivative.

question: particles
kind: usual
fails: TestParticles::test_first_variation
"""

def first_variation(masses, a, w, x, y, phi, probe_a, probe_w):
    residual = phi(x @ w.T) @ (masses * a) - y
    return probe_a * (phi(probe_w @ x.T) @ residual) / (2 * len(y))
