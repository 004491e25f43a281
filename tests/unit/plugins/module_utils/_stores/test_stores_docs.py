"""The examples of docs/stores.md and of the example inventory are right."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.openimage.glance.plugins.module_utils._stores.plan import store_plan
from ansible_collections.openimage.glance.plugins.module_utils._stores.registry import TYPES

REPOSITORY = Path(__file__).resolve().parents[5]
KEY = "AQ" + "A" * 36 + "=="
URL = "http://keystone.example.org:5000/v3"


def filled(text: str) -> Any:
    """Return YAML with a value in place of each template."""
    text = re.sub(r"\{\{ vault_ceph_\w+ \}\}", KEY, text).replace("{{ glance_keystone_url }}", URL)
    return yaml.safe_load(re.sub(r"\{\{ \w+ \}\}", "s3cret", text))


def examples() -> list[Any]:
    """Return every YAML block of the page."""
    page = (REPOSITORY / "docs" / "stores.md").read_text()
    return [filled(block) for block in re.findall(r"^```yaml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)]


def stores_of(example: Any) -> list[dict[str, Any]]:
    return list(example.get("glance_stores", []) if isinstance(example, dict) else example)


@pytest.mark.parametrize("example", [example for example in examples() if stores_of(example)])
def test_an_example_has_no_mistake(example: Any) -> None:
    plan = store_plan(stores_of(example), "/srv/staging", "/srv/tasks", "2026.2")
    assert plan["problems"] == []
    assert plan["warnings"] == []


def test_every_type_has_an_example() -> None:
    assert {store["type"] for example in examples() for store in stores_of(example)} == set(TYPES)


def test_the_example_of_options_for_all_stores() -> None:
    (defaults,) = [example["glance_backend_defaults"] for example in examples() if "glance_backend_defaults" in example]
    stores = [
        {"id": "a", "type": "rbd", "user": "glance", "default": True},
        {"id": "b", "type": "cinder"},
    ]
    assert store_plan(stores, "/srv/staging", "/srv/tasks", "2026.2", defaults)["problems"] == []


@pytest.mark.parametrize(("name", "types"), [("allinone", set(TYPES)), ("multinode", {"file", "rbd", "s3"})])
def test_the_examples_of_the_inventories_have_no_mistake(name: str, types: set[str]) -> None:
    inventory = (REPOSITORY / "inventories" / name / "group_vars" / "all" / "glance.yml").read_text()
    opened = re.sub(r"^  # (- id|  \w)", r"  \1", inventory, flags=re.MULTILINE)
    stores = filled(opened)["glance_stores"]
    assert {store["type"] for store in stores} == types
    assert store_plan(stores, "/srv/staging", "/srv/tasks", "2026.2")["problems"] == []
