"""Inputs on which a survivor is compared with the solution: the author's own domain, or perturbations of what the tests send.

An author declares a domain in the week's folder, in `domains.py`:

    def lab_swish(rng, i):                       # <kind>_<question>; rng is a NumPy-like generator as in tests, i = 0, 1, ... 999
        z = [np.zeros(3), rng.normal(size=3), 1e4 * rng.normal(size=3)][i % 3]
        yield "swish", z, float(rng.uniform(0, 4))
        yield "swish_slope", z, float(rng.uniform(0, 4))

Each call says a function and its arguments; what may be sent into the jail may stand there (functions marked @sendable too).
Where only a part of the result is asked for, say which: `lab_init.view = lambda layers: [np.abs(W) for W, _ in layers]` holds
two initializations equal that differ in sign, as a zero-mean normal's may. Where the text promises the student an accuracy, say
it too: `homework_mean_field.rtol = 2e-3`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.errors import AuthoringError
from autograder.grading.draws import Draws
from autograder.sandbox import wire
from autograder.sandbox.probes import ProbeRefused, as_argument
from autograder.verify.tape import RTOL, Request, leaves, map_parts

FILE = "domains.py"

Domain = Callable[[Any, int], Iterator[tuple]]
Inputs = Callable[[int], list[tuple[str, dict[str, Any]]]]


def declared(folder: Path, kind: str, question: str) -> Domain | None:
    """The domain that the week's `domains.py` declares for a question, None if it does not.

    Raises:
        AuthoringError: the file cannot be imported.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    name = f"domains_{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as e:
        lines = [f.lineno for f in traceback.extract_tb(e.__traceback__) if f.filename == str(path)]
        line = e.lineno if isinstance(e, SyntaxError) else (lines or [1])[-1]
        problem = f"it cannot be imported: {type(e).__name__}: {e}."
        raise AuthoringError(path, problem, "Correct the line.", line=line) from None
    return getattr(module, f"{kind}_{question}", None)


def view_of(domain: Domain | None) -> Callable[[Any], Any]:
    """What of a result is compared: the domain's `view`, or all of it."""
    return getattr(domain, "view", None) or (lambda result: result)


def accuracy_of(domain: Domain | None) -> float:
    """The relative accuracy that the text asks for: the domain's `rtol`, or float32's rounding."""
    return float(getattr(domain, "rtol", RTOL))


def inputs_of(domain: Domain | None, tape: Sequence[Request], where: Path | str) -> Inputs:
    """i -> the requests of the i-th input, the same ones whenever it is asked for.

    Args:
        domain: what the author declared; without it, what the tests send is perturbed.
        tape: the tests' requests.
        where: the file to blame.
    """
    if domain is not None:
        return lambda i: _declared_calls(domain, i, where)
    plain = [r for r in tape if r.op == "call" and not _holds_handles(r)]
    return lambda i: _perturbed(plain, i)


def _declared_calls(domain: Domain, i: int, where: Path | str) -> list[tuple[str, dict[str, Any]]]:
    try:
        calls = list(domain(Draws(i), i))
        return [("call", {"fn": name, "args": [as_argument(a) for a in args], "kwargs": {}}) for name, *args in calls]
    except (ProbeRefused, TypeError, ValueError) as e:
        problem = f"the domain of {getattr(domain, '__name__', '?')} fails at i = {i}: {e}"
        raise AuthoringError(where, problem, "Yield (function name, argument, ...) as docs/verify.md shows.") from None


def _holds_handles(request: Request) -> bool:
    found = [leaf for _, leaf in leaves(request.arguments)]
    return any(isinstance(leaf, wire.Reference) and leaf.key != 0 for leaf in found)


# --------------------------------------------------------------------------------------------------- default: perturbing


def _perturbed(requests: Sequence[Request], i: int) -> list[tuple[str, dict[str, Any]]]:
    if not requests:
        return []
    request = requests[i % len(requests)]
    way = _WAYS[(i // len(requests)) % len(_WAYS)]
    rng = np.random.default_rng(i)
    changed = {**request.arguments}
    for part in ("args", "kwargs"):
        changed[part] = _changed(request.arguments[part], way, rng)
    if isinstance(changed["fn"], wire.Code):  # a probe: what it closes over is input too
        changed["fn"] = _changed(changed["fn"], way, rng)
    return [("call", changed)]


def _changed(value: Any, way: Callable, rng: np.random.Generator) -> Any:
    if isinstance(value, wire.Raw):
        return wire.Raw(_changed(value.array, way, rng))
    if isinstance(value, wire.PrngKey):
        data = np.asarray(value.data)
        return wire.PrngKey(value.impl, rng.integers(0, 2**31, size=data.shape).astype(data.dtype))
    if wire.is_jax_array(value):
        return _changed_jax(value, way, rng)
    if isinstance(value, np.ndarray):
        # Whole numbers are labels and indices: any other value might be none.
        return way(value, rng).astype(value.dtype) if value.dtype.kind == "f" else value
    return map_parts(value, lambda v: _changed(v, way, rng))


def _changed_jax(value: Any, way: Callable, rng: np.random.Generator) -> Any:
    import jax

    if jax.numpy.issubdtype(value.dtype, jax.dtypes.prng_key):
        return jax.random.fold_in(value, int(rng.integers(2**31)))
    array = np.asarray(value)
    return way(array, rng).astype(array.dtype) if array.dtype.kind == "f" else value


def _noisy(a: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return a + 0.3 * rng.normal(size=a.shape) * (np.abs(a).max(initial=0.0) or 1.0)


def _fresh(a: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=a.shape)


def _zero(a: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.zeros_like(a)


def _negative(a: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return -np.abs(_noisy(a, rng))


def _large(a: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return 1e3 * _noisy(a, rng)


def _tiny(a: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return 1e-4 * _noisy(a, rng)


def _repeated(a: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.full(a.shape, np.ravel(_noisy(a, rng))[0]) if a.size else a


def _some_zeros(a: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return _noisy(a, rng) * (rng.random(size=a.shape) < 0.5)


def _whole(a: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.round(3 * rng.normal(size=a.shape))


_WAYS = (_noisy, _fresh, _zero, _negative, _large, _tiny, _repeated, _some_zeros, _whole)
