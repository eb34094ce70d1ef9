"""Uses a layer's own stride for its own taps.

question: geometry
fails: TestGeometry::test_field_and_jump
kind: usual
"""


def geometry(n, layers):
    field, jump, centre = 1, 1, 0.0
    for taps, stride, padding, dilation in layers:
        reach = (taps - 1) * dilation
        n = (n + 2 * padding - reach - 1) // stride + 1
        jump *= stride
        field += reach * jump
        centre += (reach / 2 - padding) * jump
    return n, field, jump, centre
