"""PUBLIC: finds what of a notebook the Python and the JAX that submissions are graded with do not know, and says how to write it.

`grader.submit()` asks it on the student's own, newer Python: a notebook that runs there may fail where it is graded.
"""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from course_lib.newer_names import LIBRARIES, release, since


@dataclass(frozen=True)
class Newer:
    """One place that needs a later version.

    Attributes:
        line: of its cell, from 1.
        what: "`itertools.batched`", "a `type` statement".
        version: the first that knows it, e.g. "3.12".
        remedy: how to write it for earlier ones, a sentence.
        library: "Python" or "JAX".
    """

    line: int
    what: str
    version: str
    remedy: str
    library: str = "Python"


# Kind of syntax -> what it is called, the Python that brought it, and how to write it before that.
SYNTAX = {
    "quotes": ("an f-string with its own quotes inside its braces", "3.12", "Use the other quotes inside: f\"{d['a']}\"."),
    "backslash": ("a backslash inside the braces of an f-string", "3.12", "Give that value a name in a line before."),
    "comment": ("a comment inside the braces of an f-string", "3.12", "Move it out of the f-string."),
    "lines": ("a line break inside the braces of an f-string", "3.12", "Give that value a name in a line before."),
    "type": ("a `type` statement", "3.12", "Write X = int instead of type X = int."),
    "generics": ("type parameters in square brackets", "3.12", "Leave [T] away and write T = TypeVar('T') before it."),
    "defaults": ("a default of a type parameter", "3.13", "Leave the default away."),
    "except": ("`except` with several types and no brackets", "3.14", "Write except (A, B):."),
    "t-string": ("a t-string", "3.14", "Write an f-string."),
    "unpacking": ("unpacking inside a comprehension", "3.15", "Write two loops: [x for part in parts for x in part]."),
    "lazy": ("a lazy import", "3.15", "Leave `lazy` away."),
}  # fmt: skip
_REMEDIES = {
    "itertools.batched": "Write [xs[i:i + n] for i in range(0, len(xs), n)].",
    "copy.replace": "Write dataclasses.replace(x, ...) for a dataclass, x._replace(...) for a named tuple.",
    "warnings.deprecated": "Leave the decorator away.",
    "typing.override": "Leave the decorator away.",
    "math.sumprod": "Write sum(a * b for a, b in zip(x, y)).",
    "jax.numpy.top_k": "Write jax.lax.top_k(x, k).",
}
_PLAINLY = "Write it without."


def remedy(dotted: str) -> str:
    """How to do without a name that is too new, a sentence."""
    return _REMEDIES.get(dotted, _PLAINLY)


def in_cells(cells: Sequence[tuple[int, str]], graded_with: Mapping[str, str]) -> list[tuple[int, Newer]]:
    """What in code cells needs more than the versions that submissions are graded with; each with its cell's number.

    Args:
        cells: (number, source) of each, without IPython's magics.
        graded_with: "python" and "jax" -> version; what is not there is not looked for.
    """
    known = {library: release(graded_with.get(library.lower(), "")) for library in LIBRARIES}
    names = _Names({library: version for library, version in known.items() if version != (0, 0)})
    found: list[tuple[int, Newer]] = []
    for number, text in cells:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # it runs nowhere: the fresh kernel says so
        found += [(number, n) for n in sorted([*_syntax(text, tree, known["Python"]), *names.newer(tree)], key=lambda n: n.line)]
    return list(dict.fromkeys(found))


def _syntax(text: str, tree: ast.Module, python: tuple[int, int]) -> list[Newer]:
    if python == (0, 0):
        return []
    return [n for n in newer_syntax(text, tree) if release(n.version) > python] or _by_feature_version(text, python)


def newer_syntax(text: str, tree: ast.Module) -> Iterator[Newer]:
    """Syntax that is not of Python 3.11, in a text that this Python reads."""
    for line, kind in sorted({*_in_tree(text, tree), *_in_f_strings(text)}):
        what, version, how = SYNTAX[kind]
        yield Newer(line, what, version, how)


def _in_tree(text: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    lines = text.split("\n")
    alias, template = getattr(ast, "TypeAlias", ()), getattr(ast, "TemplateStr", ())
    for node in ast.walk(tree):
        if isinstance(node, alias):
            yield node.lineno, "type"
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and getattr(node, "type_params", []):
            yield node.lineno, "generics"
        elif getattr(node, "default_value", None) is not None:
            yield node.lineno, "defaults"
        elif isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Tuple):
            line = lines[node.type.lineno - 1].encode()
            if line[node.type.col_offset :][:1] != b"(":
                yield node.lineno, "except"
        elif isinstance(node, template):
            yield node.lineno, "t-string"
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp) and isinstance(node.elt, ast.Starred):
            yield node.lineno, "unpacking"
        elif getattr(node, "is_lazy", 0):
            yield node.lineno, "lazy"


def _in_f_strings(text: str) -> Iterator[tuple[int, str]]:
    """What Python 3.12 allows between the braces of an f-string (PEP 701): until 3.11 it was one token, like any other text."""
    start = getattr(tokenize, "FSTRING_START", None)
    if start is None:  # this Python is too old to have read any of it
        return
    outer: list[str] = []  # quotes of the f-strings that are open
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.FSTRING_END:
                outer.pop()
                continue
            around = outer[:-1] if token.type == tokenize.FSTRING_MIDDLE else outer
            yield from ((token.start[0], kind) for kind in _needs_new_f_strings(token, around))
            if token.type == start:
                outer.append(token.string.lstrip("rRfFbBuU"))
    except (tokenize.TokenError, SyntaxError, IndexError):
        return


def _needs_new_f_strings(token: tokenize.TokenInfo, around: list[str]) -> Iterator[str]:
    if not around:
        return
    if token.type == tokenize.COMMENT:
        yield "comment"
    elif token.type in (tokenize.NL, tokenize.NEWLINE) and any(len(quotes) == 1 for quotes in around):
        yield "lines"
    elif any(quotes in token.string for quotes in around):
        yield "quotes"
    elif "\\" in token.string:
        yield "backslash"


def _by_feature_version(text: str, python: tuple[int, int]) -> list[Newer]:
    """What Python itself says that an earlier one would not read: for syntax that came after this was written."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text, feature_version=python)
    except SyntaxError as error:
        version = next((w for w in str(error.msg).split() if release(w) > python), "a later version")
        return [Newer(error.lineno or 1, f"syntax: {error.msg}", version, _PLAINLY)]
    return []


class _Names:
    """Names from the table, in the cells of one notebook in order: an alias of one cell is known in those below.

    What stands under `except ImportError` or `if sys.version_info` is its author's own care and left alone.
    """

    def __init__(self, known: Mapping[str, tuple[int, int]]):
        self._known = known
        self._aliases: dict[str, str] = {}

    def newer(self, tree: ast.Module) -> list[Newer]:
        found: list[Newer] = []
        self._visit(tree, found)
        return found

    def _visit(self, node: ast.AST, found: list[Newer]) -> None:
        waiting = [node]
        while waiting:  # no recursion: an expression may be nested deeply
            node = waiting.pop(0)
            if isinstance(node, ast.If | ast.IfExp) and _asks_for_version(node.test):
                continue
            children = list(ast.iter_child_nodes(node))
            if isinstance(node, ast.Try) and any(_catches_missing(handler) for handler in node.handlers):
                children = [*node.handlers, *node.orelse, *node.finalbody]
            if isinstance(node, ast.Import | ast.ImportFrom):
                found += self._imported(node)
            elif isinstance(node, ast.Attribute):
                found += self._checked(node, self._dotted(node))
            waiting[:0] = children

    def _imported(self, node: ast.Import | ast.ImportFrom) -> Iterator[Newer]:
        for alias in node.names:
            if isinstance(node, ast.Import):
                dotted = alias.name
                self._aliases[alias.asname or alias.name.split(".")[0]] = alias.name if alias.asname else alias.name.split(".")[0]
            else:
                dotted = f"{node.module}.{alias.name}"
                self._aliases[alias.asname or alias.name] = dotted
            yield from self._checked(node, dotted)

    def _dotted(self, node: ast.expr) -> str:
        """`it.batched` as "itertools.batched"; an object made in place counts as its class: `Path(".").walk`."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute | ast.Call):
            if isinstance(node, ast.Attribute):
                parts.append(node.attr)
                node = node.value
            else:
                node = node.func
        if not isinstance(node, ast.Name) or node.id not in self._aliases:
            return ""
        return ".".join([self._aliases[node.id], *reversed(parts)])

    def _checked(self, node: ast.stmt | ast.expr, dotted: str) -> Iterator[Newer]:
        entry = since(dotted) or since(dotted.rpartition(".")[0] if isinstance(node, ast.ImportFrom) else "")
        if entry and entry[0] in self._known and release(entry[1]) > self._known[entry[0]]:
            yield Newer(node.lineno, f"`{dotted}`", entry[1], remedy(dotted), entry[0])


def _asks_for_version(test: ast.expr) -> bool:
    return any(getattr(n, "attr", getattr(n, "id", "")) in ("version_info", "__version__") for n in ast.walk(test))


def _catches_missing(handler: ast.ExceptHandler) -> bool:
    names = "" if handler.type is None else ast.unparse(handler.type)
    caught = ("ImportError", "ModuleNotFoundError", "AttributeError", "NameError", "Exception", "BaseException")
    return not names or any(name in names for name in caught)
