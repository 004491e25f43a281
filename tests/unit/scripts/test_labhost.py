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
