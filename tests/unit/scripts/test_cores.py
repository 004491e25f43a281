"""What scripts/cores.py reads from the lock files and from pytest's report, and when it passes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cores
import pytest
from labhost import LabError

TESTS = """\
import pytest

@pytest.fixture
def broken():
    raise RuntimeError

def test_site_deploys(): pass
def test_second_run_changes_nothing(): assert False
def test_verify_proves_the_stores(): pytest.skip("no host")
def test_verify_names_a_broken_store(broken): pass
def test_no_run_warned(record_property): record_property("warnings", 3)
"""


def passed() -> cores.Core:
    results = dict.fromkeys(cores.COLUMNS, cores.PASSED)
    return cores.Core("2.21", "2.21.5", {**results, cores.WARNINGS: "0"})


def test_cores_are_all_that_are_locked_in_order() -> None:
    found = cores.cores([])
    locked = {path.stem.removeprefix("control-") for path in (cores.CHECKOUT / "requirements").glob("control-*.txt")}
    assert {core.name for core in found} == locked
    assert [core.name for core in found][:3] == ["2.19", "2.20", "2.21"]
    assert all(core.version.startswith(f"{core.name}.") for core in found)


def test_cores_refuses_a_core_that_is_not_locked() -> None:
    assert [core.name for core in cores.cores(["2.20"])] == ["2.20"]
    with pytest.raises(LabError, match=r"locks no ansible-core 1\.0, but"):
        cores.cores(["2.20", "1.0"])


def test_site_results_tell_passed_from_failed_skipped_and_broken(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS)
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--junitxml", str(report), str(tmp_path)]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert cores.site_results(report.read_text()) == {
        "site": cores.PASSED,
        "second run": cores.FAILED,
        "verify": cores.FAILED,
        "broken store": cores.FAILED,
        "warnings": "3",
    }


def test_columns_have_the_names_of_tests_that_there_are() -> None:
    tests = (cores.CHECKOUT / "tests/cores/site/test_site.py").read_text()
    assert all(f"\ndef {name}(" in tests for name in cores.SITE)


def test_core_passes_when_all_columns_pass_without_a_warning() -> None:
    assert passed().passed


@pytest.mark.parametrize("column", cores.COLUMNS)
def test_core_fails_when_a_column_is_missing_or_bad(column: str) -> None:
    core = passed()
    core.results[column] = "1" if column == cores.WARNINGS else cores.FAILED
    assert not core.passed
    del core.results[column]
    assert not core.passed


def test_table_has_a_line_for_each_core_and_names_what_was_not_run() -> None:
    lines = cores.table([passed(), cores.Core("2.22", "2.22.0rc1", {"unit": cores.PASSED})])
    assert len(lines) == 3
    assert lines[0].split() == [
        "core",
        "unit",
        "sanity",
        "site",
        "second",
        "run",
        "verify",
        "broken",
        "store",
        "warnings",
    ]
    assert lines[1].split() == ["2.21.5", *["passed"] * 6, "0"]
    assert lines[2].count(cores.MISSING) == len(cores.COLUMNS) - 1
