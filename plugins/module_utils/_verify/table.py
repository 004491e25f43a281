# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""The proof of a run as a table that a person can read. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ansible_collections.openimage.glance.plugins.module_utils._verify.proof import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GREEN, RED, BOLD, PLAIN = "\033[32m", "\033[31m", "\033[1m", "\033[0m"
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def render(report: Mapping[str, Any], colours: bool) -> list[str]:
    """Return the lines of a report; what the run did not come to is left out."""
    stores, images = report.get("stores", ()), report.get("images", ())
    lines = []
    if "release" in report:
        source = "from PyPI" if report["method"] == "venv" else "from packages"
        lines += [_title(f"Glance {report['release']}, {source}", colours), ""]
        addresses = [
            *report["endpoints"].items(),
            *((f"node {name}", url) for name, url in report["nodes"].items()),
        ]
        lines += [_title("Endpoints", colours), *_aligned(addresses), ""]
    if stores:
        head = ["store", "type", "node", *LEVELS, "time"]
        lines += [_title("Stores", colours), *_aligned([head, *(_store(row, colours) for row in stores)]), ""]
    if images:
        head = ["image", "size", "visibility", "stores", "id"]
        lines += [_title("Images", colours), *_aligned([head, *(_image(image) for image in images)]), ""]
    return lines


def _store(row: Mapping[str, Any], colours: bool) -> list[str]:
    name = f"{row['id']} (default)" if row["default"] else str(row["id"])
    marks = [_mark(row[level], colours) for level in LEVELS]
    if row.get("read_only") and row["writable"]:
        # Nothing was written there.
        marks[-1] = f"{GREEN}read{PLAIN}" if colours else "read"
    return [name, str(row["type"]), str(row["node"]), *marks, f"{row['seconds']:.2f} s"]


def _image(image: Mapping[str, Any]) -> list[str]:
    names = ("name", "size", "visibility", "stores", "id")
    return [size(image["size"] or 0) if name == "size" else str(image.get(name) or "") for name in names]


def _mark(proof: bool | None, colours: bool) -> str:
    """Return how a proof came out; None stands for one that does not apply, such as writing to a read-only store."""
    if proof is None:
        return "-"
    if not colours:
        return "yes" if proof else "NO"
    return f"{GREEN}\u2713{PLAIN}" if proof else f"{RED}\u2717{PLAIN}"


def _title(text: str, colours: bool) -> str:
    return f"{BOLD}{text}{PLAIN}" if colours else text


def size(count: int) -> str:
    """Return a number of bytes in the largest unit that leaves something before the point."""
    value, unit = float(count), 0
    while value >= 1024 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{count} B" if unit == 0 else f"{value:.1f} {UNITS[unit]}"


def _width(cell: str) -> int:
    for code in (GREEN, RED, BOLD, PLAIN):
        cell = cell.replace(code, "")
    return len(cell)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of cells as lines with aligned columns; colours take no width."""
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  " + "  ".join(c + " " * (w - _width(c)) for c, w in zip(row, widths)).rstrip() for row in rows]
