# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""The proof of a run as a table that a person can read. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ansible_collections.openimage.glance.plugins.module_utils._verify.proof import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# None stands for a level that does not apply, such as writing to a read-only store.
MARKS = {True: "yes", False: "NO", None: "-"}
SOURCES = {"venv": ", from PyPI", "package": ", from packages"}
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


class Line(NamedTuple):
    """One line of the table."""

    text: str
    # Whether the proofs in it succeeded; None for a line without proofs.
    proven: bool | None = None


def render(report: Mapping[str, Any]) -> list[Line]:
    """Return the lines of a report, without the parts that it lacks."""
    return [*_about(report), *_stores(report.get("stores", ())), *_images(report.get("images", ()))]


def _about(report: Mapping[str, Any]) -> Iterator[Line]:
    if "release" in report:
        source = SOURCES.get(report.get("method", ""), "")
        yield from (Line(f"Glance {report['release']}{source}"), Line(""))
    nodes = {f"node {name}": url for name, url in report.get("nodes", {}).items()}
    addresses = [*report.get("endpoints", {}).items(), *nodes.items()]
    if addresses:
        yield from (Line(text) for text in ["Endpoints", *_aligned(addresses), ""])


def _stores(rows: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    if not rows:
        return
    head, *lines = _aligned([["store", "type", "node", *LEVELS, "time"], *map(_store, rows)])
    yield from (Line("Stores"), Line(head))
    yield from (Line(text, _outcome(row)) for text, row in zip(lines, rows))
    yield Line("")


def _outcome(row: Mapping[str, Any]) -> bool | None:
    results = [row[level] for level in LEVELS if row[level] is not None]
    return all(results) if results else None


def _store(row: Mapping[str, Any]) -> list[str]:
    name = f"{row['id']} (default)" if row["default"] else str(row["id"])
    marks = [MARKS[row[level]] for level in LEVELS]
    if row.get("read_only") and row["writable"]:
        # Nothing was written there.
        marks[-1] = "read"
    return [name, str(row["type"]), str(row["node"]), *marks, f"{row['seconds']:.2f} s"]


def _images(images: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    if images:
        lines = _aligned([["image", "size", "visibility", "stores", "id"], *map(_image, images)])
        yield from (Line(text) for text in ["Images", *lines, ""])


def _image(image: Mapping[str, Any]) -> list[str]:
    names = ("name", "size", "visibility", "stores", "id")
    return [size(image["size"] or 0) if name == "size" else str(image.get(name) or "") for name in names]


def size(count: int) -> str:
    """Return a number of bytes in the largest unit that leaves something before the point."""
    value, unit = float(count), 0
    while value >= 1024 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{count} B" if unit == 0 else f"{value:.1f} {UNITS[unit]}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of cells as lines with aligned columns."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
