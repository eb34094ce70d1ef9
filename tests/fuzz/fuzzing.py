"""Feeds mutated frames, notebooks and archives to what reads them, and holds it to its promise.

    python fuzzing.py [--frames 1000000] [--notebooks 20000] [--archives 20000] [--seed 0]

The promise: a value or the typed error; never another exception, a hang, or more memory than the caps allow.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import json
import resource
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
from mutators import ArchiveMaker, FrameMaker, NotebookMaker

from autograder.errors import SubmissionError
from autograder.grading import one
from autograder.notebook.archive import read_archive
from autograder.notebook.archive_entries import MAX_UNPACKED
from autograder.notebook.bans import find_banned
from autograder.notebook.python_cells import cell_names, names_defined
from autograder.notebook.submission import parse_submission
from autograder.sandbox import wire, wire_decoder
from autograder.sandbox.wire_decoder import Decoder, check_prefix

ROOT = Path(__file__).resolve().parents[2]
CAPS = wire.Caps(header_bytes=200_000, body_bytes=100_000, leaves=5_000)
SLOWEST = 5.0  # CPU seconds; what takes milliseconds must not take this
GROWTH = 300_000_000


class Fault(AssertionError):
    """The promise was broken; the message holds what is needed to see it again."""


def fuzz_frames(count: int, seed: int = 0) -> Counter:
    """Decodes `count` frames, a tenth of them valid.

    Raises:
        Fault: another exception than WireError, a value larger than its frame, or too much time.
    """
    maker, seen = FrameMaker(seed), Counter()
    before = _memory()
    valid = maker.frame()
    for number in range(count):
        if number % 10 == 0:
            valid = maker.frame()
        header, body = valid if number % 10 == 0 else maker.mutated(*valid)
        began = time.process_time()
        try:
            if number % 5:  # the decoder has to hold without it, too
                check_prefix(wire.PREFIX.pack(len(header), len(body)), CAPS)
            value = Decoder(CAPS).value(header, body)
            _within(value, len(body), header)
            seen["values"] += 1
        except wire.WireError as e:
            if number % 10 == 0 and "more than" not in str(e) and "than its caps" not in str(e):
                raise Fault(f"a valid frame was refused: {e}: {header[:200]!r}") from e
            seen["refused"] += 1
        except Exception as e:
            raise Fault(f"{type(e).__name__}: {e}: header {header[:400]!r} body {len(body)} bytes, seed {seed}") from e
        if time.process_time() - began > SLOWEST:
            raise Fault(f"{time.process_time() - began:.1f} s for a frame of {len(header)} bytes: {header[:400]!r}")
    if _memory() - before > GROWTH:
        raise Fault(f"{(_memory() - before) // 10**6} MB more memory after {count} frames")
    return seen


def _within(value, body: int, header: bytes) -> None:
    """Only the promised types, and no more array bytes than came."""
    arrays, waiting, items = 0, [value], 0
    while waiting:
        thing = waiting.pop()
        items += 1
        kind = type(thing)
        if kind is np.ndarray:
            arrays += thing.nbytes
        elif kind is wire.PrngKey:
            arrays += thing.data.nbytes
        elif kind is dict:
            waiting += [*thing, *thing.values()]
        elif kind in (list, tuple, frozenset, wire.Record):
            waiting += list(tuple.__iter__(thing)) if kind is wire.Record else list(thing)
        elif thing is not None and kind not in (bool, int, float, complex, str, bytes, wire.Reference):
            raise Fault(f"a {kind.__name__} came out: {header[:400]!r}")
    if arrays > body or items > 2 * CAPS.leaves:
        raise Fault(f"{arrays} bytes of arrays, {items} items, from {len(header)} and {body} bytes: {header[:400]!r}")


def fuzz_notebooks(count: int, seed: int = 0) -> Counter:
    """Reads `count` notebook files, and what is read of their code on the trusted side.

    Raises:
        Fault: another exception than SubmissionError, or too much time.
    """
    maker, seen = NotebookMaker(seed), Counter()
    for _ in range(count):
        data = maker.mutated()
        began = time.process_time()
        try:
            notebook = parse_submission(data, "x.ipynb")
            for cell in notebook.code:
                one._CHECK_CELL.fullmatch(cell.source)
                names_defined(cell.source, one._READ_CHARS)
            find_banned([c.source for c in notebook.code], ("f",), ("autodiff",))
            seen["read"] += 1
        except SubmissionError as e:
            if "\n" in str(e) or len(str(e)) > 1000:
                raise Fault(f"an error of more than one line: {e!s:.300}") from e
            seen["refused"] += 1
        except Exception as e:
            raise Fault(f"{type(e).__name__}: {e}: {data[:600]!r}") from e
        if time.process_time() - began > SLOWEST:
            raise Fault(f"{time.process_time() - began:.1f} s for {data[:600]!r}")
    return seen


def fuzz_archives(count: int, seed: int = 0) -> Counter:
    """Reads `count` archives.

    Raises:
        Fault: another exception than SubmissionError, a path that leads out, too much data, or too much time.
    """
    maker, seen = ArchiveMaker(seed), Counter()
    for _ in range(count):
        name, data = maker.mutated()
        began = time.process_time()
        try:
            members, _ = read_archive(data, name, 1.0)
            if any(".." in m.parts or m.parts[0].startswith("/") for m in members):
                raise Fault(f"a path that leads out: {[m.parts for m in members]}")
            if sum(len(m.data) for m in members) > MAX_UNPACKED:
                raise Fault("more than the cap came out")
            seen["read"] += 1
        except SubmissionError:
            seen["refused"] += 1
        except Fault:
            raise
        except Exception as e:
            raise Fault(f"{type(e).__name__}: {e}: {name} {data[:300]!r} ({len(data)} bytes)") from e
        if time.process_time() - began > SLOWEST:
            raise Fault(f"{time.process_time() - began:.1f} s for {name}: {data[:300]!r}")
    return seen


def check_code_that_is_slow_to_read(texts=None) -> None:
    """Texts on which a careless pattern or parser takes time that grows with the square of their length.

    Raises:
        Fault: reading one took too long.
    """
    n = 100_000
    texts = texts or (
        " " * n + "x", "\n" * n + "!x", "a" + " " * n + "x", "a," * n + "=", "#\n" * n, "%time " + "-a " * n, "(" * n,
        "-" * n + "1", "f(" + "\n" * n, "'" * n, "lambda:" * (n // 7) + "1", "grader.check(" + ")" * n + "\n" * n + "x",
        "\x9d" * n, "\x1b]" * n, "a=" * n, "x = y " * n,
    )  # fmt: skip
    for text in texts:
        began = time.process_time()
        one._CHECK_CELL.fullmatch(text)
        with contextlib.suppress(SyntaxError):
            cell_names(text)
        wire.printable(text)
        if time.process_time() - began > SLOWEST:
            raise Fault(f"{time.process_time() - began:.1f} s to read {text[:20]!r}...")


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


# ------------------------------------------------------------------------------------------------------------- coverage


def decoder_branches(frames: int, seed: int = 1) -> tuple[int, int, list[str]]:
    """How many ways out of the decoder's `if`, `for` and `while` statements the frames take.

    Returns:
        (taken, all there are, the ones not taken as "line N, condition, which way").
    """
    arcs: set[tuple[int, int]] = set()
    file = wire_decoder.__file__

    def trace(frame, event, arg):
        if frame.f_code.co_filename != file:
            return None
        last = [frame.f_lineno]

        def line(frame, event, arg):
            now = frame.f_lineno if event == "line" else -1
            arcs.add((last[0], now))
            last[0] = now
            return line

        return line

    sys.settrace(trace)
    try:
        fuzz_frames(frames, seed)
    finally:
        sys.settrace(None)
    missing, total = [], 0
    for node, inside in _branches(Path(file).read_text()):
        for way, taken in _ways(node, arcs):
            total += 1
            if not taken:
                missing.append(f"line {node.lineno}, {ast.unparse(inside)[:80]}, {way}")
    return total - len(missing), total, missing


# The untrusted side's readers: what only the jail reads (functions, modules, raw arrays) is not asked.
_TRUSTED_ONLY = {"_raw", "_module", "_code"}


def _branches(source: str):
    for top in ast.parse(source).body:
        if not (isinstance(top, ast.ClassDef | ast.FunctionDef) and top.name in
                ("Decoder", "_Header", "_exactly", "_hashes_well", "check_prefix")):  # fmt: skip
            continue
        for function in [f for f in ast.walk(top) if isinstance(f, ast.FunctionDef) and f.name not in _TRUSTED_ONLY]:
            for node in ast.walk(function):
                if isinstance(node, ast.If | ast.While):
                    yield node, node.test
                elif isinstance(node, ast.For):
                    yield node, node.iter


def _ways(node, arcs: set[tuple[int, int]]):
    """(which way, taken) for both ways out of a statement: into its body, and past it."""
    first = node.body[0].lineno
    condition = node.test if isinstance(node, ast.If | ast.While) else node.iter
    own = range(node.lineno, condition.end_lineno + 1)
    yield "into it", any(a in own and b == first for a, b in arcs)
    yield "past it", any(a in own and b not in own and b != first for a, b in arcs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--notebooks", type=int, default=20_000)
    parser.add_argument("--archives", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    # An allocation that the caps should have refused fails here, and is reported as what it is.
    resource.setrlimit(resource.RLIMIT_DATA, (3 * 10**9, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    began = time.process_time()
    taken, total, missing = decoder_branches(min(20_000, options.frames))
    print(f"decoder: {taken} of {total} branches taken" + "".join(f"\n  not taken: {m}" for m in missing), flush=True)
    check_code_that_is_slow_to_read()
    done = {
        "frames": dict(fuzz_frames(options.frames, options.seed)),
        "notebooks": dict(fuzz_notebooks(options.notebooks, options.seed)),
        "archives": dict(fuzz_archives(options.archives, options.seed)),
    }
    done |= {"decoder_branches": {"taken": taken, "all": total, "not_taken": missing},
             "cpu_seconds": round(time.process_time() - began)}  # fmt: skip
    print(json.dumps(done, indent=1))
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "fuzz.json").write_text(json.dumps(done, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
