"""Valid frames, notebooks and archives, and what a hostile sender would make of them: mutated by structure, then by bytes."""

from __future__ import annotations

import copy
import io
import json
import random
import tarfile
import zipfile
from typing import Any

import ml_dtypes
import msgpack
import numpy as np

from autograder.sandbox import wire
from autograder.sandbox.wire_encoder import Encoder

_NUMBERS = (0, 1, -1, 2, 7, 24, 127, 255, 2**31, 2**32, 2**40, 2**48, 2**61 - 1, 2**63 - 1, -(2**63), 2**64 - 1)
_TEXTS = ("", "a", "l", "t", "d", "s", "i", "c", "n", "h", "k", "r", "f", "m", "float32", "object", "bfloat16", "uint32",
          "threefry2x32", "_x", "class", "-", "٣", "9" * 1001, "x" * 200, "1e9", "?")  # fmt: skip
_DTYPES = ("bool", "int8", "int32", "uint32", "float16", "float32", "float64", "complex64", "complex128")


class FrameMaker:
    """Random valid frames, and mutations of them."""

    def __init__(self, seed: int):
        self._random = random.Random(seed)

    def value(self, depth: int = 0) -> Any:
        r = self._random
        kind = r.randrange(16 if depth < 4 else 8)
        if kind < 8:
            return self._leaf(kind)
        items = [self.value(depth + 1) for _ in range(r.randrange(4))]
        if kind < 10:
            return items
        if kind < 12:
            return tuple(items)
        if kind < 14:
            return {self._key(): v for v in items}
        if kind == 14:
            return {r.randrange(100) for _ in range(3)}
        names = tuple(f"f{i}" for i in range(len(items)))
        return wire.Record("State", names, tuple(items))

    def _leaf(self, kind: int) -> Any:
        r = self._random
        if kind < 3:
            shape = tuple(r.randrange(4) for _ in range(r.randrange(4)))
            array = np.zeros(shape, dtype=r.choice(_DTYPES))
            return array.astype(ml_dtypes.bfloat16) if r.random() < 0.1 else array
        made = (None, r.choice(_NUMBERS), r.random(), complex(1, r.random()), r.choice((True, "text", b"bytes", 10**30)))
        if kind == 7:
            return wire.PrngKey("threefry2x32", np.zeros(2, np.uint32)) if r.random() < 0.5 else wire.Reference(3, "function")
        return made[kind - 3] if kind - 3 < len(made) else None

    def _key(self) -> Any:
        r = self._random
        return r.choice(("w", "b", r.randrange(9), (1, r.randrange(9)), 0.5, None))

    def frame(self) -> tuple[bytes, bytes]:
        """(header, body) of a valid reply."""
        reply = {"id": self._random.getrandbits(60), "ok": self.value(), "printed": ""}
        _, header, *body = Encoder(wire.Caps(), lambda v: wire.Reference(1, type(v).__name__)).frame(reply)
        return bytes(header), b"".join(bytes(b) for b in body)

    def mutated(self, header: bytes, body: bytes) -> tuple[bytes, bytes]:
        """A frame made from a valid one."""
        r = self._random
        if r.random() < 0.75:
            tree = msgpack.unpackb(header, strict_map_key=False)
            for _ in range(1 + r.randrange(3)):
                tree = self._mutate_tree(tree)
                if _weight(tree) > 100_000:  # copies of copies: only their number would be tested
                    tree = ["l", []]
            try:
                header = msgpack.packb(tree)
            except (ValueError, OverflowError, TypeError):
                header = b"\xc1"
        if r.random() < 0.4:
            header = flipped(r, header)
        if r.random() < 0.3:
            body = flipped(r, body)
        if r.random() < 0.002:  # larger than anything that is let in
            header, body = r.choice(((header + bytes(300_000), body), (header, bytes(200_000))))
        return header, body

    def _mutate_tree(self, tree: Any) -> Any:
        """One change somewhere in the tree: a node replaced, doubled, dropped, wrapped, or given another's place."""
        r = self._random
        path, node = [], tree
        while type(node) is list and node and r.random() < 0.85:
            path.append(r.randrange(len(node)))
            node = node[path[-1]]
        new = self._changed(node)
        if not path:
            return new
        parent = tree
        for i in path[:-1]:
            parent = parent[i]
        action = r.randrange(6)
        if action == 0:
            del parent[path[-1]]
        elif action == 1:
            parent.insert(path[-1], new)
        elif action == 2 and len(parent) > 1:
            parent[path[-1]] = parent[r.randrange(len(parent))]
        else:
            parent[path[-1]] = new
        return tree

    def _changed(self, node: Any) -> Any:
        r = self._random
        kind = r.randrange(10)
        if kind == 0:
            return r.choice(_NUMBERS)
        if kind == 1:
            return r.choice(_TEXTS)
        if kind == 2:
            for _ in range(r.choice((1, 5, 30, 80, 200))):
                node = [r.choice(("l", "t", "s")), [node]]
            return node
        if kind == 3:
            huge = [2**39, r.choice((0, 2**39)), 2**30]
            axes = [r.choice(_NUMBERS) for _ in range(r.randrange(5))] if r.random() < 0.9 else huge
            return ["a", r.choice((*_DTYPES, "object")), axes, r.choice(_NUMBERS)]
        if kind == 4:
            return ["i", r.choice(("1" * r.randrange(1, 1200), "-5", "0x1", "", "--1", "１"))]
        if kind == 5:
            return ["d", [[["t", [i, i]], i] for i in range(r.choice((1, 3, 1100)))]]
        if kind == 6:
            return ["l", [node] * r.choice((2, 50, 3000))]
        if kind == 7:
            return ["n", r.choice(("State", "1x", "x" * 300)), [r.choice(("f", "_f", "for", "dtype"))], [node]]
        if kind == 8:
            return ["k", r.choice(("threefry2x32", "rbg", "evil")), ["a", "uint32", [r.randrange(3)], 0]]
        return r.choice((None, True, b"x", 1.5, [], [["l"]], ["c", 1.0, 2.0], ["h", 1, "x"], ["s", [1, "a"]], ["r", ["a"]]))


def _weight(tree: Any) -> int:
    """How many nodes a tree has when written out; a node that is there many times is counted once and multiplied."""
    known: dict[int, int] = {}
    waiting = [(tree, False)]
    while waiting:
        node, counted = waiting.pop()
        if type(node) is not list or (not counted and id(node) in known):
            continue
        if counted:
            known[id(node)] = 1 + sum(known[id(t)] if type(t) is list else 1 for t in node)
        else:
            known[id(node)] = 1 << 40  # a tree that came to hold itself never ends
            waiting += [(node, True), *((t, False) for t in node)]
    return known.get(id(tree), 1)


def flipped(r: random.Random, data: bytes) -> bytes:
    """The bytes with a few of them changed, cut short, doubled, or with a length field's worth of 0xff."""
    if not data:
        return bytes(r.randrange(256) for _ in range(r.randrange(4)))
    out = bytearray(data)
    for _ in range(1 + r.randrange(4)):
        at = r.randrange(len(out)) if out else 0
        kind = r.randrange(6)
        if kind < 2 and out:
            out[at] ^= 1 << r.randrange(8)
        elif kind == 2 and out:
            out[at] = r.choice((0, 1, 0x7F, 0x80, 0x90, 0xC1, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF, 0xFF))
        elif kind == 3:
            del out[at:]
        elif kind == 4:
            out[at:at] = bytes(out[at : at + r.randrange(1, 40)])
        else:
            out[at : at + 4] = b"\xff\xff\xff\xff"[: r.randrange(1, 5)]
    return bytes(out)


class NotebookMaker:
    """Notebooks as JSON text, mutated."""

    _CODE = ("def f(x):\n    return x", "%matplotlib inline", "!ls", "x = !ls", "%%time\nf(1)", "import jax; g = jax.grad",
             "f(", "\x00", "class A:\n  pass\n" * 3, "lambda: " * 50 + "0", "\n" * 300, " " * 300 + "!x", "'" * 7,
             "# a\n" * 40 + "grader.check('f')", "ｘ = 1", "f = getattr(jax, 'gr' + 'ad')", "a" + " " * 200 + "= !x")  # fmt: skip
    _ODD = (None, True, -1, 10**400, 1e308, "", "\ud800", [], {}, [[]], {"source": 5}, "x" * 5000, ["a", 3], {"a": {"b": []}})

    def __init__(self, seed: int):
        self._random = random.Random(seed)

    def notebook(self) -> dict:
        r = self._random
        cells = [self._cell() for _ in range(1 + r.randrange(5))]
        return {"nbformat": r.choice((3, 4, 4, 4, 5)), "nbformat_minor": 5, "cells": cells,
                "metadata": {"autograder": {"assignment": "week01/lab"}, "kernelspec": {"language": "python"}}}  # fmt: skip

    def _cell(self) -> dict:
        r = self._random
        code = r.choice(self._CODE)
        source = code if r.random() < 0.5 else [code, "\n"]
        metadata = {"tags": ["demo"], "nbgrader": {"grade_id": "f-solution", "solution": True}}
        return {"cell_type": r.choice(("code", "code", "markdown", "raw")), "source": source, "metadata": metadata, "outputs": []}

    def mutated(self) -> bytes:
        """A notebook file, most often broken somewhere."""
        r = self._random
        tree: Any = self.notebook()
        for _ in range(r.randrange(4)):
            self._mutate(tree)
        text = json.dumps(tree, ensure_ascii=r.random() < 0.5)
        if r.random() < 0.1:
            text = text.replace("{", '{"cells":' + "[" * r.choice((3, 90, 110, 5000)), 1)
        data = text.encode(r.choice(("utf-8", "utf-8", "utf-8", "utf-16", "utf-32")), "surrogatepass")
        return flipped(r, data) if r.random() < 0.4 else data

    def _mutate(self, tree: Any) -> None:
        r, parent = self._random, None
        node = tree
        while isinstance(node, (dict, list)) and node and (parent is None or r.random() < 0.7):
            key = r.choice(list(node)) if isinstance(node, dict) else r.randrange(len(node))
            parent, place = node, key
            node = node[key]
        if parent is not None:
            if r.random() < 0.2:
                del parent[place]
            else:
                # A copy: later mutations change what was put in, which must not be shared, nor come to hold itself.
                parent[place] = copy.deepcopy(r.choice(self._ODD))


class ArchiveMaker:
    """Zip and tar archives with good and evil entries, then with broken bytes."""

    _NAMES = ("work.ipynb", "a/b.ipynb", "../x.ipynb", "/etc/x.ipynb", "C:\\x.ipynb", "a\\..\\..\\x.ipynb", "x" * 400 + ".ipynb",
              ".ipynb", "a/./b.ipynb", "__MACOSX/w.ipynb", "n\u202e.ipynb", "note.txt", "d/" * 30 + "w.ipynb")  # fmt: skip

    def __init__(self, seed: int):
        self._random = random.Random(seed)

    def mutated(self) -> tuple[str, bytes]:
        """(name, bytes) of an archive."""
        r = self._random
        name, data = self._zip() if r.random() < 0.5 else self._tar()
        return name, flipped(r, data) if r.random() < 0.7 else data

    def _content(self) -> bytes:
        return self._random.choice((b'{"cells": []}', b"", b"x" * 3000, bytes(50_000)))

    def _zip(self) -> tuple[str, bytes]:
        r, out = self._random, io.BytesIO()
        with zipfile.ZipFile(out, "w", r.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA))) as archive:
            for _ in range(r.randrange(5)):
                info = zipfile.ZipInfo(r.choice(self._NAMES))
                info.external_attr = r.choice((0o100644, 0o120777, 0o010644, 0o020644, 0)) << 16
                info.compress_type = archive.compression
                archive.writestr(info, self._content())
        return "mallory.zip", out.getvalue()

    def _tar(self) -> tuple[str, bytes]:
        r, out = self._random, io.BytesIO()
        how, name = r.choice((("w", ".tar"), ("w:gz", ".tar.gz"), ("w:bz2", ".tar.bz2"), ("w:xz", ".tar.xz")))
        with tarfile.open(fileobj=out, mode=how) as archive:
            for _ in range(r.randrange(5)):
                info = tarfile.TarInfo(r.choice(self._NAMES))
                special = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE)
                info.type = r.choice((tarfile.REGTYPE,) * 4 + special)
                content = self._content() if info.type == tarfile.REGTYPE else b""
                info.size, info.linkname = len(content), "/etc/passwd"
                archive.addfile(info, io.BytesIO(content))
        return "mallory" + name, out.getvalue()
