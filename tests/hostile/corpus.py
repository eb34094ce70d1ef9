"""The whole corpus, in the order of its classes."""

from __future__ import annotations

from attacks_channels import CHANNELS
from attacks_exhaust import ESCAPE, EXHAUST, OUTLIVE, POISON
from attacks_forge import FORGE
from attacks_read import READ
from attacks_second_look import SECOND_LOOK
from attacks_smuggle import SMUGGLE
from records import Attack

CORPUS: tuple[Attack, ...] = (*READ, *FORGE, *EXHAUST, *OUTLIVE, *ESCAPE, *POISON, *SMUGGLE, *SECOND_LOOK, *CHANNELS)
SAMPLE: tuple[Attack, ...] = tuple(a for a in CORPUS if a.sample)

# A right notebook, as a neighbour's and as the solution: what an attacker would like to have.
_RIGHT = (
    "import numpy as np\n# neighbour-marker-0000cccc",
    "def double(x):\n    return 2 * np.asarray(x)",
    "def triple(x):\n    return 3 * np.asarray(x)",
    "def refuse(x):\n    raise ValueError('no')",
)


def neighbour() -> str:
    """The notebook of somebody who has everything right, as JSON."""
    import json

    cells = [{"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": c} for c in _RIGHT]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells})
