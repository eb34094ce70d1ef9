"""The notebooks in an archive: one that a student handed in, or a learning platform's download of a whole class.

Regular files only, archives in archives included, everything bounded, nothing written anywhere.

An archive is read as a stranger's text: no entry is extracted to a path of its choosing, no link is followed or made, and
bytes are counted as they come out, because an archive may say what it likes about its sizes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from autograder.errors import SubmissionError
from autograder.notebook.archive_entries import (
    DAMAGE,
    Budget,
    Entry,
    Spent,
    bounded,
    check_directory,
    entries,
    harmless,
    reason,
    shown,
    zip_name,
)
from autograder.notebook.naming import may_be_notebook
from autograder.notebook.time_limit import at_most

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
MAX_NESTING = 3  # archives in archives in archives
MAX_WANTED_MB = 50.0  # of a platform's own list of submissions
MAX_BULK_ENTRIES, MAX_BULK_UNPACKED = 50_000, 20_000_000_000  # of a whole class
MAX_CPU_SECONDS = 20.0  # for one student's archive
_EXPORTS = (".py", ".md", ".rmd", ".qmd", ".htm", ".html", ".pdf", ".tex", ".docx")


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
            for item in _walk(data, name, max_mb, Budget(name), 0):
                if isinstance(item, LeftOut):
                    notes.append(f"{shown('/'.join(item.parts))}: {item.why}")
                else:
                    if item.parts in found:
                        notes.append(f"{shown('/'.join(item.parts))}: there twice; the later one counts")
                    found[item.parts] = item
    except SubmissionError:
        raise
    except DAMAGE as problem:
        raise SubmissionError(f"{name}: the archive is damaged ({reason(problem)}). Hand in the notebook itself.") from None
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
    name = shown(path.name)
    budget = Budget(name, MAX_BULK_ENTRIES, MAX_BULK_UNPACKED)
    try:
        with open(path, "rb") as file:
            yield from _walk(file, name, max_mb, budget, 0, wanted, bulk=True)
    except SubmissionError:
        raise
    except DAMAGE as problem:
        raise SubmissionError(f"{name}: the archive is damaged ({reason(problem)}). Download it again.") from None


def bulk_names(path: Path) -> tuple[tuple[str, ...], ...]:
    """The places of the files in a zip, as harmless parts, without reading any; () if it cannot be read."""
    try:
        with at_most(MAX_CPU_SECONDS), open(path, "rb") as file:
            check_directory(file, path.name)
            infos = zipfile.ZipFile(file).infolist()[:MAX_BULK_ENTRIES]
            return tuple(parts for info in infos if not info.is_dir() and (parts := harmless(zip_name(info))) is not None)
    except (SubmissionError, *DAMAGE):
        return ()


def read_member(source: bytes | IO[bytes], parts: tuple[str, ...], name: str, max_mb: float) -> bytes | None:
    """The bytes of one entry, also of an archive in the archive; None if there is no such regular file within `max_mb`.

    Raises:
        SubmissionError: an archive on the way is damaged or holds too much.
    """
    budget = Budget(name) if isinstance(source, bytes) else Budget(name, MAX_BULK_ENTRIES, MAX_BULK_UNPACKED)
    try:
        with at_most(MAX_CPU_SECONDS):
            for _ in range(MAX_NESTING + 1):
                data, rest = None, parts
                for entry in entries(source, name, budget):
                    budget.count_entry()
                    place = harmless(entry.path)
                    if place and entry.regular and parts[: len(place)] == place and (place == parts or is_archive(place[-1])):
                        data, rest = bounded(entry.open, budget, int(max_mb * 1e6)), parts[len(place) :]
                if data is None or not rest:
                    return data
                name, source, parts = shown(parts[-len(rest) - 1]), data, rest
                budget = Budget(name)
    except SubmissionError:
        raise
    except DAMAGE as problem:
        raise SubmissionError(f"{name}: the archive is damaged ({reason(problem)}). Hand in the notebook itself.") from None
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
    budget = Budget(name) if isinstance(source, bytes) else Budget(name, MAX_BULK_ENTRIES, MAX_BULK_UNPACKED)
    found: dict[tuple[str, ...], bytes] = {}
    try:
        with at_most(MAX_CPU_SECONDS):
            for entry in entries(source, name, budget):
                budget.count_entry()
                place = harmless(entry.path)
                if place in wanted and entry.regular:
                    data = bounded(entry.open, budget, min(each, together))
                    if data is not None:
                        found[place], together = data, together - len(data)
    except SubmissionError:
        raise
    except DAMAGE as problem:
        raise SubmissionError(f"{name}: the archive is damaged ({reason(problem)}). Hand in the notebook itself.") from None
    return found


def names_in(data: bytes, name: str) -> tuple[tuple[str, ...], ...]:
    """The places of the regular files in a student's archive, archives in it left closed; () if it cannot be read."""
    budget = Budget(name)
    try:
        with at_most(MAX_CPU_SECONDS):
            return tuple(place for entry in entries(data, name, budget) if entry.regular and (place := harmless(entry.path)))
    except (SubmissionError, *DAMAGE):
        return ()


def _walk(source: bytes | IO[bytes], name: str, max_mb: float, budget: Budget, depth: int,
          wanted: frozenset[str] = frozenset(), bulk: bool = False) -> Iterator[Member | LeftOut]:  # fmt: skip
    for entry in entries(source, name, budget):
        budget.count_entry()
        parts = harmless(entry.path)
        if parts is None:
            yield LeftOut((entry.path,), "its path leads out of the archive; left out")
        elif not entry.regular:
            yield LeftOut(parts, "a link or special file; left out")
        elif _is_hidden(parts):
            continue
        elif _is_notebook(parts) or parts[-1] in wanted:
            limit = max_mb if _is_notebook(parts) else max(max_mb, MAX_WANTED_MB)
            content = bounded(entry.open, budget, int(limit * 1e6))
            yield Member(parts, content, entry.when) if content is not None else LeftOut(parts, _too_large(limit), True)
        elif may_be_notebook(parts[-1]) and (content := _disguised(entry, budget, max_mb)) is not None:
            yield Member(parts, content, entry.when)
        elif is_archive(parts[-1]):
            yield from _nested(entry, parts, max_mb, budget, depth + 1, bulk)
        elif bulk:
            yield LeftOut(parts, why_not_graded(parts[-1]))


def _disguised(entry: Entry, budget: Budget, max_mb: float) -> bytes | None:
    """The bytes of an entry with another ending than a notebook's, if it is one."""
    content = bounded(entry.open, budget, int(max_mb * 1e6))
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


def _nested(entry: Entry, parts: tuple[str, ...], max_mb: float, budget: Budget, depth: int,
            bulk: bool) -> Iterator[Member | LeftOut]:  # fmt: skip
    """An archive in an archive. In a class's download each student's has limits of its own, so that one cannot spend all."""
    if depth > MAX_NESTING:
        yield LeftOut(parts, f"more than {MAX_NESTING} archives in one another; left out", True)
        return
    data, name, anything = bounded(entry.open, budget, int(max_mb * 1e6)), shown(parts[-1]), False
    if data is None:
        yield LeftOut(parts, _too_large(max_mb), True)
        return
    try:
        for item in _all_of(data, name, max_mb, depth) if bulk else _walk(data, name, max_mb, budget, depth):
            anything = True
            where = (*parts, *item.parts)
            yield replace(item, parts=where, when=entry.when) if isinstance(item, Member) else replace(item, parts=where)
    except Spent as problem:
        if not bulk:
            raise
        yield LeftOut(parts, str(problem), True)
    except SubmissionError as problem:
        yield LeftOut(parts, str(problem), True)
    except DAMAGE as problem:
        yield LeftOut(parts, f"the archive is damaged ({reason(problem)})", True)
    else:
        if not anything:
            yield LeftOut(parts, "there is no notebook in the archive", True)


def _all_of(data: bytes, name: str, max_mb: float, depth: int) -> list[Member | LeftOut]:
    """One student's archive in a class's download, with bounds of its own."""
    with at_most(MAX_CPU_SECONDS):
        return list(_walk(data, name, max_mb, Budget(name), depth))


def _too_large(limit: float) -> str:
    return f"larger than {limit:g} MB; left out"


def _is_hidden(parts: tuple[str, ...]) -> bool:
    return any(p.startswith(".") or p.lower() == "__macosx" for p in parts)


def _is_notebook(parts: tuple[str, ...]) -> bool:
    return parts[-1].lower().endswith(".ipynb") and not _is_hidden(parts)
