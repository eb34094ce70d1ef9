"""Temporary files of one process: in a folder that only we can list, gone when it ends; what killed processes left is swept.

The folder's name says which process of which boot made it, so that whoever comes next can tell what nobody uses any more.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import shutil
import tempfile
from pathlib import Path

from autograder.locks import here

_NAME = re.compile(r"autograder-run-([0-9a-f]{8})-(\d+)-")
_own: dict[tuple[int, str], Path] = {}  # (process, place) -> its folder


def own_folder(place: str | Path | None = None) -> Path:
    """This process's folder in `place` (default: the folder for temporary files). It is there until the process ends.

    Others may pass through it, not list it: student code under a user id of its own reaches its part.

    Raises:
        OSError: it cannot be made.
    """
    key = (os.getpid(), str(place or tempfile.gettempdir()))
    folder = _own.get(key)
    if folder is None:
        folder = _own[key] = new_folder(key[1])
        atexit.register(_remove, folder, os.getpid())
    elif not folder.is_dir():  # somebody tidied up; the path is kept, because modules and messages know it
        folder.mkdir(0o711)
    return folder


def new_folder(place: str | Path) -> Path:
    """A folder that is called like this process; what dead processes left beside it is removed first.

    Raises:
        OSError: it cannot be made.
    """
    sweep(Path(place))
    folder = Path(tempfile.mkdtemp(prefix=f"autograder-run-{here()}-{os.getpid()}-", dir=place))
    folder.chmod(0o711)
    return folder


def sweep(place: Path) -> None:
    """Removes the folders of our processes that are gone."""
    for path in place.glob("autograder-run-*"):
        match = _NAME.match(path.name)
        with contextlib.suppress(OSError):
            # A folder for temporary files may be shared with other machines and containers, whose processes are not seen here.
            ours = match and match[1] == here() and path.stat().st_uid == os.geteuid()
            if ours and not Path(f"/proc/{match[2]}").exists():
                shutil.rmtree(path, ignore_errors=True)


def _remove(folder: Path, pid: int) -> None:
    if os.getpid() == pid:  # a fork inherits what is to be done at exit
        shutil.rmtree(folder, ignore_errors=True)
