"""A student's notebook, alive: cells run in a jail, questions asked of it, a new jail after every hang or crash.

A hang costs what it happened in. The next request finds a new fork of the warm parent with the cells run again, the one that hung
left out. A fork of a jail that has run JAX would hang itself, so none is ever made.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograder.sandbox.limits import Limits
from autograder.sandbox.process import Jail, JailError


@dataclass(frozen=True)
class Cell:
    """A code cell: its index in the notebook (from 0) and its source."""

    index: int
    source: str


@dataclass(frozen=True)
class Trouble:
    """What became of a cell that did not run through. `kind`: error, deadline, crash, memory, output, reply."""

    index: int
    kind: str
    message: str
    trace: str = ""


class BudgetSpent(JailError):
    """The submission's time, or its number of fresh starts, is used up: what is left is not run."""

    kind = "budget"


class Workspace:
    """The notebook of one submission, ready to be asked.

    Args:
        fork: makes a new jail.
        cells: the code cells to run, in order.
        limits: bounds on each cell, each call and everything together.
    """

    def __init__(self, fork: Callable[[], Jail], cells: list[Cell], limits: Limits):
        self._fork, self._cells, self.limits = fork, cells, limits
        self._jail: Jail | None = None
        self._end = time.monotonic() + limits.submission_seconds
        self._left_out: set[int] = set()
        self._fatal: dict[int, Trouble] = {}
        self._errors: dict[int, Trouble] = {}
        self._starts = 0
        self._cpu = 0.0
        self.generation = 0

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """The cells that did not run through, by index."""
        return tuple(sorted([*self._fatal.values(), *self._errors.values()], key=lambda t: t.index))

    @property
    def cpu_seconds(self) -> float:
        """CPU time of the jails that have ended."""
        return self._cpu

    def request(self, op: str, arguments: dict[str, Any], keep: bool = False, seconds: float | None = None) -> dict:
        """One operation in a jail whose cells have been run.

        Raises:
            JailError: what student code did to its process, or BudgetSpent. The next request starts afresh.
        """
        jail = self.ready()
        allowed = min(seconds or self.limits.call_seconds, self._end - time.monotonic())
        if allowed <= 0:
            raise BudgetSpent(f"The notebook's {self.limits.submission_seconds:g} seconds were used up before this.")
        try:
            return jail.request(op, arguments, allowed, keep)
        except BaseException:
            self.restart()
            raise

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

    def _start(self) -> Jail:
        if self._starts > self.limits.rebuilds:
            raise BudgetSpent(f"The notebook had to be started afresh more than {self.limits.rebuilds} times.")
        if time.monotonic() >= self._end:
            raise BudgetSpent(f"The notebook's {self.limits.submission_seconds:g} seconds were used up before this.")
        self._starts += 1
        self.generation += 1
        return self._fork()

    def _end_jail(self, jail: Jail) -> None:
        jail.close()
        self._cpu += jail.cpu_seconds

    def _run_cells(self, jail: Jail) -> bool:
        """Runs every cell; False if one ended the jail (it is left out from now on)."""
        self._errors = {}
        unknown_names = []
        for cell in self._cells:
            if cell.index in self._left_out:
                continue
            trouble = self._run_cell(jail, cell)
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
        allowed = min(self.limits.cell_seconds, self._end - time.monotonic())
        try:
            if allowed <= 0:
                raise BudgetSpent(f"The notebook's {self.limits.submission_seconds:g} seconds were used up before this.")
            reply = jail.request("exec", {"cell": cell.index, "source": cell.source}, allowed)
        except BudgetSpent:
            self._end_jail(jail)
            raise
        except JailError as e:
            self._end_jail(jail)
            self._left_out.add(cell.index)
            self._fatal[cell.index] = Trouble(cell.index, e.kind, str(e))
            return None
        except BaseException:
            self._end_jail(jail)
            raise
        return _cell_trouble(cell.index, reply)


def _cell_trouble(index: int, reply: dict) -> Trouble | None:
    answer = reply.get("ok")
    error = answer.get("error") if type(answer) is dict else reply.get("error")
    if type(error) is not dict:
        return None
    kind, message = str(error.get("type", "error"))[:100], str(error.get("message", ""))[:500]
    if "missing" in error:
        kind, message = "NameError", str(error["missing"])[:100]
    what = "output" if kind == "OutputLimit" else "error"
    return Trouble(index, what, f"{kind}: {message}", str(error.get("trace", ""))[:4000])
