"""Database URLs; SQLAlchemy's own reading of them is tested in tests/api/config."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._config.urls import UrlRefused, database_url
from ansible_collections.openimage.glance.plugins.module_utils._config.values import render
from hypothesis import given
from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(user=TEXT, password=TEXT)
def test_login_survives_and_needs_no_quoting(user: str, password: str) -> None:
    url = database_url("db", user, password, "glance")
    login = urlsplit(url)
    assert (unquote(login.username or ""), unquote(login.password or "")) == (user, password)
    assert render(url) == url


@pytest.mark.parametrize(
    ("parts", "url"),
    [
        ({"host": "db", "port": 3307}, "mysql+pymysql://glance:p%40ss@db:3307/glance"),
        ({"host": "fd00::1"}, "mysql+pymysql://glance:p%40ss@[fd00::1]/glance"),
        ({"host": "[fd00::1]", "port": 1}, "mysql+pymysql://glance:p%40ss@[fd00::1]:1/glance"),
        (
            {"host": "", "query": {"unix_socket": "/run/my.sock"}},
            "mysql+pymysql://glance:p%40ss@/glance?unix_socket=%2Frun%2Fmy.sock",
        ),
        (
            {"host": "db", "query": {"charset": "utf8mb4", "ssl_ca": None}},
            "mysql+pymysql://glance:p%40ss@db/glance?charset=utf8mb4",
        ),
        ({"host": "db", "driver": "postgresql"}, "postgresql://glance:p%40ss@db/glance"),
    ],
)
def test_parts(parts: dict, url: str) -> None:
    assert database_url(user="glance", password="p@ss", name="glance", **parts) == url


def test_query_is_quoted() -> None:
    url = database_url("db", "u", "p", "n", query={"ssl_ca": "/a b/$c&d.pem"})
    assert parse_qs(urlsplit(url).query) == {"ssl_ca": ["/a b/$c&d.pem"]}
    assert "$" not in url


@pytest.mark.parametrize("wrong", [{"host": "db/x"}, {"host": "db:3306"}, {"name": "a?b"}, {"driver": "my sql"}])
def test_parts_that_would_change_the_url_are_refused(wrong: dict) -> None:
    parts = {"host": "db", "user": "u", "password": "p", "name": "n", **wrong}
    with pytest.raises(UrlRefused):
        database_url(**parts)
