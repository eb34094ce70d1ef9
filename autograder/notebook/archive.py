"""The notebooks in an archive that a student handed in: regular files only, everything bounded, nothing written anywhere.

An archive is read as a stranger's text: no entry is extracted to a path of its choosing, no link is followed or made, and
bytes are counted as they come out, because an archive may say what it likes about its sizes.
"""

from __future__ import annotations

import contextlib
import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from autograder.errors import SubmissionError
from autograder.notebook.time_limit import TookTooLong, at_most
from autograder.report.printable import one_line, printable_name

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
MAX_ENTRIES = 2_000
MAX_NAME = 300
MAX_DEPTH = 20
MAX_UNPACKED = 200_000_000  # bytes that may come out of one archive, whatever is kept of them
MAX_CPU_SECONDS = 20.0
_PIECE = 1 << 16
# What a tar says about an entry in blocks before it (long names, pax records) is searched by tarfile in quadratic time.
_MAX_EXTRA, _MAX_EXTRA_SQUARES = 32_000, 4 * 10**9
_EXTRA_TYPES = (b"x", b"g", b"X", b"L", b"K")
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # LZMA lets an entry ask for 4 GB before its first byte
# What reading a damaged archive may raise; anything else is a bug.
_DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError,
    RuntimeError, OverflowError, MemoryError, TookTooLong,
)  # fmt: skip


@dataclass(frozen=True)
class Member:
    """A notebook in an archive: its place there, as harmless parts, and its bytes."""

    parts: tuple[str, ...]
    data: bytes


def is_archive(name: str) -> bool:
    """Whether a file of this name is opened as an archive."""
    return name.lower().endswith(SUFFIXES)


def read_archive(data: bytes, name: str, max_mb: float) -> tuple[tuple[Member, ...], tuple[str, ...]]:
    """The notebooks in an archive.

    Args:
        data: the whole archive.
        name: its name, for messages.
        max_mb: a notebook above this many MB (10^6 bytes) is left out.

    Returns:
        The notebooks in the archive's order, and one line for every entry that was left out for a reason worth knowing.

    Raises:
        SubmissionError: it is damaged, holds too much, or no notebook; one line beginning with `name`.
    """
    notes: list[str] = []
    try:
        with at_most(MAX_CPU_SECONDS):
            found = _notebooks(data, name, max_mb, notes)
    except SubmissionError:
        raise
    except _DAMAGE as problem:
        why = one_line(problem, 80) or type(problem).__name__
        raise SubmissionError(f"{name}: the archive is damaged ({why}). Hand in the notebook itself.") from None
    if not found:
        raise SubmissionError(f"{name}: there is no notebook in the archive. Hand in the .ipynb file itself.")
    return tuple(Member(parts, content) for parts, content in found.items()), tuple(notes[:50])


def _notebooks(data: bytes, name: str, max_mb: float, notes: list[str]) -> dict[tuple[str, ...], bytes]:
    budget = _Budget(name)
    found: dict[tuple[str, ...], bytes] = {}
    for entry, is_regular, read in _entries(data, name):
        budget.count_entry()
        parts = _harmless(entry)
        if parts is None:
            notes.append(f"{_shown(entry)}: its path leads out of the archive; left out")
        elif not is_regular:
            notes.append(f"{_shown(entry)}: a link or special file; left out")
        elif _is_notebook(parts):
            content = _bounded(read, budget, int(max_mb * 1e6))
            if content is None:
                notes.append(f"{_shown(entry)}: larger than {max_mb:g} MB; left out")
            elif parts in found:
                notes.append(f"{_shown(entry)}: there twice; the later one counts")
            found |= {parts: content} if content is not None else {}
    return found


class _Budget:
    """Counts what one archive has given so far."""

    def __init__(self, name: str):
        self._name, self._entries, self._bytes = name, 0, 0

    def count_entry(self) -> None:
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            raise SubmissionError(f"{self._name}: more than {MAX_ENTRIES} files in the archive. Hand in the notebook itself.")

    def count_bytes(self, size: int) -> None:
        self._bytes += size
        if self._bytes > MAX_UNPACKED:
            mb = MAX_UNPACKED // 10**6
            raise SubmissionError(f"{self._name}: the archive unpacks to more than {mb} MB. Hand in the notebook itself.")


_Entry = tuple[str, bool, Callable[[], io.BufferedIOBase]]


def _entries(data: bytes, name: str) -> Iterator[_Entry]:
    """(path, whether it is a regular file, how to open it) of each entry but folders."""
    if name.lower().endswith(".zip"):
        yield from _zip_entries(data, name)
    else:
        yield from _tar_entries(data, name)


def _zip_entries(data: bytes, name: str) -> Iterator[_Entry]:
    # The directory is read whole: its length is bounded before zipfile makes an object of each entry.
    if data.count(b"PK\x01\x02") > MAX_ENTRIES:
        raise SubmissionError(f"{name}: more than {MAX_ENTRIES} files in the archive. Hand in the notebook itself.")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if info.flag_bits & 0x1:
                raise SubmissionError(f"{name}: the archive has a password. Hand in the notebook itself.")
            if info.compress_type not in _ZIP_METHODS:
                raise SubmissionError(f"{name}: the archive is packed by an uncommon method. Hand in the notebook itself.")
            kind = stat.S_IFMT(info.external_attr >> 16)
            yield info.filename, kind in (0, stat.S_IFREG), lambda i=info: archive.open(i)


def _tar_entries(data: bytes, name: str) -> Iterator[_Entry]:
    budget = _Budget(name)
    reader = {"fileobj": _unpacked(data, budget), "mode": "r|", "tarinfo": _bounded_tarinfo(name)}
    with contextlib.closing(reader["fileobj"]), tarfile.open(**reader) as archive:
        for info in archive:
            if info.isdir():
                continue
            # Sparse files are made of holes: a kilobyte of archive could be a gigabyte of zeros.
            regular = info.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not info.issparse()
            yield info.name, regular, lambda i=info: archive.extractfile(i)


def _bounded_tarinfo(name: str) -> type[tarfile.TarInfo]:
    """Headers as tarfile reads them, refused before what they announce is searched for names."""
    squares = 0

    class Bounded(tarfile.TarInfo):
        @classmethod
        def frombuf(cls, buf: bytes, encoding: str, errors: str) -> tarfile.TarInfo:
            nonlocal squares
            info = super().frombuf(buf, encoding, errors)
            if info.type in _EXTRA_TYPES:
                squares += info.size**2
                if not 0 <= info.size <= _MAX_EXTRA or squares > _MAX_EXTRA_SQUARES:
                    raise SubmissionError(f"{name}: the archive says too much about its files. Hand in the notebook itself.")
            if info.type == tarfile.GNUTYPE_SPARSE:
                raise SubmissionError(f"{name}: the archive holds a file made of holes. Hand in the notebook itself.")
            return info

        def _proc_gnusparse_10(self, *_):  # its table is read until it ends, wherever that is
            raise SubmissionError(f"{name}: the archive holds a file made of holes. Hand in the notebook itself.")

    return Bounded


class _unpacked(io.RawIOBase):
    """A tar stream, decompressed piece by piece and counted: gzip, bzip2 and xz may give a thousand times what they take."""

    def __init__(self, data: bytes, budget: _Budget):
        import bz2

        self._budget, self._left = budget, memoryview(data)
        makers = {b"\x1f\x8b": lambda: zlib.decompressobj(31), b"BZ": bz2.BZ2Decompressor}
        made = makers.get(bytes(data[:2]))
        if data[:6] == b"\xfd7zXZ\x00":
            made = lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=1 << 27)
        self._decoder = made() if made else None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        pieces, wanted = [], size if size >= 0 else MAX_UNPACKED
        while wanted > 0 and (piece := self._some(min(wanted, _PIECE))):
            self._budget.count_bytes(len(piece))
            pieces.append(piece)
            wanted -= len(piece)
        return b"".join(pieces)

    def _some(self, size: int) -> bytes:
        if self._decoder is None:
            piece, self._left = bytes(self._left[:size]), self._left[size:]
            return piece
        while not self._decoder.eof:
            tail = getattr(self._decoder, "unconsumed_tail", b"")
            hungry = getattr(self._decoder, "needs_input", not tail)
            fresh = b""
            if hungry:
                fresh, self._left = bytes(self._left[:_PIECE]), self._left[_PIECE:]
                if not fresh and not tail:
                    raise EOFError("it breaks off in the middle")
            piece = self._decoder.decompress(tail + fresh, size)
            if piece:
                return piece
        return b""


def _bounded(read: Callable[[], io.BufferedIOBase], budget: _Budget, limit: int) -> bytes | None:
    """The contents, or None if there are more than `limit` bytes. What is read is counted, kept or not."""
    out = io.BytesIO()
    with read() as stream:
        while piece := stream.read(_PIECE):
            budget.count_bytes(len(piece))
            out.write(piece)
            if out.tell() > limit:
                return None
    return out.getvalue()


def _harmless(path: str) -> tuple[str, ...] | None:
    """The parts of a path that stays below the archive's root; None if it does not."""
    if len(path) > MAX_NAME or "\x00" in path:
        return None
    flat = path.replace("\\", "/")
    parts = [p for p in PurePosixPath(flat).parts if p != "."]
    drive = len(flat) > 1 and flat[1] == ":"
    if flat.startswith("/") or drive or ".." in parts or not 0 < len(parts) <= MAX_DEPTH:
        return None
    return tuple(parts)


def _is_notebook(parts: tuple[str, ...]) -> bool:
    hidden = any(p.startswith(".") or p.lower() == "__macosx" for p in parts)
    return parts[-1].lower().endswith(".ipynb") and not hidden


def _shown(path: str) -> str:
    return one_line(printable_name(path[:MAX_NAME].encode("utf-8", "surrogateescape").decode("utf-8", "replace")), 120)
