"""Whatever a student did to the cells, the notebook that people mark has each of nbgrader's ids once, and nothing is lost."""

from __future__ import annotations

import base64

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from nbgrader.nbgraderformat import MetadataValidator
from small_term import LAB

from autograder.gradebook.repaired_notebook import repair
from autograder.grading.one import graded_cells
from autograder.model import Companions
from autograder.notebook.companions import read
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


def setup_of(released) -> str:
    return next(c.source for c in released.cells if c.id == "setup")


HIDDEN = "def double(x):\n    return 'ran unseen'"
DISGUISES = {
    "the setup cell's first line": lambda released: setup_of(released).split("\n")[0] + f"\n{HIDDEN}",
    "the setup cell, and more": lambda released: f"{setup_of(released)}\n{HIDDEN}",
    "more, and the setup cell": lambda released: f"{HIDDEN}\n{setup_of(released)}",
    "a setup cell that carries code": lambda released: setup_of(released).replace("\n)\ndel", ', """\n' + HIDDEN + '""")\ndel'),
    "the submit cell, and more": lambda released: f"grader.submit();\n{HIDDEN}",
    "an argument of the checks": lambda released: "grader.check(double := lambda x: 'ran unseen')",
    "a text that computes": lambda released: "grader.check(f\"{(double := lambda x: 'ran unseen')}\")",
    "an argument of submit": lambda released: "grader.submit(exec('ran = unseen'))",
    "behind the checks": lambda released: "grader.check_all(); double = lambda x: 'ran unseen'; (1)",
    "a title for the terminal": lambda released: f"# \x1b]0;\n{HIDDEN}\n# \x07",
    "a string for the terminal": lambda released: f"# \x90\n{HIDDEN}\n# \x9c",
    "colours of the terminal": lambda released: "ran = '\x1b[8m unseen \x1b[0m'",
    "text that runs backwards": lambda released: "ran = 'unseen'  # \u202e x \u2066",
    "a name that looks like a blank": lambda released: "ran\u3164unseen = \u3164 = 1",
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_the_marker_sees_all_that_runs(released, handed_in, term, disguise):
    evil = DISGUISES[disguise](released)
    handed_in.cells.insert(0, new_code_cell(evil))
    submitted = parse_submission(nbformat.writes(handed_in).encode(), "lab.ipynb", assignment=LAB)
    ran = [c.source for c in graded_cells(submitted, term.target(LAB))]
    assert evil in ran, "else there is nothing to be seen"
    done, _ = mended(released, handed_in)
    shown = [c.source for c in done.notebook.cells if c.cell_type == "code"]
    spelled = evil
    for c in "\x1b\x07\x90\x9c\u202e\u2066\u3164":
        spelled = spelled.replace(c, f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}")
    assert spelled in shown


def test_a_setup_cell_of_an_earlier_release_neither_runs_nor_fills_the_page(released, handed_in, term):
    packed = setup_of(released).split("'")[-2]
    earlier = setup_of(released).replace(packed, base64.b64encode(b"earlier").decode())
    assert earlier != setup_of(released)
    handed_in.cells[[c.id for c in handed_in.cells].index("setup")].source = earlier
    submitted = parse_submission(nbformat.writes(handed_in).encode(), "lab.ipynb", assignment=LAB)
    assert earlier not in [c.source for c in graded_cells(submitted, term.target(LAB))]
    done, _ = mended(released, handed_in)
    assert earlier not in [c.source for c in done.notebook.cells]


@pytest.mark.parametrize(
    "text",
    ['grader.check("double")', "grader.check_all()", "# all of it\ngrader.check_all();", "grader.submit()\n",
     "grader.export('lab.ipynb', pdf=False, files=['a.csv'])"],
)  # fmt: skip
def test_calls_of_the_checks_alone_do_not_run(term, handed_in, text):
    handed_in.cells.append(new_code_cell(text))
    submitted = parse_submission(nbformat.writes(handed_in).encode(), "lab.ipynb", assignment=LAB)
    assert text not in [c.source for c in graded_cells(submitted, term.target(LAB))]


def test_modules_that_came_along_are_shown_behind_the_notebook(released, handed_in):
    module = "def helper(x):\n    return '```'  # \x1b]0;\x07\n"
    handed_in.metadata["autograder"]["files"] = {"tools/helper.py": base64.b64encode(module.encode()).decode()}
    submitted = parse_submission(nbformat.writes(handed_in).encode(), "lab.ipynb", assignment=LAB)
    done = repair(released, submitted, read(Companions(), submitted.carried))
    shown = done.notebook.cells[-1]
    assert shown.cell_type == "markdown" and "tools.helper" in shown.source
    assert "return '```'  # \\x1b]0;\\x07" in shown.source and shown.source.count("````") == 2, "inside a fence"
    assert any("helper.py" in note for note in done.notes)


def test_code_far_away_is_pointed_at(released, handed_in):
    handed_in.cells.insert(0, new_code_cell("a = 1;" + " " * 300 + "double = print"))
    handed_in.cells.insert(1, new_code_cell("a = 1" + "\n" * 200 + "double = print"))
    handed_in.cells.insert(2, new_code_cell("if a:" + "\n    pass  # " + "-" * 70))
    done, _ = mended(released, handed_in)
    far = [note for note in done.notes if " far " in note]
    assert len(far) == 2 and "Cell 1 (" in far[0] and "right in line 1," in far[0] and "down in line 201" in far[1]
