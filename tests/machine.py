"""What some tests need of the machine that they run on; where it is missing they are skipped, and say so."""

from __future__ import annotations

import os

import pytest

from autograder.sandbox.jail import tiers

NAMESPACES = tiers.best().name == "A"
ROOT = os.geteuid() == 0

needs_namespaces = pytest.mark.skipif(not NAMESPACES, reason="this machine refuses namespaces, which the test makes")
needs_root = pytest.mark.skipif(not (ROOT and NAMESPACES), reason="needs root, and namespaces to be root in")
