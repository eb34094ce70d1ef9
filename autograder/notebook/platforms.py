"""How learning platforms name what they hand out: whose a file is, when it came, whether it was late.

Read from the platforms' own code and exports:

* Canvas (`lib/content_zipper.rb`): `doejane_[LATE_]<user id>_<attachment id>_<name of the file>`, the name in lower case without
  anything but letters, digits and underscores; `[LATE_]anon_<id>_...` where marking is anonymous. No times: the zip's dates are
  those of the download. Of several attachments the one with the highest id is the latest; a `-1` in the name is Canvas's own mark
  of a resubmission.
* Moodle (`mod/assign/classes/downloader.php`): `Jane Doe_<participant id>_assignsubmission_file/any/path`, older and flat
  `Jane Doe_<participant id>_assignsubmission_file_<name>`, with `onlinetext` for typed answers. Its zips have the files' dates
  (before 4.0) or the time of the download for all of them (since): only the first are hand-in times.
* Gradescope: `assignment_<id>_export/submission_<id>/any/path` with `submission_metadata.yml`, which has each submission's
  `:submitters:` (several for a group), their `:sid:` and `:email:`, and `:created_at:`.

* Brightspace, Blackboard, ILIAS, Sakai, Open edX and Microsoft Teams: see the modules of autograder/platforms/.

A download may lie in one more folder. Only a file's outermost name is looked at: what is inside belongs to the student.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from autograder.platforms.base import Handed, Platform
from autograder.platforms.blackboard import Blackboard
from autograder.platforms.brightspace import Brightspace
from autograder.platforms.ilias import Ilias
from autograder.platforms.open_edx import OpenEdx
from autograder.platforms.sakai import Sakai
from autograder.platforms.teams import Teams

METADATA = "submission_metadata.yml"
_CANVAS = re.compile(
    r"(?:(?P<late>LATE)_)?(?:(?P<user>[0-9]+)|anon_(?P<anon>[A-Za-z0-9]+))_(?P<file>[0-9]+)_(?P<original>.+)", re.DOTALL
)
_MOST_WAYS, _FIRST_NUMBER = 8, 1000
_MOODLE = re.compile(r"(?P<name>.*?)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z0-9]+)_?(?P<rest>.*)", re.DOTALL)
_GRADESCOPE = re.compile(r"submission_(\d+)")


@dataclass(frozen=True)
class Canvas:
    depth: int = 0
    name: str = "Canvas"
    dated: bool = False
    problem: str = ""

    def whose(self, parts: Sequence[str]) -> tuple[Handed, ...]:
        ways = _canvas_ways(parts[self.depth]) if len(parts) > self.depth else []
        found = [_of_canvas(name, match) for name, match in ways]
        return (replace(found[0], others=tuple(found[1:])),) if found else ()

    def is_own(self, parts: Sequence[str]) -> bool:
        return False

    def original(self, parts: Sequence[str]) -> str:
        """The name that the student gave the file at this place: without Canvas's own mark of a resubmission."""
        ways = _canvas_ways(parts[self.depth])
        return re.sub(r"-\d{1,3}(?=\.[^.]*$|$)", "", ways[0][1]["original"] if ways else parts[self.depth])


def _canvas_ways(place: str) -> list[tuple[str, re.Match[str]]]:
    """(what stands before it, the rest) for every place where the numbers of user and attachment may begin.

    Canvas takes such numbers out of people's names before it takes out blanks, so that "x_ 5001_ 90001" keeps them.
    """
    starts = [0, *(m.end() for m in re.finditer("_", place))]
    found = ((place[: max(n - 1, 0)], _CANVAS.fullmatch(place, n)) for n in starts)
    ways = [(name, m) for name, m in found if m and name not in ("LATE", "anon") and not name.endswith("_LATE")]
    return [*ways[:1], *(way for way in ways[1:_MOST_WAYS] if _may_be_numbers(way[1]))]


def _may_be_numbers(match: re.Match[str]) -> bool:
    """Whether they are such as Canvas gives: the 3 and 1 of `lab_3_1_final.ipynb` are none."""
    padded = (match["user"] or "1").startswith("0") or match["file"].startswith("0")
    return not padded and int(match["file"][:18]) >= _FIRST_NUMBER


def _of_canvas(name: str, match: re.Match[str]) -> Handed:
    user, order = match["user"] or match["anon"], int(match["file"][:18])
    keys = (("canvas", user), *((("name", name),) if name else ()))
    return Handed(keys, f"{name or 'anon'}_{user}", late=match["late"] is not None, order=order)


@dataclass(frozen=True)
class Moodle:
    depth: int = 0
    name: str = "Moodle"
    dated: bool = True
    problem: str = ""

    def whose(self, parts: Sequence[str]) -> tuple[Handed, ...]:
        match = _MOODLE.fullmatch(parts[self.depth]) if len(parts) > self.depth else None
        if match is None:
            return ()
        name = match["name"].strip()
        return (Handed((("participant", match["id"]), ("name", name)), f"{name}_{match['id']}"),)

    def is_own(self, parts: Sequence[str]) -> bool:
        return False


@dataclass(frozen=True)
class Gradescope:
    depth: int = 0
    submissions: Mapping[str, tuple[Handed, ...]] = field(default_factory=dict)
    name: str = "Gradescope"
    dated: bool = False
    problem: str = ""

    def whose(self, parts: Sequence[str]) -> tuple[Handed, ...]:
        folder = parts[self.depth] if len(parts) > self.depth + 1 else ""
        if _GRADESCOPE.fullmatch(folder) is None:
            return ()
        return self.submissions.get(folder) or (Handed((), folder, order=_number(folder)),)

    def is_own(self, parts: Sequence[str]) -> bool:
        return len(parts) == self.depth + 1 and parts[-1] == METADATA


def recognise(places: Iterable[Sequence[str]], metadata: Callable[[Sequence[str]], bytes | None]) -> Platform | None:
    """The platform whose download has files at these places; None for anything else.

    Args:
        places: the parts of every file's path.
        metadata: reads a file of platform data.
    """
    shown = [tuple(p) for p in places]
    for depth in (0, 1):
        level = [p for p in shown if len(p) > depth]
        listed = next((p for p in level if len(p) == depth + 1 and p[-1] == METADATA), None)
        if listed is not None or (level and all(len(p) > depth + 1 and _GRADESCOPE.fullmatch(p[depth]) for p in level)):
            return _gradescope(depth, metadata(listed) if listed is not None else None)
        for platform in (Moodle(depth), Canvas(depth)):
            tops = {p[depth] for p in level}
            known = {t for t in tops if platform.whose((*[""] * depth, t))}
            if known and 2 * len(known) >= len(tops):
                return platform
    for depth in (0, 1, 2):
        for kind in (Brightspace, Blackboard, Sakai, OpenEdx, Teams, Ilias):
            if (found := kind.recognise(shown, depth)) is not None:
                return found
    return None


def _gradescope(depth: int, metadata: bytes | None) -> Gradescope:
    if metadata is None:
        return Gradescope(depth, problem=f"without its {METADATA}: nobody knows whose the submissions are, or when they came")
    try:
        return Gradescope(depth, _submissions(metadata))
    except ValueError as problem:
        return Gradescope(depth, problem=f"its {METADATA} cannot be read ({problem}): nobody knows whose the submissions are")


def _submissions(metadata: bytes) -> dict[str, tuple[Handed, ...]]:
    """Folder -> whose it is.

    Raises:
        ValueError: not the YAML that Gradescope writes.
    """
    import yaml

    # Every scalar stays text: an id such as 0123 is no number, and no tag makes an object.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        data = yaml.load(metadata, Loader=loader)
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError) as problem:
        raise ValueError(" ".join(str(problem).split())[:120]) from None
    if not isinstance(data, dict):
        raise ValueError("it lists no submissions")
    return {str(folder): _handed(str(folder), entry) for folder, entry in data.items() if isinstance(entry, dict)}


def _handed(folder: str, entry: Mapping) -> tuple[Handed, ...]:
    submitters = entry.get(":submitters")
    people = [p for p in submitters if isinstance(p, dict)] if isinstance(submitters, list) else []
    when = _moment(str(entry.get(":created_at", "")))
    return tuple(_submitter(p, folder, when) for p in people)


def _submitter(person: Mapping, folder: str, when: dt.datetime | None) -> Handed:
    text = {key: str(person.get(f":{key}") or "").strip() for key in ("sid", "email", "name")}
    text = {key: "" if value in ("null", "~") else value for key, value in text.items()}  # every scalar came as text
    keys = tuple((kind, text[key]) for kind, key in (("sis", "sid"), ("email", "email"), ("name", "name")) if text[key])
    return Handed(keys, text["sid"] or text["email"] or text["name"] or folder, when, order=_number(folder))


def _moment(text: str) -> dt.datetime | None:
    """ "2026-04-03 21:10:05.123456000 Z" or with an offset, as Ruby writes times; UTC where it names no zone."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)? ?(Z|UTC|[+-]\d\d:?\d\d)?", text.strip())
    if match is None:
        return None
    zone = (match[4] or "+00:00").replace("Z", "+00:00").replace("UTC", "+00:00")
    try:
        return dt.datetime.fromisoformat(f"{match[1]} {match[2]}{(match[3] or '')[:7]}{zone}")
    except ValueError:
        return None


def _number(folder: str) -> int:
    digits = re.sub(r"\D", "", folder)[:18]
    return int(digits) if digits else 0
