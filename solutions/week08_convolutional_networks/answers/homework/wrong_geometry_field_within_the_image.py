"""A receptive field is never larger than the image.

question: geometry
fails: TestGeometry::test_deep_towers
kind: subtle
"""


def geometry(n, layers):
    size, field, jump, centre = (n, 1, 1, 0.0)
    for k, s, p, d in layers:
        size = (size + 2 * p - d * (k - 1) - 1) // s + 1
        field += (k - 1) * d * jump
        centre += ((k - 1) * d / 2 - p) * jump
        jump *= s
    return (size, min(field, n), jump, centre)
