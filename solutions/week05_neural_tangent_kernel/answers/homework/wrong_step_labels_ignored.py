"""The errors are the outputs: all labels are 0.

question: step
fails: TestStep::test_change_in_a_large_step
kind: usual
"""

import numpy as np


def kernel_change(v, W, X, y, A, B, eta):
    v, W, X, y, A, B = (np.asarray(a, np.float64) for a in (v, W, X, y, A, B))
    m = len(v)
    f = lambda x: x @ W.T @ v / np.sqrt(m)
    g = X.T @ f(X) / len(y)
    a_g, b_g, products = A @ g, B @ g, A @ B.T
    first = np.outer(f(A), b_g) + np.outer(a_g, f(B)) + 2 * f(g) * products
    second = (v @ v) * np.outer(a_g, b_g) + np.sum((W @ g) ** 2) * products
    return -eta / m * first + (eta / m) ** 2 * second
