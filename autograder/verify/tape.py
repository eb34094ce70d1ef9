"""What a test sends into the jail and what comes back, written down at the boundary: to replay it on another version of the code.

Working at the boundary makes this general: a direct call, a probe with `jax.grad` in it and the call of a handle are all one
request with one reply.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.sandbox import wire
from autograder.sandbox.wire_encoder import Encoder

RTOL, ATOL = 1e-5, 1e-9


@dataclass(frozen=True)
class Request:
    """One request as it was sent (wire values), and the reply of the version that was recorded."""

    op: str
    arguments: dict[str, Any]
    keep: bool
    reply: dict[str, Any]
    seconds: float


def fingerprint(tape: Sequence[Request]) -> str:
    """Hash of everything that was sent; handles count as equal, since their numbers depend on what ran before."""
    digest = hashlib.sha256()
    for request in tape:
        arguments = map_references(request.arguments, lambda r: wire.Reference(min(r.key, 1)))
        for piece in Encoder(wire.Caps(), _refuse).frame({"op": request.op, "with": arguments}):
            digest.update(bytes(piece))
    return digest.hexdigest()


def _refuse(value: Any) -> Any:
    raise wire.WireError(f"a {type(value).__name__} was sent")


def map_references(value: Any, change: Callable[[wire.Reference], wire.Reference]) -> Any:
    """A copy of a wire value with every handle changed."""
    if isinstance(value, wire.Reference):
        return change(value)
    return map_parts(value, lambda v: map_references(v, change))


def map_parts(value: Any, change: Callable[[Any], Any]) -> Any:
    """A container with `change` applied to what it holds; a leaf as it is."""
    kind = type(value)
    if kind in (list, tuple, set, frozenset):
        return kind(change(v) for v in value)
    if kind is dict:
        return {k: change(v) for k, v in value.items()}
    if isinstance(value, wire.Record):
        return wire.Record(value._kind, value._fields, tuple(change(v) for v in value))
    if isinstance(value, wire.Code):
        parts = {n: map_parts(getattr(value, n), change) for n in ("captured", "cells", "defaults", "kwdefaults")}
        return dataclasses.replace(value, **parts)
    return value


def leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """(path, leaf) pairs of a wire value."""
    kind = type(value)
    if kind in (list, tuple) or isinstance(value, wire.Record):
        return [leaf for i, v in enumerate(value) for leaf in leaves(v, f"{path}[{i}]")]
    if kind is dict:
        return [leaf for k, v in value.items() for leaf in leaves(v, f"{path}[{k!r}]")]
    if isinstance(value, wire.Code):
        return leaves([value.captured, value.cells, list(value.defaults)], path)
    return [(path, value)]


def arrays_sent(tape: Sequence[Request]) -> list[np.ndarray]:
    """Every numeric array that went in."""
    found = [leaf for request in tape for _, leaf in leaves(request.arguments)]
    plain = [leaf.array if isinstance(leaf, wire.Raw) else leaf for leaf in found]
    return [np.asarray(a) for a in plain if _is_numeric_array(a)]


def _is_numeric_array(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iufc"
    # A PRNG key's dtype is no NumPy dtype, and it cannot be converted.
    return wire.is_jax_array(value) and isinstance(value.dtype, np.dtype) and value.dtype.kind in "iufc"


# ------------------------------------------------------------------------------------------------------------ comparing


def dead_because(expected: dict, got: dict) -> str:
    """Why a reply is no live answer: it raised, or has another structure, shape or dtype, or is not finite. "" if it is."""
    if "ok" not in expected:
        return "" if "ok" in got or _error_kind(got) == _error_kind(expected) else "raises another error"
    if "ok" not in got:
        return f"raises {_error_kind(got)}"
    old, new = leaves(expected["ok"]), leaves(got["ok"])
    if [p for p, _ in old] != [p for p, _ in new]:
        return "another structure"
    for (_, a), (_, b) in zip(old, new, strict=True):
        if reason := _leaf_dead(a, b):
            return reason
    return ""


def _error_kind(reply: dict) -> str:
    error = reply.get("error")
    return str(error.get("type", "an error"))[:80] if isinstance(error, dict) else "an error"


def _leaf_dead(a: Any, b: Any) -> str:
    if type(a) is not type(b):
        return f"a {type(b).__name__} for a {type(a).__name__}"
    x, y = _numbers(a), _numbers(b)
    if x is None or y is None:
        return ""
    if x.shape != y.shape:
        return f"shape {y.shape} for {x.shape}"
    if x.dtype != y.dtype:
        return f"dtype {y.dtype} for {x.dtype}"
    return "not finite" if bool(np.any(np.isfinite(x) & ~np.isfinite(y))) else ""


def _numbers(value: Any) -> np.ndarray | None:
    if isinstance(value, np.ndarray) or type(value) in (bool, int, float, complex):
        array = np.asarray(value)
        return array if array.dtype.kind in "biufc" else None
    return None


def difference(expected: dict, got: dict, rtol: float = RTOL) -> str:
    """How far two replies are apart, in words; "" if they agree to `rtol` (both failing counts as agreement)."""
    if "ok" not in expected:
        return "" if "ok" not in got else "returns where the solution raises"
    if reason := dead_because(expected, got):
        return reason
    for (path, a), (_, b) in zip(leaves(expected["ok"]), leaves(got["ok"]), strict=True):
        if words := _leaf_difference(a, b, rtol):
            return f"{path} {words}".strip()
    return ""


def _leaf_difference(a: Any, b: Any, rtol: float) -> str:
    x, y = _numbers(a), _numbers(b)
    if x is None or y is None:
        return "" if isinstance(a, wire.Reference) or _same(a, b) else f"{b!r:.60} for {a!r:.60}"
    wide = np.complex128 if x.dtype.kind == "c" else np.float64
    x, y = x.astype(wide), y.astype(wide)
    finite = np.isfinite(x)
    if not np.array_equal(x[~finite], y[~finite], equal_nan=True):
        return "differs where the solution is not finite"
    scale = float(np.abs(x[finite]).max()) if finite.any() else 0.0
    with np.errstate(all="ignore"):
        worst = float(np.abs(x - y)[finite].max()) if finite.any() else 0.0
    return "" if worst <= ATOL + rtol * scale else f"differs by {worst:.3g} where the largest entry is {scale:.3g}"


def _same(a: Any, b: Any) -> bool:
    try:
        return bool(np.all(np.asarray(a == b)))
    except (TypeError, ValueError):
        return False


def signature(replies: Sequence[dict]) -> str:
    """Hash of replies rounded to four digits: equal for versions that nothing in these requests tells apart."""
    digest = hashlib.sha256()
    for reply in replies:
        for path, leaf in leaves(reply.get("ok", {"raises": _error_kind(reply)})):
            digest.update(path.encode() + b"\0")
            numbers = _numbers(leaf)
            digest.update(_rounded(numbers) if numbers is not None else repr(type(leaf)).encode())
    return digest.hexdigest()


def _rounded(array: np.ndarray) -> bytes:
    if array.dtype.kind not in "fc":
        return array.tobytes()
    wide = array.astype(np.complex128).view(np.float64) if array.ndim else np.array([array], np.complex128).view(np.float64)
    largest = float(np.abs(wide[np.isfinite(wide)]).max(initial=0.0))
    # A power of ten, not the largest entry itself: divided by that, all single numbers would be 1.
    exponent = int(np.floor(np.log10(largest))) if largest > 0 else 0
    return str(exponent).encode() + (np.round(wide / 10.0**exponent, 4) + 0.0).tobytes()
