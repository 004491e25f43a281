"""ansible-builder finds what the collection needs in an execution environment."""

from __future__ import annotations

from pathlib import Path

import yaml
from commands import run

MARK = "# from collection openimage.glance"


def test_introspect_lists_python_and_system_packages(collections: Path) -> None:
    found = yaml.safe_load(run("ansible-builder", "introspect", "--sanitize", collections).stdout)
    assert found == {
        "python": [f"openstacksdk>=1.0.1  {MARK}", f"PyMySQL>=1.0.2  {MARK}"],
        "system": [f"openssh-client [platform:dpkg]  {MARK}", f"openssh-clients [platform:rpm]  {MARK}"],
    }
