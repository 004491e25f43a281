#!/usr/bin/python
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prove that images can be stored, read back and deleted in each store through each node."""

from __future__ import annotations

DOCUMENTATION = r"""
module: store_canary
short_description: Prove that every store of a Glance can be written and read through every node
version_added: "0.1.0"
author:
  - The openimage.glance contributors (@openimage)
description:
  - Creates a small private image in each store through each node, sends random data in HTTP chunks, checks state,
    place and hash of the image, reads the data back, compares it, deletes the image and makes sure that it is gone.
  - All canaries fly concurrently, but never more than twelve at a time.
  - Whatever happens, the images are deleted. Those of an earlier run that was killed are found by their tag, name,
    owner and age and are deleted too. An image that cannot be deleted is an error that names its id.
extends_documentation_fragment:
  - openimage.glance.attributes
  - openimage.glance.auth
attributes:
  check_mode:
    support: partial
    details:
      - A canary must write, so in check mode none flies and nobody is asked. RV(results[].ok) is then null for each
        store that would be tested.
  diff_mode:
    support: N/A
  idempotent:
    support: full
    details: Reports a change only when images of an earlier, killed run had to be deleted.
  platform:
    support: full
    details: Wherever openstacksdk is installed; usually on the controller.
    platforms: posix
options:
  endpoints:
    description:
      - The nodes to test, each with a name and the URL of its own image API (not that of a load balancer).
      - The endpoint in the catalog when none are given; its name is then the host and port of that URL.
    type: dict
    default: {}
  stores:
    description: The stores to test.
    type: list
    elements: dict
    required: true
    suboptions:
      id:
        description: Identifier of the store, as in C(enabled_backends).
        type: str
        required: true
      read_only:
        description:
          - Nothing is written to this store, as to one of the type V(http). It is proven by its O(stores[].probe).
        type: bool
        default: false
      shared:
        description:
          - All nodes must find here what one of them has stored, as in a directory that they share. With more than one
            node, what is stored through one of them is then also read through the next one that answers.
        type: bool
        default: false
      staging:
        description:
          - This is the reserved store C(os_glance_staging_store), into which imports put their data first. The image's
            data is sent there and deleted unread, because only an import reads it.
          - A node that does not offer the import method V(glance-direct) takes no data there from users, and is not
            tried.
        type: bool
        default: false
      probe:
        description:
          - An object that can be read in a store that is O(stores[].read_only). An image with this location is made,
            read through Glance, compared and deleted; the object itself stays.
          - Without it such a store is not tried. Neither is it with releases before version 2.17 of the API, in which
            no user may add locations.
        type: dict
        suboptions:
          url:
            description: Address of a small object that Glance can read.
            type: str
            required: true
          checksum:
            description: Its hash, such as V(sha512:9a074b6c…). Without it only the number of bytes is compared.
            type: str
  size:
    description: Bytes to store in each.
    type: int
    default: 1048576
  timeout:
    description:
      - Seconds that one canary may take. Cleaning up has 10 seconds more, and 40 with a read-only store, where Glance
        itself waits for the web server.
    type: int
    default: 60
  leftover_age:
    description:
      - Canary images of this project that are older than so many seconds belong to a run that was killed, and are
        deleted.
      - At least twice the O(timeout) is waited for, so that no other run loses its canary.
    type: int
    default: 600
  fail_on_error:
    description: Fail when a store is not proven, or when an image could not be deleted.
    type: bool
    default: true
seealso:
  - module: openimage.glance.stores_info
"""

EXAMPLES = r"""
- name: Prove two stores through two nodes
  openimage.glance.store_canary:
    cloud: mycloud
    endpoints:
      api1: http://192.0.2.11:9292
      api2: http://192.0.2.12:9292
    stores:
      - id: ceph-0
      - id: local
        shared: true
      - id: web
        read_only: true
        probe: {url: https://images.example.org/probe.bin}
      - id: os_glance_staging_store
        staging: true
"""

RETURN = r"""
results:
  description: One entry for each store and node, in the order of O(stores) and O(endpoints).
  returned: always, except when the login failed
  type: list
  elements: dict
  contains:
    store:
      description: Identifier of the store.
      type: str
      returned: success
    node:
      description: Name of the node.
      type: str
      returned: success
    level:
      description: V(writable), or V(readable) for a store that is read-only.
      type: str
      returned: success
    ok:
      description:
        - Whether the store is proven; null when nothing was tried, as in check mode, with a read-only store that has no
          probe, or with the staging store of a node without V(glance-direct).
      type: bool
      returned: success
    read_only:
      description: Whether the store is read-only, so that nothing was written.
      type: bool
      returned: success
    seconds:
      description: How long the canary took.
      type: float
      returned: success
    size:
      description: Bytes that were stored and read back, or only read or staged.
      type: int
      returned: success
    step:
      description:
        - What failed, one of V(reach), V(create), V(write), V(locate), V(stage), V(check), V(read), V(compare),
          V(share), V(delete); null when nothing failed.
      type: str
      returned: success
    status:
      description: HTTP status of the answer that failed the canary, 0 if there was none.
      type: int
      returned: success
    image_id:
      description: Identifier of the image of a canary that failed.
      type: str
      returned: when the canary failed
    message:
      description: What was proven, or what failed, why, and what to do.
      type: str
      returned: success
  sample:
    - store: ceph-0
      node: api1
      level: writable
      ok: true
      read_only: false
      seconds: 0.42
      size: 1048576
      step: null
      status: 0
      message: 1048576 bytes stored, read back, compared and deleted
removed:
  description: Identifiers of the canary images of earlier runs that were deleted.
  returned: always, except when the login failed
  type: list
  elements: str
ok:
  description: Whether every store is proven and nothing was left behind; null in check mode.
  returned: always, except when the login failed
  type: bool
"""

from datetime import timedelta
from urllib.parse import urlsplit

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.openimage.glance.plugins.module_utils._auth import (
    AuthenticationError,
    adapter,
    auth_argument_spec,
    require_sdk,
)
from ansible_collections.openimage.glance.plugins.module_utils._image_api.client import ImageApi
from ansible_collections.openimage.glance.plugins.module_utils._verify.canary import result
from ansible_collections.openimage.glance.plugins.module_utils._verify.flock import fly_all, summary, targets
from ansible_collections.openimage.glance.plugins.module_utils._verify.leftovers import sweep
from ansible_collections.openimage.glance.plugins.module_utils._verify.reading import probe_problems


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **auth_argument_spec(),
            "endpoints": {"type": "dict", "default": {}},
            "stores": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "id": {"type": "str", "required": True},
                    "read_only": {"type": "bool", "default": False},
                    "shared": {"type": "bool", "default": False},
                    "staging": {"type": "bool", "default": False},
                    "probe": {
                        "type": "dict",
                        "options": {"url": {"type": "str", "required": True}, "checksum": {"type": "str"}},
                    },
                },
            },
            "size": {"type": "int", "default": 1048576},
            "timeout": {"type": "int", "default": 60},
            "leftover_age": {"type": "int", "default": 600},
            "fail_on_error": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    require_sdk(module)
    params = module.params
    for name in ("size", "timeout"):
        if params[name] < 1:
            module.fail_json(msg=f"{name} must be at least 1, not {params[name]}.")
    for number, store in enumerate(params["stores"]):
        for problem in probe_problems(store["probe"]):
            module.fail_json(msg=f"stores[{number}].probe.{problem}")
    endpoints = {str(node): str(url) for node, url in params["endpoints"].items()}
    if module.check_mode:
        skipped = "not tried: a canary must write, which check mode does not do"
        lines = [result(target, None, skipped) for target in targets(params["stores"], list(endpoints) or ["catalog"])]
        module.exit_json(changed=False, results=lines, removed=[], ok=None)
    try:
        client = adapter(params, "image", next(iter(endpoints.values()), None))
    except AuthenticationError as error:
        module.fail_json(msg=f"The stores could not be tested. {error}")
    # One login serves all nodes.
    apis = {node: ImageApi(client, url) for node, url in endpoints.items()}
    if not apis:
        api = ImageApi(client)
        apis = {urlsplit(api.root).netloc: api}
    lines = fly_all(apis, targets(params["stores"], list(apis)), params["size"], params["timeout"])
    reached = [node for node in apis if not any(line["node"] == node and line["step"] == "reach" for line in lines)]
    age = timedelta(seconds=max(params["leftover_age"], 2 * params["timeout"]))
    removed, problems = sweep(apis[reached[0]], age) if reached else ([], [])
    failure = summary(lines, problems)
    if failure and params["fail_on_error"]:
        module.fail_json(msg=failure, changed=bool(removed), results=lines, removed=removed, ok=False)
    for problem in problems:
        module.warn(problem)
    module.exit_json(changed=bool(removed), results=lines, removed=removed, ok=not failure)


if __name__ == "__main__":
    main()
