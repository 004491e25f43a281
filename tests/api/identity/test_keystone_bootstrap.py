"""keystone_bootstrap with a real Keystone on sqlite, before anything serves it and while it runs."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.openimage.glance.plugins.modules import keystone_bootstrap
from keystone_server import ADMIN_PASSWORD, REGION, Keystone, Run, configure, programs


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def call(arguments: dict[str, Any], check: bool = False, **changes: Any) -> dict[str, Any]:
        arguments = {**arguments, **changes, "_ansible_check_mode": check}
        capfd.readouterr()
        with patch_module_args(arguments), pytest.raises(SystemExit):
            keystone_bootstrap.main()
        out, err = capfd.readouterr()
        assert arguments["admin_password"] not in out + err
        result: dict[str, Any] = json.loads(out)
        return result

    return call


def arguments_for(home: Path, programs: Path, url: str) -> dict[str, Any]:
    return {
        "url": url,
        "admin_password": ADMIN_PASSWORD,
        "region": REGION,
        "user": getpass.getuser(),
        "config_file": str(home / "keystone.conf"),
        "command": str(programs / "keystone-manage"),
        "fernet_repository": str(home / "fernet"),
        "credential_repository": str(home / "credential"),
        "state_file": str(home / "schema-state"),
    }


def test_from_nothing_without_a_server(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "keystone"
    # Nothing listens on the discard port, so all questions go to Keystone's own code.
    arguments = arguments_for(home, configure(home), "http://127.0.0.1:9")
    fresh = [
        "create or upgrade the database schema",
        f"create the keys for tokens in {home}/fernet",
        f"create the keys for credentials in {home}/credential",
        "bootstrap: nobody can log in yet",
    ]
    predicted = run(arguments, check=True)
    assert predicted["changed"] and predicted["actions"] == fresh
    assert not any((home / "fernet").iterdir()), "check mode must not create keys"

    done = run(arguments)
    assert done["actions"] == fresh
    assert list(done["seconds"]) == ["schema_check", "db_sync", "fernet_setup", "credential_setup", "bootstrap"]

    again = run(arguments)
    assert not again["changed"] and not again["actions"]
    assert list(again["seconds"]) == ["schema_check", "login"]
    # Complete, but nobody answers.
    assert not run(arguments, ask_only=True)["settled"]

    moved = run(arguments, check=True, public_url="https://keystone.example.org/v3")
    assert moved["actions"] == [
        "bootstrap: the public endpoint of Keystone is http://127.0.0.1:9/v3 and not https://keystone.example.org/v3"
    ]


def test_a_running_keystone_is_asked_over_http(run: Run, keystone: Keystone) -> None:
    arguments = arguments_for(keystone.home, programs(), keystone.url)
    same = run(arguments)
    assert not same["changed"] and list(same["seconds"]) == ["schema_check"]

    known = run(arguments)
    assert not known["changed"] and not known["seconds"], "an unchanged installation that answers need not be started"

    Path(arguments["state_file"]).write_text("of another installation\n")
    assert list(run(arguments)["seconds"]) == ["schema_check"], "an upgrade must have its schema checked"

    asked = run(arguments, ask_only=True)
    assert (asked["settled"], asked["changed"], asked["seconds"]) == (True, False, {})
    Path(arguments["state_file"]).write_text("of another installation\n")
    for different in ({}, {"region": "Elsewhere"}, {"fernet_repository": str(keystone.home / "none")}):
        assert not run(arguments, ask_only=True, **different)["settled"]
    assert Path(arguments["state_file"]).read_text() == "of another installation\n"

    predicted = run(arguments, check=True, region="Elsewhere")
    assert len(predicted["actions"]) == 1
    assert "there is no admin endpoint of Keystone in region 'Elsewhere'" in predicted["actions"][0]


def test_a_wrong_database_is_an_error_with_its_reason(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "keystone"
    arguments = arguments_for(home, configure(home), "http://127.0.0.1:9")
    config = (home / "keystone.conf").read_text()
    secret = "database-secret"
    broken = config.replace("sqlite:///", f"mysql+pymysql://keystone:{secret}@127.0.0.1:9/x?unused=", 1)
    (home / "keystone.conf").write_text(broken)
    result = run(arguments)
    assert result["failed"] and "db_sync --check failed" in result["msg"]
    assert secret not in json.dumps(result)
    predicted = run(arguments, check=True)
    assert len(predicted["actions"]) == 4 and predicted["warnings"]
    assert secret not in json.dumps(predicted)


def test_without_keystone_only_a_check_succeeds(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = arguments_for(tmp_path, tmp_path, "http://127.0.0.1:9")
    del arguments["command"]
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run(arguments)
    assert result["failed"] and "install Keystone" in result["msg"]
    assert not run(arguments, ask_only=True)["settled"]
    assert len(run(arguments, check=True)["actions"]) == 4


def test_keystones_code_without_its_user_is_no_keystone_yet(run: Run, tmp_path: Path) -> None:
    arguments = {**arguments_for(tmp_path, programs(), "http://127.0.0.1:9"), "user": "nobody-by-this-name"}
    assert len(run(arguments, check=True)["actions"]) == 4
    (tmp_path / "keystone.conf").touch()
    result = run(arguments)
    assert result["failed"] and "there is no user 'nobody-by-this-name'" in result["msg"]
