"""What course.toml tells people about the course: who, where, for whom, and the themes that its weeks belong to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from autograder.toml_table import Table


@dataclass(frozen=True)
class Theme:
    """Consecutive weeks under one heading. `weeks`: their numbers."""

    title: str
    weeks: tuple[int, ...]


@dataclass(frozen=True)
class About:
    """All of it may be left out.

    Attributes:
        lecturer: a name.
        venue: where the lectures are held.
        online: they can be followed online, too.
        language: in which they are given.
        audience, prerequisites: one or two sentences each.
        themes: in order.
    """

    lecturer: str = ""
    venue: str = ""
    online: bool = False
    language: str = ""
    audience: str = ""
    prerequisites: str = ""
    themes: tuple[Theme, ...] = ()


def read_about(table: Table, themes: Sequence[Table], weeks: Collection[int]) -> About:
    """[about] and every [[theme]].

    Args:
        weeks: numbers of the course's weeks.

    Raises:
        CourseError: a value is wrong, or a theme names no week, an unknown one or another theme's.
    """
    texts = {key: table.take(key, str, "") for key in ("lecturer", "venue", "language", "audience", "prerequisites")}
    online = table.take("online", bool, False)
    table.finish()
    return About(online=online, themes=_themes(themes, weeks), **texts)


def _themes(tables: Sequence[Table], known: Collection[int]) -> tuple[Theme, ...]:
    found: list[Theme] = []
    for table in tables:
        theme = Theme(table.take("title", str), tuple(table.take("weeks", list)))
        table.finish()
        if not theme.weeks:
            raise table.fail("weeks", "is empty. Name the numbers of its weeks.")
        for week in theme.weeks:
            if week not in known or isinstance(week, bool):
                raise table.fail("weeks", f"{week!r} is no week of this course. Its weeks are {', '.join(map(str, known))}.")
        found.append(theme)
        if len({w for t in found for w in t.weeks}) != sum(len(t.weeks) for t in found):
            raise table.fail("weeks", "names a week that a theme has already. A week belongs to one theme.")
    return tuple(found)
