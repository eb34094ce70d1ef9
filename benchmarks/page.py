"""What was measured, as a table in the terminal, and as docs/benchmark.md with its plot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_TOOLS = {"ours": "`autograder grade`", "nbgrader": "`nbgrader autograde`", "otter": "`otter run`"}
_LABS = {"": "three questions", "_full": "week 3 lab"}
_GOALS = {
    "ratio_nbgrader": (">=", 12, "times nbgrader's throughput, three questions"),
    "ratio_otter": (">=", 30, "times otter's throughput, three questions"),
    "ratio_nbgrader_full": (">=", 8, "times nbgrader's throughput, week 3 lab"),
    "ratio_otter_full": (">=", 20, "times otter's throughput, week 3 lab"),
    "cpu_over_floor": ("<=", 1.5, "CPU of a submission over the floor's, JAX and Python as they come"),
    "cpu_over_tuned_floor": ("<=", 1.5, "CPU of a submission over the floor's, with our jails' settings"),
    "per_submission_1000_over_100": ("<=", 1.1, "time per submission, class of 1,000 over class of 100"),
    "peak_gib": ("<=", 3.0, "GiB, the most that the whole grader held"),
    "regrade_1000_s": ("<=", 15, "s to regrade 1,000 unchanged submissions"),
    "build_all_s": ("<=", 10, "s to build every week"),
    "help_s": ("<=", 0.3, "s for `autograder --help`"),
}


def table(found: dict[str, Any]) -> str:
    """The figures as Markdown tables, which read well in a terminal too."""
    return "\n\n".join(part for part in (_compared(found), _classes(found), _goals(found)) if part)


def _compared(found: dict[str, Any]) -> str:
    rows = ["| lab | tool | wall s | CPU s | peak GiB | times slower | times slower, per core | submissions |",
            "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for suffix, lab in _LABS.items():
        for name, tool in found.get(f"tools{suffix}", {}).items():
            slower, per_core = found.get(f"ratio_{name}{suffix}", 1), found.get(f"ratio_{name}_cpu{suffix}", 1)
            rows.append(
                f"| {lab} | {_TOOLS[name]} | {tool['wall_s']:.2f} | {tool['cpu_s']:.2f} | {tool['peak_gib']:.2f} | {slower:g} "
                f"| {per_core:g} | {tool['submissions']} |"
            )
    return "\n".join(rows) if len(rows) > 2 else ""


def _classes(found: dict[str, Any]) -> str:
    if "classes" not in found:
        return ""
    rows = ["| class | wall s a submission | each further one | CPU s a submission | peak GiB |", "|---|---|---|---|---|"]
    for c in found["classes"]:
        further = f"{c['further_wall_s']:.3f}" if c["further_wall_s"] else ""
        rows.append(f"| {c['size']:,} | {c['wall_s']:.3f} | {further} | {c['cpu_s']:.3f} | {c['peak_gib']:.2f} |")
    rows.append(f"| the floor, as JAX and Python come | | | {found['floor_cpu_s']:.3f} | |")
    rows.append(f"| the floor, with our jails' settings | | | {found['tuned_floor_cpu_s']:.3f} | |")
    return "\n".join(rows)


def _goals(found: dict[str, Any]) -> str:
    rows = ["| | measured | wanted | |", "|---|---|---|---|"]
    for key, (sign, bound, words) in _GOALS.items():
        if key in found:
            met = found[key] >= bound if sign == ">=" else found[key] <= bound
            rows.append(f"| {words} (`{key}`) | {found[key]:g} | {sign} {bound:g} | {'' if met else 'missed'} |")
    if "cache_hit_rate" in found:
        rows.append(f"| compilations that the cache answered (`cache_hit_rate`) | {found['cache_hit_rate']:.1%} | | |")
    return "\n".join(rows)


def _agreement(found: dict[str, Any]) -> str:
    wrong = [*found["disagreements"], *found["disagreements_full"]]
    return "they agree on every submission" if not wrong else "THEY DIFFER: " + "; ".join(wrong)


def write(found: dict[str, Any], docs: Path) -> None:
    """docs/benchmark.md and docs/images/benchmark.png."""
    machine = found["machine"]
    programs = ", ".join(f"{n} of `{q}`" for q, n in found["programs_per_question"].items())
    text = f"""# How fast it is

Written by `make bench`; edit benchmarks/page.py, not this file. Measured on {machine["cores"]} cores ({machine["processor"]}) in
{found["seconds"] / 60:.0f} minutes, load {machine["load_before"]} before.

![Seconds per submission, and memory over time](images/benchmark.png)

## Side by side

The same submissions, right and partly wrong, and the same hidden checks, by turns in one run; the three scores are compared
({_agreement(found)}). Figures are medians per submission. "Times slower" is wall time against ours, which uses all cores;
"per core" compares CPU seconds of all processes together.

{_compared(found)}

* Hidden checks: the same suite file. Under nbgrader each test is a locked test cell, under otter a hidden test case; both call
  the test in the student's kernel, with `student` standing for the notebook's namespace (benchmarks/beside.py). Ours
  runs it in a process of its own, with the student's code in a jail.
* Demonstrations and public checks are removed for all three; bytecode is compiled for all. Cells run once in each tool.
* `nbgrader autograde` grades everything by one command: its start ({_TOOLS["nbgrader"]} for a student who is not there) is
  subtracted. `otter run` is one command per submission. Ours is one command with its start included.
* Neither of the other two keeps compiled programs or grades two submissions at a time. JAX and Python run in them as
  they come; in our jails XLA skips the optimisation of machine code, which programs that run once do not pay for, and Python
  looks for garbage less often.

## Class size

Distinct submissions of the three-question lab: combinations of {programs} (solution, other right answers, wrong answers, mutants;
no two with the same syntax tree). Of each question six students in ten have a right program. One run of the command for each
size, its start and all reports included; "each further one" is what the submissions beyond the next smaller class took.

{_classes(found)}

The floor (benchmarks/floor.py) runs the same cells and calls in a bare fork of a warm process: no jail, no proxy, no tests, no
reports. It is the mean of {found["floor_submissions"]} submissions drawn from the largest class. CPU over floor sets all CPU
seconds of the largest run, start included, against it. There are two floors: JAX and Python as they come, with a cache that
they filled from the same right answers; and with our jails' flags for XLA, garbage collection and cache. The first tells what
grading costs over running the code; the second what is left of that to gain. Of all compilations of the second, the cache
answered {found["cache_hit_rate"]:.1%}; the rest are programs that only this student's mistake asks for.

## Against what was wanted

{_goals(found)}

Filling the cache once took {found["warm_s"]:.0f} s (three questions) and {found["warm_full_s"]:.0f} s (week 3 lab);
`autograder verify --sample` of the three-question lab {found["verify_sample_s"]:.0f} s.
"""
    (docs / "benchmark.md").write_text(text)
    _plot(found, docs / "images" / "benchmark.png")


def _plot(found: dict[str, Any], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    fig, (bars, sizes, memory) = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
    colors = {"ours": "#2a6f97", "nbgrader": "#c9ada7", "otter": "#9a8c98"}
    for place, (suffix, _lab) in enumerate(_LABS.items()):
        for shift, name in enumerate(_TOOLS):
            seconds = found[f"tools{suffix}"][name]["wall_s"]
            bar = bars.bar(place + 0.27 * (shift - 1), seconds, 0.25, color=colors[name], label=name if not place else None)
            bars.bar_label(bar, [f"{seconds:.1f}" if seconds >= 1 else f"{seconds:.2f}"], fontsize=8)
    bars.set(yscale="log", ylabel="seconds per submission (wall)", title="Side by side, two labs")
    bars.set_xticks(range(len(_LABS)), list(_LABS.values()))
    bars.margins(y=0.15)
    bars.legend(frameon=False, fontsize=8)
    x = [c["size"] for c in found["classes"]]
    sizes.plot(x, [c["wall_s"] for c in found["classes"]], "o-", color=colors["ours"], label="wall")
    sizes.plot(x, [c["cpu_s"] for c in found["classes"]], "s--", color="#e07a5f", label="CPU, all processes")
    sizes.axhline(found["floor_cpu_s"], color="black", linewidth=1, linestyle=":", label="the floor (CPU)")
    sizes.axhline(found["tuned_floor_cpu_s"], color="gray", linewidth=1, linestyle=":", label="with our settings")
    sizes.set(xscale="log", xlabel="class size", ylabel="seconds per submission", title="Cost against class size", ylim=(0, None))
    sizes.set_xticks(x, [f"{n:,}" for n in x])
    sizes.minorticks_off()
    sizes.legend(frameon=False, fontsize=8)
    times, gib = zip(*found["classes"][-1]["memory"], strict=True)
    memory.plot([t / 60 for t in times], gib, color=colors["ours"])
    memory.set(xlabel="minutes", ylabel="GiB, all processes", title=f"Memory, class of {x[-1]:,}", ylim=(0, None))
    for ax in (bars, sizes, memory):
        ax.spines[["top", "right"]].set_visible(False)
    fig.savefig(path, dpi=120)
    plt.close(fig)
