"""Secrets of a login appear nowhere in a run; names and URLs stay readable, also in the tasks that follow.

Core 2.22 masks the value of every no_log option in all later output of the run, so a masked `admin` spoils other tasks.
The tests use the ansible-core of the Python that runs them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from keystone import PASSWORD, running

WRONG = "an0ther passw0rd"
SERVICE_PASSWORD = "s3cret of the service"
SIGNATURE = "X-Signature=5f2a9c"
IMAGE_URL = f"https://images.example.org/debian.qcow2?{SIGNATURE}"
USER = {"username": "admin", "project_name": "admin", "user_domain_name": "Default", "project_domain_name": "Default"}
MODULES: dict[str, dict[str, Any]] = {
    "stores_info": {},
    "store_canary": {"stores": [{"id": "local"}]},
    "image": {"name": "x", "state": "absent"},
    "service_identity": {"user": "glance", "password": SERVICE_PASSWORD, "region": "R"},
}


@pytest.fixture(scope="module")
def keystone() -> Iterator[str]:
    with running() as url:
        yield f"{url}/v3"


def play(tmp_path: Path, *tasks: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
    """Run tasks on localhost with -vvv; return their results and everything that was printed."""
    results = []
    listed = []
    for number, task in enumerate(tasks):
        report = tmp_path / f"{number}.json"
        results.append(report)
        listed += [
            {"register": "result", "ignore_errors": True, "name": f"TASK-{number}", **task},
            {"ansible.builtin.copy": {"dest": str(report), "content": "{{ result | to_json }}"}, "diff": False},
        ]
    settings, playbook = tmp_path / "ansible.cfg", tmp_path / "playbook.yml"
    settings.touch()
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": listed}]))
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("OS_")},
        "ANSIBLE_CONFIG": str(settings),
        "ANSIBLE_NOCOLOR": "1",
        # The default until core 2.20: results hold the options of their modules.
        "ANSIBLE_INJECT_INVOCATION": "1",
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
        "no_proxy": "*",
    }
    # Without an inventory, localhost is what the default of glance_setup_host makes of it.
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-vvv", "-i", os.devnull, str(playbook)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    printed = done.stdout + done.stderr
    assert all(report.exists() for report in results), printed
    # Core 2.22 masks the options where they are printed, not in the result.
    found = [
        {name: value for name, value in json.loads(report.read_text()).items() if name != "invocation"}
        for report in results
    ]
    return found, printed


def section(printed: str, number: int) -> str:
    """Return what a run printed of one task."""
    found = re.search(rf"^TASK \[TASK-{number}\].*?(?=^TASK \[|\Z)", printed, re.M | re.S)
    assert found, printed
    return found.group()


def message(url: str) -> dict[str, Any]:
    return {"ansible.builtin.debug": {"msg": f"the public endpoint {url} of admin in domain Default, store local"}}


@pytest.mark.parametrize("module", MODULES)
def test_login_leaves_names_readable_and_no_password(tmp_path: Path, keystone: str, module: str) -> None:
    arguments = {**MODULES[module], "auth": {**USER, "auth_url": keystone, "password": PASSWORD}}
    refused = {**arguments, "auth": {**arguments["auth"], "password": WRONG}}
    name = f"openimage.glance.{module}"
    results, printed = play(
        tmp_path, {name: arguments, "check_mode": True}, message(keystone), {name: refused}, message(keystone)
    )
    assert not results[0].get("failed"), results[0]
    assert f"Keystone at {keystone} refused the login (HTTP 401) of user 'admin'" in results[2]["msg"]
    for number in (1, 3):
        assert results[number]["msg"] == message(keystone)["ansible.builtin.debug"]["msg"]
        assert results[number]["msg"] in section(printed, number)
    # The options are printed, and of these only the secrets are masked.
    for number in (0, 2):
        shown = section(printed, number)
        assert '"username": "admin"' in shown and '"project_domain_name": "Default"' in shown and keystone in shown
        assert re.search(r'"password": "(VALUE_SPECIFIED_IN_NO_LOG_PARAMETER|\$REDACTED\$)"', shown), shown
    for secret in (PASSWORD, WRONG, SERVICE_PASSWORD):
        assert secret not in printed + json.dumps(results)


def test_auth_options_are_used_and_masked_as_a_whole(tmp_path: Path, keystone: str) -> None:
    login = {"auth": {**USER, "auth_url": keystone}, "auth_options": {"password": PASSWORD}}
    results, printed = play(tmp_path, {"openimage.glance.stores_info": login}, message(keystone))
    assert [store["id"] for store in results[0]["stores"]] == ["local"]
    assert message(keystone)["ansible.builtin.debug"]["msg"] in section(printed, 1)
    assert PASSWORD not in printed + json.dumps(results)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"cloud": {"auth": {**USER, "password": PASSWORD}}}, "cloud is a dictionary"),
        ({"auth": {**USER, "auth_url": f"http://u:{PASSWORD.replace(' ', '')}@127.0.0.1:9/v3"}}, "auth.auth_url"),
    ],
)
def test_refused_login_is_not_shown(tmp_path: Path, keystone: str, arguments: dict[str, Any], text: str) -> None:
    results, printed = play(tmp_path, {"openimage.glance.stores_info": arguments}, message(keystone))
    assert results[0]["failed"] and text in results[0]["msg"]
    assert message(keystone)["ansible.builtin.debug"]["msg"] in section(printed, 1)
    for secret in (PASSWORD, PASSWORD.replace(" ", "")):
        assert secret not in printed + json.dumps(results)


def test_signed_url_of_an_image_is_shown_without_its_query(tmp_path: Path, keystone: str) -> None:
    auth = {**USER, "auth_url": keystone, "password": PASSWORD}
    image = {"auth": auth, "name": "x", "import_method": "web-download", "url": IMAGE_URL}
    results, printed = play(
        tmp_path,
        {"openimage.glance.image": image, "check_mode": True},
        {"openimage.glance.image": {**image, "auth": {**auth, "password": WRONG}}},
    )
    assert results[0]["actions"] and results[1]["failed"]
    assert "https://images.example.org/debian.qcow2" in section(printed, 0)
    assert SIGNATURE not in printed + json.dumps(results)


def test_role_images_shows_no_signed_url(tmp_path: Path, keystone: str) -> None:
    variables = {
        "glance_keystone_url": keystone,
        "glance_keystone_admin_password": PASSWORD,
        "glance_database_password": "s3cret of the database",
        "glance_service_password": SERVICE_PASSWORD,
        "glance_setup_host": "localhost",
        "glance_api_node_url": keystone.removesuffix("/v3"),
        "glance_images": [{"name": "x", "import_method": "web-download", "url": IMAGE_URL}],
    }
    included = {"name": "openimage.glance.images", "apply": {"ignore_errors": True}}
    _results, printed = play(tmp_path, {"ansible.builtin.include_role": included, "vars": variables})
    # The server that stands in for Glance makes no image.
    assert "Image 'x' could not be made present" in printed
    assert SIGNATURE not in printed and PASSWORD not in printed
