"""Whatever a student did to the cells, the notebook that people mark has each of nbgrader's ids once, and nothing is lost."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from nbgrader.nbgraderformat import MetadataValidator
from small_term import LAB

from autograder.gradebook.repaired_notebook import repair
from autograder.notebook.submission import parse_submission

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture
def released(term):
    return nbformat.reads(term.stub(LAB), 4)


@pytest.fixture
def handed_in(term):
    return nbformat.reads(term.solved(LAB), 4)


def mended(released, handed_in):
    """The repaired notebook, checked by nbgrader's own validator, and its marked cells by id."""
    text = nbformat.writes(handed_in) if not isinstance(handed_in, str) else handed_in
    done = repair(released, parse_submission(text.encode(), "lab.ipynb", assignment=LAB))
    MetadataValidator().validate_nb(done.notebook)
    ids = [c.metadata.nbgrader.grade_id for c in done.notebook.cells if "nbgrader" in c.metadata]
    assert sorted(ids) == ["double", "double-check", "triple", "triple-check", "why"]
    return done, {c.metadata.nbgrader.grade_id: c for c in done.notebook.cells if "nbgrader" in c.metadata}


def cell_of(notebook, grade_id):
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def test_an_untouched_notebook_needs_no_repair(released, handed_in):
    done, marked = mended(released, handed_in)
    assert done.notes == ()
    carried = ("setup", "hand-in")  # the generator's own cells: pages of packed text, nothing to be marked
    assert [c.source for c in done.notebook.cells] == [c.source for c in handed_in.cells if not c.id.startswith(carried)]
    assert len(done.notebook.cells) == len(handed_in.cells) - 5
    assert marked["why"].source == "Because addition commutes."


def test_deleted_cells_are_put_back_in_their_question_to_carry_the_mark(released, handed_in):
    handed_in.cells = [c for c in handed_in.cells if c.metadata.get("nbgrader", {}).get("grade_id") not in ("double", "why")]
    done, marked = mended(released, handed_in)
    assert "missing" in marked["double"].source and "elsewhere" in marked["why"].source
    sources = [c.source for c in done.notebook.cells]
    assert sources.index(marked["double"].source) == sources.index("### double") + 1
    assert len(done.notes) == 2 and "'double' was missing" in done.notes[0]


def test_of_copies_the_last_that_says_something_carries_the_mark(released, handed_in):
    stub = cell_of(released, "double")
    stub = nbformat.from_dict({**stub, "id": "copy"})
    at = handed_in.cells.index(cell_of(handed_in, "double"))
    handed_in.cells.insert(at + 1, stub)  # a copy made before the work began, and forgotten
    done, marked = mended(released, handed_in)
    assert marked["double"].source == "def double(x):\n    return 2 * x"
    assert "'double' is there 2 times" in done.notes[0]
    assert stub.source in [c.source for c in done.notebook.cells], "the copy is still there to be read"


def test_a_written_answer_that_became_code_or_raw_is_text_again(released, handed_in):
    for kind in (new_code_cell, new_raw_cell):
        answer = cell_of(handed_in, "why")
        made = kind("x < y, `so`", metadata=answer.metadata, id="why-solution")
        handed_in.cells[handed_in.cells.index(answer)] = made
        done, marked = mended(released, handed_in)
        assert marked["why"].cell_type == "markdown" and "x < y, `so`" in marked["why"].source
        assert "'why' had become" in done.notes[0]


def test_cells_without_metadata_are_known_by_their_functions(released, handed_in):
    for cell in handed_in.cells:
        cell.metadata = {}
    done, marked = mended(released, handed_in)
    assert "2 * x" in marked["double"].source and "3 * x" in marked["triple"].source
    assert sum("recognised" in n for n in done.notes) == 2
    assert "why" in done.notes[-1], "nothing tells which text was the answer: a place is made, the text is still there"
    assert "Because addition commutes." in [c.source for c in done.notebook.cells]


def test_a_changed_check_cell_stands_beside_the_released_one(released, handed_in):
    cell_of(handed_in, "double-check").source = "mine = 1"
    done, marked = mended(released, handed_in)
    assert marked["double-check"].source == 'grader.check("double")'
    assert "mine = 1" in [c.source for c in done.notebook.cells]
    assert "check cell of 'double' was changed" in done.notes[0]


def test_forged_metadata_changes_nothing(released, handed_in):
    cell_of(handed_in, "double").metadata.nbgrader |= {"points": 1000, "solution": False, "locked": True, "schema_version": 99}
    handed_in.cells.append(new_code_cell("1", metadata={"nbgrader": {"grade_id": "another", "grade": True, "points": 50}}))
    _, marked = mended(released, handed_in)
    assert marked["double"].metadata.nbgrader == cell_of(released, "double").metadata.nbgrader


def test_outputs_go_pictures_in_answers_stay(released, handed_in):
    answer = cell_of(handed_in, "why")
    answer["attachments"] = {"photo.png": {"image/png": PIXEL}, "evil.svg": {"image/svg+xml": "<svg onload=alert(1)>"}}
    answer.source = "![my derivation](attachment:photo.png)"
    check = cell_of(handed_in, "double")
    check.outputs = [nbformat.v4.new_output("display_data", {"text/html": "<script>alert(1)</script>"})]
    handed_in.cells += [new_raw_cell("<script>alert(2)</script>"), new_markdown_cell("more")]
    done, marked = mended(released, handed_in)
    assert marked["why"].attachments == {"photo.png": {"image/png": PIXEL}}
    assert marked["double"].outputs == []
    assert not any(c.cell_type == "raw" for c in done.notebook.cells), "a raw cell goes into formgrader's page as it is"
