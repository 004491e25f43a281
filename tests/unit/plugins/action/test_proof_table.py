"""The table of what was proven, in runs of ansible-playbook."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROW = "  local (default)  file  node  yes       NO      -         0.10 s\n"
ESCAPE = "\033["
PROOF = {
    # Templates, as in the role.
    "release": "{{ '2025' ~ '.1' }}",
    "method": "package",
    "endpoints": {"public": "{{ 'http://192.0.2.1:9292' }}"},
    "nodes": {"node": "http://192.0.2.1:9292"},
    "stores": [
        {
            "id": "{{ 'local' }}",
            "type": "file",
            "default": True,
            "node": "{{ inventory_hostname }}",
            "declared": True,
            "loaded": False,
            "writable": None,
            "seconds": 0.1,
        }
    ],
}
IMAGES = {"images": [{"name": "seed", "id": "1-2", "size": 65536, "visibility": "public", "stores": "local"}]}
SITE = {
    "ansible_connection": "local",
    "ansible_become": False,
    "ansible_python_interpreter": sys.executable,
    "glance_keystone_url": "http://192.0.2.5:5000/v3",
    "glance_database_host": "192.0.2.6",
    "glance_database_login_host": "192.0.2.6",
    "glance_database_password": "d4tabase",
    "glance_service_password": "s3rvice",
    "glance_memcached_secret": "m3mcached",
    "glance_keystone_admin_password": "4dmin",
    "glance_stores": [{"id": "local", "type": "file", "default": True, "path": "/srv/images"}],
}


def command(directory: Path, playbook: str | Path, *arguments: str) -> list[str]:
    """Return the command that runs a playbook on one host, which is this machine."""
    inventory = directory / "hosts.yml"
    inventory.write_text(yaml.safe_dump({"glance_api": {"hosts": {"node": SITE}}}))
    program = Path(sys.executable).with_name("ansible-playbook")
    return [str(program), "-i", str(inventory), str(playbook), *arguments]


def environment(**more: str) -> dict[str, str]:
    """Return this environment without what decides about colours, callbacks and the report."""
    ours = ("ANSIBLE_NOCOLOR", "NO_COLOR", "ANSIBLE_FORCE_COLOR", "ANSIBLE_CALLBACKS_ENABLED", "ANSIBLE_CONFIG")
    kept = {name: value for name, value in os.environ.items() if name not in (*ours, "GLANCE_PROOF_REPORT")}
    return {**kept, "TERM": "xterm-256color", **more}


def run(arguments: list[str], **more: str) -> tuple[int, str, str]:
    # Not in the checkout, which has an ansible.cfg.
    done = subprocess.run(arguments, cwd="/", env=environment(**more), capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def on_a_terminal(arguments: list[str], **more: str) -> str:
    """Return what a command prints to a terminal."""
    reader, terminal = pty.openpty()
    streams = {"stdin": terminal, "stdout": terminal, "stderr": terminal}
    with subprocess.Popen(arguments, cwd="/", env=environment(**more), **streams):
        os.close(terminal)
        output = b""
        while True:
            try:
                output += os.read(reader, 65536)
            except OSError:  # The last process that has the terminal has ended.
                break
    os.close(reader)
    return output.decode().replace("\r\n", "\n")


@pytest.fixture
def table(tmp_path: Path) -> Any:
    """Return a function: options of the module, one mapping per task -> the command of a play that has these tasks."""

    def play(*tasks: dict[str, Any]) -> list[str]:
        playbook = tmp_path / "play.yml"
        content = [{"openimage.glance.proof_table": options, "run_once": True} for options in tasks]
        playbook.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": content}]))
        return command(tmp_path, playbook)

    return play


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.minimal"},
    ],
)
def test_table_without_a_terminal_is_printed_once_without_colours(table: Any, variables: dict[str, str]) -> None:
    status, output, errors = run(table({"proof": PROOF}), **variables)
    assert (status, output.count(ROW), output.count("Glance 2025.1, from packages")) == (0, 1, 1), output
    assert ESCAPE not in output and "WARNING" not in errors


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"ANSIBLE_NOCOLOR": "1"}, False),
    ],
)
def test_table_on_a_terminal_has_colours_unless_they_are_unwanted(
    table: Any, variables: dict[str, str], coloured: bool
) -> None:
    output = on_a_terminal(table({"proof": PROOF}), **variables)
    assert (ESCAPE in output) == coloured
    assert ("\033[0;31m" + ROW.strip("\n") + "\033[0m" in output) == coloured and ROW.strip() in output, output


def test_table_has_colours_without_a_terminal_when_they_are_forced(table: Any) -> None:
    _status, output, _errors = run(table({"proof": PROOF}), ANSIBLE_FORCE_COLOR="1")
    assert "\033[0;31m" + ROW.strip("\n") + "\033[0m" in output


def test_log_file_gets_the_table_once_without_colours(table: Any, tmp_path: Path) -> None:
    log = tmp_path / "ansible.log"
    _status, output, _errors = run(table({"proof": PROOF}), ANSIBLE_LOG_PATH=str(log), ANSIBLE_FORCE_COLOR="1")
    assert ROW not in output
    assert log.read_text().count(ROW.strip()) == 1


def test_nothing_is_printed_when_a_program_reads_the_output(table: Any, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    arguments = table({"proof": PROOF, "note": "nothing", "show": False, "report": str(report)})
    status, output, errors = run(arguments)
    assert status == 0 and "local" not in output + errors and "nothing" not in output + errors
    assert json.loads(report.read_text())["stores"][0]["id"] == "local"


def test_report_gets_the_templated_proof_readable_by_its_owner_only(table: Any, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text('{"images": ["of an earlier run"], "stores": []}')
    report.chmod(0o644)
    assert run(table({"proof": PROOF, "report": str(report)}))[0] == 0
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    content = json.loads(report.read_text())
    assert content["release"] == "2025.1" and content["stores"][0]["node"] == "node" and "images" not in content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hosts.yml", "play.yml", "report.json"]


def test_report_of_images_keeps_the_stores_that_are_in_the_file(table: Any, tmp_path: Path) -> None:
    report = str(tmp_path / "report.json")
    status, output, _errors = run(table({"proof": PROOF, "report": report}, {"proof": IMAGES, "report": report}))
    assert status == 0 and output.count(ROW) == 1 and output.count("64.0 KiB") == 1, output
    assert sorted(json.loads(Path(report).read_text())) == [
        "endpoints", "images", "method", "nodes", "release", "stores",
    ]  # fmt: skip


def test_report_that_cannot_be_written_fails_after_the_table(table: Any, tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "report.json"
    status, output, _errors = run(table({"proof": PROOF, "report": str(missing)}))
    assert status == 2 and ROW in output
    assert f"Cannot write the proof to {missing}: No such file or directory." in output


def test_unknown_option_is_refused_by_name(table: Any) -> None:
    status, output, errors = run(table({"proofs": {}}))
    assert status == 2 and "Unsupported parameters" in output + errors and "proofs" in output + errors


@pytest.mark.parametrize("playbook", ["site", "verify"])
def test_playbook_says_that_no_store_was_proven_when_tags_leave_out_the_proof(tmp_path: Path, playbook: str) -> None:
    status, output, _errors = run(command(tmp_path, f"openimage.glance.{playbook}", "--tags", "other"))
    assert status == 0, output
    assert output.count("No store was proven in this run") == 1, output


def test_role_verify_says_in_check_mode_that_no_store_was_proven(tmp_path: Path) -> None:
    playbook = tmp_path / "play.yml"
    # What the role api leaves in check mode on a host without Glance.
    bare = {"__glance_api_service": {"pid": 0}}
    facts = {"ansible_facts": {"distribution": "Debian", "distribution_major_version": "13"}}
    play = {
        "hosts": "glance_api",
        "gather_facts": False,
        "roles": ["openimage.glance.verify"],
        "vars": {**bare, **facts},
    }
    playbook.write_text(yaml.safe_dump([play]))
    report = tmp_path / "report.json"
    status, output, errors = run(command(tmp_path, playbook, "--check"), GLANCE_PROOF_REPORT=str(report))
    assert status == 0, output + errors
    assert output.count("No store was proven in this run: check mode found no running Glance") == 1, output
    assert not report.exists()
