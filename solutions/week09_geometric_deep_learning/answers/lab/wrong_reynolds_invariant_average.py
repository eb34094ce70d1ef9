"""Averages over inputs only: what comes out is invariant, not equivariant.

question: reynolds
fails: TestReynolds::test_turns_by_a_sixth
kind: usual
"""

def reynolds(f, rho_in, rho_out):
    return lambda x: sum(f(a @ x) for a in rho_in) / len(rho_in)
