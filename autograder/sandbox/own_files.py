"""In the jail: the notebook's working folder holds the student's own files, and what lies there can be imported.

As beside a notebook in Jupyter, a module there goes before an installed one of the same name, but never before the standard
library or what the grader itself has loaded: a student's `numpy.py` must not break NumPy.

Imports nothing of ours: it runs beside student code (see `host`).
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import os
import sys
from typing import Any

import numpy as np


class OwnModules(importlib.abc.MetaPathFinder):
    """Finds the top-level modules of the working folder; Python finds what is in their packages."""

    def __init__(self, folder: str):
        self.folder = folder
        self._taken = sys.stdlib_module_names | {name.partition(".")[0] for name in sys.modules}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if "." in name or name in self._taken:
            return None
        for folder in dict.fromkeys((_current(), self.folder)):
            # A finder that remembers nothing: a module may have been written a moment ago.
            source = (importlib.machinery.SourceFileLoader, importlib.machinery.SOURCE_SUFFIXES)
            spec = importlib.machinery.FileFinder(folder, source).find_spec(name)
            if spec is not None:
                importlib.invalidate_caches()
                return spec
        return None


def _current() -> str:
    try:
        return os.getcwd()
    except OSError:
        return "/"


def make_importable() -> str:
    """Lets the notebook import from the folder that this process is in; returns that folder."""
    folder = os.getcwd()
    sys.meta_path.insert(0, OwnModules(folder))
    sys.path.append(folder)
    return folder


def put(folder: str, files: dict[str, np.ndarray]) -> None:
    """Writes files of bytes below `folder`. Called before any code of the student's has run."""
    for name, data in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data.tobytes())
