"""Counts taps, not pixels.

question: geometry
fails: TestGeometry::test_size
fails: TestGeometry::test_field_and_jump
kind: usual
"""


def geometry(n, layers):
    field, jump, centre = 1, 1, 0.0
    for taps, stride, padding, _ in layers:
        reach = taps - 1
        n = (n + 2 * padding - reach - 1) // stride + 1
        field += reach * jump
        centre += (reach / 2 - padding) * jump
        jump *= stride
    return n, field, jump, centre
