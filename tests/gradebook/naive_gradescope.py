"""The control: what many autograders do in Gradescope's container. Run in a folder that holds source/, submission/, results/.

The upload is copied over the autograder's own files, the notebook runs where the tests do, and what it says is shown as HTML.
"""

import importlib
import os
import shutil
import sys
from pathlib import Path


def main(top: Path) -> None:
    work = top / "work"
    shutil.copytree(top / "source", work)
    for path in sorted((top / "submission").iterdir()):
        if path.is_file():
            shutil.copy(path, work / path.name)
    os.chdir(work)
    sys.path.insert(0, str(work))
    sys.modules.pop("json", None)
    importlib.import_module("json")  # whichever is found first
    sys.modules.pop("json")
    sys.path.remove(str(work))
    import json

    cells = json.loads((work / "lab.ipynb").read_text())["cells"]
    space: dict = {}
    score, said = 0, ""
    for cell in cells:
        exec(compile(cell["source"], "<cell>", "exec"), space)
    for name, factor in (("double", 2), ("triple", 3)):
        try:
            score += 2 * (space[name](1.0) == factor)
        except Exception as e:
            said += f"<p>{name}: {e}</p>"
    forged = (top / "results" / "results.json").exists()
    shown = {"score": score, "output": said, "output_format": "html"}
    (top / "results" / "own.json").write_text(json.dumps(shown))
    if not forged:
        (top / "results" / "results.json").write_text(json.dumps(shown))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
