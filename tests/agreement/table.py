"""``make agreement``: T3 on all random policies, printed as the table of docs/agreement.md.

Usage: python -m tests.agreement.table [--policies N] [--jobs N] [--write]
"""

import argparse
import os
import platform
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from importlib.metadata import version
from pathlib import Path

import tests.conftest  # noqa: F401 - binds smcproof to this checkout
from tests.agreement.comparison import Compared, compare_policy, is_full_size

POLICIES = 2640
WANTED = 30
"""How many PROVED (not vacuous, not by definition) and VIOLATED each property must show."""

TARGET = Path(__file__).resolve().parents[2] / "docs" / "agreement.md"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policies", type=int, default=POLICIES)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--write", action="store_true", help="write docs/agreement.md")
    options = parser.parse_args()
    started = time.monotonic()
    compared: list[Compared] = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for done, found in enumerate(
            pool.map(compare_policy, range(options.policies), chunksize=4), start=1
        ):
            compared.extend(found)
            for entry in found:
                if entry.problem is not None:
                    print(f"policy {entry.seed}: {entry.name}: {entry.problem}", flush=True)
            if done % 100 == 0 and sys.stderr.isatty():
                print(f"\r{done} of {options.policies}", end="", file=sys.stderr, flush=True)
    text = report(compared, options.policies, time.monotonic() - started)
    print(text)
    if options.write:
        TARGET.write_text(text, encoding="utf-8")
    wrong = sum(entry.problem is not None for entry in compared)
    return 1 if wrong else 0


def report(compared: list[Compared], policies: int, seconds: float) -> str:
    """The table as Markdown."""
    wrong = sum(entry.problem is not None for entry in compared)
    full = sum(is_full_size(number) for number in range(policies))
    rows = Counter[tuple[str, str]]()
    for entry in compared:
        word = str(entry.outcome.verdict)
        if entry.outcome.by_definition:
            word = "by definition"
        rows[entry.name, word] += 1
    lines = [
        "# Agreement of the solver with enumeration (T3)",
        "",
        f"{policies} random policies ({full} of full size, up to 2^17 cases; the others at most 2^12",
        f"calls and states), {len(compared)} verdicts, {sum(e.cases for e in compared)} cases judged, "
        f"**{wrong} disagreements**.",
        "Every counterexample and witness was confirmed by the judge. `mine` is a `prove .. : always`,",
        "`goal` a `reachable`.",
        "",
        f"Made by `make agreement` on {date.today().isoformat()}: Python {platform.python_version()}, "
        f"z3-solver {version('z3-solver')}, {os.cpu_count()} cores, {seconds:.0f} s.",
        "",
        "| property | PROVED | by definition | VIOLATED | UNKNOWN | VACUOUS |",
        "|---|---|---|---|---|---|",
    ]
    columns = ("PROVED", "by definition", "VIOLATED", "UNKNOWN", "VACUOUS")
    for name in sorted({entry.name for entry in compared}):
        counts = [str(rows[name, column]) for column in columns]
        lines.append(f"| `{name}` | {' | '.join(counts)} |")
    short = [
        f"{name} {column}"
        for name in sorted({entry.name for entry in compared})
        for column in ("PROVED", "VIOLATED")
        if rows[name, column] < WANTED
    ]
    if short and policies >= POLICIES:
        lines += ["", f"Fewer than {WANTED}: {', '.join(short)}."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
