"""PUBLIC: data sets that need no download, in the layout that all notebooks share: one example per row.

Every function is pure: the same call gives the same arrays on every machine.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

DIGITS_TRAIN = 1500  # has many divisors, so that a batch size can divide it; leaves 297 test images


class Split(NamedTuple):
    """A classification data set, already split.

    Attributes:
        x_train: inputs to learn from, float32, one example per row.
        y_train: their classes, int32, in 0..K-1.
        x_test: inputs to judge by, never to learn from.
        y_test: their classes.
    """

    x_train: Float[Array, "train features"]
    y_train: Int[Array, " train"]
    x_test: Float[Array, "test features"]
    y_test: Int[Array, " test"]


def digits() -> Split:
    """Handwritten digits, 8 x 8 pixels, 10 classes: 1500 images to learn from and 297 to judge by.

    Pixels are float32 in [0, 1], flattened row by row to 64 features: `x.reshape(8, 8)` is the image. The split
    is a fixed random permutation, because neighbours in the original file were written by the same hand.

    Source: E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning
    Repository; the copy bundled with scikit-learn (`sklearn.datasets.load_digits`).
    """
    from sklearn.datasets import load_digits  # a second of import that only a caller should pay

    bundle = load_digits()
    # RandomState, not default_rng: NumPy promises that only its legacy stream never changes (NEP 19).
    order = np.random.RandomState(3).permutation(len(bundle.target))
    x = jnp.asarray(bundle.data[order] / 16.0, dtype=jnp.float32)
    y = jnp.asarray(bundle.target[order], dtype=jnp.int32)
    return Split(x[:DIGITS_TRAIN], y[:DIGITS_TRAIN], x[DIGITS_TRAIN:], y[DIGITS_TRAIN:])
