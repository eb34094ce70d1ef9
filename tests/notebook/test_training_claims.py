"""What a notebook says about its training runs holds for five seeds: its own cells are run with each.

One run proves little: the seed may be a lucky one. So the cell that trains is run again with other seeds, and what the text
beside it says is asserted of each.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from autograder.course import load_course
from autograder.notebook.source import load_assignment
from autograder.notebook.source_cells import GRADED, Role

COURSE = load_course(Path(__file__).resolve().parents[2])
SEEDS = range(5)


class Notebook:
    """A solved notebook whose cells are run one by one in this process."""

    def __init__(self, assignment: str):
        self._cells = [c for c in load_assignment(COURSE, assignment).cells if c.role in (*GRADED, Role.DEMO)]
        self.names: dict = {"__name__": "__main__"}

    def run_until(self, mark: str) -> None:
        """Runs all cells before the only one that holds `mark`."""
        for cell in self._cells[: self._index(mark)]:
            self._run(cell.source)

    def run(self, mark: str, replacement: str) -> None:
        """Runs the only cell that holds `mark`, with another text in its place."""
        self._run(self._cells[self._index(mark)].source.replace(mark, replacement))

    def _index(self, mark: str) -> int:
        (found,) = (i for i, cell in enumerate(self._cells) if mark in cell.source)
        return found

    def _run(self, source: str) -> None:
        exec(compile(source, "<cell>", "exec"), self.names)
        plt.close("all")


@pytest.fixture
def no_window():
    plt.switch_backend("agg")


@pytest.mark.slow
def test_training_at_the_edge_of_stability(no_window):
    """Week 4 lab, question 7: gradient descent, momentum and Adam each settle at their own edge."""
    notebook, trains, adam = Notebook("week04/lab"), "start_network(0, widths)", "both_sharpnesses = "
    notebook.run_until(trains)
    names, final = notebook.names, {0.003: [], 0.001: []}
    for seed in SEEDS:
        notebook.run(trains, f"start_network({seed}, widths)")
        assert 3.5 < names["sharpness"](names["start_w"]) < 5.5, "the network starts with a sharpness of 4 to 5"
        for run, edge in names["edges"].items():
            _, losses, sharp = names["runs"][run]
            settled = sharp[-20:] if run.endswith("0.2") else sharp[-1:]
            assert np.abs(settled / edge - 1).max() < 0.07, f"seed {seed}, {run}: within 7 % of its edge"
            assert losses[-1] < losses[-1500] < losses[100], f"seed {seed}, {run}: the loss falls over longer times"
        rises = np.mean(np.diff(names["runs"]["gradient descent, 0.2"][1]) > 0)
        assert 0.22 < rises < 0.42, f"seed {seed}: about a third of the steps go up"
        notebook.run(adam, adam)
        for eta, (_, _, measured) in names["adam_runs"].items():
            scaled, plain = eta * measured[20:, 0], measured[-1, 1]
            assert scaled.min() > 28 and scaled.max() < 43 and 34 < scaled.mean() < 39, f"seed {seed}, Adam at {eta}"
            assert 14 < plain < 23, f"seed {seed}, Adam at {eta}: the ordinary sharpness"
            final[eta].append(plain)
        assert 0.93 < names["accuracy"](names["runs"]["gradient descent, 0.2"][0]) < 0.97, "it reads 19 of 20 digits rightly"
    ratio = np.mean(final[0.001]) / np.mean(final[0.003])
    assert 1.1 < ratio < 1.3, "a third of the learning rate makes the ordinary sharpness larger by a fifth"


@pytest.mark.slow
def test_a_linear_network_learns_broad_distinctions_first(no_window):
    """Week 4 homework, 4.4: a random network, neither balanced nor aligned, follows the exact strengths all the same."""
    notebook, trains = Notebook("week04/homework"), "trained = train_linear_network(living, 1e-3, 64, times, 0)"
    notebook.run_until(trains)
    names = notebook.names
    for seed in SEEDS:
        notebook.run(trains, trains.replace("times, 0)", f"times, {seed})"))
        strengths = np.einsum("pm,tpi,mi->tm", names["U"], names["trained"], names["V"])
        halves = [np.interp(0.5, strengths[:, m] / names["s_values"][m], names["times"]) for m in (0, 1, 2, 4)]
        assert np.abs(np.array(halves) - [1.07, 1.49, 2.15, 3.45]).max() < 0.25, (
            f"seed {seed}: half of each distinction is learned"
        )


def read_at_infinite_width(names: dict) -> float:
    """Share of the new pictures that the limit of the lab's network reads, trained to the end: regression with its kernel."""
    pictures, labels = (np.asarray(names[key], np.float64) for key in ("pixels_all", "product_all"))
    cosine = np.clip(pictures @ pictures[:1000].T / 64, -1, 1)
    angle = np.arccos(cosine)
    kernel = 1 + (np.sin(angle) + (np.pi - angle) * cosine) / np.pi + (1 + cosine) * (1 - angle / np.pi)
    return np.mean(np.sign(kernel[1000:] @ np.linalg.solve(kernel[:1000], labels[:1000])) == labels[1000:])


@pytest.mark.slow
def test_two_pixels_of_sixty_four(no_window):
    """Week 5 lab, question 7: only the network with the small scale finds the pixels, and its kernel keeps them."""
    notebook, trains = Notebook("week05/lab"), "trial = 0"
    notebook.run_until(trains)
    names = notebook.names
    for seed in SEEDS:
        notebook.run(trains, f"trial = {seed}")
        rich, middle, lazy = (names["stories"][alpha][-1] for alpha in (0.1, 1.0, 20.0))
        assert min(rich[0], middle[0], lazy[0]) >= 0.98, f"seed {seed}: all read the pictures that they were trained on"
        assert rich[1] > 0.995, f"seed {seed}: the small scale reads new pictures, too"
        assert 0.67 < middle[1] < 0.83 and 0.60 < lazy[1] < 0.67, f"seed {seed}: the others do not"
        left_over = np.mean((names["scaled"](names["p"], names["x_seen"]) - names["y_seen"]) ** 2)  # the last run
        assert 0.195 < left_over < 0.275, f"seed {seed}: the large scale has a fifth to a quarter of its loss left"
        assert 0.715 < read_at_infinite_width(names) < 0.805, f"seed {seed}: nor does a fixed kernel, trained to the end"
        assert max(abs(lazy[2] - 0.05), abs(np.mean(names["guesses"]) - 0.05)) < 0.015, f"seed {seed}: aligned like random labels"
        kept, missed = names["after"][0.1], max(names["after"][1.0], names["after"][20.0])
        assert kept > 0.9 and missed < 0.6, f"seed {seed}: the last kernels"
        pixels = np.diag(names["pictures"][0.1])
        assert set(np.argsort(pixels)[-2:]) == set(names["secret"]), f"seed {seed}: the two bright pixels"
