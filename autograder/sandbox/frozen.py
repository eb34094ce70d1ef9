"""Puts a student's files where the student's own process may make none: in tier B without Landlock, from the trusted side.

There seccomp lets nobody make a file (`jail.seccomp.program`), so nobody can have put a link in the way. Other submissions run
as other users: what is put is this user's alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def put(folder: Path, files: Mapping[str, bytes], owner: int) -> None:
    """Writes files below `folder`, for the user `owner` only. Called before any code of the student's has run.

    Args:
        files: relative path -> contents; the paths were checked when the submission was read.

    Raises:
        OSError: the disk is full, say.
    """
    for name, data in files.items():
        path = folder / name
        for parent in reversed([p for p in path.parents if folder in p.parents]):
            if not parent.is_dir():
                parent.mkdir(mode=0o700)
                os.chown(parent, owner, owner)
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(made, "wb") as file:
            os.fchown(made, owner, owner)
            file.write(data)
