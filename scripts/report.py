"""Print the report that the verify role wrote, for a person. Exits non-zero when a proof failed.

Usage: report.py FILE
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

LEVELS = ("declared", "loaded", "writable")
GREEN, RED, BOLD, PLAIN = "\033[32m", "\033[31m", "\033[1m", "\033[0m"


def mark(proof: bool | None, colours: bool) -> str:
    """Return how a proof came out; None stands for one that does not apply, such as writing to a read-only store."""
    if proof is None:
        return "-"
    if colours:
        return f"{GREEN}✓{PLAIN}" if proof else f"{RED}✗{PLAIN}"
    return "yes" if proof else "NO"


def table(rows: list[list[str]]) -> list[str]:
    """Return rows of cells as lines with aligned columns; colours take no width."""

    def width(cell: str) -> int:
        for code in (GREEN, RED, BOLD, PLAIN):
            cell = cell.replace(code, "")
        return len(cell)

    widths = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  " + "  ".join(cell + " " * (w - width(cell)) for cell, w in zip(row, widths)).rstrip() for row in rows]


def size(count: float) -> str:
    """Return a number of bytes for a person."""
    if count < 1024:
        return f"{count:.0f} B"
    for unit in ("KiB", "MiB", "GiB"):
        count /= 1024
        if count < 1024:
            return f"{count:.1f} {unit}"
    return f"{count / 1024:.1f} TiB"


def failures(report: dict[str, Any]) -> list[str]:
    """Return a sentence for each proof that failed."""
    found = [
        f"store {store['id']} on {store['node']} is not {level}: {store.get('message') or 'no reason given'}"
        for store in report["stores"]
        for level in LEVELS
        if store[level] is False
    ]
    return found or ([] if report["stores"] else ["no store was proven"])


def render(report: dict[str, Any], colours: bool) -> list[str]:
    """Return the report's lines."""

    def title(text: str) -> str:
        return f"{BOLD}{text}{PLAIN}" if colours else text

    source = "PyPI" if report["method"] == "venv" else "packages"
    lines = [title(f"Glance {report['release']}, installed from {source}"), ""]
    addresses = [*report["endpoints"].items(), *((f"node {name}", url) for name, url in report["nodes"].items())]
    lines += [title("Endpoints"), *table([[name, url] for name, url in addresses]), ""]

    rows = [["store", "type", "node", *LEVELS, "time"]]
    for store in report["stores"]:
        name = store["id"] + (" (default)" if store["default"] else "")
        proofs = [mark(store[level], colours) for level in LEVELS]
        rows.append([name, store["type"], store["node"], *proofs, f"{store['seconds']:.2f} s"])
    lines += [title("Stores"), *table(rows), ""]

    rows = [["image", "size", "visibility", "stores", "id"]]
    for image in report["images"]:
        stores = image["stores"] if isinstance(image["stores"], str) else ",".join(image["stores"])
        rows.append([image["name"], size(image["size"]), image["visibility"], stores, image["id"]])
    if len(rows) > 1:
        lines += [title("Images"), *table(rows), ""]
    return lines


def main() -> int:
    """Print the report and say whether all is proven."""
    report = json.loads(Path(sys.argv[1]).read_text())
    print("\n".join(render(report, sys.stdout.isatty())))
    problems = failures(report)
    for problem in problems:
        print(f"  FAILED: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
