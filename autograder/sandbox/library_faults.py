"""Which errors of student code say that the numerics library failed inside itself, perhaps by the machine's fault.

The words are the student's, who can raise such an error at will. So it earns nothing and fails nobody's run: a person looks.
"""

from __future__ import annotations

# Status codes of XLA that its documentation keeps for broken promises of its own (google.rpc.Code; absl/status/status.h).
# INVALID_ARGUMENT, RESOURCE_EXHAUSTED, UNIMPLEMENTED and the like speak of the program or of its limits.
_CODES = ("INTERNAL", "UNKNOWN", "UNAVAILABLE", "DATA_LOSS")
_CLASSES = ("JaxRuntimeError", "XlaRuntimeError")
# XLA says INTERNAL, too, where Python code that it called back (jax.pure_callback) raised.
_CALLED_BACK = "CpuCallback error"
_SHOWN = 160


def library_fault(error: dict) -> str:
    """What XLA said when it failed inside itself, in one line; "" if `error` is of another kind.

    Args:
        error: an exception as a jail describes it: its kinds and message, and the exceptions that it was raised from.
    """
    kinds, causes = error.get("kinds"), error.get("causes")
    first = f"{error.get('type')}: {error.get('message')}"
    if type(kinds) is list and not set(_CLASSES).isdisjoint(str(k) for k in kinds[:20]):
        first = f"{_CLASSES[0]}: {error.get('message')}"
    behind = [str(c) for c in causes[:8]] if type(causes) is list else []
    return next((" ".join(t.split())[:_SHOWN] for t in (first, *behind) if _says_so(t)), "")


def _says_so(text: str) -> bool:
    if _CALLED_BACK in text:
        return False
    # Anywhere in it: code that catches the error and raises another one often quotes the first.
    return any(f"{name}: {code}:" in text for name in _CLASSES for code in _CODES)
