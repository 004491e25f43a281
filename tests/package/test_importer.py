"""Galaxy takes the collection."""

from __future__ import annotations

import sys
from pathlib import Path

from commands import run


def test_galaxy_importer_accepts_the_tarball(tarball: Path) -> None:
    done = run(sys.executable, "-m", "galaxy_importer.main", tarball, cwd=tarball.parent)
    output = done.stdout + done.stderr
    assert "Importer processing completed successfully" in output
    assert [line for line in output.splitlines() if "WARNING" in line or "ERROR" in line] == []
