"""Makes this Python readable for other users, in a mount namespace of our own: it may lie where only root may enter."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

from autograder.sandbox.jail import kernel


def make_reachable() -> None:
    """Needs root and a private mount namespace. What lies beside Python in a closed folder is out of sight from then on."""
    for prefix in dict.fromkeys((sys.base_prefix, sys.prefix)):
        closed = next((p for p in [*reversed(Path(prefix).parents)] if not _open_to_all(p)), None)
        if closed is None:
            continue
        aside = tempfile.mkdtemp()
        kernel.mount(prefix, aside, "", kernel.MS_BIND | kernel.MS_REC)
        kernel.mount("tmpfs", str(closed), "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,mode=0755")
        os.makedirs(prefix)
        kernel.mount(aside, prefix, "", kernel.MS_BIND | kernel.MS_REC)
        kernel.umount(aside)
        os.rmdir(aside)


def _open_to_all(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IXOTH)
