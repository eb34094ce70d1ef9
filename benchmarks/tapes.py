"""What a submission's grading asks of its process: the cells and the calls, recorded once, for the floor to repeat."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from autograder.grading.engine import Engine
from autograder.grading.one import grade_cells
from autograder.grading.target import Target
from autograder.model import Submission
from autograder.notebook.student import to_text
from autograder.notebook.submission import SubmittedNotebook, parse_submission
from autograder.sandbox import wire
from autograder.sandbox.process import Jail
from benchmarks.labs import Lab
from benchmarks.programs import Handed


class _TapingEngine(Engine):
    """Gives out jails that write down what they are asked."""

    def __init__(self):
        super().__init__()
        self.cells: list[str] = []
        self.calls: list[tuple[int, Any, list, dict]] = []

    def fork(self, target: Target) -> Jail:
        jail = super().fork(target)
        ask = jail.request
        # A second start of the notebook runs its cells again: the floor runs them once.
        self.cells.clear()

        def request(op: str, arguments: dict, *rest: Any, **more: Any) -> dict:
            reply = ask(op, arguments, *rest, **more)
            if op == "exec":
                self.cells.append(arguments["source"])
            elif op == "call":
                kept = reply.get("ok")
                key = kept.key if type(kept) is wire.Reference else -1
                self.calls.append((key, *(_plain(arguments[k]) for k in ("fn", "args", "kwargs"))))
            return reply

        jail.request = request  # type: ignore[method-assign]
        return jail


def read(lab: Lab, handed: Sequence[Handed]) -> list[SubmittedNotebook]:
    """Submissions as the grader reads them."""
    return [parse_submission(to_text(one.notebook(lab)).encode(), one.student) for one in handed]


def record(lab: Lab, notebooks: Sequence[SubmittedNotebook], file: Path) -> None:
    """Grades the notebooks once and writes their tapes."""
    tapes = []
    with _TapingEngine() as engine:
        for number, notebook in enumerate(notebooks):
            engine.calls.clear()
            grade_cells(engine, lab.target, Submission(f"s{number}", ""), notebook)
            tapes.append((list(engine.cells), list(engine.calls)))
    file.write_bytes(pickle.dumps(tapes))


def _plain(value: Any) -> Any:
    """Values of the wire that can be pickled and loaded without a JAX backend."""
    if isinstance(value, jax.Array):
        if jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
            return wire.PrngKey(str(jax.random.key_impl(value)), np.asarray(jax.random.key_data(value)))
        return np.asarray(value)
    if type(value) is wire.Code:
        parts = (value.captured, value.cells, value.defaults, value.kwdefaults)
        return wire.Code(value.payload, *map(_plain, parts))
    if type(value) in (list, tuple, set):
        return type(value)(_plain(v) for v in value)
    return {k: _plain(v) for k, v in value.items()} if type(value) is dict else value
