"""The corpus of attacks in every tier that this machine can show, as one table; and build/security.json.

    python security.py [--tiers ABC] [--no-controls]

An attack counts if its positive control succeeds on the naive grader. Tier B is tried as root, tier C as an ordinary user,
both with namespaces refused by a seccomp filter around the grader; that, and the controls' container, need root.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NOBODY = 65_534
WRAPPERS = {"A": [], "B": ["refuse.py"], "C": ["refuse.py", "--user", str(NOBODY)]}
HARMS = {"forged": "points forged", "leaked": "secrets found", "neighbours_changed": "neighbours changed",
         "left_behind": "left behind"}  # fmt: skip


def main() -> int:
    sys.path[:0] = [str(HERE)]
    from corpus import CORPUS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiers", default="ABC")
    parser.add_argument("--no-controls", action="store_true", help="count every attack, tried or not on the naive grader")
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("The controls' container and tiers B and C need root here: run `sudo make security`.", file=sys.stderr)
        return 1
    began = time.monotonic()
    controls = {a.name: True for a in CORPUS} if options.no_controls else run_controls()
    by_tier = {tier: run_tier(tier) for tier in options.tiers}
    print_table(CORPUS, controls, by_tier)
    summary = summarise(controls, by_tier)
    summary["seconds"] = round(time.monotonic() - began)
    out = ROOT / "build" / "security.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(summary, indent=1) + "\n")
    print(json.dumps({k: v for k, v in summary.items() if k != "results"}))
    bad = [r for results in by_tier.values() for r in results if r["problems"]]
    return 1 if bad or not all(controls.values()) else 0


def run_controls() -> dict[str, bool]:
    """Which attacks the naive grader falls to."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "controls.json"
        environment = {**os.environ, "TOKEN": "environ-marker-0000dddd", "OPENBLAS_NUM_THREADS": "1"}
        subprocess.run([sys.executable, str(HERE / "controls.py"), str(out)], env=environment, check=False)
        return json.loads(out.read_text())


def run_tier(tier: str) -> list[dict]:
    """The corpus graded in one tier, by a process of its own."""
    with tempfile.TemporaryDirectory(prefix="hostile-run-") as folder:
        os.chmod(folder, 0o777)
        out = Path(folder) / "results.json"
        wrapper = [sys.executable, str(HERE / WRAPPERS[tier][0]), *WRAPPERS[tier][1:]] if WRAPPERS[tier] else []
        program = [*wrapper, sys.executable, str(HERE / "run_tier.py"), str(out), "--expect", tier]
        environment = {**os.environ, "TMPDIR": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        subprocess.run(program, env=environment, check=False, cwd=folder)
        if not out.exists():
            raise SystemExit(f"tier {tier}: the run ended without results")
        return json.loads(out.read_text())


def print_table(corpus, controls: dict[str, bool], by_tier: dict[str, list[dict]]) -> None:
    """Attack by tier: what it earned, or what went wrong."""
    rows = {tier: {r["name"]: r for r in results} for tier, results in by_tier.items()}
    print(f"\n{'class':8} {'attack':48} control  " + "  ".join(f"{t:>6}" for t in rows))
    for attack in corpus:
        cells = [_cell(rows[t].get(attack.name)) for t in rows]
        print(f"{attack.group:8} {attack.name:48} {'works' if controls.get(attack.name) else 'FAILS':7}  {'  '.join(cells)}")
    for tier, results in by_tier.items():
        for r in results:
            for problem in r["problems"]:
                print(f"! {tier} {r['name']}: {problem}")


def _cell(result: dict | None) -> str:
    if result is None:
        return "     -"
    return "    !!" if result["problems"] else f"{'held':>6}"


def summarise(controls: dict[str, bool], by_tier: dict[str, list[dict]]) -> dict:
    """What build/security.json says; only attacks whose control succeeds count."""
    counted = {name for name, won in controls.items() if won}
    results = [r for rs in by_tier.values() for r in rs if r["name"] in counted]
    return {
        "attacks": len(counted),
        "controls_succeeded": sum(controls.values()),
        "tiers": sorted(by_tier),
        **{harm: sum(r[harm] for r in results) for harm in HARMS},
        "problems": sum(bool(r["problems"]) for r in results),
        "slowest_seconds": max((r["seconds"] for r in results), default=0),
        "most_memory": max((r["memory"] for r in results), default=0),
        "results": [{"control": controls.get(r["name"], False), **r} for rs in by_tier.values() for r in rs],
    }


if __name__ == "__main__":
    sys.exit(main())
