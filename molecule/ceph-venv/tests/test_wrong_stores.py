"""Stores that the gateway or its certificate do not allow: each is refused with the reason, and nothing is touched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import leaks
import pytest
from live_site import LiveSite, Run


@pytest.fixture
def refused(site: LiveSite, tmp_path: Path) -> Callable[..., Run]:
    """Return a function that deploys with other words about some stores, which must be refused; None removes a word."""

    def run(changes: dict[str, dict[str, Any]]) -> Run:
        assert changes.keys() <= site.stores.keys()
        stores = []
        for name, store in site.stores.items():
            words = {**store, **changes.get(name, {})}
            stores.append({word: value for word, value in words.items() if value is not None})
        before = site.main_pid()
        done = site.play(directory=tmp_path, glance_stores=stores)
        assert done.code == 2 and "the service was not touched" in done.prose, done.output
        assert site.main_pid() == before
        assert leaks.leaked(done.output, site.secrets) == []
        return done

    return run


def test_a_certificate_of_a_private_authority_is_not_trusted_without_it(refused: Callable[..., Run]) -> None:
    run = refused({"swift-0": {"cacert": None}, "s3-0": {"cacert": None}})
    assert "2 problems" in run.prose
    for store in ("swift-0 (swift)", "s3-0 (s3)"):
        _, _, words = run.prose.partition(f"Store {store} on ")
        why = words.partition("Store ")[0]
        assert "the server's certificate is not trusted" in why, why
        assert "set cacert to the file with the CA that signed it" in why, why


def test_an_application_credential_that_is_not_valid_is_named(refused: Callable[..., Run]) -> None:
    run = refused({"swift-0": {"application_credential_secret": "this is not the secret"}})
    assert "1 problem" in run.prose and "Store swift-0 (swift)" in run.prose
    assert "application credential" in run.prose.partition("Store swift-0 (swift)")[2]
    assert "this is not the secret" not in run.output


def test_a_region_that_the_gateway_does_not_have_is_named(refused: Callable[..., Run]) -> None:
    """A region counts where a bucket is made."""
    run = refused({"s3-0": {"region": "nowhere", "bucket": "another"}})
    assert "Store s3-0 (s3)" in run.prose
    assert "the bucket is in another region than asked for (nowhere)" in run.prose


def test_checksums_that_the_gateway_refuses_are_named(refused: Callable[..., Run]) -> None:
    options = {
        "s3_store_enable_data_integrity_protection": True,
        "s3_store_request_checksum_calculation": "when_supported",
    }
    run = refused({"s3-0": {"options": options}})
    assert "Store s3-0 (s3)" in run.prose
    assert "set s3_store_enable_data_integrity_protection to false" in run.prose
