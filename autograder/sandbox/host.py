"""What runs inside the jail, beside the student's code: executes cells, answers calls, decides nothing.

It imports nothing of ours but the wire and its neighbours in the jail: settings, and what stands in for what is not here. The
student's code shares this process and can change everything here; so nothing here is secret, and no answer of it is more than
"the student's code returned this value". Verdicts are made on the trusted side.
"""

from __future__ import annotations

import builtins
import collections
import ctypes
import gc
import io
import linecache
import marshal
import os
import random
import socket
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.sandbox import absences, own_files, pristine, stand_ins, wire, without
from autograder.sandbox.settings import Settings
from autograder.sandbox.wire_decoder import Decoder
from autograder.sandbox.wire_encoder import Encoder

_MODULES = (*pristine.ROOTS, "jaxtyping")
_NAMESPACE_KEY = 0
_MESSAGE_CAP, _TRACE_CAP, _PRINT_CAP = 2000, 4000, 4000
_FRAMES = 6
_CAUSES, _CAUSE_CAP = 4, 300
_ONE_PIECE = 1 << 16


class MissingName(Exception):
    """The notebook defines no such name."""


class OutputLimit(BaseException):
    """More was printed than a cell or call may print. Not an Exception, so that a bare `except Exception` does not go on."""


# ------------------------------------------------------------------------------------------------------------- notebook


class _Printer(io.TextIOBase):
    """Standard output and error: keeps the beginning, counts the rest, stops a flood."""

    def __init__(self, limit: int):
        self._limit = limit
        self.begin()

    def begin(self) -> None:
        self._kept: list[str] = []
        self._kept_size = self._written = 0

    def text(self) -> str:
        return "".join(self._kept)

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._written += len(text)
        if self._kept_size < _PRINT_CAP:
            piece = text[: _PRINT_CAP - self._kept_size]
            self._kept.append(piece)
            self._kept_size += len(piece)
        if self._written > self._limit:
            raise OutputLimit(f"more than {self._limit // 1_000_000} MB of printed output")
        return len(text)

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return 1  # /dev/null in here


# ----------------------------------------------------------------------------------------------------------------- calls


class Namespace:
    """The student's names as attributes: what a probe gets as `ns`."""

    def __init__(self, names: dict[str, Any]):
        object.__setattr__(self, "_names", names)

    def __getattr__(self, name: str) -> Any:
        try:
            return object.__getattribute__(self, "_names")[name]
        except KeyError:
            raise MissingName(name) from None


class Host:
    """Answers requests: one dict in, one dict out, until the socket closes."""

    def __init__(self, shell, settings: dict, connection: socket.socket | None = None):
        self._shell, self._connection = shell, connection
        self._identity = 0  # of the request that is being answered
        self._run_cell = shell.run_cell  # before student code can put something else in its place
        self._names = shell.user_ns
        self._caps = wire.Caps(*settings["caps"])
        self._settings = Settings(bool(settings["x64"]))
        self._printer = _Printer(settings["output_bytes"])
        self._things: dict[int, Any] = {_NAMESPACE_KEY: Namespace(self._names)}
        self._next = 1
        self._switch = without.installed
        self._folder = own_files.make_importable()
        self._settings.put_back()
        sys.stdout = sys.stderr = self._printer
        sys.stdin = io.StringIO()

    def answer(self, header: bytes, body: bytes) -> list:
        """The reply frame for a request frame."""
        reply: dict[str, Any] = {}
        beside = None
        self._printer.begin()
        try:
            try:
                request = self._decoded(header, body)
            except BaseException as e:
                reply["fault"] = f"{type(e).__name__}: {e}"[:_MESSAGE_CAP]
                return self._frame(reply)
            reply["id"] = self._identity = request["id"]
            if self._switch is not None:
                self._switch.away = frozenset(request["without"])
            try:
                value = self._done(getattr(self, "op_" + request["op"]), request["with"])
            finally:
                self._settings.put_back()
            if request.get("keep"):
                value = self._keep(value)
            beside = self._beside()
            frame = self._frame({**reply, "ok": value, **beside})
        except BaseException as e:
            frame = self._frame({**reply, "error": _described(e), **(beside or self._beside())})
        return frame

    def _decoded(self, header: bytes, body: bytes) -> Any:
        return Decoder(wire.Caps(), from_trusted=True, special=self._resolve).value(header, body)

    def _stand_in(self, number: int) -> Callable:
        """What is given to student code for a function that stays on the trusted side."""

        def asked(*values):
            _send(self._connection, self._frame({"id": self._identity, "asks": number, "with": list(values)}))
            frame = _next_frame(self._connection)
            if frame is None:
                os._exit(0)
            answer = self._decoded(*frame)
            if "error" in answer:
                raise TypeError(answer["error"])
            return answer["answer"]

        return asked

    def _frame(self, reply: dict) -> list:
        return Encoder(self._caps, self._keep).frame(reply)

    def _beside(self) -> dict[str, Any]:
        """What goes with an answer: the text that was printed, and what was missing or set."""
        remarks = [[lack.kind, lack.name] for lack in self._shell.take_lacks()]
        remarks += [["setting", name] for name in self._settings.changed()]
        return {"printed": self._printer.text(), **({"remarks": remarks} if remarks else {})}

    def _done(self, operation: Callable, arguments: dict) -> Any:
        """What an operation gives. Where a function asks for a module or device that is not here, it is asked once more."""
        try:
            return operation(**arguments)
        except Exception as error:
            lack, lacks = stand_ins.lack_behind_import(error), []
            if lack is None:
                raise
        while True:
            lacks.append(lack)
            try:
                with stand_ins.standing_in(lacks) as given:
                    return operation(**arguments)
            except Exception as error:
                lack = stand_ins.lack_behind_import(error)
                if lack is None or lack in lacks or len(lacks) == absences.MOST_TRIES:
                    raise
            finally:
                self._shell.lacks += given

    def _keep(self, value: Any) -> wire.Reference:
        key, self._next = self._next, self._next + 1
        self._things[key] = value
        return wire.Reference(key, type(value).__name__)

    def _resolve(self, tag: str, payload: Any) -> Any:
        if tag == "a":
            import jax.numpy as jnp

            return jnp.asarray(payload)
        if tag == "h":
            # Unknown only where a reply was forged, or in a jail that merely tries whether a request can be decoded.
            return self._things.get(payload.key)
        if tag == "m":
            if payload.name.split(".")[0] not in _MODULES:
                raise wire.WireError(f"module {payload.name} is not sent")
            return pristine.module(payload.name)
        if tag == "q":
            return self._stand_in(payload)
        if tag == "k":
            import jax

            return jax.random.wrap_key_data(payload.data, impl=payload.impl)
        return _function(payload)

    # ---- operations

    def op_decode(self, what: Any) -> int:
        return 1

    def op_forget(self) -> int:
        """Lets go of compiled programs, some 1.4 MB each; what is called again is compiled, or loaded, again."""
        sys.modules["jax"].clear_caches()
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        return 1

    def op_files(self, files: dict) -> int:
        """Puts what came beside the notebook into its working folder."""
        own_files.put(self._folder, files)
        return len(files)

    def op_exec(self, cell: int, source: str) -> dict:
        """Runs one cell; a failing cell is an answer like any other."""
        self._shell.compile.cell_number = cell
        result = self._run_cell(source, store_history=False, silent=False)
        error = result.error_before_exec or result.error_in_exec
        return {"error": _described(error) if error is not None else None}

    def op_call(self, fn: Any, args: list, kwargs: dict) -> Any:
        if isinstance(fn, str):
            if fn not in self._names:
                raise MissingName(fn)
            fn = self._names[fn]
        return fn(*args, **kwargs)

    def op_get(self, name: str) -> Any:
        if name not in self._names:
            raise MissingName(name)
        return self._names[name]

    def op_has(self, name: str) -> int:
        return int(name in self._names)

    def op_attribute(self, of: Any, name: str) -> Any:
        return getattr(of, name)

    def op_item(self, of: Any, key: Any) -> Any:
        return of[key]

    def op_value(self, of: Any) -> Any:
        return of

    def op_items(self, of: Any, limit: int) -> list:
        out = []
        for item in of:
            if len(out) == limit:
                break
            out.append(item)
        return out


def _function(code: wire.Code) -> types.FunctionType:
    names = {"__builtins__": builtins, "__name__": "probe", **code.captured}
    body = marshal.loads(code.payload)
    closure = tuple(types.CellType(code.cells[name]) for name in body.co_freevars)
    fn = types.FunctionType(body, names, body.co_name, tuple(code.defaults), closure)
    fn.__kwdefaults__ = code.kwdefaults
    return fn


def _described(error: BaseException) -> dict:
    """An exception as plain data, with the frames that lie in the student's cells."""
    if isinstance(error, MissingName):
        return {"missing": str(error)}
    try:
        message = str(error)
    except BaseException:
        message = "(the exception's own message failed)"
    return {
        "type": type(error).__name__,
        "kinds": [k.__name__ for k in type(error).__mro__][:20],
        "message": message[:_MESSAGE_CAP],
        "causes": _causes(error),
        "trace": _safe_trace(error)[:_TRACE_CAP],
    }


def _causes(error: BaseException) -> list[str]:
    """The exceptions that this one was raised from, or while handling, nearest first."""
    found: list[str] = []
    try:
        behind = error.__cause__ or error.__context__
        while behind is not None and len(found) < _CAUSES:
            found.append(f"{type(behind).__name__}: {behind}"[:_CAUSE_CAP])
            behind = behind.__cause__ or behind.__context__
    except Exception:  # objects of the student's
        pass
    return found


def _safe_trace(error: BaseException) -> str:
    # Exceptions are objects of the student's; what fails in describing one must not end the process.
    try:
        return _trace(error)
    except Exception:
        return ""


def _trace(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return "".join(traceback.format_exception_only(type(error), error))
    # Frame by frame, and only the student's: a probe's code has no line table, and the traceback module fails on it.
    own = ("<cell", os.getcwd() + os.sep)  # the notebook, and modules of its folder
    walked = ((f.f_code, n) for f, n in traceback.walk_tb(error.__traceback__) if f.f_code.co_filename.startswith(own))
    lines = []
    for code, number in collections.deque(walked, maxlen=_FRAMES):
        lines.append(f"{code.co_filename.removeprefix(own[1]).strip('<>')}, line {number}, in {code.co_name}")
        source = linecache.getline(code.co_filename, number or 0).strip()
        if source:
            lines.append(f"    {source}")
    return "\n".join(lines)


# ------------------------------------------------------------------------------------------------------------------ loop


def serve(connection: socket.socket, shell, settings: dict) -> None:
    """Answers requests on `connection` until it closes; then the process ends."""
    random.seed(0)
    np.random.seed(0)
    host = Host(shell, settings, connection)
    while (frame := _next_frame(connection)) is not None:
        _send(connection, host.answer(*frame))
    os._exit(0)


def _next_frame(connection: socket.socket) -> tuple[bytes, bytes] | None:
    """Header and body of what comes next; None when the trusted side is gone."""
    prefix = _read(connection, wire.PREFIX.size)
    if prefix is None:
        return None
    header_size, body_size = wire.PREFIX.unpack(prefix)
    header, body = _read(connection, header_size), _read(connection, body_size)
    return None if header is None or body is None else (header, body)


def _send(connection: socket.socket, frame: list) -> None:
    """What is small goes in one piece: each wakes the reader."""
    pieces = [b"".join(frame)] if sum(memoryview(piece).nbytes for piece in frame) <= _ONE_PIECE else frame
    for piece in pieces:
        connection.sendall(piece)


def _read(connection: socket.socket, size: int) -> bytes | None:
    buffer = bytearray(size)
    view, done = memoryview(buffer), 0
    while done < size:
        n = connection.recv_into(view[done:])
        if n == 0:
            return None
        done += n
    return bytes(buffer)
