"""Plain inner products over h^2: long keys are preferred.

question: kernel_smoother
fails: TestKernelSmoother::test_weights
kind: usual
"""


def smoother_as_attention(queries, keys, bandwidth):
    q = queries
    return q, keys / bandwidth**2
