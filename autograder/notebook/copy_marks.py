"""Marks that programs and people put into a file's name when it is not the first of its kind: "Copy of", " (2)", "_final".

Four kinds, from the surest to the least sure; what each is taken for is told in `autograder.notebook.naming`:

* copies: what operating systems, browsers, cloud drives and editors write, each in the user's language (Google Drive's "Kopie
  von", Windows' " - Copy", macOS's " copy 2", GNOME's " (another copy)", Jupyter's "-Copy1" and "-checkpoint"), and what they
  write when two machines changed one file (Dropbox, Nextcloud, Syncthing, Seafile, Synology, OneDrive);
* versions: what people write ("_final_v2");
* numbers and names of computers (iCloud's " 2", OneDrive's "-MYLAPTOP"): as likely a part of an id;
* a number behind a hyphen or an underscore: more often a part of an id.

Pure functions of text.
"""

from __future__ import annotations

import enum
import re


class Mark(enum.IntEnum):
    """How sure it is that something in a name is no part of an id, the surest first."""

    COPY = 0
    VERSION = 1
    GUESS = 2
    NUMBER = 3


_MOST = 300  # a longer name is nobody's; the bound keeps a hostile one cheap
# "copy" as programs write it: alone behind the name, or with a preposition before it.
_COPY = (
    r"cop(?:y|ies?|ia)|c[oòó]pia|kopi(?:[eaoj]|ja|ya)?|k[oó]pia|kopya(?:s[ıi])?|koopia|m[aá]solata?|duplicate|duplikat|doublon"
    r"|ко[пП]и[яею]|копі[яї]|αντ[ιί]γραφ[οή]|salinan|b[aả]n sao|สำเนา|עותק|نسخة|checkpoint"
)
_COPY_ASIAN = r"のコピー|コピー|的副本|的拷贝|的複本|的复制|副本|拷贝|複本|複製|复制|의 ?사본|사본|복사본"
_OF = (
    r"of|von|vom|van|de|del|della|di|da|do|du|d['’]|av|af|a|na|pentru|souboru|tiedostosta|kohteesta|c[uủ]a|của|ของ|من|של|του"
)  # fmt: skip
# Languages that write "copy" before a name without a preposition.
_COPY_BARE = r"kopia|kopie|kopija|kópia|kopio:?|копи[яе]|копія|αντίγραφο|salinan"
_CONFLICT = (
    r"(?:sf|sync[-_ ]?)?conf(?:l[ai]c?t\w*|lit\w*)|in konflikt\w*|konflikt\w*|ristirii\w*|конф[лі]\w*|çakış\w*|ütköz\w*|σύγκρουση"
    r"|冲突\w*|衝突\w*|競合\w*|충돌\w*|selective sync|unicode encoding"
)
_SAVED = r"auto-?saved?|recovered|restored|wiederhergestellt|récupéré\w*|recuperado"
_SEP = r"[\s_.\u2010-\u2015-]+"
_DATE = r"(?:19|20)\d\d-\d\d-\d\d"

_FRONT = re.compile(
    rf"(?:(?:{_COPY})(?:\s*\(\d{{1,3}}\))?(?:{_SEP}(?:{_OF})(?:{_SEP}|(?<=['’]))|\s[-–—]\s)|(?:{_COPY_BARE}){_SEP}|(?:{_COPY_ASIAN})(?:{_SEP})?)(?=.*\w)",
    re.IGNORECASE,
)
_NUMBER = r"(?:[\s_-]?\d{1,3}|\s*\(\d{1,3}\))?"
_BACK = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"[\s_]*[(（\[]\s*\d{1,3}\s*[)）\]]$",
        # Anything in brackets that speaks of a copy or a conflict, in any language known here; or a date alone.
        rf"[\s_]*[(（\[][^()（）\[\]]*(?:\b(?:{_COPY}|{_CONFLICT}|{_SAVED})\b|{_COPY_ASIAN}|冲突|衝突|競合|충돌)[^()（）\[\]]*[)）\]]$",
        rf"[\s_]*[(（\[]\s*{_DATE}[\d\s_T.:-]*[)）\]]$",
        rf"{_SEP}(?:(?:another|weitere|autre|otra|altra|\d{{1,2}}(?:st|nd|rd|th|e|\.))[\s_])?(?:{_COPY}){_NUMBER}$",
        rf"(?:{_SEP})?(?:{_COPY_ASIAN}){_NUMBER}$",
        rf"{_SEP}(?:{_COPY}){_SEP}(?:{_OF})$",  # "Jane Doe - Copy of lab", without its lab
        # Synology's and ownCloud's forms, Syncthing's, and Dropbox's without its brackets, which some platforms take away.
        r"_[^_\s]{1,40}_[A-Za-z]{3}-\d\d-\d{4,6}-\d{4}_Conflict$",
        rf"{_SEP}(?:[\w'’]+s{_SEP})?(?:{_CONFLICT})(?:{_SEP}[\w\s.'’@-]*)?$",
        r"-(?:DESKTOP|LAPTOP|WIN)-[A-Z0-9]{4,15}$",
        r"~\d{0,2}$",
    )
)
_VERSION = re.compile(
    rf"{_SEP}(?:(?:final)+(?:e|ly|version)?[\s_-]?\d{{0,2}}|v(?:ers?(?:ion|ión|ione)?)?[\s_.-]?\d{{1,2}}(?:\.\d{{1,2}})?|version"
    r"|rev(?:ision)?[\s_.-]?\d{1,2}|draft|entwurf|fixed|corrected|korrigiert|corrig[eé]e?|updated?|resubmi(?:t|tted|ssion)"
    r"|submi(?:t|tted|ssion)|abgabe|endg(?:u|ü|ue)ltig|endversion|endfassung|fertig|finished|definiti(?:f|ve|vo|va)|backup|bak|te?mp|autosave|orig"
    r"|最终版?|最終版?|定稿|修改版?|终版"
    rf"|{_DATE}(?:[\s_T-]\d\d[-.:_]?\d\d(?:[-.:_]?\d\d)?)?)$"
    r"|[\s_]*\((?:final(?:[\s_]version)?|v\d{1,2}|draft|fixed|updated|neu|new|old|alt|nueva?|nouveau)\)$",
    re.IGNORECASE,
)
_GUESS = (
    re.compile(r"\s\d{1,2}$"),
    re.compile(
        rf"{_SEP}(?:new|neu|nuev[oa]|nouveau|latest|last|letzte|really|very|old|alt|done|edit(?:ed)?|solved|solution|completed?)"
        r"\d{0,2}$",
        re.IGNORECASE,
    ),
    re.compile(r"(?<=[a-z0-9])[-_][A-Z0-9][A-Z0-9-]{2,14}$"),
    re.compile(
        r"-[\w-]*(?:macbook(?: [\w ]*)?|imac|mbp|mba|ipad|laptop|pc|desktop|surface|thinkpad|computer)[\w-]*$", re.IGNORECASE
    ),
)
_HYPHEN_NUMBER = re.compile(r"[-_]\d{1,3}$")
_QUOTED = re.compile(r"^[“”„‟\"«»「」『』‹›'](.*\w.*)[“”„‟\"«»「」『』‹›']$", re.DOTALL)
_GUESS_FRONT = re.compile(r"final[\s_-]+(?=\w)", re.IGNORECASE)


def without_mark(name: str, most: Mark = Mark.COPY) -> tuple[str, str, Mark] | None:
    """A name without its outermost mark: (the rest, the mark, its kind); None if it has none as sure as `most`."""
    if len(name) > _MOST:
        return None
    if front := _FRONT.match(name):
        return _rest(name[front.end() :]), front.group().strip(" _-"), Mark.COPY
    kinds = ((Mark.COPY, _BACK), (Mark.VERSION, (_VERSION,)), (Mark.GUESS, _GUESS), (Mark.NUMBER, (_HYPHEN_NUMBER,)))
    for kind, patterns in kinds:
        if kind > most:
            break
        for pattern in patterns:
            if (back := pattern.search(name)) and re.search(r"\w", name[: back.start()]):
                return _rest(name[: back.start()]), back.group().strip(" _"), kind
        if kind is Mark.GUESS and (front := _GUESS_FRONT.match(name)):
            return _rest(name[front.end() :]), front.group().strip(" _-"), kind
    return None


def _rest(name: str) -> str:
    bare = name.strip(" ").rstrip("_.- ")
    quoted = _QUOTED.match(bare)
    return (quoted[1].strip(" ") if quoted else bare) or name.strip(" ")


def copy_number(stem: str) -> int:
    """0 for an original; orders copies made in the same second."""
    found = without_mark(stem, Mark.NUMBER)
    if found is None:
        return 0
    digits = re.findall(r"\d+", found[1])
    return int(digits[-1]) if digits and max(map(len, digits)) <= 3 else 1  # longer ones are of a date
