"""Makes this Python and this checkout readable for other users, in a mount namespace of our own: they may lie in /root."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

from autograder.sandbox.jail import kernel

_CHECKOUT = Path(__file__).resolve().parents[2]


def make_reachable() -> None:
    """Needs root and a private mount namespace. What lies beside them in a closed folder is out of sight from then on."""
    aside = {}
    for folder in dict.fromkeys((sys.base_prefix, sys.prefix, str(_CHECKOUT))):
        closed = next((p for p in reversed(Path(folder).parents) if not _open_to_all(p)), None)
        if closed is not None:
            aside[folder] = closed, tempfile.mkdtemp()
            kernel.mount(folder, aside[folder][1], "", kernel.MS_BIND | kernel.MS_REC)
    for closed in {c for c, _ in aside.values()}:
        kernel.mount("tmpfs", str(closed), "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,mode=0755")
    for folder, (_, kept) in sorted(aside.items()):  # a checkout before the environment inside it
        os.makedirs(folder, exist_ok=True)
        kernel.mount(kept, folder, "", kernel.MS_BIND | kernel.MS_REC)
        kernel.umount(kept)
        os.rmdir(kept)


def _open_to_all(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IXOTH)
