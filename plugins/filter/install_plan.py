# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter install_plan: what a host's facts and the wanted release decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.openimage.glance.plugins.module_utils._site import host

DOCUMENTATION = r"""
name: install_plan
short_description: Plan what is installed and run on a host
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Decides from a host's facts, the wanted release and the install method which packages are installed, which
    interpreter runs Glance and how uWSGI loads it.
  - Fails with the problems of P(openimage.glance.host_problems#filter) if the host cannot run the release.
positional: _input
options:
  _input:
    description: >-
      The host's facts, C(ansible_facts), with C(distribution), C(distribution_version), C(python_version) and
      C(architecture).
    type: dict
    required: true
  release:
    description: C(glance_release), empty for the release of the host's own packages.
    type: str
    default: ""
  method:
    description: C(glance_install_method), empty for packages where the host has them and PyPI otherwise.
    type: str
    default: ""
  venv_directory:
    description: C(glance_venv_directory), where virtual environments lie, one folder for each release.
    type: str
    default: /opt/glance
"""

EXAMPLES = r"""
- name: Show how Glance would be installed
  ansible.builtin.debug:
    msg: "{{ ansible_facts | openimage.glance.install_plan(release='2026.2') }}"
"""

RETURN = r"""
_value:
  description: The plan.
  type: dict
  contains:
    release:
      description: The release.
      type: str
    method:
      description: V(package) or V(venv).
      type: str
    python:
      description: Glance's interpreter.
      type: str
    system_python:
      description: The interpreter that virtual environments are made with.
      type: str
    glance_manage:
      description: Path of C(glance-manage).
      type: str
    venv:
      description: The virtual environment, or empty.
      type: str
    packages:
      description: Packages of the distribution to install.
      type: list
      elements: str
    store_packages:
      description: What stores need of the host (RV(openimage.glance.store_plan#filter:_value.needs)) → its package.
      type: dict
    account_id:
      description: The number of the service user and its group, where the collection makes them.
      type: int
    metadefs_path:
      description: Directory of the release's metadata definitions.
      type: str
    paste_source:
      description: The paste configuration that comes with the release.
      type: str
    uwsgi:
      description: >-
        The C(program) of uWSGI, the C(plugins) that it loads, and how it loads the application, either C(module) or
        C(wsgi_file).
      type: dict
    lock:
      description: File name of the lock file for PyPI, or empty.
      type: str
    installed_marker:
      description: A file that is newer than a running Glance if another version was installed since it started.
      type: str
"""


def install_plan(
    facts: Any, release: Any = "", method: Any = "", venv_directory: Any = host.VENV_DIRECTORY
) -> dict[str, Any]:
    """Return the plan, or fail with what is wrong."""
    plan, problems = host.decide(facts, release, method, venv_directory)
    if plan is None:
        reasons = "\n".join(str(problem) for problem in problems)
        raise AnsibleFilterError(f"This host cannot run the wanted release:\n{reasons}")
    return asdict(plan)


class FilterModule:
    """Ansible's list of the filters in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name to function."""
        return {"install_plan": install_plan}
