"""What the callback plugin preload leaves for the processes that Ansible forks: looked at in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

COLLECTION = Path(__file__).parents[4]
START = """
import json, sys
from ansible.plugins.loader import callback_loader, filter_loader, init_plugin_loader
init_plugin_loader()
callback = callback_loader.get("openimage.glance.preload")
preload = sys.modules[type(callback).__module__]
"""
LOADED = """
class Playbook:
    def get_plays(self):
        return []
before = set(sys.modules)
callback.v2_playbook_on_start(Playbook())
print(json.dumps(sorted(set(sys.modules) - before)))
"""
MODULES = f"""
from ansible.parsing.dataloader import DataLoader
from ansible.playbook import Playbook
from ansible.vars.manager import VariableManager
playbook = Playbook.load({str(COLLECTION / "playbooks/site.yml")!r}, VariableManager(DataLoader()), DataLoader())
print(json.dumps(preload.modules(playbook)))
"""
PACKED = """
from pathlib import Path
from ansible import constants
from ansible.plugins.loader import module_loader
for name in ("openimage.glance.stores_info", "ansible.builtin.file"):
    preload.pack(name, module_loader.find_plugin(name))
found = sorted(path.name for path in Path(constants.DEFAULT_LOCAL_TMP, "ansiballz_cache").iterdir())
print(json.dumps([name for name in found if not name.endswith(".lock")]))
"""


def said(script: str) -> Any:
    """Return what a script prints last, in JSON."""
    done = subprocess.run([sys.executable, "-c", START + script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_filters_and_their_model_are_loaded_before_the_first_fork() -> None:
    loaded = said(LOADED)
    collection = "ansible_collections.openimage.glance.plugins"
    assert {f"{collection}.filter.{file.stem}" for file in (COLLECTION / "plugins/filter").glob("*.py")} <= set(loaded)
    assert f"{collection}.module_utils._stores.registry" in loaded


def test_what_runs_on_the_controller_is_loaded_with_its_client_libraries() -> None:
    loaded = said(LOADED)
    names = {file.stem for file in (COLLECTION / "plugins/action").glob("*.py")}
    assert names == {"image", "service_identity", "store_canary", "stores_info"}
    assert {f"ansible_collections.openimage.glance.plugins.modules.{name}" for name in names} <= set(loaded)
    assert "keystoneauth1.session" in loaded


def test_the_modules_of_a_playbook_are_found_in_the_order_of_their_use() -> None:
    found = said(MODULES)
    assert isinstance(found, dict)
    names = list(found)
    own = [f"openimage.glance.{name}" for name in ("host_facts", "config_files", "service_running", "db_schema")]
    assert [name for name in names if name in own] == own
    assert "community.mysql.mysql_user" in names
    # What only action plugins do is sent to no host, and what runs on the controller seldom is.
    absent = [
        "ansible.builtin.assert",
        "ansible.builtin.set_fact",
        "ansible.builtin.set_stats",
        "openimage.glance.stores_info",
    ]
    assert not set(absent) & set(names)
    assert all(Path(path).is_file() for path in found.values())


def test_a_packed_module_lies_where_its_task_looks_for_it() -> None:
    """By the names that ansible-core gives them: another one of these would pack once more, and nothing be gained."""
    compression = "ZIP_DEFLATED-none"
    assert said(PACKED) == [
        f"ansible.modules.file-{compression}",
        f"ansible_collections.openimage.glance.plugins.modules.stores_info-{compression}",
    ]
