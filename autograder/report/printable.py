"""Text from strangers made safe to show: terminal sequences out, invisible characters visible, lengths capped.

Touches nothing and imports nothing of ours, so that the pages, the terminal tables and the intake share one rule.
Escaping for HTML is not done here: Jinja2's autoescape does it, after `printable`.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

# ECMA-48: CSI sequences; OSC, DCS, SOS, PM and APC strings up to their terminator; then any other escape sequence.
_TERMINAL = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]{0,1000}+(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"
)
# Category Cf holds the bidirectional controls (Trojan Source, CVE-2021-42574), zero-width and tag characters. The two
# joiners stay: Persian, Indic scripts and emoji need them, and they cannot reorder a line.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")
_ORDINARY = frozenset(map(chr, range(0x20, 0x7F)))
_BLANK_LETTERS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]")
# What keyboards and web pages leave in names. Not the bidirectional controls: a name with one of these is meant to deceive, and
# stays as it is, spelled out.
_BLANK = re.compile(r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u034f\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"))
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@+-]{0,79}")
_LOOKS_MANGLED = re.compile(r"-[0-9a-f]{12}$")
_MOST_MARKS = 6
LEFT_OUT = "… the middle is left out …"
_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))})


def printable(text: object, keep: str = "\n\t") -> str:
    """`text` without terminal sequences and with every invisible control character spelled out, e.g. ``\\u202e``.

    Args:
        text: anything; `str` is taken of it.
        keep: control characters that stay as they are. Line ends (CRLF, CR) become LF first.
    """
    return _spelled_out(_TERMINAL.sub("", str(text)), keep)


def _spelled_out(text: str, keep: str) -> str:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    # Nearly all text is ordinary, and is not looked at letter by letter.
    if not any(_hidden(c) or _mark(c) for c in set(plain).difference(_ORDINARY, keep)):
        return plain
    return "".join(_seen(plain, keep))


def _seen(text: str, keep: str) -> Iterator[str]:
    """Each character as it may be shown. Of marks on one letter as many as writing has: more of them smear other lines."""
    marks = 0
    for character in text:
        marks = marks + 1 if _mark(character) else 0
        shown = character in keep or not (_hidden(character) or marks > _MOST_MARKS)
        yield character if shown else _spelled(character)


def printable_code(source: str) -> str:
    """Code for whoever judges it, with all that runs: nothing is taken out, and what cannot be seen is spelled out.

    Terminal sequences are spelled, too: one may span lines, and Python runs what stands in it. So are letters that look like
    blanks, which can be names.
    """
    return _BLANK_LETTERS.sub(lambda found: _spelled(found[0]), _spelled_out(source, "\n\t"))


def one_line(text: object, limit: int = 300) -> str:
    """`printable`, on one line and at most `limit` characters."""
    flat = " ".join(printable(str(text)[: 8 * limit]).split())
    return flat if len(flat) <= limit and len(str(text)) <= 8 * limit else flat[: limit - 1] + "…"


def shorten(text: object, max_chars: int = 4000, max_lines: int = 60) -> str:
    """`printable`, the middle left out where it is longer than either limit: both ends matter."""
    # A student may return megabytes: they are cut before anything looks at each character.
    lines = printable(_without_middle(str(text), 8 * max_chars)).split("\n")
    if len(lines) > max_lines:
        head = max_lines // 3
        lines = [*lines[:head], LEFT_OUT, *lines[len(lines) - (max_lines - head) :]]
    return _without_middle("\n".join(lines), max_chars)


def _without_middle(text: str, limit: int) -> str:
    head = limit // 3
    return text if len(text) <= limit else f"{text[:head]}\n{LEFT_OUT}\n{text[len(text) - (limit - head) :]}"


def printable_name(name: str) -> str:
    r"""A file name as a printable id, one to one: bytes that are no UTF-8, control characters and `\` become escapes.

    Args:
        name: as `os.listdir` gives it, undecodable bytes as surrogates. Composed and decomposed accents become one.
    """
    whole = os.fsencode(name.replace("\\", "\\x5c")).decode("utf-8", "backslashreplace")
    return "".join(_spelled(c) if _hidden(c) or c in _JOINERS else c for c in unicodedata.normalize("NFC", whole))


def visible(name: str) -> str:
    """A name as it looks: composed, without zero-width characters, with plain single blanks."""
    return _BLANK.sub(" ", unicodedata.normalize("NFC", name.translate(_INVISIBLE))).strip()


def shown_path(path: Path) -> str:
    """A path for people: every part printable, so that it is one line and cannot steer a terminal."""
    text = os.sep.join(printable_name(part) if part != os.sep else "" for part in path.parts)
    return one_line(text, 500) or "."


def safe_name(student: str) -> str:
    """A folder or file name for a student id: ASCII, no separators, at most 93 characters, different for different ids.

    An id that is such a name already stays as it is; any other keeps what can be kept and gets twelve hex digits of its
    SHA-256. Ids that look as if they had such digits get them too, so nobody can choose another's name.
    """
    if _PLAIN_NAME.fullmatch(student) and not _LOOKS_MANGLED.search(student) and not _awkward(student):
        return student
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    kept = re.sub(r"[^A-Za-z0-9._@+-]+", "_", student)[:60].strip("._-")
    return f"{kept or 'student'}-{digest}"


def _awkward(name: str) -> bool:
    """Names that Windows reserves or trims; the staff's machine may be one."""
    return name.endswith(".") or name.split(".")[0].lower() in _RESERVED


def _mark(character: str) -> bool:
    """It is drawn over the letter before it."""
    return unicodedata.category(character) in ("Mn", "Me")


def _hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN and character not in _JOINERS


def _spelled(character: str) -> str:
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
