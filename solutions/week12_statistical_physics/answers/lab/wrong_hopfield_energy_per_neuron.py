"""The energy is divided by N.

question: hopfield
fails: TestHopfield::test_energy_and_overlap
kind: usual
"""

def hopfield_energy(J, state):
    return -state @ J @ state / (2 * len(state))
