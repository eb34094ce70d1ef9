"""A hidden suite as a file: where it lies and what it says. Apart from what runs it (suite.py), which imports JAX and pytest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import AuthoringError


@dataclass(frozen=True)
class Suite:
    """A hidden suite: where it lies, and what it said when it was read. An edit later changes nothing of a run."""

    path: Path
    sha256: str
    text: bytes = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Suite:
        """Reads and hashes the suite.

        Raises:
            AuthoringError: there is none.
        """
        try:
            text = path.read_bytes()
            return cls(path, hashlib.sha256(text).hexdigest(), text)
        except OSError:
            raise AuthoringError(path, "The hidden suite is missing.", "Write it: see docs/authoring.md.") from None
