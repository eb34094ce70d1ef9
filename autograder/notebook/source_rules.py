"""What must hold between the cells of a solution notebook, and between it and its hidden suite.

Each rule is one short function that raises AuthoringError with file, cell and remedy; `check` runs them in the order
in which an author would want to hear of them. Texts are read, nothing is run.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

from autograder.errors import AuthoringError
from autograder.notebook import bans, checks, fences, suite_rules
from autograder.notebook.did_you_mean import did_you_mean
from autograder.notebook.source_cells import ASKING, GRADED, MARKS, STAFF_ONLY, Role, SourceCell, SourceNotebook
from autograder.notebook.stub_calls import stub_calls
from autograder.notebook.suite_source import read_suite

# One line of a solution is given away when it is at least this long without blanks; two neighbouring lines already
# when each has so many characters. Shorter ones ("return x") are everybody's.
LONG_LINE, SHORT_LINE = 30, 12
_COMMON = re.compile(r"(?:for|while|if|elif|else|with|def|class|import|from|@|\"\"\"|''')\b|[\"'@]")
# A line that was meant to open a cell, and that Jupytext takes for a comment.
_BROKEN_MARK = re.compile(rf"\s*#?\s*%{{1,3}}\s*(?:\[markdown\]|(?:{'|'.join(MARKS)}|tags)\s*=)")


def check(notebook: SourceNotebook, header_points: float, suite: Path) -> None:
    """All rules.

    Raises:
        AuthoringError: the first rule that is broken.
    """
    _no_broken_mark(notebook)
    _opening_cell(notebook)
    _question_ids(notebook)
    _cells_have_questions(notebook)
    _predictions(notebook)
    _questions_are_complete(notebook)
    _points(notebook, header_points)
    _needs(notebook)
    _bans(notebook)
    _no_name_twice(notebook)
    _demos_define_nothing_graded(notebook)
    _nothing_stops_run_all(notebook)
    _no_written_check_calls(notebook)
    checks.otter_tests(notebook)
    _nothing_given_away(notebook)
    suite_rules.check_fit(notebook, read_suite(suite))


def _fail(notebook: SourceNotebook, problem: str, remedy: str, cell: int | None = None,
          within: int | None = None) -> AuthoringError:  # fmt: skip
    return AuthoringError(notebook.path, problem, remedy, cell, notebook.lines.of(cell, within))


def _no_broken_mark(notebook: SourceNotebook) -> None:
    for cell in notebook.cells:
        for number, line in enumerate(cell.source.split("\n"), 1):
            if _BROKEN_MARK.match(line):
                problem = f"{line.strip()!r} looks like the mark of a cell and is none."
                raise _fail(notebook, problem, "Write `# %%`, a blank, then the marks.", cell.index, number)


def _opening_cell(notebook: SourceNotebook) -> None:
    wanted = f'grader = open_checks("{notebook.assignment.id}")'
    remedy = f"Make the first code cell: from course_lib.checks import open_checks; {wanted}"
    first = next((c for c in notebook.cells if not c.markdown), None)
    if first is None or "open_checks" not in first.names.imported or "grader" not in first.names.assigned:
        raise _fail(notebook, "the first code cell does not open the checks.", remedy, first.index if first else None)
    for node in ast.walk(ast.parse(first.source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open_checks":
            if [getattr(a, "value", None) for a in node.args] != [notebook.assignment.id] or node.keywords:
                raise _fail(notebook, "open_checks is called with another assignment's id.", remedy, first.index)
            return
    raise _fail(notebook, "the first code cell does not call open_checks.", remedy, first.index)


def _question_ids(notebook: SourceNotebook) -> None:
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        if cell.role is Role.HEADING:
            if cell.question in seen:
                first = seen[cell.question]
                problem = f"question {cell.question!r} is also in line {notebook.lines.of(first)}."
                raise _fail(notebook, problem, "Rename one.", cell.index)
            seen[cell.question] = cell.index
    if not seen:
        raise _fail(notebook, "there is no question.", 'Mark a heading cell with question="..." points=...')


def _cells_have_questions(notebook: SourceNotebook) -> None:
    known: dict[str, bool] = {}
    questions = {q.id: q for q in notebook.assignment.questions}
    for cell in notebook.cells:
        if cell.role is Role.HEADING:
            known[cell.question] = questions[cell.question].written
        elif cell.question and cell.question not in questions:
            remedy = did_you_mean(cell.question, tuple(questions))
            mark = cell.role.replace("-", " ")
            raise _fail(notebook, f"{mark} of an unknown question {cell.question!r}.", remedy, cell.index)
        elif cell.question and cell.question not in known:
            problem = f"{cell.role.replace('-', ' ')} of {cell.question!r} stands before the question's heading."
            raise _fail(notebook, problem, "Move it behind.", cell.index)
        elif cell.role in (Role.SOLUTION, Role.CHECK) and known[cell.question]:
            problem = f"{cell.question!r} is written=true, but has a {cell.role} in code."
            raise _fail(notebook, problem, "Take written=true away, or make the cell Markdown.", cell.index)
        elif cell.role in (Role.ANSWER, Role.RUBRIC) and not known[cell.question]:
            problem = f"{cell.question!r} has a {cell.role} in Markdown, but is not written=true."
            raise _fail(notebook, problem, "Add written=true to its heading.", cell.index)


def _predictions(notebook: SourceNotebook) -> None:
    """Predict, Reflect and their answers say something, and each answer stands directly behind what it answers."""
    for cell in notebook.cells:
        if cell.role not in (*ASKING, Role.FOLDED):
            continue
        mark = "answer" if cell.role is Role.FOLDED else cell.role
        if not cell.source.strip():
            remedy = "Write its text below the `# %%` line, or remove the cell."
            raise _fail(notebook, f"the {mark}= cell of {cell.question!r} is empty.", remedy, cell.index)
        if cell.role is Role.FOLDED:
            before = notebook.cells[cell.index - 1]
            if before.role not in ASKING:
                problem = f"the answer= cell of {cell.question!r} does not stand directly after a predict= or reflect= cell."
                remedy = "Move it there, all of it in one cell; the model answer of a written question is marked solution=."
                raise _fail(notebook, problem, remedy, cell.index)
            if before.question != cell.question:
                problem = f"the answer= cell of {cell.question!r} follows a {before.role}= cell of {before.question!r}."
                raise _fail(notebook, problem, "Give both the same question, or move one.", cell.index)


def _questions_are_complete(notebook: SourceNotebook) -> None:
    headings = {c.question: c.index for c in notebook.cells if c.role is Role.HEADING}
    for question in notebook.assignment.questions:
        cell = headings[question.id]
        if question.written:
            if len(notebook.of(Role.ANSWER, question.id)) != 1:
                remedy = f'Add one cell `# %% [markdown] solution="{question.id}"` with the model answer.'
                raise _fail(notebook, f"written question {question.id!r} needs one model answer.", remedy, cell)
            continue
        solutions, own_checks = (notebook.of(role, question.id) for role in (Role.SOLUTION, Role.CHECK))
        if not solutions:
            remedy = f'Add a cell `# %% solution="{question.id}"`, or mark the heading written=true.'
            raise _fail(notebook, f"question {question.id!r} has no solution cell.", remedy, cell)
        if not own_checks:
            remedy = f'Add a cell `# %% check="{question.id}"` that names the usual misconception.'
            raise _fail(notebook, f"question {question.id!r} has no public check.", remedy, cell)
        if own_checks[0].index < solutions[0].index:
            problem = f"the check of {question.id!r} stands before its solution."
            raise _fail(notebook, problem, "Move it behind.", own_checks[0].index)
        if not question.names:
            problem = f"the solution of {question.id!r} defines no function, class or name."
            raise _fail(notebook, problem, "Define what the hidden suite asks for.", solutions[0].index)


def _points(notebook: SourceNotebook, header_points: float) -> None:
    total = notebook.assignment.points
    if abs(total - header_points) > 1e-9:
        terms = " + ".join(f"{q.id} {q.points:g}" for q in notebook.assignment.questions)
        problem = (
            f"the points do not add up: the header says {header_points:g}, the questions give {total:g} ({terms})."
        )
        raise _fail(notebook, problem, "Correct the header's points or a question's.")


def _needs(notebook: SourceNotebook) -> None:
    needs = {q.id: q.needs for q in notebook.assignment.questions}
    headings = {c.question: c.index for c in notebook.cells if c.role is Role.HEADING}
    for question, wanted in needs.items():
        for other in wanted:
            if other not in needs:
                problem = f"question {question!r} needs an unknown question {other!r}."
                raise _fail(notebook, problem, did_you_mean(other, tuple(needs)), headings[question])
    for question in needs:
        trail = _cycle(question, needs)
        if trail:
            problem = f"needs go in a circle: {' -> '.join(trail)}."
            raise _fail(notebook, problem, "Take one of them away.", headings[question])


def _cycle(start: str, needs: dict[str, tuple[str, ...]]) -> list[str]:
    """A path of needs from `start` back to itself, empty where there is none."""
    paths, seen = [[start]], set()
    while paths:
        path = paths.pop()
        for other in needs[path[-1]]:
            if other == start:
                return [*path, start]
            if other not in seen:
                seen.add(other)
                paths.append([*path, other])
    return []


def _bans(notebook: SourceNotebook) -> None:
    headings = {c.question: c.index for c in notebook.cells if c.role is Role.HEADING}
    for question in notebook.assignment.questions:
        for ban in question.bans:
            if not bans.is_known(ban):
                remedy = f"{did_you_mean(ban, tuple(bans.FAMILIES))} Single functions are written jax.numpy.linalg.inv."
                raise _fail(notebook, f"{question.id!r} has an unknown ban {ban!r}.", remedy, headings[question.id])


def _no_name_twice(notebook: SourceNotebook) -> None:
    asked = {name: q.id for q in notebook.assignment.questions for name in q.names}
    seen: dict[str, SourceCell] = {}
    for cell in notebook.cells:
        if cell.role not in (*GRADED, Role.DEMO):
            continue
        # Helpers of support code may be assigned again; functions and whatever a question asks for may not.
        for name in cell.names.defines + cell.names.imported:
            if name in seen and (
                name in asked or (name in cell.names.functions and name in seen[name].names.functions)
            ):
                problem = f"{name!r} is already defined in the cell of line {notebook.lines.of(seen[name].index)}."
                raise _fail(notebook, problem, "Give one of them another name: the later would replace it.", cell.index)
            seen.setdefault(name, cell)


def _demos_define_nothing_graded(notebook: SourceNotebook) -> None:
    imported = {n for c in notebook.cells if c.role in GRADED for n in c.names.imported}
    users: dict[str, int] = {}
    for cell in notebook.cells:
        if cell.role in (*GRADED, Role.CHECK):
            reads = cell.names.reads | (cell.names.late_reads if cell.role is not Role.CHECK else frozenset())
            for name in reads:
                users.setdefault(name, cell.index)
    for cell in notebook.cells:
        if cell.role is not Role.DEMO:
            continue
        # Importing again what a graded cell imports changes nothing.
        names = [*cell.names.defines, *(n for n in cell.names.imported if n not in imported)]
        for name in names:
            if name in users:
                user = notebook.lines.of(users[name])
                problem = f"the demonstration defines {name!r}, which the cell of line {user} uses when grading."
                remedy = "Rename it in the demonstration, or define it in a cell without the demo tag."
                raise _fail(notebook, problem, remedy, cell.index)


def _nothing_stops_run_all(notebook: SourceNotebook) -> None:
    """No cell without a mark calls what a student has not written yet: *Run All* would end there."""
    for cell, within, name in stub_calls(notebook):
        problem = f"the cell calls {name!r}, which raises NotImplementedError until a student has solved it: Run All stops here."
        remedy = 'Mark the cell tags=["demo"], or move the call into a function.'
        raise _fail(notebook, problem, remedy, cell.index, within)


def _no_written_check_calls(notebook: SourceNotebook) -> None:
    for cell in notebook.cells:
        if cell.markdown or cell.role in STAFF_ONLY:
            continue
        if call := re.search(r"\bgrader\.check\(", cell.source):
            within = cell.source.count("\n", 0, call.start()) + 1
            remedy = "Remove it: the check= cell becomes that call."
            raise _fail(notebook, "the cell calls grader.check itself.", remedy, cell.index, within)


def _nothing_given_away(notebook: SourceNotebook) -> None:
    """No fenced line of a solution stands in a place that students see, folded answers included: they are seen later."""
    shown = defaultdict(list)
    for cell in notebook.cells:
        if cell.role in STAFF_ONLY or cell.role is Role.ANSWER:
            continue
        text = fences.with_stubs(cell.source, "q") if cell.role is Role.SOLUTION else cell.source
        lines = [_bare(line) for line in text.split("\n")]
        for number, line in enumerate(lines):
            shown[line].append((cell, number + 1, lines[number + 1] if number + 1 < len(lines) else ""))
    for cell in notebook.cells:
        if cell.role is Role.SOLUTION:
            for block in fences.blocks(cell.source):
                _block_is_hidden(notebook, block, shown)


def _block_is_hidden(notebook: SourceNotebook, block: str, shown) -> None:
    lines = block.split("\n")
    bare = [_bare(line) for line in lines]
    for number, line in enumerate(bare):
        if len(line) < SHORT_LINE or _COMMON.match(lines[number].strip()):
            continue
        following = bare[number + 1] if number + 1 < len(bare) else ""
        for place, within, next_line in shown.get(line, []):
            if len(line) >= LONG_LINE or (len(following) >= SHORT_LINE and next_line == following):
                problem = f"the cell shows students a line of a solution: {lines[number].strip()!r}."
                # Of a solution cell the text with stubs was looked at, whose lines are not the file's.
                where = None if place.role is Role.SOLUTION else within
                remedy = "Write it differently there, or give students another example."
                raise _fail(notebook, problem, remedy, place.index, where)


def _bare(line: str) -> str:
    """A line without comment, blanks, `return` and the name it is assigned to: what would give it away."""
    line = re.sub(r"\s#.*$", "", line).strip().strip("`")
    line = re.sub(r"^(?:return\b|[A-Za-z_][\w, ]*=(?!=))\s*", "", line)
    return re.sub(r"\s+", "", line)

