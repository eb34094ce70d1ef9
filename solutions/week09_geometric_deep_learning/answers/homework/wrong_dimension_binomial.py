"""Binomials for Stirling numbers: a slot joins an old block in one way only.

question: dimension
fails: TestDimension::test_enough_nodes
kind: usual
"""

def equivariant_dimension(n, k, l):  # noqa: E741
    blocks = [1]
    for _ in range(k + l):
        blocks = [a + b for j, (a, b) in enumerate(zip([*blocks, 0], [0, *blocks], strict=True))]
    return sum(blocks[: n + 1])

def layer_weights(n, k, l, c_in, c_out):  # noqa: E741
    return c_out * (c_in * equivariant_dimension(n, k, l) + equivariant_dimension(n, 0, l))
