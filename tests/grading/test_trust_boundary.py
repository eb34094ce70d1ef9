"""From a graded notebook nothing secret can be found, and no forged value becomes a mark: whole runs on a small course."""

from __future__ import annotations

import pytest

from autograder.errors import AuthoringError
from autograder.grading.one import grade_cells, grade_one
from autograder.grading.suite import collect_suite
from autograder.model import Outcome, Status, Submission
from autograder.notebook.submission import parse_submission

DOUBLE = "def double(x):\n    return 2 * x"
TRIPLE = "def triple(x):\n    return 3 * x"
SUITE = '''
    @question("double", reference="2 x by NumPy")
    class TestDouble:
        def test_values(self, student, rng):
            """Each entry is doubled."""
            x = rng.normal(size=3)
            assert_close(student.double(x), 2 * x)

        def test_slope(self, student, rng):
            """The slope is two everywhere."""
            x = rng.normal(size=3)
            assert_close(student.run(lambda ns: jax.vmap(jax.grad(ns.double))(x)), np.full(3, 2.0))

    @question("triple", reference="3 x by NumPy")
    class TestTriple:
        def test_values(self, student, rng):
            """Each entry is tripled."""
            x = rng.normal(size=3)
            assert_close(student.triple(x), 3 * x)
'''


def grade(engine, course, assignment, text, **more):
    target = course.target(assignment)
    return grade_cells(engine, target, Submission("s", "s.ipynb"), parse_submission(text.encode(), "s.ipynb"), **more)


def outcomes(report) -> dict[str, str]:
    return {q.id: q.outcome.value for q in report.questions}


@pytest.fixture
def week(small_course):
    small_course.add(1, {"double": DOUBLE, "triple": TRIPLE}, SUITE)
    return small_course


def test_solution_full_stub_zero(engine, week):
    solved = grade(engine, week, "week01/lab", week.solved("week01/lab"))
    assert (solved.status, solved.score, solved.points) == (Status.GRADED, 4.0, 4.0)
    stub = grade(engine, week, "week01/lab", week.stub("week01/lab"))
    assert (stub.status, stub.score) == (Status.GRADED, 0.0)
    assert "NotImplementedError" in stub.questions[0].tests[0].message


def test_an_error_under_a_transformation_of_jax_is_the_students_own(engine, small_course):
    suite = """
    @question("double", reference="2 x by NumPy")
    class TestDouble:
        def test_slope(self, student):
            \"""The slope is two everywhere.\"""
            x = np.arange(3.0)
            assert_close(student.run(lambda ns, x: jax.grad(lambda v: ns.double(v).sum())(x), x), np.full(3, 2.0))

        def test_values(self, student):
            \"""Each entry is doubled.\"""
            assert_close(student.double(np.arange(3.0)), 2 * np.arange(3.0))
    """
    small_course.add(1, {"double": DOUBLE}, suite)
    wrong = "import numpy\ndef double(x): return 2 * numpy.asarray(x)"
    report = grade(engine, small_course, "week01/lab", small_course.with_code("week01/lab", wrong))
    assert report.questions[0].tests[0].message.startswith("Your code raised TracerArrayConversionError")


def test_an_error_that_should_have_come_is_named_as_such(engine, small_course):
    suite = """
    @question("root", reference="by hand")
    class TestRoot:
        def test_negative(self, student):
            \"""There is no real root of a negative number.\"""
            with student.raises("ValueError"):
                student.root(-1.0)

        def test_value(self, student):
            \"""The root of four is two.\"""
            assert_close(student.root(4.0), 2.0)
    """
    small_course.add(1, {"root": "def root(x):\n    if x < 0:\n        raise ValueError(x)\n    return x**0.5"}, suite)
    report = grade(engine, small_course, "week01/lab", small_course.with_code("week01/lab", "def root(x): return abs(x)**0.5"))
    assert report.questions[0].tests[0].message == "Your code should raise ValueError here. It raised nothing."


FORGERIES = {
    "an object equal to everything": (
        "class Yes:\n    def __eq__(self, o): return True\n    __array_priority__ = 1e9\ndef double(x): return Yes()"
    ),
    "a reply that looks like an array": 'def double(x): return {"data": (4096, True), "shape": (3,), "typestr": "<f8"}',
    "a generator": "def double(x):\n    yield 2 * x",
    "an evil array protocol": (
        "class A:\n    __array_interface__ = {'data': (4096, True), 'shape': (3,), 'typestr': '<f8', 'version': 3}\n"
        "    def __array__(self, *a, **k): raise SystemExit\n    def __jax_array__(self): raise SystemExit\n"
        "def double(x): return A()"
    ),
    "not a number": "def double(x): return x * float('nan')",
    "patched numpy and jax": (
        "import numpy, jax, builtins\nnumpy.allclose = numpy.testing.assert_allclose = lambda *a, **k: True\n"
        "jax.grad = lambda f: (lambda x: 0 * x + 1)\nbuiltins.abs = lambda x: 0\ndef double(x): return x"
    ),
    "a pytest skip": "import pytest\ndef double(x): pytest.skip('done')",
    "an exit": "def double(x): raise SystemExit(0)",
    "a keyboard interrupt": "def double(x): raise KeyboardInterrupt",
    "a bare BaseException": "def double(x): raise BaseException('x')",
    "None": "def double(x): pass",
}


@pytest.mark.parametrize("code", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forgery_earns_nothing_and_costs_nothing_else(engine, week, code):
    report = grade(engine, week, "week01/lab", week.with_code("week01/lab", code))
    assert report.status is Status.GRADED
    assert [(q.id, q.score) for q in report.questions] == [("double", 0.0), ("triple", 2.0)]


ENDINGS = {
    "a Python loop": "def double(x):\n    while True: pass",
    "an XLA loop": "def double(x):\n    return jax.lax.while_loop(lambda i: i >= 0, lambda i: (i + 1) % 7, 0) + x",
    "os._exit(0)": "import os\ndef double(x): os._exit(0)",
    "a segmentation fault": "import ctypes\ndef double(x): ctypes.string_at(0)",
    "ten GiB": "def double(x): return np.ones(10 * 2**30 // 8) + x",
    "a GB of output": "def double(x):\n    for _ in range(1000): print('x' * 10**6)\n    return 2 * x",
}


@pytest.mark.parametrize("code", ENDINGS.values(), ids=ENDINGS.keys())
def test_a_hang_or_crash_costs_its_question_only(engine, week, code):
    report = grade(engine, week, "week01/lab", week.with_code("week01/lab", code))
    assert report.status is Status.GRADED
    assert [(q.id, q.score) for q in report.questions] == [("double", 0.0), ("triple", 2.0)]
    assert report.questions[0].tests[0].message


TOO_MUCH = '''
    @question("double", reference="2 x")
    class TestDouble:
        def test_memory(self, student):
            """As many zeros as it says."""
            assert_close(np.zeros(int(student.double(1.0))), np.zeros(2))

        def test_time(self, student):
            """As many steps as it says."""
            steps = 0
            for _ in range(int(student.double(1.0))):
                steps += 1
            assert_close(float(steps), 2.0)
'''


def test_a_value_that_is_too_much_for_the_grader_costs_its_question(engine, small_course, monkeypatch):
    """Neither "the grader's fault" nor a hang of the class: whoever returns it loses the question."""
    monkeypatch.setattr("autograder.grading.judging._TEST_CPU_SECONDS", 1.0)
    small_course.add(1, {"double": DOUBLE}, TOO_MUCH)
    report = grade(engine, small_course, "week01/lab", small_course.with_code("week01/lab", "def double(x): return 1e15"))
    assert report.status is Status.GRADED and report.score == 0.0
    assert [t.outcome for t in report.questions[0].tests] == [Outcome.FAILED, Outcome.FAILED]
    right = grade(engine, small_course, "week01/lab", small_course.solved("week01/lab"))
    assert right.score == right.points


def test_a_cell_that_hangs_costs_what_it_defines(engine, week):
    code = "def double(x): return 2 * x\nwhile True: pass"
    report = grade(engine, week, "week01/lab", week.with_code("week01/lab", code))
    assert [(q.id, q.score) for q in report.questions] == [("double", 0.0), ("triple", 2.0)]
    assert [(c.kind, c.defines) for c in report.cells] == [("deadline", ("double",))]


HUNT = '''
import os, re
PATTERN = re.compile(("sec" + "ret-" + "mark" + "er-").encode() + rb"[0-9a-f]{16}")
planted = "".join(["sec", "ret-", "mark", "er-"]) + "c0ffee0000000001"
with open("planted.txt", "w") as f:
    f.write("".join(["sec", "ret-", "mark", "er-"]) + "c0ffee0000000002")

def in_files(top, skip):
    found = set()
    for folder, folders, files in os.walk(top):
        folders[:] = [d for d in folders if os.path.join(folder, d) not in skip]
        for name in files:
            path = os.path.join(folder, name)
            try:
                if os.path.isfile(path):
                    with open(path, "rb") as f:
                        while piece := f.read(1 << 24):
                            found.update(PATTERN.findall(piece))
            except OSError:
                pass
    return found

def in_memory():
    found = set()
    try:
        with open("/proc/self/maps") as f:
            regions = [line.split()[:2] for line in f]
    except PermissionError:  # tiers B and C do not even tell where memory is
        return {b"memory is closed"}
    with open("/proc/self/mem", "rb", 0) as memory:
        for span, rights in regions:
            start, end = (int(x, 16) for x in span.split("-"))
            if not rights.startswith("r") or end - start > 1 << 30:
                continue
            try:
                memory.seek(start)
                found.update(PATTERN.findall(memory.read(end - start)))
            except (OSError, ValueError, OverflowError):
                pass
    return found

def in_objects():
    import gc, sys
    found = set()
    for thing in gc.get_objects():
        if isinstance(thing, dict):
            for value in list(thing.values()):
                if isinstance(value, str):
                    found.update(PATTERN.findall(value.encode(errors="replace")))
    frame = sys._getframe()
    while frame:
        found.update(PATTERN.findall(repr(frame.f_locals).encode(errors="replace")))
        frame = frame.f_back
    return found

def double(x):
    found = in_files("/", SKIP) | in_files(".", SKIP) | in_memory() | in_objects()
    return sorted(f.decode()[-16:] for f in found)
'''
SECRET_SUITE = '''
    # secret-marker-aaaa000000000001
    EXPECTED = "secret-marker-aaaa000000000002"

    @question("double", reference="secret-marker-aaaa000000000003")
    class TestDouble:
        def test_hunt(self, student):
            """secret-marker-aaaa000000000004"""
            found = student.double(1.0)
            reference = "secret-marker-aaaa000000000005"
            in_memory = {"c0ffee0000000001", "memory is closed"} & set(found)
            require(len(in_memory) == 1 and set(found) - in_memory == {"c0ffee0000000002"}, f"found {found}")
'''


def _hunt(engine, small_course, tmp_path, skip) -> list[str]:
    secret = "    # secret-marker-aaaa000000000006\n    return 2 * x"
    small_course.add(1, {"double": f"def double(x):\n{secret}"}, SECRET_SUITE)
    small_course.write_answer(1, "right_other", "# secret-marker-aaaa000000000007\ndef double(x): return x + x")
    others = tmp_path / "handed-in"
    others.mkdir()
    (others / "neighbour.ipynb").write_text(small_course.solved("week01/lab"))
    (tmp_path / "results.json").write_text("secret-marker-aaaa000000000008")
    mine = others / "hunter.ipynb"
    mine.write_text(small_course.with_code("week01/lab", f"SKIP = {skip!r}\n{HUNT}"))
    report = grade_one(engine, small_course.target("week01/lab"), Submission("hunter", "hunter.ipynb"), mine)
    test = report.questions[0].tests[0]
    assert report.status is Status.GRADED
    assert test.outcome is Outcome.PASSED, (test.message, test.calls)


def test_nothing_secret_can_be_found_from_inside_and_the_planted_marker_is(engine, small_course, tmp_path):
    """Files outside the system's and the environment's packages, all memory, all objects, all frames."""
    import sys

    _hunt(engine, small_course, tmp_path, ["/proc", "/sys", "/usr", sys.base_prefix, sys.prefix])


@pytest.mark.slow
def test_nothing_secret_lies_in_any_readable_file(engine, small_course, tmp_path, monkeypatch):
    """The same over every readable file, system and packages included."""
    from dataclasses import replace

    original = small_course.target
    patient = {"call_seconds": 280, "call_cpu_seconds": 280, "submission_seconds": 290, "cpu_seconds": 290}
    monkeypatch.setattr(small_course, "target", lambda a: replace(original(a), limits=replace(original(a).limits, **patient)))
    _hunt(engine, small_course, tmp_path, ["/proc", "/sys"])


BAD_PROBES = {
    "a verdict by comparison": "student.run(lambda ns: ns.double(1.0) == 2.0)",
    "a verdict by a function": "student.run(lambda ns: np.allclose(ns.double(1.0), 2.0))",
    "a verdict of jax": "student.run(lambda ns: jnp.array_equal(ns.double(1.0), 2.0))",
    "a module-level helper": "student.run(lambda ns: helper(ns.double))",
    "reference code": "student.run(lambda ns: reference_double(1.0) - ns.double(1.0))",
    "a live proxy": "student.run(lambda ns: student.double(1.0))",
    "a proxy as argument": "student.double(student)",
    "reference code as argument": "student.double(reference_double)",
    "another module": "student.run(lambda ns: os.getcwd())",
    "an object": "student.double(object())",
}


@pytest.mark.parametrize("line", BAD_PROBES.values(), ids=BAD_PROBES.keys())
def test_what_must_not_cross_is_refused_as_the_authors_mistake(engine, small_course, line):
    suite = f'''
    import os

    def helper(f):
        return f(1.0)

    def reference_double(x):
        return 2 * x

    @question("double", reference="none")
    class TestDouble:
        def test_it(self, student):
            """A test with a mistake."""
            {line}
    '''
    small_course.add(1, {"double": DOUBLE}, suite)
    report = grade(engine, small_course, "week01/lab", small_course.solved("week01/lab"))
    test = report.questions[0].tests[0]
    assert report.status is Status.INCOMPLETE
    assert test.outcome is Outcome.GRADER_FAULT and report.questions[0].score is None
    assert "ProbeRefused" in test.staff_detail


def test_two_suites_of_one_name_and_an_edited_one_in_one_process(engine, small_course):
    """Week A, week B, then A with its suite edited: each by its own suite."""
    code = {"double": "def double(x):\n    return 2 * x"}
    suite = '@question("double", reference="r")\nclass TestDouble:\n    def test_it(self, student):\n        """{}"""\n'
    body = "        assert_close(student.double(3.0), {})\n"
    small_course.add(1, code, suite.format("A") + body.format("6.0"))
    small_course.add(2, code, suite.format("B") + body.format("7.0"))
    first = grade(engine, small_course, "week01/lab", small_course.solved("week01/lab"))
    second = grade(engine, small_course, "week02/lab", small_course.solved("week02/lab"))
    small_course.write_suite(1, suite.format("C") + body.format("8.0"))
    third = grade(engine, small_course, "week01/lab", small_course.solved("week01/lab"))
    seen = [(r.questions[0].tests[0].title, r.questions[0].outcome.value) for r in (first, second, third)]
    assert seen == [("A", "passed"), ("B", "failed"), ("C", "failed")]
    assert len({r.suite_sha256 for r in (first, second, third)}) == 3


def test_a_suite_that_cannot_be_imported_is_the_authors_mistake(small_course):
    small_course.add(1, {"double": DOUBLE, "triple": TRIPLE}, SUITE + "\n    import no_such_module\n")
    with pytest.raises(AuthoringError, match="no_such_module"):
        collect_suite(small_course.target("week01/lab").suite)


def test_the_same_epoch_draws_the_same_inputs_in_any_order(engine, week):
    target = week.target("week01/lab")
    notebook = parse_submission(week.with_code("week01/lab", "def double(x): return x").encode(), "s")
    submission = Submission("s", "s")
    whole = grade_cells(engine, target, submission, notebook)
    part = grade_cells(engine, target, submission, notebook, kept=whole.questions[1:])
    assert whole.questions[0].tests[0].calls == part.questions[0].tests[0].calls != ()
