"""The project of docs/awx.md is one that ansible-builder and Ansible read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._site.variables import KNOWN
from commands import CHECKOUT, run
from page import files_of, write_files


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_files("awx.md", tmp_path)
    return tmp_path


def test_page_shows_every_file_of_the_project() -> None:
    assert sorted(files_of("awx.md")) == [
        "ansible.cfg",
        "collections/requirements.yml",
        "execution-environment.yml",
        "inventory/group_vars/all/keystone.yml",
        "site.yml",
        "survey.json",
        "verify.yml",
    ]


@pytest.mark.parametrize("playbook", ["site.yml", "verify.yml"])
def test_playbook_of_the_project_imports_that_of_the_collection(
    project: Path, collections: Path, playbook: str
) -> None:
    inventory = CHECKOUT / "inventories" / "allinone"
    command = ("ansible-playbook", "--syntax-check", "-i", inventory, playbook)
    done = run(*command, cwd=project, ANSIBLE_COLLECTIONS_PATH=str(collections))
    assert "[WARNING]" not in done.stderr


def test_ansible_builder_makes_the_build_context(project: Path) -> None:
    run("ansible-builder", "create", cwd=project)
    assert "requirements.yml" in (project / "context" / "Containerfile").read_text()


def test_survey_asks_for_variables_of_the_collection(project: Path) -> None:
    survey = json.loads((project / "survey.json").read_text())
    assert set(survey) == {"name", "description", "spec"}
    for question in survey["spec"]:
        assert {"type", "variable", "question_name", "required", "default"} <= set(question)
        assert question["variable"] in KNOWN
        assert question["type"] in {"text", "textarea", "integer", "float", "multiplechoice", "multiselect"}
        assert question["default"] in question.get("choices", [question["default"]])
