"""Database or Keystone is down or refuses the login: a clear error within a minute, and nothing half-written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import API_ONLY, stopped
from live_site import LiveSite, Run

pytestmark = pytest.mark.usefixtures("untouched")


def test_a_wrong_login_for_the_grants(refused: Callable[..., Run]) -> None:
    run = refused(
        glance_database_login_host="127.0.0.1",
        glance_database_login_user="nobody",
        glance_database_login_password="wr0ng",
    )
    for words in ("127.0.0.1:3306", "nobody", "refuses the login", "glance_database_login_password"):
        assert words in run.prose, words
    assert "wr0ng" not in run.output


def test_a_wrong_database_password(refused: Callable[..., Run]) -> None:
    run = refused(playbook=API_ONLY, glance_database_password="wr0ng p@ss")
    for word in ("password", "glance", "127.0.0.1", "Nothing was changed"):
        assert word in run.prose, word
    assert "wr0ng p@ss" not in run.output and "wr0ng%20p" not in run.output


@pytest.fixture
def mariadb_down(site: LiveSite) -> Iterator[None]:
    site.shell("systemctl mask --now mariadb")
    yield
    site.shell("systemctl unmask mariadb && systemctl start mariadb")


@pytest.mark.usefixtures("mariadb_down")
def test_mariadb_down(refused: Callable[..., Run]) -> None:
    run = refused()
    assert "mariadb" in run.prose and "masked" in run.prose


@pytest.mark.usefixtures("mariadb_down")
def test_a_database_elsewhere_down(refused: Callable[..., Run]) -> None:
    for arguments in ({}, {"glance_api_config": {"DEFAULT": {"image_member_quota": 300}}}):
        run = refused(playbook=API_ONLY, **arguments)
        assert "127.0.0.1" in run.prose and "3306" in run.prose and "database" in run.prose.lower()


def test_keystone_elsewhere_down(site: LiveSite, refused: Callable[..., Run]) -> None:
    with stopped(site, "keystone"):
        run = refused(playbook=API_ONLY)
    assert site.keystone_url in run.prose


def test_a_wrong_keystone_administrator(refused: Callable[..., Run]) -> None:
    run = refused(playbook=API_ONLY, glance_keystone_admin_password="wr0ng")
    assert "admin" in run.prose and "password" in run.prose and "wr0ng" not in run.output


def test_nothing_is_left_of_it_all(site: LiveSite, directory: Path) -> None:
    run = site.play(directory=directory)
    assert (run.code, run.changed) == (0, 0)
