"""Runs the text of a question's public checks on a namespace: under otter-grader where it is installed, else by itself."""

from __future__ import annotations

import builtins
import functools
import inspect
import types
from dataclasses import dataclass

from course_lib.failures import CHECK_FILE, OTTER_FILE, Failure, failure_of


def found_without_otter(question: str, text: str, namespace: dict) -> str:
    """What a question's checks find, "" where they pass. Never imports otter, which takes seconds.

    Args:
        text: of the checks, as the notebook's metadata holds it.
    """
    failures, _ = run(question, text, namespace, otter=False)
    return failures[0].message if failures else ""


def run(question: str, text: str, namespace: dict, *, otter: bool = True) -> tuple[list[Failure], str]:
    """Failures of a question's checks (empty: all passed) and the message of success."""
    cases = _test_cases(text)
    arguments = [n for case in cases for n in inspect.signature(case.function).parameters]
    # otter would pass None for a name that is not there, and "NoneType is not callable" helps nobody.
    missing = [n for n in dict.fromkeys(arguments) if n not in namespace]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        return [Failure(f"{' and '.join(missing)} {verb} not defined yet: run the cells above, from the top.")], ""
    try:
        errors = _errors_with_otter(question, text, namespace) if otter else _errors_alone(cases, namespace)
    except Exception:  # no otter, or one that this code does not know: what the student's code raises never comes here
        errors = _errors_alone(cases, namespace)
    message = " ".join(case.success_message for case in cases if case.success_message)
    return [failure_of(error, text) for error in errors], message


def _errors_with_otter(question: str, text: str, namespace: dict) -> list[Exception]:
    # Imported here: it takes seconds, and the notebook's first cell should not. Given the text, otter needs no file, so
    # a `tests/` folder beside the notebook (which it would prefer to the metadata) does no harm.
    from otter.nbmeta_config import NBMetadataConfig
    from otter.test_files import create_test_file

    test_file = create_test_file(OTTER_FILE, NBMetadataConfig({"OK_FORMAT": False, "tests": {question: text}}), question)
    errors: list[Exception] = []

    def remembering(function):
        # otter keeps an exception's text only; where it came from is what the student needs.
        @functools.wraps(function)
        def call(**arguments):
            try:
                function(**arguments)
            except Exception as error:
                errors.append(error)
                raise

        return call

    for case in test_file.test_cases:
        case.body.test_func = remembering(case.body.test_func)
    test_file.run(namespace)
    return errors


def _errors_alone(cases: list[_Case], namespace: dict) -> list[Exception]:
    errors = []
    for case in cases:
        try:
            case.function(**{n: namespace[n] for n in inspect.signature(case.function).parameters})
        except Exception as error:  # whatever the student's code raises is the finding
            errors.append(error)
    return errors


@dataclass(frozen=True)
class _Case:
    function: types.FunctionType
    success_message: str


def _test_cases(text: str) -> list[_Case]:
    """The decorated functions of a test file, without otter: its `test_case` is replaced while the text is executed."""
    cases: list[_Case] = []

    def test_case(name=None, points=None, hidden=False, success_message=None, failure_message=None):
        def keep(function):
            cases.append(_Case(function, success_message or ""))
            return function

        return keep

    def import_(name, *args, **kwargs):
        if name == "otter.test_files":
            return types.SimpleNamespace(test_case=test_case)
        return builtins.__import__(name, *args, **kwargs)

    exec(compile(text, CHECK_FILE, "exec"), {"__builtins__": {**vars(builtins), "__import__": import_}})
    return cases
