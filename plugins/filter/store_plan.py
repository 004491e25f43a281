# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter store_plan: the only door from YAML to the store model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._stores import plan

DOCUMENTATION = r"""
name: store_plan
short_description: Plan everything that follows from the declared image stores
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Reads C(glance_stores) once and returns what the stores mean for every part of a deployment, that is sections of
    C(glance-api.conf), directories, packages, and what Glance must report about them afterwards.
  - Never fails over what an operator wrote. All mistakes are listed in RV(_value.problems); a plan that has any is
    incomplete and must not be applied.
  - The keys of a store are described in the collection's page C(docs/stores.md).
positional: _input
options:
  _input:
    description: The list of stores, C(glance_stores).
    type: list
    elements: dict
    required: true
  staging:
    description: Directory of the reserved store C(os_glance_staging_store), C(glance_staging_path).
    type: str
    required: true
  tasks:
    description: Directory of the reserved store C(os_glance_tasks_store), C(glance_tasks_path).
    type: str
    required: true
  release:
    description:
      - The release that is or will be installed, like V(2026.2). Keys that it does not know are problems, and fields
        that it does not report are not expected.
      - Empty if not known yet; then neither is checked.
    type: str
    default: ""
  defaults:
    description: Options that hold for every store which does not set them, C(glance_backend_defaults).
    type: dict
    default: null
"""

EXAMPLES = r"""
- name: Show what the stores mean
  ansible.builtin.debug:
    msg: >-
      {{ glance_stores | openimage.glance.store_plan(
           staging=glance_staging_path, tasks=glance_tasks_path, release='2026.2') }}

# With these two stores ...
# glance_stores:
#   - {id: local, type: file, default: true, path: /var/lib/glance/images}
#   - {id: web, type: http, description: Images on web servers}
#
# ... the plan begins with:
# ids: [local, web]
# default: local
# enabled_backends: local:file,web:http
# sections:
#   glance_store: {default_backend: local}
#   local: {filesystem_store_datadir: /var/lib/glance/images}
#   web: {store_description: Images on web servers, https_insecure: false}
#   os_glance_staging_store: {filesystem_store_datadir: /var/lib/glance/os_glance_staging_store}
#   os_glance_tasks_store: {filesystem_store_datadir: /var/lib/glance/os_glance_tasks_store}
"""

RETURN = r"""
_value:
  description: The plan.
  type: dict
  contains:
    ids:
      description: The ids of the stores, in their order.
      type: list
      elements: str
    default:
      description: The id of the default store.
      type: str
    enabled_backends:
      description: The value of C([DEFAULT] enabled_backends).
      type: str
    sections:
      description:
        - Section → option → value, as Glance must read it. Write it with P(openimage.glance.oslo_value#filter).
        - May hold secrets, see RV(_value.secrets).
      type: dict
    types:
      description: Section → store type, reserved stores included.
      type: dict
    origins:
      description: Section → where in the inventory its options come from.
      type: dict
    secrets:
      description: Secret values in RV(_value.sections) and RV(_value.files).
      type: list
      elements: str
    directories:
      description: Directories that must exist, each with C(path), C(owner), C(group) and C(mode).
      type: list
      elements: dict
    mounted_directories:
      description:
        - Directories inside of mounts, like RV(_value.directories). The server may take root for nobody, so the service
          user makes them.
      type: list
      elements: dict
    files:
      description:
        - Files beside C(glance-api.conf), each with C(path), C(content), C(owner), C(group) and C(mode). Secret.
      type: list
      elements: dict
    needs:
      description: >-
        What the stores need of an API host's system, under C(package) with Glance from packages and under C(venv) with
        Glance in a virtual environment. P(openimage.glance.install_plan#filter) has the packages.
      type: dict
    libraries:
      description: Names of Python modules that a virtual environment must borrow from the system.
      type: list
      elements: str
    mounts:
      description: >-
        NFS exports to mount, each with C(path), C(server), C(export), C(version), C(options), and C(owner), C(group)
        and C(mode) of its root, C(timeout), the C(unit) that mounts it, and C(required), true where Glance cannot start
        without it because more than images lies there.
      type: list
      elements: dict
    around:
      description: Every directory that something declared lies in. None of these may be unmounted.
      type: list
      elements: str
    services:
      description: Services of the API host that must run.
      type: list
      elements: str
    kernel_modules:
      description: Kernel modules to load before Glance starts.
      type: list
      elements: str
    transports:
      description: How volumes reach the API host, V(iscsi) and V(nvme-tcp).
      type: list
      elements: str
    root_commands:
      description: Whether a store runs commands as root, by sudo and rootwrap.
      type: bool
    access:
      description: >-
        What is needed to try each store without Glance, that is C(id), C(type), and by type the address, the login or
        the files that hold it, and the place of the images. Secret. Not in it are http stores,
        and file stores without location metadata.
      type: list
      elements: dict
    expected:
      description:
        - What C(/v2/info/stores/detail) must say about each store, that is C(id), C(type), C(default), C(read_only),
          C(weight), C(description) (empty for none) and C(properties).
        - A C(weight) of null is not to be compared, since the release does not report it, or is not known.
      type: list
      elements: dict
    canary:
      description:
        - The stores to prove by storing an image, each with C(id) and C(read_only), and with C(probe) if it is
          read-only and something can be read there. The last is the reserved store for staging, with C(staging).
      type: list
      elements: dict
    problems:
      description: Every mistake, as C(path), what is wrong, and what to write instead.
      type: list
      elements: str
    warnings:
      description: What works but is rarely meant, in the same form.
      type: list
      elements: str
"""


def store_plan(stores: Any, staging: Any, tasks: Any, release: Any = "", defaults: Any = None) -> dict[str, Any]:
    """Return the store plan."""
    return plan.store_plan(stores, staging, tasks, release, defaults)


class FilterModule:
    """Ansible's list of the filters in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name to function."""
        return {"store_plan": store_plan}
