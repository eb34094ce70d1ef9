"""Statistical tests of a suite: luck fails nobody, a mistake fails everybody."""

import jax
import numpy as np
import pytest

from autograder.testing import not_by_chance

SAMPLES = 2000
# Of the first of its two halves, 2000 normal numbers have a variance 5.14 standard errors below 1.
UNLUCKY = jax.random.key(971627192)


def variance_is_one(scale=1.0):
    def check(key, bound):
        z = scale * np.asarray(jax.random.normal(jax.random.split(key)[0], (SAMPLES, 3)), dtype=np.float64)
        bound(((z**2).mean(axis=0) - 1) * np.sqrt(SAMPLES / 2), "the variance should be 1")

    return check


def test_a_right_sample_that_is_unlucky_once_passes():
    alone = []
    variance_is_one()(UNLUCKY, lambda deviation, words: alone.append(deviation))
    assert np.max(np.abs(alone)) > 5
    not_by_chance(variance_is_one(), UNLUCKY)


def test_a_wrong_sample_fails_whatever_the_key():
    for key in (UNLUCKY, jax.random.key(0), jax.random.key(1)):
        with pytest.raises(AssertionError, match="the variance should be 1"):
            not_by_chance(variance_is_one(scale=1.12), key)


def test_who_is_right_only_when_asked_again_fails():
    """The previous call's value, for one: nonsense at first, then a good sample, one call late."""
    samples = iter([np.zeros((SAMPLES, 3)), np.asarray(jax.random.normal(jax.random.key(0), (SAMPLES, 3)))])

    def check(key, bound):
        bound(((next(samples) ** 2).mean(axis=0) - 1) * np.sqrt(SAMPLES / 2), "the variance should be 1")

    with pytest.raises(AssertionError, match="the variance should be 1"):
        not_by_chance(check, UNLUCKY)


@pytest.mark.parametrize("error", [ValueError("the student's error"), AssertionError("no array")])
def test_what_is_no_bound_is_not_tried_again(error):
    asked = []

    def check(key, bound):
        asked.append(key)
        raise error

    with pytest.raises(type(error)):
        not_by_chance(check, UNLUCKY)
    assert len(asked) == 1


def test_nan_fails():
    with pytest.raises(AssertionError, match="finite"):
        not_by_chance(lambda key, bound: bound(np.nan, "it should be finite"), UNLUCKY)
