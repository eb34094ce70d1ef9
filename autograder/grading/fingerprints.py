"""What decides a grade besides the submission, as one hash per question: where it is unchanged, so is the grade.

A question's hash covers its own test classes and what all of the suite shares (imports, helpers, other module-level code), not
the classes of other questions: an edited test has only its own question graded again.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import sys
from functools import cache
from pathlib import Path

from autograder.grading.target import Target

# What a result can depend on: numbers, tests and the words on a feedback page.
_LIBRARIES = ("jax", "jaxlib", "numpy", "scipy", "optax", "ipython", "pytest")
_ENGINE = ("sandbox", "grading", "notebook", "model.py")


def question_fingerprints(target: Target) -> dict[str, str]:
    """A hash for each question that a machine marks: equal hashes and equal submissions give equal results."""
    common = _common(target)
    text = target.suite.text.decode()
    return {
        q.id: _digest(common, repr(q), repr([target.signatures.get(n) for n in q.names]), suite_part(text, q.id))
        for q in target.assignment.questions
        if not q.written
    }


def suite_part(text: str, question: str) -> str:
    """The lines of a suite that tests of `question` can depend on, without the classes of other questions.

    A class of another question stays if the rest names it (as a base class, say).
    """
    lines = text.splitlines()
    try:
        body = ast.parse(text).body
    except SyntaxError:  # collecting it will say so
        return text
    others = {node.name: node for node in body if isinstance(node, ast.ClassDef) and _question_of(node) not in ("", question)}
    kept = [node for node in body if not (isinstance(node, ast.ClassDef) and others.get(node.name) is node)]
    waiting = list(kept)
    while waiting:
        named = {n.id for n in ast.walk(waiting.pop()) if isinstance(n, ast.Name)}
        for name in sorted(named & others.keys()):
            waiting.append(others.pop(name))
    dropped = {i for node in others.values() for i in range(_first_line(node) - 1, node.end_lineno or 0)}
    return "\n".join(line.rstrip() for i, line in enumerate(lines) if i not in dropped and line.strip())


def _question_of(node: ast.ClassDef) -> str:
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "question":
            first = decorator.args[0] if decorator.args else None
            return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
    return ""


def _first_line(node: ast.ClassDef) -> int:
    return min([node.lineno, *(d.lineno for d in node.decorator_list)])


def _common(target: Target) -> str:
    """The part that all questions share: the library, the limits, the inputs' epoch, and the engine itself."""
    library = [path.read_bytes() for path in sorted(target.course_lib.rglob("*.py"))]
    policy = repr((target.id, target.limits, target.epoch, target.blocked_marking, target.assignment.x64, sorted(target.demos)))
    secret = hashlib.sha256(target.secret).hexdigest()
    return _digest(policy, secret, _engine(), *library)


@cache
def _engine() -> str:
    files = sorted(path for name in _ENGINE for path in _files(Path(__file__).parents[1] / name))
    versions = [f"{name} {importlib.metadata.version(name)}" for name in _LIBRARIES]
    return _digest(sys.version, *versions, *(path.read_bytes() for path in files))


def _digest(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def _files(part: Path) -> list[Path]:
    """The Python files of a part of the engine; one that was moved must not drop out in silence."""
    files = [part] if part.is_file() else list(part.rglob("*.py"))
    if not files:
        raise FileNotFoundError(f"{part} is listed in {__file__}, and is not there")
    return files
