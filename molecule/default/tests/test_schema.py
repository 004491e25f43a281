"""The schema's quick look: it needs none of Glance's code, and still sees what has changed in the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live_site import LiveSite, Run, dump

MANAGE = "/usr/lib/python3/dist-packages/glance/cmd/manage.py"
NAMESPACE = "OS::Compute::Hypervisor"
PARTS = ("properties", "objects", "tags", "namespace_resource_types")


@pytest.fixture
def schema(site: LiveSite, directory: Path) -> Callable[[], Run]:
    """Return a function that runs the module alone."""
    playbook = directory / "schema.yml"
    options = {"metadefs_path": "/usr/share/glance-common/metadefs"}
    task = {"openimage.glance.db_schema": options}
    playbook.write_text(dump([{"hosts": "glance_api", "gather_facts": False, "become": True, "tasks": [task]}]))
    return lambda: site.play(directory=directory, playbook=str(playbook))


@pytest.fixture
def noted(schema: Callable[[], Run]) -> None:
    """Let a run find the schema current, and leave its note."""
    run = schema()
    assert run.code == 0 and run.changed == 0, run.output


@pytest.fixture
def without_glance(site: LiveSite, noted: None) -> Iterator[None]:
    """Take away what the full look imports."""
    site.shell(f"mv {MANAGE} {MANAGE}.aside")
    yield
    site.shell(f"mv {MANAGE}.aside {MANAGE}")


@pytest.fixture
def older_revision(site: LiveSite, noted: None) -> Iterator[None]:
    """Set the database back to an older revision, as far as it says."""
    ((revision,),) = site.sql("SELECT version_num FROM glance.alembic_version")
    site.sql("UPDATE glance.alembic_version SET version_num = '2023_1_contract01'")
    yield
    site.sql(f"UPDATE glance.alembic_version SET version_num = '{revision}'")


@pytest.mark.usefixtures("without_glance")
def test_nothing_to_do_is_seen_without_glance(schema: Callable[[], Run]) -> None:
    run = schema()
    assert run.code == 0 and run.changed == 0


@pytest.mark.usefixtures("without_glance", "older_revision")
def test_another_revision_is_not_answered_without_glance(schema: Callable[[], Run]) -> None:
    run = schema()
    assert run.code == 2 and "Glance is not installed for this interpreter" in run.prose


@pytest.mark.usefixtures("noted")
def test_a_lost_namespace_is_seen_and_loaded(site: LiveSite, schema: Callable[[], Run]) -> None:
    found = f"SELECT count(*) FROM glance.metadef_namespaces WHERE namespace = '{NAMESPACE}'"
    rows = f"(SELECT id FROM glance.metadef_namespaces WHERE namespace = '{NAMESPACE}')"
    parts = [f"DELETE FROM glance.metadef_{table} WHERE namespace_id IN {rows};" for table in PARTS]
    site.sql(" ".join([*parts, f"DELETE FROM glance.metadef_namespaces WHERE namespace = '{NAMESPACE}'"]))
    assert site.sql(found) == [["0"]]
    run = schema()
    assert run.code == 0 and run.changed == 1
    assert site.sql(found) == [["1"]]
    assert schema().changed == 0


def test_the_state_file_holds_no_login(site: LiveSite, noted: None) -> None:
    content = site.shell("cat /var/lib/glance/schema-state.json")
    assert '"current"' in content and site.secrets["glance_database_password"] not in content
