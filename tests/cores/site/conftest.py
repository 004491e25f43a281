"""A controller with the collection installed, for the ansible-core of the environment in which pytest runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from controller import Controller
from lab import LabHost


@pytest.fixture(scope="session")
def controller(tmp_path_factory: pytest.TempPathFactory) -> Controller:
    """Install the tarball that CORES_TARBALL names, or the one of this checkout."""
    folder = tmp_path_factory.mktemp("cores")
    (folder / "home").mkdir()
    (folder / "site").mkdir()
    controller = Controller(folder / "home", folder / "site")
    given = os.environ.get("CORES_TARBALL")
    controller.install(Path(given) if given else controller.build(folder))
    return controller


@pytest.fixture(scope="session")
def host() -> LabHost:
    """Return the lab host that CORES_HOST names."""
    address = os.environ.get("CORES_HOST")
    if not address:
        pytest.fail("CORES_HOST: name the address of a bare lab host to which this user may log in as root")
    return LabHost(address)
