"""Check that scripts/guest/cinder.sh names every file that it needs to build a guest's virtual environment."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
IMPORT = re.compile(r"^\s*from ansible_collections\.openimage\.glance\.(plugins[\w.]*) import \(?(\w*)", re.MULTILINE)


def imported(source: Path) -> set[Path]:
    """Return the files of the collection that a file imports."""
    found = set()
    for package, name in IMPORT.findall(source.read_text()):
        folder = REPOSITORY / package.replace(".", "/")
        found.add(folder / f"{name}.py" if folder.is_dir() else folder.with_suffix(".py"))
    return found


def test_cinder_guest_inputs_hold_every_imported_file() -> None:
    command = [REPOSITORY / "scripts/guest/cinder.sh", "--inputs"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    sources = {Path(line) for line in lines if line.endswith(".py")}
    assert sources
    assert {file for source in sources for file in imported(source)} - sources == set()
