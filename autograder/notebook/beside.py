"""Which files of a folder, an archive or a platform's download came with whose notebook.

Never a file of somebody else: what lies beside notebooks of several students belongs to nobody.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from autograder.errors import SubmissionError
from autograder.model import Companions
from autograder.notebook import companions
from autograder.notebook.archive import bulk_names, is_archive, names_in
from autograder.notebook.naming import is_notebook_name
from autograder.notebook.platforms import Platform
from autograder.notebook.submitted_file import archive_and_member, read_bytes

_ARCHIVE_MB = 40.0
_NONE = Companions()


class Beside:
    """What lies beside the notebooks of one intake.

    Args:
        root: the folder, or the zip of a class, that was collected from.
        owners: whose each notebook is, by its path.
        platform: whose download it is.
        own: all below `root` is one student's.
    """

    def __init__(self, root: Path, owners: Mapping[Path, set[str]], platform: Platform | None, own: bool):
        self._root, self._owners, self._platform, self._own = root, owners, platform, own
        self._in: dict[Path, set[str]] = defaultdict(set)
        for path, students in owners.items():
            for folder in path.parents:
                self._in[folder] |= students
                if folder == root:
                    break

    def of(self, path: Path) -> Companions:
        """The files that came with the notebook at `path`."""
        shared = self._in[path.parent] != self._owners[path]
        inside = archive_and_member(path)
        if inside is None:
            if self._is_flat(path):
                return self._handed_in_with(path, path.parent, self._names_of(path.parent))
            return _NONE if shared or (path.parent == self._root and not self._own) else companions.in_folder(path.parent)
        archive, member = inside
        nested = max((n for n, part in enumerate(member[:-1]) if is_archive(part)), default=-1)
        if nested >= 0:
            container, rest = archive.joinpath(*member[: nested + 1]), member[nested + 1 :]
            return companions.in_archive(container, rest[:-1], _listed(container, archive.parent))
        if archive != self._root or self._platform is None:
            return companions.in_archive(archive, member[:-1], _listed(archive, archive.parent))
        if self._is_flat(path):
            return self._handed_in_with(path, archive, [parts for parts in self._below(()) if len(parts) == len(member)])
        return _NONE if shared else companions.in_archive(archive, member[:-1], self._below(member[:1]))

    def _is_flat(self, path: Path) -> bool:
        """Whether a platform put the files of all students beside one another, and says whose each is."""
        return hasattr(self._platform, "original") and len(path.relative_to(self._root).parts) == self._platform.depth + 1

    def _handed_in_with(self, notebook: Path, container: Path, places: Iterable[Sequence[str]]) -> Companions:
        """Of the files of all students those of the notebook's, under the names that the student gave them.

        A name that can be read in two ways may be another student's: such files are beside nobody's notebook.
        """
        platform, parts = self._platform, notebook.relative_to(self._root).parts
        if any(h.others for h in platform.whose(parts)):
            return _NONE
        whose = {h.name for h in platform.whose(parts)}
        newest: dict[str, tuple[int, str]] = {}
        for place in places:
            handed = platform.whose((*parts[:-1], place[-1]))
            certain = handed and not any(h.others for h in handed)
            if certain and {h.name for h in handed} == whose and not is_notebook_name(place[-1]):
                name = platform.original((*parts[:-1], place[-1]))
                newest[name] = max(newest.get(name, (-1, "")), (handed[0].order, "/".join(place)))
        return companions.renamed(container, {place: name for name, (_, place) in newest.items()})

    def _names_of(self, folder: Path) -> list[tuple[str, ...]]:
        return [(entry.name,) for entry in sorted(folder.iterdir()) if entry.is_file() and not entry.is_symlink()]

    @functools.cached_property
    def _by_top(self) -> dict[tuple[str, ...], list[tuple[str, ...]]]:
        names = bulk_names(self._root)
        found: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list, {(): list(names)})
        for parts in names:
            found[parts[:1]].append(parts)
        return found

    def _below(self, top: tuple[str, ...]) -> list[tuple[str, ...]]:
        return self._by_top[top]


def _listed(archive: Path, within: Path) -> tuple[tuple[str, ...], ...]:
    try:
        return names_in(read_bytes(archive, _ARCHIVE_MB, within=within), archive.name)
    except SubmissionError:  # grading the notebook in it says why
        return ()
