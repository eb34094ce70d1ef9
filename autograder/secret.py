"""The secret that the hidden tests' inputs are drawn from: made once, readable by its owner only, never in course.toml.

Whoever reads it can compute every hidden input beforehand, so it lies outside version control with mode 0600.
"""

from __future__ import annotations

import errno
import hmac
import os
import re
import secrets
import shlex
from pathlib import Path

from autograder.errors import CourseError

SECRET_FILE = Path(".autograder") / "secret"
SECRET_ENV = "AUTOGRADER_SECRET_FILE"
SECRET_BYTES = 32
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV)  # file systems without hard links


def read_secret(root: Path) -> bytes:
    """The 32 secret bytes of the course in `root`.

    They lie in the file that AUTOGRADER_SECRET_FILE names, else in .autograder/secret.

    Raises:
        CourseError: the file can be read by others, is damaged, or cannot be made.
    """
    named = os.environ.get(SECRET_ENV)
    path = Path(named) if named else root / SECRET_FILE
    if not path.exists():
        _create(path)
    return _read(path)


def derived(secret: bytes, purpose: str) -> bytes:
    """A secret of its own for `purpose` (HMAC-SHA-256): it may leave the house, and leads nobody to the course's."""
    return hmac.digest(secret, purpose.encode(), "sha256")


def _create(path: Path) -> None:
    """Write a new secret so that nobody ever sees a part of it, and the first of two writers wins."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.parent.name == SECRET_FILE.parent.name:
            (path.parent / ".gitignore").write_text("*\n")  # the folder hides itself, whatever the root's file says
        partial = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_hex(SECRET_BYTES) + "\n")
        try:
            os.link(partial, path)  # atomic, and fails where another process was quicker
        except FileExistsError:
            pass
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if not path.exists():
                os.replace(partial, path)  # of two that come here in the same instant the later wins
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise CourseError(
            f"The secret for the seeds cannot be written to {path}: {error.strerror}. Make its folder writable, or "
            f"name another file in {SECRET_ENV}."
        ) from None


def _read(path: Path) -> bytes:
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(
            f"The secret in {path} cannot be read: {error}. Restore the file from the staff's copy."
        ) from None
    if mode & 0o077:
        raise CourseError(
            f"The secret in {path} can be read by others. Run: chmod 600 {shlex.quote(str(path))} (where its file system "
            f"knows no permissions, move it elsewhere and name it in {SECRET_ENV})"
        )
    if not re.fullmatch(rf"[0-9a-f]{{{2 * SECRET_BYTES}}}", text):
        raise CourseError(
            f"The secret in {path} is damaged: {2 * SECRET_BYTES} hexadecimal digits belong there. Restore it."
        )
    return bytes.fromhex(text)
