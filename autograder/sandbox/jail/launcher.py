"""Started by the trusted process with a clean environment: builds the outer walls, becomes the warm parent inside them.

    python launcher.py TIER NEW_ROOT CONTROL_FD UID PATH...

Tier A, as an ordinary user: namespaces (user, mount, pid, net, ipc, uts) and a file tree of its own. As root the user
namespace is not needed to build the tree, and must not map root: /proc/sys asks for the real root's id, not for
capabilities. So root builds the tree and then becomes the ordinary user UID for good. Tiers B and C: nothing here.
"""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    sys.path.insert(0, here)
    from autograder.sandbox.jail import kernel, tree

    tier, new_root, control, uid, *paths = sys.argv[1:]
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    os.umask(0o022)  # what is made here (the tree, compiled programs) is for another user; ours may be stricter
    if tier == "A":
        _enter_namespaces(kernel, os.getuid(), os.getgid())
        tree.enter(new_root, [p for p in paths if not p.startswith("rw:")], [p[3:] for p in paths if p.startswith("rw:")])
    if int(uid):
        os.setgroups([])
        os.setresgid(int(uid), int(uid), int(uid))
        os.setresuid(int(uid), int(uid), int(uid))
        # Changing the user made /proc/self belong to root, and a fork could not write its own uid_map.
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
    os.set_inheritable(int(control), True)
    program = [sys.executable, "-s", "-P", "-c", _PROGRAM.format(here=here, tier=tier, control=int(control))]
    os.execve(sys.executable, program, dict(os.environ))


_PROGRAM = (
    "import sys; sys.path.insert(0, {here!r}); "
    "from autograder.sandbox.jail import parent; parent.main({tier!r}, {control})"
)


def _enter_namespaces(kernel, uid: int, gid: int) -> None:
    spaces = kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
    if uid != 0:
        spaces |= kernel.CLONE_NEWUSER
    kernel.unshare(spaces)
    if uid != 0:
        map_to_oneself(kernel, uid, gid)
    # Only children are in the new process namespace. This process stays outside as the one that the trusted side knows.
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)


def map_to_oneself(kernel, uid: int, gid: int) -> None:
    """In a new user namespace: the only user there is the one outside, under the same number."""
    kernel.write("/proc/self/setgroups", "deny")
    kernel.write("/proc/self/uid_map", f"{uid} {uid} 1")
    kernel.write("/proc/self/gid_map", f"{gid} {gid} 1")


if __name__ == "__main__":
    main()
