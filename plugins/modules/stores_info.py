#!/usr/bin/python
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the stores of a running Glance and compare them with what is expected."""

from __future__ import annotations

DOCUMENTATION = r"""
module: stores_info
short_description: Read the stores of a running Glance and compare them with what is expected
version_added: "0.1.0"
author:
  - The openimage.glance contributors (@openimage)
description:
  - Reads the stores that the configuration of a Glance declares, and those that it has loaded.
  - With O(expected) it names every difference; without, it only tells what is there. Either way it names the stores
    whose Ceph cluster Glance could not reach.
  - A store that is declared, or even loaded, may still refuse to store an image. That is what
    M(openimage.glance.store_canary) proves.
  - Nothing is changed.
extends_documentation_fragment:
  - openimage.glance.attributes
  - openimage.glance.auth
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
  idempotent:
    support: full
  platform:
    support: full
    details: Wherever openstacksdk is installed; usually on the controller.
    platforms: posix
options:
  endpoint:
    description:
      - URL of one node's image API, such as V(http://192.0.2.11:9292).
      - The endpoint in the catalog when it is not given.
    type: str
  expected:
    description:
      - The stores that should be there; no others are expected.
      - Of each store only the values that are given are compared.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: Identifier of the store, as in C(enabled_backends).
        type: str
        required: true
      type:
        description: Type of the store, such as V(file) or V(rbd); seen on the level V(loaded).
        type: str
      default:
        description: Whether it is the default store.
        type: bool
      read_only:
        description: Whether Glance marks it as read-only, which it does for stores of the type V(http).
        type: bool
      weight:
        description: Its weight; seen on the level V(loaded), and not in releases without weights.
        type: int
      description:
        description: Its description; an empty text when it should have none.
        type: str
      properties:
        description: What its driver should show on the level V(loaded), such as C(data_dir) of a V(file) store.
        type: dict
  level:
    description:
      - V(declared) reads what the configuration declares, which every user may see.
      - V(loaded) also reads what the loaded drivers say, for which the user needs the role admin or service.
    type: str
    choices: [declared, loaded]
    default: loaded
  fail_on_difference:
    description: Fail when something is not as O(expected), or a storage cannot be reached.
    type: bool
    default: false
seealso:
  - module: openimage.glance.store_canary
"""

EXAMPLES = r"""
- name: Show the stores of the cloud
  openimage.glance.stores_info:
    cloud: mycloud
  register: glance

- name: Prove that a node has the stores of the inventory
  openimage.glance.stores_info:
    cloud: mycloud
    endpoint: http://192.0.2.11:9292
    expected:
      - {id: local, type: file, default: true, properties: {data_dir: /var/lib/glance/images}}
      - {id: web, type: http, read_only: true}
    fail_on_difference: true
"""

RETURN = r"""
endpoint:
  description: The URL that was asked.
  returned: success
  type: str
stores:
  description:
    - The stores of the running Glance. RV(stores[].type), RV(stores[].weight) and RV(stores[].properties) come from
      the level V(loaded).
  returned: always, except when Glance did not answer
  type: list
  elements: dict
  contains:
    id:
      description: Identifier.
      type: str
      returned: success
    description:
      description: Description.
      type: str
      returned: success
    default:
      description: Whether it is the default store.
      type: bool
      returned: success
    read_only:
      description: Whether it is marked as read-only.
      type: bool
      returned: success
    type:
      description: Type of the driver.
      type: str
      returned: when the level V(loaded) was read
    weight:
      description: Weight.
      type: int
      returned: when the level V(loaded) was read and the release has weights
    properties:
      description: What the driver shows.
      type: dict
      returned: when the level V(loaded) was read
  sample:
    - id: local
      description: Local disk
      default: true
      read_only: false
      type: file
      weight: 0
      properties: {data_dir: /var/lib/glance/images, chunk_size: 65536, thin_provisioning: false}
levels:
  description:
    - What was found on each level, V(ok), V(different) or V(failed).
    - V(not offered) stands for V(loaded) with releases before version 2.15 of the API; there only a canary shows
      whether a store has loaded.
    - V(not asked) stands for V(loaded) with O(level=declared).
  returned: always, except when Glance did not answer
  type: dict
  sample: {declared: ok, loaded: ok}
differences:
  description: Everything that is not as expected.
  returned: always, except when Glance did not answer
  type: list
  elements: dict
  contains:
    store:
      description: Identifier of the store; empty when no single store can be named.
      type: str
      returned: success
    level:
      description: V(declared) or V(loaded).
      type: str
      returned: success
    field:
      description:
        - What differs, that is V(presence) for a store that is missing or too many, V(type), V(default), V(read_only),
          V(weight), V(description), V(properties.NAME) such as V(properties.pool), V(driver) for one that may not have
          loaded, V(cluster) for one whose Ceph cluster could not be reached.
      type: str
      returned: success
    expected:
      description: The expected value.
      type: raw
      returned: success
    actual:
      description: The value in the running Glance.
      type: raw
      returned: success
    message:
      description: The same as a sentence.
      type: str
      returned: success
ok:
  description: Whether nothing differs, and every storage that says so could be reached.
  returned: always, except when Glance did not answer
  type: bool
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.openimage.glance.plugins.module_utils._auth import (
    AuthenticationError,
    adapter,
    auth_argument_spec,
    require_sdk,
)
from ansible_collections.openimage.glance.plugins.module_utils._image_api.client import ImageApi
from ansible_collections.openimage.glance.plugins.module_utils._image_api.errors import ImageApiError
from ansible_collections.openimage.glance.plugins.module_utils._verify.query import query


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **auth_argument_spec(),
            "endpoint": {"type": "str"},
            "expected": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "id": {"type": "str", "required": True},
                    "type": {"type": "str"},
                    "default": {"type": "bool"},
                    "read_only": {"type": "bool"},
                    "weight": {"type": "int"},
                    "description": {"type": "str"},
                    "properties": {"type": "dict"},
                },
            },
            "level": {"type": "str", "choices": ["declared", "loaded"], "default": "loaded"},
            "fail_on_difference": {"type": "bool", "default": False},
        },
        supports_check_mode=True,
    )
    require_sdk(module)
    params = module.params
    try:
        api = ImageApi(adapter(params, "image", params["endpoint"]), params["endpoint"])
        found = query(api, params["expected"], params["level"])
    except (AuthenticationError, ImageApiError) as error:
        module.fail_json(msg=f"The stores could not be read. {error}")
    if found["differences"] and params["fail_on_difference"]:
        lines = "\n".join(f"- {difference['message']}" for difference in found["differences"])
        module.fail_json(msg=f"The stores of {api.root} are not as expected:\n{lines}", **found)
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
