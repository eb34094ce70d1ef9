"""A student's notebook in a fresh kernel, and what their feedback page lets them paste there."""

from __future__ import annotations

import html
import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jupyter_client.manager import KernelManager

from autograder.grading.one import grade_cells, graded_cells
from autograder.grading.target import Target
from autograder.model import Outcome, QuestionResult, Report, Submission
from autograder.notebook.submission import SubmittedNotebook
from autograder.report.feedback import render_feedback
from autograder.report.printable import LEFT_OUT
from autograder.sandbox.stage import xla_flags

ROOT = Path(__file__).parents[2]
_CALL = re.compile(r'<dl class="call">(.*?)</dl>(.*?)(?=<dl class="call">|</div>)', re.DOTALL)
_FIELD = re.compile(r"<dt[^>]*>(.*?)</dt><dd><pre[^>]*>(.*?)</pre></dd>", re.DOTALL)
_PROGRAM = re.compile(r'<pre class="program"[^>]*>(.*?)</pre>', re.DOTALL)
_NUMBER = re.compile(r"(?<![A-Za-z_])[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?j?|\bnan\b|-?\binf\b")
# Shows a value as the page shows it, once it has crossed into the grader's process.
_SHOW = """
def _as_shown(value):
    from autograder.grading.showing import show
    from autograder.sandbox import wire
    from autograder.sandbox.wire_decoder import Decoder
    from autograder.sandbox.wire_encoder import Encoder

    class Kept:
        def __init__(self, kind):
            self.kind = kind

        def __repr__(self):
            return f"<{self.kind} in the student's process>"

    pieces = Encoder(wire.Caps(), lambda v: wire.Reference(1, type(v).__name__)).frame(value)
    frame = b"".join(bytes(p) for p in pieces)
    head, body = wire.PREFIX.unpack(frame[: wire.PREFIX.size])
    rest = frame[wire.PREFIX.size :]
    decoder = Decoder(wire.Caps(), special=lambda tag, payload: Kept(payload.kind))
    return show(decoder.value(rest[:head], rest[head:]))
"""


@dataclass(frozen=True)
class Shown:
    """A call on a feedback page, as text: what the student's code made of it, and the program beside it ("" if there is none)."""

    call: str
    result: str
    error: str
    program: str


def shown_calls(report: Report) -> list[Shown]:
    """Every call of the failed checks on the student's page."""
    found = []
    for fields, rest in _CALL.findall(render_feedback(report)):
        told = {html.unescape(k): html.unescape(v) for k, v in _FIELD.findall(fields)}
        program = _PROGRAM.search(rest)
        source = html.unescape(program[1]) if program else ""
        found.append(Shown(told["call"], told.get("your result", ""), told.get("your code raised", ""), source))
    return found


def grade_question(engine, target: Target, notebook: SubmittedNotebook, question: str) -> Report:
    """The report on one question; the others are taken for right."""
    others = [q for q in target.assignment.questions if q.id != question and not q.written]
    kept = [QuestionResult(q.id, q.title, q.points, q.points, Outcome.PASSED) for q in others]
    return grade_cells(engine, target, Submission("s", "s.ipynb"), notebook, kept)


class Kernel:
    """A fresh kernel in which a notebook's cells have run, demonstrations and checks left out.

    Args:
        rounding: as in grading, where XLA compiles with other flags than on a student's machine.
    """

    def __init__(self, notebook: SubmittedNotebook, target: Target, folder: Path, rounding: bool = False):
        env = {**os.environ, "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu", "PYTHONDONTWRITEBYTECODE": "1"}
        if rounding:
            env["XLA_FLAGS"] = xla_flags(target.build)
        self._manager = KernelManager(kernel_name="python3")
        self._manager.start_kernel(cwd=str(folder), env=env)
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=120)
        for cell in graded_cells(notebook, target):
            self._run(cell.source)
        self._run(_SHOW)

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def _run(self, code: str) -> tuple[str, str]:
        asked = {"shown": "_as_shown(_)"}
        reply = self._client.execute_interactive(
            code, timeout=600, allow_stdin=False, stop_on_error=False, user_expressions=asked, output_hook=lambda message: None
        )["content"]
        if reply["status"] == "error":
            return "", f"{reply['ename']}: {reply['evalue']}"
        shown = reply["user_expressions"]["shown"]
        return (eval(shown["data"]["text/plain"]) if shown["status"] == "ok" else str(shown)), ""

    def paste(self, program: str) -> tuple[str, str]:
        """Runs a program in a new cell: its result as the page would show it, and its error."""
        return self._run(program)


def alike(one: str, other: str, exactly: bool = False) -> bool:
    """Whether two shown values say the same: numbers up to rounding (unless `exactly`), everything else to the letter.

    `other` is the page's, which leaves out the middle of a long value: then `one` begins and ends as it does.
    """
    if LEFT_OUT not in other:
        return _alike(one, other, exactly)
    lines = [line for line in one.splitlines() if line.strip()]
    head, tail = ([line for line in part.splitlines() if line.strip()] for part in other.split(LEFT_OUT))
    enough = len(head) + len(tail) < len(lines) and head and tail
    return bool(enough) and _alike("\n".join(lines[: len(head)]), "\n".join(head), exactly) and _alike(
        "\n".join(lines[-len(tail) :]), "\n".join(tail), exactly
    )  # fmt: skip


def _alike(one: str, other: str, exactly: bool) -> bool:
    words = [" ".join(_NUMBER.sub("#", text).split()).replace(" ", "") for text in (one, other)]
    if words[0] != words[1]:
        return False
    numbers = [np.array([complex(n) for n in _NUMBER.findall(text)]) for text in (one, other)]
    if exactly:
        return np.array_equal(*numbers, equal_nan=True)
    finite = np.isfinite(numbers[0])
    scale = np.abs(numbers[0][finite]).max(initial=0.0)
    return np.allclose(*numbers, rtol=2e-3, atol=2e-4 * min(scale, 1.0) + 1e-7, equal_nan=True)


def repeats(kernel: Kernel, shown: Shown, exactly: bool = False) -> str:
    """What differs when the program is pasted; "" if it does what the page says, to the last digit shown if `exactly`."""
    result, error = kernel.paste(shown.program)
    if shown.error:
        same = error.split(":")[0] == shown.error.split(":")[0] and error[:60].split("\n")[0][:40] == shown.error[:40]
        return "" if same else f"raised {error!r} where the page says {shown.error!r}\n{shown.program}"
    same = not error and alike(result, shown.result, exactly)
    return "" if same else f"{error or result}\nwhere the page says\n{shown.result}\n{shown.program}"
