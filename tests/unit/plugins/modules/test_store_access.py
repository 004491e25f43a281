"""What the module does around the trials: what it leaves out, remembers, reports and hides."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.openimage.glance.plugins.module_utils._access import runner
from ansible_collections.openimage.glance.plugins.module_utils._stores.plan import store_plan
from ansible_collections.openimage.glance.plugins.modules import store_access

KEYRING = "/etc/ceph/ceph-0.client.glance.keyring"
RBD = {"id": "ceph-0", "type": "rbd", "user": "glance", "conf": "/etc/ceph/ceph-0.conf", "keyring": KEYRING}
S3 = {"id": "s3-0", "type": "s3", "host": "http://192.0.2.5", "bucket": "images", "secret_key": "s3cret/key"}
Module = Callable[..., dict[str, Any]]


class Storage:
    """Stands in for what Glance's interpreter finds."""

    def __init__(self) -> None:
        self.wrong: dict[str, dict[str, Any]] = {}
        self.tried: list[str] = []
        self.write: list[bool] = []

    def attempt(
        self, _run: Any, settings: runner.Settings, stores: list[dict[str, Any]], _files: Any
    ) -> dict[str, dict[str, Any]]:
        self.tried = [store["id"] for store in stores]
        self.write.append(settings.write)
        good = {name: {"id": name, "seconds": 0.5, "step": "look"} for name in self.tried}
        return {
            **good,
            **{name: {**good[name], "problem": self.wrong[name]} for name in self.tried if name in self.wrong},
        }


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Storage:
    made = Storage()
    monkeypatch.setattr(runner, "attempt", made.attempt)
    return made


@pytest.fixture
def run(tmp_path: Path, capfd: pytest.CaptureFixture[str], storage: Storage, monkeypatch: pytest.MonkeyPatch) -> Module:
    """Return a function that runs the module as Ansible does."""
    warnings: list[str] = []
    # Ansible collects them for the whole process, in which other tests run too.
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text: warnings.append(text))

    def call(stores: list[dict[str, Any]], key: str = "AQ==", check: bool = False, **more: Any) -> dict[str, Any]:
        files = [{"path": KEYRING, "content": f"[client.glance]\nkey = {key}\n"}]
        arguments = {"stores": stores, "files": files, "state_dir": str(tmp_path / "state"), **more}
        storage.tried = []
        warnings.clear()
        capfd.readouterr()
        with patch_module_args({**arguments, "_ansible_check_mode": check}), pytest.raises(SystemExit):
            store_access.main()
        out, err = capfd.readouterr()
        result: dict[str, Any] = {**json.loads(out), "warnings": list(warnings)}
        # Core 2.22 gives the secrets of a module to the controller in this key.
        result.pop("_ansible_new_secrets", None)
        shown = json.dumps(result) + err
        assert "s3cret/key" not in shown and (len(key) < 8 or key not in shown)
        return result

    return call


def test_only_what_changed_is_tried_again(run: Module, storage: Storage) -> None:
    first = run([RBD, S3])
    assert first["changed"] is True and first["tried"] == ["ceph-0", "s3-0"] and first["unchanged"] == []
    second = run([RBD, S3])
    assert second["changed"] is False and storage.tried == [] and second["unchanged"] == ["ceph-0", "s3-0"]
    assert run([RBD, S3], key="AR==")["tried"] == ["ceph-0"], "another key, which only that store reads"
    assert run([RBD, {**S3, "secret_key": "another"}], key="AR==")["tried"] == ["s3-0"]
    again = run([RBD, {**S3, "secret_key": "another"}], key="AR==", when="always")
    assert again["tried"] == ["ceph-0", "s3-0"] and again["changed"] is False
    assert storage.write == [True] * 4


def test_check_mode_writes_nothing_and_remembers_nothing(run: Module, storage: Storage, tmp_path: Path) -> None:
    assert run([RBD], check=True)["changed"] is True
    assert not (tmp_path / "state").exists() and storage.write == [False]
    assert run([RBD])["changed"] is True
    assert run([RBD], check=True)["changed"] is False and storage.tried == []


def test_all_that_is_wrong_is_told_at_once_and_tried_again(run: Module, storage: Storage) -> None:
    run([RBD, S3])
    storage.wrong = {
        "ceph-0": {"kind": "keyring_section", "path": KEYRING, "sections": ["client.s3cret/key"]},
        "s3-0": {"kind": "bucket", "buckets": []},
    }
    failed = run([RBD, S3], when="always")
    assert failed["failed"] and len(failed["problems"]) == 2
    assert "2 problems" in failed["msg"] and all(problem in failed["msg"] for problem in failed["problems"])
    assert "Store ceph-0 (rbd)" in failed["msg"] and "Store s3-0 (s3)" in failed["msg"]
    storage.wrong = {}
    assert run([RBD, S3])["tried"] == ["ceph-0", "s3-0"], "what failed is not good any more"


def test_a_good_store_is_remembered_beside_a_bad_one(run: Module, storage: Storage) -> None:
    storage.wrong = {"s3-0": {"kind": "bucket", "buckets": []}}
    assert run([RBD, S3])["failed"]
    assert run([RBD, S3])["tried"] == ["s3-0"]


def test_what_is_not_installed_yet(run: Module, storage: Storage) -> None:
    storage.wrong = {"ceph-0": {"kind": "library", "name": "rbd", "text": "No module named 'rbd'"}}
    result = run([RBD], check=True)
    assert not result.get("failed") and "No module named 'rbd'" in str(result["warnings"])
    assert "install python3-rbd" in run([RBD])["msg"]


@pytest.mark.parametrize("check", [True, False])
def test_an_interpreter_that_is_not_there(run: Module, monkeypatch: pytest.MonkeyPatch, check: bool) -> None:
    def attempt(*_arguments: Any) -> dict[str, Any]:
        raise runner.AccessError("Glance's interpreter does not exist", not_yet=True)

    monkeypatch.setattr(runner, "attempt", attempt)
    result = run([RBD], check=check)
    assert bool(result.get("failed")) is not check
    assert "does not exist" in str(result["warnings"] if check else result["msg"])


def test_a_keyring_that_glance_will_not_be_able_to_read(run: Module) -> None:
    files = [{"path": KEYRING, "content": "x", "mode": "0600", "owner": "root", "group": "root"}]
    result = run([RBD], files=files, user="nobody")
    assert result["failed"] and f"whether nobody will be able to read {KEYRING}" in result["msg"]


def test_an_id_that_is_given_twice(run: Module, storage: Storage) -> None:
    assert "ceph-0" in run([RBD, RBD])["msg"] and storage.tried == []


def test_documentation_and_options_agree() -> None:
    def same(documented: dict[str, Any], spec: dict[str, Any], place: str) -> None:
        assert sorted(documented) == sorted(spec), place
        for name, option in spec.items():
            for key in ("type", "elements", "default", "choices", "required"):
                assert documented[name].get(key) == option.get(key), f"{place}.{name}.{key}"
            same(documented[name].get("suboptions", {}), option.get("options", {}), f"{place}.{name}")

    same(yaml.safe_load(store_access.DOCUMENTATION)["options"], store_access.argument_spec(), "options")


@pytest.mark.parametrize(
    "store",
    [
        {"type": "rbd", "user": "glance"},
        {"type": "swift", "auth_url": "http://k:5000/v3", "user": "glance", "password": "x", "project": "service"},
        {"type": "s3", "host": "http://s3", "access_key": "a", "secret_key": "b", "bucket": "images"},
        {
            "type": "cinder",
            "volume_type": "lvm",
            "auth_url": "http://k:5000/v3",
            "user": "glance",
            "password": "x",
            "project": "service",
        },
    ],
    ids=lambda store: str(store["type"]),
)
def test_it_takes_what_the_store_plan_gives(run: Module, storage: Storage, store: dict[str, Any]) -> None:
    plan = store_plan([{"id": "a", "default": True, **store}], "/srv/staging", "/srv/tasks", "2026.2")
    assert plan["problems"] == []
    result = run(plan["access"], files=plan["files"], user="root")
    assert result.get("failed") is None, result["msg"]
    assert storage.tried == ["a"]
