"""PUBLIC: the house style of the course's figures: measurements in colour, theory in dashed black on top of them.

A typical figure:

    fig, (left, right) = panels(2)
    left.plot(depth, measured, color=COLORS[0], label="measured")
    theory(left, depth, predicted, label=r"theory: $2^{-\\ell}$")
    finish(left, "Signal through depth", "layer", "mean square", yscale="log")
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Array, Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito (2008), Color Universal Design: told apart by colour-blind readers, and in grey when printed.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
THEORY = "#1a1a1a"

_STYLE = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.labelsize": 10,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.8,
    "font.size": 10,
    "figure.dpi": 110,
}


@contextlib.contextmanager
def _house_style() -> Iterator[None]:
    # Not `plt.rc_context`: the first figure of a notebook loads the backend, which switches Jupyter's display on in
    # rcParams, and restoring all of them would switch it off again: no later figure would be shown.
    before = {name: plt.rcParams[name] for name in _STYLE}
    plt.rcParams.update(_STYLE)
    try:
        yield
    finally:
        plt.rcParams.update(before)


def panels(count: int = 1, width: float = 4.8, height: float = 3.4, **subplots) -> tuple[Figure, np.ndarray | Axes]:
    """A row of `count` axes in the house style.

    Args:
        count: number of axes side by side.
        width, height: of one axes, in inches.
        **subplots: passed to `matplotlib.pyplot.subplots`, e.g. `sharey=True`.

    Returns:
        The figure, and its axes: one `Axes` if `count` is 1, else an array of them.
    """
    with _house_style():
        return plt.subplots(1, count, figsize=(width * count, height), layout="constrained", **subplots)


def theory(ax: Axes, x, y, label: str | None = None) -> None:
    """Lay a prediction over the measurements: dashed, black, on top of everything else.

    Args:
        ax: where.
        x, y: arrays of equal length, or anything `Axes.plot` takes.
        label: for the legend; several predictions of one kind need only one.
    """
    ax.plot(x, y, color=THEORY, linestyle=(0, (4, 2)), linewidth=1.3, zorder=5, label=label)


def finish(ax: Axes, title: str, xlabel: str, ylabel: str, legend: bool = True, **properties) -> None:
    """Title, labels and legend in one call.

    Args:
        ax: where.
        title, xlabel, ylabel: texts; units belong in the labels.
        legend: draw one if anything in `ax` has a label.
        **properties: passed to `Axes.set`, e.g. `yscale="log"`, `ylim=(0, 1)`.
    """
    with _house_style():
        ax.set(xlabel=xlabel, ylabel=ylabel, **properties)
        ax.set_title(title)
        if legend and ax.get_legend_handles_labels()[1]:
            ax.legend(frameon=False)


def digit_gallery(images: Float[Array, "count 64"], captions: Sequence[str], columns: int = 8) -> Figure:
    """Small pictures of digits in rows, a caption over each.

    Args:
        images: one flattened 8 x 8 image per row, pixels in [0, 1] (`course_lib.data.digits`).
        captions: one per image.
        columns: pictures per row.

    Raises:
        ValueError: not as many captions as images, or no image at all.
    """
    pictures = np.asarray(images).reshape(-1, 8, 8)
    if len(pictures) != len(captions) or not len(pictures):
        raise ValueError(f"{len(pictures)} images but {len(captions)} captions: give one each, at least one")
    rows = -(-len(pictures) // columns)
    fig, axes = plt.subplots(rows, columns, figsize=(1.15 * columns, 1.4 * rows), layout="constrained", squeeze=False)
    for ax in axes.flat:
        ax.axis("off")
    for ax, picture, caption in zip(axes.flat, pictures, captions, strict=False):
        ax.imshow(picture, cmap="gray_r", vmin=0, vmax=1)
        ax.set_title(caption, fontsize=9)
    return fig
