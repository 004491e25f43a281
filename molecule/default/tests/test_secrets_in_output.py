"""New secrets converge in one run, are proven, and are seen nowhere: neither in the output nor in any arguments."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import leaks
import pytest
from live_site import LiveSite, Run

NEW = {
    "glance_database_password": "n3w/d@ta:base? 'pass' \"%word\" $5 #\\",
    "glance_service_password": "n3w&s;rvice {pass} `word` %s ñ",
    "glance_memcached_secret": "n3w=m{mc}ached%%secret$$",
}

# What the operator writes as Glance's own options: which of them are secrets only the installed Glance knows.
UNTOLD = {"root_token_id": "hvs.n0body-told-this", "backend_argument": "key:n0body-told-that"}
CONFIG = {
    "vault": {"root_token_id": UNTOLD["root_token_id"]},
    "cache": {"backend_argument": UNTOLD["backend_argument"]},
}


@contextmanager
def watched_arguments(secrets: dict[str, str]) -> Iterator[dict[str, str]]:
    """Look at the arguments of this machine's processes all the time: the controller's, and those in its containers.

    The value maps what was seen to the arguments; "processes" counts the looks.
    """
    forms = {form.encode(): name for name, secret in secrets.items() for form in leaks.forms(secret)}
    seen: dict[str, str] = {}
    looks = 0
    over = threading.Event()

    def watch() -> None:
        nonlocal looks
        while not over.wait(0.02):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    line = path.read_bytes()
                except OSError:  # it has ended
                    continue
                looks += 1
                seen.update({name: line.decode(errors="replace") for form, name in forms.items() if form in line})

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()
        print(f"looked at arguments {looks} times")
        assert looks > 1000


@pytest.fixture(scope="module")
def runs(site: LiveSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Run, str, dict[str, str]]]:
    """Deploy new secrets with everything shown, and the old ones again at the end."""
    directory = tmp_path_factory.mktemp("secrets")
    log = directory / "ansible.log"
    config = {**site.variables["glance_api_config"], **CONFIG}
    with watched_arguments({**site.secrets, **NEW, **UNTOLD}) as seen:
        run = site.play(
            "-vvv",
            "--diff",
            directory=directory,
            environment={"ANSIBLE_LOG_PATH": str(log), "ANSIBLE_NO_LOG": "0"},
            **NEW,
            glance_api_config=config,
        )
    yield run, log.read_text(), seen
    back = site.play(directory=directory)
    assert back.code == 0, back.output


def test_new_secrets_converge_in_one_run(runs: tuple[Run, str, dict[str, str]], site: LiveSite) -> None:
    run, _, _ = runs
    assert run.code == 0, run.output
    assert run.output.count("local (default)") == 1
    # Each of them is really another one now.
    with site.connect(username="glance", password=NEW["glance_service_password"], project_name="service") as as_glance:
        assert as_glance.authorize()
    search = leaks.program(NEW, 'files(["/etc/glance"], 0)')
    assert site.shell("python3 -", search) == f"/etc/glance/glance-api.conf (-rw-r-----): {sorted(NEW)}\n"
    assert all(value in site.shell("cat /etc/glance/glance-api.conf") for value in UNTOLD.values())
    password = NEW["glance_database_password"].encode().hex()
    right = site.sql(f"SELECT authentication_string = PASSWORD(X'{password}') FROM mysql.user WHERE user = 'glance'")
    assert right == [["1"]]


def test_the_difference_is_shown_without_them(runs: tuple[Run, str, dict[str, str]], site: LiveSite) -> None:
    run, _, _ = runs
    assert "+++" in run.output and "glance-api.conf" in run.output
    assert "memcache_secret_key" in run.output
    assert all(f"{name} = ********" in run.output for name in UNTOLD)
    assert leaks.leaked(run.output, {**site.secrets, **NEW, **UNTOLD}) == []


def test_neither_is_the_log_told(runs: tuple[Run, str, dict[str, str]], site: LiveSite) -> None:
    _, log, _ = runs
    assert "memcache_secret_key" in log
    assert leaks.leaked(log, {**site.secrets, **NEW, **UNTOLD}) == []


def test_no_process_had_them_in_its_arguments(runs: tuple[Run, str, dict[str, str]]) -> None:
    _, _, seen = runs
    assert seen == {}


@pytest.mark.usefixtures("runs")
def test_the_host_keeps_no_copy(site: LiveSite) -> None:
    secrets = {**site.secrets, **NEW, **UNTOLD}
    for call in (
        "journal()",
        'files(["/etc", "/opt", "/var", "/run", "/srv", "/tmp"], 1)',
        'files(["/var/log", "/root"], 0)',
    ):
        assert site.shell("python3 -", leaks.program(secrets, call)) == "", call
