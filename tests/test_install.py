"""`make install`: an environment that belongs to another folder is made anew, and what people are told to install can be had."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INSTALLS = "bash tools/install.sh"


@pytest.fixture
def clone(tmp_path) -> Path:
    """What `make` looks at, and an environment whose program names the folder."""
    folder = tmp_path / "a course"
    (folder / "tools").mkdir(parents=True)
    for name in ("Makefile", "requirements.lock", "pyproject.toml", "course.toml", "tools/install.sh", "tools/moved.sh"):
        shutil.copy2(ROOT / name, folder / name)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    program = folder / ".venv/bin/autograder"
    program.write_text(f"#!/bin/sh\n'''exec' '{folder}/.venv/bin/python' \"$0\" \"$@\"\n' '''\nprint('here')\n")
    program.chmod(0o755)
    (folder / ".venv/.installed").touch()
    return folder


def would(folder: Path, *words: str) -> str:
    """What `make` would do."""
    return subprocess.run(["make", "-n", *words], cwd=folder, capture_output=True, text=True, check=True).stdout


def test_an_environment_that_is_up_to_date_is_left_alone(clone):
    assert INSTALLS not in would(clone, "install") and INSTALLS not in would(clone, "demo")
    (clone / "requirements.lock").touch()
    assert INSTALLS in would(clone, "install")


def test_a_moved_renamed_or_copied_folder_is_installed_again(clone, tmp_path):
    shutil.copytree(clone, tmp_path / "copy", symlinks=True)
    assert INSTALLS in would(tmp_path / "copy", "install"), "its programs would run the other folder's code"
    clone.rename(tmp_path / "renamed")
    assert INSTALLS in would(tmp_path / "renamed", "install") and INSTALLS in would(tmp_path / "renamed", "test")
    (tmp_path / "link").symlink_to(tmp_path / "renamed")
    (tmp_path / "renamed").rename(clone)
    assert INSTALLS not in would(clone, "install"), "moved back, it is whole again"


def test_a_folder_behind_a_link_is_no_moved_one(clone, tmp_path):
    (tmp_path / "link").symlink_to(clone)
    assert INSTALLS not in would(tmp_path / "link", "install")


@pytest.mark.slow
def test_a_real_install_is_repaired_after_a_move_and_keeps_the_extras(tmp_path):
    """From a clone to a program that runs, twice; needs the packages of requirements.lock (a cache, or a registry)."""
    first, second = tmp_path / "first", tmp_path / "second place"
    subprocess.run(["git", "clone", "-q", ROOT, first], check=True)
    for place in (first, second):
        if place is second:
            first.rename(second)
            with pytest.raises(FileNotFoundError):  # the interpreter that the program names
                subprocess.run([second / ".venv/bin/autograder", "--help"], capture_output=True, check=False)
        done = subprocess.run(["make", "install"], cwd=place, capture_output=True, text=True, check=False, timeout=1500)
        assert done.returncode == 0, done.stdout + done.stderr
        assert (place is second) == ("making it anew" in done.stderr)
        help_text = subprocess.run([place / ".venv/bin/autograder", "--help"], capture_output=True, text=True, check=True).stdout
        assert "grade" in help_text
        subprocess.run([place / ".venv/bin/python", "-c", "import psycopg, distributed, copydetect"], check=True)


def test_nobody_is_told_to_install_from_an_index_what_is_in_none():
    """Our own package is in no index, and `.venv` has no pip."""
    texts = [*ROOT.glob("docs/*.md"), ROOT / "README.md", *ROOT.glob("autograder/**/*.py"), *ROOT.glob("course_lib/*.py")]
    for path in texts:
        for line in path.read_text().splitlines():
            assert not re.search(r"pip install.*dltheory-autograder", line), f"{path}: {line}"
            assert not re.search(r"\.venv/bin/(python -m )?pip\b", line), f"{path}: {line}"


def test_the_lock_holds_every_extra():
    """`make install` installs the lock and nothing else: an extra that is not in it would be removed by the next one."""
    lock = (ROOT / "requirements.lock").read_text()
    recipe = (ROOT / "Makefile").read_text()
    extras = (ROOT / "pyproject.toml").read_text().partition("[project.optional-dependencies]")[2].partition("\n[")[0]
    for name, packages in re.findall(r"^(\w+) = \[([^\]]*)\]", extras, re.MULTILINE):
        assert f"--extra {name}" in recipe
        for package in re.findall(r'"([A-Za-z0-9-]+)', packages):
            assert re.search(rf"^{package}==", lock, re.MULTILINE), f"{package} of the extra {name} is not in requirements.lock"
