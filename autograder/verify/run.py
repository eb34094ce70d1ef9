"""The whole run: examinations and seed runs as tasks for worker processes, then one verdict per notebook."""

from __future__ import annotations

import concurrent.futures as futures
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace

from autograder.course import Course, load_course
from autograder.errors import CourseError, GraderFault
from autograder.garbage import collect_rarely
from autograder.grading.engine import Engine
from autograder.grading.executors import default_workers, pool_of, tie_to_main
from autograder.grading.suite import collect_suite
from autograder.grading.warming import warm_cache
from autograder.notebook.answers import answered_notebook
from autograder.notebook.student import solved_notebook, to_text
from autograder.notebook.submission import parse_submission
from autograder.verify.examination import examine
from autograder.verify.independence import lint_suite
from autograder.verify.mutants import mutants_of
from autograder.verify.records import Problem, QuestionVerdict, SeedRun, Verdict
from autograder.verify.seeds import SOLUTION, run_seeds
from autograder.verify.styles import same_style
from autograder.verify.workshop import Options, Workshop

_SEEDS_PER_TASK = 50


@dataclass(frozen=True)
class Task:
    """A piece of work for one worker: the examination of a question, or an answer under some epochs."""

    assignment: str
    options: Options
    question: str = ""
    answer: str = ""
    epochs: tuple[str, ...] = ()


def verify(course: Course, assignments: Sequence[str], options: Options, workers: int = 0,
           done: Callable[[int, int, str], None] = lambda n, of, what: None) -> list[Verdict]:  # fmt: skip
    """Examines notebooks.

    Args:
        assignments: their ids.
        workers: processes; 0 for one per core.
        done: called with (tasks done, tasks in all, what was done).

    Returns:
        One verdict per notebook, in the order given.

    Raises:
        CourseError: `options.only` names a question that none of them has.
        AuthoringError: a mistake that hinders the examination.
    """
    began = time.monotonic()
    workshops = {a: Workshop.open(course, a) for a in assignments}
    _check_only(workshops, options)
    tasks = [t for w in workshops.values() for t in _tasks(w, options)]
    if not (options.sample or options.checks_only):
        for workshop in workshops.values():
            done(0, len(tasks), f"compiling {workshop.target.id}")
            _warm(workshop, options)
    results = _work(course, tasks, workers or default_workers(), options.unsafe, done)
    verdicts = [_verdict(w, options, results) for w in workshops.values()]
    return [replace(v, seconds=round(time.monotonic() - began, 1)) for v in verdicts]


def _check_only(workshops: dict[str, Workshop], options: Options) -> None:
    known = {q.id for w in workshops.values() for q in w.source.assignment.questions if not q.written}
    for question in options.only:
        if question not in known:
            raise CourseError(f"There is no question {question!r} that a machine marks; there are {', '.join(sorted(known))}.")


def _warm(workshop: Workshop, options: Options) -> None:
    """Compiles what right answers need, as grading does: many fresh jails follow."""
    solved = parse_submission(to_text(solved_notebook(workshop.source)).encode(), "solution")
    accepted = [answered_notebook(workshop.source, a) for a in workshop.answers if a.accepted]
    warm_cache(workshop.target, [solved, *accepted], options.unsafe)


def _tasks(workshop: Workshop, options: Options) -> list[Task]:
    """Longest first, so that the workers end together."""
    asked = [q for q in workshop.source.assignment.questions if not q.written and (not options.only or q.id in options.only)]
    sizes = {q.id: len(mutants_of(workshop.source, q.id)) for q in asked}
    tasks = [Task(workshop.target.id, options, q) for q in sorted(sizes, key=lambda q: -sizes[q])]
    names = [SOLUTION, *(a.name for a in workshop.answers if a.accepted and _concerns(workshop, a, options))]
    if options.sample:
        names = names[:2]
    for first in range(0, options.seeds, _SEEDS_PER_TASK):
        epochs = tuple(f"verify-{i}" for i in range(first, min(first + _SEEDS_PER_TASK, options.seeds)))
        tasks += [Task(workshop.target.id, options, "", name, epochs) for name in names]
    return tasks


def _concerns(workshop: Workshop, answer, options: Options) -> bool:
    return not options.only or bool(set(workshop.touched_by(answer)) & set(options.only))


# ------------------------------------------------------------------------------------------------------------- workers


def _work(course: Course, tasks: Sequence[Task], workers: int, unsafe: bool, done: Callable[[int, int, str], None]) -> dict:
    results: dict[Task, QuestionVerdict | SeedRun] = {}
    count = max(1, min(workers, len(tasks)))
    with pool_of("spawn", count, _start, (course, unsafe)) as pool:
        pending = {pool.submit(_do, task): task for task in tasks}
        for future in futures.as_completed(pending):
            task = pending[future]
            results[task] = _taken(future, task)
            done(len(results), len(tasks), f"{task.assignment} {task.question or task.answer}")
    return results


def _taken(future: futures.Future, task: Task) -> QuestionVerdict | SeedRun:
    try:
        result = future.result()
    except BrokenProcessPool:
        what = f"{task.assignment} {task.question or task.answer}"
        raise GraderFault(f"a worker process ended during {what}; run again with --workers 1") from None
    return result


_worker: tuple[Course, Engine] | None = None
_open: dict[str, Workshop] = {}


def _start(course: Course, unsafe: bool) -> None:
    global _worker
    collect_rarely()
    tie_to_main()
    _worker = (load_course(course.root), Engine(unsafe))


def _do(task: Task) -> QuestionVerdict | SeedRun:
    assert _worker is not None
    course, engine = _worker
    if task.assignment not in _open:
        _open[task.assignment] = Workshop.open(course, task.assignment)
    workshop = _open[task.assignment]
    if task.question:
        return examine(engine, workshop, task.question, task.options)
    return run_seeds(engine, workshop, task.answer, task.epochs, task.options.only)


# ------------------------------------------------------------------------------------------------------------- verdict


def _verdict(workshop: Workshop, options: Options, results: dict) -> Verdict:
    mine = {t: r for t, r in results.items() if t.assignment == workshop.target.id}
    questions = {t.question: r for t, r in mine.items() if t.question}
    order = [q.id for q in workshop.source.assignment.questions if q.id in questions]
    runs: dict[str, list[SeedRun]] = defaultdict(list)
    for task, result in sorted(mine.items(), key=lambda item: item[0].epochs):
        if task.answer:
            runs[task.answer].append(result)
    return Verdict(
        assignment=workshop.target.id,
        title=workshop.source.assignment.title,
        suite_sha256=workshop.target.suite.sha256,
        fail_under=options.fail_under,
        sample=options.sample,
        questions=tuple(questions[q] for q in order),
        seed_runs=tuple(_joined(runs[name]) for name in sorted(runs, key=lambda n: (n != SOLUTION, n))),
        problems=tuple(_whole_notebook(workshop)),
    )


def _joined(parts: Sequence[SeedRun]) -> SeedRun:
    return SeedRun(
        parts[0].answer,
        sum(p.seeds for p in parts),
        tuple(f for p in parts for f in p.false_fails),
        parts[0].public_failures,
        round(sum(p.seconds for p in parts), 1),
        round(sum(p.cpu_seconds for p in parts), 1),
    )


def _whole_notebook(workshop: Workshop) -> list[Problem]:
    cases = tuple(collect_suite(workshop.target.suite))
    known = {q.id for q in workshop.source.assignment.questions}
    strangers = [
        Problem(a.name, f"answers a question that is not there: {a.question}")
        for a in workshop.answers
        if a.kind == "wrong" and a.question not in known
    ]
    unmarked = sum(a.kind == "wrong" and not a.slip for a in workshop.answers)
    if unmarked:
        count = f"{unmarked} of {sum(a.kind == 'wrong' for a in workshop.answers)}"
        strangers.append(Problem("answers", f"{count} wrong answers have no `kind:` line and count as subtle", note=True))
    return [*lint_suite(workshop.target.suite.text.decode(), cases), *strangers, *same_style(workshop.answers)]
