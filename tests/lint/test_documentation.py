"""What is written for people agrees with the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.openimage.glance.plugins.module_utils._site.images import KEYS
from ansible_collections.openimage.glance.plugins.module_utils._site.variables import KNOWN

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = [
    *sorted(REPOSITORY.glob("*.md")),
    *sorted((REPOSITORY / "docs").glob("*.md")),
    *sorted((REPOSITORY / "roles").glob("*/README.md")),
]
BLOB = "https://github.com/openimage/glance/blob/main/"
# Inventory groups, what a run leaves behind, Glance's own library, and what nobody but the roles' author sets.
# And options of the module image that Glance calls so.
OTHER_NAMES = {"glance_api", "glance_all_in_one", "glance_proof", "glance_store", "glance_preflight_hosts"} | {
    "glance_image_id",
    "glance_service_interface",
}


def variables(pages: list[Path]) -> set[str]:
    """Return the variables that pages name; not those that only begin a name, such as `glance_database_*`."""
    return {name for page in pages for name in re.findall(r"(?<![\w./-])glance_\w+(?![\w*])", page.read_text())}


def test_tables_of_variables_are_up_to_date() -> None:
    script = REPOSITORY / "scripts" / "role_readmes.py"
    done = subprocess.run([sys.executable, str(script), "--check"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_keys_of_an_image_are_documented() -> None:
    specs = yaml.safe_load((REPOSITORY / "roles" / "images" / "meta" / "argument_specs.yml").read_text())
    documented = specs["argument_specs"]["main"]["options"]["glance_images"]["options"]
    assert sorted(documented) == sorted(KEYS)


def test_pages_name_only_variables_that_there_are() -> None:
    assert sorted(variables(PAGES) - KNOWN - OTHER_NAMES) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    assert [target for target in targets if not (page.parent / target.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_absolute_links_into_the_repository_lead_somewhere(page: Path) -> None:
    url = r"https://github\.com/openimage/glance/(blob|tree)/main/([^)\s#]*)"
    kinds = {"blob": Path.is_file, "tree": Path.is_dir}
    assert [path for kind, path in re.findall(url, page.read_text()) if not kinds[kind](REPOSITORY / path)] == []


def test_links_of_the_readme_are_absolute() -> None:
    """Galaxy shows README.md without the files beside it."""
    targets = re.findall(r"\]\(([^)\s]+)\)", (REPOSITORY / "README.md").read_text())
    assert [target for target in targets if "://" not in target] == []


def test_the_index_lists_every_page() -> None:
    index = (REPOSITORY / "docs" / "README.md").read_text()
    pages = {path.name for path in (REPOSITORY / "docs").glob("*.md")} - {"README.md"}
    assert sorted(name for name in pages if not re.search(rf"\]\(({BLOB}docs/)?{name}\)", index)) == []
