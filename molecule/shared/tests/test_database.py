"""The database: its character set, and rights that are exactly what Glance needs."""

from __future__ import annotations

import re

import pytest
from live_site import LiveSite

RIGHTS = {"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "REFERENCES", "INDEX", "ALTER", "TRIGGER"}


@pytest.fixture
def schema(site: LiveSite) -> str:
    """Return the database's name."""
    return str(site.variables.get("glance_database_name", "glance"))


def test_the_database_has_the_chosen_character_set(site: LiveSite, schema: str) -> None:
    rows = site.sql(
        "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata"
        f" WHERE schema_name = '{schema}'"
    )
    assert rows == [["utf8mb4", "utf8mb4_general_ci"]]


def test_the_user_has_our_rights_and_no_others(site: LiveSite, schema: str) -> None:
    accounts = site.sql("SELECT host FROM mysql.user WHERE user = 'glance'")
    assert accounts == [["localhost"]]
    grants = [row[0] for row in site.sql("SHOW GRANTS FOR glance@localhost")]
    usage = [grant for grant in grants if grant.startswith("GRANT USAGE ON *.*")]
    others = [grant for grant in grants if grant not in usage]
    assert len(usage) == 1 and len(others) == 1, grants
    # Not escaped, "_" would stand for any character, and the rights would be those on other databases, too. (The client
    # prints a backslash as two.)
    pattern = re.escape(schema.replace("_", r"\\_"))
    match = re.fullmatch(rf"GRANT (.+) ON `{pattern}`\.\* TO `glance`@`localhost`", others[0])
    assert match and set(match[1].split(", ")) == RIGHTS
    assert not any("GRANT OPTION" in grant for grant in grants)


def test_nobody_may_connect_from_everywhere(site: LiveSite) -> None:
    assert site.sql("SELECT user, host FROM mysql.user WHERE host IN ('%', '') OR user = ''") == []


def test_the_metadata_definitions_are_loaded_once(site: LiveSite, schema: str) -> None:
    table = f"{schema}.metadef_namespaces"
    ((namespaces, distinct),) = site.sql(f"SELECT count(*), count(DISTINCT namespace) FROM {table}")
    files = site.shell("ls -d {/etc/glance,/opt/glance/*/etc/glance}/metadefs/*.json 2>/dev/null; true").split()
    assert int(namespaces) == int(distinct) == len(files) > 20
