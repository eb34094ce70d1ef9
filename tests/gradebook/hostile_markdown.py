"""Markdown that has a browser fetch something, or leads where only the marker may go, in every disguise we know."""

from __future__ import annotations

# What the browser asks for as soon as it shows the text, from nbconvert's own rendering: HOST is a server of the attacker's.
FETCHED = {
    "a picture": "![p](http://HOST/plain.png)",
    "an address without a protocol": "<img src='//HOST/bare.png'>",
    "a colon as a number": "<img src='http&#58;//HOST/number.png'>",
    "a colon by name": "<img src='http&colon;//HOST/name.png'>",
    "a letter as a number": "<img src='&#104;ttp://HOST/letter.png'>",
    "numbers without an end": "<img src='&#x68&#x74&#x74&#x70&#x3a//HOST/open.png'>",
    "an entity in Markdown": "![p](http&#58;//HOST/markdown.png)",
    "backslashes": r"<img src='\\HOST\back.png'>",
    "slashes of both kinds": r"<img src='/\HOST/both.png'>",
    "a tab within": "<img src='ht\ttp://HOST/tab.png'>",
    "a tab as a number": "<img src='ht&#9;tp://HOST/tab-number.png'>",
    "a line break within": "<img src='ht&NewLine;tp://HOST/line.png'>",
    "a control character in front": "<img src='&#1;http://HOST/control.png'>",
    "blanks in front": "<img src='   http://HOST/blanks.png'>",
    "a protocol without slashes": "<img src='https:HOST/none.png'>",
    "the page that ends a session": "![p](/logout)",
    "an address on this server": "<img src='api/kernels'>",
    "percent signs": "<img src='/%6cogout'>",
    "a reference": "![p][r]\n\n[r]: http&#58;//HOST/reference.png",
    "a picture in a table": "| a |\n|---|\n| <img src='http&#58;//HOST/table.png'> |",
    "a picture in a link": "[![p](http&#58;//HOST/inner.png)](https://example.org)",
    "a picture with sizes": "<img srcset='http://HOST/set.png 1x'>",
    "a background": "<div style='background:url(http://HOST/style.png)'>x</div>",
    "an old background": "<table background='http://HOST/old.png'><tr><td>x</td></tr></table>",
    "a film's poster": "<video poster='http://HOST/poster.png'></video>",
    "a style sheet": "<link rel='stylesheet' href='http://HOST/sheet.css'>",
    "a frame": "<iframe src='http://HOST/frame.html'></iframe>",
    "a picture in a drawing": "<svg><image href='http://HOST/drawing.png'/></svg>",
    "an input": "<input type='image' src='http://HOST/input.png'>",
}
# Where a click would lead: into nbgrader's own server, or to a script.
LED = {
    "the session's end": "[x](/logout)",
    "the session's end, here": "[x](http://127.0.0.1:8888/logout)",
    "a neighbour's work": "[x](../gradebook/)",
    "a host without a name": "<a href='http://localhost/formgrader'>x</a>",
    "one slash": "<a href='http:/logout'>x</a>",
    "no slash": "<a href='https:logout'>x</a>",
    "backslashes": r"<a href='\\HOST\x'>x</a>",
    "a script": "<a href='javascript:alert(1)'>x</a>",
    "a script by name": "<a href='javascript&colon;alert(1)'>x</a>",
    "a script with a tab": "<a href='java&Tab;script:alert(1)'>x</a>",
    "a page of data": "<a href='&#100;ata:text/html,<script>alert(1)</script>'>x</a>",
    "a page of data in Markdown": "[x](data&#58;text/html,y)",
    "a file": "[x](file:///etc/passwd)",
}
