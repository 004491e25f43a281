#!/usr/bin/python
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seed an image: upload, copy to stores, publish, hide its predecessor."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image
short_description: Seed an image into Glance and keep it as described
version_added: "0.1.0"
author:
  - The openimage.glance contributors (@openimage)
description:
  - Uploads a file as an image unless an image of this name already has its content, and corrects what is described
    otherwise.
  - An image counts as the wished one when it has the name, belongs to the project of the login or is public, and has
    the content of O(src) by Glance's own hash (C(os_hash_value)) as well as O(disk_format) and O(container_format).
  - When the content of O(src) has changed, a new image is uploaded, checked and published; the old one is then hidden
    and never deleted, because servers may have been made from it. Going back to an older content shows the hidden
    image again.
  - A new image is hidden and carries the tag C(openimage-glance-unfinished) until its data is proven and it is in all
    stores. What a killed run has left is recognised by that tag; the next run completes or removes it. Run only one
    task for the same name at a time.
extends_documentation_fragment:
  - openimage.glance.attributes
  - openimage.glance.auth
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    support: full
    details: Wherever openstacksdk is installed; usually on the controller.
    platforms: posix
options:
  endpoint:
    description:
      - URL of the image API, such as V(http://192.0.2.11:9292).
      - The endpoint in the catalog when it is not given.
    type: str
  name:
    description: Name of the image.
    type: str
    required: true
  state:
    description:
      - V(present) makes the image exist as described.
      - V(absent) deletes the image of this name, and what killed runs have left of it. Hidden predecessors stay; with
        O(hidden=true) they are deleted, and the visible image stays.
    type: str
    choices: [present, absent]
    default: present
  src:
    description:
      - The file, on the host where the module runs. It is never loaded into memory.
      - Required with O(state=present).
    type: path
  disk_format:
    description: Format of the file.
    type: str
    default: qcow2
  container_format:
    description: Container format of the file.
    type: str
    default: bare
  visibility:
    description:
      - Who can see the image. Glance's own default for new images is V(shared), which shows it to its project only
        until members are added.
      - V(public) needs the role admin.
    type: str
    choices: [private, shared, community, public]
  protected:
    description:
      - Whether the image is protected from being deleted.
      - With O(state=absent), V(false) deletes it although it is protected.
    type: bool
  hidden:
    description: Whether the image is left out of the lists of images, though it can still be used.
    type: bool
  min_disk:
    description: Size in GiB that a disk needs to boot the image.
    type: int
  min_ram:
    description: Size in MiB of the memory that a server needs to boot the image.
    type: int
  tags:
    description: The tags of the image; others are removed.
    type: list
    elements: str
  properties:
    description:
      - Further properties, such as C(os_distro) or C(hw_disk_bus). Properties that are not named stay as they are.
      - Numbers are stored as text, truth values as V(true) and V(false). A property with the value null is removed.
    type: dict
    default: {}
  stores:
    description:
      - Identifiers of the stores that should hold the data. The file is uploaded to the first; Glance itself copies
        it to the others, for which the user needs the role admin and Glance the import method C(copy-image).
      - The default store when none are given. Copies in further stores are never removed.
    type: list
    elements: str
    default: []
  timeout:
    description:
      - Seconds that Glance may be silent during an upload, and that copies to further stores may take in all.
    type: int
    default: 1800
seealso:
  - module: openimage.glance.store_canary
  - module: openstack.cloud.image
"""

EXAMPLES = r"""
- name: Seed a public image
  openimage.glance.image:
    cloud: mycloud
    name: debian-13
    src: /srv/images/debian-13.qcow2
    visibility: public
    properties:
      os_distro: debian
      hw_qemu_guest_agent: true

- name: Keep an image in two stores
  openimage.glance.image:
    cloud: mycloud
    name: rescue
    src: /srv/images/rescue.raw
    disk_format: raw
    stores: [ceph-0, local]

- name: Remove an image
  openimage.glance.image:
    cloud: mycloud
    name: debian-11
    state: absent
"""

RETURN = r"""
image:
  description:
    - The image as Glance shows it; in check mode, as it would be.
    - Null when it is absent.
  returned: success
  type: dict
  sample:
    id: ee934448-0e2f-4799-9763-3a9f82081822
    name: debian-13
    status: active
    size: 345637376
    disk_format: qcow2
    container_format: bare
    visibility: public
    os_hidden: false
    os_hash_algo: sha512
    os_hash_value: 9a074b6c…
    stores: ceph-0,local
    tags: []
actions:
  description: What was done, or would be in check mode, as sentences.
  returned: success
  type: list
  elements: str
  sample:
    - create image debian-13 from /srv/images/debian-13.qcow2 (345637376 bytes) in the default store
    - hide image 0d7b0b3e-1f9f-4a51-a7f5-8f7c2f0d3f30, which had this name with other content
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.openimage.glance.plugins.module_utils._auth import (
    AuthenticationError,
    adapter,
    auth_argument_spec,
    require_sdk,
)
from ansible_collections.openimage.glance.plugins.module_utils._image.apply import ImageFailure, execute, steps
from ansible_collections.openimage.glance.plugins.module_utils._image.model import Desired, desired, problems
from ansible_collections.openimage.glance.plugins.module_utils._image.plan import (
    Plan,
    PlanError,
    absent,
    difference,
    predicted,
    present,
)
from ansible_collections.openimage.glance.plugins.module_utils._image.source import Source, SourceError
from ansible_collections.openimage.glance.plugins.module_utils._image_api.client import ImageApi
from ansible_collections.openimage.glance.plugins.module_utils._image_api.errors import ImageApiError


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **auth_argument_spec(),
            "endpoint": {"type": "str"},
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "src": {"type": "path"},
            "disk_format": {"type": "str", "default": "qcow2"},
            "container_format": {"type": "str", "default": "bare"},
            "visibility": {"type": "str", "choices": ["private", "shared", "community", "public"]},
            "protected": {"type": "bool"},
            "hidden": {"type": "bool"},
            "min_disk": {"type": "int"},
            "min_ram": {"type": "int"},
            "tags": {"type": "list", "elements": "str"},
            "properties": {"type": "dict", "default": {}},
            "stores": {"type": "list", "elements": "str", "default": []},
            "timeout": {"type": "int", "default": 1800},
        },
        required_if=[("state", "present", ["src"])],
        supports_check_mode=True,
    )
    require_sdk(module)
    params = module.params
    want = desired(params)
    try:
        # What is wrong here is told before anybody is asked.
        source = Source(params["src"]) if params["state"] == "present" else None
        api = ImageApi(adapter(params, "image", params["endpoint"]), params["endpoint"])
        plan = decide(api, want, source)
        after = predicted(plan, source.size, source.digest) if source else None
        result: dict[str, Any] = {"changed": plan.changes, "actions": steps(plan, source)}
        if module._diff:
            result["diff"] = difference(plan, after)
        if not module.check_mode:
            after = execute(plan, api, source, params["timeout"])
    except (AuthenticationError, ImageApiError, SourceError, PlanError, ImageFailure) as error:
        module.fail_json(msg=f"Image '{want.name}' could not be made {params['state']}. {error}")
    for warning in plan.warnings:
        module.warn(warning)
    module.exit_json(image=after, **result)


def decide(api: ImageApi, want: Desired, source: Source | None) -> Plan:
    """Return the plan, from what Glance has."""
    # A list holds either the visible images or the hidden ones.
    images = [image for hidden in ("false", "true") for image in api.images(name=want.name, os_hidden=hidden)]
    if source is None:
        return absent(want, images, api.project)
    wrong = problems(want, api.stores() if want.stores else [])
    if wrong:
        raise PlanError("\n".join(wrong))
    return present(want, images, source.size, source.digest, api.project)


if __name__ == "__main__":
    main()
