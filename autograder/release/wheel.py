"""`course_lib` as a wheel, for students' editors and scripts.

Same sources, same bytes: names sorted, times fixed, nothing compressed.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping

from autograder.notebook.carried import library_version

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip file knows


def stored_zip(files: Mapping[str, bytes]) -> bytes:
    """A zip file whose bytes depend on the content only (deflate's would depend on the zlib that Python was built with)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # Unix, also where this runs on Windows: else the permissions are not read
            archive.writestr(entry, data)
    return buffer.getvalue()


def library_wheel(sources: Mapping[str, str], requirements: tuple[str, ...]) -> tuple[str, bytes]:
    """File name and content of the wheel (PEP 427).

    Args:
        sources: module name -> text (`carried.library_sources`).
        requirements: what pip installs with it.
    """
    version = library_version(dict(sources))
    files = {_path(name, sources): text.encode() for name, text in sorted(sources.items())}
    info = f"course_lib-{version}.dist-info"
    files[f"{info}/METADATA"] = _metadata(version, requirements).encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: autograder\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = f"{info}/RECORD"
    files[record] = "".join([*(_recorded(n, d) for n, d in files.items()), f"{record},,\n"]).encode()
    return f"course_lib-{version}-py3-none-any.whl", stored_zip(files)


def _path(name: str, sources: Mapping[str, str]) -> str:
    package = any(other.startswith(f"{name}.") for other in sources)
    return name.replace(".", "/") + ("/__init__.py" if package else ".py")


def _metadata(version: str, requirements: tuple[str, ...]) -> str:
    head = ["Metadata-Version: 2.1", "Name: course-lib", f"Version: {version}", "Requires-Python: >=3.11"]
    head.append("Summary: What the notebooks of the course import. They carry it themselves; installed, editors know it too.")
    return "\n".join([*head, *(f"Requires-Dist: {r}" for r in requirements)]) + "\n"


def _recorded(name: str, data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}\n"
