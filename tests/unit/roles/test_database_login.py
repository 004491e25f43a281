"""How the administrator of the database logs in, as Ansible itself works it out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = Path(__file__).resolve().parents[3] / "roles"
CA = "/etc/ssl/ca.pem"
SOCKET = "/run/mysqld/mysqld.sock"


@pytest.fixture
def login(tmp_path: Path) -> Any:
    """Return a function: variables of a site -> the login, and whether the server is to ask for TLS."""

    def work_out(**variables: Any) -> tuple[dict[str, Any], bool]:
        answer = tmp_path / "answer.json"
        copy = {
            "dest": str(answer),
            "mode": "0600",
            "content": "{{ [__glance_database_login, glance_database_require_tls] | to_json }}",
        }
        play = {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars_files": [
                str(ROLES / role / folder / "main.yml")
                for role, folder in (("common", "defaults"), ("database", "defaults"), ("database", "vars"))
            ],
            "tasks": [{"ansible.builtin.copy": copy}],
        }
        playbook = tmp_path / "play.yml"
        playbook.write_text(yaml.safe_dump([play]))
        command = [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", playbook]
        given = {"ansible_python_interpreter": sys.executable, **variables}
        done = subprocess.run([*command, "-e", json.dumps(given)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        arguments, tls = json.loads(answer.read_text())
        return arguments, tls

    return work_out


def test_over_tcp_with_tls(login: Any) -> None:
    arguments, tls = login(glance_database_login_host="db", glance_database_tls_ca=CA)
    assert arguments == {"login_user": "root", "login_host": "db", "login_port": 3306, "ca_cert": CA}
    assert tls is True


def test_a_socket_has_no_certificate_to_check(login: Any) -> None:
    """Where database and setup host are one, and Glance comes from elsewhere with TLS."""
    arguments, tls = login(glance_database_tls_ca=CA)
    assert arguments == {"login_user": "root", "login_unix_socket": SOCKET}
    assert tls is True


def test_without_tls(login: Any) -> None:
    arguments, tls = login(glance_database_login_host="db", glance_database_login_password="d!ploy")
    assert arguments == {"login_user": "root", "login_password": "d!ploy", "login_host": "db", "login_port": 3306}
    assert tls is False
