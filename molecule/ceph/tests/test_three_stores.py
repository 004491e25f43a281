"""The common multistore sample by itself: three stores from one inventory, and a fourth that is added later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live_site import LiveSite, Run
from streams import ImageApi

# As the command "glance stores-info" shows them for the sample.
SAMPLE = [
    {"id": "ceph-0", "description": "RBD backend"},
    {"id": "ceph-1", "description": "RBD backend 1", "default": "true"},
    {"id": "swift-0"},
]
FOURTH = "s3-0"


def listed(images: ImageApi) -> list[dict[str, Any]]:
    """Return what Glance lists, in its order."""
    status, body = images.request("GET", "/v2/info/stores")
    assert status == 200
    return list(json.loads(body)["stores"])


@pytest.fixture
def three(site: LiveSite, tmp_path: Path) -> Iterator[Run]:
    """Deploy the three stores; the fourth is there again at the end."""
    stores = [store for name, store in site.stores.items() if name != FOURTH]
    yield site.play(directory=tmp_path, glance_stores=stores)
    again = site.play(directory=tmp_path)
    assert again.code == 0 and "4 stores proven through 1 nodes" in again.prose, again.output


def test_the_sample_deploys_and_a_fourth_store_is_added_to_it(site: LiveSite, images: ImageApi, three: Run) -> None:
    assert three.code == 0 and "3 stores proven through 1 nodes" in three.prose, three.output
    configuration = site.shell("cat /etc/glance/glance-api.conf").splitlines()
    assert "enabled_backends = ceph-0:rbd,ceph-1:rbd,swift-0:swift" in configuration
    assert "default_backend = ceph-1" in configuration and f"[{FOURTH}]" not in configuration
    assert listed(images) == SAMPLE
    # The client's own words, in its table; what it wraps is put together again.
    assert client_shows(site) == SAMPLE


def client_shows(site: LiveSite) -> Any:
    """Return the stores that the command shows on the host."""
    login = {
        "OS_AUTH_URL": site.keystone_url,
        "OS_USERNAME": "admin",
        "OS_PASSWORD": site.secrets["glance_keystone_admin_password"],
        "OS_PROJECT_NAME": "admin",
        "OS_USER_DOMAIN_NAME": "Default",
        "OS_PROJECT_DOMAIN_NAME": "Default",
    }
    script = (
        "import json, os, subprocess, sys; login = json.load(sys.stdin);"
        " subprocess.run(['glance', 'stores-info'], env={**os.environ, **login}, check=True)"
    )
    table = site.shell(f'python3 -c "{script}"', json.dumps(login))
    cells = [line.split("|")[2].strip() for line in table.splitlines() if line.startswith("|")]
    return json.loads(" ".join(cells[1:]))
