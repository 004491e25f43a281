"""A web server with a certificate that nobody knows: refused as our plan has the store, read with its authority."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._stores.plan import store_plan
from glance_server import Glance, Store, running, virtual_environment
from module_process import Run
from web_server import Web, filter_options, serving


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a self-signed certificate and its key."""
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    subprocess.run([*command, "-keyout", file, "-out", f"{file}.crt"], check=True, capture_output=True)
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


@pytest.fixture(scope="module")
def tls_web(certificate: Path) -> Iterator[Web]:
    with serving(certificate) as server:
        yield server


def read_through_glance(run: Run, web: Web, home: Path, **options: Any) -> dict[str, Any]:
    """Return what the canary says of an http store with these keys, in a Glance that has the section of our plan."""
    web.offer("/probe")
    local = {"id": "local", "type": "file", "path": str(home / "images"), "default": True}
    declared = [local, {"id": "web", "type": "http", **options}]
    section = store_plan(declared, str(home / "staging"), str(home / "tasks"))["sections"]["web"]
    stores = [Store("local", path=home / "images"), Store("web", "http", options=section)]
    glance = Glance(virtual_environment("2026.2"), home, stores, sections=filter_options(web.port))
    with running(glance, default="local"):
        probe = {"url": f"{web.url}/probe", "checksum": web.sha512("/probe")}
        given = [{"id": "web", "read_only": True, "probe": probe}]
        login = {"auth": {"endpoint": glance.url}}
        return run("store_canary", **login, endpoints={"one": glance.url}, stores=given)


def test_refused_unless_its_authority_is_named(run: Run, tls_web: Web, tmp_path: Path, certificate: Path) -> None:
    result = read_through_glance(run, tls_web, tmp_path / "refused")
    assert result["failed"] and "level readable" in result["msg"]
    authority = {"https_ca_certificates_file": f"{certificate}.crt"}
    result = read_through_glance(run, tls_web, tmp_path / "accepted", **authority)
    assert not result.get("failed"), result["msg"]
    (found,) = result["results"]
    assert (found["ok"], found["size"]) == (True, len(tls_web.files["/probe"]))
