"""How a test learns what happened in the jail: by calls that cross, and by numbers that only come out right if it did."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from autograder.sandbox import wire
from autograder.sandbox.call_records import Recorder
from autograder.sandbox.errors import BadReply, StudentError, Tampered
from autograder.sandbox.limits import Limits
from autograder.sandbox.process import _answer
from autograder.sandbox.remote import Student
from autograder.sandbox.wire_encoder import Encoder
from autograder.sandbox.workspace import Cell, Workspace
from autograder.testing import asked, tilted

LIMITS = Limits(cell_seconds=10, call_seconds=10, submission_seconds=120, memory_mb=1500, output_mb=2, rebuilds=10)
DIFFERENCES = """
import jax, numpy as np
def square(x): return np.square(np.asarray(x, float))
def differences(fun, *more, **options): return lambda x: (float(fun(x + 1e-3)) - float(fun(x - 1e-3))) / 2e-3
"""
IN_THE_CODE = """
def forged(fun, *a, **k): return differences(fun)
f = jax.grad
while hasattr(f, "__wrapped__"): f = f.__wrapped__
f.__globals__["differences"] = differences
f.__code__ = forged.__code__
"""
ANOTHER_MODULE = """
import sys, types
mine = types.ModuleType("jax")
vars(mine).update(vars(jax))
mine.grad = differences
sys.modules["jax"] = mine
"""


@pytest.fixture
def student_of(warm_parent):
    """A function: cells in, the student's notebook as tests see it out."""
    made = []

    def open_notebook(*cells: str) -> Student:
        made.append(Workspace(lambda: warm_parent.fork(LIMITS), [Cell(i, c) for i, c in enumerate(cells)], LIMITS))
        return Student(made[-1], Recorder())

    yield open_notebook
    for workspace in made:
        workspace.close()


def test_each_call_of_an_asked_function_is_answered_here(student_of):
    seen = []

    def double(x, names):
        seen.append((x, names))
        return 2 * x

    student = student_of("def use(f, x): return f(x, ['a']) + f(x, {'b': 1})")
    assert np.array_equal(student.use(asked(double), np.arange(3.0)), 4 * np.arange(3.0))
    assert np.array_equal(student.run(lambda ns, f, x: ns.use(f, x), asked(double), np.arange(2.0)), 4 * np.arange(2.0))
    assert [names for _, names in seen] == 2 * [["a"], {"b": 1}]
    assert all(isinstance(x, np.ndarray) for x, _ in seen)


def test_what_an_asked_function_cannot_take_is_the_students_error(student_of):
    student = student_of("def use(f): return f('word')", "def catch(f):\n    try: f()\n    except TypeError: return 'caught'")
    with pytest.raises(StudentError, match="cannot take these values"):
        student.use(asked(lambda x: float(x)))
    assert student.catch(asked(lambda x: x)) == "caught"


def test_a_comparison_in_an_asked_function_ends_the_call(student_of):
    def never(_):
        raise AssertionError("not this")

    student = student_of("def use(f):\n    try: return f(1)\n    except BaseException: return 'caught'\ndef one(): return 1")
    with pytest.raises(AssertionError, match="not this"):
        student.use(asked(never))
    assert student.one() == 1


@pytest.mark.parametrize("value", ["1", "np.zeros(200_000)", "'x' * 900_000"])
def test_calls_without_end_are_ended(student_of, value):
    student = student_of(f"import numpy as np\ndef use(f):\n    while True: f({value})")
    with pytest.raises(BadReply, match="more than 5000 times, or with too much"):
        student.use(asked(lambda x: 1))


def test_a_stand_in_kept_for_later_reaches_nothing(student_of):
    student = student_of("def hold(f):\n    global kept\n    kept = f\n    return 1\ndef later(): return kept(1)")
    assert student.hold(asked(lambda x: x)) == 1
    with pytest.raises(StudentError, match="kept"):  # in a fresh process, after what came over the connection was no answer
        student.later()


@pytest.mark.parametrize("reply", [{"asks": 1, "with": []}, {"asks": -1, "with": []}, {"asks": True, "with": []}, {"asks": 0}])
def test_an_invented_call_is_no_call(reply):
    with pytest.raises(Tampered):
        _answer([lambda: 1], reply)


@pytest.mark.parametrize("replace", ["jax.grad = differences", IN_THE_CODE, ANOTHER_MODULE])
def test_a_probe_has_the_libraries_of_before(student_of, replace):
    student = student_of(DIFFERENCES, replace)
    with pytest.raises(StudentError):
        student.run(lambda ns, x: jax.grad(ns.square)(x), 1.5)


def test_the_notebook_keeps_what_it_replaced(student_of):
    student = student_of(DIFFERENCES, "np.sum = lambda x: 'mine'", "def f(): return np.sum([1])")
    assert student.f() == "mine"
    assert student.run(lambda ns: np.sum([1, 2])) == 3


def test_finite_differences_do_not_see_a_tilt(student_of):
    below = "import jax._src.api\njax._src.api.value_and_grad = lambda fun, *a, **k: lambda x: (fun(x), differences(fun)(x))"
    probe = lambda ns, x, a: jax.grad(lambda v: ns.square(tilted(a)(v)))(x)
    assert student_of("def square(x): return x * x").run(probe, 1.5, 4.0) == pytest.approx(12.0)
    assert student_of(DIFFERENCES, below).run(probe, 1.5, 4.0) != pytest.approx(12.0, rel=0.5)


def test_an_asked_function_is_numbered_in_its_own_frame():
    encoder = Encoder(wire.Caps(), str)
    encoder.frame({"with": [wire.Asked(abs), (wire.Asked(len),)]})
    assert encoder.asked == [abs, len]
