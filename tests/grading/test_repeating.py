"""A program from a feedback page, pasted into the student's notebook in a fresh kernel, does what the check saw."""

from __future__ import annotations

import random

import pytest
from pasting import Kernel, grade_question, repeats, shown_calls
from small_course import ROOT, SmallCourse

from autograder.course import load_course
from autograder.grading.preparing import prepare
from autograder.notebook.answers import answered_notebook, read_answers
from autograder.notebook.source import load_assignment
from autograder.notebook.submission import parse_submission

SAME = "def same(x, *more):\n    return (x, *more) if more else x"
GIVEN = '''
LIMIT = 7.5


def apply(f, x):
    return f(x)


def both(f, g, x):
    return f(x), g(x)


def scan(f, xs, tell):
    total = 0.0
    for number, x in enumerate(xs):
        total = f(total, float(x))
        tell(number, total)
    return total


class Counter:
    def __init__(self, start):
        self.count = start

    def up(self, by):
        self.count += by
        return self.count


def counter(start):
    return {"made": [Counter(start)], "start": start}


def times(x, factor):
    return x * factor


def helper(x):
    return x + 100.0
'''
# Every test makes a call of its own kind and fails after it. `helper` is also a name of the notebook.
SUITE = '''
    @sendable
    def bent(x):
        """Secret words of the suite's author."""
        offset: float = 0.25  # a remark of the author's
        return jnp.tanh(x) + offset


    @sendable
    def helper(x):
        return 2.0 * bent(x)


    @sendable
    def stretched(x, by=3.0, *, more=1.0):
        return by * x + more


    def line(a):
        return sendable(lambda x: a * x + 1.0)


    def ramp(a):
        @sendable
        def line(x):
            return a - x
        return line


    @sendable
    def through(ns, x):
        return ns.apply(bent, x) - ns.times(x, 2.0)


    def no():
        require(False, "not today")


    @question("calls", reference="none")
    class TestCalls:
        def test_arrays(self, student, rng):
            student.same(rng.normal(size=(3, 2)), rng.integers(0, 9, size=4), np.array([True, False]), np.float64(0.1))
            no()

        def test_containers(self, student, rng):
            x = rng.normal(size=3)
            student.same({"W": [(x, x[:1])], "n": 3, "name": "it's\\nme", "none": None}, (1,), -0.0, 1e-20, True, [])
            no()

        def test_odd_numbers(self, student):
            odd = np.array([np.nan, np.inf, -np.inf, 1e-30])
            student.same(odd, float("inf"), 1j, np.array([1 + 2j]), np.zeros((0, 3)), 2**40)
            no()

        def test_large_arrays(self, student, rng):
            student.same(rng.normal(size=(40, 30)), np.full((50, 50), 0.5), rng.integers(0, 9, size=999))
            no()

        def test_keys_and_raw(self, student, key):
            student.same(key, jax.random.fold_in(key, 1), raw(np.arange(3.0)))
            no()

        def test_half(self, student):
            student.same(jnp.array([1.5, 0.1], jnp.bfloat16), np.float16([0.1]), np.uint8([3]))
            no()

        def test_function(self, student, rng):
            student.apply(bent, rng.normal(size=2))
            no()

        def test_functions_of_one_name(self, student, rng):
            student.both(line(2.0), ramp(float(rng.normal())), rng.normal(size=2))
            no()

        def test_closures_with_different_values(self, student, rng):
            student.both(line(2.0), line(rng.normal(size=2)), rng.normal(size=2))
            no()

        def test_defaults(self, student):
            student.both(stretched, sendable(lambda x, y=(1.0, 2.0): x + y[1]), 2.0)
            no()

        def test_keywords(self, student, rng):
            student.times(factor=rng.normal(size=2), x=3.0)
            no()

        def test_program(self, student, rng):
            student.run(lambda ns, p, x: ns.apply(lambda z: p * jnp.sin(z), x), 2.0, rng.normal(size=2))
            no()

        def test_two_programs_in_a_line(self, student, rng):
            first, second = (lambda ns, x: ns.times(x, 2.0)), (lambda ns, x: ns.times(x, 5.0))
            student.run(second, rng.normal(size=2))
            no()

        def test_program_with_a_helper(self, student, rng):
            student.run(through, rng.normal(size=2))
            no()

        def test_program_that_hands_the_notebook_on(self, student, rng):
            student.run(lambda ns, x: through(ns, x) + 1.0, rng.normal(size=2))
            no()

        def test_a_helper_with_the_name_of_a_function_of_the_notebook(self, student, rng):
            student.run(lambda ns, x: ns.helper(helper(x)), rng.normal(size=2))
            no()

        def test_an_argument_with_the_name_of_a_function_of_the_notebook(self, student, rng):
            student.run(lambda ns, times: ns.times(times, 2.0), rng.normal(size=2))
            no()

        def test_an_argument_with_the_name_of_a_helper(self, student, rng):
            student.run(lambda ns, bent: (ns.times(bent, 2.0), (lambda: helper(bent))()), rng.normal(size=2))
            no()

        def test_a_variable_of_a_loop(self, student):
            for beta in (0.5, 2.0):
                student.run(lambda ns, x: ns.times(x, beta), 3.0)
            no()

        def test_statements(self, student, rng):
            def probe(ns, xs):
                total = 0.0
                for x in xs:
                    total += ns.times(x, 2.0)
                return total

            student.run(probe, list(rng.normal(size=3)))
            no()

        def test_a_tilted_slope(self, student, rng):
            student.run(lambda ns, x, a: jax.grad(lambda v: ns.times(tilted(a)(v), v).sum())(x), rng.normal(size=2), 3.0)
            no()

        def test_functions_that_are_asked(self, student, rng):
            secret = float(rng.normal())
            student.scan(asked(lambda a, b: secret * a + b), rng.normal(size=4), asked(lambda n, t: None))
            no()

        def test_objects(self, student):
            made = student.keep.counter(3)
            first = made.item("made")[0]
            first.get("up")(2)
            first.get("up")(4)
            no()

        def test_objects_inside_results(self, student):
            thing = student.counter(5)["made"][0]
            student.apply(sendable(lambda c: c.count + 1), thing)
            no()

        def test_an_error(self, student, rng):
            student.times(rng.normal(size=2), rng.normal(size=3))

        def test_the_notebook_itself(self, student):
            student.get("LIMIT")
            no()
'''


@pytest.fixture(scope="module")
def small(tmp_path_factory, engine):
    """(target, notebook, report by its page's calls) of a solution that fails every check."""
    course = SmallCourse(tmp_path_factory.mktemp("repeating") / "course")
    course.add(1, {"calls": SAME}, SUITE)
    lab = course.root / "solutions/week01_small/lab.py"
    lab.write_text(lab.read_text().replace("import numpy as np\n", f"import numpy as np\n\n# %%{GIVEN}\n"))
    target, notebook = course.target("week01/lab"), parse_submission(course.solved("week01/lab").encode(), "s.ipynb")
    return target, notebook, grade_question(engine, target, notebook, "calls")


def test_every_kind_of_call_is_repeated_in_a_fresh_kernel(small, tmp_path):
    target, notebook, report = small
    (question,) = report.questions
    assert len(question.tests) == 26 and all(t.calls and t.calls[-1].program for t in question.tests), [
        (t.id, t.message, t.staff_detail[-300:]) for t in question.tests if not t.calls or not t.calls[-1].program
    ]
    shown = [s for s in shown_calls(report) if s.program]
    assert len(shown) >= 26
    with Kernel(notebook, target, tmp_path) as kernel:
        before = kernel.paste("sorted(globals())")
        wrong = [difference for s in shown if (difference := repeats(kernel, s))]
        assert not wrong, "\n\n".join(wrong)
        left = set(kernel.paste("' '.join(n for n in globals() if not n.startswith('_'))")[0].strip("'").split())
    assert before and not left & {"x", "p", "times_2", "made", "xs"} and "repeat_this_call" in left


def program_of(report, name: str) -> str:
    (test,) = [t for q in report.questions for t in q.tests if t.id.endswith(name)]
    return test.calls[-1].program


def test_what_went_in_is_in_the_program_and_what_stayed_is_not(small):
    _, _, report = small
    assert "apply(lambda z: p * jnp.sin(z), x)" in program_of(report, "test_program")
    assert "jnp.tanh(x) + offset" in program_of(report, "test_function")
    everything = "".join(c.program for q in report.questions for t in q.tests for c in t.calls)
    assert "Secret words" not in everything and "remark of the author" not in everything and "secret" not in everything
    assert "not today" not in everything and "autograder" not in everything


def test_labels_have_the_dtype_that_student_code_sees(small):
    """In single precision an int64 of NumPy arrives as int32: page and program say so."""
    _, _, report = small
    (test,) = [t for q in report.questions for t in q.tests if t.id.endswith("test_arrays")]
    labels = [value for _, value in test.calls[-1].inputs]
    assert "int32, shape (4,)" in labels[1] and "float32, shape (3, 2)" in labels[0]
    assert "jnp.int32)" in test.calls[-1].program and "int64" not in test.calls[-1].program


# ------------------------------------------------------------------------------------------------- the course's own weeks


def drawn(assignment: str, count: int, seed: int = 15):
    """(source, target, answers): wrong answers of a notebook, drawn."""
    course = load_course(ROOT)
    source = load_assignment(course, assignment)
    wrong = [a for a in read_answers(course.assignment_paths(assignment).answers) if a.kind == "wrong"]
    return source, prepare(course, assignment), random.Random(f"{seed} {assignment}").sample(wrong, min(count, len(wrong)))


def check_answers(engine, tmp_path, assignment: str, count: int) -> None:
    source, target, answers = drawn(assignment, count)
    draw, wrong, tried = random.Random(assignment), [], 0
    for answer in answers:
        notebook = answered_notebook(source, answer)
        report = grade_question(engine, target, notebook, answer.question)
        # A call that was stopped (time, memory) would stop the kernel, too.
        shown = [s for s in shown_calls(report) if s.result or s.error.split(":")[0].endswith("Error")]
        assert shown, f"{answer.name}: no failed check shows a call"
        assert all(s.program for s in shown if "earlier" not in s.call), f"{answer.name}: a check without a program"
        one = draw.choice(shown)
        with Kernel(notebook, target, tmp_path) as kernel:
            difference = repeats(kernel, one)
        if difference and one.result:  # many steps of training make rounding grow: with grading's own every digit is the same
            with Kernel(notebook, target, tmp_path, rounding=True) as kernel:
                difference = repeats(kernel, one, exactly=True)
        wrong += [f"{answer.name}: {difference}"] if difference else []
        tried += 1
    assert not wrong, "\n\n".join(wrong)
    assert tried == len(answers)


def test_a_check_of_the_course_is_repeated(engine, tmp_path):
    check_answers(engine, tmp_path, "week03/lab", 1)


@pytest.mark.slow
@pytest.mark.parametrize("assignment", load_course(ROOT).assignments())
def test_checks_drawn_over_all_weeks_are_repeated(engine, tmp_path, assignment):
    check_answers(engine, tmp_path, assignment, 2)
