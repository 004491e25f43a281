"""The names by which storage knows hosts: two of one machine have the same, which the role stores must not accept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml


def name_hosts(directory: Path, *hosts: str) -> tuple[int, str]:
    """Return exit status and output of a run that would name these hosts, all of which are this machine.

    Their names follow from /etc/machine-id, which a machine that runs the tests must have.
    """
    tasks = {"name": "openimage.glance.stores", "tasks_from": "names", "rolespec_validate": False}
    play = {
        "hosts": "all",
        "gather_facts": False,
        "vars": {"ansible_python_interpreter": sys.executable},
        "tasks": [{"ansible.builtin.include_role": tasks}],
    }
    playbook = directory / "play.yml"
    playbook.write_text(yaml.safe_dump([play]))
    # What is given so wins over the role's own plan, which needs facts and stores.
    plan = json.dumps({"__glance_plan": {"transports": ["iscsi"]}})
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [program, "--check", "--connection", "local", "--extra-vars", plan]
    done = subprocess.run(
        [*command, "-i", ",".join([*hosts, ""]), playbook],
        env={**os.environ, "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_two_hosts_with_one_name_are_refused(tmp_path: Path) -> None:
    status, output = name_hosts(tmp_path, "one")
    assert status == 0, output
    status, output = name_hosts(tmp_path, "one", "two")
    assert status != 0
    assert "one and two have the same iscsi name, iqn." in output
    assert "Give each a name of its own in /etc/iscsi/initiatorname.iscsi" in output
