"""Hidden checks as nbgrader and otter run them: in the student's own kernel. Copied beside the notebook as `hidden_checks.py`.

The suite is the same file that this project's grader runs outside; here its `student` is the notebook's own namespace. Each test
runs once; one that counts only if the others pass (gated) asks for these first. Seeds lie in `seeds.json`.
"""

import importlib.util
import inspect
import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from autograder.grading.decorators import mark_of
from autograder.grading.draws import Draws
from autograder.sandbox.wire import Asked, Raw

_HERE = Path(__file__).parent
_SEEDS = json.loads((_HERE / "seeds.json").read_text())
_passed = {}


def _suite():
    spec = importlib.util.spec_from_file_location("hidden_suite", _HERE / "hidden_suite.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_MODULE = _suite()


class Names:
    """The notebook's names as attributes."""

    def __init__(self, names):
        self.__dict__["_names"] = names

    def __getattr__(self, name):
        return self._names[name]


class Direct:
    """A `student` whose functions run right here."""

    def __init__(self, names):
        self._names = names

    def __getattr__(self, name):
        return lambda *args: _out(self._names[name](*map(_in, args)))

    def run(self, probe, *args, label=""):
        return _out(probe(Names(self._names), *map(_in, args)))


def _in(value):
    """NumPy arrays arrive as jax arrays, as in a jail, and what the suite wants to be asked is a function like any other."""
    if isinstance(value, np.ndarray):
        return jnp.asarray(value)
    if isinstance(value, Asked):
        return lambda *args: _in(value.function(*map(_out, args)))
    if isinstance(value, Raw):
        return value.array
    if type(value) in (list, tuple):
        return type(value)(map(_in, value))
    return {k: _in(v) for k, v in value.items()} if type(value) is dict else value


def _out(value):
    """What the wire brings: NumPy's arrays, also of JAX's arrays and of NumPy's numbers."""
    if isinstance(value, jax.Array | np.generic):
        return np.asarray(value)
    if type(value) in (list, tuple):
        return type(value)(map(_out, value))
    return {k: _out(v) for k, v in value.items()} if type(value) is dict else value


def check(test_id, names):
    """Runs a test; for a gated one, the ungated ones of its question too.

    Raises:
        AssertionError: it fails, or those that it counts with.
    """
    _, mark = _find(test_id)
    if mark.gated:
        for other in _SEEDS:
            _, others = _find(other)
            if others.question == mark.question and not others.gated:
                assert _passes(other, names), f"counts only with {other}"
    assert _passes(test_id, names), test_id


def _find(test_id):
    class_name, _, name = test_id.partition("::")
    cls = getattr(_MODULE, class_name)
    fn = getattr(cls, name)
    return (cls, fn), mark_of(fn, cls)


def _passes(test_id, names):
    if test_id not in _passed:
        (cls, fn), _ = _find(test_id)
        seed = _SEEDS[test_id]
        fixtures = {"student": Direct(names), "rng": Draws(seed), "seed": seed, "key": jax.random.key(seed)}
        try:
            fn(cls(), **{name: fixtures[name] for name in inspect.signature(fn).parameters if name in fixtures})
            _passed[test_id] = True
        except Exception:
            _passed[test_id] = False
    return _passed[test_id]
