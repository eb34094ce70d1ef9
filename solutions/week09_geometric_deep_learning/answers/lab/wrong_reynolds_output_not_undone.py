"""The output is moved forward again instead of back.

question: reynolds
fails: TestReynolds::test_turns_by_a_sixth
kind: usual
"""

def reynolds(f, rho_in, rho_out):
    return lambda x: sum(b @ f(a @ x) for a, b in zip(rho_in, rho_out, strict=True)) / len(rho_in)
