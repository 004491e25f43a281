"""The callback proof tells a run that has proven something from one that is green and has not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

NOTHING = "No store was proven in this run."
LOOK = {"ansible.builtin.debug": {"msg": "here"}, "tags": ["look"]}
REPORT = {
    "release": "2025.1",
    "method": "package",
    "endpoints": {"public": "http://192.0.2.1:9292"},
    "nodes": {"node": "http://192.0.2.1:9292"},
    "stores": [
        {
            "id": "local",
            "type": "file",
            "default": True,
            "node": "node",
            "declared": True,
            "loaded": True,
            "writable": True,
            "seconds": 0.1,
        }
    ],
}
STORES = {"ansible.builtin.set_stats": {"data": {"glance_proof": REPORT}}}
IMAGES = {"ansible.builtin.set_stats": {"data": {"glance_proof": {"images": []}}}}


def play(directory: Path, group: str, tasks: list[dict[str, Any]], *arguments: str) -> str:
    """Return what a run of these tasks on a host of that group prints."""
    playbook, inventory = directory / "play.yml", directory / "hosts.yml"
    playbook.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    inventory.write_text(yaml.safe_dump({group: {"hosts": {"node": {"ansible_connection": "local"}}}}))
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "-i", inventory, playbook, *arguments],
        env={**os.environ, "ANSIBLE_CALLBACKS_ENABLED": "openimage.glance.proof", "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("group", "tasks", "arguments", "told"),
    [
        ("glance_api", [LOOK, STORES], (), False),
        ("glance_api", [LOOK, STORES], ("--tags", "look"), True),
        ("glance_api", [IMAGES], (), True),
        ("databases", [LOOK], (), False),
        # What failed needs no further word.
        ("glance_api", [{"ansible.builtin.fail": {}}], (), False),
    ],
)
def test_a_green_run_without_a_proof_says_so(
    tmp_path: Path, group: str, tasks: list[dict[str, Any]], arguments: tuple[str, ...], told: bool
) -> None:
    output = play(tmp_path, group, tasks, *arguments)
    assert "PLAY RECAP" in output and output.count(NOTHING) == int(told), output
    assert ("local (default)" in output) == (STORES in tasks and not arguments)
