"""Do the folders of solutions fit the weeks of course.toml? A misspelt one would be passed over in silence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from autograder.errors import CourseError
from autograder.toml_lines import TomlLines

_WEEK = re.compile(r"week(\d{2})_\w+")
_NOTEBOOKS = ("lab.py", "homework.py")


def stray_folders(file: Path, solutions: Path, weeks: Mapping[int, str]) -> tuple[CourseError, ...]:
    """One mistake for each folder that holds a solution notebook and that no week names.

    Args:
        file: course.toml, where the folder's name is to be corrected.
        solutions: the folder of solutions; it need not exist.
        weeks: number -> folder.
    """
    if not solutions.is_dir():
        return ()
    folders = sorted(p for p in solutions.iterdir() if any((p / name).is_file() for name in _NOTEBOOKS))
    strays = [p for p in folders if p.name not in weeks.values()]
    if not strays:
        return ()
    lines = TomlLines(file.read_text(encoding="utf-8"))
    return tuple(_mistake(file, lines, stray, weeks, solutions) for stray in strays)


def _mistake(file: Path, lines: TomlLines, stray: Path, weeks: Mapping[int, str], solutions: Path) -> CourseError:
    match = _WEEK.fullmatch(stray.name)
    number = int(match[1]) if match else 0
    named = weeks.get(number)
    if named is not None and not (solutions / named).exists():
        position = list(weeks).index(number) + 1
        line = lines.of(f"week {position}", "folder")
        problem = f"week {number} names the folder {named!r}, which there is not; there is {stray.name!r}"
        return CourseError(f"{file}:{line}: {problem}. Correct the name here, or rename the folder.")
    problem = f"{stray} holds a notebook, but no [[week]] of {file.name} names this folder"
    return CourseError(f"{file}:{lines.of('week 1') or 1}: {problem}. Add a week with it, correct a `folder`, or rename it.")
