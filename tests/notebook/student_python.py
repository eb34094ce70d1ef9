"""A Python like a student's: the packages of requirements-student.txt, but no `course_lib`, no autograder, no otter.

Made in a second by borrowing the packages of the Python that runs the tests; test_fresh_machine.py has pip install them.
"""

from __future__ import annotations

import io
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Mapping
from pathlib import Path

from autograder.release.wheel import library_wheel


def make(folder: Path, *, packages: bool = True) -> Path:
    """The interpreter of a new environment in `folder`."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    if packages:
        # A folder named in a .pth file is searched, but its own .pth files (the editable install of this project) are not read.
        (site_packages(folder) / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
        (site_packages(folder) / "otter.py").write_text('raise ImportError("students need no otter")\n')
    python = folder / "bin" / "python"
    for module in ("course_lib", "autograder"):
        assert subprocess.run([python, "-c", f"import {module}"], capture_output=True, cwd=folder).returncode
    return python


def site_packages(folder: Path) -> Path:
    return next((folder / "lib").glob("python3*/site-packages"))


def install_library(folder: Path, sources: Mapping[str, str]) -> str:
    """Unpacks a wheel of the library there, as pip would; returns its version."""
    name, data = library_wheel(sources, ())
    zipfile.ZipFile(io.BytesIO(data)).extractall(site_packages(folder))
    return name.split("-")[1]
