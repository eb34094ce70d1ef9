"""The overlap is a sum over neurons.

question: hopfield
fails: TestHopfield::test_energy_and_overlap
kind: usual
"""

def overlaps(patterns, state):
    return patterns @ state
