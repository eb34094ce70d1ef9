"""The records that pass between the floors of the engine: frozen, plain, JSON with a schema version.

Nothing here reads a file or runs code. Everybody may import this module; it imports nothing of ours.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
import types
import typing
from dataclasses import dataclass, field

SCHEMA_VERSION = 1
FILE_DATE = "the file's date"  # the weakest source of a hand-in time


class Outcome(str, enum.Enum):
    """What became of a test or a question. The three kinds (wrong, blocked, the grader's fault) are never mixed."""

    PASSED = "passed"
    PARTIAL = "partial"  # questions only
    FAILED = "failed"
    BLOCKED = "blocked"  # needs another question that is not right yet
    NOT_RUN = "not_run"  # a hang or crash earlier in the same question, or the submission's budget is spent
    MANUAL = "manual"  # a written question: a person marks it
    GRADER_FAULT = "grader_fault"  # never a zero: the report is incomplete

    def __str__(self) -> str:
        return self.value


class Status(str, enum.Enum):
    """What became of a submission as a whole."""

    GRADED = "graded"
    INCOMPLETE = "incomplete"  # the grader failed somewhere: grade again before marks go out
    UNREADABLE = "unreadable"  # the file could not be read as a notebook of this assignment

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Question:
    """One question of an assignment, as its author declared it.

    Attributes:
        id: letters, digits and underscores; unique in the notebook; what `grader.check` takes.
        title: the heading's text without Markdown marks.
        points: full marks.
        names: the Python names its solution cells define, in order (empty for a written question).
        needs: ids of questions whose failure blocks this one.
        bans: names or families of names that its code must not use (see `autograder.notebook.bans`).
        written: marked by a person.
        minutes: how long the author expects it to take; 0 if not said.
        difficulty: the author's mark, e.g. "**"; empty if not said.
    """

    id: str
    title: str
    points: float
    names: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    bans: tuple[str, ...] = ()
    written: bool = False
    minutes: int = 0
    difficulty: str = ""


@dataclass(frozen=True)
class Assignment:
    """One notebook of the course, e.g. week03/lab."""

    id: str
    title: str
    questions: tuple[Question, ...]
    x64: bool = False

    @property
    def points(self) -> float:
        return sum(q.points for q in self.questions)

    def question(self, question_id: str) -> Question:
        for q in self.questions:
            if q.id == question_id:
                return q
        raise KeyError(question_id)


@dataclass(frozen=True)
class Companions:
    """The files that lie beside a notebook, found but not read (`autograder.notebook.companions`).

    Attributes:
        container: the folder, or the archive, that they lie in; "" if there are none.
        files: (name beside the notebook, place below `container`), both with "/".
        notes: what was left out, and why, one line each.
    """

    container: str = ""
    files: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Submission:
    """One file of one student, before it is read.

    Attributes:
        student: the student id (how a path becomes one: `autograder.notebook.submission`).
        path: the file, as text that can be printed (bytes that are no UTF-8 are escaped).
        sha256: of the file's bytes, with those of its companions where there are some; empty when it was not read.
        submitted_at: ISO 8601 with offset, or empty when unknown.
        superseded: other files of the same student that do not count, newest first.
        time_source: where `submitted_at` was read, e.g. "Gradescope"; empty when it does not say.
        marked_late: what the learning platform says (Canvas does): late, not late, or None where it says nothing.
        companions: the student's own files beside it.
    """

    student: str
    path: str
    sha256: str = ""
    submitted_at: str = ""
    superseded: tuple[str, ...] = ()
    time_source: str = ""
    marked_late: bool | None = None
    companions: Companions = Companions()


@dataclass(frozen=True)
class Call:
    """One call across the trust boundary, as text that is safe to show to the student who wrote the code.

    Attributes:
        expression: e.g. "backprop(params, x, y)".
        inputs: (name, value) pairs, values shortened.
        output: the student's own result, shortened, or "" when there was none.
        error: the student's own exception, one line, or "".
        program: source that makes the call again when it is pasted into the notebook, or "".
    """

    expression: str
    inputs: tuple[tuple[str, str], ...] = ()
    output: str = ""
    error: str = ""
    program: str = ""


@dataclass(frozen=True)
class Comparison:
    """STAFF ONLY. One `assert_close` of a hidden test: what came, what was expected, how far apart.

    `got` and `expected` are empty where the test passed and nobody asked for its values.
    """

    got: str
    expected: str
    detail: str
    passed: bool


@dataclass(frozen=True)
class TestResult:
    """One hidden test on one submission.

    Attributes:
        id: "TestSoftplus::test_large_inputs_return_themselves".
        title: the author's docstring, first line; `hint`: the rest of it, or a public message of the failure.
        message: one line about this failure that a student may read (shape, missing name, deadline ...).
        calls: the calls made up to the failure, last one last (capped).
        traceback: the student's own sanitised traceback.
        review: STAFF ONLY; why a person should look at this failure before it counts; empty if there is no such reason.
        names: of the notebook that its calls used, where it did not pass.
        comparisons, staff_detail: STAFF ONLY; never rendered into feedback.
    """

    __test__ = False  # pytest must not collect a class named Test*

    id: str
    question: str
    title: str
    outcome: Outcome
    hint: str = ""
    weight: float = 1.0
    gated: bool = False
    message: str = ""
    calls: tuple[Call, ...] = ()
    traceback: str = ""
    review: str = ""
    seconds: float = 0.0
    names: tuple[str, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    staff_detail: str = ""


@dataclass(frozen=True)
class QuestionResult:
    """One question on one submission.

    Attributes:
        score: points; None while a written answer waits for a person, and for a grader's fault.
        fingerprint: names all that decided it besides the submission (`autograder.grading.fingerprints`).
        by_person: `score` is what a person gave; `machine_score` is what the machine had found.
        comment: a person's words for the student.
        answer_sha256: of a written question: of the text of the answer; empty where nothing was written.
    """

    id: str
    title: str
    points: float
    score: float | None
    outcome: Outcome
    tests: tuple[TestResult, ...] = ()
    blocked_by: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # e.g. "defined twice, in cells 5 and 12; the last one counts"
    needs_review: tuple[str, ...] = ()  # reasons why a person should look, e.g. dynamic access in a question with bans
    fingerprint: str = ""
    by_person: bool = False
    machine_score: float | None = None
    comment: str = ""
    answer_sha256: str = ""

    @property
    def found(self) -> float | None:
        """The machine's own score, whatever a person made of it."""
        return self.machine_score if self.by_person else self.score


@dataclass(frozen=True)
class CellProblem:
    """A code cell of the submission that failed, hung or was left out.

    Attributes:
        index: its number as Jupyter shows it after running all cells from the top: code cells only, from 1.
        line: its first line, to find it by.
    """

    index: int
    kind: str  # error | deadline | cpu | memory | threads | disk | reply | crash | output | skipped
    message: str
    defines: tuple[str, ...] = ()
    traceback: str = ""
    line: str = ""


@dataclass(frozen=True)
class Mark:
    """What a score counts after the course's late policy (autograder/gradebook/policy.py computes it).

    Attributes:
        raw: points before the policy; None when there are none (unreadable).
        counted: points after it, two decimals; None while the score is not final, or when there is none.
        due: the student's own due time, ISO 8601 with offset.
        extended: it is later than the class's.
        days_late: days begun after the due time and the grace period; None when the hand-in time is unknown.
        late_days_used: of the student's late days of the term.
        penalty: share of the score taken, 0 to 1.
        accepted: False when it came too late to count at all.
        excused: the assignment does not count for this student.
        drops: how many of the student's lowest marks of this kind (labs, homework) will not count.
        words: why `counted` is what it is, for the student; empty when handed in on time by the ordinary rule.
    """

    raw: float | None
    counted: float | None
    due: str = ""
    extended: bool = False
    days_late: int | None = 0
    late_days_used: int = 0
    penalty: float = 0.0
    accepted: bool = True
    excused: bool = False
    drops: int = 0
    words: str = ""


@dataclass(frozen=True)
class Report:
    """Everything known about one graded submission: the JSON on disk, and what every page is made from.

    Attributes:
        notes: lines about the notebook as a whole that student and staff read ("cell 3 asks for `torch`, which ...").
        needs_review: STAFF ONLY; reasons why a person should look at the submission as a whole ("one cell's error costs 5
            of 7 questions"). Reasons that concern one question stand there (`QuestionResult.needs_review`).
        reason: why unreadable or incomplete, one line.
        mark: by the late policy at the time of grading.
    """

    assignment: str
    title: str
    submission: Submission
    status: Status
    questions: tuple[QuestionResult, ...] = ()
    cells: tuple[CellProblem, ...] = ()
    notes: tuple[str, ...] = ()
    needs_review: tuple[str, ...] = ()
    reason: str = ""
    isolation: str = ""  # e.g. "A: namespaces, Landlock 7, seccomp"
    suite_sha256: str = ""
    epoch: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    mark: Mark | None = None
    schema: int = field(default=SCHEMA_VERSION)

    @property
    def score(self) -> float:
        """Points so far: the machine's and people's; a written answer counts once a person has marked it."""
        return sum(q.score for q in self.questions if q.score is not None)

    @property
    def points(self) -> float:
        """Full marks of all questions, written ones included."""
        return sum(q.points for q in self.questions)

    @property
    def auto_points(self) -> float:
        """Full marks of the questions that the machine marks."""
        return sum(q.points for q in self.questions if q.outcome is not Outcome.MANUAL)


def to_json(record: object) -> str:
    """A record of this module as JSON text (enums by value, tuples as lists), an item to a line.

    Indented it would take ten times as long: Python's fast encoder does not indent.
    """
    return json.dumps(record, default=_fields, separators=(",\n", ": "), ensure_ascii=True)


def _fields(record: object) -> dict:
    if not dataclasses.is_dataclass(record):
        raise TypeError(f"a {type(record).__name__} is no record")
    return vars(record)


class OtherSchema(ValueError):
    """A record that another version of the grader wrote: whole, but not for this one to read."""


def from_json(cls: type, text: str):
    """The inverse of `to_json`.

    Raises:
        OtherSchema: another schema version.
        ValueError: not JSON, or fields that do not fit `cls`.
    """
    data = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError(f"not a {cls.__name__}: the JSON is no object")
    if "schema" in data and data["schema"] != SCHEMA_VERSION:
        raise OtherSchema(f"schema version {data['schema']} where {SCHEMA_VERSION} is read")
    return _build(cls, data)


# Evaluating the annotations of a class takes a hundred times as long as filling it, and a class has thousands of records.
_hints = functools.cache(typing.get_type_hints)


def _build(hint, value):
    origin = typing.get_origin(hint)
    if origin is tuple:
        args = typing.get_args(hint)
        if len(args) == 2 and args[1] is Ellipsis:
            return tuple(_build(args[0], v) for v in value)
        return tuple(_build(a, v) for a, v in zip(args, value, strict=True))
    if origin in (typing.Union, types.UnionType):
        inner = [a for a in typing.get_args(hint) if a is not type(None)]
        return None if value is None else _build(inner[0], value)
    if dataclasses.is_dataclass(hint):
        hints = _hints(hint)
        unknown = set(value) - set(hints)
        if unknown:
            raise ValueError(f"{hint.__name__} has no field {sorted(unknown)[0]!r}")
        return hint(**{k: _build(hints[k], v) for k, v in value.items()})
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, type) and not isinstance(value, hint):
        raise ValueError(f"{value!r} where a {hint.__name__} is expected")
    return value
