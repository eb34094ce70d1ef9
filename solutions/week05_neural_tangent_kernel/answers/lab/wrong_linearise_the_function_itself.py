"""f, and not its expansion.

question: linearise
fails: TestLinearise::test_far_from_the_start
kind: usual
"""



def linearise(f, params0):
    return lambda params, x: f(params, x)
