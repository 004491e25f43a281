"""What the callback plugin preload leaves in the process that Ansible forks: looked at in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FILTERS = Path(__file__).parents[4] / "plugins/filter"
SCRIPT = """
import json, sys
from ansible.plugins.loader import callback_loader, filter_loader, init_plugin_loader
init_plugin_loader()
callback = callback_loader.get("openimage.glance.preload")
before = set(sys.modules)
callback.v2_playbook_on_start(None)
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_filters_and_their_model_are_loaded_before_the_first_fork() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    loaded = json.loads(done.stdout.splitlines()[-1])
    collection = "ansible_collections.openimage.glance.plugins"
    assert {f"{collection}.filter.{file.stem}" for file in FILTERS.glob("*.py")} <= set(loaded)
    assert f"{collection}.module_utils._stores.registry" in loaded
