"""Words for what the probe finds."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._config.verdicts import judge, nearest

PLACE = {"path": "/etc/glance/glance-api.conf", "line": 7}
OPTION = {
    "kind": "option",
    **PLACE,
    "section": "DEFAULT",
    "choices": [],
    "elsewhere": [],
    "store_type": "",
    "types": [],
    "needs_auth_type": False,
}
STORE = {**OPTION, "section": "fast", "store_type": "file", "choices": ["filesystem_store_chunk_size", "weight"]}
ORIGINS = {"fast": "glance_stores[1].options"}


@pytest.mark.parametrize(
    ("name", "choices", "meant"),
    [
        ("conection", ["connection", "max_pool_size"], "connection"),
        ("Debug", ["debug"], "debug"),
        ("log-dir", ["log_dir", "log_file"], "log_dir"),
        ("chunk_size", ["filesystem_store_chunk_size", "weight"], "filesystem_store_chunk_size"),
        ("pool", ["rbd_store_pool", "rbd_other_store_pool"], "rbd_store_pool"),
        ("entirely_else", ["debug"], ""),
        ("x", [], ""),
    ],
)
def test_nearest(name: str, choices: list[str], meant: str) -> None:
    assert nearest(name, choices) == meant


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (
            {**STORE, "option": "filesystem_store_chunk_sise"},
            "glance_stores[1].options.filesystem_store_chunk_sise: unknown option of a file store; "
            "did you mean filesystem_store_chunk_size?",
        ),
        (
            {**STORE, "option": "rbd_store_pool", "types": ["rbd"], "elsewhere": ["glance_store"]},
            "glance_stores[1].options.rbd_store_pool: unknown option of a file store; it is an option of an rbd store",
        ),
        (
            {**OPTION, "option": "connection", "elsewhere": ["database"]},
            "glance_api_config.DEFAULT.connection: unknown option of [DEFAULT]; it belongs in [database]",
        ),
        (
            {**OPTION, "option": "debgu", "choices": ["debug"]},
            "glance_api_config.DEFAULT.debgu: unknown option of [DEFAULT]; did you mean debug?",
        ),
        (
            {**OPTION, "section": "keystone_authtoken", "option": "username", "needs_auth_type": True},
            "glance_api_config.keystone_authtoken.username: has no effect without auth_type; "
            "set auth_type, for example to password",
        ),
        (
            {"kind": "section", **PLACE, "section": "databse", "choices": ["database", "DEFAULT"]},
            "glance_api_config.databse: unknown section; did you mean database?",
        ),
        (
            {
                "kind": "type",
                **PLACE,
                "section": "DEFAULT",
                "option": "debug",
                "message": "Unexpected boolean value 'x'",
            },
            "glance_api_config.DEFAULT.debug: not a valid value: Unexpected boolean value 'x'",
        ),
        (
            {"kind": "type", **PLACE, "section": "a", "option": "b", "message": ""},
            "glance_api_config.a.b: not a valid value (not shown, the option is secret)",
        ),
        (
            {"kind": "substitution", **PLACE, "section": "a", "option": "b", "name": "word"},
            "glance_api_config.a.b: its value refers to $word, and there is no such option; write $$ for a dollar sign",
        ),
        (
            {"kind": "conflict", **PLACE, "section": "a", "option": "b", "first": 3},
            "glance_api_config.a.b: set to two different values in one file (first on line 3), "
            "only the last would count",
        ),
        (
            {
                "kind": "auth_type",
                **PLACE,
                "section": "a",
                "option": "auth_type",
                "value": "pasword",
                "choices": ["password"],
            },
            "glance_api_config.a.auth_type: there is no login plugin 'pasword'; did you mean password?",
        ),
    ],
)
def test_problems(finding: dict[str, Any], text: str) -> None:
    verdict = judge([finding], ORIGINS, "glance_api_config")
    assert verdict.problems == [f"{text} (/etc/glance/glance-api.conf line 7)"]
    assert verdict.warnings == []


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (
            {"kind": "renamed", **PLACE, "section": "fast", "option": "a", "to_section": "fast", "to_option": "b"},
            "glance_stores[1].options.a: deprecated name; the option is called b in [fast] now "
            "(/etc/glance/glance-api.conf line 7)",
        ),
        (
            {"kind": "removal", **PLACE, "section": "a", "option": "b", "reason": "Not\n  used."},
            "glance_api_config.a.b: deprecated and to be removed (Not used.) (/etc/glance/glance-api.conf line 7)",
        ),
        (
            {"kind": "namespace", "name": "os_brick", "message": "ImportError: no"},
            "the options of os_brick count as unknown, they could not be asked for: ImportError: no",
        ),
    ],
)
def test_warnings(finding: dict[str, Any], text: str) -> None:
    verdict = judge([finding], ORIGINS, "glance_api_config")
    assert verdict == ([], [text])


def test_a_store_that_does_not_load_has_no_line() -> None:
    finding = {
        "kind": "driver",
        "section": "fast",
        "store_type": "cinder",
        "message": "ImportError: No module named 'x'",
    }
    text = (
        "glance_stores[1].options: the driver of a cinder store does not load in this installation: "
        "ImportError: No module named 'x'"
    )
    assert judge([finding], ORIGINS, "glance_api_config") == ([text], [])
    assert judge([finding], ORIGINS, "glance_api_config", tolerated=["driver"]) == ([], [text])


def test_a_file_that_cannot_be_read() -> None:
    finding = {"kind": "syntax", **PLACE, "message": "No ':' or '=' found in assignment"}
    text = "/etc/glance/glance-api.conf line 7: cannot be read: no ':' or '=' found in assignment"
    assert judge([finding], {}, "x") == ([text], [])
