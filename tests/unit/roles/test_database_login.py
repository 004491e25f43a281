"""The options that the role database gives its module, as Ansible itself works them out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = Path(__file__).resolve().parents[3] / "roles"
CA = "/etc/ssl/ca.pem"
SOCKET = "/run/mysqld/mysqld.sock"
LOGIN = ("login_host", "login_unix_socket", "login_user", "login_password", "ca_cert", "client_cert", "client_key")


@pytest.fixture
def options(tmp_path: Path) -> Any:
    """Return a function: variables of a site -> the module's options."""
    # An option that is omitted is an empty text here, because a filter cannot take omit.
    (task,) = yaml.safe_load(re.sub(r"\bomit\b", "''", (ROLES / "database/tasks/main.yml").read_text()))

    def work_out(**variables: Any) -> dict[str, Any]:
        answer = tmp_path / "answer.json"
        copy = {"dest": str(answer), "mode": "0600", "content": "{{ options | to_json }}"}
        play = {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "vars": {"options": task["openimage.glance.service_database"]},
            "vars_files": [
                str(ROLES / role / folder / "main.yml")
                for role, folder in (("common", "defaults"), ("database", "defaults"), ("database", "vars"))
            ],
            "tasks": [{"ansible.builtin.copy": copy}],
        }
        playbook = tmp_path / "play.yml"
        playbook.write_text(yaml.safe_dump([play]))
        command = [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", playbook]
        given = {"ansible_python_interpreter": sys.executable, "glance_database_password": "s3cret", **variables}
        done = subprocess.run([*command, "-e", json.dumps(given)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        result: dict[str, Any] = json.loads(answer.read_text())
        return result

    return work_out


def login(options: dict[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in LOGIN if options[name] != ""}


def test_options_over_tcp_with_tls(options: Any) -> None:
    given = options(glance_database_login_host="db", glance_database_tls_ca=CA)
    assert login(given) == {"login_host": "db", "login_user": "root", "ca_cert": CA}
    assert (given["login_port"], given["check_hostname"], given["require_tls"]) == (3306, True, True)


def test_options_by_socket_when_glance_comes_with_tls(options: Any) -> None:
    given = options(glance_database_tls_ca=CA)
    expected = {"login_unix_socket": SOCKET, "login_user": "root", "ca_cert": CA}
    assert login(given) == expected
    assert given["require_tls"] is True


def test_options_over_tcp_without_tls(options: Any) -> None:
    given = options(glance_database_login_host="db", glance_database_login_password="d!ploy")
    assert login(given) == {"login_host": "db", "login_user": "root", "login_password": "d!ploy"}
    assert (given["require_tls"], given["assume_absent"]) == (False, False)


def test_options_with_a_client_certificate(options: Any) -> None:
    given = options(
        glance_database_login_host="db",
        glance_database_login_tls_ca=CA,
        glance_database_login_tls_cert="/etc/ssl/client.pem",
        glance_database_login_tls_key="/etc/ssl/client.key",
        glance_database_login_check_hostname=False,
    )
    assert (given["client_cert"], given["client_key"]) == ("/etc/ssl/client.pem", "/etc/ssl/client.key")
    assert (given["check_hostname"], given["require_tls"]) == (False, False)
