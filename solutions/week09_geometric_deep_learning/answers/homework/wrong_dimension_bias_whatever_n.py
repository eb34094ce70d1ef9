"""The bias has as many entries as there are partitions of l, whatever n.

question: dimension
fails: TestDimension::test_channels_and_bias
kind: subtle
"""


def _s(p):
    row = [1]
    for _ in range(p):
        row = [j * a + b for j, (a, b) in enumerate(zip(row + [0], [0] + row))]
    return row


def layer_weights(n, k, l, c_in, c_out):
    return c_out * (c_in * equivariant_dimension(n, k, l) + sum(_s(l)))
