"""The first field starts at pixel 0.

question: geometry
fails: TestGeometry::test_centre
kind: usual
"""


def geometry(n, layers):
    field, jump, centre = 1, 1, 0.0
    for taps, stride, padding, dilation in layers:
        reach = (taps - 1) * dilation
        n = (n + 2 * padding - reach - 1) // stride + 1
        field += reach * jump
        centre += reach / 2 * jump
        jump *= stride
    return n, field, jump, centre
