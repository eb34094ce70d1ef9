"""One submission, from a file to a report."""

from __future__ import annotations

import contextlib
import functools
import re
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.errors import AuthoringError, GraderFault, SubmissionError
from autograder.grading import remarks
from autograder.grading.ban_runs import Examination, all_bans, examine
from autograder.grading.cases import Attempt, Running, seeds_for
from autograder.grading.costly_cells import costly_cell
from autograder.grading.engine import Engine
from autograder.grading.scoring import block, score_question, score_written
from autograder.grading.suite import run_suite
from autograder.grading.target import SUBMISSION_MB, Target
from autograder.grading.too_new import too_new
from autograder.model import CellProblem, Outcome, Question, QuestionResult, Report, Status, Submission, TestResult
from autograder.notebook.bans import find_banned, reached, unread
from autograder.notebook.carried import is_setup_cell
from autograder.notebook.companions import NOTHING, Brought, read
from autograder.notebook.python_cells import names_defined
from autograder.notebook.submission import SubmittedCell, SubmittedNotebook, drop_demo, read_submission
from autograder.notebook.time_limit import TookTooLong, at_most
from autograder.notebook.written_answers import written_answers
from autograder.sandbox.call_records import Recorder
from autograder.sandbox.remote import Student
from autograder.sandbox.wire import printable
from autograder.sandbox.workspace import Cell, Trouble, Workspace
from course_lib import cell_places

# A call of the checks and nothing else: a person who sees the cell must not take for run what stands in its arguments or
# behind it. This reads a stranger's text, and a million blanks must cost one pass: what repeats one character is possessive.
# A group with a choice in it must not be: before 3.11.5 Python then matches what does not match (gh-106052).
_ARGUMENT = r"""(?:\w++[ ]*+=[ ]*+)?(?:"[^"\\\n]*+"|'[^'\\\n]*+'|\w++|\[[\w"'.,/ *-]*+\])"""
_CHECK_CELL = re.compile(
    r"(?:#[^\n]*+\n|\s++)*grader\.(?:check|check_all|export|submit)\([ ]*+"
    rf"(?:{_ARGUMENT}[ ]*+(?:,[ ]*+{_ARGUMENT}[ ]*+)*,?+[ ]*+)?\)(?:[ ]*+;)?\s*+"
)
# What is read of a stranger's code on this side (which names it defines, what it uses): parsing costs about a hundred bytes
# and a microsecond per character, without a deadline. Notebooks of this course have a tenth of it.
_READ_CHARS = 400_000
_READ_CPU_SECONDS = 20.0
Progress = Callable[[Report], None]
_MOST_PROBLEMS = 100  # cells of a report that failed; a notebook may have thousands


def grade_one(engine: Engine, target: Target, submission: Submission, file: Path, within: Path | None = None,
              kept: Sequence[QuestionResult] = (), progress: Progress | None = None,
              in_full: bool = False) -> Report:  # fmt: skip
    """Grades one file.

    Args:
        engine: gives out jails.
        target: what to grade against.
        submission: whose file it is.
        file: the file to read; nothing outside `within` is read.
        kept: results of questions that are not to be run again, from an earlier report on the same file.
        progress: given, after each question, the report as far as it is known: "incomplete", the questions not yet run
            without a score.
        in_full: write down the values that were compared in tests that passed, too: for whoever wants to see one submission.

    Returns:
        A report; what is wrong with the submission is in it, never raised.
    """
    try:
        notebook = read_submission(file, SUBMISSION_MB, assignment=target.id, within=within)
    except SubmissionError as e:
        return _report(target, engine, submission, Status.UNREADABLE, reason=str(e))
    except Exception as e:
        return _failed(target, engine, submission, e)
    brought = read(submission.companions, notebook.carried)
    submission = replace(submission, sha256=brought.identity(notebook.sha256))
    engine.guard(target, file)
    try:
        return grade_cells(engine, target, submission, notebook, kept, progress, in_full, brought)
    except Exception as e:
        return _failed(target, engine, submission, e)


def _failed(target: Target, engine: Engine, submission: Submission, e: Exception) -> Report:
    """A mistake of ours that one file brings out must not take the class with it."""
    reason = f"the grader itself failed ({type(e).__name__}: {printable(str(e), 200)}); tell its authors, and keep this file"
    return _report(target, engine, submission, Status.INCOMPLETE, reason=reason)


def grade_cells(engine: Engine, target: Target, submission: Submission, notebook: SubmittedNotebook,
                kept: Sequence[QuestionResult] = (), progress: Progress | None = None,
                in_full: bool = False, brought: Brought = NOTHING) -> Report:  # fmt: skip
    """Grades a notebook that has been read."""
    old = {q.id: q for q in kept}
    began, cpu_began = time.monotonic(), time.process_time()
    cells = graded_cells(notebook, target)
    suspects = _to_be_examined(target, notebook, brought, old)
    workspace = Workspace(lambda: engine.fork(target), cells, target.limits, brought.files)
    recorder = Recorder()
    student = Student(workspace, recorder, target.signatures)
    seed_of = seeds_for(target.secret, target.id, target.epoch)
    running = Running(student, recorder, seed_of, workspace, target.assignment.x64, in_full)
    ended: set[str] = set()

    def tell(question: str) -> None:
        ended.add(question)
        tests = [t for t in examined.together(running.results, running.order) if t.question in ended]
        so_far = _question_results(target, notebook, brought, tests, old)
        more = {"questions": so_far, "notes": notebook.notes, "reason": "grading has not ended yet"}
        progress(_report(target, engine, submission, Status.INCOMPLETE, **more))

    if progress is not None:
        running.ended = tell
    examined = Examination()

    def first(attempt: Attempt) -> Collection[str]:
        nonlocal examined
        examined = examine(target, running, suspects, attempt)
        return examined.passed

    try:
        forbidding = all_bans(target, suspects)
        run_suite(target.suite, running, lambda case: case.question not in old, first if forbidding else None)
        fault = ""
    except (GraderFault, AuthoringError) as e:
        fault = str(e)
    finally:
        workspace.close()
    tests = examined.together(running.results, running.order)
    questions = _question_results(target, notebook, brought, tests, old)
    faulty = [q.id for q in questions if q.score is None and q.outcome == "grader_fault"]
    if faulty and not fault:
        fault = f"the grader failed in {', '.join(faulty)}; `autograder explain` shows how"
    cells_failed = tuple(_problem(t, notebook) for t in workspace.troubles[:_MOST_PROBLEMS])
    absent = [r.name for r in workspace.remarks if r.kind in ("module", "name")]
    ahead = too_new(questions, cells_failed, notebook, absent)
    return _report(
        target,
        engine,
        submission,
        Status.INCOMPLETE if fault else Status.GRADED,
        questions=questions,
        cells=cells_failed,
        notes=(*notebook.notes, *brought.notes, *ahead.notes, *remarks.notes(workspace.remarks, notebook.place)),
        needs_review=(
            *ahead.needs_review,
            *costly_cell(questions, cells_failed, notebook),
            *remarks.for_staff(workspace.remarks, questions, notebook.place),
        ),
        reason=fault,
        seconds=round(time.monotonic() - began, 3),
        cpu_seconds=round(time.process_time() - cpu_began + workspace.cpu_seconds, 3),
    )


def _to_be_examined(target: Target, notebook: SubmittedNotebook, brought: Brought,
                    old: Mapping[str, QuestionResult]) -> list[str]:  # fmt: skip
    """Questions with bans whose source shows nothing forbidden: reading cannot know, running can."""
    questions = [q for q in target.assignment.questions if q.bans and q.id not in old]
    return [q.id for q in questions if not _banned(q, notebook, brought)[0]]


def graded_cells(notebook: SubmittedNotebook, target: Target) -> list[Cell]:
    """The code cells that run when grading: no demonstration that is as released, no public check, no setup cell."""
    kept = [c for c in drop_demo(notebook.cells, target.demos) if c.kind == "code"]
    run = [c for c in kept if not _CHECK_CELL.fullmatch(c.source) and not is_setup_cell(c.source)]
    return [Cell(notebook.numbers.get(c.index, 0), c.source) for c in run]


def _report(target: Target, engine: Engine, submission: Submission, status: Status, **more) -> Report:
    if status is Status.UNREADABLE:
        more["questions"] = ()
    return Report(
        assignment=target.id, title=target.assignment.title, submission=submission, status=status,
        isolation=engine.tier.summary, suite_sha256=target.suite.sha256, epoch=target.epoch, **more,
    )  # fmt: skip


def _question_results(target: Target, notebook: SubmittedNotebook, brought: Brought, tests: Sequence[TestResult],
                      old: Mapping[str, QuestionResult]) -> tuple[QuestionResult, ...]:  # fmt: skip
    """Every question is scored anew, from tests run now or kept: needs and policy may have changed around it."""
    by_question: dict[str, list[TestResult]] = defaultdict(list)
    for test in [*tests, *(t for q in old.values() for t in q.tests)]:
        by_question[test.question].append(test)
    prints = target.fingerprints | {q.id: q.fingerprint for q in old.values()}
    defined = _definitions(notebook, target)
    written = written_answers(notebook, {q.id for q in target.assignment.questions if q.written}, target.released)
    results = [
        score_written(q, written.left_as_released(q.id), written.sha256(q.id))
        if q.written
        else replace(_question_result(q, by_question[q.id], notebook, brought, defined), fingerprint=prints.get(q.id, ""))
        for q in target.assignment.questions
    ]
    return block(results, target.assignment.questions, target.blocked_marking, functools.partial(_used, notebook, brought))


def _used(notebook: SubmittedNotebook, brought: Brought, result: QuestionResult, needed: Sequence[Question]) -> Collection[str]:
    """Those of the questions needed whose functions the calls of the failed tests reach; all, where reading cannot tell."""
    called = {name for t in result.tests if t.outcome is not Outcome.PASSED for name in t.names}
    goals = {name for question in needed for name in question.names}
    if not called:
        return ()
    if sum(len(c.source) for c in notebook.code) > _READ_CHARS or brought.modules:
        found = None
    else:
        found = reached([c.source for c in notebook.code], tuple(sorted(called)), goals)
    return [q.id for q in needed if found is None or found & set(q.names)]


def _question_result(question: Question, tests: list[TestResult], notebook: SubmittedNotebook, brought: Brought,
                     defined: dict[str, list[int]]) -> QuestionResult:  # fmt: skip
    notes = [_twice(name, defined[name], notebook) for name in question.names if len(defined[name]) > 1]
    banned, review = _banned(question, notebook, brought)
    if question.bans and any(t.outcome is Outcome.PASSED for t in tests):
        names = unread([c.source for c in notebook.code], question.names)
        review += tuple(f"no cell defines `{name}` in a way that can be read for what this question forbids" for name in names)
    return score_question(question, tests, notes, banned, review)


def _definitions(notebook: SubmittedNotebook, target: Target) -> dict[str, list[int]]:
    """In which cells each name is defined, in order."""
    found: dict[str, list[int]] = defaultdict(list)
    left = _READ_CHARS
    with contextlib.suppress(TookTooLong), at_most(_READ_CPU_SECONDS):
        for cell in drop_demo(notebook.cells, target.demos):
            if cell.kind == "code" and len(cell.source) <= left:
                left -= len(cell.source)
                for name in names_defined(cell.source, _READ_CHARS):
                    found[name].append(notebook.numbers.get(cell.index, 0))
    return found


def _twice(name: str, cells: list[int], notebook: SubmittedNotebook) -> str:
    places = list(dict.fromkeys(notebook.place(number) for number in cells))
    where = " and ".join([", ".join(places[:-1]), places[-1]] if len(places) > 1 else [f"{places[0]} more than once"])
    return f"`{name}` is defined in {where}; the last one counts."


def _banned(question: Question, notebook: SubmittedNotebook, brought: Brought) -> tuple[str, tuple[str, ...]]:
    """What the question forbids and its code uses (a sentence), and what a person should look at."""
    if not question.bans:
        return "", ()
    modules = brought.modules
    if sum(len(c.source) for c in notebook.code) + sum(map(len, modules.values())) > _READ_CHARS:
        return "", (f"more than {_READ_CHARS} characters of code: not read for what this question forbids",)
    findings = find_banned([c.source for c in notebook.code], question.names, question.bans, modules)
    number = lambda use: notebook.numbers.get(notebook.code[use.cell].index, 0)
    where = lambda use: f"{printable(use.module, 80)}.py" if use.module else notebook.place(number(use))
    review = tuple(f"dynamic access in {where(u)}: {printable(u.name, 160)}" for u in findings.dynamic)
    if not findings.used:
        return "", review
    use = findings.used[0]
    return (
        f"This question is to be solved without `{printable(use.name, 100)}`, which {where(use)} uses "
        f"in line {use.line}.",
        review,
    )


def _problem(trouble: Trouble, notebook: SubmittedNotebook) -> CellProblem:
    source = notebook.sources.get(trouble.index, "")
    return CellProblem(
        index=trouble.index,
        kind=trouble.kind,
        message=printable(trouble.message, 500),
        defines=tuple(printable(n, 80) for n in names_defined(source, _READ_CHARS)[:100]),
        traceback=printable(trouble.trace),
        line=printable(cell_places.first_line(source), 100),
    )


def submitted(cells: Sequence[str], assignment_id: str) -> SubmittedNotebook:
    """Code cells as a submission without a file: for answers, mutants and tests."""
    made = tuple(SubmittedCell(i, "code", source) for i, source in enumerate(cells))
    return SubmittedNotebook(made, assignment_id, "")
