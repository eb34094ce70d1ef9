"""PUBLIC: bans ("without jax.grad"), read from the source of everything that a question's names reach.

Students' checks and the grader read alike. Nothing is run. What cannot be decided by reading (getattr, eval, a module handed
around as a value) is reported apart, for a person: it is never a verdict. The rules that decide what a name means are in
`name_resolution.py`.
"""

from __future__ import annotations

import contextlib
import fnmatch
import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from course_lib.name_resolution import Program, TooTangled, Use

PRIVATE = ("jax._src*", "jax.*._src*", "jaxlib*")

# Patterns over canonical dotted names; `*` spans dots. A family lists every public way to the same thing.
FAMILIES: dict[str, tuple[str, ...]] = {
    "autodiff": (
        *("jax.grad", "jax.value_and_grad", "jax.vjp", "jax.jvp", "jax.jacobian", "jax.jacfwd", "jax.jacrev"),
        *("jax.hessian", "jax.linearize", "jax.linear_transpose", "jax.linear_util*", "jax.fwd_and_bwd", "jax.vjp3"),
        *(
            "jax.custom_vjp",
            "jax.custom_jvp",
            "jax.custom_gradient",
            "jax.custom_derivatives*",
            "jax.custom_transpose*",
        ),
        *("jax.api.*", "jax.api_util*", "jax.interpreters.ad*", "jax.experimental.jet*", "jax.ad_checkpoint*"),
        *("jax.ad", "jax.ad.*", "jax.lib*", "jax.experimental.sparse.*grad*", "jax.experimental.sparse.jac*"),
        *("jax.test_util*", "jax.scipy.optimize*", "jax.saved_input_vjp", "jax.si_vjp", "jax.extend*"),
        *("optax.second_order*", "optax.hvp", "optax.hessian_diag", "optax.fisher_diag", "optax.value_and_grad*"),
        *("optax.perturbations*", "optax.make_perturbed_fun", "equinox.filter_*grad*", "equinox.filter_*vp*"),
        *("equinox.filter_jac*", "equinox.filter_hessian", "flax.nnx.*grad*", "flax.linen.*grad*", "flax.linen.*vp*"),
        *("haiku.*grad*", "haiku.*vp*", "jaxopt*", "optimistix*", "torch*", "tensorflow*", "autograd*", "theano*"),
        *("sympy*", "numdifftools*", "casadi*", *PRIVATE),
    ),
    "convolution": (
        *("jax.lax.conv", "jax.lax.conv_*", "jax.lax.*conv_*"),
        *("jax.lax.reduce_window*", "jax.lax.select_and_*", "jax.lax.*_window*"),
        *("jax.numpy.convolve", "jax.numpy.correlate", "jax.scipy.signal*", "jax.nn.*conv*", "jax.nn.*pool*"),
        *("numpy.convolve", "numpy.correlate", "numpy.ma.convolve", "numpy.ma.correlate", "numpy.polymul", "numpy.*.polymul"),
        *("jax.numpy.polymul", "jax.example_libraries.stax.*Conv*", "jax.example_libraries.stax.*Pool*"),
        *("scipy.signal*", "scipy.ndimage*", "skimage*", "cv2*"),
        *("flax.*Conv*", "flax.*pool*", "equinox.nn.*Conv*", "equinox.nn.*Pool*", "haiku.*Conv*", "haiku.*Pool*"),
        *("torch*", "tensorflow*", *PRIVATE),
    ),
    "optimizers": (
        *("optax*", "jax.example_libraries.optimizers*", "jax.experimental.optimizers*", "jax.scipy.optimize*"),
        *("scipy.optimize*", "jaxopt*", "optimistix*", "torch*", "tensorflow*", *PRIVATE),
    ),
    "initializers": ("jax.nn.initializers*", "flax.*initializers*", "haiku.initializers*", "torch*", *PRIVATE),
    "attention": (
        *("jax.nn.dot_product_attention", "jax.nn.scaled_dot_general*", "jax.experimental.pallas*"),
        *("flax.*ttention*", "equinox.nn.*ttention*", "haiku.*ttention*", "torch*", "tensorflow*", *PRIVATE),
    ),
    "softmax": (
        *("jax.nn.softmax", "jax.nn.log_softmax", "jax.nn.logsumexp", "jax.nn.standardize", "jax.numpy.logaddexp*"),
        *("jax.scipy.special.logsumexp", "jax.scipy.special.softmax", "jax.scipy.special.log_softmax"),
        *("scipy.special.logsumexp", "scipy.special.softmax", "scipy.special.log_softmax", "numpy.logaddexp*"),
        *("optax.*cross_entropy*", "optax.losses*", "torch*", "tensorflow*", *PRIVATE),
    ),
    "linear_solvers": (
        *(f"{m}.linalg.{f}" for m in ("jax.numpy", "numpy") for f in ("solve", "inv", "pinv", "lstsq", "tensor*")),
        *("jax.scipy.linalg*", "jax.scipy.sparse.linalg*", "scipy.linalg*", "scipy.sparse.linalg*", "jax.lax.linalg*"),
        *("jax.lax.custom_linear_solve", "lineax*", "sklearn*", "torch*", "tensorflow*", *PRIVATE),
    ),
    "eigenvalues": (
        *(f"{m}.linalg.{f}" for m in ("jax.numpy", "numpy") for f in ("eig*", "svd*", "cond", "matrix_rank", "pinv")),
        *("jax.scipy.linalg*", "scipy.linalg*", "scipy.sparse.linalg*", "jax.lax.linalg*", "torch*", *PRIVATE),
    ),
    "optimal_transport": ("ott*", "ot*", "scipy.stats.wasserstein*", "scipy.optimize*", "geomloss*", *PRIVATE),
    "segment_ops": ("jax.ops.segment_*", "jax.experimental.sparse*", "jraph*", "networkx*", "torch*", *PRIVATE),
}
_ROOTS = ("jax", "numpy", "scipy", "optax", "sklearn", "networkx", "math", "functools", "itertools", "statistics")
_SHORT = {"jnp": "jax.numpy", "np": "numpy", "lax": "jax.lax", "jsp": "jax.scipy", "jr": "jax.random"}


@dataclass(frozen=True)
class BanUse:
    """One place where reachable code uses something.

    Attributes:
        cell: index into the list of cells given; -1 in a module.
        line: line within that cell or module, from 1.
        name: what it is, canonical: "jax.grad", "getattr".
        written: as the student wrote it: "g(loss)" gives "g".
        module: the module of the student's own that it stands in, or "".
    """

    cell: int
    line: int
    name: str
    written: str
    module: str = ""


@dataclass(frozen=True)
class BanFindings:
    """What reading found: `used` breaks a ban; `dynamic` cannot be decided by reading and is for a person."""

    used: tuple[BanUse, ...] = ()
    dynamic: tuple[BanUse, ...] = ()


def is_known(ban: str) -> bool:
    """Whether a notebook may declare this ban: a family, or a dotted name of a library students have."""
    return ban in FAMILIES or ("." in ban and _canonical(ban).split(".")[0] in _ROOTS)


def find_banned(cells: list[str], names: tuple[str, ...], bans: tuple[str, ...],
                limited: Callable[[], AbstractContextManager] = contextlib.nullcontext,
                reach: Callable[[Program, tuple[str, ...]], Iterator[tuple[Use, str]]] | None = None) -> BanFindings:  # fmt: skip
    """Uses of banned functions in everything that `names` reach through the notebook's top-level code.

    Args:
        cells: source of all code cells that ran, in order; magics allowed; a cell with a syntax error is passed over.
        names: the question's names.
        bans: families of `FAMILIES`, or dotted names such as "jax.numpy.linalg.inv" ("jnp.linalg.inv" too).
        limited: reading happens in this context, which may end it by a TimeoutError.
        reach: (use, module of the student's own) of all that names of a program reach; by default in the notebook alone.

    Returns:
        Findings in the order of cells and lines, each place once.

    Raises:
        KeyError: an unknown ban (`is_known` is checked when a notebook is built).
    """
    patterns = tuple(p for ban in bans for p in patterns_of(ban))
    if not patterns:
        return BanFindings()
    used: dict[tuple, BanUse] = {}
    dynamic: dict[tuple, BanUse] = {}
    try:
        with limited():
            program = read(tuple(cells))
            for use, module in reach(program, names) if reach else ((use, "") for use in program.uses(names)):
                found = BanUse(-1 if module else use.cell, use.line, use.name, use.written, module)
                place = (module, use.cell, use.line, use.name)
                if use.dynamic:
                    # A module handed around is of interest only where it leads to something banned.
                    if not use.module or _leads_to_banned(use.name, patterns):
                        dynamic.setdefault(place, found)
                elif _is_banned(use, patterns):
                    used.setdefault(place, found)
    except (TooTangled, RecursionError, TimeoutError):
        dynamic[("", 0, 0, "")] = BanUse(0, 0, "code too tangled to read", "")
    return BanFindings(tuple(used[k] for k in sorted(used)), tuple(dynamic[k] for k in sorted(dynamic)))


@functools.lru_cache(maxsize=1)
def read(cells: tuple[str, ...]) -> Program:
    """The cells as one program."""
    # All questions of a submission ask about the same cells, one after the other.
    return Program(list(cells))


def patterns_of(ban: str) -> tuple[str, ...]:
    if ban in FAMILIES:
        return FAMILIES[ban]
    if not is_known(ban):
        raise KeyError(ban)
    return (_canonical(ban), *PRIVATE)


def _canonical(name: str) -> str:
    head, dot, rest = name.partition(".")
    return _SHORT.get(head, head) + dot + rest


def _is_banned(use: Use, patterns: tuple[str, ...]) -> bool:
    """Whether the dotted name or a prefix of it is banned (`jax.grad.__call__` is `jax.grad`)."""
    parts = use.name.split(".")
    prefixes = [".".join(parts[: n + 1]) for n in range(1 if len(parts) > 1 else 0, len(parts))]
    return any(_matches(prefix, pattern) for prefix in prefixes for pattern in patterns)


def _matches(name: str, pattern: str) -> bool:
    if pattern.endswith("*") and "*" not in pattern[:-1] and "." not in pattern:
        return name == pattern[:-1] or name.startswith(pattern[:-1] + ".")  # "ot*" is the package ot, not "other"
    return fnmatch.fnmatchcase(name, pattern)


def _leads_to_banned(module: str, patterns: tuple[str, ...]) -> bool:
    heads = (p.split("*")[0] for p in patterns)
    return any(h.startswith(module + ".") or h.rstrip(".") == module or module.startswith(h) for h in heads if h)
