"""What can go wrong through student code, in its process or by what it raises.

All of it derives from BaseException, so that no `except Exception` of a test swallows it; a fault of ours is none of it.
"""

from __future__ import annotations

from autograder.errors import GraderFault


class JailError(BaseException):
    """Student code did something that ended its process. `str()` is what the student reads."""

    kind = "crash"


class DeadlineExceeded(JailError):
    """A cell or call took longer than it may."""

    kind = "deadline"


class MemoryExceeded(JailError):
    """The process used more memory than it may."""

    kind = "memory"


class CpuExceeded(JailError):
    """A cell, a call or the submission used more processor time than it may."""

    kind = "cpu"


class DiskExceeded(JailError):
    """More, or larger, files were written than may be."""

    kind = "disk"


class ThreadsExceeded(JailError):
    """More threads were started than may be."""

    kind = "threads"


class JailDied(JailError):
    """The process ended by itself: `os._exit`, a segmentation fault, a kill by a limit."""


class BadReply(JailError):
    """What came back is no valid reply: too large, malformed, or not an answer to the request."""

    kind = "reply"


class Tampered(BadReply):
    """What came over the connection was not written by the host: who wrote it is not known, so a fresh jail may be asked."""


class ProbeFault(GraderFault):
    """The jail says that it could not decode a request of ours. Student code may say so too: see `Workspace.request`."""


class StudentError(BaseException):
    """The student's code raised. Not an Exception: a test asks for wanted errors by `student.raises`.

    Attributes:
        kinds: names of the exception's class and its bases (the student's words).
        message, trace: text, untrusted.
        library: what XLA said, where it failed inside itself; "" otherwise.
    """

    def __init__(self, kinds: tuple[str, ...], message: str, trace: str, library: str = ""):
        self.kinds, self.message, self.trace, self.library = kinds, message, trace, library
        super().__init__(f"{kinds[0]}: {message}" if message else kinds[0])

    @property
    def unsolved(self) -> bool:
        """Whether this is the stub's own exception."""
        return "NotImplementedError" in self.kinds


class NameMissing(StudentError):
    """The notebook defines no such name."""

    def __init__(self, name: str):
        super().__init__(("NameError",), f"the notebook does not define `{name}`", "")
        self.name = name


class NothingRaised(StudentError):
    """`student.raises` asked for an error that did not come."""

    def __init__(self, wanted: str):
        super().__init__(("AssertionError",), f"no {wanted} was raised", "")
        self.wanted = wanted
