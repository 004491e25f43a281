"""The tarball holds what users need, and its pages refer to nothing else."""

from __future__ import annotations

import re
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from posixpath import normpath

import pytest

CHECKOUT = Path(__file__).parents[2]
# fnmatch: "*" matches "/" too.
WANTED = (
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "changelogs/changelog.yaml",
    "docs/*.md",
    "inventories/*.yml",
    "meta/*",
    "playbooks/*.yml",
    "plugins/*.py",
    "roles/*",
)
# How to change the collection, and what its own quickstart deploys.
NOT_FOR_USERS = ("docs/benchmarks.md", "docs/development.md", "inventories/quickstart/*")
# Readers have their own.
OF_READERS = ("molecule/", "tests/")
ADDED_BY_GALAXY = {"FILES.json", "MANIFEST.json"}


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def checkout_files() -> list[str]:
    """Return the files that are committed, or would be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout
    return sorted({name for name in listed.split("\0") if name and (CHECKOUT / name).is_file()})


def test_tarball_holds_exactly_what_users_need(shipped: set[str]) -> None:
    wanted = {name for name in checkout_files() if matches(name, WANTED) and not matches(name, NOT_FOR_USERS)}
    assert len(wanted) > 100
    assert sorted(shipped - wanted - ADDED_BY_GALAXY) == [], "in the tarball, but not in the list of what users need"
    assert sorted(wanted - shipped) == [], "users need it, but galaxy.yml leaves it out"


def test_tarball_holds_no_hidden_file(shipped: set[str]) -> None:
    assert [name for name in shipped if any(part.startswith(".") for part in PurePosixPath(name).parts)] == []


def shipped_pages() -> list[str]:
    return [
        name
        for name in checkout_files()
        if name.endswith(".md") and matches(name, WANTED) and not matches(name, NOT_FOR_USERS)
    ]


# Galaxy shows README alone, so that its links are absolute; tests/lint looks after these.
@pytest.mark.parametrize("page", [page for page in shipped_pages() if page != "README.md"])
def test_relative_links_lead_to_shipped_files(page: str, shipped: set[str]) -> None:
    text = re.sub(r"```.*?```", "", (CHECKOUT / page).read_text(), flags=re.DOTALL)
    folders = {str(parent) for name in shipped for parent in PurePosixPath(name).parents}
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    names = {normpath(f"{PurePosixPath(page).parent}/{target}") for target in targets if target}
    assert sorted(names - shipped - folders) == []


# README tells how to try a clone; the other pages are also read where only the collection is.
@pytest.mark.parametrize("page", [page for page in shipped_pages() if page != "README.md"])
def test_commands_and_paths_are_those_of_shipped_files(page: str, shipped: set[str]) -> None:
    text = re.sub(r"<!--.*?-->|\]\([^)]*\)", "", (CHECKOUT / page).read_text(), flags=re.DOTALL)
    paths = {word.removeprefix("./").rstrip("/") for word in re.findall(r"(?<![\w/.~-])[\w.-][\w./-]*", text)}
    known = set(checkout_files())
    known |= {str(parent) for name in known for parent in PurePosixPath(name).parents}
    folders = {str(parent) for name in shipped for parent in PurePosixPath(name).parents}
    inside = {path for path in paths & known if "/" in path or path.endswith(".sh")}
    assert sorted(path for path in inside - shipped - folders if not path.startswith(OF_READERS)) == []
