"""Reports as the engine writes them, built by hand: one for every outcome that a page has to show."""

from __future__ import annotations

import dataclasses

from autograder.model import (
    Assignment,
    Call,
    CellProblem,
    Comparison,
    Outcome,
    Question,
    QuestionResult,
    Report,
    Status,
    Submission,
    TestResult,
)

SECRET = "EXPECTED-VALUE-0.6931"
STAFF = "assert_close(student.softplus(x), SUITE-SOURCE)"
REVIEW = "getattr(jax, name) in cell 7"
HOSTILE = "</pre><script>alert(1)</script>\x1b]0;owned\x07\x1b[31mred\x1b[0m \u202egnp.exe\u202c <img src=x onerror=alert(2)>"

ASSIGNMENT = Assignment(
    "week03/lab",
    "Week 3 lab: multi-layer perceptrons",
    (
        Question("softplus", "A smooth hinge", 2.0, ("softplus",)),
        Question("forward", "The forward pass of a deep network", 4.0, ("forward",)),
        Question("backprop", "Backpropagation by hand", 6.0, ("backprop",), needs=("forward",)),
        Question("initialise", "Initialisation by fan-in", 3.0, ("initialise",)),
        Question("train", "Training on handwritten digits", 3.0, ("train",)),
        Question("tape", "Reverse-mode autodiff on a graph", 4.0, ("Tape",)),
        Question("why_depth", "Why depth helps", 3.0, written=True),
    ),
)


def passed(question: str, name: str, title: str, **more: object) -> TestResult:
    return TestResult(f"Test::{name}", question, title, Outcome.PASSED, **more)


def failed(question: str, name: str, title: str, **more: object) -> TestResult:
    more.setdefault("comparisons", (Comparison("[inf 0.]", SECRET, "off by inf at [0]", False),))
    more.setdefault("staff_detail", STAFF)
    return TestResult(f"Test::{name}", question, title, Outcome.FAILED, **more)


def softplus(right: bool) -> QuestionResult:
    values = passed("softplus", "test_values", "softplus(x) is log(1 + e^x) for moderate x.")
    title = "For x >> 0 softplus(x) is x."
    if right:
        tests = (values, passed("softplus", "test_large", title))
        return QuestionResult("softplus", "A smooth hinge", 2.0, 2.0, Outcome.PASSED, tests)
    call = Call("softplus(x)", (("x", "Array([ 800., -800.], dtype=float32)"),), "Array([inf,  0.], dtype=float32)")
    large = failed(
        "softplus",
        "test_large",
        title,
        hint="Take the exponential of a number that is never large: write `x` as `max(x, 0)` plus something.",
        message="the result has an infinite entry at index 0",
        calls=(call,),
    )
    return QuestionResult(
        "softplus",
        "A smooth hinge",
        2.0,
        1.0,
        Outcome.PARTIAL,
        (values, large),
        notes=("defined twice, in cells 5 and 12; the last one counts",),
        needs_review=(REVIEW,),
    )


def forward() -> QuestionResult:
    trace = (
        "Traceback (most recent call last):\n"
        "  cell 9, line 6, in forward\n    x = activation(x @ W + b)\n"
        "TypeError: dot_general requires contracting dimensions to have the same shape, got (5,) and (3,)."
    )
    calls = tuple(
        Call(
            "forward(params, x)",
            (("params", f"[(f32[{w},5], f32[5]), (f32[5,2], f32[2])]"), ("x", f"f32[{w}]")),
            "" if w == 3 else "Array([0.12, -1.3], dtype=float32)",
            "TypeError: dot_general requires contracting dimensions to have the same shape, got (5,) and (3,)." if w == 3 else "",
        )
        for w in (5, 3)
    )
    more = {"calls": calls, "traceback": trace}
    tests = (
        passed("forward", "test_square", "A square network of two layers agrees with the formula."),
        failed("forward", "test_rectangular", "Widths may differ from layer to layer.", weight=2.0,
               hint="W of layer l has shape (fan_out, fan_in).", **more),
        failed("forward", "test_deep", "Any depth works, one layer included.", **more),
        passed("forward", "test_shape", "The output has one entry per class.", gated=True),
    )  # fmt: skip
    return QuestionResult("forward", "The forward pass of a deep network", 4.0, 1.0, Outcome.PARTIAL, tests)


def backprop() -> QuestionResult:
    test = TestResult("Test::test_differences", "backprop", "Gradients agree with central differences.", Outcome.BLOCKED)
    return QuestionResult("backprop", "Backpropagation by hand", 6.0, 0.0, Outcome.BLOCKED, (test,), blocked_by=("forward",))


def initialise() -> QuestionResult:
    tests = (
        failed("initialise", "test_variance", "The variance is 2 / fan_in.", message="initialise is not defined"),
        failed("initialise", "test_keys", "Layers draw from different keys.", message="initialise is not defined"),
    )
    return QuestionResult("initialise", "Initialisation by fan-in", 3.0, 0.0, Outcome.FAILED, tests)


def train() -> QuestionResult:
    tests = (
        TestResult("Test::test_loss", "train", "One update lowers the loss.", Outcome.FAILED,
                   message="stopped: a call may take 10 s", calls=(Call("train(params, data, grad_fn)"),)),
        TestResult("Test::test_two", "train", "Two updates are two single ones.", Outcome.NOT_RUN),
    )  # fmt: skip
    return QuestionResult("train", "Training on handwritten digits", 3.0, 0.0, Outcome.FAILED, tests)


def tape() -> QuestionResult:
    test = TestResult("Test::test_sum", "tape", "Gradients add up where paths meet.", Outcome.GRADER_FAULT)
    return QuestionResult("tape", "Reverse-mode autodiff on a graph", 4.0, None, Outcome.GRADER_FAULT, (test,))


def why_depth() -> QuestionResult:
    return QuestionResult("why_depth", "Why depth helps", 3.0, None, Outcome.MANUAL)


def report(student: str, *questions: QuestionResult, **more: object) -> Report:
    values: dict[str, object] = {
        "assignment": ASSIGNMENT.id,
        "title": ASSIGNMENT.title,
        "submission": Submission(student, f"submitted/{student}.ipynb", "ab" * 32, "2026-03-30T21:14:00+08:00"),
        "status": Status.GRADED,
        "questions": questions,
        "isolation": "A: namespaces, Landlock 7, seccomp",
        "suite_sha256": "cd" * 32,
        "epoch": "class",
        "seconds": 12.5,
        "cpu_seconds": 9.0,
    }
    return Report(**{**values, **more})  # type: ignore[arg-type]


def complete(question_id: str, titles: tuple[str, ...] = ("Values agree with the reference.",)) -> QuestionResult:
    q = ASSIGNMENT.question(question_id)
    tests = tuple(passed(q.id, f"test_{i}", title) for i, title in enumerate(titles))
    return QuestionResult(q.id, q.title, q.points, q.points, Outcome.PASSED, tests)


def everything(student: str = "alice") -> Report:
    """A report that holds every outcome, cell problems, notes and a superseded file."""
    cells = (
        CellProblem(13, "error", "NameError: name 'jpn' is not defined", ("initialise",),
                    "NameError: name 'jpn' is not defined\n  cell 14, line 2\n    return jpn.sqrt(2 / fan_in)"),
        CellProblem(21, "deadline", "stopped after 60 s", ("losses",)),
    )  # fmt: skip
    base = report(student, softplus(False), forward(), backprop(), initialise(), train(), tape(), why_depth())
    return dataclasses.replace(
        base,
        status=Status.INCOMPLETE,
        reason="tape: the sandbox could not be started",
        cells=cells,
        notes=("The file is in the old nbformat 3; it was converted before grading.",),
        needs_review=(f"as a whole: {REVIEW}",),
        submission=dataclasses.replace(base.submission, superseded=(f"submitted/{student} (1).ipynb",)),
    )


def perfect(student: str = "bob") -> Report:
    ids = ("softplus", "forward", "backprop", "initialise", "train", "tape")
    return report(student, *(complete(i) for i in ids), why_depth())


def unreadable(student: str = "carol") -> Report:
    return report(student, status=Status.UNREADABLE, reason=f"{student}.ipynb: the file is empty. Save the notebook.")


def hostile(student: str = "mallory") -> Report:
    """Every string a student can influence is an attack."""
    call = Call(HOSTILE, ((HOSTILE, HOSTILE),), HOSTILE, HOSTILE)
    test = TestResult("Test::t", "softplus", "Title", Outcome.FAILED, HOSTILE, 1.0, False, HOSTILE, (call,), HOSTILE)
    question = QuestionResult(
        "softplus", "A smooth hinge", 2.0, 0.0, Outcome.FAILED, (test,), notes=(HOSTILE,), needs_review=(HOSTILE,)
    )
    cell = CellProblem(3, "error", HOSTILE, (HOSTILE,), HOSTILE)
    submission = Submission(HOSTILE, HOSTILE, "ab" * 32, HOSTILE, (HOSTILE,))
    more = {"notes": (HOSTILE,), "needs_review": (HOSTILE,), "reason": HOSTILE}
    return report(student, question, cells=(cell,), submission=submission, **more)


def class_of(count: int = 24) -> list[Report]:
    """A class with a spread of marks: the special reports above, and students who get the first k questions right."""
    ids = ("softplus", "forward", "backprop", "initialise", "train", "tape")
    reports = [everything(), perfect(), unreadable(), hostile()]
    for i in range(count - len(reports)):
        right = {q: complete(q) for q in ids[: 2 + i % 5]}
        rest = {"softplus": softplus(i % 3 > 0), "backprop": backprop(), "initialise": initialise(), "train": train()}
        questions = [right.get(q) or rest.get(q) or complete(q) for q in ids]
        reports.append(report(f"student{i:02d}", *questions, why_depth(), seconds=4.0 + i))
    return reports
