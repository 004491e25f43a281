"""The filters as Ansible runs them: with templates inside the variables, and with documentation that is true."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.openimage.glance.plugins.filter import (
    host_problems,
    host_warnings,
    install_plan,
    lab_plan,
    merged_problems,
    site_problems,
    site_warnings,
    store_plan,
)

FILTERS: dict[str, Any] = {
    "host_problems": host_problems,
    "host_warnings": host_warnings,
    "install_plan": install_plan,
    "lab_plan": lab_plan,
    "merged_problems": merged_problems,
    "site_problems": site_problems,
    "site_warnings": site_warnings,
    "store_plan": store_plan,
}

PLAYBOOK = """
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
    secret: "s3cr3t"
    staging: /var/lib/glance/os_glance_staging_store
    tasks_path: /var/lib/glance/os_glance_tasks_store
    stores:
      - {id: local, type: file, default: true, path: "{{ '/srv' }}/images/", file_perm: 0640}
      - {id: web, type: http, http_proxy_information: {https: "http://me:{{ secret }}@proxy:3128"}}
    facts: {distribution: Debian, distribution_major_version: "13", python_version: 3.13.5, architecture: x86_64}
  tasks:
    - ansible.builtin.copy:
        dest: "{{ answer }}"
        content: "{{ everything | to_json }}"
      vars:
        everything:
          plan: "{{ stores | openimage.glance.store_plan(staging=staging, tasks=tasks_path, release=2026.2) }}"
          site: >-
            {{ {inventory_hostname: {'glance_stores': stores, 'glance_database_password': secret}
                | openimage.glance.site_problems(hosts=1)} | openimage.glance.merged_problems }}
          host: "{{ facts | openimage.glance.host_problems(release=2026.2, stores=stores) }}"
          install: "{{ facts | openimage.glance.install_plan(release=2026.2) }}"
          lab: "{{ facts | openimage.glance.lab_plan }}"
          warnings: "{{ facts | openimage.glance.host_warnings }}"
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what Ansible itself makes of all filters."""
    directory = tmp_path_factory.mktemp("filters")
    playbook, answer = directory / "play.yml", directory / "answer.json"
    playbook.write_text(PLAYBOOK)
    command = [
        str(Path(sys.executable).parent / "ansible-playbook"),
        "-i",
        "localhost,",
        "-e",
        f"answer={answer}",
        playbook,
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=directory)
    assert run.returncode == 0, run.stdout + run.stderr
    loaded: dict[str, Any] = json.loads(answer.read_text())
    return loaded


def test_templates_in_stores_are_resolved(answers: dict[str, Any]) -> None:
    plan = answers["plan"]
    assert plan["problems"] == []
    assert plan["sections"]["local"] == {
        "filesystem_store_datadir": "/srv/images",
        "filesystem_store_file_perm": 640,
    }
    assert plan["secrets"] == ["s3cr3t"]


def test_problems_of_site_and_host(answers: dict[str, Any]) -> None:
    assert [text.partition(":")[0] for text in answers["site"]] == [
        "glance_service_password",
        "glance_memcached_secret",
        "glance_keystone_admin_password",
    ]
    assert answers["host"] == []
    assert answers["install"]["lock"] == "glance-2026.2.txt"
    assert "mariadb-server" in answers["lab"]["packages"] and answers["warnings"] == []


def test_an_install_that_cannot_be_fails_with_the_reasons() -> None:
    facts = {"distribution": "Fedora", "distribution_version": "43", "python_version": "3.14.0"}
    reason = "ansible_facts.distribution: 'Fedora 43' is not supported; use Debian 12, "
    assert [text[: len(reason)] for text in host_problems.host_problems(facts)] == [reason]
    with pytest.raises(AnsibleFilterError, match="cannot run the wanted release"):
        install_plan.install_plan(facts)
    with pytest.raises(AnsibleFilterError, match="cannot have lab services"):
        lab_plan.lab_plan(facts)


@pytest.mark.parametrize("wrong", ["api1", ["api1"], None])
def test_what_is_not_a_dictionary_is_refused(wrong: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="dictionary of variables"):
        site_problems.site_problems(wrong)
    with pytest.raises(AnsibleFilterError, match="dictionary of variables"):
        site_warnings.site_warnings(wrong)
    with pytest.raises(AnsibleFilterError, match="dictionary of hosts"):
        merged_problems.merged_problems(wrong)


@pytest.mark.parametrize("name", FILTERS)
def test_documentation_names_exactly_the_arguments(name: str) -> None:
    documented = yaml.safe_load(FILTERS[name].DOCUMENTATION)
    function = FILTERS[name].FilterModule().filters()[name]
    first, *others = inspect.signature(function).parameters.values()
    assert documented["name"] == name
    assert set(documented["options"]) == {"_input", *(parameter.name for parameter in others)}
    assert documented["positional"] == "_input", first
    for parameter in others:
        required = parameter.default is inspect.Parameter.empty
        assert documented["options"][parameter.name].get("required", False) is required


@pytest.mark.parametrize("name", FILTERS)
def test_documentation_names_exactly_what_is_returned(name: str, answers: dict[str, Any]) -> None:
    returned = yaml.safe_load(FILTERS[name].RETURN)["_value"]
    if "contains" in returned:
        assert set(returned["contains"]) == set(
            answers[{"store_plan": "plan", "install_plan": "install", "lab_plan": "lab"}[name]]
        )
