"""The object store in Keystone: what commands by hand would have made, so that any client finds it."""

from __future__ import annotations

from pathlib import Path

from live_site import LiveSite
from openstack.connection import Connection


def test_the_catalog_has_the_object_store(clusters: dict[str, LiveSite], cloud: Connection) -> None:
    (service,) = (service for service in cloud.identity.services() if service.type == "object-store")
    assert (service.name, service.is_enabled) == ("swift", True)
    url = f"http://{clusters['ceph-1'].address}:8080/swift/v1/AUTH_%(tenant_id)s"
    endpoints = cloud.identity.endpoints(service_id=service.id)
    assert sorted((endpoint.interface, endpoint.url) for endpoint in endpoints) == [("internal", url), ("public", url)]


def test_roles_exist_and_are_given_to_whom_they_should(cloud: Connection) -> None:
    names = {role.id: role.name for role in cloud.identity.roles()}
    assert {"swiftoperator", "ResellerAdmin"} <= set(names.values())

    def roles(user: str, project: str) -> set[str]:
        user_id = cloud.identity.find_user(user, domain_id="default").id
        project_id = cloud.identity.find_project(project, domain_id="default").id
        found = cloud.identity.role_assignments(user_id=user_id, scope_project_id=project_id)
        return {names[assignment.role["id"]] for assignment in found}

    assert roles("swift", "service") == {"member", "admin"}
    assert "swiftoperator" in roles("admin", "admin")
    assert "ResellerAdmin" not in roles("admin", "admin") | roles("swift", "service")


def test_a_user_stores_an_object_of_its_own(cloud: Connection) -> None:
    """With the token of Keystone's administrator in the account of its project."""
    cloud.object_store.create_container("a-test")
    try:
        cloud.object_store.upload_object(container="a-test", name="hello", data=b"world")
        assert cloud.object_store.download_object("hello", container="a-test") == b"world"
        cloud.object_store.delete_object("hello", container="a-test")
    finally:
        cloud.object_store.delete_container("a-test")


def test_the_playbook_finds_nothing_to_change(site: LiveSite, tmp_path: Path) -> None:
    run = site.play(directory=tmp_path, playbook="openimage.glance.object_store_identity")
    assert (run.code, run.changed) == (0, 0)
