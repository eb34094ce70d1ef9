"""What the library says in a student's notebook: a line or a box shown, or an error that is its message only."""

from __future__ import annotations

import sys


class CheckFailed(Exception):
    """A public check did not pass. Shows its message only: the checks' own frames would not help anybody."""

    headline = "Not yet."

    def _render_traceback_(self) -> list[str]:
        # IPython asks an exception for this before it builds a traceback.
        head, *rest = str(self).split("\n")
        return [f"\x1b[1;31m{self.headline}\x1b[0m {head}", *rest]


class ChecksMissing(CheckFailed):
    """The notebook that carries the checks was not found or holds none for the question."""

    headline = "No check was run."


def show(markup: str, plain: str) -> None:
    """HTML in a notebook, plain text elsewhere. Writes nothing to stderr: nbgrader takes that for a failure."""
    if "IPython" in sys.modules:
        from IPython import get_ipython
        from IPython.display import display

        if get_ipython() is not None:
            # Both forms in one message: a terminal or a screen reader's plain view takes the text.
            display({"text/html": markup, "text/plain": plain}, raw=True)
            return
    print(plain)


def first_line(text: str) -> str:
    """The first line of a message, which says the most."""
    return text.strip().split("\n")[0]
