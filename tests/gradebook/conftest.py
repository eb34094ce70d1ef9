"""Reports and downloads that other tests make are the material here, too."""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / folder) for folder in ("report", "notebook_intake", "grading")]
