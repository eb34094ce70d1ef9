"""Files replaced in one step: a command that is interrupted leaves the old one or the new one, never half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from autograder.errors import CourseError


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that others may read, and its folders.

    Raises:
        CourseError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
            os.chmod(partial, 0o644)  # mkstemp makes private files; this one is public
            os.replace(partial, path)
        except BaseException:
            os.unlink(partial)
            raise
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}. Make its folder writable.") from None
