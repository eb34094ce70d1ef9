"""A gradebook in PostgreSQL, set up by the lines of docs/nbgrader.md on a server that is really started."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from grading_commands import autograder
from nbgrader_commands import enter_by_hand, rows
from small_term import LAB

ROOT = Path(__file__).parents[2]
_BIN = next((p.parent for p in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None)
_USER = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name  # PostgreSQL does not run as root
_THERE = bool(_BIN and shutil.which("createdb")) and any(p.pw_name == _USER for p in pwd.getpwall())


@pytest.fixture
def server(monkeypatch) -> Iterator[str]:
    """host:port of a server on loopback that trusts whoever asks."""
    folder = Path(tempfile.mkdtemp(prefix="gradebook-"))
    shutil.chown(folder, _USER)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])

    def run(program: str, *words: str) -> None:
        subprocess.run([_BIN / program, "-D", folder / "data", *words], check=True, capture_output=True, cwd=folder, user=_USER)

    run("initdb", "-U", "postgres", "-A", "trust")
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-p {port} -h 127.0.0.1 -k {folder}", "start")
    monkeypatch.setenv("PGUSER", "postgres")
    monkeypatch.setenv("PGPORT", port)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.skipif(not _THERE, reason="needs PostgreSQL's server and createdb")
def test_the_docs_lines_make_a_gradebook_that_grading_writes_to(term, tmp_path, server):
    pytest.importorskip("psycopg", reason="this environment was made before the extra `postgres`: make install")
    page = (ROOT / "docs/nbgrader.md").read_text()
    assert 'database = "postgresql://host/gradebook"' in page and "`createdb -h host gradebook`" in page
    subprocess.run("createdb -h host gradebook".replace("host", server.partition(":")[0]).split(), check=True)
    with open(term.root / "course.toml", "a") as file:
        file.write(f'\n[gradebook]\ndatabase = "postgresql://postgres@{server}/gradebook"\n')
    done = autograder(term, "nbgrader", "init")
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ada.ipynb").write_text(term.solved(LAB))
    grade = ("grade", LAB, "--from", tmp_path / "in", "--workers", "1")
    first = autograder(term, *grade)
    said = " ".join(first.stdout.split())
    assert first.returncode == 0 and "1 of them waiting for a person" in said, said + first.stderr
    url = f"postgresql://postgres@{server}/gradebook"
    enter_by_hand(url, "small", "week01-lab", "ada", "why", 2.5, "Well said.")
    assert autograder(term, *grade).returncode == 0
    (ada,) = rows(url, "small", "week01-lab").values()
    assert (ada.score, ada.waits, ada.marks["why"].manual, ada.marks["why"].comment) == (6.5, False, 2.5, "Well said.")
    assert not (term.root / "nbgrader" / "gradebook.db").exists()


def test_a_missing_driver_has_a_remedy_that_works_in_a_fresh_clone(term, tmp_path, monkeypatch):
    (tmp_path / "hidden" / "psycopg").mkdir(parents=True)
    (tmp_path / "hidden" / "psycopg" / "__init__.py").write_text("raise ImportError('not installed')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hidden"))
    monkeypatch.setenv("AUTOGRADER_GRADEBOOK", "postgresql://me:secret@127.0.0.1:9/gradebook")
    done = autograder(term, "nbgrader", "init")
    assert done.returncode == 1 and "Run `make install` in the course's folder" in done.stderr
    assert "secret" not in done.stderr and "Traceback" not in done.stderr
