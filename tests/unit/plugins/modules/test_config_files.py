"""The module around the parts: order, check mode, diff and refusals. A real Glance judges in tests/api/config."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.openimage.glance.plugins.modules import config_files

SECRET = "p@ss:/w%rd"


class Host:
    """A place for files, and an installed service that answers what it is told to."""

    def __init__(self, directory: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.directory = directory
        self.conf = directory / "x.conf"
        self.python = directory / "python"
        self.warnings: list[str] = []
        self._capture = capture

    def service_answers(self, answer: dict[str, Any]) -> None:
        """Install a service whose interpreter gives this answer, and notes that it was asked."""
        self.python.write_text(f"#!/bin/sh\ncat > {self.directory}/asked\ncat <<'END'\n{json.dumps(answer)}\nEND\n")
        self.python.chmod(0o755)

    def asked(self) -> bool:
        """Whether the service was asked since the last question."""
        note = self.directory / "asked"
        found = note.exists()
        note.unlink(missing_ok=True)
        return found

    def run(self, content: str, **options: Any) -> dict[str, Any]:
        """Run the module for one file and return its result."""
        arguments = {
            "files": [
                {"path": str(self.conf), "content": content, "owner": str(os.getuid()), "group": str(os.getgid())}
            ],
            "validate": {"python": str(self.python), "files": [str(self.conf)]},
            "secrets": [SECRET],
            **options,
        }
        self.warnings.clear()
        with patch_module_args(arguments), pytest.raises(SystemExit):
            config_files.main()
        result: dict[str, Any] = json.loads(self._capture.readouterr().out)
        return {**result, "warnings": self.warnings}


@pytest.fixture
def host(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Host:
    installed = Host(tmp_path, capsys)
    # Where a test has imported Ansible's controller side, warnings would go to the screen and not into the result.
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, warning: installed.warnings.append(warning))
    installed.service_answers({"findings": []})
    return installed


def problem(message: str) -> dict[str, Any]:
    return {"kind": "type", "path": "/x.conf", "line": 2, "section": "a", "option": "b", "message": message}


def test_writes_once(host: Host) -> None:
    first = host.run("[a]\nb = 1\n")
    assert (first["changed"], first["validated"], first["changed_paths"]) == (True, True, [str(host.conf)])
    assert host.conf.read_text() == "[a]\nb = 1\n"
    assert stat.S_IMODE(host.conf.stat().st_mode) == 0o640
    assert host.asked()
    second = host.run("[a]\nb = 1\n")
    assert (second["changed"], second["validated"], second["changed_paths"]) == (False, False, [])
    assert not host.asked()


def test_validates_an_unchanged_file_when_told_to(host: Host) -> None:
    host.run("[a]\n")
    host.asked()
    result = host.run("[a]\n", validate_when="always")
    assert (result["changed"], result["validated"], host.asked()) == (False, True, True)


@pytest.mark.parametrize("check", [False, True])
def test_problems_refuse_everything_and_hide_secrets(host: Host, check: bool) -> None:
    host.run("[a]\nb = 1\n")
    inode = host.conf.stat().st_ino
    host.service_answers({"findings": [problem(f"bad {SECRET} p%40ss%3A%2Fw%25rd"), problem("worse")]})
    result = host.run("[a]\nb = 2\n", _ansible_check_mode=check)
    assert result["failed"]
    assert result["problems"] == [
        "glance_api_config.a.b: not a valid value: bad ******** ******** (/x.conf line 2)",
        "glance_api_config.a.b: not a valid value: worse (/x.conf line 2)",
    ]
    assert "2 problems; nothing was changed:\n  - glance_api_config.a.b" in result["msg"]
    assert (host.conf.read_text(), host.conf.stat().st_ino) == ("[a]\nb = 1\n", inode)


def test_check_mode_predicts_with_the_same_diff(host: Host) -> None:
    predicted = host.run(f"[a]\npassword = {SECRET}\n", _ansible_check_mode=True)
    assert predicted["changed"]
    assert not host.conf.exists()
    done = host.run(f"[a]\npassword = {SECRET}\n")
    assert done["diff"] == predicted["diff"]
    assert done["diff"][0]["prepared"].endswith("@@ -0,0 +1,2 @@\n+[a]\n+password = ********\n")


def test_diff_is_empty_when_nothing_changes(host: Host) -> None:
    host.run("[a]\n")
    assert host.run("[a]\n")["diff"] == []


def test_diff_of_a_mode(host: Host) -> None:
    host.run("[a]\n")
    host.conf.chmod(0o600)
    assert host.run("[a]\n")["diff"] == [{"prepared": f"{host.conf}\n-mode: 0600\n+mode: 0640\n"}]


def test_judging_refuses_as_writing_would(host: Host) -> None:
    host.run("[a]\n")
    host.service_answers({"findings": [problem("bad")]})
    result = host.run("[a]\nb = 2\n", judge_only=True)
    assert result["failed"] and len(result["problems"]) == 1
    assert host.conf.read_text() == "[a]\n"


def test_judging_writes_nothing_and_tells_what_would_change(host: Host) -> None:
    result = host.run("[a]\n", judge_only=True)
    assert (result["changed"], result["validated"], result["changed_paths"]) == (False, True, [str(host.conf)])
    assert not host.conf.exists() and "diff" not in result and result["judged"]
    assert not host.run("[a]\n")["judged"]
    host.asked()
    result = host.run("[a]\n", judge_only=True)
    assert (result["changed_paths"], result["removed"], host.asked()) == ([], [], False)


@pytest.mark.parametrize("answer", [None, {"missing": ["glance.api"]}])
def test_judging_before_the_service_is_installed(host: Host, answer: dict[str, Any] | None) -> None:
    if answer is None:
        host.python.unlink()
    else:
        host.service_answers(answer)
    result = host.run("[a]\n", judge_only=True)
    assert (result.get("failed", False), result["validated"], result["warnings"]) == (False, False, [])


def test_judging_does_not_try_the_login_that_a_later_task_makes(host: Host) -> None:
    validate = {
        "python": str(host.python),
        "files": [str(host.conf)],
        "database": "mysql+pymysql://glance:new@127.0.0.1:1/glance",
    }
    host.service_answers(
        {"findings": [], "where": {"dialect": "sqlite", "database": "x"}, "error": "OperationalError: denied"}
    )
    assert host.run("[a]\n", judge_only=True, validate=validate)["validated"]
    assert "denied" in host.run("[a]\n", validate=validate)["msg"]


def test_what_was_checked_is_not_checked_twice(host: Host) -> None:
    host.service_answers({"findings": [], "secret_options": ["pin"]})
    judged = host.run("[a]\npin = 1234\n", judge_only=True)
    assert host.asked() and "1234" not in json.dumps(judged["verdict"])
    written = host.run("[a]\npin = 1234\n", verdict=judged["verdict"])
    assert (written["changed"], written["validated"], host.asked()) == (True, True, False)
    # What the service calls secret is known from then.
    assert "1234" not in json.dumps(written) and "+pin = ********" in written["diff"][0]["prepared"]
    assert written["verdict"] == judged["verdict"]


@pytest.mark.parametrize("change", ["content", "stores", "namespaces", "python"])
def test_another_question_is_asked(host: Host, change: str) -> None:
    verdict = host.run("[a]\n", judge_only=True)["verdict"]
    host.asked()
    host.service_answers({"findings": [problem("bad")]})
    other = host.directory / "other"
    other.symlink_to(host.python)
    options = {
        "content": {},
        "stores": {"stores": {"a": "file"}},
        "namespaces": {"namespaces": ["b"]},
        "python": {"python": str(other)},
    }[change]
    validate = {"python": str(host.python), "files": [str(host.conf)], **options}
    result = host.run("[b]\n" if change == "content" else "[a]\n", verdict=verdict, validate=validate)
    assert result["failed"] and host.asked() and not host.conf.exists()


@pytest.mark.parametrize("seal", ["", "x.y", "00.", "é.ü"])
def test_what_is_no_seal_answers_nothing(host: Host, seal: str) -> None:
    host.service_answers({"findings": [problem("bad")]})
    assert host.run("[a]\n", verdict={"seal": seal})["failed"] and host.asked()


def test_what_was_only_tolerated_is_checked_again(host: Host) -> None:
    host.service_answers(
        {"findings": [{"kind": "driver", "section": "c", "store_type": "s3", "message": "ImportError: x"}]}
    )
    judged = host.run("[a]\n", judge_only=True)
    assert judged["validated"] and "verdict" not in judged


def test_the_login_is_tried_though_the_rest_was_checked(host: Host) -> None:
    url = "mysql+pymysql://glance:new@127.0.0.1:1/glance"
    validate = {"python": str(host.python), "files": [str(host.conf)], "database": url}
    verdict = host.run("[a]\n", judge_only=True, validate=validate)["verdict"]
    host.service_answers({"where": {"dialect": "sqlite", "database": "x"}, "error": "OperationalError: denied"})
    assert "denied" in host.run("[a]\n", validate=validate, verdict=verdict)["msg"]
    assert not host.conf.exists()


@pytest.mark.parametrize("answer", [None, {"missing": ["glance.api"]}])
def test_service_not_installed(host: Host, answer: dict[str, Any] | None) -> None:
    if answer is None:
        host.python.unlink()
    else:
        host.service_answers(answer)
    result = host.run("[a]\n")
    assert result["failed"]
    assert "the service is not installed" in result["msg"]
    assert not host.conf.exists()
    result = host.run("[a]\n", _ansible_check_mode=True)
    assert (result["changed"], result["validated"]) == (True, False)
    assert "The configuration was not checked" in str(result["warnings"])


def test_a_driver_that_check_mode_would_have_installed(host: Host) -> None:
    host.service_answers(
        {"findings": [{"kind": "driver", "section": "c", "store_type": "s3", "message": "ImportError: x"}]}
    )
    assert "does not load" in str(host.run("[a]\n", _ansible_check_mode=True)["warnings"])
    assert "does not load" in host.run("[a]\n")["msg"]


def test_leftovers_of_a_killed_run_are_removed(host: Host) -> None:
    host.run("[a]\n")
    left = host.directory / ".x.conf.config_files-0123456789abcdef"
    left.touch()
    assert host.run("[a]\n", _ansible_check_mode=True)["changed"]
    assert left.exists()
    result = host.run("[a]\n")
    assert (result["changed"], result["changed_paths"], result["removed"]) == (True, [], [str(left)])
    assert not left.exists()
    assert not host.run("[a]\n")["changed"]


def test_an_identity_that_is_not_there_yet(host: Host) -> None:
    entry = {"path": str(host.conf), "content": "[a]\n", "group": "no-such-group-here"}
    assert host.run("", files=[entry], _ansible_check_mode=True)["changed"]
    result = host.run("", files=[entry])
    assert "there is no group 'no-such-group-here' on this host; install the service first" in result["msg"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"files": [{"path": "relative", "content": ""}]}, "the path must be absolute"),
        ({"files": [{"path": "/x", "content": ""}, {"path": "/x/", "content": ""}]}, "is given twice"),
        ({"files": [{"path": "/x", "content": "", "mode": "416"}]}, "mode 416 is not four octal digits in quotes"),
        ({"validate": {"python": "/p", "files": ["/other"]}}, "validate.files names what is not among files: /other"),
    ],
)
def test_mistakes_of_the_caller(host: Host, options: dict[str, Any], reason: str) -> None:
    result = host.run("[a]\n", **options)
    assert result["failed"]
    assert reason in result["msg"]


def test_secrets_stay_out_of_the_result(host: Host) -> None:
    result = host.run(f"[a]\nb = {SECRET}\n", _ansible_verbosity=3)
    # Core 2.22 gives the secrets of a module to the controller in this key.
    result.pop("_ansible_new_secrets", None)
    assert SECRET not in json.dumps(result)


def plain(host: Host, content: str, check: list[str], **options: Any) -> dict[str, Any]:
    """Run the module for one file with a command that judges it, and no service."""
    file = {"path": str(host.conf), "content": content, "owner": str(os.getuid()), "group": str(os.getgid())}
    return host.run("", files=[{**file, "check": check}], validate=None, **options)


def test_a_command_judges_a_new_content_before_it_is_written(host: Host) -> None:
    judge = ["/bin/grep", "-q", "right"]
    assert plain(host, "right\n", judge)["changed"]
    refused = plain(host, f"wrong {SECRET}\n", judge)
    assert refused["failed"] and "/bin/grep -q right refuses the content" in refused["msg"]
    assert SECRET not in refused["msg"]
    assert host.conf.read_text() == "right\n"
    # What is there already was judged when it came.
    assert not plain(host, "right\n", ["/bin/false"])["changed"]
    assert plain(host, "wrong\n", judge, _ansible_check_mode=True)["failed"]


def test_a_judge_that_is_not_installed_yet_is_a_warning_in_check_mode(host: Host) -> None:
    predicted = plain(host, "x\n", ["/no/such/command"], _ansible_check_mode=True)
    assert predicted["changed"] and "was not checked" in predicted["warnings"][0]


def test_files_that_must_not_be_there_go(host: Host) -> None:
    old, link = host.directory / "old", host.directory / "link"
    old.write_text(SECRET)
    link.symlink_to("/nowhere")
    absent = [str(old), str(link), str(host.directory / "never")]
    predicted = plain(host, "x\n", [], absent=absent, _ansible_check_mode=True)
    assert predicted["removed"] == [str(old), str(link)] and old.exists()
    assert {"prepared": f"{old}\n-file\n"} in predicted["diff"] and SECRET not in str(predicted)
    done = plain(host, "x\n", [], absent=absent)
    assert done["changed"] and done["removed"] == [str(old), str(link)]
    assert not old.exists() and not link.is_symlink()
    assert not plain(host, "x\n", [], absent=absent)["changed"]


def test_what_cannot_be_absent(host: Host) -> None:
    assert "is not a file" in plain(host, "x\n", [], absent=[str(host.directory)])["msg"]
    assert "as absent and as present" in plain(host, "x\n", [], absent=[str(host.conf)])["msg"]
    assert "must be absolute" in plain(host, "x\n", [], absent=["x"])["msg"]
