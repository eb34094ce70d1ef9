"""A mutant put on trial: which test kills it, or what else becomes of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from autograder.grading.cases import TestCase
from autograder.model import Outcome
from autograder.notebook.source_cells import SourceNotebook
from autograder.sandbox.errors import DeadlineExceeded, JailError
from autograder.verify.bench import EPOCH, Bench
from autograder.verify.mutants import Mutant, without_function
from autograder.verify.records import Fate, MutantResult, Problem
from autograder.verify.tape import Request, dead_because, signature


class Trial:
    """Runs mutants against tests, the most successful test first, and says what became of each."""

    def __init__(self, bench: Bench, source: SourceNotebook, cases: tuple[TestCase, ...], tapes: list[list[Request]],
                 failures: Counter[str]):  # fmt: skip
        self._bench, self._source, self._cases, self._tapes, self._failures = bench, source, list(cases), tapes, failures
        self._asked: dict[tuple[int, str], list[bool]] = {}
        self._kills: Counter[str] = Counter(failures)
        self._seen: dict[str, str] = {}
        self.problems: list[Problem] = []

    def fate(self, mutant: Mutant) -> MutantResult:
        """Tries one mutant."""
        made = MutantResult(mutant.id, mutant.operator, mutant.diff, Fate.SURVIVED, everywhere=True)
        asked = self._tests_that_ask(mutant)
        if error := self._bench.notebook.define({mutant.cell: mutant.source}):
            return replace(made, fate=Fate.RAISED, everywhere=False, note=error[:200])
        for case in sorted(self._cases, key=lambda c: -self._kills[c.id]):
            result = self._bench.run(case, EPOCH)
            if result.outcome is Outcome.PASSED:
                continue
            if result.outcome is Outcome.GRADER_FAULT:
                last = (result.staff_detail.strip().splitlines() or [""])[-1]
                self.problems.append(Problem(case.id, f"breaks on the mutant {mutant.id}, which stops the grading: {last}"))
                return replace(made, note=f"{case.id} breaks on it")
            broken = self._bench.recorder.broken
            hung = case if broken is not None and broken.kind == "deadline" else None
            return self._killed(replace(made, killer=case.id), asked, hung)
        return made

    def _tests_that_ask(self, mutant: Mutant) -> list[bool]:
        """For each test, whether the mutant's function has a part in its replies."""
        key = mutant.cell, mutant.function
        if key not in self._asked:
            self._bench.notebook.define(without_function(mutant, self._source))
            known = [signature([r.reply for r in tape]) for tape in self._tapes]
            self._asked[key] = [signature(self._bench.replay(t)) != k for t, k in zip(self._tapes, known, strict=True)]
        return self._asked[key]

    def _killed(self, made: MutantResult, asked: list[bool], hung: TestCase | None) -> MutantResult:
        """Killed, if it is live: if it answers the requests of at least one test that asks its function as an answer looks.

        One test, not all: that a transposed weight raises on rectangles, or a softmax overflows at 900, shows because the suite
        asks for it. Were such mutants left out, a suite would look no better for asking.
        """
        everything, replies = self._look_again(hung)
        reasons = [why for why, asks in zip(everything, asked, strict=True) if asks]
        if all(reasons):
            why = reasons[0] if reasons else "raises"
            return replace(made, fate=_fate_of(why), everywhere=False, note=why)
        made = replace(made, everywhere=not any(reasons))
        self._kills[made.killer] += 1
        self._failures[made.killer] += 1
        twin = self._seen.setdefault(signature(replies), made.id)
        if twin != made.id:
            return replace(made, fate=Fate.DUPLICATE, note=f"as {twin}")
        return replace(made, fate=Fate.KILLED)

    def _look_again(self, hung: TestCase | None) -> tuple[list[str], list[dict]]:
        """For each test why its requests are not answered as they should look ("" if they are), and all replies.

        One hang is enough, each costs its whole deadline: what is known to hang (`hung`) is not asked once more.
        """
        reasons, replies = [], []
        for case, tape in zip(self._cases, self._tapes, strict=True):
            try:
                if case is hung:
                    raise DeadlineExceeded("")
                got = self._bench.replay(tape)
            except JailError as e:
                ended = "hangs" if e.kind == "deadline" else f"raises: {e}"
                return [*reasons, *[ended] * (len(self._tapes) - len(reasons))], [*replies, {"error": {"type": ended}}]
            found = [why for request, reply in zip(tape, got, strict=True) if (why := dead_because(request.reply, reply))]
            reasons.append(found[0] if found else "")
            replies += got
        return reasons, replies


def _fate_of(reason: str) -> Fate:
    if reason.startswith(("raises", "hangs")):
        return Fate.RAISED if reason.startswith("raises") else Fate.HUNG
    return Fate.NOT_FINITE if reason == "not finite" else Fate.MISSHAPEN
