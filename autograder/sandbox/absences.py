"""In the jail: which errors of a notebook's statement mean that something is not here, so that the statements after it still run.

An ordinary error ends its cell, as in Jupyter. An error is excused where the machine is to blame: a module, a file, a device, the
network, a shell, a keyboard that are not there, or what follows from a statement left out for such a reason.

Imports nothing of ours but `stand_ins`: it runs beside student code (see `host`).
"""

from __future__ import annotations

import dis
import linecache
import re
import types

from autograder.sandbox.stand_ins import Lack, NotInstalled, lack_behind_import

_NETWORK = frozenset({"URLError", "gaierror", "ConnectionError", "HTTPException", "SSLError", "TimeoutError"})
_MAGIC = re.compile(r"(?:Line|Cell) magic function `(%+[\w.]+)`")
_DEVICE_WORDS = re.compile(r"gpu|cuda|tpu|default_backend|nvidia", re.IGNORECASE)
_MENDABLE = ("module", "name", "device")
MOST_TRIES = 20


def is_mendable(lack: Lack) -> bool:
    """Whether the statement is worth running once more, with stand-ins."""
    return lack.kind in _MENDABLE


def lack_behind(error: BaseException, unbound: dict[str, Lack]) -> Lack | None:
    """What is not here, where that is what `error` means; None for an ordinary error.

    Args:
        unbound: names that a statement left out would have bound (`*`: it may have bound any), and what it lacked.

    Returns:
        A `Lack`, besides the kinds of `stand_ins`: `use` (of a module), `import`, `magic`, `file`, `network`, `process`,
        `input`, `machine`.
    """
    if isinstance(error, NotInstalled):
        return Lack("use", str(error.name)[:200])
    if (lack := lack_behind_import(error)) is not None:
        return lack
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if "ForbiddenMachinery" in kinds:  # away for the time being: the cells run again with everything there
        return Lack("forbidden", "")
    if isinstance(error, NameError):
        return unbound.get(str(error.name)) or unbound.get("*")
    if isinstance(error, ImportError):
        return Lack("import", str(error).partition("\n")[0][:200])
    if "UsageError" in kinds:
        match = _MAGIC.search(str(error))
        return Lack("magic", match[1] if match else str(error).partition("\n")[0][:80])
    if isinstance(error, EOFError) or "StdinNotImplementedError" in kinds:
        return Lack("input", "")
    if kinds & _NETWORK:
        return Lack("network", "")
    if isinstance(error, OSError):
        return _lack_behind_os_error(error)
    if isinstance(error, AssertionError | RuntimeError) and _DEVICE_WORDS.search(_line_of(error)):
        return Lack("machine", "")
    return None


def _lack_behind_os_error(error: OSError) -> Lack | None:
    raised_in = _innermost(error)
    if raised_in.endswith("subprocess.py"):
        return Lack("process", str(error.filename or "")[:80])
    if raised_in.endswith("socket.py") or (error.filename is None and isinstance(error, PermissionError)):
        return Lack("network", "")
    if isinstance(error, FileNotFoundError | NotADirectoryError | PermissionError) and isinstance(error.filename, str):
        return Lack("file", error.filename[:200])
    return None


def _innermost(error: BaseException) -> str:
    trace, file = error.__traceback__, ""
    while trace is not None:
        trace, file = trace.tb_next, trace.tb_frame.f_code.co_filename
    return file


def _line_of(error: BaseException) -> str:
    """The notebook's line in which an error was raised; empty where a library raised it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or not trace.tb_frame.f_code.co_filename.startswith("<cell"):
        return ""
    return linecache.getline(trace.tb_frame.f_code.co_filename, trace.tb_lineno)


def names_bound(code: types.CodeType) -> set[str]:
    """The notebook's names that a statement binds; `*` among them where it imports all of a module's."""
    bound = set()
    for step in dis.get_instructions(code):
        if step.opname in ("STORE_NAME", "STORE_GLOBAL"):
            bound.add(str(step.argval))
        elif "IMPORT_STAR" in step.opname or "IMPORT_STAR" in step.argrepr:
            bound.add("*")
    return bound
