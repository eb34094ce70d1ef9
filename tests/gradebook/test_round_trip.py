"""From a platform's zip to marks in the platform's own gradebook, by the commands that a TA types."""

from __future__ import annotations

import csv
import io

import downloads
import pytest
from downloads import JANE, KIM1, KIM2, MAX, ZOE
from grading_commands import autograder, reports, week_of

pytestmark = pytest.mark.slow
LAB = "week01/lab"
GRADEBOOK = downloads.CANVAS_GRADEBOOK.replace("Week 3 lab", "Week 1 lab").replace(",10,25,", ",10,4,")


def test_canvas_zip_in_and_canvas_gradebook_out(small_course, tmp_path):
    week = week_of(small_course)
    solved = week.solved(LAB).encode()
    wrong = week.with_code(LAB, "def triple(x): return 1 + 3 * x").encode()
    files = {
        downloads.canvas_name(JANE, 901, "lab.ipynb"): week.stub(LAB).encode(),
        downloads.canvas_name(JANE, 905, "lab-1.ipynb"): solved,
        downloads.canvas_name(ZOE, 902, "lab.ipynb", late=True): wrong,
        downloads.canvas_name(KIM1, 903, "work.zip"): downloads.zip_of({"deep/lab.ipynb": wrong}),
        downloads.canvas_name(KIM2, 904, "lab.ipynb"): b"",
    }
    (tmp_path / "submissions.zip").write_bytes(downloads.zip_of(files))
    (tmp_path / "gradebook.csv").write_text(GRADEBOOK, encoding="utf-8")
    given = ("--from", tmp_path / "submissions.zip", "--roster", tmp_path / "gradebook.csv", "--workers", "1")
    done = autograder(week, "grade", LAB, *given)
    said = done.stdout + done.stderr
    assert done.returncode == 3 and "Traceback" not in said, said
    assert "1 on the class list handed in nothing: mmuster" in said
    assert "marked late by the platform, but not how late: zobrien" in said
    assert "not counted, jdoe handed in a later one" in " ".join(said.split())
    assert set(reports(week)) == {"jdoe", "zobrien", "klee1", "klee2"}

    (tmp_path / "times.csv").write_text(f"login,submitted at\n{ZOE.id},2026-03-21 12:00\nnobody,2026-03-21 12:00\n")
    again = autograder(week, "grade", LAB, *given, "--times", tmp_path / "times.csv", "--yes")
    assert "their times are not used: nobody" in " ".join(again.stdout.split())
    # The file that cannot be read is looked at again, nothing else.
    assert "1 submission to grade" in again.stdout and reports(week)["zobrien"]["mark"]["days_late"] == 1

    out = tmp_path / "out.csv"
    sent = autograder(week, "export", LAB, "--for", "canvas", "--template", tmp_path / "gradebook.csv", "--to", out,
                      "--roster", tmp_path / "gradebook.csv")  # fmt: skip
    assert sent.returncode == 3 and "klee2: no mark: unreadable" in sent.stdout, sent.stdout + sent.stderr
    rows = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8"), newline="")))
    at = rows[0].index("Week 1 lab (442)")
    marks = {r[3]: r[at] for r in rows[3:]}
    assert {s.id: marks[s.id] for s in (JANE, ZOE, KIM1, KIM2, MAX)} == {
        "jdoe": "4", "zobrien": "1.8", "klee1": "2", "klee2": "", "mmuster": ""}  # fmt: skip
    assert out.read_text(encoding="utf-8").count("\n") == GRADEBOOK.count("\n")
