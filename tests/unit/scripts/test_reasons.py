"""When a part of the tests fails, the few lines that are shown of its log say why."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

REASONS = Path(__file__).parents[3] / "scripts" / "reasons.sh"

# What molecule writes after whatever went wrong.
CLEANING = "\n".join(
    [
        "TASK [Ask the host what failed, what its API said, and what hangs] ****",
        "[ERROR]: Task failed: Failed to connect to the host via ssh",
        "Origin: molecule/shared/cleanup.yml:8:7",
        "",
        "fatal: [glance-two]: UNREACHABLE! =>",
        "...ignoring",
        "INFO     [cinder > destroy] Executing",
        "PLAY [Destroy] *****",
        "    stdout: |-",
        "        glance-one| glance-api.service loaded failed failed",
        *[f"            attribute{number}: null" for number in range(60)],
        "PLAY RECAP *****",
        "localhost                  : ok=2    changed=2",
        "",
    ]
)

PLAY = """\
TASK [openimage.glance.verify : Fail unless every store is writable] ****
[ERROR]: Task failed: Action failed: Store iscsi-0 on node-1 failed at level writable
  - what to do
Origin: verify/tasks/main.yml:40:3

fatal: [node-1]: FAILED! =>
    changed: false

ERROR    [cinder > converge] \x1b[31mExecuted: Failed\x1b[0m
"""

IDEMPOTENCE = """\
INFO     [cinder > idempotence] Executing
[ERROR]: Task failed: an earlier one, which was rescued
Origin: somewhere

CRITICAL Idempotence test failed because of the following tasks:
*  => openimage.glance.api : Write the configuration
*  => openimage.glance.api : Run it
ERROR    [cinder > idempotence] \x1b[31mExecuted: Failed\x1b[0m
"""

PYTEST = """\
[ERROR]: Task failed: which came before any test
===== FAILURES =====
_____ test_it _____
>       assert found == []
E       AssertionError: assert ['one'] == []
E         Left contains one more item: 'one'
----- Captured stdout call -----
[ERROR]: Task failed: Module failed: The stores could not be read.
===== PASSES =====
[ERROR]: Task failed: which this test wanted
=========================== short test summary info ============================
FAILED tests/test_volumes.py::test_it[ansible://glance] - AssertionError: assert ['one'] == []
======================== 1 failed, 11 passed in 428.12s (0:07:08) ========================
ERROR    [cinder > verify] \x1b[31mExecuted: Failed\x1b[0m
"""

LINTER = "plugins/a.py:3:1: F401 unused\nFound 1 error.\n"


def reasons(log: Path, text: str) -> list[str]:
    log.write_text(text)
    done = subprocess.run([REASONS, log], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (PLAY + CLEANING, ["failed at level writable", "  - what to do", "[cinder > converge] Executed: Failed"]),
        (IDEMPOTENCE + CLEANING, ["the following tasks", "api : Write the configuration", "api : Run it"]),
        (
            PYTEST + CLEANING,
            ["assert ['one'] == []", "Left contains", "FAILED tests/test_volumes.py::test_it", "could not be read"],
        ),
        (LINTER, ["plugins/a.py:3:1: F401 unused", "Found 1 error."]),
        ("x" * 100_000 + "\n", ["xxx"]),
        ("", []),
    ],
    ids=["ansible", "idempotence", "pytest", "linter", "endless line", "nothing"],
)
def test_the_reason_is_among_the_few_lines(tmp_path: Path, text: str, wanted: list[str]) -> None:
    found = reasons(tmp_path / "log", text)
    for part in wanted:
        assert any(part in line for line in found), found
    assert len(found) <= 35 and all(len(line) <= 240 for line in found)
    assert (CLEANING not in text) or "glance-one| glance-api.service loaded failed failed" in found
    assert (CLEANING not in text) or "fatal: [glance-two]: UNREACHABLE! =>" in found
    assert "Failed to connect" not in "\n".join(found)
    assert "which this test wanted" not in "\n".join(found)
    assert "which came before" not in "\n".join(found)
