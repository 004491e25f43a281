"""Every release of Glance, installed from its lock file."""

from __future__ import annotations

from pathlib import Path

import pytest
import venvs

REPOSITORY = Path(__file__).resolve().parents[3]
LOCKS = REPOSITORY / "roles" / "api" / "files" / "locks"


@pytest.fixture(scope="session", params=["2025.1", "2026.1", "2026.2"])
def glance(request: pytest.FixtureRequest) -> Path:
    """Return the virtual environment of one release."""
    return venvs.venv(LOCKS / f"glance-{request.param}.txt")


@pytest.fixture(scope="session")
def newest() -> Path:
    """Return the virtual environment of the newest release."""
    return venvs.venv(LOCKS / "glance-2026.2.txt")


@pytest.fixture(scope="session")
def keystone() -> Path:
    """Return the virtual environment of Keystone."""
    return venvs.venv(REPOSITORY / "requirements" / "keystone.txt")
