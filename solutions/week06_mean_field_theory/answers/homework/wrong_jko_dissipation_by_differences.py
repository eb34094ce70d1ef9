"""-dF/dt as a difference quotient of F along the exact flow, h = 1e-6.

question: jko
kind: subtle
fails: TestJko::test_the_whole_range
"""

def dissipation(m, s, lam, temperature):
    h = 1e-6
    early, late = (free_energy(*exact_flow(m, s, t, lam, temperature), lam, temperature) for t in (0.0, h))
    later = free_energy(*exact_flow(m, s, 2 * h, lam, temperature), lam, temperature)
    return (3 * early - 4 * late + later) / (2 * h)
