"""`autograder doctor`: how well submissions are isolated here, what that is worth, what to do for more; and what a run needs."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import click

from autograder.commands.exit_status import OK, PROBLEM
from autograder.commands.options import workers as workers_option
from autograder.course import Course, find_root, load_course
from autograder.errors import CourseError
from autograder.sandbox.jail.tiers import Tier, best

_ALWAYS = (
    "Hidden tests, expected values and marks never enter the process that runs student code, and no value that comes back is "
    "taken for a verdict. "
)
_PROTECTS = {
    "A": "Student code sees a file tree of its own with Python in it and nothing else of this machine: no other files, no "
    "processes, no network. Time, memory, threads, files and output are bounded, and nothing outlives a submission.",
    "B": "Student code runs as a user of its own, new for each submission, and reaches only Python's files: no other files, no "
    "network, no new processes. Time, memory, threads, files and output are bounded, and nothing outlives a submission.",
    "C": "Student code reaches only Python's files: no other files, no network, no new processes. Time, memory, threads, files "
    "and output are bounded, and nothing outlives a submission.",
    "D": "Nothing would confine student code: it could read hidden tests, other submissions and your files, and change marks.",
}
_LACKS = {
    "A": "A hole in the Linux kernel itself. What no tier hides: the inputs of hidden tests, and compiled programs of the "
    "solution (docs/security.md).",
    "B": "One wall in place of two: student code shares this machine's table of processes and its file system, and only the "
    "kernel's filters keep it from them. Keep other secrets off a machine (or out of a container) that grades.",
    "C": "One wall in place of two, and student code runs as you: only the kernel's filters stand between it and what you may "
    "do. Grade under an account that has nothing else of value.",
    "D": "",
}
_NO_LANDLOCK = (
    " This kernel has no Landlock, so what student code may read is decided by file permissions: solutions and submissions "
    "must be closed to other users (`chmod -R o= solutions FOLDER`; grading checks it), and notebooks cannot write files."
)


def describe(tier: Tier, on_linux: bool = sys.platform == "linux") -> str:
    """The paragraphs that `doctor` prints."""
    if tier.name == "D":
        unsafe = " On trusted notebooks only, `--unsafe-no-sandbox` runs all the same, and says so." if on_linux else ""
        paragraphs = [
            f"Isolation: {tier.summary}",
            f"Hidden tests are not run on this machine, because {tier.why}. {_PROTECTS['D']} Everything else works here: "
            "building notebooks, public checks, reading results.",
            f"What to do: {tier.remedy}.{unsafe}",
        ]
    else:
        extra = _NO_LANDLOCK if tier.name == "B" and not tier.landlock else ""
        paragraphs = [
            f"Isolation: {tier.summary}",
            f"What it protects: {_ALWAYS}{_PROTECTS[tier.name]}",
            f"What it does not protect against: {_LACKS[tier.name]}{extra}",
        ]
        if tier.why:
            paragraphs.append(f"Why not more: {tier.why}. You may grade like this; for the strongest isolation: {tier.remedy}.")
    return "\n\n".join(textwrap.fill(p, 100, break_long_words=False, break_on_hyphens=False) for p in paragraphs)


@click.command()
@workers_option
def doctor(workers: int) -> None:
    """Say how well submissions are isolated on this machine, and whether it has what a run of this course needs.

    Exit status: 0 the strongest isolation and nothing to mend, 1 something is (the lines with !).
    """
    try:
        root = find_root(Path.cwd())
    except CourseError:  # outside of a course there is still the machine
        root = None
    sys.exit(_looked_at(load_course(root) if root else None, workers))


def _looked_at(course: Course | None, workers: int) -> int:
    tier = best()
    click.echo(describe(tier))
    if course is None:
        return OK if tier.name == "A" else PROBLEM
    from autograder.readiness import findings

    click.echo(f"\nWhat a run of {course.title} needs:")
    ready = True
    for found in findings(course, workers=workers):
        ready &= found.ok
        text = f"{found.about}: {found.text}"
        lines = textwrap.wrap(text, 94, break_long_words=False, break_on_hyphens=False)
        mark = click.style("ok" if found.ok else " !", fg="green" if found.ok else "red")
        click.echo(f"  {mark}  " + "\n      ".join(lines))
    return OK if ready and tier.name == "A" else PROBLEM
