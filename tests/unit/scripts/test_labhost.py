"""What benchmarks and the chaos test share still fits the rest of the project: no run of all tests starts them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import labhost
import pytest
import yaml

ROOT = Path(__file__).parents[3]
PROGRAMS = [*sorted((ROOT / "benchmarks").glob("*.py")), ROOT / "tests" / "chaos" / "kill_deployment.py"]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_begins(program: Path) -> None:
    done = subprocess.run([sys.executable, program, "--help"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("usage: ") and done.stderr == ""


def test_a_host_gets_its_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The container alone is not made.
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(labhost.LabHost, "_lab", lambda _host, *words: asked.append(words) or "192.0.2.1")
    monkeypatch.setattr(labhost.LabHost, "shell", lambda _host, _script: "")
    monkeypatch.setattr(labhost, "control", lambda: Path(sys.executable).parent)
    host = labhost.LabHost("glance-unit", "debian13", tmp_path / "state")
    host.make()
    assert asked == [("down", "glance-unit"), ("up", "glance-unit", "debian13")]
    assert yaml.safe_load((host.state / "site.yml").read_text())["address"] == "192.0.2.1"
    assert (host.state / "seed.qcow2").stat().st_size > 0


def test_deploy_measures_each_task_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = """
    printf 'PLAY [Glance] ****\\n\\nTASK [openimage.glance.api : Write files] ****\\nok: [glance-unit]\\n'
    printf 'TASK [Wait] ****\\n' >&2
    printf 'glance-unit : ok=2 changed=1 unreachable=0 failed=0\\n'
    exit 3
    """
    host = labhost.LabHost("glance-unit", "debian13", tmp_path)
    monkeypatch.setattr(labhost.LabHost, "site", ["bash", "-c", script])
    monkeypatch.setattr(labhost, "OWN_WORLD", [])
    run = host.deploy("run.log")
    assert [task for task, _seconds in run.costs] == ["openimage.glance.api : Write files", "Wait"]
    assert 0 <= sum(seconds for _task, seconds in run.costs) <= run.seconds
    assert (run.status, run.changed) == (3, 1)
    assert (tmp_path / "run.log").read_text() == run.output
