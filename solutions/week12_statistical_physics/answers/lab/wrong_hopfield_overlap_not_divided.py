"""The overlap is a sum over neurons.

question: hopfield
fails: TestHopfield::test_energy_and_overlap
"""

def overlaps(patterns, state):
    return patterns @ state
