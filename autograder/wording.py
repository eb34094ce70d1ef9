"""Words for numbers, and the few marks of Markdown that authors use in a line of text. Imports nothing of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MARKS = re.compile(
    r"`(?P<code>[^`\n]{1,200})`"
    r"|(?<![\w*])\*\*(?P<strong>[^\s*](?:[^*\n]{0,200}[^\s*])?)\*\*(?![\w*])"
    r"|(?<![\w*])\*(?P<em>[^\s*](?:[^*\n]{0,200}[^\s*])?)\*(?![\w*])"
)


def counted(count: int, noun: str, plural: str = "") -> str:
    """E.g. "1 entry", "3 entries", "0 submissions".

    Args:
        plural: where it is not `noun` with an s.
    """
    return f"{count} {noun if count == 1 else plural or noun + 's'}"


def marked(text: str) -> Iterator[tuple[str, str]]:
    """An author's line of Markdown in pieces: (kind, text), the kind being "", "code", "strong" or "em"."""
    at = 0
    for match in _MARKS.finditer(text):
        if match.start() > at:
            yield "", text[at : match.start()]
        yield match.lastgroup or "", match[match.lastgroup or 0]
        at = match.end()
    if at < len(text):
        yield "", text[at:]


def unmarked(text: str) -> str:
    """The line for where there is no emphasis: `names in backticks` keep these, stars go."""
    return "".join(f"`{piece}`" if kind == "code" else piece for kind, piece in marked(text))
