"""What to do on a machine whose isolation is not the best: the one step that fits it, found by looking, in words to follow."""

from __future__ import annotations

import os
from pathlib import Path

# The environment that `make install` made on this system is of no use there, and must not be overwritten from there.
_LINUX_IN_A_BOX = (
    "`docker run --rm -it --privileged -v \"$PWD\":/course -v /course/.venv -v /course/.tools -w /course python:3.12 bash` "
    "(Docker Desktop), or a virtual machine (`brew install lima && limactl start && limactl shell default`); there "
    "`make install`, and then the same commands"
)


def other_system() -> str:
    """For macOS and Windows."""
    return f"grade on Linux: on your own computer {_LINUX_IN_A_BOX}"


def no_namespaces() -> str:
    """For Linux where an ordinary program may not make namespaces: by what forbids it here."""
    if in_container():
        return (
            "start the container with `--privileged`, or with `--cap-add SYS_ADMIN --security-opt seccomp=unconfined "
            "--security-opt apparmor=unconfined` (where you cannot, as on Gradescope, this is the best there is)"
        )
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1":  # Ubuntu 23.10 and later
        return "`sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0` (to keep it: a file in /etc/sysctl.d)"
    if _setting("kernel/unprivileged_userns_clone") == "0":  # Debian's switch
        return "`sudo sysctl -w kernel.unprivileged_userns_clone=1` (to keep it: a file in /etc/sysctl.d)"
    if _setting("user/max_user_namespaces") == "0":  # RHEL's way of switching them off
        return "`sudo sysctl -w user.max_user_namespaces=10000` (to keep it: a file in /etc/sysctl.d)"
    return "ask who runs this machine to allow unprivileged user namespaces, or grade on one where you are root"


def in_container() -> bool:
    """Whether this looks like the inside of a container."""
    marks = ("/.dockerenv", "/run/.containerenv", "/run/systemd/container")
    return any(os.path.exists(m) for m in marks) or b"container=" in _environment_of_init()


def _environment_of_init() -> bytes:
    try:
        return Path("/proc/1/environ").read_bytes()
    except OSError:
        return b""


def _setting(name: str) -> str:
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return ""
