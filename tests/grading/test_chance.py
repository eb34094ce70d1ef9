"""Statistical tests of a suite: luck fails nobody, a mistake fails everybody."""

import jax
import numpy as np
import pytest

from autograder.testing import not_by_chance, require

SAMPLES = 2000
# Of the first of its two halves, 2000 normal numbers have a variance 5.14 standard errors below 1.
UNLUCKY = jax.random.key(971627192)


def variance_is_one(scale=1.0):
    def check(key):
        z = scale * np.asarray(jax.random.normal(jax.random.split(key)[0], (SAMPLES, 3)), dtype=np.float64)
        require(bool(np.all(abs((z**2).mean(axis=0) - 1) <= 5 * np.sqrt(2 / SAMPLES))), "the variance should be 1")

    return check


def test_a_right_sample_that_is_unlucky_once_passes():
    with pytest.raises(AssertionError):
        variance_is_one()(UNLUCKY)
    not_by_chance(variance_is_one(), UNLUCKY)


def test_a_wrong_sample_fails_whatever_the_key():
    for key in (UNLUCKY, jax.random.key(0), jax.random.key(1)):
        with pytest.raises(AssertionError, match="variance"):
            not_by_chance(variance_is_one(scale=1.2), key)


def test_what_is_no_failed_bound_is_not_tried_again():
    asked = []

    def check(key):
        asked.append(key)
        raise ValueError("the student's error")

    with pytest.raises(ValueError):
        not_by_chance(check, UNLUCKY)
    assert len(asked) == 1
