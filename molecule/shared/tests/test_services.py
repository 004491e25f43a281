"""Keystone knows Glance, and Glance has the stores that were declared."""

from __future__ import annotations

import json

import requests
from live_site import LiveSite
from openstack.connection import Connection
from streams import MIB, ImageApi, Stream
from testinfra.host import Host


def test_the_service_user_has_its_roles_and_nothing_else(site: LiveSite, cloud: Connection) -> None:
    user = cloud.identity.find_user("glance", domain_id="default")
    names = {role.id: role.name for role in cloud.identity.roles()}
    projects = {project.id: project.name for project in cloud.identity.projects()}
    assignments = {
        (projects[assignment.scope["project"]["id"]], names[assignment.role["id"]])
        for assignment in cloud.identity.role_assignments(user_id=user.id)
    }
    assert assignments == {("service", "admin"), ("service", "service")}
    with site.connect(
        username="glance", password=site.secrets["glance_service_password"], project_name="service"
    ) as as_glance:
        assert as_glance.authorize()


def test_the_catalog_has_one_service_with_three_endpoints(site: LiveSite, cloud: Connection) -> None:
    (service,) = (service for service in cloud.identity.services() if service.type == "image")
    assert (service.name, service.is_enabled) == ("glance", True)
    endpoints = cloud.identity.endpoints(service_id=service.id)
    assert sorted((endpoint.interface, endpoint.region_id, endpoint.url) for endpoint in endpoints) == [
        (interface, "RegionOne", site.url) for interface in ("admin", "internal", "public")
    ]


def test_the_stores_are_those_declared(images: ImageApi) -> None:
    status, body = images.request("GET", "/v2/info/stores")
    assert status == 200
    live = {store.pop("id"): store for store in json.loads(body)["stores"]}
    assert live == {
        "local": {"default": "true", "description": "The default store"},
        "archive": {},
        "web": {"read-only": "true", "description": "Images that stay where they are"},
    }


def test_the_operators_own_options_count(site: LiveSite) -> None:
    configuration = site.shell("cat /etc/glance/glance-api.conf").splitlines()
    assert "image_member_quota = 256" in configuration
    assert configuration[configuration.index("[archive]") :].index("filesystem_store_chunk_size = 1048576") < 5


def test_the_node_names_itself_for_its_peers(host: Host, site: LiveSite) -> None:
    assert f"worker_self_reference_url = {site.url}" in site.shell("cat /etc/glance/glance-api.conf").splitlines()
    assert site.address in host.interface.default().addresses


def test_an_image_lies_in_the_chosen_store_under_its_id(site: LiveSite, cloud: Connection, images: ImageApi) -> None:
    seed = cloud.image.find_image("seed")
    record = images.show(seed.id)
    assert (record["status"], record["visibility"], record["stores"]) == ("active", "public", "archive")
    found = site.shell(f"find / -xdev -name {seed.id} -printf '%p %s %u:%g %m\\n'").splitlines()
    assert found == [f"/srv/glance/archive/{seed.id} {seed.size} glance:glance 660"]
    digest = site.shell(f"sha512sum < /srv/glance/archive/{seed.id}").split()[0]
    assert (seed.hash_algo, seed.hash_value) == ("sha512", digest)


def test_an_image_without_a_choice_goes_to_the_default_store(site: LiveSite, images: ImageApi) -> None:
    image = images.create("without a choice")
    try:
        assert images.upload(image, Stream(MIB, MIB))[0] == 204
        assert images.show(image)["stores"] == "local"
        assert site.shell(f"stat -c %s /var/lib/glance/images/{image}").strip() == str(MIB)
    finally:
        images.delete(image)
    assert site.shell(f"find / -xdev -name '{image}*'") == ""


def test_nothing_can_be_written_to_the_http_store(images: ImageApi) -> None:
    image = images.create("for the http store")
    try:
        # So little that all is sent before the refusal: what happens to more is the next test's.
        status, _ = images.upload(image, Stream(16, 16), store="web")
        assert status == 410
        record = images.show(image)
        assert (record["status"], record.get("stores", "")) == ("queued", "")
    finally:
        images.delete(image)


def test_a_client_is_told_why_its_upload_is_refused(images: ImageApi) -> None:
    """Glance answers without taking the rest: the client's connection breaks, and the answer must be there before."""
    image = images.create("for the http store")
    try:
        headers = {
            "X-Auth-Token": images.token,
            "Content-Type": "application/octet-stream",
            "X-Image-Meta-Store": "web",
        }
        url = f"{images.url}/v2/images/{image}/file"
        answer = requests.put(url, data=Stream(32 * MIB, MIB).blocks(), headers=headers, timeout=600)
        assert answer.status_code == 410 and "Adding images to store is disabled" in answer.text
    finally:
        images.delete(image)


def test_a_download_tells_its_length(cloud: Connection, images: ImageApi) -> None:
    """Without it a client takes a download that broke off for complete."""
    seed = cloud.image.find_image("seed")
    url = f"{images.url}/v2/images/{seed.id}/file"
    with requests.get(url, headers={"X-Auth-Token": images.token}, stream=True, timeout=600) as answer:
        assert answer.status_code == 200 and answer.headers["Content-Length"] == str(seed.size)
