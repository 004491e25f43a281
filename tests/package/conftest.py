"""The collection as users get it: built, and installed where no other collection is."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from commands import run


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the collection; return its file."""
    directory = tmp_path_factory.mktemp("built")
    run("ansible-galaxy", "collection", "build", "--output-path", directory)
    (built,) = directory.glob("openimage-glance-*.tar.gz")
    return built


@pytest.fixture(scope="session")
def shipped(tarball: Path) -> set[str]:
    """Return the names of the files in the tarball."""
    with tarfile.open(tarball) as archive:
        return {member.name for member in archive if member.isfile()}


@pytest.fixture(scope="session")
def collections(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the collection without a network; return the collections path."""
    path = tmp_path_factory.mktemp("collections")
    install = ("ansible-galaxy", "collection", "install", "--offline", tarball)
    run(*install, ANSIBLE_COLLECTIONS_PATH=str(path))
    return path
