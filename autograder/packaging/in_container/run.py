"""Started by setup.sh and run_autograder with the environment's Python: the engine is what lies beside this file."""

import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent
sys.path[:0] = [str(SOURCE / "engine"), str(SOURCE)]

from autograder.packaging.container import main  # noqa: E402

sys.exit(main(sys.argv[1:], SOURCE))
