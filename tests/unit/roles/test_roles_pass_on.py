"""What every task that reaches Glance is told: the authority, the node's own URL, the secrets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[3]
MODULE = "openimage.glance."
CA = "{{ glance_keystone_cacert | default(omit, true) }}"
# Their messages quote what Glance, or its database, has said.
TALKATIVE = {"db_schema", "store_access", "service_running"}


def tasks(content: Any) -> Iterator[dict[str, Any]]:
    """Yield the tasks of a file, those in blocks included."""
    for task in content or []:
        yield task
        yield from tasks([*task.get("block", []), *task.get("rescue", []), *task.get("always", [])])


def calls(*roles: str) -> list[tuple[dict[str, Any], str, dict[str, Any]]]:
    """Return task, module and arguments of every task that is one of this collection's modules."""
    found = []
    for role in roles:
        for path in sorted((REPOSITORY / "roles" / role / "tasks").glob("*.yml")):
            for task in tasks(yaml.safe_load(path.read_text())):
                found += [
                    (task, name.removeprefix(MODULE), task[name] or {})
                    for name in task
                    if name.startswith(MODULE) and isinstance(task[name], dict)
                ]
    return found


def logging_in() -> list[tuple[dict[str, Any], str, dict[str, Any]]]:
    """Return the tasks of all roles that log in to Keystone."""
    runtime = yaml.safe_load((REPOSITORY / "meta" / "runtime.yml").read_text())
    roles = [path.name for path in (REPOSITORY / "roles").iterdir()]
    return [call for call in calls(*roles) if call[1] in runtime["action_groups"]["glance"]]


def test_tasks_that_log_in_take_the_login_in_one_piece() -> None:
    found = logging_in()
    assert {module for _task, module, _given in found} == {"service_identity", "stores_info", "store_canary", "image"}
    for task, module, given in found:
        assert task.get("module_defaults") == {"group/openimage.glance.glance": "{{ __glance_login }}"}, module
        assert not {"cloud", "auth", "auth_options", "ca_cert", "region_name"} & set(given), module


def test_service_running_takes_the_ca_certificate() -> None:
    given = [given for _task, module, given in calls("api") if module == "service_running" and "url" in given]
    assert given and all(arguments["ca_path"] == CA for arguments in given)


def test_the_setup_host_reaches_glance_by_the_nodes_own_urls() -> None:
    """The catalog's endpoints may be for others only: no task asks for them."""
    asking = [(module, given) for _task, module, given in logging_in() if module != "service_identity"]
    assert len(asking) == 3
    for module, given in asking:
        assert given.get("endpoint", given.get("endpoints")) in (
            "{{ glance_api_node_url }}",
            "{{ __glance_verify_nodes }}",
        )
        assert "interface" not in given, module


def test_what_quotes_glance_is_told_the_secrets() -> None:
    talkative = [(module, given) for _task, module, given in calls("api", "stores") if module in TALKATIVE]
    assert {module for module, _given in talkative} == TALKATIVE
    for module, given in talkative:
        if module != "service_running" or given.get("url"):
            assert given.get("secrets") == "{{ __glance_secrets }}", module
