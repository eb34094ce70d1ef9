"""Notebooks made from a solution notebook: the students', the solved one, and the solved one with answers put in.

The student notebook is PUBLIC: whatever this module lets through is published. All three carry the same metadata and
cell ids, so each can be read and graded as a submission. Same source, same bytes.
"""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import nbformat
from nbformat import NotebookNode

from autograder.notebook import carried, checks, fences, nbgrader_cells, predictions, python_cells
from autograder.notebook.source_cells import STAFF_ONLY, Role, SourceCell, SourceNotebook
from autograder.notebook.submission import normalised_sha256

METADATA_SCHEMA = 1
ANSWER_PLACEHOLDER = "*Write your answer here.*"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
GOES_ON = "raises-exception"  # Jupyter's tag: a cell that fails does not stop Run All


@dataclass
class _Draft:
    """A notebook in the making: source cells and the texts that they will have, in step."""

    source: SourceNotebook
    cells: list[SourceCell]
    texts: dict[int, str]
    notebook: NotebookNode = field(default_factory=lambda: nbformat.v4.new_notebook())


Step = Callable[[_Draft], None]


def student_notebook(source: SourceNotebook, *, with_answers: bool = False) -> NotebookNode:
    """The notebook that students get: stubs, no solutions, no staff cells, no outputs.

    Args:
        with_answers: with the author's answers to Predict and Reflect, folded: for the time after the due date.
    """
    # Staff cells go first, so that no later step can see them. Texts are final before cells are made, because ids are
    # taken from them; ids and tests come before the version hash, which covers both; the cells that the generator adds carry
    # the finished metadata; checksums come last, because they cover everything that nbgrader looks at.
    return _build(source, [*(_RELEASED_WITH_ANSWERS if with_answers else _RELEASED), _add_checksums])


def solved_notebook(source: SourceNotebook, *, staff: bool = False, checksums: bool = True) -> NotebookNode:
    """The same notebook with the solutions in place: runs top to bottom and can be graded like a submission.

    Args:
        staff: keep the instructor's notes, marking schemes and folded answers, and leave out the cells that the generator
            adds (for the executed instructor copy).
        checksums: as nbgrader wants them. Without them nbgrader need not be imported, which takes most of a second.
    """
    last = [_checksums_as_released] if checksums else []
    if staff:
        return _build(source, [_fold_answers, _unfence_solutions, _call_checks, *_FINISH, *last])
    return _build(source, [*_PRIVATE_OUT, _unfence_solutions, _call_checks, *_FINISH, _add_our_cells, *last])


def submission_notebook(source: SourceNotebook, replacements: Mapping[str, str], *, checksums: bool = True) -> NotebookNode:
    """The solved notebook with pieces of its solution replaced: a submission made from an answers file.

    Args:
        replacements: code by key. A question's id: the code runs in place of that question's solution cells. Anything
            else (a name, a file's name): the code runs in place of the definitions, in any solution cell, of the names
            that it defines at top level; a cell keeps what the code does not define. The code stands where the first
            of those cells stood.
        checksums: see `solved_notebook`.

    Raises:
        KeyError: the code of a key defines nothing that the solution defines.
        SyntaxError: a code cannot be parsed.
    """

    def replace(draft: _Draft) -> None:
        for key, code in replacements.items():
            if any(q.id == key for q in source.assignment.questions):
                _replace_question(draft, key, code)
            else:
                _replace_names(draft, key, code)

    last = [_checksums_as_released] if checksums else []
    return _build(source, [*_PRIVATE_OUT, _unfence_solutions, replace, _call_checks, *_FINISH, _add_our_cells, *last])


def released_cells(source: SourceNotebook) -> tuple[NotebookNode, ...]:
    """The student notebook's cells, without nbgrader's checksums: nbgrader need not be imported."""
    return tuple(_build(source, _RELEASED).cells)


def released_texts(source: SourceNotebook, cells: Iterable[NotebookNode] | None = None) -> dict[str, str]:
    """Of each cell of the student notebook its text's `normalised_sha256` -> its question; "" for a text that stands in several.

    Args:
        cells: the notebook's, where they are at hand.
    """
    found: dict[str, str] = {}
    for cell in released_cells(source) if cells is None else cells:
        key, question = normalised_sha256(cell.source), cell.metadata.get("autograder", {}).get("question", "")
        found[key] = question if found.get(key, question) == question else ""
    return found


def setup_text(source: SourceNotebook) -> str:
    """The source of the setup cell, the same in all three."""
    return setup_of(released_cells(source))


def setup_of(cells: Iterable[NotebookNode]) -> str:
    """The source of the setup cell among a notebook's."""
    return next(cell.source for cell in cells if cell["id"] == carried.SETUP_ID)


def to_text(notebook: NotebookNode) -> str:
    """The notebook file's text: nbformat's own writing (sorted keys, sources as lines), one final newline."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def _build(source: SourceNotebook, steps: list[Step]) -> NotebookNode:
    draft = _Draft(source, list(source.cells), {c.index: c.source for c in source.cells})
    for step in steps:
        step(draft)
    nbformat.validate(draft.notebook)
    return draft.notebook


def _drop_staff_cells(draft: _Draft) -> None:
    draft.cells = [c for c in draft.cells if c.role not in STAFF_ONLY]


def _drop_folded_answers(draft: _Draft) -> None:
    draft.cells = [c for c in draft.cells if c.role is not Role.FOLDED]


def _fold_answers(draft: _Draft) -> None:
    for cell in draft.cells:
        if cell.role is Role.FOLDED:
            draft.texts[cell.index] = predictions.folded(cell.source)


def _add_own_words(draft: _Draft) -> None:
    draft.cells = predictions.with_own_words(draft.cells)
    draft.texts.update({c.index: c.source for c in draft.cells if c.role in predictions.OWN_WORDS})


def _blank_solutions(draft: _Draft) -> None:
    for cell in draft.cells:
        if cell.role is Role.SOLUTION:
            draft.texts[cell.index] = fences.with_stubs(cell.source, cell.question)


def _unfence_solutions(draft: _Draft) -> None:
    for cell in draft.cells:
        if cell.role is Role.SOLUTION:
            draft.texts[cell.index] = fences.without_marks(cell.source)


def _blank_answers(draft: _Draft) -> None:
    for cell in draft.cells:
        if cell.role is Role.ANSWER:
            draft.texts[cell.index] = ANSWER_PLACEHOLDER


def _call_checks(draft: _Draft) -> None:
    """One `grader.check` cell per question, where its last check stands: it runs them all."""
    last = {c.question: c.index for c in draft.cells if c.role is Role.CHECK}
    draft.cells = [c for c in draft.cells if c.role is not Role.CHECK or last[c.question] == c.index]
    for question, index in last.items():
        draft.texts[index] = f'grader.check("{question}")'


def _make_cells(draft: _Draft) -> None:
    for cell in draft.cells:
        new = nbformat.v4.new_markdown_cell if cell.markdown else nbformat.v4.new_code_cell
        # Staff cells of code are notes: their author may have fenced or broken them, they are shown as they are.
        draft.notebook.cells.append(new(draft.texts[cell.index]))


def _number_cells(draft: _Draft) -> None:
    """Ids that an edit elsewhere does not change: from mark and question, or from the cell's own text."""
    seen: Counter[str] = Counter()
    for cell, made in zip(draft.cells, draft.notebook.cells, strict=True):
        if cell.question:
            stem = f"{cell.question}-{cell.role}"[:56]
        else:
            stem = f"{cell.role}-{hashlib.sha256(cell.source.encode()).hexdigest()[:12]}"
        seen[stem] += 1
        made["id"] = stem if seen[stem] == 1 else f"{stem}-{seen[stem]}"


def _mark_for_nbgrader(draft: _Draft) -> None:
    assignment, marked = draft.source.assignment, set()
    for cell, made in zip(draft.cells, draft.notebook.cells, strict=True):
        if cell.role is Role.CHECK:
            nbgrader_cells.mark_check(made, f"{cell.question}-check")
        elif cell.role in (Role.SOLUTION, Role.ANSWER):
            # The first solution cell of a question carries its mark; further ones are editable, without points.
            first = cell.question not in marked
            points = assignment.question(cell.question).points if first else None
            nbgrader_cells.mark_solution(made, cell.question if first else made["id"], _plain_number(points))
            marked.add(cell.question)


def _plain_number(points: float | None) -> float | None:
    return int(points) if isinstance(points, float) and points.is_integer() else points


def _tag_cells(draft: _Draft) -> None:
    for cell, made in zip(draft.cells, draft.notebook.cells, strict=True):
        tags = list(cell.tags)
        if cell.role in (Role.CHECK, Role.DEMO):
            tags.append(GOES_ON)  # an unsolved question must not stop Run All before the later ones
        if tags:
            made.metadata["tags"] = tags
        if cell.question or cell.role is Role.DEMO:
            made.metadata["autograder"] = {"role": str(cell.role), "question": cell.question}


def _add_tests(draft: _Draft) -> None:
    draft.notebook.metadata["otter"] = {
        "OK_FORMAT": False,
        "assignment_name": draft.source.assignment.id,
        "tests": checks.otter_tests(draft.source),
    }


def _add_metadata(draft: _Draft) -> None:
    assignment = draft.source.assignment
    draft.notebook.metadata["kernelspec"] = dict(KERNELSPEC)
    draft.notebook.metadata["language_info"] = {"name": "python"}
    draft.notebook.metadata["autograder"] = {
        "assignment": assignment.id,
        "schema": METADATA_SCHEMA,
        "title": assignment.title,
        "version": version(draft.source),
        "questions": {
            q.id: {"title": q.title, "points": _plain_number(q.points), "written": q.written, "names": list(q.names)}
            | ({"bans": list(q.bans)} if q.bans else {})
            for q in assignment.questions
        },
        "graded_with": dict(draft.source.graded_with),
    }


def _add_our_cells(draft: _Draft) -> None:
    """Setup in front of the first code cell, "Hand in" at the end. Authors write neither."""
    cells = draft.notebook.cells
    first = next(i for i, c in enumerate(cells) if c.cell_type == "code")
    sources = carried.library_sources(draft.source.library)
    cells[first:first] = carried.setup_cells(sources, draft.notebook.metadata)
    cells += carried.hand_in_cells(draft.source.assignment.id, GOES_ON)


def _add_checksums(draft: _Draft) -> None:
    nbgrader_cells.add_checksums(draft.notebook)


def _checksums_as_released(draft: _Draft) -> None:
    """The student notebook's checksums: with its own, nbgrader would take a solution for a stub left as it was."""
    released = {c["id"]: c.metadata["nbgrader"] for c in student_notebook(draft.source).cells if "nbgrader" in c.metadata}
    for cell in draft.notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["checksum"] = released[cell["id"]]["checksum"]


_FINISH: list[Step] = [_make_cells, _number_cells, _mark_for_nbgrader, _tag_cells, _add_tests, _add_metadata]
_PRIVATE_OUT: list[Step] = [_drop_staff_cells, _drop_folded_answers, _add_own_words]
_STUBS: list[Step] = [_blank_solutions, _blank_answers, _call_checks, *_FINISH, _add_our_cells]
_RELEASED: list[Step] = [*_PRIVATE_OUT, *_STUBS]
_RELEASED_WITH_ANSWERS: list[Step] = [_drop_staff_cells, _fold_answers, _add_own_words, *_STUBS]


def version(source: SourceNotebook) -> str:
    """Hash of what students see (texts with stubs, checks): the same for the solved notebook, 16 hexadecimal digits."""
    digest = hashlib.sha256(source.assignment.id.encode())
    for cell in source.cells:
        if cell.role in (*STAFF_ONLY, Role.ANSWER, Role.FOLDED):
            continue
        text = fences.with_stubs(cell.source, cell.question) if cell.role is Role.SOLUTION else cell.source
        digest.update(f"\0{cell.role}\0{cell.question}\0{text}".encode())
    return digest.hexdigest()[:16]


def _replace_question(draft: _Draft, question: str, code: str) -> None:
    indices = [c.index for c in draft.cells if c.role in (Role.SOLUTION, Role.ANSWER) and c.question == question]
    draft.texts[indices[0]] = code.strip("\n")
    for index in indices[1:]:
        draft.texts[index] = "pass"


def _replace_names(draft: _Draft, key: str, code: str) -> None:
    new = set(python_cells.cell_names(code).defines)
    touched = [c.index for c in draft.cells if c.role is Role.SOLUTION and new & set(c.names.defines)]
    if not touched:
        raise KeyError(f"{key}: it defines {', '.join(sorted(new)) or 'nothing'}, and no solution cell does")
    for index in touched:
        draft.texts[index] = _without_definitions(draft.texts[index], new)
    draft.texts[touched[0]] = "\n\n\n".join(t for t in (draft.texts[touched[0]], code.strip("\n")) if t)


def _without_definitions(text: str, names: set[str]) -> str:
    """`text` without its top-level statements that define only `names` (comments right above them go too)."""
    lines = text.split("\n")
    for node in reversed(python_cells.parse_text(python_cells.python_text(text)).body):
        bound = _bound_by(node)
        if bound and bound <= names:
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
            while first and lines[first - 1].startswith("#"):
                first -= 1
            del lines[first : node.end_lineno]
    return "\n".join(lines).strip("\n")


def _bound_by(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return set()
