"""Faults: what each is made with, and what must be the same after a refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from live_site import LiveSite, Run
from openstack.connection import Connection

API_ONLY = str(Path(__file__).parents[1] / "api_only.yml")
CANARY = "openimage-glance-canary-"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a place for what a run is given."""
    return tmp_path_factory.mktemp("run")


def state(site: LiveSite) -> str:
    """Return process, files (inode, time, owner, content) and listing of what a refusal must not touch."""
    return site.shell(
        "set -e; systemctl show --property MainPID glance-api;"
        " find /etc/glance /etc/systemd/system /var/lib/glance/lock -type f -printf '%p %i %T@ %m %u %g\\n' | sort;"
        " find /etc/glance /etc/systemd/system -type f -exec sha256sum {} + | sort"
    )


@pytest.fixture
def untouched(site: LiveSite) -> Iterator[None]:
    """Fail if the test has changed the service or its files, even for a moment."""
    before = state(site)
    assert "glance-api.conf" in before and "MainPID=0" not in before
    yield
    assert state(site) == before


@pytest.fixture
def no_canaries(cloud: Connection) -> Iterator[None]:
    """Fail if the test leaves images of the verification."""
    yield
    assert [image.name for image in cloud.image.images() if image.name.startswith(CANARY)] == []


@pytest.fixture
def refused(site: LiveSite, directory: Path) -> Callable[..., Run]:
    """Return a function that runs a playbook which must fail."""

    def run(*arguments: str, **variables: object) -> Run:
        done = site.play(*arguments, directory=directory, **variables)
        assert done.code == 2, done.output
        return done

    return run


@contextmanager
def stopped(site: LiveSite, service: str) -> Iterator[None]:
    """Keep a service down."""
    site.shell(f"systemctl stop {service}")
    try:
        yield
    finally:
        site.shell(f"systemctl start {service}")
