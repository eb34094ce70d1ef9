"""A student's notebook, alive: cells run in a jail, questions asked of it, a new jail after every hang or crash.

A hang costs what it happened in. The next request finds a new fork of the warm parent with the cells run again, the one that hung
left out. A fork of a jail that has run JAX would hang itself, so none is ever made.
"""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.errors import GraderFault
from autograder.sandbox import wire
from autograder.sandbox.errors import DeadlineExceeded, JailError, ProbeFault, Tampered
from autograder.sandbox.library_faults import library_fault
from autograder.sandbox.limits import Limits
from autograder.sandbox.process import Jail
from autograder.sandbox.watching import PATIENCE


@dataclass(frozen=True)
class Cell:
    """A code cell: its number, by which troubles name it, and its source."""

    index: int
    source: str


@dataclass(frozen=True)
class Trouble:
    """What became of a cell that did not run through.

    `kind`: error, deadline, cpu, crash, memory, threads, disk, output, reply. `library`: what XLA said, where it failed inside.
    """

    index: int
    kind: str
    message: str
    trace: str = ""
    library: str = ""


@dataclass(frozen=True)
class Remark:
    """Something that was not here, or a setting that was undone, as the jail tells it: a stranger's words, for people to read.

    `cell`: where; None in a call. `kind`: module, name, use, import, magic, file, network, process, input, machine,
    device, setting.
    """

    cell: int | None
    kind: str
    name: str


# As in sandbox/remote.py: pytest leaves these frames out.
__tracebackhide__ = operator.methodcaller("errisinstance", JailError)

_DECODE_SECONDS = _FILE_SECONDS = 60.0
# Of a close bound on resident memory: from which share on compiled programs are dropped, and by how much it has to have grown
# since the last time.
_ENOUGH, _MORE = 0.65, 0.15
_MOST_REMARKS = 60
_BROKE_IN = "It broke the connection to the grader."


class BudgetSpent(JailError):
    """The submission's time, or its number of fresh starts, is used up: what is left is not run."""

    kind = "budget"


class Workspace:
    """The notebook of one submission, ready to be asked.

    Args:
        fork: makes a new jail.
        cells: the code cells to run, in order.
        limits: bounds on each cell, each call and everything together.
        files: what lies in the notebook's working folder; names are relative paths, checked by whoever read them.
    """

    def __init__(self, fork: Callable[[], Jail], cells: list[Cell], limits: Limits, files: Mapping[str, bytes] | None = None):
        self._fork, self._cells, self.limits, self._files = fork, cells, limits, dict(files or {})
        self._jail: Jail | None = None
        self._left = limits.submission_seconds  # of what student code itself takes: not starting jails, not our own work
        self._left_out: set[int] = set()
        self._fatal: dict[int, Trouble] = {}
        self._errors: dict[int, Trouble] = {}
        self._before: Cell | None = None
        self._running: int | None = None
        self._remarks: dict[Remark, None] = {}
        self._starts = 0
        self._cpu = 0.0
        self._kept = 0  # resident memory of this jail that compiled programs are not to blame for
        # Bans whose machinery is away while cells run, and while tests ask (sandbox/without.py).
        self.cells_without: tuple[str, ...] = ()
        self.without: tuple[str, ...] = ()
        self.generation = 0
        self.strains = 0  # how often something failed in a jail that held too much of what earlier requests had left

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """The cells that did not run through, by index."""
        return tuple(sorted([*self._fatal.values(), *self._errors.values()], key=lambda t: t.index))

    @property
    def library_fault(self) -> str:
        """What XLA said where it failed inside itself in a cell; "" if it did not."""
        return next((t.library for t in self.troubles if t.library), "")

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What was not here and what was undone, in the order in which it was first told."""
        return tuple(self._remarks)

    @property
    def cpu_seconds(self) -> float:
        """CPU time of the jails that have ended."""
        return self._cpu

    def request(self, op: str, arguments: dict[str, Any], keep: bool = False, seconds: float | None = None) -> dict:
        """One operation in a jail whose cells have been run.

        Raises:
            JailError: what student code did to its process, or BudgetSpent. The next request starts afresh.
        """
        try:
            return self._ask(op, arguments, keep, seconds)
        except Tampered:
            # An earlier call may have done it (a thread of its own, a patched host): in a fresh state only this one is there.
            if _holds_reference(arguments):
                raise
            return self._ask(op, arguments, keep, seconds)

    def _ask(self, op: str, arguments: dict[str, Any], keep: bool, seconds: float | None) -> dict:
        jail = self.ready()
        if jail.disturbed():
            self.restart()
            jail = self.ready()
        allowed, cpu = self._allowed(jail, seconds or self.limits.call_seconds, self.limits.call_cpu_seconds)
        try:
            reply = self._asked(jail, op, arguments, allowed, keep, cpu)
            # What failed for want of memory or threads may still hold them; the next question starts without.
            if "error" in reply and jail.strained():
                self.strains += 1
                self.restart()
            return reply
        except ProbeFault as fault:
            self.restart()
            if self._is_ours(arguments):
                raise
            raise Tampered(_BROKE_IN) from fault
        except BaseException:
            self.restart()
            raise

    def _asked(self, jail: Jail, op: str, arguments: dict[str, Any], seconds: float, keep: bool, cpu_seconds: float) -> dict:
        began, cpu, paused, left = time.monotonic(), jail.cpu_so_far(), jail.paused, self._left
        try:
            without = self.cells_without if op == "exec" else self.without
            reply = jail.request(op, arguments, seconds, keep, cpu_seconds, without)
            if "remarks" in reply:
                self._remember(reply.pop("remarks"))
            return reply
        except DeadlineExceeded:
            if seconds >= left:  # it was given all there was: the kernel's ticks must not leave a few milliseconds to the next
                self._left = 0.0
            raise
        finally:
            wall = time.monotonic() - began - (jail.paused - paused)
            # As for a single deadline: wall clock, up to threefold where the machine did not give the processor.
            self._left -= max(min(jail.cpu_so_far() - cpu, wall), wall / PATIENCE)

    def _remember(self, told: Any) -> None:
        for remark in told if type(told) is list else ():
            if type(remark) is list and [type(part) for part in remark] == [str, str] and len(self._remarks) < _MOST_REMARKS:
                kind, name = remark
                self._remarks.setdefault(Remark(self._running, kind[:20], name[:200]))

    def _allowed(self, jail: Jail, seconds: float, cpu_seconds: float) -> tuple[float, float]:
        """Wall and CPU seconds for a request: its own, and no more than is left of the submission's.

        Raises:
            BudgetSpent: nothing is left.
        """
        left = self._left
        if left <= 0:
            raise BudgetSpent(f"The notebook's {self.limits.submission_seconds:g} seconds were used up before this.")
        cpu_left = self.limits.cpu_seconds - self._cpu - jail.cpu_so_far()
        if cpu_left <= 0:
            raise BudgetSpent(
                f"The notebook's {self.limits.cpu_seconds:g} seconds of processor time were used up before this."
            )
        return min(seconds, left), min(cpu_seconds, cpu_left)

    def _is_ours(self, arguments: dict[str, Any]) -> bool:
        """Whether a request that "could not be decoded" cannot be decoded in a jail without student code either."""
        jail = self._fork()
        try:
            # Nobody's code but ours runs here: a busy machine is given time, because the answer decides who failed.
            jail.request("decode", {"what": arguments}, max(_DECODE_SECONDS, self.limits.call_seconds))
        except (GraderFault, JailError):
            return True
        finally:
            jail.close()
        return False

    def ready(self) -> Jail:
        """A live jail with the cells run; the same one as long as it lives.

        Raises:
            BudgetSpent: no more starts or time.
        """
        while self._jail is None:
            jail = self._start()
            if self._run_cells(jail):
                self._jail = jail
        return self._jail

    def restart(self) -> None:
        """Lets go of the jail: the next request gets a fresh state."""
        if self._jail is not None:
            self._end_jail(self._jail)
            self._jail = None

    close = restart

    def relieve(self) -> None:
        """Between two tests, where memory is bounded closely and getting short: drops compiled programs, which is most of it."""
        jail, most = self._jail, self.limits.resident_mb * 2**20
        if jail is None or not most or jail.resident() < max(_ENOUGH * most, self._kept + _MORE * most):
            return
        try:
            jail.request("forget", {}, self.limits.call_seconds, cpu_seconds=self.limits.call_cpu_seconds)
            self._kept = jail.resident()
        except (JailError, GraderFault):  # the next test finds a new one
            self.restart()

    def _start(self) -> Jail:
        if self._starts > self.limits.rebuilds:
            raise BudgetSpent(f"The notebook had to be started afresh more than {self.limits.rebuilds} times.")
        if self._left <= 0:
            raise BudgetSpent(f"The notebook's {self.limits.submission_seconds:g} seconds were used up before this.")
        self._starts += 1
        self._kept = 0
        self.generation += 1
        jail = self._fork()
        if self._files:
            self._put_files(jail)
        return jail

    def _put_files(self, jail: Jail) -> None:
        """Before any code of the student's runs: what fails here is not theirs."""
        try:
            if jail.put_frozen(self._files):
                return
        except OSError as error:
            jail.close()
            raise GraderFault(f"the student's files could not be put into the jail: {error}") from None
        files = {name: wire.Raw(np.frombuffer(data, np.uint8)) for name, data in self._files.items()}
        try:
            reply = jail.request("files", {"files": files}, _FILE_SECONDS)
        except JailError as error:
            raise GraderFault(f"the student's files could not be put into the jail: {error}") from None
        if "ok" not in reply:
            jail.close()
            raise GraderFault(f"the student's files could not be put into the jail: {str(reply.get('error'))[:200]}")

    def _end_jail(self, jail: Jail) -> None:
        jail.close()
        self._cpu += jail.cpu_seconds

    def _run_cells(self, jail: Jail) -> bool:
        """Runs every cell; False if one ended the jail (it is left out from now on)."""
        self._errors = {}
        self._before = None
        unknown_names = []
        for cell in self._cells:
            if cell.index in self._left_out:
                continue
            trouble = self._run_cell(jail, cell)
            self._before = cell
            if not jail.alive:
                return False
            if trouble is not None:
                self._errors[cell.index] = trouble
                if trouble.message.startswith("NameError"):
                    unknown_names.append(cell)
        # Cells that were moved above their imports: a person in Jupyter would run them again, and so do we, once.
        for cell in unknown_names:
            trouble = self._run_cell(jail, cell)
            if not jail.alive:
                return False
            if trouble is None:
                del self._errors[cell.index]
        return True

    def _run_cell(self, jail: Jail, cell: Cell) -> Trouble | None:
        arguments = {"cell": cell.index, "source": cell.source}
        self._running = cell.index
        try:
            allowed, cpu = self._allowed(jail, self.limits.cell_seconds, self.limits.cell_cpu_seconds)
            reply = self._asked(jail, "exec", arguments, allowed, False, cpu)
            if jail.disturbed():
                raise Tampered("Your code wrote an answer of its own into the grader's connection.")
        except BudgetSpent:
            self._end_jail(jail)
            raise
        except JailError as e:
            self._end_jail(jail)
            self._leave_out(cell, e.kind, str(e))
            return None
        except ProbeFault:
            self._end_jail(jail)
            if self._is_ours(arguments):
                raise
            # The cell before has left the host unable to read: the next one is not to blame.
            self._leave_out(self._before or cell, "reply", _BROKE_IN)
            return None
        except BaseException:
            self._end_jail(jail)
            raise
        finally:
            self._running = None
        return self._trouble(cell.index, reply)

    def _leave_out(self, cell: Cell, kind: str, message: str) -> None:
        self._left_out.add(cell.index)
        self._fatal[cell.index] = Trouble(cell.index, kind, message)

    def _trouble(self, index: int, reply: dict) -> Trouble | None:
        answer = reply.get("ok")
        error = answer.get("error") if type(answer) is dict else reply.get("error")
        if type(error) is not dict:
            return None
        kind, message = str(error.get("type", "error"))[:100], str(error.get("message", ""))[:500]
        if "missing" in error:
            kind, message = "NameError", str(error["missing"])[:100]
        what = "output" if kind == "OutputLimit" else "error"
        hint = self.limits.hint(kinds_of(error), message)
        text = f"{kind}: {message}" + (f" ({hint})" if hint else "")
        return Trouble(index, what, text, str(error.get("trace", ""))[:4000], library_fault(error))


def kinds_of(error: dict) -> tuple[str, ...]:
    """Names of the class and the bases of an exception that a jail describes."""
    kinds = error.get("kinds")
    return tuple(str(k)[:120] for k in kinds[:20]) if type(kinds) is list and kinds else ("Error",)


def _holds_reference(value: Any) -> bool:
    """Whether a request refers to what only one jail has. The namespace, Reference(0), is in every one."""
    if type(value) is wire.Reference:
        return value.key != 0
    if type(value) is wire.Code:
        return _holds_reference([value.captured, value.cells, value.defaults, value.kwdefaults])
    if isinstance(value, dict):
        return any(_holds_reference(v) for pair in value.items() for v in pair)
    return isinstance(value, list | tuple | set | frozenset) and any(_holds_reference(v) for v in value)
