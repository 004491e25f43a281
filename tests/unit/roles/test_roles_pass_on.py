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


def calls(*roles: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return role, module and arguments of every task that is one of this collection's modules."""
    found = []
    for role in roles:
        for path in sorted((REPOSITORY / "roles" / role / "tasks").glob("*.yml")):
            for task in tasks(yaml.safe_load(path.read_text())):
                found += [
                    (role, name.removeprefix(MODULE), task[name] or {})
                    for name in task
                    if name.startswith(MODULE) and isinstance(task[name], dict)
                ]
    return found


def test_whoever_asks_an_image_endpoint_knows_the_authority() -> None:
    asking = [
        (module, given) for _role, module, given in calls("api", "verify", "images") if {"url", "auth"} & set(given)
    ]
    assert {module for module, _given in asking} >= {"service_running", "stores_info", "store_canary", "image"}
    for module, given in asking:
        assert given.get("ca_cert", given.get("ca_path")) == CA, module


def test_the_setup_host_reaches_glance_by_the_nodes_own_urls() -> None:
    """The catalog's endpoints may be for others only: no task asks for them."""
    asking = [(module, given) for _role, module, given in calls("verify", "images") if "auth" in given]
    assert len(asking) == 3
    for module, given in asking:
        assert given.get("endpoint", given.get("endpoints")) in (
            "{{ glance_api_node_url }}",
            "{{ __glance_verify_nodes }}",
        )
        assert "interface" not in given, module


def test_what_quotes_glance_is_told_the_secrets() -> None:
    talkative = [(module, given) for _role, module, given in calls("api", "stores") if module in TALKATIVE]
    assert {module for module, _given in talkative} == TALKATIVE
    for module, given in talkative:
        if module != "service_running" or given.get("url"):
            assert given.get("secrets") == "{{ __glance_secrets }}", module
