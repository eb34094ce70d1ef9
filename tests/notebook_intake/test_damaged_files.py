"""Files as they come: what is damaged is read as far as it can be and said, what is no notebook is named with what to do."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from downloads import JANE, LAB, ZOE, canvas_name, notebook, unpacked, zip_of

from autograder.errors import SubmissionError
from autograder.notebook.intake import collect
from autograder.notebook.submission import parse_submission

NOTEBOOK = {
    "cells": [{"cell_type": "code", "source": ["x = [1,]"], "metadata": {}, "outputs": [], "execution_count": 1}],
    "metadata": {"autograder": {"assignment": LAB}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
TEXT = json.dumps(NOTEBOOK, indent=1)
DATA = TEXT.encode()
RUN = '   "execution_count": 1'
SOURCE = '    "x = [1,]"'


def conflict(line: str, ours: str, theirs: str, end: str = "\n") -> bytes:
    marks = end.join(["<<<<<<< HEAD", ours, "||||||| base", ours, "=======", theirs, ">>>>>>> branch"])
    return TEXT.replace("\n", end).replace(line, marks).encode()


READ = {
    "two byte order marks": (b"\xef\xbb\xbf" * 2 + DATA, ""),
    "UTF-16": (TEXT.encode("utf-16"), ""),
    "UTF-16 without a mark": (TEXT.encode("utf-16-be"), ""),
    "two documents": (DATA + b"\n" + DATA.replace(b"x =", b"y ="), "a second document"),
    "two documents, one behind the other": (DATA + DATA, "a second document"),
    "a bracket too many": (DATA + b"\n}\n", "other text"),
    "a comma too many in a list": (TEXT.replace(SOURCE, SOURCE + ",").encode(), "commas"),
    "a comma too many at the end": (TEXT.replace('"nbformat_minor": 5', '"nbformat_minor": 5,').encode(), "commas"),
    "a conflict in what is not graded": (conflict(RUN, RUN, RUN.replace("1", "2")), "merge conflict"),
    "the same with line ends of Windows": (conflict(RUN, RUN, RUN.replace("1", "2"), "\r\n"), "merge conflict"),
    "gzip": (gzip.compress(DATA), "gzip"),
    "a zip renamed": (zip_of({"work/lab.ipynb": DATA}), "zip"),
    "a server's wrapper": (json.dumps({"name": "lab", "type": "notebook", "content": NOTEBOOK}).encode(), "wrapper"),
    "a list of one": (json.dumps([NOTEBOOK]).encode(), ""),
    "a line end within a text": (TEXT.replace("x = [1,]", "x = [1,]\n").encode(), ""),
}
NAMED = {
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:abab\nsize 125034\n", "Git LFS pointer.*git lfs pull"),
    "git-annex": (b"/annex/objects/SHA256E-s12--ab.ipynb\n", "only the path of another file"),
    "a link kept as text": (b"../../shared/lab.ipynb", "only the path of another file"),
    "a conflict in a cell": (conflict(SOURCE, SOURCE, '    "x = 2"'), "marks of a merge conflict: settle it in git"),
    "cut short": (DATA[:-60], "breaks off in the middle"),
    "a web page": (b"\xef\xbb\xbf\n<!DOCTYPE html>\n<html><body>Sign in</body></html>", "web page saved as .ipynb"),
    "a page without a heading": (b"<script>var a</script>", "web page"),
    "nbconvert's script": (b"#!/usr/bin/env python\n# coding: utf-8\n\n# In[1]:\n\nimport jax\n", "Python script"),
    "jupytext's script": (b"# ---\n# jupyter:\n#   jupytext:\n# ---\n# %%\nx = 1\n", "Python script"),
    "jupytext's text": (b"---\njupyter:\n  jupytext:\n    formats: md\n---\n", "text version"),
    "a script with a docstring": (b'"""My lab"""\nimport jax\n', "Python script"),
    "PDF": (b"%PDF-1.7 ...", "a PDF file"),
    "RAR": (b"Rar!\x1a\x07\x00", "a RAR archive"),
    "Office": (zip_of({"word/document.xml": b"<w/>"}), "zip or Office"),
    "a zip of two": (zip_of({"a.ipynb": DATA, "b.ipynb": DATA}), "zip or Office"),
    "gzip, damaged": (gzip.compress(DATA)[:60], "gzip"),
    "a shortcut": (b"[InternetShortcut]\nURL=https://x\n", "shortcut"),
    "other JSON": (b'{"payload": {"blob": 1}}', "JSON but not a notebook"),
    "two documents that are none": (b'{"a": 1}\n{"b": 2}', "Extra data"),
}


@pytest.mark.parametrize("kind", READ)
def test_read_as_far_as_it_goes(kind):
    data, words = READ[kind]
    read = parse_submission(data, "lab.ipynb", assignment=LAB)
    assert [c.source.strip() for c in read.cells] == ["x = [1,]"]
    assert words in "\n".join(read.notes) and bool(words) == bool(read.notes)


@pytest.mark.parametrize("kind", NAMED)
def test_named_for_what_it_is(kind):
    data, words = NAMED[kind]
    with pytest.raises(SubmissionError, match=words) as caught:
        parse_submission(data, "lab.ipynb", assignment=LAB)
    assert str(caught.value).startswith("lab.ipynb: ") and len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ({"cell_type": "Code", "source": "x = 1"}, "code"),
        ({"cell_type": "python", "source": "x = 1"}, "code"),
        ({"source": "x = 1", "outputs": []}, "code"),
        ({"source": "def f(x):\n    return x"}, "code"),
        ({"cell_type": "heading", "source": "Title", "level": 2}, "markdown"),
        ({"cell_type": "sql", "source": "SELECT 1"}, "raw"),
        ({"cell_type": None, "source": "some words"}, "raw"),
        ({"cell_type": ["code"], "source": "some words"}, "raw"),
    ],
)
def test_cells_of_an_unknown_type(cell, kind):
    read = parse_submission(json.dumps({**NOTEBOOK, "cells": [*NOTEBOOK["cells"], cell]}).encode(), "lab.ipynb")
    assert read.cells[1].kind == kind and "The 2nd cell of all" in read.notes[0]


class TestEndings:
    @pytest.mark.parametrize("ending", [".ipynb.json", ".ipynb.txt", ".IPYNB.JSON", ".json", ".json.txt", ".ipynb.download"])
    def test_a_notebook_under_another_ending(self, tmp_path, ending):
        (tmp_path / f"jdoe_week03_lab (1){ending}").write_bytes(notebook("j"))
        intake = collect(tmp_path, LAB)
        assert [s.student for s in intake.submissions] == ["jdoe"] and intake.problems == ()

    def test_in_canvas_moodle_and_students_archives(self, tmp_path):
        files = {
            canvas_name(JANE, 1, "lab.ipynb.json"): notebook("j"),
            canvas_name(ZOE, 2, "work.zip"): zip_of({"lab.ipynb.txt": notebook("z"), "data.json": b'{"cells of": 1}'}),
        }
        (tmp_path / "s.zip").write_bytes(zip_of(files))
        assert len(collect(tmp_path / "s.zip", LAB).submissions) == 2
        moodle = {"Jane Doe_71001_assignsubmission_file/lab.ipynb.json": notebook("j")}
        assert [s.student for s in collect(unpacked(tmp_path / "m", zip_of(moodle)), LAB).submissions] == ["Jane Doe_71001"]

    def test_what_is_none_is_listed_as_before(self, tmp_path):
        for name in ("data.json", "notes.ipynb.txt", "lab.py", "lab.html"):
            (tmp_path / name).write_bytes(b'{"a": 1}')
        found = {Path(path).name: line for path, line in collect(tmp_path, LAB).problems}
        assert set(found) == {"data.json", "notes.ipynb.txt", "lab.py", "lab.html"}
        assert "rename" in found["data.json"] and "ask for the .ipynb file" in found["lab.py"]


