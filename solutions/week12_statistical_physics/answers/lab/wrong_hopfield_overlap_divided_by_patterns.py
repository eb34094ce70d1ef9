"""The overlap is divided by the number of patterns.

question: hopfield
fails: TestHopfield::test_energy_and_overlap
kind: usual
"""

def overlaps(patterns, state):
    return patterns @ state / len(patterns)
