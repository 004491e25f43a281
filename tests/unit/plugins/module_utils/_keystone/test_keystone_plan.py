"""What a Keystone host needs, from what is seen and from what keystone-manage says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._keystone import runner
from ansible_collections.openimage.glance.plugins.module_utils._keystone.plan import (
    Host,
    KeystoneError,
    Names,
    outcome,
    steps_for,
    without_passwords,
)

NAMES = Names("keystone", "/f", "/c")
FRESH = Host(True, False, False)
STOPPED = Host(True, True, True)
RUNNING = Host(True, True, True, [])


def names(host: Host, check: bool = False) -> list[str]:
    return [step["name"] for step in steps_for(host, NAMES, check)]


def test_steps() -> None:
    assert names(FRESH) == ["schema_check", "db_sync", "fernet_setup", "credential_setup", "bootstrap"]
    assert names(STOPPED) == ["schema_check", "db_sync", "login", "bootstrap"]
    assert names(RUNNING) == ["schema_check", "db_sync"]
    assert names(Host(True, True, True, ["x"])) == ["schema_check", "db_sync", "bootstrap"]


@pytest.mark.parametrize("host", [FRESH, STOPPED, RUNNING, Host(True, True, True, ["x"])])
def test_check_mode_only_asks(host: Host) -> None:
    assert set(names(host, check=True)) <= {"schema_check", "login"}


def test_the_configuration_file_is_given_to_every_command() -> None:
    for step in steps_for(FRESH, Names("k", "/f", "/c", "/x.conf"), False):
        assert step["argv"][:2] == ["--config-file", "/x.conf"]


def results(**codes: Any) -> dict[str, dict[str, Any]]:
    return {name: {"rc": rc, "output": "", "seconds": 0.1} for name, rc in codes.items()}


@pytest.mark.parametrize(
    ("host", "codes", "words"),
    [
        (FRESH, {"schema_check": 2}, ["schema", "tokens", "credentials", "nobody can log in yet"]),
        (RUNNING, {"schema_check": 0}, []),
        (RUNNING, {"schema_check": 4}, ["schema"]),
        (STOPPED, {"schema_check": 0, "login": 0}, []),
        (STOPPED, {"schema_check": 2}, ["schema", "nobody can log in yet"]),
        (Host(True, True, True, ["the door is shut"]), {"schema_check": 0}, ["bootstrap: the door is shut"]),
    ],
)
def test_outcome(host: Host, codes: dict[str, int], words: list[str]) -> None:
    for check in (True, False):
        actions = outcome(host, NAMES, results(**codes), check).actions
        assert len(actions) == len(words)
        assert all(word in action for word, action in zip(words, actions))


def test_the_reasons_of_a_refused_login_are_told() -> None:
    answers = results(schema_check=0, login=1)
    answers["login"]["output"] = "some warning\n" + json.dumps(["first", "second"])
    assert outcome(STOPPED, NAMES, answers, True).actions == ["bootstrap: first; second"]


@pytest.mark.parametrize("codes", [{"schema_check": 1}, {"schema_check": 0, "bootstrap": 1}, {"schema_check": 139}])
def test_a_failed_command_is_an_error(codes: dict[str, int]) -> None:
    answers = results(**codes)
    for answer in answers.values():
        answer["output"] = "Traceback\nOperationalError: mysql+pymysql://keystone:p/%40@localhost/keystone"
    with pytest.raises(KeystoneError) as caught:
        outcome(STOPPED, NAMES, answers, False)
    assert "OperationalError" in str(caught.value) and "p/%40" not in str(caught.value)


def test_a_check_before_the_database_is_there_predicts_everything() -> None:
    result = outcome(FRESH, NAMES, results(schema_check=1), True)
    assert len(result.actions) == 4 and result.warnings
    assert len(outcome(Host(False, False, False), NAMES, {}, True).actions) == 4


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a mysql+pymysql://k:se:cr@et@h/k b", "a mysql+pymysql://k:********@h/k b"),
        ("http://h:5000/v3", "http://h:5000/v3"),
        ("'mysql://k:p'q@h/x?y' at position 3", "'mysql://k:********@h/x?y' at position 3"),
    ],
)
def test_passwords_in_urls_are_hidden(text: str, shown: str) -> None:
    assert without_passwords(text) == shown


# --- the answer to the administrator's login ------------------------------------------------------------------------

ENVIRONMENT = {
    "OS_BOOTSTRAP_USERNAME": "admin",
    "OS_BOOTSTRAP_PASSWORD": "p",
    "OS_BOOTSTRAP_PROJECT_NAME": "admin",
    "OS_BOOTSTRAP_REGION_ID": "RegionOne",
    **{f"OS_BOOTSTRAP_{name}_URL": "http://h/v3" for name in ("PUBLIC", "INTERNAL", "ADMIN")},
}


def token(*endpoints: tuple[str, str, str]) -> dict[str, Any]:
    listed = [{"interface": i, "region_id": r, "url": u} for i, r, u in endpoints]
    return {"token": {"catalog": [{"type": "image", "endpoints": []}, {"type": "identity", "endpoints": listed}]}}


def test_judge() -> None:
    complete = [(name, "RegionOne", "http://h/v3") for name in ("public", "internal", "admin")]
    assert runner.judge(201, token(*complete), ENVIRONMENT) == []
    assert "refused" in runner.judge(401, None, ENVIRONMENT)[0]
    assert len(runner.judge(201, {"token": {}}, ENVIRONMENT)) == 3
    moved = [*complete[:2], ("admin", "RegionOne", "http://old/v3")]
    assert runner.judge(201, token(*moved), ENVIRONMENT) == [
        "the admin endpoint of Keystone is http://old/v3 and not http://h/v3"
    ]
    elsewhere = [*complete[:2], ("admin", "West", "http://h/v3")]
    assert "no admin endpoint" in runner.judge(201, token(*elsewhere), ENVIRONMENT)[0]
