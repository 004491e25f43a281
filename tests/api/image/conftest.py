"""One Glance with several stores for all tests of this folder; each test uses image names of its own."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from glance_probe import Probe
from glance_server import Glance, Store, running, virtual_environment
from module_process import ModuleProcess, Run
from web_server import Web, filter_options, serving


@pytest.fixture(scope="session")
def web() -> Iterator[Web]:
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def glance(tmp_path_factory: pytest.TempPathFactory, web: Web) -> Iterator[Glance]:
    home = tmp_path_factory.mktemp("glance")
    (home / "a-file").touch()
    (home / "full").mkdir()
    stores = [
        Store("fast", path=home / "fast", options={"store_description": "Fast disks", "weight": 7}),
        Store("slow", path=home / "slow"),
        # Its directory cannot be made, whoever Glance runs as: Glance starts all the same, and lists the store.
        Store("broken", path=home / "a-file" / "images"),
        Store("full", path=home / "full"),
        Store("doomed", path=home / "doomed"),
        Store("web", "http"),
    ]
    # Port 1, on which nobody listens, is allowed too.
    sections = filter_options(web.port, 1)
    server = Glance(virtual_environment("2026.2"), home, stores, tmpfs=str(home / "full"), sections=sections)
    with running(server, default="fast"):
        yield server


@pytest.fixture(scope="session")
def probe(glance: Glance) -> Probe:
    return Probe(glance.url)


@pytest.fixture
def name() -> str:
    """Return the name of an image that no other test has."""
    return f"image-{uuid.uuid4()}"


@pytest.fixture
def start(glance: Glance, tmp_path: Path) -> Callable[..., ModuleProcess]:
    """Return a function that begins to run a module with a login for the Glance under test."""

    def call(module: str, at: str | None = None, /, *, check: bool = False, **arguments: Any) -> ModuleProcess:
        login = {"auth_type": "none", "auth": {"endpoint": at or glance.url}}
        return ModuleProcess(module, {**login, **arguments}, tmp_path, check=check)

    return call


@pytest.fixture
def run(start: Callable[..., ModuleProcess]) -> Run:
    """Return a function that runs a module and returns its result."""

    def call(module: str, at: str | None = None, /, *, check: bool = False, **arguments: Any) -> dict[str, Any]:
        return start(module, at, check=check, **arguments).result()

    return call


@pytest.fixture
def nobody() -> str:
    """Return a URL at which nothing listens."""
    return "http://127.0.0.1:1"
