"""Everything that a hidden suite imports from us: `from autograder.testing import assert_close, question, ...`.

What each name means to an author stands in docs/authoring.md.
"""

from autograder.grading.assertions import Mismatch, as_array, assert_close, require
from autograder.grading.chance import not_by_chance
from autograder.grading.decorators import fixed_inputs, fresh_state, gated, question, reference, weight
from autograder.grading.traps import tilted
from autograder.sandbox.probes import sendable
from autograder.sandbox.remote import Handle, asked, raw
from autograder.sandbox.wire import PrngKey, Record

__all__ = [
    "Handle", "Mismatch", "PrngKey", "Record", "as_array", "asked", "assert_close", "fixed_inputs", "fresh_state", "gated",
    "not_by_chance", "question", "raw", "reference", "require", "sendable", "tilted", "weight",
]  # fmt: skip
