"""What stores change in the service unit, and what rootwrap and sudo are told: rendered by Ansible itself."""

from __future__ import annotations

import configparser
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
FACTS = {"distribution": "Debian", "distribution_major_version": "13", "python_version": "3.13.5"}
LOGIN = {"auth_url": "http://ks:5000/v3", "user": "glance", "password": "s3cret", "project": "service"}
LOCAL = {"id": "local", "type": "file", "default": True, "path": '/srv/100%"x"'}
VOLUMES = {"id": "lvm", "type": "cinder", "volume_type": "lvm", **LOGIN, "transports": ["iscsi", "nvme-tcp"]}
SHARE = {"server": "nas", "export": "/x", "mount": "/var/lib/glance"}
HOME = {"id": "nfs", "type": "file", "path": "/var/lib/glance/images", "nfs": SHARE}
CEPH = {"id": "ceph", "type": "rbd", "user": "glance", "ceph_conf": {"mon_host": "10.0.0.1"}}

PLAY = """
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{{{ ansible_playbook_python }}}}"
    api: {repository}/roles/api/templates
    stores: {repository}/roles/stores/templates
  vars_files:
    - {repository}/roles/common/defaults/main.yml
    - {repository}/roles/common/vars/main.yml
    - {repository}/roles/api/defaults/main.yml
    - {repository}/roles/api/vars/main.yml
    - {repository}/roles/stores/vars/main.yml
  tasks:
    - ansible.builtin.set_fact:
        ansible_facts: "{{{{ given }}}}"
    - ansible.builtin.copy:
        dest: "{{{{ answer }}}}"
        content: "{{{{ everything | to_json }}}}"
      vars:
        everything:
          unit: "{{{{ lookup('ansible.builtin.template', api ~ '/glance-api.service.j2') }}}}"
          conf: "{{{{ lookup('ansible.builtin.template', api ~ '/glance-api.conf.j2') }}}}"
          rootwrap: "{{{{ lookup('ansible.builtin.template', stores ~ '/rootwrap.conf.j2') }}}}"
          filters: "{{{{ lookup('ansible.builtin.template', stores ~ '/rootwrap.filters.j2') }}}}"
          sudoers: "{{{{ lookup('ansible.builtin.template', stores ~ '/sudoers.j2') }}}}"
          debs: "{{{{ __glance_debs }}}}"
          watched: "{{{{ __glance_api_watched }}}}"
          directories: "{{{{ __glance_api_directories }}}}"
          places: "{{{{ __glance_stores_file_directories | map(attribute='path') }}}}"
          absent: "{{{{ __glance_stores_absent }}}}"
          surplus: "{{{{ __glance_stores_surplus_mounts }}}}"
"""


@pytest.fixture
def render(tmp_path: Path) -> Any:
    """Return a function: stores and release -> everything that Ansible renders of them."""

    def run(*stores: dict[str, Any], release: str = "", mounts: Sequence[str] = ()) -> dict[str, Any]:
        play, answer, site = tmp_path / "play.yml", tmp_path / "answer.json", tmp_path / "site.json"
        play.write_text(PLAY.format(repository=REPOSITORY))
        given = {**FACTS, "architecture": "x86_64"}
        values = {"glance_stores": list(stores), "glance_release": release, "given": given, "answer": str(answer)}
        site.write_text(json.dumps({**values, "__glance_host": {"nfs_mounts": list(mounts)}}))
        command = [
            str(Path(sys.executable).with_name("ansible-playbook")),
            "-i",
            "localhost,",
            "-e",
            f"@{site}",
            str(play),
        ]
        done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        loaded: dict[str, Any] = json.loads(answer.read_text())
        return loaded

    return run


def test_a_site_without_commands_as_root(render: Any) -> None:
    found = render(LOCAL, CEPH)
    assert "\nNoNewPrivileges=true\n" in found["unit"] and "ReadWritePaths" not in found["unit"]
    assert '\nRequiresMountsFor="/srv/100%%\\"x\\""\n' in found["unit"]
    assert "[os_brick]" not in found["conf"]
    assert found["watched"][-1] == "/etc/ceph/ceph.conf"
    assert found["debs"][-2:] == ["python3-rados", "python3-rbd"]
    # What an earlier plan with volumes has allowed.
    assert found["absent"] == ["/etc/sudoers.d/openimage_glance"]
    assert found["places"] == ["/etc/ceph"]
    assert "/var/lib/glance/lock" in [one["path"] for one in found["directories"]]


def test_a_site_that_attaches_volumes(render: Any) -> None:
    found = render(LOCAL, VOLUMES, release="2026.2")
    assert "\nNoNewPrivileges=false\nReadWritePaths=-/etc/iscsi -/etc/nvme -/etc/multipath\n" in found["unit"]
    for unit in ("iscsid.service", "modprobe@nvme_fabrics.service", "modprobe@nvme_tcp.service"):
        assert f"\nWants={unit}\nAfter={unit}\n" in found["unit"]
    assert "\n[os_brick]\nlock_path = /var/lib/glance/lock\n" in found["conf"]
    assert "/opt/glance/2026.2/bin" in found["rootwrap"] and '"/opt/glance/2026.2/bin:/usr/local' in found["sudoers"]
    rule = "glance ALL = (root) NOPASSWD: /opt/glance/2026.2/bin/glance-rootwrap /etc/glance/rootwrap.conf *\n"
    assert found["sudoers"].endswith(rule)
    assert found["absent"] == [] and "/etc/glance/rootwrap.d" in found["places"]
    assert {"sudo", "open-iscsi", "nvme-cli"} <= set(found["debs"])
    assert "python3-os-brick" not in found["debs"]


@pytest.mark.parametrize(("files", "allowed"), [(0, True), (1, True), (2, True), (3, False)])
def test_the_helper_may_start_with_the_files_that_glance_reads(render: Any, files: int, allowed: bool) -> None:
    parser = configparser.RawConfigParser()
    parser.read_string(render(LOCAL, VOLUMES)["filters"])
    command = ["privsep-helper", *["--config-file", "/etc/glance/x.conf"] * files]
    command += ["--privsep_context", "os_brick.privileged.default", "--privsep_sock_path", "/tmp/a/privsep.sock"]

    def matches(line: str) -> bool:
        kind, _program, _user, *patterns = [part.strip() for part in line.split(",")]
        pairs = zip(patterns, command)
        return kind == "RegExpFilter" and len(patterns) == len(command) and all(re.fullmatch(p, c) for p, c in pairs)

    assert any(matches(line) for line in dict(parser["Filters"]).values()) is allowed


def test_a_home_on_a_share(render: Any) -> None:
    found = render({**HOME, "default": True})
    assert "\nRuntimeDirectory=glance glance/lock\n" in found["unit"]
    assert '\nRequiresMountsFor="/var/lib/glance"\n' in found["unit"]
    assert "Wants=var-lib-glance.mount" not in found["unit"]
    assert "lock_path = /run/glance/lock\n" in found["conf"]
    assert [one["path"] for one in found["directories"]] == ["/etc/glance"]
    assert found["debs"][-1] == "nfs-common"


def test_a_share_that_fails_keeps_only_its_own_store_down(render: Any) -> None:
    found = render(
        LOCAL, {"id": "nfs", "type": "file", "path": "/srv/nfs-0/images", "nfs": {**SHARE, "mount": "/srv/nfs-0"}}
    )
    assert "\nWants=srv-nfs\\x2d0.mount\nAfter=srv-nfs\\x2d0.mount\n" in found["unit"]
    needed = [line for line in found["unit"].splitlines() if line.startswith("RequiresMountsFor")]
    assert len(needed) == 3 and not [line for line in needed if "nfs-0" in line]


def test_mounts_that_nothing_declared_lies_in_are_given_up(render: Any) -> None:
    share = {"id": "nfs", "type": "file", "path": "/srv/nfs-0/images", "nfs": {**SHARE, "mount": "/srv/nfs-0"}}
    there = ["/srv/nfs-0", "/srv/old", "/srv/old/inner", "/var/lib/glance"]
    # The home is in use whether it is declared as a mount or not.
    assert render(LOCAL, share, mounts=there)["surplus"] == ["/srv/old/inner", "/srv/old"]
    # The same directory without its export: the images are on the mount all the same.
    bare = {name: value for name, value in share.items() if name != "nfs"}
    assert render(LOCAL, bare, mounts=there[:1])["surplus"] == []
    assert render(LOCAL)["surplus"] == []
