"""The energy without its 1/2.

question: hopfield
fails: TestHopfield::test_energy_and_overlap
kind: usual
"""

def hopfield_energy(J, state):
    return -state @ J @ state
