"""No secret is where somebody else could read it."""

from __future__ import annotations

import os
from pathlib import Path

import leaks
from live_site import LiveSite

PUBLIC = ["/etc", "/opt", "/var", "/run", "/srv", "/tmp", "/usr/local", "/home"]


def look(site: LiveSite, call: str) -> list[str]:
    return site.shell("python3 -", leaks.program(site.secrets, call)).splitlines()


def test_the_search_finds_secrets_where_they_must_be(site: LiveSite) -> None:
    """It is no proof that nothing is found by a search that cannot find."""
    (line,) = look(site, 'files(["/etc/glance"], 0)')
    assert line.startswith("/etc/glance/glance-api.conf (-rw-r-----)")
    for name in ("glance_database_password", "glance_service_password", "glance_memcached_secret"):
        assert name in line
    secret = next(iter(site.secrets.values()))
    assert leaks.leaked(f"password={secret}", site.secrets) and not leaks.leaked("password=********", site.secrets)


def test_no_process_has_a_secret_in_its_arguments(site: LiveSite) -> None:
    assert look(site, "arguments()") == []


def test_no_file_that_everybody_can_read_has_a_secret(site: LiveSite) -> None:
    assert look(site, f"files({PUBLIC}, 1)") == []


def test_the_journal_has_no_secret(site: LiveSite) -> None:
    assert look(site, "journal()") == []


def test_no_log_file_has_a_secret(site: LiveSite) -> None:
    assert look(site, 'files(["/var/log"], 0)') == []


def test_the_log_of_the_deployment_has_no_secret(site: LiveSite) -> None:
    """What ansible-playbook -vvv --diff says from the first check on a bare host on."""
    log = (Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "ansible.log").read_text()
    assert "module_args:" in log and "glance-api.conf" in log and "memcache_secret_key = ****" in log
    assert leaks.leaked(log, site.secrets) == []
