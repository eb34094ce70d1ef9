"""The key is ignored: every call gives the same network.

question: init
fails: TestInit::test_the_key_decides
kind: usual
"""

import itertools

import numpy as np


def init_mlp(key, widths, scale):
    params, generator = [], np.random.default_rng(0)
    for n_in, n_out in itertools.pairwise(widths):
        params.append((np.sqrt(scale / n_in) * generator.normal(size=(n_in, n_out)), np.zeros(n_out)))
    return params
