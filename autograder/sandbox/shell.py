"""In the jail: the IPython shell that a notebook's cells run in, without history, colours, shell commands or exits.

A cell is run statement by statement, as in Jupyter. A statement that fails because something is not here (`absences`) is run once
more with a stand-in, or left out, and the cell goes on; any other error ends the cell.

Imports nothing of ours but `absences` and `stand_ins`: it runs beside student code (see `host`).
"""

from __future__ import annotations

import importlib
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from IPython.utils.text import SList
from traitlets.config import Config

from autograder.sandbox import absences, stand_ins
from autograder.sandbox.stand_ins import Lack

_MOST_LACKS = 40
_RUN_AS_CELLS = ("time",)  # cell magics whose text is the notebook's own: what fails there is excused, too


class _CellCompiler(CachingCompiler):
    def get_code_name(self, raw_code, code, number):
        return f"<cell {getattr(self, 'cell_number', number)}>"


class GradingShell(InteractiveShell):
    """The shell of one notebook.

    Attributes:
        lacks: what was not here, in the order of its first need.
        unbound: names that a statement left out would have bound, and what it lacked.
    """

    compiler_class = _CellCompiler

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.lacks: list[Lack] = []
        self.unbound: dict[str, Lack] = {}

    def take_lacks(self) -> list[Lack]:
        """What was not here since the last time this was asked."""
        taken, self.lacks = list(dict.fromkeys(self.lacks))[:_MOST_LACKS], []
        return taken

    async def run_code(self, code_obj: Any, result: ExecutionResult | None = None, *, async_: bool = False) -> bool:
        """Runs one statement; whether it failed in a way that ends the cell."""
        failed = await super().run_code(code_obj, result, async_=async_)
        if not failed or result is None or result.error_in_exec is None:
            return failed
        return not await self._excused(code_obj, result, async_)

    async def _excused(self, code_obj: Any, result: ExecutionResult, async_: bool) -> bool:
        """Whether the cell goes on after an error: the statement ran with stand-ins, or is left out."""
        tried: list[Lack] = []
        while (lack := absences.lack_behind(result.error_in_exec, self.unbound)) is not None:
            if not absences.is_mendable(lack) or lack in tried or len(tried) == absences.MOST_TRIES:
                self.lacks.append(lack)
                self.unbound.update(dict.fromkeys(absences.names_bound(code_obj), lack))
                result.error_in_exec = None
                return True
            tried.append(lack)
            result.error_in_exec = None
            with stand_ins.standing_in(tried) as given:
                failed = await super().run_code(code_obj, result, async_=async_)
            self.lacks += given
            if not failed:
                if "*" in absences.names_bound(code_obj):
                    self.unbound["*"] = lack
                return True
        return False

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        if magic_name in ("writefile", "file"):
            importlib.invalidate_caches()  # what is imported next may have been written a moment ago
        if magic_name not in _RUN_AS_CELLS:
            return super().run_cell_magic(magic_name, line, cell)
        result = self.run_cell(cell, store_history=False)
        result.raise_error()
        return None

    def enable_gui(self, gui=None):
        pass

    def enable_matplotlib(self, gui=None):
        return "agg", "agg"

    def system(self, cmd):
        print("(shell commands are not run when grading)")

    def getoutput(self, cmd, split=True, depth=0):
        self.system(cmd)
        return SList()

    system_piped = system_raw = system

    def ask_exit(self):
        print("(exit is ignored when grading)")

    def showtraceback(self, *args, **kwargs):
        pass

    def showsyntaxerror(self, *args, **kwargs):
        pass

    def init_history(self):
        super().init_history()
        self.history_manager.enabled = False


def make_shell() -> GradingShell:
    """The shell, made in the warm parent before any fork."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.cache_size = 0
    config.InteractiveShell.autoawait = True
    return GradingShell.instance(config=config)
