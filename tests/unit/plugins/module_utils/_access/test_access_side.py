"""Stores tried in processes of their own, with a stand-in for the storage: it hangs, breaks, reads its files."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils import _travel
from ansible_collections.openimage.glance.plugins.module_utils._access import rbd_side, runner, side

USER = pwd.getpwuid(os.geteuid()).pw_name
STAND_IN = """
import os, sys, time
from ansible_collections.openimage.glance.plugins.module_utils._access.shared_side import Stop

def libraries():
    import there_is_no_such_library

def attempt(store, settings):
    settings["tell"]("look")
    do = store["pool"]
    if do == "hang":
        time.sleep(60)
    if do == "stubborn":
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        settings["tell"]("wait for ever")
        time.sleep(60)
    if do == "break":
        raise ZeroDivisionError("with reason")
    if do == "die":
        os.abort()
    if do == "stop":
        raise Stop("denied", number=13)
    if do == "library":
        libraries()
    if do == "noise":
        print("noise on standard output", flush=True)
        os.write(1, b"more of it\\n")
    if do == "read":
        with open(store["conf"]) as file:
            conf = file.read()
        with open(conf.split("=")[1].strip()) as file:
            return {"conf": conf, "keyring": file.read(), "path": store["conf"], "who": os.getuid()}
    return {"environment": sorted(os.environ), "write": settings["write"]}
"""


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    real = _travel.source
    monkeypatch.setattr(_travel, "source", lambda module: STAND_IN if module is rbd_side else real(module))


def run(command: list[str], data: bytes) -> tuple[int, str, str]:
    assert "secret" not in " ".join(command), "arguments can be read by everyone"
    done = subprocess.run(command, input=data, capture_output=True, check=False, env={**os.environ, "SECRET": "1"})
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def attempt(*pools: str, seconds: int = 20, files: list[dict[str, str]] | None = None, **more: Any) -> dict[str, Any]:
    stores = [{"id": f"{number}-{pool}", "type": "rbd", "pool": pool, **more} for number, pool in enumerate(pools)]
    settings = runner.Settings(sys.executable, USER, "host", seconds, write=True)
    found = runner.attempt(run, settings, stores, files or [])
    assert list(found) == [store["id"] for store in stores]
    return {name.partition("-")[2]: result for name, result in found.items()}


def test_each_store_gets_its_own_answer() -> None:
    found = attempt("ok", "stop", "library", "noise")
    assert found["ok"]["write"] is True and found["ok"]["environment"] == ["HOME", "LC_ALL", "PATH", "XDG_CACHE_HOME"]
    assert found["stop"]["problem"] == {"kind": "denied", "number": 13}
    assert found["library"]["problem"]["name"] == "there_is_no_such_library"
    assert "problem" not in found["noise"]


def test_what_hangs_is_ended_and_named_by_its_step() -> None:
    found = attempt("hang", "stubborn", "ok", seconds=2)
    assert found["hang"]["problem"]["kind"] == "timeout" and found["hang"]["step"] == "look"
    assert found["stubborn"]["step"] == "wait for ever"
    assert "problem" not in found["ok"]


def test_what_breaks_says_how() -> None:
    found = attempt("break", "die")
    assert found["break"]["problem"]["kind"] == "crash"
    assert found["break"]["problem"]["text"].strip().endswith("ZeroDivisionError: with reason")
    assert found["die"]["problem"]["kind"] == "crash" and found["die"]["problem"]["status"] != 0


def test_more_stores_than_are_tried_at_once() -> None:
    pools = [f"pool{number}" for number in range(3 * side.AT_ONCE)]
    assert list(attempt(*pools)) == pools


def test_files_are_read_from_memory_and_name_each_other() -> None:
    files = [
        {"path": "/etc/ceph/a.conf", "content": "keyring = /etc/ceph/a.keyring\n"},
        {"path": "/etc/ceph/a.keyring", "content": "secret\n"},
    ]
    found = attempt("read", files=files, conf="/etc/ceph/a.conf")["read"]
    assert found["keyring"] == "secret\n" and found["who"] == os.geteuid()
    assert found["path"].startswith("/proc/self/fd/") and "/etc/ceph" not in found["conf"]
    assert not os.path.exists("/etc/ceph/a.keyring")


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("keyring = /a/b", "keyring = M"),
        ("/a/b,/a/b.old,/a/bc,/x/a/b,/a/b/c,/a/b-c", "M,/a/b.old,/a/bc,/x/a/b,/a/b/c,/a/b-c"),
        ("see /a/b.", "see M."),
        ('"/a/b"', '"M"'),
    ],
)
def test_only_whole_paths_are_replaced(text: str, moved: str) -> None:
    assert side.relocator({"/a/b": "M"})(text) == moved


def test_an_interpreter_that_cannot_start_is_named() -> None:
    settings = runner.Settings("/bin/false", USER, "host", 5, write=True)
    with pytest.raises(runner.AccessError, match=r"/bin/false could not try the stores \(exit status 1\)"):
        runner.attempt(run, settings, [{"id": "a", "type": "rbd"}], [])


@pytest.mark.parametrize(("python", "user"), [("/nowhere/python", USER), (sys.executable, "nobody-there")])
def test_what_is_not_installed_yet_is_no_mistake_in_check_mode(python: str, user: str) -> None:
    with pytest.raises(runner.AccessError) as refused:
        runner.attempt(run, runner.Settings(python, user, "host", 5, write=True), [{"id": "a", "type": "rbd"}], [])
    assert refused.value.not_yet


def test_no_secret_is_an_argument() -> None:
    settings = runner.Settings(sys.executable, USER, "host", 5, write=True)
    stores, files = [{"id": "a", "type": "s3", "secret_key": "s3cret"}], [{"path": "/a", "content": "s3cret"}]
    assert "s3cret" not in json.dumps(runner.command(settings))
    assert json.dumps(runner.job(settings, stores, files)).count("s3cret") == 2
