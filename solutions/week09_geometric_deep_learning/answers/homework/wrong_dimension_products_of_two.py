"""Input and output are counted apart: no equality across.

question: dimension
fails: TestDimension::test_enough_nodes
kind: usual
"""

def _orbits(n, slots):
    blocks = [1]
    for _ in range(slots):
        blocks = [j * a + b for j, (a, b) in enumerate(zip([*blocks, 0], [0, *blocks], strict=True))]
    return sum(blocks[: n + 1])


def equivariant_dimension(n, k, l):  # noqa: E741
    return _orbits(n, k) * _orbits(n, l)

def layer_weights(n, k, l, c_in, c_out):  # noqa: E741
    return c_out * (c_in * equivariant_dimension(n, k, l) + equivariant_dimension(n, 0, l))
