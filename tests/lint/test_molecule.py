"""Molecule passes over a scenario whose tests it does not find; here that is an error."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = yaml.safe_load((REPOSITORY / ".config/molecule/config.yml").read_text())
SCENARIOS = sorted((REPOSITORY / "molecule").glob("*/molecule.yml"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.parent.name)
def test_every_scenario_has_tests_where_molecule_looks_for_them(path: Path) -> None:
    verifier = {**SHARED["verifier"], **(yaml.safe_load(path.read_text()).get("verifier") or {})}
    directory = path.parent / verifier["directory"]
    for folder in [directory, *(directory / name for name in verifier.get("additional_files_or_dirs", []))]:
        # A folder that is not there is no error to molecule, and ".." behind one leads nowhere.
        assert folder.is_dir() and list(folder.glob("test_*.py")), folder


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.parent.name)
def test_every_scenario_makes_the_full_round(path: Path) -> None:
    scenario = {**SHARED["scenario"], **(yaml.safe_load(path.read_text()).get("scenario") or {})}
    round_trip = ["create", "check", "converge", "idempotence", "verify", "destroy"]
    assert [step for step in scenario["test_sequence"][1:] if step in round_trip] == round_trip
