#!/usr/bin/python
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gather the few facts of a host that decide how Glance is installed there."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_facts
short_description: Gather the few facts of a host that decide how Glance is installed there
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Gathers the four facts that the filters P(openimage.glance.install_plan#filter) and
    P(openimage.glance.host_problems#filter) read, under the names and with the values of M(ansible.builtin.setup), and
    the names of the installed packages and of what M(openimage.glance.nfs_mount) mounts. It also tells what is free
    where directories are or will be.
  - M(ansible.builtin.setup) with C(gather_subset=[distribution, platform]) does for the roles as well. It takes twice
    the time, and without the list of packages C(apt) is asked in each run, which takes a second or two to say that
    nothing is to do.
extends_documentation_fragment: openimage.glance.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
  idempotent:
    support: full
  platform:
    support: full
    details: RV(packages) is empty on hosts without dpkg.
    platforms: posix
options:
  paths:
    description: Directories of which RV(file_systems) tells how much is free for them. They need not be there yet.
    type: list
    elements: path
    default: []
seealso:
  - module: ansible.builtin.setup
"""

EXAMPLES = r"""
- name: Ask what system the host is, and what is free for images
  openimage.glance.host_facts:
    paths: [/var/lib/glance/images]
  register: __glance_host
  become: true
"""

RETURN = r"""
ansible_facts:
  description: Facts, named as by M(ansible.builtin.setup).
  returned: success
  type: dict
  contains:
    distribution:
      description: Name of the distribution.
      type: str
      sample: Debian
    distribution_major_version:
      description: Its major version.
      type: str
      sample: "13"
    distribution_version:
      description: Its version.
      type: str
      sample: "13.5"
    python_version:
      description: Version of the Python that modules run with.
      type: str
      sample: 3.13.5
    architecture:
      description: Architecture of the processor, as the kernel names it.
      type: str
      sample: x86_64
packages:
  description:
    - Names of the packages that are wholly installed. Not a fact, because those may be cached and be wrong by then.
    - Empty when an installation was interrupted, so that whoever looks here for a package asks the package manager.
  returned: success
  type: list
  elements: str
  sample: [glance-api, qemu-utils]
file_systems:
  description: What is free for each of O(paths), in their order.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The directory.
      type: str
    exists:
      description: Whether it is there. True as well where the user may not see that, so with C(become) it is exact.
      type: bool
    mount_point:
      description: Where the file system is mounted that it is on, or will be.
      type: str
    free:
      description: >-
        Bytes that others than root can still write there; null where that cannot be told, as of a file server that does
        not answer.
      type: int
  sample: [{path: /var/lib/glance/images, exists: false, mount_point: /, free: 21474836480}]
nfs_mounts:
  description: The directories that units of M(openimage.glance.nfs_mount) mount on, whether anything is mounted or not.
  returned: success
  type: list
  elements: str
  sample: [/var/lib/glance/nfs-0]
"""

import os
import platform

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.sys_info import get_distribution, get_distribution_version
from ansible_collections.openimage.glance.plugins.module_utils._host.packages import QUERY, installed
from ansible_collections.openimage.glance.plugins.module_utils._host.space import file_systems
from ansible_collections.openimage.glance.plugins.module_utils._nfs.unit import mount_points

DPKG_JOURNAL = "/var/lib/dpkg/updates"


def packages(module: AnsibleModule) -> list[str]:
    """Return the names of the installed packages."""
    command = module.get_bin_path("dpkg-query")
    if not command:
        return []
    _code, listing, _error = module.run_command([command, *QUERY], check_rc=True)
    return installed(listing, os.listdir(DPKG_JOURNAL) if os.path.isdir(DPKG_JOURNAL) else [])


def main() -> None:
    """Run as a module."""
    paths = {"type": "list", "elements": "path", "default": []}
    module = AnsibleModule(argument_spec={"paths": paths}, supports_check_mode=True)
    version = str(get_distribution_version() or "")
    facts = {
        "distribution": get_distribution(),
        "distribution_major_version": version.split(".", maxsplit=1)[0],
        "distribution_version": version,
        "python_version": platform.python_version(),
        "architecture": platform.machine(),
    }
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        free = file_systems(module.params["paths"], file.read())
    found = {"packages": packages(module), "file_systems": free, "nfs_mounts": mount_points()}
    module.exit_json(changed=False, ansible_facts=facts, **found)


if __name__ == "__main__":
    main()
