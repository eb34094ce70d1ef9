"""No kernel for submissions: nbgrader without our block in nbgrader_config.py must not run student code.

Its own `autograde` executes submissions in a kernel, with the rights of the person at the terminal and the gradebook in reach.
But it first gives a submission the kernel that the gradebook has for the notebook: there it finds one that does not exist, whose
name says what to do.
"""

from __future__ import annotations

from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.platforms.nbgrader.names import NO_KERNEL


class SealKernel(NbGraderPreprocessor):
    """Behind `SaveCells` in `generate_assignment`, which has just written the notebook's own kernel into the gradebook."""

    def preprocess(self, nb, resources):
        """Leaves the notebook as it is."""
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            gradebook.update_or_create_notebook(names["notebook"], names["assignment"], kernelspec=NO_KERNEL)
        return nb, resources
