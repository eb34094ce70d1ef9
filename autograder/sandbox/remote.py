"""The student's notebook as tests see it: a proxy whose functions run in the jail, and handles for what stays there.

Handles and proxies forward no name that begins with an underscore, and make NumPy's and JAX's conversion protocols raise:
NumPy asks the instance for these, and a student's answer {"data": (address, True)} would make it read this process's memory.
"""

from __future__ import annotations

import contextlib
import operator
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.sandbox import wire
from autograder.sandbox.call_records import CallRecord, Recorder
from autograder.sandbox.errors import JailError, NameMissing, NothingRaised, StudentError
from autograder.sandbox.library_faults import library_fault
from autograder.sandbox.limits import Limits
from autograder.sandbox.probes import as_argument, as_probe
from autograder.sandbox.workspace import Workspace, kinds_of

_ITEMS = 10_000

# As in grading/assertions.py: what student code did is told by the suite's line and the error's words.
__tracebackhide__ = operator.methodcaller("errisinstance", (StudentError, JailError))


class _NoProtocols:
    """Refuses to be taken for an array, a truth value or a container."""

    __slots__ = ()

    def _refuse(self, *_, **__):
        raise TypeError(
            f"a {type(self).__name__} stands for an object in the student's process: call it, pass it on, or read it with "
            ".get(name), .item(key), .value()"
        )

    __array__ = __bool__ = __len__ = __iter__ = __contains__ = __float__ = __int__ = __index__ = __complex__ = _refuse
    __array_interface__ = __array_struct__ = __jax_array__ = property(_refuse)
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse  # type: ignore[assignment]
    __reduce__ = __reduce_ex__ = _refuse  # type: ignore[assignment]
    __hash__ = object.__hash__


class Handle(_NoProtocols):
    """An object that stays in the jail: a function, an optimiser's state, a class instance."""

    __slots__ = ("_generation", "_reference", "_student")

    def __init__(self, student: Student, reference: wire.Reference):
        self._student, self._reference = student, reference
        self._generation = student._workspace.generation

    def __sandbox_reference__(self) -> wire.Reference:
        if self._generation != self._student._workspace.generation:
            raise RuntimeError("a handle of a process that has ended: make it in the test that uses it")
        return self._reference

    @property
    def kind(self) -> str:
        """The name of its type, in the student's words."""
        return self._reference.kind

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._student._call(self, f"the returned {self.kind}", args, kwargs)

    def get(self, name: str) -> Any:
        """Its attribute `name`."""
        if name.startswith("_"):
            raise ValueError(f"names with an underscore are not read from student objects: {name!r}")
        return self._student._request("attribute", {"of": self.__sandbox_reference__(), "name": name}, f".{name}")

    def item(self, key: Any) -> Any:
        """Its item `key`."""
        return self._student._request("item", {"of": self.__sandbox_reference__(), "key": as_argument(key)}, "[...]")

    def items(self, limit: int = _ITEMS) -> list:
        """The first `limit` things that iterating it gives."""
        return self._student._request("items", {"of": self.__sandbox_reference__(), "limit": min(limit, _ITEMS)}, "list")

    def value(self) -> Any:
        """Its value, if it is data."""
        return self._student._request("value", {"of": self.__sandbox_reference__()}, "value")

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"a Handle forwards nothing by itself: use .get({name!r})")

    def __repr__(self) -> str:
        return f"<{wire.printable(self.kind)} in the student's process>"


class Function(_NoProtocols):
    """A function of the notebook, by name."""

    __slots__ = ("_keep", "_name", "_student")

    def __init__(self, student: Student, name: str, keep: bool):
        self._student, self._name, self._keep = student, name, keep

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._student._call(self._name, self._name, args, kwargs, self._keep)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"`student.{self._name}` can only be called; a value is read by student.get({self._name!r})")

    def __repr__(self) -> str:
        return f"<the student's {self._name}>"


class _Keeper:
    """`student.keep.f(...)`: the result stays in the jail, as a handle."""

    def __init__(self, student: Student):
        self._student = student

    def __getattr__(self, name: str) -> Function:
        return self._student._function(name, keep=True)

    def run(self, probe: Callable, *args: Any) -> Handle:
        return self._student._run(probe, args, "", keep=True)


class Student(_NoProtocols):
    """A submission's notebook in the jail. `student.f(x)` calls its `f`.

    Args:
        workspace: the notebook, alive.
        recorder: where calls are written down for feedback.
        signatures: parameter names by function, to label inputs with.
    """

    def __init__(self, workspace: Workspace, recorder: Recorder, signatures: dict[str, tuple[str, ...]] | None = None):
        self._workspace, self._recorder, self._signatures = workspace, recorder, signatures or {}

    def __getattr__(self, name: str) -> Function:
        return self._function(name, keep=False)

    def _function(self, name: str, keep: bool) -> Function:
        if name.startswith("_"):
            raise AttributeError(name)
        return Function(self, name, keep)

    @property
    def keep(self) -> _Keeper:
        """`student.keep.f(...)` and `student.keep.run(...)` return a handle to the result, whatever it is."""
        return _Keeper(self)

    def run(self, probe: Callable, *args: Any, label: str = "") -> Any:
        """Runs `probe(ns, *args)` beside the student's code; `ns.f` is the student's f.

        Args:
            probe: a lambda or local function; what it closes over must be sendable (`autograder.sandbox.probes`).
            label: how feedback names it, e.g. "the gradient of your loss".

        Raises:
            ProbeRefused: the probe must not be sent.
            StudentError, JailError: as for a call.
        """
        return self._run(probe, args, label)

    def _run(self, probe: Callable, args: tuple, label: str, keep: bool = False) -> Any:
        code = as_probe(probe)
        shown = [(k, v) for k, v in {**code.cells, **code.captured}.items() if not isinstance(v, (wire.Module, wire.Code))]
        inputs = tuple(shown) + _positional(_parameters(probe), args)
        record = CallRecord(label or self._probe_words(probe), inputs, labelled=bool(label))
        sent = {"fn": code, "args": [wire.Reference(0), *(as_argument(a) for a in args)], "kwargs": {}}
        return self._request("call", sent, record, keep)

    def get(self, name: str) -> Any:
        """The value of a global name of the notebook (a handle if it is no data)."""
        return self._request("get", {"name": name}, name)

    def has(self, name: str) -> bool:
        """Whether the notebook defines `name`."""
        return self._request("has", {"name": name}, f"is {name} defined?") == 1

    @contextlib.contextmanager
    def raises(self, kind: str) -> Iterator[None]:
        """Within it, the student's code must raise `kind` (a class name; subclasses count). NotImplementedError never does.

        Raises:
            StudentError: another error came, or none.
        """
        try:
            yield
        except StudentError as e:
            if kind in e.kinds and not e.unsolved and not isinstance(e, NameMissing):
                return
            raise
        raise NothingRaised(kind)

    def _probe_words(self, probe: Callable) -> str:
        own = [n for n in dict.fromkeys(_attributes(probe.__code__)) if n in self._signatures]
        return f"a small program around your {' and '.join(own)}" if own else "a small program around your functions"

    # ---- across the boundary

    def _call(self, target: Any, words: str, args: tuple, kwargs: dict, keep: bool = False) -> Any:
        inputs = (*_positional(self._signatures.get(words, ()), args), *kwargs.items())
        record = CallRecord(f"{words}({', '.join(_short(name) for name, _ in inputs)})", inputs)
        fn = target.__sandbox_reference__() if isinstance(target, Handle) else target
        sent = {"fn": fn, "args": [as_argument(a) for a in args], "kwargs": {k: as_argument(v) for k, v in kwargs.items()}}
        return self._request("call", sent, record, keep)

    def _request(self, op: str, sent: dict, record: CallRecord | str, keep: bool = False) -> Any:
        if isinstance(record, str):
            record = CallRecord(record, ())
        record.op, record.arguments = op, sent
        self._recorder.add(record)
        try:
            reply = self._workspace.request(op, sent, keep)
        except JailError as e:
            self._recorder.broken = e
            record.error = str(e)
            raise
        if "ok" in reply:
            record.output, record.answered = self._received(reply["ok"], record.handles), True
            if record.handles:
                record.handles = dict(_places(record.output))
            return record.output
        error = _error(reply.get("error"), self._workspace.limits)
        record.error, record.unsolved = str(error), error.unsolved
        self._recorder.library_fault = self._recorder.library_fault or error.library
        raise error

    def _received(self, value: Any, handles: dict[int, str]) -> Any:
        """References become handles, wherever they are; `handles` gets their keys."""
        kind = type(value)
        if kind is wire.Reference:
            handles[value.key] = ""
            return Handle(self, value)
        if kind in (list, tuple):
            return kind(self._received(v, handles) for v in value)
        if kind is dict:
            return {k: self._received(v, handles) for k, v in value.items()}
        if kind is wire.Record:
            return wire.Record(value._kind, value._fields, tuple(self._received(v, handles) for v in value))
        return value


def _places(value: Any, path: str = "") -> Iterator[tuple[int, str]]:
    """Key and place of each handle in a reply."""
    if isinstance(value, Handle):
        yield value._reference.key, path
    elif isinstance(value, list | tuple | dict):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(part, f"{path}[{key!r}]")


def _positional(names: tuple[str, ...], args: tuple) -> tuple[tuple[str, Any], ...]:
    return tuple((names[i] if i < len(names) else f"argument {i + 1}", a) for i, a in enumerate(args))


def _parameters(probe: types.FunctionType) -> tuple[str, ...]:
    """Names of a probe's arguments after `ns`."""
    return probe.__code__.co_varnames[1 : probe.__code__.co_argcount]


def _short(name: str) -> str:
    return name.replace("argument ", "x") if name.startswith("argument ") else name


def _attributes(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _attributes(constant)


def _error(described: Any, limits: Limits) -> StudentError:
    if type(described) is not dict:
        return StudentError(("Error",), "", "")
    if "missing" in described:
        return NameMissing(str(described["missing"])[:120])
    names, message = kinds_of(described), str(described.get("message", ""))[:2000]
    hint = limits.hint(names, message)
    return StudentError(names, f"{message} ({hint})" if hint else message, str(described.get("trace", ""))[:4000],
                        library_fault(described))  # fmt: skip


def asked(function: Callable[..., Any]) -> wire.Asked:
    """A function that student code may call and that runs here: each call crosses, so that calls can be counted and judged.

    Args:
        function: takes what the student's code passed (untrusted data), returns what it gets. It runs on this side, so it may
            hold what is secret. An exception goes to the student's code, except an AssertionError, which fails the test.
    """
    return wire.Asked(Remembering(function))


class Remembering:
    """A function with a memory of its answers: what it answered is no secret any more, what it is remains one.

    Attributes:
        answers: (arguments, answer) of the first calls.
        forgot: there were more calls, or one of them failed.
    """

    _MOST = 500

    def __init__(self, function: Callable[..., Any]):
        self._function = function
        self.answers: list[tuple[tuple, Any]] = []
        self.forgot = False

    def __call__(self, *values: Any) -> Any:
        try:
            answer = self._function(*values)
        except BaseException:
            self.forgot = True
            raise
        if len(self.answers) < self._MOST:
            self.answers.append((values, answer))
        else:
            self.forgot = True
        return answer


def raw(array: Any) -> wire.Raw:
    """Sends a NumPy array as it is: the student's function gets a `numpy.ndarray`, not a jax array."""
    return wire.Raw(np.asarray(array))
