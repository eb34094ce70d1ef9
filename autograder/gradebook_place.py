"""The table [gradebook] of course.toml, typed: where nbgrader's course directory and its database are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

DATABASE_ENV = "AUTOGRADER_GRADEBOOK"
NBGRADER_CONFIG = "nbgrader_config.py"


@dataclass(frozen=True)
class GradebookPlace:
    """Where marks go besides `grades/`.

    Attributes:
        directory: nbgrader's course directory.
        database: an SQLAlchemy URL as course.toml gives it; "" for `gradebook.db` in the directory.
    """

    directory: Path
    database: str = ""

    @property
    def exists(self) -> bool:
        """Whether `autograder nbgrader init` has made it."""
        return (self.directory / NBGRADER_CONFIG).is_file()

    @property
    def url(self) -> str:
        """The database's SQLAlchemy URL. The environment variable AUTOGRADER_GRADEBOOK wins: a URL may hold a password."""
        return os.environ.get(DATABASE_ENV) or self.stored_url

    @property
    def stored_url(self) -> str:
        """The URL without regard to the environment."""
        return self.database or f"sqlite:///{self.directory.resolve() / 'gradebook.db'}"


def read_gradebook_place(table, root: Path) -> GradebookPlace:
    """[gradebook] of a course file that lies in `root`.

    Raises:
        CourseError: a value is wrong.
    """
    directory, database = table.take("directory", str, "nbgrader"), table.take("database", str, "")
    table.finish()
    if not directory.strip():
        raise table.fail("directory", "is empty. Name a folder, e.g. nbgrader.")
    if database and "://" not in database:
        raise table.fail("database", f"{database!r} is no database URL. Write e.g. postgresql://host/gradebook.")
    if database.startswith("sqlite:///") and not database.startswith("sqlite:////"):
        # Relative to the course, wherever a command is run; SQLAlchemy would take the current folder.
        database = f"sqlite:///{root / database.removeprefix('sqlite:///')}"
    return GradebookPlace(root / directory, database)
