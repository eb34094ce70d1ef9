"""Compiled programs are found again, after the course has moved too; a flag that a jaxlib does not know costs itself only."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from autograder.sandbox import stage
from autograder.sandbox.jail import tiers
from autograder.sandbox.limits import Limits
from autograder.sandbox.warm_parent import WarmParent

ROOT = Path(__file__).parents[2]
# More programs than share one context, of which a few are alike but for a shape or a constant.
PROGRAM = """
import jax, jax.numpy as jnp
events = []
jax.monitoring.register_event_listener(lambda event, **_: events.append(event.split("/")[-1]))
results = [float(jax.jit(lambda x, n=n: jnp.sin(x * n).sum() + x[0])(jnp.arange(2.0 + n % 3))) for n in range(40)]
asked, hits = events.count("compile_requests_use_cache"), events.count("cache_hits")
"""


def run(cache: Path, fill: bool) -> tuple[list[float], int, int]:
    """Results, compilations asked for, and those that the cache answered, in a jail with `cache`."""
    ready = stage.prepare(ROOT / "build", ROOT / "course_lib")
    with WarmParent(tiers.best(), ready, cache=cache, fill_cache=fill) as parent:
        jail = parent.fork(Limits())
        try:
            jail.request("exec", {"cell": 0, "source": PROGRAM}, 60)
            results, asked, hits = (jail.request("get", {"name": n}, 10)["ok"] for n in ("results", "asked", "hits"))
        finally:
            jail.close()
    return results, asked, hits


@pytest.mark.slow
def test_a_moved_cache_answers_every_compilation_with_the_same_bits():
    # Not pytest's folder: a jail sees a tree of its own, with the path that it is given, and /tmp is its scratch.
    folder = Path(tempfile.mkdtemp(dir=ROOT / "build"))
    folder.chmod(0o755)
    try:
        first, asked, _ = run(folder / "here", fill=True)
        shutil.move(folder / "here", folder / "there")
        again, asked_again, hits = run(folder / "there", fill=False)
    finally:
        shutil.rmtree(folder)
    assert asked == asked_again == hits >= 40
    assert again == first


def test_a_flag_that_this_jaxlib_does_not_know_leaves_the_others(tmp_path, monkeypatch):
    known = stage.xla_flags(tmp_path / "one")
    assert "--xla_backend_optimization_level=0" in known.split()  # others went with later releases
    monkeypatch.setattr(stage, "_XLA_FLAGS", ("--xla_gone_in_the_next_release=true", *known.split()))
    assert stage.xla_flags(tmp_path / "another") == known
