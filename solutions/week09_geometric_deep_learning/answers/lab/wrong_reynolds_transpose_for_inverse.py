"""The transpose undoes orthogonal matrices only.

question: reynolds
fails: TestReynolds::test_different_actions_before_and_after
kind: usual
"""

def reynolds(f, rho_in, rho_out):
    return lambda x: sum(b.T @ f(a @ x) for a, b in zip(rho_in, rho_out, strict=True)) / len(rho_in)
