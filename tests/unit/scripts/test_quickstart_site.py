"""What the quickstart remembers between its runs."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

SCRIPT = Path(__file__).parents[3] / "scripts" / "quickstart_site.py"


def write(state: Path, release: str, address: str = "192.0.2.1") -> tuple[str, dict[str, Any]]:
    """Return what the script prints, and the site that it has written."""
    done = subprocess.run([sys.executable, SCRIPT, state, address, release], capture_output=True, text=True, check=True)
    return done.stdout.strip(), yaml.safe_load((state / "site.yml").read_text())


def test_a_run_without_a_release_keeps_that_of_the_run_before(tmp_path: Path) -> None:
    printed, site = write(tmp_path, "")
    assert (printed, site["release"]) == ("", "")
    printed, site = write(tmp_path, "2026.2")
    assert (printed, site["release"]) == ("2026.2", "2026.2")
    printed, site = write(tmp_path, "")
    assert (printed, site["release"]) == ("2026.2", "2026.2")
    printed, site = write(tmp_path, "2025.1")
    assert (printed, site["release"]) == ("2025.1", "2025.1")


def test_secrets_are_kept_and_the_address_is_not(tmp_path: Path) -> None:
    _printed, before = write(tmp_path, "")
    _printed, after = write(tmp_path, "", "192.0.2.2")
    assert after == {**before, "address": "192.0.2.2"}
    for name in ("site.yml", "clouds.yaml"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_the_login_holds_whatever_the_region_is_called(tmp_path: Path) -> None:
    write(tmp_path, "")
    login = yaml.safe_load((tmp_path / "clouds.yaml").read_text())["clouds"]["quickstart"]
    assert "region_name" not in login and login["auth"]["auth_url"] == "http://192.0.2.1:5000/v3"
