"""Hosts in URLs, and loopback."""

from __future__ import annotations

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._config.hosts import in_url, is_loopback


@pytest.mark.parametrize(
    ("host", "written"),
    [
        ("fd00::1", "[fd00::1]"),
        ("::", "[::]"),
        ("[::1]", "[::1]"),
        ("fe80::1%eth0", "[fe80::1%25eth0]"),
        ("192.0.2.1", "192.0.2.1"),
        ("image1.example.org", "image1.example.org"),
        ("", ""),
    ],
)
def test_a_host_in_a_url(host: str, written: str) -> None:
    assert in_url(host) == written


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost", "LocalHost.", "db.localhost"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "128.0.0.1", "::2", "localhost.example.org", "127.0.0.1.example.org", ""])
def test_other_hosts(host: str) -> None:
    assert not is_loopback(host)
