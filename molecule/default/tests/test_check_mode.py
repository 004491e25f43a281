"""Check mode predicts, whatever state a host was left in."""

from __future__ import annotations

from pathlib import Path

from conftest import stopped
from live_site import LiveSite


def test_check_mode_where_everything_is_installed_and_nothing_runs(site: LiveSite, directory: Path) -> None:
    """As a killed first run leaves a host, or an image that was prepared with the packages."""
    with stopped(site, "glance-api"), stopped(site, "keystone"), stopped(site, "mariadb"):
        run = site.play("--check", "--diff", directory=directory)
        assert site.shell("systemctl is-active mariadb || true").strip() == "inactive"
    assert run.code == 0, run.output
    # The server cannot be asked, so the diff shows all that a first run makes.
    assert "database glance" in run.prose
    assert "account glance@localhost" in run.prose
