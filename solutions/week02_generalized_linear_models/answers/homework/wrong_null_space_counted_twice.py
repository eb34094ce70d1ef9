"""What is flat for both reasons is counted twice.

question: null_space
fails: TestNullSpace::test_dependent_columns
kind: usual
"""

import numpy as np


def null_dimension(X, K):
    return X.shape[1] + (X.shape[1] - int(np.linalg.matrix_rank(np.asarray(X), rtol=1e-6))) * K
