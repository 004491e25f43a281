"""The benchmark of transfers fails when the playbook's Glance is too slow, and says which way."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

PATH = Path(__file__).resolve().parents[3] / "benchmarks/throughput.py"


@pytest.fixture(scope="module")
def throughput() -> ModuleType:
    spec = importlib.util.spec_from_file_location("throughput", PATH)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("upload", "download", "status", "words"),
    [
        (1.02, 0.97, 0, "upload 1.02, download 0.97 (at least 0.8 of by hand): good"),
        (0.8, 0.8, 0, "good"),
        (0.79, 1.3, 1, "upload too slow"),
        (1.3, 0.5, 1, "download too slow"),
        (0.1, 0.2, 1, "upload and download too slow"),
    ],
)
def test_a_ratio_below_the_least_fails(
    throughput: ModuleType, upload: float, download: float, status: int, words: str
) -> None:
    found, sentence = throughput.verdict({"upload": upload, "download": download})
    assert found == status and sentence.endswith(words)
