"""One flat direction in all.

question: null_space
fails: TestNullSpace::test_independent_columns
kind: usual
"""

import numpy as np


def null_dimension(X, K):
    return 1 + (X.shape[1] - int(np.linalg.matrix_rank(np.asarray(X), rtol=1e-6))) * K
