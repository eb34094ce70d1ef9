"""What of an earlier run still holds: an unchanged submission is not graded again, and an edited test only its own question."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from autograder.grading.target import Target
from autograder.model import QuestionResult, Report, Status, Submission


@dataclass(frozen=True)
class Wish:
    """What the person at the terminal asked for.

    Attributes:
        anew: grade also what is unchanged.
        only: of files that were graded before, only these questions may be graded again; all if empty.
    """

    anew: bool = False
    only: frozenset[str] = frozenset()


def still_valid(old: Report | None, target: Target, submission: Submission, isolation: str,
                wish: Wish) -> tuple[QuestionResult, ...]:  # fmt: skip
    """The question results of `old` that hold for the file that `submission` names.

    Nothing holds after a change of the file, under other isolation, or when the old run was not complete.
    """
    if old is None or old.status is not Status.GRADED or old.isolation != isolation:
        return ()
    if not submission.sha256 or old.submission.sha256 != submission.sha256:
        return ()
    known = {q.id: q for q in old.questions}
    return tuple(
        known[q.id]
        for q in target.assignment.questions
        if q.id in known and not q.written and _holds(known[q.id], target.fingerprints[q.id], wish)
    )


def _holds(old: QuestionResult, fingerprint: str, wish: Wish) -> bool:
    if wish.only and old.id not in wish.only:
        return True
    return not wish.anew and old.fingerprint == fingerprint


def whole(old: Report, kept: Collection[QuestionResult], target: Target, submission: Submission) -> Report | None:
    """The old report for the same file, its name and time as they are now; None if some question has to be run.

    Args:
        kept: what `still_valid` found in `old`.
    """
    asked = {q.id for q in target.assignment.questions if not q.written}
    same_questions = [(q.id, q.title, q.points) for q in old.questions] == [
        (q.id, q.title, q.points) for q in target.assignment.questions
    ]
    if asked - {q.id for q in kept} or not same_questions:
        return None
    return replace(old, submission=submission)
