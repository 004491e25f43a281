"""The module as Ansible ships and runs it, against an installed Glance."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SECRET = "p@ss:/w%rd#'\"$"
UNTOLD = "hvs.n0body-told"
GOOD = "[DEFAULT]\nenabled_backends = local:file\n[local]\nfilesystem_store_datadir = /x\n"


def run(venv: Path, directory: Path, content: str, *arguments: str) -> tuple[dict[str, Any], str]:
    """Run the module through ansible-playbook; its result and everything that was printed."""
    task = {
        "openimage.glance.config_files": {
            "files": [
                {
                    "path": str(directory / "etc/x.conf"),
                    "content": content,
                    "owner": str(os.getuid()),
                    "group": str(os.getgid()),
                }
            ],
            "directories": [{"path": str(directory / "etc"), "owner": str(os.getuid()), "group": str(os.getgid())}],
            "validate": {
                "python": str(venv / "bin/python"),
                "files": [str(directory / "etc/x.conf")],
                "stores": {"local": "file"},
                "origins": {"local": "glance_stores[0].options"},
            },
            "secrets": [SECRET],
        }
    }
    keep = {
        "ansible.builtin.copy": {"content": "{{ result | to_json }}", "dest": str(directory / "result"), "mode": "0600"}
    }
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False}
    play["vars"] = {"ansible_python_interpreter": sys.executable}
    play["tasks"] = [
        {**task, "register": "result", "ignore_errors": True},
        {**keep, "check_mode": False, "diff": False},
    ]
    (directory / "play.yml").write_text(json.dumps([play]))
    playbook = str(Path(sys.executable).parent / "ansible-playbook")
    command = [playbook, "-i", "localhost,", str(directory / "play.yml"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=directory)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((directory / "result").read_text()), done.stdout + done.stderr


def test_write_repeat_refuse(newest: Path, tmp_path: Path) -> None:
    conf = tmp_path / "etc/x.conf"
    text = GOOD + "[database]\nconnection = mysql+pymysql://g:p%40ss%3A%2Fw%25rd%23%27%22%24@h/g\n"
    # Nobody tells these, as with whatever is in glance_api_config: the installed service knows that they are secret.
    text += f"[vault]\nroot_token_id = {UNTOLD}\n[cache]\nbackend_argument = key:{UNTOLD}\n"
    predicted, _output = run(newest, tmp_path, text, "--check", "--diff")
    assert (predicted["changed"], predicted["validated"], conf.exists()) == (True, True, False)
    written, output = run(newest, tmp_path, text, "--diff", "-vvv")
    assert (written["changed"], written["validated"], conf.read_text()) == (True, True, text)
    assert written["diff"] == predicted["diff"]
    assert "connection = mysql+pymysql://g:********@h/g" in output
    assert "root_token_id = ********" in output and "backend_argument = ********" in output
    assert SECRET not in output and UNTOLD not in output
    assert "p%40ss" not in output
    again, _output = run(newest, tmp_path, text)
    assert not again["changed"]

    before = conf.stat()
    refused, _output = run(newest, tmp_path, text.replace("datadir", "datadri"))
    assert refused["failed"]
    assert refused["problems"] == [
        "glance_stores[0].options.filesystem_store_datadri: unknown option of a file store; "
        f"did you mean filesystem_store_datadir? ({conf} line 4)"
    ]
    assert (conf.stat().st_ino, conf.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
