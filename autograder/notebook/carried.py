"""The cells that the generator adds to every student notebook: the setup cell in front, the "Hand in" section at the end.

The setup cell carries `course_lib` and the notebook's checks as text, so that one notebook with nothing beside it works: in
Colab a kernel cannot read its own notebook. PUBLIC: everything put in here is published.
"""

from __future__ import annotations

import base64
import bz2
import functools
import hashlib
import importlib.util
import io
import json
import re
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import CourseError

# nbformat is imported where cells are made: with what it brings it costs more than a second, and every process that grades
# imports this module to know a setup cell by its text.
if TYPE_CHECKING:
    from nbformat import NotebookNode

RELEASE = "1.0"  # of course_lib; what tells two states of it apart is the hash behind it
SETUP_ID = "setup"
OTTER_IGNORE = "otter_ignore"  # otter's tag: the cell does not run when otter grades

# Runs before everything else, so it imports what it needs inside a function and leaves no name behind. Graded, it does
# nothing: a submission is run with the grader's own course_lib. An installed course_lib is used if it is this very state, or a
# checkout (which has no version); else the carried one, so that a wheel of week 3 does no harm in week 8. In memory: no
# folder has to be writable, none is left behind.
_SETUP = '''\
# Run this cell first; there is nothing to edit in it: it brings the course's library and this notebook's checks.
def _set_up(library, notebook):
    import base64, bz2, importlib.abc, importlib.metadata, importlib.util, json, os, sys

    if os.environ.get("AUTOGRADER_GRADING") == "1":
        return
    version, sources = json.loads(bz2.decompress(base64.b64decode(library)))

    class CarriedLibrary(importlib.abc.MetaPathFinder, importlib.abc.ExecutionLoader):
        def find_spec(self, name, path=None, target=None):
            if name in sources:
                return importlib.util.spec_from_loader(name, self)

        def get_filename(self, name):
            return name.replace(".", "/") + ("/__init__.py" if self.is_package(name) else ".py")

        def is_package(self, name):
            return any(other.startswith(name + ".") for other in sources)

        def get_source(self, name):
            return sources[name]

    def usable():
        found = importlib.util.find_spec("course_lib")
        if found is None or found.origin is None:
            return False
        try:
            return importlib.metadata.version("course-lib") == version
        except importlib.metadata.PackageNotFoundError:
            return True

    if not any(type(finder).__name__ == "CarriedLibrary" for finder in sys.meta_path) and not usable():
        sys.meta_path.insert(0, CarriedLibrary())
        for name in [n for n in sys.modules if n.partition(".")[0] == "course_lib"]:
            del sys.modules[name]
    from course_lib import notebook_checks, packages, versions

    carried = json.loads(bz2.decompress(base64.b64decode(notebook)))
    graded_with = carried["autograder"].get("graded_with", {})
    packages.require(graded_with)
    notebook_checks.carry(carried)
    versions.tell(graded_with)


_set_up(
    {library!r},
    {notebook!r},
)
del _set_up'''

_SETUP_NOTE = "*Setup.* The next cell, folded away, brings the course's library and this notebook's checks along: run it first."

_HAND_IN = """\
## Hand in

Run these two cells when you are done, or when time is up: what is unsolved may stay as it is. The first runs all public
checks. The second saves the notebook, runs its answers from top to bottom in a fresh kernel, as the grader does (this takes
a minute), says what it found, and writes the one file to upload: `{file}`."""


def library_version(sources: dict[str, str]) -> str:
    """E.g. "1.0+g0123456789ab", also the version of the wheel: it names the content and is a valid version for pip."""
    digest = hashlib.sha256()
    for name, text in sorted(sources.items()):
        digest.update(f"{name}\0{text}\0".encode())
    return f"{RELEASE}+g{digest.hexdigest()[:12]}"


def library_sources(folder: Path | None) -> dict[str, str]:
    """Module name -> text, of the `course_lib` in `folder` (None: of the installed one).

    Raises:
        CourseError: it is not there, or is no UTF-8 text.
    """
    if folder is None:
        found = importlib.util.find_spec("course_lib")
        folder = Path(found.origin).parent if found and found.origin else Path("course_lib")
    try:
        texts = {path: path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))}
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{folder} cannot be read: {error}. Students' notebooks carry it.") from None
    if folder / "__init__.py" not in texts:
        raise CourseError(f"{folder} holds no __init__.py. Students' notebooks carry this package: restore it.")
    return {_module_name(folder, path): text for path, text in texts.items()}


def _module_name(package: Path, path: Path) -> str:
    parts = ("course_lib", *path.relative_to(package).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def setup_cells(sources: dict[str, str], metadata: NotebookNode) -> list[NotebookNode]:
    """A line of Markdown and the setup cell.

    Args:
        sources: of the library.
        metadata: the notebook's, with assignment and checks.
    """
    from nbformat.v4 import new_code_cell, new_markdown_cell

    carried = {"autograder": metadata["autograder"], "tests": metadata["otter"]["tests"]}
    lean = {name: _without_comments(source) for name, source in sources.items()}
    library = json.dumps([library_version(sources), lean], sort_keys=True)
    text = _SETUP.replace("{library!r}", repr(_packed(library))).replace(
        "{notebook!r}", repr(_packed(json.dumps(carried)))  # questions in the notebook's order, as they are to be listed
    )
    cell = new_code_cell(text, id=SETUP_ID)
    cell.metadata.update(
        {
            "cellView": "form",  # Colab's word for what the next line says to JupyterLab
            "jupyter": {"source_hidden": True},
            "deletable": False,
            "editable": False,
            "tags": ["hide-input", OTTER_IGNORE],
        }
    )
    return [new_markdown_cell(_SETUP_NOTE, id="setup-note"), cell]


@functools.lru_cache(maxsize=64)
def _without_comments(source: str) -> str:
    """The same lines with the same numbers: who wants to read the library reads the repository, and the cell stays small."""
    lines = source.splitlines(keepends=True)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip() + "\n"
    return "".join(lines)


@functools.lru_cache(maxsize=32)
def _packed(text: str) -> str:
    # bz2, because its bytes are the same everywhere: zlib's depend on which zlib a Python was built with, and a notebook
    # that is fresh on one machine would be stale on the next.
    return base64.b64encode(bz2.compress(text.encode())).decode()


def is_setup_cell(source: str) -> bool:
    """Whether this is a setup cell and nothing else, with whatever library and checks it carries: an earlier release's, say."""
    return _ANY_SETUP.fullmatch(source.strip()) is not None


_PACKED_TEXT = "'[A-Za-z0-9+/=]*+'"
_ANY_SETUP = re.compile(
    re.escape(_SETUP).replace(re.escape("{library!r}"), _PACKED_TEXT).replace(re.escape("{notebook!r}"), _PACKED_TEXT)
)


def hand_in_cells(assignment_id: str, goes_on: str) -> list[NotebookNode]:
    """Heading, `check_all` and `submit`."""
    from nbformat.v4 import new_code_cell, new_markdown_cell

    note = new_markdown_cell(_HAND_IN.format(file=f"hand_in/{assignment_id.replace('/', '_')}.ipynb"), id="hand-in")
    checks = new_code_cell("grader.check_all()", id="hand-in-checks")
    submit = new_code_cell("grader.submit()", id="hand-in-submit")
    for cell in (checks, submit):
        cell.metadata["tags"] = [OTTER_IGNORE, goes_on]
    return [note, checks, submit]
