"""What Glance would not understand is refused by name, with the nearest valid one; the service stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import leaks
import pytest
from live_site import LiveSite, Run
from openstack.connection import Connection

pytestmark = pytest.mark.usefixtures("untouched")


def test_options_in_glance_api_config(site: LiveSite, refused: Callable[..., Run]) -> None:
    run = refused(
        "-vvv",
        glance_api_config={
            "DEFAULT": {"image_member_qouta": 10, "image_tag_quota": "many", "flavor": "keystone"},
            "databse": {"max_retries": 3},
            "keystone_authtoken": {"no_such_thing_at_all": 1},
        },
    )
    assert leaks.leaked(run.output, site.secrets) == []
    for problem in (
        # Misspelt, with the nearest.
        ("image_member_qouta", "image_member_quota"),
        # Ill-typed.
        ("image_tag_quota", "many"),
        # In the wrong section.
        ("flavor", "paste_deploy"),
        # A section that is not one.
        ("databse", "database"),
        # Unknown, and near to nothing.
        ("keystone_authtoken", "no_such_thing_at_all"),
    ):
        assert all(word in run.prose for word in problem), problem


def test_options_of_stores(site: LiveSite, refused: Callable[..., Run]) -> None:
    local, archive, web = site.variables["glance_stores"]
    run = refused(
        glance_stores=[
            {**local, "options": {"filesystem_store_chunk_sise": 1, "filesystem_thin_provisioning": "perhaps"}},
            {**archive, "options": {"rbd_store_pool": "images"}},
            {**web, "options": {"https_insecure": "mostly", "debug": True}},
        ]
    )
    for problem in (
        ("glance_stores[0].options", "filesystem_store_chunk_sise", "filesystem_store_chunk_size"),
        ("filesystem_thin_provisioning", "perhaps"),
        ("glance_stores[1].options", "rbd_store_pool"),
        ("glance_stores[2].options", "https_insecure", "mostly"),
        ("glance_stores[2].options", "debug"),
    ):
        assert all(word in run.prose for word in problem), problem


def test_a_refusal_comes_before_passwords_change(
    site: LiveSite, refused: Callable[..., Run], cloud: Connection
) -> None:
    """Else a run that says that nothing was changed would lock out the API, which has the old ones in its file."""
    users = "SELECT host, authentication_string FROM mysql.user WHERE user = 'glance'"
    account = site.sql(users)
    run = refused(
        glance_database_password="a new password",
        glance_service_password="another new password",
        glance_api_config={"DEFAULT": {"image_member_qouta": 10}},
    )
    assert "image_member_quota" in run.prose and "nothing was changed" in run.prose
    assert site.sql(users) == account
    site.connect(
        username="glance", password=site.secrets["glance_service_password"], project_name="service"
    ).authorize()
    assert [image.name for image in cloud.image.images(name="seed")] == ["seed"]


def test_check_mode_refuses_as_well(site: LiveSite, directory: Path) -> None:
    run = site.play("--check", directory=directory, glance_api_config={"DEFAULT": {"image_member_qouta": 10}})
    assert run.code == 2 and "image_member_quota" in run.prose
