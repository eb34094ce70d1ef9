"""The bytes of a file that a student handed in: a bounded read, no link followed out of its folder, also out of an archive."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from autograder.errors import SubmissionError
from autograder.notebook.archive import is_archive, read_member
from autograder.report.printable import one_line, printable_name


def display_name(path: Path | str) -> str:
    """The last part of a path as printable text of at most 80 characters."""
    return one_line(printable_name(Path(path).name), 80)


def read_bytes(path: Path | str, max_mb: float, *, within: Path | str | None = None, may_be_empty: bool = False) -> bytes:
    """The bytes of a regular file of at most `max_mb` MB inside `within`; `archive.zip/work.ipynb` is a notebook in an archive.

    The path is resolved once and then opened part by part without following links, so that nothing can be swapped
    under it, and without blocking, so that a FIFO cannot hold the grader.

    Raises:
        SubmissionError: not there, not a regular file, not inside the folder, too large, empty, or not permitted.
    """
    name = display_name(path)
    inside = archive_and_member(Path(path))
    if inside is not None:
        return _not_empty(_read_inside(*inside, name, max_mb, within), name)
    try:
        handle = _open_inside(Path(path), Path(within) if within is not None else Path(path).parent, name)
    except OSError as problem:
        raise SubmissionError(f"{name}: {_why_not_opened(problem)}") from None
    limit = int(max_mb * 1e6)
    try:
        _require_regular(os.fstat(handle), name, max_mb)
        with open(handle, "rb", closefd=False) as file:
            data = file.read(limit + 1)
    except OSError as problem:
        raise SubmissionError(f"{name}: the file cannot be read ({problem.strerror}). Upload it again.") from None
    finally:
        os.close(handle)
    if len(data) > limit:
        raise SubmissionError(f"{name}: the file grew beyond {max_mb:g} MB while it was read. Upload it again.")
    return data if may_be_empty else _not_empty(data, name)


def _read_inside(archive: Path, parts: tuple[str, ...], name: str, max_mb: float, within: Path | str | None) -> bytes:
    """One notebook of an archive. A larger archive than a student may hand in is a platform's download of a class."""
    shown, folder = display_name(archive), Path(within or archive.parent)
    if archive.stat().st_size > max_mb * 1e6 and shown.lower().endswith(".zip"):
        try:
            handle = _open_inside(archive, folder, shown)
        except OSError as problem:
            raise SubmissionError(f"{shown}: {_why_not_opened(problem)}") from None
        with open(handle, "rb") as file:
            found = read_member(file, parts, shown, max_mb)
        if found is None:
            read_bytes(archive, max_mb, within=within)  # refuses it, and says why
    else:
        found = read_member(read_bytes(archive, max_mb, within=folder), parts, shown, max_mb)
    if found is None:
        raise SubmissionError(
            f"{shown}: there is no {name} of at most {max_mb:g} MB in the archive. Hand in the notebook itself."
        )
    return found


def _not_empty(data: bytes, name: str) -> bytes:
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise SubmissionError(f"{name}: the file is empty. Save the notebook and hand it in again.")
    return data


def archive_and_member(path: Path) -> tuple[Path, tuple[str, ...]] | None:
    """A path that goes on behind a regular file named like an archive, taken apart there."""
    for parent in path.parents:
        if is_archive(parent.name) and os.path.isfile(parent) and not os.path.islink(parent):
            return parent, path.relative_to(parent).parts
    return None


def container_of(path: Path) -> Path:
    """The file that lies on the disk: the archive of a path that goes on inside one, else the path."""
    inside = archive_and_member(path)
    return path if inside is None else inside[0]


def _open_inside(path: Path, folder: Path, name: str) -> int:
    real, root = Path(os.path.realpath(path, strict=True)), Path(os.path.realpath(folder, strict=True))
    if not real.is_relative_to(root):
        raise SubmissionError(f"{name}: this is a link to a file outside the folder of submissions. Hand in the file.")
    parts = real.relative_to(root).parts
    if not parts:
        raise IsADirectoryError(errno.EISDIR, "Is a directory")
    directory = os.open(root, _DIRECTORY)
    try:
        for part in parts[:-1]:
            inner = os.open(part, _DIRECTORY | os.O_NOFOLLOW, dir_fd=directory)
            os.close(directory)
            directory = inner
        return os.open(parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=directory)
    finally:
        os.close(directory)


# O_PATH needs no right to list a folder, only to pass through it; other systems than Linux lack it.
_DIRECTORY = os.O_DIRECTORY | os.O_CLOEXEC | getattr(os, "O_PATH", os.O_RDONLY)


def _require_regular(status: os.stat_result, name: str, max_mb: float) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise SubmissionError(f"{name}: this is a folder named like a notebook. Hand in the .ipynb file inside it.")
    if not stat.S_ISREG(status.st_mode):
        raise SubmissionError(f"{name}: this is no ordinary file (a pipe, socket or device). Hand in the .ipynb file.")
    if status.st_size > max_mb * 1e6:
        raise SubmissionError(
            f"{name}: the file has {status.st_size / 1e6:.1f} MB where {max_mb:g} MB are allowed. "
            "Clear the outputs of all cells, save and hand in again."
        )


def _why_not_opened(problem: OSError) -> str:
    if isinstance(problem, FileNotFoundError):
        return "there is no such file, or it is a link that leads nowhere. Upload the file itself."
    if isinstance(problem, PermissionError):
        return "the grader may not read this file. Give it read permission or upload it again."
    if problem.errno == errno.ELOOP:
        return "this is a link that leads back to itself. Upload the file itself."
    if problem.errno == errno.ENXIO:
        return "this is no ordinary file (a pipe, socket or device). Hand in the .ipynb file."
    if isinstance(problem, IsADirectoryError):
        return "this is a folder named like a notebook. Hand in the .ipynb file inside it."
    return f"the file cannot be opened ({one_line(problem.strerror or type(problem).__name__, 80)}). Upload it again."
