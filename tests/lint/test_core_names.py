"""No plugin, role, playbook or inventory uses a name that ansible-core does not offer to collections."""

from __future__ import annotations

from pathlib import Path

import pytest
from core_names import REPOSITORY, python_problems, text_problems

FOLDERS = ("plugins", "roles", "playbooks", "inventories")
ACTION = """\
from ansible.plugins.action import ActionBase
class ActionModule(ActionBase):
    def run(self, tmp, task_vars):
"""


def files(*suffixes: str) -> list[Path]:
    return sorted(path for top in FOLDERS for path in (REPOSITORY / top).rglob("*") if path.suffix in suffixes)


def test_python_uses_only_public_names_of_core() -> None:
    paths = files(".py")
    assert len(paths) > 100
    found = [entry for path in paths for entry in python_problems(path.read_text(), str(path.relative_to(REPOSITORY)))]
    assert found == []


def test_yaml_and_jinja_use_only_public_names_of_core() -> None:
    paths = files(".yml", ".yaml", ".j2")
    assert len(paths) > 50
    found = [entry for path in paths for entry in text_problems(path.read_text(), str(path.relative_to(REPOSITORY)))]
    assert found == []


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("from ansible.executor.module_common import modify_module\n", "ansible.executor.module_common.modify_module"),
        ("from ansible._internal import _errors\n", "is private to ansible-core"),
        ("from ansible.module_utils import basic\nbasic._ANSIBLE_ARGS = b''\n", "._ANSIBLE_ARGS is private"),
        ("from ansible.module_utils.basic import _load_params\n", "is private to ansible-core"),
        ("import ansible\n", "ansible is not among the interfaces"),
        ("import ansible.constants\n", "ansible.constants is not among the interfaces"),
        ("from ansible import constants as C\n", "ansible.constants is not among the interfaces"),
        ("import importlib\nimportlib.import_module('ansible.executor.task_executor')\n", "ansible.executor"),
        ("def f(module):\n    return module._diff\n", "._diff is private"),
        ("def f(module):\n    return getattr(module, '_name', None)\n", "._name is private"),
        ("def f(module):\n    module.no_log_values.clear()\n", ".no_log_values is not documented"),
        ("arguments = {'_ansible_check_mode': True}\n", "'_ansible_check_mode' is private"),
        (f"{ACTION}        return self._templar\n", "._templar is private"),
        (f"{ACTION}        return self._execute_module()\n", "._execute_module is private"),
        (
            f"{ACTION}        return {{}}\n    def _execute_module(self):\n        return {{}}\n",
            "overrides _execute_module, which is private to ActionBase",
        ),
        (f"{ACTION}        self._templar = None\n", "overrides _templar"),
        ("class A:\n    def run(self):\n        return self._nowhere\n", "._nowhere is private"),
        ("class A:\n    _x = 1\nclass B:\n    def run(self):\n        return self._x\n", "._x is private"),
        ("class A:\n    def __init__(self):\n        self._x = 1\nA()._x\n", "._x is private"),
    ],
)
def test_bad_python_is_found(source: str, reason: str) -> None:
    found = python_problems(source, "sample.py")
    assert any(reason in entry for entry in found), found


@pytest.mark.parametrize(
    "source",
    [
        "from ansible.module_utils.basic import AnsibleModule, missing_required_lib\n",
        "from ansible.module_utils.common.arg_spec import ArgumentSpecValidator\n",
        "import os\nos._exit(1)\n",
        "from typing import NamedTuple\nclass A(NamedTuple):\n    x: int\nA(1)._replace(x=2)\n",
        "class A:\n    def set(self):\n        self._x = 1\n        return self._x, self.__dict__\n",
        "class A:\n    _x: int = 1\nclass B(A):\n    @classmethod\n    def run(cls):\n        return cls._x\n",
        "from ansible_collections.openimage.glance.plugins.module_utils._stores.file import Store\n",
        f"{ACTION}        return super().run(tmp, task_vars)\n",
    ],
)
def test_good_python_is_accepted(source: str) -> None:
    assert python_problems(source, "sample.py") == []


@pytest.mark.parametrize(
    "source",
    [
        "when: _ansible_check_mode",
        'msg: "{{ hostvars[host]._ansible_no_log }}"',
        "{{ ansible.executor.module_common }}",
        "callback: ansible._internal.templating",
        "{{ result._private }}",
    ],
)
def test_bad_yaml_and_jinja_is_found(source: str) -> None:
    assert text_problems(source, "sample.yml") != []


@pytest.mark.parametrize(
    "source",
    [
        "ansible.builtin.debug:",
        "ansible.posix.mount:",
        "ansible_facts['distribution']",
        "{{ hostvars[host].__glance_plan }}",
        "- /etc/ansible/ansible.cfg",
    ],
)
def test_good_yaml_and_jinja_is_accepted(source: str) -> None:
    assert text_problems(source, "sample.yml") == []
