"""In the jail: what stands in for modules, names and devices that are not there, so that one import does not empty a notebook.

A stand-in is given only while a statement runs once more that an ImportError has ended: what a notebook catches by itself
(`try: import torch`, `importlib.util.find_spec`) is as Python does it. Two kinds:

* `Absent` names itself in an error as soon as it is used: called, subclassed, computed with, looked into.
* `Idle` does nothing: modules of the places where notebooks are written (Colab, Kaggle), of editors, progress bars, loggers and
  run-time type checkers. No answer of a question can come out of one.

Imports nothing of ours: it runs beside student code (see `host`).
"""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import re
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Modules without which every answer is the same. `tqdm` and the like hand on what they are given.
IDLE = frozenset({

    # where notebooks are written, and what editors bring along
    "google.colab", "kaggle", "kaggle_secrets", "kaggle_datasets", "kagglehub", "deepnote_toolkit", "condacolab", "piplite",
    "micropip", "pyodide_kernel", "pyodide_js", "nest_asyncio", "nest_asyncio2", "ipywidgets", "ipykernel", "ipympl",
    "ipytest", "jupyterthemes", "jupyter_black", "nb_black", "lab_black", "nb_mypy", "watermark", "itables", "jupytext",
    "otter", "nbgrader", "okpy", "pip", "dotenv",
    # what measures the machine
    "line_profiler", "memory_profiler", "snakeviz", "pyinstrument", "scalene", "viztracer", "codecarbon", "GPUtil", "pynvml",
    "nvidia_smi", "psutil",
    # what checks types while a program runs
    "beartype", "typeguard",
    # what shows progress, colours and logs
    "tqdm", "fastprogress", "alive_progress", "progressbar", "rich", "icecream", "loguru", "coloredlogs", "colorama",
    "termcolor", "colorlog", "wandb", "mlflow", "neptune", "comet_ml", "clearml", "tensorboard", "tensorboardX", "trackio",
    "aim",
})  # fmt: skip
_PASSES_ON = frozenset({
    "tqdm", "tqdm_notebook", "trange", "tnrange", "track", "progress_bar", "master_bar", "alive_it", "progressbar", "ProgressBar",
})  # fmt: skip
_BARS = frozenset({"tqdm", "rich", "fastprogress", "alive_progress", "progressbar"})
_TEXTS = frozenset({"google.colab.userdata.get", "kaggle_secrets.UserSecretsClient.get_secret"})  # what goes to os.environ
_CANNOT_IMPORT = re.compile(r"cannot import name '(\w+)' from (?:partially initialized module )?'([\w.]+)'")
_NO_DEVICE = re.compile(r"(?:Unknown backend:?|Backend) '?(\w+)'?")
_DEVICES = frozenset({"gpu", "cuda", "rocm", "tpu", "metal", "METAL", "axon", "neuron"})


class NotInstalled(ModuleNotFoundError):
    """Something was used that is not installed here."""


def _refused(name: str) -> NotInstalled:
    root, _, rest = name.partition(".")
    if root in sys.modules and not isinstance(sys.modules[root], AbsentModule):
        where, _, last = name.rpartition(".")
        return NotInstalled(f"`{last}` is not in {where} as it is installed where this is graded", name=name)
    what = f"`{name}` is used, but `{root}`" if rest else f"`{root}`"
    return NotInstalled(f"{what} is not installed where this is graded", name=root)


def is_idle(name: str) -> bool:
    """Whether a module of this dotted name, or one that it lies in, does nothing."""
    parts = name.split(".")
    return any(".".join(parts[:n]) in IDLE for n in range(1, len(parts) + 1))


class _AbsentThing:
    """Something of a module that is not there. Its attributes are such things, too: annotations may name them."""

    def __init__(self, name: str):
        self.__dict__["_name"] = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _AbsentThing(f"{self._name}.{name}")

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise _refused(self._name)

    __call__ = __iter__ = __next__ = __len__ = __getitem__ = __setitem__ = __enter__ = __exit__ = __mro_entries__ = _refuse
    __bool__ = __float__ = __int__ = __index__ = __contains__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse  # type: ignore[assignment]
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __matmul__ = __rmatmul__ = _refuse
    __pow__ = __rpow__ = __neg__ = __setattr__ = _refuse  # type: ignore[assignment]
    __hash__ = object.__hash__

    def __or__(self, other: Any) -> Any:  # `x: torch.Tensor | None`
        return self

    __ror__ = __or__

    def __instancecheck__(self, thing: Any) -> bool:  # nothing is an instance of what is not there
        return False

    __subclasscheck__ = __instancecheck__

    def __repr__(self) -> str:
        return f"<{self._name}, which is not installed>"


class AbsentModule(types.ModuleType):
    """A module that is not there."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _AbsentThing(f"{self.__name__}.{name}")


class _IdleThing:
    """Something that does nothing: every attribute, result and item of it is such a thing; decorating changes nothing."""

    def __init__(self, name: str):
        self.__dict__["_name"] = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _idle_attribute(f"{self._name}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._name in _TEXTS:
            return ""
        if len(args) == 1 and callable(args[0]):
            return args[0]
        return self

    def _itself(self, *_: Any) -> Any:
        return self

    __getitem__ = __enter__ = __or__ = __ror__ = _itself
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __floordiv__ = _itself

    def _no(self, *_: Any) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _no

    def __exit__(self, *_: Any) -> bool:
        return False

    def __iter__(self) -> Iterator:
        return iter(())

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __len__(self) -> int:
        return 0

    def __str__(self) -> str:
        return ""

    def __format__(self, how: str) -> str:
        return ""

    def __mro_entries__(self, bases: tuple) -> tuple:
        return ()


class IdleModule(types.ModuleType):
    """A module that does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("load_ipython_extension", "unload_ipython_extension"):
            raise AttributeError(name)
        return _idle_attribute(f"{self.__name__}.{name}")


class _Bar:
    """A progress bar: hands on what it is given, shows nothing."""

    def __init__(self, iterable: Any = (), *_: Any, **__: Any):
        self._iterable = iterable

    def __iter__(self) -> Iterator:
        return iter(self._iterable)

    def __len__(self) -> int:
        return len(self._iterable)

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: Any) -> bool:
        return False

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: None

    write = staticmethod(print)


def _first(*things: Any) -> Any:
    """`ic(x)` and `check_type(x, T)` give x back."""
    return things[0] if things else None


def _idle_attribute(name: str) -> Any:
    root, last = name.partition(".")[0], name.rpartition(".")[2]
    if root in _BARS and last in _PASSES_ON:
        return (lambda *a, **k: _Bar(range(*a))) if last.startswith(("trange", "tnrange")) else _Bar
    if root in _BARS and last in ("print", "pprint"):
        return print
    if name in ("icecream.ic", "typeguard.check_type"):
        return _first
    return _IdleThing(name)


# ------------------------------------------------------------------------------------------------------- giving them


@dataclass(frozen=True)
class Lack:
    """Something that an error says is not there.

    `kind`: module (`name`, dotted), name (of a module that is there), device. These can be stood in for; what cannot: see
    `absences.lack_behind`.
    """

    kind: str
    name: str


def lack_behind_import(error: BaseException) -> Lack | None:
    """What an ImportError, or JAX's error on a device, says is missing and can be stood in for."""
    if isinstance(error, NotInstalled):
        return None
    if isinstance(error, ModuleNotFoundError) and error.name:
        return Lack("module", str(error.name)[:200])
    if isinstance(error, ImportError) and (match := _CANNOT_IMPORT.match(str(error))):
        return Lack("name", f"{match[2]}.{match[1]}"[:200])
    if isinstance(error, RuntimeError) and (match := _NO_DEVICE.match(str(error))) and match[1] in _DEVICES:
        return Lack("device", match[1])
    return None


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of `roots` and all below them."""

    def __init__(self, roots: set[str]):
        self._roots, self.made = roots, set()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if any(name == root or name.startswith(root + ".") for root in self._roots):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        self.made.add(spec.name)
        return IdleModule(spec.name) if is_idle(spec.name) else AbsentModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


@contextlib.contextmanager
def standing_in(lacks: list[Lack]) -> Iterator[list[Lack]]:
    """Within it, imports of `lacks` give stand-ins, and devices that are not there are this one; afterwards they fail again.

    Yields:
        A list that holds, afterwards, what was stood in for, as it was asked for (`google.colab` where `google` was missing).
    """
    given: list[Lack] = []
    finder = _Finder({lack.name for lack in lacks if lack.kind == "module"})
    lent = [_lend(lack.name) for lack in lacks if lack.kind == "name"]
    if any(lack.kind == "device" for lack in lacks):
        _answer_for_every_device()
    sys.meta_path.append(finder)
    try:
        yield given
    finally:
        sys.meta_path.remove(finder)
        deepest = [name for name in finder.made if not any(other.startswith(name + ".") for other in finder.made)]
        given += [*(Lack("module", name) for name in sorted(deepest)), *(lack for lack in lacks if lack.kind != "module")]
        for name in finder.made:
            sys.modules.pop(name, None)
            parent, _, last = name.rpartition(".")
            if parent in sys.modules and not is_idle(name):
                vars(sys.modules[parent]).pop(last, None)
        for module, name in lent:
            vars(module).pop(name, None)


def _lend(dotted: str) -> tuple[types.ModuleType, str]:
    """Gives a module a name that it lacks."""
    where, _, name = dotted.rpartition(".")
    module = sys.modules.get(where) or types.ModuleType(where)
    vars(module).setdefault(name, _idle_attribute(dotted) if is_idle(dotted) else _AbsentThing(dotted))
    return module, name


def _answer_for_every_device() -> None:
    """`jax.devices("gpu")` gives this machine's devices: once asked for without a way out, from then on."""
    from jax._src import xla_bridge

    known = getattr(xla_bridge, "_get_backend_uncached", None)
    if known is None or getattr(known, "answers_for_all", False):
        return

    def any_backend(platform=None):
        return known("cpu" if platform in _DEVICES else platform)

    any_backend.answers_for_all = True
    xla_bridge._get_backend_uncached = any_backend
