"""The files that a page of documentation shows: **`PATH`** begins a paragraph, and a code block follows it."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
FILE = re.compile(
    r"^\*\*`([^`\n]+)`\*\*[^\n]*\n(?:[^\n`][^\n]*\n|`(?!``)[^\n]*\n)*\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE
)


def files_of(page: str) -> dict[str, str]:
    """Return the content of each file by its path."""
    return dict(FILE.findall((DOCS / page).read_text()))


def write_files(page: str, directory: Path) -> None:
    """Write all files of the page below a directory."""
    for name, content in files_of(page).items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
