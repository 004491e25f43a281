#!/usr/bin/python
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List the clouds that the OpenStack client configuration of a host has."""

from __future__ import annotations

DOCUMENTATION = r"""
module: clouds_info
short_description: List the clouds that the OpenStack client configuration of a host has
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Reads C(clouds.yaml) and the C(OS_*) environment variables as every OpenStack client does, and lists the names of
    the clouds in them. No service is contacted.
  - With O(cloud) it fails unless that cloud is there. The message has the files that were searched, why a file was
    passed over, and the names that were found.
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
    platforms: posix
options:
  cloud:
    description: Name of the cloud that must be there. V(envvars) is the login in the C(OS_*) environment variables.
    type: str
requirements:
  - openstacksdk
seealso:
  - module: openimage.glance.stores_info
"""

EXAMPLES = r"""
- name: Make sure that the controller knows the cloud
  openimage.glance.clouds_info:
    cloud: production
  delegate_to: localhost
  run_once: true
"""

RETURN = r"""
clouds:
  description: Names of the clouds.
  returned: success
  type: list
  elements: str
  sample: [production, staging]
searched:
  description: The state of each file that was looked for, by its path, in the order of precedence.
  returned: success
  type: dict
  sample: {/home/ops/.config/openstack/clouds.yaml: used, /etc/openstack/clouds.yaml: not there}
"""

import platform
import traceback

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.openimage.glance.plugins.module_utils._clouds import CloudsError, missing_cloud, read_clouds


def main() -> None:
    """Run as a module."""
    module = AnsibleModule(argument_spec={"cloud": {"type": "str"}}, supports_check_mode=True)
    try:
        clouds = read_clouds()
    except ImportError:
        module.fail_json(msg=missing_required_lib("openstacksdk"), exception=traceback.format_exc())
    except CloudsError as error:
        module.fail_json(msg=str(error))
    name = module.params["cloud"]
    problem = missing_cloud(name, clouds, platform.node()) if name else None
    if problem:
        module.fail_json(msg=problem)
    module.exit_json(changed=False, clouds=list(clouds.names), searched=clouds.searched)


if __name__ == "__main__":
    main()
