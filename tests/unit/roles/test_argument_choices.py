"""Variables with a closed set of values declare it, and the set is the one that preflight accepts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.openimage.glance.plugins.module_utils._image.methods import METHODS as IMAGE_METHODS
from ansible_collections.openimage.glance.plugins.module_utils._site.images import KEYS
from ansible_collections.openimage.glance.plugins.module_utils._site.releases import METHODS, RELEASES
from ansible_collections.openimage.glance.plugins.module_utils._site.variables import import_methods

REPOSITORY = Path(__file__).parents[3]


def options(role: str) -> dict[str, Any]:
    """Return the declared variables of a role."""
    specs = yaml.safe_load((REPOSITORY / "roles" / role / "meta" / "argument_specs.yml").read_text())
    return dict(specs["argument_specs"]["main"]["options"])


@pytest.mark.parametrize(
    ("role", "name", "values"),
    [
        ("common", "glance_release", ["", *(release.name for release in RELEASES)]),
        ("common", "glance_install_method", ["", *METHODS]),
    ],
)
def test_choices_of_a_variable_are_the_values_that_preflight_accepts(
    role: str, name: str, values: Sequence[str]
) -> None:
    assert options(role)[name]["choices"] == values


def test_choices_of_import_methods_are_the_values_that_preflight_accepts() -> None:
    assert import_methods(options("api")["glance_import_methods"]["choices"])
    image = options("images")["glance_images"]["options"]
    assert image["import_method"]["choices"] == list(IMAGE_METHODS)
    for name in ("import_method", "glance_service_interface", "visibility"):
        for value in image[name]["choices"]:
            KEYS[name](value)


@pytest.mark.parametrize(
    ("release", "accepted"), [("2026.2", True), (2026.2, True), ("", True), (None, True), ("2031.1", False)]
)
def test_role_without_preflight_accepts_a_release_as_text_or_number_and_lists_the_choices_otherwise(
    tmp_path: Path, release: Any, accepted: bool
) -> None:
    playbook = tmp_path / "play.yml"
    role = {"role": "openimage.glance.common", "vars": {"glance_release": release}}
    playbook.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "roles": [role]}]))
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    done = subprocess.run([program, str(playbook)], capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == accepted, done.stdout + done.stderr
    if not accepted:
        assert "must be one of: , zed, 2025.1, 2026.1, 2026.2" in done.stdout + done.stderr
