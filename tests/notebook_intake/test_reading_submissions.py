"""`read_submission` on real files: everything that can be understood is, everything else ends in one clear line."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import v3, v4

from autograder.errors import SubmissionError
from autograder.notebook.submission import drop_demo, normalised_sha256, parse_submission, read_submission

LAB = "week03/lab"


def notebook(*sources: str, assignment: str = LAB, **metadata: object) -> dict:
    cells = [v4.new_code_cell(s) for s in sources or ("x = 1",)]
    nb = v4.new_notebook(cells=cells, metadata={"autograder": {"assignment": assignment}, **metadata})
    return json.loads(nbformat.writes(nb))


@pytest.fixture
def write(tmp_path):
    def _write(content, name="alice.ipynb"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return _write


@contextlib.contextmanager
def as_ordinary_user():
    """Root may read everything, so permissions mean something only for another user."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def refusal(path, max_mb: float = 5, **more) -> str:
    with pytest.raises(SubmissionError) as caught:
        read_submission(path, max_mb, **more)
    line = str(caught.value)
    assert "\n" not in line and line.isprintable() and line.endswith("."), line
    return line


class TestWhatIsTolerated:
    def test_an_ordinary_notebook(self, write):
        nb = v4.new_notebook(
            cells=[v4.new_markdown_cell("# Title"), v4.new_code_cell("def f():\n    return 1"), v4.new_raw_cell("raw")],
            metadata={"autograder": {"assignment": LAB}},
        )
        nb.cells[1].metadata = {"tags": ["demo"], "autograder": {"question": "f", "role": "solution"}}
        path = write(nbformat.writes(nb).encode())
        read = read_submission(path, 5, assignment=LAB)
        assert [(c.index, c.kind, c.source) for c in read.cells] == [
            (0, "markdown", "# Title"),
            (1, "code", "def f():\n    return 1"),
            (2, "raw", "raw"),
        ]
        assert read.cells[1].tags == ("demo",) and read.cells[1].question == "f"
        assert read.assignment_id == LAB and read.notes == ()
        assert read.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
    def test_encodings(self, write, encoding):
        text = json.dumps(notebook("größe = 'ξ 🙂'"), ensure_ascii=False).replace("\n", "\r\n")
        assert read_submission(write(text.encode(encoding)), 5).cells[0].source == "größe = 'ξ 🙂'"

    def test_bytes_that_are_no_utf8_are_replaced_and_told(self, write):
        text = json.dumps(notebook("x = 1  # Größe"), ensure_ascii=False)
        read = read_submission(write(text.encode("latin-1")), 5)
        assert read.cells[0].source == "x = 1  # Gr\ufffd\ufffde" and "UTF-8" in read.notes[0]

    @pytest.mark.parametrize(
        "lines", [["a = 1\n", "b = 2"], "a = 1\nb = 2", ["a = 1\r\n", "b = 2"], "a = 1\r\nb = 2", "a = 1\rb = 2"]
    )
    def test_sources_as_lists_or_text_with_any_line_ends(self, write, lines):
        nb = notebook()
        nb["cells"][0]["source"] = lines
        assert read_submission(write(nb), 5).cells[0].source == "a = 1\nb = 2"

    def test_lost_and_duplicate_ids_and_metadata(self, write):
        nb = notebook("a = 1", "b = 2", "c = 3")
        del nb["metadata"], nb["cells"][0]["metadata"], nb["cells"][0]["id"], nb["nbformat_minor"]
        nb["cells"][1]["id"] = nb["cells"][2]["id"] = "same"
        nb["cells"][1]["metadata"] = None
        nb["cells"][2]["metadata"] = {"tags": "demo", "nbgrader": {"grade_id": "c-solution-2", "solution": True}}
        read = read_submission(write(nb), 5, assignment=LAB)
        assert [c.source for c in read.cells] == ["a = 1", "b = 2", "c = 3"]
        assert read.assignment_id == "" and read.cells[2].tags == ("demo",) and read.cells[2].question == "c"

    def test_metadata_of_wrong_types_is_no_metadata(self, write):
        nb = notebook()
        nb["metadata"] = {"autograder": [LAB], "language_info": "python", "kernelspec": 3}
        nb["cells"][0]["metadata"] = {"tags": {"a": 1}, "autograder": "q", "nbgrader": 1}
        read = read_submission(write(nb), 5, assignment=LAB)
        assert read.assignment_id == "" and read.cells[0].tags == () and read.cells[0].question == ""

    def test_nbformat_3_reads_as_nbformats_own_conversion(self, write):
        sheet = v3.new_worksheet(
            cells=[
                v3.new_heading_cell("Part", level=2),
                v3.new_text_cell("markdown", "text"),
                v3.new_code_cell(input="def f():\n    return 1"),
            ]
        )
        old = v3.new_notebook(metadata=v3.new_metadata(name="x"), worksheets=[sheet])
        path = write(nbformat.v3.writes_json(old).encode())
        read = read_submission(path, 5)
        converted = nbformat.read(path, as_version=4)
        assert [(c.kind, c.source) for c in read.cells] == [(c.cell_type, c.source) for c in converted.cells]
        assert "nbformat 3" in read.notes[0]

    def test_half_a_unicode_pair_cannot_break_what_follows(self, write):
        nb = notebook()
        nb["cells"][0]["source"] = "x = '\ud800'"
        read = read_submission(write(nb), 5)
        assert read.cells[0].source.encode() == b"x = '?'" and read.notes

    def test_another_kernel_is_told(self, write):
        assert "julia" in read_submission(write(notebook(language_info={"name": "julia"})), 5).notes[0]

    def test_a_link_inside_the_folder_is_followed(self, write, tmp_path):
        write(notebook("y = 2"), "real.ipynb")
        (tmp_path / "link.ipynb").symlink_to("real.ipynb")
        assert read_submission(tmp_path / "link.ipynb", 5).cells[0].source == "y = 2"


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (b"", "is empty"),
            (b" \n\x00\x00", "is empty"),
            (b"\xef\xbb\xbf", "is empty"),
            (b'{"cells": [', "breaks off"),
            (b'{"cells": [}', "line 1, column"),
            (b"<!DOCTYPE html><html>", "web page"),
            (b"# %%\nimport jax", "Python script"),
            (b'{"cells": []\n<<<<<<< HEAD\n>>>>>>> theirs\n}', "merge conflict"),
            (b"PK\x03\x04" + bytes(200), "zip or Office"),
            (bytes(range(128, 256)) * 100, "not text"),
            (b"[1, 2]", "not a notebook"),
            (b'"cells"', "not a notebook"),
            (b"{}", "not a notebook"),
            (b'{"cells": []}', "no cells"),
            (b'{"cells": {"a": 1}}', "its list of cells is an object"),
            (b'{"cells": null}', "its list of cells is missing"),
            (b'{"cells": [7]}', "the 1st cell is a number"),
            (b'{"cells": [{"cell_type": "code", "source": 7}]}', "a source that is a number"),
            (b'{"cells": [{"cell_type": "code", "source": ["x", 7]}]}', "a source that is a list"),
            (b'{"worksheets": [7]}', "a worksheet is a number"),
            (b'{"cells": [{"cell_type": "code", "source": "x", "n": ' + b"9" * 5000 + b"}]}", "not a valid notebook"),
            (b'{"cells": ' + b"[" * 50_000, "nested more than"),
            (b'{"cells": [' + b"{}," * 1_100_000 + b"{}]}", "over 1000000 lists"),
        ],
        ids=lambda v: v if isinstance(v, str) else "",
    )
    def test_content(self, write, content, expected):
        line = refusal(write(content))
        assert line.startswith("alice.ipynb: ") and expected in line

    def test_absurd_numbers_and_sizes_of_cells(self, write):
        assert "5001 cells" in refusal(write(notebook(*["x"] * 5001)))
        assert "1000001 characters" in refusal(write(notebook("#" * 1_000_001)))

    def test_millions_of_numbers_are_refused_before_they_are_made(self, write):
        text = '{"cells": [], "metadata": {"x": [' + "123," * 5_000_001 + "0]}}"
        assert "items; no notebook does" in refusal(write(text.encode()), 40)

    def test_another_weeks_notebook_is_named(self, write):
        line = refusal(write(notebook(assignment="week05/homework")), assignment=LAB)
        assert "week05/homework" in line and LAB in line

    def test_a_name_in_the_metadata_cannot_write_to_the_terminal(self, write):
        line = refusal(write(notebook(assignment="\x1b]0;owned\x07\x1b[31mx\u202e\n" + "y" * 500)), assignment=LAB)
        assert "owned" not in line and "\\u202e" in line and len(line) < 300

    def test_too_large_is_not_read(self, tmp_path):
        path = tmp_path / "big.ipynb"
        with path.open("wb") as file:
            file.truncate(50_000_000_000)  # sparse: reading it would take minutes and all memory
        started = time.monotonic()
        assert "50000.0 MB where 5 MB are allowed" in refusal(path)
        assert time.monotonic() - started < 1

    def test_a_pipe_does_not_hold_the_grader(self, tmp_path):
        os.mkfifo(tmp_path / "pipe.ipynb")
        assert "no ordinary file" in refusal(tmp_path / "pipe.ipynb")

    def test_a_device_and_a_folder(self, tmp_path):
        (tmp_path / "zero.ipynb").symlink_to("/dev/zero")
        assert "no ordinary file" in refusal(tmp_path / "zero.ipynb", within="/")
        (tmp_path / "folder.ipynb").mkdir()
        assert "a folder named like a notebook" in refusal(tmp_path / "folder.ipynb")

    def test_links_that_lead_nowhere_out_or_in_circles(self, write, tmp_path):
        (tmp_path / "nowhere.ipynb").symlink_to("gone.ipynb")
        assert "leads nowhere" in refusal(tmp_path / "nowhere.ipynb")
        (tmp_path / "circle.ipynb").symlink_to("circle.ipynb")
        assert "back to itself" in refusal(tmp_path / "circle.ipynb")
        inner = tmp_path / "inner"
        inner.mkdir()
        write(notebook(), "secret.ipynb")
        (inner / "out.ipynb").symlink_to("../secret.ipynb")
        assert "outside the folder" in refusal(inner / "out.ipynb")
        assert read_submission(inner / "out.ipynb", 5, within=tmp_path).cells

    def test_a_link_of_a_folder_out_is_no_way_out(self, write, tmp_path):
        outside, inside = tmp_path / "outside", tmp_path / "inside"
        outside.mkdir(), inside.mkdir()
        (outside / "x.ipynb").write_text(json.dumps(notebook()))
        (inside / "alice").symlink_to(outside)
        assert "outside the folder" in refusal(inside / "alice" / "x.ipynb", within=inside)

    def test_no_permission(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            path = Path(folder, "alice.ipynb")
            path.write_text(json.dumps(notebook()))
            path.chmod(0)
            with as_ordinary_user():
                assert "may not read" in refusal(path)

    @pytest.mark.parametrize(
        "content",
        [b'"' + rb"\"" * 2_000_000, b'"' + b"\\" * 4_000_001, b"[" * 4_000_000, b'["a",' * 700_000, b'{"' * 1_500_000],
        ids=["escaped quotes", "backslashes", "brackets", "nested lists", "open strings"],
    )
    def test_hostile_files_cost_little_time(self, write, content):
        started = time.monotonic()
        refusal(write(content))
        assert time.monotonic() - started < 5


class TestNothingElseEscapes:
    """Whatever the file holds, it is read or refused with one line: no other exception ends a run."""

    JSON = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=8,
    )

    def check(self, data: bytes) -> None:
        try:
            read = parse_submission(data, "alice.ipynb", assignment=LAB)
        except SubmissionError as problem:
            assert str(problem).startswith("alice.ipynb: ") and str(problem).isprintable()
        else:
            for cell in read.cells:
                assert cell.kind in {"code", "markdown", "raw"}
                cell.source.encode()
                assert "\r" not in cell.source
            assert read.assignment_id in ("", LAB)

    @given(st.binary(max_size=200))
    def test_any_bytes(self, data):
        self.check(data)

    @given(st.sampled_from(["cells", "worksheets"]), JSON)
    def test_any_json_as_cells(self, key, value):
        self.check(json.dumps({key: value}).encode())

    @given(st.sampled_from(["cell_type", "source", "metadata", "input", "level", "id", "outputs"]), JSON, st.booleans())
    def test_any_json_as_a_field_of_a_cell(self, key, value, old):
        cell = {"cell_type": "heading" if old else "code", "source": "x = 1", "metadata": {}, key: value}
        notebook = {"worksheets": [{"cells": [cell]}]} if old else {"cells": [cell]}
        self.check(json.dumps(notebook).encode())

    @given(st.sampled_from(["autograder", "kernelspec", "language_info", "tags", "nbgrader"]), JSON)
    def test_any_json_as_metadata(self, key, value):
        cell = {"cell_type": "code", "source": ["x\r\n", "y"], "metadata": {key: value}}
        self.check(json.dumps({"cells": [cell], "metadata": {key: value}, "nbformat": value}).encode())

    @given(st.data())
    def test_a_notebook_with_some_bytes_changed(self, data):
        raw = bytearray(json.dumps(notebook("größe = 1", "def f(): pass")).encode())
        for _ in range(data.draw(st.integers(1, 4))):
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
        self.check(bytes(raw))


class TestDemonstrations:
    def cells(self, write, *sources):
        return read_submission(write(notebook(*sources)), 5).cells

    def test_released_ones_are_left_out_whatever_became_of_the_tag(self, write):
        demo = "for i in range(10):\n    plot(i)"
        cells = self.cells(write, "a = 1", demo + "   \n\n", "b = 2")
        assert [c.source for c in drop_demo(cells, {normalised_sha256(demo)})] == ["a = 1", "b = 2"]

    def test_a_changed_one_is_kept(self, write):
        cells = self.cells(write, "a = 1", "plot(2)")
        assert drop_demo(cells, {normalised_sha256("plot(1)")}) == cells

    def test_text_that_says_the_same_is_kept(self, write):
        nb = notebook("a = 1")
        nb["cells"].append({"cell_type": "markdown", "source": "plot(1)", "metadata": {}})
        cells = read_submission(write(nb), 5).cells
        assert drop_demo(cells, {normalised_sha256("plot(1)")}) == cells

    def test_indentation_is_no_detail(self):
        assert normalised_sha256("if x:\n    y") != normalised_sha256("if x:\ny")
        assert normalised_sha256("\n\nx = 1\r\ny = 2 \r\n") == normalised_sha256("x = 1\ny = 2")
