"""Runs inside the jail: takes forbidden machinery away while a question's tests run, so that a ban is a fact and no reading.

Names cannot be followed in Python: `math.g = jax.grad` in one cell and `math.g` in another look like nothing. What can be said
is what happens where the machinery is not there. Imports nothing of ours.

Each family has roots, the few functions that every way to the thing ends in, and public functions, which are replaced wherever a
module holds them. Modules of a family that are not loaded yet cannot be imported.
"""

from __future__ import annotations

import fnmatch
import functools
import importlib.abc
import os
import sys
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any


class ForbiddenMachinery(RuntimeError):
    """The question forbids what was about to run."""


# (module, attribute path). A class's __init__ stands for all of its instances, a primitive's bind for all of its uses.
ROOTS: dict[str, tuple[tuple[str, str], ...]] = {
    "autodiff": tuple(
        ("jax._src.interpreters.ad", name)
        for name in (
            "JVPTrace.__init__", "LinearizeTrace.__init__", "backward_pass", "backward_pass3", "closed_backward_pass",
            "jvp_jaxpr", "linearize_jaxpr", "linearize_jaxpr2",
        )
    ),
    "convolution": (
        *(
            ("jax._src.lax.convolution", "conv_general_dilated_p.bind"),
            ("jax._src.lax.convolution", "conv_general_dilated_p.bind_with_trace"),
        ),
        *(
            ("jax._src.lax.windowed_reductions", f"{primitive}.{bind}")
            for primitive in (
                "reduce_window_p", "reduce_window_sum_p", "reduce_window_max_p", "reduce_window_min_p",
                "select_and_scatter_p", "select_and_scatter_add_p", "select_and_gather_add_p",
            )
            for bind in ("bind", "bind_with_trace")
        ),
    ),
}  # fmt: skip
# Whole modules, with what is below them: not to be imported, and their functions not to be called where they are loaded.
MODULES: dict[str, tuple[str, ...]] = {
    "autodiff": ("jax.experimental.jet", "scipy.differentiate", "autograd", "sympy", "numdifftools", "casadi", "jaxopt"),
    "convolution": ("scipy.signal", "scipy.ndimage", "jax.scipy.signal", "jax._src.scipy.signal", "skimage", "cv2"),
}
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "autodiff": ("scipy.optimize.approx_fprime", "scipy.optimize.check_grad", "scipy.optimize._numdiff.approx_derivative"),
    "convolution": (
        "numpy.convolve", "numpy.correlate", "numpy._core.multiarray.correlate", "numpy._core.multiarray.correlate2",
        "numpy.ma.convolve", "numpy.ma.correlate", "numpy.polymul", "numpy.polynomial.polynomial.polymul",
        "jax.numpy.convolve", "jax.numpy.correlate", "jax.numpy.polymul",
        "jax.lax.conv", "jax.lax.conv_*", "jax.lax.reduce_window",
    ),
}  # fmt: skip


class Switch:
    """Which families' machinery is away at the moment, and whether somebody asked for it."""

    def __init__(self) -> None:
        self.away: frozenset[str] = frozenset()
        self.refused = False

    def refuse(self, what: str, family: str) -> None:
        """Raises if the family's machinery is away.

        Raises:
            ForbiddenMachinery: it is.
        """
        if family in self.away:
            self.refused = True
            raise ForbiddenMachinery(f"{what} is not available here: this question is to be solved without it")


installed: Switch | None = None


def install(bans: Mapping[str, Sequence[str]]) -> None:
    """Puts guards before the machinery of `bans` in this process and its forks; they do nothing until `installed` says so.

    Args:
        bans: for each ban the dotted public names that it forbids, `*` at the end of the last part allowed ("jax.nn.softmax",
            "scipy.linalg*"); none for the families that have roots here.
    """
    global installed
    installed = switch = Switch()
    _libraries()  # before student code can say otherwise
    functions, modules = [], []
    for ban, names in bans.items():
        for module, path in ROOTS.get(ban, ()):
            _guard_root(module, path, ban, switch)
        functions += [(name, ban) for name in (*FUNCTIONS.get(ban, ()), *names)]
        modules += [(name, ban) for name in MODULES.get(ban, ())]
    _replace_everywhere({**_members_of(modules, switch), **_functions(functions, switch)})
    sys.meta_path.insert(0, _Refusing(tuple(modules), switch))


# JAX's own code that needs the machinery for something else, by where it stands: a system of equations is solved by way of the
# transpose of a linear map, a cumulative sum is lowered as a sum over windows.
_OWN_USES = {
    "autodiff": ("jax/_src/numpy/linalg.py", "jax/_src/lax/linalg.py", "jax/_src/scipy/linalg.py"),
    "convolution": ("jax/_src/interpreters/mlir.py",),
}


@functools.cache
def _libraries() -> tuple[str, ...]:
    """Where code lies that is not a student's. A private folder is reached by another path than its own: so ask the modules."""
    jax = sys.modules.get("jax")
    site = [os.path.dirname(os.path.dirname(jax.__file__))] if jax is not None and jax.__file__ else []
    return (sys.prefix, sys.base_prefix, os.path.dirname(os.__file__), *site, __file__, "<frozen")


def _for_jax_itself(family: str) -> bool:
    """Whether no frame of other code stands between the machinery and one of `_OWN_USES`."""
    own, libraries = _OWN_USES.get(family, ()), _libraries()
    frame = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.startswith(libraries):
        if frame.f_code.co_filename.endswith(own):
            return True
        frame = frame.f_back
    return False


def _guarded(original: Callable, what: str, family: str, switch: Switch) -> Callable:
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if family in switch.away and not _for_jax_itself(family):
            switch.refuse(what, family)
        return original(*args, **kwargs)

    return guarded


def _guard_root(module: str, path: str, family: str, switch: Switch) -> None:
    """Guards one attribute; a name that this JAX does not have is passed over."""
    owner = sys.modules.get(module)
    *outer, last = path.split(".")
    for name in outer:
        owner = getattr(owner, name, None)
    if owner is not None and hasattr(owner, last):
        setattr(owner, last, _guarded(getattr(owner, last), family, family, switch))


def _functions(named: Iterable[tuple[str, str]], switch: Switch) -> dict[int, Callable]:
    """Guarded functions by the identity of those that they replace."""
    found: dict[int, Callable] = {}
    for pattern, family in named:
        module_name, _, last = pattern.rpartition(".")
        module = sys.modules.get(module_name)
        for name, value in list(vars(module).items()) if module is not None else ():
            if fnmatch.fnmatchcase(name, last) and _replaceable(value):
                found[id(value)] = _guarded(value, f"{module_name}.{name}", family, switch)
            elif fnmatch.fnmatchcase(name, last) and isinstance(value, types.ModuleType):
                found |= _members_of([(value.__name__, family)], switch)
    return found


def _members_of(modules: Iterable[tuple[str, str]], switch: Switch) -> dict[int, Callable]:
    """Guarded functions in place of those of the modules that are loaded, and of those below them."""
    found: dict[int, Callable] = {}
    for wanted, family in modules:
        for name in [n for n in list(sys.modules) if n == wanted or n.startswith(wanted + ".")]:
            for value in list(vars(sys.modules[name]).values()):
                # What such a module has from elsewhere (NumPy's functions, say) stays.
                if _replaceable(value) and str(getattr(value, "__module__", "")).startswith(wanted):
                    found[id(value)] = _guarded(value, wanted, family, switch)
    return found


def _replaceable(value: Any) -> bool:
    return callable(value) and not isinstance(value, type | types.ModuleType)


def _replace_everywhere(guards: dict[int, Callable]) -> None:
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", None)
        if type(names) is not dict or module is sys.modules[__name__]:
            continue
        for name, value in list(names.items()):
            if id(value) in guards:
                names[name] = guards[id(value)]


class _Refusing(importlib.abc.MetaPathFinder):
    """Refuses to import what a family's modules are, while the family is away."""

    def __init__(self, modules: tuple[tuple[str, str], ...], switch: Switch):
        self._modules, self._switch = modules, switch

    def find_spec(self, name: str, path: Any, target: Any = None) -> None:
        for module, family in self._modules:
            if name == module or name.startswith(module + "."):
                self._switch.refuse(f"the module {name}", family)
        return None
