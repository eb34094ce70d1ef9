"""What `verify` finds out, as frozen records: made by the workers, merged by `run`, shown by the reports, written as JSON."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, field

SCHEMA_VERSION = 1
_UNLIKELY = 0.01


class Fate(str, enum.Enum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"  # survived, declared, and no difference found
    DUPLICATE = "duplicate"  # killed, and no test input tells it from an earlier one
    RAISED = "raised"  # these four give no test one good answer: they are not live and do not count
    HUNG = "hung"
    MISSHAPEN = "misshapen"  # another structure, shape or dtype
    NOT_FINITE = "not finite"

    def __str__(self) -> str:
        return self.value


NOT_LIVE = (Fate.RAISED, Fate.HUNG, Fate.MISSHAPEN, Fate.NOT_FINITE)


@dataclass(frozen=True)
class MutantResult:
    """One mutant.

    Attributes:
        killer: the test that failed first.
        note: how a survivor differs, why it is equivalent, or why it is not live.
        everywhere: it answers every request of every test with finite numbers of the right shape and dtype, in time.
    """

    id: str
    operator: str
    diff: str
    fate: Fate
    killer: str = ""
    note: str = ""
    everywhere: bool = False


@dataclass(frozen=True)
class AnswerResult:
    """A wrong or degenerate answer on its question.

    Attributes:
        name: the file's stem, or the degenerate answer's name.
        share: part of the question's points that it earned.
        failed: ids of the tests that it failed.
        caught_publicly: the question's public check fails on it too.
        slip: "usual", "subtle" or "" (its author did not say), as in `Answer`.
    """

    name: str
    share: float
    failed: tuple[str, ...] = ()
    caught_publicly: bool = False
    slip: str = ""


@dataclass(frozen=True)
class Problem:
    """Something that must be mended (or, as a `note`, looked at). `where`: a test, an answers file, a mutant."""

    where: str
    message: str
    note: bool = False


@dataclass(frozen=True)
class QuestionVerdict:
    """All that was found out about one question."""

    id: str
    title: str
    points: float
    tests: tuple[str, ...] = ()
    mutants: tuple[MutantResult, ...] = ()
    wrong: tuple[AnswerResult, ...] = ()
    degenerate: tuple[AnswerResult, ...] = ()
    stub_share: float = 0.0
    problems: tuple[Problem, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def count(self, *fates: Fate) -> int:
        """How many mutants met one of these fates."""
        return sum(m.fate in fates for m in self.mutants)

    @property
    def live(self) -> int:
        """Mutants that count: distinct, live, not accepted as equivalent."""
        return self.count(Fate.KILLED, Fate.SURVIVED)

    @property
    def score(self) -> float:
        """Part of the live mutants that a test kills, 0 to 1; 1 where there are none."""
        return self.count(Fate.KILLED) / self.live if self.live else 1.0

    @property
    def live_everywhere(self) -> int:
        """Those among the live that look right on every test input: only their values are wrong."""
        return sum(m.everywhere and m.fate in (Fate.KILLED, Fate.SURVIVED) for m in self.mutants)

    @property
    def strict_score(self) -> float:
        """The score over `live_everywhere`."""
        killed = sum(m.everywhere and m.fate is Fate.KILLED for m in self.mutants)
        return killed / self.live_everywhere if self.live_everywhere else 1.0


@dataclass(frozen=True)
class FalseFail:
    """A right answer that lost a test under some seed."""

    answer: str
    epoch: str
    test: str
    detail: str


@dataclass(frozen=True)
class SeedRun:
    """A right answer under many seeds. `share` is its part of all points in the first one."""

    answer: str
    seeds: int
    false_fails: tuple[FalseFail, ...] = ()
    public_failures: tuple[str, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """One notebook."""

    assignment: str
    title: str
    suite_sha256: str
    fail_under: float
    sample: bool
    questions: tuple[QuestionVerdict, ...]
    seed_runs: tuple[SeedRun, ...]
    problems: tuple[Problem, ...] = ()
    seconds: float = 0.0
    schema: int = field(default=SCHEMA_VERSION)

    @property
    def false_fails(self) -> tuple[FalseFail, ...]:
        """Every right answer that lost a test."""
        return tuple(f for run in self.seed_runs for f in run.false_fails)

    def _luck(self, question: QuestionVerdict) -> bool:
        """Whether a suite that kills just `fail_under` per cent would do this badly on so few mutants once in a hundred times.

        One allowed survivor among five would else condemn a sample that the whole run accepts.
        """
        chance, live = self.fail_under / 100, question.live
        killed = question.count(Fate.KILLED)
        as_bad = sum(math.comb(live, k) * chance**k * (1 - chance) ** (live - k) for k in range(killed + 1))
        return as_bad >= _UNLIKELY

    @property
    def trusted(self) -> bool:
        """Nothing has to be mended."""
        return not any(not p.note for p in self.all_problems())

    def all_problems(self) -> list[Problem]:
        """The notebook's own problems, then each question's, then what follows from the numbers."""
        found = [*self.problems]
        for question in self.questions:
            found += [
                Problem(f"{question.id}: {p.where}" if p.where else question.id, p.message, p.note) for p in question.problems
            ]
            if question.score < self.fail_under / 100 and not (self.sample and self._luck(question)):
                message = f"mutation score {100 * question.score:.1f} %, at least {self.fail_under:g} % is asked for"
                found.append(Problem(question.id, message))
        found += [Problem(f.test, f"fails on {f.answer} under {f.epoch}: {f.detail}") for f in self.false_fails]
        for run in self.seed_runs:
            found += [Problem(run.answer, f"the public check of {q} rejects it") for q in run.public_failures]
        return found
