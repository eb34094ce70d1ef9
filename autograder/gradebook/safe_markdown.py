"""Markdown of students and comments as HTML that cannot run in the browser of whoever marks it.

nbgrader's formgrader and feedback pages put raw HTML of Markdown cells into the page as it is: a script in an answer would
run with the rights of the person who opens it, next to gradebook and hidden tests. The course's nbgrader_config.py
puts this filter in place of nbconvert's. Mathematics stays: it is text until MathJax finds it.

Nothing is fetched when such a page is opened. Pictures are those that the cell itself holds; any other address, on another host
or on this one (`/logout`), would be asked for at once. Addresses are judged as the browser reads them, by one allow-list.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from bleach.css_sanitizer import CSSSanitizer
from bleach.sanitizer import Cleaner
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

TAGS = frozenset(
    "a abbr b blockquote br caption center code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd "
    "li mark ol p pre s samp small span strong sub summary sup table tbody td tfoot th thead tr tt u ul var".split()
)
_EVERYWHERE = frozenset("align title lang dir".split())
_OF_TAG = {
    "img": frozenset({"alt", "height", "width"}),
    "ol": frozenset({"start"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan"}),
}
# SVG can hold scripts.
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*", re.IGNORECASE | re.ASCII)
# Whole addresses of hosts in the public net: one without a host would lead to nbgrader's own server, with the reader's rights.
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}"
_LINK = re.compile(
    rf"https?://{_HOST}(?::\d+)?(?:[/?#][!-\[\]-~]*)?|mailto:[\w.+-]+@{_HOST}|#[\w.-]*", re.IGNORECASE | re.ASCII
)
_STYLE = re.compile(r"(?:\s*(?:text-align|vertical-align|width)\s*:\s*[\w.%-]+\s*;?)*", re.ASCII)
# Pygments' classes, and no others: formgrader finds its score boxes by class and id.
_CLASS = re.compile(r"highlight|[a-z]{1,2}[0-9]?")
_CSS = CSSSanitizer(allowed_css_properties=["text-align", "vertical-align", "width"])


class _Attachments(dict):
    """Pictures pasted into a cell, by name. One that is missing is shown as missing: nbconvert would refuse the page."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> dict[str, str]:
        return {"image/png": ""}


@pass_context
def markdown2html(context: Context, source: str) -> str:
    """Markdown as sanitised HTML: nbconvert's own rendering, cleaned."""
    cell = context.get("cell", {})
    renderer = IPythonRenderer(escape=False, attachments=_Attachments(cell.get("attachments", {})), exclude_anchor_links=True)
    protocols = ["http", "https", "mailto", "data"]
    cleaner = Cleaner(tags=TAGS, attributes=_allowed, protocols=protocols, css_sanitizer=_CSS, filters=[_LeaveQuietly])
    return cleaner.clean(MarkdownWithMath(renderer=renderer).render(source))


def _allowed(tag: str, name: str, value: str) -> bool:
    # As the browser will read it; what is behind further layers (percent signs, a second `&amp;`) is then no whole address.
    plain = html.unescape(value)
    if tag == "img" and name == "src":
        return _PICTURE.fullmatch(plain) is not None
    if tag == "a" and name == "href":
        return _LINK.fullmatch(plain) is not None
    if name == "class":
        return _CLASS.fullmatch(plain) is not None
    if name == "style":
        return tag in {"td", "th", "div"} and _STYLE.fullmatch(plain) is not None
    return name in _EVERYWHERE or name in _OF_TAG.get(tag, ())


class _LeaveQuietly:
    """Has links open apart: whoever they lead to learns nothing of the page, and gets no hold of it."""

    def __init__(self, source):
        self._source = source

    def __iter__(self) -> Iterator[dict]:
        for token in self._source:
            if token.get("name") == "a" and (None, "href") in (token.get("data") or {}):
                token["data"] |= {(None, "rel"): "noopener noreferrer", (None, "target"): "_blank"}
            yield token
