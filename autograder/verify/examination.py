"""One question put to the proof: stub, degenerate and wrong answers, then every mutant, all in one live jail."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from dataclasses import replace

import numpy as np

from autograder.errors import GraderFault
from autograder.grading.cases import TestCase
from autograder.grading.engine import Engine
from autograder.grading.suite_mistakes import in_words
from autograder.model import Outcome, TestResult
from autograder.notebook.answers import USUAL, Answer
from autograder.verify import domain
from autograder.verify.bench import EPOCH, Bench, failed, share
from autograder.verify.degenerate import BODIES, SAMPLE, degenerate_cells
from autograder.verify.equivalence import FILE, INPUTS_TO_BELIEVE, MOST, Declared, Reference, entry_text, read_equivalents
from autograder.verify.independence import is_cotangent, only_squares_promised, with_plain_asserts
from autograder.verify.list_style import list_cells
from autograder.verify.mutants import Mutant, cell_sha256, mutants_of
from autograder.verify.records import AnswerResult, Fate, MutantResult, Problem, QuestionVerdict
from autograder.verify.session import OpenSuite, with_suite
from autograder.verify.tape import Request, arrays_sent, fingerprint
from autograder.verify.trial import Trial
from autograder.verify.workshop import Options, Workshop

SECOND_EPOCH, FURTHER_EPOCHS = "verify-1", ("verify-2", "verify-3")
_SEARCHED_INPUTS = 150  # tried on a survivor that nobody calls equivalent, to show where it differs
_WITNESSES = 12  # killed mutants that a test which never failed is tried on


def examine(engine: Engine, workshop: Workshop, question: str, options: Options) -> QuestionVerdict:
    """Everything about one question except its right answers under many seeds.

    Raises:
        AuthoringError: the suite, an answers file, `domains.py` or `equivalent.toml` has a mistake.
        GraderFault: the sandbox failed.
    """
    return with_suite(workshop.target.suite, lambda suite: _Examination(engine, workshop, suite, question, options).verdict())


class _Examination:
    def __init__(self, engine: Engine, workshop: Workshop, suite: OpenSuite, question: str, options: Options):
        self._workshop, self._suite, self._options = workshop, suite, options
        self._question = workshop.source.assignment.question(question)
        self._cases = suite.of(question)
        self._bench: Bench = workshop.bench(engine, suite)
        self._tapes: list[list[Request]] = []  # one per test
        self._problems: list[Problem] = []
        self._failures: Counter[str] = Counter()  # how often each test failed on something that is wrong

    def verdict(self) -> QuestionVerdict:
        began, cpu = time.monotonic(), time.process_time()
        question = self._question
        base = QuestionVerdict(question.id, question.title, question.points, tuple(c.id for c in self._cases))
        try:
            if self._solution_passes():
                base = replace(base, **self._trials())
        finally:
            self._bench.close()
        cpu = time.process_time() - cpu + self._bench.notebook.cpu_seconds
        return replace(
            base, problems=tuple(self._problems), seconds=round(time.monotonic() - began, 1), cpu_seconds=round(cpu, 1)
        )

    @property
    def _tape(self) -> list[Request]:
        """Every request of every test."""
        return [request for tape in self._tapes for request in tape]

    def _problem(self, where: str, message: str, note: bool = False) -> None:
        self._problems.append(Problem(where, message, note))

    # ---- the solution, and what the tests send

    def _solution_passes(self) -> bool:
        if not self._cases:
            self._problem("", "has no hidden test")
            return False
        asserting = with_plain_asserts(self._workshop.target.suite.text.decode())
        for case in self._cases:
            result, tape = self._bench.taped(case, EPOCH)
            if result.outcome is not Outcome.PASSED:
                self._problem(case.id, f"fails on the solution: {in_words(self._workshop.target.suite, result)}")
                return False
            if not result.comparisons and case.id not in asserting:
                self._problem(case.id, "compares nothing when it runs on the solution")
            self._look_at_cotangents(case)
            self._look_at_inputs(case, tape)
            self._tapes.append(tape)
        self._look_at_shapes()
        slowest = max((r.seconds for r in self._tape), default=0.0)
        self._bench.be_quick(2.0 + 5 * slowest)
        return True

    def _look_at_inputs(self, case: TestCase, tape: list[Request]) -> None:
        """Inputs differ between seeds, or the test says why not."""
        if not tape:
            self._problem(case.id, "asks nothing of the student's code")
            return
        result, other = self._bench.taped(case, SECOND_EPOCH)
        if result.outcome is not Outcome.PASSED:
            self._problem(case.id, f"fails on the solution under another seed: {in_words(self._workshop.target.suite, result)}")
        same = fingerprint(tape) == fingerprint(other)
        if same and not case.mark.fixed_inputs:
            # A small integer is the same twice every few seeds: not so a third and a fourth time.
            more = (self._bench.taped(case, epoch)[1] for epoch in FURTHER_EPOCHS)
            same = all(fingerprint(tape) == fingerprint(other) for other in more)
        if same and not case.mark.fixed_inputs:
            self._problem(case.id, "sends the same inputs under every seed: draw them, or say why not with @fixed_inputs(...)")
        if case.mark.fixed_inputs and not same:
            self._problem(case.id, "says @fixed_inputs, but its inputs depend on the seed", note=True)

    def _look_at_shapes(self) -> None:
        shapes = {a.shape[-2:] for a in arrays_sent(self._tape) if a.ndim >= 2 and a.dtype.kind in "fc" and min(a.shape) > 1}
        own = (c.source for c in self._workshop.source.solution_cells() if c.question == self._question.id)
        if shapes and all(m == n for m, n in shapes) and not only_squares_promised(own):
            self._problem("", "is only asked with square matrices, where a transposed result has the right shape")

    def _look_at_cotangents(self, case: TestCase) -> None:
        for call in self._bench.recorder.calls:
            for name, value in call.inputs:
                array = np.asarray(value) if isinstance(value, np.ndarray) else None
                if is_cotangent(name) and array is not None and array.size > 1 and bool(np.all(array == 1)):
                    self._problem(case.id, "sends an all-ones cotangent, for which mixed-up rows go unnoticed: draw it")
                    return

    # ---- what must fail

    def _trials(self) -> dict:
        if self._options.checks_only:
            return {"wrong": self._wrong()}
        stub = self._score(self._workshop.stubs(self._question.id))
        if share(stub) > 0:
            self._problem("stub", f"earns {share(stub):.0%} of the points")
        self._lists_for_arrays()
        degenerate = self._degenerate()
        wrong = self._wrong()
        mutants = self._mutants()
        if not self._options.sample:
            self._tests_that_never_fail(mutants)
        self._solution_is_whole()
        return {"stub_share": share(stub), "degenerate": degenerate, "wrong": wrong, "mutants": mutants}

    def _score(self, changes: dict[int, str]) -> list[TestResult]:
        self._bench.notebook.define(changes)
        return self._bench.run_all(self._cases, EPOCH)

    def _lists_for_arrays(self) -> None:
        """The solution in the style of lists loses nothing, in the hidden suite and in the public check."""
        rule = "a (nested) list of numbers is an array (docs/authoring.md)"
        for result in self._score(list_cells(self._workshop.source)):
            if result.outcome is not Outcome.PASSED:
                why = result.message or (result.staff_detail.strip().splitlines() or [""])[-1]
                self._problem(result.id, f"refuses the solution when it returns lists: {why[:200]} Use as_array: {rule}")
        if found := self._bench.notebook.execute(self._workshop.public_check(self._question.id)):
            message = f"of {self._workshop.source.path.name} refuses the solution when it returns lists: {found[:200]}"
            self._problem("the public check", f"{message} Convert with jnp.asarray: {rule}")

    def _degenerate(self) -> tuple[AnswerResult, ...]:
        found = []
        for kind in SAMPLE if self._options.sample else BODIES:
            results = self._score(degenerate_cells(self._workshop.source, self._question.id, kind))
            self._failures.update(failed(results))
            self._say_faults(results, kind)
            found.append(AnswerResult(kind, share(results), tuple(failed(results))))
            if share(results) > 0:
                passed = ", ".join(r.id for r in results if r.outcome is Outcome.PASSED and not r.gated)
                message = f"earns {share(results):.0%} of the points by passing {passed}: mark such a test @gated"
                self._problem(f"degenerate answer `{kind}`", message)
        return tuple(found)

    def _say_faults(self, results: list[TestResult], what: str) -> None:
        for result in results:
            if result.outcome is Outcome.GRADER_FAULT:
                last = (result.staff_detail.strip().splitlines() or [""])[-1]
                self._problem(result.id, f"breaks on {what}, which stops the grading: look at the form first ({last})")

    def _wrong(self) -> tuple[AnswerResult, ...]:
        answers = (a for a in self._workshop.answers if a.kind == "wrong" and a.question == self._question.id)
        chosen = sorted(answers, key=lambda a: _draw(a.code))[: self._options.wrong]
        return tuple(map(self._wrong_answer, sorted(chosen, key=lambda a: a.name)))

    def _wrong_answer(self, answer: Answer) -> AnswerResult:
        results = self._score(self._workshop.answered(answer))
        lost = failed(results)
        self._failures.update(lost)
        self._say_faults(results, answer.name)
        for name in answer.fails:
            if name not in lost:
                known = name in {c.id for c in self._cases}
                self._problem(
                    answer.name, f"should fail {name}, and passes it" if known else f"names a test that is not there: {name}"
                )
        if share(results) > 0.5:
            self._problem(answer.name, f"earns {share(results):.0%} of the points, half at most is right")
        self._look_at_others(answer)
        caught = bool(self._bench.notebook.execute(self._workshop.public_check(self._question.id)))
        if answer.slip == USUAL and not caught:
            message = (
                f"is a usual slip, and the public check of {self._question.id} passes on it: let an assert of the check= cell in "
                f"{self._workshop.source.path.name} catch it, or write `kind: subtle` into {answer.path.name}"
            )
            self._problem(answer.name, message)
        if self._workshop.leaves_traces(answer):
            self._bench.notebook.restart()
        return AnswerResult(answer.name, share(results), tuple(lost), caught, answer.slip)

    def _look_at_others(self, answer: Answer) -> None:
        """A wrong answer costs no other question, unless that one says that it needs this one."""
        assignment = self._workshop.source.assignment
        for other in self._workshop.exposed_to(self._question.id):
            if self._question.id not in assignment.question(other).needs:
                lost = failed(self._bench.run_all(self._suite.of(other), EPOCH))
                if lost:
                    self._problem(answer.name, f"costs points of {other} too ({lost[0]}): declare needs, or pass the function in")

    # ---- mutants

    def _mutants(self) -> tuple[MutantResult, ...]:
        mutants = mutants_of(self._workshop.source, self._question.id)
        chosen = set(sorted(mutants, key=lambda m: _draw(m.id + m.diff))[: self._options.mutants])
        trial = Trial(self._bench, self._workshop.source, self._cases, self._tapes, self._failures)
        results = [(m, trial.fate(m)) for m in mutants if m in chosen]
        self._problems += trial.problems
        if not self._options.sample:
            results = self._equivalents(results)
        return tuple(result for _, result in results)

    def _equivalents(self, results: list[tuple[Mutant, MutantResult]]) -> list[tuple[Mutant, MutantResult]]:
        """Survivors looked at once more: are they declared equivalent, and where do they differ?"""
        workshop, question = self._workshop, self._question.id
        declared = [d for d in read_equivalents(workshop.folder) if (d.notebook, d.question) == (workshop.kind, question)]
        code = cell_sha256(workshop.source, question)
        valid = {d.id: d for d in declared if d.cell == code}
        self._say_void(declared, valid, results)
        survivors = [(m, r) for m, r in results if r.fate is Fate.SURVIVED]
        if not survivors:
            return results
        own = domain.declared(workshop.folder, workshop.kind, question)
        inputs = domain.inputs_of(own, self._tape, workshop.folder / domain.FILE)
        reference = Reference(self._bench, inputs, domain.view_of(own), domain.accuracy_of(own))
        judged = {m.id: self._judge(m, r, valid.get(m.id), reference, code, own is not None) for m, r in survivors}
        self._say_too_many(judged, results)
        return [(m, judged.get(m.id, r)) for m, r in results]

    def _judge(self, mutant: Mutant, result: MutantResult, declared: Declared | None, reference: Reference, code: str,
               own: bool) -> MutantResult:  # fmt: skip
        count = INPUTS_TO_BELIEVE if declared else _SEARCHED_INPUTS
        self._bench.notebook.define({})
        reference.extend(count, patient=declared is not None)
        self._bench.notebook.define({mutant.cell: mutant.source})
        where = "the declared domain" if own else "perturbed test inputs"
        found = reference.first_difference(count, lambda i, words: f"differs on input {i} of {where}: {words}")
        if declared and not found:
            return replace(result, fate=Fate.EQUIVALENT, note=declared.reason)
        if declared:
            self._problem(mutant.id, f"is declared equivalent, but {found}")
            return replace(result, note=found)
        if found:
            return replace(result, note=f"{result.note} {found}".strip())
        entry = Declared(self._workshop.kind, self._question.id, mutant.id, code, "")
        how = f"if it is equivalent, put into {FILE}, with a reason:\n{entry_text(entry)}"
        return replace(result, note=f"no difference on {reference.extent(count)} of {where}; {how}")

    def _say_void(self, declared: list[Declared], valid: dict[str, Declared], results: list) -> None:
        fates = {m.id: r.fate for m, r in results}
        for entry in declared:
            if entry.id not in valid:
                self._problem(FILE, f"{entry.id} was declared for other code and is void: look at it again, or remove it")
            elif entry.id in fates and fates[entry.id] is not Fate.SURVIVED:
                self._problem(FILE, f"{entry.id} is declared equivalent, but it is {fates[entry.id]}: remove it")

    def _say_too_many(self, judged: dict[str, MutantResult], results: list) -> None:
        accepted = sum(r.fate is Fate.EQUIVALENT for r in judged.values())
        # Of a sample's handful of mutants one would be too many already; the whole run counts.
        if not self._options.sample and accepted > MOST * len(results):
            self._problem(FILE, f"{accepted} of {len(results)} mutants are declared equivalent, {MOST:.0%} is the most")

    # ---- afterwards

    def _tests_that_never_fail(self, mutants: tuple[MutantResult, ...]) -> None:
        never = [c for c in self._cases if not self._failures[c.id]]
        if not never:
            return
        killed = {m.id for m in mutants if m.fate in (Fate.KILLED, Fate.DUPLICATE)}
        witnesses = [m for m in mutants_of(self._workshop.source, self._question.id) if m.id in killed]
        step = max(1, len(witnesses) // _WITNESSES)
        for mutant in witnesses[::step]:
            self._bench.notebook.define({mutant.cell: mutant.source})
            never = [c for c in never if self._bench.run(c, EPOCH).outcome is Outcome.PASSED]
            if not never:
                return
        for case in never:
            self._problem(case.id, "no mutant and no wrong answer fails it: does it prove anything?", note=True)

    def _solution_is_whole(self) -> None:
        """Nothing that ran here before left a trace: the solution passes still, in the same jail."""
        self._bench.be_patient()
        lost = failed(self._score({}))
        if lost:
            raise GraderFault(
                f"{self._question.id}: after its mutants the solution fails {lost[0]} in the same process. A mutant changed "
                "something beside its functions; tell the authors of verify."
            )


def _draw(text: str) -> str:
    """A fixed order that has nothing to do with the order of the text: for samples."""
    return hashlib.sha256(text.encode()).hexdigest()
