"""The notebooks in an archive: one that a student handed in, or a learning platform's download of a whole class.

Regular files only, archives in archives included, everything bounded, nothing written anywhere.

An archive is read as a stranger's text: no entry is extracted to a path of its choosing, no link is followed or made, and
bytes are counted as they come out, because an archive may say what it likes about its sizes.
"""

from __future__ import annotations

import contextlib
import functools
import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO

from autograder.errors import SubmissionError
from autograder.notebook.naming import may_be_notebook
from autograder.notebook.time_limit import TookTooLong, at_most
from autograder.report.printable import one_line, printable_name

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
MAX_ENTRIES = 2_000
MAX_NAME = 300
MAX_DEPTH = 20
MAX_UNPACKED = 200_000_000  # bytes that may come out of one student's archive, whatever is kept of them
MAX_NESTING = 3  # archives in archives in archives
MAX_WANTED_MB = 50.0  # of a platform's own list of submissions
MAX_DIRECTORY = 20_000_000  # bytes of a zip's list of its files
MAX_BULK_ENTRIES, MAX_BULK_UNPACKED = 50_000, 20_000_000_000  # of a whole class
MAX_CPU_SECONDS = 20.0  # for one student's archive
_PIECE = 1 << 16
_EXPORTS = (".py", ".md", ".rmd", ".qmd", ".htm", ".html", ".pdf", ".tex", ".docx")
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
    """A notebook in an archive: its place there, as harmless parts, and its bytes.

    Attributes:
        when: the entry's date as a zip keeps it (local to whoever wrote it, two seconds exact); None for what has none.
    """

    parts: tuple[str, ...]
    data: bytes
    when: tuple[int, int, int, int, int, int] | None = None


@dataclass(frozen=True)
class LeftOut:
    """An entry that is not a notebook to grade, and why in one line. `broken`: an archive that cannot be read."""

    parts: tuple[str, ...]
    why: str
    broken: bool = False


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
    found: dict[tuple[str, ...], Member] = {}
    try:
        with at_most(MAX_CPU_SECONDS):
            for item in _walk(data, name, max_mb, _Budget(name), 0):
                if isinstance(item, LeftOut):
                    notes.append(f"{_shown('/'.join(item.parts))}: {item.why}")
                else:
                    if item.parts in found:
                        notes.append(f"{_shown('/'.join(item.parts))}: there twice; the later one counts")
                    found[item.parts] = item
    except SubmissionError:
        raise
    except _DAMAGE as problem:
        raise SubmissionError(f"{name}: the archive is damaged ({_reason(problem)}). Hand in the notebook itself.") from None
    if not found:
        raise SubmissionError(f"{name}: there is no notebook in the archive. Hand in the .ipynb file itself.")
    return tuple(found.values()), tuple(notes[:50])


def read_bulk(path: Path, max_mb: float, wanted: frozenset[str] = frozenset()) -> Iterator[Member | LeftOut]:
    """What a learning platform's zip of a whole class holds, one file at a time; archives in it are opened, each with a
    student's limits.

    Args:
        max_mb: a file above this many MB (10^6 bytes) is left out.
        wanted: names of files that are no notebooks and yielded all the same.

    Raises:
        SubmissionError: it is damaged, or holds too much.
    """
    name = _shown(path.name)
    budget = _Budget(name, MAX_BULK_ENTRIES, MAX_BULK_UNPACKED)
    try:
        with open(path, "rb") as file:
            yield from _walk(file, name, max_mb, budget, 0, wanted, bulk=True)
    except SubmissionError:
        raise
    except _DAMAGE as problem:
        raise SubmissionError(f"{name}: the archive is damaged ({_reason(problem)}). Download it again.") from None


def bulk_names(path: Path) -> tuple[tuple[str, ...], ...]:
    """The places of the files in a zip, as harmless parts, without reading any; () if it cannot be read."""
    try:
        with at_most(MAX_CPU_SECONDS), open(path, "rb") as file:
            _check_directory(file, path.name)
            infos = zipfile.ZipFile(file).infolist()[:MAX_BULK_ENTRIES]
            return tuple(parts for info in infos if not info.is_dir() and (parts := _harmless(_zip_name(info))) is not None)
    except (SubmissionError, *_DAMAGE):
        return ()


def read_member(source: bytes | IO[bytes], parts: tuple[str, ...], name: str, max_mb: float) -> bytes | None:
    """The bytes of one entry, also of an archive in the archive; None if there is no such regular file within `max_mb`.

    Raises:
        SubmissionError: an archive on the way is damaged or holds too much.
    """
    budget = _Budget(name) if isinstance(source, bytes) else _Budget(name, MAX_BULK_ENTRIES, MAX_BULK_UNPACKED)
    try:
        with at_most(MAX_CPU_SECONDS):
            for _ in range(MAX_NESTING + 1):
                data, rest = None, parts
                for entry in _entries(source, name, budget):
                    budget.count_entry()
                    place = _harmless(entry.path)
                    if place and entry.regular and parts[: len(place)] == place and (place == parts or is_archive(place[-1])):
                        data, rest = _bounded(entry.open, budget, int(max_mb * 1e6)), parts[len(place) :]
                if data is None or not rest:
                    return data
                name, source, parts = _shown(parts[-len(rest) - 1]), data, rest
                budget = _Budget(name)
    except SubmissionError:
        raise
    except _DAMAGE as problem:
        raise SubmissionError(f"{name}: the archive is damaged ({_reason(problem)}). Hand in the notebook itself.") from None
    return None


def read_files(source: bytes | IO[bytes], wanted: Set[tuple[str, ...]], name: str, each: int,
               together: int) -> dict[tuple[str, ...], bytes]:  # fmt: skip
    """The contents of several entries in one pass; what is no regular file or larger than it may be is left out.

    Args:
        wanted: places in the archive itself, not in archives in it.
        each, together: bytes that one file, and all of them, may have.

    Raises:
        SubmissionError: the archive is damaged or holds too much.
    """
    budget = _Budget(name) if isinstance(source, bytes) else _Budget(name, MAX_BULK_ENTRIES, MAX_BULK_UNPACKED)
    found: dict[tuple[str, ...], bytes] = {}
    try:
        with at_most(MAX_CPU_SECONDS):
            for entry in _entries(source, name, budget):
                budget.count_entry()
                place = _harmless(entry.path)
                if place in wanted and entry.regular:
                    data = _bounded(entry.open, budget, min(each, together))
                    if data is not None:
                        found[place], together = data, together - len(data)
    except SubmissionError:
        raise
    except _DAMAGE as problem:
        raise SubmissionError(f"{name}: the archive is damaged ({_reason(problem)}). Hand in the notebook itself.") from None
    return found


def names_in(data: bytes, name: str) -> tuple[tuple[str, ...], ...]:
    """The places of the regular files in a student's archive, archives in it left closed; () if it cannot be read."""
    budget = _Budget(name)
    try:
        with at_most(MAX_CPU_SECONDS):
            return tuple(place for entry in _entries(data, name, budget) if entry.regular and (place := _harmless(entry.path)))
    except (SubmissionError, *_DAMAGE):
        return ()


class _Spent(SubmissionError):
    """An archive holds more than it may: nothing more is read of it, or of what it lies in."""


class _Budget:
    """Counts what one archive has given so far; `stream` does so for what comes out of compressed tars."""

    def __init__(self, name: str, entries: int | None = None, unpacked: int | None = None):
        self._name, self._entries, self._bytes = name, 0, 0
        self._most_entries, self._most_bytes = entries or MAX_ENTRIES, unpacked or MAX_UNPACKED

    @functools.cached_property
    def stream(self) -> _Budget:
        return _Budget(self._name, self._most_entries, self._most_bytes)

    def count_entry(self) -> None:
        self._entries += 1
        self.check_entries(self._entries)

    def check_entries(self, count: int) -> None:
        if count > self._most_entries:
            raise _Spent(f"{self._name}: more than {self._most_entries} files in the archive. Hand in the notebook itself.")

    def count_bytes(self, size: int) -> None:
        self._bytes += size
        if self._bytes > self._most_bytes:
            mb = self._most_bytes // 10**6
            raise _Spent(f"{self._name}: the archive unpacks to more than {mb} MB. Hand in the notebook itself.")


@dataclass(frozen=True)
class _Entry:
    """One entry but folders: its path as it stands there, whether it is a regular file, how to open it, its date."""

    path: str
    regular: bool
    open: Callable[[], IO[bytes]]
    when: tuple[int, int, int, int, int, int] | None = None


def _walk(source: bytes | IO[bytes], name: str, max_mb: float, budget: _Budget, depth: int,
          wanted: frozenset[str] = frozenset(), bulk: bool = False) -> Iterator[Member | LeftOut]:  # fmt: skip
    for entry in _entries(source, name, budget):
        budget.count_entry()
        parts = _harmless(entry.path)
        if parts is None:
            yield LeftOut((entry.path,), "its path leads out of the archive; left out")
        elif not entry.regular:
            yield LeftOut(parts, "a link or special file; left out")
        elif _is_hidden(parts):
            continue
        elif _is_notebook(parts) or parts[-1] in wanted:
            limit = max_mb if _is_notebook(parts) else max(max_mb, MAX_WANTED_MB)
            content = _bounded(entry.open, budget, int(limit * 1e6))
            yield Member(parts, content, entry.when) if content is not None else LeftOut(parts, _too_large(limit), True)
        elif may_be_notebook(parts[-1]) and (content := _disguised(entry, budget, max_mb)) is not None:
            yield Member(parts, content, entry.when)
        elif is_archive(parts[-1]):
            yield from _nested(entry, parts, max_mb, budget, depth + 1, bulk)
        elif bulk:
            yield LeftOut(parts, why_not_graded(parts[-1]))


def _disguised(entry: _Entry, budget: _Budget, max_mb: float) -> bytes | None:
    """The bytes of an entry with another ending than a notebook's, if it is one."""
    content = _bounded(entry.open, budget, int(max_mb * 1e6))
    return content if content is not None and looks_like_notebook(content) else None


def why_not_graded(name: str) -> str:
    """What the staff are told of a file that is no notebook."""
    if name.lower().endswith(_EXPORTS):
        return "not a notebook; not graded. If it is an export of one, ask for the .ipynb file"
    if is_archive(name):
        return "not a notebook; not graded"
    return "not a notebook; not graded (if a notebook needs it, put both into a folder named after the student)"


def looks_like_notebook(data: bytes) -> bool:
    """Whether a file that is not named like a notebook may be one all the same."""
    plain = data.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return plain.startswith(b"{") and (b'"cells"' in plain or b'"worksheets"' in plain)


def _nested(entry: _Entry, parts: tuple[str, ...], max_mb: float, budget: _Budget, depth: int,
            bulk: bool) -> Iterator[Member | LeftOut]:  # fmt: skip
    """An archive in an archive. In a class's download each student's has limits of its own, so that one cannot spend all."""
    if depth > MAX_NESTING:
        yield LeftOut(parts, f"more than {MAX_NESTING} archives in one another; left out", True)
        return
    data, name, anything = _bounded(entry.open, budget, int(max_mb * 1e6)), _shown(parts[-1]), False
    if data is None:
        yield LeftOut(parts, _too_large(max_mb), True)
        return
    try:
        for item in _all_of(data, name, max_mb, depth) if bulk else _walk(data, name, max_mb, budget, depth):
            anything = True
            where = (*parts, *item.parts)
            yield replace(item, parts=where, when=entry.when) if isinstance(item, Member) else replace(item, parts=where)
    except _Spent as problem:
        if not bulk:
            raise
        yield LeftOut(parts, str(problem), True)
    except SubmissionError as problem:
        yield LeftOut(parts, str(problem), True)
    except _DAMAGE as problem:
        yield LeftOut(parts, f"the archive is damaged ({_reason(problem)})", True)
    else:
        if not anything:
            yield LeftOut(parts, "there is no notebook in the archive", True)


def _all_of(data: bytes, name: str, max_mb: float, depth: int) -> list[Member | LeftOut]:
    """One student's archive in a class's download, with bounds of its own."""
    with at_most(MAX_CPU_SECONDS):
        return list(_walk(data, name, max_mb, _Budget(name), depth))


def _too_large(limit: float) -> str:
    return f"larger than {limit:g} MB; left out"


def _reason(problem: BaseException) -> str:
    return one_line(problem, 80) or type(problem).__name__


def _entries(source: bytes | IO[bytes], name: str, budget: _Budget) -> Iterator[_Entry]:
    if name.lower().endswith(".zip"):
        yield from _zip_entries(source, name, budget)
    else:
        yield from _tar_entries(source if isinstance(source, bytes) else source.read(), name, budget)


def _zip_entries(source: bytes | IO[bytes], name: str, budget: _Budget) -> Iterator[_Entry]:
    # The directory is read whole: its length is bounded before zipfile makes an object of each entry.
    if isinstance(source, bytes):
        budget.check_entries(source.count(b"PK\x01\x02"))
    else:
        _check_directory(source, name)
    with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if info.flag_bits & 0x1:
                raise SubmissionError(f"{name}: the archive has a password. Hand in the notebook itself.")
            if info.compress_type not in _ZIP_METHODS:
                raise SubmissionError(f"{name}: the archive is packed by an uncommon method. Hand in the notebook itself.")
            kind = stat.S_IFMT(info.external_attr >> 16)
            yield _Entry(_zip_name(info), kind in (0, stat.S_IFREG), lambda i=info: archive.open(i), info.date_time)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """An entry's name. macOS and older tools write UTF-8 without saying so, which zipfile reads as the DOS code page."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _check_directory(file: IO[bytes], name: str) -> None:
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


def _tar_entries(data: bytes, name: str, budget: _Budget) -> Iterator[_Entry]:
    reader = {"fileobj": _unpacked(data, budget.stream), "mode": "r|", "tarinfo": _bounded_tarinfo(name)}
    with contextlib.closing(reader["fileobj"]), tarfile.open(**reader) as archive:
        for info in archive:
            if info.isdir():
                continue
            # Sparse files are made of holes: a kilobyte of archive could be a gigabyte of zeros.
            regular = info.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not info.issparse()
            yield _Entry(info.name, regular, lambda i=info: archive.extractfile(i))  # type: ignore[return-value,arg-type]


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


def _is_hidden(parts: tuple[str, ...]) -> bool:
    return any(p.startswith(".") or p.lower() == "__macosx" for p in parts)


def _is_notebook(parts: tuple[str, ...]) -> bool:
    return parts[-1].lower().endswith(".ipynb") and not _is_hidden(parts)


def _shown(path: str) -> str:
    return one_line(printable_name(path[:MAX_NAME].encode("utf-8", "surrogateescape").decode("utf-8", "replace")), 120)
