"""XLA's internal errors in student code: a person looks, nothing is gained, and nobody else's run is touched."""

from __future__ import annotations

import pytest

from autograder.grading.one import grade_cells
from autograder.model import Outcome, Report, Status, Submission, from_json, to_json
from autograder.notebook.submission import parse_submission
from autograder.report.class_report import render_class
from autograder.report.feedback import render_feedback
from autograder.sandbox.library_faults import library_fault

SUITE = '''
    @question("double", reference="2 x by NumPy")
    class TestDouble:
        def test_values(self, student, rng):
            """Each entry is doubled."""
            x = rng.normal(size=3)
            assert_close(student.double(x), 2 * x)

        def test_refusal(self, student):
            """Text is refused."""
            with student.raises("TypeError"):
                student.double("two")

    @question("triple", reference="3 x by NumPy")
    class TestTriple:
        def test_values(self, student, rng):
            """Each entry is tripled."""
            x = rng.normal(size=3)
            assert_close(student.triple(x), 3 * x)
'''
QUESTIONS = {
    "double": "def double(x):\n    if isinstance(x, str):\n        raise TypeError('no text')\n    return 2 * x",
    "triple": "def triple(x):\n    return 3 * x",
}
# What an XLA that may not see its processor says; as a student who hopes for a kind grader would write it, too.
INTERNAL = "jax.errors.JaxRuntimeError('INTERNAL: Error dispatching computation: YNNPACK operation failed')"
WAYS = {
    "raised": f"def double(x): raise {INTERNAL}",
    "hidden behind another error": f"""
def double(x):
    try:
        raise {INTERNAL}
    except Exception as e:
        raise ValueError("my own words") from e
""",
    "quoted by another error": """
def double(x):
    raise RuntimeError("JaxRuntimeError: UNKNOWN: something went wrong")
""",
    "where another error should come": f"""
def double(x):
    if isinstance(x, str):
        raise {INTERNAL}
    return 2 * x
""",
    "in a cell": f"raise {INTERNAL}\ndef double(x): return 2 * x",
}


@pytest.fixture
def grade(engine, small_course):
    small_course.add(1, QUESTIONS, SUITE)
    target = small_course.target("week01/lab")

    def graded(code: str) -> Report:
        notebook = parse_submission(small_course.with_code("week01/lab", code).encode(), "s.ipynb")
        return grade_cells(engine, target, Submission("s", "s.ipynb"), notebook)

    return graded


@pytest.mark.parametrize("way", WAYS)
def test_an_internal_error_goes_before_the_staff_and_earns_nothing(grade, way):
    report = grade(WAYS[way])
    assert report.status is Status.GRADED, "one student's error must not hold up the class"
    double, triple = report.questions
    assert double.score == (1.0 if way.startswith("where") else 0.0), "what failed earns nothing"
    assert double.outcome in (Outcome.FAILED, Outcome.PARTIAL)
    assert [r for r in double.needs_review if "JAX failed inside itself" in r and "JaxRuntimeError: " in r]
    assert (triple.score, triple.needs_review) == (2.0, ())
    read_back = from_json(Report, to_json(report))
    assert read_back == report, "whoever opens the report later finds it, too"
    page = render_class([report], _assignment(report))
    assert "JAX failed inside itself" in page
    if way == "raised":
        assert "the course staff will look at it" in render_feedback(report).replace("&#39;", "'")


ORDINARY = {
    "a mistake of their own": "def double(x): return 2 * reslut",
    "memory": "def double(x): raise jax.errors.JaxRuntimeError('RESOURCE_EXHAUSTED: Out of memory allocating 4 bytes.')",
    "their own function, called back": """
def double(x):
    def wrong(v): raise ValueError("mine")
    return jax.pure_callback(wrong, jax.ShapeDtypeStruct((3,), jnp.float32), jnp.asarray(x, jnp.float32))
""",
    "a word": "def double(x): raise ValueError('INTERNAL: no')",
}


@pytest.mark.parametrize("way", ORDINARY)
def test_the_students_own_errors_bother_nobody(grade, way):
    report = grade(ORDINARY[way])
    assert report.questions[0].score == 0.0 and report.questions[0].needs_review == ()


def test_what_passes_needs_no_look(grade):
    """An internal error that the code itself got over cost nothing."""
    recovered = f"""
def double(x):
    if isinstance(x, str):
        try:
            raise {INTERNAL}
        except Exception:
            raise TypeError("no text")
    return 2 * x
"""
    report = grade(recovered)
    assert report.score == 4.0 and not [q for q in report.questions if q.needs_review]


@pytest.mark.parametrize("junk", [{}, {"kinds": "JaxRuntimeError"}, {"kinds": [1, None], "causes": {"a": 1}}, {"causes": [[]]}])
def test_a_description_of_any_form_is_read(junk):
    assert library_fault(junk) == ""


def _assignment(report: Report):
    from autograder.model import Assignment, Question

    return Assignment(report.assignment, report.title, tuple(Question(q.id, q.title, q.points) for q in report.questions))
