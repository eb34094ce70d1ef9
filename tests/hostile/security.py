"""The corpus of attacks in every tier that this machine can show, as one table; and build/security.json.

    python security.py [--tiers ABC] [--only NAME|CLASS ...] [--failed] [--resume] [--no-controls] [--workers N]

An attack counts if its positive control succeeds on the naive grader; one whose control needs what this machine has not
(`needs.py`) is left out and named. Tier B is tried as root, tier C as an ordinary user, both with namespaces refused by a
seccomp filter around the grader; that, and the controls' container, need root.

The end says in words what fell short; the status is 1 if anything did.

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
    tried = {} if options.no_controls else _read(CONTROLS)
    controls = {a.name: tried.get(a.name, {}).get("won", options.no_controls) for a in CORPUS}
    left_out = {name: r["needs"] for name, r in tried.items() if not r["won"] and r.get("needs") and name in controls}
    by_tier = {tier: list(_read(tier).values()) for tier in WRAPPERS if (KEPT / f"{tier}.jsonl").exists()}
    print_table(CORPUS, controls, left_out, by_tier)
    summary = summarise(controls, left_out, by_tier)
    summary["seconds"] = round(time.monotonic() - began)
    (ROOT / "build" / "security.json").write_text(json.dumps(summary, indent=1) + "\n")
    print(json.dumps({k: v for k, v in summary.items() if k not in ("results", "without_result")}))
    short = shortcomings(summary, controls, {name for name in controls if name in tried or options.no_controls})
    print("\n" + in_words(summary, short))
    return 1 if short else 0


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
            wrong = [_of_control(result)] if which == CONTROLS else result["problems"]
            so_far = f"{which} {number:3}/{len(names)} {time.monotonic() - began:5.0f} s"
            print(f"{so_far}  {name:48} {result['seconds']:6.2f} s  {'; '.join(wrong)}", flush=True)


def _of_control(result: dict) -> str:
    if result["won"]:
        return ""
    return f"left out: it needs {result['needs']}" if result.get("needs") else f"control failed: {result['how']}"


def _try_controls_again(names: list[str]) -> None:
    """A control shows that an attack can work; some win only on a machine that is not busy: then alone, twice at most."""
    for _ in range(2):
        results = _read(CONTROLS)
        lost = [name for name in names if not results[name]["won"] and not results[name].get("needs")]
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


def print_table(corpus, controls: dict[str, bool], left_out: dict[str, str], by_tier: dict[str, list[dict]]) -> None:
    """Attack by tier: what it earned, or what went wrong."""
    rows = {tier: {r["name"]: r for r in results} for tier, results in by_tier.items()}
    print(f"\n{'class':8} {'attack':48} control  " + "  ".join(f"{t:>6}" for t in rows))
    for attack in corpus:
        cells = [_cell(rows[t].get(attack.name)) for t in rows]
        control = "works" if controls[attack.name] else "left out" if attack.name in left_out else "FAILS"
        print(f"{attack.group:8} {attack.name:48} {control:8} {'  '.join(cells)}")
    for tier, results in by_tier.items():
        for r in results:
            for problem in r["problems"]:
                print(f"! {tier} {r['name']}: {problem}")


def _cell(result: dict | None) -> str:
    if result is None:
        return "     -"
    return "    !!" if result["problems"] else f"{'held':>6}"


def summarise(controls: dict[str, bool], left_out: dict[str, str], by_tier: dict[str, list[dict]]) -> dict:
    """What build/security.json says; only attacks whose control succeeds count."""
    known, counted = set(controls), {name for name, won in controls.items() if won}
    results = [r for rs in by_tier.values() for r in rs if r["name"] in known]
    harms = {harm: sum(r[harm] for r in results if r["name"] in counted) for harm in HARMS}
    return {
        "attacks": len(counted),
        "controls_succeeded": len(counted),
        "left_out": left_out,
        "tiers": sorted(by_tier),
        **harms,
        "without_result": {tier: sorted(known - {r["name"] for r in rs}) for tier, rs in sorted(by_tier.items())},
        "problems": sum(bool(r["problems"]) for r in results),
        "slowest_seconds": max((r["seconds"] for r in results), default=0),
        "most_memory": max((r["memory"] for r in results), default=0),
        "results": [{"control": controls[r["name"]], **r} for r in results],
    }


def shortcomings(summary: dict, controls: dict[str, bool], tried: set[str]) -> list[str]:
    """A sentence for each thing for which this run does not show what it should; each makes the status 1."""
    found = []
    lost = [name for name in tried if not controls[name] and name not in summary["left_out"]]
    if lost:
        found.append(
            f"{_counted(lost, 'attack')} won nothing on the naive grader, so to hold out shows nothing: {_names(lost)}. "
            "The lines `control failed` say how; try again on a quiet machine with --failed, or mend the attack."
        )
    if untried := set(controls) - tried:
        found.append(f"{_counted(untried, 'attack')} not tried on the naive grader: {_names(untried)}. Go on with --resume.")
    if not summary["tiers"]:
        found.append("No tier was tried.")
    for tier, names in summary["without_result"].items():
        if names:
            found.append(f"Tier {tier} has no result for {_counted(names, 'attack')}: {_names(names)}. Go on with --resume.")
    for tier in summary["tiers"]:
        wrong = {r["name"]: r["status"] for r in summary["results"] if r["tier"] == tier and r["problems"]}
        ended = [name for name, status in wrong.items() if status == "lost"]
        if ended:
            found.append(f"In tier {tier} the grader did not start, or ended, at {_counted(ended, 'attack')}: {_names(ended)}.")
        if broken := set(wrong) - set(ended):
            how = "The lines with ! say how."
            found.append(f"Tier {tier} did not hold against {_counted(broken, 'attack')}: {_names(broken)}. {how}")
    return found


def in_words(summary: dict, short: list[str]) -> str:
    """The last lines of the run."""
    held = sum(not r["problems"] for r in summary["results"])
    lines = [f"{held} of {len(summary['results'])} results held, in tiers {', '.join(summary['tiers'])}."]
    lines += [f"Left out here: {name} needs {words}." for name, words in sorted(summary["left_out"].items())]
    lines += [f"Fell short: {line}" for line in short]
    lines.append("So the status is 1." if short else "Nothing fell short: the status is 0.")
    return "\n".join(lines)


def _counted(names, what: str) -> str:
    return f"{len(names)} {what}{'' if len(names) == 1 else 's'}"


def _names(names, most: int = 12) -> str:
    shown = sorted(names)
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")


if __name__ == "__main__":
    sys.exit(main())
