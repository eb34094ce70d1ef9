"""`autograder mark` running, and a class that waits for it: three answers, one of them hostile, a stub and a broken file."""

from __future__ import annotations

import contextlib
import http.client
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import nbformat
from grading_commands import autograder
from small_term import LAB

EVIL = "*Because* $a+b=b+a$. <script>document.title = 'stolen'</script><img src='https://x.example/p.png'>"


class Desk:
    """The command, and a browser that follows no redirects by itself."""

    def __init__(self, process: subprocess.Popen, address: str):
        self.process, self.address = process, address
        split = urlsplit(address)
        self.host, self.base = split.netloc, split.path

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, str, str]:
        """(status, where it leads, text)."""
        connection = http.client.HTTPConnection(*self.host.split(":"), timeout=60)
        body = urlencode(form) if form is not None else None
        known = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
        with contextlib.closing(connection):
            connection.request("POST" if form is not None else "GET", path, body, known | headers)
            answer = connection.getresponse()
            return answer.status, answer.getheader("Location", ""), answer.read().decode()

    def open(self, student: str, question: str = "why") -> str:
        status, _, page = self.ask(f"{self.base}{question}/{student}")
        assert status == 200, page
        return page

    def mark(self, student: str, points: str, comment: str = "", question: str = "why") -> tuple[int, str, str]:
        """Types into the form of the page as it is now, and presses the button."""
        was = re.search(r'name="was" value="(\w+)"', self.open(student, question))[1]
        return self.ask(f"{self.base}{question}/{student}", {"points": points, "comment": comment, "was": was})

    def stop(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGINT)
        said, _ = self.process.communicate(timeout=60)
        return self.process.returncode, said


@contextlib.contextmanager
def desk(course, *more: str):
    program = [sys.executable, "-m", "autograder.cli", "mark", LAB, "--no-browser", *more]
    process = subprocess.Popen(program, cwd=course.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        line = next((line for line in process.stdout if "Mark here: " in line), "")
        assert line, process.communicate()
        yield Desk(process, line.split("Mark here: ")[1].strip())
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def hand_in_and_grade(term, folder: Path) -> None:
    """Ada's, Bob's and Cy's answers wait for a person afterwards; Dan wrote nothing, Eve's file is broken."""
    folder.mkdir()
    for student in ("ada", "bob", "cy"):
        notebook = nbformat.reads(term.solved(LAB), 4)
        cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "why")
        cell.source = EVIL if student == "ada" else f"{student} says: because."
        (folder / f"{student}.ipynb").write_text(nbformat.writes(notebook))
    (folder / "dan.ipynb").write_text(term.stub(LAB))
    (folder / "eve.ipynb").write_text("{")
    assert autograder(term, "grade", LAB, "--from", folder).returncode == 3
