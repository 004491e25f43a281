"""One Keystone for all tests of this folder; each test uses names of its own."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.openimage.glance.plugins.modules import service_identity
from keystone_server import Keystone, Run, register_keystone, start
from keystoneauth1.adapter import Adapter
from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def keystone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keystone]:
    server = start(tmp_path_factory.mktemp("keystone"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def admin(keystone: Keystone) -> Adapter:
    """Return a client that is not the module's, to prepare and to look."""
    login = {**keystone.auth(), "user_domain_id": "default", "project_domain_id": "default"}
    session = Session(auth=Password(**login), timeout=600)
    return Adapter(session, endpoint_override=f"{keystone.url}/v3")


@pytest.fixture
def site(keystone: Keystone, admin: Adapter) -> dict[str, Any]:
    """Return the arguments for a service that nothing exists of yet, not even its type, in a region of its own."""
    number = next(_numbers)
    register_keystone(admin, f"Region{number}")
    return {
        "auth": keystone.auth(),
        "project": f"service{number}",
        "user": f"glance{number}",
        "password": "p@ss:/w%rd#'\"",
        "roles": ["admin", f"service{number}"],
        "service_name": f"glance{number}",
        "service_type": f"image{number}",
        "region": f"Region{number}",
        "endpoints": {name: f"http://{name}.example.org:9292" for name in ("public", "internal", "admin")},
    }


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the module as Ansible does: arguments in as JSON, the result out as JSON."""

    def call(arguments: dict[str, Any], check: bool = False, **changes: Any) -> dict[str, Any]:
        arguments = {**arguments, **changes, "_ansible_check_mode": check}
        capfd.readouterr()
        with patch_module_args(arguments), pytest.raises(SystemExit):
            service_identity.main()
        out, err = capfd.readouterr()
        assert arguments["password"] not in out + err
        result: dict[str, Any] = json.loads(out)
        return result

    return call
