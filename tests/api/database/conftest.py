"""One MariaDB with TLS for all tests of this folder; each test uses names of its own."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mariadb_server import MariaDB, Run, certificates
from module_process import ModuleProcess

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory with the certificates."""
    home = tmp_path_factory.mktemp("tls")
    certificates(home)
    return home


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("db")


@pytest.fixture(scope="session")
def server(homes: Path, tls: Path) -> Iterator[MariaDB]:
    home = homes / "main"
    home.mkdir()
    # Clients on the loopback address are 127.0.0.1 then, whatever this machine calls it.
    options = [
        "--skip-name-resolve",
        f"--ssl-cert={tls}/server.pem",
        f"--ssl-key={tls}/server.key",
        f"--ssl-ca={tls}/ca.pem",
    ]
    running = MariaDB(home, options)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def another(homes: Path) -> Iterator[Callable[..., MariaDB]]:
    """Return a function that starts a server with options of its own, without TLS."""
    started: list[MariaDB] = []

    def start(*options: str) -> MariaDB:
        home = homes / f"another{next(_numbers)}"
        home.mkdir()
        started.append(MariaDB(home, list(options)))
        started[-1].start()
        return started[-1]

    yield start
    for running in started:
        running.stop()


@pytest.fixture
def site(server: MariaDB) -> dict[str, Any]:
    """Return the arguments for a database of which nothing exists yet."""
    number = next(_numbers)
    return {
        **server.login(),
        "name": f"glance_{number}",
        "user": f"glance{number}",
        "password": "p@ss:/w%rd#'\"\\ `",
        "hosts": ["localhost", "127.0.0.1"],
        "collation": "utf8mb4_general_ci",
    }


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function that runs the module as Ansible does: a process of its own, the result out as JSON."""

    def call(arguments: dict[str, Any], check: bool = False, **changes: Any) -> dict[str, Any]:
        arguments = {**arguments, **changes}
        result = ModuleProcess("service_database", arguments, tmp_path, check=check).result()
        shown = json.dumps(result, ensure_ascii=False)
        for secret in {arguments.get("password"), arguments.get("login_password")} - {None, ""}:
            for form in (secret, json.dumps(secret, ensure_ascii=False)[1:-1], secret.replace("'", "''")):
                assert form not in shown
        result["warnings"] = [warning["event"]["msg"] for warning in result.get("warnings", [])]
        return result

    return call
