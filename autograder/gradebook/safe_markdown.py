"""Markdown of students and comments as HTML that cannot run in the browser of whoever marks it.

nbgrader's formgrader and feedback pages put raw HTML of Markdown cells into the page as it is: a script in an answer would
run with the rights of the person who opens it, next to gradebook and hidden tests. The course's nbgrader_config.py
puts this filter in place of nbconvert's. Mathematics stays: it is text until MathJax finds it.
"""

from __future__ import annotations

import re

import bleach
from bleach.css_sanitizer import CSSSanitizer
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
# A picture from elsewhere would tell its server who reads which submission when; SVG can hold scripts.
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,|(?!//)[^:?#]*(?:[?#]|\Z)", re.IGNORECASE)
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
    html = MarkdownWithMath(renderer=renderer).render(source)
    return bleach.clean(
        html, tags=TAGS, attributes=_allowed, protocols=["http", "https", "mailto", "data"], css_sanitizer=_CSS
    )


def _allowed(tag: str, name: str, value: str) -> bool:
    if tag == "img" and name == "src":
        return _PICTURE.match(value.strip()) is not None
    if tag == "a" and name == "href":
        return not value.strip().lower().startswith("data:")
    if name == "class":
        return _CLASS.fullmatch(value) is not None
    return name in _EVERYWHERE or name in _OF_TAG.get(tag, ()) or (name == "style" and tag in {"td", "th", "div"})
