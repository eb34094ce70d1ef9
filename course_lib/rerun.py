"""PUBLIC: runs a notebook's answers in a fresh kernel, from the top: do they work without what is left in memory?"""

from __future__ import annotations

import ast
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from course_lib.cell_places import first_line
from course_lib.public_checks import PublicChecks

RERUN_ENV = "COURSE_LIB_RERUN"  # set in the fresh kernel
_START_SECONDS = 60


@dataclass(frozen=True)
class Trouble:
    """A cell that did not run.

    Attributes:
        cell: its number, as Jupyter shows it when it runs all cells from the top.
        line: its first line, to find it by.
        error: "NameError: name 'np' is not defined", "did not end within 600 s", "ended the kernel".
    """

    cell: int
    line: str
    error: str


@dataclass(frozen=True)
class Rerun:
    """What a fresh kernel says.

    Attributes:
        troubles: cells that failed, in order.
        findings: question -> what its public checks find, "" where they pass; None if the run did not come that far.
        missing: names that the questions ask for and no cell defines; empty if the run did not come that far.
        problem: why nothing was run, or "".
    """

    troubles: tuple[Trouble, ...] = ()
    findings: dict[str, str] | None = None
    missing: tuple[str, ...] = ()
    problem: str = ""


class _Stopped(Exception):
    """The time is over or the kernel is gone: nothing more can be run."""


def rerun(cells: Sequence[tuple[int, str]], assignment: str, folder: str, seconds: float,
          progress: Callable[[int], None]) -> Rerun:  # fmt: skip
    """Runs code cells in a fresh kernel, then the public checks.

    Args:
        cells: (number, source) of each.
        assignment: its checks are run at the end; a cell must have brought or named them.
        folder: working folder of the kernel.
        seconds: for all of it.
        progress: called about twice a second with how many cells are done.
    """
    run = _Run(cells, assignment, folder, seconds)
    # In a thread of its own: this one has an event loop running, which jupyter_client wants for itself.
    thread = threading.Thread(target=run.go, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.5)
            progress(run.done)
    except KeyboardInterrupt:
        run.deadline = 0.0
        thread.join(20)
        raise
    return run.result


class _Run:
    def __init__(self, cells: Sequence[tuple[int, str]], assignment: str, folder: str, seconds: float):
        self._cells, self._assignment, self._folder, self._seconds = cells, assignment, folder, seconds
        self.deadline = time.monotonic() + _START_SECONDS + seconds
        self.done = 0
        self.result = Rerun(problem="it was stopped")

    def go(self) -> None:
        troubles: list[Trouble] = []
        try:
            self._start()
        except Exception as error:  # whatever a broken installation raises: the file can be handed in all the same
            self.result = Rerun(problem=f"a fresh kernel could not be started ({type(error).__name__}: {error})")
            return
        try:
            for number, source in self._cells:
                self._try_cell(number, source, troubles)
            state = f"__import__('course_lib.rerun', fromlist=['state']).state({self._assignment!r}, globals())"
            _, answer = self._execute("", {"state": state})
            findings, missing = json.loads(ast.literal_eval(answer["state"]["data"]["text/plain"]))
            self.result = Rerun(tuple(troubles), findings, tuple(missing))
        except _Stopped as stopped:
            problem = "" if troubles else f"the public checks {stopped}"
            self.result = Rerun(tuple(troubles), problem=problem)
        except (KeyError, ValueError, SyntaxError):  # the setup cell is gone, or `course_lib` was replaced by something else
            self.result = Rerun(tuple(troubles), problem="" if troubles else "the checks could not be run in a fresh kernel")
        finally:
            self._client.stop_channels()
            self._manager.shutdown_kernel(now=True)

    def _try_cell(self, number: int, source: str, troubles: list[Trouble]) -> None:
        try:
            error, _ = self._execute(source)
        except _Stopped as stopped:
            troubles.append(Trouble(number, first_line(source), str(stopped)))
            raise
        if error:
            troubles.append(Trouble(number, first_line(source), error))
        self.done += 1

    def _start(self) -> None:
        from jupyter_client.manager import KernelManager

        self._manager = KernelManager(kernel_name="python3")
        # This very Python, whatever the kernel of that name is.
        self._manager.kernel_spec.argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        # On the processor, as when graded; a graphics card's memory belongs to the kernel that is open.
        env = {**os.environ, RERUN_ENV: "1", "JAX_PLATFORMS": "cpu"}
        self._manager.start_kernel(cwd=self._folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._client = self._manager.client()
        self._client.start_channels()
        try:
            self._client.wait_for_ready(timeout=_START_SECONDS)
        except BaseException:
            self._client.stop_channels()
            self._manager.shutdown_kernel(now=True)
            raise
        self.deadline = min(self.deadline, time.monotonic() + self._seconds)

    def _why_stopped(self) -> str:
        if self.deadline == 0.0:
            return "was stopped"
        if time.monotonic() > self.deadline:
            return f"did not end within {self._seconds / 60:g} minutes (all cells together)"
        return "" if self._manager.is_alive() else "ended the kernel (too much memory?)"

    def _execute(self, code: str, expressions: dict[str, str] | None = None) -> tuple[str, dict]:
        """The cell's error, "" if none, and the values of `expressions` after it."""
        sent = self._client.execute(code, allow_stdin=False, stop_on_error=False, user_expressions=expressions or {})
        error, idle = "", False
        while not idle:
            message = self._next(self._client.get_iopub_msg)
            if message is None or message["parent_header"].get("msg_id") != sent:
                continue
            content = message["content"]
            if message["msg_type"] == "error":
                error = f"{content['ename']}: {content['evalue']}".strip()
            idle = message["msg_type"] == "status" and content["execution_state"] == "idle"
        while True:
            reply = self._next(self._client.get_shell_msg)
            if reply is not None and reply["parent_header"].get("msg_id") == sent:
                return error, reply["content"].get("user_expressions", {})

    def _next(self, get) -> dict | None:
        if why := self._why_stopped():
            raise _Stopped(why)
        try:
            return get(timeout=1)
        except queue.Empty:
            return None


def state(assignment: str, namespace: dict) -> str:
    """Runs in the fresh kernel, after the last cell: findings of the checks and missing names, as JSON."""
    checks = PublicChecks(assignment, namespace)
    asked = [name for question in checks.notebook().questions.values() for name in question.get("names", ())]
    return json.dumps([checks.findings(), [name for name in asked if name not in namespace]])
