"""What the role api writes for the stores that the role stores prepares: both in check mode, on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

LOGIN = {"auth_url": "http://ks:5000/v3", "user": "glance", "password": "s3cret", "project": "service"}
LOCAL = {"id": "local", "type": "file", "default": True, "path": "/srv/glance-unit-test/images"}
# Over NVMe, because for iSCSI a service must run, and this machine may have no systemd.
VOLUMES = {"id": "lvm", "type": "cinder", "volume_type": "lvm", **LOGIN, "transports": ["nvme-tcp"]}
CEPH = {
    "id": "ceph",
    "type": "rbd",
    "user": "glance",
    "ceph_conf": {"mon_host": "192.0.2.1"},
    "keyring": "a" * 38 + "==",
}

PLAY = """
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - ansible.builtin.set_fact:
        ansible_facts: "{{ given }}"
    - ansible.builtin.import_role: {name: openimage.glance.stores, rolespec_validate: false}
    - ansible.builtin.import_role: {name: openimage.glance.api, tasks_from: configure, rolespec_validate: false}
    - ansible.builtin.copy:
        dest: "{{ answer }}"
        content: "{{ [__glance_stores_directories, __glance_api_configuration] | to_json }}"
      check_mode: false
"""


def planned(directory: Path, *stores: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the paths that preparing the stores would change, and those that writing the configuration would."""
    play, answer, site = directory / "play.yml", directory / "answer.json", directory / "site.json"
    play.write_text(PLAY)
    facts = {"distribution": "Debian", "distribution_major_version": "13", "python_version": "3.13.5"}
    given = {
        "given": {**facts, "architecture": "x86_64"},
        "answer": str(answer),
        "glance_stores": list(stores),
        "glance_memcached_servers": [],
        # Nothing is installed there, so nothing is asked.
        "glance_venv_directory": str(directory),
        "glance_release": "2026.2",
    }
    site.write_text(json.dumps(given))
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [program, "--check", "-i", "localhost,", "-e", f"@{site}", str(play)]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False, cwd=directory)
    assert done.returncode == 0, done.stdout + done.stderr
    prepared, written = json.loads(answer.read_text())
    return prepared["changed_paths"], written["changed_paths"]


def test_logins_are_written_with_the_configuration(tmp_path: Path) -> None:
    prepared, written = planned(tmp_path, LOCAL, CEPH)
    assert LOCAL["path"] in prepared and not [path for path in prepared if path.startswith("/etc/")]
    assert {"/etc/glance/glance-api.conf", "/etc/ceph", "/etc/ceph/ceph.conf"} <= set(written)
    assert [path for path in written if path.endswith(".keyring")]


def test_what_may_run_as_root_is_written_with_the_configuration(tmp_path: Path) -> None:
    prepared, written = planned(tmp_path, LOCAL, VOLUMES)
    assert not [path for path in prepared if path.startswith("/etc/")]
    root = {"/etc/glance/rootwrap.conf", "/etc/glance/rootwrap.d/openimage_glance.filters"}
    assert root | {"/etc/sudoers.d/openimage_glance"} <= set(written)
