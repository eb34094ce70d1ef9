"""The corpus of attacks in every tier that this machine can show, as one table; and build/security.json.

    python security.py [--tiers ABC] [--only NAME|CLASS ...] [--failed] [--resume] [--no-controls] [--workers N]

An attack counts if its positive control succeeds on the naive grader. Tier B is tried as root, tier C as an ordinary user,
both with namespaces refused by a seccomp filter around the grader; that, and the controls' container, need root.

Every result is kept in build/security/ as it comes. `--resume` goes on where a run was interrupted; `--only` and `--failed`
try some attacks again (in the tiers asked for) and put them in place of the earlier results.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
KEPT = ROOT / "build" / "security"
NOBODY = 65_534
WRAPPERS = {"A": [], "B": ["refuse.py"], "C": ["refuse.py", "--user", str(NOBODY)]}
HARMS = {"forged": "points forged", "leaked": "secrets found", "neighbours_changed": "neighbours changed",
         "left_behind": "left behind"}  # fmt: skip
CONTROLS = "controls"


def main() -> int:
    sys.path[:0] = [str(HERE)]
    from corpus import CORPUS
    from crew import cores

    options = _options(cores())
    if os.geteuid() != 0:
        print("The controls' container and tiers B and C need root here: run `sudo make security`.", file=sys.stderr)
        return 1
    began = time.monotonic()
    again = options.only or options.failed
    if not again and not options.resume:
        shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    runs = [*([] if options.no_controls else [CONTROLS]), *options.tiers]
    for which in runs:
        names = _chosen(which, CORPUS, options)
        if names:
            _try(which, names, options.workers)
        if which == CONTROLS:
            _try_controls_again(names)
    controls = {n: r.get("won", False) for n, r in _read(CONTROLS).items()}
    if options.no_controls:
        controls = {a.name: True for a in CORPUS}
    by_tier = {tier: list(_read(tier).values()) for tier in WRAPPERS if (KEPT / f"{tier}.jsonl").exists()}
    print_table(CORPUS, controls, by_tier)
    summary = summarise(CORPUS, controls, by_tier)
    summary["seconds"] = round(time.monotonic() - began)
    (ROOT / "build" / "security.json").write_text(json.dumps(summary, indent=1) + "\n")
    print(json.dumps({k: v for k, v in summary.items() if k != "results"}))
    return 0 if summary["complete"] and not summary["problems"] and all(controls.values()) else 1


def _options(cores: int) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiers", default="ABC")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these attacks or classes again")
    parser.add_argument("--failed", action="store_true", help="what had problems, or no result, again")
    parser.add_argument("--resume", action="store_true", help="go on with what has no result yet")
    parser.add_argument("--no-controls", action="store_true", help="count every attack, tried or not on the naive grader")
    parser.add_argument("--workers", type=int, default=min(4, cores), help="attacks tried at a time")
    return parser.parse_args()


def _chosen(which: str, corpus, options: argparse.Namespace) -> list[str]:
    """The names to try now, those that wait on the clock first, so that the last ones do not wait for them."""
    results = _read(which)
    held = {n for n, r in results.items() if (r["won"] if which == CONTROLS else not r["problems"])}
    some = corpus
    if options.only:
        some = [a for a in corpus if a.name in options.only or a.group in options.only]
    if options.failed:
        some = [a for a in some if a.name not in held]
    if options.resume:
        some = [a for a in some if a.name not in results]
    return [a.name for a in sorted(some, key=lambda a: a.group != "exhaust")]


def _read(which: str) -> dict[str, dict]:
    """What is known of the controls, or of a tier, by attack: the newest result of each."""
    path = KEPT / f"{which}.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return {r["name"]: r for r in map(json.loads, lines)}


def _try(which: str, names: list[str], workers: int) -> None:
    began = time.monotonic()
    with open(KEPT / f"{which}.jsonl", "a") as file:
        for number, (name, result) in enumerate(_results(which, names, workers), 1):
            file.write(json.dumps(result) + "\n")
            file.flush()
            wrong = result["problems"] if which != CONTROLS else ([] if result["won"] else ["control failed: " + result["how"]])
            so_far = f"{which} {number:3}/{len(names)} {time.monotonic() - began:5.0f} s"
            print(f"{so_far}  {name:48} {result['seconds']:6.2f} s  {'; '.join(wrong)}", flush=True)


def _try_controls_again(names: list[str]) -> None:
    """A control shows that an attack can work; some win only on a machine that is not busy: then alone, twice at most."""
    for _ in range(2):
        results = _read(CONTROLS)
        lost = [name for name in names if not results[name]["won"]]
        if lost:
            _try(CONTROLS, lost, workers=1)


def _results(which: str, names: list[str], workers: int) -> Iterator[tuple[str, dict]]:
    from corpus import CORPUS
    from crew import Crew, feed

    attacks = {a.name: a for a in CORPUS}
    with tempfile.TemporaryDirectory(prefix="hostile-run-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o777)
        environment = {**os.environ, "TMPDIR": folder, "PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
        if which == CONTROLS:
            program = [sys.executable, str(HERE / "controls.py"), "--feed"]
            environment["TOKEN"] = "environ-marker-0000dddd"
            del environment["TMPDIR"]
        else:
            wrapper = [sys.executable, str(HERE / WRAPPERS[which][0]), *WRAPPERS[which][1:]] if WRAPPERS[which] else []
            program = [*wrapper, sys.executable, str(HERE / "run_tier.py"), "--feed", "--expect", which]
        for name, result in feed(names, Crew(program, environment, Path(folder)), workers):
            yield name, {"name": name, **(_lost(which, attacks[name], result["lost"]) if "lost" in result else result)}


def _lost(which: str, attack, why: str) -> dict:
    """A worker that ended counts as the worst: whoever ends the grader has done harm."""
    if which == CONTROLS:
        return {"won": False, "how": why, "goal": attack.goal, "seconds": 0.0}
    harms = {**dict.fromkeys(HARMS, False), "neighbours_changed": True}
    return {
        "group": attack.group, "tier": which, "score": None, "expected": attack.expected, "status": "lost", "problems": [why],
        "seconds": 0.0, "memory": 0, "disk": 0, **harms,
    }  # fmt: skip


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


def summarise(corpus, controls: dict[str, bool], by_tier: dict[str, list[dict]]) -> dict:
    """What build/security.json says; only attacks whose control succeeds count."""
    known = {a.name for a in corpus}
    counted = {name for name, won in controls.items() if won and name in known}
    results = [r for rs in by_tier.values() for r in rs if r["name"] in counted]
    return {
        "attacks": len(counted),
        "controls_succeeded": sum(r.get("won", False) for name, r in _read(CONTROLS).items() if name in known),
        "tiers": sorted(by_tier),
        **{harm: sum(r[harm] for r in results) for harm in HARMS},
        "complete": all({r["name"] for r in rs} >= known for rs in by_tier.values()) and set(controls) >= known,
        "problems": sum(bool(r["problems"]) for r in results),
        "slowest_seconds": max((r["seconds"] for r in results), default=0),
        "most_memory": max((r["memory"] for r in results), default=0),
        "results": [{"control": controls.get(r["name"], False), **r} for rs in by_tier.values() for r in rs],
    }


if __name__ == "__main__":
    sys.exit(main())
