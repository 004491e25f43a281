"""The scenario of docs/molecule.md is one that molecule and Ansible read."""

from __future__ import annotations

import re
from pathlib import Path

from commands import run
from page import write_files


def test_molecule_checks_the_syntax_of_the_scenario(tmp_path: Path, collections: Path) -> None:
    write_files("molecule.md", tmp_path)
    settings = {"ANSIBLE_COLLECTIONS_PATH": str(collections), "MOLECULE_GLOB": "molecule/*/molecule.yml"}
    done = run(
        "molecule", "syntax", cwd=tmp_path, SITE_TEST_HOST="192.0.2.10", HOME=str(tmp_path), NO_COLOR="1", **settings
    )
    assert re.search(r"successful=1 .* failed=0", done.stderr)
