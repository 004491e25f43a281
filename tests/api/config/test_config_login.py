"""The database login of a new configuration, tried with the driver of a real Glance before anything is written."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._config.login import refused


@pytest.fixture(scope="module")
def python(newest: Path) -> str:
    return str(newest / "bin" / "python")


def run(command: list[str], data: bytes) -> tuple[int, str, str]:
    assert b"s3cr3t" not in " ".join(command).encode()
    done = subprocess.run(command, input=data, capture_output=True, check=False, timeout=600)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_database_that_lets_in(python: str, tmp_path: Path) -> None:
    assert refused(run, python, f"sqlite:///{tmp_path}/glance.sqlite") == ""


def test_server_that_is_down_is_named_with_host_port_and_user(python: str) -> None:
    port = closed_port()
    reason = refused(run, python, f"mysql+pymysql://glance:s3cr3t@127.0.0.1:{port}/glance?charset=utf8mb4")
    assert f"database 'glance' on 127.0.0.1:{port} as user 'glance'" in reason
    assert "the server does not answer (2003)" in reason and "To do: " in reason
    assert "s3cr3t" not in reason


def test_url_that_cannot_be_read_tells_no_secret(python: str) -> None:
    reason = refused(run, python, "mysql+pymysql://glance:s3cr3t@host:no/port")
    assert reason.startswith("Trying the database login with ") and "s3cr3t" not in reason


def test_driver_that_is_missing_is_named(python: str) -> None:
    reason = refused(run, python, "mysql+mysqldb://glance:s3cr3t@127.0.0.1/glance")
    assert "driver is not installed" in reason
