"""Folders that a jail needs and that lie in a private one: reached by a descriptor, so that no permission is widened.

In tier B student code is a user of its own. What it may read (Python's environment, the stage, compiled programs) often lies
below a home that others may not enter, `/root` for one. A process that holds a descriptor of a folder reaches it as
/proc/self/fd/N without walking there; the descriptor is gone with the process, whatever ends it. What it may *read* is for
Landlock to say: without Landlock `..` would lead to what lies beside, so there it is not done.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Iterable

from autograder.sandbox.jail import tree

VARIABLE = "AUTOGRADER_HELD"


def hold(folders: Iterable[str]) -> dict[str, int]:
    """A descriptor of each folder that others cannot reach by its path; the others need none."""
    return {f: os.open(f, os.O_PATH | os.O_DIRECTORY) for f in folders if os.path.isdir(f) and tree.closed_folder_above(f)}


def alias(path: str, held: dict[str, int]) -> str:
    """`path` as a process reaches it that has the descriptors."""
    for folder, fd in held.items():
        if path == folder or path.startswith(folder + "/"):
            return f"/proc/self/fd/{fd}{path[len(folder):]}"
    return path


def told(held: dict[str, int]) -> dict[str, str]:
    """The environment by which the warm parent learns of them."""
    return {VARIABLE: json.dumps(held)} if held else {}


def take_over() -> tuple[int, ...]:
    """In the warm parent, before it imports what forks will import more of: Python's own paths become aliases.

    Returns:
        The descriptors that forks must keep.
    """
    held = json.loads(os.environ.pop(VARIABLE, "{}"))
    if not held:
        return ()
    sys.path[:] = [alias(p, held) for p in sys.path]
    for name in ("prefix", "exec_prefix", "base_prefix", "base_exec_prefix"):
        setattr(sys, name, alias(getattr(sys, name), held))
    for module in list(sys.modules.values()):
        spec = getattr(module, "__spec__", None)
        if getattr(module, "__path__", None) is not None and spec is not None and spec.submodule_search_locations is not None:
            module.__path__ = spec.submodule_search_locations = [alias(p, held) for p in module.__path__]
    importlib.invalidate_caches()
    sys.path_importer_cache.clear()
    return tuple(held.values())
