"""One entry after the other of a zip or a tar, everything bounded: entries, bytes as they come out, directories, headers."""

from __future__ import annotations

import contextlib
import functools
import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO

from autograder.errors import SubmissionError
from autograder.notebook.time_limit import TookTooLong
from autograder.report.printable import one_line, printable_name

MAX_ENTRIES = 2_000
MAX_NAME = 300
MAX_DEPTH = 20
MAX_UNPACKED = 200_000_000  # bytes that may come out of one student's archive, whatever is kept of them
MAX_DIRECTORY = 20_000_000  # bytes of a zip's list of its files
_PIECE = 1 << 16
# What a tar says about an entry in blocks before it (long names, pax records) is searched by tarfile in quadratic time.
_MAX_EXTRA, _MAX_EXTRA_SQUARES = 32_000, 4 * 10**9
_EXTRA_TYPES = (b"x", b"g", b"X", b"L", b"K")
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # LZMA lets an entry ask for 4 GB before its first byte
# What reading a damaged archive may raise; anything else is a bug.
DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError,
    RuntimeError, OverflowError, MemoryError, TookTooLong,
)  # fmt: skip


class Spent(SubmissionError):
    """An archive holds more than it may: nothing more is read of it, or of what it lies in."""


class Budget:
    """Counts what one archive has given so far; `stream` does so for what comes out of compressed tars."""

    def __init__(self, name: str, entries: int | None = None, unpacked: int | None = None):
        self._name, self._entries, self._bytes = name, 0, 0
        self._most_entries, self._most_bytes = entries or MAX_ENTRIES, unpacked or MAX_UNPACKED

    @functools.cached_property
    def stream(self) -> Budget:
        return Budget(self._name, self._most_entries, self._most_bytes)

    def count_entry(self) -> None:
        self._entries += 1
        self.check_entries(self._entries)

    def check_entries(self, count: int) -> None:
        if count > self._most_entries:
            raise Spent(f"{self._name}: more than {self._most_entries} files in the archive. Hand in the notebook itself.")

    def count_bytes(self, size: int) -> None:
        self._bytes += size
        if self._bytes > self._most_bytes:
            mb = self._most_bytes // 10**6
            raise Spent(f"{self._name}: the archive unpacks to more than {mb} MB. Hand in the notebook itself.")


@dataclass(frozen=True)
class Entry:
    """One entry but folders: its path as it stands there, whether it is a regular file, how to open it, its date."""

    path: str
    regular: bool
    open: Callable[[], IO[bytes]]
    when: tuple[int, int, int, int, int, int] | None = None


def reason(problem: BaseException) -> str:
    """What is damaged, in one short line."""
    return one_line(problem, 80) or type(problem).__name__


def entries(source: bytes | IO[bytes], name: str, budget: Budget) -> Iterator[Entry]:
    """The entries of an archive but its folders, in its order; `name` says by its ending which kind of archive it is."""
    if name.lower().endswith(".zip"):
        yield from _zip_entries(source, name, budget)
    else:
        yield from _tar_entries(source if isinstance(source, bytes) else source.read(), name, budget)


def _zip_entries(source: bytes | IO[bytes], name: str, budget: Budget) -> Iterator[Entry]:
    # The directory is read whole: its length is bounded before zipfile makes an object of each entry.
    if isinstance(source, bytes):
        budget.check_entries(source.count(b"PK\x01\x02"))
    else:
        check_directory(source, name)
    with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if info.flag_bits & 0x1:
                raise SubmissionError(f"{name}: the archive has a password. Hand in the notebook itself.")
            if info.compress_type not in _ZIP_METHODS:
                raise SubmissionError(f"{name}: the archive is packed by an uncommon method. Hand in the notebook itself.")
            kind = stat.S_IFMT(info.external_attr >> 16)
            yield Entry(zip_name(info), kind in (0, stat.S_IFREG), lambda i=info: archive.open(i), info.date_time)


def zip_name(info: zipfile.ZipInfo) -> str:
    """An entry's name. macOS and older tools write UTF-8 without saying so, which zipfile reads as the DOS code page."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def check_directory(file: IO[bytes], name: str) -> None:
    """Refuses a zip whose directory, which is read whole, is larger than that of any class: its end record gives the size.

    APPNOTE 4.3.16 and, for large files, 4.3.14: the 64-bit record stands right before its locator.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - (1 << 16) - 100))
    tail = file.read()
    at = len(tail) - 22 if tail[-22:-18] == b"PK\x05\x06" and tail[-2:] == b"\0\0" else tail.rfind(b"PK\x05\x06")
    directory = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if at >= 76 and tail[at - 20 : at - 16] == b"PK\x06\x07" and tail[at - 76 : at - 72] == b"PK\x06\x06":
        directory = max(directory % 0xFFFFFFFF, int.from_bytes(tail[at - 36 : at - 28], "little"))
    file.seek(0)
    if directory > MAX_DIRECTORY:
        raise SubmissionError(f"{name}: more files in the archive than a class hands in. Hand in the notebook itself.")


def _tar_entries(data: bytes, name: str, budget: Budget) -> Iterator[Entry]:
    reader = {"fileobj": _unpacked(data, budget.stream), "mode": "r|", "tarinfo": _bounded_tarinfo(name)}
    with contextlib.closing(reader["fileobj"]), tarfile.open(**reader) as archive:
        for info in archive:
            if info.isdir():
                continue
            # Sparse files are made of holes: a kilobyte of archive could be a gigabyte of zeros.
            regular = info.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not info.issparse()
            yield Entry(info.name, regular, lambda i=info: archive.extractfile(i))  # type: ignore[return-value,arg-type]


def _bounded_tarinfo(name: str) -> type[tarfile.TarInfo]:
    """Headers as tarfile reads them, refused before what they announce is searched for names."""
    squares = 0

    class Bounded(tarfile.TarInfo):
        # Not `frombuf`: Pythons of late 2025 and Debian's patched ones pass it by.
        def _proc_member(self, *archive):
            nonlocal squares
            if self.type in _EXTRA_TYPES:
                squares += self.size**2
                if not 0 <= self.size <= _MAX_EXTRA or squares > _MAX_EXTRA_SQUARES:
                    raise SubmissionError(f"{name}: the archive says too much about its files. Hand in the notebook itself.")
            if self.type == tarfile.GNUTYPE_SPARSE:
                raise SubmissionError(f"{name}: the archive holds a file made of holes. Hand in the notebook itself.")
            return super()._proc_member(*archive)

        def _proc_gnusparse_10(self, *_):  # its table is read until it ends, wherever that is
            raise SubmissionError(f"{name}: the archive holds a file made of holes. Hand in the notebook itself.")

    return Bounded


class _unpacked(io.RawIOBase):
    """A tar stream, decompressed piece by piece and counted: gzip, bzip2 and xz may give a thousand times what they take."""

    def __init__(self, data: bytes, budget: Budget):
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


def bounded(read: Callable[[], io.BufferedIOBase], budget: Budget, limit: int) -> bytes | None:
    """The contents, or None if there are more than `limit` bytes. What is read is counted, kept or not."""
    out = io.BytesIO()
    with read() as stream:
        while piece := stream.read(_PIECE):
            budget.count_bytes(len(piece))
            out.write(piece)
            if out.tell() > limit:
                return None
    return out.getvalue()


def harmless(path: str) -> tuple[str, ...] | None:
    """The parts of a path that stays below the archive's root; None if it does not."""
    if len(path) > MAX_NAME or "\x00" in path:
        return None
    flat = path.replace("\\", "/")
    parts = [p for p in PurePosixPath(flat).parts if p != "."]
    drive = len(flat) > 1 and flat[1] == ":"
    if flat.startswith("/") or drive or ".." in parts or not 0 < len(parts) <= MAX_DEPTH:
        return None
    return tuple(parts)


def shown(path: str) -> str:
    """A path in an archive as printable text of one line."""
    return one_line(printable_name(path[:MAX_NAME].encode("utf-8", "surrogateescape").decode("utf-8", "replace")), 120)
