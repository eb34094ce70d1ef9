"""Fewer than n blocks: the partition into n blocks is forgotten.

question: dimension
fails: TestDimension::test_few_nodes
kind: usual
"""

def equivariant_dimension(n, k, l):  # noqa: E741
    blocks = [1]
    for _ in range(k + l):
        blocks = [j * a + b for j, (a, b) in enumerate(zip([*blocks, 0], [0, *blocks], strict=True))]
    return sum(blocks[:max(n, 1)])

def layer_weights(n, k, l, c_in, c_out):  # noqa: E741
    return c_out * (c_in * equivariant_dimension(n, k, l) + equivariant_dimension(n, 0, l))
