"""Values as Python source that makes them again, to the last bit: what a program that students paste is written with."""

from __future__ import annotations

import base64
import textwrap
import zlib
from typing import Any

import numpy as np

from autograder.sandbox import wire

_PRINTED = 400  # numbers of an array that are written out; a larger one is packed
_PACKED_BYTES = 2_000_000
_ITEMS = 20_000  # of all containers together
_DEPTH = 24
_LINE = 100
# What an array becomes on its way into a process where JAX computes in single precision.
_SINGLE = {"float64": "float32", "int64": "int32", "uint64": "uint32", "complex128": "complex64"}


class Unwritable(Exception):
    """A value has no source, or too much of it."""


def arrived(value: Any, x64: bool) -> Any:
    """A value of a test as student code gets it: without double precision where the notebook has none.

    Args:
        value: what a test passed: arrays and containers of them; anything else is returned as it is.
        x64: JAX computes in double precision there.
    """
    kind = type(value)
    if kind in (list, tuple, set, frozenset):
        return kind(arrived(v, x64) for v in value)
    if kind is dict:
        return {key: arrived(v, x64) for key, v in value.items()}
    if isinstance(value, np.ndarray | np.generic) and not x64 and value.dtype.name in _SINGLE:
        with np.errstate(over="ignore", invalid="ignore"):
            return value.astype(_SINGLE[value.dtype.name])
    return value


class Writer:
    """Writes wire values as expressions; subclasses write what is no data (`special`).

    Attributes:
        modules: names of modules that the expressions use, among `jax`, `jnp` and `np`.
        unpacks: they call `unpack(dtype, shape, text)`, see `UNPACK`.
    """

    def __init__(self, x64: bool):
        self._x64, self._left, self._depth = x64, _ITEMS, 0
        self.modules: set[str] = set()
        self.unpacks = False

    def special(self, value: Any) -> str:
        """The expression of a function, a handle or a module.

        Raises:
            Unwritable: it has none.
        """
        raise Unwritable(type(value).__name__)

    def expression(self, value: Any) -> str:
        """Source that evaluates to `value` as the student's process got it; several lines where it is long.

        Raises:
            Unwritable: there is none, or it would be too long.
        """
        self._left -= 1
        if self._left < 0 or self._depth > _DEPTH:
            raise Unwritable("too much")
        self._depth += 1
        try:
            return self._expression(value)
        finally:
            self._depth -= 1

    def _expression(self, value: Any) -> str:
        kind = type(value)
        if value is None or kind in (bool, int, str, bytes):
            return repr(value)
        if kind is float:
            return repr(value) if np.isfinite(value) else f'float("{value}")'
        if kind is complex:
            parts = f"complex({self._expression(value.real)}, {self._expression(value.imag)})"
            return repr(value) if np.isfinite(value) else parts
        if kind is list:
            return layout("[", [self.expression(v) for v in value], "]")
        if kind is tuple:
            return layout("(", [self.expression(v) for v in value], ",)" if len(value) == 1 else ")")
        if kind in (set, frozenset):
            return layout("frozenset([", [self.expression(v) for v in value], "])")
        if kind is dict:
            return layout("{", [f"{self.expression(k)}: {self.expression(v)}" for k, v in value.items()], "}")
        if isinstance(value, np.ndarray | np.generic):
            return self._array(arrived(np.asarray(value), self._x64), "jnp")
        if kind is wire.Raw:
            return self._array(value.array, "np")
        if kind is wire.PrngKey:
            return self._key(value.impl, value.data)
        if wire.is_jax_array(value):
            return self._jax_array(value)
        return self.special(value)

    def _jax_array(self, value: Any) -> str:
        import jax

        if jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
            return self._key(str(jax.random.key_impl(value)), np.asarray(jax.random.key_data(value)))
        return self._array(arrived(np.asarray(value), self._x64), "jnp")

    def _key(self, impl: str, data: np.ndarray) -> str:
        self.modules.add("jax")
        if impl == "threefry2x32" and data.shape == (2,) and data[0] == 0 and data[1] < 2**31:
            return f"jax.random.key({data[1]})"
        return f"jax.random.wrap_key_data({self._array(data, 'jnp')}, impl={impl!r})"

    def _array(self, array: np.ndarray, module: str) -> str:
        self.modules.add(module)
        dtype = f"{module}.{array.dtype.name}" if array.dtype != bool else "bool"
        if not array.size:
            return f"{module}.zeros({array.shape}, {dtype})"
        same = array.ndim > 0 and array.size > 4 and _is_constant(array)
        shown = array.ravel()[:1] if same else array
        numbers = _numbers(shown, module) if shown.size <= _PRINTED else None
        if numbers is None:
            return self._packed(array, module)
        if same:
            return f"{module}.full({array.shape}, {numbers[0]}, {dtype})"
        opening = f"{module}.array("
        nested = _nested(numbers, array.shape).replace("\n", "\n" + " " * len(opening))
        return f"{opening}{nested}, {dtype})"

    def _packed(self, array: np.ndarray, module: str) -> str:
        if array.nbytes > _PACKED_BYTES:
            raise Unwritable(f"an array of {array.nbytes} bytes")
        self.modules.add("np")
        self.unpacks = True
        text = base64.b64encode(zlib.compress(np.ascontiguousarray(array).tobytes(), 9)).decode()
        lines = "\n".join(text[i : i + _LINE] for i in range(0, len(text), _LINE))
        plain = f'unpack("{array.dtype.name}", {array.shape}, """\n{lines}""")'
        return f"jnp.asarray({plain})" if module == "jnp" else plain


UNPACK = '''\
def unpack(dtype, shape, text):
    data = zlib.decompress(base64.b64decode(text))
    return np.frombuffer(data, np.dtype(dtype)).reshape(shape)
'''


def layout(opening: str, items: list[str], closing: str) -> str:
    """Items between brackets: on one line if they fit, else one below the other."""
    line = f"{opening}{', '.join(items)}{closing}"
    if len(line) <= _LINE and "\n" not in line:
        return line
    inside = ",\n".join(items)
    return f"{opening}\n{textwrap.indent(inside, '    ')}{',' if closing[0] != ',' else ''}\n{closing}"


def _is_constant(array: np.ndarray) -> bool:
    return array.dtype.kind in "biuf" and bool(np.all(array == array.flat[0]))


def _numbers(array: np.ndarray, module: str) -> list[str] | None:
    """Each entry's source, None where decimal digits would not give all of them back."""
    if array.dtype.kind == "c":
        return None
    if array.dtype.kind in "biu":
        return [str(v) for v in array.ravel().tolist()]
    texts = [str(v) for v in array.ravel()]
    back = np.array([float(t) for t in texts]).astype(array.dtype).reshape(array.shape)
    if not np.array_equal(back, array, equal_nan=True):
        return None
    special = {"nan": f"{module}.nan", "inf": f"{module}.inf", "-inf": f"-{module}.inf"}
    return [special.get(t, t) for t in texts]


def _nested(numbers: list[str], shape: tuple[int, ...]) -> str:
    """Numbers as nested lists, a row to a line where they are long."""
    if not shape:
        return numbers[0]
    size = len(numbers) // shape[0]
    if len(shape) == 1:
        row = f"[{', '.join(numbers)}]"
        return row if len(row) <= _LINE else textwrap.fill(row, _LINE, subsequent_indent=" ")
    rows = [_nested(numbers[i * size : (i + 1) * size], shape[1:]) for i in range(shape[0])]
    line = f"[{', '.join(rows)}]"
    if len(line) <= _LINE and "\n" not in line:
        return line
    return "[" + ",\n ".join(row.replace("\n", "\n ") for row in rows) + "]"
